"""Generated code for sweeps gives the numbers of the sweep itself, to the last bit."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adviz as ad
from adviz.core.variable import Variable
from adviz.fast import plans, repeated_sweeps
from adviz.rules.array_rules import RULES
from tests.code.test_compile import assert_identical
from tests.rules.test_arrays import drawn, every_case


def start_anew(monkeypatch):
    """Write code at the first sweep, and forget that of other tests."""
    monkeypatch.setattr(repeated_sweeps, "_SWEEPS_BEFORE_CODE", 0)
    monkeypatch.setattr(repeated_sweeps, "_counts", {})
    monkeypatch.setattr(repeated_sweeps, "_codes", {})
    monkeypatch.setattr(plans, "_plans", {})


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    start_anew(monkeypatch)


def from_row_to_row(compute):
    """What is computed of traces that are recorded, by sweeps that write no code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeated_sweeps, "_run_code", lambda *_: None)
        patch.setattr(plans, "_plans", {})
        return compute()


def swept_by_rows(f, inputs, argnums):
    """The gradient by the sweep from row to row."""
    return from_row_to_row(lambda: ad.grad(f, argnums)(*inputs))


@pytest.fixture
def nothing_is_followed(monkeypatch):
    """Have every trace recorded row by row."""
    monkeypatch.setattr(repeated_sweeps, "make_plan", lambda function, tape: False)


def codes():
    return list(repeated_sweeps._codes.values())


@pytest.mark.parametrize("follows", [True, False])
@every_case
def test_the_gradient_of_every_function_is_that_of_the_sweep_from_row_to_row(
    case, follows, request
):
    if not follows:
        request.getfixturevalue("nothing_is_followed")

    def f(*inputs):
        return np.sum(np.cos(case.call(*inputs)) + case.call(*inputs) * 0.5)

    argnums = tuple(range(len(case.shapes)))
    for seed in (0, 0, 0, 1, 2):
        inputs = drawn(case, seed)
        assert_identical(ad.grad(f, argnums)(*inputs), swept_by_rows(f, inputs, argnums))


@every_case
def test_the_tangent_and_both_jacobians_are_those_of_sweeps_from_row_to_row(case):
    def f(*inputs):
        return np.cos(case.call(*inputs)) * 0.5

    argnums = tuple(range(len(case.shapes)))
    for seed in (0, 0, 1):
        inputs = drawn(case, seed)
        directions = tuple(np.cos(x) for x in inputs)
        for compute in (
            lambda: ad.jvp(f, inputs, directions),  # noqa: B023 - called at once
            lambda: ad.jacfwd(f, argnums)(*inputs),  # noqa: B023
            lambda: ad.jacrev(f, argnums)(*inputs),  # noqa: B023
        ):
            assert_identical(compute(), from_row_to_row(compute))


ROWS = {
    "add": lambda a, b, c, k: a + b,
    "sub": lambda a, b, c, k: a - b[:1],
    "mul": lambda a, b, c, k: a * b,
    "shifted": lambda a, b, c, k: a + k,
    "scaled": lambda a, b, c, k: k * a,
    "weighted": lambda a, b, c, k: c * a,
    "turned": lambda a, b, c, k: (a @ c.T) @ np.tanh(b),
    "sin": lambda a, b, c, k: np.sin(a),
    "power": lambda a, b, c, k: (a * a + 0.5) ** k,
    "centred": lambda a, b, c, k: a - np.mean(a, axis=0, keepdims=True),
    "largest": lambda a, b, c, k: np.max(a, axis=1, keepdims=True) * b,
    "part": lambda a, b, c, k: b * a[k % 3],
    "column": lambda a, b, c, k: a + b[:, k % 3][:, None],
    "chosen": lambda a, b, c, k: a[c[0].argsort()],
    "kept": lambda a, b, c, k: np.where(c > 0.0, a, b),
    "larger": lambda a, b, c, k: a if np.sum(a) > np.sum(b) else b,
    "stacked": lambda a, b, c, k: np.concatenate([a[:1], b[1:]]),
    "turned round": lambda a, b, c, k: a.T + b,
    "assigned": lambda a, b, c, k: assigned(a, b[k % 3], k),
    "added in place": lambda a, b, c, k: added_in_place(a, b, k),
    "looked at": lambda a, b, c, k: a * len(repr(b)) if k == 2 else a,
    "wrong": lambda a, b, c, k: a if fails(lambda: float(b)) else b,
}


