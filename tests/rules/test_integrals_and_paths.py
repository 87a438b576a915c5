"""Derivatives of integrals, of solutions of differential equations, and of splines."""

import math

import mpmath
import numpy as np
import pytest
from scipy import integrate, interpolate

import adviz as ad
from adviz.host.errors import SolverError
from tests.rules.test_numpy_is_left_as_it_was import changed


def of_mpmath(f, x, order=1):
    return float(mpmath.diff(f, x, order))


class TestIntegrals:
    @pytest.mark.parametrize(
        ("integral", "closed_form"),
        [
            (
                lambda x: integrate.quad(lambda t: np.exp(-x * t), 0, 2)[0],
                lambda x: (1 - mpmath.exp(-2 * x)) / x,
            ),
            (
                lambda x: integrate.quad(lambda t, x: np.exp(-x * t), 0, 2, args=(x,))[0],
                lambda x: (1 - mpmath.exp(-2 * x)) / x,
            ),
            (
                lambda x: integrate.quad(lambda t: np.exp(-x * t * t), -np.inf, np.inf)[0],
                lambda x: mpmath.sqrt(mpmath.pi / x),
            ),
            (
                lambda x: integrate.quad(lambda t: np.exp(-x * t), x, x * x)[0],
                lambda x: (mpmath.exp(-x * x) - mpmath.exp(-(x**3))) / x,
            ),
            (
                lambda x: integrate.quad(np.sin, 0, x)[0],
                lambda x: 1 - mpmath.cos(x),
            ),
            (
                lambda x: integrate.quad(lambda t: abs(t - 1) * x * x, 0, 3, points=[1.0])[0],
                lambda x: x * x * mpmath.mpf(2.5),
            ),
        ],
        ids=["closure", "args", "infinite", "bounds", "only a bound", "points"],
    )
    def test_agree_with_closed_forms(self, integral, closed_form):
        x = 1.5
        exact = [of_mpmath(closed_form, x, k) for k in range(4)]
        close = lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-12)  # noqa: E731
        close(ad.value_and_grad(integral)(x), exact[:2])
        close(ad.jvp(integral, (x,), (2.0,))[1], 2 * exact[1])
        close(ad.grad(ad.grad(integral))(x), exact[2])
        close(ad.jet(integral, (x,), ([1.0, 0.0, 0.0],))[1], exact[1:])
        close(ad.trace(integral, x).replay(1.2).value, of_mpmath(closed_form, 1.2, 0))
        close(ad.compile(integral, x)(1.2), of_mpmath(closed_form, 1.2, 0))

    def test_arrays_of_parameters_and_of_values(self):
        a = np.array([1.0, 2.0])
        wave = lambda a: integrate.quad(lambda t: a[1] * np.sin(a[0] * t), 0, 3)[0]  # noqa: E731
        exact = [2 * (3 * math.sin(3) + math.cos(3) - 1), 1 - math.cos(3)]
        np.testing.assert_allclose(ad.grad(wave)(a), exact)
        np.testing.assert_allclose(ad.hessian(wave)(a), ad.jacobian(ad.jacfwd(wave))(a), rtol=1e-7)
        squares = lambda a: integrate.quad_vec(lambda t: (a * t) ** 2, 0, 1)[0]  # noqa: E731
        for jacobian in (ad.jacfwd, ad.jacrev):
            np.testing.assert_allclose(jacobian(squares)(a), np.diag(2 * a / 3), atol=1e-12)

    def test_of_two_variables(self):
        def mass(a):
            return integrate.dblquad(lambda y, x, a: a * a * x * y, 0, 1, 0, 1, args=(a,))[0]

        np.testing.assert_allclose(ad.grad(mass)(3.0), 6 / 4)

    def test_the_row_says_leibniz(self):
        trace = ad.trace(lambda x: integrate.quad(lambda t: np.exp(-x * t), 0, x)[0], 1.0)
        assert [row.op for row in trace.rows] == ["input", "quad"]
        assert "Leibniz" in trace.row(1).remark
        assert "f(b)" in str(trace.table("reverse"))

    @pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
    def test_what_has_no_integral(self):
        with pytest.raises(SolverError, match="quad found no integral"):
            ad.grad(lambda x: integrate.quad(lambda t: x / t, 0, 1)[0])(1.0)
        with pytest.raises(ad.AdvizError, match="weight="):
            ad.grad(lambda x: integrate.quad(lambda t: x, 0, 1, weight="cos", wvar=1.0)[0])(1.0)


