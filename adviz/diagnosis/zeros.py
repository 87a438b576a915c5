"""Why a gradient is zero although its input is used: saturation, step functions, slopes of 0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from adviz.core.elementals import Elemental
from adviz.diagnosis.finding import Finding, at, number_text
from adviz.diagnosis.scan import Scan, is_finite, largest

__all__ = ["find_zero_gradients"]

_TINY = 1e-7
"""A slope, and a share of the output that moves with an input, that counts as none."""


def find_zero_gradients(found: Scan) -> Iterator[Finding]:
    """Yield the rows at which the gradient of an input is lost."""
    seen = set()
    for k, bar in enumerate(found.gradient):
        value = found.values[k]
        if found.bars[k] is None or not is_finite(bar) or not np.size(value):
            continue
        is_zero = largest(bar) == 0
        if not is_zero and not _is_tiny(found, value, bar):
            continue
        finding = _lost(found, k, is_zero)
        if finding is not None and (finding.code, finding.row) not in seen:
            seen.add((finding.code, finding.row))
            yield finding


def _is_tiny(found: Scan, value: Any, bar: Any) -> bool:
    with np.errstate(all="ignore"):
        moved = largest(np.asarray(value) * bar)
    return largest(bar) < _TINY and moved < _TINY * found.largest_output


def _lost(found: Scan, k: int, is_zero: bool) -> Finding | None:
    name = found.trace.input_names[k]
    descends = found.made_from(k)
    with np.errstate(all="ignore"):
        return _lost_among(found, name, descends, is_zero)


def _lost_among(found: Scan, name: str, descends: list[bool], is_zero: bool) -> Finding | None:
    """Return the same of an input's name and the rows that descend from it."""
    tape = found.trace.tape
    last = None  # the row nearest to the output that takes an adjoint and hands none on
    for slot in range(tape.input_count, len(found.values)):
        if not descends[slot] or found.bars[slot] is None:
            continue
        if tape.elementals[slot].__class__ is not Elemental:
            continue
        slopes = _slopes(found, slot, descends)
        if len(slopes) == 1 and largest(slopes[0]) < _TINY and len(found.parents(slot)) == 1:
            row, operand = found.row(slot), found.values[found.parents(slot)[0]]
            if row.elemental.kink is not None and row.elemental.kink[1] == "jump":
                return Finding(
                    "flat",
                    f"{row.label} has the slope 0: {name} reaches the output through it only.",
                    f"{row.op} moves in steps, so that its derivative is 0 wherever there is one.",
                    "Use a smooth function in its place, such as `np.tanh(x / width)`.",
                    row,
                    row.source,
                )
            if (
                not np.iscomplexobj(operand)
                and np.all(operand != 0)
                and _has_slopes_elsewhere(found, slot)
            ):
                return _saturation(found, slot, name, largest(slopes[0]))
        if is_zero and largest(found.bars[slot]) > 0 and all(largest(s) == 0 for s in slopes):
            last = found.row(slot)
    if not is_zero:
        return None
    place = (
        " What its uses send back cancels."
        if last is None
        else f" {last.label} has the slope 0 there."
    )
    return Finding(
        "zero_slope",
        f"the gradient of {name} is 0.{place}",
        "The output depends on it and does not move to first order: at a minimum, a maximum or a "
        "saddle, or where a factor is 0. That is another thing than an input that nothing uses.",
        "Nothing, if this is a minimum. Otherwise begin at other inputs: weights that are all 0 "
        "stay there.",
        last,
        None if last is None else last.source,
    )


def _slopes(found: Scan, slot: int, descends: list[bool]) -> list[Any]:
    """Return the local partials of an operation by the operands that descend from an input."""
    tape, operands = found.trace.tape, found.operands(slot)
    partials, value = tape.elementals[slot].partials, found.values[slot]
    return [
        partials[k](*operands, value)
        for k, recorded in enumerate(tape.operands(slot))
        if recorded.__class__ is int and descends[recorded]
    ]


def _has_slopes_elsewhere(found: Scan, slot: int) -> bool:
    """Return whether an operation with one operand that is a row has a slope at other operands."""
    tape, operation = found.trace.tape, found.trace.tape.elementals[slot]
    recorded, operands = tape.operands(slot), found.operands(slot)
    k = next(k for k, operand in enumerate(recorded) if operand.__class__ is int)
    for factor in (-1.0, 0.01):
        moved = [factor * o if j == k else o for j, o in enumerate(operands)]
        with np.errstate(all="ignore"):
            slope = operation.partials[k](*moved, operation.evaluate(*moved))
        if is_finite(slope) and largest(slope) > 1e3 * _TINY:
            return True
    return False


def _saturation(found: Scan, slot: int, name: str, slope: float) -> Finding:
    row = found.row(slot)
    operand = found.row(found.parents(slot)[0])
    value = operand.value
    where = (
        number_text(float(value))
        if np.ndim(value) == 0
        else f"{number_text(float(np.min(value)))} to {number_text(float(np.max(value)))}"
    )
    all_of = " in every entry" if np.ndim(row.value) else ""
    what = "the slope 0" if slope == 0 else f"a slope of at most {number_text(slope)}"
    little = "nothing" if slope == 0 else "almost nothing"
    return Finding(
        "saturation",
        f"{at(row)} has {what}{all_of}: {little} of its adjoint comes back to {name}.",
        f"{row.op} is flat at {operand.label} = {where}.",
        "Bring the operand back to where the operation moves: smaller weights at the beginning, a "
        "smaller learning rate, normalised inputs, a slope on the other side as in "
        "`np.where(x > 0, x, 0.01 * x)`, or a loss of the operand itself.",
        row,
        row.source,
        {"slope": slope},
    )
