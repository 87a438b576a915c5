"""Predicting in a browser: questions and answers by keyboard, and nothing that gives them away."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import adviz as ad
from adviz.player import script, style
from adviz.render.number import format_number

Show = Callable[..., Locator]


def eq5(x1: Any, x2: Any) -> Any:
    return x1 * x2 + x2 - np.log(x1)


def griewank(x1: Any, x2: Any) -> Any:
    q = x1 / x2
    d = q - np.exp(x2)
    return (np.sin(q) + d) * d


def halved(x: Any) -> Any:
    while x > 1.1:
        x = x / 2.3
    return x * x


@pytest.fixture
def play(page: Page) -> Show:
    """Show a trace on an empty page, as a host does."""
    page.set_content(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>adviz</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style()}</style><main></main></html>"
    )
    page.add_script_tag(type="module", content=f"{script()}\nwindow.mount = mount;")
    page.wait_for_function("!!window.mount")

    def mount(trace: ad.Trace, which: str = "reverse", **options: Any) -> Locator:
        text = json.dumps(trace.play(which, **options).document)
        page.evaluate(
            "text => { window.player?.destroy();"
            " window.player = mount(document.querySelector('main'), JSON.parse(text)); }",
            text,
        )
        return page.locator(".adviz")

    return mount


def field(player: Locator) -> Locator:
    return player.locator(".adviz-answer input")


def answer(page: Page, text: str) -> None:
    """Type an answer where the focus is, and press Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_a_return_sweep_is_predicted_by_keyboard(
    page: Page,
    play: Show,
    accessibility_violations: Callable[..., list[str]],
    screenshot: Callable[..., None],
) -> None:
    trace = ad.trace(eq5, 3.0, -4.0)
    player = play(trace, predict=True)
    verdict = player.locator(".adviz-verdict")
    question = player.locator(".adviz-question-text")
    nexts = player.get_by_role("button", name="Next").and_(player.locator(".adviz-chief"))
    expect(question).to_be_hidden()  # the seed is given
    assert page.evaluate("document.activeElement === document.body")  # and no focus is taken

    nexts.focus()
    page.keyboard.press("Enter")
    expect(question).to_have_text("What is v̄₂?")
    expect(field(player)).to_be_focused()
    heights = [player.bounding_box()["height"]]  # type: ignore[index]
    places = "row => [...row.cells].map(cell => cell.getBoundingClientRect().x)"
    columns = [player.locator("thead tr").evaluate(places)]
    answer(page, "1")
    expect(verdict).to_contain_text("Right.")
    expect(nexts).to_be_focused()
    page.keyboard.press("Enter")

    # The first mistake: the sign of a difference.
    answer(page, "1")
    expect(verdict).to_contain_text("You lost the minus sign of the difference.")
    expect(field(player)).to_have_attribute("aria-invalid", "true")
    described = field(player).get_attribute("aria-describedby")
    assert verdict.get_attribute("id") == described
    answer(page, "-1")  # the old one was selected
    expect(player.locator(".adviz-answer-sign")).to_have_text("2nd")
    page.keyboard.press("Enter")

    # The second: the slope of the logarithm upside down.
    answer(page, "-3")
    expect(verdict).to_contain_text("You divided by the slope.")
    answer(page, "-1/3")
    page.keyboard.press("Enter")
    answer(page, "1")
    page.keyboard.press("Enter")
    answer(page, "1")
    page.keyboard.press("Enter")

    # The third: only the last use. What will be right stands nowhere.
    expect(question).to_have_text("What is v̄₋₁ after this step, −0.333333 so far?")
    everything = player.evaluate("element => element.outerHTML")
    assert "4.33333" not in everything
    row = player.locator("tr[aria-current=step]")
    expect(row).to_contain_text("−0.333333 → ?")
    answer(page, "-4")
    lines = verdict.locator("p")
    expect(lines).to_have_count(2)
    expect(lines.nth(0)).to_contain_text("The product is right: this use sends back v̄₁·v₀ = ")
    expect(lines.nth(1)).to_contain_text("You used only the last use. v₋₁ is read twice")
    expect(player.get_by_role("status")).to_contain_text("You used only the last use.")
    heights.append(player.bounding_box()["height"])  # type: ignore[index]
    screenshot(player, "predict")
    assert accessibility_violations(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # colours change at once
    screenshot(player, "predict-dark")
    assert accessibility_violations(page) == []
    answer(page, "-4.333")
    expect(row).to_contain_text("−4.33333")
    page.keyboard.press("Enter")
    player.get_by_role("button", name="Show", exact=True).press("Enter")
    expect(verdict).to_contain_text("1 was there, this use adds v̄₁·v₋₁ = 1×3 = 3: together 4.")
    expect(verdict).to_contain_text("3 of 7 at the first try, 3 at a later one, 1 shown.")
    expect(player.locator(".adviz-tally")).to_have_text("3 of 7 first try")
    marks = player.locator(".adviz-cell").evaluate_all("cells => cells.map(c => c.dataset.mark)")
    assert marks == [None, "✓", "2nd", "2nd", "✓", "✓", "2nd", "shown"]
    heights.append(player.bounding_box()["height"])  # type: ignore[index]
    assert len(set(heights)) == 1, "the player changed its height"
    page.set_viewport_size({"width": 1400, "height": 900})  # all is laid out anew
    page.evaluate("() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")
    columns.append(player.locator("thead tr").evaluate(places))
    assert columns[0] == columns[1], "the columns changed their places"

    # Narrow: all of it can be read, and nothing is pushed out.
    page.set_viewport_size({"width": 320, "height": 800})
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("document.querySelector('.adviz').clientWidth <= 320")
    assert page.evaluate("document.documentElement.scrollWidth <= 320")
    screenshot(player, "predict-320")


@pytest.mark.parametrize("which", ["primal", "forward", "reverse"])
def test_no_number_to_come_stands_anywhere(page: Page, play: Show, which: str) -> None:
    trace = ad.trace(griewank, 1.5, 0.5)
    player = play(trace, which, predict=True)
    if which == "primal":
        numbers = [row.value for row in trace.rows]
    elif which == "forward":
        numbers = [step.tangent for step in trace.forward("x1")]
    else:
        numbers = [part.after for step in trace.reverse() for part in step.contributions]
        numbers = [1.0, *numbers]
    texts = [format_number(number, 6) for number in numbers]
    player.locator(".adviz-chief:visible").focus()
    known: set[str] = set()
    asked = 0
    while True:
        place = page.evaluate("window.player.position().step") - 1
        everything = player.evaluate("element => element.outerHTML")
        if field(player).evaluate("input => !input.readOnly"):
            asked += 1
            shown = {row.value for row in trace.rows} if which == "reverse" else set()
            known |= {format_number(number, 6) for number in shown}
            hidden = {text for text in texts[place:] if len(text) > 4} - known
            assert [text for text in hidden if text in everything] == []
            page.keyboard.type(repr(float(numbers[place])))
            page.keyboard.press("Enter")
            expect(player.locator(".adviz-verdict")).to_contain_text("Right.")
        known.add(texts[place])
        if place == len(numbers) - 1:
            break
        page.keyboard.press("Enter")
    assert asked == len([row for row in trace.rows if row.parents]) or which == "reverse"
    expect(player.locator(".adviz-tally")).to_have_text(f"{asked} of {asked} first try")


def test_decisions_to_come_are_kept_back_and_the_switch_turns_it_on(page: Page, play: Show) -> None:
    trace = ad.trace(halved, 3.0)
    player = play(trace, "primal", passes=("primal",), step=2)
    expect(player.get_by_role("radiogroup", name="Pass")).to_have_count(0)
    expect(player.locator("tr[aria-current=step]")).to_contain_text("1.30435")
    switch = player.get_by_role("switch", name="Predict")
    expect(switch).to_have_attribute("aria-checked", "false")
    decisions = player.locator("tr.adviz-decision .adviz-question")
    expect(decisions.nth(1)).to_be_visible()
    switch.focus()
    page.keyboard.press("p")
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(decisions.nth(0)).to_be_visible()
    expect(decisions.nth(2)).to_be_hidden()
    bars = player.locator(".adviz-cell").evaluate_all(
        "cells => cells.map(cell => cell.style.getPropertyValue('--adviz-bar'))"
    )
    assert bars == ["100%", "0%"]
    # Playing waits for an answer; going on without one counts as shown.
    page.keyboard.press("ArrowRight")
    expect(field(player)).to_be_focused()
    play_button = player.get_by_role("button", name="Play")
    play_button.click()
    expect(play_button).to_be_visible()
    player.get_by_role("button", name="Show the numbers").click()
    expect(player.locator(".adviz-asking")).to_contain_text("1.304")
    answer(page, "one")
    expect(player.locator(".adviz-verdict")).to_contain_text("That is not a number.")
    play_button.focus()
    page.keyboard.press("ArrowRight")
    expect(player.locator(".adviz-tally")).to_have_text("0 of 1 first try")
    page.keyboard.press("Escape")
    switch.click()
    expect(player.locator("tr[aria-current=step]")).to_contain_text(format_number(trace.value, 6))
    expect(player.locator(".adviz-tally")).to_be_hidden()
