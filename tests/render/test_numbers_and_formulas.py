"""Numbers as a person writes them, and formulas from the table of elementals."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latexwalker import LatexWalker

import adviz as ad
from adviz.render.math_tree import to_html, to_latex, to_mathml, to_text
from adviz.render.number import format_number


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (-13 / 3, "−4.33333"),
        (12.0, "12"),
        (0.0, "0"),
        (-0.0, "0"),
        (np.float64(0.5), "0.5"),
        (1e-4, "0.0001"),
        (9.99e-5, "9.99×10⁻⁵"),
        (999999.0, "999999"),
        (999999.7, "1×10⁶"),
        (100000.5, "100001"),
        (-2.5e-17, "−2.5×10⁻¹⁷"),
        (math.nan, "NaN"),
        (-math.inf, "−∞"),
    ],
)
def test_a_number_is_written_as_a_person_writes_it(number, written):
    assert format_number(number) == written


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 17))
def test_a_written_number_is_the_nearest_with_that_many_digits(number, digits):
    text = format_number(number, digits)
    mantissa, _, power = text.replace("−", "-").partition("×10")
    exponent = int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)
    read = Fraction(mantissa) * Fraction(10) ** exponent
    exact = Fraction(number)
    assert len(re.sub(r"^-?0*|\.", "", mantissa).lstrip("0").rstrip("0")) <= digits
    if exact:
        # Half a unit of the last digit kept.
        unit = Fraction(10) ** (math.floor(_log10(abs(exact))) - digits + 1)
        assert abs(read - exact) <= unit / 2 * (1 + Fraction(1, 10**9))


def _log10(number: Fraction) -> float:
    if 1e-300 < number < 1e300:
        return math.log10(number)
    return math.log10(number.numerator) - math.log10(number.denominator)


def formulas(function, *inputs):
    """Return the formula of each operation and the adjoint of each row, as text."""
    cells = ad.trace(function, *inputs).table("reverse").cells
    return [[to_text(cell) if cell else "" for cell in (row[1], row[4], row[5])] for row in cells]


@pytest.mark.parametrize(
    ("function", "formula"),
    [
        (lambda x: x**3, "v₀³"),
        (lambda x: x**0.5, "v₀^0.5"),
        (lambda x: 1 / x, "1/v₀"),
        (lambda x: -x, "−v₀"),
        (lambda x: abs(x), "|v₀|"),
        (lambda x: 2 * x, "2 × v₀"),
        (lambda x: x - 1e-9, "v₀ − 1×10⁻⁹"),
        (lambda x: np.sqrt(x), "√v₀"),
        (lambda x: np.exp2(x), "2^v₀"),
        (lambda x: np.hypot(x, 3), "hypot(v₀, 3)"),
        (lambda x: ad.logistic(x), "σ(v₀)"),
        (lambda x: np.maximum(x, 1), "max(v₀, 1)"),
    ],
)
def test_a_row_shows_its_formula(function, formula):
    assert formulas(function, 1.5)[1][0] == formula


@pytest.mark.parametrize(
    ("function", "adjoint", "numbers"),
    [
        (lambda x: x**3, "v̄₁·(3·v₀²)", "1 × (3 × (−2)²)"),
        (lambda x: x * x, "v̄₁·v₀ + v̄₁·v₀", "1 × (−2) + 1 × (−2)"),
        (lambda x: 1 / x, "−v̄₁·(v₁/v₀)", "−1 × ((−0.5)/(−2))"),
        (lambda x: -x, "−v̄₁", "−1"),
        (lambda x: x + x, "v̄₁ + v̄₁", "1 + 1"),
        (lambda x: 3 * x, "3·v̄₁", "3 × 1"),
        (lambda x: np.exp(x), "v̄₁·v₁", "1 × 0.135335"),
        (lambda x: np.cos(x), "−v̄₁·sin(v₀)", "−1 × sin(−2)"),
        (lambda x: np.tanh(x), "v̄₁·(1 − v₁²)", "1 × (1 − (−0.964028)²)"),
        (lambda x: np.sign(x), "0", "0"),
    ],
)
def test_an_adjoint_shows_its_chain_rule(function, adjoint, numbers):
    assert formulas(function, -2.0)[0][1:] == [adjoint, numbers]


@pytest.mark.parametrize("row", ad.ELEMENTALS.values(), ids=lambda row: row.name)
def test_every_elemental_has_a_formula_in_every_notation(row):
    inputs = (1.25, 0.5)[: row.arity] if row.arity else (0.5,)
    function = row if row.arity else (lambda x: 2.0)
    if row.name in ("arcsin", "arccos", "arctanh"):
        inputs = (0.25,)
    made = ad.trace(lambda *xs: function(*xs), *inputs)
    for which in ("primal", "forward", "reverse"):
        table = made.table(which)
        for line in table.cells:
            for cell in filter(None, line):
                assert to_text(cell)
                assert "<math" not in to_html(cell)
                assert to_mathml(cell).startswith("<math>")
                parse(to_latex(cell))


def parse(latex):
    """Parse LaTeX strictly: an unknown macro or unbalanced brace is an error."""
    nodes, _, _ = LatexWalker(latex, tolerant_parsing=False).get_latex_nodes()
    assert nodes


def test_names_that_mean_something_in_latex_or_html_are_escaped():
    def f(a_b):
        total_sum = a_b * a_b
        return total_sum * 2

    table = ad.trace(f, 2).table("reverse")
    assert r"total\_sum" in table.to_latex()
    parse(table.to_latex())
