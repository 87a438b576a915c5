"""What can be asked for of a trace: by name, the sheet of cells that asks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.trace import Trace
from adviz.host import checks
from adviz.host.errors import InputError
from adviz.tutor import columns, jacobians, operations, partials
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


KINDS: dict[str, tuple[Callable[..., Sheet], str]] = {
    "operations": (operations.operations, ""),
    "values": (columns.values, ""),
    "forward": (_forward, "direction"),
    "reverse": (_reverse, "weights"),
    "contributions": (_contributions, "weights"),
    "partials": (partials.partials, ""),
    "formulas": (partials.partial_formulas, ""),
    "jacobian": (jacobians.jacobian, ""),
    "jvp": (_jvp, "direction"),
    "vjp": (_vjp, "weights"),
}
"""By name: what makes the sheet, and the parameter that it takes besides the trace."""


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
    kind, parameter = KINDS[checks.choice(ask, "ask", KINDS)]
    for name, value in given.items():
        if value is not None and name != parameter:
            having = [other for other, (_, taken) in KINDS.items() if taken == name]
            raise InputError(
                f"{name} is for ask={' and '.join(map(repr, having))}; ask={ask!r} has none"
            )
    _check_is_real(trace)
    with np.errstate(all="ignore"):
        sheet = kind(trace, given[parameter]) if parameter else kind(trace)
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
