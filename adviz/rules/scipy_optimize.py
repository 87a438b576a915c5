"""SciPy's solvers of equations and its minimisers, which are differentiated as equations.

How they are: :mod:`adviz.rules.implicit`. A first guess, a bracket and options have no influence on
the solution, so its derivative by them is 0. A minimum is a point where the gradient is 0.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.derivatives import grad
from adviz.host.errors import (
    MissingAttributeError,
    SolverError,
    UnsupportedOperationError,
)
from adviz.host.source import describe
from adviz.rules.implicit import Arguments, Solver, rule_of
from adviz.rules.operands import as_array

__all__ = ["optimize_rules"]


def optimize_rules() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return the functions of ``scipy.optimize`` that have a rule, each with it."""
    optimize = sys.modules["scipy.optimize"]
    solvers = [
        Solver(getattr(optimize, name), ("f",), _f_at, _in_bracket, _with_report)
        for name in ("brentq", "brenth", "ridder", "bisect", "toms748")
    ]
    solvers += [
        Solver(
            optimize.newton,
            ("func", "fprime", "fprime2"),
            lambda y, arguments: arguments["func"](y, *_args(arguments)),
            _by_newton,
            _with_report,
        ),
        Solver(
            optimize.root_scalar,
            ("f", "fprime", "fprime2"),
            _f_at,
            _by_root_scalar,
            lambda y, report, arguments: _with_report(y, report, {"full_output": True})[1],
        ),
        Solver(
            optimize.root,
            ("fun", "jac"),
            lambda y, arguments: _first_of_pair(arguments["fun"], "jac", y, arguments),
            _by_root,
            lambda y, result, arguments: _result_class()({**result, "x": y}),
        ),
        Solver(
            optimize.fsolve,
            ("func", "fprime"),
            lambda y, arguments: arguments["func"](y, *_args(arguments)),
            _by_fsolve,
            lambda y, result, arguments: (y, *result) if arguments.get("full_output") else y,
        ),
        Solver(
            optimize.fixed_point,
            ("func",),
            lambda y, arguments: y - as_array(arguments["func"](y, *_args(arguments))),
            lambda function, arguments: (function(**arguments), None),
            lambda y, result, arguments: y,
            "y − g(y)",
        ),
        *(
            Solver(function, ("fun", "jac", "hess", "hessp"), _slope_at, solve, _minimum, "∇f")
            for function, solve in (
                (optimize.minimize, _by_minimize),
                (optimize.minimize_scalar, _by_minimize_scalar),
            )
        ),
    ]
    return {solver.function: rule_of(solver) for solver in solvers}


def _args(arguments: Arguments) -> tuple[Any, ...]:
    args = arguments.get("args", ())
    return args if isinstance(args, tuple) else (args,)


def _first_of_pair(function: Any, flag: str, y: Any, arguments: Arguments) -> Any:
    """Return what a function returns, first of all if it returns its derivative too: jac=True."""
    value = function(y, *_args(arguments))
    derivative = arguments.get(flag)
    return value[0] if derivative and not callable(derivative) and derivative is True else value


def _check(converged: Any, name: str, message: str) -> None:
    """Refuse a solution that is none.

    Raises
    ------
    SolverError
    """
    if not np.all(converged):
        message = " ".join(message.split()).rstrip(".")
        raise SolverError(
            f"{name} found no solution, so there is no derivative ({message}): "
            f"{describe()}. Begin nearer to the solution, or allow more iterations."
        )


# -- equations with one unknown ------------------------------------------------------------------


def _f_at(y: Any, arguments: Arguments) -> Any:
    return _first_of_pair(arguments["f"], "fprime", y, arguments)


def _in_bracket(function: Callable[..., Any], arguments: Arguments) -> tuple[Any, Any]:
    sizes: dict[float, float] = {}
    arguments = arguments | {"f": _noting_sizes(arguments["f"], sizes)}
    y, report = function(**{**arguments, "full_output": True, "disp": False})
    _check(report.converged, function.__name__, report.flag)
    _check_is_no_pole(y, sizes, (arguments["a"], arguments["b"]), function.__name__)
    return y, report


def _noting_sizes(f: Callable[..., Any], sizes: dict[float, float]) -> Callable[..., Any]:
    """Return f, which notes how large its values are."""

    @wraps(f)
    def noting(y: Any, *args: Any) -> Any:
        value = f(y, *args)
        sizes[float(y)] = float(abs(value[0] if isinstance(value, tuple) else value))
        return value

    return noting


def _check_is_no_pole(y: Any, sizes: dict[float, float], bracket: Any, name: str) -> None:
    """Refuse a pole, where the sign changes too: F is larger there than where the bracket ends."""
    nearest = min(sizes, key=lambda place: abs(place - y))
    ends = [sizes.get(float(place), math.inf) for place in bracket]
    _check(sizes[nearest] <= max(ends), name, f"the sign changes at a pole, {y:.6g}")


