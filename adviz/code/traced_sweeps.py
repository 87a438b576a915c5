"""The return sweep as it is recorded to be written as code: it holds for all values."""

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
    """Return the adjoint of every row, by a sweep that is recorded and holds for all values."""
    bars = sweeps.seeded(tape, outputs, seeds)
    for slot in range(len(bars) - 1, tape.input_count - 1, -1):
        if bars[slot] is not None:
            for operand, amount in _received(tape, slot, bars[slot]):
                before = bars[operand]
                bars[operand] = amount if before is None else before + amount
    return bars


def _received(tape: Tape, slot: int, bar: Any) -> list[tuple[int, Any]]:
    """Pull back one row, so that what is recorded holds for all values.

    The partials of a power of two rows ask whether one of them is 0: each is recorded as a whole.
    """
    elemental, recorded = tape.elementals[slot], tape.operands(slot)
    if elemental is not POW or not all(operand.__class__ is int for operand in recorded):
        return pull(tape, slot, bar)
    operands = [tape.values[operand] for operand in recorded]
    return [
        (recorded[k], fitted(bar * slope(*operands, tape.values[slot]), operands[k]))
        for k, slope in enumerate(_SLOPES_OF_POWER)
    ]


_SLOPES_OF_POWER = [
    Rule(f"slope_of_power_{k + 1}", partial) for k, partial in enumerate(POW.partials)
]
