"""The rules of sums and extremes along axes.

Where entries tie for a maximum or a minimum, no derivative exists: they get equal shares of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.rules import batched_rules, operation_counts
from adviz.rules.broadcasting import spread_to, sum_to, summation
from adviz.rules.operands import dimensions
from adviz.rules.rule import Rule

__all__ = ["REDUCTION_RULES", "shares"]

Axis = int | tuple[int, ...] | None


def _kept(shape: Sequence[int], axis: Axis) -> tuple[int, ...]:
    """Return the shape of the result of a reduction with keepdims."""
    if axis is None:
        return (1,) * len(shape)
    kept = list(shape)
    for a in (axis,) if isinstance(axis, int) else axis:
        kept[a] = 1
    return tuple(kept)


def _expanded(reduced: Any, shape: Sequence[int], axis: Axis) -> Any:
    """Return the result of a reduction, reshaped to broadcast to the shape before it."""
    left = shape_of(reduced)
    if not left or len(left) == len(shape):
        return reduced
    return reduced.reshape(_kept(shape, axis))


# -- sums ----------------------------------------------------------------------------------------


def _sum_pull(bar: Any, v: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
    shape = shape_of(a)
    return spread_to(_expanded(bar, shape, axis), shape, a)


def _along(shape: Sequence[int], axis: Axis) -> str:
    """Return along what a reduction goes, in words: nothing, or " along axis 1"."""
    axes = {a % len(shape) for a in ((axis,) if isinstance(axis, int) else axis or ())}
    if not axes or len(axes) == len(shape):
        return ""
    return f" along {'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, sorted(axes)))}"


def _pull_formula_of_sum(k: int, shapes: Any, axis: Axis, keepdims: bool) -> str:
    return "{bar}" + (_along(shapes[0], axis) or " in every entry")


def _sum_code(axis: Axis, keepdims: bool) -> str:
    options = "axis={axis}, keepdims=True" if keepdims else "axis={axis}"
    return f"np.add.reduce({{0}}, {options})"


def _cumsum_pull(bar: Any, v: Any, a: Any, axis: int) -> Any:
    return np.flip(np.cumsum(np.flip(bar, axis), axis), axis)


def _pull_formula_of_cumsum(k: int, shapes: Any, axis: int) -> str:
    return f"∑[j ≥ i{_along(shapes[0], axis)}] {{bar}}_j"


# -- extremes ------------------------------------------------------------------------------------


def _shares_of(v: Any, a: Any, difference: Any = None, *, axis: Axis) -> Any:
    """Return the share of each entry in a maximum or minimum: ties share equally.

    ``difference`` is a - v, where that is known: comparing it with 0 takes half the time.
    """
    a = np.asarray(a)
    if v.__class__ is not np.ndarray or v.ndim != a.ndim:
        v = np.asarray(_expanded(v, a.shape, axis))
    extremes = v.reshape(-1)
    square = extremes.dot(extremes)  # NaN if one of them is NaN
    is_known = difference is not None and square < math.inf  # infinity minus infinity is not 0
    ties = np.asarray(difference == 0.0 if is_known else a == v)
    if np.count_nonzero(ties) == v.size and square >= 0.0:
        return ties.astype(a.dtype)  # each extreme occurs once
    count = np.count_nonzero(ties, axis=axis, keepdims=True)
    dtype = np.result_type(a.dtype, np.float32)  # half precision cannot count beyond 65,504
    return np.divide(ties, count, dtype=dtype).astype(a.dtype, copy=False)


shares = Rule(  # a step function: its slope is 0
    "shares",
    _shares_of,
    (
        lambda bar, v, m, a, axis: np.zeros(shape_of(m)),
        lambda bar, v, m, a, axis: np.zeros(shape_of(a)),
    ),
    lambda dots, v, m, a, axis: 0.0,
    cost=operation_counts.of_comparisons,
    reach=lambda m, a, axis: 0.0,
)


def _extremum(name: str, evaluate: Callable[..., Any]) -> Rule:
    def push(dots: Any, v: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
        return (dots[0] * shares(v, a, axis=axis)).sum(axis=axis, keepdims=keepdims)

    def pull(bar: Any, v: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
        return _expanded(bar, shape_of(a), axis) * shares(v, a, axis=axis)

    def where_it_lies(k: int, shapes: Any, axis: Axis, keepdims: bool) -> str:
        size = "largest" if name == "max" else "smallest"
        return f"where {{0}} is {size}{_along(shapes[0], axis)}"

    return Rule(
        name,
        evaluate,
        (pull,),
        push,
        cost=operation_counts.of_extremum,
        reach=np.sum,
        series=lambda k, v, a, **along: push([a(k)], v(0), a(0), **along),  # linear on each piece
        pull_formula=lambda *args, **along: "{bar} " + where_it_lies(*args, **along),
        push_formula=lambda *args, **along: "{dot} " + where_it_lies(*args, **along),
        code=f"{name}_along",  # Python's own max is another function
    )


REDUCTION_RULES = (
    Rule(
        "sum",
        np.add.reduce,
        (_sum_pull,),
        cost=operation_counts.of_sum,
        batched=batched_rules.summing,
        pull_formula=_pull_formula_of_sum,
        code=_sum_code,
    ),
    Rule(
        "sum_to",
        sum_to,
        (lambda bar, v, a, shape: spread_to(bar, shape_of(a), a),),
        prepare=lambda a, shape: summation(a.shape, shape, a.dtype),
        cost=operation_counts.of_sum,
        batched=batched_rules.sum_to_shape,
        pull_formula=lambda k, shapes, shape: f"{{bar}} spread to {dimensions(shapes[0])}",
    ),
    _extremum("max", np.maximum.reduce),
    _extremum("min", np.minimum.reduce),
    Rule(
        "cumsum",
        lambda a, axis: np.cumsum(a, axis),
        (_cumsum_pull,),
        cost=operation_counts.of_cumulative_sum,
        batched=batched_rules.along_axis(np.cumsum),
        pull_formula=_pull_formula_of_cumsum,
    ),
)
