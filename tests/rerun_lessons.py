"""Run the lessons again in place, after a change to what they show.

    make rerun-lessons

What is saved is what nbval compares: outputs, and nothing that depends on the clock.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

LESSONS = Path(__file__).parent.parent / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def rerun(path: Path) -> None:
    notebook = nbformat.read(path, 4)
    NotebookClient(notebook, kernel_name="python3", record_timing=False).execute()
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    notebook.metadata = nbformat.from_dict(METADATA)
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Join what was printed: how it is cut into messages depends on the clock."""
    kept: list[nbformat.NotebookNode] = []
    for output in outputs:
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
    for lesson in sorted(LESSONS.glob("*.ipynb")):
        rerun(lesson)
