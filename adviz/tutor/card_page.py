"""A page with one card: one file that needs no network."""

from __future__ import annotations

import os
from typing import Any

from adviz.host.files import write_file
from adviz.render.page import exercise_page

__all__ = ["card_page"]


def card_page(
    document: dict[str, Any], title: str, fallback: str, path: str | os.PathLike[str] | None
) -> str | None:
    """Write a page with a card, or return it.

    Parameters
    ----------
    document : dict
        The exercise document.
    title : str
        Of the page.
    fallback : str
        HTML for readers whose browser runs no scripts.
    path : path-like or None
        The file to write; without one the page is returned.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    text = exercise_page(document, title, fallback)
    if path is None:
        return text
    write_file(path, text)
    return None
