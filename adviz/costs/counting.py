"""Operations, counted: those of a function and those of a sweep over its trace.

One convention serves every table and figure, after the cost model of Griewank and Walther,
*Evaluating Derivatives* (2008), sections 3.4 and 4.5, with every operation weighing the same:

- A row is one operation, for each entry of its array: a sum, a product, a change of sign, a call of
  an elementary function. A division, a power or another function of two operands is two where both
  are rows: a / b is a product with a reciprocal.
- A local partial is one operation where something has to be computed for it (cos a of sin a), and
  none where it is at hand: a constant, an operand (b of a × b) or the row's own value (exp a).
- Multiplying by a partial is one operation, unless it is the constant 1. By −1 it changes a sign.
- Every further term of a tangent, and every further contribution to an adjoint, is one addition.
- Moving numbers about (indexing, transposing, concatenating) is none; a product of matrices is its
  multiplications and additions.

A sweep is counted beside the function, not with it. The logistic map l_n costs 3 (n - 1)
operations, and with a sweep of either mode 8 (n - 1). By this convention a gradient with its
function is at most four times the function. (A program made of a sweep, as ``adviz.symbolic`` makes
it, is longer: it multiplies by 1 as well.)
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
"""A gradient with its function is at most so many times the function's operations."""


def operations(trace: Trace) -> int:
    """Return the operations of the function itself, those of its trace.

    Raises
    ------
    UnsupportedOperationError
        If there is an array operation whose arithmetic is not known, such as ``linalg.solve``.

    Examples
    --------
    >>> import adviz as ad
    >>> operations(ad.trace(lambda x1, x2: x1 * x2 + x2 - np.log(x1), 3, -4))
    4
    """
    return sum(_cost(trace.tape, slot).primal for slot in _made(trace))


def forward_operations(trace: Trace) -> int:
    """Return the operations of one forward sweep, beside those of the function.

    The sweep computes the tangent of every row, also where it is zero.

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
    for slot in _made(trace):
        cost = _cost(trace.tape, slot)
        terms = [push for _, push, _, _ in cost.links]
        size = _size(trace.tape.values[slot])
        total += sum(terms) + size * max(0, len(terms) - 1) * cost.adds_terms
    return total


def reverse_operations(trace: Trace, outputs: Iterable[int] | None = None) -> int:
    """Return the operations of one return sweep, beside those of the function.

    Parameters
    ----------
    trace : Trace
    outputs : iterable of int, optional
        Which of ``trace.outputs`` are pulled back, all where left out. The sweep passes over rows
        that they do not depend on.

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
    for slot in reversed(_made(trace)):
        if slot in reached:
            for operand, _, pull, entries in _cost(trace.tape, slot).links:
                total += pull + (entries if operand in reached else 0)
                reached.add(operand)
    return total


class _Link(NamedTuple):
    """An operand that is a row: the operations of its term, and of its contribution.

    ``entries`` is the number of additions where something had reached the operand before.
    """

    operand: int
    push: int
    pull: int
    entries: int


class _Cost(NamedTuple):
    """What a row costs, and for each operand that is a row its links.

    ``adds_terms`` is False where the terms of a tangent are moved together and not added.
    """

    primal: int
    links: list[_Link]
    adds_terms: bool = True


def _made(trace: Trace) -> range:
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
    made = count(shapes, shape_of(tape.values[slot]), **operation.parameters)
    moves = made.push == 0  # what is moved back is added where it had been
    most = _size(tape.values[slot]) if moves else math.inf
    links = [
        _Link(o, made.push, made.pulls[k], int(min(math.prod(shapes[k]), most)))
        for k, o in enumerate(recorded)
        if o.__class__ is int
    ]
    return _Cost(made.primal, links, operation.rule.push != "together")


def _elemental_cost(
    tape: Tape, slot: int, elemental: Elemental, recorded: tuple[Any, ...]
) -> _Cost:
    entries = _size(tape.values[slot])
    places = [k for k, operand in enumerate(recorded) if operand.__class__ is int]
    simple = elemental.layout == "infix" or len(places) < 2  # a sum, a difference, a product
    links = []
    for k in places:
        each = _of_partial(elemental, k, recorded) * entries
        size = _size(tape.values[recorded[k]])
        links.append(_Link(recorded[k], each, each + entries - size, size))
    return _Cost((1 if simple else 2) * entries * (elemental.arity > 0), links)


# -- what a local partial costs ------------------------------------------------------------------


class _Symbol:
    """Stands for an operand or a value in a partial: whatever is made of it is another one."""

    __slots__ = ()

    def apply_elemental(self, elemental: Elemental, operands: tuple[Any, ...]) -> _Symbol:
        return _Symbol()

    def __array_ufunc__(self, *_: Any, **__: Any) -> _Symbol:
        return _Symbol()

    def _new(self, *_: Any) -> _Symbol:
        return _Symbol()

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _new
    __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __neg__ = __abs__ = _new


def _of_partial(elemental: Elemental, k: int, recorded: tuple[Any, ...]) -> int:
    """Return the operations of evaluating a partial and multiplying by it: 0, 1 or 2."""
    constants = (None if o.__class__ is int else value_of(o) for o in recorded)
    # Of an array it is enough to know that not all of its entries are 1.
    return _written_out(elemental, k, tuple(2.0 if shape_of(c) else c for c in constants))


@functools.lru_cache(maxsize=4096)
def _written_out(elemental: Elemental, k: int, constants: tuple[Any, ...]) -> int:
    given = [_Symbol() if constant is None else constant for constant in constants]
    value = _Symbol()
    try:
        with np.errstate(all="ignore"):
            partial = elemental.partials[k](*given, value)
    except (AttributeError, TypeError):  # a partial of the user's own, in terms of floats
        return 2
    if isinstance(partial, (int, float)):
        return 0 if partial == 1 else 1
    return 1 if any(partial is symbol for symbol in (*given, value)) else 2
