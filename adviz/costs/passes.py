"""A Jacobian as far as passes have found it: a column a forward pass, a row a return sweep.

Griewank and Walther, *Evaluating Derivatives* (2008), section 3.3.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from adviz.core.broadcasting import shape_of
from adviz.core.derivatives import input_adjoints, output_tangents
from adviz.core.errors import InputError
from adviz.core.structure import count_of
from adviz.core.trace import Trace

__all__ = ["LARGEST", "Mode", "Pass", "Passes", "check_is_formed"]

Mode = Literal["forward", "reverse"]

Vector = np.ndarray[Any, np.dtype[np.float64]]

LARGEST = 10_000_000
"""Entries above which no study forms a Jacobian."""


class Pass(NamedTuple):
    """One pass: its mode, the input or output it is of, and what it found.

    Attributes
    ----------
    mode : str
        "forward" or "reverse".
    which : int
        The column or the row that was found.
    entries : array
        That column, of shape (m,), or that row, of shape (n,).
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
        The numbers that go in, and those that come out.
    made : list of Pass

    Raises
    ------
    InputError
        If the matrix would have more than ``LARGEST`` entries.

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
        values = trace.tape.values
        self._inputs = values[: trace.tape.input_count]
        self._outputs = [values[slot] for slot in trace.output_slots]
        self.n, self.m = _size(self._inputs), _size(self._outputs)
        check_is_formed(trace.function_name, self.n, self.m)
        self.made: list[Pass] = []

    @cached_property
    def matrix(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """What passes have found, (m, n); NaN elsewhere."""
        return np.full((self.m, self.n), np.nan)

    @cached_property
    def known(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Where a pass has been, (m, n)."""
        return np.zeros((self.m, self.n), dtype=bool)

    def forward(self, column: int) -> Pass:
        """Push a unit tangent of one input forward: a column of the matrix."""
        found = self.jvp(_unit(self.n, column))
        self.matrix[:, column], self.known[:, column] = found, True
        return self._kept(Pass("forward", column, found))

    def reverse(self, row: int) -> Pass:
        """Pull a unit adjoint of one output back: a row of the matrix."""
        found = self.vjp(_unit(self.m, row))
        self.matrix[row], self.known[row] = found, True
        return self._kept(Pass("reverse", row, found))

    def jvp(self, r: Any) -> Vector:
        """Return J r, from one forward pass; r has n numbers.

        Raises
        ------
        InputError
            If it has another number of them.
        """
        r = self._vector(r, self.n, "J r", "input", "column")
        return _flat(output_tangents(self.trace, _like(r, self._inputs)))

    def vjp(self, r: Any) -> Vector:
        """Return rᵀ J, from one return sweep; r has m numbers.

        Raises
        ------
        InputError
            If it has another number of them.
        """
        r = self._vector(r, self.m, "rᵀ J", "output", "row")
        return _flat(input_adjoints(self.trace, _like(r, self._outputs)))

    def _kept(self, made: Pass) -> Pass:
        self.made.append(made)
        return made

    def _vector(self, r: Any, size: int, product: str, what: str, part: str) -> Vector:
        try:
            vector = np.asarray(r, dtype=float)
        except (TypeError, ValueError):
            raise InputError(f"r is {r!r}, which is no vector of numbers: write 1, 2.") from None
        if vector.ndim == 0 and size == 1:
            vector = vector.reshape(1)
        if vector.shape != (size,):
            had = (
                count_of(vector.size, "number") if vector.ndim <= 1 else f"the shape {vector.shape}"
            )
            raise InputError(
                f"r has {had}, and {product} takes one for each {what} of "
                f"{self.trace.function_name}, which has {size}: J has {count_of(size, part)}."
            )
        return vector


def check_is_formed(name: str, n: int, m: int) -> None:
    """Refuse a Jacobian that is too large to be formed, saying what to use in its place.

    Raises
    ------
    InputError
    """
    if n * m <= LARGEST:
        return
    instead = [
        "One product with it takes one pass: ad.jvp(f, (x,), (r,)) for J r, ad.vjp(f, x) for rᵀ J."
    ]
    if m == 1:
        instead.append("With one output, rᵀ J with r = 1 is all of it: ad.grad(f).")
    else:
        instead.append("If most of its entries are zero: ad.jacobian(f, sparsity=True).")
    raise InputError(
        f"The Jacobian of {name} has {m:,} × {n:,} entries, {8 * n * m / 2**30:,.1f} GiB, and is "
        f"not formed. {' '.join(instead)}"
    )


def _unit(size: int, entry: int) -> Vector:
    if not 0 <= entry < size:
        raise InputError(f"There is no number {entry} among {size}: count from 0.")
    unit = np.zeros(size)
    unit[entry] = 1.0
    return unit


def _entries(value: Any) -> int:
    return math.prod(shape_of(value))


def _size(values: list[Any]) -> int:
    return sum(map(_entries, values))


def _flat(values: list[Any]) -> Vector:
    return np.concatenate([np.ravel(value) for value in values]).astype(float, copy=False)


def _like(flat: Vector, values: list[Any]) -> list[Any]:
    """Return the entries of a vector as numbers and arrays like these."""
    parts: list[Any] = []
    start = 0
    for value in values:
        shape = shape_of(value)
        part = flat[start : start + _entries(value)]
        start += part.size
        whole = part.reshape(shape).astype(value.dtype, copy=False) if shape else float(part[0])
        parts.append(whole)
    return parts
