"""The primal, forward and reverse tables of any function, in every notation."""

import ast
import html.parser
import math
import re
import time
from pathlib import Path

import numpy as np
import pytest
from pylatexenc.latexwalker import LatexWalker

import adviz as ad
from adviz.host.errors import FormulaError
from adviz.render import views
from adviz.render.math_tree import to_text


def eq5(x1, x2):
    return x1 * x2 + x2 - np.log(x1)


def texts(table):
    return [["" if cell is None else to_text(cell) for cell in row] for row in table.cells]


def test_primal_table_of_equation_5():
    assert texts(ad.trace(eq5, 2, 4).table()) == [
        ["v₋₁", "x₁", "", "2"],
        ["v₀", "x₂", "", "4"],
        ["v₁", "v₋₁ × v₀", "2 × 4", "8"],
        ["v₂", "v₁ + v₀", "8 + 4", "12"],
        ["v₃", "ln(v₋₁)", "ln(2)", f"{math.log(2):.6g}"],
        ["v₄", "v₂ − v₃", f"12 − {math.log(2):.6g}", f"{12 - math.log(2):.6g}"],
        ["y", "v₄", "", f"{12 - math.log(2):.6g}"],
    ]


def test_forward_table_of_equation_5_seeded_at_x2():
    columns = [row[4:] for row in texts(ad.trace(eq5, 3, -4).table("forward", "x2"))]
    assert columns == [
        ["ẋ₁", "", "0"],
        ["ẋ₂", "", "1"],
        ["v̇₋₁·v₀ + v̇₀·v₋₁", "0 × (−4) + 1 × 3", "3"],
        ["v̇₁ + v̇₀", "3 + 1", "4"],
        ["v̇₋₁·(1/v₋₁)", "0 × (1/3)", "0"],
        ["v̇₂ − v̇₃", "4 − 0", "4"],
        ["v̇₄", "", "4"],
    ]


def test_reverse_table_of_equation_5_sums_over_uses():
    columns = [row[4:] for row in texts(ad.trace(eq5, 3, -4).table("reverse"))]
    assert columns == [
        ["v̄₃·(1/v₋₁) + v̄₁·v₀", "−1 × (1/3) + 1 × (−4)", f"−{13 / 3:.6g}"],
        ["v̄₂ + v̄₁·v₋₁", "1 + 1 × 3", "4"],
        ["v̄₂", "1", "1"],
        ["v̄₄", "1", "1"],
        ["−v̄₄", "−1", "−1"],
        ["ȳ", "1", "1"],
        ["ȳ", "", "1"],
    ]


@pytest.mark.parametrize("digits", [0, 18, -1, "6", 2.5])
def test_digits_nobody_can_write(digits):
    trace = ad.trace(eq5, 3, -4)
    for show in (
        lambda: trace.table(digits=digits),
        lambda: trace.graph(digits=digits),
        lambda: trace.play(digits=digits),
    ):
        with pytest.raises(ad.AdvizError, match="choose 1 to 17 significant digits"):
            show()


def test_digits_are_chosen():
    table = ad.trace(eq5, 3, -4).table("reverse", digits=3)
    assert texts(table)[0][-1] == "−4.33"


def test_names_stand_beside_rows():
    def f(x):
        square = x * x
        return square + 1

    assert texts(ad.trace(f, 3).table())[1][0] == "v₁ = square"


def test_a_row_that_nothing_reaches_is_zero_and_the_table_says_why():
    table = ad.trace(lambda x1, x2: x1 * 2, 3, 4).table("reverse")
    assert texts(table)[1][4:] == ["0", "", "0"]
    assert "y does not depend on x2" in table.to_text()


def test_a_negative_number_after_a_sign_is_in_parentheses():
    table = ad.trace(lambda x: -x + x * x, 3).table("reverse", -2.0)
    assert texts(table)[0][5] == "−2 × 3 + (−2) × 3 − (−2)"


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = set()
        self.open = []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.open.append(tag)
        assert {name for name, _ in attrs} <= {"style", "scope"}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


# What JupyterLab keeps of a notebook that is not trusted.
UNTRUSTED = {"table", "caption", "thead", "tbody", "tr", "th", "td", "i", "sub", "sup", "p"}


@pytest.mark.parametrize("which", ["primal", "forward", "reverse"])
def test_html_is_a_plain_table_that_survives_an_untrusted_notebook(which):
    tags = Tags()
    tags.feed(ad.trace(eq5, 3, -4).table(which)._repr_html_())
    assert tags.open == []
    assert tags.seen <= UNTRUSTED


@pytest.mark.parametrize("which", ["primal", "forward", "reverse"])
def test_mathml_is_well_formed(which):
    tags = Tags()
    tags.handle_starttag = lambda tag, attrs: (tags.seen.add(tag), tags.open.append(tag))
    tags.feed(ad.trace(eq5, 3, -4).table(which).to_mathml())
    assert tags.open == []
    assert {"math", "msub", "mn"} <= tags.seen


