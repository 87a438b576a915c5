"""Arrays in the player: a step's matrices written out, its entries, its seeds, with no kernel."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, expect

import adviz as ad
from adviz.render.number import format_number
from tests.browser.test_instrument import enter, page_of
from tests.browser.test_player import box

__all__ = ["page_of"]

X = np.array([[1.0, 2.0], [0.0, -1.0], [2.0, 1.0]])
T = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
W = np.array([[0.5, -0.3], [0.2, 0.8]])
BATCH = np.random.default_rng(2).normal(size=(64, 12))


def loss(W: Any) -> Any:  # noqa: N803 - as it is on paper
    Z = X @ W  # noqa: N806
    A = np.tanh(Z)  # noqa: N806
    E = A - T  # noqa: N806
    return np.sum(E**2) / 2


def of_batch(W: Any) -> Any:  # noqa: N803
    Z = BATCH @ W  # noqa: N806
    return np.sum(np.tanh(Z))


def two(a: Any, b: Any) -> Any:
    return a * b, a + b


def short(number: float) -> str:
    return format_number(number, 4)


def cells(figure: Locator) -> list[list[str]]:
    return [row.locator("td").all_inner_texts() for row in figure.locator("tr").all()]


def test_an_entry_of_a_gradient_is_a_row_times_a_column(
    page_of: Callable[..., Locator], page: Page, accessibility_violations: Callable[..., list[str]]
) -> None:
    player = page_of(ad.trace(loss, W))
    player.get_by_role("button", name="Last").click()
    gradient = ad.grad(loss)(W)
    back = (np.tanh(X @ W) - T) * (1 - np.tanh(X @ W) ** 2)
    expect(player.locator(".adviz-equation math").first).to_have_text("W¯=XTZ¯")
    figures = player.locator(".adviz-step .adviz-matrices figure")
    drawn = [cells(figure) for figure in figures.all()]
    assert drawn == [[[short(x) for x in row] for row in m] for m in (back, X.T, gradient)]
    # As on paper: Z̄ above W̄, Xᵀ on the left of it.
    above, left, result = (box(figure.locator("table")) for figure in figures.all())
    assert above["y"] + above["height"] <= result["y"]
    assert left["x"] + left["width"] <= result["x"]
    assert abs(above["x"] - result["x"]) < 1

    chosen = player.locator(".adviz-chosen")
    place = player.get_by_role("spinbutton", name="Entry of the result")
    place.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(chosen).to_have_text(short(gradient[1, 1]))
    expect(place).to_have_text("entry 4 of 4: row 2, column 2")
    spoken = f"row 2, column 2: {short(gradient[1, 1]).replace('−', 'minus ')}, from 3 products"
    expect(place).to_have_attribute("aria-valuetext", spoken)
    used = player.locator(".adviz-used").all_inner_texts()
    assert used == [short(x) for x in (*back[:, 1], *X[:, 1])]
    written_out = re.compile(rf"^W¯22=2×.*={short(gradient[1, 1])}$")
    expect(player.locator(".adviz-sumline")).to_have_text(written_out)
    expect(
        player.get_by_text(re.compile("step 7 of 7"))
    ).to_be_visible()  # the keys went no further

    player.get_by_role("button", name="One entry back").click()
    expect(player.get_by_role("status")).to_have_text(re.compile("^row 2, column 1: "))
    figures.nth(2).locator("td").first.hover()
    expect(chosen).to_have_text(short(gradient[0, 0]))
    assert accessibility_violations(page) == []

    # An operation entry by entry: both operands beside the result.
    player.get_by_role("button", name="Previous", exact=True).click()
    expect(player.locator(".adviz-equation math").first).to_have_text("Z¯=A¯⊙(1−A2)")
    assert cells(figures.nth(2)) == [[short(x) for x in row] for row in back]

    # The input shows its entries, and has no field.
    player.get_by_role("button", name=re.compile("Entries of W")).click()
    assert cells(player.locator(".adviz-note")) == [[short(x) for x in row] for row in W]


def test_an_entry_of_a_large_product_lights_up_in_pictures(
    page_of: Callable[..., Locator], page: Page, accessibility_violations: Callable[..., list[str]]
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    weights = np.random.default_rng(4).normal(size=(12, 8))
    player = page_of(ad.trace(of_batch, weights))
    player.get_by_role("button", name="Last").click()
    drawing = player.locator(".adviz-matrices")
    pictures = drawing.locator("figure .adviz-picture")
    expect(pictures).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    inside = box(player.get_by_role("group", name="Current step"))
    assert box(drawing)["x"] + box(drawing)["width"] <= inside["x"] + inside["width"]

    place = player.get_by_role("spinbutton", name="Entry of the result")
    place.focus()
    for key in ["ArrowDown"] * 4 + ["ArrowRight"] * 2:
        page.keyboard.press(key)
    gradient = ad.grad(of_batch)(weights)
    total = short(gradient[4, 2])
    spoken = f"row 5, column 3: {total.replace('−', 'minus ')}, from 64 products"
    expect(place).to_have_attribute("aria-valuetext", spoken)
    equation = player.locator(".adviz-sumline")
    expect(equation).to_contain_text("⋯")
    assert "".join(equation.all_inner_texts()).replace("\n", "").endswith(f"={total}")
    # The row of Xᵀ is as wide as its picture, the column of Z̄ as high as its own.
    above, left, result = pictures.all()
    row, column = box(left.locator("rect")), box(above.locator("rect"))
    assert abs(row["width"] - box(left)["width"]) < 5
    assert row["height"] < box(left)["height"] / 6
    assert abs(column["height"] - box(above)["height"]) < 5
    assert column["width"] < box(above)["width"] / 4
    # It is chosen where a reader points, too.
    shape = box(result)
    x, y = (7.5 / 8 * shape["width"], 11.5 / 12 * shape["height"])
    result.hover(position={"x": x, "y": y})
    expect(place).to_have_text("entry 96 of 96: row 12, column 8")
    result.click(position={"x": x, "y": 0.5 / 12 * shape["height"]})
    expect(player.get_by_role("status")).to_have_text(re.compile("^row 1, column 8: "))
    assert accessibility_violations(page) == []


def test_what_is_too_large_has_a_rule_and_says_why(page_of: Callable[..., Locator]) -> None:
    batch = np.random.default_rng(2).normal(size=(100, 50))
    trace = ad.trace(lambda W: np.sum(np.tanh(batch @ W)), np.ones((50, 8)))  # noqa: N803
    player = page_of(trace)
    player.get_by_role("button", name="Last").click()
    expect(player.locator(".adviz-matrices figure")).to_have_count(3)
    expect(player.get_by_role("spinbutton", name="Entry of the result")).to_have_count(0)
    expect(player.locator(".adviz-sumnote")).to_have_text(
        re.compile(r"^.*ᵀ is too large for its entries to be kept here\. Trace a smaller case")
    )


def test_a_seed_that_is_fixed_says_why(page_of: Callable[..., Locator]) -> None:
    def waves(x: Any) -> Any:
        return np.sin(np.cos(x)) * 2

    player = page_of(ad.trace(waves, np.linspace(0, 1, 5000)), "forward")
    expect(player.get_by_role("spinbutton", name=re.compile("tangent of x"))).to_have_count(0)
    player.get_by_role("button", name="fixed").locator("visible=true").click()
    expect(player.locator(".adviz-note")).to_have_text(
        re.compile(
            "^The seed is fixed: .* Trace it anew with smaller arrays, or use ad.jvp in Python"
        )
    )


def test_seeds_of_arrays_are_typed_and_combine_what_was_recorded(
    page_of: Callable[..., Locator],
) -> None:
    a, b = np.array([1.0, -2.0, 3.0]), np.array([0.5, 4.0, -1.0])
    player = page_of(ad.trace(two, a, b), "forward")
    enter(player, "tangent of a", "2")
    enter(player, "tangent of b", "-3")
    player.get_by_role("button", name="Last").click()
    result = player.locator("[aria-current] .adviz-derivative .adviz-lines")
    tangent = ad.jvp(two, (a, b), (2 * np.ones(3), -3 * np.ones(3)))[1]
    expect(result).to_have_text(format_number(np.asarray(tangent[1]), 3))

    player.get_by_role("radio", name="Reverse").check()
    enter(player, "adjoint of y 1", "2")
    enter(player, "adjoint of y 2", "-1")
    player.get_by_role("button", name="Last").click()
    _, pull = ad.vjp(two, a, b)
    expected = pull((2 * np.ones(3), -np.ones(3)))
    shown = player.locator("tbody .adviz-derivative .adviz-lines")
    for k, slope in enumerate(expected):
        expect(shown.nth(k)).to_have_text(format_number(np.asarray(slope), 3))