def _by_newton(function: Callable[..., Any], arguments: Arguments) -> tuple[Any, Any]:
    y, report, *_ = function(**{**arguments, "full_output": True, "disp": False})
    converged = report if isinstance(report, np.ndarray) else report.converged
    _check(converged, "newton", "it did not converge")
    return y, report


def _with_report(y: Any, report: Any, arguments: Arguments) -> Any:
    if not arguments.get("full_output"):
        return y
    if hasattr(report, "root"):
        report.root = y
    return y, report


def _by_root_scalar(function: Callable[..., Any], arguments: Arguments) -> tuple[Any, Any]:
    sizes: dict[float, float] = {}
    report = function(**arguments | {"f": _noting_sizes(arguments["f"], sizes)})
    _check(report.converged, "root_scalar", str(report.flag))
    if arguments.get("bracket") is not None:
        _check_is_no_pole(report.root, sizes, arguments["bracket"], "root_scalar")
    return report.root, report


# -- equations with several unknowns -------------------------------------------------------------


def _by_root(function: Callable[..., Any], arguments: Arguments) -> tuple[Any, Any]:
    result = function(**arguments)
    _check(result.success, "root", result.message)
    return result.x, result


def _by_fsolve(function: Callable[..., Any], arguments: Arguments) -> tuple[Any, Any]:
    y, *rest = function(**{**arguments, "full_output": True})
    _check(rest[1] == 1, "fsolve", rest[2])
    return y, rest


@cache
def _result_class() -> Any:
    """Return the class of results whose solution is traced."""
    result_class: Any = sys.modules["scipy.optimize"].OptimizeResult
    has_no_rule = {
        "hess_inv",
        "hess",
        "fjac",
        "r",
        "qtf",
        "final_simplex",
        "grad",
        "lagrangian_grad",
    }

    class TracedResult(result_class):  # type: ignore[misc]
        """A result without what would have to be differentiated in another way."""

        def __init__(self, fields: dict[str, Any]) -> None:
            super().__init__({k: v for k, v in fields.items() if k not in has_no_rule})

        def __getattr__(self, name: str) -> Any:
            if name in has_no_rule:
                raise MissingAttributeError(
                    f"{name} of a solver's result has no derivative rule: {describe()}. Use x and "
                    "fun, or compute it from x."
                )
            return super().__getattr__(name)

    return TracedResult


# -- minima --------------------------------------------------------------------------------------


def _value_at(y: Any, arguments: Arguments) -> Any:
    value = as_array(_first_of_pair(arguments["fun"], "jac", y, arguments))
    return np.reshape(value, ()) if shape_of(value) else value


def _slope_at(y: Any, arguments: Arguments) -> Any:
    return grad(lambda y: _value_at(y, arguments))(y)


def _by_minimize(function: Callable[..., Any], arguments: Arguments) -> tuple[Any, Any]:
    if arguments.get("constraints"):
        raise UnsupportedOperationError(
            "minimize with constraints has no derivative rule: "
            f"{describe()}. Solve the equations of Lagrange's multipliers with root."
        )
    result = function(**arguments)
    message = str(result.message)
    # BFGS says so where it has the last digits; whether it has is seen when it is differentiated.
    _check(result.success or "precision loss" in message, "minimize", message)
    _check_inside(result.x, arguments.get("bounds"), "minimize")
    return result.x, result


def _check_inside(x: Any, bounds: Any, name: str) -> None:
    """Refuse a minimum on a bound, where the gradient need not be 0."""
    if bounds is None:
        return
    pairs = list(zip(bounds.lb, bounds.ub, strict=True)) if hasattr(bounds, "lb") else bounds
    for entry, pair in zip(np.ravel(x), pairs, strict=False):
        for bound in pair:
            if bound is not None and abs(entry - bound) <= 1e-6 * (1 + abs(bound)):
                raise SolverError(
                    f"{name} found a minimum on the bound {bound:.6g}, where the gradient need not "
                    f"be 0, so it has no derivative rule: {describe()}. Leave the unknown that "
                    "stays on its bound out of the search."
                )


def _by_minimize_scalar(function: Callable[..., Any], arguments: Arguments) -> tuple[Any, Any]:
    result = function(**arguments)
    _check(result.success, "minimize_scalar", str(getattr(result, "message", "")))
    bounds = arguments.get("bounds")
    _check_inside(result.x, None if bounds is None else [bounds], "minimize_scalar")
    return result.x, result


def _minimum(y: Any, result: Any, arguments: Arguments) -> Any:
    return _result_class()({**result, "x": y, "fun": _value_at(y, arguments)})
