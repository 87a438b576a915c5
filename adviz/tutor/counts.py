"""Counts as cells: operations and passes, and the choice of the cheaper mode.

Operations are counted by the convention of ``adviz/costs/counting.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from adviz.core.rows import Row
from adviz.core.sweeps import reached
from adviz.core.trace import Trace
from adviz.costs.counting import forward_operations, operations, reverse_operations
from adviz.mistakes import WRONG_COUNTS, WRONG_MODES, Counted, Mistake
from adviz.render.table import primal_tree
from adviz.tutor.cells import NO_FORMULA, Cell, Line, Rule, Sheet, WrongRule
from adviz.tutor.columns import line_label
from adviz.tutor.rules import applied, constant, reading

__all__ = ["counts", "mode"]

Tree = list[Any]

_COUNTED: Mapping[str, tuple[str, str]] = {
    "function": ("the function", "the operations of the function"),
    "forward": ("a forward pass", "the operations of a forward pass without the function's"),
    "reverse": ("a return sweep", "the operations of a return sweep without the function's"),
    "columns": ("forward passes for J", "the forward passes for the whole Jacobian"),
    "rows": ("return sweeps for J", "the return sweeps for the whole Jacobian"),
    "by_forward": ("J by forward mode", "the operations of all forward passes and the function"),
    "by_reverse": ("J by reverse mode", "the operations of all return sweeps and the function"),
}
"""What is counted, by the names of the cells: in brief, and in full."""

_ORDER = [*_COUNTED]


def counts(trace: Trace) -> Sheet:
    """Return the sheet of the operations of a function, of its sweeps, and of its Jacobian."""
    each: dict[str, Rule] = {
        "function": constant(operations(trace)),
        "forward": constant(forward_operations(trace)),
        "reverse": constant(reverse_operations(trace)),
        "columns": constant(len(trace.inputs)),
        "rows": constant(len(trace.outputs)),
        "by_forward": _by_passes("columns", "forward"),
        "by_reverse": _by_passes("rows", "reverse"),
    }
    cells = [_count(trace, key, each[key]) for key in _ORDER]
    lines = [Line(line_label(trace, row), primal_tree(row), (-1,)) for row in trace.rows]
    lines += [Line(cell.label, NO_FORMULA, (at,)) for at, cell in enumerate(cells)]
    return Sheet("counts", tuple(cells), ("count",), tuple(lines), tuple(range(len(cells))))


def _by_passes(passes: str, sweep: str) -> Rule:
    """Return the rule of the Jacobian's operations: the function once, and sweep by sweep."""
    read = [reading(_ORDER.index(key)) for key in (passes, sweep, "function")]
    return applied(lambda count, each, function: count * each + function, read)


def _count(trace: Trace, key: str, rule: Rule) -> Cell:
    reads = _READS.get(key, ())
    passes, each = [_ORDER.index(read) for read in reads[:2]] or (None, None)
    went_through, additions = _pass(trace, "reverse" if key == "reverse" else "forward")
    numbers = Counted(
        own=rule,
        other=reading(_ORDER.index(_OTHERS.get(key, key))),
        inputs=constant(len(trace.inputs)),
        outputs=constant(len(trace.outputs)),
        rows=constant(sum(bool(row.parents) for row in trace.rows)),
        function=reading(_ORDER.index("function")),
        operands=constant(went_through),
        additions=constant(additions),
        passes=constant(1.0) if passes is None else reading(passes),
        each=constant(0.0) if each is None else reading(each),
    )
    brief, full = _COUNTED[key]
    label: Tree = ["mtext", brief]
    words = {"target": full, "asked": "count"}
    wrong = tuple(
        WrongRule((mistake.name,), _counted_wrongly(mistake, numbers), words, 0)
        for mistake in WRONG_COUNTS.get(key, ())
    )
    places = tuple(map(_ORDER.index, reads))
    return Cell(
        key,
        label,
        rule,
        reads=places,
        wrong=wrong,
        words=words,
        kind="count",
        hints=("counted", *_HINTS[key]),
    )


def _counted_wrongly(mistake: Mistake, numbers: Counted) -> Rule:
    return applied(lambda *counts: mistake.wrong(Counted(*counts)), numbers)


def _pass(trace: Trace, which: str) -> tuple[int, int]:
    """Return how many operands that are rows a pass goes through, and how many additions it has."""
    reaching = [reached(trace.tape, slot) for slot in trace.output_slots]
    read = [
        (row.slot, operand.slot)
        for row in trace.rows
        if which == "forward" or any(one[row.slot] for one in reaching)
        for operand in row.operands
        if isinstance(operand, Row)
    ]
    # A sum has one addition less than terms; of an adjoint's the seed is one.
    seeds = set(trace.output_slots) if which == "reverse" else ()
    terms = Counter((*seeds, *(pair[which == "reverse"] for pair in read)))
    return len(read), sum(count - 1 for count in terms.values())


_READS = {
    "by_forward": ("columns", "forward", "function"),
    "by_reverse": ("rows", "reverse", "function"),
}
"""The counts that others are computed from: the passes, the operations of one, the function's."""

_HINTS = {
    "function": ("one_a_row",),
    "forward": ("one_a_row", "sweep_count"),
    "reverse": ("one_a_row", "sweep_count"),
    "columns": ("passes",),
    "rows": ("passes",),
    "by_forward": ("passes", "all_passes"),
    "by_reverse": ("passes", "all_passes"),
}


_OTHERS = {"forward": "reverse", "reverse": "forward", "columns": "rows", "rows": "columns"}
_OTHERS |= {"by_forward": "by_reverse", "by_reverse": "by_forward"}


_MODES = ("forward mode", "reverse mode", "neither")
_REASONS = (
    "there are fewer inputs than outputs",
    "there are fewer outputs than inputs",
    "there are as many inputs as outputs",
)


def mode(trace: Trace) -> Sheet:
    """Return the sheet of two choices: which mode gives the Jacobian in fewer passes, and why."""
    inputs, outputs = len(trace.inputs), len(trace.outputs)
    right = 0 if inputs < outputs else 1 if outputs < inputs else 2
    asked = {"mode": ("fewer passes", _MODES), "why": ("because", _REASONS)}
    cells = []
    for key, (label, choices) in asked.items():
        words = {
            "target": label,
            "inputs": _counted(inputs, "input"),
            "outputs": _counted(outputs, "output"),
        }
        wrong = tuple(
            WrongRule((mistake.name,), constant(mistake.wrong(right)), words, 0)
            for mistake in WRONG_MODES[key]
        )
        cells.append(
            Cell(
                key,
                ["mtext", label],
                constant(float(right)),
                wrong=wrong,
                words=words,
                kind="choice",
                choices=choices,
                hints=("passes",),
            )
        )
    rows = (Line(line_label(trace, row), primal_tree(row), (-1,)) for row in trace.rows)
    lines = [*rows, *(Line(cell.label, NO_FORMULA, (at,)) for at, cell in enumerate(cells))]
    return Sheet("mode", tuple(cells), ("choice",), tuple(lines), (0, 1))


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"
