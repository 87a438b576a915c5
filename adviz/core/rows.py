"""The rows of a trace and the decisions between them, as objects that are made when needed.

Rows are numbered as in Griewank and Walther, *Evaluating Derivatives* (2008), section 2.1: the
inputs are v_{1-n}, ..., v_0 and the operations v_1, v_2, ...
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, overload

import numpy as np

from adviz.core import sweeps
from adviz.core.elementals import Elemental
from adviz.core.tape import Tape
from adviz.core.variable import value_of
from adviz.host.source import Source

__all__ = ["Decision", "Row", "Rows", "TraceLike", "brief", "label"]

_SUBSCRIPTS = str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉")


def label(index: int) -> str:
    """Return the label of a row.

    Examples
    --------
    >>> label(-1), label(12)
    ('v₋₁', 'v₁₂')
    """
    return "v" + str(index).translate(_SUBSCRIPTS)


def brief(value: Any) -> str:
    """Return a short text for a number, and type and shape for an array.

    Examples
    --------
    >>> brief(0.5), brief(True), brief(np.ones((2, 3)))
    ('0.5', 'True', 'float64 (2, 3)')
    """
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    return f"{value:g}" if isinstance(value, (float, np.floating)) else str(value)


class TraceLike(Protocol):
    """What rows and steps use of the trace that they belong to."""

    tape: Tape
    output_slots: tuple[int, ...]

    @property
    def function_name(self) -> str:
        """The function's name."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """What the function calls its inputs."""


class Row:
    """One row of a trace: an intermediate value and the operation that made it."""

    __slots__ = ("slot", "trace")

    def __init__(self, trace: TraceLike, slot: int) -> None:
        self.trace = trace
        self.slot = slot

    @property
    def index(self) -> int:
        """Griewank and Walther's number: ..., -1, 0 for inputs, 1, 2, ... for operations."""
        return self.slot - self.trace.tape.input_count + 1

    @property
    def label(self) -> str:
        """The row as it is written, "v₋₁"."""
        return label(self.index)

    @property
    def elemental(self) -> Elemental | Any:
        """Its operation, a row of the table or one on arrays; None for an input."""
        return self.trace.tape.elementals[self.slot]

    @property
    def op(self) -> str:
        """Its operation's name in the table, "input" for an input."""
        return "input" if self.elemental is None else self.elemental.name

    @property
    def operands(self) -> tuple[Any, ...]:
        """Its operands in order, each a row, or the number where it is a constant."""
        return _operands(self.trace, self.trace.tape.operands(self.slot))

    @property
    def parents(self) -> tuple[int, ...]:
        """The indices of the rows it was made from, in order, repeats kept."""
        return tuple(operand.index for operand in self.operands if isinstance(operand, Row))

    @property
    def value(self) -> Any:
        """The primal."""
        return value_of(self.trace.tape.values[self.slot])

    @property
    def partials(self) -> tuple[Any, ...]:
        """The local partial derivatives with respect to the parents."""
        return tuple(partial for _, partial in sweeps.local_partials(self.trace.tape, self.slot))

    @property
    def source(self) -> Source | None:
        """The sub-expression that made it; None for an input."""
        return self.trace.tape.source_of(self.slot)

    @property
    def name(self) -> str | None:
        """The user's name for it: the input's, or the variable it is assigned to."""
        if self.slot < self.trace.tape.input_count:
            return self.trace.input_names[self.slot]
        source = self.source
        return None if source is None or self._is_inside_sum else source.name

    @property
    def _is_inside_sum(self) -> bool:
        """Whether the same call of sum() also makes the next row."""
        tape, following, source = self.trace.tape, self.slot + 1, self.source
        return (
            following < len(tape.values)
            and self.op == "add"
            and source is not None
            and source.is_call
            and tape.places.instructions[following] == tape.places.instructions[self.slot]
            and tape.places.call_of(following) == tape.places.call_of(self.slot)
        )

    @property
    def remark(self) -> str | None:
        """The slope that was chosen, or how it was found, where the rule alone does not say it."""
        numbers = [o.value if isinstance(o, Row) else o for o in self.operands]
        if hasattr(self.elemental, "explained"):
            return str(self.elemental.explained(numbers, self.value))
        kink = getattr(self.elemental, "kink", None)
        if kink is None:
            return None
        lies_there, choice = kink
        if not any(lies_there(*entries) for entries in np.broadcast(*numbers)):
            return None
        return _CHOICES[choice].format(self.op) if choice in _CHOICES else choice

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self.trace is other.trace and self.slot == other.slot

    def __hash__(self) -> int:
        return hash((id(self.trace), self.slot))

    def __repr__(self) -> str:
        operands = ", ".join(
            operand.label if isinstance(operand, Row) else repr(operand)
            for operand in self.operands
        )
        made = f"{self.op}({operands})" if operands else (self.name or self.op)
        return f"<{self.label} = {made} = {self.value!r}>"


