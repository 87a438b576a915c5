"""The columns of a trace of arrays as cells, one for each entry.

A use of an array is a linear map of the user's adjoint, or of the operand's tangent; what maps
people take in its place is in :data:`adviz.mistakes.WRONG_PULLS` and ``WRONG_PUSHES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.elementals import Elemental
from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.mistakes import (
    WRONG_ARRAYS,
    WRONG_ENTRIES_READ,
    WRONG_PATHS,
    WRONG_PULLS,
    WRONG_PUSHES,
    WRONG_RECEIVED,
    WRONG_SEEDS,
    WRONG_SPREADS,
    WRONG_USES,
    WRONG_VALUES,
    wrong_slopes,
)
from adviz.render.math_tree import BAR, DOT, Accent, to_text
from adviz.render.row_formulas import uses
from adviz.render.table import primal_tree, row_name
from adviz.rules.broadcasting import fitted, spread
from adviz.tutor.cells import Cell, Line, Rule, Sheet, WrongRule
from adviz.tutor.columns import key_of, line_label
from adviz.tutor.entry_names import entry_key, entry_tree
from adviz.tutor.hints import hints_for_value
from adviz.tutor.linear_maps import Array, SumOfProducts, affine_rules, multilinear_rules
from adviz.tutor.rules import applied, constant, reading, total
from adviz.tutor.uses import wrong_sums
from adviz.tutor.words import entry_words, row_words, use_words, words_of_terms

__all__ = [
    "MOST_ENTRIES",
    "ArrayCells",
    "ArrayUse",
    "Sweep",
    "add_adjoints",
    "add_tangents",
    "adjoints",
    "blanks_among",
    "nested",
    "tangents",
    "use_of",
    "values",
    "weights_by_slot",
    "wrong_paths",
]

Tree = list[Any]
Words = dict[str, str]
Map = Callable[[Any], Any]

MOST_ENTRIES = 12
"""Of an array that is asked for."""


class ArrayUse(NamedTuple):
    """One use of an array: a rule for each entry of what it adds, and wrong ones by name."""

    user: Row
    k: int
    right: list[SumOfProducts]
    wrong: list[tuple[str, list[Rule], int]]
    words: Words

    def count(self, j: int) -> int:
        """Return how many times it reads an entry, also where a factor happens to be 0."""
        counts = [len(rule.terms) for rule in self.right]
        is_copy = len(self.user.operands) == 1 and not isinstance(self.user.elemental, Elemental)
        return counts[j] if is_copy else max(1, *counts)


class ArrayCells:
    """The cells of some columns while they are made.

    Attributes
    ----------
    cells : list of Cell
    values : dict
        By slot the places of a row's value, an array of the row's shape.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.cells: list[Cell] = []
        self.values: dict[int, Array] = {}
        for row in trace.rows:
            self.values[row.slot] = self._add_value(row)

    def add(
        self,
        row: Row,
        accent: Accent,
        right: Sequence[Rule],
        wrong: Sequence[Sequence[WrongRule]],
        words: Words | Sequence[Words],
        terms: Sequence[Sequence[Rule]] = (),
        reads: Sequence[tuple[int, ...]] = (),
        hints: tuple[str, ...] = (),
    ) -> Array:
        """Append a cell for each entry of a row; return their places."""
        shape = shape_of(row.value)
        first = len(self.cells)
        for j, index in enumerate(np.ndindex(*shape)):
            self.cells.append(
                Cell(
                    entry_key(key_of(row), index),
                    entry_tree(row_name(row, accent).tree(), index),
                    right[j],
                    tuple(terms[j]) if terms else (),
                    reads[j] if reads else (),
                    tuple(wrong[j]) if wrong else (),
                    words if isinstance(words, dict) else words[j],
                    hints=("entries", *hints) if shape else hints,
                )
            )
        return np.arange(first, len(self.cells)).reshape(shape)

    def _add_value(self, row: Row) -> Array:
        words = row_words(row, "primal")
        right = self._value_rules(row)
        if right is None:
            numbers = np.ravel(row.value).astype(float)
            return self.add(row, "", [constant(float(x)) for x in numbers], (), words)
        wrong = [
            [WrongRule((name,), rules[j], words, 0) for name, rules in self._wrong_values(row)]
            for j in range(len(right))
        ]
        reads = self._reads(row, right)
        return self.add(row, "", right, wrong, words, reads=reads, hints=hints_for_value(row))

    def _reads(self, row: Row, right: Sequence[Rule]) -> list[tuple[int, ...]]:
        """Return which places each entry of a row is computed from."""
        if not isinstance(row.elemental, Elemental):
            return [rule.reads if isinstance(rule, SumOfProducts) else () for rule in right]
        shape = shape_of(row.value)
        places = [np.broadcast_to(self.values[parent.slot], shape) for parent in _parents(row)]
        return [tuple(int(at[index]) for at in places) for index in np.ndindex(*shape)]

    def _value_rules(self, row: Row) -> list[Rule] | None:
        """Return the rules of a row's entries; None where its numbers are given."""
        if not row.parents:
            return None
        if isinstance(row.elemental, Elemental):
            return self._entrywise(row, row.elemental.evaluate)
        if row.elemental.rule.push not in ("each", "together"):
            return None
        return self._of_parents(row, row.elemental.evaluate)

    def _wrong_values(self, row: Row) -> Iterator[tuple[str, list[Rule]]]:
        if isinstance(row.elemental, Elemental):
            for name, wrong in WRONG_VALUES.get(row.op, ()):
                yield name, self._entrywise(row, wrong)
            return
        for name, wrong in WRONG_ARRAYS.get(row.op, ()):
            rules = self._of_parents(row, wrong)
            if rules is not None:
                yield name, rules
        for name, moved in WRONG_ENTRIES_READ.get(row.op, ()):
            rules = self._of_parents(row, _after(moved, row.elemental.evaluate))
            if rules is not None:
                yield name, rules

    def _entrywise(self, row: Row, function: Callable[..., Any]) -> list[Rule]:
        shape = shape_of(row.value)
        operands = [
            np.broadcast_to(self.values[o.slot] if isinstance(o, Row) else np.asarray(o), shape)
            for o in row.operands
        ]
        return [
            applied(
                function,
                [
                    reading(int(entries[index]))
                    if isinstance(operand, Row)
                    else constant(float(entries[index]))
                    for operand, entries in zip(row.operands, operands, strict=True)
                ],
            )
            for index in np.ndindex(*shape)
        ]

    def _of_parents(self, row: Row, function: Callable[..., Any]) -> list[Rule] | None:
        """Return the rules of a function of all operands, of which those that are rows vary."""

        def of_rows(*arrays: Any) -> Any:
            given = iter(arrays)
            return function(*(next(given) if isinstance(o, Row) else o for o in row.operands))

        places = [self.values[parent.slot] for parent in _parents(row)]
        shape = shape_of(row.value)
        operation: Any = row.elemental
        if len(places) == 1 or operation.rule.push == "each":
            return multilinear_rules(of_rows, places, shape)  # type: ignore[no-any-return]
        return self._of_all_together(of_rows, places, shape)

    def _of_all_together(
        self, function: Callable[..., Any], places: list[Array], shape: tuple[int, ...]
    ) -> list[Rule] | None:
        """Return the rules of a function that is linear in all arrays together."""
        sizes = np.cumsum([0, *(p.size for p in places)])

        def of_one(flat: Any) -> Any:
            parts = [
                flat[a:b].reshape(p.shape)
                for a, b, p in zip(sizes[:-1], sizes[1:], places, strict=True)
            ]
            return function(*parts)

        together = np.concatenate([p.ravel() for p in places])
        return affine_rules(of_one, together, shape)  # type: ignore[no-any-return]

    def lines(self, places: dict[int, Array] | None = None) -> tuple[Line, ...]:
        """Return a line for each row."""
        return tuple(
            Line(
                line_label(self.trace, row),
                primal_tree(row),
                (nested(self.values[row.slot]),)
                if places is None
                else (nested(self.values[row.slot]), nested(places.get(row.slot))),
                "unreached" if places is not None and row.slot not in places else "",
            )
            for row in self.trace.rows
        )


