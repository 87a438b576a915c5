"""The behaviour of traced arrays besides arithmetic: types, mutation, decisions, replay."""

import copy
import itertools

import numpy as np
import pytest

import adviz as ad
from adviz.host.errors import BranchChangedError
from adviz.host.nests import leaves

X = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])


class TestTypes:
    def test_float32_stays_float32(self):
        x = X.astype(np.float32)

        def f(x):
            return np.mean(np.tanh(x * 2.0 + 1) ** 2) + np.linalg.norm(x) + x.var()

        value, gradient = ad.value_and_grad(f)(x)
        assert gradient.dtype == np.float32
        assert ad.jvp(np.tanh, (x,), (x,))[1].dtype == np.float32
        assert np.asarray(value).dtype == f(x).dtype
        np.testing.assert_allclose(gradient, ad.grad(f)(X), rtol=2e-5)

    def test_float32_beside_float64_has_a_float32_gradient(self):
        assert ad.grad(lambda x: np.sum(x * X))(X.astype(np.float32)).dtype == np.float32
        for f in (lambda x: np.sum(x * X), lambda x: np.sum(np.sin(x) * np.cos(X))):
            gradient = ad.grad(f)
            assert {type(gradient(np.float32(0.3))) for _ in range(20)} == {np.float32}
            assert gradient(np.float32(0.3)) == pytest.approx(gradient(0.3), rel=1e-6)

    def test_integers_are_refused_with_the_remedy(self):
        with pytest.raises(
            ad.AdvizError, match=r"x is an array of shape \(3,\) of int64.*x.astype"
        ):
            ad.grad(lambda x: np.sum(x))(np.arange(3))

    def test_attributes(self):
        def f(x):
            assert (x.shape, x.ndim, x.size, x.dtype, len(x)) == ((2, 3), 2, 6, np.float64, 2)
            assert np.shape(x) == np.shape(X)
            assert [row.shape for row in x] == [(3,), (3,)]
            assert f"{x[0, 0]:.2f}" == "1.00"
            return sum(row.sum() for row in x)

        np.testing.assert_array_equal(ad.grad(f)(X), np.ones((2, 3)))

    def test_a_gradient_is_of_one_number(self):
        with pytest.raises(ad.AdvizError, match=r"array of shape \(2, 3\).*np.sum"):
            ad.grad(np.sin)(X)

    def test_gradients_of_nests(self):
        loss = ad.grad(lambda p: np.sum(p["w"] @ p["b"][0]) * p["b"][1])
        found = loss({"w": X, "b": (np.ones(3), 2.0)})
        np.testing.assert_array_equal(found["w"], 2 * np.ones((2, 3)))
        np.testing.assert_array_equal(found["b"][0], 2 * X.sum(axis=0))
        assert found["b"][1] == X.sum()


class TestNobodyElsesArrays:
    def test_a_constant_changed_later_changes_no_gradient(self):
        factor = X.copy()
        _, pull = ad.vjp(lambda x: np.sum(x * factor), X)
        factor[:] = 0
        np.testing.assert_array_equal(pull(1.0)[0], X)

    def test_a_constant_changed_between_two_uses(self):
        buffer = np.ones(3)

        def f(x):
            first = x * buffer
            buffer[:] = 5.0
            return np.sum(first + x * buffer)

        np.testing.assert_array_equal(ad.grad(f)(np.ones(3)), 6 * np.ones(3))

    def test_a_constant_used_twice_is_held_once(self):
        trace = ad.trace(lambda x: np.sum(x * X + X), X)
        assert trace.tape.right[1] is trace.tape.right[2]

    def test_an_index_changed_later(self):
        index = np.array([0, 1])
        _, pull = ad.vjp(lambda x: x[0, index], X)
        index[:] = 2
        np.testing.assert_array_equal(pull(np.ones(2))[0], [[1, 1, 0], [0, 0, 0]])

    def test_an_input_changed_later(self):
        x = X.copy()
        _, pull = ad.vjp(lambda x: np.sum(x * x), x)
        x[:] = 0
        np.testing.assert_array_equal(pull(1.0)[0], 2 * X)

    def test_what_is_returned_may_be_written_into(self):
        out, pull = ad.vjp(lambda x: (np.exp(x), x), X)
        out[0][:] = 0
        out[1][:] = 0
        bar = np.ones((2, 3))
        first = pull((bar, bar))[0]
        np.testing.assert_allclose(first, np.exp(X) + 1)
        gradient = ad.grad(np.sum)(X)
        gradient += 1
        same = pull((np.zeros((2, 3)), bar))[0]
        same += 1
        np.testing.assert_array_equal(bar, np.ones((2, 3)))

    def test_gradients_are_not_one_array(self):
        a, b = ad.grad(lambda x, y: np.sum(x + y), argnums=(0, 1))(X, X)
        a += 1
        np.testing.assert_array_equal(b, np.ones((2, 3)))


