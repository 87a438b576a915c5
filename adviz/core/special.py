"""The functions of ``scipy.special`` that losses and likelihoods use, where SciPy is there.

They are rows like those of the table of elementals, added when one of them is met first.
"""

from __future__ import annotations

import functools
import math
import sys
from types import FrameType
from typing import Any

import numpy as np

from adviz.core.elementals import BY_UFUNC, Elemental
from adviz.core.errors import UnsupportedOperationError
from adviz.core.source import describe, is_internal, is_library

__all__ = ["add_rows", "instead_of", "rows"]


_INSTEAD = {
    "logsumexp": "Write np.logaddexp.reduce(x, axis)",
    "log_softmax": "Write x - np.logaddexp.reduce(x, axis, keepdims=True)",
    "multigammaln": "Write d * (d - 1) / 4 * np.log(np.pi) + "
    "np.sum(scipy.special.gammaln(a - np.arange(d) / 2))",
    "polygamma": "Write (-1) ** (n + 1) * scipy.special.gamma(n + 1) * "
    "scipy.special.zeta(n + 1, x)",
    "comb": "Write scipy.special.gamma(n + 1) / scipy.special.gamma(k + 1) / "
    "scipy.special.gamma(n - k + 1)",
}


def instead_of(frame: FrameType) -> UnsupportedOperationError | None:
    """Return the error of a function of plain arrays that SciPy has in Python, if one runs.

    It turns what it is given into such an array first, where no derivative can follow.
    """
    running: FrameType | None = frame
    while running is not None and (is_internal(running) or is_library(running)):
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


@functools.cache
def add_rows() -> None:
    """Add the rows of SciPy's functions to those that are recognised."""
    BY_UFUNC.update({row.ufunc: row for row in rows() if row.ufunc is not None})


def _no_slope(name: str) -> Any:
    def refuse(*_: Any) -> Any:
        raise UnsupportedOperationError(
            f"scipy.special.{name} has no derivative rule in its first operand: keep it plain."
        )

    return refuse


def rows() -> list[Elemental]:
    """Return the rows; ``scipy.special`` must have been imported."""
    special: Any = sys.modules["scipy.special"]  # the user's: nothing is imported here
    zeta = Elemental(
        "zeta",
        special.zeta,
        (_no_slope("zeta"), lambda s, a, v: -s * zeta(s + 1, a)),
        "ζ",
        ufunc=special._ufuncs._zeta,
    )
    bell = 2 / math.sqrt(math.pi)
    normal = 1 / math.sqrt(2 * math.pi)
    return [
        Elemental("gammaln", special.gammaln, (lambda a, v: special.digamma(a),), "ln Γ"),
        Elemental("loggamma", special.loggamma, (lambda a, v: special.digamma(a),), "ln Γ"),
        Elemental("gamma", special.gamma, (lambda a, v: v * special.digamma(a),), "Γ"),
        Elemental("digamma", special.digamma, (lambda a, v: zeta(2.0, a),), "ψ"),
        zeta,
        Elemental("erf", special.erf, (lambda a, v: bell * np.exp(-a * a),)),
        Elemental("erfc", special.erfc, (lambda a, v: -bell * np.exp(-a * a),)),
        Elemental("expit", special.expit, (lambda a, v: v * (1 - v),), "σ"),
        Elemental("logit", special.logit, (lambda a, v: 1 / (a * (1 - a)),)),
        Elemental("log_expit", special.log_expit, (lambda a, v: special.expit(-a),), "ln σ"),
        Elemental("ndtr", special.ndtr, (lambda a, v: normal * np.exp(-a * a / 2),), "Φ"),
        Elemental(
            "log_ndtr",
            special.log_ndtr,
            (lambda a, v: normal * np.exp(-a * a / 2 - v),),
            "ln Φ",
        ),
        Elemental("erfcx", special.erfcx, (lambda a, v: 2 * a * v - bell,)),
        Elemental("erfinv", special.erfinv, (lambda a, v: np.exp(v * v) / bell,), "erf⁻¹"),
        Elemental("ndtri", special.ndtri, (lambda a, v: np.exp(v * v / 2) / normal,), "Φ⁻¹"),
        Elemental(
            "betaln",
            special.betaln,
            (
                lambda a, b, v: special.digamma(a) - special.digamma(a + b),
                lambda a, b, v: special.digamma(b) - special.digamma(a + b),
            ),
            "ln B",
        ),
        Elemental(
            "beta",
            special.beta,
            (
                lambda a, b, v: v * (special.digamma(a) - special.digamma(a + b)),
                lambda a, b, v: v * (special.digamma(b) - special.digamma(a + b)),
            ),
            "B",
        ),
        Elemental(
            "gammainc",
            special.gammainc,
            (
                _no_slope("gammainc"),
                lambda s, x, v: np.exp((s - 1) * np.log(x) - x - special.gammaln(s)),
            ),
            "P",
        ),
        Elemental(
            "gammaincc",
            special.gammaincc,
            (
                _no_slope("gammaincc"),
                lambda s, x, v: -np.exp((s - 1) * np.log(x) - x - special.gammaln(s)),
            ),
            "Q",
        ),
        Elemental("j0", special.j0, (lambda a, v: -special.j1(a),), "J₀"),
        Elemental("j1", special.j1, (lambda a, v: special.j0(a) - v / a,), "J₁"),
        Elemental("i0", special.i0, (lambda a, v: special.i1(a),), "I₀"),
        Elemental("i1", special.i1, (lambda a, v: special.i0(a) - v / a,), "I₁"),
        Elemental("expi", special.expi, (lambda a, v: np.exp(a) / a,), "Ei"),
        Elemental("exp1", special.exp1, (lambda a, v: -np.exp(-a) / a,), "E₁"),
        Elemental(
            "xlog1py",
            special.xlog1py,
            (lambda a, b, v: np.log1p(b), lambda a, b, v: a / (1 + b)),
        ),
        Elemental(
            "rel_entr",
            special.rel_entr,
            (lambda a, b, v: np.log(a / b) + 1, lambda a, b, v: -a / b),
        ),
        Elemental(
            "kl_div", special.kl_div, (lambda a, b, v: np.log(a / b), lambda a, b, v: 1 - a / b)
        ),
        # SciPy has its own of some functions of NumPy.
        Elemental("log1p", special.log1p, (lambda a, v: 1 / (1 + a),)),
        Elemental("expm1", special.expm1, (lambda a, v: v + 1,)),
        Elemental("exp2", special.exp2, (lambda a, v: v * math.log(2),)),
        Elemental("exp10", special.exp10, (lambda a, v: v * math.log(10),)),
        Elemental("cbrt", special.cbrt, (lambda a, v: 1 / (3 * v * v),), "∛"),
        Elemental("xlogy", special.xlogy, (lambda a, b, v: np.log(b), lambda a, b, v: a / b)),
        Elemental("entr", special.entr, (lambda a, v: -np.log(a) - 1,)),
    ]