def values(trace: Trace) -> Sheet:
    """Return the sheet of the primal pass."""
    made = ArrayCells(trace)
    blanks = blanks_among(trace, made.values, _computed(trace))
    return Sheet("values", tuple(made.cells), ("value",), made.lines(), blanks)


class Sweep(NamedTuple):
    """The cells of a sweep.

    Attributes
    ----------
    place : dict
        By slot the places of a row's adjoint or tangent; rows that are not reached have none.
    terms : dict
        By slot what each of them adds up; nothing at a seed.
    """

    place: dict[int, Array]
    terms: dict[int, list[ArrayUse]]


def adjoints(trace: Trace, seeds: Sequence[Any]) -> Sheet:
    """Return the sheet of the reverse pass, with a seed for each output."""
    made = ArrayCells(trace)
    place, terms = add_adjoints(made, weights_by_slot(trace, seeds))
    blanks = blanks_among(trace, place, [slot for slot in place if terms[slot]])
    lines = made.lines(place)
    seeded = tuple(int(p) for slot, at in place.items() if not terms[slot] for p in at.ravel())
    return Sheet("reverse", tuple(made.cells), ("value", "adjoint"), lines, blanks, seeds=seeded)


def tangents(trace: Trace, seeds: Sequence[Any]) -> Sheet:
    """Return the sheet of the forward pass, with a seed for each input."""
    made = ArrayCells(trace)
    place = add_tangents(made, seeds).place
    seeded = tuple(int(p) for row in trace.inputs for p in place[row.slot].ravel())
    blanks = blanks_among(trace, place, _computed(trace))
    lines = made.lines(place)
    return Sheet("forward", tuple(made.cells), ("value", "tangent"), lines, blanks, seeds=seeded)


