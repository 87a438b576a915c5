"""A notebook with a kernel: a cell that is run plays its trace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.jupyter import MIME_TYPE, write_cells
from tests.browser.test_saved_notebook import eq5

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.jupyter import Server


def test_a_cell_that_is_run_again_has_a_new_player_which_keeps_its_keys(
    jupyter: Server, page: Page
) -> None:
    display = f"display({{{MIME_TYPE!r}: {eq5(3, -4)!r}}}, raw=True)"
    write_cells(jupyter.notebooks / "live.ipynb", display, "1 + 1")
    live = jupyter.open(page, "live.ipynb")
    for _ in range(2):
        live.run_all()
        expect(live.output(1)).to_have_text("2")
        expect(live.players).to_have_count(1)

    live.cells.first.locator(".jp-InputPrompt").click()
    slider = live.players.get_by_role("slider")
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^step 8 of 8"))
    # To the notebook these would mean: choose the next cell, and delete it.
    for key in ("ArrowDown", "d", "d"):
        slider.press(key)
    expect(live.cells).to_have_count(2)
    expect(live.cells.first).to_have_class(re.compile("jp-mod-active"))


def test_inputs_typed_on_the_page_are_traced_by_the_kernel(
    jupyterlab: Server,
    page: Page,
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    cell = (
        "import adviz as ad\nimport numpy as np\n\n"
        "def f(x1, x2):\n    return x1 * x2 + x2 - np.log(x1)\n\n"
        "def picky(x1, x2):\n"
        "    if x1 < 0:\n        raise ValueError('not below zero')\n"
        "    if x1 > 10:\n        return x1 * 2\n"
        "    return f(x1, x2)\n\n"
        "ad.step(picky, 3, -4, which='reverse')"
    )
    square = "import adviz as ad\nad.step(lambda x: x * x, 3)"
    played = "ad.trace(abs, 3).play('reverse')"
    write_cells(jupyterlab.notebooks / "stepper.ipynb", square, played, square, cell)
    page.set_viewport_size({"width": 1400, "height": 4000})  # all cells in sight
    shown = jupyterlab.open(page, "stepper.ipynb")
    shown.run_all()
    # A live player and a played trace leave each other alone.
    expect(shown.players).to_have_count(4)
    passes = ("Primal", "Reverse", "Primal", "Reverse")
    for player, which in zip(shown.players.all(), passes, strict=True):
        expect(player.get_by_role("radio", name=which)).to_be_checked()

    player = shown.players.last
    player.get_by_role("slider", name="Step").fill("3")
    field = player.get_by_role("spinbutton", name="x 1, input")
    field.fill("2")
    field.press("Enter")
    product = player.locator("tbody tr").nth(4)  # two decisions stand before it
    expect(product).to_contain_text("−8")
    # Where the reader was, the new trace stands too.
    expect(player.locator("output")).to_have_text("step 3 of 8 · reverse")
    expect(field).to_be_focused()

    # The page stops at the comparison; the kernel runs the function beyond it.
    field.fill("-1")
    field.press("Enter")
    expect(player.get_by_role("group", name="Note")).to_contain_text("x1 < 0")
    player.get_by_role("button", name="Run picky at −1").click()
    expect(page.get_by_role("alert")).to_contain_text("not below zero")
    expect(product).to_contain_text("−0.4")
    field.fill("20")
    field.press("Enter")
    player.get_by_role("button", name="Run picky at 20").click()
    expect(player.locator("tbody th")).to_have_count(3)
    expect(player.locator(".adviz-result")).to_have_text("40")
    expect(field).to_have_value("20")
    screenshot(page, "stepper")
    assert accessibility_violations(page) == []


TRAINING = """
import adviz as ad
train, test = ad.learn.digits()
start = ad.learn.perceptron_parameters(64, 16, 10)
run = ad.learn.train(ad.learn.perceptron, start, train, test=test, epochs=40)
run
"""


def test_a_training_is_watched_and_leaves_its_curves(jupyterlab: Server, page: Page) -> None:
    write_cells(jupyterlab.notebooks / "training.ipynb", TRAINING)
    shown = jupyterlab.open(page, "training.ipynb")
    shown.wait_until_idle()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    bar, curves = page.locator("progress"), page.locator(".jp-RenderedImage img")
    expect(bar).to_be_visible(timeout=60_000)
    expect(page.get_by_role("progressbar", name=re.compile("training .* of 40"))).to_be_visible()
    expect(curves).to_be_visible(timeout=60_000)
    first = curves.get_attribute("src")
    expect(shown.output(0).last).to_contain_text("<Training: 40 epochs", timeout=90_000)
    expect(bar).to_have_count(0)
    expect(curves).to_have_count(1)
    assert curves.get_attribute("src") != first
