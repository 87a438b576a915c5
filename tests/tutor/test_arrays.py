"""Answers to exercises on arrays: what is said of an entry is about this entry."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import adviz as ad


def picked(x: Any) -> Any:
    return np.sum(x[[2, 0, 2]] ** 3)


X = np.array([-1.0, 4.0, 2.0])
INDEX = np.array([2, 0, 2])


def test_an_entry_that_is_taken_twice_receives_both_contributions() -> None:
    ex = ad.exercise(picked, X, blanks=[f"v0[{j}]" for j in range(3)])
    said = ex.check({f"v0[{j}]": 3 * X[j] ** 2 for j in range(3)})
    assert said["v0[0]"].status == "right"
    assert said["v0[1]"].text.endswith("v₀[1] is not read.")
    assert said["v0[2]"].text.startswith(
        "You wrote over what had come back before. v₁ reads v₀[2] more than once"
    )


@pytest.mark.parametrize("left_out", range(3))
def test_a_contribution_of_a_broadcast_number_is_taken_for_the_sum_or_left_out(
    left_out: int,
) -> None:
    ex = ad.exercise(lambda x, b: np.sum((x + b) ** 2), X, 10.0, blanks=["v0"])
    parts = 2 * (X + 10)
    without = ex.check({"v0": parts.sum() - parts[left_out]})["v0"]
    assert without.text.startswith("You left out one of several contributions.")
    alone = ex.check({"v0": parts[left_out]})["v0"]
    first = "You took only the first" if left_out == 0 else "You gave one of several"
    assert alone.text.startswith(first)


def test_an_entry_goes_on_from_the_entries_that_it_is_computed_from() -> None:
    ex = ad.exercise(picked, X)
    wrong = 2 * X[INDEX]
    answers = {f"v1[{j}]": wrong[j] for j in range(3)}
    own = np.zeros(3)
    np.add.at(own, INDEX, wrong)
    said = ex.check(answers | {"v0[0]": own[0]})["v0[0]"]
    assert said.status == "follows"
    assert "v̄₁[1]" in said.text
    assert "v̄₁[0]" not in said.text
    assert ex.check(answers | {"v0[2]": own[2]})["v0[2]"].status == "follows"


def test_a_reason_is_not_given_twice() -> None:
    said = ad.exercise(picked, X, blanks=["v0[2]"]).check({"v0[2]": 3 * X[2] ** 2})["v0[2]"]
    assert said.text.count("more than once") == 1


def indexed(a: Any) -> Any:
    return a[0, 1] * np.sum(a[1]) + a[[0, 0]][1, 0]


@pytest.mark.parametrize(
    ("ask", "answers", "begins"),
    [
        ("values", {"v1": 3.0}, "You swapped the indices. The first one counts rows"),
        ("values", {"v1": 1.0}, "You are one entry off. Entries are counted from 0"),
        ("values", {"v3": 3.0}, "You took one entry only. All entries are added"),
        ("reverse", {"v0": [[1, 0], [12, 2]]}, "You swapped the indices."),
        ("forward", {"v1": 0.25}, "You swapped the indices."),
    ],
)
def test_wrong_entries_are_named(ask: str, answers: dict[str, Any], begins: str) -> None:
    a = np.array([[1.0, 2.0], [3.0, 7.0]])
    options = {"direction": np.array([[0.5, -1.0], [0.25, 2.0]])} if ask == "forward" else {}
    said = ad.exercise(indexed, a, ask=ask, **options).check(answers)
    wrong = [verdict.text for verdict in said.values() if verdict.status == "wrong"]
    assert any(begins in text for text in wrong), wrong


def layer(x: Any, w: Any) -> Any:
    return np.tanh(x @ w) * w[0]


AT = (np.array([1.0, -0.5]), np.array([[0.5, -1.0], [1.5, 0.2]]))


def test_a_jacobian_of_arrays_is_that_of_finite_differences() -> None:
    right = ad.exercise(layer, *AT, ask="jacobian").solution()
    assert len(right) == 2 * (2 + 4)
    for name, at in (("x", 0), ("w", 1)):
        for index in np.ndindex(AT[at].shape):
            moved = []
            for h in (1e-6, -1e-6):
                inputs = [np.array(given) for given in AT]
                inputs[at][index] += h
                moved.append(layer(*inputs))
            slopes = (moved[0] - moved[1]) / 2e-6
            for j, slope in enumerate(slopes):
                key = f"dy[{j}]/d{name}[{','.join(map(str, index))}]"
                assert right[key] == pytest.approx(slope, abs=1e-8)


def test_contributions_of_arrays_add_up_to_adjoints_and_mistakes_are_carried_on() -> None:
    ex = ad.exercise(layer, *AT, ask="contributions", weights=np.array([1.0, -2.0]))
    right = ex.solution()
    adjoints = ad.exercise(layer, *AT, weights=np.array([1.0, -2.0])).solution()
    for entry in ("v0[0,1]", "v0[1,0]", "v-1[1]"):
        sent = [number for key, number in right.items() if key.endswith(f"->{entry}")]
        assert len(sent) == (2 if entry.startswith("v0") else 1)
        assert sum(sent) == pytest.approx(adjoints[entry])
    wrong = {"v4->v2[0]": 3.0, "v2->v1[0]": 3 * (1 - np.tanh(AT[0] @ AT[1])[0] ** 2)}
    said = ex.check(wrong)
    assert said["v4->v2[0]"].status == "wrong"
    assert said["v2->v1[0]"].status == "follows"


@pytest.mark.parametrize("ask", ["values", "forward", "reverse", "contributions", "jacobian"])
def test_arrays_are_asked_again_with_other_numbers(ask: str) -> None:
    ex = ad.exercise(indexed, np.array([[1.0, 2.0], [3.0, 7.0]]), ask=ask)
    first, second, third = (ex.again(seed) for seed in (1, 1, 2))
    assert first.solution() == second.solution()
    assert first.trace.value == second.trace.value != third.trace.value
    assert first.blanks == ex.blanks
    assert first.score(first.solution()) == 1
    others = ex.to_document()["others"]
    assert len(others) == 2
    for other in others:
        numbers = np.reshape([number for _, number in other["inputs"]], (2, 2))
        right = ad.exercise(indexed, numbers, ask=ask).solution()
        cells = other["cells"]
        written = {cell["key"]: cell["number"] for cell in cells if "hints" in cell}
        assert right == pytest.approx(written)
    assert "others" not in ad.exercise(indexed, np.eye(2), ask=ask, graded=True).to_document()
