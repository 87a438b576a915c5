"""Sums of exponentials: logsumexp, softmax and log_softmax, which neither overflow nor lose digits.

The largest entry is subtracted first and added back last. Its exponential is then 1, and log1p of
the sum of the others keeps what they add to it, however little that is.

In a list of traced numbers, or an array of them, every entry has its own rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adviz.core.arrays import is_complex, shape_of
from adviz.core.variable import Variable
from adviz.rules.operands import Axis, as_array, axes_of
from adviz.rules.reduction_rules import shares

__all__ = ["log_softmax", "logsumexp", "softmax"]

_LARGEST_EXPONENT = 700.0
"""Exponents below it are safe: e⁷⁰⁹·⁷⁸ is the largest double."""


def logsumexp(
    a: Any, axis: Axis = None, b: Any = None, keepdims: bool = False, return_sign: bool = False
) -> Any:
    """Return ln Σ b eᵃ along axes, b being 1 where it is left out.

    Where a weight b is 0 the entry of a does not count, even if it is infinite. The logarithm of a
    negative sum is NaN; with ``return_sign``, that of its absolute value is returned with the sign.

    Examples
    --------
    >>> logsumexp(np.array([1000.0, 1000.0]))
    np.float64(1000.6931471805599)
    """
    a = _entries(a)
    if b is not None:
        a, b = _broadcast_to_weights(a, as_array(b) if a.__class__ is Variable else _entries(b))
    axis = axes_of(axis, a)
    reduced: dict[str, Any] = {"axis": axis, "keepdims": keepdims}
    if b is None and _is_real_and_not_empty(a):
        largest = _largest(a, axis)
        peak = _finite(largest)
        others = np.exp(a - peak) - shares(largest, a, axis=axis)
        rest = np.sum(others, **reduced)
        logarithm = np.log1p(rest) + _as_reduced(peak, axis, keepdims)
        return (logarithm, np.sign(rest + 1.0)) if return_sign else logarithm
    peak, terms = _terms(a, b, axis)
    total = np.sum(terms, **reduced)
    size = abs(total) if return_sign else total
    logarithm = _each(np.log, size) + _as_reduced(peak, axis, keepdims)
    return (logarithm, _each(np.sign, total)) if return_sign else logarithm


def softmax(x: Any, axis: Axis = None) -> Any:
    """Return eˣ / Σ eˣ along axes.

    Examples
    --------
    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    x = _entries(x)
    axis = axes_of(axis, x)
    parts = _each(np.exp, x - _largest(x, axis))
    return parts / np.sum(parts, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: Axis = None) -> Any:
    """Return x − ln Σ eˣ along axes.

    Examples
    --------
    >>> log_softmax(np.array([1000.0, 0.0]))
    array([    0., -1000.])
    """
    x = _entries(x)
    axis = axes_of(axis, x)
    below = x - _finite(_largest(x, axis))
    return below - _each(np.log, np.sum(_each(np.exp, below), axis=axis, keepdims=True))


def _entries(a: Any) -> Any:
    """Return a traced array unchanged, anything else as an array: of objects, if it holds one."""
    if a.__class__ is Variable:
        return a
    if isinstance(a, (list, tuple)) and any(len(shape_of(part)) for part in a):
        return as_array(a)
    return np.asarray(a)


def _is_real_and_not_empty(a: Any) -> bool:
    return a.dtype.kind not in "cO" and 0 not in shape_of(a)


def _each(function: np.ufunc, a: Any) -> Any:
    """Apply a ufunc, also to an array of objects some of which are plain numbers."""
    if a.__class__ is np.ndarray and a.dtype == object:
        return np.frompyfunc(function, 1, 1)(a)
    return function(a)


def _largest(a: Any, axis: Axis) -> Any:
    """Return the largest entry along the axes."""
    if is_complex(a):
        a = np.real(a)
    stays: Any = axis is not None and len(np.atleast_1d(axis)) < len(shape_of(a))
    return np.max(a, axis=axis, keepdims=stays)


def _finite(largest: Any) -> Any:
    """Return the largest entries, with 0 in place of any that is not finite."""
    finite = _each(np.isfinite, largest)
    return largest if np.all(finite) else np.where(finite, largest, 0.0)


def _as_reduced(peak: Any, axis: Axis, keepdims: bool) -> Any:
    return peak if keepdims or not shape_of(peak) else np.squeeze(peak, axis)


def _broadcast_to_weights(a: Any, b: Any) -> tuple[Any, Any]:
    """Return a and its weights, with a broadcast to their common shape and type."""
    shape = np.broadcast_shapes(shape_of(a), shape_of(b))
    dtype = np.result_type(a.dtype, b.dtype)
    if a.dtype != dtype and a.dtype != object:
        a = a.astype(dtype)
    return a if shape_of(a) == shape else np.broadcast_to(a, shape), b


def _terms(a: Any, b: Any, axis: Axis) -> tuple[Any, Any]:
    """Return the largest entry that counts, and the terms of the sum divided by its exponential."""
    if 0 in shape_of(a):
        return 0.0, np.exp(a)
    counts = True if b is None else np.not_equal(b, 0.0)
    every = bool(np.all(counts))
    peak = _finite(_largest(a if every else np.where(counts, a, -np.inf), axis))
    below = a - peak
    if not every:  # the slope in a weight of 0 is the exponential, where that is a float
        below = np.where(counts | (below < _LARGEST_EXPONENT), below, -np.inf)
    terms = _each(np.exp, below)
    return peak, terms if b is None else b * terms
