"""Variable: a number that records what is done to it."""

from __future__ import annotations

import math
import numbers
import operator
import re
from collections.abc import Callable, Sequence
from sys import _getframe
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from adviz.core.elementals import BY_UFUNC, ELEMENTALS, Elemental, plain
from adviz.core.errors import ConversionError, UnsupportedOperationError
from adviz.core.source import locate
from adviz.core.tape import Tape, describe, user_frame

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
        raise _no_rule(f"np.{name}", frame)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> NoReturn:
        raise _no_rule(f"np.{function.__name__}", _getframe(1))

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise UnsupportedOperationError(
            f"A traced number cannot be put into a NumPy array: {describe(_getframe(1))}. "
            "Keep traced numbers in a list or a tuple."
        )

    def apply_elemental(self, elemental: Elemental, operands: tuple[Any, ...]) -> Variable:
        """Record an elemental that was called with this number among its operands."""
        return apply_elemental(elemental, operands, _getframe(2))

    def __float__(self) -> NoReturn:
        raise _conversion("float")

    def __int__(self) -> NoReturn:
        raise _conversion("int")

    def __index__(self) -> NoReturn:
        raise _conversion("index")

    def __complex__(self) -> NoReturn:
        raise _conversion("complex")

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
            f"{elemental.name} takes {elemental.arity} operands, not {len(operands)}: "
            f"{describe(frame)}."
        )
    operands = tuple(constant_operand(operand, elemental.name, frame) for operand in operands)
    tape = newest_tape(operands)
    recorded, values = _split(operands, tape)
    left, right = recorded if len(recorded) == 2 else (recorded[0], None)
    return Variable(tape, tape.record(elemental, left, right, elemental(*values), frame))


def newest_tape(operands: tuple[Any, ...]) -> Tape:
    """Return the tape of the innermost call that is being recorded."""
    tapes = [operand.tape for operand in operands if operand.__class__ is Variable]
    return max(tapes, key=lambda tape: tape.order)


def _binary(elemental: Elemental) -> Callable[[Variable, Any], Variable]:
    """Make the operator method of an elemental with two operands, self being the left one.

    What most programs do, two numbers of one tape or one and a float, is met first.
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
            value = evaluate(values[left], other)
        else:
            return apply_elemental(elemental, (self, other), _getframe(1))
        new = _new(Variable)
        new.tape = tape
        new.slot = tape.record(elemental, left, right, value, _getframe(1))
        return new

    return method


def _reflected(elemental: Elemental) -> Callable[[Variable, Any], Variable]:
    """Make the operator method for a constant on the left, a float first."""
    evaluate = elemental.evaluate

    def method(self: Variable, other: Any) -> Variable:
        if other.__class__ is not float:
            return apply_elemental(elemental, (other, self), _getframe(1))
        tape = self.tape
        right = self.slot
        new = _new(Variable)
        new.tape = tape
        new.slot = tape.record(
            elemental, other, right, evaluate(other, tape.values[right]), _getframe(1)
        )
        return new

    return method


def _unary(elemental: Elemental) -> Callable[[Variable], Variable]:
    def method(self: Variable) -> Variable:
        return apply_elemental(elemental, (self,), _getframe(1))

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
        raise _no_rule(name, _getframe(1))

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
):
    setattr(Variable, f"__{_method}__", _without_rule(_name))


def _compare(comparison: str, operands: tuple[Any, ...], frame: FrameType) -> bool:
    """Return the plain outcome of a comparison and write it down as a decision.

    It is a decision of every tape that its operands belong to, the innermost first.
    """
    if comparison in ("==", "!=") and not all(_is_number(operand) for operand in operands):
        return comparison == "!="  # a number is not a string, None or a list
    operands = tuple(constant_operand(operand, comparison, frame) for operand in operands)
    outcome = decided(comparison, operands)
    while any(operand.__class__ is Variable for operand in operands):
        tape = newest_tape(operands)
        recorded, operands = _split(operands, tape)
        tape.compare(comparison, recorded, outcome, frame)
    return outcome


def _split(operands: tuple[Any, ...], tape: Tape) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return the operands as a tape writes them, and as the numbers they stand for there."""
    mine = [operand.__class__ is Variable and operand.tape is tape for operand in operands]
    recorded = tuple(o.slot if own else o for o, own in zip(operands, mine, strict=True))
    values = tuple(o.value if own else o for o, own in zip(operands, mine, strict=True))
    return recorded, values


def _is_number(operand: Any) -> bool:
    return operand.__class__ is Variable or isinstance(
        operand, (numbers.Real, np.bool_, np.ndarray)
    )


_MATH_CALL = re.compile(r"\bmath\.(\w+)\s*\(")

_INSTEAD = {
    "float": "Leave the traced number as it is: it works wherever a float does",
    "int": "Take int() of a plain number before the traced part, or branch with comparisons",
    "index": "Count, index and range with plain ints: pass them outside the traced arguments",
    "complex": "Trace the real and the imaginary part as two numbers",
}


def _conversion(to: str) -> ConversionError:
    frame = user_frame(_getframe(2))
    source = locate(frame.f_code, frame.f_lasti)
    call = _MATH_CALL.search(source.text)
    if call:
        ufunc = getattr(np, call[1], None)
        row = BY_UFUNC.get(ufunc) if isinstance(ufunc, np.ufunc) else None
        instead = (
            f"Write np.{row.ufunc.__name__}(...) instead of math.{call[1]}(...)"
            if row is not None and row.ufunc is not None
            else f"math.{call[1]} works on plain floats only; use a NumPy function that"
            f" adviz has a row for ({_rows()})"
        )
        return ConversionError(f"math.{call[1]} met a traced number: {source}. {instead}.")
    what = "an index" if to == "index" else f"{to}()"
    return ConversionError(
        f"A traced number was turned into a plain one by {what}, which would lose its derivative: "
        f"{source}. {_INSTEAD[to]}."
    )


_ALTERNATIVES = {
    "%": "Subtract a multiple chosen by comparisons: x - n * k",
    "//": "Divide with / instead",
    "@": "Sum the products: sum(a * b for a, b in zip(u, v))",
    "round": "Round the result outside the traced function",
    "np.sum": "Use Python's sum() on a list",
    "np.dot": "Sum the products: sum(a * b for a, b in zip(u, v))",
}


def _no_rule(name: str, frame: FrameType) -> UnsupportedOperationError:
    instead = _ALTERNATIVES.get(
        name, f"Write it with operations that have one ({_rows()}), or add it with ad.define"
    )
    return UnsupportedOperationError(
        f"{name} met a traced number and has no derivative rule: {describe(frame)}. {instead}."
    )


def _rows() -> str:
    return ", ".join(row.ufunc.__name__ for row in ELEMENTALS.values() if row.ufunc is not None)
