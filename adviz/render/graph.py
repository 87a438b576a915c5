"""The computational graph, drawn by Graphviz.

The layout engine is the one that pip installs (``graphviz-pure``), which draws the same on every
machine; without it, ``dot`` on the PATH is used. Where neither is there, as in a browser, adviz
lays the graph out itself.
"""

from __future__ import annotations

import json
import shutil
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import graphviz
import numpy as np
from graphviz.backend import dot_command

from adviz.call_groups import Group, every, folds, groups
from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.host import checks
from adviz.host.errors import GraphError
from adviz.host.files import write_file
from adviz.render.math_tree import BAR, DOT, Name, to_text
from adviz.render.number import (
    ARRAY_DIGITS,
    DIGITS,
    check_digits,
    format_number,
    is_short,
    shape_text,
)
from adviz.render.row_formulas import form_of
from adviz.render.table import checked_pass, row_name

__all__ = ["FOLD_ABOVE", "LAY_OUT_UP_TO", "REFUSE_ABOVE", "Graph", "Layout", "graph", "layout"]

FOLD_ABOVE = 300
"""With more rows than this, each call of a helper function is drawn as one box."""

REFUSE_ABOVE = 1000
"""With more boxes than this, a graph takes long to lay out and cannot be read."""

LAY_OUT_UP_TO = 300
"""With more rows than this, the player lays out parts of the graph by itself."""

_CARD_HEIGHT = 44
_CARD_WIDTHS = (124, 200)
"""Those of the player's cards, in pixels: the least and the most."""

_BOX_CHARACTERS = 28
"""The longest array, in characters, that is written out in a box."""

FORWARD_BLUE, REVERSE_VERMILION = "#0072B2", "#C24E00"
_POINTS_PER_INCH = 72


class Graph(graphviz.Digraph):  # type: ignore[misc] # the package has no types
    """A Graphviz graph, drawn by the engine that adviz found, that a notebook displays."""

    def pipe(self, *args: Any, **options: Any) -> Any:
        """Return the drawing: see ``graphviz.Digraph.pipe``."""
        format_ = args[0] if args else options.get("format") or self.format
        if _engine_path() is None or format_ == "pdf":
            encoding = options.get("encoding")
            drawing = self._drawn(format_)
            return drawing if encoding is None else drawing.decode(encoding)
        with _engine():  # quiet: the engine warns of each glyph whose width it does not know
            return super().pipe(*args, **{"quiet": True, **options})

    def render(
        self,
        filename: Any = None,
        directory: Any = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,  # noqa: A002 - the package's word
        *,
        outfile: Any = None,
        **options: Any,
    ) -> Any:
        """Write the drawing to a file: see ``graphviz.Digraph.render``."""
        files = {"filename": filename, "directory": directory, "outfile": outfile}
        of_outfile = None if outfile is None else Path(outfile).suffix[1:]
        format_ = format or of_outfile or self.format
        if _engine_path() is None or format_ == "pdf":
            return self._render_drawn(format_, **files, view=view, cleanup=cleanup)
        options = {"quiet": True, "format": format, "view": view, "cleanup": cleanup} | options
        with _engine():
            return super().render(**files, **options)

    def _laid_out(self) -> dict[str, Any]:
        """Return where everything lies and what draws it, as Graphviz's JSON has it."""
        if _engine_path() is None:
            from adviz.render.graph_without_engine import laid_out

            return laid_out(self)
        placed: dict[str, Any] = json.loads(self.pipe(format="json", encoding="utf-8"))
        return placed

    def _drawn(self, format_: str) -> bytes:
        """Return what no engine draws, or none that is here."""
        from adviz.render.graph_drawing import FORMATS, drawn

        if format_ == "json":
            return json.dumps(self._laid_out()).encode()
        if format_ not in FORMATS:
            raise GraphError(
                f"No layout engine for graphs is installed, and without one the format is one of "
                f"{', '.join(FORMATS)} and json, not {format_}: pip install graphviz-pure, or "
                "install Graphviz so that dot is on the PATH."
            )
        return drawn(self._laid_out(), f"the graph of {self.name}", format_)

    def _render_drawn(
        self,
        format_: str,
        filename: Any,
        directory: Any,
        outfile: Any,
        view: bool,
        cleanup: bool,
    ) -> str:
        drawing = self._drawn(format_)
        if filename is None and outfile is not None:
            filename = Path(outfile).with_suffix(".gv")
        source = Path(self.save(filename, directory=directory))
        target = Path(f"{source}.{format_}") if outfile is None else Path(self.directory, outfile)
        write_file(target, drawing)
        if cleanup:
            source.unlink()
        if view:
            graphviz.view(target)
        return str(target)

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        # A trusted notebook shows the SVG, one that is not trusted the PNG.
        return {
            "image/svg+xml": self.pipe(format="svg", encoding="utf-8"),
            "image/png": self.pipe(format="png"),
            "text/plain": f"<graph {self.name}>",
        }


