"""A saved notebook that is not trusted and has no kernel plays its traces."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from tests.browser.jupyter import MIME_TYPE, save_notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.jupyter import Server


def formula(sign: str) -> list[Any]:
    return ["mrow", ["slot", "0", True], ["mo", sign], ["slot", "1", True]]


def term(body: list[Any], partial: list[Any], *, negative: bool = False) -> dict[str, Any]:
    return {
        "negative": negative,
        "body": body,
        "partial": partial,
        "partial_negative": negative,
    }


def eq5(x1: float, x2: float) -> dict[str, Any]:
    """The trace document of y = x1 x2 + x2 - ln x1."""
    carrier, one = ["slot", "carrier", False], ["mn", "1"]
    source = "x1 * x2 + x2 - np.log(x1)"
    margin = len("    return ")

    def site(part: str) -> dict[str, Any]:
        start = margin + source.index(part)
        end = start + len(part)
        return {
            "source": 0,
            "line": 1,
            "column": start,
            "end_line": 1,
            "end_column": end,
            "name": None,
        }

    def index_term(name: str) -> dict[str, Any]:
        factor = ["slot", name, True]
        return term(["mrow", carrier, ["times"], factor], factor)

    reciprocal = ["mfrac", one, ["slot", "0", False]]
    product, logarithm = x1 * x2, math.log(x1)
    return {
        "version": 1,
        "function": "f",
        "digits": 6,
        "view": {"pass": "reverse", "input": 0, "output": 0},
        "inputs": [
            {"name": f"x{k}", "math": ["msub", ["mi", "x"], ["mn", str(k)]]} for k in (1, 2)
        ],
        "outputs": [{"name": "y", "math": ["mi", "y"], "row": 5}],
        "forms": [
            {
                "op": "mul",
                "symbol": "×",
                "value": ["mrow", ["slot", "0", True], ["times"], ["slot", "1", True]],
                "terms": [index_term("1"), index_term("0")],
            },
            {
                "op": "add",
                "symbol": "+",
                "value": formula("+"),
                "terms": [term(carrier, one), term(carrier, one)],
            },
            {
                "op": "log",
                "symbol": "ln",
                "value": ["mrow", ["mi", "ln"], ["mspace"], ["slot", "0", True]],
                "terms": [term(["mrow", carrier, ["times"], reciprocal], reciprocal)],
            },
            {
                "op": "sub",
                "symbol": "−",
                "value": formula("−"),
                "terms": [term(carrier, one), term(carrier, one, negative=True)],
            },
        ],
        "rows": {
            "form": [None, None, 0, 1, 2, 3],
            "operands": [[], [], [0, 1], [2, 1], [0], [3, 4]],
            "value": [x1, x2, product, product + x2, logarithm, product + x2 - logarithm],
            "partials": [[], [], [x2, x1], [1, 1], [1 / x1], [1, -1]],
            "site": [None, None, 0, 1, 2, 3],
            "call": [0] * 6,
        },
        "sites": [site("x1 * x2"), site("x1 * x2 + x2"), site("np.log(x1)"), site(source)],
        "sources": [
            {
                "title": "f",
                "file": None,
                "first_line": 1,
                "lines": ["def f(x1, x2):", f"    return {source}"],
            }
        ],
        "calls": [{"function": "f", "parent": None, "site": None}],
        "decisions": [],
        "notes": [],
        "graph": None,
        "graph_note": "This document was written by hand, without a graph.",
    }


def test_it_plays_without_kernel_or_trust_in_either_theme(
    jupyter: Server,
    page: Page,
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    save_notebook(
        jupyter.notebooks / "saved.ipynb",
        {
            MIME_TYPE: eq5(3, -4),
            "text/html": "<table><tr><td>the static table</td></tr></table>",
            "text/plain": "Trace of f",
        },
        # An output that only trust would run.
        {"text/html": "<script>window.trusted = true</script><p>a paragraph</p>"},
        kernel="kernel-that-no-machine-has",
    )
    jupyter.use_theme("light")
    notebook = jupyter.open(page, "saved.ipynb")
    notebook.choose_no_kernel()
    assert not jupyter.has_kernel("saved.ipynb")
    page.get_by_text("a paragraph").wait_for()
    assert page.evaluate("window.trusted") is None
    notebook.players.wait_for()
    assert "np.log(x1)" in notebook.players.inner_text()
    assert page.get_by_text("the static table").count() == 0

    themes: tuple[Literal["dark", "light"], ...] = ("dark", "light")
    for theme in themes:
        notebook.use_theme(theme)
        screenshot(page, f"saved-{jupyter.documents.split('/')[0]}-{theme}")
        assert accessibility_violations(page) == []
