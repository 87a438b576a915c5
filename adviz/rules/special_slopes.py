"""Derivatives of special functions where the textbook's formula fails in floating point.

It is 0/0 at a removable point (K' of the elliptic integral at 0), or the difference of nearly equal
numbers (erfcx far out). Symbols still get the textbook's formula; floats get a row of this module:
the n-th derivative of a function, evaluated without that loss, whose own slope is the (n + 1)-th.

Formulas are those of the NIST Digital Library of Mathematical Functions: 5.11 and 5.15 (gamma
functions), 7.12 (error functions), 10.29 and 10.40 (Bessel functions), 15.5 and 15.8
(hypergeometric functions, of which the elliptic integrals 19.5 and the dilogarithm 25.12 are some).
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from adviz.core.elementals import Elemental, divide, reads_textbook

__all__ = [
    "beta_density",
    "boxcox_mean",
    "dawsn",
    "either",
    "ellipe",
    "ellipk",
    "erfcx",
    "exponential_integral",
    "family",
    "gamma_density",
    "in_numpy",
    "ive",
    "kve",
    "mills_ratio",
    "no_slope",
    "on_floats",
    "ratio",
    "special",
    "spence",
]


def on_floats(stable: Callable[..., Any], textbook: Callable[..., Any]) -> Callable[..., Any]:
    """Return a partial that evaluates one formula on floats, and is read as another.

    Examples
    --------
    >>> on_floats(lambda a, v: 0.5, lambda a, v: v / a)(0.0, 0.0)
    0.5
    """

    @functools.wraps(textbook)
    def partial(*numbers: Any) -> Any:
        return (textbook if reads_textbook(*numbers) else stable)(*numbers)

    return partial


def special() -> Any:
    """Return the module, which the user has imported."""
    return sys.modules["scipy.special"]


def no_slope(*_: Any) -> Any:
    """Return NaN, the slope in an order that no caller differentiates in."""
    return math.nan


def in_numpy(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of numbers that NumPy computes: 1 / 0 is infinite, and nothing warns."""

    def evaluate(*operands: Any) -> Any:
        if all(operand.__class__ is float for operand in operands):
            operands = tuple(map(np.float64, operands))
        with np.errstate(all="ignore"):
            return np.asarray(function(*operands))[()]

    return evaluate


def family(name: str, derivative: Callable[..., Any], takes_order: bool = False) -> Any:
    """Return the rows of the derivatives of a function of one number, by n = 1, 2, ...

    Parameters
    ----------
    name : str
        The function's name.
    derivative : callable
        ``derivative(n, a)``, or ``derivative(n, order, a)`` of a function that takes an order.
    """

    @functools.cache
    def of(n: int) -> Elemental:
        evaluate = in_numpy(functools.partial(derivative, n))
        if takes_order:
            partials: Any = (no_slope, lambda order, a, v: of(n + 1)(order, a))
        else:
            partials = (lambda a, v: of(n + 1)(a),)
        return Elemental(f"{name}_derivative_{n}", evaluate, partials, f"{name}⁽{n}⁾")

    return of


def either(where: Any, one: Callable[..., Any], other: Callable[..., Any], *operands: Any) -> Any:
    """Return one function of the operands where a condition holds, and the other elsewhere."""
    if np.all(where):
        return one(*operands)
    return np.where(where, one(*operands), other(*operands)) if np.any(where) else other(*operands)


def mills_ratio(a: Any, v: Any) -> Any:
    """Return the normal density over the distribution function, of which v is the logarithm.

    That is 2 / (√(2π) erfcx(-a / √2)). Above 20 the function is 1 up to rounding, and erfcx would
    overflow in its second derivative.
    """
    below, above = np.minimum(a, 20.0), np.maximum(a, 20.0) - 20.0
    scaled = special().erfcx(-below / math.sqrt(2)) * math.sqrt(math.pi / 2)
    return np.exp(-above * (above + 40.0) / 2) / scaled


def _rising(a: float, n: int) -> float:
    """a (a + 1) ... (a + n - 1)."""
    return math.prod(a + k for k in range(n))


