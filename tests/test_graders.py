"""The assignment of docs/courses.md, handed in and graded with nbgrader and with otter-grader.

Both are installed by the Makefile in an environment of their own, since they change what
JupyterLab loads.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

ROOT = Path(__file__).parent.parent
PROGRAMS = ROOT / ".venv-graders" / "bin"
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs/courses.md").read_text(), re.DOTALL)
SETUP = BLOCKS[0]
KERNEL = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}

KEYS = ("v3", "v2", "v1", "v0", "v-1")
RIGHT = "answers = ex.solution()"
HALF_RIGHT = """\
answers = ex.solution()
answers["v3"] = -answers["v3"]  # the sign of the difference
answers["v-1"] = "nothing"
del answers["v2"]
"""
"""Of five cells one wrong, one no number, one not answered."""


def block(title: str) -> str:
    """A block of the page, by the comment that it begins with."""
    (found,) = (text for text in BLOCKS if text.startswith(f"# {title}"))
    return found.partition("\n")[2]


def run(*command: str, folder: Path) -> str:
    program = PROGRAMS / command[0]
    assert program.exists(), f"{program} is missing: make .venv-graders/adviz installs it"
    done = subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env={**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def written(path: Path, cells: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), path)


def nbgrader_cell(source: str, **more: Any) -> Any:
    fields = {"schema_version": 3, "task": False, "locked": False, "cell_type": "code"}
    return new_code_cell(source, metadata={"nbgrader": {**fields, "grade": False, **more}})


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A course of nbgrader with one assignment, released, handed in by two, and graded."""
    folder = tmp_path_factory.mktemp("course")
    answer = nbgrader_cell(block("nbgrader: answer"), grade_id="answer", solution=True)
    tests = nbgrader_cell(
        block("nbgrader: tests"),
        grade_id="tests",
        solution=False,
        grade=True,
        locked=True,
        points=5,
    )
    written(folder / "source/ps1/problem.ipynb", [new_code_cell(SETUP), answer, tests])
    run("nbgrader", "generate_assignment", "ps1", "--create", folder=folder)
    released = nbformat.read(folder / "release/ps1/problem.ipynb", as_version=4)
    for student, answers in (("ada", RIGHT), ("bob", HALF_RIGHT)):
        released.cells[1].source = answers
        path = folder / "submitted" / student / "ps1/problem.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(released, path)
    run("nbgrader", "autograde", "ps1", "--create", folder=folder)
    run("nbgrader", "generate_feedback", "ps1", folder=folder)
    yield folder
    shutil.rmtree(folder)


def test_nbgrader_releases_no_answers(course: Path) -> None:
    text = (course / "release/ps1/problem.ipynb").read_text()
    assert "YOUR CODE HERE" in text
    assert "solution()" not in text


def test_nbgrader_gives_partial_credit_and_feedback(course: Path) -> None:
    run("nbgrader", "export", folder=course)
    lines = (course / "grades.csv").read_text().splitlines()
    names = lines[0].split(",")
    rows = [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]
    grades = {row["student_id"]: float(row["score"]) for row in rows}
    # v0 and v1 do not go on from v3, and are right as well.
    assert grades == {"ada": 5, "bob": 2}
    feedback = (course / "feedback/bob/ps1/problem.html").read_text()
    assert "You lost the minus sign of the difference" in feedback
    assert "nothing" in feedback
    assert "Traceback (most recent call last)" not in feedback


def test_otter_gives_a_point_for_each_cell(tmp_path: Path) -> None:
    solution = block("otter: solution")
    cells: list[Any] = [
        new_raw_cell(
            "# ASSIGNMENT CONFIG\nname: ps1\nexport_cell: false\ngenerate:\n  pdf: false\n"
        ),
        new_code_cell(SETUP),
        new_raw_cell("# BEGIN QUESTION\nname: q1\npoints: 5\n"),
        new_markdown_cell("Fill in the return sweep."),
        new_raw_cell("# BEGIN SOLUTION"),
        new_code_cell(solution),
        new_raw_cell("# END SOLUTION"),
        new_raw_cell("# BEGIN TESTS"),
        *(new_code_cell(block("otter: test").format(key=key)) for key in KEYS),
        new_raw_cell("# END TESTS"),
        new_raw_cell("# END QUESTION"),
    ]
    written(tmp_path / "master.ipynb", cells)
    run("otter", "assign", "master.ipynb", "dist", "--no-run-tests", "--no-pdfs", folder=tmp_path)
    student = tmp_path / "dist/student"
    assert "solution()" not in (student / "master.ipynb").read_text()
    found: dict[str, Any] = {}
    for name, answers in (("right", RIGHT), ("half", HALF_RIGHT)):
        handed_in = nbformat.read(student / "master.ipynb", as_version=4)
        (answer,) = (cell for cell in handed_in.cells if cell.source.startswith("answers"))
        answer.source = answers
        nbformat.write(handed_in, tmp_path / f"{name}.ipynb")
        (tmp_path / name).mkdir()
        (autograder,) = (tmp_path / "dist/autograder").glob("*.zip")
        run("otter", "run", f"{name}.ipynb", "-a", str(autograder), "-o", name, folder=tmp_path)
        found[name] = json.loads((tmp_path / name / "results.json").read_text())
    scores = {name: results["tests"][-1]["score"] for name, results in found.items()}
    assert scores == {"right": 5, "half": 2}
    read = found["half"]["tests"][-1]["output"]
    assert "You lost the minus sign of the difference" in read
    assert "not a number" in read
    assert "not answered" in read
