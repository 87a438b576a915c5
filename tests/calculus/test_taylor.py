"""Taylor mode against mpmath's Taylor coefficients and against nested derivatives."""

import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf

import adviz as ad
from adviz.host.errors import InputError
from adviz.host.nests import leaves
from tests.core.test_elementals import REFERENCES
from tests.rules.test_arrays import directions, drawn, every_case

ORDER = 10

# Curves that the operands move on, as coefficients of t; arccosh is real above 1 only.
CURVES = {
    "arccosh": [[1.7, 0.4, -0.3, 0.2]],
    None: [[0.6, 0.4, -0.3, 0.2], [1.3, -0.5, 0.1]],
}


def derivatives(curve):
    """The derivatives at 0 of a polynomial, of orders 1 to ORDER."""
    padded = [*curve, *[0.0] * ORDER]
    return [math.factorial(k) * padded[k] for k in range(1, ORDER + 1)]


def nested(f, order):
    """The derivatives of f to this order, by gradients of gradients."""
    found = [f]
    for _ in range(order):
        found.append(ad.grad(found[-1]))
    return found


@pytest.mark.parametrize("name", [name for name in ad.ELEMENTALS if name != "constant"])
def test_every_elemental_to_the_tenth_order(name):
    row = ad.ELEMENTALS[name]
    curves = CURVES.get(name, CURVES[None])[: row.arity]

    def moved(t):
        values = (sum(mpf(c) * t**k for k, c in enumerate(curve)) for curve in curves)
        return REFERENCES[name].function(*values)

    value, found = ad.jet(
        lambda *operands: row(*operands),
        tuple(curve[0] for curve in curves),
        tuple(derivatives(curve) for curve in curves),
    )
    with mpmath.workdps(50):
        expected = mpmath.taylor(moved, 0, ORDER)
    assert value == pytest.approx(float(expected[0]), rel=1e-13)
    for k, (got, coefficient) in enumerate(zip(found, expected[1:], strict=True), 1):
        exact = float(coefficient * mpmath.factorial(k))
        assert got == pytest.approx(exact, rel=1e-9, abs=1e-11 * math.factorial(k)), k


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x**3,
        lambda x: x * np.exp(np.sin(x)) / (1 + x * x),
        lambda x: 2.0**x + x**x,
        lambda x: np.sqrt(x) * np.log(x) if x > 0 else -x,
        lambda x: ad.logistic(np.tanh(x) - np.arctan(x)),
    ],
    ids=["cube", "quotient", "powers", "branch", "logistic"],
)
def test_equals_nested_gradients(f):
    value, found = ad.jet(f, (0.7,), ([1.0, 0.0, 0.0, 0.0, 0.0],))
    expected = [g(0.7) for g in nested(f, 5)]
    np.testing.assert_allclose([value, *found], expected, rtol=1e-11, atol=1e-12)


def test_a_power_at_zero():
    assert ad.jet(lambda x: x**3, (0.0,), ([1.0, 0.0, 0.0, 0.0],)) == (0.0, [0.0, 0.0, 6.0, 0.0])


def test_the_rule_of_faa_di_bruno():
    """(f(x(t)))'' = f'' x'² + f' x''."""
    x, x1, x2 = 0.3, 1.7, -0.4
    _, (first, second) = ad.jet(np.sin, (x,), ([x1, x2],))
    assert first == pytest.approx(np.cos(x) * x1)
    assert second == pytest.approx(-np.sin(x) * x1**2 + np.cos(x) * x2)


def test_a_new_row_needs_nothing_else():
    softplus = ad.define(
        "softplus_of_taylor", lambda a: np.log1p(np.exp(a)), lambda a, v: ad.logistic(a)
    )
    try:
        _, found = ad.jet(softplus, (0.4,), ([1.0] + [0.0] * 7,))
        expected = mpmath.taylor(lambda t: mpmath.log1p(mpmath.exp(mpf(0.4) + t)), 0, 8)
        np.testing.assert_allclose(
            found, [float(c * mpmath.factorial(k)) for k, c in enumerate(expected)][1:], rtol=1e-10
        )
    finally:
        del ad.ELEMENTALS["softplus_of_taylor"]


