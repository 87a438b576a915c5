"""Straight-line code for a sweep, made by recording the sweep itself on traced numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from sys import _getframe
from typing import Any

import numpy as np

from adviz.code.program import OTHER_BRANCH, Output, Program
from adviz.code.program_source import input_text
from adviz.code.traced_return_sweep import traced_adjoints
from adviz.core import sweeps
from adviz.core.elementals import Elemental
from adviz.core.tape import Tape
from adviz.core.variable import Variable
from adviz.fast.signatures import NoSignatureError, rows_signature, value_signature
from adviz.host.errors import AdvizError
from adviz.rules.batching import Batch
from adviz.rules.rule import Operation

__all__ = [
    "Sweep",
    "SweepCode",
    "forward_sweep",
    "record_sweep",
    "return_sweep",
    "sweep_signature",
    "write_sweep",
]

Sweep = Callable[[Tape, Sequence[int], list[Any]], list[Any]]


def forward_sweep(tape: Tape, outputs: Sequence[int], seeds: list[Any]) -> list[Any]:
    """Return the tangents of the outputs of a tape of traced numbers."""
    dots = sweeps.tangents(tape, seeds)
    return [dots[slot] for slot in outputs]


def return_sweep(tape: Tape, outputs: Sequence[int], seeds: list[Any]) -> list[Any]:
    """Return the adjoints of the inputs of a tape of traced numbers."""
    return traced_adjoints(tape, outputs, seeds)[: tape.input_count]


def sweep_signature(
    sweep: Sweep, tape: Tape, outputs: Sequence[int], seeds: list[Any], arrays: list[Any]
) -> tuple[Any, ...] | None:
    """Return the signature of a sweep and append the arrays that may differ to ``arrays``.

    One code does all sweeps with the same signature. None where there is no signature.
    """
    shared: list[Any] = [sweep, tape.input_count, tuple(outputs)]
    has_batches = False
    try:
        for seed in seeds:
            if seed.__class__ is Batch:
                has_batches = True
                seed = seed.stack
                shared.append(Batch)
            shared.append(value_signature(seed))
            arrays.append(seed)
        # A batch of arrays is indexed differently than one array.
        shared += rows_signature(tape, arrays, not has_batches)
    except NoSignatureError:
        return None
    return tuple(shared)


class SweepCode:
    """Code for a sweep, some of whose results may be batches."""

    def __init__(self, program: Program, are_batches: list[bool]) -> None:
        self.program = program
        self.are_batches = are_batches if any(are_batches) else None

    def run(self, inputs: list[Any]) -> list[Any] | None:
        """Return the results of the sweep; None where the code does not hold at these inputs."""
        try:
            parts: Any = self.program.run(inputs)
        except (ArithmeticError, ValueError, RecursionError):
            return None
        if parts is OTHER_BRANCH:
            return None
        if self.are_batches is not None:
            pairs = zip(parts, self.are_batches, strict=True)
            parts = [Batch(stack) if is_batch else stack for stack, is_batch in pairs]
        results: list[Any] = parts
        return results


def write_sweep(
    sweep: Sweep, tape: Tape, outputs: Sequence[int], seeds: list[Any]
) -> SweepCode | None:
    """Return code for the sweeps with the signature of this one; None where there can be none."""
    if any(row.__class__ is Elemental and row.may_change for row in tape.elementals):
        return None
    arrays: list[Any] = []
    sweep_signature(sweep, tape, outputs, seeds, arrays)
    return record_sweep(sweep, tape, outputs, seeds, tape.values, arrays)


def record_sweep(
    sweep: Sweep,
    tape: Tape,
    outputs: Sequence[int],
    seeds: list[Any],
    values: list[Any],
    arrays: list[Any],
    wanted: Sequence[int] = (),
    keeps_one: bool = False,
) -> SweepCode | None:
    """Return code for a sweep, and for the rows whose values it does not get; None if that fails.

    Parameters
    ----------
    values : list
        The first inputs of the code: the values of all rows, or of the inputs of the tape.
    arrays : list
        Its other inputs: the seeds that may differ from call to call, and the arrays in the rows.
    wanted : sequence of int
        The rows whose values the code returns after the results of the sweep.
    keeps_one : bool
        Whether a seed of 1 is part of the code.
    """
    inputs = [*values, *arrays]
    outer = Tape(_getframe(), [f"v{k}" for k in range(len(inputs))], inputs)
    outer.has_arrays = True
    rows: list[Any] = [Variable(outer, slot) for slot in range(len(values))]
    replacements = _Replacements(outer, len(rows), tape.input_count)
    has_batches = any(seed.__class__ is Batch for seed in seeds)
    try:
        # First the seeds, then the arrays row by row, as sweep_signature() lists them.
        traced_seeds = [
            seed if keeps_one and _is_one(seed) else replacements.seed(seed) for seed in seeds
        ]
        inner = tape.with_values(rows)
        inner.elementals, inner.left, inner.right = [], [], []
        columns = zip(tape.elementals, tape.left, tape.right, strict=True)
        for slot, (operation, left, right) in enumerate(columns):
            inner.elementals.append(operation if has_batches else replacements.operation(operation))
            inner.left.append(replacements.operand(left))
            inner.right.append(replacements.operand(right))
            if slot == len(rows):
                rows.append(sweeps.evaluate(inner, slot, rows))
        if replacements.are_left:
            return None  # some array is part of nothing that the code reads
        results = sweep(inner, outputs, traced_seeds)
    except (AdvizError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None  # a rule that works with plain numbers only
    finally:
        outer.close()
    are_batches = [result.__class__ is Batch for result in results]
    stacks = [result.stack if result.__class__ is Batch else result for result in results]
    stacks += [rows[slot] for slot in wanted]
    are_batches += [False] * len(wanted)
    template = [Output(part.slot) if part.__class__ is Variable else part for part in stacks]
    program = Program(
        "sweep",
        outer,
        template,
        {},
        {},
        parameter_texts=replacements.parameter_texts,
        dense=replacements.dense,
    )
    return SweepCode(program, are_batches)


class _Replacements:
    """Traced numbers in place of seeds and constant arrays, in the order they are listed in.

    Attributes
    ----------
    dense : set of int
        The slots of arrays without gaps in memory: inputs and constants, which are copies.
    parameter_texts : dict of int to str
        The text for arrays that are parameters of operations, by id.
    """

    def __init__(self, outer: Tape, first: int, input_count: int) -> None:
        self.dense = set(range(input_count))
        self.parameter_texts: dict[int, str] = {}
        self._outer = outer
        self._slots = iter(range(first, len(outer.values)))

    @property
    def are_left(self) -> bool:
        """Whether some have not been used."""
        return next(self._slots, None) is not None

    def seed(self, seed: Any) -> Any:
        """Replace a seed."""
        variable = Variable(self._outer, next(self._slots))
        return Batch(variable) if seed.__class__ is Batch else variable

    def operand(self, operand: Any) -> Any:
        """Replace what is an array among the operands in a column of the tape."""
        if operand.__class__ is tuple:
            return tuple(map(self.operand, operand))
        if operand.__class__ is not np.ndarray:
            return operand
        slot = next(self._slots)
        self.dense.add(slot)
        return Variable(self._outer, slot)

    def operation(self, operation: Any) -> Any:
        """Replace the arrays among the parameters of an operation that may differ."""
        if operation.__class__ is not Operation or operation.is_shared:
            return operation
        rule, parameters = operation.rule, operation.parameters.items()
        return Operation(
            rule, {name: self._parameter(value, rule.hands_on) for name, value in parameters}
        )

    def _parameter(self, value: Any, varying: str) -> Any:
        if value.__class__ is tuple:
            return tuple([self._parameter(part, varying) for part in value])
        if value.__class__ is np.ndarray and value.dtype.kind in varying:
            view = value.view()  # another object, as the same array may occur elsewhere
            self.parameter_texts[id(view)] = input_text(next(self._slots))
            return view
        return value


def _is_one(seed: Any) -> bool:
    return seed.__class__ is float and bool(seed == 1.0)
