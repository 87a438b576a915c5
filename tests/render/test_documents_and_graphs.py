"""The trace document, the page that plays it, and the computational graph."""

import json
import math
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

import adviz as ad
from adviz.core.rows import Row
from adviz.render import graph as graph_module
from adviz.render.document import MIME_TYPE


def eq5(x1, x2):
    product = x1 * x2
    return product + x2 - np.log(x1)


def square(x):
    return x * x


def square_of_square(x):
    return square(square(x))


def factorial_power(x, n):
    return x if n == 0 else x * factorial_power(x, n - 1)


def winding(x, y):
    z = factorial_power(x, 3)
    total = sum([square(k * y) for k in range(1, 4)])
    if z > 1:
        z = z / 2
    return z + total, np.sin(z)


def test_the_document_holds_the_rows_in_columns():
    document = ad.trace(eq5, 3, -4).to_document()
    rows = document["rows"]
    assert rows["value"][:3] == [3.0, -4.0, -12.0]
    assert rows["operands"] == [[], [], [0, 1], [2, 1], [0], [3, 4]]
    assert "partials" not in rows  # the page computes them
    assert document["programs"]["mul"]["partials"] == [[1], [0]]
    assert [document["forms"][k]["op"] for k in rows["form"][2:]] == ["mul", "add", "log", "sub"]
    assert {len(column) for column in rows.values()} == {6}


def test_a_lesson_says_where_the_player_opens_and_what_it_offers():
    trace = ad.trace(eq5, 3, -4)
    plain = trace.play("reverse").document["view"]
    assert not {"predict", "step", "passes"} & plain.keys()
    player = trace.play("reverse", predict=True, step=8, passes=["reverse", "primal"])
    view = player.document["view"]
    assert view == {**plain, "predict": True, "step": 8, "passes": ["primal", "reverse"]}
    assert trace.play("forward", step=6).document["view"]["step"] == 6
    with pytest.raises(ad.AdvizError, match="at least 1 and at most 8, got 9"):
        trace.play("reverse", step=9)
    with pytest.raises(ad.AdvizError, match="at the primal pass, which passes= leaves out"):
        trace.play(passes=("reverse",))
    several = ad.trace(lambda x: (x * x, x + 1), 3)
    assert several.play("reverse", output="y2", step=2).document["view"]["step"] == 2
    with pytest.raises(ad.AdvizError, match="at most 2, got 3"):
        several.play("reverse", output="y2", step=3)


def test_sites_point_at_the_very_expression():
    document = ad.trace(eq5, 3, -4).to_document()
    texts = []
    for number in document["rows"]["site"][2:]:
        site = document["sites"][number]
        line = document["sources"][site["source"]]["lines"][site["line"]]
        texts.append((line[site["column"] : site["end_column"]], site["name"]))
    assert texts == [
        ("x1 * x2", "product"),
        ("product + x2", None),
        ("np.log(x1)", None),
        ("product + x2 - np.log(x1)", None),
    ]


def test_the_same_call_gives_the_same_bytes_in_another_process(tmp_path):
    script = tmp_path / "model.py"
    script.write_text(
        "import json, math\nimport numpy as np, adviz as ad\n"
        "def f(x, y):\n    z = x if x > y else y\n    return np.exp(z) * y\n"
        "print(json.dumps(ad.trace(f, 1.5, 2).to_document()))\n"
    )
    runs = {subprocess.check_output([sys.executable, script]) for _ in range(2)}
    assert len(runs) == 1
    assert str(tmp_path) not in runs.pop().decode()


def test_a_function_that_computes_nothing_has_a_document():
    rows = ad.trace(lambda x: 3.0, 2.0).to_document()["rows"]
    assert rows["value"] == [2.0, 3.0]
    assert {len(column) for column in rows.values()} == {2}


def test_calls_tell_which_function_called_which():
    document = ad.trace(winding, 1.5, 2).to_document()
    calls = document["calls"]
    paths = []
    for call in calls:
        path = [call["function"]]
        while call["parent"] is not None:
            call = calls[call["parent"]]
            path.append(call["function"])
        paths.append(" < ".join(path))
    deepest = " < ".join(["factorial_power"] * 3 + ["winding"])
    assert deepest in paths
    assert paths.count("square < winding") == 3
    assert [source["title"] for source in document["sources"]] == [
        "winding",
        "factorial_power",
        "square",
    ]


def test_decisions_are_in_the_document():
    document = ad.trace(winding, 1.5, 2).to_document()
    (decision,) = document["decisions"]
    assert decision["text"] == "z > 1"
    assert decision["outcome"] is True
    left, right = decision["operands"]
    assert document["rows"]["value"][left] == 1.5**4
    assert document["constants"][-1 - right] == 1.0


def test_what_json_cannot_hold_is_written_in_words():
    document = ad.trace(lambda x: np.log(x) * np.log(-x), 0).to_document()
    assert json.loads(json.dumps(document, allow_nan=False))["rows"]["value"][1] == "-Infinity"


def test_a_notebook_gets_the_document_a_plain_table_and_text():
    bundle = ad.trace(eq5, 3, -4)._repr_mimebundle_()
    assert set(bundle) == {MIME_TYPE, "text/html", "text/plain"}
    assert "<script" not in bundle["text/html"]


