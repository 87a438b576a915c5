"""Make a release: build it, check it in a clean environment, tag it.

    make release VERSION=0.2.0          and tag it
    make release-check VERSION=0.2.0    of a tag that is there: build and check, as on a push of it

The wheel is built from the source distribution, so both are checked. Nothing leaves the machine.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent

MODEL = """
import numpy as np

def f(x1, x2):
    return x1 * x2 + x2 - np.log(x1)
"""

# Run by the Python of the clean environment, in an empty folder.
SMOKE = """
import importlib.resources, json, pathlib
import adviz
from adviz.cli import copy_lessons
print(json.dumps({
    "version": adviz.__version__,
    "file": adviz.__file__,
    "typed": (importlib.resources.files("adviz") / "py.typed").is_file(),
    "gradient": adviz.grad(lambda x: x**3)(2.0),
    "lessons": sorted(path.name for path in copy_lessons(pathlib.Path("lessons"))),
}))
"""


class NotReadyError(Exception):
    """What has to be put right before the release can be made."""


def require(condition: object, message: str) -> None:
    if not condition:
        raise NotReadyError(message)


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command and return what it prints."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    require(done.returncode == 0, f"{' '.join(map(str, command))} failed:\n{done.stdout}")
    return done.stdout


def check_texts(root: Path, version: str) -> None:
    """Check that the files of a checkout name the version."""

    def text(name: str) -> str:
        return (root / name).read_text(encoding="utf-8")

    require(re.fullmatch(r"\d+\.\d+\.\d+", version), f"{version!r} is not of the form 1.2.3.")
    require(
        f'__version__ = "{version}"\n' in text("adviz/__init__.py"),
        f"adviz/__init__.py has another __version__ than {version}.",
    )
    heading = rf"^## \[{re.escape(version)}\] - (\d{{4}}-\d\d-\d\d)$"
    dated = re.search(heading, text("CHANGELOG.md"), re.MULTILINE)
    require(dated, f"CHANGELOG.md has no section '## [{version}] - YEAR-MONTH-DAY'.")
    citation = text("CITATION.cff")
    require(
        f"\nversion: {version}\n" in citation and f"\ndate-released: {dated[1]}\n" in citation,
        f"CITATION.cff does not say 'version: {version}' and 'date-released: {dated[1]}'.",
    )


def check_checkout(root: Path, version: str) -> None:
    """Check that what is released is what is committed, and was not released before."""
    changed = run("git", "status", "--porcelain", cwd=root)
    require(not changed, f"There are changes that are not committed:\n{changed}")
    tags = run("git", "tag", "--list", f"v{version}", cwd=root)
    require(not tags, f"v{version} is tagged already.")


def build(root: Path, version: str) -> Path:
    """Build both distributions in dist/ and return the wheel."""
    run(sys.executable, "-m", "uv", "build", "--clear", "--out-dir", "dist", cwd=root)
    built = sorted(path.name for path in (root / "dist").iterdir() if path.name[0] != ".")
    stem = f"adviz_autodiff-{version}"
    require(
        built == [f"{stem}-py3-none-any.whl", f"{stem}.tar.gz"], f"dist/ holds {', '.join(built)}."
    )
    return root / "dist" / built[0]


def check_wheel(wheel: Path, version: str, lessons: list[str]) -> None:
    """Install a wheel into a new environment and use it from there."""
    with TemporaryDirectory() as name:
        folder, empty = Path(name) / "environment", Path(name) / "empty"
        empty.mkdir()
        uv = (sys.executable, "-m", "uv", "--quiet")
        run(*uv, "venv", "--python", sys.executable, folder, cwd=empty)
        run(*uv, "pip", "install", "--python", folder / "bin" / "python", wheel, cwd=empty)

        settings = {name: str(folder / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
        path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        env |= {**settings, "PATH": path}

        printed = run(folder / "bin" / "python", "-c", SMOKE, cwd=empty, env=env)
        found = json.loads(printed.splitlines()[-1])
        require(Path(found["file"]).is_relative_to(folder), "Another adviz was imported.")
        require(found["version"] == version, f"The wheel is of version {found['version']}.")
        require(found["typed"], "The wheel has no py.typed.")
        require(found["gradient"] == 12.0, f"The derivative of x³ at 2 is {found['gradient']}.")
        require(found["lessons"] == lessons, f"The wheel holds the lessons {found['lessons']}.")

        adviz = folder / "bin" / "adviz"
        require("lessons" in run(adviz, "--help", cwd=empty, env=env), "adviz --help is empty.")
        (empty / "model.py").write_text(MODEL, encoding="utf-8")
        trace = (adviz, "trace", "model.py:f", "3", "-4", "--mode", "reverse")
        table = run(*trace, cwd=empty, env=env)
        require("−4.33333" in table, f"adviz trace printed another gradient:\n{table}")
        run(*trace, "--html", "f.html", cwd=empty, env=env)
        require((empty / "f.html").stat().st_size > 50_000, "The page has no player in it.")

        listed = run(
            folder / "bin" / "jupyter",
            "labextension",
            "list",
            cwd=empty,
            env=env | {"NO_COLOR": "1"},
        )
        plain = re.sub("\x1b\\[[0-9;]*m", "", listed)
        require(
            re.search(rf"adviz-autodiff v{re.escape(version)} enabled OK", plain),
            f"JupyterLab does not list the extension:\n{plain}",
        )


def build_checked(root: Path, version: str) -> None:
    """Build the distributions in dist/, and check that they hold what they should."""
    check_texts(root, version)
    wheel = build(root, version)
    check_wheel(wheel, version, sorted(path.name for path in (root / "notebooks").glob("*.ipynb")))


def release(root: Path, version: str) -> None:
    """Check, build, check what was built, and tag."""
    check_checkout(root, version)
    build_checked(root, version)
    run("git", "tag", "--annotate", f"v{version}", "--message", f"adviz {version}", cwd=root)


def main() -> int:
    *options, version = sys.argv[1:] or [""]
    if not version or options not in ([], ["--check"]):
        sys.stderr.write("Say which version: make release VERSION=0.2.0\n")
        return 2
    try:
        if options:
            build_checked(ROOT, version)
        else:
            release(ROOT, version)
    except NotReadyError as reason:
        sys.stderr.write(f"No release. {reason}\n")
        return 1
    tagged = "" if options else f", and v{version} is tagged. Push the tag"
    sys.stdout.write(f"dist/ holds the wheel and the source distribution{tagged}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
