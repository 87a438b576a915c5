"""The lessons in JupyterLite: a folder of files plays them, with no kernel and no other host."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT
from tests.browser.jupyter import MIME_TYPE
from tests.browser.test_lessons_play import LESSONS, bundles, expected, played_to_the_end
from tests.browser.test_questions import card, check_by_key

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ENVIRONMENT = ROOT / ".venv-lite"
PYTHON = ENVIRONMENT / "bin" / "python"
MOST_MEGABYTES = 50
PYODIDE = "https://cdn.jsdelivr.net/pyodide/"
SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden)"
STARTING = "export const loadPyodide = () => new Promise(() => {});"
"""A Pyodide that starts for ever."""


class Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/favicon.ico":  # which browsers ask any server for
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert PYTHON.exists(), f"{PYTHON} is missing: make .venv-lite/adviz installs it"
    folder = tmp_path_factory.mktemp("lite") / "site"
    subprocess.run([PYTHON, ROOT / "lite" / "build.py", folder], check=True, timeout=300)
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=site))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_kernel_installs_adviz_from_the_site_and_its_python_imports_it(site: Path) -> None:
    folder = ENVIRONMENT / "javascript"
    (micropip,) = folder.glob("micropip-*.whl")
    pyodide = folder / "node_modules" / "pyodide"
    node = Path(sys.prefix, "bin", "node")
    done = subprocess.run(
        [node, ROOT / "tests" / "javascript" / "pyodide.js", pyodide, site, micropip],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {"numpy", "matplotlib", "scipy"} <= set(found["asked"])
    assert not {"jupyterlab", "graphviz-pure"} & {*found["asked"], *found["installed"]}
    assert "adviz-autodiff" in found["installed"]
    modules = {path.stem for path in (ROOT / "adviz").rglob("*.py")}
    assert modules == {name.rpartition(".")[2] for name in found["compiled"]}


def opened(page: Page, lesson: str) -> Locator:
    """The lesson, opened in the file browser as a reader does."""
    page.locator(".jp-DirListing-item", has_text=lesson).dblclick()
    shown = page.locator(SHOWN)
    expect(page.locator(".lm-mod-current.jp-mod-current")).to_contain_text(lesson)
    shown.locator(".jp-Cell").first.wait_for()
    return shown


def test_the_site_has_the_lessons_as_they_were_saved_and_what_the_kernel_installs(
    site: Path,
) -> None:
    size = sum(file.stat().st_size for file in site.rglob("*") if file.is_file())
    assert size < MOST_MEGABYTES * 1e6
    for path in LESSONS:
        lesson = nbformat.read(site / "files" / path.name, as_version=4)
        nbformat.validate(lesson)
        cells = [cell for cell in lesson.cells if not cell.id.startswith("lite-")]
        assert cells == nbformat.read(path, as_version=4).cells
        first = next(cell for cell in lesson.cells if cell.cell_type == "code")
        assert first.source.startswith("%pip install -q adviz-autodiff")
    (config,) = (json.loads(f.read_text()) for f in [site / "jupyter-lite.json"])
    settings = config["jupyter-config-data"]["litePluginSettings"]
    urls = settings["@jupyterlite/pyodide-kernel-extension:kernel"]["pipliteUrls"]
    (index,) = (site / url.split("?")[0] for url in urls if "extensions" not in url)
    wheels = json.loads(index.read_text())
    assert {"adviz-autodiff", "anywidget", "mistune"} <= set(wheels)
    for package in wheels.values():
        for files in package["releases"].values():
            assert all((index.parent / file["url"]).is_file() for file in files)
            assert all(file["filename"].endswith("-none-any.whl") for file in files)


def test_lessons_play_without_kernel_and_ask_no_other_host(address: str, page: Page) -> None:
    foreign: list[str] = []

    def listen(url: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            foreign.append(url)

    page.context.on("request", lambda request: listen(request.url))
    page.goto(f"{address}lab/index.html?path={LESSONS[0].name}")
    page.locator(".jp-NotebookPanel .adviz").first.wait_for()
    lesson = json.loads(LESSONS[0].read_text(encoding="utf-8"))
    document = next(bundles(lesson))[MIME_TYPE]
    player = page.locator(".jp-NotebookPanel .adviz").first
    for which, how in (("forward", "mouse"), ("reverse", "keyboard")):
        assert played_to_the_end(player, which, how) == expected(document, which)

    shown = opened(page, "01-evaluation-trace")
    answer = shown.locator("summary", has_text="Show the answer").first
    table = shown.locator(".adviz-reveal").first.locator("pre, p").first
    expect(table).to_be_hidden()
    answer.press("Enter")
    expect(table).to_be_visible()

    opened(page, "03-reverse-mode")
    question = card(page, re.compile("The logarithm goes up"))
    question.get_by_role("textbox").fill("1")
    check_by_key(question, "The size is right.")
    question.get_by_role("textbox").fill("-1")
    check_by_key(question, "Right.")

    expect(page.locator(SHOWN)).to_contain_text("No Kernel")
    assert page.workers == []
    assert foreign == []

    # A cell that is run starts the kernel without a question: only now Pyodide is asked for.
    script = {"content_type": "text/javascript", "headers": {"Access-Control-Allow-Origin": "*"}}
    page.context.route(f"{PYODIDE}**", lambda route: route.fulfill(body=STARTING, **script))
    with page.expect_request(f"{PYODIDE}**"):
        page.locator(SHOWN).get_by_text("%pip install").click()
        page.keyboard.press("Shift+Enter")
    expect(page.locator(SHOWN)).to_contain_text("Python (Pyodide)")
    assert page.get_by_role("dialog").count() == 0
    assert all(url.startswith(PYODIDE) for url in foreign)
