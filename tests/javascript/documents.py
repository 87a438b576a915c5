"""Writes the data of the JavaScript tests: trace documents, and Python's numbers and formulas.

All of it is computed, so that the player is compared with Python.
"""

from __future__ import annotations

import math
import random
import struct
from typing import Any

import numpy as np

import adviz as ad
from adviz.core.arrays import is_complex
from adviz.core.rows import Row
from adviz.player import script
from adviz.render.document import document
from adviz.render.document_arrays import json_number
from adviz.render.number import entries, format_number
from adviz.render.picture import picture
from adviz.render.table import Heading
from tests.javascript.agreement import agreement, specials
from tests.javascript.exercises import exercises
from tests.javascript.questions import questions


def eq5(x1: Any, x2: Any) -> Any:
    return x1 * x2 + x2 - np.log(x1)


def griewank(x1: Any, x2: Any) -> Any:
    q = x1 / x2
    d = q - np.exp(x2)
    return (np.sin(q) + d) * d


def polar(r: Any, theta: Any, z: Any) -> Any:
    return r * np.cos(theta), r * np.sin(theta), z * z


def many_operations(x: Any, y: Any) -> Any:
    a = np.sqrt(x * x + y**2) / (1.5 + np.tanh(y))
    b = np.arctan2(y, x) - np.exp(-a) + np.log1p(abs(x))
    return np.maximum(a, b) * np.cos(b) ** 3 - 2.0 / (a - 0.25) + np.hypot(a, b)


def often_used(x: Any) -> Any:
    return x + x * 2.0 + np.sin(x) + x / 3.0 + x**2 + np.exp(x) + np.cos(x)


def cube(x: Any) -> Any:
    return x * x * x


def scaled_cube(x: Any, scale: float) -> Any:
    return cube(x) * scale


def calls(x: Any) -> Any:
    y = cube(x)
    return y + scaled_cube(y, 0.5)


def logistic(x: Any) -> Any:
    for k in range(20):  # noqa: B007 - a reader's loop
        x = 3.5 * x * (1 - x)
    return x


def branching(x: Any) -> Any:
    while x > 1:
        x = x / 2
    return x * x


def unused(x: Any, y: Any) -> Any:
    np.exp(x)
    return x * 2.0, y


def not_finite(x: Any) -> Any:
    return np.log(x) * 2.0 + np.sqrt(x - 1.0)


def kinks(x: Any, y: Any) -> Any:
    return abs(x) + np.sqrt(x * x), np.maximum(x, y)


def perceptron(x: Any, w: Any, b: Any, v: Any) -> Any:
    hidden = np.tanh(x @ w + b)
    return np.mean((hidden @ v + 0.5) ** 2)


X = np.array([[1.0, 2.0], [0.0, -1.0], [2.0, 1.0]])
T = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def layer(W: Any) -> Any:  # noqa: N803 - as it is on paper
    Z = X @ W  # noqa: N806
    A = np.tanh(Z)  # noqa: N806
    E = A - T  # noqa: N806
    return np.sum(E**2) / 2


def shapes(a: Any, b: Any) -> Any:
    c = a * b
    d = np.sum(c, axis=1)
    e = c.T.reshape(-1)[1:4]
    return np.concatenate([d, e]), np.linalg.solve(a[:2, :2], d)


BATCH = np.random.default_rng(2).normal(size=(64, 12))


def batch(W: Any) -> Any:  # noqa: N803
    Z = BATCH @ W  # noqa: N806
    return np.sum(np.tanh(Z), axis=0)


def contraction(A: Any, B: Any) -> Any:  # noqa: N803
    C = np.einsum("ij,jk->ik", A, B)  # noqa: N806
    return np.einsum("ik,ik->", C, C), np.einsum("ii->i", A[:, :2])


def reshaped(a: Any) -> Any:
    b = a.reshape(3, 2)
    return np.sum(b * np.array([1.0, 2.0]))


def no_norm(x: Any) -> Any:
    return np.linalg.norm(x)


def no_distances(x: Any, y: Any) -> Any:
    gaps = x[:, None] - x
    return np.sum(np.sqrt(gaps**2))


def broken_arrays(x: Any) -> Any:
    return np.sum(1 / x)


def complex_numbers(z: Any, w: Any) -> Any:
    u = z * (1 + 2j) - 1j * w
    v = u * z / (3j - w)
    return np.real(np.exp(v) * w**2), np.abs(u) + (2 - 1j) * v


