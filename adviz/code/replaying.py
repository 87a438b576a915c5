"""Code that replays a trace, which the core uses for a trace that is replayed often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adviz.code.program import FAILED, MAX_ROWS, OTHER_BRANCH, Output, Program
from adviz.core.tape import Tape
from adviz.core.variable import Variable

__all__ = ["REPLAYS_BEFORE_CODE", "replayed"]

REPLAYS_BEFORE_CODE = 10
"""Replays of a trace before its code is written, which takes as long as some ten of them."""


def replayed(tape: Tape) -> Callable[[list[Any]], list[Any] | None] | None:
    """Return a function that computes the rows of a tape from its inputs by generated code.

    The function returns None where a decision turns out differently at its inputs. There is no
    function, but None, for a trace that is too long or holds numbers of an enclosing derivative.
    """
    if len(tape.values) > MAX_ROWS or any(v.__class__ is Variable for v in tape.values):
        return None
    rows = tuple(map(Output, range(tape.input_count, len(tape.values))))
    program = Program("replayed", tape, rows, {}, {}, copies=False)

    def compute(inputs: list[Any]) -> list[Any] | None:
        results = program(*inputs)
        return None if results is OTHER_BRANCH or results is FAILED else list(results)

    return compute
