"""One notebook with everything that plays, run once, and the pages of hosts that show it."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SETUP = (
    "import numpy as np\n"
    "import adviz as ad\n\n"
    "def f(x1, x2):\n    return x1 * x2 + x2 - np.log(x1)\n\n"
    'lab = ad.error_lab(np.sin, 1.0, schemes=("forward", "central"))'
)
SOURCES = {
    "trace": "ad.trace(f, 3.0, -4.0)",
    "exercise": 'ad.exercise(f, 3.0, -4.0, ask="reverse")',
    "question": (
        'ad.ask("How many *uses* has $x_2$?", 2, feedback={1: "There is another one."}, '
        "explanation=ad.trace(f, 1.0, 2.0))"
    ),
    "answer": 'ad.reveal("The answer is $x_1$.", ad.trace(f, 2.0, 5.0), lab, hide_source=True)',
    "stepper": "ad.step(f, 3.0, -4.0)",
    "laboratory": "lab",
    "figure": "ad.trace(f, 3.0, -4.0).graph()",
    "summary": "ad.answered()",
}
"""What stands in the cells."""


@dataclass(frozen=True)
class Lesson:
    """The notebook, run with nothing carried, and its outputs with the player in them."""

    path: Path
    carried: dict[str, list[str]]
    framed: str

    @property
    def notebook(self) -> Any:
        return nbformat.read(self.path, 4)


def run_lesson(folder: Path) -> Lesson:
    """Run the notebook in a kernel, three times: as it is, inline, and framed."""
    once = [new_code_cell(source) for source in SOURCES.values()]
    inline = [new_code_cell(source) for source in SOURCES.values()]
    framed = new_code_cell(SOURCES["trace"])
    everything = new_notebook(
        cells=[
            new_code_cell(SETUP),
            *once,
            new_code_cell('ad.carry_player("inline")'),
            *inline,
            new_code_cell('ad.carry_player("framed")'),
            framed,
        ]
    )
    NotebookClient(everything, kernel_name="python3", timeout=300).execute()
    for cell in everything.cells:
        cell.metadata.pop("execution", None)
    path = folder / "everywhere.ipynb"
    write_lesson(path, once)
    return Lesson(
        path,
        {name: _html_of(cell) for name, cell in zip(SOURCES, inline, strict=True)},
        "".join(_html_of(framed)),
    )


def write_lesson(path: Path, cells: list[Any] | None = None) -> None:
    """Write the notebook, with cells that have been run or that are to be run; a slide each."""
    if cells is None:
        cells = [new_code_cell(source) for source in SOURCES.values()]
    title = new_markdown_cell("# Everywhere\n\nIts derivative is $\\frac{1}{x}$.")
    shown = [title, new_code_cell(SETUP), *cells]
    for cell in shown:
        cell.metadata["slideshow"] = {"slide_type": "slide"}
    python = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=shown, metadata={"kernelspec": python}), path)


def _html_of(cell: Any) -> list[str]:
    found = []
    for output in cell.outputs:
        data = output.get("data", {})
        if "text/html" in data:
            found.append(data["text/html"])
        elif "text/plain" in data:
            found.append(f"<pre>{html.escape(data['text/plain'])}</pre>")
    return found


# Pages as hosts make them


VSCODE_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' https: http: data:; "
    "font-src 'self' https:; connect-src https:; child-src https: data:"
)
"""Of the page in which VS Code shows the outputs of a notebook: no blob:, no fonts from data:."""

_VSCODE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>VS Code</title>
<meta http-equiv="Content-Security-Policy" content="{policy}">
<style>body {{ margin: 0 24px; background: #1f1f1f; }}</style></head>
<body class="vscode-dark"><main><h1 style="color: #ccc">Outputs</h1></main>
<script>
// As VS Code's own renderer does: the markup first, then each script made anew.
for (const text of {texts}) {{
  const output = document.querySelector("main").appendChild(document.createElement("div"));
  output.className = "output";
  output.innerHTML = text;
  for (const inert of output.querySelectorAll("script")) {{
    const script = document.createElement("script");
    script.text = inert.innerText;
    inert.replaceWith(script);
  }}
}}
</script></body></html>"""

_COLAB = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Colab</title>
<style>body {{ margin: 0 24px; }} iframe {{ width: 100%; height: {height}px; border: 0; }}</style>
</head><body><main><h1>Outputs</h1>{frames}</main></body></html>"""

_COLAB_FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Output</title>
</head><body><div class="output">{text}</div></body></html>"""


def vscode_page(lesson: Lesson) -> str:
    """Return a page as VS Code shows outputs: all in one, under its policy."""
    texts = [text for outputs in lesson.carried.values() for text in outputs]
    written = json.dumps(texts).replace("<", "\\u003c")
    return _VSCODE.format(policy=VSCODE_POLICY, texts=written)


def colab_page(lesson: Lesson, height: int = 760) -> str:
    """Return a page as Colab shows outputs: each cell in a frame of another origin."""
    frames = []
    for name, outputs in lesson.carried.items():
        inside = _COLAB_FRAME.format(text="".join(outputs))
        frames.append(
            f'<iframe title="{name}" sandbox="allow-scripts allow-forms" '
            f'srcdoc="{html.escape(inside)}"></iframe>'
        )
    return _COLAB.format(height=height, frames="".join(frames))


# GitHub sanitises the HTML of outputs: these elements and attributes are left, and the text of
# others, but for scripts and style sheets.
_ELEMENTS = {"div", "p", "pre", "code", "details", "summary", "table", "caption", "thead", "tbody"}
_ELEMENTS |= {"tr", "th", "td", "b", "i", "em", "strong", "sub", "sup", "ul", "li", "span", "br"}
_ATTRIBUTES = {"scope", "colspan", "rowspan", "open"}


class _Sanitiser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []
        self.inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside += tag in ("script", "style")
        if tag in _ELEMENTS:
            given = "".join(f' {k}="{html.escape(v or "")}"' for k, v in attrs if k in _ATTRIBUTES)
            self.kept.append(f"<{tag}{given}>")

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag in ("script", "style")
        if tag in _ELEMENTS:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.kept.append(html.escape(data))


def sanitised(text: str) -> str:
    """Return what GitHub leaves of some HTML."""
    reader = _Sanitiser()
    reader.feed(text)
    reader.close()
    return "".join(reader.kept)
