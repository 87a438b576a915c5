"""Every row of the table of elementals against mpmath at 50 digits.

Nothing here names a row but the references, which are independent of the table: a row without a
reference, or a reference without a row, fails.
"""

import inspect
import math
from dataclasses import dataclass

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import mp, mpf

import adviz as ad

mp.dps = 50

EPS = np.finfo(float).eps


@dataclass(frozen=True)
class Reference:
    """What mpmath computes, and where an operand may lie: smooth there, nothing overflows."""

    function: object
    domains: tuple


def numbers(low, high):
    # No subnormal magnitudes: products of them underflow in floats and not in mpmath.
    def normal(x):
        return x == 0 or abs(x) > 1e-100

    return st.floats(low, high, allow_nan=False).filter(normal)


ANY = numbers(-1e50, 1e50)
NONZERO = ANY.filter(lambda x: abs(x) > 1e-50)
POSITIVE = numbers(1e-50, 1e50)
ANGLE = numbers(-100, 100)
EXPONENT = numbers(-300, 300)
UNIT = numbers(-0.999999, 0.999999)
MODERATE = numbers(-30, 30)

REFERENCES = {
    "add": Reference(lambda a, b: a + b, (ANY, ANY)),
    "sub": Reference(lambda a, b: a - b, (ANY, ANY)),
    "mul": Reference(lambda a, b: a * b, (ANY, ANY)),
    "div": Reference(lambda a, b: a / b, (ANY, NONZERO)),
    "pow": Reference(mpmath.power, (numbers(1e-3, 1e3), numbers(-20, 20))),
    "neg": Reference(lambda a: -a, (ANY,)),
    "abs": Reference(abs, (NONZERO,)),
    "sqrt": Reference(mpmath.sqrt, (POSITIVE,)),
    "square": Reference(lambda a: a * a, (ANY,)),
    "reciprocal": Reference(lambda a: 1 / a, (NONZERO,)),
    "hypot": Reference(mpmath.hypot, (NONZERO, NONZERO)),
    "exp": Reference(mpmath.exp, (EXPONENT,)),
    "expm1": Reference(mpmath.expm1, (EXPONENT,)),
    "exp2": Reference(lambda a: mpf(2) ** a, (EXPONENT,)),
    "log": Reference(mpmath.log, (POSITIVE,)),
    "log1p": Reference(mpmath.log1p, (numbers(-0.999999, 1e50),)),
    "log2": Reference(lambda a: mpmath.log(a, 2), (POSITIVE,)),
    "log10": Reference(mpmath.log10, (POSITIVE,)),
    "sin": Reference(mpmath.sin, (ANGLE,)),
    "cos": Reference(mpmath.cos, (ANGLE,)),
    "tan": Reference(mpmath.tan, (numbers(-1.57, 1.57),)),
    "arcsin": Reference(mpmath.asin, (UNIT,)),
    "arccos": Reference(mpmath.acos, (UNIT,)),
    "arctan": Reference(mpmath.atan, (ANY,)),
    "arctan2": Reference(mpmath.atan2, (NONZERO, NONZERO)),
    "sinh": Reference(mpmath.sinh, (EXPONENT,)),
    "cosh": Reference(mpmath.cosh, (EXPONENT,)),
    "tanh": Reference(mpmath.tanh, (MODERATE,)),
    "arcsinh": Reference(mpmath.asinh, (ANY,)),
    "arccosh": Reference(mpmath.acosh, (numbers(1.000001, 1e50),)),
    "arctanh": Reference(mpmath.atanh, (UNIT,)),
    "sign": Reference(mpmath.sign, (NONZERO,)),
    "maximum": Reference(max, (ANY, ANY)),
    "minimum": Reference(min, (ANY, ANY)),
    "logistic": Reference(lambda a: 1 / (1 + mpmath.exp(-a)), (MODERATE,)),
    "relu": Reference(lambda a: max(a, mpf(0)), (NONZERO,)),
    "constant": Reference(lambda: mpf(0), ()),
}
TIES = {"maximum", "minimum"}  # no derivative where the operands are equal

OPERATIONS = sorted(name for name, row in ad.ELEMENTALS.items() if row.arity)


def test_every_row_has_a_reference_and_every_reference_a_row():
    assert set(REFERENCES) == set(ad.ELEMENTALS)
    for name, row in ad.ELEMENTALS.items():
        assert row.name == name
        assert len(REFERENCES[name].domains) == row.arity == len(row.partials)
        for partial in row.partials:
            assert len(inspect.signature(partial).parameters) == row.arity + 1


def drawn(data, name):
    point = tuple(data.draw(domain) for domain in REFERENCES[name].domains)
    if name in TIES:
        assume(abs(point[0] - point[1]) > 1e-30)  # mpmath steps 1e-40 aside
    return point


