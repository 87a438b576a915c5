"""Formulas of a page as MathML, which browsers set without a script."""

from __future__ import annotations

import html

from docutils import nodes
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from adviz.render.latex import to_mathml

__all__ = ["visit_block", "visit_inline"]

_log = logging.getLogger(__name__)


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    self.body.append(_mathml(node, "inline"))
    raise nodes.SkipNode


def visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, with its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node.get("number"):
        number = str(node["number"])
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(_mathml(node, "block"))
    self.body.append("</div>\n")
    raise nodes.SkipNode


def _mathml(node: nodes.math | nodes.math_block, display: str) -> str:
    try:
        return to_mathml(node.astext(), display)
    except ValueError as error:
        _log.warning("%s", error, location=node)
        return f"<code>{html.escape(node.astext())}</code>"
