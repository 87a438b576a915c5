"""Calls that follow an expected trace give the same results, in less time."""

import contextlib
import gc
import itertools

import numpy as np
import pytest

import adviz as ad
from adviz.calculus import sparse_jacobians
from adviz.core.elementals import BY_UFUNC
from adviz.fast import plans
from adviz.fast.plan_following import FollowingTape
from adviz.host.errors import LeakedVariableError
from tests.code.test_compile import assert_identical
from tests.fast.test_sweep_code import from_row_to_row as as_recorded
from tests.fast.test_sweep_code import start_anew

X = np.linspace(0.1, 1.2, 6)


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    start_anew(monkeypatch)


def expectations():
    return list(plans._plans.values())


def is_followed():
    """Whether the last trace was the one expected, and its code was run."""
    (expected,) = expectations()
    return expected.misses == 0 and any(expected.programs.values())


def layer(p, x, y):
    hidden = np.tanh(x @ p["w"] + p["b"])
    scores = hidden - np.max(hidden, axis=1, keepdims=True)
    log_sum = np.log(np.sum(np.exp(scores), axis=1))
    return np.mean(log_sum - scores[np.arange(len(y)), y]) + 0.5 * np.sum(p["w"] ** 2)


def weights(seed=0):
    rng = np.random.default_rng(seed)
    return {"w": rng.normal(size=(3, 4)), "b": rng.normal(size=4)}


def test_a_training_step_is_followed_whatever_the_numbers_are():
    rng = np.random.default_rng(1)
    gradient = ad.value_and_grad(layer)
    for k in range(6):
        batch = (rng.normal(size=(5, 3)), rng.integers(0, 4, 5))
        value, found = gradient(weights(k), *batch)
        expected = as_recorded(lambda k=k, batch=batch: gradient(weights(k), *batch))
        assert value == expected[0]
        assert_identical(found["w"], expected[1]["w"])
        assert_identical(found["b"], expected[1]["b"])
    assert is_followed()


def test_a_function_made_anew_each_time_is_the_same_function():
    for k in range(4):
        ad.grad(lambda x, k=k: np.sum(np.sin(x) * np.full(6, float(k))))(X)
    assert is_followed()


def test_a_batch_of_another_length_is_recorded():
    gradient = ad.grad(lambda w, x: np.mean(np.exp(x * w)))
    for n in (4, 4, 4, 3, 4, 1, 3, 3, 3, 4):
        x = np.linspace(-1.0, 1.0, n)
        np.testing.assert_allclose(gradient(0.5, x), np.mean(x * np.exp(x * 0.5)), rtol=1e-14)


@pytest.mark.parametrize(
    "other",
    [
        lambda x: np.sum(np.sin(x) * np.cos(x)),  # another operation
        lambda x: np.sum(np.sin(x) * x),  # another operand
        lambda x: np.sum(np.sin(x)),  # fewer rows
        lambda x: np.sum(np.sin(x) * np.sin(x)) * 2.0,  # more of them
        lambda x: np.sum(np.sin(x) * np.sin(x), axis=0, keepdims=True)[0],
        lambda x: [np.sum(np.sin(x) * np.sin(x)), np.sum(x)][1],  # another output
        lambda x: 3.0,
        lambda x: [np.sum(np.sin(x) * np.sin(x)), 3.0][1],
        lambda x: np.sum(x.copy() * np.sin(x)),
        lambda x: 2.0 * np.sum(np.sin(x)),
        lambda x: sum(np.sin(x[k]) for k in range(6)),
    ],
    ids=itertools.count(),
)
def test_a_function_that_does_something_else_is_recorded(other):
    now = [lambda x: np.sum(np.sin(x) * np.sin(x))]

    def f(x):
        return now[0](x)

    for _ in range(4):
        first = ad.grad(f)(X)
    assert is_followed()
    now[0] = other
    for _ in range(4):
        assert_identical(ad.grad(f)(X), as_recorded(lambda: ad.grad(f)(X)))
    now[0] = lambda x: np.sum(np.sin(x) * np.sin(x))
    assert_identical(ad.grad(f)(X), first)


def test_what_never_comes_true_is_not_expected_for_ever():
    turns = iter(range(1000))

    def f(x):
        return np.sum(np.sin(x)) if next(turns) % 2 else np.sum(np.cos(x))

    for _ in range(40):
        ad.grad(f)(X)
    assert all(expected.misses <= 8 for expected in expectations())


