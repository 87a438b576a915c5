"""Richardson extrapolation: central differences with h, h/2, h/4, ... and their limit.

L. F. Richardson, "The approximate arithmetical solution by finite differences of physical problems"
(1911); C. J. F. Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", Advances in Engineering
Software 4 (1982), whose rule says when to stop.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adviz.host.arguments import function_name
from adviz.host.errors import InputError
from adviz.numeric.evaluation import value_at

__all__ = ["Extrapolation", "richardson"]

_STOP_RATIO = 2.0
"""Stop when the diagonal moves by this many times the best error: then round-off dominates."""


@dataclass(frozen=True)
class Extrapolation:
    """A tableau of central differences and their extrapolations; made by :func:`richardson`.

    Attributes
    ----------
    value, error : float
        The best entry, and its error as estimated from its neighbours.
    tableau : list of list of float
        ``tableau[i][j]``: row i begins with the central difference of the step h / 2^i.
    steps : list of float
    best : (int, int)
        The row and column of the value.
    stopped : str
        Why no further row was computed.
    evaluations : int
        How often f was evaluated.
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
    f: Callable[..., Any], x0: float, h: float = 0.1, *, tolerance: float = 0.0, rows: int = 12
) -> Extrapolation:
    """Return the derivative by Richardson extrapolation, with its tableau.

    Parameters
    ----------
    f : callable
        Takes and returns one number.
    x0 : float
    h : float
        The first and largest step, within which f is smooth. Each row halves it.
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
    error of an entry is estimated by its distance from the two it was computed from. Ridders (1982)
    stops when the diagonal moves by twice the best error: from then on round-off dominates.

    Examples
    --------
    >>> found = richardson(np.exp, 0.0, tolerance=1e-8)
    >>> print(found)
         h          central           h² gone           h⁴ gone           h⁶ gone
       0.1  1.001667500198
      0.05  1.000416718753   0.9999997916047
     0.025  1.000104169922   0.9999999869782   1.000000000003
    0.0125  1.000026041870   0.9999999991862   1.000000000000   1.000000000000*
    * 1, give or take 3e-12; 8 evaluations. Stopped: the estimated error is at most 1e-08.
    """
    h = float(h)
    if not (math.isfinite(h) and h > 0) or rows < 2:
        raise InputError(f"h={h!r}, rows={rows!r}: take a positive step, and two rows at least.")
    x0 = np.float64(x0)
    tableau: list[list[float]] = []
    steps: list[float] = []
    value, error, best = math.nan, math.inf, (0, 0)
    stopped = f"Stopped after {rows} rows, as many as were allowed."
    for i in range(rows):
        step = h / 2**i
        ahead, behind = value_at(f, x0 + step), value_at(f, x0 - step)
        row = [float((ahead - behind) / (2 * step))]
        if not math.isfinite(row[0]):
            raise InputError(
                f"{function_name(f)} is not finite at x = {x0 - step:g} or {x0 + step:g}: begin "
                f"with a smaller step than h = {h:g}."
            )
        for j in range(1, i + 1):
            change = (row[j - 1] - tableau[i - 1][j - 1]) / (4**j - 1)
            row.append(row[j - 1] + change)
            estimate = max(abs(row[j] - row[j - 1]), abs(row[j] - tableau[i - 1][j - 1]))
            if estimate < error:
                value, error, best = row[j], estimate, (i, j)
        tableau.append(row)
        steps.append(step)
        if i and error <= tolerance:
            stopped = f"Stopped: the estimated error is at most {tolerance:.0e}."
            break
        if i and abs(row[i] - tableau[i - 1][i - 1]) >= _STOP_RATIO * error and error < math.inf:
            stopped = "Stopped: another row only brought round-off in."
            break
    return Extrapolation(value, error, tableau, steps, best, stopped, 2 * len(tableau))
