"""Questions: what may be asked, how answers are judged, what a page is given."""

from __future__ import annotations

import ast
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import adviz as ad
from adviz.host.errors import InputError
from adviz.render import rich_text
from adviz.tutor.document import MIME_TYPE


def statuses(question, *answers):
    return [question.check(answer).judgement.status for answer in answers]


def test_whole_numbers_are_asked_for_exactly_and_others_to_three_digits():
    assert statuses(ad.ask("?", 1000), 1000, "10^3", 1001) == ["right", "right", "wrong"]
    third = ad.ask("?", -13 / 3)
    assert statuses(third, "-13/3", "−4.333", "-4.33") == ["right"] * 3
    assert statuses(third, "-4.3", "4.333") == ["coarse", "wrong"]
    near = ad.ask("?", 0.0, tolerance=0.1)
    assert statuses(near, 0.09, -0.11) == ["right", "wrong"]


def test_numbers_in_a_table_are_scored_one_by_one():
    matrix = ad.ask("?", np.array([[3.0, 2.0], [1.0, 1.0]]))
    assert matrix.to_document()["shape"] == [2, 2]
    assert matrix.score([[3, 2], ["2/2", 5]], points=4) == 3.0
    shown = matrix._repr_mimebundle_()["text/html"]
    assert shown.count("<td") == 4
    assert ">3</td>" in shown
    with pytest.raises(InputError, match=r"shape \(2, 2\)"):
        matrix.check([3, 2, 1, 1])


def test_formulas_are_the_same_where_their_values_are():
    slope = ad.ask("?", "2*x*y", feedback={"x^2": "That is the slope in $y$."})
    assert slope.check("y*(x + x)").is_right
    assert slope.check("x*x").text == "That is the slope in $y$."
    assert not slope.check("2*x").is_right
    root = ad.ask("?", "ln(x)")  # has no value at half of the points
    assert statuses(root, "ln(x)", "2*ln(sqrt(x))", "x") == ["right", "right", "wrong"]
    with pytest.raises(InputError, match="no formula of x, y"):
        slope.check("z")
    # Names of the question may be in wrong answers, and do not give the right one away.
    other = ad.ask("What is $\\partial(x_1 y) / \\partial x_1$?", "y")
    assert other.to_document()["names"] == ["x1", "y"]
    assert statuses(other, "y", "x1", "x₁ y") == ["right", "wrong", "wrong"]
    with pytest.raises(InputError, match="gives itself away"):
        ad.ask("Which row?", "v3")
    with pytest.raises(InputError, match="choices"):
        ad.ask("?", "because it is reached twice")


def test_choices_one_and_several_and_yes_or_no():
    assert ad.ask("?", True).score("Yes") == 1.0
    one = ad.ask(
        "?", 3, choices=[2, 3, 4], feedback={3: "Both uses, and the seed.", 2: "One more."}
    )
    assert [one.check(k).text for k in (2, 3, 4)] == ["One more.", "Both uses, and the seed.", ""]
    several = ad.ask("?", ["a", "c"], choices=["a", "b", "c", "d"], feedback={"b": "Not b."})
    assert several.check(["c", "a"]).is_right
    assert several.check(["a", "b", "c"]).text == "Not b."
    assert several.score(["a"], points=4) == 3.0
    assert several.score(None) == 0.0
    none = ad.ask("?", [], choices=["a", "b"])
    assert none.check([]).is_right
    with pytest.raises(InputError, match="none of 'a', 'b'"):
        ad.ask("?", "z", choices=["a", "b"])


@pytest.mark.parametrize("count", range(2, 9))
def test_an_order_is_always_mixed_up_and_always_in_the_same_way(count):
    things = [f"step {k}" for k in range(count)]
    documents = [ad.ask("?", things).to_document() for _ in range(2)]
    assert documents[0] == documents[1]
    shown = [rich_text.to_text(tree) for tree in documents[0]["choices"]]
    assert sorted(shown) == sorted(things)
    assert shown != things
    assert [shown[place] for place in documents[0]["right"]] == things
    assert ad.ask("?", things).score(things) == 1.0


def test_graded_questions_do_not_hold_their_answer():
    asked = ad.ask(
        "How many?",
        4711,
        feedback={4712: "One less."},
        explanation="It is 4711.",
        graded=True,
    )
    bundle = json.dumps(asked._repr_mimebundle_())
    assert "4711" not in bundle
    assert "4712" not in bundle
    assert asked.score(4711) == 1.0