@pytest.mark.parametrize(
    ("k", "l"), [(0.0, -0.0), (1.0, 2.0), (2.0, 2), (1.0, True), (1, True), (3.0, np.float64(4.0))]
)
def test_constants_are_told_apart(k, l):  # noqa: E741 - two of a kind
    for f in (
        lambda x, c: np.sum((x * x) * c),
        lambda x, c: np.sum(c / (x - c)),
        lambda x, c: np.sum(np.arctan2(x * c, c)),
    ):
        for c in (k, k, k, l, k, l, l):
            with np.errstate(all="ignore"):
                found = ad.grad(f)(X, c)
                assert_identical(found, as_recorded(lambda f=f, c=c: ad.grad(f)(X, c)))


@pytest.mark.parametrize(
    "keys",
    [
        (0, False, 0),
        (1, True, np.array([1])),
        ((0, slice(1)), (0, slice(2)), (False, slice(1))),
        ((0, 1), (np.array([0]), 1), ([0], 1)),
        (slice(0, 2), slice(0, 2, 1), slice(None, 2)),
        (np.array([0, 1]), np.array([1, 1]), np.array([True, False, True])),
        (None, Ellipsis, ()),
    ],
    ids=itertools.count(),
)
def test_indices_are_told_apart(keys):
    x = X.reshape(3, 2)
    for key in (keys[0],) * 3 + keys[1:] * 3 + (keys[0],):

        def f(x, key=key):
            return np.sum(np.sin(x[key]) * np.sum(x[key]))

        assert_identical(ad.grad(f)(x), as_recorded(lambda f=f: ad.grad(f)(x)))


@pytest.mark.parametrize(
    "calls",
    [
        (lambda x: np.sum(x, axis=0), lambda x: np.sum(x, axis=1), lambda x: np.sum(x, 0)),
        (lambda x: np.mean(x, 0), lambda x: np.mean(x, 0, keepdims=True), lambda x: np.mean(x)),
        (lambda x: np.swapaxes(x, 0, 1), lambda x: np.swapaxes(x, 1, 0), lambda x: x.T),
        (lambda x: np.var(x, axis=0, ddof=1), lambda x: np.var(x, axis=0, ddof=0)),
        (lambda x: np.average(x, axis=0, weights=x), lambda x: np.average(x, axis=0)),
        (lambda x: np.sum(x, initial=0.0), lambda x: np.sum(x, initial=x[0, 0])),
        (lambda x: np.roll(x, 1), lambda x: np.roll(x, 2), lambda x: np.roll(x, 1, 0)),
        (lambda x: np.stack([x, x]), lambda x: np.stack([x, x + 1.0]), lambda x: np.stack([x])),
        (lambda x: np.einsum("ij,ij->i", x, x), lambda x: np.einsum("ij,ij->j", x, x)),
        (lambda x: np.clip(x, 0.2, 0.5), lambda x: np.clip(x, 0.2, 0.6)),
        (lambda x: np.arctan2(x, 0.0), lambda x: np.arctan2(x, -0.0), lambda x: np.arctan2(x, 0)),
        (lambda x: np.add.reduce(x), lambda x: np.add.reduce(x, axis=1)),
        (lambda x: np.sum(x), lambda x: np.sum(a=x), lambda x: np.sum(x, 0), lambda x: np.sum(x)),
        (lambda x: np.sum(x, axis=0), lambda x: np.sum(axis=0, a=x), lambda x: np.max(x, axis=0)),
        (lambda x: np.var(x, ddof=1, keepdims=True), lambda x: np.var(x, ddof=True, keepdims=1)),
        (lambda x: np.stack([x[0, 0], 2.0]), lambda x: np.stack([x[0, 0]])),
        (lambda x: np.stack([x[0, 0]]), lambda x: np.stack([x[0, 0], 2.0])),
    ],
    ids=itertools.count(),
)
def test_calls_are_told_apart(calls):
    x = X.reshape(3, 2)
    for call in (calls[0],) * 4 + calls[1:] * 3 + (calls[0],) * 2:

        def f(x, call=call):
            return np.sum(np.sin(call(x)) * 2.0)

        assert_identical(ad.grad(f)(x), as_recorded(lambda f=f: ad.grad(f)(x)))


# -- what a function may do with its numbers -----------------------------------------------------


