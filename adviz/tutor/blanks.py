"""Which cells of a sheet are asked for, and answers by their names."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from adviz.host import checks
from adviz.host.errors import InputError
from adviz.tutor.cells import Sheet, numbers_of

__all__ = ["chosen_cells", "entry_by_entry", "names_meant"]

_MOST_BLANKS = 200
_MOST_NAMED = 20


def chosen_cells(sheet: Sheet, wanted: Iterable[str] | None) -> tuple[int, ...]:
    """Return the places of the cells that are asked for.

    Parameters
    ----------
    sheet : Sheet
    wanted : iterable of str or None
        Their names, with subscripts or without: "v-1", "v₋₁", "v̄₋₁". The name of an array stands
        for all its entries. None for all.

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
        found = [places[name] for name in names_meant(key, places)]
        if found:
            return found
    there = [*places][-_MOST_NAMED:]
    more = "..., " if len(places) > len(there) else ""
    raise InputError(f"blanks: there is no {key!r} to ask for; there are {more}{', '.join(there)}")


def names_meant(key: str, names: Iterable[str]) -> list[str]:
    """Return the names that are meant by one that somebody typed: itself, or an array's entries.

    Examples
    --------
    >>> names_meant("v̄₋₁", ["v0", "v-1"]), names_meant("v₁", ["v1[0]", "v1[1]"])
    (['v-1'], ['v1[0]', 'v1[1]'])
    """
    wanted = _typed(key)
    return [name for name in names if _typed(name) == wanted or _is_entry(_typed(name), wanted)]


def _is_entry(name: str, array: str) -> bool:
    return name.startswith(f"{array}[")


_PLAIN = str.maketrans("₋₀₁₂₃₄₅₆₇₈₉−–∂", "-0123456789--d", " \u00a0\u2009_{}\u0304\u0307")


def _typed(key: str) -> str:
    """Return a name as it is typed: v-1 for v₋₁, v̄₋₁ and v_{-1}, dv1/dv-1 for ∂v₁/∂v₋₁.

    Examples
    --------
    >>> _typed("v̄₋₁"), _typed("∂v₁/∂v₋₁"), _typed("v₁ → v₀"), _typed("v1[0, 1]")
    ('v-1', 'dv1/dv-1', 'v1->v0', 'v1[0,1]')
    """
    return unicodedata.normalize("NFD", key).translate(_PLAIN).replace("→", "->")


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
    names = names_meant(str(key), blanks)
    if not names:
        raise InputError(f"answers: {key!r} is not asked for; asked for are {', '.join(blanks)}")
    if not any(_is_entry(name, _typed(str(key))) for name in map(_typed, names)):
        yield names[0], answer
        return
    given = np.array(answer, dtype=object).ravel()
    if len(given) != len(names):
        raise InputError(
            f"answers[{key!r}]: {len(names)} entries are asked for, and these are {len(given)}"
        )
    yield from zip(names, given, strict=True)
