"""The site: lessons that play, guide, reference. `make site` writes it to build/site/html.

The pages of the site are files that are read elsewhere as well, in a checkout and on GitHub, and a
few of its own in docs/site. They are gathered in one folder, each at the path that it has in the
repository, so that links between them lead where they lead there.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/*.md", "docs/*.png", "docs/*.svg"]
PAGES += ["notebooks/*.ipynb"]
OWN = ROOT / "docs/site"


def gather(source: Path) -> None:
    """Make a folder hold the sources of the site, and leave alone those that have not changed."""
    paths = {path.relative_to(ROOT): path for form in PAGES for path in ROOT.glob(form)}
    paths |= {path.relative_to(OWN): path for path in OWN.rglob("*") if path.is_file()}
    for old in source.rglob("*"):
        if old.is_file() and old.relative_to(source) not in paths:
            old.unlink()
    for name, path in paths.items():
        copy = source / name
        if not copy.exists() or copy.stat().st_mtime != path.stat().st_mtime:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)


def build(folder: Path, lite: Path | None = None) -> Path:
    """Make the site in a folder, where a warning is an error; return the folder of its pages.

    A JupyterLite that `make lite` made is put beside them.
    """
    source, pages = folder / "source", folder / "html"
    gather(source)
    options = [
        "--fail-on-warning",
        "--quiet",
        "--jobs=auto",
        f"--doctree-dir={folder / 'doctrees'}",
    ]
    if lite is not None:
        options += ["--define=html_context.lite=lite"]
    subprocess.run([sys.executable, "-m", "sphinx", *options, source, pages], check=True)
    for map_of_sources in pages.rglob("*.map"):
        map_of_sources.unlink()  # half of the site, and of use only to who mends the theme
    if lite is not None:
        shutil.copytree(lite, pages / "lite", dirs_exist_ok=True)
    return pages


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build/site")
    lite = ROOT / "build/lite"
    pages = build(parser.parse_args().folder, lite if lite.is_dir() else None)
    sys.stdout.write(f"{pages / 'index.html'}\n")
