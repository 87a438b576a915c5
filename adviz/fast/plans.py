"""Plans: the rows that the next trace of a function is expected to have.

A function is recognised by its code, so a lambda in a loop is the same function each time.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np

from adviz.core.definitions import definitions
from adviz.core.elementals import Elemental
from adviz.fast.signatures import (
    NoSignatureError,
    constant_signature,
    operation_signature,
    value_signature,
)
from adviz.rules.rule import Operation

__all__ = ["Plan", "make_plan", "plan_for"]

_MAX_PLANS = 256
"""Plans that are kept: the latest."""

_MAX_MISSES = 8
"""Successive traces that differ from a plan before it is given up."""

_plans: dict[Any, Plan] = {}
"""Plans by function and signature of the inputs."""


class Plan:
    """The rows that the next trace of a function is expected to have.

    Attributes
    ----------
    input_count : int
    steps : list
        For each row its operation, or the signature of that, and the signatures of its operands,
        for a row its slot. None for an input, and after the last row.
    simple_steps : list
        The same rows as (operation, left slot, right slot, number), so that one comparison is
        enough; None for a row that needs a closer look.
    no_steps : list
        As many Nones: what a tape compares with when it has left its plan.
    examples : list
        For each row a number or an array of the shape and type that its value will have.
    has_indices : bool
        Whether operations have arrays that may differ, such as indices.
    calls : list
        For each row the :class:`KnownCall` that records it and the rows after it, if there is one.
    constants : dict
        The content of small arrays that are operands and a copy of each, by slot of the row.
    are_views : list of bool
        For each row whether its value is a view of its operand.
    programs : dict
        Code for the rows and a sweep over them, by the signature of the sweep; None where there can
        be none.
    misses : int
        The number of successive traces that differed.
    """

    __slots__ = (
        "are_views",
        "calls",
        "constants",
        "examples",
        "has_indices",
        "input_count",
        "misses",
        "no_steps",
        "programs",
        "simple_steps",
        "steps",
    )

    def __init__(self, steps: list[Any], examples: list[Any]) -> None:
        self.input_count = steps.count(None)
        self.steps = [*steps, None]
        self.are_views = [_is_view(step) for step in self.steps]
        self.simple_steps = [_simple_step(step) for step in self.steps]
        self.no_steps: list[Any] = [None] * len(self.steps)
        self.examples = examples
        self.has_indices = any(step is not None and step[0].__class__ is tuple for step in steps)
        self.calls: list[Any] = [None] * len(self.steps)
        self.constants: dict[int, tuple[bytes, Any]] = {}
        self.programs: dict[Any, Any] = {}
        self.misses = 0


def make_plan(function: Any, tape: Any) -> bool:
    """Plan a trace like this one for the next call of a function; return whether that is possible.

    It is not if the function compared numbers, assigned into arrays or looked at their memory, or
    if an operation is the user's, or may fail with an error that has to show the user's line.
    """
    notes = tape.array_notes
    if tape.comparisons or (notes is not None and (notes.assignments or notes.reads_memory)):
        return False
    try:
        steps = [_step(tape, slot) for slot in range(len(tape.values))]
        key = _key(function, tape.values[: tape.input_count])
    except NoSignatureError:
        return False
    plan = _plans.pop(key, None)
    if plan is None or plan.steps[:-1] != steps:
        plan = Plan(steps, [_example(value) for value in tape.values])
    plan.misses = 0
    _plans[key] = plan  # the latest plan comes last
    if len(_plans) > _MAX_PLANS:
        del _plans[next(iter(_plans))]
    return True


def plan_for(function: Any, inputs: list[Any]) -> Plan | None:
    """Return the plan of a function at inputs like these, if it has one."""
    try:
        plan = _plans.get(_key(function, inputs))
    except NoSignatureError:
        return None
    return plan if plan is not None and plan.misses < _MAX_MISSES else None


def _key(function: Any, inputs: list[Any]) -> tuple[Any, ...]:
    if function.__class__ is not FunctionType or function.__dict__:  # it may wrap another one
        while inner := getattr(function, "__wrapped__", None) or getattr(function, "func", None):
            function = inner
    code = getattr(function, "__code__", function.__class__)
    key: list[Any] = [code, len(definitions)]
    for value in inputs:
        is_array = value.__class__ is np.ndarray  # the usual case, without a call
        key.append((value.shape, value.dtype) if is_array else value_signature(value))
    return tuple(key)


def _step(tape: Any, slot: int) -> Any:
    row = tape.elementals[slot]
    if row is None:
        return None
    operation: Any = row
    if row.__class__ is Elemental:
        if row.may_change or row.arity == 0:
            raise NoSignatureError
    elif row.__class__ is not Operation or row.rule.may_fail:
        raise NoSignatureError
    elif not row.is_shared:
        operation = operation_signature(row, [])
    return operation, [
        operand if operand.__class__ is int else constant_signature(operand)
        for operand in tape.operands(slot)
    ]


def _is_view(step: Any) -> bool:
    if step is None or step[0].__class__ is Elemental:
        return False
    rule = step[0][0] if step[0].__class__ is tuple else step[0].rule
    return bool(rule.is_view)


def _simple_step(step: Any) -> tuple[Any, ...] | None:
    """Return an operation, the slots of its two operands, and the number if one is a constant.

    None where comparing these is not enough: for arrays, and for 0.0, as -0.0 equals it.
    """
    if step is None or step[0].__class__ is tuple or _is_view(step) or not 1 <= len(step[1]) <= 2:
        return None
    operation, operands = step
    slots = [operand if operand.__class__ is int else None for operand in operands]
    others = [operand for operand in operands if operand.__class__ is not int]
    if not others:
        return (operation, slots[0], slots[-1] if len(slots) == 2 else None, None)
    if len(operands) == 1 or len(others) == 2 or others[0].__class__ is not str:
        return None
    number = float.fromhex(others[0])
    return None if number == 0.0 else (operation, *slots, number)


def _example(value: Any) -> Any:
    if value.__class__ is not np.ndarray:
        return value
    return np.broadcast_to(np.zeros((), value.dtype), value.shape)  # in the memory of one entry
