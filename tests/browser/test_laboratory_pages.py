"""The laboratories of errors and of swell answer without a kernel: in pages, in saved notebooks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from playwright.sync_api import expect

import adviz as ad
from adviz.jupyter.laboratory_documents import MIME_TYPE, as_text
from adviz.numeric.closeup import look_closely
from adviz.render.math_tree import to_text
from tests.browser.jupyter import save_notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.browser.jupyter import Server


def f(x: Any) -> Any:
    return np.exp(x) / (np.sin(x) ** 3 + np.cos(x) ** 3)


def documents() -> tuple[dict[str, Any], dict[str, Any]]:
    error, swell = ad.error_lab(f, 1.5), ad.swell_lab("logistic", 3)
    return error.to_document(), swell.to_document()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_h_is_dragged_along_the_measured_curve(
    theme: Any,
    page: Page,
    tmp_path: Path,
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    lab = ad.error_lab(f, 1.5)
    lab.to_html(tmp_path / "lab.html")
    page.emulate_media(color_scheme=theme)
    page.goto((tmp_path / "lab.html").as_uri())
    shown = page.get_by_role("region", name="Numerical differentiation")
    slider = shown.get_by_role("slider", name="h")
    slider.focus()
    for _ in range(8):  # two decades, at four steps a decade
        page.keyboard.press("ArrowRight")
    closeup = look_closely(lab.study, "forward", 1e-6)
    for line in str(closeup).splitlines():
        expect(shown).to_contain_text(line.strip())
    right = shown.locator(".adviz-digits .adviz-right").all_inner_texts()
    assert right[len(right) // 2 :] == ["✓"] * closeup.digits.marks.count("✓")

    curves = shown.locator(".adviz-drag")
    now, mark = curves.locator(".adviz-now"), curves.locator(".adviz-point")
    before = float(mark.get_attribute("cy") or 0)
    box = curves.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.4, steps=4)
    page.mouse.up()
    reading = shown.locator(".adviz-reading").inner_text()
    dragged = re.search("h = ([^:]*):", reading)
    assert dragged is not None
    assert float(dragged[1]) < 1e-13
    assert float(now.get_attribute("x1") or 0) == pytest.approx(0.3 * 440, abs=4)
    assert float(mark.get_attribute("cy") or 0) < before  # round-off: the error has grown
    screenshot(page, f"error-lab-page-{theme}")
    assert accessibility_violations(page) == []


def test_the_formula_grows_and_its_parts_are_shared(
    page: Page, tmp_path: Path, accessibility_violations: Callable[[Page], list[str]]
) -> None:
    lab = ad.swell_lab("logistic", 3)
    lab.to_html(tmp_path / "lab.html")
    page.set_viewport_size({"width": 340, "height": 800})
    page.goto((tmp_path / "lab.html").as_uri())
    slider = page.get_by_role("slider", name="n")
    counts = page.locator("tbody .adviz-number")
    assert counts.all_inner_texts() == ["23", "13", "16", "16"]
    slider.press("ArrowRight")
    lab.set(n=4)
    sized = lab.swell
    assert counts.first.inner_text() == str(sized.derivative_size.tree_operations)
    growing = page.locator(".adviz-growing")
    page.get_by_label("share subexpressions").check()
    lines = growing.locator("p")
    assert lines.count() == sized.derivative_size.dag_operations + 1
    page.get_by_label("share subexpressions").uncheck()
    page.get_by_label("show").select_option("function")
    function = sized.formulas()[0].tree_on_a_line()
    assert growing.locator(".adviz-unseen").inner_text() == to_text(function)
    slider.press("End")
    expect(counts.first).to_contain_text("×10")
    assert page.evaluate("document.documentElement.scrollWidth") == 340
    assert accessibility_violations(page) == []


def test_a_saved_notebook_nobody_trusts_plays_both(jupyter: Server, page: Page) -> None:
    name = "laboratories.ipynb"
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "gone", "version_major": 2}}
    first, second = documents()
    # As text, which is how laboratories are saved; and as an object, as others may write it.
    bundles = [
        {**widget, MIME_TYPE: document, "text/plain": "run this cell"}
        for document in (as_text(first), second)
    ]
    save_notebook(jupyter.notebooks / name, *bundles, kernel="kernel-that-no-machine-has")
    shown = jupyter.open(page, name)
    shown.choose_no_kernel()
    error = page.get_by_role("region", name="Numerical differentiation")
    slider = error.get_by_role("slider", name="h")
    slider.focus()
    page.keyboard.press("Home")
    expect(error.locator(".adviz-reading")).to_contain_text("h = 1e-20")
    page.keyboard.press("d")  # twice in command mode it deletes a cell
    page.keyboard.press("d")
    growth = page.get_by_role("region", name="Expression swell")
    growth.get_by_role("slider", name="n").press("ArrowLeft")
    lab = ad.swell_lab("logistic", 2)
    tree = str(lab.swell.derivative_size.tree_operations)
    expect(growth.get_by_role("cell").first).to_have_text(tree)
    assert page.get_by_text("run this cell").count() == 0
    assert shown.cells.count() == 2
    assert not jupyter.has_kernel(name)


def test_hostile_documents_are_refused_or_shown_as_text(page: Page, tmp_path: Path) -> None:
    page_text = ad.swell_lab("logistic", 2).to_html()
    assert page_text is not None
    (tmp_path / "lab.html").write_text(
        page_text.replace(
            "mount(document.getElementById", "window.mount = mount; mount(document.getElementById"
        ),
        encoding="utf-8",
    )
    page.goto((tmp_path / "lab.html").as_uri())
    markup = "<img src=x onerror='window.hacked = 1'>"
    error, swell = (json.loads(json.dumps(document)) for document in documents())
    reading = error["readings"][0]
    hostile: list[tuple[Any, bool]] = [
        (None, False),
        ([], False),
        ({}, False),
        ("", False),
        (as_text(error)[:-1], False),
        (as_text({**error, "title": markup}), True),
        ({**error, "version": 2}, False),
        ({**error, "version": markup}, False),
        ({**error, "kind": "constructor"}, False),
        ({**error, "readings": []}, False),
        ({**error, "readings": [{**reading, "h": 0}]}, False),
        ({**error, "readings": [{**reading, "digits": [["a", {}]]}]}, False),
        ({**error, "at": 10**9}, False),
        ({**error, "steps": [[]]}, False),
        ({**error, "curves": [{"name": "a", "errors": [1]}]}, False),
        ({**error, "title": markup, "notes": [markup] * 1000, "unknown": markup}, True),
        ({**error, "readings": [{**reading, "title": markup, "marks": markup}], "at": 0}, True),
        ({**error, "readings": [reading], "many": 100_000}, True),
        ({**error, "steps": ["NaN"], "curves": [{"name": "a", "errors": ["NaN"]}]}, True),
        ({**swell, "frames": []}, False),
        ({**swell, "frames": [{**swell["frames"][0], "counts": []}]}, False),
        ({**swell, "representations": [markup] * 4}, True),
        (_with_formula(swell, ["script", "window.hacked = 1"]), True),
        (_with_formula(swell, ["mi", markup]), True),
        (_with_formula(swell, _deep(200)), True),
    ]
    for document, is_shown in hostile:
        said = page.evaluate(
            """text => {
                const document = JSON.parse(text);
                const { many, readings } = document ?? {}; // as one they are sent sooner
                if (many) document.readings = Array(many).fill(readings[0]);
                const element = globalThis.document.getElementById("player");
                mount(element, document);
                const problem = element.querySelector(".adviz-problem");
                return problem ? problem.textContent : "";
            }""",
            json.dumps(document),
        )
        assert (said == "") == is_shown, (said, str(document)[:80])
        assert is_shown or said.startswith("This ")
        assert len(said) < 300
    page.wait_for_timeout(50)  # an image that fails to load would have run its handler
    assert page.evaluate("window.hacked") is None
    assert page.locator("#player :is(img, script)").count() == 0


def _with_formula(swell: dict[str, Any], tree: Any) -> dict[str, Any]:
    frame = swell["frames"][0]
    derivative = {**frame["derivative"], "written": [tree], "shared": [[tree]]}
    return {**swell, "frames": [{**frame, "derivative": derivative}], "at": 0}


def _deep(depth: int) -> Any:
    tree: Any = ["mi", "x"]
    for _ in range(depth):
        tree = ["mrow", tree]
    return tree
