"""Checking derivatives against difference quotients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import is_complex
from adviz.core.derivatives import jvp, vjp
from adviz.host import checks
from adviz.host.arguments import function_name
from adviz.host.errors import DerivativeError, OutputError
from adviz.host.nests import leaves, mapped, unflatten

__all__ = ["check_grads"]

_HIGHEST_ORDER = 10
"""Each order takes twice the time of the last."""

_STEP = 1e-3
"""Distance of the points of a difference quotient whose error is of the order of its 4th power."""


def check_grads(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    order: int = 2,
    *,
    atol: float = 1e-5,
    rtol: float = 1e-5,
    step: float = _STEP,
) -> None:
    """Check both modes against each other and against difference quotients, in a random direction.

    Parameters
    ----------
    f : callable
        Takes and returns numbers, arrays of double precision or nests of them; smooth near the
        arguments. Where these are complex, so are the directions.
    args : tuple
        Its arguments.
    order : int
        The highest order of derivative to check.
    atol, rtol : float
        How much they may differ, as for ``numpy.allclose``.
    step : float
        The distance of the points of the difference quotients.

    Raises
    ------
    DerivativeError
        If they do not agree.
    InputError
        If an argument is not as said above.

    Examples
    --------
    >>> check_grads(lambda x: np.sum(np.sin(x)), (np.array([1.0, 2.0]),), order=3)
    """
    random = np.random.default_rng(0)
    if not isinstance(args, (tuple, list)):
        raise OutputError("check_grads takes a tuple of arguments: check_grads(f, (3.0,)).")
    order = checks.count(order, "order", most=_HIGHEST_ORDER)
    atol, rtol = checks.number(atol, "atol", least=0), checks.number(rtol, "rtol", least=0)
    step = checks.number(step, "step", above=0)
    _check(f, tuple(args), order, atol, rtol, step, random, function_name(f))


def _check(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    order: int,
    atol: float,
    rtol: float,
    step: float,
    random: np.random.Generator,
    name: str,
) -> None:
    direction = mapped(lambda x: _random(random, x), args)
    value, pull = vjp(f, *args)
    tangent = jvp(f, args, direction)[1]
    cotangent = mapped(lambda y: _random(random, y), value)

    def at(distance: float) -> list[Any]:
        numbers = zip(leaves(args), leaves(direction), strict=True)
        moved = (x + distance * d for (_, x), (_, d) in numbers)
        return [leaf for _, leaf in leaves(f(*unflatten(args, moved)))]

    quotients = [
        (8 * (b - a) - (d - c)) / (12 * step)
        for a, b, c, d in zip(at(-step), at(step), at(-2 * step), at(2 * step), strict=True)
    ]
    for (path, computed), expected in zip(leaves(tangent), quotients, strict=True):
        _agree(
            computed, expected, atol, rtol, f"The tangent{path} of {name}", "difference quotients"
        )
    _agree(
        _inner(pull(cotangent), direction),
        _inner(cotangent, tangent),
        atol,
        rtol,
        f"The adjoint of {name}",
        "its tangent",
    )
    if order > 1:

        def tangent_of(*inputs: Any) -> Any:
            return jvp(f, inputs, direction)[1]

        def adjoint_of(*inputs: Any) -> Any:
            return vjp(f, *inputs)[1](cotangent)

        _check(tangent_of, args, order - 1, atol, rtol, step, random, f"the tangent of {name}")
        _check(adjoint_of, args, order - 1, atol, rtol, step, random, f"the adjoint of {name}")


def _random(random: np.random.Generator, like: Any) -> Any:
    """Return random numbers of the shape of a value, complex ones for a complex value."""
    number = random.standard_normal(np.shape(like))[()]
    return number + 1j * random.standard_normal(np.shape(like))[()] if is_complex(like) else number


def _inner(a: Any, b: Any) -> float:
    """Return the sum of the products, of which the real part is the same in both modes."""
    pairs = zip(leaves(a), leaves(b), strict=True)
    return sum(float(np.sum(np.real(np.asarray(x) * y))) for (_, x), (_, y) in pairs)


def _agree(
    computed: Any, expected: Any, atol: float, rtol: float, what: str, reference: str
) -> None:
    if not np.allclose(computed, expected, atol=atol, rtol=rtol):
        worst = float(np.max(np.abs(np.asarray(computed) - np.asarray(expected))))
        raise DerivativeError(f"{what} is not what {reference} say: it differs by {worst:.2g}.")
