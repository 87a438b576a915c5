"""The figures of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from adviz.core.arguments import function_name
from adviz.core.counting import BOUND
from adviz.costs.memory import kept_by_evaluation, kept_by_reverse
from adviz.figure import ACTIVE, INK, SERIES, Figure, drawing, name

if TYPE_CHECKING:
    from adviz.costs.study import CostStudy

__all__ = ["draw_costs"]

_STYLES = {
    "differences": SERIES[2],
    "forward": SERIES[0],
    "reverse": SERIES[1],
}


def draw_costs(study: CostStudy) -> Figure:
    """Draw what a Jacobian costs for fewer inputs or outputs, a gradient's bound, time, memory."""
    name_of = function_name(study.function)
    with drawing(
        f"what the Jacobian of {name_of} costs: {str(study).splitlines()[0]}", 2, 2, height=7.4
    ) as (figure, (counts, gradient, times, memory)):
        if study.uncounted:
            _say(counts, "Operations are not counted here.")
            _say(gradient, "Operations are not counted here.")
        else:
            _draw_operations(counts, study)
            _draw_gradient(gradient, study)
        _draw_times(times, study)
        _draw_memory(memory, study)
    return figure


def _sizes(most: int) -> list[int]:
    """Return up to a dozen numbers from 1 to the most there are, evenly spaced in the logarithm."""
    spaced = np.unique(np.rint(np.geomspace(1, most, 12)).astype(int))
    return [int(size) for size in spaced]


def _along(study: CostStudy) -> tuple[str, list[int], int]:
    """Return what is varied, its sizes, and where the crossing is expected."""
    if study.n >= study.m:
        return "n", _sizes(study.n), study.m
    return "m", _sizes(study.m), study.n


def _draw_operations(axes: Any, study: CostStudy) -> None:
    what, sizes, other = _along(study)
    for method, style in _STYLES.items():
        costs = [study.operations(method, **{what: size}) for size in sizes]
        axes.plot(sizes, costs, label=method, **style._asdict())
    _size_axis(axes, study, what, sizes, "operations")
    axes.set_title("Operations of the Jacobian")
    _crossing(axes, other)


def _draw_gradient(axes: Any, study: CostStudy) -> None:
    sizes = _sizes(study.n)
    ratios = {
        "differences": [2.0 * size for size in sizes],
        "forward": [1 + size * (study.tangent_ratio - 1) for size in sizes],
        "reverse": [study.gradient_ratio for _ in sizes],
    }
    for method, style in _STYLES.items():
        axes.plot(sizes, ratios[method], label=method, **style._asdict())
    bound = {"color": INK, "linewidth": 1, "linestyle": (0, (6, 3))}
    axes.plot(sizes, [BOUND] * len(sizes), label=f"at most {BOUND}", **bound)
    axes.set(xlabel="inputs n", ylabel="times the function")
    axes.set_title("One gradient, in operations")
    _logarithmic(axes, sizes)


def _draw_times(axes: Any, study: CostStudy) -> None:
    what, sizes, other = _along(study)
    for method, style in _STYLES.items():
        milliseconds = [1e3 * study.seconds(method, **{what: size}) for size in sizes]
        axes.plot(sizes, milliseconds, label=method, **style._asdict())
    for mode, seconds in study.batched.items():
        axes.plot(
            [sizes[-1]], [1e3 * seconds], marker="*", markersize=11, linestyle="none",
            color=_STYLES[mode].color, markeredgecolor="white",
        )  # fmt: skip
    _size_axis(axes, study, what, sizes, "milliseconds")
    axes.set_title("Time, pass by pass  (★ all passes in one)")
    _crossing(axes, other)


def _draw_memory(axes: Any, study: CostStudy) -> None:
    there, back = kept_by_evaluation(study.trace), kept_by_reverse(study.trace)
    lines = {
        "reverse": (back, SERIES[1].color, "--"),
        "forward": ([2 * kept for kept in there], SERIES[0].color, "-"),
        "the function": (there, INK, ":"),
    }
    for label, (kept, color, style) in lines.items():
        axes.plot(range(len(kept)), kept, label=label, color=color, linestyle=style)
    axes.axvline(len(there) - 1, color=ACTIVE, linewidth=1)
    axes.annotate("the way back", (len(there) - 1, 0), xytext=(4, 4), textcoords="offset points")
    peaks = [f"{method} {study.measured[method].peak / 1e3:,.1f}" for method in _STYLES]
    measured = f"peak of one pass in kB, measured:\n{', '.join(peaks)}"
    axes.set(xlabel=f"rows\n{measured}", ylabel="numbers kept")
    axes.set_ylim(0, 1.45 * max(*back, *(2 * kept for kept in there)))
    axes.legend(loc="upper right", ncols=1)
    axes.set_title("Memory over the trace")


def _size_axis(axes: Any, study: CostStudy, what: str, sizes: list[int], costs: str) -> None:
    fixed = f"m = {study.m}" if what == "n" else f"n = {study.n}"
    axes.set(xlabel=("inputs n" if what == "n" else "outputs m") + f"   ({fixed})", ylabel=costs)
    _logarithmic(axes, sizes)


def _logarithmic(axes: Any, sizes: list[int]) -> None:
    """Give both axes logarithmic scales with whole numbers on them, and name the lines."""
    axes.set(xscale="log", yscale="log")
    axes.set_xticks(sizes[:: -(-len(sizes) // 6)])
    low, high = axes.get_ylim()
    steps = (1, 2, 5) if high / low < 1e3 else (1,)
    axes.yaxis.set_major_locator(LogLocator(subs=steps))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,g}"))
        axis.set_minor_formatter(NullFormatter())
    name(axes)


def _crossing(axes: Any, at: int) -> None:
    axes.axvline(at, color=ACTIVE, linewidth=1)
    axes.annotate("n = m", (at, 1.0), xycoords=("data", "axes fraction"), xytext=(3, -10),
                  textcoords="offset points", color=INK)  # fmt: skip


def _say(axes: Any, text: str) -> None:
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, ha="center", color=INK)
