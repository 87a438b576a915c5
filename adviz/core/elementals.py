"""THE table: every elementary operation beside its local partials.

A row says how an operation is evaluated and what its partials are, as ordinary arithmetic over
whatever number it is given: floats compute, traced numbers are differentiated again, symbols give
the formula that a table prints. Adding an operation is adding one row, here or with
:func:`~adviz.core.definitions.define`.

Choices at kinks and ties, where no derivative exists:

=================  ==============================================================
``abs``, ``sign``  slope 0 at 0 (``np.sign(0)`` is 0; ``sign`` has slope 0 everywhere)
``maximum``        one half to each operand at a tie, so that the partials sum to 1
``minimum``        likewise
``relu``           slope 0 at 0
``a ** b``         slope 0 in a where b = 0, slope 0 in b where a = 0 and b >= 0
=================  ==============================================================

Where a slope is infinite (``sqrt`` at 0) or a quotient 0/0 (``hypot`` at the origin), infinity and
NaN are recorded: they are shown, not hidden.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from adviz.core.arrays import is_complex
from adviz.host import checks
from adviz.host.arguments import check_numbers

__all__ = [
    "ABS",
    "ADD",
    "BY_UFUNC",
    "CONSTANT",
    "DIV",
    "ELEMENTALS",
    "MUL",
    "NEG",
    "OPERATORS",
    "POW",
    "SIGN",
    "SUB",
    "Elemental",
    "ExactConstant",
    "divide",
    "logistic",
    "plain",
    "power",
    "reads_textbook",
    "relu",
]

Number = Any
"""Anything the arithmetic of a row works on: a float, a traced number, a symbol, ..."""

Layout = Literal["function", "infix", "prefix", "fraction", "power", "root", "bars", "constant"]


class ExactConstant(float):
    """A logarithm known exactly, of which the float is the nearest one: ln 2, ln 10.

    Examples
    --------
    >>> LN2.symbol, LN2 + 0
    ('ln 2', 0.6931471805599453)
    """

    argument: int
    symbol: str

    def __new__(cls, argument: int) -> ExactConstant:
        """Make the natural logarithm of a whole number."""
        self = super().__new__(cls, math.log(argument))
        self.argument = argument
        self.symbol = f"ln {argument}"
        return self


LN2 = ExactConstant(2)
LN10 = ExactConstant(10)


class Elemental:
    """An elementary operation and its local partials: one row of the table.

    Calling it applies it: to floats it computes, a traced number records it.

    Parameters
    ----------
    name : str
        The name in the table, a Python identifier.
    evaluate : callable
        The operation; a NumPy ufunc here is also recognised when the user calls it.
    partials : tuple of callables
        ``partials[k](*operands, v)`` is the partial derivative with respect to operand k, where
        v is the operation's own value. One for each operand: only those that are asked for are
        computed, so ``x ** 3`` never takes the logarithm of x.
    symbol : str, optional
        How a formula and a graph write it; the name where none is given.
    layout : str, optional
        How a formula sets it: ``"function"``, ``"infix"``, ``"prefix"``, ``"fraction"``,
        ``"power"``, ``"root"``, ``"bars"`` or ``"constant"``.
    ufunc : numpy.ufunc, optional
        The NumPy function that means this operation, where ``evaluate`` is not one itself.
    shown_as : callable, optional
        The same operation in terms of others, for formulas: ``square`` is shown as a power.
    kink : tuple of a callable and str, optional
        Whether operands lie where no derivative exists, and the choice that is made there:
        ``"kink"`` and ``"jump"``, slope 0 at 0; ``"tie"``, one half each; or a sentence.
    expanded : callable, optional
        The same operation in terms of arithmetic and functions that every system knows, where
        neither ``shown_as`` nor ``evaluate`` says it.
    **names : str
        What others call it: ``sympy=`` the computer algebra systems, ``python=`` an operator or
        function of the language, and a system by its own name where that differs.

    Examples
    --------
    >>> ELEMENTALS["mul"](3.0, -4.0)
    -12.0
    >>> [partial(3.0, -4.0, -12.0) for partial in ELEMENTALS["mul"].partials]
    [-4.0, 3.0]
    """

    is_view = False

    def __init__(
        self,
        name: str,
        evaluate: Callable[..., Number],
        partials: tuple[Callable[..., Number], ...],
        symbol: str | None = None,
        layout: Layout = "function",
        ufunc: np.ufunc | None = None,
        shown_as: Callable[..., Number] | None = None,
        kink: tuple[Callable[..., bool], str] | None = None,
        expanded: Callable[..., Number] | None = None,
        **names: str,
    ) -> None:
        checks.row(evaluate, partials)
        self.name = name
        self.evaluate = evaluate
        self.partials = partials
        self.arity = len(partials)
        self.symbol = name if symbol is None else symbol
        self.layout: Layout = layout
        self.ufunc = evaluate if isinstance(evaluate, np.ufunc) else ufunc
        self.shown_as = shown_as
        self.kink = kink
        self.expanded = expanded
        self.names = names
        self.may_change = False  # what a user's own partials read: a global, a setting

    def __call__(self, *operands: Number) -> Number:
        """Apply the operation: to floats it computes, a traced number records it."""
        for operand in operands:
            if operand.__class__ not in (float, np.ndarray) and hasattr(operand, "apply_elemental"):
                return operand.apply_elemental(self, operands)
        try:
            return plain(self.evaluate(*operands))
        except (TypeError, ValueError, OverflowError) as error:
            check_numbers(f"What {self.name} is given", operands, error)
            raise

    def __repr__(self) -> str:
        return f"<elemental {self.name}>"


def plain(value: Number) -> Number:
    """Return Python's number for NumPy's of double precision, and anything else as it is.

    Examples
    --------
    >>> plain(np.float64(0.5)), plain(np.complex128(1j)), plain(np.float32(0.5))
    (0.5, 1j, np.float32(0.5))
    """
    return value.item() if value.__class__ in _DOUBLES else value


_DOUBLES: frozenset[Any] = frozenset({np.float64, np.complex128})


def divide(a: Number, b: Number) -> Number:
    """Return a / b, also by 0: infinity and NaN are recorded, not raised.

    Examples
    --------
    >>> with np.errstate(divide="ignore"):
    ...     divide(1.0, 0.0)
    inf
    """
    try:
        return a / b
    except ZeroDivisionError:  # of Python's numbers
        return plain(np.divide(a, b))


def power(a: Number, b: Number) -> Number:
    """Return a ** b, which is NaN where Python leaves the reals.

    Examples
    --------
    >>> with np.errstate(all="ignore"):
    ...     power(0.0, -1.0), power(10.0, 400.0), power(-1.0, 0.5)
    (inf, inf, nan)
    """
    try:
        value = a**b
    except (ZeroDivisionError, OverflowError):
        return plain(np.float_power(a, b))
    return math.nan if is_complex(value) and not (is_complex(a) or is_complex(b)) else value


def reads_textbook(*numbers: Number) -> bool:
    """Return whether numbers are symbols, have many digits, or are complex.

    They get the textbook's formula where floats get another one, because squares overflow, digits
    cancel, or a quotient is 0/0.
    """
    return any(getattr(n, "reads_textbook", False) or is_complex(n) for n in numbers)


def _length(a: Number, b: Number) -> Number:
    """√(a² + b²), of floats whose squares may overflow."""
    return np.sqrt(a * a + b * b) if reads_textbook(a, b) else np.hypot(a, b)


def _over_squares(c: Number, a: Number, b: Number) -> Number:
    """c / (a² + b²), of floats whose squares may overflow."""
    if reads_textbook(a, b):
        return divide(c, a * a + b * b)
    return divide(divide(c, np.hypot(a, b)), np.hypot(a, b))


def _less_one(b: Number) -> Number:
    """b - 1, or 0 where b is 0, so that b a^(b-1) is the slope 0 of a^0 even at a = 0."""
    if b.__class__ is np.ndarray:
        return np.where(b == 0, b, b - 1)
    return b if _is_zero(b) else b - 1


def _nonzero(a: Number) -> Number:
    """a, or 1 where a is 0, so that a^b ln a is 0 there and not NaN."""
    if a.__class__ is np.ndarray:
        return np.where(a == 0, a.dtype.type(1), a)
    return 1.0 if _is_zero(a) else a


def _is_zero(number: Number) -> bool:
    """Whether it is the plain number 0: a symbol, or a number being traced, is not."""
    return not hasattr(number, "apply_elemental") and bool(number == 0)


def _larger(a: Number, b: Number, v: Number) -> Number:
    """Return 1 where a is larger than b, 0 where b is, and one half at a tie."""
    return (1 + np.sign(a - b)) / 2


def _smaller(a: Number, b: Number, v: Number) -> Number:
    """Return 1 where a is smaller than b, 0 where b is, and one half at a tie."""
    return (1 + np.sign(b - a)) / 2


_AT_ZERO = (operator.not_, "kink")
_AT_A_TIE = (operator.eq, "tie")

ELEMENTALS: dict[str, Elemental] = {
    row.name: row
    for row in (
        # arithmetic
        Elemental(
            "add",
            operator.add,
            (lambda a, b, v: 1.0, lambda a, b, v: 1.0),
            "+",
            "infix",
            np.add,
            python="+",
        ),
        Elemental(
            "sub",
            operator.sub,
            (lambda a, b, v: 1.0, lambda a, b, v: -1.0),
            "−",
            "infix",
            np.subtract,
            python="-",
        ),
        Elemental(
            "mul",
            operator.mul,
            (lambda a, b, v: b, lambda a, b, v: a),
            "×",
            "infix",
            np.multiply,
            python="*",
        ),
        Elemental(
            "div",
            divide,
            (lambda a, b, v: divide(1, b), lambda a, b, v: divide(-v, b)),
            "÷",
            "fraction",
            np.divide,
            python="/",
        ),
        Elemental(
            "pow",
            power,
            (
                lambda a, b, v: b * power(a, _less_one(b)),
                lambda a, b, v: v * np.log(_nonzero(a) + 0j if is_complex(b) else _nonzero(a)),
            ),
            "^",
            "power",
            np.power,
            python="**",
        ),
        Elemental(
            "neg", operator.neg, (lambda a, v: -1.0,), "−", "prefix", np.negative, python="-"
        ),
        Elemental(
            "abs",
            operator.abs,
            (lambda a, v: np.sign(a),),
            "| |",
            "bars",
            np.absolute,
            kink=_AT_ZERO,
            python="abs",
            sympy="Abs",
        ),
        # powers and roots
        Elemental("sqrt", np.sqrt, (lambda a, v: divide(1, 2 * v),), "√", "root", sympy="sqrt"),
        Elemental("square", np.square, (lambda a, v: 2 * a,), "²", shown_as=lambda a: a**2),
        Elemental(
            "reciprocal", np.reciprocal, (lambda a, v: -(v * v),), "1/", shown_as=lambda a: 1 / a
        ),
        Elemental(
            "hypot",
            np.hypot,
            (lambda a, b, v: divide(a, v), lambda a, b, v: divide(b, v)),
            expanded=lambda a, b: np.sqrt(a * a + b * b),
        ),
        # exponentials and logarithms
        Elemental("exp", np.exp, (lambda a, v: v,), sympy="exp"),
        Elemental("expm1", np.expm1, (lambda a, v: np.exp(a),), expanded=lambda a: np.exp(a) - 1),
        Elemental("exp2", np.exp2, (lambda a, v: v * LN2,), shown_as=lambda a: 2**a),
        Elemental("log", np.log, (lambda a, v: divide(1, a),), "ln", sympy="log"),
        Elemental(
            "log1p", np.log1p, (lambda a, v: divide(1, 1 + a),), expanded=lambda a: np.log(1 + a)
        ),
        Elemental(
            "log2", np.log2, (lambda a, v: divide(1, a * LN2),), expanded=lambda a: np.log(a) / LN2
        ),
        Elemental(
            "log10",
            np.log10,
            (lambda a, v: divide(1, a * LN10),),
            expanded=lambda a: np.log(a) / LN10,
        ),
        # trigonometric functions and their inverses
        Elemental("sin", np.sin, (lambda a, v: np.cos(a),), sympy="sin"),
        Elemental("cos", np.cos, (lambda a, v: -np.sin(a),), sympy="cos"),
        Elemental("tan", np.tan, (lambda a, v: 1 + v * v,), sympy="tan"),
        Elemental(
            "arcsin",
            np.arcsin,
            (lambda a, v: divide(1, np.sqrt((1 - a) * (1 + a))),),
            sympy="asin",
        ),
        Elemental(
            "arccos",
            np.arccos,
            (lambda a, v: divide(-1, np.sqrt((1 - a) * (1 + a))),),
            sympy="acos",
        ),
        Elemental("arctan", np.arctan, (lambda a, v: divide(1, 1 + a * a),), sympy="atan"),
        Elemental(
            "arctan2",
            np.arctan2,
            (lambda a, b, v: _over_squares(b, a, b), lambda a, b, v: _over_squares(-a, a, b)),
            sympy="atan2",
        ),
        # hyperbolic functions and their inverses
        Elemental("sinh", np.sinh, (lambda a, v: np.cosh(a),), sympy="sinh"),
        Elemental("cosh", np.cosh, (lambda a, v: np.sinh(a),), sympy="cosh"),
        Elemental("tanh", np.tanh, (lambda a, v: 1 - v * v,), sympy="tanh"),
        Elemental("arcsinh", np.arcsinh, (lambda a, v: divide(1, _length(a, 1)),), sympy="asinh"),
        Elemental(
            "arccosh",
            np.arccosh,
            (lambda a, v: divide(1, np.sqrt(a - 1) * np.sqrt(a + 1)),),
            sympy="acosh",
        ),
        Elemental(
            "arctanh", np.arctanh, (lambda a, v: divide(1, (1 - a) * (1 + a)),), sympy="atanh"
        ),
        # kinks and ties: the choices are in this module's docstring
        Elemental(
            "sign",
            np.sign,
            (lambda a, v: 0.0,),
            kink=(operator.not_, "jump"),
            sympy="sign",
            maxima="signum",
            pytensor="sgn",
        ),
        Elemental("maximum", np.maximum, (_larger, _smaller), "max", kink=_AT_A_TIE, sympy="Max"),
        Elemental("minimum", np.minimum, (_smaller, _larger), "min", kink=_AT_A_TIE, sympy="Min"),
        # two operations as a user would add them
        Elemental("logistic", lambda a: 1 / (1 + np.exp(-a)), (lambda a, v: v * (1 - v),), "σ"),
        Elemental("relu", lambda a: np.maximum(a, 0.0), (lambda a, v: np.sign(v),), kink=_AT_ZERO),
        # an output that depends on nothing
        Elemental("constant", lambda: None, (), "constant", "constant"),
    )
}

logistic = ELEMENTALS["logistic"]
relu = ELEMENTALS["relu"]
CONSTANT = ELEMENTALS["constant"]
ADD, SUB, MUL, DIV, POW, NEG, ABS, SIGN = (
    ELEMENTALS[name] for name in ("add", "sub", "mul", "div", "pow", "neg", "abs", "sign")
)

OPERATORS: dict[str, Elemental] = {"add": ADD, "sub": SUB, "mul": MUL, "truediv": DIV, "pow": POW}
"""The rows of Python's operators with two operands, by their methods: ``__add__``, ..."""


BY_UFUNC: dict[np.ufunc, Elemental] = {
    row.ufunc: row for row in ELEMENTALS.values() if row.ufunc is not None
}
"""The same rows, by the NumPy function that means each."""
