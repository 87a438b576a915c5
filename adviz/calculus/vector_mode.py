"""Vector mode: the tangents or adjoints of many seeds in one sweep.

Each row then has a vector of tangents or adjoints, and its local partials are computed only once:
Griewank and Walther, *Evaluating Derivatives* (2008), sections 3.1 and 3.2. The seeds go in chunks,
so that the tangents or adjoints of all rows take 8 MB, or more if those of one seed do.

While a hook listens to steps there is one sweep for each seed, as steps are those of one seed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.derivatives import (
    adjoints_of,
    input_adjoints,
    output_tangents,
    tangents_of,
)
from adviz.core.elementals import plain
from adviz.core.trace import Trace
from adviz.core.variable import value_of
from adviz.host.hooks import listening
from adviz.rules.batching import Batch

__all__ = ["Mode", "Seeds", "ends", "size", "swept", "unit_seeds"]

Mode = Literal["forward", "reverse"]

Seeds = Callable[[int, int], list[Any]]
"""``seeds(start, stop)`` returns a chunk of the seeds, for each input or output stacked along a
leading axis; 0.0 where all of them are zero."""

_CHUNK_BYTES = 1 << 23
"""Bytes of the tangents or adjoints of a chunk of seeds."""

_MAX_SCALAR_SWEEPS = 6
"""Seeds up to which one sweep of scalars for each is faster than one sweep of vectors."""


def swept(trace: Trace, mode: Mode, count: int, seeds: Seeds) -> list[Any]:
    """Sweep forward or back with ``count`` seeds.

    Returns
    -------
    list
        For each output its tangents, or for each input its adjoints: a list, or an array with a
        leading axis for the seeds.
    """
    inputs, outputs = ends(trace)
    seeded, reached = (inputs, outputs) if mode == "forward" else (outputs, inputs)
    length = _chunk_length(trace, mode, count)
    chunks = []
    for start in range(0, count, length):
        stop = min(start + length, count)
        chunk = seeds(start, stop)
        results = None
        if length > 1:
            results = _together(trace, mode, chunk, stop - start, seeded, reached)
        if results is None:
            results = _one_by_one(trace, mode, chunk, stop - start, seeded)
        chunks.append(results)
    columns = zip(*chunks, strict=True)
    if length > 1:
        return [np.concatenate(parts) if len(parts) > 1 else parts[0] for parts in columns]
    return [list(itertools.chain.from_iterable(parts)) for parts in columns] or [
        [] for _ in reached
    ]


def unit_seeds(values: list[Any], mode: Mode) -> Seeds:
    """Return seeds that are 1 at one entry of these values and 0 elsewhere.

    Their order in memory is that of the Jacobian.
    """
    order: Literal["F", "C"] = "F" if mode == "forward" else "C"
    bounds = [0, *itertools.accumulate(size([value]) for value in values)]

    def seeds(start: int, stop: int) -> list[Any]:
        parts: list[Any] = []
        for value, first, last in zip(values, bounds, bounds[1:], strict=False):
            if stop <= first or last <= start:
                parts.append(0.0)
                continue
            dtype = _dtype(value)
            part = np.eye(stop - start, last - first, start - first, dtype, order)
            parts.append(part.reshape((stop - start, *shape_of(value))))
        return parts

    return seeds


def ends(trace: Trace) -> tuple[list[Any], list[Any]]:
    """Return the values of the inputs and the outputs, or others of the same shapes and types."""
    values = trace.tape.examples
    return values[: trace.tape.input_count], [values[slot] for slot in trace.output_slots]


def size(values: list[Any]) -> int:
    """Return how many entries numbers and arrays have together."""
    total = 0
    for value in values:
        total += value.size if value.__class__ is np.ndarray else getattr(value, "size", 1)
    return total


def _chunk_length(trace: Trace, mode: Mode, count: int) -> int:
    if count <= 1 or listening("on_tangent" if mode == "forward" else "on_adjoint"):
        return 1
    values = trace.tape.examples
    entries = size(values) if trace.tape.has_arrays else len(values)
    length = min(count, _CHUNK_BYTES // (8 * entries))
    return max(1, length) if trace.tape.has_arrays or length > _MAX_SCALAR_SWEEPS else 1


def _one_by_one(
    trace: Trace, mode: Mode, chunk: list[Any], length: int, seeded: list[Any]
) -> list[Any]:
    sweep = output_tangents if mode == "forward" else input_adjoints
    results = [
        sweep(trace, [_one(part, k, value) for part, value in zip(chunk, seeded, strict=True)])
        for k in range(length)
    ]
    columns = zip(*results, strict=True)
    return [list(column) if length == 1 else np.stack(column) for column in columns]


def _together(
    trace: Trace,
    mode: Mode,
    chunk: list[Any],
    length: int,
    seeded: list[Any],
    reached: list[Any],
) -> list[Any] | None:
    """Sweep once for a chunk of seeds; return None where the results may differ from one by one.

    A sweep with a seed of 0 for an output skips the rows behind that output; here the other seeds
    need them. Where a partial there is infinite, 0 times infinity gives NaN.
    """
    tape = trace.tape
    batch = [
        _zeros(value) if not shape_of(part) else Batch(part) if tape.has_arrays else part
        for part, value in zip(chunk, seeded, strict=True)
    ]
    with np.errstate(all="ignore"):
        if mode == "forward":
            results = tangents_of(tape, trace.output_slots, batch)
        else:
            results = adjoints_of(tape, trace.output_slots, batch)
    stacks = [
        _stack(result, length, value, tape.has_arrays)
        for result, value in zip(results, reached, strict=True)
    ]
    if mode == "forward" or len(batch) == 1:
        return stacks
    return stacks if all(np.isfinite(stack).all() for stack in stacks) else None


def _one(part: Any, k: int, value: Any) -> Any:
    """Return seed k of a chunk."""
    return plain(part[k]) if shape_of(part) else _zeros(value)


def _dtype(value: Any) -> np.dtype[Any]:
    dtype: np.dtype[Any]
    dtype = value.dtype if value.__class__ is np.ndarray else np.result_type(value_of(value))
    return dtype


def _zeros(value: Any) -> Any:
    return np.zeros_like(value_of(value)) if shape_of(value) else 0.0


def _stack(result: Any, length: int, value: Any, has_arrays: bool) -> Any:
    """Return the results of a chunk for one output or input, in the type of its value."""
    shape, dtype = (length, *shape_of(value)), _dtype(value)
    if result is None:
        return np.zeros(shape, dtype)
    if result.__class__ is Batch:
        result = result.stack
    elif has_arrays or not shape_of(result):  # the same for all seeds
        result = np.broadcast_to(result, shape)
    return result if result.dtype == dtype else result.astype(dtype)
