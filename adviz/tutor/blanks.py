"""Which cells of a sheet are asked for, and answers by their names."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from adviz.host import checks
from adviz.host.errors import InputError
from adviz.tutor.cells import Sheet, numbers_of

__all__ = ["chosen_cells", "entry_by_entry"]

_MOST_BLANKS = 200
_MOST_NAMED = 20


def chosen_cells(sheet: Sheet, wanted: Iterable[str] | None) -> tuple[int, ...]:
    """Return the places of the cells that are asked for.

    Parameters
    ----------
    sheet : Sheet
    wanted : iterable of str or None
        Their names; the name of an array stands for all its entries. None for all.

    Raises
    ------
    InputError
        If there are none of these names, none at all, or too many.

    Examples
    --------
    >>> import adviz as ad
    >>> sheet = ad.exercise(lambda x, w: x @ w, np.ones(2), np.ones(2)).sheet
    >>> [sheet.cells[place].key for place in chosen_cells(sheet, ["v0", "v-1[1]"])]
    ['v0[0]', 'v0[1]', 'v-1[1]']
    """
    with np.errstate(all="ignore"):
        numbers = numbers_of(sheet.cells)
    chosen = tuple(place for place in sheet.blanks if math.isfinite(numbers[place]))
    if not chosen:
        raise InputError("blanks: no number that can be asked for is finite; give other inputs")
    if wanted is not None:
        places = {sheet.cells[place].key: place for place in (*sheet.seeds, *sheet.blanks)}
        found = {place for key in checks.items(wanted, "blanks") for place in _places(key, places)}
        chosen = tuple(sorted(found))
        for place in chosen:
            if not math.isfinite(numbers[place]):
                key = sheet.cells[place].key
                raise InputError(f"blanks: {key!r} is {numbers[place]}, and no number to ask for")
    if not chosen:
        raise InputError("blanks: an exercise asks for one cell or more")
    if len(chosen) > _MOST_BLANKS:
        raise InputError(
            f"blanks: {len(chosen)} cells would be asked for, more than the {_MOST_BLANKS} that a "
            "person fills in; name some of them"
        )
    return chosen


def _places(key: Any, places: Mapping[str, int]) -> list[int]:
    if isinstance(key, str):
        found = [places[name] for name in places if name == key or _is_entry(name, key)]
        if found:
            return found
    there = [*places][-_MOST_NAMED:]
    more = "..., " if len(places) > len(there) else ""
    raise InputError(f"blanks: there is no {key!r} to ask for; there are {more}{', '.join(there)}")


def _is_entry(name: str, array: str) -> bool:
    return name.startswith(f"{array}[")


def entry_by_entry(answers: Mapping[str, Any], blanks: Mapping[str, int]) -> dict[str, Any]:
    """Return answers by the names of cells, arrays that are given whole entry by entry.

    Raises
    ------
    InputError
        If a cell is not asked for, or an array has another number of entries.

    Examples
    --------
    >>> entry_by_entry({"v1": [2.0, 3.0]}, {"v1[0]": 7, "v1[1]": 8})
    {'v1[0]': 2.0, 'v1[1]': 3.0}
    """
    return dict(pair for key, answer in answers.items() for pair in _pairs(key, answer, blanks))


def _pairs(key: Any, answer: Any, blanks: Mapping[str, int]) -> Iterator[tuple[str, Any]]:
    if key in blanks:
        yield key, answer
        return
    entries = [name for name in blanks if _is_entry(name, str(key))]
    if not entries:
        raise InputError(f"answers: {key!r} is not asked for; asked for are {', '.join(blanks)}")
    given = np.array(answer, dtype=object).ravel()
    if len(given) != len(entries):
        raise InputError(
            f"answers[{key!r}]: {len(entries)} entries are asked for, and these are {len(given)}"
        )
    yield from zip(entries, given, strict=True)
