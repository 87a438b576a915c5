"""What formulas call the constant arrays that operations use: the program's names for them."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.rows import Row
from adviz.render.math_tree import Name, Tree
from adviz.render.number import in_formula

__all__ = ["constant_trees"]

_MAX_LENGTH = 12
"""Characters of a name that is short enough for a formula."""


def constant_trees(row: Row, digits: int) -> list[Tree | None]:
    """Return how formulas write each operand of a row that is a constant array, else None.

    The names are read from the row's place in the source: in ``X @ W`` and in ``np.dot(X, W)``
    they are those of the two operands. An array without a name is written as its shape.
    """
    arrays = [
        None if isinstance(operand, Row) or not shape_of(operand) else np.asarray(operand)
        for operand in row.operands
    ]
    if all(array is None for array in arrays):
        return [None] * len(arrays)
    names: tuple[str | None, ...] = _operand_names(row.source.text) if row.source else ()
    if len(names) != len(arrays):
        names = (None,) * len(arrays)
    return [
        None
        if array is None
        else ["mn", in_formula(array, digits)]
        if name is None
        else Name.of(name).tree()
        for array, name in zip(arrays, names, strict=True)
    ]


@lru_cache(maxsize=4096)
def _operand_names(text: str) -> tuple[str | None, ...]:
    """Return the names of the operands in a piece of source, None for those that have none."""
    try:
        (statement,) = ast.parse(text).body
    except (SyntaxError, ValueError):
        return ()
    operands: list[Any]
    match statement:
        case ast.Expr(value=ast.BinOp(left=left, right=right)):
            operands = [left, right]
        case ast.AugAssign(target=left, value=right):
            operands = [left, right]
        case ast.Expr(value=ast.Call(args=operands, keywords=[])):
            operands = [part for part in operands if not _is_text(part)]  # of einsum
        case _:
            return ()
    return tuple(
        part.id if isinstance(part, ast.Name) and len(part.id) <= _MAX_LENGTH else None
        for part in operands
    )


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
