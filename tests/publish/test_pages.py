"""Notebooks as pages: what stands in them, and what the command says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbconvert.exporters import get_exporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import adviz as ad
from adviz.cli import main
from adviz.publish.cells import play_cells
from adviz.render.carried import PIECES, carrying, pieces_of

LESSONS = Path(__file__).parents[2] / "notebooks"
TRACE = "application/vnd.adviz.trace+json"
WIDGET = "application/vnd.jupyter.widget-view+json"


def cell_of(*bundles: dict[str, Any]) -> Any:
    outputs = [new_output("display_data", data=dict(bundle)) for bundle in bundles]
    return new_code_cell("f", outputs=outputs)


def traced() -> dict[str, Any]:
    return ad.trace(lambda x: x * x, 3.0)._repr_mimebundle_()


def shown(cell: Any) -> list[str]:
    return [output.data.get("text/html", "") for output in cell.outputs]


def answer(**options: Any) -> dict[str, Any]:
    return ad.reveal("It is *two*.", ad.trace(lambda x: x * x, 3.0), **options)._repr_mimebundle_()


def test_documents_get_a_place_with_their_table() -> None:
    cell = cell_of({**traced(), WIDGET: {"model_id": "lost"}}, {"text/plain": "42"})
    assert play_cells([new_markdown_cell("# A"), cell]) == {"trace"}
    place, plain = cell.outputs
    assert set(place.data) == {"text/html", "text/plain"}
    assert re.fullmatch(r'<div data-adviz="[^"&<>]+" data-adviz-pieces="trace"><table>.*</div>',
        place.data["text/html"], re.DOTALL)  # fmt: skip
    assert plain.data == {"text/plain": "42"}
    assert play_cells([cell]) == set(), "it has been done"


def test_a_folded_answer_holds_all_that_follows_it() -> None:
    followed = answer(title="Why?")
    followed["application/vnd.adviz.exercise+json"]["followed"] = True
    state = {"text/html": "<p>the last state</p>", WIDGET: {"model_id": "lost"}}
    picture = {"image/png": "iVBORw0KGgo=", "text/plain": "<figure: a curve>"}
    cell = cell_of(followed, traced(), state, picture, {"text/plain": "1 < 2"})
    cell.outputs.append(new_output("error", ename="ValueError", evalue="no", traceback=["no"]))
    assert play_cells([cell]) == {"trace"}
    folded, error = cell.outputs
    text = folded.data["text/html"]
    assert text.endswith("</details>")
    assert text.count("<details") == 1
    assert text.count("data-adviz=") == 2
    for part in ("two", "the last state", 'alt="&lt;figure: a curve&gt;"', "1 &lt; 2"):
        assert part in text
    assert "adviz-followed" not in text
    assert error.output_type == "error"


@pytest.fixture
def save() -> Iterator[Callable[[Any], Any]]:
    """Gives the cell as which a notebook saves a laboratory and a line after it."""
    shell = InteractiveShell.instance()

    def saved(laboratory: Any) -> Any:
        with capture_output() as shown:
            laboratory._ipython_display_()
        outputs = [
            new_output("display_data", data=output.data, metadata=output.metadata or {})
            for output in shown.outputs
        ]
        return new_code_cell("lab", outputs=[*outputs, new_output("stream", text="after it")])

    yield saved
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


def test_of_a_laboratory_that_plays_the_last_state_is_left_out(save: Callable[[Any], Any]) -> None:
    plays = save(ad.error_lab(np.sin, 1.0))
    assert len(plays.outputs) > 2
    assert play_cells([plays]) == {"laboratory"}
    assert [output.output_type for output in plays.outputs] == ["display_data", "stream"]

    stays = save(ad.jacobian_lab(lambda x: x * x, np.array([1.0, 2.0])))
    before = len(stays.outputs)
    assert play_cells([stays]) == set()
    assert len(stays.outputs) == before > 2


def test_an_answer_that_nothing_follows_stays_apart() -> None:
    cell = cell_of(answer(hide_source=True), {"text/html": "<p>beside</p>"})
    assert play_cells([cell]) == {"trace"}
    assert len(cell.outputs) == 2
    assert "adviz-hides-source" in shown(cell)[0]
    assert "data-adviz=" in shown(cell)[0]


@pytest.mark.parametrize("way", ["inline", "framed"])
def test_a_player_that_an_output_carries_is_taken_out(way: str) -> None:
    ad.carry_player(way)
    try:
        bundles = [traced(), answer()]
    finally:
        ad.carry_player("auto")
    cell = cell_of(*bundles)
    assert play_cells([cell]) == {"trace"}
    for text in shown(cell):
        assert "advizCarried" not in text
        assert len(text) < 10_000
        assert text.count("data-adviz=") == 1
    assert "<details" in shown(cell)[1]


def test_a_page_holds_the_player_once_and_fetches_nothing() -> None:
    exporter = get_exporter("adviz")()
    latex = {"text/latex": r"$\displaystyle \frac{1}{x}$", "text/plain": "1/x"}
    notebook = new_notebook(
        cells=[
            new_markdown_cell(
                "<details><summary>Why</summary>\n\nSince $x_1$.\n\n</details>\n\n$$\\frac12$$"
            ),
            cell_of(traced()),
            cell_of(traced(), latex),
            cell_of({WIDGET: {"model_id": "kept"}, "text/plain": "a slider"}),
        ]
    )
    notebook.metadata.widgets = {
        "application/vnd.jupyter.widget-state+json": {"state": {"kept": {}}}
    }
    text, _ = exporter.from_notebook_node(notebook)
    assert text.count("globalThis.advizCarried = ") == 1
    assert text.index("data-adviz=") < text.index("globalThis.advizCarried = ")
    assert not re.search(r'(src|href)="(https?:)?//', text)
    assert not re.search(r"@import|url\(\s*[\"']?https?:", text)
    assert len(re.findall("<math", text)) == 3
    assert "a slider" in text
    assert re.search(r"<details><summary>Why</summary>\s*<p>Since .*</p>\s*</details>", text)


def test_a_notebook_without_documents_has_no_player() -> None:
    notebook = new_notebook(cells=[cell_of({"text/plain": "42"})])
    text, _ = get_exporter("adviz")().from_notebook_node(notebook)
    assert "advizCarried" not in text


def test_slides_without_reveal_js_say_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    exporter = get_exporter("adviz-slides")()
    exporter.log.propagate = True
    notebook = new_notebook(cells=[cell_of(traced())])
    text, _ = exporter.from_notebook_node(notebook)
    assert 'src="https://unpkg.com/reveal.js@5/dist/reveal.js"' in text
    assert "reveal.js is not in a folder" in caplog.text
    (tmp_path / "reveal.js/dist").mkdir(parents=True)
    (tmp_path / "reveal.js/dist/reveal.js").write_text("var Reveal = '</script>';")
    (tmp_path / "reveal.js/dist/reveal.css").write_text(
        "@import url(https://fonts.example/a.css); .reveal { color: red }"
    )
    text, _ = get_exporter("adviz-slides")().from_notebook_node(notebook)
    assert "var Reveal = '<\\/script>';" in text
    assert "fonts.example" not in text
    assert ".reveal { color: red }" in text


def test_the_command_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lesson = tmp_path / "lesson.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell("# A & B"), cell_of(traced())]), lesson)
    assert main(["export", str(lesson)]) == 0
    page = tmp_path / "lesson.html"
    assert f"Wrote {page}" in capsys.readouterr().out
    assert "<title>A &amp; B</title>" in page.read_text(encoding="utf-8")
    assert main(["export", str(lesson), "--output", str(tmp_path / "other.html")]) == 0
    assert (tmp_path / "other.html").read_text() == page.read_text()


def test_the_command_writes_lessons_that_share_the_player(tmp_path: Path) -> None:
    lessons = [str(LESSONS / name) for name in ("00-start-here.ipynb", "03-reverse-mode.ipynb")]
    site = tmp_path / "made/site"
    assert main(["export", *lessons, "--to", "site", "--output", str(site)]) == 0
    names = {path.name for path in site.iterdir()}
    assert names == {"index.html", "00-start-here.html", "03-reverse-mode.html", "player.js"}
    page = (site / "00-start-here.html").read_text(encoding="utf-8")
    assert "advizCarried" not in page
    assert 'src="player.js"' in page
    assert 'href="03-reverse-mode.html' in page
    assert 'href="04-arrays.ipynb' in page, "it is not there as a page"
    index = (site / "index.html").read_text(encoding="utf-8")
    assert '<a href="03-reverse-mode.html">3 · Reverse mode</a>' in index


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.ipynb"], "nowhere.ipynb cannot be read: no such file or directory."),
        (["text.ipynb"], "text.ipynb is not a notebook"),
        (["a.ipynb", "a.ipynb", "--output", "b.html"], "--to site"),
        (["a.ipynb", "b/a.ipynb", "--to", "site"], "Two pages would be called a.html"),
        (["index.ipynb", "--to", "site"], "Two pages would be called index.html"),
        (["a.ipynb", "--output", "nowhere/a.html"], "there is no folder"),
        (["a.ipynb", "--to", "site", "--output", "text.ipynb"], "text.ipynb cannot be made"),
    ],
)
def test_the_command_says_what_is_wrong(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.ipynb", "index.ipynb"):
        nbformat.write(new_notebook(), name)
    Path("text.ipynb").write_text("no notebook")
    before = sorted(tmp_path.rglob("*"))
    assert main(["export", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_pieces_are_those_of_what_is_folded_too() -> None:
    question = ad.ask("How many?", 2, explanation=ad.trace(lambda x: x * x, 3.0))
    document = question._repr_mimebundle_()["application/vnd.adviz.exercise+json"]
    assert pieces_of("application/vnd.adviz.exercise+json", document) == {"cards", "trace"}
    assert set(PIECES.values()) == {"trace", "cards", "laboratory"}
    assert carrying("<p></p>", {"cards"}, "inline").startswith("<p></p><script><!--\n")
