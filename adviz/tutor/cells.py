"""The cells of an exercise: what is asked, the rule that is right, and the rules that are wrong.

A rule computes a cell from the numbers of the other cells, in ordinary arithmetic. Run on numbers
it checks an answer, also one that goes on from a wrong earlier entry; run on numbers that write
down what is done with them (``render/programs.py``) it is the program that a page runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

__all__ = ["NO_FORMULA", "Cell", "Line", "Rule", "Sheet", "Shown", "WrongRule", "numbers_of"]

Tree = list[Any]

Rule = Callable[[Sequence[Any]], Any]
"""Gives a cell's number, of the numbers of all cells by their places."""


@dataclass(frozen=True)
class WrongRule:
    """What a mistake gives in place of a cell's number.

    Attributes
    ----------
    mistakes : tuple of str
        The names that the mistakes have in :mod:`adviz.mistakes`; two were made together.
    compute : callable
    words : mapping
        What stands in the braces of the sentences about them, in
        ``adviz/player/mistakeSentences.js``.
    rank : int
        0 for the likeliest.
    """

    mistakes: tuple[str, ...]
    compute: Rule
    words: Mapping[str, str]
    rank: int


Kind = Literal["number", "count", "formula", "choice"]


@dataclass(frozen=True)
class Cell:
    """What an exercise gives or asks for: a number, a formula, or one of several choices.

    The rules of all kinds compute numbers. That of a formula is its value: an answer is compared
    with it at the sheet's points. That of a choice is its place among the choices.

    Attributes
    ----------
    key : str
        What it is called in answers: "v-1", or "dv4/dv3".
    label : list
        The math tree of what it is called in words, v̄₋₁.
    compute : callable
        The right rule.
    terms : tuple of callable
        What the rule adds up; empty where it is no sum. An answer may be as far off as rounded
        terms make it.
    reads : tuple of int
        The places of the cells from which a mistake is carried on.
    wrong : tuple of WrongRule
    words : mapping
        As in :class:`WrongRule`, for what concerns the cell as a whole. Words of a wrong rule add
        to them, or replace them.
    kind : str
        "number", which may be rounded; "count", which may not; "formula" or "choice".
    formula : list, optional
        The math tree of the right formula.
    names : mapping
        The names that a formula may have in it, with the places of the cells that they stand for:
        ``{"v1": 2, "v-1": 0, "x1": 0}``. "v₁", "v_1" and "v_{-1}" are read as "v1" and "v-1".
    choices : tuple of str
        What there is to choose from.
    hints : tuple of str
        The codes of its hints, in the order in which they are given.
    """

    key: str
    label: Tree
    compute: Rule
    terms: tuple[Rule, ...] = ()
    reads: tuple[int, ...] = ()
    wrong: tuple[WrongRule, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = "number"
    formula: Tree | None = None
    names: Mapping[str, int] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


Shown = int | tuple[Any, ...]

NO_FORMULA: Tree = ["mrow"]


@dataclass(frozen=True)
class Line:
    """A line of the table in which the cells stand.

    Attributes
    ----------
    label, formula : list
        Math trees: of the row, and of how it is computed, ``NO_FORMULA`` where nothing says it.
    shown : tuple of int
        The places of the cells that it shows, in its columns: -1 for an empty one, tuples nested
        as the array is for the entries of an array.
    note : str
        What is said in place of numbers, by code: "unreached" of a row that no output depends on.
    """

    label: Tree
    formula: Tree
    shown: tuple[Shown, ...]
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """All cells of an exercise, each after those that its rule reads, and how they are laid out.

    Attributes
    ----------
    ask : str
        What is asked for, as in :func:`adviz.exercise`.
    cells : tuple of Cell
    columns : tuple of str
        The headings of the columns of numbers, by code: "value", "tangent", "adjoint".
    lines : tuple of Line
    blanks : tuple of int
        The cells that are asked for where nobody says which, in the order in which they are
        computed.
    points : tuple of tuple of float
        Further inputs, at which formulas are compared: numbers for the first cells.
    seeds : tuple of int
        The cells that a sweep begins with: given, unless somebody asks for them.
    """

    ask: str
    cells: tuple[Cell, ...]
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    blanks: tuple[int, ...]
    points: tuple[tuple[float, ...], ...] = ()
    seeds: tuple[int, ...] = ()


def numbers_of(cells: Sequence[Cell], inputs: Sequence[float] = ()) -> list[float]:
    """Return the right numbers of the cells, by their places.

    Parameters
    ----------
    cells : sequence of Cell
    inputs : sequence of float, optional
        Other numbers for the first cells, which are the inputs.
    """
    numbers: list[float] = [float(number) for number in inputs]
    with np.errstate(all="ignore"):
        for cell in cells[len(numbers) :]:
            numbers.append(float(cell.compute(numbers)))
    return numbers
