"""Products and systems of equations with a constant sparse matrix, where SciPy's are imported.

``A @ x`` with a constant sparse matrix A is a linear map of the traced array x, and an adjoint is
pulled back with the transpose of A. The matrix is a parameter of the row, and is never made dense.
Matrices of traced numbers: :mod:`adviz.rules.traced_sparse`.
"""

from __future__ import annotations

import math
import sys
import weakref
from collections.abc import Callable
from functools import cached_property, partial
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.variable import Variable
from adviz.host.errors import UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules import traced_sparse
from adviz.rules.batching import Batch, batch_size
from adviz.rules.handed_in import hands_in_traced
from adviz.rules.memory import notes_of
from adviz.rules.operands import as_array
from adviz.rules.operation_counts import Cost
from adviz.rules.rule import Rule

__all__ = [
    "ConstantMatrix",
    "holds_traced",
    "is_sparse",
    "solver_rules",
    "sparse_matrix_rules",
    "sparse_product",
]


class ConstantMatrix:
    """A sparse matrix as a trace keeps it: nobody else can change it.

    Parameters
    ----------
    matrix : sparse array or matrix

    Examples
    --------
    >>> from scipy import sparse
    >>> ConstantMatrix(sparse.eye_array(3, format="csr"))
    csr 3×3
    """

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix

    @cached_property
    def transposed(self) -> ConstantMatrix:
        """The transpose, which shares the entries."""
        return ConstantMatrix(self.matrix.T)

    def __repr__(self) -> str:
        rows, columns = self.matrix.shape
        return f"{self.matrix.format} {rows}×{columns}"


def is_sparse(operand: Any) -> bool:
    """Return whether an operand is a sparse array or matrix of SciPy's."""
    sparse = sys.modules.get("scipy.sparse")
    return sparse is not None and bool(sparse.issparse(operand))


def _kept(matrix: Any, x: Any) -> ConstantMatrix:
    """Return a copy of a matrix for the tape of x, the same one as long as it stays unchanged."""
    data = getattr(matrix, "data", None)
    if x.__class__ is not Variable or matrix.format == "lil" or data.__class__ is not np.ndarray:
        return ConstantMatrix(matrix.copy())
    copies = notes_of(x.tape).copies
    # A.T is another object each time; the memory of its entries is that of A. No array has this id.
    place = -data.__array_interface__["data"][0] - (matrix.format == "csc")
    known: ConstantMatrix | None = copies[place][1] if place in copies else None
    if known is None or not _are_equal(matrix, known.matrix):
        known = ConstantMatrix(matrix.copy())
        copies[place] = weakref.ref(matrix), known
    return known


def _are_equal(matrix: Any, copy: Any) -> bool:
    """Return whether two matrices hold the same entries in the same way."""
    if (matrix.format, matrix.shape) != (copy.format, copy.shape):
        return False
    names = ("data", "indptr", "indices", "offsets", "coords")
    return matrix.data.dtype == copy.data.dtype and all(
        np.array_equal(getattr(matrix, name), getattr(copy, name))
        for name in names
        if hasattr(matrix, name)
    )


# -- products ------------------------------------------------------------------------------------


def _columns(x: Batch) -> Any:
    """Return the vectors of a batch, or all columns of its matrices, as columns of one matrix."""
    stack = np.moveaxis(x.stack, 0, -1)
    return stack.reshape((x.shape[0], math.prod(x.shape[1:]) * batch_size([x])))


def _from_columns(columns: Any, x: Batch, shape: tuple[int, ...]) -> Batch:
    return Batch(np.moveaxis(columns.reshape((*shape, batch_size([x]))), -1, 0))


def _products(x: Batch, matrix: ConstantMatrix) -> Batch:
    """Multiply all arrays of a batch at once."""
    shape = (matrix.matrix.shape[0], *x.shape[1:])
    return _from_columns(_product(_columns(x), matrix=matrix), x, shape)