def weights_by_slot(trace: Trace, seeds: Sequence[Any]) -> dict[int, Any]:
    """Return the adjoints that a return sweep begins with, by slot, from a seed for each output."""
    weights: dict[int, Any] = {}
    for slot, seed in zip(trace.output_slots, seeds, strict=True):
        if np.any(seed):
            weights[slot] = weights.get(slot, 0.0) + seed
    return weights


def add_adjoints(made: ArrayCells, weights: Mapping[int, Any]) -> Sweep:
    """Append cells for the adjoint of each row that is reached, the last row first."""
    trace = made.trace
    used = uses(trace, range(len(trace.rows)))
    place: dict[int, Array] = {}
    terms: dict[int, list[ArrayUse]] = {}
    for row in reversed(trace.rows):
        arriving = [(user, k) for user, k in used[row.slot] if user.slot in place]
        seed = weights.get(row.slot)
        if arriving:
            terms[row.slot] = [use_of(user, k, place[user.slot], "reverse") for user, k in arriving]
            words = row_words(row, "reverse", arriving)
            place[row.slot] = _add_sum(made, row, BAR, terms[row.slot], words, seed, "reverse")
        elif seed is not None:
            terms[row.slot] = []
            place[row.slot] = _add_seed(made, row, BAR, seed, "reverse")
    return Sweep(place, terms)


def add_tangents(made: ArrayCells, seeds: Sequence[Any]) -> Sweep:
    """Append cells for the tangent of each row."""
    place: dict[int, Array] = {}
    terms: dict[int, list[ArrayUse]] = {}
    for row in made.trace.rows:
        if row.elemental is None:
            terms[row.slot] = []
            place[row.slot] = _add_seed(made, row, DOT, seeds[row.slot], "forward")
            continue
        terms[row.slot] = [
            use_of(row, k, place[operand.slot], "forward")
            for k, operand in enumerate(row.operands)
            if isinstance(operand, Row)
        ]
        words = row_words(row, "forward")
        place[row.slot] = _add_sum(made, row, DOT, terms[row.slot], words, None, "forward")
    return Sweep(place, terms)


def blanks_among(trace: Trace, place: dict[int, Array], slots: Iterable[int]) -> tuple[int, ...]:
    """Return the cells of rows that are small enough to be asked for."""
    small = [slot for slot in slots if np.size(trace.rows[slot].value) <= MOST_ENTRIES]
    return tuple(int(p) for slot in small for p in place[slot].ravel())


def _computed(trace: Trace) -> list[int]:
    return [row.slot for row in trace.rows if row.parents]


def _add_seed(made: ArrayCells, row: Row, accent: Accent, seed: Any, which: str) -> Array:
    numbers = np.broadcast_to(np.asarray(seed, dtype=float), shape_of(row.value)).ravel()
    words = row_words(row, which)
    wrong = [
        [
            WrongRule((name,), applied(rule, [reading(int(place))]), words, 0)
            for name, rule in WRONG_SEEDS
        ]
        for place in made.values[row.slot].ravel()
    ]
    return made.add(
        row, accent, [constant(float(x)) for x in numbers], wrong, words, hints=("seed",)
    )


