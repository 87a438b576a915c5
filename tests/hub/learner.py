"""A learner as the hub sees one: logs in, follows the class's link, runs the cells of a lesson."""

from __future__ import annotations

import json
import random
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import requests
import websocket

from deploy.link import FOLDER, link
from tests.hub.server import Hub

PATIENCE = 180
"""Seconds after which a server or a cell that has not answered counts as an error."""


@dataclass
class Timings:
    """What one learner waited for, in seconds."""

    arrival: float = 0
    kernel: float = 0
    cells: list[float] = field(default_factory=list)
    """The first of them imports adviz."""
    errors: list[str] = field(default_factory=list)


class Learner:
    """A learner of a given name, with the cookies of one browser."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub = hub
        self.name = name
        self.browser = requests.Session()
        self.server = f"{hub.address}/user/{name}"
        self.session: str | None = None
        """Of the kernel of the lesson that is open."""

    def arrive(self, timings: Timings) -> None:
        """Log in by the form and follow the link, which starts a server and fetches the lessons."""
        start = time.monotonic()
        self.log_in(self.hub.password)
        page = self.page_of_server(link(self.hub.address, self.hub.lessons), start)
        query = page.request.path_url.partition("?")[2]
        fetching = f"{self.server}/git-pull/api?{query}"
        with self.browser.get(fetching, timeout=PATIENCE, stream=True) as events:
            events.raise_for_status()
            phases = [
                json.loads(line[6:]) for line in events.iter_lines() if line.startswith(b"data: ")
            ]
        if phases[-1]["phase"] != "finished":
            raise RuntimeError(f"the lessons were not fetched: {phases[-1]}")
        timings.arrival = time.monotonic() - start

    def log_in(self, password: str) -> None:
        login = f"{self.hub.address}/hub/login"
        form = self.browser.get(login, timeout=PATIENCE).text
        (token,) = re.findall(r'name="_xsrf" value="([^"]*)"', form)
        entries = {"username": self.name, "password": password, "_xsrf": token}
        self.browser.post(login, data=entries, timeout=PATIENCE).raise_for_status()

    def page_of_server(self, address: str, start: float) -> requests.Response:
        """Return the page at an address of the learner's server, once that is up."""
        while time.monotonic() - start < PATIENCE:
            page = self.browser.get(address, timeout=PATIENCE)
            if page.ok and page.url.startswith(self.server):
                return page
            time.sleep(0.5)
        raise TimeoutError(f"{page.url} after {PATIENCE} s: {page.status_code}")

    def run(self, lesson: str, think: float, timings: Timings) -> None:
        """Open a lesson and run its cells, thinking so many seconds on average after each."""
        path = f"{FOLDER}/notebooks/{lesson}"
        notebook = self.browser.get(f"{self.server}/api/contents/{path}", timeout=PATIENCE)
        notebook.raise_for_status()
        start = time.monotonic()
        channels = self.open_kernel(path)
        try:
            execute(channels, "pass")
            timings.kernel = time.monotonic() - start
            for cell in notebook.json()["content"]["cells"]:
                if cell["cell_type"] == "code":
                    start = time.monotonic()
                    errors = execute(channels, cell["source"])
                    timings.cells.append(time.monotonic() - start)
                    if "raises-exception" not in cell["metadata"].get("tags", []):
                        timings.errors += errors
                    time.sleep(random.uniform(0, 2 * think))
        finally:
            channels.close()

    def open_kernel(self, path: str) -> websocket.WebSocket:
        wanted = {"path": path, "type": "notebook", "name": path, "kernel": {"name": "python3"}}
        opened = self.browser.post(
            f"{self.server}/api/sessions", json=wanted, headers=self.token(), timeout=PATIENCE
        )
        opened.raise_for_status()
        self.session = opened.json()["id"]
        address = f"{self.server}/api/kernels/{opened.json()['kernel']['id']}/channels"
        cookies = self.browser.cookies.get_dict(path=f"/user/{self.name}/")
        return websocket.create_connection(
            address.replace("http", "ws", 1),
            cookie="; ".join(f"{name}={value}" for name, value in cookies.items()),
            timeout=PATIENCE,
        )

    def close_kernel(self) -> None:
        if self.session is not None:
            address = f"{self.server}/api/sessions/{self.session}"
            self.browser.delete(address, headers=self.token(), timeout=PATIENCE)
            self.session = None

    def token(self) -> dict[str, str]:
        """Return the header with which the learner's own page writes to the server."""
        return {"X-XSRFToken": self.browser.cookies.get("_xsrf", path=f"/user/{self.name}/") or ""}


def execute(channels: websocket.WebSocket, code: str) -> list[str]:
    """Run a cell until the kernel is idle again; return the errors that it raised."""
    message = uuid.uuid4().hex
    channels.send(json.dumps(execute_request(message, code)))
    errors = []
    while True:
        answer = json.loads(channels.recv())
        if answer["parent_header"].get("msg_id") != message:
            continue
        if answer["msg_type"] == "error":
            errors.append(f"{answer['content']['ename']}: {answer['content']['evalue']}")
        if answer["msg_type"] == "status" and answer["content"]["execution_state"] == "idle":
            return errors


def execute_request(message: str, code: str) -> dict[str, Any]:
    header = {"msg_id": message, "msg_type": "execute_request", "version": "5.3"}
    return {
        "header": header | {"username": "", "session": "learner"},
        "parent_header": {},
        "metadata": {},
        "content": {"code": code, "silent": False, "store_history": True, "allow_stdin": False},
        "channel": "shell",
        "buffers": [],
    }
