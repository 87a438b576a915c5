"""SciPy's linear algebra: on plain arrays it is SciPy's own, on traced ones it has derivatives."""

import inspect
import pickle
import re

import numpy as np
import pytest
from scipy import linalg, optimize, stats

import adviz as ad
from adviz.rules.interception import intercepted
from adviz.rules.scipy_linalg import LINALG_RULES
from tests.rules.everything_intercepted import everything_intercepted
from tests.rules.test_special import run

RNG = np.random.default_rng(7)
A = RNG.normal(size=(4, 4)) + 4 * np.eye(4)
S = A @ A.T
B = RNG.normal(size=4)

VALUES = {
    "solve": lambda a: linalg.solve(a, B),
    "of a positive matrix": lambda a: linalg.solve(a, B, assume_a="pos"),
    "of its lower triangle": lambda a: linalg.solve(a, B, lower=True, assume_a="symmetric"),
    "of a diagonal": lambda a: linalg.solve(a, B, assume_a="diagonal"),
    "of three diagonals": lambda a: linalg.solve(a, B, assume_a="tridiagonal"),
    "transposed": lambda a: linalg.solve(a, B, transposed=True),
    "triangular": lambda a: linalg.solve_triangular(a, B, "T", lower=True),
    "with ones": lambda a: linalg.solve_triangular(a / 9, B, unit_diagonal=True),
    "inverse": lambda a: linalg.inv(a, assume_a="upper triangular"),
    "pseudo-inverse": lambda a: linalg.pinv(a[:3]),
    "determinant": linalg.det,
    "upper factor": lambda a: linalg.cholesky(S + np.triu(a)),
    "lower factor": lambda a: linalg.cholesky(S + np.tril(a), lower=True),
    "eigenvalues": lambda a: linalg.eigvalsh(a, lower=False),
    "singular values": linalg.svdvals,
    "norm": lambda a: linalg.norm(a, 1),
    "exponential": linalg.expm,
    "square root": lambda a: linalg.sqrtm(a @ a.T),
    "Sylvester": lambda a: linalg.solve_sylvester(a, a.T, np.outer(B, B)),
    "Lyapunov": lambda a: linalg.solve_continuous_lyapunov(a, np.outer(B, B)),
    "Toeplitz": lambda a: linalg.toeplitz(a[0], a[1, :3]),
    "circulant": lambda a: linalg.circulant(a[0]),
    "blocks": lambda a: linalg.block_diag(a, [[1.0, 2.0]], a[0]),
}


@pytest.mark.parametrize("what", VALUES)
def test_a_traced_array_gives_what_a_plain_one_does(what):
    plain = VALUES[what](A)
    trace = ad.trace(VALUES[what], A)
    np.testing.assert_allclose(trace.value, plain, rtol=1e-12, atol=1e-13)
    assert trace.rows[-1].source.file == __file__


def test_a_triangle_that_is_not_read_has_no_slope():
    slope = ad.grad(lambda a: np.sum(linalg.cho_solve(linalg.cho_factor(a), B)))(S)
    assert np.all(np.tril(slope, -1) == 0.0)
    assert np.all(slope[np.triu_indices(4)] != 0.0)


def test_what_they_give_plain_arrays_and_say_of_themselves_is_scipys():
    ad.trace(lambda a: linalg.det(a), A)
    own = {name: inspect.signature(getattr(linalg, name)) for name in LINALG_RULES}
    factor = linalg.cholesky(S)
    with pytest.raises(linalg.LinAlgError) as expected:
        linalg.cholesky(-S)
    with everything_intercepted():
        for name in LINALG_RULES:
            function = getattr(linalg, name)
            assert function in intercepted()
            assert inspect.signature(function) == own[name]
            assert f"def {name}(" in inspect.getsource(function)
            assert pickle.loads(pickle.dumps(function)) is function
        np.testing.assert_array_equal(linalg.cholesky(S), factor)
        np.testing.assert_array_equal(linalg.cholesky([S, S])[1], linalg.cholesky(S))
        with pytest.raises(linalg.LinAlgError, match=re.escape(str(expected.value))):
            linalg.cholesky(-S)
        with pytest.raises(TypeError, match="missing 1 required positional argument"):
            linalg.solve_triangular(S)


