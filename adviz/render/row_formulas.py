"""The formulas of a row: its value, and the chain rule's term for each operand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from adviz.core.arrays import is_complex, shape_of
from adviz.core.elementals import MUL, NEG, Elemental
from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.render.math_tree import Complex, Quoted, Slot, Tree, math_tree
from adviz.render.templates import call, written, written_from
from adviz.rules.broadcasting import sum_over
from adviz.symbolic.expr import Expr, build, constant, node, symbol

__all__ = ["Form", "Term", "form_of", "form_of_numbers", "uses"]


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
        A :class:`Term` for each operand, None for a constant. What arrays of constants are called
        is not in the form: their operands are slots, too.
    symbol : str
        How a graph writes the operation, with the parameters of an array operation.
    tangent_terms : tuple
        The terms of the forward sweep, where they are written in another way: with arrays.
    """

    elemental: Any
    value: Tree
    terms: tuple[Term | None, ...]
    symbol: str = ""
    tangent_terms: tuple[Term | None, ...] | None = None

    def terms_of(self, which: str) -> tuple[Term | None, ...]:
        """Return the terms as they are written in a pass."""
        if which == "forward" and self.tangent_terms is not None:
            return self.tangent_terms
        return self.terms


def form_of(row: Row, digits: int) -> Form | None:
    """Return the form of a row, None for an input."""
    if row.elemental is None:
        return None
    if isinstance(row.elemental, Elemental) and not row.trace.tape.has_arrays:
        numbers = tuple(None if isinstance(o, Row) else _hashable(o) for o in row.operands)
        return _form(row.elemental, numbers, digits)
    values = [o.value if isinstance(o, Row) else o for o in row.operands]
    shapes = tuple(shape_of(value) for value in values)
    constants = tuple(
        None if isinstance(o, Row) or shape else _hashable(o)
        for o, shape in zip(row.operands, shapes, strict=True)
    )
    terms = tuple(isinstance(o, Row) for o in row.operands)
    if not isinstance(row.elemental, Elemental):
        write = _form_of_operation if row.elemental.is_shared else _form_of_operation.__wrapped__
        return write(row.elemental, constants, terms, shapes, digits)
    if any(shapes):
        return _form_on_arrays(row.elemental, constants, terms, shapes, shape_of(row.value), digits)
    return _form(row.elemental, constants, digits)


def form_of_numbers(elemental: Elemental, digits: int) -> Form:
    """Return the form of an operation with slots for all of its operands, constants among them."""
    return _form(elemental, (None,) * elemental.arity, digits)


def _hashable(number: Any) -> Any:
    """Return a number as a key for caching."""
    if is_complex(number):
        return Complex(complex(number))
    return number if isinstance(number, (float, np.floating)) else Quoted(str(number))


_CARRIER: Tree = ["slot", "carrier", False]
_RESULT: Tree = ["slot", "v", True]


@lru_cache(maxsize=4096)
def _form_of_operation(
    operation: Any,
    constants: tuple[Any, ...],
    terms: tuple[bool, ...],
    shapes: tuple[tuple[int, ...], ...],
    digits: int,
) -> Form:
    """Return the form of an array operation, whose derivative is a linear map and no factor."""
    rule = operation.rule
    operands: list[Tree] = [
        ["slot", str(k), False] if number is None else math_tree(_operand(k, number), digits=digits)
        for k, number in enumerate(constants)
    ]
    slots = {str(k): operand for k, operand in enumerate(operands)}
    slots |= {"v": _RESULT, "bar": _CARRIER, "dot": _CARRIER}

    def term(k: int, formula: Any) -> Tree | None:
        template = operation.derivative_template(formula, k, shapes)
        return template and written_from(template, slots, operation.parameters, digits)

    def tangent(k: int) -> Tree | None:
        if rule.push not in ("each", "together"):
            return term(k, rule.push_formula)
        rest: list[Tree] = operands if rule.push == "each" else [["mn", "0"]] * len(operands)
        changed = [*rest[:k], _CARRIER, *rest[k + 1 :]]
        return written(operation, changed, digits)[0]

    value, symbol = written(operation, operands, digits)
    return Form(
        operation,
        value,
        tuple(
            _map(operation, term(k, rule.pull_formula)) if t else None for k, t in enumerate(terms)
        ),
        symbol,
        tuple(_map(operation, tangent(k)) if t else None for k, t in enumerate(terms)),
    )


