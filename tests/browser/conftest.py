"""Fixtures of the browser tests: Chromium, the two Jupyter applications, a page with its errors."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.jupyter import Server

ROOT = Path(__file__).parents[2]
PATIENCE = 60_000
"""Milliseconds that a page may take to show what it should, on a machine that is busy."""

REST = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    const running = () =>
        document.getAnimations()
            .filter((one) => one.effect?.getComputedTiming().endTime < Infinity);
    await frame();
    await frame();
    while (running().some((one) => one.playState === "running")) await frame();
}"""
"""Waits until a page is laid out and no colour is on its way from one look to the next."""

expect.set_options(timeout=PATIENCE)

CHROMIUM_FLAGS = [
    # Chromium refuses to sandbox itself for root, which is who runs in a container.
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail(
            "The browser tests need Chromium, and none of "
            f"{', '.join(names)} is on the PATH: install your system's package "
            "(Debian: apt-get install chromium).",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(chromium: Browser) -> BrowserContext:
    """What all pages share: the scripts of the player and of Jupyter, loaded and compiled once."""
    return chromium.new_context(viewport={"width": 1400, "height": 1000})


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """An empty page, which fails the test when anything in it reports an error."""
    errors: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location['url']})")

    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", listen)
    page.on("pageerror", lambda error: errors.append(error.stack or str(error)))
    yield page
    page.close()
    context.set_offline(False)
    # Notebook 7 reports an error of its own, about its settings, whenever it starts.
    own = re.compile(r"TypeError: .*\(reading 'schema'\)\n.*/static/notebook/notebook_core\.")
    assert [error for error in errors if not own.match(error)] == []


@pytest.fixture(scope="session", autouse=True)
def _installed_player_is_this_one() -> None:
    """Jupyter serves the copy that was installed: refuse to test an older one."""
    extension = Path(sys.prefix, "share", "jupyter", "labextensions", "adviz-autodiff")
    ours, *installed = (
        {path.relative_to(folder): path.read_text() for path in folder.rglob("*.*s")}
        for folder in (ROOT / "adviz" / "player", *extension.glob("static/*/adviz/player"))
    )
    if installed != [ours]:
        pytest.fail("The installed player is not this checkout's: say make test.", pytrace=False)


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server("jupyterlab", "lab/tree", tmp_path_factory.mktemp("jupyterlab"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def notebook7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server("notebook", "notebooks", tmp_path_factory.mktemp("notebook"))
    yield server
    server.close()


@pytest.fixture(params=["jupyterlab", "notebook7"])
def jupyter(request: pytest.FixtureRequest) -> Server:
    """Each of the two applications in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def accessibility_violations() -> Callable[..., list[str]]:
    """Ask axe-core about the players on a page, or other things: WCAG 2.2, levels A and AA."""

    def check(page: Page, context: str = ".adviz") -> list[str]:
        # Jupyter's body has no height of its own and hides what overflows: axe-core would take
        # everything in it for hidden, and check the contrast of nothing.
        page.add_style_tag(content="body { overflow: visible !important }")
        page.evaluate(REST)
        options: dict[str, Any] = {
            "runOnly": {"type": "tag", "values": WCAG},
            "preload": False,  # style sheets, which a page from disk may not read
            "resultTypes": ["violations"],  # of what passes one element a rule, not thousands
        }
        found = Axe().run(page, context=context, options=options).response
        checked = {rule["id"] for rule in found["passes"] + found["violations"]}
        assert "color-contrast" in checked, "axe-core saw no text, or something that covers it"
        return [
            f"{rule['id']}: {node['html']} {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    return check


@pytest.fixture
def screenshot() -> Callable[[Page | Locator, str], None]:
    """Keep a picture in the folder that ADVIZ_SCREENSHOTS names, if it names one."""

    def keep(shown: Page | Locator, name: str) -> None:
        if folder := os.environ.get("ADVIZ_SCREENSHOTS"):
            shown.screenshot(path=Path(folder) / f"{name}.png")

    return keep
