"""A layered drawing of a directed acyclic graph, edges going down, for where no engine runs.

It goes as Sugiyama, Tagawa and Toda (1981) do, and as the player's ``graphLayout.js`` does in a
page: boxes in layers, an order in each layer with few crossings, then coordinates.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from itertools import pairwise

__all__ = ["Layout", "Point", "lay_out"]

Point = tuple[float, float]

_LINK_GAP = 12.0
_PASSING_WIDTH = 6.0
_ORDERING_SWEEPS = 10
_PLACING_SWEEPS = 12
_STRAIGHTNESS = 8
"""How much straighter a link is kept where it passes layers than where it meets a box."""
_WIDEST_STEP_BETWEEN_PORTS = 20.0


@dataclass(frozen=True)
class Layout:
    """Where boxes and links lie, from the top left corner, y going down.

    Attributes
    ----------
    width, height : float
    centers : list of (x, y)
        Of the boxes.
    curves : list of list of (x, y)
        Of the links, from the upper box to the lower: points of cubic Bézier curves that share
        their ends.
    """

    width: float
    height: float
    centers: list[Point]
    curves: list[list[Point]]


@dataclass(eq=False)
class _Cell:
    """A box in its layer, or the place where a link passes through one."""

    layer: int
    width: float
    is_box: bool
    x: float = 0.0
    place: int = 0
    above: list[_Cell] = field(default_factory=list)
    below: list[_Cell] = field(default_factory=list)


def lay_out(
    sizes: Sequence[tuple[float, float]],
    links: Sequence[tuple[int, int]],
    box_gap: float,
    layer_gap: float,
) -> Layout:
    """Lay out boxes and the links between them.

    Parameters
    ----------
    sizes : sequence of (width, height)
        Of the boxes.
    links : sequence of (int, int)
        The upper and the lower box of each, by their places in ``sizes``; without cycles.
    box_gap, layer_gap : float
        The least distances between two boxes of a layer, and between two layers.

    Examples
    --------
    >>> found = lay_out([(40, 20)] * 3, [(0, 1), (0, 2)], box_gap=10, layer_gap=30)
    >>> found.centers, found.height
    ([(45.0, 10.0), (20.0, 60.0), (70.0, 60.0)], 70.0)
    """
    levels = _layers_of(len(sizes), links)
    layers: list[list[_Cell]] = [[] for _ in range(max(levels, default=-1) + 1)]

    def added(layer: int, width: float, is_box: bool) -> _Cell:
        cell = _Cell(layer, width, is_box)
        layers[layer].append(cell)
        return cell

    boxes = [added(level, width, True) for level, (width, _) in zip(levels, sizes, strict=True)]
    chains = []
    for upper, lower in links:
        between = range(levels[upper] + 1, levels[lower])
        passing = [added(layer, _PASSING_WIDTH, False) for layer in between]
        chain = [boxes[upper], *passing, boxes[lower]]
        for a, b in pairwise(chain):
            a.below.append(b)
            b.above.append(a)
        chains.append(chain)
    _order(layers)
    _place(layers, box_gap)

    bands: list[Point] = []
    for k in range(len(layers)):
        top = bands[-1][1] + layer_gap if bands else 0.0
        heights = [size[1] for size, level in zip(sizes, levels, strict=True) if level == k]
        bands.append((top, top + max(heights, default=0.0)))
    cells = [cell for layer in layers for cell in layer]
    left = min((cell.x - cell.width / 2 for cell in cells), default=0.0)
    for cell in cells:
        cell.x -= left
    ports = _ports(chains, boxes)
    centers = [(box.x, sum(bands[box.layer]) / 2) for box in boxes]
    curves = []
    for (upper, lower), chain, ends in zip(links, chains, ports, strict=True):
        xs = [cell.x for cell in chain]
        xs[0] += ends[0]
        xs[-1] += ends[1]
        start = centers[upper][1] + sizes[upper][1] / 2
        end = centers[lower][1] - sizes[lower][1] / 2
        curves.append(_curve(xs, [bands[cell.layer] for cell in chain], start, end))
    return Layout(
        width=max((cell.x + cell.width / 2 for cell in cells), default=0.0),
        height=bands[-1][1] if bands else 0.0,
        centers=centers,
        curves=curves,
    )


def _layers_of(count: int, links: Sequence[tuple[int, int]]) -> list[int]:
    """Return the layer of each box: below all that link to it, and near most of its neighbours."""
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for upper, lower in links:
        above[lower].append(upper)
        below[upper].append(lower)
    order = list(TopologicalSorter(dict(enumerate(above))).static_order())
    layers = [0] * count
    for box in order:
        layers[box] = max((layers[upper] + 1 for upper in above[box]), default=0)
    for box in reversed(order):
        if len(below[box]) > len(above[box]):
            layers[box] = min(layers[lower] for lower in below[box]) - 1
    return layers


def _order(layers: list[list[_Cell]]) -> None:
    """Order each layer by the means of its neighbours' places, and keep what crosses least."""

    def number(layer: list[_Cell]) -> None:
        for place, cell in enumerate(layer):
            cell.place = place

    for layer in layers:
        number(layer)
    best, fewest = [layer[:] for layer in layers], _crossings(layers)
    for sweep in range(_ORDERING_SWEEPS):
        if fewest == 0:
            break
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            means = {}
            for cell in layer:
                near = cell.above if down else cell.below
                means[cell] = sum(c.place for c in near) / len(near) if near else cell.place
            layer.sort(key=lambda cell: (means[cell], cell.place))
            number(layer)
        count = _crossings(layers)
        if count < fewest:
            best, fewest = [layer[:] for layer in layers], count
    layers[:] = best
    for layer in layers:
        number(layer)


