"""The wrong rules that a page runs to find out what lies behind a wrong answer, as programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from adviz.core.elementals import Elemental
from adviz.mistakes import WRONG_ROWS, WRONG_SUMS, WRONG_USES, WRONG_VALUES, Mistake, wrong_slopes
from adviz.render.programs import code_of

__all__ = ["mistake_programs"]


def mistake_programs(elementals: Iterable[Any]) -> dict[str, Any]:
    """Return the mistakes that can be made with these operations, as pairs of name and code.

    Examples
    --------
    >>> from adviz import ELEMENTALS
    >>> programs = mistake_programs([ELEMENTALS["mul"]])
    >>> programs["slopes"]["mul"]
    [[['factor_not_swapped', [0]]], [['factor_not_swapped', [1]]]]
    >>> programs["sums"]["reverse"][0]
    ['last_use_only', [1]]
    """
    used = {e.name: e for e in dict.fromkeys(elementals) if isinstance(e, Elemental) and e.arity}
    values, rows = (
        {
            name: _written(table[name], 3, elemental.arity)
            for name, elemental in used.items()
            if name in table
        }
        for table in (WRONG_VALUES, WRONG_ROWS)
    )
    slopes = {
        name: [_written(mistakes, elemental.arity + 1) for mistakes in wrong_slopes(elemental)]
        for name, elemental in used.items()
    }
    return {
        "values": values,
        "slopes": {name: lists for name, lists in slopes.items() if any(lists)},
        "rows": rows,
        "uses": _written(WRONG_USES, 5),
        "sums": {which: _written(mistakes, 4) for which, mistakes in WRONG_SUMS.items()},
    }


def _written(mistakes: Iterable[Mistake], count: int, used: int | None = None) -> list[list[Any]]:
    """Return the mistakes that a page can evaluate, of so many numbers; some use the first ones."""

    def of_used(wrong: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *numbers: wrong(*numbers[:used])

    pairs = ([name, code_of(of_used(wrong), count)] for name, wrong in mistakes)
    return [pair for pair in pairs if pair[1] is not None]
