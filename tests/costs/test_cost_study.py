"""Costs: counts equal theory over a grid of n and m, and measurements are in proportion."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import adviz as ad
from adviz.costs.jacobian_costs import METHODS
from adviz.figure import Figure

W1 = np.random.default_rng(1).normal(size=(256, 1000)) / 30
W2 = np.random.default_rng(2).normal(size=(10, 256)) / 16


def network(x):
    return np.tanh(W2 @ np.tanh(W1 @ x))


def linear(n, m):
    """f(x) = A x without a 0 or a 1 in A, number by number."""
    matrix = 2.0 + np.arange(m * n).reshape(m, n)
    return lambda *x: [
        sum(a * v for a, v in zip(line[1:], x[1:], strict=True)) + line[0] * x[0]
        for line in matrix.tolist()
    ]


@pytest.mark.parametrize("n", [2, 3, 8])
@pytest.mark.parametrize("m", [1, 3, 5])
def test_counts_over_a_grid_of_sizes(n, m):
    """A row of A x costs n products and n additions, since sum() begins at 0."""
    evaluations = []

    def f(*x):
        evaluations.append(x)
        return linear(n, m)(*x)

    study = ad.cost_study(f, *np.linspace(0.1, 0.9, n), seconds=0)
    assert (study.n, study.m) == (n, m)
    function = m * 2 * n
    tangent = m * (n + n - 1)  # a product for each a, an addition for each sum of two rows
    row = n  # additions pass an adjoint on as it is
    for n1 in range(1, n + 1):
        for m1 in range(1, m + 1):
            assert study.passes("forward", n1, m1) == n1
            assert study.passes("reverse", n1, m1) == m1
            assert study.evaluations("differences", n1, m1) == 2 * n1
            assert study.operations("differences", n1, m1) == 2 * n1 * function
            assert study.operations("forward", n1, m1) == function + n1 * tangent
            assert study.operations("reverse", n1, m1) == function + m1 * row
    before = len(evaluations)
    columns = [central(f, np.linspace(0.1, 0.9, n), k) for k in range(n)]
    assert len(evaluations) - before == study.evaluations("differences") == 2 * n
    assert np.allclose(
        np.column_stack(columns), ad.jacobian(lambda x: np.stack(f(*x)))(np.linspace(0.1, 0.9, n))
    )


def central(f, x, k, h=1e-6):
    return (
        np.array(f(*(x + h * np.eye(len(x))[k]))) - np.array(f(*(x - h * np.eye(len(x))[k])))
    ) / (2 * h)


def test_passes_of_a_jacobian_are_the_sweeps_that_hooks_see():
    study = ad.cost_study(lambda x1, x2, x3: (x1 * x2, np.sin(x3) * x1), 1.0, 2.0, 3.0, seconds=0)
    rows = len(study.trace.rows)
    for mode, whole, hook in (
        ("forward", ad.jacfwd, "on_tangent"),
        ("reverse", ad.jacrev, "on_adjoint"),
    ):
        steps = []
        with ad.hooks(**{hook: steps.append}):
            whole(study.function, argnums=(0, 1, 2))(1.0, 2.0, 3.0)
        assert steps
        seeds = (
            rows * 3
            if mode == "forward"
            else sum(len(list(study.trace.reverse(y))) for y in ("y1", "y2"))
        )
        assert len(steps) in (seeds, rows), "one sweep for each seed, or all of them in one"


def test_the_wrong_mode_costs_n_over_m_times_the_right_one():
    """Within a factor of 2; the clock's ratio is a median, on one thread."""
    x, measured = np.linspace(-1, 1, 1000), []
    with threadpool_limits(1):
        for _ in range(5):
            study = ad.cost_study(network, x, seconds=0.1)
            measured.append(study.seconds("forward") / study.seconds("reverse"))
    assert study.passes("forward") / study.passes("reverse") == 1000 / 10
    assert 50 <= study.operations("forward") / study.operations("reverse") <= 200
    assert 50 <= np.median(measured) <= 200
    assert study.operations("forward", n=10) < 2 * study.operations("reverse")
    assert study.operations("forward", n=10) > study.operations("reverse") / 2


def test_a_gradient_costs_at_most_four_times_its_function():
    study = ad.cost_study(lambda x: np.sum(network(x) ** 2), np.linspace(-1, 1, 1000), seconds=0)
    assert 1 < study.gradient_ratio <= 4
    assert (
        study.operations("reverse")
        == study.gradient_ratio * study.operations("differences", n=1) / 2
    )