def true_derivative(function, point, orders):
    """A partial derivative by mpmath's differences at 50 digits, the step in scale with the point.

    Its own precision rises with the order and the point's size, so that the digits it returns
    hold for every point that the domains allow.
    """
    with mp.workdps(200):
        exact = [mpf(x) for x in point]
        step = [min(abs(x), 1) or mpf(1) for x in exact]
        scaled = mpmath.diff(
            lambda *t: function(*(x + s * u for x, s, u in zip(exact, step, t, strict=True))),
            (mpf(0),) * len(point),
            orders,
            h=mpf(10) ** -40,
        )
        for s, n in zip(step, orders, strict=True):
            scaled /= s**n
        return scaled


def assert_close(computed, true, scale, ulps=16):
    """Compare within some units in the last place of the larger of the truth and the scale."""
    bound = ulps * EPS * max(abs(true), abs(scale)) + mpf(10) ** -290
    assert abs(mpf(computed) - true) <= bound, f"{computed!r} is not {mpmath.nstr(true, 20)}"


def rounding_scale(name, point, orders):
    """How large the rounded parts are that a formula of the table subtracts from one another.

    1 - v² of tanh and v (1 - v) of logistic lose what v cannot hold: an error of eps, however
    small the difference. So do the powers 1 + a near -1 and the second derivatives made of sums.
    """
    order = sum(orders)
    values = [abs(mpf(x)) for x in point]
    if name in {"tanh", "logistic"} and order:
        return mpf(1)
    if name in {"arcsin", "arccos", "arctanh"} and order == 2:
        return 1 / (1 - values[0] ** 2) ** 2
    if name == "hypot" and order == 2:
        return 1 / mpmath.hypot(*values)
    if name == "arctan2" and order:
        return 1 / mpmath.hypot(*values) ** order
    if name == "pow" and order:
        a, b = values
        v = mpmath.power(a, mpf(point[1]))
        log = abs(mpmath.log(a)) + 1
        return v * (1 + b) ** order * log**order / min(a, 1) ** order
    return mpf(0)


