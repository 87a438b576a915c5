"""The files for a class on a hub: what they name is there, and what they claim adds up.

Whether Docker builds the image and Helm takes the values is not known here: neither is at hand.
"""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest
import yaml

from adviz.cli import FRONT_DOOR
from deploy.link import FIRST_LESSON

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
VALUES: dict[str, Any] = yaml.safe_load((ROOT / "deploy/values.yaml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CLASS = (ROOT / "docs/class.md").read_text(encoding="utf-8")
GIVEN_LATER = {"admin_password", "user_password", "db", "extraVolumes"}
"""What the page has one add to the values."""
MB = {"M": 1, "G": 1024}


def megabytes(size: str) -> int:
    return int(size[:-1]) * MB[size[-1]]


def measured() -> dict[str, tuple[int, int, int]]:
    """Return what the page's table says of each lesson: server, kernel, kernel at most, in MB."""
    rows = re.findall(r"^\| lesson (\d\d) \| (\d+) \| (\d+) \| (\d+) \|", CLASS, re.MULTILINE)
    return {lesson: (int(server), int(kernel), int(most)) for lesson, server, kernel, most in rows}


def test_every_lesson_was_measured():
    lessons = {path.name[:2] for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(measured()) == lessons


def test_a_learner_is_guaranteed_what_a_lesson_without_figures_takes():
    guarantee = megabytes(VALUES["singleuser"]["memory"]["guarantee"])
    taken = [sum(measured()[lesson][:2]) for lesson in ("00", "01", "02", "03", "04")]
    assert max(taken) < guarantee < 1.5 * max(taken)


def test_a_learner_may_have_three_lessons_open():
    limit = megabytes(VALUES["singleuser"]["memory"]["limit"])
    server = max(server for server, _, _ in measured().values())
    kernels = sorted(most for _, _, most in measured().values())
    assert server + sum(kernels[-3:]) < limit < 2 * (server + sum(kernels[-3:]))


@pytest.mark.parametrize("learners", [30, 300, 3000])
def test_the_sizes_in_the_page_are_computed_from_the_guarantees(learners):
    row = re.search(
        rf"^\| {learners:,} \| ([\d.]+) GB \| ([\d.]+) \| (.+) \|$", CLASS, re.MULTILINE
    )
    assert row is not None
    guarantee = megabytes(VALUES["singleuser"]["memory"]["guarantee"])
    assert float(row[1]) == learners * guarantee / 1024
    assert float(row[2]) == pytest.approx(learners * VALUES["singleuser"]["cpu"]["guarantee"])
    by_memory, by_cores = (
        0.9 * 64 * 1024 // guarantee,
        16 // VALUES["singleuser"]["cpu"]["guarantee"],
    )
    nodes = math.ceil(learners / min(by_memory, by_cores))
    assert row[3] == ("one machine, smaller" if nodes == 1 else str(nodes))


def test_the_image_is_of_this_version():
    version = re.search(r'__version__ = "(.+)"', (ROOT / "adviz/__init__.py").read_text())
    assert version is not None
    assert VALUES["singleuser"]["image"]["tag"] == version[1]
    assert f"--tag {VALUES['singleuser']['image']['name']}" in DOCKERFILE


def test_what_the_image_copies_is_enough_to_install_adviz(tmp_path):
    """As far as it goes without Docker: the wheel is built from the copied files alone."""
    context = tmp_path / "opt/adviz"
    context.mkdir(parents=True)
    copies = re.findall(r"^COPY (.+) /opt/adviz/(\S*)$", DOCKERFILE, re.MULTILINE)
    for sources, target in copies:
        for source in map(Path, sources.split()):
            if (ROOT / source).is_dir():
                left_out = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / source, context / target, ignore=left_out)
            else:
                shutil.copy(ROOT / source, context / target)
    build = [sys.executable, "-m", "uv", "--quiet", "build", "--wheel", "--no-build-isolation"]
    done = subprocess.run([*build, "--out-dir", tmp_path, context], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith("/METADATA"))
        described = Parser().parsestr(archive.read(metadata).decode())
    assert f"adviz/notebooks/{FRONT_DOOR}" in names
    assert any("labextensions/adviz-autodiff/package.json" in name for name in names)
    assert "hub" in described.get_all("Provides-Extra", [])
    needed = [text for text in described.get_all("Requires-Dist", []) if "extra == 'hub'" in text]
    assert {re.split(r"\W", text)[0] for text in needed} >= {"jupyterhub", "nbgitpuller"}


def test_the_image_has_a_version_of_the_hub_that_the_project_allows():
    (version,) = re.findall(r"^ARG JUPYTERHUB_VERSION=(\S+)$", DOCKERFILE, re.MULTILINE)
    (least,) = (
        text.partition(">=")[2]
        for text in PROJECT["optional-dependencies"]["hub"]
        if text.startswith("jupyterhub")
    )
    assert tuple(map(int, version.split("."))) >= tuple(map(int, least.split(".")))


def test_the_image_runs_as_the_user_whose_files_the_hub_mounts():
    assert "useradd --create-home --uid 1000" in DOCKERFILE
    assert DOCKERFILE.rstrip().endswith(
        'USER 1000\nWORKDIR /home/jovyan\nCMD ["jupyterhub-singleuser"]'
    )


def test_the_link_opens_the_lesson_that_leads_to_the_others():
    assert FIRST_LESSON == FRONT_DOOR
    assert (ROOT / "notebooks" / FIRST_LESSON).is_file()


def test_the_commands_in_the_page_are_ones_that_bash_reads():
    commands = re.findall(r"^( *)```bash\n(.*?)^ *```$", CLASS, re.MULTILINE | re.DOTALL)
    assert len(commands) >= 8
    for indent, block in commands:
        text = re.sub(rf"^{indent}", "", block, flags=re.MULTILINE)
        subprocess.run(["bash", "-n"], input=text, text=True, check=True)


def test_settings_that_the_page_names_are_among_the_values():
    named = re.findall(r"(?:--set |--set-string |`)((?:hub|singleuser|scheduling)\.[\w.]+)", CLASS)
    assert len(named) >= 4
    for setting in named:
        *parents, name = setting.split(".")
        values = VALUES
        for parent in parents:
            values = values[parent]
        assert name in values or name in GIVEN_LATER, setting


def test_the_page_names_the_package_and_files_that_exist():
    for extra in re.findall(re.escape(PROJECT["name"]) + r"\[(\w+)\]", CLASS):
        assert extra in PROJECT["optional-dependencies"]
    for path in re.findall(r"\]\(\.\./([\w./-]+)\)", CLASS):
        assert (ROOT / path).exists(), path
    for path in re.findall(r"(?<![\w/])(deploy/[\w.]+)", CLASS):
        assert (ROOT / path).is_file(), path
