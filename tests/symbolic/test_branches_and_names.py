"""Formulas of functions with branches and array operations, and names in other systems."""

import math
import re

import numpy as np
import pytest
import scipy.special as sp
import sympy
from sympy.parsing.mathematica import parse_mathematica
from sympy.parsing.maxima import parse_maxima

import adviz as ad
from adviz.host.errors import InputError, UnsupportedOperationError
from adviz.supported.examples import EXAMPLES
from adviz.supported.scipy_examples import OF_LINALG, OF_SCIPY, OF_STATS

WITH_BRANCHES = {
    "where": lambda x: np.where(x > 0, x * x, -x),
    "select": lambda x: np.select([x > 1, x > 0], [x * x, 3 * x], -x),
    "sinc": np.sinc,
    "interp": lambda x: np.interp(x, [0, 1, 2], [0.0, 2.0, 5.0]),
    "sum": lambda x: np.sum(x) * x,
    "stack": lambda x: np.sum(np.stack([x, x * x]) * np.array([2.0, 3.0])),
    "sort": lambda x: np.sort(np.stack([x, 1 - x]))[0] ** 2,
    "floor": lambda x: np.floor(x) * x + x % 0.4,
    "norm": lambda x: np.linalg.norm(np.stack([x, 2 * x])),
    "heaviside": lambda x: np.heaviside(x, 0.5) * x,
    "choose": lambda x: np.choose(1, [x, x**3]),
    "fmax": lambda x: np.fmax(x, 0.1) - np.clip(x, 0.0, 1.0) ** 2,
}


@pytest.mark.parametrize("name", WITH_BRANCHES)
@pytest.mark.parametrize("at", [0.7, -0.7])
def test_a_function_with_branches_has_the_formula_of_the_branch_it_took(name, at):
    f = WITH_BRANCHES[name]
    t = ad.trace(f, at)
    formula = t.formula()
    nearby = at + 0.01  # on the same branch
    assert formula(at) == pytest.approx(f(at), rel=1e-12, abs=1e-15)
    assert formula(nearby) == pytest.approx(f(nearby), rel=1e-12, abs=1e-15)
    (x,) = formula.inputs
    in_sympy = t.to_sympy().subs(sympy.Symbol(x), nearby)
    assert float(in_sympy) == pytest.approx(f(nearby), rel=1e-12, abs=1e-15)
    assert len(formula.holds_while) == len(t.decisions)
    slope = formula.derivative()(nearby)
    assert slope == pytest.approx(ad.grad(f)(nearby), rel=1e-10, abs=1e-14)
    # and the studies of the derivative read the same formula
    agreements = ad.swell(f, at).representations.agreements()
    assert all(agreement.error < 1e-9 for agreement in agreements)


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: np.linalg.det(np.reshape(np.stack([x, 1 - x, x, x]), (2, 2))), "det"),
        (lambda x: np.exp(1j * x).real, "complex"),
        (lambda x: sp.logsumexp(np.stack([x, 2 * x])), "operation max"),
        (lambda x: np.stack([x, x]), r"return the entries"),
    ],
)
def test_what_has_no_formula_says_why(f, words):
    for read in (ad.Trace.formula, ad.Trace.to_sympy, lambda t: ad.swell(t.function, 0.6)):
        with pytest.raises(UnsupportedOperationError, match=words):
            read(ad.trace(f, 0.6))


def test_one_output_has_a_formula_beside_an_array():
    t = ad.trace(lambda x: (np.stack([x, x]), np.where(x > 0, x, 2 * x)), 0.5)
    assert t.formula("y2").to_text() == "y₂ = x"


def _examples():
    for table in (EXAMPLES, OF_SCIPY, OF_LINALG, OF_STATS):
        for entry in table.values():
            yield from entry.examples


