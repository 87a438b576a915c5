"""The methods and attributes of a traced array."""

from __future__ import annotations

from collections.abc import Callable
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core.variable import BY_METHOD, FUNCTIONS, Variable, called_with, value_of
from adviz.rules.array_rules import RULES, imag, real, transposed
from adviz.rules.shapes import reshape, transpose

__all__ = ["METHODS"]

METHODS: tuple[str, ...] = (
    "all", "any", "argmax", "argmin", "argpartition", "argsort", "astype", "clip", "compress",
    "conj", "conjugate", "copy", "cumprod", "cumsum", "diagonal", "dot", "max", "mean", "min",
    "nonzero", "prod", "put", "ravel", "repeat", "round", "searchsorted", "squeeze", "std", "sum",
    "swapaxes", "take", "trace", "var",
)  # fmt: skip
"""The methods of an array that are the function of that name."""


def _method(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    def method(self: Variable, *args: Any, **options: Any) -> Any:
        return called_with(FUNCTIONS[function], (self, *args), options, name, _getframe(1))

    return method


for _name in (*METHODS, *BY_METHOD):
    setattr(Variable, _name, _method(getattr(np, _name), _name))


def _item(a: Variable) -> Any:
    """Return the one number of an array, still traced."""
    return a if not a.shape else RULES["reshape"](a, shape=())


def _shape_arguments(shape: tuple[Any, ...]) -> Any:
    return shape[0] if len(shape) == 1 else shape


for _name, _attribute in {
    "compress": lambda self, condition, axis=None: np.compress(condition, self, axis),
    "reshape": lambda self, *shape, order="C": reshape(self, _shape_arguments(shape), order),
    "transpose": lambda self, *axes: transpose(
        self, None if axes in ((), (None,)) else _shape_arguments(axes)
    ),
    "flatten": lambda self: np.copy(np.ravel(self)),
    "item": lambda self, *index: (
        np.ravel(self)[index[0]] if len(index) == 1 else self[index] if index else _item(self)
    ),
    "fill": lambda self, value: self.__setitem__(Ellipsis, value),
    "sort": lambda self, axis=-1: self.__setitem__(Ellipsis, np.sort(self, axis)),
    "tolist": lambda self: self if not self.shape else [row.tolist() for row in self],
    "T": property(transpose),
    "mT": property(transposed),
    "real": property(real),
    "imag": property(imag),
    "flat": property(np.ravel),
    "itemsize": property(lambda self: self.dtype.itemsize),
    "nbytes": property(lambda self: self.size * self.dtype.itemsize),
    "flags": property(lambda self: np.asarray(value_of(self)).flags),
    "strides": property(lambda self: np.asarray(value_of(self)).strides),
    "base": property(lambda self: None),
    "device": property(lambda self: "cpu"),
}.items():
    setattr(Variable, _name, _attribute)