_CHOICES = {
    "kink": "{} has a kink at 0, where the slope taken is 0.",
    "jump": "{} jumps at 0, where the slope taken is 0.",
    "tie": "At a tie each operand takes one half of the slope.",
}


class Rows(Sequence[Row]):
    """The rows of a trace in order."""

    def __init__(self, trace: TraceLike) -> None:
        self._trace = trace

    def __len__(self) -> int:
        return len(self._trace.tape.values)

    @overload
    def __getitem__(self, key: int) -> Row: ...

    @overload
    def __getitem__(self, key: slice) -> list[Row]: ...

    def __getitem__(self, key: int | slice) -> Row | list[Row]:
        slots = range(len(self))[key]
        if isinstance(slots, range):
            return [Row(self._trace, slot) for slot in slots]
        return Row(self._trace, slots)

    def __repr__(self) -> str:
        shown = [repr(row) for row in self[:12]]
        if len(self) > len(shown):
            shown.append(f"... {len(self) - len(shown)} more")
        return "[" + "\n ".join(shown) + "]"


class Decision:
    """A comparison whose plain outcome the function may have branched on.

    Attributes
    ----------
    before : int
        The number of rows that had been recorded when it was made.
    operator : str
        "<", "<=", "==", "!=", ">", ">=", "isnan", "isinf" or "isfinite".
    operands : tuple
        The two operands, each a :class:`Row` or a number; one for the last three operators.
    outcome : bool
        Its result.
    call, instruction : int
        The call that it was made in, and the instruction of that call's code.
    """

    __slots__ = ("before", "call", "instruction", "operands", "operator", "outcome", "trace")

    def __init__(self, trace: TraceLike, k: int) -> None:
        before, operator, operands, outcome, call, instruction = trace.tape.comparisons[k]
        self.trace = trace
        self.before = before
        self.operator = operator
        self.operands = _operands(trace, operands)
        self.outcome = outcome
        self.call = call
        self.instruction = instruction

    @property
    def row(self) -> Row:
        """The last row that was recorded before the decision."""
        return Row(self.trace, self.before - 1)

    @property
    def source(self) -> Source:
        """The comparison in the user's source."""
        return self.trace.tape.places.source_in(self.call, self.instruction)

    def __str__(self) -> str:
        shown = [o.label if isinstance(o, Row) else brief(o) for o in self.operands]
        if len(shown) == 1 or not isinstance(self.operator, str):
            return f"{self.operator}({', '.join(shown)})"
        return f"{shown[0]} {self.operator} {shown[1]}"

    def __repr__(self) -> str:
        return f"<decision {self} is {brief(self.outcome)}>"


def _operands(trace: TraceLike, recorded: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return operands as rows and numbers; in the columns of the tape an int is a row's slot."""
    return tuple(
        Row(trace, operand) if operand.__class__ is int else value_of(operand)
        for operand in recorded
    )
