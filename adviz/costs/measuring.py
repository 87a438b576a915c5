"""Measurements of time and memory."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

__all__ = ["median_seconds", "peak_bytes"]

_MAX_RUNS = 200
"""The most runs of an action; more would hardly change the median."""


def median_seconds(action: Callable[[], Any], seconds: float) -> tuple[float, int]:
    """Return the median time of an action, and how often it ran within about ``seconds``.

    Examples
    --------
    >>> median_seconds(lambda: None, 0.0)[1]
    1
    """
    action()  # work that only the first run does is not timed
    times: list[float] = []
    end = time.perf_counter() + seconds
    while not times or (len(times) < _MAX_RUNS and time.perf_counter() < end):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times), len(times)


def peak_bytes(action: Callable[[], Any]) -> int:
    """Return the peak of memory that an action allocates, in bytes.

    Examples
    --------
    >>> 1_000_000 < peak_bytes(lambda: bytes(1_000_000)) < 1_001_000
    True
    """
    was_on = tracemalloc.is_tracing()
    tracemalloc.start()
    try:
        action()  # memory that only the first run needs is not counted
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        action()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if not was_on:
            tracemalloc.stop()
