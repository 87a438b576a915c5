"""The columns of a trace of numbers as cells: its values, its tangents, its adjoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from adviz.core.elementals import Elemental
from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.mistakes import (
    WRONG_ORDER,
    WRONG_ROWS,
    WRONG_SEEDS,
    WRONG_SUMS,
    WRONG_USES,
    WRONG_VALUES,
    Mistake,
    wrong_slopes,
)
from adviz.render.math_tree import BAR, DOT
from adviz.render.row_formulas import uses
from adviz.render.table import primal_tree, row_name
from adviz.tutor.cells import Cell, Line, Rule, Sheet, WrongRule
from adviz.tutor.words import row_words, seed_words, use_words

__all__ = ["adjoints", "tangents", "values"]

Numbers = Sequence[Any]

_MOST_TERMS_NAMED = 3


def values(trace: Trace) -> Sheet:
    """Return the sheet of the primal pass."""
    cells = _value_cells(trace)
    operations = tuple(row.slot for row in trace.rows if row.elemental is not None)
    return Sheet("values", cells, ("value",), _lines(trace, {}), operations)


def tangents(trace: Trace, seeds: Sequence[float]) -> Sheet:
    """Return the sheet of the forward pass, with a seed for each input."""
    cells = list(_value_cells(trace))
    place = {row.slot: len(cells) + row.slot for row in trace.rows}
    for row in trace.rows:
        label = row_name(row, DOT).tree()
        if row.elemental is None:
            cells.append(_seed_cell(row, label, seeds[row.slot], "forward"))
            continue
        all_uses = [
            _Use(row, k, place[operand.slot], "forward")
            for k, operand in enumerate(row.operands)
            if isinstance(operand, Row)
        ]
        cells.append(_tangent_cell(row, label, all_uses))
    blanks = tuple(place[row.slot] for row in trace.rows if row.elemental is not None)
    lines = _lines(trace, place)
    return Sheet("forward", tuple(cells), ("value", "tangent"), lines, blanks)


def adjoints(trace: Trace, seeds: Sequence[float]) -> Sheet:
    """Return the sheet of the reverse pass, with a seed for each output.

    Rows that are not reached have no cell.
    """
    cells = list(_value_cells(trace))
    weights: dict[int, float] = {}
    for slot, seed in zip(trace.output_slots, seeds, strict=True):
        weights[slot] = weights.get(slot, 0.0) + seed
    used = uses(trace, range(len(trace.rows)))
    place: dict[int, int] = {}
    arriving: dict[int, list[_Use]] = {}
    for row in reversed(trace.rows):
        all_uses = [
            _Use(user, k, place[user.slot], "reverse", arriving[user.slot])
            for user, k in used[row.slot]
            if user.slot in place
        ]
        if not all_uses and row.slot not in weights:
            continue
        place[row.slot], arriving[row.slot] = len(cells), all_uses
        label = row_name(row, BAR).tree()
        if not all_uses:
            cells.append(_seed_cell(row, label, weights[row.slot], "reverse"))
        else:
            cells.append(_adjoint_cell(row, label, all_uses, weights.get(row.slot)))
    blanks = tuple(at for slot, at in place.items() if arriving[slot])
    lines = _lines(trace, place)
    return Sheet("reverse", tuple(cells), ("value", "adjoint"), lines, blanks)


def _lines(trace: Trace, places: dict[int, int]) -> tuple[Line, ...]:
    return tuple(
        Line(
            row_name(row).tree(),
            primal_tree(row),
            (row.slot, places.get(row.slot, -1)) if places else (row.slot,),
        )
        for row in trace.rows
    )


def _value_cells(trace: Trace) -> tuple[Cell, ...]:
    return tuple(_value_cell(row) for row in trace.rows)


def _value_cell(row: Row) -> Cell:
    key, label, words = _key(row), row_name(row).tree(), row_words(row, "primal")
    if row.elemental is None or row.elemental.arity == 0:
        number = float(row.value)
        return Cell(key, label, lambda numbers: number, words=words)
    elemental, operands = row.elemental, _operands(row)
    wrong = tuple(
        WrongRule((mistake.name,), _of_operands(mistake.wrong, operands), words, 0)
        for mistake in WRONG_VALUES.get(elemental.name, ())
    )
    reads = tuple(operand.slot for operand in row.operands if isinstance(operand, Row))
    return Cell(
        key,
        label,
        _of_operands(elemental.evaluate, operands),
        reads=reads,
        wrong=wrong,
        words=words,
    )


def _operands(row: Row) -> tuple[Rule, ...]:
    """Return what gives the numbers of a row's operands, from those of all cells."""

    def rule(operand: Any) -> Rule:
        if isinstance(operand, Row):
            slot = operand.slot
            return lambda numbers: numbers[slot]
        number = float(operand)
        return lambda numbers: number

    return tuple(rule(operand) for operand in row.operands)


