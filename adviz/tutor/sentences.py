"""What is said of an answer, in words; ``adviz/player/exerciseProse.js`` says the same in a page.

The sentences are the player's, in ``mistakeSentences.js`` and ``exerciseSentences.js``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from adviz import player
from adviz.render.math_tree import to_text
from adviz.render.number import DIGITS, format_number
from adviz.tutor.cells import Cell, WrongRule
from adviz.tutor.diagnosis import Finding
from adviz.tutor.entries import Entry

__all__ = ["Remark", "remark_on"]

_ANSWERS = {"slope", "part", "sum", "rest"}
"""Words that would give the formula away that is asked for."""


class Remark(NamedTuple):
    """A sentence that begins with what counts most.

    Attributes
    ----------
    first, rest : str
    """

    first: str
    rest: str

    def __str__(self) -> str:
        return _joined(self)


def remark_on(
    cells: Sequence[Cell],
    entries: Mapping[int, Entry],
    place: int,
    finding: Finding,
    digits: int = DIGITS,
) -> Remark:
    """Return what is said of the answer for a cell.

    Parameters
    ----------
    cells : sequence of Cell
    entries : mapping
        The learner's answers by the places of their cells.
    place : int
    finding : Finding
    digits : int
        How many significant digits numbers are shown with.
    """
    cell = cells[place]
    match finding.status:
        case "right":
            count = len(cell.terms)
            if "found" in cell.words:
                return _remark("right_found", cell.words)
            if count < 2:
                return _remark("right", {})
            what = "uses" if cell.words.get("asked") == "adjoint" else "terms"
            terms = f"both {what}" if count == 2 else f"all {count} {what}"
            return _remark("right_sum", {"terms": terms})
        case "follows":
            names = [to_text(cells[place].label) for place in finding.earlier]
            written = [
                f"{name} = {format_number(entries[place].value, digits)}"
                for name, place in zip(names, finding.earlier, strict=True)
            ]
            moves = f"{names[0]} does" if len(names) == 1 else "they do"
            return _remark("follows", {"earlier": _enumerated(written), "moves": moves})
        case "coarse":
            return _remark("coarse", {})
    if finding.reasons:
        return _explanation(cell, finding)
    return _hint(cell, finding, entries[place].value)


def _explanation(cell: Cell, finding: Finding) -> Remark:
    """Return the mistake and what is right."""
    (first, rest), *others = [_mistake(cell, reason) for reason in finding.reasons]
    words = _words(cell, finding.reasons[0].words)
    done, texts = first, [rest]
    if finding.is_guess:
        texts = [_remark("perhaps", {}).rest, first, rest]
        first = _said("perhaps")
    for other in others:
        is_said = other.first == done
        texts += [_said("or"), "" if is_said else other.first]
        texts += [other.rest] if is_said or other.rest != rest else []
    if finding.is_open:
        texts.append(_said("open"))
    if finding.credit not in ("", "sign"):
        texts.append(_said(finding.credit))
    if "rest" in words and not others:
        texts.append(_filled(_said("rest"), words))
    return Remark(first, _joined(texts))


def _mistake(cell: Cell, wrong: WrongRule) -> Remark:
    """Return what was done, and what is right in its place."""
    words = _words(cell, wrong.words)
    known = [player.mistake_sentences()[name] for name in wrong.mistakes]
    return Remark(
        _joined(_filled(done, words) for done, _ in known),
        _joined(_filled(right, words) for _, right in known),
    )


def _hint(cell: Cell, finding: Finding, value: float) -> Remark:
    """Return what is said where no mistake is found that gives the answer."""
    words = _words(cell, {})
    if cell.kind == "count" and not value.is_integer():
        return _remark("fraction", {})
    kind = "wrong_uses" if "uses" in words else "wrong_row" if "row" in words else "wrong"
    if words.get("asked") == "count":
        kind = "wrong_count"
    first, rest = _remark(kind, words)
    return Remark(first, _joined([_said(finding.credit) if finding.credit else "", rest]))


def _words(cell: Cell, more: Mapping[str, str]) -> dict[str, str]:
    words = {**cell.words, **more}
    if cell.kind != "formula":
        return words
    return {name: text for name, text in words.items() if name not in _ANSWERS}


def _remark(name: str, words: Mapping[str, str]) -> Remark:
    first, rest = player.verdicts()[name]
    return Remark(_filled(first, words), _filled(rest, words))


def _said(name: str) -> str:
    return player.verdicts()[name][0]


def _filled(text: str, words: Mapping[str, str]) -> str:
    """Return a sentence with its words.

    Where one is missing, it is without what it stands for, or there is none at all.
    """
    shorter = re.sub(r": \{(\w+)\}\.$", lambda m: m[0] if words.get(m[1]) else ".", text)
    if not all(words.get(name) for name in re.findall(r"\{(\w+)\}", shorter)):
        return ""
    return re.sub(r"\{(\w+)\}", lambda m: words[m[1]], shorter)


def _enumerated(texts: Sequence[str]) -> str:
    *before, last = texts
    return f"{', '.join(before)} and {last}" if before else last


def _joined(texts: Iterable[str]) -> str:
    return " ".join(text for text in texts if text)
