"""The complex step: a derivative with nothing subtracted, for functions that are analytic.

W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions", SIAM
Review 40 (1998); J. R. R. A. Martins, P. Sturdza and J. J. Alonso, "The complex-step derivative
approximation", ACM TOMS 29 (2003).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.recording import record
from adviz.host import checks
from adviz.host.arguments import function_name
from adviz.host.errors import AdvizError, InputError
from adviz.host.source import describe
from adviz.numeric.evaluation import value_at

__all__ = ["complex_step", "non_analytic_operation", "not_analytic"]

_STEP = 1e-30
"""Over |x|, or 1: its square is negligible in every precision, so the truncation error vanishes."""

_SMALLEST_STEP = 1e-307

_CHECK_STEP = 6e-6
"""The step of a difference as a check, over |x| or 1: about the cube root of machine epsilon."""

_EPSILON = float(np.finfo(float).eps)


def complex_step(
    f: Callable[..., Any], x: float, h: float | None = None, *, check: bool = True
) -> float:
    """Return the derivative Im f(x + ih) / h.

    Parameters
    ----------
    f : callable
        Takes and returns one number, complex ones too; analytic.
    x : float
    h : float, optional
        May be as small as you like: nothing is subtracted, so no digits are lost. By default 1e-30,
        times ``|x|`` where that is less than 1.
    check : bool
        Whether to check, by f's trace and a few more evaluations, that f is analytic at x.

    Raises
    ------
    InputError
        If f is not analytic: if it uses abs, a comparison, a conjugate or a real part; or if it
        is not defined for real numbers at x or around it.

    Notes
    -----
    Squire and Trapp (1998). f(x + ih) = f(x) + ih f'(x) − h² f''(x)/2 − ..., whose imaginary part
    is h f'(x) up to a relative error of the order h².

    Examples
    --------
    >>> complex_step(np.exp, 0.0)
    1.0
    """
    checks.function(f)
    x = checks.number(x, "x")
    scale = min(1.0, abs(x) or 1.0)
    h = max(_STEP * scale, _SMALLEST_STEP) if h is None else checks.number(h, "h")
    if h == 0:
        raise InputError(f"h is 0, and the complex step divides by it: {describe()}.")
    if check:
        if non_analytic_operation(f, x):
            raise InputError(not_analytic(f, x))
        with np.errstate(all="ignore"):
            at_x = value_at(f, np.float64(x))
        if not np.isfinite(at_x):
            raise InputError(
                f"{function_name(f)} is {float(at_x):g} at x = {x:g}: {describe()}. Outside f's "
                "domain there is no derivative, though f may have values at x + ih."
            )
    try:
        with np.errstate(all="ignore"):
            value = f(complex(x, h))
    except AdvizError:
        raise
    except Exception as error:
        raise InputError(
            f"{function_name(f)} raised {type(error).__name__} at the complex number {x:g} + ih: "
            f"{error}. {not_analytic(f, x)}"
        ) from error
    if not isinstance(value, (complex, np.complexfloating)):
        if not check:
            raise InputError(not_analytic(f, x))
        value = complex(value)  # of a constant function; or of abs, which the check finds
    derivative = float(value.imag / h)
    if check and not _agrees(f, x, float(at_x), derivative):
        raise InputError(not_analytic(f, x))
    return derivative


def _agrees(f: Callable[..., Any], x: float, value: float, derivative: float) -> bool:
    """Return whether differences of real values agree, at a distance at which f looks smooth."""
    scales = dict.fromkeys((max(1.0, abs(x)), abs(x) or 1.0))
    is_inside, is_smooth = False, False
    bends = []  # the same at every distance where f has a kink
    for distance in (_CHECK_STEP * scale * part for scale in scales for part in _CLOSER):
        if distance == 0:  # less than the smallest number
            continue
        try:
            ahead, behind = (float(value_at(f, np.float64(x + s * distance))) for s in (1, -1))
        except InputError:  # not defined on that side
            continue
        left, right = (value - behind) / distance, (ahead - value) / distance
        if not math.isfinite(left + right):
            continue
        is_inside = True
        size, bend = max(abs(left), abs(right)), abs(right - left)
        largest = max(abs(ahead), abs(behind), abs(value), abs(x) * size)
        rounding = 8 * _EPSILON * largest / distance
        bends.append(bend)
        if bend <= 0.1 * size + rounding:
            is_smooth = True
            if abs(derivative - (left + right) / 2) <= 1e-3 * size + 0.01 * bend + rounding:
                return True
    is_kinked = len(bends) > 1 and max(bends) <= 1.1 * min(bends)
    return is_inside and not is_smooth and not is_kinked and math.isfinite(derivative)


_CLOSER = 1.0, 1e-3, 1e-6, 1e-9
"""Parts of the distance of the check, for a function that changes faster."""


def not_analytic(f: Callable[..., Any], x: Any) -> str:
    """Return the message that f is not analytic, with the operation to blame if it is known."""
    return (
        f"{function_name(f)} is not analytic, or not defined, at x + ih with x = {float(x):g}, so "
        f"it has no complex step.{non_analytic_operation(f, x)} abs, comparisons, max, conj and "
        "real parts are not analytic: use AD, or differences."
    )


def non_analytic_operation(f: Callable[..., Any], x: Any) -> str:
    """Return a sentence on which operation of f is not analytic; "" if its trace shows none."""
    try:
        trace = record(f, (float(x),))
    except Exception:  # noqa: BLE001 - then no operation is blamed
        return ""
    for row in trace.rows:
        if getattr(row.elemental, "kink", None) is not None:
            return f" {row.op} is not: {row.source}."
    if trace.decisions:
        decision = trace.decisions[0]
        return f" It compares, {decision}, and complex numbers have no order: {decision.source}."
    return ""
