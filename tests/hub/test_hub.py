"""The link for a class on a real JupyterHub, which the Makefile installs in .venv-hub."""

from __future__ import annotations

import json
import subprocess
import sys

import psutil
import pytest
import requests

from adviz.cli import FRONT_DOOR
from deploy.link import FOLDER, link
from tests.hub.learner import Learner, Timings
from tests.hub.server import ROOT, running_hub

pytestmark = pytest.mark.slow

LESSON = ROOT / "notebooks" / FRONT_DOOR


def test_a_learner_follows_the_link_and_runs_the_first_lesson(tmp_path):
    with running_hub(tmp_path) as hub:
        with pytest.raises(requests.HTTPError, match="403"):
            Learner(hub, "mallory").log_in("password")
        ada, timings = Learner(hub, "ada"), Timings()
        ada.arrive(timings)
        copy = tmp_path / "homes" / "ada" / FOLDER / "notebooks" / FRONT_DOOR
        assert copy.read_bytes() == LESSON.read_bytes()

        page = ada.browser.get(f"{ada.server}/lab/tree/{FOLDER}/notebooks/{FRONT_DOOR}").text
        assert f'"treePath": "{FOLDER}/notebooks/{FRONT_DOOR}"' in page
        assert '"name": "adviz-autodiff"' in page  # JupyterLab loads what draws the player

        ada.run(FRONT_DOOR, 0, timings)
        cells = json.loads(LESSON.read_text(encoding="utf-8"))["cells"]
        assert timings.errors == []
        assert len(timings.cells) == sum(cell["cell_type"] == "code" for cell in cells)

        started = hub.process.children(recursive=True)
        assert any("ipykernel_launcher" in process.cmdline() for process in started)
    assert not any(is_alive(process) for process in [hub.process, *started])


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_link_is_printed_by_the_command():
    hub, repository = "https://hub.example.org/", "https://example.org/adviz.git"
    command = [sys.executable, "deploy/link.py", hub, "--repository", repository]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == link(hub, repository, FRONT_DOOR) + "\n"
