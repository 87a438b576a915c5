"""The number of arithmetic operations of array rules, from the shapes of their operands.

Each function here is the ``cost`` of rules. The convention is that of :mod:`adviz.costs.counting`:
moving entries is free, a matrix product counts its multiplications and additions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

__all__ = [
    "Cost",
    "of_comparisons",
    "of_cumulative_sum",
    "of_einsum",
    "of_extremum",
    "of_matmul",
    "of_moving",
    "of_sum",
]

Shape = tuple[int, ...]


class Cost(NamedTuple):
    """The numbers of operations of a row.

    Attributes
    ----------
    primal : int
        For the value.
    push : int
        For the term of the tangent that belongs to one operand.
    pulls : sequence of int, optional
        For the contribution to the adjoint of each operand. Left out by rules that are linear in
        each operand: there each entry receives a sum of products, which is counted entry by entry.
    """

    primal: int
    push: int
    pulls: Sequence[int] | None = None


def of_moving(shapes: Sequence[Shape], shape: Shape, /, **parameters: Any) -> Cost:
    """Count nothing: entries only move. The adjoints of the copies of an entry are added."""
    return Cost(0, 0)


def of_sum(shapes: Sequence[Shape], shape: Shape, /, **parameters: Any) -> Cost:
    """Count an addition for each entry that is summed away.

    Examples
    --------
    >>> of_sum([(3, 4)], (3,))
    Cost(primal=9, push=9, pulls=None)
    """
    additions = math.prod(shapes[0]) - math.prod(shape)
    return Cost(additions, additions)


def of_cumulative_sum(shapes: Sequence[Shape], shape: Shape, /, axis: int) -> Cost:
    """Count an addition for each entry but the first of every line."""
    additions = math.prod(shape) - math.prod(shape) // max(1, shape[axis])
    return Cost(additions, additions, [additions])


def of_extremum(shapes: Sequence[Shape], shape: Shape, /, **parameters: Any) -> Cost:
    """Count two operations for each entry left out, as for ``np.maximum``, and the partials.

    The share of an entry in the slope is computed and multiplied by, unless it is the only entry.
    """
    entries = math.prod(shapes[0])
    left_out = entries - math.prod(shape)
    shared = 2 * entries if left_out else 0
    return Cost(2 * left_out, shared + left_out, [shared])


def of_comparisons(shapes: Sequence[Shape], shape: Shape, /, **parameters: Any) -> Cost:
    """Count a comparison for each entry of the result, which has no slope."""
    return Cost(math.prod(shape), 0, [0] * len(shapes))


def of_matmul(shapes: Sequence[Shape], shape: Shape, /) -> Cost:
    """Count the multiplications and additions of a product of matrices.

    Examples
    --------
    >>> of_matmul([(3, 4), (4,)], (3,))
    Cost(primal=21, push=21, pulls=None)
    """
    return _of_products(math.prod(shape) * shapes[0][-1], len(shapes), shape)


def of_einsum(shapes: Sequence[Shape], shape: Shape, /, subscripts: str) -> Cost:
    """Count the multiplications and additions of a contraction."""
    terms = subscripts.split("->")[0].split(",")
    lengths = {
        letter: length
        for term, operand in zip(terms, shapes, strict=True)
        for letter, length in zip(term, operand, strict=True)
    }
    if len(shapes) == 1:
        return of_sum(shapes, shape)
    return _of_products(math.prod(lengths.values()), len(shapes), shape)


def _of_products(products: int, factors: int, shape: Shape) -> Cost:
    """Count the operations of sums of products: all multiplications, and the additions."""
    forth = factors * products - math.prod(shape)
    return Cost(forth, forth)