TIMES = np.linspace(0.0, 2.0, 5)
FINE = {"rtol": 1e-9, "atol": 1e-12}


def decay(t, y, k):
    return -k * y


class TestInitialValueProblems:
    @pytest.mark.parametrize("method", ["RK45", "DOP853", "Radau", "BDF", "LSODA"])
    def test_decay_by_every_method(self, method):
        def path(k):
            options = {"method": method, "rtol": 1e-8, "atol": 1e-10, "args": (k,)}
            return integrate.solve_ivp(decay, (0, 2), [1.5], t_eval=TIMES, **options).y[0]

        k = 1.3
        exact = -TIMES * 1.5 * np.exp(-k * TIMES)
        np.testing.assert_allclose(path(k), 1.5 * np.exp(-k * TIMES), atol=1e-6)
        for jacobian in (ad.jacfwd, ad.jacrev):
            np.testing.assert_allclose(jacobian(path)(k), exact, atol=1e-6)

    @pytest.mark.parametrize(
        ("end", "at", "exact"),
        [
            (lambda s: ((0, s), None), 2.0, lambda y: -y),
            (lambda s: ((0, 9.0), [0.0, s]), 2.0, lambda y: -y),
            (lambda s: ((s, 2.0), None), 0.0, lambda y: y),
            (lambda s: ((s, s + 2.0), None), 0.0, lambda y: 0.0),
        ],
        ids=["the end", "a time", "the beginning", "both"],
    )
    def test_times_have_derivatives(self, end, at, exact):
        def last(moved):
            t_span, t_eval = end(moved)
            y = integrate.solve_ivp(lambda t, y: -y, t_span, [1.0], t_eval=t_eval, **FINE).y
            return y[0, -1]

        for derivative in (ad.grad(last)(at), ad.jvp(last, (at,), (1.0,))[1]):
            np.testing.assert_allclose(derivative, exact(np.exp(-2)), atol=1e-8)

    def test_an_oscillator_by_odeint(self):
        def path(p):
            field = lambda y, t: [y[1], -(p[0] ** 2) * y[0]]  # noqa: E731
            return integrate.odeint(field, [p[1], 0.0], TIMES)[:, 0]

        k = 1.3
        exact = np.stack([-TIMES * np.sin(k * TIMES), np.cos(k * TIMES)], 1)
        for jacobian in (ad.jacfwd, ad.jacrev):
            np.testing.assert_allclose(jacobian(path)(np.array([k, 1.0])), exact, atol=2e-7)

    def test_second_derivatives_of_an_oscillator(self):
        k, times = 1.3, TIMES[:3]

        def path(p):
            field = lambda y, t: [y[1], -(p[0] ** 2) * y[0]]  # noqa: E731
            return integrate.odeint(field, [p[1], 0.0], times, rtol=1e-6)[:, 0]

        curved = ad.hessian(lambda p: np.sum(path(p)))(np.array([k, 1.0]))
        mixed = -np.sum(times * np.sin(k * times))
        exact = [[-np.sum(times**2 * np.cos(k * times)), mixed], [mixed, 0.0]]
        np.testing.assert_allclose(curved, exact, atol=1e-5)

    def test_a_path_that_contracts_is_not_integrated_backwards(self):
        def path(k):
            options = {"method": "Radau", "rtol": 1e-6, "atol": 1e-8}
            problem = integrate.solve_ivp(
                lambda t, y: -k * (y - np.cos(t)), (0, 5), [0.0], t_eval=[0.1, 5.0], **options
            )
            return problem.y[0]

        def exact(k, t):
            particular = lambda t: k * (k * np.cos(t) + np.sin(t)) / (1 + k * k)  # noqa: E731
            return particular(t) - particular(0.0) * np.exp(-k * t)

        slopes = [ad.grad(exact)(50.0, t) for t in (0.1, 5.0)]
        np.testing.assert_allclose(ad.jacrev(path)(50.0), slopes, rtol=1e-4)
        np.testing.assert_allclose(ad.jacfwd(path)(50.0), slopes, rtol=1e-4)

    def test_backwards_in_time(self):
        def first(k):
            return integrate.solve_ivp(decay, (2, 0), [1.0], args=(k,), **FINE).y[0, -1]

        np.testing.assert_allclose(ad.grad(first)(0.5), 2 * math.e, rtol=1e-7)

    def test_higher_derivatives_replays_and_compiled_code(self):
        def last(k):
            return integrate.solve_ivp(decay, (0, 2), [1.5], args=(k,), rtol=1e-6).y[0, -1]

        k = 1.3
        exact = [(-2) ** order * 1.5 * math.exp(-2 * k) for order in range(3)]
        close = lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5)  # noqa: E731
        close(ad.grad(ad.grad(last))(k), exact[2])
        close(ad.jet(last, (k,), ([1.0, 0.0],))[1], exact[1:])
        close(ad.trace(last, k).replay(1.0).value, 1.5 * math.exp(-2))
        close(ad.compile(last, k)(1.0), 1.5 * math.exp(-2))
        assert changed() == []

    def test_the_adjoint_costs_the_same_for_any_number_of_parameters(self):
        calls = 0

        def field(t, y, a):
            nonlocal calls
            calls += 1
            return np.array([np.sum(a) * -y[0]]) if isinstance(a, np.ndarray) else -np.sum(a) * y

        def last(a):
            return integrate.solve_ivp(field, (0, 1), [1.0], args=(a,)).y[0, -1]

        costs = []
        for count in (1, 30):
            calls = 0
            last(np.full(count, 1 / count))
            alone, calls = calls, 0
            slopes = ad.grad(last)(np.full(count, 1 / count))
            np.testing.assert_allclose(slopes, np.full(count, -math.exp(-1)), rtol=1e-4)
            costs.append(calls / alone)
        assert costs[1] < 1.5 * costs[0]

    def test_the_row_says_both_equations(self):
        trace = ad.trace(lambda k: integrate.odeint(decay, 1.0, TIMES, (k,), tfirst=True), 1.0)
        assert [row.op for row in trace.rows] == ["input", "odeint"]
        assert "λ' = −f_yᵀ λ" in trace.row(1).remark

    @pytest.mark.parametrize(
        ("option", "message"),
        [
            ({"events": lambda t, y: y[0]}, "events= .* brentq"),
            ({"dense_output": True}, "dense_output= .* t_eval="),
            ({"vectorized": True}, "vectorized="),
        ],
    )
    def test_options_that_are_refused(self, option, message):
        with pytest.raises(ad.AdvizError, match=message):
            ad.grad(lambda k: integrate.solve_ivp(lambda t, y: -k * y, (0, 1), [1.0], **option))(
                1.0
            )

    @pytest.mark.filterwarnings("ignore::RuntimeWarning")
    def test_a_path_that_ends_too_early(self):
        with pytest.raises(SolverError, match="solve_ivp came to no end"):
            ad.grad(lambda k: integrate.solve_ivp(lambda t, y: k * y**2, (0, 2), [1.0]).y[0, -1])(
                1.0
            )


