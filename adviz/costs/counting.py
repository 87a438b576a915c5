"""Operation counts: of a function, and of a sweep over its trace.

Every table and figure uses one convention, after the cost model of Griewank and Walther,
*Evaluating Derivatives* (2008), sections 3.4 and 4.5, with equal weights for all operations:

- A row is one operation for each entry of its array: a sum, a product, a change of sign, a call of
  an elementary function. A division, a power or another function of two operands is two if both
  are rows: a / b is a product with a reciprocal.
- A local partial is one operation if it has to be computed (cos a for sin a), and none if it is
  available already: a constant, an operand (b for a × b) or the value of the row (exp a).
- Multiplying by a partial is one operation, unless it is the constant 1; by −1 it changes a sign.
- Every further term of a tangent, and every further contribution to an adjoint, is one addition.
- Moving numbers (indexing, transposing, concatenating) costs nothing; a product of matrices costs
  its multiplications and additions.

The count of a sweep does not include the function. The logistic map l_n costs 3 (n - 1)
operations, and with a sweep of either mode 8 (n - 1). By this convention a gradient with its
function costs at most four times the function. (A program written from a sweep, as in
``adviz.symbolic``, is longer: it multiplies by 1 as well.)
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.elementals import Elemental
from adviz.core.tape import Tape
from adviz.core.trace import Trace
from adviz.core.variable import value_of
from adviz.host.errors import UnsupportedOperationError

__all__ = ["BOUND", "forward_operations", "operations", "reverse_operations"]

BOUND = 4
"""The most that a gradient with its function costs, as a multiple of the function."""


def operations(trace: Trace) -> int:
    """Return the operations of the function itself, counted over its trace.

    Raises
    ------
    UnsupportedOperationError
        If the cost of an array operation is not known, as of ``linalg.solve``.

    Examples
    --------
    >>> import adviz as ad
    >>> operations(ad.trace(lambda x1, x2: x1 * x2 + x2 - np.log(x1), 3, -4))
    4
    """
    return sum(_cost(trace.tape, slot).primal for slot in _operation_slots(trace))


def forward_operations(trace: Trace) -> int:
    """Return the operations of one forward sweep, without those of the function.

    The sweep computes the tangent of every row, even if it is zero.

    Raises
    ------
    UnsupportedOperationError
        As :func:`operations`.

    Examples
    --------
    >>> import adviz as ad
    >>> forward_operations(ad.trace(lambda x1, x2: x1 * x2 + x2 - np.log(x1), 3, -4))
    8
    """
    total = 0
    for slot in _operation_slots(trace):
        cost = _cost(trace.tape, slot)
        terms = [push for _, push, _, _ in cost.links]
        size = _size(trace.tape.values[slot])
        total += sum(terms) + size * max(0, len(terms) - 1) * cost.adds_terms
    return total


def reverse_operations(trace: Trace, outputs: Iterable[int] | None = None) -> int:
    """Return the operations of one return sweep, without those of the function.

    Parameters
    ----------
    trace : Trace
    outputs : iterable of int, optional
        The indices in ``trace.outputs`` of the outputs that are pulled back, by default all. The
        sweep skips rows that they do not depend on.

    Raises
    ------
    UnsupportedOperationError
        As :func:`operations`.

    Examples
    --------
    >>> import adviz as ad
    >>> reverse_operations(ad.trace(lambda x1, x2: x1 * x2 + x2 - np.log(x1), 3, -4))
    7
    """
    chosen = range(len(trace.output_slots)) if outputs is None else outputs
    reached = {trace.output_slots[k] for k in chosen}
    total = 0
    for slot in reversed(_operation_slots(trace)):
        if slot in reached:
            for operand, _, pull, entries in _cost(trace.tape, slot).links:
                total += pull + (entries if operand in reached else 0)
                reached.add(operand)
    return total


class _Link(NamedTuple):
    """An operand that is a row: the operations of its term, and of its contribution.

    ``entries`` is the number of additions if the operand has had a contribution before.
    """

    operand: int
    push: int
    pull: int
    entries: int


class _Cost(NamedTuple):
    """The operations of a row, and a link for each operand that is a row.

    ``adds_terms`` is False if the terms of a tangent are joined, as by concatenate, not added.
    """

    primal: int
    links: list[_Link]
    adds_terms: bool = True


def _operation_slots(trace: Trace) -> range:
    return range(trace.tape.input_count, len(trace.tape.values))


def _size(number: Any) -> int:
    return math.prod(shape_of(number))


def _cost(tape: Tape, slot: int) -> _Cost:
    operation, recorded = tape.elementals[slot], tape.operands(slot)
    if isinstance(operation, Elemental):
        return _elemental_cost(tape, slot, operation, recorded)
    shapes = [shape_of(tape.values[o] if o.__class__ is int else o) for o in recorded]
    count = operation.rule.cost
    if count is None:
        raise UnsupportedOperationError(
            f"The arithmetic of {operation.name} is not counted: {tape.source_of(slot)}. Count "
            "a function written in sums and products, or trace it with elementwise=True."
        )
    cost = count(shapes, shape_of(tape.values[slot]), **operation.parameters)
    only_moves = cost.push == 0  # its adjoint is added only to the entries that were moved
    most = _size(tape.values[slot]) if only_moves else math.inf
    links = [
        _Link(o, cost.push, cost.pulls[k], int(min(math.prod(shapes[k]), most)))
        for k, o in enumerate(recorded)
        if o.__class__ is int
    ]
    return _Cost(cost.primal, links, operation.rule.push != "together")


def _elemental_cost(
    tape: Tape, slot: int, elemental: Elemental, recorded: tuple[Any, ...]
) -> _Cost:
    entries = _size(tape.values[slot])
    places = [k for k, operand in enumerate(recorded) if operand.__class__ is int]
    simple = elemental.layout == "infix" or len(places) < 2  # a sum, a difference, a product
    links = []
    for k in places:
        each = _cost_of_partial(elemental, k, recorded) * entries
        size = _size(tape.values[recorded[k]])
        links.append(_Link(recorded[k], each, each + entries - size, size))
    return _Cost((1 if simple else 2) * entries * (elemental.arity > 0), links)


# -- what a local partial costs ------------------------------------------------------------------


class _Symbol:
    """A placeholder for an operand or a value in a partial; operations on it give new ones."""

    __slots__ = ()

    def apply_elemental(self, elemental: Elemental, operands: tuple[Any, ...]) -> _Symbol:
        return _Symbol()

    def __array_ufunc__(self, *_: Any, **__: Any) -> _Symbol:
        return _Symbol()

    def _new(self, *_: Any) -> _Symbol:
        return _Symbol()

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _new
    __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __neg__ = __abs__ = _new


def _cost_of_partial(elemental: Elemental, k: int, recorded: tuple[Any, ...]) -> int:
    """Return the operations of evaluating a partial and multiplying by it: 0, 1 or 2."""
    constants = (None if o.__class__ is int else value_of(o) for o in recorded)
    # For an array it is enough that not all of its entries are 1.
    return _partial_operations(elemental, k, tuple(2.0 if shape_of(c) else c for c in constants))


@functools.lru_cache(maxsize=4096)
def _partial_operations(elemental: Elemental, k: int, constants: tuple[Any, ...]) -> int:
    operands = [_Symbol() if constant is None else constant for constant in constants]
    value = _Symbol()
    try:
        with np.errstate(all="ignore"):
            partial = elemental.partials[k](*operands, value)
    except (AttributeError, TypeError):  # a user-defined partial that needs floats
        return 2
    if isinstance(partial, (int, float)):
        return 0 if partial == 1 else 1
    return 1 if any(partial is symbol for symbol in (*operands, value)) else 2
