"""What each use of an array sends back as cells, one for each entry that it reads.

A use sends back what its row has received, through the map of the row's operation; and that is the
sum of other contributions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.render.math_tree import BAR, Name
from adviz.render.row_formulas import uses
from adviz.render.table import primal_tree, row_name
from adviz.tutor.arrays import (
    MOST_ENTRIES,
    ArrayCells,
    nested,
    use_of,
    weights_by_slot,
    wrong_paths,
)
from adviz.tutor.cells import NO_FORMULA, Cell, Line, Rule, Sheet, WrongRule
from adviz.tutor.columns import line_label
from adviz.tutor.entry_names import entry_key, entry_tree
from adviz.tutor.linear_maps import Array
from adviz.tutor.partials import key_of_use, rows_among
from adviz.tutor.rules import constant, reading, total
from adviz.tutor.words import row_words, use_words

__all__ = ["contributions"]

Tree = list[Any]
Words = Mapping[str, str]


def contributions(trace: Trace, seeds: Sequence[Any]) -> Sheet:
    """Return the sheet of what each use adds to an adjoint, with a seed for each output."""
    made = ArrayCells(trace)
    seeded = {
        slot: _add_seed(made.cells, trace, slot, seed)
        for slot, seed in weights_by_slot(trace, seeds).items()
    }
    used = uses(trace, range(len(trace.rows)))
    place: dict[tuple[int, int], Array] = {}
    for row in reversed(trace.rows):
        arrived = [(user, k) for user, k in used[row.slot] if (user.slot, k) in place]
        parts = [place[user.slot, k] for user, k in arrived]
        if row.slot in seeded:
            parts.append(seeded[row.slot])
        for k in rows_among(row) if parts else ():
            place[row.slot, k] = _add_use(made.cells, row, k, arrived, parts)
    lines: list[Line] = []
    for row in trace.rows:
        lines.append(
            Line(line_label(trace, row), primal_tree(row), (nested(made.values[row.slot]), -1))
        )
        own = [
            (_arrow(row, k), place[row.slot, k]) for k in rows_among(row) if (row.slot, k) in place
        ]
        if row.slot in seeded:
            own.append((_output(trace, row.slot).tree(), seeded[row.slot]))
        lines += [Line(label, NO_FORMULA, (-1, nested(at))) for label, at in own]
    blanks = tuple(int(p) for at in place.values() if at.size <= MOST_ENTRIES for p in at.ravel())
    return Sheet(
        "contributions", tuple(made.cells), ("value", "contribution"), tuple(lines), blanks
    )


def _output(trace: Trace, slot: int) -> Name:
    return Name.of(trace.output_names[trace.output_slots.index(slot)], BAR)


def _arrow(row: Row, k: int) -> Tree:
    return ["mrow", row_name(row).tree(), ["mo", "→"], row_name(row.operands[k]).tree()]


def _add_seed(cells: list[Cell], trace: Trace, slot: int, seed: Any) -> Array:
    """Append a cell for each entry of the seed of an output; return their places."""
    shape = shape_of(trace.rows[slot].value)
    numbers = np.broadcast_to(np.asarray(seed, dtype=float), shape)
    name = trace.output_names[trace.output_slots.index(slot)]
    label = _output(trace, slot).tree()
    return _add(
        cells,
        shape,
        [
            Cell(entry_key(name, index), entry_tree(label, index), constant(float(numbers[index])))
            for index in np.ndindex(*shape)
        ],
    )


def _add(cells: list[Cell], shape: tuple[int, ...], new: Sequence[Cell]) -> Array:
    first = len(cells)
    cells += new
    return np.arange(first, len(cells)).reshape(shape)


def _add_use(
    cells: list[Cell],
    row: Row,
    k: int,
    arrived: Sequence[tuple[Row, int]],
    parts: Sequence[Array],
) -> Array:
    """Append the cells of what a row sends back, having received what is in other cells."""
    shape = shape_of(row.operands[k].value)
    received = np.arange(np.size(row.value)).reshape(shape_of(row.value))
    use = use_of(row, k, received, "reverse")
    words = {**use.words, "asked": "contribution"}
    sums = list(_wrong_sums(row, arrived, parts, words))
    new = []
    for j, index in enumerate(np.ndindex(*shape)):
        right = use.right[j]
        label = entry_tree(_arrow(row, k), index)
        about = {**words, **_words_of_entry(row, k, index)}
        wrong = [
            WrongRule((name,), _of_received(rules[j], parts), words, rank)
            for name, rules, rank in use.wrong
        ]
        wrong += [
            WrongRule((name,), _of_received(rule, parts), about, 1)
            for name, rule in wrong_paths(use, j)
        ]
        wrong += [
            WrongRule((name,), _of_received(right, some), said, 1) for name, some, said in sums
        ]
        reads = [int(part.ravel()[i]) for i in right.reads for part in parts]
        new.append(
            Cell(
                entry_key(key_of_use(row, k, "v{}->v{}"), index),
                label,
                _of_received(right, parts),
                reads=tuple(dict.fromkeys(reads)),
                wrong=tuple(wrong),
                words=about,
                hints=(*(("entries",) if shape else ()), "sent_back", "received", "part"),
            )
        )
    return _add(cells, shape, new)


def _words_of_entry(row: Row, k: int, index: tuple[int, ...]) -> dict[str, str]:
    return {"entry": entry_key(row.operands[k].label, index)} if index else {}


def _of_received(rule: Rule, parts: Sequence[Array]) -> Rule:
    """Return a rule of what a row has received, which is the sum of some cells."""
    return lambda numbers: rule(_Received(numbers, parts))


class _Received(Sequence[Any]):
    """What a row has received, entry by entry, added up when it is asked for."""

    def __init__(self, numbers: Sequence[Any], parts: Sequence[Array]) -> None:
        self.numbers, self.parts = numbers, parts

    def __len__(self) -> int:
        return self.parts[0].size

    def __getitem__(self, i: Any) -> Any:
        return total([reading(int(part.ravel()[i])) for part in self.parts])(self.numbers)


def _wrong_sums(
    row: Row, arrived: Sequence[tuple[Row, int]], parts: Sequence[Array], words: Words
) -> Iterator[tuple[str, list[Array], Words]]:
    """Yield what is left of what a row receives where not all of it is added."""
    if len(parts) < 2:
        return
    for at, (user, k) in enumerate(arrived):
        said = {**words, **use_words(user, k, "reverse"), **row_words(row, "reverse", arrived)}
        rest = [part for other, part in enumerate(parts) if other != at]
        if at == len(arrived) - 1:
            yield "last_use_only", [parts[at]], said
        if len(parts) > 2 or at == len(arrived) - 1:
            yield "use_forgotten", rest, said
