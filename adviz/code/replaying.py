"""Code for a trace that is replayed often, plugged into the core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adviz.code.program import FAILED, LONGEST, OTHER_BRANCH, Output, Program
from adviz.core.tape import Tape
from adviz.core.variable import Variable

__all__ = ["REPLAYS_BEFORE_CODE", "replayed"]

REPLAYS_BEFORE_CODE = 10
"""Making the code takes as long as some ten replays: who replays once does not wait for it."""


def replayed(tape: Tape) -> Callable[[list[Any]], list[Any] | None] | None:
    """Return what computes the rows of a tape from its inputs, by generated code.

    It returns None where a decision would turn out otherwise at these inputs. None is returned in
    its place where the trace is too long for code, or is one of an enclosing derivative's.
    """
    if len(tape.values) > LONGEST or any(v.__class__ is Variable for v in tape.values):
        return None
    rows = tuple(map(Output, range(tape.input_count, len(tape.values))))
    program = Program("replayed", tape, rows, {}, {}, copies=False)

    def compute(inputs: list[Any]) -> list[Any] | None:
        results = program(*inputs)
        return None if results is OTHER_BRANCH or results is FAILED else list(results)

    return compute
