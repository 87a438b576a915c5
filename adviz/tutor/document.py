"""The exercise document: what a page needs to show an exercise, and to check it without a kernel.

It is JSON of the MIME type ``application/vnd.adviz.exercise+json``; ``exerciseDocument.js`` reads
it. The rules of the cells are programs (``render/programs.py``) of the numbers of all cells, so
that the page finds what Python's :func:`~adviz.tutor.diagnosis.diagnose` finds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from adviz.render.programs import code_of
from adviz.tutor.cells import Cell, Rule, Sheet, WrongRule, numbers_of

__all__ = ["MIME_TYPE", "VERSION", "table_of"]

MIME_TYPE = "application/vnd.adviz.exercise+json"
VERSION = 1


def table_of(sheet: Sheet, blanks: Sequence[int], *, holds_answers: bool = True) -> dict[str, Any]:
    """Return the cells of an exercise as JSON.

    Parameters
    ----------
    sheet : Sheet
    blanks : sequence of int
        The cells that are asked for.
    holds_answers : bool
        Whether a page can check answers. Otherwise numbers that are asked for are left out, and
        so are all rules.
    """
    words: list[Mapping[str, str]] = []
    numbers = numbers_of(sheet.cells)
    return {
        "columns": list(sheet.columns),
        "lines": [
            {"label": line.label, "formula": line.formula, "shown": list(line.shown)}
            for line in sheet.lines
        ],
        "cells": [
            {
                "key": cell.key,
                "label": cell.label,
                "number": _written(number) if holds_answers or place not in blanks else None,
                **(_rules(cell, len(numbers), words) if holds_answers else {}),
            }
            for place, (cell, number) in enumerate(zip(sheet.cells, numbers, strict=True))
        ],
        "words": words,
        "blanks": list(blanks),
    }


def _rules(cell: Cell, count: int, words: list[Mapping[str, str]]) -> dict[str, Any]:
    def place_of(those: Mapping[str, str]) -> int:
        if those not in words:
            words.append(those)
        return words.index(those)

    def written(rule: WrongRule) -> list[Any]:
        code = code_of(_of_all(rule.compute), count)
        return [list(rule.mistakes), code, place_of(rule.words), rule.rank]

    wrong = [written(rule) for rule in cell.wrong]
    return {
        "code": code_of(_of_all(cell.compute), count),
        "terms": [code_of(_of_all(term), count) for term in cell.terms],
        "reads": list(cell.reads),
        "wrong": [rule for rule in wrong if rule[1] is not None],
        "words": place_of(cell.words),
    }


def _of_all(rule: Rule) -> Any:
    return lambda *numbers: rule(numbers)


def _written(number: float) -> Any:
    """Return a number as JSON holds it."""
    return number if math.isfinite(number) else str(number)
