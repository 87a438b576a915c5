"""NumPy's functions of a single number, of one entry and of nothing: what NumPy itself returns."""

import numpy as np
import pytest
from scipy import special

import adviz as ad
from adviz.supported.examples import EXAMPLES

INPUTS = {
    "a float": 0.7,
    "a float64": np.float64(0.7),
    "no axes": np.array(0.7),
    "one entry": np.array([0.7]),
    "one by one": np.array([[0.7]]),
    "nothing": np.zeros(0),
    "two of nothing": np.zeros((2, 0)),
    "no rows": np.zeros((0, 2)),
}

CALLS = [
    "np.cumprod(a)",
    "np.cumprod(a, axis=0)",
    "np.cumprod(a, axis=-1)",
    "np.cumsum(a, axis=-1)",
    "np.cumulative_sum(a)",
    "np.cumulative_sum(a, axis=-1, include_initial=True)",
    "np.cumulative_prod(a)",
    "np.cumulative_prod(a, include_initial=True)",
    "np.nancumprod(a, axis=-1)",
    "np.multiply.reduce(a)",
    "np.logaddexp.reduce(a)",
    "np.logaddexp.accumulate(a)",
    "np.sum(a, axis=-1)",
    "np.prod(a, axis=-1, initial=2.0)",
    "np.max(a, axis=-1)",
    "np.ptp(a, axis=-1)",
    "np.std(a)",
    "np.std(a, axis=-1)",
    "np.std(a, ddof=1)",
    "np.var(a, ddof=1)",
    "np.var(a, ddof=2)",
    "np.nansum(a, axis=-1)",
    "np.nanmax(a, axis=-1)",
    "np.nanmean(a)",
    "np.nanmean(a, axis=-1)",
    "np.nanmean(a, axis=0, keepdims=True)",
    "np.nanvar(a, axis=-1)",
    "np.nanstd(a, axis=-1)",
    "np.median(a)",
    "np.median(a, axis=0, keepdims=True)",
    "np.nanmedian(a, axis=-1)",
    "np.nanquantile(a, 0.3)",
    "np.nanpercentile(a, [30, 60])",
    "np.average(a)",
    "np.cov(a)",
    "np.cov(a, 2 * a)",
    "np.cov(a, 1.5)",
    "np.corrcoef(a)",
    "np.convolve(a, 2.0)",
    "np.convolve([1.0, 2.0], a)",
    "np.convolve(a, a, 'same')",
    "np.diff(a, 0)",
    "np.diff(a)",
    "np.trapezoid(a)",
    "np.interp(a, a, 2 * a)",
    "np.interp(0.3, a, 2 * a)",
    "np.histogram(a, 3)[1]",
    "np.histogram(np.concatenate([np.ravel(a)] * 2), 2)[1] * np.histogram(a, 2)[0].sum()",
    "np.pad(a, 1)",
    "np.resize(a, (2, 2))",
    "np.ravel(a)",
    "np.transpose(a, 0)",
    "np.atleast_2d(a)",
    "np.full_like(a, [2.0]) * a",
    "np.copysign([1.0, -2.0], a)",
    "np.heaviside([1.0, -2.0], a)",
    "np.sort(a)",
    "np.array_split(a, 2)[0]",
    "np.linspace(a, 2.0, 3)",
    "np.outer(a, a)",
    "np.kron(a, a)",
    "np.dot(a, 2.0)",
    "np.inner(a, a)",
    "np.vdot(a, a)",
    "np.where(True, a, 1.0)",
    "np.clip(a, 0.0, 0.5)",
    "np.round(a) * a",
    "np.unique(a)",
    "special.softmax(a)",
    "special.log_softmax(a, axis=-1)",
    "special.log_softmax(a, axis=0)",
    "special.logsumexp(a)",
]


def weighted(result):
    """Return one number that depends on every entry of a result."""
    return np.sum(result * np.cos(np.arange(np.size(result))).reshape(np.shape(result)))


def function(call):
    return eval(f"lambda a: {call}", {"np": np, "special": special})


def stepped(a, step):
    """Return the input moved by a step, in its own class."""
    return type(a)(a + step) if isinstance(a, float) else a + step


def differences(f, a):
    slopes = np.zeros(np.shape(a))
    for index in np.ndindex(np.shape(a)):
        step = np.zeros(np.shape(a))
        step[index] = 1e-6
        slopes[index] = (f(stepped(a, step)) - f(stepped(a, -step))) / 2e-6
    return slopes


