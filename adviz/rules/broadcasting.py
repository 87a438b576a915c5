"""Shapes in the sweeps: a tangent spread to a row's shape, an adjoint summed to an operand's.

The one place where broadcasting is undone.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from adviz.core.arrays import is_complex, shape_of

__all__ = [
    "fitted",
    "received",
    "spread",
    "spread_to",
    "sum_over",
    "sum_to",
    "summation",
    "times",
]

_MAX_COPIED_ENTRIES = 1 << 14
"""Entries of an array up to which copying it, at most 128 KiB of doubles, costs little."""

_MIN_PAIRWISE_ENTRIES = 128
"""Entries of a row from which on it is summed by NumPy, which adds in pairs and so rounds less."""

_MIN_PAIRWISE_SINGLES = 1 << 14
"""Entries in single precision from which on NumPy's sum loses fewer digits than the product."""


def times(carrier: Any, partial: Any) -> Any:
    """Return a tangent or an adjoint times a local partial, without a copy where that is ±1.

    Examples
    --------
    >>> times(3.0, 1), times(3.0, -1), times(3.0, 0.5)
    (3.0, -3.0, 1.5)
    """
    if partial.__class__ is float or partial.__class__ is int:
        if partial == 1.0:
            return carrier
        if partial == -1.0:
            return -carrier
    return carrier * partial


def fitted(bar: Any, operand: Any) -> Any:
    """Return an adjoint summed over the axes along which its operand was broadcast.

    Where the operand is real, only the real part of a complex adjoint reaches it.

    Examples
    --------
    >>> fitted(np.ones((2, 3)), np.zeros((2, 1)))
    array([[3.],
           [3.]])
    """
    if bar.__class__ is operand.__class__:  # a quick test for the usual case: nothing to sum
        if bar.__class__ is float:
            return bar
        if (
            bar.__class__ is np.ndarray
            and bar.shape == operand.shape
            and bar.dtype is operand.dtype
        ):
            return bar
    shape = shape_of(operand)
    if shape_of(bar) != shape:
        bar = sum_to(bar, shape)
    if is_complex(bar) and not is_complex(operand):
        return bar.real
    return bar


def sum_to(bar: Any, shape: tuple[int, ...]) -> Any:
    """Return an array, traced or not, summed over the axes along which a shape was broadcast.

    Examples
    --------
    >>> sum_to(np.ones((2, 3)), (3,)), sum_to(np.ones((2, 3)), (2, 1)).shape
    (array([2., 2., 2.]), (2, 1))
    """
    if bar.__class__ is np.ndarray:
        return summation(bar.shape, shape, bar.dtype)(bar)
    if isinstance(bar, np.ndarray):  # a masked array, ...
        return _added(bar, shape)
    return bar.__array_function__(sum_to, (bar.__class__,), (bar, shape), {})


@functools.lru_cache(1000)
def summation(
    old_shape: tuple[int, ...], shape: tuple[int, ...], dtype: np.dtype[Any]
) -> Callable[[Any], Any]:
    """Return the function that sums arrays of one shape to another.

    Mostly it is a product with ones: NumPy's sum of many short rows takes up to 20 times as long.
    (``dot`` needs half as long as ``@`` until BLAS is called.) The result does not depend on the
    memory order of the array, not even in the last bit.

    Examples
    --------
    >>> summation((2, 3), (3,), np.dtype(float))(np.ones((2, 3)))
    array([2., 2., 2.])
    """
    axes = _summed_axes(old_shape, shape)
    if not axes:  # only axes of length 1 differ, which Batch adds
        return lambda bar: bar.reshape(shape)
    first, stop = axes[0], axes[-1] + 1
    before, count, behind = map(
        math.prod, (old_shape[:first], old_shape[first:stop], old_shape[stop:])
    )
    is_one_run = all(k in axes or old_shape[k] == 1 for k in range(first, stop))
    is_row_of_many = behind == 1 and (before == 1 or count > _MIN_PAIRWISE_ENTRIES)
    is_coarse = dtype.char == "f" and count > _MIN_PAIRWISE_SINGLES
    dense = np.ascontiguousarray
    if not is_one_run or is_row_of_many or is_coarse or dtype.char not in "fd":
        return lambda bar: _added(dense(bar), shape)

    def with_ones(ones: Any) -> Callable[[Any], Any]:
        if behind == 1:
            column = ones[:, None]
            if old_shape == (before, count) and len(shape) == 2:
                return lambda bar: dense(bar).dot(column)
            return lambda bar: dense(bar).reshape((before, count)).dot(column).reshape(shape)
        if before == 1:
            row = ones if len(shape) == 1 else ones[None, :]
            if old_shape == (count, behind) and len(shape) <= 2:
                return lambda bar: row.dot(dense(bar))
            return lambda bar: ones.dot(dense(bar).reshape((count, behind))).reshape(shape)
        each = (before, count, behind)
        return lambda bar: (ones @ dense(bar).reshape(each)).reshape(shape)

    if count > _MAX_COPIED_ENTRIES:  # too many ones to keep
        return lambda bar: with_ones(np.ones(count, dtype))(bar)
    return with_ones(_ONES[dtype.char][:count])


