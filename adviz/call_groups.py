"""Call groups: the rows of a trace that one call of a helper function made."""

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

_MAX_ARGUMENTS = 4
"""The most arguments in the title of a call."""

_PART = re.compile(r"\[[^\]]*\]|\.?[^\[\].]+")


@dataclass(frozen=True)
class Group:
    """The consecutive rows that a call made, including those of the calls inside it.

    Attributes
    ----------
    call : int
        The number of the call on the tape.
    title : str
        The function with the values that its rows use, inputs of the trace by name and other rows
        by label: "dense(params['hidden'], v₃)".
    start, stop : int
        The slot of the first row, and the slot after the last.
    depth : int
        The number of groups that enclose it.
    inner : tuple of Group
        The groups inside it, in order.
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

    A call that made a single row has no group, nor has one that made all rows of the call around
    it, since that would say nothing new. In a recursion only the outermost call has a group. A
    generator has one for each time that it is resumed.

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

    They are the outermost groups, except that a group consisting only of inner groups is replaced
    by them: a model that only calls its layers is folded into its layers.
    """
    folded: list[Group] = []
    for group in outer:
        only_calls = len(group.inner) > 1 and sum(map(len, group.inner)) == len(group)
        folded.extend(folds(group.inner) if only_calls else (group,))
    return tuple(folded)


def every(outer: tuple[Group, ...]) -> Iterator[Group]:
    """Yield all groups, each before the groups inside it."""
    for group in outer:
        yield group
        yield from every(group.inner)


def call_title(code: CodeType) -> str:
    """Return the name of a called function, "f" for a lambda."""
    return "f" if code.co_name == "<lambda>" else code.co_name.strip("<>")


def is_comprehension(code: CodeType) -> bool:
    """Return whether code is that of a comprehension, which a reader does not regard as a call.

    Python 3.11 runs comprehensions in separate frames.
    """
    return code.co_name in {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}


_Run = tuple[int, int, tuple[int, ...]]
"""First slot, slot after the last, and the active calls, outermost first."""


def _runs(tape: Tape) -> list[_Run]:
    """Return the stretches of rows that were recorded without a call or return in between."""
    paths: dict[int, tuple[int, ...]] = {}

    def path(call: int) -> tuple[int, ...]:
        inner_first: list[int] = []
        while call >= 0:
            if call in paths:
                return (*paths[call], *reversed(inner_first))
            if not is_comprehension(tape.places.call_codes[call]):
                inner_first.append(call)
            call = tape.places.call_parents[call]
        return tuple(reversed(inner_first))

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
    """Return the groups of runs whose active calls agree up to a level.

    ``outer`` holds the code of those calls.
    """
    result: list[Group] = []
    for call, same in groupby(runs, lambda run: run[2][level] if len(run[2]) > level else None):
        if call is None:  # rows that the enclosing call made itself
            continue
        inside, code = list(same), tape.places.call_codes[call]
        start, stop = inside[0][0], inside[-1][1]
        is_all = (start, stop) == (runs[0][0], runs[-1][1])
        if is_all or code in outer:
            result.extend(_within(tape, inside, outer | {code}, depth, level + 1))
        elif stop - start > 1:
            inner = _within(tape, inside, outer | {code}, depth + 1, level + 1)
            title = _title(tape, code, start, stop)
            result.append(Group(call, title, start, stop, depth, inner))
    return tuple(result)


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
    if code.co_flags & CO_GENERATOR:  # it would list its own earlier rows
        labels = []
    arguments = _arguments([names[slot] for slot in sorted(used) if slot < count], labels)
    return f"{call_title(code)}({', '.join(arguments)})"


def _arguments(names: list[str], labels: list[str]) -> list[str]:
    """Return the arguments in a title: input names, with those of one nest merged, then rows.

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
            same = [a == b for a, b in zip(shared[root], parts, strict=False)]
            shared[root] = shared[root][: (same.index(False) if False in same else len(same))]
        else:
            shared[root] = parts
    arguments = ["".join(parts) for parts in shared.values()] + labels
    return arguments if len(arguments) <= _MAX_ARGUMENTS else [*arguments[:_MAX_ARGUMENTS], "…"]