def assigned(a, b, k):
    a = np.copy(a)
    a[k % 3] = b
    return a


def added_in_place(a, b, k):
    a = np.copy(a)
    part = a[k % 3 :]
    part += b[k % 3 :]
    return a


def fails(action):
    with contextlib.suppress(ad.AdvizError):
        action()
        return False
    return True


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.sampled_from(sorted(ROWS)), *[st.integers(0, 3)] * 3), max_size=7),
    st.integers(0, 3),
)
@settings(max_examples=3 * settings().max_examples, deadline=None)
def test_no_program_is_taken_for_another(steps, seed):
    """All of them share one memory of kinds; constants, branches and indices follow the seed."""
    c = np.random.default_rng(seed).normal(size=(3, 3))

    def f(a, b):
        made = [a, b]
        for name, left, right, k in steps:
            made.append(ROWS[name](made[-1 - left % len(made)], made[right % len(made)], c, k))
        return np.sum(made[-1] * made[len(made) // 2])

    inputs = (np.cos(c), np.sin(c + 1.0))
    with np.errstate(all="ignore"):
        for _ in range(2):
            found, expected = ad.grad(f, (0, 1))(*inputs), swept_by_rows(f, inputs, (0, 1))
            assert_identical(found, expected)


@pytest.mark.usefixtures("nothing_is_followed")
def test_code_is_written_once_for_traces_that_are_alike():
    w = np.linspace(0.1, 1.0, 4)
    gradient = ad.grad(lambda w, x: np.mean(np.tanh(x * w)))
    for k in range(5):
        gradient(w, np.linspace(-k, k, 4))
    (code,) = codes()
    assert "tanh" not in code.program.source  # it is the sweep alone
    gradient(np.ones((2, 2)), w.reshape(2, 2))
    assert len(codes()) == 2  # another shape is another kind


def test_constants_indices_and_conditions_may_differ_from_call_to_call():
    rng = np.random.default_rng(0)
    w = rng.normal(size=(6, 3))

    def loss(w, x, labels, keep):
        scores = np.where(keep, x @ w, -1.0)
        return np.mean(scores[np.arange(5), labels] ** 2) + np.sum(scores[:, labels[0]])

    for _ in range(6):
        others = (rng.normal(size=(5, 6)), rng.integers(0, 3, 5), rng.random((5, 3)) > 0.4)
        expected = swept_by_rows(lambda w, o=others: loss(w, *o), (w,), 0)
        assert_identical(ad.grad(loss)(w, *others), expected)


def test_the_same_index_at_two_places_may_be_two_at_the_next_call():
    w = np.arange(1.0, 7.0)

    def loss(w, first, second):
        return np.sum(np.sin(w[first]) * w[second])

    a, b = np.array([0, 1, 2]), np.array([3, 3, 5])
    for first, second in ((a, a), (a, a), (a, b), (b, a)):
        expected = swept_by_rows(lambda w, i=first, j=second: loss(w, i, j), (w,), 0)
        assert_identical(ad.grad(loss)(w, first, second), expected)


def test_the_same_constant_at_two_places_may_be_two_at_the_next_call():
    w, a, b = np.arange(3.0), np.array([1.0, 2.0, 3.0]), np.array([0.0, -1.0, 5.0])

    def loss(w, first, second):
        return np.sum(w * first * np.exp(w * second))

    for first, second in ((a, a), (a, a), (a, b), (b, a)):
        expected = swept_by_rows(lambda w, p=first, q=second: loss(w, p, q), (w,), 0)
        assert_identical(ad.grad(loss)(w, first, second), expected)


def test_a_mask_that_lets_more_through_is_another_kind():
    x = np.linspace(-1.0, 1.0, 5)

    def loss(x, limit):
        return np.sum(x[x > limit] ** 3)

    for limit in (0.0, 0.0, 0.0, -0.7, 0.7, 0.0, 2.0):
        expected = swept_by_rows(lambda x, limit=limit: loss(x, limit), (x,), 0)
        assert_identical(ad.grad(loss)(x, limit), expected)


@pytest.mark.parametrize("constant", [0.0, -0.0, 1.0, 2.0, True, 0, 1, 2, 3, np.float32(2.0)])
def test_constants_are_told_apart(constant):
    x = np.array([0.5, 2.0])

    def with_slot_one(x):  # 1 is a slot, 1.0 a constant
        return np.sum((x * x) * (x + x))

    def with_constant(x):
        return np.sum((x * x) * constant)

    for _ in range(3):
        assert_identical(ad.grad(with_slot_one)(x), swept_by_rows(with_slot_one, (x,), 0))
        assert_identical(ad.grad(with_constant)(x), swept_by_rows(with_constant, (x,), 0))


def test_a_branch_taken_by_the_values_is_swept_as_it_was_taken():
    def f(x):
        return np.sum(np.sin(x)) if np.sum(x) > 0 else np.sum(np.cos(x))

    for _ in range(3):
        for x in (np.ones(3), -np.ones(3)):
            assert_identical(ad.grad(f)(x), np.cos(x) if x[0] > 0 else -np.sin(x))


def test_infinities_and_nans_are_those_of_the_sweep():
    def f(x, y):
        return np.sum(np.sqrt(x) * y + np.log(x) / y + x**y)

    for _ in range(3):
        for x, y in (([0.0, 1.0], [0.0, 2.0]), ([1.0, 4.0], [0.0, 0.0]), ([-1.0, 0.0], [1.0, 3.0])):
            inputs = (np.array(x), np.array(y))
            expected = swept_by_rows(f, inputs, (0, 1))
            assert_identical(ad.grad(f, (0, 1))(*inputs), expected)


def test_nothing_is_written_for_what_a_user_may_change():
    slope = 0.1
    bent = ad.define("bent", lambda a: np.where(a > 0, a, slope * a), lambda a, v: slope + 0 * a)
    try:
        x = np.array([-1.0, 2.0])
        for slope in (0.1, 0.2, 0.3, 0.4):
            np.testing.assert_allclose(ad.grad(lambda x: np.sum(bent(x)))(x), slope)
    finally:
        del ad.ELEMENTALS["bent"]

    @ad.custom(vjp=lambda x, v, bar: bar * scale)
    def scaled(x):
        return x * scale

    for scale in (1.0, 2.0, 3.0):
        np.testing.assert_array_equal(ad.grad(lambda x: np.sum(scaled(x)))(x), [scale, scale])


def test_a_gradient_may_be_written_into_and_leaves_the_next_as_it_is():
    x = np.linspace(0.0, 1.0, 3)
    for f in (lambda x: np.sum(np.exp(x)), lambda x: np.sum(x), lambda x: np.sum(x * 1.0) + x[0]):
        expected = swept_by_rows(f, (x,), 0)
        for _ in range(4):
            found = ad.grad(f)(x)
            assert_identical(found, expected)
            found += 1.0
        _, pull = ad.vjp(f, x)
        for _ in range(3):
            (first,) = pull(2.0)
            np.testing.assert_allclose(first, 2 * expected)
            first *= 0.0


def test_a_seed_of_zero_reaches_nothing_though_a_partial_is_infinite():
    _, pull = ad.vjp(lambda x: (np.sqrt(x), np.sum(x)), np.array([0.0, 4.0]))
    for _ in range(3):
        (found,) = pull((np.zeros(2), 1.0))
        np.testing.assert_array_equal(found, [1.0, 1.0])
        (found,) = pull((np.ones(2), 1.0))
        np.testing.assert_array_equal(found, [np.inf, 1.25])


def test_an_index_in_a_jacobian_may_differ_from_call_to_call():
    w = np.arange(1.0, 7.0)
    for places in ([0, 1], [0, 1], [3, 3], [5, 0]):
        expected = np.zeros((2, 6))
        expected[[0, 1], places] = 2 * w[places]
        for jacobian in (ad.jacfwd, ad.jacrev):
            found = jacobian(lambda w, p=places: w[np.array(p)] ** 2)(w)
            np.testing.assert_array_equal(found, expected)


def test_a_constant_that_f_writes_into_counts_as_it_was_when_it_was_used():
    x = np.array([0.5, 2.0])

    def f(x):
        buffer, total = np.zeros(2), 0.0
        for k in range(3):
            buffer[:] = k + np.arange(2.0)
            total = total + np.sum(np.sin(x * buffer))
        buffer[:] = np.nan
        return total

    weights = np.arange(3)[:, None] + np.arange(2.0)
    for _ in range(3):
        np.testing.assert_allclose(ad.grad(f)(x), np.sum(weights * np.cos(x * weights), axis=0))


def test_an_array_that_f_assigns_into_is_swept_as_it_was_assigned():
    x = np.array([0.5, 2.0, 3.0])

    def f(x):
        y = np.zeros_like(x)
        for k in range(3):
            y[k] = x[k] * x[0]
        y[1:] *= 2.0
        return np.sum(y * y)

    for _ in range(3):
        assert_identical(ad.grad(f)(x), swept_by_rows(f, (x,), 0))


@pytest.mark.usefixtures("nothing_is_followed")
@pytest.mark.parametrize("error", [TypeError, ad.AdvizError])
def test_a_rule_that_cannot_be_traced_is_swept_from_row_to_row(monkeypatch, error):
    def refusing(bar, v, a, axis):
        if isinstance(bar, Variable):
            raise error("plain numbers only")
        return np.flip(np.cumsum(np.flip(bar, axis), axis), axis)

    monkeypatch.setattr(RULES["cumsum"], "pull", (refusing,))
    for _ in range(3):
        found = ad.grad(lambda x: np.sum(np.cumsum(x)))(np.ones(3))
        np.testing.assert_array_equal(found, [3.0, 2.0, 1.0])
    assert codes() == [None]


def test_nested_derivatives_and_watched_ones_need_no_code():
    x = np.array([0.3, 0.7])
    f = lambda x: np.sum(np.sin(x) * x)  # noqa: E731
    expected = np.diag(2 * np.cos(x) - x * np.sin(x))
    for _ in range(3):
        np.testing.assert_allclose(ad.hessian(f)(x), expected, atol=1e-15)
        steps = []
        with ad.hooks(on_adjoint=steps.append):
            ad.grad(f)(x)
        assert [step.row.op for step in steps][:2] == ["sum", "mul"]


@pytest.mark.usefixtures("nothing_is_followed")
def test_code_that_was_not_used_for_long_is_forgotten(monkeypatch):
    monkeypatch.setattr(repeated_sweeps, "_MAX_SIGNATURES", 4)
    for n in range(1, 20):
        ad.grad(lambda x: np.sum(x * x))(np.ones(n))
    assert len(codes()) == 4


@pytest.mark.usefixtures("nothing_is_followed")
def test_signatures_seen_once_push_no_code_out(monkeypatch):
    monkeypatch.setattr(repeated_sweeps, "_MAX_SIGNATURES", 4)
    monkeypatch.setattr(repeated_sweeps, "_SWEEPS_BEFORE_CODE", 2)
    square = ad.grad(lambda x: np.sum(x * x))
    for _ in range(3):
        square(np.ones(50))
    (code,) = codes()
    for n in range(1, 20):
        square(np.ones(n))
    assert codes() == [code]
    assert len(repeated_sweeps._counts) == 4
