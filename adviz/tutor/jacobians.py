"""Entries of a Jacobian, J r and rᵀ J as cells.

The sweeps behind them are cells that nobody sees. A mistake made at one row inside shows in the
result by as much as the row's derivative carries on of it, so that it can be recognised there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from adviz.core.trace import Trace
from adviz.mistakes import WRONG_ENTRIES, WRONG_PRODUCTS, Mistake
from adviz.render.math_tree import BAR, DOT, Accent, Name, to_text
from adviz.render.table import primal_tree
from adviz.tutor.cells import NO_FORMULA, Cell, Line, Rule, Sheet, WrongRule, numbers_of
from adviz.tutor.columns import (
    Column,
    add_adjoints,
    add_tangents,
    line_label,
    value_cells,
    weights_of,
)
from adviz.tutor.points import points_of
from adviz.tutor.rules import applied, constant, reading, total
from adviz.tutor.uses import wrong_sums
from adviz.tutor.words import row_words

__all__ = ["jacobian", "jvp", "vjp"]

Tree = list[Any]


class _Entries:
    """The cells of a trace's values, and of a sweep for each input and each output.

    Attributes
    ----------
    cells : list of Cell
    tangents, adjoints : list of Column
        For each input, for each output.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.cells = value_cells(trace)
        count, outputs = len(trace.inputs), len(trace.output_slots)
        self.tangents = [add_tangents(self.cells, trace, _unit(count, i)) for i in range(count)]
        self.adjoints = [
            add_adjoints(self.cells, trace, weights_of(trace, _unit(outputs, k)))
            for k in range(outputs)
        ]

    def entry(self, k: int, i: int) -> Rule:
        """Return the rule of ∂y_k/∂x_i."""
        return reading(self.tangents[i].place[self.trace.output_slots[k]])

    def of_output(self, k: int) -> list[Rule]:
        """Return a row of the Jacobian."""
        return [self.entry(k, i) for i in range(len(self.tangents))]

    def of_input(self, i: int) -> list[Rule]:
        """Return a column of the Jacobian."""
        return [self.entry(k, i) for k in range(len(self.adjoints))]


def jacobian(trace: Trace) -> Sheet:
    """Return the sheet of ∂y/∂x for each output and each input."""
    known = _Entries(trace)
    cells, first = known.cells, len(known.cells)
    worlds = _worlds(trace, cells)
    lines = _rows_of(trace)
    for k, output in enumerate(trace.output_names):
        for i, x in enumerate(trace.input_names):
            label = _quotient(output, x)
            words = {"target": to_text(label), "asked": "derivative", "name": output}
            own = known.entry(k, i)
            wrong = [
                WrongRule((mistake.name,), rule, words, _rank(mistake))
                for mistake, rule in _wrong_entries(known, k, i)
            ]
            wrong += _wrong_inside(known, own, known.adjoints[k], known.tangents[i], "reverse")
            wrong = _distinct(wrong, worlds)
            lines.append(Line(label, NO_FORMULA, (-1, len(cells))))
            key = f"d{output}/d{x}"
            hints = ("entry_by_pass", "paths")
            cells.append(Cell(key, label, own, wrong=tuple(wrong), words=words, hints=hints))
    blanks = tuple(range(first, len(cells)))
    return Sheet("jacobian", tuple(cells), ("value", "derivative"), tuple(lines), blanks)


def _wrong_entries(known: _Entries, k: int, i: int) -> Iterator[tuple[Mistake, Rule]]:
    """Yield what other entries and signs give in place of ∂y_k/∂x_i."""
    outputs, inputs = len(known.adjoints), len(known.tangents)
    own = known.entry(k, i)
    value = reading(known.trace.output_slots[k])
    for mistake in WRONG_ENTRIES:
        others = [own]
        match mistake.name:
            case "jacobian_transposed":
                others = [known.entry(i, k)] if i != k and i < outputs and k < inputs else []
            case "other_output":
                others = [rule for j, rule in enumerate(known.of_input(i)) if j != k]
            case "other_input":
                others = [rule for j, rule in enumerate(known.of_output(k)) if j != i]
        for other in others:
            yield mistake, applied(mistake.wrong, [own, other, value])


