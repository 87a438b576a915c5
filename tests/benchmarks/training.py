"""The gradient of a network against PyTorch's on the same weights, and the time of a step.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.training

prints a Markdown table. Fails where the two losses or an entry of the two gradients, before the
training or after it, differ by more than 1e-10, or where less than 95 % of the test is right.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import torch

import adviz as ad
from tests.benchmarks.turns import medians

ALLOWED = 1e-10
BATCH = 32

L = ad.learn


def by_torch(params: Any, x: np.ndarray, labels: np.ndarray, activation: Any) -> tuple[float, Any]:
    """Return the loss and its gradient, nested as the parameters are."""
    tensors = L.tree_map(lambda array: torch.tensor(array, requires_grad=True), params)
    *hidden, output = tensors.values()
    signal = torch.from_numpy(x)
    for layer in hidden:
        signal = activation(signal @ layer["w"] + layer["b"])
    scores = signal @ output["w"] + output["b"]
    loss = torch.nn.functional.cross_entropy(scores, torch.from_numpy(labels))
    loss.backward()
    return loss.item(), L.tree_map(lambda tensor: tensor.grad.numpy(), tensors)


def by_adviz(params: Any, x: np.ndarray, labels: np.ndarray, activation: Any) -> tuple[float, Any]:
    def loss(params: Any) -> Any:
        return L.cross_entropy(L.perceptron(params, x, activation), labels)

    return ad.value_and_grad(loss)(params)


def largest_difference(a: Any, b: Any) -> float:
    differences = L.tree_map(lambda p, q: float(np.max(np.abs(p - q))), a, b)
    return max(d for layer in differences.values() for d in layer.values())


def main() -> int:
    train, test = L.digits()
    networks = {
        "64-32-10, tanh": ((64, 32, 10), np.tanh, torch.tanh, L.glorot),
        "64-64-64-10, relu": ((64, 64, 64, 10), ad.relu, torch.relu, L.he),
        "64-32-32-10, logistic": ((64, 32, 32, 10), ad.logistic, torch.sigmoid, L.glorot),
    }
    lines = [
        "| trained on the digits | test accuracy | seconds | largest difference of the gradients "
        "| gradient of a batch, ms | PyTorch's, ms |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    failed = False
    for name, (widths, activation, torch_activation, initialiser) in networks.items():

        def model(params: Any, x: Any, activation: Any = activation) -> Any:
            return L.perceptron(params, x, activation)

        start_params = L.perceptron_parameters(*widths, initialiser=initialiser)
        start = time.perf_counter()
        trained = L.train(
            model,
            start_params,
            train,
            test=test,
            epochs=20,
            draw=False,
        )
        seconds = time.perf_counter() - start
        difference = 0.0
        for params in (start_params, trained.params):
            loss, gradient = by_adviz(params, *train, activation)
            torch_loss, torch_gradient = by_torch(params, *train, torch_activation)
            apart = max(largest_difference(gradient, torch_gradient), abs(loss - torch_loss))
            difference = max(difference, apart)
        x, labels = train[0][:BATCH], train[1][:BATCH]
        times = medians(
            {
                "adviz": lambda: by_adviz(trained.params, x, labels, activation),  # noqa: B023
                "torch": lambda: by_torch(trained.params, x, labels, torch_activation),  # noqa: B023
            }
        )
        lines.append(
            f"| {name} | {trained.test_accuracy[-1]:.1%} | {seconds:.1f} | {difference:.1e} "
            f"| {times['adviz'] * 1e3:.2f} | {times['torch'] * 1e3:.2f} |"
        )
        failed = failed or not difference <= ALLOWED or trained.test_accuracy[-1] < 0.95
    sys.stdout.write("\n".join(lines) + "\n")
    if failed:
        sys.stderr.write(f"A gradient differs by more than {ALLOWED:g}, or did not teach enough.\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
