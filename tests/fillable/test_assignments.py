"""Functions that assign into arrays of their own, as people write them."""

import itertools

import numpy as np
import pytest
from numpy import zeros
from numpy import zeros as blank
from scipy import linalg, optimize, sparse, special

import adviz as ad
from tests.random_assignments import drawn
from tests.random_programs import cut_down, outcome

A = np.array([[2.0, -0.5, 0.3], [0.4, 1.5, -0.2], [0.1, 0.6, 1.2]])
TIMES = np.linspace(0.1, 2.0, 6)
REST = np.zeros(3)


# -- residuals (Moré, Garbow, Hillstrom, "Testing Unconstrained Optimization Software", 1981) ------


def rosenbrock(x):
    f = np.zeros(2)
    f[0] = 10 * (x[1] - x[0] ** 2)
    f[1] = 1 - x[0]
    return f


def powell_singular(x):
    f = np.empty(4)
    f[0] = x[0] + 10 * x[1]
    f[1] = np.sqrt(5) * (x[2] - x[3])
    f[2] = (x[1] - 2 * x[2]) ** 2
    f[3] = np.sqrt(10) * (x[0] - x[3]) ** 2
    return f


def helical_valley(x):
    fvec = zeros(3)
    theta = np.arctan2(x[1], x[0]) / (2 * np.pi)
    fvec[0] = 10 * (x[2] - 10 * theta)
    fvec[1] = 10 * (np.hypot(x[0], x[1]) - 1)
    fvec[2] = x[2]
    return fvec


def broyden_tridiagonal(x):
    n = len(x)
    f = np.zeros(n)
    for i in range(n):
        f[i] = (3 - 2 * x[i]) * x[i] + 1
        if i > 0:
            f[i] -= x[i - 1]
        if i < n - 1:
            f[i] -= 2 * x[i + 1]
    return f


def trigonometric(x):
    n = x.size
    f = np.zeros_like(x)
    for i in range(n):
        f[i] = n - np.sum(np.cos(x)) + (i + 1) * (1 - np.cos(x[i])) - np.sin(x[i])
    return f


def chebyquad(x):
    n = len(x)
    f = np.zeros(n)
    for j in range(n):
        t = np.ones(n + 1)
        t[1] = 2 * x[j] - 1
        for k in range(2, n + 1):
            t[k] = 2 * t[1] * t[k - 1] - t[k - 2]
        f += t[1:] / n
    f[1::2] += 1 / (np.arange(2.0, n + 1, 2) ** 2 - 1)
    return f


def exponential_fit(x):
    r = np.empty(TIMES.shape)
    for k, t in enumerate(TIMES):
        r[k] = x[0] * np.exp(-x[1] * t) + x[2] - np.cos(t)
    return 0.5 * r @ r


def extended_wood(x):
    f = np.zeros(3)
    f[:2] = 10 * (x[1:3] - x[:2] ** 2)
    f[-1] = np.sqrt(90) * (x[3] - x[2] ** 2)
    return np.linalg.norm(f) ** 2


# -- differential equations ------------------------------------------------------------------------


def euler(x):
    y = np.zeros(8)
    y[0] = x[0]
    for i in range(7):
        y[i + 1] = y[i] + 0.1 * (x[1] - x[2] * y[i] ** 2)
    return y


def runge_kutta(x):
    trajectory = np.zeros((4, 2))
    trajectory[0] = x[:2]

    def slope(s):
        out = np.empty(2)
        out[0] = s[1]
        out[1] = -x[2] * np.sin(s[0]) - 0.1 * s[1]
        return out

    for i in range(3):
        s, h = trajectory[i], 0.2
        k1 = slope(s)
        k2 = slope(s + h / 2 * k1)
        trajectory[i + 1] = s + h * k2
    return trajectory


def stages_of_runge_kutta(x):
    k = np.zeros((3, 2))
    y = np.array([x[0], x[1]])
    for s, c in enumerate((0.0, 0.5, 1.0)):
        z = y + 0.1 * c * k[s - 1]
        k[s, 0] = z[1] * x[2]
        k[s, 1] = -np.sin(z[0])
    return y + 0.1 * np.array([1 / 6, 2 / 3, 1 / 6]) @ k


def heat_equation(x):
    u = np.zeros(6)
    u[1:-1] = x
    for _ in range(4):
        new = u.copy()
        new[1:-1] = u[1:-1] + 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
        u = new
    return u


