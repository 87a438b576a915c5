"""Indexing traced arrays, assigning into them, and choosing between them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.variable import Variable, compare
from adviz.host.errors import OptionError, UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.array_rules import RULES
from adviz.rules.nondifferentiable import as_decision
from adviz.rules.operands import as_array, check_plain, gathered, kept
from adviz.rules.registry import needs_floats
from adviz.rules.shapes import laid_out_like

__all__ = ["CHOOSING", "index_of"]


def index_of(key: Any) -> Any:
    """Return a copy of an index that nobody else can change, with arrays for lists."""
    return tuple([_kept_part(part) for part in key]) if key.__class__ is tuple else _kept_part(key)


def _kept_part(part: Any) -> Any:
    if part.__class__ is np.ndarray and part.dtype.kind in "ib":
        return part.copy()
    if part.__class__ is Variable:
        part = np.array(part)
    if isinstance(part, (list, np.ndarray)):
        part = (
            np.array(part)
            if len(np.shape(part)) == 0 or np.size(part)
            else np.array(part, dtype=np.intp)
        )
        if part.dtype == object:
            raise UnsupportedOperationError(
                f"A traced array is indexed by traced numbers: {describe(_getframe(2))}. "
                "Index with plain ints or comparisons."
            )
    return part


_view, _part = RULES["view"], RULES["getitem"]


def _getitem(a: Variable, key: Any) -> Any:
    rule = _view
    for part in key if key.__class__ is tuple else (key,):
        if part.__class__ is not int and part.__class__ is not slice and part is not None:
            key = index_of(key)
            rule = _part if _holds_arrays(key) else _view
            break
    if a.example.__class__ is not np.ndarray and not shape_of(a):
        return _expanded_number(a, key)
    return rule(a, key=key)


def _holds_arrays(key: Any) -> bool:
    """Return whether an index contains arrays: then the result is a copy, not a view."""
    parts = key if key.__class__ is tuple else (key,)
    return any(part.__class__ is np.ndarray for part in parts)


def _expanded_number(a: Any, key: Any) -> Any:
    """Return a single number with the axes that an index gives it."""
    parts = key if isinstance(key, tuple) else (key,)
    if not all(part is None or part is Ellipsis for part in parts):
        raise UnsupportedOperationError(
            f"A traced number is a single number and cannot be indexed: "
            f"{describe(_getframe(1))}. Pass a list or an array to trace each of its numbers."
        )
    lengths = (1,) * sum(part is None for part in parts)
    return RULES["reshape"](a, shape=lengths) if lengths else a


def _setitem(a: Any, key: Any, value: Any) -> Any:
    value, key = gathered(value), index_of(key)
    if shape_of(value)[:1] == (1,):  # NumPy leaves axes of length 1 out that the part has not
        ndim = np.empty(shape_of(a), np.bool_)[key].ndim
        while len(shape_of(value)) > ndim and shape_of(value)[0] == 1:
            value = value[0]
    return RULES["setitem"](a, value, key=key)


def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None:
        return np.nonzero(condition)
    condition = gathered(condition)
    if condition.__class__ is Variable:
        condition = compare("!=", (condition, 0.0), _getframe(1))
    x, y = gathered(x), gathered(y)
    return RULES["where"](x, y, condition=kept(condition))


def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0.0) -> Any:
    result = default
    for condition, choice in zip(condlist[::-1], choicelist[::-1], strict=True):
        result = np.where(condition, choice, result)
    rows = np.empty(shape_of(result), getattr(result, "dtype", None))  # NumPy fills rows
    return laid_out_like(result, rows)


def _choose(a: Any, choices: Any, mode: str = "raise") -> Any:
    check_plain("choose", a)
    positions = np.asarray(a)
    if mode != "raise":
        positions = (
            positions % len(choices) if mode == "wrap" else positions.clip(0, len(choices) - 1)
        )
    if not ((positions >= 0) & (positions < len(choices))).all():
        raise ValueError("invalid entry in choice array")
    spread = np.broadcast_arrays(*choices, np.zeros(positions.shape))[:-1]
    return np.take_along_axis(
        np.stack(spread), np.broadcast_to(positions, spread[0].shape)[None], 0
    )[0]


def _piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **options: Any) -> Any:
    """Call each function with the entries for which its condition holds, as NumPy does."""
    x = as_array(x)
    conditions = [np.asarray(condition) for condition in condlist]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(conditions, axis=0))
    if len(funclist) != len(conditions):
        raise ValueError(f"{len(condlist)} conditions and {len(funclist)} functions do not match")
    result = np.zeros_like(x)
    for condition, function in zip(conditions, funclist, strict=True):
        if condition.any():
            chosen = function(x[condition], *args, **options) if callable(function) else function
            result[condition] = chosen
    return result


def _clip(
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    *,
    min: Any = None,  # noqa: A002 - NumPy's names
    max: Any = None,  # noqa: A002
) -> Any:
    low, high = (min if a_min is None else a_min), (max if a_max is None else a_max)
    a = as_array(a)
    if low is None and high is None:
        return np.positive(a)
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


def _compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    positions = np.flatnonzero(condition)
    return np.take(a, positions, axis=axis)


def _nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    given = x = as_array(x)
    largest = np.finfo(x.dtype)
    x = np.where(np.isnan(x), nan, x)
    x = np.where(np.equal(x, np.inf), largest.max if posinf is None else posinf, x)
    x = np.where(np.equal(x, -np.inf), largest.min if neginf is None else neginf, x)
    x = laid_out_like(x, given)
    if copy or not shape_of(given):
        return x
    given[...] = x
    return given


def _partition(a: Any, kth: Any, axis: int | None = -1) -> Any:
    a = as_array(a)
    if axis is None:
        a, axis = a.reshape(-1), -1
    return laid_out_like(np.take_along_axis(a, np.argpartition(a, kth, axis), axis), a)


def _unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
) -> Any:
    """Return the first of each group of equal entries."""
    flat = np.ravel(as_array(ar))
    index = as_decision(_first_of_each)(flat)
    others = []
    if return_index:
        others.append(index)
    if return_inverse:
        others.append(as_decision(_place_of_each)(flat))
    if return_counts:
        others.append(as_decision(_count_of_each)(flat))
    return (flat[index], *others) if others else flat[index]


def _first_of_each(ar: Any) -> Any:
    return np.unique(ar, return_index=True)[1]


def _place_of_each(ar: Any) -> Any:
    return np.unique(ar, return_inverse=True)[1]


def _count_of_each(ar: Any) -> Any:
    return np.unique(ar, return_counts=True)[1]


def _trim_zeros(filt: Any, trim: str = "fb") -> Any:
    filt = as_array(filt)
    positions = np.flatnonzero(filt)
    start = int(positions[0]) if len(positions) and "f" in trim.lower() else 0
    stop = int(positions[-1]) + 1 if len(positions) and "b" in trim.lower() else filt.shape[0]
    return filt[start:stop] if len(positions) else filt[:0]


# -- assigning -----------------------------------------------------------------------------------


def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    if wrap:
        raise OptionError("wrap must be False")
    positions = np.arange(min(shape_of(a)))
    a[(positions,) * len(shape_of(a))] = val


def _put(a: Any, ind: Any, v: Any, mode: Any = "raise") -> None:
    v = np.ravel(as_array(v))
    positions = np.take(np.arange(np.size(a)), np.ravel(ind), mode=mode)
    a[np.unravel_index(positions, shape_of(a))] = np.resize(v, positions.size)


def _put_along_axis(arr: Any, indices: Any, values: Any, axis: int) -> None:
    check_plain("put_along_axis", indices)
    positions = list(np.indices(np.shape(indices), sparse=True))
    positions[axis] = np.asarray(indices)
    arr[tuple(positions)] = values


def _place(arr: Any, mask: Any, vals: Any) -> None:
    count = np.count_nonzero(mask)
    arr[np.asarray(mask, dtype=bool)] = np.resize(np.ravel(as_array(vals)), count)


def _putmask(a: Any, mask: Any, values: Any) -> None:
    values = np.resize(np.ravel(as_array(values)), shape_of(a))
    a[...] = np.where(mask, values, a)


def _copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    dst[...] = src if where is True else np.where(where, src, dst)


# -- applying functions --------------------------------------------------------------------------


def _apply_along_axis(
    func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **options: Any
) -> Any:
    arr = as_array(arr)
    axis %= len(arr.shape)
    lines = np.moveaxis(arr, axis, -1)
    around = lines.shape[:-1]
    results = [func1d(line, *args, **options) for line in lines.reshape(-1, lines.shape[-1])]
    stacked = np.stack([as_array(result) for result in results])
    result_shape = shape_of(stacked)[1:]
    stacked = stacked.reshape(around + result_shape)
    result_axes = range(len(around), len(around) + len(result_shape))
    return np.moveaxis(stacked, list(result_axes), [axis + k for k in range(len(result_shape))])


def _apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    a = as_array(a)
    for axis in np.ravel(axes):
        result = func(a, int(axis))
        a = result if len(shape_of(result)) == len(a.shape) else np.expand_dims(result, int(axis))
    return a


CHOOSING: dict[Callable[..., Any], Callable[..., Any]] = {
    operator.getitem: _getitem,
    operator.setitem: _setitem,
    np.where: _where,
    np.select: _select,
    np.choose: _choose,
    np.piecewise: _piecewise,
    np.clip: _clip,
    np.compress: _compress,
    np.extract: lambda condition, arr: _compress(np.ravel(condition), np.ravel(arr)),
    **needs_floats({np.nan_to_num: _nan_to_num}),
    np.partition: _partition,
    np.unique: _unique,
    np.unique_values: _unique,
    np.union1d: lambda ar1, ar2: _unique(np.concatenate([np.ravel(ar1), np.ravel(ar2)])),
    np.trim_zeros: _trim_zeros,
    np.fill_diagonal: _fill_diagonal,
    np.put: _put,
    np.put_along_axis: _put_along_axis,
    np.place: _place,
    np.putmask: _putmask,
    np.copyto: _copyto,
    np.apply_along_axis: _apply_along_axis,
    np.apply_over_axes: _apply_over_axes,
}
