"""Values of the user's function at many points: in one call where it takes arrays, else one by one.

What it raises at a point leaves NaN there and is told.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adviz.host.arguments import function_name
from adviz.host.errors import AdvizError, InputError
from adviz.host.source import describe

__all__ = ["Evaluations", "evaluated", "value_at"]

_MANY = 1000
"""Points from which on progress is shown."""


@dataclass
class Evaluations:
    """What evaluating a function at many points gave.

    Attributes
    ----------
    values : array
        NaN where the function raised.
    in_one_call : bool
        Whether it takes arrays.
    raised : dict
        For each kind of error, its message, how often it was raised and where first.
    """

    values: np.ndarray
    in_one_call: bool
    raised: dict[str, tuple[int, float]] = field(default_factory=dict)


def value_at(f: Callable[..., Any], x: Any) -> Any:
    """Return f at one point in the type of x.

    Raises
    ------
    InputError
        If it raises there, or returns something other than one number.
    """
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y = f(x)
    except AdvizError:
        raise
    except Exception as error:
        raise InputError(
            f"{function_name(f)} raised {type(error).__name__} at x = {x:g}: {error}. "
            "Choose a point where it is defined."
        ) from error
    if isinstance(y, (bool, np.bool_)) or np.ndim(y) or not _is_real(y):
        what = f"an array of shape {np.shape(y)}" if np.ndim(y) else repr(y)
        raise InputError(
            f"{function_name(f)} returned {what} at x = {x:g} and not one number: {describe()}. "
            "Study one result of it, as in lambda x: f(x)[0]."
        )
    return y


def _is_real(y: Any) -> bool:
    try:
        return np.asarray(y).dtype.kind in "fiu"
    except (TypeError, ValueError):
        return False


def evaluated(f: Callable[..., Any], points: np.ndarray, label: str) -> Evaluations:
    """Return a function's values at points, an array of floats or of complex numbers."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _in_one_call(f, points)
        return _one_by_one(f, points, label) if found is None else Evaluations(found, True)


def _in_one_call(f: Callable[..., Any], points: np.ndarray) -> np.ndarray | None:
    """Return the values of a function that takes arrays; None where it does not."""
    try:
        values = f(points.copy())
        if not isinstance(values, np.ndarray) or values.shape != points.shape:
            return None
        if values.dtype.kind not in ("fiuc" if points.dtype.kind == "c" else "fiu"):
            return None
        # A function of the whole array, such as x / np.max(x), looks like one of its entries.
        chosen = [0, len(points) // 3, len(points) - 1]
        alone = np.array([f(points[k]) for k in chosen])
    except Exception:  # noqa: BLE001 - then it is called with one number after the other
        return None
    tolerance = np.sqrt(np.finfo(points.dtype).eps)
    if alone.shape != (len(chosen),) or alone.dtype.kind not in "fiuc":
        return None
    if not np.allclose(values[chosen], alone, rtol=float(tolerance), atol=0, equal_nan=True):
        return None
    return values.astype(points.dtype, copy=False)


def _watched(count: int, label: str) -> Any:
    """Return the numbers below count, with progress shown where they are many."""
    if count < _MANY:
        return contextlib.nullcontext(range(count))
    from adviz.progress import progress

    return progress(range(count), label)


def _one_by_one(f: Callable[..., Any], points: np.ndarray, label: str) -> Evaluations:
    values = np.full(len(points), np.nan, points.dtype)
    raised: dict[str, tuple[int, float]] = {}
    with _watched(len(points), label) as places:
        for k in places:
            try:
                values[k] = f(points[k])
            except Exception as error:  # noqa: BLE001 - whatever it raises is told
                message = f"{type(error).__name__}: {error}"
                count, first = raised.get(message, (0, float(points[k].real)))
                raised[message] = count + 1, first
    return Evaluations(values, False, raised)
