"""NumPy on arrays, against differences, duality of the two modes, and a second AD library."""

import warnings
from dataclasses import dataclass
from functools import partial
from typing import Any

import autograd
import autograd.numpy as autograd_numpy
import autograd.scipy.special as autograd_special
import numpy as np
import pytest
from numpy.linalg import LinAlgError
from scipy import linalg, sparse, special, stats

import adviz as ad
from adviz.core.elementals import BY_UFUNC
from adviz.rules.broadcasting import sum_to
from adviz.rules.functions import FUNCTIONS
from adviz.rules.nondifferentiable import ABOUT_SHAPE, SHOWING, STEP_FUNCTIONS
from adviz.rules.scipy_integrate import integrate_rules
from adviz.rules.scipy_interpolate import interpolate_rules
from adviz.rules.scipy_linalg import LINALG_RULES, linalg_rules
from adviz.rules.scipy_optimize import optimize_rules
from adviz.rules.scipy_sparse import solver_rules, sparse_matrix_rules
from adviz.rules.scipy_special import IN_PYTHON, add_rows, rows
from adviz.rules.scipy_stats import DENSITIES, MASSES, PROBABILITIES, distribution_rules
from adviz.supported.examples import EXAMPLES, NAMES, Example
from adviz.supported.scipy_examples import OF_LINALG, OF_SCIPY, OF_SPARSE, OF_STATS

# What it raises for a function, or an option, that it has no rule for.
UNKNOWN_TO_AUTOGRAD = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    LinAlgError,
    NotImplementedError,
    TypeError,
    UserWarning,
    ValueError,
)

# Where each elemental is smooth, with room for both operands.
DOMAINS = {
    "arcsin": (-0.9, 0.9),
    "arccos": (-0.9, 0.9),
    "arctanh": (-0.9, 0.9),
    "arccosh": (1.1, 3),
}


@dataclass(frozen=True)
class Case:
    function: Any
    call: Example

    @property
    def shapes(self):
        return self.call.shapes

    def __str__(self):
        module = getattr(self.function, "__module__", None) or ""
        return f"{module.removeprefix('numpy').strip('.')}.{self.function.__name__}".strip(".")


ENTRIES = [
    *EXAMPLES.items(),
    *((getattr(special, name), entry) for name, entry in OF_SCIPY.items()),
    *((getattr(linalg, name), entry) for name, entry in OF_LINALG.items()),
    *((sparse.csr_array.dot, entry) for entry in OF_SPARSE.values()),
    *((getattr(stats, name).rvs, entry) for name, entry in OF_STATS.items()),
]
CASES = [Case(function, example) for function, entry in ENTRIES for example in entry.examples]
ELEMENTWISE = [
    Case(ufunc, Example(f"np.{ufunc.__name__}({', '.join('ab'[: row.arity])})", shapes, True))
    for ufunc, row in BY_UFUNC.items()
    if getattr(np, ufunc.__name__, None) is ufunc  # not one of SciPy's
    for shapes in (
        [((3, 4),)] if row.arity == 1 else [((3, 4), (3, 4)), ((4,), (3, 1)), ((2, 4), ())]
    )
]
EVERY = [*CASES, *ELEMENTWISE]
every_case = pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{k}-{case}", marks=pytest.mark.sampled)
        for k, case in enumerate(EVERY)
    ],
)


def drawn(case, seed=0):
    rng = np.random.default_rng(seed)
    low, high = DOMAINS.get(
        case.function.__name__, (0.3, 2.0) if case.call.positive else (-1.5, 1.5)
    )
    return tuple(
        rng.uniform(low, high, shape) if shape else float(rng.uniform(low, high))
        for shape in case.shapes
    )


def directions(inputs, seed):
    rng = np.random.default_rng(seed)
    return tuple(
        rng.normal(size=np.shape(x)) if np.shape(x) else float(rng.normal()) for x in inputs
    )


def moved(inputs, direction, h):
    return tuple(x + h * d for x, d in zip(inputs, direction, strict=True))


def inner(a, b):
    return sum(float(np.sum(x * y)) for x, y in zip(a, b, strict=True))


def difference(f, inputs, direction):
    """Richardson's central difference, which errs like h^4."""
    h = 1e-3
    wide = (f(*moved(inputs, direction, 2 * h)) - f(*moved(inputs, direction, -2 * h))) / (4 * h)
    near = (f(*moved(inputs, direction, h)) - f(*moved(inputs, direction, -h))) / (2 * h)
    return (4 * near - wide) / 3


@every_case
def test_the_value_is_numpys(case):
    inputs = drawn(case)
    traced = ad.vjp(case.call, *inputs)[0]
    plain = case.call(*inputs)
    np.testing.assert_allclose(traced, plain, rtol=1e-12, atol=1e-13)
    assert np.shape(traced) == np.shape(plain)


