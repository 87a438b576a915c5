"""Every NumPy function that works on traced arrays, as it is used: a case or more for each.

A case is the function, what is called with it, and the arrays that go in: shapes stand for random
ones. Several tests are driven by this table.
"""

import operator
from dataclasses import dataclass

import numpy as np

ROW = np.array([0.5, -1.5, 2.0, 1.0])
MASK = np.array([True, False, True, True])
KEY = np.array([2, 0, 2, 1])


def spd(a):
    """A symmetric matrix with eigenvalues that are positive and apart."""
    n = np.shape(a)[-1]
    return a @ np.swapaxes(a, -1, -2) + np.diag(np.arange(1.0, n + 1))


def with_nan(a):
    return np.where(MASK, a, np.nan)


@dataclass(frozen=True)
class Case:
    function: object
    call: object
    shapes: tuple
    positive: bool = False

    def __str__(self):
        module = getattr(self.function, "__module__", None) or ""
        return f"{module.removeprefix('numpy').strip('.')}.{self.function.__name__}".strip(".")


def case(function, *shapes, call=None, positive=False):
    return Case(function, call or function, shapes, positive)


def assigned(x):
    y = np.zeros_like(x)
    y[1:] = x[:-1] ** 2
    y[0, MASK] = x[1, KEY[:3]]
    y += x
    y[[0, 0], 1] = x[2, :2]
    return y


def in_place(x):
    y = np.copy(x)
    same = y
    y *= x
    y -= 2.0
    y /= x * x + 1.0
    y **= 2
    return same + x


M34, M4, M33, V4 = (3, 4), (4, 4), (3, 3), (4,)