def _of_powers(n: int, a: Any, terms: Iterable[tuple[float, float]]) -> Any:
    """Return the n-th derivative of the sum of c a^-p, for (p, c) among the terms."""
    return sum((-1.0) ** n * c * _rising(p, n) * a ** (-p - n) for p, c in terms)


# -- error functions -----------------------------------------------------------------------------

_ODD_FACTORIALS = [(2 * k + 1.0, math.prod(range(1, 2 * k, 2)) / 2.0**k) for k in range(25)]
"""The powers p and coefficients of a^-p in the series of the error functions far out."""

_FAR = 8.0
"""From here on 25 terms of that series are a float's digits."""


def _erfcx(n: int, a: Any) -> Any:
    def near(a: Any) -> Any:
        before = special().erfcx(a)
        now = 2 * a * before - 2 / math.sqrt(math.pi)
        for k in range(1, n):
            before, now = now, 2 * a * now + 2 * k * before
        return now

    def far(a: Any) -> Any:
        signs = [(p, c * (-1) ** k) for k, (p, c) in enumerate(_ODD_FACTORIALS)]
        return _of_powers(n, a, signs) / math.sqrt(math.pi)

    return either(a > _FAR, far, near, a)


def _dawsn(n: int, a: Any) -> Any:
    def near(a: Any) -> Any:
        before = special().dawsn(a)
        now = 1 - 2 * a * before
        for k in range(1, n):
            before, now = now, -2 * a * now - 2 * k * before
        return now

    return either(abs(a) > _FAR, lambda a: _of_powers(n, a, _ODD_FACTORIALS) / 2, near, a)


erfcx, dawsn = family("erfcx", _erfcx), family("dawsn", _dawsn)


# -- Bessel functions scaled by an exponential ---------------------------------------------------


def _scaled(name: str, step: tuple[float, float, float], sign: float, scale: float) -> Any:
    """Return the derivatives of a scaled Bessel function.

    ``step`` are the coefficients of its neighbours in order in the first derivative; ``sign`` and
    ``scale`` those of its series far out.
    """

    def derivative(n: int, order: Any, a: Any) -> Any:
        size, order = abs(a), np.asarray(order)[()]

        def near(size: Any) -> Any:
            function = getattr(special(), name)
            coefficients = functools.reduce(np.convolve, [step] * n, np.ones(1)).tolist()
            return sum(c * function(order + (k - n), size) for k, c in enumerate(coefficients))

        def far(size: Any) -> Any:
            terms, c = [], scale
            for k in range(25):
                terms.append((k + 0.5, c))
                c = c * sign * (4.0 * order * order - (2 * k + 1) ** 2) / (8 * (k + 1))
            return _of_powers(n, size, terms)

        there = either(size > 50 + 2 * order * order, far, near, size)
        even = (order + n) % 2 == 0  # its parity, where the order is whole
        return np.where(even | (a > 0), there, np.where(a == 0, 0 * size, -there))

    return family(name, derivative, takes_order=True)


ive = _scaled("ive", (0.5, -1.0, 0.5), -1.0, 1 / math.sqrt(2 * math.pi))
kve = _scaled("kve", (-0.5, 1.0, -0.5), 1.0, math.sqrt(math.pi / 2))


# -- hypergeometric functions --------------------------------------------------------------------


def _ellipk(n: int, m: Any) -> Any:
    def series(m: Any) -> Any:
        c = math.pi / 2 * _rising(0.5, n) ** 2 / math.factorial(n)
        return c * special().hyp2f1(0.5, 0.5, n + 1.0, m) * (1 - m) ** -float(n)

    def far(m: Any) -> Any:  # by the differential equation
        before = special().ellipk(m)
        now = (special().ellipe(m) / (1 - m) - before) / (2 * m)
        for k in range(n - 1):
            following = (k + 0.5) ** 2 * before - (k + 1) * (1 - 2 * m) * now
            before, now = now, following / (m * (1 - m))
        return now

    return either(m < -1, far, series, m)


def _ellipe(n: int, m: Any) -> Any:
    c = math.pi / 2 * _rising(-0.5, n) * _rising(0.5, n) / math.factorial(n)
    return c * special().hyp2f1(1.5, 0.5, n + 1.0, m) * (1 - m) ** (1.0 - n)


