"""Writes random traces, and special operands, with what Python computes of them.

Rounding differs between two mathematical libraries, and some programs amplify it. How much is
measured: everything is computed again with noise of a few units in the last place in every row, and
what that changes is the slack which a number is allowed beyond its relative error.
"""

from __future__ import annotations

import itertools
import math
import operator
import random
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np

import adviz as ad
from adviz import ELEMENTALS
from adviz.core.elementals import Elemental, plain
from adviz.render import document as documents
from adviz.render.programs import program_of
from adviz.rules.ufuncs import CBRT, LOGADDEXP, LOGADDEXP2

OPERATIONS = [
    *(row for row in ELEMENTALS.values() if row.arity > 0),
    LOGADDEXP,
    LOGADDEXP2,
    CBRT,
]
CONSTANTS = [0.0, -0.0, 1.0, 2.0, 3.0, -1.0, -2.5, 0.5, 1 / 3, 1e-3, 1e6, -1e12, math.pi]
COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
NOISE = 2.0**-50

SPECIAL = [0.0, 0.5, 1.0, 2.0, 3.0, 0.1, 1e-300, 5e-324, 1e16, 1e300, 709.9, math.inf]
SPECIAL = [sign * number for number in SPECIAL for sign in (1, -1)] + [math.nan]


def jsonable(number: Any) -> Any:
    value = float(number)
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def program(draw: random.Random) -> tuple[list[float], Callable[..., Any]]:
    """Return inputs, and a function of them that is a list of operations and branches."""
    inputs = [round(draw.uniform(-3, 3), 3) for _ in range(draw.randint(1, 3))]
    statements: list[Any] = []
    values = list(inputs)
    while len(statements) < draw.randint(3, 18):
        for _ in range(8):  # most of the numbers are to stay of a size that can be compared
            row = draw.choice(OPERATIONS)
            operands = [operand(draw, len(values)) for _ in range(row.arity)]
            if all(isinstance(number, float) for number in operands):
                operands[draw.randrange(row.arity)] = draw.randrange(len(values))
            value = row(*(values[o] if isinstance(o, int) else o for o in operands))
            if math.isfinite(value) and abs(value) < 1e4:
                break
        statement = (row, operands)
        if draw.random() < 0.15:
            a, b = draw.randrange(len(values)), operand(draw, len(values))
            statement = (row, operands, draw.choice(list(COMPARISONS)), a, b)
        statements.append(statement)
        values.append(float(value))
    count = len(values)
    outputs = draw.sample(range(len(inputs), count), min(draw.randint(1, 3), count - len(inputs)))
    outputs.sort()

    def f(*numbers: Any) -> Any:
        values = list(numbers)

        def at(o: Any) -> Any:
            return values[o] if isinstance(o, int) else o

        for row, operands, *condition in statements:
            if condition:
                compared, a, b = condition
                if COMPARISONS[compared](at(a), at(b)):
                    values.append(at(a) * 0.5)
                    continue
            values.append(row(*map(at, operands)))
        return tuple(values[o] for o in outputs)

    return inputs, f


def operand(draw: random.Random, count: int) -> int | float:
    """Return the place of a number computed before, or a constant."""
    if draw.random() < 0.25:
        return draw.choice([*CONSTANTS, draw.uniform(-5, 5)])
    return draw.randrange(count)


def computed(
    trace: ad.Trace, direction: list[float], weights: list[float], noise: random.Random | None
) -> dict[str, list[Any]]:
    """Return the values of a trace, tangents and adjoints, with noise if wanted."""
    tape = trace.tape
    values = [float(tape.values[slot]) for slot in range(tape.input_count)]
    tangents = [*direction]
    adjoints: list[float | None] = [None] * len(tape.values)  # None where nothing reaches a row
    partials: list[list[tuple[int, float]]] = [[] for _ in tape.values]
    for slot in range(tape.input_count, len(tape.values)):
        row, operands = tape.elementals[slot], tape.operands(slot)
        if not operands:  # an output that no input reaches
            values.append(float(tape.values[slot]))
            tangents.append(0.0)
            continue
        numbers = [values[o] if o.__class__ is int else o for o in operands]
        value = float(plain(row.evaluate(*numbers)))
        if noise is not None:
            value *= 1 + noise.uniform(-NOISE, NOISE)
        values.append(value)
        for o, partial in zip(operands, row.partials, strict=True):
            if o.__class__ is int:
                partials[slot].append((o, float(partial(*numbers, value))))
        terms = [p * tangents[o] for o, p in partials[slot]]
        tangents.append(sum(terms[1:], terms[0]))
    for slot, weight in zip(trace.output_slots, weights, strict=True):
        if weight:
            adjoints[slot] = weight
    for slot in range(len(values) - 1, tape.input_count - 1, -1):
        bar = adjoints[slot]
        for o, p in partials[slot] if bar is not None else []:
            before = adjoints[o]
            adjoints[o] = bar * p if before is None else before + bar * p
    return {"values": values, "tangents": tangents, "adjoints": adjoints}