CASES = [
    # reductions
    case(np.sum, M34),
    case(np.sum, M34, call=lambda a: np.sum(a, axis=1)),
    case(np.sum, (2, 3, 4), call=lambda a: a.sum(axis=(0, -1), keepdims=True)),
    case(np.sum, V4, call=lambda a: np.add.reduce(a) * a),
    case(np.mean, M34, call=lambda a: np.mean(a, axis=0)),
    case(np.mean, M34, call=lambda a: a.mean(axis=-1, keepdims=True) * a),
    case(np.max, M34, call=lambda a: np.max(a, axis=1) * a.max()),
    case(np.min, M34, call=lambda a: np.min(a, axis=(0, 1)) * np.minimum.reduce(a)),
    case(np.prod, M34, call=lambda a: np.prod(a, axis=0)),
    case(np.prod, (2, 3, 4), call=lambda a: np.prod(a, axis=(0, 2), keepdims=True)),
    case(np.prod, V4, call=lambda a: np.prod(a * np.array([1.0, 0.0, 1.0, 1.0]))),
    case(np.var, M34, call=lambda a: np.var(a, axis=1, ddof=1)),
    case(np.std, M34, call=lambda a: a.std(axis=0)),
    case(np.ptp, M34, call=lambda a: np.ptp(a, axis=1)),
    case(np.cumsum, M34, call=lambda a: np.cumsum(a, axis=1) * np.cumsum(a).reshape(3, 4)),
    case(np.cumprod, M34, call=lambda a: np.cumprod(a, axis=1)),
    case(np.cumprod, M34, call=lambda a: np.multiply.accumulate(a)),
    case(np.nansum, V4, call=lambda a: np.nansum(with_nan(a) ** 2)),
    case(np.nanprod, V4, call=lambda a: np.nanprod(with_nan(a))),
    case(np.nanmax, V4, call=lambda a: np.nanmax(with_nan(a)) * a),
    case(np.nanmin, V4, call=lambda a: np.nanmin(with_nan(a)) * a),
    case(np.nancumsum, V4, call=lambda a: np.nancumsum(with_nan(a)) * a),
    case(np.nancumprod, V4, call=lambda a: np.nancumprod(with_nan(a))),
    case(np.nanmean, V4, call=lambda a: np.nanmean(with_nan(a)) * a),
    case(np.nanvar, V4, call=lambda a: np.nanvar(with_nan(a))),
    case(np.nanstd, V4, call=lambda a: np.nanstd(with_nan(a), ddof=1)),
    # statistics
    case(np.sort, M34, call=lambda a: np.sort(a, axis=0) * ROW),
    case(np.sort, M34, call=lambda a: np.sort(a, axis=None)[3:5] ** 2),
    case(np.median, M34, call=lambda a: np.median(a, axis=1) ** 2),
    case(np.median, V4, call=lambda a: np.median(a) * a),
    case(np.quantile, M34, call=lambda a: np.quantile(a, [0.2, 0.7], axis=1, keepdims=True) * a),
    case(np.percentile, M34, call=lambda a: np.percentile(a, 35.0) * a),
    case(np.average, M34, V4, call=lambda a, w: np.average(a, axis=1, weights=w), positive=True),
    case(np.average, M34, call=lambda a: np.average(a) * a),
    case(np.cov, M34),
    case(np.cov, V4, V4, call=lambda a, b: np.cov(a, b, bias=True)),
    case(np.corrcoef, M34),
    # products
    case(np.matmul, M34, (4, 2)),
    case(np.matmul, V4, V4),
    case(np.matmul, M34, V4, call=operator.matmul),
    case(np.matmul, (3,), M34),
    case(np.matmul, (2, 3, 4), (4, 2)),
    case(np.matmul, (2, 3, 4), V4),
    case(np.matmul, V4, (2, 4, 3)),
    case(np.matmul, (2, 1, 3, 4), (5, 4, 2)),
    case(np.dot, M34, (4, 2)),
    case(np.dot, M34, V4, call=lambda a, b: a.dot(b)),
    case(np.dot, M34, (), call=np.dot),
    case(np.dot, (2, 3, 4), (2, 4, 2)),
    case(np.inner, M34, (2, 4)),
    case(np.outer, (3,), V4),
    case(np.outer, (3,), V4, call=np.multiply.outer),
    case(np.vdot, M34, M34),
    case(np.tensordot, (2, 3, 4), (4, 3), call=lambda a, b: np.tensordot(a, b, ([1, 2], [1, 0]))),
    case(np.tensordot, (2, 3, 4), (3, 4, 2)),
    case(np.einsum, M34, (4, 2), call=lambda a, b: np.einsum("ij,jk->ki", a, b)),
    case(np.einsum, M33, call=lambda a: np.einsum("ii->i", a) * np.einsum("ii", a)),
    case(np.einsum, M34, call=lambda a: np.einsum("ij->i", a) ** 2),
    case(np.einsum, (2, 3, 4), (4, 2), call=lambda a, b: np.einsum("...j,jk", a, b)),
    case(np.einsum, M34, M34, V4, call=lambda a, b, c: np.einsum("ij,ij,j", a, b, c)),
    case(np.kron, (2, 3), (2, 2)),
    case(np.cross, (4, 3), (3,)),
    case(np.trace, M34, call=lambda a: np.trace(a, offset=1) * a.trace()),
    # shapes
    case(np.reshape, M34, call=lambda a: a.reshape(2, -1) * np.reshape(a, (2, 6))),
    case(np.ravel, M34, call=lambda a: np.ravel(a) * a.flatten()),
    case(np.transpose, (2, 3, 4), call=lambda a: np.transpose(a, (1, 2, 0))),
    case(np.transpose, M34, call=lambda a: a.T @ a),
    case(np.swapaxes, (2, 3, 4), call=lambda a: a.swapaxes(0, 2)),
    case(np.moveaxis, (2, 3, 4), call=lambda a: np.moveaxis(a, 0, -1)),
    case(np.rollaxis, (2, 3, 4), call=lambda a: np.rollaxis(a, 2)),
    case(np.expand_dims, M34, call=lambda a: np.expand_dims(a, 1) * a[:, None]),
    case(np.squeeze, (3, 1, 4), call=lambda a: np.squeeze(a) * a.squeeze(1)),
    case(np.atleast_1d, (), call=lambda a: np.atleast_1d(a) * ROW),
    case(np.atleast_2d, V4, call=lambda a: np.atleast_2d(a).T @ np.atleast_2d(a)),
    case(np.atleast_3d, M34),
    case(np.broadcast_to, (3, 1), call=lambda a: np.broadcast_to(a, (2, 3, 4)) * ROW),
    case(np.broadcast_arrays, (3, 1), V4, call=lambda *ab: operator.mul(*np.broadcast_arrays(*ab))),
    case(np.concatenate, M34, (3, 2), call=lambda a, b: np.concatenate([a, b, a], axis=1)),
    case(np.concatenate, M34, call=lambda a: np.concatenate([a, np.ones((1, 4))])),
    case(np.stack, V4, V4, call=lambda a, b: np.stack([a, b, ROW], axis=1)),
    case(np.stack, V4, call=lambda a: np.array([a[0] * a[1], 2.0 * a[2]]) * a[:2]),
    case(np.stack, V4, call=lambda a: np.sum([x * x for x in a]) * a),
    case(np.vstack, V4, M34, call=lambda a, b: np.vstack([a, b])),
    case(np.hstack, M34, (3, 2), call=lambda a, b: np.hstack([a, b])),
    case(np.dstack, M34, M34, call=lambda a, b: np.dstack([a, b])),
    case(np.column_stack, (3,), M34, call=lambda a, b: np.column_stack([a, b])),
    case(np.append, M34, V4, call=np.append),
    case(np.split, M34, call=lambda a: operator.mul(*np.split(a, 2, axis=1))),
    case(np.array_split, V4, call=lambda a: np.array_split(a, 3)[0] * np.array_split(a, [1])[0]),
    case(np.hsplit, M34, call=lambda a: operator.mul(*np.hsplit(a, 2))),
    case(np.vsplit, (4, 3), call=lambda a: operator.mul(*np.vsplit(a, 2))),
    case(np.pad, M34, call=lambda a: np.pad(a, ((1, 0), (2, 1)))),
    case(np.pad, V4, call=lambda a: np.pad(a, 2, mode="reflect")),
    case(np.pad, V4, call=lambda a: np.pad(a, 1, constant_values=3.0) ** 2),
    case(np.tril, M33),
    case(np.triu, M34, call=lambda a: np.triu(a, 1)),
    case(np.diag, V4, call=lambda a: np.diag(a, 1)),
    case(np.diag, M33, call=lambda a: np.diag(a, -1)),
    case(np.roll, M34, call=lambda a: np.roll(a, 1, axis=1)),
    case(np.rot90, M34),
    case(np.tile, M34, call=lambda a: np.tile(a, (2, 1, 2))),
    case(np.repeat, M34, call=lambda a: np.repeat(a, [1, 0, 2], axis=0)),
    case(np.take, M34, call=lambda a: np.take(a, KEY, axis=1)),
    case(np.take_along_axis, M34, call=lambda a: np.take_along_axis(a, KEY[None, :] % 3, axis=0)),
    case(np.delete, M34, call=lambda a: np.delete(a, 1, axis=0)),
    case(np.resize, M34, call=lambda a: np.resize(a, (2, 7))),
    case(np.flip, M34, call=lambda a: np.flip(a, 0)),
    case(np.fliplr, M34),
    case(np.flipud, M34),
    case(np.diagonal, (2, 3, 3), call=lambda a: np.diagonal(a, 0, -2, -1)),
    case(np.copy, M34),
    case(np.astype, M34, call=lambda a: np.astype(a, np.float64) * a.astype(float)),
    case(np.zeros_like, M34, call=assigned),
    case(np.empty_like, M34, call=lambda a: np.empty_like(a, shape=(3,)).shape[0] * a),
    case(np.ones_like, M34, call=lambda a: np.ones_like(a) / (a * a + 1)),
    case(np.full_like, M34, call=lambda a: np.full_like(a, 2.0) ** a),
    # indexing and choosing
    case(operator.getitem, M34, call=lambda a: a[1] * a[:, 2:3]),
    case(operator.getitem, M34, call=lambda a: a[:, MASK] * a[a[:, 0] > -10][:, KEY[:3]]),
    case(operator.getitem, M34, call=lambda a: a[..., ::-1][KEY, [0, 1, 1, 3]]),
    case(operator.getitem, M34, call=lambda a: a[None, 1:, None, 0] * a[0, 0]),
    case(operator.setitem, M34, call=assigned),
    case(operator.setitem, M34, call=in_place),
    case(np.where, M34, V4, call=lambda a, b: np.where(a > b, a * a, b)),
    case(np.select, M34, call=lambda a: np.select([a > 1, a > 0], [a * a, a], -a)),
    case(np.clip, M34, call=lambda a: np.clip(a, -0.5, 0.5) * a.clip(0.1)),
    case(np.compress, M34, call=lambda a: np.compress(MASK, a, axis=1)),
    case(np.extract, M34, call=lambda a: np.extract(a > -10, a)),
    case(np.nan_to_num, V4, call=lambda a: np.nan_to_num(with_nan(a)) * a),
    # numerics
    case(np.trapezoid, M34, V4, call=np.trapezoid),
    case(np.trapezoid, M34, call=lambda a: np.trapezoid(a, dx=0.5, axis=0)),
    case(np.diff, M34, call=lambda a: np.diff(a, n=2)),
    case(np.ediff1d, M34),
    case(np.convolve, (5,), (3,)),
    case(np.convolve, (3,), (6,), call=lambda a, b: np.convolve(a, b, "same")),
    case(np.convolve, (6,), (3,), call=lambda a, b: np.convolve(a, b, "valid")),
    case(np.correlate, (6,), (3,)),
    case(np.interp, (6,), V4, call=lambda x, f: np.interp(x, [-1.0, 0.0, 0.7, 1.0], f)),
    case(np.polyval, V4, (3,)),
    case(np.vander, V4, call=lambda a: np.vander(a, 3)),
    case(np.real, V4),
    case(np.imag, V4, call=lambda a: np.imag(a * (1 + 2j)) * a),
    case(np.conj, V4, call=lambda a: np.real(np.conj(a * (1 + 2j)) * (a * 1j))),
    # ufuncs in terms of others
    case(np.positive, V4),
    case(np.fabs, V4),
    case(np.fmax, V4, M34),
    case(np.fmin, M34, V4),
    case(np.cbrt, V4, positive=True),
    case(np.logaddexp, V4, M34),
    case(np.deg2rad, V4),
    case(np.radians, V4),
    case(np.rad2deg, V4),
    case(np.degrees, V4),
    case(np.sinc, V4),
    case(np.absolute, V4, call=lambda a: np.abs(a + 1j * a[::-1]) * abs(a + 2j)),
    # transforms
    case(np.fft.fft, (3, 5), call=lambda a: np.abs(np.fft.fft(a, axis=0)) ** 2),
    case(np.fft.fft, (5,), call=lambda a: np.real(np.fft.fft(a, 7)) + np.imag(np.fft.fft(a, 7))),
    case(np.fft.ifft, (5,), call=lambda a: np.imag(np.fft.ifft(a * (1 + 2j), 4))),
    case(np.fft.rfft, (6,), call=lambda a: np.abs(np.fft.rfft(a)) ** 2),
    case(np.fft.irfft, (6,), call=lambda a: np.fft.irfft(np.fft.rfft(a) ** 2)),
    case(np.fft.irfft, (5,), call=lambda a: np.fft.irfft(a * (1 - 1j), 7)),
    case(np.fft.fft2, M34, call=lambda a: np.real(np.fft.fft2(a) ** 2)),
    case(np.fft.ifft2, M34, call=lambda a: np.real(np.fft.ifft2(a * 1j) ** 2)),
    case(np.fft.fftn, M34, call=lambda a: np.real(np.fft.fftn(a) ** 2)),
    case(np.fft.ifftn, M34, call=lambda a: np.imag(np.fft.ifftn(a) ** 2)),
    case(np.fft.fftshift, M34),
    case(np.fft.ifftshift, (5,)),
    # linear algebra
    case(np.linalg.solve, M33, (3, 2)),
    case(np.linalg.solve, M33, (3,)),
    case(np.linalg.solve, (2, 3, 3), (3, 2)),
    case(np.linalg.inv, M33),
    case(np.linalg.inv, (2, 3, 3)),
    case(np.linalg.det, M33),
    case(np.linalg.det, (2, 3, 3)),
    case(np.linalg.slogdet, M33, call=lambda a: np.linalg.slogdet(a)[1]),
    case(np.linalg.cholesky, M33, call=lambda a: np.linalg.cholesky(spd(a))),
    case(np.linalg.eigh, M33, call=lambda a: np.linalg.eigh(spd(a))[0]),
    case(np.linalg.eigh, (2, 3, 3), call=lambda a: abs(np.linalg.eigh(spd(a))[1])),
    case(np.linalg.eigvalsh, M33, call=lambda a: np.linalg.eigvalsh(a)),
    case(np.linalg.svd, M34, call=lambda a: abs(np.linalg.svd(a, full_matrices=False)[2])),
    case(np.linalg.svd, (4, 3), call=lambda a: abs(np.linalg.svd(a, full_matrices=False)[0])),
    case(np.linalg.svdvals, M34),
    case(np.linalg.qr, (4, 3), call=lambda a: np.linalg.qr(a)[0] * np.linalg.qr(a)[1][0]),
    case(np.linalg.qr, M34, call=lambda a: np.linalg.qr(a, mode="r")),
    case(np.linalg.pinv, M34),
    case(np.linalg.lstsq, (4, 3), V4, call=lambda a, b: np.linalg.lstsq(a, b)[0]),
    case(np.linalg.matrix_power, M33, call=lambda a: np.linalg.matrix_power(a, 3)),
    case(np.linalg.matrix_power, M33, call=lambda a: np.linalg.matrix_power(a, -2)),
    case(np.linalg.norm, M34),
    case(np.linalg.norm, M34, call=lambda a: np.linalg.norm(a, axis=1)),
    case(np.linalg.norm, M34, call=lambda a: np.linalg.norm(a, ord=3, axis=0)),
    case(np.linalg.norm, M34, call=lambda a: np.linalg.norm(a, ord="nuc") * np.linalg.norm(a, 1)),
    case(np.linalg.norm, V4, call=lambda a: np.linalg.norm(a, np.inf) * np.linalg.norm(a, 1)),
    case(np.linalg.vector_norm, M34),
    case(np.linalg.matrix_norm, (2, 3, 4), call=lambda a: np.linalg.matrix_norm(a)),
    case(np.linalg.multi_dot, M34, (4, 2), (2, 3), call=lambda *abc: np.linalg.multi_dot(abc)),
    case(np.linalg.trace, (2, 3, 3)),
    case(np.linalg.diagonal, (2, 3, 3)),
    case(np.linalg.outer, (3,), V4),
    case(np.linalg.matmul, M34, (4, 2)),
]  # fmt: skip
