"""The uses of a trace's rows as cells: contributions, local partials, and these as formulas.

Under each row stands a line for every operand that is a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.mistakes import WRONG_PARTIALS, Mistake
from adviz.render.math_tree import BAR, Name, filled
from adviz.render.row_formulas import form_of, uses
from adviz.render.table import primal_tree, row_name, symbols_of
from adviz.tutor.cells import NO_FORMULA, Cell, Line, Rule, Sheet, WrongRule
from adviz.tutor.columns import line_label, value_cells, weights_of
from adviz.tutor.hints import hints_for_slope
from adviz.tutor.points import can_be_written, names_of, points_of
from adviz.tutor.rules import constant, reading, total
from adviz.tutor.uses import Use, wrong_in_terms, wrong_sums
from adviz.tutor.words import row_words, use_words

__all__ = ["contributions", "key_of_use", "partial_formulas", "partials", "rows_among"]

Tree = list[Any]
Places = dict[tuple[int, int], int]
"""The places of the cells, by the slot of the user and the place among its operands."""


def contributions(trace: Trace, seeds: Sequence[float]) -> Sheet:
    """Return the sheet of what each use adds to an adjoint, with a seed for each output."""
    cells = value_cells(trace)
    weights = weights_of(trace, seeds)
    seeded = _add_seeds(cells, trace, weights)
    used = uses(trace, range(len(trace.rows)))
    place: Places = {}
    for row in reversed(trace.rows):
        arrived = [(user, k) for user, k in used[row.slot] if (user.slot, k) in place]
        places = [place[user.slot, k] for user, k in arrived]
        if row.slot in seeded:
            places.insert(0, seeded[row.slot])
        for k in rows_among(row) if places else ():
            place[row.slot, k] = len(cells)
            cells.append(_contribution_cell(row, k, arrived, places))
    lines = _lines(trace, cells, place, seeded)
    blanks = tuple(place.values())
    return Sheet("contributions", tuple(cells), ("value", "contribution"), lines, blanks)


def _add_seeds(cells: list[Cell], trace: Trace, weights: dict[int, float]) -> dict[int, int]:
    """Append a cell for the seed of each output; return their places by slot."""
    place: dict[int, int] = {}
    for slot, name in zip(trace.output_slots, trace.output_names, strict=True):
        if slot in weights and slot not in place:
            place[slot] = len(cells)
            cells.append(Cell(name, Name.of(name, BAR).tree(), constant(weights[slot])))
    return place


def _contribution_cell(
    row: Row, k: int, arrived: Sequence[tuple[Row, int]], places: list[int]
) -> Cell:
    """Return the cell of what a row sends back, having received what is in other cells."""
    parts = [reading(place) for place in places]
    use = Use(row, k, total(parts), "reverse")
    words = {**use.words, "asked": "contribution"}

    def handed_on(wrong: Rule) -> Rule:
        return lambda numbers: wrong(numbers) * use.slope(numbers, k)

    about = dict(zip(parts[::-1], arrived[::-1], strict=False))  # a seed is no use
    sums = [
        WrongRule((mistake.name,), handed_on(rule), _words_of_sum(words, row, arrived, one), 1)
        for part, mistake, rule in wrong_sums(parts, row.slot, "reverse")
        if (one := about.get(part)) and mistake.name != "primal_for_derivative"
    ]
    return Cell(
        key_of_use(row, k, "v{}->v{}"),
        ["mrow", row_name(row).tree(), ["mo", "→"], row_name(row.operands[k]).tree()],
        use,
        reads=tuple(places),
        wrong=(*wrong_in_terms([use], slopes=0, products=1), *sums),
        words=words,
        hints=("sent_back", "received", "part"),
    )


def _words_of_sum(
    words: dict[str, str], row: Row, arrived: Sequence[tuple[Row, int]], one: tuple[Row, int]
) -> dict[str, str]:
    return {**words, **use_words(*one, "reverse"), **row_words(row, "reverse", arrived)}


def partials(trace: Trace) -> Sheet:
    """Return the sheet of the local partials as numbers."""
    return _partials(trace, "partials")


def partial_formulas(trace: Trace) -> Sheet:
    """Return the sheet of the local partials as formulas, in the rows."""
    return _partials(trace, "formulas")


def _partials(trace: Trace, ask: str) -> Sheet:
    cells = value_cells(trace)
    place: Places = {}
    for row in trace.rows:
        for k in rows_among(row):
            place[row.slot, k] = len(cells)
            cells.append(_partial_cell(trace, row, k, ask))
    lines = _lines(trace, cells, place, {})
    blanks = tuple(
        at
        for at in place.values()
        if (formula := cells[at].formula) is None or can_be_written(formula, cells[at].names)
    )
    points = points_of(cells, len(trace.inputs)) if ask == "formulas" else ()
    return Sheet(ask, tuple(cells), ("value", "partial"), lines, blanks, points)


def _partial_cell(trace: Trace, row: Row, k: int, ask: str) -> Cell:
    use = Use(row, k, constant(1.0), "reverse")
    label = _quotient(row, row.operands[k])
    # The slope is what is asked for: no sentence gives it.
    words = {name: word for name, word in use.words.items() if name != "slope"}
    words["asked"] = "slope"
    wrong = [WrongRule((name,), rule, words, 0) for name, rule in use.wrong_slopes()]
    wrong += [
        WrongRule((mistake.name,), _wrong_partial(use, mistake), words, 1)
        for mistake in WRONG_PARTIALS
        if mistake.name != "wrong_operand" or use.elemental.arity == 2
    ]

    def slope(numbers: Sequence[Any]) -> Any:
        return use.slope(numbers, k)

    key, hints = key_of_use(row, k, "dv{}/dv{}"), hints_for_slope(row)
    if ask == "partials":
        return Cell(key, label, slope, wrong=tuple(wrong), words=words, hints=hints)
    return Cell(
        key,
        label,
        slope,
        wrong=tuple(wrong),
        words=words,
        kind="formula",
        formula=_partial_tree(row, k),
        names=names_of(trace.rows),
        hints=hints,
    )


def _wrong_partial(use: Use, mistake: Mistake) -> Rule:
    def rule(numbers: Sequence[Any]) -> Any:
        *operands, value = use.numbers(numbers)
        other = use.slope(numbers, 1 - use.k) if len(operands) == 2 else 0.0
        return mistake.wrong(use.slope(numbers, use.k), other, operands[use.k], value)

    return rule


def _partial_tree(row: Row, k: int) -> Tree:
    form = form_of(row, 6)
    assert form is not None
    term = form.terms_of("reverse")[k]
    assert term is not None
    tree = filled(term.partial, symbols_of(row), numbers=False)
    return ["mrow", ["mo", "−"], tree] if term.partial_negative else tree


def rows_among(row: Row) -> list[int]:
    """Return which of a row's operands are rows."""
    return [k for k, operand in enumerate(row.operands) if isinstance(operand, Row)]


def key_of_use(row: Row, k: int, pattern: str) -> str:
    """Return what the cell of a use is called; of several of the same row they are numbered."""
    operand = row.operands[k]
    key = pattern.format(row.index, operand.index)
    same = [j for j in rows_among(row) if row.operands[j] == operand]
    return key if len(same) == 1 else f"{key} #{same.index(k) + 1}"


def _quotient(user: Row, operand: Row) -> Tree:
    d: Tree = ["mi", "∂"]
    return ["mrow", d, row_name(user).tree(), ["mi", "/"], d, row_name(operand).tree()]


def _lines(
    trace: Trace, cells: Sequence[Cell], place: Places, seeded: dict[int, int]
) -> tuple[Line, ...]:
    """Return a line for each row, under it one for each of its uses of others."""
    lines: list[Line] = []
    for row in trace.rows:
        lines.append(Line(line_label(trace, row), primal_tree(row), (row.slot, -1)))
        own = [place[row.slot, k] for k in rows_among(row) if (row.slot, k) in place]
        if row.slot in seeded:
            own.append(seeded[row.slot])
        lines += [Line(cells[at].label, NO_FORMULA, (-1, at)) for at in own]
    return tuple(lines)
