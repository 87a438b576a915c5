"""Sparse Jacobians: the pattern, found in the trace; a coloring; as many seeds as colors.

Columns of a Jacobian that share no row are summed up by one seed pushed forward, and the sum is
taken apart again; rows that share no column, by one pulled back. Curtis, Powell and Reid, *On the
estimation of sparse Jacobian matrices* (1974); Gebremedhin, Manne and Pothen, *What color is your
Jacobian?* (2005).

The pattern is found by sending sets of inputs through the rows of the trace in place of numbers.
It is that of the trace: of the branches taken, and of the numbers that arrays were multiplied by
in a product of matrices, where a 0 cuts the dependence. It may hold more than the Jacobian needs,
never less: after an array operation that is no sum of products (``linalg.solve``, ``fft``) every
entry depends on whatever an entry of an operand did.
"""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from adviz.calculus.vector_mode import Mode, ends, size, swept
from adviz.core.arrays import shape_of
from adviz.core.derivatives import record_call
from adviz.core.elementals import Elemental
from adviz.core.tape import Tape
from adviz.core.trace import Trace
from adviz.core.variable import Variable, value_of
from adviz.host.errors import InputError, MissingPackageError, UnsupportedOperationError

__all__ = ["coloring", "compressed", "sparsity_pattern"]

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
        Of bools: a row for each entry of what f returns, a column for each entry of the arguments.

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
    _scipy_sparse()
    return _detected(record_call(f, argnums, args, {})[0])


