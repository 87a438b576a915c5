"""The formulas of a trace: its rows, with symbols in place of the inputs' numbers."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.elementals import ELEMENTALS, Elemental
from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.core.variable import value_of
from adviz.host.errors import FormulaError, UnsupportedOperationError
from adviz.rules.complex_rules import COMPLEX_RULES
from adviz.symbolic.expr import Expr, constant, node, symbol

__all__ = ["branches", "formulas", "replayed"]

_MAX_OPERATIONS = 200_000
"""The most operations of a trace that is read as a formula."""


def formulas(trace: Trace, slots: Sequence[int] | None = None) -> list[Expr]:
    """Return the formulas of rows, by default the outputs, in symbols named after the inputs.

    Each operation of the trace is one of the formula: nothing is simplified, and a result that is
    used twice is shared.

    Raises
    ------
    FormulaError
        If the trace has more than 200,000 operations.
    UnsupportedOperationError
        If an input or an output is an array, or an operation has no formula of single numbers.

    Examples
    --------
    >>> import adviz as ad
    >>> formulas(ad.trace(lambda x1, x2: x1 * x2 + x2, 2, 4))
    [((x1 × x2) + x2)]
    """
    operations = len(trace.tape.values) - trace.tape.input_count
    if operations > _MAX_OPERATIONS:
        raise FormulaError(
            f"{trace.function_name} has {operations:,} operations, and formulas of more than "
            f"{_MAX_OPERATIONS:,} are neither read nor differentiated in reasonable time: trace a "
            "smaller case, or look at trace.table() and trace.rows."
        )
    rows = replayed(trace, [symbol(name) for name in trace.input_names])
    wanted = trace.output_slots if slots is None else slots
    for slot in wanted:
        if shape_of(rows[slot]):
            raise UnsupportedOperationError(
                f"{_described(trace.rows[slot])} is an array, and a formula is of a single number: "
                "return the entries that you want formulas of, as in y[0], y[1]."
            )
    return [rows[slot] for slot in wanted]


def replayed(trace: Trace, inputs: Sequence[Expr]) -> list[Any]:
    """Return every row of a trace as an expression of these inputs, an array as one of them.

    Raises
    ------
    UnsupportedOperationError
        As :func:`formulas`.
    """
    tape = trace.tape
    for slot in range(tape.input_count if tape.has_arrays else 0):
        if shape_of(tape.values[slot]):
            raise UnsupportedOperationError(
                f"{_described(trace.rows[slot])} is an array, and a formula is of single numbers. "
                "Trace it with a row for each number: ad.trace(..., elementwise=True)."
            )
    rows: list[Any] = list(inputs)
    constants: dict[Any, Expr] = {}  # a loop repeats them

    def operand_of(recorded: Any, slot: int) -> Any:
        if recorded.__class__ is int:
            return rows[recorded]
        number = value_of(recorded)
        if np.iscomplexobj(number):
            raise UnsupportedOperationError(
                f"{_described(trace.rows[slot])} computes with complex numbers, and a formula is "
                "of real ones. Write it with real and imaginary parts."
            )
        if isinstance(number, np.ndarray):
            return number.astype(object) if number.shape else constant(number[()])
        if number not in constants:
            constants[number] = constant(number)
        return constants[number]

    for slot in range(tape.input_count, len(tape.values)):
        elemental = tape.elementals[slot]
        if elemental.arity == 0:
            value = tape.values[slot]
            rows.append(value.astype(object) if shape_of(value) else constant(value))
            continue
        operands = tuple([operand_of(operand, slot) for operand in tape.operands(slot)])
        if elemental.__class__ is not Elemental:
            rows.append(_of_operation(trace, slot, operands))
        elif tape.has_arrays and any(map(shape_of, operands)):
            apply = np.frompyfunc(partial(_applied, elemental), len(operands), 1)
            rows.append(apply(*map(_as_objects, operands)))
        else:
            rows.append(node(elemental, operands))
    return rows


def _applied(elemental: Elemental, *operands: Any) -> Expr:
    return node(elemental, tuple(constant(operand) for operand in operands))


def _as_objects(operand: Any) -> Any:
    """Return an array whose entries are expressions and numbers, of no dimension for a single one.

    NumPy would ask a single expression to apply a function itself.
    """
    return np.asarray(operand, dtype=object)


def _of_operation(trace: Trace, slot: int, operands: tuple[Any, ...]) -> Any:
    """Return the result of an array operation on expressions, if it is a linear map of them.

    Such an operation moves entries, or sums products of them with constants. Any other computes
    with numbers.
    """
    operation, value = trace.tape.elementals[slot], trace.tape.values[slot]
    if operation.rule is COMPLEX_RULES.get(operation.name):  # in the place of an elemental
        row = ELEMENTALS[operation.name]
        return np.frompyfunc(partial(_applied, row), len(operands), 1)(*map(_as_objects, operands))
    result = None
    if operation.rule.push in ("each", "together") and not np.iscomplexobj(value_of(value)):
        # NumPy computes with the + and × of the objects in an array; what needs floats fails.
        with contextlib.suppress(AttributeError, TypeError, ValueError):
            result = _as_objects(operation.evaluate(*map(_as_objects, operands)))
    if result is None or result.shape != shape_of(value) or not all(map(_is_entry, result.flat)):
        raise UnsupportedOperationError(
            f"{_described(trace.rows[slot])} is the operation {operation.name}, which has no "
            "formula of single numbers. Write it with arithmetic and functions of numbers."
        )
    return result if result.shape else constant(result[()])


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, (Expr, int, float, np.floating, np.integer))


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
