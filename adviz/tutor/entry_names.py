"""What the entries of an array are called: v1[0,1] in answers, v₁[0, 1] in formulas."""

from __future__ import annotations

from typing import Any

__all__ = ["entry_key", "entry_tree"]

Tree = list[Any]


def entry_key(key: str, index: tuple[int, ...]) -> str:
    """Return what an entry is called in answers; of a number, which has no index, its own name.

    Examples
    --------
    >>> entry_key("v1", (0, 1)), entry_key("v1", ())
    ('v1[0,1]', 'v1')
    """
    return f"{key}[{','.join(map(str, index))}]" if index else key


def entry_tree(label: Tree, index: tuple[int, ...]) -> Tree:
    """Return the math tree of an entry; of a number its own."""
    written = ", ".join(map(str, index))
    return ["mrow", label, ["mo", "["], ["mn", written], ["mo", "]"]] if index else label
