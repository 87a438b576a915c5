"""Known calls: calls of functions, with the rows of the trace that they made.

The same function called with the same rows and otherwise equal arguments makes the same rows again:
what stands for a function of NumPy here looks at nothing else but shapes and types.
"""

from __future__ import annotations

from types import EllipsisType, NoneType
from typing import Any

import numpy as np

from adviz.core.tape import Tape
from adviz.core.variable import Variable
from adviz.fast.signatures import SHORT, NoSignatureError

__all__ = ["KnownCall"]

_SIMPLE = (int, bool, str, slice, NoneType, EllipsisType)
"""Classes of arguments that are the same where they are equal."""


class KnownCall:
    """A call of a function, and the rows that it made.

    Parameters
    ----------
    function : callable
    args : sequence
    options : dict
    tape : Tape
        Of the rows among the arguments.
    rows : dict
        By slot: operations with parameters of their own, and the arrays in a row.
    stop : int
        The slot behind the rows.
    result : int
        The slot of what it returned.
    is_operation : bool
        Whether its arguments are the operands of its one row, which are compared as such.

    Attributes
    ----------
    only_slot : int or None
        The slot of its argument, where that is all there is beside options.
    misses : int
        How often it was called with arrays of other content.

    Raises
    ------
    NoSignatureError
        If the arguments cannot be recognised, because one is a large array, a list, ...
    """

    __slots__ = (
        "_args",
        "arrays",
        "function",
        "is_operation",
        "misses",
        "only_slot",
        "options",
        "result",
        "rows",
        "stop",
    )

    def __init__(
        self,
        function: Any,
        args: Any,
        options: dict[str, Any],
        tape: Tape,
        rows: dict[int, tuple[Any, list[Any]]],
        stop: int,
        result: int,
        is_operation: bool = False,
    ) -> None:
        if not all(map(_is_simple, options.values())):
            raise NoSignatureError
        self.function = function
        self.is_operation = is_operation
        self._args = [] if is_operation else [_recognisable(arg, tape) for arg in args]
        self.options = options
        self.rows = rows
        self.arrays = [array for _, arrays in rows.values() for array in arrays]
        self.stop = stop
        self.result = result
        self.misses = 0
        has_one_row = len(self._args) == 1 and self._args[0].__class__ is _Row and not rows
        self.only_slot = args[0].slot if has_one_row else None

    def has(self, args: Any, options: dict[str, Any], tape: Tape) -> bool:
        """Return whether these are its arguments."""
        if len(args) != len(self._args):
            return False
        for place, known in enumerate(self._args):  # zip(strict=True) takes three times as long
            given, kind = args[place], known.__class__
            if kind is _Row:
                if given.__class__ is not Variable or given.slot != known or given.tape is not tape:
                    return False
            elif kind is _Content or kind is _Index:
                if not known.is_of(given):
                    self.misses += 1
                    return False
            elif given is not known and not _is_same(given, known):
                return False
        return self.has_options(options)

    def has_options(self, options: dict[str, Any]) -> bool:
        """Return whether these are its arguments by keyword."""
        known = self.options
        if len(options) != len(known):
            return False
        for name, given in options.items():
            if name not in known:
                return False
            if given is not known[name] and not _is_same(given, known[name]):
                return False
        return True


class _Row(int):
    """The slot of an argument that is a row."""


class _Content:
    """An array by its content."""

    __slots__ = ("content", "dtype", "shape")

    def __init__(self, array: Any) -> None:
        self.shape, self.dtype, self.content = array.shape, array.dtype, array.tobytes()

    def is_of(self, array: Any) -> bool:
        return (
            array.__class__ is np.ndarray
            and array.shape == self.shape
            and array.dtype == self.dtype
            and array.tobytes() == self.content
        )


class _Index(tuple[_Content, ...]):
    """An index of arrays, each by its content."""

    __slots__ = ()

    def is_of(self, key: Any) -> bool:
        return (
            key.__class__ is tuple and len(key) == len(self) and all(map(_Content.is_of, self, key))
        )


def _recognisable(given: Any, tape: Tape) -> Any:
    """Return what an argument is recognised by."""
    if given.__class__ is Variable and given.tape is tape:
        return _Row(given.slot)
    if _is_simple(given):
        return given
    if _is_short(given):
        return _Content(given)
    if given.__class__ is tuple and all(map(_is_short, given)):
        return _Index(map(_Content, given))
    raise NoSignatureError


def _is_short(given: Any) -> bool:
    return given.__class__ is np.ndarray and given.nbytes <= SHORT and bool(given.dtype.kind != "O")


def _is_simple(given: Any) -> bool:
    if given.__class__ is tuple:
        return all(part.__class__ in _SIMPLE for part in given)
    return given.__class__ in _SIMPLE or given.__class__ is float


def _is_same(given: Any, known: Any) -> bool:
    """Return whether an argument is one that is simple: 1 is not True, nor 0.0 -0.0."""
    kind = given.__class__
    if kind is not known.__class__:
        return False
    if kind is tuple and [part.__class__ for part in given] != [part.__class__ for part in known]:
        return False
    return bool(given == known) and (kind is not float or given.hex() == known.hex())