def test_a_study_claims_no_bound_where_none_is_known():
    x = np.linspace(0.5, 1.5, 4)
    costs = {
        "never more than 4 times": lambda x: np.prod(x),
        "no bound is known": lambda x: np.einsum("i,i,i->i", x, x, x),
        "no arithmetic; a gradient rᵀ J costs 8 additions": lambda x: np.tile(x, 3),
    }
    for remark, f in costs.items():
        study = ad.cost_study(f, x, seconds=0)
        assert remark in str(study)
        assert isinstance(study.plot(), Figure)
    assert ad.cost_study(costs["no bound is known"], x, seconds=0).gradient_ratio > 4


def test_the_way_back_needs_memory_for_the_length_of_the_run():
    def chain(x):
        for _ in range(50):
            x = np.sin(x) * np.linspace(0.5, 1.5, 10_000)
        return np.sum(x)

    peak = {
        method: m.peak
        for method, m in ad.cost_study(chain, np.ones(10_000), seconds=0).measured.items()
    }
    assert peak["reverse"] > 10 * peak["differences"]


def test_what_cannot_be_counted_is_still_measured():
    study = ad.cost_study(lambda a: np.linalg.inv(a), np.eye(3) * 2, seconds=0)
    assert "inv is not counted" in str(study)
    assert "operations" not in str(study).splitlines()[1]
    assert study.passes("forward") == 9
    assert study.measured["reverse"].each > 0
    assert isinstance(study.plot(), Figure)
    for ask in (
        lambda: study.operations("forward"),
        lambda: study.gradient_ratio,
        lambda: study.gradient_bound,
        lambda: study.tangent_ratio,
    ):
        with pytest.raises(ad.AdvizError, match="inv is not counted"):
            ask()


@pytest.mark.parametrize("sizes", [(1, 1), (1, 6), (6, 1), (40, 3), (3, 40)])
def test_its_figure_is_drawn_for_any_sizes(sizes):
    n, m = sizes
    matrix = np.ones((m, n)) * 0.1
    figure = ad.cost_study(lambda x: np.sin(matrix @ x), np.ones(n), seconds=0).plot()
    assert f"{n} input" in figure.description
    gradient = figure.axes[1]
    lines = {line.get_label(): line.get_ydata() for line in gradient.get_lines()}
    (bound,) = (name for name in lines if name.startswith("at most"))
    assert set(lines) >= set(METHODS)
    assert (bound == "at most 4") == (m <= n)
    assert max(lines["reverse"]) <= lines[bound][0]


@pytest.mark.parametrize(
    "ask",
    [
        lambda f, x: ad.cost_study(f, x),
        lambda f, x: ad.sparsity_study(f, x),
        lambda f, x: ad.jacobian(f)(x),
        lambda f, x: ad.jacfwd(f)(x),
        lambda f, x: ad.hessian(lambda x: np.sum(f(x)))(x),
    ],
    ids=["cost_study", "sparsity_study", "jacobian", "jacfwd", "hessian"],
)
def test_too_large_a_matrix_is_refused_with_what_to_use(ask):
    message = r"100,000 × 100,000 .* not formed.*ad\.jvp.*ad\.hvp.*sparsity=True"
    with pytest.raises(ad.AdvizError, match=message):
        ask(lambda x: x * x * x, np.ones(100_000))


def test_many_inputs_and_one_output_are_no_trouble():
    study = ad.cost_study(lambda x: np.sum(x * x), np.ones(100_000), seconds=0)
    assert study.passes("reverse") == 1


@pytest.mark.parametrize("f", [lambda x: 5.0, lambda x: x], ids=["constant", "identity"])
def test_a_function_without_operations(f):
    study = ad.cost_study(f, 1.0, seconds=0)
    assert study.operations("differences") == 0
    assert isinstance(study.plot(), Figure)


@pytest.mark.parametrize("study", [ad.cost_study, ad.sparsity_study])
def test_nothing_that_comes_out(study):
    with pytest.raises(ad.AdvizError, match=r"returned an empty array.*no row"):
        study(lambda x: x[:0], np.ones(2))


def test_what_is_measured_leaves_the_inputs_alone():
    def doubling(x):
        x *= 2
        return np.sum(x)

    x = np.ones(3)
    ad.cost_study(doubling, x, seconds=0.01).plot()
    assert np.array_equal(x, np.ones(3))
