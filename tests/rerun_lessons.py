"""Run the lessons again in place, after a change to what they show.

    make rerun-lessons
    .venv/bin/python -m tests.rerun_lessons notebooks/04-arrays.ipynb

What is saved is what nbval compares: outputs, and nothing that depends on the clock.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

LESSONS = Path(__file__).parent.parent / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def rerun(path: Path) -> None:
    notebook = nbformat.read(path, 4)
    NotebookClient(notebook, kernel_name="python3", record_timing=False).execute()
    for cell in notebook.cells:
        kept = {key: value for key, value in cell.metadata.items() if key in ("tags", "jupyter")}
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    notebook.metadata = nbformat.from_dict(METADATA)
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Join what was printed: how it is cut into messages depends on the clock.

    A widget is left out, which needs the kernel that made it: what stands in for it is shown.
    """
    kept: list[nbformat.NotebookNode] = []
    for output in outputs:
        output.get("data", {}).pop(WIDGET, None)
        before = kept[-1] if kept else None
        if (
            before is not None
            and output.output_type == before.output_type == "stream"
            and output.name == before.name
        ):
            before.text += output.text
        else:
            kept.append(output)
    return kept


if __name__ == "__main__":
    for lesson in map(Path, sys.argv[1:]) if sys.argv[1:] else sorted(LESSONS.glob("*.ipynb")):
        rerun(lesson)
