"""The order of a trace's operations as cells: shown mixed up, each is a choice of its row.

Right is the order in which Python evaluates: line by line, operands from left to right, what stands
inside first. There may be others in which every operation comes after what it reads. They are not
counted as right, for a trace holds what Python did, but they are told from impossible ones.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.host.errors import InputError
from adviz.host.source import Source
from adviz.mistakes import WRONG_PLACES, Mistake
from adviz.render.math_tree import filled, to_text
from adviz.render.row_formulas import form_of
from adviz.render.table import primal_tree, symbols_of
from adviz.tutor.cells import Cell, Line, Rule, Sheet, WrongRule
from adviz.tutor.columns import line_label
from adviz.tutor.rules import constant

__all__ = ["order"]

Tree = list[Any]
Numbers = Sequence[Any]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def order(trace: Trace, seed: int | str | None = None) -> Sheet:
    """Return the sheet of the places of a trace's operations, which are mixed up by a seed.

    Raises
    ------
    InputError
        If there is nothing to be put in order, or more operations than letters.
    """
    rows = [row for row in trace.rows if row.parents]
    if not 2 <= len(rows) <= len(_LETTERS):
        raise InputError(
            f"ask='order': the operations of {trace.function_name} are {len(rows)}, and a card "
            f"asks for the order of 2 to {len(_LETTERS)}"
        )
    mixed = _mixed(rows, seed)
    letters = {row.slot: letter for row, letter in zip(mixed, _LETTERS, strict=False)}
    cells = _cells(rows, mixed, letters)
    lines = [
        Line(line_label(trace, row), primal_tree(row), (-1,))
        for row in trace.rows
        if not row.parents
    ]
    lines += [
        Line(cell.label, formula, (place,))
        for place, (cell, formula) in enumerate(zip(cells, _formulas(mixed, letters), strict=True))
    ]
    return Sheet("order", tuple(cells), ("place",), tuple(lines), tuple(range(len(cells))))


def _mixed(rows: list[Row], seed: int | str | None) -> list[Row]:
    """Return rows in another order than theirs, and its reverse where there are others."""
    # Only random() gives the same numbers in every version of Python.
    random = Random(0 if seed is None else seed)
    mixed = rows
    while mixed == rows or (mixed == rows[::-1] and len(rows) > 2):
        keys = {row.slot: random.random() for row in rows}
        mixed = sorted(rows, key=lambda row: keys[row.slot])
    return mixed


def _formulas(mixed: Sequence[Row], letters: Mapping[int, str]) -> list[Tree]:
    """Return the formulas of rows, with letters for the rows that they read.

    Of those that are the same it is said which comes first.
    """
    trees = {row.slot: _formula(row, letters) for row in mixed}
    counts = Counter(map(to_text, trees.values()))
    seen: Counter[str] = Counter()
    for row in sorted(mixed, key=lambda row: row.slot):
        text = to_text(trees[row.slot])
        seen[text] += 1
        if counts[text] > 1:
            which: Tree = ["mtext", f" (no. {seen[text]} of these)"]
            trees[row.slot] = ["mrow", trees[row.slot], which]
    return [trees[row.slot] for row in mixed]


def _formula(row: Row, letters: Mapping[int, str]) -> Tree:
    form = form_of(row, 6)
    assert form is not None
    named = {str(k): letters.get(o.slot) for k, o in enumerate(row.operands) if isinstance(o, Row)}
    named["v"] = letters[row.slot]
    symbols = {name: ["mi", letter] for name, letter in named.items() if letter}
    return filled(form.value, {**symbols_of(row), **symbols}, numbers=False)


def _cells(rows: Sequence[Row], mixed: Sequence[Row], letters: Mapping[int, str]) -> list[Cell]:
    """Return a cell for each row, in the order in which they are shown."""
    cell_of = {row.slot: at for at, row in enumerate(mixed)}
    needs: dict[int, set[int]] = {}
    for row in rows:
        read = {o.slot for o in row.operands if isinstance(o, Row) and o.slot in cell_of}
        needs[row.slot] = read.union(*(needs[slot] for slot in read))
    patterns = [_moved(places, rows) for places in (_in_reading_order(rows), rows[::-1])]
    by_cell = [{cell_of[slot]: at for slot, at in moved.items()} for moved in patterns]
    cells = []
    for at, row in enumerate(mixed):
        before = [cell_of[slot] for slot in needs[row.slot]]
        after = [cell_of[slot] for slot in cell_of if row.slot in needs[slot]]
        wrong = [
            WrongRule((mistake.name,), rule, {}, 0)
            for mistake, rule in _wrong_places(at, before, after, len(mixed), by_cell)
        ]
        cells.append(
            Cell(
                letters[row.slot],
                ["mi", letters[row.slot]],
                constant(float(rows.index(row))),
                wrong=tuple(wrong),
                words=_words(row, mixed, letters),
                kind="choice",
                choices=tuple(each.label for each in rows),
                hints=("order_reads", "order_of_python", "order_in_line"),
            )
        )
    return cells


def _moved(ordered: Sequence[Row], rows: Sequence[Row]) -> dict[int, int]:
    """Return the places of the rows that stand elsewhere in another order, by slot."""
    return {row.slot: at for at, row in enumerate(ordered) if row != rows[at]}


def _wrong_places(
    at: int,
    before: Sequence[int],
    after: Sequence[int],
    count: int,
    patterns: Sequence[Mapping[int, int]],
) -> Iterator[tuple[Mistake, Rule]]:
    """Yield the mistakes in placing an operation, each with a rule.

    The rule gives the learner's own place where the mistake is made, and none before it. Otherwise
    it gives one that nobody can choose, another for each mistake.
    """

    def made(k: int, numbers: Numbers) -> Any:
        own = numbers[at]
        found = [
            _count(numbers[other] > own for other in before),
            _count(numbers[other] < own for other in after),
            _count(numbers[other] == own for other in range(count) if other != at),
        ]
        for pattern in patterns:
            is_in_it = own == pattern.get(at, -1)
            alike = _count(numbers[other] == place for other, place in pattern.items())
            found.append(alike * is_in_it)
        earlier = _count(mistake.wrong(*found) for mistake in WRONG_PLACES[:k])
        return WRONG_PLACES[k].wrong(*found) * (earlier == 0)

    def rule(k: int) -> Rule:
        def place(numbers: Numbers) -> Any:
            here = made(k, numbers)
            return here * numbers[at] + (1 - here) * (-1 - k)

        return place

    for k, mistake in enumerate(WRONG_PLACES):
        yield mistake, rule(k)


def _count(answers: Iterable[Any]) -> Any:
    total: Any = 0.0
    for answer in answers:
        total = total + answer
    return total


def _words(row: Row, mixed: Sequence[Row], letters: Mapping[int, str]) -> dict[str, str]:
    own = letters[row.slot]
    read = {o.slot for o in row.operands if isinstance(o, Row)}
    reads = [letters[each.slot] for each in mixed if each.slot in read]
    users = [letters[user.slot] for user in mixed if row in user.operands]
    words = {"name": own, "operands": _listed(reads) or "inputs only"}
    if users:
        words["users"] = f"{_listed(users)} {'reads' if len(users) == 1 else 'read'} it"
    return words


def _listed(names: Sequence[str]) -> str:
    *some, last = names or ("",)
    return f"{', '.join(some)} and {last}" if some else last


def _in_reading_order(rows: Sequence[Row]) -> list[Row]:
    """Return rows in the order in which their signs and names stand in the source.

    Nothing where the source is not known, or computes more than one row in one place.
    """
    places = [_place_in_source(row.source) for row in rows]
    functions = {row.source.file for row in rows if row.source}
    if None in places or len(set(places)) < len(rows) or len(functions) > 1:
        return []
    return [row for _, row in sorted(zip(places, rows, strict=True), key=lambda pair: pair[0])]  # type: ignore[arg-type,return-value]


def _place_in_source(source: Source | None) -> tuple[int, int] | None:
    """Return the line and column of the sign of an operation, or of the name of a function."""
    if source is None or source.column is None:
        return None
    try:
        node = ast.parse(source.text, mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(node, ast.BinOp):
        return source.line, source.column
    line, column = node.left.end_lineno, node.left.end_col_offset
    assert line is not None
    assert column is not None
    return source.line + line - 1, column + (source.column if line == 1 else 0)
