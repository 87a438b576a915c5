"""What was assigned into arrays: a code for each entry, and the traced arrays that come of it.

A code is a whole number that stands for one entry of what was assigned, 0 for a plain number. The
codes lie in an array beside the plain numbers, so that NumPy's own indexing says where an
assignment goes, and every view of the numbers has a view of their codes.
"""

from __future__ import annotations

import math
import operator
from array import array
from bisect import bisect_right
from typing import Any

import numpy as np

from adviz.core.variable import Variable, value_of
from adviz.rules.memory import notes_of
from adviz.rules.registry import FUNCTIONS

__all__ = ["Memory", "Sources", "joined"]


class Sources:
    """The traced numbers and arrays that were assigned during a recording.

    Each has as many codes as it has entries, one after the other.
    """

    def __init__(self) -> None:
        self._sources: list[Any] = []
        self._starts = array("q")
        self._next = 1

    def codes_of(self, number: Any) -> Any:
        """Return new codes for the entries of a traced number or array, as it is now."""
        start, shape = self._next, number.shape
        if shape:
            if number.tape.array_notes is not None and number.slot in notes_of(number.tape).views:
                number = FUNCTIONS[np.copy](number)  # what it shows may be assigned into
            number = type(number)(number.tape, number.slot)  # which does not move on
        self._sources.append(number)
        self._starts.append(start)
        self._next += math.prod(shape)
        return np.arange(start, self._next).reshape(shape) if shape else start

    def entry(self, code: int) -> Any:
        """Return the traced number of a code."""
        which = bisect_right(self._starts, code) - 1
        source = self._sources[which]
        if not source.shape:
            return source
        place = np.unravel_index(code - self._starts[which], source.shape)
        return FUNCTIONS[operator.getitem](source, tuple(map(int, place)))

    def value(self, code: int) -> Any:
        """Return the plain number of a code."""
        which = bisect_right(self._starts, code) - 1
        return np.ravel(value_of(self._sources[which]))[code - self._starts[which]]

    def starts_of(self, codes: Any) -> Any:
        """Return for each code the first code of its source, 0 for none."""
        starts = np.frombuffer(self._starts, np.int64)
        which = np.searchsorted(starts, codes, "right") - 1
        return np.where(codes, starts[which], 0)

    def source(self, start: int) -> Any:
        """Return the source with this first code."""
        return self._sources[bisect_right(self._starts, start) - 1]


