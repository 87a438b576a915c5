"""The outputs of a saved notebook, made ready for a page that holds the player once."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from typing import Any

from adviz.render import rich_text
from adviz.render.carried import PIECES, carried_pieces, in_place, pieces_of, without_player

__all__ = ["LABORATORY", "is_state", "picture", "play_cells"]

LABORATORY = "application/vnd.adviz.laboratory+json"
_WIDGET = "application/vnd.jupyter.widget-view+json"
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
_DIV = re.compile(r"<div\b[^>]*>|</div>")


def play_cells(cells: list[Any]) -> set[str]:
    """Put places for the player where outputs hold documents, and fold what belongs to an answer.

    Outputs that show the last state of a laboratory that plays are dropped.

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
        kept: list[Any] = []
        answer: Any = None  # the folded answer to which the outputs after it belong
        plays = False  # whether the laboratory does whose last state is in the outputs after it
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if is_state(output):
                if plays:
                    continue
            elif _WIDGET in data or LABORATORY in data:
                plays = LABORATORY in data
            given = _document(data)
            pieces |= _played(data)
            if given.get("kind") == "reveal":
                answer = output if given.get("followed") is True else None
                kept.append(output)
                if answer:
                    folded = _text(output["data"]["text/html"])
                    output["data"]["text/html"] = folded.replace(" adviz-followed", "", 1)
            elif answer is None or output.get("output_type") == "error":
                kept.append(output)
            else:
                folded = _text(answer["data"]["text/html"]).removesuffix("</details>")
                answer["data"]["text/html"] = f"{folded}<div>{_shown(output)}</div></details>"
        if "outputs" in cell:
            cell["outputs"] = kept
    return pieces


def is_state(output: Any) -> bool:
    """Return whether an output shows the last state of a laboratory.

    Examples
    --------
    >>> is_state({"metadata": {"adviz": {"state": True}}})
    True
    """
    about = output.get("metadata", {}).get("adviz")
    return isinstance(about, dict) and about.get("state") is True


def _document(data: dict[str, Any]) -> dict[str, Any]:
    """Return the document of an output, an empty one if there is none."""
    kind = next((kind for kind in PIECES if kind in data), None)
    if kind is None:
        return {}
    given = data[kind]
    read = json.loads(_text(given)) if isinstance(given, (str, list)) else given
    return read if isinstance(read, dict) else {}


def _played(data: dict[str, Any]) -> set[str]:
    """Put the document of an output into its HTML; return the pieces that show it."""
    kind = next((kind for kind in PIECES if kind in data), None)
    table = _text(data.get("text/html", ""))
    if kind is None:
        return set()
    document = _document(data)
    del data[kind]
    data.pop(_WIDGET, None)  # no kernel answers in a page; the document plays
    if "data-adviz" in table:  # it was made for a host without the extension
        data["text/html"] = without_player(table)
        return carried_pieces(table)
    if document.get("kind") == "reveal":
        data["text/html"], pieces = _folded(document, table)
        return pieces
    fallback = table or f"<pre>{html.escape(_text(data.get('text/plain', '')))}</pre>"
    data["text/html"] = in_place(kind, document, fallback)
    return pieces_of(kind, document)


def _folded(document: dict[str, Any], table: str) -> tuple[str, set[str]]:
    """Return the HTML of a folded answer with places for its parts, and the pieces they need.

    The fold is the page's own: it works without scripts, and style sheets see whether it is open.
    """
    opening, closed, inside = table.partition("</summary>")
    parts = document.get("parts", [])
    fallbacks = _children(inside.removesuffix("</details>"))
    if not closed or len(fallbacks) != len(parts):
        fallbacks = [""] * len(parts)
    texts = []
    pieces: set[str] = set()
    for part, fallback in zip(parts, fallbacks, strict=True):
        [(kind, content)] = part.items()
        if kind in PIECES:
            pieces |= pieces_of(kind, content)
            texts.append(in_place(kind, content, fallback))
        else:
            texts.append(fallback or f"<div>{rich_text.to_html(content)}</div>")
    return f"{opening}</summary>{''.join(texts)}</details>", pieces


def _children(text: str) -> list[str]:
    """Return the outermost div elements of HTML of ours."""
    found = []
    depth = start = 0
    for tag in _DIV.finditer(text):
        if tag[0] == "</div>":
            depth -= 1
            if depth == 0:
                found.append(text[start : tag.end()])
        else:
            if depth == 0:
                start = tag.start()
            depth += 1
    return found


def _shown(output: Any) -> str:
    """Return an output as HTML: what a page shows of it."""
    data = output.get("data", {})
    if "text/html" in data:
        return _text(data["text/html"])
    if shown := picture(output):
        return shown
    if "text/markdown" in data:
        return rich_text.to_html(rich_text.from_markdown(_text(data["text/markdown"])))
    text = _text(data.get("text/plain", output.get("text", "")))
    return f"<pre>{html.escape(text, quote=False)}</pre>"


def picture(output: Any) -> str:
    """Return the picture of an output as HTML, with what it shows in words; "" if it has none.

    Examples
    --------
    >>> data = {"image/svg+xml": "<svg/>", "text/plain": "a drawing"}
    >>> picture({"data": data})
    '<img alt="a drawing" src="data:image/svg+xml;base64,PHN2Zy8+" style="max-width: 100%">'
    """
    data = output.get("data", {})
    kind = next((kind for kind in _PICTURES if kind in data), None)
    if kind is None:
        return ""
    given = _text(data[kind])
    if kind == "image/svg+xml":
        given = b64encode(given.encode("utf-8")).decode("ascii")
    about = output.get("metadata", {}).get(kind, {})
    words = about.get("alt") or _text(data.get("text/plain", ""))
    width = f' width="{about["width"]}"' if isinstance(about.get("width"), int) else ""
    return (
        f'<img alt="{html.escape(words)}" src="data:{kind};base64,{"".join(given.split())}"{width} '
        'style="max-width: 100%">'
    )


def _text(lines: str | list[str]) -> str:
    return lines if isinstance(lines, str) else "".join(lines)
