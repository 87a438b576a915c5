"""What can be asked for: right answers are ad's derivatives, wrong ones are explained."""

from __future__ import annotations

import json
import math
import random
import re
from typing import Any

import mpmath
import numpy as np
import pytest

import adviz as ad
from adviz.player import hint_sentences
from adviz.tutor.kinds import KINDS


def two(x1: Any, x2: Any) -> Any:
    return [x1 * x2**2, np.sin(x1) - x2 / x1]


def with_a_lost_row(x1: Any, x2: Any) -> Any:
    lost = x1 * 3  # noqa: F841 - that no output depends on it is the point
    return x1 * x2


def wide(a: Any, b: Any, c: Any) -> Any:
    return np.exp(a * b) * np.tanh(c) - np.sqrt(b) / c + abs(a) ** 3


def layer(x: Any, w: Any, b: Any) -> Any:
    return np.sum(np.tanh(x @ w + b) ** 2)


def moving(x: Any) -> Any:
    return np.mean(x.T[0]) + np.dot(x[:, 0], x[:, 1]) + x.reshape(-1)[2] + np.max(x)


X = np.array([[1.0, -0.5], [0.25, 2.0], [0.3, -1.0]])
W = np.array([[0.5, -1.0], [1.5, 0.2]])
B = np.array([0.1, -0.3])
SQUARE = np.array([[1.0, 2.0], [3.0, -1.0]])
AT = (1.5, -2.0)

EXERCISES = {
    **{ask: lambda ask=ask: ad.exercise(two, *AT, ask=ask) for ask in KINDS if ask != "step"},
    "step": lambda: ad.exercise(np.exp, 1.0, ask="step"),
    "a direction": lambda: ad.exercise(two, *AT, ask="forward", direction=(2, -1)),
    "weights": lambda: ad.exercise(two, *AT, weights=[2, -3]),
    "three inputs": lambda: ad.exercise(wide, -1.2, 2.5, 0.7),
    "array contributions": lambda: ad.exercise(layer, X, W, B, ask="contributions"),
    "array jacobian": lambda: ad.exercise(layer, X, W, B, ask="jacobian"),
    "array values": lambda: ad.exercise(layer, X, W, B, ask="values"),
    "array tangents": lambda: ad.exercise(layer, X, W, B, ask="forward", direction="w"),
    "array adjoints": lambda: ad.exercise(layer, X, W, B),
    "an order": lambda: ad.exercise(moving, SQUARE, ask="order", seed=5),
    "moved entries": lambda: ad.exercise(moving, SQUARE),
}


def right_answers(exercise: Any) -> dict[str, Any]:
    return dict(exercise.solution())


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_is_right(name):
    exercise = EXERCISES[name]()
    feedback = exercise.check(right_answers(exercise))
    assert {verdict.status for verdict in feedback.values()} == {"right"}
    assert exercise.score(right_answers(exercise), 5) == 5


@pytest.mark.parametrize("name", EXERCISES)
def test_a_part_of_the_solution_stays_right(name):
    exercise = EXERCISES[name]()
    answers = right_answers(exercise)
    draw = random.Random(name)
    for _ in range(5):
        some = {key: answer for key, answer in answers.items() if draw.random() < 0.5}
        feedback = exercise.check(some)
        assert all(feedback[key].status == "right" for key in some)


@pytest.mark.parametrize("name", EXERCISES)
def test_any_number_gets_an_answer(name):
    exercise = EXERCISES[name]()
    draw = random.Random(name)
    numbers = [0, 1, -1, 1e300, -1e-300, 7.25, -3.5, 100]
    for _ in range(5):
        answers = {
            key: draw.choice(cell.choices) if cell.kind == "choice" else draw.choice(numbers)
            for key, cell in zip(exercise.blanks, cells(exercise), strict=True)
        }
        for verdict in exercise.check(answers).values():
            assert verdict.text
            assert "{" not in verdict.text


def cells(exercise: Any) -> list[Any]:
    return [exercise.sheet.cells[place] for place in exercise.places]


