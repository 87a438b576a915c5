"""Where digits are lost: sums and differences whose terms nearly cancel."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from adviz.core.elementals import ADD, SUB
from adviz.diagnosis.finding import Finding, at, number_text
from adviz.diagnosis.scan import Scan, entry_of, largest

__all__ = ["find_cancellation"]

_CANCELS = 1e-3
"""A result of at most this share of its terms has lost digits."""

_AMPLIFIED = 1e6
"""How many times larger the error of a term becomes, as a share of the output."""


def find_cancellation(found: Scan) -> Iterator[Finding]:
    """Yield the row whose lost digits change the output the most.

    The rounding error of a term t is a multiple of t, and the output's is its adjoint times that:
    t times the adjoint, over the size of the output, is how many times larger the error becomes
    (Higham, *Accuracy and Stability of Numerical Algorithms* (2002), section 1.6). The size of the
    output is its value, or how much it moves with its inputs where that is more.
    """
    if not found.is_finite:
        return
    tape, worst = found.trace.tape, None
    scale: float | None = None
    for slot in range(tape.input_count, len(found.values)):
        operation, bar = tape.elementals[slot], found.bars[slot]
        if bar is None or (operation is not ADD and operation is not SUB):
            continue
        a, b = found.operands(slot)
        value = found.values[slot]
        if a.__class__ is float and b.__class__ is float:
            term = max(abs(a), abs(b))
            if not abs(value) <= _CANCELS * term:
                continue
            errors: Any = term * abs(bar)
        else:
            term = np.maximum(np.abs(a), np.abs(b))
            errors = np.where(np.abs(value) <= _CANCELS * term, term * np.abs(bar), 0.0)
        error = largest(errors)
        if error == 0 or not all(_is_rounded(found, parent) for parent in _any(found, slot)):
            continue
        if scale is None:
            scale = _scale(found)
        amplified = error / scale if scale else math.inf
        if amplified >= _AMPLIFIED and (worst is None or amplified > worst[0]):
            worst = amplified, slot, entry_of(np.asarray(errors) == error)
    if worst is not None:
        yield _finding(found, *worst)


def _scale(found: Scan) -> float:
    moved = [
        largest(np.asarray(value) * bar)
        for value, bar in zip(found.values, found.gradient, strict=False)
    ]
    return max([found.largest_output, *moved])


def _any(found: Scan, slot: int) -> list[int]:
    """Return the operand that carries a rounding error, if any does."""
    parents = found.parents(slot)
    return [p for p in parents if _is_rounded(found, p)][:1] or parents


def _is_rounded(found: Scan, slot: int) -> bool:
    """Return whether a row was computed, and so rounded: an input, or a part of it, is exact."""
    operation = found.trace.tape.elementals[slot]
    return operation is not None and not operation.is_view


def _rough(number: float) -> str:
    return number_text(float(f"{number:.2g}"))


def _finding(found: Scan, amplified: float, slot: int, entry: tuple[int, ...]) -> Finding:
    row, value = found.row(slot), found.values[slot]
    a, b = (
        np.broadcast_to(o, np.shape(value))[entry] if entry else o for o in found.operands(slot)
    )
    number = value[entry] if entry else value
    digits = (
        "all digits"
        if number == 0
        else f"{math.log10(max(abs(a), abs(b)) / abs(number)):.0f} digits"
    )
    sign = "−" if row.elemental is SUB else "+"
    return Finding(
        "cancellation",
        f"{at(row, entry)} = {number_text(a)} {sign} {number_text(b)} = {number_text(number)} "
        f"loses {digits}.",
        "The terms were rounded before, and the difference is made of what rounding left. "
        + (
            f"On the way to the output the error grows {_rough(amplified)} times, and the gradient "
            "is no better."
            if math.isfinite(amplified)
            else "Nothing else is in the output and its gradient."
        ),
        "Rewrite the expression so that nothing cancels: "
        "`2 * np.sin(x / 2)**2` for `1 - np.cos(x)`, "
        "`np.expm1` and `np.log1p`, the conjugate of a difference of roots, the mean taken off "
        "before squaring.",
        row,
        row.source,
        {"amplified": amplified},
    )
