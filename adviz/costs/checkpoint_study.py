"""The checkpoint study: time for memory on the way back through a chain of steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from adviz.costs.scheduled_gradient import ScheduledGradient

if TYPE_CHECKING:
    from adviz.figure import Figure

__all__ = ["CheckpointStudy", "checkpoint_study"]


def checkpoint_study(
    step: Callable[[Any], Any], state: Any, steps: int, snapshots: int
) -> CheckpointStudy:
    """Return the gradient through a chain of steps by a checkpointing schedule, and its cost.

    It is the gradient of the sum of all numbers in the last state with respect to the first state.

    Parameters
    ----------
    step : callable
        Takes a state (a number, an array or a nest of them) and returns the next one.
    state : number, array or nest
        The first state.
    steps : int
        The number of steps.
    snapshots : int
        The most states that are kept at a time, the first one included.

    Returns
    -------
    CheckpointStudy
        A notebook displays its figure.

    Raises
    ------
    InputError
        If there is no step or no snapshot, or there are more snapshots than steps.
    OutputError
        If the step returns something other than a state like the one it takes.
    MissingPackageError
        If the package checkpoint-schedules is not installed.

    Examples
    --------
    >>> checkpoint_study(lambda x: 3.5 * x * (1 - x), 0.3, steps=10, snapshots=3)
    10 steps with 3 snapshots: 15 steps run again, 25 runs instead of 10
    the gradient is that of plain reverse mode: True
    """
    return CheckpointStudy(step, state, steps, snapshots)


class CheckpointStudy(ScheduledGradient):
    """A gradient by a schedule, with its figure; made by :func:`adviz.checkpoint_study`."""

    def plot(self, until: int | None = None) -> Figure:
        """Draw the schedule up to an action, and the cost of other numbers of snapshots."""
        from adviz.costs.figures import draw_schedule  # which needs Matplotlib

        return draw_schedule(self, len(self.actions) if until is None else until)

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> Any:
        data, metadata = self.plot()._repr_mimebundle_()
        return {**data, "text/plain": str(self)}, metadata
