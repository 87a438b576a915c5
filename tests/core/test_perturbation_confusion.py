"""Perturbation confusion: nested derivatives whose perturbations must not be mixed up.

Cases from Siskind and Pearlmutter, "Perturbation Confusion and Referential Transparency" (2005)
and Manzyuk, Pearlmutter, Radul, Rush and Siskind, "Perturbation Confusion in Forward Automatic
Differentiation of Higher-Order Functions" (2019), each in every combination of the two modes.
"""

import itertools

import numpy as np
import pytest

import adviz as ad


def by_jvp(f):
    return lambda x: ad.jvp(f, (x,), (1.0,))[1]


def by_vjp(f):
    return lambda x: ad.vjp(f, x)[1](1.0)[0]


def by_forward_of_a_pullback(f):
    """The second way to a vjp: one pullback, made outside, asked twice."""

    def derivative(x):
        pull = ad.vjp(f, x)[1]
        pull(0.0)
        return pull(1.0)[0]

    return derivative


WAYS = {"grad": ad.grad, "jvp": by_jvp, "vjp": by_vjp, "vjp twice": by_forward_of_a_pullback}

two_ways = pytest.mark.parametrize(
    ("outer", "inner"),
    [pytest.param(WAYS[a], WAYS[b], id=f"{a} of {b}") for a, b in itertools.product(WAYS, WAYS)],
)


@two_ways
def test_siskind_and_pearlmutter_2005_constant_inner_derivative(outer, inner):
    """d/dx [x · d/dy (x + y)] at x = 1, y = 1 is 1; one tag for both gives 2."""
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0


@two_ways
def test_siskind_and_pearlmutter_2005_product(outer, inner):
    """d/dx [x · d/dy (x y)] at 2 is d/dx x² = 4."""
    assert outer(lambda x: x * inner(lambda y: x * y)(3.0))(2.0) == 4.0


@two_ways
def test_inner_derivative_at_the_outer_variable(outer, inner):
    """d/dx [d/dy (x y²) at y = x] = d/dx 2x² = 4x."""
    assert outer(lambda x: inner(lambda y: x * y**2)(x))(3.0) == 12.0


@two_ways
def test_inner_derivative_with_respect_to_nothing_of_the_outer(outer, inner):
    """d/dx [d/dy y³ at 2 · x] = 12."""
    assert outer(lambda x: inner(lambda y: y * y * y)(2.0) * x)(5.0) == 12.0


@two_ways
def test_outer_variable_returned_by_the_inner_function(outer, inner):
    """d/dy x = 0 whatever x is perturbed by."""
    assert outer(lambda x: x + inner(lambda y: x)(1.0))(1.0) == 1.0


@two_ways
def test_manzyuk_2019_closure_over_an_offset(outer, inner):
    """D (λu. D (λx. f(x + u)) y) 0 = f''(y), with the offset function of the paper's section 4."""

    def shifted(u):
        return lambda f: lambda x: f(x + u)

    second = outer(lambda u: inner(shifted(u)(np.exp))(1.0))(0.0)
    assert second == pytest.approx(np.e, rel=1e-15)


@two_ways
def test_manzyuk_2019_offset_applied_twice(outer, inner):
    """The shift of a shift of f: D_u of f'(y + u + u) at 0 is 2 f''(y), not f''(y)."""

    def shifted(u):
        return lambda f: lambda x: f(x + u)

    def twice(u):
        return inner(shifted(u)(shifted(u)(np.exp)))(1.0)

    assert outer(twice)(0.0) == pytest.approx(2 * np.e, rel=1e-15)


def test_manzyuk_2019_a_derivative_that_is_a_function_is_refused_not_confused():
    """The paper's amazing bug differentiates a function that returns a closure; here it cannot."""

    def shifted(u):
        return lambda f: lambda x: f(x + u)

    with pytest.raises(ad.AdvizError, match="returned a function"):
        ad.grad(shifted)(0.0)