def test_a_huge_trace_shows_its_table_and_says_where_it_plays():
    def loop(x):
        for _ in range(20_001):
            x = x * 1.0
        return x

    bundle = ad.trace(loop, 1)._repr_mimebundle_()
    assert MIME_TYPE not in bundle
    assert "to_html(path)" in bundle["text/html"]


def test_more_rows_than_a_browser_plays_are_refused():
    def loop(x):
        for _ in range(100_000):
            x = x * 1.0
        return x

    with pytest.raises(ad.AdvizError, match="100,001 rows"):
        ad.trace(loop, 1).to_html()


def test_a_page_needs_nothing_from_elsewhere(tmp_path):
    path = tmp_path / "page.html"
    ad.trace(eq5, 3, -4).to_html(path)
    page = path.read_text(encoding="utf-8")
    addresses = set(re.findall(r"""(?:src|href)=["']?([^"'>\s]+)|url\(["']?([^"')]+)""", page))
    assert all((a or b).startswith("data:") for a, b in addresses)
    assert "import " not in re.sub(r"import\(", "", page.split('type="module"')[1].split("/**")[0])
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_a_page_that_cannot_be_written_leaves_no_half(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("before")
    made = ad.trace(eq5, 3, -4)
    with pytest.raises(OSError, match="nowhere"):
        made.to_html(tmp_path / "nowhere" / "page.html")
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_source_text_cannot_end_the_script_it_is_in():
    def f(x):
        return x * 2  # </script><script>alert(1)</script>

    page = ad.trace(f, 1).to_html()
    assert "</script><script>alert" not in page


def test_the_graph_has_a_box_for_each_row_and_an_edge_for_each_use():
    source = ad.trace(lambda x: x * x + 1, 3).graph().source
    assert len(re.findall(r"^\s*v\S+ \[", source, re.MULTILINE)) == 3
    assert source.count("->") == 3


@pytest.mark.parametrize("which", ["primal", "forward", "reverse"])
def test_the_graph_is_drawn_with_what_pip_installed(which, monkeypatch):
    only_pip = shutil.which("graphviz-pure", path=graph_module.sysconfig.get_path("scripts"))
    assert only_pip
    monkeypatch.setenv("PATH", "")
    svg = ad.trace(eq5, 3, -4).graph(which).pipe(format="svg", encoding="utf-8")
    labels = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert "v₋₁ = x₁" in labels
    assert ("v̄₋₁ = −4.33333" in labels) is (which == "reverse")
    assert ("v̇₁ = −4" in labels) is (which == "forward")


def test_the_graph_stands_upright_as_the_table_does():
    made = ad.trace(eq5, 3, -4)
    drawn = json.loads(made.graph("reverse").pipe(format="json", encoding="utf-8"))
    heights = {node["name"]: float(node["pos"].split(",")[1]) for node in drawn["objects"]}
    for row in made.rows:
        for operand in row.operands:
            if isinstance(operand, Row):
                assert heights[f"v{operand.index}"] > heights[f"v{row.index}"]


def test_a_notebook_that_is_not_trusted_gets_a_picture_of_the_graph():
    bundle = ad.trace(eq5, 3, -4).graph()._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert "<svg" in bundle["image/svg+xml"]


def many_calls(x):
    for k in range(100):
        x = square_of_square(x * 0.5) + k
    return x


def test_above_300_rows_passes_are_folded_and_above_1000_boxes_refused():
    made = ad.trace(many_calls, 0.5)
    source = made.graph().source
    assert len(re.findall(r"k = \d+, pass \d+ of 100", source)) == 100
    boxes = [line for line in source.splitlines() if "[label=" in line and "->" not in line]
    assert len(made) == 1 + 100 * 4
    assert len(boxes) == 1 + 100

    def loop(x):
        for _ in range(1100):
            x = x + 1
        return x

    with pytest.raises(ad.AdvizError, match="1,101 boxes"):
        ad.trace(loop, 0).graph()
    assert ad.trace(loop, 0).to_document()["graph"] is None


def test_the_layout_has_every_row_and_stays_inside():
    graph = ad.trace(winding, 1.5, 2).to_document()["graph"]
    rows = len(ad.trace(winding, 1.5, 2))
    assert sorted(node[0] for node in graph["nodes"]) == list(range(rows))
    for _, x, y, width, height in graph["nodes"]:
        assert width / 2 <= x <= graph["width"] - width / 2 + 1
        assert height / 2 <= y <= graph["height"] - height / 2 + 1
    tops = {slot: y - height / 2 for slot, _, y, _, height in graph["nodes"]}
    bottoms = {slot: y + height / 2 for slot, _, y, _, height in graph["nodes"]}
    for operand, user, _, points in graph["edges"]:
        assert bottoms[operand] < tops[user]  # upright, as the table stands
        assert len(points) % 3 == 1
        assert all(math.isfinite(c) for point in points for c in point)


def test_the_title_of_a_page_names_the_first_of_many_inputs():
    page = ad.trace(lambda *x: sum(x), *range(20)).to_html()
    assert "<title>f(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], …)</title>" in page
    assert "<title>f(a, b)</title>" in ad.trace(lambda a, b: a * b, 1, 2).to_html()
