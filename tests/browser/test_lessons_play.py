"""Real traces where people see them: in saved lessons, in a page on disk, as formulas."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import adviz as ad
from adviz.render.number import ARRAY_DIGITS, DIGITS, format_number
from tests.browser.conftest import ROOT
from tests.browser.jupyter import MIME_TYPE, Server, save_notebook
from tests.browser.test_player import box, column, written

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def bundles(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if MIME_TYPE in output.get("data", {}):
                yield output["data"]


def partials(document: dict[str, Any]) -> list[list[float]]:
    """Evaluate the partials of each row by the programs of its document, with NumPy."""
    names = {"sub": "subtract", "mul": "multiply", "div": "divide", "pow": "power"}
    names |= {"neg": "negative", "choose": "where", "==": "equal"}
    values, constants = document["rows"]["value"], document["constants"]

    def evaluated(code: list[Any], numbers: list[float]) -> float:
        *lines, result = code
        known = list(numbers)

        def read(operand: Any) -> float:
            return operand[0] if isinstance(operand, list) else known[operand]

        for name, *operands in lines:
            known.append(getattr(np, names.get(name, name))(*map(read, operands)))
        return float(read(result))

    found = []
    for slot, operands in enumerate(document["rows"]["operands"]):
        numbers = [values[o] if o >= 0 else constants[-1 - o] for o in operands]
        form = document["rows"]["form"][slot]
        program = None if form is None else document["programs"].get(document["forms"][form]["op"])
        codes = program["partials"] if program and operands else []
        found.append([evaluated(code, [*numbers, values[slot]]) for code in codes])
    return found


def tangents(document: dict[str, Any], seeded: int) -> list[float]:
    """Push a tangent forward through the rows of a document, by the chain rule."""
    slopes, found = partials(document), []
    for slot, operands in enumerate(document["rows"]["operands"]):
        if slot < len(document["inputs"]):
            found.append(float(slot == seeded))
        else:
            found.append(sum(slopes[slot][k] * found[o] for k, o in enumerate(operands) if o >= 0))
    return found


def adjoints(document: dict[str, Any], pulled: int) -> list[float | None]:
    """Pull an adjoint back through the rows of a document; None where nothing arrives."""
    slopes, rows = partials(document), document["rows"]
    found: list[float | None] = [None] * len(rows["value"])
    found[document["outputs"][pulled]["row"]] = 1.0
    for slot in reversed(range(len(found))):
        bar = found[slot]
        if bar is None:
            continue
        for k, operand in enumerate(rows["operands"][slot]):
            if operand >= 0:
                found[operand] = (found[operand] or 0.0) + bar * slopes[slot][k]
    return found


def texts_of_arrays(document: dict[str, Any], which: str) -> list[str]:
    """Return what a document with arrays says each row's derivative is in the end, in short."""
    sweep = document["sweeps"][which][0]
    if which == "forward":
        found = dict(enumerate(sweep["tangent"]))
    else:
        operands, seeded = document["rows"]["operands"], document["outputs"][0]["row"]
        found, additions = {}, iter(sweep)
        found[seeded] = next(additions)[0]
        for slot in range(seeded, -1, -1):
            for operand in operands[slot] if slot in found else ():
                if operand >= 0:
                    amount, after, _ = next(additions)
                    found[operand] = amount if after is None else after
    return [
        written_in_short(found.get(slot, 0.0)) for slot in range(len(document["rows"]["value"]))
    ]


def written_in_short(quantity: Any) -> str:
    if not isinstance(quantity, dict):
        return written(quantity)
    text = quantity.get("text")
    if text is None:  # the page writes an array whose numbers it has by itself
        number = array_of(quantity)
        text = format_number(number, ARRAY_DIGITS if np.shape(number) else DIGITS)
    return "".join(text.split()).replace(",", "")