def _engine_path() -> str | None:
    beside_python = shutil.which("graphviz-pure", path=sysconfig.get_path("scripts"))
    return beside_python or shutil.which("graphviz-pure") or shutil.which("dot")


@contextmanager
def _engine() -> Iterator[None]:
    """Point the graphviz package at the engine that is installed, for as long as it draws."""
    before = dot_command.DOT_BINARY
    dot_command.DOT_BINARY = Path(str(_engine_path()))
    try:
        yield
    finally:
        dot_command.DOT_BINARY = before


def graph(
    trace: Trace,
    which: str = "primal",
    seed: Any = None,
    digits: int = DIGITS,
    folded: bool | None = None,
) -> Graph:
    """Return the graph of one pass of a trace; see :meth:`adviz.Trace.graph`."""
    check_digits(digits)
    which = checked_pass(which)
    folded = len(trace.rows) > FOLD_ABOVE if folded is None else checks.flag(folded, "folded")
    calls = [group for group in every(groups(trace)) if len(group) > 1] if folded else []
    boxes = _boxes(trace, calls)
    drawn = len(set(boxes))
    if drawn > REFUSE_ABOVE:
        raise GraphError(
            f"The graph of {trace.function_name} has {drawn:,} boxes, and above {REFUSE_ABOVE:,} "
            "it can neither be laid out in reasonable time nor read. Trace a smaller case, or "
            "look at its rows: trace.table(), trace.rows."
        )
    sweep = _sweep(trace, which, seed, digits)
    color = {"primal": "#595959", "forward": FORWARD_BLUE, "reverse": REVERSE_VERMILION}[which]
    picture = Graph(trace.function_name)
    # A page may be dark: on a white background every colour keeps its contrast.
    picture.attr(rankdir="TB", bgcolor="white", pad="0.15", nodesep="0.3", ranksep="0.5")
    picture.attr(
        "node",
        shape="box",
        style="rounded,filled",
        fillcolor="white",
        color="#595959",
        fontcolor="#20211f",
        fontname="Helvetica",
        fontsize="13",
        fixedsize="true",
    )
    picture.attr("edge", color=color, arrowsize="0.7", fontname="Helvetica", fontsize="11")
    picture.attr("edge", fontcolor=color)
    for slot, box in enumerate(boxes):
        if box == slot:
            row = trace.rows[slot]
            lines = [title(row, trace), _brief(row.value, digits)]
            if slot in sweep:
                lines.append(sweep[slot])
            _add_box(picture, f"v{row.index}", lines)
    for k, call in enumerate(calls):
        if boxes[call.start] == ~k:
            last = trace.rows[call.stop - 1]
            lines = [call.title, f"{len(call)} rows", f"{last.label}: {_brief(last.value, digits)}"]
            lines += [sweep[last.slot]] if last.slot in sweep else []
            _add_box(picture, _box_id(trace, ~k), lines, dashed=True)
    _add_edges(picture, trace, which, boxes, digits)
    return picture


