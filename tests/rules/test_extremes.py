"""Maxima and minima of arrays with many rows, whose positions are found first."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adviz as ad

EXTREMES = [np.max, np.min]

entries = st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 1.0, 2.0, np.inf, np.nan])


@pytest.mark.parametrize("extreme", EXTREMES)
@settings(deadline=None, max_examples=40)
@given(st.data(), st.sampled_from(["float64", "float32"]), st.sampled_from([1, -1, 0, None]))
def test_extremes_of_many_rows_are_numpys(extreme, data, dtype, axis):
    rows, length = data.draw(st.integers(30, 70)), data.draw(st.integers(1, 6))
    drawn = data.draw(st.lists(entries, min_size=rows * length, max_size=rows * length))
    a = np.array(drawn, dtype).reshape(rows, length)
    for given_array in (a, np.asfortranarray(a), np.repeat(a, 2, axis=0)[::2]):
        for keepdims in (True, False):
            trace = ad.trace(lambda x, k=keepdims: extreme(x, axis, keepdims=k), given_array)
            expected = extreme(a, axis, keepdims=keepdims)
            np.testing.assert_array_equal(trace.value, expected)
            assert np.shape(trace.value) == np.shape(expected)
            assert np.result_type(trace.value) == dtype


@pytest.mark.parametrize("extreme", EXTREMES)
def test_entries_that_tie_in_many_rows_share_the_slope(extreme):
    a = np.random.default_rng(3).integers(0, 3, (50, 4)) * 1.0
    weights = np.arange(50.0)
    slope = ad.grad(lambda x: np.sum(extreme(x, 1) * weights))(a)
    at = a == extreme(a, 1)[:, None]
    np.testing.assert_allclose(slope, at / at.sum(1)[:, None] * weights[:, None])


@pytest.mark.parametrize("shape", [(50, 300), (32, 256), (31, 5), (40, 0), (0, 4)])
def test_other_numbers_of_rows_and_lengths(shape):
    a = np.random.default_rng(4).normal(size=shape)
    if shape[1]:
        found = ad.trace(lambda x: np.max(x, axis=1), a).value
        np.testing.assert_array_equal(found, np.max(a, axis=1))
    else:
        with pytest.raises(ValueError, match="zero-size array"):
            ad.trace(lambda x: np.max(x, axis=1), a)


def test_a_row_without_a_maximum_leaves_the_others_as_they_are():
    a = np.array([[np.nan, 1.0], [2.0, 2.0]])  # as many ties as rows, but none in the first
    slope = ad.grad(lambda x: np.sum(np.max(x, axis=1)[1:]))(a)
    np.testing.assert_array_equal(slope[1], [0.5, 0.5])


@pytest.mark.parametrize("extreme", EXTREMES)
@settings(deadline=None, max_examples=60)
@given(st.lists(entries, min_size=12, max_size=12))
def test_ties_told_by_differences_from_an_extreme_are_those_told_by_itself(extreme, drawn):
    def f(x):
        bound = extreme(x, axis=1, keepdims=True)
        return np.sum(bound * heights) + np.sum(np.tanh(x - bound))

    heights = np.array([[3.0], [1e5], [-7.0]])
    a = np.array(drawn).reshape(3, 4)
    recorded = ad.vjp(f, a)[1](1.0)[0]
    compiled = ad.compile(ad.grad(f), a)
    np.testing.assert_array_equal(compiled(a), recorded)
    for _ in range(20):  # from the 18th on by code of its own
        followed = ad.grad(f)(a)
    np.testing.assert_array_equal(followed, recorded)


@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("keepdims", [False, True])
def test_code_for_many_rows_serves_arrays_that_lie_otherwise_in_memory(extreme, keepdims):
    def f(x):
        return np.sum(np.sin(extreme(x, axis=1, keepdims=keepdims)))

    a = np.random.default_rng(5).integers(0, 9, (50, 4)) * 1.0
    expected = ad.vjp(f, a)[1](1.0)[0]
    for _ in range(20):  # from the 18th on by code of its own
        ad.grad(f)(a)
    for other in (a, np.asfortranarray(a), np.repeat(a, 2, axis=1)[:, ::2]):
        np.testing.assert_array_equal(ad.grad(f)(other), expected)
