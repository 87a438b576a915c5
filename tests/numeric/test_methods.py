"""Richardson's tableau, differential quadrature, the complex step, counted gradients."""

import math

import numpy as np
import pytest

import adviz as ad
from tests.numeric.functions import SQUIRE_TRAPP_SLOPE, squire_trapp


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
        assert "round-off" in found.stopped
        assert abs(found.value - SQUIRE_TRAPP_SLOPE) < 100 * found.error
        assert found.error < 1e-11
        assert found.evaluations == 2 * len(found.tableau)
        early = ad.richardson(squire_trapp, 1.5, h=0.2, tolerance=1e-4)
        assert early.evaluations < found.evaluations
        assert "at most 1e-04" in early.stopped
        assert "as many as were allowed" in ad.richardson(np.exp, 0.0, rows=2).stopped

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
        with pytest.raises(ad.AdvizError, match="two ends"):
            ad.differential_quadrature(np.exp, (1.0, 0.0))
        with pytest.raises(ad.AdvizError, match="two nodes"):
            ad.differential_quadrature(np.exp, (0.0, 1.0), n=1)
        with pytest.raises(ad.AdvizError, match="'chebyshev' or 'uniform'"):
            ad.differential_quadrature(np.exp, (0.0, 1.0), nodes="legendre")


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
        with pytest.raises(ad.AdvizError, match="no array of floats"):
            ad.numerical_gradient(lambda x: 1.0, "text")
        with pytest.raises(ad.AdvizError, match="positive step"):
            ad.numerical_gradient(np.sum, np.ones(3), h=0)
