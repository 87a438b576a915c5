"""Signatures of traces: one piece of code sweeps over all traces with the same signature.

They have the same operations on the same rows, of the same shapes and types. Constant arrays may
differ, constant numbers may not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adviz.core.elementals import Elemental
from adviz.core.tape import Tape
from adviz.core.variable import Variable
from adviz.rules.rule import Operation

__all__ = [
    "MAX_COMPARED_BYTES",
    "NoSignatureError",
    "constant_signature",
    "operation_signature",
    "rows_signature",
    "value_signature",
]

MAX_COMPARED_BYTES = 4096
"""Bytes of an array up to which its content is compared, as that takes time at every call."""


class NoSignatureError(Exception):
    """A trace holds something that no other trace can be relied on to share."""


def rows_signature(tape: Tape, arrays: list[Any], indices_vary: bool = True) -> list[Any]:
    """Return the signature of the rows of a trace and append its constant arrays to ``arrays``.

    Raises
    ------
    NoSignatureError
        If it is a trace of a nested derivative, or has operations of the user's.
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
            if left is None:  # it has no operands
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
    """Return the signature of an operand that is no row.

    Raises
    ------
    NoSignatureError
        If it is neither a float nor an array.
    """
    if operand is None:
        return None
    if operand.__class__ is float:
        return operand.hex()  # which differs for 0.0 and -0.0
    if operand.__class__ is np.ndarray:
        return operand.shape, operand.dtype
    raise NoSignatureError


def operation_signature(operation: Any, arrays: list[Any] | None) -> Any:
    """Return the signature of an operation and append arrays that may differ to ``arrays``.

    Without that list, the content of all arrays among its parameters is part of the signature.

    Raises
    ------
    NoSignatureError
        If it is an operation of the user's, or has a parameter of an unusual class.
    """
    if operation.__class__ is not Operation:
        raise NoSignatureError
    rule, parameters = operation.rule, operation.parameters.values()
    varying = "" if arrays is None else rule.hands_on
    return rule, *[_parameter(value, arrays, varying) for value in parameters]


def _parameter(value: Any, arrays: list[Any] | None, varying: str) -> Any:
    cls = value.__class__
    if value is None or cls is int:
        return value
    if cls is np.ndarray:
        if arrays is not None and value.dtype.kind in varying:
            arrays.append(value)
            return value.shape, value.dtype
        if value.dtype.kind != "O" and value.nbytes <= MAX_COMPARED_BYTES:
            return value.shape, value.dtype, value.tobytes()
        raise NoSignatureError
    if cls is tuple or cls is list:
        return cls, *[_parameter(part, arrays, varying) for part in value]
    if cls is slice:
        return cls, value.start, value.stop, value.step
    if cls is dict:
        return cls, *[(key, _parameter(part, arrays, varying)) for key, part in value.items()]
    if cls is bool or cls is str or value is Ellipsis or isinstance(value, (np.dtype, type)):
        return cls, value
    if cls is float:
        return value.hex()
    raise NoSignatureError
