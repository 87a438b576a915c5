"""What the next trace of a function is expected to be: what its traces have often been.

A function is known by its code, so the functions that a loop makes anew are one.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np

from adviz.core.elementals import Elemental, definitions
from adviz.core.tape import Tape
from adviz.fast.signatures import UnlikeError, kind_of_constant, kind_of_operation, kind_of_value
from adviz.rules.rule import Operation

__all__ = ["Expectation", "expect", "expectation_of"]

_MOST = 256
"""Functions whose traces are expected, those met last."""

_VAIN = 8
"""Traces in a row that turn out otherwise before no more is expected."""

_expectations: dict[Any, Expectation] = {}
"""By function and kinds of inputs."""


class Expectation:
    """The rows that the next trace of a function is expected to have.

    Attributes
    ----------
    input_count : int
    steps : list
        For each row its operation, or the kind of it, and the kinds of its operands, an int for a
        row; None for an input, and behind the last row.
    quick : list
        The same where they are told at first sight.
    examples : list
        For each row a number or an array of the shape and type that its value will have.
    has_indices : bool
        Whether operations have arrays that may differ, such as indices.
    calls : list
        For each row the call of a function that makes it and some of those behind it, once known.
    constants : dict
        By slot the content of a short array that is an operand, and a copy of it.
    are_views : list of bool
        For each row whether it shows the numbers of its operand.
    programs : dict
        Code for the rows and a sweep over them, by what was asked; None where there can be none.
    misses : int
        How many of the last traces turned out otherwise.
    """

    __slots__ = (
        "are_views",
        "calls",
        "constants",
        "examples",
        "has_indices",
        "input_count",
        "misses",
        "programs",
        "quick",
        "steps",
    )

    def __init__(self, steps: list[Any], examples: list[Any]) -> None:
        self.input_count = steps.count(None)
        self.steps = [*steps, None]
        self.are_views = [_is_view(step) for step in self.steps]
        self.quick = [_quick(step) for step in self.steps]
        self.examples = examples
        self.has_indices = any(step is not None and step[0].__class__ is tuple for step in steps)
        self.calls: list[Any] = [None] * len(self.steps)
        self.constants: dict[int, tuple[bytes, Any]] = {}
        self.programs: dict[Any, Any] = {}
        self.misses = 0


def expect(tape: Tape) -> bool:
    """Expect a trace like this one at the next call of its function; return whether that can be.

    It cannot if the function asked for numbers or assigned into arrays, or if an operation is the
    user's own, or may fail and has to say so where it is called.
    """
    if tape.function is None or tape.comparisons or tape.assignments:
        return False
    try:
        steps = [_step(tape, slot) for slot in range(len(tape.values))]
        key = _key(tape.function, tape.values[: tape.input_count])
    except UnlikeError:
        return False
    expected = _expectations.pop(key, None)
    if expected is None or expected.steps[:-1] != steps:
        expected = Expectation(steps, [_example(value) for value in tape.values])
    expected.misses = 0
    _expectations[key] = expected  # what was met last comes last
    if len(_expectations) > _MOST:
        del _expectations[next(iter(_expectations))]
    return True


def expectation_of(function: Any, inputs: list[Any]) -> Expectation | None:
    """Return what is expected of a function at these inputs, if anything is."""
    try:
        expected = _expectations.get(_key(function, inputs))
    except UnlikeError:
        return None
    return expected if expected is not None and expected.misses < _VAIN else None


def _key(function: Any, inputs: list[Any]) -> tuple[Any, ...]:
    if function.__class__ is not FunctionType or function.__dict__:  # it may stand for another
        while inner := getattr(function, "__wrapped__", None) or getattr(function, "func", None):
            function = inner
    code = getattr(function, "__code__", function.__class__)
    kinds: list[Any] = [code, len(definitions)]
    for value in inputs:
        is_array = value.__class__ is np.ndarray  # told at once
        kinds.append((value.shape, value.dtype) if is_array else kind_of_value(value))
    return tuple(kinds)


def _step(tape: Tape, slot: int) -> Any:
    row = tape.elementals[slot]
    if row is None:
        return None
    operation: Any = row
    if row.__class__ is Elemental:
        if row.may_change or row.arity == 0:
            raise UnlikeError
    elif row.__class__ is not Operation or row.rule.may_fail:
        raise UnlikeError
    elif not row.is_shared:
        operation = kind_of_operation(row, [])
    operands = [o if o.__class__ is int else kind_of_constant(o) for o in tape.operands(slot)]
    return operation, operands


def _is_view(step: Any) -> bool:
    return step is not None and step[0].__class__ is Operation and bool(step[0].rule.is_view)


def _quick(step: Any) -> tuple[Any, ...] | None:
    """Return an operation, the slots of its two operands, and the one that is a number instead.

    None where there may be more to compare: arrays; 0.0, which -0.0 is equal to.
    """
    if step is None or step[0].__class__ is tuple or _is_view(step) or not 1 <= len(step[1]) <= 2:
        return None
    operation, kinds = step
    slots = [kind if kind.__class__ is int else None for kind in kinds]
    others = [kind for kind in kinds if kind.__class__ is not int]
    if not others:
        return (operation, slots[0], slots[-1] if len(slots) == 2 else None, None)
    if len(kinds) == 1 or len(others) == 2 or others[0].__class__ is not str:
        return None
    number = float.fromhex(others[0])
    return None if number == 0.0 else (operation, *slots, number)


def _example(value: Any) -> Any:
    if value.__class__ is not np.ndarray:
        return value
    return np.broadcast_to(np.zeros((), value.dtype), value.shape)  # of one entry's memory
