"""The formulas of array operations, written from the templates of their rules.

A template is mathematics in one line, with operands by number: ``"{0} {1}"``, ``"{0}ᵀ {bar}"``,
``"∑[axis 0] {bar}"``, ``"{bar}_ik {1}_jk"``. What stands side by side is multiplied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from adviz.render.math_tree import Tree
from adviz.render.number import entries, in_formula, is_short
from adviz.rules.operands import dimensions

__all__ = ["call", "key_text", "written", "written_from"]

_SLOT = r"\{(?:\d+|bar|dot|v)\}"
_PIECE = re.compile(
    rf"{_SLOT}|\{{\.\.\.\}}"  # an operand, an adjoint, a result; or all operands
    r"|∑\[[^\]]*\]"  # a sum, and over what
    r"|(?<=\d\})\[[^\]]*\]|(?<=bar\})\[[^\]]*\]|(?<=dot\})\[[^\]]*\]"  # the index of an operand
    r"|_\w+"  # indices as they are written below
    r"|[⁻¹²ᵀ]+"  # powers
    r"|[(),]"
    r"|(?:[^\W_¹²ᵀ]|[ \[\]:→×]|\{(?!bar|dot|v\})[a-z_]+\})+"  # words, parameters among them
    r"|[^\w\s(),{}\[\]]+"  # a sign
)
_POWERS: dict[str, Tree] = {
    "ᵀ": ["mtext", "T"],
    "²": ["mn", "2"],
    "⁻¹": ["mrow", ["mo", "−"], ["mn", "1"]],
    "⁻ᵀ": ["mrow", ["mo", "−"], ["mtext", "T"]],
}
_SPACE: Tree = ["mspace"]


def written(operation: Any, operands: list[Tree], digits: int) -> tuple[Tree, str]:
    """Return the formula of an array operation with its parameters, and its symbol in a graph."""
    name, parameters = operation.name, operation.parameters
    template = operation.template(operation.rule.formula)
    if template is not None:
        slots = {str(k): operand for k, operand in enumerate(operands)}
        tree, signs = _filled(template, slots, parameters, digits)
        return tree, _cut(signs or _sign_in_code(operation) or name)
    words = [
        f"{option} = {_parameter(option, parameters[option], digits)}"
        for option in ("axis", "axes", "shape", "dtype")
        if parameters.get(option) is not None
    ]
    words += [_parameter("", part, digits) for part in parameters.get("args", ())]
    words += [
        f"{key} = {_parameter(key, part, digits)}"
        for key, part in (parameters.get("options") or {}).items()
    ]
    tree = call(name, [*operands, *(["mn", word] for word in words)])
    return tree, _cut(" ".join([name, *words[:1]]).replace("shape = ", "").replace(" = ", " "))


def written_from(
    template: str, slots: Mapping[str, Tree], parameters: Mapping[str, Any], digits: int
) -> Tree:
    """Return the formula of a template.

    Parameters
    ----------
    template : str
    slots : mapping
        The trees of ``{0}``, ``{1}``, …, ``{bar}``, ``{dot}`` and ``{v}``.
    parameters : mapping
        The operation's, which the template may name.
    digits : int
        Significant digits of the parameters.

    Examples
    --------
    >>> from adviz.render.math_tree import to_text
    >>> slots = {"0": ["mi", "X"], "bar": ["mi", "z"]}
    >>> to_text(written_from("{0}ᵀ {bar}", slots, {}, 6))
    'Xᵀ z'
    """
    return _filled(template, slots, parameters, digits)[0]


def _filled(
    template: str, slots: Mapping[str, Tree], parameters: Mapping[str, Any], digits: int
) -> tuple[Tree, str]:
    """Return the formula of a template, and the signs in it."""
    words = {
        key: key_text(value) if key == "key" else _parameter(key, value, digits)
        for key, value in parameters.items()
    }
    trees: list[Tree] = []
    signs: list[str] = []  # what is written around the operands, up to the parenthesis of a call
    is_apart = False  # whether a space comes before the next piece
    for match in _PIECE.finditer(template):
        piece = match[0].strip()
        if not piece:
            is_apart = True
            continue
        is_apart = is_apart or match[0][0] == " " or template[match.start() - 1] == " "
        is_called = template[match.end() :].startswith("(")
        if piece in _POWERS:
            trees[-1] = ["msup", trees[-1], _POWERS[piece]]
            signs.append(piece)
            continue
        if piece[0] == "_":
            trees[-1] = ["msub", trees[-1], ["mi", piece[1:]]]
            continue
        tree = _piece(piece, slots, words, is_called)
        if is_apart and trees and _is_factor(trees[-1], ")") and _is_factor(tree, "("):
            trees.append(_SPACE)
        is_apart = match[0][-1] == " "
        trees += _separated(list(slots.values())) if piece == "{...}" else [tree]
        is_inside = "(" in template[: match.end()]
        if not is_inside and (not piece.startswith("{") or "[" in piece):
            signs.append(str(tree[-1]))
    return trees[0] if len(trees) == 1 else ["mrow", *trees], " ".join(signs)


def _piece(piece: str, slots: Mapping[str, Tree], words: dict[str, str], is_called: bool) -> Tree:
    if re.fullmatch(_SLOT, piece):
        return slots[piece[1:-1]]
    if piece == "{...}":
        return _SPACE
    if piece[0] == "∑":
        return ["msub", ["mo", "∑"], _range(piece[2:-1])]
    if piece == "·":
        return ["times"]
    text = piece.format(**words)
    if is_called or (len(text) == 1 and text.isalpha()):
        return ["mi", text]
    if not any(letter.isalnum() for letter in piece):
        return ["mo", text]
    return ["mtext" if re.match(r"[^\W\d]|\d+ [^\W\d]", text) else "mn", text]


def _range(text: str) -> Tree:
    """Return what a sum goes over: "j ≥ i along axis 1", "axis 0"."""
    letters, along, axis = text.partition(" along ")
    if not re.fullmatch(r"\w( ?[,≥≤] ?\w)*", letters):
        return ["mtext", text]
    parts: list[Tree] = [
        ["mi", letter] if letter.isalnum() else ["mo", letter]
        for letter in letters
        if letter != " "
    ]
    return ["mrow", *parts, *([_SPACE, ["mtext", f"along {axis}"]] if along else [])]


def _is_factor(tree: Tree, parenthesis: str) -> bool:
    """Return whether a space beside it means a product, or a word beside what it speaks of."""
    return tree[0] not in ("mo", "times") or tree[1] == parenthesis


def _sign_in_code(operation: Any) -> str:
    """Return the sign between two operands in Python's code, where formulas need none: "@"."""
    code = operation.template(operation.rule.code) or ""
    sign = re.fullmatch(r"\{0\} (\S+) \{1\}", code)
    return sign[1] if sign else ""


