"""Difference schemes: their weights, orders and costs."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adviz as ad
from adviz.numeric.schemes import SCHEMES


def weights(scheme):
    return dict(zip(scheme.nodes, scheme.weights, strict=True))


def test_weights_are_those_of_fornbergs_table():
    # Fornberg (1988), table 1: centred at 0, derivatives 1 to 4
    assert weights(ad.scheme("5-point")) == {
        -2: Fraction(1, 12),
        -1: Fraction(-2, 3),
        1: Fraction(2, 3),
        2: Fraction(-1, 12),
    }
    assert list(weights(ad.scheme("7-point", 2)).values()) == [
        Fraction(w, 180) for w in (2, -27, 270, -490, 270, -27, 2)
    ]
    assert list(weights(ad.scheme("7-point", 4)).values()) == [
        Fraction(w, 6) for w in (-1, 12, -39, 56, -39, 12, -1)
    ]
    # table 3: one-sided
    assert list(weights(ad.stencil(range(4))).values()) == [
        Fraction(w, 6) for w in (-11, 18, -9, 2)
    ]


@pytest.mark.parametrize(
    ("name", "order", "evaluations"),
    [
        ("forward", 1, 2),
        ("backward", 1, 2),
        ("central", 2, 2),
        ("5-point", 4, 4),
        ("7-point", 6, 6),
        ("9-point", 8, 8),
        ("11-point", 10, 10),
        ("richardson", 8, 8),
        ("quadrature", 8, 8),
        ("complex-step", 2, 1),
    ],
)
def test_each_scheme_says_its_order_and_its_cost_as_they_are(name, order, evaluations):
    scheme = ad.scheme(name)
    calls = []

    def f(x):
        calls.append(x)
        return np.exp(x)

    errors = [abs(scheme(f, 0.5, h) - math.exp(0.5)) for h in (0.4, 0.2)]
    assert (scheme.order, scheme.evaluations) == (order, evaluations)
    assert len(calls) == 2 * evaluations
    assert abs(math.log2(errors[0] / errors[1]) - order) < 0.3
    assert scheme.formula in str(scheme)


@given(
    st.lists(st.integers(-6, 6), min_size=3, max_size=7, unique=True),
    st.integers(1, 2),
    st.lists(st.integers(-5, 5), min_size=7, max_size=7),
)
def test_a_stencil_differentiates_exactly_the_polynomials_that_its_nodes_determine(
    nodes, derivative, coefficients
):
    coefficients = coefficients[: len(nodes)]
    scheme = ad.stencil(nodes, derivative)
    found = sum(
        w * sum(c * s**k for k, c in enumerate(coefficients))
        for s, w in zip(scheme.nodes, scheme.weights, strict=True)
    )
    assert found == math.factorial(derivative) * coefficients[derivative]


def test_formulas_read_as_in_a_book():
    assert ad.scheme("forward").formula == "(f(x + h) − f(x)) / h"
    assert ad.scheme("central").formula == "(f(x + h) − f(x − h)) / 2h"
    assert ad.scheme("central", 2).formula == "(f(x − h) − 2 f(x) + f(x + h)) / h²"
    assert ad.scheme("complex-step").formula == "Im f(x + ih) / h"


def test_what_makes_no_scheme_is_said():
    with pytest.raises(ad.AdvizError, match=r"no scheme 'forwards'.*complex-step"):
        ad.scheme("forwards")
    with pytest.raises(ad.AdvizError, match="odd"):
        ad.scheme("4-point")
    with pytest.raises(ad.AdvizError, match="equal"):
        ad.stencil((0, 1, 1))
    with pytest.raises(ad.AdvizError, match="3 at least"):
        ad.stencil((0, 1), derivative=2)
    with pytest.raises(ad.AdvizError, match="first derivative only"):
        ad.scheme("complex-step", 2)
    assert set(SCHEMES) > {"forward", "central", "richardson"}
