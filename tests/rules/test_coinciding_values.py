"""Linear algebra where eigenvalues or singular values coincide, and where a matrix is singular."""

import itertools
import math

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg

import adviz as ad

ONE = np.eye(3)
DOUBLE = np.diag([3.0, 2.0, 2.0])
TURN = np.linalg.qr(np.arange(9.0).reshape(3, 3) % 4 + np.eye(3))[0]
TURNED = TURN @ DOUBLE @ TURN.T
STACK = np.stack([ONE, DOUBLE, TURNED])

SYMMETRIC_FUNCTIONS = {  # each with its gradient at a symmetric matrix
    "eigh": (lambda a: np.sum(np.linalg.eigh((a + a.T) / 2)[0] ** 3), lambda a: 3 * a @ a),
    "eigvalsh": (lambda a: np.sum(np.linalg.eigvalsh((a + a.T) / 2) ** 3), lambda a: 3 * a @ a),
    "UPLO": (lambda a: np.sum(np.linalg.eigvalsh((a + a.T) / 2, "U") ** 2), lambda a: 2 * a),
    "SciPy": (lambda a: np.sum(linalg.eigvalsh((a + a.T) / 2) ** 2), lambda a: 2 * a),
    "eig": (lambda a: np.sum(np.real(np.linalg.eig(a)[0]) ** 3), lambda a: 3 * a @ a),
    "eigvals": (lambda a: np.sum(np.real(np.linalg.eigvals(a)) ** 2), lambda a: 2 * a),
    "svd": (lambda a: np.sum(np.linalg.svd(a)[1] ** 4), lambda a: 4 * a @ a @ a),
    "svdvals": (lambda a: np.sum(np.linalg.svdvals(a) ** 2), lambda a: 2 * a),
    "SciPy's svdvals": (lambda a: np.sum(linalg.svdvals(a) ** 4), lambda a: 4 * a @ a @ a),
    "nuc": (lambda a: np.linalg.norm(a, "nuc"), lambda a: np.eye(3)),
    "product": (
        lambda a: np.prod(np.linalg.eigvalsh((a + a.T) / 2)),
        lambda a: np.linalg.det(a) * np.linalg.inv(a),
    ),
}


@pytest.mark.parametrize("matrix", [ONE, DOUBLE, TURNED], ids=["one", "double", "turned"])
@pytest.mark.parametrize("what", SYMMETRIC_FUNCTIONS)
def test_a_function_of_values_that_coincide_has_its_gradient(what, matrix):
    f, slope = SYMMETRIC_FUNCTIONS[what]
    expected = slope(matrix)
    direction = np.arange(9.0).reshape(3, 3) - 2
    compiled = ad.compile(f, matrix)
    np.testing.assert_allclose(ad.grad(f)(matrix), expected, atol=1e-12)
    np.testing.assert_allclose(ad.jacfwd(f)(matrix), expected, atol=1e-12)
    np.testing.assert_allclose(compiled.grad(matrix), expected, atol=1e-12)
    tangent = ad.jvp(f, (matrix,), (direction,))[1]
    assert tangent == pytest.approx(np.sum(expected * direction))


def test_matrices_of_a_stack_and_repeated_calls():
    sums = ad.grad(lambda a: np.sum(np.linalg.eigvalsh(a) ** 2))
    for _ in range(20):  # also where traces are followed
        slope = sums(STACK)
    lower = np.tril(2 * np.ones((3, 3))) - np.eye(3)
    np.testing.assert_allclose(slope, 2 * STACK * lower, atol=1e-12)
    nuclear = ad.grad(lambda a: np.sum(np.linalg.norm(a, "nuc", axis=(1, 2))))
    np.testing.assert_allclose(nuclear(STACK), np.stack([np.eye(3)] * 3), atol=1e-12)


def test_a_simple_value_beside_a_double_one():
    outer = np.outer(TURN[:, 0], TURN[:, 0])
    for norm in (
        lambda a: np.linalg.norm(a, 2),
        lambda a: np.linalg.svd(a)[1][0],
        lambda a: np.linalg.eigh(a + a.T)[0][-1] / 2,
    ):
        np.testing.assert_allclose(ad.grad(norm)(TURNED), outer, atol=1e-12)
    condition = ad.grad(np.linalg.cond)(np.diag([3.0, 2.0, 2.0, 1.0]))
    np.testing.assert_allclose(condition, np.diag([1.0, 0.0, 0.0, -3.0]), atol=1e-12)
    along = lambda a: np.linalg.eigh((a + a.T) / 2)[1][:, -1] ** 2  # noqa: E731
    np.testing.assert_allclose(ad.jacrev(along)(TURNED), ad.jacfwd(along)(TURNED), atol=1e-12)
    ad.check_grads(along, (TURNED,), order=1)


