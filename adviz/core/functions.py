"""THE table of NumPy functions that work on traced arrays, each by the rules it comes down to.

Most are a line or two of NumPy, and so differentiable to any order. Adding a function is adding
one row to ``_TABLE``; what has no derivative (an argmax, a comparison) gives plain values, which
are written down as decisions.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core.advice import no_rule
from adviz.core.arrays import RULES, conj, imag, real, scatter, transposed
from adviz.core.broadcasting import shape_of
from adviz.core.elementals import CONSTANT, ELEMENTALS
from adviz.core.errors import UnsupportedOperationError
from adviz.core.source import describe
from adviz.core.structure import leaves, mapped
from adviz.core.variable import (
    FUNCTIONS,
    UFUNC_METHODS,
    Variable,
    called_with,
    compare,
    gathered,
    newest_tape,
    value_of,
)

__all__ = ["ABOUT_SHAPE", "ASKED", "FUNCTIONS", "METHODS", "Question", "as_array", "asking"]

Axis = int | tuple[int, ...] | None


def _axis(axis: Any, array: Any) -> Any:
    """Return an axis or axes as ints of Python; None for all of them."""
    if axis is None:
        return None
    if isinstance(axis, (tuple, list)):
        return tuple(operator.index(a) % len(shape_of(array)) for a in axis)
    return operator.index(axis)


def as_array(a: Any) -> Any:
    """Return a list that holds traced numbers as one traced array."""
    if a.__class__ is Variable:
        return a
    a = gathered(a)
    return a if a.__class__ is Variable or isinstance(a, np.ndarray) else np.asarray(a)


# -- reductions ----------------------------------------------------------------------------------


def _reduction(name: str) -> Callable[..., Any]:
    rule = RULES[name]

    def function(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
        a = as_array(a)
        return rule(a, axis=_axis(axis, a), keepdims=bool(keepdims))

    function.__name__ = name
    return function


_sum, _max, _min = _reduction("sum"), _reduction("max"), _reduction("min")


def _count(a: Any, axis: Axis) -> int:
    """Return how many entries a reduction takes together."""
    shape = shape_of(a)
    axes = range(len(shape)) if axis is None else (axis,) if isinstance(axis, int) else axis
    return math.prod(shape[k] for k in axes)


def _mean(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    a = as_array(a)
    axis = _axis(axis, a)
    return RULES["sum"](a, axis=axis, keepdims=keepdims) / float(_count(a, axis))


def _var(a: Any, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    a = as_array(a)
    axis = _axis(axis, a)
    centred = a - _mean(a, axis, keepdims=True)
    return _sum(centred * centred, axis, keepdims=keepdims) / float(_count(a, axis) - ddof)


def _std(a: Any, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    return np.sqrt(_var(a, axis, ddof=ddof, keepdims=keepdims))


def _ptp(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return _max(a, axis, keepdims=keepdims) - _min(a, axis, keepdims=keepdims)


def _prod(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Multiply halves with each other: so an entry of 0 needs no division by it."""
    a = as_array(a)
    axis = _axis(axis, a)
    ndim = len(shape_of(a))
    axes = tuple(range(ndim)) if axis is None else (axis,) if isinstance(axis, int) else axis
    kept = tuple(1 if k in {x % ndim for x in axes} else n for k, n in enumerate(shape_of(a)))
    rest = tuple(n for k, n in enumerate(shape_of(a)) if k not in {x % ndim for x in axes})
    a = np.moveaxis(a, axes, range(len(axes))).reshape((_count(a, axis), *rest))
    if a.shape[0] == 0:
        a = a.sum(axis=0, keepdims=True) + 1.0
    while a.shape[0] > 1:
        half, odd = divmod(a.shape[0], 2)
        products = a[:half] * a[half : 2 * half]
        a = np.concatenate([products, a[2 * half :]]) if odd else products
    return a[0].reshape(kept) if keepdims else a[0]


def _cumsum(a: Any, axis: int | None = None) -> Any:
    a = as_array(a)
    return RULES["cumsum"](a if axis is not None else a.reshape(-1), axis=axis or 0)


