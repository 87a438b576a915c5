"""Products and systems of equations with constant sparse matrices of SciPy."""

import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import linalg

import adviz as ad

FORMATS = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
KINDS = [f"{form}_{kind}" for form in FORMATS for kind in ("array", "matrix")]
DENSE = np.array([[0.0, 2.0, 0.0, -1.0], [1.5, 0.0, 0.0, 0.0], [0.0, -0.5, 3.0, 0.0]])
SQUARE = DENSE.T @ DENSE + np.diag([1.0, 2.0, 3.0, 4.0]) + np.tri(4)
X, Y = np.linspace(-1.0, 1.7, 4), np.linspace(0.4, 2.0, 3)
COLUMNS = np.outer(X, [1.0, -2.0]) + np.eye(4, 2)

PRODUCTS = {  # with the dense product, and the array that is traced
    "A @ x": (lambda a, x: a @ x, X),
    "A @ X": (lambda a, x: a @ x, COLUMNS),
    "A @ column": (lambda a, x: a @ x, COLUMNS[:, :1]),
    "A.dot(x)": (lambda a, x: a.dot(x), X),
    "A.T @ y": (lambda a, y: a.T @ y, Y),
    "y @ A": (lambda a, y: y @ a, Y),
    "X.T @ A.T": (lambda a, x: x.T @ a.T, COLUMNS),
    "A @ [...]": (lambda a, x: a @ [x[0], 1.0, x[1] * x[2], x[3]], X),
    "A @ np.array([...])": (lambda a, x: a @ np.array([x[0], 1.0, x[1] * x[2], x[3]]), X),
    "[...] @ A": (lambda a, y: [y[0], y[1] * y[2], 2.0] @ a, Y),
}


@pytest.mark.sampled
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", PRODUCTS)
def test_a_product_is_a_linear_map(what, kind):
    product, x = PRODUCTS[what]
    matrix = getattr(sparse, kind)(DENSE)
    f = lambda x: product(matrix, x)  # noqa: E731
    trace = ad.trace(f, x)
    np.testing.assert_allclose(trace.value, f(x), rtol=1e-15, atol=1e-15)
    assert trace.rows[-1].source.file == __file__
    expected = ad.jacfwd(lambda x: np.stack(list(product(DENSE, x))))(x)
    np.testing.assert_allclose(ad.jacfwd(f)(x), expected, atol=1e-14)
    np.testing.assert_allclose(ad.jacrev(f)(x), expected, atol=1e-14)
    np.testing.assert_allclose(trace.replay(2 * x).value, f(2 * x), atol=1e-14)


@pytest.mark.parametrize("form", FORMATS)
def test_the_star_of_sparse_matrices_is_their_product(form):
    matrix = getattr(sparse, f"{form}_matrix")(DENSE)
    for x in (X, COLUMNS):
        value, pull = ad.vjp(lambda x: matrix * x, x)
        np.testing.assert_allclose(value, matrix * x, rtol=1e-15)
        adjoint = pull(np.ones_like(value))[0]
        np.testing.assert_allclose(adjoint, DENSE.T @ np.ones_like(value))


def energy(x):
    return (MATRIX @ x) @ x**3 + np.sum(np.sin(x @ MATRIX)) + np.sum(linalg.spsolve(MATRIX, x) ** 2)


MATRIX = sparse.csc_array(SQUARE)


def dense_energy(x):
    return (
        (SQUARE @ x) @ x**3 + np.sum(np.sin(x @ SQUARE)) + np.sum(np.linalg.solve(SQUARE, x) ** 2)
    )


def test_derivatives_of_any_order_agree_with_those_of_dense_matrices():
    ad.check_grads(energy, (X,), order=2)
    close = lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)  # noqa: E731
    close(ad.hessian(energy)(X), ad.hessian(dense_energy)(X))
    close(ad.hvp(energy, (X,), (X**2,)), ad.hvp(dense_energy, (X,), (X**2,)))
    close(ad.jacfwd(ad.hessian(energy))(X), ad.jacfwd(ad.hessian(dense_energy))(X))
    series = ([X, X * X, np.zeros(4)],)
    close(ad.jet(energy, (X,), series)[1], ad.jet(dense_energy, (X,), series)[1])
    close(ad.compile(energy, X).grad(X + 1), ad.grad(dense_energy)(X + 1))
    slope = ad.grad(energy)
    for k in range(25):  # also where traces are followed
        close(slope(X + k), ad.grad(dense_energy)(X + k))


