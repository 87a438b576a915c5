"""Shapes of traced arrays: other axes, joined and split arrays, entries moved or repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.host.errors import OptionError, UnsupportedOperationError
from adviz.host.nests import leaves, mapped
from adviz.host.source import describe
from adviz.rules.array_rules import RULES
from adviz.rules.memory import memory_of, memory_read
from adviz.rules.moving_rules import scatter
from adviz.rules.operands import as_array, check_plain, kept
from adviz.rules.product_rules import transposed
from adviz.rules.registry import needs_floats
from adviz.rules.rule import Rule

__all__ = ["SHAPES", "copy_of", "laid_out_like", "ravel", "reshape", "transpose"]


def reshape(a: Any, shape: Any, order: str = "C", *, copy: bool | None = None) -> Any:
    """``np.reshape``."""
    a = as_array(a)
    shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    if order == "A":
        order = "F" if memory_read(a).flags.fnc else "C"
    if order == "F":  # read the axes in reverse
        return transpose(reshape(transpose(a), shape[::-1]))
    if order != "C":
        raise OptionError("order must be 'C', 'F' or 'A'")
    return RULES["reshape"](a, shape=np.empty(shape_of(a), np.bool_).reshape(shape).shape)


def ravel(a: Any, order: str = "C") -> Any:
    """``np.ravel``: a view only where the entries lie in memory in this order without gaps."""
    a = as_array(a)
    if not shape_of(a):
        return reshape(a, 1)
    if order == "A":
        order = "F" if memory_read(a).flags.fnc else "C"
    if order == "F":
        a = transpose(a)
    elif order == "K" and len(shape_of(a)) > 1:
        strides = np.abs(memory_read(a).strides)
        a = transpose(a, np.argsort(-strides, kind="stable"))
    elif order not in ("C", "K"):
        raise OptionError("order must be 'C', 'F', 'A' or 'K'")
    return RULES["ravel"](a)


def transpose(a: Any, axes: Any = None) -> Any:
    """``np.transpose``."""
    a = as_array(a)
    ndim = len(shape_of(a))
    axes = (axes,) if isinstance(axes, (int, np.integer)) else axes
    axes = tuple(range(ndim))[::-1] if axes is None else tuple(axis % ndim for axis in axes)
    return _transposed(a, axes=axes)


_transposed: Rule = RULES["transpose"]


def _permuting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a transposition by a function: axes of lengths 0, 1, ... show what it does."""

    def permuted(a: Any, *args: Any, **options: Any) -> Any:
        a = as_array(a)
        axes = function(np.empty(range(len(shape_of(a)))), *args, **options).shape
        return _transposed(a, axes=axes)

    return permuted


def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    a = as_array(a)
    axes = list(range(len(shape_of(a))))
    for axis in (axis1, axis2):
        if not -len(axes) <= axis < len(axes):
            raise np.exceptions.AxisError(axis, len(axes))
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return _transposed(a, axes=tuple(axes))


