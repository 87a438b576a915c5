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
    ad.check_grads(special.xlogy, (x, y), order=2)
    ad.check_grads(lambda q: special.zeta(3.0, q), (x,), order=2)
    with pytest.raises(ad.AdvizError, match="exponent"):
        ad.grad(lambda s: special.zeta(s, 2.0))(3.0)


def test_a_function_without_a_row_is_named_in_full():
    with pytest.raises(ad.AdvizError, match=r"scipy\.special\.j0 met .*special\.j0\(x\)"):
        ad.grad(lambda x: special.j0(x))(1.0)


def test_a_likelihood():
    counts = np.array([3.0, 0.0, 7.0])

    def loss(rate):
        return np.sum(rate - special.xlogy(counts, rate) + special.gammaln(counts + 1))

    np.testing.assert_allclose(ad.grad(loss)(np.ones(3)), 1 - counts)
