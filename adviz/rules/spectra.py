"""Eigenvalues, singular values and their vectors, also where values coincide.

A function of the values alone often has a derivative where values coincide, although the vectors
have none: they may turn by any angle at once. So a rule divides by the gap between two values only
what is not 0, and a gap that is 0 up to rounding gives NaN then: a vector that has no derivative
is not given one. The second derivative of a function of values that coincide is NaN as well if it
depends on how the first one varies, which a vector of values does not tell: write it without
eigenvalues, as the trace of ``a @ a`` for the sum of their squares.

The formulas are those of M. Giles, *An extended collection of matrix derivative results for
forward and reverse mode automatic differentiation* (2008), of J. Townsend, *Differentiating the
singular value decomposition* (2016), and of A. S. Lewis and H. S. Sendov, *Twice differentiable
spectral functions* (2001). Values and vectors together are one row, whose value holds them stacked.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adviz.core.arrays import is_complex, shape_of
from adviz.core.variable import Variable
from adviz.host.errors import OptionError
from adviz.rules.batching import Batch, aligned
from adviz.rules.nondifferentiable import as_decision
from adviz.rules.operands import as_array
from adviz.rules.product_rules import conj_transposed, transposed
from adviz.rules.rule import Rule

__all__ = [
    "eigen",
    "eigenvalues",
    "general_eigen",
    "hermitian_from",
    "inverse_or_nan",
    "matrix_shape",
    "per_matrix",
    "singular_norm",
    "singular_values",
    "singular_vectors",
]


def matrix_shape(a: Any) -> tuple[int, int]:
    """Return the numbers of rows and columns of a matrix, or of each matrix of a stack.

    Raises
    ------
    numpy.linalg.LinAlgError
        If it has fewer than two axes, as NumPy does.
    """
    shape = shape_of(a)
    if len(shape) < 2:
        raise np.linalg.LinAlgError(f"A matrix is needed, or a stack of them, not shape {shape}")
    return shape[-2], shape[-1]


def hermitian_from(a: Any, which: str) -> Any:
    """Return the Hermitian matrix of which NumPy reads only one triangle, "L" or "U".

    It is symmetric if it is real. If it is complex, the diagonal is read as real.

    Raises
    ------
    numpy.linalg.LinAlgError
        If it is no square matrix, or stack of such, as NumPy does.
    """
    m, n = matrix_shape(a)
    if m != n:
        raise np.linalg.LinAlgError(f"A square matrix is needed, not shape {shape_of(a)}")
    half = np.tril(a) if which.upper() == "L" else np.triu(a)
    diagonal = np.real(half) if is_complex(a) else half
    return half + conj_transposed(half) - diagonal * np.eye(n, dtype=_real_type(a))


def _hermitian_part(a: Any) -> Any:
    return (a + conj_transposed(a)) / 2


def _real_type(a: Any) -> Any:
    """Return the type of the parts of an array's numbers."""
    return np.finfo(a.dtype).dtype


def _conj(a: Any) -> Any:
    return np.conj(a) if is_complex(a) else a


def _diagonal(a: Any) -> Any:
    return np.diagonal(a, 0, -2, -1)


# -- gaps between values -------------------------------------------------------------------------


_ROUNDING = 50
"""Units of round-off, for each value, up to which values coincide; LAPACK's are off by a few."""


def _rounded_gaps(right: Any, left: Any) -> Any:
    unit = _ROUNDING * right.shape[-1] * np.finfo(right.dtype).eps
    noise = unit * abs(right).max(-1, keepdims=True, initial=0.0)
    gaps = right[..., None, :] - left[..., :, None]
    gaps[abs(gaps) <= noise[..., None]] = 0.0
    return gaps


_gaps: Rule = Rule(
    "gaps",
    _rounded_gaps,
    (lambda bar, v, right, left: bar.sum(axis=-2), lambda bar, v, right, left: -bar.sum(axis=-1)),
    lambda dots, v, right, left: (
        (0.0 if dots[0] is None else dots[0][..., None, :])
        - (0.0 if dots[1] is None else dots[1][..., :, None])
    ),
    batched=lambda right, left: Batch(_gaps(*aligned([right, left]))),
)
"""right_j - left_i, and 0 where these are equal up to rounding."""


