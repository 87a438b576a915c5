"""Questions are answered by keyboard alone, kept, and summed up: in a page, in a long notebook."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import nbformat
import numpy as np
from playwright.sync_api import expect

import adviz as ad
from adviz import player
from adviz.tutor.document import MIME_TYPE
from tests.browser.jupyter import save_notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from tests.browser.jupyter import Server

ARROWS = ad.ask(
    "How many arrows leave $x_1$?",
    2,
    feedback={1: "You counted *one* row; the logarithm reads it, too."},
    hints="Look for $v_{-1}$ in each row.",
    explanation=["They meet in $\\bar v_{-1}$.", ad.trace(lambda x: x * np.log(x), 3.0)],
)
MODE = ad.ask("Which mode is cheaper?", "reverse", choices=["forward", "reverse"])
ROWS = ad.ask("Which rows have $\\bar v = 1$?", ["v2", "v4"], choices=["v1", "v2", "v4"])
ORDER = ad.ask("Put the pass in order.", ["seed", "$v_2$", "inputs"])
SLOPE = ad.ask("What is $\\partial(x^2 y)/\\partial x$?", "2*x*y", feedback={"x*x": "In $y$."})
GRADIENT = ad.ask("The gradient?", [-13 / 3, 4.0], title="At the inputs")


def page_of(*things: object) -> str:
    """Return a page with the documents of some cards, one below the other."""
    documents = [thing._repr_mimebundle_()[MIME_TYPE] for thing in things]
    text = json.dumps(documents).replace("<", "\\u003c")
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Questions</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style>:root {{ color-scheme: light dark }} {player.style()}</style>
        <main><h1>Questions</h1><h2>All of them</h2></main>
        <script type="application/json" id="documents">{text}</script>
        <script type="module">{player.script("exercisePage")}
        for (const given of JSON.parse(document.getElementById("documents").textContent)) {{
            const place = document.querySelector("main").appendChild(document.createElement("div"));
            mount(place, given);
        }}
        </script></html>"""