def _row_by_row(x: Any, matrix: ConstantMatrix) -> Any:
    """Multiply an array of objects: of single traced numbers, or of sets of inputs."""
    rows = matrix.matrix.tocsr()
    product = np.empty((rows.shape[0], *x.shape[1:]), dtype=object)
    for row in range(rows.shape[0]):
        stored = slice(rows.indptr[row], rows.indptr[row + 1])
        entries = zip(rows.data[stored].tolist(), rows.indices[stored], strict=True)
        terms = [entry * x[column] for entry, column in entries]
        product[row] = sum(terms[1:], terms[0]) if terms else 0.0
    return product


def _cost(shapes: Any, shape: Any, /, matrix: ConstantMatrix) -> Cost:
    """Count a multiplication for each entry that is stored, and the additions."""
    products = matrix.matrix.nnz * math.prod(shape[1:])
    forth = max(0, 2 * products - math.prod(shape))
    return Cost(forth, forth, [max(0, 2 * products - math.prod(shapes[0]))])


_product: Rule = Rule(
    "sparse product",
    lambda x, matrix: matrix.matrix @ x,
    (lambda bar, v, x, matrix: _product(bar, matrix=matrix.transposed),),
    cost=_cost,
    reach=_row_by_row,
    batched=_products,
    formula="[{matrix}] {0}",
    pull_formula=("[{matrix}]ᵀ {bar}",),
)


def sparse_product(a: Any, b: Any) -> Any:
    """Return the product of a constant sparse matrix and a traced array, in either order.

    Raises
    ------
    UnsupportedOperationError
        If one of them is a single number, or has more than two axes.
    """
    if is_sparse(a) and is_sparse(b):
        return _refused(a, b)
    if is_sparse(b):
        return _turned(sparse_product(b.T, _turned(a)))
    if traced_sparse.has_traced_entries(a):
        return traced_sparse.product(a, b)
    is_of_objects = b.__class__ is np.ndarray
    x = b if is_of_objects else as_array(b)
    ndim = len(shape_of(x))
    if ndim == 0:
        return _refused(a, b)
    if a.ndim > 2 or ndim > 2:
        raise UnsupportedOperationError(
            "A product of a sparse matrix has a derivative rule with a vector or a matrix, not "
            f"with an array of {max(a.ndim, ndim)} axes: {describe(_getframe(1))}. Use a loop."
        )
    if a.shape[-1] != shape_of(x)[0]:
        raise ValueError(f"matmul: shapes {a.shape} and {shape_of(x)} do not fit")  # as in SciPy
    if a.ndim == 1:
        return a.toarray() @ x
    if is_of_objects:  # traced numbers: a row for each operation, as in NumPy
        return _row_by_row(x, ConstantMatrix(a))
    return _product(x, matrix=_kept(a, x))


def _turned(a: Any) -> Any:
    """Return a vector as it is, a matrix transposed."""
    a = a if a.__class__ is np.ndarray else as_array(a)
    return a.T if len(shape_of(a)) == 2 else a


def _refused(*operands: Any, **options: Any) -> Any:
    raise UnsupportedOperationError(
        "This would be a sparse matrix of traced numbers, made in a way that has no rule: "
        f"{describe(_getframe(1))}. Make it as csr_array((data, (rows, columns))) or by diags; "
        "write A * t where a traced number t scales it, A @ (d * x) where a vector d scales its "
        "columns, or use arrays."
    )


def _star(is_product: bool) -> Callable[..., Any]:
    """Return what ``*`` does: it multiplies by a number, or as ``@`` for matrices."""

    def star(matrix: Any, other: Any) -> Any:
        if not is_sparse(other) and not np.shape(other):
            return traced_sparse.scaled(matrix, other)
        return sparse_product(matrix, other) if is_product else _refused(matrix, other)

    return star


# -- systems of equations ------------------------------------------------------------------------


def _solution(b: Any, matrix: ConstantMatrix, permc_spec: Any, use_umfpack: bool) -> Any:
    solve = sys.modules["scipy.sparse.linalg"].spsolve
    return solve(matrix.matrix, b, permc_spec=permc_spec, use_umfpack=use_umfpack)


