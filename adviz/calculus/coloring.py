"""Colorings: which columns, or rows, of a sparse Jacobian are found by one seed.

Columns that share no row have one color: their sum is the tangent of one seed, from which each of
them can be read off. To find the fewest colors takes too long for large matrices, so heuristics
come first, and a search whose length is limited comes last. A row with k entries takes k colors, so
a coloring with as many colors as the densest row has entries is minimal.

Curtis, Powell and Reid, *On the estimation of sparse Jacobian matrices* (1974); Gebremedhin, Manne
and Pothen, *What color is your Jacobian?* (2005).
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from adviz.calculus.sparsity import scipy_sparse

__all__ = ["Coloring", "cheapest_coloring", "coloring", "coloring_of"]

_MOST_STEPS = 400_000
"""About the most steps of each heuristic, and of the search: some tenths of a second."""

_ROUNDS = 60
"""Of the iterated greedy heuristic; more seldom help."""


@dataclass(frozen=True)
class Coloring:
    """A coloring of the columns or the rows of a pattern.

    Attributes
    ----------
    axis : int
        1 if columns are coloured, 0 if rows are.
    colors : array of int
        The color of each.
    fewest : int
        No coloring of the columns, nor one of the rows, has fewer colors than this.
    """

    axis: Literal[0, 1]
    colors: np.ndarray[Any, np.dtype[np.intp]]
    fewest: int

    @property
    def count(self) -> int:
        """The number of colors."""
        return int(self.colors.max(initial=-1)) + 1


def coloring(pattern: Any, axis: Literal[0, 1] = 1) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return a color for each column, such that columns of one color share no row.

    Parameters
    ----------
    pattern : SciPy sparse array or array of bools
    axis : int
        0 to color rows that share no column.

    Examples
    --------
    >>> coloring(np.tri(5, k=1) - np.tri(5, k=-2))
    array([0, 1, 2, 0, 1])
    """
    side = _Side(pattern, axis)
    side.improve()
    return side.coloring.colors


def cheapest_coloring(pattern: Any) -> Coloring:
    """Return a coloring of the columns or of the rows, whichever has fewer colors.

    Examples
    --------
    >>> found = cheapest_coloring(np.eye(8) + np.eye(8, k=1) + np.eye(8, k=-7))
    >>> found.axis, found.count, found.fewest
    (1, 2, 2)
    """
    columns, rows = _Side(pattern, 1), _Side(pattern, 0)
    for side, other in ((columns, rows), (rows, columns)):
        if side.fewest < other.count:  # else the other has no more colors anyway
            side.improve()
    cheaper = columns if columns.count <= rows.count else rows
    return replace(cheaper.coloring, fewest=min(columns.fewest, rows.fewest))


def coloring_of(pattern: Any, axis: Literal[0, 1]) -> Coloring:
    """Return a coloring of the columns (axis 1) or the rows (axis 0).

    Examples
    --------
    >>> coloring_of(np.eye(8) + np.eye(8, k=1), 0).count
    2
    """
    side = _Side(pattern, axis)
    side.improve()
    return side.coloring


