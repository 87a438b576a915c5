"""A Sphinx extension: what adviz shows plays in the pages of a site.

Add it to the extensions of a project, beside the reader of its notebooks::

    extensions = ["myst_nb", "adviz.sphinx"]

Traces, exercises and laboratories in the outputs of notebooks play, answers are folded, and
formulas are MathML, which browsers set without a script. The pages ask no other site for anything:
the player and its font are files of the site, in ``_static/adviz``.

- ``outputs.py`` shows what adviz displayed in notebooks, and folds their cells.
- ``directive.py`` shows what a few lines of Python make, in any page.
- ``formulas.py`` writes formulas.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from adviz import player
from adviz.render.carried import PIECES, script
from adviz.sphinx import formulas
from adviz.sphinx.directive import Show
from adviz.sphinx.outputs import fold_as_saved

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]

_STYLE = Path(__file__).with_name("site.css")


def setup(app: Sphinx) -> dict[str, Any]:
    """Add to a Sphinx project what this extension is for; Sphinx calls it."""
    app.add_html_math_renderer(
        "adviz",
        inline_renderers=(formulas.visit_inline, None),
        block_renderers=(formulas.visit_block, None),
    )
    app.add_directive("adviz", Show)
    app.add_css_file("adviz/site.css")
    app.connect("source-read", fold_as_saved)
    app.connect("html-page-context", _add_player)
    app.connect("build-finished", _write_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _add_player(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let a page load the player if something on it plays."""
    raw = [] if doctree is None else doctree.findall(nodes.raw)
    if any("data-adviz=" in part.astext() for part in raw):
        app.add_js_file("adviz/player.js", loading_method="defer")


def _write_files(app: Sphinx, error: Exception | None) -> None:
    """Write what the pages share: the player once, its font, and a style sheet."""
    if error is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static/adviz")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "player.js").write_text(script(frozenset(PIECES.values())), encoding="utf-8")
    (folder / "site.css").write_text(_STYLE.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "stix-two-math.woff2").write_bytes(player.font())
    (folder / "OFL.txt").write_text(player.font_license(), encoding="utf-8")