def _reshaping(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a reshaping by a function, some of which take several arrays."""

    def reshaped(a: Any, *args: Any, **options: Any) -> Any:
        if function in _AT_LEAST and args:
            return tuple(reshaped(array) for array in (a, *args))
        a = as_array(a)
        shape = function(np.empty(shape_of(a), np.bool_), *args, **options).shape
        return RULES["reshape"](a, shape=shape)

    return reshaped


_AT_LEAST = (np.atleast_1d, np.atleast_2d, np.atleast_3d)


def _moving(name: str) -> Callable[..., Any]:
    def moved(a: Any, *args: Any, **options: Any) -> Any:
        check_plain(name, args, options)
        out = args[2] if name == "take" and len(args) > 2 else options.get("out")
        if out is not None:
            raise OptionError("out= cannot write into it; give the result a name")
        return RULES[name](as_array(a), args=mapped(kept, args), options=mapped(kept, options))

    return moved


def _pad(array: Any, pad_width: Any, mode: str = "constant", **options: Any) -> Any:
    check_plain("pad", pad_width, options)
    array = as_array(array)
    if mode in ("edge", "reflect", "symmetric", "wrap") and options.get("reflect_type") != "odd":
        return RULES["pad"](array, args=(kept(pad_width), mode), options=options)
    if not array.shape:
        return array  # a number has no edges
    if mode != "constant":
        raise OptionError("mode must be 'constant', 'edge', 'reflect', 'symmetric' or 'wrap'")
    if pad_width.__class__ is not int or pad_width < 0:
        np.pad(np.empty(array.shape, np.bool_), pad_width)  # NumPy raises the error of a wrong one
    widths = np.broadcast_to(np.asarray(pad_width), (len(array.shape), 2)).tolist()
    lengths = list(zip(widths, array.shape, strict=True))
    key = tuple([slice(before, before + length) for (before, _), length in lengths])
    around = tuple([before + length + after for (before, after), length in lengths])
    inside = scatter(array, key=key, shape=around)
    if not np.any(options.get("constant_values", 0)):
        return inside
    return inside + np.pad(np.zeros(array.shape, array.dtype), pad_width, "constant", **options)


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
    positions = np.arange(shape_of(v)[0])
    return scatter(v, key=(positions + max(-k, 0), positions + max(k, 0)), shape=(n, n))


def _concatenate(
    arrays: Sequence[Any],
    axis: int | None = 0,
    *,
    dtype: Any = None,
    casting: Any = "same_kind",
) -> Any:
    parts = [as_array(array) for array in arrays]
    if axis is None:
        parts, axis = [part.reshape(-1) for part in parts], 0
    return _cast(RULES["concatenate"](*parts, axis=axis), dtype, casting)


def _stack(
    arrays: Sequence[Any], axis: int = 0, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    parts = [as_array(array) for array in arrays]
    joined = RULES["stack"](*parts, axis=axis % (len(shape_of(parts[0])) + 1))
    return _cast(joined, dtype, casting)


def _vstack(tup: Sequence[Any], *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    parts = [np.atleast_2d(as_array(a)) for a in tup]
    return _concatenate(parts, 0, dtype=dtype, casting=casting)


def _hstack(tup: Sequence[Any], *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    parts = [np.atleast_1d(as_array(a)) for a in tup]
    axis = 0 if len(parts[0].shape) == 1 else 1
    return _concatenate(parts, axis, dtype=dtype, casting=casting)


def _cast(joined: Any, dtype: Any, casting: Any) -> Any:
    """Return joined arrays in the type that is wanted."""
    if dtype is None:
        return joined
    if not np.can_cast(joined.dtype, dtype, casting):
        raise OptionError(f"{joined.dtype} cannot be cast to {dtype} by casting={casting!r}")
    return joined.astype(dtype)


def _dstack(tup: Sequence[Any]) -> Any:
    return _concatenate([np.atleast_3d(as_array(a)) for a in tup], 2)


def _column_stack(tup: Sequence[Any]) -> Any:
    parts = [as_array(a) for a in tup]
    return _concatenate([a.reshape(-1, 1) if len(a.shape) < 2 else a for a in parts], 1)


def _block(arrays: Any) -> Any:
    """Join the innermost lists along the last axis, those around them along the one before, ..."""

    def depth(nest: Any) -> int:
        return 1 + max(depth(part) for part in nest) if isinstance(nest, list) else 0

    parts = [as_array(part) for _, part in leaves(arrays)]
    ndim = max(depth(arrays), *(len(part.shape) for part in parts))

    def joined(nest: Any, below: int) -> Any:
        if not isinstance(nest, list):
            part = as_array(nest)
            return part.reshape((1,) * (ndim - len(part.shape)) + part.shape)
        return _concatenate([joined(part, below - 1) for part in nest], -below)

    return joined(arrays, depth(arrays))


def _resize(a: Any, new_shape: Any) -> Any:
    a = as_array(a)
    if 0 in shape_of(a):
        return np.zeros_like(a, shape=new_shape)
    return RULES["resize"](a, args=(new_shape,), options={})


def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    return _concatenate([arr, values], axis)


def _insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """Insert positions into positions with NumPy, to see where each entry goes."""
    check_plain("insert", obj)
    arr, values = as_array(arr), as_array(values)
    values = np.astype(values, arr.dtype)
    size = int(np.prod(shape_of(arr)))
    positions = np.arange(size).reshape(shape_of(arr))
    of_values = size + np.arange(int(np.prod(shape_of(values)))).reshape(shape_of(values))
    order = np.insert(positions, obj, of_values, axis)
    result = np.concatenate([np.ravel(arr), np.ravel(values)])[order]
    is_fortran = axis is not None and len(arr.shape) > 1 and memory_of(arr).flags.fnc
    return copy_of(result, "F") if is_fortran else result


def _unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    return tuple(np.moveaxis(as_array(x), axis, 0))


def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    arrays = [np.ravel(as_array(x)) for x in xi]
    count = len(arrays)
    axes = [1 - k if indexing == "xy" and count > 1 and k < 2 else k for k in range(count)]
    grids = [
        a.reshape([-1 if axis == k else 1 for k in range(count)])
        for a, axis in zip(arrays, axes, strict=True)
    ]
    return tuple(grids) if sparse else _broadcast_arrays(*grids)


def _splitting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a splitting by a function, which is applied to the positions along the axis."""

    def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
        check_plain(function.__name__, indices_or_sections)
        ary = as_array(ary)
        positions = function(np.arange(ary.shape[axis]), indices_or_sections)
        before = (slice(None),) * (axis % len(ary.shape))
        parts, start = [], 0
        for part in positions:
            start = int(part[0]) if len(part) else start
            parts.append(ary[(*before, slice(start, start + len(part)))])
            start += len(part)
        return parts

    return split


def _split_along(axis: int) -> Callable[..., Any]:
    def split(ary: Any, indices_or_sections: Any) -> Any:
        along = 0 if axis == 1 and len(shape_of(ary)) == 1 else axis
        return np.split(ary, indices_or_sections, along)

    return split


def _broadcast_to(array: Any, shape: Any) -> Any:
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    return RULES["broadcast_to"](as_array(array), shape=shape)


def _broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Any, ...]:
    shape = np.broadcast_shapes(*(np.shape(a) for a in args))
    return tuple(np.broadcast_to(a, shape) for a in args)


