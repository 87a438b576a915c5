"""A JupyterHub on this machine, set up as deploy/values.yaml says.

Its programs come from .venv-hub, which the Makefile installs.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import requests
import yaml

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = ROOT / ".venv-hub" / "bin"
NODE = ROOT / ".venv" / "bin" / "node"
PROXY = ROOT / ".venv-hub/proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy"
VALUES = yaml.safe_load((ROOT / "deploy/values.yaml").read_text(encoding="utf-8"))
STARTS_WITHIN = 120


@dataclass(frozen=True)
class Hub:
    address: str
    password: str
    """Whoever knows it can log in, under any name."""
    process: psutil.Process
    lessons: str
    """The Git repository that learners' copies come from."""
    log: Path


@contextlib.contextmanager
def running_hub(folder: Path) -> Iterator[Hub]:
    """Start a hub whose files are in a folder; end it with all that it has started."""
    missing = [
        str(program) for program in (PROGRAMS / "jupyterhub", NODE, PROXY) if not program.exists()
    ]
    if missing:
        raise FileNotFoundError(f"Missing: {', '.join(missing)}. `make hub-load` installs it.")
    lessons = repository_of_lessons(folder / "lessons")
    port, hub_port, proxy_port = free_ports(3)
    address = f"http://127.0.0.1:{port}"
    settings = folder / "hub.json"
    password = secrets.token_urlsafe()
    configuration = {
        **settings_of_hub(folder, address, hub_port, password),
        **settings_of_proxy(folder, proxy_port),
        **settings_of_servers(folder),
    }
    settings.write_text(json.dumps(configuration))
    path = os.pathsep.join([str(PROGRAMS), str(NODE.parent), os.environ["PATH"]])
    log = folder / "hub.log"
    with log.open("w") as output:
        process = psutil.Popen(
            [PROGRAMS / "jupyterhub", f"--config={settings}"],
            cwd=folder,
            env=os.environ | {"PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        hub = Hub(address, password, process, lessons, log)
        try:
            wait_for(hub)
            yield hub
        finally:
            end(hub.process)


def settings_of_hub(folder: Path, address: str, port: int, password: str) -> dict[str, Any]:
    """Return the settings of deploy/values.yaml, at these ports and with a password."""
    settings: dict[str, Any] = VALUES["hub"]["config"]
    here = {
        "bind_url": address,
        "hub_port": port,
        "spawner_class": "simple",
        "db_url": f"sqlite:///{folder / 'hub.sqlite'}",
        "cookie_secret_file": str(folder / "cookie-secret"),
        "concurrent_spawn_limit": VALUES["hub"]["concurrentSpawnLimit"],
        "log_level": "WARN",
    }
    return {
        **settings,
        "JupyterHub": settings["JupyterHub"] | here,
        "SharedPasswordAuthenticator": {"user_password": password},
    }


def settings_of_proxy(folder: Path, port: int) -> dict[str, Any]:
    return {
        "ConfigurableHTTPProxy": {
            "api_url": f"http://127.0.0.1:{port}",
            "command": [str(NODE), str(PROXY)],
            "pid_file": str(folder / "proxy.pid"),
        }
    }


def settings_of_servers(folder: Path) -> dict[str, Any]:
    return {
        "SimpleLocalProcessSpawner": {"home_dir_template": str(folder / "homes" / "{username}")},
        "Spawner": {
            "args": ["--allow-root", "--ServerApp.log_level=WARN"],
            "environment": VALUES["singleuser"]["extraEnv"],
            "start_timeout": 120,
            "http_timeout": 120,
        },
    }


def repository_of_lessons(folder: Path) -> str:
    """Return the address of a new repository that has the lessons as this checkout has them."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    author = ["-c", "user.name=adviz", "-c", "user.email=adviz@localhost"]
    for command in (
        ["init", "--initial-branch=main"],
        ["add", "."],
        ["commit", "--message=Lessons"],
    ):
        subprocess.run(["git", *author, *command], cwd=folder, check=True, capture_output=True)
    return folder.as_uri()


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def wait_for(hub: Hub) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and hub.process.is_running():
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(f"{hub.address}/hub/api", timeout=5).ok:
                return
        time.sleep(0.1)
    raise RuntimeError(f"JupyterHub did not start:\n{hub.log.read_text()[-2000:]}")


def end(hub: psutil.Process) -> None:
    """End the hub, which ends the servers, and then what it has left."""
    with contextlib.suppress(psutil.NoSuchProcess):
        started = hub.children(recursive=True)
        for processes, patience in (([hub], 20), (started, 10)):
            for process in processes:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.terminate()
            _, left = psutil.wait_procs(processes, timeout=patience)
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
