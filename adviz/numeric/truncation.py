"""Truncation errors, measured: each scheme in exact arithmetic, minus the true derivative.

Where the step is small compared to the function's scale they are summed from its Taylor series,
which loses no digits; where that does not converge, f is evaluated to many digits at every node.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from adviz.host.errors import AdvizError
from adviz.numeric.multiprecision import Precise, context, parts
from adviz.numeric.replay import Replay
from adviz.numeric.schemes import Scheme
from adviz.numeric.truth import Truth

__all__ = ["noise_of", "noise_within", "taylor_terms", "truncations"]

_MORE_TERMS = 10
"""Taylor terms beyond the first that a scheme gets wrong."""

_HIGHEST_DEGREE = 60

_DIGITS = 40
"""Of f's values, where no series is summed."""


def taylor_terms(replay: Replay, schemes: Sequence[Scheme], degree: int | None) -> list[Any] | None:
    """Return the Taylor coefficients of f that these schemes need; None if there is no series.

    Of a polynomial whose degree is known, and not very high, they are all.
    """
    order = max(s.order + s.derivative for s in schemes) + _MORE_TERMS
    if degree is not None and degree <= _HIGHEST_DEGREE:
        order = max(order, degree)
    try:
        return replay.taylor(order + order % 2)
    except (AdvizError, TypeError):
        return None


def truncations(
    replay: Replay,
    taylor: list[Any] | None,
    schemes: Sequence[Scheme],
    steps: np.ndarray,
    true: Truth,
    *,
    ends: bool,
    tolerance: np.ndarray,
) -> np.ndarray:
    """Return the signed truncation errors, of shape (schemes, steps).

    ``ends`` says whether f is a polynomial with no further coefficients; ``tolerance``, of the same
    shape as the errors, how accurate they must be.
    """
    errors = np.full((len(schemes), len(steps)), math.nan, np.longdouble)
    reach = replay.reach
    for k, each in enumerate(schemes):
        errors[k] = _from_series(each, taylor, steps.astype(np.longdouble), ends, tolerance[k])
        farthest = max(abs(float(s)) for s in each.nodes)
        errors[k, farthest * steps.astype(float) > reach] = math.nan
    values = _Values(replay, steps)
    with context().workdps(_DIGITS):
        for k, each in enumerate(schemes):
            for j in np.flatnonzero(np.isnan(errors[k])):
                errors[k, j] = sum(parts(_evaluated(each, values, int(j), true), np.longdouble))
    return errors


def _from_series(
    scheme: Scheme,
    taylor: list[Any] | None,
    steps: np.ndarray,
    ends: bool,
    tolerance: np.ndarray,
) -> np.ndarray:
    """Return Σ_k m_k a_k h^(k-d) over the error terms; NaN where it has not converged."""
    missing = np.full(len(steps), math.nan, np.longdouble)
    if taylor is None:
        return missing
    d = scheme.derivative
    orders = np.arange(d + scheme.order, len(taylor))
    coefficients = np.array([sum(parts(taylor[k], np.longdouble)) for k in orders])
    if not np.isfinite(coefficients).all():
        return missing
    moments = np.array([scheme.moment(int(k)) for k in orders], np.longdouble)
    reach = max(abs(float(s)) for s in scheme.nodes)
    with np.errstate(all="ignore"):
        powers = steps[:, None] ** (orders - d)
        total = powers @ (moments * coefficients)
        # Bounds on the last terms, as if all nodes were the farthest and nothing cancelled.
        last = np.max((powers * np.abs(coefficients) * reach**orders)[:, -3:], axis=1)
    converges = bool(coefficients[-4:].any()) & (last < tolerance)  # x^30 + x has many terms 0
    return np.where(ends | converges, total, math.nan)


class _Values:
    """A cache of values of f to many digits at x0 + s h."""

    def __init__(self, replay: Replay, steps: np.ndarray) -> None:
        self._replay = replay
        self._steps = steps
        self._known: dict[tuple[Any, int], Any] = {}
        self._x0 = Precise.of(replay.x0).number

    def step(self, j: int) -> Any:
        return Precise.of(self._steps[j]).number

    def at(self, node: Any, j: int) -> Any:
        """Return f(x0 + s h_j), NaN where it is not defined."""
        value = self._known.get((node, j))
        if value is None:
            try:
                value = self._replay.at(self._x0 + _exact(node) * self.step(j))
            except (AdvizError, TypeError, ValueError, ArithmeticError):
                value = context().nan
            self._known[node, j] = value
        return value


def _evaluated(scheme: Scheme, values: _Values, j: int, true: Truth) -> Any:
    h = values.step(j)
    if scheme.is_complex:
        value = values.at(1j, j)
        return value.imag / h - true.number if hasattr(value, "imag") else context().nan
    weights, denominator = scheme.over_one_denominator
    total = context().fdot((w, values.at(s, j)) for s, w in zip(scheme.nodes, weights, strict=True))
    return total / (denominator * h**scheme.derivative) - true.number


def _exact(node: Any) -> Any:
    """Return a node as an mpmath number."""
    if isinstance(node, Fraction):
        return context().mpf(node.numerator) / node.denominator
    return context().mpmathify(node)


_NOISE_SAMPLES = 12
"""Points at which the rounding error of f is measured."""


def noise_of(f: Callable[..., Any], replay: Replay, x0: Any) -> float:
    """Return the root mean square of the rounding error of a value of f near x0.

    The exact values are those at the points before rounding, so that the rounding of x counts too.
    It is 0 where the errors vanish as fast as the points approach x0, as for sin at 0.
    """
    unit = float(np.finfo(x0.dtype).eps)
    scale = abs(float(x0)) or 1.0
    # At least a few units in the last place of x0, so that x0 + h is rounded.
    near = noise_within(f, replay, x0, scale * unit**0.8)
    far = noise_within(f, replay, x0, scale * unit**0.5)
    return 0.0 if near < 10 * far * unit**0.3 else near


def noise_within(f: Callable[..., Any], replay: Replay, x0: Any, distance: float) -> float:
    """Return the root mean square of the rounding error of f from so far to three times as far."""
    scalar_type = x0.dtype.type
    signs = np.where(np.arange(_NOISE_SAMPLES) % 2, -1, 1)
    steps = distance * np.linspace(1, 3, _NOISE_SAMPLES) * signs
    errors = []
    with np.errstate(all="ignore"), context().workdps(_DIGITS):
        centre = Precise.of(x0).number
        for h in steps.astype(scalar_type):
            try:
                exact = replay.at(centre + Precise.of(h).number)
                errors.append(float(Precise.of(scalar_type(f(x0 + h))).number - exact))
            except Exception:  # noqa: BLE001 - f is not defined at this point
                continue
    errors = [error for error in errors if math.isfinite(error)]
    return math.hypot(*errors) / math.sqrt(len(errors)) if errors else 0.0
