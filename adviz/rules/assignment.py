"""Assignment into traced arrays: an array moves on to a new row, and its views follow.

An assignment makes a new row of the tape and moves the Variable to it, so that all code that holds
the Variable sees the change, as in NumPy.
"""

from __future__ import annotations

import operator
import weakref
from types import FrameType
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.tape import Tape
from adviz.core.variable import Variable
from adviz.host.errors import UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.registry import FUNCTIONS

__all__ = [
    "ArrayNotes",
    "assign",
    "check_views",
    "constant_copy",
    "note_view",
    "notes_of",
    "set_item",
]

View = tuple[Any, int, Any]
"""The array that a view shows, the slot of the array then, and the operation of the view."""


class ArrayNotes:
    """Notes about the arrays of a tape while it is being recorded.

    Attributes
    ----------
    assignments : list of tuple
        For each assignment into an array its slot before and its slot after.
    views : dict
        By slot, the array behind each row that is a view in NumPy.
    copies : dict
        By the id of one of the user's arrays: a weak reference to it, and the copy on the tape.
    has_objects : bool
        Whether NumPy has made an array of objects of numbers on the tape.
    """

    def __init__(self) -> None:
        self.assignments: list[tuple[int, int]] = []
        self.views: dict[int, View] = {}
        self.copies: dict[int, tuple[Any, Any]] = {}
        self.has_objects = False

    def clear(self) -> None:
        """Drop the arrays, at the end of the recording."""
        self.views.clear()
        self.copies.clear()


def notes_of(tape: Tape) -> ArrayNotes:
    """Return the notes of a tape; begin them if there are none."""
    notes: ArrayNotes | None = tape.array_notes
    if notes is None:
        tape.array_notes = notes = ArrayNotes()
    return notes


def constant_copy(tape: Tape, constant: Any) -> Any:
    """Return a contiguous copy of an array operand that nobody else can write into.

    An array that has been copied before, and is unchanged since, is not copied again; nor is a
    read-only one.
    """
    copies = notes_of(tape).copies
    known = copies.get(id(constant))
    if known is not None:
        original, copy = known
        if original() is constant and copy.shape == constant.shape:
            same = np.count_nonzero(copy == constant)  # NaN is unequal to itself: see below
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
    copies[id(constant)] = (weakref.ref(constant), copy)
    return copy


def set_item(number: Variable, key: Any, value: Any, frame: FrameType) -> None:
    """Assign to an item or a slice of an array: ``x[key] = value``."""
    if value.__class__ is Variable and _shows(number, value, key):
        return  # the end of x[key] += y: the part has been written through already
    assign(number, FUNCTIONS[operator.setitem](number, key, value), frame)


def _shows(number: Variable, part: Variable, key: Any) -> bool:
    """Return whether a part is the current view of an array at this index."""
    notes = part.tape.array_notes
    if notes is None or part.slot not in notes.views:
        return False
    base, slot, operation = notes.views[part.slot]
    return base is number and slot == number.slot and operation.is_index(key)


def assign(number: Variable, new: Any, frame: FrameType) -> Variable:
    """Move an array to the row of what has been assigned to it.

    Raises
    ------
    UnsupportedOperationError
        If this is a view that cannot be written through, or an array of an enclosing
        derivative; NumPy's ``ValueError`` if the shapes differ.
    """
    tape = number.tape
    if new.shape != number.shape:
        raise ValueError(
            f"An array of shape {new.shape} does not fit into one of shape {number.shape}: "
            f"{describe(frame)}."
        )
    if new.tape is not tape:
        raise UnsupportedOperationError(
            f"Assignment into an array of an enclosing derivative: {describe(frame)}. "
            "Assign into a copy made inside: np.copy(x), or build the result with np.where."
        )
    notes = notes_of(tape)
    if number.slot in notes.views:
        base, _, operation = notes.views[number.slot]
        whole = operation.written_through(base, new)
        notes.views.pop(whole.slot, None)  # this row is the array itself, no view
        assign(base, whole, frame)
        notes.views[new.slot] = (base, base.slot, operation)
    notes.assignments.append((number.slot, new.slot))
    number.slot = new.slot
    return number


def note_view(operation: Any, operand: Any, view: Variable) -> None:
    """Note that a row is a view of its operand, if it is one in NumPy."""
    tape = view.tape
    if operand.tape is not tape:
        return
    value = tape.values[view.slot]
    if value.__class__ is np.ndarray:
        is_view = operation.rule.is_view
        if callable(is_view) and not is_view(value, operand.value):
            return  # it is a copy
    elif not shape_of(value):
        return
    notes_of(tape).views[view.slot] = (operand, operand.slot, operation)


def check_views(tape: Tape) -> None:
    """Refuse a function that assigned into an array and then used a view of it made before.

    In NumPy the view shows what was assigned; its row on the tape does not.

    Raises
    ------
    UnsupportedOperationError
    """
    notes: ArrayNotes = tape.array_notes
    if not notes.assignments:
        return
    assigned = dict(notes.assignments)
    bases: dict[int, int] = {}  # by the slot of a view, that of the array that it shows
    for slot, (_, shown, _) in notes.views.items():
        bases[slot] = bases.get(shown, shown)
    for slot in range(tape.input_count, len(tape.values)):
        for operand in tape.operands(slot):
            if operand.__class__ is int and slot > assigned.get(bases.get(operand, -1), slot):
                raise UnsupportedOperationError(
                    "A part or another shape of an array was taken before the array was assigned "
                    f"into, and used after it: {tape.source_of(slot)}. Take it after the "
                    "assignment, or take a np.copy of it."
                )
