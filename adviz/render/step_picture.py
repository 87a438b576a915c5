"""The picture of one step: source, graph, formula and running sum, drawn by matplotlib.

It has the shape of a slide. One drawing serves every format; letters are drawn as outlines of
matplotlib's own fonts, so that it looks the same everywhere.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from types import CodeType
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.figure import ACTIVE, FORWARD, INK, REVERSE, SOFT, Figure, drawing
from adviz.host import checks
from adviz.host.source import function_lines
from adviz.render.math_tree import BAR, DOT, Name, Tree, number_tree, to_text
from adviz.render.number import ARRAY_DIGITS, check_digits, format_number, is_short, shape_text
from adviz.render.outlines import MONOSPACE, latex_of, plain, width_of, write
from adviz.render.pass_steps import Progress, Step, pass_steps, progress
from adviz.render.row_formulas import form_of
from adviz.render.step_graph import CARD_HEIGHT, CARD_WIDTH, Edge, Placed, Point, place
from adviz.render.table import (
    checked_pass,
    contribution_cells,
    primal_cells,
    row_name,
    tangent_cells,
)

__all__ = ["HEIGHT", "WIDTH", "Pictures"]

WIDTH, HEIGHT = 720.0, 405.0
"""The size of a picture in points: 16 to 9, as slides are."""

_MARGIN = 22.0
_TOP, _FORMULA = 46.0, 312.0
"""Where the source and the graph begin, and where the formula does."""

_GRAPH_LEFT = 322.0
_PALE = {"primal": "#F4F4F2", "forward": "#EEF5FA", "reverse": "#FBF3EE"}
_COLORS = {"primal": "#4A4C48", "forward": FORWARD, "reverse": REVERSE}
_ACTIVE_PALE, _EDGE, _RULE, _BAND = "#FFF1CC", "#8C8E8A", "#D9DAD6", "#F7F7F6"

_MAX_SOURCE_LINES = 13
_MONOSPACE = 0.602
"""The width of a letter of DejaVu Sans Mono, in heights."""

_MAX_INPUTS_NAMED = 4


class Pictures:
    """The pictures of one pass of a trace.

    Parameters
    ----------
    trace : Trace
    which : str
    seed : optional
        As for :meth:`adviz.Trace.table`.
    digits : int
    """

    def __init__(self, trace: Trace, which: str, seed: Any, digits: int) -> None:
        check_digits(digits)
        self.which = checked_pass(which)
        self.trace = trace
        self._digits = digits
        self._seeds: list[Any] = []
        if which == "forward":
            self._seeds = trace.input_seeds(trace.input_names[0] if seed is None else seed)
        elif which == "reverse":
            self._seeds = trace.output_seeds(trace.output_names[0] if seed is None else seed)
        self.steps = pass_steps(trace, which, self._seeds)

    def checked_step(self, number: Any, name: str = "step", least: int = 1) -> int:
        """Return the number of a step if there is such a step.

        Raises
        ------
        InputError
        """
        return checks.count(number, name, least=least, most=len(self.steps))

    def draw(self, number: int) -> Figure:
        """Return the picture of a step, counted from 1."""
        step = self.steps[number - 1]
        words = f"step {number} of {len(self.steps)} of the {self.which} pass"
        equation = " ".join(to_text(part).strip() for part in self._parts(step))
        description = f"{self.trace.function_name}, {words}: {equation}"
        with drawing(description, width=WIDTH / 72, height=HEIGHT / 72) as (figure, (axes,)):
            figure.set_layout_engine("none")
            axes.set_position((0, 0, 1, 1))
            axes.set_xlim(0, WIDTH)
            axes.set_ylim(HEIGHT, 0)
            axes.axis("off")
            self._draw_header(axes, number)
            self._draw_source(axes, step)
            self._draw_graph(axes, number)
            self._draw_formula(axes, number)
        return figure

    @property
    def _color(self) -> str:
        return _COLORS[self.which]

    @cached_property
    def _derivatives(self) -> dict[int, Any]:
        """Each row's tangent or adjoint by slot, when the pass is over."""
        return {step.row.slot: step.after for step in self.steps}

    def _brief(self, number: Any, most_digits: int = 17) -> str:
        digits = min(self._digits, most_digits)
        if not isinstance(number, np.ndarray):
            return format_number(number, digits)
        text = format_number(number, min(digits, ARRAY_DIGITS))
        return text if is_short(number) and len(text) <= 9 else shape_text(number)

    # The header

    def _draw_header(self, axes: Axes, number: int) -> None:
        names = {"primal": "Primal trace", "forward": "Forward pass", "reverse": "Reverse pass"}
        where = f"{names[self.which]}, step {number} of {len(self.steps)}"
        right = write(axes, WIDTH - _MARGIN, 24, where, size=11, color=SOFT, ha="right")
        title = self._call()
        size = 14.0
        while (width := width_of(title, size)) > right - 2 * _MARGIN and size > 9:
            size -= 1
        if width > right - 2 * _MARGIN:
            title = self.trace.function_name
        write(axes, _MARGIN, 24, title, size=size)
        axes.plot([0, WIDTH], [_TOP - 6] * 2, color=_RULE, linewidth=0.8)

    def _call(self) -> str:
        """Return the call and its result: f(x₁ = 3, x₂ = −4) = −17.0986."""
        shown = list(self.trace.inputs)[:_MAX_INPUTS_NAMED]
        arguments = [
            f"${_latex(Name.of(row.name or 'x').tree())}$ = {plain(self._brief(row.value))}"
            for row in shown
        ]
        if len(self.trace.inputs) > len(shown):
            arguments.append("…")
        results = [plain(self._brief(row.value)) for row in self.trace.outputs]
        result = ", ".join(results[:2] + ["…"] * (len(results) > 2))
        return f"{plain(self.trace.function_name)}({', '.join(arguments)}) = {result}"

    # The source

    def _draw_source(self, axes: Axes, step: Step) -> None:
        code = self._code_of(step.user)
        if code is None:
            return
        first, lines = function_lines(code)
        source = step.user.source
        indent = min((len(s) - len(s.lstrip()) for s in lines if s.strip()), default=0)
        active = 0 if source is None else source.line - first
        start = 0
        if len(lines) > _MAX_SOURCE_LINES:
            centred = active - _MAX_SOURCE_LINES // 2
            start = min(max(0, centred), len(lines) - _MAX_SOURCE_LINES)
        shown = [text[indent:] for text in lines[start : start + _MAX_SOURCE_LINES]]
        room = _GRAPH_LEFT - 2 * _MARGIN - 8
        longest = max(map(len, shown), default=1)
        size = max(7.0, min(12.0, room / (_MONOSPACE * max(longest, 1))))
        letters = int(room / (_MONOSPACE * size))
        letter, height = _MONOSPACE * size, size * 1.6
        top = _TOP + 14

        def middle(line: int) -> float:
            return top + (line - start) * height

        if source is not None and source.column is not None and source.end_column is not None:
            for line in range(active, source.end_line - first + 1):
                if not start <= line < start + len(shown):
                    continue
                text = shown[line - start]
                begin = source.column - indent if line == active else _indent(text)
                is_last = line == source.end_line - first
                end = source.end_column - indent if is_last else len(text.rstrip())
                begin, end = min(begin, letters), min(end, letters)
                left, width = _MARGIN + 20 + begin * letter, (end - begin) * letter
                box = (left - 1.5, middle(line) - height / 2 + 1.2)
                axes.add_artist(
                    Rectangle(box, width + 3, height - 2.4, color=_ACTIVE_PALE, linewidth=0)
                )
                under = box[1] + height - 2.4
                axes.plot([box[0], box[0] + width + 3], [under] * 2, color=ACTIVE, linewidth=1.6)
        for k, text in enumerate(shown):
            y = middle(start + k)
            number = str(first + start + k)
            style: dict[str, Any] = {"family": MONOSPACE, "size": size - 2, "color": SOFT}
            write(axes, _MARGIN + 12, y, number, ha="right", **style)
            cut = text if len(text) <= letters else text[: letters - 1] + "…"
            write(axes, _MARGIN + 20, y, cut.replace("\t", " "), size=size, family=MONOSPACE)

    def _code_of(self, row: Row) -> CodeType | None:
        places = self.trace.tape.places
        call = places.call_of(row.slot)
        if call is not None:
            return places.call_codes[call]
        code = getattr(inspect.unwrap(self.trace.function), "__code__", None)
        return code if isinstance(code, CodeType) else None

    # The graph

    def _draw_graph(self, axes: Axes, number: int) -> None:
        step, known = self.steps[number - 1], progress(self.steps, number)
        left, top = _GRAPH_LEFT, _TOP + 6
        room = WIDTH - _MARGIN - left, _FORMULA - 10 - top
        placed = place(self.trace, step, *room)
        drawn = _Graph(axes, placed, left, top, *room)
        hidden = len(self.trace.rows) - len(placed.cards)
        if hidden:
            note = f"{len(placed.cards)} of {len(self.trace.rows):,} rows"
            write(axes, WIDTH - _MARGIN, _FORMULA - 12, note, size=8.5, color=SOFT, ha="right")
        is_used = self._uses_until(number)
        active: Edge | None = None
        for edge in placed.edges:
            is_active = self._is_active(edge, step)
            active = edge if is_active and self.which == "reverse" else active
            used = (edge.head, edge.operand) in is_used
            color = self._color if used else _EDGE
            backwards = self.which == "reverse" and used
            drawn.edge(edge, color, 2.6 if is_active else 1.1, backwards)
        for slot in placed.cards:
            self._draw_card(drawn, self.trace.rows[slot], step, known.get(slot))
        if active is not None:
            product = contribution_cells(step.user, active.operand, step.amount, self._digits)[0]
            assert product is not None
            text = f"${_latex(product)}$ = {plain(self._brief(step.amount))}"
            drawn.label(active, text, self._color)

    def _uses_until(self, number: int) -> set[tuple[int, int]]:
        """Return the edges, as (user, operand), that the sweep has used."""
        if self.which == "reverse":
            return {(s.user.slot, s.operand) for s in self.steps[:number] if s.operand is not None}
        rows = (step.row for step in self.steps[:number])
        return {(row.slot, k) for row in rows for k in range(len(row.operands))}

    def _is_active(self, edge: Edge, step: Step) -> bool:
        if self.which == "reverse":
            return (edge.head, edge.operand) == (step.user.slot, step.operand)
        return edge.head == step.user.slot

    def _draw_card(self, drawn: _Graph, row: Row, step: Step, known: Progress | None) -> None:
        is_active = row == step.row
        fill = _PALE[self.which] if known is not None and known.is_complete else "white"
        halves = self.which != "primal"
        drawn.card(row.slot, _ACTIVE_PALE if is_active else fill, is_active, halves)
        drawn.title(row.slot, self._title(row))
        reads_value, reads_derivative = self._reads(row, step)
        if self.which == "primal":
            if known is not None:
                drawn.number(row.slot, 0.5, self._texts(row.value), INK, reads_value)
            return
        drawn.number(row.slot, 0.25, self._texts(row.value), INK, reads_value)
        if known is not None:
            more = "" if known.is_complete else " …"
            texts = [text + more for text in self._texts(known.number)]
            drawn.number(row.slot, 0.75, texts, self._color, reads_derivative, bold=True)

    def _texts(self, number: Any) -> list[str]:
        """Return a number with all its digits, and with four, which fit where those do not."""
        return [self._brief(number), self._brief(number, 4)]

    def _reads(self, row: Row, step: Step) -> tuple[bool, bool]:
        """Return whether a step reads the value of a row, and its tangent or adjoint."""
        user = step.user
        operands = [o for o in user.operands if isinstance(o, Row)]
        if self.which == "primal":
            return row in operands, False
        if self.which == "forward":
            terms = [k for k, o in enumerate(user.operands) if isinstance(o, Row)]
            return any(self._is_in_term(user, k, row) for k in terms), row in operands
        if step.operand is None:
            return False, False
        return self._is_in_term(user, step.operand, row), row == user

    def _is_in_term(self, user: Row, k: int, row: Row) -> bool:
        """Return whether the term of operand k names the value of a row."""
        form = form_of(user, self._digits)
        term = None if form is None else form.terms[k]
        if term is None:
            return False
        slots = set(_slots(term.body))
        named = {str(j): operand for j, operand in enumerate(user.operands)} | {"v": user}
        return any(operand == row for name, operand in named.items() if name in slots)

    def _title(self, row: Row) -> str:
        name = _latex(row_name(row).tree())
        if row.slot < self.trace.tape.input_count:
            return f"${name} = {_latex(Name.of(row.name or 'x').tree())}$"
        for output, slot in zip(self.trace.output_names, self.trace.output_slots, strict=True):
            if slot == row.slot:
                name += f" = {_latex(Name.of(output).tree())}"
        form = form_of(row, self._digits)
        return f"${name}$" + ("" if form is None else f"  {plain(form.symbol)}")

    # The formula, and the running sum

    def _draw_formula(self, axes: Axes, number: int) -> None:
        step = self.steps[number - 1]
        axes.add_artist(
            Rectangle((0, _FORMULA), WIDTH, HEIGHT - _FORMULA, color=_BAND, linewidth=0)
        )
        axes.plot([0, WIDTH], [_FORMULA] * 2, color=_RULE, linewidth=0.8)
        right = self._draw_sum(axes, step) if self.which == "reverse" else WIDTH - _MARGIN
        parts = [f"${_latex(part)}$" for part in self._parts(step)]
        size, lines = _broken(parts, right - _MARGIN - 18)
        middle = (_FORMULA + HEIGHT - 8) / 2
        for k, line in enumerate(lines):
            y = middle + (k - (len(lines) - 1) / 2) * size * 2
            write(axes, _MARGIN, y, line, size=size, color=self._color)
        self._draw_progress(axes, number)

    def _parts(self, step: Step) -> list[Tree]:
        """Return the formula of a step, apart before each sign of equality."""
        row, digits = step.row, self._digits
        result = _result(step.after, digits)
        if self.which == "reverse":
            return self._reverse_parts(step)
        if self.which == "primal":
            _, symbols, numbers, _ = primal_cells(row, digits)
            return _without_repeats(row_name(row).tree(), [symbols, numbers, result])
        dots = _Tangents(self._derivatives)
        symbols, numbers = tangent_cells(row, dots, digits)
        return _without_repeats(row_name(row, DOT).tree(), [symbols, numbers, result])

    def _reverse_parts(self, step: Step) -> list[Tree]:
        bar = row_name(step.row, BAR).tree()
        sign: Tree = ["mo", "=" if step.before is None else _PLUS_EQUALS]
        amount = _result(step.amount, self._digits)
        if step.operand is None:
            assert step.output is not None
            seeded = Name.of(self.trace.output_names[step.output], BAR).tree()
            return [["mrow", bar, sign, seeded], ["mrow", ["mo", "="], amount]]
        carrier = row_name(step.user, BAR).tree()
        top, bottom = (["mi", f"∂{row.label}"] for row in (step.user, step.row))
        has_partial = form_is_product(step.user)
        chain: Tree = ["mrow", carrier, ["times"], ["mfrac", top, bottom]]
        adjoint = self._derivatives[step.user.slot]
        symbols, numbers = contribution_cells(step.user, step.operand, adjoint, self._digits)
        terms = [chain, symbols, numbers, amount] if has_partial else [symbols, amount]
        parts = _without_repeats(bar, terms)
        parts[0] = ["mrow", bar, sign, terms[0] or amount]
        return parts

    def _draw_sum(self, axes: Axes, step: Step) -> float:
        """Draw the boxes before + this use = after; return where they begin."""
        right, y = WIDTH - _MARGIN, (_FORMULA + HEIGHT - 8) / 2
        if step.before is None:
            return right
        boxes = [("before", step.before, INK), ("this use", step.amount, INK)]
        boxes.append(("after", step.after, self._color))
        for k, (title, number, color) in enumerate(reversed(boxes)):
            text = plain(self._brief(number))
            width = max(width_of(text, 11) + 18, 58)
            left = right - width
            axes.add_artist(
                FancyBboxPatch(
                    (left + 4, y - 15),
                    width - 8,
                    30,
                    boxstyle="round,pad=4,rounding_size=4",
                    facecolor="white",
                    edgecolor=self._color if k == 0 else _RULE,
                    linewidth=1.2 if k == 0 else 0.8,
                )
            )
            write(axes, left + 7, y - 8, title, size=8, color=SOFT)
            weight = "bold" if k == 0 else "normal"
            write(axes, left + 7, y + 8, text, size=11, color=color, weight=weight)
            if k < len(boxes) - 1:
                write(axes, left - 11, y, "=" if k == 0 else "+", size=12, ha="center")
            right = left - 22
        return right

    def _draw_progress(self, axes: Axes, number: int) -> None:
        """Draw how far the pass has come, along the lower edge."""
        y, length = HEIGHT - 4, WIDTH * number / len(self.steps)
        axes.plot([0, WIDTH], [y + 2] * 2, color=_RULE, linewidth=4, solid_capstyle="butt")
        axes.plot([0, length], [y + 2] * 2, color=self._color, linewidth=4, solid_capstyle="butt")


