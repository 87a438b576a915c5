"""The order of operations: Python's is right, others are possible, or it is said why not."""

from __future__ import annotations

import ast
import itertools
import random
from typing import Any

import numpy as np
import pytest

import adviz as ad
from adviz.mistakes import WRONG_PLACES
from adviz.player import mistake_sentences


def eq5(x1: Any, x2: Any) -> Any:
    return x1 * x2 + x2 - np.log(x1)


def looping(x: Any) -> Any:
    s = x
    for _ in range(3):
        s = s * x
    return np.sin(s) + s


def placed(ex: ad.Exercise, order: tuple[int, ...]) -> dict[str, str]:
    """Answers in which the rows that Python computes as order[0], order[1], ... come first, ..."""
    row_of = {number: key for key, number in rows(ex).items()}
    return {row_of[number]: f"v{place}" for place, number in enumerate(order, start=1)}


def rows(ex: ad.Exercise) -> dict[str, int]:
    """The number of each operation's row, by its letter."""
    digits = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
    return {key: int(label[1:].translate(digits)) for key, label in ex.solution().items()}


def said_first(ex: ad.Exercise, order: tuple[int, ...]) -> set[str]:
    sentences = mistake_sentences()
    names = {sentences[mistake.name][0]: mistake.name for mistake in WRONG_PLACES}
    found = set()
    for verdict in ex.check(placed(ex, order)).values():
        for sentence, name in names.items():
            begun, _, rest = sentence.rpartition("}")
            if verdict.status == "wrong" and (rest if begun else sentence) in verdict.text:
                found.add(name)
    return found


def test_every_order_of_a_trace_is_judged_as_its_arrows_say() -> None:
    ex = ad.exercise(eq5, 3, -4, ask="order")
    reads = {2: {1}, 4: {2, 3}}  # v2 = v1 + v0, v4 = v2 - v3
    for order in itertools.permutations((1, 2, 3, 4)):
        is_possible = all(
            order.index(read) < order.index(row) for row, those in reads.items() for read in those
        )
        feedback = ex.check(placed(ex, order))
        assert feedback.count == sum(order[k] == k + 1 for k in range(4))
        said = said_first(ex, order)
        if order == (1, 2, 3, 4):
            assert said == set()
        elif is_possible:
            assert said == {"possible_order"}
            assert not any(verdict.text.startswith("Not yet") for verdict in feedback.values())
        elif order == (1, 2, 4, 3):
            assert said == {"in_reading_order"}
        elif order == (4, 3, 2, 1):
            assert said == {"counted_backwards"}
        else:
            assert said & {"read_too_late", "needed_earlier", "in_reading_order"}


def test_the_right_order_is_that_in_which_python_computes() -> None:
    seen = []

    class Seen(float):
        def __mul__(self, other: Any) -> Seen:
            seen.append("×")
            return Seen(float(self) * other)

        def __add__(self, other: Any) -> Seen:
            seen.append("+")
            return Seen(float(self) + other)

        def __sub__(self, other: Any) -> Seen:
            seen.append("−")
            return Seen(float(self) - other)

    def f(a: Any, b: Any) -> Any:
        return (a + b) * (a * b - a) + (b - a)

    f(Seen(2), Seen(3))
    ex = ad.exercise(f, 2.0, 3.0, ask="order")
    signs = {}
    for line in str(ex).splitlines():
        letter = line.split()[0]
        if letter in ex.blanks:
            signs[letter] = next(sign for sign in "×+−" if f" {sign} " in line)
    ordered = sorted(ex.blanks, key=rows(ex).__getitem__)
    assert [signs[letter] for letter in ordered] == seen


def test_operations_are_mixed_by_the_seed_and_told_apart() -> None:
    ex = ad.exercise(looping, 2.0, ask="order")
    mixes = {str(ex.again(seed)) for seed in range(8)}
    assert len(mixes) > 4
    assert str(ex.again(3)) == str(ad.exercise(looping, 2.0, ask="order", seed=3))
    for seed in range(8):
        other = ex.again(seed)
        assert other.solution() != dict(zip("ABCDE", ["v₁", "v₂", "v₃", "v₄", "v₅"], strict=True))
        assert other.score({key: f"v{n}" for key, n in rows(other).items()}) == 1
    twice = str(ad.exercise(lambda x: x * x + x * x, 2.0, ask="order"))
    assert "(no. 1 of these)" in twice
    assert "(no. 2 of these)" in twice
    assert ad.exercise(lambda a, b: a * b + a, ask="order", seed=2).score({}) == 0
    assert len(ex.to_document()["others"]) == 2
    assert "others" not in ad.exercise(eq5, 3, -4, ask="order", graded=True).to_document()


def test_blanks_left_out_are_shown_and_hints_lead_there() -> None:
    ex = ad.exercise(eq5, 3, -4, ask="order", blanks=["A", "B"])
    assert ex.blanks == ("A", "B")
    assert sum("____" in line for line in str(ex).splitlines()) == 2
    first, *_ = ex.hints("A")
    assert first.startswith("A reads ")
    assert ex.check({"A": "4"})["A"].status == "unread"
    page = ex.to_html()
    assert page is not None
    assert "Put the trace in order" in page


@pytest.mark.parametrize(
    ("f", "says"),
    [(lambda x: x + 1, "are 1"), (lambda x: sum(x * k for k in range(1, 20)), "2 to 26")],
)
def test_what_cannot_be_put_in_order_is_refused(f: Any, says: str) -> None:
    with pytest.raises(ad.AdvizError, match=says):
        ad.exercise(f, 2.0, ask="order")


def test_long_ones_can_be_checked_in_a_page() -> None:
    def chain(x: Any) -> Any:
        for _ in range(13):
            x = np.sin(x) * x
        return x

    ex = ad.exercise(chain, 0.5, ask="order")
    document = ex.to_document()
    assert len(document["blanks"]) == 26
    assert all(rule is not None for cell in document["cells"] for rule in (cell["rule"], 0))
    assert all(len(cell["wrong"]) == 6 for cell in document["cells"])
    draw = random.Random(3)
    answers = {key: f"v{draw.randint(1, 26)}" for key in ex.blanks}
    assert all(verdict.text for verdict in ex.check(answers).values())
    assert ast.literal_eval(repr(ex.score(answers))) < 1
