"""What an explanation or a folded answer is made of: text, tables, pictures, players, exercises.

A part is given to the page as a dict with one key: "text" with a rich text (``rich_text.py``), or
the MIME type of a document that the page plays.
"""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adviz.render import document as trace_document
from adviz.render import rich_text
from adviz.render.carried import in_place, pieces_of
from adviz.render.hosts import nothing_carried
from adviz.tutor.document import MIME_TYPE

__all__ = ["Part", "displayed", "in_html", "in_places", "is_live", "part_of"]

_PLAYED = (MIME_TYPE, trace_document.MIME_TYPE, "application/vnd.adviz.laboratory+json")
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
_WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Part:
    """One thing to show.

    Attributes
    ----------
    document : dict
        For our own page.
    html : str
        For hosts that do not run it.
    text : str
    """

    document: dict[str, Any]
    html: str
    text: str


def part_of(thing: Any) -> Part:
    """Return what is to be shown of a thing, as a notebook would display it.

    Parameters
    ----------
    thing : object
        A text is Markdown; anything else is shown as a cell shows it.

    Examples
    --------
    >>> part_of("at *both* uses").document
    {'text': ['div', ['p', 'at ', ['em', 'both'], ' uses']]}
    """
    if isinstance(thing, str):
        tree = rich_text.from_markdown(thing)
        return Part({"text": tree}, rich_text.to_html(tree), thing)
    shown = displayed(thing)
    text = shown.get("text/plain", repr(thing))
    for mime_type in _PLAYED:
        if mime_type in shown:
            fallback = shown.get("text/html", f"<pre>{html.escape(text, quote=False)}</pre>")
            return Part({mime_type: shown[mime_type]}, fallback, text)
    pictures = [_picture(shown[kind], kind, text) for kind in _PICTURES if kind in shown]
    if pictures:
        # Hosts that do not run our page show bitmaps more often than drawings.
        return Part({"text": pictures[0]}, rich_text.to_html(pictures[-1]), text)
    if "text/html" in shown:
        tree = rich_text.from_html(shown["text/html"])
    elif "text/markdown" in shown:
        tree = rich_text.from_markdown(shown["text/markdown"])
    else:
        tree = rich_text.preformatted(text)
    return Part({"text": tree}, rich_text.to_html(tree), text)


def is_live(thing: Any) -> bool:
    """Return whether a thing needs outputs of its own: a widget or a laboratory."""
    if hasattr(type(thing), "_ipython_display_"):
        return True
    widgets = (base for base in type(thing).__mro__ if base.__module__.startswith("ipywidgets."))
    return next(widgets, None) is not None


def displayed(thing: Any) -> dict[str, Any]:
    """Return the bundle by MIME type with which a notebook displays a thing."""
    from IPython.core.formatters import DisplayFormatter
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    formatter = getattr(shell, "display_formatter", None) or DisplayFormatter()
    with nothing_carried():
        data, _ = formatter.format(thing)
    return dict(data)


def _picture(data: str | bytes, mime_type: str, text: str) -> rich_text.Tree:
    if mime_type == "image/svg+xml":
        data = data.encode() if isinstance(data, str) else data
    written = b64encode(data).decode("ascii") if isinstance(data, bytes) else data
    return rich_text.image("".join(written.split()), mime_type, text)


def in_html(parts: Iterable[Part]) -> str:
    """Return parts one below the other, for hosts that do not run our page."""
    return "".join(f"<div>{part.html}</div>" for part in parts)


def in_places(parts: Iterable[Part]) -> tuple[str, set[str]]:
    """Return the same with the documents in it, and the pieces of the player that show them."""
    texts = []
    pieces: set[str] = set()
    for part in parts:
        [(kind, document)] = part.document.items()
        if kind in _PLAYED:
            pieces |= pieces_of(kind, document)
            texts.append(in_place(kind, document, part.html))
        else:
            texts.append(f"<div>{part.html}</div>")
    return "".join(texts), pieces
