"""Difference schemes as cells: which power of h the error falls with, and a step that is good."""

from __future__ import annotations

import math
from collections.abc import Iterator

from adviz.core.trace import Trace
from adviz.host.errors import InputError
from adviz.mistakes import WRONG_ORDERS, WRONG_STEPS
from adviz.numeric.optimum import Optimum
from adviz.numeric.schemes import scheme
from adviz.numeric.study import optimal_step
from adviz.tutor.cells import Cell, Line, Sheet, WrongRule
from adviz.tutor.rules import constant

__all__ = ["step"]

_SCHEMES = ("forward", "central", "5-point")
_APART = 3
"""Decades between the steps to choose from: one of them only is within a factor of ten."""


def step(trace: Trace) -> Sheet:
    """Return the sheet of the orders of difference schemes, and of their best steps.

    Raises
    ------
    InputError
        If the function has more than one input or output, or no best step is known.
    """
    if len(trace.inputs) != 1 or len(trace.outputs) != 1:
        name, (n, m) = trace.function_name, (len(trace.inputs), len(trace.outputs))
        raise InputError(
            f"ask='step' is for functions from one number to one number, and {name} takes {n} and "
            f"returns {m}: keep the others fixed, as lambda x: f(x, 3) does"
        )
    best = {name: _optimum(trace, name) for name in _SCHEMES}
    cells: list[Cell] = []
    lines: list[Line] = []
    for name in _SCHEMES:
        formula = ["mtext", scheme(name).formula]
        lines.append(Line(["mtext", name], formula, (len(cells), len(cells) + 1)))
        cells += [_order_cell(name, best), _step_cell(name, best)]
    blanks = tuple(range(len(cells)))
    return Sheet("step", tuple(cells), ("order", "step"), tuple(lines), blanks)


def _optimum(trace: Trace, name: str) -> Optimum:
    best = optimal_step(trace.function, float(trace.inputs[0].value), name)
    if best.order is None or not math.isfinite(best.step):
        raise InputError(f"ask='step': {trace.function_name} has no best step; {best.note}")
    return best


def _order_cell(name: str, best: dict[str, Optimum]) -> Cell:
    order, nodes = best[name].order, scheme(name).nodes
    assert order is not None
    points = int(max(nodes) - min(nodes)) + 1
    label = f"order of the error, {name}"
    words = {"target": label, "name": name}
    wrong = tuple(
        WrongRule((mistake.name,), constant(mistake.wrong(order, len(nodes), points)), words, 0)
        for mistake in WRONG_ORDERS
    )
    return Cell(
        f"{name} order",
        ["mtext", label],
        constant(float(order)),
        wrong=wrong,
        words=words,
        kind="count",
        hints=("expand",),
    )


def _step_cell(name: str, best: dict[str, Optimum]) -> Cell:
    right = round(math.log10(best[name].step))
    powers = [right + _APART * k for k in _around(right)]
    choices = tuple(f"1e{power}" for power in powers)
    label = f"best step, {name}"
    words = {"target": label, "name": name}
    small, large = WRONG_STEPS
    wrong = tuple(
        WrongRule((small if power < right else large,), constant(float(at)), words, 0)
        for at, power in enumerate(powers)
        if power != right
    )
    return Cell(
        f"{name} step",
        ["mtext", label],
        constant(float(powers.index(right))),
        wrong=wrong,
        words=words,
        kind="choice",
        choices=choices,
        hints=("balance",),
    )


def _around(right: int) -> Iterator[int]:
    """Yield how many times three decades the choices are away from the right one."""
    for k in (2, 1, 0, -1, -2):
        if right + _APART * k <= 0:
            yield k
