"""SciPy's special functions and densities as mpmath computes them, and points to compare them at.

The first points of each function are where formulas fail: removable points, poles of a factor,
ends of the range. Nothing here comes from the tables of adviz.
"""

from dataclasses import dataclass

import mpmath
from mpmath import mpf
from scipy import special


@dataclass(frozen=True)
class Reference:
    """A function of mpmath, and points: the operands, of which ``moving`` are differentiated in."""

    function: object
    points: tuple
    low: float = -10.0
    high: float = 10.0
    moving: tuple = (0,)


def of_one(function, *points, low=-10.0, high=10.0):
    return Reference(function, tuple((float(x),) for x in points), low, high)


def of_order(function, *points):
    return Reference(function, points, moving=(1,))


def of_two(function, *points):
    return Reference(function, points, moving=(0, 1))


def solved(function, start):
    """The inverse of a function: mpmath finds the root from SciPy's."""
    return lambda p: mpmath.findroot(lambda y: function(y) - p, mpf(float(start(float(p)))))


def erfcx(a):
    return mpmath.exp(a * a) * mpmath.erfc(a)


def log_ndtr(a):
    return mpmath.log(mpmath.erfc(-a / mpmath.sqrt(2)) / 2)


def dilogarithm(a):
    if a < 2:
        return mpmath.polylog(2, 1 - a)
    return -(mpmath.log(a) ** 2) / 2 - mpmath.polylog(2, 1 - 1 / a)


def boxcox(x, p):
    return mpmath.expm1(p * mpmath.log(x)) / p if p else mpmath.log(x)


def huber(d, r):
    return r * r / 2 if abs(r) <= d else d * (abs(r) - d / 2)


def student(n, t):
    c = mpmath.gamma((n + 1) / 2) / mpmath.sqrt(mpmath.pi * n) / mpmath.gamma(n / 2)
    return 0.5 + t * c * mpmath.hyp2f1(0.5, (n + 1) / 2, 1.5, -t * t / n)


def lower(s, x):
    return mpmath.gammainc(s, 0, x, regularized=True)


def upper(s, x):
    return mpmath.gammainc(s, x, mpmath.inf, regularized=True)


def scaled(function, order=None, sign=1):
    if order is None:
        return lambda n, a: mpmath.exp(sign * abs(a)) * function(n, a)
    return lambda a: mpmath.exp(sign * abs(a)) * function(order, a)


J, Y, I, K = mpmath.besselj, mpmath.bessely, mpmath.besseli, mpmath.besselk  # noqa: E741
NEAR_0 = (0, 1e-8, 1e-3, 1, -5, 30)
FAR_OUT = (1e-3, 1e8, 1e16, 1, 30, 100, 700, 1e4)

