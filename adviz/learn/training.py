"""Training: batches, gradients, steps, and the curves to watch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from adviz.call_groups import every, groups
from adviz.core.arrays import shape_of
from adviz.core.derivatives import value_and_grad
from adviz.core.recording import record
from adviz.host import checks
from adviz.host.arguments import described
from adviz.host.errors import InputError, TrainingError
from adviz.host.nests import leaves, mapped
from adviz.host.source import describe
from adviz.learn.arguments import called
from adviz.learn.checks import Examples, checked_examples, checked_scores
from adviz.learn.layers import cross_entropy
from adviz.learn.optimizers import Optimizer, adam
from adviz.learn.trees import branches, norm

if TYPE_CHECKING:
    from adviz.figure import Figure

__all__ = ["Training", "accuracy", "layer_norms", "train"]

_SECONDS_BETWEEN_PICTURES = 0.5
"""At least; drawing more often would slow the training down."""

Model = Callable[[Any, Any], Any]
Loss = Callable[[Any, Any], Any]


@dataclass
class Training:
    """The result of a training and its history.

    Attributes
    ----------
    params
        The parameters, nested as they were given.
    optimizer : str
    losses : list of float
        The loss of the batch before each step.
    norms : dict of list of float
        By layer, the norm of the gradient at each step.
    epochs : int
        How often every example has been seen.
    train_accuracy, test_accuracy : list of float
        The fraction classified correctly before the first epoch and after each. Empty unless the
        labels are whole numbers and, for the second, test examples are given.
    """

    params: Any
    optimizer: str
    losses: list[float] = field(default_factory=list)
    norms: dict[str, list[float]] = field(default_factory=dict)
    epochs: int = 0
    train_accuracy: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)

    def plot(self) -> Figure:
        """Return a figure of the loss, of the accuracy, and of the gradient's norm by layer."""
        parts = [f"The loss goes from {self.losses[0]:.3g} to {self.losses[-1]:.3g}"]
        if self.test_accuracy:
            parts.append(f"the test accuracy to {self.test_accuracy[-1]:.1%}")
        return _plot(self, f"Training with {self.optimizer}. {', '.join(parts)}.")

    def __repr__(self) -> str:
        parts = [f"{self.epochs} epochs", f"{len(self.losses)} steps of {self.optimizer}"]
        if self.losses:
            parts.append(f"loss {self.losses[0]:.4g} → {self.losses[-1]:.4g}")
        if self.test_accuracy:
            parts.append(f"test accuracy {self.test_accuracy[-1]:.1%}")
        return f"<Training: {', '.join(parts)}>"