@pytest.mark.parametrize("name", OPERATIONS)
@given(data=st.data())
def test_value_and_partials(name, data):
    row, reference = ad.ELEMENTALS[name], REFERENCES[name]
    point = drawn(data, name)
    trace = ad.trace(row, *point)
    made = trace.rows[row.arity]
    assert made.op == name
    assert type(made.value) is float
    assert_close(made.value, mpf(reference.function(*map(mpf, point))), 0)
    assert len(made.partials) == row.arity
    for k, partial in enumerate(made.partials):
        orders = tuple(int(k == j) for j in range(row.arity))
        assert type(float(partial)) is float
        assert_close(
            partial,
            true_derivative(reference.function, point, orders),
            rounding_scale(name, point, orders),
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
@given(data=st.data())
def test_forward_and_reverse_are_dual(name, data):
    """⟨w, J t⟩ = ⟨Jᵀ w, t⟩."""
    row = ad.ELEMENTALS[name]
    point = drawn(data, name)
    tangents = tuple(data.draw(numbers(-10, 10)) for _ in point)
    cotangent = data.draw(numbers(-10, 10))
    _, pushed = ad.jvp(row, point, tangents)
    _, pull = ad.vjp(row, *point)
    pulled = pull(cotangent)
    products = [mpf(bar) * mpf(t) for bar, t in zip(pulled, tangents, strict=True)]
    assert_close(mpf(cotangent) * mpf(pushed), sum(products), sum(map(abs, products)))
    assert type(pushed) is float
    assert all(type(bar) is float for bar in pulled)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
@given(data=st.data())
def test_second_derivatives_in_every_order_of_modes(name, data):
    row, reference = ad.ELEMENTALS[name], REFERENCES[name]
    point = drawn(data, name)
    # Second derivatives of powers of tiny numbers leave the range of floats.
    assume(all(abs(x) > 1e-30 and abs(x) < 1e30 for x in point))
    basis = [tuple(float(j == k) for k in range(row.arity)) for j in range(row.arity)]
    for j in range(row.arity):

        def forward(*x, j=j):
            return ad.jvp(row, x, basis[j])[1]

        def reverse(*x, j=j):
            return ad.grad(row, j)(*x)

        for k in range(row.arity):
            orders = tuple(int(j == i) + int(k == i) for i in range(row.arity))
            true = true_derivative(reference.function, point, orders)
            scale = rounding_scale(name, point, orders)
            for first in (forward, reverse):
                for second in (ad.grad(first, k)(*point), ad.jvp(first, point, basis[k])[1]):
                    assert_close(second, true, scale, ulps=64)


@pytest.mark.parametrize("name", OPERATIONS)
def test_numpy_and_a_call_of_the_row_record_the_same(name):
    row = ad.ELEMENTALS[name]
    if row.ufunc is None:
        assert not hasattr(np, name)
        return
    point = {1: (0.5,), 2: (1.5, 0.5)}[row.arity] if name != "arccosh" else (1.5,)
    called, by_numpy = ad.trace(row, *point), ad.trace(lambda *x: row.ufunc(*x), *point)
    recorded = [(made.op, made.parents, made.value) for made in called.rows]
    assert recorded == [(made.op, made.parents, made.value) for made in by_numpy.rows]
    assert called.value == pytest.approx(float(row.ufunc(*point)), rel=1e-15)


def slopes(f, *point):
    """The partials by both modes, which must agree."""
    pulled = ad.vjp(f, *point)[1](1.0)
    for k in range(len(point)):
        seed = tuple(float(k == j) for j in range(len(point)))
        np.testing.assert_equal(ad.jvp(f, point, seed)[1], pulled[k])
    return pulled


class TestKinks:
    def test_abs_and_sign_have_slope_0_at_0(self):
        assert slopes(abs, 0.0) == slopes(np.sign, 0.0) == (0.0,)
        assert slopes(abs, -0.0) == (0.0,)
        assert slopes(abs, -2.0) == (-1.0,)
        assert slopes(np.sign, -2.0) == (0.0,)

    def test_maximum_and_minimum_share_a_tie(self):
        assert slopes(np.maximum, 1.0, 1.0) == slopes(np.minimum, 1.0, 1.0) == (0.5, 0.5)
        assert slopes(np.maximum, 2.0, 1.0) == slopes(np.minimum, 1.0, 2.0) == (1.0, 0.0)
        assert slopes(lambda x: np.maximum(x, x), 1.0) == (1.0,)

    def test_relu_has_slope_0_at_0(self):
        assert slopes(ad.relu, 0.0) == slopes(ad.relu, -1.0) == (0.0,)
        assert slopes(ad.relu, 1.0) == (1.0,)

    def test_powers_at_zero(self):
        assert slopes(lambda x: x**2, 0.0) == (0.0,)
        assert slopes(lambda x: x**1, 0.0) == (1.0,)
        assert slopes(lambda x: x**0, 0.0) == slopes(lambda x: x**0, math.inf) == (0.0,)
        assert slopes(lambda x: x**0.5, 0.0) == (math.inf,)
        assert slopes(lambda x: x**-1, 0.0) == (-math.inf,)
        assert slopes(lambda x: 0**x, 2.0) == slopes(lambda x: 0**x, 0.0) == (0.0,)
        assert slopes(lambda a, b: a**b, 0.0, 2.0) == (0.0, 0.0)
        assert slopes(lambda a, b: a**b, 0.0, 0.0) == (0.0, 0.0)
        assert ad.grad(ad.grad(lambda x: x**2))(0.0) == 2.0

    def test_powers_of_negative_bases(self):
        assert slopes(lambda x: x**2, -3.0) == (-6.0,)
        assert slopes(lambda x: x**-1, -2.0) == (-0.25,)
        assert slopes(lambda x: x**3.0, -2.0) == (12.0,)
        assert ad.grad(ad.grad(lambda x: x**3))(-2.0) == -12.0
        root = ad.trace(lambda x: x**0.5, -1.0)
        assert math.isnan(root.value)
        to_base, to_exponent = ad.trace(lambda a, b: a**b, -3.0, 2.0).row(1).partials
        assert to_base == -6.0
        assert math.isnan(to_exponent)  # no power of a negative base is differentiable in it

    @given(st.floats(-1e100, 1e100))
    def test_a_constant_power_never_takes_the_logarithm_of_its_base(self, x):
        assert slopes(lambda a: a**3, x) == (3 * x**2,)

    def test_infinite_slopes_are_shown(self):
        assert slopes(np.sqrt, 0.0) == (math.inf,)
        assert all(map(math.isnan, slopes(np.hypot, 0.0, 0.0)))


def softplus_row():
    return ad.define("softplus", lambda a: np.log1p(np.exp(a)), lambda a, v: ad.logistic(a))


class TestDefine:
    @pytest.fixture(autouse=True)
    def _undone(self):
        before = dict(ad.ELEMENTALS)
        yield
        ad.ELEMENTALS.clear()
        ad.ELEMENTALS.update(before)

    def test_one_row_is_all_it_takes(self):
        softplus = softplus_row()
        trace = ad.trace(lambda x: 2 * softplus(x), 0.0)
        assert [row.op for row in trace.rows] == ["input", "softplus", "mul"]
        assert trace.value == 2 * math.log(2)
        assert ad.grad(softplus)(0.0) == 0.5
        assert ad.grad(ad.grad(softplus))(0.0) == 0.25
        assert softplus(0.0) == math.log(2)

    def test_a_ufunc_is_recognised_where_the_user_calls_it(self):
        ad.define("cbrt", np.cbrt, lambda a, v: v / (3 * a))
        try:
            assert ad.grad(np.cbrt)(8.0) == pytest.approx(1 / 12, rel=1e-15)
        finally:
            from adviz.core.elementals import BY_UFUNC

            del BY_UFUNC[np.cbrt]

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (("no name", abs, lambda a, v: 1), "identifier"),
            (("sin", np.sin, lambda a, v: np.cos(a)), "choose another name"),
            (("f", abs), "a partial derivative for each"),
            (("f", abs, lambda a: 1), "must take 2 arguments"),
            (("f", max, *[lambda a, b, c, v: 1] * 3), "function of several elementals"),
        ],
    )
    def test_a_row_that_is_not_well_formed(self, arguments, says):
        with pytest.raises(ad.AdvizError, match=says):
            ad.define(*arguments)
