"""The forward sweep and the return sweep over a trace.

Griewank and Walther, *Evaluating Derivatives* (2008), sections 3.1 and 3.2. Each sweep stands
here twice: once as numbers only, for speed, and once as a sequence of steps that can be watched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from adviz.core.elementals import plain
from adviz.core.tape import Tape
from adviz.core.variable import value_of

if TYPE_CHECKING:
    from adviz.core.trace import Row, Trace

__all__ = ["AdjointStep", "Contribution", "TangentStep", "Term", "adjoints", "tangents"]


@dataclass(frozen=True, slots=True)
class Term:
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


@dataclass(frozen=True, slots=True)
class TangentStep:
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


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one use of a row adds to its adjoint: v̄_j += v̄_i ∂v_i/∂v_j.

    Attributes
    ----------
    parent : Row
        The row j that receives it.
    partial, amount : float
        ∂v_i/∂v_j, and the product v̄_i ∂v_i/∂v_j.
    before : float or None
        The running sum before; None where nothing had reached the row yet.
    after : float
        The running sum after.
    """

    parent: Row
    partial: Any
    amount: Any
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class AdjointStep:
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


def evaluate(tape: Tape, slot: int, values: list[Any]) -> Any:
    """Return the value of an operation's row, its operands taken from ``values``."""
    elemental = tape.elementals[slot]
    assert elemental is not None
    if elemental.arity == 0:
        return tape.values[slot]
    operands = (
        values[operand] if operand.__class__ is int else operand
        for operand in (tape.left[slot], tape.right[slot])[: elemental.arity]
    )
    return elemental(*operands)


def local_partials(tape: Tape, slot: int) -> list[tuple[int, Any]]:
    """Return the slot of each operand that is a row, with the local partial to it as a number."""
    elemental = tape.elementals[slot]
    if elemental is None:
        return []
    recorded = (tape.left[slot], tape.right[slot])[: elemental.arity]
    values = [value_of(tape.values[o] if o.__class__ is int else o) for o in recorded]
    value = value_of(tape.values[slot])
    with np.errstate(all="ignore"):
        return [
            (operand, plain(elemental.partials[k](*values, value)))
            for k, operand in enumerate(recorded)
            if operand.__class__ is int
        ]


def tangents(tape: Tape, seeds: list[Any]) -> list[Any]:
    """Return the tangent of every row for these tangents of the inputs."""
    dots = list(seeds)
    values, left, right = tape.values, tape.left, tape.right
    elementals = tape.elementals
    for slot in range(tape.input_count, len(values)):
        elemental = elementals[slot]
        assert elemental is not None
        a, b, v = left[slot], right[slot], values[slot]
        if elemental.arity == 2:
            if a.__class__ is int:
                if b.__class__ is int:
                    first, second = elemental.partials
                    x, y = values[a], values[b]
                    dot = first(x, y, v) * dots[a] + second(x, y, v) * dots[b]
                else:
                    dot = elemental.partials[0](values[a], b, v) * dots[a]
            else:
                dot = elemental.partials[1](a, values[b], v) * dots[b]
        elif elemental.arity == 1:
            dot = elemental.partials[0](values[a], v) * dots[a]
        else:
            dot = 0.0
        dots.append(dot)
    return dots


def adjoints(tape: Tape, seeds: list[tuple[int, Any]]) -> list[Any]:
    """Return the adjoint of every row for these (slot, adjoint) of the outputs.

    A row that nothing reaches has None.
    """
    values, left, right = tape.values, tape.left, tape.right
    elementals = tape.elementals
    bars: list[Any] = [None] * len(values)
    for slot, seed in seeds:
        bars[slot] = seed if bars[slot] is None else bars[slot] + seed
    for slot in range(max(slot for slot, _ in seeds), tape.input_count - 1, -1):
        bar = bars[slot]
        if bar is None:
            continue
        elemental = elementals[slot]
        assert elemental is not None
        a, b, v = left[slot], right[slot], values[slot]
        if elemental.arity == 2:
            if a.__class__ is int:
                if b.__class__ is int:
                    first, second = elemental.partials
                    x, y = values[a], values[b]
                    amount = bar * first(x, y, v)
                    before = bars[a]
                    bars[a] = amount if before is None else before + amount
                    amount = bar * second(x, y, v)
                    before = bars[b]
                    bars[b] = amount if before is None else before + amount
                    continue
                target, amount = a, bar * elemental.partials[0](values[a], b, v)
            else:
                target, amount = b, bar * elemental.partials[1](a, values[b], v)
        elif elemental.arity == 1:
            target, amount = a, bar * elemental.partials[0](values[a], v)
        else:
            continue
        before = bars[target]
        bars[target] = amount if before is None else before + amount
    return bars


def forward_steps(trace: Trace, seeds: list[Any]) -> Iterator[TangentStep]:
    """Yield the forward sweep step by step."""
    rows, dots = trace.rows, list[Any]()
    for slot in range(len(rows)):
        if slot < trace.tape.input_count:
            terms: tuple[Term, ...] = ()
            dot = value_of(seeds[slot])
        else:
            terms = tuple(
                Term(rows[parent], plain(partial), dots[parent], plain(partial * dots[parent]))
                for parent, partial in local_partials(trace.tape, slot)
            )
            dot = terms[0].product if terms else 0.0
            for term in terms[1:]:
                dot = dot + term.product
        dots.append(dot)
        yield TangentStep(rows[slot], terms, dot)


def reverse_steps(trace: Trace, seeds: list[Any]) -> Iterator[AdjointStep]:
    """Yield the return sweep step by step, a step for each row that is reached."""
    rows = trace.rows
    bars: list[Any] = [None] * len(rows)
    for slot, seed in zip(trace.output_slots, seeds, strict=True):
        seed = value_of(seed)
        bars[slot] = seed if bars[slot] is None else bars[slot] + seed
    for slot in range(max(trace.output_slots), -1, -1):
        bar = bars[slot]
        if bar is None:
            continue
        contributions = []
        for parent, partial in local_partials(trace.tape, slot):
            amount = plain(bar * partial)
            before = bars[parent]
            bars[parent] = amount if before is None else plain(before + amount)
            contributions.append(
                Contribution(rows[parent], plain(partial), amount, before, bars[parent])
            )
        yield AdjointStep(rows[slot], bar, tuple(contributions))


def reached(tape: Tape, slot: int) -> list[bool]:
    """Return, for every row, whether the row at ``slot`` was made from it."""
    found = [False] * len(tape.values)
    found[slot] = True
    for k in range(slot, tape.input_count - 1, -1):
        if found[k]:
            for operand in (tape.left[k], tape.right[k]):
                if operand.__class__ is int:
                    found[operand] = True
    return found
