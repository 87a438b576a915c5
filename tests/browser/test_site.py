"""The site, made once and opened from disk: what a visitor sees, and what is asked of other sites."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sphinx.util.inventory import InventoryFile

import adviz as ad
from tests.site import build

PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1400, "height": 900}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of its pages; a warning, or a link that leads nowhere, is an error."""
    return build(tmp_path_factory.mktemp("site"))


@pytest.fixture
def visit(page: Page, site: Path) -> Iterator[Callable[..., Page]]:
    """Opens a page of the site; at the end nothing was asked of the network."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    def open_page(name: str, size: dict[str, int] = WIDE, scheme: str = "light") -> Page:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.goto((site / name.partition("?")[0]).as_uri() + name[len(name.partition("?")[0]) :])
        return page

    yield open_page
    assert asked
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def sideways(page: Page) -> int:
    """How many pixels of a page stand out to its right."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_every_public_name_is_in_the_reference(site):
    with (site / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", lambda _, name: name)
    described = {name for kind, names in inventory.items() if kind.startswith("py:") for name in names}
    named = {f"adviz.{name}" for name in ad.__all__}
    named |= {f"adviz.learn.{name}" for name in ad.learn.__all__}
    named |= {f"adviz.Trace.{name}" for name in ("play", "table", "reverse", "to_html", "rows")}
    assert named <= described
    assert not [name for name in described if name.startswith("adviz.adviz")]


def test_the_first_page_plays_and_leads_on(visit, accessibility_violations):
    page = visit("index.html")
    player = page.locator(".adviz")
    step = player.locator('[aria-current="step"]')
    before = step.inner_text()
    player.get_by_role("button", name=re.compile("Next step|Step forward")).first.click()
    expect(step).not_to_have_text(before)
    after = step.inner_text()
    page.keyboard.press("ArrowLeft")
    expect(step).not_to_have_text(after)
    assert accessibility_violations(page, "html") == []

    doors = page.locator(".door")
    expect(doors).to_have_count(3)
    tops = {round(door.bounding_box()["y"]) for door in doors.all()}
    assert len(tops) == 1  # beside one another
    page.get_by_role("button", name=re.compile("[Cc]olor mode|theme")).first.click()
    doors.get_by_role("link", name="Start here").click()
    expect(page).to_have_url(re.compile("notebooks/00-start-here.html$"))
