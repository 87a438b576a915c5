"""Integrals of SciPy's, which are differentiated by Leibniz's rule.

    d/dx ∫ₐᵇ f(t, x) dt = f(b, x) b' − f(a, x) a' + ∫ₐᵇ ∂f/∂x dt

The integral on the right is computed in the same way, so a derivative of it follows again.
Flanders, *Differentiation under the integral sign*, American Mathematical Monthly 80 (1973).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from functools import update_wrapper
from inspect import signature
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.derivatives import input_adjoints, output_tangents
from adviz.core.elementals import plain
from adviz.core.recording import record
from adviz.core.trace import Trace
from adviz.host.errors import SolverError, UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.batching import Batch, each
from adviz.rules.broadcasting import spread
from adviz.rules.differential_equations import differential_equation_rules
from adviz.rules.handed_in import HandedIn, with_plain_results
from adviz.rules.operands import as_array, number_or_array
from adviz.rules.rule import Rule
from adviz.rules.user_operations import UserOperation, no_push, read_only

__all__ = ["integrate_rules"]


def integrate_rules() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return the functions of ``scipy.integrate`` that have a rule, each with it."""
    integrate = sys.modules["scipy.integrate"]
    return {
        integrate.quad: update_wrapper(_quad, integrate.quad),
        integrate.quad_vec: update_wrapper(_quad_vec, integrate.quad_vec),
        **differential_equation_rules(),
    }


_OPTIONS = {"epsabs", "epsrel", "limit", "points"}
"""Options that the integral in a derivative is computed with, too."""


def _quad(*args: Any, **options: Any) -> Any:
    quad = sys.modules["scipy.integrate"].quad
    arguments = signature(quad).bind(*args, **options).arguments
    if arguments.get("weight") is not None or arguments.get("complex_func"):
        raise UnsupportedOperationError(
            f"quad with weight= or complex_func= has no derivative rule: {describe()}. Write the "
            "weight into the function."
        )
    return _integrated(quad, "func", arguments)


def _quad_vec(*args: Any, **options: Any) -> Any:
    quad_vec = sys.modules["scipy.integrate"].quad_vec
    return _integrated(quad_vec, "f", signature(quad_vec).bind(*args, **options).arguments)


def _integrated(quadrature: Callable[..., Any], name: str, arguments: dict[str, Any]) -> Any:
    """Return what SciPy's function returns, with a traced integral."""
    args = arguments.get("args", ())
    args = args if isinstance(args, tuple) else (args,)
    options = {key: option for key, option in arguments.items() if key in _OPTIONS}
    handed_in = HandedIn((arguments[name], args, arguments.get("points")))
    integral = _Integral(quadrature, handed_in, options)
    value = integral(arguments["a"], arguments["b"], *handed_in.numbers)
    return value, *integral.report[: None if arguments.get("full_output") else 1]


_RULES = {
    name: Rule(
        name,
        lambda *_: None,
        push=no_push,
        may_fail=True,
        pull_formula=lambda k, shapes: ("−{bar} f(a)", "{bar} f(b)", "{bar} ∫ f_x dt")[min(k, 2)],
        push_formula=lambda k, shapes: ("−f(a) {dot}", "f(b) {dot}", "∫ f_x {dot} dt")[min(k, 2)],
    )
    for name in ("quad", "quad_vec")
}