def test_numbers_can_be_looked_at(capsys):
    def f(x):
        y = np.sin(x)
        if looking:
            print(y, repr(np.sum(y)), f"{np.sum(y):.3f}", y.shape, y.dtype, len(y))  # noqa: T201
        return np.sum(y * y)

    for k in range(4):
        looking = k == 3
        assert_identical(ad.grad(f)(X), 2 * np.sin(X) * np.cos(X))
    shown = capsys.readouterr().out
    assert shown.startswith(str(np.sin(X)))
    assert f"Variable({float(np.sum(np.sin(X)))!r}) {np.sum(np.sin(X)):.3f} (6,) float64 6" in shown


def test_shapes_and_types_are_known_without_the_numbers():
    shapes = []

    def f(x):
        y = np.outer(x, x)[:, :2]
        shapes.append((y.shape, y.ndim, y.size, y.dtype, len(y), np.shape(y), np.size(y)))
        return np.sum(y)

    for _ in range(4):
        ad.grad(f)(X.astype(np.float32))
    assert is_followed()
    assert set(shapes) == {((6, 2), 2, 12, np.dtype(np.float32), 6, (6, 2), 12)}


def test_a_decision_is_taken_by_the_numbers_of_this_call():
    limit = [10.0]

    def f(x):
        y = np.exp(x)
        if limit[0] < 10.0 and np.sum(y) > limit[0]:
            return np.sum(y * 2.0)
        return np.sum(y * 3.0)

    for limit[0], factor in ((10.0, 3.0), (10.0, 3.0), (10.0, 3.0), (1.0, 2.0), (9.9, 2.0)):
        np.testing.assert_allclose(ad.grad(f)(X), factor * np.exp(X), rtol=1e-14)


def test_an_array_that_is_written_into_counts_as_it_was_when_it_was_used():
    large = np.ones((6, 200))  # too large to be known by its content
    small = np.ones(6)
    owner = np.ones((6, 200))
    view = owner[:]
    owner.flags.writeable = False  # which leaves its view as it is

    def f(x):
        total = 0.0
        for k in range(3):
            small[:] = k + factor
            large[:] = view[:] = k - factor
            total = total + np.sum(np.sin(x * small)) + np.sum(x @ large) + np.sum(x @ view)
        small[:] = large[:] = view[:] = np.nan
        return total

    for k in (1.0, 1.0, 2.0, 1.0, 3.0):
        factor = k
        found = ad.grad(f)(X)
        assert_identical(found, as_recorded(lambda: ad.grad(f)(X)))
        assert np.isfinite(found).all()


@pytest.mark.parametrize(
    "seen",
    [
        lambda a: a,
        np.asfortranarray,
        lambda a: np.repeat(np.repeat(a, 2, 0), 3, 1)[::2, ::3],
        lambda a: a[::-1, ::-1].copy()[::-1, ::-1],
        lambda a: np.broadcast_to(a[:1], a.shape),
        lambda a: np.pad(a, 2)[2:-2, 2:-2],
    ],
    ids=["rows", "columns", "gaps", "reversed", "repeated", "part"],
)
@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_product_is_the_same_however_the_matrix_lies_in_memory(seen, locked, dtype):
    rng = np.random.default_rng(2)
    a = seen(rng.normal(size=(40, 17)).astype(dtype))
    if locked:
        a.flags.writeable = False
        if a.base is not None:
            a.base.flags.writeable = False
    w = seen(rng.normal(size=(17, 9)).astype(dtype))
    gradient = ad.grad(lambda w: np.sum(np.tanh(a @ w) ** 2) + np.sum((w.T @ a.T) @ (a @ w)))
    for _ in range(4):
        assert_identical(gradient(w), as_recorded(lambda: gradient(w)))
    assert is_followed()


def test_what_is_kept_of_a_call_cannot_be_changed_from_outside():
    x = X.reshape(2, 3)
    places, weights = np.array([2, 0, 1]), np.array([1.0, 2.0, 3.0])
    condition = np.array([True, False, True])

    def f(x, places, weights, condition):
        picked = np.take(x, places, axis=1) * weights + x[:, places]
        return np.sum(np.where(condition, picked, weights @ picked.T @ picked))

    first = (places, weights, condition)
    expected = as_recorded(lambda: ad.grad(f)(x, *first))
    fresh = [array.copy() for array in first]
    for array in first:
        array.setflags(write=False)
    for _ in range(4):
        assert_identical(ad.grad(f)(x, *first), expected)
    for array in first:
        array.setflags(write=True)
        array[:] = array[::-1].copy()
    for _ in range(2):
        assert_identical(ad.grad(f)(x, *fresh), expected)
        assert_identical(ad.grad(f)(x, *first), as_recorded(lambda: ad.grad(f)(x, *first)))