class _Graph:
    """Draws cards and edges where they were laid out, centred in the room that there is."""

    def __init__(
        self, axes: Axes, placed: Placed, left: float, top: float, width: float, height: float
    ) -> None:
        self._axes = axes
        self._placed = placed
        self._scale = placed.scale
        self._left = left + (width - placed.width * placed.scale) / 2
        self._top = top + (height - placed.height * placed.scale) / 2
        self._room = left, top, left + width, top + height

    def _at(self, point: Point) -> Point:
        return self._left + point[0] * self._scale, self._top + point[1] * self._scale

    def _corner(self, slot: int) -> tuple[float, float, float, float]:
        """Return the left, the top, the width and the height of a card."""
        x, y = self._at(self._placed.cards[slot])
        width, height = CARD_WIDTH * self._scale, CARD_HEIGHT * self._scale
        return x - width / 2, y - height / 2, width, height

    def card(self, slot: int, fill: str, is_active: bool, halves: bool) -> None:
        x, y, width, height = self._corner(slot)
        radius = 4 * self._scale
        self._axes.add_artist(
            FancyBboxPatch(
                (x + radius, y + radius),
                width - 2 * radius,
                height - 2 * radius,
                boxstyle=f"round,pad={radius},rounding_size={radius}",
                facecolor=fill,
                edgecolor=ACTIVE if is_active else "#6B6D69",
                linewidth=2.2 if is_active else 0.9,
                zorder=3,
            )
        )
        color = ACTIVE if is_active else _RULE
        middle = y + height / 2
        self._axes.plot([x, x + width], [middle] * 2, color=color, linewidth=0.7, zorder=4)
        if halves:
            centre = x + width / 2
            self._axes.plot(
                [centre] * 2, [middle, y + height], color=color, linewidth=0.7, zorder=4
            )

    def title(self, slot: int, text: str) -> None:
        x, y, width, height = self._corner(slot)
        size = 10.5 * self._scale
        while width_of(text, size) > width - 6 and size > 5:
            size *= 0.93
        write(self._axes, x + width / 2, y + height * 0.25, text, size=size, ha="center", zorder=5)

    def number(
        self,
        slot: int,
        across: float,
        texts: list[str],
        color: str,
        is_read: bool,
        bold: bool = False,
    ) -> None:
        """Write a number, in the first of some ways that fits, into the lower half of a card.

        It has a ring if the step reads it.
        """
        x, y, width, height = self._corner(slot)
        at = x + width * across, y + height * 0.75
        room = width * (0.5 if across != 0.5 else 1) - 7 * self._scale
        size, weight = 9 * self._scale, "bold" if bold else "normal"
        for text in map(plain, texts):
            if (needed := width_of(text, size, weight)) <= room:
                break
        while needed > room and size > 4:
            size *= 0.95
            needed = width_of(text, size, weight)
        if is_read:
            self._axes.add_artist(
                FancyBboxPatch(
                    (at[0] - needed / 2, at[1] - height * 0.13),
                    needed,
                    height * 0.26,
                    boxstyle=f"round,pad={2.2 * self._scale},rounding_size={3 * self._scale}",
                    facecolor=_ACTIVE_PALE,
                    edgecolor=ACTIVE,
                    linewidth=1.2,
                    zorder=4,
                )
            )
        write(self._axes, *at, text, size=size, color=color, weight=weight, ha="center", zorder=5)

    def edge(self, edge: Edge, color: str, line_width: float, backwards: bool) -> None:
        points = [self._at(point) for point in edge.points]
        if backwards:
            points = points[::-1]
        tip, before = np.array(points[-1]), np.array(points[-2])
        direction = (tip - before) / (np.hypot(*(tip - before)) or 1)
        length, half = (8.5, 3.4) if line_width < 2 else (11.0, 5.0)
        base = tip - direction * length * 0.9
        points[-1] = (float(base[0]), float(base[1]))
        zorder = 2 if line_width > 2 else 1
        codes = [Path.MOVETO, *[Path.CURVE4] * (len(points) - 1)]
        self._axes.add_artist(
            PathPatch(
                Path(points, codes),
                facecolor="none",
                edgecolor=color,
                linewidth=line_width,
                zorder=zorder,
            )
        )
        across = np.array([-direction[1], direction[0]]) * half
        back = tip - direction * length
        corners = [tip, back + across, back - across]
        self._axes.add_artist(
            Polygon(corners, closed=True, color=color, linewidth=0, zorder=zorder)
        )

    def label(self, edge: Edge, text: str, color: str) -> None:
        """Write beside the middle of an edge, where the label covers least."""
        size = max(8.0, 10 * self._scale)
        width, height = width_of(text, size), size * 1.5
        curve = self._along(edge)
        found: list[tuple[float, float, float]] = []
        for t in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74):
            x, y = curve[int(t * (len(curve) - 1))]
            for side in (-1, 1):
                for gap in (5, 14):
                    left = x + gap if side > 0 else x - gap - width
                    cost = self._covered(left, y - height / 2, width, height, edge)
                    found.append((cost + abs(t - 0.5) + gap / 50, left, y))
        _, left, y = min(found)
        corner = (left - 1, y - size * 0.6)
        background: dict[str, Any] = {"color": "white", "alpha": 0.85, "linewidth": 0, "zorder": 5}
        self._axes.add_artist(Rectangle(corner, width + 2, size * 1.2, **background))
        write(self._axes, left, y, text, size=size, color=color, zorder=6)

    def _along(self, edge: Edge) -> list[Point]:
        """Return points along an edge."""
        points = np.array([self._at(point) for point in edge.points])
        t = np.linspace(0, 1, 24)[:, None]
        pieces = []
        for k in range(0, len(points) - 3, 3):
            a, b, c, d = points[k : k + 4]
            part = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
            pieces.append(part)
        return [(float(x), float(y)) for x, y in np.vstack(pieces)]

    def _covered(self, x: float, y: float, width: float, height: float, own: Edge) -> float:
        """Return how bad a place for a label is: what it would cover, and leave the picture by."""
        left, top, right, bottom = self._room
        cost = 40.0 * (x < left or y < top or x + width > right or y + height > bottom)
        for slot in self._placed.cards:
            a, b, w, h = self._corner(slot)
            across = min(x + width, a + w + 3) - max(x, a - 3)
            down = min(y + height, b + h + 3) - max(y, b - 3)
            cost += 20 + across * down / 20 if across > 0 and down > 0 else 0
        for edge in self._placed.edges:
            points = self._along(edge)
            hits = sum(x < a < x + width and y < b < y + height for a, b in points)
            cost += hits * (2 if edge is own else 1)
        return cost


