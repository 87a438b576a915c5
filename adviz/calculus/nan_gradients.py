"""Where a gradient becomes NaN in the return sweep, although the values of the rows are finite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from adviz.core import sweeps
from adviz.core.arrays import shape_of
from adviz.core.rows import Row
from adviz.core.steps import AdjointStep, Contribution
from adviz.core.trace import Trace
from adviz.core.variable import value_of

__all__ = ["NanGradient", "Slope", "find_nan_gradient", "where_nan_begins"]

_MAX_OUTPUTS = 100
"""The most outputs that are pulled back one by one."""


@dataclass(frozen=True)
class Slope:
    """A slope of a row, and where it was taken.

    Attributes
    ----------
    row, operand : Row
    slope : float, optional
        None if the row is an array operation, whose derivative is a map.
    at : float, optional
        The operand there; None if it is not known which of its entries it was.
    entry : tuple of int, optional
        Which entry that is, of an array.
    """

    row: Row
    operand: Row
    slope: float | None
    at: float | None
    entry: tuple[int, ...] | None


@dataclass(frozen=True)
class NanGradient:
    """Where the gradient of an output becomes NaN.

    Attributes
    ----------
    output : int
    cause : str
        "sum": adjoints ∞ and −∞ are added up at ``row``. "slope": ``row`` has no slope. "product":
        its slope times its adjoint is NaN. "infinity": its slope meets an adjoint that is infinite.
    row : Row
    slope : Slope, optional
        That of the row; None for a sum.
    adjoint : float, optional
        Of a product.
    origin : Slope, optional
        The slope by which the adjoint became infinite.
    """

    output: int
    cause: str
    row: Row
    slope: Slope | None = None
    adjoint: float | None = None
    origin: Slope | None = None


def where_nan_begins(trace: Trace) -> str | None:
    """Return a sentence on where a gradient becomes NaN; None if none does.

    Examples
    --------
    >>> import adviz as ad
    >>> print(where_nan_begins(ad.trace(np.sqrt, 0.0)))
    None
    >>> where_nan_begins(ad.trace(lambda x: np.sqrt(x * x), 0.0))[:47]
    'The gradient of y is NaN: v₂ has the slope ∞ at'
    """
    found = find_nan_gradient(trace)
    if found is None:
        return None
    return f"The gradient of {trace.output_names[found.output]} is NaN: {_sentence(found)}"


def find_nan_gradient(trace: Trace) -> NanGradient | None:
    """Return where a gradient becomes NaN; None if none does.

    It takes a return sweep with a seed of ones, and, if that is not finite, one for each output. A
    trace whose values are not finite says so itself.
    """
    slots = [slot for slot in trace.output_slots if _is_real(trace, slot)]
    try:
        together = _input_adjoints(trace, slots)
        if all(np.isfinite(bar).all() for bar in together) or trace.first_nonfinite is not None:
            return None
        for k, slot in enumerate(trace.output_slots):
            if slot in slots[:_MAX_OUTPUTS] and any(
                np.isnan(bar).any() for bar in _input_adjoints(trace, [slot])
            ):
                return _found(trace, k)
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


def _found(trace: Trace, output: int) -> NanGradient | None:
    infinite: dict[int, tuple[Row, Contribution]] = {}  # what first made the adjoint of a row so
    for step in _steps(trace, trace.output_names[output]):
        for part in step.contributions:
            if not np.isnan(step.adjoint).any() and np.isnan(part.product).any():
                return _met(output, step, part, infinite)
            if not np.isfinite(part.amount).all():
                infinite.setdefault(part.parent.slot, (step.row, part))
            if np.isnan(part.after).any() and not np.isnan(part.amount).any():
                return NanGradient(output, "sum", part.parent)
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
    output: int,
    step: AdjointStep,
    part: Contribution,
    infinite: dict[int, tuple[Row, Contribution]],
) -> NanGradient:
    """Return what was multiplied, and where an infinite adjoint comes from."""
    row = step.row
    entry = tuple(np.argwhere(np.isnan(part.product))[0])
    bar = _at(step.adjoint, entry, part.product)
    slope = _slope(row, part, entry)
    if slope.slope is not None and np.isnan(slope.slope):
        return NanGradient(output, "slope", row, slope)
    if slope.slope is not None and np.isfinite(bar):
        return NanGradient(output, "product", row, slope, adjoint=bar)
    user, source = _origin(row, infinite)
    origin = None
    if user is not None and source is not None:
        origin = _slope(user, source, tuple(np.argwhere(~np.isfinite(source.product))[0]))
    return NanGradient(output, "infinity", row, slope, origin=origin)


def _origin(
    row: Row, infinite: dict[int, tuple[Row, Contribution]]
) -> tuple[Row | None, Contribution | None]:
    """Return the row with an infinite slope from which the adjoint of a row became infinite."""
    user, part = None, None
    while row.slot in infinite:
        user, part = infinite[row.slot]
        row = user
    return user, part


def _slope(row: Row, part: Contribution, entry: tuple[int, ...]) -> Slope:
    slope = None if part.partial is None else _at(part.partial, entry, part.product)
    value = part.parent.value
    if not shape_of(value):
        return Slope(row, part.parent, slope, value, None)
    if shape_of(value) != shape_of(part.product):
        return Slope(row, part.parent, slope, None, None)
    return Slope(row, part.parent, slope, value[entry], tuple(map(int, entry)))


def _at(number: Any, entry: tuple[int, ...], like: Any) -> Any:
    """Return one entry of a number that is broadcast to the shape of another."""
    if not shape_of(number):
        return number
    try:
        return np.broadcast_to(number, shape_of(like))[entry]
    except ValueError:  # an array operation: the adjoint has another shape
        return number.flat[int(np.argmin(np.isfinite(number)))]


def _sentence(found: NanGradient) -> str:
    row, slope, origin = found.row, found.slope, found.origin
    if slope is None:
        return f"at {_place(row)} ∞ and −∞ are added up."
    if found.cause == "slope":
        return f"{_place(row)} has no slope {_where(slope)}, where it is 0/0 or ∞ − ∞."
    if found.cause == "product":
        return (
            f"{row.label} has the slope {_text(slope.slope)} {_where(slope)} ({row.source}), "
            f"and its adjoint is {_text(found.adjoint)}: their product is NaN."
        )
    here = (
        f"{_place(row)} pulls its adjoint back to NaN"
        if slope.slope is None
        else f"{_place(row)} multiplies ∞ by its own slope {_text(slope.slope)}: that is NaN"
    )
    if origin is None:
        return f"{here}."
    infinity = "∞" if origin.slope is None else _text(origin.slope)
    return (
        f"{origin.row.label} has the slope {infinity} {_where(origin)} "
        f"({origin.row.source}), and {here}."
    )


def _where(slope: Slope) -> str:
    """Return the operand where a slope was taken: "at 0"."""
    label = slope.operand.label
    if slope.at is None:
        return f"at an entry of {label}"
    if slope.entry is None:
        return f"at {_text(slope.at)}"
    return f"at {label}[{', '.join(map(str, slope.entry))}] = {_text(slope.at)}"


def _text(number: Any) -> str:
    return f"{number:g}".replace("inf", "∞").replace("-", "−")


def _place(row: Row) -> str:
    return row.label if row.source is None else f"{row.label} ({row.source})"
