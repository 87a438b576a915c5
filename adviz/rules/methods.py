"""The methods and attributes of a traced array."""

from __future__ import annotations

from collections.abc import Callable
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core.arrays import is_complex
from adviz.core.elementals import BY_UFUNC
from adviz.core.variable import Variable, record_elemental
from adviz.rules.array_rules import RULES
from adviz.rules.memory import memory_read
from adviz.rules.moving_rules import imag, real
from adviz.rules.nondifferentiable import NONDIFFERENTIABLE
from adviz.rules.product_rules import transposed
from adviz.rules.registry import FUNCTIONS, call_rule
from adviz.rules.shapes import copy_of, ravel, reshape, transpose

__all__ = ["attribute_of"]


def attribute_of(number: Variable, name: str) -> Any:
    """Return an attribute of an array, or a method bound to it.

    Raises
    ------
    KeyError
        If traced arrays have no such attribute.
    """
    attribute = _ATTRIBUTES.get(name)
    if attribute is None:
        attribute = _ATTRIBUTES[name] = _function_as_method(name)
    return attribute.__get__(number)


def _function_as_method(name: str) -> Callable[..., Any]:
    """Return the method that is NumPy's function of the same name."""
    function = None if name in _UNLIKE_THEIR_FUNCTION else getattr(np, name, None)
    if function in BY_UFUNC:
        elemental = BY_UFUNC[function]
        return lambda *operands: record_elemental(elemental, operands, _getframe(1))
    if function not in FUNCTIONS:
        raise KeyError(name)
    rule = FUNCTIONS[function]
    if isinstance(function, np.ufunc) and function in NONDIFFERENTIABLE:
        raise KeyError(name)  # such as np.floor: arrays have no such method
    return lambda *args, **options: call_rule(rule, args, options, name, _getframe(1))


_UNLIKE_THEIR_FUNCTION = ("choose", "partition", "resize")
"""Methods of NumPy's arrays that differ from the function of the same name."""


def _item(a: Variable) -> Any:
    """Return the one number of an array, still traced."""
    return a if not a.shape else RULES["reshape"](a, shape=())


def _shape_arguments(shape: tuple[Any, ...]) -> Any:
    return shape[0] if len(shape) == 1 else shape


def _conjugated(a: Variable) -> Any:
    """Return the array itself if it is real, unlike ``np.conj``."""
    return np.conj(a) if is_complex(a) else a


_ATTRIBUTES: dict[str, Any] = {
    "compress": lambda self, condition, axis=None: np.compress(condition, self, axis),
    "reshape": lambda self, *shape, order="C": reshape(self, _shape_arguments(shape), order),
    "transpose": lambda self, *axes: transpose(
        self, None if axes in ((), (None,)) else _shape_arguments(axes)
    ),
    "astype": lambda self, dtype, order="K", casting="unsafe", subok=True, copy=True: (
        copy_of(np.astype(self, dtype, copy=copy), order)
        if order != "K"
        else np.astype(self, dtype, copy=copy)
    ),
    "ravel": ravel,
    "flatten": lambda self, order="C": np.copy(ravel(self, order)),
    "copy": lambda self, order="C": copy_of(self, order),
    "item": lambda self, *index: (
        np.ravel(self)[index[0]] if len(index) == 1 else self[index] if index else _item(self)
    ),
    "conj": _conjugated,
    "conjugate": _conjugated,
    "fill": lambda self, value: self.__setitem__(Ellipsis, value),
    "sort": lambda self, axis=-1: self.__setitem__(Ellipsis, np.sort(self, axis)),
    "tolist": lambda self: self if not self.shape else [row.tolist() for row in self],
    "T": property(transpose),
    "mT": property(transposed),
    "real": property(real),
    "imag": property(imag),
    "flat": property(RULES["flat"]),
    "itemsize": property(lambda self: self.dtype.itemsize),
    "nbytes": property(lambda self: self.size * self.dtype.itemsize),
    "flags": property(lambda self: memory_read(self).flags),
    "strides": property(lambda self: memory_read(self).strides),
    "base": property(lambda self: None),
    "device": property(lambda self: "cpu"),
}
"""The attributes, except functions of NumPy of the same name, which are added at first use."""
