"""Scopes: the lines of a long program shared out among functions, and the names in each.

Python reaches the first 256 names of a function by one instruction and the others by two, and a
gradient needs most of what was computed on the way forward once more on the way back. So a long
program is cut as it is nested: a function goes a stretch forward, calls the next one for what lies
between, and goes its stretch back with the numbers that it has kept.

All but the first are generators that yield once, whose names live on the heap: what calls need of
Python's stack beyond 16 kB is asked of the operating system afresh each time.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

__all__ = ["LEAVE", "Functions", "Line", "nested", "place"]

_MOST = 220
"""Numbers that a function holds when another one is called for what follows."""

_LEAST = 120
"""Numbers that it holds there at the least."""

_CROSSING = 40
"""Numbers that may be passed to a function and back: each takes time."""

_NEAR = 64
"""Lines between two uses of a number that have to be in one function."""

LEAVE = "return OTHER_BRANCH"
"""What a function does where a decision turns out as it did not when it was recorded."""


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


class Functions:
    """The source of the functions of a program, and the names in them.

    Parameters
    ----------
    lines : list of Line
        The last one returns what the program returns.
    chosen : dict of int to str
        Names that are chosen already, by slot: those of the parameters are.
    unique : callable
        Makes a name that nothing else in the program has.
    is_large : callable
        Whether a slot has an array that is to be let go as soon as it has been read last.
    """

    def __init__(
        self,
        lines: list[Line],
        chosen: dict[int, str],
        unique: Callable[[str], str],
        is_large: Callable[[int], bool],
    ) -> None:
        self._lines = lines
        self._chosen = chosen
        self._unique = unique
        self._is_large = is_large
        self._short: list[str] = []  # names that each function may give

    def source(
        self, name: str, parameters: list[int], scopes: list[Scope], head: str | None = None
    ) -> str:
        """Return the source of the functions that scopes are, the one to be called first.

        Its parameters may be written otherwise, where its lines take them from there.
        """
        last = {slot: k for k, line in enumerate(self._lines) for slot in line.reads}
        sources: list[str] = []
        call, inner = list[Line](), Scope(scopes[-1].stop, scopes[-1].stop)
        for k in range(len(scopes) - 1, 0, -1):
            stop = scopes[k].stop
            body = self._body(scopes[k], call, inner)
            made = [slot for line in body for slot in line.makes]
            taken = {slot: None for line in body for slot in line.reads}
            for slot in made:
                taken.pop(slot, None)
            result = tuple(slot for slot in made if last[slot] >= stop)
            own = self._unique(f"{name}_{k + 1}")
            body.append(Line(f"yield {_listed(result)}", result))
            sources.append(self._function(own, list(taken), body))
            may_leave = any(LEAVE in line.text for line in body)
            call, inner = [self._call(own, tuple(taken), result, may_leave)], scopes[k]
        body = self._body(scopes[0], call, inner)
        sources.append(self._function(name, parameters, body, self._chosen, head))
        return "\n".join(reversed(sources))

    def _body(self, scope: Scope, call: list[Line], inner: Scope) -> list[Line]:
        lines = self._lines
        return [*lines[scope.start : inner.start], *call, *lines[inner.stop : scope.stop]]

    def _call(
        self, name: str, taken: tuple[int, ...], result: tuple[int, ...], may_leave: bool
    ) -> Line:
        asked, named = f"{name}({_listed(taken)})", _listed(result)
        if not may_leave:
            yielded = named if len(result) == 1 else f"({named})"
            return Line(f"[{yielded}] = {asked}", taken, result)
        inside = self._unique("inside")
        text = (
            f"[{inside}] = {asked}\n    if {inside} is OTHER_BRANCH:\n        {LEAVE}\n"
            f"    {named} = {inside}"
        )
        return Line(text, taken, result)

    def _function(
        self,
        name: str,
        parameters: list[int],
        lines: list[Line],
        chosen: dict[int, str] | None = None,
        head: str | None = None,
    ) -> str:
        """Return the source of one function: names serve again as soon as they can.

        Without names that are chosen already it is a generator, one that another function calls.
        """
        last = {slot: k for k, line in enumerate(lines) for slot in line.reads}
        names, free, short = dict(chosen or {}), list[str](), self._short_names()
        kept = set(names)

        def give_name(slot: int) -> None:
            if slot not in names:
                is_shared = free and not self._is_large(slot)
                names[slot] = free.pop() if is_shared else next(short)

        for slot in parameters:
            give_name(slot)
        body: list[str] = []
        for k, (text, reads, makes) in enumerate(lines):
            let_go = list[str]()
            for slot in dict.fromkeys(reads):
                if last[slot] == k:
                    if self._is_large(slot) and slot not in parameters:
                        let_go.append(names[slot])
                    elif slot not in kept:
                        free.append(names[slot])
            for slot in makes:
                give_name(slot)
            if chosen is None:
                text = text.replace(LEAVE, "yield OTHER_BRANCH\n        return")
            body.append(_filled(text, names))
            if let_go and k < len(lines) - 1:
                body.append(f"del {', '.join(let_go)}")
        given_as = ", ".join(names[slot] for slot in parameters) if head is None else head
        return f"def {name}({given_as}):\n" + "".join(f"    {text}\n" for text in body)

    def _short_names(self) -> Iterator[str]:
        for k in itertools.count():
            if k == len(self._short):
                self._short.append(self._unique(f"t{k + 1}"))
            yield self._short[k]


def _filled(text: str, names: dict[int, str]) -> str:
    parts = text.split("\0")
    parts[1::2] = [names[int(slot)] for slot in parts[1::2]]
    return "".join(parts)


def _listed(slots: Iterable[int]) -> str:
    return ", ".join(map(place, slots))
