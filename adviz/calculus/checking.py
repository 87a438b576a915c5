"""Checking derivatives against difference quotients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.derivatives import jvp, vjp
from adviz.host.arguments import function_name
from adviz.host.errors import DerivativeError, OutputError
from adviz.host.nests import leaves, mapped, unflatten

__all__ = ["check_grads"]

_STEP = 1e-3
"""Of Richardson's difference quotient, whose error is of the order of its fourth power."""


def check_grads(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    order: int = 2,
    *,
    atol: float = 1e-5,
    rtol: float = 1e-5,
    step: float = _STEP,
) -> None:
    """Check both modes against each other and against difference quotients, in one direction.

    Parameters
    ----------
    f : callable
        Takes and returns numbers, float64 arrays or nests of them; smooth near the arguments.
    args : tuple
        Its arguments.
    order : int
        Up to which order derivatives are checked.
    atol, rtol : float
        By how much they may differ.
    step : float
        Of the difference quotients.

    Raises
    ------
    DerivativeError
        If they do not agree.

    Examples
    --------
    >>> check_grads(lambda x: np.sum(np.sin(x)), (np.array([1.0, 2.0]),), order=3)
    """
    random = np.random.default_rng(0)
    if not isinstance(args, (tuple, list)):
        raise OutputError("check_grads takes a tuple of arguments: check_grads(f, (3.0,)).")
    _check(f, tuple(args), order, atol, rtol, step, random, function_name(f))


def _check(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    order: int,
    atol: float,
    rtol: float,
    step: float,
    random: np.random.Generator,
    what: str,
) -> None:
    direction = mapped(lambda x: random.standard_normal(np.shape(x))[()], args)
    value, pull = vjp(f, *args)
    tangent = jvp(f, args, direction)[1]
    cotangent = mapped(lambda y: random.standard_normal(np.shape(y))[()], value)

    def at(distance: float) -> list[Any]:
        numbers = zip(leaves(args), leaves(direction), strict=True)
        moved = (x + distance * d for (_, x), (_, d) in numbers)
        return [leaf for _, leaf in leaves(f(*unflatten(args, moved)))]

    quotients = [
        (8 * (b - a) - (d - c)) / (12 * step)
        for a, b, c, d in zip(at(-step), at(step), at(-2 * step), at(2 * step), strict=True)
    ]
    for (path, found), expected in zip(leaves(tangent), quotients, strict=True):
        _agree(found, expected, atol, rtol, f"The tangent{path} of {what}", "difference quotients")
    _agree(
        _inner(pull(cotangent), direction),
        _inner(cotangent, tangent),
        atol,
        rtol,
        f"The adjoint of {what}",
        "its tangent",
    )
    if order > 1:

        def pushed(*inputs: Any) -> Any:
            return jvp(f, inputs, direction)[1]

        def pulled(*inputs: Any) -> Any:
            return vjp(f, *inputs)[1](cotangent)

        _check(pushed, args, order - 1, atol, rtol, step, random, f"the tangent of {what}")
        _check(pulled, args, order - 1, atol, rtol, step, random, f"the adjoint of {what}")


def _inner(a: Any, b: Any) -> float:
    pairs = zip(leaves(a), leaves(b), strict=True)
    return sum(float(np.sum(np.asarray(x) * y)) for (_, x), (_, y) in pairs)


def _agree(found: Any, expected: Any, atol: float, rtol: float, what: str, which: str) -> None:
    if not np.allclose(found, expected, atol=atol, rtol=rtol):
        worst = float(np.max(np.abs(np.asarray(found) - np.asarray(expected))))
        raise DerivativeError(f"{what} is not what {which} say: it differs by {worst:.2g}.")
