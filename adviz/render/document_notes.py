"""What a trace document notes of the whole trace: codes with parameters. The player words them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from adviz.calculus.nan_gradients import NanGradient, Slope, find_nan_gradient
from adviz.core import sweeps
from adviz.core.trace import Trace
from adviz.render.changed_files import changed_files
from adviz.render.document_arrays import json_number

__all__ = ["notes_in_document"]


def notes_in_document(trace: Trace, is_live: bool) -> list[dict[str, Any]]:
    """Return what is to be known of a trace; a page finds out by itself what its numbers say."""
    changed = [{"code": "changed", "file": file} for file in changed_files(trace)]
    if is_live:
        return changed
    return [*_independent(trace), *_nonfinite(trace), *changed, *_nan_gradient(trace)]


def _independent(trace: Trace) -> Iterator[dict[str, Any]]:
    """Yield the outputs that do not depend on inputs."""
    for output, slot in enumerate(trace.output_slots):
        reached = sweeps.reached(trace.tape, slot)
        missing = [k for k in range(trace.tape.input_count) if not reached[k]]
        if missing:
            yield {"code": "independent", "output": output, "inputs": missing}


def _nonfinite(trace: Trace) -> Iterator[dict[str, Any]]:
    row = trace.first_nonfinite
    if row is not None:
        yield {"code": "nonfinite", "row": row.slot, "nan": bool(np.isnan(row.value).any())}


def _nan_gradient(trace: Trace) -> Iterator[dict[str, Any]]:
    found: NanGradient | None = find_nan_gradient(trace)
    if found is None:
        return
    adjoint = {} if found.adjoint is None else {"adjoint": json_number(found.adjoint)}
    yield {
        "code": "nan_gradient",
        "output": found.output,
        "cause": found.cause,
        "row": found.row.slot,
        **({} if found.slope is None else {"slope": _slope(found.slope)}),
        **adjoint,
        **({} if found.origin is None else {"origin": _slope(found.origin)}),
    }


def _slope(found: Slope) -> dict[str, Any]:
    return {
        "row": found.row.slot,
        "operand": found.operand.slot,
        "number": None if found.slope is None else json_number(found.slope),
        "at": None if found.at is None else json_number(found.at),
        **({} if found.entry is None else {"entry": list(found.entry)}),
    }
