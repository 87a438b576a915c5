"""Jacobians, Hessians and the solvers that need them."""

import numpy as np
import pytest
from scipy import integrate, optimize

import adviz as ad

A = np.arange(6.0).reshape(2, 3) / 3


def f(x):
    return np.tanh(A @ x) * np.sum(x * x)


X = np.array([0.3, -0.7, 1.1])


def by_hand(x):
    t = np.tanh(A @ x)
    return (1 - t * t)[:, None] * A * np.sum(x * x) + 2 * np.outer(t, x)


@pytest.mark.parametrize("mode", [ad.jacfwd, ad.jacrev, ad.jacobian])
class TestJacobians:
    def test_of_a_vector(self, mode):
        np.testing.assert_allclose(mode(f)(X), by_hand(X), rtol=1e-13)

    def test_of_nests(self, mode):
        def nest(p, s):
            return {"a": p["w"] * s, "b": (s * s,)}

        found = mode(nest, argnums=(0, 1))({"w": np.ones(2)}, 3.0)
        np.testing.assert_array_equal(found["a"][0]["w"], 3 * np.eye(2))
        np.testing.assert_array_equal(found["a"][1], [1.0, 1.0])
        np.testing.assert_array_equal(found["b"][0][0]["w"], [0.0, 0.0])
        assert found["b"][0][1] == 6.0

    def test_of_scalars(self, mode):
        assert mode(lambda x: [x * x, 3 * x])(2.0) == [4.0, 3.0]

    def test_of_a_jacobian(self, mode):
        second = mode(mode(f))(X)
        np.testing.assert_allclose(second, ad.jacfwd(ad.jacrev(f))(X), rtol=1e-12)
        np.testing.assert_allclose(second, np.swapaxes(second, 1, 2), atol=1e-14)

    def test_the_function_runs_once(self, mode):
        calls = []
        mode(lambda x: (calls.append(1), x * x)[1])(np.ones(5))
        assert calls == [1]

    def test_float32_stays(self, mode):
        assert mode(lambda x: x * 2)(X.astype(np.float32)).dtype == np.float32


def test_jacobian_takes_the_mode_with_fewer_sweeps():
    steps = []
    with ad.hooks(
        on_tangent=lambda _: steps.append("forward"), on_adjoint=lambda _: steps.append("reverse")
    ):
        ad.jacobian(lambda x: x[0] * 2)(np.ones(5))
        assert set(steps) == {"reverse"}
        steps.clear()
        ad.jacobian(lambda x: x * np.ones(5))(2.0)
        assert set(steps) == {"forward"}


def test_linearize_pushes_through_one_recording():
    calls = []

    def counted(x):
        calls.append(1)
        return f(x)

    out, push = ad.linearize(counted, X)
    np.testing.assert_array_equal(out, f(X))
    np.testing.assert_allclose(np.stack([push(e) for e in np.eye(3)], 1), by_hand(X), rtol=1e-13)
    assert calls == [1]


def test_hvp_of_several_arguments():
    found = ad.hvp(lambda x, y: np.sum(x * x * y), (X, 2.0), (np.ones(3), 1.0))
    np.testing.assert_allclose(found[0], 2 * 2.0 * np.ones(3) + 2 * X)
    np.testing.assert_allclose(found[1], 2 * X.sum())


class TestSolvers:
    start = np.linspace(-1.2, 1.4, 100)

    @staticmethod
    def rosenbrock(x):
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)

    def test_rosenbrocks_derivatives(self):
        x, v = self.start, np.cos(self.start)
        np.testing.assert_allclose(ad.grad(self.rosenbrock)(x), optimize.rosen_der(x), rtol=1e-12)
        hess = optimize.rosen_hess(x)
        np.testing.assert_allclose(ad.hessian(self.rosenbrock)(x), hess, rtol=1e-12)
        np.testing.assert_allclose(
            ad.hvp(self.rosenbrock, (x,), (v,)), hess @ v, rtol=1e-10, atol=1e-9
        )

    def test_scipys_own_function(self):
        x = self.start[:10]
        np.testing.assert_allclose(ad.grad(optimize.rosen)(x), optimize.rosen_der(x), rtol=1e-12)

    @pytest.mark.parametrize(
        ("method", "second"),
        [
            ("BFGS", None),
            ("Newton-CG", "hess"),
            ("Newton-CG", "hessp"),
            ("trust-exact", "hess"),
            ("trust-krylov", "hessp"),
        ],
    )
    def test_minimize(self, method, second):
        """SciPy finds with these derivatives what it finds with its own."""
        f, start = self.rosenbrock, np.full(100, 1.1)
        ours = {
            "hess": ad.hessian(f),
            "hessp": lambda x, p: ad.hvp(f, (x,), (p,)),
        }
        theirs = {"hess": optimize.rosen_hess, "hessp": optimize.rosen_hess_prod}
        found, expected = (
            optimize.minimize(
                f, start, method=method, jac=jac, **{second: d[second]} if second else {}
            )
            for jac, d in ((ad.grad(f), ours), (optimize.rosen_der, theirs))
        )
        assert found.success
        assert found.fun < 1e-3
        np.testing.assert_allclose(found.x, expected.x, atol=1e-5)

    def test_root_and_solve_ivp(self):
        found = optimize.root(
            lambda x: x**3 + x - A[1, 0] * np.ones(2),
            np.ones(2),
            jac=ad.jacobian(lambda x: x**3 + x - A[1, 0] * np.ones(2)),
        )
        np.testing.assert_allclose(found.x**3 + found.x, 1.0)

        def stiff(t, y):
            return np.stack([-1000.0 * y[0] + y[1], -y[1]])

        ran = integrate.solve_ivp(
            stiff, (0, 1), [1.0, 1.0], method="BDF", jac=ad.jacobian(stiff, argnums=1), rtol=1e-6
        )
        np.testing.assert_allclose(ran.y[1, -1], np.exp(-1), rtol=1e-3)


class TestCheckGrads:
    def test_passes_what_is_right(self):
        ad.check_grads(f, (X,), order=3)
        ad.check_grads(lambda p: {"y": p["a"] * p["b"]}, ({"a": X, "b": 2.0},))

    def test_refuses_what_is_wrong(self):
        wrong = ad.define("wrong", lambda a: a * a, lambda a, v: a)
        try:
            with pytest.raises(ad.AdvizError, match="tangent of f is not what difference"):
                ad.check_grads(lambda x: wrong(x), (X,))
        finally:
            del ad.ELEMENTALS["wrong"]
