"""One step close up: the secant beside the tangent, and the digits that the subtraction loses."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from adviz.host.errors import AdvizError, InputError
from adviz.numeric.evaluation import evaluated, value_at
from adviz.numeric.multiprecision import Precise, context
from adviz.numeric.scheme_errors import SchemeErrors

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from adviz.figure import Figure

__all__ = ["Closeup", "Digits", "look_closely"]

_WIDTH, _DIGITS_WIDTH = 8.4, 0.46
"""Of the figure, in inches, and of its lines of digits, as a part of that."""

_DIGITS_OF_TYPE = {"float16": 5, "float32": 9, "float64": 17}
"""Significant decimal digits that distinguish all numbers of a type."""


@dataclass(frozen=True)
class Digits:
    """A subtraction with its digits aligned.

    Attributes
    ----------
    lines : list of (str, str)
        The operands and the difference: the name of each and its digits.
    marks : str
        Under each digit of the difference: "·" where the digits cancelled, "✓" where it is right,
        "×" where it is lost, "?" where that is not known.
    summary : str
        The counts of these marks in words.
    """

    lines: list[tuple[str, str]]
    marks: str
    summary: str

    def __str__(self) -> str:
        width = max((len(name) for name, _ in self.lines), default=0)
        rows = [f"{name.rjust(width)} = {digits}" for name, digits in self.lines]
        if self.marks:
            rows.append(" " * (width + 3) + self.marks)
        return "\n".join([*rows, self.summary])


@dataclass(frozen=True)
class Closeup:
    """A scheme at one step; made by :func:`look_closely`.

    Attributes
    ----------
    study : SchemeErrors
    k : int
        The index of the scheme in the study.
    step : numpy floating
    approximation, error : float
        The scheme's result, and its error as the study measures errors.
    digits : Digits
    """

    study: SchemeErrors
    k: int
    step: Any
    approximation: float
    error: float
    digits: Digits

    def __str__(self) -> str:
        name = self.study.schemes[self.k].name
        measure = "relative" if self.study.is_relative else "absolute"
        return (
            f"{name}, h = {float(self.step):.2g}: {self.approximation:.12g} for "
            f"{self.study.truth:.12g}, {measure} error {self.error:.1e}\n{self.digits}"
        )

    def plot(self) -> Figure:
        """Return the picture: secant and tangent, digits, and the error curves with h marked."""
        from adviz.figure import drawing

        with drawing(f"{self}", width=_WIDTH, height=4.9) as (figure, (first,)):
            first.remove()
            figure.set_layout_engine("none")  # digits are sized for a known width
            self._draw_secant(figure.add_axes((0.075, 0.44, 0.36, 0.49)))
            self._draw_digits(figure.add_axes((0.02, 0.02, _DIGITS_WIDTH, 0.3)))
            self._draw_curve(figure.add_axes((0.54, 0.12, 0.44, 0.81)))
        return figure

    def _draw_secant(self, axes: Axes) -> None:
        from adviz.figure import ACTIVE, FORWARD, INK, REVERSE

        study, scheme, reach = self.study, self.study.schemes[self.k], self.reach
        scalar_type = study.x0.dtype.type
        places = np.linspace(-reach, reach, 161)
        values = self.heights(places.astype(scalar_type))
        slope = study.truth
        axes.plot(places, values, color=INK, lw=1.2)
        axes.plot(places, slope * places, color=FORWARD, ls="--", lw=1.5)
        if not scheme.is_complex and math.isfinite(self.approximation):
            nodes = np.array([float(node) for node in scheme.nodes], scalar_type)
            heights = self.heights(nodes)
            # With two nodes the secant passes through both; with more, only its slope is known.
            at, height = (nodes[0], heights[0]) if len(nodes) == 2 else (0.0, 0.0)
            axes.plot(places, height + self.approximation * (places - at), color=REVERSE, lw=1.5)
            axes.plot(
                nodes, heights, "o", color=ACTIVE, markeredgecolor=INK, markersize=6, zorder=5
            )
        top = self.top(values)
        axes.set_ylim(-top, top)
        axes.set_xlim(-reach, reach)
        axes.set_xlabel("(x − x₀) / h", fontsize=9)
        axes.set_ylabel("(f(x) − f(x₀)) / h", fontsize=9)
        axes.tick_params(labelsize=8)
        axes.set_title("Close up: secant and tangent", fontsize=10)
        secant = "" if scheme.is_complex else "secant ―"
        for text, color, place in (
            ("f", INK, 0.97),
            ("tangent - -", FORWARD, 0.88),
            (secant, REVERSE, 0.79),
        ):
            axes.text(
                0.03, place, text, transform=axes.transAxes, color=color, fontsize=9, va="top"
            )

    @property
    def reach(self) -> float:
        """How far from x0 the close-up goes to both sides, in steps h."""
        return 1.15 * max(abs(float(node)) for node in self.study.schemes[self.k].nodes)

    def top(self, values: np.ndarray) -> float:
        """Return how high above 0 the close-up goes in which these heights are drawn."""
        slope, reach = self.study.truth, self.reach
        size = max(abs(slope), abs(self.approximation) if math.isfinite(self.approximation) else 0)
        finite = values[np.isfinite(values)]
        spread = float(np.percentile(np.abs(finite), 90)) if len(finite) else 1.0
        return float(1.15 * min(max(size * reach, spread), 6 * abs(slope) * reach or spread) or 1.0)

    def heights(self, places: np.ndarray) -> np.ndarray:
        """Return (f(x) − f(x0)) / h at x = x0 + places h, in the study's precision."""
        study = self.study
        with np.errstate(all="ignore"):
            points = study.x0 + places * self.step
            values = evaluated(study.function, points, "evaluating").values
            heights: np.ndarray = ((values - study.value) / self.step).astype(float)
        return heights

    def _draw_digits(self, axes: Axes) -> None:
        from adviz.figure import INK, REVERSE, SOFT

        axes.axis("off")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        if not self.digits.lines:
            axes.text(0, 0.9, self.digits.summary, fontsize=8.5, va="top", color=INK)
            return
        colors = {"·": SOFT, "✓": INK, "×": REVERSE, "?": INK, " ": INK}
        width = max(len(name) for name, _ in self.digits.lines)
        longest = max(width + 3 + len(digits) for _, digits in self.digits.lines)
        size = min(9.5, _DIGITS_WIDTH * _WIDTH * 72 / 0.61 / longest)
        rows = [(f"{name.rjust(width)} = ", digits, "") for name, digits in self.digits.lines]
        if self.digits.marks:
            rows[-1] = (rows[-1][0], rows[-1][1], self.digits.marks)
            rows.append((" " * (width + 3), self.digits.marks, self.digits.marks))
        line = 0.84 / 4
        step = size * 0.602 / 72 / (_DIGITS_WIDTH * _WIDTH)  # a letter's part of the axes' width
        for j, (name, digits, marks) in enumerate(rows):
            y = 1 - (j + 0.5) * line
            at = 0
            marked = zip(name + digits, (" " * len(name) + marks).ljust(longest), strict=False)
            for mark, run in itertools.groupby(marked, key=lambda pair: pair[1]):
                text = "".join(letter for letter, _ in run)
                axes.text(
                    at * step,
                    y,
                    text,
                    family="DejaVu Sans Mono",
                    fontsize=size,
                    color=colors[mark],
                    fontweight="bold" if mark in "✓×" else "normal",
                    va="center",
                )
                at += len(text)
        axes.text(0, 0.08, self.digits.summary, fontsize=8.5, va="center", color=INK)

    def _draw_curve(self, axes: Axes) -> None:
        from adviz.figure import ACTIVE, INK, SERIES
        from adviz.numeric.error_curves import draw_curves

        draw_curves(axes, self.study, explained=False)
        low, high = axes.get_ylim()
        series = SERIES[self.k % len(SERIES)]
        axes.axvline(float(self.step), color=ACTIVE, lw=1.6)
        to_the_left = float(self.step) > math.sqrt(math.prod(axes.get_xlim()))
        axes.annotate(
            f"h = {float(self.step):.2g}",
            (float(self.step), high),
            xytext=(-4 if to_the_left else 4, -3),
            textcoords="offset points",
            ha="right" if to_the_left else "left",
            va="top",
            fontsize=9,
            color=INK,
        )
        if math.isfinite(self.error):
            axes.plot(
                [float(self.step)],
                [min(max(self.error, low), high)],
                marker=series.marker,
                color=ACTIVE,
                markeredgecolor=INK,
                markersize=9,
                zorder=7,
                linestyle="none",
                label="_now",
            )
        axes.set_title(f"Error over h, in {self.study.x0.dtype}", fontsize=10)


