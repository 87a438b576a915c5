"""The groups in a trace document: which rows calls made, and which passes of loops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from types import CodeType
from typing import Any

from adviz.call_groups import Group, folds
from adviz.call_groups.passes import LoopRun, shown
from adviz.core.trace import Trace
from adviz.host.source import Source

__all__ = ["groups_in_document"]


def groups_in_document(
    trace: Trace,
    outer: tuple[Group, ...],
    call_number: Callable[[int], int],
    site: Callable[[Source | None], int | None],
) -> list[dict[str, Any]]:
    """Return the groups of a trace as its document holds them, each before those inside it.

    An entry is a call, or all the passes that a loop made from when it was entered until it was
    left. ``folds`` says whether it is closed where the document opens with groups folded: the
    outermost, the passes inside those that are passes, and a function's calls of itself.

    Parameters
    ----------
    trace : Trace
    outer : tuple of Group
    call_number, site : callable
        Return the index of a call in the document, and that of a place in the source.
    """
    codes = trace.tape.places.call_codes

    def entries(
        siblings: Iterable[Group], folded: set[int], around: tuple[CodeType, ...]
    ) -> Iterator[dict[str, Any]]:
        for run, members in groupby(siblings, lambda group: group.run):
            found = list(members)
            if run is None:
                for group in found:
                    code = codes[group.call]
                    yield {
                        "kind": "call",
                        "title": group.title,
                        "call": call_number(group.call),
                        "start": group.start,
                        "stop": group.stop,
                        "depth": group.depth,
                        "folds": id(group) in folded or code in around,
                    }
                    yield from entries(group.inner, folded, (*around, code))
                continue
            yield {
                "kind": "loop",
                "call": call_number(run.call),
                "site": site(run.loop.source),
                "depth": found[0].depth,
                "starts": [group.start for group in found],
                "stop": found[-1].stop,
                "folds": id(found[0]) in folded,
                **_numbers([one.number for one in run.passes]),
                **({"variables": variables} if (variables := _variables(run)) else {}),
            }
            for group in found:
                if not group.inner:
                    continue
                if id(group) in folded:
                    folded.update(map(id, folds(group.inner)))
                yield from entries(group.inner, folded, around)

    return list(entries(outer, set(map(id, folds(outer))), ()))


def _numbers(numbers: list[int]) -> dict[str, Any]:
    """Return the numbers of passes, 0 where one is not known; nothing where they are 1, 2, …."""
    return {} if numbers == list(range(1, len(numbers) + 1)) else {"numbers": numbers}


def _variables(run: LoopRun) -> dict[str, list[str | None]]:
    """Return the values that a loop's variables had in each pass, None where one is not known."""
    return {
        name: [shown(one.values[name]) if name in one.values else None for one in run.passes]
        for name in run.names
    }
