"""How the signal flows through a network: forward as activations, back as adjoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from adviz.call_groups import every, groups
from adviz.core.recording import record
from adviz.core.trace import Trace
from adviz.host import checks
from adviz.host.errors import InputError, TrainingError
from adviz.host.nests import leaves
from adviz.learn.checks import checked_examples, checked_scores
from adviz.learn.layers import cross_entropy
from adviz.learn.trees import branches, norm

if TYPE_CHECKING:
    from adviz.figure import Figure

__all__ = ["Flow", "compare_flows", "gradient_flow"]

_BINS = 40
"""Of each histogram of activations."""


@dataclass(frozen=True)
class Flow:
    """The activations and adjoints of every layer for one batch.

    Attributes
    ----------
    loss : float
    activations : dict of array
        By layer, its output.
    adjoints : dict of array
        By layer, the derivative of the loss with respect to its output.
    norms : dict of float
        By layer, the norm of the gradient with respect to its parameters.
    """

    loss: float
    activations: dict[str, Any]
    adjoints: dict[str, Any]
    norms: dict[str, float]

    def __repr__(self) -> str:
        norms = list(self.norms.values())
        first, last = norms[0], norms[-1]
        return (
            f"<Flow through {len(self.norms)} layers: norm of the gradient {first:.2g} in the "
            f"first, {last:.2g} in the last>"
        )

    def plot(self, title: str = "") -> Figure:
        """Return a figure of the activations, layer below layer, and of the gradient beside them.

        Parameters
        ----------
        title : str
            Says which network this is.
        """
        from adviz.figure import FORWARD, INK, REVERSE, drawing

        names = list(self.activations)
        description = (
            f"Activations and gradients of {len(names)} layers{title and f', {title}'}: "
            + ", ".join(f"{name} {size:.2g}" for name, size in self.norms.items())
        )
        height = 1.3 + 0.42 * len(names)
        with drawing(description, 1, 2, height=height) as (figure, (left, right)):
            # The scores of the last layer have another scale and no activation.
            hidden = names[:-1] or names
            all_values = np.concatenate([self.activations[name].ravel() for name in hidden])
            edges = np.histogram_bin_edges(all_values, bins=_BINS)
            for k, name in enumerate(hidden):
                counts, _ = np.histogram(self.activations[name], bins=edges)
                heights = k + 0.3 - 0.85 * counts / counts.max()
                left.stairs(heights, edges, baseline=k + 0.3, fill=True, color=FORWARD, alpha=0.75)
            sizes = _positive(self.norms)
            right.plot(sizes, range(len(names)), color=REVERSE, marker="s")
            if np.any(sizes > 0):
                right.set_xscale("log")
                right.set_xlim(np.nanmin(sizes) / 4, np.nanmax(sizes) * 4)
                right.xaxis.set_minor_formatter(lambda size, _: "")
            for zero in np.flatnonzero(np.isnan(sizes)):
                right.annotate("0", (0.02, zero), xycoords=("axes fraction", "data"), color=REVERSE)
            for axes, shown in ((left, hidden), (right, names)):
                axes.set_yticks(range(len(shown)), shown, color=INK)
                axes.set_ylim(len(names) - 0.5, -0.8)
            left.set_title(f"activations{title and f': {title}'}", color=FORWARD)
            right.set_title("norm of the gradient", color=REVERSE)
        return figure


def gradient_flow(
    model: Callable[[Any, Any], Any],
    params: Any,
    x: Any,
    y: Any,
    loss: Callable[[Any, Any], Any] = cross_entropy,
) -> Flow:
    """Run one batch forward and back through a network and keep the values at each layer.

    Parameters
    ----------
    model, loss : callable
        As for :func:`train`.
    params
        The top-level branches are the layers.
    x, y : array
        A batch.

    Raises
    ------
    InputError
        If the model does not use a layer, or does not fit the batch and the loss.
    TrainingError
        If a value on the way is not finite.

    Examples
    --------
    >>> from adviz.learn import normal, perceptron, perceptron_parameters
    >>> x, labels = np.linspace(-1, 1, 20).reshape(10, 2), np.arange(10) % 2
    >>> flow = gradient_flow(perceptron, perceptron_parameters(2, 8, 8, 2), x, labels)
    >>> {name: array.shape for name, array in flow.activations.items()}
    {'hidden1': (10, 8), 'hidden2': (10, 8), 'output': (10, 2)}
    """
    checks.function(model, "model")
    checks.function(loss, "loss")
    x, y = checked_examples((x, y), "x and y")
    checked_scores(model, params, (x, y), loss)
    trace = record(lambda p: loss(model(p, x), y), (params,), ["params"])
    row = trace.first_nonfinite
    if row is not None:
        where = f", {row.source}" if row.source is not None else ""
        raise TrainingError(
            f"What flows through the network is not finite: it begins in the row {row.label} = "
            f"{row.op}(…){where}. Try smaller weights, or a loss that cannot overflow."
        )
    bars = {step.row.slot: step.adjoint for step in trace.reverse()}
    outputs = _outputs(trace, params)
    gradient = trace.inputs_as(
        [bars.get(row.slot, np.zeros_like(row.value)) for row in trace.inputs]
    )[0]
    return Flow(
        float(trace.value),
        {name: trace.rows[slot].value for name, slot in outputs.items()},
        {
            name: bars.get(slot, np.zeros_like(trace.rows[slot].value))
            for name, slot in outputs.items()
        },
        {name: norm(branch) for name, branch in branches(gradient).items()},
    )


def compare_flows(flows: Mapping[str, Flow]) -> Figure:
    """Return a figure of the norms of several flows' gradients, layer by layer.

    Parameters
    ----------
    flows : dict of Flow
        At most seven flows through the same layers, by title.
    """
    from adviz.figure import SERIES, drawing, label_lines

    are_flows = isinstance(flows, dict) and all(isinstance(flow, Flow) for flow in flows.values())
    if not are_flows or not 0 < len(flows) <= len(SERIES):
        raise checks.refusal("flows", f"a dict of one to {len(SERIES)} flows by title", flows)
    ends = "; ".join(
        f"{title}: {min(flow.norms.values()):.2g} to {max(flow.norms.values()):.2g}"
        for title, flow in flows.items()
    )
    with drawing(f"Norms of gradients layer by layer. {ends}", height=3.4) as (figure, (axes,)):
        layers: list[str] = []
        for (title, flow), series in zip(flows.items(), SERIES, strict=False):
            layers = list(flow.norms)
            axes.plot(_positive(flow.norms), label=title, **series._asdict())
        axes.set_yscale("log")
        axes.set_xticks(range(len(layers)), layers)
        axes.set_title("norm of the gradient, layer by layer")
        label_lines(axes)
    return figure


def _positive(norms: dict[str, float]) -> Any:
    """Return the norms, with NaN for zeros, which a logarithmic axis cannot show."""
    return np.array([size or np.nan for size in norms.values()])


def _outputs(trace: Trace, params: Any) -> dict[str, int]:
    """Return, by layer, the slot of its output.

    It is the last row of the outermost call that uses the parameters of this layer only, or, where
    there is no such call, the last row that uses one of them.
    """
    counts = {name: sum(1 for _ in leaves(branch)) for name, branch in branches(params).items()}
    owners = [name for name, count in counts.items() for _ in range(count)]

    def last_uses(start: int, stop: int) -> dict[str, int]:
        """Return, by layer, the last of these rows that uses one of its parameters."""
        return {
            owners[operand]: slot
            for slot in range(start, stop)
            for operand in trace.tape.operands(slot)
            if operand.__class__ is int and operand < len(owners)
        }

    slots = last_uses(trace.tape.input_count, len(trace.tape.values))
    missing = [name for name in counts if name not in slots]
    if missing:
        raise InputError(
            f"The model does not use the layer {missing[0]!r}, so that nothing flows through it: "
            "leave it out of the parameters."
        )
    for group in reversed(list(every(groups(trace, passes=False)))):  # the outermost call last
        inside = last_uses(group.start, group.stop)
        if len(inside) == 1:
            slots[next(iter(inside))] = group.stop - 1
    return {name: slots[name] for name in counts}
