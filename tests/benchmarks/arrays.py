"""The cost of gradients of array programs, against gradients by hand and other libraries.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.arrays

prints Markdown tables, of all models or of those with a word in their titles: ``regression``. Each
contender's gradient is first checked against the gradient written by hand.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

# Before it is imported: JAX has threads of its own.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import autograd
import autograd.numpy
import jax
import numpy as np
import torch
from sklearn.datasets import load_digits

import adviz as ad
from tests.benchmarks.turns import medians

jax.config.update("jax_enable_x64", True)
torch.set_num_threads(1)

HIDDEN, CLASSES, BATCH = 64, 10, 128

Arrays = tuple[Any, ...]


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return a batch of scikit-learn's handwritten digits and the classes they are of."""
    images, labels = load_digits(return_X_y=True)
    return images[:BATCH] / 16, labels[:BATCH]


def cross_entropy(np: ModuleType, scores: Any, labels: Any) -> Any:
    scores = scores - np.max(scores, axis=1, keepdims=True)
    log_sum = np.log(np.sum(np.exp(scores), axis=1))
    return np.mean(log_sum - scores[np.arange(BATCH), labels])


def scores_by_hand(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the gradient of the mean cross-entropy with respect to the scores."""
    bars = np.exp(scores - scores.max(axis=1, keepdims=True))
    bars /= bars.sum(axis=1, keepdims=True)
    bars[np.arange(BATCH), labels] -= 1
    bars /= BATCH
    return bars


class Perceptron:
    """Two layers, 64-64-10, with tanh between them."""

    title = "perceptron 64-64-10, batch 128"

    def __init__(self) -> None:
        self.x, self.labels = digits()
        draw = np.random.default_rng(0).normal
        self.parameters = (
            draw(size=(64, HIDDEN)) / 8,
            draw(size=HIDDEN) / 8,
            draw(size=(HIDDEN, CLASSES)) / 8,
            draw(size=CLASSES) / 8,
        )

    def loss(self, np: ModuleType) -> Callable[[Arrays], Any]:
        def loss(parameters: Arrays) -> Any:
            w1, b1, w2, b2 = parameters
            return cross_entropy(np, np.tanh(self.x @ w1 + b1) @ w2 + b2, self.labels)

        return loss

    def torch_loss(self, parameters: Arrays) -> Any:
        w1, b1, w2, b2 = parameters
        x = torch.from_numpy(self.x)
        scores = torch.tanh(x @ w1 + b1) @ w2 + b2
        return torch.nn.functional.cross_entropy(scores, torch.from_numpy(self.labels))

    def by_hand(self, parameters: Arrays) -> Arrays:
        w1, b1, w2, b2 = parameters
        hidden = np.tanh(self.x @ w1 + b1)
        to_scores = scores_by_hand(hidden @ w2 + b2, self.labels)
        to_hidden = to_scores @ w2.T * (1 - hidden * hidden)
        return self.x.T @ to_hidden, to_hidden.sum(0), hidden.T @ to_scores, to_scores.sum(0)


class LogisticRegression:
    """One layer, 64-10."""

    title = "logistic regression 64-10, batch 128"

    def __init__(self) -> None:
        self.x, self.labels = digits()
        draw = np.random.default_rng(0).normal
        self.parameters = (draw(size=(64, CLASSES)) / 8, draw(size=CLASSES) / 8)

    def loss(self, np: ModuleType) -> Callable[[Arrays], Any]:
        def loss(parameters: Arrays) -> Any:
            w, b = parameters
            return cross_entropy(np, self.x @ w + b, self.labels)

        return loss

    def torch_loss(self, parameters: Arrays) -> Any:
        w, b = parameters
        scores = torch.from_numpy(self.x) @ w + b
        return torch.nn.functional.cross_entropy(scores, torch.from_numpy(self.labels))

    def by_hand(self, parameters: Arrays) -> Arrays:
        w, b = parameters
        to_scores = scores_by_hand(self.x @ w + b, self.labels)
        return self.x.T @ to_scores, to_scores.sum(0)


class GaussianMixture:
    """The mean log-likelihood of 500 points in 8 dimensions under 8 normal distributions.

    Each has a triangular factor of its inverse covariance, with the logarithms of its diagonal.
    """

    title = "Gaussian mixture, 8 × 8 dimensions, 500 points"

    def __init__(self) -> None:
        draw = np.random.default_rng(0).normal
        count, self.dimensions, self.points = 8, 8, 500
        self.x = draw(size=(self.points, self.dimensions))
        self.below = np.tril(np.ones((self.dimensions, self.dimensions)), -1)
        self.eye = np.eye(self.dimensions)
        self.parameters = (
            draw(size=count) / 4,
            draw(size=(count, self.dimensions)),
            draw(size=(count, self.dimensions)) / 4,
            draw(size=(count, self.dimensions, self.dimensions)) / 4,
        )

    def loss(self, np: ModuleType) -> Callable[[Arrays], Any]:
        def log_sum(terms: Any) -> Any:
            largest = np.max(terms, axis=0, keepdims=True)
            return largest[0] + np.log(np.sum(np.exp(terms - largest), axis=0))

        def loss(parameters: Arrays) -> Any:
            logits, means, scales, lower = parameters
            factors = lower * self.below + np.exp(scales)[:, :, None] * self.eye
            z = (self.x - means[:, None, :]) @ np.swapaxes(factors, 1, 2)
            weights = logits - log_sum(logits) + np.sum(scales, axis=1)
            return -np.mean(log_sum(weights[:, None] - 0.5 * np.sum(z * z, axis=2)))

        return loss

    def torch_loss(self, parameters: Arrays) -> Any:
        logits, means, scales, lower = parameters
        below, eye = torch.from_numpy(self.below), torch.from_numpy(self.eye)
        factors = lower * below + torch.exp(scales)[:, :, None] * eye
        z = (torch.from_numpy(self.x) - means[:, None, :]) @ factors.transpose(1, 2)
        weights = torch.log_softmax(logits, 0) + scales.sum(1)
        return -torch.logsumexp(weights[:, None] - 0.5 * (z * z).sum(2), 0).mean()

    def by_hand(self, parameters: Arrays) -> Arrays:
        logits, means, scales, lower = parameters
        diagonal = np.exp(scales)
        factors = lower * self.below + diagonal[:, :, None] * self.eye
        apart = self.x - means[:, None, :]
        z = apart @ factors.swapaxes(1, 2)
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        terms = (np.log(shares) + scales.sum(1))[:, None] - 0.5 * (z * z).sum(2)
        bars = np.exp(terms - terms.max(0))
        bars /= -self.points * bars.sum(0)
        to_weights = bars.sum(1)
        z *= -bars[:, :, None]
        to_factors = z.swapaxes(1, 2) @ apart
        to_scales = np.einsum("kii->ki", to_factors) * diagonal + to_weights[:, None]
        to_means = -(z @ factors).sum(1)
        return to_weights - shares * to_weights.sum(), to_means, to_scales, to_factors * self.below


class LSTM:
    """256 steps of 64 units on 16 features, batch 32; the mean square of the last state."""

    title = "LSTM, 256 steps, 16-64, batch 32"

    def __init__(self) -> None:
        draw = np.random.default_rng(0).normal
        self.units, features, self.batch = 64, 16, 32
        self.x = draw(size=(256, self.batch, features))
        self.start = np.zeros((self.batch, self.units))
        self.parameters = (
            draw(size=(features, 4 * self.units)) / 4,
            draw(size=(self.units, 4 * self.units)) / 8,
            draw(size=4 * self.units) / 8,
        )
        # As is usual; else gradients vanish, and numbers below 1e-308 take processors long.
        self.parameters[2][: self.units] += 2.0

    def loss(self, np: ModuleType) -> Callable[[Arrays], Any]:
        n = self.units

        def sigmoid(a: Any) -> Any:
            return 1.0 / (1.0 + np.exp(-a))

        def loss(parameters: Arrays) -> Any:
            to_gates, recurrent, b = parameters
            h = c = self.start
            for x in self.x:
                gates = x @ to_gates + h @ recurrent + b
                open_gates = sigmoid(gates[:, : 3 * n])
                candidate = np.tanh(gates[:, 3 * n :])
                c = open_gates[:, :n] * c + open_gates[:, n : 2 * n] * candidate
                h = open_gates[:, 2 * n :] * np.tanh(c)
            return np.mean(h * h)

        return loss

    def jax_loss(self, parameters: Arrays) -> Any:
        """Return the same by a scan: compiling 256 steps one by one takes JAX minutes."""
        to_gates, recurrent, b = parameters
        n = self.units

        def step(state: Arrays, x: Any) -> Any:
            h, c = state
            gates = x @ to_gates + h @ recurrent + b
            open_gates = jax.nn.sigmoid(gates[:, : 3 * n])
            c = open_gates[:, :n] * c + open_gates[:, n : 2 * n] * jax.numpy.tanh(gates[:, 3 * n :])
            return (open_gates[:, 2 * n :] * jax.numpy.tanh(c), c), None

        (h, _), _ = jax.lax.scan(step, (self.start, self.start), self.x)
        return jax.numpy.mean(h * h)

    def torch_loss(self, parameters: Arrays) -> Any:
        to_gates, recurrent, b = parameters
        n = self.units
        h = c = torch.from_numpy(self.start)
        for x in torch.from_numpy(self.x):
            gates = x @ to_gates + h @ recurrent + b
            open_gates = torch.sigmoid(gates[:, : 3 * n])
            candidate = torch.tanh(gates[:, 3 * n :])
            c = open_gates[:, :n] * c + open_gates[:, n : 2 * n] * candidate
            h = open_gates[:, 2 * n :] * torch.tanh(c)
        return (h * h).mean()

    def by_hand(self, parameters: Arrays) -> Arrays:
        to_gates, recurrent, b = parameters
        n = self.units
        h = c = self.start
        kept = []
        for x in self.x:
            gates = x @ to_gates + h @ recurrent + b
            open_gates = 1.0 / (1.0 + np.exp(-gates[:, : 3 * n]))
            candidate = np.tanh(gates[:, 3 * n :])
            before = (x, h, c)
            c = open_gates[:, :n] * c + open_gates[:, n : 2 * n] * candidate
            squashed = np.tanh(c)
            h = open_gates[:, 2 * n :] * squashed
            kept.append((*before, open_gates, candidate, squashed))
        bars = tuple(np.zeros_like(p) for p in parameters)
        h_bar, c_bar = 2 * h / h.size, np.zeros_like(c)
        gates_bar = np.empty((self.batch, 4 * n))
        for x, h, c, open_gates, candidate, squashed in reversed(kept):
            c_bar += h_bar * open_gates[:, 2 * n :] * (1 - squashed * squashed)
            gates_bar[:, :n] = c_bar * c
            gates_bar[:, n : 2 * n] = c_bar * candidate
            gates_bar[:, 2 * n : 3 * n] = h_bar * squashed
            gates_bar[:, : 3 * n] *= open_gates * (1 - open_gates)
            gates_bar[:, 3 * n :] = c_bar * open_gates[:, n : 2 * n] * (1 - candidate * candidate)
            bars[0][...] += x.T @ gates_bar
            bars[1][...] += h.T @ gates_bar
            bars[2][...] += gates_bar.sum(0)
            h_bar = gates_bar @ recurrent.T
            c_bar *= open_gates[:, :n]
        return bars


Model = Perceptron | LogisticRegression | GaussianMixture | LSTM


def contenders(model: Model) -> dict[str, Callable[[Arrays], Any]]:
    """Return the gradients, in the order of the table."""

    def by_torch(parameters: Arrays) -> Arrays:
        tensors = tuple(torch.from_numpy(p).requires_grad_() for p in parameters)
        return torch.autograd.grad(model.torch_loss(tensors), tensors)

    jax_loss = model.jax_loss if isinstance(model, LSTM) else model.loss(jax.numpy)
    by_jax = jax.jit(jax.grad(jax_loss))
    return {
        "by hand": model.by_hand,
        "`ad.grad`": ad.grad(model.loss(np)),
        "`ad.compile`": ad.compile(model.loss(np)).grad,
        "HIPS autograd": autograd.grad(model.loss(autograd.numpy)),
        "PyTorch": by_torch,
        "JAX, jit": lambda parameters: jax.block_until_ready(by_jax(parameters)),
    }


def gradient_times(model: Model) -> dict[str, float]:
    """Return how long each contender's gradient takes, which must be the same gradient."""
    gradients = contenders(model)
    expected = model.by_hand(model.parameters)
    for name, gradient in gradients.items():
        for found, hand in zip(gradient(model.parameters), expected, strict=True):
            np.testing.assert_allclose(found, hand, rtol=1e-9, atol=1e-13, err_msg=name)
    return medians(called_with(model.parameters, gradients))


def value_times(model: Model) -> dict[str, float]:
    """Return how long the value alone takes: by NumPy, recorded, replayed, compiled."""
    loss = model.loss(np)
    trace, compiled = ad.trace(loss, model.parameters), ad.compile(loss, model.parameters)
    functions = {
        "plain NumPy": loss,
        "`ad.trace`": lambda parameters: ad.trace(loss, parameters),
        "`trace.replay`": trace.replay,
        "`ad.compile`": compiled,
    }
    assert trace.replay(model.parameters).value == trace.value == compiled(model.parameters)
    np.testing.assert_allclose(trace.value, loss(model.parameters), rtol=1e-12)
    return medians(called_with(model.parameters, functions))


def called_with(
    parameters: Arrays, functions: dict[str, Callable[[Arrays], Any]]
) -> dict[str, Callable[[], Any]]:
    return {name: functools.partial(run, parameters) for name, run in functions.items()}


def table(title: str, rows: dict[str, dict[str, float]]) -> str:
    """Return a Markdown table of times, each with its ratio to the first one of its row."""
    first = next(iter(rows.values()))
    lines = [f"| {title} | " + " | ".join(first) + " |", "|---|" + "--:|" * len(first)]
    for name, times in rows.items():
        base = next(iter(times.values()))
        shown = (f"{time * 1e6:,.0f} ({time / base:.1f})" for time in times.values())
        lines.append(f"| {name} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def main() -> int:
    models: list[Model] = [Perceptron(), LogisticRegression(), GaussianMixture(), LSTM()]
    models = [model for model in models if all(word in model.title for word in sys.argv[1:])]
    of_gradients = {model.title: gradient_times(model) for model in models}
    of_values = {model.title: value_times(model) for model in models}
    tables = [
        table("gradient, microseconds (times by hand)", of_gradients),
        table("value, microseconds (times plain)", of_values),
    ]
    sys.stdout.write("\n\n".join(tables) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
