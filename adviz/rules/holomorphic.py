"""Whether a function is holomorphic where it was recorded.

It is if its derivative is a multiplication by complex numbers: i times an adjoint is then pulled
back to i times what the adjoint is pulled back to. Real parts, conjugates and absolute values on
the way break that, unless they meet again, as in ``z.real + 1j * z.imag``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adviz.core import sweeps
from adviz.core.arrays import is_complex, shape_of
from adviz.core.trace import Trace
from adviz.core.variable import value_of
from adviz.host.arguments import defined_in
from adviz.host.errors import InputError, OutputError

__all__ = ["check_holomorphic"]


def check_holomorphic(trace: Trace, seeds: Sequence[Any], bars: Sequence[Any]) -> None:
    """Refuse a function that is not holomorphic at the inputs of a trace.

    Parameters
    ----------
    seeds, bars : list
        Adjoints of the outputs, and those of the inputs to which they are pulled back.

    Raises
    ------
    InputError
        If an input is real.
    OutputError
        If an output is real, or i times the seeds are pulled back to something else than i times
        the adjoints.
    """
    tape, name = trace.tape, trace.function_name
    for input_name, value in zip(trace.input_names, tape.values, strict=False):
        if not is_complex(value):
            raise InputError(
                f"holomorphic=True is for functions of complex numbers, and {input_name} is real. "
                "Leave it out: ad.jacobian(f) and ad.jvp differentiate a complex result with "
                "respect to real numbers."
            )
    if not all(is_complex(tape.values[slot]) for slot in trace.output_slots):
        raise OutputError(
            f"holomorphic=True is for functions that return complex numbers, and {name} returned a "
            f"real one{defined_in(trace.function)}. Leave it out."
        )
    turned = sweeps.adjoints(tape, trace.output_slots, [1j * seed for seed in seeds])
    for bar, other in zip(bars, turned, strict=False):
        a, b = (0j if part is None else value_of(part) for part in (bar, other))
        if not _are_equal(1j * a, b):
            raise OutputError(
                f"{name} is not holomorphic here, so no complex number is its derivative"
                f"{defined_in(trace.function)}. It takes a real part, an absolute value or a "
                "conjugate. ad.jvp and ad.vjp differentiate it in a direction."
            )


def _are_equal(a: Any, b: Any) -> bool:
    """Return whether finite entries are equal up to rounding, relative to the largest of them."""
    b = np.broadcast_to(b, shape_of(a))
    is_finite = np.isfinite(a) & np.isfinite(b)
    size = np.max(abs(a), where=is_finite, initial=0.0)
    tolerance = np.sqrt(np.finfo(np.asarray(a).dtype).eps)
    gaps = np.where(is_finite, a, 0) - np.where(is_finite, b, 0)
    return bool(np.max(abs(gaps), initial=0.0) <= tolerance * size)
