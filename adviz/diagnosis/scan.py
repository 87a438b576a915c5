"""Scan: the values and the adjoints of a trace, computed once for everything that looks at them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from adviz.core import sweeps
from adviz.core.arrays import shape_of
from adviz.core.elementals import Elemental
from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.core.variable import value_of

__all__ = ["Birth", "Scan", "arithmetic_errors", "entry_of", "is_finite", "largest", "scan"]


class Birth(NamedTuple):
    """A contribution that is not finite, of an adjoint that is.

    Attributes
    ----------
    slot, parent : int
        The rows that give and receive it.
    partial : Any
        The local partial; None of an array operation.
    bar, product : Any
        The adjoint, and what is pulled back.
    """

    slot: int
    parent: int
    partial: Any
    bar: Any
    product: Any


@dataclass(frozen=True)
class Scan:
    """The numbers of one evaluation of a function and of one return sweep over it.

    The sweep begins with ones at all outputs.

    Attributes
    ----------
    trace : Trace
    inputs : tuple
        The arguments of the function.
    values, bars : list
        Of every row; an adjoint is None where nothing reaches the row.
    births : list of Birth
        In the order of the return sweep.
    """

    trace: Trace
    inputs: tuple[Any, ...]
    values: list[Any]
    bars: list[Any]
    births: list[Birth]

    def row(self, slot: int) -> Row:
        """Return the row at a slot."""
        return Row(self.trace, slot)

    def operands(self, slot: int) -> list[Any]:
        """Return the plain operands of an operation."""
        recorded = self.trace.tape.operands(slot)
        return [self.values[o] if o.__class__ is int else value_of(o) for o in recorded]

    def parents(self, slot: int) -> list[int]:
        """Return the slots of the operands that are rows."""
        return [o for o in self.trace.tape.operands(slot) if o.__class__ is int]

    @cached_property
    def gradient(self) -> list[Any]:
        """The adjoint of each input; 0 of one that reaches nothing."""
        return [0.0 if bar is None else bar for bar in self.bars[: self.trace.tape.input_count]]

    @cached_property
    def is_finite(self) -> bool:
        """Whether outputs and gradient are finite."""
        outputs = [self.values[slot] for slot in self.trace.output_slots]
        return all(map(is_finite, [*outputs, *self.gradient]))

    @cached_property
    def largest_output(self) -> float:
        """The largest magnitude of an output."""
        return max((largest(self.values[slot]) for slot in self.trace.output_slots), default=0.0)

    @cached_property
    def largest_bar(self) -> float:
        """The largest magnitude of a finite adjoint."""
        sizes = [largest(bar) for bar in self.bars if bar is not None]
        return max((size for size in sizes if math.isfinite(size)), default=0.0)

    def users(self, slot: int) -> list[int]:
        """Return the rows that use a row and that an adjoint reaches."""
        later = range(slot + 1, len(self.values))
        return [k for k in later if self.bars[k] is not None and slot in self.parents(k)]

    def made_from(self, slot: int) -> list[bool]:
        """Return, for every row, whether it was made from the row at ``slot``."""
        found = [False] * len(self.values)
        found[slot] = True
        for k in range(self.trace.tape.input_count, len(found)):
            found[k] = any(found[parent] for parent in self.parents(k))
        return found


def scan(trace: Trace, inputs: tuple[Any, ...]) -> Scan:
    """Return the values and adjoints of a trace.

    Where the gradient is not finite the sweep is made again and watched, so that the first
    contributions that are not finite are known.
    """
    tape = trace.tape
    values = [value_of(value) for value in tape.values]
    seeds = [
        np.ones_like(values[slot]) if shape_of(values[slot]) else 1.0 for slot in trace.output_slots
    ]
    with np.errstate(all="ignore"):
        if tape.has_arrays:
            bars, _ = _swept(trace, seeds, watched=False)
        else:
            bars = [value_of(bar) for bar in sweeps.adjoints(tape, trace.output_slots, seeds)]
        if all(bar is None or is_finite(bar) for bar in bars[: tape.input_count]):
            return Scan(trace, inputs, values, bars, [])
        return Scan(trace, inputs, values, *_swept(trace, seeds, watched=True))


def _swept(trace: Trace, seeds: list[Any], watched: bool) -> tuple[list[Any], list[Birth]]:
    """Return the adjoint of every row and, if watched, the births of what is not finite."""
    tape = trace.tape
    bars, births = sweeps.seeded(tape, trace.output_slots, seeds), list[Birth]()
    for slot in range(len(bars) - 1, tape.input_count - 1, -1):
        bar = bars[slot]
        if bar is None:
            continue
        for parent, partial, product, amount in sweeps.amounts(tape, slot, bar):
            if watched and not is_finite(product) and is_finite(bar):
                births.append(Birth(slot, parent, partial, bar, product))
            sweeps.add_to(bars, parent, amount)
    return bars, births


def is_finite(number: Any) -> bool:
    """Return whether a number, or every entry of an array, is finite."""
    return math.isfinite(number) if number.__class__ is float else bool(np.isfinite(number).all())


def largest(number: Any) -> float:
    """Return the largest magnitude of an array's entries, that of a number.

    Examples
    --------
    >>> largest(-2.0), largest(np.array([1.0, -3.0])), largest(np.array([]))
    (2.0, 3.0, 0.0)
    """
    if number.__class__ is float:
        return abs(number)
    return float(np.max(np.abs(number))) if np.size(number) else 0.0


def entry_of(mask: Any) -> tuple[int, ...]:
    """Return the first entry of an array at which it is true; () for a number."""
    return tuple(map(int, np.argwhere(mask)[0])) if shape_of(mask) else ()


def arithmetic_errors(found: Scan, slot: int) -> set[str]:
    """Return what NumPy's arithmetic says of a row: "overflow", "divide by zero", ...

    The row is computed again: "underflow" and "invalid value" are the others.
    """
    kinds: set[str] = set()
    operands = [np.float64(o) if o.__class__ is float else o for o in found.operands(slot)]
    operation = found.trace.tape.elementals[slot]
    compute = operation.evaluate if operation.__class__ is Elemental else operation
    with np.errstate(all="call", call=lambda kind, _: kinds.add(kind)):
        compute(*operands)
    return kinds
