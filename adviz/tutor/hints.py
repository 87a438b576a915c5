"""Hints to the cells of an exercise: which there are, by code, and what they say.

The sentences are the player's, in ``hintSentences.js``; they are filled with the words of a cell.
"""

from __future__ import annotations

import re

from adviz import player
from adviz.core.rows import Row
from adviz.tutor.cells import Cell

__all__ = ["hint_texts", "hints_for_slope", "hints_for_value"]


def hints_for_value(row: Row) -> tuple[str, ...]:
    """Return the hints to a row's value."""
    hints = ("row",) if row.parents else ()
    return (*hints, "units") if getattr(row.elemental, "layout", "") == "function" else hints


def hints_for_slope(row: Row) -> tuple[str, ...]:
    """Return the hints to a local partial of a row."""
    rule = f"rule_{row.op}"
    return ("others_fixed", rule) if rule in player.hint_sentences() else ("others_fixed",)


def hint_texts(cell: Cell) -> list[str]:
    """Return the hints to a cell, one after the other, as texts.

    Examples
    --------
    >>> import adviz as ad
    >>> hint_texts(ad.exercise(lambda x: x * x, 3.0).sheet.cells[-1])[-1]
    'v̄₀ = v̄₁·v₀ + v̄₁·v₀.'
    """
    return [text for hint in cell.hints if (text := _text(hint, cell))]


def _text(hint: str, cell: Cell) -> str:
    text = " ".join(filter(None, player.hint_sentences()[hint]))
    if not all(cell.words.get(word) for word in _WORD.findall(text)):
        return ""
    return _WORD.sub(lambda match: cell.words[match[1]], text)


_WORD = re.compile(r"\{(\w+)\}")
