"""Lays out a graph where no layout engine can run, as in a browser, and writes it as Graphviz does.

Only what adviz draws is read: boxes with labels, of a given size, and edges with labels. The JSON
is that of Graphviz's ``-Tjson``, as far as ``graph_drawing`` and ``step_graph`` read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from graphlib import CycleError
from itertools import pairwise
from typing import Any

from adviz.host.errors import GraphError
from adviz.render.layered_layout import Point, lay_out

__all__ = ["laid_out"]

_POINTS_PER_INCH = 72
_CORNER = 8.0
_ARROW_LENGTH, _ARROW_WIDTH = 10.0, 7.0
"""Of an arrow of the size 1, in points."""

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_ID = rf"{_QUOTED}|[^\s\[\]=;\"]+"
_STATEMENT = re.compile(rf"\s*({_ID})(?:\s*->\s*({_ID}))?\s*(?:\[(.*)\])?\s*", re.DOTALL)
_ATTRIBUTE = re.compile(rf"({_ID})\s*=\s*({_ID})")

Attributes = dict[str, str]


def laid_out(statements: Iterable[str]) -> dict[str, Any]:
    """Return a laid-out graph as Graphviz's JSON has it.

    Parameters
    ----------
    statements : iterable of str
        The statements of a graph in the DOT language, each as one text.

    Raises
    ------
    GraphError
        If the graph has a cycle or is made of something else than nodes and edges.
    """
    graph, nodes, edges = _read(statements)
    names = list(nodes)
    sizes = [_size(node) for node in nodes.values()]
    # A label is a box on its edge: so there is room for it.
    links: list[tuple[int, int]] = []
    parts: list[list[int]] = []
    for tail, head, edge in edges:
        stops = [names.index(tail), names.index(head)]
        if "label" in edge and edge["label"].strip():
            stops.insert(1, len(sizes))
            sizes.append(_label_size(edge))
        parts.append([len(links) + k for k in range(len(stops) - 1)])
        links.extend(pairwise(stops))
    layer_gap = _inches(graph, "ranksep", 0.5) / (1 if len(links) == len(edges) else 2)
    try:
        found = lay_out(sizes, links, _inches(graph, "nodesep", 0.25), layer_gap)
    except CycleError:
        raise GraphError("Without a layout engine no graph with a cycle can be drawn.") from None

    def upward(point: Point) -> Point:
        return round(point[0], 2), round(found.height - point[1], 2)

    margin = _inches(graph, "pad", 0.0555)
    right, top = round(found.width + margin, 2), round(found.height + margin, 2)
    page = [(-margin, -margin), (-margin, top), (right, top), (right, -margin)]
    objects = [
        {"name": name, **_node(node, upward(center), size)}
        for (name, node), center, size in zip(
            nodes.items(), found.centers[: len(names)], sizes[: len(names)], strict=True
        )
    ]
    drawn = []
    for (tail, head, edge), places in zip(edges, parts, strict=True):
        curve = [upward(point) for point in found.curves[places[0]]]
        label = None
        if len(places) > 1:
            label = upward(found.centers[links[places[0]][1]])
            below = [upward(point) for point in found.curves[places[1]]]
            curve += [curve[-1], below[0], *below]
        ends = {"tail": names.index(tail), "head": names.index(head)}
        drawn.append({**ends, **_edge(edge, curve, label)})
    ground = [{"op": name, "color": graph.get("bgcolor", "white")} for name in ("c", "C")]
    return {
        **graph,
        "bb": f"0,0,{found.width:.2f},{found.height:.2f}",
        "_draw_": [*ground, _op("P", page)],
        "objects": objects,
        "edges": drawn,
    }


def _read(
    statements: Iterable[str],
) -> tuple[Attributes, dict[str, Attributes], list[tuple[str, str, Attributes]]]:
    """Return the attributes of a graph, its nodes by name, and its edges."""
    defaults: dict[str, Attributes] = {"graph": {}, "node": {}, "edge": {}}
    nodes: dict[str, Attributes] = {}
    edges: list[tuple[str, str, Attributes]] = []
    for statement in list(statements)[1:-1]:  # between the braces
        matched = _STATEMENT.fullmatch(statement)
        if matched is None:
            given = dict(_attributes(statement))
            if not given:
                raise GraphError(f"Without a layout engine this is not drawn: {statement.strip()}")
            defaults["graph"].update(given)
            continue
        name, head, rest = _text(matched[1]), matched[2], matched[3] or ""
        attributes = dict(_attributes(rest))
        if head is not None:
            ends = name, _text(head)
            for end in ends:
                nodes.setdefault(end, dict(defaults["node"]))
            edges.append((*ends, {**defaults["edge"], **attributes}))
        elif name in defaults:
            defaults[name].update(attributes)
        else:
            nodes.setdefault(name, {**defaults["node"], "label": name}).update(attributes)
    return defaults["graph"], nodes, edges


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for name, value in _ATTRIBUTE.findall(text):
        yield _text(name), _text(value)


def _text(written: str) -> str:
    """Return an identifier of the DOT language without its quotes."""
    if not written.startswith('"'):
        return written
    return written[1:-1].replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


def _inches(attributes: Attributes, name: str, otherwise: float) -> float:
    """Return a length in points."""
    return float(attributes.get(name, otherwise)) * _POINTS_PER_INCH


def _size(node: Attributes) -> Point:
    return _inches(node, "width", 0.75), _inches(node, "height", 0.5)


def _label_size(attributes: Attributes) -> Point:
    size = float(attributes.get("fontsize", 14))
    return 0.56 * size * len(attributes["label"]), 1.3 * size


def _op(name: str, points: list[Point]) -> dict[str, Any]:
    return {"op": name, "points": points}


def _pen(attributes: Attributes) -> list[dict[str, Any]]:
    """Return how lines are drawn."""
    color = attributes.get("color", "black")
    styles = [s for s in attributes.get("style", "").split(",") if s in ("dashed", "dotted")]
    if "penwidth" in attributes:
        styles.append(f"setlinewidth({attributes['penwidth']})")
    return [{"op": "c", "color": color}, *({"op": "S", "style": style} for style in styles)]


def _node(node: Attributes, center: Point, size: Point) -> dict[str, Any]:
    (x, y), (width, height) = center, size
    left, right, bottom, top = x - width / 2, x + width / 2, y - height / 2, y + height / 2
    r = min(_CORNER, height / 2) if "rounded" in node.get("style", "") else 0.0
    outline = [(left, bottom + r)]
    for corner, start, end in (
        ((left, top), (left, top - r), (left + r, top)),
        ((right, top), (right - r, top), (right, top - r)),
        ((right, bottom), (right, bottom + r), (right - r, bottom)),
        ((left, bottom), (left + r, bottom), (left, bottom + r)),
    ):
        outline += [outline[-1], start, start, corner, corner, end]
    fill = node.get("fillcolor", "white")
    is_filled = "filled" in node.get("style", "")
    shape = _op("B" if is_filled else "b", outline)
    return {
        **node,
        "pos": f"{x},{y}",
        "width": f"{width / _POINTS_PER_INCH:.4f}",
        "height": f"{height / _POINTS_PER_INCH:.4f}",
        "_draw_": [*_pen(node), {"op": "C", "color": fill}, shape],
        "_ldraw_": _lines(node, center),
    }


def _edge(edge: Attributes, curve: list[Point], label: Point | None) -> dict[str, Any]:
    """Return what draws an edge; its curve goes down."""
    placed: dict[str, Any] = {**edge, "pos": " ".join(f"{x},{y}" for x, y in curve)}
    if edge.get("style") == "invis":
        return placed
    scale = float(edge.get("arrowsize", 1))
    length, half = _ARROW_LENGTH * scale, _ARROW_WIDTH * scale / 2
    line, direction = list(curve), edge.get("dir", "forward")
    color = edge.get("color", "black")
    for arrow, end, points_at in (("_tdraw_", 0, "back"), ("_hdraw_", -1, "forward")):
        if direction not in (points_at, "both"):
            continue
        x, y = curve[end]
        base = y + (-length if end == 0 else length)
        line[end] = (x, base)  # the line ends where its arrowhead begins
        corners = [(x, y), (x - half, base), (x + half, base)]
        colors = [{"op": name, "color": color} for name in ("c", "C")]
        placed[arrow] = [*colors, _op("P", corners)]
    placed["_draw_"] = [*_pen(edge), _op("b", line)]
    if label is not None:
        (x, y), (width, height) = label, _label_size(edge)
        left, right, bottom, top = x - width / 2, x + width / 2, y - height / 2, y + height / 2
        ground = [(left, bottom), (left, top), (right, top), (right, bottom)]
        white = [{"op": name, "color": "white"} for name in ("c", "C")]
        placed["_ldraw_"] = [*white, _op("P", ground), *_lines(edge, label)]
    return placed


def _lines(attributes: Attributes, center: Point) -> list[dict[str, Any]]:
    """Return what writes a label, its lines below one another."""
    size = float(attributes.get("fontsize", 14))
    lines = [line for line in attributes.get("label", "").split("\n") if line.strip()]
    x, y = center
    first = y + 1.2 * size * (len(lines) - 1) / 2 - 0.32 * size
    return [
        {"op": "F", "size": size},
        {"op": "c", "color": attributes.get("fontcolor", "black")},
        *(
            {"op": "T", "pt": (x, first - 1.2 * size * k), "align": "c", "text": line}
            for k, line in enumerate(lines)
        ),
    ]
