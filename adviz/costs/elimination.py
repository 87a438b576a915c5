"""Vertex elimination: the Jacobian by eliminating the intermediate rows of the graph one by one.

Eliminating row j joins every operand i of it to every row k that uses it: c_ki += c_kj c_ji, one
multiplication for each such pair. An edge that was not there before is called fill-in. Every order
leaves the same matrix. From the inputs to the outputs it is forward mode, from the outputs to the
inputs reverse mode; other orders may be cheaper, and the cheapest is hard to find. Griewank and
Walther, *Evaluating Derivatives* (2008), chapter 9; Griewank and Reese, *On the calculation of
Jacobian matrices by the Markowitz rule* (1991).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from adviz.core.rows import label
from adviz.core.trace import Trace
from adviz.costs.paths import edges_of
from adviz.host.errors import InputError

__all__ = ["ORDERS", "Elimination", "Step", "order_of"]

ORDERS = ("forward", "reverse", "Markowitz", "cheapest")

_MAX_SEARCHED = 14
"""The most intermediate rows for a search of the cheapest order, which visits up to 2^14 sets."""


class Step(NamedTuple):
    """The elimination of one row.

    Attributes
    ----------
    slot : int
        Its slot in the trace.
    multiplications : int
        Pairs of an edge in and an edge out.
    fill_in, changed : tuple of (tail, head)
        The edges that were not there before, and those to which a product was added.
    """

    slot: int
    multiplications: int
    fill_in: tuple[tuple[int, int], ...]
    changed: tuple[tuple[int, int], ...]


class Elimination:
    """The graph of a trace of numbers, from which rows are eliminated.

    Parameters
    ----------
    trace : Trace
        Of numbers, not of arrays.

    Attributes
    ----------
    edges : dict of (tail, head) to float
        The edges that are left, each with its partial.
    left : list of int
        The slots of the intermediate rows that have not been eliminated.
    steps : list of Step
        The eliminations so far.

    Raises
    ------
    UnsupportedOperationError
        If a row holds an array.

    Examples
    --------
    >>> import adviz as ad
    >>> trace = ad.trace(lambda x1, x2: np.sin(x1 * x2) + x2, 3.0, 0.5)
    >>> elimination = Elimination(trace)
    >>> for slot in elimination.order("reverse"):
    ...     step = elimination.eliminate(slot)
    >>> elimination.multiplications, elimination.jacobian().shape
    (3, (1, 2))
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.edges: dict[tuple[int, int], float] = {}
        count = trace.tape.input_count
        into = edges_of(trace)
        for edge in (edge for edges in into for edge in edges):
            pair = edge.tail, edge.head
            self.edges[pair] = self.edges.get(pair, 0.0) + edge.partial  # x * x has two
        # An output that is also an operand, an input or another output gets a separate vertex.
        self.output_vertices: list[int] = []
        used = {tail for tail, _ in self.edges}
        for k, slot in enumerate(trace.output_slots):
            if slot < count or slot in used or trace.output_slots.count(slot) > 1:
                vertex = len(into) + k
                self.edges[slot, vertex] = 1.0
            else:
                vertex = slot
            self.output_vertices.append(vertex)
        ends = set(self.output_vertices)
        self.left = [slot for slot in range(count, len(into)) if slot not in ends]
        self.steps: list[Step] = []

    @property
    def multiplications(self) -> int:
        """The multiplications of all steps so far."""
        return sum(step.multiplications for step in self.steps)

    @property
    def fill_in(self) -> int:
        """The edges that all steps so far have added."""
        return sum(len(step.fill_in) for step in self.steps)

    def tails(self, slot: int) -> list[int]:
        """Return the rows from which an edge leads to a row."""
        return sorted(tail for tail, head in self.edges if head == slot)

    def heads(self, slot: int) -> list[int]:
        """Return the rows to which an edge leads from a row."""
        return sorted(head for tail, head in self.edges if tail == slot)

    def price(self, slot: int) -> int:
        """Return the multiplications to eliminate a row now: its Markowitz degree."""
        return len(self.tails(slot)) * len(self.heads(slot))

    def eliminate(self, slot: int) -> Step:
        """Eliminate a row.

        Raises
        ------
        InputError
            If it is an input or an output, or has been eliminated.
        """
        if slot not in self.left:
            index = slot - self.trace.tape.input_count + 1
            left = ", ".join(label(s - self.trace.tape.input_count + 1) for s in self.left)
            raise InputError(
                f"{label(index)} cannot be taken out: it is an input or an output, or has been "
                f"taken out already. Left to take out: {left or 'none'}."
            )
        tails, heads = self.tails(slot), self.heads(slot)
        new, changed = [], []
        for tail in tails:
            for head in heads:
                product = self.edges[slot, head] * self.edges[tail, slot]
                if (tail, head) in self.edges:
                    self.edges[tail, head] += product
                    changed.append((tail, head))
                else:
                    self.edges[tail, head] = product
                    new.append((tail, head))
        self.edges = {pair: c for pair, c in self.edges.items() if slot not in pair}
        self.left.remove(slot)
        step = Step(slot, len(tails) * len(heads), tuple(new), tuple(changed))
        self.steps.append(step)
        return step

    def run(self, order: str | Sequence[int]) -> Elimination:
        """Eliminate rows in an order, by name or by slots; return this elimination."""
        for slot in self.order(order) if isinstance(order, str) else order:
            self.eliminate(slot)
        return self

    def order(self, name: str) -> list[int]:
        """Return the slots of the rows left, in an order named in ``ORDERS``.

        Raises
        ------
        InputError
            If there is no such order, or there are too many rows to search for the cheapest.
        """
        if name == "forward":
            return list(self.left)
        if name == "reverse":
            return self.left[::-1]
        if name == "Markowitz":
            return self._by_markowitz()
        if name == "cheapest":
            return self._cheapest()
        raise InputError(f"There is no order {name!r}: choose one of {', '.join(ORDERS)}.")

    def jacobian(self) -> np.ndarray[Any, Any]:
        """Return the matrix that is left when all intermediate rows are eliminated, (m, n).

        Raises
        ------
        InputError
            If some of them are left.
        """
        if self.left:
            raise InputError(
                f"{len(self.left)} rows are left between the inputs and the outputs: take them "
                "out first."
            )
        n = self.trace.tape.input_count
        matrix = np.zeros((len(self.output_vertices), n))
        for i, head in enumerate(self.output_vertices):
            for j in range(n):
                matrix[i, j] = self.edges.get((j, head), 0.0)
        return matrix

    def copy(self) -> Elimination:
        """Return an independent elimination in the same state."""
        other = Elimination.__new__(Elimination)
        other.__dict__.update(self.__dict__)
        other.edges, other.left, other.steps = dict(self.edges), list(self.left), list(self.steps)
        return other

    def _by_markowitz(self) -> list[int]:
        """Return the order that always eliminates the cheapest row next, at a tie the earliest."""
        tried = self.copy()
        order = []
        while tried.left:
            order.append(min(tried.left, key=lambda slot: (tried.price(slot), slot)))
            tried.eliminate(order[-1])
        return order

    def _cheapest(self) -> list[int]:
        """Return an order with the fewest multiplications.

        What is left of the graph depends on the set of eliminated rows, not on their order, so
        each set is visited once, the smaller sets first.
        """
        if len(self.left) > _MAX_SEARCHED:
            raise InputError(
                f"There are {len(self.left)} rows between inputs and outputs, and the cheapest "
                f"order is searched for among up to {_MAX_SEARCHED}: use 'Markowitz', or "
                "fewer rows."
            )
        best: dict[frozenset[int], tuple[int, list[int], Elimination]]
        best = {frozenset(): (0, [], self)}
        for _ in range(len(self.left)):
            larger: dict[frozenset[int], tuple[int, list[int], Elimination]] = {}
            for eliminated, (cost, order, state) in best.items():
                for slot in state.left:
                    key, total = eliminated | {slot}, cost + state.price(slot)
                    if key not in larger:
                        after = state.copy()
                        after.eliminate(slot)
                        larger[key] = (total, [*order, slot], after)
                    elif total < larger[key][0]:
                        larger[key] = (total, [*order, slot], larger[key][2])
            best = larger
        ((_, order, _),) = best.values()
        return order


def order_of(elimination: Elimination, names: Sequence[str]) -> list[int]:
    """Return the slots of rows given by name: "v3", "3" or "v₃"."""
    known = {
        label(slot - elimination.trace.tape.input_count + 1): slot for slot in elimination.left
    }
    slots = []
    for name in names:
        digits = name.strip().lstrip("v")
        written = label(int(digits)) if digits.lstrip("-").isdigit() and digits.isascii() else name
        if written.strip() not in known:
            raise InputError(f"No row between is called {name!r}: choose among {', '.join(known)}.")
        slots.append(known[written.strip()])
    return slots
