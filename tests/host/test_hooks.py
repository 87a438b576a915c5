"""Hooks see every row and every step; without an active hook no step is made."""

import threading

import numpy as np
import pytest

import adviz as ad
from adviz.core import steps


def f(x1, x2):
    a = x1 * x2
    return a + x2 - np.log(x1)


def test_rows_as_they_are_recorded():
    seen = []
    with ad.hooks(on_row=lambda row: seen.append((row.label, row.op, row.value, row.name))):
        trace = ad.trace(f, 3, -4)
    assert seen == [(row.label, row.op, row.value, row.name) for row in trace.rows]
    assert [label for label, *_ in seen] == ["v₋₁", "v₀", "v₁", "v₂", "v₃", "v₄"]
    ad.trace(f, 3, -4)
    assert len(seen) == 6


def test_a_constant_output_is_a_row_too():
    seen = []
    with ad.hooks(on_row=seen.append):
        ad.trace(lambda x: (x, 7), 1)
    assert [(row.op, row.value) for row in seen] == [("input", 1.0), ("constant", 7.0)]


def test_steps_of_whatever_is_differentiated_inside():
    dots, bars = [], []
    with ad.hooks(on_tangent=dots.append, on_adjoint=bars.append):
        ad.jvp(f, (3.0, -4.0), (0.0, 1.0))
        assert [step.tangent for step in dots] == [0, 1, 3, 4, 0, 4]
        assert bars == []
        ad.grad(f, (0, 1))(3.0, -4.0)
    trace = ad.trace(f, 3.0, -4.0)
    steps_of = [(step.row.label, step.adjoint) for step in trace.reverse()]
    assert [(step.row.label, step.adjoint) for step in bars] == steps_of
    into_x1 = [c for step in bars for c in step.contributions if c.parent.name == "x1"]
    assert [(c.before, c.amount, c.after) for c in into_x1] == [
        (None, -1 / 3, -1 / 3),
        (-1 / 3, -4.0, -13 / 3),
    ]
    assert all(c.amount == s.adjoint * c.partial for s in bars for c in s.contributions)


def test_nested_derivatives_are_seen_from_the_inside_out():
    seen = []
    with ad.hooks(
        on_adjoint=lambda step: seen.append((step.row.trace.function_name, step.adjoint))
    ):
        ad.grad(ad.grad(lambda x: x**3))(2.0)
    assert seen[:2] == [("f", 1.0), ("f", 12.0)]
    assert seen[-1][1] == 12.0
    assert all(type(adjoint) is float for _, adjoint in seen)


def test_hooks_add_up_and_end_with_their_block():
    outer, inner = [], []
    with ad.hooks(on_row=outer.append):
        with ad.hooks(on_row=inner.append):
            ad.trace(f, 1, 2)
        ad.trace(f, 1, 2)
    ad.trace(f, 1, 2)
    assert (len(outer), len(inner)) == (12, 6)


@pytest.mark.parametrize("kind", ["on_row", "on_tangent", "on_adjoint"])
def test_a_hook_that_raises_stops_the_derivative_and_leaves_nothing_behind(kind):
    kept = []

    def keeping(x):
        kept.append(x)
        return x * x

    def broken(event):
        raise RuntimeError("mine")

    def differentiate():
        ad.jvp(keeping, (3.0,), (1.0,))
        return ad.grad(keeping)(3.0)

    with pytest.raises(RuntimeError, match="mine"), ad.hooks(**{kind: broken}):
        differentiate()
    assert differentiate() == 6.0
    with pytest.raises(ad.AdvizError, match="after the call that recorded it had ended"):
        kept[0] + 1


def test_hooks_of_one_thread_are_not_those_of_another():
    seen = []
    with ad.hooks(on_row=seen.append):
        thread = threading.Thread(target=ad.grad(f), args=(3.0, -4.0))
        thread.start()
        thread.join()
    assert seen == []


def test_without_hooks_no_step_is_made(monkeypatch):
    made = []
    for name in ("TangentStep", "AdjointStep", "Term", "Contribution"):

        def forbidden(*args, name=name):
            made.append(name)
            raise AssertionError(f"{name} was made")

        monkeypatch.setattr(steps, name, forbidden)
    assert ad.grad(f, (0, 1))(3.0, -4.0) == (-13 / 3, 4.0)
    assert ad.jvp(f, (3.0, -4.0), (0.0, 1.0))[1] == 4.0
    assert made == []
    with pytest.raises(AssertionError, match="Contribution was made"):
        list(ad.trace(f, 3.0, -4.0).reverse())  # so the watch does watch
    with pytest.raises(AssertionError, match="TangentStep was made"):
        list(ad.trace(f, 3.0, -4.0).forward("x1"))
