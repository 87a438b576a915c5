"""Sparse matrices of SciPy's whose entries are traced numbers, and systems of equations with them.

Such a matrix is one of SciPy's in which ``data`` is a traced array. Where its entries stand is
plain. Products and ``spsolve`` are computed from the entries and their places; whatever else SciPy
would do with ``data`` goes through compiled code, which refuses a traced array.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.variable import Variable, value_of
from adviz.host.errors import UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.moving_rules import scatter
from adviz.rules.operands import as_array
from adviz.rules.rule import Rule

__all__ = [
    "converted",
    "dense",
    "diagonal_matrix",
    "has_traced_entries",
    "made_of_traced",
    "product",
    "scaled",
    "solved",
]

_KINDS = ("csr", "csc", "coo")


def has_traced_entries(matrix: Any) -> bool:
    """Return whether it is a sparse matrix of traced numbers."""
    sparse = sys.modules.get("scipy.sparse")
    is_sparse = sparse is not None and sparse.issparse(matrix)
    return is_sparse and getattr(matrix, "data", None).__class__ is Variable


def _places(matrix: Any) -> tuple[Any, Any]:
    """Return the row and the column of each entry."""
    if matrix.format == "coo":
        row, column = matrix.coords if hasattr(matrix, "coords") else (matrix.row, matrix.col)
        return row.copy(), column.copy()
    major = np.repeat(np.arange(len(matrix.indptr) - 1), np.diff(matrix.indptr))
    minor = matrix.indices.copy()
    return (major, minor) if matrix.format == "csr" else (minor, major)


# -- making them ---------------------------------------------------------------------------------


def made_of_traced(self: Any, arg1: Any, shape: Any = None, dtype: Any = None, **_: Any) -> None:
    """Make a sparse matrix of (data, (rows, columns)) or (data, indices, indptr).

    Raises
    ------
    UnsupportedOperationError
        If it is made of something else, or of another kind.
    """
    kind = type(self)
    is_of_parts = isinstance(arg1, tuple) and len(arg1) in (2, 3)
    if getattr(self, "format", kind.__name__[:3]) not in _KINDS or not is_of_parts:
        raise UnsupportedOperationError(
            "A sparse matrix of traced numbers is made as csr, csc or coo from (data, (rows, "
            f"columns)) or (data, indices, indptr): {describe(_getframe(1))}. Or use arrays."
        )
    data, *places = arg1
    data = np.ravel(as_array(data))
    plain_data = np.asarray(value_of(data))
    if plain_data.dtype == np.float16:
        raise UnsupportedOperationError(
            "SciPy's sparse matrices know no float16: make it of x.astype(np.float32): "
            f"{describe(_getframe(1))}."
        )
    plain = kind((plain_data, *places), shape=shape, dtype=dtype)
    vars(self).update(vars(plain))
    if len(places) == 1 and plain.format != "coo":  # SciPy sorts them, and adds up what coincides
        rows, columns = (np.asarray(part) for part in places[0])
        own_rows, own_columns = _places(plain)
        own, width = own_rows * plain.shape[1] + own_columns, plain.shape[1]
        order = np.argsort(own)
        found = order[np.searchsorted(own[order], rows * width + columns)]
        data = scatter(data, key=found, shape=(len(own),))
    self.data = data


def diagonal_matrix(
    diagonals: Any,
    offsets: Any = 0,
    shape: Any = None,
    format: Any = None,  # noqa: A002 - SciPy's name
    *,
    is_array: bool,
) -> Any:
    """Return a matrix of traced diagonals: ``scipy.sparse.diags``."""
    sparse = sys.modules["scipy.sparse"]
    if np.ndim(offsets) == 0:
        is_nested = isinstance(diagonals, (list, tuple)) and any(map(shape_of, diagonals))
        diagonals, offsets = [diagonals[0] if is_nested else diagonals], [offsets]
    diagonals = [np.atleast_1d(as_array(diagonal)) for diagonal in diagonals]
    if shape is None:
        size = shape_of(diagonals[0])[0] + abs(int(offsets[0]))
        shape = (size, size)
    rows, columns, entries = [], [], []
    for diagonal, offset in zip(diagonals, offsets, strict=True):
        row, column = max(0, -int(offset)), max(0, int(offset))
        length = min(shape[0] - row, shape[1] - column)
        if shape_of(diagonal)[0] not in (length, 1):
            raise ValueError(
                f"Diagonal length (index {offset}: {shape_of(diagonal)[0]} at offset {offset}) "
                f"does not agree with array size ({shape[0]}, {shape[1]})."
            )  # as in SciPy
        rows.append(row + np.arange(length))
        columns.append(column + np.arange(length))
        entries.append(np.broadcast_to(diagonal, (length,)))
    kind = getattr(
        sparse, f"{format if format in _KINDS else 'csr'}_{'array' if is_array else 'matrix'}"
    )
    return kind(
        (np.concatenate(entries), (np.concatenate(rows), np.concatenate(columns))), shape=shape
    )


def scaled(matrix: Any, factor: Any) -> Any:
    """Return a sparse matrix times a number, one of them traced."""
    if matrix.format not in _KINDS:
        matrix = matrix.tocsr()
    places = _places(matrix)
    kind = getattr(sys.modules["scipy.sparse"], type(matrix).__name__.replace(matrix.format, "coo"))
    return kind((matrix.data * factor, places), shape=matrix.shape)


def converted(name: str) -> Callable[..., Any]:
    """Return what answers in the place of ``tocsr``, ``tocsc`` or ``tocoo``."""

    def convert(matrix: Any, copy: bool = False) -> Any:
        wanted = name.removeprefix("to")
        kind = getattr(
            sys.modules["scipy.sparse"], type(matrix).__name__.replace(matrix.format, wanted)
        )
        return kind((matrix.data, _places(matrix)), shape=matrix.shape)

    return convert


# -- computing with them -------------------------------------------------------------------------


def product(matrix: Any, x: Any) -> Any:
    """Return the product with a vector or a matrix that is not sparse."""
    x = as_array(x)
    if len(shape_of(x)) not in (1, 2) or shape_of(x)[0] != matrix.shape[1]:
        raise ValueError(f"matmul: shapes {matrix.shape} and {shape_of(x)} do not fit")
    rows, columns = _places(matrix)
    terms = _along(matrix.data, x) * x[columns]
    return scatter(terms, key=rows, shape=(matrix.shape[0], *shape_of(x)[1:]))


def dense(matrix: Any) -> Any:
    """Return the matrix as an array."""
    return scatter(matrix.data, key=_places(matrix), shape=matrix.shape)


def solved(matrix: Any, b: Any) -> Any:
    """Return the solution of a system of equations: ``spsolve``."""
    rows, columns = _places(matrix)
    b = as_array(b)
    b = np.ravel(b) if shape_of(b)[1:] == (1,) else b
    return _solve(as_array(matrix.data), b, rows=rows, columns=columns)


def _along(entries: Any, x: Any) -> Any:
    return entries if len(shape_of(x)) == 1 else entries[:, None]


def _solution(data: Any, b: Any, rows: Any, columns: Any) -> Any:
    sparse = sys.modules["scipy.sparse"]
    size = shape_of(b)[0]
    matrix = sparse.csc_array((data, (rows, columns)), shape=(size, size))
    return sys.modules["scipy.sparse.linalg"].spsolve(matrix, b)


def _pushed(dots: Any, v: Any, data: Any, b: Any, rows: Any, columns: Any) -> Any:
    moved, right = dots
    change = 0.0 if right is None else right
    if moved is not None:
        terms = _along(moved, v) * v[columns]
        change = change - scatter(terms, key=rows, shape=shape_of(b))
    return _solve(data, change, rows=rows, columns=columns)


def _back(bar: Any, data: Any, rows: Any, columns: Any) -> Any:
    return _solve(data, bar, rows=columns, columns=rows)


def _back_to_data(bar: Any, v: Any, data: Any, b: Any, rows: Any, columns: Any) -> Any:
    products = -_back(bar, data, rows, columns)[rows] * v[columns]
    return products if len(shape_of(v)) == 1 else np.sum(products, axis=1)


_solve: Rule = Rule(
    "spsolve",
    _solution,
    (
        _back_to_data,
        lambda bar, v, data, b, rows, columns: _back(bar, data, rows, columns),
    ),
    push=_pushed,
    may_fail=True,
    formula="A({0})⁻¹ {1}",
    pull_formula=("−(A⁻ᵀ {bar}) {v}", "A⁻ᵀ {bar}"),
)