class _Integral(UserOperation):
    """An integral as a row: its operands are the bounds, and the numbers that f uses."""

    __slots__ = ("handed_in", "options", "quadrature", "report")

    def __init__(
        self, quadrature: Callable[..., Any], handed_in: HandedIn, options: dict[str, Any]
    ) -> None:
        super().__init__(_RULES[quadrature.__name__], {})
        self.quadrature = quadrature
        self.handed_in = handed_in
        self.options = options
        self.report: Any = None

    def evaluate(self, a: Any, b: Any, *numbers: Any) -> Any:
        """Compute the integral."""
        function, args, _ = self.handed_in.first([read_only(number) for number in numbers])
        function = with_plain_results(function, self.name)
        options = {"args": args, "full_output": True} | self.options
        value, *self.report = self.quadrature(function, a, b, **options)
        if self.name == "quad":
            message = "" if len(self.report) < 3 else str(self.report[2])
        else:
            message = "" if self.report[1].success else str(self.report[1].message)
        if message and "roundoff" not in message:
            message = " ".join(message.split()).rstrip(".")
            raise SolverError(
                f"{self.name} found no integral, so there is no derivative ({message}): "
                f"{describe()}. Divide the interval with points=, or allow more with limit=."
            )
        return number_or_array(plain(value))

    def explained(self, operands: Sequence[Any], value: Any) -> str:
        """Return how the derivative follows, in a sentence."""
        return "By Leibniz's rule: f(b, x) db − f(a, x) da + ∫ ∂f/∂x dx dt."

    def _integrand(self, t: Any, numbers: Sequence[Any]) -> Any:
        function, args, _ = self.handed_in.with_numbers(numbers)
        return as_array(function(t, *args))

    def _recorded(self, t: Any, numbers: Sequence[Any]) -> Trace:
        return record(lambda *x: self._integrand(t, x), tuple(numbers), notes_places=False)

    def _integral_of(self, function: Callable[[Any], Any], a: Any, b: Any) -> Any:
        """Return the integral of another function, traced where the function or a bound is."""
        quad_vec = sys.modules["scipy.integrate"].quad_vec
        handed_in = HandedIn((function, (), None))
        integral = _Integral(quad_vec, handed_in, {"epsabs": 1.49e-8} | self.options)
        return integral(a, b, *handed_in.numbers)

    def push(self, dots: Sequence[Any], operands: Sequence[Any], value: Any) -> Any:
        """Return the tangent by Leibniz's rule."""
        if any(dot.__class__ is Batch for dot in dots):
            return each(lambda *one: self.push(one, operands, value), *dots)
        a, b, *numbers = operands
        total: Any = 0.0
        for dot, bound, sign in zip(dots, (a, b), (-1.0, 1.0), strict=False):
            if dot is not None:
                total = total + sign * self._integrand(bound, numbers) * dot
        if any(dot is not None for dot in dots[2:]):
            seeds = [
                np.zeros(shape_of(x))
                if dot is None and shape_of(x)
                else 0.0
                if dot is None
                else spread(dot, x)
                for x, dot in zip(numbers, dots[2:], strict=True)
            ]

            def change(t: Any) -> Any:
                return output_tangents(self._recorded(t, numbers), seeds)[0]

            total = total + self._integral_of(change, a, b)
        return spread(total, value)

    def pull_all(
        self, positions: list[int], bar: Any, operands: Sequence[Any], value: Any
    ) -> list[Any]:
        """Return the contributions by Leibniz's rule; one integral gives those to all numbers."""
        if bar.__class__ is Batch:
            return list(each(lambda one: self.pull_all(positions, one, operands, value), bar))
        a, b, *numbers = operands
        bar = spread(bar, value)
        contributions: dict[int, Any] = {}
        for position, bound, sign in ((0, a, -1.0), (1, b, 1.0)):
            if position in positions:
                contributions[position] = sign * np.sum(bar * self._integrand(bound, numbers))
        if any(position > 1 for position in positions):

            def slopes(t: Any) -> Any:
                bars = input_adjoints(self._recorded(t, numbers), [bar])
                return np.concatenate([np.reshape(part, (-1,)) for part in bars])

            flat, start = self._integral_of(slopes, a, b), 0
            for position, number in enumerate(numbers, start=2):
                shape = shape_of(number)
                stop = start + math.prod(shape)
                contributions[position] = (
                    np.reshape(flat[start:stop], shape) if shape else flat[start]
                )
                start = stop
        return [contributions[position] for position in positions]
