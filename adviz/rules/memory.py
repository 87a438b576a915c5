"""Notes about the arrays of a tape: which are views of others, and how they lie in memory.

Whether NumPy returns a view or a copy depends on how an array lies in memory: the order of its
axes, gaps, negative strides. It is asked on an array that lies as the traced one would.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.plugs import Arrays
from adviz.core.tape import Tape
from adviz.core.variable import Variable
from adviz.host.errors import BranchChangedError
from adviz.host.nests import leaves
from adviz.host.source import describe

__all__ = [
    "ArrayNotes",
    "check_memory",
    "is_view_row",
    "memory_of",
    "memory_read",
    "note_strides",
    "notes_of",
]

View = tuple[Any, int, Any]
"""The array that a view shows, the slot of the array then, and the operation of the view."""


class ArrayNotes:
    """Notes about the arrays of a tape while it is being recorded.

    Attributes
    ----------
    assignments : dict
        By the slot of an array after an assignment into it, its slot before.
    views : dict
        By slot, the array behind each row that is a view in NumPy, or may be one.
    copies : dict
        By the id of one of the user's arrays: a weak reference to it, and the copy on the tape.
    reads_memory : bool
        Whether rows depend on how an array lies in memory.
    strides : list, optional
        The strides of the inputs, if rows depend on them.
    has_objects : bool
        Whether NumPy has made an array of objects of numbers on the tape.
    """

    def __init__(self) -> None:
        self.assignments: dict[int, int] = {}
        self.views: dict[int, View] = {}
        self.copies: dict[int, tuple[Any, Any]] = {}
        self.reads_memory = False
        self.strides: list[Any] | None = None
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


def memory_of(array: Any) -> Any:
    """Return an array that lies in memory as this one does in NumPy; its entries may be others.

    The tape has a copy without gaps of each input, and an array that was assigned into is a new one
    there. So this begins with the user's own array, or with what made the array, and applies the
    views from there on.
    """
    if array.__class__ is not Variable:
        return array
    return np.asarray(_in_memory(array.tape, array.slot))


def memory_read(array: Any) -> Any:
    """Return what :func:`memory_of` does, and note that the rows to come depend on it."""
    number = array
    while number.__class__ is Variable:
        notes_of(number.tape).reads_memory = True
        number = number.value
    return memory_of(array)


def _in_memory(tape: Tape, slot: int) -> Any:
    notes, views = tape.array_notes, []
    while notes is not None:
        if slot in notes.assignments:
            slot = notes.assignments[slot]
        elif slot in notes.views:
            _, slot, view = notes.views[slot]
            views.append(view)
        else:
            break
    array = tape.values[slot]
    if array.__class__ is Variable:
        array = _in_memory(array.tape, array.slot)
    elif slot < tape.input_count and tape in Arrays.under_way:
        inputs = leaves(Arrays.under_way[tape][1])
        given = inputs[slot][1] if inputs else array  # none are known where a rule is recorded
        array = given if shape_of(given) == shape_of(array) else array
    for view in reversed(views):
        array = view.evaluate(array)
    return array


def is_view_row(tape: Tape, slot: int) -> bool:
    """Return whether a row that may be a view is one: NumPy copies where memory forces it to."""
    _, base_slot, operation = tape.array_notes.views[slot]
    shares = operation.rule.is_view
    if not callable(shares):
        return True
    base = memory_read(Variable(tape, base_slot))
    return bool(shares(operation.evaluate(base), base))


def note_strides(tape: Tape) -> None:
    """Note the strides of the inputs at the end of a recording, if rows depend on them."""
    notes: ArrayNotes = tape.array_notes
    if notes.reads_memory and tape in Arrays.under_way:
        notes.strides = _strides(Arrays.under_way[tape][1])


def check_memory(tape: Tape, inputs: Any) -> None:
    """Refuse to replay a trace whose rows depend on how its inputs lie in memory at others.

    Raises
    ------
    BranchChangedError
    """
    notes = tape.array_notes
    if notes is not None and notes.strides not in (None, _strides(inputs)):
        raise BranchChangedError(
            "An input lies in memory in another order than in the trace, and the function's arrays "
            f"are views or copies depending on that: {describe()}. Trace it afresh.",
            None,
        )


def _strides(inputs: Any) -> list[Any]:
    return [getattr(given, "strides", ()) for _, given in leaves(inputs)]
