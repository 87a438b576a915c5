"""Richardson extrapolation: central differences with h, h/2, h/4, ... and their limit.

L. F. Richardson, "The approximate arithmetical solution by finite differences of physical problems"
(1911); C. J. F. Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", Advances in Engineering
Software 4 (1982), who estimates the error of an entry from its neighbours.
"""

from __future__ import annotations

import contextlib
import html
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adviz.core.recording import record
from adviz.host import checks
from adviz.host.arguments import function_name
from adviz.host.errors import AdvizError, InputError
from adviz.host.source import describe
from adviz.numeric.evaluation import value_at

__all__ = ["Extrapolation", "richardson"]

_SHRINKS = 0.75
"""Where f is smooth, the slopes of two steps, and those on the two sides, differ by this much less
with half the step: by 1/4 and by 1/2 if f is twice differentiable."""

_COMPARED = 1 / 331
"""The last step times this is compared with: no power of 2, so that no oscillation fits both."""

_SMALLEST = float(np.finfo(float).tiny)
"""The rounding error of values of f that underflow."""

_MOST_ROWS_SWEPT = 20_000
"""Of a trace whose rounding errors are added up."""


@dataclass(frozen=True)
class Extrapolation:
    """A tableau of central differences and their extrapolations; made by :func:`richardson`.

    Attributes
    ----------
    value, error : float
        The best entry, and its error as estimated from its neighbours and from rounding errors.
    tableau : list of list of float
        ``tableau[i][j]``: row i begins with the central difference of the step h / 2^i.
    steps : list of float
    best : (int, int)
        The row and column of the value.
    stopped : str
        Why no further row was computed.
    evaluations : int
        How often f was evaluated: twice for each row and each comparison, and once at x0.
    """

    value: float
    error: float
    tableau: list[list[float]]
    steps: list[float]
    best: tuple[int, int]
    stopped: str
    evaluations: int

    def __str__(self) -> str:
        head = ["h", *(_heading(j) for j in range(len(self.tableau)))]
        rows = [
            [f"{h:.6g}", *(self._cell(i, j) for j in range(len(row)))]
            for i, (h, row) in enumerate(zip(self.steps, self.tableau, strict=True))
        ]
        widths = [
            max(len(row[k]) for row in [head, *rows] if k < len(row)) for k in range(len(head))
        ]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=False))
            for row in [head, *rows]
        ]
        return "\n".join([*lines, self._summary])

    def _cell(self, i: int, j: int) -> str:
        return f"{self.tableau[i][j]:#.13g}" + ("*" if (i, j) == self.best else " ")

    @property
    def _summary(self) -> str:
        return (
            f"* {self.value:.15g}, give or take {self.error:.0e}; {self.evaluations} evaluations. "
            f"{self.stopped}"
        )

    def _repr_html_(self) -> str:
        titles = ["h", *(_heading(j) for j in range(len(self.tableau)))]
        head = "".join(f"<th scope='col'>{title}</th>" for title in titles)
        body = ""
        for i, (h, row) in enumerate(zip(self.steps, self.tableau, strict=True)):
            cells = ""
            for j, entry in enumerate(row):
                text = f"{entry:#.13g}"
                marked = f"<strong>{text}&nbsp;*</strong>" if (i, j) == self.best else text
                cells += f"<td>{marked}</td>"
            body += f"<tr><th scope='row'>{h:.6g}</th>{cells}</tr>"
        return (
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            f"<p>{html.escape(self._summary)}</p>"
        )


