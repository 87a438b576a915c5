"""Laboratory documents: what a page needs to answer in place of a kernel.

A document is JSON of the MIME type ``application/vnd.adviz.laboratory+json``. That of an error
laboratory holds the measured curves and, for each h of the slider, what is read there; that of a
swell laboratory the formula at each n. ``laboratoryDocument.js`` reads and checks them.
Notebooks hold a document as one text: in their files every number of a JSON list, and every part
of a formula, would have a line of its own.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from adviz.host.errors import AdvizError
from adviz.numeric.closeup import look_closely
from adviz.numeric.scheme_errors import SchemeErrors
from adviz.render.formulas import Formula, shared_equations
from adviz.render.math_tree import filled, to_text
from adviz.render.swell import Swell
from adviz.symbolic.study import count_text

__all__ = ["MIME_TYPE", "STATE", "as_text", "error_document", "swell_document"]

MIME_TYPE = "application/vnd.adviz.laboratory+json"
VERSION = 1

STATE = {"adviz": {"state": True}}
"""Metadata of outputs that show a laboratory's last state: a page in which it plays drops them."""

_PLACES = 41
"""Points of f in each close-up."""

_MAX_LINES = 24
_MAX_PARTIALS = 3


def error_document(
    study: SchemeErrors, name: str, steps: Sequence[float], h: float, function: str
) -> dict[str, Any]:
    """Return the document of an error laboratory.

    Parameters
    ----------
    study : SchemeErrors
        Whose curves are drawn.
    name : str
        The scheme that is looked at closely.
    steps : sequence of float
        The steps h that can be chosen.
    h : float
        The one chosen at first, of these.
    function : str
        How the function is called.
    """
    scheme = next(each for each in study.schemes if each.name == name)
    readings: list[dict[str, Any]] = []
    chosen = 0
    for step in steps:
        try:
            closeup = look_closely(study, name, step)
        except AdvizError:
            continue  # too small for the precision
        if step <= h:
            chosen = len(readings)
        places = np.linspace(-closeup.reach, closeup.reach, _PLACES)
        values = closeup.heights(places.astype(study.x0.dtype.type))
        nodes = [] if scheme.is_complex else [float(node) for node in scheme.nodes]
        at_nodes = closeup.heights(np.array(nodes, study.x0.dtype.type))
        readings.append(
            {
                "h": step,
                "error": _number(closeup.error),
                "slope": _number(closeup.approximation),
                "title": str(closeup).partition("\n")[0],
                "digits": [list(line) for line in closeup.digits.lines],
                "marks": closeup.digits.marks,
                "summary": closeup.digits.summary,
                "heights": _numbers(values),
                "nodes": [[node, _number(y)] for node, y in zip(nodes, at_nodes, strict=True)],
                "top": _number(closeup.top(values)),
            }
        )
    return {
        "version": VERSION,
        "kind": "error",
        "title": f"{function} at x₀ = {float(study.x0):g}, in {study.x0.dtype}",
        "scheme": name,
        "measure": "relative error" if study.is_relative else "absolute error",
        "truth": _number(study.truth),
        "reach": closeup.reach,
        "steps": _numbers(study.steps),
        "curves": [
            {"name": each.name, "errors": _numbers(errors)}
            for each, errors in zip(study.schemes, study.errors, strict=True)
        ],
        "readings": readings,
        "at": chosen,
        "notes": list(study.remarks),
    }


def swell_document(sizes: Iterable[tuple[int, Swell]], family: str, n: int) -> dict[str, Any]:
    """Return the document of a swell laboratory: the formula and its size for each n."""
    frames = [_frame(size, sized) for size, sized in sizes]
    return {
        "version": VERSION,
        "kind": "swell",
        "title": family,
        "representations": ["tree", "DAG", "AD forward", "AD reverse"],
        "frames": frames,
        "at": next(k for k, frame in enumerate(frames) if frame["n"] == n),
    }


def as_text(document: dict[str, Any]) -> str:
    """Return a document as notebooks hold it."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _frame(n: int, sized: Swell) -> dict[str, Any]:
    counts = [
        sized.derivative_size.tree_operations,
        sized.derivative_size.dag_operations,
        sized.forward_operations,
        sized.reverse_operations,
    ]
    function, *slopes = sized.formulas()
    return {
        "n": n,
        "counts": [count_text(count) for count in counts],
        "logs": [_log10(count) for count in counts],
        "function": _shown([function], sized),
        "derivative": _shown(slopes, sized),
    }


def _shown(formulas: list[Formula], sized: Swell) -> dict[str, Any]:
    """Return formulas written out, and with every subexpression once."""
    roots = [formula.expression for formula in formulas]
    labels = [formula.label for formula in formulas]
    lines = shared_equations(roots, sized.trace.input_names, labels, _MAX_LINES)
    written = formulas[:_MAX_PARTIALS]
    more = len(formulas) - len(written)
    return {
        "written": [filled(formula.tree_on_a_line(), {}, numbers=False) for formula in written],
        "text": "; ".join(to_text(formula.tree_on_a_line()) for formula in written),
        "more": f"and {count_text(more)} more partial derivatives" if more else "",
        "shared": [
            [filled(cell, {}, numbers=False) for cell in line if cell is not None] for line in lines
        ],
    }


def _log10(count: int) -> float:
    """Return the logarithm of an exact count, which may have hundreds of digits."""
    return round(math.log10(count), 3) if count else 0.0


def _number(number: Any) -> float | str:
    """Return a number with four digits; JSON has none for NaN and the infinities."""
    number = float(number)
    if math.isfinite(number):
        return float(f"{number:.4g}")
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _numbers(numbers: Any) -> list[float | str]:
    return [_number(number) for number in numbers]
