"""The distributions of ``scipy.stats`` that likelihoods are written with, where SciPy is there.

A distribution is a row: its support, and the logarithm of its density there, in standard form. The
formulas are those of Johnson, Kotz and Balakrishnan, *Continuous Univariate Distributions* (1994,
1995), and of Johnson, Kemp and Kotz, *Univariate Discrete Distributions* (2005).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.host.errors import UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.nondifferentiable import as_decision
from adviz.rules.operands import as_array, at_least

__all__ = ["DENSITIES", "MASSES", "PROBABILITIES", "distribution_rules"]

_LOG_SQRT_2PI = math.log(2 * math.pi) / 2
_SMALLEST_POSITIVE = math.ulp(0.0)
"""The smallest positive number: the lower end of a support without 0."""


def _special() -> Any:
    return sys.modules["scipy.special"]  # which scipy.stats has imported


def _normal(y: Any) -> Any:
    return -(y * y) / 2 - _LOG_SQRT_2PI


def _gamma(y: Any, a: Any) -> Any:
    return _special().xlogy(a - 1, y) - y - _special().gammaln(a)


def _beta(y: Any, a: Any, b: Any) -> Any:
    special = _special()
    return special.xlogy(a - 1, y) + special.xlog1py(b - 1, -y) - special.betaln(a, b)


def _student(y: Any, df: Any) -> Any:
    is_normal = np.isinf(df)
    if np.all(is_normal):
        return _normal(y)
    finite = np.where(is_normal, 1.0, df) if np.any(is_normal) else df
    size = np.log(_special().poch(finite / 2, 0.5)) - np.log(finite * math.pi) / 2
    logarithms = size - (finite + 1) / 2 * np.log1p(y * y / finite)
    return np.where(is_normal, _normal(y), logarithms) if np.any(is_normal) else logarithms


def _log_binomial(n: Any, k: Any) -> Any:
    """Return the logarithm of the binomial coefficient n over k."""
    gammaln = _special().gammaln
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


DENSITIES: dict[str, tuple[float, float, Callable[..., Any]]] = {
    "beta": (0.0, 1.0, _beta),
    "cauchy": (-np.inf, np.inf, lambda y: -2 * np.log(np.hypot(y, 1.0)) - math.log(math.pi)),
    "chi2": (0.0, np.inf, lambda y, df: _gamma(y / 2, df / 2) - math.log(2)),
    "expon": (0.0, np.inf, lambda y: -y),
    "gamma": (0.0, np.inf, _gamma),
    "gumbel_l": (-np.inf, np.inf, lambda y: y - np.exp(y)),
    "gumbel_r": (-np.inf, np.inf, lambda y: -y - np.exp(-y)),
    "halfcauchy": (0.0, np.inf, lambda y: math.log(2 / math.pi) - np.log1p(y * y)),
    "halfnorm": (0.0, np.inf, lambda y: _normal(y) + math.log(2)),
    "invgamma": (_SMALLEST_POSITIVE, np.inf, lambda y, a: _gamma(1 / y, a) - 2 * np.log(y)),
    "laplace": (-np.inf, np.inf, lambda y: -abs(y) - math.log(2)),
    "logistic": (-np.inf, np.inf, lambda y: _special().log_expit(y) + _special().log_expit(-y)),
    "lognorm": (_SMALLEST_POSITIVE, np.inf, lambda y, s: _normal(np.log(y) / s) - np.log(s * y)),
    "norm": (-np.inf, np.inf, _normal),
    "pareto": (1.0, np.inf, lambda y, b: np.log(b) - (b + 1) * np.log(y)),
    "rayleigh": (0.0, np.inf, lambda y: np.log(y) - y * y / 2),
    "skewnorm": (
        -np.inf,
        np.inf,
        lambda y, a: _normal(y) + _special().log_ndtr(a * y) + math.log(2),
    ),
    "t": (-np.inf, np.inf, _student),
    "uniform": (0.0, 1.0, lambda y: 0.0 * y),
    "weibull_min": (0.0, np.inf, lambda y, c: np.log(c) + _special().xlogy(c - 1, y) - y**c),
}
"""Continuous: the ends of the support, and the logarithm of the density between them."""

MASSES: dict[str, tuple[float, Callable[..., Any]]] = {
    "bernoulli": (0, lambda k, p: _special().xlogy(k, p) + _special().xlog1py(1 - k, -p)),
    "binom": (
        0,
        lambda k, n, p: (
            _log_binomial(n, k) + _special().xlogy(k, p) + _special().xlog1py(n - k, -p)
        ),
    ),
    "geom": (1, lambda k, p: _special().xlog1py(k - 1, -p) + np.log(p)),
    "nbinom": (
        0,
        lambda k, n, p: _log_binomial(n + k - 1, k) + n * np.log(p) + _special().xlog1py(k, -p),
    ),
    "poisson": (0, lambda k, mu: _special().xlogy(k, mu) - _special().gammaln(k + 1) - mu),
}
"""Discrete: the smallest count, and the logarithm of a count's probability."""


