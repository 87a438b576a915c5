"""What an exercise does not show: numbers that go on from those it asks for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from adviz.tutor.cells import NO_FORMULA, Sheet, Shown

__all__ = ["without_later_numbers"]


def without_later_numbers(sheet: Sheet, blanks: Collection[int]) -> Sheet:
    """Return a sheet that does not show what is computed from a blank and is not asked for.

    Who sees it reads the answer off it. Lines that show nothing else are left out.

    Examples
    --------
    >>> import adviz as ad
    >>> from adviz.tutor.columns import adjoints
    >>> sheet = adjoints(ad.trace(lambda x: x * x + 1, 3.0), [1.0])
    >>> without_later_numbers(sheet, sheet.blanks[:1]).lines[0].shown
    (0, -1)
    """
    later: set[int] = set()
    for place, cell in enumerate(sheet.cells):
        if place not in blanks and any(read in blanks or read in later for read in cell.reads):
            later.add(place)

    def shown(place: Shown) -> Shown:
        if isinstance(place, tuple):
            return tuple(map(shown, place))
        return -1 if place in later else place

    lines = [replace(line, shown=tuple(map(shown, line.shown))) for line in sheet.lines]
    kept = [
        line
        for line, before in zip(lines, sheet.lines, strict=True)
        if line == before or line.formula != NO_FORMULA or set(line.shown) != {-1}
    ]
    return replace(sheet, lines=tuple(kept))
