"""Checkpointing schedules: time for memory on the way back through a chain of steps.

Plain reverse mode keeps the trace of every step. A schedule keeps a few states, the snapshots, runs
the steps again from them, and keeps the trace of one step at a time. Binomial schedules run the
fewest steps again: Griewank and Walther, *Algorithm 799: Revolve* (2000), whose count is

    t(l, s) = r l - β(s + 1, r - 1),    β(s, r) = C(s + r, s),    β(s, r - 1) < l <= β(s, r)

for l steps and s snapshots, the initial state being one of them. It counts the steps that are run
without being recorded; each of the l steps is run once more to be recorded. The schedules come from
the package checkpoint-schedules.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.derivatives import input_adjoints
from adviz.core.recording import record
from adviz.core.trace import Trace
from adviz.costs.measuring import peak_bytes
from adviz.host.arguments import described, function_name
from adviz.host.errors import InputError, MissingPackageError, OutputError
from adviz.host.nests import count_of, leaves, mapped, unflatten

if TYPE_CHECKING:
    from adviz.figure import Figure

__all__ = ["Action", "CheckpointStudy", "checkpoint_study", "fewest_advances", "schedule"]

Kind = Literal["advance", "record", "reverse", "restore"]


class Action(NamedTuple):
    """One action of a schedule.

    Attributes
    ----------
    kind : str
        "advance" runs steps, "record" runs one and keeps its trace, "reverse" sweeps back over it
        and drops it, "restore" takes up a snapshot.
    first, last : int
        The states before and after it, counted from 0.
    keeps : bool
        Whether the state it begins at is kept as a snapshot: a restored one that is not is let go.
    """

    kind: Kind
    first: int
    last: int
    keeps: bool = False


def fewest_advances(steps: int, snapshots: int) -> int:
    """Return how many steps a binomial schedule runs without recording them.

    Examples
    --------
    >>> fewest_advances(10, 3), fewest_advances(1000, 10), fewest_advances(5, 5)
    (15, 3636, 4)
    """
    repeats = 0
    while math.comb(snapshots + repeats, snapshots) < steps:
        repeats += 1
    return repeats * steps - math.comb(snapshots + repeats, snapshots + 1)


def schedule(steps: int, snapshots: int) -> list[Action]:
    """Return the actions of the binomial schedule for a chain of steps.

    Raises
    ------
    InputError
        If there is not at least one step, or not between one snapshot and one for each step.
    MissingPackageError
        If the package checkpoint-schedules is not installed.

    Examples
    --------
    >>> for action in schedule(2, 1):
    ...     print(*action)
    advance 0 1 True
    record 1 2 False
    reverse 2 1 False
    restore 0 0 False
    record 0 1 False
    reverse 1 0 False
    """
    steps, snapshots = _whole(steps, "steps"), _whole(snapshots, "snapshots")
    if snapshots > steps:
        raise InputError(
            f"{count_of(steps, 'step')} can use up to {count_of(steps, 'snapshot')}, not "
            f"{snapshots}: plain reverse mode keeps no more."
        )
    try:
        import checkpoint_schedules as library
    except ImportError:
        raise MissingPackageError(
            "Schedules come from the package checkpoint-schedules, which is not installed: "
            "pip install checkpoint-schedules."
        ) from None
    actions: list[Action] = []
    for one in library.MultistageCheckpointSchedule(steps, snapshots, 0):
        if isinstance(one, library.Forward):
            kind: Kind = "record" if one.write_adj_deps else "advance"
            actions.append(Action(kind, one.n0, one.n1, one.write_ics))
        elif isinstance(one, library.Reverse):
            actions.append(Action("reverse", one.n1, one.n0))
        elif isinstance(one, (library.Copy, library.Move)):
            actions.append(Action("restore", one.n, one.n, isinstance(one, library.Copy)))
        elif isinstance(one, library.EndReverse):
            break
    return actions


def checkpoint_study(
    step: Callable[[Any], Any], state: Any, steps: int, snapshots: int
) -> CheckpointStudy:
    """Return the gradient through a chain of steps by a schedule, with what it costs and saves.

    The gradient is that of the sum of all numbers in the last state, with respect to the first.

    Parameters
    ----------
    step : callable
        Takes a state, a number or an array or a nest of them, and returns the next one.
    state : number, array or nest
        The first state.
    steps : int
        How often the step is taken.
    snapshots : int
        The states that may be kept at a time, the first one included.

    Returns
    -------
    CheckpointStudy
        In a notebook it shows its figure.

    Raises
    ------
    InputError
        If there are not at least one step and one snapshot, or more snapshots than steps.
    OutputError
        If the step returns something else than a state like the one it takes.
    MissingPackageError
        If the package checkpoint-schedules is not installed.

    Examples
    --------
    >>> checkpoint_study(lambda x: 3.5 * x * (1 - x), 0.3, steps=10, snapshots=3)
    10 steps with 3 snapshots: 15 steps run again, 25 runs instead of 10
    the gradient is that of plain reverse mode: True
    """
    return CheckpointStudy(step, state, steps, snapshots)


class CheckpointStudy:
    """A chain of steps reversed by a schedule; made by :func:`adviz.checkpoint_study`.

    Attributes
    ----------
    steps, snapshots : int
    actions : list of Action
    runs : int
        How often the step was run, recorded or not.
    gradient, plain_gradient : number, array or nest
        By the schedule, and from one trace of the whole chain.
    """

    def __init__(self, step: Callable[[Any], Any], state: Any, steps: int, snapshots: int) -> None:
        self.step = step
        self.state = state
        self.actions = schedule(steps, snapshots)
        self.steps, self.snapshots = steps, snapshots
        self._check()
        self.runs = 0
        self.gradient = self._scheduled()
        self.plain_gradient = self._plain()

    @property
    def advances(self) -> int:
        """The steps that are run without being recorded: t(l, s)."""
        return sum(one.last - one.first for one in self.actions if one.kind == "advance")

    @property
    def is_exact(self) -> bool:
        """Whether the schedule's gradient is that of plain reverse mode, to the last bit."""
        pairs = zip(leaves(self.gradient), leaves(self.plain_gradient), strict=True)
        return all(np.array_equal(a, b, equal_nan=True) for (_, a), (_, b) in pairs)

    @cached_property
    def peak(self) -> int:
        """Bytes that the schedule needs at most at a time, measured."""
        return peak_bytes(self._scheduled)

    @cached_property
    def plain_peak(self) -> int:
        """Bytes that plain reverse mode needs at most at a time, measured."""
        return peak_bytes(self._plain)

    def plot(self, until: int | None = None) -> Figure:
        """Draw the schedule, up to an action, and what other numbers of snapshots cost."""
        from adviz.costs.drawing import draw_schedule

        return draw_schedule(self, len(self.actions) if until is None else until)

    def __str__(self) -> str:
        return (
            f"{count_of(self.steps, 'step')} with {count_of(self.snapshots, 'snapshot')}: "
            f"{count_of(self.advances, 'step')} run again, {count_of(self.runs, 'run')} "
            f"instead of {self.steps}\n"
            f"the gradient is that of plain reverse mode: {self.is_exact}"
        )

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> Any:
        data, metadata = self.plot()._repr_mimebundle_()
        return {**data, "text/plain": str(self)}, metadata

    def _check(self) -> None:
        """Refuse a step whose result cannot be its argument."""
        name = function_name(self.step)
        given = dict(leaves(self.state))
        made = dict(leaves(record(self.step, (self.state,), kind=Trace).value))
        for path, leaf in given.items():
            at = f" at {path}" if path else ""
            if path not in made or shape_of(made[path]) != shape_of(leaf):
                returned = described(made[path]) if path in made else "something nested otherwise"
                raise OutputError(
                    f"{name} takes a state with {_told(leaf)}{at} and returned {returned}: a step "
                    "returns the next state, nested and shaped as the one it takes."
                )
        if len(made) != len(given):
            raise OutputError(
                f"{name} takes a state of {count_of(len(given), 'part')} and returned "
                f"{len(made)}: a step returns the next state, nested as the one it takes."
            )

    def _scheduled(self) -> Any:
        """Carry the schedule out: one trace and a few states are kept at a time."""
        kept: dict[int, Any] = {}
        now, trace = self.state, None
        bars: list[Any] = []
        self.runs = 0
        for kind, first, last, keeps in self.actions:
            if kind == "restore":
                now = kept[first] if keeps else kept.pop(first)
                continue
            if kind == "reverse":
                assert trace is not None
                bars = input_adjoints(trace, bars or _ones(trace))
                trace = None
                continue
            if keeps:
                kept[first] = now
            self.runs += last - first
            if kind == "record":
                trace = record(self.step, (now,), kind=Trace)
                now = None
            else:
                with np.errstate(all="ignore"):  # as when it is recorded
                    for _ in range(last - first):
                        now = self.step(_copied(now))
        # What the last sweep left belongs to the first state.
        return _nested(self.state, bars)

    def _plain(self) -> Any:
        def chain(state: Any) -> Any:
            for _ in range(self.steps):
                state = self.step(state)
            return state

        trace = record(chain, (self.state,), kind=Trace)
        return _nested(self.state, input_adjoints(trace, _ones(trace)))


def _copied(state: Any) -> Any:
    """Return a nest of numbers and arrays with copies of the arrays, which may be written into."""
    return mapped(lambda leaf: leaf.copy() if isinstance(leaf, np.ndarray) else leaf, state)


def _ones(trace: Trace) -> list[Any]:
    values = [trace.tape.values[slot] for slot in trace.output_slots]
    return [np.ones_like(value) if shape_of(value) else 1.0 for value in values]


def _nested(like: Any, flat: list[Any]) -> Any:
    return unflatten(like, iter(flat))


def _told(leaf: Any) -> str:
    return f"an array of shape {shape_of(leaf)}" if shape_of(leaf) else "a number"


def _whole(number: Any, what: str) -> int:
    try:
        whole = operator.index(number)
    except TypeError:
        whole = 0
    if whole < 1:
        raise InputError(f"{what}={number!r}: give a whole number from 1 on.")
    return whole