def jvp(trace: Trace, direction: Sequence[float]) -> Sheet:
    """Return the sheet of J r for a direction r of the inputs."""
    known = _Entries(trace)
    cells = known.cells
    given = _add_given(cells, trace.input_names, direction, DOT)
    sweep = add_tangents(cells, trace, direction)
    entries = [known.of_output(k) for k in range(len(trace.outputs))]
    inside = [
        _wrong_inside(known, total(_products(row, given)), sweep, adjoints, "forward")
        for row, adjoints in zip(entries, known.adjoints, strict=True)
    ]
    names = [Name.of(name, DOT) for name in trace.output_names]
    slots = list(trace.output_slots)
    return _product_sheet("jvp", "tangent", known, given, names, slots, entries, inside)


def vjp(trace: Trace, weights: Sequence[float]) -> Sheet:
    """Return the sheet of rᵀ J for weights r of the outputs."""
    known = _Entries(trace)
    cells = known.cells
    given = _add_given(cells, trace.output_names, weights, BAR)
    sweep = add_adjoints(cells, trace, weights_of(trace, weights))
    entries = [known.of_input(i) for i in range(len(trace.inputs))]
    inside = [
        _wrong_inside(known, total(_products(column, given)), sweep, tangents, "reverse")
        for column, tangents in zip(entries, known.tangents, strict=True)
    ]
    names = [Name.of(name, BAR) for name in trace.input_names]
    slots = list(range(len(trace.inputs)))
    return _product_sheet("vjp", "adjoint", known, given, names, slots, entries, inside)


def _product_sheet(
    ask: str,
    column: str,
    known: _Entries,
    given: Sequence[int],
    names: Sequence[Name],
    slots: Sequence[int],
    entries: Sequence[Sequence[Rule]],
    inside: Sequence[Sequence[WrongRule]],
) -> Sheet:
    """Return the sheet of the products of each of some lines of entries with what is given."""
    cells = known.cells
    lines = [*_rows_of(known.trace), *(Line(cells[at].label, NO_FORMULA, (-1, at)) for at in given)]
    first, worlds = len(cells), _worlds(known.trace, cells)
    keys = known.trace.output_names if ask == "jvp" else known.trace.input_names
    for j, (key, name, slot) in enumerate(zip(keys, names, slots, strict=True)):
        words = {"target": to_text(name.tree()), "asked": column, "name": key}
        terms = _products(entries[j], given)
        across = [line[j] for line in entries] if len(entries) == len(given) else []
        wrong = [
            WrongRule((mistake.name,), rule, words, _rank(mistake))
            for mistake, rule in _wrong_products(entries[j], across, given, j, slot)
        ]
        lines.append(Line(name.tree(), NO_FORMULA, (-1, len(cells))))
        every = _distinct([*wrong, *inside[j]], worlds)
        cells.append(
            Cell(
                key,
                name.tree(),
                total(terms),
                tuple(terms),
                wrong=tuple(every),
                words=words,
                hints=("forward_once" if ask == "jvp" else "reverse_once", "weighted_sum", "paths"),
            )
        )
    blanks = tuple(range(first, len(cells)))
    return Sheet(ask, tuple(cells), ("value", column), tuple(lines), blanks)


def _products(entries: Sequence[Rule], given: Sequence[int]) -> list[Rule]:
    return [
        applied(lambda entry, weight: entry * weight, [entry, reading(place)])
        for entry, place in zip(entries, given, strict=True)
    ]


def _wrong_products(
    entries: Sequence[Rule], across: Sequence[Rule], given: Sequence[int], j: int, slot: int
) -> Iterator[tuple[Mistake, Rule]]:
    """Yield what wrong products of a line of entries with a vector give.

    Parameters
    ----------
    entries : sequence of callable
    across : sequence of callable
        The line of the transposed matrix, where it is as long.
    given : sequence of int
        The cells of the vector.
    j, slot : int
        The line's number, and the row whose derivative it gives.
    """
    terms = _products(entries, given)
    for mistake in WRONG_PRODUCTS:
        others: list[Rule] = []
        match mistake.name:
            case "transpose_used" if across:
                others = [total(_products(across, given))]
            case "entry_left_out" if len(terms) > 1:
                others = [total([*terms[:k], *terms[k + 1 :]]) for k in range(len(terms))]
            case "unit_vector_used":
                others = list(entries)
            case "ones_used":
                others = [total(entries)]
            case "vector_itself" if j < len(given):
                others = [reading(given[j])]
            case "result_sign_lost":
                others = [total(terms)]
            case "primal_for_derivative":
                others = [reading(slot)]
        for other in others:
            yield mistake, applied(mistake.wrong, [other])


