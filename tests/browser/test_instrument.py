"""The player as an instrument: inputs and seeds are changed on a page on disk, with no kernel."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import adviz as ad
from tests.browser.jupyter import MIME_TYPE, Server, save_notebook
from tests.browser.test_player import box, column, eq5, polar, step_to, written

Open = Callable[..., Locator]


def piecewise(x: Any) -> Any:
    if x > 0.5:
        return 1 - x
    return x**2


def total(*w: Any) -> Any:
    return sum(w[1:], w[0])


@pytest.fixture
def page_of(page: Page, tmp_path: Path) -> Open:
    """Write the page of a trace, and open it without a network."""

    def open_page(trace: ad.Trace, which: Any = "reverse", at: str = "") -> Locator:
        path = tmp_path / "page.html"
        trace.play(which).to_html(path)
        page.context.set_offline(True)
        page.goto(path.as_uri() + at)
        return page.locator(".adviz")

    return open_page


def field(player: Locator, name: str) -> Locator:
    """Return the field of an input, or of a seed: "tangent of x 1", "adjoint of y"."""
    return player.get_by_role("spinbutton", name=re.compile(rf"^{name}, (input|seed)$"))


def enter(player: Locator, name: str, text: str) -> None:
    field(player, name).fill(text)
    field(player, name).press("Enter")


def choose(player: Locator, which: str) -> None:
    player.get_by_role("radio", name=which).check()
    player.get_by_role("button", name="Last").click()


def result(player: Locator) -> Locator:
    return player.locator(".adviz-result")


def drag(at: Locator, *ways: int) -> None:
    """Press on a field, and drag it by so many pixels to one side after another."""
    place = box(at)
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    mouse = at.page.mouse
    mouse.move(x, y)
    mouse.down()
    for way in ways:
        mouse.move(x + way, y, steps=4)


# The call


def test_other_inputs_reach_every_number_of_both_passes(page_of: Open) -> None:
    player = page_of(ad.trace(eq5, 3.0, -4.0))
    expect(result(player)).to_have_text(written(eq5(3.0, -4.0)))
    enter(player, "x 1", "2")
    enter(player, "x 2", "5")

    other = ad.trace(eq5, 2.0, 5.0)
    expect(result(player)).to_have_text(written(eq5(2.0, 5.0)))
    values = [written(row.value) for row in other.rows]
    choose(player, "Primal")
    assert column(player, "value") == values
    choose(player, "Forward")
    assert column(player, "value") == values
    assert column(player, "tangent value") == [
        written(step.tangent) for step in other.forward("x1")
    ]
    choose(player, "Reverse")
    assert column(player, "value") == values
    adjoints = {step.row.slot: step.adjoint for step in other.reverse("y")}
    assert column(player, "adjoint value") == [written(adjoints[k]) for k in range(len(values))]
    # Fractions and powers are typed, too.
    enter(player, "x 1", "1/4")
    assert column(player, "adjoint value")[:2] == [written(5 - 4), written(1.25)]


def test_a_field_is_dragged_and_the_step_stays(page_of: Open) -> None:
    player = page_of(ad.trace(eq5, 3.0, -4.0))
    status, x1 = player.get_by_role("status"), field(player, "x 1")
    step_to(player, 7)
    spoken = status.inner_text()
    drag(x1, -16)
    expect(x1).to_have_value("2.6")
    expect(result(player)).to_have_text(written(eq5(2.6, -4.0)))
    assert column(player, "adjoint value")[0] == written(-4 - 1 / 2.6)
    assert status.inner_text() == spoken, "not every value of a drag is announced"
    expect(player.locator(".adviz-scale .adviz-hatch")).not_to_have_count(0)
    player.page.mouse.up()
    expect(status).to_have_text(f"x 1 is 2.6, eq5 is minus {written(-eq5(2.6, -4.0))}")
    expect(player.locator("output")).to_have_text(re.compile("step 7 of 8"))
    expect(player.locator(".adviz-scale").first).to_be_hidden()

    # It stops, like a dial, where the logarithm is not defined.
    drag(x1, -150)
    expect(x1).to_have_value("0.1")
    note = player.get_by_role("group", name="Note")
    expect(note).to_contain_text("ln is not defined: x₁ ≤ 0")
    player.page.mouse.up()
    expect(status).to_contain_text("x 1 stops at 0.1")
    player.page.keyboard.press("Escape")
    expect(note).to_have_count(0)
    expect(x1).to_be_focused()


def test_a_field_is_stepped_and_typed_in(page_of: Open) -> None:
    player = page_of(ad.trace(eq5, 3.0, -4.0))
    x1, keyboard = field(player, "x 1"), player.page.keyboard
    x1.focus()
    for keys, value in (
        ("ArrowUp", "3.1"),
        ("Shift+ArrowUp", "4.1"),
        ("Alt+ArrowDown", "4.09"),
        ("Shift+ArrowDown", "3.09"),
    ):
        keyboard.press(keys)
        expect(x1).to_have_value(value)
    expect(result(player)).to_have_text(written(eq5(3.09, -4.0)))
    expect(player.get_by_role("status")).to_contain_text("x 1 is 3.09")
    expect(x1).to_have_attribute("aria-valuenow", "3.09")
    keyboard.press("Escape")
    expect(x1).to_have_value("3")
    expect(result(player)).to_have_text(written(eq5(3.0, -4.0)))

    x1.click()
    keyboard.type("12")
    keyboard.press("Escape")
    expect(x1).to_have_value("3")
    keyboard.press("Enter")
    keyboard.type("twelve")
    keyboard.press("Enter")
    expect(x1).to_have_attribute("aria-invalid", "true")
    expect(player.get_by_role("status")).to_contain_text("“twelve” is no number")
    expect(result(player)).to_have_text(written(eq5(3.0, -4.0)))


def test_a_branch_that_would_change_stops_the_page(page_of: Open) -> None:
    player = page_of(ad.trace(piecewise, 0.25))
    note, x = player.get_by_role("group", name="Note"), field(player, "x")
    tests = player.locator(".adviz-listing mark.adviz-asked")
    expect(tests).to_have_count(0)
    before = box(player)
    enter(player, "x", "0.7")
    expect(x).to_have_value("0.5")
    expect(result(player)).to_have_text(written(0.25))
    expect(note).to_contain_text(
        "Beyond 0.5 the test x > 0.5 turns true and piecewise runs other lines. "
        "These steps hold for 0.25 ≤ x ≤ 0.5."
    )
    expect(player.get_by_role("status")).to_contain_text("x stops at 0.5. Beyond 0.5 the test")
    expect(tests).to_have_text("x > 0.5")
    assert box(player) == before
    assert note.get_by_role("button").all_inner_texts() == ["Stay at 0.5"]
    note.get_by_role("button").click()
    expect(note).to_have_count(0)
    expect(tests).to_have_count(0)
    expect(x).to_be_focused()

    drag(x, -40, 400)
    expect(x).to_have_value("0.5")
    expect(note).to_have_count(1)
    drag(x, -40)
    player.page.mouse.up()
    expect(note).to_have_count(0)
    expect(x).to_have_value("0.4")


# Seeds


def test_a_direction_is_pushed_forward(page_of: Open) -> None:
    player = page_of(ad.trace(eq5, 3.0, -4.0), "forward")
    enter(player, "tangent of x 1", "1")
    enter(player, "tangent of x 2", "2")
    player.get_by_role("button", name="Last").click()
    _, tangent = ad.jvp(eq5, (3.0, -4.0), (1.0, 2.0))
    assert column(player, "tangent value")[-1] == written(float(tangent))
    assert column(player, "tangent value")[:2] == ["1", "2"]
    # An output that is a constant has no terms, whatever the direction.
    player = page_of(ad.trace(lambda x, y: (x * y, 3.0), 3.0, -4.0), "forward")
    enter(player, "tangent of y", "2")
    player.get_by_role("button", name="Last").click()
    expect(player.locator("tr[aria-current=step] .adviz-terms")).to_contain_text("a constant")


def test_longer_numbers_get_the_room_they_need(page_of: Open, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 1200})
    player = page_of(ad.trace(lambda x1, x2: np.sin(x1 * x2) / (x1 + x2), 1.0, 2.0), "forward")
    # Words of more than three lines scroll.
    cut = """() => {
        const { scrollHeight, clientHeight } = document.querySelector(".adviz-working");
        return scrollHeight > clientHeight + 1;
    }"""
    before = box(player.locator(".adviz-working"))["height"]
    enter(player, "x 1", "1.23456789e-5")
    enter(player, "x 2", "-0.0123456789")
    enter(player, "tangent of x 1", "-1.23456789e-7")
    enter(player, "tangent of x 2", "-0.000123456789")
    page.wait_for_function(
        "h => document.querySelector('.adviz-working').offsetHeight > h", arg=before
    )
    height = box(player)["height"]
    for _ in range(5):
        player.get_by_role("button", name="Next").click()
        assert not page.evaluate(cut)
    assert box(player)["height"] == height


def test_outputs_are_weighted_and_pulled_back(page_of: Open) -> None:
    at, weights = (1.5, 0.5, 2.0), (2.0, -1.0, 0.0)
    player = page_of(ad.trace(polar, *at), "reverse")
    for name, weight in zip(("y 1", "y 2", "y 3"), weights, strict=True):
        enter(player, f"adjoint of {name}", str(weight))
    player.get_by_role("button", name="Last").click()
    _, pull_back = ad.vjp(polar, *at)
    gradient = [float(x) for x in pull_back(weights)]
    shown = column(player, "adjoint value")[:3]
    assert shown[:2] == [written(x) for x in gradient[:2]]
    assert gradient[2] == 0
    assert shown[2] in ("0", "·")
    # Nothing at all cannot be pulled back.
    enter(player, "adjoint of y 2", "0")
    enter(player, "adjoint of y 1", "0")
    expect(field(player, "adjoint of y 1")).to_have_value("2")
    expect(player.get_by_role("status")).to_contain_text("other than 0")


def test_the_result_is_kept_back_while_it_is_predicted(page_of: Open) -> None:
    player = page_of(ad.trace(eq5, 3.0, -4.0), "primal")
    switch = player.get_by_role("switch", name="Predict")
    switch.click()
    expect(result(player)).to_have_text("?")
    enter(player, "x 2", "5")
    expect(player.get_by_role("status")).not_to_contain_text("eq5 is")
    switch.click()
    expect(result(player)).to_have_text(written(eq5(3.0, 5.0)))


# Recordings, and many inputs


def test_a_recording_has_no_fields_and_says_why(page_of: Open) -> None:
    player = page_of(ad.trace(lambda x: np.sum(np.sin(x)), np.array([1.0, 2.0])))
    expect(player.get_by_role("spinbutton", name="input")).to_have_count(0)
    player.get_by_role("button", name="recording").click()
    expect(player.get_by_role("group", name="Note")).to_contain_text("array")


def test_a_hundred_inputs_can_be_reached(page_of: Open) -> None:
    numbers = [k / 4 for k in range(100)]
    player = page_of(ad.trace(total, *numbers))
    expect(player.get_by_role("spinbutton", name="input")).to_have_count(7)
    player.get_by_role("combobox", name="Other inputs").select_option(index=93)
    last = player.get_by_role("spinbutton", name="input").last
    expect(last).to_have_value(written(numbers[-1]))
    last.fill("0")
    last.press("Enter")
    expect(result(player)).to_have_text(written(math.fsum(numbers[:-1])))
    # A direction that comes with an address is none of those that can be chosen.
    direction = ",".join(["2", "1", *["0"] * 98])
    player.page.evaluate(f"location.hash = '#pass=forward&step=1&direction={direction}'")
    seed = player.get_by_role("combobox", name="seed")
    expect(seed.locator("option:checked")).to_have_text("other seeds")
    seed.select_option(index=1)
    player.get_by_role("button", name="Last").click()
    expect(player.locator("tr[aria-current=step] td").last).to_have_text("1")


# Keys, and the page's address


def test_keys_change_the_pass_and_leave(page_of: Open) -> None:
    player = page_of(ad.trace(eq5, 3.0, -4.0), "primal")
    position, keyboard = player.locator("output"), player.page.keyboard
    player.focus()
    for key, which in (("]", "forward"), ("]", "reverse"), ("[", "forward")):
        keyboard.press(key)
        expect(position).to_have_text(re.compile(f"step 1 of . · {which}"))
        expect(player.get_by_role("radio", name=which.title())).to_be_checked()
    assert player.evaluate("(player) => player.contains(document.activeElement)")
    player.get_by_role("radio", name="Forward").focus()
    keyboard.press("Escape")
    assert not player.evaluate("(player) => player.contains(document.activeElement)")


def test_the_address_says_where_the_reader_is(page_of: Open, page: Page) -> None:
    player = page_of(ad.trace(eq5, 3.0, -4.0), "primal", "#pass=reverse&step=5")
    position = player.locator("output")
    expect(position).to_have_text(re.compile("step 5 of 8 · reverse"))
    player.get_by_role("button", name="Next").click()
    page.wait_for_url(re.compile(r"#pass=reverse&step=6$"))
    enter(player, "x 2", "5")
    page.wait_for_url(re.compile("inputs=3,5"))
    page.reload()
    expect(position).to_have_text(re.compile("step 6 of 8 · reverse"))
    expect(field(player, "x 2")).to_have_value("5")
    expect(result(player)).to_have_text(written(eq5(3.0, 5.0)))
    page.evaluate("location.hash = '#pass=forward&step=3'")
    expect(position).to_have_text(re.compile("step 3 of 6 · forward"))
    expect(field(player, "x 2")).to_have_value("-4".replace("-", "−"))

    player.locator("summary").click()
    enter_back = player.get_by_role("button", name="Reset inputs and seeds")
    expect(enter_back).to_be_visible()
    player.page.keyboard.press("Escape")
    expect(enter_back).to_be_hidden()
    enter(player, "x 2", "7")
    player.locator("summary").click()
    enter_back.click()
    expect(field(player, "x 2")).to_have_value("−4")


# In a notebook


def test_a_saved_notebook_answers_and_is_shown_anew(jupyter: Server, page: Page) -> None:
    bundle = {MIME_TYPE: ad.trace(eq5, 3.0, -4.0).play("reverse").document, "text/plain": "Trace"}
    save_notebook(jupyter.notebooks / "eq5.ipynb", bundle, kernel="kernel-that-no-machine-has")
    notebook = jupyter.open(page, "eq5.ipynb")
    notebook.choose_no_kernel()
    player = notebook.players
    enter(player, "x 1", "2")
    enter(player, "x 2", "5")
    step_to(player, 8)
    adjoints = {step.row.slot: step.adjoint for step in ad.trace(eq5, 2.0, 5.0).reverse("y")}
    shown = [written(adjoints[k]) for k in range(6)]
    assert column(player, "adjoint value") == shown

    slider = player.get_by_role("slider", name="Step")
    slider.focus()
    player.evaluate("(player) => { player.isOld = true; }")
    panel = "jupyterapp.shell.currentWidget"
    for again in (
        f"{panel}.content.widgets[0].model.outputs.get(0).setData({{metadata: {{seen: true}}}})",
        f"{panel}.context.revert()",
    ):
        page.evaluate(f"() => {{ {again}; }}")
        page.wait_for_function("document.querySelector('.jp-Notebook .adviz')?.isOld === undefined")
        player.wait_for()
        expect(slider).to_have_value("8")
        assert column(player, "adjoint value") == shown
        expect(slider).to_be_focused()
        player.evaluate("(player) => { player.isOld = true; }")

    # Escape hands the focus back, and the notebook has its keys again.
    page.keyboard.press("Escape")
    assert not player.evaluate("(player) => player.contains(document.activeElement)")
    assert page.evaluate("!!document.activeElement.closest('.jp-Notebook')")


# How it looks


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_notes_are_accessible_and_fit(
    theme: Any,
    page_of: Open,
    page: Page,
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    page.emulate_media(color_scheme=theme)
    player = page_of(ad.trace(piecewise, 0.25))
    enter(player, "x", "0.7")
    note = player.get_by_role("group", name="Note")
    for width in (1366, 900, 320):
        page.set_viewport_size({"width": width, "height": 768})
        note.get_by_role("button").click()
        enter(player, "x", "0.7")
        screenshot(page, f"note-{width}-{theme}")
        inner, outer = box(note), box(player)
        assert outer["x"] <= inner["x"]
        assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert accessibility_violations(page) == []
