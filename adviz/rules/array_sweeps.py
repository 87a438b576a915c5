"""The two sweeps over a tape that has arrays.

They do what :mod:`adviz.core.sweeps` does for single numbers, row by row: a row pushes the tangents
of its operands forward and pulls its adjoint back, whatever its shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adviz.core.elementals import Elemental, plain
from adviz.core.sweeps import local_partials, seeded
from adviz.core.tape import Tape
from adviz.core.variable import value_of
from adviz.rules.broadcasting import fitted, received, spread, times

__all__ = ["adjoints", "amounts", "pull", "push", "tangents", "terms"]


def tangents(tape: Tape, seeds: list[Any]) -> list[Any]:
    """Return the tangent of every row for these tangents of the inputs."""
    dots = list(seeds)
    for slot in range(tape.input_count, len(tape.values)):
        dots.append(push(tape, slot, dots))
    return dots


def adjoints(tape: Tape, outputs: Sequence[int], seeds: list[Any]) -> list[Any]:
    """Return the adjoints of the inputs; those of other rows are freed as soon as they are used."""
    bars = seeded(tape, outputs, seeds)
    values, elementals, lefts, rights = tape.values, tape.elementals, tape.left, tape.right
    sums: set[int] = set()  # rows whose adjoint is a sum made here: it may be changed in place

    def receive(operand: int, amount: Any) -> None:
        before = bars[operand]
        if before is None:
            bars[operand] = amount
        elif operand in sums and _alike(before, amount):
            before += amount
        else:
            bars[operand] = total = before + amount
            if total.__class__ is np.ndarray:
                sums.add(operand)

    for slot in range(len(bars) - 1, tape.input_count - 1, -1):
        bar = bars[slot]
        if bar is None:
            continue
        bars[slot] = None
        elemental, left, right = elementals[slot], lefts[slot], rights[slot]
        if elemental.__class__ is Elemental:
            if left is None:
                continue  # a constant
            partials = elemental.partials
            if right is None:
                operand = values[left]
                receive(left, received(bar, partials[0](operand, values[slot]), operand))
                continue
            a = values[left] if left.__class__ is int else left
            b = values[right] if right.__class__ is int else right
            if left.__class__ is int:
                receive(left, received(bar, partials[0](a, b, values[slot]), a))
            if right.__class__ is int:
                receive(right, received(bar, partials[1](a, b, values[slot]), b))
            continue
        put = elemental.rule.put
        if put is not None and bar.__class__ is np.ndarray:
            target = left[0]
            total = bars[target]
            if total is not None and total.dtype == bar.dtype:
                if target not in sums:
                    bars[target] = total = total.copy()
                    sums.add(target)
                put(total, bar, **elemental.parameters)
                continue
        for target, amount in pull(tape, slot, bar):
            receive(target, amount)
    return bars


def push(tape: Tape, slot: int, dots: list[Any]) -> Any:
    """Return the tangent of a row of any shape from those of the rows before it."""
    recorded = tape.operands(slot)
    pushed = [dots[operand] if operand.__class__ is int else None for operand in recorded]
    operands = [tape.values[o] if o.__class__ is int else o for o in recorded]
    return _pushed(tape.elementals[slot], pushed, operands, tape.values[slot])


def _pushed(operation: Any, dots: list[Any], operands: list[Any], value: Any) -> Any:
    """Return the tangent of an operation for tangents of its operands, None for a constant one."""
    if operation.__class__ is not Elemental:
        return operation.push(dots, operands, value)
    total = None
    for partial, dot in zip(operation.partials, dots, strict=True):
        if dot is not None:
            term = times(dot, partial(*operands, value))
            total = term if total is None else total + term
    return spread(0.0 if total is None else total, value)


def pull(tape: Tape, slot: int, bar: Any) -> list[tuple[int, Any]]:
    """Return the slot of each operand that is a row, with its contribution of an adjoint."""
    values, elemental, recorded = tape.values, tape.elementals[slot], tape.left[slot]
    value = values[slot]
    if recorded.__class__ is int and tape.right[slot] is None:  # one operand: most rows
        operand = values[recorded]
        return [(recorded, received(bar, elemental.partials[0](operand, value), operand))]
    if recorded.__class__ is not tuple:
        recorded = tape.operands(slot)
    operands = [values[operand] if operand.__class__ is int else operand for operand in recorded]
    if elemental.__class__ is Elemental:
        partials = elemental.partials
        return [
            (operand, received(bar, partials[k](*operands, value), operands[k]))
            for k, operand in enumerate(recorded)
            if operand.__class__ is int
        ]
    if elemental.pull_all is not None:  # pull would run a function again for each operand
        positions = [k for k, operand in enumerate(recorded) if operand.__class__ is int]
        contributions = elemental.pull_all(positions, bar, operands, value)
        return list(zip((recorded[k] for k in positions), contributions, strict=True))
    return [
        (operand, elemental.pull(k, bar, operands, value))
        for k, operand in enumerate(recorded)
        if operand.__class__ is int
    ]


def _alike(a: Any, b: Any) -> bool:
    return b.__class__ is np.ndarray and a.shape == b.shape and a.dtype is b.dtype


def terms(tape: Tape, slot: int, dots: list[Any]) -> list[tuple[int, Any, Any]]:
    """Return each operand that is a row with the local partial and its term of the tangent.

    All are plain numbers and arrays, for a sweep that is watched.
    """
    elemental, recorded = tape.elementals[slot], tape.operands(slot)
    operands, value = _plain_values(tape, slot)

    def term(k: int) -> Any:
        alone = [dots[o] if j == k else None for j, o in enumerate(recorded)]
        return plain(_pushed(elemental, alone, operands, value))

    positions = [k for k, operand in enumerate(recorded) if operand.__class__ is int]
    partials = local_partials(tape, slot)
    return [(*partials[j], term(k)) for j, k in enumerate(positions)]


def amounts(tape: Tape, slot: int, bar: Any) -> list[tuple[int, Any, Any, Any]]:
    """Return each operand that is a row with the local partial and its contribution of an adjoint.

    The contribution comes twice: as it is pulled back, and summed to the operand's shape. All are
    plain numbers and arrays, for a sweep that is watched.
    """
    elemental, recorded = tape.elementals[slot], tape.operands(slot)
    operands, value = _plain_values(tape, slot)
    positions = [k for k, operand in enumerate(recorded) if operand.__class__ is int]
    partials = local_partials(tape, slot)
    contributions = []
    for (operand, partial), k in zip(partials, positions, strict=True):
        if elemental.__class__ is Elemental:
            product = times(bar, partial)
        else:
            product = elemental.product(k, bar, operands, value)
        contributions.append(
            (operand, partial, plain(product), plain(fitted(product, operands[k])))
        )
    return contributions


def _plain_values(tape: Tape, slot: int) -> tuple[list[Any], Any]:
    recorded = tape.operands(slot)
    operands = [tape.values[o] if o.__class__ is int else o for o in recorded]
    return [value_of(operand) for operand in operands], value_of(tape.values[slot])
