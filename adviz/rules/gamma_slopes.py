"""Derivatives of quotients of gamma functions, also at their zeros and far out.

1/Γ is an entire function, and so (a)_m and n over k have slopes where Γ and ψ have poles: the
product v ψ is 0 times infinity there. Where ψ(a + b) - ψ(a) is a difference of large numbers, the
asymptotic series of each is subtracted term by term. See :mod:`adviz.rules.special_slopes`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from math import comb
from typing import Any

import numpy as np

from adviz.core.elementals import Elemental
from adviz.rules.special_slopes import either, family, in_numpy, special

__all__ = ["binom", "digamma_rise", "poch", "rgamma"]


def _polygamma(n: int, x: Any) -> Any:
    scipy = special()
    if n == 0:
        return scipy.digamma(x)
    return (-1.0) ** (n + 1) * math.factorial(n) * scipy.zeta(n + 1.0, x)


def _gamma_derivatives(n: int, x: Any, sign: int = 1) -> list[Any]:
    """Return the derivatives of Γ (sign 1) or 1/Γ (sign -1) up to the n-th, away from poles."""
    derivatives = [special().gamma(x) if sign == 1 else special().rgamma(x)]
    for m in range(n):
        terms = (comb(m, k) * derivatives[k] * _polygamma(m - k, x) for k in range(m + 1))
        derivatives.append(sign * sum(terms))
    return derivatives


def _rgamma(n: int, x: Any) -> Any:
    """Return the n-th derivative of 1/Γ; left of 1/2 it is sin(πx) Γ(1 - x) / π."""

    def left(x: Any) -> Any:
        x = np.where(x < 0.5, x, 0.0)[()]
        mirrored = _gamma_derivatives(n, 1 - x)
        turn = math.pi * (x % 2)
        return sum(
            comb(n, k)
            * math.pi ** (k - 1.0)
            * np.sin(turn + k * math.pi / 2)
            * (-1) ** (n - k)
            * mirrored[n - k]
            for k in range(n + 1)
        )

    return either(x < 0.5, left, lambda x: _gamma_derivatives(n, x, -1)[n], x)


rgamma = family("rgamma", _rgamma)

_BERNOULLI = (-1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132, 691 / 32760)
_DIGAMMA = [(1.0, -1 / 2), *((2.0 * k + 2, c) for k, c in enumerate(_BERNOULLI))]
"""Powers p and coefficients of a^-p in the series of ψ(a) - ln a far out."""


def _rise(n: int, a: Any, b: Any) -> Any:
    """Return ψ⁽ⁿ⁾(a + b) - ψ⁽ⁿ⁾(a)."""

    def far(a: Any, b: Any) -> Any:
        growth = np.log1p(b / a)
        total: Any = growth if n == 0 else 0.0
        for p, c in ((0.0, -1.0), *_DIGAMMA):
            if p + n:  # the n-th derivative of a^-p, and of ln a where p is 0
                size = math.gamma(p + n) / (math.gamma(p) if p else 1.0)
                total = total + (-1) ** n * c * size * a ** (-p - n) * np.expm1(-(p + n) * growth)
        return total

    def close(a: Any, b: Any) -> Any:  # Taylor's series
        return sum(_polygamma(n + k, a) * b**k / math.factorial(k) for k in range(1, 9))

    def near(a: Any, b: Any) -> Any:
        return _polygamma(n, a + b) - _polygamma(n, a)

    def either_near(a: Any, b: Any) -> Any:
        return either(abs(b) < a / 100, close, near, a, b)

    return either((a > 20) & (abs(b) < a / 2), far, either_near, a, b)


def _of_two(name: str, derivative: Callable[..., Any]) -> Any:
    """Return the rows of the derivatives of a function of two numbers: i times in a, j in b."""

    @functools.cache
    def of(i: int, j: int) -> Elemental:
        evaluate = in_numpy(functools.partial(derivative, i, j))
        partials = (lambda a, b, v: of(i + 1, j)(a, b), lambda a, b, v: of(i, j + 1)(a, b))
        return Elemental(f"{name}_derivative_{i}_{j}", evaluate, partials, f"{name}⁽{i},{j}⁾")

    return of


def _digamma_rise(i: int, j: int, a: Any, b: Any) -> Any:
    return _polygamma(i + j, a + b) if j else _rise(i, a, b)


digamma_rise = _of_two("digamma_rise", _digamma_rise)
"""The derivatives of ψ(a + b) - ψ(a); ``digamma_rise(0, 0)`` is the difference itself."""


def _by_logarithm(
    i: int, j: int, value: Any, in_a: Callable[[int], Any], in_b: Callable[[int, int], Any]
) -> Any:
    """Return a derivative of a function from those of its logarithm.

    ``in_a(q)`` is the q-th derivative in a of the logarithm's slope in a; ``in_b(q, p)`` that of
    its slope in b, q times in a and p in b.
    """
    f: dict[tuple[int, int], Any] = {(0, 0): value}
    for m in range(i):
        f[m + 1, 0] = sum(comb(m, k) * f[k, 0] * in_a(m - k) for k in range(m + 1))
    for p in range(j):
        for m in range(i + 1):
            f[m, p + 1] = sum(
                comb(p, k) * comb(m, q) * f[q, k] * in_b(m - q, p - k)
                for k in range(p + 1)
                for q in range(m + 1)
            )
    return f[i, j]


def _poch(i: int, j: int, a: Any, m: Any) -> Any:
    scipy = special()

    def regular(i: int, j: int, a: Any, m: Any) -> Any:
        return _by_logarithm(
            i,
            j,
            scipy.poch(a, m),
            lambda q: _rise(q, a, m),
            lambda q, p: _polygamma(q + p, a + m),
        )

    def entire(a: Any, m: Any) -> Any:  # Γ(a + m) times 1/Γ(a)
        gammas = _gamma_derivatives(i + j, a + m)
        return sum(comb(i, k) * gammas[i - k + j] * _of_rgamma(k, a) for k in range(i + 1))

    def mirrored(a: Any, m: Any) -> Any:  # (-1)^m times that of 1 - a - m
        return (-1.0) ** (m + i) * regular(i, 0, 1 - a - m, m)

    def left(a: Any, m: Any) -> Any:
        is_mirrored = (a + m < 0.5) & (m == np.floor(m)) & (j == 0)
        return either(
            is_mirrored, mirrored, lambda a, m: either(a + m > 0, entire, rest, a, m), a, m
        )

    def rest(a: Any, m: Any) -> Any:
        return regular(i, j, a, m)

    return either(a < 0.5, left, rest, a, m)


def _binom(i: int, j: int, n: Any, k: Any) -> Any:
    def regular(n: Any, k: Any) -> Any:
        return _by_logarithm(
            i,
            j,
            special().binom(n, k),
            lambda q: _rise(q, n - k + 1, k),
            lambda q, p: (
                (-1) ** p * _polygamma(p + q, n - k + 1) - (_polygamma(p, k + 1) if q == 0 else 0)
            ),
        )

    def entire(n: Any, k: Any) -> Any:  # Γ(n + 1) times 1/Γ(k + 1) times 1/Γ(n - k + 1)
        gammas = _gamma_derivatives(i, n + 1)
        return sum(
            comb(i, p)
            * comb(j, q)
            * (-1) ** (j - q)
            * gammas[p]
            * _of_rgamma(q, k + 1)
            * _of_rgamma(i - p + j - q, n - k + 1)
            for p in range(i + 1)
            for q in range(j + 1)
        )

    return either((n > -1) & ((k < -0.5) | (n - k < -0.5)), entire, regular, n, k)


def _of_rgamma(n: int, x: Any) -> Any:
    return _rgamma(n, x) if n else special().rgamma(x)


poch, binom = _of_two("poch", _poch), _of_two("binom", _binom)
"""Their derivatives, by how often they are taken in the first and in the second operand."""
