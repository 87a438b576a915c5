"""Signatures: what traces share whose sweeps one piece of code may do.

They have the same operations on the same rows, of the same shapes and types. Arrays that are
constants may differ, numbers may not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adviz.core.elementals import Elemental
from adviz.core.tape import Tape
from adviz.core.variable import Variable
from adviz.rules.rule import Operation

__all__ = [
    "SHORT",
    "NoSignatureError",
    "constant_signature",
    "operation_signature",
    "rows_signature",
    "value_signature",
]

SHORT = 4096
"""Bytes up to which an array is recognised by its content."""


class NoSignatureError(Exception):
    """A trace holds something that makes it unlike any other."""


def rows_signature(tape: Tape, arrays: list[Any], indices_vary: bool = True) -> list[Any]:
    """Return what the rows of a trace share with others; list the arrays that may differ.

    Raises
    ------
    NoSignatureError
        If no other trace may be like it: of a nested derivative, with operations of the user's.
    """
    values, count = tape.values, tape.input_count
    shared: list[Any] = [value_signature(value) for value in values[:count]]
    rows = zip(tape.elementals, tape.left, tape.right, values, strict=True)
    for elemental, left, right, value in rows:
        if elemental.__class__ is not Elemental:
            if elemental is None:
                continue  # an input
            if not elemental.is_shared:
                elemental = operation_signature(elemental, arrays if indices_vary else None)
            if len(left) > 1:
                left = tuple([o if o.__class__ is int else _constant(o, arrays) for o in left])
            shared += (elemental, left)
        elif left.__class__ is not int:
            if left is None:  # it is made from nothing
                shared += (elemental, value_signature(value))
            else:
                shared += (elemental, _constant(left, arrays), right)
        elif right is None or right.__class__ is int:
            shared += (elemental, left, right)
        else:
            shared += (elemental, left, _constant(right, arrays))
    return shared


def value_signature(value: Any) -> Any:
    """Return the shape and the type of a number or an array.

    Raises
    ------
    NoSignatureError
        If it is a number of an enclosing derivative.
    """
    if value.__class__ is np.ndarray:
        return value.shape, value.dtype
    if value.__class__ is Variable:
        raise NoSignatureError
    return value.__class__


def _constant(operand: Any, arrays: list[Any]) -> Any:
    if operand.__class__ is np.ndarray:
        arrays.append(operand)
    return constant_signature(operand)


def constant_signature(operand: Any) -> Any:
    """Return what an operand that is no row shares with others.

    Raises
    ------
    NoSignatureError
        If it is neither a float nor an array.
    """
    if operand is None:
        return None
    if operand.__class__ is float:
        return operand.hex()  # which tells 0.0 from -0.0
    if operand.__class__ is np.ndarray:
        return operand.shape, operand.dtype
    raise NoSignatureError


def operation_signature(operation: Any, arrays: list[Any] | None) -> Any:
    """Return what an operation shares with others that have other arrays among their parameters.

    Where no list is given for arrays that may differ, theirs tell operations apart.

    Raises
    ------
    NoSignatureError
        If it is no array operation of ours, or has parameters of another class than usual.
    """
    if operation.__class__ is not Operation:
        raise NoSignatureError
    rule, parameters = operation.rule, operation.parameters.values()
    varying = "" if arrays is None else rule.hands_on
    return rule, *[_parameter(value, arrays, varying) for value in parameters]


def _parameter(value: Any, arrays: list[Any] | None, varying: str) -> Any:
    kind = value.__class__
    if value is None or kind is int:
        return value
    if kind is np.ndarray:
        if arrays is not None and value.dtype.kind in varying:
            arrays.append(value)
            return value.shape, value.dtype
        if value.dtype.kind != "O" and value.nbytes <= SHORT:
            return value.shape, value.dtype, value.tobytes()
        raise NoSignatureError
    if kind is tuple or kind is list:
        return kind, *[_parameter(part, arrays, varying) for part in value]
    if kind is slice:
        return kind, value.start, value.stop, value.step
    if kind is dict:
        return kind, *[(key, _parameter(part, arrays, varying)) for key, part in value.items()]
    if kind is bool or kind is str or value is Ellipsis or isinstance(value, (np.dtype, type)):
        return kind, value
    if kind is float:
        return value.hex()
    raise NoSignatureError