class TestAssignment:
    def test_every_name_of_an_array_sees_it(self):
        def f(x):
            y = x * 1.0
            same = y
            y += x
            same[0] = 0.0
            return np.sum(y * y)

        def plain(x):
            y = x * 1.0
            y += x
            y[0] = 0.0
            return np.sum(y * y)

        assert ad.value_and_grad(f)(X)[0] == plain(X)
        np.testing.assert_array_equal(ad.grad(f)(X), [[0, 0, 0], *(8 * X[1:])])

    def test_a_view_used_after_the_assignment_is_refused(self):
        def f(x):
            y = x * 1.0
            row = y[0]
            y[0, 0] = 7.0
            return np.sum(row)

        with pytest.raises(
            ad.AdvizError, match=r"before the array was assigned into.*np.sum\(row\)"
        ):
            ad.grad(f)(X)

    def test_a_view_of_what_was_copied_shows_no_assignment_into_the_copy(self):
        def f(x):
            row = x[0]
            for y in (x.copy(), +x, copy.copy(x), np.copy(x)):
                y[0] = 7.0
            return np.sum(row * row)

        np.testing.assert_array_equal(ad.grad(f)(X), [2 * X[0], [0, 0, 0]])

    def test_a_long_recurrence_of_rows(self):
        def f(x):
            y = np.zeros_like(x, shape=(1000, 3))
            y[0] = x[0]
            for k in range(1, 1000):
                y[k] = 0.5 * y[k - 1] + x[1]
            return np.sum(y[-1])

        np.testing.assert_allclose(ad.grad(f)(X)[1], 2 * np.ones(3))

    def test_assignment_into_a_view_reaches_the_array(self):
        def f(x):
            y = x * 1.0
            row = y[0]
            row += 1.0
            row[1] = x[1, 1]
            y.T[2:] *= x[0, :2]
            corner = y.reshape(-1)[:2]
            corner -= x[1, :2]
            return y + np.sum(row) + corner[0]

        def test_row(x):
            return np.sum(f(x) * X)

        with pytest.raises(ad.AdvizError, match="before the array was assigned into"):
            ad.grad(test_row)(X)

        def g(x):
            y = x * 1.0
            row = y[0]
            row += 1.0
            row[1] = x[1, 1]
            y.T[2:] *= x[0, :2]
            y.reshape(-1)[:2] -= x[1, :2]
            same = y[1:]
            same[...] = same * 2
            return np.sum(y * X + same * y[0])

        assert ad.value_and_grad(g)(X)[0] == g(X)
        ad.check_grads(g, (X,))

    def test_a_copy_is_no_view(self):
        def f(x):
            y = x * 1.0
            turned = y.T.reshape(-1)  # NumPy has to copy it
            turned[0] = 7.0
            part = y[[0, 1]]
            part[0] = 5.0
            return np.sum(y * y) + turned[1] + part[0, 0]

        assert ad.value_and_grad(f)(X)[0] == f(X)

    def test_assignment_into_what_numpy_keeps_read_only_is_refused(self):
        def f(x):
            spread = np.broadcast_to(x * 1.0, (4, 2, 3))
            spread[0] = 1.0
            return np.sum(spread)

        with pytest.raises(ad.AdvizError, match="Assign into the whole array"):
            ad.grad(f)(X)

    def test_a_recurrence_that_reads_what_it_wrote(self):
        def f(x):
            y = np.zeros_like(x, shape=(4,))
            y[0] = x[0, 0]
            for k in range(1, 4):
                y[k] = np.sin(y[k - 1]) + x[1, k - 1]
            return y[-1]

        ad.check_grads(f, (X,))

    def test_methods_that_write_into_the_array(self):
        def f(x):
            y = x.copy()
            y.sort()
            z = x.copy()
            z.fill(2.0)
            return np.sum(y * np.arange(3.0) * z)

        np.testing.assert_array_equal(ad.grad(f)(X), [[2, 0, 4], [2, 4, 0]])

    def test_a_part_changed_in_place_is_written_once(self):
        def f(x):
            y = x.copy()
            y[0] -= x[1]
            return y

        assert [row.op for row in ad.trace(f, X).rows[1:]] == [
            "copy",
            "view",
            "view",
            "sub",
            "setitem",
        ]

    def test_item_is_still_traced(self):
        found = ad.grad(lambda x: x[:1, :1].item() * x.item(4) * x.item(0, 2))(X)
        np.testing.assert_array_equal(found, [[12, 0, 4], [0, 3, 0]])

    def test_an_index_that_is_traced_is_refused(self):
        with pytest.raises(ad.AdvizError, match="Index with plain ints"):
            ad.grad(lambda x: x[0, x[0, 0]])(X)


