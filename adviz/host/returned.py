"""What the functions and rules that users write return: a number or an array that fits, or not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.host.arguments import computes_its_own_way, defined_in, described
from adviz.host.errors import ElementalError

__all__ = ["checked", "checked_row", "misfit"]

_COLLECTIONS = (str, bytes, tuple, list, dict, set)


def misfit(returned: Any, shape: tuple[int, ...], *, is_complex: bool = False) -> str:
    """Describe what was returned in place of a number or an array that fits a shape; "" if it fits.

    An array fits a shape that it can be broadcast to.

    Examples
    --------
    >>> misfit(1.0, (2,)), misfit(None, ()), misfit(np.ones(3), (2,))
    ('', 'None', 'an array of shape (3,)')
    """
    if returned.__class__ is float:
        return ""
    kind = getattr(getattr(returned, "dtype", None), "kind", "f")
    is_number = hasattr(returned, "__mul__") and not isinstance(returned, _COLLECTIONS)
    if not is_number or kind not in "fciubO" or computes_its_own_way(returned):
        return described(returned)
    if kind == "O" and not all(hasattr(entry, "__mul__") for entry in np.ravel(returned)):
        return described(returned)
    if (kind == "c" or returned.__class__ is complex) and not is_complex:
        return "a complex number"
    own: tuple[int, ...] = getattr(returned, "shape", ())
    if own and not _fits(own, shape):
        return f"an array of shape {own}"
    return ""


def _fits(own: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(own, shape) == shape
    except ValueError:
        return False


def checked_row(
    name: str, evaluate: Callable[..., Any], partials: tuple[Callable[..., Any], ...]
) -> tuple[Callable[..., Any], tuple[Callable[..., Any], ...]]:
    """Return what evaluates an operation, and its partials, checked each time they are called."""
    what = f"A partial of {name}"
    return checked(evaluate, name, may_be_spread=False), tuple(
        checked(partial, what, may_be_spread=True) for partial in partials
    )


def checked(function: Callable[..., Any], what: str, *, may_be_spread: bool) -> Callable[..., Any]:
    """Return a function of numbers that raises an error where it returns none that fits.

    Parameters
    ----------
    function : callable
        Takes numbers and arrays, and works entry by entry. A ufunc is returned as it is.
    what : str
        What the error calls it.
    may_be_spread : bool
        Whether it may return one number that is the same for every entry of an array.

    Examples
    --------
    >>> checked(lambda a, v: None, "A partial of f", may_be_spread=True)(1.0, 2.0)
    Traceback (most recent call last):
    adviz.host.errors.ElementalError: A partial of f returned None for a number...
    """
    if isinstance(function, np.ufunc):
        return function

    @functools.wraps(function)
    def with_check(*operands: Any) -> Any:
        returned = function(*operands)
        if returned.__class__ is float and may_be_spread:
            return returned
        shapes = [getattr(operand, "shape", ()) for operand in operands]
        shape = np.broadcast_shapes(*shapes)
        is_complex = any(
            operand.__class__ is complex or getattr(operand, "dtype", np.dtype(float)).kind == "c"
            for operand in operands
        )
        problem = misfit(returned, shape, is_complex=is_complex)
        if not may_be_spread and getattr(returned, "shape", ()) != shape:
            problem = problem or "a single number"
        if problem:
            given = f"operands of shape {shape}" if shape else "a number"
            raise ElementalError(
                f"{what} returned {problem} for {given}{defined_in(function)}. Return a number for "
                "numbers, and for arrays one of their shape, entry by entry."
            )
        return returned

    return with_check
