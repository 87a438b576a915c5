"""Creation of arrays on the tape of a traced one, so that traced numbers can be assigned into them.

``np.zeros_like(x)`` and the like, and NumPy's ``like=``: ``np.zeros(3, like=x)``.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.elementals import CONSTANT, plain
from adviz.core.variable import Variable, record_row
from adviz.rules.memory import memory_of
from adviz.rules.operands import as_array, at_least

__all__ = ["CREATION", "LIKE"]


def _constant(like: Any, values: Any, dtype: Any) -> Any:
    values = np.asarray(values, dtype=like.dtype if dtype is None else dtype)
    tape = like.tape
    tape.has_arrays = True
    value = values if values.ndim else plain(values[()])
    return record_row(tape, CONSTANT, None, None, value, _getframe(1))


def _filled(fill: Any) -> Callable[..., Any]:
    def like(
        a: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None
    ) -> Any:
        dtype = a.dtype if dtype is None else dtype
        if order == "C" or len(shape_of(a)) < 2:
            return _constant(a, np.full(shape_of(a) if shape is None else shape, fill), dtype)
        return _constant(a, np.full_like(memory_of(a), fill, dtype, order, shape=shape), dtype)

    return like


def _full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: Any = "K",
    subok: bool = True,
    shape: Any = None,
) -> Any:
    filling = _fitting(fill_value, shape_of(a) if shape is None else shape)
    dtype = np.result_type(a) if dtype is None else dtype
    if filling.__class__ is not Variable:
        return _filled(filling)(a, dtype, order, shape=shape)
    place = memory_of(a) if a.__class__ is Variable else a
    place = np.zeros_like(place, filling.dtype, order, shape=shape)
    return np.astype(place + filling, dtype, copy=False)


def _fitting(fill_value: Any, shape: Any) -> Any:
    """Return what an array is filled with; axes of length 1 before all others do not count."""
    fill_value = as_array(fill_value)
    ndim = len(np.empty(shape, np.bool_).shape)
    while len(shape_of(fill_value)) > ndim and shape_of(fill_value)[0] == 1:
        fill_value = fill_value[0]
    return np.broadcast_to(fill_value, shape)


def _linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Return weighted means of start and stop, so that rounding errors miss neither end."""
    start, stop = (n if n.__class__ in (int, float) else as_array(n) for n in (start, stop))
    ndim = max(len(shape_of(start)), len(shape_of(stop)))
    share = np.linspace(0.0, 1.0, num, endpoint).reshape((num,) + (1,) * ndim)
    share = share.astype(np.result_type(*(getattr(n, "dtype", n) for n in (start, stop)), 0.0))
    numbers = np.moveaxis(start * (1.0 - share) + stop * share, 0, axis)
    if dtype is not None:
        numbers = numbers.astype(dtype)
    return (numbers, (stop - start) / (num - bool(endpoint))) if retstep else numbers


def _logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, axis: int = 0
) -> Any:
    return base ** _linspace(start, stop, num, endpoint, axis=axis)


def _geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, axis: int = 0) -> Any:
    start, stop = at_least(float, as_array(start)), at_least(float, as_array(stop))
    ratio = np.log(stop / start)
    return start * np.exp(_linspace(0.0 * ratio, ratio, num, endpoint, axis=axis))


def _array_like(like: Variable, function: Callable[..., Any], args: Any, options: Any) -> Any:
    """Return what a creation function returns for arguments that may hold traced numbers."""
    if function in (np.full, np.array, np.asarray, np.asanyarray, np.ascontiguousarray):
        filling = function == np.full  # or what stands in its place
        dtype = options.pop("dtype", None)
        values = as_array(args[1] if filling else args[0])
        if filling:
            values = np.broadcast_to(values, args[0])
        if values.__class__ is Variable:
            converted: Any = np.astype
            return values if dtype is None else converted(values, dtype)
        args, options = (values,), {} if dtype is None else {"dtype": dtype}
        function = np.array
    array = function(*args, **options)
    return _constant(like, array, array.dtype) if array.dtype.kind in "fc" else array


def _like(function: Callable[..., Any]) -> Callable[..., Any]:
    def created(like: Variable, *args: Any, **options: Any) -> Any:
        return _array_like(like, function, args, options)

    return created


LIKE: dict[Callable[..., Any], Callable[..., Any]] = {
    function: _like(function)
    for function in (
        np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.zeros, np.ones, np.empty,
        np.full, np.eye, np.identity, np.arange, np.tri, np.fromfunction,
    )
}  # fmt: skip
"""The functions that take ``like=``; their rules are called with that array first."""

CREATION: dict[Callable[..., Any], Callable[..., Any]] = {
    np.zeros_like: _filled(0.0),
    np.empty_like: _filled(0.0),
    np.ones_like: _filled(1.0),
    np.full_like: _full_like,
    np.linspace: _linspace,
    np.logspace: _logspace,
    np.geomspace: _geomspace,
}
