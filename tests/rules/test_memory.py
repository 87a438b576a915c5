"""How arrays lie in memory: what is a view and what is a copy, as in plain NumPy."""

import copy
import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adviz as ad
from adviz.host.errors import BranchChangedError

X = np.arange(1.0, 7.0).reshape(2, 3)


def lying(array, random):
    """Return the same array as it may lie in memory: axes in any order, gaps, negative strides."""
    axes = random.sample(range(array.ndim), array.ndim)
    steps = [random.choice([1, 1, 2, 3, -1, -2]) for _ in range(array.ndim)]
    buffer = np.zeros([abs(step) * n for n, step in zip(array.shape, steps, strict=True)])
    buffer = buffer.transpose(axes).copy().transpose(np.argsort(axes))
    placed = buffer[tuple([slice(None, None, step) for step in steps])]
    placed[...] = array
    return placed


# -- chains of copies, views and writes ----------------------------------------------------------

COPIES = (
    *(lambda a, order=order: a.copy(order) for order in "CFAK"),
    *(lambda a, order=order: np.copy(a, order) for order in "CFAK"),
    *(lambda a, order=order: np.array(a, order=order) for order in "CFK"),
    *(lambda a, order=order: a.flatten(order) for order in "CFAK"),
    lambda a: a.copy(),
    copy.copy,
    copy.deepcopy,
    np.positive,
    lambda a: a * 2.0,
    lambda a: -a,
    lambda a: a + a.T.copy().T,
    lambda a: np.maximum(a, 2.5),
    lambda a: np.where(a > 2, a, 0.5),
    np.sort,
    lambda a: np.sort(a, 0),
    lambda a: np.partition(a, 0),
    lambda a: np.zeros_like(a) + a,
    lambda a: np.full_like(a, 0.25),
    lambda a: np.ones_like(a, order="F"),
    lambda a: a.astype(float) if a.dtype == float else a.copy("K"),
    lambda a: a.astype(float, order="C") if a.dtype == float else a.copy(),
    lambda a: np.concatenate([a, a]),
    lambda a: np.cumsum(a, 0),
    lambda a: np.tile(a, 2),
    lambda a: np.pad(a + 0.5, 1),
    lambda a: np.insert(a, 0, 1.5, 0),
    lambda a: np.delete(a + 0.5, 0, -1) if a.shape[-1] > 1 else a + 1.0,
    lambda a: np.roll(a, 1),
    lambda a: a[::-1].repeat(2, 0),
    lambda a: a[[0, -1]],
    lambda a: np.nan_to_num(a),
    lambda a: np.clip(a, 1.0, 4.0),
    lambda a: np.select([a > 2], [a], 0.5),
    lambda a: np.einsum("...i->...", a)[..., None],
    lambda a: np.einsum("...i,ji->...j", a, np.ones((2, a.shape[-1]), order="F")),
    lambda a: np.einsum("i...,j->j...i", a, [1.0, 2.0])[0],
    lambda a: np.einsum("i...,i...->...i", a, a) / 9.0,
)
VIEWS = (
    *(lambda a, order=order: a.ravel(order) for order in "CFAK"),
    *(lambda a, order=order: a.reshape(-1, order=order) for order in "CFA"),
    *(lambda a, order=order: a.reshape((-1, a.shape[0]), order=order) for order in "CFA"),
    lambda a: a.reshape((2, -1)) if a.size % 2 == 0 else a,
    np.ravel,
    lambda a: a.T,
    lambda a: a.swapaxes(0, -1),
    lambda a: np.moveaxis(a, 0, -1),
    lambda a: a[0] if a.ndim > 1 else a,
    lambda a: a[1:],
    lambda a: a[..., ::2],
    lambda a: a[::-1],
    lambda a: a[None],
    np.squeeze,
    np.flip,
    lambda a: np.rot90(a) if a.ndim > 1 else a,
    np.atleast_2d,
    lambda a: a.real,
    lambda a: a.conj(),
    lambda a: a.astype(float, copy=False) if a.dtype == float else a,
    lambda a: np.split(a, [1])[-1],
    lambda a: np.einsum("...ij->...ji", a) if a.ndim > 1 else a,
    lambda a: np.asarray(a)[...].T.T if type(a) is np.ndarray else a,
)


