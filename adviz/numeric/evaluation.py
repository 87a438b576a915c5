"""Values of the user's function at many points: in one call if it accepts arrays, else one by one.

An error at a point is recorded, and the value there is NaN.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adviz.host.arguments import described, function_name
from adviz.host.errors import AdvizError, InputError
from adviz.host.source import describe

__all__ = ["Evaluations", "evaluated", "value_at"]

_MIN_POINTS_FOR_BAR = 1000
"""With fewer points no progress bar is shown."""


@dataclass
class Evaluations:
    """The values of a function at many points, and its errors.

    Attributes
    ----------
    values : array
        NaN where the function raised an error.
    in_one_call : bool
        Whether the function accepts arrays.
    raised : dict
        By error message, how often it was raised and where first.
    """

    values: np.ndarray
    in_one_call: bool
    raised: dict[str, tuple[int, float]] = field(default_factory=dict)


def value_at(f: Callable[..., Any], x: Any) -> Any:
    """Return f at one point.

    Raises
    ------
    InputError
        If f raises an error there, or returns something other than one number.
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
    if isinstance(y, (complex, np.complexfloating)):
        raise InputError(
            f"{function_name(f)} returned {described(y)} at x = {x:g}: {describe()}. Derivatives "
            "are taken of real numbers: return its real or its imaginary part."
        )
    if isinstance(y, (bool, np.bool_, np.ma.MaskedArray)) or not _is_real(y):
        raise InputError(
            f"{function_name(f)} returned {described(y)} at x = {x:g} and not one number: "
            f"{describe()}. Study one result of it, as in lambda x: f(x)[0]."
        )
    return y


def _is_real(y: Any) -> bool:
    try:
        number = np.asarray(y)
    except (TypeError, ValueError):
        return False
    return number.dtype.kind in "fiu" and not number.ndim


def evaluated(f: Callable[..., Any], points: np.ndarray, label: str) -> Evaluations:
    """Return a function's values at points, an array of floats or of complex numbers."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = _in_one_call(f, points)
        return _one_by_one(f, points, label) if values is None else Evaluations(values, True)


def _in_one_call(f: Callable[..., Any], points: np.ndarray) -> np.ndarray | None:
    """Return the values of a function that accepts arrays; None if it does not."""
    try:
        values = f(points.copy())
        if not isinstance(values, np.ndarray) or values.shape != points.shape:
            return None
        if values.dtype.kind not in ("fiuc" if points.dtype.kind == "c" else "fiu"):
            return None
        # x / np.max(x), a function of the whole array, has the same shape: compare single points.
        sample = [0, len(points) // 3, len(points) - 1]
        alone = np.array([f(points[k]) for k in sample])
    except Exception:  # noqa: BLE001 - then it is called point by point
        return None
    tolerance = np.sqrt(np.finfo(points.dtype).eps)
    if alone.shape != (len(sample),) or alone.dtype.kind not in "fiuc":
        return None
    if not np.allclose(values[sample], alone, rtol=float(tolerance), atol=0, equal_nan=True):
        return None
    return values.astype(points.dtype, copy=False)


def _with_progress(count: int, label: str) -> Any:
    """Return range(count), with a progress bar if it is long."""
    if count < _MIN_POINTS_FOR_BAR:
        return contextlib.nullcontext(range(count))
    from adviz.progress import progress

    return progress(range(count), label)


def _one_by_one(f: Callable[..., Any], points: np.ndarray, label: str) -> Evaluations:
    values = np.full(len(points), np.nan, points.dtype)
    raised: dict[str, tuple[int, float]] = {}
    with _with_progress(len(points), label) as places:
        for k in places:
            try:
                value = f(points[k])
                if points.dtype.kind == "f" and np.iscomplexobj(value):
                    raise TypeError(f"it returned {described(value)}")
                values[k] = value
            except Exception as error:  # noqa: BLE001 - any error is recorded
                message = f"{type(error).__name__}: {error}"
                count, first = raised.get(message, (0, float(points[k].real)))
                raised[message] = count + 1, first
    return Evaluations(values, False, raised)