def _add_edges(picture: Graph, trace: Trace, which: str, boxes: list[int], digits: int) -> None:
    """Draw an edge for each use of a row; those from or to a folded call share one."""
    between_calls: set[tuple[int, int]] = set()
    for row in trace.rows:
        partials = iter(row.partials)
        for k, operand in enumerate(row.operands):
            if not isinstance(operand, Row):
                continue
            partial = next(partials)
            tail, head = boxes[operand.slot], boxes[row.slot]
            if tail < 0 or head < 0:
                if tail == head or (tail, head) in between_calls:
                    continue
                between_calls.add((tail, head))
            is_one_operation = tail >= 0 and head >= 0  # only these have a partial
            shown = which != "primal" and partial is not None and is_one_operation
            picture.edge(
                _box_id(trace, tail),
                _box_id(trace, head),
                label=f" {_brief(partial, digits)} " if shown else "",
                id=f"e{row.index}-{k}",
                dir="back" if which == "reverse" else "forward",
            )


def title(row: Row, trace: Trace) -> str:
    """Return the first line of a row's box: "v₋₁ = x₁", "v₁ ×", "v₄ = y −"."""
    text = row.label
    if row.slot < trace.tape.input_count:
        return f"{text} = {to_text(Name.of(row.name or 'x').tree())}"
    for name, slot in zip(trace.output_names, trace.output_slots, strict=True):
        if slot == row.slot:
            text += f" = {to_text(Name.of(name).tree())}"
    form = form_of(row, DIGITS)
    return text if form is None else f"{text}  {form.symbol}"


def _add_box(picture: Graph, identity: str, lines: list[str], dashed: bool = False) -> None:
    # A size with room to spare: the engine knows neither every glyph nor the reader's font.
    width = 0.105 * max(len(line) for line in lines) + 0.3
    picture.node(
        identity,
        "\n".join(lines),
        id=identity,
        width=f"{max(width, 0.8):.3f}",
        height=f"{0.22 * len(lines) + 0.2:.3f}",
        style="rounded,filled,dashed" if dashed else "rounded,filled",
    )


def _sweep(trace: Trace, which: str, seed: Any, digits: int) -> dict[int, str]:
    """Return each row's tangent or adjoint as text, by slot."""
    if which == "forward":
        chosen = trace.input_names[0] if seed is None else seed
        dots = {step.row: step.tangent for step in trace.forward(chosen)}
        return {row.slot: _equation(row, DOT, dot, digits) for row, dot in dots.items()}
    if which == "reverse":
        chosen = trace.output_names[0] if seed is None else seed
        bars = {step.row: step.adjoint for step in trace.reverse(chosen)}
        return {row.slot: _equation(row, BAR, bar, digits) for row, bar in bars.items()}
    return {}


def _equation(row: Row, accent: Any, number: Any, digits: int) -> str:
    return f"{to_text(row_name(row, accent).tree())} = {_brief(number, digits)}"


def _brief(number: Any, digits: int) -> str:
    """Return a number as it fits into a box, a larger array by its shape."""
    if not isinstance(number, np.ndarray):
        return format_number(number, digits)
    text = format_number(number, min(digits, ARRAY_DIGITS))
    return text if is_short(number) and len(text) <= _BOX_CHARACTERS else shape_text(number)


def _boxes(trace: Trace, calls: list[Group]) -> list[int]:
    """Return the box each row is drawn in: its own slot, or ~k where calls[k] is folded."""
    boxes = list(range(len(trace.rows)))
    numbers = {(call.start, call.stop): k for k, call in enumerate(calls)}
    for group in folds(tuple(call for call in calls if call.depth == 0)):
        boxes[group.start : group.stop] = [~numbers[group.start, group.stop]] * len(group)
    return boxes


