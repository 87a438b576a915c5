"""Long formulas, folded: their outside is kept, and what lies too deep is a sign for the rest."""

from __future__ import annotations

from adviz.render.math_tree import Quoted
from adviz.symbolic.expr import Expr, node, symbol

__all__ = ["SHOWN", "folded"]

SHOWN = 30
"""Operations of a formula that are shown, where nobody asked for more."""

REST = symbol(Quoted("⋯"))
"""Stands for what is folded away."""


def folded(expression: Expr, operations: int = SHOWN) -> tuple[Expr, bool]:
    """Return a formula with as many of its operations as asked for, and whether any are left out.

    What is kept is what stands nearest to the outside.

    Examples
    --------
    >>> x = symbol("x")
    >>> folded((x + 1) * (x + 2), 2)
    (((x + 1) × Quoted(text='⋯')), True)
    >>> folded((x + 1) * (x + 2) - x * 3, 3)
    ((Quoted(text='⋯') − (3 × x)), True)
    """
    parts: list[Expr] = [expression]  # of the tree: a part used twice is there twice
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
    made: list[Expr] = list(parts)
    left_out = False
    for place in range(len(parts) - 1, -1, -1):
        part = parts[place]
        if children[place]:
            args = tuple(made[k] for k in children[place])
            is_rest = len(args) > 1 and all(arg is REST for arg in args)
            # Inside a formula ⋯ − ⋯ tells no more than ⋯ does.
            made[place] = REST if place and is_rest else node(part.elemental, args)
        elif part.args:
            made[place], left_out = REST, True
    return made[0], left_out
