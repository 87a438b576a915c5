"""Sparse Jacobians, computed with one seed for each color of their columns or rows.

Columns that share no row have one color: their sum is the tangent of one seed, from which each of
them can be read off. Rows that share no column are likewise read off an adjoint.
"""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.calculus.coloring import Coloring, cheapest_coloring, coloring_of
from adviz.calculus.complex_modes import complex_mode
from adviz.calculus.sparsity import pattern_of, scipy_sparse
from adviz.calculus.vector_mode import Mode, ends, size, swept
from adviz.core.arrays import is_complex, shape_of
from adviz.core.derivatives import record_call
from adviz.core.elementals import Elemental
from adviz.core.trace import Trace
from adviz.core.variable import Variable
from adviz.host.arguments import check_argnums, refusal
from adviz.host.errors import InputError, UnsupportedOperationError

__all__ = ["sparse_jacobian"]

Argnums = int | tuple[int, ...]


def sparse_jacobian(
    f: Callable[..., Any], argnums: Argnums, sparsity: Any, holomorphic: bool
) -> Callable[..., Any]:
    """Return the function that computes the Jacobian as a sparse matrix: see ``jacobian``."""
    scipy_sparse()
    check_argnums(argnums)
    detected = _DetectedPattern()
    given = None if sparsity is True else _Compression(sparsity)
    is_checked = False

    @functools.wraps(f, assigned=("__module__", "__name__", "__qualname__"), updated=())
    def matrix(*args: Any, **kwargs: Any) -> Any:
        nonlocal is_checked
        trace, _ = record_call(f, argnums, args, kwargs, only_swept=True)
        if any(value.__class__ is Variable for value in trace.tape.examples):
            raise UnsupportedOperationError(
                f"The sparse Jacobian of {trace.function_name} was asked for inside another "
                "derivative, or compiled, and a SciPy matrix holds no traced numbers: use "
                "jacobian(f) without sparsity there."
            )
        if given is None:
            return detected.compression(trace).jacobian(trace, holomorphic)
        jacobian = given.jacobian(trace, holomorphic)
        if not is_checked:
            _check_pattern(jacobian, trace)
            is_checked = True
        return jacobian

    return matrix


class _DetectedPattern:
    """The pattern found in a trace, kept until a trace has other operations."""

    def __init__(self) -> None:
        self._compression: _Compression | None = None
        self._operations: Any = None
        self._signature: Any = None  # that of the tape, if it has one

    def compression(self, trace: Trace) -> _Compression:
        """Return the pattern of a trace, with its coloring; find it again only if it may differ."""
        signature = trace.tape.signature, trace.output_slots
        if signature[0] is None or not _same(signature, self._signature):
            operations = _operations(trace)
            if self._compression is None or not _same(operations, self._operations):
                self._compression = _Compression(pattern_of(trace))
            self._operations, self._signature = operations, signature
        assert self._compression is not None
        return self._compression


_PATTERN = "True, or a matrix that says which entries may be other than zero"


class _Compression:
    """A pattern with the coloring of its columns or rows, whichever needs fewer colors."""

    def __init__(self, pattern: Any) -> None:
        try:
            self.pattern = scipy_sparse().csr_array(pattern, dtype=bool)
        except (TypeError, ValueError):
            raise refusal("sparsity", _PATTERN, pattern) from None
        if self.pattern.ndim != 2:
            raise refusal("sparsity", _PATTERN, pattern)
        self.pattern.sum_duplicates()
        self.pattern.eliminate_zeros()
        self._color(cheapest_coloring(self.pattern))

    def _color(self, found: Coloring) -> None:
        rows, columns = self.pattern.nonzero()
        is_forward, self.colors = found.axis == 1, found.colors
        self.mode: Mode = "forward" if is_forward else "reverse"
        self.seeds = 1.0 * (self.colors == np.arange(found.count)[:, None])
        # The position of each entry of the matrix in the results of the sweeps, put end to end.
        self.positions = (
            self.colors[columns] * self.pattern.shape[0] + rows
            if is_forward
            else self.colors[rows] * self.pattern.shape[1] + columns
        )

    def jacobian(self, trace: Trace, holomorphic: bool) -> Any:
        """Return the Jacobian from one seed for each color."""
        needed = complex_mode(trace, holomorphic)
        if needed is not None and needed != self.mode:
            self._color(coloring_of(self.pattern, 1 if needed == "forward" else 0))
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

        results = swept(trace, self.mode, len(self.seeds), seeds) if len(self.seeds) else []
        rows = _side_by_side(results, len(self.seeds)) if results else np.zeros(0)
        data = rows.reshape(-1).take(self.positions)
        matrix = copy.copy(self.pattern)  # csr_array() would check the indices again
        # SciPy has no sparse matrices of float16.
        matrix.data = data.astype(np.float32) if data.dtype == np.float16 else data
        matrix.indices, matrix.indptr = self.pattern.indices.copy(), self.pattern.indptr.copy()
        return matrix


