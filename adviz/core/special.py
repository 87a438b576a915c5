"""The functions of ``scipy.special`` that losses and likelihoods use, where SciPy is there.

They are rows like those of the table of elementals, added when one of them is met first.
"""

from __future__ import annotations

import functools
import math
import sys
from typing import Any

import numpy as np

from adviz.core.elementals import BY_UFUNC, Elemental
from adviz.core.errors import UnsupportedOperationError

__all__ = ["add_rows"]


@functools.cache
def add_rows() -> None:
    """Add the rows of SciPy's functions to those that are recognised."""
    BY_UFUNC.update({row.ufunc: row for row in _rows() if row.ufunc is not None})


def _no_slope(s: Any, a: Any, v: Any) -> Any:
    raise UnsupportedOperationError("scipy.special.zeta has no derivative rule in its exponent.")


def _rows() -> list[Elemental]:
    special: Any = sys.modules["scipy.special"]  # the user's: nothing is imported here
    zeta = Elemental(
        "zeta",
        special.zeta,
        (_no_slope, lambda s, a, v: -s * zeta(s + 1, a)),
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
        Elemental("xlogy", special.xlogy, (lambda a, b, v: np.log(b), lambda a, b, v: a / b)),
        Elemental("entr", special.entr, (lambda a, v: -np.log(a) - 1,)),
    ]
