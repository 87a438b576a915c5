"""Draws a graph that is laid out: the engine that pip installs writes no PDF itself.

Its JSON lists what to draw, as the "xdot" format of Graphviz does:
https://graphviz.org/docs/outputs/canon/#xdot
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, PathPatch, Polygon
from matplotlib.path import Path

from adviz.figure import INK, drawing

__all__ = ["FORMATS", "drawn"]

FORMATS = ("pdf", "svg", "png")

_POINTS_PER_INCH = 72
_LAYERS = ("_draw_", "_hdraw_", "_tdraw_", "_ldraw_", "_hldraw_", "_tldraw_")
_DASHES = {"dashed": "--", "dotted": ":"}


def drawn(graph: dict[str, Any], description: str, format: str) -> bytes:  # noqa: A002 - as elsewhere
    """Return a picture of a graph in one of the formats; ``graph`` is Graphviz's JSON."""
    left, bottom, right, top = _bounds(graph)
    width, height = (right - left) / _POINTS_PER_INCH, (top - bottom) / _POINTS_PER_INCH
    # A graph with a size is drawn no larger.
    most = [float(inches) for inches in graph.get("size", "").split(",") if inches]
    scale = min(1.0, *(m / size for m, size in zip(most, (width, height), strict=False)), 1.0)
    with (
        drawing(description, width=scale * width, height=scale * height) as (figure, (axes,)),
        matplotlib.rc_context({"text.hinting": "no_hinting"}),
    ):
        figure.set_layout_engine("none")
        axes.set_position((0, 0, 1, 1))
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, top)
        axes.axis("off")
        # As Graphviz draws: the background and its clusters, then edges, then nodes.
        for item in (graph, *graph.get("edges", []), *graph.get("objects", [])):
            _draw(axes, item, scale)
        file = io.BytesIO()
        figure.save_to(file, format)
    return file.getvalue()


def _bounds(graph: dict[str, Any]) -> tuple[float, float, float, float]:
    """Return the left, bottom, right and top of the page, the margin included."""
    page = next((op["points"] for op in graph.get("_draw_", []) if op["op"] == "P"), None)
    if page is None:
        left, bottom, right, top = (float(number) for number in graph["bb"].split(","))
        return left - 4, bottom - 4, right + 4, top + 4
    across, up = zip(*page, strict=True)
    return min(across), min(up), max(across), max(up)


def _draw(axes: Axes, item: dict[str, Any], scale: float) -> None:
    """Draw a graph, a node or an edge by its list of operations."""
    for operation in _operations(item):
        pen = operation.pop("pen")
        match operation["op"]:
            case "p" | "P":
                patch: Any = Polygon(operation["points"], closed=True)
            case "b" | "B" | "L":
                patch = PathPatch(_path(operation))
            case "e" | "E":
                x, y, half_width, half_height = operation["rect"]
                patch = Ellipse((x, y), 2 * half_width, 2 * half_height)
            case "T":
                _write(axes, operation, pen, scale)
                continue
            case _:
                continue
        is_filled = operation["op"] in ("P", "B", "E")
        patch.set(
            facecolor=pen["fill"] if is_filled else "none",
            edgecolor=pen["color"],
            linestyle=pen["dashes"],
            linewidth=scale * pen["width"],
        )
        axes.add_artist(patch)


def _operations(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what is drawn, with the pen that draws it."""
    for layer in _LAYERS:
        pen = {"color": INK, "fill": "none", "dashes": "-", "width": 1.0, "size": 14.0}
        for operation in item.get(layer, []):
            match operation["op"]:
                case "c":
                    pen["color"] = operation["color"]
                case "C":
                    pen["fill"] = operation["color"]
                case "F":
                    pen["size"] = operation["size"]
                case "S" if operation["style"].startswith("setlinewidth"):
                    pen["width"] = float(operation["style"][len("setlinewidth(") : -1])
                case "S":
                    pen["dashes"] = _DASHES.get(operation["style"], pen["dashes"])
                case _:
                    yield {**operation, "pen": dict(pen)}


def _path(operation: dict[str, Any]) -> Path:
    points = operation["points"]
    curve = Path.LINETO if operation["op"] == "L" else Path.CURVE4
    return Path(points, [Path.MOVETO, *[curve] * (len(points) - 1)])


def _write(axes: Axes, operation: dict[str, Any], pen: dict[str, Any], scale: float) -> None:
    x, y = operation["pt"]
    align = {"l": "left", "c": "center", "r": "right"}[operation["align"]]
    # matplotlib's font is wider than the one that the engine measured.
    axes.text(
        x,
        y,
        operation["text"].strip(),
        fontsize=scale * pen["size"] * 0.88,
        color=pen["color"],
        ha=align,
        va="baseline",
        parse_math=False,
    )
