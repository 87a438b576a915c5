"""The arrays in a trace document, and the sweeps of a trace that holds arrays.

A small array is in the document with all its numbers, from which the player makes its text and its
picture. The numbers of a larger one are packed, with fewer digits, as far as there is room. Other
arrays are described: their shape and range, and a picture.
"""

from __future__ import annotations

import base64
import itertools
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.trace import Trace
from adviz.core.variable import value_of
from adviz.render.number import ARRAY_DIGITS, format_number
from adviz.render.picture import picture

__all__ = ["MAX_PACKED", "JsonNumbers", "json_number", "packed", "recorded_sweeps"]

_MAX_ENTRIES = 64
"""The largest array, in entries, that is in the document with all its digits: 8×8."""

_MAX_ENTRIES_IN_LONG = 12
"""The same for a long document, which would weigh megabytes."""

MAX_PACKED = 4096
"""The largest array, in entries, whose numbers are packed: 64×64."""

_ROOM = 24_000
"""The most packed numbers in a document: 96 kB."""

_MAX_NUMBERS_WITH_PICTURES = 3_000
"""The most numbers in a document that is not long: one with pictures and packed numbers."""


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
        self._room = 0 if is_long else _ROOM
        self._packs = False

    def begin(self, part: Iterable[Any]) -> None:
        """Begin a part of the document, whose larger arrays are packed if there is room for all."""
        arrays = {id(number): number for number in map(value_of, part) if shape_of(number)}
        sizes = [np.size(array) for array in arrays.values()]
        self._packs = sum(n for n in sizes if self._most < n <= MAX_PACKED) <= self._room

    def number(self, number: Any) -> Any:
        """Return a number, or the description of an array or of a complex number.

        Complex numbers are pairs: the real and the imaginary part of each.
        """
        number = value_of(number)
        if not shape_of(number) and not np.iscomplexobj(number):
            return json_number(number)
        array = np.asarray(number)
        described: dict[str, Any] = {"shape": list(array.shape)}
        if array.dtype != np.float64:
            described["dtype"] = str(array.dtype)
        if array.dtype.kind in "fiu" and 0 < array.size <= MAX_PACKED:
            if array.size <= self._most:
                return {**described, "numbers": [json_number(entry) for entry in array.flat]}
            if (array == array.flat[0]).all():
                return {**described, "every": json_number(array.flat[0])}
            if self._packs and array.size <= self._room and (text := packed(array)) is not None:
                self._room -= array.size
                return {**described, "packed": text}
        if array.dtype.kind == "c" and 0 < array.size <= self._most // 2:
            parts = (part for entry in array.flat for part in (entry.real, entry.imag))
            return {**described, "pairs": [json_number(part) for part in parts]}
        described["text"] = format_number(array if array.ndim else array.item(), self._digits)
        drawn = picture(array) if self._pictures else None
        return described if drawn is None else {**described, "picture": drawn}


def packed(array: Any) -> str | None:
    """Return the numbers of an array as text, four characters and some five digits each.

    It is base64 of the upper three bytes of each number as an IEEE 754 single, the lowest first.
    The text is None if a number is too large or too small for that.

    Examples
    --------
    >>> packed(np.array([1.0, -2.5]))
    'AIA/ACDA'
    """
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        singles = np.asarray(array, np.float32).ravel()
    bits = np.where(np.isnan(singles), np.float32(np.nan), singles).view(np.uint32)
    rounded = (bits + 0x7F + (bits >> 8 & 1)) & 0xFFFFFF00  # halves to the even number
    kept = rounded.astype("<u4")
    numbers = kept.view("<f4").astype(float)
    given = np.asarray(array, float).ravel()
    is_near = (np.isfinite(numbers) == np.isfinite(given)) & ((numbers == 0) == (given == 0))
    if not is_near.all() or (np.abs(numbers[numbers != 0]) < np.finfo(np.float32).tiny).any():
        return None
    return base64.b64encode(kept.view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()).decode("ascii")


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
    reverse = [
        _recorded_reverse(trace, name, k, numbers) for k, name in enumerate(trace.output_names)
    ]
    forward = [_recorded_forward(trace, name, numbers) for name in trace.input_names]
    return {"forward": forward, "reverse": reverse}


def _recorded_reverse(trace: Trace, name: str, k: int, numbers: JsonNumbers) -> list[list[Any]]:
    parts: list[list[Any]] = [[trace.output_seeds(name)[k], None, None]]
    for step in trace.reverse(name):
        for part in step.contributions:
            is_first = part.before is None
            was_summed = shape_of(part.product) != shape_of(part.amount)
            parts.append(
                [
                    part.amount,
                    None if is_first else part.after,
                    part.product if was_summed else None,
                ]
            )
    numbers.begin(number for part in parts for number in part)
    return [[None if n is None else numbers.number(n) for n in part] for part in parts]


def _recorded_forward(trace: Trace, name: str, numbers: JsonNumbers) -> dict[str, Any]:
    steps = list(trace.forward(name))
    terms = [[t.product for t in s.terms] if len(s.terms) > 1 else [] for s in steps]
    numbers.begin([*(step.tangent for step in steps), *itertools.chain(*terms)])
    return {
        "tangent": [numbers.number(step.tangent) for step in steps],
        "terms": [[numbers.number(product) for product in row] for row in terms],
    }
