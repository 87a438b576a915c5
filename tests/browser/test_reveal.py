"""Folded answers: with a kernel, saved and not trusted, and as a page of nbconvert."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import expect

from tests.browser.jupyter import Server, write_cells

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Locator, Page

CELLS = (
    "import adviz as ad\n"
    "square = ad.trace(lambda x: x * x, 3)\n"
    "ad.reveal(\n"
    '    "two < three arrows", square, square.graph(), ad.jacobian_lab(lambda x: x * x, 3),\n'
    "    hide_source=True,\n)",
    'print("the next cell")',
)

PICTURE = ".jp-Notebook .adviz-reveal img"


def check_that_it_opens(page: Page, shown: list[Locator]) -> None:
    """What is folded away is seen when somebody asks for it by keyboard, and not before."""
    summary = page.locator("summary", has_text="Show the answer")
    expect(summary).to_be_visible()
    source = page.locator(".jp-CodeCell .jp-Cell-inputWrapper", has_text="two < three arrows")
    shown = [source, *shown]
    hidden = [page.locator("p", has_text=re.compile("^two < three arrows$")), *shown]
    for thing in hidden:
        expect(thing).to_be_attached()
        expect(thing).to_be_hidden()
    summary.press("Enter")
    for thing in hidden:
        expect(thing).to_be_visible()
    summary.press("Enter")
    for thing in hidden:
        expect(thing).to_be_hidden()
    summary.click()


@pytest.fixture(scope="module")
def ran(jupyterlab: Server, context: BrowserContext) -> Path:
    """The notebook, run in JupyterLab and saved there."""
    path = jupyterlab.notebooks / "reveal.ipynb"
    write_cells(path, *CELLS)
    page = context.new_page()
    notebook = jupyterlab.open(page, path.name)
    notebook.run_all()
    laboratory = page.locator(".adviz-laboratory")
    check_that_it_opens(
        page, [notebook.players.locator(".adviz-frame"), page.locator(PICTURE), laboratory]
    )
    # It was laid out while nobody could see it, and fits all the same.
    player = notebook.players.locator(".adviz-frame").bounding_box()
    for box in notebook.players.locator("svg .adviz-node").all():
        inside = box.bounding_box()
        assert player["x"] < inside["x"] < inside["x"] + inside["width"]
        assert inside["x"] + inside["width"] < player["x"] + player["width"]
    notebook.save()
    page.close()
    return path


def test_a_saved_notebook_without_trust_keeps_it_folded(
    ran: Path, jupyter: Server, page: Page
) -> None:
    notebook = nbformat.read(ran, 4)
    missing = "kernel-that-no-machine-has"
    kernel = {"name": missing, "display_name": missing, "language": missing}
    notebook.metadata = nbformat.from_dict({"kernelspec": kernel})
    nbformat.write(notebook, jupyter.notebooks / "untrusted.ipynb")
    shown = jupyter.open(page, "untrusted.ipynb")
    shown.choose_no_kernel()
    check_that_it_opens(page, [shown.players.locator(".adviz-frame"), page.locator(PICTURE)])
    assert page.locator(".jp-Notebook style").count() == 0, "it was trusted"


def test_a_page_made_by_nbconvert_keeps_it_folded(ran: Path, page: Page, tmp_path: Path) -> None:
    text, _ = HTMLExporter().from_filename(str(ran))
    (tmp_path / "reveal.html").write_text(text, encoding="utf-8")
    page.route(re.compile("^https:"), lambda route: route.fulfill(body=""))  # MathJax and the like
    page.goto((tmp_path / "reveal.html").as_uri())
    check_that_it_opens(page, [page.locator(".jp-RenderedHTML table").first])
