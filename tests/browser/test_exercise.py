"""Exercises are answered, explained, corrected and kept: in a saved notebook, in a page."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from playwright.sync_api import expect

import adviz as ad
from adviz.tutor.document import MIME_TYPE
from tests.browser.jupyter import save_notebook
from tests.browser.test_questions import page_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.browser.jupyter import Server

BLANKS = ["v3", "v1", "v0", "v-1"]


def f(x1: Any, x2: Any) -> Any:
    return x1 * x2 + x2 - np.log(x1)


def eq5() -> Any:
    title = "Exercise 3.2: Fill in the return sweep"
    return ad.exercise(f, 3, -4, blanks=BLANKS, title=title)


def field(card: Locator, name: str) -> Locator:
    return card.get_by_role("textbox", name=name, exact=True)


def marks(card: Locator) -> list[str | None]:
    """How the blanks stand, in the order in which they are computed."""
    return card.locator(".adviz-boxes i").evaluate_all("boxes => boxes.map(b => b.dataset.mark)")


def entries(card: Locator) -> dict[str | None, str]:
    return {
        each.get_attribute("aria-label"): each.input_value()
        for each in card.get_by_role("textbox").all()
    }


def test_in_a_saved_notebook_nobody_trusts_entries_are_kept_by_a_save(
    jupyterlab: Server, page: Page
) -> None:
    name = "exercise.ipynb"
    bundle = eq5()._repr_mimebundle_()
    save_notebook(jupyterlab.notebooks / name, bundle, bundle, kernel="kernel-that-no-machine-has")
    shown = jupyterlab.open(page, name)
    shown.choose_no_kernel()
    card, other = page.get_by_role("region", name="Fill in the return sweep").all()
    field(card, "v 3 bar").click()
    for answer in ("1", "1", "4", "-11/3"):
        page.keyboard.type(answer)
        page.keyboard.press("Tab")
    page.keyboard.press("d")  # twice in command mode it deletes a cell
    page.keyboard.press("d")
    page.keyboard.press("Enter")  # on Check
    expect(card.get_by_role("status")).to_have_text("3 right, v 3 bar to correct.")
    assert marks(card) == ["wrong", "right", "right", "follows"]
    expect(card).to_contain_text("You lost the minus sign of the difference.")
    expect(card).to_contain_text("Right, given your v̄₃ = 1.")

    field(card, "v 3 bar").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("-1", delay=20)
    expect(field(card, "v 3 bar")).to_be_focused()
    expect(field(card, "v 3 bar")).to_have_value("-1")
    page.keyboard.press("Control+s")  # while it is being typed, and not checked
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    saved = json.loads((jupyterlab.notebooks / name).read_text())
    kept, nothing = (cell["outputs"][0]["metadata"] for cell in saved["cells"])
    assert kept[MIME_TYPE]["entries"] == {"v3": "-1", "v1": "1", "v0": "4", "v-1": "-11/3"}
    assert kept[MIME_TYPE]["solved"]["v3"] == "wrong"
    assert nothing == {}

    jupyterlab.open(page, name).choose_no_kernel()
    card, other = page.get_by_role("region", name="Fill in the return sweep").all()
    assert list(entries(card).values()) == ["-11/3", "4", "1", "-1"]
    assert list(entries(other).values()) == [""] * 4
    # What went with the old entry is to be worked out anew.
    card.get_by_role("button", name="Check").click()
    assert marks(card) == ["right", "right", "right", "wrong"]
    field(card, "v minus 1 bar").fill("-13/3")
    field(card, "v minus 1 bar").press("Enter")
    expect(card.get_by_role("status")).to_have_text(re.compile("^v minus 1 bar: Right"))
    expect(card.locator(".adviz-exercise-status")).to_have_text(
        "All 4 are right: 3 at the first check, 1 later."
    )
    assert shown.cells.count() == 2
    assert not jupyterlab.has_kernel(name)


def test_on_a_page_all_is_done_by_keys_and_kept_by_the_browser(page: Page, tmp_path: Path) -> None:
    eq5().to_html(tmp_path / "exercise.html")
    page.goto((tmp_path / "exercise.html").as_uri())
    card = page.get_by_role("region", name="Fill in the return sweep")
    status = card.get_by_role("status")
    top = card.locator("tbody tr").last.bounding_box()
    # From y up to the inputs: by Tab in this order, by arrows as the fields lie.
    page.keyboard.press("Tab")
    expect(field(card, "v 3 bar")).to_be_focused()
    page.keyboard.type("one")
    page.keyboard.press("Enter")
    expect(status).to_have_text(re.compile("^v 3 bar: This is not understood"))
    expect(field(card, "v 3 bar")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("1")
    expect(field(card, "v 3 bar")).not_to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Enter")
    expect(field(card, "v 3 bar")).to_be_focused()
    expect(field(card, "v 3 bar")).to_have_accessible_description(
        re.compile("^You lost the minus sign of the difference. When v₃ grows, v₄ falls")
    )
    expect(status).to_have_text(re.compile("^v 3 bar: wrong. You lost the minus sign"))
    for key, name in (
        ("ArrowUp", "v 1 bar"),
        ("ArrowUp", "v 0 bar"),
        ("ArrowUp", "v minus 1 bar"),
        ("Shift+Tab", "v 0 bar"),
        ("ArrowDown", "v 1 bar"),
    ):
        page.keyboard.press(key)
        expect(field(card, name)).to_be_focused()
    for answer in ("1,00", "4", "−3.667"):
        page.keyboard.type(answer)
        page.keyboard.press("Tab")
    expect(card.get_by_role("button", name="Check")).to_be_focused()
    page.keyboard.press("Space")
    expect(status).to_have_text("3 right, v 3 bar to correct.")
    assert marks(card) == ["wrong", "right", "right", "follows"]
    assert card.locator("tbody tr").last.bounding_box() == top

    # A page that is opened again shows the entries with their marks.
    page.reload()
    assert marks(card) == ["wrong", "right", "right", "follows"]
    assert entries(card)["v minus 1 bar"] == "−3.667"
    # While an entry is corrected, what was said of it stays; its mark is gone at once.
    page.keyboard.press("Tab")
    page.keyboard.type("-1")
    assert marks(card) == ["", "right", "right", "follows"]
    expect(card).to_contain_text("You lost the minus sign of the difference.")
    page.keyboard.press("Tab")
    assert marks(card) == ["", "right", "right", ""]
    expect(card).to_contain_text("Work it out anew.")

    hint = card.get_by_role("button", name="Hint")
    hint.press("Enter")
    expect(status).to_have_text(re.compile(r"^Hint 1 of \d: Which rows read v 1\?"))
    card.get_by_role("button", name="Show solution").press("Enter")
    expect(card.get_by_role("button", name="Show it")).to_be_focused()
    page.keyboard.press("Escape")
    assert marks(card) == ["", "right", "right", ""]
    expect(card.get_by_role("button", name="Show solution")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(status).to_have_text("Done: 2 at the first check, 2 shown.")
    assert marks(card) == ["shown", "right", "right", "shown"]
    assert entries(card)["v minus 1 bar"] == "−4.33333"
    expect(card.get_by_role("button", name="Start again")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(field(card, "v 3 bar")).to_be_focused()
    assert set(entries(card).values()) == {""}
    page.reload()
    assert set(entries(card).values()) == {""}
    assert page.evaluate("localStorage.length") == 0

    # The same once more with other numbers, which are kept as well.
    (x1, x2), *_ = eq5().to_document()["variants"]
    card.get_by_role("button", name="New numbers").press("Enter")
    page.keyboard.press("Enter")
    expect(field(card, "v 3 bar")).to_be_focused()
    expect(card).to_contain_text(f"at ({x1:g}, {x2:g}).".replace("-", "−"))
    right = {"v 3 bar": -1.0, "v 1 bar": 1.0}
    right["v minus 1 bar"], right["v 0 bar"] = ad.grad(f, argnums=(0, 1))(x1, x2)
    for name in ("v 3 bar", "v 1 bar", "v 0 bar", "v minus 1 bar"):
        field(card, name).fill(f"{right[name]:.6g}")
        field(card, name).press("Enter")
    assert marks(card) == ["right"] * 4
    page.reload()
    assert marks(card) == ["right"] * 4
    expect(card).to_contain_text(f"at ({x1:g}, {x2:g}).".replace("-", "−"))


def test_operations_are_put_in_order_by_mouse_and_by_keys(page: Page, tmp_path: Path) -> None:
    exercise = ad.exercise(f, 3, -4, ask="order")
    row_of = exercise.solution()
    exercise.to_html(tmp_path / "order.html")
    page.goto((tmp_path / "order.html").as_uri())
    card = page.get_by_role("region", name="Put the trace in order")
    status = card.get_by_role("status")

    def place(letter: str) -> Locator:
        return card.get_by_role("combobox", name=letter, exact=True)

    def choose(row: str) -> None:
        page.keyboard.press("Home")
        for _ in range(sorted(row_of.values()).index(row) + 1):
            page.keyboard.press("ArrowDown")

    # By mouse, as one reads: the difference before the logarithm.
    as_read = {"v₁": "v₁", "v₂": "v₂", "v₃": "v₄", "v₄": "v₃"}
    for letter, row in row_of.items():
        place(letter).select_option(as_read[row])
    card.get_by_role("button", name="Check").click()
    assert sorted(map(str, marks(card))) == ["right", "right", "wrong", "wrong"]
    expect(card.get_by_text("You went in the order of reading.")).to_have_count(2)
    # By keys, another order that would be possible.
    page.reload()
    assert sorted(map(str, marks(card))) == ["right", "right", "wrong", "wrong"]
    possible = {"v₁": "v₂", "v₂": "v₃", "v₃": "v₁", "v₄": "v₄"}
    page.keyboard.press("Tab")
    for letter, row in row_of.items():
        expect(place(letter)).to_be_focused()
        choose(possible[row])
        page.keyboard.press("Tab")
    expect(card.get_by_role("button", name="Check")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card.get_by_text("That is possible, but not what Python does.")).to_have_count(3)
    hint = card.get_by_role("button", name="Hint")
    hint.press("Enter")
    expect(status).to_have_text(re.compile(r"^Hint 1 of 3: [A-D] reads"))
    for letter, row in row_of.items():
        place(letter).focus()
        choose(row)
        page.keyboard.press("Enter")
    assert marks(card) == ["right"] * 4
    expect(card.locator(".adviz-exercise-status")).to_have_text(
        "All 4 are right: 2 at the first check, 2 later."
    )
    # The same operations, mixed in another way.
    card.get_by_role("button", name="Mix again").press("Enter")
    page.keyboard.press("Enter")
    expect(place("A")).to_be_focused()
    for letter, row in exercise.again(1).solution().items():
        place(letter).select_option(row)
    card.get_by_role("button", name="Check").click()
    assert marks(card) == ["right"] * 4
    expect(card.locator(".adviz-exercise-status")).to_have_text(
        "All 4 are right: 4 at the first check."
    )


def test_arrays_are_asked_with_other_numbers_in_the_page(page: Page, tmp_path: Path) -> None:
    def g(a: Any) -> Any:
        return a[0] * a[1] + a[2]

    exercise = ad.exercise(g, np.array([2.0, 3.0, 5.0]), ask="jacobian")
    exercise.to_html(tmp_path / "arrays.html")
    page.goto((tmp_path / "arrays.html").as_uri())
    card = page.get_by_role("region", name="Fill in the Jacobian")
    fields = card.get_by_role("textbox")
    for number in range(1, 3):
        card.get_by_role("button", name="New numbers").press("Enter")
        page.keyboard.press("Enter")
        expect(fields.first).to_be_focused()
        other = exercise.to_document()["others"][number - 1]
        a = [value for _, value in other["inputs"]]
        for place, answer in enumerate((a[1], a[0], 3)):
            fields.nth(place).fill(str(answer))
        card.get_by_role("button", name="Check").click()
        assert marks(card) == ["right", "right", "wrong"]
        page.reload()
        assert marks(card) == ["right", "right", "wrong"]

    # A summary shows how each of many answers went, in lines that fit.
    many = ad.exercise(lambda a: a * 2 + a, np.ones((3, 3)), title="Many")
    (tmp_path / "summary.html").write_text(page_of(many, ad.answered()), encoding="utf-8")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((tmp_path / "summary.html").as_uri())
    summary = page.get_by_role("region", name="What you answered")
    expect(summary.locator(".adviz-boxes i")).to_have_count(len(many.blanks))
    assert len(many.blanks) > 16
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_other_tabs_and_a_browser_that_keeps_nothing(page: Page, tmp_path: Path) -> None:
    eq5().to_html(tmp_path / "exercise.html")
    address = (tmp_path / "exercise.html").as_uri()
    page.goto(address)
    second = page.context.new_page()
    second.goto(address)
    for tab, answer in ((page, "7"), (second, "8")):
        entry = field(tab.get_by_role("region"), "v 0 bar")
        entry.fill(answer)
        entry.press("Tab")
        entry.evaluate("() => document.activeElement.blur()")
    expect(field(page.get_by_role("region"), "v 0 bar")).to_have_value("8")
    second.close()

    denied = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied') }})"
    page.add_init_script(denied)
    page.goto(address)
    card = page.get_by_role("region")
    assert set(entries(card).values()) == {""}
    field(card, "v 1 bar").fill("1")
    field(card, "v 1 bar").press("Enter")
    assert marks(card) == ["", "right", "", ""]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_looks_right_and_can_be_used_by_all(
    theme: Any,
    page: Page,
    tmp_path: Path,
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    eq5().to_html(tmp_path / "exercise.html")
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto((tmp_path / "exercise.html").as_uri())
    card = page.get_by_role("region")
    card.get_by_role("button", name="Hint").click()
    screenshot(page, f"exercise-blank-{theme}")
    assert accessibility_violations(page) == []
    answers = {"v 3 bar": "1", "v 1 bar": "1", "v 0 bar": "4", "v minus 1 bar": "-3.667"}
    for name, answer in answers.items():
        field(card, name).fill(answer)
    card.get_by_role("button", name="Check").click()
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 768})
        screenshot(page, f"exercise-{theme}-{width}")
        assert accessibility_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width
        sizes = card.locator("button:visible, input").evaluate_all(
            "all => all.map(e => Math.min(e.offsetWidth, e.offsetHeight))"
        )
        assert min(sizes) >= 24
        # Nothing lies over anything else.
        boxes = card.locator("tbody tr").evaluate_all(
            "rows => rows.map(r => [r, ...r.children].map(e => e.getBoundingClientRect().bottom))"
        )
        assert all(max(inside) <= bottom + 1 for bottom, *inside in boxes)


def test_hostile_documents_are_refused_or_shown_as_text(page: Page, tmp_path: Path) -> None:
    exercise = eq5()
    text = exercise.to_html()
    (tmp_path / "exercise.html").write_text(
        text.replace(
            "mount(document.getElementById", "window.mount = mount; mount(document.getElementById"
        ),
        encoding="utf-8",
    )
    page.goto((tmp_path / "exercise.html").as_uri())
    markup = "<img src=x onerror='window.hacked = 1'>"
    good = json.loads(json.dumps(exercise.to_document()))
    cells, lines = good["cells"], good["lines"]
    hostile: list[tuple[Any, bool]] = [
        (None, False),
        ([], False),
        ({**good, "version": markup}, False),
        ({**good, "kind": "constructor"}, False),
        ({**good, "cells": [{}]}, False),
        ({**good, "blanks": [10**9]}, False),
        ({**good, "lines": [{"label": ["mi", "a"], "formula": ["mi", "b"], "shown": [99]}]}, False),
        ({**good, "title": markup, "source": markup, "ask": markup, "unknown": markup}, True),
        ({**good, "columns": [markup, "__proto__"], "words": [{}] * len(good["words"])}, True),
        ({**good, "cells": [{**cell, "key": "__proto__"} for cell in cells]}, True),
        ({**good, "lines": [{**lines[0], "label": ["script", "window.hacked = 1"]}]}, True),
        ({**good, "lines": [{**lines[0], "label": ["mi", markup]}] * 500}, True),
        ({**good, "lines": []}, True),
        ({**good, "blanks": []}, True),
        ({**good, "inputs": [[markup, "NaN"]] * 1000, "digits": 17}, True),
    ]
    stored = [None, [], "text", {"entries": [], "checked": {}, "solved": 3, "hints": "x"}]
    stored += [{"entries": {"v3": markup, "v1": {}}, "checked": ["v3"], "solved": {"v3": markup}}]
    stored += [{"entries": {"v3": "1" * 10**5}, "checked": ["v3", []], "hints": {"v3": 10**9}}]
    cases = [(document, None, shown) for document, shown in hostile]
    cases += [(good, kept, True) for kept in stored]
    for document, kept, is_shown in cases:
        said = page.evaluate(
            """([text, kept]) => {
                const element = globalThis.document.getElementById("player");
                mount(element, JSON.parse(text), { read: () => JSON.parse(kept), write() {} });
                for (const button of element.querySelectorAll("button")) button.click();
                const problem = element.querySelector(".adviz-problem");
                return problem ? problem.textContent : "";
            }""",
            [json.dumps(document), json.dumps(kept)],
        )
        assert (said == "") == is_shown, (said, str(document)[:80])
        assert is_shown or said.startswith("This exercise cannot be shown: ")
        assert len(said) < 300
    page.wait_for_timeout(50)  # an image that fails to load would have run its handler
    assert page.evaluate("window.hacked") is None
    assert page.locator("#player :is(img, script)").count() == 0


def test_without_scripts_there_is_a_table_with_blanks_and_no_answers(page: Page) -> None:
    exercise = eq5()
    bundle = exercise._repr_mimebundle_()
    page.set_content(bundle["text/html"])
    for label in ("v4", "v2"):
        expect(page.get_by_role("row").filter(has_text=re.compile(f"^{label}"))).to_contain_text(
            "1"
        )
    assert page.get_by_text("________").count() == len(BLANKS)
    answers = {f"{number:.4g}".replace("-", "−") for number in exercise.solution().values()}
    for shown in (bundle["text/html"], bundle["text/plain"]):
        assert not any(f"{answer}3" in shown for answer in answers if "." in answer)