class _Tangents(list[Any]):
    """The tangents by slot, of all rows."""

    def __init__(self, tangents: dict[int, Any]) -> None:
        super().__init__(tangents[slot] for slot in range(len(tangents)))


def form_is_product(row: Row) -> bool:
    """Return whether a row carries adjoints back by a product with a local partial."""
    return all(partial is not None for partial in row.partials)


def _slots(tree: Tree) -> Iterator[str]:
    if tree[0] == "slot":
        yield tree[1]
    for part in tree[1:]:
        if isinstance(part, list):
            yield from _slots(part)


def _result(number: Any, digits: int) -> Tree:
    """Return a number as a math tree, an array as its description in words."""
    return (
        ["mtext", format_number(number, digits)] if np.ndim(number) else number_tree(number, digits)
    )


def _without_repeats(left: Tree, sides: list[Tree | None]) -> list[Tree]:
    """Return left = side, = side, ... without a side that repeats the one before."""
    kept: list[Tree] = []
    for side in sides:
        if side is not None and (not kept or to_text(side) != to_text(kept[-1])):
            kept.append(side)
    first, *rest = kept
    return [["mrow", left, ["mo", "="], first], *(["mrow", ["mo", "="], side] for side in rest)]


_PLUS_EQUALS = " += "
_DIFFERENTIAL = re.compile(r"\\operatorname\{∂(v_\{-?\d+\})\}")  # ∂v₁, one name in plain text


def _latex(tree: Tree) -> str:
    text = latex_of(tree).replace(_PLUS_EQUALS, r"\;\text{+=}\;")
    return _DIFFERENTIAL.sub(r"\\partial \1", text)


def _broken(parts: list[str], room: float) -> tuple[float, list[str]]:
    """Return the largest size at which a formula fits into two lines, and the lines."""
    for size in (21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0):
        lines = [""]
        for part in parts:
            longer = f"{lines[-1]} {part}".strip()
            if lines[-1] and width_of(longer, size) > room:
                lines.append(f"    {part}")
            else:
                lines[-1] = longer
        if len(lines) <= (1 if size > 17 else 2) and all(
            width_of(line, size) <= room for line in lines
        ):
            return size, lines
    return size, lines[:1] + lines[-1:] if len(lines) > 1 else lines


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())
