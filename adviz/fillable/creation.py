"""NumPy's creation functions while arrays are fillable: others stand in their place.

A stand-in does what NumPy's function does, unless it is called by the user's code in a thread in
which arrays are fillable. It stands wherever a module, or a variable of an enclosing function,
holds NumPy's function under any name, as after ``from numpy import zeros``.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from importlib.machinery import ExtensionFileLoader
from sys import _getframe
from types import CellType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from adviz.core.variable import Variable
from adviz.fillable.arrays import Fillable, fillable, filled, here, holds_traced, shown
from adviz.host.source import is_internal, is_library
from adviz.rules.memory import memory_of
from adviz.rules.registry import FUNCTIONS

__all__ = ["begin", "end", "holders_in"]

_LIKE = (np.zeros_like, np.ones_like, np.empty_like, np.full_like)
_AS_IT_IS = (np.asarray, np.asanyarray, np.ascontiguousarray)
_OF_VALUES = (np.array, np.copy, *_AS_IT_IS)
_FUNCTIONS = (
    *(np.zeros, np.ones, np.empty, np.full, np.eye, np.identity, np.tri, np.arange, np.linspace),
    *(np.concatenate, np.stack, np.vstack, np.hstack, np.column_stack, np.tile, np.repeat, np.diag),
    *(np.logspace, np.geomspace, np.fromfunction, np.loadtxt, *_LIKE, *_OF_VALUES),
)


class _StandIn:
    """What stands in the place of one of NumPy's functions.

    It is equal to that function, so that a table has the same entry for both.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.function = function

    def __call__(self, *args: Any, **options: Any) -> Any:
        if here.recordings and _is_users(_getframe(1)):
            return _created(self.function, args, options)
        return self.function(*args, **options)

    def __eq__(self, other: object) -> bool:
        return other is self or other is self.function

    def __hash__(self) -> int:
        return hash(self.function)

    def __reduce__(self) -> str:
        return self.function.__name__  # of numpy, which has whichever is in its place


class _MethodStandIn(_StandIn):
    """What stands in the place of a method of NumPy's arrays.

    Compiled code calls methods, too, and has no frame: its caller does not name them.
    """

    def __call__(self, *args: Any, **options: Any) -> Any:
        frame = _getframe(1)
        if here.recordings and _is_users(frame) and self.function.__name__ in frame.f_code.co_names:
            return _created(self.function, args, options)
        return self.function(*args, **options)

    def __get__(self, array: Any, cls: Any) -> Any:
        return self if array is None else MethodType(self, array)


def _is_users(frame: FrameType) -> bool:
    """Return whether a frame runs the user's code, not that of another library."""
    if is_internal(frame) or not is_library(frame):
        return not is_internal(frame)
    return _package(frame.f_globals) in here.recordings.values()


def _package(namespace: dict[str, Any]) -> str:
    return str(namespace.get("__name__")).partition(".")[0]


def _created(function: Callable[..., Any], args: Any, options: Any) -> Any:
    first = args[0] if args else None
    if function in _AS_IT_IS and type(first) is Fillable:
        return first if len(args) == 1 and not options else first.astype(*args[1:], **options)
    if function in _AS_IT_IS and first.__class__ is Variable:
        dtype = np.dtype(args[1] if len(args) > 1 else options.get("dtype", first.dtype))
        return first if dtype == first.dtype else FUNCTIONS[np.astype](first, dtype)
    if function in _OF_VALUES and holds_traced(first) and "like" not in options:
        by_place = len(args) > 1 and function != np.copy  # whose second argument is an order
        return filled(first, args[1] if by_place else options.get("dtype"))
    if function == np.full and holds_traced(args[1] if len(args) > 1 else options["fill_value"]):
        dtype = options.get("dtype", float)
        made = fillable(np.empty(first, dtype))
        made[...] = args[1] if len(args) > 1 else options["fill_value"]
        return made
    if function == np.full_like and holds_traced(args[1:2] or options.get("fill_value")):
        value = args[1] if len(args) > 1 else options.pop("fill_value")
        made = _created(np.empty_like, (first, *args[2:]), options)
        made[...] = value
        return made
    if function in _LIKE and holds_traced(first):
        number = shown(first)
        args = (memory_of(number).astype(number.dtype), *args[1:])
    result = function(*shown(args), **shown(options))
    if result.__class__ is not np.ndarray or any(result is arg for arg in args):
        return result
    return fillable(result)


