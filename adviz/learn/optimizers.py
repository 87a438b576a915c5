"""Optimizers: how to step along a gradient. Each is two functions, a few lines long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from adviz.learn.arguments import checked_rate
from adviz.learn.trees import tree_map

__all__ = ["Optimizer", "adam", "momentum", "sgd"]


_LESS_THAN_ONE = float(np.nextafter(1.0, 0.0))
"""A mean that keeps all of what was never moves."""


class Optimizer(NamedTuple):
    """A rule that turns a gradient into a step.

    Attributes
    ----------
    name : str
    start : callable
        Takes the parameters and returns the initial state, such as velocities.
    step : callable
        Takes the parameters, their gradient and the state; returns the parameters and the state
        after the step.
    """

    name: str
    start: Callable[[Any], Any]
    step: Callable[[Any, Any, Any], tuple[Any, Any]]


def sgd(rate: float = 0.1) -> Optimizer:
    """Return gradient descent: each step is minus ``rate`` times the gradient.

    Examples
    --------
    >>> rule = sgd(0.1)
    >>> rule.step({"w": 1.0}, {"w": 4.0}, rule.start({"w": 1.0}))
    ({'w': 0.6}, None)
    """
    rate = checked_rate(rate, "rate")

    def step(params: Any, gradient: Any, state: None) -> tuple[Any, None]:
        return tree_map(lambda p, g: p - rate * g, params, gradient), None

    return Optimizer(f"SGD, rate {rate:g}", lambda params: None, step)


def momentum(rate: float = 0.02, keep: float = 0.9) -> Optimizer:
    """Return gradient descent with momentum: each step keeps a part of the previous velocity.

    Polyak, *Some methods of speeding up the convergence of iteration methods* (1964).
    """
    rate, keep = checked_rate(rate, "rate"), checked_rate(keep, "keep")

    def step(params: Any, gradient: Any, velocity: Any) -> tuple[Any, Any]:
        velocity = tree_map(lambda v, g: keep * v - rate * g, velocity, gradient)
        return tree_map(lambda p, v: p + v, params, velocity), velocity

    return Optimizer(f"momentum {keep:g}, rate {rate:g}", _zeros_like, step)


def adam(
    rate: float = 0.01, keep: float = 0.9, keep_squares: float = 0.999, epsilon: float = 1e-8
) -> Optimizer:
    """Return Adam: momentum, with each step divided by the running size of the gradient.

    Kingma and Ba, *Adam: a method for stochastic optimization* (2015), algorithm 1; ``keep`` and
    ``keep_squares`` are their β₁ and β₂, between 0 and 1.
    """
    rate, epsilon = checked_rate(rate, "rate"), checked_rate(epsilon, "epsilon")
    keep = checked_rate(keep, "keep", most=_LESS_THAN_ONE)
    keep_squares = checked_rate(keep_squares, "keep_squares", most=_LESS_THAN_ONE)

    def step(params: Any, gradient: Any, state: Any) -> tuple[Any, Any]:
        mean, square, t = state
        t += 1
        mean = tree_map(lambda m, g: keep * m + (1 - keep) * g, mean, gradient)
        square = tree_map(
            lambda s, g: keep_squares * s + (1 - keep_squares) * g * g, square, gradient
        )

        def stepped(p: Any, m: Any, s: Any) -> Any:
            m, s = m / (1 - keep**t), s / (1 - keep_squares**t)  # corrects their start at zero
            return p - rate * m / (np.sqrt(s) + epsilon)

        return tree_map(stepped, params, mean, square), (mean, square, t)

    return Optimizer(
        f"Adam, rate {rate:g}", lambda params: (_zeros_like(params), _zeros_like(params), 0), step
    )


def _zeros_like(params: Any) -> Any:
    return tree_map(np.zeros_like, params)
