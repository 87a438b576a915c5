"""Initial parameters, well chosen and badly chosen.

An initialiser is a function of a random generator and a layer's numbers of inputs and outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.host import checks
from adviz.host.arguments import described, function_name
from adviz.host.errors import InputError

__all__ = ["Initialiser", "glorot", "he", "normal", "perceptron_parameters", "zeros"]

Array = np.ndarray[Any, np.dtype[np.float64]]
Initialiser = Callable[[np.random.Generator, int, int], Array]


def glorot(generator: np.random.Generator, inputs: int, outputs: int) -> Array:
    """Return weights that keep the spread of activations and adjoints about constant, for tanh.

    Uniform between ±sqrt(6 / (inputs + outputs)): Glorot and Bengio, *Understanding the
    difficulty of training deep feedforward neural networks* (2010), equation 16.
    """
    _check(generator, inputs, outputs)
    limit = np.sqrt(6 / (inputs + outputs))
    return generator.uniform(-limit, limit, size=(inputs, outputs))


def he(generator: np.random.Generator, inputs: int, outputs: int) -> Array:
    """Return weights that make up for the half that relu cuts off.

    Normal with standard deviation sqrt(2 / inputs): He, Zhang, Ren and Sun, *Delving deep into
    rectifiers* (2015), equation 10.
    """
    _check(generator, inputs, outputs)
    return generator.normal(0, np.sqrt(2 / inputs), size=(inputs, outputs))


def normal(deviation: float) -> Initialiser:
    """Return an initialiser with the same spread for layers of any width, which is rarely right.

    If it is too small, the signal dies away from layer to layer; if too large, tanh saturates.
    """
    deviation = checks.number(deviation, "deviation", least=0)

    def initialiser(generator: np.random.Generator, inputs: int, outputs: int) -> Array:
        _check(generator, inputs, outputs)
        return generator.normal(0, deviation, size=(inputs, outputs))

    return initialiser


def zeros(generator: np.random.Generator, inputs: int, outputs: int) -> Array:
    """Return weights of zero: all units of a layer then learn the same, if anything."""
    _check(generator, inputs, outputs)
    return np.zeros((inputs, outputs))


def perceptron_parameters(
    *widths: int, initialiser: Initialiser = glorot, seed: int = 0
) -> dict[str, dict[str, Array]]:
    """Return parameters for :func:`perceptron`, with biases of zero.

    Parameters
    ----------
    *widths : int
        The number of inputs, of units in each hidden layer, and of outputs.
    initialiser : callable
        :func:`glorot`, :func:`he`, :func:`zeros` or ``normal(deviation)``.
    seed : int
        The same seed gives the same parameters.

    Returns
    -------
    dict
        A dict of "w" and "b" for each layer: "hidden", or "hidden1", "hidden2", ... where there
        are several, and "output".

    Raises
    ------
    InputError
        If there are fewer than two widths, or one is not a positive whole number.

    Examples
    --------
    >>> params = perceptron_parameters(64, 32, 10)
    >>> {name: layer["w"].shape for name, layer in params.items()}
    {'hidden': (64, 32), 'output': (32, 10)}
    """
    if len(widths) < 2 or not all(isinstance(n, (int, np.integer)) and n > 0 for n in widths):
        raise InputError(
            f"perceptron_parameters{widths!r} makes no network: give the number of inputs, of "
            "units in each hidden layer and of outputs, as in perceptron_parameters(64, 32, 10)."
        )
    checks.function(initialiser, "initialiser")
    generator = np.random.default_rng(checks.count(seed, "seed", least=0, most=2**64))
    count = len(widths) - 2
    hidden = ["hidden"] if count == 1 else [f"hidden{k + 1}" for k in range(count)]
    return {
        name: {"w": _weights(initialiser, generator, inputs, outputs), "b": np.zeros(outputs)}
        for name, inputs, outputs in zip([*hidden, "output"], widths, widths[1:], strict=False)
    }


def _check(generator: Any, inputs: Any, outputs: Any) -> None:
    if not isinstance(generator, np.random.Generator):
        raise checks.refusal("generator", "one that numpy.random.default_rng made", generator)
    checks.count(inputs, "inputs")
    checks.count(outputs, "outputs")


def _weights(
    initialiser: Initialiser, generator: np.random.Generator, inputs: int, outputs: int
) -> Array:
    try:
        weights = initialiser(generator, inputs, outputs)
    except TypeError as error:
        raise InputError(
            f"initialiser={function_name(initialiser)} cannot be called with a generator and the "
            f"numbers of inputs and outputs: {error}."
        ) from error
    if np.shape(weights) != (inputs, outputs):
        raise InputError(
            f"initialiser={function_name(initialiser)} returned {described(weights)} for a layer "
            f"of {inputs} inputs and {outputs} outputs: return an array of this shape."
        )
    return weights
