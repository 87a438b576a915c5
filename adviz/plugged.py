"""Plugs the rooms of this package into the sockets of the core: see :mod:`adviz.core.plugs`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from adviz.core import plugs

__all__ = ["plug_in"]


class _LazyPlug:
    """Imports a module when it is first used, and puts that module in its place."""

    def __init__(self, socket: str, module: str) -> None:
        self._socket = socket
        self._module = module

    def __getattr__(self, name: str) -> Any:
        module = import_module(self._module)
        plug = getattr(module, "PLUG", module)
        setattr(plugs, self._socket, plug)
        return getattr(plug, name)


class _LazyArrays(_LazyPlug):
    """The rules of arrays, which functions of single numbers do not need."""

    def begin(self, tape: Any, function: Callable[..., Any], inputs: Any = ()) -> None:
        begin = self.__getattr__("begin") if "scipy" in sys.modules else self._refusing.begin
        begin(tape, function, inputs)

    def end(self, tape: Any) -> None:
        self._refusing.end(tape)

    _refusing = plugs.Arrays()


def plug_in() -> None:
    """Plug in the rooms of this package; all but ``fast`` and ``fillable`` are needed."""
    has_fillable = find_spec("adviz.fillable") is not None
    arrays = "adviz.fillable.plug" if has_fillable else "adviz.rules.traced_arrays"
    plugs.arrays = cast(plugs.Arrays, _LazyArrays("arrays", arrays))
    plugs.advice = cast(plugs.Advice, _LazyPlug("advice", "adviz.rules.advice"))
    plugs.replays = _LazyPlug("replays", "adviz.code.replaying")
    if find_spec("adviz.fast") is not None:
        plugs.repeats = _LazyPlug("repeats", "adviz.fast.plug")