def coloring(pattern: Any, axis: Literal[0, 1] = 1) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return a color for each column, such that columns of one color share no row.

    Greedy, in the order of the columns: 3 colors for a tridiagonal pattern.

    Parameters
    ----------
    pattern : SciPy sparse array or array of bools
    axis : int
        0 to color rows that share no column.

    Examples
    --------
    >>> coloring(np.tri(5, k=1) - np.tri(5, k=-2))
    array([0, 1, 2, 0, 1])
    """
    table = _scipy_sparse().csc_array(pattern if axis == 1 else pattern.T)
    starts, rows = table.indptr.tolist(), table.indices.tolist()
    taken = [0] * table.shape[0]  # for each row a bit for each color that it has
    colors = np.zeros(table.shape[1], dtype=np.intp)
    for column in range(table.shape[1]):
        met = rows[starts[column] : starts[column + 1]]
        used = 0
        for row in met:
            used |= taken[row]
        free = ~used & (used + 1)  # the lowest color that none of its rows has
        for row in met:
            taken[row] |= free
        colors[column] = free.bit_length() - 1
    return colors


def compressed(f: Callable[..., Any], argnums: Argnums, sparsity: Any) -> Callable[..., Any]:
    """Return the function that computes the Jacobian as a sparse matrix: see ``jacobian``."""
    _scipy_sparse()
    in_trace = _PatternFound()
    given = None if sparsity is True else _Compression(sparsity)
    probed = False

    @functools.wraps(f, assigned=("__module__", "__name__", "__qualname__"), updated=())
    def matrix(*args: Any, **kwargs: Any) -> Any:
        nonlocal probed
        trace, _ = record_call(f, argnums, args, kwargs, only_swept=True)
        if any(value.__class__ is Variable for value in trace.tape.examples):
            raise UnsupportedOperationError(
                f"The sparse Jacobian of {trace.function_name} was asked for inside another "
                "derivative, or compiled, and a SciPy matrix holds no traced numbers: use "
                "jacobian(f) without sparsity there."
            )
        if given is None:
            return in_trace.compression(trace).jacobian(trace)
        found = given.jacobian(trace)
        if not probed:
            _probe(found, trace)
            probed = True
        return found

    return matrix


class _PatternFound:
    """The pattern found in a trace, until one has other operations."""

    def __init__(self) -> None:
        self._compression: _Compression | None = None
        self._operations: Any = None
        self._signature: Any = None  # of the tape, where it has one

    def compression(self, trace: Trace) -> _Compression:
        """Return the pattern of a trace, found again where it may be another one."""
        signature = trace.tape.signature, trace.output_slots
        if signature[0] is None or not _same(signature, self._signature):
            operations = _operations(trace)
            if self._compression is None or not _same(operations, self._operations):
                self._compression = _Compression(_detected(trace))
            self._operations, self._signature = operations, signature
        assert self._compression is not None
        return self._compression


class _Compression:
    """A pattern with the coloring of its columns or rows, whichever needs fewer colors."""

    def __init__(self, pattern: Any) -> None:
        self.pattern = _scipy_sparse().csr_array(pattern, dtype=bool)
        self.pattern.sum_duplicates()
        self.pattern.eliminate_zeros()
        rows, columns = self.pattern.nonzero()
        of_columns, of_rows = coloring(self.pattern), coloring(self.pattern, axis=0)
        is_forward = _count(of_columns) <= _count(of_rows)
        self.mode: Mode = "forward" if is_forward else "reverse"
        self.colors = of_columns if is_forward else of_rows
        self.seeds = 1.0 * (self.colors == np.arange(_count(self.colors))[:, None])
        # Where each entry of the matrix is found among the results of the sweeps, end to end.
        self.places = (
            self.colors[columns] * self.pattern.shape[0] + rows
            if is_forward
            else self.colors[rows] * self.pattern.shape[1] + columns
        )

    def jacobian(self, trace: Trace) -> Any:
        """Return the Jacobian from one seed for each color."""
        inputs, outputs = ends(trace)
        shape = (size(outputs), size(inputs))
        if self.pattern.shape != shape:
            raise InputError(
                f"The pattern has the shape {self.pattern.shape} and the Jacobian of "
                f"{trace.function_name} has {shape}: a row for each entry of what is returned, a "
                "column for each entry of the argument."
            )
        seeded = inputs if self.mode == "forward" else outputs

        def seeds(start: int, stop: int) -> list[Any]:
            return _nested(self.seeds[start:stop], seeded)

        sums = swept(trace, self.mode, len(self.seeds), seeds) if len(self.seeds) else []
        sides = _side_by_side(sums, len(self.seeds)) if sums else np.zeros(0)
        data = sides.reshape(-1).take(self.places)
        found = copy.copy(self.pattern)  # csr_array() would check what has been checked
        found.data = data.astype(np.float32) if data.dtype == np.float16 else data  # SciPy's least
        found.indices, found.indptr = self.pattern.indices.copy(), self.pattern.indptr.copy()
        return found


def _scipy_sparse() -> Any:
    try:
        from scipy import sparse
    except ImportError:
        raise MissingPackageError(
            "A sparse Jacobian is a SciPy matrix, and SciPy is not installed: install the package "
            "scipy, or use jacobian(f) without sparsity."
        ) from None
    return sparse


def _probe(found: Any, trace: Trace) -> None:
    """Refuse a pattern that leaves out an entry, which would spoil others: one seed more.

    Raises
    ------
    InputError
    """
    inputs, _ = ends(trace)
    direction = np.random.default_rng(0).uniform(1.0, 2.0, size(inputs))
    pushed = swept(trace, "forward", 1, lambda start, stop: _nested(direction[None, :], inputs))
    expected = _side_by_side(pushed, 1)[0]
    with np.errstate(invalid="ignore"):
        amount = abs(found) @ direction + abs(expected)
        tolerance = 1e4 * np.finfo(expected.dtype).eps * amount
        wrong = np.flatnonzero(abs(found @ direction - expected) > tolerance)
    if wrong.size:
        raise InputError(
            f"The pattern leaves out an entry of the Jacobian of {trace.function_name} that is "
            f"not zero: see row {wrong[0]}. Add it, or say sparsity=True to have the pattern found."
        )


def _count(colors: np.ndarray[Any, Any]) -> int:
    return int(colors.max(initial=-1)) + 1


def _side_by_side(stacks: list[Any], count: int) -> np.ndarray[Any, Any]:
    """Return a row for each seed, with what it gave for one output or input after the other."""
    rows = [np.reshape(stack, (count, -1)) for stack in stacks]
    return rows[0] if len(rows) == 1 else np.concatenate(rows, axis=1)


def _nested(rows: np.ndarray[Any, Any], like: list[Any]) -> list[Any]:
    """Return the entries of the rows of a matrix as stacks of numbers and arrays like these."""
    nested, start = [], 0
    for value in like:
        shape = shape_of(value)
        part = rows[:, start : start + math.prod(shape)]
        start += math.prod(shape)
        nested.append(part.reshape((len(rows), *shape)).astype(np.result_type(value), copy=False))
    return nested


# -- finding the pattern -------------------------------------------------------------------------


class IndexSet:
    """A set of inputs, in the place of a number: a sum or a product has those of both parts.

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


_united = np.frompyfunc(lambda a, b: a + b, 2, 1)


