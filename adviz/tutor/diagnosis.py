"""Which rule was misapplied: answers compared with what wrong rules give.

``adviz/player/exerciseCheck.js`` does the same in a page, with the same rules as programs;
tests/javascript compares the two. Each answer is computed again from the learner's own earlier
ones. Where several mistakes give it, the one comes first that explains the most wrong answers.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adviz.tutor.cells import Cell, Rule, Sheet, WrongRule, numbers_of
from adviz.tutor.entries import Entry

__all__ = ["Finding", "columns_of_mistakes", "diagnose", "status_of"]

_RELATIVE = 2e-3
"""People who round to three digits all along are about so far off in the end."""

_EXACT = 1e-5

_FEWEST_FIGURES = 3
_MOST_REASONS = 2
_MOST_LEFT_OUT = 20
_PATTERN = 3
"""A mistake that explains so many answers is no coincidence."""

_Worlds = Sequence[Sequence[float]]
"""Numbers of all cells: once, and for a formula once more for each point."""

_Fits = Callable[[Entry, Sequence[float], float], bool]
"""Whether an answer is these numbers, one in each world; they may be off by so much."""


@dataclass(frozen=True)
class Finding:
    """What is to be said of one answer.

    Attributes
    ----------
    status : str
        "right", "follows" (right, given the learner's own earlier entries), "coarse" (right as far
        as it goes, but with too few digits to tell), or "wrong".
    reasons : tuple of WrongRule
        The mistakes that give this answer, where it is wrong, the likelier first; two at most.
    is_open : bool
        Whether further mistakes give it.
    is_guess : bool
        Whether the answer says too little to be sure of the reasons.
    earlier : tuple of int
        The places of the wrong entries that it goes on from, where it follows.
    credit : str
        What is right in a wrong answer: its "size", its "sign", or the "number" of a formula.
    """

    status: str
    reasons: tuple[WrongRule, ...] = ()
    is_open: bool = False
    is_guess: bool = False
    earlier: tuple[int, ...] = ()
    credit: str = ""


def diagnose(
    sheet: Sheet,
    blanks: Collection[int],
    entries: Mapping[int, Entry],
    digits: int = 6,
    inputs: Sequence[float] = (),
) -> dict[int, Finding]:
    """Return what is to be said of answers.

    Parameters
    ----------
    sheet : Sheet
    blanks : collection of int
        The cells that are asked for; the numbers of the others can be read.
    entries : mapping
        The learner's answers by the places of their cells; not all need to be there.
    digits : int
        How many significant digits the numbers that are shown have.
    inputs : sequence of float, optional
        As for :func:`~adviz.tutor.cells.numbers_of`.
    """
    cells = sheet.cells
    findings: dict[int, Finding] = {}
    candidates: dict[int, list[WrongRule]] = {}
    found_before: dict[int, list[WrongRule]] = {}
    wrong_before: dict[int, tuple[int, ...]] = {}
    left_out: dict[int, list[int]] = {}
    with np.errstate(all="ignore"):
        right = numbers_of(cells, inputs)
        known = _learners_numbers(cells, blanks, entries, right)
        points = [numbers_of(cells, point) for point in sheet.points]
        for place in sorted({*blanks, *entries}):
            cell = cells[place]
            earlier = _wrong_before(cell, findings, wrong_before)
            left_out[place] = _left_out_before(cell, entries, left_out)
            if place not in entries:
                wrong_before[place] = earlier
                continue
            more = points if cell.kind == "formula" else []
            learner = _Answer(cell, entries[place], [right, *more], [known, *more], digits)
            findings[place] = learner.judged(earlier)
            if findings[place].status in ("wrong", "coarse"):
                candidates[place] = learner.mistakes(_is_exactly)
            if findings[place].status == "wrong":
                found_before[place] = _mistakes_before(learner, cells, place, left_out[place])
                if not candidates[place] and not found_before[place]:
                    rounded = learner.mistakes(_agrees) or learner.mistakes(_is_rounded)
                    candidates[place] = rounded
    often: Counter[tuple[str, ...]] = Counter()
    for place, found in candidates.items():
        often.update({rule.mistakes for rule in (*found, *found_before.get(place, []))})
    return {
        place: _explained(
            finding,
            candidates.get(place, []),
            found_before.get(place, []),
            often,
            entries[place] if cells[place].kind == "number" else None,
        )
        for place, finding in findings.items()
    }


def status_of(entry: Entry, number: float, digits: int = 6) -> str:
    """Return whether an answer is a number: "right", "coarse" or "wrong"."""
    cell = Cell("", [], lambda _: number)
    return _Answer(cell, entry, [[]], [[]], digits).judged(()).status


def _learners_numbers(
    cells: Sequence[Cell],
    blanks: Collection[int],
    entries: Mapping[int, Entry],
    right: Sequence[float],
) -> list[float]:
    """Return the numbers that the learner goes on from; what was left out follows from them."""
    known = list(right)
    for place in sorted({*blanks, *entries}):
        if place in entries:
            known[place] = entries[place].value
        elif any(known[j] != right[j] for j in cells[place].reads):
            known[place] = float(cells[place].compute(known))
    return known


def _wrong_before(
    cell: Cell, findings: Mapping[int, Finding], wrong_before: Mapping[int, tuple[int, ...]]
) -> tuple[int, ...]:
    """Return the wrong entries that a cell's rule reads, also by way of cells left out."""
    wrong: list[int] = []
    for j in cell.reads:
        if j not in findings:
            wrong += wrong_before.get(j, ())
        elif findings[j].status in ("wrong", "follows"):
            wrong.append(j)
    return tuple(dict.fromkeys(wrong))


