"""The README and the pages of docs/: their code and commands run, their links exist."""

from __future__ import annotations

import ast
import linecache
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import adviz as ad

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```.*?^```$|^ {4}[^\n]*$", re.MULTILINE | re.DOTALL)
ARROW = re.compile(r"  # → (.*)$")
LINK = re.compile(r'(?:\]\(|src="|srcset=")([^)"\s]+)')
NO_FILE = re.compile(r"(?:https?|mailto):")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path, language: str) -> list[str]:
    return [code for found, code in FENCE.findall(text_of(page)) if found == language]


def run_page(page: Path, folder: Path) -> tuple[dict[str, Any], int]:
    """Run the Python code of a page; return its names, and how many results were compared.

    The code goes into a file, because adviz looks up the source of what it traces.
    """
    code = "\n\n".join(blocks_of(page, "python"))
    file = folder / f"{page.stem.lower()}.py"
    file.write_text(code, encoding="utf-8")
    linecache.checkcache(str(file))
    names: dict[str, Any] = {"__name__": "page"}
    compared = 0
    for node in ast.parse(code).body:
        if not isinstance(node, ast.Expr):
            exec(compile(ast.Module([node], []), file, "exec"), names)
            continue
        value = eval(compile(ast.Expression(node.value), file, "eval"), names)
        line = code.splitlines()[node.lineno - 1]
        if arrow := ARROW.search(line):
            said = ast.literal_eval(arrow[1])
            assert value == (said if isinstance(said, str) else pytest.approx(said, rel=1e-12)), (
                line
            )
            compared += 1
    return names, compared


def test_the_readme_is_short():
    assert len(text_of(README).splitlines()) <= 150


@pytest.mark.parametrize(
    "page", [README, ROOT / "docs" / "guide.md", ROOT / "docs" / "hooks.md"], ids=name_of
)
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")
def test_the_code_of_a_page_runs_and_returns_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = set(ad.ELEMENTALS)
    try:
        names, compared = run_page(page, tmp_path)
    finally:
        for name in set(ad.ELEMENTALS) - before:  # what ad.define added
            del ad.ELEMENTALS[name]
    assert compared >= 3
    if "fast" in names:
        assert names["fast"].gradient_source in blocks_of(page, "")


def test_the_cells_of_the_readme_run():
    shell = InteractiveShell.instance()
    try:
        shell.run_cell("import numpy as np")
        cells = blocks_of(README, "")
        assert len(cells) == 2
        with capture_output() as captured:
            for cell in cells:
                shell.run_cell(cell).raise_error()
        (shown,) = captured.outputs
        assert "−4.33333" in shown.data["text/html"]
    finally:
        shell.history_manager.end_session()
        InteractiveShell.clear_instance()


def test_the_command_of_the_readme_runs(tmp_path):
    (command,) = re.findall(r"^    (adviz trace .*?)(?:\s+#.*)?$", text_of(README), re.MULTILINE)
    (tmp_path / "model.py").write_text(blocks_of(README, "python")[0].partition("\n\n\nt = ")[0])
    start = [sys.executable, "-c", "import sys; from adviz.cli import main; sys.exit(main())"]
    run = subprocess.run(
        [*start, *shlex.split(command)[1:]],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Wrote f.html")
    assert "x1 * x2 + x2 - np.log(x1)" in (tmp_path / "f.html").read_text(encoding="utf-8")


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ (.*)$", CODE.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_and_a_heading(page):
    for link in LINK.findall(CODE.sub("", text_of(page))):
        if NO_FILE.match(link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


def test_every_page_is_linked_from_the_readme():
    linked = {(ROOT / link).resolve() for link in LINK.findall(text_of(README))}
    assert set(PAGES) - {README} <= linked


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_commands_a_page_names_exist(page):
    makefile = text_of(ROOT / "Makefile")
    rules = re.findall(r"^([\w -]+):(?!=)", makefile, re.MULTILINE)
    targets = {name for rule in rules for name in rule.split()}
    text = text_of(page)
    for target in re.findall(r"(?:`|^    |^)make ([a-z][\w-]*)", text, re.MULTILINE):
        assert target in targets, f"make {target}"
    for module in re.findall(r"-m (tests\.[\w.]+)", text):
        path = ROOT / module.rstrip(".").replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_files_a_page_names_exist(page):
    for path in re.findall(r"`([\w/]+\.(?:py|js))`", text_of(page)):
        rooms = ("", "core", "rules", "player")
        places = (ROOT, ROOT / "docs/site", *(ROOT / "adviz" / room for room in rooms))
        assert any((place / path).exists() for place in places), path