AT_ENDS: dict[str, tuple[tuple[float, ...], Callable[..., Any]]] = {
    "beta": (
        (0.0, 1.0),
        lambda y, a, b: y ** (a - 1) * (1 - y) ** (b - 1) * np.exp(-_special().betaln(a, b)),
    ),
    "chi2": ((0.0,), lambda y, df: _power_at_0(y / 2, df / 2) / 2),
    "gamma": ((0.0,), lambda y, a: _power_at_0(y, a)),
    "rayleigh": ((0.0,), lambda y: y * np.exp(-y * y / 2)),
    "weibull_min": ((0.0,), lambda y, c: c * y ** (c - 1) * np.exp(-(y**c))),
    "bernoulli": ((0.0, 1.0), lambda k, p: p**k * (1 - p) ** (1 - k)),
    "binom": (
        (0.0, 1.0),
        lambda k, n, p: np.exp(_log_binomial(n, k)) * p**k * (1 - p) ** (n - k),
    ),
    "geom": ((0.0, 1.0), lambda k, p: (1 - p) ** (k - 1) * p),
    "nbinom": (
        (0.0, 1.0),
        lambda k, n, p: np.exp(_log_binomial(n + k - 1, k)) * p**n * (1 - p) ** k,
    ),
    "poisson": ((0.0,), lambda k, mu: mu**k * np.exp(-mu - _special().gammaln(k + 1))),
}
"""Where a density is a power of 0: at which x, or at which last parameter of a discrete one, and
the density as a product. Its logarithm is infinite there, and the slope 0 times infinity."""


def _power_at_0(y: Any, a: Any) -> Any:
    return y ** (a - 1) * np.exp(-y - _special().gammaln(a))


PROBABILITIES: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "beta": (
        lambda y, a, b: _special().betainc(a, b, y),
        lambda y, a, b: _special().betainc(b, a, 1 - y),
    ),
    "chi2": (
        lambda y, df: _special().gammainc(df / 2, y / 2),
        lambda y, df: _special().gammaincc(df / 2, y / 2),
    ),
    "expon": (lambda y: -np.expm1(-y), lambda y: np.exp(-y)),
    "gamma": (
        lambda y, a: _special().gammainc(a, y),
        lambda y, a: _special().gammaincc(a, y),
    ),
    "gumbel_r": (lambda y: np.exp(-np.exp(-y)), lambda y: -np.expm1(-np.exp(-y))),
    "logistic": (lambda y: _special().expit(y), lambda y: _special().expit(-y)),
    "lognorm": (
        lambda y, s: _special().ndtr(np.log(y) / s),
        lambda y, s: _special().ndtr(-np.log(y) / s),
    ),
    "norm": (lambda y: _special().ndtr(y), lambda y: _special().ndtr(-y)),
    "t": (lambda y, df: _special().stdtr(df, y), lambda y, df: _special().stdtr(df, -y)),
    "uniform": (lambda y: y, lambda y: 1 - y),
    "weibull_min": (lambda y, c: -np.expm1(-(y**c)), lambda y, c: np.exp(-(y**c))),
}
"""The probabilities of a smaller and of a larger number, inside the support."""


_LOGARITHMS: dict[str, tuple[Any, Any]] = {
    "expon": (None, lambda y: -y),
    "gumbel_r": (lambda y: -np.exp(-y), None),
    "logistic": (lambda y: _special().log_expit(y), lambda y: _special().log_expit(-y)),
    "lognorm": (
        lambda y, s: _special().log_ndtr(np.log(y) / s),
        lambda y, s: _special().log_ndtr(-np.log(y) / s),
    ),
    "norm": (lambda y: _special().log_ndtr(y), lambda y: _special().log_ndtr(-y)),
    "weibull_min": (None, lambda y, c: -(y**c)),
}
"""Their logarithms, where ``np.log`` of the probability would lose digits."""