def _into(operate):
    def write(a, number):
        operate(a, number)
        return a

    return write


def _swapped(a, number):
    a *= np.cos(np.arange(float(a.size))).reshape(a.shape[::-1]).T
    return a


def _by_part(a, number):
    a[..., :1] += number * a[..., -1:]
    return a


def _by_modulus(a, number):
    a %= 2.0 + number
    return a


def _through_product(a, number):
    if a.ndim != 2:
        return a
    a @= np.full((a.shape[1], a.shape[1]), number)
    return a


WRITES = (
    _into(lambda a, number: a.__setitem__(..., number)),
    _into(lambda a, number: a.__setitem__(0, number)),
    _into(lambda a, number: a.__setitem__((..., -1), a[..., 0] * number)),
    _into(lambda a, number: a.flat.__setitem__(a.size // 2, number)),
    _into(lambda a, number: a.flat.__setitem__(slice(None, 2), number)),
    _into(lambda a, number: a.ravel().__setitem__(0, number)),
    _into(lambda a, number: a.reshape(-1).__setitem__(-1, number)),
    _into(lambda a, number: a.ravel("K").__setitem__(0, number)),
    _into(lambda a, number: a.T.reshape(-1).__setitem__(0, number)),
    _into(lambda a, number: a.fill(number)),
    _into(lambda a, number: a.sort(0)),
    _into(lambda a, number: np.copyto(a, number * a)),
    _into(lambda a, number: np.put(a, [0, -1], number)),
    _into(lambda a, number: np.add.at(a, 0, number)),
    _into(lambda a, number: np.nan_to_num(a, copy=False)),
    _into(lambda a, number: a.__iadd__(number)),
    _into(lambda a, number: a.__imul__(number)),
    _into(lambda a, number: a.__itruediv__(a[:1] + 9.0)),
    _swapped,
    _by_part,
    _by_modulus,
    _through_product,
)
KINDS = {"copy": COPIES, "view": VIEWS, "write": WRITES}


def chain(seed):
    """Return a function that makes a chain of copies, views and writes, and returns all it made.

    What is a stale view, made before another name of the same memory was written into, is dropped:
    a traced function that uses one is refused.
    """

    def run(x):
        chosen = random.Random(seed)
        arrays, owners = [x], [0]  # by array, the number of the memory that it shows
        for _ in range(chosen.randint(2, 9)):
            k = chosen.randrange(len(arrays))
            kind = chosen.choice(["copy", "view", "view", "write", "write"])
            act = chosen.choice(KINDS[kind])
            if kind == "write":
                number = chosen.choice([0.5, 7.0, -1.5])
                act(arrays[k], number)
                keep = [j for j in range(len(arrays)) if owners[j] != owners[k] or j in (0, k)]
            else:
                arrays.append(act(arrays[k]))
                owners.append(owners[k] if kind == "view" else max(owners) + 1)
                keep = range(len(arrays))
            arrays, owners = [arrays[j] for j in keep], [owners[j] for j in keep]
        return tuple([np.copy(array) for array in arrays])

    return run


def started(seed, shape, random):
    """Return a chain, an array as it may lie in memory, and what plain NumPy makes of it.

    None where NumPy cannot do it (with an array of no entries, say), or a view is used after its
    array has been assigned into, which is refused.
    """
    x = lying(np.random.default_rng(seed).normal(size=shape) * 3.0, random)
    run, before = chain(seed), x.copy()
    try:
        plain = run(x)
    except (IndexError, ValueError):
        return None
    finally:
        x[...] = before
    try:
        ad.trace(run, x)
    except ad.AdvizError as error:
        if "before the array was assigned" in str(error) or "has no derivative" in str(error):
            return None
        raise
    return run, x, plain


shapes = st.sampled_from([(4,), (2, 3), (3, 3), (1, 4), (2, 1, 3), (2, 3, 2)])
seeds = st.integers(0, 2**32)
randoms = st.randoms(use_true_random=False)


@settings(deadline=None)
@given(seeds, shapes, randoms)
def test_chains_of_copies_views_and_writes(seed, shape, random):
    case = started(seed, shape, random)
    if case is None:
        return
    run, x, plain = case
    before = x.copy()
    for traced in (ad.trace(run, x).value, ad.compile(run)(x)):
        for of_trace, of_numpy in zip(traced, plain, strict=True):
            np.testing.assert_allclose(np.float64(of_trace), of_numpy, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(x, before)  # it is the user's


@pytest.mark.slow
@settings(deadline=None, max_examples=settings().max_examples // 4)
@given(seeds, shapes, randoms)
def test_derivatives_of_chains_in_every_memory_order(seed, shape, random):
    case = started(seed, shape, random)
    if case is None:
        return
    run, x, _ = case

    def f(x):
        return sum(np.sum(np.sin(k + 1.0) * a * a) for k, a in enumerate(run(x)))

    compiled, gradient = ad.compile(f), ad.grad(f)
    tangent = np.random.default_rng(seed).normal(size=shape)
    orders = [x, np.ascontiguousarray(x), np.asfortranarray(x), lying(x, random)]
    for k in range(24):
        x = orders[k % 4]
        value = f(x.copy("K")) if x.flags.forc else f(_alike(x))
        value_and_slope = compiled.value_and_grad(x)
        np.testing.assert_allclose(value_and_slope[0], value, rtol=1e-9, atol=1e-9)
        slope = gradient(x)
        np.testing.assert_allclose(value_and_slope[1], slope, rtol=1e-9, atol=1e-9)
        if k < 4:
            pushed = ad.jvp(f, (x,), (tangent,))
            np.testing.assert_allclose(pushed[0], value, rtol=1e-9, atol=1e-9)
            np.testing.assert_allclose(pushed[1], np.sum(slope * tangent), rtol=1e-7, atol=1e-7)
            twice = ad.jvp(gradient, (x,), (tangent,))[0]
            np.testing.assert_allclose(twice, slope, rtol=1e-9, atol=1e-9)


def _alike(x):
    """Return a copy that lies in memory as an array does, gaps and negative strides included."""
    flipped = tuple([slice(None, None, -1 if stride < 0 else 1) for stride in x.strides])
    span = sum(abs(s) * (n - 1) for s, n in zip(x.strides, x.shape, strict=True)) // x.itemsize
    place = np.zeros(span + 1)
    alike = np.lib.stride_tricks.as_strided(place, x.shape, np.abs(x.strides))[flipped]
    alike[...] = x
    return alike


# -- cases ---------------------------------------------------------------------------------------


def overwritten(x):
    """A function whose value depends on the memory order of its argument."""
    y = x * 1.0
    y.ravel()[0] = 9.0
    return np.sum(y * y)


def test_a_program_serves_the_memory_order_that_it_was_recorded_for():
    rows = np.arange(1.0, 7.0).reshape(2, 3)
    columns = np.asfortranarray(rows)
    assert overwritten(rows) != overwritten(columns)
    compiled = ad.compile(overwritten, rows)
    gradient = ad.grad(overwritten)
    for _ in range(20):
        for x in (rows, columns, rows[:, ::-1]):
            assert compiled(x) == overwritten(x)
            is_view = x is not columns
            np.testing.assert_array_equal(gradient(x)[0, 0], 0.0 if is_view else 2 * x[0, 0])
            np.testing.assert_array_equal(compiled.grad(x), gradient(x))


def test_a_replay_is_refused_where_other_arrays_are_views():
    rows = np.arange(1.0, 7.0).reshape(2, 3)
    trace = ad.trace(overwritten, rows)
    assert trace.replay(2 * rows).value == overwritten(2 * rows)
    with pytest.raises(BranchChangedError, match="memory in another order"):
        trace.replay(np.asfortranarray(rows))
    columns = np.asfortranarray(rows)
    assert ad.trace(lambda x: np.sum(x.T @ x), rows).replay(columns).value == np.sum(rows.T @ rows)


CONTRACTIONS = ["ij,kj->ik", "ij,kj->ki", "ij,ij->ji", "ij,kl->ljk", "ij,kj,il->lk"]


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("subscripts", CONTRACTIONS)
def test_a_contraction_lies_in_memory_as_numpy_leaves_it(subscripts, optimize):
    def f(*xs):
        y = np.einsum(subscripts, *xs, optimize=optimize)
        y.ravel()[0] = 9.0  # which reaches y where ravel is a view of it
        return np.sum(y * np.cos(np.arange(float(y.size))).reshape(y.shape))

    rng = np.random.default_rng(0)
    count = subscripts.count(",") + 1
    xs = [rng.normal(size=(3, 3)) for _ in range(count)]
    compiled, gradient = ad.compile(f), ad.value_and_grad(f)
    for orders in itertools.product("CF", repeat=count):
        lying_so = [np.array(x, order=order) for x, order in zip(xs, orders, strict=True)]
        for value in (compiled(*lying_so), gradient(*lying_so)[0]):
            np.testing.assert_allclose(value, f(*lying_so), rtol=1e-12)


SEEMING_VIEWS = [
    "x[:, :1].prod(1)",
    "np.prod(x, axis=())",
    "np.multiply.reduce(x[:1], 0, keepdims=True)",
    "np.cumprod(x[:, :1], 1)",
    "np.clip(x, None, None)",
    "np.select([x > 2], [x], x)",
    "np.conj(x)",
    "x.conj()",
    "x.T.conjugate()",
]


@pytest.mark.parametrize("made", SEEMING_VIEWS)
def test_a_write_reaches_what_numpy_makes_it_reach(made):
    def f(x):
        x = x * 1.0
        y = eval(made, {"np": np, "x": x})
        y.ravel("K")[:2] += 3.0
        return x, 1.0 * y

    for x in (X, np.asfortranarray(X), X[::-1]):
        for found, plain in zip(ad.trace(f, x).value, f(x), strict=True):
            np.testing.assert_array_equal(found, plain)


def test_in_place_operators_change_every_name_of_an_array():
    def f(x):
        y, z = x * 1.0, x * 3.0
        same = y
        same %= 2.0
        same @= np.ones((3, 3))
        z //= 2.0
        return y, same, z

    for found, plain in zip(ad.trace(f, X).value, f(X), strict=True):
        np.testing.assert_array_equal(found, plain)


def test_what_asarray_shares_in_numpy_is_written_into():
    def f(x):
        y = np.asarray(x)
        y[0] = 0.0
        return np.sum(x)

    assert ad.trace(f, X).value == f(X.copy())
    assert np.array_equal(ad.grad(f)(X), [[0.0] * X.shape[1], [1.0] * X.shape[1]])


def test_a_view_that_is_returned_or_compared_after_the_assignment_is_refused():
    def returned(x):
        y = x * 1.0
        row = y[0]
        y[0] = 5.0
        return row

    def compared(x):
        y = x * 1.0
        row = y[0]
        y[0] = -5.0
        return np.sum(x) * (1.0 if np.any(row > 0) else 2.0)

    for f in (returned, compared):
        with pytest.raises(ad.AdvizError, match="before the array was assigned into"):
            ad.trace(f, X)
        with pytest.raises(ad.AdvizError, match="before the array was assigned into"):
            ad.vjp(f, X)


def test_orders_of_flatten_put_and_diagonal_views():
    def f(x):
        y = x.T.copy()
        np.put(y, [0, -1], [7.0, 8.0])
        np.put(y, [7, -20], 0.5, mode="wrap")
        np.einsum("ii->i", y[:2])[:] = 3.0
        y.real[2] = 4.0
        np.rot90(y)[0, 0] = 1.5
        return y, y.flatten("F"), y.flatten("K"), y.ravel("A"), y.reshape(2, 3, order="A")

    for x in (X, np.asfortranarray(X), X[::-1]):
        for found, plain in zip(ad.trace(f, x).value, f(x), strict=True):
            np.testing.assert_array_equal(found, plain)
    x = np.asfortranarray(X)
    assert ad.trace(lambda x: np.sum(x) * x.strides[0] * x.flags.fnc, x).value == np.sum(x) * 8


STEPS = ["np.round(v, out=v)", "np.fix(v, v)", "np.isneginf(v, out=v)", "v.round(out=v)"]


@pytest.mark.parametrize("statement", STEPS)
def test_steps_are_not_written_into_a_traced_array(statement):
    def f(x):
        v = x * 1.0
        exec(statement)
        return np.sum(v * v)

    with pytest.raises(ad.AdvizError, match=r"out=|np\.stack"):
        ad.grad(f)(np.array([1.3, 1.6]))


@pytest.mark.parametrize("statement", STEPS)
def test_steps_are_written_into_an_array_that_the_function_makes(statement):
    def f(x):
        v = np.array([x[0], x[1]])
        w = v[:1]
        exec(statement.replace("(v, v)", "(v, out=v)"))
        return np.sum(v * x) + w[0]

    x = np.array([1.3, 1.6])
    steps, value = np.zeros(2), ad.trace(f, x).value
    np.testing.assert_array_equal(value, f(x))
    steps[:] = [(f(x + e) - f(x - e)) / 2e-6 for e in 1e-6 * np.eye(2)]
    np.testing.assert_allclose(ad.grad(f)(x), steps, atol=1e-8)


IN_PLACE = {
    "np.nan_to_num(v, copy=False)": ([2.0, 0.0], [4.0, 0.0]),
    "np.nan_to_num(x=v[1:], copy=False, nan=v[0])": ([2.0, 2.0], [8.0, 0.0]),
    "np.real(v)[:1] = 3.0; v[1] = v[0]": ([3.0, 3.0], [0.0, 0.0]),
    "np.real_if_close(v)[1] = v[0] * v[0]": ([2.0, 4.0], [36.0, 0.0]),
}
"""Statements on v = [2, nan], what is in v then, and the slopes of the sum of its squares."""


@pytest.mark.parametrize("made", ["np.array([x[0], x[1]])", "x * 1.0"])
@pytest.mark.parametrize("statement", IN_PLACE)
def test_a_function_that_returns_its_argument_changes_collected_numbers_too(made, statement):
    def f(x):
        v = eval(made)
        exec(statement)
        return v

    values, slopes = IN_PLACE[statement]
    x = np.array([2.0, np.nan])
    np.testing.assert_array_equal(f(x), values)
    np.testing.assert_array_equal(np.stack([*ad.trace(f, x).value]), values)
    np.testing.assert_array_equal(ad.grad(lambda x: np.sum(f(x) ** 2))(x), slopes)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (2, 6, 2)])
def test_differences_lie_in_memory_as_the_array_does(shape, order):
    def f(x):
        slopes = np.gradient(x, axis=0)
        slopes.ravel()[0] = 0.5  # a view or a copy, as the slopes lie
        return np.sum(slopes * slopes)

    x = np.asarray(np.random.default_rng(0).normal(size=shape), order=order)
    assert ad.trace(f, x).value == ad.compile(f, np.ones(shape))(x) == f(x)


@pytest.mark.parametrize("function", [np.take, np.round])
@pytest.mark.parametrize("way", ["keyword", "position", "method"])
def test_a_plain_array_is_not_left_unwritten(function, way):
    """As long as nothing can be written into it: no derivative of zeros instead."""
    outside = np.zeros(2)

    def f(x):
        where = [0, 1] if function is np.take else 1
        if way == "position":
            function(x, where, *([None] if function is np.take else []), outside)
        elif way == "keyword":
            function(x, where, out=outside)
        else:
            getattr(x, function.__name__)(where, out=outside)
        return np.sum(x * outside)

    with pytest.raises(ad.AdvizError, match="out="):
        ad.grad(f)(np.array([1.5, 2.5]))
