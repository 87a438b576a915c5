"""Code of other libraries that meets a traced number: the user's line, and what to write there."""

import cmath
import math
import re
import statistics
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas
import pytest
import scipy.special
import sympy
from scipy import optimize, signal

import adviz as ad
from adviz.rules.advice import explained

NAMES = {
    "np": np,
    "pandas": pandas,
    "sympy": sympy,
    "signal": signal,
    "optimize": optimize,
    "math": math,
    "statistics": statistics,
    "Decimal": Decimal,
    "Fraction": Fraction,
    "SERIES": pandas.Series([1.0, 2.0]),
    "FRAME": pandas.DataFrame({"a": [1.0, 2.0]}),
    "X": np.array([1.0, 2.0, 3.0]),
}

MEETINGS = {
    "signal.lfilter([1.0], [1.0, -0.5], X * x)": r"scipy\.signal\.lfilter",
    "signal.lfilter([x], [1.0, -0.5], X)": r"scipy\.signal\.lfilter",
    "signal.sosfilt([[1.0, 0, 0, 1.0, 0.5, 0]], X * x)": r"scipy\.signal\.sosfilt",
    "signal.savgol_filter(X * x, 3, 1)": r"scipy\.signal\.savgol_filter",
    "optimize.leastsq(lambda t: t - x, 0.0)": r"scipy\.optimize\.leastsq",
    "SERIES * x": r"pandas.*series\.to_numpy\(\)",
    "x * SERIES": r"x\.to_numpy\(\)",
    "x - FRAME": r"x\.to_numpy\(\)",
    "np.maximum(x, SERIES)": r"x\.to_numpy\(\)",
    "(SERIES + x).mean()": r"pandas.*series\.to_numpy\(\)",
    "np.exp(SERIES * x)": r"pandas.*series\.to_numpy\(\)",
    "pandas.Series(X * x).mean()": r"series\.to_numpy\(\)",
    "pandas.Series(X * x).rolling(2).mean()": r"series\.to_numpy\(\)",
    "pandas.Series(X * x).interpolate()": r"series\.to_numpy\(\)",
    "pow(x, 2, 3)": r"Subtract a multiple",
    "list(map(math.sin, [x, x]))": r"functions of np instead of those of math",
    "sympy.sin(x)": r"sympy\.sin .* Write np\.sin\(\.\.\.\)",
    "sympy.exp(2 * x)": r"Write np\.exp\(\.\.\.\)",
    "sympy.sin(X * x)": r"Write np\.sin\(\.\.\.\)",
    "sympy.Symbol('t') * x": r"sympy\.lambdify",
    "sympy.sympify(x)": r"sympy\.lambdify",
    "x * sympy.pi": r"float\(x\)",
    "Decimal('2') * x": r"float\(x\)",
    "x * Decimal('2')": r"float\(x\)",
    "x == Decimal('2')": r"float\(x\)",
    "Decimal(x)": r"NumPy functions",
    "Fraction(x)": r"NumPy functions",
    "statistics.mean([x, 2 * x])": r"statistics\.mean .* NumPy functions",
    "statistics.fmean([x, 2 * x])": r"statistics\.fmean .* NumPy functions",
    "statistics.stdev([x, 2 * x])": r"statistics\.stdev .* NumPy functions",
}


