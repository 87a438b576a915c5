"""Jacobians of complex numbers: the mode in which one complex matrix holds the derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from adviz.calculus.vector_mode import Mode, ends
from adviz.core import sweeps
from adviz.core.arrays import is_complex, shape_of
from adviz.core.trace import Trace
from adviz.host.errors import InputError
from adviz.host.source import describe
from adviz.rules.holomorphic import check_holomorphic

__all__ = ["complex_mode"]


def complex_mode(trace: Trace, holomorphic: bool) -> Mode | None:
    """Return the mode that finds the Jacobian of a trace with complex numbers; None if any does.

    Raises
    ------
    InputError, OutputError
        If one complex matrix is not the derivative: see :func:`adviz.jacfwd`.
    """
    inputs, outputs = ends(trace)
    if holomorphic:
        seeds = [_random(value) for value in outputs]
        with np.errstate(all="ignore"):
            bars = sweeps.adjoints(trace.tape, trace.output_slots, seeds)
        check_holomorphic(trace, seeds, bars[: len(inputs)])
        return None
    from_complex, to_complex = any(map(is_complex, inputs)), any(map(is_complex, outputs))
    if from_complex and to_complex:
        raise InputError(
            f"{trace.function_name} takes and returns complex numbers, and one complex matrix is "
            f"its derivative only where it is holomorphic: {describe()}. Say holomorphic=True "
            "there. Elsewhere use ad.jvp, ad.vjp and ad.hvp, or differentiate the real and the "
            "imaginary part as a function of both."
        )
    return "reverse" if from_complex else "forward" if to_complex else None


def _random(like: Any) -> Any:
    """Return random numbers of a shape, so that nothing cancels."""
    random = np.random.default_rng(0)
    return random.uniform(1, 2, shape_of(like)) + 1j * random.uniform(1, 2, shape_of(like))
