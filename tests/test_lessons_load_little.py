"""What a lesson loads: a class of three hundred pays for each package three hundred times."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LESSONS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
WITHOUT_FIGURES = ("00", "01", "02", "03", "04")
"""Their graphs are drawn without Matplotlib."""
HEAVY = {"matplotlib", "pandas", "scipy", "sklearn", "sympy"}
RUN = """
import contextlib, io, json, sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for cell in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()):
        shell.run_cell(cell).raise_error()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def cells_without_figures(lesson: Path) -> list[str]:
    """Return the code of a lesson, up to its first picture if there are figures in it."""
    codes = []
    cells: list[dict[str, Any]] = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            has_picture = "image/png" in json.dumps(cell["outputs"])  # in a folded answer too
            if has_picture and lesson.name[:2] not in WITHOUT_FIGURES:
                break
            codes.append("".join(cell["source"]))
    return codes


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_a_lesson_without_figures_loads_nothing_heavy(lesson):
    codes = cells_without_figures(lesson)
    assert codes
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps(codes),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert {"adviz", "numpy"} <= loaded
    asked_for = {
        name for name in HEAVY if re.search(rf"\bimport {name}|from {name}\b", "\n".join(codes))
    }
    assert not loaded & HEAVY - asked_for