class TestDecisions:
    def test_comparisons_give_plain_arrays_of_bools(self):
        def f(x):
            positive = x > 0
            assert type(positive) is np.ndarray
            assert positive.dtype == bool
            return np.sum(x[positive]) + x.ravel()[np.argmax(x)]

        np.testing.assert_array_equal(ad.grad(f)(X), [[1, 0, 1], [1, 2, 0]])

    def test_a_replay_notices_another_outcome(self):
        trace = ad.trace(lambda x: np.sum(np.where(x > 0, x, x * x)), X)
        assert trace.replay(X * 2).value == np.sum(np.where(X > 0, 2 * X, 4 * X * X))
        with pytest.raises(ad.AdvizError, match="takes another branch"):
            trace.replay(-X)
        with pytest.raises(ad.AdvizError, match=r"had the shape \(2, 3\)"):
            trace.replay(np.ones(3))
        trace = ad.trace(lambda x: x[np.argmax(x)], np.array([1.0, 3.0]))
        assert trace.replay(np.array([1.0, 5.0])).value == 5.0
        with pytest.raises(ad.AdvizError, match="argmax"):
            trace.replay(np.array([7.0, 5.0]))

    def test_an_array_has_no_truth(self):
        with pytest.raises(ad.AdvizError, match=r"np.any\(...\)"):
            ad.grad(lambda x: np.sum(x) if x else 0.0)(X)


def test_perturbations_of_nested_calls_stay_apart():
    def f(x):
        return np.sum(x * ad.grad(lambda y: np.sum(x[0] * y * y))(np.ones(3)))

    # The gradient is 2 x[0], so f is the sum of 2 x[k] x[0].
    expected = 2 * np.array([2 * X[0] + X[1], X[0]])
    np.testing.assert_allclose(ad.grad(f)(X), expected)


def test_notes_say_where_an_array_stopped_being_finite():
    notes = ad.trace(lambda x: np.sum(np.log(x) * 2.0), X).notes
    assert any("v₁ is the first row that is not finite, with NaN in it" in note for note in notes)


