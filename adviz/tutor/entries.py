"""Answers as a person gives them: numbers, and arithmetic with numbers: −4.333, -13/3, 2·ln(3).

``adviz/player/answerEntry.js`` reads the same in a page; tests/javascript compares the two.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from adviz import player
from adviz.core.elementals import ELEMENTALS, OPERATORS
from adviz.host.checks import number as checked_number
from adviz.host.errors import InputError

__all__ = ["Entry", "arithmetic", "read_entry"]


class Entry(NamedTuple):
    """An answer that is a number.

    Attributes
    ----------
    value : float
    places : float
        Decimal places of a number that was written with digits; infinite for arithmetic, which is
        as exact as can be.
    figures : float
        Significant digits, likewise.
    """

    value: float
    places: float = math.inf
    figures: float = math.inf


_MOST_CHARACTERS = 100
_SIGNS = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "⁄": "/"})
_SIGNS |= {ord(":"): "/", ord("^"): "**", ord("²"): "**2", ord("√"): "sqrt "}
_ALIASES = {"ln": "log", "asin": "arcsin", "acos": "arccos", "atan": "arctan"}
_TYPED = re.compile(r"[+-]?\s*(\d*)\.?(\d*)(?:e([+-]?\d+))?", re.IGNORECASE)


def read_entry(answer: Any, name: str = "answer") -> Entry:
    """Return an answer as a number with what is known of its exactness.

    Parameters
    ----------
    answer : float or str
        A number, or arithmetic with numbers.
    name : str
        What the answer is called in messages.

    Raises
    ------
    InputError
        If it is neither.

    Examples
    --------
    >>> read_entry("-13/3").value, read_entry("−4.33")
    (-4.333333333333333, Entry(value=-4.33, places=2, figures=3))
    """
    if not isinstance(answer, str):
        return Entry(float(checked_number(answer, name)))
    value = arithmetic(answer, {})
    if value is None or not math.isfinite(value):
        raise InputError(
            f"{name}: {answer!r} is not a number; write 0.25, 1/4, 2*ln(3) or the like"
        )
    typed = _TYPED.fullmatch(_plain(answer))
    if typed is None:
        return Entry(value)
    whole, fraction, power = typed.groups()
    return Entry(value, len(fraction) - int(power or 0), len((whole + fraction).lstrip("0")))


def arithmetic(text: str, names: Mapping[str, Any]) -> Any:
    """Return what arithmetic gives that a person has written, None where it is not understood.

    Parameters
    ----------
    text : str
    names : mapping
        What names stand for: numbers, or whatever the table's arithmetic takes.

    Examples
    --------
    >>> arithmetic("2·x² / 3", {"x": 3.0})
    6.0
    """
    if len(text) > _MOST_CHARACTERS:
        return None
    try:
        tree = ast.parse(_plain(text), mode="eval")
        with np.errstate(all="ignore"):
            return _evaluated(tree.body, names)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError, TypeError):
        return None


def _plain(text: str) -> str:
    """Return a text with the signs of Python for those that people write."""
    plain = text.strip().translate(_SIGNS)
    plain = re.sub(r"(\d),(\d)", r"\1.\2", plain)
    # A function's name before a number, as in sqrt 2.
    return re.sub(r"\b([a-z]\w*)\s+([\d.]+)", r"\1(\2)", plain, flags=re.IGNORECASE)


_BINARY = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
}
_EVALUATE = {row.name: row.evaluate for row in OPERATORS.values()}


def _evaluated(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluated(operand, names)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _evaluated(operand, names)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
            evaluate = _EVALUATE[_BINARY[type(sign)]]
            return evaluate(_evaluated(left, names), _evaluated(right, names))
        case ast.Call(func=ast.Name(id=name), args=[operand], keywords=[]):
            name = _ALIASES.get(name.lower(), name.lower())
            if name in player.operations() and name in ELEMENTALS and ELEMENTALS[name].arity == 1:
                return ELEMENTALS[name].evaluate(_evaluated(operand, names))
    raise ValueError(ast.dump(node))
