"""Complex numbers: both modes of each function against differences, and against HIPS autograd."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from scipy import linalg

import adviz as ad
from adviz.host.nests import leaves

RANDOM = np.random.default_rng(1)


def drawn(*shape):
    """Return complex numbers away from 0 and from the cuts of roots and logarithms."""
    parts = RANDOM.uniform(0.3, 1.5, (2, *shape)) * RANDOM.choice([-1, 1], (2, *shape))
    return parts[0] + 1j * parts[1]


V, W = drawn(4), drawn(4)
V3, SCALAR = drawn(3), complex(drawn())
M, N, TALL, CUBE = drawn(3, 3), drawn(3, 3), drawn(4, 2), drawn(2, 3, 4)
WIDE = TALL.T.copy()
HERMITIAN = M + M.conj().T
POSITIVE = M @ M.conj().T + np.eye(3)

ELEMENTWISE = str.split(
    "sqrt square reciprocal exp expm1 exp2 log log1p log2 log10 sin cos tan arcsin arccos arctan "
    "sinh cosh tanh arcsinh arccosh arctanh sign abs negative positive conj real imag angle sinc "
    "nan_to_num real_if_close sum mean prod cumsum cumprod var std max min ptp sort diff gradient "
    "trapezoid flip nansum"
)
OF_TWO = str.split(
    "add subtract multiply divide power maximum minimum fmax fmin float_power "
    "dot vdot vecdot inner outer convolve correlate polyval polymul append kron"
)
CASES = {
    **{name: (getattr(np, name), V) for name in ELEMENTWISE},
    **{f"{name} of a number": (getattr(np, name), SCALAR) for name in ELEMENTWISE[:31]},
    **{name: (getattr(np, name), V, W) for name in OF_TWO},
    "z**2": (lambda z: z**2, V),
    "z**3 of a number": (lambda z: z**3, SCALAR),
    "z**-2": (lambda z: z**-2, V),
    "z**(1 + 2j)": (lambda z: z ** (1 + 2j), V),
    "2**z": (lambda z: 2.0**z, V),
    "(-2)**z": (lambda z: (-2.0) ** z, V),
    "(1 + 1j)**z": (lambda z: (1 + 1j) ** z, V),
    "constants": (lambda z: (3 * z + 1j) / (2j - z), V),
    "clip": (lambda z: np.clip(z, -0.5, 0.5 + 1j), V),
    "angle in degrees": (lambda z: np.angle(z, deg=True), V),
    "where": (lambda z: np.where(np.abs(z) > 1, z, z * z), V),
    "median": (np.median, V3),
    "average": (lambda z, w: np.average(z, weights=w), V, W),
    "std along an axis": (lambda z: np.std(z, 0), M),
    "maximum.accumulate": (np.maximum.accumulate, V),
    "matmul": (np.matmul, M, N),
    "matvec": (np.matvec, M, V3),
    "vecmat": (np.vecmat, V3, M),
    "tensordot": (lambda a, b: np.tensordot(a, b, 1), CUBE, TALL),
    "einsum": (lambda a, b: np.einsum("ij,jk->ki", a, b), M, N),
    "cross": (np.cross, V3, M[0]),
    "trace": (np.trace, M),
    "cov": (np.cov, M),
    "corrcoef": (np.corrcoef, M),
    "conjugate transpose": (lambda a: a.conj().T @ a, TALL),
    "an index": (lambda a: a[1, ::2], CUBE),
    "positions": (lambda z: z[[0, 2, 2]], V),
    "a mask": (lambda z: z[np.abs(z) > 0.9], V),
    "concatenate": (lambda a, b: np.concatenate([a, b]), V, W),
    "pad": (lambda z: np.pad(z, 2, mode="reflect"), V),
    "tril": (np.tril, M),
    "vander": (lambda z: np.vander(z, 3), V),
    "interp": (lambda z: np.interp([0.5, 1.5], [0.0, 1.0, 2.0, 3.0], z), V),
    "a list": (lambda z: np.array([z[0] * 1j, z[1], 2.0]), V),
    "log of a sum": (lambda z: np.log(np.sum(np.exp(z))), V),
    "fft": (np.fft.fft, V),
    "ifft2": (np.fft.ifft2, M),
    "irfft": (np.fft.irfft, V),
    "hfft": (np.fft.hfft, V),
    "solve": (np.linalg.solve, M, N),
    "inv": (np.linalg.inv, M),
    "det": (np.linalg.det, M),
    "slogdet": (np.linalg.slogdet, M),
    "eig": (np.linalg.eig, M),
    "eigh": (np.linalg.eigh, HERMITIAN),
    "eigh, upper": (lambda a: np.linalg.eigh(a, "U"), HERMITIAN),
    "eigvalsh": (np.linalg.eigvalsh, HERMITIAN),
    "eigvalsh, upper": (lambda a: np.linalg.eigvalsh(a, "U"), HERMITIAN),
    "a projection": (lambda a: (v := np.linalg.eigh(a)[1][:, :1]) @ v.conj().T, HERMITIAN),
    "cholesky": (np.linalg.cholesky, POSITIVE),
    "cholesky, upper": (lambda a: np.linalg.cholesky(a, upper=True), POSITIVE),
    "qr": (np.linalg.qr, TALL),
    "qr, wide": (np.linalg.qr, WIDE),
    "qr, complete": (lambda a: np.linalg.qr(a, "complete")[1], TALL),
    "svd": (lambda a: np.linalg.svd(a, full_matrices=False), TALL),
    "svd, wide": (lambda a: np.linalg.svd(a, full_matrices=False), WIDE),
    "svd, square": (np.linalg.svd, M),
    "svd, Hermitian": (lambda a: np.linalg.svd(a, hermitian=True)[1], HERMITIAN),
    "svdvals": (np.linalg.svdvals, TALL),
    "pinv": (np.linalg.pinv, TALL),
    "pinv, wide": (np.linalg.pinv, WIDE),
    "pinv, Hermitian": (lambda a: np.linalg.pinv(a, hermitian=True), HERMITIAN),
    "lstsq": (lambda a, b: np.linalg.lstsq(a, b)[:2], TALL, V),
    "norm": (np.linalg.norm, V),
    "1-norm": (lambda z: np.linalg.norm(z, 1), V),
    "largest size": (lambda z: np.linalg.norm(z, np.inf), V),
    "3-norm": (lambda z: np.linalg.norm(z, 3), V),
    "nuclear norm": (lambda a: np.linalg.norm(a, "nuc"), M),
    "2-norm": (lambda a: np.linalg.norm(a, 2), TALL),
    "cond": (np.linalg.cond, M),
    "matrix_power": (lambda a: np.linalg.matrix_power(a, -2), M),
    "tensorsolve": (np.linalg.tensorsolve, M, V3),
    "scipy's expm": (linalg.expm, M),
    "scipy's sqrtm": (linalg.sqrtm, POSITIVE),
    "scipy's solve, symmetric": (lambda a, b: linalg.solve(a, b, assume_a="sym"), M + M.T, V3),
    "scipy's solve, Hermitian": (lambda a, b: linalg.solve(a, b, assume_a="her"), HERMITIAN, V3),
    "scipy's triangular solve": (
        lambda a, b: linalg.solve_triangular(a, b, trans="C", lower=True),
        M,
        V3,
    ),
    "scipy's cho_solve": (lambda a, b: linalg.cho_solve(linalg.cho_factor(a), b), POSITIVE, V3),
    "scipy's Sylvester equation": (linalg.solve_sylvester, M, N, HERMITIAN),
    "scipy's Lyapunov equation": (linalg.solve_continuous_lyapunov, M, N),
}


def arrays(nest):
    return [np.asarray(leaf) for _, leaf in leaves(nest)]


def random_like(array):
    return drawn(*array.shape) if np.iscomplexobj(array) else drawn(*array.shape).real


def nested_like(out, parts):
    if not isinstance(out, (tuple, list)):
        return parts[0][()]
    return type(out)(*parts) if hasattr(out, "_fields") else type(out)(parts)


@pytest.mark.parametrize("name", CASES)
def test_both_modes_are_the_difference_quotients(name):
    f, *args = CASES[name]
    dots = [drawn(*np.shape(a))[()] for a in args]
    with np.errstate(all="ignore"):
        expected, h = f(*args), 1e-6
        above = arrays(f(*(a + h * dot for a, dot in zip(args, dots, strict=True))))
        below = arrays(f(*(a - h * dot for a, dot in zip(args, dots, strict=True))))
    quotients = [(a - b) / (2 * h) for a, b in zip(above, below, strict=True)]
    out, tangent = ad.jvp(f, tuple(args), tuple(dots))
    for found, value in zip(arrays(out), arrays(expected), strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-12)
        assert found.dtype == value.dtype
    for found, quotient in zip(arrays(tangent), quotients, strict=True):
        np.testing.assert_allclose(found, quotient, rtol=2e-7, atol=2e-7)
        assert found.dtype.kind == quotient.dtype.kind
    out, pull = ad.vjp(f, *args)
    weights = [random_like(value) for value in arrays(expected)]
    bars = pull(nested_like(out, weights))
    assert [np.asarray(bar).dtype for bar in bars] == [np.asarray(a).dtype for a in args]
    assert sum(np.sum(np.real(bar * dot)) for bar, dot in zip(bars, dots, strict=True)) == (
        pytest.approx(
            sum(np.sum(np.real(w * q)) for w, q in zip(weights, quotients, strict=True)), rel=1e-6
        )
    )


SECOND_ORDER = str.split(
    "sqrt arcsinh sign abs angle maximum power std clip matmul det slogdet eigh svd svdvals qr "
    "cholesky pinv norm"
)


@pytest.mark.parametrize("name", [*SECOND_ORDER, "(-2)**z", "svd, wide", "nuclear norm"])
def test_second_derivatives(name):
    f, *args = CASES[name]
    ad.check_grads(f, tuple(args), order=2, step=2e-4, rtol=1e-5)


KNOWN_TO_HIPS = {
    "products": lambda np, z: z * (2 - 1j) + z * z,
    "quotients": lambda np, z: (1 + 2j) / z - z / (3j),
    "powers": lambda np, z: z**3 + 2.0**z,
    "exponentials": lambda np, z: np.exp(z) + np.log(z) + np.sqrt(z),
    "circular": lambda np, z: np.sin(z) * np.cos(z) + np.tan(z),
    "hyperbolic": lambda np, z: np.sinh(z) - np.cosh(z) * np.tanh(z),
    "inverse": lambda np, z: np.arcsin(z) + np.arccos(z) * np.arctan(z),
    "parts": lambda np, z: np.real(z) + 2j * np.imag(z) ** 2,
    "conj": lambda np, z: np.conj(z) * z + np.conjugate(z**2),
    "abs": lambda np, z: np.abs(z) * z,
    "angle": lambda np, z: np.angle(z) * z,
    "sum": lambda np, z: np.sum(z) * z,
    "mean": lambda np, z: np.mean(z**2) + z,
    "prod": lambda np, z: np.prod(z) + z,
    "var": lambda np, z: np.var(z) * z,
    "dot": lambda np, z: np.dot(z, z) + z,
    "outer": lambda np, z: np.outer(z, np.conj(z)),
    "fft": lambda np, z: np.fft.fft(z) ** 2,
    "ifft": lambda np, z: np.fft.ifft(z) ** 2,
    "concatenate": lambda np, z: np.concatenate([z, z**2]),
    "reshape": lambda np, z: np.reshape(z, (2, 2)) @ np.reshape(z, (2, 2)),
    "inv": lambda np, z: np.linalg.inv(np.reshape(z, (2, 2))),
    "det": lambda np, z: np.linalg.det(np.reshape(z, (2, 2))),
    "where": lambda np, z: np.where(np.abs(z) > 1, z**2, z),
}


@pytest.mark.parametrize("name", KNOWN_TO_HIPS)
def test_hips_autograd_has_the_same_convention(name):
    f, weight = KNOWN_TO_HIPS[name], 0.3 - 0.7j

    def real(numpy):
        return lambda z: numpy.sum(numpy.real(weight * f(numpy, z)))

    def along(grad, numpy):
        return lambda z: numpy.sum(numpy.real(weight * grad(real(numpy))(z)))

    ours = ad.grad(real(np))(V)
    np.testing.assert_allclose(ours, autograd.grad(real(anp))(V), rtol=1e-11, atol=1e-13)
    twice = ad.grad(along(ad.grad, np))(V)
    expected = autograd.grad(along(autograd.grad, anp))(V)
    np.testing.assert_allclose(twice, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", str.split("exp matmul abs std fft inv svdvals eigvalsh"))
def test_complex64_stays_complex64(name):
    f, *args = CASES[name]
    args = [np.asarray(a, np.complex64) for a in args]
    out, pull = ad.vjp(f, *args)
    (value,) = arrays(out)
    assert value.dtype == np.asarray(f(*args)).dtype
    assert {bar.dtype for bar in pull(np.ones_like(value))} == {np.dtype(np.complex64)}
    _, tangent = ad.jvp(f, tuple(args), tuple(map(np.ones_like, args)))
    assert tangent.dtype == value.dtype


def test_points_without_a_slope():
    assert ad.grad(np.abs)(0j) == 0
    assert ad.jvp(np.sign, (0j,), (1.0,)) == (0, 0)
    assert ad.vjp(np.maximum, 1 + 1j, 1 + 1j)[1](1 + 2j) == (0.5 + 1j, 0.5 + 1j)
    left, right = ad.vjp(np.maximum, 1 + 2j, 1 + 1j)[1](1.0)  # by the imaginary parts
    assert (left, right) == (1, 0)
    assert np.isnan(ad.grad(lambda z: np.maximum(z, 1.0).real)(complex("nan")))


@pytest.mark.parametrize(
    "call",
    [
        lambda z: ad.relu(z),
        lambda z: np.quantile(z, 0.3),
        lambda z: np.floor(z),
        lambda z: np.arctan2(z, 1.0),
        lambda z: np.hypot(z, 1.0),
        lambda z: np.cbrt(z),
        lambda z: max(z[0], z[1]),
        lambda z: float(z[0]),
        lambda z: np.sort_complex(z),
    ],
    ids=range(9),
)
def test_what_has_no_complex_meaning_is_refused(call):
    with pytest.raises((ad.AdvizError, TypeError), match=r"complex|supported|traced"):
        ad.vjp(call, V)
