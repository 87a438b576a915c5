"""What is plugged into the sockets of the core: see :mod:`adviz.core.plugs`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from adviz.core import plugs
from adviz.rules import intercepted_functions

__all__ = ["plug_in"]


class _WhenNeeded:
    """Stands for a module until it is first used, and then gives it its place in the socket."""

    def __init__(self, socket: str, module: str) -> None:
        self._socket = socket
        self._module = module

    def __getattr__(self, name: str) -> Any:
        module = import_module(self._module)
        plug = getattr(module, "PLUG", module)
        setattr(plugs, self._socket, plug)
        return getattr(plug, name)


class _ArraysWhenNeeded(_WhenNeeded):
    """The rules of arrays, for which functions of single numbers do not wait."""

    def begin(self, tape: Any, function: Callable[..., Any]) -> None:
        begin = self.__getattr__("begin") if "scipy" in sys.modules else self._nothing.begin
        begin(tape, function)

    def end(self, tape: Any) -> None:
        self._nothing.end(tape)

    def came_too_late(self, tape: Any, error: BaseException) -> bool:
        return self._nothing.came_too_late(tape, error)

    _nothing = plugs.Arrays()


def plug_in() -> None:
    """Plug the rooms of this package into the core; without ``adviz.fast`` it is only slower."""
    plugs.arrays = cast(plugs.Arrays, _ArraysWhenNeeded("arrays", "adviz.rules.traced_arrays"))
    intercepted_functions.hand_over()
    plugs.advice = cast(plugs.Advice, _WhenNeeded("advice", "adviz.rules.advice"))
    plugs.replays = _WhenNeeded("replays", "adviz.code.replaying")
    if find_spec("adviz.fast") is not None:
        plugs.repeats = _WhenNeeded("repeats", "adviz.fast.plug")