class Folded(HTMLParser):
    """Collects what a page of HTML shows before anything is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.seen = 0, ""

    def handle_starttag(self, tag, attrs):
        self.depth += tag == "details"

    def handle_endtag(self, tag):
        self.depth -= tag == "details"

    def handle_data(self, data):
        self.seen += data if self.depth == 0 else ""


def in_sight(text):
    page = Folded()
    page.feed(text)
    return page.seen


def test_hosts_without_our_page_fold_every_answer():
    trace = ad.trace(lambda x: x * x, 3.0)
    asked = ad.ask("How many?", 4711, explanation=["It is 4711.", trace], hints="Count 4711.")
    folded = ad.reveal("4711", trace, asked, trace.graph())
    for thing in (asked, folded):
        text = thing._repr_mimebundle_()["text/html"]
        assert "4711" in text
        assert "<table" in text
        assert "4711" not in in_sight(text)
        assert "adjoint" not in in_sight(text)
    parts = folded._repr_mimebundle_()[MIME_TYPE]["parts"]
    kinds = [next(iter(part)) for part in parts]
    assert kinds == ["text", "application/vnd.adviz.trace+json", MIME_TYPE, "text"]
    assert parts[3]["text"][0] == "img"


def test_rich_text_has_nothing_in_it_that_a_page_would_run():
    written = rich_text.from_html(
        '<p onclick="bad()">a<script>bad()</script><a href="javascript:bad()">b</a>'
        '<img src="https://elsewhere/x.png" onerror="bad()"><iframe src="x">c</iframe></p>'
    )
    assert written == ["div", ["p", "a", ["a", "b"], ["img", {"alt": ""}], "c"]]
    assert "<b>" in rich_text.to_text(rich_text.from_markdown("<b>bold</b>"))


@pytest.mark.parametrize(
    ("latex", "told"),
    [
        (r"\bar v_{-1}", "v̄₋₁"),
        (r"\frac{\partial v_1}{\partial x}", "(∂v₁)/(∂x)"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "(1, 2; 3, 4)"),
        (r"x^2 \le \sqrt{2}", "x² ≤ √2"),
        (r"\sum_{i=1}^{n} x_i", "∑"),
        (r"\undefined{", None),
    ],
)
def test_mathematics_is_told_where_nothing_draws_it(latex, told):
    tree = rich_text.from_markdown(f"so ${latex}$ is")
    text = rich_text.to_text(tree)
    assert text.startswith("so ")
    assert text.endswith(" is")
    assert told is None or told in text.replace("\xa0", " ")


def blocks_of_the_page() -> list[str]:
    page = (Path(__file__).parents[2] / "docs" / "exercises.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", page, re.DOTALL)


def test_the_exercises_of_the_documentation_are_as_it_says(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)  # a page is written
    exercise, paper = (block for block in blocks_of_the_page() if not block.startswith("ad.ask("))
    names: dict[str, object] = {"ad": ad, "np": np}
    exec(exercise, names)
    ex = names["ex"]
    assert (tmp_path / "exercise.html").exists()
    said = str(ex.check({"v3": 1, "v-1": "-11/3"}))
    assert re.search(r"v̄₃ .*You lost the minus sign.*\nv̄₋₁ .*Right, given your v̄₃ = 1", said)
    score = re.search(r"(ex\.score\(.*\))  # → (.*)", exercise)
    assert score is not None
    assert str(eval(score[1], names)) == score[2]
    assert ex.again(7).trace.value != ex.trace.value
    assert eval(paper, names).solution()["v2 formula"] == "the order of the operands"


def test_the_questions_of_the_documentation_are_as_it_says():
    (code,) = (block for block in blocks_of_the_page() if block.startswith("ad.ask("))
    asked = [
        eval(compile(ast.Expression(statement.value), "exercises.md", "eval"), {"ad": ad})
        for statement in ast.parse(code).body
    ]
    expects = [one.to_document()["expects"] for one in asked]
    wanted = ["number", "number", "numbers", "formula", "choice", "choice", "choices", "order"]
    assert expects == wanted
    assert [one.score(one.solution()) for one in asked] == [1.0] * len(asked)


def test_columns_lined_up_by_spaces_stay_as_they_are():
    text = "two passes  1.0  2.0\none pass    1.0  2.0"
    assert rich_text.from_markdown(text) == ["div", ["pre", text]]


def test_a_product_of_names_of_one_letter_needs_no_signs() -> None:
    question = ad.ask("What is $\\partial(x^2 y)/\\partial x$?", "2*x*y")
    assert question.check("2xy").is_right
    assert question.check("2yx").is_right
    assert not question.check("-2xy").is_right


def test_yes_or_no_may_be_answered_by_a_bool() -> None:
    question = ad.ask("Does $x_3$ reach $y$?", False)
    assert question.check(False).is_right
    assert not question.check(True).is_right


def test_points_are_none_or_more() -> None:
    with pytest.raises(ad.AdvizError, match="points must be a number of at least 0"):
        ad.ask("How many?", 2).score(2, -1)
