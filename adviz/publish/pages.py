"""Pages of notebooks that play: one for each, or a folder of them that shares the player."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat

from adviz.host.errors import FileError, InputError
from adviz.host.files import write_file
from adviz.publish.exporters import PlayingHTMLExporter
from adviz.render.carried import PIECES, script

__all__ = ["write_page", "write_site"]

SCRIPT = "player.js"
"""The player of a folder of pages."""

_HEADING = re.compile(r"^# +(.+)$", re.MULTILINE)
_NOTEBOOK = re.compile(r'(<a [^>]*?href=")([^"/:#?]+)\.ipynb(?=["#])')

_INDEX = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }}
body {{ font: 16px/1.5 system-ui, sans-serif; }}
li {{ margin: 0.25rem 0; padding: 0.25rem 0; }}
a {{ color: light-dark(#005a91, #56b4e9); }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<ol>
{items}
</ol>
</main>
</body>
</html>
"""


def write_page(notebook: str | os.PathLike[str], path: str | os.PathLike[str]) -> None:
    """Write a notebook, as it was saved, as a page that plays: one file that needs no network.

    Parameters
    ----------
    notebook : path-like
    path : path-like
        The file to write, wholly or not at all.

    Raises
    ------
    InputError
        If there is no such notebook.
    FileError
        If the page cannot be written.
    """
    write_file(path, _page(_read(Path(notebook)), Path(notebook)))


def write_site(
    notebooks: Sequence[str | os.PathLike[str]], folder: str | os.PathLike[str]
) -> list[Path]:
    """Write notebooks as pages of a folder, with an index; they share the player.

    Links between the notebooks lead to their pages.

    Parameters
    ----------
    notebooks : sequence of path-like
    folder : path-like
        Is made if it is not there; what else is in it stays.

    Returns
    -------
    list of Path
        The files written, the index first.

    Raises
    ------
    InputError
        If there is no such notebook, or two have the same name.
    FileError
        If a file cannot be written.
    """
    paths = [Path(notebook) for notebook in notebooks]
    names = [path.stem for path in paths]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None or "index" in names:
        raise InputError(
            f"Two pages would be called {twice or 'index'}.html: rename one of the notebooks."
        )
    read = [_read(path) for path in paths]
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{target} cannot be made: {(error.strerror or '').lower()}.") from None
    texts = {"index.html": _index([_title(*both) for both in zip(read, paths, strict=True)], names)}
    for content, path in zip(read, paths, strict=True):
        texts[f"{path.stem}.html"] = _page(content, path, SCRIPT, set(names))
    texts[SCRIPT] = script(frozenset(PIECES.values()))
    for name, text in texts.items():
        write_file(target / name, text)
    return [target / name for name in texts]


def _read(path: Path) -> Any:
    try:
        return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        raise InputError(f"{path} cannot be read: {problem}.") from None
    except Exception:  # noqa: BLE001 - nbformat has many errors for what is no notebook
        raise InputError(f"{path} is not a notebook: its name should end in .ipynb.") from None


def _page(content: Any, path: Path, script: str = "", pages: set[str] | None = None) -> str:
    exporter = PlayingHTMLExporter(player_script=script)
    about = {"name": _title(content, path), "path": str(path.parent)}
    text, _ = exporter.from_notebook_node(content, {"metadata": about})

    def to_page(link: re.Match[str]) -> str:
        return f"{link[1]}{link[2]}.html" if link[2] in (pages or ()) else link[0]

    return _NOTEBOOK.sub(to_page, text)


def _title(content: Any, path: Path) -> str:
    """Return the first heading of a notebook, or the name of its file."""
    for cell in content.cells:
        heading = _HEADING.search(cell.source) if cell.cell_type == "markdown" else None
        if heading:
            return heading[1].strip()
    return path.stem


def _index(titles: list[str], names: list[str]) -> str:
    items = (
        f'<li><a href="{quote(name)}.html">{html.escape(title)}</a></li>'
        for name, title in zip(names, titles, strict=True)
    )
    return _INDEX.format(title="Lessons", items="\n".join(items))
