"""Linear algebra on traced arrays: ``scipy.linalg``, where it has been imported.

Functions that NumPy has as well use the rules of :mod:`adviz.rules.linalg`. The rest are a
triangular system, the exponential and the square root of a matrix, and Sylvester's equation, with
formulas as in M. Giles, *An extended collection of matrix derivative results for forward and
reverse mode automatic differentiation* (2008), and N. J. Higham, *Functions of Matrices* (2008),
sections 3.2 and 6.1. Where a function reads only one triangle of a matrix, the adjoint of the other
one is 0.

Eigenvectors, singular vectors and QR are left to ``numpy.linalg``: SciPy's may differ in sign.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from adviz.core.arrays import is_complex, shape_of
from adviz.core.variable import value_of
from adviz.host.errors import OptionError, UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.batching import Batch, each
from adviz.rules.nondifferentiable import as_decision
from adviz.rules.operands import as_array
from adviz.rules.product_rules import conj_transposed, transposed
from adviz.rules.rule import Rule
from adviz.rules.spectra import hermitian_from

__all__ = ["LINALG_RULES", "linalg_rules"]


def _linalg() -> Any:
    return sys.modules["scipy.linalg"]  # the user has imported it


def linalg_rules() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return SciPy's functions, each with its rule for traced arrays."""
    linalg = _linalg()
    return {getattr(linalg, n): rule for n, rule in LINALG_RULES.items() if hasattr(linalg, n)}


# -- triangular systems --------------------------------------------------------------------------


def _triangular_solution(t: Any, b: Any, lower: bool) -> Any:
    return _linalg().solve_triangular(t, b, lower=lower, check_finite=False)


def _triangular_solutions(t: Any, b: Any, lower: bool) -> Any:
    """Solve for the columns of all right-hand sides, as those of one matrix."""
    if t.__class__ is Batch:
        return each(_triangular, t, b, lower=lower)
    n, m = b.shape
    columns = np.moveaxis(b.stack, 0, -1)
    solved = _triangular(t, columns.reshape((n, -1)), lower=lower)
    return Batch(np.moveaxis(solved.reshape((n, m, -1)), -1, 0))


def _triangular_pull(bar: Any, t: Any, lower: bool) -> Any:
    return _triangular(transposed(t), bar, lower=not lower)


_triangular: Rule = Rule(
    "solve_triangular",
    _triangular_solution,
    (
        lambda bar, v, t, b, lower: -(_triangular_pull(bar, t, lower) @ transposed(v)),
        lambda bar, v, t, b, lower: _triangular_pull(bar, t, lower),
    ),
    lambda dots, v, t, b, lower: _triangular(
        t,
        (0.0 if dots[1] is None else dots[1]) - (0.0 if dots[0] is None else dots[0] @ v),
        lower=lower,
    ),
    may_fail=True,
    batched=_triangular_solutions,
    pull_formula=("−({0}⁻ᵀ {bar}) {v}ᵀ", "{0}⁻ᵀ {bar}"),
    push_formula=("−{0}⁻¹ {dot} {v}", "{0}⁻¹ {dot}"),
)


_TRANS: dict[Any, Callable[[Any], Any] | None] = {
    **dict.fromkeys((0, "N")),
    **dict.fromkeys((1, "T"), transposed),
    **dict.fromkeys((2, "C"), conj_transposed),
}
"""How a matrix is transposed, by SciPy's ``trans``."""