def card(page: Page, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("region", name=name)


def check_by_key(shown: Locator, said: str | re.Pattern[str]) -> None:
    shown.get_by_role("button", name="Check").press("Enter")
    expect(shown).to_contain_text(said)


def test_each_kind_of_question_is_answered_by_keyboard_and_summed_up(
    page: Page,
    tmp_path: Path,
    accessibility_violations: Callable[..., list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    path = tmp_path / "questions.html"
    path.write_text(
        page_of(ARROWS, MODE, ROWS, ORDER, SLOPE, GRADIENT, ad.answered()), encoding="utf-8"
    )
    page.goto(path.as_uri())
    arrows = card(page, "How many arrows")
    field = arrows.get_by_role("textbox", name="How many arrows")
    field.press_sequentially("1")
    field.press("Enter")
    expect(arrows).to_contain_text("You counted one row; the logarithm reads it, too.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(arrows.get_by_role("status")).to_contain_text("Not yet. You counted one row")
    expect(field).to_be_focused()
    arrows.get_by_role("button", name="Hint").press("Enter")
    expect(arrows).to_contain_text("in each row")
    expect(arrows.locator(".adviz-quiz-explained")).to_be_empty()
    field.press("ControlOrMeta+a")
    field.press_sequentially("4/2")
    field.press("Enter")
    expect(arrows).to_contain_text("Right.")
    expect(arrows.locator(".adviz-quiz-explained math").first).to_be_visible()
    expect(arrows.locator(".adviz-graph")).to_be_visible()  # of the player

    mode = card(page, "Which mode")
    check_by_key(mode, "Choose one.")
    mode.get_by_role("radio", name="forward").press("Space")
    mode.get_by_role("radio", name="forward").press("ArrowDown")
    check_by_key(mode, "Right.")

    rows = card(page, "Which rows")
    rows.get_by_role("checkbox", name="v2").press("Space")
    check_by_key(rows, "Not yet.")
    rows.get_by_role("checkbox", name="v4").press("Space")
    check_by_key(rows, "Right.")

    order = card(page, "Put the pass in order")
    wanted = ["seed", "v", "inputs"]
    for place, name in enumerate(wanted):
        for _ in wanted:
            items = order.locator(".adviz-option-text").all_text_contents()
            at = next(i for i, text in enumerate(items) if name in text)
            if at <= place:
                break
            up = order.get_by_role("listitem").nth(at).get_by_role("button", name="Move up")
            up.press("Enter")
            expect(order.get_by_role("status")).to_contain_text(f"is now {at} of 3.")
            moved = order.get_by_role("listitem").nth(at - 1)
            expect(moved.get_by_role("button", name="Move up")).to_be_focused()
    check_by_key(order, "Right.")

    slope = card(page, re.compile("^What is"))
    slope.get_by_role("textbox").fill("x²")
    check_by_key(slope, "Not yet.")
    expect(slope).to_contain_text("In y.")
    slope.get_by_role("button", name="Show solution").press("Enter")
    slope.get_by_role("button", name="Show it").press("Enter")
    expect(slope.get_by_role("textbox")).to_have_value("2*x*y")

    gradient = card(page, "At the inputs")
    gradient.get_by_role("textbox", name="number 1 of 2").fill("-13/3")
    check_by_key(gradient, "Fill in all fields.")

    summary = card(page, "What you answered")
    expect(summary).to_contain_text(
        "6 answers: 2 at the first try, 2 later, 1 shown, 1 not answered."
    )
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        screenshot(page, f"questions-{theme}")
        assert accessibility_violations(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, "the page has to be scrolled sideways"

    page.reload()
    expect(card(page, "How many arrows").get_by_role("textbox")).to_have_value("4/2")
    expect(card(page, "At the inputs").get_by_role("textbox").first).to_have_value("-13/3")
    expect(summary).to_contain_text("2 at the first try, 2 later, 1 shown, 1 not answered")
    summary.get_by_role("button", name="Begin again").press("Enter")
    summary.get_by_role("button", name="Clear all answers").press("Enter")
    expect(summary).to_contain_text("6 answers: 6 not answered.")
    expect(card(page, "How many arrows").get_by_role("textbox")).to_have_value("")
    page.reload()
    expect(card(page, "How many arrows").get_by_role("textbox")).to_have_value("")


def test_a_summary_finds_the_questions_that_are_folded_with_it(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "folded.html"
    folded = ad.reveal(MODE, ad.answered(), ad.exercise(lambda x: x * x, 3, ask="forward"))
    path.write_text(page_of(folded), encoding="utf-8")
    page.goto(path.as_uri())
    page.get_by_text("Show the answer").press("Enter")
    summary = card(page, "What you answered")
    expect(summary).to_contain_text("2 answers: 2 not answered.")
    question = card(page, "Which mode")
    question.get_by_role("radio", name="reverse").press("Space")
    check_by_key(question, "Right")
    expect(summary).to_contain_text("2 answers: 1 at the first try, 1 not answered.")


def test_a_long_notebook_sums_up_what_is_out_of_sight(
    jupyterlab: Server, page: Page, chromium: Browser
) -> None:
    name = "long.ipynb"
    text = {"text/plain": "\n".join(["far"] * 40)}
    folded = ad.reveal(MODE, title="A question")
    bundles = [thing._repr_mimebundle_() for thing in (ARROWS, folded)]
    last = ad.answered()._repr_mimebundle_()
    save_notebook(
        jupyterlab.notebooks / name,
        *bundles,
        *[text] * 30,
        last,
        kernel="kernel-that-no-machine-has",
    )
    notebook = jupyterlab.open(page, name)
    notebook.choose_no_kernel()
    arrows = card(page, "How many arrows")
    arrows.get_by_role("textbox").fill("2")
    arrows.get_by_role("textbox").press("Enter")
    # JupyterLab draws the cells that it takes to be in sight, and looks again when one scrolls.
    page.locator(".jp-WindowedPanel-outer").hover()
    page.mouse.wheel(0, 40)
    page.locator("summary", has_text="A question").press("Enter")
    mode = card(page, "Which mode")
    mode.get_by_role("radio", name="forward").check()
    check_by_key(mode, "Not yet.")
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    page.close()

    # Opened anew, at its end: the questions were never shown.
    again = chromium.new_page(viewport={"width": 1366, "height": 768})
    shown = jupyterlab.open(again, name)
    shown.choose_no_kernel()
    again.locator(".jp-Notebook").click(position={"x": 5, "y": 5})
    again.keyboard.press("Escape")
    again.keyboard.press("Control+ArrowDown")
    summary = card(again, "What you answered")
    expect(summary).to_contain_text("2 answers: 1 at the first try, 1 not right yet.")
    summary.get_by_role("button", name="Begin again").click()
    summary.get_by_role("button", name="Clear all answers").click()
    expect(summary).to_contain_text("2 answers: 2 not answered.")
    again.keyboard.press("Control+s")
    expect(again.locator(".jp-mod-dirty")).to_have_count(0)
    saved = nbformat.read(jupyterlab.notebooks / name, 4)
    assert all(MIME_TYPE not in cell.outputs[0].get("metadata", {}) for cell in saved.cells)
    again.close()
