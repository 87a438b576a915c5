"""The Jacobian of a function of arrays as cells: each entry of an output in each of an input.

Its numbers are those of sweeps that nobody sees, one for each entry of an input and of an output. A
mistake made at one row inside shows in the result by as much as the row's adjoint carries on of it.
All this is computed once, at the inputs of the trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.trace import Trace
from adviz.host.errors import InputError
from adviz.mistakes import WRONG_ENTRIES
from adviz.render.math_tree import Name, to_text
from adviz.render.row_formulas import uses
from adviz.render.table import primal_tree
from adviz.tutor.arrays import ArrayCells, Sweep, add_adjoints, add_tangents, nested
from adviz.tutor.cells import NO_FORMULA, Cell, Line, Sheet, WrongRule, numbers_of
from adviz.tutor.columns import line_label
from adviz.tutor.entry_names import entry_key, entry_tree
from adviz.tutor.linear_maps import Array
from adviz.tutor.rules import constant
from adviz.tutor.words import row_words

__all__ = ["jacobian"]

Tree = list[Any]
Words = dict[str, str]

_MOST_CELLS = 4_000
"""Of all sweeps together."""
_MOST_ASKED = 64


class _Entry(NamedTuple):
    """An entry of an input or an output."""

    name: str
    at: tuple[int, ...]
    slot: int
    j: int

    @property
    def key(self) -> str:
        return entry_key(self.name, self.at)

    def tree(self) -> Tree:
        return entry_tree(Name.of(self.name).tree(), self.at)


class _Sweeps:
    """A sweep for each entry of an input and of an output, and the numbers of all their cells."""

    def __init__(self, trace: Trace, inputs: list[_Entry], outputs: list[_Entry]) -> None:
        self.trace = trace
        self.inputs, self.outputs = inputs, outputs
        made = ArrayCells(trace)
        self.values = made.values
        self.tangents = [add_tangents(made, _seeds(trace, x)) for x in inputs]
        self.adjoints = [add_adjoints(made, {y.slot: _unit(trace, y)}) for y in outputs]
        self.numbers = numbers_of(made.cells)

    def entry(self, y: _Entry, x: int) -> float:
        """Return the derivative of an entry of an output in the input entry of a number."""
        return self.numbers[int(self.tangents[x].place[y.slot].ravel()[y.j])]


def jacobian(trace: Trace) -> Sheet:
    """Return the sheet of the derivatives of each entry of an output in each one of an input.

    Raises
    ------
    InputError
        If there are too many.
    """
    inputs = list(_entries(trace, trace.input_names, range(len(trace.inputs))))
    outputs = list(_entries(trace, trace.output_names, trace.output_slots))
    size = sum(int(np.size(row.value)) for row in trace.rows)
    asked = len(inputs) * len(outputs)
    if asked > _MOST_ASKED or (len(inputs) + len(outputs)) * size > _MOST_CELLS:
        raise InputError(
            f"ask='jacobian': that of {trace.function_name} has {len(outputs)} x {len(inputs)} "
            f"entries, and a card asks for at most {_MOST_ASKED}; take smaller arrays"
        )
    known = _Sweeps(trace, inputs, outputs)
    cells = list(ArrayCells(trace).cells)
    lines = [
        Line(line_label(trace, row), primal_tree(row), (nested(known.values[row.slot]), -1))
        for row in trace.rows
    ]
    first = len(cells)
    for y, adjoints in zip(outputs, known.adjoints, strict=True):
        for i, x in enumerate(inputs):
            label: Tree = ["mrow", ["mi", "∂"], y.tree(), ["mi", "/"], ["mi", "∂"], x.tree()]
            words = {"target": to_text(label), "asked": "derivative", "name": y.key}
            found = [*_other_entries(known, y, i, words)]
            found += _wrong_inside(known, known.entry(y, i), adjoints, known.tangents[i])
            hints = ("entry_by_pass", "paths")
            lines.append(Line(label, NO_FORMULA, (-1, len(cells))))
            cells.append(
                Cell(
                    f"d{y.key}/d{x.key}",
                    label,
                    constant(known.entry(y, i)),
                    wrong=tuple(_once_each(found)),
                    words=words,
                    hints=hints,
                )
            )
    blanks = tuple(range(first, len(cells)))
    return Sheet("jacobian", tuple(cells), ("value", "derivative"), tuple(lines), blanks)


def _entries(trace: Trace, names: Sequence[str], slots: Sequence[int]) -> Iterator[_Entry]:
    for name, slot in zip(names, slots, strict=True):
        for j, index in enumerate(np.ndindex(*shape_of(trace.rows[slot].value))):
            yield _Entry(name, index, slot, j)


def _unit(trace: Trace, entry: _Entry) -> Array:
    unit = np.zeros(np.shape(trace.rows[entry.slot].value))
    unit.flat[entry.j] = 1.0
    return unit


def _seeds(trace: Trace, entry: _Entry) -> list[Any]:
    zeros = [np.zeros(np.shape(row.value)) for row in trace.inputs]
    zeros[entry.slot] = _unit(trace, entry)
    return zeros


Found = tuple[str, float, Words, int]


def _other_entries(known: _Sweeps, y: _Entry, i: int, words: Words) -> Iterator[Found]:
    """Yield what other entries and signs give in place of a derivative."""
    x, own = known.inputs[i], known.entry(y, i)
    value = float(np.ravel(known.trace.rows[y.slot].value)[y.j])
    mirrored = [
        known.entry(other, at)
        for other in known.outputs
        for at, one in enumerate(known.inputs)
        if (other.name, other.at, one.name, one.at) == (y.name, x.at, x.name, y.at) and x.at != y.at
    ]
    others = {
        "jacobian_transposed": mirrored,
        "other_output": [known.entry(other, i) for other in known.outputs if other != y],
        "other_input": [known.entry(y, at) for at in range(len(known.inputs)) if at != i],
    }
    for name, wrong in WRONG_ENTRIES:
        rank = 3 if name == "result_sign_lost" else 0
        for other in others.get(name, [own]):
            yield name, float(wrong(own, other, value)), words, rank


def _wrong_inside(known: _Sweeps, own: float, adjoints: Sweep, tangents: Sweep) -> Iterator[Found]:
    """Yield what a derivative is with a mistake at one row of the return sweep that ends in it."""
    rows, numbers = known.trace.rows, known.numbers
    used = uses(known.trace, range(len(rows)))
    for slot, terms in adjoints.terms.items():
        carried_on = np.array(numbers)[tangents.place[slot].ravel()]
        arriving = [(user, k) for user, k in used[slot] if user.slot in adjoints.place]
        words = row_words(rows[slot], "reverse", arriving)
        added = [np.array([float(rule(numbers)) for rule in use.right]) for use in terms]
        for use, part in zip(terms, added, strict=True):
            if len(terms) > 1:
                said = {**words, **use.words, "uses": words["uses"]}
                yield "use_forgotten", own - float(part @ carried_on), said, 1
            for name, rules, rank in use.wrong:
                made = np.array([float(rule(numbers)) for rule in rules])
                yield name, own + float((made - part) @ carried_on), use.words, rank + 1


def _once_each(found: Sequence[Found]) -> Iterator[WrongRule]:
    """Yield wrong rules, of those that give the same number the likeliest only."""
    seen = set()
    for name, number, words, rank in sorted(found, key=lambda one: one[3]):
        if f"{number:.9g}" not in seen:
            seen.add(f"{number:.9g}")
            yield WrongRule((name,), constant(number), words, rank)
