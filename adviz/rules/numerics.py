"""Numerics on traced arrays: quadrature, interpolation, polynomials, and ufuncs by others."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.elementals import BY_UFUNC, Elemental, logistic
from adviz.core.variable import Variable
from adviz.host.errors import OptionError
from adviz.rules.moving_rules import conj, imag, real, scatter
from adviz.rules.operands import as_array, check_plain
from adviz.rules.plain_answers import asking
from adviz.rules.shapes import copy_of

__all__ = ["NUMERICS", "UFUNCS"]


def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = np.moveaxis(as_array(y), axis, -1)
    if x is not None:
        x = as_array(x)
        dx = np.diff(x if len(x.shape) == 1 else np.moveaxis(x, axis, -1))
    return (dx * (y[..., 1:] + y[..., :-1]) / 2.0).sum(axis=-1)


def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    a = as_array(a)
    axis %= len(a.shape)
    edge = tuple(1 if k == axis else length for k, length in enumerate(a.shape))
    around = [
        np.broadcast_to(part, edge) if np.ndim(part) == 0 else part
        for part in (prepend, a, append)
        if part is not None
    ]
    a = np.moveaxis(np.concatenate(around, axis) if len(around) > 1 else a, axis, -1)
    for _ in range(n):
        a = a[..., 1:] - a[..., :-1]
    return np.moveaxis(a, -1, axis)


def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    steps = _diff(np.ravel(as_array(ary)))
    ends = [np.ravel(as_array(end)) for end in (to_begin, to_end) if end is not None]
    if not ends:
        return steps
    return np.concatenate([*ends[: to_begin is not None], steps, *ends[to_begin is not None :]])


def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Difference quotients of second order inside, of first or second order at the ends."""
    f = as_array(f)
    ndim = len(f.shape)
    axes = range(ndim) if axis is None else [axis] if isinstance(axis, int) else list(axis)
    spacings = varargs * len(axes) if len(varargs) == 1 else varargs or (1.0,) * len(axes)
    if len(spacings) != len(axes) or edge_order not in (1, 2):
        raise OptionError("varargs must be one spacing, or one for each axis; edge_order 1 or 2")
    slopes = [
        np.moveaxis(_slopes(np.moveaxis(f, k, 0), spacing, edge_order), 0, k)
        for k, spacing in zip(axes, spacings, strict=True)
    ]
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _slopes(f: Any, spacing: Any, edge_order: int) -> Any:
    """Differentiate along the first axis, in the directions of both neighbours."""
    spacing = spacing if spacing.__class__ is Variable else np.asarray(spacing, f.dtype)
    steps = np.diff(spacing) if len(spacing.shape) else spacing * np.ones(f.shape[0] - 1, f.dtype)
    steps = steps.reshape((-1,) + (1,) * (len(f.shape) - 1))
    rises = (f[1:] - f[:-1]) / steps
    before, after = steps[:-1], steps[1:]
    inside = (before * rises[1:] + after * rises[:-1]) / (before + after)
    first, last = rises[:1], rises[-1:]
    if edge_order == 2:
        first = first + (first - inside[:1])
        last = last + (last - inside[-1:])
    return np.concatenate([first, inside, last])


def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = as_array(a), as_array(v)
    if a.shape[0] < v.shape[0]:
        a, v = v, a
    n, m = a.shape[0], v.shape[0]
    windows = np.arange(n + m - 1)[:, None] + np.arange(m)
    full = np.pad(a, m - 1)[windows] @ np.flip(v)
    start, stop = {
        "full": (0, n + m - 1),
        "same": ((m - 1) // 2, (m - 1) // 2 + n),
        "valid": (m - 1, n),
    }[mode]
    return full[start:stop]


def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    x, xp, fp = as_array(x), as_array(xp), as_array(fp)
    k = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, xp.shape[0] - 2)
    slope = (fp[k + 1] - fp[k]) / (xp[k + 1] - xp[k])
    y = np.where(np.equal(x, xp[-1]), fp[-1], fp[k] + slope * (x - xp[k]))
    y = np.where(x < xp[0], fp[0] if left is None else left, y)
    return np.where(x > xp[-1], fp[-1] if right is None else right, y)


