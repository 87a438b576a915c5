"""Names of functions and of their arguments, for traces and messages."""

from __future__ import annotations

import functools
import inspect
import numbers
from collections.abc import Callable
from contextlib import suppress
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from adviz.host.errors import AdvizError, InputError
from adviz.host.nests import count_of
from adviz.host.source import code_name, describe, file_title, function_lines, quoted

__all__ = [
    "argument_names",
    "check_argnums",
    "check_is_plain_array",
    "check_numbers",
    "chosen_arguments",
    "computes_its_own_way",
    "defined_in",
    "described",
    "function_name",
    "plain_instead",
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
    decorated = _decorated(function)
    if decorated is not None:
        with suppress(TypeError):  # a wrapper may take other arguments
            own = inspect.signature(decorated)
            own.bind(*args, **(kwargs or {}))
            signature = own
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


def check_argnums(argnums: Any, has_aux: Any = False) -> None:
    """Refuse what is not one or several positions of arguments, or no truth value.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_argnums(-1)
    >>> check_argnums((0, 2))
    """
    if not isinstance(has_aux, (bool, np.bool_, int)):
        raise refusal("has_aux", "True or False", has_aux)
    positions = argnums if isinstance(argnums, tuple) else (argnums,)
    if not all(isinstance(k, (int, np.integer)) and not isinstance(k, bool) for k in positions):
        raise InputError(
            f"argnums={argnums!r} is not the position of an argument: {describe()}. Count from 0, "
            "and give the inputs to the function that comes back, as in grad(f)(3.0)."
        )
    if len(set(positions)) < len(positions):
        raise _named_twice(argnums)


def chosen_arguments(
    function: Callable[..., Any], argnums: int | tuple[int, ...], count: int
) -> tuple[int, ...]:
    """Return the positions that argnums names among ``count`` positional arguments.

    Raises
    ------
    InputError
        If there is no such argument, or one is named twice.

    Examples
    --------
    >>> chosen_arguments(pow, (0, -1), 3)
    (0, 2)
    """
    if argnums.__class__ is int and -count <= argnums < count:
        return (argnums % count,)
    check_argnums(argnums)
    positions = argnums if isinstance(argnums, tuple) else (argnums,)
    if not positions:
        raise InputError(
            f"argnums=() names no argument of {function_name(function)}: {describe()}. Count from "
            "0, as in argnums=(0, 1)."
        )
    for position in positions:
        if not -count <= position < count:
            raise InputError(
                f"argnums={argnums} asks for argument {position} of {function_name(function)}, "
                f"which was called with {count_of(count, 'positional argument')}: {describe()}."
            )
    chosen = tuple([int(position) % count for position in positions])
    if len(set(chosen)) < len(chosen):
        raise _named_twice(argnums)
    return chosen


def _named_twice(argnums: Any) -> InputError:
    return InputError(
        f"argnums={argnums} names an argument twice: {describe()}. Name each once; the derivative "
        "with respect to it is the same both times."
    )


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
    """Return a function's name; of a lambda the variable that holds it, or "f".

    A decorator's wrapper is called what it decorates, whether or not it says so itself.

    Examples
    --------
    >>> function_name(abs), function_name(lambda x: x), function_name(functools.partial(pow, 2))
    ('abs', 'f', 'pow')
    """
    while isinstance(function, functools.partial):
        function = function.func
    function = _decorated(function) or function
    name: str = getattr(function, "__name__", type(function).__name__)
    return code_name(function.__code__) if name == "<lambda>" else name


def _decorated(function: Callable[..., Any]) -> FunctionType | None:
    """Return the function whose name a bare wrapper goes by, None for any other function."""
    if isinstance(function, FunctionType) and "<locals>" in function.__qualname__:
        for cell in function.__closure__ or ():
            with suppress(ValueError):  # of an empty cell
                inner = cell.cell_contents
                if (
                    isinstance(inner, FunctionType)
                    and inner.__globals__.get(inner.__name__) is function
                ):
                    return inner
    return None


def described(value: Any) -> str:
    """Describe a value for a message.

    Examples
    --------
    >>> described("a"), described(None), described([1]), described(np.ones((2, 3)))
    ("a str ('a')", 'None', 'a list', 'an array of shape (2, 3)')
    """
    if value is None or isinstance(value, (bool, np.bool_)):
        return str(value)
    class_name = type(value).__name__
    article = "an" if class_name[:1].lower() in "aeiou" else "a"
    if isinstance(value, np.ndarray):
        of_class = f"{article} {class_name}" if class_name != "ndarray" else "an array"
        of_type = "" if value.dtype.kind in "fiubc" else f" of {value.dtype}"
        return f"{of_class} of shape {value.shape}{of_type}"
    shown = f" ({value[:20]!r})" if isinstance(value, str) else ""
    return f"{article} {class_name}{shown}"


def computes_its_own_way(value: Any) -> bool:
    """Return whether an array has arithmetic of its own, as masked arrays and matrices have.

    Examples
    --------
    >>> computes_its_own_way(np.ones(2)), computes_its_own_way(np.ma.ones(2))
    (False, True)
    """
    cls = type(value)
    return isinstance(value, np.ndarray) and not (
        cls.__mul__ is np.ndarray.__mul__ and cls.__array_ufunc__ is np.ndarray.__array_ufunc__
    )


def check_is_plain_array(array: Any, name: str) -> None:
    """Refuse an array that computes in its own way.

    Raises
    ------
    InputError
    """
    if computes_its_own_way(array):
        raise InputError(f"{name} is {described(array)}: {describe()}. {plain_instead(array)}.")


def plain_instead(value: Any) -> str:
    """Return how to make plain numbers of another library's; "" where that is not known.

    Examples
    --------
    >>> plain_instead(np.ones(2))
    ''
    >>> plain_instead(np.ma.array([1.0, 2.0], mask=[False, True]))[:37]
    'Masks have no derivative rules: pass '
    """
    if isinstance(value, np.ma.MaskedArray):
        return (
            "Masks have no derivative rules: pass the plain array x.filled(0.0), and say what "
            "counts with where=, as in np.sum(x, where=~mask)"
        )
    if isinstance(value, np.matrix):
        return "Pass the plain array np.asarray(x), and write A @ B for matrix products"
    if computes_its_own_way(value):
        return "Pass the plain array np.asarray(x)"
    if isinstance(value, (np.ndarray, np.bool_, bool, type)):
        return ""
    if hasattr(value, "to_numpy"):
        return "Pass its plain array, x.to_numpy()"
    if hasattr(value, "__array__"):
        return "Pass its plain array, np.asarray(x)"
    return "Pass it as a plain number, float(x)" if hasattr(value, "__float__") else ""


def defined_in(function: Callable[..., Any] | None) -> str:
    """Return where a function begins, for a message; "" where Python does not know."""
    if function is None:
        return ""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if not isinstance(code, CodeType):
        return ""
    first, lines = function_lines(code)
    return f": {file_title(code.co_filename)}, line {first}{quoted(lines[0] if lines else '')}"


def refusal(name: str, wanted: str, *values: Any) -> InputError:
    """Return the error which says what an argument must be, and what was given.

    Examples
    --------
    >>> print(refusal("h", "a positive number", None))  # doctest: +ELLIPSIS
    h must be a positive number, got None: ...
    """
    given = " and ".join(map(_shown, values))
    return InputError(f"{name} must be {wanted}, got {given}: {describe()}.")


def check_numbers(name: str, operands: tuple[Any, ...], error: Exception) -> None:
    """Raise the error of operands that are no numbers, in which an operation failed.

    Raises
    ------
    InputError
        Unless the operation has said by itself what is wrong, or the operands are numbers.
    """
    if not isinstance(error, AdvizError) and not all(map(_is_number, operands)):
        raise refusal(name, "a number", *operands) from error


def _is_number(value: Any) -> bool:
    """Return whether a value is a number or an array of numbers, of another library's as well."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "fiuc"
    if isinstance(value, int):
        return abs(value) < 2**63  # NumPy takes a larger one for an object
    return isinstance(value, numbers.Number) or hasattr(value, "__array_ufunc__")


def _shown(value: Any) -> str:
    if isinstance(value, (numbers.Real, np.number)) and not isinstance(value, (bool, np.bool_)):
        digits = str(value) if not isinstance(value, int) or abs(value) < 10**20 else None
        return digits or "a number of more than 20 digits"
    return described(value)