def _of_operands(function: Callable[..., Any], operands: tuple[Rule, ...]) -> Rule:
    return lambda numbers: function(*(operand(numbers) for operand in operands))


class _Use:
    """One use of a row: a term of the user's tangent, a contribution to the row's adjoint.

    Parameters
    ----------
    user : Row
    k : int
        The place among the user's operands.
    carrier : int
        The cell of what is multiplied with the slope: the operand's tangent, the user's adjoint.
    which : str
        The pass.
    arrived : sequence of _Use
        What the user's adjoint adds up.
    """

    def __init__(
        self, user: Row, k: int, carrier: int, which: str, arrived: Sequence[_Use] = ()
    ) -> None:
        self.user, self.k, self.carrier, self.arrived = user, k, carrier, arrived
        self.elemental: Elemental = user.elemental
        self.operands = _operands(user)
        self.words = use_words(user, k, which)

    def __call__(self, numbers: Numbers) -> Any:
        """Return the product of the chain rule."""
        return numbers[self.carrier] * self.slope(numbers, self.k)

    def slope(self, numbers: Numbers, k: int) -> Any:
        """Return the slope in the k-th operand."""
        return self.elemental.partials[k](*self._numbers(numbers))

    def _numbers(self, numbers: Numbers) -> list[Any]:
        return [*(operand(numbers) for operand in self.operands), numbers[self.user.slot]]

    def wrong_slopes(self) -> list[tuple[str, Rule]]:
        """Return what the product is with each wrong slope, by the mistake's name."""

        def rule(mistake: Mistake) -> Rule:
            return lambda numbers: numbers[self.carrier] * mistake.wrong(*self._numbers(numbers))

        return [(mistake.name, rule(mistake)) for mistake in wrong_slopes(self.elemental)[self.k]]

    def wrong_products(self) -> list[tuple[str, Rule]]:
        """Return each wrong product, by the mistake's name."""
        return [
            (mistake.name, self._wrong_product(mistake))
            for mistake in WRONG_USES
            if mistake.name != "wrong_operand" or self.elemental.arity == 2
        ]

    def _wrong_product(self, mistake: Mistake) -> Rule:
        def rule(numbers: Numbers) -> Any:
            *operands, value = self._numbers(numbers)
            other = self.slope(numbers, 1 - self.k) if len(operands) == 2 else 0.0
            carrier, slope = numbers[self.carrier], self.slope(numbers, self.k)
            return mistake.wrong(carrier, slope, other, operands[self.k], value)

        return rule

    def handed_on_too_early(self) -> list[tuple[str, Rule]]:
        """Return the product with what the user hands on before its last contribution is there."""
        if len(self.arrived) < 2:
            return []
        last = self.arrived[-1]

        def rule(numbers: Numbers) -> Any:
            early = WRONG_ORDER.wrong(numbers[self.carrier], last(numbers))
            return early * self.slope(numbers, self.k)

        return [(WRONG_ORDER.name, rule)]


def _seed_cell(row: Row, label: list[Any], seed: float, which: str) -> Cell:
    slot, words = row.slot, seed_words(row, which)

    def rule(mistake: Mistake) -> Rule:
        return lambda numbers: mistake.wrong(numbers[slot])

    wrong = tuple(WrongRule((m.name,), rule(m), words, 0) for m in WRONG_SEEDS)
    return Cell(_key(row), label, lambda numbers: seed, wrong=wrong, words=words)


def _tangent_cell(row: Row, label: list[Any], terms: list[_Use]) -> Cell:
    words = row_words(row, "forward")
    sums = [
        WrongRule((mistake.name,), rule, use.words, 1)
        for mistake in WRONG_SUMS["forward"]
        for use, rule in _wrong_sums(mistake, terms, row)
    ]
    carriers = [use.carrier for use in terms]
    rows = [
        WrongRule((mistake.name,), _of_operands(mistake.wrong, _reading(carriers)), words, 0)
        for mistake in WRONG_ROWS.get(row.op, ())
        if len(terms) == row.elemental.arity
    ]
    wrong = (*rows, *sums, *_wrong_in_terms(terms, slopes=1, products=2))
    return _sum_cell(row, label, terms, wrong, words)


