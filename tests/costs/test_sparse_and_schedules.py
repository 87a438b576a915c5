"""Sparse Jacobians and schedules against published counts, dense Jacobians and plain gradients."""

import sys

import numpy as np
import pytest

import adviz as ad
from adviz.costs.schedules import fewest_advances, schedule
from adviz.figure import Figure


def broyden(x):
    y = (3 - 2 * x) * x + 1
    return np.concatenate([y[:1] - 2 * x[1:2], y[1:-1] - x[:-2] - 2 * x[2:], y[-1:] - x[-2:-1]])


@pytest.mark.parametrize("n", [10, 60])
def test_tridiagonal_columns_need_three_colors(n):
    x = np.linspace(0.1, 1, n)
    study = ad.sparsity_study(broyden, x)
    assert study.is_forward
    assert study.passes == 3
    assert study.letters == ("ABC" * n)[:n]
    assert study.compressed.shape == (n, 3)
    assert np.array_equal(study.matrix, ad.jacobian(broyden)(x))
    assert np.array_equal(study.matrix, ad.jacobian(broyden, sparsity=True)(x).toarray())
    assert f"3 forward passes instead of {n}" in str(study)


def test_rows_are_coloured_where_that_is_cheaper():
    def f(x, scale):
        return np.stack([x[0] * x[1], x[2] * x[3], np.sum(x) * scale])

    x = np.linspace(0.1, 1, 6)
    study = ad.sparsity_study(f, x, 2.0)
    assert (study.n, study.m, study.is_forward, study.letters) == (7, 3, False, "AAB")
    by_x, by_scale = ad.jacrev(f, (0, 1))(x, 2.0)
    assert np.allclose(study.matrix, np.column_stack([by_x, by_scale]))


@pytest.mark.parametrize("n", [4, 30, 90])
def test_a_coloring_is_drawn_with_letters_while_they_can_be_read(n):
    figure = ad.sparsity_study(broyden, np.linspace(0.1, 1, n)).plot()
    assert isinstance(figure, Figure)
    pattern, passes, _found = figure.axes
    letters = [text.get_text() for text in pattern.texts]
    assert len(letters) == (3 * n - 2 if n <= 40 else 0)
    assert set(letters) <= set("ABC")
    assert [label.get_text() for label in passes.get_xticklabels()] == ["A", "B", "C"]


REVOLVE = [(10, 3, 15), (56, 3, 210), (100, 3, 490), (1000, 10, 3636), (1000, 20, 2747)]


@pytest.mark.parametrize(("steps", "snapshots", "advances"), REVOLVE)
def test_schedules_run_as_few_steps_again_as_is_published(steps, snapshots, advances):
    actions = schedule(steps, snapshots)
    assert sum(a.last - a.first for a in actions if a.kind == "advance") == advances
    assert fewest_advances(steps, snapshots) == advances
    assert sum(a.kind == "record" for a in actions) == steps
    assert [a.first for a in actions if a.kind == "reverse"] == list(range(steps, 0, -1))


@pytest.mark.parametrize("steps", [1, 2, 7, 23])
def test_no_schedule_keeps_more_than_it_may(steps):
    for snapshots in range(1, steps + 1):
        kept, most, advances = set(), 0, 0
        for kind, first, last, keeps in schedule(steps, snapshots):
            if kind == "restore":
                assert first in kept
                if not keeps:
                    kept.remove(first)
            elif keeps:
                kept.add(first)
            advances += last - first if kind == "advance" else 0
            most = max(most, len(kept))
        assert most <= snapshots
        assert advances == fewest_advances(steps, snapshots)


def flow(x):
    return x + 0.01 * np.sin(x * np.roll(x, 1))


@pytest.mark.parametrize(
    ("step", "state"),
    [
        (lambda x: 3.5 * x * (1 - x), 0.3),
        (flow, np.linspace(0, 1, 50)),
        (lambda s: {"a": s["a"] * s["b"][0], "b": [np.sin(s["a"])]}, {"a": 0.4, "b": [0.9]}),
    ],
    ids=["number", "array", "nest"],
)
def test_the_gradient_is_that_of_plain_reverse_mode(step, state):
    for snapshots in (1, 2, 5, 12):
        study = ad.checkpoint_study(step, state, steps=12, snapshots=snapshots)
        assert study.is_exact
        assert study.runs == 12 + study.advances
    if not isinstance(state, dict):

        def chain(x):
            for _ in range(12):
                x = step(x)
            return np.sum(x)

        assert np.array_equal(study.gradient, ad.grad(chain)(state))


def test_time_is_exchanged_for_memory():
    studies = [ad.checkpoint_study(flow, np.linspace(0, 1, 2000), 40, s) for s in (3, 10)]
    few, many = studies
    assert few.runs > many.runs > 40
    assert few.peak < many.peak < many.plain_peak / 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ad.checkpoint_study(np.sum, np.ones(3), 5, 2),
            r"shape \(3,\) and returned a float",
        ),
        (lambda: ad.checkpoint_study(lambda x: (x, x), 1.0, 5, 2), "nested otherwise"),
        (
            lambda: ad.checkpoint_study(lambda s: (*s, 1.0), (1.0, 2.0), 5, 2),
            "2 parts and returned 3",
        ),
        (lambda: ad.checkpoint_study(flow, np.ones(3), 5, 9), "5 steps can use up to 5 snapshots"),
        (lambda: ad.checkpoint_study(flow, np.ones(3), 0, 1), r"steps must be .* got 0"),
        (lambda: ad.checkpoint_study(flow, np.ones(3), 5, 1.5), r"snapshots must be .* got 1.5"),
    ],
    ids=["scalar", "nest", "more", "snapshots", "steps", "half"],
)
def test_what_is_no_chain_is_said(call, message):
    with pytest.raises(ad.AdvizError, match=message):
        call()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "checkpoint_schedules", None)
    with pytest.raises(ad.AdvizError, match="pip install checkpoint-schedules"):
        schedule(5, 2)


def test_a_schedule_is_drawn_as_far_as_it_has_come():
    study = ad.checkpoint_study(flow, np.linspace(0, 1, 20), steps=10, snapshots=3)
    figure = study.plot(until=5)
    chain, exchange = figure.axes
    drawn = [line for line in chain.get_lines() if line.get_alpha() == 1.0]
    assert len(drawn) == sum(action.kind != "restore" for action in study.actions[:5])
    runs = exchange.get_lines()[0].get_xydata()
    assert [15 + 10 for snapshots, count in runs if snapshots == 3] == [
        count for snapshots, count in runs if snapshots == 3
    ]


def test_a_step_that_writes_into_its_state():
    def step(x):
        x[0] = x[0] * x[1] + np.sin(x[2])
        return x

    start = np.array([0.5, 0.9, 0.3])
    study = ad.checkpoint_study(step, start, steps=12, snapshots=2)
    assert study.is_exact
    assert np.array_equal(start, [0.5, 0.9, 0.3])

    def chain(x):
        for _ in range(12):
            x = step(x.copy())
        return np.sum(x)

    assert np.allclose(study.gradient, ad.grad(chain)(start), rtol=1e-14)


def test_a_step_that_leaves_the_reals():
    study = ad.checkpoint_study(np.log, 0.3, steps=4, snapshots=2)
    assert np.isnan(study.gradient)
    assert study.is_exact
