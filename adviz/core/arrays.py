"""What the core knows of arrays: their shapes, and who may write into them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from adviz.host.returned import is_complex

__all__ = ["is_complex", "is_single_float", "owned", "promoted", "shape_of", "unshared"]


def shape_of(number: Any) -> tuple[int, ...]:
    """Return the shape of an array, of a traced one, or of a number.

    Examples
    --------
    >>> shape_of(np.ones((2, 3))), shape_of(1.0)
    ((2, 3), ())
    """
    shape: tuple[int, ...] = getattr(number, "shape", ())
    return shape


def is_single_float(number: Any) -> bool:
    """Return whether a number is real and no array, as the sweeps of the core alone need it.

    Examples
    --------
    >>> is_single_float(1.0), is_single_float(1j), is_single_float(np.ones(3))
    (True, False, False)
    """
    return number.__class__ is float or not (shape_of(number) or is_complex(number))


def promoted(number: Any, given: Any, others: Iterable[Any]) -> Any:
    """Return a constant in the type that NumPy gives it beside others of fewer digits.

    A number of Python takes on their type; one of NumPy keeps its own.

    Examples
    --------
    >>> promoted(2.0, np.float64(2.0), [np.float32(1.0)]), promoted(2.0, 2.0, [np.float32(1.0)])
    (np.float64(2.0), 2.0)
    """
    if isinstance(given, (np.generic, np.ndarray)):
        for other in others:
            if getattr(other, "dtype", None) in _FEWER_DIGITS:
                return np.result_type(given.dtype, other.dtype).type(number)
    return number


_FEWER_DIGITS = (np.float16, np.float32, np.complex64)


def unshared(result: Any, held: set[int]) -> Any:
    """Return an array that its receiver may write into without changing anything else.

    Parameters
    ----------
    result : array or number
    held : set of int
        The ids of arrays that somebody holds; the result's is added.
    """
    if result.__class__ is np.ndarray:
        if id(result) in held or result.base is not None or not result.flags.writeable:
            result = result.copy()
        held.add(id(result))
    return result


def owned(results: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    """Return results as arrays of their receiver's, copied where they share others' memory.

    Examples
    --------
    >>> a = np.ones(2)
    >>> owned([a, 1.0], [a])[0] is a
    False
    """
    held = {id(other) for other in others}
    return [unshared(result, held) for result in results]
