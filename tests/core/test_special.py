"""The functions of scipy.special, held to differences."""

import numpy as np
import pytest
from scipy import special

import adviz as ad

CASES = [
    (special.gammaln, 0.5, 3.0),
    (special.loggamma, 0.5, 3.0),
    (special.gamma, 0.5, 3.0),
    (special.digamma, 0.5, 3.0),
    (special.erf, -2.0, 2.0),
    (special.erfc, -2.0, 2.0),
    (special.expit, -3.0, 3.0),
    (special.logit, 0.1, 0.9),
    (special.log_expit, -3.0, 3.0),
    (special.ndtr, -2.0, 2.0),
    (special.log_ndtr, -3.0, 2.0),
    (special.entr, 0.2, 2.0),
    (special.erfcx, -1.0, 2.0),
    (special.erfinv, -0.8, 0.8),
    (special.ndtri, 0.1, 0.9),
    (special.j0, 0.5, 3.0),
    (special.j1, 0.5, 3.0),
    (special.i0, 0.5, 2.0),
    (special.i1, 0.5, 2.0),
    (special.expi, 0.5, 2.0),
    (special.exp1, 0.5, 2.0),
    (special.log1p, -0.5, 2.0),
    (special.expm1, -1.0, 1.0),
    (special.exp2, -1.0, 1.0),
    (special.exp10, -1.0, 1.0),
    (special.cbrt, 0.5, 2.0),
]


@pytest.mark.parametrize(
    ("function", "low", "high"), CASES, ids=lambda c: getattr(c, "__name__", "")
)
def test_every_order(function, low, high):
    x = np.random.default_rng(0).uniform(low, high, (2, 3))
    ad.check_grads(lambda x: function(x), (x,), order=3, atol=1e-4, rtol=1e-4)
    ad.check_grads(lambda x: function(x), (x[0, 0],), order=2)


def test_two_operands():
    x, y = np.random.default_rng(0).uniform(0.5, 2, (2, 4))
    for function in (special.xlogy, special.xlog1py, special.rel_entr, special.kl_div):
        ad.check_grads(lambda x, y, function=function: function(x, y), (x, y), order=2)
    for function in (special.beta, special.betaln):
        ad.check_grads(lambda x, y, function=function: function(x, y), (x, y[:, None]), order=2)
    for function in (special.gammainc, special.gammaincc):
        ad.check_grads(lambda y, function=function: function(1.7, y), (y,), order=2)
    ad.check_grads(lambda q: special.zeta(3.0, q), (x,), order=2)
    with pytest.raises(ad.AdvizError, match="first operand"):
        ad.grad(lambda s: special.zeta(s, 2.0))(3.0)


def test_a_function_without_a_row_is_named_in_full():
    with pytest.raises(ad.AdvizError, match=r"scipy\.special\.airye? met .*special\.airy\(x\)"):
        ad.grad(lambda x: special.airy(x)[0])(1.0)


def test_a_likelihood():
    counts = np.array([3.0, 0.0, 7.0])

    def loss(rate):
        return np.sum(rate - special.xlogy(counts, rate) + special.gammaln(counts + 1))

    np.testing.assert_allclose(ad.grad(loss)(np.ones(3)), 1 - counts)


INSTEAD = [
    (lambda x: special.logsumexp(x), lambda x: np.logaddexp.reduce(x, None), "logaddexp.reduce"),
    (
        lambda x: special.log_softmax(x, axis=0),
        lambda x: x - np.logaddexp.reduce(x, 0, keepdims=True),
        "keepdims=True",
    ),
    (
        lambda x: special.multigammaln(x[1], 3),
        lambda x: 3 * 2 / 4 * np.log(np.pi) + np.sum(special.gammaln(x[1] - np.arange(3) / 2)),
        "gammaln(a - np.arange(d) / 2)",
    ),
    (
        lambda x: special.polygamma(2, x),
        lambda x: (-1) ** 3 * special.gamma(3) * special.zeta(3, x),
        "zeta(n + 1, x)",
    ),
    (
        lambda x: special.comb(x[0], x[1]),
        lambda x: (
            special.gamma(x[0] + 1) / special.gamma(x[1] + 1) / special.gamma(x[0] - x[1] + 1)
        ),
        "scipy.special.gamma(n - k + 1)",
    ),
]


@pytest.mark.parametrize(
    ("scipys", "instead", "advice"),
    INSTEAD,
    ids=["logsumexp", "log_softmax", "multigammaln", "polygamma", "comb"],
)
def test_what_scipy_computes_on_plain_arrays_is_told_how_to_write(scipys, instead, advice):
    x = np.array([3.5, 2.25])
    with pytest.raises(ad.AdvizError) as caught:
        ad.trace(scipys, x)
    assert advice in str(caught.value)
    assert "test_special.py, line" in str(caught.value)
    np.testing.assert_allclose(ad.trace(instead, x).value, scipys(x), rtol=1e-12)
    ad.check_grads(instead, (x,), order=2)


def test_softmax_goes_through_entry_by_entry():
    x = np.array([[3.5, 2.25], [0.5, -1.0]])
    ad.check_grads(lambda x: special.softmax(x, axis=1), (x,), order=2)


def test_likelihoods_far_out_stay_finite():
    value, slope = ad.value_and_grad(lambda x: np.logaddexp.reduce(x))(np.array([-1e4, 1e4, 1e4]))
    assert value == pytest.approx(1e4 + np.log(2))
    np.testing.assert_allclose(slope, [0.0, 0.5, 0.5])
    assert ad.grad(lambda x: np.logaddexp(x, -np.inf))(2.0) == 1.0
