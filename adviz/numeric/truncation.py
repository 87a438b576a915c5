"""Truncation errors, measured: each scheme in exact arithmetic, less the true derivative.

Where the step is small against the function's own scale they are summed from its Taylor series,
which loses no digits; where that does not converge, f is evaluated to many digits at every node.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from adviz.host.errors import AdvizError
from adviz.numeric.precise import Precise, context, parts
from adviz.numeric.replay import Replay
from adviz.numeric.schemes import Scheme
from adviz.numeric.truth import Truth

__all__ = ["noise_of", "taylor_terms", "truncations"]

_MORE_TERMS = 10
"""Taylor terms beyond the first that a scheme gets wrong."""

_DIGITS = 40


def taylor_terms(replay: Replay, schemes: Sequence[Scheme]) -> list[Any] | None:
    """Return as many Taylor coefficients of f as these schemes need; None where there are none."""
    order = max(s.order + s.derivative for s in schemes) + _MORE_TERMS
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
    enough: np.ndarray,
) -> np.ndarray:
    """Return the signed truncation errors, of shape (schemes, steps).

    ``enough``, of the same shape, is how large an error of theirs is of no matter.
    """
    found = np.full((len(schemes), len(steps)), math.nan, np.longdouble)
    reach = replay.reach
    for k, each in enumerate(schemes):
        found[k] = _from_series(each, taylor, steps.astype(np.longdouble), enough[k])
        farthest = max(abs(float(s)) for s in each.nodes)
        found[k, farthest * steps.astype(float) > reach] = math.nan
    values = _Values(replay, steps)
    with context().workdps(_DIGITS):
        for k, each in enumerate(schemes):
            for j in np.flatnonzero(np.isnan(found[k])):
                found[k, j] = sum(parts(_evaluated(each, values, int(j), true), np.longdouble))
    return found


def _from_series(
    scheme: Scheme, taylor: list[Any] | None, steps: np.ndarray, enough: np.ndarray
) -> np.ndarray:
    """Return Σ_k m_k a_k h^(k-d) over the terms that are wrong; NaN where it has not converged."""
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
        # The last terms, as large as they would be if all nodes lay at the end and none cancelled.
        last = np.max((powers * np.abs(coefficients) * reach**orders)[:, -3:], axis=1)
    ends = not coefficients[-4:].any()  # a polynomial's series
    return np.where(ends | (last < enough), total, math.nan)


class _Values:
    """Values of f to many digits at x0 + s h, none computed twice."""

    def __init__(self, replay: Replay, steps: np.ndarray) -> None:
        self._replay = replay
        self._steps = steps
        self._known: dict[tuple[Any, int], Any] = {}
        self._x0 = Precise.of(replay.x0).number

    def step(self, j: int) -> Any:
        return Precise.of(self._steps[j]).number

    def at(self, node: Any, j: int) -> Any:
        """Return f(x0 + s h_j), NaN where it is not defined."""
        found = self._known.get((node, j))
        if found is None:
            try:
                found = self._replay.at(self._x0 + _exact(node) * self.step(j))
            except (AdvizError, TypeError, ValueError, ArithmeticError):
                found = context().nan
            self._known[node, j] = found
        return found


def _evaluated(scheme: Scheme, values: _Values, j: int, true: Truth) -> Any:
    h = values.step(j)
    if scheme.is_complex:
        value = values.at(1j, j)
        return value.imag / h - true.number if hasattr(value, "imag") else context().nan
    weights, below = scheme.over_one_denominator
    total = context().fdot((w, values.at(s, j)) for s, w in zip(scheme.nodes, weights, strict=True))
    return total / (below * h**scheme.derivative) - true.number


def _exact(node: Any) -> Any:
    """Return a node as an mpmath number."""
    if isinstance(node, Fraction):
        return context().mpf(node.numerator) / node.denominator
    return context().mpmathify(node)


_LOOKS = 12


def noise_of(f: Callable[..., Any], replay: Replay, x0: Any) -> float:
    """Return the root mean square of the rounding error of a value of f near x0.

    The exact values are those at the points meant, so that the rounding of x counts too. It is 0
    where the errors vanish as the points come nearer: sin at 0.
    """
    kind = x0.dtype.type
    unit = float(np.finfo(kind).eps)
    scale = abs(float(x0)) or 1.0

    def around(distance: float) -> float:
        steps = distance * np.linspace(1, 3, _LOOKS) * np.where(np.arange(_LOOKS) % 2, -1, 1)
        errors = []
        for h in steps.astype(kind):
            try:
                exact = replay.at(centre + Precise.of(h).number)
                errors.append(float(Precise.of(kind(f(x0 + h))).number - exact))
            except Exception:  # noqa: BLE001 - a point outside the domain tells nothing
                continue
        errors = [error for error in errors if math.isfinite(error)]
        return math.hypot(*errors) / math.sqrt(len(errors)) if errors else 0.0

    with np.errstate(all="ignore"), context().workdps(_DIGITS):
        centre = Precise.of(x0).number
        # From a few units in the last place of x0 on, so that x0 + h is rounded.
        near = around(scale * unit**0.8)
        return 0.0 if near < around(scale * unit**0.5) / 30 else near
