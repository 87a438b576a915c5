"""nbconvert, such that traces, exercises and laboratories play in the pages that it makes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter, SlidesExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from traitlets import Unicode, default

from adviz import player
from adviz.publish.cells import picture, play_cells
from adviz.render import rich_text
from adviz.render.carried import loader

__all__ = ["PlayPreprocessor", "PlayingHTMLExporter", "PlayingSlidesExporter"]

_TEMPLATES = Path(__file__).parent / "templates"
_WIDGET = "application/vnd.jupyter.widget-view+json"
_LATEX = re.compile(r"\A\s*(?P<fence>\$\$?)\s*(?P<formula>.*?)\s*(?P=fence)\s*\Z", re.DOTALL)
_SOURCE = re.compile(r'(<img\b[^>]*?\ssrc=)"([^"]*)"')
_STYLE_SHEET = re.compile(r'<link href="[^"]*/dist/([\w/-]+\.css)"[^>]*/?>')
_REVEAL = "dist/reveal.js"
_STYLE = """
.adviz-formula { margin: 1em 0; overflow-x: auto; overflow-y: hidden; }
math { font-family: "adviz math", "STIX Two Math", "Latin Modern Math", math; font-size: 1.08em; }
details > summary { cursor: pointer; min-height: 24px; }
.jp-OutputPrompt.jp-OutputArea-prompt:empty { padding: var(--jp-code-padding); padding-block: 0; }
.jp-OutputPrompt.jp-OutputArea-prompt:empty { border-inline: 1px solid transparent; }
.jp-RenderedHTML:has([data-adviz]) { overflow: visible; padding-right: 0; }
"""
_STYLE_IMPORT = re.compile(r"@import\s+url\([^)]*\);?")


class PlayPreprocessor(Preprocessor):
    """Makes the outputs of a notebook play in a page, which then holds the player once.

    For nbconvert's own exporters, by a line in ``jupyter_nbconvert_config.py``::

        c.HTMLExporter.preprocessors = ["adviz.publish.exporters.PlayPreprocessor"]
    """

    enabled = True

    player_script = Unicode(help="The address of the player, if it is not to be in the page.").tag(
        config=True
    )

    def preprocess(self, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the notebook with places for the player, and the player at the last of them."""
        pieces = play_cells(notebook.cells)
        if pieces:
            shown = [output.get("data", {}) for output in _outputs_of(notebook)]
            places = [data for data in shown if "data-adviz=" in data.get("text/html", "")]
            address = html.escape(self.player_script)
            shared = f'<script src="{address}" defer></script>'
            places[-1]["text/html"] += shared if address else loader(pieces)
        return notebook, resources


