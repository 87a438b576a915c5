"""Checks before a training begins: whether examples, model and loss fit together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.host.arguments import described, function_name
from adviz.host.errors import InputError
from adviz.host.source import describe
from adviz.learn.arguments import called, check_labels
from adviz.learn.layers import cross_entropy

__all__ = ["Examples", "checked_examples", "checked_scores"]

Examples = tuple[Any, Any]

_TRIAL_EXAMPLES = 2
"""How many examples the model and the loss are tried on before the training."""


def checked_examples(examples: Any, name: str) -> Examples:
    """Return the examples as a pair of arrays of the same length.

    Raises
    ------
    InputError
        If they are no such pair.
    """
    try:
        x, y = (np.asarray(part) for part in examples)
    except (TypeError, ValueError):
        raise InputError(
            f"{name} is not a pair of arrays: {describe()}. Give inputs and wanted outputs, "
            "as in (x, labels)."
        ) from None
    if not x.ndim or not y.ndim or len(x) != len(y) or not len(x):
        raise InputError(
            f"{name} are inputs of shape {x.shape} and wanted outputs of shape {y.shape}: "
            f"{describe()}. The first axes count the examples and must agree."
        )
    return x, y


def checked_scores(
    model: Callable[[Any, Any], Any],
    params: Any,
    examples: Examples,
    loss: Callable[[Any, Any], Any],
) -> Any:
    """Return the model's scores for the first examples, after trying the loss on them.

    Raises
    ------
    InputError
        If the model or the loss raises an error, or returns a result that does not fit.
    """
    x, y = (part[:_TRIAL_EXAMPLES] for part in examples)
    with np.errstate(all="ignore"):
        scores = called(model, (params, x), "model")
        number = called(loss, (scores, y), "loss")
        if loss is cross_entropy:
            check_labels(examples[1], np.shape(scores)[1])
    if np.ndim(number) or not isinstance(number, (float, np.floating)):
        raise InputError(
            f"The loss, {function_name(loss)}, returns {described(number)} where one number is "
            f"needed: {describe()}. Return the mean of a batch, as np.mean does."
        )
    return scores
