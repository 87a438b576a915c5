"""Sweeps by straight-line code, for traces that are like those swept before.

A function is called on traced numbers each time, so its gradient is right whatever it does; but
what it does is mostly the same. Where a trace has the same operations on the same rows, of the same
shapes and types, as traces that have often been swept, Python code is written for the sweep:
numbers and arrays are its inputs, so it serves whatever they are. Its results are those of the
sweep itself. For a trace that follows an expected one, the code computes the rows as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from sys import _getframe
from typing import Any

import numpy as np

from adviz.code.program import OTHER_BRANCH, Output, Program
from adviz.code.program_source import input_text
from adviz.code.traced_return_sweep import traced_adjoints
from adviz.core import sweeps
from adviz.core.arrays import owned
from adviz.core.elementals import Elemental, plain
from adviz.core.tape import Tape
from adviz.core.variable import Variable
from adviz.fast.following import FollowingTape, SweptTape
from adviz.fast.plans import make_plan
from adviz.fast.signatures import NoSignatureError, rows_signature, value_signature
from adviz.host.errors import AdvizError
from adviz.rules.batching import Batch
from adviz.rules.rule import Operation

__all__ = ["adjoints", "tangents"]

_OFTEN = 16
"""Sweeps of traces like one another before code is written, which takes as long as some 20."""

_LONGEST = 6000
"""Rows beyond which writing it takes longer than two seconds."""

_MOST = 256
"""Kinds of traces whose sweeps are counted, those met last; and of those that have code."""

_counts: dict[Any, int] = {}
"""By what traces share: how often such were swept, while there is no code for it."""

_codes: dict[Any, _Code | None] = {}
"""Likewise the code; None where none can be written."""


def tangents(
    tape: Tape, outputs: Sequence[int], seeds: list[Any], wanted: Sequence[int] = ()
) -> list[Any]:
    """Return the tangents of the outputs, as :func:`sweeps.tangents` does.

    Nobody else holds the arrays among them. The values of the rows ``wanted`` will be wanted as
    well.
    """
    found = _by_code(_pushed, tape, outputs, seeds, wanted)
    if found is None:
        dots = sweeps.tangents(tape, seeds)
        found = owned([plain(dots[slot]) for slot in outputs], seeds)
    return found


def adjoints(
    tape: Tape, outputs: Sequence[int], seeds: list[Any], wanted: Sequence[int] = ()
) -> list[Any]:
    """Return the adjoints of the inputs, as :func:`sweeps.adjoints` does.

    Nobody else holds the arrays among them. The values of the rows ``wanted`` will be wanted as
    well.
    """
    found = None
    if not any(map(_is_zero, seeds)):  # zeros are not swept
        found = _by_code(_pulled, tape, outputs, seeds, wanted)
    if found is None:
        bars = sweeps.adjoints(tape, outputs, seeds)
        found = owned(map(plain, bars[: tape.input_count]), seeds)
    return found


def _is_zero(seed: Any) -> bool:
    if seed.__class__ is float:
        return bool(seed == 0.0)
    return seed.__class__ is np.ndarray and not seed.any()


def _by_code(
    sweep: _Sweep,
    tape: Tape,
    outputs: Sequence[int],
    seeds: list[Any],
    wanted: Sequence[int],
) -> list[Any] | None:
    """Return the result of a sweep; None where it is to be swept from row to row."""
    if len(tape.examples) > _LONGEST:
        return None
    if type(tape) is FollowingTape and tape.is_complete:
        found = _with_rows(tape, sweep, outputs, seeds, wanted)
        if found is not None:
            return found
    arrays: list[Any] = []
    kind = _kind(sweep, tape, outputs, seeds, arrays)
    if kind is None:
        return None
    code = _codes.get(kind)
    if code is not None:
        return code.run([*tape.values, *arrays])
    if kind not in _codes:
        count = _counts.pop(kind, 0) + 1  # what was met last comes last
        # Once there is a plan the next trace may follow it, and comes with code for its rows too.
        if count <= _OFTEN or (count == _OFTEN + 1 and _plan(tape)):
            _keep(_counts, kind, count)
        else:
            _keep(_codes, kind, _written(sweep, tape, outputs, seeds))
    return None


def _with_rows(
    tape: FollowingTape,
    sweep: _Sweep,
    outputs: Sequence[int],
    seeds: list[Any],
    wanted: Sequence[int],
) -> list[Any] | None:
    """Return the result of a sweep that comes with the rows of a tape that follows a plan."""
    plan, inputs = tape.plan, tape.inputs
    # A gradient's 1 is part of the code, unless that would take an index it meets for settled too.
    keeps_one = not plan.has_indices
    varying: list[Any] = []
    kinds: list[Any] = []
    for seed in seeds:
        if seed.__class__ is float:
            is_one = seed == 1.0
            kinds.append(is_one)
            if not (is_one and keeps_one):
                varying.append(seed)
        else:
            stack = seed.stack if seed.__class__ is Batch else seed
            kinds.append((seed.__class__, value_signature(stack)))
            varying.append(stack)
    varying += tape.arrays
    key = (sweep, outputs, wanted, *kinds)
    if key not in plan.programs:
        plan.programs[key] = _recorded(
            sweep, tape, outputs, seeds, inputs, varying, wanted, keeps_one
        )
    code: _Code | None = plan.programs[key]
    found = None if code is None else code.run(inputs + varying)
    if found is not None:
        tape.take_results(wanted, found)
    return found


def _plan(tape: Tape) -> bool:
    """Plan the next trace of a function; return whether that can be."""
    return isinstance(tape, SweptTape) and make_plan(tape.function, tape)


def _keep(memory: dict[Any, Any], kind: Any, what: Any) -> None:
    memory[kind] = what
    if len(memory) > _MOST:
        del memory[next(iter(memory))]


def _kind(
    sweep: _Sweep, tape: Tape, outputs: Sequence[int], seeds: list[Any], arrays: list[Any]
) -> tuple[Any, ...] | None:
    """Return what traces share whose sweep one code may do; list the arrays that may differ.

    None where no other trace may be like it.
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
        # Batches need other indices than one array does.
        shared += rows_signature(tape, arrays, not has_batches)
    except NoSignatureError:
        return None
    return tuple(shared)


