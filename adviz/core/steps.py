"""The two sweeps as sequences of steps, to be shown.

They compute the sums of :mod:`adviz.core.sweeps` in the same order, on plain numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from adviz.core import sweeps
from adviz.core.arrays import shape_of
from adviz.core.rows import Row, Rows, TraceLike
from adviz.core.variable import value_of

__all__ = ["AdjointStep", "Contribution", "TangentStep", "Term", "forward_steps", "reverse_steps"]


class Term(NamedTuple):
    """One term of a tangent: a parent's tangent times the local partial.

    Attributes
    ----------
    parent : Row
        The row it comes from.
    partial, tangent, product : float
        ∂v_i/∂v_j, v̇_j and their product.
    """

    parent: Row
    partial: Any
    tangent: Any
    product: Any


class TangentStep(NamedTuple):
    """A row's tangent, v̇_i = Σ_j v̇_j ∂v_i/∂v_j, and its terms; an input's is its seed.

    Attributes
    ----------
    row : Row
    terms : tuple of Term
        In the order of the row's operands; none for an input.
    tangent : float
    """

    row: Row
    terms: tuple[Term, ...]
    tangent: Any


class Contribution(NamedTuple):
    """What one use of a row adds to its adjoint: v̄_j += v̄_i ∂v_i/∂v_j.

    Attributes
    ----------
    parent : Row
        The row j that receives it.
    partial, amount : float
        ∂v_i/∂v_j, and the product v̄_i ∂v_i/∂v_j, for arrays summed over the axes along which
        row j was broadcast.
    before : float or None
        The running sum before; None if this is the first contribution.
    after : float
        The running sum after.
    product : float
        The product before it was summed; the amount itself where nothing was broadcast.
    """

    parent: Row
    partial: Any
    amount: Any
    before: Any
    after: Any
    product: Any


class AdjointStep(NamedTuple):
    """A row's adjoint, complete, and what it contributes to the rows it was made from.

    Attributes
    ----------
    row : Row
    adjoint : float
    contributions : tuple of Contribution
        In the order of the row's operands; none for an input.
    """

    row: Row
    adjoint: Any
    contributions: tuple[Contribution, ...]


def forward_steps(trace: TraceLike, seeds: list[Any]) -> Iterator[TangentStep]:
    """Yield the forward sweep, a step for each row."""
    rows, dots = Rows(trace), list[Any]()
    for slot in range(len(rows)):
        if slot < trace.tape.input_count:
            terms: tuple[Term, ...] = ()
            dot = value_of(seeds[slot])
        else:
            with np.errstate(all="ignore"):
                terms = tuple(
                    Term(rows[parent], partial, dots[parent], product)
                    for parent, partial, product in sweeps.terms(trace.tape, slot, dots)
                )
                dot = terms[0].product if terms else _zero(rows[slot].value)
                for term in terms[1:]:
                    dot = dot + term.product
        dots.append(dot)
        yield TangentStep(rows[slot], terms, dot)


def _zero(value: Any) -> Any:
    return np.zeros(shape_of(value)) if shape_of(value) else 0.0


def reverse_steps(trace: TraceLike, seeds: list[Any]) -> Iterator[AdjointStep]:
    """Yield the return sweep, a step for each row that is reached."""
    rows = Rows(trace)
    bars = sweeps.seeded(trace.tape, trace.output_slots, [value_of(seed) for seed in seeds])
    for slot in range(len(rows) - 1, -1, -1):
        bar = bars[slot]
        if bar is None:
            continue
        contributions = []
        with np.errstate(all="ignore"):
            parts = [] if slot < trace.tape.input_count else sweeps.amounts(trace.tape, slot, bar)
            for parent, partial, product, amount in parts:
                before = bars[parent]
                sweeps.add_to(bars, parent, amount)
                contributions.append(
                    Contribution(rows[parent], partial, amount, before, bars[parent], product)
                )
        yield AdjointStep(rows[slot], bar, tuple(contributions))
