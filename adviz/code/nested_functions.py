"""Long programs cut into nested functions, as Python handles few variables faster than many.

Python reaches the first 256 names of a function by one instruction and the others by two, and the
return sweep of a gradient reads most of what the forward part computed. So a program is cut from
the outside in: a function computes the first lines, calls the next function for the lines in the
middle, and computes the last lines with the numbers that it has kept.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from adviz.code.lines import Line

__all__ = ["Scope", "nested_scopes"]

_MAX_HELD = 220
"""Numbers that a function holds when it calls the next one: fewer than 256, to leave names free."""

_MIN_HELD = 120
"""Numbers that it holds there at least, so that there are few functions."""

_MAX_PASSED = 40
"""Numbers passed to a function and back: each takes time."""

_NEAR = 64
"""Lines between two uses of a number that should be in the same function."""


class Scope(NamedTuple):
    """A function: the lines from start to stop, except those of the function that it calls."""

    start: int
    stop: int


def nested_scopes(lines: list[Line], input_count: int) -> list[Scope]:
    """Divide the lines of a program among functions, each of which calls the next."""
    flow = _DataFlow(lines, input_count)
    scopes = [Scope(0, len(lines))]
    known = [slot for slot in range(input_count) if flow.reads[slot]]  # numbers of the function
    held = set(known)  # those that it holds at a line
    most, line, stop = max(_MAX_HELD, 2 * input_count), 0, len(lines) - 1
    cuts: list[int] = []
    while line < stop:
        flow.step(line, held, known)
        line += 1
        if len(held) >= _MIN_HELD:
            cuts.append(line)
        if len(held) < most:
            continue
        inner, passed_count = flow.best_scope(cuts[-2 * _NEAR :], stop, known)
        if passed_count > _MAX_PASSED:
            most += most // 2  # no good place is near
            continue
        scopes.append(inner)
        known = flow.passed(inner, known)
        held = set(known)
        most, line, stop = _MAX_HELD, inner.start, inner.stop
        cuts = []
    return scopes


class _DataFlow:
    """The lines that define and read each number of a program."""

    def __init__(self, lines: list[Line], input_count: int) -> None:
        self.lines = lines
        self.defined = dict.fromkeys(range(input_count), -1)
        self.reads: dict[int, list[int]] = {slot: [] for slot in range(input_count)}
        changes, near = [0] * (len(lines) + 2), [0] * (len(lines) + 2)
        for k, line in enumerate(lines):
            for slot in line.reads:
                earlier = self.reads[slot]
                since = earlier[-1] if earlier else self.defined[slot]
                changes[since + 1] += 1
                changes[k + 1] -= 1
                if k - since <= _NEAR:
                    near[since + 1] += 1
                    near[k + 1] -= 1
                earlier.append(k)
            for slot in line.defines:
                self.defined[slot] = k
                self.reads[slot] = []
        # For each line the numbers defined before it that are read from there on, and those of them
        # whose last use and next use are near each other.
        self.live = list(itertools.accumulate(changes))
        self.near = list(itertools.accumulate(near))

    def step(self, line: int, held: set[int], known: list[int]) -> None:
        """Go past a line: hold what it defines, and no longer what it reads for the last time."""
        _, reads, defines = self.lines[line]
        for slot in reads:
            if self.reads[slot][-1] == line:
                held.discard(slot)
        held.update(defines)
        known.extend(defines)

    def best_scope(self, cuts: list[int], stop: int, known: list[int]) -> tuple[Scope, int]:
        """Return the scope, starting at one of the cuts, with the fewest numbers passed."""
        cuts = sorted(cuts, key=lambda cut: (self.near[cut], -cut))[:3]
        candidates = [self._best_end(cut, stop, known) for cut in cuts]
        return min(candidates, key=lambda candidate: candidate[1])

    def _best_end(self, start: int, stop: int, known: list[int]) -> tuple[Scope, int]:
        """Return the best scope with this start, and how many numbers are passed in and out."""
        held = [slot for slot in known if self.defined[slot] < start <= self.reads[slot][-1]]
        outside = self.live[start] - len(held)
        next_reads = sorted(self._next_read(slot, start) for slot in held)
        last_reads = sorted(self.reads[slot][-1] for slot in held)
        best, fewest = stop, len(self.lines)
        for end in reversed(next_reads):
            if start + _NEAR < end <= stop:
                entering = bisect_left(next_reads, end)
                kept = len(last_reads) - bisect_left(last_reads, end)
                leaving = self.live[end] - outside - kept
                if entering + leaving < fewest and leaving:
                    best, fewest = end, entering + leaving
        return Scope(start, best), fewest

    def passed(self, scope: Scope, known: Iterable[int]) -> list[int]:
        """Return which of these numbers are passed to a function."""
        start, stop = scope
        return [
            slot
            for slot in known
            if self.defined[slot] < start <= self.reads[slot][-1]
            and self._next_read(slot, start) < stop
        ]

    def _next_read(self, slot: int, line: int) -> int:
        reads = self.reads[slot]
        return reads[bisect_left(reads, line)]