def _bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """Add up the weights of each place; the places are plain."""
    if weights is None:
        return asking(np.bincount)(x, minlength=minlength)
    check_plain("bincount", x)
    x = np.asarray(x)
    return scatter(as_array(weights), key=x, shape=np.bincount(x, minlength=minlength).shape)


def _histogram(a: Any, bins: Any = 10, range: Any = None) -> Any:  # noqa: A002 - NumPy's name
    """Count plainly; the edges move with the smallest and the largest entry."""
    counts = asking(_counts)(a, bins, range)
    if not isinstance(bins, (int, np.integer)):
        return counts, bins
    low, high = (np.min(a), np.max(a)) if range is None else range
    return counts, np.linspace(low, high, bins + 1)


def _counts(a: Any, bins: Any, range: Any) -> Any:  # noqa: A002
    return np.histogram(a, bins, range)[0]


def _unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * math.pi) -> Any:
    """Add the multiples of the period that NumPy adds."""
    p = as_array(p)
    return p + asking(_multiples)(p, discont, axis, period)


def _multiples(p: Any, discont: Any, axis: int, period: Any) -> Any:
    added = np.unwrap(p, discont, axis, period=period) - p
    return np.rint(added / period) * period


# -- polynomials ---------------------------------------------------------------------------------


def _polyval(p: Any, x: Any) -> Any:
    p, x = as_array(p), as_array(x) if isinstance(x, (list, tuple)) else x
    y = x * 0.0
    for k in range(p.shape[0]):
        y = y * x + p[k]
    return y


def _vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:  # noqa: N803
    x = as_array(x)
    n = x.shape[0] if N is None else N
    powers = np.arange(n) if increasing else np.arange(n)[::-1]
    return x[:, None] ** powers


def _poly(seq_of_zeros: Any) -> Any:
    zeros = as_array(seq_of_zeros)
    if len(zeros.shape) == 2:
        zeros = np.linalg.eigvals(zeros)
    p: Any = np.ones(1, zeros.dtype)
    for k in range(zeros.shape[0]):
        p = np.convolve(p, np.stack([np.ones((), zeros.dtype), -zeros[k]]))
    return p


def _polyder(p: Any, m: int = 1) -> Any:
    p = as_array(p)
    for _ in range(m):
        p = p[:-1] * np.arange(p.shape[0] - 1, 0, -1)
    return p


def _polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    p = as_array(p)
    constants = np.zeros(m) if k is None else np.ravel(as_array(k)) * np.ones(m)
    for j in range(m):
        p = np.append(p / np.arange(p.shape[0], 0, -1), constants[j])
    return p


def _of_one_degree(a1: Any, a2: Any) -> tuple[Any, Any]:
    """Return the coefficients of two polynomials, as many of each."""
    a1, a2 = np.atleast_1d(as_array(a1)), np.atleast_1d(as_array(a2))
    n = max(a1.shape[0], a2.shape[0])
    return np.pad(a1, (n - a1.shape[0], 0)), np.pad(a2, (n - a2.shape[0], 0))


def _polydiv(u: Any, v: Any) -> tuple[Any, Any]:
    u, v = np.atleast_1d(as_array(u)), np.atleast_1d(as_array(v))
    count = max(u.shape[0] - v.shape[0] + 1, 1)
    remainder, quotient = u + 0.0 * v[0], []
    for k in range(count if u.shape[0] >= v.shape[0] else 0):
        factor = remainder[k] / v[0]
        quotient.append(factor)
        remainder = remainder - np.pad(factor * v, (k, remainder.shape[0] - k - v.shape[0]))
    if not quotient:
        return np.zeros(1), u
    rest = remainder[count:]
    return np.stack(quotient), rest if rest.shape[0] else remainder[-1:]


def _polyfit(x: Any, y: Any, deg: int, rcond: Any = None, *, w: Any = None) -> Any:
    """Least squares with columns of length 1, as NumPy solves them."""
    columns = _vander(x, deg + 1)
    y = as_array(y)
    if w is not None:
        w = as_array(w)
        columns, y = columns * w[:, None], y * (w if len(y.shape) == 1 else w[:, None])
    scale = np.sqrt(np.sum(columns * columns, axis=0))
    found = np.linalg.lstsq(columns / scale, y, rcond)[0]
    return found / (scale if len(shape_of(found)) == 1 else scale[:, None])