def look_closely(study: SchemeErrors, name: str, h: float) -> Closeup:
    """Return a close-up of one scheme of a study at one step.

    Raises
    ------
    InputError
        If the scheme is not in the study, or h is not positive in its precision.
    """
    names = [each.name for each in study.schemes]
    if name not in names:
        raise InputError(f"{name!r} is not in this study: it has {', '.join(names)}.")
    scalar_type = study.x0.dtype.type
    with np.errstate(all="ignore"):
        step = scalar_type(h)
    if not (np.isfinite(step) and step > 0):
        raise InputError(f"h = {h:g} is {float(step):g} in {study.x0.dtype}: choose a larger step.")
    k = names.index(name)
    scheme = study.schemes[k]
    with np.errstate(all="ignore"):
        if scheme.is_complex:
            points = study.x0 + np.array([1j], np.result_type(study.x0, np.complex64)) * step
        else:
            points = study.x0 + np.array([float(s) for s in scheme.nodes], scalar_type) * step
        values = evaluated(study.function, points, "evaluating").values
        approximation = scheme.estimate(values[:, None], np.array([step]))[0]
    return Closeup(
        study,
        k,
        step,
        float(approximation),
        float(study.error_of(approximation)),
        _digits(study, scheme, step, float(approximation)),
    )