def _add_sum(
    made: ArrayCells,
    row: Row,
    accent: Accent,
    terms: Sequence[ArrayUse],
    words: Words,
    seed: Any,
    which: str,
) -> Array:
    """Append the cells of a sum of uses."""
    size = int(np.size(row.value))
    seeds = None if seed is None else np.broadcast_to(seed, shape_of(row.value)).ravel()
    right: list[Rule] = []
    wrong: list[list[WrongRule]] = []
    here: list[Words] = []
    own: list[list[SumOfProducts]] = []  # the uses that have to do with an entry
    for j, (index, place) in enumerate(np.ndenumerate(made.values[row.slot])):
        parts = [use.right[j] for use in terms]
        here.append(_entry_words(row, index, j, terms) if which == "reverse" else {})
        own.append([part for part in parts if part.terms])
        about = {id(part): use for part, use in zip(parts, terms, strict=True)}
        found = [
            WrongRule((mistake.name,), rule, {**words, **about[id(part)].words, **here[j]}, 1)
            for part, mistake, rule in wrong_sums(own[j] or parts[-1:], int(place), which)
        ]
        for use in terms:
            rest = [part for part in parts if part is not use.right[j]]
            found += [
                WrongRule((name,), total([*rest, rules[j]]), use.words, rank)
                for name, rules, rank in use.wrong
            ]
            if which == "reverse":
                found += [
                    WrongRule((name,), total([*rest, rule]), {**use.words, **here[j]}, 1)
                    for name, rule in wrong_paths(use, j)
                ]
        begun = [] if seeds is None else [constant(float(seeds[j]))]
        right.append(total([*begun, *parts]))
        wrong.append(found)
    reads = [
        tuple(dict.fromkeys(p for use in terms for p in use.right[j].reads)) for j in range(size)
    ]
    if not terms:
        right = [constant(0.0)] * size
    is_added = len(terms) > 1 or any(use.count(j) > 1 for use in terms for j in range(size))
    used = "uses" if is_added or seeds is not None else "use"
    hints = ("readers", used, "sum") if which == "reverse" else ("operands", "sum")
    words = {**words, **words_of_terms([use.words for use in terms], seed is not None)}
    said = [{**words, **more} for more in here]
    return made.add(row, accent, right, wrong, said, own, reads, hints)


def _entry_words(row: Row, index: tuple[int, ...], j: int, terms: Sequence[ArrayUse]) -> Words:
    counts = [sum(use.count(i) for use in terms) for i in range(int(np.size(row.value)))]
    if counts[j] == len(terms) and len({*counts}) == 1:
        return {}  # the row's words hold for each entry
    one = to_text(entry_tree(row_name(row).tree(), index))
    entry = one if len({*counts}) > 1 or not index else f"each entry of {row.label}"
    return entry_words(entry, [(use.user, use.k) for use in terms if use.count(j)], counts[j])


_MOST_PATHS = 6


def wrong_paths(use: ArrayUse, j: int) -> Iterator[tuple[str, Rule]]:
    """Yield wrong sums of what one use sends back to an entry that it reads several times."""
    right = use.right[j]
    paths = [SumOfProducts(0.0, (term,)) for term in right.terms]
    if not 1 < len(paths) <= _MOST_PATHS:
        return
    not_for_it = "one_path_only" if use.user.op in WRONG_ENTRIES_READ else "overwritten"
    for name, wrong in WRONG_PATHS:
        if name != not_for_it:
            # Where it is assigned instead of added, what came last remains.
            for path in paths[-1:] if name == "overwritten" else paths:
                yield name, _of_path(wrong, right, path)


def _of_path(wrong: Callable[..., Any], right: Rule, path: Rule) -> Rule:
    return lambda numbers: wrong(right(numbers), path(numbers))


def use_of(user: Row, k: int, carrier: Array, which: str) -> ArrayUse:
    """Return one use, of the k-th operand of a row, with what carries it in these cells."""
    shape = shape_of(user.operands[k].value if which == "reverse" else user.value)
    right = affine_rules(_right_map(user, k, which), carrier, shape)
    assert right is not None
    wrong = [
        (name, rules, rank)
        for name, function, rank in _wrong_maps(user, k, which)
        if (rules := affine_rules(function, carrier, shape)) is not None
    ]
    return ArrayUse(user, k, right, wrong, use_words(user, k, which))


