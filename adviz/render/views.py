"""The public Trace: the core's, with everything that shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adviz.core import trace as core

__all__ = ["Trace", "trace"]


class Trace(core.Trace):
    """The evaluation trace of one call, and what shows it."""


def trace(f: Callable[..., Any], *inputs: Any) -> Trace:
    """Call a function and return the evaluation trace of the call."""
    return core.record(f, inputs, kind=Trace)
