"""Tries hosts that need an environment of their own, in a browser: marimo and Voila.

    make hosts      writes what plays into the table of docs/hosts.md

These hosts are slow to start, and change what JupyterLab loads: no test of every day runs them.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from playwright.sync_api import FrameLocator, Page, expect, sync_playwright

from tests.browser.hosts import SETUP, SOURCES, write_lesson
from tests.browser.test_hosts import check_exercise, check_question, check_trace

ROOT = Path(__file__).parents[2]
HOSTS = ROOT / ".venv-hosts/bin"
TABLE = ROOT / "docs/hosts.md"
WAIT = 120_000
"""Milliseconds that a host may take to show what it should."""

_MARIMO_CELL = "@app.cell\ndef _({names}):\n    {code}\n    return {returned}\n\n"


def marimo_file() -> str:
    """Return the lesson as a marimo notebook."""
    setup = SETUP.replace("\n", "\n    ")
    cells = [_MARIMO_CELL.format(names="", code=setup, returned="ad, f, lab, np")]
    cells += [
        _MARIMO_CELL.format(names="ad, f, lab, np", code=source, returned="")
        for source in SOURCES.values()
    ]
    return f"import marimo\n\napp = marimo.App()\n\n{''.join(cells)}"


def check_marimo(page: Page) -> None:
    """Each output that plays stands in a frame of its own; ``ad.step`` is a widget."""
    frames = [page.frame_locator("iframe[title=adviz]").nth(k) for k in range(5)]
    expect(frames[4].get_by_role("slider", name="h")).to_be_visible()  # nothing moves any more
    check_trace(frames[0])
    expect(frames[0].locator(".adviz-source")).to_contain_text("return x1 * x2 + x2 - np.log(x1)")
    check_exercise(frames[1])
    check_question(frames[2])
    _check_folded(frames[3])
    stepper = page.locator(".adviz").first
    stepper.get_by_role("button", name="Next").click()
    expect(stepper.locator("output").first).to_have_text(re.compile("^step 2 of 6"))


def check_voila(page: Page) -> None:
    """Voila has adviz's extension."""
    check_trace(page)
    check_exercise(page)
    check_question(page)
    _check_folded(page)


def _check_folded(shown: Page | FrameLocator) -> None:
    folded = shown.locator("details.adviz-reveal")
    answer = folded.get_by_text("The answer is")
    expect(answer).to_be_hidden()
    folded.locator("summary").first.click()
    expect(answer).to_be_visible()
    expect(folded.locator(".adviz-graph")).to_be_visible()


@contextmanager
def serving(*command: str | Path) -> Iterator[str]:
    """Run a server at a free port, and end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [*command, f"--port={port}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            deadline = time.monotonic() + WAIT / 1000
            while time.monotonic() < deadline:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def try_host(page: Page, address: str, check: Callable[[Page], None]) -> str:
    """Return what came of it, in a word or two."""
    foreign: list[str] = []
    own = re.compile(r"(http|ws)://(127\.0\.0\.1|localhost)[:/]|file:|data:|blob:|about:")
    page.on("request", lambda asked: own.match(asked.url) or foreign.append(asked.url))
    # A page that marimo exports takes marimo itself from there; here from where it is installed.
    static = next((HOSTS.parent / "lib").glob("python*/site-packages/marimo/_static"))
    page.route(
        re.compile(r"cdn\.jsdelivr\.net/npm/@marimo-team/frontend"),
        lambda route: route.fulfill(path=static / route.request.url.partition("/dist/")[2]),
    )
    try:
        page.goto(address)
        check(page)
    except Exception as error:  # noqa: BLE001 - what fails is told in the table
        sys.stderr.write(f"{address}: {error}\n")
        return "**fails**"
    origin = urlsplit(foreign[0]).netloc if foreign else ""
    return f"plays; the host itself fetches from {origin}" if foreign else "plays"


def version(package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run([HOSTS / "python", "-c", code], capture_output=True, text=True)
    return done.stdout.strip()


def main() -> int:
    results = {}
    with TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        lesson = folder / "lesson.py"
        lesson.write_text(marimo_file(), encoding="utf-8")
        notebook = folder / "lesson.ipynb"
        write_lesson(notebook)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        expect.set_options(timeout=WAIT)

        def new_page() -> Page:
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            page.set_default_timeout(WAIT)
            return page

        marimo = HOSTS / "marimo"
        options = ("--headless", "--no-token", "--host=127.0.0.1")
        with serving(marimo, "run", lesson, *options) as address:
            results["marimo run"] = try_host(new_page(), address, check_marimo)
        page = folder / "lesson.html"
        subprocess.run([marimo, "export", "html", lesson, "-o", page], check=True)
        results["marimo export"] = try_host(new_page(), page.as_uri(), check_marimo)
        voila = ("--no-browser", "--Voila.ip=127.0.0.1")
        with serving(HOSTS / "voila", notebook, *voila) as address:
            results["Voila"] = try_host(new_page(), address, check_voila)
        browser.close()
    _write(results)
    return int(any("fails" in result for result in results.values()))


def _write(results: dict[str, str]) -> None:
    versions = {"marimo": version("marimo"), "Voila": version("voila")}
    rows = ["| host | version | result |", "|---|---|---|"]
    rows += [
        f"| {host} | {versions[host.split()[0]]} | {result} |" for host, result in results.items()
    ]
    table = "\n".join(rows)
    sys.stdout.write(f"{table}\n")
    text = TABLE.read_text(encoding="utf-8")
    begin, end = "<!-- make hosts -->\n", "\n<!-- end -->"
    before, after = text.partition(begin)[0], text.partition(end)[2]
    TABLE.write_text(f"{before}{begin}{table}{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