def _right_map(user: Row, k: int, which: str) -> Map:
    """Return what a use makes of the user's adjoint, or of the operand's tangent."""
    operands, value = _numbers(user)
    if isinstance(user.elemental, Elemental):
        slope = user.elemental.partials[k](*operands, value)
        return _product_map(lambda carrier: carrier * slope, operands[k], value, which)
    operation: Any = user.elemental
    if which == "reverse":
        return lambda bar: operation.pull(k, bar, operands, value)
    return lambda dot: operation.push(
        [dot if j == k else None for j in range(len(operands))], operands, value
    )


def _product_map(product: Map, operand: Any, value: Any, which: str) -> Map:
    """Return an entrywise product that is summed, or spread, to the shape of the result."""
    if which == "reverse":
        return lambda bar: fitted(np.broadcast_to(product(bar), shape_of(value)), operand)
    return lambda dot: spread(product(dot), value)


def _wrong_maps(user: Row, k: int, which: str) -> Iterator[tuple[str, Map, int]]:
    """Yield wrong maps by name, with their ranks."""
    operands, value = _numbers(user)
    if not isinstance(user.elemental, Elemental):
        table = WRONG_PULLS if which == "reverse" else WRONG_PUSHES
        for name, wrong in table.get(user.op, ()):
            yield name, _of_operands(wrong, k, operands), 0
        right = _right_map(user, k, which)
        for name, moved in WRONG_ENTRIES_READ.get(user.op, ()):
            yield name, _after(right, moved) if which == "reverse" else _after(moved, right), 0
        for name, wrong in WRONG_RECEIVED.get(user.op, ()) if which == "reverse" else ():
            yield (
                name,
                _of_received(wrong, right, operands[k], np.size(operands[k]) / np.size(value)),
                0,
            )
        return
    own = user.elemental.partials
    slope = own[k](*operands, value)
    other = own[1 - k](*operands, value) if len(operands) == 2 else 0.0
    for name, wrong in wrong_slopes(user.elemental)[k]:
        steep = wrong(*operands, value)
        yield name, _product_map(_times(steep), operands[k], value, which), 0
    for name, wrong in WRONG_USES:
        if name != "wrong_operand" or len(operands) == 2:
            product = _of_use(wrong, slope, other, operands[k], value)
            yield name, _product_map(product, operands[k], value, which), 1
    if which == "reverse" and shape_of(operands[k]) != shape_of(value):
        for name, wrong in WRONG_SPREADS:
            yield name, _not_summed(wrong, slope, operands[k], value), 0


def _after(first: Map, then: Map) -> Map:
    return lambda array: then(first(array))


def _times(slope: Any) -> Map:
    return lambda carrier: carrier * slope


def _of_use(wrong: Callable[..., Any], *numbers: Any) -> Map:
    return lambda carrier: wrong(carrier, *numbers)


def _of_operands(wrong: Callable[..., Any], k: int, operands: Sequence[Any]) -> Map:
    return lambda carrier: wrong(carrier, k, *operands)


def _of_received(wrong: Callable[..., Any], right: Map, operand: Any, count: float) -> Map:
    return lambda bar: wrong(right(bar), operand, count)


def _not_summed(wrong: Callable[..., Any], slope: Any, operand: Any, value: Any) -> Map:
    shape = shape_of(operand)
    return lambda bar: wrong(
        np.broadcast_to(bar * slope, shape_of(value)), (1,) * (np.ndim(value) - len(shape)) + shape
    ).reshape(shape)[()]


def _numbers(user: Row) -> tuple[list[Any], Any]:
    return [o.value if isinstance(o, Row) else o for o in user.operands], user.value


def _parents(row: Row) -> list[Row]:
    return [operand for operand in row.operands if isinstance(operand, Row)]


def nested(places: Array | None) -> Any:
    """Return places as nested tuples, -1 where there are none."""

    def tuples(item: Any) -> Any:
        return tuple(map(tuples, item)) if isinstance(item, list) else item

    return -1 if places is None else tuples(places.tolist())