def test_an_index_out_of_bounds_fails_where_it_stands():
    places = np.array([0, 2, 4])

    def f(x):
        try:
            return np.sum(np.sin(x)[places] ** 2)
        except IndexError:
            return np.sum(x)

    for _ in range(4):
        ad.grad(f)(X)
    assert is_followed()
    places[1] = 6
    np.testing.assert_array_equal(ad.grad(f)(X), np.ones(6))


def test_what_may_fail_fails_where_it_stands():
    def f(a):
        try:
            return np.sum(np.linalg.inv(a) ** 2)
        except np.linalg.LinAlgError:
            return np.sum(a)

    for k in (1.0, 1.0, 1.0, 0.0):
        found = ad.grad(f)(np.array([[2.0, 0.0], [0.0, k]]))
        assert_identical(found, as_recorded(lambda k=k: ad.grad(f)(np.diag([2.0, k]))))
    np.testing.assert_array_equal(found, np.ones((2, 2)))


@pytest.mark.parametrize(
    "mistake",
    [
        lambda y: float(np.sum(y)),
        lambda y: np.linalg.matrix_exp(y) if hasattr(np.linalg, "matrix_exp") else np.msort(y),
        lambda y: y @ np.ones(5),
        lambda y: y + "1",
        lambda y: np.sum(y, axis=3),
        lambda y: y.reshape(4, 4),
        lambda y: y[7],
    ],
    ids=itertools.count(),
)
def test_a_mistake_is_told_as_ever(mistake):
    wrong = False

    def f(x):
        y = np.sin(x)
        return np.sum(mistake(y)) if wrong else np.sum(y * y)

    for _ in range(4):
        ad.grad(f)(X)
    wrong = True
    with pytest.raises(Exception) as now:  # noqa: PT011 - whatever it is
        ad.grad(f)(X)
    with pytest.raises(now.type) as ever:
        as_recorded(lambda: ad.grad(f)(X))
    assert str(now.value) == str(ever.value)


def test_assigning_into_arrays_is_recorded():
    assigns = False

    def f(x):
        y = np.sin(x)
        part = y[1:3]
        turned = np.stack([y, x]).T
        if assigns:
            part *= 3.0
            part[0] = x[0] * 2.0
            turned[2, 1] += x[3]
        return np.sum(part * part) + np.sum(turned)

    for k in (0, 0, 0, 1, 1, 0):
        assigns = k == 1
        assert_identical(ad.grad(f)(X), as_recorded(lambda: ad.grad(f)(X)))


def test_numbers_kept_beyond_the_call_are_refused_as_ever():
    kept = []

    def f(x):
        kept[:] = [x, np.sin(x)]
        return np.sum(kept[1] * x)

    for _ in range(4):
        ad.grad(f)(X)
        with pytest.raises(LeakedVariableError):
            kept[1] * 2.0
        with pytest.raises(LeakedVariableError):
            np.sin(kept[0])
        np.testing.assert_array_equal(kept[1].value, np.sin(X))
    assert is_followed()


def test_numbers_of_a_call_that_gave_no_gradient_are_refused_too():
    kept = []
    returns = np.sum

    def f(x):
        y = np.sin(x)
        kept[:] = [x, y]
        return returns(y * x)

    for _ in range(4):
        ad.grad(f)(X)
    returns = np.cos
    with pytest.raises(ad.AdvizError, match="an array of shape"):
        ad.grad(f)(X)
    for use in (lambda: kept[1] * kept[0], lambda: np.sin(kept[0]), lambda: kept[1] + 1.0):
        with pytest.raises(LeakedVariableError):
            use()


def test_aux_holds_numbers():
    def f(x):
        y = np.sin(x)
        return np.sum(y), {"y": y, "k": 3}

    for k in range(4):
        (value, aux), slope = ad.value_and_grad(f, has_aux=True)(X + k)
        assert (value, aux["k"]) == (np.sum(np.sin(X + k)), 3)
        np.testing.assert_array_equal(aux["y"], np.sin(X + k))
        np.testing.assert_array_equal(slope, np.cos(X + k))


