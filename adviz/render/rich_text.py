"""Rich text: Markdown with mathematics as a small tree, which a page draws without any markup.

A tree is nested lists, ``["p", "a ", ["em", "word"]]``: a tag, perhaps a dict of attributes, then
texts and trees. Tags and attributes are those listed here, whatever the text has; formulas are
``["math", {...}, tree]`` with a math tree (``math_tree.py``). ``adviz/player/richText.js`` draws
it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any

from adviz.render import math_tree
from adviz.render.latex import to_mathml

__all__ = [
    "Tree",
    "from_html",
    "from_markdown",
    "image",
    "mathml",
    "names_in",
    "preformatted",
    "to_html",
    "to_text",
]

Tree = list[Any]

_BLOCKS = {"p", "pre", "ul", "ol", "li", "blockquote", "table", "caption", "thead", "tbody", "tr"}
_BLOCKS |= {"th", "td", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "div"}
_TAGS = _BLOCKS | {"em", "strong", "code", "del", "sub", "sup", "i", "b", "a", "br", "img"}
_EMPTY = {"br", "hr", "img"}
_SKIPPED = {"script", "style", "head", "title", "template", "annotation"}
_LEAVES = {"mi", "mn", "mo", "mtext"}
_BRANCHES = {"mrow", "mfrac", "msup", "msub", "msubsup", "mover", "munder", "munderover", "msqrt"}
_BRANCHES |= {"mroot", "mtable", "mtr", "mtd"}
_ROWS = {"mstyle", "mpadded", "menclose", "semantics"}  # shown as plain rows
_COLUMNS = re.compile(r"\S {2,}\S")


def from_markdown(text: str) -> Tree:
    r"""Return Markdown as a tree; ``$…$`` and ``$$…$$`` are LaTeX, HTML in it is plain text.

    A text with columns that are lined up by spaces is kept as it is.

    Examples
    --------
    >>> from_markdown("*Two* uses: $v_1$")
    ['div', ['p', ['em', 'Two'], ' uses: ', ['math', ['msub', ['mi', 'v'], ['mn', '1']]]]]
    >>> from_markdown("v1  3\nv2  4")
    ['div', ['pre', 'v1  3\nv2  4']]
    """
    if _COLUMNS.search(text) and "$" not in text and "|" not in text:
        return ["div", preformatted(text)]
    return from_html(_markdown()(text))


def preformatted(text: str) -> Tree:
    """Return a text as it is."""
    return ["pre", text]


def image(data: str, mime_type: str, text: str) -> Tree:
    """Return a picture, given in base64, with what it shows in words."""
    return ["img", {"src": f"data:{mime_type};base64,{data}", "alt": text}]


@cache
def _markdown() -> Any:
    import mistune
    from mistune.plugins import import_plugin

    renderer = mistune.HTMLRenderer(escape=True)
    written = mistune.Markdown(renderer, inline=mistune.InlineParser(hard_wrap=True))
    for name in ("math", "table", "strikethrough"):
        import_plugin(name)(written)
    renderer.register("inline_math", lambda _, text: mathml(text, "inline"))
    renderer.register("block_math", lambda _, text: mathml(text, "block"))
    return written


def mathml(latex: str, display: str) -> str:
    r"""Return LaTeX as MathML; what is not understood stays as it was written.

    Parameters
    ----------
    latex : str
    display : str
        "inline" or "block".

    Examples
    --------
    >>> mathml("v_1", "inline")[-47:]
    '<msub><mi>v</mi><mn>1</mn></msub></mrow></math>'
    """
    try:
        return to_mathml(latex, display)
    except ValueError:
        return f"<code>{html.escape(latex)}</code>"


def from_html(text: str) -> Tree:
    """Return HTML as a tree, of which anything but texts, tables, pictures and formulas is gone.

    Examples
    --------
    >>> from_html('<p onclick="x">v<sub>1</sub><script>bad()</script></p>')
    ['div', ['p', 'v', ['sub', '1']]]
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.tree


