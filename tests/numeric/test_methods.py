"""Richardson's tableau, differential quadrature, the complex step, counted gradients."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import adviz as ad
from tests.numeric.functions import SQUIRE_TRAPP_SLOPE, squire_trapp

SMOOTH = {
    "exp": (np.exp, mpmath.exp),
    "tan": (np.tan, mpmath.tan),
    "fast": (lambda x: np.sin(100 * x), lambda x: mpmath.sin(100 * x)),
    "narrow": (lambda x: np.exp(-((1000 * x) ** 2)), lambda x: mpmath.exp(-((1000 * x) ** 2))),
    "cubic": (lambda x: x**3 - x, lambda x: x**3 - x),
    "steep": (lambda x: np.arctan(50 * x), lambda x: mpmath.atan(50 * x)),
    "rounded": (lambda x: np.log(np.cosh(x)), lambda x: mpmath.log(mpmath.cosh(x))),
    "offset": (lambda x: 1e6 + np.sin(x), lambda x: 10**6 + mpmath.sin(x)),
    "squire_trapp": (
        squire_trapp,
        lambda x: mpmath.exp(x) / (mpmath.sin(x) ** 3 + mpmath.cos(x) ** 3),
    ),
}
"""Functions, some of them hard for differences, and the same for mpmath."""


class TestRichardson:
    def test_the_tableau_is_neville_s(self):
        found = ad.richardson(np.exp, 1.0, h=0.5, rows=5)
        for i, row in enumerate(found.tableau):
            h = 0.5 / 2**i
            assert row[0] == (np.exp(1 + h) - np.exp(1 - h)) / (2 * h)
            for j in range(1, i + 1):
                # Neville's interpolation in h², at 0
                before = found.tableau[i - 1][j - 1]
                x0, x1 = (0.5 / 2 ** (i - j)) ** 2, h**2
                expected = (x0 * row[j - 1] - x1 * before) / (x0 - x1)
                assert row[j] == pytest.approx(expected, rel=1e-13)

    def test_it_stops_by_itself_and_knows_its_error(self):
        found = ad.richardson(squire_trapp, 1.5, h=0.2)
        assert "rounding errors" in found.stopped
        assert abs(found.value - SQUIRE_TRAPP_SLOPE) <= found.error < 1e-11
        assert found.evaluations == 2 * len(found.tableau) + 3  # f(x0), and a last comparison
        early = ad.richardson(squire_trapp, 1.5, h=0.2, tolerance=1e-4)
        assert early.evaluations < found.evaluations
        assert "at most 1e-04" in early.stopped
        few = ad.richardson(np.exp, 0.0, rows=2)
        assert few.stopped.endswith("as many as were allowed.")
        assert abs(few.value - 1) <= few.error < 0.01

    @given(
        st.sampled_from(list(SMOOTH)),
        st.floats(-2, 2),
        st.floats(0.01, 1.0),
        st.sampled_from([1.0, 1e-3]),
    )
    @example("tan", 1.5, 0.1, 1.0)  # its first steps reach across a pole
    @example("fast", 0.3, 0.1, 1.0)
    @example("narrow", 0.5, 0.1, 1e-3)
    @settings(max_examples=settings().max_examples // 2)
    def test_the_true_derivative_is_within_the_error_it_states(self, name, x0, h, scale):
        f, precisely = SMOOTH[name]
        try:
            found = ad.richardson(f, x0 * scale, h)
        except ad.AdvizError:
            return  # a step that met a pole
        with mpmath.workdps(40):
            true = mpmath.diff(precisely, mpmath.mpf(x0 * scale), h=mpmath.mpf(10) ** -15)
            assert abs(found.value - true) <= found.error

    @pytest.mark.parametrize(
        "f",
        [
            abs,
            lambda x: abs(x) + np.sin(x),
            np.sign,
            np.cbrt,
            lambda x: np.sqrt(abs(x)),
            lambda x: np.maximum(0.0, x),
        ],
        ids=["abs", "abs_and_sin", "jump", "cube_root", "cusp", "relu"],
    )
    def test_where_there_is_no_derivative_it_claims_none(self, f):
        found = ad.richardson(f, 0.0)
        assert found.error >= 0.5
        assert "not settled" in str(found)
        assert "kink" in found.stopped

    @pytest.mark.parametrize(
        ("f", "precisely", "x0", "h"),
        [
            (lambda x: np.sin(1000 * x), lambda x: mpmath.sin(1000 * x), 1.0, 0.1),
            (lambda x: np.sin(100 * x), lambda x: mpmath.sin(100 * x), 10.0, 1.0),
            (lambda x: np.maximum(x * x, x), lambda x: max(x * x, x), 0.5, 10.0),
            (
                lambda x: x * x + 1e-6 * np.sin(1e4 * x),
                lambda x: x * x + mpmath.mpf(1e-6) * mpmath.sin(10**4 * x),
                2.0,
                10.0,
            ),
        ],
        ids=["fast", "slower", "kinks", "ripple"],
    )
    def test_what_lies_between_the_first_nodes_is_noticed(self, f, precisely, x0, h):
        found = ad.richardson(f, x0, h)
        with mpmath.workdps(40):
            true = mpmath.diff(precisely, mpmath.mpf(x0), h=mpmath.mpf(10) ** -15)
            assert abs(found.value - true) <= found.error < 1e-4 * abs(true)

    def test_it_shows_its_tableau(self):
        found = ad.richardson(np.exp, 0.0)
        shown = found._repr_html_()
        assert shown.count("<tr>") == len(found.tableau) + 1
        assert shown.count("<strong>") == 1
        assert "h⁴ gone" in shown
        assert str(found).count("*") == 2

    def test_what_is_wrong_is_said(self):
        with pytest.raises(ad.AdvizError, match="smaller step"):
            ad.richardson(np.log, 0.1, h=0.5)
        with pytest.raises(ad.AdvizError, match="positive step"):
            ad.richardson(np.exp, 0.1, h=-1)


class TestQuadrature:
    @pytest.mark.parametrize("nodes", ["chebyshev", "uniform"])
    def test_exact_for_polynomials_at_all_nodes(self, nodes):
        polynomial = np.polynomial.Polynomial([1, -2, 0, 3, 1])
        found = ad.differential_quadrature(polynomial, (-1.0, 3.0), n=5, nodes=nodes)
        assert found.derivatives == pytest.approx(polynomial.deriv()(found.nodes), rel=1e-12)
        again = ad.differential_quadrature(polynomial, (-1.0, 3.0), 5, nodes, derivative=2)
        expected = polynomial.deriv(2)(found.nodes)
        assert again.derivatives == pytest.approx(expected, rel=1e-10, abs=1e-10)
        assert found.evaluations == 5

    def test_complex_values_are_refused(self):
        for f in (lambda x: 1j * x, np.emath.sqrt, lambda x: complex(x)):
            with pytest.raises(ad.AdvizError, match="complex"):
                ad.differential_quadrature(f, (-1.0, 1.0), n=5)
            with pytest.raises(ad.AdvizError, match="complex"):
                ad.richardson(f, -0.5)

    def test_chebyshev_nodes_converge_where_uniform_ones_diverge(self):
        def runge(x):
            return 1 / (1 + 25 * x * x)

        def worst(n, nodes):
            found = ad.differential_quadrature(runge, (-1.0, 1.0), n, nodes)
            slopes = -50 * found.nodes / (1 + 25 * found.nodes**2) ** 2
            return np.max(np.abs(found.derivatives - slopes))

        assert worst(81, "chebyshev") < 1e-4 < 1e2 < worst(41, "uniform")

    def test_its_weights_are_stable(self):
        """Constants have no slope at all, and many nodes lose few digits."""
        found = ad.differential_quadrature(np.exp, (0.0, 1.0), n=129)
        assert np.max(np.abs(found.matrix @ np.ones(129))) < 1e-10
        assert np.max(np.abs(found.derivatives / np.exp(found.nodes) - 1)) < 1e-10

    def test_what_is_wrong_is_said(self):
        for interval in ((1.0, 0.0), (1.0, 1.0), (0.0, np.nan), (0.0,), "01", None):
            with pytest.raises(ad.AdvizError, match="interval must be"):
                ad.differential_quadrature(np.exp, interval)
        with pytest.raises(ad.AdvizError, match="n must be a whole number of at least 2"):
            ad.differential_quadrature(np.exp, (0.0, 1.0), n=1)
        with pytest.raises(ad.AdvizError, match=r"derivative must be .* at most 4"):
            ad.differential_quadrature(np.exp, (0.0, 1.0), n=5, derivative=5)
        with pytest.raises(ad.AdvizError, match="'chebyshev' or 'uniform'"):
            ad.differential_quadrature(np.exp, (0.0, 1.0), nodes="legendre")

    @pytest.mark.parametrize("nodes", ["chebyshev", "uniform"])
    def test_a_node_outside_the_domain_is_named(self, nodes):
        with pytest.raises(ad.AdvizError, match=r"log is nan at the node x = -1.*domain of log"):
            ad.differential_quadrature(np.log, (-1, 1), 5, nodes)
        with pytest.raises(ad.AdvizError, match="x = -1, where it raised ValueError"):
            ad.differential_quadrature(math.log, (-1, 1), 5, nodes)


class TestComplexStep:
    def test_exact_to_the_last_digit(self):
        slope = ad.complex_step(squire_trapp, 1.5)
        assert slope == pytest.approx(SQUIRE_TRAPP_SLOPE, rel=4.5e-16)
        assert ad.complex_step(squire_trapp, 1.5, h=1e-200) == pytest.approx(slope, rel=4.5e-16)

    @pytest.mark.parametrize(
        ("f", "blamed"),
        [
            (abs, "abs is not"),
            (lambda x: x * x if x > 0 else x, "compares.*> 0"),
            (lambda x: np.maximum(x, 0.5) * x, "maximum is not"),
            (lambda x: (np.conj(x) + 1) ** 2, "conj"),
            (lambda x: np.real(x) ** 2, "real parts"),
        ],
        ids=["abs", "branch", "max", "conj", "real"],
    )
    def test_what_is_not_analytic_is_refused(self, f, blamed):
        with pytest.raises(ad.AdvizError, match=f"(?s)not analytic.*{blamed}"):
            ad.complex_step(f, 1.5)
        study = ad.error_study(f, 1.5, ("central", "complex-step"))
        refused = [note for note in study.notes if note.startswith("complex-step")]
        assert len(refused) == 1
        assert np.isnan(study.of("complex-step")["error"]).all()

    def test_there_is_none_at_a_kink_without_abs(self):
        for f, x in ((lambda x: np.sqrt((x - 1) ** 2), 1.0), (lambda x: np.sqrt(x * x), 0.0)):
            with pytest.raises(ad.AdvizError, match="not analytic"):
                ad.complex_step(f, x)
        assert ad.complex_step(lambda x: x**2, 0.0) == 0
        assert ad.complex_step(np.sin, 1e-320) == 1

    @pytest.mark.parametrize(
        ("f", "x"),
        [(np.sqrt, -4.0), (np.log, -1.0), (np.arcsin, 2.0), (np.log, 0.0), (np.sqrt, 0.0)],
    )
    def test_there_is_none_outside_the_domain_or_at_its_edge(self, f, x):
        with pytest.raises(ad.AdvizError, match=f"{f.__name__} is"):
            ad.complex_step(f, x)

    @pytest.mark.parametrize(
        "f",
        [abs, np.conj, np.real, lambda x: np.maximum(x, 1.0) ** 2, lambda x: x if x > 1 else -x],
        ids=["abs", "conj", "real", "max", "branch"],
    )
    def test_no_step_is_promised_for_what_is_not_analytic(self, f):
        best = ad.optimal_step(f, 2.0, "complex-step")
        assert math.isnan(best.step)
        assert "not analytic" in best.note
        assert "any smaller h" not in best.note

    @pytest.mark.parametrize(
        ("f", "x", "slope"),
        [
            (np.log, 1e-300, 1e300),
            (lambda x: np.sin(1e12 * x), 0.0, 1e12),
            (np.tan, 1.5707, 1 / np.cos(1.5707) ** 2),
            (lambda x: 1e-200 * np.exp(x), 0.0, 1e-200),
            (lambda x: 3.0, 1.0, 0.0),
            (np.cos, 0.0, 0.0),
        ],
        ids=["small_x", "fast", "pole", "small_f", "constant", "even"],
    )
    def test_analytic_functions_of_any_scale_have_one(self, f, x, slope):
        assert ad.complex_step(f, x) == pytest.approx(slope, rel=1e-13)


class TestGradients:
    @pytest.mark.parametrize(
        ("scheme", "cost"),
        [
            ("forward", lambda n: n + 1),
            ("backward", lambda n: n + 1),
            ("central", lambda n: 2 * n),
            ("5-point", lambda n: 4 * n),
            ("9-point", lambda n: 8 * n),
            ("richardson", lambda n: 8 * n),
            ("quadrature", lambda n: 8 * n),
            ("complex-step", lambda n: n),
        ],
    )
    def test_evaluations_are_counted(self, scheme, cost):
        calls = []

        def f(x):
            calls.append(0)
            return np.sum(np.sin(x) * x)

        for n in (1, 5, 12):
            calls.clear()
            x = np.linspace(0.1, 1, n)
            found = ad.numerical_gradient(f, x, scheme)
            assert found.evaluations == len(calls) == cost(n)
            assert found.value == pytest.approx(np.cos(x) * x + np.sin(x), rel=1e-6)

    def test_a_jacobian_takes_2n_calls_of_m_components(self):
        x = np.linspace(0.1, 1, 5)
        a = np.arange(15.0).reshape(3, 5)
        found = ad.numerical_jacobian(lambda x: a @ np.sin(x), x)
        assert found.value == pytest.approx(a * np.cos(x), abs=1e-8)
        assert (found.evaluations, found.component_evaluations) == (2 * 5, 2 * 3 * 5)
        assert "10 evaluations, 30 of single components" in repr(found)

    def test_nested_inputs_keep_their_shape(self):
        params = {"w": np.ones((2, 3)), "b": 0.5}
        found = ad.numerical_gradient(
            lambda p: np.sum(p["w"] ** 2) + p["b"] ** 3, params, "central"
        )
        assert found.value["w"] == pytest.approx(2 * np.ones((2, 3)))
        assert found.value["b"] == pytest.approx(0.75)
        assert math.prod(params["w"].shape) + 1 == found.inputs
        assert np.array_equal(params["w"], np.ones((2, 3)))

    def test_what_is_wrong_is_said(self):
        with pytest.raises(ad.AdvizError, match="numerical_jacobian"):
            ad.numerical_gradient(lambda x: x, np.ones(3))
        for x in ("text", None, np.array([]), np.nan, np.ma.array([1.0], mask=[True])):
            with pytest.raises(ad.AdvizError, match=r"^x.*test_methods\.py"):
                ad.numerical_gradient(lambda x: 1.0, x)
        with pytest.raises(ad.AdvizError, match="h must be a positive number"):
            ad.numerical_gradient(np.sum, np.ones(3), h=0)
        for f in (None, "sin", 1.0):
            with pytest.raises(ad.AdvizError, match="f must be a function"):
                ad.numerical_gradient(f, 1.0)
        for returned in (None, "1", [], True, 1j, np.ma.masked):
            with pytest.raises(ad.AdvizError, match="not real numbers"):
                ad.numerical_jacobian(lambda x, returned=returned: returned, 1.0)
        with pytest.raises(ad.AdvizError, match="raised ZeroDivisionError"):
            ad.numerical_gradient(lambda x: 1 / 0, 1.0)

    @pytest.mark.parametrize("scheme", ["backward", "central", "5-point"])
    def test_values_that_are_not_finite_are_refused_where_they_occur(self, scheme):
        with pytest.raises(ad.AdvizError, match=r"log is not finite .* x is -?[0-9].* instead of"):
            ad.numerical_gradient(np.log, 1e-9, scheme)
        with pytest.raises(ad.AdvizError, match="log is not finite"):
            ad.numerical_jacobian(np.log, np.array([1.0, -1.0]), scheme)
