"""Sparse Jacobians: the pattern found in a trace, its coloring, as many sweeps as colors."""

import itertools
import sys

import numpy as np
import pytest
from scipy import integrate, optimize, sparse

import adviz as ad
from adviz.calculus import coloring as calculus_coloring
from adviz.calculus.coloring import cheapest_coloring, coloring
from adviz.host.errors import InputError, MissingPackageError, UnsupportedOperationError
from adviz.host.nests import leaves
from tests.rules.test_arrays import drawn, every_case


def broyden(x):
    around = np.pad(x, 1)
    return (3 - 2 * x) * x - around[:-2] - 2 * around[2:] + 1


def broyden_of_numbers(x):
    n = len(x)
    return [
        (3 - 2 * x[i]) * x[i] - (x[i - 1] if i else 0) - (2 * x[i + 1] if i < n - 1 else 0) + 1
        for i in range(n)
    ]


def assigned(x):
    y = x * x
    y[2] = x[0] * x[1]
    y[:2] = 1.0
    return y


A = np.array([[1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
X = np.array([0.3, -0.7, 1.1, 0.4])

# Each function with the pattern of its Jacobian at X.
PATTERNS = {
    "diagonal": (lambda x: np.tanh(x), np.eye(4)),
    "arrow": (
        lambda x: np.concatenate([x[:1] * np.sum(x), x[1:] * x[0]]),
        [[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]],
    ),
    "banded": (lambda x: x[1:] * x[:-1], np.eye(3, 4) + np.eye(3, 4, 1)),
    "blocks": (
        lambda x: np.sum(np.exp(x.reshape(2, 2)), axis=1) ** 2,
        [[1, 1, 0, 0], [0, 0, 1, 1]],
    ),
    "running sums": (np.cumsum, np.tri(4)),
    "sparse matrix": (lambda x: A @ np.sin(x), A != 0),
    "einsum": (lambda x: np.einsum("ij,j,j->i", A, x, x), A != 0),
    "both sides": (lambda x: (x.reshape(2, 2) @ x.reshape(2, 2))[0], [[1, 1, 1, 0], [1, 1, 0, 1]]),
    "greatest": (lambda x: np.max(x.reshape(2, 2), axis=0), [[1, 0, 1, 0], [0, 1, 0, 1]]),
    "fancy index": (lambda x: x[[3, 0, 0]] * 2, np.eye(4)[[3, 0, 0]]),
    "a branch": (lambda x: x[:2] if x[0] > 0 else x[2:], np.eye(2, 4)),
    "where": (lambda x: np.where(x > 0, x, x[0] * x), np.eye(4) + np.eye(4)[:, [0]] @ [[0] * 4]
              + np.outer(X <= 0, [1, 0, 0, 0])),
    "assignment": (assigned, [[0] * 4, [0] * 4, [1, 1, 0, 0], [0, 0, 0, 1]]),
    "broadcast": (lambda x: x[:, None][:2] * x[None, :2],
                  [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0]]),
    "constant": (lambda x: [x[0] * 0 + x[1], 3.0], [[1, 1, 0, 0], [0, 0, 0, 0]]),
    "solve": (lambda x: np.linalg.solve(np.eye(2), x[:2]), [[1, 1, 0, 0], [1, 1, 0, 0]]),
    "checkpoint": (ad.checkpoint(lambda x: x[:2] * 2), [[1, 1, 1, 1]] * 2),
    "complex": (lambda x: np.real(x[:2] * 1j) + np.abs(x[2:]), np.eye(2, 4) + np.eye(2, 4, 2)),
    "fft": (lambda x: np.real(np.fft.fft(x[:3])), [[1, 1, 1, 0]] * 3),
}  # fmt: skip


@pytest.mark.parametrize("name", PATTERNS)
def test_pattern_and_jacobian(name):
    f, expected = PATTERNS[name]
    pattern = ad.sparsity_pattern(f, X)
    np.testing.assert_array_equal(pattern.toarray(), np.asarray(expected) != 0)
    found = ad.jacobian(f, sparsity=True)(X)
    assert isinstance(found, sparse.csr_array)
    dense = np.vstack(ad.jacobian(lambda x: as_vector(f(x)))(X))
    np.testing.assert_allclose(found.toarray(), dense, rtol=1e-14, atol=1e-15)
    given = ad.jacobian(f, sparsity=pattern)(X)
    np.testing.assert_array_equal(given.toarray(), found.toarray())


@every_case
def test_the_pattern_of_every_function_holds_its_jacobian(case):
    inputs = drawn(case)
    every = tuple(range(len(inputs)))
    found = ad.jacobian(case.call, every, sparsity=True)(*inputs)
    np.testing.assert_allclose(
        found.toarray(), dense(case.call, inputs, every), rtol=1e-12, atol=1e-13
    )


def dense(f, inputs, argnums):
    """The blocks of the Jacobian put together."""
    sizes = [np.size(x) for x in inputs]
    blocks = [block for _, block in leaves(ad.jacobian(f, argnums)(*inputs))]
    rows = [
        np.concatenate(
            [
                np.reshape(block, (-1, size))
                for block, size in zip(blocks[k : k + len(sizes)], sizes, strict=True)
            ],
            axis=1,
        )
        for k in range(0, len(blocks), len(sizes))
    ]
    return np.concatenate(rows)


def as_vector(y):
    return np.ravel(np.stack(y) if isinstance(y, list) else y)


@pytest.mark.slow
@pytest.mark.parametrize("f", [broyden, broyden_of_numbers])
def test_tridiagonal_broyden_takes_three_sweeps(f):
    n = 1000
    x = np.linspace(-1, 1, n) if f is broyden else list(np.linspace(-1, 1, n))
    seeds = []
    jacobian = ad.jacobian(f, sparsity=ad.sparsity_pattern(f, x))
    jacobian(x)  # the first call checks the pattern by one sweep more

    def is_first(step):
        if step.row.index == 1 - len(step.row.trace.input_names):
            seeds.append(step)

    with ad.hooks(on_tangent=is_first):
        found = jacobian(x)
    assert len(seeds) == 3
    by_hand = sparse.diags_array(
        [-np.ones(n - 1), 3 - 4 * np.asarray(x), -2 * np.ones(n - 1)], offsets=[-1, 0, 1]
    )
    np.testing.assert_allclose(found.toarray(), by_hand.toarray(), rtol=1e-14)


@pytest.mark.parametrize("n", [1, 2, 3, 17])
def test_broyden_equals_the_dense_jacobian_and_differences(n):
    x = np.linspace(-1, 1, n)
    found = ad.jacobian(broyden, sparsity=True)(x).toarray()
    np.testing.assert_array_equal(found, ad.jacobian(broyden)(x))
    step = 1e-6
    columns = [(broyden(x + step * e) - broyden(x - step * e)) / (2 * step) for e in np.eye(n)]
    np.testing.assert_allclose(found, np.transpose(columns), atol=1e-8)


def pairs_of_one_color(pattern, colors):
    """Return the pairs of columns that have one color, and an entry in the same row."""
    return [
        (i, j)
        for i, j in itertools.combinations(range(pattern.shape[1]), 2)
        if colors[i] == colors[j] and np.any((pattern[:, i] != 0) & (pattern[:, j] != 0))
    ]


class TestColoring:
    @pytest.mark.parametrize("width", [1, 2, 3])
    def test_a_band_takes_as_many_colors_as_it_is_wide(self, width):
        band = np.tri(40, k=width) - np.tri(40, k=-width - 1)
        assert coloring(band).max() + 1 == 2 * width + 1

    def test_no_two_columns_of_a_color_share_a_row(self):
        random = np.random.default_rng(3)
        pattern = random.random((30, 50)) < 0.1
        for axis, table in ((1, pattern), (0, pattern.T)):
            colors = coloring(pattern, axis=axis)
            for color in range(colors.max() + 1):
                assert table[:, colors == color].sum(axis=1).max() <= 1

    @pytest.mark.parametrize("side", [3, 8, 20])
    def test_the_five_point_laplacian_takes_five_colors(self, side):
        line = sparse.diags_array([1.0, 1.0, 1.0], offsets=[-1, 0, 1], shape=(side, side))
        identity = sparse.eye_array(side)
        laplacian = sparse.kron(identity, line) + sparse.kron(line, identity)
        found = cheapest_coloring(laplacian)
        assert (found.count, found.fewest) == (5, 5)
        assert pairs_of_one_color(laplacian.toarray(), found.colors) == []

    @pytest.mark.parametrize("n", [5, 8, 9, 10, 300])
    def test_a_closed_tridiagonal_takes_three_colors_only_if_three_divides_it(self, n):
        closed = np.eye(n) + np.roll(np.eye(n), 1, axis=1) + np.roll(np.eye(n), -1, axis=1)
        fewest = 5 if n == 5 else 3 if n % 3 == 0 else 4
        found = cheapest_coloring(closed)
        assert (found.count, found.fewest) == (fewest, fewest)
        assert pairs_of_one_color(closed, found.colors) == []

    def test_small_patterns_take_the_fewest_colors_there_are(self):
        """Against all colorings of the columns and of the rows."""
        random = np.random.default_rng(7)
        for _ in range(60):
            pattern = random.random(random.integers(1, 6, 2)) < random.uniform(0.1, 0.8)
            fewest = min(
                next(
                    count
                    for count in itertools.count(1)
                    if any(
                        not pairs_of_one_color(table, colors)
                        for colors in itertools.product(range(count), repeat=table.shape[1])
                    )
                )
                for table in (pattern, pattern.T)
            )
            found = cheapest_coloring(pattern)
            assert (found.count, found.fewest) == (fewest, fewest)

    def test_a_search_that_takes_too_long_claims_nothing(self, monkeypatch):
        monkeypatch.setattr(calculus_coloring, "_MOST_STEPS", 1)
        n = 8
        closed = np.eye(n) + np.roll(np.eye(n), 1, axis=1) + np.roll(np.eye(n), -1, axis=1)
        found = cheapest_coloring(closed)
        assert found.fewest == 3 < found.count
        study = ad.sparsity_study(lambda x: np.roll(x, 1) * x * np.roll(x, -1), np.ones(n))
        assert str(study).endswith("Whether fewer will do, 3 at least, is not known.")

    @pytest.mark.parametrize(("heavy", "kind"), [("row", "on_adjoint"), ("column", "on_tangent")])
    def test_the_cheaper_side_is_swept(self, heavy, kind):
        def row(x):  # its first entry depends on every input
            return np.concatenate([np.sum(x * x, keepdims=True), x[1:] ** 2])

        def column(x):  # every entry depends on its first input
            return x * x[0]

        swept = {"on_tangent": 0, "on_adjoint": 0}

        def count(name):
            def hook(step):
                swept[name] += step.row.index == 0

            return hook

        x = np.arange(1.0, 31.0)
        f = row if heavy == "row" else column
        with ad.hooks(**{name: count(name) for name in swept}):
            found = ad.jacobian(f, sparsity=True)(x)
        assert swept == {"on_tangent": 0, "on_adjoint": 0} | {kind: 2}
        np.testing.assert_allclose(found.toarray(), ad.jacobian(f)(x))


def test_a_pattern_is_found_again_where_an_array_made_inside_is_of_another_length():
    lengths = iter((3, 5))
    jacobian = ad.jacobian(lambda x: np.zeros(next(lengths), like=x) + x[0] * x[:1], sparsity=True)
    for length in (3, 5):
        expected = np.zeros((length, 4))
        expected[:, 0] = 2 * X[0]
        np.testing.assert_array_equal(jacobian(X).toarray(), expected)


def test_the_pattern_is_found_again_where_the_function_does_something_else():
    def f(x):
        return x * x if x[0] > 0 else x * np.sum(x)

    jacobian = ad.jacobian(f, sparsity=True)
    for sign in (1, -1, 1):
        x = sign * np.arange(1.0, 5.0)
        np.testing.assert_allclose(jacobian(x).toarray(), ad.jacobian(f)(x))
    matrices = iter([np.eye(3), np.ones((3, 3)), np.eye(3)[::-1]])
    product = ad.jacobian(lambda x: next(matrices) @ x, sparsity=True)
    for expected in (np.eye(3), np.ones((3, 3)), np.eye(3)[::-1]):
        np.testing.assert_array_equal(product(np.ones(3)).toarray(), expected)


def test_nested_arguments_and_several():
    def f(p, s):
        return {"a": p["w"] * s, "b": p["u"] * p["u"]}

    p = {"w": np.array([1.0, 2.0]), "u": 3.0}
    found = ad.jacobian(f, argnums=(0, 1), sparsity=True)(p, 4.0)
    np.testing.assert_array_equal(
        found.toarray(), [[4.0, 0.0, 0.0, 1.0], [0.0, 4.0, 0.0, 2.0], [0.0, 0.0, 6.0, 0.0]]
    )


def test_float32_stays():
    assert ad.jacobian(broyden, sparsity=True)(X.astype(np.float32)).dtype == np.float32
    half = ad.jacobian(broyden, sparsity=True)(X.astype(np.float16))
    np.testing.assert_allclose(half.toarray(), ad.jacobian(broyden)(X), atol=0.01)


def test_solvers_take_it():
    n = 60
    found = optimize.root(
        broyden, -np.ones(n), jac=lambda x: ad.jacobian(broyden, sparsity=True)(x).toarray()
    )
    assert found.success
    fitted = optimize.least_squares(broyden, -np.ones(n), jac=ad.jacobian(broyden, sparsity=True))
    np.testing.assert_allclose(fitted.x, found.x, atol=1e-6)
    slope = ad.jacobian(broyden, sparsity=True)
    run = integrate.solve_ivp(
        lambda t, y: -broyden(y), (0, 1), found.x + 0.1, "BDF", jac=lambda t, y: -slope(y)
    )
    assert run.success


class TestRefusals:
    def test_a_pattern_that_leaves_out_an_entry(self):
        with pytest.raises(InputError, match="leaves out an entry"):
            ad.jacobian(broyden, sparsity=np.eye(4))(X)

    def test_a_pattern_of_another_shape(self):
        with pytest.raises(InputError, match=r"shape \(3, 3\).*\(4, 4\)"):
            ad.jacobian(broyden, sparsity=np.eye(3))(X)

    def test_inside_another_derivative(self):
        with pytest.raises(UnsupportedOperationError, match="without sparsity"):
            ad.jacobian(lambda x: ad.jacobian(broyden, sparsity=True)(x).data)(X)

    def test_without_scipy(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "scipy", None)
        with pytest.raises(MissingPackageError, match="install the package"):
            ad.jacobian(broyden, sparsity=True)
