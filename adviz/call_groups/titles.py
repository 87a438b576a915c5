"""The titles of calls: the function and what it was given."""

from __future__ import annotations

import ast
import re
from inspect import CO_GENERATOR
from operator import add, floordiv, mod, mul, neg, sub
from typing import TYPE_CHECKING, Any

from adviz.call_groups.building import Call
from adviz.call_groups.passes import shown
from adviz.core.rows import label

if TYPE_CHECKING:
    from adviz.core.tape import Tape

__all__ = ["call_title"]

_MAX_ARGUMENTS = 4
"""The most arguments in the title of a call."""

_PART = re.compile(r"\[[^\]]*\]|\.?[^\[\].]+")

_ARITHMETIC = {ast.Add: add, ast.Sub: sub, ast.Mult: mul, ast.FloorDiv: floordiv, ast.Mod: mod}
_PLAIN = (int, float, str)


def call_title(tape: Tape, call: Call) -> str:
    """Return the title of a call: "power(x, n=13)"."""
    code, start = call.syntax.code, call.start
    names = tape.input_names
    used = {
        operand
        for slot in range(start, call.stop)
        for operand in tape.operands(slot)
        if operand.__class__ is int and operand < start
    }
    count = len(names)
    labels = [label(slot - count + 1) for slot in sorted(used) if slot >= count]
    if code.co_flags & CO_GENERATOR:  # it would list its own earlier rows
        labels = []
    arguments = _merged([names[slot] for slot in sorted(used) if slot < count]) + labels
    plain = [f"{name}={shown(value)}" for name, value in _given(tape, call).items()]
    plain = plain[:_MAX_ARGUMENTS]
    most = max(1, _MAX_ARGUMENTS - len(plain))
    if len(arguments) > most:
        arguments = [*arguments[:most], "…"]
    return f"{call.syntax.name}({', '.join(arguments + plain)})"


def _merged(names: list[str]) -> list[str]:
    """Return names of inputs, with those of one nest merged.

    Examples
    --------
    >>> _merged(["params['hidden']['w']", "params['hidden']['b']", "x"])
    ["params['hidden']", 'x']
    """
    shared: dict[str, list[str]] = {}
    for name in names:
        parts = _PART.findall(name)
        root = parts[0]
        if root in shared:
            same = [a == b for a, b in zip(shared[root], parts, strict=False)]
            shared[root] = shared[root][: (same.index(False) if False in same else len(same))]
        else:
            shared[root] = parts
    return ["".join(parts) for parts in shared.values()]


def _given(tape: Tape, call: Call) -> dict[str, Any]:
    """Return the plain values that a call was given, by parameter, as far as they are known.

    They are those of parameters that the function never assigns to, when it made its first row.
    Of others, those that the call's source says: constants, and arithmetic of plain variables.
    """
    syntax = call.syntax
    inside, parameters, assigned = call.first_variables or {}, syntax.parameters, syntax.assigned
    found = {name: inside[name] for name in parameters if name in inside and name not in assigned}
    if call.caller is not None and not assigned.isdisjoint(parameters):
        calling = tape.places.call_instructions[call.number]
        at = call.caller.syntax.call_at(calling)
        if at is not None and _last_name(at.func) == syntax.name:
            given = _arguments(at, parameters, call.callers_variables or {})
            found |= {name: value for name, value in given.items() if name in assigned}
    return {name: found[name] for name in parameters if name in found}


def _last_name(function: ast.expr) -> str | None:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


def _arguments(
    call: ast.Call, parameters: tuple[str, ...], variables: dict[str, Any]
) -> dict[str, Any]:
    """Return the plain values that a call in the source passes, by parameter."""
    if any(isinstance(part, ast.NamedExpr) for part in ast.walk(call)):
        return {}  # it assigns to a variable itself
    is_method = isinstance(call.func, ast.Attribute) and parameters[:1] in (("self",), ("cls",))
    given: dict[str, ast.expr] = {}
    for name, argument in zip(parameters[is_method:], call.args, strict=False):
        if isinstance(argument, ast.Starred):
            break
        given[name] = argument
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
    values = {name: _plain_value(argument, variables) for name, argument in given.items()}
    return {name: value for name, value in values.items() if value is not None}


def _plain_value(node: ast.expr, variables: dict[str, Any]) -> Any:
    """Return the value of an expression, None where it is not known or not plain."""
    match node:
        case ast.Constant(value=value):
            return value if isinstance(value, _PLAIN) else None
        case ast.Name(id=name):
            return variables.get(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _plain_value(operand, variables)
            return neg(value) if isinstance(value, (int, float)) else None
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            a, b = _plain_value(left, variables), _plain_value(right, variables)
            if isinstance(a, (int, float)) and isinstance(b, (int, float)):
                try:
                    return _ARITHMETIC[type(op)](a, b)
                except ArithmeticError:
                    return None
    return None
