"""The table of all NumPy functions that work on traced arrays, by subject.

The rules of most are a line or two of NumPy, and so differentiable to any order. To add a function,
add a row to the table of its subject. Functions without a derivative (an argmax, a comparison)
return plain values, which are recorded as decisions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.elementals import ELEMENTALS
from adviz.rules.array_rules import RULES
from adviz.rules.broadcasting import sum_to
from adviz.rules.creation import CREATION, LIKE
from adviz.rules.fourier import TRANSFORMS
from adviz.rules.indexing import CHOOSING, index_of
from adviz.rules.linalg import LINEAR_ALGEBRA
from adviz.rules.log_sum_exp import logsumexp
from adviz.rules.moving_rules import scatter
from adviz.rules.nondifferentiable import NONDIFFERENTIABLE, as_decision
from adviz.rules.operands import as_array
from adviz.rules.polynomials import POLYNOMIALS
from adviz.rules.products import PRODUCTS
from adviz.rules.reductions import REDUCTIONS, max_of, min_of, prod_of, sum_of
from adviz.rules.registry import FUNCTIONS, LIKE_FUNCTIONS, NEEDS_FLOATS, UFUNC_METHODS
from adviz.rules.samples import SAMPLES
from adviz.rules.shapes import SHAPES
from adviz.rules.statistics import STATISTICS
from adviz.rules.ufuncs import UFUNCS

__all__ = ["FUNCTIONS", "LIKE_FUNCTIONS", "NEEDS_FLOATS", "SUBJECTS", "UFUNC_METHODS"]

SUBJECTS: dict[str, dict[Callable[..., Any], Callable[..., Any]]] = {
    "Reductions": REDUCTIONS,
    "Statistics": STATISTICS,
    "Products": PRODUCTS,
    "Linear algebra": LINEAR_ALGEBRA,
    "Shapes": SHAPES,
    "Indexing and choosing": CHOOSING,
    "Arrays like another": CREATION,
    "Numerics": {**SAMPLES, **POLYNOMIALS},
    "Other elementwise functions": UFUNCS,
    "Fourier transforms": TRANSFORMS,
}
"""Every differentiable function of arrays, by subject."""

for _table in (*SUBJECTS.values(), NONDIFFERENTIABLE):
    FUNCTIONS.update(_table)
FUNCTIONS[sum_to] = lambda a, shape: RULES["sum_to"](a, shape=shape)
LIKE_FUNCTIONS.update(LIKE)


def _reducing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a reduction as a method of a ufunc, whose default axis is the first."""

    def reduce(a: Any, axis: Any = 0, dtype: Any = None, **options: Any) -> Any:
        a = as_array(a)
        return function(a if dtype is None else a.astype(dtype), axis, **options)

    return reduce


def _outer(row: Any) -> Callable[..., Any]:
    def outer(a: Any, b: Any) -> Any:
        return row(as_array(a).reshape(shape_of(a) + (1,) * len(np.shape(b))), b)

    return outer


def _logsumexp2(a: Any, axis: Any, *, keepdims: bool = False) -> Any:
    return logsumexp(a * math.log(2), axis, keepdims=keepdims) / math.log(2)


def _step_by_step(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return an accumulation that adds one entry after the other."""

    def accumulate(a: Any, axis: int = 0) -> Any:
        a = np.moveaxis(as_array(a), axis, 0)
        steps = [a[k] for k in range(shape_of(a)[0])]
        if not steps:
            return np.moveaxis(a, 0, axis)
        return np.stack(list(itertools.accumulate(steps, function)), axis)

    return accumulate


def _running(extremum: np.ufunc) -> Callable[..., Any]:
    """Return a running maximum or minimum; of equal entries the last has the slope."""

    def positions(a: Any, axis: int) -> Any:
        steps = np.reshape(np.arange(a.shape[axis]), (-1,) + (1,) * (-axis - 1))
        new_extremes = np.where(a == extremum.accumulate(a, axis), steps, 0)
        return np.maximum.accumulate(new_extremes, axis)

    def accumulate(a: Any, axis: int = 0) -> Any:
        a = as_array(a)
        axis = axis % len(shape_of(a)) - len(shape_of(a))
        return np.take_along_axis(a, as_decision(positions)(a, axis), axis)

    return accumulate


def _sums_at(a: Any, indices: Any, axis: int = 0) -> Any:
    """Sum the slices between indices; where the next index is not larger, return a single entry."""
    a = np.moveaxis(as_array(a), axis, 0)
    starts = [int(k) for k in indices]
    stops = [*starts[1:], shape_of(a)[0]]
    slices = [a[k : max(k + 1, stop)] for k, stop in zip(starts, stops, strict=True)]
    return np.stack([np.sum(part, axis=0) for part in slices], axis)


def _at(sign: float) -> Callable[..., Any]:
    """Return an addition at indices: an index that occurs twice is added to twice."""

    def at(a: Any, indices: Any, b: Any) -> None:
        key = index_of(indices)
        shape = np.empty(shape_of(a), np.bool_)[key].shape
        a[...] = a + sign * scatter(np.broadcast_to(b, shape), key=key, shape=shape_of(a))

    return at


_METHODS: dict[tuple[np.ufunc, str], Callable[..., Any]] = {
    (np.add, "reduce"): _reducing(sum_of),
    (np.multiply, "reduce"): _reducing(prod_of),
    (np.maximum, "reduce"): _reducing(max_of),
    (np.minimum, "reduce"): _reducing(min_of),
    (np.logical_and, "reduce"): _reducing(NONDIFFERENTIABLE[np.all]),
    (np.logical_or, "reduce"): _reducing(NONDIFFERENTIABLE[np.any]),
    (np.logaddexp, "reduce"): _reducing(logsumexp),
    (np.logaddexp2, "reduce"): _reducing(_logsumexp2),
    (np.maximum, "accumulate"): _running(np.maximum),
    (np.minimum, "accumulate"): _running(np.minimum),
    (np.logaddexp, "accumulate"): _step_by_step(np.logaddexp),
    (np.add, "reduceat"): _sums_at,
    (np.add, "at"): _at(1.0),
    (np.subtract, "at"): _at(-1.0),
    (np.add, "accumulate"): lambda a, axis=0, dtype=None: np.cumsum(a, axis, dtype),
    (np.multiply, "accumulate"): lambda a, axis=0, dtype=None: np.cumprod(a, axis, dtype),
    **{
        (row.ufunc, "outer"): _outer(row)
        for row in ELEMENTALS.values()
        if row.ufunc is not None and row.arity == 2
    },
    **{
        (ufunc, "outer"): _outer(rule)
        for ufunc, rule in UFUNCS.items()
        if isinstance(ufunc, np.ufunc) and (ufunc.nin, ufunc.nout) == (2, 1)
    },
}
UFUNC_METHODS.update(_METHODS)