@given(
    st.lists(st.integers(-2, 2), min_size=12, max_size=12),
    st.sampled_from(KINDS),
    st.sampled_from(["A @ x", "A.T @ y", "y @ A"]),
)
def test_tangents_and_adjoints_of_random_matrices(entries, kind, what):
    dense = np.array(entries, float).reshape(3, 4)
    matrix = getattr(sparse, kind)(dense)
    product, x = PRODUCTS[what]
    out, tangent = ad.jvp(lambda x: product(matrix, x), (x,), (x**2,))
    np.testing.assert_allclose(out, product(dense, x), atol=1e-14)
    np.testing.assert_allclose(tangent, product(dense, x**2), atol=1e-14)
    (adjoint,) = ad.vjp(lambda x: product(matrix, x), x)[1](out)
    assert adjoint @ x**2 == pytest.approx(out @ tangent, abs=1e-12)


# -- systems of equations ------------------------------------------------------------------------


@pytest.mark.parametrize("b", [X, COLUMNS, COLUMNS[:, :1]], ids=["vector", "matrix", "column"])
@pytest.mark.parametrize("form", ["csc", "csr", "coo"])
def test_a_system_of_equations(form, b):
    matrix = getattr(sparse, f"{form}_matrix")(SQUARE)
    solve = lambda b: linalg.spsolve(matrix, b)  # noqa: E731
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sparse.SparseEfficiencyWarning)
        plain = solve(b)
    np.testing.assert_array_equal(ad.trace(solve, b).value, plain)
    expected = ad.jacfwd(lambda b: np.linalg.solve(SQUARE, b).reshape(plain.shape))(b)
    np.testing.assert_allclose(ad.jacfwd(solve)(b), expected, atol=1e-14)
    np.testing.assert_allclose(ad.jacrev(solve)(b), expected, atol=1e-14)


def test_its_options_and_a_list_of_traced_numbers():
    f = lambda b: linalg.spsolve(MATRIX, [b[0], 1.0, b[1], 2.0], permc_spec="NATURAL")  # noqa: E731
    expected = ad.jacrev(lambda b: np.linalg.solve(SQUARE, np.stack([b[0], 1.0, b[1], 2.0])))(X)
    np.testing.assert_allclose(ad.jacrev(f)(X), expected, atol=1e-14)


# -- large matrices, and matrices that change ----------------------------------------------------


def test_a_large_matrix_is_never_made_dense():
    n = 100_000  # as a dense array it would take 80 GB
    laplacian = sparse.diags_array([-1.0, 2.0, -1.0], offsets=[-1, 0, 1], shape=(n, n)).tocsr()
    x = np.linspace(0.0, 1.0, n)
    slope = ad.grad(lambda x: x @ (laplacian @ x) / 2)(x)
    np.testing.assert_allclose(slope, laplacian @ x, atol=1e-12)
    adjoint = ad.grad(lambda b: np.sum(linalg.spsolve(laplacian, b)))(x)
    np.testing.assert_allclose(laplacian @ adjoint, np.ones(n), atol=1e-4)


def test_a_matrix_that_changes_later_is_recorded_as_it_was():
    matrix = sparse.csr_array(DENSE)

    def f(x):
        first = matrix @ x
        matrix.data *= 2
        second = matrix @ x
        matrix.data /= 2
        return np.sum(first) + np.sum(second)

    np.testing.assert_allclose(ad.grad(f)(X), 3 * DENSE.sum(axis=0))


def test_rows_of_an_unchanged_matrix_share_one_copy():
    matrix = sparse.csr_array(SQUARE)

    def f(x):
        for _ in range(3):
            x = matrix.T @ (matrix @ x) / 50
        return x

    operations = [e for e in ad.trace(f, X).tape.elementals if hasattr(e, "parameters")]
    matrices = [e.parameters["matrix"] for e in operations if "matrix" in e.parameters]
    assert len(matrices) == 6
    assert len(set(map(id, matrices))) == 2


