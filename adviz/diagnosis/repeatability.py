"""Whether a function gives the same numbers when it is called again: randomness and state."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import numpy as np

from adviz.core.recording import record
from adviz.core.rows import Row
from adviz.core.variable import value_of
from adviz.diagnosis.finding import Finding, number_text
from adviz.diagnosis.scan import Scan
from adviz.host.source import Source, is_internal, is_library, locate

__all__ = ["find_changes"]

_MAX_LINES = 100_000
"""The most lines that are watched for the first number that differs."""


def find_changes(found: Scan) -> Iterator[Finding]:
    """Yield what differs between two calls with the same inputs."""
    function = found.trace.function
    generators = _generators(function)
    before = _states(generators)
    try:
        again = record(function, found.inputs, notes_places=False)
    except Exception as error:  # noqa: BLE001 - whatever it is, the first call did not raise it
        yield Finding(
            "state",
            f"called again with the same inputs it raises {type(error).__name__}: {error}",
            "The first call used something up, or changed something that the second one reads.",
            "Pass as an argument what it reads, such as a list in place of an iterator.",
        )
        return
    is_random = before != _states(generators)
    slot = _first_difference(found, again)
    if slot is None:
        return
    row = None if slot >= len(found.values) else Row(found.trace, slot)
    place = (_line_that_differs if is_random else _line_that_changes)(function, found.inputs)
    source = place or (None if row is None else row.source)
    difference = (
        "another number of operations"
        if row is None
        else f"{_shown(value_of(again.tape.values[slot]))} in place of "
        f"{_shown(row.value)} at {row.label}"
    )
    what = f"called again with the same inputs it computes {difference}."
    if is_random:
        yield Finding(
            "random",
            what,
            "It draws random numbers, so that the gradient belongs to this one draw.",
            "Draw the numbers before, and pass them as an argument; or make the generator inside "
            "with a seed: `np.random.default_rng(0)`.",
            row,
            source,
        )
    else:
        yield Finding(
            "state",
            what,
            "It reads something that a call changes: a list, a counter, an attribute, the time.",
            "Pass as an argument what it reads, and return what it changes.",
            row,
            source,
        )


def _shown(value: Any) -> str:
    """Return a number, or the word for an array."""
    return number_text(value) if np.ndim(value) == 0 else "another array"


def _generators(function: Callable[..., Any]) -> list[np.random.Generator]:
    """Return NumPy's generators among the globals and the enclosed variables of a function."""
    named = dict(getattr(function, "__globals__", {}))
    cells = [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]
    return [v for v in [*named.values(), *cells] if isinstance(v, np.random.Generator)]


def _states(generators: list[np.random.Generator]) -> str:
    legacy = np.random.get_state(legacy=False)  # noqa: NPY002 - the one that users may draw from
    return repr(
        (
            random.getstate(),
            legacy["state"]["key"].tobytes(),
            legacy["state"]["pos"],
            [generator.bit_generator.state for generator in generators],
        )
    )


def _first_difference(found: Scan, again: Any) -> int | None:
    """Return the first slot at which two traces differ; None where they do not."""
    values, others = found.values, [value_of(value) for value in again.tape.values]
    for slot, (value, other) in enumerate(zip(values, others, strict=False)):
        if value is not other and not _is_same(value, other):
            return slot
    return None if len(values) == len(others) else min(len(values), len(others))


def _is_same(value: Any, other: Any) -> bool:
    if value.__class__ is float and other.__class__ is float:
        return bool(value == other or (value != value and other != other))
    if np.shape(value) != np.shape(other) or np.asarray(value).dtype != np.asarray(other).dtype:
        return False
    return np.asarray(value).tobytes() == np.asarray(other).tobytes()


def _line_that_differs(function: Callable[..., Any], inputs: tuple[Any, ...]) -> Source | None:
    """Return the line after which a local number of the user's differs between two calls."""
    first, second = (_watched(function, inputs, _local_numbers) for _ in range(2))
    for (code, instruction, numbers), (_, _, others) in zip(first, second, strict=False):
        if numbers != others:
            return locate(code, instruction)
    return None


def _line_that_changes(function: Callable[..., Any], inputs: tuple[Any, ...]) -> Source | None:
    """Return the line that changes what outlives the call."""
    before: dict[CodeType, dict[str, Any]] = {}
    for code, instruction, state in _watched(function, inputs, _outer_state):
        if before.setdefault(code, state) != state:
            return locate(code, instruction)
    return None


def _watched(
    function: Callable[..., Any],
    inputs: tuple[Any, ...],
    look: Callable[[FrameType], dict[str, Any]],
) -> list[tuple[CodeType, int, dict[str, Any]]]:
    """Call a function and return what is seen before and after each line that runs."""
    seen: list[tuple[CodeType, int, dict[str, Any]]] = []
    running: dict[FrameType, int] = {}

    def watch(frame: FrameType, event: str, _: Any) -> Any:
        if is_internal(frame) or is_library(frame):
            return None
        if event in ("call", "line", "return") and len(seen) < _MAX_LINES:
            seen.append((frame.f_code, running.get(frame, frame.f_lasti), look(frame)))
            running[frame] = frame.f_lasti
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        with suppress(Exception):  # it may be another one each time: the lines before it count
            record(function, inputs, notes_places=False)
    finally:
        sys.settrace(before)
    return seen


def _local_numbers(frame: FrameType) -> dict[str, Any]:
    found = {}
    for name, value in frame.f_locals.items():
        plain = value_of(value)
        if isinstance(plain, (int, float, complex, np.generic, np.ndarray)):
            found[name] = _fingerprint(plain)
    return found


def _outer_state(frame: FrameType) -> dict[str, Any]:
    """Return the globals, enclosed variables and attributes that a function names."""
    code = frame.f_code
    named = {name: frame.f_globals[name] for name in code.co_names if name in frame.f_globals}
    named |= {name: frame.f_locals.get(name) for name in code.co_freevars}
    owners = [
        v
        for v in frame.f_locals.values()
        if hasattr(v, "__dict__") and not isinstance(v, (type, FunctionType, ModuleType))
    ]
    for k, owner in enumerate(owners):
        named |= {f"{k}.{name}": value for name, value in vars(owner).items()}
    return {name: _fingerprint(value) for name, value in named.items()}


def _fingerprint(value: Any) -> Any:
    """Return what changes if a number, an array or the length of a container changes."""
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, (int, float, complex, np.generic, str)):
        return repr(value)
    return len(value) if isinstance(value, (list, dict, set)) else id(value)
