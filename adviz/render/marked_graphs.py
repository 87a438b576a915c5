"""Graphs of a trace with partials on the edges: with paths marked, or rows eliminated."""

from __future__ import annotations

from collections.abc import Sequence

from adviz.core.trace import Trace
from adviz.costs.elimination import Elimination
from adviz.costs.paths import Path, edges_of
from adviz.host.errors import GraphError
from adviz.render.graph import FORWARD_BLUE, Graph, graph
from adviz.render.math_tree import Name, to_text
from adviz.render.number import DIGITS, format_number

__all__ = ["MAX_ROWS", "elimination_graph", "path_graph"]

MAX_ROWS = 60
"""Rows of the largest graph that can be read with numbers on its edges."""

_SIZE_IN_INCHES = "8.8,6"
"""The width of a notebook's cell and the height of a screen."""

_PALE, _ORANGE, _BROWN = "#B4B5B1", "#E69F00", "#7A5200"


def path_graph(
    trace: Trace, shown: Sequence[Path], chosen: Path | None = None, digits: int = DIGITS
) -> Graph:
    """Return the graph of a trace with the edges of some paths marked, those of one in bold.

    Raises
    ------
    GraphError
        If the trace has more than ``MAX_ROWS`` rows.
    """
    picture = _boxes_of(trace, digits)
    on_some = {edge for path in shown for edge in path.edges}
    on_chosen = set(chosen.edges) if chosen else set()
    for edge in (edge for edges in edges_of(trace) for edge in edges):
        ends = _box(trace, edge.tail), _box(trace, edge.head)
        label = f" {format_number(edge.partial, digits)} "
        if edge in on_chosen:
            bold = {"color": _ORANGE, "penwidth": "3", "fontcolor": _BROWN}
            picture.edge(*ends, label=label, fontname="Helvetica-Bold", **bold)
        elif edge in on_some:
            picture.edge(*ends, label=label, color=FORWARD_BLUE, fontcolor=FORWARD_BLUE)
        else:
            picture.edge(*ends, color=_PALE, style="dotted")
    return picture


def elimination_graph(elimination: Elimination, digits: int = DIGITS) -> Graph:
    """Return what is left of a graph, with pale boxes in place of the eliminated rows.

    The edges that the last step added or changed are marked.

    Raises
    ------
    GraphError
        If the trace has more than ``MAX_ROWS`` rows.
    """
    trace, left = elimination.trace, set(elimination.left)
    picture = _boxes_of(trace, digits)
    last = elimination.steps[-1] if elimination.steps else None
    first = Elimination(trace)
    for slot in set(first.left) - left:
        picture.node(_box(trace, slot), color=_PALE, fontcolor=_PALE, style="rounded,dotted")
    for k, vertex in enumerate(elimination.output_vertices):
        if vertex >= len(trace.rows):
            name = to_text(Name.of(trace.output_names[k]).tree())
            picture.node(_box(trace, vertex), name, width="0.8", height="0.42")
    for tail, head in first.edges:
        if (tail, head) not in elimination.edges:  # so that the boxes stay where they are
            picture.edge(_box(trace, tail), _box(trace, head), style="invis")
    for (tail, head), number in elimination.edges.items():
        ends = _box(trace, tail), _box(trace, head)
        label = f" {format_number(number, digits)} "
        if last and (tail, head) in last.fill_in:
            fill = {"color": _ORANGE, "penwidth": "2.5", "fontcolor": _BROWN, "style": "dashed"}
            picture.edge(*ends, label=label, **fill)
        elif last and (tail, head) in last.changed:
            picture.edge(*ends, label=label, color=_ORANGE, penwidth="2.5", fontcolor=_BROWN)
        else:
            picture.edge(*ends, label=label, color=FORWARD_BLUE, fontcolor=FORWARD_BLUE)
    return picture


def _boxes_of(trace: Trace, digits: int) -> Graph:
    """Return the graph of a trace without its edges."""
    if len(trace.rows) > MAX_ROWS:
        raise GraphError(
            f"The graph of {trace.function_name} has {len(trace.rows):,} rows; with numbers on "
            f"its edges it can be read up to {MAX_ROWS}. Use a smaller case."
        )
    picture = graph(trace, digits=digits)
    picture.attr(size=_SIZE_IN_INCHES)
    picture.body = [line for line in picture.body if "->" not in line]
    return picture


def _box(trace: Trace, slot: int) -> str:
    return f"v{slot - trace.tape.input_count + 1}"
