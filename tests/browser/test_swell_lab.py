"""The laboratory of expression swell in JupyterLab: by mouse, by keys, interrupted, saved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import nbformat
from playwright.sync_api import expect

from tests.browser.jupyter import write_cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.jupyter import Notebook, Server


def opened(jupyterlab: Server, page: Page, name: str) -> Notebook:
    cell = "import adviz as ad\nlab = ad.swell_lab('logistic', 3)\nlab"
    write_cells(jupyterlab.notebooks / name, cell)
    shown = jupyterlab.open(page, name)
    shown.run_all()
    return shown


def row(table: Locator, beginning: str) -> Locator:
    return table.get_by_role("row", name=re.compile(f"^{beginning} "))


def test_sharing_turns_the_tree_into_the_dag(
    jupyterlab: Server,
    page: Page,
    accessibility_violations: Callable[..., list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    jupyterlab.use_theme("light")
    page.set_viewport_size({"width": 1400, "height": 1500})
    name = "swell.ipynb"
    shown = opened(jupyterlab, page, name)
    cell = shown.cells.first
    drawing = cell.locator(".jp-RenderedSVG").last
    expect(drawing).to_be_visible()
    counts = cell.locator("table").last
    expect(row(counts, "tree 23")).to_be_visible()
    expect(cell.get_by_text("All agree with the true value")).to_be_visible()
    # The document stands beside the widget, which is preferred where there is a kernel.
    assert page.get_by_role("region", name="Expression swell").count() == 0
    screenshot(page, "swell-tree")
    tree = drawing.locator("img").get_attribute("src") or ""

    share = cell.get_by_label("share subexpressions")
    share.focus()
    page.keyboard.press("Space")
    expect(cell.get_by_text("Every subexpression once: 13 operations")).to_be_visible()
    expect(drawing.locator("img")).not_to_have_attribute("src", tree)
    screenshot(page, "swell-dag")

    slider = cell.get_by_role("slider", name="n")
    slider.press("ArrowRight")
    expect(row(counts, "tree 71")).to_be_visible()
    slider.press("End")
    expect(counts).to_contain_text("1.61×10³⁰⁴")
    expect(counts).to_contain_text("7,989")
    themes: tuple[Literal["dark", "light"], ...] = ("dark", "light")
    for theme in themes:
        shown.use_theme(theme)
        screenshot(page, f"swell-large-{theme}")
        assert accessibility_violations(page, ".adviz-laboratory") == []

    cell.get_by_label("map", exact=True).select_option("network")
    expect(cell.get_by_role("alert")).to_contain_text("network is shown up to n = 16")

    shown.save()
    outputs = nbformat.read(jupyterlab.notebooks / name, as_version=4).cells[0].outputs
    kept = [set(output["data"]) for output in outputs]
    assert "run this cell" in outputs[0]["data"]["text/plain"]
    assert "7,989 operations" in outputs[1]["data"]["text/markdown"]
    assert {"image/svg+xml", "image/png"} <= kept[2]
    assert "1.61×10³⁰⁴" in outputs[3]["data"]["text/html"]
    assert "image/png" in kept[4]


def test_an_interrupted_simplification_leaves_it_usable(jupyterlab: Server, page: Page) -> None:
    jupyterlab.use_theme("light")
    cell = opened(jupyterlab, page, "swell-interrupted.ipynb").cells.first
    counts = cell.locator("table").last
    slider = cell.get_by_role("slider", name="n")
    slider.fill("7")  # n = 8, for which SymPy takes far longer than anybody waits
    expect(counts).to_contain_text("2,687")
    busy = page.locator('.jp-Notebook-ExecutionIndicator[data-status="busy"]')
    cell.get_by_label(re.compile("let SymPy simplify")).check()
    busy.wait_for()
    page.wait_for_timeout(1500)  # within the simplification
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Interrupt Kernel").click()
    expect(counts).to_contain_text("interrupted by you")
    slider.fill("2")
    expect(row(counts, "SymPy simplified 8")).to_be_visible()
