"""Which row is never reached by the return sweep, as a choice."""

from __future__ import annotations

from adviz.core.rows import Row
from adviz.core.sweeps import reached
from adviz.core.trace import Trace
from adviz.mistakes import WRONG_ROW_CHOSEN
from adviz.render.row_formulas import uses
from adviz.render.table import primal_tree
from adviz.tutor.cells import NO_FORMULA, Cell, Line, Sheet, WrongRule
from adviz.tutor.columns import line_label
from adviz.tutor.rules import constant
from adviz.tutor.words import row_words

__all__ = ["unreached"]

_NONE = "none of them"


def unreached(trace: Trace) -> Sheet:
    """Return the sheet of one choice: the row that no output depends on, if there is one.

    Of several such rows the first is among the choices.
    """
    reaching = [reached(trace.tape, slot) for slot in trace.output_slots]
    lost = [row for row in trace.rows if not any(one[row.slot] for one in reaching)]
    rows = [row for row in trace.rows if row not in lost[1:]]
    choices = (*(row.label for row in rows), _NONE)
    right = rows.index(lost[0]) if lost else len(rows)
    used = uses(trace, range(len(trace.rows)))
    is_reached, is_overlooked = WRONG_ROW_CHOSEN
    wrong = [
        WrongRule((is_reached,), constant(float(at)), _words(trace, row, used[row.slot]), 0)
        for at, row in enumerate(rows)
        if at != right
    ]
    if lost:
        wrong.append(WrongRule((is_overlooked,), constant(float(len(rows))), {}, 0))
    label = "never reached by the return sweep"
    cell = Cell(
        "unreached",
        ["mtext", label],
        constant(float(right)),
        wrong=tuple(wrong),
        words={"target": label},
        kind="choice",
        choices=choices,
        hints=("back_from_outputs",),
    )
    lines = [Line(line_label(trace, row), primal_tree(row), (-1,)) for row in trace.rows]
    return Sheet(
        "unreached", (cell,), ("choice",), (*lines, Line(cell.label, NO_FORMULA, (0,))), (0,)
    )


def _words(trace: Trace, row: Row, used: list[tuple[Row, int]]) -> dict[str, str]:
    words = row_words(row, "reverse", used)
    return {"uses": f"{row.label} is an output", **words}
