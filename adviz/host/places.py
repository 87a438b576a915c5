"""Places: where in the user's code the rows of a tape were made, and in which calls."""

from __future__ import annotations

import inspect
import marshal
import sys
from array import array
from bisect import bisect_right
from types import CodeType, FrameType
from typing import Any

from adviz.host.errors import LeakedVariableError
from adviz.host.local_values import LocalValues
from adviz.host.source import Source, describe, is_internal, locate, user_frame

__all__ = ["NOWHERE", "Places"]

_RESUMABLE = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


class Places:
    """The columns of a tape that say where its rows were recorded.

    The call is not stored row by row: a run of rows recorded in the same call shares one entry of
    ``run_starts`` and ``run_calls``.

    Parameters
    ----------
    root : frame, optional
        The frame that calls the user's function; frames outside it are not recorded. ``caller`` is
        the user's code that requested the derivative. A row located there is that of a function
        without Python code, and ``t = trace(np.sin, 2.0)`` does not name it t.
    input_count : int
        The number of inputs, whose rows have no place.
    """

    __slots__ = (
        "_calls",
        "_input_count",
        "_last",
        "_reading_due",
        "_resumable",
        "_root",
        "call_codes",
        "call_instructions",
        "call_parents",
        "caller",
        "frame",
        "instructions",
        "is_open",
        "local_values",
        "names",
        "resumptions",
        "run_calls",
        "run_starts",
    )

    def __init__(self, root: FrameType | None, input_count: int) -> None:
        self.instructions = array("I", [0]) * input_count
        self.run_starts = array("q")
        self.run_calls = array("q")
        self.call_codes: list[CodeType] = []
        self.call_parents = array("q")
        self.call_instructions = array("I")
        # By run and generator: where the call was that resumed it.
        self.resumptions: dict[tuple[int, int], int] = {}
        self.names: dict[int, str | None] = {}  # of rows that are not called as their source says
        self.local_values = LocalValues()
        self.caller = None if root is None else user_frame(root).f_code
        self.frame: FrameType | None = None  # in which the last row was recorded
        self.is_open = root is not None
        self._input_count = input_count
        self._root = root
        self._calls: dict[FrameType, int] = {}  # the running calls, outermost first
        self._resumable: dict[FrameType, int] = {}  # generators, which may go on after a pause
        self._last = -1  # the last instruction of the run that made a row
        self._reading_due: float = 0  # the slot from which the next pass's variables are read

    def __reduce__(self) -> Any:
        if self is NOWHERE:
            return "NOWHERE"
        columns = {name: getattr(self, name) for name in self.__slots__}
        columns |= {"is_open": False, "frame": None, "_root": None}
        columns |= {"_calls": {}, "_resumable": {}}
        # Each code once, since a row in that of the caller has no name.
        codes = {id(code): code for code in (self.caller, *self.call_codes) if code is not None}
        written = {key: marshal.dumps(code) for key, code in codes.items()}
        columns |= {"caller": id(self.caller), "call_codes": [*map(id, self.call_codes)]}
        return _places_of, (columns, written, sys.implementation.cache_tag)

    def note(self, frame: FrameType, slot: int) -> None:
        """Record that the code in a frame makes the row at a slot, which is the next."""
        if frame is not self.frame:
            frame = self.enter(frame, slot)
        instruction = frame.f_lasti
        if instruction <= self._last and slot >= self._reading_due:
            values = self.local_values
            self._reading_due = values.after_jump(frame, self.run_calls[-1], slot)
        self._last = instruction
        self.instructions.append(instruction)

    def enter(self, frame: FrameType, slot: int) -> FrameType:
        """Begin a run of rows in another call than that of the last row; return the user's frame.

        Raises
        ------
        LeakedVariableError
            If the recording has ended.
        """
        user: FrameType | None = frame
        while user is not None and is_internal(user):
            user = user.f_back
            if user is self.frame and user is not None:
                return user
        if user is None:
            user = frame
        if not self.is_open:
            raise LeakedVariableError(
                "A traced number was used after the call that recorded it had ended: "
                f"{describe(frame)}. Return it from the function instead of keeping it in a list, "
                "an attribute or a global."
            )
        calls = self._calls
        entered: list[FrameType] = []
        ancestor: FrameType | None = user
        while ancestor is not None and ancestor is not self._root and ancestor not in calls:
            if not is_internal(ancestor):
                entered.append(ancestor)
            ancestor = ancestor.f_back
        if (
            ancestor is None
        ):  # a thread that the user started: its stack does not lead back to the root
            del entered[1:]
        while calls and next(reversed(calls)) is not ancestor:
            calls.popitem()
        for call_frame in reversed(entered):
            calls[call_frame] = self._call(call_frame, next(reversed(calls), None), slot)
        self.frame = user
        self._last, self._reading_due = -1, 0
        self.run_starts.append(slot)
        self.run_calls.append(calls[user])
        return user

    def close(self) -> None:
        """End the recording."""
        self.is_open = False
        self.frame = None
        self._root = None
        self._calls.clear()
        self._resumable.clear()

    def call_of(self, slot: int) -> int | None:
        """Return the call in which a row was recorded, None for an input."""
        run = bisect_right(self.run_starts, slot) - 1
        return self.run_calls[run] if run >= 0 and slot >= self._input_count else None

    def source_of(self, slot: int) -> Source | None:
        """Return where a row was recorded, None for an input."""
        call = self.call_of(slot)
        if call is None:
            return None
        source = self.source_in(call, self.instructions[slot])
        return source._replace(name=self.names[slot]) if slot in self.names else source

    def source_in(self, call: int, instruction: int) -> Source:
        """Return the source of an instruction of a call."""
        code = self.call_codes[call]
        source = locate(code, instruction)
        return source._replace(name=None) if code is self.caller else source

    def _call(self, frame: FrameType, caller: FrameType | None, slot: int) -> int:
        """Return the number of a call: a new one, unless a generator is resumed."""
        call = self._resumable.get(frame)
        calling = -1 if caller is None else self._calls[caller]
        instruction = 0 if caller is None else caller.f_lasti
        if call is not None:
            self.resumptions[len(self.run_starts), call] = instruction
        else:
            call = len(self.call_codes)
            self.call_codes.append(frame.f_code)
            self.call_parents.append(calling)
            self.call_instructions.append(instruction)
            if frame.f_code.co_flags & _RESUMABLE:
                self._resumable[frame] = call
            if caller is not None and call < self.local_values.due.get(id(caller.f_code), 0):
                return call
        self.local_values.at_call(frame, call, caller, calling, slot)
        return call


def _places_of(columns: dict[str, Any], written: dict[int, bytes], version: str) -> Places:
    """Return pickled places; the code of another version of Python is only a name for its calls."""
    places = Places.__new__(Places)
    for name, column in columns.items():
        setattr(places, name, column)
    read = marshal.loads if version == sys.implementation.cache_tag else _no_code
    codes = {key: read(code) for key, code in written.items()}
    places.caller = codes.get(columns["caller"])
    places.call_codes = [codes[key] for key in columns["call_codes"]]
    return places


def _no_code(_: bytes) -> CodeType:
    return (lambda: None).__code__.replace(co_name="call", co_filename="<another Python>")


NOWHERE = Places(None, 0)
"""The places of a tape whose rows nobody will look at."""
