"""Measures contenders in turns, so that a busy machine slows all of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

ROUNDS = 41
LEAST = 0.02
"""Seconds of a turn at least: a contender runs again and again, as in a loop that trains, because
its first runs meet caches that the one before has filled."""


def medians(
    contenders: Mapping[str, Callable[[], Any]], rounds: int = ROUNDS, least: float = LEAST
) -> dict[str, float]:
    """Return how many seconds each contender takes for a run: the median of its turns."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for run in contenders.values():
        run()  # what is made once
    gc.collect()
    for _ in range(rounds):
        for name, run in contenders.items():
            runs, start = 0, time.perf_counter()
            while (passed := time.perf_counter() - start) < least:
                run()
                runs += 1
            times[name].append(passed / runs)
    return {name: statistics.median(taken) for name, taken in times.items()}
