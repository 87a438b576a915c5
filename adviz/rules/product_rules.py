"""The rules of products of matrices, of stacks of matrices, and of contractions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adviz.core.arrays import is_complex, shape_of
from adviz.core.variable import value_of
from adviz.rules import batched_rules, operation_counts
from adviz.rules.broadcasting import sum_over
from adviz.rules.moving_rules import scatter
from adviz.rules.operands import number_or_array
from adviz.rules.rule import Rule

__all__ = ["PRODUCT_RULES", "conj_transposed", "transposed"]


def transposed(a: Any) -> Any:
    """Return a stack with each matrix transposed."""
    return a.swapaxes(-1, -2)


def conj_transposed(a: Any) -> Any:
    """Return a stack with each matrix transposed, and conjugated if it is complex."""
    return np.conj(transposed(a)) if is_complex(a) else transposed(a)


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


def _pull_formula_of_product(k: int, shapes: Any) -> str:
    """Return it with vectors as columns: X̄ = v̄ wᵀ for X w, W̄ = x v̄ᵀ for x W."""
    left, right = map(len, shapes)
    if left == right == 1:
        return "{bar}·{1}" if k == 0 else "{bar}·{0}"
    if left == 1:
        return "{1} {bar}" if k == 0 else "{0} {bar}ᵀ"
    stacks = shapes[0][:-2], shapes[1][:-2]
    written = "{bar} {1}ᵀ" if k == 0 else "{0}ᵀ {bar}"
    matrix = (-1, -1)
    return sum_over((*np.broadcast_shapes(*stacks), *matrix), (*stacks[k], *matrix)) + written


def _einsum(*operands: Any, subscripts: str) -> Any:
    """Return a contraction by the fastest path, in memory as ``np.einsum`` would leave it."""
    result = np.einsum(subscripts, *operands, optimize=True)
    if result.ndim < 2:
        return number_or_array(result)
    place = _place_of_einsum(operands, subscripts)
    if place.strides != result.strides:
        place[...] = result
        result = place
    return result


def _place_of_einsum(operands: Any, subscripts: str) -> Any:
    """Return the array that the loop of ``np.einsum`` would write its result into."""
    terms, result = subscripts.split("->")
    letters = result + "".join(sorted(set(terms) - set(result + ",")))
    axes = [[name.find(letter) for letter in letters] for name in [*terms.split(","), result]]
    roles = [["readonly"]] * len(operands) + [["readwrite", "allocate"]]
    flags = ["buffered", "delay_bufalloc", "reduce_ok", "zerosize_ok"]
    loop: Any = np.nditer
    return loop((*operands, None), flags, roles, op_axes=axes).operands[-1]


def _einsum_pull(k: int, bar: Any, v: Any, *operands: Any, subscripts: str) -> Any:
    """Contract the adjoint with the other operands.

    An index that only operand k has was summed over; it comes back as a factor of ones.
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
    subscripts = ",".join([result, *others]) + "->" + wanted
    if all(isinstance(array, (np.ndarray, np.generic, float)) for array in (bar, *arrays)):
        return _einsum(bar, *arrays, subscripts=subscripts)
    return np.einsum(subscripts, bar, *arrays)


def _pull_formula_of_einsum(k: int, shapes: Any, subscripts: str) -> str | None:
    """Return it in index notation: the adjoint times the other operands."""
    terms, result = subscripts.split("->")
    names = terms.split(",")
    if not subscripts.isascii() or any(len(set(name)) < len(name) for name in (*names, result)):
        return None
    factors = [("bar", result), *((str(j), name) for j, name in enumerate(names) if j != k)]
    summed = sorted({letter for _, name in factors for letter in name} - set(names[k]))
    written = " ".join(
        f"{{{factor}}}_{name}" if name else f"{{{factor}}}" for factor, name in factors
    )
    return (f"∑[{', '.join(summed)}] " if summed else "") + written


def _places_of_einsum(a: Any, subscripts: str) -> Any:
    """Return where in the flattened operand the entries of a view are."""
    shape = shape_of(a)
    return np.einsum(subscripts, np.arange(math.prod(shape)).reshape(shape))


def _einsum_view_pull(bar: Any, v: Any, a: Any, subscripts: str) -> Any:
    size = math.prod(shape_of(a))
    return scatter(bar, key=_places_of_einsum(a, subscripts), shape=(size,)).reshape(shape_of(a))


def _assigned_through_einsum(base: Any, part: Any, subscripts: str) -> Any:
    whole = np.copy(np.ravel(base))
    whole[_places_of_einsum(base, subscripts)] = part
    return whole.reshape(base.shape)


PRODUCT_RULES = (
    Rule(
        "matmul",
        np.matmul,
        (_left_of_product, _right_of_product),
        cost=operation_counts.of_matmul,
        batched=batched_rules.matrix_product,
        formula="{0} {1}",
        pull_formula=_pull_formula_of_product,
        code="{0} @ {1}",
    ),
    Rule(
        "einsum",
        _einsum,
        _einsum_pull,
        cost=operation_counts.of_einsum,
        batched=batched_rules.contracting,
        formula="einsum {subscripts}({...})",
        pull_formula=_pull_formula_of_einsum,
    ),
    Rule(
        "einsum_view",
        lambda a, subscripts: np.einsum(subscripts, a),
        (_einsum_view_pull,),
        is_view=True,
        assigned_through=_assigned_through_einsum,
        cost=operation_counts.of_moving,
        batched=batched_rules.contracting,
        formula="einsum {subscripts}({...})",
        pull_formula=("each entry of {bar} back to its place",),
    ),
)
