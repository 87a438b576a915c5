"""The figures of the studies: costs, coloring, checkpointing schedule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from adviz.costs.compressed_jacobian import CompressedJacobian, letter
from adviz.costs.jacobian_costs import JacobianCosts
from adviz.costs.memory import kept_by_evaluation, kept_by_reverse, kept_constants
from adviz.costs.scheduled_gradient import ScheduledGradient
from adviz.costs.schedules import fewest_advances
from adviz.figure import ACTIVE, INK, LINE, SERIES, Figure, drawing, label_lines
from adviz.host.arguments import function_name

__all__ = ["draw_coloring", "draw_costs", "draw_schedule"]

_STYLES = {
    "differences": SERIES[2],
    "forward": SERIES[0],
    "reverse": SERIES[1],
}


def draw_costs(study: JacobianCosts) -> Figure:
    """Draw a Jacobian's costs over its inputs or outputs, a gradient's bound, times and memory."""
    name_of = function_name(study.function)
    with drawing(
        f"what the Jacobian of {name_of} costs: {str(study).splitlines()[0]}", 2, 2, height=7.4
    ) as (figure, (counts, gradient, times, memory)):
        if study.uncounted or not study.operations("differences"):
            reason = "are not counted here" if study.uncounted else "there are none"
            _write(counts, f"Operations: {reason}.")
            _write(gradient, f"Operations: {reason}.")
        else:
            _draw_operations(counts, study)
            _draw_gradient(gradient, study)
        _draw_times(times, study)
        _draw_memory(memory, study)
    return figure


def _sizes(most: int) -> list[int]:
    """Return up to a dozen whole numbers from 1 to ``most``, evenly spaced in the logarithm."""
    spaced = np.unique(np.rint(np.geomspace(1, most, 12)).astype(int))
    return [int(size) for size in spaced]


_MAX_TICKS = 8
"""The most sizes that each have a tick on the axis; for more there are powers of ten."""


def _varied(study: JacobianCosts) -> tuple[str, list[int], int]:
    """Return the dimension that is varied, its sizes, and the size at which the methods cross."""
    if study.n >= study.m:
        return "n", _sizes(study.n), study.m
    return "m", _sizes(study.m), study.n


def _draw_operations(axes: Any, study: JacobianCosts) -> None:
    what, sizes, other = _varied(study)
    for method, style in _STYLES.items():
        costs = [study.operations(method, **{what: size}) for size in sizes]
        axes.plot(sizes, costs, label=method, **style._asdict())
    _size_axis(axes, study, what, sizes, "operations")
    axes.set_title("Operations of the Jacobian")
    _crossing(axes, other)


def _draw_gradient(axes: Any, study: JacobianCosts) -> None:
    sizes = _sizes(study.n)
    ratios = {
        "differences": [2.0 * size for size in sizes],
        "forward": [1 + size * (study.tangent_ratio - 1) for size in sizes],
        "reverse": [study.gradient_ratio for _ in sizes],
    }
    for method, style in _STYLES.items():
        axes.plot(sizes, ratios[method], label=method, **style._asdict())
    if study.gradient_bound is not None:
        bound = {"color": INK, "linewidth": 1, "linestyle": (0, (6, 3))}
        label = f"at most {study.gradient_bound:.3g}"
        axes.plot(sizes, [study.gradient_bound] * len(sizes), label=label, **bound)
    axes.set(xlabel="inputs n", ylabel="times the function")
    axes.set_title("One gradient, in operations")
    _logarithmic(axes, sizes)


def _draw_times(axes: Any, study: JacobianCosts) -> None:
    what, sizes, other = _varied(study)
    for method, style in _STYLES.items():
        milliseconds = [1e3 * study.seconds(method, **{what: size}) for size in sizes]
        axes.plot(sizes, milliseconds, label=method, **style._asdict())
    for mode, seconds in study.batched.items():
        axes.plot(
            [sizes[-1]], [1e3 * seconds], marker="*", markersize=11, linestyle="none",
            color=_STYLES[mode].color, markeredgecolor="white",
        )  # fmt: skip
    _size_axis(axes, study, what, sizes, "milliseconds")
    axes.set_title("Time (★ all passes at once)")
    _crossing(axes, other)


def _draw_memory(axes: Any, study: JacobianCosts) -> None:
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
    constants = kept_constants(study.trace)
    recorded = f" and its constants, {constants / 1e3:,.1f}" if constants else ""
    measured = (
        f"peak of one pass in kB, measured:\n{', '.join(peaks)}\n"
        f"(both modes record the trace{recorded})"
    )
    axes.set(xlabel=f"rows\n{measured}", ylabel="numbers kept")
    axes.set_ylim(0, 1.45 * max(*back, *(2 * kept for kept in there)))
    axes.legend(loc="upper right", ncols=1)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}"))
    axes.set_title("Memory over the trace")


def _size_axis(axes: Any, study: JacobianCosts, what: str, sizes: list[int], costs: str) -> None:
    fixed = f"m = {study.m}" if what == "n" else f"n = {study.n}"
    axes.set(xlabel=("inputs n" if what == "n" else "outputs m") + f"   ({fixed})", ylabel=costs)
    _logarithmic(axes, sizes)


def _logarithmic(axes: Any, sizes: list[int]) -> None:
    """Give both axes logarithmic scales labelled with whole numbers, and name the lines."""
    axes.set(xscale="log", yscale="log")
    if len(sizes) <= _MAX_TICKS:
        axes.set_xticks(sizes)
    low, high = axes.get_ylim()
    axes.set_ylim(low * (low / high) ** 0.12, high)  # room for the text at the bottom
    steps = (1, 2, 5) if high / low < 1e3 else (1,)
    axes.yaxis.set_major_locator(LogLocator(subs=steps))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda number, _: _axis_label(number)))
        axis.set_minor_formatter(NullFormatter())
    label_lines(axes)


def _axis_label(number: float) -> str:
    """Return the label of a number on an axis: 20,000, or a power of ten for a large one."""
    if number < 1e5:
        return f"{number:,g}"
    mantissa, exponent = f"{number:.0e}".split("e")
    factor = "" if mantissa == "1" else rf"{mantissa}\times"
    return f"${factor}10^{{{int(exponent)}}}$"


def _crossing(axes: Any, at: int) -> None:
    axes.axvline(at, color=ACTIVE, linewidth=1)
    is_right = at**2 > np.prod(axes.get_xlim())
    axes.annotate(
        "n = m",
        (at, 0.0),
        xycoords=("data", "axes fraction"),
        xytext=(-4 if is_right else 4, 5),
        textcoords="offset points",
        ha="right" if is_right else "left",
        color=INK,
    )


def _write(axes: Any, text: str) -> None:
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, ha="center", color=INK)


_MAX_LETTERED = 40
"""The largest matrix, in rows or columns, whose cells can hold a letter."""


def draw_coloring(study: CompressedJacobian) -> Figure:
    """Draw a pattern in its colors, the compressed matrix, and the expanded matrix."""
    what, mode = ("columns", "forward") if study.is_forward else ("rows", "reverse")
    description = f"{study.n} by {study.m} Jacobian, its {what} in {study.passes} colors: {study}"
    with drawing(description, 1, 3, height=3.4) as (figure, (pattern, compressed, expanded)):
        rows, columns = np.indices(study.pattern.shape)
        colors = study.colors[columns if study.is_forward else rows]
        _cells(pattern, study.pattern, colors, letters=True)
        pattern.set_title(f"Pattern, {what} by color")
        k = np.indices(study.compressed.shape)[1 if study.is_forward else 0]
        known = np.ones(study.compressed.shape, dtype=bool)
        _cells(compressed, known, k, numbers=study.compressed)
        compressed.set_title(f"{study.passes} {mode} pass{'' if study.passes == 1 else 'es'}")
        _cells(expanded, study.pattern, colors, numbers=study.matrix)
        expanded.set_title("Jacobian, taken apart")
        lines = range(study.passes)
        if study.is_forward:
            compressed.set_xticks(lines, [letter(color) for color in lines])
        else:
            compressed.set_yticks(lines, [letter(color) for color in lines])
        for axes in (pattern, compressed, expanded):
            axes.set_anchor("N")  # their titles on one line
    return figure


def _cells(axes: Any, shown: Any, colors: Any, letters: bool = False, numbers: Any = None) -> None:
    """Draw the entries of a matrix as cells in their colors, with a letter or a number in each."""
    palette = np.array([to_rgb(series.color) for series in SERIES])
    image = np.ones((*shown.shape, 3))
    image[shown] = 1 - 0.35 * (1 - palette[colors[shown] % len(SERIES)])
    axes.imshow(image, aspect="auto" if max(shown.shape) > _MAX_LETTERED else "equal")
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(True)
    if max(shown.shape) > _MAX_LETTERED:
        return
    size = max(4.0, min(9.0, 150 / max(shown.shape)))
    for i, j in zip(*np.nonzero(shown), strict=True):
        text = letter(int(colors[i, j])) if letters else f"{numbers[i, j]:.2g}".replace("-", "−")
        if letters or max(shown.shape) <= _MAX_NUMBERED:
            fitted = size * min(1.0, 3.2 / len(text))
            axes.text(j, i, text, ha="center", va="center", fontsize=fitted, color=INK)


_MAX_NUMBERED = 12
"""The largest matrix, in rows or columns, whose cells can hold a number."""


_PENDING_ALPHA = 0.18
"""The opacity of actions that have not been done yet."""

_ACTIONS = {
    "advance": ("run", SERIES[0].color, "-"),
    "record": ("run and record", "#9A6B00", (0, (2, 1))),
    "reverse": ("sweep back", SERIES[1].color, "--"),
}


def draw_schedule(study: ScheduledGradient, until: int) -> Figure:
    """Draw a schedule up to an action, and how many runs other numbers of snapshots need."""
    description = f"the schedule of {study}".replace("\n", "; ")
    with drawing(description, 2, 1, height=7.2) as (figure, (chain, exchange)):
        now = _draw_chain(chain, study, until)
        chain.set_title(f"{study.steps} steps, {study.snapshots} snapshots")
        chain.set(xlabel="steps run or swept back", ylabel="state", xlim=(0, now))
        for handle in chain.legend(loc="upper right", ncols=4).legend_handles:
            if handle is not None:
                handle.set_alpha(1.0)  # actions to come are pale, the legend is not
        chain.set_ylim(-0.5, 1.28 * study.steps)
        sizes = _sizes(study.steps)
        runs = [study.steps + fewest_advances(study.steps, size) for size in sizes]
        exchange.plot(sizes, runs, color=INK, marker="o", label="_runs")
        exchange.plot(study.snapshots, study.steps + study.advances, "D", color=ACTIVE, ms=10)
        exchange.axhline(study.steps, color=LINE, linewidth=1)
        plain = f"plain reverse mode: {study.steps}"
        exchange.annotate(plain, (1, study.steps), xytext=(0, 4), textcoords="offset points")
        exchange.set(xlabel="snapshots kept", ylabel="runs of the step")
        exchange.set_title("Time for memory")
        _logarithmic(exchange, sizes)
        peaks = (
            f"measured peak: {study.peak / 1e3:,.1f} kB,\n"
            f"plain reverse mode {study.plain_peak / 1e3:,.1f} kB"
        )
        exchange.text(0.98, 0.9, peaks, transform=exchange.transAxes, ha="right", va="top")
    return figure


def _draw_chain(axes: Any, study: ScheduledGradient, until: int) -> int:
    """Draw each action over the time it takes, those to come pale; return the total time."""
    ends = np.cumsum([0, *(abs(one.last - one.first) for one in study.actions)]).tolist()
    named: set[str] = set()

    def label(text: str) -> str:
        new = text not in named
        named.add(text)
        return text if new else "_"

    since: dict[int, int] = {}  # the time from which each snapshot is kept
    for k, one in enumerate(study.actions):
        start, end, shade = ends[k], ends[k + 1], 1.0 if k < until else _PENDING_ALPHA
        if one.kind == "restore":
            if not one.keeps:
                _draw_kept(axes, one.first, since.pop(one.first), start, ends[until], label)
            continue
        if one.keeps:
            since[one.first] = start
        text, color, style = _ACTIONS[one.kind]
        axes.plot([start, end], [one.first, one.last], color=color, linestyle=style, alpha=shade,
                  label=label(text))  # fmt: skip
    for state, kept in since.items():
        _draw_kept(axes, state, kept, ends[-1], ends[until], label)
    return int(ends[-1])


def _draw_kept(
    axes: Any, state: int, start: int, end: int, now: int, label: Callable[[str], str]
) -> None:
    for first, last, shade in ((start, min(end, now), 0.45), (max(start, now), end, 0.1)):
        if first < last:
            axes.hlines(state, first, last, color=INK, linewidth=3.5, alpha=shade,
                        label=label("snapshot") if shade > _PENDING_ALPHA else "_")  # fmt: skip