def _quotient(x: Any, gaps: Any) -> Any:
    is_0 = gaps == 0
    if not is_0.any():
        return x / gaps
    quotient = x / np.where(is_0, 1.0, gaps).astype(gaps.dtype, copy=False)
    quotient[is_0 & (x != 0)] = np.nan
    return quotient


_over: Rule = Rule(
    "over gaps",
    _quotient,
    (
        lambda bar, v, x, gaps: _over(bar, gaps),
        lambda bar, v, x, gaps: -_over(_over(bar, gaps), gaps) * x,
    ),
    lambda dots, v, x, gaps: (
        (0.0 if dots[0] is None else _over(dots[0], gaps))
        - (0.0 if dots[1] is None else _over(_over(x, gaps), gaps) * dots[1])
    ),
    batched=lambda x, gaps: Batch(_over(*aligned([x, gaps]))),
)
"""x / gaps where x is not 0, and NaN there if the gap is 0."""


def _off_diagonal_over(x: Any, gaps: Any) -> Any:
    one = np.eye(shape_of(x)[-1], dtype=gaps.dtype)
    return _over(x * (1.0 - one), gaps + one)


def _times_slopes(x: Any, of_values: Any, over: Any, gaps: Any, varies: bool) -> Any:
    """Return x times of_values / gaps, where ``over`` divides.

    Where values coincide, the limit of that quotient is 0 if ``of_values`` is 0 and does not vary.
    """
    return of_values * over(x, gaps) if varies else over(x * of_values, gaps)


# -- phases of complex vectors -------------------------------------------------------------------


def fixes_phases(entries: Any) -> Any:
    """Return 1 where an entry of a vector is real, and so fixes the phase of that vector; else 0.

    LAPACK reduces a matrix to a real one first, which leaves one row of the vectors real.
    """
    unit = np.finfo(entries.dtype).eps
    is_fixed = (abs(entries.imag) <= _ROUNDING * unit) & (abs(entries) > np.sqrt(unit))
    return is_fixed.astype(entries.real.dtype)


def _turns(v: Any, dv: Any, row: int) -> Any:
    """Return the factors of i v by which vectors turn, so that a row of them stays real."""
    entries = v[..., row, :]
    fixed = as_decision(fixes_phases)(entries)
    return -fixed * np.imag(dv[..., row, :]) / (fixed * np.real(entries) + (1 - fixed))


# -- symmetric and Hermitian matrices ------------------------------------------------------------


def _stacked_eigh(a: Any, which: Any) -> Any:
    w, v = np.linalg.eigh(a, which)  # the signs of vectors depend on the triangle that is read
    return np.concatenate([v, w[..., None, :]], axis=-2)


def _eigh_push(dots: Any, packed: Any, a: Any, which: Any) -> Any:
    v, w = packed[..., :-1, :], np.real(packed[..., -1, :])
    turned = conj_transposed(v) @ _hermitian_part(dots[0]) @ v
    dv = v @ _off_diagonal_over(turned, _gaps(w, w))
    if is_complex(a):
        dv = dv + 1j * v * _turns(v, dv, 0 if which == "L" else -1)[..., None, :]
    return np.concatenate([dv, _diagonal(turned)[..., None, :]], axis=-2)


_eigh = Rule("eigh", _stacked_eigh, push=_eigh_push, may_fail=True)


def _rebuilt_hermitian(a: Any, d: Any, varies: bool) -> Any:
    v = np.linalg.eigh(a)[1]
    return (v * d[..., None, :]) @ conj_transposed(v)


def _turned_slope(x: Any, a: Any, d: Any, varies: bool) -> Any:
    """Return the change of V diag(d) Vᴴ for a change x of a; it is its own adjoint."""
    w, v = np.linalg.eigh(a)
    turned = conj_transposed(v) @ _hermitian_part(x) @ v
    of_values = d[..., None, :] - d[..., :, None]
    core = _times_slopes(turned, of_values, _off_diagonal_over, _gaps(w, w), varies)
    return v @ core @ conj_transposed(v)


