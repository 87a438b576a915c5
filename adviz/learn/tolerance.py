"""Deep learning tolerates approximation: one network trained with gradients of several kinds.

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
from adviz.host.errors import InputError
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
"""The kinds of gradient that :func:`tolerance_study` knows."""


@dataclass
class ToleranceStudy:
    """One network trained several times; made by :func:`tolerance_study`.

    Attributes
    ----------
    parameters : int
        n, the numbers to be trained.
    losses : dict of list of float
        By the kind of gradient, the loss at each step.
    seconds : dict of float
        What one gradient took, in the mean.
    evaluations : dict of int
        How often one gradient evaluated the loss; a reverse sweep counts as its one recording.
    test_accuracy : dict of float
        The part of the test images classified correctly after the last step.
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
        from adviz.figure import SERIES, drawing, name

        kinds = list(self.losses)
        description = (
            f"loss of one network of {self.parameters} parameters trained with gradients from "
            f"{', '.join(kinds)}, step by step; and the milliseconds that one gradient takes"
        )
        with drawing(description, height=3.9) as (figure, (first,)):
            first.remove()
            grid = figure.add_gridspec(1, 2, width_ratios=[5, 3.2])
            axes = figure.add_subplot(grid[0])
            for k, (kind, losses) in enumerate(self.losses.items()):
                look = SERIES[k % len(SERIES)]
                axes.plot(losses, **look._asdict(), markevery=(3 * k, 12), label=kind)
                axes.get_lines()[-1].set_linewidth(5.0 if k == 0 else 1.6)  # what lies under others
                axes.get_lines()[-1].set_alpha(0.4 if k == 0 else 1.0)
            axes.set_xlabel("step")
            axes.locator_params(axis="x", integer=True)
            axes.set_ylabel("loss")
            axes.set_title("The same training")
            axes.set_ylim(0)
            axes.set_xlim(0, max(len(losses) for losses in self.losses.values()))
            name(axes)
            bars = figure.add_subplot(grid[1])
            times = [1000 * self.seconds[kind] for kind in kinds]
            drawn = bars.barh(
                kinds, times, height=0.42, color=[SERIES[k].color for k in range(len(kinds))]
            )
            bars.bar_label(drawn, [f"{t:.3g} ms" for t in times], padding=4, fontsize=9)
            bars.set_xscale("log")
            bars.set_xlim(min(times) / 3, max(times) * 12)
            bars.set_ylim(len(kinds) - 0.6, -0.6)  # the first on top, with room for its name
            bars.grid(axis="y", visible=False)
            bars.set_yticks([])
            for k, kind in enumerate(kinds):
                bars.annotate(
                    kind, (0.02, k - 0.27), xycoords=("axes fraction", "data"), fontsize=9
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
    """Train one network on scikit-learn's digits with gradients of several kinds.

    Parameters
    ----------
    steps : int
        Of gradient descent, on the same batches for all.
    hidden : int
        Units of the hidden layer: the network has 75 parameters for each of them, and 10 more.
    gradients : tuple of str
        ``"reverse mode"``; ``"central differences"``, two evaluations for each parameter;
        ``"float16"``, the exact gradient rounded to half precision; ``"3 values"``, rounded at
        random to minus the largest entry, 0 or the largest, right in the mean (W. Wen and others,
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
        If a kind of gradient is not known.
    MissingPackageError
        If scikit-learn is not installed.

    Examples
    --------
    >>> study = tolerance_study(steps=5, hidden=2, gradients=("reverse mode", "float16"))
    >>> study.parameters, [len(losses) for losses in study.losses.values()]
    (160, [5, 5])
    """
    unknown = [kind for kind in gradients if kind not in GRADIENTS]
    if unknown or not gradients:
        raise InputError(
            f"There is no gradient {', '.join(unknown) or 'to train with'}: choose from "
            f"{', '.join(GRADIENTS)}."
        )
    (x, labels), test = digits()
    start = perceptron_parameters(64, hidden, 10, seed=seed)
    study = ToleranceStudy(sum(np.size(leaf) for _, leaf in leaves(start)))
    for kind in gradients:
        _train(study, kind, start, (x, labels), test, steps, rate, batch_size, seed)
    return study


def _train(
    study: ToleranceStudy,
    kind: str,
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
    rule, memory = sgd(rate), None
    batches, rounding = np.random.default_rng(seed), np.random.default_rng(seed + 1)
    losses, taken = list[float](), 0.0
    warm = np.random.default_rng(0)
    bar = progress(range(steps), kind)
    with bar:
        for _ in bar:
            chosen = batches.integers(len(x), size=batch_size)

            def loss(params: Any, chosen: Any = chosen) -> Any:
                return cross_entropy(perceptron(params, x[chosen]), labels[chosen])

            if not losses:
                _gradient(kind if kind != GRADIENTS[1] else GRADIENTS[0], loss, params, warm)
            began = time.perf_counter()
            value, gradient, study.evaluations[kind] = _gradient(kind, loss, params, rounding)
            taken += time.perf_counter() - began
            losses.append(value)
            params, memory = rule.step(params, gradient, memory)
            bar.set_postfix_str(f"loss {value:.3f}", refresh=False)
    study.losses[kind] = losses
    study.seconds[kind] = taken / steps
    study.test_accuracy[kind] = accuracy(perceptron, params, *test)


def _gradient(
    kind: str, loss: Callable[[Any], Any], params: Any, rounding: np.random.Generator
) -> tuple[float, Any, int]:
    """Return the loss, its gradient of a kind, and how many evaluations that took."""
    if kind == "central differences":
        found = differences(loss, params, "central")
        return float(loss(params)), found.value, found.evaluations
    value, gradient = value_and_grad(loss)(params)
    if kind == "float16":
        gradient = tree_map(lambda g: g.astype(np.float16).astype(float), gradient)
    elif kind == "3 values":
        gradient = tree_map(lambda g: _rounded_at_random(g, rounding), gradient)
    return float(value), gradient, 1


def _rounded_at_random(array: Any, rounding: np.random.Generator) -> Any:
    """Return an array of three values, ± its largest entry and 0, right in the mean."""
    largest = np.max(np.abs(array))
    kept = rounding.random(np.shape(array)) * largest < np.abs(array)
    return largest * np.sign(array) * kept