@pytest.mark.filterwarnings("ignore")  # NumPy warns of means of nothing, and of 0 / 0
@pytest.mark.sampled
@pytest.mark.parametrize("call", CALLS)
def test_is_what_numpy_returns(call):
    f = function(call)
    answers = 0
    for a in INPUTS.values():
        try:
            expected = f(a)
        except (TypeError, ValueError, IndexError):  # NumPy has no answer
            continue
        answers += 1
        found = ad.trace(lambda a: f(a) + 0.0 * np.sum(a), a).value
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_allclose(found, expected, rtol=1e-13)

        def total(a):
            return weighted(f(a)) + 0.0 * np.sum(a)

        slope = ad.grad(total)(a)
        assert np.shape(slope) == np.shape(a)
        if np.all(np.isfinite(expected)):
            np.testing.assert_allclose(slope, differences(total, a), rtol=1e-7, atol=1e-8)
        for derivative in (ad.jacfwd(total), ad.jacrev(total), ad.compile(total, a).grad):
            np.testing.assert_allclose(derivative(a), slope, rtol=1e-12, atol=1e-12)
    assert answers


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("tail", ["", ", axis=0", ", axis=-1", ", axis=None", ", keepdims=True"])
@pytest.mark.parametrize(
    "name",
    [f"np.{f.__name__}" for f in EXAMPLES if getattr(np, f.__name__, None) is f],
)
def test_every_function_of_one_array(name, tail):
    """Of numbers and of arrays with nothing in them, value and shape are those of NumPy."""
    f = function(f"{name}(a{tail})")
    for a in INPUTS.values():
        try:
            expected = f(a)
        except Exception:  # noqa: BLE001 - whatever NumPy says of it
            continue
        if not isinstance(expected, (np.ndarray, np.number, float)) or name in UNSET:
            continue
        found = ad.trace(lambda a: f(a) + 0.0 * np.sum(a), a).value
        np.testing.assert_allclose(found, expected + 0.0 * np.sum(a), rtol=1e-13)


UNSET = ("np.empty_like",)
"""Functions whose values are whatever was in memory."""


def test_a_cross_product_of_vectors_in_a_plane():
    def f(a, b):
        return a[0] * b[1] - a[1] * b[0]

    a, b = np.array([1.5, -0.5]), np.array([2.0, 0.7])
    value, slopes = ad.value_and_grad(np.cross, (0, 1))(a, b)
    assert value == f(a, b)
    np.testing.assert_array_equal(slopes, ad.grad(f, (0, 1))(a, b))
    stack = np.stack([a, b, a + b])
    areas = ad.jacobian(lambda s: np.cross(s, b))(stack)
    np.testing.assert_allclose(areas[0, 0], [b[1], -b[0]])
    np.testing.assert_array_equal(areas[0, 1:], 0.0)
    mixed = ad.jacobian(lambda a: np.cross(a, [1.0, 2.0, 3.0]))(a)
    np.testing.assert_array_equal(mixed, [[0.0, 3.0], [-3.0, 0.0], [2.0, -1.0]])
    with pytest.raises(ad.AdvizError, match="4 and 2 entries, not 2 or 3"):
        ad.grad(lambda a: np.sum(np.cross([1.0, 2.0, 3.0, 4.0], a)))(a)


class TestHistograms:
    def test_edges_around_equal_entries_move_with_them(self):
        value, slope = ad.value_and_grad(lambda x: np.histogram(x, 4)[1][1])(np.full(3, 2.0))
        assert value == np.histogram(np.full(3, 2.0), 4)[1][1] == 1.75
        np.testing.assert_allclose(slope, np.full(3, 1 / 3))

    def test_edges_that_are_given_come_back_as_an_array(self):
        edges = ad.trace(lambda x: np.histogram(x, [0.0, x[0], 3.0])[1] * 2, np.ones(2)).value
        np.testing.assert_array_equal(edges, [0.0, 2.0, 6.0])

    def test_bins_by_a_rule_are_refused(self):
        with pytest.raises(ad.AdvizError, match="bins must be a number of bins or their edges"):
            ad.grad(lambda x: np.sum(np.histogram(x, "auto")[1]))(np.arange(3.0))


class TestCopyto:
    @pytest.mark.parametrize("where", ["True", "[True, False, True]", "x > 1"])
    @pytest.mark.parametrize("source", ["x * x", "x[1]", "x[None, :] * 2", "[x[2], 1.0, x[0]]"])
    def test_in_every_mode(self, where, source):
        def f(x):
            y = np.zeros_like(x) + 3 * x
            np.copyto(y, eval(source, {"x": x}), where=eval(where, {"x": x}))
            return y

        x = np.array([0.5, 2.0, 3.0])
        expected = np.stack([differences(lambda x, k=k: f(x)[k], x) for k in range(3)])
        for derivative in (ad.jacfwd(f), ad.jacrev(f), ad.compile(ad.jacfwd(f), x)):
            np.testing.assert_allclose(derivative(x), expected, rtol=1e-8, atol=1e-8)

    def test_an_assignment_of_a_row_to_a_vector(self):
        def f(x):
            y = np.zeros_like(x)
            y[:] = x[None, :] ** 2
            return y

        x = np.array([1.0, 2.0])
        np.testing.assert_array_equal(ad.jacfwd(f)(x), np.diag(2 * x))
        np.testing.assert_array_equal(ad.jacrev(f)(x), np.diag(2 * x))
