"""Where a gradient becomes NaN in the return sweep, although the values of the rows are finite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from adviz.core import sweeps
from adviz.core.arrays import shape_of
from adviz.core.rows import Row
from adviz.core.steps import AdjointStep, Contribution
from adviz.core.trace import Trace
from adviz.core.variable import value_of

__all__ = ["where_nan_begins"]

_MAX_OUTPUTS = 100
"""The most outputs that are pulled back one by one."""


def where_nan_begins(trace: Trace) -> str | None:
    """Return a sentence on where a gradient becomes NaN; None if none does.

    It takes a return sweep with a seed of ones, and, if that is not finite, one for each output. A
    trace whose values are not finite says so itself.

    Examples
    --------
    >>> import adviz as ad
    >>> print(where_nan_begins(ad.trace(np.sqrt, 0.0)))
    None
    >>> where_nan_begins(ad.trace(lambda x: np.sqrt(x * x), 0.0))[:47]
    'The gradient of y is NaN: v₂ has the slope ∞ at'
    """
    slots = [slot for slot in trace.output_slots if _is_real(trace, slot)]
    try:
        together = _input_adjoints(trace, slots)
        if all(np.isfinite(bar).all() for bar in together) or trace.first_nonfinite is not None:
            return None
        for slot, name in zip(trace.output_slots, trace.output_names, strict=True):
            if slot in slots[:_MAX_OUTPUTS] and any(
                np.isnan(bar).any() for bar in _input_adjoints(trace, [slot])
            ):
                return _sentence(trace, name)
    except Exception:  # noqa: BLE001 - of a rule without a derivative: who asks for it is told
        return None
    return None


def _is_real(trace: Trace, slot: int) -> bool:
    value = value_of(trace.tape.values[slot])
    return not np.iscomplexobj(value) and np.size(value) > 0


def _input_adjoints(trace: Trace, slots: list[int]) -> list[Any]:
    """Return the adjoints of the inputs that these outputs reach, for seeds of ones."""
    with np.errstate(all="ignore"):
        values = [value_of(trace.tape.values[slot]) for slot in slots]
        seeds = [np.ones_like(value) if shape_of(value) else 1.0 for value in values]
        bars = sweeps.adjoints(trace.tape, slots, seeds)[: trace.tape.input_count]
    return [value_of(bar) for bar in bars if bar is not None]


def _sentence(trace: Trace, output: str) -> str | None:
    infinite: dict[int, tuple[Row, Contribution]] = {}  # what first made the adjoint of a row so
    for step in _steps(trace, output):
        for part in step.contributions:
            if not np.isnan(step.adjoint).any() and np.isnan(part.product).any():
                return f"The gradient of {output} is NaN: {_met(step, part, infinite)}"
            if not np.isfinite(part.amount).all():
                infinite.setdefault(part.parent.slot, (step.row, part))
            if np.isnan(part.after).any() and not np.isnan(part.amount).any():
                place = _place(part.parent)
                return f"The gradient of {output} is NaN: at {place} ∞ and −∞ are added up."
    return None


def _steps(trace: Trace, output: str) -> Iterator[AdjointStep]:
    seeds = dict.fromkeys(trace.output_names, 0.0) | {output: 1.0}
    values = zip(trace.output_names, trace.outputs, strict=True)
    return trace.reverse(
        trace.outputs_as(
            [
                np.full_like(row.value, seeds[name]) if shape_of(row.value) else seeds[name]
                for name, row in values
            ]
        )
    )


def _met(
    step: AdjointStep, part: Contribution, infinite: dict[int, tuple[Row, Contribution]]
) -> str:
    """Return what was multiplied, and where an infinite adjoint comes from."""
    row = step.row
    entry = tuple(np.argwhere(np.isnan(part.product))[0])
    bar = _at(step.adjoint, entry, part.product)
    if part.partial is None:
        here = f"{_place(row)} pulls its adjoint back to NaN"
    else:
        slope = _at(part.partial, entry, part.product)
        if np.isnan(slope):
            return f"{_place(row)} has no slope {_where(part, entry)}, where it is 0/0 or ∞ − ∞."
        if np.isfinite(bar):
            return (
                f"{row.label} has the slope {_text(slope)} {_where(part, entry)} ({row.source}), "
                f"and its adjoint is {_text(bar)}: their product is NaN."
            )
        here = f"{_place(row)} multiplies ∞ by its own slope {_text(slope)}: that is NaN"
    origin, source = _origin(row, infinite)
    if origin is None or source is None:
        return f"{here}."
    at = tuple(np.argwhere(~np.isfinite(source.product))[0])
    return (
        f"{origin.label} has the slope {_infinity(source, at)} {_where(source, at)} "
        f"({origin.source}), and {here}."
    )


def _origin(
    row: Row, infinite: dict[int, tuple[Row, Contribution]]
) -> tuple[Row | None, Contribution | None]:
    """Return the row with an infinite slope from which the adjoint of a row became infinite."""
    user, part = None, None
    while row.slot in infinite:
        user, part = infinite[row.slot]
        row = user
    return user, part


def _infinity(part: Contribution, entry: tuple[int, ...]) -> str:
    return "∞" if part.partial is None else _text(_at(part.partial, entry, part.product))


def _where(part: Contribution, entry: tuple[int, ...]) -> str:
    """Return the operand where a slope was taken: "at 0"."""
    value = part.parent.value
    if not shape_of(value):
        return f"at {_text(value)}"
    if shape_of(value) != shape_of(part.product):
        return f"at an entry of {part.parent.label}"
    place = ", ".join(str(int(k)) for k in entry)
    return f"at {part.parent.label}[{place}] = {_text(value[entry])}"


def _at(number: Any, entry: tuple[int, ...], like: Any) -> Any:
    """Return one entry of a number that is broadcast to the shape of another."""
    if not shape_of(number):
        return number
    try:
        return np.broadcast_to(number, shape_of(like))[entry]
    except ValueError:  # an array operation: the adjoint has another shape
        return number.flat[int(np.argmin(np.isfinite(number)))]


def _text(number: Any) -> str:
    return f"{number:g}".replace("inf", "∞").replace("-", "−")


def _place(row: Row) -> str:
    return row.label if row.source is None else f"{row.label} ({row.source})"
