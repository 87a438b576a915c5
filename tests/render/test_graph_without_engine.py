"""Graphs where no layout engine runs, as in a browser, compared with Graphviz's drawings."""

from __future__ import annotations

import json
import os
import shutil
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest

import adviz as ad
from adviz.costs.elimination import Elimination
from adviz.render import graph as graph_module
from adviz.render.graph import Graph
from adviz.render.layered_layout import lay_out
from adviz.render.marked_graphs import elimination_graph


def eq5(x1: Any, x2: Any) -> Any:
    return x1 * x2 + x2 - np.log(x1)


def twelve(x: Any, y: Any) -> Any:
    a = np.sin(x) * y
    b = np.exp(a) + x
    c = b * b - np.sqrt(y)
    d = c / (a + 2.0)
    return d * np.tanh(c) + x


def eliminated() -> Graph:
    state = Elimination(ad.trace(twelve, 1.5, 0.5))
    for row in state.left[:3]:
        state.eliminate(row)
    return elimination_graph(state)


GRAPHS = {
    "primal": lambda: ad.trace(eq5, 3.0, -4.0).graph(),
    "reverse": lambda: ad.trace(twelve, 1.5, 0.5).graph("reverse"),
    "forward": lambda: ad.trace(lambda x: np.sum(x * x), np.array([1.0, 2.0])).graph("forward"),
    "formula": lambda: ad.trace(twelve, 1.5, 0.5).formula().derivative("x").graph(),
    "elimination": eliminated,
}


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_module.shutil, "which", lambda *_, **__: None)


def drawn(picture: Graph) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(picture.pipe(format="json", encoding="utf-8"))
    return found


def texts(item: dict[str, Any]) -> list[str]:
    return [op["text"].strip() for op in item.get("_ldraw_", []) if op["op"] == "T"]


def boxes(graph: dict[str, Any]) -> list[tuple[float, float, float, float]]:
    """The left, bottom, right and top of each box and each label of an edge."""
    found = []
    for node in graph["objects"]:
        x, y = map(float, node["pos"].split(","))
        half_width, half_height = 36 * float(node["width"]), 36 * float(node["height"])
        found.append((x - half_width, y - half_height, x + half_width, y + half_height))
    return found


def labels(graph: dict[str, Any]) -> list[tuple[float, float, float, float]]:
    found = []
    for edge in graph["edges"]:
        grounds = [op["points"] for op in edge.get("_ldraw_", []) if op["op"] == "P"]
        found += [
            (*map(min, zip(*g, strict=True)), *map(max, zip(*g, strict=True))) for g in grounds
        ]
    return found


def points(curve: list[list[float]]) -> list[tuple[float, float]]:
    """Points along Bézier curves that share their ends."""
    found = []
    for k in range(0, len(curve) - 1, 3):
        a, b, c, d = (np.array(point) for point in curve[k : k + 4])
        for t in np.linspace(0, 1, 20):
            s = 1 - t
            found.append(tuple(s**3 * a + 3 * s * s * t * b + 3 * s * t * t * c + t**3 * d))
    return found


