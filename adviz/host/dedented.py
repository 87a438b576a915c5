"""Code that was compiled from part of a file, without its indentation: the cells of a marimo file.

Such a file holds each cell as a function. What runs is the function's body, whose columns are those
of the file less the indentation.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from types import CodeType

__all__ = ["dedented_codes"]


def dedented_codes(tree: ast.Module, file: str) -> Iterator[tuple[CodeType, int]]:
    r"""Yield what the blocks of a file compile to on their own, each with its indentation.

    Parameters
    ----------
    tree : ast.Module
        The syntax of the file.
    file : str

    Examples
    --------
    >>> tree = ast.parse("def cell(x):\n    y = x + 1\n    return y")
    >>> [(code.co_names, indentation) for code, indentation in dedented_codes(tree, "file.py")]
    [(('cell',), 0), (('x', 'y'), 4)]
    """
    for block in tree.body:
        if not isinstance(block, (ast.FunctionDef, ast.AsyncFunctionDef, ast.With)):
            continue
        if not isinstance(block, ast.With):
            block.decorator_list = []  # of a function that is a cell itself
            yield from _compiled([block], 0, file)
        body = [part for part in block.body if not isinstance(part, ast.Return)]
        if body:
            yield from _compiled(body, block.body[0].col_offset, file)


def _compiled(body: list[ast.stmt], indentation: int, file: str) -> Iterator[tuple[CodeType, int]]:
    for statement in body:
        for node in ast.walk(statement):
            if hasattr(node, "col_offset") and hasattr(node, "end_col_offset"):
                node.col_offset -= indentation
                node.end_col_offset -= indentation
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            module = ast.Module(body, [])
            yield compile(module, file, "exec", flags=flags, dont_inherit=True), indentation
    except (SyntaxError, ValueError):
        pass
