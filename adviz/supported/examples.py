"""Every NumPy function of arrays that has a derivative: how it is used, and what is pulled back.

An example is an expression in arrays a, b, c; statements before it end with semicolons. The tests
compare every example with differences, in both modes and to the second order, and the printed
catalogue shows them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["EXAMPLES", "NAMES", "Entry", "Example"]

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Example:
    """A use of a function: its source, the shapes of a, b and c, and whether they are positive."""

    source: str
    shapes: tuple[Shape, ...]
    positive: bool = False

    def __call__(self, *arrays: Any, names: dict[str, Any] | None = None) -> Any:
        """Run the example.

        Parameters
        ----------
        *arrays
            The values of a, b and c.
        names : dict, optional
            The values of all other names, by default ``NAMES``.

        Examples
        --------
        >>> Example("np.sum(a * b)", ((2,), (2,)))(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
        np.float64(11.0)
        """
        scope = {**(NAMES if names is None else names)}
        scope.update(zip("abc", arrays, strict=False))
        statements, _, result = self.source.rpartition("; ")
        exec(statements, scope)
        return eval(result, scope)


@dataclass(frozen=True)
class Entry:
    """What is pulled back through a function, and examples of its use."""

    back: str
    examples: tuple[Example, ...]


NAMES: dict[str, Any] = {
    "np": np,
    "row": np.array([0.5, -1.5, 2.0, 1.0]),
    "mask": np.array([True, False, True, True]),
    "key": np.array([2, 0, 2, 1]),
}
"""The names that examples use besides a, b and c."""


def _of(source: str, *shapes: Shape, positive: bool = False) -> Example:
    return Example(source, shapes, positive)


def _entry(back: str, *examples: Example) -> Entry:
    return Entry(back, examples)


M34, M4, M33, M43, V3, V4 = (3, 4), (4, 4), (3, 3), (4, 3), (3,), (4,)
_SPD = "s = a @ np.swapaxes(a, -1, -2) + np.diag([1.0, 2.0, 3.0]); "
_GAPS = "with_nan = np.where(mask, a, np.nan); "

_SPREAD = "the adjoint, spread over what was summed"
_PLACES = "every entry's adjoint, back to the place it came from"
_SAME = "the adjoint, in the old shape"
_CUT = "to each part its piece of the adjoint"
_BY_SORT = "to the entries that stand at that place in order"
_MATMUL = "ȳ·bᵀ to a, aᵀ·ȳ to b"
_SYMMETRIC = "V·diag(w̄)·Vᵀ, and for V the gaps between eigenvalues divide"

EXAMPLES: dict[Callable[..., Any], Entry] = {
    # reductions
    np.sum: _entry(
        _SPREAD,
        _of("np.sum(a)", M34),
        _of("np.sum(a, axis=1)", M34),
        _of("a.sum(axis=(0, -1), keepdims=True)", (2, 3, 4)),
        _of("np.sum(a, axis=0, where=mask, initial=2.0, dtype=float) ** 2", M34),
        _of("np.add.reduce(a) * a", V4),
        _of("np.add.reduceat(a, [0, 2, 1], axis=1)", M34),
    ),
    np.mean: _entry(
        "the adjoint, spread and divided by the count",
        _of("np.mean(a, axis=0)", M34),
        _of("a.mean(axis=-1, keepdims=True) * a", M34),
        _of("np.mean(a, axis=1, where=mask)", M34),
    ),
    np.max: _entry(
        "all to the largest entry; those that tie share it",
        _of("np.max(a, axis=1) * a.max()", M34),
        _of("np.max(a, axis=1, initial=0.3, where=mask)", M34),
        _of("np.maximum.accumulate(a, axis=1)", M34),
        _of("np.minimum.accumulate(a)", M34),
    ),
    np.amax: _entry("as max", _of("np.amax(a, 0)", M34)),
    np.min: _entry(
        "all to the smallest entry; those that tie share it",
        _of("np.min(a, axis=(0, 1)) * np.minimum.reduce(a)", M34),
    ),
    np.amin: _entry("as min", _of("np.amin(a, 0)", M34)),
    np.prod: _entry(
        "to each entry the product of the others",
        _of("np.prod(a, axis=0)", M34),
        _of("np.prod(a, axis=(0, 2), keepdims=True)", (2, 3, 4)),
        _of("np.prod(a * np.array([1.0, 0.0, 1.0, 1.0]))", V4),
        _of("np.prod(a, axis=1, where=mask, initial=3.0)", M34),
    ),
    np.var: _entry(
        "2 (a − mean) / count",
        _of("np.var(a, axis=1, ddof=1)", M34),
        _of("a.var(axis=0, where=mask[:3, None])", M34),
    ),
    np.std: _entry("(a − mean) / (count · std)", _of("a.std(axis=0)", M34)),
    np.ptp: _entry(
        "to the largest entry, and negated to the smallest", _of("np.ptp(a, axis=1)", M34)
    ),
    np.cumsum: _entry(
        "the sums of the adjoint from the end",
        _of("np.cumsum(a, axis=1) * np.cumsum(a).reshape(3, 4)", M34),
    ),
    np.cumprod: _entry(
        "to each entry the products it is in, without it",
        _of("np.cumprod(a, axis=1)", M34),
        _of("np.multiply.accumulate(a)", M34),
    ),
    np.cumulative_sum: _entry(
        "as cumsum", _of("np.cumulative_sum(a, axis=1, include_initial=True)", M34)
    ),
    np.cumulative_prod: _entry("as cumprod", _of("np.cumulative_prod(a, axis=0)", M34)),
    np.nansum: _entry("as sum; 0 to a NaN", _of(_GAPS + "np.nansum(with_nan ** 2)", V4)),
    np.nanprod: _entry("as prod; 0 to a NaN", _of(_GAPS + "np.nanprod(with_nan)", V4)),
    np.nanmax: _entry("as max; 0 to a NaN", _of(_GAPS + "np.nanmax(with_nan) * a", V4)),
    np.nanmin: _entry("as min; 0 to a NaN", _of(_GAPS + "np.nanmin(with_nan) * a", V4)),
    np.nancumsum: _entry("as cumsum; 0 to a NaN", _of(_GAPS + "np.nancumsum(with_nan) * a", V4)),
    np.nancumprod: _entry("as cumprod; 0 to a NaN", _of(_GAPS + "np.nancumprod(with_nan)", V4)),
    np.nanmean: _entry(
        "as mean; 0 to a NaN",
        _of(_GAPS + "np.nanmean(with_nan) * a", V4),
        _of(_GAPS + "np.nanmean(with_nan, axis=1, keepdims=True)", M34),
    ),
    np.nanvar: _entry("as var; 0 to a NaN", _of(_GAPS + "np.nanvar(with_nan)", V4)),
    np.nanstd: _entry("as std; 0 to a NaN", _of(_GAPS + "np.nanstd(with_nan, ddof=1)", V4)),
    # statistics
    np.sort: _entry(
        _PLACES,
        _of("np.sort(a, axis=0) * row", M34),
        _of("np.sort(a, axis=None)[3:5] ** 2", M34),
    ),
    np.median: _entry(_BY_SORT, _of("np.median(a, axis=1) ** 2", M34), _of("np.median(a) * a", V4)),
    np.quantile: _entry(
        _BY_SORT,
        _of("np.quantile(a, [0.2, 0.7], axis=1, keepdims=True) * a", M34),
        _of("np.quantile(a, 0.4, axis=0, method='higher')", M34),
    ),
    np.percentile: _entry(_BY_SORT, _of("np.percentile(a, 35.0) * a", M34)),
    np.nanmedian: _entry(
        "as median; 0 to a NaN", _of(_GAPS + "np.nanmedian(with_nan, axis=1)", M34)
    ),
    np.nanquantile: _entry(
        "as quantile; 0 to a NaN", _of(_GAPS + "np.nanquantile(with_nan, [0.3, 0.8])", M34)
    ),
    np.nanpercentile: _entry(
        "as percentile; 0 to a NaN", _of(_GAPS + "np.nanpercentile(with_nan, 30, axis=1)", M34)
    ),
    np.average: _entry(
        "the weights over their sum; to a weight (a − average) over it",
        _of("np.average(a, axis=1, weights=b)", M34, V4, positive=True),
        _of("np.average(a, axis=1, weights=b)", M34, M34, positive=True),
        _of("np.average(a) * a", M34),
    ),
    np.cov: _entry(
        "(c̄ + c̄ᵀ) times what is centred, over the count",
        _of("np.cov(a)", M34),
        _of("np.cov(a, b, bias=True)", V4, V4),
    ),
    np.corrcoef: _entry("as cov, divided by the spreads", _of("np.corrcoef(a)", M34)),
    # products
    np.matmul: _entry(
        _MATMUL,
        _of("a @ b", M34, (4, 2)),
        _of("a @ b", V4, V4),
        _of("np.matmul(a, b)", M34, V4),
        _of("a @ b", V3, M34),
        _of("a @ b", (2, 3, 4), (4, 2)),
        _of("a @ b", (2, 3, 4), V4),
        _of("a @ b", V4, (2, 4, 3)),
        _of("a @ b", (2, 1, 3, 4), (5, 4, 2)),
    ),
    np.dot: _entry(
        _MATMUL,
        _of("np.dot(a, b)", M34, (4, 2)),
        _of("a.dot(b)", M34, V4),
        _of("np.dot(a, b)", M34, ()),
        _of("np.dot(a, b)", (2, 3, 4), (2, 4, 2)),
    ),
    np.inner: _entry("ȳ·b to a, ȳᵀ·a to b", _of("np.inner(a, b)", M34, (2, 4))),
    np.outer: _entry(
        "ȳ·b to a, ȳᵀ·a to b", _of("np.outer(a, b)", V3, V4), _of("np.multiply.outer(a, b)", V3, V4)
    ),
    np.vdot: _entry("ȳ times the other vector", _of("np.vdot(a, b)", M34, M34)),
    np.vecdot: _entry(
        "ȳ times the other vector",
        _of("np.vecdot(a, b)", M34, M34),
        _of("np.vecdot(a, b)", (2, 3, 4), V4),
    ),
    np.matvec: _entry(
        _MATMUL, _of("np.matvec(a, b)", M34, V4), _of("np.matvec(a, b)", M34, (2, 4))
    ),
    np.vecmat: _entry(
        _MATMUL, _of("np.vecmat(a, b)", V3, M34), _of("np.vecmat(a, b)", (2, 3), M34)
    ),
    np.tensordot: _entry(
        "the adjoint contracted with the other operand",
        _of("np.tensordot(a, b, ([1, 2], [1, 0]))", (2, 3, 4), (4, 3)),
        _of("np.tensordot(a, b)", (2, 3, 4), (3, 4, 2)),
    ),
    np.einsum: _entry(
        "the adjoint contracted with the other operands",
        _of("np.einsum('ij,jk->ki', a, b)", M34, (4, 2)),
        _of("np.einsum('ii->i', a) * np.einsum('ii', a)", M33),
        _of("np.einsum('ij->i', a) ** 2", M34),
        _of("np.einsum('...j,jk', a, b)", (2, 3, 4), (4, 2)),
        _of("np.einsum('ij,ij,j', a, b, c)", M34, M34, V4),
    ),
    np.kron: _entry(
        "each block of the adjoint times the other", _of("np.kron(a, b)", (2, 3), (2, 2))
    ),
    np.cross: _entry(
        "b × ȳ to a, ȳ × a to b",
        _of("np.cross(a, b)", M43, M43),
        _of("np.cross(a, b)", M43, V3),
        _of("np.cross(a, b, axis=0)", M34, M34),
    ),
    np.trace: _entry(
        "the adjoint along the diagonal", _of("np.trace(a, offset=1) * a.trace()", M34)
    ),
    # shapes
    np.reshape: _entry(
        _SAME,
        _of("a.reshape(2, -1) * np.reshape(a, (2, 6))", M34),
        _of("np.reshape(a, (4, 3), order='F')", M34),
    ),
    np.ravel: _entry(_SAME, _of("np.ravel(a) * a.flatten()", M34), _of("a.ravel(order='F')", M34)),
    np.transpose: _entry(
        "the adjoint, transposed back",
        _of("np.transpose(a, (1, 2, 0))", (2, 3, 4)),
        _of("a.T @ a", M34),
    ),
    np.matrix_transpose: _entry(
        "the adjoint, transposed back", _of("np.matrix_transpose(a) @ a.mT.mT", (2, 3, 4))
    ),
    np.swapaxes: _entry("the adjoint, swapped back", _of("a.swapaxes(0, 2)", (2, 3, 4))),
    np.moveaxis: _entry("the adjoint, moved back", _of("np.moveaxis(a, 0, -1)", (2, 3, 4))),
    np.rollaxis: _entry("the adjoint, moved back", _of("np.rollaxis(a, 2)", (2, 3, 4))),
    np.expand_dims: _entry(_SAME, _of("np.expand_dims(a, 1) * a[:, None]", M34)),
    np.squeeze: _entry(_SAME, _of("np.squeeze(a) * a.squeeze(1)", (3, 1, 4))),
    np.atleast_1d: _entry(_SAME, _of("np.atleast_1d(a) * row", ())),
    np.atleast_2d: _entry(
        _SAME,
        _of("np.atleast_2d(a).T @ np.atleast_2d(a)", V4),
        _of("np.multiply(*np.atleast_2d(a, b))", V4, M34),
    ),
    np.atleast_3d: _entry(_SAME, _of("np.atleast_3d(a)", M34)),
    np.broadcast_to: _entry(
        "the adjoint, summed over the axes that were added",
        _of("np.broadcast_to(a, (2, 3, 4)) * row", (3, 1)),
    ),
    np.broadcast_arrays: _entry(
        "the adjoints, summed over the axes that were added",
        _of("np.multiply(*np.broadcast_arrays(a, b))", (3, 1), V4),
        _of("np.multiply(*np.broadcast_arrays(a, b))", M34, M34),
    ),
    np.meshgrid: _entry(
        "the adjoints, summed over the axes that were added",
        _of("np.multiply(*np.meshgrid(a, b))", V3, V4),
        _of("np.subtract(*np.meshgrid(a, b, indexing='ij', sparse=True)) ** 2", V3, V4),
    ),
    np.concatenate: _entry(
        _CUT,
        _of("np.concatenate([a, b, a], axis=1)", M34, (3, 2)),
        _of("np.concatenate([a, np.ones((1, 4))])", M34),
        _of("np.concatenate([a, b], axis=None)", M34, V4),
    ),
    np.stack: _entry(
        _CUT,
        _of("np.stack([a, b, row], axis=1)", V4, V4),
        _of("np.array([a[0] * a[1], 2.0 * a[2]]) * a[:2]", V4),
        _of("np.sum([x * x for x in a]) * a", V4),
        _of("np.linalg.det(np.array([[a[0], a[1]], [a[2], a[0]]], like=a))", V4),
    ),
    np.vstack: _entry(_CUT, _of("np.vstack([a, b])", V4, M34)),
    np.hstack: _entry(_CUT, _of("np.hstack([a, b])", M34, (3, 2))),
    np.dstack: _entry(_CUT, _of("np.dstack([a, b])", M34, M34)),
    np.column_stack: _entry(_CUT, _of("np.column_stack([a, b])", V3, M34)),
    np.block: _entry(_CUT, _of("np.block([[a, b], [c, np.eye(2)]])", M34, (3, 2), (2, 4))),
    np.append: _entry(
        _CUT, _of("np.append(a, b)", M34, V4), _of("np.append(a, b, axis=0)", M34, (1, 4))
    ),
    np.insert: _entry(
        _CUT,
        _of("np.insert(a, [1, 3], b, axis=1)", M34, (3, 2)),
        _of("np.insert(a, 1, b, axis=0)", M34, ()),
    ),
    np.split: _entry(_PLACES, _of("np.multiply(*np.split(a, 2, axis=1))", M34)),
    np.array_split: _entry(_PLACES, _of("np.array_split(a, 3)[0] * np.array_split(a, [1])[0]", V4)),
    np.hsplit: _entry(_PLACES, _of("np.multiply(*np.hsplit(a, 2))", M34)),
    np.vsplit: _entry(_PLACES, _of("np.multiply(*np.vsplit(a, 2))", M43)),
    np.dsplit: _entry(_PLACES, _of("np.multiply(*np.dsplit(a, 2))", (2, 3, 4))),
    np.unstack: _entry(_PLACES, _of("np.prod(np.stack(np.unstack(a, axis=1)), axis=0)", M34)),
    np.pad: _entry(
        "the inside of the adjoint; what was repeated adds up",
        _of("np.pad(a, ((1, 0), (2, 1)))", M34),
        _of("np.pad(a, 2, mode='reflect')", V4),
        _of("np.pad(a, 1, constant_values=3.0) ** 2", V4),
    ),
    np.tril: _entry("that triangle of the adjoint", _of("np.tril(a)", M33)),
    np.triu: _entry("that triangle of the adjoint", _of("np.triu(a, 1)", M34)),
    np.diag: _entry(_PLACES, _of("np.diag(a, 1)", V4), _of("np.diag(a, -1)", M33)),
    np.diagflat: _entry(_PLACES, _of("np.diagflat(a)", (2, 2))),
    np.diagonal: _entry(_PLACES, _of("np.diagonal(a, 0, -2, -1)", (2, 3, 3))),
    np.roll: _entry(_PLACES, _of("np.roll(a, 1, axis=1)", M34)),
    np.rot90: _entry(_PLACES, _of("np.rot90(a)", M34)),
    np.flip: _entry(_PLACES, _of("np.flip(a, 0)", M34)),
    np.fliplr: _entry(_PLACES, _of("np.fliplr(a)", M34)),
    np.flipud: _entry(_PLACES, _of("np.flipud(a)", M34)),
    np.tile: _entry("the adjoints of all copies, summed", _of("np.tile(a, (2, 1, 2))", M34)),
    np.repeat: _entry(
        "the adjoints of all copies, summed", _of("np.repeat(a, [1, 0, 2], axis=0)", M34)
    ),
    np.lib.stride_tricks.sliding_window_view: _entry(
        "the adjoints of all copies, summed",
        _of("np.lib.stride_tricks.sliding_window_view(a, 3).mean(axis=-1) ** 2", (6,)),
        _of("np.lib.stride_tricks.sliding_window_view(a, (2, 2))", M34),
    ),
    np.resize: _entry("the adjoints of all copies, summed", _of("np.resize(a, (2, 7))", M34)),
    np.take: _entry(
        "back to the places taken; one taken twice adds up", _of("np.take(a, key, axis=1)", M34)
    ),
    np.take_along_axis: _entry(
        "back to the places taken; one taken twice adds up",
        _of("np.take_along_axis(a, key[None, :] % 3, axis=0)", M34),
    ),
    np.delete: _entry("0 to what was left out", _of("np.delete(a, 1, axis=0)", M34)),
    np.copy: _entry("the adjoint itself", _of("np.copy(a) * +a", M34)),
    np.astype: _entry("the adjoint itself", _of("np.astype(a, np.float64) * a.astype(float)", M34)),
    # arrays like another
    np.zeros_like: _entry(
        "nothing; assigned numbers get theirs",
        _of("y = np.zeros_like(a); y[1:] = a[:-1] ** 2; y[0, mask] = a[1, key[:3]]; y", M34),
        _of("y = np.zeros(3, like=a); y[1] = a[0]; y * a[:3]", V4),
    ),
    np.empty_like: _entry(
        "nothing; assigned numbers get theirs", _of("y = np.empty_like(a); y[:] = a ** 2; y", M34)
    ),
    np.ones_like: _entry("nothing", _of("np.ones_like(a) / (a * a + 1)", M34)),
    np.full_like: _entry(
        "the sum of the adjoint, to the number that fills",
        _of("np.full_like(a, 2.0) ** a", M34),
        _of("np.full_like(a, b) * a", M34, ()),
        _of("np.full_like(a, b) * a", M34, V4),
        _of("np.full_like(a, b) * a", M34, M34),
    ),
    np.linspace: _entry(
        "to each end what is near it, in proportion",
        _of("np.linspace(a, b, 5) ** 2", (), ()),
        _of("np.linspace(a, b, 4, endpoint=False, axis=1)", V3, V3),
        _of("np.linspace(a, b, 4)", M34, V4),
    ),
    np.logspace: _entry(
        "as linspace, times 10ʸ ln 10",
        _of("np.logspace(a, b, 3)", (), ()),
        _of("np.logspace(a, b, 3)", V4, V4),
        _of("np.logspace(a, b, 3)", V4, (3, 1)),
    ),
    np.geomspace: _entry(
        "as linspace of the logarithms",
        _of("np.geomspace(a, b, 4)", (), (), positive=True),
        _of("np.geomspace(a, b, 4)", V4, V4, positive=True),
        _of("np.geomspace(a, b, 4)", V4, (3, 1), positive=True),
    ),
    # indexing and selecting
    operator.getitem: _entry(
        "back to the places indexed; one indexed twice adds up",
        _of("a[1] * a[:, 2:3]", M34),
        _of("a[:, mask] * a[a[:, 0] > -10][:, key[:3]]", M34),
        _of("a[..., ::-1][key, [0, 1, 1, 3]]", M34),
        _of("a[None, 1:, None, 0] * a[0, 0]", M34),
        _of("np.sum(a)[None] * a", V4),
    ),
    operator.setitem: _entry(
        "to what was assigned; 0 to what it replaced",
        _of("y = np.zeros_like(a); y[1:] = a[:-1] ** 2; y += a; y[[0, 0], 1] = a[2, :2]; y", M34),
        _of("y = a.copy(); same = y; y *= a; y -= 2.0; y /= a * a + 1; y **= 2; same + a", M34),
        _of("y = a.copy(); y[1:] -= a[:-1]; y[0] *= b; y ** 2", M34, V4),
        _of(
            "y = a.copy(); np.add.at(y, ([0, 0], [1, 1]), b); np.subtract.at(y, 2, c); y",
            M34,
            (2,),
            V4,
        ),
        _of("y = a.copy(); y.T[1:3] += b; y.reshape(-1)[2] = b[0, 0]; y ** 2", M34, (2, 3)),
    ),
    np.where: _entry(
        "the adjoint, to the one that was chosen",
        _of("np.where(a > b, a * a, b)", M34, M34),
        _of("np.where(a > b, a * a, b)", M34, V4),
    ),
    np.select: _entry(
        "the adjoint, to the one that was chosen",
        _of("np.select([a > 1, a > 0], [a * a, a], -a)", M34),
        _of("np.select([a > b], [a * a], b)", M34, M34),
        _of("np.select([a > b], [a * a], b)", M34, V4),
    ),
    np.choose: _entry(
        "the adjoint, to the one that was chosen",
        _of("np.choose(key - (key == 2), [a, b])", M34, M34),
        _of("np.choose(key, [a, b, a * a])", M34, V4),
    ),
    np.piecewise: _entry(
        "the adjoint, through the function that was chosen",
        _of("np.piecewise(a, [a < 0, a > 0.5], [np.sin, 2.0, lambda x: x ** 3])", M34),
    ),
    np.clip: _entry(
        "the adjoint, inside the bounds",
        _of("np.clip(a, -0.5, 0.5) * a.clip(min=0.1)", M34),
        _of("np.clip(a, b, c)", M34, M34, M34),
        _of("np.clip(a, b, None)", M34, V4),
        _of("np.clip(a, None, b)", V4, M34),
    ),
    np.compress: _entry("0 to what was left out", _of("np.compress(mask, a, axis=1)", M34)),
    np.extract: _entry("0 to what was left out", _of("np.extract(a > -10, a)", M34)),
    np.nan_to_num: _entry(
        "0 to what was no number", _of(_GAPS + "np.nan_to_num(with_nan) * a", V4)
    ),
    np.partition: _entry(_PLACES, _of("np.sum(np.partition(a, 2, axis=1)[:, :2] ** 2)", M34)),
    np.unique: _entry("to the first of equal entries", _of("np.unique(a)[2:5]", M34)),
    np.unique_values: _entry("to the first of equal entries", _of("np.unique_values(a) ** 2", V4)),
    np.union1d: _entry("to the first of equal entries", _of("np.union1d(a, b) ** 2", V4, V3)),
    np.trim_zeros: _entry("0 to what was left out", _of("np.trim_zeros(a * mask)", V4)),
    np.fill_diagonal: _entry(
        "to what was assigned",
        _of("y = a.copy(); np.fill_diagonal(y, b); y ** 2", M33, V3),
        _of("y = a.copy(); np.fill_diagonal(y, b); y ** 2", M33, ()),
    ),
    np.put: _entry(
        "to what was assigned", _of("y = a.copy(); np.put(y, [1, 5], b); y ** 2", M34, (2,))
    ),
    np.put_along_axis: _entry(
        "to what was assigned",
        _of("y = a.copy(); np.put_along_axis(y, key[None] % 3, b, axis=0); y ** 2", M34, (1, 4)),
        _of("y = a.copy(); np.put_along_axis(y, key[None] % 3, b, axis=0); y ** 2", M34, ()),
    ),
    np.place: _entry(
        "to what was assigned", _of("y = a.copy(); np.place(y, y > -9, b); y ** 2", M34, (5,))
    ),
    np.putmask: _entry(
        "to what was assigned", _of("y = a.copy(); np.putmask(y, mask, b); y ** 2", V4, V4)
    ),
    np.copyto: _entry(
        "to what was assigned",
        _of("y = np.zeros_like(a); np.copyto(y, b, where=mask); y * a", M34, V4),
        _of("y = np.zeros_like(a); np.copyto(y, b); y * a", M34, M34),
    ),
    np.apply_along_axis: _entry(
        "through the function, line by line",
        _of("np.apply_along_axis(lambda x: np.sort(x) * x[0], 0, a)", M34),
        _of("np.apply_along_axis(np.prod, 1, a)", M34),
    ),
    np.apply_over_axes: _entry(
        "through the function, axis by axis",
        _of("np.apply_over_axes(np.sum, a, [0, 2]) * a", (2, 3, 4)),
    ),
    # numerics
    np.trapezoid: _entry(
        "half of each width beside it, to an ordinate",
        _of("np.trapezoid(a, b)", M34, M34),
        _of("np.trapezoid(a, b)", M34, V4),
        _of("np.trapezoid(a, dx=0.5, axis=0)", M34),
    ),
    np.diff: _entry(
        "the differences of the adjoint, negated",
        _of("np.diff(a, n=2)", M34),
        _of("np.diff(a, axis=0, prepend=b)", M34, (1, 4)),
    ),
    np.ediff1d: _entry(
        "the differences of the adjoint, negated", _of("np.ediff1d(a, to_begin=b)", M34, (2,))
    ),
    np.gradient: _entry(
        "to both neighbours, over twice the step",
        _of("np.gradient(a, 0.5)", V4),
        _of("np.stack(np.gradient(a, edge_order=2))", M34),
        _of("np.gradient(a, np.array([0.0, 0.4, 1.0, 1.1]), axis=1)", M34),
    ),
    np.convolve: _entry(
        "the adjoint correlated with the other",
        _of("np.convolve(a, b)", (5,), V3),
        _of("np.convolve(a, b, 'same')", V3, (6,)),
        _of("np.convolve(a, b, 'valid')", (6,), V3),
    ),
    np.correlate: _entry(
        "the adjoint convolved with the other", _of("np.correlate(a, b)", (6,), V3)
    ),
    np.interp: _entry(
        "the slope to x; to both neighbours in proportion",
        _of("np.interp(a, [-1.0, 0.0, 0.7, 1.0], b)", (6,), V4),
    ),
    np.bincount: _entry(
        "to each weight the adjoint of its place", _of("np.bincount(key, weights=a)", V4)
    ),
    np.histogram: _entry(
        "nothing to the counts; the edges move with the extremes",
        _of("np.histogram(a, 3)[1] * np.histogram(a, 4)[0][0]", M34),
    ),
    np.unwrap: _entry("the adjoint itself", _of("np.unwrap(a * 5.0)", M34)),
    np.polyval: _entry(
        "powers of x to the coefficients, the slope to x",
        _of("np.polyval(a, b)", V4, V3),
        _of("np.polyval(a, b)", V4, ()),
        _of("np.poly1d(a)(b)", V4, V3),
    ),
    np.polyder: _entry("the exponents times the adjoint", _of("np.polyder(a, 2)", V4)),
    np.polyint: _entry("the adjoint over the exponents", _of("np.polyint(a, 2, b)", V4, (2,))),
    np.polyadd: _entry("the adjoint, cut to each degree", _of("np.polyadd(a, b)", V4, V3)),
    np.polysub: _entry("the adjoint, cut to each degree", _of("np.polysub(a, b)", V3, V4)),
    np.polymul: _entry("as convolve", _of("np.polymul(a, b)", V4, V3)),
    np.polydiv: _entry(
        "through the long division",
        _of("np.concatenate(np.polydiv(a, b))", (5,), V3, positive=True),
    ),
    np.polyfit: _entry(
        "as lstsq", _of("np.polyfit(row, a, 2)", V4), _of("np.polyfit(a, b, 1)", V4, V4)
    ),
    np.poly: _entry("as convolve, root by root", _of("np.poly(a)", V3)),
    np.roots: _entry(
        "−xᵏ / p′(x) to each coefficient",
        _of("np.abs(np.roots(a)) + np.real(np.roots(a))", V4, positive=True),
    ),
    np.vander: _entry("the exponents times the powers", _of("np.vander(a, 3)", V4)),
    # other elementwise functions
    np.positive: _entry("the adjoint itself", _of("np.positive(a)", V4)),
    np.absolute: _entry(
        "of a complex number its direction", _of("np.abs(a + 1j * a[::-1]) * abs(a + 2j)", V4)
    ),
    np.fabs: _entry("the sign", _of("np.fabs(a)", V4)),
    np.fmax: _entry(
        "as maximum; a NaN loses", _of("np.fmax(a, b)", M34, M34), _of("np.fmax(a, b)", V4, M34)
    ),
    np.fmin: _entry(
        "as minimum; a NaN loses", _of("np.fmin(a, b)", M34, M34), _of("np.fmin(a, b)", M34, V4)
    ),
    np.cbrt: _entry("1 / 3v²", _of("np.cbrt(a)", V4)),
    np.logaddexp: _entry(
        "σ(a − b) to a, σ(b − a) to b",
        _of("np.logaddexp(a, b)", M34, M34),
        _of("np.logaddexp(a, b)", V4, M34),
        _of("np.logaddexp.outer(a, b)", V3, V4),
        _of("np.logaddexp.accumulate(a, axis=1)", M34),
        _of("np.logaddexp.reduce(a, axis=1) * np.logaddexp.reduce(a, None, keepdims=True)", M34),
    ),
    np.logaddexp2: _entry(
        "as logaddexp, in powers of 2",
        _of("np.logaddexp2(a, b)", M34, M34),
        _of("np.logaddexp2(a, b)", V4, (3, 1)),
    ),
    np.float_power: _entry(
        "as power",
        _of("np.float_power(a, b)", M34, M34, positive=True),
        _of("np.float_power(a, b)", V4, M34, positive=True),
    ),
    np.copysign: _entry(
        "the product of both signs to a, 0 to b",
        _of("np.copysign(a, b)", M34, M34),
        _of("np.copysign(a, b)", M34, V4),
    ),
    np.heaviside: _entry(
        "0; to the second operand where the first is 0",
        _of("np.heaviside(a, b) * a", M34, M34),
        _of("np.heaviside(a, b) * a", M34, V4),
    ),
    np.remainder: _entry(
        "1 to a, −⌊a/b⌋ to b",
        _of("np.remainder(a, b + 3) * (a % 2)", M34, M34),
        _of("np.remainder(a, b + 3)", M34, V4),
    ),
    np.fmod: _entry(
        "1 to a, −trunc(a/b) to b",
        _of("np.fmod(a + 11, b + 3)", M34, M34),
        _of("np.fmod(a + 11, b + 3)", M34, V4),
    ),
    np.divmod: _entry(
        "as remainder; 0 to the quotient",
        _of("np.divmod(a, b + 3)[1]", M34, M34),
        _of("np.divmod(a, b + 3)[1]", M34, V4),
    ),
    np.modf: _entry("1 to the fraction, 0 to the whole part", _of("np.modf(3 * a)[0] * a", M34)),
    np.frexp: _entry("2⁻ᵉ to the mantissa", _of("np.frexp(a)[0] * a", M34)),
    np.ldexp: _entry("2ⁿ", _of("np.ldexp(a, key)", M34)),
    np.deg2rad: _entry("π/180", _of("np.deg2rad(a)", V4)),
    np.radians: _entry("π/180", _of("np.radians(a)", V4)),
    np.rad2deg: _entry("180/π", _of("np.rad2deg(a)", V4)),
    np.degrees: _entry("180/π", _of("np.degrees(a)", V4)),
    np.sinc: _entry(
        "(cos πx − sinc x) / x",
        _of("np.sinc(a)", V4),
        _of("np.sinc(a * np.array([0, 0.1, 1, 2]))", V4),
    ),
    np.real: _entry("the adjoint itself", _of("np.real(a)", V4), _of("np.exp(1j * a).real", V4)),
    np.imag: _entry("−i times the adjoint", _of("np.imag(a * (1 + 2j)) * a", V4)),
    np.conj: _entry(
        "the adjoint, conjugated", _of("np.real(np.conj(a * (1 + 2j)) * (a * 1j))", V4)
    ),
    np.angle: _entry(
        "as arctan2 of both parts",
        _of("np.angle(a + 1j * a[::-1])", V4),
        _of("np.angle(a, True)", V4),
    ),
    np.real_if_close: _entry("the adjoint itself", _of("np.real_if_close(a) * a", V4)),
    # transforms
    np.fft.fft: _entry(
        "the transform of the adjoint",
        _of("np.abs(np.fft.fft(a, axis=0)) ** 2", (3, 5)),
        _of("np.real(np.fft.fft(a, 7)) + np.imag(np.fft.fft(a, 7, norm='ortho'))", (5,)),
    ),
    np.fft.ifft: _entry(
        "the inverse transform of the adjoint",
        _of("np.imag(np.fft.ifft(a * (1 + 2j), 4, norm='forward'))", (5,)),
    ),
    np.fft.rfft: _entry(
        "the transform of the adjoint, its real part", _of("np.abs(np.fft.rfft(a)) ** 2", (6,))
    ),
    np.fft.irfft: _entry(
        "half of a transform of the adjoint",
        _of("np.fft.irfft(np.fft.rfft(a) ** 2)", (6,)),
        _of("np.fft.irfft(a * (1 - 1j), 7)", (5,)),
    ),
    np.fft.hfft: _entry("as irfft, conjugated", _of("np.fft.hfft(a * (1 + 2j))", (5,))),
    np.fft.ihfft: _entry("as rfft, conjugated", _of("np.imag(np.fft.ihfft(a) ** 2)", (6,))),
    np.fft.fft2: _entry("along both axes", _of("np.real(np.fft.fft2(a) ** 2)", M34)),
    np.fft.ifft2: _entry("along both axes", _of("np.real(np.fft.ifft2(a * 1j) ** 2)", M34)),
    np.fft.fftn: _entry("along every axis", _of("np.real(np.fft.fftn(a) ** 2)", M34)),
    np.fft.ifftn: _entry(
        "along every axis", _of("np.imag(np.fft.ifftn(a, (2, 4), (0, 1)) ** 2)", M34)
    ),
    np.fft.rfft2: _entry("along both axes", _of("np.real(np.fft.rfft2(a) ** 2)", M34)),
    np.fft.irfft2: _entry("along both axes", _of("np.fft.irfft2(np.fft.rfft2(a) ** 2)", M34)),
    np.fft.rfftn: _entry("along every axis", _of("np.imag(np.fft.rfftn(a) ** 2)", (2, 3, 4))),
    np.fft.irfftn: _entry(
        "along every axis", _of("np.fft.irfftn(np.fft.rfftn(a) ** 2)", (2, 3, 4))
    ),
    np.fft.fftshift: _entry("the adjoint, shifted back", _of("np.fft.fftshift(a)", M34)),
    np.fft.ifftshift: _entry("the adjoint, shifted back", _of("np.fft.ifftshift(a)", (5,))),
    # linear algebra
    np.linalg.solve: _entry(
        "b̄ = a⁻ᵀȳ to b, −b̄·yᵀ to a",
        _of("np.linalg.solve(a, b)", M33, (3, 2)),
        _of("np.linalg.solve(a, b)", M33, V3),
        _of("np.linalg.solve(a, b)", (2, 3, 3), (2, 3, 2)),
        _of("np.linalg.solve(a, b)", (2, 3, 3), (3, 2)),
        _of("np.linalg.solve(a, b)", M33, (2, 3, 2)),
    ),
    np.linalg.inv: _entry(
        "−yᵀ·ȳ·yᵀ", _of("np.linalg.inv(a)", M33), _of("np.linalg.inv(a)", (2, 3, 3))
    ),
    np.linalg.det: _entry(
        "the cofactors of a: det · a⁻ᵀ where there is an inverse",
        _of("np.linalg.det(a)", M33),
        _of("np.linalg.det(a)", (2, 3, 3)),
    ),
    np.linalg.slogdet: _entry("a⁻ᵀ", _of("np.linalg.slogdet(a)[1]", M33)),
    np.linalg.cholesky: _entry(
        "solved back through the triangle, to the one that is read",
        _of(_SPD + "np.linalg.cholesky(s)", M33),
        _of(_SPD + "np.linalg.cholesky(s, upper=True)", (2, 3, 3)),
    ),
    np.linalg.eigh: _entry(
        _SYMMETRIC,
        _of(_SPD + "np.linalg.eigh(s)[0]", M33),
        _of(_SPD + "abs(np.linalg.eigh(s)[1])", (2, 3, 3)),
    ),
    np.linalg.eigvalsh: _entry(_SYMMETRIC, _of("np.linalg.eigvalsh(a)", M33)),
    np.linalg.eig: _entry(
        "V⁻ᵀ·diag(w̄)·Vᵀ, and for V the gaps between eigenvalues divide",
        _of("s = a + np.diag([0.0, 9.0, 18.0]); abs(np.linalg.eig(s)[1])", M33),
        _of("w, v = np.linalg.eig(a); abs(w) + np.real(w) + np.sum(np.real(v * w), 0)", M33),
    ),
    np.linalg.eigvals: _entry(
        "V⁻ᵀ·diag(w̄)·Vᵀ", _of("np.real(np.linalg.eigvals(a) ** 2)", (2, 3, 3))
    ),
    np.linalg.svd: _entry(
        "U·diag(s̄)·Vᵀ, and for U and V the gaps between squares of s divide",
        _of("abs(np.linalg.svd(a, full_matrices=False)[2])", M34),
        _of("abs(np.linalg.svd(a, full_matrices=False)[0])", M43),
        _of("v = np.linalg.svd(a)[2][3:]; v.T @ v", M34),
        _of("u = np.linalg.svd(a)[0][:, 3:]; u @ u.T", M43),
    ),
    np.linalg.svdvals: _entry("U·diag(s̄)·Vᵀ", _of("np.linalg.svdvals(a)", M34)),
    np.linalg.qr: _entry(
        "solved back through the triangle",
        _of("np.linalg.qr(a)[0] * np.linalg.qr(a)[1][0]", M43),
        _of("np.linalg.qr(a, mode='r')", M34),
        _of("q, r = np.linalg.qr(a, 'complete'); q[:, 3:] @ q[:, 3:].T @ (q + 1) @ r", M43),
    ),
    np.linalg.pinv: _entry("Golub and Pereyra's formula", _of("np.linalg.pinv(a)", M34)),
    np.linalg.lstsq: _entry(
        "as pinv times b",
        _of("np.linalg.lstsq(a, b)[0]", M43, V4),
        _of("np.linalg.lstsq(a, b)[1]", M43, (4, 2)),
    ),
    np.linalg.matrix_power: _entry(
        "product by product",
        _of("np.linalg.matrix_power(a, 3)", M33),
        _of("np.linalg.matrix_power(a, -2)", M33),
    ),
    np.linalg.norm: _entry(
        "a / norm",
        _of("np.linalg.norm(a)", M34),
        _of("np.linalg.norm(a, axis=1)", M34),
        _of("np.linalg.norm(a, ord=3, axis=0)", M34),
        _of("np.linalg.norm(a, ord='nuc') * np.linalg.norm(a, 1)", M34),
        _of("np.linalg.norm(a, np.inf) * np.linalg.norm(a, 1)", V4),
        _of("np.linalg.norm(a * (1 + 2j))", V4),
    ),
    np.linalg.vector_norm: _entry("a / norm", _of("np.linalg.vector_norm(a)", M34)),
    np.linalg.matrix_norm: _entry("a / norm", _of("np.linalg.matrix_norm(a)", (2, 3, 4))),
    np.linalg.cond: _entry(
        "as the largest singular value over the smallest",
        _of("np.linalg.cond(a)", M33),
        _of("np.linalg.cond(a, 1)", M33),
    ),
    np.linalg.multi_dot: _entry(
        _MATMUL, _of("np.linalg.multi_dot([a, b, c])", M34, (4, 2), (2, 3))
    ),
    np.linalg.tensorinv: _entry("as inv", _of("np.linalg.tensorinv(a, 1)", (4, 2, 2))),
    np.linalg.tensorsolve: _entry("as solve", _of("np.linalg.tensorsolve(a, b)", (4, 2, 2), V4)),
    np.linalg.trace: _entry("the adjoint along the diagonal", _of("np.linalg.trace(a)", (2, 3, 3))),
    np.linalg.diagonal: _entry(_PLACES, _of("np.linalg.diagonal(a)", (2, 3, 3))),
    np.linalg.outer: _entry("ȳ·b to a, ȳᵀ·a to b", _of("np.linalg.outer(a, b)", V3, V4)),
    np.linalg.matmul: _entry(
        _MATMUL,
        _of("np.linalg.matmul(a, b)", M34, (4, 2)),
        _of("np.linalg.matmul(a, b)", (2, 3, 4), (4, 2)),
    ),
    np.linalg.matrix_transpose: _entry(
        "the adjoint, transposed back", _of("np.linalg.matrix_transpose(a)", (2, 3, 4))
    ),
    np.linalg.cross: _entry(
        "b × ȳ to a, ȳ × a to b",
        _of("np.linalg.cross(a, b)", M43, M43),
        _of("np.linalg.cross(a, b)", M43, V3),
    ),
    np.linalg.tensordot: _entry(
        "the adjoint contracted with the other operand",
        _of("np.linalg.tensordot(a, b, axes=1)", M34, (4, 2)),
    ),
    np.linalg.vecdot: _entry(
        "ȳ times the other vector",
        _of("np.linalg.vecdot(a, b)", M34, M34),
        _of("np.linalg.vecdot(a, b)", M34, V4),
    ),
}
