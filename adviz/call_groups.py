"""Groups: the rows of a trace that one call of a helper function made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import CO_GENERATOR
from itertools import groupby
from types import CodeType
from typing import TYPE_CHECKING

from adviz.core.rows import label

if TYPE_CHECKING:
    from adviz.core.tape import Tape
    from adviz.core.trace import Trace

__all__ = ["Group", "call_title", "every", "folds", "groups", "is_comprehension"]

_MOST_ARGUMENTS = 4

_PART = re.compile(r"\[[^\]]*\]|\.?[^\[\].]+")


@dataclass(frozen=True)
class Group:
    """The rows, one after the other, that a call made, those of the calls inside it included.

    Attributes
    ----------
    call : int
        The number of the call on the tape.
    title : str
        The function with what these rows use, inputs of the trace by name, other rows by label:
        "dense(params['hidden'], v₃)".
    start, stop : int
        Their slots, the second being the one after the last.
    depth : int
        How many groups it lies in.
    inner : tuple of Group
        The groups in it, in order.
    """

    call: int
    title: str
    start: int
    stop: int
    depth: int
    inner: tuple[Group, ...]

    def __len__(self) -> int:
        return self.stop - self.start


def groups(trace: Trace) -> tuple[Group, ...]:
    """Return the outermost groups of a trace, in order.

    A call that made one row has none, and neither has one that made all that it lies in, which
    would say nothing new. Of a function that calls itself the outermost call has one. A generator,
    which goes on after others have made rows, has one each time.

    Examples
    --------
    >>> import adviz as ad
    >>> def cube(x):
    ...     return x * x * x
    >>> [group.title for group in groups(ad.trace(lambda a, b: cube(a) + cube(b), 2.0, 3.0))]
    ['cube(a)', 'cube(b)']
    """
    tape = trace.tape
    return _within(tape, _runs(tape), frozenset(), depth=0, level=0)


def folds(outer: tuple[Group, ...]) -> tuple[Group, ...]:
    """Return the groups that are best folded, in order.

    They are the outermost, but for one that holds nothing beside groups of its own: of a model
    that only calls its layers, those are its layers.
    """
    found: list[Group] = []
    for group in outer:
        only_calls = len(group.inner) > 1 and sum(map(len, group.inner)) == len(group)
        found.extend(folds(group.inner) if only_calls else (group,))
    return tuple(found)


def every(outer: tuple[Group, ...]) -> Iterator[Group]:
    """Yield groups and those inside them, each before those inside it."""
    for group in outer:
        yield group
        yield from every(group.inner)


def call_title(code: CodeType) -> str:
    """Return what a called function is called, "f" for a lambda."""
    return "f" if code.co_name == "<lambda>" else code.co_name.strip("<>")


def is_comprehension(code: CodeType) -> bool:
    """Return whether code is a comprehension's, which a reader does not think of as a call.

    Python 3.11 runs these in frames of their own.
    """
    return code.co_name in {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}


_Run = tuple[int, int, tuple[int, ...]]
"""First slot, the slot after the last, and the calls that were under way, outermost first."""


def _runs(tape: Tape) -> list[_Run]:
    paths: dict[int, tuple[int, ...]] = {}

    def path(call: int) -> tuple[int, ...]:
        found: list[int] = []
        while call >= 0:
            if call in paths:
                return (*paths[call], *reversed(found))
            if not is_comprehension(tape.places.call_codes[call]):
                found.append(call)
            call = tape.places.call_parents[call]
        return tuple(reversed(found))

    stops = [*tape.places.run_starts, len(tape.values)][1:]
    runs = []
    for start, stop, call in zip(tape.places.run_starts, stops, tape.places.run_calls, strict=True):
        if call not in paths:
            paths[call] = path(call)
        if start < stop:
            runs.append((start, stop, paths[call]))
    return runs


def _within(
    tape: Tape, runs: list[_Run], outer: frozenset[CodeType], depth: int, level: int
) -> tuple[Group, ...]:
    """Return the groups of runs that are alike in the calls that were under way up to a level.

    ``outer`` is the code of those calls.
    """
    found: list[Group] = []
    for call, same in groupby(runs, lambda run: run[2][level] if len(run[2]) > level else None):
        if call is None:  # rows of the call itself
            continue
        inside, code = list(same), tape.places.call_codes[call]
        start, stop = inside[0][0], inside[-1][1]
        is_all = (start, stop) == (runs[0][0], runs[-1][1])
        if is_all or code in outer:
            found.extend(_within(tape, inside, outer | {code}, depth, level + 1))
        elif stop - start > 1:
            inner = _within(tape, inside, outer | {code}, depth + 1, level + 1)
            title = _title(tape, code, start, stop)
            found.append(Group(call, title, start, stop, depth, inner))
    return tuple(found)


def _title(tape: Tape, code: CodeType, start: int, stop: int) -> str:
    names = tape.input_names
    used = {
        operand
        for slot in range(start, stop)
        for operand in tape.operands(slot)
        if operand.__class__ is int and operand < start
    }
    count = len(names)
    labels = [label(slot - count + 1) for slot in sorted(used) if slot >= count]
    if code.co_flags & CO_GENERATOR:  # which goes on from rows of its own
        labels = []
    arguments = _arguments([names[slot] for slot in sorted(used) if slot < count], labels)
    return f"{call_title(code)}({', '.join(arguments)})"


def _arguments(names: list[str], labels: list[str]) -> list[str]:
    """Return what a call would be given: names of inputs, those out of one nest together; rows.

    Examples
    --------
    >>> _arguments(["params['hidden']['w']", "params['hidden']['b']", "x"], ["v₃"])
    ["params['hidden']", 'x', 'v₃']
    """
    shared: dict[str, list[str]] = {}
    for name in names:
        parts = _PART.findall(name)
        root = parts[0]
        if root in shared:
            both = zip(shared[root], parts, strict=False)
            same = [a == b for a, b in both]
            shared[root] = shared[root][: (same.index(False) if False in same else len(same))]
        else:
            shared[root] = parts
    found = ["".join(parts) for parts in shared.values()] + labels
    return found if len(found) <= _MOST_ARGUMENTS else [*found[:_MOST_ARGUMENTS], "…"]
