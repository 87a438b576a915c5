"""Reductions of traced arrays: sums, products, extremes and moments along axes.

They take NumPy's ``dtype=``, ``initial=`` and ``where=``. Entries that ``where`` leaves out are
replaced by the neutral number: 0 in a sum, 1 in a product.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import is_complex, shape_of
from adviz.core.variable import Variable
from adviz.host.errors import OptionError
from adviz.rules.array_rules import RULES
from adviz.rules.operands import Axis, as_array, axes_of, count_along
from adviz.rules.registry import needs_floats
from adviz.rules.rule import Rule

__all__ = ["REDUCTIONS", "max_of", "min_of", "prod_of", "sum_of"]


def _converted(a: Any, dtype: Any, where: Any, neutral: Any) -> Any:
    """Return the array to reduce: of this type, with a neutral number where it does not count."""
    a = as_array(a)
    if dtype is not None and dtype != a.dtype:
        a = a.astype(dtype)
    return a if where is True else np.where(where, a, neutral)


_sum: Rule = RULES["sum"]


def sum_of(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """``np.sum``."""
    if a.__class__ is not Variable or dtype is not None or where is not True:
        a = _converted(a, dtype, where, 0.0)
    total = _sum(a, axis=axes_of(axis, a), keepdims=bool(keepdims))
    return total if initial is None else total + initial


def _extremum(name: str, larger: np.ufunc) -> Callable[..., Any]:
    rule = RULES[name]

    def extremum(
        a: Any,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Any:
        if where is not True and initial is None:
            raise OptionError(f"np.{name} with where= needs initial=")
        if a.__class__ is not Variable or where is not True:
            a = _converted(a, None, where, initial)
        result = rule(a, axis=axes_of(axis, a), keepdims=bool(keepdims))
        return result if initial is None else larger(result, initial)

    return extremum


max_of, min_of = _extremum("max", np.maximum), _extremum("min", np.minimum)


def _counted(a: Any, axis: Axis, keepdims: bool, where: Any) -> Any:
    """Return the number of entries along the axes that count."""
    if where is True:
        return float(count_along(a, axis))
    where = np.broadcast_to(where, shape_of(a))
    return np.asarray(np.count_nonzero(where, axis=axis, keepdims=keepdims), a.real.dtype)


def _degrees_of_freedom(count: Any, ddof: float) -> Any:
    """Return a count less ddof, but no less than 0, as in NumPy."""
    return max(count - ddof, 0.0) if count.__class__ is float else np.maximum(count - ddof, 0.0)


def _mean(
    a: Any, axis: Axis = None, dtype: Any = None, *, keepdims: bool = False, where: Any = True
) -> Any:
    if a.__class__ is not Variable or dtype is not None or where is not True:
        a = _converted(a, dtype, where, 0.0)
    axis = axes_of(axis, a)
    is_half = dtype is None and a.dtype == np.float16  # NumPy adds it up in single precision
    a = np.astype(a, np.float32) if is_half else a
    mean = _sum(a, axis=axis, keepdims=bool(keepdims)) / _counted(a, axis, keepdims, where)
    return np.astype(mean, np.float16) if is_half else mean


def _var(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    a = _converted(a, dtype, True, 0.0)
    axis = axes_of(axis, a)
    if mean is None:
        mean = _mean(a, axis, a.dtype, keepdims=True, where=where)
    centred = a - mean
    squares = np.real(centred * np.conj(centred)) if is_complex(centred) else centred * centred
    squares = _converted(squares, None, where, 0.0)
    ddof = ddof if correction is None else correction
    total = _sum(squares, axis=axis, keepdims=keepdims)
    return total / _degrees_of_freedom(_counted(a, axis, keepdims, where), ddof)


def _std(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    where: Any = True,
    **options: Any,
) -> Any:
    """Return the root of the variance; of a single entry both are 0 everywhere, and smooth."""
    a = as_array(a)
    variance = _var(a, axis, dtype, keepdims=keepdims, where=where, **options)
    count = _counted(a, axes_of(axis, a), keepdims, where)
    if count.__class__ is float:
        return variance if count == 1.0 else np.sqrt(variance)
    is_single = np.equal(count, 1.0)
    if not np.any(is_single):
        return np.sqrt(variance)
    return np.where(is_single, variance, np.sqrt(np.where(is_single, 1.0, variance)))


def _ptp(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return max_of(a, axis, keepdims=keepdims) - min_of(a, axis, keepdims=keepdims)


def prod_of(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """``np.prod``, by multiplying halves with each other: no derivative divides by an entry."""
    a = _converted(a, dtype, where, 1.0)
    axis = axes_of(axis, a)
    ndim = len(shape_of(a))
    if not ndim:
        return a if initial is None else a * initial
    axes = tuple(range(ndim)) if axis is None else (axis,) if isinstance(axis, int) else axis
    kept = tuple(1 if k in {x % ndim for x in axes} else n for k, n in enumerate(shape_of(a)))
    rest = tuple(n for k, n in enumerate(shape_of(a)) if k not in {x % ndim for x in axes})
    a = np.moveaxis(a, axes, range(len(axes))).reshape((count_along(a, axis), *rest))
    if a.shape[0] == 0:
        a = a.sum(axis=0, keepdims=True) + 1.0
    elif a.shape[0] == 1:
        a = np.positive(a)  # no view
    while a.shape[0] > 1:
        half, odd = divmod(a.shape[0], 2)
        products = a[:half] * a[half : 2 * half]
        a = np.concatenate([products, a[2 * half :]]) if odd else products
    product = a[0].reshape(kept) if keepdims else a[0]
    return product if initial is None else product * initial


def _cumsum(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    a = _converted(a, dtype, True, 0.0)
    return RULES["cumsum"](a if axis is not None else a.reshape(-1), axis=axis or 0)


def _cumprod(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Multiply in strides of 1, 2, 4, ..., so that no derivative divides by an entry."""
    a = _converted(a, dtype, True, 1.0)
    if not shape_of(a):
        axes_of(axis, a)  # which refuses an axis that a number does not have
        axis = None
    a = a.reshape(-1) if axis is None else np.moveaxis(a, axis, 0)
    if a.shape[0] < 2:
        a = np.positive(a)  # no view
    stride = 1
    while stride < a.shape[0]:
        a = np.concatenate([a[:stride], a[stride:] * a[:-stride]])
        stride *= 2
    return a if axis is None else np.moveaxis(a, 0, axis)