class Memory:
    """The memory that an array and all its views share.

    Attributes
    ----------
    plain : array
        The plain numbers; NaN where a traced one was assigned.
    sources : Sources
        What was assigned.
    codes : array or None
        The code of each entry in the order of the memory, once there is any.
    joined : dict
        By the layout of a part: its plain numbers and codes when it was last used as a whole, and
        the traced array that was made of it.
    layout : tuple
        The layout of the memory itself.
    """

    def __init__(self, plain: Any, sources: Sources, codes: Any = None) -> None:
        self.plain = plain
        self.sources = sources
        self.codes: Any = None
        self.joined: dict[Any, tuple[Any, Any, Any]] = {}
        self.layout = self._layout(plain)
        if codes is not None:
            self.codes_of(plain)[...] = codes

    def codes_of(self, part: Any) -> Any:
        """Return the codes of a view of the plain numbers, as a view."""
        if self.codes is None:
            self.codes = np.zeros(self.plain.size, np.int64)
        shape, offset, strides = self._layout(part)
        return np.ndarray(shape, np.int64, self.codes, offset, strides)

    def traced(self, part: Any) -> Any:
        """Return the traced array that a view stands for; None if all its numbers are plain."""
        if self.codes is None:
            return None
        codes = self.codes_of(part)
        if not codes.any():
            return None
        layout = self._layout(part)
        known = self.joined.get(layout)
        if known is not None and not known[2].tape.is_open:
            known = None
        number = joined(part, codes, self.sources, known)
        self.joined[layout] = part.copy(), codes.copy(), number
        return number

    def _layout(self, part: Any) -> tuple[tuple[int, ...], int, tuple[int, ...]]:
        """Return shape, offset and strides of the codes of a view."""
        size = self.plain.itemsize
        first, start = (a.__array_interface__["data"][0] for a in (self.plain, part))
        strides = tuple(stride // size * 8 for stride in part.strides)
        return part.shape, (start - first) // size * 8, strides


def joined(plain: Any, codes: Any, sources: Sources, known: Any) -> Any:
    """Return one traced array for plain numbers and codes.

    ``known`` is the array that was made of this part before, with its numbers and codes then.
    """
    number = _joined(plain, codes, sources, known)
    if number.dtype != plain.dtype:
        number = _row(np.astype, number, plain.dtype)
    return number


def _joined(plain: Any, codes: Any, sources: Sources, known: Any) -> Any:
    if known is not None:
        before, codes_before, number = known
        same = (before == plain) | ((before != before) & (plain != plain))
        changed = (codes != codes_before) | ((codes == 0) & ~same)
        if 2 * np.count_nonzero(changed) <= plain.size:
            return _assigned(number, changed, plain, codes, sources)
    traced = codes != 0
    found = {start: sources.source(start) for start in _starts(codes, sources)}
    if len(found) == 1 and traced.all():
        (start,) = found
        return _part(found[start], codes - start, plain.shape)
    parts = _parts(codes, found)
    if parts is not None:
        axis, starts = parts
        plain = np.moveaxis(plain, axis, 0)
        rows = [found[start] if start else plain[k] for k, start in enumerate(starts)]
        return _row(np.stack, rows, axis)
    pieces = _pieces(plain, codes, found)
    if pieces is not None:
        return _row(np.concatenate, pieces)
    are_single = all(not source.shape for source in found.values())
    if are_single and len(found) > 1 and 2 * np.count_nonzero(traced) >= plain.size:
        entries = zip(codes.ravel().tolist(), plain.ravel().tolist(), strict=True)
        number = _row(np.stack, [sources.entry(code) if code else n for code, n in entries])
        return number if plain.ndim == 1 else _row(np.reshape, number, plain.shape)
    return _assigned(np.where(traced, 0, plain), traced, plain, codes, sources)


def _row(function: Any, *args: Any) -> Any:
    """Return what a function of NumPy records: no line of the user's names this row."""
    number = FUNCTIONS[function](*args)
    if number.__class__ is Variable and number.tape.notes_places:
        number.tape.places.names[number.slot] = None
    return number


def _parts(codes: Any, found: dict[int, Any]) -> Any:
    """Return an axis along which every part is a whole source, or plain, and their first codes."""
    for axis in range(codes.ndim) if codes.ndim > 1 else ():
        starts = []
        for part in np.moveaxis(codes, axis, 0):
            start = int(part.flat[0])
            expected = 0 if start == 0 else np.arange(start, start + part.size).reshape(part.shape)
            if (part != expected).any():
                break
            if start and (start not in found or found[start].shape != part.shape):
                break
            starts.append(start)
        else:
            if 2 * np.count_nonzero(starts) >= len(starts):
                return axis, starts
    return None


def _pieces(plain: Any, codes: Any, found: dict[int, Any]) -> list[Any] | None:
    """Return whole sources that make up an array one after the other, and plain parts between."""
    if len(found) < 2 or any(len(source.shape) != codes.ndim for source in found.values()):
        return None
    pieces, k = [], 0
    are_plain = ~codes.reshape(len(codes), -1).any(1)
    while k < len(codes):
        start, stop = int(codes[k].flat[0]), k + 1
        if start in found:
            piece = found[start]
            stop = k + len(piece)
            expected = np.arange(start, start + math.prod(piece.shape)).reshape(piece.shape)
            if not np.array_equal(codes[k:stop], expected):
                return None
        elif are_plain[k]:
            piece = plain[k:stop]
        else:
            return None
        pieces.append(piece)
        k = stop
    return pieces


def _starts(codes: Any, sources: Sources) -> list[int]:
    """Return the first codes of the sources that occur."""
    return [start for start in np.unique(sources.starts_of(codes)).tolist() if start]


def _assigned(number: Any, where: Any, plain: Any, codes: Any, sources: Sources) -> Any:
    """Return an array after an assignment from each source, and of plain numbers."""
    codes = np.where(where, codes, 0)
    starts, found = sources.starts_of(codes), _starts(codes, sources)
    arrays = [start for start in found if sources.source(start).shape]
    singles = (codes != 0) & ~np.isin(starts, arrays)
    if len(found) - len(arrays) == 1:
        number = _set(number, singles, sources.entry(int(codes[singles][0])))
    elif singles.any():
        entries = [sources.entry(code) for code in codes[singles].tolist()]
        number = _set(number, singles, _row(np.stack, entries))
    for start in arrays:
        mask = starts == start
        places = codes[mask] - start
        number = _set(number, mask, _part(sources.source(start), places, places.shape))
    rest = where & (codes == 0)
    return _set(number, rest, plain[rest]) if rest.any() else number


def _set(number: Any, mask: Any, value: Any) -> Any:
    key = _index(np.nonzero(mask))
    shape = np.empty(mask.shape, np.bool_)[key].shape
    if value.shape and value.shape != shape:
        value = _row(np.reshape, value, shape)
    return _row(operator.setitem, number, key, value)


def _part(source: Any, places: Any, shape: tuple[int, ...]) -> Any:
    """Return the entries of a source at these places of it, in this shape."""
    flat = places.ravel()
    if not source.shape:
        return _row(np.broadcast_to, source, shape)
    if flat.size == math.prod(source.shape) and (flat == np.arange(flat.size)).all():
        part = type(source)(source.tape, source.slot)
    else:
        index = np.unravel_index(flat, source.shape)
        key = _index(index) if (np.diff(flat) > 0).all() else index
        part = _row(operator.getitem, source, key)
    return part if part.shape == shape else _row(np.reshape, part, shape)


def _index(places: tuple[Any, ...]) -> Any:
    """Return the index of places in ascending order: ints and slices, where these say it."""
    parts: list[Any] = []
    count = 1
    for along in places:
        steps = np.unique(along)
        count *= steps.size
        step = int(steps[1] - steps[0]) if steps.size > 1 else 1
        if (np.diff(steps) != step).any():
            return places
        first, stop = int(steps[0]), int(steps[-1]) + 1
        parts.append(first if steps.size == 1 else slice(first, stop, None if step == 1 else step))
    if count != places[0].size:
        return places
    return parts[0] if len(parts) == 1 else tuple(parts)
