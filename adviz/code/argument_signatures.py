"""Signatures of arguments: one program serves all arguments that have the same signature.

Floats, complex numbers and arrays of them are the inputs of a program, and only their shapes and
types are part of a signature, with their strides, on which it depends what is a view. Ints, strings
and the like are part of it with their values.
"""

from __future__ import annotations

from collections.abc import Hashable
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.inputs import input_number
from adviz.host.derived_functions import DerivedFunction
from adviz.host.errors import InputError
from adviz.host.nests import fields_of

__all__ = ["NoSignatureError", "argument_signature", "is_input"]


class NoSignatureError(Exception):
    """An argument is neither an input of a program nor a value that never changes."""


_FUNCTIONS = (FunctionType, BuiltinFunctionType, np.ufunc, DerivedFunction)
_IMMUTABLE = (int, bool, str, bytes, type(None), np.integer, np.bool_, np.dtype, type)
"""Classes whose instances never change, and so may be part of a program."""

_ONLY_FLOATS = {float}


def is_input(leaf: Any, is_float: bool) -> bool:
    """Return whether a leaf of an argument is an input; an int is, where it is used as a float."""
    if isinstance(leaf, np.ndarray):
        return bool(leaf.dtype.kind in "fc")
    return isinstance(leaf, (float, complex, np.inexact)) or (is_float and leaf.__class__ is int)


def _static_signature(value: Any) -> Hashable:
    """Return a signature that has the values of floats, too, and refuses arrays of them."""
    numbers: list[Any] = []
    signature = argument_signature(value, numbers)
    if any(isinstance(number, np.ndarray) for number in numbers):
        raise NoSignatureError
    return signature, *numbers


def _other_attributes(tree: Any, fields: set[str]) -> list[tuple[str, Any]]:
    """Return the attributes of a dataclass beside the fields that hold its numbers."""
    names = {**tree.__dataclass_fields__, **getattr(tree, "__dict__", {})}
    return [(name, getattr(tree, name, None)) for name in names if name not in fields]


def argument_signature(tree: Any, numbers: list[Any], is_float: bool = False) -> Hashable:
    """Return the signature of an argument and append its inputs to ``numbers``.

    Raises
    ------
    NoSignatureError
    """
    cls = tree.__class__
    if cls is np.ndarray and tree.ndim and tree.dtype.kind in "fc":
        # As ad.grad copies it: gaps in memory would change the last bit of a product.
        numbers.append(tree if tree.flags.forc else tree.copy("K"))
        return tree.dtype, tree.shape, tree.strides
    if cls is float or cls is complex:
        numbers.append(tree)
        return cls
    if cls is tuple or cls is list:
        if tree and tree[0].__class__ is float and set(map(type, tree)) == _ONLY_FLOATS:
            numbers.extend(tree)
            return cls, float, len(tree)
        return (cls, *[argument_signature(branch, numbers, is_float) for branch in tree])
    if isinstance(tree, dict):
        return (cls, *[(key, argument_signature(tree[key], numbers, is_float)) for key in tree])
    if (fields := fields_of(tree)) is not None:
        others = _other_attributes(tree, set(fields))
        rest = [(name, _static_signature(value)) for name, value in others]
        values = [argument_signature(getattr(tree, name), numbers, is_float) for name in fields]
        return (cls, *values, *rest)
    if isinstance(tree, (tuple, list)):
        return (cls, *[argument_signature(branch, numbers, is_float) for branch in tree])
    if is_input(tree, is_float):
        try:
            number = input_number(tree, "")
        except InputError:
            raise NoSignatureError from None
        numbers.append(number)
        is_array = shape_of(number) != ()
        return (number.dtype, number.shape, tree.strides) if is_array else number.__class__
    if is_float:
        raise NoSignatureError
    if cls is np.ndarray and tree.dtype.kind in "iub":
        return cls, tree.dtype, tree.shape, tree.tobytes()
    if isinstance(tree, _IMMUTABLE) or cls in _FUNCTIONS:
        return cls, tree
    raise NoSignatureError
