"""The steps of a pass, counted as the player counts them, and what is known after each.

The primal and the forward pass take one step for each row, the reverse pass one for each seeded
output and one for each contribution v̄ⱼ += v̄ᵢ·∂vᵢ/∂vⱼ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from adviz.core.rows import Row
from adviz.core.trace import Trace

__all__ = ["Progress", "Step", "pass_steps", "progress"]


@dataclass(frozen=True)
class Step:
    """One step of a pass.

    Attributes
    ----------
    row : Row
        The row that receives something.
    user : Row
        The row whose formula the step uses: the row itself, or one that it is an operand of.
    operand : int or None
        In the reverse pass, as which operand; None where an output is seeded.
    output : int or None
        In the reverse pass, the output that is seeded; None where a contribution arrives.
    before, amount, after : number or array
        The running sum before, None if nothing has arrived; what is added; and the sum.
    """

    row: Row
    user: Row
    amount: Any
    after: Any
    before: Any = None
    operand: int | None = None
    output: int | None = None


class Progress(NamedTuple):
    """What is known of a row's value, tangent or adjoint after some step."""

    number: Any
    arrived: int
    parts: int

    @property
    def is_complete(self) -> bool:
        """Whether nothing more is to arrive."""
        return self.arrived == self.parts


def pass_steps(trace: Trace, which: str, seeds: list[Any]) -> list[Step]:
    """Return every step of a pass.

    Parameters
    ----------
    trace : Trace
    which : str
        "primal", "forward" or "reverse".
    seeds : list
        The tangent of each input, or the adjoint of each output; nothing in the primal pass.
    """
    match which:
        case "forward":
            tangents = trace.forward(trace.inputs_as(seeds))
            return [Step(s.row, s.row, s.tangent, s.tangent) for s in tangents]
        case "reverse":
            return list(_reverse(trace, seeds))
    return [Step(row, row, row.value, row.value) for row in trace.rows]


def _reverse(trace: Trace, seeds: list[Any]) -> Iterator[Step]:
    bars: dict[int, Any] = {}
    for output, (row, seed) in enumerate(zip(trace.outputs, seeds, strict=True)):
        if np.any(seed):
            before = bars.get(row.slot)
            bars[row.slot] = seed if before is None else before + seed
            yield Step(row, row, seed, bars[row.slot], before, output=output)
    for step in trace.reverse(trace.outputs_as(seeds)):
        operands = [k for k, operand in enumerate(step.row.operands) if isinstance(operand, Row)]
        for k, part in zip(operands, step.contributions, strict=True):
            yield Step(part.parent, step.row, part.amount, part.after, part.before, operand=k)


def progress(steps: list[Step], number: int) -> dict[int, Progress]:
    """Return by slot what is known after the first ``number`` steps; nothing of other rows."""
    parts: dict[int, int] = {}
    for step in steps:
        parts[step.row.slot] = parts.get(step.row.slot, 0) + 1
    known: dict[int, Progress] = {}
    for step in steps[:number]:
        slot = step.row.slot
        arrived = known[slot].arrived + 1 if slot in known else 1
        known[slot] = Progress(step.after, arrived, parts[slot])
    return known
