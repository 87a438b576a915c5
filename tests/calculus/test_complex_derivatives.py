"""Derivatives of complex numbers and with respect to them: all modes, and what is refused."""

import pickle

import numpy as np
import pytest

import adviz as ad
from adviz.core.arrays import is_complex

Z = np.array([1 + 2j, -0.5j, 2.0, 0.3 - 1j])
X = np.array([0.5, -1.0, 2.0])
A = np.array([[1, 2j, 0, 1], [0, 1 - 1j, 3, 1j]])


def energy(z):
    """Return a real number of complex ones."""
    return np.sum(np.abs(A @ z) ** 2)


def spiral(x):
    """Return complex numbers of real ones."""
    return np.exp((1 + 2j) * x) * x[::-1]


def analytic(z):
    return np.exp(z) * z[::-1] + z**3


def along_parts(f, z):
    """Return the derivatives along the real and the imaginary parts, by differences."""
    h = 1e-6

    def quotient(k, unit):
        step = np.zeros(z.shape, complex)
        step[k] = h * unit
        return (f(z + step) - f(z - step)) / (2 * h)

    columns = range(len(z))
    return (np.moveaxis([quotient(k, unit) for k in columns], 0, -1) for unit in (1, 1j))


class TestConvention:
    def test_the_gradient_has_no_conjugates(self):
        assert ad.grad(lambda z: np.abs(z) ** 2)(3 + 4j) == 2 * np.conj(3 + 4j)
        along_re, along_im = along_parts(energy, Z)
        np.testing.assert_allclose(ad.grad(energy)(Z), along_re - 1j * along_im, rtol=1e-8)

    def test_the_steepest_descent_is_along_the_conjugate(self):
        step = 1e-6 * np.conj(ad.grad(energy)(Z))
        steepest = energy(Z) - energy(Z - step)
        assert steepest > 0
        for turn in np.exp(1j * np.linspace(0.1, 6.2, 9)):
            assert energy(Z) - energy(Z - turn * step) < steepest

    def test_numbers_are_those_of_python(self):
        for found in (
            ad.grad(lambda z: np.abs(z))(1j),
            ad.trace(lambda z: np.exp(z) * z, 1j).value,
            ad.jvp(np.exp, (1j,), (1.0,))[1],
            ad.compile(np.exp)(1j),
        ):
            assert type(found) is complex
        assert type(ad.grad(np.abs)(np.complex64(1j))) is np.complex64

    def test_real_numbers_get_real_adjoints_beside_complex_ones(self):
        bar_x, bar_z = ad.grad(lambda x, z: np.abs(x * z), (0, 1))(2.0, 1 + 1j)
        assert type(bar_x) is float
        assert bar_x == pytest.approx(np.sqrt(2))
        assert bar_z == pytest.approx((1 - 1j) * np.sqrt(2))

    def test_division_by_0_is_no_error(self):
        assert not np.isfinite(ad.trace(lambda z: 1 / z, 0j).value)
        assert not np.isfinite(ad.grad(lambda z: np.abs(1 / z))(0j))
        assert not np.isfinite(ad.trace(lambda z: z**-1.0, 0j).value)


