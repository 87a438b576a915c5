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
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

ROOT = Path(__file__).parent.parent
OWN = ROOT / "docs/site"
SHARED = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/*.md", "docs/*.png", "docs/*.svg"]
SHARED += ["notebooks/*.ipynb", "deploy/Dockerfile", "deploy/values.yaml"]


class BrokenLinksError(Exception):
    """Links of the site that lead nowhere."""


def gather(source: Path) -> None:
    """Make a folder hold the sources of the site, and leave alone those that have not changed."""
    paths = {path.relative_to(ROOT): path for form in SHARED for path in ROOT.glob(form)}
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
        "--write-all",  # each page lists the others
        f"--doctree-dir={folder / 'doctrees'}",
    ]
    if lite is not None:
        options.append("--define=html_context.lite=lite")
    subprocess.run([sys.executable, "-m", "sphinx", *options, source, pages], check=True)
    for map_of_sources in pages.rglob("*.map"):
        map_of_sources.unlink()  # large, and of use only to who mends the theme
    broken, _ = links(pages)
    if broken:
        raise BrokenLinksError("\n".join(broken))
    if lite is not None:
        shutil.copytree(lite, pages / "lite", dirs_exist_ok=True)
    return pages


@dataclass
class Page(HTMLParser):
    """The links of a page, and the places in it that a link may lead to."""

    ids: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        self.links |= {given[name] for name in ("href", "src") if name in given}


def links(folder: Path) -> tuple[list[str], set[str]]:
    """Return which links between the pages of a folder lead nowhere, and those that leave it."""
    pages: dict[Path, Page] = {}
    for path in sorted(set(folder.rglob("*.html")) - set(folder.glob("_static/**/*"))):
        pages[path] = Page()
        pages[path].feed(path.read_text(encoding="utf-8"))
    broken, external = [], set()
    for path, page in pages.items():
        for link in sorted(page.links):
            if scheme := urlsplit(link).scheme:
                external |= set() if scheme == "data" else {link}
                continue
            name, place = map(unquote, urldefrag(link))
            target = (path.parent / name.partition("?")[0]).resolve() if name else path
            if not target.exists():
                broken.append(f"{path.relative_to(folder)}: there is no {link}")
            elif place and target in pages and place not in pages[target].ids:
                broken.append(f"{path.relative_to(folder)}: there is no place {link}")
    return broken, external


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build/site")
    parser.add_argument(
        "--external", action="store_true", help="list the links that leave the site"
    )
    given = parser.parse_args()
    lite = ROOT / "build/lite"
    made = build(given.folder, lite if lite.is_dir() else None)
    lines = sorted(links(made)[1]) if given.external else [str(made / "index.html")]
    sys.stdout.writelines(f"{line}\n" for line in lines)
