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
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

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
        The measured rounding error of a value of f; NaN without a measurement.
    dtype : dtype
        The precision of the computation.
    largest : float
        The largest step studied.
    """
    scale = abs(true.value) or 1.0
    unit = float(np.finfo(dtype).eps) / 2
    d = scheme.derivative
    expected_noise = unit * abs(value)
    value_error = noise if noise == 0 or noise > 2 * expected_noise else expected_noise
    roundoff = scheme.amplification * value_error / scale
    no_prediction = Optimum(scheme.name, math.nan, math.nan, None, 0.0, roundoff, derivative=d)
    if taylor is None:
        return replace(
            no_prediction, note="no prediction: f's higher derivatives are not known at this point."
        )
    terms = {
        k - d: abs(scheme.moment(k) * float(taylor[k])) / scale
        for k in range(d + scheme.order, len(taylor))
    }
    terms = {p: c for p, c in terms.items() if c > 0 and math.isfinite(c)}
    if not any(float(a) for a in taylor[1:]):
        return replace(no_prediction, note="f is constant here: every difference is 0, and exact.")
    if not terms:
        return replace(no_prediction, note=_NO_TRUNCATION)
    if scheme.is_complex:
        p, c = next(iter(terms.items()))
        step = (unit / c) ** (1 / p)
        return Optimum(
            scheme.name,
            step,
            unit,
            p,
            c,
            0.0,
            "no V: nothing is subtracted, so any smaller h will do.",
            d,
        )
    if roundoff == 0:
        return replace(no_prediction, note="no V: near x0 the rounding errors of f vanish with h.")
    # The leading term is the one with the largest error at its own best step.
    best = {p: (d * roundoff / (p * c)) ** (1 / (p + d)) for p, c in terms.items()}
    errors = {p: terms[p] * h**p + roundoff / h**d for p, h in best.items()}
    p = max(errors, key=lambda p: errors[p])
    if best[p] > largest:
        return replace(
            no_prediction,
            order=p,
            truncation=terms[p],
            note="no V: the truncation error is below the round-off at every step studied.",
        )
    note = ""
    if p > scheme.order:
        note = (
            f"of order {p} here, not {scheme.order}: the derivative in the usual truncation term "
            "vanishes at this point."
        )
    return Optimum(scheme.name, best[p], errors[p], p, terms[p], roundoff, note, d)


_NO_TRUNCATION = (
    "no truncation error: f is a polynomial here that it differentiates exactly. There is no V to "
    "predict: only round-off, which falls with h until the values of f grow."
)
