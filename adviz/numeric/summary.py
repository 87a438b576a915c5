"""A study in words and numbers: a table of the best steps, and the notes."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

from adviz.host.arguments import function_name

if TYPE_CHECKING:
    from adviz.numeric.optimum import Optimum
    from adviz.numeric.scheme_errors import SchemeErrors
    from adviz.numeric.schemes import Scheme

__all__ = ["as_html", "as_text"]

_HEADINGS = (
    "scheme",
    "order",
    "evaluations",
    "predicted h*",
    "error there",
    "measured best h",
    "error there",
)


def _rows(study: SchemeErrors) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for each, optimum in zip(study.schemes, study.optima, strict=True):
        rows.append(
            (
                each.name,
                str(each.order),
                str(each.evaluations),
                _best_step(optimum, each),
                _number(optimum.error),
                _number(optimum.measured_step),
                _number(optimum.measured_error),
            )
        )
    for name, error in (("AD forward", study.ad_forward), ("AD reverse", study.ad_reverse)):
        rows.append((name, "exact", "1 sweep", "no step", "", "", _number(error)))
    return rows


def _best_step(optimum: Optimum, each: Scheme) -> str:
    if each.is_complex and math.isfinite(optimum.step):
        return f"any below {optimum.step:.0e}"
    return _number(optimum.step)


def _number(number: float) -> str:
    if math.isnan(number):
        return "–"
    return "0" if number == 0 else f"{number:.1e}"


def _headline(study: SchemeErrors) -> str:
    measure = "Relative" if study.is_relative else "Absolute"
    return (
        f"{measure} errors of the derivative of {function_name(study.function)} at "
        f"x = {float(study.x0):g}, in {study.x0.dtype}; the true one is {study.true} "
        f"({study.true.source}).{_conditioning(study)}"
    )


def _conditioning(study: SchemeErrors) -> str:
    """Return sentences on f's condition number and on its rounding error."""
    sentences = ""
    if math.isfinite(study.condition):
        sentences += f" Condition number of f: {study.condition:.2g}."
    if math.isfinite(study.noise):
        sentences += f" A value of f is off by about {study.noise:.2g} units of its last place."
    return sentences


def as_text(study: SchemeErrors) -> str:
    """Return the table as text."""
    table = [_HEADINGS, *_rows(study)]
    widths = [max(len(row[k]) for row in table) for k in range(len(_HEADINGS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return "\n".join([_headline(study), *lines, *study.remarks])


def as_html(study: SchemeErrors) -> str:
    """Return the table as HTML without script or style sheet."""
    head = "".join(f"<th scope='col'>{html.escape(cell)}</th>" for cell in _HEADINGS)
    body = "".join(
        f"<tr><th scope='row'>{html.escape(row[0])}</th>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in _rows(study)
    )
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in study.remarks)
    return (
        f"<p>{html.escape(_headline(study))}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        + (f"<ul>{notes}</ul>" if notes else "")
    )
