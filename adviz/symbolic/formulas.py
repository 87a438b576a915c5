"""The formulas of a trace: its rows, with symbols in place of the inputs' numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adviz.core.elementals import Elemental
from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.host.errors import UnsupportedOperationError
from adviz.symbolic.expr import Expr, constant, node, symbol

__all__ = ["branches", "formulas", "replayed"]


def formulas(trace: Trace) -> list[Expr]:
    """Return the formula of each output, in symbols named after the inputs.

    Each operation of the trace is one of the formula: nothing is simplified, and a result that is
    used twice is shared.

    Raises
    ------
    UnsupportedOperationError
        If a row of the trace is an array, or an operation that is not in the table.

    Examples
    --------
    >>> import adviz as ad
    >>> formulas(ad.trace(lambda x1, x2: x1 * x2 + x2, 2, 4))
    [((x1 × x2) + x2)]
    """
    rows = replayed(trace, [symbol(name) for name in trace.input_names])
    return [rows[slot] for slot in trace.output_slots]


def replayed(trace: Trace, inputs: Sequence[Expr]) -> list[Expr]:
    """Return every row of a trace as an expression of these inputs.

    Raises
    ------
    UnsupportedOperationError
        As :func:`formulas`.
    """
    tape = trace.tape
    if tape.has_arrays:
        slot = next(k for k, value in enumerate(tape.values) if np.ndim(value))
        raise UnsupportedOperationError(
            f"{_described(trace.rows[slot])} is an array, and a formula is of single numbers. "
            "Trace it with a row for each number: ad.trace(..., elementwise=True)."
        )
    rows = list(inputs)
    constants: dict[Any, Expr] = {}  # a loop repeats them
    for slot in range(tape.input_count, len(tape.values)):
        elemental = tape.elementals[slot]
        if elemental.__class__ is not Elemental:
            raise UnsupportedOperationError(
                f"{_described(trace.rows[slot])} is the operation {elemental.name}, for which "
                "the table of elementals has no formula."
            )
        if elemental.arity == 0:
            rows.append(constant(tape.values[slot]))
            continue
        args = []
        for operand in tape.operands(slot):
            if operand.__class__ is int:
                args.append(rows[operand])
                continue
            if operand not in constants:
                constants[operand] = constant(operand)
            args.append(constants[operand])
        rows.append(node(elemental, tuple(args)))
    return rows


def branches(trace: Trace) -> list[str]:
    """Return the decisions that a trace's formula holds for.

    A formula has no branches: it is what the function computes while they have the same outcomes.

    Examples
    --------
    >>> import adviz as ad
    >>> branches(ad.trace(lambda x: -x if x < 0 else x, 2.0))
    ['v₀ < 0 is False']
    """
    return [f"{decision} is {decision.outcome}" for decision in trace.decisions]


def _described(row: Row) -> str:
    return row.label if row.source is None else f"{row.label} ({row.source})"