def test_values_that_tie_share_the_slope_of_a_norm_as_entries_do_that_of_max():
    np.testing.assert_allclose(ad.grad(lambda a: np.linalg.norm(a, 2))(ONE), ONE / 3)
    np.testing.assert_allclose(ad.grad(lambda a: np.linalg.norm(a, -2))(ONE), ONE / 3)
    np.testing.assert_allclose(
        ad.grad(lambda a: np.linalg.norm(a, -2))(DOUBLE),
        [[0, 0, 0], [0, 0.5, 0], [0, 0, 0.5]],
        atol=1e-15,
    )


def test_a_singular_value_of_0_has_the_slope_of_abs_at_0():
    flat = np.diag([3.0, 0.0, 0.0])
    for norm in ("nuc", 2):
        np.testing.assert_allclose(
            ad.grad(lambda a, norm=norm: np.linalg.norm(a, norm))(flat), flat / 3
        )
        assert not ad.grad(lambda a, norm=norm: np.linalg.norm(a, norm))(np.zeros((2, 3))).any()
    assert ad.grad(lambda a: np.linalg.norm(a, "nuc"))(np.zeros((1, 1))) == ad.grad(abs)(0.0)
    np.testing.assert_allclose(ad.grad(lambda a: np.sum(np.linalg.svdvals(a)))(flat), flat / 3)


@pytest.mark.parametrize("shape", [(3, 3), (4, 3), (3, 4)])
def test_second_derivatives_of_norms_beside_values_that_coincide(shape):
    matrix = np.zeros(shape)
    matrix[:3, :3] = TURNED
    for f in (lambda a: np.linalg.norm(a, "nuc") ** 2, lambda a: np.log(np.linalg.norm(a, 2))):
        slope = ad.grad(f)
        twice = ad.hessian(f)(matrix).reshape(matrix.size, matrix.size)
        step = 1e-5
        for k, direction in enumerate(np.eye(matrix.size)):
            move = step * direction.reshape(shape)
            difference = (slope(matrix + move) - slope(matrix - move)) / (2 * step)
            np.testing.assert_allclose(twice[k], difference.ravel(), atol=1e-8)
        reverse = ad.jacrev(slope)(matrix).reshape(twice.shape)
        np.testing.assert_allclose(reverse, twice, atol=1e-12)


def test_a_second_derivative_that_a_vector_of_values_does_not_tell_is_nan():
    f = lambda a: np.sum(np.linalg.eigvalsh(a) ** 2)  # noqa: E731
    known = 2 * np.eye(2)
    for twice in (ad.hessian(f)(np.eye(2)), ad.jacrev(ad.grad(f))(np.eye(2))):
        assert np.isnan(twice[1, 0, 1, 0])
        np.testing.assert_allclose(twice[[0, 1], [0, 1]][:, [0, 1], [0, 1]], known)
    regular = np.array([[2.0, 0.3], [0.3, 1.0]])
    weights = np.array([[1.0, 0.0], [2.0, 1.0]])  # it reads the lower triangle
    expected = 2 * np.diag(weights.ravel())
    np.testing.assert_allclose(ad.hessian(f)(regular).reshape(4, 4), expected, atol=1e-12)


def turn(n, seed):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(n, n)))[0]


