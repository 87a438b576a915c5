"""A Jacobian as a table: the entries that passes have found, or a product with a vector.

The HTML needs neither a script nor a trusted notebook: an entry opens to show the paths that it
is the sum of.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from adviz.costs.passes import Mode, Pass, Passes
from adviz.costs.paths import Path, PathGraph
from adviz.render.math_tree import Name, to_html, to_text
from adviz.render.number import DIGITS, format_number
from adviz.render.table import row_name

__all__ = ["JacobianTable", "Note", "path_text"]

_MAX_PATHS_LISTED = 8
"""The most paths that the cell of an entry lists."""

_MAX_PATH_LENGTH = 9
"""The longest path, in rows, that is written in full; of a longer one, its two ends."""

_PASS_NAMES = {"forward": "forward pass", "reverse": "reverse pass"}

# Translucent, to suit light and dark pages; each mode has its line style too.
_HIGHLIGHTS = {
    "forward": "background:rgba(0,114,178,.16);border:1px solid #5B8FB0",
    "reverse": "background:rgba(213,94,0,.16);border:1px dashed #C98A5E",
}
_CELL = "padding:4px 10px;text-align:right;vertical-align:top;border:1px solid rgba(128,128,128,.4)"
_HEAD = "padding:4px 10px;text-align:center;vertical-align:bottom;white-space:nowrap"
_BARE = "padding:2px 8px;text-align:center;vertical-align:middle;background:none"


class Note:
    """A few sentences that display themselves in a notebook.

    Examples
    --------
    >>> Note("no paths")
    no paths
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        lines = "<br>".join(html.escape(line) for line in self.text.splitlines())
        return f"<p>{lines}</p>" if lines else ""