@pytest.mark.parametrize("which", GRAPHS)
def test_it_shows_what_graphviz_shows(which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = GRAPHS[which]()
    theirs = drawn(picture)
    monkeypatch.setattr(graph_module.shutil, "which", lambda *_, **__: None)
    ours = drawn(picture)

    def described(graph: dict[str, Any]) -> tuple[Any, Any]:
        nodes = {node["name"]: texts(node) for node in graph["objects"]}
        names = [node["name"] for node in graph["objects"]]
        edges = [
            (names[e["tail"]], names[e["head"]], texts(e), "_draw_" in e, "_hdraw_" in e)
            for e in graph["edges"]
        ]
        return nodes, sorted(edges)

    assert described(ours) == described(theirs)


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("which", GRAPHS)
def test_nothing_overlaps_and_edges_go_down_beside_the_boxes(which: str) -> None:
    graph = drawn(GRAPHS[which]())
    all_boxes, near = boxes(graph), 0.02
    left, bottom, right, top = map(float, graph["bb"].split(","))
    for a in all_boxes:
        assert a[0] >= left - near
        assert a[1] >= bottom - near
        assert a[2] <= right + near
        assert a[3] <= top + near
    for a, b in combinations(all_boxes + labels(graph), 2):
        assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]
    for edge in graph["edges"]:
        curve = [list(map(float, point.split(","))) for point in edge["pos"].split()]
        tail, head = all_boxes[edge["tail"]], all_boxes[edge["head"]]
        assert abs(curve[0][1] - tail[1]) < near
        assert tail[0] < curve[0][0] < tail[2]
        assert abs(curve[-1][1] - head[3]) < near
        assert head[0] < curve[-1][0] < head[2]
        along = points(curve)
        assert all(b[1] <= a[1] + near for a, b in pairwise(along))
        for x, y in along:
            for w, s, e, n in all_boxes:
                assert not (w + near < x < e - near and s + near < y < n - near)


@pytest.mark.usefixtures("no_engine")
def test_it_is_displayed_and_written(tmp_path: Any) -> None:
    trace = ad.trace(eq5, 3.0, -4.0)
    assert trace.to_document()["graph"] is None  # the player lays it out
    bundle = trace.graph("reverse")._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert "<svg" in bundle["image/svg+xml"]
    assert trace.graph().pipe(format="pdf").startswith(b"%PDF")
    trace.graph().render(outfile=tmp_path / "a.svg", cleanup=True)
    assert (tmp_path / "a.svg").read_text().count("<svg") == 1
    assert os.listdir(tmp_path) == ["a.svg"]
    assert "<svg" in trace.to_svg(which="reverse", step=2)  # its graph as well
    with pytest.raises(ad.AdvizError, match="pip install graphviz-pure"):
        trace.graph().pipe(format="jpg")
    circular = Graph("circular")
    circular.edges(["ab", "ba"])
    with pytest.raises(ad.AdvizError, match="cycle"):
        circular.pipe(format="svg")
    nested = Graph("nested")
    with nested.subgraph(name="cluster") as inner:
        inner.node("a")
    with pytest.raises(ad.AdvizError, match="not drawn: subgraph"):
        nested.pipe(format="svg")


def test_a_graph_with_a_size_is_drawn_no_larger() -> None:
    picture = eliminated()
    assert "size=" in picture.source
    width, height = (float(n) / 72 for n in drawn(picture)["bb"].split(",")[2:])
    assert width < 8.8 < 2 * height
    assert height > 6  # so that it has to be made smaller
    box = picture.pipe(format="pdf").split(b"/MediaBox [ 0 0 ")[1].split(b" ]")[0]
    assert float(box.split()[1]) == pytest.approx(6 * 72, abs=1)


def test_the_engine_of_pip_is_used_where_it_is() -> None:
    assert shutil.which("graphviz-pure", path=graph_module.sysconfig.get_path("scripts"))
    assert ad.trace(eq5, 3.0, -4.0).to_document()["graph"] is not None


def test_a_chain_is_straight_and_a_diamond_symmetric() -> None:
    size = (60.0, 30.0)
    chain = lay_out([size] * 4, [(0, 1), (1, 2), (2, 3)], box_gap=10, layer_gap=20)
    assert {x for x, _ in chain.centers} == {30.0}
    links = [(0, 1), (0, 2), (1, 3), (2, 3)]
    top, left, right, bottom = lay_out([size] * 4, links, box_gap=10, layer_gap=20).centers
    assert top[0] == pytest.approx(bottom[0])
    assert left[0] + right[0] == pytest.approx(2 * top[0])
    nothing = lay_out([], [], box_gap=10, layer_gap=20)
    assert (nothing.width, nothing.height) == (0, 0)
