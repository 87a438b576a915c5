"""How the panes of the player lie: in sight, not moved by a step, readable when narrow."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import adviz as ad
from adviz.render.document import document
from tests.browser.jupyter import MIME_TYPE, save_notebook
from tests.browser.test_player import Show, branching, chain, eq5, perceptron_trace, show, written

if TYPE_CHECKING:
    from tests.browser.jupyter import Server

__all__ = ["show"]  # the fixture

PANES = [".adviz-bar", ".adviz-source", ".adviz-trace", ".adviz-graph", ".adviz-step"]
PANES.append(".adviz-transport")

STEP_THROUGH = """(player, panes) => {
  const seen = [];
  const next = player.querySelector("[aria-label=Next]");
  while (true) {
    const box = (element) => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      return [left, top, right, bottom].map((x) => Math.round(10 * x) / 10);
    };
    const head = player.querySelector("thead th").getBoundingClientRect().bottom;
    const tops = [...player.querySelectorAll("tbody tr")].map((tr) => box(tr)[1]);
    seen.push({
      panes: panes.map((pane) => box(player.querySelector(pane))),
      head: box(player.querySelector("thead th"))[1] - box(player.querySelector(".adviz-trace"))[1],
      columns: [...player.querySelectorAll("thead th")].map((th) => box(th)[0]),
      row: box(player.querySelector("[aria-current=step]")),
      formula: box(player.querySelector(".adviz-equation")),
      math: [...player.querySelectorAll(".adviz-equation math")].map((math) => box(math)[2]),
      sliced: tops.filter((top) => top > head - 12 && top < head - 1).length,
      scroll: document.scrollingElement.scrollTop,
    });
    if (next.getAttribute("aria-disabled") === "true") return seen;
    next.click();
  }
}"""

WIDER_THAN_THEIR_BOX = """(player) => [...player.querySelectorAll("*")].filter((element) => {
  const style = getComputedStyle(element);
  return !["visible", "hidden", "clip"].includes(style.overflowX)
    && !element.closest(".adviz-graph") && element.scrollWidth > element.clientWidth + 1;
}).map((element) => element.className)"""

FORMULAS_OUTSIDE = """(player) => {
  const outside = [];
  const room = player.getBoundingClientRect();
  for (const row of player.querySelectorAll("tbody tr:not(.adviz-space)")) {
    const cells = [...row.children].filter((cell) => cell.getClientRects().length > 0);
    const boxes = cells.flatMap((cell) => [...cell.children].map((part) => {
      const { left, top, right, bottom } = part.getBoundingClientRect();
      return { left, top, right, bottom, cell };
    })).filter((box) => box.right > box.left);
    for (const a of boxes) {
      if (a.right > room.right + 1 || a.left < room.left - 1) outside.push(row.textContent);
      for (const b of boxes) {
        if (a.cell !== b.cell && a.left < b.right - 1 && b.left < a.right - 1
          && a.top < b.bottom - 4 && b.top < a.bottom - 4) outside.push(row.textContent);
      }
    }
  }
  return outside;
}"""


CUT_OFF = """(player) => [...player.querySelectorAll(".adviz-step *, .adviz-source *")].filter(
  (element) => {
    const { overflowX, overflowY, clipPath } = getComputedStyle(element);
    const isCut = (overflow, size, room) => overflow !== "visible" && size > room + 1;
    return element.clientWidth > 0 && clipPath === "none"
      && (isCut(overflowX, element.scrollWidth, element.clientWidth)
        || isCut(overflowY, element.scrollHeight, element.clientHeight));
  }).map((element) => element.className)"""


def logistic(x: Any) -> Any:
    for _ in range(20):
        x = 3.6 * x * (1 - x)
    return x


def twelve_rows(a: Any, b: Any) -> Any:
    s = a * b
    t = np.sin(s) + b
    u = t / (1 + s**2)
    w = np.exp(-u) * t
    return w * a - np.sqrt(b + u)


def perceptron(weights: Any, bias: Any, out: Any) -> Any:
    inputs = np.array([[1.0, 2.0], [0.0, -1.0], [2.0, 1.0]])
    hidden = np.tanh(inputs @ weights + bias)
    return np.sum((hidden @ out - np.array([0.5, 1.0, 0.0])) ** 2) / 2


def polynomial(x1: Any, x2: Any, x3: Any) -> Any:
    a_long_name = x1 * x2 / x3 + np.sin(x2 * x3) ** 2 - np.exp(-x3 * x1) + np.cos(x2 * x3)
    return a_long_name / (1 + x1 * x1 * x2 + a_long_name**2) * x1


def seen_at_every_step(player: Locator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = player.evaluate(STEP_THROUGH, PANES)
    assert len(found) > 1
    return found


def in_words(trace: ad.Trace, which: str = "reverse") -> dict[str, Any]:
    return {MIME_TYPE: document(trace, which), "text/plain": "a trace"}


def test_everything_is_in_sight_in_jupyterlab(
    jupyterlab: Server, page: Page, screenshot: Callable[[Page | Locator, str], None]
) -> None:
    weights = np.array([[0.5, -0.2], [0.1, 0.3]]), np.array([0.1, -0.1]), np.array([1.0, -0.5])
    traces = [
        ad.trace(eq5, 3.0, -4.0),
        ad.trace(twelve_rows, 0.7, 1.3),
        ad.trace(perceptron, *weights),
    ]
    assert len(traces[0].rows) == 6
    assert len(traces[1].rows) >= 12
    bundles = [in_words(trace) for trace in traces]
    save_notebook(jupyterlab.notebooks / "arranged.ipynb", *bundles, kernel="none-here")
    page.set_viewport_size({"width": 1366, "height": 768})
    notebook = jupyterlab.open(page, "arranged.ipynb")
    notebook.choose_no_kernel()
    expect(notebook.players).to_have_count(len(traces))
    pane = page.locator(".jp-WindowedPanel-outer").bounding_box()
    assert pane is not None
    for k in range(len(traces)):
        player = notebook.players.nth(k)
        player.evaluate("(player) => player.scrollIntoView({ block: 'end' })")
        steps = seen_at_every_step(player)
        assert len({str(step["panes"]) for step in steps}) == 1
        assert len({str(step["columns"]) for step in steps}) == 1
        for left, top, right, bottom in steps[0]["panes"]:
            assert left >= pane["x"]
            assert right <= pane["x"] + pane["width"]
            assert top >= pane["y"] - 1
            assert bottom <= pane["y"] + pane["height"] + 1
        table = steps[0]["panes"][2]
        for step in steps:
            assert table[1] <= step["row"][1]
            assert step["row"][3] <= table[3] + 1
            assert step["sliced"] == 0
        screenshot(page, f"jupyterlab-1366-{k}")

    # Where the pane is lower than the player, the controls stay at its lower edge.
    page.set_viewport_size({"width": 1366, "height": 520})
    notebook.players.first.evaluate("(player) => player.scrollIntoView({ block: 'start' })")
    controls = notebook.players.first.get_by_role("group", name="Step through the trace")
    expect(controls.get_by_role("button", name="Next")).to_be_in_viewport(ratio=1)
    expect(notebook.players.first.locator(".adviz-bar")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [1880, 940, 320])
def test_no_step_moves_anything(show: Show, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 768})
    page.add_style_tag(content="body { margin: 0 }")
    traces = [
        ad.trace(eq5, 3.0, -4.0),
        ad.trace(polynomial, 1.0, 2.0, 3.0),
        ad.trace(chain(20), 1.0),
        ad.trace(branching, 5.0),
        perceptron_trace(),
    ]
    for trace in traces[:1] if width > 1000 else traces:
        for which in ("primal", "forward", "reverse"):
            player = show(trace, which)
            steps = seen_at_every_step(player)
            where = f"{trace.function_name}, {which}"
            assert len({str(step["panes"]) for step in steps}) == 1, where
            assert len({str(step["columns"]) for step in steps}) == 1, where
            for step in steps:
                assert max(step["math"]) <= step["formula"][2] + 1, where
                assert abs(step["head"]) <= 1, where
                assert step["sliced"] == 0, where
                assert step["scroll"] == 0
            if trace is not traces[-1]:
                assert player.evaluate(WIDER_THAN_THEIR_BOX) == [], where
            assert player.evaluate(FORMULAS_OUTSIDE) == [], where
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert box_width(player) >= width - 20  # wide screens are used


def box_width(player: Locator) -> float:
    width: float = player.evaluate("(player) => player.getBoundingClientRect().width")
    return width


def test_narrow_rows_have_two_lines_and_keep_every_formula(show: Show, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    player = show(ad.trace(eq5, 3.0, -4.0), "reverse", step=7)
    expect(player.locator("thead")).to_have_text(re.compile("primal.*adjoint"))
    for row in player.locator("tbody tr").all():
        primal, value, adjoint, number = (row.locator("td").nth(k) for k in range(4))
        for cell in (primal, value, adjoint, number):
            expect(cell).to_be_visible()
        upper, lower = value.bounding_box(), number.bounding_box()
        assert upper is not None
        assert lower is not None
        assert upper["y"] + upper["height"] <= lower["y"] + 1
    # Lines of source that wrap do not begin where their numbers stand.
    player = show(ad.trace(polynomial, 1.0, 2.0, 3.0), "primal")
    number = player.locator(".adviz-lineno").nth(1).bounding_box()
    code = player.locator(".adviz-line code").nth(1).bounding_box()
    assert number is not None
    assert code is not None
    assert code["height"] > 1.5 * number["height"]
    assert code["x"] >= number["x"] + number["width"] - 1


def test_formula_and_controls_stick_while_they_are_low(show: Show, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 1000})
    player = show(ad.trace(eq5, 3.0, -4.0), "reverse")
    controls, formula = player.locator(".adviz-transport"), player.locator(".adviz-equation").first
    expect(controls).to_be_in_viewport(ratio=1)
    expect(formula).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 320, "height": 500})
    expect(formula).not_to_be_in_viewport()
    expect(controls).to_be_in_viewport(ratio=1)


def test_what_a_step_reads_and_what_has_arrived_is_marked(show: Show) -> None:
    player = show(ad.trace(eq5, 3.0, -4.0), "reverse", step=7)
    expect(player.locator(".adviz-ring")).to_have_text([written(-4.0), written(1.0)])
    expect(player.locator(".adviz-equation .adviz-read")).to_have_text(["1", "(−4)"])
    terms = player.locator("[aria-current] .adviz-terms")
    expect(terms.locator(".adviz-arrived")).to_have_count(1)
    expect(terms.locator(".adviz-arriving")).to_have_text("+v¯1·v0")
    other = player.locator("tbody tr").nth(1)
    expect(other.locator(".adviz-arrived")).to_have_text("v¯2")
    expect(other.locator(".adviz-awaited")).to_have_text("+v¯1·v−1")
    expect(other.locator(".adviz-badge")).to_have_text("1 of 2")

    player.get_by_role("radio", name="Forward").check()
    player.get_by_role("button", name="Next").click()
    player.get_by_role("button", name="Next").click()
    values = [written(x) for x in (3.0, 1.0, -4.0, 0.0)]  # of both operands, each with its tangent
    expect(player.locator(".adviz-ring")).to_have_text(values)


def test_all_rows_are_printed_and_no_controls(show: Show, page: Page) -> None:
    shown = document(ad.trace(chain(200), 1.0), "reverse")
    player = show({**shown, "groups": [], "view": {**shown["view"], "folded": False}})
    rows = player.locator("tbody tr:not(.adviz-space)")
    lines = int(player.get_by_role("table").get_attribute("aria-rowcount") or "") - 1
    assert lines >= 200
    assert rows.count() < lines
    page.emulate_media(media="print")
    expect(rows).to_have_count(lines)
    expect(rows.last).to_be_visible()
    panel = player.locator(".adviz-trace")
    assert panel.evaluate("(panel) => panel.scrollHeight <= panel.clientHeight + 1")
    expect(player.locator(".adviz-transport")).to_be_hidden()
    graph, step = player.locator(".adviz-graph"), player.locator(".adviz-step").first
    above, below = step.bounding_box(), graph.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"] + 1
    page.emulate_media(media="screen")
    expect(rows).not_to_have_count(lines)


def test_on_paper_nothing_is_folded_empty_or_cut_off(show: Show, page: Page) -> None:
    trace = ad.trace(logistic, 0.3)
    player = show(trace, "reverse", step=5)
    rows = player.locator("tbody tr[data-row]")
    expect(rows).not_to_have_count(len(trace.rows))  # passes are folded
    page.emulate_media(media="print")
    expect(rows).to_have_count(len(trace.rows))
    expect(player.locator("tr[aria-current=step]")).to_have_count(1)
    assert player.evaluate(CUT_OFF) == []
    page.emulate_media(media="screen")
    expect(rows).not_to_have_count(len(trace.rows))

    player = show(ad.trace(perceptron, np.eye(2), np.ones(2), np.ones(2)), "reverse", step=5)
    page.emulate_media(media="print")
    expect(player.locator(".adviz-call")).to_contain_text(re.compile("2×2.*, *bias *= *2"))
    expect(player.locator(".adviz-ends")).to_be_hidden()
    assert player.evaluate(CUT_OFF) == []
