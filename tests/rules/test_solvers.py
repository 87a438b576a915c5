"""Derivatives through SciPy's solvers, against closed forms and mpmath."""

import functools
import math
from collections import deque

import mpmath
import numpy as np
import pytest
from scipy import optimize

import adviz as ad
from adviz.host.errors import MissingAttributeError, SolverError
from adviz.rules.scipy_integrate import integrate_rules
from adviz.rules.scipy_optimize import optimize_rules
from adviz.supported.scipy_examples import OF_SOLVERS
from tests.rules.test_numpy_is_left_as_it_was import changed


def square(y, x):
    return y * y - x


ROOTS = {
    **{
        name: lambda x, name=name: getattr(optimize, name)(square, 0, 9, args=(x,))
        for name in ("brentq", "brenth", "ridder", "bisect", "toms748")
    },
    "args that is no tuple": lambda x: optimize.brentq(square, 0, 9, args=x),
    "full_output": lambda x: optimize.brentq(square, 0, 9, args=(x,), full_output=True)[1].root,
    "newton, secant": lambda x: optimize.newton(square, 1.0, args=(x,)),
    "newton": lambda x: optimize.newton(square, 1.0, lambda y, x: 2 * y, args=(x,)),
    "halley": lambda x: optimize.newton(
        square, 1.0, lambda y, x: 2 * y, args=(x,), fprime2=lambda y, x: 2.0
    ),
    "a traced guess": lambda x: optimize.newton(square, x, lambda y, x: 2 * y, args=(x,)),
    "root_scalar": lambda x: optimize.root_scalar(square, bracket=[0, x + 1], args=(x,)).root,
    "root_scalar with its slope": lambda x: (
        optimize.root_scalar(lambda y: (square(y, x), 2 * y), x0=1.0, fprime=True).root
    ),
    "root": lambda x: optimize.root(square, 1.0, args=(x,)).x[0],
    "root with its Jacobian": lambda x: optimize.root(
        lambda y: (y**2 - x, np.diag(2 * y)), [1.0], jac=True
    ).x[0],
    "fsolve": lambda x: optimize.fsolve(square, 1.0, args=(x,))[0],
    "fixed_point": lambda x: optimize.fixed_point(lambda y, x: (y + x / y) / 2, 1.0, args=(x,)),
    "minimize": lambda x: optimize.minimize(lambda y: y[0] ** 3 / 3 - x * y[0], [1.0], tol=1e-12).x[
        0
    ],
    "minimize_scalar": lambda x: (
        optimize.minimize_scalar(
            lambda y: y**3 / 3 - x * y, bounds=(0, 9), options={"xatol": 1e-12}
        ).x
    ),
}
"""√x by every solver."""


@pytest.mark.parametrize("name", ROOTS)
def test_the_square_root_by_every_solver(name):
    f, x = ROOTS[name], 2.0
    exact = [math.sqrt(2), *(float(mpmath.diff(mpmath.sqrt, 2, k)) for k in (1, 2))]
    close = functools.partial(np.testing.assert_allclose, rtol=3e-8)
    value, slope = ad.value_and_grad(f)(x)
    close([value, slope], exact[:2])
    close(ad.jvp(f, (x,), (3.0,))[1], 3 * exact[1])
    close(ad.grad(ad.grad(f))(x), exact[2])
    close(ad.jvp(ad.grad(f), (x,), (1.0,))[1], exact[2])
    close(ad.jet(f, (x,), ([1.0, 0.0],))[1], exact[1:])
    assert changed() == []


@pytest.mark.parametrize("name", ["brentq", "newton", "root", "fixed_point", "minimize_scalar"])
def test_a_replay_and_compiled_code_solve_again(name):
    f = ROOTS[name]
    trace, compiled = ad.trace(f, 2.0), ad.compile(f, 2.0)
    np.testing.assert_allclose(trace.replay(3.0).value, math.sqrt(3), rtol=1e-7)
    np.testing.assert_allclose(compiled(3.0), math.sqrt(3), rtol=1e-7)
    np.testing.assert_allclose(ad.compile(ad.grad(f), 2.0)(3.0), math.sqrt(1 / 12), rtol=1e-7)


def test_each_pass_of_a_loop_has_its_own_equation():
    """The functions share their code, and differ in what they use from around them."""

    def f(x):
        roots = []
        for k in range(3):
            equation = lambda y: y**2 - x[k]  # noqa: B023, E731 - it is solved at once
            roots.append(optimize.brentq(equation, 0, 9, xtol=1e-14))
        return np.stack(roots)

    a, b = np.array([1.0, 2.0, 3.0]), np.array([4.0, 3.0, 5.0])
    np.testing.assert_allclose(ad.compile(f, a)(b), np.sqrt(b), rtol=1e-9)
    np.testing.assert_allclose(ad.trace(f, a).replay(b).value, np.sqrt(b), rtol=1e-9)
    compiled = ad.compile(lambda x: np.sum(f(x) ** 3), a)
    np.testing.assert_allclose(compiled.grad(b), 1.5 * np.sqrt(b), rtol=1e-9)


