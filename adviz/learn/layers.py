"""Layers and losses: plain functions, which a trace shows row by row like the user's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.host import checks
from adviz.host.errors import InputError
from adviz.host.source import describe
from adviz.learn.arguments import called, check_labels, checked_array, checked_inputs

__all__ = ["cross_entropy", "dense", "mean_squared_error", "perceptron"]


def dense(layer: dict[str, Any], x: Any, activation: Callable[[Any], Any] | None = None) -> Any:
    """Return activation(x w + b).

    Parameters
    ----------
    layer : dict
        The weights "w", of shape (inputs, outputs), and the biases "b", of shape (outputs,).
    x : array
        A batch, of shape (examples, inputs).
    activation : callable, optional
        ``np.tanh``, ``ad.relu``, ``ad.logistic`` or another; by default none.

    Examples
    --------
    >>> dense({"w": np.array([[2.0], [1.0]]), "b": np.array([0.5])}, np.array([[1.0, 3.0]]))
    array([[5.5]])
    """
    x = checked_inputs(x, layer)
    z = x @ layer["w"] + layer["b"]
    return z if activation is None else called(activation, (z,), "activation")


def perceptron(params: dict[str, Any], x: Any, activation: Callable[[Any], Any] = np.tanh) -> Any:
    """Return the scores of a multilayer perceptron: dense layers, activated except the last.

    Parameters
    ----------
    params : dict
        A layer for each key, in order: see :func:`dense`.
    x : array
        A batch, of shape (examples, inputs).
    activation : callable

    Returns
    -------
    array
        Of shape (examples, outputs).

    Examples
    --------
    >>> params = {"hidden": {"w": np.ones((2, 3)), "b": np.zeros(3)}}
    >>> params["output"] = {"w": np.ones((3, 1)), "b": np.zeros(1)}
    >>> perceptron(params, np.array([[0.0, 0.0]]))
    array([[0.]])
    """
    if not isinstance(params, dict) or not params:
        raise checks.refusal("params", "a dict with a layer for each key", params)
    *hidden, output = params.values()
    for layer in hidden:
        x = dense(layer, x, activation)
    return dense(output, x)


def cross_entropy(scores: Any, labels: Any) -> Any:
    """Return the mean of −log p over a batch, p being the softmax of the right class's score.

    Parameters
    ----------
    scores : array
        Of shape (examples, classes).
    labels : array of int
        The right classes, of shape (examples,), from 0.

    Raises
    ------
    InputError
        If scores and labels do not fit together, or a label is the number of no class.

    Examples
    --------
    Equal scores for ten classes give a loss of log 10:

    >>> f"{cross_entropy(np.zeros((4, 10)), np.arange(4)):.6f}", f"{np.log(10):.6f}"
    ('2.302585', '2.302585')
    """
    scores, labels = checked_array(scores, "scores"), checked_array(labels, "labels")
    if len(shape_of(scores)) != 2 or shape_of(labels) != shape_of(scores)[:1]:
        raise InputError(
            "cross_entropy takes a row of scores and one label for each example: scores has the "
            f"shape {shape_of(scores)}, and labels has {shape_of(labels)}: {describe()}."
        )
    check_labels(labels, shape_of(scores)[1])
    shifted = scores - np.max(scores, axis=1, keepdims=True)  # so that exp cannot overflow
    log_sum = np.log(np.sum(np.exp(shifted), axis=1))
    right = shifted[np.arange(len(labels)), labels]
    return np.mean(log_sum - right)


def mean_squared_error(predicted: Any, wanted: Any) -> Any:
    """Return the mean of the squared differences of two arrays of the same shape.

    Raises
    ------
    InputError
        If the shapes differ: (n, 1) and (n,) would be broadcast to n × n differences.

    Examples
    --------
    >>> float(mean_squared_error(np.array([1.0, 4.0]), np.array([1.0, 2.0])))
    2.0
    """
    predicted, wanted = checked_array(predicted, "predicted"), checked_array(wanted, "wanted")
    if shape_of(predicted) != shape_of(wanted):
        raise InputError(
            f"predicted has the shape {shape_of(predicted)} and wanted has {shape_of(wanted)}: "
            f"{describe()}. Give them the same shape."
        )
    return np.mean((predicted - wanted) ** 2)
