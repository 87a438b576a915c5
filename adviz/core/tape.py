"""The tape: the columns of a trace while they are being written.

One tape belongs to one call of one function. Its columns hold plain ints, floats and references
to rows of the table, which Python's garbage collector does not have to follow.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from adviz.core.broadcasting import shape_of
from adviz.core.elementals import Elemental
from adviz.host.places import NOWHERE, Places
from adviz.host.source import Source

if TYPE_CHECKING:
    from adviz.fast.following import Following

__all__ = ["Comparison", "Tape", "View"]

_order = itertools.count()

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

    ``notes_places`` says whether the columns are written that say where in the user's code rows
    were made, from the frame ``root`` on that calls the user's function. A derivative's tape, which
    nobody looks at, does without.

    ``examples`` are the values, or, while those of a tape that follows an expected one are not
    computed, numbers and arrays of their shapes and types. ``following`` is what stands for the
    values then; ``function`` is the one that is recorded, where its next trace may be expected.
    """

    __slots__ = (
        "_copies",
        "_names",
        "assignments",
        "comparisons",
        "elementals",
        "examples",
        "following",
        "function",
        "has_arrays",
        "input_count",
        "is_open",
        "left",
        "notes_places",
        "on_row",
        "order",
        "places",
        "right",
        "values",
        "views",
    )

    def __init__(
        self,
        root: FrameType,
        names: list[str] | Callable[[], list[str]],
        inputs: list[Any],
        notes_places: bool = True,
    ) -> None:
        nothing = [None] * len(inputs)
        self.elementals: list[Any] = nothing  # an Elemental, an array Operation, None: an input
        self.left: list[Any] = nothing.copy()
        self.right: list[Any] = nothing.copy()
        self.values: list[Any] = inputs.copy()
        self.examples = self.values
        self.input_count = len(inputs)
        self._names = names
        self.comparisons: list[Comparison] = []
        # A tape begun later belongs to a call made inside the earlier one's: it records first.
        self.order = next(_order)
        self.is_open = True
        self.has_arrays = any(map(shape_of, inputs))
        # Each assignment into an array: the slot that it had been, and the row that it became.
        self.assignments: list[tuple[int, int]] = []
        # Each row that shows another array's numbers, as a view does in NumPy.
        self.views: dict[int, View] = {}
        self._copies: dict[int, tuple[Any, Any]] = {}
        self.on_row: Callable[[int], None] | None = None
        self.notes_places = notes_places
        self.places = Places(root, len(inputs)) if notes_places else NOWHERE
        self.following: Following | None = None
        self.function: Any = None

    @property
    def input_names(self) -> list[str]:
        """What the inputs are called, whose rows come first."""
        if not isinstance(self._names, list):
            self._names = self._names()
        return self._names

    def add_constant(self, elemental: Elemental, value: Any) -> int:
        """Write the row of an output that no input reaches and return its slot."""
        self.values.append(value)  # first: those that the tape followed come before
        slot = len(self.values) - 1
        self.elementals.append(elemental)
        self.left.append(None)
        self.right.append(None)
        if self.notes_places:
            self.places.instructions.append(0)
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
        """Return a copy of an array operand, without gaps, that nobody else can write into.

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
        elif not constant.flags.writeable and constant.flags.forc:
            owner = constant if constant.base is None else constant.base
            if owner.__class__ is np.ndarray and owner.base is None and not owner.flags.writeable:
                return constant  # such as the copy of another tape, or a view of one
        copy = constant.copy("K")
        copy.setflags(False)
        self._copies[id(constant)] = (weakref.ref(constant), copy)
        return copy

    def compare(
        self, comparison: Any, operands: tuple[Any, ...], outcome: Any, frame: FrameType
    ) -> None:
        """Write down a decision: a comparison whose outcome the user's code may branch on."""
        before, call, instruction = len(self.values), -1, 0
        if self.notes_places:
            places = self.places
            if frame is not places.frame:
                frame = places.enter(frame, before)
            call, instruction = places.run_calls[-1], frame.f_lasti
        self.comparisons.append((before, comparison, operands, outcome, call, instruction))

    def computed(self) -> Tape:
        """Return it with all its rows, if they were not computed because they are expected."""
        if self.following is not None:
            self.following.settle(self)
        return self

    def with_values(self, values: list[Any]) -> Tape:
        """Return a closed tape with the same columns and other values."""
        other = Tape.__new__(Tape)
        for name in self.__slots__:
            setattr(other, name, getattr(self, name))
        other.values = other.examples = values
        return other

    def close(self) -> None:
        """End the recording: whoever still holds a number of this tape cannot write any more."""
        self.is_open = False
        self.notes_places = True  # whoever writes then has to say from where, and is refused
        self.on_row = None
        self._copies.clear()
        self.views.clear()
        if self.places is not NOWHERE:
            self.places.close()
        if self.following is not None:
            self.following.close()

    def source_of(self, slot: int) -> Source | None:
        """Return where in the user's source a row was made, None for an input or a constant."""
        places, elemental = self.places, self.elementals[slot]
        call = places.call_of(slot)
        if call is None or elemental is None or elemental.arity == 0:
            return None
        return places.source_in(call, places.instructions[slot])