def _heading(column: int) -> str:
    """Return a column's heading: the power of h that it eliminates."""
    return f"h{str(2 * column).translate(_SUPERSCRIPTS)} gone" if column else "central"


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def richardson(
    f: Callable[..., Any], x0: float, h: float = 0.1, *, tolerance: float = 0.0, rows: int = 20
) -> Extrapolation:
    """Return the derivative by Richardson extrapolation, with its tableau.

    Parameters
    ----------
    f : callable
        Takes and returns one number.
    x0 : float
    h : float
        The first and largest step. Each row halves it.
    tolerance : float
        The estimated error at which to stop.
    rows : int
        The largest number of rows.

    Returns
    -------
    Extrapolation

    Raises
    ------
    InputError
        If f is not defined at a node, or a parameter is not valid.

    Notes
    -----
    T_{i,0} is the central difference of h / 2^i, with an error of even powers of its step, which
    T_{i,j} = T_{i,j-1} + (T_{i,j-1} − T_{i-1,j-1}) / (4^j − 1) eliminate one after the other. The
    error of an entry is estimated by its largest distance from T_{i,j-1}, T_{i-1,j-1} and T_{i-1,j}
    (Ridders, 1982, takes the first two), plus the rounding errors of f over the step. These are
    added up over f's trace: ``Σ_i |v̄_i v_i| u``. An entry counts only if the slopes settle over
    all the steps that it was made from: if the changes of T_{i,0}, and the difference of the slopes
    to the left and to the right, shrink with the step.

    It stops when another row could not be more accurate, because its rounding errors alone are
    larger than the error estimated, and only if the slope over a much smaller step agrees: a
    function that oscillates within the steps, such as sin 1000x, or has kinks between them, may
    look smooth to all of them. If it does not agree, no entry so far counts. A function that cannot
    be traced is not compared, since the rounding errors of its values are not known. No estimate
    from values of f can be certain: in tests with smooth functions the true error is within the
    estimate, unless f cannot be traced, or varies by less than rounding errors within the steps.

    Examples
    --------
    >>> print(richardson(np.exp, 0.0, tolerance=1e-8))
          h          central           h² gone           h⁴ gone           h⁶ gone           h⁸ gone
        0.1  1.001667500198
       0.05  1.000416718753   0.9999997916047
      0.025  1.000104169922   0.9999999869782   1.000000000003
     0.0125  1.000026041870   0.9999999991862   1.000000000000   1.000000000000
    0.00625  1.000006510429   0.9999999999491   1.000000000000   1.000000000000*  1.000000000000
    * 1, give or take 1e-13; 13 evaluations. Stopped: the estimated error is at most 1e-08.
    """
    checks.function(f)
    x0, h = np.float64(checks.number(x0, "x0")), checks.number(h, "h")
    rows, tolerance = checks.count(rows, "rows", least=2), checks.number(tolerance, "tolerance")
    if h <= 0:
        raise InputError(f"h={h!r} is not a positive step: {describe()}.")
    at_x0, noise, is_traced = _value_and_noise(f, x0)
    tableau: list[list[float]] = []
    steps: list[float] = []
    value, error, best = math.nan, math.inf, (0, 0)
    stopped = f"Stopped after {rows} rows, as many as were allowed."
    change, gap, settled = math.inf, math.inf, 0  # entries made from rows before do not count
    compared = 0
    for i in range(rows):
        step = h / 2**i
        values = value_at(f, x0 + step), value_at(f, x0 - step)
        ahead, behind = (float(value) for value in values)
        row = [(ahead - behind) / (2 * step)]
        if not math.isfinite(row[0]):
            raise InputError(
                f"{function_name(f)} is not finite at x = {x0 - step:g} or {x0 + step:g}: begin "
                f"with a smaller step than h = {h:g}."
            )
        last_places = (_epsilon(v) * abs(float(v)) for v in values)
        rounding = 2 * max(noise, _SMALLEST, *last_places) / step
        last_gap, gap = gap, abs(ahead - at_x0 - (at_x0 - behind)) / step
        if i:
            last_change, change = change, abs(row[0] - tableau[-1][0])
            shrinks = change <= max(_SHRINKS * last_change, 4 * rounding)
            if not shrinks or gap > max(_SHRINKS * last_gap, 4 * rounding):
                settled = i
                if is_traced and abs(row[0] - value) > 4 * (error + rounding):
                    value, error = math.nan, math.inf  # it seemed to settle
        for j in range(1, i + 1):
            row.append(row[j - 1] + (row[j - 1] - tableau[i - 1][j - 1]) / (4**j - 1))
            if j < i and i - j >= settled:
                neighbours = row[j - 1], tableau[i - 1][j - 1], tableau[i - 1][j]
                estimate = max(abs(row[j] - other) for other in neighbours) + rounding
                if estimate < error:
                    value, error, best = row[j], estimate, (i, j)
        tableau.append(row)
        steps.append(step)
        if error <= tolerance or 2 * rounding > error:  # the rounding errors of the next row
            compared += is_traced
            if not is_traced or _agrees(f, x0, step, value, error, abs(row[0] - value), rounding):
                stopped = "Stopped: rounding errors would outweigh what another row gains."
                if error <= tolerance:
                    stopped = f"Stopped: the estimated error is at most {tolerance:.0e}."
                break
            value, error, settled = math.nan, math.inf, i + 1
    if error == math.inf and settled == 0:  # two rows only
        value, best = tableau[-1][1], (1, 1)
        error = max(abs(value - entry) for entry in (tableau[0][0], tableau[1][0])) + rounding
    elif error == math.inf:
        value, error, best = tableau[-1][0], max(change, gap), (len(tableau) - 1, 0)
        stopped += (
            f" The slopes have not settled, though: {function_name(f)} may have a kink or a jump "
            f"there, or change within less than {step:.0e}."
        )
    return Extrapolation(
        value, error, tableau, steps, best, stopped, 2 * (len(tableau) + compared) + 1
    )


def _agrees(
    f: Callable[..., Any],
    x0: Any,
    step: float,
    value: float,
    error: float,
    truncation: float,
    rounding: float,
) -> bool:
    """Return whether the slope over a much smaller step agrees with an extrapolated value.

    Its truncation error is smaller than that of ``step`` by the ratio of the steps at least, its
    rounding errors are larger by as much.
    """
    ahead, behind = (float(value_at(f, x0 + side * step * _COMPARED)) for side in (1, -1))
    slope = (ahead - behind) / (2 * step * _COMPARED)
    allowed = error + truncation * _COMPARED + rounding / _COMPARED
    return abs(slope - value) <= 4 * allowed


def _epsilon(value: Any) -> float:
    """Return the distance from 1 to the next number in the precision of a value of f."""
    is_short = isinstance(value, (np.float16, np.float32))
    return float(np.finfo(type(value) if is_short else float).eps)


def _value_and_noise(f: Callable[..., Any], x0: Any) -> tuple[float, float, bool]:
    """Return f at x0, and a bound on the rounding errors of its operations: ``Σ_i |v̄_i v_i| u``.

    And whether f was traced: otherwise the bound is of its last place only.

    M. Iri, "Simultaneous computation of functions, partial derivatives and estimates of rounding
    errors", Japan Journal of Applied Mathematics 1 (1984).
    """
    try:
        trace = record(f, (x0,))
        if len(trace.rows) <= _MOST_ROWS_SWEPT:
            with np.errstate(all="ignore"):
                moved = sum(
                    float(np.sum(np.abs(step.adjoint * step.row.value))) for step in trace.reverse()
                )
            value = trace.tape.values[trace.output_slots[0]]
            if math.isfinite(moved):
                return float(value), _epsilon(value) * moved, True
    except (AdvizError, TypeError, ValueError, ArithmeticError):
        pass  # then a value is taken to be as accurate as its digits
    with contextlib.suppress(InputError):
        value = value_at(f, x0)
        if np.isfinite(value):
            return float(value), _epsilon(value) * abs(float(value)), False
    return math.nan, 0.0, False
