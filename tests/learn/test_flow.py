"""Activations and gradients through a network, against the same computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

import adviz as ad
from adviz.host.errors import InputError, TrainingError

L = ad.learn


@pytest.fixture(scope="module")
def batch():
    (x, labels), _ = L.digits()
    return x[:50], labels[:50]


def by_hand(params, x, labels):
    """Activations, their adjoints and the gradients of a tanh perceptron of any depth."""
    *hidden, output = params.values()
    activations = [x]
    for layer in hidden:
        activations.append(np.tanh(activations[-1] @ layer["w"] + layer["b"]))
    scores = activations[-1] @ output["w"] + output["b"]
    bar = np.exp(scores - scores.max(axis=1, keepdims=True))
    bar /= bar.sum(axis=1, keepdims=True)
    bar[np.arange(len(x)), labels] -= 1
    bar /= len(x)
    bars, norms = [bar], []
    for k, layer in reversed(list(enumerate(params.values()))):
        before = bar if k == len(params) - 1 else bar * (1 - activations[k + 1] ** 2)
        slopes = (activations[k].T @ before, before.sum(axis=0))
        norms.append(np.sqrt(sum(np.sum(slope**2) for slope in slopes)))
        bar = before @ layer["w"].T
        bars.append(bar)
    return [*activations[1:], scores], bars[:-1][::-1], norms[::-1]


def inlined(params, x):
    """The same network without a call for each layer."""
    first, second = params["first"], params["second"]
    return np.tanh(x @ first["w"] + first["b"]) @ second["w"] + second["b"]


@pytest.mark.slow
def test_activations_adjoints_and_norms_are_those_by_hand(batch):
    params = L.perceptron_parameters(64, 20, 20, 20, 10, seed=2)
    flow = L.gradient_flow(L.perceptron, params, *batch)
    activations, adjoints, norms = by_hand(params, *batch)
    assert list(flow.norms) == ["hidden1", "hidden2", "hidden3", "output"]
    for found, expected in (
        (flow.activations, activations),
        (flow.adjoints, adjoints),
        (flow.norms, norms),
    ):
        for one, other in zip(found.values(), expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-15)


def test_a_model_without_calls_flows_too(batch):
    layers = L.perceptron_parameters(64, 5, 10)
    params = {"first": layers["hidden"], "second": layers["output"]}
    flow = L.gradient_flow(inlined, params, *batch)
    z = batch[0] @ params["first"]["w"] + params["first"]["b"]
    np.testing.assert_allclose(flow.activations["first"], z)  # the last row of its parameters
    np.testing.assert_allclose(flow.activations["second"], np.tanh(z) @ params["second"]["w"])


def test_saturating_activations_and_small_weights_make_gradients_vanish(batch):
    def deep(activation, initialiser):
        params = L.perceptron_parameters(64, *[32] * 5, 10, initialiser=initialiser)
        norms = L.gradient_flow(lambda p, x: L.perceptron(p, x, activation), params, *batch).norms
        return norms["hidden1"] / norms["output"]

    assert deep(ad.logistic, L.glorot) < 0.01
    assert deep(np.tanh, L.normal(0.05)) < 0.1
    assert 0.3 < deep(np.tanh, L.glorot) < 10
    assert 0.3 < deep(ad.relu, L.he) < 10


@pytest.mark.slow
def test_figures_of_flows_say_their_numbers(batch):
    params = L.perceptron_parameters(64, 8, 8, 10, initialiser=L.zeros)
    dead = L.gradient_flow(L.perceptron, params, *batch)
    good = L.gradient_flow(L.perceptron, L.perceptron_parameters(64, 8, 8, 10), *batch)
    assert dead.norms["hidden1"] == 0
    assert "hidden1 0, hidden2 0" in dead.plot("zeros").description
    for figure in (dead.plot(), good.plot(), L.compare_flows({"dead": dead, "good": good})):
        assert figure.to_png().startswith(b"\x89PNG")
    assert "good: " in L.compare_flows({"good": good}).description


def test_a_layer_that_is_not_used_is_told(batch):
    params = {**L.perceptron_parameters(64, 10), "spare": {"w": np.zeros(3)}}
    with pytest.raises(InputError, match="does not use the layer 'spare'"):
        L.gradient_flow(lambda p, x: L.dense(p["output"], x), params, *batch)


def test_what_is_not_finite_is_told(batch):
    params = L.perceptron_parameters(64, 4, 10)
    params["hidden"]["w"][0, 0] = np.inf
    with pytest.raises(TrainingError, match="is not finite: it begins in the row"):
        L.gradient_flow(L.perceptron, params, *batch)


@pytest.mark.slow
def test_the_figure_of_a_training_says_its_numbers(batch):
    run = L.train(L.perceptron, L.perceptron_parameters(64, 4, 10), batch, test=batch, epochs=2)
    assert f"{run.test_accuracy[-1]:.1%}" in run.plot().description
    assert run.plot().to_png().startswith(b"\x89PNG")

    points = np.array([0.0, 1.0]), np.array([1.0, 3.0])
    line = L.train(lambda p, x: p * x, 0.5, points, loss=L.mean_squared_error, epochs=1)
    assert line.plot().to_png().startswith(b"\x89PNG")
