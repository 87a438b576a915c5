"""A laboratory in JupyterLab: controls by mouse and keys, its last state in the saved notebook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import nbformat
from playwright.sync_api import expect

from tests.browser.jupyter import write_cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.jupyter import Server

CELL = """
import ipywidgets
from adviz.figure import drawing, label_lines
from adviz.jupyter.laboratory import Laboratory, Slider

def show(n, shape):
    if n == 5:
        raise ValueError("five is not shown")
    with drawing(f"{n} points of a {shape}", height=2.5) as (figure, (axes,)):
        axes.plot(range(n), [{"line": k, "parabola": k * k}[shape] for k in range(n)], label=shape)
        label_lines(axes)
    return figure, f"{shape} with {n} points"

Laboratory(
    {
        "n": Slider("points", [3, 4, 5, 6], ["3", "4", "5", "6"], 4),
        "shape": ipywidgets.Dropdown(description="shape", options=["line", "parabola"]),
    },
    show,
    "points",
)
"""


def test_controls_change_what_is_shown_and_saved(
    jupyterlab: Server,
    page: Page,
    accessibility_violations: Callable[..., list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    path = jupyterlab.notebooks / "laboratory.ipynb"
    write_cells(path, CELL)
    jupyterlab.use_theme("light")
    shown = jupyterlab.open(page, path.name)
    shown.run_all()
    cell = shown.cells.first
    text = cell.locator(".jp-RenderedText").last
    expect(text).to_contain_text("line with 4 points")

    slider = cell.get_by_role("slider", name="points")
    slider.focus()
    slider.press("ArrowLeft")
    expect(text).to_contain_text("line with 3 points")
    expect(slider).to_have_attribute("aria-valuetext", "3")
    expect(slider).to_be_focused()
    cell.get_by_label("shape").select_option("parabola")
    expect(text).to_contain_text("parabola with 3 points")

    slider.fill("2")
    expect(cell.get_by_role("alert")).to_contain_text("ValueError: five is not shown")
    expect(text).to_contain_text("parabola with 3 points")
    themes: tuple[Literal["dark", "light"], ...] = ("dark", "light")
    for theme in themes:
        shown.use_theme(theme)
        assert accessibility_violations(page, ".adviz-laboratory") == []
        screenshot(page, f"laboratory-{theme}")
    slider.fill("3")
    expect(text).to_contain_text("parabola with 6 points")
    expect(cell.get_by_role("alert")).to_have_count(0)

    shown.save()
    saved = nbformat.read(path, as_version=4).cells[0].outputs
    described = [output["data"]["text/plain"] for output in saved]
    assert re.match("<laboratory of points>: run this cell", described[0])
    assert described[1:] == ["<figure: 6 points of a parabola>", "'parabola with 6 points'"]
    assert saved[1]["data"]["image/png"]
