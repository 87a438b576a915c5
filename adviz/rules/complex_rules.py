"""Operations of complex numbers that have no complex slope: absolute value, direction, extremes.

A function of complex numbers has one complex slope only where it is holomorphic. These are not:
what they push forward depends on the direction of a tangent, and they pull back what has the same
real product with every tangent. A maximum is NumPy's, in the order of the real parts, and of the
imaginary parts where these are equal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.elementals import divide
from adviz.rules.moving_rules import conj, real
from adviz.rules.nondifferentiable import as_decision
from adviz.rules.rule import Rule

__all__ = ["COMPLEX_RULES"]


def _is_0(v: Any) -> Any:
    return np.equal(v, 0).astype(np.asarray(v).dtype)


def _direction(a: Any, v: Any) -> Any:
    """Return a / |a|; 0 at 0, where the slope of |a| is taken as 0."""
    return divide(a, v + as_decision(_is_0)(v))


absolute = Rule(
    "abs",
    np.absolute,
    (lambda bar, v, a: bar * conj(_direction(a, v)),),
    lambda dots, v, a: real(conj(_direction(a, v)) * dots[0]),
    reach=lambda a: a,
    formula="|{0}|",
    pull_formula=("{bar}·conj({0})/{v}",),
    push_formula=("Re(conj({0})·{dot})/{v}",),
)


def _sign_push(dots: Any, v: Any, a: Any) -> Any:
    """Only the part of the tangent across the direction turns it."""
    length = absolute(a)
    along = real(conj(v) * dots[0])
    return divide(dots[0] - v * along, length + as_decision(_is_0)(length)) * abs(v)


sign = Rule(
    "sign",
    np.sign,
    push=_sign_push,
    reach=lambda a: a,
    formula="sign({0})",
)


def _share(a: Any, b: Any, v: Any) -> Any:
    """Return 1 where the extreme v is a, 0 where it is b, and one half at a tie."""
    return np.where(np.isnan(v), np.nan, np.where(np.equal(a, b), 0.5, np.equal(a, v)))


_shared = as_decision(_share)


def _extreme(name: str, evaluate: Callable[..., Any], symbol: str) -> Rule:
    def push(dots: Any, v: Any, a: Any, b: Any) -> Any:
        terms = [
            dot * _shared(*pair, v)
            for dot, pair in zip(dots, ((a, b), (b, a)), strict=True)
            if dot is not None
        ]
        return sum(terms[1:], terms[0])

    return Rule(
        name,
        evaluate,
        (
            lambda bar, v, a, b: bar * _shared(a, b, v),
            lambda bar, v, a, b: bar * _shared(b, a, v),
        ),
        push,
        reach=lambda a, b: a + b,
        formula=f"{symbol}({{0}}, {{1}})",
    )


COMPLEX_RULES = {
    "abs": absolute,
    "sign": sign,
    "maximum": _extreme("maximum", np.maximum, "max"),
    "minimum": _extreme("minimum", np.minimum, "min"),
}
"""The rules by the elementals whose place they take where an operand is complex."""