def _with_eigenvalues_push(dots: Any, y: Any, a: Any, d: Any, varies: bool) -> Any:
    da, dd = dots
    from_a = 0.0 if da is None else _turned_slope(da, a, d, varies)
    return from_a if dd is None else from_a + _with_eigenvalues(a, dd, varies=varies)


_with_eigenvalues: Rule = Rule(
    "with eigenvalues",
    _rebuilt_hermitian,
    (
        lambda bar, y, a, d, varies: _conj(_turned_slope(_conj(bar), a, d, varies)),
        lambda bar, y, a, d, varies: _eigenvalue_slopes(_conj(bar), a),
    ),
    _with_eigenvalues_push,
)
"""V diag(d) Vᴴ, with the eigenvectors of a. ``varies`` says whether d depends on traced numbers."""


def _eigenvalue_slopes(da: Any, a: Any) -> Any:
    v = np.linalg.eigh(a)[1]
    slopes = _diagonal(conj_transposed(v) @ _hermitian_part(da) @ v)
    return np.real(slopes) if is_complex(a) else slopes


def _varies(number: Any) -> bool:
    return number.__class__ is Variable or (
        number.__class__ is Batch and number.stack.__class__ is Variable
    )


_eigvalsh = Rule(
    "eigvalsh",
    np.linalg.eigvalsh,
    (lambda bar, w, a: _conj(_with_eigenvalues(a, bar, varies=_varies(bar))),),
    lambda dots, w, a: _eigenvalue_slopes(dots[0], a),
    may_fail=True,
    pull_formula=("Q diag({bar}) Qᵀ",),
    push_formula=("diagonal(Qᵀ {dot} Q)",),
)


def eigen(a: Any, UPLO: str = "L") -> Any:  # noqa: N803 - NumPy's name
    """Return eigenvalues and eigenvectors of a symmetric or Hermitian matrix."""
    packed = _eigh(_one_triangle(a, UPLO), which=UPLO.upper())
    w = packed[..., -1, :]
    return type(np.linalg.eigh(np.eye(1)))(np.real(w) if is_complex(w) else w, packed[..., :-1, :])


def eigenvalues(a: Any, UPLO: str = "L") -> Any:  # noqa: N803
    """Return the eigenvalues of a symmetric or Hermitian matrix."""
    return _eigvalsh(_one_triangle(a, UPLO))


def _one_triangle(a: Any, which: str) -> Any:
    if which.upper() not in ("L", "U"):
        raise OptionError("UPLO must be 'L' or 'U'")
    return hermitian_from(as_array(a), which)


# -- general square matrices ---------------------------------------------------------------------


def _stacked_eig(a: Any) -> Any:
    w, v = np.linalg.eig(a)
    return np.concatenate([v, w[..., None, :]], axis=-2)


def _inverse_or_nan(v: Any) -> Any:
    """Return the inverse of a matrix, NaN where it is singular up to rounding."""
    s = np.linalg.svd(v, compute_uv=False)
    rounding = v.shape[-1] * np.finfo(s.dtype).eps
    is_regular = (s[..., -1:] > rounding * s[..., :1])[..., None]
    inverse = np.linalg.inv(np.where(is_regular, v, np.eye(v.shape[-1], dtype=v.dtype)))
    return np.where(is_regular, inverse, np.nan).astype(v.dtype, copy=False)


inverse_or_nan: Rule = Rule(
    "inverse or NaN",
    _inverse_or_nan,
    (lambda bar, y, v: -(transposed(y) @ bar @ transposed(y)),),
    lambda dots, y, v: -(y @ dots[0] @ y),
    batched=lambda v: Batch(inverse_or_nan(v.stack)),
)
"""The inverse of a matrix, such as a basis of eigenvectors; NaN if it has none up to rounding."""


def _eig_push(dots: Any, packed: Any, a: Any) -> Any:
    """Keep the length of each eigenvector at 1 and, if it is complex, its largest entry real."""
    v, w = packed[..., :-1, :], packed[..., -1, :]
    turned = inverse_or_nan(v) @ dots[0] @ v
    dv = v @ _off_diagonal_over(turned, _gaps(w, w))
    dv = dv - v * np.real(np.conj(v) * dv).sum(axis=-2, keepdims=True)
    if as_decision(is_complex)(v):
        largest = np.argmax(abs(v), axis=-2)[..., None, :]
        turn = np.imag(np.take_along_axis(dv, largest, -2))
        dv = dv - v * (1j * turn / np.real(np.take_along_axis(v, largest, -2)))
    return np.concatenate([dv, _diagonal(turned)[..., None, :]], axis=-2)


