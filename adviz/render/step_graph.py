"""The graph of a step's picture: a card for each row, laid out upright by Graphviz.

Inputs stand above and the result below, as in the table. Of a graph that would be too small to
read, only the neighbourhood of the step is drawn.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.render.graph import Graph
from adviz.render.pass_steps import Step

__all__ = ["CARD_HEIGHT", "CARD_WIDTH", "Edge", "Placed", "place"]

CARD_WIDTH, CARD_HEIGHT = 104.0, 38.0
_POINTS_PER_INCH = 72

_MAX_ROWS = 60
"""Rows of the longest trace whose whole graph is tried."""

_LEAST_SCALE = 0.68
"""A graph is not drawn smaller than this, so that its numbers stay legible."""

_NEIGHBOURHOODS = (24, 16, 11, 8, 5, 3)

Point = tuple[float, float]


@dataclass(frozen=True)
class Edge:
    """The use of one row by another.

    Attributes
    ----------
    tail, head : int
        The slots of the operand and of the row that uses it.
    operand : int
        As which operand.
    points : list of (x, y)
        Of cubic Bézier curves that share their ends, from the operand to its user.
    """

    tail: int
    head: int
    operand: int
    points: list[Point]


@dataclass(frozen=True)
class Placed:
    """Where cards and edges lie, in points from the top left corner, before scaling.

    Attributes
    ----------
    width, height : float
    scale : float
        By which everything is to be drawn smaller so that it fits.
    cards : dict
        The centre of each card by the slot of its row.
    edges : list of Edge
    """

    width: float
    height: float
    scale: float
    cards: dict[int, Point]
    edges: list[Edge]


def place(trace: Trace, step: Step, width: float, height: float) -> Placed:
    """Lay out the whole graph, or as much of the step's neighbourhood as can be read.

    Parameters
    ----------
    trace : Trace
    step : Step
    width, height : float
        The room that there is, in points.
    """
    count = len(trace.rows)
    if count <= _MAX_ROWS:
        whole = _laid_out(trace, range(count), width, height)
        if whole.scale >= _LEAST_SCALE:
            return whole
    near = _neighbourhood(trace, step)
    for most in _NEIGHBOURHOODS:
        placed = _laid_out(trace, sorted(near[:most]), width, height)
        if placed.scale >= _LEAST_SCALE:
            break
    return placed


def _neighbourhood(trace: Trace, step: Step) -> list[int]:
    """Return the rows around a step, the nearest first; those of the step itself lead."""
    users: dict[int, list[int]] = {}
    for slot in range(trace.tape.input_count, len(trace.rows)):
        for operand in _operands(trace, slot):
            users.setdefault(operand, []).append(slot)
    found = dict.fromkeys([step.user.slot, step.row.slot])
    waiting = list(found)
    for slot in waiting:
        if len(found) > _NEIGHBOURHOODS[0]:
            break
        for other in [*_operands(trace, slot), *users.get(slot, [])]:
            if other not in found:
                found[other] = None
                waiting.append(other)
    return list(found)


def _operands(trace: Trace, slot: int) -> list[int]:
    return [o for o in trace.tape.operands(slot) if o.__class__ is int]


def _laid_out(trace: Trace, slots: Iterable[int], width: float, height: float) -> Placed:
    drawn = list(slots)
    picture = Graph("step")
    picture.attr(rankdir="TB", nodesep="0.32", ranksep="0.42")
    card = {"width": CARD_WIDTH / _POINTS_PER_INCH, "height": CARD_HEIGHT / _POINTS_PER_INCH}
    size = {name: f"{inches:.4f}" for name, inches in card.items()}
    picture.attr("node", shape="box", fixedsize="true", label="", **size)
    picture.attr("edge", dir="none")
    for slot in drawn:
        picture.node(str(slot))
    for slot in drawn:
        for k, operand in enumerate(trace.rows[slot].operands):
            if isinstance(operand, Row) and operand.slot in drawn:
                picture.edge(str(operand.slot), str(slot), id=f"{operand.slot} {slot} {k}")
    placed = json.loads(picture.pipe(format="json", encoding="utf-8"))
    _, _, placed_width, placed_height = (float(number) for number in placed["bb"].split(","))

    def point(text: str) -> Point:
        x, y = (float(number) for number in text.split(","))
        return x, placed_height - y

    cards = {int(node["name"]): point(node["pos"]) for node in placed["objects"]}
    edges = [
        Edge(int(tail), int(head), int(operand), [point(part) for part in edge["pos"].split()])
        for edge in placed.get("edges", [])
        for tail, head, operand in [edge["id"].split()]
    ]
    scale = min(1.0, width / placed_width, height / placed_height)
    return Placed(
        placed_width,
        placed_height,
        scale,
        cards,
        edges,
    )