@pytest.mark.parametrize("name", EXERCISES)
def test_every_cell_has_hints_in_words(name):
    exercise = EXERCISES[name]()
    for key in exercise.blanks:
        hints = exercise.hints(key)
        assert hints
        assert all(hint.endswith((".", "?")) and "{" not in hint for hint in hints)


@pytest.mark.parametrize("name", EXERCISES)
def test_a_page_can_be_given_it(name):
    document = EXERCISES[name]().to_document()
    json.dumps(document, allow_nan=False)
    assert all(document["cells"][place]["rule"] is not None for place in document["blanks"])


@pytest.mark.parametrize("ask", [ask for ask in KINDS if ask != "step"])
def test_a_graded_card_holds_no_number_that_gives_an_answer_away(ask):
    document = ad.exercise(two, *AT, ask=ask, graded=True).to_document()
    lines = json.dumps([line["shown"] for line in document["lines"]])
    shown = set(map(int, re.findall(r"-?\d+", lines)))
    for place, cell in enumerate(document["cells"]):
        given = place in shown and place not in document["blanks"]
        assert (cell["number"] is not None) == given
        assert "rule" not in cell
        assert "hints" not in cell
        assert "formula" not in cell or given


def test_hints_are_said_in_plain_words_and_all_are_used():
    sentences = hint_sentences()
    used = {hint for make in EXERCISES.values() for cell in cells(make()) for hint in cell.hints}
    seeds = ad.exercise(two, *AT, blanks=["v2"])
    used |= {hint for cell in cells(seeds) for hint in cell.hints}
    used |= {f"rule_{name}" for name in ad.ELEMENTALS if f"rule_{name}" in sentences}
    assert used == set(sentences)
    for sentence in [part for pair in sentences.values() for part in pair if part]:
        assert re.match(r"[A-Z{]|ln ", sentence), sentence
        assert sentence.endswith((".", "?")), sentence


def test_no_hint_says_a_number_that_is_asked_for():
    for make in (EXERCISES["three inputs"], EXERCISES["jacobian"], EXERCISES["contributions"]):
        exercise = make()
        for key, number in exercise.solution().items():
            for hint in exercise.hints(key):
                assert f"{abs(number):.4g}" not in hint or abs(number) in (0, 1, 2, 3)


def test_adjoints_and_jacobians_are_those_of_ad():
    jacobian = ad.jacobian(lambda x: np.array(two(*x)))(np.array(AT))
    found = ad.exercise(two, *AT, ask="jacobian").solution()
    assert np.reshape([*found.values()], (2, 2)) == pytest.approx(jacobian)
    assert [*found] == ["dy1/dx1", "dy1/dx2", "dy2/dx1", "dy2/dx2"]
    forward = ad.exercise(two, *AT, ask="jvp", direction=(2, -1)).solution()
    assert [*forward.values()] == pytest.approx(jacobian @ [2, -1])
    back = ad.exercise(two, *AT, ask="vjp", weights=[2, -3]).solution()
    assert [*back.values()] == pytest.approx([2, -3] @ jacobian)
    adjoints = ad.exercise(two, *AT, weights=[2, -3]).solution()
    assert [adjoints["v-1"], adjoints["v0"]] == pytest.approx([2, -3] @ jacobian)


def test_adjoints_agree_with_differences_in_fifty_digits():
    def f(a, b, c):
        return mpmath.exp(a * b) * mpmath.tanh(c) - mpmath.sqrt(b) / c + abs(a) ** 3

    found = EXERCISES["three inputs"]().solution()
    with mpmath.workdps(50):
        for k, name in enumerate(("v-2", "v-1", "v0")):
            order = tuple(int(j == k) for j in range(3))
            expected = float(mpmath.diff(f, (-1.2, 2.5, 0.7), order))
            assert found[name] == pytest.approx(expected)


def test_contributions_add_up_to_adjoints():
    sent = ad.exercise(two, *AT, ask="contributions", weights=[2, -3]).solution()
    adjoints = ad.exercise(two, *AT, weights=[2, -3]).solution()
    for row in ("v-1", "v0"):
        arriving = [amount for key, amount in sent.items() if key.split("->")[1] == row]
        assert sum(arriving) == pytest.approx(adjoints[row])


