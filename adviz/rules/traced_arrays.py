"""Traced arrays, plugged into the core: NumPy's functions on traced numbers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from sys import _getframe
from types import FrameType
from typing import Any

import numpy as np

from adviz.core import plugs
from adviz.core.arrays import is_complex
from adviz.core.elementals import BY_UFUNC, Elemental
from adviz.core.tape import Tape
from adviz.core.variable import Variable, record, record_elemental
from adviz.host.errors import UnsupportedOperationError
from adviz.host.source import describe, is_internal
from adviz.rules import array_sweeps, assignment, intercepted_functions, interception, memory
from adviz.rules.advice import (
    array_subclass_error,
    check_logic_of_objects,
    check_parts_of_objects,
    missing_attribute_error,
    no_rule,
    object_array_error,
    scipy_linalg_error,
)
from adviz.rules.complex_rules import COMPLEX_RULES
from adviz.rules.functions import FUNCTIONS, LIKE_FUNCTIONS, UFUNC_METHODS
from adviz.rules.holomorphic import check_holomorphic
from adviz.rules.methods import attribute_of
from adviz.rules.operands import check_is_plain, gathered
from adviz.rules.registry import call_rule, numpy_name

__all__ = ["TracedArrays"]


class TracedArrays(plugs.Arrays):
    """Arrays in the place of single numbers: see :class:`adviz.core.plugs.Arrays`."""

    begin = staticmethod(interception.begin)
    end = staticmethod(interception.end)
    came_too_late = staticmethod(interception.came_too_late)
    tangents = staticmethod(array_sweeps.tangents)
    adjoints = staticmethod(array_sweeps.adjoints)
    terms = staticmethod(array_sweeps.terms)
    amounts = staticmethod(array_sweeps.amounts)
    gathered = staticmethod(gathered)
    set_item = staticmethod(assignment.set_item)
    assign = staticmethod(assignment.assign)
    note_view = staticmethod(assignment.note_view)
    check_memory = staticmethod(memory.check_memory)
    check_holomorphic = staticmethod(check_holomorphic)
    check_views = staticmethod(assignment.check_views)

    def entry_by_entry(self, operands: Sequence[Any]) -> Sequence[Any] | None:
        """Return operands for NumPy to apply a ufunc entry by entry; None where it should not.

        It should if single traced numbers meet an array of such numbers, and no traced array.
        """
        has_objects = any(
            operand.__class__ is np.ndarray and operand.dtype.kind == "O" and operand.ndim
            for operand in operands
        )
        if not has_objects or any(o.__class__ is Variable and o.shape for o in operands):
            return None
        return [_zero_dimensional(operand) for operand in operands]

    def constant(self, tape: Tape, operand: Any) -> Any:
        """Return an array or a complex number for a tape to keep: a copy that nobody can change."""
        tape.has_arrays = True
        if operand.__class__ is np.ndarray:
            return assignment.constant_copy(tape, operand)
        if isinstance(operand, np.ndarray):
            check_is_plain(operand, _getframe(1))
            return assignment.constant_copy(tape, np.asarray(operand))
        if tape.array_notes is not None and tape.array_notes.has_objects:
            check_parts_of_objects(_getframe(1))
        return operand

    def attribute(self, number: Variable, name: str, frame: FrameType) -> Any:
        """Return an attribute or a method of NumPy's arrays for a traced number."""
        try:
            return attribute_of(number, name)
        except KeyError:
            raise missing_attribute_error(name, frame) from None

    def apply_ufunc(
        self,
        number: Variable,
        ufunc: Any,
        method: str,
        operands: Any,
        options: Any,
        frame: FrameType,
    ) -> Any:
        """Apply a ufunc that is no elemental, or is called in another way than ``ufunc(x)``."""
        if method == "__call__" and not options:
            rule = FUNCTIONS.get(ufunc)
            if rule is not None:
                return rule(*operands)
        name = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
        if method == "__call__" and "out" in options and is_internal(frame):
            raise UnsupportedOperationError(
                f"NumPy met traced numbers in a list or an array of objects: {describe(frame)}. "
                "Make one traced array of them first: np.stack([...])."
            )
        refused = ", ".join(f"{key}=" for key in options)
        if "out" in options or options.get("where", True) is not True:
            raise UnsupportedOperationError(
                f"{name} with {refused} does not trace: {describe(frame)}. "
                "Write a new variable for the result instead: y = y + x for y += x, np.where for "
                "where=."
            )
        if (ufunc, method) in UFUNC_METHODS:
            return call_rule(UFUNC_METHODS[ufunc, method], operands, options, name, frame)
        if method == "__call__" and options:
            raise UnsupportedOperationError(
                f"{name} with {refused} does not trace: {describe(frame)}. "
                "Leave it out, or convert the result with astype."
            )
        if "scipy.special" in sys.modules and ufunc not in vars(np).values():
            from adviz.rules.scipy_special import add_rows

            add_rows()
            if ufunc in BY_UFUNC and method == "__call__":
                return record_elemental(BY_UFUNC[ufunc], operands, frame)
            name = name.replace("np", "scipy.special", 1)
        raise no_rule(name, frame)

    def apply_function(
        self, number: Variable, function: Any, args: Any, options: Any, frame: FrameType
    ) -> Any:
        """Apply one of NumPy's functions, or an operator such as ``@``."""
        rule = FUNCTIONS.get(function)
        if rule is None:
            rule, args = LIKE_FUNCTIONS.get(function), (number, *args)
            if rule is None:
                raise no_rule(numpy_name(function), frame)
        return call_rule(rule, args, options, function, frame)

    def as_object_array(self, number: Variable, dtype: Any, copy: Any, frame: FrameType) -> Any:
        """Return an array of Python objects: the traced numbers of an array.

        It can be written into if it is to be a copy: otherwise NumPy would share the memory.
        """
        if dtype is not None and np.dtype(dtype).kind != "O":
            raise object_array_error(np.dtype(dtype), frame)
        package = frame.f_globals.get("__name__", "")
        if package.startswith(("numpy.ma", "numpy.matrixlib")):
            raise array_subclass_error(package, frame)
        interception.note_object_array(number.tape, frame)
        memory.notes_of(number.tape).has_objects = True
        if is_complex(number):
            check_parts_of_objects(frame)
        if "scipy.special" in sys.modules:
            from adviz.rules.scipy_special import plain_array_error

            refused = plain_array_error(frame)
            if refused is not None:
                raise refused
        if "scipy.linalg" in sys.modules:
            refused = scipy_linalg_error(frame)
            if refused is not None:
                raise refused
        entries = np.empty_like(memory.memory_of(number), dtype=object)
        for index in np.ndindex(number.shape):
            entries[index] = number[index] if index else number
        entries.setflags(write=bool(copy))
        return entries

    def of_complex(self, elemental: Elemental, operands: Sequence[Any], frame: FrameType) -> Any:
        """Return an elemental with a kink of complex numbers, where it has no complex slope."""
        rule = COMPLEX_RULES.get(elemental.name)
        if rule is None:
            raise UnsupportedOperationError(
                f"{elemental.name} of a complex number does not trace: {describe(frame)}. Apply it "
                "to np.real(z), np.imag(z) or np.abs(z)."
            )
        return record(rule.operation({}), operands, frame)

    def check_truth(self, number: Variable, frame: FrameType) -> None:
        """Refuse an array of several entries, and a truth value that NumPy would lose.

        ``np.logical_and`` of objects returns one of them in place of True or False.
        """
        if number.size != 1:
            raise UnsupportedOperationError(
                f"A traced array of shape {number.shape} was used as a truth value: "
                f"{describe(frame)}. Write np.any(...) or np.all(...) of a comparison."
            )
        check_logic_of_objects(frame)

    def copied(self, number: Variable) -> Any:
        """Return a number itself; an array as a copy that can be assigned into."""
        return FUNCTIONS[np.copy](number) if number.shape else number


intercepted_functions.hand_over()

PLUG = TracedArrays()


def _zero_dimensional(operand: Any) -> Any:
    """Return a traced number in an array without axes, anything else unchanged."""
    if operand.__class__ is not Variable:
        return operand
    entry = np.empty((), dtype=object)
    entry[()] = operand
    return entry