# -- what a reader sees --------------------------------------------------------------------------


def test_a_trace_names_the_constant_matrix():
    trace = ad.trace(lambda x: np.sum(linalg.spsolve(MATRIX, MATRIX @ x)), X)
    assert "[csc 4×4] v₀" in str(trace)
    assert "[csc 4×4]⁻¹" in str(trace)
    assert "csc 4×4" in trace.to_html()
    assert pickle.loads(pickle.dumps(trace.tape.elementals[1].parameters["matrix"])).matrix.nnz


def test_row_by_row_it_is_a_formula():
    matrix = sparse.csr_array([[2.0, 0.0], [1.0, -3.0], [0.0, 0.0]])
    trace = ad.trace(lambda x: np.sum(matrix @ x), np.array([0.5, 2.0]), elementwise=True)
    assert trace.value == matrix.sum(axis=0) @ [0.5, 2.0]
    assert "x[0]" in str(trace.formula())


def test_what_a_product_depends_on_and_what_it_costs():
    matrix = sparse.csr_array(DENSE)
    f = lambda x: matrix @ x  # noqa: E731
    pattern = ad.sparsity_pattern(f, X)
    np.testing.assert_array_equal(pattern.toarray(), DENSE != 0)
    np.testing.assert_allclose(ad.jacobian(f, sparsity=pattern)(X).toarray(), DENSE)
    study = ad.cost_study(lambda x: np.sum(matrix @ x), X, seconds=0)
    assert study.gradient_ratio <= 4


# -- what is refused -----------------------------------------------------------------------------

IDENTITY = sparse.csr_array(np.eye(4))

REFUSED = {
    "a number times it": lambda x: (x[0] * IDENTITY).sum(),
    "product with a number": lambda x: (IDENTITY @ x[0]).sum(),
    "entry by entry": lambda x: IDENTITY.multiply(x).sum(),
    "sum": lambda x: (IDENTITY + x).sum(),
    "quotient": lambda x: (IDENTITY / x[0]).sum(),
    "power": lambda x: (IDENTITY ** x[0]).sum(),
    "maximum": lambda x: IDENTITY.maximum(x[0]).sum(),
    "csc of a dense one": lambda x: sparse.csc_array(np.outer(x, x)).sum(),
    "dia": lambda x: (sparse.dia_matrix((x, 0), shape=(4, 4)) @ X).sum(),
    "spdiags": lambda x: (sparse.spdiags(x, 0, 4, 4) @ X).sum(),
    "block_diag": lambda x: sparse.block_diag([x, x]).sum(),
    "kron": lambda x: sparse.kron(IDENTITY, np.outer(x, x)).sum(),
    "item": lambda x: sparse.lil_array((2, 2)).__setitem__((0, 0), x[0]),
    "three axes": lambda x: IDENTITY @ np.stack([np.outer(x, x)] * 4),
    "traced matrix": lambda x: linalg.spsolve(np.outer(x, x) + np.eye(4), X).sum(),
    "cg": lambda x: linalg.cg(IDENTITY, x)[0].sum(),
    "splu": lambda x: linalg.splu(IDENTITY.tocsc()).solve(x).sum(),
    "eigsh": lambda x: linalg.eigsh(np.outer(x, x), k=2)[0].sum(),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_sparse_matrix_of_traced_numbers_is_refused(what):
    for _ in range(2):
        with pytest.raises(ad.AdvizError, match=r"test_sparse_matrices\.py, line \d+"):
            ad.grad(REFUSED[what])(X)


def test_shapes_that_do_not_fit_are_scipys_error():
    for f in (lambda x: IDENTITY @ x[:3], lambda x: x[:3] @ IDENTITY):
        with pytest.raises(ValueError, match="matmul"):
            f(X)
        with pytest.raises(ValueError, match="matmul"):
            ad.grad(lambda x, f=f: np.sum(f(x)))(X)
