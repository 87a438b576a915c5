"""Checks of the arguments of public functions, which say the same in the same words everywhere."""

from __future__ import annotations

import inspect
import math
import numbers
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from adviz.host.arguments import refusal
from adviz.host.errors import InputError
from adviz.host.nests import count_of
from adviz.host.returned import is_complex
from adviz.host.source import describe

__all__ = [
    "choice",
    "count",
    "flag",
    "function",
    "items",
    "number",
    "path",
    "real",
    "refusal",
    "row",
    "seed",
    "seed_fits",
    "text",
]

_MOST = 10**9
"""More steps, rows or orders than this cannot be meant."""


def function(value: Any, name: str = "f", *, takes: int | None = None) -> Callable[..., Any]:
    """Return a function as it is.

    Raises
    ------
    InputError
        If it cannot be called, or not with as many arguments as it is said to take.
    """
    if not callable(value):
        raise refusal(name, "a function", value)
    if takes is not None:
        try:
            inspect.signature(value).bind(*range(takes))
        except ValueError:  # a ufunc or a builtin has no signature to check
            pass
        except TypeError:
            raise refusal(name, f"a function of {count_of(takes, 'argument')}", value) from None
    called: Callable[..., Any] = value
    return called


def row(evaluate: Any, partials: Any) -> None:
    """Refuse what evaluates no elementary operation, or gives no partials of one.

    Raises
    ------
    InputError
    """
    if not isinstance(partials, tuple) or not all(map(callable, partials)):
        raise refusal("partials", "a tuple of functions", partials)
    if not isinstance(evaluate, np.ufunc):
        function(evaluate, "evaluate", takes=len(partials))


def real(numbers: Iterable[Any], what: str) -> None:
    """Refuse complex numbers where only real ones have a meaning.

    Raises
    ------
    InputError
    """
    if any(map(is_complex, numbers)):
        raise InputError(
            f"{what} is of real numbers, and there are complex ones: {describe()}. Write the "
            "function with the real and the imaginary part as two inputs or outputs."
        )


def seed_fits(given: Any, number: Any, name: str) -> None:
    """Refuse a tangent or an adjoint that does not fit its number: complex for a real one, ...

    Raises
    ------
    InputError
    """
    if is_complex(given) and not is_complex(number):
        raise InputError(
            f"The seed of {name} is complex and {name} is real: {describe()}. Give it a real one."
        )
    own, shape = getattr(given, "shape", ()), getattr(number, "shape", ())
    if own != shape:
        raise InputError(
            f"The seed of {name} has the shape {own} and {name} has {shape}: {describe()}. Give "
            "them the same shape."
        )


def number(
    value: Any,
    name: str,
    *,
    above: float = -math.inf,
    least: float = -math.inf,
    most: float = math.inf,
) -> float:
    """Return a finite real number as a float.

    Raises
    ------
    InputError
        If it is no number, NaN or infinite, or out of range.

    Examples
    --------
    >>> number(np.float32(0.5), "h", above=0)
    0.5
    """
    wanted = "a number" if above < 0 else "a positive number"
    if least > -math.inf and most < math.inf:
        wanted += f" between {least:g} and {most:g}"
    elif least > -math.inf:
        wanted += f" of at least {least:g}"
    real = _real(value)
    if real is not None and not math.isfinite(real):
        wanted = "finite"
    if real is None or not math.isfinite(real) or real <= above or not least <= real <= most:
        raise refusal(name, wanted, value)
    return real


def count(value: Any, name: str, *, least: int = 1, most: int = _MOST) -> int:
    """Return an integer as Python's int.

    Raises
    ------
    InputError
        If it is no integer or out of range.

    Examples
    --------
    >>> count(np.int64(3), "steps")
    3
    """
    if isinstance(value, np.ndarray) and value.shape == ():
        value = value[()]
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not least <= value <= most:
        wanted = f"a whole number of at least {least}"
        raise refusal(name, wanted if most == _MOST else f"{wanted} and at most {most}", value)
    return int(value)


def choice(value: Any, name: str, choices: Iterable[str]) -> str:
    """Return one of some texts.

    Raises
    ------
    InputError
        If it is none of them.

    Examples
    --------
    >>> choice("adjoint", "which", ("primal", "adjoint"))
    'adjoint'
    """
    choices = tuple(choices)
    if not isinstance(value, str) or value not in choices:
        raise refusal(name, " or ".join(map(repr, choices)), value)
    return value


def flag(value: Any, name: str) -> bool:
    """Return a truth value as Python's bool.

    Raises
    ------
    InputError
        If it is anything else.
    """
    if not isinstance(value, (bool, np.bool_, int)) or value not in (0, 1):
        raise refusal(name, "True or False", value)
    return bool(value)


def items(value: Any, name: str) -> list[Any]:
    """Return the items of a list, a tuple, a range or the like.

    Raises
    ------
    InputError
        If it is a text or a dict, or has no items.
    """
    if (
        isinstance(value, (str, Mapping))
        or not isinstance(value, Iterable)
        or getattr(value, "ndim", 1) == 0
    ):
        raise refusal(name, "a list or a tuple", value)
    return list(value)


def text(value: Any, name: str) -> str:
    """Return a text as it is.

    Raises
    ------
    InputError
        If it is no text.
    """
    if not isinstance(value, str):
        raise refusal(name, "a text", value)
    return value


def seed(value: Any, name: str) -> int | str:
    """Return what numbers are drawn by: a whole number or a text.

    Raises
    ------
    InputError
        If it is anything else.
    """
    return value if isinstance(value, str) else count(value, name, least=0)


def path(value: Any, name: str = "path") -> str:
    """Return the path of a file as a text.

    Raises
    ------
    InputError
        If it is no path, or an empty one.
    """
    if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
        raise refusal(name, "the path of a file", value)
    return os.fsdecode(value)


def _real(value: Any) -> float | None:
    if isinstance(value, np.ndarray) and value.shape == () and type(value) is np.ndarray:
        value = value[()]
    if not isinstance(value, numbers.Real) or isinstance(value, (bool, np.bool_)):
        return None
    try:
        return float(value)
    except OverflowError:  # an int of more than 308 digits
        return math.inf