def test_manzyuk_2019_a_perturbation_that_leaves_by_a_closure_is_refused():
    kept = []

    def leaks(u):
        kept.append(lambda x: x + u)
        return u

    ad.grad(leaks)(0.0)
    with pytest.raises(ad.AdvizError, match="after the call that recorded it had ended"):
        ad.grad(lambda x: kept[0](x))(1.0)


@two_ways
def test_three_levels(outer, inner):
    """d³/dx³ x⁵ = 60 x² with a third derivative of either mode around the two."""
    for third in WAYS.values():
        assert third(outer(inner(lambda x: x**5)))(2.0) == pytest.approx(240, rel=1e-14)


@two_ways
def test_two_inner_derivatives_side_by_side(outer, inner):
    """d/dx [(d/dy x y²)(d/dz x z³)] at y = z = 1: 2x · 3x, so 12x."""
    got = outer(lambda x: inner(lambda y: x * y**2)(1.0) * inner(lambda z: x * z**3)(1.0))(2.0)
    assert got == 24.0


@two_ways
def test_a_helper_that_differentiates(outer, inner):
    """A helper with a derivative of its own inside a loop of the differentiated function."""

    def newton_step(f, x):
        return x - f(x) / inner(f)(x)

    def root(a):
        x = 1.0
        for _ in range(6):
            x = newton_step(lambda t: t * t - a, x)
        return x

    assert outer(root)(2.0) == pytest.approx(1 / (2 * np.sqrt(2)), rel=1e-12)


@two_ways
def test_comparisons_under_two_derivatives(outer, inner):
    """Piecewise: x³ where x > y, else x² y, at x = 3, y = 2."""

    def f(x, y):
        return x**3 if x > y else x**2 * y

    assert outer(lambda x: inner(lambda y: f(x, y) * y)(2.0))(3.0) == 27.0


def test_forward_over_reverse_over_forward_of_two_variables():
    """Mixed partials of x³y² are equal in every order: 6x²y."""

    def f(x, y):
        return x**3 * y**2

    def d(f, k):
        return lambda *p: ad.jvp(f, p, tuple(float(k == j) for j in range(2)))[1]

    for first, second in ((0, 1), (1, 0)):
        for mixed in (
            ad.grad(ad.grad(f, first), second),
            d(ad.grad(f, first), second),
            ad.grad(d(f, first), second),
            d(d(f, first), second),
        ):
            assert mixed(2.0, 3.0) == 72.0


def test_tangents_that_are_perturbed_themselves():
    """jvp is linear in its tangent: d/dt J·t = f'(x)."""
    assert ad.grad(lambda t: ad.jvp(lambda x: x**3, (2.0,), (t,))[1])(5.0) == 12.0


def test_cotangents_that_are_perturbed_themselves():
    pull = ad.vjp(lambda x: x**3, 2.0)[1]
    assert ad.grad(lambda c: pull(c)[0])(5.0) == 12.0


def test_a_pullback_made_inside_one_derivative_and_used_in_another_is_refused():
    kept = []

    def f(x):
        kept.append(ad.vjp(lambda y: x * y, 3.0)[1])
        return x

    ad.grad(f)(2.0)
    with pytest.raises(ad.AdvizError, match="after the call that recorded it had ended"):
        kept[0](1.0)


def test_decisions_are_written_on_every_tape_whose_numbers_they_compare():
    inner_traces = []

    def f(x):
        def g(y):
            return x * y if x < y else y

        inner_traces.append(ad.trace(g, 5.0))
        return ad.grad(g)(5.0)

    outer = ad.trace(f, 2.0)
    (decision,) = inner_traces[0].decisions
    assert (str(decision), decision.outcome) == ("2 < v₀", True)
    assert [str(decision) for decision in outer.decisions] == ["v₀ < 5", "v₀ < 5"]
    assert outer.value == 2.0
    with pytest.raises(ad.AdvizError, match="was True in the trace and is False here"):
        outer.replay(7.0)
