"""Pieces of Python source: names, operators, parentheses."""

from __future__ import annotations

import keyword
from typing import Any

from adviz.core.elementals import Elemental

__all__ = ["identifier", "is_atom", "operator_template"]


def identifier(text: str) -> str:
    """Return an identifier close to a text: "w[0]" gives w_0.

    Examples
    --------
    >>> identifier("p['w'][0]"), identifier("lambda"), identifier("")
    ('p_w_0', 'lambda_', 'f')
    """
    words = "".join(letter if f"x{letter}".isidentifier() else " " for letter in text).split()
    name = "_".join(words) or "f"
    name = name if name.isidentifier() else f"x{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def operator_template(elemental: Any) -> str | None:
    """Return a Python operator with its operands left open, "{} + {}"; None if it has none."""
    name = elemental.names.get("python") if elemental.__class__ is Elemental else None
    if name is None:
        return None
    if elemental.arity == 2:
        return f"{{}} {name} {{}}"
    return f"{name}({{}})" if name.isidentifier() else f"{name}{{}}"


def is_atom(expression: str) -> bool:
    """Return whether an expression needs no parentheses inside another one."""
    if expression.isidentifier():
        return True
    depth = 0
    for k, letter in enumerate(expression):
        depth += (letter == "(") - (letter == ")")
        if (depth == 0 and not (letter.isalnum() or letter in "_.)")) or depth < 0:
            return False
        if depth == 0 and letter == ")":
            return k == len(expression) - 1  # one call from end to end
    return False
