"""The tape: the columns of a trace while they are being written.

One tape belongs to one call of one function. Its columns hold plain ints, floats and references
to rows of the table, which Python's garbage collector does not have to follow.
"""

from __future__ import annotations

import inspect
import itertools
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

import numpy as np

from adviz.core.broadcasting import shape_of
from adviz.core.elementals import Elemental
from adviz.core.errors import LeakedVariableError
from adviz.core.source import (
    Source,
    describe,
    is_internal,
    locate,
    user_frame,
)

__all__ = ["Comparison", "Tape", "View"]

_order = itertools.count()

_RESUMABLE = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR

Comparison = tuple[int, Any, tuple[Any, ...], Any, int, int]
"""Rows recorded before it, operator, operands as in the columns, outcome, call, instruction."""


View = tuple[Any, int, Any]
"""What a row shows: the array, the slot it had then, and the operation that shows it."""


class Tape:
    """The columns that a call writes, a row for each input and each operation.

    ``left`` and ``right`` hold an int for an operand that is a row and the operand itself where
    it is a constant; ``None`` where an operation has no such operand. An array operation, which
    may have any number of operands, has them in a tuple in ``left``.

    ``has_arrays`` says whether any value is an array: only then do the sweeps look at shapes.

    ``root`` is the frame that calls the user's function: what lies beyond it is not the user's.
    ``caller`` is the code that asked for it: where a row has its place there, a function without
    Python code made it, and ``t = trace(np.sin, 2.0)`` does not call it t.

    ``notes_places`` says whether the columns are written that say where in the user's code rows
    were made. A derivative's tape, which nobody looks at, does without.

    Rows do not name their call one by one: runs of rows made in the same call share one entry of
    ``run_starts`` and ``run_calls``.
    """

    __slots__ = (
        "_calls",
        "_copies",
        "_resumable",
        "_root",
        "assignments",
        "call_codes",
        "call_instructions",
        "call_parents",
        "caller",
        "comparisons",
        "elementals",
        "frame",
        "has_arrays",
        "input_names",
        "instructions",
        "is_open",
        "left",
        "notes_places",
        "on_row",
        "order",
        "right",
        "run_calls",
        "run_starts",
        "values",
        "views",
    )

    def __init__(
        self, root: FrameType, names: list[str], inputs: list[Any], notes_places: bool = True
    ) -> None:
        nothing = [None] * len(inputs)
        self.elementals: list[Any] = nothing  # an Elemental, an array Operation, None: an input
        self.left: list[Any] = nothing.copy()
        self.right: list[Any] = nothing.copy()
        self.values: list[Any] = inputs.copy()
        self.instructions = array("I", [0]) * len(inputs)
        self.input_names = names
        self.comparisons: list[Comparison] = []
        self.run_starts = array("q")
        self.run_calls = array("q")
        self.call_codes: list[CodeType] = []
        self.call_parents = array("q")
        self.call_instructions = array("I")
        # A tape begun later belongs to a call made inside the earlier one's: it records first.
        self.order = next(_order)
        self.is_open = True
        self.has_arrays = any(shape_of(value) != () for value in inputs)
        # Each assignment into an array: the slot that it had been, and the row that it became.
        self.assignments: list[tuple[int, int]] = []
        # Each row that shows another array's numbers, as a view does in NumPy.
        self.views: dict[int, View] = {}
        self._copies: dict[int, tuple[Any, Any]] = {}
        self.on_row: Callable[[int], None] | None = None
        self.frame: FrameType | None = None  # the one that the last row was made in
        self.notes_places = notes_places
        self.caller: CodeType | None = user_frame(root).f_code if notes_places else None
        self._root: FrameType | None = root
        self._calls: dict[FrameType, int] = {}  # the calls now under way, outermost first
        self._resumable: dict[FrameType, int] = {}  # generators, which may go on after a pause

    @property
    def input_count(self) -> int:
        """The number of inputs, whose rows come first."""
        return len(self.input_names)

    def add_constant(self, elemental: Elemental, value: Any) -> int:
        """Write the row of an output that no input reaches and return its slot."""
        slot = len(self.values)
        self.elementals.append(elemental)
        self.left.append(None)
        self.right.append(None)
        self.values.append(value)
        self.instructions.append(0)
        self.has_arrays = self.has_arrays or shape_of(value) != ()
        if self.on_row is not None:
            self.on_row(slot)
        return slot

    def operands(self, slot: int) -> tuple[Any, ...]:
        """Return a row's operands as recorded: an int for a row, or the constant itself."""
        left = self.left[slot]
        if left.__class__ is tuple:
            operands: tuple[Any, ...] = left
            return operands
        elemental = self.elementals[slot]
        return () if elemental is None else (left, self.right[slot])[: elemental.arity]

    def copied(self, constant: Any) -> Any:
        """Return a copy of an array operand that nobody else can write into.

        The same array met again, and unchanged since, is not copied again; nor is a read-only one.
        """
        self.has_arrays = True
        known = self._copies.get(id(constant))
        if known is not None:
            original, copy = known
            if original() is constant and copy.shape == constant.shape:
                same = np.count_nonzero(copy == constant)  # NaN is not: that takes a closer look
                if same == copy.size or np.array_equal(
                    copy, constant, equal_nan=copy.dtype.kind in "fc"
                ):
                    return copy
        else:
            owner = constant if constant.base is None else constant.base
            if owner.__class__ is np.ndarray and owner.base is None and not owner.flags.writeable:
                return constant  # read-only: such as the copy of another tape, or a view of one
        copy = constant.copy("K")
        copy.setflags(False)
        self._copies[id(constant)] = (weakref.ref(constant), copy)
        return copy

    def compare(
        self, comparison: Any, operands: tuple[Any, ...], outcome: Any, frame: FrameType
    ) -> None:
        """Write down a decision: a comparison whose outcome the user's code may branch on."""
        if not self.notes_places:
            self.comparisons.append((len(self.values), comparison, operands, outcome, -1, 0))
            return
        if frame is not self.frame:
            frame = self.enter(frame)
        self.comparisons.append(
            (len(self.values), comparison, operands, outcome, self.run_calls[-1], frame.f_lasti)
        )

    def enter(self, frame: FrameType) -> FrameType:
        """Begin a run of rows made in another call than the last; return the user's frame."""
        user: FrameType | None = frame
        while user is not None and is_internal(user):
            user = user.f_back
            if user is self.frame and user is not None:
                return user
        if user is None:
            user = frame
        if not self.is_open:
            raise LeakedVariableError(
                "A traced number was used after the call that recorded it had ended: "
                f"{describe(frame)}. Return it from the function instead of keeping it in a list, "
                "an attribute or a global."
            )
        calls = self._calls
        entered: list[FrameType] = []
        ancestor: FrameType | None = user
        while ancestor is not None and ancestor is not self._root and ancestor not in calls:
            if not is_internal(ancestor):
                entered.append(ancestor)
            ancestor = ancestor.f_back
        if ancestor is None:  # a thread of the user's own: its stack does not lead back to here
            del entered[1:]
        while calls and next(reversed(calls)) is not ancestor:
            calls.popitem()
        for call_frame in reversed(entered):
            calls[call_frame] = self._call(call_frame, next(reversed(calls), None))
        self.frame = user
        self.run_starts.append(len(self.values))
        self.run_calls.append(calls[user])
        return user

    def with_values(self, values: list[Any]) -> Tape:
        """Return a closed tape with the same columns and other values."""
        other = Tape.__new__(Tape)
        for name in self.__slots__:
            setattr(other, name, getattr(self, name))
        other.values = values
        return other

    def close(self) -> None:
        """End the recording: whoever still holds a number of this tape cannot write any more."""
        self.is_open = False
        self.notes_places = True  # whoever writes then has to say from where, and is refused
        self.on_row = None
        self.frame = None
        self._root = None
        for kept in (self._calls, self._copies, self._resumable, self.views):
            kept.clear()

    def call_of(self, slot: int) -> int | None:
        """Return the call that a row was made in, None for an input."""
        run = bisect_right(self.run_starts, slot) - 1
        return self.run_calls[run] if run >= 0 and slot >= self.input_count else None

    def source_of(self, slot: int) -> Source | None:
        """Return where in the user's source a row was made, None for an input or a constant."""
        call, elemental = self.call_of(slot), self.elementals[slot]
        if call is None or elemental is None or elemental.arity == 0:
            return None
        return self.source_in(call, self.instructions[slot])

    def source_in(self, call: int, instruction: int) -> Source:
        """Return the stretch of source of an instruction of a call."""
        code = self.call_codes[call]
        source = locate(code, instruction)
        return source._replace(name=None) if code is self.caller else source

    def _call(self, frame: FrameType, caller: FrameType | None) -> int:
        """Return the number of a call: a new one, unless it is a generator that goes on."""
        call = self._resumable.get(frame)
        if call is None:
            call = len(self.call_codes)
            self.call_codes.append(frame.f_code)
            self.call_parents.append(-1 if caller is None else self._calls[caller])
            self.call_instructions.append(0 if caller is None else caller.f_lasti)
            if frame.f_code.co_flags & _RESUMABLE:
                self._resumable[frame] = call
        return call
