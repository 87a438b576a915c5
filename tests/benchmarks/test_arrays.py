"""What a gradient of arrays costs, beside the one that a person would write by hand."""

import statistics
import time

import numpy as np

import adviz as ad

BATCH, INPUTS, HIDDEN, CLASSES = 128, 64, 64, 10
ROUNDS = 300


def perceptron(parameters, x, labels):
    w1, b1, w2, b2 = parameters
    scores = np.tanh(x @ w1 + b1) @ w2 + b2
    scores = scores - scores.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(scores).sum(axis=1))
    return np.mean(log_sum - scores[np.arange(len(labels)), labels])


def by_hand(parameters, x, labels):
    w1, b1, w2, b2 = parameters
    hidden = np.tanh(x @ w1 + b1)
    scores = hidden @ w2 + b2
    scores -= scores.max(axis=1, keepdims=True)
    to_scores = np.exp(scores)
    to_scores /= to_scores.sum(axis=1, keepdims=True)
    to_scores[np.arange(len(labels)), labels] -= 1
    to_scores /= len(labels)
    to_hidden = to_scores @ w2.T * (1 - hidden * hidden)
    return x.T @ to_hidden, to_hidden.sum(axis=0), hidden.T @ to_scores, to_scores.sum(axis=0)


def example():
    draw = np.random.default_rng(0).normal
    parameters = (
        draw(size=(INPUTS, HIDDEN)) / 8,
        draw(size=HIDDEN) / 8,
        draw(size=(HIDDEN, CLASSES)) / 8,
        draw(size=CLASSES) / 8,
    )
    labels = np.random.default_rng(1).integers(0, CLASSES, BATCH)
    return parameters, draw(size=(BATCH, INPUTS)), labels


def test_perceptron_costs_at_most_three_times_the_gradient_by_hand():
    arguments = example()
    gradient = ad.grad(perceptron)
    for ours, hand in zip(gradient(*arguments), by_hand(*arguments), strict=True):
        np.testing.assert_allclose(ours, hand, rtol=1e-10, atol=1e-14)
    times = {gradient: [], by_hand: []}
    for _ in range(ROUNDS):  # interleaved, so that a busy machine slows both
        for function, taken in times.items():
            start = time.perf_counter()
            function(*arguments)
            taken.append(time.perf_counter() - start)
    ours, hand = (statistics.median(taken) for taken in times.values())
    print(f"perceptron: {ours * 1e6:.0f} us, by hand {hand * 1e6:.0f} us, {ours / hand:.2f} times")  # noqa: T201
    assert ours <= 3 * hand