class JacobianTable:
    """The entries of a Jacobian that passes have found, or its product with a vector.

    Parameters
    ----------
    passes : Passes
        Of a trace of numbers.
    product : tuple of Mode, r and the result, optional
        "forward" for J r, "reverse" for rᵀ J.
    digits : int

    Examples
    --------
    >>> import adviz as ad
    >>> passes = Passes(ad.trace(lambda x1, x2: (x1 * x2, x1 + x2), 3, -4))
    >>> pushed = passes.forward(1)
    >>> JacobianTable(passes)
          x₁  x₂
      y₁   ?   3
      y₂   ?   1
    Known: 2 of 4 entries, from 1 forward pass.
    """

    def __init__(
        self,
        passes: Passes,
        product: tuple[Mode, Any, Any] | None = None,
        digits: int = DIGITS,
    ) -> None:
        self.passes = passes
        self.product = product
        self.digits = digits

    @cached_property
    def _graph(self) -> PathGraph:
        return PathGraph(self.passes.trace)

    @property
    def summary(self) -> str:
        """A sentence that says what is known, and from how many passes."""
        modes = [one.mode for one in self.passes.made]
        if self.product is not None:
            mode = self.product[0]
            name = "J r" if mode == "forward" else "rᵀ J"
            return f"{name}, from 1 {_PASS_NAMES[mode]}. No entry of J is known."
        size = self.passes.known.size
        known = f"Known: {self.passes.known.sum()} of {size} {'entry' if size == 1 else 'entries'}"
        counts = [
            f"{modes.count(mode)} {name}{'' if modes.count(mode) == 1 else 'es'}"
            for mode, name in _PASS_NAMES.items()
            if mode in modes
        ]
        return f"{known}, from {' and '.join(counts)}." if counts else f"{known}."

    def __repr__(self) -> str:
        trace = self.passes.trace
        rows = [["", *(_text(name) for name in trace.input_names)]]
        for i, name in enumerate(trace.output_names):
            rows.append([_text(name), *(self._entry(i, j) for j in range(self.passes.n))])
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        lines = [
            "  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        ]
        if self.product is not None:
            mode, r, result = self.product
            name = "J r" if mode == "forward" else "rᵀ J"
            lines.append(f"r = {self._vector(r)}")
            lines.append(f"{name} = {self._vector(result)}")
        return "\n".join([*lines, self.summary])

    def _repr_html_(self) -> str:
        matrix = self._matrix()
        if self.product is not None:
            mode, r, result = self.product
            matrix = self._product(matrix, mode, r, result)
        return f'<div style="overflow-x:auto">{matrix}</div><p>{html.escape(self.summary)}</p>'

    def _matrix(self) -> str:
        trace, passes = self.passes.trace, [] if self.product else self.passes.made
        at = {(one.mode, one.which): k for k, one in enumerate(passes, 1)}
        heads = ["<td></td>"]
        for j, name in enumerate(trace.input_names):
            badge = _badge(at.get(("forward", j)), "↓")
            heads.append(f'<th scope="col" style="{_HEAD}">{_html(name)}{badge}</th>')
        lines = [heads]
        for i, name in enumerate(trace.output_names):
            badge = _badge(at.get(("reverse", i)), "←")
            head = f'<th scope="row" style="{_HEAD}">{_html(name)}{badge}</th>'
            lines.append([head, *(self._cell(i, j, passes) for j in range(self.passes.n))])
        return _table(lines)

    def _cell(self, i: int, j: int, passes: Sequence[Pass]) -> str:
        if not self._is_known(i, j):
            return f'<td style="{_CELL}" title="not known yet">?</td>'
        last = next(
            one for one in reversed(passes) if one.which == (j if one.mode == "forward" else i)
        )
        style = f"{_CELL};{_HIGHLIGHTS[last.mode]}"
        return f'<td style="{style}">{self._entry(i, j)}{self._paths(i, j)}</td>'

    def _paths(self, i: int, j: int) -> str:
        trace, graph = self.passes.trace, self._graph
        target = trace.output_slots[i]
        count = graph.count(j, target)
        if count == 0:
            return '<div style="font-size:smaller">no path</div>'
        listed = [
            path_text(trace, path, self.digits)
            for path in graph.paths(j, target, most=_MAX_PATHS_LISTED)
        ]
        if count > _MAX_PATHS_LISTED:
            listed.append(f"… and {count - _MAX_PATHS_LISTED:,} more")
        lines = "".join(f"<div>{html.escape(line)}</div>" for line in listed)
        hover = html.escape("\n".join(listed))
        return (
            f'<details style="font-size:smaller;text-align:left;white-space:nowrap">'
            f'<summary title="{hover}" style="line-height:24px">'
            f"{count:,} path{'' if count == 1 else 's'}</summary>{lines}</details>"
        )

    def _product(self, matrix: str, mode: Mode, r: Any, result: Any) -> str:
        result_style = f"{_CELL};{_HIGHLIGHTS[mode]}"
        if mode == "forward":
            parts = [matrix, self._column(r, _CELL), "=", self._column(result, result_style)]
            heads = ["J", "r", "", "J r"]
        else:
            parts = [self._line(r, _CELL), matrix, "=", self._line(result, result_style)]
            heads = ["rᵀ", "J", "", "rᵀ J"]
        top = [f'<th style="{_BARE}">{head}</th>' for head in heads]
        return _table([top, [f'<td style="{_BARE}">{part}</td>' for part in parts]])

    def _column(self, numbers: Any, style: str) -> str:
        return _table([f'<td style="{style}">{self._number(x)}</td>'] for x in numbers)

    def _line(self, numbers: Any, style: str) -> str:
        return _table([[f'<td style="{style}">{self._number(x)}</td>' for x in numbers]])

    def _is_known(self, i: int, j: int) -> bool:
        return self.product is None and bool(self.passes.known[i, j])

    def _entry(self, i: int, j: int) -> str:
        return self._number(self.passes.matrix[i, j]) if self._is_known(i, j) else "?"

    def _number(self, number: Any) -> str:
        return format_number(float(number), self.digits)

    def _vector(self, numbers: Any) -> str:
        return f"({', '.join(map(self._number, numbers))})"


def path_text(trace: Any, path: Path, digits: int = DIGITS) -> str:
    """Return a path as it is written: its rows, the partials between them, their product.

    Examples
    --------
    >>> import adviz as ad
    >>> trace = ad.trace(lambda x1, x2: x1 * x2 + x2, 3.0, -4.0)
    >>> path_text(trace, PathGraph(trace).paths(1, 3)[0])
    'v₀ → v₁ → v₂: 3 · 1 = 3'
    """
    if not path.edges:
        return "the input itself: 1"
    slots = [path.edges[0].tail, *(edge.head for edge in path.edges)]
    rows = " → ".join(_short([to_text(row_name(trace.rows[slot]).tree()) for slot in slots]))
    factors = [format_number(edge.partial, digits) for edge in path.edges]
    factors = [factors[0], *(f"({f})" if f.startswith("−") else f for f in factors[1:])]
    product = format_number(path.product, digits)
    shown = " · ".join(_short(factors))
    return f"{rows}: {shown} = {product}" if len(factors) > 1 else f"{rows}: {product}"


def _short(steps: list[str]) -> list[str]:
    """Return the steps of a path, those in the middle of a long one left out."""
    return (
        steps
        if len(steps) <= _MAX_PATH_LENGTH
        else [*steps[:2], "⋯", *steps[3 - _MAX_PATH_LENGTH :]]
    )


def _table(lines: Iterable[Iterable[str]]) -> str:
    """Return a table of these cells, without the stripes of notebooks, which look like marks."""
    rows = "".join(f'<tr style="background:none">{"".join(cells)}</tr>' for cells in lines)
    spaced = "border-collapse:separate;border-spacing:2px;margin:0"
    return f'<table style="{spaced}"><tbody>{rows}</tbody></table>'


def _badge(number: int | None, arrow: str) -> str:
    if number is None:
        return ""
    return f'<div style="font-size:smaller;font-weight:normal">{arrow} pass {number}</div>'


def _text(name: str) -> str:
    return to_text(Name.of(name).tree())


def _html(name: str) -> str:
    return to_html(Name.of(name).tree())
