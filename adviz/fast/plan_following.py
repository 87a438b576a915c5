"""Following a plan, which saves computing the rows of a trace one by one.

The function's operations are compared with the plan, and nothing is computed until the sweep: one
piece of code then computes the rows and the sweep. At the first operation that differs from the
plan, or when a value is read, the rows so far are computed after all, and from there on the trace
is recorded as usual.

A :class:`FollowingVariable` first passes every operation to its tape. A :class:`FollowingTape` has
no columns yet: reading one computes them all, which turns the tape into a plain one. So the core
and the rules need not know of this room, and are right at any time.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import partial
from sys import _getframe
from types import FrameType
from typing import Any

import numpy as np

from adviz.core import plugs
from adviz.core.arrays import owned
from adviz.core.elementals import ABS, NEG, OPERATORS, Elemental, plain
from adviz.core.tape import Tape
from adviz.core.variable import Variable, record_elemental
from adviz.fast.known_calls import KnownCall
from adviz.fast.plans import Plan, plan_for
from adviz.fast.signatures import MAX_COMPARED_BYTES, NoSignatureError, operation_signature
from adviz.rules.array_rules import RULES
from adviz.rules.assignment import constant_copy
from adviz.rules.batching import Batch

__all__ = ["FollowingTape", "FollowingVariable", "SweptTape", "begin"]

_MAX_MISSES = 8
"""Calls with arrays of different content before a call is not remembered any more."""

_NO_OPTIONS: dict[str, Any] = {}

_new = object.__new__


def begin(
    function: Callable[..., Any], root: FrameType, names: Any, values: list[Any]
) -> tuple[Tape, list[Any]]:
    """Return a tape that only a sweep will read, and the traced numbers of its inputs.

    The tape follows the plan of the function, if it has one.
    """
    tape = SweptTape(root, names, values, notes_places=False)
    tape.function = function
    plan = plan_for(function, values)
    if plan is None:
        return tape, [Variable(tape, slot) for slot in range(len(values))]
    tape.follow(plan)
    return tape, [FollowingVariable(tape, slot) for slot in range(len(values))]


class SweptTape(Tape):
    """A tape that only a sweep will read, so that the next trace of its function can be planned.

    Attributes
    ----------
    function : callable
        The function that is recorded.
    plan : Plan
        The plan that it follows, or did; the attributes below are those of such a tape only.
    count : int
        The number of rows so far.
    arrays : list
        The arrays in the rows that may differ from call to call, in order.
    inputs : list
        The values of the inputs.
    """

    __slots__ = (
        "_calls",
        "_results",
        "_rows",
        "_views",
        "arrays",
        "count",
        "function",
        "inputs",
        "plan",
        "simple_steps",
    )

    function: Callable[..., Any]

    def follow(self, plan: Plan) -> None:
        """Follow a plan from now on; so far the tape has only its inputs."""
        self._rows: dict[int, tuple[Any, list[Any]]] = {}  # those that differ from the plan
        self._views: list[tuple[Any, Any, Variable]] = []
        self._results: dict[int, Any] | None = None  # values that a sweep by code computed
        self._calls = plan.calls
        self.simple_steps = plan.simple_steps
        self.plan = plan
        self.inputs = self.values
        self.count = plan.input_count
        self.arrays: list[Any] = []
        self.__class__ = FollowingTape

    def take_results(self, slots: Sequence[int], swept: list[Any]) -> None:
        """Move the values of some rows here from the end of the results of a sweep."""
        self.plan.misses = 0
        self._results = {}
        for slot in reversed(slots):
            self._results[slot] = swept.pop()

    # Traced numbers from when the tape followed its plan still call these; now they record.

    def planned_row(self, operation: Any, operands: Sequence[Any]) -> Variable | None:
        """Return None: no plan is followed any more."""
        return None

    def repeated(self, function: Any, args: Any, options: dict[str, Any]) -> Variable | None:
        """Return None: no plan is followed any more."""
        return None

    def called(self, function: Any, args: Any, options: Any, compute: Callable[[], Any]) -> Any:
        """Return the result of a call."""
        return compute()


class FollowingTape(SweptTape):
    """A tape that follows a plan: rows are compared and not computed.

    Reading one of its columns computes them all and ends that.
    """

    __slots__ = ()

    # -- operations ------------------------------------------------------------------------------

    def planned_row(self, operation: Any, operands: Sequence[Any]) -> Variable | None:
        """Return the row of an operation, without computing it, if it is the next one of the plan.

        Otherwise compute the rows so far and return None: the operation is to be recorded.
        """
        slot, plan = self.count, self.plan
        step = plan.steps[slot]
        arrays = None
        if step is not None and self.is_open:
            arrays = self._arrays_of(step, operation, operands)
        if arrays is None:
            self.compute()
            return None
        if arrays or operation is not step[0]:
            self._rows[slot] = (operation, arrays)
            self.arrays += arrays
        row = FollowingVariable(self, slot)
        self.count = slot + 1
        if plan.are_views[slot]:
            self._views.append((operation, operands[0], row))
        return row

    def _arrays_of(self, step: Any, operation: Any, operands: Sequence[Any]) -> list[Any] | None:
        """Return the arrays in the next row of the plan; None if this is another row."""
        planned, signatures = step
        arrays: list[Any] = []
        if operation is not planned and not self._has_signature(
            operation, planned, signatures[0], arrays
        ):
            return None
        if len(operands) != len(signatures):
            return None
        for k, operand in enumerate(operands):
            signature = signatures[k]
            if operand.__class__ is Variable:
                if operand.slot != signature or operand.tape is not self:
                    return None
            elif signature.__class__ is tuple:
                is_array = operand.__class__ is np.ndarray
                if not is_array or (operand.shape, operand.dtype) != signature:
                    return None
                arrays.append(self._constant(operand))
            else:
                if operand.__class__ is int or operand.__class__ is np.float64:
                    operand = float(operand)
                if operand.__class__ is not float or operand.hex() != signature:
                    return None
        return arrays

    def _has_signature(
        self, operation: Any, signature: Any, operand: Any, arrays: list[Any]
    ) -> bool:
        """Return whether an operation that is not shared has the signature in the plan."""
        if signature.__class__ is not tuple:
            return False
        try:
            if operation_signature(operation, arrays) != signature:
                return False
        except NoSignatureError:
            return False
        if operation.rule.parameters_may_fail:  # so that an error shows the user's line
            try:
                operation.evaluate(self.plan.examples[operand])
            except IndexError:
                return False
        return True

    def _constant(self, array: Any) -> Any:
        """Return a read-only copy of a constant: the previous one if the content is the same."""
        if array.nbytes > MAX_COMPARED_BYTES:
            return constant_copy(self, array)
        known, slot, content = self.plan.constants, self.count, array.tobytes()
        if slot not in known or known[slot][0] != content:
            copy = array.copy("K")
            copy.setflags(False)
            known[slot] = content, copy
        return known[slot][1]

    # -- calls of functions ----------------------------------------------------------------------

    def repeated(self, function: Any, args: Any, options: dict[str, Any]) -> Variable | None:
        """Return the result of a known call without running it; None if this is no known call."""
        call = self._calls[self.count]
        if call is None or call.function is not function or not self.is_open:
            return None
        if call.only_slot is not None:
            number: Any = args[0] if len(args) == 1 else None
            is_same = number.__class__ is Variable and number.slot == call.only_slot
            has_none = not options and not call.options
            if is_same and number.tape is self and (has_none or call.matches_options(options)):
                row = _new(FollowingVariable)
                row.tape, row.slot = self, call.result
                self.count = call.stop
                return row
            return None
        if call.is_operation:
            if options:
                return None
            return self.planned_row(self.plan.steps[self.count][0], args)
        if not call.matches(args, options, self):
            return None
        if call.rows:
            self._rows.update(call.rows)
            self.arrays += call.arrays
        row = FollowingVariable(self, call.result)
        self.count = call.stop
        if self.plan.are_views[call.result]:
            operand = next(arg for arg in args if arg.__class__ is Variable)
            operation, _ = self._columns(call.result)
            self._views.append((operation, operand, row))
        return row

    def called(
        self, function: Any, args: Any, options: dict[str, Any], compute: Callable[[], Any]
    ) -> Any:
        """Return the result of a call; remember the rows that it recorded."""
        first = self.count
        result = compute()
        if type(self) is not FollowingTape or result.__class__ is not Variable:
            return result
        if result.tape is not self or not first <= result.slot < self.count:
            return result
        before = self._calls[first]
        if before is None or before.misses < _MAX_MISSES:
            call = self._known_call(function, args, options, first, result.slot)
            call.misses += 0 if before is None else before.misses
            self._calls[first] = call
        return result

    def _known_call(
        self, function: Any, args: Any, options: Any, first: int, result: int
    ) -> KnownCall:
        """Return a call to remember; one that matches nothing if arguments cannot be compared."""
        stop, steps = self.count, self.plan.steps[first : self.count]
        has_views, one = any(self.plan.are_views[first:stop]), steps[0]
        try:
            if has_views and len(steps) > 1:
                raise NoSignatureError
            is_operation = (
                len(steps) == 1
                and one[0].__class__ is not tuple
                and not options
                and len(args) == len(one[1])
                and any(arg.__class__ is np.ndarray for arg in args)
            )
            slots = () if is_operation else range(first, stop)
            rows = {slot: self._rows[slot] for slot in slots if slot in self._rows}
            call = KnownCall(function, args, options, self, rows, stop, result, is_operation)
        except NoSignatureError:
            call = KnownCall(None, (), {}, self, {}, stop, result)
            call.misses = _MAX_MISSES
        if has_views:
            call.only_slot = None
        return call

    # -- values ----------------------------------------------------------------------------------

    @property
    def examples(self) -> list[Any]:
        """For each row a number or an array of the shape and type of its value."""
        return self.plan.examples

    @property
    def is_complete(self) -> bool:
        """Whether all rows of the plan are there, and there has been no sweep yet."""
        return self.plan.steps[self.count] is None and self._results is None

    @property
    def signature(self) -> Any:
        """Equal for traces that have the same rows; None unless all rows of the plan are there."""
        if not self.is_complete:
            return None
        operations = [
            arrays for row, arrays in self._rows.values() if row.__class__ is not Elemental
        ]
        return self.plan, operations

    def results(self, slots: tuple[int, ...]) -> list[Any]:
        """Return the values of rows; those that a sweep computed need not be copied."""
        results = self._results
        if results is not None and all(slot in results for slot in slots):
            return owned([results[slot] for slot in slots], ())
        return super().results(slots)

    def close(self) -> None:
        """End the recording."""
        super().close()
        self.simple_steps = self.plan.no_steps

    def compute(self) -> None:
        """Compute the rows so far, and stop following the plan."""
        if self._results is None:
            self.plan.misses += 1
        self.simple_steps = self.plan.no_steps
        rows = [(slot, *self._columns(slot)) for slot in range(len(self.inputs), self.count)]
        self.__class__ = SweptTape  # type: ignore[assignment] # whose columns are plain
        self.values = values = self.inputs.copy()
        with np.errstate(all="ignore"):
            for _, operation, operands in rows:
                is_elemental = operation.__class__ is Elemental
                self.elementals.append(operation)
                self.left.append(operands[0] if is_elemental else tuple(operands))
                has_right = is_elemental and len(operands) == 2
                self.right.append(operands[1] if has_right else None)
                numbers = [values[o] if o.__class__ is int else o for o in operands]
                values.append(plain(operation.evaluate(*numbers)))
        for operation, operand, view in self._views:
            plugs.arrays.note_view(operation, operand, view)

    def _columns(self, slot: int) -> tuple[Any, list[Any]]:
        """Return the operation of a row and its operands as the columns hold them."""
        operation, signatures = self.plan.steps[slot]
        operation, arrays = self._rows.get(slot, (operation, ()))
        count = sum(signature.__class__ is tuple for signature in signatures)
        rest = iter(arrays[len(arrays) - count :])  # after those of the operation
        return operation, [
            next(rest)
            if signature.__class__ is tuple
            else float.fromhex(signature)
            if signature.__class__ is str
            else signature
            for signature in signatures
        ]


def _column(name: str) -> property:
    """Return the property of a column, which computes the rows first."""

    def column(self: FollowingTape) -> Any:
        self.compute()
        return getattr(self, name)

    return property(column)


for _name in ("values", "elementals", "left", "right"):
    setattr(FollowingTape, _name, _column(_name))


class FollowingVariable(Variable):
    """A traced number of a tape that follows a plan, or did.

    Python and NumPy call a subclass first, so an operation with plain traced numbers comes here
    too. Everywhere else it passes for a :class:`Variable`, by naming that as its class.
    """

    __slots__ = ()

    __class__ = Variable  # type: ignore[assignment] # see above

    tape: Any

    def apply(self, operation: Any, operands: Sequence[Any], frame: FrameType) -> Variable:
        """Return the row of an operation: the next one of the plan, or a new one."""
        tape = self.tape
        if (
            len(operands) == 1
            and (operation, self.slot, None, None) == (tape.simple_steps[tape.count])
        ):
            return self._next_row()
        row: Variable | None = tape.planned_row(operation, operands)
        return Variable.apply(self, operation, operands, frame) if row is None else row

    def _next_row(self) -> Variable:
        """Return the next row of the plan."""
        row = _new(FollowingVariable)
        row.tape = tape = self.tape
        row.slot = tape.count
        tape.count += 1
        return row

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        tape = self.tape
        if method == "__call__":
            row = tape.repeated(ufunc, operands, options)
            if row is not None:
                return row
        if any(operand.__class__ is Batch for operand in operands):
            return NotImplemented  # a batch handles operations with single arrays
        if method != "__call__":
            return Variable.__array_ufunc__(self, ufunc, method, *operands, **options)
        record = partial(Variable.__array_ufunc__, self, ufunc, method, *operands, **options)
        return tape.called(ufunc, operands, options, record)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, options: Any
    ) -> Any:
        tape = self.tape
        row = tape.repeated(function, args, options)
        if row is not None:
            return row
        if Batch in types:
            return NotImplemented
        frame = _getframe(1)
        record = partial(plugs.arrays.apply_function, self, function, args, options, frame)
        return tape.called(function, args, options, record)

    def __getitem__(self, key: Any) -> Any:
        tape, args = self.tape, (self, key)
        row = tape.repeated(operator.getitem, args, _NO_OPTIONS)
        if row is not None:
            return row
        record = partial(Variable.__getitem__, self, key)
        return tape.called(operator.getitem, args, _NO_OPTIONS, record)


def _binary(operation: Any, name: str, is_reflected: bool = False) -> Callable[[Any, Any], Any]:
    """Return the method of an operator with two operands."""
    record = getattr(Variable, name)

    def method(self: Any, other: Any) -> Any:
        tape, cls = self.tape, other.__class__
        step = tape.simple_steps[tape.count]
        if cls is float:
            number = (None, self.slot, other) if is_reflected else (self.slot, None, other)
            if (operation, *number) == step:
                return self._next_row()
        elif cls is Variable and other.tape is tape:
            if (operation, self.slot, other.slot, None) == step:
                return self._next_row()
        elif cls is Batch:
            return NotImplemented  # a batch handles operations with single arrays
        row = tape.planned_row(operation, (other, self) if is_reflected else (self, other))
        return record(self, other) if row is None else row

    return method


def _unary(elemental: Elemental) -> Callable[[Any], Any]:
    """Return the method of an operator with one operand."""
    return lambda self: record_elemental(elemental, (self,), _getframe(1))


def _in_place(name: str) -> Callable[[Any, Any], Any]:
    """Return the method of an operator like ``+=``: an array moves to another row."""
    operate = getattr(FollowingVariable, f"__{name}__")
    assign = getattr(Variable, f"__i{name}__")
    return lambda self, other: (assign if self.shape else operate)(self, other)


def _by_function(function: Any, name: str) -> Callable[[Any, Any], Any]:
    """Return the method of an operator that calls a function."""
    record = getattr(Variable, name)

    def method(self: Any, other: Any) -> Any:
        if other.__class__ is Batch:
            return NotImplemented
        tape, args = self.tape, (self, other)
        row = tape.repeated(function, args, _NO_OPTIONS)
        if row is not None:
            return row
        return tape.called(function, args, _NO_OPTIONS, partial(record, self, other))

    return method


def _add_operators() -> None:
    for name, elemental in OPERATORS.items():
        for prefix in ("", "r"):
            dunder = f"__{prefix}{name}__"
            setattr(FollowingVariable, dunder, _binary(elemental, dunder, prefix == "r"))
        setattr(FollowingVariable, f"__i{name}__", _in_place(name))
    for elemental in (NEG, ABS):
        setattr(FollowingVariable, f"__{elemental.name}__", _unary(elemental))
    dunder = "__matmul__"
    setattr(FollowingVariable, dunder, _binary(RULES["matmul"].operation({}), dunder))
    for name, ufunc in (
        ("mod", np.remainder),
        ("floordiv", np.floor_divide),
        ("divmod", np.divmod),
    ):
        setattr(FollowingVariable, f"__{name}__", _by_function(ufunc, f"__{name}__"))


_add_operators()