class TestHolomorphic:
    def test_one_complex_slope(self):
        for f, slope in (
            (np.exp, np.exp),
            (lambda z: z**3 / (1 + z), lambda z: (3 * z**2 + 2 * z**3) / (1 + z) ** 2),
            (lambda z: z.real + 1j * z.imag, lambda z: 1.0),
            (lambda z: 2j + 0 * z, lambda z: 0.0),
        ):
            assert ad.grad(f, holomorphic=True)(1 - 2j) == pytest.approx(slope(1 - 2j), rel=1e-14)
        value, slope = ad.value_and_grad(np.sin, holomorphic=True)(1j)
        assert (value, slope) == (np.sin(1j), np.cos(1j))

    def test_higher_orders(self):
        d = ad.grad(ad.grad(np.exp, holomorphic=True), holomorphic=True)
        assert d(1j) == pytest.approx(np.exp(1j), rel=1e-14)
        assert ad.hvp(lambda z: z**3, (1j,), (2.0,), holomorphic=True) == pytest.approx(12j)
        second = ad.hessian(lambda z: z[0] ** 2 * z[1], holomorphic=True)(Z[:2])
        np.testing.assert_allclose(second, [[2 * Z[1], 2 * Z[0]], [2 * Z[0], 0]])

    @pytest.mark.parametrize("derivative", [ad.jacobian, ad.jacfwd, ad.jacrev])
    def test_jacobians(self, derivative):
        along_re, _ = along_parts(analytic, Z)
        found = derivative(analytic, holomorphic=True)(Z)
        np.testing.assert_allclose(found, along_re, rtol=1e-7, atol=1e-8)
        again = pickle.loads(pickle.dumps(derivative(analytic, holomorphic=True)))
        np.testing.assert_array_equal(again(Z), found)

    @pytest.mark.parametrize(
        "f",
        [np.conj, lambda z: z * z.real, lambda z: z * np.abs(z), lambda z: np.sign(z)],
        ids=["conj", "real", "abs", "sign"],
    )
    def test_what_is_not_holomorphic_is_found_out(self, f):
        with pytest.raises(ad.AdvizError, match="is not holomorphic here"):
            ad.grad(f, holomorphic=True)(1 + 1j)
        with pytest.raises(ad.AdvizError, match=r"is not holomorphic here.*ad\.jvp and ad\.vjp"):
            ad.jacobian(f, holomorphic=True)(Z)
        with pytest.raises(ad.AdvizError, match="is not holomorphic here"):
            ad.compile(f, holomorphic=True).grad(1 + 1j)

    def test_it_is_for_complex_numbers(self):
        with pytest.raises(ad.AdvizError, match=r"x is real.*ad\.jacobian\(f\) and ad\.jvp"):
            ad.grad(lambda x: x * 1j, holomorphic=True)(1.0)
        with pytest.raises(ad.AdvizError, match="returned a real one"):
            ad.grad(np.abs, holomorphic=True)(1j)
        with pytest.raises(ad.AdvizError, match=r"holomorphic=True\) returns its complex deriv"):
            ad.grad(np.exp)(1j)


class TestJacobians:
    @pytest.mark.parametrize("derivative", [ad.jacobian, ad.jacfwd, ad.jacrev])
    def test_real_numbers_of_complex_ones(self, derivative):
        def f(z):
            return np.abs(A @ z) ** 2

        along_re, along_im = along_parts(f, Z)
        found = derivative(f)(Z)
        np.testing.assert_allclose(found, along_re - 1j * along_im, rtol=1e-7, atol=1e-8)
        assert is_complex(found)

    @pytest.mark.parametrize("derivative", [ad.jacobian, ad.jacfwd, ad.jacrev])
    def test_complex_numbers_of_real_ones(self, derivative):
        along_re, _ = along_parts(spiral, X)
        np.testing.assert_allclose(derivative(spiral)(X), along_re, rtol=1e-7, atol=1e-8)
        compiled = ad.compile(derivative(spiral))
        np.testing.assert_allclose(compiled(X), derivative(spiral)(X), rtol=1e-13)

    @pytest.mark.parametrize("derivative", [ad.jacobian, ad.jacfwd, ad.jacrev, ad.hessian])
    def test_four_derivatives_are_not_put_in_one(self, derivative):
        with pytest.raises(ad.AdvizError, match=r"holomorphic=True there.*ad\.jvp, ad\.vjp"):
            derivative(np.conj if derivative is not ad.hessian else energy)(Z)

    def test_sparse_ones(self):
        pattern = ad.sparsity_pattern(lambda z: z[1:] * z[:-1], Z)
        np.testing.assert_array_equal(pattern.toarray(), np.eye(3, 4) + np.eye(3, 4, 1) > 0)

        def f(z):
            return np.real(z[1:] * z[:-1])

        for sparsity in (True, pattern):
            found = ad.jacobian(f, sparsity=sparsity)(Z)
            np.testing.assert_allclose(found.toarray(), ad.jacobian(f)(Z), rtol=1e-14)
            found = ad.jacobian(lambda z: z[1:] * z[:-1], sparsity=sparsity, holomorphic=True)(Z)
            np.testing.assert_allclose(
                found.toarray(), np.diag(Z[1:]) @ np.eye(3, 4) + np.diag(Z[:-1]) @ np.eye(3, 4, 1)
            )
        found = ad.jacobian(lambda x: x * 2j, sparsity=True)(X)
        np.testing.assert_array_equal(found.toarray(), np.diag([2j] * 3))
        with pytest.raises(ad.AdvizError, match="leaves out an entry"):
            ad.jacobian(f, sparsity=np.eye(3, 4))(Z)