class _OfflinePreprocessor(Preprocessor):
    """Leaves out what a page would have to fetch something for: widgets, and LaTeX."""

    enabled = True

    def preprocess(self, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        notebook.metadata.pop("widgets", None)
        for output in _outputs_of(notebook):
            data = output.get("data", {})
            data.pop(_WIDGET, None)
            latex = _LATEX.match(data.get("text/latex", ""))
            if "text/html" in data or "text/markdown" in data:
                continue
            if latex:
                display = "block" if latex["fence"] == "$$" else "inline"
                data["text/html"] = rich_text.mathml(latex["formula"], display)
            elif shown := picture(output):
                data["text/html"] = shown  # nbconvert would leave out what it shows in words
        return notebook, resources


def _outputs_of(notebook: NotebookNode) -> Iterator[Any]:
    for cell in notebook.cells:
        yield from cell.get("outputs", [])


class _MathMLRenderer(IPythonRenderer):
    """Writes the formulas of Markdown cells as MathML, for which no script is needed."""

    def block_math(self, body: str) -> str:
        return f'<div class="adviz-formula">{rich_text.mathml(body, "block")}</div>'

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")

    def inline_math(self, body: str) -> str:
        return rich_text.mathml(body, "inline")

    def _html_embed_images(self, html: str) -> str:
        """Put pictures into a piece of HTML; nbconvert would close what a later piece closes."""
        return _SOURCE.sub(lambda found: f'{found[1]}"{self._embedded(found[2])}"', html)

    def _embedded(self, source: str) -> str:
        return self._src_to_base64(source) or source


class PlayingHTMLExporter(HTMLExporter):
    """A page in which the notebook plays, made by ``jupyter nbconvert --to adviz``.

    It is one file and fetches nothing: formulas are MathML, and what needs a kernel is shown as it
    was left.
    """

    export_from_notebook = "HTML that plays"

    player_script = Unicode(help="The address of the player, if it is not to be in the page.").tag(
        config=True
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]
        about = {"player_script": self.player_script}
        for made in (_OfflinePreprocessor, partial(PlayPreprocessor, **about)):
            self.register_preprocessor(made(), enabled=True)  # type: ignore[no-untyped-call]

    @default("template_name")
    def _template_name_default(self) -> str:
        return "adviz"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(_TEMPLATES)]

    def _init_resources(self, resources: Any) -> Any:
        resources = super()._init_resources(resources)  # type: ignore[no-untyped-call]
        resources["adviz_style"] = player.reveal_style() + _STYLE
        return resources

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Return Markdown as HTML; as in nbconvert, but for the formulas."""
        renderer = _MathMLRenderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            embed_images=True,
            path=context.get("resources", {}).get("metadata", {}).get("path", ""),
            anchor_link_text=self.anchor_link_text,
            exclude_anchor_links=self.exclude_anchor_links,
            **self.lexer_options,
        )
        return str(MarkdownWithMath(renderer=renderer).render(source))


class PlayingSlidesExporter(PlayingHTMLExporter, SlidesExporter):
    """Slides in which the notebook plays, made by ``jupyter nbconvert --to adviz-slides``.

    They are one file that fetches nothing where reveal.js is on this machine: in a folder
    ``reveal.js`` or ``node_modules/reveal.js`` here (``npm install reveal.js``), or where
    ``--SlidesExporter.reveal_url_prefix`` says. Otherwise they fetch reveal.js.
    """

    export_from_notebook = "Slides that play"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "adviz-slides"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".slides.html"

    @default("reveal_url_prefix")
    def _reveal_url_prefix_default(self) -> str:
        for folder in ("reveal.js", "node_modules/reveal.js"):
            if Path(folder, _REVEAL).is_file():
                return folder
        return "https://unpkg.com/reveal.js@5"

    def _init_resources(self, resources: Any) -> Any:
        resources = super()._init_resources(resources)
        script = Path(self.reveal_url_prefix, _REVEAL)
        if script.is_file():
            text = script.read_text(encoding="utf-8").replace("</script", "<\\/script")
            resources["adviz_reveal_script"] = f"<script>{text}</script>"
        else:
            self.log.warning(
                "reveal.js is not in a folder of this machine: these slides fetch it from %s.",
                self.reveal_url_prefix,
            )
            address = html.escape(f"{self.reveal_url_prefix}/{_REVEAL}")
            resources["adviz_reveal_script"] = f'<script src="{address}"></script>'
        return resources

    def from_notebook_node(  # type: ignore[override]  # as in nbconvert's exporters
        self, nb: NotebookNode, resources: Any = None, **options: Any
    ) -> tuple[str, Any]:
        """Return the slides, with the style sheets of reveal.js in them if they are here."""
        text, resources = super().from_notebook_node(nb, resources, **options)

        def within(link: re.Match[str]) -> str:
            sheet = Path(self.reveal_url_prefix, "dist", link[1])
            if not sheet.is_file():
                return link[0]
            rules = _STYLE_IMPORT.sub("", sheet.read_text(encoding="utf-8"))  # fonts from elsewhere
            return f"<style>{rules}</style>"

        return _STYLE_SHEET.sub(within, text), resources