class _Side:
    """The columns of a pattern, or its rows, with the best coloring so far."""

    def __init__(self, pattern: Any, axis: Literal[0, 1]) -> None:
        table = scipy_sparse().csc_array(pattern if axis == 1 else pattern.T, copy=True)
        table.sum_duplicates()
        table.eliminate_zeros()
        starts, rows = table.indptr.tolist(), table.indices.tolist()
        self._axis: Literal[0, 1] = axis
        self._row_count = table.shape[0]
        self._rows = [rows[a:b] for a, b in itertools.pairwise(starts)]
        self._colors = self._greedy(range(len(self._rows)))
        densest = int(np.bincount(table.indices, minlength=1).argmax())
        self._clique = [k for k, those in enumerate(self._rows) if densest in those]
        self.fewest = max(len(self._clique), min(1, len(self._rows)))

    @property
    def coloring(self) -> Coloring:
        """The best coloring so far, with colors by their first occurrence."""
        numbers: dict[int, int] = {}
        colors = [numbers.setdefault(color, len(numbers)) for color in self._colors]
        return Coloring(self._axis, np.array(colors, dtype=np.intp), self.fewest)

    @property
    def count(self) -> int:
        """The number of colors of the best coloring so far."""
        return max(self._colors, default=-1) + 1

    def improve(self) -> None:
        """Look for colorings with fewer colors."""
        for attempt in (self._color_most_restricted_first, self._color_again, self._search):
            if self.count > self.fewest:
                attempt()

    def _keep(self, colors: list[int]) -> None:
        if max(colors) < max(self._colors):
            self._colors = colors

    def _greedy(self, order: Iterable[int]) -> list[int]:
        """Return a coloring that gives each column in turn the lowest color that is free."""
        used = [0] * self._row_count  # for each row a bit for each color that occurs in it
        colors = [0] * len(self._rows)
        for column in order:
            rows, conflicts = self._rows[column], 0
            for row in rows:
                conflicts |= used[row]
            color = _lowest_free(conflicts)
            for row in rows:
                used[row] |= color
            colors[column] = color.bit_length() - 1
        return colors

    def _neighbours(self) -> list[list[int]] | None:
        """Return the columns that share a row with each column; None if they are very many."""
        columns: list[list[int]] = [[] for _ in range(self._row_count)]
        for column, rows in enumerate(self._rows):
            for row in rows:
                columns[row].append(column)
        if sum(len(those) ** 2 for those in columns) > _MOST_STEPS:
            return None
        return [
            sorted({other for row in rows for other in columns[row]} - {column})
            for column, rows in enumerate(self._rows)
        ]

    def _color_most_restricted_first(self) -> None:
        """Color next what has neighbours of most colors: D. Brélaz, CACM 22 (1979)."""
        neighbours = self._neighbours()
        if neighbours is None:
            return
        conflicts = [0] * len(neighbours)
        colors = [-1] * len(neighbours)
        heap = [(0, -len(those), column) for column, those in enumerate(neighbours)]
        heapq.heapify(heap)
        while heap:
            restrictions, _, column = heapq.heappop(heap)
            if colors[column] >= 0 or -restrictions != conflicts[column].bit_count():
                continue  # an entry from before it was coloured, or restricted further
            color = _lowest_free(conflicts[column])
            colors[column] = color.bit_length() - 1
            for other in neighbours[column]:
                if colors[other] < 0 and not conflicts[other] & color:
                    conflicts[other] |= color
                    entry = -conflicts[other].bit_count(), -len(neighbours[other]), other
                    heapq.heappush(heap, entry)
        self._keep(colors)

    def _color_again(self) -> None:
        """Color whole colors in another order, which never takes more colors.

        J. C. Culberson, *Iterated greedy graph coloring and the difficulty landscape* (1992).
        """
        entries = sum(map(len, self._rows)) + len(self._rows)
        colors, draw = self._colors, random.Random(0)
        for k in range(min(_ROUNDS, _MOST_STEPS // entries)):
            columns: list[list[int]] = [[] for _ in range(max(colors) + 1)]
            for column, color in enumerate(colors):
                columns[color].append(column)
            if k % 3 == 0:
                columns.reverse()
            elif k % 3 == 1:
                columns.sort(key=len, reverse=True)
            else:
                draw.shuffle(columns)
            colors = self._greedy(column for those in columns for column in those)
            self._keep(colors)
            if self.count == self.fewest:
                return

    def _search(self) -> None:
        """Search for colorings with one color less, until there is none or it takes too long."""
        neighbours = self._neighbours()
        steps = 0 if neighbours is None else _MOST_STEPS // (1 + max(map(len, neighbours)))
        while neighbours is not None and steps > 0 and self.count > self.fewest:
            found, steps = _searched(neighbours, self._clique, self.count - 1, steps)
            if found is not None:
                self._keep(found)
            elif steps > 0:  # all were tried
                self.fewest = self.count


def _lowest_free(conflicts: int) -> int:
    """Return the lowest bit that is not set, as a number with this bit only."""
    return ~conflicts & (conflicts + 1)


def _searched(
    neighbours: list[list[int]], clique: list[int], count: int, steps: int
) -> tuple[list[int] | None, int]:
    """Return a coloring with so many colors, or None; and the steps left, 0 if they did not do.

    The columns of the clique, which all differ in color, come first; then always the column with
    the fewest colors left.
    """
    colors = [-1] * len(neighbours)
    conflicts = [[0] * count for _ in neighbours]  # how many neighbours have each color
    restrictions = [0] * len(neighbours)  # how many colors occur among them
    waiting = [set(range(len(neighbours))), *(set[int]() for _ in range(count))]  # by restrictions
    taken: list[tuple[int, list[int], int]] = []  # a column, colors left to try, how many in use

    def set_color(column: int, color: int, change: int) -> None:
        nonlocal steps
        steps -= 1
        for other in neighbours[column]:
            conflicts[other][color] += change
            if conflicts[other][color] == (change > 0):
                before = restrictions[other]
                restrictions[other] += change
                if colors[other] < 0:
                    waiting[before].remove(other)
                    waiting[before + change].add(other)

    used = 0
    while steps > 0:
        most_restricted = next((those for those in reversed(waiting) if those), None)
        if most_restricted is None:
            return colors, steps
        column = (
            clique[len(taken)]
            if len(taken) < len(clique)
            else max(most_restricted, key=lambda k: len(neighbours[k]))
        )
        # Colors that are not in use yet are alike: one of them is tried.
        tries = [c for c in range(min(used + 1, count)) if not conflicts[column][c]]
        while not tries:
            if not taken:
                return None, steps
            column, tries, used = taken.pop()
            color, colors[column] = colors[column], -1
            waiting[restrictions[column]].add(column)
            set_color(column, color, -1)
        waiting[restrictions[column]].remove(column)
        colors[column] = tries.pop()
        set_color(column, colors[column], 1)
        taken.append((column, tries, used))
        used = max(used, colors[column] + 1)
    return None, 0
