"""Error curves: all schemes in one plot, and each with its truncation and round-off error."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from adviz.host.arguments import function_name
from adviz.numeric.scheme_errors import SchemeErrors, running_median

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from adviz.figure import Figure

__all__ = ["draw_curves", "draw_parts", "draw_study"]

_COLUMNS = 4
_LOWEST = 1e-22
"""Smaller errors are drawn at this one: a logarithmic axis has no zero."""


def draw_study(study: SchemeErrors) -> Figure:
    """Return the figure of a study."""
    from adviz.figure import drawing

    count = len(study.schemes)
    name = function_name(study.function)
    description = (
        f"errors of {', '.join(s.name for s in study.schemes)} for the derivative of {name} at "
        f"{float(study.x0):g}, over the step h, both axes logarithmic"
    )
    if count == 1:
        with drawing(description, height=4.4) as (figure, (axes,)):
            draw_parts(axes, study, 0, large=True)
            axes.set_title(f"{study.schemes[0].name}: {name} at x = {float(study.x0):g}")
            axes.set_ylabel(_error_label(study))
            axes.set_xlabel("step h")
        return figure
    columns = min(count, _COLUMNS)
    rows = math.ceil(count / columns)
    with drawing(description, height=4.7 + 2.0 * rows) as (figure, (first,)):
        first.remove()
        grid = figure.add_gridspec(1 + rows, columns, height_ratios=[4.4, *([1.9] * rows)])
        axes = figure.add_subplot(grid[0, :])
        draw_curves(axes, study)
        axes.set_title(f"Derivative of {name} at x = {float(study.x0):g}, in {study.x0.dtype}")
        shared: Any = None
        for k, each in enumerate(study.schemes):
            shared = figure.add_subplot(
                grid[1 + k // columns, k % columns], sharex=shared, sharey=shared
            )
            draw_parts(shared, study, k, large=False)
            shared.set_title(each.name, fontsize=9.5)
            if k % columns == 0:
                shared.set_ylabel(_error_label(study), fontsize=9)
            else:
                shared.tick_params(labelleft=False)
            if k + columns >= count:
                shared.set_xlabel("step h", fontsize=9)
            else:
                shared.tick_params(labelbottom=False)
        _add_legend(figure)
    return figure


def _error_label(study: SchemeErrors) -> str:
    return "relative error" if study.is_relative else "absolute error (the slope is 0)"


def _limits(axes: Axes, study: SchemeErrors) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    steps = study.steps.astype(float)
    axes.set_xlim(steps[0] / 2, steps[-1] * 2)
    finite = study.errors[np.isfinite(study.errors) & (study.errors > _LOWEST)]
    smallest = min([float(finite.min()) if len(finite) else 1e-16, *_ad_errors(study)])
    low = max(10 ** math.floor(math.log10(smallest) - 1.2), _LOWEST)
    high = float(np.median(finite[finite > 0.1])) if np.any(finite > 0.1) else 1.0
    axes.set_ylim(low, max(30.0 * high, 30.0))


def _ad_errors(study: SchemeErrors) -> list[float]:
    return [e for e in (study.ad_forward, study.ad_reverse) if e > _LOWEST]


def draw_curves(axes: Axes, study: SchemeErrors, *, explained: bool = True) -> None:
    """Draw all schemes of a study, each named; ``explained`` adds a line about the marks."""
    from adviz.figure import INK, SERIES, SOFT, label_lines

    _limits(axes, study)
    low = axes.get_ylim()[0]
    steps = study.steps.astype(float)
    at_minimum: list[tuple[Any, Any]] = []
    for k, (each, optimum) in enumerate(zip(study.schemes, study.optima, strict=True)):
        series = SERIES[k % len(SERIES)]
        medians = np.maximum(study.medians[k], low)
        errors = np.maximum(study.errors[k], low)
        axes.plot(
            steps, errors, ".", color=series.color, alpha=0.28, markersize=2.4, label="_points"
        )
        has_v = math.isfinite(optimum.step) and not each.is_complex
        axes.plot(
            steps,
            medians,
            color=series.color,
            linestyle=series.linestyle,
            marker=series.marker,
            markevery=(k * 5, 40),
            markersize=3.6,
            label="_scheme",
        )
        if each.is_complex:
            _name_flat(axes, steps, medians, each.name, series.color)
        if not each.is_complex and math.isfinite(optimum.measured_step):
            at_minimum.append((optimum, series))
        if has_v:
            axes.plot(
                [optimum.step],
                [optimum.error],
                marker=series.marker,
                markersize=8,
                markerfacecolor="white",
                markeredgecolor=series.color,
                markeredgewidth=1.6,
                linestyle="none",
                zorder=5,
                label="_predicted",
            )
    for (title, errors), dashes in zip(study.peers.items(), ("-", (0, (5, 1.5))), strict=False):
        present = np.isfinite(errors)
        if present.any():
            axes.plot(
                steps[present],
                np.maximum(errors[present], low),
                linestyle=dashes,
                lw=0.9,
                color=SOFT,
                label=title,
            )
    _ad_lines(axes, study, INK, low)
    _name_minima(axes, at_minimum)
    if study.peers:
        label_lines(axes)
    axes.set_xlabel("step h")
    axes.set_ylabel(_error_label(study))
    if explained and at_minimum:
        axes.text(
            1.0,
            1.025,
            "open mark: predicted best step, and the error there",
            transform=axes.transAxes,
            ha="right",
            va="bottom",
            fontsize=8.5,
            color=SOFT,
        )


def _ad_lines(axes: Axes, study: SchemeErrors, color: str, low: float) -> None:
    """Draw the errors of AD, which has no step, as lines from side to side."""
    forward, reverse = study.ad_forward, study.ad_reverse
    lines = [("AD forward", forward, (0, (6, 2))), ("AD reverse", reverse, (0, (2, 1.4)))]
    if forward == reverse:
        lines = [("AD forward = reverse", forward, (0, (6, 2)))]
    lines = [line for line in lines if not math.isnan(line[1])]
    for place, (title, error, dashes) in enumerate(sorted(lines, key=lambda line: line[1])):
        height = max(error, low * 2.5)
        axes.axhline(height, color=color, linestyle=dashes, linewidth=1.2, label=f"_{title}")
        axes.annotate(
            f"{title}: exact" if error <= low else title,
            (axes.get_xlim()[1], height),
            xytext=(-3, 3 if place else -3),
            textcoords="offset points",
            fontsize=9,
            color=color,
            ha="right",
            va="bottom" if place else "top",
        )


def _name_minima(axes: Axes, optima: list[tuple[Any, Any]]) -> None:
    """Write each V's name to the lower left of its minimum, without overlaps."""
    low, high = axes.get_ylim()
    decade = math.log10(high / low) / 21  # one line of text, in decades
    occupied: list[tuple[float, float]] = []
    for optimum, series in sorted(optima, key=lambda o: (-o[0].measured_error, o[0].measured_step)):
        x = math.log10(optimum.measured_step) - 0.9
        y = math.log10(optimum.measured_error) - 0.4 * decade
        for left, other in sorted(occupied, key=lambda place: -place[1]):
            if abs(left - x) < 4.5 and abs(other - y) < decade:
                y = other - decade
        occupied.append((x, y))
        axes.annotate(
            optimum.scheme,
            (optimum.measured_step, optimum.measured_error),
            xytext=(10**x, 10**y),
            color=series.color,
            ha="right",
            va="center",
            fontsize=9.5,
            arrowprops={"arrowstyle": "-", "color": series.color, "lw": 0.7, "shrinkA": 1},
        )


