"""What gradients of array programs cost, beside the gradient written by hand and other libraries.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.arrays

prints a Markdown table. The contenders take turns within one run, and medians are compared, so
that a busy machine slows all of them alike.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import autograd
import autograd.numpy
import numpy as np
import torch
from sklearn.datasets import load_digits

import adviz as ad

HIDDEN, CLASSES, BATCH = 64, 10, 128
ROUNDS = 300

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


def contenders(model: Perceptron | LogisticRegression) -> dict[str, Callable[[Arrays], Arrays]]:
    def by_torch(parameters: Arrays) -> Arrays:
        tensors = tuple(torch.from_numpy(p).requires_grad_() for p in parameters)
        return torch.autograd.grad(model.torch_loss(tensors), tensors)

    return {
        "by hand": model.by_hand,
        "adviz": ad.grad(model.loss(np)),
        "HIPS autograd": autograd.grad(model.loss(autograd.numpy)),
        "PyTorch": by_torch,
    }


def microseconds(model: Perceptron | LogisticRegression) -> dict[str, float]:
    """Return the median time of each contender's gradient, which must be the same gradient."""
    gradients = contenders(model)
    expected = model.by_hand(model.parameters)
    taken: dict[str, list[float]] = {name: [] for name in gradients}
    for name, gradient in gradients.items():
        for found, hand in zip(gradient(model.parameters), expected, strict=True):
            np.testing.assert_allclose(found, hand, rtol=1e-9, atol=1e-13, err_msg=name)
    for _ in range(ROUNDS):
        for name, gradient in gradients.items():
            start = time.perf_counter()
            gradient(model.parameters)
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) * 1e6 for name, times in taken.items()}


def main() -> int:
    lines = []
    for model in (Perceptron(), LogisticRegression()):
        times = microseconds(model)
        if not lines:
            lines += [
                "| gradient, microseconds (times by hand) | " + " | ".join(times) + " |",
                "|---|" + "--:|" * len(times),
            ]
        shown = (f"{time:,.0f} ({time / times['by hand']:.1f})" for time in times.values())
        lines.append(f"| {model.title} | " + " | ".join(shown) + " |")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