def _worlds(trace: Trace, cells: Sequence[Cell]) -> list[list[float]]:
    """Return the numbers of all cells at several inputs."""
    count = len(trace.inputs)
    return [numbers_of(cells, point) for point in ((), *points_of(cells, count))]


def _distinct(wrong: Sequence[WrongRule], worlds: Sequence[Sequence[float]]) -> list[WrongRule]:
    """Return wrong rules without those that give the same number at all inputs as a likelier one.

    A sign that is lost shows in a result in the same way, wherever on a path it was lost.
    """
    kept: dict[tuple[str, ...], WrongRule] = {}
    for rule in sorted(wrong, key=lambda rule: rule.rank):
        kept.setdefault(tuple(f"{float(rule.compute(w)):.9g}" for w in worlds), rule)
    return list(kept.values())


def _rank(mistake: Mistake) -> int:
    """Return the rank of a mistake: what says where a sign was lost comes before that it was."""
    return 3 if mistake.name == "result_sign_lost" else 0


_INSIDE = {"sign_lost", "slope_left_out", "slope_inverted"}
"""The wrong products that are looked for inside a sweep of which only the result is asked for."""


def _wrong_inside(
    known: _Entries, own: Rule, sweep: Column, carried_on: Column, which: str
) -> list[WrongRule]:
    """Return what a result is with a mistake at one row of the sweep that ends in it.

    Parameters
    ----------
    known : _Entries
    own : callable
        The right result.
    sweep, carried_on : Column
        That sweep, and the one the other way, which says how much of a row's derivative is carried
        on to the result.
    which : str
        The pass of the sweep.
    """
    found: list[WrongRule] = []
    for slot, terms in sweep.terms.items():
        if slot not in carried_on.place:
            continue
        factor, right = reading(carried_on.place[slot]), reading(sweep.place[slot])

        def result(wrong: Rule, right: Rule = right, factor: Rule = factor) -> Rule:
            return lambda numbers: (
                own(numbers) + (wrong(numbers) - right(numbers)) * factor(numbers)
            )

        row = known.trace.rows[slot]
        uses = [(use.user, use.k) for use in terms] if which == "reverse" else []
        words = row_words(row, which, uses)
        found += [
            WrongRule((mistake.name,), result(rule), {**words, **use.words}, 1)
            for use, mistake, rule in wrong_sums(terms, row.slot, which)
            if mistake.name != "primal_for_derivative"
        ]
        for use in terms:
            rest = [term for term in terms if term is not use]
            products = [named for named in use.wrong_products() if named[0] in _INSIDE]
            for rank, mistakes in ((1, use.wrong_slopes()), (2, products)):
                found += [
                    WrongRule((name,), result(total([*rest, rule])), use.words, rank)
                    for name, rule in mistakes
                ]
    return found


def _rows_of(trace: Trace) -> list[Line]:
    return [Line(line_label(trace, row), primal_tree(row), (row.slot, -1)) for row in trace.rows]


def _add_given(
    cells: list[Cell], names: Sequence[str], numbers: Sequence[float], accent: Accent
) -> list[int]:
    """Append the entries of a vector; return their places."""
    first = len(cells)
    cells += [
        Cell(f"d{name}", Name.of(name, accent).tree(), constant(float(number)))
        for name, number in zip(names, numbers, strict=True)
    ]
    return list(range(first, len(cells)))


def _quotient(output: str, x: str) -> Tree:
    d: Tree = ["mi", "∂"]
    return ["mrow", d, Name.of(output).tree(), ["mi", "/"], d, Name.of(x).tree()]


def _unit(count: int, place: int) -> list[float]:
    return [float(k == place) for k in range(count)]
