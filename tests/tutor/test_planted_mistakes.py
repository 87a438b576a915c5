"""Mistakes planted in sweeps that are written out by hand: each is named, and nothing else is.

The wrong columns are computed here from the formulas of the functions, without adviz's wrong rules.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from math import cos, exp, sin
from typing import Any, NamedTuple

import numpy as np
import pytest

import adviz as ad
from adviz.player import mistake_sentences

Answers = Mapping[str, Any]


def equation_5(x1: Any, x2: Any) -> Any:
    return x1 * x2 + x2 - np.log(x1)


def baydin(x1: Any, x2: Any) -> Any:
    return np.log(x1) + x1 * x2 - np.sin(x2)


def griewank(x1: Any, x2: Any) -> Any:
    q, e = x1 / x2, np.exp(x2)
    return (np.sin(q) + q - e) * (q - e)


def loop(x: Any) -> Any:
    for _ in range(3):
        x = 4 * x * (1 - x)
    return x


def layer(x: Any, w: Any, b: Any) -> Any:
    return np.sum((x @ w + b) ** 2)


X = np.array([[1.0, -0.5], [0.25, 2.0]])
W = np.array([[0.5, -1.0], [1.5, 0.2]])
b = np.array([0.1, -0.3])


def sweep_of_griewank(
    quotient: Callable[..., float] = lambda u, w: -u / w**2,
    exponential: Callable[[float], float] = exp,
    handed_on: float = 0.0,
) -> Answers:
    """The return sweep at (1.5, 0.5), with what one may take for the slopes."""
    x1, x2 = 1.5, 0.5
    q, e = x1 / x2, exp(x2)
    v5, v6 = sin(q) + q - e, q - e
    bar5, bar6 = v6, v5
    to_exp, to_sin = -bar5 - bar6, bar5
    bar1 = bar6 + bar5 + to_sin * cos(q)
    early = bar1 - handed_on * to_sin * cos(q)
    return {
        "v6": bar6,
        "v5": bar5,
        "v4": bar5,
        "v3": to_sin,
        "v2": to_exp,
        "v1": bar1,
        "v0": to_exp * exponential(x2) + early * quotient(x1, x2),
        "v-1": early / x2,
    }


def slopes_only_of_griewank() -> Answers:
    """Every product without the adjoint."""
    x1, x2 = 1.5, 0.5
    q, e = x1 / x2, exp(x2)
    return {
        "v6": sin(q) + q - e,
        "v5": q - e,
        "v4": 1.0,
        "v3": 1.0,
        "v2": -2.0,
        "v1": 2 + cos(q),
        "v0": e - x1 / x2**2,
        "v-1": 1 / x2,
    }


def sweep_of_loop(
    total: Callable[..., float] = lambda first, last: first + last, falls: float = -1.0
) -> Answers:
    """The return sweep at 0.3: a row 4 x, a row 1 − x, and their product, three times over."""
    values, bars = [0.3], {}
    for _ in range(3):
        values.append(4 * values[-1] * (1 - values[-1]))
    bar = 1.0
    for k in (2, 1, 0):
        x = values[k]
        bars[f"v{3 * k + 2}"] = to_difference = bar * 4 * x
        bars[f"v{3 * k + 1}"] = to_product = bar * (1 - x)
        # The difference is the later row, so that it sends back first.
        bar = total(falls * to_difference, 4 * to_product)
        bars[f"v{3 * k}"] = bar
    return bars


def sweep_of_layer(
    to_inputs: Callable[..., Any] = lambda bar: bar @ W.T,
    to_weights: Callable[..., Any] = lambda bar: X.T @ bar,
    to_bias: Callable[..., Any] = lambda bar: bar.sum(axis=0),
) -> Answers:
    bar = 2 * (X @ W + b)
    found = {
        "v3": np.ones((2, 2)),
        "v2": bar,
        "v1": bar,
        "v0": to_bias(bar),
        "v-1": to_weights(bar),
        "v-2": to_inputs(bar),
    }
    return {
        f"{row}[{','.join(map(str, index))}]": float(value)
        for row, entries in found.items()
        for index, value in np.ndenumerate(entries)
    }


def of_rows(answers: Answers, *rows: str) -> set[str]:
    """The names of all cells of these rows."""
    return {name for name in answers if name.split("[")[0] in rows}


class Planted(NamedTuple):
    """A mistake in a column, and the cells at which it was made; the others are right by it."""

    function: Callable[..., Any]
    inputs: tuple[Any, ...]
    options: dict[str, Any]
    answers: Answers
    mistake: str
    at: set[str]


EQUATION_5 = {"v2": 1.0, "v3": -1.0, "v1": 1.0}
LAYER = sweep_of_layer()

PLANTED = {
    "the last use overwrites": Planted(
        equation_5, (3, -4), {}, {**EQUATION_5, "v-1": -4, "v0": 3}, "last_use_only", {"v-1", "v0"}
    ),
    "the first use is kept": Planted(
        equation_5, (3, -4), {}, {**EQUATION_5, "v-1": -1 / 3, "v0": 1}, "use_forgotten",
        {"v-1", "v0"},
    ),
    "the sign of a difference": Planted(
        equation_5, (3, -4), {}, {**EQUATION_5, "v3": 1, "v-1": -4 + 1 / 3, "v0": 4},
        "sign_of_difference", {"v3"},
    ),
    "the factor itself": Planted(
        equation_5, (3, -4), {"ask": "forward"}, {"v1": 3, "v2": 3, "v3": 1 / 3, "v4": 3 - 1 / 3},
        "factor_not_swapped", {"v1"},
    ),
    "logarithm to the base 10": Planted(
        equation_5, (3, -4), {"ask": "values"},
        {"v1": -12, "v2": -16, "v3": math.log10(3), "v4": -16 - math.log10(3)},
        "other_base", {"v3"},
    ),
    "the value for the seed": Planted(
        baydin, (2, 5), {"blanks": ["v5", "v3", "v4", "v1", "v2"]},
        dict(zip(["v5", "v3", "v4", "v1", "v2"], np.array([1, 1, -1, 1, 1]) * baydin(2, 5),
                 strict=True)),
        "value_for_seed", {"v5"},
    ),
    "minus the cosine": Planted(
        baydin, (2, 5), {},
        {"v3": 1, "v4": -1, "v1": 1, "v2": 1, "v-1": 5.5, "v0": 2 + cos(5)},
        "minus_of_cosine", {"v0"},
    ),
    "slopes at the tangents": Planted(
        baydin, (2, 5), {"ask": "forward", "direction": (0.5, 3)},
        {"v1": 1 / 0.5 * 0.5, "v2": 2 * 0.5 * 3, "v3": 4.0, "v4": 3 * cos(3), "v5": 4 - 3 * cos(3)},
        "tangent_for_value", {"v1", "v2", "v4"},
    ),
    "the product of the tangents": Planted(
        baydin, (2, 5), {"ask": "forward", "direction": (0.5, 3)},
        {"v1": 0.25, "v2": 0.5 * 3, "v3": 1.75, "v4": 3 * cos(5), "v5": 1.75 - 3 * cos(5)},
        "tangents_multiplied", {"v2"},
    ),
    "a quotient without its square": Planted(
        griewank, (1.5, 0.5), {}, sweep_of_griewank(quotient=lambda u, w: -u / w),
        "quotient_square_forgotten", {"v0"},
    ),
    "the power rule for exp": Planted(
        griewank, (1.5, 0.5), {}, sweep_of_griewank(exponential=lambda x: x * exp(x - 1)),
        "exponential_as_power", {"v0"},
    ),
    "handed on too early": Planted(
        griewank, (1.5, 0.5), {}, sweep_of_griewank(handed_on=1.0),
        "handed_on_too_early", {"v0", "v-1"},
    ),
    "slopes without adjoints": Planted(
        griewank, (1.5, 0.5), {}, slopes_only_of_griewank(), "carrier_left_out",
        {"v4", "v2", "v1", "v0", "v-1"},
    ),
    "the mean of the uses": Planted(
        loop, (0.3,), {}, sweep_of_loop(total=lambda first, last: (first + last) / 2),
        "uses_averaged", {"v6", "v3", "v0"},
    ),
    "the sign of 1 − x in every pass": Planted(
        loop, (0.3,), {}, sweep_of_loop(falls=1.0), "sign_of_difference", {"v6", "v3", "v0"}
    ),
    "a matrix not transposed": Planted(
        layer, (X, W, b), {}, sweep_of_layer(to_inputs=lambda bar: bar @ W),
        "transpose_forgotten", of_rows(LAYER, "v-2"),
    ),
    "a bias not summed": Planted(
        layer, (X, W, b), {}, sweep_of_layer(to_bias=lambda bar: bar[0]),
        "axis_not_summed", of_rows(LAYER, "v0"),
    ),
}  # fmt: skip


def done(mistake: str) -> str:
    """What is said to have been done, as a pattern."""
    return re.sub(r"\\{\w+\\}", ".+", re.escape(mistake_sentences()[mistake][0]))


def test_there_are_seventeen():
    assert len(PLANTED) == 17
    assert len({planted.mistake for planted in PLANTED.values()}) >= 15


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_named(name):
    function, inputs, options, answers, mistake, at = PLANTED[name]
    exercise = ad.exercise(function, *inputs, **options)
    assert set(answers) == set(exercise.blanks)
    feedback = exercise.check(answers)
    assert {cell for cell, verdict in feedback.items() if not verdict.is_right} == at
    for cell in at:
        assert re.match(done(mistake), feedback[cell].text), (cell, feedback[cell].text)


@pytest.mark.parametrize("name", PLANTED)
def test_rounding_to_four_digits_changes_no_name(name):
    function, inputs, options, answers, mistake, at = PLANTED[name]
    exercise = ad.exercise(function, *inputs, **options)
    feedback = exercise.check({cell: f"{value:.4g}" for cell, value in answers.items()})
    assert {cell for cell, verdict in feedback.items() if not verdict.is_right} == at
    for cell in at:
        assert re.search(done(mistake), feedback[cell].text), (cell, feedback[cell].text)


def test_without_a_mistake_the_sweeps_are_right():
    """The sweeps above, as they should be: what is planted in them is the only fault."""
    for function, inputs, answers in [
        (griewank, (1.5, 0.5), sweep_of_griewank()),
        (loop, (0.3,), sweep_of_loop()),
        (layer, (X, W, b), LAYER),
    ]:
        exercise = ad.exercise(function, *inputs)
        assert all(verdict.status == "right" for verdict in exercise.check(answers).values())


def test_two_mistakes_in_different_cells_are_both_named():
    answers = {"v2": 1, "v3": 1, "v1": 1, "v-1": -4 + 1 / 3, "v0": 3}
    feedback = ad.exercise(equation_5, 3, -4).check(answers)
    assert "minus sign of the difference" in feedback["v3"].text
    assert "last use" in feedback["v0"].text
    assert feedback["v-1"].status == "follows"
