"""The reverse of broadcasting: sums to a shape, by the fastest way for each shape."""

import gc
import tracemalloc
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adviz as ad
from adviz.rules.batching import Batch
from adviz.rules.broadcasting import sum_to

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
    # Whole numbers, so that every order adds up the same; half precision has them up to 2,048.
    largest = 1 if letter == "e" else 9
    array = draw.integers(-largest, largest, had, endpoint=True).astype(letter)
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


def test_arrays_of_other_kinds_are_summed_too():
    class Kind(np.ndarray):
        pass

    factor = np.ones((4, 3)).view(Kind)
    slope = ad.grad(lambda b: np.sum(factor * b))(np.ones(3))
    np.testing.assert_array_equal(slope, [4.0, 4.0, 4.0])


def test_a_total_is_as_precise_as_what_it_is_of():
    large = np.array([1e39, 2e39, 0.5e39])
    small = np.float32(1e-20)
    slope = ad.grad(lambda x: np.sum(np.max(x * small) * large))(np.ones(2, np.float32))
    np.testing.assert_allclose(slope, [1.75e19, 1.75e19], rtol=1e-6)


def test_an_infinity_beside_imaginary_parts_stays_where_it_is():
    def f(b):
        weights = np.array([[np.inf, 1.0], [1.0, 1.0], [1.0, 1.0]])
        return np.sum(weights * np.real(b * (1 + 0j) + np.zeros((3, 2))))

    np.testing.assert_array_equal(ad.grad(f)(np.ones(2)), [np.inf, 3.0])


@pytest.mark.slow
def test_many_lengths_leave_nothing_behind():
    gradient = ad.grad(lambda b, x: np.sum(np.tanh(x + b)))
    gradient(np.zeros(2), np.ones((100_000, 2)))
    gc.collect()
    tracemalloc.start()
    for k in range(20):
        gradient(np.zeros(2), np.ones((100_001 + k, 2)))
        ad.trace(lambda x: np.max(x, axis=1), np.ones((100_001 + k, 2)))
    gc.collect()
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < 800_000  # bytes of one array of so many ones
