"""Scopes: the lines of a long program shared out among functions.

Python reaches the first 256 names of a function by one instruction and the others by two, and a
gradient needs most of what was computed on the way forward once more on the way back. So a long
program is cut as it is nested: a function goes a stretch forward, calls the next one for what lies
between, and goes its stretch back with the numbers that it has kept.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Line", "Scope", "nested", "place"]

_MOST = 220
"""Numbers that a function holds when another one is called for what follows."""

_LEAST = 120
"""Numbers that it holds there at the least."""

_CROSSING = 40
"""Numbers that may be passed to a function and back: each takes time."""

_NEAR = 64
"""Lines between two uses of a number that have to be in one function."""


class Line(NamedTuple):
    """A line of a program: its text, with :func:`place` where a name is still to be chosen."""

    text: str
    reads: tuple[int, ...] = ()  # the numbers that it reads, by slot, repeats kept
    makes: tuple[int, ...] = ()  # the numbers that it gives a name


class Scope(NamedTuple):
    """A function: the lines from start to stop, but those that the next one has."""

    start: int
    stop: int


def place(slot: int) -> str:
    """Return what stands for a number's name in a line: nothing that Python writes."""
    return f"\0{slot}\0"


def nested(lines: list[Line], input_count: int) -> list[Scope]:
    """Share the lines of a program out: each function but the last one calls the next."""
    flow = _Flow(lines, input_count)
    scopes = [Scope(0, len(lines))]
    known = [slot for slot in range(input_count) if flow.read[slot]]  # what the function has held
    held = set(known)  # what it holds at a line
    most, line, stop = max(_MOST, 2 * input_count), 0, len(lines) - 1
    cuts: list[int] = []
    while line < stop:
        flow.step(line, held, known)
        line += 1
        if len(held) >= _LEAST:
            cuts.append(line)
        if len(held) < most:
            continue
        inner, crossing = flow.best(cuts[-2 * _NEAR :], stop, known)
        if crossing > _CROSSING:
            most += most // 2  # no good place is near
            continue
        scopes.append(inner)
        known = flow.passed(inner, known)
        held = set(known)
        most, line, stop = _MOST, inner.start, inner.stop
        cuts = []
    return scopes


class _Flow:
    """Where the numbers of a program are made and read."""

    def __init__(self, lines: list[Line], input_count: int) -> None:
        self.lines = lines
        self.made = dict.fromkeys(range(input_count), -1)
        self.read: dict[int, list[int]] = {slot: [] for slot in range(input_count)}
        changes, near = [0] * (len(lines) + 2), [0] * (len(lines) + 2)
        for k, line in enumerate(lines):
            for slot in line.reads:
                before = self.read[slot]
                since = before[-1] if before else self.made[slot]
                changes[since + 1] += 1
                changes[k + 1] -= 1
                if k - since <= _NEAR:
                    near[since + 1] += 1
                    near[k + 1] -= 1
                before.append(k)
            for slot in line.makes:
                self.made[slot] = k
                self.read[slot] = []
        # How many numbers made before each line are read at it or later; soon again after it.
        self.live = list(itertools.accumulate(changes))
        self.near = list(itertools.accumulate(near))

    def step(self, line: int, held: set[int], known: list[int]) -> None:
        """Go over a line: what it makes is held, what it reads last is not."""
        _, reads, makes = self.lines[line]
        for slot in reads:
            if self.read[slot][-1] == line:
                held.discard(slot)
        held.update(makes)
        known.extend(makes)

    def best(self, cuts: list[int], stop: int, known: list[int]) -> tuple[Scope, int]:
        """Return the stretch, from one of the cuts on, that the fewest numbers cross."""
        cuts = sorted(cuts, key=lambda cut: (self.near[cut], -cut))[:3]
        found = [self._closed(cut, stop, known) for cut in cuts]
        return min(found, key=lambda candidate: candidate[1])

    def _closed(self, start: int, stop: int, known: list[int]) -> tuple[Scope, int]:
        """Return where best to end a stretch, and how many numbers are passed in and out."""
        held = [slot for slot in known if self.made[slot] < start <= self.read[slot][-1]]
        hidden = self.live[start] - len(held)
        nexts = sorted(self._next(slot, start) for slot in held)
        lasts = sorted(self.read[slot][-1] for slot in held)
        best, fewest = stop, len(self.lines)
        for end in reversed(nexts):
            if start + _NEAR < end <= stop:
                entering = bisect_left(nexts, end)
                leaving = self.live[end] - hidden - (len(lasts) - bisect_left(lasts, end))
                if entering + leaving < fewest and leaving:
                    best, fewest = end, entering + leaving
        return Scope(start, best), fewest

    def passed(self, scope: Scope, known: Iterable[int]) -> list[int]:
        """Return the numbers of those that are passed to a function."""
        start, stop = scope
        return [
            slot
            for slot in known
            if self.made[slot] < start <= self.read[slot][-1] and self._next(slot, start) < stop
        ]

    def _next(self, slot: int, line: int) -> int:
        read = self.read[slot]
        return read[bisect_left(read, line)]