def _left_out_before(
    cell: Cell, entries: Mapping[int, Entry], left_out: Mapping[int, list[int]]
) -> list[int]:
    """Return the blanks without an entry that a cell's number is computed from."""
    open_ones = [j for j in cell.reads if j in left_out and j not in entries]
    return sorted({k for j in open_ones for k in (j, *left_out[j])})


def _mistakes_before(
    learner: _Answer, cells: Sequence[Cell], place: int, left_out: Sequence[int]
) -> list[WrongRule]:
    """Return the wrong rules that lead to an answer from blanks that were left out."""
    found: list[WrongRule] = []
    known = learner.known[0]
    nearest = left_out[-_MOST_LEFT_OUT:]
    for k, first in enumerate(nearest):
        for wrong in cells[first].wrong:
            numbers = list(known)
            numbers[first] = float(wrong.compute(known))
            for later in (*nearest[k + 1 :], place):
                numbers[later] = float(cells[later].compute(numbers))
            if learner.comes_from(numbers[place]):
                found.append(wrong)
    return found


def _explained(
    finding: Finding,
    own: Sequence[WrongRule],
    before: Sequence[WrongRule],
    often: Mapping[tuple[str, ...], int],
    entry: Entry | None,
) -> Finding:
    """Return a finding with the likeliest mistakes: first its own, then those before it.

    Some mistake or other gives almost any number of one digit, or 0. Unless other answers speak for
    it as well, one of two is only said to be possible, and of more none is named.
    """
    found = [
        rule
        for some in (own, before)
        for rule in sorted(some, key=lambda rule: (-often[rule.mistakes], rule.rank))
    ]
    if not found:
        return finding
    most = max(often[rule.mistakes] for rule in found)
    if most >= _PATTERN:
        found = [rule for rule in found if often[rule.mistakes] == most]
    is_open = len(found) > _MOST_REASONS
    is_guess = (
        entry is not None
        and entry.figures <= 1
        and most == 1
        and (len(found) > 1 or entry.value == 0)
    )
    if is_guess and is_open:
        return replace(finding, status="wrong")
    reasons = tuple(found[:_MOST_REASONS])
    return replace(finding, status="wrong", reasons=reasons, is_open=is_open, is_guess=is_guess)


def _told_apart(found: Sequence[WrongRule]) -> list[WrongRule]:
    """Return the rules without those of which the same would be said."""
    kept: list[WrongRule] = []
    for rule in found:
        if not any((rule.mistakes, rule.words) == (one.mistakes, one.words) for one in kept):
            kept.append(rule)
    return kept


