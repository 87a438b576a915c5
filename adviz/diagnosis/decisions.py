"""What decisions hide: step functions, early exits, branches about to change, inputs cut off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from adviz.core import sweeps
from adviz.core.arrays import shape_of
from adviz.core.derivatives import input_adjoints
from adviz.core.recording import record
from adviz.core.rows import Decision, Row, brief
from adviz.diagnosis.finding import Finding, number_text
from adviz.diagnosis.scan import Scan, is_finite, largest
from adviz.host.errors import AdvizError

__all__ = ["find_in_decisions"]

_NEAR = 1e-6
"""How far the inputs may move, as a share of the largest, before a decision counts as close."""

_MAX_DECISIONS = 20
"""The most decisions that are looked at closely."""


def find_in_decisions(found: Scan) -> Iterator[Finding]:
    """Yield what decisions hide, and the inputs that reach nothing."""
    decisions = found.trace.decisions
    yield from _cut_off(found, decisions)
    if not found.is_finite or any(map(np.iscomplexobj, found.values[: len(found.gradient)])):
        return
    yield from _jumps(decisions)
    yield from _early_exits(found, decisions)
    yield from _near(found, decisions)


def _cut_off(found: Scan, decisions: list[Decision]) -> Iterator[Finding]:
    """Yield inputs that reach no output, by the decision that cuts them off if there is one."""
    trace = found.trace
    missing = [k for k in range(trace.tape.input_count) if found.bars[k] is None]
    for decision in reversed(decisions[-_MAX_DECISIONS:]):
        used = _inputs_of(trace, decision)
        cut = [k for k in missing if k in used]
        if not cut:
            continue
        missing = [k for k in missing if k not in cut]
        names = _names(found, cut)
        outcome = "" if np.ndim(decision.outcome) else f" is {brief(decision.outcome)}"
        yield Finding(
            "flat",
            f"{decision}{outcome}: {names} reaches the output through it only.",
            "Its result moves in steps, so that its derivative is 0 wherever there is one.",
            "Use a smooth function in its place: `ad.logistic(x / width)` for `x > 0`, the number "
            "itself for its rounded value.",
            decision.row,
            decision.source,
        )
    if missing:
        yield Finding(
            "disconnected",
            f"{_names(found, missing)} reaches no output: the gradient is 0 because nothing uses "
            "it.",
            "No row of the trace leads from it to an output.",
            "Use it, or take it out of the arguments. Was a constant written in its place, or a "
            "number taken out of it before the call?",
        )


def _names(found: Scan, slots: list[int]) -> str:
    return " and ".join(found.trace.input_names[k] for k in slots)


def _inputs_of(trace: Any, decision: Decision) -> set[int]:
    slots = [operand.slot for operand in decision.operands if isinstance(operand, Row)]
    reached = [sweeps.reached(trace.tape, slot) for slot in slots]
    return {k for k in range(trace.tape.input_count) if any(one[k] for one in reached)}


def _jumps(decisions: list[Decision]) -> Iterator[Finding]:
    """Yield step functions whose result changes with the least movement of their operand."""
    seen = set()
    for decision in decisions:
        if isinstance(decision.operator, str) or str(decision.source) in seen:
            continue
        if np.asarray(decision.outcome).dtype.kind != "f":
            continue  # a truth value or an index
        values = [o.value if isinstance(o, Row) else o for o in decision.operands]
        below, above = (
            decision.operator(*(v + sign * 1e-9 * np.maximum(1, np.abs(v)) for v in values))
            for sign in (-1, 1)
        )
        if np.array_equal(below, above):
            continue
        seen.add(str(decision.source))
        shown = "" if np.ndim(below) else f", from {number_text(below)} to {number_text(above)}"
        yield Finding(
            "jump",
            f"{decision} jumps here{shown}.",
            "A step function has no derivative where it jumps; 0 is taken, as beside it.",
            "Move the input off the jump, or use a smooth function in its place.",
            decision.row,
            decision.source,
        )


def _early_exits(found: Scan, decisions: list[Decision]) -> Iterator[Finding]:
    """Yield equalities that hold, if the slope beside them is another."""
    equal = [
        d
        for d in decisions
        if (d.operator == "==" and np.any(d.outcome))
        or (d.operator == "!=" and not np.all(d.outcome))
    ]
    beside = [_gradient_beside(found, sign * 1e-6) for sign in (-1.0, 1.0)] if equal else []
    if not any(other is not None and _differs(found.gradient, other) for other in beside):
        return
    decision = equal[0]
    is_array = np.ndim(decision.outcome) > 0
    holds = "holds in an entry" if is_array else f"is {brief(decision.outcome)}"
    other = next(o for o in beside if o is not None and _differs(found.gradient, o))
    yield Finding(
        "early_exit",
        f"{decision} {holds} at exactly these inputs; the gradient is "
        f"{_shown(found.gradient)} here and {_shown(other)} beside.",
        "The branch holds at one point only, and its own slope is taken there.",
        "Write a branch that has the right slope as well as the right value, such as the first "
        "terms of the series; or leave the branch out.",
        decision.row,
        decision.source,
    )


def _near(found: Scan, decisions: list[Decision]) -> Iterator[Finding]:
    """Yield the comparison that the least movement of the inputs turns over."""
    inputs = found.values[: found.trace.tape.input_count]
    size = max(map(largest, inputs)) or 1.0
    candidates: list[tuple[float, int, Decision]] = []
    for decision in decisions:
        if decision.operator not in ("<", "<=", ">", ">=") or len(decision.operands) != 2:
            continue
        a, b = (o.value if isinstance(o, Row) else o for o in decision.operands)
        if any(map(np.iscomplexobj, (a, b))) or not np.size(a - b):
            continue
        gap = np.abs(a - b)
        if np.min(gap) <= _NEAR * max(largest(a), largest(b), size):
            candidates.append((float(np.min(gap)), len(candidates), decision))
    for _, _, decision in sorted(candidates)[:_MAX_DECISIONS]:
        moved = _turned_over(found, decision)
        if moved is None:
            continue
        distance, other = moved
        yield Finding(
            "near_decision",
            f"{decision} changes if the inputs move by {number_text(distance)}; the gradient is "
            f"{_shown(found.gradient)} here and {_shown(other)} there.",
            "The function has another slope in the branch that is that close.",
            "Look whether the branches should meet with the same slope. Differences across the "
            "decision will not agree with this gradient.",
            decision.row,
            decision.source,
            {"distance": distance},
        )
        return


def _turned_over(found: Scan, decision: Decision) -> tuple[float, list[Any]] | None:
    """Return how far the inputs are from a decision's change, and the gradient beyond.

    None is returned where that gradient is the same, or cannot be had.
    """
    a, b = (o.value if isinstance(o, Row) else o for o in decision.operands)
    difference = np.asarray(a - b, dtype=float)
    entry = np.unravel_index(int(np.argmin(np.abs(difference))), difference.shape)
    gap = float(difference[entry])
    seeds, slots = [], []
    for operand, sign in zip(decision.operands, (1.0, -1.0), strict=True):
        if isinstance(operand, Row):
            seed = np.zeros(difference.shape)
            seed[entry] = sign
            shape = shape_of(operand.value)
            if shape != difference.shape:  # broadcast: what it gets is the sum
                seed = np.full(shape, sign / max(1, int(np.prod(shape))))
            slots.append(operand.slot)
            seeds.append(seed if shape else float(seed.sum()))
    count = found.trace.tape.input_count
    with np.errstate(all="ignore"):
        bars = sweeps.adjoints(found.trace.tape, slots, seeds)[:count]
    bars = [0.0 if bar is None else bar for bar in bars]
    square = sum(float(np.sum(np.square(bar))) for bar in bars)
    if not 0 < square < np.inf:
        return None
    size = max(map(largest, found.values[:count])) or 1.0
    if abs(gap) / square**0.5 > _NEAR * size:
        return None  # the function is never called far from its inputs, where it may not end
    steps = [2 * gap] if gap else [1e-9 * size * square**0.5, -1e-9 * size * square**0.5]
    for step in steps:
        other = _gradient_at(found, [-step / square * bar for bar in bars])
        if other is None or not _differs(found.gradient, other):
            continue
        if gap:
            return abs(gap) / square**0.5, other
        further = _gradient_at(found, [-100 * step / square * bar for bar in bars])
        if further is not None and not _differs(other, further, 0.1):
            return 0.0, other
        # else the slope beside has no limit, which is why somebody chose another value here
    return None


def _gradient_beside(found: Scan, step: float) -> list[Any] | None:
    inputs = found.values[: found.trace.tape.input_count]
    return _gradient_at(found, [step * np.maximum(1.0, np.abs(value)) for value in inputs])


def _gradient_at(found: Scan, steps: list[Any]) -> list[Any] | None:
    """Return the gradient at moved inputs; None where the function fails, or it is not finite."""
    inputs = found.values[: found.trace.tape.input_count]
    moved = [
        (value + step).astype(value.dtype) if shape_of(value) else type(value)(value + step)
        for value, step in zip(inputs, steps, strict=True)
    ]
    try:
        trace = record(found.trace.function, found.trace.inputs_as(moved), notes_places=False)
        values = [row.value for row in trace.outputs]
        with np.errstate(all="ignore"):
            seeds = [np.ones_like(v) if shape_of(v) else 1.0 for v in values]
            bars = input_adjoints(trace, seeds)
    except (AdvizError, ArithmeticError, ValueError, IndexError):
        return None
    return bars if all(map(is_finite, bars)) else None


def _differs(gradient: list[Any], other: list[Any], share: float = 1e-3) -> bool:
    size = max([1e-300, *map(largest, gradient), *map(largest, other)])
    return any(
        largest(np.asarray(g) - o) > share * size and largest(np.asarray(g) - o) > 1e-5
        for g, o in zip(gradient, other, strict=True)
    )


def _shown(gradient: list[Any]) -> str:
    if all(np.ndim(bar) == 0 for bar in gradient) and len(gradient) <= 4:
        return ", ".join(number_text(float(bar)) for bar in gradient)
    size = sum(float(np.sum(np.square(bar))) for bar in gradient) ** 0.5
    return f"of length {number_text(size)}"
