"""Variable: a number that records what is done to it."""

from __future__ import annotations

import math
import numbers
import operator
import sys
from collections.abc import Callable, Sequence
from sys import _getframe
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from adviz.core.advice import conversion_error, no_rule
from adviz.core.elementals import BY_UFUNC, ELEMENTALS, Elemental, plain
from adviz.core.errors import UnsupportedOperationError
from adviz.core.source import describe
from adviz.core.structure import count_of
from adviz.core.tape import Tape

__all__ = ["Variable", "apply_elemental", "decided", "value_of"]

_COMPARISONS: dict[str, Callable[..., Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "isnan": math.isnan,
    "isinf": math.isinf,
    "isfinite": math.isfinite,
}


def decided(comparison: str, operands: Sequence[Any]) -> bool:
    """Return the outcome of a comparison of numbers: "<", ..., "isnan", "isinf" or "isfinite".

    Examples
    --------
    >>> decided("<", (1.0, 2.0)), decided("isnan", (1.0,))
    (True, False)
    """
    return bool(_COMPARISONS[comparison](*(value_of(operand) for operand in operands)))


_COMPARISON_UFUNCS: dict[np.ufunc, str] = {
    np.less: "<",
    np.less_equal: "<=",
    np.equal: "==",
    np.not_equal: "!=",
    np.greater: ">",
    np.greater_equal: ">=",
    np.isnan: "isnan",
    np.isinf: "isinf",
    np.isfinite: "isfinite",
}

_new = object.__new__

_SAFE_BITS = sys.float_info.max_exp - 1
"""Of an int that surely fits a float."""


class Variable:
    """A number that records on a tape what is done to it.

    It behaves as the number it stands for in Python's arithmetic, in comparisons and in NumPy's
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

    tape: Tape
    slot: int

    def __init__(self, tape: Tape, slot: int) -> None:
        self.tape = tape
        self.slot = slot

    @property
    def value(self) -> Any:
        """The number itself."""
        return self.tape.values[self.slot]

    def __repr__(self) -> str:
        return f"Variable({value_of(self)!r})"

    def __str__(self) -> str:
        return str(value_of(self))

    def __format__(self, spec: str) -> str:
        return format(value_of(self), spec)

    # Two traced numbers that compare equal are still two rows of the trace.
    __hash__ = object.__hash__

    def __pos__(self) -> Variable:
        return self

    def __copy__(self) -> Variable:
        return self

    def __deepcopy__(self, memo: Any) -> Variable:
        return self

    def __bool__(self) -> bool:
        return _compare("!=", (self, 0.0), _getframe(1))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        frame = _getframe(1)
        name = ufunc.__name__
        if method != "__call__":
            raise UnsupportedOperationError(
                f"np.{name}.{method} does not trace: {describe(frame)}. Write the loop out."
            )
        if options:
            raise UnsupportedOperationError(
                f"np.{name} with {', '.join(f'{key}=' for key in options)} does not trace: "
                f"{describe(frame)}. Write a new variable for the result instead."
            )
        if ufunc in BY_UFUNC:
            return apply_elemental(BY_UFUNC[ufunc], operands, frame)
        if ufunc in _COMPARISON_UFUNCS:
            return _compare(_COMPARISON_UFUNCS[ufunc], operands, frame)
        raise no_rule(f"np.{name}", frame)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> NoReturn:
        raise no_rule(f"np.{function.__name__}", _getframe(1))

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise UnsupportedOperationError(
            f"A traced number cannot be put into a NumPy array: {describe(_getframe(1))}. "
            "Keep traced numbers in a list or a tuple, and add them up with sum() or a loop."
        )

    def apply_elemental(self, elemental: Elemental, operands: tuple[Any, ...]) -> Variable:
        """Record an elemental that was called with this number among its operands."""
        return apply_elemental(elemental, operands, _getframe(2))

    def __float__(self) -> NoReturn:
        raise conversion_error("float", _getframe(1))

    def __int__(self) -> NoReturn:
        raise conversion_error("int", _getframe(1))

    def __index__(self) -> NoReturn:
        raise conversion_error("index", _getframe(1))

    def __complex__(self) -> NoReturn:
        raise conversion_error("complex", _getframe(1))

    def __iter__(self) -> NoReturn:
        raise UnsupportedOperationError(
            f"A traced number is a single number and cannot be iterated over: "
            f"{describe(_getframe(1))}. Pass a list to trace each of its numbers."
        )

    def __getitem__(self, key: Any) -> NoReturn:
        raise UnsupportedOperationError(
            f"A traced number is a single number and cannot be indexed: "
            f"{describe(_getframe(1))}. Pass a list to trace each of its numbers."
        )


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


def constant_operand(operand: Any, name: str, frame: FrameType) -> Any:
    """Return what a constant operand is recorded as, or refuse what is not a real number."""
    if isinstance(operand, np.ndarray) and operand.ndim == 0:
        operand = operand[()]
    if operand.__class__ is float or operand.__class__ is Variable:
        return operand
    if isinstance(operand, np.floating):
        return plain(operand)  # float32 stays float32
    if isinstance(operand, (numbers.Real, np.bool_)):
        try:
            return float(operand)
        except OverflowError:
            raise UnsupportedOperationError(
                f"{name} met an integer too large for a float: {describe(frame)}."
            ) from None
    kind = "an array" if isinstance(operand, np.ndarray) else f"a {type(operand).__name__}"
    raise UnsupportedOperationError(
        f"{name} met a traced number and {kind}: {describe(frame)}. "
        "Use a float, an int or another traced number."
    )


def apply_elemental(elemental: Elemental, operands: tuple[Any, ...], frame: FrameType) -> Variable:
    """Record an elemental of any operands on the newest tape among them."""
    if len(operands) != elemental.arity:
        raise UnsupportedOperationError(
            f"{elemental.name} takes {count_of(elemental.arity, 'operand')}, not {len(operands)}: "
            f"{describe(frame)}."
        )
    tape = newest_tape(operands)
    recorded, values = _as_written(operands, tape, elemental.name, frame)
    right = recorded[1] if len(recorded) == 2 else None
    return Variable(tape, tape.record(elemental, recorded[0], right, elemental(*values), frame))


def newest_tape(operands: Sequence[Any]) -> Tape:
    """Return the tape of the innermost call that is being recorded."""
    tapes = [operand.tape for operand in operands if operand.__class__ is Variable]
    return tapes[0] if len(tapes) == 1 else max(tapes, key=lambda tape: tape.order)


def _as_written(
    operands: Sequence[Any], tape: Tape, name: str, frame: FrameType
) -> tuple[list[Any], list[Any]]:
    """Return operands as a tape writes them, and the numbers they stand for there."""
    recorded, values = [], []
    for operand in operands:
        if operand.__class__ is Variable and operand.tape is tape:
            recorded.append(operand.slot)
            values.append(tape.values[operand.slot])
        else:
            constant = constant_operand(operand, name, frame)
            recorded.append(constant)
            values.append(constant)
    return recorded, values


def _binary(elemental: Elemental) -> Callable[[Variable, Any], Variable]:
    """Make the operator method of an elemental with two operands, self being the left one.

    What most programs do, two numbers of one tape or one and a constant, is met first, and
    recorded in place as :meth:`Tape.record` does it: a call would cost a tenth of the time.
    """
    evaluate = elemental.evaluate

    def method(self: Variable, other: Any) -> Variable:
        tape = self.tape
        left = self.slot
        values = tape.values
        right: Any
        if other.__class__ is Variable and other.tape is tape:
            right = other.slot
            value = evaluate(values[left], values[right])
        elif other.__class__ is float:
            right = other
            value = evaluate(values[left], right)
        elif other.__class__ is int and other.bit_length() <= _SAFE_BITS:
            right = float(other)
            value = evaluate(values[left], right)
        else:
            return apply_elemental(elemental, (self, other), _getframe(1))
        frame = _getframe(1)
        if frame is not tape.frame:
            frame = tape.enter(frame)
        new = _new(Variable)
        new.tape = tape
        new.slot = len(values)
        values.append(value)
        tape.elementals.append(elemental)
        tape.left.append(left)
        tape.right.append(right)
        tape.instructions.append(frame.f_lasti)
        if tape.on_row is not None:
            tape.on_row(new.slot)
        return new

    return method


def _reflected(elemental: Elemental) -> Callable[[Variable, Any], Variable]:
    """Make the operator method for a constant on the left."""
    evaluate = elemental.evaluate

    def method(self: Variable, other: Any) -> Variable:
        if other.__class__ is float:
            left = other
        elif other.__class__ is int and other.bit_length() <= _SAFE_BITS:
            left = float(other)
        else:
            return apply_elemental(elemental, (other, self), _getframe(1))
        tape = self.tape
        right = self.slot
        values = tape.values
        value = evaluate(left, values[right])
        frame = _getframe(1)
        if frame is not tape.frame:
            frame = tape.enter(frame)
        new = _new(Variable)
        new.tape = tape
        new.slot = len(values)
        values.append(value)
        tape.elementals.append(elemental)
        tape.left.append(left)
        tape.right.append(right)
        tape.instructions.append(frame.f_lasti)
        if tape.on_row is not None:
            tape.on_row(new.slot)
        return new

    return method


def _unary(elemental: Elemental) -> Callable[[Variable], Variable]:
    evaluate = elemental.evaluate

    def method(self: Variable) -> Variable:
        tape, slot = self.tape, self.slot
        value = evaluate(tape.values[slot])
        return Variable(tape, tape.record(elemental, slot, None, value, _getframe(1)))

    return method


def _comparison(symbol: str) -> Callable[[Variable, Any], bool]:
    def method(self: Variable, other: Any) -> bool:
        return _compare(symbol, (self, other), _getframe(1))

    return method


for _method, _name in (
    ("add", "add"),
    ("sub", "sub"),
    ("mul", "mul"),
    ("truediv", "div"),
    ("pow", "pow"),
):
    setattr(Variable, f"__{_method}__", _binary(ELEMENTALS[_name]))
    setattr(Variable, f"__r{_method}__", _reflected(ELEMENTALS[_name]))
for _method in ("neg", "abs"):
    setattr(Variable, f"__{_method}__", _unary(ELEMENTALS[_method]))
for _method, _symbol in (
    ("lt", "<"),
    ("le", "<="),
    ("eq", "=="),
    ("ne", "!="),
    ("gt", ">"),
    ("ge", ">="),
):
    setattr(Variable, f"__{_method}__", _comparison(_symbol))


def _without_rule(name: str) -> Callable[..., NoReturn]:
    def method(self: Variable, *_: Any) -> NoReturn:
        raise no_rule(name, _getframe(1))

    return method


for _method, _name in (
    ("mod", "%"),
    ("rmod", "%"),
    ("divmod", "divmod"),
    ("rdivmod", "divmod"),
    ("floordiv", "//"),
    ("rfloordiv", "//"),
    ("matmul", "@"),
    ("rmatmul", "@"),
    ("round", "round"),
    ("floor", "math.floor"),
    ("ceil", "math.ceil"),
    ("trunc", "math.trunc"),
    ("and", "&"),
    ("rand", "&"),
    ("or", "|"),
    ("ror", "|"),
    ("xor", "^"),
    ("rxor", "^"),
    ("invert", "~"),
    ("lshift", "<<"),
    ("rshift", ">>"),
    ("len", "len"),
):
    setattr(Variable, f"__{_method}__", _without_rule(_name))


def _compare(comparison: str, operands: Sequence[Any], frame: FrameType) -> bool:
    """Return the plain outcome of a comparison and write it down as a decision.

    It is a decision of every tape that its operands belong to, the innermost first.
    """
    if comparison in ("==", "!=") and not all(_is_number(operand) for operand in operands):
        return comparison == "!="  # a number is not a string, None or a list
    operands = [constant_operand(operand, comparison, frame) for operand in operands]
    outcome = decided(comparison, operands)
    while any(operand.__class__ is Variable for operand in operands):
        tape = newest_tape(operands)
        recorded, operands = _as_written(operands, tape, comparison, frame)
        tape.compare(comparison, tuple(recorded), outcome, frame)
    return outcome


def _is_number(operand: Any) -> bool:
    return operand.__class__ is Variable or isinstance(
        operand, (numbers.Real, np.bool_, np.ndarray)
    )