def test_some_arguments_and_keywords():
    def f(a, b, *, c):
        return np.sum(a * np.exp(b * c))

    for k in range(4):
        a, b = X + k, X - k
        for argnums in (0, 1, (1, 0)):
            found = ad.grad(f, argnums)(a, b, c=0.5)
            expected = as_recorded(lambda a=a, b=b, n=argnums: ad.grad(f, n)(a, b, c=0.5))
            for one, other in zip(found, expected, strict=True):
                assert_identical(one, other)


# -- other derivatives ---------------------------------------------------------------------------


@pytest.mark.parametrize("derivative", [ad.jacfwd, ad.jacrev, ad.jacobian])
def test_jacobians_are_followed(derivative):
    a = np.cos(np.arange(12.0)).reshape(2, 6)

    def f(x):
        return np.tanh(a @ np.sin(x))

    for k in range(5):
        found = derivative(f)(X + k)
        assert_identical(found, as_recorded(lambda k=k: derivative(f)(X + k)))
    assert is_followed()


def test_a_jacobian_in_chunks_and_one_that_is_not_finite(monkeypatch):
    from adviz.calculus import vector_mode

    def f(x):
        return np.sqrt(x) * 2.0, np.sum(x)

    for room in (1 << 23, 8 * 40):
        monkeypatch.setattr(vector_mode, "_CHUNK_BYTES", room)
        for x in (X, X, X, X, np.arange(6.0)):
            found = ad.jacrev(f)(x)
            expected = as_recorded(lambda x=x: ad.jacrev(f)(x))
            for one, other in zip(found, expected, strict=True):
                assert_identical(one, other)


def test_sparse_jacobians_and_checkpoints_are_as_ever():
    f = lambda x: np.sin(x[1:]) * x[:-1]  # noqa: E731
    sparse = ad.jacobian(f, sparsity=True)
    saving = ad.grad(lambda x: np.sum(ad.checkpoint(lambda x: np.sin(np.sin(x) * x))(x)))
    for k in range(6):
        assert_identical(sparse(X + k).toarray(), as_recorded(lambda k=k: ad.jacobian(f)(X + k)))
        assert_identical(saving(X + k), as_recorded(lambda k=k: saving(X + k)))


@pytest.mark.parametrize(
    "f",
    [
        lambda x, a, k: a @ x,  # a product has no entry where the matrix has none
        lambda x, a, k: np.sin(x)[k] * x[:3],
        lambda x, a, k: np.where(a[0, :3] > 0.5, x[:3], x[3:]) ** 2,
        lambda x, a, k: x * x if k[0] else x * x[::-1],
    ],
    ids=["factors", "indices", "conditions", "operations"],
)
def test_the_pattern_of_a_sparse_jacobian_is_that_of_each_call(f):
    rng = np.random.default_rng(5)
    sparse, dense = ad.jacobian(f, sparsity=True), ad.jacobian(f)
    for _ in range(12):
        a, k = rng.integers(0, 2, (4, 3)) * 1.0, rng.integers(0, 2, 3)
        a = np.hstack([a, a[:, ::-1]])
        for _ in range(2):  # the second time nothing has changed
            expected = as_recorded(lambda a=a, k=k: dense(X, a, k))
            np.testing.assert_allclose(sparse(X, a, k).toarray(), expected, atol=1e-15)


def test_a_pattern_is_found_once_for_calls_that_are_followed(monkeypatch):
    found = []
    detected = sparse_jacobians.pattern_of
    monkeypatch.setattr(
        sparse_jacobians, "pattern_of", lambda trace: found.append(1) or detected(trace)
    )
    jacobian = ad.jacobian(lambda x: np.sin(x[1:]) * x[:-1], sparsity=True)
    for k in range(6):
        jacobian(X + k)
    assert len(found) == 1
    assert is_followed()


def test_a_sparse_jacobian_belongs_to_whoever_asked_for_it():
    jacobian = ad.jacobian(lambda x: x[1:] * x[:-1], sparsity=True)
    first = [jacobian(X) for _ in range(6)][-1]
    expected = first.toarray()
    for part in (first.data, first.indices, first.indptr):
        part[:] = 0
    np.testing.assert_array_equal(jacobian(X).toarray(), expected)


