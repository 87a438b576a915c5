"""Formulas of a page as MathML, which browsers set without a script."""

from __future__ import annotations

from docutils import nodes
from latex2mathml import converter
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

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
    latex = node.astext().strip()
    try:
        return str(converter.convert(latex, display=display))
    except Exception as error:  # noqa: BLE001 - the package has errors of its own, and others slip through
        _log.warning("not a formula that can be set: %s (%r)", latex, error, location=node)
        return f"<code>{nodes.unescape(latex)}</code>"
