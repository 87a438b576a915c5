"""The values of scipy.stats' distributions against SciPy; the examples test their derivatives."""

import numpy as np
import pytest
from scipy import stats

import adviz as ad
from adviz.rules.interception import intercepted
from adviz.rules.scipy_stats import DENSITIES, MASSES, PROBABILITIES
from tests.rules.everything_intercepted import everything_intercepted

SHAPES = {
    "beta": (2.3, 1.7), "chi2": (3.3,), "gamma": (2.2,), "invgamma": (2.1,), "lognorm": (0.7,),
    "pareto": (1.4,), "skewnorm": (1.3,), "t": (4.2,), "weibull_min": (1.6,),
    "poisson": (2.3,), "bernoulli": (0.3,), "binom": (5, 0.3), "geom": (0.4,), "nbinom": (2.5, 0.4),
}  # fmt: skip
FAR_OUT = np.array([-40.0, -1.0, 0.2, 0.9, 1.7, 40.0, np.nan])
COUNTS = np.array([-1.0, 0.0, 1.0, 2.5, 4.0, 9.0, np.nan])
METHODS = [
    *((name, method) for name in DENSITIES for method in ("logpdf", "pdf")),
    *((name, method) for name in PROBABILITIES for method in ("cdf", "sf", "logcdf", "logsf")),
    *((name, method) for name in MASSES for method in ("logpmf", "pmf")),
]


@pytest.mark.parametrize(("name", "method"), METHODS)
def test_scipys_digits_inside_the_support_and_outside(name, method):
    function = getattr(getattr(stats, name), method)
    shapes, x = SHAPES.get(name, ()), COUNTS if name in MASSES else FAR_OUT
    for more in ((), (1,)) if name in MASSES else ((), (0.05,), (0.05, 1.3)):
        with np.errstate(all="ignore"):
            expected = function(x, *shapes, *more)
        trace = ad.trace(lambda x, f=function, more=more: f(x, *shapes, *more), x)
        np.testing.assert_allclose(trace.value, expected, rtol=1e-11, atol=1e-15)
        assert ad.trace(lambda x, f=function: f(x, *shapes), 2.0).value == pytest.approx(
            function(2.0, *shapes), rel=1e-12
        )


def test_a_likelihood_is_a_few_rows_of_the_users_line():
    data = np.random.default_rng(0).normal(1.0, 2.0, 50)

    def loss(mean, width):
        return -np.sum(stats.norm.logpdf(data, loc=mean, scale=width))

    trace = ad.trace(loss, 1.5, 2.5)
    assert {row.source.line for row in trace.rows[2:]} == {loss.__code__.co_firstlineno + 1}
    assert len(trace.rows) == 12
    assert trace.value == pytest.approx(loss(1.5, 2.5), rel=1e-15)
    fitted = data.mean(), data.std()
    np.testing.assert_allclose(ad.grad(loss, (0, 1))(*fitted), [0.0, 0.0], atol=1e-12)
    frozen = ad.grad(lambda m, s: -np.sum(stats.norm(m, s).logpdf(data)), (0, 1))(1.5, 2.5)
    np.testing.assert_allclose(frozen, ad.grad(loss, (0, 1))(1.5, 2.5), rtol=1e-15)


def test_several_normal_variables_in_every_form_that_scipy_takes():
    rng = np.random.default_rng(0)
    x, mean, root = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=(3, 3))
    cov = root @ root.T + np.eye(3)
    for args in (
        (x, mean, cov),
        (x[0], mean, cov),
        (x, None, cov),
        (x, mean),
        (x, mean, np.arange(1.0, 4.0)),
        (x, mean, 2.0),
        (x[:, 0], 0.3, 2.0),
        (x[0, 0], 0.3, 1.5),
    ):
        for method in (stats.multivariate_normal.logpdf, stats.multivariate_normal.pdf):
            found = ad.trace(lambda x, args=args, f=method: f(x, *args[1:]), args[0]).value
            expected = method(*args)
            assert np.shape(found) == np.shape(expected)
            np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_plain_numbers_get_scipys_own():
    ad.trace(lambda x: x, 1.0)
    x = np.linspace(-2, 2, 7)
    own = stats.norm.logpdf(x, 0.5, 2.0)
    with everything_intercepted():
        assert stats.rv_continuous.logpdf in intercepted()
        np.testing.assert_array_equal(stats.norm.logpdf(x, 0.5, 2.0), own)
        assert type(stats.norm.cdf(0.3)) is np.float64

    class Own(stats.rv_continuous):
        def _pdf(self, x):
            return x * 0 + 0.5

    assert Own(name="norm", a=0.0, b=2.0).pdf(1.0) == 0.5
    with pytest.raises(ad.AdvizError, match="no derivative rule"):
        ad.grad(lambda x: Own(name="norm", a=0.0, b=2.0).logpdf(x))(1.0)


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda x: stats.levy.logpdf(x), r"scipy\.stats\.levy met .*beta, cauchy"),
        (lambda x: stats.halfnorm.cdf(x), r"scipy\.stats\.halfnorm met .*distribution function"),
        (lambda x: stats.norm.ppf(x), r"scipy\.stats\.norm\.ppf computes with plain numbers only"),
        (lambda x: stats.dirichlet.logpdf([0.5], [x, 1.0]), r"scipy\.stats\.dirichlet\.logpdf"),
    ],
)
def test_what_has_no_rule_says_so(f, said):
    with pytest.raises(ad.AdvizError, match=said) as caught:
        ad.grad(f)(0.5)
    assert "test_distributions.py, line" in str(caught.value)


