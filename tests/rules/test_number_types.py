"""float32 and float16: values have NumPy's type and digits, and gradients the type of the input."""

import numpy as np
import pytest

import adviz as ad
from tests.rules.test_arrays import drawn, every_case

FEWER_DIGITS = [np.float32, np.float16]
ELSEWHERE = {  # examples whose value is not of NumPy's type, and why
    "np.concatenate(np.polydiv(a, b))": "NumPy keeps the zeros that rounding spoils",
    "special.softmax([a, b, 0.0])[1]": "a Python float in a list takes on the type of the others",
    "special.log_softmax([a, b, 0.0])[1]": "likewise",
    "linalg.det(a)": "SciPy's is float64 for every matrix",
}


@every_case
@pytest.mark.parametrize("dtype", FEWER_DIGITS)
def test_every_example_keeps_numpys_types(case, dtype):
    inputs = tuple(np.asarray(x, dtype) if np.shape(x) else dtype(x) for x in drawn(case))
    try:
        with np.errstate(all="ignore"):
            plain = case.call(*inputs)
    except (TypeError, ValueError):
        return  # LAPACK and others know no half precision
    if case.call.source in ELSEWHERE or (dtype is np.float16 and "linalg" in case.call.source):
        return
    if dtype is np.float16 and "multivariate_normal" in case.call.source:
        return  # it is solved by LAPACK
    if dtype is np.float16 and "sparse.diags" in case.call.source:
        with pytest.raises(ad.AdvizError, match=r"no float16: make it of x\.astype\(np\.float32\)"):
            ad.vjp(case.call, *inputs)
        return  # SciPy's own knows it as long as nobody asks for another format
    value, pull = ad.vjp(case.call, *inputs)
    assert np.result_type(value) == np.result_type(plain)
    near = 20 * np.finfo(dtype).eps
    np.testing.assert_allclose(value, plain, rtol=near, atol=near)
    for bar, x in zip(pull(np.ones_like(value)), inputs, strict=True):
        assert np.result_type(bar) == dtype
        assert np.shape(bar) == np.shape(x)


STRONG = [np.float64(2.0), np.int64(2), np.array(2.0)]


@pytest.mark.parametrize("dtype", FEWER_DIGITS)
@pytest.mark.parametrize("constant", STRONG, ids=repr)
def test_a_number_of_numpy_keeps_its_type_and_pythons_does_not(dtype, constant):
    def f(x, c):
        return np.sum(np.where(x > 1, np.maximum(x * c, c - x), x**c) + c)

    for x in (np.array([0.5, 3.0], dtype), dtype(3)):
        for c, expected in ((constant, np.float64), (2.0, dtype), (2, dtype)):
            value, slope = ad.value_and_grad(lambda x, c=c: f(x, c))(x)
            assert np.result_type(value) == np.result_type(f(x, c)) == expected
            np.testing.assert_allclose(value, f(x, c), rtol=1e-3)
            assert np.result_type(slope) == dtype


def test_types_are_kept_by_repeated_and_compiled_calls_too():
    x, c = np.array([0.5, 3.0], np.float32), np.float64(1) / 3

    def f(x):
        return np.sum(np.sin(x * c) + np.polyval([1.0, c], x))

    gradient, expected = ad.value_and_grad(f), f(x)
    seen = [gradient(x) for _ in range(25)]  # from the 18th on by code of its own
    assert {(np.result_type(v), g.dtype) for v, g in seen} == {(np.dtype(float), x.dtype)}
    np.testing.assert_allclose([v for v, _ in seen], expected, rtol=1e-14)
    assert ad.compile(f, x)(x) == pytest.approx(expected, rel=1e-14)
    scalars = [ad.grad(lambda x: x * c)(np.float32(2)) for _ in range(25)]
    assert {type(slope) for slope in scalars} == {np.float32}


class TestHalfPrecision:
    def test_a_mean_is_added_up_in_single_precision(self):
        x = np.array([40000, 40000, 2], np.float16)
        for f in (
            np.mean,
            lambda x: np.mean(x, where=[True, True, False]),
            lambda x: np.sum(np.mean(x[:2].reshape(1, 2), axis=1, keepdims=True)),
        ):
            value, slope = ad.value_and_grad(f)(x)
            assert value == f(x) < np.inf
            assert type(value) is np.float16
            assert slope.dtype == np.float16
            np.testing.assert_allclose(np.sum(slope.astype(float)), 1.0, rtol=1e-3)

    @pytest.mark.parametrize("extreme", [np.max, np.min, np.ptp])
    def test_more_entries_tie_than_half_precision_can_count(self, extreme):
        x = np.ones(70_000, np.float16)
        slope = ad.grad(extreme)(x)
        assert slope.dtype == np.float16
        expected = 0.0 if extreme is np.ptp else 1 / 70_000
        np.testing.assert_allclose(slope, np.full(70_000, expected), rtol=2e-3)
        value, slope = ad.value_and_grad(np.mean)(x)
        assert value == 1.0
        np.testing.assert_allclose(slope, np.full(70_000, 1 / 70_000), rtol=2e-3)

    def test_what_numpy_adds_up_in_half_precision_stays_numpys(self):
        x = np.array([40000, 40000], np.float16)
        for f in (np.nanmean, np.var, np.sum):
            with np.errstate(over="ignore"):
                np.testing.assert_equal(ad.trace(f, x).value, f(x))


FILLED = [
    "np.full_like(x, 0.25)",
    "np.full_like(x, np.float64(0.25)) * x",
    "np.full_like(x, [2.0, 3.0]) * x",
    "np.full_like(x, x[0]) * x",
    "np.full_like(x, 0.25, dtype=np.float32) * x",
    "np.full_like(x, x[0], dtype='float64', shape=3)",
    "np.full_like(x, 0.25, shape=())",
]


@pytest.mark.parametrize("dtype", [np.float64, *FEWER_DIGITS])
@pytest.mark.parametrize("made", FILLED)
def test_an_array_that_is_filled_has_the_type_of_the_other(made, dtype):
    f = eval(f"lambda x: {made}", {"np": np})
    x = np.array([0.5, 3.0], dtype)
    assert np.result_type(ad.trace(f, x).value) == np.result_type(f(x))
    np.testing.assert_allclose(ad.trace(f, x).value, f(x), rtol=np.finfo(dtype).eps)


def test_a_traced_number_does_not_fill_an_array_of_ints():
    with pytest.raises(ad.AdvizError, match="int64"):
        ad.grad(lambda x: np.sum(np.full_like(x, x[0], dtype=np.int64)))(np.ones(2))
