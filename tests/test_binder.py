"""The lessons on Binder, as far as they go without Docker."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE, STDOUT

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=PIPE, stderr=STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_dockerfile_installs_the_checkout() -> None:
    dockerfile = run(sys.executable, "-m", "repo2docker", "--no-build", "--debug", ".")
    assert "py-2d3-2e12" in dockerfile  # Python 3.12, as repo2docker writes it in a file name
    # In this order: pip can only install what has been copied.
    copied = dockerfile.index("COPY --chown=0:0 src/ ${REPO_DIR}/")
    installed = dockerfile.index('pip install --no-cache-dir -r "binder/requirements.txt"')
    finished = dockerfile.index("RUN ./binder/postBuild")
    assert copied < installed < finished


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment in which Binder's two steps were taken."""
    folder = tmp_path_factory.mktemp("binder")
    uv = (sys.executable, "-m", "uv", "--quiet")
    run(*uv, "venv", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    install = ("pip", "install", "--reinstall-package", "adviz-autodiff")  # not as built before
    run(*uv, *install, "--python", python, "--requirement", "binder/requirements.txt")
    run(ROOT / "binder" / "postBuild", env=environment(folder))
    return folder


def environment(folder: Path) -> dict[str, str]:
    """What a shell on Binder has: this environment ahead of others, and nobody's settings."""
    own = {name: str(folder / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return os.environ | own | {"PATH": path}


def test_adviz_imports_from_its_own_copy(installed: Path) -> None:
    code = "import adviz; print(adviz.__file__)"
    file = run(installed / "bin" / "python", "-c", code, cwd=installed).strip()
    assert Path(file).is_relative_to(installed)


def test_lessons_come_along(installed: Path) -> None:
    (adviz,) = installed.glob("lib/python*/site-packages/adviz")
    shipped = {lesson.name for lesson in (adviz / "notebooks").glob("*.ipynb")}
    assert shipped == {lesson.name for lesson in (ROOT / "notebooks").glob("*.ipynb")} != set()


def test_labextension_is_installed_and_complete(installed: Path) -> None:
    extensions = installed / "share" / "jupyter" / "labextensions" / "adviz-autodiff"
    package = json.loads((extensions / "package.json").read_text())
    entry = extensions / package["jupyterlab"]["_build"]["load"]
    assert package["version"] in entry.relative_to(extensions).parts
    assert (entry.parent / "mimeExtension.js").exists()
    assert (entry.parents[2] / "player" / "player.js").exists()


def test_jupyterlab_lists_it_and_asks_a_learner_nothing(installed: Path) -> None:
    jupyter = installed / "bin" / "jupyter"
    listed = run(jupyter, "labextension", "list", env=environment(installed))
    listed = re.sub("\x1b\\[[0-9;]*m", "", listed)
    assert re.search("adviz-autodiff v[0-9.]+ enabled OK", listed)
    disabled = listed[listed.index("Disabled extensions") :]
    assert "@jupyterlab/apputils-extension:announcements" in disabled
