"""The columns of a trace of numbers as cells: its values, its tangents, its adjoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.mistakes import WRONG_ROWS, WRONG_SEEDS, WRONG_VALUES, Mistake
from adviz.render.math_tree import BAR, DOT, Name
from adviz.render.row_formulas import uses
from adviz.render.table import primal_tree, row_name
from adviz.tutor.cells import Cell, Line, Rule, Sheet, WrongRule
from adviz.tutor.hints import hints_for_value
from adviz.tutor.rules import applied, constant, operands_of, reading, total
from adviz.tutor.uses import Use, wrong_in_terms, wrong_sums
from adviz.tutor.words import row_words, words_of_terms

__all__ = [
    "Column",
    "add_adjoints",
    "add_tangents",
    "adjoints",
    "key_of",
    "line_label",
    "tangents",
    "value_cells",
    "values",
    "weights_of",
]

Tree = list[Any]


class Column(NamedTuple):
    """The cells of a sweep.

    Attributes
    ----------
    place : dict
        The places of the cells by the slots of their rows; rows that are not reached have none.
    terms : dict
        What each cell adds up, by the slots of the rows; nothing at a seed.
    """

    place: dict[int, int]
    terms: dict[int, list[Use]]


def values(trace: Trace) -> Sheet:
    """Return the sheet of the primal pass."""
    cells = value_cells(trace)
    return Sheet("values", tuple(cells), ("value",), _lines(trace, None), tuple(_computed(trace)))


def tangents(trace: Trace, seeds: Sequence[float]) -> Sheet:
    """Return the sheet of the forward pass, with a seed for each input."""
    cells = value_cells(trace)
    place = add_tangents(cells, trace, seeds).place
    blanks = tuple(place[slot] for slot in _computed(trace))
    seeded = tuple(place[slot] for slot in range(len(trace.inputs)))
    lines = _lines(trace, place)
    return Sheet("forward", tuple(cells), ("value", "tangent"), lines, blanks, seeds=seeded)


def adjoints(trace: Trace, seeds: Sequence[float]) -> Sheet:
    """Return the sheet of the reverse pass, with a seed for each output."""
    cells = value_cells(trace)
    place, terms = add_adjoints(cells, trace, weights_of(trace, seeds))
    blanks = tuple(at for slot, at in place.items() if terms[slot])
    seeded = tuple(at for slot, at in place.items() if not terms[slot])
    lines = _lines(trace, place)
    return Sheet("reverse", tuple(cells), ("value", "adjoint"), lines, blanks, seeds=seeded)


def weights_of(trace: Trace, seeds: Sequence[float]) -> dict[int, float]:
    """Return the adjoints that a return sweep begins with, by slot, from a seed for each output."""
    weights: dict[int, float] = {}
    for slot, seed in zip(trace.output_slots, seeds, strict=True):
        if seed != 0:
            weights[slot] = weights.get(slot, 0.0) + float(seed)
    return weights


def key_of(row: Row) -> str:
    """Return what the cells of a row are called in answers."""
    return f"v{row.index}"


def line_label(trace: Trace, row: Row) -> Tree:
    """Return the label of a row's line, with the name of the output where it is one: v₄ = y."""
    label = row_name(row).tree()
    for name, slot in zip(trace.output_names, trace.output_slots, strict=True):
        if slot == row.slot:
            label = ["mrow", label, ["mo", "="], Name.of(name).tree()]
    return label


def _computed(trace: Trace) -> list[int]:
    """Return the slots of the rows that are computed from others."""
    return [row.slot for row in trace.rows if row.parents]


def _lines(trace: Trace, places: dict[int, int] | None) -> tuple[Line, ...]:
    return tuple(
        Line(
            line_label(trace, row),
            primal_tree(row),
            (row.slot,) if places is None else (row.slot, places.get(row.slot, -1)),
            "unreached" if places is not None and row.slot not in places else "",
        )
        for row in trace.rows
    )


def value_cells(trace: Trace) -> list[Cell]:
    """Return a cell for the value of each row, whose places are the rows' slots."""
    return [_value_cell(row) for row in trace.rows]


def _value_cell(row: Row) -> Cell:
    label, words = row_name(row).tree(), row_words(row, "primal")
    if not row.parents:
        return Cell(key_of(row), label, constant(float(row.value)), words=words)
    elemental, operands = row.elemental, operands_of(row)
    wrong = tuple(
        WrongRule((mistake.name,), applied(mistake.wrong, operands), words, 0)
        for mistake in WRONG_VALUES.get(elemental.name, ())
    )
    reads = tuple(operand.slot for operand in row.operands if isinstance(operand, Row))
    compute = applied(elemental.evaluate, operands)
    hints = hints_for_value(row)
    return Cell(key_of(row), label, compute, reads=reads, wrong=wrong, words=words, hints=hints)


