"""Variable: a number that records what is done to it."""

from __future__ import annotations

import cmath
import math
import numbers
import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from sys import _getframe
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from adviz.core import plugs
from adviz.core.arrays import is_complex, is_single_float, promoted, shape_of
from adviz.core.elementals import ABS, BY_UFUNC, NEG, OPERATORS, Elemental, plain
from adviz.core.tape import Tape
from adviz.host.arguments import plain_instead
from adviz.host.errors import UnsupportedOperationError
from adviz.host.nests import count_of
from adviz.host.source import describe

__all__ = [
    "COMPARISONS",
    "Variable",
    "compare",
    "decided",
    "newest",
    "record",
    "record_elemental",
    "record_row",
    "value_of",
]

COMPARISONS: dict[str, tuple[Callable[..., bool], np.ufunc]] = {
    "<": (operator.lt, np.less),
    "<=": (operator.le, np.less_equal),
    "==": (operator.eq, np.equal),
    "!=": (operator.ne, np.not_equal),
    ">": (operator.gt, np.greater),
    ">=": (operator.ge, np.greater_equal),
    "isnan": (cmath.isnan, np.isnan),
    "isinf": (cmath.isinf, np.isinf),
    "isfinite": (cmath.isfinite, np.isfinite),
}
"""The comparisons, of numbers and of arrays."""

_COMPARISON_OF_UFUNC = {ufunc: symbol for symbol, (_, ufunc) in COMPARISONS.items()}

_WHAT_MEETS = "Use a float, an int, an array of them or another traced number"

_LONGEST_INT = sys.float_info.max_exp - 1
"""Bits of an int up to which every int is within the range of a float."""

_new = object.__new__


