"""Products of traced arrays: of vectors, matrices and stacks of matrices, and contractions."""

from __future__ import annotations

import math
from collections.abc import Callable
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.variable import Variable
from adviz.host.errors import OptionError
from adviz.rules.advice import no_rule
from adviz.rules.array_rules import RULES
from adviz.rules.memory import memory_of
from adviz.rules.operands import as_array, gathered
from adviz.rules.reductions import sum_of
from adviz.rules.scipy_sparse import is_sparse, sparse_product
from adviz.rules.shapes import laid_out_like

__all__ = ["PRODUCTS"]


_product = RULES["matmul"]


def _matmul(a: Any, b: Any) -> Any:
    try:
        return _product(a, b)
    except (TypeError, ValueError):
        if is_sparse(a) or is_sparse(b):
            return sparse_product(a, b)
        if shape_of(gathered(a)) == () or shape_of(gathered(b)) == ():
            raise no_rule("@", _getframe(1)) from None
        raise


def _dot(a: Any, b: Any) -> Any:
    if is_sparse(a) or is_sparse(b):
        return sparse_product(a, b)
    a, b = as_array(a), as_array(b)
    if a.shape == () or b.shape == ():
        return a * b
    if len(a.shape) <= 2 and len(b.shape) <= 2:
        return _product(a, b)
    return _tensordot(a, b, (-1, -2 if len(b.shape) > 1 else -1))


def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    a, b = as_array(a), as_array(b)
    if isinstance(axes, int):
        axes = (range(-axes, 0), range(axes))
    of_a, of_b = ([x] if isinstance(x, int) else list(x) for x in axes)
    of_a, of_b = [x % len(a.shape) for x in of_a], [x % len(b.shape) for x in of_b]
    rest_a = [k for k in range(len(a.shape)) if k not in of_a]
    rest_b = [k for k in range(len(b.shape)) if k not in of_b]
    shape_a, shape_b = [a.shape[k] for k in rest_a], [b.shape[k] for k in rest_b]
    length = math.prod(a.shape[k] for k in of_a)
    left = a.transpose([*rest_a, *of_a]).reshape((math.prod(shape_a), length))
    right = b.transpose([*of_b, *rest_b]).reshape((length, math.prod(shape_b)))
    return (left @ right).reshape((*shape_a, *shape_b))[()]


def _inner(a: Any, b: Any) -> Any:
    a, b = as_array(a), as_array(b)
    return a * b if a.shape == () or b.shape == () else _tensordot(a, b, (-1, -1))


def _outer(a: Any, b: Any) -> Any:
    return np.ravel(as_array(a))[:, None] * np.ravel(as_array(b))[None, :]


def _vdot(a: Any, b: Any) -> Any:
    return np.sum(np.conj(np.ravel(as_array(a))) * np.ravel(as_array(b)))


def _kron(a: Any, b: Any) -> Any:
    a, b = as_array(a), as_array(b)
    n = max(len(a.shape), len(b.shape))
    of_a = (1,) * (n - len(a.shape)) + a.shape
    of_b = (1,) * (n - len(b.shape)) + b.shape
    a = a.reshape([x for length in of_a for x in (length, 1)])
    b = b.reshape([x for length in of_b for x in (1, length)])
    return (a * b).reshape([x * y for x, y in zip(of_a, of_b, strict=True)])


def _cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(as_array(a), axisa, -1), np.moveaxis(as_array(b), axisb, -1)
    lengths = a.shape[-1], b.shape[-1]
    if not {2, 3}.issuperset(lengths):
        raise OptionError(f"the vectors have {lengths[0]} and {lengths[1]} entries, not 2 or 3")
    a0, a1, a2 = (a[..., k] if k < lengths[0] else 0.0 * a[..., 0] for k in range(3))
    b0, b1, b2 = (b[..., k] if k < lengths[1] else 0.0 * b[..., 0] for k in range(3))
    if lengths == (2, 2):
        return a0 * b1 - a1 * b0
    products = [a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0]
    return np.moveaxis(np.stack(products, axis=-1), -1, axisc)