def heat_in_place(x):
    u, flux = np.zeros(5), np.zeros(4)
    u[1:] = x
    for _ in range(3):
        flux[:] = u[1:] - u[:-1]
        u[1:-1] += 0.25 * (flux[1:] - flux[:-1])
    return np.sum(u**2)


def wave_in_two_dimensions(x):
    u = np.zeros((4, 4))
    before = np.zeros_like(u)
    u[1:3, 1:3] = x.reshape(2, 2)
    for _ in range(3):
        after = np.zeros_like(u)
        after[1:-1, 1:-1] = 2 * u[1:-1, 1:-1] - before[1:-1, 1:-1]
        after[1:-1, 1:-1] += 0.1 * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2])
        after[1:-1, 1:-1] -= 0.4 * u[1:-1, 1:-1]
        before, u = u, after
    return u


def gauss_seidel(x):
    u = np.zeros(5)
    u[0], u[-1] = x[0], x[1]
    for _ in range(3):
        for i in range(1, 4):
            u[i] = 0.5 * (u[i - 1] + u[i + 1] - 0.1 * x[2])
    return u


def lorenz(x):
    states = np.empty((3, 5))
    states[:, 0] = x[:3]
    for t in range(4):
        a, b, c = states[:, t]
        states[0, t + 1] = a + 0.01 * 10 * (b - a)
        states[1, t + 1] = b + 0.01 * (a * (x[3] * 20 - c) - b)
        states[2, t + 1] = c + 0.01 * (a * b - 8 / 3 * c)
    return states


def trapezoids(x):
    total = np.zeros(1)
    for left, right in itertools.pairwise(x):
        total += 0.5 * (left**2 + right**2)
    return total[0]


# -- linear algebra --------------------------------------------------------------------------------


def determinant_by_elimination(x):
    u = A.copy() if isinstance(x, np.ndarray) else np.copy(A)
    u[0] = x[:3]
    for j in range(2):
        for i in range(j + 1, 3):
            u[i] -= u[i, j] / u[j, j] * u[j]
    return np.prod(np.diagonal(u))


def cholesky_by_hand(x):
    matrix = np.eye(3) * 4 + np.outer(x[:3], x[:3])
    lower = np.zeros((3, 3))
    for i in range(3):
        for j in range(i + 1):
            s = matrix[i, j] - lower[i, :j] @ lower[j, :j]
            lower[i, j] = np.sqrt(s) if i == j else s / lower[j, j]
    return lower


def back_substitution(x):
    upper = np.triu(A)
    y = np.zeros(3)
    for i in reversed(range(3)):
        y[i] = (x[i] - upper[i, i + 1 :] @ y[i + 1 :]) / upper[i, i]
    return y


def householder(x):
    v = np.array(x)
    v[0] += np.linalg.norm(x)
    v /= np.sqrt(v @ v)
    mirror = np.eye(4)
    mirror -= 2 * np.outer(v, v)
    return mirror @ np.arange(4.0)


def rotation(x):
    turn = np.eye(3)
    c, s = np.cos(x[0]), np.sin(x[0])
    turn[0, 0], turn[0, 1], turn[1, 0], turn[1, 1] = c, -s, s, c
    return turn @ x[1:]


def skew(x):
    half = np.zeros((3, 3))
    half[0, 1], half[0, 2], half[1, 2] = -x[2], x[1], -x[0]
    return half - half.T


def tridiagonal(x):
    banded = np.zeros((4, 4))
    i = np.arange(4)
    banded[i, i] = 3.0 + x
    banded[i[:-1], i[1:]] = banded[i[1:], i[:-1]] = x[1:] * 0.5
    return np.linalg.solve(banded, np.ones(4))


def vandermonde(x):
    powers = np.ones((4, 4))
    for j in range(1, 4):
        powers[:, j] = powers[:, j - 1] * x
    return powers


def blocks(x):
    matrix = np.zeros((4, 4))
    matrix[:2, :2] = np.outer(x[:2], x[2:])
    matrix[2:, 2:] = matrix[:2, :2].T
    matrix[:2, 2:] = np.eye(2) * x[0]
    return np.trace(matrix @ matrix) + np.sum(matrix[::2, ::-1])


def thomas(x):
    c, d = np.zeros(4), np.zeros(4)
    c[0], d[0] = 1 / x[0], x[1] / x[0]
    for i in range(1, 4):
        m = 4 + x[i] - c[i - 1]
        c[i], d[i] = 1 / m, (x[i] - d[i - 1]) / m
    for i in (2, 1, 0):
        d[i] -= c[i] * d[i + 1]
    return d


