"""Lessons are saved as they ran, and the first one links to all others."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

from adviz.cli import FRONT_DOOR
from adviz.render.document import MIME_TYPE

ROOT = Path(__file__).parent.parent
LESSONS = ROOT / "notebooks"
EVERY = sorted(LESSONS.glob("*.ipynb"))

LINE = re.compile(r"^\| \[(.+?)\]\((?:notebooks/)?([\w-]+\.ipynb)\) \| (.+?) \| (\d+) \|$", re.M)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")


def text_of(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def test_every_code_cell_ran_once_in_order() -> None:
    """For nbval compares outputs, but passes a cell that has none."""
    counts = {
        path.name: [
            cell.execution_count
            for cell in nbformat.read(path, as_version=4).cells
            if cell.cell_type == "code"
        ]
        for path in EVERY
    }
    assert counts, "there are no lessons"
    assert counts == {name: list(range(1, len(ran) + 1)) for name, ran in counts.items()}


def test_the_front_door_and_the_readme_list_every_lesson_in_order() -> None:
    door = LINE.findall(text_of(LESSONS / FRONT_DOOR))
    readme = LINE.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert [name for _, name, _, _ in readme] == [path.name for path in EVERY]
    assert readme[0][1] == FRONT_DOOR
    assert readme[1:] == door
    for title, name, _, minutes in door:
        lesson = text_of(LESSONS / name)
        assert lesson.startswith(f"# {title}\n")
        assert re.search(rf"\*\*Time:\*\* about {minutes} minutes", lesson), name


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_who_is_to_predict_sees_no_picture_of_the_answer(path: Path) -> None:
    """But what plays, moves or grows shows it by and by: a player, a laboratory, a training."""
    is_asked, seen = False, []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            is_asked = "**Predict.**" in cell.source
            continue
        for output in cell.outputs if is_asked else []:
            data = output.get("data", {})
            told = data.get("text/plain", "")
            if "adviz-reveal" in data.get("text/html", "") or told.startswith("<laboratory of"):
                break  # what follows is folded away, or moves
            is_drawn = "image/png" in data and "curves of a training" not in told
            is_table = "<table" in data.get("text/html", "") and MIME_TYPE not in data
            if is_drawn or is_table:
                seen.append(cell.source)
    assert not seen


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_links_between_lessons_lead_somewhere(path: Path) -> None:
    links = LINK.findall(text_of(path))
    assert links, "it leads nowhere"
    for link in links:
        assert (LESSONS / unquote(link)).exists(), link


def test_binder_is_told_to_open_the_front_door() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (path,) = set(re.findall(r"labpath=([\w%.-]+)", readme))
    assert (ROOT / unquote(path)).resolve() == LESSONS / FRONT_DOOR
