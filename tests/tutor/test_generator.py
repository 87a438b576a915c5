"""Exercises that are made by a seed: always the same, readable, and telling mistakes apart."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import adviz as ad
from adviz.tutor.generated_functions import LEVELS
from adviz.tutor.inputs import mistakes_told_apart


def eq5(x1: float, x2: float) -> float:
    return x1 * x2 + x2 - np.log(x1)


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_has_its_operations_and_right_solutions(level: int) -> None:
    made = ad.exercises(level, seed=3, count=4)
    assert len(made) == 4
    for ex in made:
        inputs = [row.value for row in ex.trace.inputs]
        assert len(inputs) == LEVELS[level].inputs
        assert len(ex.trace.rows) - len(inputs) >= LEVELS[level].lines
        assert ex.trace.function(*inputs) == ex.trace.value
        assert ex.score(ex.solution(), 5) == 5
        assert all(0.01 <= abs(row.value) <= 500 or row.value == 0 for row in ex.trace.rows)
        assert mistakes_told_apart(ex.sheet, ex.places) >= 4
        # No line is for nothing.
        reached = {step.row.slot for step in ex.trace.reverse()}
        assert reached == {row.slot for row in ex.trace.rows}


def test_the_same_seed_gives_the_same_exercises_and_another_one_others() -> None:
    def shown(seed: int | str) -> list[tuple[str, list[float]]]:
        return [
            (inspect.getsource(ex.trace.function), [row.value for row in ex.trace.inputs])
            for ex in ad.exercises(3, seed, count=3)
        ]

    assert shown("Ada") == shown("Ada")
    assert shown("Ada") != shown("Grace")


def test_inputs_that_are_drawn_tell_apart_what_those_at_one_do_not() -> None:
    drawn, plain = ad.exercise(eq5, seed=7), ad.exercise(eq5, 1, 1)
    assert mistakes_told_apart(drawn.sheet, drawn.places) > mistakes_told_apart(
        plain.sheet, plain.places
    )


def test_other_numbers_run_the_same_way() -> None:
    def bent(x1: float, x2: float) -> float:
        return x1 * x2 if x1 > x2 else x1 / x2

    ex = ad.exercise(bent, 3, 2)
    others = [ex.again(seed) for seed in range(8)]
    assert {other.trace.rows[-1].op for other in others} == {"mul"}
    assert len({other.trace.value for other in others}) > 1


def test_a_function_without_readable_numbers_is_refused_in_words() -> None:
    with pytest.raises(ad.AdvizError, match="none gives numbers that are easily read"):
        ad.exercise(lambda x: x * 1e9, seed=1)
    with pytest.raises(ad.AdvizError, match="how many there are is open"):
        ad.exercise(lambda *xs: sum(xs), seed=1)


def test_the_page_is_given_other_numbers_that_tell_mistakes_apart() -> None:
    ex = ad.exercise(eq5, 3, -4)
    variants = ex.to_document()["variants"]
    assert len(variants) > 1
    assert [3.0, -4.0] not in variants
    fewest = mistakes_told_apart(ex.sheet, ex.places, (1.0, 1.0))
    assert all(mistakes_told_apart(ex.sheet, ex.places, inputs) > fewest for inputs in variants)
    # Where the page cannot compute the numbers, or is not to know them, there are none.
    assert "variants" not in ad.exercise(eq5, 3, -4, graded=True).to_document()
    assert "variants" not in ad.exercise(eq5, 3, -4, ask="counts").to_document()
    assert "variants" not in ad.exercise(lambda x: np.sum(x * x), np.ones(2)).to_document()
