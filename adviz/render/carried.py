"""HTML that plays: a document, the table for readers without scripts, and the player beside them.

A document stands compressed in an attribute of an element around its table. The loader, a classic
script, finds such places and shows the documents in them. It takes the player from the texts beside
it, of which a page needs each once.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import re
from base64 import b85encode
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from adviz import player
from adviz.render.hosts import way

__all__ = [
    "PIECES",
    "carried_pieces",
    "carrying",
    "in_place",
    "loader",
    "pieces_of",
    "script",
    "with_player",
    "without_player",
]

PIECES = {
    "application/vnd.adviz.trace+json": "trace",
    "application/vnd.adviz.exercise+json": "cards",
    "application/vnd.adviz.laboratory+json": "laboratory",
}
"""The piece of the player that shows the documents of a MIME type, as in ``loader.js``."""

_FRAME = """<!doctype html><html lang="en"><meta charset="utf-8"><title>adviz</title>
<style>:root {{ color-scheme: light dark; }} body {{ margin: 0; overflow-y: hidden; }}</style>
<body>{inside}<script>
const frame = window.frameElement;
const page = document.documentElement;
function match() {{
  page.style.colorScheme = frame.ownerDocument.defaultView.getComputedStyle(frame).colorScheme;
}}
if (frame) {{
  new ResizeObserver(() => {{
    frame.style.height = `${{page.offsetHeight + 4}}px`;
  }}).observe(page);
  // The ground of a frame is seen through if it is as light or as dark as the page around.
  const around = frame.ownerDocument;
  for (const changing of [around.documentElement, around.body]) {{
    new MutationObserver(match).observe(changing, {{ attributes: true }});
  }}
  match();
}}
</script></body></html>"""

_FRAME_HEIGHT = 680
"""In CSS pixels, of a frame that cannot be told how high its page is."""

_SCRIPT = re.compile(r"<script><!--.*?--></script>", re.DOTALL)
_FRAMED = re.compile(r'<iframe title="adviz"[^>]* srcdoc="([^"]*)"></iframe>')
_NEEDED = re.compile(r' data-adviz-pieces="([a-z ]*)"')


def with_player(bundle: dict[str, Any]) -> dict[str, Any]:
    """Return a MIME bundle whose HTML plays its document, if the host needs that.

    Parameters
    ----------
    bundle : dict
        Holds a document and its "text/html", the table.
    """
    how = way()
    document_type = next((kind for kind in PIECES if kind in bundle), None)
    if how == "never" or document_type is None:
        return bundle
    document = bundle[document_type]
    table = bundle.get("text/html") or f"<pre>{html.escape(bundle.get('text/plain', ''))}</pre>"
    placed = in_place(document_type, document, table)
    return {**bundle, "text/html": carrying(placed, pieces_of(document_type, document), how)}


def carrying(placed: str, pieces: Iterable[str], how: str) -> str:
    """Return HTML with places in it, and the player beside them, in a frame if it has to be."""
    inside = placed + loader(pieces)
    if how == "inline":
        return inside
    page = html.escape(_FRAME.format(inside=inside))
    return (
        f'<iframe title="adviz" style="width: 100%; height: {_FRAME_HEIGHT}px; border: 0" '
        f'srcdoc="{page}"></iframe>'
    )


def without_player(text: str) -> str:
    """Return the HTML that an output carries the player in, without the player: its places.

    Examples
    --------
    >>> placed = in_place("application/vnd.adviz.trace+json", {}, "a table")
    >>> [without_player(carrying(placed, ["trace"], how)) == placed for how in ("inline", "framed")]
    [True, True]
    """
    framed = _FRAMED.fullmatch(text)
    inside = html.unescape(framed[1]) if framed else text
    placed, player_, _ = _SCRIPT.sub("\0", inside).partition("\0")
    return placed.partition("<body>")[2] if framed and player_ else placed


def carried_pieces(text: str) -> set[str]:
    """Return the pieces of the player that the places in some HTML need.

    Examples
    --------
    >>> carried_pieces(in_place("application/vnd.adviz.trace+json", {}, "a table"))
    {'trace'}
    """
    return {piece for needed in _NEEDED.findall(without_player(text)) for piece in needed.split()}


def in_place(mime_type: str, document: Any, table: str) -> str:
    """Return an element that holds a document and, for readers without scripts, its table."""
    text = json.dumps({mime_type: document}, ensure_ascii=False, separators=(",", ":"))
    pieces = " ".join(sorted(pieces_of(mime_type, document)))
    return f'<div data-adviz="{_packed(text)}" data-adviz-pieces="{pieces}">{table}</div>'


def pieces_of(mime_type: str, document: Any) -> set[str]:
    """Return the pieces of the player that show a document, and those that are folded in it."""
    found = {PIECES[mime_type]}
    if PIECES[mime_type] == "cards":
        found |= {PIECES[key] for key in _keys(document) if key in PIECES}
    return found


def _keys(nest: Any) -> Iterator[str]:
    if isinstance(nest, dict):
        yield from nest
        for value in nest.values():
            yield from _keys(value)
    elif isinstance(nest, list):
        for value in nest:
            yield from _keys(value)


def loader(pieces: Iterable[str]) -> str:
    """Return the script element that plays the places before it with these pieces.

    Its text is a comment of HTML too: who takes out the element but not its text shows nothing.
    """
    return f"<script><!--\n{script(frozenset(pieces))}\n//--></script>"


@cache
def script(pieces: frozenset[str]) -> str:
    """Return the classic script that :func:`loader` holds.

    Examples
    --------
    >>> len(script(frozenset({"trace"}))) < 150_000
    True
    """
    texts = {piece: _piece(piece) for piece in sorted(pieces)}
    texts["font"] = _written(player.font())
    given = json.dumps({"version": _version(), "texts": texts})
    return f"globalThis.advizCarried = {given};\n{player.bundle('loader.js')}"


@cache
def _version() -> str:
    """Return a name of the player as it is: pages keep players of different versions apart."""
    files = [f"{name}.{kind}" for name in PIECES.values() for kind in ("js", "css")]
    texts = "".join(map(player.bundle, [*files, "loader.js"]))
    return hashlib.sha256(texts.encode("utf-8")).hexdigest()[:12]


@cache
def _piece(name: str) -> str:
    code, sheet = (player.bundle(f"{name}.{kind}") for kind in ("js", "css"))
    return _packed(f"{code}\0{sheet}")  # which neither contains


def _packed(text: str) -> str:
    return _written(gzip.compress(text.encode("utf-8"), 9, mtime=0))


def _written(data: bytes) -> str:
    """Return bytes as text, in base 85, which is shorter than base 64 by a sixteenth.

    Signs that HTML reads in an attribute or a script are replaced by others.
    """
    return b85encode(data).translate(bytes.maketrans(b"&-<>", b",./:")).decode("ascii")