def call(name: str, parts: list[Tree]) -> Tree:
    """Return a call as a math tree."""
    return ["mrow", ["mi", name], ["mo", "("], *_separated(parts), ["mo", ")"]]


def _separated(parts: list[Tree]) -> list[Tree]:
    separated: list[Tree] = []
    for part in parts:
        separated += [["mo", ","], part]
    return separated[1:]


_MAX_SYMBOL_LENGTH = 16
"""Characters of an operation that fit into a box of a graph."""


def _cut(symbol: str) -> str:
    if len(symbol) <= _MAX_SYMBOL_LENGTH:
        return symbol
    return symbol[: _MAX_SYMBOL_LENGTH - 1] + "…"


def _parameter(name: str, parameter: Any, digits: int) -> str:
    """Return a parameter as a reader would write it, an array abbreviated."""
    if isinstance(parameter, np.ndarray):
        return in_formula(parameter, digits) if parameter.ndim else str(parameter)
    if name == "shape":
        return dimensions(parameter)
    if name == "subscripts":
        return str(parameter).replace("->", "→")
    if isinstance(parameter, (tuple, list)):
        return f"({', '.join(_parameter('', part, digits) for part in parameter)})"
    return str(parameter)


def key_text(key: Any) -> str:
    """Return an index as it is written between brackets, with arrays abbreviated.

    Examples
    --------
    >>> key_text((slice(1, None), None, 2)), key_text(np.array([2, 0])), key_text(Ellipsis)
    ('1:, None, 2', '[2, 0]', '...')
    """
    if isinstance(key, tuple):
        return ", ".join(key_text(part) for part in key)
    if isinstance(key, slice):
        start, stop, step = ("" if x is None else str(x) for x in (key.start, key.stop, key.step))
        return f"{start}:{stop}" + (f":{step}" if step else "")
    if key is Ellipsis:
        return "..."
    if isinstance(key, np.ndarray) and key.dtype == bool:
        return f"{np.count_nonzero(key)} of {key.size}"
    if isinstance(key, np.ndarray):
        if is_short(key) or not key.ndim:
            return entries(key)
        return f"[{dimensions(key.shape)}{' entries' if key.ndim == 1 else ''}]"
    return str(key)
