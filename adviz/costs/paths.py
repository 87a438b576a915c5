"""Paths through the graph of a trace: an entry of the Jacobian is the sum over all of them.

The local partials along a path are multiplied, and the products of all paths are added: Bauer's
formula (*Computational graphs and rounding error*, 1974). There may be exponentially many paths,
which is why the sweeps add up at every row instead. The number of paths is counted exactly, row by
row.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from adviz.core import sweeps
from adviz.core.arrays import shape_of
from adviz.core.trace import Trace
from adviz.host.errors import UnsupportedOperationError

__all__ = ["Edge", "Path", "PathGraph", "edges_of"]


class Edge(NamedTuple):
    """One use of a row: operand ``place`` of row ``head`` is row ``tail``, both by their slots."""

    tail: int
    head: int
    place: int
    partial: float


class Path(NamedTuple):
    """A path from an input to an output, and the product of the partials along it."""

    edges: tuple[Edge, ...]
    product: float


def edges_of(trace: Trace) -> list[list[Edge]]:
    """Return, for every row, the edges that lead to it.

    Raises
    ------
    UnsupportedOperationError
        If a row holds an array, whose partials are not single numbers.
    """
    tape = trace.tape
    if any(shape_of(value) for value in tape.values):
        raise UnsupportedOperationError(
            f"{trace.function_name} computes with whole arrays, whose rows have no single number "
            "as a partial: trace it with elementwise=True."
        )
    into: list[list[Edge]] = []
    for slot in range(len(tape.values)):
        recorded = tape.operands(slot) if slot >= tape.input_count else ()
        places = [place for place, operand in enumerate(recorded) if operand.__class__ is int]
        partials = sweeps.local_partials(tape, slot) if places else []
        into.append(
            [
                Edge(tail, slot, place, float(partial))
                for place, (tail, partial) in zip(places, partials, strict=True)
            ]
        )
    return into


class PathGraph:
    """The edges of a trace of numbers, and the paths along them.

    Parameters
    ----------
    trace : Trace

    Attributes
    ----------
    into : list of list of Edge
        The edges that lead to each row.

    Raises
    ------
    UnsupportedOperationError
        If a row holds an array.

    Examples
    --------
    >>> import adviz as ad
    >>> def doubled(x):
    ...     for _ in range(100):
    ...         x = x + x
    ...     return x
    >>> PathGraph(ad.trace(doubled, 1.0)).count(0, 100) == 2**100
    True
    """

    def __init__(self, trace: Trace) -> None:
        self.into = edges_of(trace)
        self._onward: list[list[Edge]] = [[] for _ in self.into]
        for edge in (edge for edges in self.into for edge in edges):
            self._onward[edge.tail].append(edge)
        self._counts: dict[int, list[int]] = {}

    def count(self, source: int, target: int) -> int:
        """Return the exact number of paths from one row to another, by their slots."""
        return self._counts_to(target)[source]

    def paths(self, source: int, target: int, most: int = 100) -> list[Path]:
        """Return up to ``most`` of the paths from one row to another, by their slots.

        Examples
        --------
        >>> import adviz as ad
        >>> graph = PathGraph(ad.trace(lambda x1, x2: x1 * x2 + x2, 3.0, -4.0))
        >>> [path.product for path in graph.paths(1, 3)]
        [3.0, 1.0]
        """
        walked = itertools.islice(self._walked(source, target), most)
        return [Path(edges, math.prod(edge.partial for edge in edges)) for edges in walked]

    def _counts_to(self, target: int) -> list[int]:
        """Return for every row the number of paths from it to the target, added up row by row."""
        if target not in self._counts:
            counts = [0] * len(self.into)
            counts[target] = 1
            for slot in range(target, -1, -1):
                for edge in self.into[slot] if counts[slot] else ():
                    counts[edge.tail] += counts[slot]
            self._counts[target] = counts
        return self._counts[target]

    def _walked(self, source: int, target: int) -> Iterator[tuple[Edge, ...]]:
        """Yield each path to the target, depth first."""
        counts = self._counts_to(target)
        if source == target:
            yield ()
        walk: list[Edge] = []
        ahead: list[Any] = [iter(self._onward[source])]
        while ahead:
            edge = next((edge for edge in ahead[-1] if counts[edge.head]), None)
            if edge is None:
                ahead.pop()
                if walk:
                    walk.pop()
            elif edge.head == target:
                yield (*walk, edge)
            else:
                walk.append(edge)
                ahead.append(iter(self._onward[edge.head]))
