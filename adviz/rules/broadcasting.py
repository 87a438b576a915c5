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
    "sum_to",
    "summation",
    "times",
]

_SMALL = 1 << 14
"""Entries of an array up to which copying it is nothing."""

_MANY = 128
"""Numbers beyond which NumPy's sum of a row, which adds in pairs, is worth its time."""

_MANY_COARSE = 1 << 14
"""Numbers of single precision beyond which NumPy's sum of rows loses less."""


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
    if (
        bar.__class__ is operand.__class__
    ):  # mostly nothing was broadcast, which this finds out quickly
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
    had: tuple[int, ...], shape: tuple[int, ...], dtype: np.dtype[Any]
) -> Callable[[Any], Any]:
    """Return what sums arrays of one shape up to another.

    Mostly it is a product with ones: NumPy's sum of many short rows takes up to 20 times as long.
    (``dot`` is half as long on its way to BLAS as ``@``.) How an array lies in memory makes no
    difference in the last bit.

    Examples
    --------
    >>> summation((2, 3), (3,), np.dtype(float))(np.ones((2, 3)))
    array([2., 2., 2.])
    """
    axes = _summed_axes(had, shape)
    if not axes:  # Batch adds some of length 1
        return lambda bar: bar.reshape(shape)
    first, stop = axes[0], axes[-1] + 1
    before, count, behind = map(math.prod, (had[:first], had[first:stop], had[stop:]))
    is_one_run = all(k in axes or had[k] == 1 for k in range(first, stop))
    is_row_of_many = behind == 1 and (before == 1 or count > _MANY)
    is_coarse = dtype.char == "f" and count > _MANY_COARSE
    dense = np.ascontiguousarray
    if not is_one_run or is_row_of_many or is_coarse or dtype.char not in "fd":
        return lambda bar: _added(dense(bar), shape)

    def with_ones(ones: Any) -> Callable[[Any], Any]:
        if behind == 1:
            column = ones[:, None]
            if had == (before, count) and len(shape) == 2:
                return lambda bar: dense(bar).dot(column)
            return lambda bar: dense(bar).reshape((before, count)).dot(column).reshape(shape)
        if before == 1:
            row = ones if len(shape) == 1 else ones[None, :]
            if had == (count, behind) and len(shape) <= 2:
                return lambda bar: row.dot(dense(bar))
            return lambda bar: ones.dot(dense(bar).reshape((count, behind))).reshape(shape)
        each = (before, count, behind)
        return lambda bar: (ones @ dense(bar).reshape(each)).reshape(shape)

    if count > _SMALL:  # not to be kept
        return lambda bar: with_ones(np.ones(count, dtype))(bar)
    return with_ones(_ONES[dtype.char][:count])


def _summed_axes(had: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    lead = len(had) - len(shape)
    return tuple(k for k in range(len(had)) if k < lead or had[k] != shape[k - lead])


def _added(bar: Any, shape: tuple[int, ...]) -> Any:
    if not shape:
        return bar.sum()
    return np.add.reduce(bar, axis=_summed_axes(bar.shape, shape), keepdims=True).reshape(shape)


_ONES = {letter: np.ones(_SMALL, letter) for letter in "fd"}
"""Of which those that a sum needs are a part."""


def received(bar: Any, partial: Any, operand: Any) -> Any:
    """Return the adjoint of a result times a local partial, summed to the shape of the operand.

    Where the partial is -1 the sum is negated, which has fewer entries than the adjoint.

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
    had, dtype = getattr(dot, "dtype", None), getattr(value, "dtype", None)
    if had is dtype or had is None or dtype is None or had.kind != dtype.kind:
        return dot
    return dot.astype(dtype)  # float32 stays float32


def spread_to(dot: Any, shape: tuple[int, ...], like: Any = None) -> Any:
    """Return a number or an array broadcast to a shape.

    A small plain one is copied, which takes less time than to make a view; into the order of
    another array, as if it had been multiplied by that without being spread.
    """
    if shape_of(dot) == shape:
        return dot
    small = dot.__class__ is np.ndarray or dot.__class__ is float
    if small and math.prod(shape) <= _SMALL:
        order: Literal["C", "F"]
        order = "F" if like.__class__ is np.ndarray and like.flags.fnc else "C"
        spread_out = np.empty(shape, getattr(dot, "dtype", np.float64), order)
        spread_out[...] = dot
        return spread_out
    return np.broadcast_to(dot, shape)
