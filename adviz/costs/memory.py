"""How many numbers each mode has to keep in memory, row by row through a trace and back.

Rows are counted, not the constants of the function. A value is kept until its last use; forward
mode also keeps its tangent. Reverse mode keeps every value until the return sweep has passed it,
and the adjoints that are being summed. Griewank and Walther, *Evaluating Derivatives* (2008),
sections 3.1, 3.2 and 4.
"""

from __future__ import annotations

import math

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.trace import Trace
from adviz.core.variable import value_of

__all__ = ["kept_by_evaluation", "kept_by_reverse", "kept_constants"]


def kept_by_evaluation(trace: Trace) -> list[int]:
    """Return how many numbers are kept after each row while the function is evaluated.

    Forward mode keeps twice as many.

    Examples
    --------
    >>> import adviz as ad
    >>> kept_by_evaluation(ad.trace(lambda x: ((x + 1) * 2) * 3, 1.0))
    [1, 1, 1, 1]
    """
    sizes = _sizes(trace)
    last_use = list(range(len(sizes)))
    for slot in range(trace.tape.input_count, len(sizes)):
        for operand in _operands(trace, slot):
            last_use[operand] = slot
    for slot in trace.output_slots:
        last_use[slot] = len(sizes)
    freed = [0] * (len(sizes) + 1)
    for slot, last in enumerate(last_use):
        freed[last] += sizes[slot] if last > slot else 0
    kept, current = [], 0
    for slot, size in enumerate(sizes):
        current += size - freed[slot]
        kept.append(current)
    return kept


def kept_by_reverse(trace: Trace) -> list[int]:
    """Return how many numbers are kept after each row of the evaluation, then of the return sweep.

    The return sweep begins with the adjoints of the outputs and ends with those of the inputs.

    Examples
    --------
    >>> import adviz as ad
    >>> kept_by_reverse(ad.trace(lambda x: ((x + 1) * 2) * 3, 1.0))
    [1, 2, 3, 4, 5, 4, 3, 2]
    """
    sizes = _sizes(trace)
    kept, current = [], 0
    for size in sizes:
        current += size
        kept.append(current)
    reached = set(trace.output_slots)
    current += sum(sizes[slot] for slot in reached)
    kept.append(current)
    for slot in range(len(sizes) - 1, trace.tape.input_count - 1, -1):
        if slot in reached:
            new = set(_operands(trace, slot)) - reached
            reached |= new
            current += (
                sum(sizes[operand] for operand in new) - sizes[slot]
            )  # its adjoint is no longer needed
        current -= sizes[slot]  # nor is its value
        kept.append(current)
    return kept


def kept_constants(trace: Trace) -> int:
    """Return the bytes of the arrays that a trace keeps besides its rows, such as a matrix A.

    Examples
    --------
    >>> import numpy as np
    >>> import adviz as ad
    >>> A = np.ones((3, 2))
    >>> kept_constants(ad.trace(lambda x: A @ np.sin(A.T @ x), np.ones(3)))
    96
    """
    operands = [o for slot in range(len(trace.tape.values)) for o in trace.tape.operands(slot)]
    arrays = {
        id(value): value for value in map(value_of, operands) if isinstance(value, np.ndarray)
    }
    return sum(array.nbytes for array in arrays.values())


def _sizes(trace: Trace) -> list[int]:
    return [math.prod(shape_of(value)) for value in trace.tape.values]


def _operands(trace: Trace, slot: int) -> list[int]:
    return [o for o in trace.tape.operands(slot) if o.__class__ is int]