def test_the_second_engine_agrees():
    import autograd
    import autograd.numpy as anp

    def loss(np, w, x):
        h = np.tanh(np.dot(x, w) - np.mean(x, axis=0))
        scores = h - np.max(h, axis=1, keepdims=True)
        return np.sum(np.log(np.sum(np.exp(scores), axis=1))) + np.linalg.norm(w) + np.prod(h[0])

    w = np.random.default_rng(0).normal(size=(3, 3))
    ours = ad.grad(lambda w, x: loss(np, w, x), argnums=(0, 1))(w, X)
    theirs = [autograd.grad(lambda *wx: loss(anp, *wx), k)(w, X) for k in range(2)]
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-10)


@pytest.mark.parametrize(
    ("f", "there", "elsewhere"),
    [
        (lambda x: np.sort(x)[0], [1.0, 2.0, 3.0], [2.0, 1.0, 3.0]),
        (np.median, [1.0, 2.0, 5.0], [2.0, 1.0, 1.5]),
        (lambda x: np.interp(x, [0.0, 1.0, 2.0], [0.0, 1.0, 5.0])[0], [0.5, 0.1], [1.5, 0.1]),
        (lambda x: np.linalg.slogdet(np.diag(x))[0] * x[0], [1.0, 2.0], [1.0, -2.0]),
    ],
    ids=["sort", "median", "interp", "slogdet"],
)
def test_a_replay_never_takes_over_what_depended_on_the_values(f, there, elsewhere):
    trace = ad.trace(f, np.array(there))
    assert trace.replay(np.array(there)).value == pytest.approx(f(np.array(there)))
    with pytest.raises(BranchChangedError):
        trace.replay(np.array(elsewhere))


def test_adjoints_that_are_added_up_in_place_are_nobody_elses():
    """Parts of an array, the whole of it, and the adjoint itself as a seed and as a result."""

    def f(x):
        y = x * 1.0
        parts = y[:2] * 2.0 + y[2:4] * 3.0 + y[1:3] * y[1:3]
        return parts, y + y, np.sum(y[::2]) * y

    x = np.arange(1.0, 5.0)
    seeds = (np.ones(2), np.arange(4.0), np.full(4, 0.5))
    kept = tuple(seed.copy() for seed in seeds)
    _, pull = ad.vjp(f, x)
    first, second = pull(seeds)[0], pull(seeds)[0]
    np.testing.assert_array_equal(first, second)
    for seed, before in zip(seeds, kept, strict=True):
        np.testing.assert_array_equal(seed, before)
    jacobians = ad.jacfwd(f)(x)
    expected = sum(seed @ jacobian for seed, jacobian in zip(seeds, jacobians, strict=True))
    np.testing.assert_allclose(first, expected, rtol=1e-14)


def test_the_tape_of_a_perceptron_holds_no_array_twice():
    rng = np.random.default_rng(0)
    images, labels = rng.random((32, 16)), rng.integers(0, 5, 32)

    def loss(parameters):
        w1, b1, w2, b2 = parameters
        hidden = np.tanh(images @ w1 + b1)
        scores = hidden @ w2 + b2
        scores = scores - np.max(scores, axis=1, keepdims=True)
        log_sum = np.log(np.sum(np.exp(scores), axis=1))
        weights = np.sum(images * images) + np.sum(w1 * w1)  # the data and a weight used again
        return np.mean(log_sum - scores[np.arange(32), labels]) + 1e-3 * weights

    shapes = (16, 8), (8,), (8, 5), (5,)
    tape = ad.trace(loss, tuple(rng.normal(size=shape) for shape in shapes)).tape
    parameters = [e.parameters for e in tape.elementals if hasattr(e, "parameters")]
    arrays = [
        array
        for part in (tape.values, tape.left, tape.right, parameters)
        for _, array in leaves(part)
        if isinstance(array, np.ndarray)
    ]
    memory = {}
    for array in arrays:
        owner = array if array.base is None else array.base
        memory[id(owner)] = owner
    assert not any(
        np.array_equal(a, b) for a, b in itertools.combinations(memory.values(), 2) if a.size > 1
    )
    assert not any(np.may_share_memory(array, images) for array in arrays)
