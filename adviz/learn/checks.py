"""Checks before a training begins: whether examples, model and loss fit together."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np

from adviz.host.arguments import described, function_name
from adviz.host.errors import AdvizError, InputError
from adviz.host.source import describe, is_internal, locate
from adviz.learn.layers import cross_entropy

__all__ = ["Examples", "checked_count", "checked_examples", "checked_scores"]

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
    (x, y), (every_x, labels) = (part[:_TRIAL_EXAMPLES] for part in examples), examples
    with np.errstate(all="ignore"):
        scores = _call(model, params, x, f"a batch of shape {(len(every_x), *x.shape[1:])}")
        if loss is cross_entropy:
            _check_labels(np.shape(scores), labels)
        number = _call(loss, scores, y, f"predictions of shape {np.shape(scores)}")
    if np.ndim(number) or not isinstance(number, (float, np.floating)):
        raise InputError(
            f"The loss, {function_name(loss)}, returns {described(number)} where one number is "
            f"needed: {describe()}. Return the mean of a batch, as np.mean does."
        )
    return scores


def checked_count(number: Any, name: str) -> int:
    """Return a number, which must be positive and whole.

    Raises
    ------
    InputError
        If it is not.

    Examples
    --------
    >>> checked_count(3, "epochs")
    3
    """
    if not isinstance(number, (int, np.integer)) or number < 1:
        raise InputError(f"{name}={number!r} is not a positive whole number: {describe()}.")
    return int(number)


def _call(function: Callable[[Any, Any], Any], first: Any, second: Any, what: str) -> Any:
    try:
        return function(first, second)
    except AdvizError:
        raise
    except Exception as error:
        raise InputError(
            f"{function_name(function)} cannot work on {what}: {type(error).__name__}: {error}: "
            f"{_last_user_line(error.__traceback__)}."
        ) from error


def _last_user_line(traceback: TracebackType | None) -> str:
    """Return the last of the user's lines in a traceback."""
    place = describe()
    while traceback is not None:
        if not is_internal(traceback.tb_frame):
            place = str(locate(traceback.tb_frame.f_code, traceback.tb_lasti))
        traceback = traceback.tb_next
    return place


def _check_labels(shape: tuple[int, ...], labels: Any) -> None:
    if labels.dtype.kind not in "iu":
        raise InputError(
            f"cross_entropy takes the right classes as whole numbers, and these are "
            f"{labels.dtype}: {describe()}. Pass labels.astype(int), or take mean_squared_error."
        )
    if len(shape) != 2 or labels.ndim != 1:
        raise InputError(
            "cross_entropy takes a row of scores and one label for each example; for "
            f"{_TRIAL_EXAMPLES} examples the model gives an array of shape {shape}, and the labels "
            f"have the shape {labels.shape}: {describe()}."
        )
    if labels.min() < 0 or labels.max() >= shape[1]:
        raise InputError(
            f"The labels go from {labels.min()} to {labels.max()}, and the model gives {shape[1]} "
            f"scores, for the classes 0 to {shape[1] - 1}: {describe()}."
        )
