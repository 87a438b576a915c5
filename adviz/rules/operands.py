"""Operands and parameters of array functions, converted to what their rules take."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from sys import _getframe
from types import FrameType
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.variable import Variable
from adviz.host.arguments import computes_its_own_way, described, plain_instead
from adviz.host.errors import InputError, UnsupportedOperationError
from adviz.host.nests import leaves
from adviz.host.source import describe
from adviz.rules.registry import FUNCTIONS

__all__ = [
    "Axis",
    "Proxy",
    "as_array",
    "at_least",
    "axes_of",
    "check_is_plain",
    "check_plain",
    "count_along",
    "dimensions",
    "gathered",
    "kept",
    "number_or_array",
]

_MOST_AXES = 32
"""NumPy makes arrays of twice as many axes, but neither walks through nor broadcasts them."""

Axis = int | tuple[int, ...] | None


class Proxy:
    """An array that stands for another one, plain or traced: ``number()`` returns it."""

    __slots__ = ()

    def number(self) -> Any:
        """Return the array that it stands for now."""
        raise NotImplementedError

    def is_traced(self) -> bool:
        """Return whether that is a traced one."""
        raise NotImplementedError


def as_array(a: Any) -> Any:
    """Return an array: a traced one for a list that holds traced numbers."""
    if a.__class__ is Variable:
        return a
    if a.__class__ is list or a.__class__ is tuple:
        shapes = {shape_of(part) for part in a}
        if len(shapes) == 1 and () not in shapes:
            return gathered(np.stack(a))  # a row for the arrays, not one for each entry
    a = gathered(a)
    if isinstance(a, np.ndarray):
        if a.__class__ is not np.ndarray:
            check_is_plain(a, _getframe(1))
        return a
    return a if isinstance(a, Variable) else np.asarray(a)


def dimensions(shape: Iterable[int]) -> str:
    """Return a shape as it is written in formulas.

    Examples
    --------
    >>> dimensions((3, 2))
    '3×2'
    """
    return "×".join(str(int(length)) for length in shape)


def check_is_plain(array: Any, frame: FrameType) -> None:
    """Refuse an array that computes in its own way, such as a masked one, beside traced numbers.

    Raises
    ------
    UnsupportedOperationError
    """
    if computes_its_own_way(array):
        raise UnsupportedOperationError(
            f"A traced number met {described(array)}: {describe(frame)}. {plain_instead(array)}."
        )


def at_least(dtype: Any, a: Any) -> Any:
    """Return an array in the type that it has beside one of another type: float32 as float64."""
    dtype = np.result_type(a.dtype, dtype)
    return a if a.dtype == dtype else np.astype(a, dtype)


def gathered(operand: Any) -> Any:
    """Return one array for a proxy, or for a list or objects that hold traced numbers."""
    if operand.__class__ is list or operand.__class__ is tuple:
        operand = _array_of(operand)
    if operand.__class__ is not np.ndarray:
        return operand.number() if isinstance(operand, Proxy) else operand
    if operand.dtype.kind != "O":
        return operand
    if operand.ndim == 0:
        return operand[()]
    if operand.ndim > _MOST_AXES:
        raise _too_many_axes()
    entries = [  # a number in an array without axes stays in it when NumPy makes an array
        entry[()] if entry.__class__ is np.ndarray and not entry.ndim else entry
        for entry in operand.flat
    ]
    if any(entry.__class__ is Variable for entry in entries):
        whole = FUNCTIONS[np.stack](entries)
        return whole if operand.ndim == 1 else whole.reshape(operand.shape)
    if entries and all(type(entry) in (float, int, np.float64) for entry in entries):
        return operand.astype(np.float64)  # its traced numbers have been replaced by plain ones
    return operand


def _array_of(nest: Any) -> Any:
    try:
        array = np.array(nest)
    except ValueError as error:
        if "maximum number of dimension" not in str(error):
            raise
        raise _too_many_axes() from None
    if array.ndim > _MOST_AXES:
        raise _too_many_axes()
    return array


def _too_many_axes() -> InputError:
    return InputError(
        f"A list of numbers is nested more than {_MOST_AXES} deep: {describe()}. An array has no "
        "more axes than that. Flatten it."
    )


def axes_of(axis: Any, array: Any) -> Any:
    """Return an axis or axes as Python ints; None means all axes.

    Raises
    ------
    numpy.exceptions.AxisError
        If the array has no such axis, as NumPy does.
    """
    if axis is None or (axis.__class__ is int and axis >= 0):
        return axis  # NumPy refuses one that is too large
    ndim = len(shape_of(array))
    if isinstance(axis, (tuple, list)):
        return tuple(_axis(a, ndim) for a in axis)
    _axis(axis, ndim)
    return operator.index(axis)


def _axis(axis: Any, ndim: int) -> int:
    position = operator.index(axis)
    if not -max(ndim, 1) <= position < max(ndim, 1):  # NumPy takes a number for one entry
        raise np.exceptions.AxisError(position, ndim)
    return position % max(ndim, 1)


def count_along(a: Any, axis: Axis) -> int:
    """Return the number of entries that a reduction along axes combines into one."""
    shape = shape_of(a)
    if axis is None:
        return math.prod(shape)
    axes = (axis,) if isinstance(axis, int) else axis
    return math.prod(shape[k] for k in axes)


def kept(parameter: Any) -> Any:
    """Return a parameter, an array as a copy that nobody else can change."""
    return parameter.copy("K") if isinstance(parameter, np.ndarray) else parameter


def number_or_array(result: Any) -> Any:
    """Return the number in an array without axes, any other result unchanged."""
    return result[()] if result.__class__ is np.ndarray and not result.ndim else result


def check_plain(name: str, *parameters: Any) -> None:
    """Refuse traced numbers where a function takes plain ones only.

    Raises
    ------
    UnsupportedOperationError
    """
    for _, parameter in leaves(parameters):
        if parameter.__class__ is Variable:
            raise UnsupportedOperationError(
                f"np.{name} takes plain numbers beside the array: {describe(_getframe(1))}. "
                "Pass the indices or counts outside the traced arguments."
            )
