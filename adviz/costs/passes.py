"""A Jacobian found pass by pass: a forward pass gives a column, a return sweep a row.

Griewank and Walther, *Evaluating Derivatives* (2008), section 3.3.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from adviz.calculus.matrices import check_is_formed
from adviz.calculus.vector_mode import Mode, ends, size
from adviz.core.arrays import shape_of
from adviz.core.derivatives import input_adjoints, output_tangents
from adviz.core.trace import Trace
from adviz.host import checks
from adviz.host.arguments import defined_in
from adviz.host.errors import InputError, OutputError
from adviz.host.nests import count_of

__all__ = ["MAX_ENTRIES", "Mode", "Pass", "Passes"]

Vector = np.ndarray[Any, np.dtype[np.float64]]

MAX_ENTRIES = 10_000_000
"""Entries of the largest Jacobian that a study forms."""


class Pass(NamedTuple):
    """One pass: its mode, the input or output that was seeded, and the entries that it found.

    Attributes
    ----------
    mode : str
        "forward" or "reverse".
    which : int
        The index of the column or row that was found.
    entries : array
        The column, of shape (m,), or the row, of shape (n,).
    """

    mode: Mode
    which: int
    entries: Vector


class Passes:
    """The Jacobian of a trace, unknown at first, and the passes that find it piece by piece.

    Parameters
    ----------
    trace : Trace

    Attributes
    ----------
    n, m : int
        The number of inputs and of outputs, arrays counted by their entries.
    made : list of Pass
        The passes so far.

    Raises
    ------
    InputError
        If the matrix would have more than ``MAX_ENTRIES`` entries.
    OutputError
        If the function returns no number.

    Examples
    --------
    >>> import adviz as ad
    >>> passes = Passes(ad.trace(lambda x1, x2: (x1 * x2, x1 + x2), 3, -4))
    >>> passes.forward(1).entries
    array([3., 1.])
    >>> passes.matrix
    array([[nan,  3.],
           [nan,  1.]])
    >>> passes.vjp([1.0, 10.0])
    array([ 6., 13.])
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._inputs, self._outputs = ends(trace)
        checks.real((*self._inputs, *self._outputs), "The Jacobian filled pass by pass")
        self.n, self.m = size(self._inputs), size(self._outputs)
        if not self.m:
            raise OutputError(
                f"{trace.function_name} returned an empty array{defined_in(trace.function)}: its "
                "Jacobian has no row. Return at least one number."
            )
        check_is_formed(trace.function_name, self.n, self.m, MAX_ENTRIES)
        self.made: list[Pass] = []

    @cached_property
    def matrix(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The entries that passes have found, (m, n); NaN elsewhere."""
        return np.full((self.m, self.n), np.nan)

    @cached_property
    def known(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which entries passes have found, (m, n)."""
        return np.zeros((self.m, self.n), dtype=bool)

    def forward(self, column: int) -> Pass:
        """Push a unit tangent of one input forward: a column of the matrix."""
        entries = self.jvp(_unit(self.n, column))
        self.matrix[:, column], self.known[:, column] = entries, True
        return self._added(Pass("forward", column, entries))

    def reverse(self, row: int) -> Pass:
        """Pull a unit adjoint of one output back: a row of the matrix."""
        entries = self.vjp(_unit(self.m, row))
        self.matrix[row], self.known[row] = entries, True
        return self._added(Pass("reverse", row, entries))

    def jvp(self, r: Any) -> Vector:
        """Return J r, from one forward pass; r has n numbers.

        Raises
        ------
        InputError
            If r has another length.
        """
        r = self._vector(r, self.n, "J r", "input", "column")
        return _flat(output_tangents(self.trace, _like(r, self._inputs)))

    def vjp(self, r: Any) -> Vector:
        """Return rᵀ J, from one return sweep; r has m numbers.

        Raises
        ------
        InputError
            If r has another length.
        """
        r = self._vector(r, self.m, "rᵀ J", "output", "row")
        return _flat(input_adjoints(self.trace, _like(r, self._outputs)))

    def _added(self, new: Pass) -> Pass:
        self.made.append(new)
        return new

    def _vector(self, r: Any, count: int, product: str, what: str, part: str) -> Vector:
        try:
            vector = np.asarray(r, dtype=float)
        except (TypeError, ValueError):
            raise InputError(f"r is {r!r}, which is no vector of numbers: write 1, 2.") from None
        if vector.ndim == 0 and count == 1:
            vector = vector.reshape(1)
        if vector.shape != (count,):
            has = (
                count_of(vector.size, "number") if vector.ndim <= 1 else f"the shape {vector.shape}"
            )
            raise InputError(
                f"r has {has}, and {product} takes one for each {what} of "
                f"{self.trace.function_name}, which has {count}: J has {count_of(count, part)}."
            )
        return vector


def _unit(count: int, entry: int) -> Vector:
    if not 0 <= entry < count:
        raise InputError(f"There is no number {entry} among {count}: count from 0.")
    unit = np.zeros(count)
    unit[entry] = 1.0
    return unit


def _flat(values: list[Any]) -> Vector:
    return np.concatenate([np.ravel(value) for value in values]).astype(float, copy=False)


def _like(flat: Vector, values: list[Any]) -> list[Any]:
    """Return the entries of a vector as numbers and arrays shaped like ``values``."""
    parts: list[Any] = []
    start = 0
    for value in values:
        shape = shape_of(value)
        part = flat[start : start + size([value])]
        start += part.size
        parts.append(
            part.reshape(shape).astype(value.dtype, copy=False) if shape else float(part[0])
        )
    return parts