def _solve_triangular(
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    if trans not in _TRANS:
        raise OptionError("trans must be 0, 1 or 2, or 'N', 'T' or 'C'")
    a, b = as_array(a), as_array(b)
    triangle, k = (np.tril, -1) if lower else (np.triu, 1)
    a = triangle(a, k) + np.eye(shape_of(a)[-1], dtype=a.dtype) if unit_diagonal else triangle(a)
    turn = _TRANS[trans]
    if turn is not None:
        a, lower = turn(a), not lower
    if len(shape_of(b)) == 1:
        return _triangular(a, b[:, None], lower=bool(lower))[..., 0]
    return _triangular(a, b, lower=bool(lower))


def _cholesky(
    a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> Any:
    return np.linalg.cholesky(as_array(a), upper=not lower)


def _cho_factor(
    a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> Any:
    """SciPy leaves the other triangle as it is."""
    a = as_array(a)
    return _cholesky(a, lower) + (np.triu(a, 1) if lower else np.tril(a, -1)), lower


def _cho_solve(
    c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True
) -> Any:
    c, lower = c_and_lower
    first, second = (0, "C") if lower else ("C", 0)
    return _solve_triangular(c, _solve_triangular(c, b, first, lower), second, lower)


# -- general systems -----------------------------------------------------------------------------

_READ: dict[Any, Callable[[Any, bool], Any]] = {
    **dict.fromkeys((None, "gen", "general", "banded"), lambda a, lower: a),
    **dict.fromkeys(("sym", "symmetric"), lambda a, lower: _symmetric_from(a, lower)),
    **dict.fromkeys(
        ("her", "hermitian", "pos", "positive definite"),
        lambda a, lower: hermitian_from(a, "L" if lower else "U"),
    ),
    "diagonal": lambda a, lower: np.triu(np.tril(a)),
    "tridiagonal": lambda a, lower: np.triu(np.tril(a, 1), -1),
    "upper triangular": lambda a, lower: np.triu(a),
    "lower triangular": lambda a, lower: np.tril(a),
}
"""The part of a matrix that is read, by SciPy's ``assume_a``."""


# Not "diagonal": SciPy 1.17 leaves the entries beside the diagonal as they are.
_READ_BY_INV = (
    *(None, "gen", "general", "sym", "her", "pos"),
    *("upper triangular", "lower triangular"),
)


def _symmetric_from(a: Any, lower: bool) -> Any:
    """Return the symmetric matrix of which only one triangle is read, also if it is complex."""
    half = np.tril(a) if lower else np.triu(a)
    return half + transposed(half) - half * np.eye(shape_of(a)[-1], dtype=a.dtype)


def _as_assumed(a: Any, assume_a: Any, lower: bool, known: Iterable[Any] = _READ) -> Any:
    if assume_a not in known:
        raise OptionError(f"assume_a must be one of {', '.join(filter(None, known))}")
    return _READ[assume_a](as_array(a), lower)


def _solve(
    a: Any,
    b: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    assume_a: Any = None,
    transposed: bool = False,
) -> Any:
    a, b = np.atleast_2d(as_array(a)), np.atleast_1d(as_array(b))
    if math.prod(shape_of(a)) == 1:  # SciPy divides any number of equations by it
        return b / a.reshape((1,) * (len(shape_of(a)) - (len(shape_of(b)) == 1)))
    a = _as_assumed(a, assume_a, lower)
    return np.linalg.solve(a.swapaxes(-1, -2) if transposed else a, b)


def _inv(
    a: Any,
    overwrite_a: bool = False,
    check_finite: bool = True,
    *,
    assume_a: Any = None,
    lower: bool = False,
) -> Any:
    return np.linalg.inv(_as_assumed(a, assume_a, lower, _READ_BY_INV))


def _pinv(
    a: Any,
    *,
    atol: Any = None,
    rtol: Any = None,
    return_rank: bool = False,
    check_finite: bool = True,
) -> Any:
    if atol or return_rank:
        raise OptionError("scipy.linalg.pinv has no derivative rule with atol= or return_rank=")
    a = as_array(a)
    if rtol is None:
        rtol = max(shape_of(a)[-2:]) * np.finfo(value_of(a).dtype).eps
    return np.linalg.pinv(a, rtol)


def _norm(
    a: Any,
    ord: Any = None,  # noqa: A002 - SciPy's name
    axis: Any = None,
    keepdims: bool = False,
    check_finite: bool = True,
) -> Any:
    return np.linalg.norm(a, ord, axis, keepdims)


def _eigvalsh(
    a: Any, b: Any = None, *, lower: bool = True, check_finite: bool = True, **others: Any
) -> Any:
    if b is not None or others:
        named = "b" if b is not None else next(iter(others))
        raise OptionError(f"scipy.linalg.eigvalsh has no derivative rule with {named}=")
    return np.linalg.eigvalsh(a, "L" if lower else "U")


# -- functions of matrices -----------------------------------------------------------------------


def _exponential(a: Any) -> Any:
    return _linalg().expm(a)


def _slope_of_exponential(a: Any, direction: Any) -> Any:
    """Return Fréchet's derivative: a block of the exponential of a matrix twice as large."""
    n = shape_of(a)[-1]
    above = np.concatenate([a, direction], -1)
    below = np.concatenate([np.zeros_like(value_of(direction)), a], -1)
    return _expm_rule(np.concatenate([above, below], -2))[..., :n, n:]


_expm_rule: Rule = Rule(
    "expm",
    _exponential,
    (lambda bar, v, a: _slope_of_exponential(transposed(a), bar),),
    lambda dots, v, a: _slope_of_exponential(a, dots[0]),
    may_fail=True,
    batched=lambda a: Batch(_expm_rule(a.stack)),
    pull_formula=("L({0}ᵀ, {bar})",),  # Fréchet's derivative
    push_formula=("L({0}, {dot})",),
)


def _expm(a: Any) -> Any:
    a = as_array(a)
    if shape_of(a) in ((), (1,)):
        return np.exp(a).reshape((1, 1))  # as SciPy does
    return _expm_rule(a)


def _solution_of_sylvester(a: Any, b: Any, q: Any) -> Any:
    return _linalg().solve_sylvester(a, b, q)


def _sylvester_pull(k: int, bar: Any, v: Any, a: Any, b: Any, q: Any) -> Any:
    right = _sylvester(transposed(a), transposed(b), bar)
    if k == 2:
        return right
    return -(right @ transposed(v)) if k == 0 else -(transposed(v) @ right)


def _sylvester_push(dots: Any, v: Any, a: Any, b: Any, q: Any) -> Any:
    da, db, dq = dots
    right = 0.0 if dq is None else dq
    right = right if da is None else right - da @ v
    return _sylvester(a, b, right if db is None else right - v @ db)


_SOLVED_BACK = "solve_sylvester({0}ᵀ, {1}ᵀ, {bar})"

_sylvester = Rule(
    "solve_sylvester",
    _solution_of_sylvester,
    _sylvester_pull,
    _sylvester_push,
    may_fail=True,
    pull_formula=(f"−{_SOLVED_BACK} {{v}}ᵀ", f"−{{v}}ᵀ {_SOLVED_BACK}", _SOLVED_BACK),
)


def _solve_lyapunov(a: Any, q: Any) -> Any:
    a, q = as_array(a), as_array(q)
    return _sylvester(a, conj_transposed(a), q)


def _square_root(a: Any) -> Any:
    root = _linalg().sqrtm(a)
    if is_complex(root) and not is_complex(a):
        raise UnsupportedOperationError(
            f"The square root of this matrix is complex, and has no derivative rule: {describe()}. "
            "Take it of a matrix whose eigenvalues are positive."
        )
    return root


def one_or_nan(root: Any) -> Any:
    """Return 1, or NaN for the root of a singular matrix up to rounding: its slope is infinite."""
    sizes = np.linalg.svd(root, compute_uv=False)
    rounding = sizes.shape[-1] * np.finfo(sizes.dtype).eps * sizes[..., :1]
    return np.where(sizes[..., -1:] > rounding, 1.0, np.nan)[..., None].astype(root.dtype)


def _slope_of_root(x: Any, root: Any) -> Any:
    return _sylvester(root, root, x) * as_decision(one_or_nan)(root)


_sqrtm_rule = Rule(
    "sqrtm",
    _square_root,
    (lambda bar, v, a: _slope_of_root(bar, transposed(v)),),
    lambda dots, v, a: _slope_of_root(dots[0], v),
    may_fail=True,
)


# -- special matrices ----------------------------------------------------------------------------


def _arranged(name: str, *arrays: Any) -> Any:
    """Return what a function of SciPy's gives that only puts entries in their places, and zeros.

    It puts positions there first, so that arrays of any shape are arranged as it does.
    """
    arrays = tuple(as_array(a) for a in arrays)
    entries = [np.zeros(1, np.result_type(*(a.dtype for a in arrays)))]
    positions, count = [], 1
    for array in arrays:
        size = math.prod(shape_of(array))
        positions.append(np.arange(count, count + size).reshape(shape_of(array)))
        entries.append(np.ravel(array))
        count += size
    return np.concatenate(entries)[getattr(_linalg(), name)(*positions)]


def _toeplitz(c: Any, r: Any = None) -> Any:
    c = as_array(c)
    return _arranged("toeplitz", c, np.conj(c) if r is None else r)


def _hankel(c: Any, r: Any = None) -> Any:
    return _arranged("hankel", c) if r is None else _arranged("hankel", c, r)


LINALG_RULES: dict[str, Callable[..., Any]] = {
    "solve": _solve,
    "solve_triangular": _solve_triangular,
    "inv": _inv,
    "pinv": _pinv,
    "det": lambda a, overwrite_a=False, check_finite=True: np.linalg.det(a),
    "cholesky": _cholesky,
    "cho_factor": _cho_factor,
    "cho_solve": _cho_solve,
    "eigvalsh": _eigvalsh,
    "svdvals": lambda a, overwrite_a=False, check_finite=True: np.linalg.svdvals(a),
    "norm": _norm,
    "expm": lambda A: _expm(A),  # noqa: N803 - SciPy's name
    "sqrtm": lambda A: _sqrtm_rule(as_array(A)),  # noqa: N803
    "solve_sylvester": lambda a, b, q: _sylvester(as_array(a), as_array(b), as_array(q)),
    "solve_continuous_lyapunov": _solve_lyapunov,
    "toeplitz": _toeplitz,
    "hankel": _hankel,
    "circulant": lambda c: _arranged("circulant", c),
    "leslie": lambda f, s: _arranged("leslie", f, s),
    "block_diag": lambda *arrs: _arranged("block_diag", *arrs),
}
"""The rules by the names of SciPy's functions."""
