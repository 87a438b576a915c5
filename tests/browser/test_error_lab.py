"""The laboratory of numerical differentiation in JupyterLab, by mouse and by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import nbformat
from playwright.sync_api import expect

from tests.browser.jupyter import write_cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.jupyter import Server

CELL = """
import adviz as ad
import numpy as np

def f(x):
    return np.exp(x) / (np.sin(x) ** 3 + np.cos(x) ** 3)

ad.error_lab(f, 1.5)
"""


def test_h_is_dragged_and_the_function_typed(
    jupyterlab: Server,
    page: Page,
    accessibility_violations: Callable[..., list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    path = jupyterlab.notebooks / "error-lab.ipynb"
    write_cells(path, CELL)
    jupyterlab.use_theme("light")
    shown = jupyterlab.open(page, path.name)
    shown.run_all()
    cell = shown.cells.first
    reading = cell.locator(".jp-RenderedHTML").last
    expect(reading).to_contain_text("forward, h = 1e-08")
    expect(reading).to_contain_text("· 8 cancelled")

    slider = cell.get_by_role("slider", name="h", exact=True)
    slider.focus()
    for _ in range(2):
        slider.press("ArrowLeft")
    expect(reading).to_contain_text("h = 3.2e-09")
    expect(slider).to_have_attribute("aria-valuetext", "3.2e-09")
    typed = cell.get_by_label("f(x) =")
    typed.fill("sin(x")
    typed.press("Enter")
    expect(cell.get_by_role("alert")).to_contain_text("is no formula")
    expect(reading).to_contain_text("h = 3.2e-09")
    themes: tuple[Literal["dark", "light"], ...] = ("dark", "light")
    for theme in themes:
        shown.use_theme(theme)
        screenshot(page, f"error-lab-{theme}")
        assert accessibility_violations(page, ".adviz-laboratory") == []

    typed.fill("sin(x) * x")
    typed.press("Enter")
    expect(reading).to_contain_text("for 1.10360")  # sin 1.5 + 1.5 cos 1.5
    expect(cell.get_by_role("alert")).to_have_count(0)
    cell.get_by_label("Look at").select_option("central")
    expect(reading).to_contain_text("central, h = 3.2e-09")
    box_of_nine = cell.get_by_role("checkbox", name="9-point")
    box_of_nine.focus()
    page.keyboard.press("Space")
    expect(box_of_nine).to_be_checked()
    cell.get_by_label("in", exact=True).select_option("float32")
    slider.hover()
    box = slider.bounding_box()
    assert box is not None
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.93, box["y"] + box["height"] / 2)
    expect(reading).to_contain_text("h = 0.")  # far right: truncation
    page.mouse.up()
    slider.fill("68")
    expect(reading).to_contain_text("central, h = 0.001")
    shown.save()
    saved = nbformat.read(path, as_version=4).cells[0].outputs
    assert "run this cell" in saved[0]["data"]["text/plain"]
    assert saved[1]["data"]["image/png"]
    assert "central, h = 0.001" in saved[2]["data"]["text/plain"]
