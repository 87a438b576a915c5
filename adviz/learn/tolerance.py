"""How much error training tolerates: one network trained with exact and rough gradients.

S. Gupta, A. Agrawal, K. Gopalakrishnan and P. Narayanan, "Deep learning with limited numerical
precision", ICML (2015), train with numbers of few bits, rounded at random.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from adviz.core.derivatives import value_and_grad
from adviz.host import checks
from adviz.host.nests import leaves
from adviz.learn.data import digits
from adviz.learn.initialisers import perceptron_parameters
from adviz.learn.layers import cross_entropy, perceptron
from adviz.learn.optimizers import sgd
from adviz.learn.training import accuracy
from adviz.learn.trees import tree_map
from adviz.numeric.gradients import differences

if TYPE_CHECKING:
    from adviz.figure import Figure

__all__ = ["GRADIENTS", "ToleranceStudy", "tolerance_study"]

GRADIENTS = ("reverse mode", "central differences", "float16", "3 values")
"""The gradients that :func:`tolerance_study` can train with."""


@dataclass
class ToleranceStudy:
    """One network trained several times; made by :func:`tolerance_study`.

    Attributes
    ----------
    parameters : int
        n, how many parameters are trained.
    losses : dict of list of float
        By gradient, the loss at each step.
    seconds : dict of float
        By gradient, the mean time to compute it.
    evaluations : dict of int
        By gradient, how often one evaluates the loss; a reverse sweep counts as one recording.
    test_accuracy : dict of float
        By gradient, the fraction of the test images classified correctly after the last step.
    """

    parameters: int
    losses: dict[str, list[float]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    evaluations: dict[str, int] = field(default_factory=dict)
    test_accuracy: dict[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        return (
            f"<tolerance study: {self.parameters} parameters, trained with "
            f"{', '.join(self.losses)}>"
        )

    def plot(self) -> Figure:
        """Return the loss curves, and beside them the time that one gradient takes."""
        from adviz.figure import SERIES, drawing, label_lines

        methods = list(self.losses)
        description = (
            f"loss of one network of {self.parameters} parameters trained with gradients from "
            f"{', '.join(methods)}, step by step; and the milliseconds that one gradient takes"
        )
        with drawing(description, height=3.9) as (figure, (first,)):
            first.remove()
            grid = figure.add_gridspec(1, 2, width_ratios=[5, 3.2])
            axes = figure.add_subplot(grid[0])
            for k, (method, losses) in enumerate(self.losses.items()):
                series = SERIES[k % len(SERIES)]
                axes.plot(losses, **series._asdict(), markevery=(3 * k, 12), label=method)
                axes.get_lines()[-1].set_linewidth(5.0 if k == 0 else 1.6)  # lies beneath
                axes.get_lines()[-1].set_alpha(0.4 if k == 0 else 1.0)
            axes.set_xlabel("step")
            axes.locator_params(axis="x", integer=True)
            axes.set_ylabel("loss")
            axes.set_title("The same training")
            axes.set_ylim(0)
            axes.set_xlim(0, max(len(losses) for losses in self.losses.values()))
            label_lines(axes)
            bars = figure.add_subplot(grid[1])
            times = [1000 * self.seconds[method] for method in methods]
            drawn = bars.barh(
                methods, times, height=0.42, color=[SERIES[k].color for k in range(len(methods))]
            )
            bars.bar_label(drawn, [f"{t:.3g} ms" for t in times], padding=4, fontsize=9)
            bars.set_xscale("log")
            bars.set_xlim(min(times) / 3, max(times) * 12)
            bars.set_ylim(len(methods) - 0.6, -0.6)  # the first on top, with room for its label
            bars.grid(axis="y", visible=False)
            bars.set_yticks([])
            for k, method in enumerate(methods):
                bars.annotate(
                    method, (0.02, k - 0.27), xycoords=("axes fraction", "data"), fontsize=9
                )
            bars.set_title("One gradient takes")
            bars.set_xlabel("milliseconds")
        return figure


def tolerance_study(
    steps: int = 30,
    hidden: int = 4,
    *,
    gradients: tuple[str, ...] = GRADIENTS,
    rate: float = 1.0,
    batch_size: int = 64,
    seed: int = 0,
) -> ToleranceStudy:
    """Train one network on scikit-learn's digits with each of several gradients.

    Parameters
    ----------
    steps : int
        Steps of gradient descent, on the same batches for every gradient.
    hidden : int
        Units of the hidden layer: the network has 75 parameters for each of them, and 10 more.
    gradients : tuple of str
        ``"reverse mode"``; ``"central differences"``, two evaluations for each parameter;
        ``"float16"``, the exact gradient rounded to half precision; ``"3 values"``, rounded at
        random to minus the largest entry, 0 or the largest, unbiased (W. Wen and others,
        "TernGrad", 2017).
    rate : float
    batch_size : int
    seed : int
        The same seed gives the same losses.

    Returns
    -------
    ToleranceStudy

    Raises
    ------
    InputError
        If a gradient is not one of ``GRADIENTS``, or a number is not positive.
    MissingPackageError
        If scikit-learn is not installed.

    Examples
    --------
    >>> study = tolerance_study(steps=5, hidden=2, gradients=("reverse mode", "float16"))
    >>> study.parameters, [len(losses) for losses in study.losses.values()]
    (160, [5, 5])
    """
    methods = [
        checks.choice(method, "each of gradients", GRADIENTS)
        for method in checks.items(gradients, "gradients")
    ]
    if not methods:
        raise checks.refusal("gradients", f"one or several of {', '.join(GRADIENTS)}", gradients)
    steps, batch_size = checks.count(steps, "steps"), checks.count(batch_size, "batch_size")
    seed = checks.count(seed, "seed", least=0, most=2**64)
    (x, labels), test = digits()
    start = perceptron_parameters(64, hidden, 10, seed=seed)
    study = ToleranceStudy(sum(np.size(leaf) for _, leaf in leaves(start)))
    for method in methods:
        _train(study, method, start, (x, labels), test, steps, rate, batch_size, seed)
    return study


def _train(
    study: ToleranceStudy,
    method: str,
    params: Any,
    examples: tuple[Any, Any],
    test: tuple[Any, Any],
    steps: int,
    rate: float,
    batch_size: int,
    seed: int,
) -> None:
    from adviz.progress import progress

    x, labels = examples
    rule, state = sgd(rate), None
    batches, rounding = np.random.default_rng(seed), np.random.default_rng(seed + 1)
    losses, seconds = list[float](), 0.0
    warm_up = np.random.default_rng(0)
    bar = progress(range(steps), method)
    with bar:
        for _ in bar:
            chosen = batches.integers(len(x), size=batch_size)

            def loss(params: Any, chosen: Any = chosen) -> Any:
                return cross_entropy(perceptron(params, x[chosen]), labels[chosen])

            if not losses:
                _gradient(method if method != GRADIENTS[1] else GRADIENTS[0], loss, params, warm_up)
            began = time.perf_counter()
            value, gradient, study.evaluations[method] = _gradient(method, loss, params, rounding)
            seconds += time.perf_counter() - began
            losses.append(value)
            params, state = rule.step(params, gradient, state)
            bar.set_postfix_str(f"loss {value:.3f}", refresh=False)
    study.losses[method] = losses
    study.seconds[method] = seconds / steps
    study.test_accuracy[method] = accuracy(perceptron, params, *test)


def _gradient(
    method: str, loss: Callable[[Any], Any], params: Any, rounding: np.random.Generator
) -> tuple[float, Any, int]:
    """Return the loss, its gradient by a method, and how many evaluations that took."""
    if method == "central differences":
        result = differences(loss, params, "central")
        return float(loss(params)), result.value, result.evaluations
    value, gradient = value_and_grad(loss)(params)
    if method == "float16":
        gradient = tree_map(lambda g: g.astype(np.float16).astype(float), gradient)
    elif method == "3 values":
        gradient = tree_map(lambda g: _rounded_at_random(g, rounding), gradient)
    return float(value), gradient, 1


def _rounded_at_random(array: Any, rounding: np.random.Generator) -> Any:
    """Return an array of 0 and ± the largest entry, with the right expected value."""
    largest = np.max(np.abs(array))
    kept = rounding.random(np.shape(array)) * largest < np.abs(array)
    return largest * np.sign(array) * kept
