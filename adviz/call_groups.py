"""Groups of rows, each recorded by one call of a helper function."""

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
"""Arguments of a call that its title shows."""

_PATH_PART = re.compile(r"\[[^\]]*\]|\.?[^\[\].]+")


@dataclass(frozen=True)
class Group:
    """The successive rows that a call recorded, including those of the calls inside it.

    Attributes
    ----------
    call : int
        The number of the call on the tape.
    title : str
        The function, with the inputs (by name) and other rows (by label) that its rows use:
        "dense(params['hidden'], v₃)".
    start, stop : int
        The first slot, and the one after the last.
    depth : int
        The number of groups around it.
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

    A call that recorded one row has no group, nor has a call that recorded all rows of the call
    around it. Of a function that calls itself only the outermost call has one. A generator has one
    each time that it is resumed.

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

    These are the outermost groups; but a group that consists of other groups, such as a model that
    only calls its layers, is replaced by those.
    """
    result: list[Group] = []
    for group in outer:
        only_calls = len(group.inner) > 1 and sum(map(len, group.inner)) == len(group)
        result.extend(folds(group.inner) if only_calls else (group,))
    return tuple(result)


def every(outer: tuple[Group, ...]) -> Iterator[Group]:
    """Yield groups and those inside them, each before those inside it."""
    for group in outer:
        yield group
        yield from every(group.inner)


def call_title(code: CodeType) -> str:
    """Return the name of a called function, "f" for a lambda."""
    return "f" if code.co_name == "<lambda>" else code.co_name.strip("<>")


def is_comprehension(code: CodeType) -> bool:
    """Return whether code is that of a comprehension, which a reader does not see as a call.

    Python 3.11 runs these in frames of their own.
    """
    return code.co_name in {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}


_Run = tuple[int, int, tuple[int, ...]]
"""First slot, the slot after the last, and the calls that were active, outermost first."""


def _runs(tape: Tape) -> list[_Run]:
    paths: dict[int, tuple[int, ...]] = {}

    def path(call: int) -> tuple[int, ...]:
        calls: list[int] = []
        while call >= 0:
            if call in paths:
                return (*paths[call], *reversed(calls))
            if not is_comprehension(tape.places.call_codes[call]):
                calls.append(call)
            call = tape.places.call_parents[call]
        return tuple(reversed(calls))

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
    """Return the groups of runs that share the calls that were active up to a level.

    ``outer`` is the code of those calls.
    """
    result: list[Group] = []
    for call, same in groupby(runs, lambda run: run[2][level] if len(run[2]) > level else None):
        if call is None:  # rows of the call itself
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
    if code.co_flags & CO_GENERATOR:  # which continues from its earlier rows
        labels = []
    arguments = _arguments([names[slot] for slot in sorted(used) if slot < count], labels)
    return f"{call_title(code)}({', '.join(arguments)})"


def _arguments(names: list[str], labels: list[str]) -> list[str]:
    """Return the arguments of a call: the names of inputs, one for all from the same nest; rows.

    Examples
    --------
    >>> _arguments(["params['hidden']['w']", "params['hidden']['b']", "x"], ["v₃"])
    ["params['hidden']", 'x', 'v₃']
    """
    shared: dict[str, list[str]] = {}
    for name in names:
        parts = _PATH_PART.findall(name)
        root = parts[0]
        if root in shared:
            both = zip(shared[root], parts, strict=False)
            same = [a == b for a, b in both]
            shared[root] = shared[root][: (same.index(False) if False in same else len(same))]
        else:
            shared[root] = parts
    names = ["".join(parts) for parts in shared.values()] + labels
    return names if len(names) <= _MAX_ARGUMENTS else [*names[:_MAX_ARGUMENTS], "…"]
