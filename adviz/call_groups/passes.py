"""The passes of a loop as they are found: which rows each made, and what its variables were."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adviz.host.syntax import Loop

__all__ = ["LoopRun", "Pass", "shown"]

_LONGEST = 12
"""The most characters of a string that a title shows."""


class Pass:
    """One pass of a loop: its first slot, what lies inside, its number, its variables' values."""

    __slots__ = ("inside", "is_header_only", "number", "run", "start", "stop", "values")

    def __init__(self, run: LoopRun, start: int, is_header_only: bool = True) -> None:
        self.run = run
        self.start = start
        self.stop = start
        self.inside: list[Any] = []
        self.values: dict[str, Any] = {}
        self.number = 0
        self.is_header_only = is_header_only


class LoopRun:
    """The passes that a loop made, from when it was entered until it was left."""

    def __init__(self, loop: Loop, call: int, slot: int) -> None:
        self.loop = loop
        self.call = call
        self.passes = [Pass(self, slot)]
        self.has_own_rows = False
        self.variables: dict[str, Any] = {}

    @property
    def count(self) -> int:
        """The number of the last pass, which is how many there were; 0 where it is not known."""
        return self.passes[-1].number

    @cached_property
    def names(self) -> list[str]:
        """The variables whose values are shown: those known in all passes, or else in some.

        One that is called ``_`` is not meant to be seen.
        """
        known = dict.fromkeys(name for one in self.passes for name in one.values if name != "_")
        in_all = [name for name in known if all(name in one.values for one in self.passes)]
        return in_all or list(known)

    def values_in(self, one: Pass) -> str:
        """Return the values of the variables in a pass, "k = 7"; "" where none is known."""
        values = one.values
        return ", ".join(f"{name} = {shown(values[name])}" for name in self.names if name in values)

    def title(self, one: Pass) -> str:
        """Return the title of a pass: "k = 7, pass 8 of 20"."""
        end = f" of {self.count}" if self.count else ""
        place = f"pass {one.number}{end}" if one.number else ""
        return ", ".join(filter(None, [self.values_in(one), place])) or "another pass"

    def changes(self, variables: dict[str, Any]) -> bool:
        """Return whether the loop's variables have other values than they had in this pass."""
        known = self.passes[-1].values
        return any(
            name in known and name in variables and _differ(known[name], variables[name])
            for name in self.loop.targets
        )

    def take(self, variables: dict[str, Any]) -> None:
        """Note the values that the loop's variables have in this pass."""
        self.variables = variables
        found = {name: variables[name] for name in self.loop.targets if name in variables}
        if found:
            self.passes[-1].values = found

    def finish(self) -> list[Any]:
        """Number the passes; return what lies behind the last one, in the header that ended it."""
        behind = []
        if len(self.passes) > 1 and self.passes[-1].is_header_only:
            behind = self.passes.pop().inside
        items = self.loop.items(self.variables) if self.loop.targets else None
        if items is None or not self._count_through(items):
            for number, each in enumerate(self.passes, 1):
                each.number = number
        return behind

    def _count_through(self, items: Sequence[Any]) -> bool:
        """Number passes by what they run through; return whether it can be so.

        A pass that made no rows is not seen. Numbers are known where the first variable was read,
        and in between where there are as many passes as items. Others stay 0.
        """
        name, passes = self.loop.targets[0], self.passes
        known = [(-1, 0)]
        for k, each in enumerate(passes):
            if name in each.values:
                value = each.values[name]
                if value.__class__ is bool or value not in items:
                    return False
                known.append((k, items.index(value) + 1))
                each.number = known[-1][1]
        known.append((len(passes), len(items) + 1))
        for (i, m), (k, n) in pairwise(known):
            if n - m < k - i:
                return False
            if n - m == k - i:
                for between in range(i + 1, k):
                    each = passes[between]
                    each.number = m + between - i
                    each.values = {name: items[each.number - 1], **each.values}
        return True


def _differ(a: Any, b: Any) -> bool:
    return a is not b and not (a.__class__ is b.__class__ and a == b)


def shown(value: Any) -> str:
    """Return a plain value as a title shows it.

    Examples
    --------
    >>> shown(0.1 + 0.2), shown("logarithmic scale"), shown(True)
    ('0.3', "'logarithmic …'", 'True')
    """
    if isinstance(value, str):
        text = str(value)
        return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
    if isinstance(value, float):
        return f"{float(value):.6g}"
    return str(value)