def _name_flat(axes: Axes, steps: np.ndarray, curve: np.ndarray, title: str, color: str) -> None:
    """Write the name of a scheme without a V on the left part of its curve."""
    present = np.flatnonzero(np.isfinite(curve) & (curve < axes.get_ylim()[1]))
    if len(present):
        k = present[len(present) // 6]
        axes.annotate(
            title,
            (steps[k], curve[k]),
            xytext=(0, 7),
            textcoords="offset points",
            color=color,
            fontsize=9.5,
        )


def draw_parts(axes: Axes, study: SchemeErrors, k: int, *, large: bool) -> None:
    """Draw one scheme: its errors, and the truncation and round-off errors they consist of."""
    from adviz.figure import FORWARD, INK, REVERSE, SOFT

    _limits(axes, study)
    low, high = axes.get_ylim()
    steps = study.steps.astype(float)
    truncation, roundoff = study.parts(study.schemes[k].name)
    optimum = study.optima[k]
    errors = np.maximum(study.errors[k], low)
    size = 3.2 if large else 1.6
    axes.plot(steps, errors, ".", color=SOFT, alpha=0.45, markersize=size)
    axes.plot(steps, np.maximum(study.medians[k], low), color=INK, lw=1.2 if large else 0.8)
    visible = np.where(truncation > low, truncation, np.nan)
    axes.plot(steps, visible, color=REVERSE, linestyle="--", lw=2.0 if large else 1.4)
    rounding = running_median(roundoff)
    visible_rounding = np.where(rounding > low, rounding, np.nan)
    axes.plot(steps, visible_rounding, color=FORWARD, linestyle="-.", lw=2.0 if large else 1.4)
    if large:
        predicted = optimum.curve(steps)
        if math.isfinite(optimum.step) and not study.schemes[k].is_complex:
            axes.plot(steps, predicted, ":", color=INK, lw=1.2)
        _write_on(axes, steps, visible, "truncation", REVERSE, at=0.12)
        _write_on(axes, steps, visible_rounding, "round-off", FORWARD, at=0.35)
        _ad_lines(axes, study, INK, low)
    has_v = math.isfinite(optimum.step) and not study.schemes[k].is_complex
    if has_v:
        axes.axvline(optimum.step, color=INK, lw=1.0, ls=":")
        if math.isfinite(optimum.measured_step):
            axes.plot(
                [optimum.measured_step],
                [max(optimum.measured_error, low)],
                "D",
                color="#E69F00",
                markeredgecolor=INK,
                markersize=6.5 if large else 4.2,
                zorder=6,
            )
    if large and has_v:
        far_right = math.log(optimum.step / steps[0]) > 0.8 * math.log(steps[-1] / steps[0])
        axes.annotate(
            f"predicted h* = {optimum.step:.1e}",
            (optimum.step, high / 3),
            xytext=(-5 if far_right else 5, 0),
            textcoords="offset points",
            fontsize=9,
            ha="right" if far_right else "left",
            va="top",
        )
        axes.annotate(
            f"measured: h = {optimum.measured_step:.1e},\nerror {optimum.measured_error:.1e}",
            (optimum.measured_step, optimum.measured_error),
            xytext=(-26, -4),
            textcoords="offset points",
            fontsize=9,
            ha="right",
            va="center",
        )
    elif not has_v:
        text = "no truncation\nerror" if optimum.order is None and optimum.note else "no V"
        axes.text(
            0.5 if large else 0.05 if study.schemes[k].is_complex else 0.96,
            0.93,
            optimum.note if large else text,
            transform=axes.transAxes,
            ha="center" if large else "left" if study.schemes[k].is_complex else "right",
            va="top",
            fontsize=9 if large else 8,
            color=INK,
            wrap=large,
        )


def _write_on(
    axes: Axes, steps: np.ndarray, curve: np.ndarray, text: str, color: str, *, at: float
) -> None:
    """Write a curve's name beside it, at a fraction ``at`` of its visible length."""
    low, high = axes.get_ylim()
    with np.errstate(invalid="ignore"):
        inside = np.flatnonzero((curve > low) & (curve < high))
    if not len(inside):
        return
    k = inside[min(int(at * len(inside)), len(inside) - 1)]
    axes.annotate(
        text,
        (steps[k], curve[k]),
        xytext=(9, 4),
        textcoords="offset points",
        color=color,
        fontsize=10,
        fontweight="bold",
        ha="left",
        va="bottom" if text == "round-off" else "top",
    )


def _add_legend(figure: Figure) -> None:
    """Explain the lines of the small plots below them."""
    from matplotlib.lines import Line2D

    from adviz.figure import FORWARD, INK, REVERSE, SOFT

    figure.legend(
        handles=[
            Line2D([], [], color=SOFT, marker=".", ls="none", label="error"),
            Line2D([], [], color=INK, lw=1.0, label="its running median"),
            Line2D([], [], color=REVERSE, ls="--", label="truncation"),
            Line2D([], [], color=FORWARD, ls="-.", label="round-off"),
            Line2D([], [], color=INK, ls=":", lw=1.0, label="predicted h*"),
            Line2D(
                [],
                [],
                color="#E69F00",
                marker="D",
                markeredgecolor=INK,
                ls="none",
                label="measured best",
            ),
        ],
        loc="outside lower center",
        ncols=6,
        fontsize=8.5,
        handlelength=2.2,
        columnspacing=1.2,
    )
