"""The graph in the player: labels, the view and its map, the keyboard, pointing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

import adviz as ad
from adviz.core.rows import Row
from adviz.render import graph as graph_module
from tests.browser.test_player import (
    Show,
    chain,
    eq5,
    griewank,
    perceptron_trace,
    polar,
    show,
    step_to,
)

__all__ = ["show"]  # the fixture


def logistic(x: Any) -> Any:
    for _ in range(20):
        x = 3.5 * x * (1 - x)
    return x


def fib(n: int, x: Any) -> Any:
    return x if n < 2 else fib(n - 1, x) + x * fib(n - 2, x)


def network(a: Any, b: Any, c: Any, d: Any, p: Any, q: Any) -> Any:
    first = np.tanh(a * 0.5 - b * 1.5)
    second = np.tanh(c * 0.5 - d * 1.5)
    return (p * first + q * second - 1.0) ** 2


def twelve(x: Any, y: Any) -> Any:
    a = np.sin(x) * y
    b = np.exp(a) + x
    c = b * b - np.sqrt(y)
    d = c / (a + 2.0)
    return d * np.tanh(c) + x


def traces() -> dict[str, ad.Trace]:
    return {
        "eq5": ad.trace(eq5, 3.0, -4.0),
        "griewank": ad.trace(griewank, 1.5, 0.5),
        "polar": ad.trace(polar, 1.5, 0.5, 2.0),
        "logistic": ad.trace(logistic, 0.3),
        "network": ad.trace(network, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
        "twelve": ad.trace(twelve, 1.5, 0.5),
        "arrays": perceptron_trace(),
        "long": ad.trace(chain(300), 0.5),
    }


COLLISIONS = """(steps) => {
  const rect = (element) => element.getBoundingClientRect();
  const meet = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 &&
    a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
  const found = [];
  let count = 0;
  const next = document.querySelector("[aria-label=Next]");
  for (let step = 0; step < steps; step++) {
    const labels = [...document.querySelectorAll(".adviz-labels > div")].map(rect);
    const others = [...document.querySelectorAll(".adviz-node, .adviz-edgehead, .adviz-zoom")].map(
      (other) => [other.className, rect(other)],
    );
    labels.forEach((label, i) => {
      count += 1;
      for (const [name, other] of others) if (meet(label, other)) found.push([step, name]);
      for (const other of labels.slice(i + 1)) if (meet(label, other)) found.push([step, "label"]);
    });
    if (next.getAttribute("aria-disabled") === "true") break;
    next.click();
  }
  return { count, found };
}"""


def box(locator: Locator) -> FloatRect:
    found = locator.bounding_box()
    assert found is not None
    return found


def is_inside(inner: FloatRect, outer: FloatRect) -> bool:
    return (
        outer["x"] <= inner["x"]
        and inner["x"] + inner["width"] <= outer["x"] + outer["width"]
        and outer["y"] <= inner["y"]
        and inner["y"] + inner["height"] <= outer["y"] + outer["height"]
    )


@pytest.mark.parametrize("which", ["forward", "reverse"])
def test_no_label_covers_a_card_an_arrowhead_or_another_label(show: Show, which: str) -> None:
    recorded = traces()
    for width in (1100, 360):
        for name, made in recorded.items():
            player = show(made, which, closed=[])
            player.page.set_viewport_size({"width": width, "height": 800})
            seen = player.page.evaluate(COLLISIONS, 40)
            assert seen["found"] == [], name
            assert seen["count"] >= 3, name


@pytest.mark.parametrize("has_engine", [True, False])
def test_no_card_moves_and_each_is_read_whole(
    show: Show, monkeypatch: pytest.MonkeyPatch, has_engine: bool
) -> None:
    if not has_engine:  # the page lays the graph out itself
        monkeypatch.setattr(graph_module.shutil, "which", lambda *_, **__: None)
    made = ad.trace(eq5, 3.0, -4.0)
    assert (made.to_document()["graph"] is not None) is has_engine
    player = show(made, "reverse")
    nodes = player.locator(".adviz-node")
    first = [box(node) for node in nodes.all()]
    assert len(first) == len(made)
    tops = {row.slot: first[k]["y"] for k, row in enumerate(made.rows)}
    for row in made.rows:  # each stands below its operands
        assert all(tops[o.slot] < tops[row.slot] for o in row.operands if isinstance(o, Row))
    for step in range(1, 9):
        step_to(player, step)
        assert [box(node) for node in nodes.all()] == first
        cut = player.locator(".adviz-cardnumbers > span").evaluate_all(
            "(cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length"
        )
        assert cut == 0


def test_edges_turn_round_once_they_are_used(show: Show) -> None:
    made = ad.trace(eq5, 3.0, -4.0)
    player = show(made, "reverse")
    for step in range(1, 9):
        step_to(player, step)
        expect(player.locator(".adviz-edge.adviz-back")).to_have_count(step - 1)
        expect(player.locator(".adviz-edge.adviz-active")).to_have_count(int(step > 1))
    expect(player.locator(".adviz-edge.adviz-idle")).to_have_count(0)


def test_the_view_is_zoomed_and_panned(show: Show, page: Page) -> None:
    player = show(ad.trace(twelve, 1.5, 0.5), "reverse")
    graph, current = player.locator(".adviz-drawing"), player.locator(".adviz-node.adviz-current")
    start = box(current)

    def scale() -> float:
        return box(current)["width"] / start["width"]

    player.get_by_role("button", name="Zoom in").click()
    assert scale() == pytest.approx(1.25, abs=0.02)
    player.get_by_role("button", name="Zoom out").click()
    assert scale() == pytest.approx(1, abs=0.02)
    area = box(graph)
    x, y = area["x"] + 90, area["y"] + 60
    page.mouse.move(x, y)
    page.mouse.wheel(0, 300)  # scrolls the page, or nothing
    assert scale() == pytest.approx(1, abs=0.02)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    assert scale() > 1.2
    before = box(current)
    page.mouse.down()
    page.mouse.move(x + 40, y - 25, steps=3)
    page.mouse.up()
    after = box(current)
    assert (after["x"], after["y"]) != (before["x"], before["y"])
    expect(player.locator("output")).to_have_text("step 1 of 20 · reverse")  # a drag is no click
    graph.locator(".adviz-node[tabindex='0']").focus()
    page.keyboard.press("f")
    shown = [box(node) for node in player.locator(".adviz-node").all()]
    assert len(shown) == len(ad.trace(twelve, 1.5, 0.5))
    assert all(is_inside(b, area) for b in shown)
    page.keyboard.press("s")
    assert scale() == pytest.approx(1, abs=0.02)
    page.keyboard.press("+")
    assert scale() > 1.2
    page.keyboard.press("-")
    assert scale() == pytest.approx(1, abs=0.02)


def test_the_graph_is_one_stop_and_arrows_move_in_it(show: Show, page: Page) -> None:
    player = show(ad.trace(eq5, 3.0, -4.0), "reverse", step=3)
    assert player.locator(".adviz-graph [tabindex='0']:visible").count() == 1
    focused = player.locator(".adviz-node:focus")
    player.locator(".adviz-node[tabindex='0']").focus()
    expect(focused).to_have_attribute("data-row", "4")  # v₃ = ln, which the step is about
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("data-row", "5")
    page.keyboard.press("ArrowUp")  # to the nearer of its operands
    operand = focused.get_attribute("data-row")
    assert operand in ("3", "4")
    page.keyboard.press("ArrowRight" if operand == "4" else "ArrowLeft")
    expect(focused).to_have_attribute("data-row", "3" if operand == "4" else "4")
    player.locator(".adviz-node[data-row='2']").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    expect(focused).to_have_attribute("data-row", "0")
    expect(player.locator("output")).to_have_text("step 3 of 8 · reverse")
    page.keyboard.press("Enter")
    expect(player.locator("output")).to_have_text("step 7 of 8 · reverse")
    name = focused.get_attribute("aria-label")
    assert name == "v₋₁ = x₁: value 3, v̄₋₁ −4.33333"
    expect(player.locator(".adviz-drawing")).to_have_attribute(
        "aria-label", "Computational graph; the edge from v₁ back to v₋₁ is active"
    )


def test_the_same_thing_is_marked_everywhere(show: Show) -> None:
    player = show(ad.trace(eq5, 3.0, -4.0), "reverse", step=7)
    pointed = ".adviz-pointed"
    row, card = player.locator("tr[data-row='2']"), player.locator(".adviz-node[data-row='2']")
    piece = player.locator(".adviz-listing [data-sites]").filter(has_text="x1 * x2").first
    for shown in (row.locator("td").first, card, piece):
        shown.hover()
        for other in (row, card, piece):
            expect(other).to_contain_class("adviz-pointed")
        expect(player.locator(f".adviz-node{pointed}")).to_have_count(1)
    term = player.locator(".adviz-trace mrow[data-row='2'][data-operand='0']").first
    edge = player.locator(".adviz-edge[data-row='2'][data-operand='0']")
    term.hover()
    expect(edge).to_contain_class("adviz-pointed")
    expect(player.locator(f".adviz-equation mrow{pointed}").first).to_be_visible()
    expect(player.locator(f".adviz-node{pointed}")).to_have_count(0)
    card.focus()
    expect(row).to_contain_class("adviz-pointed")
    # A click goes to its step: the term's, the row's, the piece's.
    player.locator(".adviz-trace mrow[data-row='4'][data-operand='0']").first.click()
    expect(player.locator("output")).to_have_text("step 4 of 8 · reverse")
    player.locator(".adviz-listing [data-sites]").filter(has_text="np.log").first.click()
    expect(player.locator("[aria-current=step] th")).to_contain_text("v3")


def test_a_long_trace_shows_what_is_around_the_step_and_a_map(show: Show, page: Page) -> None:
    player = show(ad.trace(chain(300), 0.5), "reverse", closed=[])
    nodes, area = player.locator(".adviz-node"), player.get_by_role("scrollbar")
    expect(player.locator(".adviz-extent")).to_have_text("16 of 601 rows")
    expect(player.locator(".adviz-node.adviz-current")).to_have_attribute("data-row", "600")
    step_to(player, 300)
    expect(player.locator(".adviz-node.adviz-current")).to_have_attribute("data-row", "301")
    strip = box(area)
    page.mouse.click(strip["x"] + strip["width"] / 2, strip["y"] + strip["height"] / 4)
    rows = [int(node.get_attribute("data-row") or -1) for node in nodes.all()]
    assert min(rows) > 120
    assert max(rows) < 180
    expect(player.locator("output")).to_have_text("step 300 of 601 · reverse")
    area.press("ArrowDown")
    assert min(int(node.get_attribute("data-row") or -1) for node in nodes.all()) > min(rows)
    player.get_by_role("button", name="Next", exact=True).click()
    expect(player.locator(".adviz-node.adviz-current")).to_have_attribute("data-row", "300")


def test_the_map_of_a_wide_graph_lies_below_it(show: Show, page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    player = show(ad.trace(lambda x: fib(5, x), 0.9))
    drawing, chart = box(player.locator(".adviz-drawing")), box(player.locator(".adviz-map"))
    buttons = box(player.locator(".adviz-zoom"))
    assert chart["y"] >= drawing["y"] + drawing["height"] - 1
    assert buttons["y"] >= chart["y"]
    edges = box(player.locator(".adviz-mapedges"))
    assert edges["height"] > chart["height"] / 2
    assert edges["x"] + edges["width"] < buttons["x"]
    chart_of = player.get_by_role("scrollbar", name="Part of the graph")
    expect(chart_of).to_have_attribute("aria-orientation", "horizontal")
    before = chart_of.get_attribute("aria-valuenow")
    chart_of.focus()
    page.keyboard.press("ArrowLeft")
    expect(chart_of).not_to_have_attribute("aria-valuenow", str(before))


def test_the_whole_graph_is_printed(show: Show, page: Page) -> None:
    made = ad.trace(twelve, 1.5, 0.5)
    player = show(made, "reverse")
    page.emulate_media(media="print")
    graph = player.locator(".adviz-graph")
    expect(player.locator(".adviz-node")).to_have_count(len(made))
    expect(player.locator(".adviz-map")).to_be_hidden()
    area = box(graph)
    for node in player.locator(".adviz-node").all():
        assert is_inside(box(node), area)
    page.emulate_media(media="screen")
    expect(player.locator(".adviz-map")).to_be_visible()


def test_is_accessible(
    show: Show, page: Page, accessibility_violations: Callable[..., list[str]]
) -> None:
    player = show(ad.trace(logistic, 0.3), "reverse", step=30)
    assert accessibility_violations(page) == []
    page.emulate_media(forced_colors="active", color_scheme="dark")
    assert accessibility_violations(page) == []
    expect(player.locator(".adviz-node.adviz-current")).to_be_visible()