def _crossings(layers: list[list[_Cell]]) -> int:
    """Count the pairs of links that cross."""
    count = 0
    for layer in layers[1:]:
        before: list[int] = []  # the lower ends of the links whose upper ends are further left
        for _, lower in sorted((up.place, cell.place) for cell in layer for up in cell.above):
            count += len(before) - bisect_right(before, lower)
            insort(before, lower)
    return count


def _place(layers: list[list[_Cell]], box_gap: float) -> None:
    """Place the cells of each layer as near to their neighbours as the others allow."""

    def distance(a: _Cell, b: _Cell) -> float:
        return (a.width + b.width) / 2 + (box_gap if a.is_box and b.is_box else _LINK_GAP)

    offsets = []
    for layer in layers:
        steps = [distance(a, b) for a, b in pairwise(layer)]
        offsets.append([sum(steps[:k]) for k in range(len(layer))])
        for cell, x in zip(layer, offsets[-1], strict=True):
            cell.x = x
    for sweep in range(_PLACING_SWEEPS):
        both = sweep >= _PLACING_SWEEPS - 4
        down = sweep % 2 == 0
        pairs = list(zip(layers, offsets, strict=True))
        for layer, offset in pairs if down else reversed(pairs):
            _settle(layer, offset, [_wish(cell, down or both, not down or both) for cell in layer])


def _wish(cell: _Cell, up: bool, down: bool) -> tuple[float, float]:
    """Return where a cell would be best for its neighbours, and how much that matters."""
    near = [*(cell.above if up else ()), *(cell.below if down else ())]
    weights = [1 if cell.is_box or c.is_box else _STRAIGHTNESS for c in near]
    if not near:
        return cell.x, 0.01
    total = sum(weight * c.x for weight, c in zip(weights, near, strict=True))
    return total / sum(weights), sum(weights)


def _settle(layer: list[_Cell], offsets: list[float], wishes: list[tuple[float, float]]) -> None:
    """Place a layer, in its order and at its distances, nearest to where its cells would be best.

    Least squares by pooling adjacent violators.
    """
    blocks: list[tuple[float, float, int]] = []  # the sum of weighted shifts, weight and size
    for (x, weight), offset in zip(wishes, offsets, strict=True):
        total, size = weight * (x - offset), 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / weight:
            before = blocks.pop()
            total, weight, size = total + before[0], weight + before[1], size + before[2]
        blocks.append((total, weight, size))
    shifts = [total / weight for total, weight, size in blocks for _ in range(size)]
    for cell, offset, shift in zip(layer, offsets, shifts, strict=True):
        cell.x = offset + shift


def _ports(chains: list[list[_Cell]], boxes: list[_Cell]) -> list[list[float]]:
    """Return how far from the middles of its two boxes each link ends: side by side, in order."""
    ends = [[0.0, 0.0] for _ in chains]
    for side, at, beside in ((0, 0, 1), (1, -1, -2)):
        meeting: dict[_Cell, list[int]] = {box: [] for box in boxes}
        for k, chain in enumerate(chains):
            meeting[chain[at]].append(k)
        for box, here in meeting.items():
            here.sort(key=lambda k: chains[k][beside].x)
            step = min(_WIDEST_STEP_BETWEEN_PORTS, (box.width - 16) / max(1, len(here) - 1))
            for place, k in enumerate(here):
                ends[k][side] = step * (place - (len(here) - 1) / 2)
    return ends


def _curve(xs: list[float], bands: list[Point], start: float, end: float) -> list[Point]:
    """Return a smooth curve down through the layers, upright where it passes one."""
    points = [(xs[0], start)]

    def lead(x: float, y: float) -> None:
        from_x, from_y = points[-1]
        middle = (from_y + y) / 2
        points.extend([(from_x, middle), (x, middle), (x, y)])

    # A box may be lower than others of its layer: the curve is upright beside those.
    if start < bands[0][1]:
        lead(xs[0], bands[0][1])
    for x, (top, bottom) in zip(xs[1:-1], bands[1:-1], strict=True):
        lead(x, top)
        lead(x, bottom)
    lead(xs[-1], bands[-1][0])
    if end > bands[-1][0]:
        lead(xs[-1], end)
    return points