def complex_arrays(z: Any) -> Any:
    return np.sum(np.abs(np.fft.fft(z) * (1 - 1j)) ** 2)


def traces() -> dict[str, ad.Trace]:
    draw = np.random.default_rng(5)
    return {
        "eq5": ad.trace(eq5, 3.0, -4.0),
        "griewank": ad.trace(griewank, 1.5, 0.5),
        "polar": ad.trace(polar, 1.5, 0.5, 2.0),
        "many_operations": ad.trace(many_operations, 0.75, -1.25),
        "often_used": ad.trace(often_used, 0.1),
        "calls": ad.trace(calls, 1.1),
        "logistic": ad.trace(logistic, 0.3),
        "branching": ad.trace(branching, 3.0),
        "unused": ad.trace(unused, 3.0, 0.1),
        "not_finite": ad.trace(not_finite, 0.0),
        "kinks": ad.trace(kinks, 0.0, 1.0),
        "layer": ad.trace(layer, np.array([[0.5, -0.3], [0.2, 0.8]])),
        "shapes": ad.trace(shapes, draw.normal(size=(2, 3)), draw.normal(size=3)),
        "batch": ad.trace(batch, draw.normal(size=(12, 8))),
        "contraction": ad.trace(
            contraction, np.arange(6.0).reshape(2, 3) - 1, np.arange(12.0).reshape(3, 4) / 4 - 1
        ),
        "reshaped": ad.trace(reshaped, np.arange(6.0).reshape(2, 3)),
        "no_norm": ad.trace(no_norm, np.zeros(2)),
        "no_distances": ad.trace(no_distances, np.arange(2.0), 1.0),
        "broken_arrays": ad.trace(broken_arrays, np.array([0.0, 1.0])),
        "complex_numbers": ad.trace(complex_numbers, 1 - 2j, 0.5j),
        "complex_arrays": ad.trace(complex_arrays, np.array([1 + 2j, -1j, 0.5])),
        "perceptron": ad.trace(
            perceptron,
            draw.normal(size=(4, 3)),
            draw.normal(size=(3, 2)),
            draw.normal(size=2),
            draw.normal(size=2),
        ),
    }


def jsonable(number: Any) -> Any:
    """A number as the documents write it, an array as the page shows it."""
    if np.ndim(number):
        return {"text": format_number(np.asarray(number), 3)}
    if is_complex(number):
        return {"text": format_number(number)}
    value = float(number)
    return (
        value
        if math.isfinite(value)
        else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    )


def forward(trace: ad.Trace, name: str) -> list[dict[str, Any]]:
    """The steps of a forward sweep."""
    return [
        {
            "tangent": jsonable(step.tangent),
            "terms": [jsonable(term.product) for term in step.terms],
        }
        for step in trace.forward(name)
    ]


def reverse(trace: ad.Trace, name: str) -> list[dict[str, Any]]:
    """The contributions of a return sweep, in order, without the seed."""
    return [
        {
            "row": part.parent.slot,
            "user": step.row.slot,
            "operand": operand,
            "before": None if part.before is None else jsonable(part.before),
            "amount": jsonable(part.amount),
            "after": jsonable(part.after),
        }
        for step in trace.reverse(name)
        for operand, part in zip(
            [k for k, o in enumerate(step.row.operands) if isinstance(o, Row)],
            step.contributions,
            strict=bool(step.contributions),
        )
    ]


def table(trace: ad.Trace, which: str, seed: str | None = None) -> list[list[Any]]:
    """The formulas in the cells of a table, one line a row."""
    lines = trace.table(which, seed).cells
    return [line for line in lines if not isinstance(line, Heading)][: len(trace.rows)]


def partials(row: Row) -> list[Any]:
    """The partials beside the operands; None for a constant and for an array."""
    remaining = iter(row.partials)
    known = [next(remaining) if isinstance(o, Row) else None for o in row.operands]
    return [None if p is None or np.ndim(p) or is_complex(p) else jsonable(p) for p in known]


def described(trace: ad.Trace) -> dict[str, Any]:
    """A trace's document, and what Python says of the trace."""
    return {
        "document": document(trace),
        "notes": trace.notes,
        "folded": document(trace, "reverse", folded=True),
        "partials": [partials(row) for row in trace.rows],
        "forward": [forward(trace, name) for name in trace.input_names],
        "reverse": [reverse(trace, name) for name in trace.output_names],
        "tables": {
            "primal": table(trace, "primal"),
            "forward": [table(trace, "forward", name) for name in trace.input_names],
            "reverse": [table(trace, "reverse", name) for name in trace.output_names],
        },
    }