_eig = Rule("eig", _stacked_eig, push=_eig_push, may_fail=True)


def general_eigen(a: Any) -> Any:
    """Return eigenvalues and eigenvectors of a square matrix."""
    packed = _eig(as_array(a))
    return type(np.linalg.eig(np.eye(1)))(packed[..., -1, :], packed[..., :-1, :])


# -- singular values -----------------------------------------------------------------------------


def _stacked_svd(a: Any) -> Any:
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return np.concatenate([u, conj_transposed(vh), s[..., None, :]], axis=-2)


def _above_0(s: Any) -> Any:
    """Return singular values as a row, 0 where they are 0 up to rounding."""
    return _gaps(s, np.zeros(1, s.dtype))


def _svd_push(dots: Any, packed: Any, a: Any) -> Any:
    m, n = shape_of(a)[-2:]
    u, v, s = packed[..., :m, :], packed[..., m:-1, :], np.real(packed[..., -1, :])
    da = dots[0]
    turned = conj_transposed(u) @ da @ v
    even, odd = _parts(turned)
    of_gaps = _off_diagonal_over(even, _gaps(s, s)) / 2
    of_sums = _over(odd, _gaps(s, -s)) / 2
    du, dv = u @ (of_gaps + of_sums), v @ (of_gaps - of_sums)
    if m > n:
        du = du + _over(da @ v - u @ turned, _above_0(s))
    if n > m:
        dv = dv + _over(conj_transposed(da) @ u - v @ conj_transposed(turned), _above_0(s))
    if is_complex(a):
        turns = 1j * (_turns(v, dv, 0) if m >= n else _turns(u, du, 0))[..., None, :]
        du, dv = du + u * turns, dv + v * turns
    return np.concatenate([du, dv, np.real(_diagonal(turned))[..., None, :]], axis=-2)


def _parts(turned: Any) -> tuple[Any, Any]:
    """Return a matrix plus its conjugate transpose, and minus that."""
    other = conj_transposed(turned)
    return turned + other, turned - other


_svd = Rule("svd", _stacked_svd, push=_svd_push, may_fail=True)


