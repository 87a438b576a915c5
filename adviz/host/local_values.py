"""Plain local variables of the user's functions, read now and then while a tape is recorded.

They say which pass of a loop a row belongs to ("k = 7") and what a call was given ("n=13").
"""

from __future__ import annotations

import inspect
import math
from array import array
from dis import opmap
from types import CodeType, FrameType
from typing import Any

import numpy as np

__all__ = ["LocalValues"]

_PLAIN = {int, float, str, bool}
_PLAIN |= {np.float64, np.float32, np.int64, np.int32, np.uint8, np.bool_, np.str_}

_READ_EACH = 200
"""How often the variables of one function are read at each pass, and at each call.

After that only some are read, unless loops are nested. Where a range is counted through, the
passes in between are known from those around them.
"""

_SPACING = 256
"""Rows, or calls, from one reading to the next, after that."""

_FOR_ITER = opmap["FOR_ITER"]


class LocalValues:
    """What was read: for each reading the call, the slot of the row that came next, the variables.

    The readings in ``jumps`` were made when that row was recorded; others when a call began, which
    may have compared numbers and gone on before it made the row. Reading takes a third of the time
    of recording a row, so that it is done at few of them.
    """

    __slots__ = ("_counts", "_loops", "calls", "jumps", "slots", "variables")

    def __init__(self) -> None:
        self.calls = array("q")
        self.slots = array("q")
        self.variables: list[dict[str, Any]] = []
        self.jumps: set[int] = set()
        self._loops: dict[int, int] = {}  # the for loops in each code
        self._counts: dict[int, int] = {}  # the passes read of each code

    def after_jump(self, frame: FrameType, call: int, slot: int) -> float:
        """Read the variables of a call that has jumped back, as a loop does for its next pass.

        Returns
        -------
        float
            The slot at which the next such reading is due.
        """
        code = frame.f_code
        loops = self._loops_in(code)
        if loops == 0:
            return math.inf
        self.jumps.add(len(self.slots))
        self._read(frame, call, slot)
        count = self._counts[id(code)] = self._counts.get(id(code), 0) + 1
        return slot if loops > 1 or count < _READ_EACH else slot + _SPACING

    def after_call(self, frame: FrameType, call: int, slot: int) -> None:
        """Read the variables of a call that has just begun."""
        if call <= _READ_EACH:
            self._read(frame, call, slot)

    def before_call(self, frame: FrameType, call: int, slot: int, called: int) -> None:
        """Read the variables of a call that has made another one."""
        some = called <= _READ_EACH or called % _SPACING == 0
        if some or self._loops_in(frame.f_code) > 1:
            self._read(frame, call, slot)

    def _loops_in(self, code: CodeType) -> int:
        loops = self._loops.get(id(code))
        if loops is None:
            loops = self._loops[id(code)] = code.co_code[::2].count(_FOR_ITER)
        return loops

    def _read(self, frame: FrameType, call: int, slot: int) -> None:
        if frame.f_code.co_flags & inspect.CO_OPTIMIZED:  # a function, not a module or a class
            self.calls.append(call)
            self.slots.append(slot)
            self.variables.append(
                {name: value for name, value in frame.f_locals.items() if value.__class__ in _PLAIN}
            )
