"""The formulas of a row: its value, and the chain rule's term for each operand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from adviz.core.elementals import ELEMENTALS, Elemental
from adviz.core.rows import Row
from adviz.render.formula import Quoted, Slot, Tree, math_tree
from adviz.render.number import in_formula
from adviz.symbolic.expr import Expr, build, constant, node, symbol

__all__ = ["Form", "Term", "form_of", "uses"]


@dataclass(frozen=True)
class Term:
    """The chain rule's product for one operand: a carrier times the local partial.

    The carrier is the row's adjoint in the return sweep, the operand's tangent in the forward
    sweep. Minus signs are kept apart, so that sums can be written with them.

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

    Their operands are slots "0" and "1", their own value slot "v".

    Attributes
    ----------
    elemental : Elemental or Operation
    value : list
        The tree of the row's formula.
    terms : tuple
        For each operand its :class:`Term`, None where it is a constant.
    """

    elemental: Any
    value: Tree
    terms: tuple[Term | None, ...]


def form_of(row: Row, digits: int) -> Form | None:
    """Return the form of a row, None for an input."""
    if row.elemental is None:
        return None
    constants = tuple(None if isinstance(o, Row) else _hashable(o, digits) for o in row.operands)
    if isinstance(row.elemental, Elemental):
        return _form(row.elemental, constants, digits)
    return _form_of_operation(row.elemental, constants, digits)


def _hashable(number: Any, digits: int) -> Any:
    """Return a constant, an array in short."""
    if isinstance(number, np.ndarray):
        return Quoted(in_formula(number, digits))
    return number if isinstance(number, (float, np.floating)) else Quoted(str(number))


def _form_of_operation(operation: Any, constants: tuple[Any, ...], digits: int) -> Form:
    """Return the form of an array operation: no product with a partial, so ∂ names the map."""
    parts: list[Tree] = []
    for k, number in enumerate(constants):
        parts.append(["mo", ","])
        parts.append(
            ["slot", str(k), False]
            if number is None
            else math_tree(_operand(k, number), digits=digits)
        )
    for name in ("axis", "axes", "shape"):
        parameter = operation.parameters.get(name)
        if parameter is not None:
            parts += [["mo", ","], ["mi", name], ["mo", "="], ["mn", str(parameter)]]
    value = ["mrow", ["mi", operation.name], ["mo", "("], *parts[1:], ["mo", ")"]]
    slope: Tree = ["mi", f"∂{operation.name}"]
    body = ["mrow", ["slot", "carrier", False], ["times"], slope]
    term = Term(negative=False, body=body, partial_negative=False, partial=slope)
    return Form(operation, value, tuple(term if c is None else None for c in constants))


def _operand(k: int, number: Any) -> Expr:
    if number is None:
        return symbol(Slot(str(k)))
    return symbol(number) if isinstance(number, Quoted) else constant(number)


@lru_cache(maxsize=4096)
def _form(elemental: Elemental, constants: tuple[Any, ...], digits: int) -> Form:
    operands = tuple(_operand(k, number) for k, number in enumerate(constants))
    own = symbol(Slot("v"))
    value = node(elemental, operands) if operands else own
    return Form(
        elemental,
        math_tree(value, times=["mo", "×"], digits=digits),
        tuple(
            _term(constant(elemental.partials[k](*operands, own)), digits)
            if number is None
            else None
            for k, number in enumerate(constants)
        ),
    )


def _term(partial: Expr, digits: int) -> Term:
    product = build(ELEMENTALS["mul"], (symbol(Slot("carrier")), partial))
    negative, body = _sign_apart(product)
    partial_negative, size = _sign_apart(partial)
    return Term(
        negative,
        math_tree(body, digits=digits),
        partial_negative,
        math_tree(size, digits=digits),
    )


def _sign_apart(expression: Expr) -> tuple[bool, Expr]:
    if expression.elemental is ELEMENTALS["neg"]:
        return True, expression.args[0]
    if expression.is_number and expression.leaf < 0:
        return True, constant(-expression.leaf)
    return False, expression


def uses(rows: Iterable[Row]) -> dict[int, list[tuple[Row, int]]]:
    """Return, for the slot of each row, the rows that use it and as which operand, last first."""
    found: dict[int, list[tuple[Row, int]]] = {}
    for row in rows:
        for k, operand in enumerate(row.operands):
            if isinstance(operand, Row):
                found.setdefault(operand.slot, []).append((row, k))
    for slot, users in found.items():
        found[slot] = sorted(users, key=lambda use: (-use[0].slot, use[1]))
    return found
