"""The outputs of notebooks that myst-nb reads, or runs, while it makes the pages."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from docutils import nodes

from adviz.publish.cells import play_cells
from adviz.render.carried import PIECES

__all__ = ["Outputs"]


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
        if inline or data.mime_type not in PIECES or data.cell_index is None:
            return None
        _, outputs = renderer.renderer.nb_client.code_cell_outputs(data.cell_index)
        given = (output for output in outputs if output.get("data", {}).get(data.mime_type))
        output = next(one for one in given if one["data"][data.mime_type] == data.content)
        cell = {"outputs": [deepcopy(output)]}
        play_cells([cell])
        html = cell["outputs"][0]["data"]["text/html"]
        return [nodes.raw("", "".join(html), format="html")]
