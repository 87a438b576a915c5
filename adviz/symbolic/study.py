"""Expression swell: how large a derivative grows, and its cost, in each representation."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from adviz.core.elementals import ADD, SUB
from adviz.core.recording import record
from adviz.core.trace import Trace
from adviz.core.variable import value_of
from adviz.host import checks
from adviz.host.errors import AdvizError, InputError
from adviz.symbolic.derivative import derivatives, gradient
from adviz.symbolic.expr import Expr, symbol
from adviz.symbolic.formulas import branches, formulas
from adviz.symbolic.functions import function_of
from adviz.symbolic.program import (
    Program,
    dag_program,
    forward_program,
    reverse_program,
    tree_program,
)
from adviz.symbolic.size import sizes
from adviz.symbolic.systems import decoded, encoded, precise_values
from adviz.symbolic.tasks import SYSTEMS, installed
from adviz.symbolic.worker import WORKER, TimeLimitError

__all__ = ["EXACT", "REPRESENTATIONS", "Agreement", "Outcome", "Representations", "Sized"]

REPRESENTATIONS = ("tree", "DAG", "AD forward", "AD reverse")

EXACT = 1e-12
"""Values agree up to this relative difference: some thousand units in the last place."""

_MAX_TREE_OPERATIONS = 20_000
"""A larger tree is only counted, not computed."""


class Sized:
    """The sizes of one function and its derivative.

    Made by :func:`adviz.swell`.

    Attributes
    ----------
    trace : Trace
    formula : Expr
    derivative : list of Expr
        With respect to each input: for one input by the forward rules, for several by those of
        the return sweep.
    function_size, derivative_size : Size
        The sizes of the formula, and of the whole derivative.
    value_and_derivative_size : Size
        Of both together: the DAG shares their common subexpressions.
    holds_while : list of str
        The decisions of the function that its formula holds for; empty without branches.
    """

    def __init__(self, trace: Trace) -> None:
        if len(trace.output_slots) != 1:
            raise InputError(
                f"{trace.function_name} has {len(trace.output_slots)} outputs, and the sizes are "
                "those of one formula: return one number."
            )
        (self.formula,) = formulas(trace)
        checks.real(map(value_of, trace.tape.values), "A study of expression swell")
        self.trace = _of_elementals(trace, self.formula)
        self.derivative = differentiated(self.formula, trace.input_names)
        self.holds_while = branches(trace)
        self.function_size, self.derivative_size, self.value_and_derivative_size = sizes(
            [self.formula], self.derivative, [self.formula, *self.derivative]
        )

    @cached_property
    def forward(self) -> Program:
        """The program of a forward sweep: the function and one tangent."""
        return forward_program(self.trace)

    @cached_property
    def reverse(self) -> Program:
        """The program of a return sweep: the function and all adjoints."""
        return reverse_program(self.trace)

    @property
    def forward_operations(self) -> int:
        """The operations of the function and of one tangent for each input."""
        primal = self.function_rows
        return primal + len(self.trace.input_names) * (self.forward.operations - primal)

    @property
    def reverse_operations(self) -> int:
        """The operations of the function and of one return sweep."""
        return self.reverse.operations

    @property
    def function_rows(self) -> int:
        """The operations of the function: the rows of its trace."""
        elementals = self.trace.tape.elementals
        return sum(1 for row in elementals if row is not None and row.arity)

    @cached_property
    def representations(self) -> Representations:
        """The derivative as programs: tree, DAG and the two sweeps."""
        return Representations(self)


def _of_elementals(trace: Trace, formula: Expr) -> Trace:
    """Return a trace without array operations, if need be that of its formula."""
    if not trace.tape.has_arrays:
        return trace
    function = function_of(formula, trace.input_names)
    function.__name__ = trace.function_name
    numbers = tuple(float(row.value) for row in trace.inputs)
    return record(function, numbers, list(trace.input_names), trace_class=type(trace))


def differentiated(formula: Expr, names: Sequence[str]) -> list[Expr]:
    """Return the derivative in each variable: forward for one, in reverse for several."""
    variables = [symbol(name) for name in names]
    if len(variables) == 1:
        return derivatives([formula], variables[0])
    return gradient(formula, variables)


@dataclass(frozen=True)
class Outcome:
    """The result of one system for a derivative.

    Attributes
    ----------
    operations : int or None
        Of the tree, counted as in ``adviz.symbolic.size``; None without a tree or a result.
    dag_operations : int or None
    seconds : float or None
    problem : str
        Why there is no result; "" where there is one.
    formula : list of Expr, optional
        The derivatives themselves, unless they are too large to be sent back.
    """

    operations: int | None = None
    dag_operations: int | None = None
    seconds: float | None = None
    problem: str = ""
    formula: list[Expr] | None = field(default=None, repr=False)


def differentiate_with(system: str, sized: Sized, seconds: float) -> Outcome:
    """Return the result of a system for a derivative, within a time limit.

    Parameters
    ----------
    system : str
        A column: "SymPy diff", "SymPy simplified", ..., "Maxima".
    sized : Sized
    seconds : float
    """
    package, task, more = SYSTEMS[system]
    if not installed(package):
        return Outcome(problem=f"{package} is not installed")
    try:
        answer = WORKER.ask(
            task,
            seconds,
            package=package.lower(),
            formula=encoded([sized.formula]),
            variables=list(sized.trace.input_names),
            **more,
        )
    except TimeLimitError as error:
        return Outcome(problem=str(error))
    except AdvizError as error:
        return Outcome(problem=str(error))
    except KeyboardInterrupt:
        return Outcome(problem="interrupted by you")
    sent = answer.pop("formula", None)
    return Outcome(**answer, formula=None if sent is None else decoded(sent))


@dataclass(frozen=True)
class Agreement:
    """How far the value of a derivative in one representation is from its true value.

    Attributes
    ----------
    representation : str
    values : list of float
        With respect to each input.
    error : float
        The largest relative difference from the value computed with 50 digits.
    why : str
        Which digits are lost, and where; "" if the two agree within 1e-12.
    """

    representation: str
    values: list[float]
    error: float
    why: str = ""


class Representations:
    """A derivative computed in four ways: the values, and the time each takes."""

    def __init__(self, sized: Sized) -> None:
        self._sized = sized
        trace = sized.trace
        names = trace.input_names
        self.point = {row.name or "x": float(row.value) for row in trace.inputs}
        numbers = [float(row.value) for row in trace.inputs]
        operations = sized.derivative_size.tree_operations
        self.too_large = (
            f"{count_text(operations)} operations: not computed"
            if operations > _MAX_TREE_OPERATIONS
            else ""
        )
        self.programs: dict[str, Program] = {}
        if not self.too_large:
            self.programs["tree"] = tree_program(sized.derivative, names)
        self.programs["DAG"] = dag_program(sized.derivative, names)
        self.programs["AD forward"] = sized.forward
        self.programs["AD reverse"] = sized.reverse
        seeds = [[float(j == k) for j in range(len(numbers))] for k in range(len(numbers))]
        self._calls = {
            "tree": [numbers],
            "DAG": [numbers],
            "AD forward": [[*numbers, *seed] for seed in seeds],
            "AD reverse": [[*numbers, 1.0]],
        }

    def _values(self, name: str, run: Callable[..., list[Any]]) -> list[float]:
        values: list[float] = []
        for call in self._calls[name]:
            outputs = run(call)
            values += outputs[1:] if name.startswith("AD") else outputs
        return [float(value) for value in values]

    def agreements(self, others: dict[str, list[Expr]] | None = None) -> list[Agreement]:
        """Return the values in every representation, compared with the true ones.

        Parameters
        ----------
        others : dict, optional
            Derivatives by other systems, by name.
        """
        sized, names = self._sized, self._sized.trace.input_names
        values_by_name = {
            name: self._values(name, program.run) for name, program in self.programs.items()
        }
        programs = dict(self.programs)
        for name, roots in (others or {}).items():
            programs[name] = dag_program(roots, names)
            values_by_name[name] = [float(v) for v in programs[name].run(self._calls["DAG"][0])]
        truth = precise_values(sized.derivative, self.point)
        condition = _condition(sized.derivative, self.point, truth)
        return [
            Agreement(
                name,
                values,
                error := _error(values, truth),
                "" if error <= EXACT else self._why(name, programs[name], condition, error),
            )
            for name, values in values_by_name.items()
        ]

    def _why(self, name: str, program: Program, condition: float, error: float) -> str:
        if condition * np.finfo(float).eps > EXACT / 10:
            moved = condition * np.finfo(float).eps
            digits = max(0, int(-math.log10(min(1.0, moved))))
            left = f"only {digits} of its digits are" if digits else "none of its digits is"
            return (
                "ill-conditioned: moving the inputs by their last digit moves the derivative by "
                f"{moved:.0e} of itself, so {left} determined"
            )
        call = self._calls.get(name, self._calls["DAG"])[0]
        lost = math.log10(error / np.finfo(float).eps) if math.isfinite(error) else math.inf
        return _cancellation(program, call, lost)

    def seconds(self, *, least: float = 0.001, rounds: int = 15) -> dict[str, float]:
        """Return the seconds one derivative takes in each representation, as compiled Python.

        They take turns, and the fastest turn of each counts: the one least disturbed.
        """
        runs: dict[str, Callable[[], Any]] = {}
        for name, program in self.programs.items():
            runs[name] = _repeated(program.compiled(), self._calls[name])
        times_by_name: dict[str, list[float]] = {name: [] for name in runs}
        gc_was_enabled = gc.isenabled()
        gc.disable()
        try:
            with np.errstate(all="ignore"):
                for run in runs.values():
                    run()
                for _ in range(rounds):
                    for name, run in runs.items():
                        count, start = 0, time.perf_counter()
                        while (passed := time.perf_counter() - start) < least or not count:
                            run()
                            count += 1
                        times_by_name[name].append(passed / count)
        finally:
            if gc_was_enabled:
                gc.enable()
        return {name: min(times) for name, times in times_by_name.items()}


def _repeated(function: Callable[..., Any], calls: list[list[float]]) -> Callable[[], Any]:
    def run() -> None:
        for call in calls:
            function(*call)

    return run


def _error(values: Sequence[float], truth: Sequence[Any]) -> float:
    """Return the largest relative difference; infinity if a value is not finite."""
    largest = 0.0
    for value, true in zip(values, truth, strict=True):
        if not math.isfinite(value):
            return math.inf
        difference = abs(true - value)
        if difference:
            largest = max(largest, float(difference / abs(true)) if true else math.inf)
    return largest


def _condition(roots: Sequence[Expr], point: dict[str, float], truth: Sequence[Any]) -> float:
    """Return a condition number: relative changes of a derivative over those of its inputs."""
    import mpmath

    step = mpmath.mpf(10) ** -25
    largest = 0.0
    with mpmath.workdps(60):
        for sign in (1, -1):
            moved: Any = {
                name: mpmath.mpf(value) * (1 + (step if k % 2 == 0 else sign * step))
                for k, (name, value) in enumerate(point.items())
            }
            for changed, unchanged in zip(
                precise_values(roots, moved, digits=60), truth, strict=True
            ):
                if unchanged:
                    largest = max(largest, float(abs(changed - unchanged) / abs(unchanged) / step))
    return largest


def _cancellation(program: Program, call: list[float], lost: float) -> str:
    """Return a text that names the sum or difference in which most digits cancel."""
    worst, where = 1.0, ""

    def apply(elemental: Any, *operands: Any) -> Any:
        nonlocal worst, where
        value = elemental(*operands)
        if elemental in (ADD, SUB):
            largest = max(abs(operand) for operand in operands)
            ratio = largest / abs(value) if value else math.inf
            if ratio > worst:
                sign = "+" if elemental is ADD else "−"
                second = f"({operands[1]:.6g})" if operands[1] < 0 else f"{operands[1]:.6g}"
                worst, where = ratio, f"{operands[0]:.6g} {sign} {second} = {value:.6g}"
        return value

    program.run(call, apply)
    if not where:
        return "rounding in many steps adds up"
    total = "all 16" if lost >= 16 else f"{lost:.0f} of 16"
    here = "all of them" if math.isinf(worst) else f"{math.log10(worst):.1f}"
    return f"cancellation: {total} digits are lost, {here} in {where}"


def count_text(number: int) -> str:
    """Return a count as text: digits in groups of three, or a power of ten if it is long.

    Examples
    --------
    >>> count_text(195_072), count_text(2**1000)
    ('195,072', '1.07×10³⁰¹')
    """
    if number < 10**9:
        return f"{number:,}"
    exponent = math.log10(number)  # works for ints of any length
    power = math.floor(exponent)
    mantissa = 10 ** (exponent - power)
    superscript = str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa:.2f}×10{superscript}"
