"""A gradient through a chain of steps by a checkpointing schedule, and by plain reverse mode."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.derivatives import input_adjoints
from adviz.core.recording import record
from adviz.core.trace import Trace
from adviz.costs.measuring import peak_bytes
from adviz.costs.schedules import schedule
from adviz.host.arguments import described, function_name
from adviz.host.errors import OutputError
from adviz.host.nests import count_of, leaves, mapped, unflatten

__all__ = ["ScheduledGradient"]


class ScheduledGradient:
    """The gradient through a chain of steps, computed by a checkpointing schedule.

    Attributes
    ----------
    steps, snapshots : int
    actions : list of Action
    runs : int
        How often a step was run, recorded or not.
    gradient, plain_gradient : number, array or nest
        The gradient by the schedule, and the one from a single trace of the whole chain.
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
        """How many steps are run without being recorded: t(l, s)."""
        return sum(one.last - one.first for one in self.actions if one.kind == "advance")

    @property
    def is_exact(self) -> bool:
        """Whether the two gradients are equal to the last bit."""
        pairs = zip(leaves(self.gradient), leaves(self.plain_gradient), strict=True)
        return all(np.array_equal(a, b, equal_nan=True) for (_, a), (_, b) in pairs)

    @cached_property
    def peak(self) -> int:
        """The measured peak of memory by the schedule, in bytes."""
        return peak_bytes(self._scheduled)

    @cached_property
    def plain_peak(self) -> int:
        """The measured peak of memory of plain reverse mode, in bytes."""
        return peak_bytes(self._plain)

    def __str__(self) -> str:
        return (
            f"{count_of(self.steps, 'step')} with {count_of(self.snapshots, 'snapshot')}: "
            f"{count_of(self.advances, 'step')} run again, {count_of(self.runs, 'run')} "
            f"instead of {self.steps}\n"
            f"the gradient is that of plain reverse mode: {self.is_exact}"
        )

    def __repr__(self) -> str:
        return str(self)

    def _check(self) -> None:
        """Check that the result of a step can be the argument of the next."""
        name = function_name(self.step)
        before = dict(leaves(self.state))
        after = dict(leaves(record(self.step, (self.state,)).value))
        for path, leaf in before.items():
            at = f" at {path}" if path else ""
            if path not in after or shape_of(after[path]) != shape_of(leaf):
                returned = described(after[path]) if path in after else "something nested otherwise"
                raise OutputError(
                    f"{name} takes a state with {_shape_text(leaf)}{at} and returned {returned}: a "
                    "step returns the next state, nested and shaped as the one it takes."
                )
        if len(after) != len(before):
            raise OutputError(
                f"{name} takes a state of {count_of(len(before), 'part')} and returned "
                f"{len(after)}: a step returns the next state, nested as the one it takes."
            )

    def _scheduled(self) -> Any:
        """Return the gradient by the schedule, which keeps one trace and a few states at a time."""
        kept: dict[int, Any] = {}
        state, trace = self.state, None
        bars: list[Any] = []
        self.runs = 0
        for kind, first, last, keeps in self.actions:
            if kind == "restore":
                state = kept[first] if keeps else kept.pop(first)
                continue
            if kind == "reverse":
                assert trace is not None
                bars = input_adjoints(trace, bars or _ones(trace))
                trace = None
                continue
            if keeps:
                kept[first] = state
            self.runs += last - first
            if kind == "record":
                trace = record(self.step, (state,))
                state = None
            else:
                with np.errstate(all="ignore"):  # as when it is recorded
                    for _ in range(last - first):
                        state = self.step(_copied(state))
        # The last sweep ended at the first state.
        return _nested(self.state, bars)

    def _plain(self) -> Any:
        def chain(state: Any) -> Any:
            for _ in range(self.steps):
                state = self.step(state)
            return state

        trace = record(chain, (self.state,))
        return _nested(self.state, input_adjoints(trace, _ones(trace)))


def _copied(state: Any) -> Any:
    """Return a state with copies of its arrays, because a step may write into them."""
    return mapped(lambda leaf: leaf.copy() if isinstance(leaf, np.ndarray) else leaf, state)


def _ones(trace: Trace) -> list[Any]:
    values = [trace.tape.values[slot] for slot in trace.output_slots]
    return [np.ones_like(value) if shape_of(value) else 1.0 for value in values]


def _nested(like: Any, flat: list[Any]) -> Any:
    return unflatten(like, iter(flat))


def _shape_text(leaf: Any) -> str:
    return f"an array of shape {shape_of(leaf)}" if shape_of(leaf) else "a number"
