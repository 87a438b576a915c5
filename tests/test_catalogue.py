"""The catalogue is made from the tables of rules, and docs/ has the same."""

from pathlib import Path

import pytest

import adviz as ad
from adviz.cli import main
from adviz.rules.functions import SUBJECTS
from adviz.supported.examples import EXAMPLES

PAGE = Path(__file__).parent.parent / "docs" / "catalogue.md"


def test_the_page_of_the_docs_is_up_to_date():
    """Write it anew with: adviz catalogue --markdown > docs/catalogue.md."""
    assert PAGE.read_text() == ad.catalogue().to_markdown()


def test_every_function_of_the_tables_is_in_it():
    listed = {line.name for line in ad.catalogue()}
    assert sum(len(table) for table in SUBJECTS.values()) == len(EXAMPLES)
    assert {"np.sum", "np.linalg.svd", "np.fft.rfft", "x[i] = y", "np.argmax"} <= listed
    assert {"scipy.special.gammaln", "ad.logistic", "np.arctan2"} <= listed
    assert len(ad.catalogue()) > 320


def test_partials_of_the_elementary_functions_come_from_their_table():
    found = {line.name: line.back for line in ad.catalogue()}
    assert found["np.sin"] == "cos(a)"
    assert found["/, np.divide"] == "1/b to a, −(y/b) to b"
    assert found["scipy.special.gammaln"] == "ψ(a)"


def test_a_word_finds_its_part(capsys):
    assert [line.name for line in ad.catalogue("linalg.eig").find("vals")] == [
        "np.linalg.eigvalsh",
        "np.linalg.eigvals",
        "scipy.linalg.eigvalsh",
    ]
    assert main(["catalogue", "linalg.inv"]) == 0
    assert "−yᵀ·ȳ·yᵀ" in capsys.readouterr().out
    assert main(["catalogue", "nothing of the kind"]) == 0
    assert "ad.define" in capsys.readouterr().out
    assert main(["catalogue", "--markdown"]) == 0
    assert capsys.readouterr().out == PAGE.read_text()


@pytest.mark.parametrize("word", ["", "np.sum", "unheard-of"])
def test_it_shows_in_a_notebook_without_a_script(word):
    shown = ad.catalogue(word)._repr_html_()
    assert "<script" not in shown
    assert ("<details" in shown) == (word != "unheard-of")