def both(y, a):
    """Two numbers with a sum and a product that are given."""
    return [y[0] + y[1] - a[0], y[0] * y[1] - a[1]]


@pytest.mark.parametrize("method", ["hybr", "lm", "broyden1", "krylov"])
def test_several_equations(method):
    def larger(a):
        f = lambda y: np.stack(both(y, a))  # noqa: E731
        return optimize.root(f, [3.2, 1.9], method=method, tol=1e-11).x[0]

    def formula(a):
        return (a[0] + np.sqrt(a[0] ** 2 - 4 * a[1])) / 2

    a = np.array([5.0, 6.0])
    for derivative in (ad.grad, ad.jacfwd, ad.hessian):
        np.testing.assert_allclose(derivative(larger)(a), derivative(formula)(a), rtol=1e-7)


def test_a_jacobian_in_both_modes_and_with_many_seeds():
    def roots(a):
        return optimize.fsolve(both, [3.5, 1.5], args=(a,))

    a, exact = np.array([5.0, 6.0]), [[3.0, -1.0], [-2.0, 1.0]]
    for jacobian in (ad.jacfwd, ad.jacrev):
        np.testing.assert_allclose(jacobian(roots)(a), exact, rtol=1e-10)
        np.testing.assert_allclose(jacobian(lambda a: roots(a) * 2.0)(a), 2 * np.array(exact))
    ad.check_grads(roots, (a,))


def test_newton_for_many_numbers_at_once():
    x = np.array([1.0, 2.0, 3.0])
    jacobian = ad.jacobian(lambda x: optimize.newton(square, np.ones(3), args=(x,)))(x)
    np.testing.assert_allclose(jacobian, np.diag(0.5 / np.sqrt(x)), atol=1e-12)


class TestMinima:
    def test_a_least_squares_fit_has_the_derivative_of_its_normal_equations(self):
        rng = np.random.default_rng(0)
        matrix, b = rng.normal(size=(5, 2)), rng.normal(size=5)

        def fitted(b):
            return optimize.minimize(
                lambda p: np.sum((matrix @ p - b) ** 2), np.zeros(2), tol=1e-10
            ).x

        np.testing.assert_allclose(ad.jacobian(fitted)(b), np.linalg.pinv(matrix), atol=1e-7)

    def test_the_smallest_value_moves_as_the_envelope_theorem_says(self):
        def smallest(a):
            cost = lambda y: (y[0] - a) ** 2 + a * y[0]  # noqa: E731
            return optimize.minimize(cost, [0.0]).fun

        # y = a/2, and the value is a²/4 + a²/2
        np.testing.assert_allclose(ad.grad(smallest)(3.0), 4.5, rtol=1e-6)
        np.testing.assert_allclose(ad.grad(ad.grad(smallest))(3.0), 1.5, rtol=1e-6)

    @pytest.mark.parametrize("method", ["Nelder-Mead", "CG", "BFGS", "L-BFGS-B", "TNC", "Powell"])
    def test_every_method(self, method):
        def at(a):
            cost = lambda y: (y[0] - a) ** 2 + (y[1] - a * y[0]) ** 2  # noqa: E731
            tol = None if method == "CG" else 1e-12
            return optimize.minimize(cost, [1.0, 1.0], method=method, tol=tol).x

        np.testing.assert_allclose(ad.jacobian(at)(3.0), [1.0, 6.0], rtol=1e-4)


class Spring:
    def __init__(self, stiffness):
        self.stiffness = stiffness

    def force(self, y, load):
        return self.stiffness * y - load


