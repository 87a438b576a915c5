"""The wrong rules: each is wrong, is told in plain words, and is the same in a page."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from adviz import ELEMENTALS, define
from adviz import mistakes as tables
from adviz.mistakes import (
    WRONG_ROWS,
    WRONG_SUMS,
    WRONG_USES,
    WRONG_VALUES,
    Mistake,
    wrong_slopes,
)
from adviz.player import mistake_sentences, verdicts
from adviz.render.mistake_programs import mistake_programs

ORDINARY = {"arcsin": (0.3,), "arccos": (0.3,), "arctanh": (0.3,), "abs": (-0.7,), "relu": (-0.7,)}
"""Where operands of 1.7 and −2.3 would not do."""


def operands(name: str) -> tuple[float, ...]:
    """Operands at which the operation is defined and smooth."""
    return ORDINARY.get(name, (1.7, -2.3)[: ELEMENTALS[name].arity])


def differs(wrong: float, right: float) -> bool:
    return math.isnan(wrong) or abs(wrong - right) > 1e-3 * max(abs(wrong), abs(right))


def all_mistakes() -> Iterator[str]:
    for name in set(tables.__all__) - {"Counted", "Mistake", "wrong_slopes"}:
        table = getattr(tables, name)
        if isinstance(table, Mistake):
            yield table.name
        else:
            rows = table.values() if isinstance(table, Mapping) else [table]
            for each in itertools.chain(*rows):
                yield each.name if isinstance(each, Mistake) else each
    for elemental in ELEMENTALS.values():
        yield from (mistake.name for mistake in itertools.chain(*wrong_slopes(elemental)))


@pytest.mark.parametrize("name", sorted(WRONG_VALUES))
def test_a_wrong_value_differs_from_the_right_one(name: str) -> None:
    numbers = operands(name)
    right = ELEMENTALS[name](*numbers)
    for mistake, wrong in WRONG_VALUES[name]:
        assert differs(wrong(*numbers), right), mistake


@pytest.mark.parametrize("name", sorted(ELEMENTALS))
def test_a_wrong_slope_differs_from_the_right_one(name: str) -> None:
    elemental = ELEMENTALS[name]
    numbers = operands(name)
    value = elemental(*numbers) if elemental.arity else 0.0
    for partial, mistakes in zip(elemental.partials, wrong_slopes(elemental), strict=True):
        right = partial(*numbers, value)
        for mistake, wrong in mistakes:
            if mistake != "slope_at_value":  # which is right where the slope is one number
                with np.errstate(invalid="ignore"):
                    assert differs(float(wrong(*numbers, value)), right), mistake


def test_wrong_products_sums_and_rows_differ_from_the_right_ones() -> None:
    carrier, slope, other, operand, value = 1.3, -2.1, 0.6, 3.7, 5.9
    for mistake, wrong in WRONG_USES:
        assert differs(wrong(carrier, slope, other, operand, value), carrier * slope), mistake
    rest, part, primal, derivative = 1.3, -2.1, 5.9, 0.6
    for mistake, wrong in (*WRONG_SUMS["forward"], *WRONG_SUMS["reverse"]):
        assert differs(wrong(rest, part, primal, derivative), rest + part), mistake
    for name, mistakes in WRONG_ROWS.items():
        a, b = operands(name)
        value = ELEMENTALS[name](a, b)
        right = sum(
            tangent * partial(a, b, value)
            for tangent, partial in zip((0.4, 1.9), ELEMENTALS[name].partials, strict=True)
        )
        for mistake, wrong in mistakes:
            assert differs(wrong(0.4, 1.9), right), mistake


def test_mistakes_of_one_place_give_different_numbers() -> None:
    """At ordinary numbers the answer tells which mistake was made."""
    carrier, slope, other, operand, value = 1.3, -2.1, 0.6, 3.7, 5.9
    numbers = [wrong(carrier, slope, other, operand, value) for _, wrong in WRONG_USES]
    for a, b in itertools.combinations(numbers, 2):
        assert differs(a, b)


def test_every_mistake_is_told_in_plain_words() -> None:
    told = mistake_sentences()
    made = set(all_mistakes())
    assert made == set(told)
    for done, right in told.values():
        for sentence in (done, right):
            assert re.match(r"[A-Z|{]", sentence), sentence
            assert sentence.endswith("."), sentence


def test_verdicts_are_told_in_whole_sentences() -> None:
    for name, (first, rest) in verdicts().items():
        assert re.match(r"[A-Z]", first), name
        assert first[-1] in ".:", name
        assert rest in ("", "{found}") or rest.endswith(".") or name == "perhaps", name
        assert not (first.endswith(":") and rest == "") or name == "or"


def run(code: list[Any], numbers: list[float]) -> float:
    """Evaluate a code as a page does, by the names of NumPy's functions."""
    known = list(numbers)

    def read(operand: Any) -> float:
        return float(operand[0]) if isinstance(operand, list) else known[operand]

    names: dict[str, Callable[..., float]] = {
        "sub": np.subtract,
        "mul": np.multiply,
        "div": np.divide,
        "neg": np.negative,
        "pow": np.power,
    }
    for name, *read_from in code[:-1]:
        function = names.get(name) or getattr(np, name)
        known.append(float(function(*map(read, read_from))))
    return read(code[-1])


@pytest.mark.parametrize("name", ["mul", "div", "pow", "exp", "tanh", "sqrt", "log10", "cos"])
def test_a_page_is_given_the_same_rules(name: str) -> None:
    elemental = ELEMENTALS[name]
    numbers = tuple(map(abs, operands(name)))
    value = elemental(*numbers)
    programs = mistake_programs([elemental])
    padded = [*numbers, *[math.nan] * (2 - len(numbers)), value]
    assert [
        (mistake, pytest.approx(run(code, padded)))
        for mistake, code in programs["values"].get(name, [])
    ] == [(mistake, wrong(*numbers)) for mistake, wrong in WRONG_VALUES.get(name, ())]
    for k, mistakes in enumerate(wrong_slopes(elemental)):
        assert [
            (mistake, pytest.approx(run(code, [*numbers, value])))
            for mistake, code in programs["slopes"][name][k]
        ] == [(mistake, wrong(*numbers, value)) for mistake, wrong in mistakes]


def test_what_a_page_cannot_evaluate_is_left_out() -> None:
    opaque = define("opaque_to_pages", math.gamma, lambda a, v: v * math.exp(a))
    programs = mistake_programs([opaque])
    del ELEMENTALS["opaque_to_pages"]
    assert programs["values"] == {}
    assert programs["slopes"] == {}
    assert programs["uses"]
