"""What can be asked for of a trace: by name, the sheet of cells that asks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from adviz.core.trace import Trace
from adviz.host import checks
from adviz.host.errors import InputError
from adviz.tutor import (
    array_contributions,
    array_jacobian,
    arrays,
    columns,
    counts,
    jacobians,
    operations,
    order,
    partials,
    reached,
    steps,
)
from adviz.tutor.cells import Sheet

__all__ = ["KINDS", "check_trace", "sheet_of"]


def _values(trace: Trace) -> Sheet:
    return arrays.values(trace) if trace.tape.has_arrays else columns.values(trace)


def _forward(trace: Trace, direction: Any) -> Sheet:
    made = arrays.tangents if trace.tape.has_arrays else columns.tangents
    return made(trace, _direction(trace, direction))


def _reverse(trace: Trace, weights: Any) -> Sheet:
    made = arrays.adjoints if trace.tape.has_arrays else columns.adjoints
    return made(trace, _weights(trace, weights))


def _contributions(trace: Trace, weights: Any) -> Sheet:
    is_array = trace.tape.has_arrays
    made = array_contributions.contributions if is_array else partials.contributions
    return made(trace, _weights(trace, weights))


def _jacobian(trace: Trace) -> Sheet:
    made = array_jacobian.jacobian if trace.tape.has_arrays else jacobians.jacobian
    return made(trace)


def _jvp(trace: Trace, direction: Any) -> Sheet:
    return jacobians.jvp(trace, _direction(trace, direction))


def _vjp(trace: Trace, weights: Any) -> Sheet:
    return jacobians.vjp(trace, _weights(trace, weights))


class Kind(NamedTuple):
    """Something that can be asked for.

    Attributes
    ----------
    make : callable
        Returns the sheet of a trace; with a parameter it is called with that as well.
    parameter : str
    holds_elsewhere : bool
        Whether its rules hold at other inputs, where they are numbers.
    takes_arrays : bool
        Whether it can be asked of a trace with arrays.
    """

    make: Callable[..., Sheet]
    parameter: str = ""
    holds_elsewhere: bool = True
    takes_arrays: bool = False


KINDS: dict[str, Kind] = {
    "operations": Kind(operations.operations, holds_elsewhere=False),
    "order": Kind(order.order, "seed", holds_elsewhere=False, takes_arrays=True),
    "values": Kind(_values, takes_arrays=True),
    "forward": Kind(_forward, "direction", takes_arrays=True),
    "reverse": Kind(_reverse, "weights", takes_arrays=True),
    "contributions": Kind(_contributions, "weights", takes_arrays=True),
    "partials": Kind(partials.partials),
    "formulas": Kind(partials.partial_formulas, holds_elsewhere=False),
    "jacobian": Kind(_jacobian, takes_arrays=True),
    "jvp": Kind(_jvp, "direction"),
    "vjp": Kind(_vjp, "weights"),
    "counts": Kind(counts.counts, holds_elsewhere=False),
    "mode": Kind(counts.mode, holds_elsewhere=False),
    "unreached": Kind(reached.unreached, holds_elsewhere=False),
    "step": Kind(steps.step, holds_elsewhere=False),
}
"""What can be asked for, by name."""


def sheet_of(trace: Trace, ask: str, **given: Any) -> Sheet:
    """Return the cells of an exercise.

    Parameters
    ----------
    trace : Trace
    ask : str
        What is asked for.
    **given
        The parameters ``direction``, ``weights`` and ``seed`` of :func:`adviz.exercise`; None
        where they were left out.

    Raises
    ------
    InputError
        If there is no such kind, the trace has nothing of it, or a parameter is none of it.
    """
    kind = KINDS[checks.choice(ask, "ask", KINDS)]
    for name, value in given.items():
        if value is not None and name != kind.parameter:
            having = [other for other, taking in KINDS.items() if taking.parameter == name]
            raise InputError(
                f"{name} is for ask={' and '.join(map(repr, having))}; ask={ask!r} has none"
            )
    check_trace(trace)
    _check_suits(trace, ask)
    with np.errstate(all="ignore"):
        sheet = kind.make(trace, *([given.get(kind.parameter)] if kind.parameter else []))
    if not sheet.blanks:
        why = "no row of its trace is computed from its inputs"
        if kind.parameter == "weights" and given.get("weights") is not None:
            why = "no row leads to an output that has a weight; give other weights"
        elif kind.parameter == "weights" and len(trace.outputs) > 1:
            why = "no row leads to the output; give weights= for another one"
        raise InputError(f"ask={ask!r}: {trace.function_name} has nothing of it to ask for: {why}")
    return sheet


def _direction(trace: Trace, direction: Any) -> list[Any]:
    return trace.input_seeds(trace.input_names[0] if direction is None else direction)


def _weights(trace: Trace, weights: Any) -> list[Any]:
    return trace.output_seeds(trace.output_names[0] if weights is None else weights)


_MOST_ROWS = 400
_MOST_ENTRIES = 64
_MOST_SWEPT = 4_000


def check_trace(trace: Trace) -> None:
    """Refuse a trace that is none of real numbers, or so large that nobody fills it in.

    Raises
    ------
    InputError
    """
    name = trace.function_name
    if len(trace.rows) > _MOST_ROWS:
        raise InputError(
            f"f: the trace of {name} has {len(trace.rows):,} rows, and an exercise shows them all: "
            f"at most {_MOST_ROWS}. Take a smaller one"
        )
    for row in trace.rows:
        value = np.asarray(row.value)
        if value.dtype.kind not in "fiub" or value.dtype.itemsize > 8:
            raise InputError(
                f"f: in {name} the row {row.label} is of the type {value.dtype}, and exercises are "
                "about real numbers in double precision"
            )
        if value.size > _MOST_ENTRIES:
            raise InputError(
                f"f: in {name} the row {row.label} has {value.size:,} entries, and a card shows at "
                f"most {_MOST_ENTRIES}. Take smaller arrays"
            )


def _check_suits(trace: Trace, ask: str) -> None:
    """Refuse what cannot be asked of a trace of arrays, or of one so large."""
    name = trace.function_name
    if trace.tape.has_arrays and not KINDS[ask].takes_arrays:
        able = [repr(other) for other, kind in KINDS.items() if kind.takes_arrays]
        raise InputError(
            f"ask={ask!r} is for functions of numbers, and {name} has arrays; of these "
            f"{', '.join(able)} can be asked"
        )
    sweeps = len(trace.inputs) + len(trace.outputs)
    if ask in ("jacobian", "jvp", "vjp") and sweeps * len(trace.rows) > _MOST_SWEPT:
        raise InputError(
            f"ask={ask!r}: {name} has {len(trace.rows)} rows, {len(trace.inputs)} inputs and "
            f"{len(trace.outputs)} outputs; take a smaller function"
        )