def _map(operation: Any, body: Tree | None) -> Term:
    """Return the term of a linear map; where no rule says how it is written, a call: ∂qr(v̄₂)."""
    linear_map: Tree = ["mi", f"∂{operation.name}"]
    body = body or call(linear_map[1], [_CARRIER])
    negative = body[0] == "mrow" and body[1] == ["mo", "−"]
    if negative:
        body = body[2] if len(body) == 3 else ["mrow", *body[2:]]
    return Term(negative, body, partial_negative=False, partial=linear_map)


def _operand(k: int, number: Any) -> Expr:
    if number is None:
        return symbol(Slot(str(k)))
    return symbol(number) if isinstance(number, (Complex, Quoted)) else constant(number)


@lru_cache(maxsize=4096)
def _form(elemental: Elemental, constants: tuple[Any, ...], digits: int) -> Form:
    operands = tuple(_operand(k, number) for k, number in enumerate(constants))
    result = symbol(Slot("v"))
    value = node(elemental, operands) if operands else result
    return Form(
        elemental,
        math_tree(value, times=["mo", "×"], digits=digits),
        tuple(
            _term(constant(elemental.partials[k](*operands, result)), ["times"], digits)
            if number is None
            else None
            for k, number in enumerate(constants)
        ),
        elemental.symbol,
    )


@lru_cache(maxsize=4096)
def _form_on_arrays(
    elemental: Elemental,
    constants: tuple[Any, ...],
    terms: tuple[bool, ...],
    shapes: tuple[tuple[int, ...], ...],
    shape: tuple[int, ...],
    digits: int,
) -> Form:
    """Return the form of an elemental that is evaluated entry by entry.

    Arrays are multiplied with ⊙. Where an operand was broadcast, its adjoint is a sum.
    """
    operands = tuple(_operand(k, number) for k, number in enumerate(constants))
    result = symbol(Slot("v"))
    arrays = {f"{k}" for k, length in enumerate(shapes) if length} | {"v"}
    partials = [
        constant(elemental.partials[k](*operands, result)) if is_term else None
        for k, is_term in enumerate(terms)
    ]

    def adjoint(k: int, partial: Expr) -> Term:
        term = _term(partial, _entrywise({*arrays, "carrier"}, ["times"]), digits)
        summed = written_from(sum_over(shape, shapes[k]) + "{bar}", {"bar": term.body}, {}, digits)
        return replace(term, body=summed)

    def tangent(k: int, partial: Expr) -> Term:
        carried = {*arrays, "carrier"} if shapes[k] else arrays
        return _term(partial, _entrywise(carried, ["times"]), digits)

    return Form(
        elemental,
        math_tree(node(elemental, operands), times=_entrywise(arrays, ["mo", "×"]), digits=digits),
        tuple(None if p is None else adjoint(k, p) for k, p in enumerate(partials)),
        elemental.symbol,
        tuple(None if p is None else tangent(k, p) for k, p in enumerate(partials)),
    )


def _entrywise(arrays: set[str], otherwise: Tree) -> Callable[[Expr], Tree]:
    """Return what chooses the sign of a product: ⊙ between arrays, the slots of these names."""

    def holds_array(expression: Expr) -> bool:
        if expression.elemental is None:
            return isinstance(expression.leaf, Slot) and expression.leaf.name in arrays
        return any(map(holds_array, expression.args))

    def sign(product: Expr) -> Tree:
        return ["mo", "⊙"] if all(map(holds_array, product.args)) else otherwise

    return sign


def _term(partial: Expr, times: Tree | Callable[[Expr], Tree], digits: int) -> Term:
    product = build(MUL, (symbol(Slot("carrier")), partial))
    negative, body = _sign_apart(product)
    partial_negative, magnitude = _sign_apart(partial)
    return Term(
        negative,
        math_tree(body, times=times, digits=digits),
        partial_negative,
        math_tree(magnitude, times=times, digits=digits),
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