def _roots(p: Any) -> Any:
    """Return the eigenvalues of the companion matrix."""
    p = np.ravel(as_array(p))
    places = np.flatnonzero(p)
    if not len(places):
        return np.zeros(0)
    trailing = p.shape[0] - int(places[-1]) - 1
    p = p[int(places[0]) : int(places[-1]) + 1]
    n = p.shape[0] - 1
    if n < 1:
        return np.zeros(trailing)
    companion = np.concatenate([(-p[1:] / p[0])[None, :], np.eye(n, dtype=p.dtype)[:-1]])
    found = np.linalg.eigvals(companion)
    return np.concatenate([found, np.zeros(trailing)]) if trailing else found


# -- ufuncs in terms of others -------------------------------------------------------------------


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
    exponent = asking(_exponent)(x)
    return x * np.asarray(2.0**-exponent, as_array(x).dtype), exponent


def _exponent(x: Any) -> Any:
    return np.frexp(x)[1]


def _sinc(x: Any) -> Any:
    """Divide where that loses nothing; near 0 it is the Taylor series."""
    t = math.pi * as_array(x)
    near = abs(t) < 0.5
    square = np.where(near, t * t, 0.0)
    series: Any = 0.0
    for k in range(8, -1, -1):
        series = 1.0 - square * series / ((2 * k + 2) * (2 * k + 3))
    away = np.where(near, 1.0, t)
    return np.where(near, series, np.sin(away) / away)


def _angle(z: Any, deg: bool = False) -> Any:
    angle = np.arctan2(np.imag(z), np.real(z))
    return angle * (180 / math.pi) if deg else angle


def _absolute_of_complex(a: Any) -> Any:
    return np.sqrt(np.real(a) * np.real(a) + np.imag(a) * np.imag(a))


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
    (lambda a, v: 1 / (3 * v * v),),
    "∛",
    expanded=lambda a: np.sign(a) * abs(a) ** (1 / 3),
)

BY_UFUNC.update({row.ufunc: row for row in (LOGADDEXP, LOGADDEXP2, CBRT) if row.ufunc is not None})

NUMERICS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.trapezoid: _trapezoid,
    np.diff: _diff,
    np.ediff1d: _ediff1d,
    np.gradient: _gradient,
    np.convolve: _convolve,
    np.correlate: lambda a, v, mode="valid": np.convolve(a, np.conj(np.flip(v)), mode),
    np.interp: _interp,
    np.bincount: _bincount,
    np.histogram: _histogram,
    np.unwrap: _unwrap,
    # polynomials
    np.polyval: _polyval,
    np.polyder: _polyder,
    np.polyint: _polyint,
    np.polyadd: lambda a1, a2: operator.add(*_of_one_degree(a1, a2)),
    np.polysub: lambda a1, a2: operator.sub(*_of_one_degree(a1, a2)),
    np.polymul: lambda a1, a2: np.convolve(np.atleast_1d(a1), np.atleast_1d(a2)),
    np.polydiv: _polydiv,
    np.polyfit: _polyfit,
    np.poly: _poly,
    np.roots: _roots,
    np.vander: _vander,
}

UFUNCS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.positive: copy_of,
    np.absolute: _absolute_of_complex,
    np.fabs: abs,
    np.fmax: lambda a, b: np.where(np.isnan(b), a, np.where(np.isnan(a), b, np.maximum(a, b))),
    np.fmin: lambda a, b: np.where(np.isnan(b), a, np.where(np.isnan(a), b, np.minimum(a, b))),
    np.cbrt: CBRT,
    np.logaddexp: LOGADDEXP,
    np.logaddexp2: LOGADDEXP2,
    np.float_power: lambda a, b: a**b,
    np.copysign: lambda a, b: abs(a) * asking(np.copysign)(1.0, b),
    np.heaviside: lambda a, b: np.where(np.equal(a, 0.0), b, _step(a)),
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
    np.sinc: _sinc,
    np.real: real,
    np.imag: imag,
    np.conj: conj,
    np.angle: _angle,
    np.real_if_close: lambda a, tol=100: a,
}
