"""Many seeds in one sweep give the same results as a sweep for each."""

import tracemalloc

import numpy as np
import pytest

import adviz as ad
from adviz.calculus import vector_mode
from adviz.core import sweeps
from adviz.rules.batching import Batch
from tests.rules.test_arrays import drawn, every_case


@pytest.fixture
def one_by_one(monkeypatch):
    """Return a function that calls a derivative with a sweep for each seed."""

    def called(derivative, *args):
        with monkeypatch.context() as patched:
            patched.setattr(vector_mode, "_chunk_length", lambda *_: 1)
            return derivative(*args)

    return called


@pytest.fixture
def sweeps_made(monkeypatch):
    """Return a list that fills with the modes of the sweeps."""
    made = []
    for mode, name in (("forward", "tangents"), ("reverse", "adjoints")):
        sweep = getattr(sweeps, name)

        def counted(*args, mode=mode, sweep=sweep):
            made.append(mode)
            return sweep(*args)

        monkeypatch.setattr(sweeps, name, counted)
    return made


def agree(found, expected):
    for mine, other in zip(found, expected, strict=True):
        assert np.shape(mine) == np.shape(other)
        np.testing.assert_allclose(mine, other, rtol=1e-10, atol=1e-11)


@every_case
def test_every_function_in_both_modes(case, one_by_one):
    inputs = drawn(case)
    every = tuple(range(len(inputs)))
    for mode in (ad.jacfwd, ad.jacrev):
        agree(mode(case.call, every)(*inputs), one_by_one(mode(case.call, every), *inputs))


@every_case
def test_every_function_inside_another_derivative(case, one_by_one):
    inputs = drawn(case)
    direction = tuple(np.cos(np.arange(np.size(x)).reshape(np.shape(x))) for x in inputs)

    def forward_over_reverse():
        return ad.jvp(ad.jacrev(case.call), inputs, direction)[1]

    def reverse_over_forward():
        out, pull = ad.vjp(ad.jacfwd(case.call), *inputs)
        return pull(np.sin(np.arange(np.size(out)).reshape(np.shape(out))))

    agree([forward_over_reverse()], [one_by_one(forward_over_reverse)])
    agree(reverse_over_forward(), one_by_one(reverse_over_forward))


def chain(*xs):
    """Numbers only: each output depends on three inputs."""
    n = len(xs)
    return [np.sin(xs[k]) * xs[(k + 1) % n] / (1.5 + xs[k - 1] ** 2) for k in range(n)]


@pytest.mark.parametrize("mode", [ad.jacfwd, ad.jacrev])
def test_many_numbers_are_swept_as_vectors(mode, one_by_one, sweeps_made):
    xs = tuple(np.linspace(-1, 1, 30).tolist())
    jacobian = mode(chain, tuple(range(30)))
    found = jacobian(*xs)
    assert len(sweeps_made) == 1
    assert type(found[0][0]) is float
    np.testing.assert_allclose(found, one_by_one(jacobian, *xs), rtol=1e-13, atol=1e-16)
    assert not np.signbit(np.array(found)[np.array(found) == 0]).any()


