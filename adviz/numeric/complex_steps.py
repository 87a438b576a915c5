"""The complex step: a derivative with nothing subtracted, for functions that are analytic.

W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions", SIAM
Review 40 (1998); J. R. R. A. Martins, P. Sturdza and J. J. Alonso, "The complex-step derivative
approximation", ACM TOMS 29 (2003).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.recording import record
from adviz.host.arguments import function_name
from adviz.host.errors import AdvizError, InputError

__all__ = ["complex_step", "non_analytic_operation", "not_analytic"]

_STEP = 1e-30
"""Its square is negligible beside 1 in every precision, so the truncation error vanishes."""

_CHECK_STEP = 6e-6
"""The step of a central difference as a check: about the cube root of machine epsilon."""


def complex_step(f: Callable[..., Any], x: float, h: float = _STEP, *, check: bool = True) -> float:
    """Return the derivative Im f(x + ih) / h.

    Parameters
    ----------
    f : callable
        Takes and returns one number, complex ones too; analytic.
    x : float
    h : float
        May be as small as you like: nothing is subtracted, so no digits are lost.
    check : bool
        Whether to check, by f's trace and two more evaluations, that f is analytic at x.

    Raises
    ------
    InputError
        If f is not analytic: if it uses abs, a comparison, a conjugate or a real part.

    Notes
    -----
    Squire and Trapp (1998). f(x + ih) = f(x) + ih f'(x) − h² f''(x)/2 − ..., whose imaginary part
    is h f'(x) up to a relative error of the order h².

    Examples
    --------
    >>> complex_step(np.exp, 0.0)
    1.0
    """
    x = float(x)
    if check and non_analytic_operation(f, x):
        raise InputError(not_analytic(f, x))
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
        raise InputError(not_analytic(f, x))
    derivative = float(value.imag / h)
    if check:
        distance = _CHECK_STEP * max(1.0, abs(x))
        with np.errstate(all="ignore"):
            ahead, behind = f(x + distance), f(x - distance)
        expected = float(np.real(ahead - behind)) / (2 * distance)
        tolerance = 1e-3 * max(abs(expected), abs(derivative)) + 1e-8 * float(np.abs(value))
        if np.isfinite(expected) and not abs(derivative - expected) <= tolerance:
            raise InputError(not_analytic(f, x))
    return derivative


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