A = np.arange(6.0).reshape(2, 3) / 5 - 0.4
X = np.array([0.3, -0.7, 1.1])
D = np.array([1.0, 0.5, -2.0])


def network(x):
    h = np.tanh(A @ x)
    y = np.concatenate([h, x[::2] * 2])
    return np.einsum("i,j->ij", y, x) / (1 + np.sum(x * x)) + np.where(y[:, None] > 0, x, 1.0)


def test_arrays_along_a_line():
    """Derivatives along a line are nested jvps in the same direction."""
    value, found = ad.jet(network, (X,), ([D] + [np.zeros(3)] * 3,))
    g = network
    for term in [value, *found]:
        np.testing.assert_allclose(term, g(X), rtol=1e-11, atol=1e-12)
        g = along(g)


def along(g):
    return lambda x: ad.jvp(g, (x,), (D,))[1]


@every_case
def test_every_function_of_arrays(case):
    """Of the second order, against jvp of jvp."""
    inputs = drawn(case)
    direction = directions(inputs, 1)

    def first(*x):
        return ad.jvp(case.call, x, direction)[1]

    _, found = ad.jet(case.call, inputs, tuple([d, 0 * d] for d in direction))
    expected = [first(*inputs), ad.jvp(first, inputs, direction)[1]]
    for (_, a), (_, b) in zip(leaves(found), leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def check_jet(f, inputs, directions, order):
    """Compare a jet along a line with nested jvps in the same direction."""

    def along(g):
        return lambda *x: ad.jvp(g, x, directions)[1]

    g, terms = f, tuple([d, *[0 * d] * (order - 1)] for d in directions)
    value, found = ad.jet(f, inputs, terms)
    for term in [value, *found]:
        expected = [leaf for _, leaf in leaves(g(*inputs))]
        for (_, leaf), wanted in zip(leaves(term), expected, strict=True):
            assert np.shape(leaf) == np.shape(wanted)
            np.testing.assert_allclose(leaf, wanted, rtol=1e-8, atol=1e-8)
        g = along(g)


@every_case
def test_every_function_of_arrays_that_meet_larger_constants(case):
    """A number moves the inputs, and the results meet larger and smaller constants."""
    inputs = drawn(case)
    direction = directions(inputs, 1)

    def f(t):
        results = leaves(case.call(*(x + t * d for x, d in zip(inputs, direction, strict=True))))
        larger = [
            np.full((2, *np.shape(y)), 0.5) * y - np.ones((2, *np.shape(y))) for _, y in results
        ]
        return [*larger, *(np.arange(1.0, 3.0) / (2 + np.sum(y) ** 2) for _, y in results)]

    check_jet(f, (0.0,), (1.0,), 1)


@pytest.mark.parametrize("name", [n for n, row in ad.ELEMENTALS.items() if row.arity == 2])
@pytest.mark.parametrize("shapes", [((), (3,)), ((3,), (2, 3)), ((2, 1), (1, 3)), ((2, 3), (3,))])
def test_operands_of_different_shapes(name, shapes):
    """One of them moves or both do, whichever is the larger one."""
    operation = ad.ELEMENTALS[name]
    rng = np.random.default_rng(3)
    a, b, da, db = (rng.uniform(0.5, 1.5, shape)[()] for shape in shapes * 2)
    check_jet(lambda a: operation(a, b), (a,), (da,), 3)
    check_jet(lambda b: operation(a, b), (b,), (db,), 3)
    check_jet(lambda a, b: operation(a, b) * operation(b, a), (a, b), (da, db), 3)


def test_a_gradient_of_a_coefficient():
    def second(x):
        return ad.jet(np.sin, (x,), ([1.0, 0.0],))[1][1]

    assert ad.grad(second)(0.4) == pytest.approx(-np.cos(0.4))
    assert ad.jet(second, (0.4,), ([1.0, 0.0],))[1] == pytest.approx([-np.cos(0.4), np.sin(0.4)])


def test_nests_and_constants():
    def f(p, s):
        return {"y": p["a"] * s, "c": 3.0, "z": np.zeros(2)}

    value, found = ad.jet(f, ({"a": X}, 2.0), ([{"a": D}, {"a": 0 * D}], [1.0, 0.0]))
    np.testing.assert_array_equal(value["y"], 2 * X)
    np.testing.assert_array_equal(found[0]["y"], 2 * D + X)
    np.testing.assert_array_equal(found[1]["y"], 2 * D)
    assert [term["c"] for term in found] == [0.0, 0.0]
    found[0]["z"][0] = 1.0
    np.testing.assert_array_equal(found[1]["z"], np.zeros(2))


def test_float32_stays():
    x = X.astype(np.float32)
    value, found = ad.jet(lambda x: np.sin(x) / (2 + x), (x,), ([x, x, x],))
    assert {value.dtype, *(term.dtype for term in found)} == {np.dtype(np.float32)}


@pytest.mark.slow
def test_a_long_chain_is_no_recursion():
    def f(x):
        for _ in range(3000):
            x = x + 0.001 * np.sin(x)
        return x

    assert np.isfinite(ad.jet(f, (1.0,), ([1.0, 0.0, 0.0],))[1]).all()


class TestRefusals:
    @pytest.mark.parametrize(
        "series",
        [([1.0], [1.0]), ([1.0], 2.0), ([1.0], [1.0, 2.0])],
        ids=["one too many", "no list", "two lengths"],
    )
    def test_series_that_do_not_fit(self, series):
        primals = (1.0,) if series == ([1.0], [1.0]) else (1.0, 2.0)
        with pytest.raises(InputError, match="jet needs a list"):
            ad.jet(lambda *x: x[0], primals, series)

    def test_no_tuples(self):
        with pytest.raises(InputError, match="jet takes a tuple"):
            ad.jet(np.sin, 1.0, [1.0])

    def test_a_term_of_another_shape(self):
        with pytest.raises(InputError, match="shape"):
            ad.jet(np.sin, (X,), ([1.0],))


B = np.array([[0.4, -0.2, 0.9], [1.1, 0.3, -0.5], [-0.6, 0.8, 0.7]])
P = B @ B.T + np.diag([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda t: np.linalg.inv(P + t * B),
        lambda t: np.linalg.solve(P + t * B, X * np.exp(t)),
        lambda t: np.linalg.det(B + t * P),
        lambda t: np.linalg.slogdet(P + t * B)[1],
        lambda t: np.linalg.cholesky(P + t * np.diag(D)),
        lambda t: np.linalg.eigh(P + t * np.diag(D))[0],
        lambda t: np.linalg.svd(B + t * P, compute_uv=False),
        lambda t: np.linalg.qr(B + t * P)[1],
        lambda t: np.linalg.matrix_power(B + t * P, 3) @ X,
        lambda t: ad.checkpoint(np.sin)(t) * t,
    ],
    ids=["inv", "solve", "det", "slogdet", "cholesky", "eigh", "svd", "qr", "power", "checkpoint"],
)
def test_linear_algebra_to_the_fifth_order(f):
    """Against a polynomial through values at Chebyshev points, which knows no derivatives."""
    order, width = 5, 0.1
    nodes = np.cos(np.pi * (np.arange(24) + 0.5) / 24)
    values = np.stack([np.asarray(f(width * node)) for node in nodes])
    fitted = np.polynomial.chebyshev.Chebyshev.fit(nodes, values.reshape(24, -1)[:, 0], 20)
    _, found = ad.jet(f, (0.0,), ([1.0, *[0.0] * (order - 1)],))
    for k, term in enumerate(found, 1):
        expected = fitted.deriv(k)(0.0) / width**k
        np.testing.assert_allclose(np.ravel(term)[0], expected, rtol=1e-3, atol=1e-3)
