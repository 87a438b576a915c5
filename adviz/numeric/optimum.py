"""The best step: where truncation error and round-off balance.

To first order the error of a scheme is

    e(h) = |C| h^p + N / h^d,

where C h^p is the leading term of the truncation error and N the amplified rounding error of the
values of f: N = Σ_j |w_j| u |f(x0)|, with the unit roundoff u. It is least at

    h* = (d N / (p |C|))^(1 / (p + d)).

P. E. Gill, W. Murray and M. H. Wright, *Practical Optimization* (1981), section 8.6; W. H. Press et
al., *Numerical Recipes*, section 5.7, for p = 1 and p = 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adviz.numeric.multiprecision import context
from adviz.numeric.schemes import Scheme
from adviz.numeric.truth import Truth

__all__ = ["Optimum", "predicted_optimum"]


@dataclass(frozen=True)
class Optimum:
    """The best step of a scheme.

    Attributes
    ----------
    scheme : str
    step, error : float
        The predicted h* and the error there: relative to the true derivative, or absolute where
        that is 0. NaN without a prediction; ``note`` then says why.
    order : int or None
        The power of h in the truncation error of this function: higher than the scheme's order
        where derivatives of f vanish, None where all terms do.
    truncation, roundoff : float
        C and N above, scaled like the error.
    measured_step, measured_error : float
        The step at which the smoothed measured error is least, and that error; NaN without
        measurements.
    note : str
        Why there is no V, or no ordinary one; "" for an ordinary V.
    """

    scheme: str
    step: float
    error: float
    order: int | None
    truncation: float
    roundoff: float
    note: str = ""
    derivative: int = 1
    measured_step: float = math.nan
    measured_error: float = math.nan

    def curve(self, steps: np.ndarray) -> np.ndarray:
        """Return the predicted error at steps, |C| h^p + N / h^d."""
        with np.errstate(all="ignore"):
            falling = self.roundoff / steps**self.derivative
            rising = 0.0 if self.order is None else self.truncation * steps**self.order
            predicted: np.ndarray = falling + rising
        return predicted

    def measured(self, steps: np.ndarray, medians: np.ndarray) -> Optimum:
        """Return the same with the least of the measured errors, and its step."""
        if not np.isfinite(medians).any():
            return self
        best = int(np.nanargmin(medians))
        if medians[best] == 0:  # exact at many steps, so none is best
            return replace(self, measured_error=0.0)
        return replace(self, measured_step=float(steps[best]), measured_error=float(medians[best]))


def predicted_optimum(
    scheme: Scheme,
    taylor: list[Any] | None,
    true: Truth,
    *,
    value: float,
    noise: float,
    dtype: Any,
    largest: float,
    ends: bool = False,
    reach: float = math.inf,
    noise_within: Callable[[float], float] | None = None,
) -> Optimum:
    """Return the best step as predicted from f's Taylor coefficients.

    Parameters
    ----------
    scheme : Scheme
    taylor : list or None
        Coefficients a_0, a_1, ...; None if they are not known.
    true : Truth
    value : float
        f(x0).
    noise : float
        The measured rounding error of a value of f near x0; NaN without a measurement.
    dtype : dtype
        The precision of the computation.
    largest : float
        The largest step studied.
    ends : bool
        Whether f is known to be a polynomial without further coefficients.
    reach : float
        The distance from x0 within which f has no branch and no kink.
    noise_within : callable, optional
        Measures the rounding error of f at a distance from x0.
    """
    scale = abs(true.number) or context().mpf(1)
    unit = float(np.finfo(dtype).eps) / 2
    d, farthest = scheme.derivative, max(abs(float(node)) for node in scheme.nodes)
    expected_noise = unit * abs(value)
    value_error = noise if noise == 0 or noise > 2 * expected_noise else expected_noise
    roundoff = scheme.amplification * value_error / scale
    no_prediction = Optimum(
        scheme.name, math.nan, math.nan, None, 0.0, float(roundoff), derivative=d
    )
    if taylor is None:
        return replace(
            no_prediction, note="no prediction: f's higher derivatives are not known at this point."
        )
    terms = {
        k - d: abs(scheme.moment(k) * context().mpf(taylor[k])) / scale
        for k in range(d + scheme.order, len(taylor))
    }
    terms = {p: c for p, c in terms.items() if c > 0}
    if ends and not any(taylor[1:]):
        return replace(no_prediction, note="f is constant here: every difference is 0, and exact.")
    if not terms and ends:
        return replace(no_prediction, note=_EXACT if scheme.is_complex else _NO_TRUNCATION)
    if not terms:
        return replace(no_prediction, note=_vanishing(len(taylor) - 1 - d, reach))
    if scheme.is_complex:
        p, c = next(iter(terms.items()))
        step = float((unit / c) ** (1 / context().mpf(p)))
        note = "no V: nothing is subtracted, so any smaller h will do."
        return Optimum(scheme.name, step, unit, p, float(c), 0.0, note, d)
    if roundoff == 0:
        return replace(no_prediction, note="no V: near x0 the rounding errors of f vanish with h.")
    # The leading term is the one with the largest error at its own best step.
    best = {p: (d * roundoff / (p * c)) ** (1 / context().mpf(p + d)) for p, c in terms.items()}
    errors = {p: terms[p] * h**p + roundoff / h**d for p, h in best.items()}
    p = max(errors, key=lambda p: errors[p])
    step, error = best[p], errors[p]
    if noise_within is not None:
        amplification = scheme.amplification / scale

        def rounding(h: Any) -> Any:
            return amplification * noise_within(float(h) * farthest / 2)

        differs = max(rounding(step), roundoff / 100) / roundoff
        if not 1 / _ALIKE <= differs <= _ALIKE:  # elsewhere f is rounded otherwise than near x0
            elsewhere = step * differs ** (1 / context().mpf(p + d))
            steps = [
                min(step, elsewhere) / 10 * (max(step, elsewhere) / min(step, elsewhere) * 100) ** k
                for k in np.linspace(0.0, 1.0, _STEPS_TRIED).tolist()
            ]
            tried = [
                (sum(c * h**k for k, c in terms.items()) + rounding(h) / h**d, h) for h in steps
            ]
            error, step = min(tried)
            p = max(terms, key=lambda k: terms[k] * step**k)
    if step > largest:
        return replace(
            no_prediction,
            order=p,
            truncation=float(terms[p]),
            note="no V: the truncation error is below the round-off at every step studied.",
        )
    if step * farthest > reach:
        return replace(
            no_prediction, order=p, truncation=float(terms[p]), note=_across(step, reach)
        )
    notes = []
    if p > scheme.order:
        notes.append(
            f"of order {p} here, not {scheme.order}: the derivative in the usual truncation term "
            "vanishes at this point."
        )
    if error >= 1 and true.number != 0:
        notes.append("rounding errors are too large: no digit is right, even at the best step.")
    return Optimum(
        scheme.name,
        float(step),
        float(error),
        p,
        float(terms[p]),
        float(roundoff),
        " ".join(notes),
        d,
    )


_ALIKE = 4
"""Rounding errors that differ by less are taken to be the same all around x0."""

_STEPS_TRIED = 17

_NO_TRUNCATION = (
    "no truncation error: f is a polynomial here that it differentiates exactly. There is no V to "
    "predict: only round-off, which falls with h until the values of f grow."
)

_EXACT = "no V: f is a polynomial here that it differentiates exactly, and nothing is subtracted."


def _vanishing(terms: int, reach: float) -> str:
    """Return a note on a truncation error whose terms are 0, as far as they are known."""
    if math.isfinite(reach):
        return (
            f"no prediction: the terms of its truncation error up to h^{terms} are 0, and f has a "
            f"branch or a kink about {reach:.0e} from this point: wider steps reach across it."
        )
    return (
        f"no prediction: the terms of its truncation error up to h^{terms} are 0 at this point, as "
        "where the function is even, or odd, around it."
    )


def _across(step: Any, reach: float) -> str:
    return (
        f"no V: the step {float(step):.0e} that f's derivatives here suggest reaches across a "
        f"branch or a kink of f, about {reach:.0e} from this point."
    )