# -- learning and signals --------------------------------------------------------------------------


def recurrent(x):
    weights = np.array([[0.5, -0.3], [0.2, 0.8]])
    states = np.zeros((4, 2))
    h = np.zeros(2)
    for t in range(4):
        h = np.tanh(weights @ h + x[t] * np.array([1.0, -1.0]))
        states[t] = h
    return np.sum(states**2, axis=0)


def long_short_term(x):
    h, c = np.zeros((4, 2)), np.zeros((4, 2))
    for t in range(1, 4):
        gate = 1 / (1 + np.exp(-(x[t] * h[t - 1] + x[0])))
        c[t] = gate * c[t - 1] + (1 - gate) * np.tanh(x[t])
        h[t] = gate * np.tanh(c[t])
    return h[-1] @ c[-1] + h.mean()


def convolution(x):
    out = np.zeros(6)
    for i, weight in enumerate((0.2, 0.5, 0.3)):
        out[i : i + 4] += weight * x
    return out


def blurred(x):
    image = np.arange(16.0).reshape(4, 4) / 16
    image[1:3, 1:3] *= x.reshape(2, 2)
    out = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            out[i, j] = np.mean(image[i : i + 3, j : j + 3] ** 2)
    return out


def softmax_cross_entropy(x):
    p = np.empty_like(x)
    np.exp(x - np.max(x), out=p)
    p /= p.sum()
    target = np.zeros(4)
    target[2] = 1
    return -np.sum(target * np.log(p))


def one_hot(x):
    encoded = np.zeros((3, 4))
    encoded[np.arange(3), [1, 0, 3]] = x[:3]
    return encoded @ x


def attention_mask(x):
    scores = np.outer(x, x)
    masked = np.full((4, 4), -3.0)
    causal = np.tril(np.ones((4, 4), bool))
    masked[causal] = scores[causal]
    weights = np.exp(masked)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights @ x


