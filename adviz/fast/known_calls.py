"""Known calls of NumPy's functions, with the rows that each recorded.

The same function, called with the same rows and otherwise equal arguments, records the same rows
again: its rules look only at the shapes and types of traced arrays.
"""

from __future__ import annotations

from types import EllipsisType, NoneType
from typing import Any

import numpy as np

from adviz.core.tape import Tape
from adviz.core.variable import Variable
from adviz.fast.signatures import MAX_COMPARED_BYTES, NoSignatureError

__all__ = ["KnownCall"]

_SIMPLE = (int, bool, str, slice, NoneType, EllipsisType)
"""Classes of arguments that are interchangeable when they are equal."""


class KnownCall:
    """A call of a function, and the rows that it recorded.

    Parameters
    ----------
    function : callable
    args : sequence
    options : dict
    tape : Tape
        The tape of the rows among the arguments.
    rows : dict
        The rows that differ from the plan, by slot: the operation, and the arrays in the row.
    stop : int
        The slot after its last row.
    result : int
        The slot of the row that it returned.
    is_operation : bool
        Whether it recorded one row whose operands are its arguments, so that comparing these with
        the plan is enough.

    Attributes
    ----------
    only_slot : int or None
        The slot of its argument, where it has only one and that is a row.
    misses : int
        How often it was called with arrays of different content.

    Raises
    ------
    NoSignatureError
        If the arguments cannot be compared, as one is a large array, a list, ...
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
        self._args = [] if is_operation else [_comparable(arg, tape) for arg in args]
        self.options = options
        self.rows = rows
        self.arrays = [array for _, arrays in rows.values() for array in arrays]
        self.stop = stop
        self.result = result
        self.misses = 0
        has_one_row = len(self._args) == 1 and self._args[0].__class__ is _Slot and not rows
        self.only_slot = args[0].slot if has_one_row else None

    def matches(self, args: Any, options: dict[str, Any], tape: Tape) -> bool:
        """Return whether these arguments are the same as those of the call."""
        if len(args) != len(self._args):
            return False
        for k, known in enumerate(self._args):  # zip(strict=True) takes three times as long
            arg, cls = args[k], known.__class__
            if cls is _Slot:
                if arg.__class__ is not Variable or arg.slot != known or arg.tape is not tape:
                    return False
            elif cls is _Content or cls is _Index:
                if not known.equals(arg):
                    self.misses += 1
                    return False
            elif arg is not known and not _is_same(arg, known):
                return False
        return self.matches_options(options)

    def matches_options(self, options: dict[str, Any]) -> bool:
        """Return whether these keyword arguments are the same as those of the call."""
        known = self.options
        if len(options) != len(known):
            return False
        for name, argument in options.items():
            if name not in known:
                return False
            if argument is not known[name] and not _is_same(argument, known[name]):
                return False
        return True


class _Slot(int):
    """The slot of an argument that is a row."""


class _Content:
    """The content of an array."""

    __slots__ = ("content", "dtype", "shape")

    def __init__(self, array: Any) -> None:
        self.shape, self.dtype, self.content = array.shape, array.dtype, array.tobytes()

    def equals(self, array: Any) -> bool:
        return (
            array.__class__ is np.ndarray
            and array.shape == self.shape
            and array.dtype == self.dtype
            and array.tobytes() == self.content
        )


class _Index(tuple[_Content, ...]):
    """An index that is a tuple of arrays: the content of each."""

    __slots__ = ()

    def equals(self, key: Any) -> bool:
        return (
            key.__class__ is tuple
            and len(key) == len(self)
            and all(map(_Content.equals, self, key))
        )


def _comparable(argument: Any, tape: Tape) -> Any:
    """Return what arguments of later calls are compared with."""
    if argument.__class__ is Variable and argument.tape is tape:
        return _Slot(argument.slot)
    if _is_simple(argument):
        return argument
    if _is_small(argument):
        return _Content(argument)
    if argument.__class__ is tuple and all(map(_is_small, argument)):
        return _Index(map(_Content, argument))
    raise NoSignatureError


def _is_small(argument: Any) -> bool:
    return (
        argument.__class__ is np.ndarray
        and argument.nbytes <= MAX_COMPARED_BYTES
        and bool(argument.dtype.kind != "O")
    )


def _is_simple(argument: Any) -> bool:
    if argument.__class__ is tuple:
        return all(part.__class__ in _SIMPLE for part in argument)
    return argument.__class__ in _SIMPLE or argument.__class__ is float


def _is_same(argument: Any, known: Any) -> bool:
    """Return whether two simple arguments are the same: 1 and True are not, nor 0.0 and -0.0."""
    cls = argument.__class__
    if cls is not known.__class__:
        return False
    if cls is tuple and [part.__class__ for part in argument] != [part.__class__ for part in known]:
        return False
    return bool(argument == known) and (cls is not float or argument.hex() == known.hex())