def _spence(n: int, a: Any) -> Any:
    def near(a: Any) -> Any:
        c = (-1.0) ** n * math.factorial(n - 1) / n
        return c * special().hyp2f1(float(n), float(n), n + 1.0, 1 - a)

    def away(a: Any) -> Any:
        now = np.log(a) / (1 - a)
        for k in range(1, n):
            of_log = (-1.0) ** (k - 1) * math.factorial(k - 1) * a ** -float(k)
            now = (k * now + of_log) / (1 - a)
        return now

    return either(abs(1 - a) < 0.5, near, away, a)


def _boxcox_mean(n: int, t: Any) -> Any:
    return special().hyp1f1(n + 1.0, n + 2.0, t) / (n + 1)


ellipk, ellipe = family("ellipk", _ellipk), family("ellipe", _ellipe)
spence = family("spence", _spence)
boxcox_mean = family("boxcox_mean", _boxcox_mean)
"""Derivatives of (eᵗ - 1) / t, which is (x^p - 1) / (p ln x) where t = p ln x."""


def exponential_integral(order: Any, a: Any) -> Any:
    """Return E_n(a), also of the orders n < 0, which SciPy leaves out and derivatives meet.

    Examples
    --------
    >>> import scipy.special
    >>> exponential_integral(-1.0, 1.0) * math.e
    np.float64(2.0)
    """
    expn, order = special().expn, np.asarray(order)[()]
    value, lower = expn(np.maximum(order, 0), a), expn(0, a)
    for n in range(1, 1 - int(np.min(order, initial=0))):
        lower = (np.exp(-a) + n * lower) / a
        value = np.where(order == -n, lower, value)[()]
    return value


# -- densities -----------------------------------------------------------------------------------


def _gamma_density(s: Any, x: Any) -> Any:
    scipy = special()

    def small(s: Any, x: Any) -> Any:
        value = np.exp(scipy.xlogy(s - 1, x) - x - scipy.gammaln(s)) * scipy.gammasgn(s)
        return np.where(_is_pole(s), 0 * x, value)

    def large(s: Any, x: Any) -> Any:  # by Stirling's series, without large exponents
        apart = (x - s) / s
        correction = sum(c * s**-p for p, c in _STIRLING)
        return np.exp(s * (np.log1p(apart) - apart) - correction) * np.sqrt(s / (2 * math.pi)) / x

    return either((s > 30) & (x > 0), large, small, s, x)


_STIRLING = ((1.0, 1 / 12), (3.0, -1 / 360), (5.0, 1 / 1260), (7.0, -1 / 1680))
"""Powers p and coefficients of s^-p in ln Γ(s) - (s - 1/2) ln s + s - ln(2π) / 2."""

gamma_density: Elemental = Elemental(
    "gamma_density",
    in_numpy(_gamma_density),
    (no_slope, lambda s, x, v: gamma_density(s - 1, x) - v),
)
"""x^(s-1) e^-x / Γ(s), the slope of the incomplete gamma function; its own needs s - 1."""


def beta_density(a: Any, b: Any, x: Any) -> Any:
    """Return x^(a-1) (1-x)^(b-1) / B(a, b), also at the ends; 0 where 1 / B(a, b) is."""
    scipy = special()
    with np.errstate(all="ignore"):
        logarithm = scipy.xlogy(a - 1, x) + scipy.xlog1py(b - 1, -x) - scipy.betaln(a, b)
        sign = scipy.gammasgn(a) * scipy.gammasgn(b) * scipy.gammasgn(a + b)
        return np.where(_is_pole(a) | _is_pole(b), 0 * x, np.exp(logarithm) * sign)[()]


def _is_pole(a: Any) -> Any:
    """Whether Γ has a pole there."""
    return (a <= 0) & (a == np.floor(a))


ratio: Elemental = Elemental(
    "ratio",
    lambda a, b: np.where(a == 0, 0 * a, divide(a, np.where(a == 0, 1, b)))[()],
    (lambda a, b, v: divide(1, b), lambda a, b, v: -ratio(v, b)),
    shown_as=lambda a, b: a / b,
)
"""a / b, and 0 where a is 0, even if b is: the slope of a ln b in b."""