class TestWhereTheNumbersComeFrom:
    def test_variables_around_a_function_count_as_they_were(self):
        def total(x):
            factor = np.zeros(1)
            roots = 0.0
            for k in (1.0, 2.0, 3.0):
                factor[0] = k
                roots += optimize.brentq(lambda y: y * y - k * x, 0, 9)  # noqa: B023
                roots += optimize.brentq(lambda y: y * y - factor[0] * x, 0, 9)
            return roots

        exact = sum(math.sqrt(k / 2) for k in (1, 2, 3))
        np.testing.assert_allclose(ad.grad(total)(2.0), exact, rtol=1e-12)

    def test_an_array_that_is_assigned_to_afterwards_counts_as_it_was(self):
        def f(x):
            root = optimize.brentq(lambda y, a: y * y - a[0], 0, 9, args=(x,))
            x = x * 1.0
            later = optimize.brentq(lambda y, a: y * y - a[0], 0, 9, args=(x,))
            x[0] = 7.0
            return root + later

        np.testing.assert_allclose(ad.grad(f)(np.array([4.0])), [0.5], rtol=1e-12)

    def test_a_method_uses_what_its_object_held(self):
        def stretched(k):
            spring = Spring(k)
            y = optimize.brentq(spring.force, 0, 9, args=(6.0,))
            spring.stiffness = 100.0
            return y

        np.testing.assert_allclose(ad.grad(stretched)(2.0), -6 / 4, rtol=1e-12)

    @pytest.mark.parametrize(
        "around",
        [
            lambda x: functools.partial(square, x=x),
            lambda x: lambda y, x=x: square(y, x),
            lambda x: lambda y, *, x=x: square(y, x),
            lambda x: lambda y: (lambda: square(y, x))(),
            lambda x: ad.grad(lambda y: y**3 / 3 - x * y),
        ],
        ids=["partial", "default", "keyword", "nested", "gradient"],
    )
    def test_functions_of_all_kinds(self, around):
        root = lambda x: optimize.brentq(around(x), 0.1, 9)  # noqa: E731
        np.testing.assert_allclose(ad.grad(root)(2.0), math.sqrt(1 / 8), rtol=1e-11)

    def test_a_function_that_calls_itself(self):
        def f(x):
            def power(y, n):
                return x if n == 0 else y * power(y, n - 1) / (1 if n > 1 else x)

            return optimize.brentq(lambda y: power(y, 2) - x, 0.1, 9)

        np.testing.assert_allclose(ad.grad(f)(4.0), 0.25, rtol=1e-11)

    def test_counters_count_the_calls_of_the_solver(self):
        calls, seen = 0, []

        def root(x):
            def f(y):
                nonlocal calls
                calls += 1
                seen.append(y)
                return y * y - x

            return optimize.brentq(f, 0, 9)

        root(2.0)
        alone = calls
        calls = 0
        seen.clear()
        ad.trace(root, 2.0)
        assert calls == len(seen) == alone

    def test_where_a_number_is_not_found_it_is_refused(self):
        def f(x):
            hidden = deque([x])
            return optimize.brentq(lambda y, c: y * y - c * hidden[0], 0, 9, args=(x,))

        with pytest.raises(ad.AdvizError, match=r"returned a traced number to brentq.*args="):
            ad.grad(f)(2.0)

    def test_one_solver_inside_another(self):
        def fourth_root(x):
            inner = lambda y: optimize.brentq(lambda z: z - y * y, 0, 99)  # noqa: E731
            return optimize.brentq(lambda y: inner(y) ** 2 - x, 0.1, 9)

        np.testing.assert_allclose(ad.grad(fourth_root)(2.0), 0.25 * 2**-0.75, rtol=1e-9)

    def test_plain_numbers_get_what_scipy_gives(self):
        def f(x):
            return x * optimize.brentq(lambda y: y * y - 2, 0, 9)

        assert [row.op for row in ad.trace(f, 2.0).rows] == ["input", "mul"]

    def test_derivatives_of_an_outer_variable(self):
        def outer(x):
            return ad.grad(lambda z: optimize.brentq(lambda y: y * y - x * z, 0, 9))(3.0)

        # d/dx of √x / (2 √3)
        np.testing.assert_allclose(ad.grad(outer)(2.0), 1 / (4 * math.sqrt(6)), rtol=1e-11)

    def test_again_and_again(self):
        f = ad.grad(lambda x: np.sum(x * optimize.brentq(lambda y: y * y - x[0], 0, 9)))
        for x in np.random.default_rng(1).uniform(1, 4, (6, 2)):
            exact = [1.5 * math.sqrt(x[0]) + x[1] / 2 / math.sqrt(x[0]), math.sqrt(x[0])]
            np.testing.assert_allclose(f(x), exact, rtol=1e-10)


def test_the_cost_of_a_derivative_is_one_evaluation_of_f():
    calls = 0

    def f(y, x):
        nonlocal calls
        calls += 1
        return y * y - x

    root = lambda x: optimize.brentq(f, 0, 9, args=(x,))  # noqa: E731
    root(2.0)
    alone, calls = calls, 0
    ad.grad(root)(2.0)
    assert calls == alone + 1


