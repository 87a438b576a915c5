"""A return sweep that can be recorded and then run with any values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adviz.core import sweeps
from adviz.core.elementals import POW
from adviz.core.tape import Tape
from adviz.rules.array_sweeps import pull
from adviz.rules.broadcasting import fitted
from adviz.rules.rule import Rule

__all__ = ["traced_adjoints"]


def traced_adjoints(tape: Tape, outputs: Sequence[int], seeds: list[Any]) -> list[Any]:
    """Return the adjoint of every row of a tape of traced numbers, without looking at values."""
    bars = sweeps.seeded(tape, outputs, seeds)
    for slot in range(len(bars) - 1, tape.input_count - 1, -1):
        if bars[slot] is not None:
            for operand, amount in _amounts(tape, slot, bars[slot]):
                before = bars[operand]
                bars[operand] = amount if before is None else before + amount
    return bars


def _amounts(tape: Tape, slot: int, bar: Any) -> list[tuple[int, Any]]:
    """Return what a row contributes to each of its operands.

    The partials of a power compare its operands with 0, so each is recorded as one operation.
    """
    elemental, recorded = tape.elementals[slot], tape.operands(slot)
    if elemental is not POW or not all(operand.__class__ is int for operand in recorded):
        return pull(tape, slot, bar)
    operands = [tape.values[operand] for operand in recorded]
    return [
        (recorded[k], fitted(bar * partial(*operands, tape.values[slot]), operands[k]))
        for k, partial in enumerate(_POWER_PARTIALS)
    ]


_POWER_PARTIALS = [
    Rule(f"power_partial_{k + 1}", partial) for k, partial in enumerate(POW.partials)
]