def _detected(trace: Trace) -> Any:
    """Return the pattern of a trace's Jacobian."""
    tape, reach, start = trace.tape, list[Any](), 0
    for slot, value in enumerate(tape.values):
        shape = shape_of(value)
        if slot >= tape.input_count:
            reach.append(_reach_of(tape, slot, reach))
        elif shape:
            numbers = range(start, start + math.prod(shape))
            reach.append(_as_objects([IndexSet({k}) for k in numbers], shape))
            start = numbers.stop
        else:
            reach.append(IndexSet({start}))
            start += 1
    entries = [entry for slot in trace.output_slots for entry in _entries(reach[slot])]
    columns = [sorted(e.indices) if e.__class__ is IndexSet else [] for e in entries]
    ends = np.cumsum([0, *(len(row) for row in columns)])
    indices = np.array([k for row in columns for k in row], dtype=np.intp)
    parts = (np.ones(indices.size, dtype=bool), indices, ends)
    return _scipy_sparse().csr_array(parts, shape=(len(entries), start))


def _reach_of(tape: Tape, slot: int, reach: list[Any]) -> Any:
    """Return the inputs that each entry of a row depends on; a number where on none."""
    operation, recorded = tape.elementals[slot], tape.operands(slot)
    shape = shape_of(tape.values[slot])
    traced = [reach[operand] for operand in recorded if operand.__class__ is int]
    if not traced:
        return _spread(0.0, shape)
    if isinstance(operation, Elemental):
        return _spread(functools.reduce(_united, traced), shape)
    operands = [reach[o] if o.__class__ is int else _constant(o) for o in recorded]
    if operation.rule.reach is not None:
        return _spread(operation.rule.reach(*operands, **operation.parameters), shape)
    if operation.rule.push in ("each", "together"):  # sums of products, whose entries only move
        try:
            return operation(*operands)
        except (AttributeError, TypeError, ValueError):  # it computes with floats only
            pass
    every = IndexSet(
        index
        for part in traced
        for entry in _entries(part)
        if entry.__class__ is IndexSet
        for index in entry.indices
    )
    return _spread(every, shape)


def _spread(reached: Any, shape: tuple[int, ...]) -> Any:
    """Return sets for an array of this shape: one set stands for all entries."""
    if shape_of(reached) == shape:
        return reached
    return np.broadcast_to(np.asarray(reached, dtype=object), shape)


def _constant(operand: Any) -> Any:
    operand = value_of(operand)
    return operand.astype(object) if shape_of(operand) else operand


def _entries(part: Any) -> list[Any]:
    return list(part.flat) if shape_of(part) or part.__class__ is np.ndarray else [part]


def _as_objects(entries: list[Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    return array.reshape(shape)


def _operations(trace: Trace) -> tuple[Any, ...]:
    """Return what the pattern of a trace is found from; the parameters, which are slow, last.

    Of the constants, only those of array operations have a part in it.
    """
    tape = trace.tape
    if not tape.has_arrays:
        made_from = [
            [o if o.__class__ is int else None for o in c] for c in (tape.left, tape.right)
        ]
        return trace.output_slots, [tape.elementals, made_from], []
    rest = list[Any]()
    rules: list[Any] = [shape_of(value) for value in tape.values[: tape.input_count]]
    rows = zip(tape.elementals, tape.left, tape.right, tape.values, strict=True)
    for operation, left, right, value in rows:
        if operation.__class__ is Elemental:
            rules.append(operation)
            of_left = value if left is None else left  # made from nothing, it has its own shape
            rules.append(left if left.__class__ is int else shape_of(of_left))
            rules.append(right if right.__class__ is int else shape_of(right))
        elif operation is not None:
            rules.append(operation if operation.is_shared else operation.rule)
            rules.append([o if o.__class__ is int else shape_of(o) for o in left])
            if not operation.is_shared:
                rest.append(operation.parameters)
            if len(left) > 1:
                rest.append([o for o in left if o.__class__ is not int])
    return trace.output_slots, rules, rest


def _same(before: Any, now: Any) -> bool:
    """Return whether two nests hold the same things."""
    try:
        if (before == now) is True:  # mostly there are no arrays in them, and this is fast
            return True
    except (ValueError, DeprecationWarning):  # an array in a nest has no truth value
        pass
    if before.__class__ is not now.__class__:
        return False
    if before.__class__ is np.ndarray:
        return np.array_equal(before, now, equal_nan=before.dtype.kind in "fc")
    if before.__class__ in (tuple, list):
        return len(before) == len(now) and all(map(_same, before, now))
    if before.__class__ is dict:
        return before.keys() == now.keys() and all(_same(before[key], now[key]) for key in now)
    return bool(before == now)
