"""The rules of array operations: linear maps with their transposes, and a few that are not linear.

What else NumPy offers is written with these in :mod:`adviz.rules.functions`. Choices where no
derivative exists: entries that tie for a maximum or a minimum share its slope equally.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adviz.core.broadcasting import shape_of, spread_to, sum_to, summation
from adviz.core.variable import value_of
from adviz.rules.batching import Batch, behind, count_in, is_basic, places, stacked
from adviz.rules.rule import Rule

__all__ = ["RULES", "conj", "imag", "real", "rearranging", "scatter", "shares"]

Axis = int | tuple[int, ...] | None


# -- reductions ----------------------------------------------------------------------------------


def _kept(shape: Sequence[int], axis: Axis) -> tuple[int, ...]:
    """Return the shape that a reduction leaves with keepdims."""
    if axis is None:
        return (1,) * len(shape)
    kept = list(shape)
    for a in (axis,) if isinstance(axis, int) else axis:
        kept[a] = 1
    return tuple(kept)


def _expanded(reduced: Any, shape: Sequence[int], axis: Axis) -> Any:
    """Return what a reduction left, broadcastable to the shape it began with."""
    left = shape_of(reduced)
    if not left or len(left) == len(shape):
        return reduced
    return reduced.reshape(_kept(shape, axis))


def _sum_pull(bar: Any, v: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
    shape = shape_of(a)
    return spread_to(_expanded(bar, shape, axis), shape, a)


def _shares_of(v: Any, a: Any, apart: Any = None, *, axis: Axis) -> Any:
    """Return how much of a maximum or minimum each entry is: ties share equally.

    ``apart`` is a - v, where that is known: to compare it with 0 takes half the time.
    """
    a = np.asarray(a)
    if v.__class__ is not np.ndarray or v.ndim != a.ndim:
        v = np.asarray(_expanded(v, a.shape, axis))
    extremes = v.reshape(-1)
    square = extremes.dot(extremes)  # NaN if one is
    is_known = apart is not None and square < math.inf  # infinity minus infinity is not 0
    ties = apart == 0.0 if is_known else a == v
    if np.count_nonzero(ties) == v.size and square >= 0.0:
        return ties.astype(a.dtype)  # nothing ties
    count = np.count_nonzero(ties, axis=axis, keepdims=True)
    return np.divide(ties, count, dtype=a.dtype)


shares = Rule(  # a step function: its slope is 0
    "shares",
    _shares_of,
    (
        lambda bar, v, m, a, axis: np.zeros(shape_of(m)),
        lambda bar, v, m, a, axis: np.zeros(shape_of(a)),
    ),
    lambda dots, v, m, a, axis: 0.0,
)


_ROWS, _LENGTH = 32, 256
"""With so many rows or more, of so many entries or fewer, NumPy takes twice as long for their
extremes as for the places of these. (Where 0 and -0 tie, the sign may not be NumPy's.)"""


def _extremum(name: str, along: Callable[..., Any], place: Callable[..., Any]) -> Rule:
    def evaluate(a: Any, axis: Axis, keepdims: bool) -> Any:
        return prepare(a, axis, keepdims)(a)

    def prepare(a: Any, axis: Axis, keepdims: bool) -> Callable[[Any], Any]:
        def reduced(a: Any) -> Any:
            return along(a, axis=axis, keepdims=keepdims)

        if a.__class__ is not np.ndarray or a.ndim != 2 or axis not in (1, -1):
            return reduced
        rows, length = a.shape
        if rows < _ROWS or not 1 <= length <= _LENGTH or not a.dtype.isnative:
            return reduced
        starts = np.arange(0, rows * length, length)
        to = (rows, 1) if keepdims else (rows,)

        def taken(a: Any) -> Any:
            if not a.flags.c_contiguous:
                return reduced(a)
            places = place(a, 1)
            places += starts
            return a.take(places.reshape(to))

        return taken

    def push(dots: Any, v: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
        return (dots[0] * shares(v, a, axis=axis)).sum(axis=axis, keepdims=keepdims)

    def pull(bar: Any, v: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
        return _expanded(bar, shape_of(a), axis) * shares(v, a, axis=axis)

    return Rule(name, evaluate, (pull,), push, prepare=prepare)


# -- products ------------------------------------------------------------------------------------


def transposed(a: Any) -> Any:
    """Return the matrices of a stack transposed."""
    return a.swapaxes(-1, -2)


def _left_of_product(bar: Any, v: Any, a: Any, b: Any) -> Any:
    if len(b.shape) == 1:
        return bar * b if len(a.shape) == 1 else bar[..., None] * b
    if len(a.shape) == 1:
        return b @ bar if len(b.shape) == 2 else (b @ bar[..., None])[..., 0]
    return bar @ transposed(b)


def _right_of_product(bar: Any, v: Any, a: Any, b: Any) -> Any:
    if len(a.shape) == 1:
        return a * bar if len(b.shape) == 1 else a[:, None] * bar[..., None, :]
    if len(b.shape) == 1:
        return a.T @ bar if len(a.shape) == 2 else (transposed(a) @ bar[..., None])[..., 0]
    return transposed(a) @ bar


def _einsum_pull(k: int, bar: Any, v: Any, *operands: Any, subscripts: str) -> Any:
    """Contract the adjoint with the other operands.

    An index of operand k alone, which was summed over, is put back as ones.
    """
    terms, result = subscripts.split("->")
    names = terms.split(",")
    others = [name for j, name in enumerate(names) if j != k]
    arrays = [operand for j, operand in enumerate(operands) if j != k]
    wanted = names[k]
    lengths = dict(zip(wanted, shape_of(operands[k]), strict=True))
    for letter in wanted:
        if letter not in result and not any(letter in name for name in others):
            others.append(letter)
            arrays.append(np.ones(lengths[letter], value_of(operands[k]).dtype))
    return np.einsum(",".join([result, *others]) + "->" + wanted, bar, *arrays, optimize=True)


def _number_or_array(result: Any) -> Any:
    """Return what an array without axes holds, and any other as it is."""
    return result[()] if result.__class__ is np.ndarray and not result.ndim else result


# -- moving entries about ------------------------------------------------------------------------


def _reshaped(a: Any, shape: Any) -> Any:
    reshaped = np.reshape(a, shape)
    return reshaped[()] if reshaped.__class__ is np.ndarray and shape == () else reshaped


def _reshape_pull(bar: Any, v: Any, a: Any, shape: Any) -> Any:
    return _reshaped(bar, shape_of(a))


def _scattered(a: Any, key: Any, shape: tuple[int, ...]) -> Any:
    if a.__class__ is Batch:
        return _each_scattered(a, key, shape)
    kind = a.__class__
    dtype = np.float64 if kind is float else a.dtype if kind is np.ndarray else np.result_type(a)
    out = np.zeros(shape, dtype)
    for part in key if isinstance(key, tuple) else (key,):
        if isinstance(part, np.ndarray) and part.dtype.kind != "b":
            np.add.at(out, key, a)
            return out
    out[key] = a
    return out


def _put(total: Any, bar: Any, key: Any) -> None:
    total[key] += bar


def _each_scattered(a: Batch, key: Any, shape: tuple[int, ...]) -> Batch:
    count, size = shape_of(a.stack)[0], math.prod(shape)
    if is_basic(key):
        return Batch(scatter(a.stack, key=behind(key), shape=(count, *shape)))
    to = np.add.outer(size * np.arange(count), places(shape, key)).reshape(-1)
    flat = scatter(a.stack.reshape((to.size,)), key=to, shape=(count * size,))
    return Batch(flat.reshape((count, *shape)))


scatter = Rule("scatter", _scattered, (lambda bar, v, a, key, shape: bar[key],))


def _set(a: Any, b: Any, key: Any) -> Any:
    if a.__class__ is Batch or b.__class__ is Batch:
        return _each_set(a, b, key)
    out = np.array(a, dtype=np.result_type(a, b) if np.iscomplexobj(b) else None)
    out[key] = b
    return out


def _each_set(a: Any, b: Any, key: Any) -> Batch:
    shape, to = shape_of(a), places(shape_of(a), key)
    count = count_in((a, b))
    flat = stacked(a, count, shape).reshape((count, math.prod(shape)))
    parts = stacked(b, count, np.shape(to))
    return Batch(RULES["setitem"](flat, parts, key=(slice(None), to)).reshape((count, *shape)))


def _kept_by_set(bar: Any, v: Any, a: Any, b: Any, key: Any) -> Any:
    kept = np.ones(shape_of(a), dtype=bool)
    kept[key] = False
    return np.where(kept, bar, 0.0)


def _set_by_set(bar: Any, v: Any, a: Any, b: Any, key: Any) -> Any:
    """Pull back to what was assigned: where an index came twice, the last one counts."""
    places = np.zeros(shape_of(a), dtype=np.intp)
    order = np.arange(np.size(places[key])).reshape(np.shape(places[key]))
    places[key] = order
    return np.where(places[key] == order, bar[key], 0.0)


def _concatenate_pull(k: int, bar: Any, v: Any, *operands: Any, axis: int) -> Any:
    start = sum(shape_of(operand)[axis] for operand in operands[:k])
    stop = start + shape_of(operands[k])[axis]
    return bar[(slice(None),) * (axis % len(v.shape)) + (slice(start, stop),)]


def _stack_pull(k: int, bar: Any, v: Any, *operands: Any, axis: int) -> Any:
    return bar[(slice(None),) * axis + (k,)]


def _cumsum_pull(bar: Any, v: Any, a: Any, axis: int) -> Any:
    return np.flip(np.cumsum(np.flip(bar, axis), axis), axis)


def rearranging(function: Callable[..., Any], is_view: bool = False) -> Rule:
    """Return the rule of a function that only moves, repeats or leaves out entries.

    Its transpose comes from where it moves the numbers of the entries.
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
    )


real = Rule("real", np.real, (lambda bar, v, a: bar + 0j if np.iscomplexobj(value_of(a)) else bar,))
imag = Rule("imag", np.imag, (lambda bar, v, a: -1j * bar,))
conj = Rule("conj", np.conj, (lambda bar, v, a: np.conj(bar),))

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("sum", np.add.reduce, (_sum_pull,)),
        Rule(
            "sum_to",
            sum_to,
            (lambda bar, v, a, shape: spread_to(bar, shape_of(a), a),),
            prepare=lambda a, shape: summation(a.shape, shape, a.dtype),
        ),
        _extremum("max", np.maximum.reduce, np.ndarray.argmax),
        _extremum("min", np.minimum.reduce, np.ndarray.argmin),
        Rule("cumsum", lambda a, axis: np.cumsum(a, axis), (_cumsum_pull,)),
        Rule("matmul", np.matmul, (_left_of_product, _right_of_product)),
        Rule(
            "einsum",
            lambda *operands, subscripts: _number_or_array(
                np.einsum(subscripts, *operands, optimize=True)
            ),
            _einsum_pull,
        ),
        Rule(
            "where",
            lambda a, b, condition: _number_or_array(np.where(condition, a, b)),
            (
                lambda bar, v, a, b, condition: RULES["where"](bar, 0.0, condition=condition),
                lambda bar, v, a, b, condition: RULES["where"](0.0, bar, condition=condition),
            ),
            "together",
            hands_on="b",
        ),
        Rule("reshape", _reshaped, (_reshape_pull,), is_view=True),
        Rule(
            "transpose",
            lambda a, axes: np.transpose(a, axes),
            (lambda bar, v, a, axes: np.transpose(bar, tuple(np.argsort(axes))),),
            is_view=True,
        ),
        Rule(
            "broadcast_to",
            spread_to,
            (lambda bar, v, a, shape: bar,),
            is_view=True,
        ),
        Rule(
            "concatenate",
            lambda *operands, axis: np.concatenate(operands, axis),
            _concatenate_pull,
            "together",
        ),
        Rule("stack", lambda *operands, axis: np.stack(operands, axis), _stack_pull, "together"),
        Rule(
            "getitem",
            lambda a, key: a[key],
            (lambda bar, v, a, key: scatter(bar, key=key, shape=shape_of(a)),),
            hands_on="iu",
        ),
        Rule(
            "view",
            lambda a, key: a[key],
            (lambda bar, v, a, key: scatter(bar, key=key, shape=shape_of(a)),),
            is_view=True,
            put=_put,
        ),
        Rule("setitem", _set, (_kept_by_set, _set_by_set), "together"),
        Rule("copy", lambda a: a, (lambda bar, v, a: bar,)),
        Rule("astype", lambda a, dtype: a.astype(dtype), (lambda bar, v, a, dtype: bar,)),
        scatter,
        real,
        imag,
        conj,
        *(
            rearranging(function)
            for function in (
                np.roll,
                np.rot90,
                np.tile,
                np.repeat,
                np.take,
                np.delete,
                np.resize,
                np.take_along_axis,
                np.pad,
            )
        ),
        *(
            rearranging(function, is_view=True)
            for function in (np.flip, np.diagonal, np.lib.stride_tricks.sliding_window_view)
        ),
    )
}
"""Every rule by its name."""