class TestRungeKutta:
    def test_the_derivative_is_that_of_the_steps(self):
        def last(k):
            return ad.runge_kutta(decay, 1.0, [0.0, 1.0], (k,))[-1]

        step = np.polynomial.Polynomial([1, -1, 1 / 2, -1 / 6, 1 / 24])  # of exp(-k)
        np.testing.assert_allclose(last(0.5), step(0.5), rtol=1e-15)
        np.testing.assert_allclose(ad.grad(last)(0.5), step.deriv()(0.5), rtol=1e-14)

    def test_its_order_is_4_and_that_of_its_derivative_too(self):
        def last(k, steps):
            field = lambda t, y: [y[1], -k * k * y[0]]  # noqa: E731
            return ad.runge_kutta(field, [1.0, 0.0], [0.0, 2.0], steps=steps)[-1, 0]

        for f, exact in ((last, math.cos(2)), (ad.grad(last), -2 * math.sin(2))):
            errors = [abs(f(1.0, steps) - exact) for steps in (20, 40)]
            assert 3.8 < math.log2(errors[0] / errors[1]) < 4.2

    def test_times_and_the_beginning_have_derivatives(self):
        f = lambda y0, t: ad.runge_kutta(lambda t, y: -y, y0, [0.0, t], steps=50)[-1]  # noqa: E731
        exact = (math.exp(-2), -3 * math.exp(-2))
        np.testing.assert_allclose(ad.grad(f, (0, 1))(3.0, 2.0), exact, rtol=1e-6)


