"""Elementwise functions of NumPy without a row in the table of elementals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.elementals import BY_UFUNC, Elemental, divide, logistic
from adviz.rules.complex_rules import COMPLEX_RULES
from adviz.rules.moving_rules import conj, imag, real
from adviz.rules.nondifferentiable import as_decision
from adviz.rules.operands import as_array, at_least
from adviz.rules.registry import needs_floats
from adviz.rules.shapes import copy_of

__all__ = ["UFUNCS"]


def _step(a: Any) -> Any:
    return np.asarray(np.where(a > 0.0, 1.0, 0.0), as_array(a).dtype)


def _remainder(x1: Any, x2: Any) -> Any:
    return x1 - x2 * np.floor(x1 / x2)


def _divmod(x1: Any, x2: Any) -> Any:
    whole = np.floor(x1 / x2)
    return whole, x1 - x2 * whole


def _modf(x: Any) -> Any:
    whole = np.trunc(x)
    return x - whole, whole


def _frexp(x: Any) -> Any:
    exponent = as_decision(_exponent)(x)
    return x * np.asarray(2.0**-exponent, as_array(x).dtype), exponent


def _exponent(x: Any) -> Any:
    return np.frexp(x)[1]


def _sinc(x: Any) -> Any:
    """Return sin(πx) / (πx), near 0 by its Taylor series."""
    t = math.pi * as_array(x)
    near = abs(t) < 0.5
    square = np.where(near, t * t, 0.0)
    series: Any = 0.0
    for k in range(8, -1, -1):
        series = 1.0 - square * series / ((2 * k + 2) * (2 * k + 3))
    away = np.where(near, 1.0, t)
    return np.where(near, series, np.sin(away) / away)


def _angle(z: Any, deg: bool = False) -> Any:
    z = as_array(z)
    angle = np.arctan2(np.imag(z), np.real(z))
    return angle * (180 / math.pi) if deg else angle


LOGADDEXP = Elemental(
    "logaddexp",
    np.logaddexp,
    (lambda a, b, v: logistic(a - b), lambda a, b, v: logistic(b - a)),
    expanded=lambda a, b: np.log(np.exp(a) + np.exp(b)),
)
LOGADDEXP2 = Elemental(
    "logaddexp2",
    np.logaddexp2,
    (
        lambda a, b, v: logistic((a - b) * math.log(2)),
        lambda a, b, v: logistic((b - a) * math.log(2)),
    ),
    expanded=lambda a, b: np.log2(2**a + 2**b),
)
CBRT = Elemental(
    "cbrt",
    np.cbrt,
    (lambda a, v: divide(1, 3 * v * v),),
    "∛",
    expanded=lambda a: np.sign(a) * abs(a) ** (1 / 3),
)

BY_UFUNC.update({row.ufunc: row for row in (LOGADDEXP, LOGADDEXP2, CBRT) if row.ufunc is not None})

UFUNCS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.positive: copy_of,
    np.absolute: COMPLEX_RULES["abs"],
    np.fabs: abs,
    np.fmax: lambda a, b: np.where(np.isnan(b), a, np.where(np.isnan(a), b, np.maximum(a, b))),
    np.fmin: lambda a, b: np.where(np.isnan(b), a, np.where(np.isnan(a), b, np.minimum(a, b))),
    np.cbrt: CBRT,
    np.logaddexp: LOGADDEXP,
    np.logaddexp2: LOGADDEXP2,
    np.float_power: lambda a, b: at_least(float, as_array(a)) ** at_least(float, as_array(b)),
    np.copysign: lambda a, b: abs(as_array(a)) * as_decision(np.copysign)(1.0, b),
    np.heaviside: lambda a, b: np.where(np.equal(a, 0.0), b, _step(as_array(a))),
    np.remainder: _remainder,
    np.fmod: lambda a, b: a - b * np.trunc(a / b),
    np.divmod: _divmod,
    np.modf: _modf,
    np.frexp: _frexp,
    np.ldexp: lambda a, b: a * np.asarray(2.0 ** np.asarray(b), as_array(a).dtype),
    np.deg2rad: lambda a: a * (math.pi / 180),
    np.radians: lambda a: a * (math.pi / 180),
    np.rad2deg: lambda a: a * (180 / math.pi),
    np.degrees: lambda a: a * (180 / math.pi),
    **needs_floats({np.sinc: _sinc}),
    np.conj: conj,
    **needs_floats(
        {
            np.real: lambda val: real(as_array(val)),
            np.imag: lambda val: imag(as_array(val)),
            np.angle: _angle,
            np.real_if_close: lambda a, tol=100: as_array(a),
        }
    ),
}
