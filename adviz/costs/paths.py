"""Paths through the graph of a trace: an entry of the Jacobian is the sum over all of them.

Along a path the local partials are multiplied, over the paths the products are added: Bauer's
formula (*Computational graphs and rounding error*, 1974). There may be exponentially many, which is
why the sweeps add up at every row instead. How many there are is counted row by row, exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from adviz.core import sweeps
from adviz.core.broadcasting import shape_of
from adviz.core.errors import UnsupportedOperationError
from adviz.core.trace import Trace

__all__ = ["Edge", "Path", "count_paths", "paths"]


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
        If a row holds an array: its partials are no single numbers.
    """
    tape = trace.tape
    if any(shape_of(value) for value in tape.values):
        raise UnsupportedOperationError(
            f"{trace.function_name} computes with whole arrays, whose rows have no single number "
            "as a partial: trace it with elementwise=True."
        )
    found: list[list[Edge]] = []
    for slot in range(len(tape.values)):
        recorded = tape.operands(slot) if slot >= tape.input_count else ()
        places = [place for place, operand in enumerate(recorded) if operand.__class__ is int]
        partials = sweeps.local_partials(tape, slot) if places else []
        found.append(
            [
                Edge(tail, slot, place, float(partial))
                for place, (tail, partial) in zip(places, partials, strict=True)
            ]
        )
    return found


def count_paths(trace: Trace, source: int, target: int) -> int:
    """Return the number of paths from one row to another, by their slots: exact, however many.

    Examples
    --------
    >>> import adviz as ad
    >>> def doubled(x):
    ...     for _ in range(100):
    ...         x = x + x
    ...     return x
    >>> count_paths(ad.trace(doubled, 1.0), 0, 100) == 2**100
    True
    """
    return _counts(edges_of(trace), source, target)[target]


def paths(trace: Trace, source: int, target: int, most: int = 100) -> list[Path]:
    """Return up to ``most`` of the paths from one row to another, those by earlier rows first.

    Examples
    --------
    >>> import adviz as ad
    >>> trace = ad.trace(lambda x1, x2: x1 * x2 + x2, 3.0, -4.0)
    >>> [path.product for path in paths(trace, 1, 3)]
    [3.0, 1.0]
    """
    into = edges_of(trace)
    counts = _counts(into, source, target)
    onward: dict[int, list[Edge]] = {}
    for edges in into[: target + 1]:
        for edge in edges:
            onward.setdefault(edge.tail, []).append(edge)
    reaching = sweeps.reached(trace.tape, target)
    found: list[Path] = []
    for path in _walked(onward, reaching, source, target):
        if len(found) == most:
            break
        found.append(Path(path, math.prod(edge.partial for edge in path)))
    assert len(found) == min(most, counts[target])
    return found


def _counts(into: list[list[Edge]], source: int, target: int) -> list[int]:
    counts = [0] * len(into)
    counts[source] = 1
    for slot in range(source + 1, target + 1):
        counts[slot] = sum(counts[edge.tail] for edge in into[slot])
    return counts


def _walked(
    onward: dict[int, list[Edge]], reaching: list[bool], source: int, target: int
) -> Iterator[tuple[Edge, ...]]:
    """Walk from row to row along edges that lead to the target, and back where none is left."""
    if source == target:
        yield ()
    walk: list[Edge] = []
    ahead: list[Any] = [iter(onward.get(source, ()))]
    while ahead:
        edge = next((edge for edge in ahead[-1] if reaching[edge.head]), None)
        if edge is None:
            ahead.pop()
            if walk:
                walk.pop()
        elif edge.head == target:
            yield (*walk, edge)
        else:
            walk.append(edge)
            ahead.append(iter(onward.get(edge.head, ())))
