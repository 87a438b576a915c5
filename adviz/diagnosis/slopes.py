"""What slopes show: those that are infinite or undefined, and those chosen at kinks and ties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from adviz.core import sweeps
from adviz.core.arrays import shape_of
from adviz.core.elementals import Elemental
from adviz.diagnosis.finding import Finding, at, number_text
from adviz.diagnosis.scan import Birth, Scan, entry_of, is_finite, largest

__all__ = ["find_chosen_slopes", "find_nonfinite_slopes"]

_NEGLIGIBLE = 1e-10
"""An adjoint below this share of the largest is the rest of a sum that cancels."""


def find_nonfinite_slopes(found: Scan) -> Iterator[Finding]:
    """Yield where the return sweep makes the first number that is not finite."""
    if not all(is_finite(found.values[slot]) for slot in found.trace.output_slots):
        return  # the values have it already
    if all(map(is_finite, found.gradient)) or not found.births:
        return
    birth = found.births[0]
    ill = ~np.isfinite(birth.product)
    entry = entry_of(ill)
    bar = _at(birth.bar, birth.product, entry)
    slope = None if birth.partial is None else _at(birth.partial, birth.product, entry)
    if bar == 0 and _is_not_taken(found, birth.slot, entry):
        yield _untaken(found, birth, entry, slope)
    elif slope is not None and np.isfinite(slope):
        row = found.row(birth.slot)
        yield Finding(
            "overflow",
            f"the adjoint of {row.label}, {number_text(bar)}, times the slope {number_text(slope)} "
            "overflows.",
            "The product is larger than the largest number of its type.",
            "Scale the function down, or compute with logarithms.",
            row,
            row.source,
            {"adjoint": bar, "slope": slope},
        )
    else:
        yield _infinite(found, birth, entry, bar, slope)


def _untaken(found: Scan, birth: Birth, entry: tuple[int, ...], slope: Any) -> Finding:
    row = found.row(birth.slot)
    operand = found.row(birth.parent)
    shown = "a slope that is not finite" if slope is None else f"the slope {number_text(slope)}"
    return Finding(
        "untaken_branch",
        f"{at(row, entry)} has {shown} and the adjoint 0, and 0 times that is NaN.",
        "Both branches of a where are computed. The one that was not taken receives the adjoint 0, "
        "which does not cancel an infinite or undefined slope.",
        "Choose twice: first make the operand harmless there, `safe = np.where(condition, "
        f"{operand.name or operand.label}, 1.0)`, then `np.where(condition, f(safe), 0.0)`.",
        row,
        row.source,
        {"slope": slope, "adjoint": 0.0},
    )


def _infinite(found: Scan, birth: Birth, entry: tuple[int, ...], bar: Any, slope: Any) -> Finding:
    row, operand = found.row(birth.slot), found.row(birth.parent)
    value = operand.value
    if shape_of(value) == shape_of(birth.product):
        where = f" at {at(operand, entry)} = {number_text(value[entry] if entry else value)}"
    else:
        where = ""
    if slope is None:
        what = f"{row.label} pulls a finite adjoint back to one that is not."
    elif bar == 0:
        what = (
            f"{at(row, entry)} has the slope {number_text(slope)}{where}; its adjoint is 0, and "
            "their product is NaN."
        )
    else:
        what = f"{at(row, entry)} has the slope {number_text(slope)}{where}."
    return Finding(
        "nonfinite_slope",
        what,
        f"{row.op} has a value there and no finite derivative: its curve is vertical, or has no "
        "direction.",
        "Keep the operand away from that point: leave out entries that are 0 by construction, or "
        "add a small number inside, as in `np.sqrt(s + 1e-12)`.",
        row,
        row.source,
        {"slope": slope, "adjoint": bar},
    )


def _at(number: Any, like: Any, entry: tuple[int, ...]) -> Any:
    if not shape_of(number):
        return number
    try:
        return np.broadcast_to(number, shape_of(like))[entry]
    except ValueError:  # an array operation, whose adjoint has another shape
        return number.flat[0]


def _is_not_taken(found: Scan, slot: int, entry: tuple[int, ...]) -> bool:
    """Return whether an adjoint is 0 since what uses the row picks other entries or operands.

    Such an operation has no partial: it hands adjoints on, here none to this entry.
    """
    users = found.users(slot)
    if not users:
        return False
    for user in users:
        if found.trace.tape.elementals[user].__class__ is not Elemental:
            if np.any(found.bars[user]) or _is_not_taken(found, user, ()):
                continue
            return False
        for parent, partial in sweeps.local_partials(found.trace.tape, user):
            if parent == slot and np.all(partial == 0):
                return False
        if shape_of(found.values[user]) != shape_of(found.values[slot]):
            return False
        if not _is_not_taken(found, user, entry):
            return False
    return True


def find_chosen_slopes(found: Scan) -> Iterator[Finding]:
    """Yield the kinks, jumps and ties at which an adjoint arrives."""
    seen: set[tuple[str, str]] = set()
    for slot in range(found.trace.tape.input_count, len(found.values)):
        bar = found.bars[slot]
        if bar is None:
            continue
        operation = found.trace.tape.elementals[slot]
        if operation.__class__ is not Elemental:
            finding = _tie_of_entries(found, slot)
        elif operation.kink is not None:
            finding = _kink(found, slot)
        else:
            continue
        if finding is not None and (finding.code, str(finding.source)) not in seen:
            seen.add((finding.code, str(finding.source)))
            yield finding


def _matters(found: Scan, bar: Any) -> Any:
    return np.abs(bar) > _NEGLIGIBLE * found.largest_bar


def _kink(found: Scan, slot: int) -> Finding | None:
    row, operands = found.row(slot), found.operands(slot)
    assert row.elemental.kink is not None
    lies_there, choice = row.elemental.kink
    if any(map(np.iscomplexobj, operands)):
        return None
    if choice in ("kink", "jump"):
        there = operands[0] == 0
    elif choice == "tie":
        there = operands[0] == operands[1]
    else:
        there = np.vectorize(lies_there, otypes=[bool])(*operands)
    there = there & _matters(found, found.bars[slot])
    parents = found.parents(slot)
    if not np.any(there) or (choice == "tie" and len(set(parents)) < len(parents)):
        return None
    entry = entry_of(there)
    if choice == "tie":
        return Finding(
            "tie",
            f"{at(row, entry)}: both operands of {row.op} are equal.",
            "It has no derivative there. Each operand takes one half of the slope here; other "
            "tools give all to the first, or to both.",
            "Nothing, if any of these slopes will do, as in training. Otherwise move an input off "
            "the tie, or use a smooth function such as `np.logaddexp`.",
            row,
            row.source,
        )
    number = _at(operands[0], found.values[slot], entry)
    sides = _slopes_beside(row.elemental) if choice in ("kink", "jump") else {}
    beside = " and ".join(map(number_text, sides.values()))
    return Finding(
        "jump" if choice == "jump" else "kink",
        f"{at(row, entry)}: {row.op} is taken at {number_text(number)}.",
        f"{row.remark or 'It has no derivative there.'}"
        + (f" Beside it the slopes are {beside}." if sides else "")
        + " Other tools may take another.",
        "Nothing, if any slope between these will do, as in training. Otherwise move the input off "
        "that point, or use a smooth function such as `np.sqrt(x * x + 1e-12)`.",
        row,
        row.source,
        sides,
    )


def _slopes_beside(elemental: Elemental) -> dict[str, float]:
    """Return the slopes of an operation of one operand on both sides of 0."""
    with np.errstate(all="ignore"):
        slopes = [elemental.partials[0](a, elemental.evaluate(a)) for a in (-1e-6, 1e-6)]
    return dict(zip(("left", "right"), map(float, slopes), strict=True))


def _tie_of_entries(found: Scan, slot: int) -> Finding | None:
    """Return that an operation picks one of several equal entries, and shares the slope out."""
    parents, row = found.parents(slot), found.row(slot)
    if len(parents) != 1 or np.iscomplexobj(found.values[slot]):
        return None
    operand, value = found.values[parents[0]], found.values[slot]
    if np.size(value) >= np.size(operand) or largest(found.bars[slot]) == 0:
        return None
    axis: Any = getattr(row.elemental, "parameters", {}).get("axis")
    shape = np.shape(operand)
    if np.ndim(value) not in (0, len(shape)):
        removed = len(shape) - np.ndim(value)
        if removed != np.size(axis) or axis is None or np.any(np.abs(axis) > len(shape)):
            return None  # no reduction along axes
        value = np.expand_dims(value, axis)
    if any(n not in (1, length) for n, length in zip(np.shape(value), shape, strict=False)):
        return None
    picked = operand == value
    if np.count_nonzero(picked) <= np.size(value):
        return None
    ones = np.ones_like(row.value) if shape_of(row.value) else 1.0
    with np.errstate(all="ignore"):
        (_, _, pulled, _), *_ = sweeps.amounts(found.trace.tape, slot, ones)
        (_, _, arriving, _), *_ = sweeps.amounts(found.trace.tape, slot, found.bars[slot])
    if shape_of(pulled) != shape or shape_of(arriving) != shape:
        return None
    shared = picked & (pulled > 0) & (pulled < 1) & _matters(found, arriving)
    if not np.any(shared):
        return None
    return Finding(
        "tie",
        f"{row.label}: several entries of {found.row(parents[0]).label} are the "
        f"{row.op}, {number_text(operand[entry_of(shared)])}.",
        "It has no derivative there. The equal entries share the slope here; other tools give all "
        "to the first, or to each.",
        "Nothing, if any of these slopes will do. Otherwise use a smooth maximum such as "
        "`np.logaddexp.reduce`.",
        row,
        row.source,
    )
