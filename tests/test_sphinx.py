"""The Sphinx extension, in a small project of somebody else."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from base64 import b85decode
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

import adviz as ad
from adviz import player

ROOT = Path(__file__).parent.parent

INDEX = r"""# Somebody's pages

A formula, $\ln x_1$, and one by itself:

```{math}
:label: rule
\bar v_j = \sum_i \bar v_i \frac{\partial v_i}{\partial v_j}
```

By {eq}`rule`:

```{adviz}
import adviz as ad

def cube(x):
    return x * x * x

ad.trace(cube, 3)
```

```{adviz}
:hide-code:
21 * 2
```

```{toctree}
saved
run
plain
```
"""
PLAIN = "# Nothing plays here\n\nText.\n"
CONF = """extensions = ["myst_nb", "adviz.sphinx"]
myst_enable_extensions = ["dollarmath"]
nb_ipywidgets_js = {}  # a laboratory has widgets
"""


def f(x1, x2):
    return x1 * x2 + x2 - np.log(x1)


def sphinx(source: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "--quiet",
        *options,
        str(source),
        str(source / "out"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def cell(source: str, shown: Any, **metadata: Any) -> nbformat.NotebookNode:
    bundle = shown._repr_mimebundle_()
    output = nbformat.v4.new_output("execute_result", bundle, execution_count=1)
    return nbformat.v4.new_code_cell(
        source, outputs=[output], execution_count=1, metadata=dict(metadata)
    )


def notebook(*cells: nbformat.NotebookNode) -> str:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}}
    return nbformat.writes(nbformat.v4.new_notebook(metadata=kernel, cells=list(cells)))


def documents(page: str) -> list[dict[str, Any]]:
    """What stands in the places of a page, by MIME type."""
    places = re.findall(r'data-adviz="([^"]*)"', page)
    written = bytes.maketrans(b",./:", b"&-<>")  # signs that HTML would read
    packed = [b85decode(place.encode().translate(written)) for place in places]
    return [json.loads(gzip.decompress(one)) for one in packed]


def written(shown: Any) -> dict[str, Any]:
    """A document as a notebook holds it."""
    return json.loads(json.dumps(shown.to_document()))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages by name, in a folder with what they share."""
    source = tmp_path_factory.mktemp("project")
    (source / "conf.py").write_text(CONF + 'nb_execution_excludepatterns = ["saved*"]\n')
    (source / "index.md").write_text(INDEX)
    (source / "plain.md").write_text(PLAIN)
    heading = nbformat.v4.new_markdown_cell("# Saved")
    saved = [
        cell("ad.trace(f, 3, -4)", ad.trace(f, 3, -4)),
        cell("secret = 1", ad.exercise(f, 3, -4, ask="reverse"), jupyter={"source_hidden": True}),
        cell("'gives away'", ad.reveal("v0 is 4", ad.trace(f, 1, 2), hide_source=True)),
    ]
    (source / "saved.ipynb").write_text(notebook(heading, *saved))
    run = nbformat.v4.new_code_cell("import adviz as ad\nad.trace(lambda x: x * x, 5)")
    lab = nbformat.v4.new_code_cell("import numpy as np\nad.error_lab(np.sin, 1.0)")
    (source / "run.ipynb").write_text(notebook(nbformat.v4.new_markdown_cell("# Run"), run, lab))
    done = sphinx(source, "--fail-on-warning")
    assert done.returncode == 0, done.stderr
    return source / "out"


def test_the_outputs_of_saved_notebooks_are_places_that_play(site):
    page = (site / "saved.html").read_text()
    assert documents(page) == [
        {"application/vnd.adviz.trace+json": written(ad.trace(f, 3, -4))},
        {"application/vnd.adviz.exercise+json": written(ad.exercise(f, 3, -4, ask="reverse"))},
        {"application/vnd.adviz.trace+json": written(ad.trace(f, 1, 2))},
    ]
    assert "<caption>" in page  # of the table, for readers without scripts


def test_notebooks_that_are_run_for_the_pages_play_as_well(site):
    page = (site / "run.html").read_text()
    played, laboratory = documents(page)
    [trace] = played.values()
    assert trace["outputs"]
    assert trace["inputs"]
    assert list(laboratory) == ["application/vnd.adviz.laboratory+json"]
    below = page[page.rindex("data-adviz=") :]
    assert 'class="output' not in below, "its last state is shown below it"


def test_answers_are_folded_and_so_are_cells_that_jupyterlab_folds(site):
    page = (site / "saved.html").read_text()
    folded = r'<div class="output text_html">.*<details class="adviz-reveal adviz-hides-source">'
    assert re.search(folded, page, re.DOTALL)
    hidden = page[: page.index("secret")].rindex("<details")
    assert "hide above-input" in page[hidden : page.index(">", hidden)]
    style = (site / "_static/adviz/site.css").read_text()
    assert ".cell:has(.adviz-hides-source:not([open])) .cell_input { display: none; }" in style


def test_the_directive_shows_its_lines_and_what_they_make(site):
    page = (site / "index.html").read_text()
    [document] = documents(page)
    [trace] = document.values()
    assert [line for source in trace["sources"] for line in source["lines"]]
    texts = re.sub(r"<[^>]*>", "", page)
    assert "import adviz as ad" in texts
    assert "42" in texts
    assert "21 * 2" not in texts


def test_formulas_are_mathml_with_their_numbers(site):
    page = (site / "index.html").read_text()
    assert len(re.findall(r"<math\b", page[: page.index("data-adviz")])) == 2
    assert re.search(r'class="eqno">\(1\)', page)
    assert 'href="#equation-rule"' in page
    assert 'id="equation-rule"' in page


def test_pages_share_one_player_and_ask_no_other_site(site):
    shared = site / "_static/adviz"
    assert (shared / "stix-two-math.woff2").read_bytes() == player.font()
    assert "SIL OPEN FONT LICENSE" in (shared / "OFL.txt").read_text()
    for name in ("index", "saved", "run", "plain"):
        page = (site / f"{name}.html").read_text()
        asked = re.findall(r'<(?:script|img|link|iframe)\b[^>]*?(?:src|href)="([^"]*)"', page)
        assert asked
        assert not [address for address in asked if re.match(r"\w+:|//", address)]
        assert ("adviz/player.js" in page) == (name != "plain")


def test_what_cannot_be_set_or_run_is_a_warning_with_its_place(tmp_path):
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "index.md").write_text(
        "# Wrong\n\n$\\unheard x$ here\n\n```{adviz}\n1 / 0\n```\n\n```{adviz}\nx = 1\n```\n"
    )
    said = sphinx(tmp_path).stderr
    assert re.search(r"index\.md:\d+: WARNING: not a formula that can be set: .*unheard", said)
    assert re.search(r"index\.md:5: .*cannot be shown: ZeroDivisionError", said)
    assert re.search(r"index\.md:9: .*the last line is not an expression", said)
    assert "<code>\\unheard x</code>" in (tmp_path / "out/index.html").read_text()
