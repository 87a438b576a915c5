"""Laboratory documents: what a page needs to answer without a kernel."""

import json

import numpy as np
import pytest

import adviz as ad
from adviz.jupyter.laboratory_documents import MIME_TYPE
from adviz.numeric.closeup import look_closely


def cube(x):
    return x * x * x


def test_the_document_of_errors_holds_what_a_close_look_reads():
    lab = ad.error_lab(cube, 1.5, schemes=("central",))
    document = lab.to_document()
    assert document == ad.error_lab(cube, 1.5, schemes=("central",)).to_document()
    for reading in document["readings"][::20]:
        closeup = look_closely(lab.study, "central", reading["h"])
        assert reading["title"] == str(closeup).splitlines()[0]
        assert float(reading["error"]) == pytest.approx(closeup.error, rel=1e-3, nan_ok=True)
        assert [tuple(line) for line in reading["digits"]] == closeup.digits.lines
    assert document["readings"][document["at"]]["h"] == lab.values["h"]
    (curve,) = document["curves"]
    assert curve["errors"] == pytest.approx(list(lab.study.errors[0]), rel=1e-3, nan_ok=True)
    assert len(json.dumps(document)) < 100_000


def test_an_h_that_a_precision_cannot_hold_is_left_out():
    lab = ad.error_lab(cube, 1.5)
    lab.set(precision="float16", h=1e-3)
    readings = lab.to_document()["readings"]
    assert np.float16(readings[0]["h"]) > 0
    assert len(readings) < len(ad.error_lab(cube, 1.5).to_document()["readings"])


def test_the_document_of_swell_holds_the_exact_sizes():
    lab = ad.swell_lab("logistic", 4)
    frames = lab.to_document()["frames"]
    for frame in frames[:5]:
        lab.set(n=frame["n"])
        size = lab.swell.derivative_size
        assert frame["counts"][:2] == [str(size.tree_operations), str(size.dag_operations)]
    shared = frames[2]["derivative"]["shared"]
    assert "times" not in json.dumps(frames)  # the page writes signs, and fills no slots
    assert len(shared) == int(frames[2]["counts"][1]) + 1  # and the line of the result


def test_the_document_stands_beside_the_widget(monkeypatch):
    shown = []
    monkeypatch.setattr(
        "adviz.jupyter.laboratory.display", lambda data, **options: shown.append(data)
    )
    lab = ad.swell_lab("logistic", 2)
    lab._ipython_display_()
    assert json.loads(shown[0][MIME_TYPE]) == lab.to_document()
    assert "application/vnd.jupyter.widget-view+json" in shown[0]
    assert "run this cell" in shown[0]["text/plain"]


def test_a_laboratory_that_needs_its_kernel_says_so():
    with pytest.raises(ad.AdvizError, match="needs its kernel: only those of error_lab and"):
        ad.elimination_lab(lambda x, y: x * y + x, 1.0, 2.0).to_html()
    page = ad.swell_lab("logistic", 2).to_html()
    assert page.count("<h1") == 1
    assert "http" not in page.replace("http://www.w3.org", "")
