"""Plain local variables of the user's functions, read now and then while a tape is recorded.

They say which pass of a loop a row belongs to ("k = 7") and what a call was given ("n=13").
"""

from __future__ import annotations

import inspect
import math
from array import array
from dis import get_instructions, opmap
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

import numpy as np

__all__ = ["LocalValues"]

_PLAIN = {int, float, str, bool}
_PLAIN |= {np.float64, np.float32, np.int64, np.int32, np.uint8, np.bool_, np.str_}

_READ_EACH = 200
"""How often the variables of one function are read at each pass, and at each call.

After that only some are read, and each time that the variable of a loop around another one has
changed. Where a range is counted through, the passes in between are known from those around them.
"""

_SPACING = 256
"""Rows, or calls, from one reading to the next, after that."""

_FOR_ITER = opmap["FOR_ITER"]


class LocalValues:
    """What was read: for each reading the call, the slot of the row that came next, the variables.

    The readings in ``jumps`` were made when that row was recorded; others when a call began, which
    may have compared numbers and gone on before it made the row. Reading takes longer than
    recording a row, so that it is done at few of them.
    """

    __slots__ = (
        "_counts",
        "_last_slot",
        "_targets",
        "_watched",
        "_watched_call",
        "calls",
        "due",
        "jumps",
        "slots",
        "variables",
    )

    def __init__(self) -> None:
        self.calls = array("q")
        self.slots = array("q")
        self.variables: list[dict[str, Any]] = []
        self.jumps: set[int] = set()
        self.due: dict[int, int] = {}  # by the id of a code: its calls before this one are not read
        self._last_slot = -1  # of the last reading
        self._watched_call = -1
        self._watched: list[tuple[str, Any]] = []  # the variables of its outer loops
        self._targets: dict[int, tuple[str, ...] | None] = {}  # of the outer loops in each code
        self._counts: dict[int, int] = {}  # the passes read of each code

    def after_jump(self, frame: FrameType, call: int, slot: int) -> float:
        """Read the variables of a call that has jumped back, as a loop does for its next pass.

        Returns
        -------
        float
            The slot at which the next such reading is due.
        """
        if self._is_in_the_pass_last_read(frame, call) and slot != self._last_slot:
            return slot
        key = id(frame.f_code)
        count = self._counts.get(key, 0)
        if count == 0 and self._targets_in(frame.f_code) is None:
            return math.inf
        self._counts[key] = count + 1
        self.jumps.add(len(self.slots))
        self._read(frame, call, slot)
        if count < _READ_EACH:
            return slot
        return slot if self._watch(frame, call) else slot + _SPACING

    def at_call(
        self, frame: FrameType, call: int, caller: FrameType | None, calling: int, slot: int
    ) -> None:
        """Read the variables of a call that has just begun, and of the one that made it."""
        is_due = call <= _READ_EACH
        if caller is not None:
            has_outer_loops = bool(self._targets_in(caller.f_code))
            if (
                is_due
                or call % _SPACING == 0
                or slot == self._last_slot
                or (has_outer_loops and not self._is_in_the_pass_last_read(caller, calling))
            ):
                self._read(caller, calling, slot)
                self._watch(caller, calling)
            elif not has_outer_loops:
                self.due[id(caller.f_code)] = call + _SPACING - call % _SPACING
        if is_due:
            self._read(frame, call, slot)

    def _targets_in(self, code: CodeType) -> tuple[str, ...] | None:
        key = id(code)
        if key not in self._targets:
            self._targets[key] = _outer_targets(code)
        return self._targets[key]

    def _watch(self, frame: FrameType, call: int) -> bool:
        """Watch the variables of a call's outer loops from now on; return whether there are any."""
        variables = frame.f_locals
        names = self._targets_in(frame.f_code) or ()
        self._watched_call = call if names else -1
        self._watched = [(name, variables.get(name)) for name in names]
        return bool(names)

    def _is_in_the_pass_last_read(self, frame: FrameType, call: int) -> bool:
        """Return whether the variables of a call's outer loops are the objects they were.

        They are watched in one call at a time, since this is asked at each pass.
        """
        if call != self._watched_call:
            return False
        variables = frame.f_locals
        for name, value in self._watched:  # noqa: SIM110 - a generator takes twice as long
            if variables.get(name) is not value:
                return False
        return True

    def _read(self, frame: FrameType, call: int, slot: int) -> None:
        if frame.f_code.co_flags & inspect.CO_OPTIMIZED:  # a function, not a module or a class
            self._last_slot = slot
            self.calls.append(call)
            self.slots.append(slot)
            self.variables.append(
                {name: value for name, value in frame.f_locals.items() if value.__class__ in _PLAIN}
            )


@lru_cache(maxsize=256)
def _outer_targets(code: CodeType) -> tuple[str, ...] | None:
    """Return the variables of the for loops that are around other loops; None without for loops."""
    if _FOR_ITER not in code.co_code[::2]:
        return None
    instructions = list(get_instructions(code))
    ends: dict[int, int] = {}  # of loops, by where their passes begin
    for each in instructions:
        if "JUMP_BACKWARD" in each.opname:
            ends[each.argval] = each.offset
    targets: dict[str, None] = {}
    for k, each in enumerate(instructions):
        end = ends.get(each.offset, -1)
        if each.opcode == _FOR_ITER and any(each.offset < start < end for start in ends):
            for following in instructions[k + 1 :]:
                if following.opname in {"STORE_FAST", "STORE_DEREF"}:
                    targets[following.argval] = None
                elif not following.opname.startswith(("UNPACK", "EXTENDED_ARG")):
                    break
    return tuple(targets)
