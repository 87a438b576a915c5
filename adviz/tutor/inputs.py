"""Inputs at which mistakes give different numbers, so that an answer tells which one was made.

At some inputs two mistakes look the same: at x = 2 the slope 2x and the value x² are both 4. Inputs
are drawn among numbers that are easily read, and those at which the most mistakes differ are taken.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.host.errors import AdvizError, InputError
from adviz.render.views import Trace, trace
from adviz.tutor.cells import Sheet, numbers_of
from adviz.tutor.diagnosis import columns_of_mistakes

__all__ = ["first_trace", "mistakes_told_apart", "telling_arrays", "telling_inputs"]

_READABLE = (1, 2, 3, 4, 5, 0.5, 1.5, 2.5, -1, -2, -3, -4, -0.5, -1.5)
_DRAWS = 40
_DRAWS_OF_ARRAYS = 8
_LARGEST, _SMALLEST = 500.0, 0.01
_FIGURES = 4


def telling_inputs(
    trace: Trace, sheet: Sheet, blanks: Sequence[int], seed: int | str, count: int = 1
) -> list[tuple[float, ...]]:
    """Return inputs of a trace at which its exercise tells mistakes apart, the best ones first.

    Parameters
    ----------
    trace : Trace
        Of numbers; at the inputs that are returned it runs the same way.
    sheet : Sheet
        Whose first cells are the trace's inputs.
    blanks : sequence of int
    seed : int or str
        Another one gives other inputs.
    count : int
        How many to return; there may be fewer.

    Examples
    --------
    >>> import adviz as ad
    >>> from adviz.tutor.columns import adjoints
    >>> traced = ad.trace(lambda x1, x2: x1 * x2 + x2, 1, 1)
    >>> sheet = adjoints(traced, [1.0])
    >>> (best,) = telling_inputs(traced, sheet, sheet.blanks, seed=7)
    >>> found = [mistakes_told_apart(sheet, sheet.blanks, inputs) for inputs in [best, (1.0, 1.0)]]
    >>> found[0] > found[1]
    True
    """
    inputs = len(trace.inputs)
    scored: list[tuple[tuple[float, ...], tuple[float, ...]]] = []
    with np.errstate(all="ignore"):
        for drawn in _draws(inputs, seed, _DRAWS):
            numbers = numbers_of(sheet.cells, drawn)
            if not all(map(_is_readable, numbers)):
                continue
            # Sums and products of 0 and 1 look right by accident.
            plain = sum(abs(number) in (0, 1) for number in numbers)
            figures = sum(map(_figures, numbers))
            told_apart = mistakes_told_apart(sheet, blanks, drawn)
            scored.append(((-told_apart, plain, figures), drawn))
        scored.sort(key=lambda pair: pair[0])
        found = (drawn for _, drawn in scored if _runs_the_same_way(trace, drawn))
        return [drawn for drawn, _ in zip(found, range(count), strict=False)]


def telling_arrays(
    trace: Trace,
    made: Callable[[Trace], tuple[Sheet, Sequence[int]]],
    seed: int | str,
    count: int = 1,
) -> list[Trace]:
    """Return traces of a function of arrays whose exercises tell mistakes apart, the best first.

    The rules of arrays hold at the inputs of their trace only, so that each draw is traced.

    Parameters
    ----------
    trace : Trace
        What is returned has inputs of the same shapes, and the same rows.
    made : callable
        Returns the sheet of a trace, and the places of its blanks.
    seed : int or str
    count : int
        How many to return; there may be fewer.

    Examples
    --------
    >>> import adviz as ad
    >>> from adviz.tutor.arrays import adjoints
    >>> traced = ad.trace(lambda x: x @ x, np.ones(2))
    >>> def made(traced):
    ...     sheet = adjoints(traced, [1.0])
    ...     return sheet, sheet.blanks
    >>> other, = telling_arrays(traced, made, seed=7)
    >>> other.inputs[0].value.shape, other.value != traced.value
    ((2,), True)
    """
    shapes = [shape_of(row.value) for row in trace.inputs]
    keys = [cell.key for cell in made(trace)[0].cells]
    sizes = [math.prod(shape) for shape in shapes]
    scored: list[tuple[tuple[float, ...], Trace]] = []
    with np.errstate(all="ignore"):
        for drawn in _draws(sum(sizes), seed, _DRAWS_OF_ARRAYS):
            parts = np.split(np.array(drawn), np.cumsum(sizes)[:-1])
            arrays = [part.reshape(s)[()] for part, s in zip(parts, shapes, strict=True)]
            try:
                other = _traced_at(trace, arrays)
                sheet, blanks = made(other)
            except (AdvizError, ArithmeticError, ValueError):
                continue
            numbers = numbers_of(sheet.cells)
            is_readable = all(math.isfinite(x) and abs(x) <= _LARGEST for x in numbers)
            if [cell.key for cell in sheet.cells] != keys or not is_readable:
                continue
            asked = [numbers[place] for place in blanks]
            plain = sum(abs(number) in (0, 1) for number in asked)
            told_apart = mistakes_told_apart(sheet, blanks)
            scored.append(((-told_apart, plain, sum(map(_figures, asked))), other))
    scored.sort(key=lambda pair: pair[0])
    return [other for _, other in scored[:count]]


def mistakes_told_apart(sheet: Sheet, blanks: Sequence[int], inputs: Sequence[float] = ()) -> int:
    """Return how many different columns of numbers the mistakes give, the right one not counted."""
    with np.errstate(all="ignore"):
        right = numbers_of(sheet.cells, inputs)
        columns = columns_of_mistakes(sheet.cells, right, blanks).values()
    rounded = {tuple(float(f"{column[k]:.3g}") for k in blanks) for column in columns}
    return len(rounded - {tuple(float(f"{right[k]:.3g}") for k in blanks)})


def _traced_at(given: Trace, numbers: Sequence[Any]) -> Trace:
    """Return the trace of the same function at other inputs."""
    return trace(given.function, *given.inputs_as([*numbers]))


def _draws(inputs: int, seed: int | str, count: int) -> Iterator[tuple[float, ...]]:
    """Yield so many different inputs of numbers that are easily read, in the order of a seed."""
    random = Random(seed)
    seen = set()
    for _ in range(count):
        # Only random() gives the same numbers in every version of Python.
        drawn = tuple(
            float(_READABLE[int(random.random() * len(_READABLE))]) for _ in range(inputs)
        )
        if drawn not in seen:
            seen.add(drawn)
            yield drawn


def first_trace(f: Callable[..., Any], seed: int | str) -> Trace:
    """Return the trace of a function at the first inputs drawn at which it gives a finite number.

    Raises
    ------
    InputError
        If its signature does not say how many inputs it needs, or there are no such inputs.
    """
    for drawn in _draws(_count_of_inputs(f), seed, _DRAWS):
        try:
            traced = trace(f, *drawn)
        except ArithmeticError:
            continue
        if traced.first_nonfinite is None:
            return traced
    raise InputError("f: it gives no finite number at the inputs drawn; give inputs yourself")


def _count_of_inputs(f: Callable[..., Any]) -> int:
    """Return how many inputs a function needs: its parameters without a default.

    Raises
    ------
    InputError
        If its signature does not say so.
    """
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        raise InputError("f: give the inputs as well; its signature cannot be read") from None
    needed = [p for p in parameters if p.default is p.empty]
    if any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in needed):
        raise InputError("f: give the inputs as well; how many there are is open")
    return len(needed)


def _is_readable(number: float) -> bool:
    return number == 0 or (math.isfinite(number) and _SMALLEST <= abs(number) <= _LARGEST)


def _figures(number: float) -> int:
    """Return how many digits a number has, of those that are shown."""
    digits = f"{number:.{_FIGURES}g}".lstrip("-0.")
    return len(digits.replace(".", ""))


def _runs_the_same_way(trace: Trace, inputs: Sequence[float]) -> bool:
    try:
        trace.replay(*trace.inputs_as(list(inputs)))
    except (AdvizError, ArithmeticError):
        return False
    return True
