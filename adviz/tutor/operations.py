"""The operations of a trace as cells: for each row its formula in earlier rows."""

from __future__ import annotations

from collections.abc import Iterator

from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.host.source import quoted
from adviz.mistakes import WRONG_READINGS, WRONG_VALUES, Mistake
from adviz.render.table import primal_tree, row_name
from adviz.tutor.cells import NO_FORMULA, Cell, Line, Rule, Sheet, WrongRule
from adviz.tutor.columns import key_of, line_label, value_cells
from adviz.tutor.points import can_be_written, names_of, points_of
from adviz.tutor.rules import applied, operands_of, reading
from adviz.tutor.words import row_words

__all__ = ["operations"]


def operations(trace: Trace) -> Sheet:
    """Return the sheet of the rows' formulas.

    Formulas are compared at values that do not follow from each other, so that one that gives the
    right number in another way is told from the row's own operation.
    """
    cells = value_cells(trace)
    place: dict[int, int] = {}
    for row in trace.rows:
        if row.parents and can_be_written(primal_tree(row), names_of(trace.rows[: row.slot])):
            place[row.slot] = len(cells)
            cells.append(_cell(trace, row))
    lines = tuple(
        Line(
            line_label(trace, row),
            NO_FORMULA if row.slot in place else primal_tree(row),
            (place.get(row.slot, -1),),
        )
        for row in trace.rows
    )
    points = points_of(cells, len(trace.rows))
    blanks = tuple(place.values())
    return Sheet("operations", tuple(cells), ("operation",), lines, blanks, points)


def _cell(trace: Trace, row: Row) -> Cell:
    # The formula is what is asked for: the sentences give the source in its place.
    source = "" if row.source is None else quoted(row.source.text)
    words = {**row_words(row, "primal"), "row": row.label + source}
    operands = operands_of(row)
    wrong = [
        WrongRule((mistake.name,), applied(mistake.wrong, operands), words, 1)
        for mistake in WRONG_VALUES.get(row.op, ())
    ]
    wrong += [
        WrongRule((mistake.name,), rule, words, rank)
        for rank, mistake in enumerate(WRONG_READINGS)
        for rule in _misread(mistake, trace, row)
    ]
    return Cell(
        key_of(row),
        row_name(row).tree(),
        applied(row.elemental.evaluate, operands),
        wrong=tuple(wrong),
        words=words,
        kind="formula",
        formula=primal_tree(row),
        names=names_of(trace.rows[: row.slot]),
        hints=("next_operation", "rows_named"),
    )


def _misread(mistake: Mistake, trace: Trace, row: Row) -> Iterator[Rule]:
    """Yield what the operation gives with one of its operands read wrongly."""
    operands = operands_of(row)
    for k, operand in enumerate(row.operands):
        if not isinstance(operand, Row):
            continue
        inside = operand.parents and applied(operand.elemental.evaluate, operands_of(operand))
        others = [other for other in trace.rows[: row.slot] if other != operand]
        if mistake.name == "row_taken_apart":
            others = others[:1] if inside else []
        for other in others[-_MOST_ROWS:]:
            read = applied(mistake.wrong, [operands[k], reading(other.slot), inside or operands[k]])
            yield applied(row.elemental.evaluate, [*operands[:k], read, *operands[k + 1 :]])


_MOST_ROWS = 12
