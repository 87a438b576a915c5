"""A progress bar leaves nothing behind, neither in a saved notebook nor in a log."""

from __future__ import annotations

import subprocess
import sys

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from adviz.progress import progress

EMPTY = {"text/plain": "", "text/html": ""}


@pytest.mark.slow
def test_a_notebook_keeps_the_same_empty_output_however_long_it_took():
    cells = [
        "import time\nfrom adviz.progress import live, progress",
        "for _ in progress(range(3), 'fast'): pass",
        "for _ in progress(range(3), 'slow'): time.sleep(0.3)",
        "with progress(range(3), 'broken') as bar:\n    for k in bar: 1 / (1 - k)",
        "show = live()\nfor k in range(3): show({'so far': k})",
    ]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, kernel_name="python3", allow_errors=True).execute()
    _, fast, slow, broken, shown = (cell.outputs for cell in notebook.cells)
    assert [output.data for output in fast] == [output.data for output in slow] == [EMPTY]
    assert broken[0].data == EMPTY
    assert broken[1].ename == "ZeroDivisionError"
    assert [output.data["text/plain"] for output in shown] == ["{'so far': 2}"]


@pytest.mark.slow
def test_a_log_keeps_nothing():
    code = (
        "import time\nfrom adviz.progress import live, progress\n"
        "for _ in progress(range(3), 'slow'): time.sleep(0.3)\n"
        "live()('so far')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_it_gives_what_it_is_given():
    assert list(progress((k * k for k in range(4)), "squares", total=4)) == [0, 1, 4, 9]
