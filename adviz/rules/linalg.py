"""Linear algebra on traced arrays: ``numpy.linalg``.

Most rules say only how a tangent is pushed; the transpose of the push pulls an adjoint back.
The formulas are those of M. Giles, *An extended collection of matrix derivative results for
forward and reverse mode automatic differentiation* (2008). A decomposition into several parts is
one row, whose value holds them stacked.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import is_complex, shape_of
from adviz.host.errors import OptionError
from adviz.rules import batched_rules
from adviz.rules.determinants import determinant, sign_and_log
from adviz.rules.nondifferentiable import as_decision
from adviz.rules.operands import as_array as _array
from adviz.rules.product_rules import conj_transposed, transposed
from adviz.rules.products import PRODUCTS
from adviz.rules.registry import needs_floats
from adviz.rules.rule import Rule
from adviz.rules.spectra import (
    eigen,
    eigenvalues,
    general_eigen,
    hermitian_from,
    inverse_or_nan,
    matrix_shape,
    singular_norm,
    singular_values,
    singular_vectors,
)

__all__ = ["LINEAR_ALGEBRA"]


def _solve_push(dots: Any, v: Any, a: Any, b: Any) -> Any:
    da, db = dots
    right = 0.0 if db is None else db
    return np.linalg.solve(a, right if da is None else right - da @ v)


def _solve_pull_a(bar: Any, v: Any, a: Any, b: Any) -> Any:
    return -(np.linalg.solve(transposed(a), bar) @ transposed(v))


def _solve_series(k: int, v: Any, a: Any, b: Any) -> Any:
    """Σ a_j v_{k-j} = b_k."""
    return np.linalg.solve(a(0), b(k) - sum(a(j) @ v(k - j) for j in range(1, k + 1)))


def _inv_series(k: int, v: Any, a: Any) -> Any:
    """Σ a_j v_{k-j} = 0."""
    return -v(0) @ sum(a(j) @ v(k - j) for j in range(1, k + 1))


_solve = Rule(
    "solve",
    np.linalg.solve,
    (_solve_pull_a, lambda bar, v, a, b: np.linalg.solve(transposed(a), bar)),
    _solve_push,
    may_fail=True,
    series=_solve_series,
    pull_formula=("−({0}⁻ᵀ {bar}) {v}ᵀ", "{0}⁻ᵀ {bar}"),
    push_formula=("−{0}⁻¹ {dot} {v}", "{0}⁻¹ {dot}"),
    batched=batched_rules.solving,
)
_inv = Rule(
    "inv",
    np.linalg.inv,
    (lambda bar, v, a: -(transposed(v) @ bar @ transposed(v)),),
    lambda dots, v, a: -(v @ dots[0] @ v),
    may_fail=True,
    series=_inv_series,
    pull_formula=("−{v}ᵀ {bar} {v}ᵀ",),
    push_formula=("−{v} {dot} {v}",),
    batched=batched_rules.of_stack(np.linalg.inv),
)


def _half_lower(a: Any) -> Any:
    """Return the lower triangle with half of the diagonal."""
    n = shape_of(a)[-1]
    return a * (np.tril(np.ones((n, n))) - 0.5 * np.eye(n))


def _cholesky_push(dots: Any, v: Any, a: Any) -> Any:
    hermitian = (dots[0] + conj_transposed(dots[0])) / 2
    inverse = np.linalg.inv(v)
    return v @ _half_lower(inverse @ hermitian @ conj_transposed(inverse))


_cholesky = Rule(
    "cholesky",
    np.linalg.cholesky,
    push=_cholesky_push,
    may_fail=True,
    # Φ keeps the lower triangle and half of the diagonal, sym is the symmetric part.
    pull_formula=("sym({v}⁻ᵀ Φ({v}ᵀ {bar}) {v}⁻¹)",),
    push_formula=("{v} Φ({v}⁻¹ {dot} {v}⁻ᵀ)",),
)


def _basis_of_rest(a: Any, left: bool, by: str) -> Any:
    """Return vectors that complete those of a thin decomposition to a basis."""
    if by == "qr":
        return np.linalg.qr(a, "complete")[0][..., shape_of(a)[-1] :]
    u, _, vh = np.linalg.svd(a)
    return u[..., shape_of(a)[-1] :] if left else conj_transposed(vh[..., shape_of(a)[-2] :, :])


def _rest_push(dots: Any, v: Any, a: Any, left: bool, by: str) -> Any:
    """Rotate the basis no more than its space moves: which basis NumPy chooses does not matter."""
    inverse = np.linalg.pinv(a)
    if left:
        return -(conj_transposed(inverse) @ (conj_transposed(dots[0]) @ v))
    return -(inverse @ (dots[0] @ v))


_rest = Rule("complement", _basis_of_rest, push=_rest_push, may_fail=True)


def _packed_qr(a: Any) -> Any:
    q, r = np.linalg.qr(a)
    return np.concatenate([q, np.swapaxes(r, -1, -2)], axis=-2)


def _qr_push(dots: Any, packed: Any, a: Any) -> Any:
    """NaN where the first columns of a depend on each other: Q may turn by any angle there."""
    m, n = shape_of(a)[-2:]
    q, r = packed[..., :m, :], transposed(packed[..., m:, :])
    da = dots[0]
    k = min(m, n)
    inverse = inverse_or_nan(r[..., :k])
    c = conj_transposed(q) @ da[..., :k] @ inverse
    low = c * np.tril(np.ones((k, k)), -1)
    skew = low - conj_transposed(low)
    if is_complex(a):  # the diagonal of R stays real
        skew = skew + 1j * np.imag(c) * np.eye(k)
    dq = q @ skew + (da[..., :k] @ inverse - q @ c if m > k else 0.0)
    dr = conj_transposed(q) @ da - skew @ r
    return np.concatenate([dq, transposed(dr)], axis=-2)


_qr = Rule("qr", _packed_qr, push=_qr_push, may_fail=True)


def _pinv_push(dots: Any, p: Any, a: Any, rcond: Any) -> Any:
    """Golub and Pereyra's formula, SIAM J. Numer. Anal. 10 (1973): the rank must not change."""
    da = dots[0]
    m, n = shape_of(a)[-2:]
    dat, pt = conj_transposed(da), conj_transposed(p)
    return -(p @ da @ p) + p @ pt @ dat @ (np.eye(m) - a @ p) + (np.eye(n) - p @ a) @ dat @ pt @ p


