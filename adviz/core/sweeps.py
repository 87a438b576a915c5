"""The forward sweep and the return sweep over a tape, as numbers only.

Griewank and Walther, *Evaluating Derivatives* (2008), sections 3.1 and 3.2. The numbers may be
traced ones of an enclosing derivative: then it records the sweep.

A row that nothing reaches has an adjoint of None, and nothing is computed for it. Zero is another
thing: where one meets an infinite partial the product is NaN, as in any floating-point arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adviz.core import plugs
from adviz.core.elementals import Elemental, plain
from adviz.core.tape import Tape
from adviz.core.variable import Variable, value_of

__all__ = [
    "add_to",
    "adjoints",
    "amounts",
    "evaluate",
    "local_partials",
    "reached",
    "seeded",
    "tangents",
]


def evaluate(tape: Tape, slot: int, values: list[Any]) -> Any:
    """Return the value of an operation's row, its operands taken from ``values``."""
    elemental = tape.elementals[slot]
    assert elemental is not None
    if elemental.arity == 0:
        return tape.values[slot]
    return plain(elemental(*_values(tape.operands(slot), values)))


def local_partials(tape: Tape, slot: int) -> list[tuple[int, Any]]:
    """Return the slot of each operand that is a row, with the local partial as a plain number.

    An array operation is no multiplication by a partial: it has None.
    """
    elemental, recorded = tape.elementals[slot], tape.operands(slot)
    if elemental.__class__ is not Elemental:
        return [(operand, None) for operand in recorded if operand.__class__ is int]
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
    if tape.has_arrays:
        return plugs.arrays.tangents(tape, seeds)
    dots = list(seeds)
    values = tape.values
    columns = zip(tape.elementals, tape.left, tape.right, values, strict=True)
    for elemental, left, right, value in columns:
        if elemental is None:
            continue  # an input: its tangent is its seed
        if elemental.arity == 0:
            dot = 0.0
        elif right is None:
            dot = elemental.partials[0](values[left], value) * dots[left]
        elif left.__class__ is not int:
            dot = elemental.partials[1](left, values[right], value) * dots[right]
        elif right.__class__ is not int:
            dot = elemental.partials[0](values[left], right, value) * dots[left]
        else:
            to_left, to_right = elemental.partials
            a, b = values[left], values[right]
            dot = to_left(a, b, value) * dots[left] + to_right(a, b, value) * dots[right]
        dots.append(dot)
    return dots


def adjoints(tape: Tape, outputs: Sequence[int], seeds: list[Any]) -> list[Any]:
    """Return the adjoint of every row for these adjoints of the outputs at these slots.

    A row that nothing reaches has None. Where there are arrays, only the inputs' are returned.
    """
    if tape.has_arrays:
        return plugs.arrays.adjoints(tape, outputs, seeds)
    values = tape.values
    bars = seeded(tape, outputs, seeds)
    columns = zip(
        range(len(values) - 1, tape.input_count - 1, -1),
        reversed(tape.elementals),
        reversed(tape.left),
        reversed(tape.right),
        reversed(values),
        strict=False,  # the range ends where the inputs begin
    )
    for slot, elemental, left, right, value in columns:
        bar = bars[slot]
        if bar is None or elemental is None:
            continue
        if right is None:
            if left is None:
                continue  # a constant
            target, amount = left, bar * elemental.partials[0](values[left], value)
        elif left.__class__ is not int:
            target, amount = right, bar * elemental.partials[1](left, values[right], value)
        elif right.__class__ is not int:
            target, amount = left, bar * elemental.partials[0](values[left], right, value)
        else:
            to_left, to_right = elemental.partials
            a, b = values[left], values[right]
            amount = bar * to_left(a, b, value)
            before = bars[left]
            bars[left] = amount if before is None else before + amount
            target, amount = right, bar * to_right(a, b, value)
        before = bars[target]
        bars[target] = amount if before is None else before + amount
    return bars


def seeded(tape: Tape, outputs: Sequence[int], seeds: list[Any]) -> list[Any]:
    """Return the adjoints that a return sweep begins with.

    An output whose seed is the plain number 0 is not pulled back.
    """
    bars: list[Any] = [None] * len(tape.values)
    for slot, seed in zip(outputs, seeds, strict=True):
        given = isinstance(seed, Variable) or seed != 0
        if given is True or np.any(given):
            add_to(bars, slot, seed)
    return bars


def terms(tape: Tape, slot: int, dots: list[Any]) -> list[tuple[int, Any, Any]]:
    """Return each operand that is a row with the local partial and its term of the tangent.

    In plain numbers and arrays, for a sweep that is watched.
    """
    if tape.has_arrays:
        return plugs.arrays.terms(tape, slot, dots)
    return [
        (operand, partial, dots[operand] * partial)
        for operand, partial in local_partials(tape, slot)
    ]


def amounts(tape: Tape, slot: int, bar: Any) -> list[tuple[int, Any, Any, Any]]:
    """Return each operand that is a row with the local partial and what it receives of an adjoint.

    That comes twice: as it is pulled back, and summed to the operand's shape. In plain numbers and
    arrays, for a sweep that is watched.
    """
    if tape.has_arrays:
        return plugs.arrays.amounts(tape, slot, bar)
    return [
        (operand, partial, bar * partial, bar * partial)
        for operand, partial in local_partials(tape, slot)
    ]


def _values(recorded: tuple[Any, ...], values: list[Any]) -> list[Any]:
    return [values[operand] if operand.__class__ is int else operand for operand in recorded]


def add_to(bars: list[Any], slot: int, amount: Any) -> None:
    """Add to an adjoint, which is None while nothing has reached its row."""
    bars[slot] = amount if bars[slot] is None else plain(bars[slot] + amount)


def reached(tape: Tape, slot: int) -> list[bool]:
    """Return, for every row, whether the row at ``slot`` was made from it."""
    found = [False] * len(tape.values)
    found[slot] = True
    for k in range(slot, tape.input_count - 1, -1):
        if found[k]:
            for operand in tape.operands(k):
                if operand.__class__ is int:
                    found[operand] = True
    return found
