"""Exercise documents: as the schema says, small, and without answers where they are graded."""

from __future__ import annotations

import copy
import itertools
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import adviz as ad
from adviz.player import operations
from adviz.tutor.cells import numbers_of
from adviz.tutor.document import MIME_TYPE
from adviz.tutor.kinds import KINDS
from tests.render.test_document_schema import strict

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(
    Path(ad.__file__)
    .with_name("tutor")
    .joinpath("exercise-document.schema.json")
    .read_text("utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(strict(SCHEMA))


def eq5(x1: Any, x2: Any) -> Any:
    return x1 * x2 + x2 - np.log(x1)


def ten_rows(x1: Any, x2: Any, x3: Any) -> Any:
    a = x1 * x2
    b = np.sin(a) * np.exp(x3)
    c = (b + a) / np.exp(x2)
    return c * x3 - np.log(x2) * a


def of_every_kind(**options: Any) -> Iterator[ad.Exercise]:
    for ask in KINDS:
        if ask == "step":
            yield ad.exercise(np.sin, 1.0, ask=ask, **options)
        elif ask != "unreached":
            yield ad.exercise(eq5, 3, -4, ask=ask, **options)


def of_arrays() -> Iterator[ad.Exercise]:
    for ask, kind in KINDS.items():
        if kind.takes_arrays:
            yield ad.exercise(lambda a, x: a @ x + x, np.eye(2), np.ones(2), ask=ask)


def cards(**options: Any) -> Iterator[Any]:
    """Questions of every kind, folded answers and a summary, with everything that they can hold."""
    yield ad.ask("How many?", 2, feedback={1: "One more.", 3: "*One* less."}, **options)
    yield ad.ask("The gradient?", [-13 / 3, 4.0], tolerance=0.1, hints=["Back."], **options)
    yield ad.ask("A table?", np.eye(2), feedback="Look at the diagonal.", title="A", **options)
    yield ad.ask("What is $\\sqrt{x}/y$'s slope?", "0.5/(sqrt(x)*y)", **options)
    yield ad.ask("Yes?", True, explanation=["Yes.", ad.trace(eq5, 3, -4), ad.answered()], **options)
    yield ad.ask("Which?", ["a", "c"], choices=["a", "$b$", "c"], **options)
    yield ad.ask("In order?", ["seed", "rows", "inputs"], **options)
    yield ad.reveal("`42`", ad.trace(eq5, 3, -4), ad.exercise(eq5, 3, -4), title="Why?")
    yield ad.reveal(ad.ask("Once more?", 1), hide_source=True)
    yield ad.answered()


def marked() -> ad.Exercise:
    return ad.paper(eq5, 3, -4, printed={"v1": ("v0 * v-1", 12), "v4": ("v3 - v2", "17.1")})


def size(exercise: ad.Exercise) -> int:
    return len(json.dumps(exercise.to_document(), ensure_ascii=False, separators=(",", ":")))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("graded", [False, True])
def test_documents_are_as_the_schema_says(graded: bool) -> None:
    shown = [*of_every_kind(graded=graded), *of_arrays(), marked(), *cards(graded=graded)]
    assert {type(each).__name__ for each in shown} == {"Exercise", "Question", "Reveal", "Answered"}
    asked = set()
    for each in shown:
        document = json.loads(json.dumps(each._repr_mimebundle_()[MIME_TYPE], allow_nan=False))
        VALIDATOR.validate(document)
        asked |= {document["kind"], document.get("expects")}
    assert asked >= {"number", "numbers", "formula", "choice", "choices", "order"}


@pytest.mark.parametrize(
    ("make", "keys"),
    [
        (lambda: ad.exercise(eq5, 3, -4), ["version", "kind", "cells", "blanks", "lines"]),
        (lambda: ad.ask("How many?", 2), ["version", "kind", "question", "expects", "foreseen"]),
        (lambda: ad.reveal("42"), ["version", "kind", "title", "parts", "followed"]),
        (ad.answered, ["version", "kind"]),
    ],
)
def test_a_document_that_lacks_a_part_is_none(make: Any, keys: list[str]) -> None:
    document = make()._repr_mimebundle_()[MIME_TYPE]
    for key in keys:
        lacking = copy.deepcopy(document)
        del lacking[key]
        assert not VALIDATOR.is_valid(lacking), key
    for wrong in ({**document, "version": 2}, {**document, "kind": "other"}, {**document, "x": 1}):
        assert not VALIDATOR.is_valid(wrong)


def test_what_lessons_have_saved_are_documents() -> None:
    found: set[str] = set()
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                if (saved := output.get("data", {}).get(MIME_TYPE)) is not None:
                    VALIDATOR.validate(saved)
                    found.add(saved["kind"])
    assert found == {"table", "question", "reveal", "answered"}


def test_the_page_on_documents_says_what_each_key_means() -> None:
    text = (
        (ROOT / "docs" / "document.md").read_text("utf-8").partition("# The exercise document")[2]
    )

    def names(schema: Any) -> Iterator[str]:
        if isinstance(schema, dict):
            yield from schema.get("properties", {})
            for part in schema.values():
                yield from names(part)

    assert set(names(SCHEMA)) <= set(re.findall(r"`([a-z_]+)`", text))


def test_documents_are_small() -> None:
    assert size(ad.exercise(eq5, 3, -4)) < 8000
    traced = ad.trace(ten_rows, 1.5, 2, 0.5)
    assert len(traced.rows) - len(traced.inputs) >= 10
    assert size(ad.exercise(traced)) < 25_000
    one = ad.exercise(traced, blanks=["v-2"])
    assert size(one) < size(ad.exercise(traced)) / 2


def numbers_in(part: Any) -> Iterator[float]:
    """Yield all numbers in a document, also those that stand in texts."""
    if isinstance(part, bool) or part is None:
        return
    if isinstance(part, (int, float)):
        yield float(part)
    elif isinstance(part, str):
        for text in re.findall(r"\d+\.?\d*(?:e[+-]?\d+)?", part):
            yield float(text)
    else:
        for item in part.values() if isinstance(part, dict) else part:
            yield from numbers_in(item)


def codes_in(part: Any) -> Iterator[str]:
    """Yield the operations of anything in a document that looks like a line of a program."""
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list):
        name, *operands = part or [None]
        if isinstance(name, str) and name in operations() and operands:
            yield name
        for item in part:
            yield from codes_in(item)


@pytest.mark.parametrize("ask", ["values", "forward", "reverse", "contributions", "partials"])
def test_a_graded_document_holds_no_answers(ask: str) -> None:
    graded = ad.exercise(ten_rows, 1.37, 2.21, 0.59, ask=ask, graded=True)
    document = graded.to_document()
    numbers = numbers_of(graded.sheet.cells)
    given = [abs(number) for k, number in enumerate(numbers) if k not in graded.places]
    telling = [
        answer
        for answer in (abs(numbers[place]) for place in graded.places)
        if f"{answer:.6g}" != f"{answer:.2g}"
        and not any(math.isclose(answer, number, rel_tol=2e-3) for number in given)
    ]
    assert len(telling) >= 3
    in_sight = list(numbers_in(document))
    for answer, number in itertools.product(telling, in_sight):
        assert not math.isclose(answer, number, rel_tol=1e-3), answer
    assert not set(document) & {"code", "mistakes", "words", "points"}
    assert not list(codes_in(document))
    asked = [document["cells"][place] for place in document["blanks"]]
    for cell in asked:
        assert set(cell) <= {"key", "label", "number", "kind", "choices", "names"}
        assert cell["number"] is None
    bundle = json.dumps(graded._repr_mimebundle_(), ensure_ascii=False)
    for answer in telling:
        assert f"{answer:.5g}" not in bundle
    # The same search does find them where they are.
    open_document = ad.exercise(ten_rows, 1.37, 2.21, 0.59, ask=ask).to_document()
    assert list(codes_in(open_document))
    assert any(
        math.isclose(answer, number, rel_tol=1e-9)
        for answer, number in itertools.product(telling, map(abs, numbers_in(open_document)))
    )