def _check_pattern(jacobian: Any, trace: Trace) -> None:
    """Refuse a pattern that leaves out an entry, by a product of the Jacobian with a vector.

    Raises
    ------
    InputError
    """
    inputs, _ = ends(trace)
    direction = np.random.default_rng(0).uniform(1.0, 2.0, size(inputs))
    pushed = swept(trace, "forward", 1, lambda start, stop: _nested(direction[None, :], inputs))
    expected = _side_by_side(pushed, 1)[0]
    with np.errstate(invalid="ignore"):
        amount = abs(jacobian) @ direction + abs(expected)
        tolerance = 1e4 * np.finfo(expected.dtype).eps * amount
        product = jacobian @ direction
        found = product if is_complex(expected) else np.real(product)
        wrong = np.flatnonzero(abs(found - expected) > tolerance)
    if wrong.size:
        raise InputError(
            f"The pattern leaves out an entry of the Jacobian of {trace.function_name} that is "
            f"not zero: see row {wrong[0]}. Add it, or say sparsity=True to have the pattern found."
        )


def _side_by_side(stacks: list[Any], count: int) -> np.ndarray[Any, Any]:
    """Return a matrix with a row for each seed: its results for all outputs or inputs."""
    rows = [np.reshape(stack, (count, -1)) for stack in stacks]
    return rows[0] if len(rows) == 1 else np.concatenate(rows, axis=1)


def _nested(rows: np.ndarray[Any, Any], like: list[Any]) -> list[Any]:
    """Divide the rows of a matrix into stacks of arrays with the shapes of these values."""
    nested, start = [], 0
    for value in like:
        shape = shape_of(value)
        part = rows[:, start : start + math.prod(shape)]
        start += math.prod(shape)
        nested.append(part.reshape((len(rows), *shape)).astype(np.result_type(value), copy=False))
    return nested


def _operations(trace: Trace) -> tuple[Any, ...]:
    """Return what the pattern of a trace depends on; parameters, slow to compare, come last.

    The pattern depends on the constants of array operations, not on those of elementals.
    """
    tape = trace.tape
    if not tape.has_arrays:
        parents = [[o if o.__class__ is int else None for o in c] for c in (tape.left, tape.right)]
        return trace.output_slots, [tape.elementals, parents], []
    parameters = list[Any]()
    rules: list[Any] = [shape_of(value) for value in tape.values[: tape.input_count]]
    rows = zip(tape.elementals, tape.left, tape.right, tape.values, strict=True)
    for operation, left, right, value in rows:
        if operation.__class__ is Elemental:
            rules.append(operation)
            of_left = value if left is None else left  # without operands it has its own shape
            rules.append(left if left.__class__ is int else shape_of(of_left))
            rules.append(right if right.__class__ is int else shape_of(right))
        elif operation is not None:
            rules.append(operation if operation.is_shared else operation.rule)
            rules.append([o if o.__class__ is int else shape_of(o) for o in left])
            if not operation.is_shared:
                parameters.append(operation.parameters)
            if len(left) > 1:
                parameters.append([o for o in left if o.__class__ is not int])
    return trace.output_slots, rules, parameters


def _same(before: Any, now: Any) -> bool:
    """Return whether two nests hold the same things."""
    try:
        if (before == now) is True:  # fast, and enough if there are no arrays in them
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
