"""NaN and infinity are recorded and shown, not hidden and not raised."""

import itertools
import math
import re

import numpy as np
import pytest

import adviz as ad
from adviz.rules.array_rules import RULES


def troubled(x):
    a = x - 2
    b = np.log(a)
    c = b * 0
    return c + x


@pytest.mark.parametrize(
    ("x", "value", "said", "slope"),
    [
        (1.0, math.nan, "NaN", 1.0),
        (2.0, math.nan, "infinity", math.nan),
        (3.0, 3.0, None, 1.0),
    ],
)
def test_the_trace_says_where_trouble_began(x, value, said, slope):
    trace = ad.trace(troubled, x)
    np.testing.assert_equal(trace.value, value)
    if said is None:
        assert trace.first_nonfinite is None
        assert trace.notes == []
    else:
        assert trace.first_nonfinite.name == "b"
        (note,) = trace.notes
        assert note.startswith(f"v₂ is the first row that is {said}: test_nonfinite.py, line ")
        assert "`b = np.log(a)`" in note
    np.testing.assert_equal(ad.grad(troubled)(x), slope)
    np.testing.assert_equal([s.tangent for s in trace.forward()][-1], slope)


@pytest.mark.parametrize(
    ("f", "x", "value", "slope"),
    [
        (lambda x: 1 / x, 0.0, math.inf, -math.inf),
        (lambda x: 1 / x, -0.0, -math.inf, -math.inf),
        (lambda x: x / 0, 1.0, math.inf, math.inf),
        (lambda x: x / x, 0.0, math.nan, math.nan),
        (lambda x: x**-1, 0.0, math.inf, -math.inf),
        (lambda x: x**400, 10.0, math.inf, math.inf),
        (lambda x: 10**x, 400.0, math.inf, math.inf),
        (lambda x: x * 1e308 * 10, 1.0, math.inf, math.inf),
        (lambda x: np.exp(x), 1000.0, math.inf, math.inf),
        (lambda x: np.exp(x), -math.inf, 0.0, 0.0),
        (lambda x: np.log(x), 0.0, -math.inf, math.inf),
        (lambda x: np.sqrt(x), -1.0, math.nan, math.nan),
        (lambda x: np.arctanh(x), 1.0, math.inf, math.inf),
        (lambda x: x - x, math.inf, math.nan, 0.0),
        (lambda x: x + 1, math.nan, math.nan, 1.0),
        (lambda x: ad.logistic(x), -1000.0, 0.0, 0.0),
        (lambda x: ad.relu(x), math.nan, math.nan, math.nan),
    ],
    ids=itertools.count(),
)
def test_what_floats_cannot_hold(f, x, value, slope):
    for traced in (x, np.float32(x)) if abs(value) != math.inf or x in (0.0, 1.0) else (x,):
        np.testing.assert_equal(ad.trace(f, traced).value, type(traced)(value))
        np.testing.assert_equal(ad.grad(f)(traced), type(traced)(slope))
        np.testing.assert_equal(ad.jvp(f, (traced,), (1.0,))[1], type(traced)(slope))


def test_zero_times_infinity_is_nan_and_not_reached_is_nothing():
    def f(x, y):
        return np.sqrt(x) * y, y

    # A tangent of 0 meets the infinite slope of the root.
    assert math.isnan(ad.jvp(f, (0.0, 1.0), (0.0, 1.0))[1][0])
    # The second output does not reach the root: nothing is multiplied.
    assert ad.vjp(f, 0.0, 1.0)[1]((0.0, 1.0)) == (0.0, 1.0)
    assert ad.grad(lambda x, y: f(x, y)[1], (0, 1))(0.0, 1.0) == (0.0, 1.0)


def test_no_warning_and_no_exception_comes_out_of_steps_either():
    with np.errstate(all="raise"):
        for x in (np.float32(3e38), 1e308, 0.0, -1.0):
            trace = ad.trace(lambda x: np.log(x) * np.exp(x) / (x - x) + x**9, x)
            assert len(list(trace.forward())) == len(trace.rows)
            assert len(list(trace.reverse())) == len(trace.rows)
            assert trace.replay(x).notes == trace.notes
            assert all(len(row.partials) == len(row.parents) for row in trace.rows)


def distances(x):
    gaps = x[:, None] - x
    squares = gaps**2
    return np.sum(np.sqrt(np.sum(squares, -1)))


@pytest.mark.parametrize(
    ("f", "inputs", "words"),
    [
        (
            distances,
            (np.arange(6.0).reshape(3, 2),),
            [r"of y is NaN: v₅ has the slope ∞ at v₄\[0, 0\] = 0 .*np\.sqrt", r"v₃ .*gaps\*\*2.*0"],
        ),
        (np.linalg.norm, (np.zeros(3),), ["slope ∞ at 0", "its own slope 0"]),
        (lambda x, y: np.hypot(x, y), (0.0, 0.0), ["hypot.*no slope at 0"]),
        (
            lambda x: np.sum(np.where(x > 0, np.sqrt(np.maximum(x, 0)), 0.0)),
            (np.array([1.0, -1.0]),),
            [r"v₂ has the slope ∞ at v₁\[1\] = 0", "its adjoint is 0"],
        ),
        (lambda x: np.sqrt(x) - np.sqrt(x), (0.0,), ["∞ and −∞ are added up"]),
        (lambda x: (2 * x, np.sqrt(x * x)), (0.0,), ["gradient of y2 is NaN"]),
        (lambda x: np.sqrt(x * x), (np.zeros(2, np.float32),), [r"v₁\[0\] = 0"]),
    ],
)
def test_the_trace_says_where_a_gradient_becomes_nan(f, inputs, words):
    trace = ad.trace(f, *inputs)
    assert trace.first_nonfinite is None
    (note,) = trace.notes
    assert note.startswith("The gradient of ")
    for word in words:
        assert re.search(word, note), note
    assert note in str(trace)
    document = trace.to_document()
    codes = [note["code"] for note in document["notes"]]
    assert codes == ([] if "programs" in document else ["nan_gradient"])  # a page finds out itself


@pytest.mark.parametrize(
    ("f", "at"),
    [
        (np.sqrt, 0.0),  # infinite, and nothing turns that into NaN
        (np.abs, 0.0),
        (lambda x: np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0), -1.0),
        (lambda x: np.sqrt(x) * 0.0 + np.sqrt(x), 1.0),
        (distances, np.eye(1)[:0]),
        (lambda x: np.floor(x) + x, 0.0),
        (lambda x: np.abs(np.exp(1j * x)), 1.0),
    ],
    ids=["sqrt", "abs", "where", "times 0", "empty", "floor", "complex"],
)
def test_no_note_where_the_gradient_is_no_nan(f, at):
    assert [n for n in ad.trace(f, at).notes if "gradient" in n] == []


def test_a_rule_that_fails_does_not_keep_a_trace_from_being_shown():
    unruly = ad.custom(name="unruly", vjp=lambda *_: 1 / 0)(lambda x: x * 2)
    trace = ad.trace(unruly, 1.0)
    assert trace.notes == []
    assert "unruly" in str(trace)
    del RULES["unruly"]