def _cumulative(function: Callable[..., Any], neutral: float) -> Callable[..., Any]:
    """Return a cumulative sum or product with the parameters of the array API."""

    def cumulative(
        x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
    ) -> Any:
        x = np.atleast_1d(as_array(x))
        if axis is None and len(x.shape) > 1:
            raise OptionError("axis is needed for an array of several axes")
        axis = axes_of(0 if axis is None else axis, x) % len(x.shape)
        result = function(x, axis, dtype)
        if not include_initial:
            return result
        edge = [1 if k == axis else length for k, length in enumerate(x.shape)]
        return np.concatenate([np.full(edge, neutral, x.dtype), result], axis=axis)

    return cumulative


# -- without NaN ---------------------------------------------------------------------------------


def _without_nan(function: Callable[..., Any], filler: float) -> Callable[..., Any]:
    def without_nan(a: Any, axis: Axis = None, *args: Any, **options: Any) -> Any:
        a = as_array(a)
        return function(np.where(np.isnan(a), filler, a), axis, *args, **options)

    return without_nan


def _present(a: Any, where: Any) -> Any:
    """Return which entries count: those that are not NaN."""
    present = ~np.isnan(a)
    return present if where is True else present & where


def _nanmean(
    a: Any, axis: Axis = None, dtype: Any = None, *, where: Any = True, **kept: Any
) -> Any:
    a = as_array(a)
    dtype = a.dtype if dtype is None else dtype  # in which NumPy adds up, even half precision
    return _mean(a, axis, dtype, where=_present(a, where), **kept)


def _nanvar(a: Any, axis: Axis = None, dtype: Any = None, *, where: Any = True, **kept: Any) -> Any:
    a = as_array(a)
    present = _present(a, where)
    return _var(np.where(present, a, 0.0), axis, dtype, where=present, **kept)


def _nanstd(
    a: Any, axis: Axis = None, dtype: Any = None, *, where: Any = True, **options: Any
) -> Any:
    a = as_array(a)
    present = _present(a, where)
    return _std(np.where(present, a, 0.0), axis, dtype, where=present, **options)


def _extreme_number(function: Callable[..., Any], filler: float) -> Callable[..., Any]:
    """Return a maximum or minimum that ignores NaN; it is NaN where every entry is."""

    def extreme(a: Any, axis: Axis = None, *, keepdims: Any = False, **options: Any) -> Any:
        a = as_array(a)
        absent = np.isnan(a)
        result = function(np.where(absent, filler, a), axis, keepdims=keepdims, **options)
        axis = axes_of(axis, a)
        nothing = np.all(absent, axis=axis, keepdims=keepdims)
        return np.where(nothing, np.nan, result) if np.any(nothing) else result

    return extreme


REDUCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    **needs_floats({np.sum: sum_of, np.prod: prod_of}, "dtype", "where"),
    **needs_floats({np.mean: _mean, np.var: _var, np.std: _std}),
    **needs_floats({np.max: max_of, np.amax: max_of, np.min: min_of, np.amin: min_of}, "where"),
    np.ptp: _ptp,
    **needs_floats({np.cumsum: _cumsum, np.cumprod: _cumprod}, "dtype"),
    np.cumulative_sum: _cumulative(_cumsum, 0.0),
    np.cumulative_prod: _cumulative(_cumprod, 1.0),
    np.nansum: _without_nan(sum_of, 0.0),
    np.nanprod: _without_nan(prod_of, 1.0),
    np.nanmax: _extreme_number(max_of, -np.inf),
    np.nanmin: _extreme_number(min_of, np.inf),
    np.nancumsum: _without_nan(_cumsum, 0.0),
    np.nancumprod: _without_nan(_cumprod, 1.0),
    **needs_floats({np.nanmean: _nanmean, np.nanvar: _nanvar, np.nanstd: _nanstd}),
}