def _logpdf(self: Any, x: Any, *args: Any, **kwds: Any) -> Any:
    row = _row_of(self, DENSITIES, "density")
    y, shapes, scale = _standard(self, x, args, kwds)

    def logarithm(y: Any, *shapes: Any) -> Any:
        return row[2](y, *shapes) if _is(scale, 1) else row[2](y, *shapes) - np.log(scale)

    return _in_support(row, logarithm, y, shapes, -np.inf)


def _pdf(self: Any, x: Any, *args: Any, **kwds: Any) -> Any:
    row = _row_of(self, DENSITIES, "density")
    y, shapes, scale = _standard(self, x, args, kwds)

    def density(y: Any) -> Any:
        return np.exp(_in_support(row, row[2], y, shapes, -np.inf))

    def product(y: Any) -> Any:
        return _in_support(row, AT_ENDS[self.name][1], y, shapes, 0.0)

    densities = _with_ends(self.name, density, product, y)
    return densities if _is(scale, 1) else densities / scale


def _in_support(
    row: Any, function: Callable[..., Any], y: Any, shapes: list[Any], outside: float
) -> Any:
    """Return a function of y and the shape parameters, and ``outside`` out of the support."""
    low, high, _ = row
    between = (y >= low) & (y <= high) if math.isfinite(low) else ~np.isnan(y)
    return _inside(between, lambda y: function(y, *shapes), y, low + 0.5, outside)


def _with_ends(
    name: str, density: Callable[[Any], Any], product: Callable[[Any], Any], base: Any
) -> Any:
    """Return a density, as a product where its base is at an end and its logarithm infinite."""
    ends = AT_ENDS[name][0] if name in AT_ENDS else ()
    is_end = np.logical_or.reduce([np.equal(base, end) for end in ends]) if ends else False
    if not np.any(is_end):
        return density(base)
    if np.all(is_end):
        return product(base)
    at, between = np.where(is_end, base, 0.0), np.where(is_end, 0.5, base)
    return np.where(is_end, product(at), density(between))


def _probability(place: int, is_log: bool = False) -> Callable[..., Any]:
    """Return the rule of the probability of a smaller (0) or a larger number (1), or of its log."""

    def probability(self: Any, x: Any, *args: Any, **kwds: Any) -> Any:
        rule = _row_of(self, PROBABILITIES, "distribution function")[place]
        of_log = _LOGARITHMS.get(self.name, (None, None))[place] if is_log else rule
        y, shapes, _ = _standard(self, x, args, kwds)
        low, high, _ = DENSITIES[self.name]
        none, every = (-np.inf, 0.0) if is_log else (0.0, 1.0)
        if math.isinf(low):
            between: Any = ~np.isnan(y)
            outside: Any = none
        else:
            between = (y >= low) & (y <= high)
            outside = np.where((y < low) == (place == 0), none, every)

        def inside(y: Any) -> Any:
            return np.log(rule(y, *shapes)) if of_log is None else of_log(y, *shapes)

        return _inside(between, inside, y, low + 0.5, outside)

    return probability


def _standard(self: Any, x: Any, args: Any, kwds: Any) -> tuple[Any, list[Any], Any]:
    """Return x in standard form, the shape parameters, and the scale."""
    shapes, loc, scale = self._parse_args(*args, **kwds)
    y = as_array(x) if _is(loc, 0) else as_array(x) - as_array(loc)
    y = at_least(float, y if _is(scale, 1) else y / as_array(scale))
    return y, [as_array(shape) for shape in shapes], scale


def _logpmf(self: Any, k: Any, *args: Any, **kwds: Any) -> Any:
    logarithm = _row_of(self, MASSES, "probabilities")[1]
    k, shapes, _ = _standard(self, k, args, kwds)
    return _of_counts(self, logarithm, k, shapes, -np.inf)


def _pmf(self: Any, k: Any, *args: Any, **kwds: Any) -> Any:
    logarithm = _row_of(self, MASSES, "probabilities")[1]
    k, (*shapes, last), _ = _standard(self, k, args, kwds)

    def mass(last: Any) -> Any:
        return np.exp(_of_counts(self, logarithm, k, [*shapes, last], -np.inf))

    def product(last: Any) -> Any:
        return _of_counts(self, AT_ENDS[self.name][1], k, [*shapes, last], 0.0)

    return _with_ends(self.name, mass, product, last)


