"""The arrays in a trace document, and the sweeps of a trace that holds arrays.

A small array is in the document with all its numbers, from which the player makes its text and its
picture. A larger one is described: its shape and range, and a picture of it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.trace import Trace
from adviz.core.variable import value_of
from adviz.render.number import ARRAY_DIGITS, format_number
from adviz.render.picture import picture

__all__ = ["JsonNumbers", "json_number", "recorded_sweeps"]

_MAX_ENTRIES = 64
"""The largest array, in entries, that is in the document with all its numbers: 8×8."""

_MAX_ENTRIES_IN_LONG = 12
"""The same for a long document, which would weigh megabytes."""

_MAX_NUMBERS_WITH_PICTURES = 3_000
"""The most numbers in a document that is not long: those with pictures of arrays."""


class JsonNumbers:
    """Writes numbers as JSON can hold them, and describes arrays.

    Parameters
    ----------
    digits : int
    weight : int
        How many numbers the document holds.
    """

    def __init__(self, digits: int, weight: int) -> None:
        is_long = weight > _MAX_NUMBERS_WITH_PICTURES
        self._digits = min(digits, ARRAY_DIGITS)
        self._most = _MAX_ENTRIES_IN_LONG if is_long else _MAX_ENTRIES
        self._pictures = not is_long

    def number(self, number: Any) -> Any:
        """Return a number, or the description of an array or of a complex number."""
        number = value_of(number)
        if not shape_of(number) and not np.iscomplexobj(number):
            return json_number(number)
        array = np.asarray(number)
        described: dict[str, Any] = {"shape": list(array.shape)}
        if array.dtype != np.float64:
            described["dtype"] = str(array.dtype)
        if array.dtype.kind in "fiu" and 0 < array.size <= self._most:
            return {**described, "numbers": [json_number(entry) for entry in array.flat]}
        described["text"] = format_number(array if array.ndim else array.item(), self._digits)
        drawn = picture(array) if self._pictures else None
        return described if drawn is None else {**described, "picture": drawn}


def json_number(number: Any) -> float | str:
    """Return a number as JSON can hold it."""
    value = float(value_of(number))
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def recorded_sweeps(trace: Trace, numbers: JsonNumbers) -> dict[str, Any]:
    """Return the sweeps of a trace that holds arrays, which the player cannot compute itself.

    For each input, seeded, it holds the tangents, and the terms of those that have several. For
    each output, pulled back, it holds what each step of the return sweep adds: the amount, the
    adjoint so far unless this is the first amount, and the product if it was summed over axes.
    The seed is the first step.
    """
    forward = []
    for name in trace.input_names:
        steps = list(trace.forward(name))
        forward.append(
            {
                "tangent": [numbers.number(step.tangent) for step in steps],
                "terms": [
                    [numbers.number(term.product) for term in step.terms]
                    if len(step.terms) > 1
                    else []
                    for step in steps
                ],
            }
        )
    reverse = []
    for k, name in enumerate(trace.output_names):
        seed = trace.output_seeds(name)[k]
        parts: list[list[Any]] = [[numbers.number(seed), None, None]]
        for step in trace.reverse(name):
            for part in step.contributions:
                is_first = part.before is None
                was_summed = shape_of(part.product) != shape_of(part.amount)
                parts.append(
                    [
                        numbers.number(part.amount),
                        None if is_first else numbers.number(part.after),
                        numbers.number(part.product) if was_summed else None,
                    ]
                )
        reverse.append(parts)
    return {"forward": forward, "reverse": reverse}
