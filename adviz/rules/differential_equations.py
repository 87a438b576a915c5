"""Initial value problems of SciPy's: y' = f(t, y, x), y(t₀) = y₀, at times t₁, t₂, ...

A tangent follows from the *variational equation*, which is solved together with y:

    s' = f_y s + f_x ẋ,    s(t₀) = ẏ₀ − f(t₀, y₀) ṫ₀,    ẏ(t_k) = s(t_k) + f(t_k, y_k) ṫ_k.

An adjoint follows from the *adjoint equation*, which is solved from the last time to the first,
along y as it was found:

    λ' = −f_yᵀ λ,    λ grows by ȳ_k at t_k,    ȳ₀ = λ(t₀),    x̄ = ∫ f_xᵀ λ dt.

Its cost does not grow with the number of parameters. Hairer, Nørsett and Wanner, *Solving Ordinary
Differential Equations I* (1993), section I.14; Cao, Li, Petzold and Serban, *Adjoint sensitivity
analysis for differential-algebraic equations* (2003). A derivative of an adjoint is found with the
variational equation, which is an initial value problem itself.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Sequence
from functools import update_wrapper
from inspect import signature
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.derivatives import input_adjoints, output_tangents
from adviz.core.recording import record
from adviz.core.trace import Trace
from adviz.core.variable import Variable, value_of
from adviz.host.errors import SolverError, UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.batching import Batch, each
from adviz.rules.broadcasting import spread
from adviz.rules.handed_in import HandedIn, with_plain_results
from adviz.rules.operands import as_array
from adviz.rules.rule import Rule
from adviz.rules.user_operations import UserOperation, no_push, read_only

__all__ = ["differential_equation_rules"]

Field = Callable[..., Any]
"""f(t, y), the right-hand side."""

_RTOL, _ATOL = 1e-6, 1e-9
"""Tolerances of derivatives, where the user's are not smaller."""


