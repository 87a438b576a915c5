"""Sparsity: where a Jacobian may have entries that are not zero, found in the trace.

Sets of inputs go through the rows of the trace in place of numbers. The pattern is that of the
trace: of the branches taken, and of the constant matrices in products, where a 0 cuts the
dependence. It may have more entries than the Jacobian, never fewer: after an array operation that
is no sum of products (``linalg.solve``, ``fft``) every entry depends on all that any entry of an
operand depends on.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.derivatives import record_call
from adviz.core.elementals import Elemental
from adviz.core.tape import Tape
from adviz.core.trace import Trace
from adviz.core.variable import value_of
from adviz.host.arguments import check_argnums
from adviz.host.errors import MissingPackageError

__all__ = ["pattern_of", "scipy_sparse", "sparsity_pattern"]

Argnums = int | tuple[int, ...]


def sparsity_pattern(f: Callable[..., Any], *args: Any, argnums: Argnums = 0) -> Any:
    """Return where the Jacobian of f may have entries that are not zero, found in its trace.

    Parameters
    ----------
    f : callable
        Takes and returns numbers, arrays or nests of them.
    *args
        The arguments of f. The pattern is that of the branches that f takes at them.
    argnums : int or tuple of int
        The positional arguments to differentiate with respect to.

    Returns
    -------
    scipy.sparse.csr_array
        Of bools, with a row for each entry that f returns, a column for each of the arguments.

    Raises
    ------
    MissingPackageError
        If SciPy is not installed.

    Examples
    --------
    >>> sparsity_pattern(lambda x: x[1:] * x[:-1], np.ones(4)).toarray().astype(int)
    array([[1, 1, 0, 0],
           [0, 1, 1, 0],
           [0, 0, 1, 1]])
    """
    scipy_sparse()
    check_argnums(argnums)
    return pattern_of(record_call(f, argnums, args, {})[0])


def scipy_sparse() -> Any:
    """Return ``scipy.sparse``.

    Raises
    ------
    MissingPackageError
    """
    try:
        from scipy import sparse
    except ImportError:
        raise MissingPackageError(
            "A sparse Jacobian is a SciPy matrix, and SciPy is not installed: install the package "
            "scipy, or use jacobian(f) without sparsity."
        ) from None
    return sparse


class IndexSet:
    """A set of inputs in place of a number: a sum or a product depends on those of both operands.

    Examples
    --------
    >>> a, b = IndexSet({0}), IndexSet({1})
    >>> sorted((a * b + 2.0).indices), a * 0.0
    ([0, 1], 0.0)
    """

    __slots__ = ("indices",)

    def __init__(self, indices: Any) -> None:
        self.indices = frozenset(indices)

    def __add__(self, other: Any) -> IndexSet:
        if other.__class__ is not IndexSet or other.indices is self.indices:
            return self
        return IndexSet(self.indices | other.indices)

    def __mul__(self, other: Any) -> Any:
        return self + other if other.__class__ is IndexSet or other != 0 else 0.0

    __radd__ = __add__
    __rmul__ = __mul__


_union = np.frompyfunc(lambda a, b: a + b, 2, 1)


def pattern_of(trace: Trace) -> Any:
    """Return the pattern of a trace's Jacobian."""
    tape, sets, start = trace.tape, list[Any](), 0
    for slot, value in enumerate(tape.values):
        shape = shape_of(value)
        if slot >= tape.input_count:
            sets.append(_dependence_of(tape, slot, sets))
        elif shape:
            numbers = range(start, start + math.prod(shape))
            sets.append(_as_objects([IndexSet({k}) for k in numbers], shape))
            start = numbers.stop
        else:
            sets.append(IndexSet({start}))
            start += 1
    entries = [entry for slot in trace.output_slots for entry in _entries(sets[slot])]
    columns = [sorted(e.indices) if e.__class__ is IndexSet else [] for e in entries]
    ends = np.cumsum([0, *(len(row) for row in columns)])
    indices = np.array([k for row in columns for k in row], dtype=np.intp)
    parts = (np.ones(indices.size, dtype=bool), indices, ends)
    return scipy_sparse().csr_array(parts, shape=(len(entries), start))


def _dependence_of(tape: Tape, slot: int, sets: list[Any]) -> Any:
    """Return the inputs that each entry of a row depends on; a number where there are none."""
    operation, recorded = tape.elementals[slot], tape.operands(slot)
    shape = shape_of(tape.values[slot])
    traced = [sets[operand] for operand in recorded if operand.__class__ is int]
    if not traced:
        return _filled(0.0, shape)
    if isinstance(operation, Elemental):
        return _filled(functools.reduce(_union, traced), shape)
    operands = [sets[o] if o.__class__ is int else _constant(o) for o in recorded]
    if operation.rule.reach is not None:
        return _filled(operation.rule.reach(*operands, **operation.parameters), shape)
    if operation.rule.push in ("each", "together"):  # sums of products, which IndexSet can do
        try:
            return operation(*operands)
        except (AttributeError, TypeError, ValueError):  # it works with floats only
            pass
    union = IndexSet(
        index
        for part in traced
        for entry in _entries(part)
        if entry.__class__ is IndexSet
        for index in entry.indices
    )
    return _filled(union, shape)


def _filled(sets: Any, shape: tuple[int, ...]) -> Any:
    """Return sets broadcast to the entries of an array of this shape."""
    if shape_of(sets) == shape:
        return sets
    return np.broadcast_to(np.asarray(sets, dtype=object), shape)


def _constant(operand: Any) -> Any:
    operand = value_of(operand)
    return operand.astype(object) if shape_of(operand) else operand


def _entries(part: Any) -> list[Any]:
    return list(part.flat) if shape_of(part) or part.__class__ is np.ndarray else [part]


def _as_objects(entries: list[Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    return array.reshape(shape)