def _solutions(b: Batch, matrix: ConstantMatrix, **options: Any) -> Batch:
    """Solve for all right-hand sides of a batch at once."""
    columns = _columns(b)
    solved = _solve(columns, matrix=matrix, **options).reshape(shape_of(columns))
    return _from_columns(solved, b, b.shape if b.shape[1:] != (1,) else b.shape[:1])


_solve: Rule = Rule(
    "spsolve",
    _solution,
    (
        lambda bar, v, b, matrix, **options: _solve(
            bar, matrix=matrix.transposed, **options
        ).reshape(shape_of(b)),
    ),
    may_fail=True,
    batched=_solutions,
    formula="[{matrix}]⁻¹ {0}",
    pull_formula=("[{matrix}]⁻ᵀ {bar}",),
)


def _spsolve(A: Any, b: Any, permc_spec: Any = None, use_umfpack: bool = True) -> Any:  # noqa: N803
    if not is_sparse(A) or is_sparse(b):
        raise UnsupportedOperationError(
            "scipy.sparse.linalg.spsolve is traced with a constant sparse matrix and a traced "
            f"right-hand side: {describe(_getframe(1))}. Use np.linalg.solve for traced matrices."
        )
    if traced_sparse.has_traced_entries(A):
        return traced_sparse.solved(A, b)
    b = as_array(b)
    kept = _kept(A, b)
    if A.format not in ("csc", "csr"):
        kept = ConstantMatrix(kept.matrix.tocsc())
    return _solve(b, matrix=kept, permc_spec=permc_spec, use_umfpack=use_umfpack)


# -- what is intercepted -------------------------------------------------------------------------

_METHODS: dict[str, Callable[..., Any]] = {
    "__matmul__": sparse_product,
    "__rmatmul__": lambda self, other: sparse_product(other, self),
    "dot": sparse_product,
    **dict.fromkeys(("multiply", "maximum", "minimum", "power", "__pow__"), _refused),
    "__init__": traced_sparse.made_of_traced,
}

_OF_MATRICES: dict[str, Callable[..., Any]] = {
    "__mul__": _star(is_product=True),
    "__rmul__": lambda self, other: (
        sparse_product(other, self) if np.shape(other) else traced_sparse.scaled(self, other)
    ),
}
"""What ``*`` means for sparse matrices, as for ``np.matrix``; for sparse arrays it multiplies."""

_OF_ARRAYS: dict[str, Callable[..., Any]] = dict.fromkeys(
    ("__mul__", "__rmul__"), _star(is_product=False)
)


def sparse_matrix_rules() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return the methods of sparse matrices, and functions that make some, each with its rule."""
    sparse = sys.modules["scipy.sparse"]
    rules = {getattr(sparse, name): _refused for name in ("spdiags", "block_diag")}
    rules[sparse.diags] = partial(traced_sparse.diagonal_matrix, is_array=False)
    rules[sparse.diags_array] = lambda diagonals, **options: traced_sparse.diagonal_matrix(
        diagonals, **options, is_array=True
    )
    for kind in ("bsr", "coo", "csc", "csr", "dia", "dok", "lil"):
        for suffix, of_star in (("array", _OF_ARRAYS), ("matrix", _OF_MATRICES)):
            for name, rule in (_METHODS | of_star).items():
                method = getattr(getattr(sparse, f"{kind}_{suffix}"), name, None)
                if method is not None:
                    rules[method] = rule
    for kind in (
        f"{kind}_{suffix}" for kind in ("csr", "csc", "coo") for suffix in ("array", "matrix")
    ):
        rules[getattr(sparse, kind).toarray] = traced_sparse.dense
        for name in ("tocsr", "tocsc", "tocoo"):
            rules[getattr(getattr(sparse, kind), name)] = traced_sparse.converted(name)
    return rules


def holds_traced(argument: Any) -> bool:
    """Return whether an argument holds traced numbers, or is a sparse matrix of some."""
    if is_sparse(argument):
        return traced_sparse.has_traced_entries(argument)
    return hands_in_traced(argument)


def solver_rules() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return the solvers of ``scipy.sparse.linalg``, each with its rule."""
    return {sys.modules["scipy.sparse.linalg"].spsolve: _spsolve}