def _adjoint_cell(row: Row, label: list[Any], arriving: list[_Use], seed: float | None) -> Cell:
    words = row_words(row, "reverse", [(use.user, use.k) for use in arriving])
    sums = [
        WrongRule((mistake.name,), rule, {**words, **use.words}, 0)
        for mistake in WRONG_SUMS["reverse"]
        for use, rule in _wrong_sums(mistake, arriving, row)
    ]
    wrong = (*sums, *_wrong_in_terms(arriving, slopes=0, products=1))
    return _sum_cell(row, label, arriving, wrong, words, seed)


def _sum_cell(
    row: Row,
    label: list[Any],
    terms: list[_Use],
    wrong: Sequence[WrongRule],
    words: dict[str, str],
    seed: float | None = None,
) -> Cell:
    rules: list[Rule] = list(terms) if seed is None else [lambda numbers: seed, *terms]
    reads = tuple(dict.fromkeys(use.carrier for use in terms))
    return Cell(_key(row), label, _total(rules), tuple(rules), reads, tuple(wrong), words)


def _wrong_sums(mistake: Mistake, terms: list[_Use], row: Row) -> list[tuple[_Use, Rule]]:
    """Return what a wrong sum gives, for each term that it can be about."""
    if not terms or mistake.name == "other_derivative":
        return []
    is_of_value = mistake.name == "primal_for_derivative"
    if len(terms) < 2 and not is_of_value:
        return []
    # All but one mistake are about the whole sum, whose last term stands for the rest.
    about = terms if mistake.name.endswith("_forgotten") else terms[-1:]
    if mistake.name == "use_forgotten" and len(terms) == 2:
        about = terms[-1:]  # without the first one, only the last is used

    def rule(use: _Use) -> Rule:
        rest = _total([term for term in terms if term is not use])
        slot = row.slot
        return lambda numbers: mistake.wrong(rest(numbers), use(numbers), numbers[slot], 0.0)

    return [(use, rule(use)) for use in about]


def _with_rest(use: _Use, terms: Sequence[_Use]) -> dict[str, str]:
    """Return the words for a use, and for the other terms of the sum."""
    rest = [term.words["part"] for term in terms if term is not use]
    if not 0 < len(rest) <= _MOST_TERMS_NAMED:
        return use.words
    return {**use.words, "rest": " + ".join(rest).replace("+ −", "− ")}


def _wrong_in_terms(terms: list[_Use], slopes: int, products: int) -> list[WrongRule]:
    """Return what a sum is with a mistake in one of its terms, and with the same one in all."""
    found: list[WrongRule] = []
    sorts: list[tuple[int, Callable[[_Use], list[tuple[str, Rule]]]]] = [
        (slopes, _Use.wrong_slopes),
        (products, _Use.wrong_products),
        (products + 1, _Use.handed_on_too_early),
    ]
    for rank, mistakes_in in sorts:
        by_name: dict[str, list[tuple[_Use, Rule]]] = {}
        for use in terms:
            for name, rule in mistakes_in(use):
                by_name.setdefault(name, []).append((use, rule))
        for name, pairs in by_name.items():
            for use, wrong in pairs:
                rest = [term for term in terms if term is not use]
                words = _with_rest(use, terms)
                found.append(WrongRule((name,), _total([*rest, wrong]), words, rank))
            changed = [use for use, _ in pairs]
            if len(set(changed)) > 1:
                rest = [term for term in terms if term not in changed]
                all_wrong = _total([*rest, *(rule for _, rule in pairs)])
                found.append(WrongRule((name,), all_wrong, changed[0].words, rank))
    return found


def _total(rules: Sequence[Rule]) -> Rule:
    def total(numbers: Numbers) -> Any:
        result = rules[0](numbers) if rules else 0.0
        for rule in rules[1:]:
            result = result + rule(numbers)
        return result

    return total


def _reading(places: Sequence[int]) -> tuple[Rule, ...]:
    def rule(place: int) -> Rule:
        return lambda numbers: numbers[place]

    return tuple(rule(place) for place in places)


def _key(row: Row) -> str:
    return f"v{row.index}"