class TestOtherDerivatives:
    def test_seeds(self):
        out, tangent = ad.jvp(spiral, (X,), (np.ones(3),))
        assert is_complex(tangent)
        (bar,) = ad.vjp(spiral, X)[1](1j * out)
        np.testing.assert_allclose(bar @ np.ones(3), np.real(np.sum(1j * out * tangent)))
        assert bar.dtype == float
        with pytest.raises(ad.AdvizError, match="seed of x is complex and x is real"):
            ad.jvp(spiral, (X,), (1j * X,))
        with pytest.raises(ad.AdvizError, match="seed of y is complex and y is real"):
            ad.vjp(energy, Z)[1](1j)
        _, push = ad.linearize(np.conj, 1 + 2j)
        assert push(1j) == -1j

    def test_products_with_the_hessian(self):
        direction = np.array([1j, 1.0, 2 - 1j, 0.0])
        found = ad.hvp(energy, (Z,), (direction,))
        h = 1e-6
        gradient = ad.grad(energy)
        above, below = gradient(Z + h * direction), gradient(Z - h * direction)
        np.testing.assert_allclose(found, (above - below) / (2 * h), rtol=1e-7, atol=1e-7)

    def test_taylor_coefficients(self):
        t = 1 - 1j
        out, series = ad.jet(np.exp, (t,), ([2j, 0.0, 0.0],))
        assert out == np.exp(t)
        np.testing.assert_allclose(series, [(2j) ** k * np.exp(t) for k in (1, 2, 3)], rtol=1e-14)
        _, series = ad.jet(np.abs, (3 + 4j,), ([1j, 0.0],))
        np.testing.assert_allclose(series, [4 / 5, 9 / 125], rtol=1e-14)

    def test_replay_and_compile_at_other_numbers(self):
        trace, fast = ad.trace(energy, Z), ad.compile(energy)
        for z in (Z, 2 * Z - 1j, Z[::-1].copy()):
            assert trace.replay(z).value == pytest.approx(energy(z), rel=1e-14)
            assert fast(z) == pytest.approx(energy(z), rel=1e-14)
            np.testing.assert_allclose(fast.grad(z), ad.grad(energy)(z), rtol=1e-13)
        single = ad.compile(lambda z: z * (2 - 1j) + np.exp(z) * -1j)
        for z in (1j, 2.0 + 0j, -0j):
            assert single(z) == z * (2 - 1j) + np.exp(z) * -1j
        assert "z * (2-1j)" in single.source
        assert trace.replay(Z).replay(2 * Z).value == pytest.approx(4 * energy(Z))

    def test_many_calls(self):
        """Traces like earlier ones are swept by code."""
        for k in range(40):
            z = Z * (1 + 0.1j * k)
            np.testing.assert_allclose(
                ad.grad(energy)(z), 2 * np.conj(A.conj().T @ (A @ z)), rtol=1e-13
            )

    def test_checks_against_differences(self):
        ad.check_grads(lambda z, x: np.sin(z * x) / np.conj(z), (1 + 2j, 0.5), order=3)
        wrong = ad.define("wrong", lambda a: a * a, lambda a, v: 2.0 * np.real(a))
        try:
            with pytest.raises(ad.AdvizError):
                ad.check_grads(wrong, (1 + 2j,))
        finally:
            del ad.ELEMENTALS["wrong"]

    def test_steps_carry_complex_numbers(self):
        trace = ad.trace(lambda z: np.real(z * z), 1 + 2j)
        (*_, last) = trace.forward(1j)
        assert last.tangent == -4
        (*_, first) = trace.reverse()
        assert first.adjoint == 2 + 4j
        with ad.hooks(on_adjoint=lambda step: None):
            assert ad.grad(lambda z: np.real(z * z))(1 + 2j) == 2 + 4j

    def test_nested_derivatives_keep_their_numbers_apart(self):
        def inner(z):
            return ad.grad(lambda w: np.abs(w * z) ** 2)(2 - 1j)

        # ∂/∂w |wz|² = 2 |z|² conj(w), whose real part has the slope 8 conj(z)
        assert ad.grad(lambda z: np.real(inner(z)))(1 + 2j) == pytest.approx(8 * (1 - 2j))
