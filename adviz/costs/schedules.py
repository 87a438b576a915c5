"""Checkpointing schedules, which trade time for memory in reverse mode through a chain of steps.

Plain reverse mode keeps the trace of every step. A schedule keeps a few states, the snapshots, runs
the steps again from them, and keeps the trace of only one step at a time. Binomial schedules run
the fewest steps again: Griewank and Walther, *Algorithm 799: Revolve* (2000), whose count is

    t(l, s) = r l - β(s + 1, r - 1),    β(s, r) = C(s + r, s),    β(s, r - 1) < l <= β(s, r)

for l steps and s snapshots, one of which is the initial state. It counts the steps that are run
without being recorded; each of the l steps is run once more to be recorded. The schedules come from
the package checkpoint-schedules.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from adviz.host import checks
from adviz.host.errors import InputError, MissingPackageError
from adviz.host.nests import count_of

__all__ = ["Action", "fewest_advances", "schedule"]

Kind = Literal["advance", "record", "reverse", "restore"]

_MOST_STEPS = 100_000
"""Every action of a schedule is listed."""


class Action(NamedTuple):
    """One action of a schedule.

    Attributes
    ----------
    kind : str
        "advance" runs steps, "record" runs one and keeps its trace, "reverse" sweeps back over
        the trace and drops it, "restore" continues from a snapshot.
    first, last : int
        The states before and after it, counted from 0.
    keeps : bool
        Whether the state it begins with is kept as a snapshot; a restored one is dropped if not.
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
        If there is no step or no snapshot, or there are more snapshots than steps.
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
    steps = checks.count(steps, "steps", most=_MOST_STEPS)
    snapshots = checks.count(snapshots, "snapshots")
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
