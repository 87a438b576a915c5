"""Whether a function is a polynomial, as its trace proves: a bound on the degree of every row."""

from __future__ import annotations

from typing import Any

import numpy as np

from adviz.core.elementals import Elemental
from adviz.core.trace import Trace
from adviz.host.errors import AdvizError
from adviz.numeric.replay import replayed_in

__all__ = ["degree_of"]


def degree_of(trace: Trace) -> int | None:
    """Return a bound on the degree of a function of one number; None if it is no polynomial.

    None too where it is one, but not seen to be: with branches, kinks or array operations.

    Examples
    --------
    >>> from adviz.core.recording import record
    >>> degree_of(record(lambda x: (1 - 2 * x) ** 2 * x / 3, (0.5,)))
    3
    >>> degree_of(record(lambda x: np.exp(x) * x, (0.5,)))
    """
    kinked = any(getattr(row.elemental, "kink", None) for row in trace.rows)
    if trace.decisions or kinked:
        return None
    try:
        result = replayed_in(trace, _Degree(1))[trace.output_slots[0]]
    except (AdvizError, AttributeError, TypeError, ValueError):
        return None
    return result.degree if isinstance(result, _Degree) else 0


class _Degree:
    """The degree of a polynomial in place of its value."""

    __slots__ = ("degree",)

    def __init__(self, degree: int) -> None:
        self.degree = degree

    def apply_elemental(self, elemental: Elemental, operands: tuple[Any, ...]) -> Any:
        return (elemental.shown_as or elemental.evaluate)(*operands)

    def __array_ufunc__(self, ufunc: np.ufunc, *_: Any, **__: Any) -> Any:
        raise TypeError(f"np.{ufunc.__name__} of a polynomial is none.")

    def __add__(self, other: Any) -> _Degree:
        return _Degree(max(self.degree, _degree(other)))

    def __mul__(self, other: Any) -> _Degree:
        return _Degree(self.degree + _degree(other))

    def __truediv__(self, other: Any) -> _Degree:
        if isinstance(other, _Degree):
            raise TypeError("A quotient of polynomials is none.")
        return self

    def __pow__(self, power: Any) -> _Degree:
        if isinstance(power, _Degree) or power < 0 or power != int(power):
            raise TypeError("This power of a polynomial is none.")
        return _Degree(self.degree * int(power))

    def __neg__(self) -> _Degree:
        return self

    __radd__ = __sub__ = __rsub__ = __add__
    __rmul__ = __mul__


def _degree(operand: Any) -> int:
    return operand.degree if isinstance(operand, _Degree) else 0