def _thin_svd(a: Any) -> tuple[Any, Any, Any]:
    """Return U, s and V."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return u, s, conj_transposed(vh)


def _rebuilt(a: Any, d: Any, varies: bool) -> Any:
    u, _, v = _thin_svd(a)
    return (u * d[..., None, :]) @ conj_transposed(v)


def _rebuilt_slope(x: Any, a: Any, d: Any, varies: bool) -> Any:
    """Return the change of U diag(d) Vᴴ for a change x of a; it is its own adjoint."""
    m, n = shape_of(a)[-2:]
    u, s, v = _thin_svd(a)
    turned = conj_transposed(u) @ x @ v
    even, odd = _parts(turned)
    row, column = d[..., None, :], d[..., :, None]
    one = np.eye(shape_of(s)[-1], dtype=_real_type(a))
    core = _times_slopes(even, row - column, _off_diagonal_over, _gaps(s, s), varies)
    core = core + _times_slopes(odd, row + column, _over, _gaps(s, -s), varies)
    core = core / 2
    if varies:  # NaN where a singular value of 0 moves: what depends on it is not known to be even
        core = core + 0.0 * _over(_diagonal(turned)[..., None, :], _above_0(s)) * one
    change = u @ core @ conj_transposed(v)
    if m > n:
        rest = _times_slopes(x @ v - u @ turned, row, _over, _above_0(s), varies)
        change = change + rest @ conj_transposed(v)
    if n > m:
        rest = conj_transposed(x) @ u - v @ conj_transposed(turned)
        rest = _times_slopes(rest, row, _over, _above_0(s), varies)
        change = change + u @ conj_transposed(rest)
    return change


def _with_singular_values_push(dots: Any, y: Any, a: Any, d: Any, varies: bool) -> Any:
    da, dd = dots
    from_a = 0.0 if da is None else _rebuilt_slope(da, a, d, varies)
    return from_a if dd is None else from_a + _with_singular_values(a, dd, varies=varies)


def _slopes_of_values(x: Any, a: Any) -> Any:
    u, _, v = _thin_svd(a)
    slopes = _diagonal(conj_transposed(u) @ x @ v)
    return np.real(slopes) if is_complex(a) else slopes


_with_singular_values: Rule = Rule(
    "with singular values",
    _rebuilt,
    (
        lambda bar, y, a, d, varies: _conj(_rebuilt_slope(_conj(bar), a, d, varies)),
        lambda bar, y, a, d, varies: _slopes_of_values(_conj(bar), a),
    ),
    _with_singular_values_push,
)
"""U diag(d) Vᴴ, with the singular vectors of a. ``varies`` as for eigenvalues."""


def _is_above_0(s: Any) -> Any:
    """Return 1 for a singular value; 0 where it is 0, with a kink there like that of ``abs``."""
    return (_above_0(s)[..., 0, :] != 0).astype(s.dtype)


_svdvals = Rule(
    "svdvals",
    lambda a: np.linalg.svd(a, compute_uv=False),
    (lambda bar, s, a: _conj(_with_singular_values(a, bar * _is_above_0(s), varies=_varies(bar))),),
    lambda dots, s, a: _slopes_of_values(dots[0], a) * _is_above_0(s),
    may_fail=True,
    pull_formula=("U diag({bar}) Vᵀ",),
    push_formula=("diagonal(Uᵀ {dot} V)",),
)


def singular_values(a: Any) -> Any:
    """Return the singular values of a matrix, the largest first."""
    return _svdvals(as_array(a))


def singular_vectors(a: Any) -> tuple[Any, Any, Any]:
    """Return the thin U, s and V of a matrix."""
    packed = _svd(a)
    m = shape_of(a)[-2]
    s = packed[..., -1, :]
    return packed[..., :m, :], np.real(s) if is_complex(s) else s, packed[..., m:-1, :]


# -- norms that are made of singular values ------------------------------------------------------

_NORM_SLOPES: dict[Any, str] = {
    "nuc": "{bar}·U Vᵀ",
    2: "{bar}·u vᵀ of the largest singular value",
    -2: "{bar}·u vᵀ of the smallest singular value",
}

_REDUCTIONS: dict[Any, Any] = {"nuc": np.sum, 2: np.max, -2: np.min}


def _norm_slope(a: Any, order: Any) -> Any:
    """Return the slope of a norm: with the singular values that it is made of as 1.

    Values that tie share it, and one that is 0 has none.
    """
    s = np.linalg.svd(a, compute_uv=False)
    weights = _is_above_0(s)
    if order != "nuc":
        first = 0 if order == 2 else shape_of(s)[-1] - 1
        ties = (_gaps(s, s[..., first : first + 1])[..., 0, :] == 0).astype(s.dtype)
        weights = weights * ties / ties.sum(axis=-1, keepdims=True)
    return _with_singular_values(a, weights, varies=False)


_singular_norm = Rule(
    "norm",
    lambda a, order: _REDUCTIONS[order](np.linalg.svd(a, compute_uv=False), axis=-1),
    (lambda bar, v, a, order: per_matrix(bar) * _conj(_norm_slope(a, order)),),
    lambda dots, v, a, order: np.real(dots[0] * _conj(_norm_slope(a, order))).sum(axis=(-2, -1)),
    may_fail=True,
    formula="norm({0}, {order})",
    pull_formula=lambda k, shapes, order: _NORM_SLOPES[order],
)


def per_matrix(numbers: Any) -> Any:
    """Return numbers with two more axes, to multiply the matrices of a stack by them."""
    return numbers[..., None, None] if shape_of(numbers) else numbers


def singular_norm(a: Any, order: Any) -> Any:
    """Return the norm 2, -2 or "nuc" of a matrix: its largest or smallest singular value, the sum.

    Its second derivative exists where others of the singular values coincide.
    """
    return _singular_norm(as_array(a), order=order)