def copy_of(a: Any, order: Any = "K", subok: bool = False) -> Any:
    """Return a copy with a row of its own: assigning into it leaves the original unchanged."""
    a = as_array(a)
    if len(shape_of(a)) < 2 or order == "K":
        return RULES["copy"](a) if shape_of(a) else a
    if order == "A":
        order = "F" if memory_read(a).flags.fnc else "C"
    if order not in ("C", "F"):
        raise OptionError("order must be 'C', 'F', 'A' or 'K'")
    return RULES["copy"](a, order=order)


def laid_out_like(result: Any, a: Any) -> Any:
    """Return an array with its axes ordered in memory as those of another: as ``empty_like``."""
    if len(shape_of(result)) < 2:
        return result
    wanted = np.empty_like(memory_of(a), shape=shape_of(result)).strides
    if memory_of(result).strides == wanted:
        return result
    axes = np.argsort(np.negative(wanted), kind="stable")
    return transpose(RULES["copy"](transpose(result, axes), order="C"), np.argsort(axes))


def _astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    if np.dtype(dtype).kind == "O":  # of objects that are traced numbers
        return x
    if np.dtype(dtype).kind not in "fc":
        instead = (
            "Leave it as it is"
            if np.dtype(dtype).kind == "O"
            else "Round plain values outside the traced function"
        )
        raise UnsupportedOperationError(
            f"A traced array cannot become one of {np.dtype(dtype)}, which has no derivative: "
            f"{describe(_getframe(1))}. {instead}."
        )
    if np.dtype(dtype) == x.dtype:
        return copy_of(x) if copy else x
    return RULES["astype"](x, dtype=np.dtype(dtype))


def _windows(x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False) -> Any:
    return RULES["sliding_window_view"](as_array(x), args=(window_shape, axis), options={})


SHAPES: dict[Callable[..., Any], Callable[..., Any]] = {
    np.reshape: reshape,
    np.ravel: ravel,
    np.transpose: transpose,
    np.matrix_transpose: lambda x, /: transposed(x),
    np.swapaxes: _swapaxes,
    np.moveaxis: _permuting(np.moveaxis),
    np.rollaxis: _permuting(np.rollaxis),
    np.expand_dims: _reshaping(np.expand_dims),
    np.squeeze: _reshaping(np.squeeze),
    np.atleast_1d: _reshaping(np.atleast_1d),
    np.atleast_2d: _reshaping(np.atleast_2d),
    np.atleast_3d: _reshaping(np.atleast_3d),
    np.broadcast_to: _broadcast_to,
    np.broadcast_arrays: _broadcast_arrays,
    np.meshgrid: _meshgrid,
    np.concatenate: _concatenate,
    np.stack: _stack,
    np.vstack: _vstack,
    np.hstack: _hstack,
    np.dstack: _dstack,
    np.column_stack: _column_stack,
    np.block: _block,
    np.append: _append,
    **needs_floats({np.insert: _insert}),
    np.split: _splitting(np.split),
    np.array_split: _splitting(np.array_split),
    np.hsplit: _split_along(1),
    np.vsplit: _split_along(0),
    np.dsplit: _split_along(2),
    np.unstack: _unstack,
    np.pad: _pad,
    np.tril: _triangle(np.tril),
    np.triu: _triangle(np.triu),
    np.diag: _diag,
    np.diagflat: lambda v, k=0: _diag(np.ravel(v), k),
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
            "flip",
            "diagonal",
        )
    },
    np.resize: _resize,
    np.lib.stride_tricks.sliding_window_view: _windows,
    np.fliplr: lambda m: np.flip(m, 1),
    np.flipud: lambda m: np.flip(m, 0),
    np.copy: copy_of,
    np.astype: _astype,
}