def test_latex_parses_and_has_a_row_for_each_row():
    latex = ad.trace(eq5, 3, -4).table("reverse").to_latex()
    nodes, _, _ = LatexWalker(latex, tolerant_parsing=False).get_latex_nodes()
    assert nodes
    assert latex.count("\\\\") == 7
    assert r"\bar{v}_{3}\cdot \frac{1}{v_{-1}}" in latex


def test_markdown_has_the_same_rows():
    lines = ad.trace(eq5, 3, -4).table().to_markdown().splitlines()
    assert lines[0].startswith("| row | primal |")
    assert len(lines) == 2 + 7


def test_text_is_aligned():
    lines = ad.trace(eq5, 3, -4).table().to_text().splitlines()
    ends = {len(line) for line in lines}
    assert len(ends) == 1


def halved(count):
    def loop(x):
        for _ in range(count):
            x = x * 0.5
        return x

    return loop


@pytest.mark.parametrize("which", ["primal", "forward", "reverse"])
def test_a_long_table_shows_its_ends_in_a_notebook_and_everything_elsewhere(which):
    trace = ad.trace(halved(500), 1)
    table = trace.table(which)
    whole = table.to_text().splitlines()
    assert len(whole) == 2 + 502
    assert table.to_html().count("<tr>") == 1 + 502
    assert table._repr_html_().count("<tr>") == 1 + 400 + 1 + 1
    cut = repr(table).splitlines()
    shown = [line.split() for line in cut]
    assert shown[2:202] == [line.split() for line in whole[2:202]]
    assert cut[202].split() == ["⋮", "101", "more", "rows"]
    assert shown[203:-1] == [line.split() for line in whole[-201:]]
    of_pass = "" if which == "primal" else repr(which)
    assert f"400 of 501 rows: trace.table({of_pass}).to_text() writes them all" in cut[-1]
    assert eval(re.search(r"trace\.table\(.*?\)\.to_text\(\)", cut[-1])[0]) == table.to_text()
    if which == "primal":
        assert str(trace) == repr(table)
    short = ad.trace(halved(300), 1)
    assert repr(short.table(which)) == short.table(which).to_text()


def test_a_long_table_keeps_the_headings_of_its_passes():
    def twice(x):
        return 2.0 * x * 0.5

    def calls(x):
        for _ in range(450):
            x = twice(x)
        return x

    trace = ad.trace(calls, 1.0)
    cut = repr(trace.table()).splitlines()
    assert sum("▸ pass " in line for line in cut) == 200  # two rows each
    assert [line.split()[1] for line in cut if line.startswith("⋮")] == ["501"]
    folded = repr(trace.table(folded=True)).splitlines()
    assert sum(" of 450 " in line for line in folded) == 399  # beside the input
    assert [line.split()[1] for line in folded if line.startswith("⋮")] == ["51"]
    assert "trace.table(folded=True).to_text() writes them all" in folded[-1]


def test_a_trace_of_many_rows_is_shown_at_once():
    trace = ad.trace(halved(300_000), 1.0)
    start = time.process_time()
    assert len(str(trace).splitlines()) < 410
    bundle = trace._repr_mimebundle_()
    with pytest.raises(FormulaError, match="300,000 operations"):
        trace.formula()
    assert time.process_time() - start < 12  # every row would take half a minute
    assert "300,001 rows, and a browser plays up to 100,000" in bundle["text/plain"]
    assert "to_html" not in bundle["text/plain"]


def test_a_notebook_recommends_what_works(monkeypatch):
    monkeypatch.setattr(views, "_MAX_NUMBERS_IN_NOTEBOOK", 400)
    trace = ad.trace(halved(500), 1.0)
    assert "trace.to_html(path) writes a page" in trace._repr_mimebundle_()["text/plain"]
    assert trace.to_html().count("<html") == 1


def test_messages_name_only_what_there_is():
    for path in Path(ad.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for name in re.findall(r"(?<![\w.])trace\.(?!py|js)([a-z_]+)", node.value):
                    assert hasattr(ad.Trace, name), (path.name, name)
                for name in re.findall(r"(?<![\w.])ad\.([a-zA-Z_]+)", node.value):
                    assert hasattr(ad, name), (path.name, name)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda t: t.table("backward"), "'primal', 'forward' or 'reverse'"),
        (lambda t: t.table("forward", "x9"), "x1, x2"),
        (lambda t: t.table("reverse", "z"), "y"),
        (lambda t: t.table("forward", (1.0,)), "2 inputs"),
        (lambda t: t.play("sideways"), "'primal', 'forward' or 'reverse'"),
    ],
    ids=["table", "input", "output", "too few", "play"],
)
def test_a_pass_or_seed_that_is_not_there_is_named(call, says):
    with pytest.raises(ad.AdvizError, match=says):
        call(ad.trace(eq5, 3, -4))


def test_no_number_shows_numpys_type():
    made = ad.trace(lambda x: np.exp(x) * np.float64(2), np.float64(1))
    for shown in (repr(made.rows), str(made), repr(made.value), repr(made.row(1).partials)):
        assert "np." not in shown