def _summed_axes(old_shape: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    lead = len(old_shape) - len(shape)
    return tuple(k for k in range(len(old_shape)) if k < lead or old_shape[k] != shape[k - lead])


def sum_over(old_shape: tuple[int, ...], shape: tuple[int, ...]) -> str:
    """Return how the sum that undoes a broadcast is written in front of what is summed.

    Examples
    --------
    >>> sum_over((4, 3), (3,)), sum_over((4, 3), ()), sum_over((3,), (3,))
    ('∑[axis 0] ', '∑[all entries] ', '')
    """
    axes = _summed_axes(old_shape, shape)
    if not axes:
        return ""
    if len(axes) == len(old_shape):
        return "∑[all entries] "
    return f"∑[{'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}] "


def _added(bar: Any, shape: tuple[int, ...]) -> Any:
    if not shape:
        return bar.sum()
    return np.add.reduce(bar, axis=_summed_axes(bar.shape, shape), keepdims=True).reshape(shape)


_ONES = {letter: np.ones(_MAX_COPIED_ENTRIES, letter) for letter in "fd"}
"""Ones by the letter of their type; a sum uses as many as it needs."""


def received(bar: Any, partial: Any, operand: Any) -> Any:
    """Return the adjoint of a result times a local partial, summed to the shape of the operand.

    Where the partial is -1 the sum is negated, since it has fewer entries than the adjoint.

    Examples
    --------
    >>> received(np.ones((2, 3)), -1.0, np.zeros((2, 1)))
    array([[-3.],
           [-3.]])
    """
    if (partial.__class__ is float or partial.__class__ is int) and partial == -1.0:
        return -fitted(bar, operand)
    return fitted(times(bar, partial), operand)


def spread(dot: Any, value: Any) -> Any:
    """Return a tangent broadcast to the shape of its row's value, and of its type.

    Examples
    --------
    >>> spread(1.0, np.zeros(3))
    array([1., 1., 1.])
    """
    dot = spread_to(dot, shape_of(value), value)
    dot_dtype, dtype = getattr(dot, "dtype", None), getattr(value, "dtype", None)
    if dot_dtype is dtype or dot_dtype is None or dtype is None or dot_dtype.kind != dtype.kind:
        return dot
    return dot.astype(dtype)  # float32 stays float32


def spread_to(dot: Any, shape: tuple[int, ...], like: Any = None) -> Any:
    """Return a number or an array broadcast to a shape.

    A small plain one is copied, which takes less time than making a view. The copy has the memory
    order of ``like``, as a product of the two would.
    """
    if shape_of(dot) == shape:
        return dot
    is_plain = dot.__class__ is np.ndarray or dot.__class__ is float
    if is_plain and math.prod(shape) <= _MAX_COPIED_ENTRIES:
        order: Literal["C", "F"]
        order = "F" if like.__class__ is np.ndarray and like.flags.fnc else "C"
        copy = np.empty(shape, getattr(dot, "dtype", np.float64), order)
        copy[...] = dot
        return copy
    return np.broadcast_to(dot, shape)