class _Reader(HTMLParser):
    """Reads HTML into a tree."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tree: Tree = ["div"]
        self._open: list[tuple[str, Tree]] = [("div", self.tree)]
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipping += tag in _SKIPPED
        if self._skipping:
            return
        given = {name: value or "" for name, value in attrs}
        node: Tree | None = None
        if tag == "mspace":
            node = ["mspace"]
        elif tag == "math":
            shown = {"display": "block"} if given.get("display") == "block" else {}
            node = ["math", *([shown] if shown else [])]
        elif tag in _ROWS:
            node = ["mrow"]
        elif tag in _LEAVES or tag in _BRANCHES:
            node = [tag]
        elif tag in _TAGS:
            kept = _attributes(tag, given)
            node = [tag, *([kept] if kept else [])]
        if node is None:
            self._open.append((tag, self._open[-1][1]))  # what is in it is kept
            return
        self._open[-1][1].append(node)
        if tag not in _EMPTY and tag != "mspace":
            self._open.append((tag, node))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY and tag != "mspace":
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping -= self._skipping > 0
            return
        if self._skipping or tag not in [name for name, _ in self._open[1:]]:
            return
        while True:
            name, node = self._open.pop()
            if name == tag:
                break
        if tag == "math":
            _close(node)

    def handle_data(self, data: str) -> None:
        if self._skipping:
            return
        node = self._open[-1][1]
        if node[0] in _BRANCHES or node[0] == "math":
            if data.strip():
                node.append(["mtext", data.strip()])
        elif data.strip() or node[0] not in ("div", "table", "thead", "tbody", "tr", "ul", "ol"):
            node.append(data)


def _attributes(tag: str, given: dict[str, str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if tag == "a" and re.match(r"https?://|#", given.get("href", "")):
        kept["href"] = given["href"]
    if tag == "img":
        source = given.get("src", "")
        if re.match(r"data:image/(png|svg\+xml|jpeg|gif|webp);base64,[\w+/=]*$", source):
            kept["src"] = source
        kept["alt"] = given.get("alt", "")
    if tag in ("td", "th"):
        align = re.search(r"text-align:\s*(left|right|center)", given.get("style", ""))
        if align:
            kept["align"] = align[1]
        if tag == "th" and given.get("scope") in ("row", "col"):
            kept["scope"] = given["scope"]
        for name in ("colspan", "rowspan"):
            if given.get(name, "").isdecimal():
                kept[name] = int(given[name])
    return kept


def _close(node: Tree) -> None:
    """Put the parts of a formula in one math tree, with fewer rows in rows."""
    display = [part for part in node[1:] if isinstance(part, dict)]
    parts = [_unwrapped(part) for part in node[1 + len(display) :]]
    node[1:] = [*display, parts[0] if len(parts) == 1 else ["mrow", *parts]]


def _unwrapped(tree: Any) -> Any:
    if isinstance(tree, str):
        return tree
    if tree[0] in _LEAVES:
        return [tree[0], "".join(part for part in tree[1:] if isinstance(part, str))]
    parts = [_unwrapped(part) for part in tree[1:]]
    return parts[0] if tree[0] == "mrow" and len(parts) == 1 else [tree[0], *parts]


def to_html(tree: Tree | str) -> str:
    """Return a tree as HTML which any page shows: formulas are letters with indices.

    Examples
    --------
    >>> to_html(from_markdown("**Not** $v_1$"))
    '<div><p><strong>Not</strong> <i>v</i><sub>1</sub></p></div>'
    """
    if isinstance(tree, str):
        return html.escape(tree, quote=False)
    tag, attributes, parts = _taken_apart(tree)
    if tag == "math":
        written = math_tree.to_html(_simple(parts[0]))
        return f"<p>{written}</p>" if attributes.get("display") == "block" else written
    align = attributes.pop("align", None)
    if align:
        attributes["style"] = f"text-align: {align}"
    listed = "".join(f' {name}="{html.escape(str(attributes[name]))}"' for name in attributes)
    if tag in _EMPTY:
        return f"<{tag}{listed}>"
    return f"<{tag}{listed}>{''.join(map(to_html, parts))}</{tag}>"


def to_text(tree: Tree | str) -> str:
    """Return a tree as plain text.

    Examples
    --------
    >>> to_text(from_markdown("**Not** $v_1$, see"))
    'Not v₁, see'
    """
    return re.sub(r"\n{3,}", "\n\n", "".join(_texts(tree))).strip()


def names_in(tree: Tree | str) -> set[str]:
    """Return the names in the formulas and in the code of a text, as a program writes them.

    Examples
    --------
    >>> sorted(names_in(from_markdown("the slope of $x_1 y$ in `z`")))
    ['x1', 'y', 'z']
    """
    if isinstance(tree, str):
        return set()
    tag, _, parts = _taken_apart(tree)
    match [tag, *parts]:
        case ["mi", str(name)] if name.isidentifier():
            return {name}
        case ["msub", ["mi", str(name)], ["mn", str(index)]]:
            return {f"{name}{index}"}
        case ["code", str(text)]:
            return set(re.findall(r"[^\W\d]\w*", text))
    return set().union(*map(names_in, parts))


def _texts(tree: Tree | str) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
        return
    tag, attributes, parts = _taken_apart(tree)
    if tag == "math":
        yield math_tree.to_text(_simple(parts[0]))
    elif tag == "img":
        yield str(attributes.get("alt", ""))
    elif tag == "br":
        yield "\n"
    else:
        if tag == "li":
            yield "- "
        for part in parts:
            yield from _texts(part)
        if tag in ("th", "td"):
            yield "  "
        elif tag in _BLOCKS:
            yield "\n\n" if tag in ("p", "pre", "table") else "\n"


def _taken_apart(tree: Tree) -> tuple[str, dict[str, Any], list[Any]]:
    tag, *parts = tree
    if parts and isinstance(parts[0], dict):
        return tag, dict(parts[0]), parts[1:]
    return tag, {}, parts


def _simple(tree: Tree) -> Tree:
    """Return a formula in the tags that ``math_tree.py`` writes in one line."""
    tag, *parts = tree
    if tag in _LEAVES or tag == "mspace":
        return tree
    parts = [_simple(part) for part in parts]
    match tag:
        case "munder":
            return ["msub", *parts]
        case "msubsup" | "munderover":
            return ["msup", ["msub", *parts[:2]], parts[2]]
        case "mroot":
            return ["msup", parts[0], ["mrow", ["mn", "1"], ["mo", "/"], parts[1]]]
        case "mtable":
            rows = [[["mo", ";"], ["mspace"], row] if k else [row] for k, row in enumerate(parts)]
            return ["mrow", *(part for row in rows for part in row)]
        case "mtr":
            cells = [[["mo", ","], cell] if k else [cell] for k, cell in enumerate(parts)]
            return ["mrow", *(part for cell in cells for part in cell)]
        case "mtd":
            return ["mrow", *parts]
        case "mover" if parts[1] not in (["mo", "¯"], ["mo", "˙"]) or parts[0][0] != "mi":
            return ["msup", *parts]
    return [tag, *parts]
