"""The laboratory of vertex elimination: rows eliminated from a graph in a chosen order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from adviz.costs.elimination import ORDERS, Elimination, order_of
from adviz.host.errors import GraphError, InputError
from adviz.jupyter.jacobian_lab import number_by_number
from adviz.jupyter.laboratory import Laboratory, Slider
from adviz.render.elimination_table import EliminationTable
from adviz.render.marked_graphs import MAX_ROWS, elimination_graph

__all__ = ["EliminationLaboratory", "elimination_lab"]

_MY_OWN = "my own"


def elimination_lab(f: Callable[..., Any], *inputs: Any) -> EliminationLaboratory:
    """Return a laboratory in which rows are eliminated from the graph of f until J is left.

    Eliminating a row costs a multiplication for every pair of an edge in and an edge out, and may
    add edges. You choose the order; forward mode and reverse mode are two orders, and others may
    be cheaper. Griewank and Walther, *Evaluating Derivatives* (2008), chapter 9.

    Parameters
    ----------
    f : callable
        As for :func:`adviz.trace`; its trace has up to 60 rows of numbers.
    *inputs
        The arguments.

    Returns
    -------
    EliminationLaboratory
        A laboratory for a notebook. Its controls, which ``set`` moves too, are ``order``
        ("forward", "reverse", "Markowitz", "cheapest" or "my own"), ``own`` (rows separated by
        commas, "v3, v1") and ``steps``.

    Raises
    ------
    GraphError
        If the trace has more than 60 rows.

    Examples
    --------
    >>> import numpy as np
    >>> lab = elimination_lab(lambda x1, x2: np.sin(x1 * x2) * x2, 3.0, 0.5)
    >>> lab.set(order="my own", own="v1", steps=1)
    >>> lab.shown[0]
    step  row taken out  in × out  multiplications so far       edges added
    1 ✓              v₁     2 × 1                       2  v₋₁ → v₂, v₀ → v₂
    Left to take out: v₂. Multiplications of whole orders: forward 4, ..., cheapest 3.
    """
    return EliminationLaboratory(f, inputs)


class EliminationLaboratory(Laboratory):
    """The laboratory made by :func:`adviz.elimination_lab`.

    Attributes
    ----------
    trace : Trace
    totals : dict of str to int
        The multiplications of each whole order.
    """

    def __init__(self, f: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
        self.trace = number_by_number(f, inputs)
        if len(self.trace.rows) > MAX_ROWS:
            raise GraphError(
                f"{self.trace.function_name} has {len(self.trace.rows):,} rows, and an "
                f"elimination is looked at up to {MAX_ROWS}: use a smaller case."
            )
        whole = Elimination(self.trace)
        self._orders: dict[str, list[int]] = {}
        for name in ORDERS:
            try:
                self._orders[name] = whole.order(name)
            except InputError:  # too many rows to search for the cheapest
                continue
        self.totals = {
            name: Elimination(self.trace).run(order).multiplications
            for name, order in self._orders.items()
        }
        count = len(whole.left)
        controls = {
            "order": ipywidgets.Dropdown(description="Order", options=[*self._orders, _MY_OWN]),
            "own": ipywidgets.Text(
                description="my own", placeholder="v3, v1, v2", continuous_update=False
            ),
            "steps": Slider(
                "Steps", range(count + 1), [f"{k} of {count}" for k in range(count + 1)]
            ),
        }
        rows = ipywidgets.HBox([controls["order"], controls["own"]])
        rows.layout.flex_flow = "row wrap"
        arranged = ipywidgets.VBox([rows, controls["steps"]])
        title = f"vertex elimination in {self.trace.function_name}"
        controls["own"].observe(self._choose_own, "value")
        super().__init__(controls, self._state, title, arranged)

    def _choose_own(self, change: dict[str, Any]) -> None:
        if change["new"].strip():
            self.controls["order"].value = _MY_OWN

    def _state(self, order: str, own: str, steps: int) -> tuple[Any, ...]:
        if order == _MY_OWN:
            names = [name for name in own.split(",") if name.strip()]
            slots = order_of(Elimination(self.trace), names)
        else:
            slots = self._orders[order]
        table = EliminationTable(self.trace, slots, min(steps, len(slots)), self.totals)
        return table, elimination_graph(table.state)
