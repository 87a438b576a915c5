"""Names of functions and of their arguments, for traces and messages."""

from __future__ import annotations

import functools
import inspect
import numbers
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from adviz.host.errors import InputError
from adviz.host.nests import count_of
from adviz.host.source import describe, file_title, function_lines, quoted

__all__ = [
    "argument_names",
    "defined_in",
    "described",
    "function_name",
    "refusal",
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
        if not callable(function):
            raise refusal("f", "a function", function) from None
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


def defined_in(function: Callable[..., Any]) -> str:
    """Return where a function begins, for a message; "" where Python does not know."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if not isinstance(code, CodeType):
        return ""
    first, lines = function_lines(code)
    return f": {file_title(code.co_filename)}, line {first}{quoted(lines[0] if lines else '')}"


def refusal(name: str, wanted: str, value: Any) -> InputError:
    """Return the error which says what an argument must be, and what was given.

    Examples
    --------
    >>> print(refusal("h", "a positive number", None))  # doctest: +ELLIPSIS
    h must be a positive number, got None: ...
    """
    return InputError(f"{name} must be {wanted}, got {_shown(value)}: {describe()}.")


def _shown(value: Any) -> str:
    if isinstance(value, (numbers.Real, np.number)) and not isinstance(value, (bool, np.bool_)):
        digits = str(value) if not isinstance(value, int) or abs(value) < 10**20 else None
        return digits or "a number of more than 20 digits"
    return described(value)