CONDITIONS = {
    "not-a-knot": "not-a-knot",
    "natural": "natural",
    "clamped": "clamped",
    "periodic": "periodic",
    "two of them": ("not-a-knot", "natural"),
    "slopes": ((1, 0.5), (2, 0.3)),
    "bends": ((2, 0.3), (1, 0.5)),
}


class TestSplines:
    @pytest.mark.parametrize("condition", CONDITIONS)
    @pytest.mark.parametrize("count", [2, 3, 4, 6])
    def test_by_their_points(self, condition, count):
        rng = np.random.default_rng(count)
        x, y = np.cumsum(rng.uniform(0.5, 1.5, count)), rng.normal(size=count)
        at = np.linspace(x[0] - 0.5, x[-1] + 0.5, 7)
        ends = CONDITIONS[condition]

        def spline(x, y, order=0):
            if condition == "periodic":
                y = np.concatenate([y[:-1], y[:1]])
            return interpolate.CubicSpline(x, y, bc_type=ends)(at, order)

        trace = ad.trace(spline, x, y)
        np.testing.assert_allclose(trace.value, spline(x, y), atol=1e-13)
        for order in (0, 1, 2):
            ad.check_grads(lambda x, y, order=order: spline(x, y, order), (x, y), rtol=1e-5)

    def test_where_they_are_evaluated(self):
        x, y = np.array([0.0, 1.0, 2.5, 3.0]), np.array([1.0, 2.0, 0.5, 0.0])
        spline = interpolate.CubicSpline(x, y)
        for at in (0.3, 1.0, 3.0, 5.0):
            np.testing.assert_allclose(ad.grad(spline)(at), spline(at, 1), atol=1e-12)
            np.testing.assert_allclose(ad.grad(ad.grad(spline))(at), spline(at, 2), atol=1e-12)
        of_others = interpolate.PchipInterpolator(x, y)
        np.testing.assert_allclose(ad.grad(of_others)(0.3), of_others(0.3, 1))
        slope = lambda y: interpolate.CubicSpline(x, y).derivative()(0.3)  # noqa: E731
        ad.check_grads(slope, (y,))
        assert math.isnan(ad.grad(lambda t: spline(t, extrapolate=False))(7.0))

    def test_several_at_once(self):
        x, y = np.arange(4.0), np.random.default_rng(0).normal(size=(4, 2))
        ad.check_grads(lambda y: interpolate.CubicSpline(x, y)(np.array([0.5, 2.5])), (y,))

    @pytest.mark.parametrize("method", ["roots", "antiderivative"])
    def test_what_they_cannot_do(self, method):
        x = np.arange(4.0)
        with pytest.raises(ad.AdvizError, match=f"CubicSpline.{method} computes with plain"):
            ad.grad(lambda y: getattr(interpolate.CubicSpline(x, y), method)())(x - 1.5)


def test_interp_by_all_three_arguments():
    at, x, y = np.array([0.5, 2.0, 2.9]), np.array([0.0, 1.0, 3.0]), np.array([1.0, 4.0, 2.0])
    ad.check_grads(np.interp, (at, x, y))
    np.testing.assert_allclose(ad.grad(np.interp, 1)(2.0, x, y), [0.0, 0.5, 0.5])