def _has_right_formulas(example, elementwise):
    """Compare the formulas of an example with its trace, there and a little beside."""
    random = np.random.default_rng(3)
    arrays = [0.1 + 0.6 * random.standard_normal(shape) for shape in example.shapes]
    arrays = [np.abs(a) + 0.3 if example.positive else a for a in arrays]
    if not elementwise:
        arrays = [float(np.ravel(a)[0]) for a in arrays]
    try:
        t = ad.trace(lambda *numbers: example(*numbers), *arrays, elementwise=elementwise)
    except Exception:  # noqa: BLE001 - NumPy's own error: of a number instead of an array
        return 0
    moved = [float(row.value) + 1e-6 for row in t.inputs]
    try:
        beside = t.replay(*t.inputs_as(moved))
    except ad.AdvizError:
        beside = None
    compared = 0
    for name, row in zip(t.output_names, t.outputs, strict=True):
        try:
            formula = t.formula(name)
        except UnsupportedOperationError:
            continue
        compared += 1
        value = formula(*[row.value for row in t.inputs])
        np.testing.assert_allclose(value, row.value, rtol=1e-9, atol=1e-12)
        if beside is not None:
            expected = beside.rows[row.slot].value
            np.testing.assert_allclose(formula(*moved), expected, rtol=1e-9, atol=1e-12)
    return compared


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.long)])
def test_formulas_of_examples_of_the_catalogue_agree_with_their_traces(every):
    examples = list(_examples())[::every]
    compared = [
        _has_right_formulas(e, elementwise) for e in examples for elementwise in (False, True)
    ]
    assert sum(compared) > len(examples)


X, Y = sympy.symbols("x y")


@pytest.mark.parametrize(
    "expression",
    [
        sympy.Piecewise((X**2, X > 0), (-X, True)),
        sympy.Piecewise((X, (X > 1) & (X < 3)), (X**3, sympy.Ne(X, 0)), (0, True)) + X,
        sympy.Piecewise((sympy.Piecewise((X, X < 1), (2, True)), ~(X > 5)), (0, True)),
        sympy.Heaviside(X - 0.2) * X + sympy.Abs(X) + sympy.Max(X, 0.1, 1 - X),
        sympy.gamma(X) + sympy.erf(X) + sympy.atan2(X, 2),
    ],
)
def test_sympy_expressions_with_branches_are_traced(expression):
    for at in (0.7, -0.4, 1.5):
        t = ad.Trace.from_sympy(expression, x=at)
        assert t.value == pytest.approx(float(expression.subs(X, at)), rel=1e-12)
        slope = sum(step.adjoint for step in t.reverse() if step.row.slot == 0)
        h = 1e-6
        quotient = float(expression.subs(X, at + h) - expression.subs(X, at - h)) / (2 * h)
        assert slope == pytest.approx(quotient, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (sympy.Matrix([[X, 1]]), "each entry"),
        (X > 0, "value is a number"),
        ("x**2", "value is a number"),
        (None, "value is a number"),
        (sympy.Integral(sympy.sin(Y), (Y, 0, X)), r"Integral in .*doit"),
        (sympy.Sum(X**Y, (Y, 0, 3)), r"Sum in .*doit"),
        (sympy.Derivative(sympy.sin(X), X), r"Derivative in .*doit"),
        (sympy.I * X, "not a real number"),
        (sympy.zoo, "not a real number"),
        (sympy.Integer(10) ** 400 * X, "larger than any float"),
        (sympy.Symbol("x", real=True) * X, "same name"),
    ],
)
def test_sympy_expressions_without_a_trace_are_refused_in_words(expression, words):
    names = sorted({str(s) for s in getattr(expression, "free_symbols", ())})
    with pytest.raises(ad.AdvizError, match=words):
        ad.Trace.from_sympy(expression, **dict.fromkeys(names, 0.5))


NAMES = ["E", "e", "I", "x_1", "x1", "Pi", "C", "D", "N", "O", "gamma", "GAMMA", "lambda", "α"]
NAMES += ["alpha", "S", "Q", "beta", "inf", "and", "_x", "π", "x1e5", "trace", "np", "sin", "rate"]


def _of_all_names():
    """Return a trace in which each name has a value of its own and counts differently."""
    total = sum((k + 1) * sympy.Symbol(name) for k, name in enumerate(NAMES))
    values = {name: math.sqrt(k + 2) for k, name in enumerate(NAMES)}
    return ad.Trace.from_sympy(total + 1e-7 * sympy.Symbol("E") ** 2, **values)


def _by_coefficient(text):
    """Return the name that is written after each coefficient."""
    return {int(k or 1): name for k, name in re.findall(r"(?:(\d+) ?\* ?)?([^\W\d]\w*)", text)}


