"""What is said of an answer, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from adviz import player
from adviz.render.math_tree import to_text
from adviz.render.number import DIGITS, format_number
from adviz.tutor.cells import Cell, WrongRule
from adviz.tutor.diagnosis import Finding
from adviz.tutor.entries import Entry

__all__ = ["explanation", "sentence"]


def sentence(cells: Sequence[Cell], entries: Mapping[int, Entry], finding: Finding) -> str:
    """Return a finding in words."""
    match finding.status:
        case "follows":
            earlier = [
                f"{to_text(cells[place].label)} = {format_number(entries[place].value, DIGITS)}"
                for place in finding.earlier
            ]
            return f"right, given your {' and '.join(earlier)}"
        case "coarse":
            return "right as far as it goes; give three digits"
        case "wrong" if finding.reasons:
            return "wrong: " + " Or: ".join(map(explanation, finding.reasons))
    return finding.status


def explanation(wrong: WrongRule) -> str:
    """Return what was done, and what is right in its place."""
    sentences = player.mistake_sentences()
    texts = [text for name in wrong.mistakes for text in sentences[name]]
    return " ".join(re.sub(r"\{(\w+)\}", lambda m: wrong.words.get(m[1], ""), t) for t in texts)
