"""What becomes of the gradient along a chain: a line that runs many times, and its adjoints."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from adviz.diagnosis.finding import Finding, number_text
from adviz.diagnosis.scan import Scan, largest

__all__ = ["find_in_chains"]

_LEAST_RUNS = 10
"""A line that runs fewer times is no chain."""

_GROWTH = 1e8
"""How many times larger, or smaller, the adjoint becomes along a chain that is reported."""


def find_in_chains(found: Scan) -> Iterator[Finding]:
    """Yield the line along whose runs the adjoint grows or shrinks the most."""
    sizes = [
        largest(bar)
        for k, bar in enumerate(found.gradient)
        if found.bars[k] is not None and largest(bar) > 0
    ]
    if not found.is_finite or not sizes:
        return
    grows, shrinks = max(sizes) >= _GROWTH, min(sizes) <= 1 / _GROWTH
    if not grows and not shrinks:
        return
    chains = _chains(found)
    if grows and chains and chains[-1][0] >= _GROWTH:
        yield _finding(found, *chains[-1])
    elif shrinks and chains and chains[0][0] <= 1 / _GROWTH:
        yield _finding(found, *chains[0])


def _chains(found: Scan) -> list[tuple[float, int, int, int]]:
    """Return how adjoints grow from the last to the first run of a line, its rows, and its runs."""
    tape = found.trace.tape
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    runs: Counter[int] = Counter()
    for slot in range(tape.input_count, len(found.values)):
        if found.bars[slot] is not None and tape.elementals[slot].arity:
            instruction = tape.places.instructions[slot]
            first.setdefault(instruction, slot)
            last[instruction] = slot
            runs[instruction] += 1
    chains = []
    for instruction, count in runs.items():
        if count < _LEAST_RUNS:
            continue
        begin, end = first[instruction], last[instruction]
        if tape.source_of(begin) != tape.source_of(end):
            continue  # of another function
        early, late = largest(found.bars[begin]), largest(found.bars[end])
        if early > 0 and late > 0:
            chains.append((early / late, begin, end, count))
    return sorted(chains)


def _rough(number: float) -> str:
    return number_text(float(f"{number:.3g}"))


def _finding(found: Scan, growth: float, begin: int, end: int, runs: int) -> Finding:
    row, late = found.row(begin), found.row(end)
    a_run = growth ** (1 / (runs - 1))
    adjoints = (
        f"the adjoint is {_rough(largest(found.bars[end]))} at {late.label} and "
        f"{_rough(largest(found.bars[begin]))} at {row.label}, after {runs} runs of this line"
    )
    numbers = {"growth": growth, "runs": runs, "a_run": a_run, "powers": math.log10(growth)}
    if growth > 1:
        return Finding(
            "exploding",
            f"{adjoints}.",
            f"Each run multiplies it by about {_rough(a_run)}, and the factors multiply.",
            "Make the factors smaller: smaller or orthogonal weights, fewer steps, or clip the "
            "gradient. Where the function itself is chaotic, its gradient says little.",
            row,
            row.source,
            numbers,
        )
    return Finding(
        "vanishing",
        f"{adjoints}.",
        f"Each run multiplies it by about {_rough(a_run)}, and the factors multiply.",
        "Bring the factors towards 1: larger or orthogonal weights, a connection that skips steps "
        "(`h = h + f(h)`), a gate, or fewer steps.",
        row,
        row.source,
        numbers,
    )