def test_a_row_read_twice_by_one_operation_has_two_cells():
    found = ad.exercise(lambda x: x * x, 3.0, ask="contributions").solution()
    assert found == {"v1->v0 #1": 3, "v1->v0 #2": 3}


def test_array_derivatives_are_those_of_ad():
    found = EXERCISES["array adjoints"]().solution()
    for row, gradient in zip(("v-2", "v-1", "v0"), ad.grad(layer, (0, 1, 2))(X, W, B), strict=True):
        for index, entry in np.ndenumerate(gradient):
            assert found[f"{row}[{','.join(map(str, index))}]"] == pytest.approx(entry)
    _, dot = ad.jvp(layer, (X, W, B), (0 * X, np.ones_like(W), 0 * B))
    assert EXERCISES["array tangents"]().solution()["v5"] == pytest.approx(dot)


def test_operations_are_told_from_formulas_of_the_same_value():
    exercise = ad.exercise(lambda x1, x2: x1 * x2 + x2, 3, -4, ask="operations")
    feedback = exercise.check({"v1": "x2·x1", "v2": "x1*x2 + x2"})
    assert feedback["v1"].status == "right"
    assert feedback["v2"].status == "wrong"
    assert "formula of an earlier row" in feedback["v2"].text
    assert "another row" in exercise.check({"v2": "v1 + v-1"})["v2"].text


def test_partials_as_formulas_are_compared_as_formulas():
    exercise = ad.exercise(lambda x, y: np.sin(x) / y, 2.0, 3.0, ask="formulas")
    answers = {"dv1/dv-1": "cos(x)", "dv2/dv1": "1/y", "dv2/dv0": "-v2/v0"}
    assert exercise.check(answers).count == 3
    assert "square the denominator" in exercise.check({"dv2/dv0": "-v1/v0"})["dv2/dv0"].text
    assert exercise.solution()["dv1/dv-1"] == "cos(v₋₁)"


def test_wrong_entries_of_a_jacobian_are_named():
    exercise = ad.exercise(two, *AT, ask="jacobian")
    found = exercise.solution()
    swapped = {"dy1/dx2": found["dy2/dx1"], "dy2/dx1": found["dy1/dx2"]}
    assert all("rows and columns" in exercise.check(swapped)[key].text for key in swapped)
    inside = exercise.check({"dy1/dx2": 1.5 * -2.0})["dy1/dx2"].text
    assert "multiply by the exponent" in inside


def test_the_jacobian_for_its_transpose_is_named():
    jacobian = ad.jacobian(lambda x: np.array(two(*x)))(np.array(AT))
    exercise = ad.exercise(two, *AT, ask="jvp", direction=(2, -1))
    wrong = dict(zip(exercise.blanks, map(float, jacobian.T @ [2, -1]), strict=True))
    feedback = exercise.check(wrong)
    assert all("Jacobian for its transpose" in verdict.text for verdict in feedback.values())


def test_counts_follow_from_earlier_ones():
    exercise = ad.exercise(two, *AT, ask="counts")
    found = exercise.solution()
    assert found["by_forward"] == found["function"] + 2 * found["forward"]
    feedback = exercise.check({"forward": 10, "by_forward": found["function"] + 20})
    assert feedback["by_forward"].status == "follows"
    each_time = found["by_reverse"] + found["function"]
    assert "once for each pass" in exercise.check({"by_reverse": each_time})["by_reverse"].text


@pytest.mark.parametrize(
    ("f", "inputs", "mode"),
    [
        (lambda x, y: x * y, (2.0, 3.0), "reverse mode"),
        (lambda x: [x, x * x], (2.0,), "forward mode"),
        (lambda x, y: [x * y, x + y], (2.0, 3.0), "neither"),
    ],
)
def test_the_cheaper_mode_is_that_of_fewer_passes(f, inputs, mode):
    exercise = ad.exercise(f, *inputs, ask="mode")
    assert exercise.solution()["mode"] == mode


