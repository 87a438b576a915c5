"""The true derivative, to which approximations are compared; it uses none of the methods compared.

The function is replayed in numbers of 130 digits, and its difference quotients are computed over
distances so short that the first fifty digits are those of the derivative. No rule of
differentiation is used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from adviz.host.arguments import function_name, refusal
from adviz.host.errors import AdvizError, InputError
from adviz.numeric.multiprecision import Precise, context, parts
from adviz.numeric.replay import Replay

__all__ = ["DIGITS", "Truth", "given_truth", "true_derivative"]

DIGITS = 50
_WORKING_DIGITS = 130
_DISTANCE_EXPONENTS = -40, -50
"""Powers of ten: the distances of two difference quotients, the second to see a limit."""


@dataclass(frozen=True)
class Truth:
    """A true derivative.

    Attributes
    ----------
    number : mpmath.mpf
        With 50 digits if it was computed, else as given.
    source : str
        How it was obtained.
    """

    number: Any
    source: str

    @property
    def value(self) -> float:
        """The nearest float."""
        return float(self.number)

    def parts(self, dtype: Any) -> tuple[Any, Any]:
        """Return the number as an unevaluated sum of two floats."""
        return parts(self.number, dtype)

    def __str__(self) -> str:
        return str(context().nstr(self.number, 18))


def given_truth(truth: Any) -> Truth:
    """Return the truth given by the user: a number, a string of digits or an mpmath number.

    Raises
    ------
    InputError
        If it is not a finite number.
    """
    with context().workdps(DIGITS):
        try:
            number = +Precise.of(truth).number
        except (TypeError, ValueError):
            number = context().nan
    if isinstance(number, context().mpc) or not math.isfinite(float(number)):
        raise refusal("truth", "a finite number, or its digits as a str", truth)
    return Truth(number, "given")


def true_derivative(replay: Replay, derivative: int = 1) -> Truth:
    """Return the derivative of a replayed function at the point where it was traced.

    Raises
    ------
    InputError
        If there is none: at a kink, a jump or an infinite slope.
    """
    trace = replay.trace
    x0 = trace.tape.values[0]
    where = f"{function_name(trace.function)} at {trace.input_names[0]} = {float(x0):g}"
    value = float(trace.tape.values[trace.output_slots[0]])
    if not math.isfinite(value):
        raise InputError(
            f"{where} is {value:g}, so there is no derivative to measure an error against: choose "
            "a point inside the function's domain."
        )
    try:
        if derivative > 1:
            return _from_series(replay, derivative, where)
        with context().workdps(_WORKING_DIGITS):
            number = _slope(replay, x0, where)
        with context().workdps(DIGITS):
            return Truth(+number, f"{DIGITS} digits, by replaying the trace")
    except InputError:
        raise
    except (AdvizError, TypeError) as error:
        raise InputError(
            f"{where} cannot be computed to many digits ({error}) Give the true derivative "
            "yourself: truth=..., a number or a str of its digits."
        ) from None


def _slope(replay: Replay, x0: Any, where: str) -> Any:
    c = context()
    scale = abs(Precise.of(x0).number) or c.mpf(1)
    (left, right), (nearer_left, nearer_right) = replay.slopes(
        *(scale * c.mpf(10) ** exponent for exponent in _DISTANCE_EXPONENTS)
    )
    defined = [
        c.isfinite(left) and c.isfinite(nearer_left),
        c.isfinite(right) and c.isfinite(nearer_right),
    ]
    if not any(defined):
        raise InputError(f"{where} stands alone: the function is not defined around it.")
    if all(defined):
        first, limit = (left + right) / 2, (nearer_left + nearer_right) / 2
        gap, nearer_gap = abs(right - left), abs(nearer_right - nearer_left)
        if nearer_gap > abs(limit) / 10**15 and nearer_gap > gap / 10**5:
            _check_finite(where, nearer_left, left)
            _check_finite(where, nearer_right, right)
            raise InputError(
                f"{where} has no derivative: its slope is {c.nstr(nearer_left, 6)} on the left and "
                f"{c.nstr(nearer_right, 6)} on the right. Choose a point beside the kink, or say "
                "with truth=... which slope to measure the errors against."
            )
    else:
        first, limit = (left, nearer_left) if defined[0] else (right, nearer_right)
    _check_finite(where, limit, first)
    return c.mpf(0) if abs(limit) < abs(first) / 2 else limit


def _check_finite(where: str, nearer: Any, slope: Any) -> None:
    """Raise an error for a slope that grows without bound at shorter distances."""
    if abs(nearer) > 2 * abs(slope) and slope:
        raise InputError(
            f"{where} has an infinite slope or a jump: no difference quotient has a limit there. "
            "Choose a point beside it."
        )


def _from_series(replay: Replay, derivative: int, where: str) -> Truth:
    coefficients = replay.taylor(derivative + 4)
    if coefficients is None:
        raise InputError(
            f"{where} has no derivative of order {derivative} that can be computed to many digits "
            "(an edge of the domain, a branch or a kink). Choose a point beside it, or give "
            "truth=..."
        )
    with context().workdps(DIGITS):
        return Truth(
            coefficients[derivative] * math.factorial(derivative),
            f"{DIGITS} digits, by replaying the trace",
        )
