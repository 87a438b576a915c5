"""Optimizers: what to do with a gradient. Each is two functions, a few lines long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from adviz.learn.trees import tree_map

__all__ = ["Optimizer", "adam", "momentum", "sgd"]


class Optimizer(NamedTuple):
    """A rule that takes a step.

    Attributes
    ----------
    name : str
    start : callable
        Takes the parameters and returns what the rule remembers before its first step.
    step : callable
        Takes the parameters, their gradient and what it remembers; returns the parameters after
        the step and what to remember.
    """

    name: str
    start: Callable[[Any], Any]
    step: Callable[[Any, Any, Any], tuple[Any, Any]]


def sgd(rate: float = 0.1) -> Optimizer:
    """Return gradient descent: a step downhill, as long as the slope is steep.

    Examples
    --------
    >>> rule = sgd(0.1)
    >>> rule.step({"w": 1.0}, {"w": 4.0}, rule.start({"w": 1.0}))
    ({'w': 0.6}, None)
    """

    def step(params: Any, gradient: Any, memory: None) -> tuple[Any, None]:
        return tree_map(lambda p, g: p - rate * g, params, gradient), None

    return Optimizer(f"SGD, rate {rate:g}", lambda params: None, step)


def momentum(rate: float = 0.02, keep: float = 0.9) -> Optimizer:
    """Return gradient descent with momentum: a step keeps a part of the velocity before it.

    Polyak, *Some methods of speeding up the convergence of iteration methods* (1964).
    """

    def step(params: Any, gradient: Any, velocity: Any) -> tuple[Any, Any]:
        velocity = tree_map(lambda v, g: keep * v - rate * g, velocity, gradient)
        return tree_map(lambda p, v: p + v, params, velocity), velocity

    return Optimizer(f"momentum {keep:g}, rate {rate:g}", _zeros_like, step)


def adam(
    rate: float = 0.01, keep: float = 0.9, keep_squares: float = 0.999, epsilon: float = 1e-8
) -> Optimizer:
    """Return Adam: momentum, each number's step divided by how large its slopes have been.

    Kingma and Ba, *Adam: a method for stochastic optimization* (2015), algorithm 1; ``keep`` and
    ``keep_squares`` are their β₁ and β₂.
    """

    def step(params: Any, gradient: Any, memory: Any) -> tuple[Any, Any]:
        mean, square, t = memory
        t += 1
        mean = tree_map(lambda m, g: keep * m + (1 - keep) * g, mean, gradient)
        square = tree_map(
            lambda s, g: keep_squares * s + (1 - keep_squares) * g * g, square, gradient
        )

        def moved(p: Any, m: Any, s: Any) -> Any:
            m, s = m / (1 - keep**t), s / (1 - keep_squares**t)  # both had begun at zero
            return p - rate * m / (np.sqrt(s) + epsilon)

        return tree_map(moved, params, mean, square), (mean, square, t)

    return Optimizer(
        f"Adam, rate {rate:g}", lambda params: (_zeros_like(params), _zeros_like(params), 0), step
    )


def _zeros_like(params: Any) -> Any:
    return tree_map(np.zeros_like, params)