_METHODS: dict[str, Any]
(_METHODS,) = gc.get_referents(vars(np.ndarray))  # A.copy() of an array from outside
_STAND_INS = {id(function): _StandIn(function) for function in _FUNCTIONS} | {
    id(method): _MethodStandIn(method)
    for method in (np.ndarray.copy, np.ndarray.astype, np.ndarray.flatten)
}
_PLAIN_NUMPY = ModuleType(np.__name__)
"""NumPy as it is otherwise, for compiled modules: these read and write an array's memory unseen."""

vars(_PLAIN_NUMPY).update(vars(np))
_NUMPYS = {id(stand_in): stand_in.function for stand_in in _STAND_INS.values()}
_EXCHANGED = _STAND_INS | {id(np): _PLAIN_NUMPY}
_RESTORED = _NUMPYS | {id(_PLAIN_NUMPY): np}

Holder = tuple[Any, str]
"""A namespace, or a variable of a function, and a name in it that is exchanged."""

_held: dict[Any, list[Holder]] = {}
"""Recordings in which arrays are fillable, each with what is exchanged for it."""

_lock = threading.RLock()


def begin(recording: Any, function: Any, holders: list[Holder]) -> None:
    """Make arrays fillable in this thread until a recording ends.

    Parameters
    ----------
    recording : hashable
    function : callable
        The user's function; the code of its package counts as the user's.
    holders : list of Holder
        What :func:`holders_in` found.
    """
    holders = holders + [(cell, "cell_contents") for cell in _cells(function, set())]
    with _lock:
        _held[recording] = holders
        here.recordings[recording] = str(getattr(function, "__module__", "")).partition(".")[0]
        _exchange(holders, _EXCHANGED)


def end(recording: Any) -> None:
    """End that; to end it twice does no harm."""
    if recording not in _held:
        return
    with _lock:
        kept = {
            (id(namespace), name)
            for other, held in _held.items()
            if other is not recording
            for namespace, name in held
        }
        own = [holder for holder in _held[recording] if (id(holder[0]), holder[1]) not in kept]
        _exchange(own, _RESTORED)
        here.recordings.pop(recording, None)
        if not here.recordings:
            here.sources = type(here.sources)()
        del _held[recording]  # last: after an interrupt before it, all is done again


def _exchange(holders: list[Holder], others: dict[int, Any]) -> None:
    for namespace, name in holders:
        if namespace.__class__ is CellType:
            namespace.cell_contents = others.get(
                id(namespace.cell_contents), namespace.cell_contents
            )
        elif name in namespace:
            namespace[name] = others.get(id(namespace[name]), namespace[name])
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(np.ndarray))  # it caches its methods


def holders_in(function: Any, frames: Iterable[FrameType]) -> list[Holder]:
    """Return all that holds NumPy's creation functions.

    These are modules, and the namespaces of the user's function and of these frames. The variables
    of functions around it, which differ from call to call, are added by :func:`begin`.
    """
    modules = {
        name: module for name, module in list(sys.modules.items()) if hasattr(module, "__dict__")
    }
    compiled = {name for name, module in modules.items() if _is_compiled(module)}
    namespaces = [
        vars(module)
        for name, module in modules.items()
        if name not in compiled and name.partition(".")[0] not in ("numpy", "scipy", "adviz")
    ]
    namespaces += [vars(np), _METHODS, getattr(function, "__globals__", {})]
    namespaces += [frame.f_globals for frame in frames]
    distinct = {id(namespace): namespace for namespace in namespaces}.values()
    holders = [(names, key) for names in distinct for key in list(names) if _is_one(names.get(key))]
    return holders + [
        (names, key)
        for names in (vars(modules[name]) for name in compiled)
        for key, value in list(names.items())
        if value is np or value is _PLAIN_NUMPY
    ]


def _is_compiled(module: Any) -> bool:
    """Return whether a module is one of compiled code."""
    loader = getattr(getattr(module, "__spec__", None), "loader", None)
    return isinstance(loader, ExtensionFileLoader)


def _is_one(value: Any) -> bool:
    """Return whether this is one of NumPy's creation functions, or what stands in its place."""
    return id(value) in _STAND_INS or id(value) in _NUMPYS


def _cells(function: Any, seen: set[int]) -> Iterator[CellType]:
    """Yield the variables of enclosing functions that hold one of NumPy's creation functions."""
    for cell in getattr(function, "__closure__", None) or ():
        try:
            held = cell.cell_contents
        except ValueError:  # it holds nothing yet
            continue
        if _is_one(held):
            yield cell
        elif held.__class__ is FunctionType and id(held) not in seen:
            seen.add(id(held))
            yield from _cells(held, seen)