def test_answers_are_read_as_people_write_them():
    mode = ad.exercise(lambda x, y: x * y, 2.0, 3.0, ask="mode")
    assert mode.check({"mode": "Reverse"})["mode"].status == "right"
    assert mode.check({"mode": "mode"})["mode"].status == "unread"
    reverse = ad.exercise(two, *AT, blanks=["v̄₋₁", "v_{0}"])
    assert reverse.blanks == ("v0", "v-1")
    right = reverse.solution()
    assert reverse.score({"v₋₁": right["v-1"], "v̄₀": right["v0"]}) == 1
    assert reverse.hints("v̄₀") == reverse.hints("v0")
    partials = ad.exercise(two, *AT, ask="partials")
    assert partials.check({"∂v₁/∂v₀": -4})["dv1/dv0"].status == "right"
    counts = ad.exercise(two, *AT, ask="counts")
    assert counts.check({"function": "four"})["function"].text.endswith("not a whole number")
    assert "whole number" in counts.check({"function": 2.5})["function"].text
    assert counts.check({"columns": 1})["columns"].text.count("A forward pass gives") == 1


@pytest.mark.parametrize(
    ("key", "wrong", "says"),
    [
        ("function", lambda right: right["function"] + 2, "You counted the inputs."),
        ("forward", lambda right: right["function"], "You gave the count of the function."),
        ("columns", lambda right: 4, "You counted a pass for each entry."),
        ("rows", lambda right: 1, "One pass is not enough."),
        ("by_reverse", lambda right: right["reverse"] + right["function"], "You counted one pass"),
    ],
)
def test_wrong_counts_are_named(key, wrong, says):
    exercise = ad.exercise(lambda a, b: [a * b / (a + b), np.sin(a) - b], 2.0, 3.0, ask="counts")
    right = exercise.solution()
    assert says in exercise.check({key: wrong(right)})[key].text


def test_a_row_that_is_never_reached_is_told():
    exercise = ad.exercise(with_a_lost_row, 2.0, 3.0, ask="unreached")
    assert exercise.solution() == {"unreached": "v₁"}
    assert "v₂ is an output" in exercise.check({"unreached": "v₂"})["unreached"].text
    reverse = ad.exercise(with_a_lost_row, 2.0, 3.0)
    assert "v1" not in reverse.blanks
    assert [line.note for line in reverse.sheet.lines] == ["", "", "unreached", ""]


