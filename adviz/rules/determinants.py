"""Determinants, also of singular matrices.

The slope of a determinant is the matrix of cofactors, det(a) a⁻ᵀ where there is an inverse.
Cofactors are polynomials in the entries, so they exist for every matrix: those of U S Vᵀ are
det(U) det(V) U cof(S) Vᵀ, and each entry on the diagonal of cof(S) is the product of the other
singular values (G. W. Stewart, *On the adjugate matrix*, Linear Algebra Appl. 283, 1998). Their
own slope is made of the products of all singular values but two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import is_complex, shape_of
from adviz.host.errors import UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.batching import Batch, aligned
from adviz.rules.nondifferentiable import as_decision
from adviz.rules.operands import as_array
from adviz.rules.product_rules import transposed
from adviz.rules.rule import Rule
from adviz.rules.spectra import per_matrix

__all__ = ["determinant", "sign_and_log"]

_MAX_CONDITION = 1e4
"""The condition number up to which cofactors are computed from the inverse, which is faster."""


def _inner_product(a: Any, b: Any) -> Any:
    """Return the sum of the products of the entries of two matrices."""
    return (a * b).sum(axis=(-2, -1))


def _traces(a: Any) -> Any:
    return per_matrix(np.trace(a, axis1=-2, axis2=-1))


def _accurate_inverse(a: Any) -> Any:
    """Return the inverses of a stack of matrices, None if one has too few accurate digits."""
    try:
        inverse = np.linalg.inv(a)
    except np.linalg.LinAlgError:
        return None
    if a.size == 0:
        return inverse
    condition = a.shape[-1] * abs(a).max() * abs(inverse).max()  # or less
    return inverse if condition <= _MAX_CONDITION else None


def _bases(a: Any) -> tuple[Any, Any, Any, Any]:
    """Return sign, U, s and Vᵀ, with a = conj(U) S conj(Vᵀ) and cof(a) = sign U cof(S) Vᵀ."""
    u, s, vt = np.linalg.svd(a)
    sign = np.linalg.det(u) * np.linalg.det(vt)
    return per_matrix(sign), np.conj(u), s, np.conj(vt)


def _cofactors_of(a: Any) -> Any:
    inverse = _accurate_inverse(a)
    if inverse is not None:
        return per_matrix(np.linalg.det(a)) * transposed(inverse)
    sign, u, s, vt = _bases(a)
    same = np.eye(s.shape[-1], dtype=bool)
    products = np.prod(np.where(same, 1, s[..., None, :]), axis=-1)  # of all but one
    return sign * (u * products[..., None, :]) @ vt


def _cofactor_slope_of(a: Any, x: Any) -> Any:
    inverse = _accurate_inverse(a)
    if inverse is not None:
        turned = inverse @ x
        core = _traces(turned) * np.eye(a.shape[-1], dtype=a.dtype) - turned
        return per_matrix(np.linalg.det(a)) * transposed(core @ inverse)
    sign, u, s, vt = _bases(a)
    same = np.eye(s.shape[-1], dtype=bool)
    products = np.prod(np.where(same[:, None] | same, 1, s[..., None, None, :]), axis=-1)
    products = products * ~same  # of all but two
    turned = transposed(u) @ x @ transposed(vt)
    diagonal = products @ np.diagonal(turned, 0, -2, -1)[..., None]
    return sign * u @ (diagonal * same - products * transposed(turned)) @ vt


def _inverse_of_regular(a: Any) -> Any:
    epsilon = np.finfo(a.dtype).eps
    if a.size and np.any(np.linalg.cond(a) > 1 / (a.shape[-1] * epsilon)):
        raise UnsupportedOperationError(
            "A determinant of a singular matrix has no derivative rule of the third order: "
            f"{describe()}. Write the determinant out in products."
        )
    return np.linalg.inv(a)


def _inverse_or_nan(a: Any) -> Any:
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        is_regular = per_matrix(np.linalg.slogdet(a)[0] != 0)
        inverse = np.linalg.inv(np.where(is_regular, a, np.eye(a.shape[-1], dtype=a.dtype)))
        return np.where(is_regular, inverse, np.nan).astype(a.dtype, copy=False)


def _inverse_rule(evaluate: Callable[..., Any]) -> Rule:
    rule: Rule = Rule(
        "inv",
        evaluate,
        (lambda bar, v, a: -(transposed(v) @ bar @ transposed(v)),),
        lambda dots, v, a: -(v @ dots[0] @ v),
        pull_formula=("−{v}ᵀ {bar} {v}ᵀ",),
        push_formula=("−{v} {dot} {v}",),
        batched=lambda a: Batch(rule(a.stack)),
    )
    return rule


_regular, _nan_if_singular = _inverse_rule(_inverse_of_regular), _inverse_rule(_inverse_or_nan)


def _second_slope(a: Any, x: Any, y: Any) -> Any:
    """Return the change of the slope of the cofactors in direction x for a change y of a."""
    inverse = _regular(a)
    x, y = inverse @ x, inverse @ y
    products, scale = x @ y, per_matrix(_det(a))
    on_diagonal = _traces(x) * _traces(y) - _traces(products)
    core = on_diagonal * np.eye(shape_of(a)[-1], dtype=a.dtype) - _traces(y) * x - _traces(x) * y
    return scale * transposed((core + products + y @ x) @ inverse)


_cofactor_slope: Rule = Rule(
    "slope of cofactors",
    _cofactor_slope_of,
    (
        lambda bar, v, a, x: _second_slope(a, x, bar),
        lambda bar, v, a, x: _cofactor_slope(a, bar),
    ),
    lambda dots, v, a, x: (
        (0.0 if dots[0] is None else _second_slope(a, x, dots[0]))
        + (0.0 if dots[1] is None else _cofactor_slope(a, dots[1]))
    ),
    batched=lambda a, x: Batch(_cofactor_slope(*aligned([a, x]))),
)
"""The change of the cofactors of a for a change x of a; in x it is its own transpose."""

_cofactors: Rule = Rule(
    "cofactors",
    _cofactors_of,
    (lambda bar, v, a: _cofactor_slope(a, bar),),
    lambda dots, v, a: _cofactor_slope(a, dots[0]),
    batched=lambda a: Batch(_cofactors(a.stack)),
)

_det: Rule = Rule(
    "det",
    np.linalg.det,
    (lambda bar, v, a: per_matrix(bar) * _cofactors(a),),
    lambda dots, v, a: _inner_product(dots[0], _cofactors(a)),
    pull_formula=("{bar}·{v}·{0}⁻ᵀ",),
    push_formula=("{v}·trace({0}⁻¹ {dot})",),
)


def _logdet_push(dots: Any, v: Any, a: Any) -> Any:
    trace = _inner_product(dots[0], transposed(_nan_if_singular(a)))
    return np.real(trace) if is_complex(a) else trace


_logdet = Rule(
    "log|det|",
    lambda a: np.linalg.slogdet(a)[1],
    (lambda bar, v, a: per_matrix(bar) * transposed(_nan_if_singular(a)),),
    _logdet_push,
    pull_formula=("{bar}·{0}⁻ᵀ",),
    push_formula=("trace({0}⁻¹ {dot})",),
)


_direction = Rule(  # of a complex determinant, on the unit circle
    "sign of det",
    lambda a: np.linalg.slogdet(a)[0],
    (lambda bar, v, a: per_matrix(-1j * np.real(1j * bar * v)) * transposed(_nan_if_singular(a)),),
    lambda dots, v, a: 1j * v * np.imag(_inner_product(dots[0], transposed(_nan_if_singular(a)))),
)


def determinant(a: Any) -> Any:
    """Return the determinants of a stack of matrices."""
    return _det(as_array(a))


def sign_of_det(a: Any) -> Any:
    """Return the sign of a real determinant, which has no derivative."""
    return np.linalg.slogdet(a)[0]


def sign_and_log(a: Any) -> Any:
    """Return the sign and log |det(a)|; the slope of that is NaN where a is singular."""
    a = as_array(a)
    sign = _direction(a) if is_complex(a) else as_decision(sign_of_det)(a)
    return type(np.linalg.slogdet(np.eye(1)))(sign, _logdet(a))
