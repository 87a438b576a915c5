"""Sweeps over traces that are like earlier ones: by code, once there have been enough of them.

A function is called on traced numbers each time, so its gradient is right whatever it does; but it
mostly does the same. After some sweeps over traces with the same operations on the same rows, of
the same shapes and types, the sweep is written as straight-line code. Numbers and arrays are its
inputs, so it works for all values and gives the results of the sweep. For a trace that follows a
plan, the code computes the rows as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adviz.core import sweeps
from adviz.core.arrays import owned
from adviz.core.elementals import plain
from adviz.core.tape import Tape
from adviz.fast.plan_following import FollowingTape, SweptTape
from adviz.fast.plans import make_plan
from adviz.fast.signatures import value_signature
from adviz.fast.sweep_code import (
    Sweep,
    SweepCode,
    forward_sweep,
    record_sweep,
    return_sweep,
    sweep_signature,
    write_sweep,
)
from adviz.rules.batching import Batch

__all__ = ["adjoints", "tangents"]

_SWEEPS_BEFORE_CODE = 16
"""Sweeps with the same signature before code is written, which takes as long as some 20 sweeps."""

_MAX_ROWS = 6000
"""Rows of a trace above which writing the code takes longer than two seconds."""

_MAX_SIGNATURES = 256
"""Signatures whose sweeps are counted, and signatures that have code: the latest of each."""

_counts: dict[Any, int] = {}
"""The number of sweeps by signature, while there is no code for them."""

_codes: dict[Any, SweepCode | None] = {}
"""The code by signature; None where none can be written."""


def tangents(
    tape: Tape, outputs: Sequence[int], seeds: list[Any], wanted: Sequence[int] = ()
) -> list[Any]:
    """Return the tangents of the outputs, as :func:`sweeps.tangents` does.

    The caller may write into arrays among them, and reads the values of the rows ``wanted`` next.
    """
    results = _run_code(forward_sweep, tape, outputs, seeds, wanted)
    if results is None:
        dots = sweeps.tangents(tape, seeds)
        results = owned([plain(dots[slot]) for slot in outputs], seeds)
    return results


def adjoints(
    tape: Tape, outputs: Sequence[int], seeds: list[Any], wanted: Sequence[int] = ()
) -> list[Any]:
    """Return the adjoints of the inputs, as :func:`sweeps.adjoints` does.

    The caller may write into arrays among them, and reads the values of the rows ``wanted`` next.
    """
    results = None
    if not any(map(_is_zero, seeds)):  # a sweep does not begin at an output whose seed is 0
        results = _run_code(return_sweep, tape, outputs, seeds, wanted)
    if results is None:
        bars = sweeps.adjoints(tape, outputs, seeds)
        results = owned(map(plain, bars[: tape.input_count]), seeds)
    return results


def _is_zero(seed: Any) -> bool:
    if seed.__class__ is float or seed.__class__ is complex:
        return bool(seed == 0)
    return seed.__class__ is np.ndarray and not seed.any()


def _run_code(
    sweep: Sweep,
    tape: Tape,
    outputs: Sequence[int],
    seeds: list[Any],
    wanted: Sequence[int],
) -> list[Any] | None:
    """Return the results of a sweep by code; None where there is no code."""
    if len(tape.examples) > _MAX_ROWS:
        return None
    if type(tape) is FollowingTape and tape.is_complete:
        results = _run_with_rows(tape, sweep, outputs, seeds, wanted)
        if results is not None:
            return results
    arrays: list[Any] = []
    signature = sweep_signature(sweep, tape, outputs, seeds, arrays)
    if signature is None:
        return None
    code = _codes.get(signature)
    if code is not None:
        return code.run([*tape.values, *arrays])
    if signature not in _codes:
        count = _counts.pop(signature, 0) + 1  # the latest one comes last
        # The next trace may follow the plan, and then gets code that computes its rows too.
        if count <= _SWEEPS_BEFORE_CODE or (count == _SWEEPS_BEFORE_CODE + 1 and _make_plan(tape)):
            _remember(_counts, signature, count)
        else:
            _remember(_codes, signature, write_sweep(sweep, tape, outputs, seeds))
    return None


def _run_with_rows(
    tape: FollowingTape,
    sweep: Sweep,
    outputs: Sequence[int],
    seeds: list[Any],
    wanted: Sequence[int],
) -> list[Any] | None:
    """Return the results of a sweep by code that also computes the rows of the plan followed."""
    plan, inputs = tape.plan, tape.inputs
    # A gradient's seed of 1 is part of the code, unless that would fix an index beside it too.
    keeps_one = not plan.has_indices
    varying: list[Any] = []
    signatures: list[Any] = []
    for seed in seeds:
        if seed.__class__ is float:
            is_one = seed == 1.0
            signatures.append(is_one)
            if not (is_one and keeps_one):
                varying.append(seed)
        else:
            stack = seed.stack if seed.__class__ is Batch else seed
            signatures.append((seed.__class__, value_signature(stack)))
            varying.append(stack)
    varying += tape.arrays
    key = (sweep, outputs, wanted, *signatures)
    if key not in plan.programs:
        plan.programs[key] = record_sweep(
            sweep, tape, outputs, seeds, inputs, varying, wanted, keeps_one
        )
    code: SweepCode | None = plan.programs[key]
    results = None if code is None else code.run(inputs + varying)
    if results is not None:
        tape.take_results(wanted, results)
    return results


def _make_plan(tape: Tape) -> bool:
    """Plan the next trace of a function; return whether that is possible."""
    return isinstance(tape, SweptTape) and make_plan(tape.function, tape)


def _remember(memory: dict[Any, Any], signature: Any, what: Any) -> None:
    memory[signature] = what
    if len(memory) > _MAX_SIGNATURES:
        del memory[next(iter(memory))]