def array_of(quantity: dict[str, Any]) -> Any:
    """Return an array of a document whose numbers are listed, all the same, or packed."""
    shape = quantity["shape"]
    if "every" in quantity:
        return np.full(shape, float(quantity["every"]))
    if "pairs" in quantity:  # of a real and an imaginary part each
        return np.array(quantity["pairs"], float).view(complex).reshape(shape)[()]
    if "packed" in quantity:
        upper = np.frombuffer(base64.b64decode(quantity["packed"]), np.uint8).reshape(-1, 3)
        singles = np.pad(upper, ((0, 0), (1, 0))).view("<f4")  # of which the lowest byte is 0
        return singles.astype(float).reshape(shape)
    return np.reshape(np.array(quantity["numbers"], float), shape)


def shown_in_short(player: Locator) -> list[str]:
    cells = player.locator("tbody tr:not(.adviz-group) td.adviz-derivative.adviz-number")
    texts = cells.evaluate_all(
        "(cells) => cells.map((c) => (c.querySelector('.adviz-lines') ?? c.firstChild).textContent)"
    )
    return ["".join(text.split()).replace(",", "") for text in texts]


def open_all(player: Locator) -> None:
    """Open the calls that are folded."""
    closed = player.locator(".adviz-group button[aria-expanded=false]")
    while closed.count():
        closed.first.click()


def played_to_the_end(player: Locator, which: str, how: str) -> list[str]:
    """Step through a whole pass by mouse or by keyboard; return the numbers it leaves."""
    player.get_by_role("switch", name="Predict").uncheck()  # a lesson may open with it on
    player.get_by_role("radio", name=which.title()).check()
    open_all(player)
    steps = int(re.findall(r"of (\d+)", player.locator("output").inner_text())[0])
    if how == "mouse":
        for _ in range(steps - 1):
            player.get_by_role("button", name="Next").click()
    else:
        slider = player.get_by_role("slider", name="Step")
        slider.press("Home")
        for _ in range(steps - 1):
            slider.press("ArrowRight")
    expect(player.locator("output")).to_have_text(f"step {steps} of {steps} · {which}")
    if player.get_attribute("data-arrays") is not None:
        return shown_in_short(player)
    return column(player, "tangent value" if which == "forward" else "adjoint value")


def expected(document: dict[str, Any], which: str) -> list[str]:
    digits, view = document["digits"], document["view"]
    if "sweeps" in document:
        return texts_of_arrays(document, which)
    if which == "forward":
        return [written(x, digits) for x in tangents(document, view["input"])]
    # At the end of the pass, what nothing reached is known to be 0.
    return [written(x or 0.0, digits) for x in adjoints(document, view["output"])]


def playable(lesson: Path) -> dict[str, Any] | None:
    """Return the output whose trace is stepped through here, one of numbers if there is one."""
    notebook = json.loads(lesson.read_text(encoding="utf-8"))
    short = [b for b in bundles(notebook) if len(b[MIME_TYPE]["rows"]["value"]) <= 40]
    return min(short, key=lambda b: "sweeps" in b[MIME_TYPE], default=None)


# The lessons on what automatic differentiation is not have figures where the others have players.
PLAYED = {lesson: bundle for lesson in LESSONS if (bundle := playable(lesson))}
MISSING = "kernel-that-no-machine-has"


def test_a_saved_lesson_plays_both_passes_without_kernel_or_trust(
    jupyterlab: Server, page: Page
) -> None:
    lesson, bundle = next(iter(PLAYED.items()))
    notebook = json.loads(lesson.read_text(encoding="utf-8"))
    # JupyterLab starts any kernel of the notebook's language by itself.
    notebook["metadata"] = {"kernelspec": {"name": MISSING, "display_name": MISSING}}
    (jupyterlab.notebooks / lesson.name).write_text(json.dumps(notebook))
    opened = jupyterlab.open(page, lesson.name)
    opened.choose_no_kernel()
    assert not jupyterlab.has_kernel(lesson.name)
    document = bundle[MIME_TYPE]
    player = find(opened.players, page, document)
    for which in ("forward", "reverse"):
        assert played_to_the_end(player, which, "mouse") == expected(document, which)


