"""Builds the site of the lessons in JupyterLite: ``python lite/build.py SITE``.

It runs in an environment that has ``adviz-autodiff[lite]``. The site holds the lessons as they were
saved, the extensions that show their outputs, and the wheels that the Pyodide kernel installs from
the site itself; the kernel fetches Pyodide's own packages when it starts, from where Pyodide has
them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

HERE = Path(__file__).parent
ROOT = HERE.parent

PURE_WHEELS = (
    "anywidget",
    "checkpoint-schedules",
    "comm",
    "graphviz",
    "ipywidgets",
    "jupyterlab-widgets",
    "latex2mathml",
    "mistune",
    "psygnal",
)
"""What the lessons need, directly or not, and Pyodide does not have; none of it is compiled."""

PYTHON = "3.14"
"""The version of Python that Pyodide is."""

KERNEL = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}

FIRST_WITH_MORE = "05"
"""The lessons before this one need neither SciPy nor other packages of the extra "lessons"."""

INSTALLING = """\
Everything in this lesson plays as it was saved. Before you run a cell yourself, run the next one:
it fetches Python and its packages into this page, tens of megabytes, which takes a minute the first
time."""


def main() -> None:
    site = Path(sys.argv[1]).resolve()
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for file in HERE.glob("*.json"):
            shutil.copy(file, folder)
        shutil.copytree(HERE / "extension", folder / "extension")
        write_lessons(folder / "lessons")
        gather_wheels(folder / "pypi")
        run("jupyter", "lite", "build", "--output-dir=site", folder=folder)
        shutil.rmtree(site, ignore_errors=True)
        site.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / "site", site)
    size = sum(file.stat().st_size for file in site.rglob("*") if file.is_file())
    print(f"{site}: {size / 1e6:.0f} MB. Serve it: python -m http.server --directory {site}")


def write_lessons(folder: Path) -> None:
    """Write the lessons for the kernel of JupyterLite, which has to install adviz first."""
    folder.mkdir()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        lesson = nbformat.read(path, as_version=4)
        lesson.metadata.kernelspec = KERNEL
        extra = "[lessons]" if path.name >= FIRST_WITH_MORE else ""
        first = next(i for i, cell in enumerate(lesson.cells) if cell.cell_type == "code")
        lesson.cells[first:first] = [
            nbformat.v4.new_markdown_cell(INSTALLING, id="lite-why"),
            nbformat.v4.new_code_cell(f"%pip install -q adviz-autodiff{extra}", id="lite-install"),
        ]
        # Texts in one piece: JupyterLite's table of contents reads the file as it is.
        nbformat.write(lesson, folder / path.name, split_lines=False)


def gather_wheels(folder: Path) -> None:
    """Build the wheel of adviz, and download those that it needs."""
    folder.mkdir()
    run("pip", "wheel", "--quiet", "--no-deps", f"--wheel-dir={folder}", str(ROOT))
    run(
        *("pip", "download", "--quiet", "--no-deps", f"--dest={folder}", "--only-binary=:all:"),
        *(f"--python-version={PYTHON}", "--implementation=py", "--abi=none", "--platform=any"),
        *PURE_WHEELS,
    )


def run(module: str, *arguments: str, folder: Path = ROOT) -> None:
    """Run a module of this environment's Python in a folder; say what it printed where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(done.stdout)


if __name__ == "__main__":
    main()
