"""The functions of ``scipy.special`` that losses and likelihoods use, where SciPy is there.

They are rows like those of the table of elementals. They are added when a function is traced after
SciPy has been imported, or when one of them is called. Those that SciPy has in Python are
compositions of rows.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.elementals import BY_UFUNC, Elemental, divide, power
from adviz.core.variable import Variable
from adviz.host.errors import OptionError, UnsupportedOperationError
from adviz.host.source import describe, is_internal, is_library
from adviz.rules import gamma_slopes, special_slopes
from adviz.rules.interception import is_interception
from adviz.rules.log_sum_exp import log_softmax, logsumexp, softmax
from adviz.rules.operands import as_array, at_least
from adviz.rules.registry import FUNCTIONS
from adviz.rules.rule import Rule
from adviz.rules.special_slopes import beta_density, gamma_density, no_slope, on_floats, ratio

__all__ = ["IN_PYTHON", "add_rows", "plain_array_error", "python_function_rules", "rows"]


_INSTEAD = {  # of functions that are not intercepted, or cannot be: see adviz.rules.interception
    "logsumexp": "Write np.logaddexp.reduce(x, axis)",
    "log_softmax": "Write x - np.logaddexp.reduce(x, axis, keepdims=True)",
    "softmax": "Divide np.exp(x - np.max(x, axis, keepdims=True)) by its np.sum(..., axis, "
    "keepdims=True)",
    "multigammaln": "Write d * (d - 1) / 4 * np.log(np.pi) + "
    "np.sum(scipy.special.gammaln(a - np.arange(d) / 2))",
    "polygamma": "Write (-1) ** (n + 1) * scipy.special.gamma(n + 1) * "
    "scipy.special.zeta(n + 1, x)",
    "comb": "Write scipy.special.binom(n, k)",
    "perm": "Write scipy.special.poch(n - k + 1, k)",
    "factorial": "Write scipy.special.gamma(n + 1)",
}


def plain_array_error(frame: FrameType) -> UnsupportedOperationError | None:
    """Return the error of a function that SciPy has in Python, if one is running.

    It begins by converting its arguments to plain arrays, where no derivative can follow.
    """
    running: FrameType | None = frame
    while running is not None and (is_internal(running) or is_library(running)):
        if is_interception(running):
            return None
        name = running.f_code.co_name
        if name in _INSTEAD and "scipy" in running.f_code.co_filename:
            where = running.f_back
            while where is not None and is_library(where):
                where = where.f_back
            return UnsupportedOperationError(
                f"scipy.special.{name} turns a traced number into a plain array, which would lose "
                f"its derivative: {describe(where)}. {_INSTEAD[name]}."
            )
        running = running.f_back
    return None


def _special() -> Any:
    return sys.modules["scipy.special"]  # the user has imported it


@functools.cache
def add_rows() -> None:
    """Add the rows of SciPy's ufuncs, and the rules of its functions in Python, to the tables."""
    special = _special()
    BY_UFUNC.update({row.ufunc: row for row in rows() if row.ufunc is not None})
    FUNCTIONS.update(python_function_rules())
    FUNCTIONS[special.betainc] = _betainc()
    FUNCTIONS[special._ufuncs._lambertw] = _lambertw()


