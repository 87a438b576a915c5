"""Somebody's solution to be marked: the tables that are printed in a text, slips and all."""

from __future__ import annotations

import numpy as np
import pytest

import adviz as ad
from adviz.tutor.paper import slips_in


def f(x1: float, x2: float) -> float:
    product = x1 * x2
    logarithm = np.log(x1)
    total = product + x2
    return total - logarithm


PRIMAL_AT_2_4 = {
    "v1": ("v-1 * v0", "8"),
    "v2": ("ln(v-1)", "0.693"),
    "v3": ("v1 + v0", "12"),
    "v4": ("v2 - v3", "11.307"),
}
PRIMAL_AT_3_4 = {
    "v1": ("v-1 * v0", "-12"),
    "v2": ("ln(v-1)", "1.10"),
    "v3": ("v1 + v0", "-16"),
    "v4": ("v2 - v3", "17.10"),
}
TANGENTS = {
    "v1": ("v̇₋₁·v₀ + v̇₀·v₋₁", "3"),
    "v2": ("v̇₋₁ × 1/v₋₁", "0"),
    "v3": ("v̇₁ + v̇₀", "4"),
    "v4": ("v̇₂ − v̇₃", "-4"),
}
ADJOINTS = {
    "v-1": ("v̄₂ × 1/v₋₁ + v̄₁ × v₀", "-4.33"),
    "v0": ("v̄₃ × 1 + v̄₁ × v₋₁", "4"),
    "v1": ("v̄₃ × 1", "1"),
    "v2": ("v̄₄ × -1", "-1"),
    "v3": ("v̄₁ + v̄₄ × 1", "1"),
}


def found(
    inputs: tuple[float, float], which: str, printed: object, seed: object = None
) -> dict[str, str]:
    lines = slips_in(ad.trace(f, *inputs), which, printed, seed)  # type: ignore[arg-type]
    return {line.key: line.slip for line in lines if line.slip != "nothing"}


def test_the_slips_of_the_printed_tables_are_named() -> None:
    order, sign, index = (
        "the order of the operands",
        "a sign",
        "an index: it reads another row",
    )
    # The number of a formula in the wrong order is right here: only the formula tells.
    assert found((2, 4), "primal", PRIMAL_AT_2_4) == {"v4 formula": order}
    assert found((3, -4), "primal", PRIMAL_AT_3_4) == {"v4 formula": order, "v4 number": sign}
    assert found((3, -4), "forward", TANGENTS, "x2") == {"v4 formula": sign, "v4 number": sign}
    assert found((3, -4), "reverse", ADJOINTS) == {"v3 formula": index}


def test_a_learner_marks_the_lines() -> None:
    ex = ad.paper(f, 3, -4, printed=ADJOINTS, which="reverse")
    right = ex.solution()
    assert [line for line, slip in right.items() if slip != "nothing"] == ["v3 formula"]
    assert ex.score(right, 10) == 10
    text = ex.check(right)["v3 formula"].text
    assert "There is a term too many" in text
    missed = ex.check({**right, "v3 formula": "nothing"})["v3 formula"]
    assert missed.status == "wrong"
    # What is overlooked is not given away.
    assert "term" not in missed.text
    accused = ex.check({**right, "v2 number": "a sign"})["v2 number"]
    assert "This line is right" in accused.text


def test_what_cannot_be_marked_is_refused_in_words() -> None:
    with pytest.raises(ad.AdvizError, match="no row 'v9'; there are"):
        ad.paper(f, 3, -4, printed={"v9": ("v1", 2)})
    with pytest.raises(ad.AdvizError, match="a formula and a number"):
        ad.paper(f, 3, -4, printed={"v1": 2})  # type: ignore[dict-item]
    with pytest.raises(ad.AdvizError, match="v5"):
        ad.paper(f, 3, -4, printed={"v1": ("v5 + 1", 2)})