def _of_counts(
    self: Any, function: Callable[..., Any], k: Any, shapes: list[Any], outside: float
) -> Any:
    """Return a function of counts and parameters, and ``outside`` for what is no count."""
    low, _ = MASSES[self.name]
    counts = (k >= low) & (np.floor(k) == k)
    if self.name in ("bernoulli", "binom"):
        counts = counts & (k <= (1 if self.name == "bernoulli" else shapes[0]))
    return _inside(counts, lambda k: function(k, *shapes), k, low, outside)


def _inside(where: Any, function: Callable[..., Any], y: Any, anywhere: float, outside: Any) -> Any:
    """Return the values of a function inside the support, and ``outside`` elsewhere."""
    if np.all(where):
        return function(y)
    outside = np.where(np.isnan(y), np.nan, outside)
    return np.where(where, function(np.where(where, y, anywhere)), outside)


def _is(parameter: Any, number: int) -> bool:
    """Return whether a parameter is a plain number of this value, the default."""
    return parameter.__class__ in (int, float) and parameter == number


def _row_of(self: Any, table: dict[str, Any], what: str) -> Any:
    if self.name in table and type(self).__module__.startswith("scipy.stats"):
        return table[self.name]
    raise UnsupportedOperationError(
        f"scipy.stats.{self.name} met a traced number and its {what} has no derivative rule: "
        f"{describe(_getframe(1))}. Write it with np and scipy.special. Those that have one are "
        f"{', '.join(table)}."
    )


def _multivariate_normal(
    self: Any, x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False
) -> Any:
    x, cov = as_array(x), as_array(cov)
    mean = np.zeros(shape_of(cov)[0] if shape_of(cov) else 1) if mean is None else as_array(mean)
    d = math.prod(shape_of(mean)) if len(shape_of(cov)) < 2 else shape_of(cov)[0]
    if len(shape_of(cov)) < 2:
        cov = cov * np.eye(d)
    if d == 1 and shape_of(x)[-1:] != (1,):
        x = x[..., None]
    try:
        factor = np.linalg.cholesky(cov)
    except np.linalg.LinAlgError:
        if not allow_singular:
            raise  # as SciPy does
        raise UnsupportedOperationError(
            "scipy.stats.multivariate_normal has no derivative rule for a singular covariance: "
            f"{describe(_getframe(1))}. Write the density on the subspace where it lives."
        ) from None
    apart = np.reshape(x - mean, (-1, d)).T
    scaled = np.linalg.solve(factor, apart)
    half_of_logdet = np.sum(np.log(np.diagonal(factor)))
    logarithms = np.sum(scaled * scaled, axis=0) / -2 - half_of_logdet - d * _LOG_SQRT_2PI
    return np.reshape(logarithms, shape_of(x)[:-1])


def are_parameters(name: str, scale: Any, *shapes: Any) -> Any:
    """Return whether a distribution of SciPy's takes these parameters."""
    distribution = getattr(sys.modules["scipy.stats"], name)
    return np.logical_and(distribution._argcheck(*shapes), np.greater(scale, 0))


def _as_in_scipy(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Return a rule whose results are float64, also of float32, and NaN of wrong parameters."""

    def as_in_scipy(self: Any, *args: Any, **kwds: Any) -> Any:
        result = rule(self, *args, **kwds)
        result = at_least(float, result) if hasattr(result, "dtype") else result
        shapes, _, scale = self._parse_args(*args[1:], **kwds)
        if _is(scale, 1) and not shapes:
            return result
        are_right = as_decision(are_parameters)(self.name, scale, *shapes)
        return result if np.all(are_right) else result * np.where(are_right, 1.0, np.nan)

    return as_in_scipy


def _exponential(rule: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, *args, **options: np.exp(rule(self, *args, **options))


def distribution_rules() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return the methods of SciPy's distributions, each with its rule.

    ``scipy.stats`` must have been imported.
    """
    stats = sys.modules["scipy.stats"]
    normals = type(stats.multivariate_normal)
    of_one_number = {
        stats.rv_continuous.logpdf: _logpdf,
        stats.rv_continuous.pdf: _pdf,
        stats.rv_continuous.cdf: _probability(0),
        stats.rv_continuous.sf: _probability(1),
        stats.rv_continuous.logcdf: _probability(0, is_log=True),
        stats.rv_continuous.logsf: _probability(1, is_log=True),
        stats.rv_discrete.logpmf: _logpmf,
        stats.rv_discrete.pmf: _pmf,
    }
    return {
        **{method: _as_in_scipy(rule) for method, rule in of_one_number.items()},
        normals.logpdf: _multivariate_normal,
        normals.pdf: _exponential(_multivariate_normal),
    }
