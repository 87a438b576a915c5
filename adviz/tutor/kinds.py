"""What can be asked for of a trace: by name, the sheet of cells that asks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from adviz.core.trace import Trace
from adviz.host import checks
from adviz.host.errors import InputError
from adviz.tutor import columns, counts, jacobians, operations, partials, reached, steps
from adviz.tutor.cells import Sheet

__all__ = ["KINDS", "sheet_of"]


def _forward(trace: Trace, direction: Any) -> Sheet:
    return columns.tangents(trace, _direction(trace, direction))


def _reverse(trace: Trace, weights: Any) -> Sheet:
    return columns.adjoints(trace, _weights(trace, weights))


def _contributions(trace: Trace, weights: Any) -> Sheet:
    return partials.contributions(trace, _weights(trace, weights))


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
        Whether its rules hold at other inputs.
    """

    make: Callable[..., Sheet]
    parameter: str = ""
    holds_elsewhere: bool = True


KINDS: dict[str, Kind] = {
    "operations": Kind(operations.operations, holds_elsewhere=False),
    "values": Kind(columns.values),
    "forward": Kind(_forward, "direction"),
    "reverse": Kind(_reverse, "weights"),
    "contributions": Kind(_contributions, "weights"),
    "partials": Kind(partials.partials),
    "formulas": Kind(partials.partial_formulas, holds_elsewhere=False),
    "jacobian": Kind(jacobians.jacobian),
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
        The parameters ``direction`` and ``weights`` of :func:`adviz.exercise`; None where they
        were left out.

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
    _check_is_real(trace)
    with np.errstate(all="ignore"):
        sheet = kind.make(trace, *([given[kind.parameter]] if kind.parameter else []))
    if not sheet.blanks:
        raise InputError(
            f"ask={ask!r}: {trace.function_name} has nothing of it to ask for: no row of its trace "
            "is computed from its inputs"
        )
    return sheet


def _direction(trace: Trace, direction: Any) -> list[Any]:
    return trace.input_seeds(trace.input_names[0] if direction is None else direction)


def _weights(trace: Trace, weights: Any) -> list[Any]:
    return trace.output_seeds(trace.output_names[0] if weights is None else weights)


def _check_is_real(trace: Trace) -> None:
    for row in trace.rows:
        if np.iscomplexobj(row.value) or np.asarray(row.value).dtype.kind not in "fiub":
            raise InputError(
                f"{trace.function_name}: {row.label} is {type(row.value).__name__}, and exercises "
                "are about real numbers in double precision"
            )
