"""Sparse matrices of SciPy's with traced entries: values and derivatives of dense ones."""

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse import linalg

import adviz as ad

ROWS, COLUMNS = np.array([0, 1, 2, 3, 0, 2, 0]), np.array([0, 1, 2, 3, 2, 0, 0])  # (0, 0) twice
DATA = np.array([2.0, 3.0, 1.0, 4.0, 0.5, 1.5, 2.5])
X = np.array([0.5, -1.0, 2.0, 1.0])
COLUMNS_OF_X = np.array([X, X[::-1] ** 2]).T

KINDS = [f"{kind}_{suffix}" for kind in ("csr", "csc", "coo") for suffix in ("matrix", "array")]

USES = {
    "A @ x": lambda m, x: m @ x,
    "x @ A": lambda m, x: x.T @ m,
    "A.T @ x": lambda m, x: m.T @ x,
    "A.dot(x)": lambda m, x: m.dot(x),
    "A * t": lambda m, x: (m * np.sum(x)) @ x,
    "-A": lambda m, x: -m @ x,
    "conversions": lambda m, x: m.tocsc().tocoo().tocsr() @ x,
    "toarray": lambda m, x: m.toarray() @ x**2,
    "copy": lambda m, x: m.copy() @ x,
    "spsolve": lambda m, x: linalg.spsolve(m.tocsc(), x),
}


@pytest.mark.parametrize("x", [X, COLUMNS_OF_X], ids=["vector", "matrix"])
@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("kind", KINDS)
def test_they_compute_as_plain_ones(kind, use, x):
    def f(data, x):
        return USES[use](getattr(sparse, kind)((data, (ROWS, COLUMNS)), shape=(4, 4)), x)

    np.testing.assert_allclose(ad.trace(f, DATA, x).value, f(DATA, x), rtol=1e-12)
    ad.check_grads(f, (DATA, x), rtol=1e-4)  # to the second order


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("coo")])
def test_from_indices_and_pointers_to_rows(kind):
    data, indices, starts = np.array([3.0, 1, 2, 5, 4, 2]), [2, 0, 1, 0, 2, 3], [0, 2, 3, 5, 6]
    f = lambda data: getattr(sparse, kind)((data, indices, starts)) @ X  # noqa: E731
    np.testing.assert_allclose(ad.trace(f, data).value, f(data))
    ad.check_grads(f, (data,))


@pytest.mark.parametrize(
    "matrix",
    [
        lambda d: sparse.diags(d),
        lambda d: sparse.diags([d[:-1], 9 * d, d[1:]], [-1, 0, 1]),
        lambda d: sparse.diags([d[0], 5.0, d[1]], [-1, 0, 1], shape=(4, 4), format="csc"),
        lambda d: sparse.diags_array([d[:-1], 2 + d**2], offsets=[1, 0]),
    ],
    ids=["one", "three", "numbers", "array"],
)
def test_matrices_of_diagonals(matrix):
    for f in (lambda d: matrix(d) @ X, lambda d: linalg.spsolve(matrix(d).tocsc(), X)):
        np.testing.assert_allclose(ad.trace(f, X).value, f(X))
        ad.check_grads(f, (X,), rtol=1e-4)


def test_heat_in_a_rod_of_unknown_conductivity():
    """-(k u')' = 1 by finite differences: the largest temperature is inverse to k."""

    def hottest(k):
        faces = k * np.ones(9)
        rod = sparse.diags([-faces[1:-1], faces[:-1] + faces[1:], -faces[1:-1]], [-1, 0, 1])
        return np.max(linalg.spsolve(rod.tocsc(), np.ones(8) / 81))

    np.testing.assert_allclose(ad.grad(hottest)(2.0), -hottest(2.0) / 2, rtol=1e-9)
    np.testing.assert_allclose(ad.grad(ad.grad(hottest))(2.0), hottest(2.0) / 2, rtol=1e-9)


REFUSED = {
    "a sum": lambda m: m + sparse.eye_array(4),
    "an entry": lambda m: m[0, 0],
    "a product of two": lambda m: m @ m,
    "entry by entry": lambda m: m.multiply(X),
    "the diagonal": lambda m: m.diagonal(),
    "a factorisation": lambda m: linalg.splu(m),
    "another solver": lambda m: linalg.spsolve_triangular(m, X),
    "sorted in place": lambda m: m.sort_indices(),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_they_cannot_do_is_refused(what):
    def f(data):
        matrix = sparse.csc_array((data, [3, 2, 1, 0, 2, 0, 1], [0, 2, 4, 6, 7]), shape=(4, 4))
        return np.sum(REFUSED[what](matrix))

    with pytest.raises(ad.AdvizError, match=r"test_traced_sparse\.py, line \d+"):
        ad.grad(f)(DATA)


def test_einsum_with_lists_of_indices():
    a, b = np.ones((2, 3)) * 0.5, np.arange(12.0).reshape(3, 4)
    for f in (
        lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [0, 2]),
        lambda a, b: np.einsum(a, [0, 1], b, [1, 2]),
        lambda a, b: np.einsum(a, [..., 1], b, [1, 2], [..., 2]),
    ):
        np.testing.assert_allclose(ad.trace(f, a, b).value, a @ b)
        ad.check_grads(f, (a, b))


@pytest.mark.parametrize("join", [np.stack, np.concatenate, np.vstack, np.hstack])
def test_joined_arrays_in_another_type(join):
    x = np.array([1.0, 2.0])
    f = lambda x: join([x, x], dtype=np.float32, casting="same_kind")  # noqa: E731
    assert ad.trace(f, x).value.dtype == np.float32
    np.testing.assert_allclose(ad.grad(lambda x: np.sum(f(x) ** 2))(x), 4 * x)
    with pytest.raises(ad.AdvizError, match="cannot be cast"):
        ad.grad(lambda x: np.sum(join([x, x], dtype=np.float32, casting="safe")))(x)


@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_an_array_of_one_number_has_a_gradient(shape):
    f = lambda x: np.reshape(x @ x, shape)  # noqa: E731
    x = np.array([1.0, 2.0])
    value, slope = ad.value_and_grad(f)(x)
    np.testing.assert_array_equal(value, f(x))
    np.testing.assert_array_equal(slope, 2 * x)
    np.testing.assert_array_equal(ad.hessian(lambda x: f(x)[0])(x).reshape(2, 2), 2 * np.eye(2))


def test_a_whole_number_of_numpys_is_refused_in_words():
    with pytest.raises(ad.AdvizError, match=r"whole number that int64 holds.*branch"):
        ad.grad(lambda x: x * np.int64(x))(2.5)
