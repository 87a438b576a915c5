"""The rules of operations that only move entries: reshaping, joining, copying, indexing.

They are linear and need no arithmetic: an adjoint goes back to where its entry came from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import is_complex, shape_of
from adviz.core.variable import value_of
from adviz.rules import batched_rules, operation_counts
from adviz.rules.batching import (
    Batch,
    aligned,
    batch_size,
    flat_indices,
    index_of_stack,
    is_basic,
    stacked,
)
from adviz.rules.broadcasting import spread_to, sum_over
from adviz.rules.operands import dimensions, number_or_array
from adviz.rules.rule import Rule

__all__ = [
    "MOVING_RULES",
    "broadcast_to",
    "conj",
    "imag",
    "real",
    "rearranging",
    "scatter",
    "transpose",
]

_FREE = operation_counts.of_moving


# -- shapes --------------------------------------------------------------------------------------


def _reshaped(a: Any, shape: Any) -> Any:
    reshaped = np.reshape(a, shape)
    return reshaped[()] if reshaped.__class__ is np.ndarray and shape == () else reshaped


def _flat(a: Any) -> Any:
    return np.ravel(a)


def _copied(a: Any, order: Any = "K") -> Any:
    """Return an array in a memory order; nobody writes into values, so it may be the same array."""
    if order == "K":
        return a if a.flags.forc else a.copy("K")
    return np.asarray(a, order=order)


def _concatenate_pull(k: int, bar: Any, v: Any, *operands: Any, axis: int) -> Any:
    start = sum(shape_of(operand)[axis] for operand in operands[:k])
    stop = start + shape_of(operands[k])[axis]
    return bar[(slice(None),) * (axis % len(v.shape)) + (slice(start, stop),)]


def _stack_pull(k: int, bar: Any, v: Any, *operands: Any, axis: int) -> Any:
    return bar[(slice(None),) * axis + (k,)]


def _pull_formula_of_concatenate(k: int, shapes: Any, axis: int) -> str:
    start = sum(shape[axis] for shape in shapes[:k])
    before = ":, " * (axis % len(shapes[k]))
    return f"{{bar}}[{before}{start}:{start + shapes[k][axis]}]"


def _pull_formula_of_reshape(k: int, shapes: Any, **parameters: Any) -> str:
    (shape,) = shapes
    if len(shape) < 2:
        return f"{{bar}} as {shape[0]} entries" if shape else "{bar} as a number"
    return f"{{bar}} as {dimensions(shape)}"


transpose = Rule(
    "transpose",
    lambda a, axes: np.transpose(a, axes),
    (lambda bar, v, a, axes: np.transpose(bar, tuple(np.argsort(axes))),),
    is_view=True,
    assigned_through=lambda base, part, axes: np.transpose(part, np.argsort(axes)),
    cost=_FREE,
    batched=batched_rules.transposing,
    formula=lambda axes: "{0}ᵀ" if axes == (1, 0) else None,
    pull_formula=lambda k, shapes, axes: (
        "{bar}ᵀ"
        if axes == (1, 0)
        else f"transpose({{bar}}, axes = {tuple(map(int, np.argsort(axes)))})"
    ),
    code=lambda axes: "{0}.T" if axes == (1, 0) else "{0}.transpose({axes})",
)

broadcast_to = Rule(
    "broadcast_to",
    spread_to,
    (lambda bar, v, a, shape: bar,),
    is_view=True,
    cost=_FREE,
    batched=batched_rules.broadcasting,
    pull_formula=lambda k, shapes, shape: sum_over(shape, shapes[0]) + "{bar}",
)


def rearranging(
    function: Callable[..., Any],
    is_view: bool = False,
    back: Callable[..., Any] | None = None,
    pull_formula: str = "each entry of {bar} back to its place",
) -> Rule:
    """Return the rule of a function that only moves, repeats or leaves out entries.

    Its transpose is found by applying the function to the positions of the entries. ``back`` is
    its inverse, if it is a view that can be written into.
    """

    def pull(bar: Any, v: Any, a: Any, args: Any, options: Any) -> Any:
        size, shape = int(np.prod(shape_of(a))), shape_of(a)
        origin = function(np.arange(size).reshape(shape), *args, **options)
        return scatter(bar, key=origin, shape=(size,)).reshape(shape)

    return Rule(
        function.__name__,
        lambda a, args, options: function(a, *args, **options),
        (pull,),
        is_view=is_view,
        assigned_through=back and (lambda base, part, args, options: back(part, *args, **options)),
        cost=_FREE,
        batched=batched_rules.rearranging(function),
        pull_formula=(pull_formula,),
    )


def _turned_back(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    return np.rot90(m, -k, axes)


# -- indices -------------------------------------------------------------------------------------


def _scattered(a: Any, key: Any, shape: tuple[int, ...]) -> Any:
    kind = a.__class__
    dtype = np.float64 if kind is float else a.dtype if kind is np.ndarray else np.result_type(a)
    out = np.zeros(shape, dtype, "F" if kind is np.ndarray and a.flags.fnc else "C")  # as np.pad
    for part in key if isinstance(key, tuple) else (key,):
        if isinstance(part, np.ndarray) and part.dtype.kind != "b":
            np.add.at(out, key, a)
            return out
    out[key] = a
    return out


def _each_scattered(a: Batch, key: Any, shape: tuple[int, ...]) -> Batch:
    count, size = shape_of(a.stack)[0], int(np.prod(shape))
    if is_basic(key):
        return Batch(scatter(a.stack, key=index_of_stack(key), shape=(count, *shape)))
    to = np.add.outer(size * np.arange(count), flat_indices(shape, key)).reshape(-1)
    flat = scatter(a.stack.reshape((to.size,)), key=to, shape=(count * size,))
    return Batch(flat.reshape((count, *shape)))


scatter = Rule(
    "scatter",
    _scattered,
    (lambda bar, v, a, key, shape: bar[key],),
    cost=_FREE,
    batched=_each_scattered,
    formula="place({0}, into {shape}[{key}])",
    pull_formula=("{bar}[{key}]",),
)


def _scattered_back(bar: Any, v: Any, a: Any, key: Any) -> Any:
    return scatter(bar, key=key, shape=shape_of(a))


def _add_to_part(total: Any, bar: Any, key: Any) -> None:
    total[key] += bar


def _set(a: Any, b: Any, key: Any) -> Any:
    out = np.array(a, dtype=np.result_type(a, b) if np.iscomplexobj(b) else None)
    out[key] = b
    return out


def _each_set(a: Any, b: Any, key: Any) -> Batch:
    shape, to = shape_of(a), flat_indices(shape_of(a), key)
    count = batch_size((a, b))
    flat = stacked(a, count, shape).reshape((count, int(np.prod(shape))))
    ones = len(shape_of(b)) - np.ndim(to)  # leading axes that an assignment drops
    parts = stacked(b.reshape(shape_of(b)[ones:]) if ones > 0 else b, count, np.shape(to))
    return Batch(_setitem(flat, parts, key=(slice(None), to)).reshape((count, *shape)))


def _kept_by_set(bar: Any, v: Any, a: Any, b: Any, key: Any) -> Any:
    kept = np.ones(shape_of(a), dtype=bool)
    kept[key] = False
    return np.where(kept, bar, 0.0)


def _set_by_set(bar: Any, v: Any, a: Any, b: Any, key: Any) -> Any:
    """Pull back to what was assigned: where an index occurs twice, the last value counts."""
    places = np.zeros(shape_of(a), dtype=np.intp)
    order = np.arange(np.size(places[key])).reshape(np.shape(places[key]))
    places[key] = order
    return np.where(places[key] == order, bar[key], 0.0)


_setitem = Rule(
    "setitem",
    _set,
    (_kept_by_set, _set_by_set),
    "together",
    cost=_FREE,
    batched=_each_set,
    formula="{0}[{key}] ← {1}",
    pull_formula=("{bar} with 0 in place [{key}]", "{bar}[{key}]"),
)


# -- choosing between two ------------------------------------------------------------------------


def _where_formula(condition: Any) -> str:
    return f"where({np.count_nonzero(condition)} of {np.size(condition)}, {{0}}, {{1}})"


def _pull_formula_of_where(k: int, shapes: Any, condition: Any) -> str:
    written = _where_formula(condition).format(*("{bar}", "0") if k == 0 else ("0", "{bar}"))
    whole = np.broadcast_shapes(np.shape(condition), *shapes)
    return sum_over(whole, shapes[k]) + written


_where: Rule = Rule(
    "where",
    lambda a, b, condition: number_or_array(np.where(condition, a, b)),
    (
        lambda bar, v, a, b, condition: _where(bar, 0.0, condition=condition),
        lambda bar, v, a, b, condition: _where(0.0, bar, condition=condition),
    ),
    "together",
    hands_on="b",
    cost=_FREE,
    batched=lambda a, b, condition: Batch(np.where(*aligned([condition, a, b]))),
    formula=_where_formula,
    pull_formula=_pull_formula_of_where,
)


# -- entry by entry ------------------------------------------------------------------------------


def _itself(a: Any, **parameters: Any) -> Any:
    """Return the sets unchanged: each entry depends on the one in its position."""
    return a


def _assigned_through_real(base: Any, part: Any) -> Any:
    return part + 1j * np.imag(base) if is_complex(base) else np.copy(part)


real = Rule(
    "real",
    np.real,
    (lambda bar, v, a: bar + 0j if np.iscomplexobj(value_of(a)) else bar,),
    is_view=True,
    assigned_through=_assigned_through_real,
    reach=_itself,
    batched=batched_rules.of_stack(np.real),
    pull_formula=("{bar}",),
)
imag = Rule(
    "imag",
    np.imag,
    (lambda bar, v, a: -1j * bar,),
    reach=_itself,
    batched=batched_rules.of_stack(np.imag),
    pull_formula=("−i·{bar}",),
)
conj = Rule(
    "conj",
    np.conj,
    (lambda bar, v, a: np.conj(bar),),
    reach=_itself,
    batched=batched_rules.of_stack(np.conj),
    pull_formula=("conj({bar})",),
)

MOVING_RULES = (
    Rule(
        "reshape",
        _reshaped,
        (lambda bar, v, a, shape: _reshaped(bar, shape_of(a)),),
        is_view=np.may_share_memory,
        assigned_through=lambda base, part, shape: np.reshape(part, base.shape),
        cost=_FREE,
        batched=batched_rules.reshaping,
        pull_formula=_pull_formula_of_reshape,
        code=lambda shape: "{0}.reshape({shape})" if shape else None,
    ),
    transpose,
    broadcast_to,
    Rule(
        "concatenate",
        lambda *operands, axis: np.concatenate(operands, axis),
        _concatenate_pull,
        "together",
        cost=_FREE,
        batched=batched_rules.concatenating,
        pull_formula=_pull_formula_of_concatenate,
    ),
    Rule(
        "stack",
        lambda *operands, axis: np.stack(operands, axis),
        _stack_pull,
        "together",
        cost=_FREE,
        batched=batched_rules.stacking,
        pull_formula=lambda k, shapes, axis: f"{{bar}}[{':, ' * axis}{k}]",
    ),
    Rule(
        "getitem",
        lambda a, key: a[key],
        (_scattered_back,),
        hands_on="iu",
        parameters_may_fail=True,
        cost=_FREE,
        batched=lambda a, key: a[key],
        formula="{0}[{key}]",
        pull_formula=("{bar} into place [{key}]",),
        code="{0}[{key}]",
    ),
    Rule(
        "view",
        lambda a, key: a[key],
        (_scattered_back,),
        is_view=True,
        assigned_through=lambda base, part, key: _setitem(base, part, key=key),
        put=_add_to_part,
        cost=_FREE,
        batched=lambda a, key: a[key],
        formula="{0}[{key}]",
        pull_formula=("{bar} into place [{key}]",),
        code="{0}[{key}]",
    ),
    _setitem,
    scatter,
    _where,
    Rule(
        "ravel",
        np.ravel,
        (lambda bar, v, a: _reshaped(bar, shape_of(a)),),
        is_view=np.may_share_memory,
        assigned_through=lambda base, part: np.reshape(part, base.shape),
        cost=_FREE,
        batched=lambda a: a.reshape(-1),
        pull_formula=_pull_formula_of_reshape,
        code="{0}.ravel()",
    ),
    Rule(
        "flat",
        _flat,
        (lambda bar, v, a: _reshaped(bar, shape_of(a)),),
        is_view=True,
        assigned_through=lambda base, part: np.reshape(part, base.shape),
        cost=_FREE,
        batched=lambda a: a.reshape(-1),
        pull_formula=_pull_formula_of_reshape,
    ),
    Rule(
        "copy",
        _copied,
        (lambda bar, v, a, order="K": bar,),
        cost=_FREE,
        batched=lambda a, order="K": a,
        pull_formula=("{bar}",),
    ),
    Rule(
        "astype",
        lambda a, dtype: a.astype(dtype, copy=False),
        (lambda bar, v, a, dtype: bar,),
        cost=_FREE,
        reach=_itself,
        batched=lambda a, dtype: a.astype(dtype),
        pull_formula=("{bar}",),
    ),
    real,
    imag,
    conj,
    rearranging(np.roll, pull_formula="{bar} rolled back"),
    rearranging(np.take, pull_formula="{bar} into the places taken"),
    rearranging(np.delete, pull_formula="{bar} into the places kept"),
    rearranging(np.take_along_axis, pull_formula="{bar} into the places taken"),
    *(
        rearranging(function, pull_formula="∑[copies] {bar}")
        for function in (np.pad, np.tile, np.repeat, np.resize)
    ),
    rearranging(np.flip, is_view=True, back=np.flip, pull_formula="{bar} flipped back"),
    rearranging(np.rot90, is_view=True, back=_turned_back, pull_formula="{bar} turned back"),
    rearranging(np.diagonal, is_view=True, pull_formula="{bar} on the diagonal"),
    rearranging(
        np.lib.stride_tricks.sliding_window_view, is_view=True, pull_formula="∑[windows] {bar}"
    ),
)