_pinv_rule = Rule("pinv", lambda a, rcond: np.linalg.pinv(a, rcond), push=_pinv_push, may_fail=True)


# -- the functions of numpy.linalg ---------------------------------------------------------------


def _solve_columns(a: Any, b: Any) -> Any:
    a, b = _array(a), _array(b)
    if len(shape_of(b)) == 1:
        return _solve(a, b[:, None])[..., 0]
    return _solve(a, b)


def _cholesky_factor(a: Any, *, upper: bool = False) -> Any:
    lower = _cholesky(hermitian_from(_array(a), "U" if upper else "L"))
    return conj_transposed(lower) if upper else lower


def _svd_parts(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    a = _array(a)
    if hermitian:
        return _svd_of_symmetric(a, compute_uv)
    if not compute_uv:
        return singular_values(a)
    m, n = matrix_shape(a)
    u, s, v = singular_vectors(a)
    if full_matrices and m > n:
        u = np.concatenate([u, _rest(a, left=True, by="svd")], axis=-1)
    elif full_matrices and n > m:
        v = np.concatenate([v, _rest(a, left=False, by="svd")], axis=-1)
    return type(np.linalg.svd(np.eye(1)))(u, s, conj_transposed(v))


def _svd_of_symmetric(a: Any, compute_uv: bool) -> Any:
    """Return the eigenvalues without their signs, the largest first, as NumPy does."""
    if not compute_uv:
        return np.sort(abs(eigenvalues(a)), axis=-1)[..., ::-1]
    w, v = eigen(a)
    order = np.argsort(abs(w), axis=-1)[..., ::-1]
    w = np.take_along_axis(w, order, axis=-1)
    v = np.take_along_axis(v, order[..., None, :], axis=-1)
    signed = conj_transposed(v * np.sign(w)[..., None, :])
    return type(np.linalg.svd(np.eye(1)))(v, abs(w), signed)


def _qr_parts(a: Any, mode: str = "reduced") -> Any:
    a = _array(a)
    if mode not in ("reduced", "complete", "r"):
        raise OptionError("mode must be 'reduced', 'complete' or 'r'")
    m, n = matrix_shape(a)
    packed = _qr(a)
    q, r = packed[..., :m, :], transposed(packed[..., m:, :])
    if mode == "r":
        return r
    if mode == "complete" and m > n:
        q = np.concatenate([q, _rest(a, left=True, by="qr")], axis=-1)
        r = np.concatenate([r, np.zeros((*shape_of(a)[:-2], m - n, n), a.dtype)], axis=-2)
    return type(np.linalg.qr(np.eye(1)))(q, r)


def _pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    a = hermitian_from(_array(a), "L") if hermitian else _array(a)
    if rcond is None:
        rcond = 1e-15 if rtol is None else rtol
    return _pinv_rule(a, rcond=rcond)


def rank_of_lstsq(a: Any, rcond: Any) -> Any:
    """Return the rank with which a least-squares problem is solved."""
    return np.linalg.lstsq(a, np.zeros(a.shape[0]), rcond)[2]


def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    a, b = _array(a), _array(b)
    rank = as_decision(rank_of_lstsq)(a, rcond)
    epsilon = np.finfo(float).eps * max(shape_of(a)) if rcond is None else rcond
    x = _pinv(a, epsilon) @ b
    m, n = shape_of(a)
    gap = b - a @ x
    squares = np.real(gap * np.conj(gap)) if is_complex(gap) else gap * gap
    residuals = squares.sum(axis=0, keepdims=len(shape_of(b)) == 1)
    singular = singular_values(a)
    return x, residuals if m > n and rank == n else np.zeros(0), rank, singular


def _matrix_power(a: Any, n: int) -> Any:
    a = _array(a)
    if n < 0:
        a, n = np.linalg.inv(a), -n
    result = None
    while n:
        if n & 1:
            result = a if result is None else result @ a
        a, n = (a @ a if n > 1 else a), n >> 1
    return np.eye(shape_of(a)[-1]) + a * 0.0 if result is None else result


def _is_norm(order: Any, of_matrix: bool) -> bool:
    if of_matrix:
        return order in ("fro", "f", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
    return not isinstance(order, str)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:  # noqa: A002
    x = _array(x)
    ndim = len(shape_of(x))
    axis = tuple(range(ndim)) if axis is None else axis
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    if ord is not None and (len(axes) not in (1, 2) or not _is_norm(ord, of_matrix=len(axes) == 2)):
        raise OptionError(f"there is no norm of order {ord!r} along axes {axes}")
    if is_complex(x) and (len(axes) == 1 or ord not in ("nuc", 2, -2)):
        x = abs(x)
    is_empty = 0 in (shape_of(x)[k] for k in axes)
    if is_empty and (ord is None or isinstance(ord, str) or ord >= 0):
        return x.sum(axis=axes, keepdims=keepdims)
    if ord in (None, "fro", "f") or (ord == 2 and len(axes) == 1):
        return np.sqrt((x * x).sum(axis=axes, keepdims=keepdims))
    if len(axes) == 1:
        if ord == 0:
            return as_decision(np.linalg.norm)(x, 0, axes[0], keepdims)
        if ord in (np.inf, -np.inf):
            return (np.max if ord > 0 else np.min)(abs(x), axis=axes, keepdims=keepdims)
        if ord == 1:
            return abs(x).sum(axis=axes, keepdims=keepdims)
        return (abs(x) ** ord).sum(axis=axes, keepdims=keepdims) ** (1 / ord)
    is_last = [k % ndim for k in axes] == [ndim - 2, ndim - 1]
    matrices = x if is_last else np.moveaxis(x, axes, (-2, -1))
    if ord in ("nuc", 2, -2):
        norm = singular_norm(matrices, ord)
    else:
        sums = abs(matrices).sum(axis=-2 if abs(ord) == 1 else -1)
        norm = (np.max if ord > 0 else np.min)(sums, axis=-1)
    if keepdims:
        lengths = tuple(1 if k in {a % ndim for a in axes} else n for k, n in enumerate(x.shape))
        return norm.reshape(lengths)
    return norm


def is_singular(x: Any) -> Any:
    """Return 1 for a singular matrix, 0 for another one."""
    with np.errstate(invalid="ignore"):
        return (np.linalg.slogdet(x)[0] == 0).astype(x.dtype)


def _cond(x: Any, p: Any = None) -> Any:
    x = _array(x)
    if 0 in shape_of(x):
        raise np.linalg.LinAlgError("cond is not defined on empty arrays")  # as NumPy does
    if p in (None, 2, -2):
        largest, smallest = singular_norm(x, 2), singular_norm(x, -2)
        with np.errstate(divide="ignore", invalid="ignore"):  # as NumPy does
            return smallest / largest if p == -2 else largest / smallest
    singular = as_decision(is_singular)(x)
    if not np.any(singular):
        return _norm(x, p, (-2, -1)) * _norm(np.linalg.inv(x), p, (-2, -1))
    # infinite there, with a slope that is 0 times infinity: NaN
    infinite, one = np.where(singular, np.inf, 1.0).astype(x.dtype), np.eye(shape_of(x)[-1])
    singular = singular[..., None, None]
    x = x * (1 - singular) + one.astype(x.dtype) * singular
    return _norm(x, p, (-2, -1)) * _norm(np.linalg.inv(x), p, (-2, -1)) * infinite


def _tensorinv(a: Any, ind: int = 2) -> Any:
    a = _array(a)
    rows, columns = shape_of(a)[:ind], shape_of(a)[ind:]
    size = math.prod(columns)
    return np.linalg.inv(a.reshape((-1, size))).reshape((*columns, *rows))


def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    a, b = _array(a), _array(b)
    if axes is not None:
        rest = [k for k in range(len(shape_of(a))) if k not in axes]
        a = a.transpose([*rest, *axes])
    unknowns = shape_of(a)[len(shape_of(b)) :]
    size = math.prod(unknowns)
    return np.linalg.solve(a.reshape((-1, size)), np.ravel(b)).reshape(unknowns)


def _product(arrays: Any) -> Any:
    result = _array(arrays[0])
    for array in arrays[1:]:
        result = result @ _array(array)
    return result


LINEAR_ALGEBRA: dict[Callable[..., Any], Callable[..., Any]] = {
    **needs_floats(
        {
            np.linalg.solve: _solve_columns,
            np.linalg.inv: lambda a: _inv(_array(a)),
            np.linalg.det: determinant,
            np.linalg.slogdet: sign_and_log,
            np.linalg.cholesky: _cholesky_factor,
            np.linalg.eigh: eigen,
            np.linalg.eigvalsh: eigenvalues,
            np.linalg.eig: general_eigen,
            np.linalg.eigvals: lambda a: general_eigen(a)[0],
            np.linalg.svd: _svd_parts,
            np.linalg.svdvals: lambda x, /: singular_values(x),
            np.linalg.qr: _qr_parts,
            np.linalg.pinv: _pinv,
            np.linalg.lstsq: _lstsq,
            np.linalg.matrix_power: _matrix_power,
        }
    ),
    **needs_floats({np.linalg.norm: _norm}),
    np.linalg.vector_norm: lambda x, /, *, axis=None, keepdims=False, ord=2: _norm(  # noqa: A006
        x if axis is not None else np.ravel(x), ord, 0 if axis is None else axis, keepdims
    ),
    np.linalg.matrix_norm: lambda x, /, *, keepdims=False, ord="fro": _norm(  # noqa: A006
        x, ord, (-2, -1), keepdims
    ),
    **needs_floats({np.linalg.cond: _cond}),
    np.linalg.multi_dot: lambda arrays: _product(arrays),
    **needs_floats({np.linalg.tensorinv: _tensorinv, np.linalg.tensorsolve: _tensorsolve}),
    np.linalg.trace: lambda x, /, *, offset=0, dtype=None: np.trace(x, offset, -2, -1),
    np.linalg.diagonal: lambda x, /, *, offset=0: np.diagonal(x, offset, -2, -1),
    np.linalg.outer: lambda x1, x2, /: np.outer(x1, x2),
    np.linalg.matmul: lambda x1, x2, /: np.matmul(x1, x2),
    np.linalg.matrix_transpose: lambda x, /: transposed(x),
    np.linalg.cross: lambda x1, x2, /, *, axis=-1: np.cross(x1, x2, axis=axis),
    np.linalg.tensordot: lambda x1, x2, /, *, axes=2: np.tensordot(x1, x2, axes),
    np.linalg.vecdot: PRODUCTS[np.vecdot],
}