@settings(max_examples=settings().max_examples // 4)
@given(st.lists(st.integers(-2, 2), min_size=1, max_size=5), st.integers(0, 1000))
def test_spectral_functions_of_matrices_with_eigenvalues_that_coincide(values, seed):
    vectors = turn(len(values), seed)
    matrix = (vectors * np.array(values, float)) @ vectors.T
    matrix, direction = (matrix + matrix.T) / 2, turn(len(values), seed + 1)
    expected = linalg.expm(matrix)  # of the sum of the exponentials of the eigenvalues
    for values_of in (
        lambda a: np.linalg.eigvalsh((a + a.T) / 2),
        lambda a: np.linalg.eigh((a + a.T) / 2)[0],
        lambda a: np.real(np.linalg.eigvals(a)),
    ):
        f = lambda a, values_of=values_of: np.sum(np.exp(values_of(a)))  # noqa: E731
        slope = ad.grad(f)(matrix)
        if np.isnan(np.linalg.norm(slope)):  # NumPy's eigenvectors are no basis, up to round-off
            assert np.linalg.cond(np.linalg.eig(matrix)[1]) > 1e13
            continue
        np.testing.assert_allclose(slope, expected, atol=1e-8)
        along = np.sum(expected * direction)
        assert ad.jvp(f, (matrix,), (direction,))[1] == pytest.approx(along, abs=1e-8)
        assert ad.jet(f, (matrix,), ([direction],))[1][0] == pytest.approx(along, abs=1e-8)


@settings(max_examples=settings().max_examples // 4)
@given(
    st.lists(st.integers(0, 2), min_size=1, max_size=4),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
    st.integers(0, 1000),
)
def test_functions_of_singular_values_that_coincide_or_are_0(values, wider, seed):
    k = len(values)
    left, right = (turn(k + n, seed + n)[:, :k] for n in wider)
    s = np.array(values, float)
    matrix = (left * s) @ right.T
    direction = np.cos(np.arange(matrix.size)).reshape(matrix.shape)
    for f, slopes in [
        (lambda a: np.sum(np.cosh(np.linalg.svdvals(a))), np.sinh(s)),
        (lambda a: np.sum(np.linalg.svd(a)[1] ** 4), 4 * s**3),
        (lambda a: np.linalg.norm(a, "nuc"), s > 0),
    ]:
        expected = (left * slopes) @ right.T
        np.testing.assert_allclose(ad.grad(f)(matrix), expected, atol=1e-10)
        along = np.sum(expected * direction)
        assert ad.jvp(f, (matrix,), (direction,))[1] == pytest.approx(along, abs=1e-10)
    f = lambda a: np.sum(np.linalg.svdvals(a) ** 2)  # noqa: E731 - its second derivative is 2
    for twice in (
        ad.jvp(ad.grad(f), (matrix,), (direction,))[1],
        ad.vjp(ad.grad(f), matrix)[1](direction)[0],
    ):
        known = np.isfinite(twice)
        np.testing.assert_allclose(twice[known], 2 * direction[known], atol=1e-8)


VECTORS = {
    "eigh": lambda a: np.linalg.eigh(a)[1],
    "eig": lambda a: np.linalg.eig(a)[1],
    "left": lambda a: np.linalg.svd(a)[0],
    "right": lambda a: np.linalg.svd(a)[2],
}


@pytest.mark.parametrize("matrix", [ONE, DOUBLE, TURNED], ids=["one", "double", "turned"])
@pytest.mark.parametrize("what", VECTORS)
def test_vectors_of_values_that_coincide_have_no_derivative(what, matrix):
    weights = np.arange(9.0).reshape(3, 3) ** 2
    slope = ad.grad(lambda a: np.sum(weights * VECTORS[what](a)))(matrix)
    assert np.isnan(slope).any()
    assert np.isnan(ad.jacfwd(VECTORS[what])(matrix)).any()


def test_eigenvalues_of_a_matrix_without_a_basis_of_eigenvectors_have_no_derivative():
    jordan = np.array([[1.0, 1.0], [0.0, 1.0]])
    assert np.isnan(ad.grad(lambda a: np.real(np.linalg.eigvals(a))[0])(jordan)).all()


# -- determinants --------------------------------------------------------------------------------


def exact_derivatives(matrix):
    """Return the gradient and the Hessian of a determinant of whole numbers, by SymPy's minors."""
    n = len(matrix)
    whole = sympy.Matrix(n, n, list(map(int, matrix.ravel())))
    hessian = np.zeros((n,) * 4)
    for i, j, k, m in itertools.product(range(n), repeat=4):
        if i != k and j != m:
            minor = whole.minor_submatrix(i, j)
            hessian[i, j, k, m] = (-1) ** (i + j) * minor.cofactor(k - (k > i), m - (m > j))
    return np.array(whole.cofactor_matrix(), float), hessian


def of_rank(n, rank):
    """Return a matrix of whole numbers of this rank."""
    left = np.tri(n, rank) + np.eye(n, rank)[::-1] * 2
    right = np.tri(n, rank).T - np.eye(rank, n)[:, ::-1]
    return left @ right


@pytest.mark.parametrize(
    ("n", "rank"), [(1, 0), (2, 0), (2, 1), (3, 2), (3, 1), (4, 3), (4, 2), (4, 1)]
)
@pytest.mark.parametrize("det", [np.linalg.det, linalg.det], ids=["numpy", "scipy"])
def test_the_determinant_of_a_singular_matrix(n, rank, det):
    matrix = of_rank(n, rank)
    assert np.linalg.matrix_rank(matrix) == rank
    gradient, hessian = exact_derivatives(matrix)
    for of_order_1 in (ad.grad(det), ad.jacfwd(det)):
        np.testing.assert_allclose(of_order_1(matrix), gradient, atol=1e-12)
    for of_order_2 in (ad.hessian(det), ad.jacrev(ad.grad(det)), ad.jacfwd(ad.jacfwd(det))):
        np.testing.assert_allclose(of_order_2(matrix), hessian, atol=1e-12)
    np.testing.assert_allclose(ad.compile(det, matrix).grad(matrix), gradient, atol=1e-12)


@given(st.lists(st.integers(-4, 4), min_size=9, max_size=9), st.booleans())
def test_the_slope_of_a_determinant_is_the_matrix_of_cofactors(entries, is_singular):
    matrix = np.array(entries, float).reshape(3, 3)
    if is_singular:
        matrix[2] = matrix[0] - 2 * matrix[1]
    whole = sympy.Matrix(3, 3, list(map(int, matrix.ravel())))
    cofactors = np.array(whole.cofactor_matrix(), float)
    np.testing.assert_allclose(ad.grad(np.linalg.det)(matrix), cofactors, atol=1e-12)


def test_determinants_of_stacks_of_complex_and_of_empty_matrices():
    stack = np.stack([np.eye(2), [[1.0, 2.0], [2.0, 4.0]], np.zeros((2, 2))])
    slope = ad.grad(lambda a: np.sum(np.linalg.det(a)))(stack)
    np.testing.assert_allclose(slope, [np.eye(2), [[4, -2], [-2, 1]], np.zeros((2, 2))], atol=1e-12)
    column, row = np.array([[1.0], [2j], [1 - 1j]]), np.array([[2.0, 1j, 1.0]])
    ad.check_grads(lambda a: np.real(np.linalg.det(column @ row + 1j * a)), (ONE,), order=2)
    ad.check_grads(lambda a: np.imag(np.linalg.det(column @ row + a)), (np.ones((3, 3)),), order=2)
    assert ad.grad(np.linalg.det)(np.zeros((0, 0))).shape == (0, 0)
    np.testing.assert_allclose(ad.jet(np.linalg.det, (np.ones((2, 2)),), ([np.eye(2)],))[1], [2.0])


def test_the_third_derivative_of_a_determinant():
    ad.check_grads(np.linalg.det, (TURNED + np.tri(3),), order=3)
    third = ad.jacfwd(ad.hessian(np.linalg.det))
    with pytest.raises(ad.AdvizError, match=r"third order: test_coinciding_values\.py"):
        third(np.ones((3, 3)))


def test_the_logarithm_of_a_determinant_of_0_has_no_slope():
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    value, slope = ad.value_and_grad(lambda a: np.linalg.slogdet(a)[1])(singular)
    assert value == -np.inf
    assert np.isnan(slope).all()
    stack = np.stack([singular, np.diag([2.0, 4.0])])
    slopes = ad.grad(lambda a: np.sum(np.linalg.slogdet(a).logabsdet))(stack)
    assert np.isnan(slopes[0]).all()
    np.testing.assert_allclose(slopes[1], np.diag([0.5, 0.25]))


# -- one triangle --------------------------------------------------------------------------------

LOWER = np.array([[4.0, 9.0, 7.0], [1.0, 3.0, 8.0], [0.5, -1.0, 2.0]])

ONE_TRIANGLE = {  # each reads the lower triangle, or the upper one of the transpose
    "cholesky": (np.linalg.cholesky, lambda a: np.linalg.cholesky(a, upper=True)),
    "SciPy's cholesky": (lambda a: linalg.cholesky(a, lower=True), linalg.cholesky),
    "cho_factor": (lambda a: linalg.cho_factor(a, True)[0], lambda a: linalg.cho_factor(a)[0]),
    "eigvalsh": (np.linalg.eigvalsh, lambda a: np.linalg.eigvalsh(a, "U")),
    "eigh": (np.linalg.eigh, lambda a: np.linalg.eigh(a, "u")),
    "SciPy's eigvalsh": (linalg.eigvalsh, lambda a: linalg.eigvalsh(a, lower=False)),
    "solve": (
        lambda a: linalg.solve(a, LOWER[0], lower=True, assume_a="sym"),
        lambda a: linalg.solve(a, LOWER[0], assume_a="pos"),
    ),
    "inv": (
        lambda a: linalg.inv(a, lower=True, assume_a="pos"),
        lambda a: linalg.inv(a, assume_a="sym"),
    ),
    "solve_triangular": (
        lambda a: linalg.solve_triangular(a, LOWER[0], lower=True),
        lambda a: linalg.solve_triangular(a, LOWER[0]),
    ),
    "svd": (
        lambda a: np.linalg.svd(a, hermitian=True, compute_uv=False),
        lambda a: np.linalg.svd(a.T, hermitian=True).S,
    ),
    "pinv": (
        lambda a: np.linalg.pinv(a, hermitian=True),
        lambda a: np.linalg.pinv(a.T, hermitian=True),
    ),
}


@pytest.mark.parametrize("what", ONE_TRIANGLE)
def test_one_triangle_is_read_and_the_other_has_no_slope(what):
    keeps = np.triu(np.ones((3, 3)), 1) if what == "cho_factor" else 0.0  # as SciPy leaves it
    for f, matrix, is_read in zip(
        ONE_TRIANGLE[what], (LOWER, LOWER.T), (np.tri(3), np.tri(3).T), strict=True
    ):
        plain, traced = f(matrix), ad.trace(f, matrix).value
        for expected, found in zip(_parts(plain), _parts(traced), strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-12)
        ad.check_grads(f, (matrix,), order=1)
        slope = ad.grad(lambda a, f=f: sum(np.sum(part) for part in _parts(f(a))))(matrix)
        kept = keeps.T if is_read[0, 1] and what == "cho_factor" else keeps
        np.testing.assert_array_equal(slope * (1 - is_read), np.broadcast_to(kept, (3, 3)))


def _parts(result):
    return result if isinstance(result, tuple) else (result,)


def test_the_slope_of_a_cholesky_factor_by_hand():
    last = lambda t: np.linalg.cholesky(np.array([[2.0, 0.0], [t, 1.0]]))[1, 1]  # noqa: E731
    t = 0.4
    assert ad.grad(last)(t) == pytest.approx(-t / 2 / np.sqrt(1 - t * t / 2))
    ad.check_grads(np.linalg.cholesky, (np.stack([LOWER, LOWER + np.eye(3)]),), order=2)


def test_factors_of_a_symmetric_matrix_keep_their_signs():
    indefinite = np.array([[1.0, 5.0], [-2.0, -3.0]])
    plain = np.linalg.svd(indefinite, hermitian=True)
    traced = ad.trace(lambda a: np.linalg.svd(a, hermitian=True), indefinite).value
    for expected, found in zip(plain, traced, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-12)


# -- special matrices ----------------------------------------------------------------------------

ARRANGED = {
    "Toeplitz": lambda a: linalg.toeplitz(a),
    "of two": lambda a: linalg.toeplitz(a, np.flip(a) ** 2),
    "of a number": lambda a: linalg.toeplitz(a.ravel()[0], a),
    "Hankel": lambda a: linalg.hankel(a.ravel()),
    "of a last row": lambda a: linalg.hankel(a.ravel(), a.ravel()[1:]),
    "circulant": lambda a: linalg.circulant(a),
    "of a list": lambda a: linalg.circulant([a.ravel()[0], 2.0]),
    "Leslie": lambda a: linalg.leslie(np.hstack([a.ravel(), 1.0]), a.ravel()),
    "blocks": lambda a: linalg.block_diag(a, 2.0, [], a.ravel()[0], [[1.0], [3.0]]),
    "exponential": lambda a: linalg.expm(a.ravel()[0]),
    "solution": lambda a: linalg.solve(a.ravel()[0], a.ravel()),
}


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (2, 1, 2)])
@pytest.mark.parametrize("what", ARRANGED)
def test_special_matrices_of_arguments_of_any_shape(what, shape):
    array = np.linspace(0.5, 2.0, math.prod(shape)).reshape(shape)
    f = lambda a: ARRANGED[what](np.reshape(a, shape))  # noqa: E731
    try:
        plain = f(array)
    except ValueError:  # such as a last row of no entries
        with pytest.raises((ad.AdvizError, ValueError)):
            ad.trace(f, array)
        return
    traced = ad.trace(f, array).value
    np.testing.assert_array_equal(traced, plain)
    assert traced.shape == plain.shape
    ad.check_grads(lambda a: f(a) ** 2, (array,), order=2)


