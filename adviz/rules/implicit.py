"""Solutions of equations, differentiated by the implicit function theorem.

Where F(y, x) = 0 defines y as a function of x, F_y dy + F_x dx = 0, so that

    dy/dx = −F_y⁻¹ F_x.

It does not matter how y was found: no step of the solver is differentiated. A tangent or an adjoint
takes one evaluation of F, a sweep over it for each equation, and one system of linear equations.
Griewank and Walther, *Evaluating Derivatives* (2008), section 15.3; Blondel et al., *Efficient and
modular implicit differentiation* (2022). A derivative of this derivative follows in the same way,
as y in it is the same row again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import update_wrapper
from inspect import signature
from typing import Any, NamedTuple

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.derivatives import input_adjoints, output_tangents
from adviz.core.elementals import plain
from adviz.core.recording import record
from adviz.core.rows import brief
from adviz.core.trace import Trace
from adviz.core.variable import value_of
from adviz.host.errors import SolverError
from adviz.host.source import describe
from adviz.rules.batching import Batch, each
from adviz.rules.broadcasting import spread
from adviz.rules.handed_in import HandedIn, with_plain_results
from adviz.rules.operands import as_array, number_or_array
from adviz.rules.rule import Rule
from adviz.rules.user_operations import UserOperation, no_push, read_only

__all__ = ["Arguments", "Solution", "Solver", "rule_of"]

Arguments = dict[str, Any]
"""The arguments of a call by the names of the parameters."""

_FAR = 1e-3
"""How far from a solution, relative to it, is too far for a derivative."""


class Solver(NamedTuple):
    """A function that solves equations, and how its solution is defined.

    Attributes
    ----------
    function : callable
        The function of SciPy's.
    functions : tuple of str
        Its parameters that are functions.
    residual : callable
        ``residual(y, arguments)`` is 0 at the solution y.
    solve : callable
        ``solve(function, arguments)`` returns (y, what the function returned). It raises a
        :class:`SolverError` where there is no solution.
    returned : callable
        ``returned(y, result, arguments)`` returns what the user gets: the result, with y traced.
    what : str
        What F is, in messages and explanations.
    """

    function: Callable[..., Any]
    functions: tuple[str, ...]
    residual: Callable[[Any, Arguments], Any]
    solve: Callable[[Callable[..., Any], Arguments], tuple[Any, Any]]
    returned: Callable[[Any, Any, Arguments], Any]
    what: str = "F"


def rule_of(solver: Solver) -> Callable[..., Any]:
    """Return what answers in the place of a solver that is given traced numbers."""
    rule = Rule(
        solver.function.__name__,
        solver.function,
        push=no_push,
        may_fail=True,
        pull_formula=lambda k, shapes: "−{bar} F_y⁻¹ F_x",
        push_formula=lambda k, shapes: "−F_y⁻¹ F_x {dot}",
    )

    def answer(*args: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        arguments = signature(solver.function).bind(*args, **options).arguments
        solution = Solution(rule, solver, HandedIn(arguments))
        y = solution(*solution.handed_in.numbers)
        plain_arguments = solution.handed_in.with_numbers(solution.handed_in.numbers)
        return solver.returned(y, solution.result, plain_arguments)

    return update_wrapper(answer, solver.function)


class Solution(UserOperation):
    """The solution y of F(y, x) = 0 as a row of a trace: its operands are the traced numbers x."""

    __slots__ = ("handed_in", "place", "result", "solver")

    def __init__(self, rule: Rule, solver: Solver, handed_in: HandedIn) -> None:
        super().__init__(rule, {})
        self.solver = solver
        self.handed_in = handed_in
        self.place = describe()
        self.result: Any = None  # what the solver returned

    def evaluate(self, *operands: Any) -> Any:
        """Solve the equations."""
        arguments = dict(self.handed_in.first([read_only(operand) for operand in operands]))
        for name in self.solver.functions:
            if callable(arguments.get(name)):
                arguments[name] = with_plain_results(arguments[name], self.name)
        solution, self.result = self.solver.solve(self.solver.function, arguments)
        return number_or_array(plain(solution))

    def equations(self, operands: Sequence[Any], value: Any) -> Trace:
        """Return the trace of F at the solution, as a function of y and of the operands."""
        return record(self._equation(value), (value, *operands), notes_places=False)

    def _equation(self, value: Any) -> Callable[..., Any]:
        shape = shape_of(value)

        def F(y: Any, *x: Any) -> Any:  # noqa: N802 - its name in the formulas
            residual = as_array(self.solver.residual(y, self.handed_in.with_numbers(x)))
            return residual if shape_of(residual) == shape else np.reshape(residual, shape)

        return F

    def inside(
        self, operands: Sequence[Any], value: Any, names: list[str], trace_class: type[Trace]
    ) -> Trace:
        """Return the same trace for a reader."""
        y = next(name for name in ("y", "u", "w", "root") if name not in names)
        own = self.handed_in.with_numbers(operands)[self.solver.functions[0]]
        equation = update_wrapper(self._equation(value), own, ())  # the source shown is the user's
        return record(equation, (value, *operands), names=[y, *names], trace_class=trace_class)

    def explained(self, operands: Sequence[Any], value: Any) -> str:
        """Return how the derivative follows, in a sentence; with numbers where y is one."""
        equation = f"{self.solver.what} = 0" if self.solver.what != "F" else "F(y, x) = 0"
        sentence = f"From {equation}: dy/dx = −F_y⁻¹ F_x."
        if shape_of(value) or self.solver.what != "F":
            return sentence
        F_y, *slopes = input_adjoints(self.equations(operands, value), [1.0])  # noqa: N806
        if len(slopes) != 1 or shape_of(slopes[0]) or not F_y:
            return f"{sentence} F_y is {brief(F_y)} here."
        by_x, by_y = (f"({brief(s)})" if s < 0 else brief(s) for s in (slopes[0], F_y))
        dy = brief(-slopes[0] / F_y)
        return f"{sentence} Here that is -{by_x} / {by_y} = {dy}.".replace("-", "−")

    def push(self, dots: Sequence[Any], operands: Sequence[Any], value: Any) -> Any:
        """Return the tangent −F_y⁻¹ F_x dx."""
        if any(dot.__class__ is Batch for dot in dots):
            return each(lambda *one: self.push(one, operands, value), *dots)
        trace = self.equations(operands, value)
        rows = self._rows(trace, value)
        seeds = [
            _zeros(operand) if dot is None else spread(dot, operand)
            for dot, operand in zip((None, *dots), (value, *operands), strict=True)
        ]
        change = output_tangents(trace, seeds)[0]
        return -_solved(rows, change)

    def pull_all(
        self, positions: list[int], bar: Any, operands: Sequence[Any], value: Any
    ) -> list[Any]:
        """Return the contributions −F_xᵀ F_y⁻ᵀ ȳ to the operands at these positions."""
        if bar.__class__ is Batch:
            return list(each(lambda one: self.pull_all(positions, one, operands, value), bar))
        trace = self.equations(operands, value)
        rows = self._rows(trace, value)
        weights = _solved(rows.T if shape_of(rows) else rows, spread(bar, value))
        contributions = input_adjoints(trace, [-weights])[1:]
        return [contributions[position] for position in positions]

    def _rows(self, trace: Trace, value: Any) -> Any:
        """Return F_y: a number where y is one, a matrix where it is an array.

        Raises
        ------
        SolverError
            If it is singular, or y is not near a solution.
        """
        shape = shape_of(value)
        if shape:
            units = np.eye(math.prod(shape)).reshape((-1, *shape))
            rows = np.stack([np.reshape(input_adjoints(trace, [u])[0], (-1,)) for u in units])
        else:
            rows = input_adjoints(trace, [1.0])[0]
        matrix = np.asarray(value_of(rows))
        is_singular = not np.isfinite(matrix).all() or (
            np.linalg.cond(matrix) * np.finfo(float).eps > 1 if shape else matrix == 0
        )
        if is_singular:
            raise SolverError(
                f"The solution that {self.name} found has no derivative: F_y, the derivative of "
                f"{self.solver.what} by the unknown, is {'singular' if shape else '0'} there: "
                f"{self.place}. It is a multiple root, one of many solutions, or no solution but a "
                "jump."
            )
        step = _solved(matrix, np.asarray(value_of(trace.value)))
        if not np.max(np.abs(step)) <= _FAR * (1 + np.max(np.abs(value_of(value)))):
            raise SolverError(
                f"{self.name} stopped at {brief(value_of(value))}, which is no solution: a step of "
                f"Newton's method leads away from there by {np.max(np.abs(step)):.2g}: "
                f"{self.place}. So it has no derivative: ask for more digits, as with tol=, or for "
                "other bounds."
            )
        return rows


def _solved(matrix: Any, right: Any) -> Any:
    """Return the solution of linear equations, or of one."""
    if not shape_of(matrix):
        return right / matrix
    return np.reshape(np.linalg.solve(matrix, np.reshape(right, (-1,))), shape_of(right))


def _zeros(operand: Any) -> Any:
    return np.zeros_like(value_of(operand)) if shape_of(operand) else 0.0
