"""What the program calls the constant arrays that its operations use."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any

from adviz.core.arrays import shape_of
from adviz.core.rows import Row

__all__ = ["constant_names"]

_MAX_LENGTH = 12
"""Characters of a name that is short enough for a formula."""


def constant_names(row: Row) -> list[str | None]:
    """Return the program's name for each operand of a row that is a constant array, else None.

    The names are read from the row's place in the source: in ``X @ W`` and in ``np.dot(X, W)``
    they are those of the two operands.
    """
    if all(isinstance(operand, Row) or not shape_of(operand) for operand in row.operands):
        return [None] * len(row.operands)
    names: tuple[str | None, ...] = _operand_names(row.source.text) if row.source else ()
    if len(names) != len(row.operands):
        return [None] * len(row.operands)
    return [
        None if isinstance(operand, Row) or not shape_of(operand) else name
        for operand, name in zip(row.operands, names, strict=True)
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