# -- shapes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["eigh", "eigvalsh", "cholesky", "svd", "svdvals", "qr", "pinv"])
def test_what_is_no_matrix_is_refused_as_numpy_does(name):
    function = getattr(np.linalg, name)
    for key in (0, (0, 0)):
        with pytest.raises(np.linalg.LinAlgError):
            function(LOWER[key])
        with pytest.raises(np.linalg.LinAlgError):
            ad.grad(lambda a, key=key: np.sum(function(a[key])))(LOWER)


@pytest.mark.parametrize("order", [None, 0, 1, 2, 3, -2, np.inf, "fro", "nuc"])
def test_norms_of_any_shape_are_numpys_or_refused(order):
    for shape in [(), (3,), (2, 3), (2, 2, 3), (0,), (0, 3), (2, 0)]:
        array = np.linspace(-1.0, 2.0, int(np.prod(shape))).reshape(shape)
        try:
            with np.errstate(divide="ignore"):  # 0 ** -2
                expected = np.linalg.norm(array, order)
        except ValueError:
            with pytest.raises((ad.AdvizError, ValueError)):
                ad.trace(lambda a: np.linalg.norm(a, order), array)
            continue
        with np.errstate(divide="ignore"):  # 0 ** -2
            assert ad.trace(lambda a: np.linalg.norm(a, order), array).value == pytest.approx(
                expected
            )


