"""Assignment into traced arrays: an array moves on to a new row, and its views follow.

An assignment makes a new row of the tape and moves the Variable to it, so that all code that holds
the Variable sees the change, as in NumPy.
"""

from __future__ import annotations

import operator
import weakref
from collections.abc import Iterable, Sequence
from functools import partial
from types import FrameType
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.elementals import Elemental
from adviz.core.tape import Tape
from adviz.core.variable import Variable, value_of
from adviz.host.errors import UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.memory import ArrayNotes, is_view_row, note_strides, notes_of
from adviz.rules.registry import FUNCTIONS

__all__ = ["assign", "check_views", "constant_copy", "note_view", "set_item"]


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
    view = None if notes is None else notes.views.get(part.slot)
    if view is None:
        return False
    base, slot, operation = view
    return base is number and slot == number.slot and bool(operation.is_index(key))


def assign(number: Variable, new: Any, frame: FrameType) -> Variable:
    """Move an array to the row of what has been assigned to it.

    Raises
    ------
    UnsupportedOperationError
        If this is a view that cannot be written through, or an array of an enclosing
        derivative; NumPy's ``ValueError`` if the shapes differ.
    """
    tape = number.tape
    if new.__class__ is not Variable:  # such as y // 2, which has no derivative
        new = FUNCTIONS[operator.setitem](number, ..., new)
    if new.shape != number.shape:
        raise ValueError(
            f"An array of shape {new.shape} does not fit into one of shape {number.shape}: "
            f"{describe(frame)}."
        )
    if new.shape and new.example.dtype != number.example.dtype:
        new = FUNCTIONS[np.astype](new, number.dtype)
    if new.tape is not tape:
        raise UnsupportedOperationError(
            f"Assignment into an array of an enclosing derivative: {describe(frame)}. "
            "Assign into a copy made inside: np.copy(x), or build the result with np.where."
        )
    value_of(number)  # a tape that follows a plan computes its rows now, and notes their views
    notes = notes_of(tape)
    before = number.slot
    if len(new.shape) > 1:
        _keep_memory_order(number, new)
    if before in notes.views and is_view_row(tape, before):
        base, _, operation = notes.views[before]
        whole = operation.written_through(base, new)
        notes.views.pop(whole.slot, None)  # this row is the array itself, no view
        assign(base, whole, frame)
        notes.views[new.slot] = (base, base.slot, operation)
    notes.assignments[new.slot] = before
    number.slot = new.slot
    return number


def _keep_memory_order(number: Variable, new: Variable) -> None:
    """Give what is assigned into an array the memory order that the array has."""
    tape, slot = new.tape, new.slot
    operation = tape.elementals[slot]
    others = [o for o in tape.operands(slot) if o.__class__ is not int or o != number.slot]
    shapes = [shape_of(tape.values[o] if o.__class__ is int else o) for o in others]
    is_elementwise = operation.__class__ is Elemental and all(len(shape) < 2 for shape in shapes)
    if is_elementwise or operation.name == "setitem":
        return  # it has that order
    while tape.values[slot].__class__ is Variable:  # of an enclosing derivative
        tape, slot = tape.values[slot].tape, tape.values[slot].slot
    value, old = tape.values[slot], value_of(number)
    if value.strides != old.strides:
        kept = np.empty_like(old, value.dtype)
        kept[...] = value
        tape.values[slot] = kept


def note_view(operation: Any, operand: Any, view: Variable) -> None:
    """Note that a row is a view of its operand, or may be one, in NumPy."""
    tape = view.tape
    if operand.tape is tape and operand.shape and shape_of(tape.values[view.slot]):
        notes_of(tape).views[view.slot] = (operand, operand.slot, operation)


def check_views(tape: Tape, outputs: Sequence[int]) -> None:
    """Refuse a function that assigned into an array and then used a view of it made before.

    In NumPy the view shows what was assigned; its row on the tape does not.

    Raises
    ------
    UnsupportedOperationError
    """
    notes: ArrayNotes = tape.array_notes
    if notes.assignments:
        _check_views(tape, notes, outputs)
    note_strides(tape)


def _check_views(tape: Tape, notes: ArrayNotes, outputs: Sequence[int]) -> None:
    assigned = {before: after for after, before in notes.assignments.items()}
    bases: dict[int, int] = {}  # by the slot of a view, that of the array that it shows
    for slot, (_, shown, _) in notes.views.items():
        if bases.get(shown, shown) in assigned and is_view_row(tape, slot):
            bases[slot] = bases.get(shown, shown)

    def check(when: int, operands: Iterable[Any], where: Any) -> None:
        for operand in operands:
            if operand.__class__ is int and when > assigned.get(bases.get(operand, -1), when):
                raise UnsupportedOperationError(
                    "A part or another shape of an array was taken before the array was assigned "
                    f"into, and used after it: {where()}. Take it after the assignment, or take a "
                    "np.copy of it."
                )

    for slot in range(tape.input_count, len(tape.values)):
        check(slot, tape.operands(slot), partial(tape.source_of, slot))
    for before, _, operands, _, call, instruction in tape.comparisons:
        place = partial(tape.places.source_in, call, instruction)
        check(before, operands, place if tape.notes_places else str)
    check(len(tape.values), outputs, lambda: "it was returned")