REFERENCES = {
    "gammaln": of_one(
        lambda a: mpmath.log(abs(mpmath.gamma(a))), 1e-30, 1, 1e100, -0.5, -50.7, low=0.01
    ),
    "loggamma": of_one(mpmath.loggamma, 1e-30, 1, 2, 1e5, 1e100, low=0.01),
    "gamma": of_one(mpmath.gamma, 1e-8, 160, -0.5, -50.7, low=0.01),
    "rgamma": of_one(mpmath.rgamma, 0, -1, -20, 1e-8, -2.0000001, 0.3, 160, -50.5),
    "digamma": of_one(mpmath.digamma, 1e-30, 1.4616321449683623, 1e100, -50.7, low=0.01),
    "zeta": of_order(mpmath.zeta, (3.0, 1.0), (2.0, 0.3), (2.0, 1e5), (2.5, 1e10), (3.0, 1e-5)),
    "betaln": of_two(
        lambda a, b: mpmath.log(abs(mpmath.beta(a, b))),
        (1e10, 2.5), (1e-8, 1.0), (1.0, 1.0), (1e10, 1e10), (1e-10, 1e10),
    ),
    "beta": of_two(mpmath.beta, (1e10, 2.5), (1.0, 1.0), (0.5, 2.0)),
    "binom": of_two(
        mpmath.binomial,
        (2.0, 5.0), (0.0, 3.0), (5.0, -2.0), (2.0000001, 5.0), (5.0, 5.0), (10.0, 0.0), (1e10, 3.0),
        (5.5, 2.0), (-2.5, 3.0),
    ),
    "poch": of_two(
        mpmath.rf, (-2.0, 5.0), (0.0, 3.0), (-2.0000001, 5.0), (1e10, 2.0), (2.5, 1.5), (-2.5, 2.0),
        (5.0, -2.0),
    ),
    "gammainc": of_order(lower, (2.0, 1e-8), (1e3, 1e3), (1e6, 1.001e6), (1.0, 1.0), (0.5, 1e-100)),
    "gammaincc": of_order(upper, (2.0, 1e-8), (1e3, 1e3), (2.0, 700.0), (1.0, 1.0)),
    "gammaincinv": of_order(
        lambda s, p: solved(lambda x: lower(s, x), lambda p: special.gammaincinv(float(s), p))(p),
        (1.7, 0.3), (2.0, 1e-6), (5.0, 0.9),
    ),
    "gammainccinv": of_order(
        lambda s, p: solved(lambda x: upper(s, x), lambda p: special.gammainccinv(float(s), p))(p),
        (1.7, 0.3), (2.0, 1e-6), (5.0, 0.9),
    ),
    "erf": of_one(mpmath.erf, 0, 1e-8, 5, -2, low=-5, high=5),
    "erfc": of_one(mpmath.erfc, 0, 1e-8, 5, -2, low=-5, high=5),
    "erfcx": of_one(erfcx, 8, 1e8, 1e30, 0, 7.9, 8.1, 50, 1e4, -5, high=100.0),
    "erfi": of_one(mpmath.erfi, 0, 5, -20),
    "dawsn": of_one(
        lambda a: mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(-a * a) * mpmath.erfi(a),
        8, 1e8, -1e30, 0, 7.9, 8.1, 50, 1e4, -1,
    ),
    "erfinv": of_one(mpmath.erfinv, 0, 1e-8, -0.5, 1 - 1e-12, low=-0.9, high=0.9),
    "erfcinv": of_one(
        solved(mpmath.erfc, special.erfcinv), 1, 1e-10, 1.5, low=0.1, high=1.9
    ),
    "ndtr": of_one(mpmath.ncdf, 0, 1, -5, 8, low=-8, high=8),
    "log_ndtr": of_one(log_ndtr, -1e8, -1e4, 8, -1e12, -36, 0, 1, 20, 30, 37, 60, low=-100.0),
    "ndtri": of_one(solved(mpmath.ncdf, special.ndtri), 0.5, 1e-30, 0.9, low=0.1, high=0.9),
    "ndtri_exp": of_one(solved(log_ndtr, special.ndtri_exp), -1e8, -1e12, -1, -1e-3, high=-0.1),
    "stdtr": of_order(student, (3.0, 0.0), (1.0, 1e5), (4.5, 1e10), (3.0, -50.0), (1e6, 1.0)),
    "expit": of_one(lambda a: 1 / (1 + mpmath.exp(-a)), 40, -700, 0, 30, high=100.0),
    "logit": of_one(lambda a: mpmath.log(a / (1 - a)), 1e-100, 1 - 1e-10, 0.1, low=0.1, high=0.9),
    "log_expit": of_one(lambda a: -mpmath.log1p(mpmath.exp(-a)), -300, 300, 0, low=-100.0),
    "xlogy": of_two(lambda a, b: a * mpmath.log(b), (0.0, 2.0), (1.0, 2.0), (1e100, 1e-100)),
    "xlog1py": of_two(lambda a, b: a * mpmath.log1p(b), (0.0, 2.0), (1.0, 2.0), (3.0, 1e-8)),
    "entr": of_one(lambda a: -a * mpmath.log(a), 1e-100, 1e100, 1, low=0.01),
    "rel_entr": of_two(
        lambda a, b: a * mpmath.log(a / b), (1.0, 1 + 1e-12), (1e-100, 1.0), (1.0, 2.0)
    ),
    "kl_div": of_two(
        lambda a, b: a * mpmath.log(a / b) - a + b, (1.0, 1 + 1e-12), (1e-100, 1.0), (1.0, 2.0)
    ),
    "huber": of_two(huber, (1.0, 0.5), (1.0, -3.0), (2.0, 0.0)),
    "pseudo_huber": of_two(
        lambda d, r: d * d * (mpmath.sqrt(1 + (r / d) ** 2) - 1),
        (2.0, 0.0), (1.0, 1e-10), (1e-8, 1.0), (1e-3, 5.0), (1.0, 2.0),
    ),
    "boxcox": of_two(
        boxcox, (2.0, 0.0), (2.0, 1e-10), (1.00001, 1e-5), (1.0, 0.5), (3.0, 5.0), (1e-3, -2.0)
    ),
    "j0": of_one(lambda a: J(0, a), *NEAR_0, 1e6, low=-50.0, high=50.0),
    "j1": of_one(lambda a: J(1, a), *NEAR_0, 1e6, low=-50.0, high=50.0),
    "y0": of_one(lambda a: Y(0, a), 1, 100, 1e-2, low=0.1, high=50.0),
    "y1": of_one(lambda a: Y(1, a), 1, 100, 1e-2, low=0.1, high=50.0),
    "i0": of_one(lambda a: I(0, a), *NEAR_0, 700),
    "i1": of_one(lambda a: I(1, a), *NEAR_0, 700),
    "i0e": of_one(scaled(I, 0, -1), *FAR_OUT, -5, -1e10, low=0.1, high=100.0),
    "i1e": of_one(scaled(I, 1, -1), *FAR_OUT, -5, -1e10, low=0.1, high=100.0),
    "k0": of_one(lambda a: K(0, a), 1e-2, 1, 600, low=0.1),
    "k1": of_one(lambda a: K(1, a), 1e-2, 1, 600, low=0.1),
    "k0e": of_one(scaled(K, 0), *FAR_OUT, low=0.1, high=100.0),
    "k1e": of_one(scaled(K, 1), *FAR_OUT, low=0.1, high=100.0),
    "jv": of_order(J, (1.0, 0.0), (3.0, 0.0), (2.0, 1e-10), (2.5, 1.0), (2.0, 100.0), (1.0, -2.0)),
    "yv": of_order(Y, (1.0, 1e-3), (2.5, 1.0), (2.0, 100.0)),
    "iv": of_order(I, (1.0, 0.0), (3.0, 0.0), (2.0, 1e-10), (2.5, 1.0), (40.0, 1.0), (1.0, -2.0)),
    "kv": of_order(K, (1.0, 1e-3), (2.5, 1.0), (2.0, 100.0)),
    "ive": of_order(scaled(I, sign=-1), (2.0, 1e8), (20.0, 1e8), (2.0, -1e5), (2.5, 30.0)),
    "kve": of_order(scaled(K), (2.0, 1e8), (20.0, 1e8), (1.0, 1e-3), (2.5, 30.0)),
    "expi": of_one(mpmath.ei, 1e-100, 600, -1, 0.3725, low=0.01),
    "exp1": of_one(mpmath.e1, 1e-100, 600, 1, low=0.01),
    "expn": of_order(mpmath.expint, (0.0, 1.0), (1.0, 1e-8), (2.0, 1e-8), (5.0, 100.0)),
    "spence": of_one(dilogarithm, 1, 1 + 1e-10, 0.999, 1e-100, 1e10, 0.3, 2.5, low=0.01),
    "ellipk": of_one(
        mpmath.ellipk, 0, 1e-10, 1 - 1e-10, 0.01, 0.9, -0.5, -1e5, low=-10.0, high=0.9
    ),
    "ellipe": of_one(
        mpmath.ellipe, 0, 1e-10, 1 - 1e-10, 0.01, 0.9, -0.5, -1e5, low=-10.0, high=0.9
    ),
    "log1p": of_one(mpmath.log1p, 0, 1e300, -1 + 1e-10, low=-0.9),
    "expm1": of_one(mpmath.expm1, 0, -50, 700),
    "exp2": of_one(lambda a: mpf(2) ** a, 0, -1000, 1000),
    "exp10": of_one(lambda a: mpf(10) ** a, 0, -300, 300),
    "cbrt": of_one(lambda a: mpmath.sign(a) * mpmath.cbrt(abs(a)), 1e-300, -1, low=0.01),
}  # fmt: skip


