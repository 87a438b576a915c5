"""Which rule was misapplied: answers compared with what wrong rules give.

``adviz/player/exerciseCheck.js`` does the same in a page, with the same rules as programs;
tests/javascript compares the two. First a single mistake is looked for that explains all answers
together; then each answer is looked at by itself, computed from the learner's own earlier ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adviz.tutor.cells import Cell, WrongRule, numbers_of
from adviz.tutor.entries import Entry

__all__ = ["Finding", "columns_of_mistakes", "diagnose"]

_Fits = Callable[[Entry, float, float], bool]

_RELATIVE = 2e-3
"""People who round to three digits all along are about so far off in the end."""

_FEWEST_FIGURES = 3
_MOST_REASONS = 2


@dataclass(frozen=True)
class Finding:
    """What is to be said of one answer.

    Attributes
    ----------
    status : str
        "right", "follows" (right, given the learner's own earlier entries), "coarse" (right as far
        as it goes, but with too few digits to tell), or "wrong".
    reasons : tuple of WrongRule
        The mistakes that give this answer, where it is wrong; of equally likely ones two.
    earlier : tuple of int
        The places of the wrong entries that it goes on from, where it follows.
    """

    status: str
    reasons: tuple[WrongRule, ...] = ()
    earlier: tuple[int, ...] = ()


def diagnose(
    cells: Sequence[Cell], entries: Mapping[int, Entry], digits: int = 6
) -> dict[int, Finding]:
    """Return what is to be said of answers.

    Parameters
    ----------
    cells : sequence of Cell
        Each after those that its rule reads.
    entries : mapping
        The learner's answers by the places of their cells; not all need to be there.
    digits : int
        How many significant digits the numbers that are shown have.
    """
    with np.errstate(all="ignore"):
        right = numbers_of(cells)
        column = _mistakes_of_all(cells, right, entries)
        known = list(right)
        findings: dict[int, Finding] = {}
        for place in sorted(entries):
            entry = entries[place]
            known[place] = entry.value
            findings[place] = _finding(cells, place, entry, right, known, findings, column, digits)
        return findings


def _finding(
    cells: Sequence[Cell],
    place: int,
    entry: Entry,
    right: list[float],
    known: list[float],
    findings: Mapping[int, Finding],
    column: set[str],
    digits: int,
) -> Finding:
    cell = cells[place]
    shown = 10.0 ** (1 - digits)
    slack = shown * _size(cell, right)
    if _agrees(entry, right[place], slack):
        return Finding("right")
    earlier = tuple(
        j for j in cell.reads if j in findings and findings[j].status in ("wrong", "follows")
    )
    if earlier:
        # What goes on from an entry is as exact as the entry.
        slack = _RELATIVE * _size(cell, known)
        if _agrees(entry, float(cell.compute(known)), slack):
            return Finding("follows", earlier=earlier)
    starts = [known, right] if earlier else [known]
    for numbers in starts:
        reasons = _reasons(cell, entry, numbers, slack, column, _is_close)
        if reasons:
            return Finding("wrong", reasons)
    if _is_rounded(entry, right[place]):
        return Finding("coarse")
    return Finding("wrong", _reasons(cell, entry, known, slack, column, _is_rounded_to))


def _reasons(
    cell: Cell, entry: Entry, numbers: list[float], slack: float, column: set[str], fits: _Fits
) -> tuple[WrongRule, ...]:
    """Return the likeliest wrong rules that give the answer, each mistake once."""
    expected = float(cell.compute(numbers))
    found: dict[tuple[str, ...], WrongRule] = {}
    for wrong in sorted(cell.wrong, key=lambda wrong: wrong.rank):
        value = float(wrong.compute(numbers))
        # What gives the right number is no mistake, and every number is close to an infinite one.
        if not math.isfinite(value) or _close(value, expected, slack):
            continue
        if fits(entry, value, slack):
            found.setdefault(wrong.mistakes, wrong)
    in_column = [wrong for wrong in found.values() if set(wrong.mistakes) <= column]
    reasons = in_column or list(found.values())
    likeliest = [wrong for wrong in reasons if wrong.rank == reasons[0].rank]
    return tuple(likeliest[:_MOST_REASONS])


def _mistakes_of_all(
    cells: Sequence[Cell], right: list[float], entries: Mapping[int, Entry]
) -> set[str]:
    """Return the mistakes each of which, made wherever it can be made, explains all answers."""
    if all(_agrees(entry, right[place], 0.0) for place, entry in entries.items()):
        return set()
    return {
        name
        for name, column in columns_of_mistakes(cells, right, entries).items()
        if all(
            _is_close(entry, column[place], 0.0) or _is_rounded(entry, column[place])
            for place, entry in entries.items()
        )
    }


def columns_of_mistakes(
    cells: Sequence[Cell], right: Sequence[float], blanks: Iterable[int]
) -> dict[str, list[float]]:
    """Return by mistake the numbers of somebody who makes it wherever a blank allows it."""
    places = sorted(blanks)
    names = {w.mistakes[0] for place in places for w in cells[place].wrong if len(w.mistakes) == 1}
    return {name: _simulated(cells, right, places, name) for name in sorted(names)}


def _simulated(
    cells: Sequence[Cell], right: Sequence[float], places: list[int], name: str
) -> list[float]:
    numbers = list(right)
    for place in places:
        cell = cells[place]
        made = [wrong for wrong in cell.wrong if wrong.mistakes == (name,)]
        # The last of them is the one of all uses together, where there is one.
        numbers[place] = float((made[-1] if made else cell).compute(numbers))
    return numbers


def _size(cell: Cell, numbers: Sequence[float]) -> float:
    """Return how large the numbers are that a cell's number is computed from."""
    sizes = [abs(float(rule(numbers))) for rule in (cell.compute, *cell.terms)]
    return max((size for size in sizes if math.isfinite(size)), default=0.0)


def _agrees(entry: Entry, number: float, slack: float) -> bool:
    return _close(entry.value, number, slack) or (
        entry.figures >= _FEWEST_FIGURES and _is_at_its_places(entry, number)
    )


def _is_close(entry: Entry, number: float, slack: float) -> bool:
    return _close(entry.value, number, slack)


def _close(answer: float, number: float, slack: float) -> bool:
    return abs(answer - number) <= max(_RELATIVE * abs(number), slack)


def _is_rounded(entry: Entry, number: float) -> bool:
    """Return whether an answer is a number rounded to fewer digits than can be told apart."""
    is_coarse = entry.figures < _FEWEST_FIGURES and (entry.figures > 1 or entry.places > 0)
    return is_coarse and _is_at_its_places(entry, number)


def _is_rounded_to(entry: Entry, number: float, slack: float) -> bool:
    return _is_rounded(entry, number)


def _is_at_its_places(entry: Entry, number: float) -> bool:
    """Return whether an answer is a number rounded to the answer's places."""
    return bool(abs(entry.value - number) <= 0.5001 * 10.0**-entry.places)