def in_a_file(source, parameters, names, path):
    """Return a function whose source is in a file, so that a message can quote it."""
    text = f"def model({parameters}):\n    return {source}\n"
    path.write_text(text, encoding="utf-8")
    scope = dict(names)
    exec(compile(text, str(path), "exec"), scope)
    return scope["model"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("source", MEETINGS)
def test_says_what_to_write_at_the_users_line(source, tmp_path):
    model = in_a_file(source, "x", NAMES, tmp_path / "model.py")
    with pytest.raises(ad.AdvizError, match=MEETINGS[source]) as caught:
        ad.vjp(model, 0.5)
    assert "model.py, line 2, in model: `" in str(caught.value)


def test_a_traced_number_equals_no_other_kind_of_object():
    for other in (None, "a", [1.0], object()):
        assert ad.grad(lambda x, other=other: 3 * x if x == other else x)(1.0) == 1.0
    assert ad.grad(lambda x: 3 * x if x == 1 + 0j else x)(1.0) == 3.0
    assert ad.grad(lambda x: 3 * x if x != 1j else x)(1.0) == 3.0


def test_an_error_of_the_users_own_is_no_meeting():
    for error in (KeyError("k"), ValueError("v"), RecursionError("r"), ZeroDivisionError()):
        assert explained(error) is None


# -- the modules of the standard library -----------------------------------------------------------

ARGUMENTS = {
    **dict.fromkeys(("atan2", "copysign", "fmod", "pow", "remainder"), "x, y"),
    **dict.fromkeys(("comb", "perm", "ldexp"), "x, 2"),
    **dict.fromkeys(("isclose", "nextafter"), "x, 1.0"),
    **dict.fromkeys(("dist", "sumprod"), "[x, 1.0], [2.0, y]"),
    **dict.fromkeys(("fsum", "prod"), "[x, y]"),
    "hypot": "x, y",
    "fma": "x, y, 2.0",
    "rect": "x, y",
    "acosh": "x + 1",
    "factorial": "x + 2",
}

NO_SLOPE = ("gcd", "isqrt", "lcm", "nextafter", "ulp")
"""Functions of whole numbers, and of the gaps between floats."""

WITHOUT_NUMPY = ("fabs", "fma", "fmod", "fsum", "remainder")
"""Functions for which there is arithmetic of Python's."""


def advice_on(module, name, folder):
    source = f"{module.__name__}.{name}({ARGUMENTS.get(name, 'x')})"
    f = in_a_file(source, "x, y", {module.__name__: module}, folder / f"{name}.py")
    with pytest.raises(ad.AdvizError) as caught:
        ad.vjp(f, 0.5, 1.5)
    return str(caught.value)


def functions_of(module):
    return [n for n in dir(module) if callable(getattr(module, n)) and not n.startswith("_")]


@pytest.mark.parametrize("module", [math, cmath], ids=lambda module: module.__name__)
def test_what_is_written_instead_exists(module, tmp_path):
    for name in functions_of(module):
        if name in ("prod", "sumprod"):
            continue  # which multiply and add whatever they are given
        said = advice_on(module, name, tmp_path)
        named = re.findall(r"(?:np|scipy\.special)(?:\.\w+)+", said.partition("Write ")[2])
        for written in named:
            assert eval(written, {"np": np, "scipy": scipy}) is not None
        assert named or name in NO_SLOPE or name in WITHOUT_NUMPY, said
        assert "works on plain floats only" not in said


@pytest.mark.parametrize(
    ("of_math", "written"),
    [
        (lambda x, y: math.erf(x), lambda x, y: scipy.special.erf(x)),
        (lambda x, y: math.erfc(x), lambda x, y: scipy.special.erfc(x)),
        (lambda x, y: math.gamma(x), lambda x, y: scipy.special.gamma(x)),
        (lambda x, y: math.lgamma(x), lambda x, y: scipy.special.gammaln(x)),
        (lambda x, y: math.log(x, y), lambda x, y: np.log(x) / np.log(y)),
        (lambda x, y: math.copysign(x, y), np.copysign),
        (lambda x, y: math.hypot(x, y), np.hypot),
        (lambda x, y: math.fmod(x, y), lambda x, y: x - y * np.floor(x / y)),
        (lambda x, y: math.modf(y)[0], lambda x, y: np.modf(y)[0]),
        (lambda x, y: math.frexp(y)[0], lambda x, y: np.frexp(y)[0]),
        (lambda x, y: math.ldexp(x, 3), lambda x, y: np.ldexp(x, 3)),
        (lambda x, y: cmath.phase(x + 1j * y), lambda x, y: np.angle(x + 1j * y)),
        (lambda x, y: abs(cmath.rect(x, y)), lambda x, y: np.abs(x * np.exp(1j * y))),
        (lambda x, y: cmath.sqrt(-x).imag, lambda x, y: np.imag(np.sqrt(-x + 0j))),
        (lambda x, y: cmath.acos(x).real, lambda x, y: np.real(np.arccos(x + 0j))),
    ],
    ids=range(15),
)
def test_what_is_written_instead_has_the_same_value_and_a_slope(of_math, written):
    assert written(0.5, 1.5) == pytest.approx(of_math(0.5, 1.5), rel=1e-15)
    ad.check_grads(written, (0.5, 1.5), order=1)


@pytest.mark.parametrize(
    "name", ["sqrt", "log", "log2", "log10", "logn", "power", "arccos", "arcsin", "arctanh"]
)
def test_emath_does_not_point_to_itself(name):
    function = getattr(np.emath, name)
    arguments = {"logn": (2.0,), "power": ()}.get(name, ())
    rest = (3.0,) if name == "power" else ()
    with pytest.raises(ad.AdvizError, match=rf"np\.emath\.{name} met.*Write ") as caught:
        ad.grad(lambda x: function(*arguments, x, *rest))(0.5)
    assert "emath" not in str(caught.value).partition("Write ")[2]
    assert "lib.scimath" not in str(caught.value)


def test_a_function_of_scipys_is_called_by_its_name():
    with pytest.raises(ad.AdvizError, match=r"scipy\.special\.erfcx cannot be computed to many"):
        ad.error_study(scipy.special.erfcx, 1.0)
    assert "scipy.special" in sys.modules
