"""The functions of NumPy and SciPy that are intercepted while something is being recorded.

Each list is made, and its rules are imported, when the functions are needed for the first time.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from adviz.rules.interception import (
    Interceptable,
    intercept_arrays_of_objects,
    intercept_once_imported,
)
from adviz.rules.registry import FUNCTIONS, NEEDS_FLOATS, NEEDS_FLOATS_WITH, numpy_name

__all__ = ["METHODS_OF_ARRAYS", "hand_over"]


def hand_over() -> None:
    """Hand the lists to :mod:`adviz.rules.interception`."""
    intercept_arrays_of_objects(_of_numpy)
    intercept_once_imported("scipy.special", _of_special)
    intercept_once_imported("scipy.linalg", _of_linalg)
    intercept_once_imported("scipy.stats", _of_stats)
    intercept_once_imported("scipy.sparse", _of_sparse)
    intercept_once_imported("scipy.sparse.linalg", _of_sparse_linalg)
    intercept_once_imported("scipy.optimize", _of_optimize)
    intercept_once_imported("scipy.integrate", _of_integrate)
    intercept_once_imported("scipy.interpolate", _of_interpolate)


def _of_numpy() -> Iterator[Interceptable]:
    import adviz.rules.functions  # noqa: F401 - which fills the registry

    for function in NEEDS_FLOATS:
        inner = getattr(function, "_implementation", None)
        if inspect.isfunction(inner):
            options = NEEDS_FLOATS_WITH.get(function, ())
            yield Interceptable(inner, numpy_name(function), function, options)
    methods = sys.modules.get("numpy._core._methods")  # what x.mean() of a plain array calls
    for name, function, options in METHODS_OF_ARRAYS:
        inner = getattr(methods, name, None)
        if inspect.isfunction(inner):
            yield Interceptable(inner, numpy_name(function), function, options)


METHODS_OF_ARRAYS: tuple[tuple[str, Callable[..., Any], tuple[str, ...]], ...] = (
    ("_mean", np.mean, ()),
    ("_var", np.var, ()),
    ("_std", np.std, ()),
    ("_sum", np.sum, ("dtype", "where")),
    ("_prod", np.prod, ("dtype", "where")),
    ("_amax", np.max, ("where",)),
    ("_amin", np.min, ("where",)),
)
"""Functions of NumPy's own, the function that users know by its name, and the options it needs."""


def _of_special() -> Iterator[Interceptable]:
    from adviz.rules.scipy_special import add_rows, python_function_rules

    add_rows()
    return _of_scipy("scipy.special", python_function_rules())


def _of_linalg() -> Iterator[Interceptable]:
    from adviz.rules.scipy_linalg import linalg_rules

    rules = linalg_rules()
    FUNCTIONS.update(rules)
    return _of_scipy("scipy.linalg", rules)


def _of_stats() -> Iterator[Interceptable]:
    from adviz.rules.scipy_stats import distribution_rules

    rules = distribution_rules()
    FUNCTIONS.update(rules)
    return _of_scipy("scipy.stats", rules)


def _of_sparse() -> Iterator[Interceptable]:
    from adviz.rules.scipy_sparse import holds_traced, sparse_matrix_rules

    rules = sparse_matrix_rules()
    FUNCTIONS.update(rules)
    return _of_scipy("scipy.sparse", rules, holds_traced)


def _of_sparse_linalg() -> Iterator[Interceptable]:
    from adviz.rules.scipy_sparse import holds_traced, solver_rules

    rules = solver_rules()
    FUNCTIONS.update(rules)
    return _of_scipy("scipy.sparse.linalg", rules, holds_traced)


def _of_optimize() -> Iterator[Interceptable]:
    from adviz.rules.handed_in import hands_in_traced
    from adviz.rules.scipy_optimize import optimize_rules

    rules = optimize_rules()
    FUNCTIONS.update(rules)
    return _of_scipy("scipy.optimize", rules, hands_in_traced)


def _of_integrate() -> Iterator[Interceptable]:
    from adviz.rules.handed_in import hands_in_traced
    from adviz.rules.scipy_integrate import integrate_rules

    rules = integrate_rules()
    FUNCTIONS.update(rules)
    return _of_scipy("scipy.integrate", rules, hands_in_traced)


def _of_interpolate() -> Iterator[Interceptable]:
    from adviz.rules.scipy_interpolate import holds_traced, interpolate_rules

    rules = interpolate_rules()
    FUNCTIONS.update(rules)
    return _of_scipy("scipy.interpolate", rules, holds_traced)


def _of_scipy(
    package: str,
    functions: Iterable[Callable[..., Any]],
    finds: Callable[[Any], bool] | None = None,
) -> Iterator[Interceptable]:
    for function in functions:
        if inspect.isfunction(function):
            name = f"{package}.{function.__qualname__}"
            yield Interceptable(function, name, function, finds=finds)