@pytest.mark.parametrize("system", ["mathematica", "maple", "maxima", "python"])
def test_names_of_inputs_stay_apart_and_mean_nothing_else(system):
    formula = _of_all_names().formula()
    text = getattr(formula, f"to_{system}")()
    linear = " + ".join(t for t in text.split(" + ") if "^" not in t and "**2" not in t)
    written = _by_coefficient(linear)
    assert len(set(written.values())) == len(NAMES)
    own = {
        "mathematica": r"[A-Z]|.*_",
        "maple": r"(I|Pi|D|O|gamma|GAMMA|and|sin|trace)$",
        "maxima": r"(inf|and)$",
        "python": r"(lambda|and|np)$",
    }[system]
    assert not [name for name in written.values() if re.match(own, name)]
    assert "rate" in written.values()  # a name that is free stays as it is
    if system == "python":
        at = {name: math.sqrt(k + 1) for k, name in written.items()}
        assert eval(text, {}, at) == pytest.approx(_of_all_names().value)


def test_exports_are_read_back_with_their_values():
    names = E, I, x_1, gamma = sympy.symbols("E I x_1 gamma")  # noqa: N806, E741 - as elsewhere
    expression = sympy.sign(I) * sympy.atan2(E, x_1) + gamma**2 * sympy.exp(-E) * 1e-7
    point = (0.3, -1.2, 2.0, 5.0)
    value = float(expression.subs(dict(zip(names, point, strict=True))))
    formula = ad.Trace.from_sympy(
        expression, **dict(zip(map(str, names), point, strict=True))
    ).formula()
    # SymPy reads neither 1.0*^-7 nor ArcTan of two arguments
    text = formula.to_mathematica().replace("*^", "e").replace("ArcTan[x1, e]", "atan[e, x1]")
    text = text.translate(str.maketrans("[]", "()")).replace("^", "**")
    scope = dict(zip(["e", "i", "x1", "gamma"], point, strict=True))
    functions = {"Sign": np.sign, "Exp": np.exp, "atan": np.arctan2}
    assert eval(text, functions, scope) == pytest.approx(value, rel=1e-15)
    # and takes these names for its own
    text = re.sub(r"\b(E|I|gamma)\b", r"of\1", formula.to_maxima().replace("signum", "sign"))
    scope = dict(zip(["ofE", "ofI", "x_1", "ofgamma"], point, strict=True))
    assert float(parse_maxima(text).subs(scope)) == pytest.approx(value, rel=1e-15)
    plain = ad.trace(lambda x, rate: np.sin(x) ** rate / x, 0.4, 1.5).formula()
    read = parse_mathematica(plain.to_mathematica())
    assert read == plain.to_sympy()


def test_functions_have_their_own_names_in_each_system():
    t = ad.trace(lambda x: np.sign(x) + sp.gamma(x) + sp.gammaln(x) + sp.digamma(x), 0.6)
    formula = t.formula()
    assert formula.to_maple() == "GAMMA(x) + lnGAMMA(x) + Psi(0, x) + signum(x)"
    assert formula.to_maxima() == "gamma(x) + log_gamma(x) + psi[0](x) + signum(x)"
    assert formula.to_mathematica() == "Gamma[x] + LogGamma[x] + PolyGamma[0, x] + Sign[x]"
    with pytest.raises(UnsupportedOperationError, match="zeta"):
        ad.trace(lambda x: sp.zeta(2.0, x), 0.6).formula().to_maxima()
    divided = ad.trace(lambda x: 1 / (x - x), 0.6).formula()
    for write in (divided.to_maple, divided.to_maxima, divided.to_mathematica):
        with pytest.raises(UnsupportedOperationError, match="divides by 0"):
            write()


def test_two_names_are_two_names_in_a_formula():
    formula = ad.trace(lambda x1, x_1, x01: x1 + x_1 * x01, 1.0, 2.0, 3.0).formula()
    assert formula.to_text() == "y = x₁ + x_1·x01"
    assert formula.to_latex().count("x_{1}") == 1


def test_from_sympy_takes_symbols_of_any_name():
    t = ad.Trace.from_sympy(sympy.Symbol("expression") * sympy.Symbol("cls"), expression=2.0, cls=3)
    assert t.value == 6.0
    with pytest.raises(InputError):
        ad.Trace.from_sympy(X)
