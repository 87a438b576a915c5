"""What this room plugs into the core: finding out which functions need fillable arrays.

A function that assigns a traced number into an array fails at first. It is remembered, and run
again with fillable arrays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dis import opmap
from types import FrameType, FunctionType, TracebackType
from typing import Any

import numpy as np

from adviz.core.variable import Variable
from adviz.fillable import creation
from adviz.fillable.arrays import Fillable, called, here, shown, stored
from adviz.host.errors import AdvizError
from adviz.host.source import is_internal, locate
from adviz.rules.nondifferentiable import STEP_FUNCTIONS
from adviz.rules.traced_arrays import TracedArrays

__all__ = ["PLUG"]

_WRITES = re.compile(
    r"[-+*/%@&|^]=|\bout\s*=|\.(fill|put|at)\(|^[\w.]*\b(put|place|putmask|copyto|fill_diagonal"
    r"|put_along_axis|full|full_like|array|asarray|asanyarray|ascontiguousarray|copy)\("
)
"""The source of what may assign into an array, beside ``y[0] = x``."""

_STORE_SUBSCR = opmap["STORE_SUBSCR"]

_MAX_KNOWN = 4096


class FillableArrays(TracedArrays):
    """Traced arrays, and fillable ones beside them."""

    def __init__(self) -> None:
        # By the id of the code of a user's function: the code, and what is exchanged for it.
        self._needed: dict[int, tuple[Any, list[creation.Holder]]] = {}

    def begin(self, tape: Any, function: Callable[..., Any], inputs: Any = ()) -> None:
        """Begin a recording, with fillable arrays if the function needs them."""
        super().begin(tape, function, inputs)
        if self._needed:
            if function.__class__ is not FunctionType or function.__dict__:  # it may be around one
                function = _innermost(function)
            code_and_holders = self._needed.get(id(_code_of(function)))
            if code_and_holders is not None:
                creation.begin(tape, function, code_and_holders[1])

    def end(self, tape: Any) -> None:
        """End a recording."""
        creation.end(tape)
        super().end(tape)

    def came_too_late(self, tape: Any, error: BaseException) -> bool:
        """Return whether a recording failed that would not with what is needed from now on."""
        if super().came_too_late(tape, error):
            return True
        frames = _frames_that_write(error)
        if frames is None:
            return False
        function = _innermost(self.under_way[tape][0])
        code = _code_of(function)
        _, known = self._needed.get(id(code), (code, []))
        known_names = {(id(namespace), name) for namespace, name in known}
        holders = creation.holders_in(function, frames)
        new = [holder for holder in holders if (id(holder[0]), holder[1]) not in known_names]
        if not new:
            return False  # it would fail again
        if len(self._needed) == _MAX_KNOWN:
            self._needed.clear()
        self._needed[id(code)] = code, known + new
        return True

    # -- fillable arrays among what traced ones meet ----------------------------------------------

    def gathered(self, operand: Any) -> Any:
        return super().gathered(shown(operand))

    def constant(self, tape: Any, operand: Any) -> Any:
        return super().constant(tape, shown(operand))

    def set_item(self, number: Variable, key: Any, value: Any, frame: FrameType) -> None:
        super().set_item(number, key, shown(value), frame)

    def apply_ufunc(
        self,
        number: Variable,
        ufunc: Any,
        method: str,
        operands: Any,
        options: Any,
        frame: FrameType,
    ) -> Any:
        outs = options.get("out", ())
        if here.recordings and method != "at" and any(type(out) is Variable for out in outs):
            return stored(ufunc, method, operands, options)
        if any(type(o) is Fillable for o in (*operands, *outs)):
            fill = next(o for o in (*operands, *outs) if type(o) is Fillable)
            return fill.__array_ufunc__(ufunc, method, *operands, **options)
        return super().apply_ufunc(number, ufunc, method, operands, options, frame)

    def apply_function(
        self, number: Variable, function: Any, args: Any, options: Any, frame: FrameType
    ) -> Any:
        is_traced = here.recordings and type(options.get("out")) is Variable
        if is_traced and function not in STEP_FUNCTIONS:
            return called(function, args, options)
        if type(options.get("out")) is Fillable or (args and type(args[0]) is Fillable):
            fill = args[0] if type(args[0]) is Fillable else options["out"]
            if not isinstance(function, np.ufunc) and hasattr(np, function.__name__):
                return fill.__array_function__(function, (), args, options)
        return super().apply_function(number, function, shown(args), shown(options), frame)

    def as_object_array(self, number: Variable, dtype: Any, copy: Any, frame: FrameType) -> Any:
        while frame.f_globals is vars(creation) and frame.f_back is not None:
            frame = frame.f_back  # whatever calls NumPy
        return super().as_object_array(number, dtype, copy, frame)

    def attribute(self, number: Variable, name: str, frame: FrameType) -> Any:
        attribute = super().attribute(number, name, frame)
        if not here.recordings or not callable(attribute) or attribute.__class__ is Variable:
            return attribute
        return lambda *args, **options: attribute(*shown(args), **shown(options))


def _innermost(function: Any) -> Any:
    """Return the user's own function, which others may be around."""
    inner = function
    while inner is not None:
        function = inner
        inner = getattr(function, "__wrapped__", getattr(function, "func", None))
    return function


def _code_of(function: Any) -> Any:
    return getattr(function, "__code__", function.__class__)


def _frames_that_write(error: BaseException) -> list[FrameType] | None:
    """Return the user's frames of an error if it came of an assignment into a plain array."""
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
        chain.append(cause)  # NumPy and users raise errors of their own from ours, or in a circle
    is_ours = any(isinstance(raised, AdvizError) for raised in chain)
    walks = [list(_users(raised.__traceback__)) for raised in chain]
    if is_ours and not any(walks):
        return []  # a view of an array that was assigned into, found when the function had ended
    for walk in filter(None, walks):
        frame, instruction = walk[-1]
        text = locate(frame.f_code, instruction).text
        is_out = any("with out=" in str(raised) for raised in chain)  # np.add(a, b, c)
        is_call = is_ours and (not text or is_out or _WRITES.search(text))
        if is_call or frame.f_code.co_code[instruction] == _STORE_SUBSCR:
            return [frame for walk in walks for frame, _ in walk]
    return None


def _users(traceback: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    """Yield the user's frames of an error, each with its instruction that was running."""
    while traceback is not None:
        if not is_internal(traceback.tb_frame):
            yield traceback.tb_frame, traceback.tb_lasti
        traceback = traceback.tb_next


PLUG = FillableArrays()
