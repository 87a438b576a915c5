"""Slopes and second derivatives against mpmath, over the range of each type and at special points.

Elementals, SciPy's functions and its densities, in float64, float32 and float16. What is allowed is
relative to the derivative, or to its own sensitivity to the operands: its condition number.
"""

import itertools
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from scipy import special, stats

import adviz as ad
from adviz.rules.scipy_special import rows
from adviz.rules.scipy_stats import DENSITIES as DENSITIES_OF_ADVIZ
from adviz.rules.scipy_stats import MASSES as MASSES_OF_ADVIZ
from tests.core.test_elementals import REFERENCES as ELEMENTALS
from tests.rules.special_references import DENSITIES, MASSES, REFERENCES

mp.dps = 50
ALLOWED = {np.float64: 1e-10, np.float32: 1e-5, np.float16: 2e-2}
few = settings(max_examples=settings().max_examples // 50)


def true_derivative(function, point, orders, direction=0):
    """A partial derivative by differences, of so many digits that 1 + 1e-290 is not 1."""
    with mp.workdps(70 + sum(int(abs(math.log10(abs(x)))) for x in point if x)):
        exact = [mpf(x) for x in point]
        scales = [min(abs(x), 1) or mpf(1) for x in exact]
        moving = [k for k, order in enumerate(orders) if order]

        def moved(*steps):
            at = list(exact)
            for k, step in zip(moving, steps, strict=True):
                at[k] = exact[k] + scales[k] * step
            return function(*at)

        how = {"h": mpf(10) ** -18, "direction": direction}
        if len(moving) == 1:
            slope = mpmath.diff(moved, 0, orders[moving[0]], **how)
        else:
            slope = mpmath.diff(moved, (0,) * len(moving), tuple(orders[k] for k in moving), **how)
        for k in moving:
            slope /= scales[k] ** orders[k]
        return mpmath.re(slope)


def assert_accurate(found, function, point, orders, dtype=np.float64, direction=0, absolute=0):
    """Compare with the truth; its sensitivity is computed only where the digits differ."""
    said = f"{orders} at {point}: {found!r}"
    true = true_derivative(function, point, orders, direction)
    limits = np.finfo(dtype)
    if abs(true) > mpf(float(limits.max)):
        assert not math.isfinite(found) or abs(mpf(float(found)) / true) > 0.5, said
        return
    assert math.isfinite(found), said
    error, allowed = abs(mpf(float(found)) - true), mpf(ALLOWED[dtype])
    floor = mpf(float(limits.tiny)) * (1 if dtype is np.float64 else 8) + mpf(absolute)
    if error <= allowed * abs(true) + floor:
        return
    condition = 0
    for k, x in enumerate(point):
        if orders[k]:
            higher = [order + (j == k) for j, order in enumerate(orders)]
            condition += abs(x * true_derivative(function, point, higher, direction))
    assert error <= allowed * condition + floor, f"{said} is not {mpmath.nstr(true, 17)}"


def derivatives(f, point, moving):
    """The first and second derivatives of f, each with its orders."""
    for j in moving:
        orders = [int(k == j) for k in range(len(point))]
        slope = ad.grad(f, j)
        yield orders, slope(*point)
        for i in moving:
            if i >= j:
                higher = [order + (k == i) for k, order in enumerate(orders)]
                yield higher, ad.grad(slope, i)(*point)


# -- elementals over the whole range of floats -----------------------------------------------------

RANGES = {  # where the function is defined, as far as it is not everywhere
    "pow": (0, None), "sqrt": (0, None), "log": (0, None), "log2": (0, None), "log10": (0, None),
    "log1p": (-1, None), "arcsin": (-1, 1), "arccos": (-1, 1), "arctanh": (-1, 1),
    "arccosh": (1, None), "tan": (-1.57, 1.57), "sin": (-1e3, 1e3), "cos": (-1e3, 1e3),
    "tanh": (-15, 15), "logistic": (-700, 15), "exp2": (-1000, 1000), "exp": (-700, 700),
    "expm1": (-30, 700), "sinh": (-700, 700), "cosh": (-700, 700),
}  # fmt: skip
LOST = {  # docs/choices.md lists them: relative to what the error is small
    "tanh": lambda order, a: 1,
    "logistic": lambda order, a: 1,
    "arcsin": lambda order, a: 1 / (1 - a * a) ** order,
    "arccos": lambda order, a: 1 / (1 - a * a) ** order,
    "arctanh": lambda order, a: 1 / (1 - a * a) ** order,
    "hypot": lambda order, a, b: 1 / mpmath.hypot(a, b) ** (order - 1),
    "arctan2": lambda order, a, b: 1 / mpmath.hypot(a, b) ** order,
}


def wide(low, high):
    """Numbers of every magnitude, strictly between the ends."""
    magnitudes = st.builds(
        lambda sign, exponent: sign * 10.0**exponent,
        st.sampled_from([1.0, -1.0]),
        st.floats(-290, 290),
    )
    inner = st.floats(-100 if low is None else low, 100 if high is None else high)

    def allowed(x):
        return (low is None or x > low) and (high is None or x < high)

    return st.one_of(magnitudes, inner).filter(lambda x: allowed(x) and abs(x) > 1e-300)


ELEMENTARY = sorted(
    name
    for name, row in ad.ELEMENTALS.items()
    if row.arity and name not in {"sign", "relu", "maximum", "minimum", "abs"}
)


@pytest.mark.parametrize("name", ELEMENTARY)
@given(data=st.data())
@settings(few)
def test_elementals_of_any_magnitude(name, data):
    row, function = ad.ELEMENTALS[name], ELEMENTALS[name].function
    operands = [wide(*RANGES.get(name, (None, None))) for _ in range(row.arity)]
    if name == "pow":
        operands[1] = st.floats(-20, 20)
    point = tuple(data.draw(operand) for operand in operands)
    for orders, found in derivatives(row, point, range(row.arity)):
        order = sum(orders)
        is_moderate = all(1e-70 < abs(x) < 1e70 for x in point)
        if order == 2 and name in {"arctan", "arctan2", "hypot", "pow", "div"} and not is_moderate:
            continue  # products on the way leave the range of floats
        if name == "div" and orders[0] == 2:
            assert found == 0
            continue
        lost = LOST[name](order, *map(mpf, point)) if name in LOST else 0
        assert_accurate(found, function, point, orders, absolute=1e-14 * lost)


LARGE = {
    "arcsinh": (mpmath.asinh, (1.0,)),
    "arccosh": (mpmath.acosh, (1.0,)),
    "hypot": (mpmath.hypot, (0.6, 0.8)),
    "arctan2": (mpmath.atan2, (0.3, 0.4)),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("name", LARGE)
def test_squares_that_overflow_are_not_formed(name, dtype):
    function, shape = LARGE[name]
    for size in (np.finfo(dtype).max / 4, math.sqrt(np.finfo(dtype).max) * 8, 4.0):
        point = tuple(dtype(size * part) for part in shape)
        for k in range(len(point)):
            orders = [int(j == k) for j in range(len(point))]
            found = ad.grad(ad.ELEMENTALS[name], k)(*point)
            assert type(found) in (dtype, float)
            assert_accurate(found, function, tuple(map(float, point)), orders, dtype)
            arrays = [np.full(2, x) for x in point]
            (many,) = ad.grad(lambda *x: np.sum(ad.ELEMENTALS[name](*x)), (k,))(*arrays)
            assert many.dtype == dtype
            np.testing.assert_array_equal(many, found)


def test_the_length_and_the_angle_of_large_complex_numbers():
    for x in (1e200, np.float32(1e30)):
        for f, slope in ((np.abs, math.sqrt(2)), (np.angle, 0.0)):
            found = ad.grad(lambda x, f=f: f(x + 1j * x))(x)
            assert found == pytest.approx(slope, rel=1e-6)
        assert ad.grad(lambda y, x=x: np.angle(x + 1j * y))(x) * x == pytest.approx(0.5, rel=1e-6)


# -- SciPy's functions -----------------------------------------------------------------------------

EVERY_POINT = [
    (name, point) for name, reference in REFERENCES.items() for point in reference.points
]
FIRST_POINTS = [
    (name, point) for name, reference in REFERENCES.items() for point in reference.points[:2]
]


def test_every_row_of_scipy_has_a_reference():
    assert set(REFERENCES) == {row.name for row in rows()}
    assert set(DENSITIES) == set(DENSITIES_OF_ADVIZ)
    assert set(MASSES) == set(MASSES_OF_ADVIZ)


def check_point(name, point):
    """The derivatives of a number are right, and those of an array are the same."""
    reference, function = REFERENCES[name], getattr(special, name)
    for orders, found in derivatives(function, point, reference.moving):
        if name == "poch" and orders[1] and point[0] <= 0 and point[0].is_integer():
            continue  # no polynomial in the second operand
        assert_accurate(found, reference.function, point, orders, absolute=1e-30)
    for k in reference.moving:
        arrays = [np.array([x, x]) for x in point]
        many = ad.grad(lambda *x: np.sum(function(*x)), k)(*arrays)
        np.testing.assert_allclose(many, ad.grad(function, k)(*point), rtol=1e-14)


@pytest.mark.sampled
@pytest.mark.parametrize(("name", "point"), FIRST_POINTS)
def test_functions_of_scipy_where_formulas_fail(name, point):
    check_point(name, point)


@pytest.mark.long
@pytest.mark.parametrize(("name", "point"), EVERY_POINT)
def test_functions_of_scipy_at_every_point(name, point):
    check_point(name, point)


@pytest.mark.long
@pytest.mark.parametrize("name", [n for n, r in REFERENCES.items() if len(r.points[0]) == 1])
@given(data=st.data())
@settings(few)
def test_functions_of_scipy_anywhere(name, data):
    reference = REFERENCES[name]
    x = data.draw(st.floats(reference.low, reference.high).filter(lambda x: abs(x) > 1e-3))
    check_point(name, (x,))


@pytest.mark.parametrize("name", ["erfcx", "dawsn", "k1e", "ellipk", "spence", "rgamma", "expit"])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_functions_of_scipy_in_fewer_digits(name, dtype):
    reference, function = REFERENCES[name], getattr(special, name)
    for x in np.array([0.3, 0.7, 3.0] if name != "ellipk" else [0.3, 0.7], dtype):
        found = ad.grad(function)(x)
        assert type(found) is dtype
        assert_accurate(found, reference.function, (float(x),), [1], dtype)


def test_a_symbol_and_a_formula_read_the_textbook():
    formula = ad.trace(lambda a: special.ellipk(a), 0.5)
    assert "ellipk_derivative" not in str(ad.catalogue("ellipk"))
    assert formula.value == special.ellipk(0.5)
    third = ad.jet(special.j1, (0.0,), ([1.0, 0.0, 0.0],))[1][2]
    assert third == pytest.approx(-3 / 8, rel=1e-12)


def test_slopes_with_points_of_their_own_compile_and_repeat():
    x = np.array([0.0, 1e-9, 0.3])
    for function in (special.j1, special.ellipk, lambda a: special.boxcox(2.0, a), special.erfcx):
        gradient = ad.grad(lambda x, f=function: np.sum(f(x)))
        expected = gradient(x)
        assert np.isfinite(expected).all()
        np.testing.assert_array_equal(ad.compile(gradient, x)(x), expected)
        for _ in range(20):  # from the 18th on by code of its own
            np.testing.assert_array_equal(gradient(x), expected)


# -- densities -------------------------------------------------------------------------------------

ENDS = {"beta": (0.0, 1.0), "uniform": (0.0, 1.0), "cauchy": ()}


def inwards(name, x, first):
    """From which side of a support's end the truth is taken: 1 from above, -1 from below."""
    if name in MASSES:
        return 0 if not first else -1 if x == 1 and name != "poisson" else int(x == 0)
    low_ends = {"pareto": 1.0, "cauchy": None, "norm": None, "laplace": None, "t": None}
    low_ends |= dict.fromkeys(["gumbel_l", "gumbel_r", "logistic", "skewnorm"])
    if name in ENDS and x == 1:
        return -1
    return int(x == low_ends.get(name, 0.0))


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("name", "point"),
    [(name, point) for name, (_, *points) in (DENSITIES | MASSES).items() for point in points],
)
def test_densities_inside_their_support_and_at_its_ends(name, point):
    """In x of a density, in the last parameter of a probability."""
    distribution, density = getattr(stats, name), (DENSITIES | MASSES)[name][0]
    moving = len(point) - 1 if name in MASSES else 0
    direction = inwards(name, point[moving], first=True)
    orders = [int(k == moving) for k in range(len(point))]
    kinds = ("pmf", "logpmf") if name in MASSES else ("pdf", "logpdf")
    true = [density, lambda *x: mpmath.log(density(*x))]
    for kind, truth in zip(kinds, true, strict=True):
        method = getattr(distribution, kind)
        if kind.startswith("log") and not math.isfinite(method(*point)):
            continue  # its slope is infinite
        for factor in (1, 2):
            slope = ad.grad(method, moving)
            found = slope(*point) if factor == 1 else ad.grad(slope, moving)(*point)
            assert_accurate(
                found, truth, point, [factor * k for k in orders], direction=direction,
                absolute=1e-12,
            )  # fmt: skip


def test_ends_of_a_support_in_an_array_of_numbers():
    x = np.array([0.0, 0.25, 1.0, 2.0, -1.0])
    slope = ad.grad(lambda x: np.sum(stats.beta.pdf(x, 2, 1)))(x)
    np.testing.assert_allclose(slope, [2.0, 2.0, 2.0, 0.0, 0.0])
    rates = np.array([0.0, 2.0])
    slope = ad.grad(lambda m: np.sum(stats.poisson.pmf(1, m)))(rates)
    np.testing.assert_allclose(slope, (1 - rates) * np.exp(-rates))
    counts = list(itertools.product([0.0, 1.0], [0.0, 1.0]))
    found = [ad.grad(lambda p, k=k: stats.bernoulli.pmf(k, p))(p) for k, p in counts]
    assert found == [2 * k - 1 for k, _ in counts]
