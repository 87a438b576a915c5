"""What the functions and rules that users write return: a number or an array that fits, or not."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.host.arguments import computes_its_own_way, defined_in, described, function_name
from adviz.host.errors import ElementalError, OutputError

__all__ = ["check_has_gradient", "checked", "checked_row", "is_complex", "misfit"]

_COLLECTIONS = (str, bytes, tuple, list, dict, set)


def is_complex(number: Any) -> bool:
    """Return whether a number, an array or a traced one may have an imaginary part.

    Examples
    --------
    >>> is_complex(1j), is_complex(np.ones(3))
    (True, False)
    """
    dtype = getattr(number, "dtype", None)
    return number.__class__ is complex if dtype is None else dtype.kind == "c"


def check_has_gradient(
    function: Callable[..., Any], returned: Any, count: int, holomorphic: bool
) -> None:
    """Refuse the gradient of what is not one number, or complex if f is not holomorphic.

    Parameters
    ----------
    returned : number or array
        The first of those that f returned.
    count : int
        How many it returned.

    Raises
    ------
    OutputError
    """
    name, shape = function_name(function), getattr(returned, "shape", ())
    if count != 1:
        raise OutputError(
            f"{name} returned {count} numbers and a gradient is of one: choose one of them, or use "
            "vjp or jvp."
        )
    if math.prod(shape) != 1:
        raise OutputError(
            f"{name} returned an array of shape {shape} and a gradient is of one number: sum it "
            "up, as in np.sum(y), or use jacobian or vjp."
        )
    if is_complex(returned) and not holomorphic:
        raise OutputError(
            f"{name} returned a complex result{defined_in(function)}. A gradient is of a real "
            "number: return its np.real(...), np.imag(...) or np.abs(...). Where the function is "
            "holomorphic, ad.grad(f, holomorphic=True) returns its complex derivative; elsewhere "
            "ad.jvp and ad.vjp take a direction."
        )


def misfit(returned: Any, shape: tuple[int, ...], *, may_be_complex: bool = False) -> str:
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
    if is_complex(returned) and not may_be_complex:
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
        problem = misfit(returned, shape, may_be_complex=any(map(is_complex, operands)))
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