def test_the_norm_of_a_complex_vector():
    z = np.array([1.0 + 1j, 2j])
    norm = lambda t: np.linalg.norm(t * z, 2)  # noqa: E731
    assert ad.value_and_grad(norm)(2.0) == pytest.approx((2 * np.sqrt(6), np.sqrt(6)))


def test_columns_that_depend_on_each_other_have_no_q_and_r_that_follow():
    for a in (np.zeros((2, 2)), np.ones((3, 2)), np.array([[1.0, 2.0], [2.0, 4.0]])):
        for slope in (ad.grad, ad.jacfwd):
            assert np.isnan(slope(lambda x: np.sum(np.linalg.qr(x)[1]))(a)).all()
    stack = np.stack([np.eye(2), np.zeros((2, 2))])
    slope = ad.grad(lambda x: np.sum(np.linalg.qr(x)[1]))(stack)
    assert np.isfinite(slope[0]).all()
    assert np.isnan(slope[1]).all()


@pytest.mark.parametrize("order", [1, -1, np.inf, "fro"])
def test_the_condition_of_a_singular_matrix_is_infinite_as_in_numpy(order):
    def condition(a):
        return np.linalg.cond(a, order)

    stack = np.stack([np.diag([1.0, 2.0]), np.ones((2, 2))])
    value = ad.trace(condition, stack).value
    np.testing.assert_allclose(value, condition(stack))
    slope = ad.grad(lambda a: np.sum(condition(a)))(stack)
    np.testing.assert_allclose(slope[0], ad.grad(condition)(stack[0]))
    assert np.isnan(slope[1]).all()
    assert np.isnan(ad.jacfwd(condition)(stack[1])).all()


def test_the_root_of_a_singular_matrix_has_no_finite_slope():
    for a in (np.zeros((2, 2)), np.diag([1.0, 0.0]), np.ones((2, 2))):
        for slope in (ad.grad, ad.jacfwd):
            with pytest.warns(linalg.LinAlgWarning, match="singular"):
                found = slope(lambda x: np.sum(linalg.sqrtm(x)))(a)
            assert np.isnan(found).all()
