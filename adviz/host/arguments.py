"""Names of functions and of their arguments, for traces and messages."""

from __future__ import annotations

import contextlib
import functools
import inspect
import math
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from adviz.host.errors import InputError
from adviz.host.nests import count_of
from adviz.host.source import describe, file_title, function_lines, quoted

__all__ = [
    "argument_names",
    "check_function",
    "defined_in",
    "described",
    "finite_number",
    "function_name",
    "whole_number",
]

_COLLECTING = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


def argument_names(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any] | None = None
) -> list[str]:
    """Return the names that a function gives to these positional arguments.

    Raises
    ------
    InputError
        If it cannot be called with these arguments.

    Examples
    --------
    >>> argument_names(lambda x, *rest: x, (1, 2, 3))
    ['x', 'rest[0]', 'rest[1]']
    """
    if isinstance(function, FunctionType) and not function.__dict__ and not kwargs:
        code = function.__code__  # a plain function needs no bound signature, which takes time
        collects = code.co_flags & _COLLECTING or code.co_kwonlyargcount
        if len(args) == code.co_argcount and not collects:
            return list(code.co_varnames[: len(args)])
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a ufunc or a builtin
        return ["x"] if len(args) == 1 else [f"x{k + 1}" for k in range(len(args))]
    try:
        signature.bind(*args, **(kwargs or {}))
    except TypeError as error:
        wrapper = _wrapper_signature(function, args, kwargs or {})
        if wrapper is None:
            raise InputError(
                f"{function_name(function)}{signature} cannot be called with "
                f"{count_of(len(args), 'positional argument')}: {error}. Called in {describe()}."
            ) from None
        signature = wrapper
    names: list[str] = []
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            names.extend(f"{name}[{k}]" for k in range(len(args) - len(names)))
        else:
            names.append(name)
    return names[: len(args)]


def _wrapper_signature(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> inspect.Signature | None:
    """Return the signature of a wrapper, not of what it wraps, if it takes these arguments."""
    signature = inspect.signature(function, follow_wrapped=False)
    collected = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    if any(parameter.kind in collected for parameter in signature.parameters.values()):
        return None  # it passes any arguments on
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return None
    return signature


def function_name(function: Callable[..., Any]) -> str:
    """Return a function's name, "f" for a lambda.

    Examples
    --------
    >>> function_name(abs), function_name(lambda x: x), function_name(functools.partial(pow, 2))
    ('abs', 'f', 'pow')
    """
    while isinstance(function, functools.partial):
        function = function.func
    name: str = getattr(function, "__name__", type(function).__name__)
    return "f" if name == "<lambda>" else name


def described(value: Any) -> str:
    """Describe a value for a message.

    Examples
    --------
    >>> described("a"), described(None), described([1]), described(np.ones((2, 3)))
    ("a str ('a')", 'None', 'a list', 'an array of shape (2, 3)')
    """
    if value is None or isinstance(value, (bool, np.bool_)):
        return str(value)
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    class_name = type(value).__name__
    article = "an" if class_name[:1].lower() in "aeiou" else "a"
    shown = f" ({value[:20]!r})" if isinstance(value, str) else ""
    return f"{article} {class_name}{shown}"


def check_function(function: Any, name: str = "f") -> None:
    """Raise an error for an argument that cannot be called.

    Raises
    ------
    InputError
    """
    if not callable(function):
        raise InputError(
            f"{name} is {described(function)}, not a function: {describe()}. Pass the function "
            "itself, as in np.sin or lambda x: x * x."
        )


def finite_number(value: Any, name: str) -> float:
    """Return an argument as a float, if it is one finite real number.

    Raises
    ------
    InputError

    Examples
    --------
    >>> finite_number(np.float32(0.5), "x0"), finite_number(np.array(2), "x0")
    (0.5, 2.0)
    """
    number = math.nan
    if np.ndim(value) == 0 and not isinstance(value, (bool, np.bool_, str, bytes, complex)):
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            number = float(value)
    if not math.isfinite(number):
        what = f"{value!r}" if isinstance(value, (float, np.floating)) else described(value)
        raise InputError(f"{name} is {what}, not one finite number: {describe()}.")
    return number


def whole_number(value: Any, name: str, least: int = 1) -> int:
    """Return an argument as an int, if it is a whole number and not too small.

    Raises
    ------
    InputError

    Examples
    --------
    >>> whole_number(np.int32(3), "rows")
    3
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"{name}={value!r} is not a whole number from {least} on: {describe()}.")
    return int(value)


def defined_in(function: Callable[..., Any]) -> str:
    """Return where a function begins, for a message; "" where Python does not know."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if not isinstance(code, CodeType):
        return ""
    first, lines = function_lines(code)
    return f": {file_title(code.co_filename)}, line {first}{quoted(lines[0] if lines else '')}"