class _Answer:
    """An answer, with the numbers that it can come from: the right ones, and the learner's."""

    def __init__(
        self, cell: Cell, entry: Entry, right: _Worlds, known: _Worlds, digits: int
    ) -> None:
        self.cell, self.entry, self.right, self.known = cell, entry, right, known
        self.expected = _values(cell.compute, right)
        self.own = _values(cell.compute, known)
        self.shown = 10.0 ** (1 - digits)
        self.goes_on = self.own[0] != self.expected[0]
        if cell.kind == "number":
            # What goes on from an entry is as exact as the entry.
            self.slack = (_RELATIVE if self.goes_on else self.shown) * _size(cell, known[0])
        else:
            self.slack = 0.0

    def judged(self, earlier: tuple[int, ...]) -> Finding:
        """Return whether the answer is right, or follows from the learner's own numbers."""
        slack = self.shown * _size(self.cell, self.right[0]) if self.slack else 0.0
        if self._is(self.expected, slack, self.right[0]):
            return Finding("right")
        if self.goes_on and self._is(self.own, self.slack, self.known[0]):
            return Finding("follows", earlier=earlier) if earlier else Finding("right")
        if self.cell.kind == "number" and _is_rounded(self.entry, self.expected, 0.0):
            return Finding("coarse")
        return Finding("wrong", credit=self._credit())

    def _is(self, numbers: Sequence[float], slack: float, read: Sequence[float]) -> bool:
        if self.cell.kind in ("count", "choice"):
            return self.entry.value == numbers[0]
        return _agrees(self.entry, numbers, slack) or (
            self.cell.kind == "number" and _is_of_rounded_terms(self.cell, self.entry, read)
        )

    def _credit(self) -> str:
        value = self.entry.value
        if self.cell.kind == "formula":
            return "number" if _close(value, self.expected[0], 0.0) else ""
        if self.cell.kind != "number":
            return ""
        numbers = [self.expected[0], self.own[0]]
        if any(_agrees(self.entry, [-number], self.slack) for number in numbers):
            return "size"
        return "sign" if all(value * number > 0 for number in numbers) else ""

    def mistakes(self, is_it: _Fits) -> list[WrongRule]:
        """Return the wrong rules that give the answer.

        They take the learner's own numbers; if none fits, the right ones.
        """
        for worlds in [self.known, self.right] if self.goes_on else [self.known]:
            found = self._giving_it(worlds, is_it)
            if found:
                return _told_apart(found)
        return []

    def comes_from(self, number: float) -> bool:
        """Return whether the answer is exactly a number, and this is not the right one."""
        is_other = math.isfinite(number) and not self._is_same(number, self.own[0])
        return is_other and not self.entry.others and _is_exactly(self.entry, [number], 0.0)

    def _giving_it(self, worlds: _Worlds, is_it: _Fits) -> list[WrongRule]:
        expected = _values(self.cell.compute, worlds)
        found: list[WrongRule] = []
        for wrong in self.cell.wrong:
            values = _values(wrong.compute, worlds)
            # What gives the right number is no mistake, and all are close to an infinite one.
            if not math.isfinite(values[0]) or all(map(self._is_same, values, expected)):
                continue
            if is_it(self.entry, values, self.slack):
                found.append(wrong)
        return found

    def _is_same(self, value: float, expected: float) -> bool:
        return not math.isfinite(expected) or _close(value, expected, self.slack)


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


# -- how close is an answer to a number? ---------------------------------------------------------


def _values(rule: Rule, worlds: _Worlds) -> list[float]:
    return [float(rule(numbers)) for numbers in worlds]


def _size(cell: Cell, numbers: Sequence[float]) -> float:
    """Return how large the numbers are that a cell's number is computed from."""
    sizes = [abs(float(rule(numbers))) for rule in (cell.compute, *cell.terms)]
    return max((size for size in sizes if math.isfinite(size)), default=0.0)


def _agrees(entry: Entry, numbers: Sequence[float], slack: float) -> bool:
    """Return whether an answer is a number as people round it, or a formula at all points."""
    if entry.others:
        answers = [entry.value, *entry.others]
        pairs = [(a, n) for a, n in zip(answers, numbers, strict=True) if math.isfinite(n)]
        return bool(pairs) and all(_close(answer, number, 0.0) for answer, number in pairs)
    return _close(entry.value, numbers[0], slack) or (
        entry.figures >= _FEWEST_FIGURES and _is_at_its_places(entry, numbers[0])
    )


def _is_exactly(entry: Entry, numbers: Sequence[float], slack: float) -> bool:
    """Return whether an answer is a number to all its digits."""
    if entry.others:
        return _agrees(entry, numbers, slack)
    (number,) = numbers
    return abs(entry.value - number) <= _EXACT * abs(number) or (
        entry.figures >= _FEWEST_FIGURES and _is_at_its_places(entry, number)
    )


def _close(answer: float, number: float, slack: float) -> bool:
    return abs(answer - number) <= max(_RELATIVE * abs(number), slack)


def _is_rounded(entry: Entry, numbers: Sequence[float], slack: float) -> bool:
    """Return whether an answer is a number rounded to fewer digits than can be told apart."""
    is_coarse = entry.figures < _FEWEST_FIGURES and (entry.figures > 1 or entry.places > 0)
    return is_coarse and _is_at_its_places(entry, numbers[0])


def _is_at_its_places(entry: Entry, number: float) -> bool:
    """Return whether an answer is a number rounded to the answer's places."""
    return bool(abs(entry.value - number) <= 0.5001 * 10.0**-entry.places)


def _is_of_rounded_terms(cell: Cell, entry: Entry, numbers: Sequence[float]) -> bool:
    """Return whether an answer is a sum of terms that were rounded to its places.

    The largest of them has three digits then: what is left of terms that cancel may have fewer.
    """
    if len(cell.terms) < 2 or _size(cell, numbers) < 100 * entry.unit:
        return False
    far_off = abs(entry.value - float(cell.compute(numbers)))
    return bool(far_off <= 0.5001 * entry.unit * (len(cell.terms) + 1))
