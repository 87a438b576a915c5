"""Numerical derivatives by SciPy and numdifftools, where installed, over their initial step."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["peer_curves"]

_STRIDE = 10
"""numdifftools takes a millisecond for each derivative: only every tenth step is measured."""


def peer_curves(
    f: Callable[..., Any], x0: float, steps: np.ndarray
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return each library's derivative for every initial step, and notes on what is missing."""
    curves, notes = dict[str, np.ndarray](), list[str]()
    for title, package, measured in (
        ("SciPy", "scipy", _scipy),
        ("numdifftools", "numdifftools", _numdifftools),
    ):
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                curves[title] = measured(f, x0, steps)
        except ImportError:
            notes.append(f"{title} is not measured: {package} is not installed.")
        except Exception as error:  # noqa: BLE001 - the study goes on without it
            notes.append(f"{title} is not measured: it raised {type(error).__name__}: {error}")
    return curves, notes


def _scipy(f: Callable[..., Any], x0: float, steps: np.ndarray) -> np.ndarray:
    from scipy.differentiate import derivative

    def of_arrays(x: np.ndarray) -> np.ndarray:
        values = f(x)
        if np.shape(values) != x.shape:
            raise ValueError("not a function of arrays")
        return np.asarray(values)

    try:
        result = derivative(of_arrays, np.full(len(steps), x0), initial_step=steps)
    except (TypeError, ValueError):
        result = derivative(np.vectorize(f), np.full(len(steps), x0), initial_step=steps)
    approximations: np.ndarray = result.df
    return approximations


def _numdifftools(f: Callable[..., Any], x0: float, steps: np.ndarray) -> np.ndarray:
    import numdifftools

    approximations = np.full(len(steps), np.nan)
    for k in range(0, len(steps), _STRIDE):
        try:
            approximations[k] = numdifftools.Derivative(f, step=steps[k])(x0)
        except Exception:  # noqa: BLE001 - it fails for steps below the rounding of x0
            continue
    return approximations
