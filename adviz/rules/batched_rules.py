"""Evaluation of array rules for all arrays of a batch together.

Each function here is the ``batched`` of a rule, or returns it: it takes the operands of the rule,
at least one of them a batch, and its parameters, and returns a batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.rules.batching import (
    Batch,
    aligned,
    axes_of_stack,
    batch_size,
    flat,
    flat_indices,
    stacked,
)
from adviz.rules.broadcasting import sum_to

__all__ = [
    "along_axis",
    "broadcasting",
    "concatenating",
    "contracting",
    "matrix_product",
    "of_stack",
    "rearranging",
    "reshaping",
    "solving",
    "stacking",
    "sum_to_shape",
    "summing",
    "transposing",
]

Axis = int | tuple[int, ...] | None


def summing(a: Batch, axis: Axis, keepdims: bool) -> Batch:
    """Sum each array along axes."""
    return a.sum(axis, keepdims=keepdims)


def sum_to_shape(a: Batch, shape: tuple[int, ...]) -> Batch:
    """Sum each array to a shape that it was broadcast from."""
    count, lead = batch_size([a]), a.ndim - len(shape)
    return Batch(sum_to(a.stack, (count, *(1,) * lead, *shape)).reshape((count, *shape)))


def matrix_product(a: Any, b: Any) -> Batch:
    """Multiply with as few matrix products as possible."""
    of_a, of_b = len(shape_of(a)), len(shape_of(b))
    if a.__class__ is not Batch and of_a <= 2:
        if of_b == 1:  # the vectors of a batch are the rows of a matrix
            return Batch(_rows_times(b.stack, a.T) if of_a == 2 else b.stack @ a)
        if of_a == 2 and of_b == 2 and b.shape[1] == 1:
            return Batch(_rows_times(b.stack[:, :, 0], a.T)[:, :, None])
    if b.__class__ is not Batch and of_a <= 2 and of_b <= 2:
        before = (batch_size([a]), *a.shape[:-1])
        rows = a.stack.reshape((math.prod(before), a.shape[-1]))
        return Batch((rows @ b).reshape((*before, *shape_of(b)[1:])))
    left = a[None, :] if of_a == 1 else a
    right = b[:, None] if of_b == 1 else b
    product = Batch(np.matmul(*aligned([left, right])))
    if of_a == 1:
        product = product[..., 0, :]
    return product[..., 0] if of_b == 1 else product


def _rows_times(rows: Any, b: Any) -> Any:
    """Return a product with the memory order of its left operand."""
    if rows.__class__ is np.ndarray and rows.flags.f_contiguous:
        return (b.T @ rows.T).T
    return rows @ b


def contracting(*operands: Any, subscripts: str) -> Batch:
    """Contract with one more index, for the axis of the batch."""
    terms, result = subscripts.split("->")
    letter = next(
        x for x in "ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba" if x not in terms
    )
    names = ",".join(
        letter + name if operand.__class__ is Batch else name
        for name, operand in zip(terms.split(","), operands, strict=True)
    )
    stacks = [operand.stack if operand.__class__ is Batch else operand for operand in operands]
    return Batch(np.einsum(f"{names}->{letter}{result}", *stacks, optimize=True))


def solving(a: Any, b: Any) -> Batch:
    """Solve for all right-hand sides: one matrix is factorized once."""
    if a.__class__ is Batch or len(a.shape) > 2 or len(b.shape) != 2:
        return Batch(np.linalg.solve(*aligned([a, b])))
    columns = np.moveaxis(b.stack, 0, -1)
    n, m, count = columns.shape
    solved = np.linalg.solve(a, columns.reshape((n, m * count))).reshape(columns.shape)
    return Batch(np.moveaxis(solved, -1, 0))


def reshaping(a: Batch, shape: tuple[int, ...]) -> Batch:
    """Give each array another shape."""
    return a.reshape(shape)


def transposing(a: Batch, axes: tuple[int, ...]) -> Batch:
    """Permute the axes of each array."""
    return Batch(np.transpose(a.stack, (0, *axes_of_stack(axes, a.ndim))))


def broadcasting(a: Batch, shape: tuple[int, ...]) -> Batch:
    """Broadcast each array to a shape."""
    return Batch(stacked(a, batch_size([a]), shape))


def concatenating(*operands: Any, axis: int) -> Batch:
    """Join the first arrays of all batches, the second ones, ..."""
    count = batch_size(operands)
    parts = [stacked(operand, count, shape_of(operand)) for operand in operands]
    return Batch(np.concatenate(parts, axes_of_stack([axis], parts[0].ndim - 1)[0]))


def stacking(*operands: Any, axis: int) -> Batch:
    """Stack the first arrays of all batches, the second ones, ..."""
    count, shape = batch_size(operands), shape_of(operands[0])
    return Batch(np.stack([stacked(operand, count, shape) for operand in operands], axis + 1))


def along_axis(function: Callable[..., Any]) -> Callable[..., Batch]:
    """Return the evaluation of a function that works along one axis."""
    return lambda a, axis: Batch(function(a.stack, axis=axes_of_stack([axis], a.ndim)[0]))


def of_stack(function: Callable[..., Any]) -> Callable[..., Batch]:
    """Return the evaluation of a function that leaves leading axes alone: it takes the stack."""
    return lambda a, **parameters: Batch(function(a.stack, **parameters))


def rearranging(function: Callable[..., Any]) -> Callable[..., Batch]:
    """Return the evaluation of a function that moves, repeats or leaves out entries."""
    return lambda a, args, options: Batch(
        flat(a)[:, function(flat_indices(a.shape, ...), *args, **options)]
    )
