"""A Jupyter server for the tests, and the steps by which a person uses it in a browser."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.request import Request, urlopen

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

MIME_TYPE = "application/vnd.adviz.trace+json"
STARTING = 180
"""Seconds that a server or a kernel may take to start and to compute, on a machine that is busy."""


class Server:
    """JupyterLab or Notebook 7 on a port of its own, touching nothing of the user's.

    ``documents`` is the part of its addresses that stands before a notebook's path.
    """

    def __init__(self, module: str, documents: str, folder: Path) -> None:
        self.documents = documents
        self.notebooks = folder / "notebooks"
        places = {
            "JUPYTER_CONFIG_DIR": folder / "config",
            "JUPYTER_DATA_DIR": folder / "data",
            "JUPYTER_RUNTIME_DIR": folder / "runtime",
            "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
            "IPYTHONDIR": folder / "ipython",
        }
        for place in (self.notebooks, *places.values()):
            place.mkdir(parents=True)
        page_config = folder / "config" / "labconfig" / "page_config.json"
        page_config.parent.mkdir()
        quiet = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
        page_config.write_text(json.dumps(quiet))

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = folder / "server.log"
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", module, "--no-browser", "--allow-root"),
                    f"--ServerApp.port={port}",
                    f"--ServerApp.root_dir={self.notebooks}",
                    # So that a test can see whether the page has reached its kernel.
                    "--LabApp.expose_app_in_browser=True",
                    "--JupyterNotebookApp.expose_app_in_browser=True",
                ],
                env=os.environ | {name: str(place) for name, place in places.items()},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        told = folder / "runtime" / f"jpserver-{self.process.pid}.json"
        deadline = time.monotonic() + STARTING
        while not (told.exists() and listens(port)):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise RuntimeError(f"{module} did not start:\n{log.read_text()}")
            time.sleep(0.1)
        about = json.loads(told.read_text())
        self.url, self.token = about["url"], about["token"]

    def ask(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Answer of the server's own REST interface."""
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.url + path, data, headers, method=method)
        with urlopen(request, timeout=STARTING) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def has_kernel(self, notebook: str) -> bool:
        """Whether a kernel runs for a notebook."""
        return any(session["path"] == notebook for session in self.ask("api/sessions"))

    def use_theme(self, theme: Literal["light", "dark"]) -> None:
        """Choose the theme of every page opened from now on."""
        raw = json.dumps({"theme": f"JupyterLab {theme.title()}"})
        self.ask("lab/api/settings/@jupyterlab/apputils-extension:themes", "PUT", {"raw": raw})

    def open(self, page: Page, notebook: str) -> Notebook:
        """Open a notebook of this server's folder, and wait until it is shown.

        The kernels of other notebooks are ended: together they take gigabytes.
        """
        page.goto(f"{self.url}{self.documents}/{notebook}?reset&token={self.token}")
        shown = Notebook(page)
        shown.cells.first.wait_for()
        for session in self.ask("api/sessions"):
            if session["path"] != notebook:
                self.ask(f"api/sessions/{session['id']}", "DELETE")
        return shown

    def close(self) -> None:
        """End the server and its kernels."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def listens(port: int) -> bool:
    """Whether a server of this machine answers at a port; it writes down its address before."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Notebook:
    """A notebook that is open in a page, in either application."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cells = page.locator(".jp-Notebook .jp-Cell")
        self.players = page.locator(".jp-Notebook .adviz")

    def choose_no_kernel(self) -> None:
        """Answer the dialog of a notebook whose kernel this machine lacks."""
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("combobox").select_option(label="No Kernel")
        dialog.get_by_role("button", name=re.compile("^(Select|No Kernel)")).last.click()
        dialog.wait_for(state="detached")

    def use_theme(self, theme: Literal["light", "dark"]) -> None:
        """Change the theme of this page, and of every page opened from now on."""
        name = f"JupyterLab {theme.title()}"
        self.page.evaluate(
            "(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })", name
        )
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-name", name)
        # While the theme is loaded a screen of its own covers everything; then it fades.
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    def wait_for_kernel(self) -> None:
        """Wait until a kernel has started; where none answers, load the page again.

        A kernel takes ports that were free when Jupyter chose them. Where another process was
        faster it starts anew with others, and a page that was connected before never hears of it.
        """
        for _ in range(2):
            with suppress(PlaywrightTimeoutError):
                self.wait_until_idle(seconds=STARTING / 3)
                return
            self.page.reload()
            self.cells.first.wait_for()
        self.wait_until_idle()

    def wait_until_idle(self, seconds: float = STARTING) -> None:
        """Wait for a kernel that is running and has nothing to do."""
        # It is shown as idle before the page has reached it, and what is asked then is dropped.
        self.page.wait_for_function(
            """() => {
                const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
                const kernel = context?.session?.kernel;
                return context?.isReady
                    && kernel?.connectionStatus === "connected" && kernel.status === "idle";
            }""",
            timeout=seconds * 1000,
        )

    def run_all(self) -> None:
        """Run every cell by the menu, and wait until the last one has a new number."""
        prompts = self.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt")
        self.wait_for_kernel()
        before = prompts.last.inner_text()
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        expect(prompts.last).not_to_have_text(before, timeout=STARTING * 1000)
        expect(prompts.last).to_have_text(re.compile(r"\d"), timeout=STARTING * 1000)

    def save(self) -> None:
        """Save it by its key; again, where an output came while it was being saved."""
        dirty = self.page.locator(".jp-mod-dirty")
        for _ in range(5):
            self.wait_until_idle()
            self.page.keyboard.press("Control+s")
            with suppress(AssertionError):
                expect(dirty).to_have_count(0, timeout=5_000)
                return
        expect(dirty).to_have_count(0)

    def output(self, cell: int) -> Locator:
        """What a cell shows below its code."""
        return self.cells.nth(cell).locator(".jp-OutputArea-output")


def write_cells(path: Path, *sources: str) -> None:
    """Write a notebook of code cells that have not been run, for Python's kernel."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [new_code_cell(source) for source in sources]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def save_notebook(path: Path, *bundles: dict[str, Any], kernel: str = "python3") -> None:
    """Write a notebook as somebody else's Jupyter saved it: one executed cell a MIME bundle.

    No signature of it is kept, so Jupyter does not trust it.
    """
    cells = [
        new_code_cell(
            "f",
            id=f"cell-{count}",
            execution_count=count,
            outputs=[new_output("execute_result", data=bundle, execution_count=count)],
        )
        for count, bundle in enumerate(bundles, 1)
    ]
    metadata = {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