# -- writing the code ----------------------------------------------------------------------------


class _Code:
    """Code for a sweep, and which of its results are batches."""

    def __init__(self, program: Program, are_batches: list[bool]) -> None:
        self.program = program
        self.are_batches = are_batches if any(are_batches) else None

    def run(self, inputs: list[Any]) -> list[Any] | None:
        """Return what the sweep does; None where these values need something else."""
        try:
            found: Any = self.program.run(inputs)
        except (ArithmeticError, ValueError, RecursionError):
            return None
        if found is OTHER_BRANCH:
            return None
        if self.are_batches is not None:
            pairs = zip(found, self.are_batches, strict=True)
            found = [Batch(stack) if is_batch else stack for stack, is_batch in pairs]
        results: list[Any] = found
        return results


def _written(sweep: _Sweep, tape: Tape, outputs: Sequence[int], seeds: list[Any]) -> _Code | None:
    """Return code for the sweep of traces like this one; None where it may not stay the same."""
    if any(row.__class__ is Elemental and row.may_change for row in tape.elementals):
        return None
    arrays: list[Any] = []
    _kind(sweep, tape, outputs, seeds, arrays)
    return _recorded(sweep, tape, outputs, seeds, tape.values, arrays)


def _recorded(
    sweep: _Sweep,
    tape: Tape,
    outputs: Sequence[int],
    seeds: list[Any],
    first: list[Any],
    arrays: list[Any],
    wanted: Sequence[int] = (),
    keeps_one: bool = False,
) -> _Code | None:
    """Return code for a sweep, and for the rows that are not given.

    Parameters
    ----------
    first : list
        The values that are given: of all rows, or of the inputs.
    arrays : list
        The seeds that may differ from call to call, and the arrays in the rows.
    wanted : sequence of int
        The rows whose values the code returns behind the results of the sweep.
    """
    inputs = [*first, *arrays]
    outer = Tape(_getframe(), [f"v{k}" for k in range(len(inputs))], inputs)
    outer.has_arrays = True
    rows: list[Any] = [Variable(outer, slot) for slot in range(len(first))]
    places = iter(range(len(rows), len(inputs)))
    has_batches = any(seed.__class__ is Batch for seed in seeds)
    given: dict[int, str] = {}  # how the code writes arrays that are part of operations
    dense = set(range(tape.input_count))  # inputs and constants are copies

    def seed_of(seed: Any) -> Any:
        if keeps_one and seed.__class__ is float and seed == 1.0:
            return seed
        own = Variable(outer, next(places))
        return Batch(own) if seed.__class__ is Batch else own

    def operand_of(operand: Any) -> Any:
        if operand.__class__ is not np.ndarray:
            return operand
        place = next(places)
        dense.add(place)
        return Variable(outer, place)

    def parameter_of(value: Any, varying: str) -> Any:
        if value.__class__ is tuple:
            return tuple([parameter_of(part, varying) for part in value])
        if value.__class__ is np.ndarray and value.dtype.kind in varying:
            own = value.view()  # told apart from the same array elsewhere
            given[id(own)] = input_text(next(places))
            return own
        return value

    def operation_of(operation: Any) -> Any:
        if operation.__class__ is not Operation or operation.is_shared or has_batches:
            return operation
        varying = operation.rule.hands_on
        parameters = operation.parameters.items()
        return Operation(
            operation.rule, {name: parameter_of(value, varying) for name, value in parameters}
        )

    try:
        own_seeds = [seed_of(seed) for seed in seeds]  # in the order that _kind() takes
        inner = tape.with_values(rows)
        inner.elementals, inner.left, inner.right = [], [], []
        for slot, (row, left, right) in enumerate(
            zip(tape.elementals, tape.left, tape.right, strict=True)
        ):
            inner.elementals.append(operation_of(row))
            is_many = left.__class__ is tuple
            inner.left.append(tuple(map(operand_of, left)) if is_many else operand_of(left))
            inner.right.append(operand_of(right))
            if slot == len(rows):
                rows.append(sweeps.evaluate(inner, slot, rows))
        if next(places, None) is not None:
            return None  # an array is where no code would look for it
        results = sweep(inner, outputs, own_seeds)
    except (AdvizError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None  # a rule that only plain numbers get through
    finally:
        outer.close()
    are_batches = [result.__class__ is Batch for result in results]
    stacks = [result.stack if result.__class__ is Batch else result for result in results]
    stacks += [rows[slot] for slot in wanted]
    are_batches += [False] * len(wanted)
    template = [Output(part.slot) if part.__class__ is Variable else part for part in stacks]
    program = Program("sweep", outer, template, {}, {}, parameter_texts=given, dense=dense)
    return _Code(program, are_batches)


_Sweep = Callable[[Tape, Sequence[int], list[Any]], list[Any]]


def _pushed(tape: Tape, outputs: Sequence[int], seeds: list[Any]) -> list[Any]:
    """Sweep forward over a tape of traced numbers."""
    dots = sweeps.tangents(tape, seeds)
    return [dots[slot] for slot in outputs]


def _pulled(tape: Tape, outputs: Sequence[int], seeds: list[Any]) -> list[Any]:
    """Sweep back over a tape of traced numbers."""
    return traced_adjoints(tape, outputs, seeds)[: tape.input_count]
