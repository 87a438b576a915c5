"""What layers, losses and optimizers can work on: arrays of real numbers, plain or traced."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.variable import Variable
from adviz.host import checks
from adviz.host.arguments import described, function_name
from adviz.host.errors import AdvizError, InputError
from adviz.host.source import describe, is_internal, locate

__all__ = ["called", "check_labels", "checked_array", "checked_inputs", "checked_rate"]


def checked_array(value: Any, name: str) -> Any:
    """Return an array of real numbers, plain or traced.

    Raises
    ------
    InputError
        If it is something else, or an array of something else.

    Examples
    --------
    >>> checked_array([[1.0, 2.0]], "x")
    array([[1., 2.]])
    """
    if value.__class__ is Variable:
        return value
    wanted = "an array of real numbers"
    if value.__class__ is not np.ndarray:
        if isinstance(value, np.ndarray):  # of a subclass, such as masked arrays
            raise checks.refusal(name, wanted, value)
        try:
            value = np.asarray(value)
        except AdvizError:
            raise
        except (TypeError, ValueError):  # rows of different lengths
            raise checks.refusal(name, wanted, value) from None
    if value.dtype.kind not in "fiub":
        raise checks.refusal(name, f"{wanted}, not of {value.dtype}", value)
    return value


def checked_rate(value: Any, name: str, *, least: float = 0.0, most: float = np.inf) -> Any:
    """Return a number that scales a step, which may be traced: rates can be learned.

    Raises
    ------
    InputError
        If it is no number or out of range.
    """
    if value.__class__ is Variable:
        return value
    return checks.number(value, name, least=least, most=most)


def called(function: Any, arguments: tuple[Any, ...], name: str) -> Any:
    """Call a function of the user's, with an error that says what it could not work on.

    Raises
    ------
    InputError
        If it is no function, or raises an error that is not adviz's own.
    """
    try:
        return checks.function(function, name)(*arguments)
    except AdvizError:
        raise
    except Exception as error:
        given = " and ".join(described(argument) for argument in arguments)
        raise InputError(
            f"{name}, which is {function_name(function)}, cannot work on {given}: "
            f"{type(error).__name__}: {error}: {_last_user_line(error.__traceback__)}."
        ) from error


def _last_user_line(traceback: TracebackType | None) -> str:
    """Return the last of the user's lines in a traceback."""
    place = describe()
    while traceback is not None:
        if not is_internal(traceback.tb_frame):
            place = str(locate(traceback.tb_frame.f_code, traceback.tb_lasti))
        traceback = traceback.tb_next
    return place


def check_labels(labels: Any, classes: int) -> None:
    """Check that each label is the number of one of the classes.

    Raises
    ------
    InputError
        If there is no label, or one is not a whole number from 0 to the last class.
    """
    if labels.dtype.kind not in "iu":
        raise InputError(
            "cross_entropy takes the right classes as whole numbers, and labels is an array of "
            f"{labels.dtype}: {describe()}. Pass labels.astype(int), or take mean_squared_error."
        )
    if not labels.size:
        raise InputError(f"labels is empty: {describe()}. A mean needs one example at least.")
    if labels.min() < 0 or labels.max() >= classes:
        raise InputError(
            f"The labels go from {labels.min()} to {labels.max()}, and scores has {classes} "
            f"columns, for the classes 0 to {classes - 1}: {describe()}."
        )


def checked_inputs(x: Any, layer: Any) -> Any:
    """Return the inputs of a layer.

    Raises
    ------
    InputError
        If the layer lacks its weights or biases, or the inputs do not fit them.
    """
    if not isinstance(layer, dict) or not layer.keys() >= {"w", "b"}:
        raise checks.refusal(
            "Each layer of params", 'a dict of the weights "w" and the biases "b"', layer
        )
    x, weights = checked_array(x, "x"), checked_array(layer["w"], 'layer["w"]')
    checked_array(layer["b"], 'layer["b"]')
    inputs = shape_of(weights)[:1]
    if not inputs or shape_of(x)[-1:] != inputs:
        raise InputError(
            f"x of shape {shape_of(x)} does not fit the layer, whose weights have the shape "
            f"{shape_of(weights)}: {describe()}. Give weights of shape (inputs, outputs), and x "
            "the inputs of one example in each row."
        )
    return x
