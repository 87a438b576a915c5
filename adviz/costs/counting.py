"""Operation counts: of a function, and of a sweep over its trace.

Every table and figure uses one convention, after the cost model of Griewank and Walther,
*Evaluating Derivatives* (2008), sections 3.4 and 4.5, with equal weights for all operations:

- A row is one operation for each entry of its array: a sum, a product, a change of sign, a call of
  an elementary function. A division, a power or another function of several operands is one for
  each operand that is a row: a / b is a product with a reciprocal.
- A local partial is one operation if it has to be computed (cos a for sin a), and none if it is
  available already: a constant, an operand (b for a × b) or the value of the row (exp a).
- Multiplying by a partial is one operation, unless it is the constant 1; by −1 it changes a sign.
- Every further term of a tangent is one addition, and so is every contribution to the adjoint of an
  entry that has had one before.
- Moving numbers (indexing, transposing, concatenating) costs nothing; a product of matrices costs
  its multiplications and additions.
- Return sweeps pass over entries that no output depends on.

The count of a sweep does not include the function. The logistic map l_n costs 3 (n - 1)
operations, and with a sweep of either mode 8 (n - 1). (A program written from a sweep, as in
``adviz.symbolic``, is longer: it multiplies by 1 as well.)

By this convention the gradient of one number with its function costs at most four times the
function. A row of two operands is 1 operation and adds up to 2 multiplications and 2 contributions;
one contribution to each row is the first and is not added, which makes 4. With m outputs and n
inputs, m of these first contributions are seeds instead and n are those of the inputs: rᵀ J costs
at most m - n operations more, if m > n. The bound does not hold for ``np.einsum`` of three or more
arrays, whose products are not shared between the sweeps' sums.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.elementals import Elemental
from adviz.core.tape import Tape
from adviz.core.trace import Trace
from adviz.core.variable import value_of
from adviz.host.errors import UnsupportedOperationError
from adviz.rules.broadcasting import fitted
from adviz.rules.operation_counts import Cost

__all__ = ["forward_operations", "most_of_a_gradient", "operations", "reverse_operations"]

_BOUND = 4
"""The most that the gradient of a number costs with its function, as a multiple of the function."""


def most_of_a_gradient(trace: Trace) -> int | None:
    """Return a bound on the operations of rᵀ J and the function; None where none is known.

    Examples
    --------
    >>> import adviz as ad
    >>> trace = ad.trace(lambda x: x * x * x, 2.0)
    >>> operations(trace) + reverse_operations(trace), most_of_a_gradient(trace)
    (8, 8)
    """
    for slot in _operation_slots(trace):
        row = trace.tape.elementals[slot]
        is_array_rule = not isinstance(row, Elemental)
        if is_array_rule and row.rule.push == "each" and len(trace.tape.operands(slot)) > 2:
            return None  # einsum
    outputs = sum(_size(trace.tape.values[slot]) for slot in trace.output_slots)
    more = outputs - _return_sweep(trace, range(len(trace.output_slots)))[1] if outputs > 1 else 0
    return _BOUND * operations(trace) + max(0, more)


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
        size = _size(trace.tape.values[slot])
        total += sum(cost.terms) + size * max(0, len(cost.terms) - 1) * cost.adds_terms
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
    return _return_sweep(trace, chosen)[0]


def _return_sweep(trace: Trace, chosen: Iterable[int]) -> tuple[int, int]:
    """Return the operations of a return sweep, and how many numbers among the inputs it reaches."""
    tape, total = trace.tape, 0
    reached: dict[int, Any] = {}  # by slot, which of its entries have an adjoint
    for slot in {trace.output_slots[k] for k in chosen}:
        reached[slot] = _all_of(tape.values[slot])
    for slot in reversed(_operation_slots(trace)):
        entries = reached.pop(slot, None)
        if entries is not None:
            for operand, pull, touched in _pulled(tape, slot, entries):
                before = reached.get(operand)
                if before is not None:
                    total += int(np.count_nonzero(before & touched))
                    touched = before | touched
                total += pull
                reached[operand] = touched
    return total, sum(int(np.count_nonzero(entries)) for entries in reached.values())


class _Cost(NamedTuple):
    """The operations of a row, and of the term of its tangent for each operand that is a row.

    ``adds_terms`` is False if the terms are joined, as by concatenate, not added.
    """

    primal: int
    terms: list[int]
    adds_terms: bool = True


def _operation_slots(trace: Trace) -> range:
    return range(trace.tape.input_count, len(trace.tape.values))


def _size(number: Any) -> int:
    return math.prod(shape_of(number))


def _rows(recorded: tuple[Any, ...]) -> list[int]:
    """Return the positions of the operands that are rows."""
    return [k for k, operand in enumerate(recorded) if operand.__class__ is int]


def _cost(tape: Tape, slot: int) -> _Cost:
    operation, recorded = tape.elementals[slot], tape.operands(slot)
    rows, entries = _rows(recorded), _size(tape.values[slot])
    if isinstance(operation, Elemental):
        each = 1 if operation.layout == "infix" else max(1, len(rows))  # infix: a sum, a product
        terms = [_cost_of_partial(operation, k, recorded) * entries for k in rows]
        return _Cost(each * entries * (operation.arity > 0), terms)
    cost = _cost_of_rule(tape, slot)
    return _Cost(cost.primal, [cost.push] * len(rows), operation.rule.push != "together")


def _cost_of_rule(tape: Tape, slot: int) -> Cost:
    operation, recorded = tape.elementals[slot], tape.operands(slot)
    count: Callable[..., Cost] | None = operation.rule.cost
    if count is None:
        raise UnsupportedOperationError(
            f"The arithmetic of {operation.name} is not counted: {tape.source_of(slot)}. Count "
            "a function written in sums and products, or trace it with elementwise=True."
        )
    shapes = [shape_of(tape.values[o] if o.__class__ is int else o) for o in recorded]
    return count(shapes, shape_of(tape.values[slot]), **operation.parameters)


# -- what a return sweep reaches -----------------------------------------------------------------


def _all_of(number: Any) -> Any:
    """Return the set of all entries of an array, as an array of bools; True for a number."""
    shape = shape_of(number)
    return np.ones(shape, dtype=bool) if shape else True


def _pulled(tape: Tape, slot: int, entries: Any) -> Iterator[tuple[int, int, Any]]:
    """Pull the adjoints of these entries of a row back to its operands.

    Yields
    ------
    operand : int
    operations : int
    touched : array of bool or True
        The entries of the operand that receive a contribution; there is at least one.
    """
    operation, recorded = tape.elementals[slot], tape.operands(slot)
    if isinstance(operation, Elemental):
        count = int(np.count_nonzero(entries))
        for k in _rows(recorded):
            touched = entries
            if shape_of(tape.values[recorded[k]]) != shape_of(entries):  # it was broadcast
                touched = fitted(1.0 * entries, tape.values[recorded[k]]) > 0
            copies = count - int(np.count_nonzero(touched))
            yield recorded[k], _cost_of_partial(operation, k, recorded) * count + copies, touched
        return
    cost = _cost_of_rule(tape, slot)
    values = [tape.values[o] if o.__class__ is int else value_of(o) for o in recorded]
    ones = [np.ones(shape_of(value)) if shape_of(value) else 1.0 for value in values]
    for k in _rows(recorded):
        if cost.pulls is not None:
            yield recorded[k], cost.pulls[k], _all_of(values[k])
            continue
        products = operation.pull(k, 1.0 * entries, ones, tape.values[slot])
        touched = products > 0
        if np.any(touched):
            factors = 1 if operation.rule.push == "together" else len(recorded)
            count = factors * int(np.sum(products)) - int(np.count_nonzero(touched))
            yield recorded[k], count, touched


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
