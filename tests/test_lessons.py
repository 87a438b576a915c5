"""Lessons are saved as they ran: nbval compares outputs, but passes a cell that has none."""

from __future__ import annotations

from pathlib import Path

import nbformat

LESSONS = Path(__file__).parent.parent / "notebooks"


def test_every_code_cell_ran_once_in_order() -> None:
    counts = {
        path.name: [
            cell.execution_count
            for cell in nbformat.read(path, as_version=4).cells
            if cell.cell_type == "code"
        ]
        for path in LESSONS.glob("*.ipynb")
    }
    assert counts, "there are no lessons"
    assert counts == {name: list(range(1, len(ran) + 1)) for name, ran in counts.items()}