def train(
    model: Model,
    params: Any,
    examples: Examples,
    *,
    loss: Loss = cross_entropy,
    optimizer: Optimizer | None = None,
    epochs: int = 20,
    batch_size: int = 32,
    test: Examples | None = None,
    seed: int = 0,
    watch: Callable[[Training], Any] | None = None,
    draw: bool = True,
) -> Training:
    """Train a model: for every batch one trace, one return sweep, one step downhill.

    Parameters
    ----------
    model : callable
        Takes the parameters and a batch of inputs; returns predictions, for classes their scores.
    params
        Arrays in dicts, lists or tuples. The top-level branches are the layers. They are not
        changed: the result holds the trained parameters.
    examples : (x, y)
        Inputs and wanted outputs: arrays whose first axes count the examples.
    loss : callable
        Takes predictions and wanted outputs; returns a number.
    optimizer : Optimizer, optional
        :func:`sgd`, :func:`momentum` or :func:`adam`, the default.
    epochs, batch_size : int
    test : (x, y), optional
        Examples that are not trained on, to measure the accuracy after every epoch.
    seed : int
        Determines the order of the examples. The same seed gives the same numbers.
    watch : callable, optional
        Called with the :class:`Training` after every epoch.
    draw : bool
        Whether a notebook shows the curves while they grow.

    Returns
    -------
    Training

    Raises
    ------
    InputError
        If examples, model and loss do not fit together, or a count is not a positive whole number.
    TrainingError
        If the loss or a gradient is no longer finite. The message says at which step, in which row
        of the trace it began, and what to try.

    Examples
    --------
    A line through two points:

    >>> from adviz.learn import mean_squared_error, sgd
    >>> def line(params, x):
    ...     return params["slope"] * x + params["start"]
    >>> points = np.array([0.0, 1.0]), np.array([1.0, 3.0])
    >>> trained = train(
    ...     line, {"slope": 0.0, "start": 0.0}, points, loss=mean_squared_error,
    ...     optimizer=sgd(0.5), epochs=100, batch_size=2,
    ... )
    >>> {name: round(float(number), 4) for name, number in trained.params.items()}
    {'slope': 2.0, 'start': 1.0}
    """
    checks.function(model, "model")
    checks.function(loss, "loss")
    examples = checked_examples(examples, "examples")
    batch_size = checks.count(batch_size, "batch_size")
    epochs = checks.count(epochs, "epochs")
    seed = checks.count(seed, "seed", least=0, most=2**64)
    test = None if test is None else checked_examples(test, "test")
    rule = adam() if optimizer is None else optimizer
    if not isinstance(rule, Optimizer):
        raise InputError(
            f"optimizer={rule!r} is no optimizer: {describe()}. Pass, for example, "
            "ad.learn.adam(0.01)."
        )
    scores = checked_scores(model, params, examples, loss)

    def batch_loss(params: Any, x: Any, y: Any) -> Any:
        return loss(model(params, x), y)

    with_gradient = value_and_grad(batch_loss)
    training, state = Training(params, rule.name), rule.start(params)
    classifies = examples[1].dtype.kind in "iu" and np.ndim(scores) == 2

    def measure_accuracy() -> None:
        if classifies:
            training.train_accuracy.append(accuracy(model, training.params, *examples))
            if test is not None:
                training.test_accuracy.append(accuracy(model, training.params, *test))

    from adviz.progress import live, progress

    bar = progress(range(epochs), "training")
    show = live() if draw else None
    next_picture = 0.0
    generator = np.random.default_rng(seed)
    # The bar is removed whatever happens; a TrainingError reports an overflow.
    with bar, np.errstate(all="ignore"):
        measure_accuracy()
        for _ in bar:
            for batch in _batches(examples, batch_size, generator):
                value, gradient = with_gradient(training.params, *batch)
                norms = layer_norms(gradient)
                if not np.isfinite([value, *norms.values()]).all():
                    raise TrainingError(_diagnosis(batch_loss, training, batch, value, norms))
                training.losses.append(float(value))
                for layer, size in norms.items():
                    training.norms.setdefault(layer, []).append(size)
                training.params, state = rule.step(training.params, gradient, state)
            training.epochs += 1
            measure_accuracy()
            bar.set_postfix_str(f"loss {training.losses[-1]:.4f}", refresh=False)
            if watch is not None:
                watch(training)
            start = time.monotonic()
            if show is not None and (training.epochs == epochs or start >= next_picture):
                show(_Curves(training))
                end = time.monotonic()  # pictures take at most a quarter of the time
                next_picture = end + max(_SECONDS_BETWEEN_PICTURES, 3 * (end - start))
    return training


def accuracy(model: Model, params: Any, x: Any, labels: Any) -> float:
    """Return the fraction of the examples whose highest score is that of their label.

    Examples
    --------
    >>> accuracy(lambda params, x: x, None, np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    0.5
    """
    x, labels = checked_examples((x, labels), "x and labels")
    scores = called(model, (params, x), "model")
    if len(shape_of(scores)) != 2 or len(scores) != len(labels):
        raise InputError(
            f"model returns {described(scores)} for {len(labels)} examples: {describe()}. The "
            "accuracy is that of classes: return a row with a score for each class."
        )
    return float(np.mean(np.argmax(scores, axis=1) == labels))


def layer_norms(gradient: Any) -> dict[str, float]:
    """Return the norm of a gradient layer by layer.

    Examples
    --------
    >>> layer_norms({"hidden": {"w": np.array([3.0, 4.0])}, "output": {"w": np.zeros(2)}})
    {'hidden': 5.0, 'output': 0.0}
    """
    return {name: norm(branch) for name, branch in branches(gradient).items()}


class _Curves:
    """The curves of a training so far, as a notebook displays them."""

    def __init__(self, training: Training) -> None:
        self._training = training

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> Any:
        return _plot(self._training, "the curves of a training")._repr_mimebundle_()