def test_the_rows_are_computed_once(monkeypatch):
    f = lambda x: np.sin(x) * x  # noqa: E731
    sparse = ad.jacobian(f, sparsity=True)
    derivatives = [
        lambda: ad.jvp(f, (X,), (X,)),
        lambda: ad.value_and_grad(lambda x: np.sum(f(x)))(X),
        lambda: ad.jacobian(f)(X),
        lambda: sparse(X),
    ]
    for derivative in derivatives:
        for _ in range(4):
            derivative()
    monkeypatch.setattr(FollowingTape, "compute", None)  # which would compute them one by one
    for derivative in derivatives:
        derivative()


def test_a_gradient_computes_no_value_that_it_does_not_need():
    for _ in range(4):
        ad.grad(lambda x: np.log(np.sum(x * x)))(X)
    (program,) = expectations()[0].programs.values()
    assert "log" not in program.program.source


def test_an_input_that_is_returned():
    for k in range(4):
        value, dot = ad.jvp(lambda x: x, (X + k,), (X,))
        np.testing.assert_array_equal((value, dot), (X + k, X))
        dot[:] = value[:] = -1.0  # which is nobody else's


def test_outputs_that_are_one_array_are_returned_as_two():
    def f(x):
        y = np.sin(x)
        return y, y, x

    for _ in range(4):
        values, _ = ad.jvp(f, (X,), (X,))
        for value in values:
            np.testing.assert_array_equal(value, np.sin(X) if value is not values[2] else X)
            value[:] = -1.0
    assert is_followed()


def test_tangents_and_values_are_those_of_the_call():
    f = lambda x: (np.sin(x), np.sum(x * x))  # noqa: E731
    for k in range(5):
        found = ad.jvp(f, (X + k,), (X,))
        expected = as_recorded(lambda k=k: ad.jvp(f, (X + k,), (X,)))
        for one, other in zip(found, expected, strict=True):
            assert_identical(one[0], other[0])
            assert one[1] == other[1]
    assert is_followed()


def test_a_tangent_that_is_a_number_may_differ_from_call_to_call():
    f = lambda w, b: np.sin(w * b)  # noqa: E731
    for k in range(8):
        t = (1.0, 0.5, -0.0, 1.0, 2.0, 3.0, 0.25, -1.0)[k]
        _, dot = ad.jvp(f, (X, 0.5), (X, t))
        assert_identical(dot, as_recorded(lambda t=t: ad.jvp(f, (X, 0.5), (X, t)))[1])
    assert is_followed()
    assert len(expectations()[0].programs) <= 2  # one for 1.0, and one for all other numbers


def test_an_output_may_be_a_number_that_nothing_reaches():
    with_constant = False

    def f(x):
        y = np.sin(x)
        return (y * y, np.full(2, 3.0)) if with_constant else (y * y, y)

    for k in range(8):
        with_constant = k > 3
        value, dot = ad.jvp(f, (X,), (X,))
        expected, slope = as_recorded(lambda: ad.jvp(f, (X,), (X,)))
        for found, other in zip((*value, *dot), (*expected, *slope), strict=True):
            assert_identical(found, other)


def test_a_derivative_inside_and_around():
    inner = ad.grad(lambda x: np.sum(np.sin(x) ** 3))
    outer = ad.grad(lambda x: np.sum(inner(x) * x))
    for k in range(5):
        np.testing.assert_allclose(
            outer(X + k), as_recorded(lambda k=k: outer(X + k)), rtol=1e-13, atol=1e-15
        )
        assert_identical(inner(X + k), as_recorded(lambda k=k: inner(X + k)))
        ad.hvp(lambda x: np.sum(np.sin(x) ** 3), (X,), (X,))


def test_whoever_listens_sees_every_row():
    gradient = ad.grad(lambda x: np.sum(np.sin(x) * x))
    for _ in range(4):
        gradient(X)
    rows, steps = [], []
    with ad.hooks(on_row=rows.append, on_adjoint=steps.append):
        gradient(X)
    assert [row.op for row in rows] == ["input", "sin", "mul", "sum"]
    assert len(steps) >= 3
    assert is_followed()


