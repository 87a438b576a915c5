"""The cost of Jacobians and Hessians, against those by hand and by other libraries.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.jacobians

prints a Markdown table and fails where a promised ratio is missed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import autograd
import autograd.numpy
import numpy as np
import torch
from scipy.optimize import rosen_hess
from sklearn.datasets import load_digits

import adviz as ad
from tests.benchmarks.turns import medians

HIDDEN = 100

Contenders = dict[str, Callable[[], Any]]


def one_by_one(f: Callable[[Any], Any], x: Any, forward: bool) -> Callable[[], Any]:
    """Return what computes the Jacobian with a sweep for each column or row."""

    def columns() -> Any:
        _, push = ad.linearize(f, x)
        return np.stack([push(seed) for seed in np.eye(x.size)], axis=1)

    def rows() -> Any:
        out, pull = ad.vjp(f, x)
        return np.stack([pull(seed)[0] for seed in np.eye(out.size)])

    return columns if forward else rows


def two_layers(n: int, m: int) -> Contenders:
    """Return contenders for the Jacobian of two layers with tanh, from n numbers to m."""
    draw = np.random.default_rng(0).normal
    w1, b1 = draw(size=(HIDDEN, n)) / n**0.5, draw(size=HIDDEN)
    w2, b2 = draw(size=(m, HIDDEN)) / HIDDEN**0.5, draw(size=m)
    x = draw(size=n)
    tensors = [torch.from_numpy(a) for a in (w1, b1, w2, b2)]

    def f(np: ModuleType, x: Any) -> Any:
        return np.tanh(w2 @ np.tanh(w1 @ x + b1) + b2)

    def of_tensors(x: Any) -> Any:
        w1, b1, w2, b2 = tensors
        return torch.tanh(w2 @ torch.tanh(w1 @ x + b1) + b2)

    def by_hand() -> Any:
        hidden = np.tanh(w1 @ x + b1)
        y = np.tanh(w2 @ hidden + b2)
        to_hidden, to_y = 1 - hidden * hidden, 1 - y * y
        if m < n:
            return (to_y[:, None] * w2 * to_hidden) @ w1
        return to_y[:, None] * (w2 @ (to_hidden[:, None] * w1))

    ours = ad.jacobian(lambda x: f(np, x))
    fast = ad.compile(ours, x)
    theirs = autograd.jacobian(lambda x: f(autograd.numpy, x))
    func = (torch.func.jacrev if m < n else torch.func.jacfwd)(of_tensors)
    tensor = torch.from_numpy(x)
    return {
        "by hand": by_hand,
        "adviz": lambda: ours(x),
        "adviz, compiled": lambda: fast(x),
        "adviz, one by one": one_by_one(lambda x: f(np, x), x, forward=n < m),
        "HIPS autograd": lambda: theirs(x),
        "PyTorch": lambda: func(tensor),
    }


def rosenbrock() -> Contenders:
    """Return contenders for the Hessian of Rosenbrock's function of 100 numbers."""

    def f(x: Any) -> Any:
        return (100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1.0 - x[:-1]) ** 2.0).sum()

    x = np.linspace(-1.2, 1.4, 100)
    return {"by hand": lambda: rosen_hess(x), **hessians(f, f, x)}


def logistic_regression() -> Contenders:
    """Return contenders for the Hessian of the loss of telling even digits from odd ones."""
    images, labels = load_digits(return_X_y=True)
    images, signs = images[:500] / 16, 2.0 * (labels[:500] % 2) - 1
    images_tensor, signs_tensor = torch.from_numpy(images), torch.from_numpy(signs)
    w = np.random.default_rng(0).normal(size=64) / 8

    def f(np: ModuleType) -> Callable[[Any], Any]:
        return lambda w: np.mean(np.log1p(np.exp(-signs * (images @ w))))

    def of_tensors(w: Any) -> Any:
        return torch.mean(torch.log1p(torch.exp(-signs_tensor * (images_tensor @ w))))

    def by_hand() -> Any:
        p = 1 / (1 + np.exp(-(images @ w)))
        return images.T @ (images * (p * (1 - p) / len(images))[:, None])

    return {"by hand": by_hand, **hessians(f(np), of_tensors, w, f(autograd.numpy))}


def hessians(f: Any, of_tensors: Any, x: Any, with_autograd: Any = None) -> Contenders:
    ours, theirs = ad.hessian(f), autograd.hessian(with_autograd or f)
    fast = ad.compile(ours, x)
    func, tensor = torch.func.hessian(of_tensors), torch.from_numpy(x)
    return {
        "adviz": lambda: ours(x),
        "adviz, compiled": lambda: fast(x),
        "adviz, one by one": one_by_one(ad.grad(f), x, forward=True),
        "HIPS autograd": lambda: theirs(x),
        "PyTorch": lambda: func(tensor),
    }


def measured(contenders: Contenders) -> dict[str, float]:
    """Return the median seconds of each contender, which must all find the same."""
    expected = contenders["by hand"]()
    for name, run in contenders.items():
        found = np.asarray(run())
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-11, err_msg=name)
    return medians(contenders)


def main() -> int:
    rows = {
        "Jacobian, two layers 1000 → 10": (two_layers(1000, 10), 3),
        "Jacobian, two layers 10 → 1000": (two_layers(10, 1000), 3),
        "Hessian, Rosenbrock, n = 100": (rosenbrock(), None),
        "Hessian, logistic regression, n = 64": (logistic_regression(), None),
    }
    table, promises, missed = [], [], 0
    for title, (contenders, bound) in rows.items():
        times = measured(contenders)
        ratios = {name: seconds / times["by hand"] for name, seconds in times.items()}
        if not table:
            table += [
                "| microseconds (times by hand) | " + " | ".join(times) + " |",
                "|---|" + "--:|" * len(times),
            ]
        shown = (f"{times[name] * 1e6:,.0f} ({ratios[name]:.1f})" for name in times)
        table.append(f"| {title} | " + " | ".join(shown) + " |")
        if bound is not None:
            kept = ratios["adviz, compiled"] <= bound
            missed += not kept
            promises.append(
                f"{title}, compiled: {ratios['adviz, compiled']:.2f} <= {bound}: "
                f"{'kept' if kept else 'MISSED'} (recorded anew: {ratios['adviz']:.2f})"
            )
    sys.stdout.write("\n".join([*table, "", *promises]) + "\n")
    return missed


if __name__ == "__main__":
    sys.exit(main())
