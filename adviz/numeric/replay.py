"""The user's function to many digits: its trace replayed in mpmath numbers, row by row.

What is computed so is the function that the program means in exact arithmetic: its constants are
the floats they are, its comparisons are those of the trace.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core import sweeps
from adviz.core.arguments import function_name
from adviz.core.broadcasting import shape_of
from adviz.core.errors import AdvizError, BranchChangedError, OutputError
from adviz.core.recording import record
from adviz.core.taylor import taylor_coefficients
from adviz.core.trace import Trace
from adviz.core.variable import decided
from adviz.numeric.precise import Precise, context

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
            operands = [
                values[o.slot] if hasattr(o, "slot") else o for o in decision.operands
            ]
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
        self.trace = self._traced(x0)
        self._others: list[Trace] = []

    def _traced(self, x: Any) -> Trace:
        trace = record(self._f, (x,), kind=Trace)
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
        for place in (nearest, math.nextafter(nearest, math.inf), math.nextafter(nearest, -math.inf)):
            try:
                trace = self._traced(place)
                value = _output(trace, replayed_in(trace, x))
            except (BranchChangedError, ArithmeticError, ValueError):
                continue
            self._others.append(trace)
            return value
        return context().nan

    def taylor(self, order: int) -> list[Any]:
        """Return the coefficients a_0, ..., a_order of f's Taylor series at x0, as mpmath numbers.

        Those that do not exist are NaN or infinite.
        """
        values = replayed_in(self.trace, Precise.of(self.trace.tape.values[0]))
        series = taylor_coefficients(self.trace, values, Precise.of(1), order)
        return [Precise.of(coefficient).number for coefficient in series]


def _output(trace: Trace, values: list[Any]) -> Any:
    value = values[trace.output_slots[0]]
    return Precise.of(value[()] if isinstance(value, np.ndarray) else value).number
