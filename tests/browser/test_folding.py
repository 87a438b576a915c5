"""Calls folded in the player: opened, closed and stepped over, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import adviz as ad
from adviz.render.number import format_number
from tests.browser.test_player import Show, box, show

__all__ = ["show"]  # the fixture

L = ad.learn

LAYERS = ["dense(params['hidden'], x)", "dense(params['output'], v₃)", "cross_entropy(v₅)"]


@pytest.fixture(scope="module")
def step() -> ad.Trace:
    draw = np.random.default_rng(0)
    x, labels = draw.uniform(size=(8, 6)), draw.integers(0, 3, size=8)

    def loss(params: Any, x: Any) -> Any:
        return L.cross_entropy(L.perceptron(params, x), labels)

    return ad.trace(loss, L.perceptron_parameters(6, 4, 3), x)


def cube(x: Any) -> Any:
    return x * x * x


def cubes(x: Any) -> Any:
    y = cube(x)
    return y + cube(y)


def cubed_passes(x: Any) -> Any:
    for k in range(5):
        x = k + cube(x) * 0.5
    return x


def deep(x: Any) -> Any:
    for _ in range(200):
        x = cube(x) * 0.9
    return x


def folded(trace: ad.Trace, which: Any) -> Any:
    return trace.play(which, folded=True).document


def headings(player: Locator) -> list[str]:
    return player.locator(".adviz-group button").all_inner_texts()


@pytest.mark.parametrize("which", ["primal", "forward", "reverse"])
def test_a_folded_call_is_one_step(show: Show, step: ad.Trace, which: str) -> None:
    player = show(folded(step, which))
    inputs, position = len(step.inputs), player.locator("output")
    seed = 1 if which == "reverse" else inputs
    stops = seed + len(LAYERS)
    expect(position).to_have_text(f"step 1 of {stops} · {which}, folded")
    for k, title in enumerate(LAYERS if which != "reverse" else LAYERS[::-1]):
        for _ in range(seed if k == 0 else 1):
            player.get_by_role("button", name="Next").click()
        expect(position).to_have_text(f"step {seed + k + 1} of {stops} · {which}, folded")
        expect(player.locator("[aria-current=step]")).to_contain_text(title)
        expect(player.locator(".adviz-current .adviz-cardtitle")).to_have_text(title)
        expect(player.locator(".adviz-scroll.adviz-words")).to_contain_text(
            f"The call {title} made"
        )
    expect(player.get_by_role("button", name="Next")).to_have_attribute("aria-disabled", "true")


def test_a_call_is_a_vector_jacobian_product(show: Show, step: ad.Trace) -> None:
    player = show(folded(step, "reverse"))
    player.get_by_role("button", name="Last").click()
    expect(player.locator(".adviz-equation math")).to_have_text(
        re.compile(r"^\(v¯−4,v¯−3,v¯0\)\+=v¯3·∂v3∂\(v−4,v−3,v0\)$")
    )
    gradient = ad.grad(step.function, argnums=0)(*step.inputs_as([r.value for r in step.inputs]))
    weights = gradient["hidden"]["w"]
    shown = player.locator(".adviz-sum .adviz-box").first
    expect(shown).to_contain_text(f"{weights.shape[0]}×{weights.shape[1]}")


def test_groups_open_and_close_by_mouse(show: Show) -> None:
    player = show(folded(ad.trace(cubes, 2.0), "primal"))
    first = player.locator(".adviz-group button").first
    position = player.locator("output")
    assert headings(player) == ["cube(x)", "cube(v₂)"]
    closed = player.locator("tr.adviz-group").first
    expect(closed).to_contain_text("cube(x)v₁ … v₂")
    expect(closed.locator("td")).to_have_text("·not reached yet")
    expect(first).to_have_attribute("aria-expanded", "false")
    first.click()
    expect(first).to_have_attribute("aria-expanded", "true")
    expect(position).to_have_text("step 1 of 5 · primal, folded")
    expect(player.get_by_role("button", name="Go to v₁")).to_be_visible()
    player.locator(".adviz-group button").last.click()
    expect(position).to_have_text("step 1 of 6 · primal")
    for _ in range(3):
        player.get_by_role("button", name="Next").click()
    last = player.locator(".adviz-group button").last
    last.click()  # closed before it is left: on to where it is left
    expect(position).to_have_text("step 4 of 5 · primal, folded")
    expect(player.locator("[aria-current=step]")).to_contain_text("v₃ … v₄")
    first.click()
    expect(position).to_have_text("step 3 of 4 · primal, folded")


def test_who_opens_the_call_that_is_passed_goes_to_its_beginning(show: Show) -> None:
    player = show(folded(ad.trace(cubes, 2.0), "reverse"))
    player.get_by_role("button", name="Last").click()
    player.locator("[aria-current=step] button").click()
    row = player.locator("[aria-current=step]")
    expect(row.get_by_role("button", name="Go to v₁")).to_be_visible()


def test_groups_open_and_close_by_keyboard(show: Show) -> None:
    player = show(folded(ad.trace(cubes, 2.0), "primal"))
    page, position = player.page, player.locator("output")
    player.get_by_role("button", name="Go to v₀").focus()
    page.keyboard.press("ArrowDown")
    first = player.locator(".adviz-group button").first
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(first).to_be_focused()  # as it was, in the table made anew
    expect(first).to_have_attribute("aria-expanded", "true")
    expect(position).to_have_text("step 1 of 5 · primal, folded")
    page.keyboard.press("ArrowDown")
    expect(player.get_by_role("button", name="Go to v₁")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    expect(first).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(position).to_have_text("step 3 of 4 · primal, folded")


@pytest.mark.parametrize("where", ["the player", "the slider"])
def test_enter_steps_into_a_call_and_escape_out_of_it(
    show: Show, step: ad.Trace, where: str
) -> None:
    player = show(folded(step, "reverse"))
    page, position = player.page, player.locator("output")
    current = player.locator("[aria-current=step]")
    if where == "the player":
        player.locator(".adviz-scroll.adviz-words").click()
    else:
        player.get_by_role("slider", name="Step").focus()
    page.keyboard.press("Enter")  # the seed comes from outside: there is nothing to open
    expect(position).to_have_text("step 1 of 4 · reverse, folded")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(current).to_contain_text(LAYERS[1])
    page.keyboard.press("Enter")
    expect(current.get_by_role("button", name="Go to")).to_be_visible()
    page.keyboard.press("Escape")
    expect(position).to_have_text("step 3 of 4 · reverse, folded")
    expect(current).to_contain_text(LAYERS[1])
    page.keyboard.press("Escape")  # out of perceptron(), which it lies in
    expect(current).to_contain_text("perceptron(params, x)")
    page.keyboard.press("Escape")  # there is no more to leave
    expect(current).to_contain_text("perceptron(params, x)")


def test_the_heading_of_an_open_call_stays_where_it_is_seen(show: Show, step: ad.Trace) -> None:
    player = show(folded(step, "reverse"))
    player.page.set_viewport_size({"width": 480, "height": 900})
    table = player.get_by_role("group", name="Trace", exact=True)
    table.get_by_role("button", name=LAYERS[0]).click()  # formulas wider than the table
    table.evaluate("(element) => { element.scrollLeft = 60; element.scrollTop = 150; }")
    assert table.evaluate("(element) => element.scrollLeft") == 0  # they wrap
    edge = table.bounding_box()
    for title in ("perceptron(params, x)", LAYERS[0]):
        button = player.get_by_role("button", name=title)
        turn = button.locator("svg").bounding_box()
        assert edge is not None
        assert turn is not None
        assert turn["x"] > edge["x"] + 2


def test_the_graph_folds_with_the_table(show: Show) -> None:
    player = show(folded(ad.trace(cubes, 2.0), "primal"))
    nodes = player.locator(".adviz-node")
    expect(nodes).to_have_count(4)
    nodes.filter(has_text="cube(x)").click()
    expect(player.locator("[aria-current=step]")).to_contain_text("cube(x)")
    player.locator(".adviz-group button").first.click()
    expect(nodes).to_have_count(5)  # the other call stays folded
    player.locator(".adviz-group button").first.click()
    expect(nodes).to_have_count(4)


def test_the_call_is_marked_in_the_source(show: Show) -> None:
    player = show(folded(ad.trace(cubes, 2.0), "primal"))
    player.get_by_role("button", name="Next").click()
    expect(player.locator("mark")).to_have_text("cube(x)")


def test_a_long_trace_of_calls_can_be_walked(show: Show) -> None:
    made = ad.trace(deep, 0.9)
    assert len(made) > 300
    player = show(made, "reverse")
    position = player.locator("output")
    expect(position).to_have_text("step 1 of 401 · reverse, folded")
    for _ in range(2):
        player.get_by_role("button", name="Next").click()
    expect(player.locator("[aria-current=step]")).to_contain_text("cube(v₅₉₇)v₅₉₈ … v₅₉₉")
    player.get_by_role("button", name="Last").click()
    expect(player.locator("[aria-current=step]")).to_contain_text("cube(x)v₁ … v₂")
    expect(player.locator(".adviz-graph")).to_contain_text("pass 2 of 200")  # 401 boxes


def orbit(x: Any) -> Any:
    for k in range(20):  # noqa: B007 - a reader's loop
        x = 3.5 * x * (1 - x)
    return x


def test_a_loop_is_walked_pass_by_pass(
    show: Show, page: Page, accessibility_violations: Callable[..., list[str]]
) -> None:
    made = ad.trace(orbit, 0.3)
    values = [row.value for row in made.rows[1:] if row.name == "x"]
    steps = 1 + sum(len(step.contributions) for step in made.reverse())
    player = show(made, "reverse")
    place, chip = player.locator("output"), player.locator(".adviz-chip")
    lines = player.locator("tr.adviz-group")
    current = player.locator("[aria-current=step]")
    slider = player.get_by_role("slider", name="Step")
    expect(place).to_have_text(f"step 1 of {steps} · reverse")
    # One pass is open, the one that the step is in; those around it are one line each.
    expect(chip).to_have_text("‹k = 19, pass 20 of 20›")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("k = 0 … 18passes 1–19")
    slider.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(chip).to_contain_text("k = 18, pass 19 of 20")
    expect(player.get_by_role("status")).to_contain_text("k equals 18, pass 19 of 20.")
    expect(lines).to_have_count(3)
    expect(lines.nth(1)).to_contain_text("k = 18pass 19 of 20")
    # What goes into the folded passes and what comes out of them.
    expect(lines.first).to_contain_text(f"0.3 → {format_number(values[17], 6)}")
    page.keyboard.press("Shift+ArrowLeft")
    expect(chip).to_contain_text("k = 19")
    # The ruler leads to any pass, and so do the arrows beside the loop's header.
    cells = player.locator(".adviz-cell")
    expect(cells).to_have_count(20)
    cells.nth(7).click()
    expect(chip).to_contain_text("k = 7, pass 8 of 20")
    expect(cells.nth(7)).to_have_attribute("data-state", "now")
    expect(cells.nth(8)).to_have_attribute("data-state", "done")
    expect(player.locator(".adviz-position b")).to_have_text("k = 7")
    chip.get_by_role("button", name="Later pass").click()
    expect(chip).to_contain_text("k = 8, pass 9 of 20")
    expect(lines).to_have_count(3)
    # Folding the pass of the step passes it as a whole.
    player.locator("tbody .adviz-group button[aria-expanded=true]").click()
    expect(current).to_contain_text("k = 8pass 9 of 20")
    player.get_by_role("button", name="Next", exact=True).click()
    expect(chip).to_contain_text("k = 7")
    lines.first.click()
    expect(chip).to_contain_text("k = 6, pass 7 of 20")
    assert accessibility_violations(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    buttons, ruler = player.locator(".adviz-buttons"), player.locator(".adviz-ruler")
    box, below = buttons.bounding_box(), ruler.bounding_box()
    assert box is not None
    assert below is not None
    assert below["y"] >= box["y"] + box["height"]
    expect(place).to_be_visible()
    widths = cells.evaluate_all("(all) => all.map((cell) => cell.offsetWidth)")
    assert min(widths) >= 24
    expect(cells.first).to_have_attribute("title", re.compile(r"^k = 0 … \d, passes 1–\d$"))


def fibonacci(n: int, x: Any) -> Any:
    return x if n < 2 else fibonacci(n - 1, x) + fibonacci(n - 2, x)


def test_the_controls_step_by_row_pass_or_call(show: Show, page: Page) -> None:
    player = show(ad.trace(cubed_passes, 0.5), "primal")
    unit, marked = player.get_by_label("Step by"), player.locator("[aria-current=step]")
    assert box(unit)["height"] >= 24
    expect(unit.locator("option")).to_have_text(["by row", "by pass", "by call"])
    now = player.locator(".adviz-position b")
    unit.focus()
    page.keyboard.press("ArrowDown")
    for k in range(2):
        player.get_by_role("button", name="Next pass").click()
        expect(now).to_have_text(f"k = {k}")
    page.keyboard.press("Shift+Tab")  # keys step as the buttons do
    page.keyboard.press("ArrowRight")
    expect(now).to_have_text("k = 2")
    player.get_by_role("button", name="Previous pass").click()
    expect(now).to_have_text("k = 1")

    unit.select_option("by call")
    player.get_by_role("button", name="Next call").click()
    row = player.locator("tr", has=page.get_by_text("cube(", exact=False)).first
    expect(row).to_be_visible()
    expect(marked).to_contain_text("×")
    unit.select_option("by row")
    place = int(player.get_by_role("slider").input_value())
    player.get_by_role("button", name="Next", exact=True).click()
    expect(player.get_by_role("slider")).to_have_value(str(place + 1))

    expect(show(ad.trace(lambda x: x * x, 0.5)).get_by_label("Step by")).to_have_count(0)


def test_a_recursion_opens_call_by_call(show: Show, page: Page) -> None:
    player = show(folded(ad.trace(lambda x: fibonacci(6, x) * 2, 1.1), "primal"))
    titles = player.locator("tr.adviz-group button")
    expect(titles).to_have_text("fibonacci(x, n=6)")
    titles.first.click()
    expect(titles).to_have_text([f"fibonacci(x, n={n})" for n in (6, 5, 4)])


def test_what_is_folded_can_be_asked_for_and_told(show: Show) -> None:
    player = show(ad.trace(cubes, 2.0), "primal", closed=[1], step=3)
    expect(player.locator("output")).to_have_text("step 3 of 5 · primal, folded")
    assert player.page.evaluate("player.position().closed") == [1]


BROKEN = [
    ({"start": 3, "stop": 3}, "holds no row"),
    ({"start": 0, "stop": 99}, "points nowhere"),
    ({"depth": 1}, "groups overlap"),
    ({"title": None}, "is not text"),
    ({"call": 9}, "points nowhere"),
]


@pytest.mark.parametrize(("change", "said"), BROKEN)
def test_a_broken_group_is_refused(show: Show, change: dict[str, Any], said: str) -> None:
    document = folded(ad.trace(cubes, 2.0), "primal")
    document["groups"][0] |= change
    expect(show(document)).to_contain_text(said)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_folded_calls_are_accessible(
    show: Show,
    page: Page,
    step: ad.Trace,
    scheme: Any,
    accessibility_violations: Callable[..., list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    page.emulate_media(color_scheme=scheme)
    player = show(folded(step, "reverse"))
    for _ in range(3):
        player.get_by_role("button", name="Next").click()
    assert accessibility_violations(page) == []
    screenshot(player, f"folded-{scheme}")
    player.locator("[aria-current=step] button").click()
    assert accessibility_violations(page) == []
    small = player.locator("tbody .adviz-group button").evaluate_all(
        "(buttons) => buttons.filter((b) => b.offsetHeight < 24 || b.offsetWidth < 24).length"
    )
    assert small == 0
    screenshot(player, f"opened-{scheme}")


def test_a_narrow_page_keeps_the_numbers_of_a_folded_call(
    show: Show, page: Page, screenshot: Callable[[Page | Locator, str], None]
) -> None:
    page.set_viewport_size({"width": 400, "height": 900})
    player = show(folded(ad.trace(cubes, 2.0), "reverse"))
    player.get_by_role("button", name="Last").click()
    row = player.locator("tr.adviz-group").first
    expect(row.locator("td.adviz-derivative")).to_be_visible()
    right = row.locator("td.adviz-derivative").evaluate(
        "(cell) => cell.getBoundingClientRect().right"
    )
    header = player.locator("thead th").nth(2).evaluate("(th) => th.getBoundingClientRect().right")
    assert abs(right - header) < 1
    screenshot(player, "folded-narrow")