def test_the_traces_of_the_other_lessons_play_both_passes(jupyterlab: Server, page: Page) -> None:
    assert len(PLAYED) > len(LESSONS) / 2
    saved = list(PLAYED.values())[1:]
    save_notebook(jupyterlab.notebooks / "lessons.ipynb", *saved, kernel=MISSING)
    page.set_viewport_size({"width": 1400, "height": 900 * len(saved)})  # all cells in sight
    opened = jupyterlab.open(page, "lessons.ipynb")
    opened.choose_no_kernel()
    expect(opened.players).to_have_count(len(saved))
    for place, bundle in enumerate(saved):
        how = ("keyboard", "mouse")[place % 2]  # by turns
        for which in ("forward", "reverse"):
            shown = played_to_the_end(opened.players.nth(place), which, how)
            assert shown == expected(bundle[MIME_TYPE], which)


def subscripted(name: str) -> str:
    """Write an input's name as the player does: x₁."""
    letters = name.rstrip("0123456789")
    digits = name[len(letters) :].translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    return letters + digits


def find(players: Locator, page: Page, document: dict[str, Any]) -> Locator:
    """Return the first player that shows a document's function, scrolled to."""
    # JupyterLab puts cells into the page as they come into sight.
    notebook = page.locator(".jp-WindowedPanel-outer").first
    names = ", ".join(subscripted(entry["name"]) for entry in document["inputs"])
    name = f"Evaluation trace of {document['function']}({names})"
    for _ in range(60):
        wanted = players.and_(page.get_by_label(name, exact=True))
        if wanted.count():
            wanted.first.scroll_into_view_if_needed()
            return wanted.first
        notebook.evaluate("(panel) => panel.scrollBy(0, panel.clientHeight / 2)")
        page.wait_for_timeout(100)
    raise AssertionError(f"no player shows {document['function']}")


def helper(x: Any) -> Any:
    return x * x + 1


def winding(x: Any, y: Any) -> Any:
    total = 0 * x
    for k in range(1, 4):
        total = total + helper(x * k) / y
        if total > 10:
            total = np.log(total)
    return total, total * y


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_a_page_on_disk_plays_with_no_network(how: str, page: Page, tmp_path: Path) -> None:
    made = ad.trace(winding, 1.5, -2.0)
    path = tmp_path / "page.html"
    made.to_html(path)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.set_offline(True)
    page.goto(path.as_uri())
    player = page.locator(".adviz")
    document = made.to_document()
    for which in ("forward", "reverse"):
        assert played_to_the_end(player, which, how) == expected(document, which)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_on_disk_is_accessible(
    theme: Any,
    page: Page,
    tmp_path: Path,
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    path = tmp_path / "page.html"
    ad.trace(winding, 1.5, -2.0).play("reverse").to_html(path)
    page.emulate_media(color_scheme=theme)
    page.goto(path.as_uri())
    page.locator(".adviz").get_by_role("button", name="Last").click()
    screenshot(page, f"page-{theme}")
    assert accessibility_violations(page) == []


def test_the_page_reads_the_derivatives_that_adviz_computes(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    made = ad.trace(winding, 1.5, -2.0)
    made.to_html(path)
    page.goto(path.as_uri())
    shown = played_to_the_end(page.locator(".adviz"), "reverse", "keyboard")
    gradient = ad.grad(lambda x, y: winding(x, y)[0], argnums=(0, 1))(1.5, -2.0)
    assert shown[:2] == [written(x) for x in gradient]


def test_mathml_of_a_table_is_laid_out(page: Page) -> None:
    def f(x1: Any, x2: Any) -> Any:
        return x1 * x2 + x2 - np.log(x1)

    page.set_content(ad.trace(f, 3, -4).table("reverse").to_mathml())
    first = page.locator("tbody tr").first
    fraction = first.locator("mfrac").first
    above, below = (box(fraction.locator("> *").nth(k)) for k in (0, 1))
    assert above["y"] + above["height"] <= below["y"] + 1
    letter, index = (box(first.locator("msub").first.locator("> *").nth(k)) for k in (0, 1))
    assert index["x"] >= letter["x"] + letter["width"] - 1
    assert index["y"] + index["height"] > letter["y"] + letter["height"]
    bar = first.locator("mover").first
    assert box(bar.locator("mo"))["y"] < box(bar.locator("mi"))["y"]
