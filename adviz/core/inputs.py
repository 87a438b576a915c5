"""The numbers that a function may take and return, as they are traced."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core import plugs
from adviz.core.elementals import plain
from adviz.core.variable import Variable
from adviz.host.arguments import (
    check_is_plain_array,
    defined_in,
    described,
    function_name,
    plain_instead,
)
from adviz.host.errors import InputError, LeakedVariableError, OutputError
from adviz.host.source import describe

__all__ = ["input_number", "output_number"]


def input_number(value: Any, name: str) -> Any:
    """Return an input as the number it is traced as: a float, a complex number, a float32, ...

    Raises
    ------
    InputError
        If it is not a number.
    LeakedVariableError
        If it is a traced number of a call that has ended.
    """
    if value.__class__ is float:
        return value
    if value.__class__ is np.ndarray and value.ndim and value.dtype.kind in "fc":
        return value.copy("K")  # so that the user cannot change it
    if value.__class__ is Variable:
        if not value.tape.is_open:
            raise LeakedVariableError(
                f"{name or 'What was returned'} is a traced number of a call that has ended: "
                f"{describe()}. Return it from that call instead of keeping it in a list, an "
                "attribute or a global."
            )
        return value
    if isinstance(value, np.ndarray):
        value = plugs.arrays.gathered(value)
        check_is_plain_array(value, name)
        if value.__class__ is Variable:
            return input_number(value, name)
        if value.ndim == 0:
            value = value[()]
        elif value.dtype.kind in "fc":
            return np.array(value)  # a copy, and no instance of a subclass
        elif value.dtype.kind in "iub":
            raise InputError(
                f"{name} is {described(value)} of {value.dtype}: {describe()}. Derivatives are "
                f"taken with respect to floats: pass {name}.astype(float)."
            )
    if isinstance(value, (np.inexact, complex)):
        return plain(value)
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise InputError(
                f"{name} is an integer too large for a float: {describe()}. Scale it down."
            ) from None
    instead = plain_instead(value)
    instead = f"{instead[0].lower()}{instead[1:]}" if instead else "pass it as a float"
    raise InputError(
        f"{name} is {described(value)}, not a number: {describe()}. Derivatives are taken "
        f"with respect to floats and complex numbers: {instead}, or keep it out of the traced "
        "arguments, for example with a lambda."
    )


def output_number(value: Any, path: str, function: Callable[..., Any]) -> Any:
    """Return the number for a constant that a function returned.

    Raises
    ------
    OutputError
        If it is not a number.
    """
    try:
        return input_number(value, path)
    except InputError:
        hint = (
            " Is a return statement missing?"
            if value is None
            else " A comparison has no derivative."
            if isinstance(value, (bool, np.bool_))
            else plain_instead(value) and f" {plain_instead(value)}."
        )
        raise OutputError(
            f"{function_name(function)} returned {described(value)}{path and f' at {path}'}, "
            f"which has no derivative{defined_in(function)}. Return a number, or a tuple, list or "
            f"dict of numbers.{hint}"
        ) from None
