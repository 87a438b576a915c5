"""Formulas as answers: the names that they may have in them, and where they are compared.

Two formulas are the same if they give the same numbers at several points.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

from adviz.core.rows import Row
from adviz.render.math_tree import to_text
from adviz.tutor.cells import Cell, numbers_of
from adviz.tutor.columns import key_of
from adviz.tutor.entries import arithmetic

__all__ = ["can_be_written", "names_of", "points_of"]

Tree = list[Any]

_POINTS = 3
_DRAWS = 200


def names_of(rows: Iterable[Row]) -> dict[str, int]:
    """Return what rows may be called in a formula, with the places of their values."""
    names: dict[str, int] = {}
    for row in rows:
        names[key_of(row)] = row.slot
        if row.elemental is None and row.name:
            names[row.name] = row.slot
    return names


def can_be_written(formula: Tree, names: Mapping[str, int]) -> bool:
    """Return whether a person can type a formula: |v| and the functions of users cannot be.

    Examples
    --------
    >>> can_be_written(["mi", "x"], {"x": 0}), can_be_written(["mi", "relu(x)"], {"x": 0})
    (True, False)
    """
    # At some number its value is finite.
    text = to_text(formula)
    return any(
        arithmetic(text, {name: number + place for name, place in names.items()}) is not None
        for number in (0.3, 1.7, -40.3)
    )


def points_of(cells: Sequence[Cell], count: int) -> tuple[tuple[float, ...], ...]:
    """Return numbers for the first cells, near theirs, at which all numbers are finite.

    Parameters
    ----------
    cells : sequence of Cell
    count : int
        For how many of them: as many as there are inputs, or for all values, each by itself.

    Examples
    --------
    >>> import adviz as ad
    >>> from adviz.tutor.columns import value_cells
    >>> len(points_of(value_cells(ad.trace(lambda x: x * x, 3.0)), 1))
    3
    """
    random = Random(0)
    given = numbers_of(cells)[:count]
    found: list[tuple[float, ...]] = []
    for draw in range(_DRAWS):
        reach = 1.0 / (1 + draw // 20)  # nearer and nearer, where a function is defined there only
        point = tuple(x + reach * (1 + abs(x)) * (random.random() - 0.5) for x in given)
        if all(map(math.isfinite, numbers_of(cells, point))):
            found.append(point)
        if len(found) == _POINTS:
            break
    return tuple(found)
