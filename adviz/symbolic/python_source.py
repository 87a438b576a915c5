"""Expressions as Python source, and how long that is without writing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from adviz.core.elementals import Elemental, ExactConstant
from adviz.symbolic.expr import Expr, topological_order

__all__ = ["call_name", "lengths", "number_source", "operation_source", "to_python"]

# How tightly Python's operators bind.
_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)

# By operator and number of operands: its text, how tightly it binds, and how tightly each operand
# must bind to need no parentheses.
_OPERATORS = {
    ("+", 2): (" + ", _SUM, (_SUM, _PRODUCT)),
    ("-", 2): (" - ", _SUM, (_SUM, _PRODUCT)),
    ("*", 2): (" * ", _PRODUCT, (_PRODUCT, _SIGN)),
    ("/", 2): (" / ", _PRODUCT, (_PRODUCT, _SIGN)),
    ("**", 2): ("**", _POWER, (_ATOM, _SIGN)),
    ("-", 1): ("-", _SIGN, (_SIGN,)),
}

Pieces = list[Any]
"""Strings, and pairs of an operand's index and whether it is put in parentheses."""


def call_name(elemental: Elemental) -> str:
    """Return the name of the function that a Python program calls for an elemental.

    Examples
    --------
    >>> from adviz.core.elementals import ELEMENTALS
    >>> call_name(ELEMENTALS["log"]), call_name(ELEMENTALS["relu"])
    ('np.log', "ad.ELEMENTALS['relu']")
    """
    ufunc = elemental.ufunc
    if ufunc is not None:
        is_numpy = getattr(np, ufunc.__name__, None) is ufunc
        return f"np.{ufunc.__name__}" if is_numpy else f"scipy.special.{elemental.name}"
    return f"ad.ELEMENTALS[{elemental.name!r}]"


def number_source(number: Any) -> str:
    """Return a number as Python source, a whole one without a decimal point.

    Examples
    --------
    >>> number_source(4.0), number_source(0.1), number_source(float("inf"))
    ('4', '0.1', 'np.inf')
    """
    if isinstance(number, ExactConstant):
        return f"np.log({number.argument})"
    value = float(number)
    if not np.isfinite(value):
        return "np.nan" if np.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _pieces(elemental: Elemental, strengths: Sequence[int]) -> tuple[Pieces, int]:
    """Return how an operation is written around its operands, and how tightly it binds."""
    operator = _OPERATORS.get((elemental.names.get("python", ""), elemental.arity))
    if operator is None:
        pieces: Pieces = [f"{call_name(elemental)}("]
        for k in range(len(strengths)):
            pieces += [", ", (k, False)] if k else [(k, False)]
        return [*pieces, ")"], _ATOM
    sign, strength, needed = operator
    operands = [(k, strengths[k] < needed[k]) for k in range(len(strengths))]
    return ([sign, *operands] if len(operands) == 1 else [operands[0], sign, operands[1]]), strength


def operation_source(elemental: Elemental, operands: Sequence[str]) -> str:
    """Return one operation on operands that are names or numbers.

    Examples
    --------
    >>> from adviz.core.elementals import POW
    >>> operation_source(POW, ["-1", "v1"])
    '(-1)**v1'
    """
    strengths = [_SIGN if operand.startswith("-") else _ATOM for operand in operands]
    pieces, _ = _pieces(elemental, strengths)
    return _joined(pieces, operands)


def _joined(pieces: Iterable[Any], operands: Sequence[str]) -> str:
    return "".join(
        piece
        if isinstance(piece, str)
        else f"({operands[piece[0]]})"
        if piece[1]
        else operands[piece[0]]
        for piece in pieces
    )


def _leaf(part: Expr, names: Mapping[str, str]) -> tuple[str, int]:
    text = str(part.leaf)
    text = number_source(part.leaf) if part.is_number else names.get(text, text)
    return text, _SIGN if text.startswith("-") else _ATOM


def to_python(root: Expr, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return an expression written out as Python source, with its whole tree.

    Parameters
    ----------
    root : Expr
    names : mapping
        Other names for symbols.

    Examples
    --------
    >>> from adviz.symbolic.expr import symbol
    >>> to_python(4 * symbol("x") * (1 - symbol("x")))
    '4 * x * (1 - x)'
    """
    texts: dict[Expr, str] = {}
    strengths: dict[Expr, int] = {}
    for part in topological_order(root):
        if part.elemental is None:
            texts[part], strengths[part] = _leaf(part, names)
        else:
            pieces, strengths[part] = _pieces(part.elemental, [strengths[a] for a in part.args])
            texts[part] = _joined(pieces, [texts[arg] for arg in part.args])
    return texts[root]


def lengths(parts: Sequence[Expr]) -> dict[Expr, int]:
    """Return how many characters :func:`to_python` writes of each node, without writing them.

    Parameters
    ----------
    parts : sequence of Expr
        Nodes, each after its operands.
    """
    counts: dict[Expr, int] = {}
    strengths: dict[Expr, int] = {}
    surrounding: dict[Any, tuple[int, int]] = {}  # characters beside the operands; strength
    for part in parts:
        elemental, args = part.elemental, part.args
        if elemental is None:
            text, strengths[part] = _leaf(part, {})
            counts[part] = len(text)
            continue
        if len(args) == 2:
            a, b = args
            binding: tuple[int, ...] = (strengths[a], strengths[b])
            count = counts[a] + counts[b]
        else:
            binding = tuple([strengths[arg] for arg in args])
            count = sum([counts[arg] for arg in args])
        known = surrounding.get((elemental, binding))
        if known is None:
            pieces, strength = _pieces(elemental, binding)
            signs = sum(len(p) if isinstance(p, str) else 2 * p[1] for p in pieces)
            known = surrounding[elemental, binding] = (signs, strength)
        counts[part] = count + known[0]
        strengths[part] = known[1]
    return counts
