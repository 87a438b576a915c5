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
        "You gave one of several contributions. v₁ uses v₀[2] for several entries"
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
    assert said.text.count("for several entries") == 1