def _cumprod(a: Any, axis: int | None = None) -> Any:
    """Multiply in strides of 1, 2, 4, ...: so an entry of 0 needs no division by it."""
    a = as_array(a)
    a = a.reshape(-1) if axis is None else np.moveaxis(a, axis, 0)
    stride = 1
    while stride < a.shape[0]:
        a = np.concatenate([a[:stride], a[stride:] * a[:-stride]])
        stride *= 2
    return a if axis is None else np.moveaxis(a, 0, axis)


def _without_nan(function: Callable[..., Any], filler: float) -> Callable[..., Any]:
    def of_the_rest(a: Any, axis: Axis = None, **options: Any) -> Any:
        return function(np.where(np.isnan(a), filler, a), axis, **options)

    return of_the_rest


def _present(a: Any, axis: Axis, keepdims: bool) -> Any:
    return np.count_nonzero(~np.isnan(a), axis=axis, keepdims=keepdims)


def _nanmean(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return np.nansum(a, axis, keepdims=keepdims) / _present(a, axis, keepdims)


def _nanvar(a: Any, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    centred = np.where(np.isnan(a), 0.0, a - _nanmean(a, axis, keepdims=True))
    return np.sum(centred * centred, axis, keepdims=keepdims) / (_present(a, axis, keepdims) - ddof)


def _nanstd(a: Any, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    return np.sqrt(_nanvar(a, axis, ddof=ddof, keepdims=keepdims))


# -- statistics ----------------------------------------------------------------------------------


def _sort(a: Any, axis: int | None = -1) -> Any:
    a = as_array(a)
    if axis is None:
        a, axis = a.reshape(-1), -1
    return np.take_along_axis(a, np.argsort(a, axis, kind="stable"), axis)


def _quantile(a: Any, q: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Interpolate linearly between the sorted entries."""
    a = as_array(a)
    shape, ndim = a.shape, len(a.shape)
    axis = _axis(axis, a)
    axes = range(ndim) if axis is None else [axis % ndim] if isinstance(axis, int) else axis
    rest = [k for k in range(ndim) if k not in axes]
    a = a.transpose([*axes, *rest]).reshape((_count(a, axis), *(shape[k] for k in rest)))
    a = _sort(a, 0)
    place = np.asarray(q) * (a.shape[0] - 1)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, a.shape[0] - 1)
    weight = (place - below).reshape(place.shape + (1,) * len(rest))
    result = a[below] * (1 - weight) + a[above] * weight
    if keepdims:
        kept = tuple(1 if k in axes else n for k, n in enumerate(shape))
        return result.reshape(place.shape + kept)
    return result


def _percentile(a: Any, q: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return _quantile(a, np.asarray(q) / 100, axis, keepdims=keepdims)


def _median(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return _quantile(a, 0.5, axis, keepdims=keepdims)


def _average(
    a: Any,
    axis: Axis = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Any:
    a = as_array(a)
    if weights is None:
        weights = np.ones(shape_of(a))
    weights = as_array(weights)
    if shape_of(weights) != shape_of(a):
        weights = weights.reshape([-1 if k == axis % a.ndim else 1 for k in range(a.ndim)])
        weights = np.broadcast_to(weights, shape_of(a))
    total = _sum(weights, axis, keepdims=keepdims)
    mean = _sum(a * weights, axis, keepdims=keepdims) / total
    return (mean, total) if returned else mean


def _cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None
) -> Any:
    def variables_by_row(x: Any) -> Any:
        x = as_array(x)
        return x[None, :] if len(x.shape) == 1 else x if rowvar else x.T

    rows = variables_by_row(m)
    if y is not None:
        rows = np.concatenate([rows, variables_by_row(y)])
    if ddof is None:
        ddof = 0 if bias else 1
    centred = rows - rows.mean(axis=1, keepdims=True)
    return (centred @ centred.T / float(rows.shape[1] - ddof)).squeeze()[()]


def _corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    covariance = _cov(x, y, rowvar)
    if shape_of(covariance) == ():
        return covariance / covariance
    spread = np.sqrt(np.diagonal(covariance))
    return covariance / spread[:, None] / spread[None, :]


# -- products ------------------------------------------------------------------------------------


def _matmul(a: Any, b: Any) -> Any:
    a, b = gathered(a), gathered(b)
    if shape_of(a) == () or shape_of(b) == ():
        raise no_rule("@", _getframe(1))
    return RULES["matmul"](a, b)


def _dot(a: Any, b: Any) -> Any:
    a, b = as_array(a), as_array(b)
    if a.shape == () or b.shape == ():
        return a * b
    if len(a.shape) <= 2 and len(b.shape) <= 2:
        return RULES["matmul"](a, b)
    return _tensordot(a, b, (-1, -2 if len(b.shape) > 1 else -1))


def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    a, b = as_array(a), as_array(b)
    if isinstance(axes, int):
        axes = (range(-axes, 0), range(axes))
    of_a, of_b = ([x] if isinstance(x, int) else list(x) for x in axes)
    of_a, of_b = [x % len(a.shape) for x in of_a], [x % len(b.shape) for x in of_b]
    rest_a = [k for k in range(len(a.shape)) if k not in of_a]
    rest_b = [k for k in range(len(b.shape)) if k not in of_b]
    shape_a, shape_b = [a.shape[k] for k in rest_a], [b.shape[k] for k in rest_b]
    length = math.prod(a.shape[k] for k in of_a)
    left = a.transpose([*rest_a, *of_a]).reshape((math.prod(shape_a), length))
    right = b.transpose([*of_b, *rest_b]).reshape((length, math.prod(shape_b)))
    return (left @ right).reshape((*shape_a, *shape_b))[()]


def _inner(a: Any, b: Any) -> Any:
    a, b = as_array(a), as_array(b)
    return a * b if a.shape == () or b.shape == () else _tensordot(a, b, (-1, -1))


def _outer(a: Any, b: Any) -> Any:
    return np.ravel(as_array(a))[:, None] * np.ravel(as_array(b))[None, :]


def _vdot(a: Any, b: Any) -> Any:
    return np.sum(np.conj(np.ravel(as_array(a))) * np.ravel(as_array(b)))


def _kron(a: Any, b: Any) -> Any:
    a, b = as_array(a), as_array(b)
    n = max(len(a.shape), len(b.shape))
    of_a = (1,) * (n - len(a.shape)) + a.shape
    of_b = (1,) * (n - len(b.shape)) + b.shape
    a = a.reshape([x for length in of_a for x in (length, 1)])
    b = b.reshape([x for length in of_b for x in (1, length)])
    return (a * b).reshape([x * y for x, y in zip(of_a, of_b, strict=True)])


def _cross(a: Any, b: Any) -> Any:
    a, b = as_array(a), as_array(b)
    a0, a1, a2 = (a[..., k] for k in range(3))
    b0, b1, b2 = (b[..., k] for k in range(3))
    return np.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis=-1)


def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return np.diagonal(a, offset, axis1, axis2).sum(axis=-1)


_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _einsum(subscripts: str, *operands: Any, optimize: Any = True) -> Any:
    arrays = [as_array(operand) for operand in operands]
    terms, arrow, result = subscripts.replace(" ", "").partition("->")
    names = terms.split(",")
    free = [letter for letter in _LETTERS if letter not in subscripts]
    extra = max(
        [len(a.shape) - len(n) + 3 for n, a in zip(names, arrays, strict=True) if "..." in n],
        default=0,
    )
    dots = "".join(free[:extra])
    for k, (name, array) in enumerate(zip(names, arrays, strict=True)):
        own = len(array.shape) - len(name.replace("...", ""))
        names[k] = name.replace("...", dots[extra - own :] if own else "")
    if not arrow:
        letters = sorted(set("".join(names)) - set(dots))
        result = "..." + "".join(x for x in letters if "".join(names).count(x) == 1)
    for k, name in enumerate(names):
        for letter in dict.fromkeys(name):
            while name.count(letter) > 1:  # an index met twice in one operand: its diagonal
                first = name.index(letter)
                second = name.index(letter, first + 1)
                arrays[k] = np.diagonal(arrays[k], 0, first, second)
                name = name[:first] + name[first + 1 : second] + name[second + 1 :] + letter
        names[k] = name
    for k, name in enumerate(names):  # a broadcast axis of length 1 is no axis
        ones = [
            j
            for j, letter in enumerate(name)
            if arrays[k].shape[j] == 1
            and any(
                letter in other and arrays[i].shape[other.index(letter)] > 1
                for i, other in enumerate(names)
            )
        ]
        if ones:
            arrays[k] = np.squeeze(arrays[k], tuple(ones))
            names[k] = "".join(letter for j, letter in enumerate(name) if j not in ones)
    final = result.replace("...", dots)
    return RULES["einsum"](*arrays, subscripts=",".join(names) + "->" + final)


# -- shapes --------------------------------------------------------------------------------------


def _reshape(a: Any, shape: Any, order: str = "C") -> Any:
    a = as_array(a)
    if order != "C":
        raise UnsupportedOperationError(
            f"np.reshape with order={order!r} does not trace: {describe(_getframe(1))}. Reshape "
            "the transpose instead."
        )
    shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    return RULES["reshape"](a, shape=np.empty(shape_of(a), np.bool_).reshape(shape).shape)


def _transpose(a: Any, axes: Any = None) -> Any:
    a = as_array(a)
    ndim = len(shape_of(a))
    axes = tuple(range(ndim))[::-1] if axes is None else tuple(axis % ndim for axis in axes)
    return RULES["transpose"](a, axes=axes)


def _permuting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Transpose as a function does: read off an array whose every axis has its own length."""

    def permuted(a: Any, *args: Any, **options: Any) -> Any:
        a = as_array(a)
        axes = function(np.empty(range(len(shape_of(a)))), *args, **options).shape
        return RULES["transpose"](a, axes=axes)

    return permuted


def _reshaping(function: Callable[..., Any]) -> Callable[..., Any]:
    """Reshape as a function does."""

    def reshaped(a: Any, *args: Any, **options: Any) -> Any:
        a = as_array(a)
        shape = function(np.empty(shape_of(a), np.bool_), *args, **options).shape
        return RULES["reshape"](a, shape=shape)

    return reshaped


def _moving(name: str) -> Callable[..., Any]:
    def moved(a: Any, *args: Any, **options: Any) -> Any:
        for _, argument in leaves((args, options)):
            if argument.__class__ is Variable:
                raise UnsupportedOperationError(
                    f"np.{name} takes plain numbers beside the array: {describe(_getframe(1))}. "
                    "Pass the indices or counts outside the traced arguments."
                )
        return RULES[name](as_array(a), args=mapped(_kept, args), options=mapped(_kept, options))

    return moved


def _kept(parameter: Any) -> Any:
    """Return a parameter that nobody else can change."""
    return parameter.copy() if isinstance(parameter, np.ndarray) else parameter


def _pad(array: Any, pad_width: Any, mode: str = "constant", **options: Any) -> Any:
    array = as_array(array)
    if mode != "constant":
        return _moving("pad")(array, pad_width, mode, **options)
    around = np.pad(np.empty(array.shape, np.bool_), pad_width)
    widths = np.broadcast_to(np.asarray(pad_width), (len(array.shape), 2))
    key = tuple(
        slice(int(before), int(before) + length)
        for (before, _), length in zip(widths, array.shape, strict=True)
    )
    inside = scatter(array, key=key, shape=around.shape)
    if not options.get("constant_values"):
        return inside
    return inside + np.pad(np.zeros(array.shape), pad_width, "constant", **options)


def _triangle(function: Callable[..., Any]) -> Callable[..., Any]:
    def triangle(m: Any, k: int = 0) -> Any:
        m = as_array(m)
        return np.where(function(np.ones(shape_of(m)[-2:], dtype=bool), k), m, 0.0)

    return triangle


def _diag(v: Any, k: int = 0) -> Any:
    v = as_array(v)
    if len(shape_of(v)) == 2:
        return np.diagonal(v, k)
    n = shape_of(v)[0] + abs(k)
    places = np.arange(shape_of(v)[0])
    return scatter(v, key=(places + max(-k, 0), places + max(k, 0)), shape=(n, n))


def _concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    parts = [as_array(array) for array in arrays]
    if axis is None:
        parts, axis = [part.reshape(-1) for part in parts], 0
    return RULES["concatenate"](*parts, axis=axis)


def _stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    return _concatenate([np.expand_dims(as_array(a), axis) for a in arrays], axis)


def _vstack(tup: Sequence[Any]) -> Any:
    return _concatenate([np.atleast_2d(as_array(a)) for a in tup], 0)


def _hstack(tup: Sequence[Any]) -> Any:
    parts = [np.atleast_1d(as_array(a)) for a in tup]
    return _concatenate(parts, 0 if len(parts[0].shape) == 1 else 1)


def _dstack(tup: Sequence[Any]) -> Any:
    return _concatenate([np.atleast_3d(as_array(a)) for a in tup], 2)


def _column_stack(tup: Sequence[Any]) -> Any:
    parts = [as_array(a) for a in tup]
    return _concatenate([a[:, None] if len(a.shape) < 2 else a for a in parts], 1)


def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    return _concatenate([arr, values], axis)


def _splitting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Split as a function does the numbers of the places along the axis."""

    def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
        places = function(np.arange(ary.shape[axis]), indices_or_sections)
        before = (slice(None),) * (axis % len(ary.shape))
        parts, start = [], 0
        for part in places:
            start = int(part[0]) if len(part) else start
            parts.append(ary[(*before, slice(start, start + len(part)))])
            start += len(part)
        return parts

    return split


def _split_along(axis: int) -> Callable[..., Any]:
    def split(ary: Any, indices_or_sections: Any) -> Any:
        along = 0 if axis == 1 and len(ary.shape) == 1 else axis
        return np.split(ary, indices_or_sections, along)

    return split


def _broadcast_to(array: Any, shape: Any) -> Any:
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    return RULES["broadcast_to"](as_array(array), shape=shape)


def _broadcast_arrays(*args: Any) -> tuple[Any, ...]:
    shape = np.broadcast_shapes(*(np.shape(a) for a in args))
    return tuple(np.broadcast_to(a, shape) for a in args)


def _copy(a: Any) -> Any:
    """Return an array of its own row, so that assigning into it leaves the other as it is."""
    return RULES["copy"](a) if shape_of(a) else a


def _astype(a: Any, dtype: Any, *, copy: bool = True) -> Any:
    if np.dtype(dtype).kind not in "fc":
        raise UnsupportedOperationError(
            f"A traced array cannot become one of {np.dtype(dtype)}, which has no derivative: "
            f"{describe(_getframe(1))}. Round plain values outside the traced function."
        )
    return RULES["astype"](a, dtype=np.dtype(dtype))


def _filled(fill: Any) -> Callable[..., Any]:
    """Make an array like a traced one, on its tape: so traced numbers can be assigned into it."""

    def like(a: Any, dtype: Any = None, *, shape: Any = None) -> Any:
        return _constant(a, np.full(shape_of(a) if shape is None else shape, fill), dtype)

    return like


def _full_like(a: Any, fill_value: Any, dtype: Any = None, *, shape: Any = None) -> Any:
    return _filled(0.0)(a, dtype, shape=shape) + fill_value


def _constant(like: Any, values: Any, dtype: Any) -> Any:
    values = np.asarray(values, dtype=like.dtype if dtype is None else dtype)
    tape = newest_tape([like])
    tape.has_arrays = True
    value = values if values.ndim else float(values)
    return Variable(tape, tape.record(CONSTANT, None, None, value, _getframe(1)))


# -- indexing and choosing -----------------------------------------------------------------------


def _key(key: Any) -> Any:
    """Return an index that nobody else can change, its lists made arrays."""
    return tuple([_kept_part(part) for part in key]) if key.__class__ is tuple else _kept_part(key)


def _kept_part(part: Any) -> Any:
    if part.__class__ is int or part.__class__ is slice:
        return part
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


def _getitem(a: Any, key: Any) -> Any:
    key = _key(key)
    for part in key if key.__class__ is tuple else (key,):
        if part.__class__ is np.ndarray:
            return RULES["getitem"](a, key=key)
    return RULES["view"](a, key=key)


def _setitem(a: Any, key: Any, value: Any) -> Any:
    return RULES["setitem"](a, gathered(value), key=_key(key))


def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None:
        return np.nonzero(condition)
    condition = gathered(condition)
    if condition.__class__ is Variable:
        condition = compare("!=", (condition, 0.0), _getframe(1))
    x, y = gathered(x), gathered(y)
    return RULES["where"](x, y, condition=_kept(condition))


def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0.0) -> Any:
    result = default
    for condition, choice in zip(condlist[::-1], choicelist[::-1], strict=True):
        result = np.where(condition, choice, result)
    return result


def _clip(a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    a = a if a_min is None else np.maximum(a, a_min)
    return a if a_max is None else np.minimum(a, a_max)


def _compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    places = np.flatnonzero(condition)
    return np.take(a, places, axis=axis)


# -- numerics ------------------------------------------------------------------------------------


def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = np.moveaxis(as_array(y), axis, -1)
    if x is not None:
        x = as_array(x)
        dx = np.diff(x if len(x.shape) == 1 else np.moveaxis(x, axis, -1))
    return (dx * (y[..., 1:] + y[..., :-1]) / 2.0).sum(axis=-1)


def _diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    a = np.moveaxis(as_array(a), axis, -1)
    for _ in range(n):
        a = a[..., 1:] - a[..., :-1]
    return np.moveaxis(a, -1, axis)


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
    y = np.where(x == xp[-1], fp[-1], fp[k] + slope * (x - xp[k]))
    y = np.where(x < xp[0], fp[0] if left is None else left, y)
    return np.where(x > xp[-1], fp[-1] if right is None else right, y)


def _polyval(p: Any, x: Any) -> Any:
    p = as_array(p)
    y = x * 0.0
    for k in range(p.shape[0]):
        y = y * x + p[k]
    return y


def _vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:  # noqa: N803
    x = as_array(x)
    n = x.shape[0] if N is None else N
    powers = np.arange(n) if increasing else np.arange(n)[::-1]
    return x[:, None] ** powers


def _logaddexp(a: Any, b: Any) -> Any:
    return np.maximum(a, b) + np.log1p(np.exp(-abs(a - b)))


def _absolute_of_complex(a: Any) -> Any:
    return np.sqrt(np.real(a) * np.real(a) + np.imag(a) * np.imag(a))


# -- what has no derivative ----------------------------------------------------------------------


class Question:
    """A function of arrays whose answer is no differentiable number, such as ``argmax``.

    Attributes
    ----------
    function : callable
    args, options
        Its arguments, the numbers of the traced ones in the order they are met taken out.
    """

    __slots__ = ("args", "function", "options")

    def __init__(self, function: Callable[..., Any], args: Any, options: Any) -> None:
        self.function = function
        self.args = args
        self.options = options

    def __call__(self, *values: Any) -> Any:
        """Return the answer for plain arrays."""
        rest = iter(values)
        args, options = mapped(
            lambda leaf: next(rest) if leaf.__class__ is Variable else leaf,
            (self.args, self.options),
        )
        return self.function(*args, **options)

    def __str__(self) -> str:
        return self.function.__name__


def asking(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of arrays whose plain answer is written down as a decision."""

    def answer(*args: Any, **options: Any) -> Any:
        args = tuple(as_array(arg) if isinstance(arg, np.ndarray) else arg for arg in args)
        operands = [leaf for _, leaf in leaves((args, options)) if leaf.__class__ is Variable]
        frozen = mapped(_kept, (args, options))
        return compare(Question(function, *frozen), operands, _getframe(1))

    return answer


def _of_shape(function: Callable[..., Any]) -> Callable[..., Any]:
    """Ask about the shape or the type only: no decision."""

    def answer(*args: Any, **options: Any) -> Any:
        return function(*mapped(value_of, args), **mapped(value_of, options))

    return answer


ASKED: tuple[Callable[..., Any], ...] = (
    np.all, np.allclose, np.any, np.argmax, np.argmin, np.argpartition, np.argsort, np.argwhere,
    np.array_equal, np.bincount, np.count_nonzero, np.digitize, np.flatnonzero, np.floor, np.ceil,
    np.histogram, np.isclose, np.isin, np.lexsort, np.nanargmax, np.nanargmin, np.nonzero, np.rint,
    np.round, np.searchsorted, np.signbit, np.trunc, np.unique, np.logical_and, np.logical_not,
    np.logical_or, np.logical_xor, np.linalg.matrix_rank,
)  # fmt: skip

ABOUT_SHAPE: tuple[Callable[..., Any], ...] = (
    np.array_repr, np.array_str, np.array2string, np.can_cast, np.common_type, np.iscomplexobj,
    np.isrealobj, np.may_share_memory, np.min_scalar_type, np.ndim, np.result_type, np.shape,
    np.size,
)  # fmt: skip

_TABLE: dict[Callable[..., Any], Callable[..., Any]] = {
    # reductions
    np.sum: _sum,
    np.mean: _mean,
    np.max: _max,
    np.min: _min,
    np.prod: _prod,
    np.var: _var,
    np.std: _std,
    np.ptp: _ptp,
    np.cumsum: _cumsum,
    np.cumprod: _cumprod,
    np.nansum: _without_nan(np.sum, 0.0),
    np.nanprod: _without_nan(np.prod, 1.0),
    np.nanmax: _without_nan(np.max, -np.inf),
    np.nanmin: _without_nan(np.min, np.inf),
    np.nancumsum: _without_nan(np.cumsum, 0.0),
    np.nancumprod: _without_nan(np.cumprod, 1.0),
    np.nanmean: _nanmean,
    np.nanvar: _nanvar,
    np.nanstd: _nanstd,
    # statistics
    np.sort: _sort,
    np.median: _median,
    np.quantile: _quantile,
    np.percentile: _percentile,
    np.average: _average,
    np.cov: _cov,
    np.corrcoef: _corrcoef,
    # products
    np.matmul: _matmul,
    np.dot: _dot,
    np.inner: _inner,
    np.outer: _outer,
    np.vdot: _vdot,
    np.tensordot: _tensordot,
    np.einsum: _einsum,
    np.kron: _kron,
    np.cross: _cross,
    np.trace: _trace,
    # shapes
    np.reshape: _reshape,
    np.ravel: lambda a: _reshape(a, -1),
    np.transpose: _transpose,
    np.swapaxes: _permuting(np.swapaxes),
    np.moveaxis: _permuting(np.moveaxis),
    np.rollaxis: _permuting(np.rollaxis),
    np.expand_dims: _reshaping(np.expand_dims),
    np.squeeze: _reshaping(np.squeeze),
    np.atleast_1d: _reshaping(np.atleast_1d),
    np.atleast_2d: _reshaping(np.atleast_2d),
    np.atleast_3d: _reshaping(np.atleast_3d),
    np.broadcast_to: _broadcast_to,
    np.broadcast_arrays: _broadcast_arrays,
    np.concatenate: _concatenate,
    np.stack: _stack,
    np.vstack: _vstack,
    np.hstack: _hstack,
    np.dstack: _dstack,
    np.column_stack: _column_stack,
    np.append: _append,
    np.split: _splitting(np.split),
    np.array_split: _splitting(np.array_split),
    np.hsplit: _split_along(1),
    np.vsplit: _split_along(0),
    np.pad: _pad,
    np.tril: _triangle(np.tril),
    np.triu: _triangle(np.triu),
    np.diag: _diag,
    **{
        getattr(np, name): _moving(name)
        for name in (
            "roll",
            "rot90",
            "tile",
            "repeat",
            "take",
            "take_along_axis",
            "delete",
            "resize",
            "flip",
            "diagonal",
        )
    },
    np.fliplr: lambda m: np.flip(m, 1),
    np.flipud: lambda m: np.flip(m, 0),
    np.copy: _copy,
    np.astype: _astype,
    np.zeros_like: _filled(0.0),
    np.empty_like: _filled(0.0),
    np.ones_like: _filled(1.0),
    np.full_like: _full_like,
    # indexing and choosing
    operator.getitem: _getitem,
    operator.setitem: _setitem,
    np.where: _where,
    np.select: _select,
    np.clip: _clip,
    np.compress: _compress,
    np.extract: lambda condition, arr: _compress(np.ravel(condition), np.ravel(arr)),
    np.nan_to_num: lambda x, nan=0.0: np.where(np.isnan(x), nan, x),
    # numerics
    np.trapezoid: _trapezoid,
    np.diff: _diff,
    np.ediff1d: lambda ary: np.diff(np.ravel(ary)),
    np.convolve: _convolve,
    np.correlate: lambda a, v, mode="valid": np.convolve(a, np.flip(v), mode),
    np.interp: _interp,
    np.polyval: _polyval,
    np.vander: _vander,
    np.real: real,
    np.imag: imag,
    np.conj: conj,
    # ufuncs in terms of others
    np.positive: _copy,
    np.absolute: _absolute_of_complex,
    np.fabs: abs,
    np.fmax: lambda a, b: np.where(np.isnan(b), a, np.where(np.isnan(a), b, np.maximum(a, b))),
    np.fmin: lambda a, b: np.where(np.isnan(b), a, np.where(np.isnan(a), b, np.minimum(a, b))),
    np.cbrt: lambda a: np.sign(a) * abs(a) ** (1 / 3),
    np.logaddexp: _logaddexp,
    np.deg2rad: lambda a: a * (math.pi / 180),
    np.radians: lambda a: a * (math.pi / 180),
    np.rad2deg: lambda a: a * (180 / math.pi),
    np.degrees: lambda a: a * (180 / math.pi),
    np.sinc: lambda x: (
        np.sin(math.pi * np.where(x == 0.0, 1e-20, x)) / (math.pi * np.where(x == 0.0, 1e-20, x))
    ),
    # no derivative
    **{function: asking(function) for function in ASKED},
    **{function: _of_shape(function) for function in ABOUT_SHAPE},
}

FUNCTIONS.update(_TABLE)

UFUNC_METHODS.update(
    {
        (np.add, "reduce"): lambda a, axis=0, *, keepdims=False: _sum(a, axis, keepdims=keepdims),
        (np.multiply, "reduce"): lambda a, axis=0, *, keepdims=False: _prod(
            a, axis, keepdims=keepdims
        ),
        (np.maximum, "reduce"): lambda a, axis=0, *, keepdims=False: _max(
            a, axis, keepdims=keepdims
        ),
        (np.minimum, "reduce"): lambda a, axis=0, *, keepdims=False: _min(
            a, axis, keepdims=keepdims
        ),
        (np.add, "accumulate"): lambda a, axis=0: _cumsum(a, axis),
        (np.multiply, "accumulate"): lambda a, axis=0: _cumprod(a, axis),
        **{
            (row.ufunc, "outer"): lambda a, b, row=row: row(
                as_array(a).reshape(shape_of(a) + (1,) * len(np.shape(b))), b
            )
            for row in ELEMENTALS.values()
            if row.ufunc is not None and row.arity == 2
        },
    }
)

# -- methods and attributes ----------------------------------------------------------------------

METHODS: tuple[str, ...] = (
    "all", "any", "argmax", "argmin", "argsort", "astype", "clip", "compress", "conj", "copy",
    "cumprod", "cumsum", "diagonal", "dot", "max", "mean", "min", "nonzero", "prod", "ravel",
    "repeat", "round", "searchsorted", "squeeze", "std", "sum", "swapaxes", "take", "trace", "var",
)  # fmt: skip
"""The methods of an array that are the function of that name."""


def _method(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    def method(self: Variable, *args: Any, **options: Any) -> Any:
        return called_with(FUNCTIONS[function], (self, *args), options, name, _getframe(1))

    return method


for _name in METHODS:
    setattr(Variable, _name, _method(getattr(np, _name), _name))


def _item(a: Variable) -> Any:
    """Return the one number of an array, still traced."""
    return a if not a.shape else RULES["reshape"](a, shape=())


def _shape_arguments(shape: tuple[Any, ...]) -> Any:
    return shape[0] if len(shape) == 1 else shape


for _name, _attribute in {
    "compress": lambda self, condition, axis=None: np.compress(condition, self, axis),
    "reshape": lambda self, *shape, order="C": _reshape(self, _shape_arguments(shape), order),
    "transpose": lambda self, *axes: _transpose(
        self, None if axes in ((), (None,)) else _shape_arguments(axes)
    ),
    "flatten": lambda self: np.copy(np.ravel(self)),
    "item": lambda self, *index: (
        np.ravel(self)[index[0]] if len(index) == 1 else self[index] if index else _item(self)
    ),
    "fill": lambda self, value: self.__setitem__(Ellipsis, value),
    "sort": lambda self, axis=-1: self.__setitem__(Ellipsis, np.sort(self, axis)),
    "tolist": lambda self: self if not self.shape else [row.tolist() for row in self],
    "T": property(_transpose),
    "mT": property(transposed),
    "real": property(real),
    "imag": property(imag),
    "flat": property(lambda self: iter(np.ravel(self))),
}.items():
    setattr(Variable, _name, _attribute)