WRONG_PARAMETERS = [
    ("norm", "pdf", (1.0, 0.0, -1.0)),
    ("norm", "logcdf", (1.0, 0.0, -2.0)),
    ("gamma", "logpdf", (1.0, -1.0)),
    ("beta", "pdf", (0.5, -1.0, 1.0)),
    ("weibull_min", "cdf", (1.0, -1.0)),
    ("logistic", "sf", (1.0, 0.0, -1.0)),
    ("bernoulli", "pmf", (1, 1.5)),
    ("geom", "logpmf", (1, 0.0)),
    ("binom", "pmf", (1, 2.5, 0.5)),
]


@pytest.mark.parametrize(("name", "method", "args"), WRONG_PARAMETERS)
def test_wrong_parameters_give_nan_as_in_scipy_and_no_slope(name, method, args):
    function = getattr(getattr(stats, name), method)
    assert np.isnan(function(*args))
    value, slope = ad.value_and_grad(function, len(args) - 1)(*args)
    assert np.isnan(value)
    assert np.isnan(slope)
    compiled = ad.compile(lambda p: function(*args[:-1], p), 0.7)
    assert np.isnan(compiled(args[-1])) or name == "binom"


def test_wrong_parameters_among_right_ones():
    x, scales = np.array([0.5, 1.0, 2.0]), np.array([1.0, -1.0, 2.0])
    value, slope = ad.value_and_grad(lambda s: np.nansum(stats.norm.logpdf(x, 0.0, s)))(scales)
    assert value == pytest.approx(np.nansum(stats.norm.logpdf(x, 0.0, scales)), rel=1e-14)
    np.testing.assert_allclose(slope[[0, 2]], (x**2 / scales**3 - 1 / scales)[[0, 2]])


def test_students_density_near_the_normal_one():
    freedom = np.array([3.0, 1e6, 1e12, 1e17, np.inf])
    for x in (0.0, 1.0, -6.0):
        trace = ad.trace(lambda df, x=x: stats.t.logpdf(x, df), freedom)
        np.testing.assert_allclose(trace.value, stats.t.logpdf(x, freedom), rtol=1e-14)
        slope = ad.grad(lambda x: stats.t.logpdf(x, np.inf))(x)
        assert slope == pytest.approx(-x)
    slope = ad.grad(lambda df: stats.t.logpdf(1.0, df))(1e6)
    assert slope == pytest.approx(0.5e-12, rel=1e-3)  # ln f = ln φ - 1 / (2 df) there


def test_cauchys_density_where_the_square_overflows():
    value, slopes = ad.value_and_grad(stats.cauchy.logpdf, (0, 2))(1e200, 0.0, 1.0)
    assert value == pytest.approx(stats.cauchy.logpdf(1e200), rel=1e-14)
    np.testing.assert_allclose(slopes, (-2e-200, 1.0))


def test_outside_the_support_nothing_moves_the_logarithm():
    slopes = ad.grad(stats.expon.logpdf, (0, 1, 2))(-1.0, 0.0, 2.0)
    assert slopes == (0.0, 0.0, 0.0)


def test_a_singular_covariance_is_refused_where_scipy_takes_it():
    def density(x):
        return stats.multivariate_normal.logpdf(x, np.zeros(2), np.ones((2, 2)), True)

    with pytest.raises(ad.AdvizError, match=r"singular covariance: .*test_distributions"):
        ad.grad(density)(np.ones(2))
