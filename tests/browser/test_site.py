"""The site, made once and opened from disk: what a visitor sees, and what it asks the network."""

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
        page.goto((site / name).as_uri())
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
    described = {
        name for kind, names in inventory.items() if kind.startswith("py:") for name in names
    }
    named = {f"adviz.{name}" for name in ad.__all__}
    named |= {f"adviz.learn.{name}" for name in ad.learn.__all__}
    named |= {f"adviz.Trace.{name}" for name in ("play", "table", "reverse", "to_html", "rows")}
    assert named <= described
    assert not [name for name in described if name.startswith("adviz.adviz")]


def test_the_first_page_plays_and_leads_on(visit, accessibility_violations):
    page = visit("index.html")
    player = page.locator(".adviz")
    step = player.locator(".adviz-transport")
    expect(step).to_contain_text("step 4 of 8")
    player.get_by_role("button", name="Next").click()
    expect(step).to_contain_text("step 5 of 8")
    page.keyboard.press("ArrowLeft")
    expect(step).to_contain_text("step 4 of 8")
    assert accessibility_violations(page, "body") == []

    page.get_by_role("button", name="Color mode").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("[data-theme=dark] > .adviz")).to_be_visible()  # the player follows
    assert accessibility_violations(page, ".bd-article") == []

    doors = page.locator(".door")
    expect(doors).to_have_count(3)
    assert len({door.bounding_box()["y"] for door in doors.all()}) == 1  # beside one another
    doors.get_by_role("link", name="Start here").click()
    expect(page).to_have_url(re.compile("notebooks/00-start-here.html$"))
    expect(page.get_by_role("button", name=re.compile("Binder|Colab|Run this"))).to_have_count(0)


def test_a_lesson_is_worked_through(visit, accessibility_violations):
    page = visit("notebooks/03-reverse-mode.html")
    exercise = page.locator(".adviz", has_text="The first two contributions").first
    first, second = exercise.get_by_role("textbox").all()
    first.fill("1")
    second.fill("1")  # the sign is wrong
    exercise.get_by_role("button", name="Check").click()
    expect(exercise).to_contain_text("sign")
    expect(exercise.get_by_text("1 of 2").first).to_be_visible()
    assert (
        accessibility_violations(page, "header, .bd-sidebar-primary, .bd-sidebar-secondary") == []
    )

    page = visit("notebooks/07-jacobians-and-products.html", scheme="dark")
    expect(page.locator("[data-theme=dark] > .adviz").first).to_be_visible()
    expect(page.locator("[data-theme=light]")).to_have_count(0)
    answer = page.locator("details.adviz-followed").first
    laboratory = page.locator(".cell", has=answer).get_by_text("J r, from 1 forward pass")
    expect(answer.locator("summary")).to_be_visible()
    expect(laboratory).to_be_hidden()
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(laboratory).to_be_visible()
    answer.evaluate("(answer) => answer.scrollIntoView()")
    top = answer.locator("summary").bounding_box()["y"]
    header = page.locator(".bd-header-article").bounding_box()
    assert top >= header["y"] + header["height"]  # beneath what stays at the top


def test_the_reference_and_the_search(visit, accessibility_violations):
    page = visit("api/derivatives.html")
    expect(page.locator('[id="adviz.grad"]')).to_have_text(re.compile(r"grad\(f, argnums=0"))
    assert accessibility_violations(page, "#gradients-and-products") == []
    page.get_by_role("button", name="Search").first.click()
    page.get_by_role("searchbox").or_(page.get_by_placeholder("Search")).first.fill("Hessian")
    page.keyboard.press("Enter")
    expect(page.locator("ul.search")).to_contain_text("Jacobians and products")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_all_without_scrolling_sideways(visit, scheme, screenshot):
    for name in ("index", "notebooks/04-arrays", "api/traces", "docs/catalogue"):
        page = visit(f"{name}.html", PHONE, scheme)
        expect(page.locator(".bd-article h1")).to_be_visible()
        assert sideways(page) == 0, name
        screenshot(page, f"site-{name.replace('/', '-')}-{scheme}-390")


def test_without_scripts_the_table_stands_there(chromium: Browser, site):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    expect(page.get_by_role("table").first).to_contain_text("v")
    expect(page.locator("[data-adviz] caption")).to_be_visible()
    context.close()
