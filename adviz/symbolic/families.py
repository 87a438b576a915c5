"""Families of functions that grow with a size n, for the study of expression swell."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adviz.core.derivatives import grad
from adviz.host import checks
from adviz.host.arguments import argument_names, function_name
from adviz.host.derived_functions import made_by
from adviz.host.errors import InputError

__all__ = ["FAMILIES", "Family", "family_of"]


@dataclass(frozen=True)
class Family:
    """A function of n and of inputs, whose work grows with n.

    Attributes
    ----------
    name : str
    title : str
        A description in a line.
    function : callable
        ``function(n, *inputs)``.
    inputs : callable
        ``inputs(n)``: the inputs at which the function of size n is studied.
    most : int
        The size up to which a study takes about a second.
    """

    name: str
    title: str
    function: Callable[..., Any]
    inputs: Callable[[int], tuple[float, ...]]
    most: int = 1000

    def of_size(self, n: int) -> Callable[..., Any]:
        """Return the function of size n."""

        def f(*inputs: Any) -> Any:
            return self.function(n, *inputs)

        f.__name__ = self.name.replace(" ", "_")
        return made_by(Family.of_size, self, n)(f)

    def names(self, n: int) -> list[str]:
        """Return the names of the inputs: x, or x1, x2, ..."""
        count = len(self.inputs(n))
        return ["x"] if count == 1 else [f"x{k + 1}" for k in range(count)]


def _logistic(n: int, x: Any) -> Any:
    for _ in range(n - 1):
        x = 4 * x * (1 - x)
    return x


def _product(n: int, x: Any) -> Any:
    product = x
    for k in range(1, n):
        product = product * (x + k)
    return product


def _nested(n: int, x: Any) -> Any:
    nested = x
    for _ in range(n - 1):
        nested = x * np.sin(nested)
    return nested


def _speelpenning(n: int, *x: Any) -> Any:
    product = x[0]
    for factor in x[1:]:
        product = product * factor
    return product


def _network(n: int, *weights: Any) -> Any:
    """n layers of two neurons, each with two weights; the data are fixed."""
    a, b = 1.0, -0.5
    for layer in range(n):
        w = weights[4 * layer : 4 * layer + 4]
        a, b = np.tanh(w[0] * a + w[1] * b), np.tanh(w[2] * a + w[3] * b)
    return a - b


def _derivatives(n: int, x: Any) -> Any:
    def f(x: Any) -> Any:
        return np.exp(np.sin(x)) / (1 + x * x)

    for _ in range(n - 1):
        f = grad(f)
    return f(x)


def _single_input(value: float) -> Callable[[int], tuple[float, ...]]:
    return functools.partial(_inputs_of, (value,))


def _inputs_of(inputs: tuple[float, ...], n: int) -> tuple[float, ...]:
    return inputs


def _inputs_of_speelpenning(n: int) -> tuple[float, ...]:
    return tuple(1 + 1 / (k + 2) for k in range(n))


def _inputs_of_network(n: int) -> tuple[float, ...]:
    return tuple(0.7 - 0.1 * (k % 7) for k in range(4 * n))


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family(
            "logistic",
            "the logistic map, l₁ = x, lₙ₊₁ = 4 lₙ (1 − lₙ)",
            _logistic,
            _single_input(0.2),
        ),
        Family(
            "product",
            "a product of n factors, x (x + 1) … (x + n − 1)",
            _product,
            _single_input(0.3),
        ),
        Family("nested", "nested products, p₁ = x, pₙ₊₁ = x sin pₙ", _nested, _single_input(0.8)),
        Family(
            "speelpenning",
            "Speelpenning's product, x₁ x₂ … xₙ",
            _speelpenning,
            _inputs_of_speelpenning,
            most=100,
        ),
        Family(
            "network",
            "a neural network of n layers, each with two tanh neurons and four weights",
            _network,
            _inputs_of_network,
            most=16,
        ),
        Family(
            "derivatives",
            "the (n − 1)-th derivative of exp(sin x) / (1 + x²)",
            _derivatives,
            _single_input(0.7),
            most=6,
        ),
    )
}


def family_of(family: Any, at: Any = None) -> Family:
    """Return the family given by a name or a function ``f(n, x)``, studied ``at`` these inputs.

    Raises
    ------
    InputError
        If there is no family of that name, or a function is given without inputs.

    Examples
    --------
    >>> family_of("logistic").of_size(2)(0.5)
    1.0
    >>> family_of(lambda n, x: x**n, at=2.0).of_size(3)(2.0)
    8.0
    """
    if isinstance(family, str):
        if family not in FAMILIES:
            raise InputError(
                f"There is no family {family!r}: choose {', '.join(map(repr, FAMILIES))}, or give "
                "a function f(n, x) of your own."
            )
        known = FAMILIES[family]
        return known if at is None else _with_inputs(known, at)
    if not callable(family):
        raise InputError(
            f"A family is a name ({', '.join(map(repr, FAMILIES))}) or a function f(n, x), not "
            f"{family!r}."
        )
    if at is None:
        raise InputError(
            "A family of your own needs inputs: swell_study(f, sizes, at=0.3), or a "
            "tuple of numbers where f takes several."
        )
    name = function_name(family)
    return _with_inputs(Family(name, f"{name}(n, …)", family, _single_input(0.0)), at)


def _with_inputs(family: Family, at: Any) -> Family:
    inputs = at if isinstance(at, tuple) else (at,)
    for value in inputs:
        checks.number(value, "at")
    argument_names(family.function, (1, *inputs))
    return Family(family.name, family.title, family.function, functools.partial(_inputs_of, inputs))