def numbers(digits: int) -> dict[str, Any]:
    """Numbers of all sizes, some of them halfway between two that are written, and their texts."""
    draw = random.Random(digits)
    values = [0.0, -0.0, 1e-4, 9.9999995e-5, 999999.5, 1e6, 0.5, 2.5, 1e21, 5e-324, math.pi]
    values += [draw.uniform(-1, 1) * 10.0 ** draw.randint(-12, 12) for _ in range(1500)]
    values += [round(draw.uniform(-1000, 1000), draw.randint(0, 5)) for _ in range(500)]
    values += [draw.randint(-4000, 4000) / 2 ** draw.randint(0, 8) for _ in range(500)]
    values += struct.unpack(
        "1500d", struct.pack("1500Q", *(draw.getrandbits(64) for _ in range(1500)))
    )
    values += [math.nan, math.inf, -math.inf]
    return {
        "digits": digits,
        "values": [jsonable(value) for value in values],
        "texts": [format_number(value, digits) for value in values],
    }


def arrays() -> list[dict[str, Any]]:
    """Arrays of all shapes, and how Python writes and draws them."""
    draw = np.random.default_rng(3)
    shapes = [(1,), (2,), (4,), (5,), (17,), (64,), (1, 1), (3, 2), (8, 8), (1, 40), (40, 1)]
    shapes += [(2, 3, 4), (5, 2, 2), (1, 2, 17), (2, 2, 2, 2)]
    drawn = [draw.normal(size=shape) * 10.0 ** draw.integers(-7, 8) for shape in shapes * 6]
    drawn += [draw.integers(-9, 10, size=shape) for shape in shapes * 2]
    drawn += [draw.integers(-9, 10, size=shape) / 2 for shape in shapes * 6]
    drawn += [np.where(draw.random(a.shape) < 0.2, np.nan, a) for a in drawn[: len(shapes)]]
    drawn += [np.full(shape, 0.25) for shape in shapes] + [np.zeros((2, 3), np.float32)]
    drawn += [np.array([np.inf, -1.0, 2.0, 0.0, 1.0]), np.array([[np.inf, np.nan], [-0.0, 0.0]])]
    return [
        {
            "shape": array.shape,
            "dtype": str(array.dtype),
            "numbers": [json_number(number) for number in array.flat],
            "digits": digits,
            "text": format_number(array, min(digits, 3)),
            "entries": entries(array, digits),
            "picture": picture(array),
        }
        for array in drawn
        for digits in (1, 6)
    ]


def listed(number: Any) -> list[float]:
    """All numbers of an array, or the one number."""
    return [float(x) for x in np.ravel(number)]


def combined(trace: ad.Trace) -> dict[str, Any]:
    """What Python computes where several inputs move at once, and several outputs are weighed."""
    direction = [2.0, -0.5, 0.0, 3.0][: len(trace.input_names)]
    weights = [-1.5, 0.25][: len(trace.output_names)]
    units = [trace.input_seeds(name)[k] for k, name in enumerate(trace.input_names)]
    dots = [scale * unit for scale, unit in zip(direction, units, strict=True)]
    ones = [trace.output_seeds(name)[k] for k, name in enumerate(trace.output_names)]
    bars = [scale * one for scale, one in zip(weights, ones, strict=True)]
    steps = list(trace.forward(trace.inputs_as(dots)))
    return {
        "direction": direction,
        "tangents": [listed(step.tangent) for step in steps],
        "terms": [[listed(term.product) for term in step.terms] for step in steps],
        "weights": weights,
        "adjoints": {
            step.row.slot: listed(step.adjoint) for step in trace.reverse(trace.outputs_as(bars))
        },
    }


def everything(random_traces: int) -> dict[str, Any]:
    known = traces()
    return {
        "agreement": agreement(random_traces),
        "specials": specials(),
        "exercises": exercises(random_traces // 2),
        "questions": questions(),
        "traces": {name: described(trace) for name, trace in known.items()},
        "combined": {name: combined(known[name]) for name in ("shapes", "perceptron")},
        "arrays": arrays(),
        "batch": listed(BATCH),
        "numbers": [numbers(digits) for digits in (1, 3, 6, 12, 17)],
        "scripts": {
            name: script(name) for name in ("player", "page", "live", "laboratory", "exercisePage")
        },
    }
