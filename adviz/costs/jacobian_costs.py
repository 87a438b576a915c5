"""The costs of a Jacobian by differences, forward mode and reverse mode, counted and measured.

Both modes record the function once and sweep once for each column or row; central differences
evaluate the function twice for each input. Operations are counted by the convention of
:mod:`adviz.costs.counting`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from adviz.calculus.matrices import jacfwd, jacrev
from adviz.core.arrays import shape_of
from adviz.core.recording import record
from adviz.core.trace import Trace
from adviz.costs.counting import (
    forward_operations,
    most_of_a_gradient,
    operations,
    reverse_operations,
)
from adviz.costs.measuring import median_seconds, peak_bytes
from adviz.costs.passes import Passes
from adviz.host import checks
from adviz.host.arguments import function_name
from adviz.host.errors import UnsupportedOperationError
from adviz.host.nests import count_of, mapped

__all__ = ["METHODS", "JacobianCosts", "Measured"]

METHODS = ("differences", "forward", "reverse")
_MAX_SEEDS_TIMED = 1000
"""The most columns or rows that are swept in turn during a timing."""


class Measured(NamedTuple):
    """The measurements of one method.

    Attributes
    ----------
    once, each : float
        Seconds spent once, and seconds for each pass or evaluation: medians.
    timed : int
        How many passes or evaluations were timed.
    peak : int
        The peak of memory during one pass, its recording included, in bytes.
    """

    once: float
    each: float
    timed: int
    peak: int


class JacobianCosts:
    """The costs of a Jacobian by each method: passes, operations, seconds, bytes.

    Attributes
    ----------
    n, m : int
        The number of inputs and of outputs, arrays counted by their entries.
    trace : Trace
    uncounted : str
        Why operations are not counted; "" if they are.
    """

    def __init__(self, f: Callable[..., Any], inputs: tuple[Any, ...], seconds: float) -> None:
        self.function = f
        self.trace = record(f, inputs)
        self._inputs = inputs
        self._seconds = checks.number(seconds, "seconds", least=0)
        self._passes = Passes(self.trace)
        self.n, self.m = self._passes.n, self._passes.m
        self.uncounted = ""
        try:
            self._function = operations(self.trace)
            self._forward = forward_operations(self.trace)
            self._gradient = reverse_operations(self.trace)
            self._row_operations = self._cumulated_row_operations()
        except UnsupportedOperationError as error:
            self.uncounted = str(error)

    def passes(self, method: str, n: int | None = None, m: int | None = None) -> int:
        """Return the number of sweeps for the first n columns and m rows of the Jacobian."""
        n, m = self._block(n, m)
        return {"differences": 0, "forward": n, "reverse": m}[method]

    def evaluations(self, method: str, n: int | None = None, m: int | None = None) -> int:
        """Return how often the function itself is run."""
        n, m = self._block(n, m)
        return 2 * n if method == "differences" else 1

    def operations(self, method: str, n: int | None = None, m: int | None = None) -> int:
        """Return the operations of the function and of all the sweeps.

        Raises
        ------
        UnsupportedOperationError
            If the trace holds an operation whose cost is not known.
        """
        n, m = self._block(n, m)
        self._check_is_counted()
        if method == "differences":
            return 2 * n * self._function
        sweeps = n * self._forward if method == "forward" else self._row_operations[m]
        return self._function + int(sweeps)

    @property
    def gradient_ratio(self) -> float:
        """The cost of a gradient rᵀ J with its function, in units of the function.

        At most 4 for a function that returns one number: see ``adviz.costs.counting``. Like
        ``operations`` it raises an error if operations are not counted.
        """
        self._check_is_counted()
        return (self._function + self._gradient) / max(1, self._function)

    @cached_property
    def gradient_bound(self) -> float | None:
        """The most that ``gradient_ratio`` could be for such a function; None if that is unknown.

        4 where there are at least as many inputs as outputs.
        """
        self._check_is_counted()
        most = most_of_a_gradient(self.trace)
        return None if most is None or not self._function else most / self._function

    @property
    def tangent_ratio(self) -> float:
        """The cost of a tangent J r with its function, in units of the function."""
        self._check_is_counted()
        return (self._function + self._forward) / max(1, self._function)

    @cached_property
    def measured(self) -> dict[str, Measured]:
        """The measurements of each method, made when they are first read."""
        return {
            "differences": self._measure_differences(),
            "forward": self._measure_sweeps(Passes.jvp, self.n),
            "reverse": self._measure_sweeps(Passes.vjp, self.m),
        }

    @cached_property
    def batched(self) -> dict[str, float]:
        """Seconds of ``ad.jacfwd`` and ``ad.jacrev``, which sweep all seeds together."""
        argnums = tuple(range(len(self._inputs)))

        def timed(matrix_of: Callable[..., Any]) -> float:
            return median_seconds(
                lambda: matrix_of(self.function, argnums)(*self._inputs), self._seconds
            )[0]

        return {"forward": timed(jacfwd), "reverse": timed(jacrev)}

    def seconds(self, method: str, n: int | None = None, m: int | None = None) -> float:
        """Return the seconds for the first n columns and m rows, one pass after the other."""
        n, m = self._block(n, m)
        measured = self.measured[method]
        count = 2 * n if method == "differences" else self.passes(method, n, m)
        return measured.once + count * measured.each

    def __str__(self) -> str:
        head = f"{function_name(self.function)}: {count_of(self.n, 'input')}, "
        head += count_of(self.m, "output")
        columns = ["passes", "evaluations"]
        lines = [[method, self.passes(method), self.evaluations(method)] for method in METHODS]
        remark = self.uncounted
        if not remark:
            head += f", {count_of(self._function, 'operation')}"
            columns.append("operations")
            lines = [[*line, self.operations(str(line[0]))] for line in lines]
            remark = self._gradient_remark
        table = [f"{'':11}" + "".join(f"  {title:>11}" for title in columns)]
        for method, *numbers in lines:
            table.append(f"{method:11}" + "".join(f"  {number:11,}" for number in numbers))
        return "\n".join([head, *table, remark])

    @property
    def _gradient_remark(self) -> str:
        if not self._function:
            additions = count_of(self._gradient, "addition")
            return f"The function has no arithmetic; a gradient rᵀ J costs {additions}."
        remark = f"A gradient rᵀ J with its function costs {self.gradient_ratio:.2f} times the "
        if self.gradient_bound is None:
            return remark + "function; no bound is known for einsum of more than two arrays."
        most = math.ceil(100 * self.gradient_bound) / 100  # never rounded down
        return remark + f"function, and never more than {most:g} times."

    def __repr__(self) -> str:
        return str(self)

    def _check_is_counted(self) -> None:
        if self.uncounted:
            raise UnsupportedOperationError(self.uncounted)

    def _block(self, n: int | None, m: int | None) -> tuple[int, int]:
        return self.n if n is None else min(n, self.n), self.m if m is None else min(m, self.m)

    def _cumulated_row_operations(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return the operations of the return sweeps for the first 0, 1, 2, ... outputs."""
        each: list[int] = []
        for k, slot in enumerate(self.trace.output_slots):
            size = int(np.prod(shape_of(self.trace.tape.values[slot])))
            each += [reverse_operations(self.trace, [k])] * size
        return np.cumsum([0, *each])

    def _measure_differences(self) -> Measured:
        # Copies, because the function may write into them.
        inputs = mapped(
            lambda leaf: leaf.copy() if isinstance(leaf, np.ndarray) else leaf, self._inputs
        )

        def evaluate() -> Any:
            with np.errstate(all="ignore"):
                return self.function(*inputs)

        each, timed = median_seconds(evaluate, self._seconds)
        return Measured(0.0, each, timed, peak_bytes(evaluate))

    def _recorded(self) -> Trace:
        return record(self.function, self._inputs)

    @cached_property
    def _recording(self) -> float:
        """Seconds of recording, with which both modes begin."""
        return median_seconds(self._recorded, self._seconds)[0]

    def _measure_sweeps(self, product: Callable[[Passes, Any], Any], count: int) -> Measured:
        units = itertools.cycle(range(min(count, _MAX_SEEDS_TIMED)))
        each, timed = median_seconds(
            lambda: product(self._passes, np.eye(1, count, next(units))[0]), self._seconds
        )
        peak = peak_bytes(lambda: product(Passes(self._recorded()), np.eye(1, count)[0]))
        return Measured(self._recording, each, timed, peak)
