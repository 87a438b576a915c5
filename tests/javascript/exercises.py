"""Writes random exercises with random answers, and what Python finds to say of them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

import adviz as ad
from adviz.host.errors import InputError
from adviz.render.math_tree import to_text
from adviz.tutor import columns
from adviz.tutor.alike import without_alike
from adviz.tutor.cells import Cell, Sheet, WrongRule, numbers_of
from adviz.tutor.diagnosis import diagnose
from adviz.tutor.document import table_of
from adviz.tutor.entries import Entry, read_answer
from adviz.tutor.hints import hint_texts
from adviz.tutor.kinds import KINDS, sheet_of
from adviz.tutor.sentences import remark_on
from tests.javascript.agreement import jsonable, program

PASSES = {
    "values": columns.values,
    "forward": lambda trace: columns.tangents(trace, [1.0, -0.5, 2.0][: len(trace.inputs)]),
    "reverse": lambda trace: columns.adjoints(trace, [1.0, -2.0, 0.5][: len(trace.output_slots)]),
}
OTHERS = [
    *("order", "operations", "contributions", "partials", "formulas", "jacobian", "jvp", "vjp"),
    *("counts", "mode", "unreached"),
]
MOST_ROWS = 14
ANSWERS = 12
POINTS = 3


def exercises(count: int) -> list[dict[str, Any]]:
    """Return so many exercises, each with answers and what is found in them."""
    draw = random.Random(18)
    found: list[dict[str, Any]] = of_all_kinds()
    while len(found) < count:
        with np.errstate(all="ignore"):
            inputs, f = program(draw)
            trace = ad.trace(f, *inputs)
            if len(trace.rows) > MOST_ROWS:
                continue
            which = draw.choice([*PASSES, *OTHERS])
            try:
                sheet = without_alike(
                    PASSES[which](trace) if which in PASSES else of_kind(trace, which)
                )
            except ad.AdvizError:  # that is nothing to ask of this function
                continue
            if len(found) % 3 == 0 and which in PASSES:
                sheet = with_formulas(draw, sheet, inputs)
            if sheet.blanks:
                found.append(described(draw, sheet, inputs))
    return found


def of_kind(trace: ad.Trace, ask: str) -> Sheet:
    return sheet_of(trace, ask, direction=None, weights=None)


def of_all_kinds() -> list[dict[str, Any]]:
    """Return an exercise of every kind, with answers and what is found in them."""
    draw = random.Random(19)
    found = []
    for ask in KINDS:
        f, inputs = FUNCTIONS.get(ask, (FUNCTIONS["reverse"]))
        trace = ad.trace(f, *inputs)
        sheet = without_alike(of_kind(trace, ask))
        found.append(described(draw, sheet, list(inputs)))
    for f, *arrays in ARRAYS:
        trace = ad.trace(f, *arrays)
        asks = [ask for ask, kind in KINDS.items() if kind.takes_arrays]
        found += [described(draw, without_alike(of_kind(trace, ask)), []) for ask in asks]
    marked = ad.paper(*PAPER, printed={"v1": ("v0 * v-1", 12), "v4": ("v3 - v2", "17.1")})
    found.append(described(draw, marked.sheet, []))
    return found


FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[float, ...]]] = {
    "reverse": (lambda x1, x2: x1 * x2 + x2 - np.log(x1), (3.0, -4.0)),
    "unreached": (lambda x1, x2: (np.exp(x1), x1 * x2)[1], (3.0, -4.0)),
    "step": (np.sin, (1.0,)),
}


ARRAYS: list[tuple[Any, ...]] = [
    (lambda a, x: np.sum(np.tanh(a @ x) * x), np.array([[1.0, 2.0], [0.5, -1.0]]), np.ones(2)),
    (lambda x: x[0] * x[1] + x[[0, 0, 1]] @ x[:3], np.array([2.0, 3.0, 5.0])),
    (lambda x: [x.T[0] / 2, np.exp(x[1, 0])], np.array([[0.5, 2.0], [-1.0, 3.0]])),
]


PAPER = (*FUNCTIONS["reverse"][:1], *FUNCTIONS["reverse"][1])


def described(draw: random.Random, sheet: Sheet, inputs: list[float]) -> dict[str, Any]:
    count = len(sheet.blanks)
    blanks = sorted(draw.sample(sheet.blanks, draw.choice([count, count, draw.randint(1, count)])))
    table = table_of(sheet, blanks)
    holds = sheet.ask in PASSES and all(cell["rule"] is not None for cell in table["cells"])
    other = [1.125 * number + 0.25 for number in inputs]
    return {
        "document": {
            "version": 1,
            "kind": "table",
            "ask": sheet.ask,
            "title": None,
            "function": "f",
            "inputs": [[f"x{k + 1}", number] for k, number in enumerate(inputs)],
            "digits": 6,
            **table,
        },
        "elsewhere": [other, list(map(jsonable, numbers_of(sheet.cells, other)))]
        if holds
        else None,
        "hints": [[place, hint_texts(sheet.cells[place])] for place in blanks],
        "numbers": [jsonable(number) for number in numbers_of(sheet.cells)],
        "cases": [case(sheet, blanks, dict(answers(draw, sheet, blanks))) for _ in range(ANSWERS)],
    }


def case(sheet: Sheet, blanks: list[int], texts: dict[int, str]) -> dict[str, Any]:
    entries: dict[int, Entry] = {}
    unread = []
    for place, text in texts.items():
        try:
            entries[place] = read_answer(sheet, place, text)
        except InputError:
            unread.append(place)
    found = diagnose(sheet, blanks, entries)
    return {
        "answers": list(texts.items()),
        "unread": unread,
        "findings": [
            {
                "place": place,
                "status": finding.status,
                "mistakes": [list(reason.mistakes) for reason in finding.reasons],
                "isOpen": finding.is_open,
                "isGuess": finding.is_guess,
                "earlier": list(finding.earlier),
                "credit": finding.credit,
                "said": list(remark_on(sheet.cells, entries, place, finding)),
            }
            for place, finding in found.items()
        ],
    }


def with_formulas(draw: random.Random, sheet: Sheet, inputs: list[float]) -> Sheet:
    """Return a sheet that asks for formulas in some cells, and for a choice in one."""
    names = {to_text(cell.label): place for place, cell in enumerate(sheet.cells)}
    cells = list(sheet.cells)
    for place in sheet.blanks:
        known = {name: other for name, other in names.items() if other < place}
        if draw.random() < 0.5:
            cells[place] = replace(cells[place], kind="formula", names=known)
    last = sheet.blanks[-1]
    cells[last] = replace(
        cells[last],
        kind="choice",
        choices=("one", "two", "three"),
        compute=lambda numbers: 1.0,
        terms=(),
        wrong=(WrongRule(("added",), lambda numbers: 2.0, {"row": "three"}, 0),),
    )
    points = tuple(
        tuple(x * draw.uniform(0.9, 1.1) for x in inputs) for _ in range(draw.randint(1, POINTS))
    )
    return replace(sheet, cells=tuple(cells), points=points)


def answers(draw: random.Random, sheet: Sheet, blanks: list[int]) -> Iterator[tuple[int, str]]:
    """Yield answers: right ones, with mistakes that are carried on, and nonsense."""
    with np.errstate(all="ignore"):
        known = numbers_of(sheet.cells)
        chance = draw.choice([0.0, 0.0, 0.2, 0.4, 1.0])
        names = sorted({wrong.mistakes for place in blanks for wrong in sheet.cells[place].wrong})
        everywhere = draw.choice(names) if names and draw.random() < 0.3 else None
        digits = draw.choice([2, 3, 3, 4, 6, 17])
        left_out = draw.choice([0.0, 0.1, 0.6])
        for place in blanks:
            cell = sheet.cells[place]
            made = [w for w in cell.wrong if w.mistakes == everywhere]
            if everywhere is None and cell.wrong and draw.random() < chance:
                made = [draw.choice(cell.wrong)]
            number = float((made[-1] if made else cell).compute(known))
            text = written(draw, cell, number, digits)
            if math.isfinite(number):
                known[place] = number
            if draw.random() >= left_out:
                yield place, text


def written(draw: random.Random, cell: Cell, number: float, digits: int) -> str:
    if cell.kind == "choice":
        return draw.choice(NONSENSE if draw.random() < 0.1 else cell.choices)
    if cell.kind == "formula" and draw.random() < 0.8:
        text = cell.words.get("sum") or cell.words["row"].partition("=")[2]
        text = to_text(cell.formula) if cell.formula else text
        return text if draw.random() < 0.6 else text.replace("+", "-").replace("·", " ", 1)
    sort = draw.random()
    if sort < 0.05:
        return draw.choice(NONSENSE)
    if sort < 0.15:
        return f"{draw.gauss(0, 3):.4g}"
    if sort < 0.25 and math.isfinite(number):
        return str(Fraction(number).limit_denominator(1000))
    return f"{number:.{digits}g}".replace("-", draw.choice("-−"))


NONSENSE = [
    "", " ", "0", "1", "-1", "four", "1 2", "1/0", "((1)", "2 pi", "e^2", "1e-400", "0e400",
    "(" * 30 + "1" + ")" * 30, "(" * 1000, "-" * 150 + "1", "9" * 150, "1e99999999999999999999",
    "½", "x₁²", "2³", "3·10⁻²", "1.5×10⁻²", "1,5", "1_000", "0x10", "01", "1.", ".5", "1e3", "٣",
    "１", "\u202e1", "\ud800", "𝟏", "1\u00a0+\u00a01", "1\n+1", "1 # one", "v₁", "sin", "sin 1 2",
    "isnan(1)", "cbrt 8", "arctan2(1, 2)", "-2^2", "2^-1", "2^3^2", "1 - -1", "--1", "+-+1", "()",
    "-4 1/3", "−4 1/3", "4 1/3 2/3", "4⅓", "-4 ⅓", "⅓", "1^½", "2½", "v1⅓", "4.5⅓", "4,5 ½", "33%",
    "33.3 %", "1e3%", "1e-3%", ".5%", "2 pi%", "%", "50%^2", "1 000", "1\u2009000", "1\u20091/3",
    "12\u202f000,5", "‑1", "1∕3", "1 2/3/4", "2^4 1/3", "¼⅞", "⅟2", "1 1/3.5", "½%", "(½)", "3 ½ x",
    "1\u20030", "v₁", "v1", " v2 ", "Reverse", "none", "there are",
    "__proto__", "constructor", "ſin 1", "\u212a", "1e5e5", "1..2", "...", "2(3)(4)", "√2", "√(4)",
]  # fmt: skip