def _plot(training: Training, description: str) -> Figure:
    from adviz.figure import FORWARD, SERIES, SOFT, drawing, label_lines

    steps = len(training.losses)
    epochs = np.linspace(0, steps, training.epochs + 1)
    accuracies = {"training": training.train_accuracy, "test": training.test_accuracy}
    with drawing(description, 1, 3 if training.train_accuracy else 2, height=2.9) as (
        figure,
        panels,
    ):
        loss, *between, norms = panels
        loss.plot(training.losses, color=FORWARD, alpha=0.35, linewidth=0.8)
        means = [np.mean(losses) for losses in np.array_split(training.losses, training.epochs)]
        loss.plot((epochs[:-1] + epochs[1:]) / 2, means, color=FORWARD)
        loss.set_title("loss, batch by batch")
        for axes in between:
            for (title, fractions), series in zip(accuracies.items(), SERIES, strict=False):
                mark_spacing = max(1, len(fractions) // 10)
                axes.plot(
                    epochs[: len(fractions)],
                    fractions,
                    label=title,
                    markevery=mark_spacing,
                    **series._asdict(),
                )
            axes.set_title("classified correctly")
            axes.set_ylim(0, 1.02)
            axes.yaxis.set_major_formatter(lambda fraction, _: f"{fraction:.0%}")
        for (title, sizes), series in zip(training.norms.items(), SERIES, strict=False):
            curve = _smoothed(np.array(sizes), window=max(1, steps // 60))
            norms.plot(curve, label=title, color=series.color, linestyle=series.linestyle)
        norms.set_title("norm of the gradient")
        for axes in (loss, norms):
            axes.set_yscale("log")
        for axes in panels:
            axes.set_xlabel("step", color=SOFT)
            axes.set_xlim(0, steps)
            label_lines(axes)
    return figure


def _smoothed(numbers: Any, window: int) -> Any:
    """Return the running mean over a window that ends at each number."""
    sums = np.cumsum(np.concatenate([[0.0], numbers]))
    ends = np.arange(1, len(numbers) + 1)
    starts = np.maximum(0, ends - window)
    return (sums[ends] - sums[starts]) / (ends - starts)


def _batches(
    examples: Examples, size: int, generator: np.random.Generator
) -> Iterator[tuple[Any, Any]]:
    """Yield batches that hold every example once, in random order."""
    x, y = examples
    order = generator.permutation(len(x))
    for start in range(0, len(x), size):
        batch = order[start : start + size]
        yield x[batch], y[batch]


def _diagnosis(
    batch_loss: Callable[..., Any],
    training: Training,
    batch: Examples,
    value: Any,
    norms: dict[str, float],
) -> str:
    """Return what went wrong in a step, where it began, and what to try."""
    step = len(training.losses) + 1
    trace = record(lambda params: batch_loss(params, *batch), (training.params,), ["params"])
    row = trace.first_nonfinite
    if row is None:
        layers = [name for name, size in norms.items() if not np.isfinite(size)]
        began = (
            f"The loss, {value:.6g}, is finite, but its gradient is not in "
            f"{' and '.join(layers)}: trace the loss there and look at trace.table('reverse')."
        )
    elif row.slot < trace.tape.input_count:
        began = (
            f"{row.name} is not finite itself"
            f"{': the step before threw it there' if step > 1 else ', from the start'}."
        )
    else:
        inside = [
            group
            for group in every(groups(trace, passes=False))
            if group.start <= row.slot < group.stop
        ]
        call = f" of {inside[-1].title}" if inside else ""
        where = f", {row.source}" if row.source is not None else ""
        began = f"It began in the row {row.label} = {row.op}(…){call}{where}."
    largest = max(
        leaves(training.params, "params"), key=lambda leaf: _size(leaf[1]), default=("params", 0)
    )
    history = "" if step == 1 else f" The loss before it was {training.losses[-1]:.6g}."
    data = mapped(lambda part: bool(np.isfinite(part).all()), batch)
    advice = (
        "Clean the examples: this batch holds numbers that are not finite."
        if not all(data)
        else "Try a smaller rate, smaller weights to begin with (ad.learn.glorot, ad.learn.he), or "
        "a loss that cannot overflow (ad.learn.cross_entropy)."
    )
    return (
        f"At step {step}, in epoch {training.epochs + 1}, the loss is {float(value):g}.{history} "
        f"{began} The largest number among the parameters is {_size(largest[1]):.3g}, in "
        f"{largest[0]}. {advice}"
    )


def _size(leaf: Any) -> float:
    """Return the largest absolute value; infinity if an entry is not finite."""
    size = float(np.max(np.abs(leaf), initial=0))
    return size if np.isfinite(size) else float("inf")