def test_orders_and_steps_are_those_of_the_schemes():
    exercise = EXERCISES["step"]()
    found = exercise.solution()
    for name in ("forward", "central", "5-point"):
        assert found[f"{name} order"] == ad.scheme(name).order
        best = ad.optimal_step(np.exp, 1.0, name).step
        assert abs(math.log10(float(found[f"{name} step"])) - math.log10(best)) <= 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"ask": "adjoints"}, "ask"),
        ({"blanks": ["v9"]}, "there are v2"),
        ({"blanks": []}, "asks for one cell"),
        ({"direction": (1, 0)}, "direction is for ask='forward' and 'jvp'"),
        ({"ask": "values", "weights": "y1"}, "weights is for"),
        ({"weights": "y3"}, "y1, y2"),
        ({"ask": "step"}, "takes 2 and returns 2: keep the others fixed"),
        ({"ask": "counts", "seed": 1}, "no numbers are drawn"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(arguments, says):
    with pytest.raises(ad.AdvizError, match=says):
        ad.exercise(two, *AT, **arguments)


def test_traces_that_nobody_fills_in_are_refused():
    def long(x):
        for _ in range(500):
            x = x * 1.01
        return x

    with pytest.raises(ad.AdvizError, match="501 rows"):
        ad.exercise(long, 1.0)
    with pytest.raises(ad.AdvizError, match="name some of them"):
        ad.exercise(lambda x: sum(x * k for k in range(1, 150)), 1.0)
    with pytest.raises(ad.AdvizError, match="100 entries"):
        ad.exercise(np.sum, np.ones((10, 10)))
    with pytest.raises(ad.AdvizError, match="has arrays"):
        ad.exercise(np.sum, np.ones(3), ask="jvp")
    with pytest.raises(ad.AdvizError, match="8 x 63 entries"):
        ad.exercise(np.matmul, np.ones((8, 7)), np.ones((7,)), ask="jacobian")
    with pytest.raises(ad.AdvizError, match="nothing of it to ask"):
        ad.exercise(lambda x: x, 1.0, ask="values")


def test_what_nobody_can_type_is_given():
    exercise = ad.exercise(lambda x: abs(x) * np.sin(x), -2.0, ask="operations")
    assert exercise.blanks == ("v2", "v3")
    assert exercise.check(exercise.solution()).count == 2


def test_numbers_that_are_not_finite_are_not_asked_for():
    exercise = ad.exercise(lambda x, y: y / x + y * 2, 0.0, 1.0, ask="values")
    assert exercise.blanks == ("v2",)
    with pytest.raises(ad.AdvizError, match="'v1' is inf"):
        ad.exercise(lambda x, y: y / x + y * 2, 0.0, 1.0, ask="values", blanks=["v1"])
    with pytest.raises(ad.AdvizError, match="other inputs"):
        ad.exercise(lambda x: 1 / x, 0.0, ask="values")


def test_a_whole_array_may_be_asked_for_and_answered():
    exercise = ad.exercise(layer, X, W, B, blanks=["v0", "v-1[0,1]"])
    assert set(exercise.blanks) == {"v0[0]", "v0[1]", "v-1[0,1]"}
    gradient = ad.grad(layer, 2)(X, W, B)
    assert exercise.check({"v0": gradient}).count == 2


def test_the_points_of_a_scheme_are_counted_from_its_first_to_its_last() -> None:
    said = ad.exercise(lambda x: x * np.exp(x), 2.0, ask="step").check(
        {"forward order": 3, "central order": 3, "5-point order": 5}
    )
    assert "number of points" not in said["forward order"].text
    assert "number of points" in said["central order"].text
    assert "number of points" in said["5-point order"].text


def test_what_is_said_of_a_local_partial_does_not_end_in_its_name() -> None:
    ex = ad.exercise(lambda x, y: x * y, 3, -4, ask="partials")
    text = ex.check({"dv1/dv-1": 3})["dv1/dv-1"].text
    assert text.endswith("is the other factor.")


def test_what_is_no_number_is_refused_without_a_place_in_the_source() -> None:
    ex = ad.exercise(lambda x, y: x * y, 3, -4)
    said = ex.check({"v-1": float("nan"), "v0": [1, 2]})
    assert said["v-1"].text == "v̄₋₁: nan is not a finite number"
    assert said["v0"].text == "v̄₀: [1, 2] is not a finite number"


def test_the_source_of_an_exercise_shows_all_its_parameters() -> None:
    ex = ad.exercise(lambda *v: v[0] * v[1], 3, -4)
    assert str(ex).startswith("Exercise: f(*v) = v[0] * v[1] at (3, −4)")


def test_weights_that_reach_nothing_are_said_to() -> None:
    with pytest.raises(ad.AdvizError, match="no row leads to an output that has a weight"):
        ad.exercise(lambda x, y: x * y, 3, -4, weights=0)


def test_the_source_of_a_lambda_ends_where_it_ends() -> None:
    made = {
        "one": ad.exercise(lambda x1, x2: x1 * max(x2, 2), 3, -4),
    }
    split = ad.exercise(lambda x1, x2: x1 * x2 + x2,
                        3, -4)  # fmt: skip
    assert str(made["one"]).startswith("Exercise: f(x1, x2) = x1 * max(x2, 2) at (3, −4)")
    assert str(split).startswith("Exercise: f(x1, x2) = x1 * x2 + x2 at (3, −4)")


def test_of_many_uses_not_all_are_named() -> None:
    ex = ad.exercise(lambda x: sum(x * k for k in range(2, 9)), 3)
    text = ex.check({"v0": 1.234})["v0"].text
    assert re.search(r"is read 7 times, by v.+, v.+, v.+ and others", text), text