def add_tangents(cells: list[Cell], trace: Trace, seeds: Sequence[float]) -> Column:
    """Append a cell for the tangent of each row."""
    first = len(cells)
    place = {row.slot: first + row.slot for row in trace.rows}
    terms: dict[int, list[Use]] = {}
    for row in trace.rows:
        terms[row.slot] = _terms_of(row, place)
        label = row_name(row, DOT).tree()
        if row.elemental is None:
            cells.append(_seed_cell(row, label, float(seeds[row.slot]), "forward"))
        else:
            cells.append(_tangent_cell(row, label, terms[row.slot], place))
    return Column(place, terms)


def _terms_of(row: Row, place: dict[int, int]) -> list[Use]:
    tangents = [
        reading(place[operand.slot]) if isinstance(operand, Row) else constant(float(operand))
        for operand in row.operands
    ]
    return [
        Use(row, k, tangents[k], "forward", tangents=tangents)
        for k, operand in enumerate(row.operands)
        if isinstance(operand, Row)
    ]


def add_adjoints(cells: list[Cell], trace: Trace, weights: dict[int, float]) -> Column:
    """Append a cell for the adjoint of each row that is reached, the last row first."""
    used = uses(trace, range(len(trace.rows)))
    place: dict[int, int] = {}
    terms: dict[int, list[Use]] = {}
    for row in reversed(trace.rows):
        arriving = [
            Use(user, k, reading(place[user.slot]), "reverse", terms[user.slot])
            for user, k in used[row.slot]
            if user.slot in place
        ]
        if not arriving and row.slot not in weights:
            continue
        place[row.slot], terms[row.slot] = len(cells), arriving
        label = row_name(row, BAR).tree()
        if arriving:
            cells.append(_adjoint_cell(row, label, arriving, weights.get(row.slot), place))
        else:
            cells.append(_seed_cell(row, label, weights[row.slot], "reverse"))
    return Column(place, terms)


def _seed_cell(row: Row, label: Tree, seed: float, which: str) -> Cell:
    words = row_words(row, which)

    def rule(mistake: Mistake) -> Rule:
        return applied(mistake.wrong, [reading(row.slot)])

    wrong = tuple(WrongRule((m.name,), rule(m), words, 0) for m in WRONG_SEEDS)
    hints = ("seed",)
    return Cell(key_of(row), label, constant(seed), wrong=wrong, words=words, hints=hints)


def _tangent_cell(row: Row, label: Tree, terms: list[Use], place: dict[int, int]) -> Cell:
    words = {**row_words(row, "forward"), **words_of_terms([use.words for use in terms])}
    carriers = [place[operand.slot] for operand in row.operands if isinstance(operand, Row)]
    rows = [
        WrongRule((mistake.name,), applied(mistake.wrong, list(map(reading, carriers))), words, 0)
        for mistake in WRONG_ROWS.get(row.op, ())
        if len(terms) == row.elemental.arity
    ]
    sums = [
        WrongRule((mistake.name,), rule, use.words, 1)
        for use, mistake, rule in wrong_sums(terms, row.slot, "forward")
    ]
    wrong = (*rows, *sums, *wrong_in_terms(terms, slopes=1, products=2))
    return Cell(
        key_of(row),
        label,
        total(terms),
        tuple(terms),
        tuple(dict.fromkeys(carriers)),
        wrong,
        words,
        hints=("operands", "slopes", "sum"),
    )


def _adjoint_cell(
    row: Row, label: Tree, arriving: list[Use], seed: float | None, place: dict[int, int]
) -> Cell:
    words = row_words(row, "reverse", [(use.user, use.k) for use in arriving])
    words |= words_of_terms([use.words for use in arriving], seed is not None)
    sums = [
        WrongRule((mistake.name,), rule, {**words, **use.words}, 0)
        for use, mistake, rule in wrong_sums(arriving, row.slot, "reverse")
    ]
    wrong = (*sums, *wrong_in_terms(arriving, slopes=0, products=1))
    terms: list[Rule] = list(arriving) if seed is None else [constant(seed), *arriving]
    return Cell(
        key_of(row),
        label,
        total(terms),
        tuple(terms),
        tuple(dict.fromkeys(place[use.user.slot] for use in arriving)),
        wrong,
        words,
        hints=("readers", "use" if len(terms) == 1 else "uses", "slopes", "sum"),
    )
