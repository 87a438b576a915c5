"""Polynomials with traced coefficients: values, roots, fits and arithmetic."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.rules.operands import as_array, at_least
from adviz.rules.registry import needs_floats

__all__ = ["POLYNOMIALS"]


def _polyval(p: Any, x: Any) -> Any:
    p, x = as_array(p), as_array(x)
    dtype = np.result_type(p.dtype, x.dtype)
    p, x = at_least(dtype, p), at_least(dtype, x)
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
    zeros = at_least(np.mintypecode(zeros.dtype.char), zeros)
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
    """Return the coefficients of two polynomials, padded to the same length."""
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
    """Solve the least-squares problem with columns scaled to length 1, as NumPy does."""
    columns = _vander(x, deg + 1)
    y = as_array(y)
    if w is not None:
        w = as_array(w)
        columns, y = columns * w[:, None], y * (w if len(y.shape) == 1 else w[:, None])
    scale = np.sqrt(np.sum(columns * columns, axis=0))
    coefficients = np.linalg.lstsq(columns / scale, y, rcond)[0]
    return coefficients / (scale if len(shape_of(coefficients)) == 1 else scale[:, None])


def _roots(p: Any) -> Any:
    """Return the eigenvalues of the companion matrix."""
    p = np.ravel(as_array(p))
    nonzero = np.flatnonzero(p)
    if not len(nonzero):
        return np.zeros(0)
    trailing = p.shape[0] - int(nonzero[-1]) - 1
    p = p[int(nonzero[0]) : int(nonzero[-1]) + 1]
    n = p.shape[0] - 1
    if n < 1:
        return np.zeros(trailing)
    companion = np.concatenate([(-p[1:] / p[0])[None, :], np.eye(n, dtype=p.dtype)[:-1]])
    roots = np.linalg.eigvals(companion)
    return np.concatenate([roots, np.zeros(trailing)]) if trailing else roots


POLYNOMIALS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.polyval: _polyval,
    np.polyder: _polyder,
    np.polyint: _polyint,
    np.polyadd: lambda a1, a2: operator.add(*_of_one_degree(a1, a2)),
    np.polysub: lambda a1, a2: operator.sub(*_of_one_degree(a1, a2)),
    np.polymul: lambda a1, a2: np.convolve(np.atleast_1d(a1), np.atleast_1d(a2)),
    **needs_floats({np.polydiv: _polydiv, np.polyfit: _polyfit}),
    np.poly: _poly,
    np.roots: _roots,
    np.vander: _vander,
}