def differential_equation_rules() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return ``solve_ivp`` and ``odeint``, each with its rule."""
    integrate = sys.modules["scipy.integrate"]
    return {
        integrate.solve_ivp: update_wrapper(_solve_ivp, integrate.solve_ivp),
        integrate.odeint: update_wrapper(_odeint, integrate.odeint),
    }


# -- what is called ------------------------------------------------------------------------------


def _solve_ivp(*args: Any, **options: Any) -> Any:
    solve_ivp = sys.modules["scipy.integrate"].solve_ivp
    bound = signature(solve_ivp).bind(*args, **options).arguments
    arguments = bound | bound.pop("options", {})
    for option, instead in (
        ("events", "find the time of the event with brentq, which has a derivative"),
        ("dense_output", "give the times in t_eval="),
        ("vectorized", "leave it out"),
    ):
        if arguments.get(option) not in (None, False):
            raise UnsupportedOperationError(
                f"solve_ivp with {option}= has no derivative rule: {describe()}. "
                f"{instead[0].upper()}{instead[1:]}."
            )
    (start, end), y0 = arguments.pop("t_span"), as_array(arguments.pop("y0"))
    t_eval = arguments.pop("t_eval", None)
    handed_in = HandedIn(arguments)
    plain_arguments = dict(handed_in.first([value_of(number) for number in handed_in.numbers]))
    plain_arguments["fun"] = with_plain_results(plain_arguments["fun"], "solve_ivp")
    t_span, plain_y0 = (value_of(start), value_of(end)), np.asarray(value_of(y0))
    plain_times = None if t_eval is None else np.asarray(value_of(as_array(t_eval)))
    result = solve_ivp(t_span=t_span, y0=plain_y0, t_eval=plain_times, **plain_arguments)
    _check(result.success, "solve_ivp", str(result.message))
    inner = list(result.t[1:-1]) if t_eval is None else []
    times = [start, *inner, end] if t_eval is None else [start, *as_array(t_eval)]
    found = np.transpose(result.y)
    found = found if t_eval is None else np.vstack([plain_y0, found])

    def field(numbers: Sequence[Any]) -> Field:
        given = handed_in.with_numbers(numbers)
        args = given.get("args") or ()
        return lambda t, y: given["fun"](t, y, *args)

    wanted = ("method", "rtol", "atol", "max_step")
    kept = {name: arguments[name] for name in wanted if name in arguments}
    path = _Path("solve_ivp", field, kept, found)(y0, as_array(times), *handed_in.numbers)
    result.y = np.transpose(path if t_eval is None else path[1:])
    result.t = as_array(times) if t_eval is None else as_array(t_eval)
    return result


def _odeint(*args: Any, **options: Any) -> Any:
    odeint = sys.modules["scipy.integrate"].odeint
    arguments = signature(odeint).bind(*args, **options).arguments
    y0, times = as_array(arguments.pop("y0")), as_array(arguments.pop("t"))
    y0 = np.reshape(y0, (-1,))
    handed_in = HandedIn(arguments)
    plain_arguments = dict(handed_in.first([value_of(number) for number in handed_in.numbers]))
    plain_arguments["func"] = with_plain_results(plain_arguments["func"], "odeint")
    plain_arguments |= {"full_output": True, "printmessg": False}
    plain_y0, plain_times = np.asarray(value_of(y0)), np.asarray(value_of(times))
    found, report = odeint(y0=plain_y0, t=plain_times, **plain_arguments)
    _check("success" in report["message"], "odeint", report["message"])

    def field(numbers: Sequence[Any]) -> Field:
        given = handed_in.with_numbers(numbers)
        args = given.get("args", ())
        args = args if isinstance(args, tuple) else (args,)
        if given.get("tfirst"):
            return lambda t, y: given["func"](t, y, *args)
        return lambda t, y: given["func"](y, t, *args)

    tolerances = {name: arguments.get(name) for name in ("rtol", "atol")}
    kept = {name: 1.49012e-8 if given is None else given for name, given in tolerances.items()}
    path = _Path("odeint", field, {"method": "LSODA"} | kept, found)(y0, times, *handed_in.numbers)
    return (path, report) if arguments.get("full_output") else path


def _check(success: Any, name: str, message: str) -> None:
    """Refuse a path that ends too early.

    Raises
    ------
    SolverError
    """
    if not success:
        message = " ".join(message.split()).rstrip(".")
        raise SolverError(
            f"{name} came to no end, so there is no derivative ({message}): {describe()}. Take a "
            "shorter time, or another method=."
        )


# -- the row -------------------------------------------------------------------------------------

_RULES = {
    name: Rule(
        name,
        lambda *_: None,
        push=no_push,
        may_fail=True,
        pull_formula=lambda k, shapes: ("λ(t₀)", "{bar} f", "∫ λ f_x dt")[min(k, 2)],
        push_formula=lambda k, shapes: ("s", "f {dot}", "s")[min(k, 2)],
    )
    for name in ("solve_ivp", "odeint")
}


class _Path(UserOperation):
    """The solution at several times, one below the other, as a row of a trace.

    Its operands are y₀, the times with t₀ first, and the numbers that f uses.

    Parameters
    ----------
    name : str
    field : callable
        ``field(numbers)`` returns f(t, y) for other numbers.
    options : dict
        Options of ``solve_ivp``.
    found : array, optional
        The solution, if it is known for the first operands.
    """

    __slots__ = ("field", "found", "options")

    def __init__(
        self,
        name: str,
        field: Callable[[Sequence[Any]], Field],
        options: dict[str, Any],
        found: Any = None,
    ) -> None:
        super().__init__(_RULES[name], {})
        self.field = field
        self.options = options
        self.found = found

    def evaluate(self, y0: Any, times: Any, *numbers: Any) -> Any:
        """Solve the equation."""
        if self.found is not None:
            found, self.found = self.found, None
            return found
        field = with_plain_results(self.field([read_only(number) for number in numbers]), self.name)
        if np.ptp(times) == 0:
            return np.repeat(np.asarray(y0)[None], len(times), 0)
        sign = np.sign(times[-1] - times[0])
        distinct, places = np.unique(sign * times, return_inverse=True)
        return self._solved(field, times, y0, t_eval=sign * distinct).y[:, places].T

    def _solved(self, field: Field, times: Any, y0: Any, **options: Any) -> Any:
        solve_ivp = sys.modules["scipy.integrate"].solve_ivp
        result = solve_ivp(field, (times[0], times[-1]), y0, **self.options, **options)
        _check(result.success, self.name, str(result.message))
        return result

    def explained(self, operands: Sequence[Any], value: Any) -> str:
        """Return how the derivative follows, in a sentence."""
        return (
            "From y' = f(t, y, x): forward s' = f_y s + f_x dx, in reverse λ' = −f_yᵀ λ from the "
            "last time to the first."
        )

    def _finer(self) -> dict[str, Any]:
        """Return options for derivatives, whose error is to be no larger than that of y."""
        tolerances = (("rtol", 1e-3, _RTOL), ("atol", 1e-6, _ATOL))
        return self.options | {
            name: min(float(np.min(self.options.get(name, usual))), finer)
            for name, usual, finer in tolerances
        }

    def _recorded(self, t: Any, y: Any, numbers: Sequence[Any]) -> Trace:
        """Return the trace of f as a function of y and of the numbers."""

        def f(y: Any, *x: Any) -> Any:
            return np.reshape(as_array(self.field(x)(t, y)), shape_of(y))

        return record(f, (y, *numbers), notes_places=False)

    def push(self, dots: Sequence[Any], operands: Sequence[Any], value: Any) -> Any:
        """Return the tangent by the variational equation."""
        if any(dot.__class__ is Batch for dot in dots):
            return each(lambda *one: self.push(one, operands, value), *dots)
        return self._tangents([dots], operands, value)[0]

    def _tangents(
        self, directions: Sequence[Sequence[Any]], operands: Sequence[Any], value: Any
    ) -> list[Any]:
        """Return the tangents in several directions, from one path of y and all of them."""
        y0, times, *numbers = operands
        n, name = shape_of(y0)[0], self.name
        seeds = [
            [np.zeros(shape_of(o)) if dot is None else spread(dot, o)
             for dot, o in zip(dots, operands, strict=True)]
            for dots in directions
        ]  # fmt: skip
        moves = [dots[1] is not None for dots in directions]
        changes = [dots[2:] for dots in seeds]
        starts = [
            dots[0] - self._slope(times[0], y0, numbers) * dots[1][0] if moved else dots[0]
            for dots, moved in zip(seeds, moves, strict=True)
        ]

        def variational(t: Any, z: Any) -> Any:
            trace = self._recorded(t, z[:n], numbers)
            tangents = [
                output_tangents(trace, [z[start : start + n], *change])[0]
                for start, change in zip(itertools.count(n, n), changes, strict=False)
            ]
            return np.concatenate([trace.returned, *tangents])

        handed_in = HandedIn(variational)
        together = _Path(name, handed_in.with_numbers, self._finer())
        path = together(np.concatenate([y0, *starts]), times, *handed_in.numbers)
        tangents = [path[:, start : start + n] for start in range(n, n * (len(seeds) + 1), n)]
        if any(moves):
            slopes = np.stack(
                [self._slope(times[k], value[k], numbers) for k in range(shape_of(times)[0])]
            )
            for k, moved in enumerate(moves):
                if moved:
                    tangents[k] = tangents[k] + slopes * self._later(seeds[k][1])[:, None]
        return tangents

    def _slope(self, t: Any, y: Any, numbers: Sequence[Any]) -> Any:
        return np.reshape(as_array(self.field(numbers)(t, y)), shape_of(y))

    def _later(self, moved: Any) -> Any:
        """Return how the times move; y₀ is not that of another time when t₀ moves."""
        return np.concatenate([np.zeros(1), moved[1:]])

    def pull_all(
        self, positions: list[int], bar: Any, operands: Sequence[Any], value: Any
    ) -> list[Any]:
        """Return the contributions by the adjoint equation."""
        if bar.__class__ is Batch:
            return list(each(lambda one: self.pull_all(positions, one, operands, value), bar))
        bar = spread(bar, value)
        if any(part.__class__ is Variable for part in (bar, *operands, value)):
            return self._by_tangents(positions, bar, operands, value)
        y0, times, *numbers = operands
        contributions = self._by_adjoint(y0, times, numbers, bar, value)
        return [contributions[position] for position in positions]

    def _by_tangents(
        self, positions: list[int], bar: Any, operands: Sequence[Any], value: Any
    ) -> list[Any]:
        """Return the contributions from the tangents in all directions of these operands."""
        directions: list[list[Any]] = []
        for position in positions:
            shape = shape_of(operands[position])
            for unit in np.eye(math.prod(shape)):
                dots: list[Any] = [None] * len(operands)
                dots[position] = unit.reshape(shape) if shape else 1.0
                directions.append(dots)
        sums = [np.sum(bar * t) for t in self._tangents(directions, operands, value)]
        contributions, start = [], 0
        for position in positions:
            shape = shape_of(operands[position])
            size = math.prod(shape)
            part = sums[start : start + size]
            contributions.append(np.reshape(np.stack(part), shape) if shape else part[0])
            start += size
        return contributions

    def _by_adjoint(
        self, y0: Any, times: Any, numbers: Sequence[Any], bar: Any, value: Any
    ) -> list[Any]:
        """Return the contributions to all operands by the adjoint equation."""
        finer = _Path(self.name, self.field, self._finer())
        n, sizes = len(y0), [math.prod(shape_of(number)) for number in numbers]
        if np.ptp(times) == 0:
            path: Callable[[Any], Any] = lambda t: y0  # noqa: E731
        else:
            path = finer._solved(self.field(numbers), times, y0, dense_output=True).sol

        def backward(t: Any, z: Any) -> Any:
            by_y, *by_x = input_adjoints(self._recorded(t, path(t), numbers), [z[:n]])
            return -np.concatenate([by_y, *(np.ravel(part) for part in by_x)])

        z = np.concatenate([bar[-1], np.zeros(sum(sizes))])
        for k in range(len(times) - 1, 0, -1):
            if times[k] != times[k - 1]:
                z = finer._solved(backward, times[[k, k - 1]], z).y[:, -1]
            z[:n] += bar[k - 1]
        slopes = np.array([self._slope(t, y, numbers) for t, y in zip(times, value, strict=True)])
        of_times = np.sum(bar * slopes, axis=1)
        of_times[0] = -(z[:n] - bar[0]) @ slopes[0]
        parts = np.split(z[n:], np.cumsum(sizes)[:-1]) if sizes else []
        of_numbers = [
            part.reshape(shape_of(number)) if shape_of(number) else float(part[0])
            for part, number in zip(parts, numbers, strict=True)
        ]
        return [z[:n], of_times, *of_numbers]