def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    return np.diagonal(a, offset, axis1, axis2).sum(axis=-1, dtype=dtype)


_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _einsum(subscripts: Any, *operands: Any, optimize: Any = False) -> Any:
    if not isinstance(subscripts, str):
        subscripts, operands = _with_letters((subscripts, *operands))
    arrays = [as_array(operand) for operand in operands]
    result = _contraction(subscripts, arrays)
    if optimize is False or result.__class__ is not Variable or len(result.shape) < 2:
        return result
    place = np.einsum(subscripts, *map(memory_of, arrays), optimize=optimize)
    return laid_out_like(result, place)  # the order in memory depends on the path


def _with_letters(pairs: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """Return the subscripts as letters where each operand is followed by a list of numbers."""
    count = len(pairs) // 2
    names = [
        "".join("..." if index is Ellipsis else _LETTERS[index] for index in indices)
        for indices in (*pairs[1::2], *pairs[2 * count :])
    ]
    letters = ",".join(names[:count])
    return "->".join([letters, *names[count:]]), pairs[: 2 * count : 2]


def _contraction(subscripts: str, arrays: list[Any]) -> Any:
    arrays = list(arrays)
    terms, arrow, result = subscripts.replace(" ", "").partition("->")
    names = terms.split(",")
    free = [letter for letter in _LETTERS if letter not in subscripts]
    extra = max(
        [len(a.shape) - len(n) + 3 for n, a in zip(names, arrays, strict=True) if "..." in n],
        default=0,
    )
    dots = "".join(free[:extra])
    for k, (name, array) in enumerate(zip(names, arrays, strict=True)):
        broadcast_count = len(array.shape) - len(name.replace("...", ""))
        names[k] = name.replace("...", dots[extra - broadcast_count :] if broadcast_count else "")
    if not arrow:
        letters = sorted(set("".join(names)) - set(dots))
        result = "..." + "".join(x for x in letters if "".join(names).count(x) == 1)
    final = result.replace("...", dots)
    if len(names) == 1 and final and set(final) == set(names[0]):  # nothing is summed
        return RULES["einsum_view"](arrays[0], subscripts=names[0] + "->" + final)
    for k, name in enumerate(names):
        for letter in dict.fromkeys(name):
            while name.count(letter) > 1:  # an index twice in one operand: the diagonal
                first = name.index(letter)
                second = name.index(letter, first + 1)
                arrays[k] = np.diagonal(arrays[k], 0, first, second)
                name = name[:first] + name[first + 1 : second] + name[second + 1 :] + letter
        names[k] = name
    for k, name in enumerate(names):  # a broadcast axis of length 1 is dropped
        ones = [
            j
            for j, letter in enumerate(name)
            if arrays[k].shape[j] == 1
            and any(
                letter in other and arrays[i].shape[other.index(letter)] > 1
                for i, other in enumerate(names)
            )
        ]
        if ones:
            arrays[k] = np.squeeze(arrays[k], tuple(ones))
            names[k] = "".join(letter for j, letter in enumerate(name) if j not in ones)
    return RULES["einsum"](*arrays, subscripts=",".join(names) + "->" + final)


def _vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return sum_of(np.conj(as_array(x1)) * as_array(x2), axis=axis)


def _matvec(x1: Any, x2: Any) -> Any:
    return (as_array(x1) @ as_array(x2)[..., None])[..., 0]


def _vecmat(x1: Any, x2: Any) -> Any:
    return (np.conj(as_array(x1))[..., None, :] @ as_array(x2))[..., 0, :]


PRODUCTS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.matmul: _matmul,
    np.dot: _dot,
    np.inner: _inner,
    np.outer: _outer,
    np.vdot: _vdot,
    np.vecdot: _vecdot,
    np.matvec: _matvec,
    np.vecmat: _vecmat,
    np.tensordot: _tensordot,
    np.einsum: _einsum,
    np.kron: _kron,
    np.cross: _cross,
    np.trace: _trace,
}