class Variable:
    """A number or an array that records on a tape what is done to it.

    It behaves as what it stands for in Python's arithmetic, in comparisons and in NumPy's
    functions. Its value may itself be a Variable of an enclosing call that is being
    differentiated.

    Examples
    --------
    >>> import adviz as ad
    >>> def f(x):
    ...     print(x)
    ...     return x * x
    >>> ad.grad(f)(3.0)
    3.0
    6.0
    """

    __slots__ = ("slot", "tape")

    def __init__(self, tape: Tape, slot: int) -> None:
        self.tape = tape
        self.slot = slot

    @property
    def value(self) -> Any:
        """The number itself."""
        return self.tape.values[self.slot]

    @property
    def example(self) -> Any:
        """The number itself, or another of the same shape and type."""
        return self.tape.examples[self.slot]

    @property
    def shape(self) -> tuple[int, ...]:
        """The length along each axis, () for a single number."""
        return shape_of(self.example)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return math.prod(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the entries."""
        example = self.example
        while example.__class__ is Variable:
            example = example.example
        dtype: np.dtype[Any] = np.result_type(example)
        return dtype

    def apply(self, operation: Any, operands: Sequence[Any], frame: FrameType) -> Variable:
        """Record an operation of any operands, of which this is one on the newest tape."""
        tape = self.tape
        if len(operands) == 1:
            written: list[Any] = [self.slot]
            values = [tape.values[self.slot]]
        else:
            written, values = _as_written(tape, operands, operation, frame)
        value = plain(operation(*values))
        if operation.__class__ is Elemental:
            left, right = written[0], written[1] if len(written) > 1 else None
        else:  # an array operation
            tape.has_arrays = True
            left, right = tuple(written), None
        made = record_row(tape, operation, left, right, value, frame)
        if operation.is_view:
            plugs.arrays.note_view(operation, operands[0], made)
        return made

    def apply_elemental(self, elemental: Elemental, operands: tuple[Any, ...]) -> Variable:
        """Record an elemental that was called with this number among its operands."""
        return record_elemental(elemental, operands, _getframe(2))

    # -- Python's protocols ----------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"Variable({value_of(self)!r})"

    def __str__(self) -> str:
        return str(value_of(self))

    def __format__(self, spec: str) -> str:
        return format(value_of(self), spec)

    # Two traced numbers that compare equal are still two rows of the trace.
    __hash__ = object.__hash__

    def __copy__(self, memo: Any = None) -> Any:
        return plugs.arrays.copied(self)

    __deepcopy__ = __copy__

    def __pos__(self) -> Any:
        return plugs.arrays.copied(self)

    def __bool__(self) -> bool:
        plugs.arrays.check_truth(self, _getframe(1))
        return bool(compare("!=", (self, 0.0), _getframe(1)))

    def __float__(self) -> NoReturn:
        raise plugs.advice.conversion_error("float", _getframe(1))

    def __int__(self) -> NoReturn:
        raise plugs.advice.conversion_error("int", _getframe(1))

    def __index__(self) -> NoReturn:
        raise plugs.advice.conversion_error("index", _getframe(1))

    def __complex__(self) -> NoReturn:
        raise plugs.advice.conversion_error("complex", _getframe(1))

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            raise UnsupportedOperationError(
                f"A traced number is a single number and cannot be iterated over: "
                f"{describe(_getframe(1))}. Pass a list or an array to trace each of its numbers."
            )
        return (self[k] for k in range(self.shape[0]))

    def __len__(self) -> int:
        if not self.shape:
            raise plugs.advice.no_rule("len", _getframe(1))
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        return plugs.arrays.apply_function(self, operator.getitem, (self, key), {}, _getframe(1))

    def __setitem__(self, key: Any, value: Any) -> None:
        plugs.arrays.set_item(self, key, value, _getframe(1))

    # -- NumPy's protocols -----------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        frame = _getframe(1)
        if method == "__call__" and not options:
            elemental = BY_UFUNC.get(ufunc)
            if elemental is not None and len(operands) == 1:
                return record_elemental(elemental, operands, frame)
            if any(o.__class__ is np.ndarray and o.dtype.kind == "O" for o in operands):
                entries = plugs.arrays.entry_by_entry(operands)
                if entries is not None:
                    return ufunc(*entries)
            if elemental is not None:
                return record_elemental(elemental, operands, frame)
            if ufunc in _COMPARISON_OF_UFUNC:
                outcome = compare(_COMPARISON_OF_UFUNC[ufunc], operands, frame)
                # NumPy's own bool: ~True of Python is -2, which is true.
                return np.bool_(outcome) if outcome.__class__ is bool else outcome
        return plugs.arrays.apply_ufunc(self, ufunc, method, operands, options, frame)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, options: Any
    ) -> Any:
        return plugs.arrays.apply_function(self, function, args, options, _getframe(1))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """Return an array of traced numbers, on which NumPy calls their own arithmetic."""
        return plugs.arrays.as_object_array(self, dtype, copy, _getframe(1))


# -- recording -----------------------------------------------------------------------------------


def value_of(number: Any) -> Any:
    """Return the plain number under any nesting of traced ones.

    Examples
    --------
    >>> value_of(2.0)
    2.0
    """
    while number.__class__ is Variable:
        number = number.value
    return number


def newest(operands: Sequence[Any]) -> Variable:
    """Return an operand on the tape of the innermost call that is being recorded."""
    traced = [operand for operand in operands if operand.__class__ is Variable]
    return traced[0] if len(traced) == 1 else max(traced, key=lambda number: number.tape.order)


def record(operation: Any, operands: Sequence[Any], frame: FrameType) -> Variable:
    """Record an operation of any operands on the newest tape among them."""
    for operand in operands:
        if operand.__class__ not in _NUMBERS:
            operands = [plugs.arrays.gathered(operand) for operand in operands]
            break
    number = operands[0] if len(operands) == 1 else newest(operands)
    made: Variable = number.apply(operation, operands, frame)
    return made


_NUMBERS = (Variable, float, int)


def record_elemental(elemental: Elemental, operands: Sequence[Any], frame: FrameType) -> Variable:
    """Record an elemental of as many operands as it takes.

    Raises
    ------
    UnsupportedOperationError
        If there are more or fewer, or one is no number.
    """
    if len(operands) != elemental.arity:
        raise UnsupportedOperationError(
            f"{elemental.name} takes {count_of(elemental.arity, 'operand')}, not {len(operands)}: "
            f"{describe(frame)}."
        )
    if elemental.kink is not None and any(map(_is_complex, operands)):
        made: Variable = plugs.arrays.of_complex(elemental, operands, frame)
        return made
    return record(elemental, operands, frame)


def _is_complex(operand: Any) -> bool:
    if operand.__class__ is Variable and not operand.tape.has_arrays:
        return False  # told at once
    return operand.__class__ is not float and is_complex(plugs.arrays.gathered(operand))


def record_row(
    tape: Tape, operation: Any, left: Any, right: Any, value: Any, frame: FrameType
) -> Variable:
    """Write the row of an operation that was called in a frame; return its number."""
    values = tape.values
    if tape.notes_places:
        tape.places.note(frame, len(values))
    new = _new(Variable)
    new.tape = tape
    new.slot = len(values)
    values.append(value)
    tape.elementals.append(operation)
    tape.left.append(left)
    tape.right.append(right)
    if tape.on_row is not None:
        tape.on_row(new.slot)
    return new


def _as_written(
    tape: Tape, operands: Sequence[Any], operation: Any, frame: FrameType
) -> tuple[list[Any], list[Any]]:
    """Return operands as a tape writes them, and as the numbers they are."""
    written: list[Any] = []
    values: list[Any] = []
    given = None
    for operand in operands:
        if operand.__class__ is Variable and operand.tape is tape:
            written.append(operand.slot)
            values.append(tape.values[operand.slot])
        else:
            if operand.__class__ is not float:
                given = operand
                operand = _constant(operand, tape, operation, frame)
            written.append(operand)
            values.append(operand)
    if given is not None and values[0].__class__ is not values[-1].__class__:
        for k, value in enumerate(values):
            if value.__class__ in (float, complex) and written[k].__class__ is value.__class__:
                written[k] = values[k] = promoted(value, operands[k], values)
    return written, values


def _constant(operand: Any, tape: Tape, operation: Any, frame: FrameType) -> Any:
    """Return an operand that is no row of a tape as its columns hold it."""
    constant = _number_or_array(operand, getattr(operation, "name", operation), frame)
    if isinstance(constant, (np.ndarray, complex, np.complexfloating)):
        return plugs.arrays.constant(tape, constant)
    if constant.__class__ is Variable and not is_single_float(constant):  # of an enclosing one
        tape.has_arrays = True
    return constant


def _number_or_array(operand: Any, name: str, frame: FrameType) -> Any:
    """Return a constant operand as it is recorded, or refuse what is no number and no array."""
    is_array = isinstance(operand, np.ndarray)
    if is_array and operand.ndim == 0:
        operand, is_array = operand[()], False
    if is_array and operand.dtype.kind in "fiubc":
        return operand
    if isinstance(operand, (float, complex, np.floating, np.complexfloating)):
        return plain(operand)  # float32 stays float32
    if operand.__class__ is Variable:
        return operand
    if isinstance(operand, (numbers.Real, np.bool_)):
        try:
            return float(operand)
        except OverflowError:
            raise UnsupportedOperationError(
                f"{name} met an integer too large for a float: {describe(frame)}."
            ) from None
    kind = f"an array of {operand.dtype}" if is_array else f"a {type(operand).__name__}"
    raise UnsupportedOperationError(
        f"{name} met a traced number and {kind}: {describe(frame)}. "
        f"{plain_instead(operand) or _WHAT_MEETS}."
    )


# -- decisions -----------------------------------------------------------------------------------


def decided(comparison: Any, operands: Sequence[Any]) -> Any:
    """Return the outcome of a comparison: "<", ..., "isnan", "isinf" or "isfinite".

    For arrays it is an array of bools. A comparison may also be a function, such as ``argmax`` of
    an array.

    Examples
    --------
    >>> decided("<", (1.0, 2.0)), decided("isnan", (1.0,)), decided("<", (1.0, np.arange(3.0)))
    (True, False, array([False, False,  True]))
    """
    values = [value_of(operand) for operand in operands]
    if not isinstance(comparison, str):
        return comparison(*values)
    of_numbers, of_arrays = COMPARISONS[comparison]
    if any(shape_of(value) != () for value in values):
        return of_arrays(*values)
    return bool(of_numbers(*values))


def compare(comparison: Any, operands: Sequence[Any], frame: FrameType) -> Any:
    """Return the plain outcome of a comparison and write it down as a decision.

    It is a decision of every tape that its operands belong to, the innermost first.
    """
    if comparison in ("==", "!=") and not all(_is_number(operand) for operand in operands):
        return comparison == "!="  # a number is not a string, None or a list
    operands = [
        _number_or_array(plugs.arrays.gathered(operand), str(comparison), frame)
        for operand in operands
    ]
    outcome = decided(comparison, operands)
    while any(operand.__class__ is Variable for operand in operands):
        tape = newest(operands).tape
        written, operands = _as_written(tape, operands, str(comparison), frame)
        tape.compare(comparison, tuple(written), outcome, frame)
    return outcome


def _is_number(operand: Any) -> bool:
    return operand.__class__ is Variable or isinstance(
        operand, (numbers.Number, np.bool_, np.ndarray)
    )


# -- operators -----------------------------------------------------------------------------------


def _binary(elemental: Elemental, is_reflected: bool) -> Callable[[Variable, Any], Variable]:
    """Make the method of an operator with two operands.

    Two numbers of one tape, or one and a constant, are what most programs have: they come first
    here, and their row is written in place, as a call would take a tenth of the time.
    """
    evaluate = elemental.evaluate

    def method(self: Variable, other: Any) -> Variable:
        tape, slot, kind = self.tape, self.slot, other.__class__
        values = tape.values
        operand: Any
        if kind is Variable and other.tape is tape:
            operand = other.slot
            number = values[operand]
        elif kind is float:
            operand = number = other
        elif kind is int and other.bit_length() <= _LONGEST_INT:
            operand = number = float(other)
        else:
            pair = (other, self) if is_reflected else (self, other)
            return record_elemental(elemental, pair, _getframe(1))
        if is_reflected:
            left, right, value = operand, slot, evaluate(number, values[slot])
        else:
            left, right, value = slot, operand, evaluate(values[slot], number)
        if tape.notes_places:
            tape.places.note(_getframe(1), len(values))
        new = _new(Variable)
        new.tape = tape
        new.slot = len(values)
        values.append(value)
        tape.elementals.append(elemental)
        tape.left.append(left)
        tape.right.append(right)
        if tape.on_row is not None:
            tape.on_row(new.slot)
        return new

    return method


def _in_place(operate: Callable[[Variable, Any], Any]) -> Callable[[Variable, Any], Any]:
    """Make the method of an operator like ``+=``: an array moves on, a number is a new one."""

    def method(self: Variable, other: Any) -> Any:
        new = operate(self, other)
        if self.tape.has_arrays and self.shape:
            moved: Variable = plugs.arrays.assign(self, new, _getframe(1))
            return moved
        return new

    return method


def _unary(elemental: Elemental) -> Callable[[Variable], Variable]:
    evaluate = elemental.evaluate

    def method(self: Variable) -> Variable:
        operand = self.value
        if operand.__class__ is not float:
            return record_elemental(elemental, (self,), _getframe(1))
        return record_row(self.tape, elemental, self.slot, None, evaluate(operand), _getframe(1))

    return method


def _comparison(symbol: str) -> Callable[[Variable, Any], Any]:
    return lambda self, other: compare(symbol, (self, other), _getframe(1))


def _by_function(function: Any, is_reflected: bool) -> Callable[[Variable, Any], Any]:
    def method(self: Variable, other: Any) -> Any:
        pair = (other, self) if is_reflected else (self, other)
        return plugs.arrays.apply_function(self, function, pair, {}, _getframe(1))

    return method


def _refused(symbol: str) -> Callable[..., NoReturn]:
    def method(self: Variable, *_: Any) -> NoReturn:
        raise plugs.advice.no_rule(symbol, _getframe(1))

    return method


class _ArrayAttribute:
    """An attribute or a method that NumPy's arrays have: ``x.T``, ``x.sum()``.

    Of every ufunc too: NumPy calls a method of that name on arrays of traced numbers.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, number: Variable | None, kind: type[Variable]) -> Any:
        if number is None:
            return self
        return plugs.arrays.attribute(number, self.name, _getframe(1))


