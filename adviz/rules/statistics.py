"""Statistics of traced arrays: sorting, quantiles, weighted means and covariances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import is_complex, shape_of
from adviz.host.errors import OptionError
from adviz.rules.operands import Axis, as_array, at_least, axes_of, check_plain, count_along
from adviz.rules.reductions import sum_of
from adviz.rules.registry import needs_floats
from adviz.rules.shapes import laid_out_like

__all__ = ["STATISTICS"]


def _sort(a: Any, axis: int | None = -1, kind: Any = None, *, stable: Any = None) -> Any:
    a = as_array(a)
    if axis is None:
        a, axis = a.reshape(-1), -1
    ordered = np.take_along_axis(a, np.argsort(a, axis, kind="stable"), axis)
    return laid_out_like(ordered, a)


_POSITIONS: dict[str, Callable[[Any], Any]] = {
    "linear": lambda position: position,
    "lower": np.floor,
    "higher": np.ceil,
    "midpoint": lambda position: (np.floor(position) + np.ceil(position)) / 2,
    "nearest": np.rint,
}


def _quantile(
    a: Any,
    q: Any,
    axis: Axis = None,
    *,
    method: str = "linear",
    keepdims: bool = False,
    overwrite_input: bool = False,
    without_nan: bool = False,
) -> Any:
    """Interpolate linearly between the sorted entries, among which NaN come last."""
    check_plain("quantile", q)
    if method not in _POSITIONS:
        raise OptionError(f"method must be one of {', '.join(_POSITIONS)}")
    a = as_array(a)
    if is_complex(a) and np.any(np.not_equal(q, 0.5)):
        raise OptionError("complex numbers have a median and no other quantile")
    q = np.asarray(q, np.finfo(a.dtype).dtype if isinstance(q, (int, float)) else None)
    if without_nan and not a.size:
        return np.mean(a, axis=axis, keepdims=keepdims)  # NaN, whatever q is
    shape, ndim = a.shape, len(a.shape)
    axis = axes_of(axis, a)
    axes = range(ndim) if axis is None else [axis % ndim] if isinstance(axis, int) else axis
    rest = [k for k in range(ndim) if k not in axes]
    a = a.transpose([*axes, *rest]).reshape((count_along(a, axis), *(shape[k] for k in rest)))
    a = _sort(a, 0)
    absent = np.count_nonzero(np.isnan(a), axis=0)
    last = a.shape[0] - 1 - absent * without_nan
    position = _POSITIONS[method](q.reshape(q.shape + (1,) * len(rest)) * last)
    below = np.floor(position).astype(int)
    above = np.minimum(below + 1, last)
    weight = np.asarray(position - below, np.result_type(np.finfo(a.dtype).dtype, q.dtype))
    where = np.indices(below.shape)[q.ndim :]
    result = a[below, *where] * (1 - weight) + a[above, *where] * weight
    if not without_nan and np.any(absent):
        result = np.where(absent, np.nan, result)
    if keepdims:
        kept = tuple(1 if k in axes else n for k, n in enumerate(shape))
        return result.reshape(q.shape + kept)
    return result


def _percentile(a: Any, q: Any, axis: Axis = None, **options: Any) -> Any:
    check_plain("percentile", q)
    a = as_array(a)
    return _quantile(a, np.asarray(np.true_divide(q, a.dtype.type(100))), axis, **options)


def _median(a: Any, axis: Axis = None, **options: Any) -> Any:
    a = as_array(a)
    if not a.size:
        return np.mean(a, axis=axis, keepdims=options.get("keepdims", False))
    return _quantile(a, 0.5, axis, **options)


def _nanquantile(a: Any, q: Any, axis: Axis = None, **options: Any) -> Any:
    return _quantile(a, q, axis, without_nan=True, **options)


def _nanpercentile(a: Any, q: Any, axis: Axis = None, **options: Any) -> Any:
    return _percentile(a, q, axis, without_nan=True, **options)


def _nanmedian(a: Any, axis: Axis = None, **options: Any) -> Any:
    return _quantile(a, 0.5, axis, without_nan=True, **options)


def _average(
    a: Any,
    axis: Axis = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Any:
    a = as_array(a)
    if weights is None and not returned:
        return np.mean(a, axis, keepdims=keepdims)
    weights = np.ones(shape_of(a), a.dtype) if weights is None else as_array(weights)
    if shape_of(weights) != shape_of(a):
        weights = weights.reshape([-1 if k == axis % a.ndim else 1 for k in range(a.ndim)])
        weights = np.broadcast_to(weights, shape_of(a))
    total = sum_of(weights, axis, keepdims=keepdims)
    mean = sum_of(a * weights, axis, keepdims=keepdims) / total
    return (mean, total) if returned else mean


def _cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None
) -> Any:
    def variables_by_row(x: Any) -> Any:
        x = at_least(float, as_array(x))
        return np.atleast_2d(x) if len(x.shape) < 2 else x if rowvar else x.T

    rows = variables_by_row(m)
    if not rows.shape[0]:
        return np.zeros((0, 0))
    if y is not None:
        rows = np.concatenate([rows, variables_by_row(y)])
    if ddof is None:
        ddof = 0 if bias else 1
    centred = rows - rows.mean(axis=1, keepdims=True)
    count = max(float(rows.shape[1] - ddof), 0.0)
    return (centred @ np.conj(centred.T) / count).squeeze()[()]


def _corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    covariance = _cov(x, y, rowvar)
    if shape_of(covariance) == ():
        return covariance / covariance
    spread = np.sqrt(np.diagonal(covariance))
    return covariance / spread[:, None] / spread[None, :]


STATISTICS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.sort: _sort,
    **needs_floats(
        {
            np.median: _median,
            np.quantile: _quantile,
            np.percentile: _percentile,
            np.nanmedian: _nanmedian,
            np.nanquantile: _nanquantile,
            np.nanpercentile: _nanpercentile,
            np.average: _average,
            np.cov: _cov,
            np.corrcoef: _corrcoef,
        }
    ),
}
