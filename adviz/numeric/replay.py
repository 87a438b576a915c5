"""The user's function to many digits: its trace replayed in mpmath numbers, row by row.

This is the function that the program would compute in exact arithmetic: with the constants as the
floats they are, and with the branches of the trace.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from adviz.core import sweeps
from adviz.core.arrays import shape_of
from adviz.core.recording import record
from adviz.core.trace import Trace
from adviz.core.variable import decided
from adviz.host.arguments import function_name
from adviz.host.errors import BranchChangedError, OutputError
from adviz.numeric.multiprecision import Ball, Precise, context, more_digits
from adviz.numeric.schemes import fornberg

__all__ = ["Replay", "replayed_in"]


def replayed_in(trace: Trace, x: Any) -> list[Any]:
    """Return the values of the rows of a trace for an input of another type.

    Raises
    ------
    BranchChangedError
        If a comparison has another outcome.
    """
    tape, values = trace.tape, [x]
    decisions = trace.decisions[::-1]
    for slot in range(1, len(tape.values) + 1):
        while decisions and decisions[-1].before == slot:
            decision = decisions.pop()
            operands = [values[o.slot] if hasattr(o, "slot") else o for o in decision.operands]
            if decision.operator in ("isnan", "isinf", "isfinite"):
                operands = [float(operand.number) for operand in operands]
            if not np.array_equal(decided(decision.operator, operands), decision.outcome):
                raise BranchChangedError(f"{decision} turns out differently.", decision)
        if slot < len(tape.values):
            values.append(sweeps.evaluate(tape, slot, values))
    return values


class Replay:
    """A function of one number, computed with the digits set in :func:`context`.

    Parameters
    ----------
    f : callable
        Takes and returns one number.
    x0 : float
        Where f is traced. It is traced again at points where a comparison has another outcome.

    Raises
    ------
    AdvizError
        If f cannot be traced.
    OutputError
        If it does not return one number.

    Examples
    --------
    >>> with context().workdps(30):
    ...     print(Replay(np.exp, 1.0).at(2))
    7.38905609893065022723042746058
    """

    def __init__(self, f: Callable[..., Any], x0: Any) -> None:
        self._f = f
        self.x0 = x0
        self.trace = self._traced(x0)
        self._further_traces: list[Trace] = []

    def _traced(self, x: Any) -> Trace:
        trace = record(self._f, (x,))
        if len(trace.output_slots) != 1 or shape_of(trace.tape.values[trace.output_slots[0]]):
            raise OutputError(
                f"{function_name(self._f)} must return one number for one number: choose one of "
                "its results, as in lambda x: f(x)[0]."
            )
        return trace

    def at(self, x: Any) -> Any:
        """Return f at an mpmath number, as an mpmath number; NaN where f is not defined.

        Raises
        ------
        AdvizError, TypeError
            If one of its operations cannot be computed to many digits.
        """
        return self._value(Precise.of(x))

    def _value(self, x: Precise) -> Any:
        for trace in (self.trace, *self._further_traces):
            try:
                return _output(trace, replayed_in(trace, x))
            except BranchChangedError:
                continue
        nearest = float(x.number.real)
        for point in (
            nearest,
            math.nextafter(nearest, math.inf),
            math.nextafter(nearest, -math.inf),
        ):
            try:
                trace = self._traced(point)
                value = _output(trace, replayed_in(trace, x))
            except (BranchChangedError, ArithmeticError, ValueError):
                continue
            self._further_traces.append(trace)
            return value
        return context().nan

    def slopes(self, *distances: Any) -> list[tuple[Any, Any]]:
        """Return for each distance the difference quotients to the left and right of x0."""
        x0 = Precise.of(self.x0).number
        value = self.at(x0)
        return [
            (
                (value - self.at(x0 - distance)) / distance,
                (self.at(x0 + distance) - value) / distance,
            )
            for distance in distances
        ]

    def taylor(self, order: int) -> list[Any] | None:
        """Return the coefficients a_0, ..., a_order of f's Taylor series at x0, as mpmath numbers.

        They are those of the polynomial through order + 1 points, so close together that further
        terms are negligible, computed with extra digits. None where there is no such series: at
        the edge of f's domain, at a branch or a kink; or where f changes within the distance of the
        points.
        """
        if any(row.remark is not None for row in self.trace.rows):
            return None
        c, x0 = context(), Precise.of(self.x0).number
        for scale in dict.fromkeys((max(abs(x0), 1), abs(x0) or 1)):
            for digits in _DIGITS_APART:
                with c.workdps(digits * order + 60):
                    coefficients = self._interpolated(scale * c.mpf(10) ** -digits, order, digits)
                    if coefficients is not None and self._has_slope(coefficients[1]):
                        return coefficients
        return None

    def _interpolated(self, distance: Any, order: int, digits: int) -> list[Any] | None:
        """Return coefficients from points so far apart; None if f is not defined at one of them."""
        reach, x0 = order // 2 + order % 2, Precise.of(self.x0).number
        points = [Precise.of(x0 + j * distance) for j in range(-reach, reach + 1)]
        try:
            values = [_output(self.trace, replayed_in(self.trace, point)) for point in points]
        except BranchChangedError:
            return None
        if not all(context().isfinite(value) for value in values):
            return None
        return _interpolated(values, distance, order, digits)

    def _has_slope(self, slope: Any) -> bool:
        """Return whether this is the slope over a distance far below that of the points."""
        scale = abs(Precise.of(self.x0).number) or 1
        ((left, right),) = self.slopes(scale * context().mpf(10) ** -40)
        return bool(abs(left + right - 2 * slope) <= 1e-6 * (abs(left) + abs(right) + 1e-30))

    @functools.cached_property
    def reach(self) -> float:
        """The distance from x0 within which f has the same branches and no kink, as far as tried.

        Infinite for a function without branches and kinks.
        """
        kinked = [row.slot for row in self.trace.rows if getattr(row.elemental, "kink", None)]
        if not kinked and not self.trace.decisions:
            return math.inf
        x0 = float(self.x0)
        slopes = [self.trace.row(self._index(slot)).partials for slot in kinked]
        reached = 0.0
        distance = (abs(x0) or 1.0) * 2.0**-50
        while distance < (abs(x0) + 1) * 16:
            for x in (x0 - distance, x0 + distance):
                try:
                    there = self.trace.replay(x)
                except BranchChangedError:
                    return reached
                if [there.row(self._index(slot)).partials for slot in kinked] != slopes:
                    return reached
            reached, distance = distance, 2 * distance
        return reached

    def _index(self, slot: int) -> int:
        return slot - self.trace.tape.input_count + 1

    def ball(self) -> Any:
        """Return a python-flint ball that is guaranteed to contain f's derivative at x0.

        Raises
        ------
        MissingPackageError
            If python-flint is not installed.
        AdvizError, TypeError
            If python-flint lacks one of the operations.
        """
        with more_digits():
            values = replayed_in(self.trace, Ball.at(self.x0))
            return values[self.trace.output_slots[0]].number[1]


_DIGITS_APART = 10, 25
"""Points of the interpolation are 10^-10 apart, or 10^-25 for a function that changes faster: each
further term is smaller by about that factor."""


def _interpolated(values: list[Any], distance: Any, order: int, digits: int) -> list[Any]:
    """Return the coefficients of the polynomial through equidistant values around 0."""
    c, largest = context(), max(abs(value) for value in values)
    coefficients = []
    for k, (weights, denominator) in enumerate(_weights(len(values))[: order + 1]):
        total = c.fdot(zip(weights, values, strict=True))
        is_zero = abs(total) <= largest * denominator * c.mpf(10) ** -(digits * order + 40)
        coefficients.append(c.mpf(0) if is_zero else total / denominator / distance**k)
    return coefficients


@functools.cache
def _weights(count: int) -> list[tuple[list[int], int]]:
    """Return the weights of each Taylor coefficient: whole numbers and their denominator."""
    nodes = [Fraction(j) for j in range(-(count // 2), count // 2 + 1)]
    weights = []
    for k, row in enumerate(fornberg(nodes, count - 1)):
        denominator = math.lcm(*(w.denominator for w in row))
        weights.append(([int(w * denominator) for w in row], denominator * math.factorial(k)))
    return weights


def _output(trace: Trace, values: list[Any]) -> Any:
    value = values[trace.output_slots[0]]
    return Precise.of(value[()] if isinstance(value, np.ndarray) else value).number
