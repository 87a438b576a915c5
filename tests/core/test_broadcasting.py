"""Broadcasting undone: sums to a shape, by whatever way is the fastest for it."""

from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adviz as ad
from adviz.core.batching import Batch
from adviz.core.broadcasting import sum_to

lengths = st.sampled_from([0, 1, 2, 3, 7, 40, 130])


@st.composite
def broadcast(draw):
    """Return the shape of an operand, and one that it was broadcast to."""
    had = tuple(draw(st.lists(lengths, min_size=1, max_size=4).filter(lambda s: prod(s) < 20_000)))
    some = st.integers(0, len(had))
    shape = [1 if draw(st.booleans()) else length for length in had][draw(some) :]
    return had, tuple(shape)


def summed(array, shape):
    """Add the entries one by one to where broadcasting took them from."""
    total = np.zeros(shape, array.dtype)
    places = np.broadcast_to(np.arange(prod(shape)).reshape(shape), array.shape)
    np.add.at(total.reshape(-1), places.reshape(-1), array.reshape(-1))
    return total


@settings(deadline=None)
@given(broadcast(), st.sampled_from(["f", "d", "g", "F", "D", "e"]), st.integers(0, 99))
def test_a_sum_to_a_shape_adds_what_broadcasting_repeated(shapes, letter, seed):
    had, shape = shapes
    draw = np.random.default_rng(seed)
    array = draw.integers(-9, 9, had).astype(letter)  # whole numbers: every order adds up the same
    total = sum_to(array, shape)
    assert np.shape(total) == shape
    assert np.result_type(total) == array.dtype
    np.testing.assert_array_equal(total, summed(array, shape))
    batch = Batch(np.stack([array, 2 * array]))
    np.testing.assert_array_equal(sum_to(batch, shape).stack, [total, 2 * np.asarray(total)])


@settings(deadline=None)
@given(broadcast(), st.randoms(use_true_random=False), st.integers(0, 99))
def test_a_sum_does_not_depend_on_how_an_array_lies_in_memory(shapes, random, seed):
    had, shape = shapes
    array = np.random.default_rng(seed).normal(size=had)
    axes = random.sample(range(len(had)), len(had))
    turned = array.transpose(axes).copy().transpose(np.argsort(axes))
    np.testing.assert_array_equal(sum_to(array, shape), sum_to(turned, shape))


@pytest.mark.parametrize(
    ("had", "shape"), [((1000, 3), (3,)), ((9, 1000), (9, 1)), ((9, 50), (9, 1))]
)
def test_a_sum_is_about_as_accurate_as_adding_in_pairs(had, shape):
    array = np.random.default_rng(0).random(had)
    exact = array.astype(np.longdouble).sum(axis=0 if shape == (3,) else 1, keepdims=len(shape) > 1)
    assert np.max(np.abs(sum_to(array, shape) - exact) / exact) < 8 * np.finfo(float).eps


def test_what_is_no_number_stays_where_it_is():
    array = np.ones((4, 3))
    array[1, 2], array[2, 1] = np.nan, np.inf
    np.testing.assert_array_equal(sum_to(array, (3,)), [4.0, np.inf, np.nan])
    np.testing.assert_array_equal(sum_to(array, (4, 1)), [[3.0], [np.nan], [np.inf], [3.0]])


def test_a_sum_inside_another_derivative_has_the_slope_of_a_sum():
    def f(x, b):
        return np.sum(np.sin(x + b) * x)

    x, b = np.random.default_rng(1).normal(size=(2, 5, 3))
    b = b[0]
    ad.check_grads(f, (x, b), order=3)
    slope = ad.trace(ad.grad(f, argnums=1), x, b)
    assert "sum_to" in [row.op for row in slope.rows]
    np.testing.assert_array_equal(slope.value, ad.grad(f, argnums=1)(x, b))
