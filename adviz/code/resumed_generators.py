"""Generators that serve as functions: each call resumes one, and it keeps its variables between.

The functions of a long program are such generators. Their variables live on the heap: a call that
needs more than 16 kB of Python's stack requests that memory from the operating system each time.
Between calls the variables keep their numbers, and each number's memory is reused by the next one
of the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

__all__ = ["ResumedGenerator", "started"]


def started(generator: Callable[[], Generator[Any, Any, Any]]) -> Callable[[Any], Any]:
    """Start a generator and return its ``send``, which resumes it with arguments."""
    waiting = generator()
    next(waiting)
    return waiting.send


class ResumedGenerator:
    """A function that resumes a generator; calls that overlap resume one each.

    A generator that raises an error has ended; the next call starts another one.
    """

    def __init__(self, generator: Callable[[], Generator[Any, Any, Any]]) -> None:
        self.generator = generator
        self._idle: list[Callable[[Any], Any]] = []

    def __call__(self, *numbers: Any) -> Any:
        """Return what the generator yields for these numbers."""
        try:
            resume = self._idle.pop()
        except IndexError:
            resume = started(self.generator)
        result = resume(numbers)
        self._idle.append(resume)
        return result
