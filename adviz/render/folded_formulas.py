"""Long formulas, folded: the outer operations stay, and "⋯" replaces what lies deeper."""

from __future__ import annotations

from adviz.render.math_tree import Quoted
from adviz.symbolic.expr import Expr, node, symbol

__all__ = ["SHOWN_OPERATIONS", "folded"]

SHOWN_OPERATIONS = 30
"""Operations of a formula that are shown by default."""

REST = symbol(Quoted("⋯"))
"""The sign in place of what is folded away."""


def folded(expression: Expr, operations: int = SHOWN_OPERATIONS) -> tuple[Expr, bool]:
    """Return a formula with this many of its operations, and whether any are left out.

    The outermost operations are kept.

    Examples
    --------
    >>> x = symbol("x")
    >>> folded((x + 1) * (x + 2), 2)
    (((x + 1) × Quoted(text='⋯')), True)
    >>> folded((x + 1) * (x + 2) - x * 3, 3)
    ((Quoted(text='⋯') − (3 × x)), True)
    """
    parts: list[Expr] = [expression]  # of the tree: a part that is used twice appears twice
    children: list[tuple[int, ...]] = [()]
    kept = 0
    for place in range(2 * operations + 2):  # from the outside in: the list grows meanwhile
        if place == len(parts) or kept == operations:
            break
        args = parts[place].args
        kept += bool(args)
        children[place] = tuple(range(len(parts), len(parts) + len(args)))
        parts.extend(args)
        children.extend(() for _ in args)
    result: list[Expr] = list(parts)
    left_out = False
    for place in range(len(parts) - 1, -1, -1):
        part = parts[place]
        if children[place]:
            args = tuple(result[k] for k in children[place])
            is_rest = len(args) > 1 and all(arg is REST for arg in args)
            # Inside a formula ⋯ − ⋯ says no more than ⋯ does.
            result[place] = REST if place and is_rest else node(part.elemental, args)
        elif part.args:
            result[place], left_out = REST, True
    return result[0], left_out
