"""Sampled functions: differences, quadrature, interpolation, convolution, histograms."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.variable import Variable
from adviz.host.errors import OptionError
from adviz.rules.moving_rules import scatter
from adviz.rules.nondifferentiable import as_decision
from adviz.rules.operands import as_array, at_least, check_plain
from adviz.rules.registry import needs_floats
from adviz.rules.shapes import laid_out_like

__all__ = ["SAMPLES"]


def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = np.moveaxis(as_array(y), axis, -1)
    if x is not None:
        x = as_array(x)
        dx = np.diff(x if len(x.shape) == 1 else np.moveaxis(x, axis, -1))
    return (dx * (y[..., 1:] + y[..., :-1]) / 2.0).sum(axis=-1)


def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    a = as_array(a)
    if n == 0:
        return a
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
        laid_out_like(np.moveaxis(_slopes(np.moveaxis(f, k, 0), spacing, edge_order), 0, k), f)
        for k, spacing in zip(axes, spacings, strict=True)
    ]
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _slopes(f: Any, spacing: Any, edge_order: int) -> Any:
    """Return difference quotients along the first axis, from both neighbours inside."""
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
    a, v = np.atleast_1d(as_array(a), as_array(v))
    if not a.shape[0] or not v.shape[0]:
        raise OptionError("the arrays cannot be empty")
    if a.shape[0] < v.shape[0]:
        a, v = v, a
    if mode not in ("full", "same", "valid"):
        raise OptionError("mode must be 'full', 'same' or 'valid'")
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
    x, xp, fp = (at_least(float, as_array(a)) for a in (x, xp, fp))
    last = xp.shape[0] - 1
    k = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, max(last - 1, 0))
    above = np.minimum(k + 1, last)
    width = xp[above] - xp[k]  # 0 only where the value is that of the last point
    slope = (fp[above] - fp[k]) / np.where(np.equal(width, 0.0), 1.0, width)
    y = np.where(np.equal(x, xp[-1]), fp[-1], fp[k] + slope * (x - xp[k]))
    y = np.where(x < xp[0], fp[0] if left is None else left, y)
    return np.where(x > xp[-1], fp[-1] if right is None else right, y)


def _bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """Add up the weights in each bin; the bins are plain integers."""
    if weights is None:
        return as_decision(np.bincount)(x, minlength=minlength)
    check_plain("bincount", x)
    x = np.asarray(x)
    return scatter(
        at_least(float, as_array(weights)), key=x, shape=np.bincount(x, minlength=minlength).shape
    )


def _histogram(a: Any, bins: Any = 10, range: Any = None) -> Any:  # noqa: A002 - NumPy's name
    """Return plain counts, and edges that move with the smallest and the largest entry."""
    counts = as_decision(_counts)(a, bins, range)
    if isinstance(bins, str):
        raise OptionError("bins must be a number of bins or their edges")
    if not isinstance(bins, (int, np.integer)):
        return counts, as_array(bins)
    a = as_array(a)
    low, high = range or ((np.min(a), np.max(a)) if a.size else (0.0, 1.0))
    if np.equal(low, high):
        low, high = low - 0.5, high + 0.5
    return counts, np.linspace(low, high, bins + 1)


def _counts(a: Any, bins: Any, range: Any) -> Any:  # noqa: A002
    return np.histogram(a, bins, range)[0]


def _unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * math.pi) -> Any:
    """Add the multiples of the period that NumPy adds, which are decisions."""
    p = as_array(p)
    return p + as_decision(_multiples)(p, discont, axis, period)


def _multiples(p: Any, discont: Any, axis: int, period: Any) -> Any:
    added = np.unwrap(p, discont, axis, period=period) - p
    return np.rint(added / period) * period


SAMPLES: dict[Callable[..., Any], Callable[..., Any]] = {
    np.trapezoid: _trapezoid,
    np.diff: _diff,
    **needs_floats({np.ediff1d: _ediff1d, np.gradient: _gradient}),
    np.convolve: _convolve,
    np.correlate: lambda a, v, mode="valid": np.convolve(a, np.conj(np.flip(v)), mode),
    **needs_floats({np.interp: _interp}),
    np.bincount: _bincount,
    **needs_floats({np.histogram: _histogram}),
    np.unwrap: _unwrap,
}
