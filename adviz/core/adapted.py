"""SciPy's functions in Python, made to ask whether a number is traced before they begin.

The first thing that ``scipy.special.logsumexp`` does to its argument makes a plain array of it,
and none of NumPy's protocols is asked before. So the code of such a function is exchanged, in
place: it is the same object as before, under whatever name and however early it was imported.
Given a traced number it answers by the rule of :mod:`adviz.core.special`; given anything else it
runs its own code, which is also its ``__wrapped__``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from sys import _getframe
from types import FunctionType
from typing import Any

import numpy as np

from adviz.core.variable import Variable, called_with

__all__ = ["adapt", "answer"]

_KNOWN: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {}
"""By name each function that has been adapted: its own code, and the rule for traced numbers."""


def adapt() -> bool:
    """Adapt SciPy's functions if they have come since it was last asked; return whether so.

    A function that this version of SciPy has not, or has in another form, is left alone.
    """
    special = sys.modules.get("scipy.special")
    if special is None or _KNOWN:
        return False
    from adviz.core.special import IN_PYTHON, add_rows

    add_rows()
    for name, rule in IN_PYTHON.items():
        function = getattr(special, name, None)
        if function.__class__ is FunctionType and not function.__closure__:
            _exchange(function, name, rule)
    return bool(_KNOWN)


def _exchange(function: FunctionType, name: str, rule: Callable[..., Any]) -> None:
    own = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__
    )
    own.__kwdefaults__ = function.__kwdefaults__
    _KNOWN[name] = own, rule
    function.__dict__["__wrapped__"] = own  # where its signature and its source are looked for
    function.__code__ = _asking.__code__.replace(co_name=name, co_qualname=name)


def _asking(*args: Any, **options: Any) -> Any:
    __tracebackhide__ = True
    from adviz.core.adapted import answer  # the globals of this code are SciPy's

    return answer(args, options)


def answer(args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Return what an adapted function gives: the one whose code asks."""
    __tracebackhide__ = True
    name = _getframe(1).f_code.co_name
    own, rule = _KNOWN[name]
    if any(map(_is_traced, (*args, *options.values()))):
        return called_with(rule, args, options, f"scipy.special.{name}", _getframe(1))
    return own(*args, **options)


def _is_traced(argument: Any) -> bool:
    """Return whether an argument is a traced number or array, or a nest that holds one."""
    if argument.__class__ is np.ndarray:
        return argument.dtype.hasobject and Variable in map(type, argument.flat)
    if argument.__class__ is list or argument.__class__ is tuple:
        if Variable in map(type, argument):
            return True
        is_nested = len(argument) and argument[0].__class__ in (list, tuple, np.ndarray)
        return bool(is_nested) and any(map(_is_traced, argument))
    return argument.__class__ is Variable
