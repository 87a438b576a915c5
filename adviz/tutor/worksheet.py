"""An exercise where no script runs: a table with blanks, as HTML or as text, without answers."""

from __future__ import annotations

import html
from collections.abc import Sequence

from adviz.render.math_tree import to_html, to_text
from adviz.render.number import DIGITS, format_number
from adviz.tutor.cells import Cell, Sheet, Shown, numbers_of

__all__ = ["worksheet_html", "worksheet_text"]

_BLANK = "________"
_CELL = ' style="text-align: left"'


def worksheet_html(sheet: Sheet, blanks: tuple[int, ...], heading: str) -> str:
    """Return the table as HTML that needs no style sheet."""
    columns = "".join(f'<th scope="col"{_CELL}>{name}</th>' for name in _headings(sheet))
    body = "".join(
        f'<tr><th scope="row"{_CELL}>{to_html(line.label)}</th>'
        f"<td{_CELL}>{to_html(line.formula)}</td>"
        + "".join(f"<td{_CELL}>{html.escape(text)}</td>" for text in texts)
        + "</tr>\n"
        for line, texts in zip(sheet.lines, _rows(sheet, blanks), strict=True)
    )
    return (
        f"<table>\n<caption>{html.escape(heading)}</caption>\n"
        f"<thead><tr>{columns}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"
    )


def worksheet_text(sheet: Sheet, blanks: tuple[int, ...], heading: str) -> str:
    """Return the table as plain text."""
    lines = [
        list(_headings(sheet)),
        *(
            [to_text(line.label), to_text(line.formula), *texts]
            for line, texts in zip(sheet.lines, _rows(sheet, blanks), strict=True)
        ),
    ]
    wide = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = ("  ".join(f"{text:{w}}" for text, w in zip(row, wide, strict=True)) for row in lines)
    return "\n".join([heading, *(row.rstrip() for row in rows)])


def _headings(sheet: Sheet) -> tuple[str, ...]:
    return ("row", "printed" if sheet.ask == "paper" else "primal", *sheet.columns)


def _rows(sheet: Sheet, blanks: tuple[int, ...]) -> list[list[str]]:
    numbers = numbers_of(sheet.cells)
    return [
        [_written(shown, sheet, blanks, numbers) for shown in line.shown] for line in sheet.lines
    ]


def _written(shown: Shown, sheet: Sheet, blanks: tuple[int, ...], numbers: Sequence[float]) -> str:
    if isinstance(shown, tuple):
        return f"[{', '.join(_written(part, sheet, blanks, numbers) for part in shown)}]"
    if shown < 0:
        return ""
    return _BLANK if shown in blanks else _given(sheet.cells[shown], numbers[shown])


def _given(cell: Cell, number: float) -> str:
    if cell.kind == "choice":
        return cell.choices[int(number)]
    return format_number(number, DIGITS) if cell.formula is None else to_text(cell.formula)
