"""The formulas of a row: its value, and the chain rule's term for each operand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from adviz.core.elementals import MUL, NEG, Elemental
from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.render.math_tree import Quoted, Slot, Tree, math_tree
from adviz.render.number import entries, in_formula, is_short, shape_text
from adviz.symbolic.expr import Expr, build, constant, node, symbol

__all__ = ["Form", "Term", "form_of", "key_text", "uses"]


@dataclass(frozen=True)
class Term:
    """The chain rule's product for one operand: a carrier times the local partial.

    The carrier is the row's adjoint in the return sweep, the operand's tangent in the forward
    sweep. The minus sign is stored separately, so that a sum can be written with it.

    Attributes
    ----------
    negative, partial_negative : bool
    body : list
        The tree of the product, simplified: the carrier alone where the partial is 1.
    partial : list
        The tree of the partial alone.
    """

    negative: bool
    body: Tree
    partial_negative: bool
    partial: Tree


@dataclass(frozen=True)
class Form:
    """What rows with the same elemental and the same constants have in common.

    Their operands are the slots "0" and "1", and their value is the slot "v".

    Attributes
    ----------
    elemental : Elemental or Operation
    value : list
        The tree of the row's formula.
    terms : tuple
        A :class:`Term` for each operand, None for a constant.
    symbol : str
        How a graph writes the operation, with the parameters of an array operation.
    """

    elemental: Any
    value: Tree
    terms: tuple[Term | None, ...]
    symbol: str = ""


def form_of(row: Row, digits: int) -> Form | None:
    """Return the form of a row, None for an input."""
    if row.elemental is None:
        return None
    constants = tuple(None if isinstance(o, Row) else _hashable(o, digits) for o in row.operands)
    if isinstance(row.elemental, Elemental):
        return _form(row.elemental, constants, digits)
    return _form_of_operation(row.elemental, constants, digits)


def _hashable(number: Any, digits: int) -> Any:
    """Return a constant as a key for caching: an array by its abbreviated text."""
    if isinstance(number, np.ndarray):
        return Quoted(in_formula(number, digits))
    return number if isinstance(number, (float, np.floating)) else Quoted(str(number))


def _form_of_operation(operation: Any, constants: tuple[Any, ...], digits: int) -> Form:
    """Return the form of an array operation, whose derivative is a linear map and no factor.

    The term is written as the map applied to the carrier: ∂sum(v̄₂).
    """
    operands: list[Tree] = [
        ["slot", str(k), False] if number is None else math_tree(_operand(k, number), digits=digits)
        for k, number in enumerate(constants)
    ]
    linear_map: Tree = ["mi", f"∂{operation.name}"]
    body = _call(linear_map[1], [["slot", "carrier", False]])
    term = Term(negative=False, body=body, partial_negative=False, partial=linear_map)
    terms = tuple(term if c is None else None for c in constants)
    value, symbol = _written(operation, operands, digits)
    return Form(operation, value, terms, symbol)


def _written(operation: Any, operands: list[Tree], digits: int) -> tuple[Tree, str]:
    """Return the formula of an array operation with its parameters, and its symbol in a graph."""
    name, parameters = operation.name, operation.parameters
    template = operation.template(operation.rule.formula)
    if template is not None:
        return _filled(template, operands, parameters, digits)
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
    written = _call(name, [*operands, *(["mn", word] for word in words)])
    return written, _cut(" ".join([name, *words[:1]]).replace("shape = ", "").replace(" = ", " "))


_PIECE = re.compile(
    r"\{\d+\}|\{\.\.\.\}"  # an operand, or all of them
    r"|(?<=\d\})\[[^\]]*\]"  # the index of an operand
    r"|[(),ᵀ]"
    r"|(?:[^\Wᵀ]|[\s\[\]]|\{[a-z_]+\})+"  # words, parameters among them
    r"|[^\w\s(),{}\[\]]+"  # a sign
)


def _filled(
    template: str, operands: list[Tree], parameters: dict[str, Any], digits: int
) -> tuple[Tree, str]:
    """Return the formula of a template such as ``"{0} @ {1}"``, and its symbol in a graph."""
    words = {
        key: key_text(value) if key == "key" else _parameter(key, value, digits)
        for key, value in parameters.items()
    }
    pieces = [piece for match in _PIECE.findall(template) if (piece := match.strip())]
    trees: list[Tree] = []
    signs: list[str] = []  # what is written around the operands, up to the parenthesis of a call
    for k, piece in enumerate(pieces):
        if piece == "{...}":
            trees += _separated(operands)
        elif re.fullmatch(r"\{\d+\}", piece):
            trees.append(operands[int(piece[1:-1])])
        elif piece == "ᵀ":
            trees[-1] = ["msup", trees[-1], ["mi", "T"]]
            signs.append(piece)
        else:
            text = piece.format(**words)
            is_called = pieces[k + 1 : k + 2] == ["("]
            is_sign = not any(letter.isalnum() for letter in piece)
            trees.append(["mi" if is_called else "mo" if is_sign else "mn", text])
            if "(" not in pieces[:k] and piece != "(":
                signs.append(text)
    tree = trees[0] if len(trees) == 1 else ["mrow", *trees]
    return tree, _cut(" ".join(signs))


def _call(name: str, parts: list[Tree]) -> Tree:
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


def _shape(shape: Iterable[int]) -> str:
    return "×".join(str(int(length)) for length in shape)


def _parameter(name: str, parameter: Any, digits: int) -> str:
    """Return a parameter as a reader would write it, an array abbreviated."""
    if isinstance(parameter, np.ndarray):
        return in_formula(parameter, digits) if parameter.ndim else str(parameter)
    if name == "shape":
        return _shape(parameter)
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
        return entries(key) if is_short(key) or not key.ndim else f"[{shape_text(key)}]"
    return str(key)


def _operand(k: int, number: Any) -> Expr:
    if number is None:
        return symbol(Slot(str(k)))
    return symbol(number) if isinstance(number, Quoted) else constant(number)


@lru_cache(maxsize=4096)
def _form(elemental: Elemental, constants: tuple[Any, ...], digits: int) -> Form:
    operands = tuple(_operand(k, number) for k, number in enumerate(constants))
    result = symbol(Slot("v"))
    value = node(elemental, operands) if operands else result
    return Form(
        elemental,
        math_tree(value, times=["mo", "×"], digits=digits),
        tuple(
            _term(constant(elemental.partials[k](*operands, result)), digits)
            if number is None
            else None
            for k, number in enumerate(constants)
        ),
        elemental.symbol,
    )


def _term(partial: Expr, digits: int) -> Term:
    product = build(MUL, (symbol(Slot("carrier")), partial))
    negative, body = _sign_apart(product)
    partial_negative, magnitude = _sign_apart(partial)
    return Term(
        negative,
        math_tree(body, digits=digits),
        partial_negative,
        math_tree(magnitude, digits=digits),
    )


def _sign_apart(expression: Expr) -> tuple[bool, Expr]:
    """Return whether an expression begins with a minus sign, and the expression without it."""
    if expression.elemental is NEG:
        return True, expression.args[0]
    if expression.is_number and expression.leaf < 0:
        return True, constant(-expression.leaf)
    return False, expression


def uses(trace: Trace, slots: Iterable[int]) -> dict[int, list[tuple[Row, int]]]:
    """Return for these slots the rows that use each and as which operand, the last row first."""
    by_slot: dict[int, list[tuple[Row, int]]] = {slot: [] for slot in slots}
    tape = trace.tape
    for user in range(len(tape.values) - 1, tape.input_count - 1, -1):
        for k, operand in enumerate(tape.operands(user)):
            if operand.__class__ is int and operand in by_slot:
                by_slot[operand].append((Row(trace, user), k))
    return by_slot