def test_many_numbers_inside_another_derivative(one_by_one):
    xs = tuple(np.linspace(-1, 1, 14).tolist())
    every = tuple(range(14))
    second = ad.jacfwd(ad.jacrev(chain, every), every)
    np.testing.assert_allclose(second(*xs), one_by_one(second, *xs), rtol=1e-12, atol=1e-14)
    hessian = ad.hessian(lambda *xs: sum(chain(*xs)), every)
    np.testing.assert_allclose(hessian(*xs), one_by_one(hessian, *xs), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(hessian(*xs), np.sum(second(*xs), axis=0), rtol=1e-12, atol=1e-14)


def test_seeds_go_in_chunks_that_fit(monkeypatch, sweeps_made):
    w = np.cos(np.arange(400.0)).reshape(20, 20)
    x = np.linspace(0, 1, 20)

    def f(x):
        return np.tanh(w @ x), np.sum(x) * x[:3]

    whole = ad.jacrev(f)(x)
    assert sweeps_made == ["reverse"]
    rows = ad.trace(f, x).rows
    monkeypatch.setattr(
        vector_mode, "_CHUNK_BYTES", 8 * 8 * sum(np.size(row.value) for row in rows)
    )
    sweeps_made.clear()
    for mode, count in ((ad.jacrev, 23), (ad.jacfwd, 20)):
        for found, expected in zip(mode(f)(x), whole, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)
        assert len(sweeps_made) == -(-count // 8)
        sweeps_made.clear()


def test_memory_stays_bounded():
    """The chunks of a Jacobian with far more seeds than fit at once."""

    def f(x):
        for _ in range(50):
            x = np.sin(x)
        return np.sum(x.reshape(500, 10), axis=1)

    x = np.linspace(0, 1, 5000)
    tracemalloc.start()
    found = ad.jacrev(f)(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * found.nbytes + 3 * vector_mode._CHUNK_BYTES


def test_what_nothing_reaches_is_not_spoilt_by_an_infinite_slope(sweeps_made):
    def f(x):
        return x[0] * 2, np.sqrt(x[1]), x[1] * 3

    found = ad.jacrev(f)(np.array([1.0, 0.0]))
    np.testing.assert_array_equal(found[0], [2.0, 0.0])
    np.testing.assert_array_equal(found[1], [0.0, np.inf])
    np.testing.assert_array_equal(found[2], [0.0, 3.0])
    assert len(sweeps_made) == 1 + 3


@pytest.mark.parametrize("mode", [ad.jacfwd, ad.jacrev])
def test_compiled(mode):
    w = np.cos(np.arange(12.0)).reshape(4, 3)

    def f(x):
        return np.tanh(w @ x), x[0] * 2, np.sqrt(x[1])

    fast = ad.compile(mode(f), np.ones(3))
    for x in (np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 1.0])):  # a slope is infinite there
        for found, expected in zip(fast(x), mode(f)(x), strict=True):
            np.testing.assert_array_equal(found, expected)
    hessian = ad.hessian(lambda x: np.sum(np.tanh(w @ x) ** 2))
    np.testing.assert_array_equal(ad.compile(hessian, np.ones(3))(x), hessian(x))


def test_hooks_see_the_steps_of_each_seed():
    x = np.array([1.0, 2.0, 3.0])
    steps = []
    with ad.hooks(on_tangent=steps.append, on_adjoint=steps.append):
        ad.jacfwd(lambda x: x * x)(x)
        ad.jacrev(lambda x: x * x)(x)
    assert [step.tangent.tolist() for step in steps[:6:2]] == np.eye(3).tolist()
    assert [step.adjoint.tolist() for step in steps[6::2]] == np.eye(3).tolist()
    assert len(steps) == 12


def test_rules_of_a_user_and_checkpoints():
    shapes, runs = set(), []

    @ad.custom(vjp=lambda x, v, bar: (shapes.add(np.shape(bar)), np.linalg.norm(bar) * bar / 9)[1])
    def odd(x):  # no derivative of it, but one that only ever sees single cotangents
        return x * 1.0

    np.testing.assert_array_equal(ad.jacrev(odd)(np.ones(3)), np.eye(3) / 9)
    assert shapes == {(3,)}

    @ad.custom(name="cubed", jvp=lambda x, v, dot: 3 * x**2 * dot)
    def cubed(x):
        return x**3

    x = np.array([1.0, 2.0, 3.0])
    for mode in (ad.jacfwd, ad.jacrev):
        np.testing.assert_allclose(mode(cubed)(x), np.diag(3 * x**2))
        np.testing.assert_allclose(ad.jacfwd(mode(cubed))(x)[1, 1], [0.0, 12.0, 0.0])

    def g(x):
        runs.append(1)
        return np.sin(x) * x[::-1], x[0]

    for mode in (ad.jacfwd, ad.jacrev):
        runs.clear()
        for found, expected in zip(mode(ad.checkpoint(g))(x), mode(g)(x), strict=True):
            np.testing.assert_allclose(found, expected)
        assert len(runs) == 3  # recorded, run again for all seeds at once, and without checkpoint


def test_float32_and_other_arguments_keep_their_type():
    x = np.ones(4, np.float32)
    for mode in (ad.jacfwd, ad.jacrev):
        assert mode(lambda x: np.cumsum(x) * 2)(x).dtype == np.float32
        found = mode(lambda x, y: x * y, (0, 1))(x, 2.0)
        assert found[0].dtype == np.float32


@pytest.mark.parametrize("mode", [ad.jacfwd, ad.jacrev, ad.jacobian])
def test_nothing_to_differentiate(mode):
    assert mode(lambda x: x * 2)(np.zeros(0)).shape == (0, 0)
    assert mode(lambda x: x[:0])(np.ones(3)).shape == (0, 3)
    assert mode(lambda x: x.sum() * np.ones(2))(np.zeros(0)).shape == (2, 0)
    found = mode(lambda x, y: x.sum() * y, (0, 1))(np.zeros(0), np.ones(3))
    assert found[0].shape == (3, 0)
    np.testing.assert_array_equal(found[1], np.zeros((3, 3)))
    assert ad.jacobian(lambda x: x * 2, sparsity=True)(np.zeros(0)).shape == (0, 0)


class TestBatch:
    three = Batch(np.arange(12.0).reshape(3, 4))

    def test_any_other_function_is_called_for_each(self):
        np.testing.assert_array_equal(np.ptp(self.three).stack, [3.0, 3.0, 3.0])
        np.testing.assert_array_equal(np.add.accumulate(self.three).stack[0], [0, 1, 3, 6])
        parts = np.split(self.three, 2)
        assert [part.stack.shape for part in parts] == [(3, 2), (3, 2)]
        whole, rest = np.modf(self.three)
        assert (whole.shape, rest.shape) == ((4,), (4,))

    @pytest.mark.parametrize("key", [1, (None, 2), [0, 0, 3], np.array([True, False, True, True])])
    def test_an_index(self, key):
        expected = [row[key] for row in self.three.stack]
        np.testing.assert_array_equal(self.three[key].stack, expected)

    def test_an_index_whose_arrays_stand_apart(self):
        four = np.arange(120.0).reshape(2, 3, 4, 5)
        key = (np.array([0, 2]), slice(None), np.array([1, 4]))
        found = Batch(four)[key]
        np.testing.assert_array_equal(found.stack, [one[key] for one in four])

    def test_operators_align_the_arrays_not_the_stack(self):
        column = np.ones((4, 1))
        assert (self.three * column).shape == (4, 4)
        assert (column + self.three).stack.shape == (3, 4, 4)

    @pytest.mark.parametrize(
        ("a", "b"),
        [((3,), (3,)), ((3,), (3, 2)), ((4, 3), (3,)), ((4, 3), (3, 2)), ((3,), (5, 3, 2)),
         ((5, 4, 3), (3,)), ((5, 4, 3), (3, 2)), ((4, 3), (5, 3, 2)), ((4, 3), (3, 1))],
    )  # fmt: skip
    @pytest.mark.parametrize("which", [(True, False), (False, True), (True, True)])
    def test_a_product_of_any_shapes(self, a, b, which):
        draw = np.random.default_rng(0).normal
        left, right = draw(size=(6, *a)), draw(size=(6, *b))
        expected = [np.matmul(left[k * which[0]], right[k * which[1]]) for k in range(6)]
        left, right = (
            Batch(stack) if batched else stack[0]
            for stack, batched in zip((left, right), which, strict=True)
        )
        np.testing.assert_allclose((left @ right).stack, expected, rtol=1e-13)