REFUSED = {
    "no convergence": (lambda x: optimize.newton(lambda y: y * y + x, 1.0), "newton found no"),
    "root": (lambda x: optimize.root(lambda y: y**2 + x, [1.0]).x[0], "root found no solution"),
    "fsolve": (lambda x: optimize.fsolve(lambda y: y**2 + x, [1.0])[0], "fsolve found no"),
    "a pole": (lambda x: optimize.brentq(lambda y: np.tan(y - x), x + 1, x + 2), "at a pole"),
    "a jump": (lambda x: optimize.brentq(lambda y: np.sign(y - x), 0, 4), "F_y, .* is 0 there"),
    "many solutions": (
        lambda x: optimize.root(lambda y: [y[0] + y[1] - x, 2 * (y[0] + y[1] - x)], [1.0, 1]).x[0],
        "F_y, .* is singular there",
    ),
    "a bound": (
        lambda x: optimize.minimize(lambda y: (y[0] - x) ** 2, [0.5], bounds=[(0, 1)]).x[0],
        "on the bound 1",
    ),
    "the end of an interval": (
        lambda x: optimize.minimize_scalar(lambda y: (y - x) ** 2, bounds=(0, 1)).x,
        "no solution: a step of Newton's method",
    ),
    "a minimum that a parameter makes flat": (
        lambda x: optimize.minimize_scalar(lambda y: x + 0 * y).x,
        "minimize_scalar found no solution",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::scipy.optimize.OptimizeWarning")
def test_what_is_no_solution_has_no_derivative(name):
    f, message = REFUSED[name]
    with pytest.raises(SolverError, match=message):
        ad.grad(f)(2.5)


def test_constraints_and_other_results_are_refused():
    def constrained(x):
        condition = {"type": "eq", "fun": lambda y: y[0] - 1}
        return optimize.minimize(lambda y: (y[0] - x) ** 2, [0.5], constraints=condition).x[0]

    with pytest.raises(ad.AdvizError, match=r"constraints .* Lagrange"):
        ad.grad(constrained)(2.0)
    with pytest.raises(MissingAttributeError, match="hess_inv of a solver's result"):
        ad.grad(lambda x: optimize.minimize(lambda y: (y[0] - x) ** 2, [0.5]).hess_inv)(2.0)
    with pytest.raises(ValueError, match="different signs"):  # SciPy's own
        ad.grad(lambda x: optimize.brentq(square, 5, 9, args=(x,)))(2.0)


class TestTheRow:
    def test_it_says_how_its_derivative_follows(self):
        trace = ad.trace(ROOTS["brentq"], 2.0)
        assert [row.op for row in trace.rows] == ["input", "brentq"]
        assert trace.row(1).remark == (
            "From F(y, x) = 0: dy/dx = −F_y⁻¹ F_x. Here that is −(−1) / 2.82843 = 0.353553."
        )
        assert "−ȳ F_y⁻¹ F_x" in str(trace.table("reverse")).replace("v̄₁", "ȳ")
        assert "F_y⁻¹" in ad.trace(ROOTS["fsolve"], 2.0).row(1).remark
        assert "∇f = 0" in ad.trace(ROOTS["minimize"], 2.0).row(1).remark

    def test_it_opens_as_the_trace_of_its_equations(self):
        inside = ad.trace(ROOTS["brentq"], 2.0).inside(1)
        assert inside.input_names == ("y", "x")
        assert [row.op for row in inside.rows] == ["input", "input", "mul", "sub"]
        np.testing.assert_allclose(inside.value, 0.0, atol=1e-12)
        by_y, by_x = ad.grad(square, (0, 1))(math.sqrt(2), 2.0)
        adjoints = {step.row.label: step.adjoint for step in inside.reverse()}
        np.testing.assert_allclose([adjoints["v₋₁"], adjoints["v₀"]], [by_y, by_x])

    def test_another_row_does_not(self):
        with pytest.raises(ad.AdvizError, match="v₁ = mul has no trace inside it"):
            ad.trace(lambda x: x * x, 2.0).inside(1)


@pytest.mark.parametrize("name", OF_SOLVERS)
def test_the_examples_of_the_catalogue(name):
    (example,) = OF_SOLVERS[name].examples
    rng = np.random.default_rng(3)
    low = 0.5 if example.positive else -0.5
    inputs = tuple(
        rng.uniform(low, 1.5, shape) if shape else float(rng.uniform(low, 1.5))
        for shape in example.shapes
    )
    ad.check_grads(example, inputs, rtol=1e-3)  # to the second order


def test_every_rule_is_in_the_catalogue():
    named = {f.__name__ for f in (*optimize_rules(), *integrate_rules())}
    assert {name.partition(".")[2] for name in OF_SOLVERS} == named | {"CubicSpline"}


def test_the_trace_inside_shows_the_source_of_the_users_function():
    def circle(y, x):
        return y * y - x

    def root(x):
        return optimize.brentq(circle, 0, 10, args=(x,))

    (source,) = ad.trace(root, 9.0).inside(1).play().document["sources"]
    assert source["title"] == "circle"
    assert "        return y * y - x" in source["lines"]
