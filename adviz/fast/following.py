"""Following a trace that is expected, which saves computing its rows one by one.

A function is called and its operations are compared with those expected, but nothing is computed
until the sweep, which comes with the rows as one piece of code. At the first operation that is
another, or the first question about a number, the rows so far are computed after all, and the trace
is recorded like any other from there on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from adviz.core.elementals import Elemental, plain
from adviz.core.tape import Tape
from adviz.core.variable import Variable
from adviz.fast.plans import Expectation, expectation_of
from adviz.fast.remembered_calls import SHORT, Call
from adviz.fast.signatures import UnlikeError, kind_of_operation
from adviz.rules.rule import note_view

__all__ = ["Following", "follow"]

_VAIN = 8
"""Calls with arrays of other content before a call is not learnt anew."""

_new = object.__new__


def follow(tape: Tape) -> None:
    """Let a tape that holds its inputs follow the trace that is expected, if one is."""
    expected = expectation_of(tape.function, tape.values)
    if expected is not None:
        Following(tape, expected)


class Following:
    """A tape's values while they are not computed: whoever asks for one has them all computed.

    Parameters
    ----------
    tape : Tape
        It holds its inputs, and follows from now on.
    expected : Expectation
        The rows that it is expected to have.

    Attributes
    ----------
    count : int
        How many rows there are so far.
    arrays : list
        Those in the rows that may differ from call to call, in their order.
    inputs : list
        The values of the inputs.
    """

    __slots__ = (
        "_calls",
        "_found",
        "_quick",
        "_rows",
        "_tape",
        "_values",
        "_views",
        "arrays",
        "count",
        "expected",
        "inputs",
    )

    def __init__(self, tape: Tape, expected: Expectation) -> None:
        self._tape: Tape | None = tape  # until the end of the call: it refers to this in its turn
        self._values = tape.values  # of the inputs, and of all rows once they are computed
        self._rows: dict[int, tuple[Any, list[Any]]] = {}
        self._views: list[tuple[Any, Any, Variable]] = []
        self._found: dict[int, Any] | None = None
        self._quick = expected.quick
        self._calls = expected.calls
        self.expected = expected
        self.inputs = tape.values.copy()
        self.count = expected.input_count
        self.arrays: list[Any] = []
        tape.following = self
        tape.values = self  # type: ignore[assignment] # it stands for them
        tape.examples = expected.examples

    # -- operations ------------------------------------------------------------------------------

    def one(self, operation: Any, number: Variable) -> Variable | None:
        """Return the row of an operation on a number of the tape, as :meth:`row` does."""
        met = (operation, number.slot, None, None)
        if met == self._quick[self.count] and number.tape is self._tape:
            made = _new(Variable)  # here and below: a call would take longer than that
            made.tape, made.slot = number.tape, self.count
            self.count += 1
            return made
        return self.row(operation, (number,))

    def two(self, operation: Any, left: Any, right: Any) -> Variable | None:
        """Return the row of an operation on two operands, as :meth:`row` does."""
        tape = self._tape
        met: tuple[Any, ...] | None = None
        if left.__class__ is Variable and left.tape is tape:
            if right.__class__ is float:
                met = (operation, left.slot, None, right)
            elif right.__class__ is Variable and right.tape is tape:
                met = (operation, left.slot, right.slot, None)
        elif left.__class__ is float and right.__class__ is Variable and right.tape is tape:
            met = (operation, None, right.slot, left)
        if met is not None and met == self._quick[self.count]:
            made = _new(Variable)
            made.tape, made.slot = tape, self.count  # type: ignore[assignment] # it follows
            self.count += 1
            return made
        return self.row(operation, (left, right))

    def row(self, operation: Any, operands: Sequence[Any]) -> Variable | None:
        """Return the row of an operation if it is the one expected, without computing it.

        None if it is another: then those before it have been computed, and it is to be recorded.
        """
        slot, expected = self.count, self.expected
        step = expected.steps[slot]
        is_on = step is not None and self._tape is not None
        arrays = self._met(step, operation, operands) if is_on else None
        if arrays is None:
            self.settle()
            return None
        if arrays or operation is not step[0]:
            self._rows[slot] = (operation, arrays)
            self.arrays += arrays
        made = Variable(self._tape, slot)  # type: ignore[arg-type] # it follows
        self.count = slot + 1
        if expected.are_views[slot]:
            self._views.append((step[0], operands[0], made))
        return made

    def _met(self, step: Any, operation: Any, operands: Sequence[Any]) -> list[Any] | None:
        """Return the arrays in the row that is expected; None if this is another."""
        asked, kinds = step
        arrays: list[Any] = []
        if operation is not asked and not self._is_of_kind(operation, asked, kinds[0], arrays):
            return None
        if len(operands) != len(kinds):
            return None
        for place, operand in enumerate(operands):
            kind = kinds[place]
            if operand.__class__ is Variable:
                if operand.slot != kind or operand.tape is not self._tape:
                    return None
            elif kind.__class__ is tuple:
                if operand.__class__ is not np.ndarray or (operand.shape, operand.dtype) != kind:
                    return None
                arrays.append(self._kept(operand))
            else:
                if operand.__class__ is int or operand.__class__ is np.float64:
                    operand = float(operand)
                if operand.__class__ is not float or operand.hex() != kind:
                    return None
        return arrays

    def _is_of_kind(self, operation: Any, asked: Any, operand: Any, arrays: list[Any]) -> bool:
        """Return whether an operation with parameters of its own is the one that is expected."""
        if asked.__class__ is not tuple:
            return False
        try:
            if kind_of_operation(operation, arrays) != asked:
                return False
        except UnlikeError:
            return False
        if operation.rule.name == "getitem":  # an index that leaves the array fails where it stands
            try:
                self.expected.examples[operand][operation.parameters["key"]]
            except IndexError:
                return False
        return True

    def _kept(self, array: Any) -> Any:
        """Return a copy of a constant that nobody can write into, the last if it is the same."""
        assert self._tape is not None
        if array.nbytes > SHORT:
            return self._tape.copied(array)
        known, slot, content = self.expected.constants, self.count, array.tobytes()
        if slot not in known or known[slot][0] != content:
            copy = array.copy("K")
            copy.setflags(False)
            known[slot] = content, copy
        return known[slot][1]

    # -- calls of functions ----------------------------------------------------------------------

    def repeated(self, function: Any, args: Any, options: dict[str, Any]) -> Variable | None:
        """Return what a call returns that makes the rows that it made before; None for another."""
        call, tape = self._calls[self.count], self._tape
        if call is None or call.function is not function or tape is None:
            return None
        if call.number is not None:
            number: Any = args[0] if len(args) == 1 else None
            is_same = number.__class__ is Variable and number.slot == call.number
            has_none = not options and not call.options
            if is_same and number.tape is tape and (has_none or call.has_options(options)):
                made = _new(Variable)
                made.tape, made.slot = tape, call.result
                self.count = call.stop
                return made
            return None
        if call.is_operation:
            return None if options else self.row(self.expected.steps[self.count][0], args)
        if not call.has(args, options, tape):
            return None
        if call.rows:
            self._rows.update(call.rows)
            self.arrays += call.arrays
        made = Variable(tape, call.result)
        self.count = call.stop
        if self.expected.are_views[call.result]:
            self._views.append((self.expected.steps[call.result][0], args[0], made))
        return made

    def called(
        self, function: Any, args: Any, options: dict[str, Any], compute: Callable[[], Any]
    ) -> Any:
        """Return what a call computes; remember the rows that it made."""
        first = self.count
        made = compute()
        tape, stop = self._tape, self.count
        if tape is None or made.__class__ is not Variable or not first <= made.slot < stop:
            return made
        before = self._calls[first]
        if before is None or before.misses < _VAIN:
            call = self._call(function, args, options, first, made.slot)
            call.misses += 0 if before is None else before.misses
            self._calls[first] = call
        return made

    def _call(self, function: Any, args: Any, options: Any, first: int, result: int) -> Call:
        """Return a call to be remembered; one that never comes again, where it is not told."""
        assert self._tape is not None
        stop, steps = self.count, self.expected.steps[first : self.count]
        has_views, one = any(self.expected.are_views[first:stop]), steps[0]
        try:
            if has_views and len(steps) > 1:
                raise UnlikeError
            is_operation = (
                len(steps) == 1
                and one[0].__class__ is not tuple
                and not options
                and len(args) == len(one[1])
                and any(arg.__class__ is np.ndarray for arg in args)
            )
            slots = () if is_operation else range(first, stop)
            rows = {slot: self._rows[slot] for slot in slots if slot in self._rows}
            call = Call(function, args, options, self._tape, rows, stop, result, is_operation)
        except UnlikeError:
            call = Call(None, (), {}, self._tape, {}, stop, result)
            call.misses = _VAIN
        if has_views:
            call.number = None
        return call

    # -- values ----------------------------------------------------------------------------------

    @property
    def arrays_of_operations(self) -> list[Any]:
        """The arrays that may differ in array operations: indices, factors, ..."""
        return [
            arrays
            for operation, arrays in self._rows.values()
            if operation.__class__ is not Elemental
        ]

    @property
    def is_complete(self) -> bool:
        """Whether the rows are all that were expected, and no sweep has been over them yet."""
        return self.expected.steps[self.count] is None and self._found is None

    def has(self, slots: Sequence[int]) -> bool:
        """Return whether the values of rows came with a sweep: they are nobody else's."""
        return self._found is not None and all(slot in self._found for slot in slots)

    def close(self) -> None:
        """End with the recording: let go of the tape, or both would wait for garbage collection."""
        self._tape = None

    def take(self, slots: Sequence[int], found: list[Any]) -> None:
        """Take the values of some rows from the end of what was found, a sweep's results."""
        self.expected.misses = 0
        self._found = {}
        for slot in reversed(slots):
            self._found[slot] = found.pop()

    def settle(self, tape: Tape | None = None) -> None:
        """Compute the rows so far; the tape follows nothing any more.

        Whoever asks after the end of the recording gives the tape.
        """
        tape = tape or self._tape
        if tape is None or tape.following is not self:
            return
        self._tape = tape.following = None
        self.expected.misses += 1
        tape.values = tape.examples = self._computed()
        for slot in range(self.expected.input_count, self.count):
            row, recorded = self._recorded(slot)
            is_elemental = row.__class__ is Elemental
            tape.elementals.append(row)
            tape.left.append(recorded[0] if is_elemental else tuple(recorded))
            tape.right.append(recorded[1] if is_elemental and len(recorded) == 2 else None)
        for operation, operand, made in self._views:
            note_view(operation, operand, made)

    def _recorded(self, slot: int) -> tuple[Any, list[Any]]:
        """Return the operation of a row and its operands as the columns hold them."""
        row, kinds = self.expected.steps[slot]
        row, arrays = self._rows.get(slot, (row, ()))
        count = sum(kind.__class__ is tuple for kind in kinds)
        rest = iter(arrays[len(arrays) - count :])  # behind those of the operation
        return row, [
            next(rest)
            if kind.__class__ is tuple
            else float.fromhex(kind)
            if kind.__class__ is str
            else kind
            for kind in kinds
        ]

    def _computed(self) -> list[Any]:
        values = self._values
        with np.errstate(all="ignore"):
            for slot in range(len(values), self.count):
                row, recorded = self._recorded(slot)
                operands = [values[o] if o.__class__ is int else o for o in recorded]
                values.append(plain(row.evaluate(*operands)))
        return values

    # Who has a tape asks for its values as of a list.

    def __getitem__(self, slot: Any) -> Any:
        if self._found and slot.__class__ is int and slot in self._found:
            return self._found[slot]
        self.settle()
        return self._computed()[slot]

    def __len__(self) -> int:
        return max(self.count, len(self._values))

    def __iter__(self) -> Iterator[Any]:
        self.settle()
        return iter(self._computed())

    def append(self, value: Any) -> None:
        """Add the value of a row that was not expected."""
        self.settle()
        self._values.append(value)