def moving_average(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for t in range(1, x.size):
        y[t] = 0.7 * y[t - 1] + 0.3 * x[t]
    return y


def clipped(x):
    y = np.array(x, dtype=float)
    y[y > 1.0] = 1.0
    y[y < 0.6] *= 0.1
    return y


def histogram(x):
    bins = np.zeros(3)
    np.add.at(bins, [0, 1, 1, 2], x**2)
    return bins / bins.sum()


def padded(x):
    p = np.zeros(len(x) + 2)
    p[1:-1] = x
    p[0], p[-1] = p[1], p[-2]
    return np.diff(p, 2)


# -- and otherwise ---------------------------------------------------------------------------------


def fibonacci(x):
    table = blank(8)
    table[:2] = x[:2]
    for k in range(2, 8):
        table[k] = table[k - 1] + x[2] * table[k - 2]
    return table[-1]


def longest_path(x):
    cost = np.full((3, 3), np.inf)
    cost[0, 0] = x[0]
    for i in range(3):
        for j in range(3):
            if i or j:
                best = min(cost[i - 1, j] if i else np.inf, cost[i, j - 1] if j else np.inf)
                cost[i, j] = best + x[(i + 2 * j) % 4] * (1 + 0.1 * i)
    return cost[2, 2]


def safe_division(x):
    ratio = np.divide(x, x - 0.9, out=np.zeros(4), where=x > 1.0)
    return ratio @ x


def polynomial_product(x):
    out = np.zeros(5)
    for i in range(3):
        for j in range(3):
            out[i + j] += x[i] * x[j + 1]
    return out


def distances(x):
    points = x.reshape(2, 2)
    apart = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            apart[i, j] = np.sum((points[i] - 2 * points[j]) ** 2)
    return apart


def swapped_rows(x):
    matrix = np.array([x[:2], x[2:]])
    matrix[[0, 1]] = matrix[[1, 0]]
    first = matrix[0]
    first *= 2
    return matrix.ravel() * x


def buffers_that_are_filled_again(x):
    buffer, total = np.zeros(4), 0.0
    for k in range(3):
        buffer.fill(x[k])
        np.multiply(buffer, x, out=buffer)
        np.copyto(buffer[2:], x[:2], where=x[:2] > 0.7)
        total = total + np.sum(np.sin(buffer))
    return total


FUNCTIONS = [
    value
    for name, value in list(globals().items())
    if callable(value) and getattr(value, "__module__", "") == __name__
]
X = np.array([0.5, 1.3, 0.8, 1.7])


def differences(f, x, step=1e-4):
    """Return the derivative of f along each entry of x, by a rule of fourth order."""

    def along(e):
        near, wide = (np.asarray(f(x + h * e)) - f(x - h * e) for h in (step, 2 * step))
        return (8 * near - wide) / (12 * step)

    return np.stack([along(e) for e in np.eye(x.size)], -1)


def test_there_are_forty_four_of_them():
    assert len(FUNCTIONS) >= 44


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_values_and_derivatives(f):
    plain, slopes = f(X), differences(f, X)
    trace = ad.trace(f, X)
    np.testing.assert_allclose(trace.value, plain, rtol=1e-12)
    np.testing.assert_allclose(ad.jacrev(f)(X), slopes, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(ad.jacfwd(f)(X), slopes, rtol=1e-7, atol=1e-8)
    weights = np.cos(np.arange(np.size(plain))).reshape(np.shape(plain))

    def total(x):
        return np.sum(weights * f(x))

    gradient = ad.grad(total)
    for _ in range(3):  # recorded, planned, by code
        np.testing.assert_allclose(
            gradient(X), np.tensordot(weights, slopes, np.ndim(plain)), rtol=1e-7, atol=1e-7
        )
    bent = differences(gradient, X)
    np.testing.assert_allclose(ad.hessian(total)(X), bent, rtol=1e-6, atol=1e-6)
    direction = np.array([0.3, -0.2, 0.5, 0.1])
    _, (first, second) = ad.jet(total, (X,), ([direction, 0 * direction],))
    np.testing.assert_allclose(first, direction @ gradient(X), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(second, direction @ bent @ direction, rtol=1e-6, atol=1e-6)
    compiled = ad.compile(f)
    for x in (X, X + 0.01):
        np.testing.assert_allclose(compiled(x), f(x), rtol=1e-12)
        np.testing.assert_allclose(trace.replay(x).value, f(x), rtol=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_random_programs(seed):
    found = outcome(drawn(seed))
    if found.startswith("WRONG"):
        pytest.fail(f"{found}\n{cut_down(drawn(seed)).source()}")


def test_with_scipy():
    matrix = sparse.csr_array(np.diag([1.0, 2.0, 3.0, 4.0]))

    def f(x):
        y = np.zeros(4)
        y[1:] = x[:3] ** 2
        z = np.zeros(2)
        z[0] = optimize.brentq(lambda t, a: t**3 - a, 0.0, 9.0, args=(y[1] + 1.0,))
        z[1] = linalg.norm(y)
        return special.logsumexp(matrix @ y) + np.sum(special.gammaln(1.0 + y)) + z @ z

    assert ad.trace(f, X).value == pytest.approx(f(X), rel=1e-12)
    np.testing.assert_allclose(ad.grad(f)(X), differences(f, X), rtol=1e-7, atol=1e-8)


def test_as_the_argument_of_other_derivatives():
    def f(x):
        y = np.zeros(4)
        y[::2] = x[:2]
        y[1] = x[3] * y[0]
        slope = ad.grad(lambda u: np.sum(u**3))(y)
        turned = ad.jacobian(lambda u: u * np.roll(u, 1))(y)
        kept = ad.checkpoint(lambda u, w: np.sum(u * w * w))(y, x)
        return np.sum(slope * x) + np.sum(turned @ y) + kept

    np.testing.assert_allclose(ad.grad(f)(X), differences(f, X), rtol=1e-7, atol=1e-8)


def test_results_are_written_into_copies_of_the_argument():
    def f(x):
        y = x.copy()
        np.sin(y, out=y)
        np.add(y, x, y)
        np.exp(y, out=y, where=y > 1.0)
        np.cumsum(y, out=y)
        return np.sum(y * np.full_like(y, x[0]) * np.full_like(np.ones(3), x[1]))

    x = np.array([0.3, 0.8, 1.3])
    steps = np.eye(3) * 1e-6
    differences = [(f(x + step) - f(x - step)) / 2e-6 for step in steps]
    np.testing.assert_allclose(ad.grad(f)(x), differences, rtol=1e-7)
    np.testing.assert_allclose(ad.compile(f, x).grad(x), differences, rtol=1e-7)
    np.testing.assert_allclose(ad.jvp(f, (x,), (x,))[1], differences @ x, rtol=1e-7)