def python_function_rules() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return the functions that SciPy has in Python, each with its rule."""
    special = _special()
    return {getattr(special, n): rule for n, rule in IN_PYTHON.items() if hasattr(special, n)}


_LOG_GAMMA = {"sympy": "loggamma", "maple": "lnGAMMA", "maxima": "log_gamma"}
_GAMMA = {"sympy": "gamma", "maple": "GAMMA"}


def _no_slope(name: str, where: str = "first operand") -> Any:
    def refuse(*_: Any) -> Any:
        raise UnsupportedOperationError(
            f"scipy.special.{name} has no derivative rule in its {where}: keep that plain."
        )

    return refuse


def rows() -> list[Elemental]:
    """Return the rows; ``scipy.special`` must have been imported.

    A function with an order has a derivative in its argument only. The formulas are those of the
    NIST Digital Library of Mathematical Functions, chapters 5 to 10, 19 and 25.
    """
    special = _special()

    def row(
        name: str, *partials: Callable[..., Any], symbol: str | None = None, **fields: Any
    ) -> Elemental:
        return Elemental(name, getattr(special, name), partials, symbol, **fields)

    def of_order(
        name: str, partial: Callable[..., Any], symbol: str | None = None, **fields: Any
    ) -> Elemental:
        return row(name, _no_slope(name), partial, symbol=symbol, **fields)

    zeta = Elemental(
        "zeta",
        special.zeta,
        (_no_slope("zeta"), lambda s, a, v: -s * zeta(s + 1, a)),
        "ζ",
        ufunc=special._ufuncs._zeta,
        sympy="zeta",
        maple="Zeta(0, {})",  # the first argument is the order of a derivative
        maxima="",  # has a zeta of one argument only
    )
    expn = Elemental(
        "expn",
        special_slopes.exponential_integral,
        (_no_slope("expn"), lambda n, a, v: -expn(n - 1, a)),
        "E",
        ufunc=special.expn,
    )
    digamma, gammaln, normal = special.digamma, special.gammaln, 1 / math.sqrt(2 * math.pi)
    rise = gamma_slopes.digamma_rise(0, 0)
    bell = 2 / math.sqrt(math.pi)
    return [
        # gamma functions
        row("gammaln", lambda a, v: digamma(a), symbol="ln Γ", **_LOG_GAMMA),
        row("loggamma", lambda a, v: digamma(a), symbol="ln Γ", **_LOG_GAMMA),
        row("gamma", lambda a, v: v * digamma(a), symbol="Γ", **_GAMMA),
        row(
            "rgamma",
            on_floats(lambda a, v: gamma_slopes.rgamma(1)(a), lambda a, v: -v * digamma(a)),
            symbol="1/Γ",
            expanded=lambda a: 1 / special.gamma(a),
        ),
        row("digamma", lambda a, v: zeta(2.0, a), symbol="ψ", sympy="digamma"),
        zeta,
        row(
            "betaln",
            on_floats(lambda a, b, v: -rise(a, b), lambda a, b, v: digamma(a) - digamma(a + b)),
            on_floats(lambda a, b, v: -rise(b, a), lambda a, b, v: digamma(b) - digamma(a + b)),
            symbol="ln B",
        ),
        row(
            "beta",
            on_floats(
                lambda a, b, v: -v * rise(a, b), lambda a, b, v: v * (digamma(a) - digamma(a + b))
            ),
            on_floats(
                lambda a, b, v: -v * rise(b, a), lambda a, b, v: v * (digamma(b) - digamma(a + b))
            ),
            symbol="B",
            sympy="beta",
            maple="Beta",
        ),
        row(
            "binom",
            on_floats(
                lambda n, k, v: gamma_slopes.binom(1, 0)(n, k),
                lambda n, k, v: v * (digamma(n + 1) - digamma(n - k + 1)),
            ),
            on_floats(
                lambda n, k, v: gamma_slopes.binom(0, 1)(n, k),
                lambda n, k, v: v * (digamma(n - k + 1) - digamma(k + 1)),
            ),
        ),
        row(
            "poch",
            on_floats(
                lambda a, m, v: gamma_slopes.poch(1, 0)(a, m),
                lambda a, m, v: v * (digamma(a + m) - digamma(a)),
            ),
            on_floats(
                lambda a, m, v: gamma_slopes.poch(0, 1)(a, m), lambda a, m, v: v * digamma(a + m)
            ),
        ),
        of_order(
            "gammainc",
            on_floats(
                lambda s, x, v: gamma_density(s, x),
                lambda s, x, v: np.exp((s - 1) * np.log(x) - x - gammaln(s)),
            ),
            "P",
        ),
        of_order(
            "gammaincc",
            on_floats(
                lambda s, x, v: -gamma_density(s, x),
                lambda s, x, v: -np.exp((s - 1) * np.log(x) - x - gammaln(s)),
            ),
            "Q",
        ),
        of_order(
            "gammaincinv", lambda s, p, v: np.exp(v - (s - 1) * np.log(v) + gammaln(s)), "P⁻¹"
        ),
        of_order(
            "gammainccinv", lambda s, p, v: -np.exp(v - (s - 1) * np.log(v) + gammaln(s)), "Q⁻¹"
        ),
        # error functions and distributions
        row("erf", lambda a, v: bell * np.exp(-a * a), sympy="erf"),
        row("erfc", lambda a, v: -bell * np.exp(-a * a), sympy="erfc"),
        row(
            "erfcx",
            on_floats(lambda a, v: special_slopes.erfcx(1)(a), lambda a, v: 2 * a * v - bell),
        ),
        row("erfi", lambda a, v: bell * np.exp(a * a), sympy="erfi"),
        row(
            "dawsn",
            on_floats(lambda a, v: special_slopes.dawsn(1)(a), lambda a, v: 1 - 2 * a * v),
        ),
        row("erfinv", lambda a, v: np.exp(v * v) / bell, symbol="erf⁻¹"),
        row("erfcinv", lambda a, v: -np.exp(v * v) / bell, symbol="erfc⁻¹"),
        row(
            "ndtr",
            lambda a, v: normal * np.exp(-a * a / 2),
            symbol="Φ",
            expanded=lambda a: special.erfc(-a / np.sqrt(2.0)) / 2,
            mpmath="ncdf",
        ),
        row(
            "log_ndtr",
            on_floats(special_slopes.mills_ratio, lambda a, v: normal * np.exp(-a * a / 2 - v)),
            symbol="ln Φ",
        ),
        row("ndtri", lambda a, v: np.exp(v * v / 2) / normal, symbol="Φ⁻¹"),
        row(
            "ndtri_exp",
            on_floats(
                lambda a, v: special.erfcx(-v / math.sqrt(2)) / (2 * normal),
                lambda a, v: np.exp(a + v * v / 2) / normal,
            ),
        ),
        of_order(
            "stdtr",
            on_floats(
                lambda n, t, v: (
                    special.poch(n / 2, 0.5)
                    * np.exp(-(n + 1) / 2 * np.log1p(t * t / n))
                    / np.sqrt(math.pi * n)
                ),
                lambda n, t, v: (
                    np.exp(
                        gammaln((n + 1) / 2) - gammaln(n / 2) - (n + 1) / 2 * np.log1p(t * t / n)
                    )
                    / np.sqrt(math.pi * n)
                ),
            ),
        ),
        # logistic functions and entropies
        row(
            "expit",
            on_floats(lambda a, v: v * special.expit(-a), lambda a, v: v * (1 - v)),
            symbol="σ",
            expanded=lambda a: 1 / (1 + np.exp(-a)),
        ),
        row(
            "logit",
            lambda a, v: divide(1, a * (1 - a)),
            expanded=lambda a: np.log(a / (1 - a)),
        ),
        row("log_expit", lambda a, v: special.expit(-a), symbol="ln σ"),
        row(
            "xlogy",
            lambda a, b, v: np.log(b),
            on_floats(lambda a, b, v: ratio(a, b), lambda a, b, v: a / b),
            expanded=lambda a, b: a * np.log(b),
        ),
        row(
            "xlog1py",
            lambda a, b, v: np.log1p(b),
            on_floats(lambda a, b, v: ratio(a, 1 + b), lambda a, b, v: a / (1 + b)),
            expanded=lambda a, b: a * np.log(1 + b),
        ),
        row("entr", lambda a, v: -np.log(a) - 1, expanded=lambda a: -a * np.log(a)),
        row(
            "rel_entr",
            lambda a, b, v: np.log(a) - np.log(b) + 1,
            on_floats(lambda a, b, v: -ratio(a, b), lambda a, b, v: -a / b),
        ),
        row(
            "kl_div",
            lambda a, b, v: np.log(a) - np.log(b),
            on_floats(lambda a, b, v: 1 - ratio(a, b), lambda a, b, v: 1 - a / b),
        ),
        # losses and transformations
        row(
            "huber",
            lambda d, r, v: np.maximum(abs(r) - d, 0.0),
            lambda d, r, v: np.minimum(np.maximum(r, -d), d),
        ),
        row(
            "pseudo_huber",
            on_floats(
                lambda d, r, v: 4 * np.hypot(d, r) * np.sin(np.arctan2(r, d) / 2) ** 4,
                lambda d, r, v: 2 * v / d - r * r / np.hypot(d, r),
            ),
            on_floats(
                lambda d, r, v: d * np.sin(np.arctan2(r, d)),
                lambda d, r, v: r * d / np.hypot(d, r),
            ),
        ),
        row(
            "boxcox",
            lambda x, p, v: power(x, p - 1),
            on_floats(
                lambda x, p, v: np.log(x) ** 2 * special_slopes.boxcox_mean(1)(p * np.log(x)),
                lambda x, p, v: ((p * v + 1) * np.log(x) - v) / p,
            ),
        ),
        # Bessel functions
        row("j0", lambda a, v: -special.j1(a), symbol="J₀"),
        row("j1", lambda a, v: (special.j0(a) - special.jv(2.0, a)) / 2, symbol="J₁"),
        row("y0", lambda a, v: -special.y1(a), symbol="Y₀"),
        row("y1", lambda a, v: special.y0(a) - divide(v, a), symbol="Y₁"),
        row("i0", lambda a, v: special.i1(a), symbol="I₀"),
        row("i1", lambda a, v: (special.i0(a) + special.iv(2.0, a)) / 2, symbol="I₁"),
        row(
            "i0e",
            on_floats(
                lambda a, v: special_slopes.ive(1)(0.0, a),
                lambda a, v: special.i1e(a) - np.sign(a) * v,
            ),
        ),
        row(
            "i1e",
            on_floats(
                lambda a, v: special_slopes.ive(1)(1.0, a),
                lambda a, v: special.i0e(a) - (np.sign(a) + 1 / a) * v,
            ),
        ),
        row("k0", lambda a, v: -special.k1(a), symbol="K₀"),
        row("k1", lambda a, v: -special.k0(a) - divide(v, a), symbol="K₁"),
        row(
            "k0e",
            on_floats(lambda a, v: special_slopes.kve(1)(0.0, a), lambda a, v: v - special.k1e(a)),
        ),
        row(
            "k1e",
            on_floats(
                lambda a, v: special_slopes.kve(1)(1.0, a),
                lambda a, v: (1 - 1 / a) * v - special.k0e(a),
            ),
        ),
        of_order("jv", lambda n, a, v: (special.jv(n - 1, a) - special.jv(n + 1, a)) / 2, "J"),
        of_order("yv", lambda n, a, v: (special.yv(n - 1, a) - special.yv(n + 1, a)) / 2, "Y"),
        of_order("iv", lambda n, a, v: (special.iv(n - 1, a) + special.iv(n + 1, a)) / 2, "I"),
        of_order("kv", lambda n, a, v: -(special.kv(n - 1, a) + special.kv(n + 1, a)) / 2, "K"),
        of_order(
            "ive",
            on_floats(
                lambda n, a, v: special_slopes.ive(1)(n, a),
                lambda n, a, v: (
                    (special.ive(n - 1, a) + special.ive(n + 1, a)) / 2 - np.sign(a) * v
                ),
            ),
        ),
        of_order(
            "kve",
            on_floats(
                lambda n, a, v: special_slopes.kve(1)(n, a),
                lambda n, a, v: v - (special.kve(n - 1, a) + special.kve(n + 1, a)) / 2,
            ),
        ),
        # integrals
        row("expi", lambda a, v: divide(np.exp(a), a), symbol="Ei"),
        row("exp1", lambda a, v: divide(-np.exp(-a), a), symbol="E₁"),
        expn,
        row(
            "spence",
            on_floats(lambda a, v: special_slopes.spence(1)(a), lambda a, v: np.log(a) / (1 - a)),
        ),
        row(
            "ellipk",
            on_floats(
                lambda a, v: special_slopes.ellipk(1)(a),
                lambda a, v: (special.ellipe(a) / (1 - a) - v) / (2 * a),
            ),
            symbol="K",
        ),
        row(
            "ellipe",
            on_floats(
                lambda a, v: special_slopes.ellipe(1)(a),
                lambda a, v: (v - special.ellipk(a)) / (2 * a),
            ),
            symbol="E",
        ),
        # functions of NumPy that SciPy has as well
        row("log1p", lambda a, v: divide(1, 1 + a), expanded=np.log1p),
        row("expm1", lambda a, v: np.exp(a), expanded=np.expm1),
        row("exp2", lambda a, v: v * math.log(2), expanded=np.exp2),
        row("exp10", lambda a, v: v * math.log(10), expanded=lambda a: 10**a),
        row("cbrt", lambda a, v: divide(1, 3 * v * v), symbol="∛", expanded=np.cbrt),
    ]


def _betainc() -> Rule:
    """I_x(a, b), whose slope in x is the density of the beta distribution."""
    special = _special()
    refuse = _no_slope("betainc", "first two operands")

    def slope_of_density(a: Any, b: Any, x: Any) -> Any:
        if np.any(np.equal(a + b, 1)):  # the next line is 0 times infinity
            return slope(a, b, x) * ((a - 1) / x - (b - 1) / (1 - x))
        return (a + b - 1) * (slope(a - 1, b, x) - slope(a, b - 1, x))

    slope = Rule(
        "beta_density",
        beta_density,
        (no_slope, no_slope, lambda bar, v, a, b, x: bar * slope_of_density(a, b, x)),
        lambda dots, v, a, b, x: dots[2] * slope_of_density(a, b, x),
    )

    def push(dots: Any, v: Any, a: Any, b: Any, x: Any) -> Any:
        if dots[0] is not None or dots[1] is not None:
            refuse()
        return dots[2] * slope(a, b, x)

    pull = (refuse, refuse, lambda bar, v, a, b, x: bar * slope(a, b, x))
    return Rule("betainc", special.betainc, pull, push)


def _lambertw() -> Callable[..., Any]:
    """W, where W exp(W) = z on the branch k: a complex number."""
    ufunc = _special()._ufuncs._lambertw
    rule = Rule(
        "lambertw",
        lambda z, k, tol: ufunc(z, k, tol),
        (lambda bar, v, z, k, tol: bar / (np.exp(v) * (1 + v)),),
        lambda dots, v, z, k, tol: dots[0] / (np.exp(v) * (1 + v)),
    )
    return lambda z, k, tol: rule(z, k=int(k), tol=tol)


# -- functions that SciPy has in Python ----------------------------------------------------------


def _multigammaln(a: Any, d: Any) -> Any:
    """ln Γ_d(a), where d is plain."""
    if d.__class__ is Variable:
        raise OptionError("the dimension d is a plain number")
    if np.ndim(d) or np.floor(d) != d:
        raise ValueError("d should be a positive integer (dimension)")
    a = as_array(a)
    if np.any(a <= 0.5 * (d - 1)):
        raise ValueError(f"condition a ({a}) > 0.5 * (d-1) ({0.5 * (d - 1):f}) not met")
    less = np.reshape(np.arange(d) / 2, (-1,) + (1,) * len(shape_of(a)))
    return np.sum(_special().gammaln(a - less), axis=0) + d * (d - 1) * 0.25 * np.log(np.pi)


def _polygamma(n: Any, x: Any) -> Any:
    """ψ⁽ⁿ⁾(x), where n is plain."""
    if as_array(n).__class__ is Variable:
        raise OptionError("the order n is a plain number")
    special, n, x = _special(), np.asarray(n), as_array(x)
    if n.shape == () and n == 0:
        return special.digamma(at_least(float, x))
    higher = (-1.0) ** (n + 1) * special.gamma(n + 1.0) * special.zeta(n + 1, x)
    return higher if n.all() else np.where(n == 0, special.digamma(x), higher)


IN_PYTHON: dict[str, Callable[..., Any]] = {
    "logsumexp": logsumexp,
    "softmax": softmax,
    "log_softmax": log_softmax,
    "multigammaln": _multigammaln,
    "polygamma": _polygamma,
}
"""The rules of the functions that SciPy has in Python, by name."""
