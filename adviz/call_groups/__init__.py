"""Groups: the rows of a trace that one call of a helper function made, or one pass of a loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from inspect import CO_VARARGS, CO_VARKEYWORDS
from typing import TYPE_CHECKING

from adviz.call_groups.building import Call, found_in, is_comprehension
from adviz.call_groups.passes import LoopRun, Pass
from adviz.call_groups.titles import call_title
from adviz.host.collection import collection_paused

if TYPE_CHECKING:
    from adviz.core.tape import Tape
    from adviz.core.trace import Trace

__all__ = ["Group", "every", "folds", "groups", "is_comprehension"]


class Group:
    """The consecutive rows that a call or a pass made, including those of the calls inside it.

    Attributes
    ----------
    made_by : Call or Pass
    start, stop : int
        The slot of the first row, and the slot after the last.
    depth : int
        The number of groups that enclose it.
    inner : tuple of Group
        The groups inside it, in order.
    """

    __slots__ = ("_tape", "depth", "inner", "made_by", "start", "stop")

    def __init__(
        self, tape: Tape, made_by: Call | Pass, depth: int, inner: tuple[Group, ...]
    ) -> None:
        self._tape = tape
        self.made_by = made_by
        self.start = made_by.start
        self.stop = made_by.stop
        self.depth = depth
        self.inner = inner

    @property
    def run(self) -> LoopRun | None:
        """What a pass is one of: the passes from entering a loop to leaving it. None of a call."""
        return None if isinstance(self.made_by, Call) else self.made_by.run

    @property
    def call(self) -> int:
        """The number of the call on the tape; of a pass, that of the call it is part of."""
        return self.made_by.number if isinstance(self.made_by, Call) else self.made_by.run.call

    @property
    def title(self) -> str:
        """What to call it.

        Of a call, the function with the values that its rows use, inputs of the trace by name and
        other rows by label, and plain numbers by value: "dense(params['hidden'], v₃, scale=2)". Of
        a pass, "k = 7, pass 8 of 20"; what is not known for certain is left out.
        """
        if isinstance(self.made_by, Call):
            return call_title(self._tape, self.made_by)
        return self.made_by.run.title(self.made_by)

    def __len__(self) -> int:
        return self.stop - self.start


@collection_paused()
def groups(trace: Trace, passes: bool = True) -> tuple[Group, ...]:
    """Return the outermost groups of a trace, in order.

    A call that made a single row has no group, nor has one that made all rows of the call or the
    pass around it, since that would say nothing new; nor has the only pass of a loop. A generator
    has one for each time that it is resumed.

    Parameters
    ----------
    trace : Trace
    passes : bool
        Whether the passes of loops are groups, too.

    Examples
    --------
    >>> import adviz as ad
    >>> def cube(x):
    ...     return x * x * x
    >>> [group.title for group in groups(ad.trace(lambda a, b: cube(a) + cube(b), 2.0, 3.0))]
    ['cube(a)', 'cube(b)']
    """
    tape = trace.tape
    rows = range(tape.input_count, len(tape.values))
    return tuple(_groups(tape, found_in(tape), rows, 0, passes))


def folds(outer: tuple[Group, ...]) -> tuple[Group, ...]:
    """Return the groups that are best folded, in order.

    They are the outermost groups, except that a call consisting only of other calls is replaced by
    them: a model that only calls its layers is folded into its layers.
    """
    folded: list[Group] = []
    for group in outer:
        only_calls = (
            len(group.inner) > 1
            and all(inner.run is None for inner in (group, *group.inner))
            and sum(map(len, group.inner)) == len(group)
        )
        folded.extend(folds(group.inner) if only_calls else (group,))
    return tuple(folded)


def every(outer: tuple[Group, ...]) -> Iterator[Group]:
    """Yield all groups, each before the groups inside it."""
    for group in outer:
        yield group
        yield from every(group.inner)


def _groups(
    tape: Tape, found: Sequence[Call | LoopRun], rows: range, depth: int, passes: bool
) -> Iterator[Group]:
    """Yield the groups of what was found among some rows."""
    for each in found:
        if isinstance(each, LoopRun):
            for one in each.passes:
                if passes:
                    inner: tuple[Group, ...] = ()
                    if one.inside:
                        own = range(one.start, one.stop)
                        inner = tuple(_groups(tape, one.inside, own, depth + 1, passes))
                    yield Group(tape, one, depth, inner)
                else:
                    yield from _groups(tape, one.inside, rows, depth, passes)
            continue
        each = _decorated(each)
        own = range(each.start, each.stop)
        if own == rows:
            yield from _groups(tape, each.inside, own, depth, passes)
        elif len(own) > 1:
            inner = tuple(_groups(tape, each.inside, own, depth + 1, passes))
            yield Group(tape, each, depth, inner)


def _decorated(call: Call) -> Call:
    """Return the call that a decorator's wrapper passes its arguments on to; others as they are."""
    while call.syntax.code.co_flags & (CO_VARARGS | CO_VARKEYWORDS) and len(call.inside) == 1:
        (inner,) = call.inside
        if not isinstance(inner, Call) or (inner.start, inner.stop) != (call.start, call.stop):
            break
        call = inner
    return call
