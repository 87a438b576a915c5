"""An elimination as a table: its steps, what each costs and adds, and what other orders cost."""

from __future__ import annotations

import html
from collections.abc import Sequence

from adviz.core.rows import label
from adviz.core.trace import Trace
from adviz.costs.elimination import Elimination
from adviz.render.math_tree import Name, to_text
from adviz.render.number import DIGITS, format_number

__all__ = ["EliminationTable"]

_HEADS = ("step", "row taken out", "in × out", "multiplications so far", "edges added")
_MAX_EDGES_NAMED = 3
"""The most added edges of a step that are named one by one; more are only counted."""

_CELL = "padding:3px 10px;text-align:right"


class EliminationTable:
    """The steps of an elimination, those done so far marked, and the totals of other orders.

    Parameters
    ----------
    trace : Trace
    order : sequence of int
        The slots in the order in which they are eliminated.
    done : int
        How many steps have been done.
    totals : dict of str to int
        The multiplications of whole orders, by their names.

    Examples
    --------
    >>> import adviz as ad
    >>> import numpy as np
    >>> trace = ad.trace(lambda x: np.sin(x * x) * x, 0.5)
    >>> EliminationTable(trace, Elimination(trace).order("reverse"), 1, {"forward": 2})
    step  row taken out  in × out  multiplications so far  edges added
    1 ✓              v₂     1 × 1                       1      v₁ → v₃
    2                v₁     1 × 1                       2            –
    Left to take out: v₁. Multiplications of whole orders: forward 2.
    """

    def __init__(
        self, trace: Trace, order: Sequence[int], done: int, totals: dict[str, int]
    ) -> None:
        self.trace = trace
        self.totals = totals
        self.state = Elimination(trace)
        self._lines: list[tuple[str, ...]] = []
        whole = Elimination(trace)
        for k, slot in enumerate(order, 1):
            joined = f"{len(whole.tails(slot))} × {len(whole.heads(slot))}"
            step = whole.eliminate(slot)
            added = ", ".join(f"{self._name(a)} → {self._name(b)}" for a, b in step.fill_in)
            if len(step.fill_in) > _MAX_EDGES_NAMED:
                added = f"{len(step.fill_in)} edges"
            number = f"{k} ✓" if k <= done else f"{k}"
            self._lines.append(
                (number, self._name(slot), joined, f"{whole.multiplications}", added or "–")
            )
            if k <= done:
                self.state.eliminate(slot)
        self.done = done

    @property
    def summary(self) -> str:
        """The rows that are left, or the Jacobian, and what whole orders cost."""
        if self.state.left:
            state = f"Left to take out: {', '.join(map(self._name, self.state.left))}."
        else:
            rows = [
                f"({', '.join(format_number(float(entry), DIGITS) for entry in row)})"
                for row in self.state.jacobian()
            ]
            state = f"What is left is the Jacobian: {', '.join(rows)}."
        totals = ", ".join(f"{name} {count}" for name, count in self.totals.items())
        return f"{state} Multiplications of whole orders: {totals}."

    def __repr__(self) -> str:
        lines = [_HEADS, *self._lines]
        widths = [max(len(line[k]) for line in lines) for k in range(len(_HEADS))]
        table = [
            "  ".join(
                [
                    line[0].ljust(widths[0]),
                    *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True)),
                ]
            )
            for line in lines
        ]
        return "\n".join([*table, self.summary])

    def _repr_html_(self) -> str:
        head = "".join(f'<th style="{_CELL}">{title}</th>' for title in _HEADS)
        rows = []
        for k, line in enumerate(self._lines, 1):
            highlight = ";background:rgba(230,159,0,.22)" if k == self.done else ""
            weight = "" if k <= self.done else ";opacity:.75"
            cells = "".join(
                f'<td style="{_CELL}{weight}">{html.escape(text)}</td>' for text in line
            )
            rows.append(f'<tr style="background:none{highlight}">{cells}</tr>')
        return (
            f'<div style="overflow-x:auto"><table style="margin:0"><thead><tr>{head}</tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table></div><p>{html.escape(self.summary)}</p>"
        )

    def _name(self, slot: int) -> str:
        if slot >= len(self.trace.rows):
            name = self.trace.output_names[slot - len(self.trace.rows)]
            return to_text(Name.of(name).tree())
        return label(slot - self.trace.tape.input_count + 1)