def case(
    first: ad.Trace, f: Callable[..., Any], inputs: list[float], draw: random.Random
) -> dict[str, Any]:
    """Return what Python computes at other inputs, or the decision that turns out otherwise."""
    trace = ad.trace(f, *inputs)
    outcomes = [[bool(d.outcome) for d in t.decisions] for t in (first, trace)]
    pairs = enumerate(zip(*outcomes, strict=False))
    changed = next((k for k, (before, now) in pairs if before != now), None)
    if changed is not None:
        return {"inputs": inputs, "obstacle": changed}
    direction = [draw.choice([0.0, 1.0, -2.5, 1 / 3]) for _ in inputs]
    weights = [draw.choice([0.0, 1.0, -0.7]) for _ in trace.output_slots]
    direction[0] = direction[0] or 1.0
    weights[-1] = weights[-1] or 2.0
    exact = computed(trace, direction, weights, None)
    noisy = [computed(trace, direction, weights, draw) for _ in range(3)]
    numbers = {
        key: [
            None if number is None else [jsonable(number), jsonable(slack(number, others))]
            for number, *others in zip(listed, *(other[key] for other in noisy), strict=True)
        ]
        for key, listed in exact.items()
    }
    swept = [step.tangent for step in trace.forward(tuple(direction))]
    assert np.array_equal(swept, exact["tangents"], equal_nan=True)
    seed = trace.outputs_as(weights) if len(weights) > 1 else tuple(weights)
    reached = {step.row.slot: step.adjoint for step in trace.reverse(seed)}
    assert {k: repr(bar) for k, bar in enumerate(exact["adjoints"]) if bar is not None} == {
        k: repr(float(bar)) for k, bar in reached.items()
    }
    return {"inputs": inputs, "direction": direction, "weights": weights, **numbers}


def slack(number: float, others: list[float]) -> float:
    """Return how far a number may be off, by what noise makes of it."""
    return 20 * max(abs(number - other) for other in others)


def agreement(count: int) -> list[dict[str, Any]]:
    """Return random traces, each with its document and three cases."""
    written = []
    with np.errstate(all="ignore"), patch.object(documents, "_graph", lambda *_: None):
        for seed in range(count):
            draw = random.Random(seed)
            inputs, f = program(draw)
            trace = ad.trace(f, *inputs)
            others = [
                inputs,
                [x + draw.uniform(-0.05, 0.05) for x in inputs],
                [draw.choice([0.0, 1.0, draw.uniform(-4, 4)]) for _ in inputs],
            ]
            written.append(
                {
                    "document": documents.document(trace),
                    "cases": [case(trace, f, other, draw) for other in others],
                }
            )
    return written


def specials() -> list[dict[str, Any]]:
    """Return each operation's value and partials where they are special."""
    written = []
    for row in OPERATIONS:
        with np.errstate(all="ignore"):
            cases = [
                special(row, operands) for operands in itertools.product(SPECIAL, repeat=row.arity)
            ]
        written.append({"name": row.name, "program": program_of(row), "cases": cases})
    return written


def special(row: Elemental, operands: tuple[float, ...]) -> list[Any]:
    value = float(plain(row.evaluate(*operands)))
    partials = [float(partial(*operands, value)) for partial in row.partials]
    return [[written(x) for x in listed] for listed in (operands, [value], partials)]


def written(number: float) -> Any:
    """Return a number as JSON can hold it, also negative zero."""
    return "-0" if number == 0 and math.copysign(1, number) < 0 else jsonable(number)