def _box_id(trace: Trace, box: int) -> str:
    return f"call{~box}" if box < 0 else f"v{trace.rows[box].index}"


@dataclass(frozen=True)
class Layout:
    """Where a graph's boxes and edges lie, in points from the top left corner.

    Attributes
    ----------
    width, height : float
    nodes : list of (slot, x, y, width, height)
        Centres and sizes.
    edges : list of (slot of the operand, slot of its user, operand, points)
        Points of cubic Bézier curves that share their ends.
    """

    width: float
    height: float
    nodes: list[tuple[int, float, float, float, float]]
    edges: list[tuple[int, int, int, list[tuple[float, float]]]]


def layout(trace: Trace) -> Layout:
    """Lay out the graph of a trace from top to bottom, a card for each row.

    Raises
    ------
    GraphError
        If it has more than ``LAY_OUT_UP_TO`` rows, or no engine is installed: then the player lays
        it out itself.
    """
    count = len(trace.rows)
    if _engine_path() is None:
        raise GraphError("No layout engine for graphs is installed.")
    if count > LAY_OUT_UP_TO:
        raise GraphError(
            f"The graph of these {count:,} rows takes long to lay out; that is done up to "
            f"{LAY_OUT_UP_TO} rows."
        )
    picture = Graph(trace.function_name)
    picture.attr(rankdir="TB", nodesep=_inches(26), ranksep=_inches(42))
    picture.attr("node", shape="box", fixedsize="true", label="", height=_inches(_CARD_HEIGHT))
    picture.attr("edge", arrowsize="0.7")
    boxes = list(range(count))
    for row in trace.rows:
        picture.node(_box_id(trace, row.slot), width=_inches(_card_width(row, trace)))
    _add_edges(picture, trace, "primal", boxes, DIGITS)
    placed = json.loads(picture.pipe(format="json", encoding="utf-8"))
    _, _, width, height = (float(number) for number in placed["bb"].split(","))
    first = trace.inputs[0].index if trace.inputs else 1
    boxes = [int(node["name"].removeprefix("v")) - first for node in placed["objects"]]
    nodes = []
    for box, node in zip(boxes, placed["objects"], strict=True):
        x, y = (float(number) for number in node["pos"].split(","))
        w, h = float(node["width"]) * _POINTS_PER_INCH, float(node["height"]) * _POINTS_PER_INCH
        nodes.append((box, _round(x), _round(height - y), _round(w), _round(h)))
    edges = []
    for edge in placed.get("edges", []):
        operand = int(edge["id"].rsplit("-", 1)[1])
        points = _curve(edge["pos"], height)
        edges.append((boxes[edge["tail"]], boxes[edge["head"]], operand, points))
    return Layout(_round(width), _round(height), nodes, edges)


def _card_width(row: Row, trace: Trace) -> float:
    """Return the width of a card of the player, by its title."""
    text = title(row, trace)
    if row.slot >= trace.tape.input_count and row.source is not None and row.source.name:
        text += f" = {row.source.name}"
    shape = np.shape(row.value)
    if shape:
        text += f" {shape_text(row.value)}"
    narrowest, widest = _CARD_WIDTHS
    return min(widest, max(narrowest, 7.4 * len(text) + 22))


def _inches(points: float) -> str:
    return f"{points / _POINTS_PER_INCH:.4f}"


def _curve(position: str, height: float) -> list[tuple[float, float]]:
    """Return the points of Graphviz's "e,x,y x,y ...", where "e" marks the tip of the arrow."""
    points: list[tuple[float, float]] = []
    tip: list[tuple[float, float]] = []
    for part in position.split():
        x, y = (float(number) for number in part.removeprefix("e,").split(","))
        (tip if part.startswith("e,") else points).append((_round(x), _round(height - y)))
    if tip:
        points[-1] = tip[0]
    return points


def _round(number: float) -> float:
    return round(number, 2)