_NEVER_TRACED = {
    "round": "round",
    "floor": "math.floor",
    "ceil": "math.ceil",
    "trunc": "math.trunc",
    "invert": "~",
    **dict.fromkeys(("and", "rand"), "&"),
    **dict.fromkeys(("or", "ror"), "|"),
    **dict.fromkeys(("xor", "rxor"), "^"),
    **dict.fromkeys(("lshift", "rlshift"), "<<"),
    **dict.fromkeys(("rshift", "rrshift"), ">>"),
}


def _add_operators() -> None:
    for name, elemental in OPERATORS.items():
        setattr(Variable, f"__{name}__", _binary(elemental, is_reflected=False))
        setattr(Variable, f"__r{name}__", _binary(elemental, is_reflected=True))
        setattr(Variable, f"__i{name}__", _in_place(_binary(elemental, is_reflected=False)))
    for elemental in (NEG, ABS):
        setattr(Variable, f"__{elemental.name}__", _unary(elemental))
    for symbol, (of_numbers, _) in COMPARISONS.items():
        if hasattr(operator, of_numbers.__name__):
            setattr(Variable, f"__{of_numbers.__name__}__", _comparison(symbol))
    for name, ufunc in (
        ("matmul", np.matmul),
        ("mod", np.remainder),
        ("floordiv", np.floor_divide),
        ("divmod", np.divmod),
    ):
        setattr(Variable, f"__{name}__", _by_function(ufunc, is_reflected=False))
        setattr(Variable, f"__r{name}__", _by_function(ufunc, is_reflected=True))
        setattr(Variable, f"__i{name}__", _in_place(_by_function(ufunc, is_reflected=False)))
    for name, symbol in _NEVER_TRACED.items():
        setattr(Variable, f"__{name}__", _refused(symbol))
    ufuncs = [name for name, member in vars(np).items() if isinstance(member, np.ufunc)]
    for name in (*dir(np.ndarray), *ufuncs):
        if not name.startswith("_") and not hasattr(Variable, name):
            setattr(Variable, name, _ArrayAttribute(name))


_add_operators()
