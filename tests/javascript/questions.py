"""Writes questions with answers to them, and what Python says of each."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np

import adviz as ad
from adviz.host.errors import InputError

TYPED = ("2", "2.0", "4/2", "3", "-4.333", "−13/3", "-4.3", "-4.33", "4.333", "0", "1e3", "1001")
FORMULAS = (
    "2*x*y",
    "2xy",
    "-yx^2",
    "xz",
    "y*(x+x)",
    "x*x",
    "x²",
    "2·x",
    "ln(x)",
    "2*ln(sqrt(x))",
    "x",
    "x/0",
    "z",
    "",
)


def questions() -> list[dict[str, Any]]:
    """Return the documents of questions, each with answers as they are entered, and verdicts."""
    draw = random.Random(7)
    letters = ["a", "b", "c", "d"]
    asked = [
        *(ad.ask("?", n, feedback={1: "one", 3: "three"}) for n in (2, -13 / 3, 0.0, 1000)),
        ad.ask("?", 4.0, tolerance=1, feedback={"2": "two"}),
        ad.ask("?", [2.0, -4.33333], feedback={(3, "-4.3333"): "first"}),
        ad.ask("?", np.array([[2, 3], [1000, 0]])),
        *(ad.ask("?", text, feedback={"x*x": "square"}) for text in ("2*x*y", "ln(x)", "x/2")),
        ad.ask("What is $\\partial(x y)/\\partial x$?", "y", feedback={"x": "in y"}),
        ad.ask("?", "b", choices=letters, feedback={"a": "not a", "b": "yes"}),
        ad.ask("?", ["a", "c"], choices=letters, feedback={"a": "a!", "d": "d!"}),
        ad.ask("?", letters, feedback={("d", "c", "b", "a"): "from the end"}),
    ]
    return [{"document": one.to_document(), "cases": _cases(one, draw, letters)} for one in asked]


def _cases(asked: Any, draw: random.Random, letters: list[str]) -> list[list[Any]]:
    """Return answers, each with its verdict and feedback; None where it cannot be read."""
    document = asked.to_document()
    match document["expects"]:
        case "number":
            given: list[Any] = list(TYPED)
        case "numbers":
            count = int(np.prod(document["shape"]))
            tables = [draw.choices(TYPED, k=count) for _ in range(60)]
            tables += [[str(x) for x in document["right"]]]
            given = [np.array(table).reshape(document["shape"]).tolist() for table in tables]
        case "formula":
            given = list(FORMULAS)
        case "choice":
            given = letters
        case "choices":
            given = [list(some) for k in range(5) for some in itertools.combinations(letters, k)]
        case _:
            given = [list(some) for some in itertools.permutations(letters)]
    return [[_entered(document, asked, answer), *_verdict(asked, answer)] for answer in given]


def _entered(document: dict[str, Any], asked: Any, answer: Any) -> Any:
    """Return texts as they are typed, or the places of choices."""
    if "choices" not in document:
        return np.array(answer).ravel().tolist()
    shown = [tree[1][1] for tree in document["choices"]]
    return [shown.index(item) for item in ([answer] if isinstance(answer, str) else answer)]


def _verdict(asked: Any, answer: Any) -> tuple[str | None, str]:
    try:
        verdict = asked.check(answer)
    except InputError:
        return None, ""
    return verdict.judgement.status, verdict.text
