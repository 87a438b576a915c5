"""Wrong rules that are the same by another name: one of them is enough.

In a difference the slope is −1: then to lose its sign, to leave it out, and to divide by it are one
mistake, and the likeliest name says it best. Rules that give the same number only at the inputs of
an exercise stay apart; they are two explanations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from adviz.mistakes import WRONG_ENTRIES_READ
from adviz.tutor.cells import Cell, Sheet, WrongRule, numbers_of

__all__ = ["without_alike"]

_TRIED = 3
_GOLDEN = (math.sqrt(5) - 1) / 2


def without_alike(sheet: Sheet) -> Sheet:
    """Return a sheet whose cells have each wrong rule once, and none that is always right."""
    right = numbers_of(sheet.cells)
    tried = [_nearby(right, k) for k in range(1, _TRIED + 1)]
    with np.errstate(all="ignore"):
        cells = tuple(
            cell if cell.kind == "choice" else replace(cell, wrong=_different(cell, tried))
            for cell in sheet.cells
        )
    return replace(sheet, cells=cells)


def _nearby(numbers: Sequence[float], k: int) -> list[float]:
    """Return numbers of the same signs, each changed by another factor."""
    return [x * (0.8 + 0.4 * (_GOLDEN * k * (i + 1) % 1)) for i, x in enumerate(numbers)]


def _different(cell: Cell, tried: Sequence[Sequence[float]]) -> tuple[WrongRule, ...]:
    right = [float(cell.compute(numbers)) for numbers in tried]
    kept: list[tuple[WrongRule, list[float]]] = []
    for wrong in sorted(cell.wrong, key=lambda wrong: wrong.rank):
        values = [float(wrong.compute(numbers)) for numbers in tried]
        if not _are_same(values, right) and not any(
            _are_same(values, others) and _is_said_by(wrong, other) for other, others in kept
        ):
            kept.append((wrong, values))
    return tuple(wrong for wrong, _ in kept)


def _is_said_by(wrong: WrongRule, other: WrongRule) -> bool:
    """Return whether one name says both; which entries were taken is seen in all entries only."""
    both = {*wrong.mistakes, *other.mistakes}
    return len(both) == 1 or not both & _OF_ENTRIES


_OF_ENTRIES = {mistake.name for table in WRONG_ENTRIES_READ.values() for mistake in table}


def _are_same(values: Sequence[float], others: Sequence[float]) -> bool:
    return all(
        a == b or math.isclose(a, b, rel_tol=1e-9) or (math.isnan(a) and math.isnan(b))
        for a, b in zip(values, others, strict=True)
    )
