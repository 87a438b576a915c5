"""The tape: the columns of a trace while they are being written.

One tape belongs to one call of one function. Its columns hold plain ints, floats and references
to rows of the table, which Python's garbage collector does not have to follow.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import FrameType
from typing import Any

from adviz.core.arrays import is_single_float, owned
from adviz.core.elementals import Elemental
from adviz.host.places import NOWHERE, Places
from adviz.host.source import Source

__all__ = ["Comparison", "Tape"]

_order = itertools.count()

Comparison = tuple[int, Any, tuple[Any, ...], Any, int, int]
"""Rows recorded before it, operator, operands as in the columns, outcome, call, instruction."""


class Tape:
    """The columns that a call writes, a row for each input and each operation.

    Parameters
    ----------
    root : frame
        The frame that calls the user's function.
    names : list of str, or callable
        What the inputs are called; or a function that returns that when it is first needed.
    inputs : list
        The values of the inputs.
    notes_places : bool
        Whether to note where in the user's code rows were made. A derivative's tape, which is not
        shown, does without.

    Attributes
    ----------
    elementals : list
        For each row an :class:`Elemental`, an array operation, or None for an input.
    left, right : list
        The operands: an int for a row, the operand itself for a constant, None where there is
        none. An array operation, which may have any number of operands, has them in a tuple in
        ``left``.
    values : list
        The primals.
    comparisons : list of Comparison
        The decisions made, in order.
    order : int
        A tape begun later belongs to a call made inside the earlier one's: it records first.
    has_arrays : bool
        Whether any value is an array or complex: only then do the sweeps look at that.
    array_notes
        What :mod:`adviz.rules` notes about arrays; None while there is nothing to note.
    """

    __slots__ = (
        "_names",
        "array_notes",
        "comparisons",
        "elementals",
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
    )

    def __init__(
        self,
        root: FrameType,
        names: list[str] | Callable[[], list[str]],
        inputs: list[Any],
        notes_places: bool = True,
    ) -> None:
        nothing = [None] * len(inputs)
        self.elementals: list[Any] = nothing
        self.left: list[Any] = nothing.copy()
        self.right: list[Any] = nothing.copy()
        self.values: list[Any] = inputs.copy()
        self.input_count = len(inputs)
        self._names = names
        self.comparisons: list[Comparison] = []
        self.order = next(_order)
        self.is_open = True
        self.has_arrays = not all(map(is_single_float, inputs))
        self.array_notes: Any = None
        self.on_row: Callable[[int], None] | None = None
        self.notes_places = notes_places
        self.places = Places(root, len(inputs)) if notes_places else NOWHERE

    @property
    def input_names(self) -> list[str]:
        """What the inputs are called; their rows come first."""
        if not isinstance(self._names, list):
            self._names = self._names()
        return self._names

    @property
    def examples(self) -> list[Any]:
        """For each row its value, or another of the same shape and type."""
        return self.values

    @property
    def signature(self) -> Any:
        """What tapes with the same operations on the same rows share; None where it is unknown."""
        return None

    def operands(self, slot: int) -> tuple[Any, ...]:
        """Return a row's operands as recorded: an int for a row, or the constant itself."""
        left = self.left[slot]
        if left.__class__ is tuple:
            operands: tuple[Any, ...] = left
            return operands
        elemental = self.elementals[slot]
        return () if elemental is None else (left, self.right[slot])[: elemental.arity]

    def add_constant(self, elemental: Elemental, value: Any) -> int:
        """Write the row of an output that no input reaches and return its slot."""
        slot = len(self.values)
        self.values.append(value)
        self.elementals.append(elemental)
        self.left.append(None)
        self.right.append(None)
        if self.notes_places:
            self.places.instructions.append(0)
        self.has_arrays = self.has_arrays or not is_single_float(value)
        if self.on_row is not None:
            self.on_row(slot)
        return slot

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

    def results(self, slots: tuple[int, ...]) -> list[Any]:
        """Return the values of rows, arrays as copies that their receiver may write into."""
        values = self.values
        found = [values[slot] for slot in slots]
        return owned(found, values) if self.has_arrays else found

    def with_values(self, values: list[Any]) -> Tape:
        """Return a closed tape with the same columns and other values."""
        other = Tape.__new__(Tape)
        for name in Tape.__slots__:
            setattr(other, name, getattr(self, name))
        other.values = values
        return other

    def close(self) -> None:
        """End the recording: a number of this tape that is still in use cannot write any more."""
        self.is_open = False
        self.notes_places = True  # so that a later write asks for its place, and is refused there
        self.on_row = None
        if self.array_notes is not None:
            self.array_notes.clear()
        if self.places is not NOWHERE:
            self.places.close()

    def source_of(self, slot: int) -> Source | None:
        """Return where in the user's source a row was made, None for an input or a constant."""
        elemental = self.elementals[slot]
        if elemental is None or elemental.arity == 0:
            return None
        return self.places.source_of(slot)
