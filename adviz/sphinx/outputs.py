"""The cells of notebooks that myst-nb reads, or runs, while it makes the pages."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from docutils import nodes

from adviz.publish.cells import LABORATORY, is_state, play_cells
from adviz.render.carried import PIECES

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["Outputs", "fold_as_saved"]

_TAGS = {"source_hidden": "hide-input", "outputs_hidden": "hide-output"}
"""What myst-nb calls that which JupyterLab has folded."""


def fold_as_saved(app: Sphinx, page: str, source: list[str]) -> None:
    """Let a notebook's cells be folded in its page as they are in JupyterLab."""
    if app.env.doc2path(page).suffix != ".ipynb":
        return
    notebook = json.loads(source[0])
    for cell in notebook.get("cells", []):
        metadata = cell.get("metadata", {})
        folded = [tag for name, tag in _TAGS.items() if metadata.get("jupyter", {}).get(name)]
        if folded:
            metadata["tags"] = [*metadata.get("tags", []), *folded]
    source[0] = json.dumps(notebook, ensure_ascii=False)


class Outputs:
    """Shows what adviz displayed; myst-nb finds it as an entry point of the package."""

    mime_priority_overrides = tuple(
        (builder, kind, 1) for builder in ("html", "dirhtml", "singlehtml") for kind in PIECES
    )

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Element] | None:
        """Return an output of adviz as a place that plays, or None for any other output.

        Parameters
        ----------
        renderer : myst_nb.core.render.NbElementRenderer
        data : myst_nb.core.render.MimeData
        inline : bool
            Whether it is to stand within a line, where nothing plays.
        """
        is_of_laboratory = is_state({"metadata": data.output_metadata})
        if inline or data.cell_index is None or not (is_of_laboratory or data.mime_type in PIECES):
            return None
        _, outputs = renderer.renderer.nb_client.code_cell_outputs(data.cell_index)
        if is_of_laboratory:
            plays = any(LABORATORY in output.get("data", {}) for output in outputs)
            return [] if plays else None
        given = (output for output in outputs if output.get("data", {}).get(data.mime_type))
        output = deepcopy(next(one for one in given if one["data"][data.mime_type] == data.content))
        # The outputs that follow an answer are not put into it: the style sheet folds them.
        document = output["data"][data.mime_type]
        if isinstance(document, dict) and document.get("followed"):
            document["followed"] = False
        play_cells([{"outputs": [output]}])
        html = output["data"]["text/html"]
        return [nodes.raw("", html, format="html", classes=["output", "text_html"])]
