"""Symbolic derivatives: the same values as AD, another system and 50 digits."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy

import adviz as ad
from adviz.host.errors import UnsupportedOperationError
from adviz.symbolic.derivative import derivatives, gradient
from adviz.symbolic.expr import symbol, topological_order
from adviz.symbolic.families import FAMILIES
from adviz.symbolic.formulas import formulas
from adviz.symbolic.program import dag_program, tree_program
from adviz.symbolic.study import REPRESENTATIONS
from adviz.symbolic.systems import (
    decoded,
    encoded,
    from_sympy,
    in_common_functions,
    precise_values,
    to_sympy,
)

POINTS = {  # where a function is not defined at 0.6 and 0.35
    "arccosh": (1.6,),
    "constant": None,
}


def elementals():
    for name, row in ad.ELEMENTALS.items():
        point = POINTS.get(name, (0.6, 0.35)[: row.arity])
        if point is not None:
            yield pytest.param(row, point, id=name)


@pytest.mark.parametrize(("row", "point"), list(elementals()))
def test_every_row_of_the_table_is_differentiated(row, point):
    """By the table's own rule in symbols, by AD, and by mpmath's differences with 50 digits."""
    t = ad.trace(lambda *x: row(*x) * row(*x), *point)
    names = t.input_names
    (formula,) = formulas(t)
    slopes = [derivatives([formula], symbol(name))[0] for name in names]
    values = dict(zip(names, point, strict=True))
    found = dag_program(slopes, names).run(point)
    by_ad = ad.grad(lambda *x: row(*x) * row(*x), argnums=tuple(range(len(point))))(*point)
    assert found == pytest.approx(list(by_ad), rel=1e-14)
    assert gradient(formula, [symbol(name) for name in names])
    with mpmath.workdps(50):
        h = mpmath.mpf(10) ** -20
        for name, slope in zip(names, slopes, strict=True):
            above, below = (
                precise_values([formula], {**values, name: values[name] + sign * h})[0]
                for sign in (1, -1)
            )
            truth = float((above - below) / (2 * h))
            assert dag_program([slope], names).run(point)[0] == pytest.approx(truth, rel=1e-13)


def test_sympy_finds_the_same_derivative():
    def f(x, y):
        return np.exp(x * y) / (1 + np.sqrt(x)) - np.arctan(y) ** 3 + np.log1p(x) * np.tanh(y)

    t = ad.trace(f, 0.7, 1.3)
    x, y = sympy.symbols("x y")
    for name, variable in (("x", x), ("y", y)):
        ours = derivatives(formulas(t), symbol(name))
        difference = to_sympy(ours)[0] - t.to_sympy().diff(variable)
        assert abs(difference.evalf(40, subs={x: 0.7, y: 1.3})) < 1e-30


@pytest.mark.parametrize("name", FAMILIES)
def test_tree_dag_and_both_sweeps_have_the_same_value(name):
    family = FAMILIES[name]
    for n in (1, 2, 3, 4):
        study = ad.swell_study(name, [n], systems=[])
        found = study.swells[0].representations.agreements()
        assert {a.representation for a in found} <= set(REPRESENTATIONS)
        assert max(a.error for a in found) <= 1e-12, (n, found)
        argnums = tuple(range(len(family.inputs(n))))
        by_ad = ad.grad(family.of_size(n), argnums=argnums)(*family.inputs(n))
        assert found[0].values == pytest.approx(list(by_ad), rel=1e-12)


def test_lost_digits_are_told_with_the_reason():
    simplified = ad.swell_study("logistic", [5], systems=["SymPy simplified"], seconds=60)
    (note,) = simplified.values().notes
    assert note.startswith("n = 5, SymPy simplified: cancellation: ")
    chaotic = ad.swell(lambda x: FAMILIES["logistic"].of_size(60)(x), 0.2)
    (note,) = chaotic.values().notes
    assert note.startswith("DAG, AD forward, AD reverse: ill-conditioned: moving the inputs")


@pytest.mark.slow
def test_nothing_is_recursive_at_depth_100_000():
    def f(x):
        for _ in range(33_334):
            x = x + 1e-5 * np.sin(x)
        return x

    t = ad.trace(f, 0.3)
    (formula,) = formulas(t)
    parts = topological_order(formula)
    assert len(parts) > 100_000
    (slope,) = derivatives([formula], symbol("x"))
    program = dag_program([slope], ["x"])
    assert program.run([0.3])[0] == pytest.approx(ad.grad(f)(0.3), rel=1e-11)
    assert repr(slope).startswith("<Expr of ")
    assert decoded(encoded([formula]))[0] is in_common_functions([formula])[0]
    assert len(t.formula().to_text(20)) < 400


def test_equal_subexpressions_are_one():
    def f(x):
        return np.sin(x) * np.sin(x) + np.sin(x)

    (formula,) = formulas(ad.trace(f, 1.0))
    assert dag_program([formula], ["x"]).operations == 3
    assert tree_program([formula], ["x"]).operations == 5


def test_an_operation_of_the_users_own_has_a_formula_everywhere():
    softplus = ad.define("softplus", lambda a: np.log1p(np.exp(a)), lambda a, v: ad.logistic(a))
    try:
        t = ad.trace(lambda x: softplus(x) * 2, 0.4)
        assert "softplus" in str(t.formula())
        assert "ad.ELEMENTALS['softplus'](x)" in t.formula().to_python()
        x = sympy.Symbol("x")
        assert float(t.to_sympy().subs(x, 0.4)) == pytest.approx(t.value, rel=1e-15)
    finally:
        del ad.ELEMENTALS["softplus"]
    opaque = ad.define("opaque", lambda a: math.sin(a), lambda a, v: np.cos(a))
    try:
        with pytest.raises(UnsupportedOperationError, match="opaque has no formula"):
            ad.trace(lambda x: opaque(x), 0.4).to_sympy()
    finally:
        del ad.ELEMENTALS["opaque"]


def test_an_array_says_what_to_do():
    with pytest.raises(UnsupportedOperationError, match=r"v₀ .*elementwise=True") as caught:
        ad.trace(lambda x: np.sum(x * x), np.array([1.0, 2.0])).formula()
    assert "is an array" in str(caught.value)
    t = ad.trace(lambda x: np.sum(x * x), np.array([1.0, 2.0]), elementwise=True)
    assert t.formula().to_sympy().free_symbols == set(sympy.symbols("x[0] x[1]"))
    assert ad.swell(lambda x: np.sum(x * x), np.array([1.0, 2.0])).reverse_operations


def test_a_formula_says_which_branch_it_holds_on():
    def f(x):
        while x > 2:
            x = x / 2
        return x * x

    formula = ad.trace(f, 5.0).formula()
    assert formula.holds_while == ["v₀ > 2 is True", "v₁ > 2 is True", "v₂ > 2 is False"]
    assert "This formula holds only while v₀ > 2 is True" in repr(formula)
    swell = ad.swell(f, 5.0)
    assert "AD needs no formula" in repr(swell)
    assert (
        "the functions have branches"
        in repr(ad.swell_study(lambda n, x: f(x), [1], at=5.0)).lower()
    )


def test_the_rules_are_applied_one_by_one():
    t = ad.trace(lambda x: np.sin(x * x) / 2 + x * np.exp(x), 0.5)
    table = t.formula().steps()
    assert [line.split("  ")[0].strip() for line in table.to_text().splitlines()[2:]] == [
        "sum rule (Eq. 3)",
        "quotient rule",
        "chain rule",
        "product rule (Eq. 4)",
        "variable",
        "product rule (Eq. 4)",
        "chain rule",
        "put together",
    ]
    assert "(d/dx)[x]·exp(x) + x·(d/dx)[exp(x)]" in table.to_text()
    assert "<math>" in table.to_mathml()


def test_round_trip_through_sympy():
    x, y = sympy.symbols("x y")
    for expression in (
        x**2 * y - y / x + sympy.Rational(1, 3),
        sympy.sqrt(x) * sympy.exp(-x * y) / (1 + sympy.cos(y)),
        sympy.Max(x, y, 1) + sympy.Abs(x - y) ** sympy.Rational(5, 2),
        -x - 2 * y - 3,
        sympy.atan2(y, x) + sympy.log(x) / sympy.log(2) + sympy.pi,
    ):
        (ours,) = from_sympy([expression])
        point = {"x": 0.7, "y": 1.9}
        assert float(precise_values([ours], point)[0]) == pytest.approx(
            float(expression.subs(point))
        )


def test_a_trace_of_a_sympy_expression_shows_its_source():
    x1, x2 = sympy.symbols("x1 x2")
    t = ad.Trace.from_sympy(x1 * x2 + x2 - sympy.log(x1), x1=3, x2=-4)
    assert t.value == pytest.approx(-17.098612288668110)
    assert [step.adjoint for step in t.reverse()][-2:] == pytest.approx([4, -13 / 3])
    assert t.row(3).source.text == "np.log(x1)"
    again = ad.Trace.from_sympy(x1 * x2 + x2 - sympy.log(x1), x1=3, x2=-4)
    assert again.to_document() == t.to_document()
    assert t.to_sympy() == x1 * x2 + x2 - sympy.log(x1)
    with pytest.raises(ad.AdvizError, match="give one for each"):
        ad.Trace.from_sympy(x1 * x2, x1=3)
    assert ad.Trace.from_sympy(sympy.gamma(x1), x1=3).value == 2.0
    with pytest.raises(UnsupportedOperationError, match="polylog"):
        ad.Trace.from_sympy(sympy.polylog(2, x1), x1=0.3)
    assert ad.Trace.from_sympy(sympy.Integer(4) + 0 * x1 + x2, x2=1.0).value == 5.0
