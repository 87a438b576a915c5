"""The exercise document: what a page needs to show an exercise, and to check it without a kernel.

It is JSON of the MIME type ``application/vnd.adviz.exercise+json``; ``exerciseDocument.js`` reads
it, docs/document.md describes it. The rules of all cells are one program
(``render/programs.py``) of the numbers of all cells, in which what they share stands once, so that
the page finds what Python's :func:`~adviz.tutor.diagnosis.diagnose` finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from adviz.render.document_arrays import json_number
from adviz.render.programs import shared_code
from adviz.tutor.cells import Cell, Rule, Sheet, Shown, numbers_of

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
        Whether a page can check answers. Otherwise numbers are left out that are asked for, or
        that are in no line (an answer may follow from them), and so are all rules.
    """
    numbers = numbers_of(sheet.cells)
    every = set(range(len(numbers)))
    seen = {place for line in sheet.lines for place in _places(line.shown)}
    held = every if holds_answers else seen - set(blanks)
    cells = [
        _described(cell, numbers[place] if place in held else None)
        for place, cell in enumerate(sheet.cells)
    ]
    return {
        "columns": list(sheet.columns),
        "lines": [
            {
                "label": line.label,
                "formula": line.formula,
                "shown": list(line.shown),
                **({"note": line.note} if line.note else {}),
            }
            for line in sheet.lines
        ],
        "cells": cells,
        "blanks": list(blanks),
        **(_checked(sheet, blanks, cells) if holds_answers else {}),
    }


def _places(shown: Shown) -> Iterator[int]:
    if isinstance(shown, int):
        yield shown
    else:
        for part in shown:
            yield from _places(part)


def _described(cell: Cell, number: float | None) -> dict[str, Any]:
    """Return what a page shows of a cell."""
    described: dict[str, Any] = {"key": cell.key, "label": cell.label, "number": _written(number)}
    if cell.kind != "number":
        described["kind"] = cell.kind
    if cell.choices:
        described["choices"] = list(cell.choices)
    if cell.names:
        described["names"] = dict(cell.names)
    if cell.formula is not None and number is not None:
        described["formula"] = cell.formula
    return described


def _checked(sheet: Sheet, blanks: Sequence[int], cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a page needs to check answers, and add its rules to each cell.

    A cell that is given needs its right rule only, for new numbers.
    """
    rules: list[Rule] = []
    for place, cell in enumerate(sheet.cells):
        rules.append(cell.compute)
        if place in blanks:
            rules += [*cell.terms, *(wrong.compute for wrong in cell.wrong)]
    code, results = shared_code(map(_of_all, rules), len(sheet.cells))
    written = iter(results)
    mistakes: list[list[str]] = []
    words: list[Mapping[str, str]] = []
    for place, (cell, described) in enumerate(zip(sheet.cells, cells, strict=True)):
        described["rule"] = next(written)
        if place not in blanks:
            continue
        terms = [next(written) for _ in cell.terms]
        described["terms"] = [term for term in terms if term is not None]
        described["reads"] = list(cell.reads)
        described["words"] = _place(dict(cell.words), words)
        described["hints"] = list(cell.hints)
        described["wrong"] = []
        for wrong in cell.wrong:
            rule = next(written)
            if rule is not None:
                more = {k: v for k, v in wrong.words.items() if cell.words.get(k) != v}
                mistake = _place(list(wrong.mistakes), mistakes)
                described["wrong"].append([mistake, rule, wrong.rank, _place(more, words)])
    return {
        "points": [list(point) for point in sheet.points],
        "code": code,
        "mistakes": mistakes,
        "words": words,
    }


def _place(item: Any, items: list[Any]) -> int:
    """Return where an item is in a list, in which each stands once."""
    if item not in items:
        items.append(item)
    return items.index(item)


def _of_all(rule: Rule) -> Callable[..., Any]:
    return lambda *numbers: rule(numbers)


def _written(number: float | None) -> Any:
    """Return a number as JSON holds it."""
    return None if number is None else json_number(number)
