"""The outputs of a saved notebook, made ready for a page that holds the player once."""

from __future__ import annotations

import json
from typing import Any

from adviz.render.carried import PIECES, in_place, pieces_of

__all__ = ["play_cells"]


def play_cells(cells: list[Any]) -> set[str]:
    """Put places for the player where outputs hold documents, and fold what belongs to an answer.

    Parameters
    ----------
    cells : list
        The cells of a notebook as nbformat reads them; their outputs are changed.

    Returns
    -------
    set of str
        The pieces of the player that the page needs, once.
    """
    pieces: set[str] = set()
    for cell in cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            kind = next((kind for kind in PIECES if kind in data), None)
            if kind is None or "data-adviz=" in _text(data.get("text/html", "")):
                continue
            given = data.pop(kind)
            document = json.loads(_text(given)) if isinstance(given, (str, list)) else given
            pieces |= pieces_of(kind, document)
            data["text/html"] = in_place(kind, document, _text(data.get("text/html", "")))
    return pieces


def _text(lines: str | list[str]) -> str:
    return lines if isinstance(lines, str) else "".join(lines)