def test_nan_and_infinity_are_those_of_the_sweep():
    def f(x, y):
        return np.sum(np.sqrt(x) * y + np.log(x) / y + x**y + np.maximum(x, y))

    inputs = [
        tuple(map(np.array, pair))
        for pair in (
            ([1.0, 4.0], [1.0, 2.0]),
            ([0.0, 1.0], [0.0, 2.0]),
            ([-1.0, np.inf], [1.0, np.nan]),
            ([2.0, 2.0], [2.0, 2.0]),
        )
    ]
    for x, y in inputs[:1] * 3 + inputs[1:] + inputs[:1]:
        found = ad.grad(f, (0, 1))(x, y)
        for one, other in zip(
            found, as_recorded(lambda x=x, y=y: ad.grad(f, (0, 1))(x, y)), strict=True
        ):
            assert_identical(one, other)


def test_a_gradient_leaves_nothing_for_the_garbage_collector():
    gradient = ad.grad(lambda x: np.sum(np.sin(x) * np.ones((1000, 6))))
    for _ in range(3):
        gradient(X)
    gc.collect()
    gc.disable()
    try:
        gradient(X)
        assert is_followed()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_call_that_fails_leaves_the_next_as_it_is():
    fails = False

    def f(x):
        y = np.sin(x)
        if fails:
            raise KeyError("mine")
        return np.sum(y)

    for k in range(5):
        fails = k == 3
        with contextlib.suppress(KeyError):
            assert_identical(ad.grad(f)(X), np.cos(X))


def test_an_operation_that_a_user_defines_is_met_by_traces_that_were_expected():
    gradient = ad.grad(lambda x: np.sum(np.sin(x) * 2.0))
    for _ in range(3):
        assert_identical(gradient(X), 2.0 * np.cos(X))
    before = BY_UFUNC[np.sin]
    ad.define("steep_sin", np.sin, lambda a, v: 100.0 + 0.0 * a)
    try:
        for _ in range(3):
            np.testing.assert_array_equal(gradient(X), np.full(6, 200.0))
    finally:
        BY_UFUNC[np.sin] = before
        del ad.ELEMENTALS["steep_sin"]


def test_functions_met_long_ago_are_forgotten(monkeypatch):
    monkeypatch.setattr(plans, "_MAX_PLANS", 3)
    square = ad.grad(lambda x: np.sum(x * x))
    for n in range(1, 10):
        square(np.ones(n))
    assert len(expectations()) == 3


def test_a_transposed_product_behind_a_sum_is_the_same_to_the_last_bit():
    rng = np.random.default_rng(536)
    x, c = rng.normal(size=(40, 2)), np.broadcast_to(rng.normal(size=(1, 2)), (40, 2))
    gradient = ad.grad(lambda x: np.sum(np.sin(np.tanh(((x.T @ x) @ c.T).T))))
    for order in "CF":
        x = np.asarray(x, order=order)
        for _ in range(4):
            assert_identical(gradient(x), as_recorded(lambda x=x: gradient(x)))


def test_arrays_of_traced_numbers_meet_functions_that_need_floats():
    f = lambda x: np.linalg.det(np.array([[x[0], x[1]], [[x[2], 5.0][0], 5.0]]))  # noqa: E731
    slope = ad.grad(f)
    for k in range(30):
        x = np.array([2.0 + k, 1.0, 3.0])
        np.testing.assert_allclose(slope(x), [5.0, -x[2], -x[1]], atol=1e-12)


def test_an_array_is_written_into_where_its_gradient_was_planned():
    def f(x):
        x.flat[2] = 7.0
        return np.sum(np.concatenate([x, x]) ** 2)

    x = np.array([-5.0, -2.0, -1.0, -2.5])
    slope = ad.grad(f)
    for _ in range(25):
        ad.jvp(slope, (x,), (np.ones(4),))  # the plan of this begins as f does
        np.testing.assert_array_equal(slope(x), [-20.0, -8.0, 0.0, -10.0])


@pytest.mark.parametrize("view", [np.flip, np.rot90, lambda y: np.einsum("ij->ji", y), np.ravel])
def test_a_view_made_while_following_is_written_through(view):
    x = np.arange(1.0, 5.0).reshape(2, 2)

    def f(x, writes):
        y = x * 2.0
        part = view(y)
        if writes:
            part *= 3.0
        return np.sum(y * x)

    for _ in range(25):
        ad.grad(f)(x, False)
    np.testing.assert_array_equal(ad.grad(f)(x, True), 12 * x)
