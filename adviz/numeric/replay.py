"""The user's function to many digits: its trace replayed in mpmath numbers, row by row.

What is computed so is the function that the program means in exact arithmetic: its constants are
the floats they are, its comparisons are those of the trace.
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
from adviz.numeric.precise import Ball, Precise, context, more_digits
from adviz.numeric.schemes import fornberg

__all__ = ["Replay", "replayed_in"]


def replayed_in(trace: Trace, x: Any) -> list[Any]:
    """Return the values of the rows of a trace, the input being a number of another type.

    Raises
    ------
    BranchChangedError
        If a comparison turns out differently.
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
    """A function of one number, computed to as many digits as mpmath is set to.

    Parameters
    ----------
    f : callable
        Takes and returns one number.
    x0 : float
        Where it is traced; elsewhere only if a comparison turns out differently there.

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
        self._others: list[Trace] = []

    def _traced(self, x: Any) -> Trace:
        trace = record(self._f, (x,))
        if len(trace.output_slots) != 1 or shape_of(trace.tape.values[trace.output_slots[0]]):
            raise OutputError(
                f"{function_name(self._f)} must return one number for one number: choose one of "
                "its results, as in lambda x: f(x)[0]."
            )
        return trace

    def at(self, x: Any) -> Any:
        """Return f at an mpmath number as one; NaN where f is not defined.

        Raises
        ------
        AdvizError, TypeError
            If one of its operations cannot be computed to many digits.
        """
        return self._value(Precise.of(x))

    def _value(self, x: Precise) -> Any:
        for trace in (self.trace, *self._others):
            try:
                return _output(trace, replayed_in(trace, x))
            except BranchChangedError:
                continue
        nearest = float(x.number.real)
        for place in (
            nearest,
            math.nextafter(nearest, math.inf),
            math.nextafter(nearest, -math.inf),
        ):
            try:
                trace = self._traced(place)
                value = _output(trace, replayed_in(trace, x))
            except (BranchChangedError, ArithmeticError, ValueError):
                continue
            self._others.append(trace)
            return value
        return context().nan

    def slopes(self, *distances: Any) -> list[tuple[Any, Any]]:
        """Return for each distance the difference quotients to the left and right of x0."""
        x0 = Precise.of(self.x0).number
        here = self.at(x0)
        return [
            ((here - self.at(x0 - apart)) / apart, (self.at(x0 + apart) - here) / apart)
            for apart in distances
        ]

    def taylor(self, order: int) -> list[Any] | None:
        """Return the coefficients a_0, ..., a_order of f's Taylor series at x0, as mpmath numbers.

        They are those of the polynomial through order + 1 points so close together that the next
        terms do not matter, computed with digits to spare. None where there is no such series: at
        the edge of f's domain, at a branch or a kink.
        """
        if any(row.remark is not None for row in self.trace.rows):
            return None
        c, reach = context(), order // 2 + order % 2
        with c.workdps(_DIGITS_APART * order + 60):
            x0 = Precise.of(self.x0).number
            for scale in (max(abs(x0), 1), abs(x0)):
                apart = scale * c.mpf(10) ** -_DIGITS_APART
                try:
                    values = [
                        _output(self.trace, replayed_in(self.trace, Precise.of(x0 + j * apart)))
                        for j in range(-reach, reach + 1)
                    ]
                except BranchChangedError:
                    return None
                if all(c.isfinite(value) for value in values):
                    return _interpolated(values, apart, order)
                if scale == abs(x0) or not x0:
                    break
            return None

    @functools.cached_property
    def reach(self) -> float:
        """How far from x0 f surely takes the same branches, and no kink lies on the way.

        Infinite for a function that has neither branches nor kinks.
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
        """Return a ball of python-flint that f's derivative at x0 is surely in.

        Raises
        ------
        MissingPackageError
            If python-flint is not installed.
        AdvizError, TypeError
            If one of the operations is not among its own.
        """
        with more_digits():
            values = replayed_in(self.trace, Ball.at(self.x0))
            return values[self.trace.output_slots[0]].number[1]


_DIGITS_APART = 10
"""The points of an interpolation lie 10^-10 apart: what the next term adds is that small."""


def _interpolated(values: list[Any], apart: Any, order: int) -> list[Any]:
    """Return the coefficients of the polynomial through equidistant values around 0."""
    c, largest = context(), max(abs(value) for value in values)
    coefficients = []
    for k, (weights, below) in enumerate(_weights(len(values))[: order + 1]):
        total = c.fdot(zip(weights, values, strict=True))
        small = abs(total) <= largest * below * c.mpf(10) ** -(_DIGITS_APART * order + 40)
        coefficients.append(c.mpf(0) if small else total / below / apart**k)
    return coefficients


@functools.cache
def _weights(count: int) -> list[tuple[list[int], int]]:
    """Return for each order the weights of a Taylor coefficient, whole numbers over one."""
    nodes = [Fraction(j) for j in range(-(count // 2), count // 2 + 1)]
    found = []
    for k, row in enumerate(fornberg(nodes, count - 1)):
        below = math.lcm(*(w.denominator for w in row))
        found.append(([int(w * below) for w in row], below * math.factorial(k)))
    return found


def _output(trace: Trace, values: list[Any]) -> Any:
    value = values[trace.output_slots[0]]
    return Precise.of(value[()] if isinstance(value, np.ndarray) else value).number