def test_a_failure_comes_where_the_function_is_called():
    for _ in range(20):  # also where traces would be followed
        with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
            ad.grad(lambda a: np.sum(linalg.cholesky(a)))(-S)
        with pytest.raises(np.linalg.LinAlgError, match=r"singular"):
            ad.grad(lambda a: np.sum(linalg.solve_triangular(a, B)))(np.zeros((4, 4)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a: linalg.eigvalsh(a, a), "eigvalsh has no derivative rule with b="),
        (lambda a: linalg.pinv(a, return_rank=True), "no derivative rule with atol= or return_"),
        (lambda a: linalg.solve(a, B, assume_a="round"), "assume_a must be one of gen, general"),
        (lambda a: linalg.inv(a, assume_a="diagonal"), "assume_a must be one of gen, general, sym"),
        (lambda a: linalg.sqrtm(-a), "square root of this matrix is complex"),
        (lambda a: linalg.solve_triangular(a, B, trans=3), "trans must be 0, 1 or 2"),
        (lambda a: linalg.cholesky(a, upper=True), "upper"),
        (lambda a: linalg.cho_factor(a, upper=True)[0], "cho_factor is traced with a, lower"),
        (lambda a: linalg.lu_factor(a), "lu_factor computes with plain numbers only"),
    ],
    ids=range(9),
)
def test_what_has_no_rule_says_so(call, message):
    with pytest.raises(ad.AdvizError, match=message) as raised:
        ad.grad(lambda a: np.sum(call(a)))(S)
    assert "test_scipy_linalg.py" in str(raised.value)


def test_a_gaussian_process_finds_its_length_scale():
    x = np.linspace(0.0, 3.0, 25)
    y = np.sin(2 * x) + 0.05 * np.random.default_rng(0).normal(size=25)

    def kernel(p):
        scale, length, noise = np.exp(p)
        gaps = (x[:, None] - x) / length
        return scale * np.exp(-gaps * gaps / 2) + (noise + 1e-9) * np.eye(25)

    def loss(p):
        factor = linalg.cho_factor(kernel(p), lower=True)
        return y @ linalg.cho_solve(factor, y) / 2 + np.sum(np.log(np.diag(factor[0])))

    start = np.array([0.0, 0.0, -3.0])
    expected = -stats.multivariate_normal(np.zeros(25), kernel(start)).logpdf(y)
    constant = 25 * np.log(2 * np.pi) / 2
    assert loss(start) + constant == pytest.approx(expected, rel=1e-10)
    ad.check_grads(loss, (start,), order=2)
    found = optimize.minimize(
        loss, start, jac=ad.grad(loss), hess=ad.hessian(loss), method="trust-ncg"
    )
    assert found.success
    assert np.linalg.norm(ad.grad(loss)(found.x)) < 1e-4
    assert loss(found.x) < loss(start) - 5.0


def test_the_exponential_solves_its_differential_equation():
    speed = ad.jacfwd(lambda t: linalg.expm(t * A / 4))(0.7)
    np.testing.assert_allclose(speed, A / 4 @ linalg.expm(0.7 * A / 4), rtol=1e-12)
    direction = RNG.normal(size=(4, 4))
    _, pushed = ad.jvp(linalg.expm, (A,), (direction,))
    np.testing.assert_allclose(pushed, linalg.expm_frechet(A, direction)[1], rtol=1e-10)


def test_many_seeds_go_in_one_sweep():
    f = lambda a: linalg.solve_triangular(a, linalg.expm(a / 9)[:, 0], lower=True)  # noqa: E731
    np.testing.assert_allclose(ad.jacfwd(f)(A), ad.jacrev(f)(A), atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("order", ["import scipy.linalg\nimport adviz as ad", "import adviz as ad"])
def test_whenever_scipy_was_imported(order):
    code = f"""{order}
import sys
import numpy as np
ad.grad(lambda x: np.sum(x * x))(np.ones(2))
import scipy.linalg
slope = ad.grad(lambda a: scipy.linalg.cholesky(a)[0, 0])(np.eye(2) * 4.0)
for name in [name for name in sys.modules if name.startswith("adviz")]:
    del sys.modules[name]
import adviz as ad
again = ad.grad(lambda a: scipy.linalg.cholesky(a)[0, 0])(np.eye(2) * 4.0)
print(slope[0, 0], again[0, 0], scipy.linalg.cholesky(np.eye(2) * 4.0)[0, 0])
"""
    assert run(code) == "0.25 0.25 2.0\n"
