"""Training: against gradients and steps written by hand, and on real images."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

import adviz as ad
from adviz.host.errors import InputError, MissingPackageError, TrainingError

L = ad.learn


def by_hand(params, x, labels):
    """The gradient of the cross-entropy of a tanh perceptron, by the chain rule on paper."""
    w1, b1, w2, b2 = (params[k][n] for k in ("hidden", "output") for n in "wb")
    hidden = np.tanh(x @ w1 + b1)
    scores = hidden @ w2 + b2
    to_scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    to_scores /= to_scores.sum(axis=1, keepdims=True)
    to_scores[np.arange(len(x)), labels] -= 1
    to_scores /= len(x)
    to_hidden = to_scores @ w2.T * (1 - hidden**2)
    return {
        "hidden": {"w": x.T @ to_hidden, "b": to_hidden.sum(axis=0)},
        "output": {"w": hidden.T @ to_scores, "b": to_scores.sum(axis=0)},
    }


@pytest.fixture(scope="module")
def trained():
    train, test = L.digits()
    return L.train(
        L.perceptron, L.perceptron_parameters(64, 32, 10), train, test=test, epochs=10, seed=1
    )


def largest_difference(a, b):
    differences = L.tree_map(lambda p, q: np.max(np.abs(p - q)), a, b)
    return max(d for layer in differences.values() for d in layer.values())


def test_two_layers_read_handwritten_digits(trained):
    assert trained.test_accuracy[-1] >= 0.95
    assert trained.test_accuracy[0] < 0.3  # it had to learn it
    assert len(trained.losses) == 10 * 45  # ceil(1438 / 32) batches
    assert len(trained.test_accuracy) == len(trained.train_accuracy) == 11


def test_the_trained_networks_gradient_is_the_one_by_hand(trained):
    _, (x, labels) = L.digits()

    def loss(params):
        return L.cross_entropy(L.perceptron(params, x), labels)

    for params in (trained.params, L.perceptron_parameters(64, 32, 10)):
        assert largest_difference(ad.grad(loss)(params), by_hand(params, x, labels)) < 1e-13


def test_the_same_seed_gives_the_same_numbers():
    train, _ = L.digits()
    start = L.perceptron_parameters(64, 8, 10, seed=3)
    runs = [L.train(L.perceptron, start, train, epochs=1, seed=seed) for seed in (5, 5, 6)]
    assert runs[0].losses == runs[1].losses != runs[2].losses
    assert largest_difference(runs[0].params, runs[1].params) == 0
    assert largest_difference(start, L.perceptron_parameters(64, 8, 10, seed=3)) == 0  # kept


def test_one_step_of_training_is_one_step_by_hand():
    (x, labels), _ = L.digits()
    x, labels = x[:32], labels[:32]
    start = L.perceptron_parameters(64, 8, 10)
    slope = by_hand(start, x, labels)
    run = L.train(L.perceptron, start, (x, labels), optimizer=L.sgd(0.25), epochs=1, batch_size=32)
    expected = L.tree_map(lambda p, g: p - 0.25 * g, start, slope)
    assert largest_difference(run.params, expected) < 1e-15
    norm = np.sqrt(np.sum(slope["hidden"]["w"] ** 2) + np.sum(slope["hidden"]["b"] ** 2))
    assert run.norms["hidden"][0] == pytest.approx(norm, rel=1e-12)


def test_momentum_is_a_decaying_sum_of_gradients():
    rule, params, memory = L.momentum(0.1, keep=0.5), 0.0, None
    memory = rule.start(params)
    for slope in (1.0, 2.0, 4.0):
        params, memory = rule.step(params, slope, memory)
    velocities = [1.0, 2.0 + 0.5 * 1, 4.0 + 0.5 * 2 + 0.25 * 1]
    assert params == pytest.approx(-0.1 * sum(velocities), rel=1e-14)


def test_adams_first_step_has_the_size_of_its_rate_whatever_the_slope():
    rule = L.adam(0.01, epsilon=0)
    for slope in (1e-6, -3.0, 1e6):
        moved, _ = rule.step(0.0, slope, rule.start(0.0))
        assert moved == pytest.approx(-0.01 * np.sign(slope), rel=1e-12)


def test_initialisers_have_the_spread_their_papers_ask_for():
    draws = {how: how(np.random.default_rng(0), 300, 500) for how in (L.glorot, L.he)}
    assert np.std(draws[L.glorot]) == pytest.approx(np.sqrt(2 / 800), rel=0.01)
    assert np.max(np.abs(draws[L.glorot])) <= np.sqrt(6 / 800)
    assert np.std(draws[L.he]) == pytest.approx(np.sqrt(2 / 300), rel=0.01)


def overflowing(scores, labels):
    """The cross-entropy as it stands in books: exp overflows, and log meets 0."""
    p = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(labels)), labels]))


def test_a_loss_that_is_not_finite_says_when_where_and_what_to_try():
    train, _ = L.digits()
    with pytest.raises(TrainingError) as caught:
        L.train(
            L.perceptron, L.perceptron_parameters(64, 32, 10), train,
            loss=overflowing, optimizer=L.sgd(30.0),
        )  # fmt: skip
    said = str(caught.value)
    assert "At step 4, in epoch 1, the loss is inf." in said
    assert "test_training.py" in said
    assert "= log(…) of overflowing(v₅), test_training.py" in said
    assert "in overflowing: `return -np.mean(np.log(p[" in said
    assert "params['output']['w']" in said
    assert "smaller rate" in said


def test_the_layer_where_it_began_is_named():
    def exponential(params, x):
        return L.dense(params["output"], L.dense(params["hidden"], x, np.exp))

    start = L.perceptron_parameters(2, 4, 2)
    start["hidden"]["w"] *= 1e4
    with pytest.raises(TrainingError, match=r"= exp\(…\) of dense\(params\['hidden'\]\)"):
        L.train(exponential, start, (np.ones((3, 2)), np.zeros(3, int)))


def test_examples_that_are_not_finite_are_blamed():
    x, y = np.array([[1.0], [np.nan]]), np.array([0, 1])
    start = L.perceptron_parameters(1, 2, 2)
    with pytest.raises(TrainingError, match=r"At step 1, .* nan.*Clean the examples"):
        L.train(L.perceptron, start, (x, y), epochs=1)


def test_parameters_that_a_step_threw_away_are_blamed():
    points = np.array([1.0, 2.0]), np.array([1.0, 2.0])

    def line(params, x):
        return params["slope"] * x

    with pytest.raises(TrainingError, match=r"the step before threw it there|v[₀-₉]+ = \w+\(…\)"):
        L.train(
            line, {"slope": 0.0}, points, loss=L.mean_squared_error, optimizer=L.sgd(1e160),
            epochs=9,
        )  # fmt: skip


X, LABELS = np.zeros((3, 2)), np.zeros(3, int)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"examples": (X, LABELS[:2])}, r"shape \(3, 2\).* shape \(2,\)"),
        ({"examples": np.zeros((3, 2, 2))}, "not a pair of arrays"),
        ({"test": (X, LABELS[:2])}, r"test are inputs of shape \(3, 2\)"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1, got 0"),
        ({"batch_size": 1.5}, "batch_size must be a whole number of at least 1, got 1.5"),
        ({"optimizer": "adam"}, r"'adam' is no optimizer.* ad.learn.adam\(0.01\)"),
        (
            {"examples": (X[:, :1], LABELS)},
            r"x of shape \(2, 1\) does not fit .* shape \(2, 2\): test_training",
        ),
        ({"examples": (X, LABELS + 5)}, "labels go from 5 to 5, and scores has 2 columns"),
        ({"examples": (X, LABELS * 1.0)}, "an array of float64.* labels.astype"),
        (
            {"model": lambda params, x: x[:, 0]},
            r"scores has the shape \(2,\), and labels has \(2,\)",
        ),
        ({"loss": lambda scores, labels: scores}, "where one number is needed"),
        ({"loss": lambda scores, labels: None}, "returns None where one number is needed"),
        (
            {"loss": L.mean_squared_error, "examples": (X, X[:, 0])},
            r"predicted has the shape \(2, 2\) and wanted has \(2,\)",
        ),
    ],
)
def test_what_does_not_fit_is_refused_first(change, said):
    given = {
        "model": L.perceptron,
        "params": L.perceptron_parameters(2, 2, 2),
        "examples": (X, LABELS),
        **change,
    }
    with pytest.raises(InputError, match=said):
        L.train(**given)


def test_digits_need_some_to_train_on_and_some_to_test_with():
    for part in (0, 1, -0.1):
        with pytest.raises(InputError, match="between 0 and 1"):
            L.digits(part)


def test_digits_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingPackageError, match="pip install scikit-learn"):
        L.digits()


def test_digits_are_those_of_scikit_learn():
    known, digits_of_known = load_digits(return_X_y=True)
    (x, labels), (test_x, test_labels) = L.digits()
    images, shown = np.concatenate([x, test_x]), np.concatenate([labels, test_labels])
    order, known_order = np.lexsort(images.T), np.lexsort(known.T)
    np.testing.assert_array_equal(16 * images[order], known[known_order])
    np.testing.assert_array_equal(shown[order], digits_of_known[known_order])


def test_digits_kept_elsewhere_are_asked_of_scikit_learn(monkeypatch):
    expected = L.digits()
    monkeypatch.setattr(Path, "is_file", lambda path: False)
    for ours, theirs in zip(L.digits(), expected, strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])
