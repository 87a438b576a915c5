"""The laboratory of checkpointing: a schedule, action by action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adviz.costs.checkpoint_study import CheckpointStudy, checkpoint_study
from adviz.costs.schedules import Action, schedule
from adviz.jupyter.laboratory import Laboratory, Slider
from adviz.render.jacobian_table import Note

__all__ = ["CheckpointLaboratory", "checkpoint_lab"]

_MAX_SNAPSHOTS = 40
"""The most snapshots that can be chosen."""


def checkpoint_lab(step: Callable[[Any], Any], state: Any, steps: int) -> CheckpointLaboratory:
    """Return a laboratory in which a chain of steps is reversed with a chosen number of snapshots.

    It draws the binomial schedule, action by action up to the one chosen, and below it the cost of
    every number of snapshots.

    Parameters
    ----------
    step, state, steps
        As for :func:`adviz.checkpoint_study`.

    Returns
    -------
    CheckpointLaboratory
        A laboratory for a notebook. Its controls, which ``set`` moves too, are ``snapshots`` and
        ``actions``, the number of actions done.

    Raises
    ------
    InputError, OutputError, MissingPackageError
        As for :func:`adviz.checkpoint_study`.

    Examples
    --------
    >>> lab = checkpoint_lab(lambda x: 3.5 * x * (1 - x), 0.3, steps=10)
    >>> lab.set(snapshots=2, actions=3)
    >>> lab.shown[0]
    Action 3 of 38: run step 10 and keep its trace. Kept: states 0, 6 and a trace.
    10 steps with 2 snapshots: 20 steps run again, 30 runs instead of 10
    the gradient is that of plain reverse mode: True
    """
    return CheckpointLaboratory(step, state, steps)


class CheckpointLaboratory(Laboratory):
    """The laboratory made by :func:`adviz.checkpoint_lab`."""

    def __init__(self, step: Callable[[Any], Any], state: Any, steps: int) -> None:
        one = checkpoint_study(step, state, steps, 1)
        self._study = CheckpointStudy(step, state, steps, min(3, one.steps))
        snapshots = list(range(1, min(steps, _MAX_SNAPSHOTS) + 1))
        longest = max(len(schedule(steps, s)) for s in snapshots)
        done = list(range(longest + 1))
        controls = {
            "snapshots": Slider(
                "Snapshots", snapshots, [f"{s}" for s in snapshots], self._study.snapshots
            ),
            "actions": Slider("Actions done", done, [f"{k}" for k in done], longest),
        }
        super().__init__(controls, self._state, f"checkpointing in {steps} steps")

    def _state(self, snapshots: int, actions: int) -> tuple[Any, ...]:
        if snapshots != self._study.snapshots:
            old = self._study
            self._study = CheckpointStudy(old.step, old.state, old.steps, snapshots)
        study, done = self._study, min(actions, len(self._study.actions))
        return Note(f"{_progress_text(study.actions, done)}\n{study}"), study.plot(done)


def _progress_text(actions: list[Action], done: int) -> str:
    if done == 0:
        return f"0 of {len(actions)} actions done. Kept: state 0."
    kept: set[int] = set()
    has_trace = False
    for one in actions[:done]:
        if one.kind == "restore" and not one.keeps:
            kept.discard(one.first)
        if one.kind in ("advance", "record") and one.keeps:
            kept.add(one.first)
        has_trace = one.kind == "record" or (has_trace and one.kind != "reverse")
    last = actions[done - 1]
    description = {
        "advance": f"run step {last.first + 1}"
        if last.last == last.first + 1
        else f"run steps {last.first + 1} to {last.last}",
        "record": f"run step {last.last} and keep its trace",
        "reverse": f"sweep back over step {last.first} and drop its trace",
        "restore": f"take up state {last.first} again" + ("" if last.keeps else " and let it go"),
    }[last.kind]
    states = f"states {', '.join(map(str, sorted(kept)))}" if kept else "no state"
    kept_text = f"{states}{' and a trace' * has_trace}"
    return f"Action {done} of {len(actions)}: {description}. Kept: {kept_text}."