def gamma_density(x, a):
    return x ** (a - 1) * mpmath.exp(-x) / mpmath.gamma(a)


def normal(x):
    return mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)


DENSITIES = {  # the density of mpmath, and points: x, then the shape parameters
    "beta": (
        lambda x, a, b: x ** (a - 1) * (1 - x) ** (b - 1) / mpmath.beta(a, b),
        (0.0, 1.0, 2.0), (0.0, 2.0, 1.0), (1.0, 2.0, 1.0), (1.0, 2.0, 3.0), (0.3, 0.7, 2.5),
    ),
    "cauchy": (lambda x: 1 / (mpmath.pi * (1 + x * x)), (0.0,), (1e5,)),
    "chi2": (lambda x, k: gamma_density(x / 2, k / 2) / 2, (0.0, 2.0), (0.0, 4.0), (3.0, 2.5)),
    "expon": (lambda x: mpmath.exp(-x), (0.0,), (2.0,)),
    "gamma": (gamma_density, (0.0, 1.0), (0.0, 2.0), (3.0, 2.5), (1e3, 1e3)),
    "gumbel_l": (lambda x: mpmath.exp(x - mpmath.exp(x)), (0.0,), (-30.0,)),
    "gumbel_r": (lambda x: mpmath.exp(-x - mpmath.exp(-x)), (0.0,), (30.0,)),
    "halfcauchy": (lambda x: 2 / (mpmath.pi * (1 + x * x)), (0.0,), (3.0,)),
    "halfnorm": (lambda x: 2 * normal(x), (0.0,), (3.0,)),
    "invgamma": (lambda x, a: gamma_density(1 / x, a) / x**2, (0.1, 2.0), (5.0, 0.7)),
    "laplace": (lambda x: mpmath.exp(-abs(x)) / 2, (3.0,), (-30.0,)),
    "logistic": (lambda x: mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2, (0.0,), (40.0,), (-40.0,)),
    "lognorm": (lambda x, s: normal(mpmath.log(x) / s) / (s * x), (1.0, 0.7), (1e-3, 2.0)),
    "norm": (normal, (0.0,), (-20.0,)),
    "pareto": (lambda x, b: b * x ** (-b - 1), (1.0, 2.5), (30.0, 0.5)),
    "rayleigh": (lambda x: x * mpmath.exp(-x * x / 2), (0.0,), (2.0,)),
    "skewnorm": (lambda x, a: 2 * normal(x) * mpmath.ncdf(a * x), (0.0, 2.0), (-5.0, 10.0)),
    "t": (
        lambda x, n: (
            mpmath.gamma((n + 1) / 2)
            / (mpmath.sqrt(mpmath.pi * n) * mpmath.gamma(n / 2))
            * (1 + x * x / n) ** (-(n + 1) / 2)
        ),
        (0.0, 3.0), (30.0, 1.5),
    ),
    "uniform": (lambda x: mpf(1) + 0 * x, (0.0,), (1.0,), (0.5,)),
    "weibull_min": (
        lambda x, c: c * x ** (c - 1) * mpmath.exp(-(x**c)), (0.0, 1.0), (0.0, 2.0), (0.5, 1.7),
    ),
}  # fmt: skip

MASSES = {  # likewise the probability of a count, and points: the count, then the parameters
    "bernoulli": (
        lambda k, p: p**k * (1 - p) ** (1 - k), (0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0),
        (1.0, 0.3),
    ),
    "binom": (
        lambda k, n, p: mpmath.binomial(n, k) * p**k * (1 - p) ** (n - k),
        (0.0, 5.0, 0.0), (1.0, 5.0, 0.0), (2.0, 5.0, 0.0), (5.0, 5.0, 1.0), (3.0, 5.0, 0.3),
    ),
    "geom": (lambda k, p: p * (1 - p) ** (k - 1), (1.0, 1.0), (2.0, 1.0), (3.0, 0.2)),
    "nbinom": (
        lambda k, n, p: mpmath.binomial(n + k - 1, k) * p**n * (1 - p) ** k,
        (0.0, 3.0, 1.0), (1.0, 3.0, 1.0), (4.0, 2.5, 0.3),
    ),
    "poisson": (
        lambda k, m: m**k * mpmath.exp(-m) / mpmath.gamma(k + 1),
        (0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 2.5), (1e3, 1e3),
    ),
}  # fmt: skip
