"""Planted mistakes are named, none is misnamed, and what is right is never called wrong."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest

import adviz as ad
from adviz.tutor.alike import without_alike
from adviz.tutor.cells import Cell, Sheet, WrongRule, numbers_of
from adviz.tutor.diagnosis import Finding, diagnose
from adviz.tutor.entries import Entry, read_entry
from adviz.tutor.kinds import sheet_of


def eq5(x1: Any, x2: Any) -> Any:
    return x1 * x2 + x2 - np.log(x1)


def baydin(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


def griewank(x1: Any, x2: Any) -> Any:
    q = x1 / x2
    d = q - np.exp(x2)
    return (np.sin(q) + d) * d


def logistic(x: Any) -> Any:
    for _ in range(3):
        x = 3.5 * x * (1 - x)
    return x


def layer(x: Any, w: Any, b: Any) -> Any:
    return np.sum((x @ w + b) ** 2)


X = np.array([[1.0, -0.5], [0.25, 2.0]])
W = np.array([[0.5, -1.0], [1.5, 0.2]])
B = np.array([0.1, -0.3])

FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "eq5": (eq5, (3, -4)),
    "baydin": (baydin, (2, 5)),
    "griewank": (griewank, (1.5, 0.5)),
    "loop": (logistic, (0.3,)),
    "layer": (layer, (X, W, B)),
}
PASSES = ["values", "forward", "reverse"]
OTHERS = ["contributions", "partials", "jacobian", "vjp"]

every_pass = pytest.mark.parametrize(
    ("name", "ask"), list(itertools.product(FUNCTIONS, PASSES)), ids=str
)
every_column = pytest.mark.parametrize(
    ("name", "ask"),
    [
        *itertools.product(FUNCTIONS, PASSES),
        *itertools.product(["eq5", "baydin", "griewank"], OTHERS),
    ],
    ids=str,
)

Column = Mapping[int, float]


@cache
def sheets(name: str, ask: str, *scales: float) -> tuple[Sheet, Sheet, list[float]]:
    """Return the sheet with all wrong rules, the one that answers are checked by, the numbers."""
    f, inputs = FUNCTIONS[name]
    trace = ad.trace(f, *(x * scale for x, scale in zip(inputs, scales or (1, 1, 1), strict=False)))
    sheet = sheet_of(trace, ask, direction=None, weights=None)
    return sheet, without_alike(sheet), numbers_of(sheet.cells)


def column(
    sheet: Sheet, right: Sequence[float], planted: Mapping[int, WrongRule], digits: int
) -> dict[int, str]:
    """Return the answers of somebody who rounds all along, and makes mistakes in some cells."""
    known = list(right)
    texts: dict[int, str] = {}
    with np.errstate(all="ignore"):
        for place in sheet.blanks:
            rule: Cell | WrongRule = planted.get(place, sheet.cells[place])
            texts[place] = f"{float(rule.compute(known)):#.{digits}g}"
            known[place] = float(texts[place])
    return texts


def found_in(checked: Sheet, texts: Mapping[int, str]) -> dict[int, Finding]:
    entries = {place: read_entry(text) for place, text in texts.items()}
    return diagnose(checked, checked.blanks, entries)


def are_finite(texts: Mapping[int, str]) -> bool:
    return all(math.isfinite(float(text)) for text in texts.values())


def are_alike(right: Sequence[float], planted: WrongRule, named: WrongRule) -> bool:
    """Return whether two rules give the same, whatever the numbers are."""
    draw = random.Random(5)
    with np.errstate(all="ignore"):
        for _ in range(3):
            numbers = [x * draw.uniform(0.7, 1.3) for x in right]
            a, b = float(planted.compute(numbers)), float(named.compute(numbers))
            if not math.isclose(a, b, rel_tol=1e-9):
                return False
    return True


def judged(
    right: Sequence[float], planted: Mapping[int, WrongRule], found: Mapping[int, Finding]
) -> Counter[str]:
    """Count what becomes of planted mistakes, and see that nothing else is called wrong."""
    counts: Counter[str] = Counter()
    for place, finding in found.items():
        if place not in planted:
            assert finding.status != "wrong", (place, finding)
            continue
        if finding.status != "wrong":
            counts["right by accident"] += 1
            continue
        same = [are_alike(right, planted[place], named) for named in finding.reasons]
        if not same:
            counts["unexplained"] += 1
        elif same[0]:
            counts["named"] += 1
        elif any(same):
            counts["said as well"] += 1
        elif finding.is_open:
            counts["one of several"] += 1
        else:
            counts["misnamed"] += 1
    return counts


def plantings(sheet: Sheet) -> list[dict[int, WrongRule]]:
    """Return each mistake at each place, and each wherever it can be made."""
    single = [{place: wrong} for place in sheet.blanks for wrong in sheet.cells[place].wrong]
    everywhere: dict[tuple[str, ...], dict[int, WrongRule]] = {}
    for planted in single:
        for place, wrong in planted.items():
            everywhere.setdefault(wrong.mistakes, {})[place] = wrong
    return [*single, *everywhere.values()]


@every_column
@pytest.mark.parametrize("digits", [3, 6])
def test_planted_mistakes_are_named(name: str, ask: str, digits: int) -> None:
    sheet, checked, right = sheets(name, ask)
    counts: Counter[str] = Counter()
    for planted in plantings(sheet):
        texts = column(sheet, right, planted, digits)
        if are_finite(texts):
            counts += judged(right, planted, found_in(checked, texts))
    assert not counts["misnamed"]
    explained = counts["named"] + counts["said as well"]
    assert counts["named"] > 0.85 * explained
    assert counts["unexplained"] + counts["one of several"] < 0.05 * explained


@every_pass
def test_two_mistakes_in_different_cells_are_both_named(name: str, ask: str) -> None:
    sheet, checked, right = sheets(name, ask)
    draw = random.Random(2)
    counts: Counter[str] = Counter()
    if len(sheet.blanks) < 2:
        return
    for _ in range(60):
        first, second = draw.sample(sheet.blanks, 2)
        planted = {k: draw.choice(sheet.cells[k].wrong) for k in (first, second)}
        texts = column(sheet, right, planted, 6)
        if are_finite(texts):
            counts += judged(right, planted, found_in(checked, texts))
    assert not counts["misnamed"]
    assert counts["unexplained"] + counts["one of several"] < 0.05 * counts["named"]


@every_pass
def test_a_mistake_on_the_way_to_the_only_answer_is_named(name: str, ask: str) -> None:
    sheet, checked, right = sheets(name, ask)
    last = sheet.blanks[-1]
    counts: Counter[str] = Counter()
    for place in sheet.blanks:
        for wrong in sheet.cells[place].wrong:
            texts = column(sheet, right, {place: wrong}, 12)
            if are_finite(texts):
                found = found_in(checked, {last: texts[last]})
                counts += judged(right, {last: wrong}, found)
    assert not counts["misnamed"]
    assert counts["unexplained"] < 0.05 * counts["named"]


@pytest.mark.parametrize("name", ["eq5", "baydin", "griewank", "loop"])
def test_wrong_formulas_are_named(name: str) -> None:
    sheet, checked, right = sheets(name, "formulas")
    worlds = [right, *(numbers_of(sheet.cells, point) for point in sheet.points)]
    assert len(worlds) > 2
    counts: Counter[str] = Counter()
    for place in sheet.blanks:
        for wrong in sheet.cells[place].wrong:
            value, *others = (float(wrong.compute(numbers)) for numbers in worlds)
            found = diagnose(checked, checked.blanks, {place: Entry(value, others=tuple(others))})
            counts += judged(right, {place: wrong}, found)
    assert not counts["misnamed"] + counts["unexplained"]
    assert counts["named"] > 10


def test_of_a_formula_whose_number_is_right_this_is_said() -> None:
    ex = ad.exercise(eq5, 3, -4, ask="formulas")
    for answer, status in [("v-1", "right"), ("v1/v0", "right"), ("x1", "right"), ("3", "wrong")]:
        assert ex.check({"dv1/dv0": answer})["dv1/dv0"].status == status
    assert "number is right here" in ex.check({"dv1/dv0": "3"})["dv1/dv0"].text
    said = ex.check({"dv1/dv0": "v0"})["dv1/dv0"].text
    assert said == (
        "You took the factor itself. The slope of a product in one factor is the other factor."
    )


def test_what_is_right_in_a_wrong_answer_is_said() -> None:
    ex = ad.exercise(eq5, 3, -4)
    answers = {"v3": 1, "v2": 1, "v1": 1, "v0": -2}
    said = {key: verdict.text for key, verdict in ex.check(answers).items()}
    assert said["v3"].endswith("∂v₄/∂v₃ = −1. The size is right.")
    assert said["v0"].endswith("The rest of the sum is right: v̄₂.")
    assert "The sign is right." in ex.check({"v-1": -9.87})["v-1"].text
    alone = ex.check({"v0": -2})["v0"].text  # the mistake may be in what was left out, too
    assert alone == (
        "Not yet. It might be this: A sign is wrong. v̄₁ is multiplied by ∂v₁/∂v₀ = v₋₁. "
        "Or: v̄₂ is multiplied by ∂v₂/∂v₁ = 1."
    )
    follows = ex.check({"v3": 1, "v-1": "-3.667"})["v-1"]
    assert follows.text == "Right, given your v̄₃ = 1. It will move when v̄₃ does."
    assert follows.is_right
    assert ex.check({"v0": "1 + 1*3"})["v0"].text == "Right: the sum over both uses."


def test_of_one_digit_little_is_said() -> None:
    ex = ad.exercise(eq5, 3, -4)
    assert ex.check({"v-1": 2})["v-1"].text == "Not yet. v₋₁ is read twice, by v₃ and v₁."
    assert ex.check({"v0": 3})["v0"].text.startswith("Not yet. It might be this: You used only")
    assert ex.check({"v3": 1})["v3"].text.startswith("You lost the minus sign")
    assert ex.check({"v-1": "13/3"})["v-1"].text.startswith("The sign is wrong. Follow")


def test_its_own_mistake_comes_before_one_in_an_empty_blank() -> None:
    ex = ad.exercise(eq5, 3, -4, ask="forward")
    text = ex.check({"v4": "-11/3"})["v4"].text
    assert text.startswith("You lost the minus sign of the difference.")


def rounded(digits: int) -> Callable[[Cell, Sequence[float]], str]:
    return lambda cell, known: f"{float(cell.compute(known)):#.{digits}g}"


def fraction(cell: Cell, known: Sequence[float]) -> str:
    return str(Fraction(f"{float(cell.compute(known)):.5g}"))


def sum_of_rounded_terms(cell: Cell, known: Sequence[float]) -> str:
    terms = [float(rule(known)) for rule in cell.terms or (cell.compute,)]
    return " + ".join(f"({term:#.4g})" for term in terms)


@every_pass
@pytest.mark.parametrize(
    "write",
    [rounded(3), rounded(4), rounded(6), rounded(15), fraction, sum_of_rounded_terms],
    ids=["3 digits", "4 digits", "6 digits", "15 digits", "fractions", "arithmetic"],
)
def test_a_right_column_is_never_called_wrong(
    name: str, ask: str, write: Callable[[Cell, Sequence[float]], str]
) -> None:
    draw = random.Random(3)
    for _ in range(10):
        sheet, checked, right = sheets(name, ask, *(draw.uniform(0.5, 1.5) for _ in range(3)))
        known = list(right)
        texts = {}
        for place in sheet.blanks:
            texts[place] = write(sheet.cells[place], known)
            known[place] = read_entry(texts[place]).value
        found = found_in(checked, texts)
        assert {finding.status for finding in found.values()} <= {"right", "coarse"}, texts
