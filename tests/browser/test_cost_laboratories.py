"""The laboratories of Jacobians and costs: by mouse, by keys, in both themes, and saved."""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Literal

import numpy as np
from playwright.sync_api import expect

import adviz as ad
from adviz.render.number import format_number
from tests.browser.jupyter import write_cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.jupyter import Server

INPUTS = (1.0, 0.5, 2.0)


def f(x1, x2, x3):
    a = x1 * x2
    b = np.sin(a) + x3
    return a * b, b / x3


IMPORTS = "import adviz as ad\nimport numpy as np\n\n"
CELLS = [
    f"{IMPORTS}{inspect.getsource(f)}\nad.jacobian_lab(f, *{INPUTS})",
    f"ad.elimination_lab(f, *{INPUTS})",
    "ad.checkpoint_lab(lambda x: 3.7 * x * (1 - x), 0.3, steps=10)",
]
LISTED = "v₋₂ → v₁ → v₄: 0.5 · 2.47943 = 1.23971"
"""A path, as the laboratory writes it."""


class Hand:
    """Somebody who uses controls by mouse, or with the keyboard only."""

    def __init__(self, has_mouse: bool) -> None:
        self.has_mouse = has_mouse

    def tick(self, box: Locator) -> None:
        if self.has_mouse:
            box.click()
        else:
            box.press("Space")

    def open(self, summary: Locator) -> None:
        if self.has_mouse:
            summary.click()
        else:
            summary.press("Enter")

    def choose(self, group: Locator, name: str, presses: int) -> None:
        if self.has_mouse:
            group.get_by_label(name).click()
        else:
            for _ in range(presses):
                group.locator("input:checked").press("ArrowRight")
        expect(group.get_by_label(name)).to_be_checked()


def fill_jacobian(jacobian: Locator, hand: Hand) -> None:
    """Use all kinds of controls of its laboratory, from its beginning on."""
    expect(jacobian).to_contain_text("Known: 0 of 6 entries.")
    hand.tick(jacobian.get_by_label("x₂", exact=True))
    expect(jacobian).to_contain_text("Known: 2 of 6 entries, from 1 forward pass.")
    hand.tick(jacobian.get_by_label("y₁", exact=True))
    expect(jacobian).to_contain_text(
        "Known: 4 of 6 entries, from 1 forward pass and 1 reverse pass."
    )
    first = jacobian.locator("details").first
    expect(first.locator("summary")).to_have_text("2 paths")
    # What the mouse shows where it rests is what a click or a key shows too.
    expect(first.locator("summary")).to_have_attribute("title", re.compile(re.escape(LISTED)))
    hand.open(first.locator("summary"))
    expect(first.get_by_text(LISTED)).to_be_visible()
    expect(jacobian.locator(".adviz")).to_have_count(0)
    hand.tick(jacobian.get_by_label("show the last sweep"))
    expect(jacobian.locator(".adviz output")).to_have_text(re.compile("step 1 of .* reverse"))