def _digits(study: SchemeErrors, scheme: Any, step: Any, approximation: float) -> Digits:
    """Return the digits of the scheme's subtraction that is nearest to x0."""
    scalar_type = study.x0.dtype.type
    if scheme.is_complex:
        digits = f"{approximation * float(step):.17g}"
        summary = "Nothing is subtracted, so h may be as small as you like."
        return Digits([("Im f(x + ih)", digits)], "", summary)
    ahead = min((s for s in scheme.nodes if s > 0), default=0)
    behind = max((s for s in scheme.nodes if s < 0), default=0)
    with np.errstate(all="ignore"):
        first = _value(study, study.x0 + scalar_type(float(ahead)) * step)
        second = _value(study, study.x0 + scalar_type(float(behind)) * step)
        difference = first - second
    if not (np.isfinite(first) and np.isfinite(second)):
        return Digits([], "", "f is not defined at one of the points that are subtracted.")
    exact = _exact_difference(study, float(ahead), float(behind), step)
    count = _DIGITS_OF_TYPE.get(study.x0.dtype.name, 21)
    largest = max(abs(float(first)), abs(float(second)), 1e-300)
    decimals = min(max(count - 1 - math.floor(math.log10(largest)), 0), 30)
    texts = [_with_decimals(number, decimals) for number in (first, second, difference)]
    width = max(len(text) for text in texts)
    texts = [text.rjust(width) for text in texts]
    right = _right_digits(float(difference), exact)
    marks = _marks(texts[2], right)
    lines = [
        (f"f({_point_text(ahead)})", texts[0]),
        (f"f({_point_text(behind)})", texts[1]),
        ("difference", texts[2]),
    ]
    return Digits(lines, marks, _summary(marks))


def _value(study: SchemeErrors, x: Any) -> Any:
    try:
        return study.x0.dtype.type(value_at(study.function, x))
    except AdvizError:
        return study.x0.dtype.type(np.nan)


def _exact_difference(study: SchemeErrors, ahead: float, behind: float, step: Any) -> float | None:
    if study.replay is None:
        return None
    with context().workdps(60):
        x0, h = Precise.of(study.x0).number, Precise.of(step).number
        try:
            return float(study.replay.at(x0 + ahead * h) - study.replay.at(x0 + behind * h))
        except (AdvizError, TypeError, ArithmeticError):
            return None


def _point_text(node: Any) -> str:
    if node == 0:
        return "x"
    size = "" if abs(node) == 1 else f"{abs(float(node)):g} "
    return f"x {'+' if node > 0 else '−'} {size}h"


def _with_decimals(number: Any, decimals: int) -> str:
    return np.format_float_positional(number, precision=decimals, unique=False, trim="k")


def _right_digits(difference: float, exact: float | None) -> int | None:
    """Return how many leading digits of a difference are right; None if that is not known.

    A digit is right where the error is at most half a unit of its place.
    """
    if exact is None or not math.isfinite(exact):
        return None
    if difference == exact:
        return 99
    if exact == 0 or difference == 0:
        return 0
    first = math.floor(math.log10(abs(difference)))
    return max(0, math.floor(first + 1 - math.log10(2 * abs(difference - exact))))


def _marks(difference: str, right: int | None) -> str:
    """Return a mark for each character of a difference."""
    marks, significant = "", 0
    started = False
    for letter in difference:
        started = started or letter in "123456789"
        if letter not in "0123456789":
            marks += " "
        elif not started:
            marks += "·"
        else:
            significant += 1
            marks += "?" if right is None else "✓" if significant <= right else "×"
    return marks


def _summary(marks: str) -> str:
    cancelled, right, lost = (marks.count(mark) for mark in "·✓×")
    return f"digits: · {cancelled} cancelled, ✓ {right} right, × {lost} lost to rounding"
