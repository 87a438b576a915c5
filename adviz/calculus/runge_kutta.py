"""ad.runge_kutta: steps of the classical Runge–Kutta method, each of which can be traced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.inputs import input_number
from adviz.host import checks
from adviz.host.arguments import argument_names, defined_in, function_name
from adviz.host.errors import InputError, OutputError
from adviz.host.returned import misfit
from adviz.host.source import describe
from adviz.rules.operands import gathered

__all__ = ["runge_kutta"]


def runge_kutta(
    f: Callable[..., Any], y0: Any, times: Any, args: tuple[Any, ...] = (), *, steps: int = 1
) -> Any:
    """Solve y' = f(t, y) by the classical Runge–Kutta method of order 4, in steps of fixed length.

    With h the length of a step, y grows by h (k₁ + 2 k₂ + 2 k₃ + k₄) / 6, where

        k₁ = f(t, y),               k₂ = f(t + h/2, y + h/2 k₁),
        k₃ = f(t + h/2, y + h/2 k₂),  k₄ = f(t + h, y + h k₃).

    These are ordinary operations. So a derivative is that of the steps, to the last digit, and a
    trace shows every one of them. ``scipy.integrate.solve_ivp`` is one row instead: its derivative
    is that of the solution, and takes the memory of one row.

    Parameters
    ----------
    f : callable
        ``f(t, y, *args)`` returns y', as for ``solve_ivp``.
    y0 : float or array of shape (n,)
        The value of y at the first time.
    times : array of shape (K,)
        The times at which y is wanted, the first of them that of ``y0``.
    args : tuple
        Further arguments of f.
    steps : int
        Steps from each time to the next.

    Returns
    -------
    array of shape (K,) or (K, n)
        The values of y at these times.

    Raises
    ------
    InputError
        If ``times`` is no vector, or ``steps`` is not a count, or f does not take its arguments.
    OutputError
        If f does not return a slope for each number of y.

    Notes
    -----
    Hairer, Nørsett and Wanner, *Solving Ordinary Differential Equations I* (1993), section II.1.

    Examples
    --------
    >>> decay = lambda t, y, rate: -rate * y
    >>> float(runge_kutta(decay, 1.0, [0.0, 1.0], (0.5,), steps=10)[-1].round(6))  # exp(-0.5)
    0.606531
    >>> import adviz as ad
    >>> at_1 = lambda rate: runge_kutta(decay, 1.0, [0.0, 1.0], (rate,), steps=10)[-1]
    >>> round(ad.grad(at_1)(0.5), 6)  # -exp(-0.5)
    -0.606531
    """
    checks.function(f)
    steps = checks.count(steps, "steps", least=1)
    args = tuple(checks.items(args, "args"))
    y, times = _numbers(y0, "y0"), _numbers(times, "times")
    if len(shape_of(times)) != 1 or not shape_of(times)[0] or len(shape_of(y)) > 1:
        raise InputError(
            "runge_kutta takes y0 as a number or a vector and the times as a vector, not arrays of "
            f"the shapes {shape_of(y)} and {shape_of(times)}: {describe()}. Begin with the time of "
            "y0, as in [0.0, 1.0]."
        )
    argument_names(f, (times[0], y, *args))
    path = [y]
    for k in range(1, shape_of(times)[0]):
        t, h = times[k - 1], (times[k] - times[k - 1]) / steps
        for step in range(steps):
            y = _next(f, t + step * h, y, h, args)
        path.append(y)
    return np.stack(path)


def _numbers(value: Any, name: str) -> Any:
    """Return a number, or a vector for a list of numbers."""
    if isinstance(value, (list, tuple)):
        parts = [input_number(part, f"{name}[{k}]") for k, part in enumerate(value)]
        if parts and not any(map(shape_of, parts)):
            return np.stack(parts)
        raise InputError(f"{name} is no vector of numbers: {describe()}. Give one such as [0.0].")
    if isinstance(value, np.ndarray) and value.dtype.kind in "iu":
        value = value.astype(float)
    return input_number(value, name)


def _next(f: Callable[..., Any], t: Any, y: Any, h: Any, args: tuple[Any, ...]) -> Any:
    """Return y after a step of length h."""

    def slope(t: Any, y: Any) -> Any:
        slope = gathered(f(t, y, *args))
        problem = misfit(slope, shape_of(y))
        if problem:
            raise OutputError(
                f"{function_name(f)} returned {problem} as the slope of a y of shape "
                f"{shape_of(y)}{defined_in(f)}. Return one number for each of y."
            )
        return slope

    k1 = slope(t, y)
    k2 = slope(t + h / 2, y + h / 2 * k1)
    k3 = slope(t + h / 2, y + h / 2 * k2)
    k4 = slope(t + h, y + h * k3)
    return y + h * (k1 + 2 * k2 + 2 * k3 + k4) / 6