def test_laboratories_of_costs(
    jupyterlab: Server,
    page: Page,
    accessibility_violations: Callable[..., list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    path = jupyterlab.notebooks / "costs.ipynb"
    write_cells(path, *CELLS)
    jupyterlab.use_theme("light")
    page.set_viewport_size(
        {"width": 1400, "height": 4000}
    )  # all cells in sight, so all in the page
    shown = jupyterlab.open(page, path.name)
    jacobian = shown.cells.nth(0)
    find = jacobian.locator(".widget-radio")
    for hand in (Hand(has_mouse=True), Hand(has_mouse=False)):
        shown.run_all()
        fill_jacobian(jacobian, hand)
        if hand.has_mouse:
            hand.choose(find, "rᵀ J", presses=2)
            expect(jacobian).to_contain_text("rᵀ J, from 1 reverse pass. No entry of J is known.")

    jacobian.get_by_label("Paths of").select_option("∂y₁/∂x₁")
    expect(jacobian).to_contain_text("is the sum over 2 paths.")
    jacobian.get_by_label("marked").select_option(index=2)
    expect(jacobian).to_contain_text(f"is the sum over 2 paths. Marked: {LISTED}")
    themes: tuple[Literal["dark", "light"], ...] = ("dark", "light")
    for theme in themes:
        shown.use_theme(theme)
        screenshot(page, f"jacobian-{theme}")
        assert accessibility_violations(page, ".adviz-laboratory") == []
        assert accessibility_violations(page, ".jp-RenderedHTML") == []
    # Each choice is shown before the next is made: a list is written anew by the kernel.
    for name, none, with_it, without in (
        ("marked", "all of them", f"Marked: {LISTED}", "Marked: "),
        ("Paths of", "no entry", "is the sum over 2 paths.", "is the sum over"),
    ):
        chosen = jacobian.get_by_label(name)
        before = chosen.input_value()
        chosen.select_option(none)
        expect(jacobian).not_to_contain_text(without)
        expect(chosen).to_have_value(none)  # it does not stand empty
        chosen.select_option(before)
        expect(jacobian).to_contain_text(with_it)
    jacobian.get_by_label("marked").select_option(index=2)
    expect(jacobian).to_contain_text(f"Marked: {LISTED}")

    hand.choose(find, "rᵀ J", presses=2)
    expect(jacobian).to_contain_text("rᵀ J, from 1 reverse pass. No entry of J is known.")
    r = jacobian.get_by_label("r", exact=True)
    r.fill("3, -1, 2")
    r.press("Enter")
    expect(jacobian.get_by_role("alert")).to_contain_text(
        "takes one for each output of f, which has 2"
    )
    r.fill("3, -1")
    r.press("Enter")
    expect(jacobian.get_by_role("alert")).to_have_count(0)
    _, pull = ad.vjp(f, *INPUTS)
    for number in pull((3.0, -1.0)):
        cell = jacobian.locator("td td").get_by_text(format_number(number), exact=True)
        expect(cell).to_be_visible()

    elimination = shown.cells.nth(1)
    elimination.get_by_label("Order").select_option("reverse")
    steps = elimination.get_by_role("slider")
    steps.press("End")
    row = ", ".join(map(format_number, pull((1.0, 0.0))))
    expect(elimination).to_contain_text(f"What is left is the Jacobian: ({row})")
    own = elimination.get_by_label("my own")
    own.fill("v2, v1")
    own.press("Enter")
    expect(elimination).to_contain_text("Left to take out: v₃")
    screenshot(page, "elimination")

    schedule = shown.cells.nth(2)
    actions = schedule.get_by_role("slider", name="Actions done")
    actions.press("Home")
    for _ in range(4):
        actions.press("ArrowRight")
    expect(schedule).to_contain_text("Action 4 of 38: run step 10 and keep its trace.")
    screenshot(page, "checkpoint")
    for theme in themes:
        shown.use_theme(theme)
        assert accessibility_violations(page, ".adviz-laboratory") == []

    shown.save()
    saved = json.loads(path.read_text())
    name = "kernel-that-no-machine-has"
    saved["metadata"] = {"kernelspec": {"name": name, "display_name": name}}
    copy = path.with_stem("costs-saved")  # whose path has no kernel running
    copy.write_text(json.dumps(saved))
    reopened = jupyterlab.open(page, copy.name)
    reopened.choose_no_kernel()
    for cell, text in zip(
        reopened.cells.all(),
        ("rᵀ J, from 1 reverse pass.", "Left to take out: v₃", "Action 4 of 38"),
        strict=True,
    ):
        expect(cell).to_contain_text("run this cell to move its controls; its last state is below")
        expect(cell).to_contain_text(text)
        expect(cell.locator(".jp-OutputArea-output img").first).to_be_visible()
    screenshot(page, "costs-saved")
