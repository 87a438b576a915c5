"""Numbers of many digits in place of floats, in which a trace is replayed.

An elemental can be evaluated on numbers of any type. Here they are mpmath's, or python-flint's
balls, intervals that are guaranteed to contain the exact value.
"""

from __future__ import annotations

import copyreg
import functools
import operator
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from adviz.core.elementals import BY_UFUNC, ExactConstant
from adviz.host.errors import MissingPackageError, UnsupportedOperationError

__all__ = ["Ball", "Precise", "context", "more_digits", "parts"]

_ORDERS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
}
_OPPOSITES = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@functools.cache
def context() -> Any:
    """Return a separate mpmath context: setting its precision changes no other code's."""
    import mpmath

    made = mpmath.MPContext()
    copyreg.pickle(made.mpf, _reduced)
    return made


def _reduced(number: Any) -> tuple[Any, ...]:
    """Pickle a number by its parts: the class of a context of one's own has no name to load."""
    return _of_parts, (*map(int, number._mpf_),)


def _of_parts(*parts: int) -> Any:
    return context().make_mpf(parts)


class Precise:
    """An mpmath number that NumPy's functions accept.

    Examples
    --------
    >>> with context().workdps(30):
    ...     print(np.exp(Precise.of(1.0)).number)
    2.71828182845904523536028747135
    """

    __slots__ = ("number",)
    reads_textbook = True  # of two formulas for a partial, not the one made for floats
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, number: Any) -> None:
        self.number = number

    @classmethod
    def of(cls, value: Any) -> Self:
        """Return the exact value of a float, an int or an mpmath number."""
        return cls(cls._exactly(value))

    @staticmethod
    def _exactly(value: Any) -> Any:
        """Return a number of any type as an exact mpmath number."""
        if isinstance(value, Precise):
            return value.number
        if isinstance(value, ExactConstant):
            return context().log(value.argument)
        if isinstance(value, np.longdouble):
            high = float(value)
            return context().mpf(high) + float(value - np.longdouble(high))
        if isinstance(value, np.floating):
            return context().mpf(float(value))
        return context().convert(value)

    def _result(self, number: Any, *operands: Any) -> Self:
        """Return a result as a number of this class; NaN if real operands give a complex one."""
        mpc = context().mpc
        if number.__class__ is mpc and not any(operand.__class__ is mpc for operand in operands):
            number = context().nan
        return type(self)(number)

    def _function_named(self, name: str) -> Callable[..., Any] | None:
        """Return mpmath's function with this name."""
        function = getattr(context(), name, None)
        return function if callable(function) else None

    def _quotient(self, a: Any, b: Any) -> Any:
        if b == 0:
            c = context()
            return c.nan if a == 0 or c.isnan(a) else c.inf * c.sign(a)
        return a / b

    def _power(self, a: Any, b: Any) -> Any:
        return context().inf if a == 0 and b < 0 else a**b

    def apply(self, ufunc: np.ufunc, operands: tuple[Any, ...]) -> Any:
        """Return a NumPy function of operands, at least one of them of this class."""
        row, name = BY_UFUNC.get(ufunc), ufunc.__name__
        names = row.names if row is not None else {}
        function = self._function_named(names.get("mpmath", names.get("sympy", name)))
        if function is None:
            if row is not None and row.expanded is not None:
                return row.expanded(*operands)
            package = "np" if hasattr(np, name) else "scipy.special"
            raise UnsupportedOperationError(f"{package}.{name} cannot be computed to many digits.")
        numbers = [self._exactly(operand) for operand in operands]
        try:
            return self._result(function(*numbers), *numbers)
        except (ValueError, ZeroDivisionError):  # a pole: log(0)
            return type(self)(context().nan)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        if method != "__call__" or options or any(isinstance(o, np.ndarray) for o in operands):
            arrays = [_entry(o) if isinstance(o, Precise) else o for o in operands]
            return getattr(ufunc, method)(*arrays, **options)
        row = BY_UFUNC.get(ufunc)
        if row is not None and row.evaluate is not ufunc:
            return row.evaluate(*operands)  # an operator, or composed of other functions
        if row is not None and row.shown_as is not None:
            return row.shown_as(*operands)
        if ufunc in (np.maximum, np.minimum):
            return (max if ufunc is np.maximum else min)(*operands)
        return self.apply(ufunc, operands)

    def __add__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return type(self)(self.number + self._exactly(other))

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return type(self)(self.number - self._exactly(other))

    def __rsub__(self, other: Any) -> Any:
        return type(self)(self._exactly(other) - self.number)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return type(self)(self.number * self._exactly(other))

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return type(self)(self._quotient(self.number, self._exactly(other)))

    def __rtruediv__(self, other: Any) -> Any:
        return type(self)(self._quotient(self._exactly(other), self.number))

    def __pow__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        a, b = self.number, self._exactly(other)
        return self._result(self._power(a, b), a, b)

    def __rpow__(self, other: Any) -> Any:
        a, b = self._exactly(other), self.number
        return self._result(self._power(a, b), a, b)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Any:
        return type(self)(-self.number)

    def __abs__(self) -> Any:
        return type(self)(abs(self.number))

    def __eq__(self, other: object) -> bool:
        return bool(self.number == self._exactly(other))

    def __lt__(self, other: Any) -> bool:
        return bool(self.number < self._exactly(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.number <= self._exactly(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.number > self._exactly(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.number >= self._exactly(other))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.number})"


def _entry(number: Precise) -> Any:
    """Return a number as an array of objects, on which NumPy calls the number's methods."""
    array = np.empty((), dtype=object)
    array[()] = number
    return array


def _method(ufunc: np.ufunc) -> Callable[..., Any]:
    return lambda *operands: operands[0].apply(ufunc, operands)


# On arrays of objects NumPy calls the method with the function's name.
for _ufunc in list(BY_UFUNC):
    if not hasattr(Precise, _ufunc.__name__):
        setattr(Precise, _ufunc.__name__, _method(_ufunc))


class Ball(Precise):
    """A power series of python-flint balls: bounds that hold in spite of rounding.

    Examples
    --------
    The derivative of exp at 1 is the second coefficient of its series there:

    >>> float(np.exp(Ball.at(1.0)).number[1].mid())
    2.718281828459045
    """

    __slots__ = ()

    @classmethod
    def at(cls, x: Any) -> Ball:
        """Return the series x + t, to first order.

        Raises
        ------
        MissingPackageError
            If python-flint is not installed.
        """
        flint = _flint()
        return cls(flint.arb_series([cls._arb(x), 1], prec=2))

    @staticmethod
    def _arb(x: Any) -> Any:
        flint = _flint()
        if isinstance(x, np.longdouble):
            return flint.arb(float(x)) + flint.arb(float(x - np.longdouble(float(x))))
        return flint.arb(float(x))

    @staticmethod
    def _exactly(value: Any) -> Any:
        if isinstance(value, Ball):
            return value.number
        if isinstance(value, ExactConstant):
            return _flint().arb(value.argument).log()
        return Ball._arb(value) if not isinstance(value, int) else _flint().arb(value)

    def _result(self, number: Any, *operands: Any) -> Self:
        return type(self)(number)

    def _function_named(self, name: str) -> Callable[..., Any] | None:
        function = getattr(self.number, name, None)
        return None if function is None else lambda a: getattr(a, name)()

    def _quotient(self, a: Any, b: Any) -> Any:
        return a / b

    def _power(self, a: Any, b: Any) -> Any:
        arb = _flint().arb
        if isinstance(b, arb) and b.is_integer() and abs(b) < 1000:
            b = int(b.unique_fmpz())
        elif isinstance(a, arb):
            return (b * a.log()).exp()
        return a**b

    def __abs__(self) -> Any:
        return -self if self < 0 else Ball(self.number)

    def _compare(self, symbol: str, other: Any) -> bool:
        """Return the outcome of a comparison; an error if the balls overlap."""
        a, b, arb = self.number[0], self._exactly(other), _flint().arb
        b = b if isinstance(b, arb) else b[0]
        outcome, opposite = _ORDERS[symbol], _ORDERS[_OPPOSITES[symbol]]
        if outcome(a, b) or opposite(a, b):
            return bool(outcome(a, b))
        raise UnsupportedOperationError(f"The balls overlap: {a} {symbol} {b} is not decided.")

    def __eq__(self, other: object) -> bool:
        return self._compare("==", other)

    def __lt__(self, other: Any) -> bool:
        return self._compare("<", other)

    def __le__(self, other: Any) -> bool:
        return self._compare("<=", other)

    def __gt__(self, other: Any) -> bool:
        return self._compare(">", other)

    def __ge__(self, other: Any) -> bool:
        return self._compare(">=", other)

    __hash__ = None


@functools.cache
def _flint() -> Any:
    try:
        import flint
    except ImportError:
        raise MissingPackageError(
            "A rigorous ball is computed by python-flint, which is not installed: "
            "run pip install python-flint."
        ) from None
    return flint


def more_digits() -> Any:
    """Return a context in which balls are computed with 200 bits."""
    return _flint().ctx.workprec(200)


def parts(number: Any, dtype: Any = np.float64) -> tuple[Any, Any]:
    """Return an mpmath number as an unevaluated sum of two floats, with twice the digits.

    Examples
    --------
    >>> with context().workdps(40):
    ...     parts(context().mpf("0.1"))
    (np.float64(0.1), np.float64(-5.551115123125783e-18))
    """
    scalar_type = np.dtype(dtype).type
    if np.finfo(scalar_type).nmant < 52:
        scalar_type = np.float64
    with context().workdps(60):
        high = scalar_type(float(number))
        if scalar_type is not np.float64:  # a long double holds more digits
            high = high + scalar_type(float(number - Precise.of(high).number))
        return high, scalar_type(float(number - Precise.of(high).number))
