"""What stands in the braces of the sentences about mistakes, as texts without numbers.

An exercise may be done again with other numbers, and no sentence gives an answer away: so they
name rows and formulas. ``adviz/player/mistakeSentences.js`` says what each word stands for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adviz.core.rows import Row
from adviz.render.math_tree import BAR, DOT, filled, to_text
from adviz.render.row_formulas import form_of
from adviz.render.table import primal_tree, row_name, symbols_of

__all__ = ["entry_words", "row_words", "slope_text", "use_words", "words_of_terms"]

_DIGITS = 6
_ACCENTS = {"primal": "", "forward": DOT, "reverse": BAR}
_NAMES = {"primal": "value", "forward": "tangent", "reverse": "adjoint"}
_COUNTS = {1: "once", 2: "twice"}
_MOST_NAMED = 4


def row_words(row: Row, which: str, uses: Sequence[tuple[Row, int]] = ()) -> dict[str, str]:
    """Return the words for a row in a pass, and for its uses, each a row and a place in it."""
    words = {
        "name": row.label,
        "user": row.label,
        "target": _text(row_name(row, _ACCENTS[which]).tree()),
        "asked": _NAMES[which],
        "row": f"{row.label} = {_text(primal_tree(row))}",
    }
    if uses:
        words["uses"] = f"{row.label} is read {_times(len(uses))}, by {_listed(uses)}"
        terms = [_text(_product(user, k, row_name(user, BAR).tree(), which)) for user, k in uses]
        words["sum"] = _sum(terms)
    return words


def entry_words(entry: str, uses: Sequence[tuple[Row, int]], count: int) -> dict[str, str]:
    """Return the words for an entry of an array, or for each, which its uses read so many times."""
    if not count:
        return {"entry": entry, "uses": f"{entry} is not read"}
    one = len({user.slot for user, _ in uses}) == 1
    said = f"{entry} is read {_times(count)}, by {_listed(uses)}"
    if count > len(uses):
        said = f"{_listed(uses)} {'uses' if one else 'use'} {entry} for several entries"
    return {"entry": entry, "uses": said}


def _times(count: int) -> str:
    return _COUNTS.get(count, f"{count} times")


def _listed(uses: Sequence[tuple[Row, int]]) -> str:
    names = list(dict.fromkeys(user.label for user, _ in uses))
    shown = names if len(names) <= _MOST_NAMED else [*names[: _MOST_NAMED - 1], "others"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def words_of_terms(terms: Sequence[Mapping[str, str]], has_seed: bool = False) -> dict[str, str]:
    """Return the words for a sum, of those for the uses that it adds up."""
    parts = [term["part"] for term in terms]
    slopes = list(dict.fromkeys(term["slope"] for term in terms))
    listed = ", ".join(slopes) if len(slopes) <= _MOST_NAMED else ""
    return {"slopes": listed, "sum": _sum(["seed", *parts] if has_seed else parts)}


def _sum(terms: Sequence[str]) -> str:
    return " + ".join(terms).replace("+ −", "− ")


def use_words(user: Row, k: int, which: str) -> dict[str, str]:
    """Return the words for a use: of the k-th operand of a row, in a pass."""
    operand = user.operands[k]
    others = [o for i, o in enumerate(user.operands) if i != k]
    of_row = row_words(operand if which == "reverse" else user, which)
    carried = user if which == "reverse" else operand
    carrier = _text(row_name(carried, _ACCENTS[which]).tree())
    return {
        **of_row,
        "user": user.label,
        "operand": operand.label,
        "other": others[0].label if others and isinstance(others[0], Row) else "",
        "row": f"{user.label} = {_text(primal_tree(user))}",
        "slope": slope_text(user, k),
        "carrier": carrier,
        "derivative": _NAMES[which],
        "part": _text(_product(user, k, row_name(carried, _ACCENTS[which]).tree(), which)),
    }


def slope_text(user: Row, k: int) -> str:
    """Return a local partial as a text: ∂v₁/∂v₋₁ = v₀."""
    term = _term(user, k, "reverse")
    partial = _text(filled(term.partial, symbols_of(user), numbers=False))
    sign = "−" if term.partial_negative else ""
    return f"∂{user.label}/∂{user.operands[k].label} = {sign}{partial}"


def _product(user: Row, k: int, carrier: list[Any], which: str) -> list[Any]:
    term = _term(user, k, which)
    body = filled(term.body, {**symbols_of(user), "carrier": carrier}, numbers=False)
    return ["mrow", ["mo", "−"], body] if term.negative else body


def _term(user: Row, k: int, which: str) -> Any:
    form = form_of(user, _DIGITS)
    assert form is not None
    return form.terms_of(which)[k]


def _text(tree: list[Any]) -> str:
    return to_text(tree)