@every_case
def test_the_tangent_is_the_difference_quotients_and_the_adjoint_is_its_dual(case):
    inputs = drawn(case)
    direction = directions(inputs, 1)
    with np.errstate(all="ignore"):
        expected = difference(case.call, inputs, direction)
    value, tangent = ad.jvp(case.call, inputs, direction)
    assert np.shape(tangent) == np.shape(value)
    np.testing.assert_allclose(tangent, expected, rtol=1e-6, atol=1e-6)
    (bar,) = directions((value,), 2)
    pulled = ad.vjp(case.call, *inputs)[1](bar)
    for part, x in zip(pulled, inputs, strict=True):
        assert np.shape(part) == np.shape(x)
    np.testing.assert_allclose(
        inner(pulled, direction), inner((bar,), (tangent,)), rtol=1e-9, atol=1e-10
    )


@every_case
def test_the_second_order_is_the_difference_of_the_first_in_every_nesting(case):
    inputs = drawn(case)
    first, second = directions(inputs, 3), directions(inputs, 4)
    (weights,) = directions((case.call(*inputs),), 5)

    def loss(*xs):
        return np.sum(np.sin(case.call(*xs)) * weights)

    every = tuple(range(len(inputs)))
    gradient = ad.grad(loss, argnums=every)

    def slope(*xs):
        return inner(gradient(*xs), first)

    def pushed(*xs):
        return ad.jvp(loss, xs, first)[1]

    expected = difference(slope, inputs, second)
    found = {
        "forward over reverse": inner(ad.jvp(gradient, inputs, second)[1], first),
        "forward over forward": ad.jvp(pushed, inputs, second)[1],
        "reverse over forward": inner(ad.grad(pushed, argnums=every)(*inputs), second),
        "reverse over reverse": inner(
            ad.grad(
                lambda *xs: sum(np.sum(g * d) for g, d in zip(gradient(*xs), first, strict=True)),
                argnums=every,
            )(*inputs),
            second,
        ),
    }
    for nesting, number in found.items():
        np.testing.assert_allclose(number, expected, rtol=2e-5, atol=2e-5, err_msg=nesting)


def test_a_second_engine_agrees_wherever_it_knows_the_function():
    """HIPS autograd runs the very same cases, with its NumPy put in the place of the real one."""
    ours = []
    for case in CASES:
        if "where=" in case.call.source or case.function is np.linalg.eig:
            continue  # it leaves the option out without a word; its eigenvectors change in length
        inputs = drawn(case)
        (weights,) = directions((case.call(*inputs),), 5)
        every = tuple(range(len(inputs)))
        loss = partial(weighted, np, case.call, weights)
        ours.append((case, inputs, weights, ad.grad(loss, argnums=every)(*inputs)))
    names = NAMES | {"np": autograd_numpy, "special": autograd_special}
    compared = 0
    for case, inputs, weights, gradient in ours:
        call = partial(case.call, names=names)
        loss = partial(weighted, autograd_numpy, call, weights)
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of SciPy, at its arrays
                theirs = [autograd.grad(loss, k)(*inputs) for k in range(len(inputs))]
        except UNKNOWN_TO_AUTOGRAD:
            continue
        if not all(np.isfinite(other).all() for other in theirs):
            continue  # it divides a product by its zeros
        if any(np.shape(other) != np.shape(x) for other, x in zip(theirs, inputs, strict=True)):
            continue  # it leaves some adjoints broadcast
        compared += 1
        for mine, other in zip(gradient, theirs, strict=True):
            np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-8, err_msg=str(case))
    assert compared >= 100


def weighted(numpy, call, weights, *inputs):
    return numpy.sum(numpy.sin(call(*inputs)) * weights)


def test_every_function_of_the_table_has_a_case():
    without = {*STEP_FUNCTIONS, *ABOUT_SHAPE, *SHOWING, sum_to}
    of_scipy = {getattr(special, name) for name in OF_SCIPY} | {special._ufuncs._lambertw}
    without |= {*distribution_rules(), *linalg_rules(), *sparse_matrix_rules(), *solver_rules()}
    without |= {*optimize_rules(), *integrate_rules(), *interpolate_rules()}
    assert set(FUNCTIONS) - without - of_scipy == set(EXAMPLES)


def test_every_function_of_scipy_has_a_case():
    add_rows()
    named = {row.name for row in rows()} | set(IN_PYTHON) | {"betainc", "lambertw"}
    assert set(OF_SCIPY) == named
    assert set(OF_LINALG) == set(LINALG_RULES) == {f.__name__ for f in linalg_rules()}
    assert set(OF_STATS) == {*DENSITIES, *MASSES, "multivariate_normal"}
    assert set(PROBABILITIES) < set(DENSITIES)


def test_the_largest_of_one_number_is_that_number():
    assert ad.grad(lambda x: np.max(x))(2.0) == 1.0
    assert ad.grad(ad.grad(lambda x: np.min(x) * x))(2.0) == 2.0
