"""The player on a page: what it shows, how it is operated, which documents it refuses."""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

import adviz as ad
import adviz.player
from adviz.player import script, style
from adviz.render.document import document
from adviz.render.number import ARRAY_DIGITS, format_number

Show = Callable[..., Locator]


def eq5(x1: Any, x2: Any) -> Any:
    return x1 * x2 + x2 - np.log(x1)


def griewank(x1: Any, x2: Any) -> Any:
    q = x1 / x2
    d = q - np.exp(x2)
    return (np.sin(q) + d) * d


def polar(r: Any, theta: Any, z: Any) -> Any:
    return r * np.cos(theta), r * np.sin(theta), z * z


def square(x: Any) -> Any:
    return x * x


def power(x: Any, n: int) -> Any:
    if n == 1:
        return x
    if n % 2 == 0:
        return square(power(x, n // 2))
    return x * power(x, n - 1)


def fifth(x: Any) -> Any:
    return power(x, 5)


def branching(x: Any) -> Any:
    while x > 1:
        x = x / 2
    return x * x


def chain(length: int) -> Callable[[Any], Any]:
    def grow(x: Any) -> Any:
        for _ in range(length):
            x = x * 1.000001 + 1e-7
        return x

    return grow


def perceptron(x: Any, w: Any, b: Any, v: Any) -> Any:
    hidden = np.tanh(x @ w + b)
    return np.mean((hidden @ v + 0.5) ** 2)


def halves(x: Any, s: Any) -> Any:
    y = np.where(x > 0, x * s, 0.0)
    return np.cumsum(y * x)


def perceptron_trace(batch: int = 20) -> ad.Trace:
    draw = np.random.default_rng(0)
    shapes = ((batch, 6), (6, 4), 4, 4)
    return ad.trace(perceptron, *(draw.normal(size=shape) for shape in shapes))


TOO_LARGE = 1100
"""A batch of which the hidden layer has more entries than a document carries."""


def halves_trace() -> ad.Trace:
    return ad.trace(halves, np.array([1.0, -2.0, 3.0]), 2.0)


@pytest.fixture
def show(page: Page) -> Show:
    """Show documents on an empty page, as a host does."""
    page.set_content(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>adviz</title>'
        f"<style>{style()}</style><main></main></html>"
    )
    page.add_script_tag(type="module", content=f"{script()}\nwindow.mount = mount;")
    page.wait_for_function("!!window.mount")

    def mount(trace: ad.Trace | Any, which: str = "reverse", **options: Any) -> Locator:
        shown = document(trace, which) if isinstance(trace, ad.Trace) else trace
        page.evaluate(
            "([text, options]) => {"
            "  window.player?.destroy();"
            "  const shown = JSON.parse(text);"
            "  window.player = mount(document.querySelector('main'), shown, options); }",
            [json.dumps(shown), options],
        )
        return page.locator(".adviz")

    return mount


def written(x: float, digits: int = 6) -> str:
    """Write a number as the player should, from its exact decimal expansion."""
    if math.isnan(x) or math.isinf(x):
        return "NaN" if math.isnan(x) else "∞" if x > 0 else "−∞"
    if x == 0:
        return "0"
    with localcontext() as context:
        context.prec = 1100
        exact = abs(Decimal(x))
        last = exact.adjusted() - digits + 1
        rounded = exact.quantize(Decimal(1).scaleb(last), rounding=ROUND_HALF_UP)
    exponent = rounded.adjusted()
    if -5 < exponent < max(6, digits):
        text, power = f"{rounded:f}", ""
    else:
        text = f"{rounded.scaleb(-exponent):f}"
        power = "×10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return ("−" if x < 0 else "") + text + power


def step_to(player: Locator, step: int) -> None:
    player.get_by_role("slider", name="Step").fill(str(step))


def set_seed(player: Locator, name: str, seed: int) -> None:
    field = player.get_by_role("spinbutton", name=name)
    field.fill(str(seed))
    field.press("Enter")


def column(player: Locator, heading: str) -> list[str]:
    """Return the numbers of a column as they can be seen."""
    headings = player.locator("thead th").all_inner_texts()
    place = [text.replace("\n", " ").strip() for text in headings].index(heading)
    rows = player.locator("tbody tr:not(.adviz-group)").filter(has=player.page.locator("th"))
    return rows.evaluate_all(
        "(rows, k) => rows.map((row) => row.children[k]"
        "  .querySelector('.adviz-quantity, [aria-hidden]')?.textContent)",
        place,
    )


def arrays(player: Locator, kind: str) -> list[str]:
    """Return what is written of the values, or of the derivatives, that are known."""
    cells = player.locator(f"tbody td.adviz-number{kind}")
    return cells.evaluate_all(
        "(cells) => cells.map((c) => (c.querySelector('.adviz-lines') ?? c).textContent)"
    )


def short(number: Any) -> str:
    return format_number(number, ARRAY_DIGITS if np.ndim(number) else 6)


def box(locator: Locator) -> FloatRect:
    found = locator.bounding_box()
    assert found is not None
    return found


# What it shows


def test_reverse_pass_of_eq5(show: Show) -> None:
    x1, x2 = 3.0, -4.0
    player = show(ad.trace(eq5, x1, x2), "reverse")
    expect(player.get_by_role("status")).to_be_empty()
    expect(player.locator("output")).to_have_text("step 1 of 8 · reverse")
    assert column(player, "adjoint value") == ["·"] * 5 + ["1"]
    expect(player.get_by_role("row").nth(1)).to_contain_text("not reached yet")

    player.get_by_role("button", name="Last").click()
    product, difference, logarithm, total = 1.0, 1.0, -1.0, 1.0
    by_label = {
        "v−1": product * x2 + logarithm / x1,
        "v0": difference + product * x1,
        "v1": product,
        "v2": difference,
        "v3": logarithm,
        "v4=y": total,
    }
    assert player.locator("tbody th").all_text_contents() == list(by_label)
    assert column(player, "adjoint value") == [written(x) for x in by_label.values()]
    values = [x1, x2, x1 * x2, x1 * x2 + x2, math.log(x1), eq5(x1, x2)]
    assert column(player, "value") == [written(x) for x in values]


def test_one_contribution_is_shown_everywhere(show: Show) -> None:
    player = show(ad.trace(eq5, 3.0, -4.0), "reverse", step=7)
    before, amount = -1 / 3, -4.0
    expect(player.locator("mark")).to_have_text("x1 * x2")
    current = player.locator("[aria-current=step]")
    expect(current).to_have_count(1)
    expect(current).to_contain_text(f"{written(before + amount)}2 of 2")
    expect(player.locator(".adviz-labels > div")).to_have_text("v¯1·v0 = −4")
    expect(player.locator(".adviz-node.adviz-current math")).to_have_text("v−1=x1")
    expect(player.locator(".adviz-edge.adviz-active.adviz-back")).to_have_count(1)
    expect(player.locator(".adviz-equation math").last).to_have_text("=−4")
    assert player.locator(".adviz-box").all_inner_texts() == [
        f"{name}\n{written(x)}"
        for name, x in (("before", before), ("this use", amount), ("after", before + amount))
    ]
    expect(player.get_by_role("slider")).to_have_attribute(
        "aria-valuetext",
        re.compile(
            "step 7 of 8, reverse: v minus 1 bar gains v 1 bar times v 0, minus 4, now minus 4.3"
        ),
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_forward_pass_gives_a_column_of_the_jacobian(show: Show, seed: int) -> None:
    x1, x2 = 1.5, 0.5
    q, e = x1 / x2, math.exp(x2)
    d = q - e
    dq = (1 / x2, -q / x2)[seed]
    dd = dq - (0.0, e)[seed]
    expected = (math.cos(q) * dq + dd) * d + (math.sin(q) + d) * dd

    player = show(ad.trace(griewank, x1, x2), "forward")
    set_seed(player, "tangent of x 1", 1 - seed)
    set_seed(player, "tangent of x 2", seed)
    player.get_by_role("button", name="Last").click()
    assert column(player, "tangent value")[-1] == written(expected)
    assert column(player, "tangent value")[:2] == [written(float(k == seed)) for k in (0, 1)]
    expect(player.locator(".adviz-words")).to_contain_text(f"∂y/∂x{'₁₂'[seed]}")


def test_primal_pass_fills_in_row_by_row(show: Show) -> None:
    x1, x2 = 1.5, 0.5
    player = show(ad.trace(griewank, x1, x2), "primal", step=3)
    assert column(player, "value") == [written(x) for x in (x1, x2, x1 / x2)] + ["·"] * 5
    expect(player.locator("tbody tr").nth(2)).to_contain_text("= q")
    expect(player.locator("mark")).to_have_text("x1 / x2")


def test_each_output_can_be_pulled_back(show: Show) -> None:
    r, theta, z = 2.0, 0.5, 3.0
    gradients = [
        (math.cos(theta), -r * math.sin(theta), 0.0),
        (math.sin(theta), r * math.cos(theta), 0.0),
        (0.0, 0.0, 2 * z),
    ]
    player = show(ad.trace(polar, r, theta, z), "reverse")
    for output, gradient in enumerate(gradients):
        set_seed(player, f"adjoint of y {output + 1}", 1)
        if output > 0:
            set_seed(player, f"adjoint of y {output}", 0)
        player.get_by_role("slider", name="Step").press("End")
        assert column(player, "adjoint value")[:3] == [written(x) for x in gradient]


def test_calls_and_decisions_can_be_read(show: Show) -> None:
    player = show(ad.trace(fifth, 1.1), "primal", step=2)
    expect(player.locator(".adviz-path")).to_have_text("fifth › power › power › power › square")
    titles = player.locator(".adviz-title").all_inner_texts()
    assert set(titles) == {"fifth", "power", "square"}

    player = show(ad.trace(branching, 3.0), "primal", step=2)
    decisions = player.locator(".adviz-decision").all_inner_texts()
    assert [d.split("\n")[0].strip() for d in decisions] == [
        f"x > 1 → {outcome}{written(x)} > 1"
        for x, outcome in ((3.0, "true"), (1.5, "true"), (0.75, "false"))
    ]
    expect(player.locator(".adviz-words")).to_contain_text("x > 1 (true)")


def test_nan_and_infinity_are_told(show: Show) -> None:
    player = show(ad.trace(lambda x: np.log(x) * 2, 0.0), "primal", step=2)
    assert column(player, "value")[1] == "−∞"
    expect(player.locator(".adviz-words")).to_contain_text("an infinity arises")
    player = show(ad.trace(lambda x: np.sqrt(x) * 2, -1.0), "primal", step=2)
    assert column(player, "value")[1] == "NaN"
    expect(player.locator(".adviz-words")).to_contain_text("a NaN arises")


# Arrays


@pytest.mark.parametrize("make", [perceptron_trace, halves_trace])
def test_arrays_are_pulled_back_to_the_gradient(show: Show, make: Callable[[], ad.Trace]) -> None:
    trace = make()
    player = show(trace, "reverse")
    assert arrays(player, ":not(.adviz-derivative)") == [short(row.value) for row in trace.rows]
    player.get_by_role("button", name="Last").click()
    inputs = [row.value for row in trace.inputs]
    gradient = ad.grad(lambda *args: np.sum(trace.function(*args)), tuple(range(len(inputs))))
    shown = arrays(player, ".adviz-derivative")[: len(inputs)]
    assert shown == [short(slope) for slope in gradient(*inputs)]


@pytest.mark.parametrize("batch", [20, TOO_LARGE])
def test_tangents_of_arrays_are_pushed_forward(show: Show, batch: int) -> None:
    trace = perceptron_trace(batch)
    player = show(trace, "forward")
    for k, name in enumerate(trace.input_names):
        if batch == TOO_LARGE:  # one of the seeds that were recorded
            player.get_by_role("combobox", name="seed").select_option(index=k)
        else:
            for other in trace.input_names:
                field = player.get_by_role("spinbutton", name=f"tangent of {other}, seed")
                field.fill("1" if other == name else "0")
                field.press("Enter")
        player.get_by_role("slider", name="Step").press("End")
        expected = [short(step.tangent) for step in trace.forward(name)]
        assert arrays(player, ".adviz-derivative") == expected
    expect(player.locator(".adviz-words")).to_contain_text("changes with every entry of v")


def test_a_sum_of_terms_shows_each_term(show: Show) -> None:
    trace, step = sum_of_terms(perceptron_trace(TOO_LARGE))
    player = show(trace, "forward", input=1, step=step.row.slot + 1)
    expected = [short(term.product) for term in step.terms] + [short(step.tangent)]
    assert player.locator(".adviz-box .adviz-lines").all_text_contents() == expected

    # Of arrays whose numbers are known, the terms are drawn, and summed entry by entry.
    trace, step = sum_of_terms(perceptron_trace())
    player = show(trace, "forward", input=1, step=step.row.slot + 1)
    first, second = (term.product for term in step.terms)
    figures = player.get_by_role("group", name="Arrays of this step").get_by_role("figure")
    expect(figures).to_have_count(3)
    expect(figures.nth(0).locator("figcaption")).to_contain_text(short(first))
    assert figures.nth(1).locator("td").all_text_contents() == [short(x) for x in second[0]]
    expect(figures.nth(2).locator("figcaption")).to_contain_text(short(step.tangent))
    written_out = player.locator(".adviz-sumline")
    player.get_by_role("button", name="One entry on").click()
    for number in (first[0, 1], second[0, 1], step.tangent[0, 1]):
        expect(written_out).to_contain_text(format_number(number, 4))


def sum_of_terms(trace: ad.Trace) -> tuple[ad.Trace, Any]:
    """Return the trace and the step at which a bias is added, with w seeded."""
    (step,) = [step for step in trace.forward("w") if step.row.op == "add" and len(step.terms) > 1]
    return trace, step


def broadcast_of_bias(trace: ad.Trace) -> tuple[int, Any]:
    """Return the place in the return sweep, and what comes back to a bias there."""
    contributions = [part for step in trace.reverse() for part in step.contributions]
    (place,) = [k for k, part in enumerate(contributions) if part.parent.name == "b"]
    return place, contributions[place]


def test_a_broadcast_is_undone_in_a_part_of_its_own(show: Show) -> None:
    for batch in (TOO_LARGE, 20):
        trace = perceptron_trace(batch)
        place, part = broadcast_of_bias(trace)
        player = show(trace, "reverse", step=place + 2)
        total = part.product.sum(axis=0)
        undone = player.locator(".adviz-undone")
        figures = player.get_by_role("group", name="Arrays of this step").get_by_role("figure")
        if batch == TOO_LARGE:
            texts = undone.locator(".adviz-lines").all_text_contents()
            assert texts == [short(part.product), short(total)]
            expect(undone).to_contain_text("sum, axis 0")
        else:  # drawn: what is summed, and the sums
            expect(figures).to_have_count(2)
            expect(figures.nth(0).locator("figcaption")).to_contain_text(short(part.product))
            sums = figures.nth(1).locator("td").all_text_contents()
            assert sums == [format_number(x, 4) for x in total]
            entry = player.get_by_role("spinbutton", name="Entry of the result")
            expect(entry).to_have_attribute("aria-valuetext", re.compile(f"from {batch} numbers$"))
        expect(player.locator(".adviz-words")).to_contain_text(
            "It was broadcast there, so what comes back is summed over axis 0: "
            f"({batch}, 4) → (4,)."
        )
        formula = player.locator(".adviz-equation math").first
        expect(formula).to_contain_text("∑axis 0")
        player.get_by_role("button", name="Next").click()
        expect(undone).to_have_count(0)
        expect(formula).not_to_contain_text("∑")


def test_a_number_beside_an_array_is_summed_to_a_number(show: Show) -> None:
    trace = halves_trace()
    steps = [part for step in trace.reverse() for part in step.contributions]
    shapes = [(np.shape(part.product), np.shape(part.amount)) for part in steps]
    (place,) = [k for k, (product, amount) in enumerate(shapes) if product != amount]
    player = show(trace, "reverse", step=place + 2)
    expect(player.locator(".adviz-words")).to_contain_text("summed over axis 0: (3,) → a number.")
    # The numbers that are summed light up.
    used = player.locator(".adviz-matrices .adviz-used").all_text_contents()
    assert used == [format_number(x, 4) for x in steps[place].product]


def test_contributions_of_arrays_add_up(show: Show) -> None:
    trace = halves_trace()
    steps = [part for step in trace.reverse() for part in step.contributions]
    place = max(k for k, part in enumerate(steps) if part.parent.name == "x")
    part = steps[place]
    player = show(trace, "reverse", step=place + 2)
    assert player.locator(".adviz-sum .adviz-lines").all_text_contents() == [
        short(part.before),
        short(part.amount),
        short(part.before + part.amount),
    ]
    assert player.locator("[aria-current] .adviz-badge").inner_text() == "2 of 2"


def test_a_matrix_has_a_picture_that_does_not_rest_on_colour(show: Show) -> None:
    trace = perceptron_trace()
    weights = trace.inputs[1].value
    player = show(trace, "primal", step=2)
    drawn = player.locator(".adviz-step .adviz-picture")
    cells = "(paths) => paths.flatMap((path) => path.getAttribute('d').match(/M/g)).length"
    levels = np.rint(9 * weights / np.abs(weights).max())
    assert drawn.locator(".adviz-above").evaluate_all(cells) == np.count_nonzero(levels > 0)
    below = np.count_nonzero(levels < 0)
    assert drawn.locator(".adviz-below").evaluate_all(cells) == below
    assert drawn.locator(".adviz-minus").evaluate_all(cells) == below
    name = "[[" + ", ".join(written(x) for x in weights[0])
    expect(drawn).to_have_attribute("role", "img")
    assert (drawn.locator("title").text_content() or "").startswith(name)
    size = box(drawn)
    assert size["height"] / 6 == pytest.approx(size["width"] / 4)


def test_steps_of_arrays_are_announced(show: Show) -> None:
    player = show(perceptron_trace(), "primal", step=4)
    player.get_by_role("button", name="Next").click()
    expect(player.get_by_role("status")).to_contain_text("v 1 is 20 by 4, minus ")


def test_comparisons_of_arrays_are_told(show: Show) -> None:
    player = show(halves_trace(), "primal")
    expect(player.locator(".adviz-decision")).to_contain_text("x > 0 → true for 2 of 3")


def test_numbers_can_be_typed_beside_arrays(show: Show) -> None:
    page = show(halves_trace(), "primal").page
    page.evaluate(
        "(shown) => mount(document.querySelector('main'), shown,"
        " {onInputs: (values) => { window.typed = values; }})",
        json.loads(json.dumps(document(halves_trace()))),
    )
    field = page.get_by_role("spinbutton", name="input")
    expect(field).to_have_count(1)
    field.fill("5")
    field.press("Tab")
    assert page.evaluate("typed") == [None, 5]


def test_complex_numbers_are_played_and_typed(show: Show) -> None:
    def turned(z: Any, w: Any) -> Any:
        return np.abs(z * w) ** 2

    trace = ad.trace(turned, 1 - 2j, 3j)
    player = show(trace, "reverse")
    player.get_by_role("button", name="Last").click()
    assert arrays(player, ":not(.adviz-derivative)") == [short(row.value) for row in trace.rows]
    gradient = ad.grad(turned, (0, 1))(1 - 2j, 3j)
    assert arrays(player, ".adviz-derivative")[:2] == [short(slope) for slope in gradient]
    player.get_by_role("button", name="recording").click()
    expect(player.get_by_role("status")).to_contain_text("this trace holds complex ones")

    page = player.page
    page.evaluate(
        "(shown) => mount(document.querySelector('main'), shown,"
        " {onInputs: (values) => { window.typed = values; }})",
        json.loads(json.dumps(document(trace))),
    )
    field = page.get_by_role("textbox", name="z, input, complex number")
    expect(field).to_have_value("1 − 2i")
    field.fill("2 + i3")
    field.press("Enter")
    expect(page.get_by_role("status").last).to_contain_text("is no complex number")
    field.fill("-0.5j")
    field.press("Enter")
    assert page.evaluate("typed") == [[0, -0.5], None]


# How it is operated


def test_keyboard_plays_it_and_the_page_hears_nothing(show: Show) -> None:
    player = show(ad.trace(eq5, 3.0, -4.0), "reverse")
    page, position = player.page, player.locator("output")
    page.evaluate(
        "() => { window.heard = [];"
        " document.addEventListener('keydown', (event) => heard.push(event.key)); }"
    )
    player.focus()
    for key, step in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("End", 8)):
        page.keyboard.press(key)
        expect(position).to_have_text(f"step {step} of 8 · reverse")
    page.keyboard.press("Home")
    page.keyboard.press("d")
    page.keyboard.press("d")
    expect(position).to_have_text("step 1 of 8 · reverse")
    assert page.evaluate("heard") == []
    page.keyboard.press("Control+s")
    assert "s" in page.evaluate("heard")


def test_native_controls_keep_their_keys(show: Show) -> None:
    player = show(ad.trace(eq5, 3.0, -4.0), "reverse")
    page, position = player.page, player.locator("output")
    player.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(position).to_have_text("step 2 of 8 · reverse")
    player.get_by_role("button", name="Next").focus()
    page.keyboard.press("Space")
    expect(position).to_have_text("step 3 of 8 · reverse")
    player.get_by_role("radio", name="Reverse").focus()
    page.keyboard.press("ArrowLeft")
    expect(player.get_by_role("radio", name="Forward")).to_be_checked()
    expect(position).to_have_text("step 1 of 6 · forward")
    player.get_by_role("spinbutton", name="tangent of x 1").focus()
    page.keyboard.press("ArrowDown")
    assert column(player, "tangent value")[:2] == ["0.9", "·"]


def test_rows_are_reached_by_keyboard_and_mouse(show: Show) -> None:
    player = show(ad.trace(eq5, 3.0, -4.0), "reverse")
    page, position = player.page, player.locator("output")
    player.get_by_role("button", name="Go to v₄").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    current = player.locator("[aria-current=step]")
    expect(current.get_by_role("button", name="Go to v₂")).to_be_focused()
    player.locator("tbody tr").first.locator("td").first.click()
    assert column(player, "adjoint value")[0] == written(-4 - 1 / 3)
    player.locator(".adviz-node").filter(has_text="v3ln").click()
    expect(current).to_contain_text("v3")
    expect(position).to_have_text("step 3 of 8 · reverse")


def test_play_goes_on_by_itself_and_stops_at_the_end(show: Show, page: Page) -> None:
    page.clock.install()
    player = show(ad.trace(eq5, 3.0, -4.0), "reverse")
    position = player.locator("output")
    player.get_by_role("button", name="Play").click()
    page.clock.run_for(2100)
    expect(position).to_have_text("step 3 of 8 · reverse")
    player.get_by_role("button", name="Pause").click()
    page.clock.run_for(5000)
    expect(position).to_have_text("step 3 of 8 · reverse")
    player.focus()
    page.keyboard.press("Space")
    page.clock.run_for(20_000)
    expect(position).to_have_text("step 8 of 8 · reverse")
    expect(player.get_by_role("button", name="Play")).to_be_visible()


def test_steps_are_announced_in_words(show: Show, page: Page) -> None:
    page.clock.install()
    player = show(ad.trace(eq5, 3.0, -4.0), "reverse", step=6)
    player.get_by_role("button", name="Next").click()
    status = player.get_by_role("status")
    now = written(-4 - 1 / 3).replace("−", "minus ")
    sentence = f"Step 7 of 8. v minus 1 bar gains v 1 bar times v 0, minus 4, now {now}."
    expect(status).to_have_text(sentence)
    expect(player.locator(".adviz-step > .adviz-words").first).to_contain_text("used twice")
    # While it plays nothing is said; then where it has come to.
    player.get_by_role("button", name="First").click()
    player.get_by_role("button", name="Play").click()
    page.clock.run_for(3100)
    expect(player.locator("output")).to_have_text("step 4 of 8 · reverse")
    expect(status).to_contain_text("Step 1 of 8.")
    player.get_by_role("button", name="Pause").click()
    expect(status).to_contain_text(
        "Step 4 of 8. v minus 1 bar gains v 3 bar times 1 over v minus 1"
    )


def test_stepping_never_scrolls_or_moves_the_page(show: Show, page: Page) -> None:
    page.set_viewport_size({"width": 1100, "height": 420})
    page.add_style_tag(content="main { padding-block: 600px }")
    player = show(ad.trace(chain(149), 1.0), "forward")
    page.evaluate("scrollTo(0, 500)")
    bar = player.get_by_role("group", name="Step through the trace")
    top = box(bar)["y"]
    for step in (2, 40, 41, 298, 299, 7):
        player.evaluate(
            "(_, step) => {"
            " const range = document.querySelector('input[type=range]');"
            " range.value = step; range.dispatchEvent(new Event('input')); }",
            step,
        )
        assert page.evaluate("scrollY") == 500
        assert box(bar)["y"] == pytest.approx(top, abs=40)
        table, row = box(player.locator(".adviz-trace")), box(player.locator("[aria-current]"))
        assert table["y"] <= row["y"]
        assert row["y"] + row["height"] <= table["y"] + table["height"] + 1


def test_two_players_on_a_page_are_apart(show: Show, page: Page) -> None:
    show(ad.trace(eq5, 3.0, -4.0), "reverse")
    page.evaluate(
        "(shown) => { const other = document.createElement('div'); document.body.append(other);"
        " window.other = mount(other, shown, {pass: 'primal'}); }",
        document(ad.trace(griewank, 1.5, 0.5), "reverse"),
    )
    first, second = page.locator(".adviz").nth(0), page.locator(".adviz").nth(1)
    second.get_by_role("radio", name="Forward").check()
    expect(first.get_by_role("radio", name="Reverse")).to_be_checked()
    second.get_by_role("button", name="Next").click()
    expect(first.locator("output")).to_have_text("step 1 of 8 · reverse")
    page.evaluate("window.other.destroy()")
    expect(page.locator(".adviz")).to_have_count(1)


# Long traces


def test_long_trace_stays_fast(show: Show, page: Page) -> None:
    rounds = 49_999
    count = 2 * rounds + 1
    shown = document(ad.trace(chain(rounds), 1.0), "reverse")
    assert len(shown["rows"]["value"]) == count
    show(ad.trace(eq5, 3.0, -4.0))
    # Compared with a short trace in the same page: a busy machine makes both slower.
    short, long = page.evaluate(
        """async (texts) => {
          const laidOut = () => document.body.offsetHeight;
          const medians = [];
          for (const text of texts) {
            mount(document.querySelector("main"), JSON.parse(text));
            laidOut();
            const steps = [];
            for (let i = 0; i < 60; i++) {
              await new Promise(requestAnimationFrame);
              const before = performance.now();
              document.querySelector("[aria-label=Next]").click();
              laidOut();
              steps.push(performance.now() - before);
            }
            medians.push(steps.sort((a, b) => a - b)[30]);
          }
          return medians;
        }""",
        [json.dumps(document(ad.trace(chain(100), 1.0), "reverse")), json.dumps(shown)],
    )
    assert long < 3 * short
    player = page.locator(".adviz")
    assert player.locator("tbody tr").count() < 100
    expect(player.locator(".adviz-graph")).to_contain_text(f" of {count:,} rows")
    player.get_by_role("button", name="Last").click()
    slope = 1.000001**rounds
    expect(player.locator("[aria-current=step]")).to_contain_text(written(slope))
    player.locator(".adviz-trace").evaluate("(panel) => panel.scrollTo(0, panel.scrollHeight)")
    expect(player.locator(".adviz-trace tbody tr").last).to_contain_text(f"{rounds}")  # passes 1–…


# What it refuses

SCRIPT = '<img src=x onerror="window.hacked = true"><script>window.hacked = true</script>'
LONG = "x" * 1_000_000
EIGHT_STEPS = """(player) => {
  const key = { key: "ArrowRight", bubbles: true, cancelable: true };
  for (let k = 0; k < 8; k++) player.dispatchEvent(new KeyboardEvent("keydown", key));
}"""


def edited(path: Sequence[str | int], value: Any) -> dict[str, Any]:
    """Return Eq. 5's document with one thing in it exchanged."""
    shown = copy.deepcopy(document(ad.trace(eq5, 3.0, -4.0), "reverse"))
    place: Any = shown
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return shown


def edited_arrays(path: Sequence[str | int], value: Any) -> dict[str, Any]:
    """Return the document of an array trace with one thing in it exchanged."""
    shown = copy.deepcopy(document(perceptron_trace(), "reverse"))
    place: Any = shown
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return shown


WORDS = {"shape": [2], "dtype": "float64", "text": "[1, 2]"}


# What exactly is refused, and in which words: tests/javascript/traceDocument.test.js.
MALFORMED = [
    edited(["rows", "operands", 2], [0, 2]),
    edited(["view", "pass"], "__proto__"),
    edited(["rows", "value", 0], WORDS),
    edited_arrays(["sweeps", "reverse", 0, 1], [1.0]),
    edited_arrays(["rows", "value", 0], {**WORDS, "picture": ["1z"]}),
    *(None, 3, "trace", [], {}, {"version": -1}, [[]]),
]


def test_what_is_no_document_is_refused_in_words(show: Show) -> None:
    for shown in MALFORMED:
        player = show(shown)
        expect(player, str(shown)[:80]).to_contain_text("This trace cannot be shown: ")
        expect(player.get_by_role("table")).to_have_count(0)
    player = show(edited(["version"], 3))
    expect(player).to_contain_text("made by a newer adviz (document version 3")
    expect(player).to_contain_text("Update adviz")


def nested(depth: int) -> list[Any]:
    tree: list[Any] = ["mi", "x"]
    for _ in range(depth):
        tree = ["mrow", tree]
    return tree


@pytest.mark.parametrize(
    "array",
    [
        {**WORDS, "text": SCRIPT, "entries": SCRIPT, "picture": ["09ax"]},
        {**WORDS, "text": "x" * 10_000, "entries": "x" * 10_000, "dtype": SCRIPT},
        {**WORDS, "shape": [2**52] * 60},
    ],
    ids=["script", "long", "huge"],
)
def test_hostile_arrays_are_only_text(show: Show, array: Any) -> None:
    shown = copy.deepcopy(document(perceptron_trace(), "reverse"))
    count = len(shown["rows"]["value"])
    shown["rows"]["value"] = [array] * count
    for swept in shown["sweeps"]["forward"]:
        swept["tangent"] = [array] * count
        swept["terms"] = [[array] * len(terms) for terms in swept["terms"]]
    shown["sweeps"]["reverse"][0] = [[array] * 3 for _ in shown["sweeps"]["reverse"][0]]
    player = show(shown)
    for which in ("Primal", "Forward", "Reverse"):
        player.get_by_role("radio", name=which).check()
        player.evaluate(EIGHT_STEPS)
        assert "step 1 of" not in player.locator("output").inner_text()
    assert player.page.evaluate("window.hacked") is None
    assert player.locator("img, script").count() == 0
    assert player.page.evaluate("document.querySelectorAll('.adviz *').length") < 4000
    assert player.page.evaluate("document.body.textContent.length") < 200_000


HOSTILE: list[tuple[Sequence[str | int], Any]] = [
    (["function"], SCRIPT),
    (["function"], LONG),
    (["sources", 0, "lines", 0], SCRIPT),
    (["sources", 0, "lines", 0], LONG),
    (["sources", 0, "title"], SCRIPT),
    (["notes"], [SCRIPT, LONG]),
    (["notes"], ["note"] * 10_000),
    (["inputs", 0, "math"], ["mi", SCRIPT]),
    (["inputs", 0, "math"], ["script", "window.hacked = true"]),
    (["inputs", 0, "math"], {"tag": "script"}),
    (["inputs", 0, "name"], LONG),
    (["forms", 0, "value"], ["mrow", ["img", {"src": "x", "onerror": "hacked = true"}]]),
    (["forms", 0, "value"], ["semantics", ["annotation-xml", SCRIPT]]),
    (["forms", 0, "value"], ["slot", "__proto__", True]),
    (["forms", 0, "value"], ["slot", "999", True]),
    (["forms", 0, "value"], nested(300)),
    (["forms", 0, "value"], ["mrow", *[["mi", "x"]] * 200_000]),
    (["forms", 0, "terms", 0], {"negative": "yes", "body": nested(300)}),
    (["forms", 0, "symbol"], SCRIPT),
    (["sites", 0, "line"], 10_000),
    (["sites", 0, "column"], 10_000),
    (["sites", 0, "name"], SCRIPT),
    (["graph"], None),
    (["remarks"], [[2, SCRIPT]]),
    (["digits"], 10**9),
]


def test_hostile_document_is_only_text(show: Show, page: Page) -> None:
    elements = "img, script, a, iframe, object, annotation-xml, foreignObject"
    for path, value in HOSTILE:
        case = f"{path} is {str(value)[:60]}"
        player = show(edited(path, value))
        for which in ("Primal", "Forward", "Reverse"):
            player.get_by_role("radio", name=which).check()
            player.evaluate(EIGHT_STEPS)
            assert "step 1 of" not in player.locator("output").inner_text(), case
        assert page.evaluate("window.hacked") is None, case
        assert player.locator(elements).count() == 0, case
        own = page.evaluate(
            "[...new Set([...document.querySelectorAll('.adviz *')].flatMap("
            "(e) => e.getAttributeNames()))]"
        )
        dangerous = [name for name in own if name.startswith("on") or name in ("href", "src")]
        assert dangerous == [], case
        assert page.evaluate("document.querySelectorAll('.adviz *').length") < 4000, case
        assert page.evaluate("Object.prototype.polluted") is None, case


# Who can use it


def test_is_accessible(
    show: Show,
    page: Page,
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    page.add_style_tag(
        content=":root { background: light-dark(white, black); color-scheme: light }"
        " :root[data-theme=dark] { color-scheme: dark }"
    )
    shown = [
        (ad.trace(eq5, 3.0, -4.0), "reverse", 7),
        (perceptron_trace(), "reverse", 10),
        (ad.trace(griewank, 1.5, 0.5), "forward", 4),
        (ad.trace(branching, 5.0), "primal", 3),
        (ad.trace(polar, 2.0, 0.5, 3.0), "reverse", 4),
        (ad.trace(fifth, 1.1), "reverse", 3),
        (perceptron_trace(), "forward", 8),
        (halves_trace(), "primal", 4),
    ]
    looks = [(1100, "light"), (320, "dark"), (1100, "dark"), (320, "light")]
    for place, (trace, which, step) in enumerate(shown):
        player = show(trace, which, step=step)
        # Each width and each theme of every trace; of the first two also the other combinations.
        for width, theme in looks if place < 2 else looks[:2]:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
            assert accessibility_violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            screenshot(player, f"player-{trace.function_name}-{which}-{theme}-{width}")


def test_every_target_is_large_enough(show: Show) -> None:
    player = show(ad.trace(eq5, 3.0, -4.0), "forward")
    targets = player.locator("button, select, .adviz-passes label, input[type=range]")
    assert targets.count() >= 5 + 6 + 1 + 3
    for target in targets.all():
        if not target.is_visible():
            continue
        size = box(target)
        assert min(size["width"], size["height"]) >= 24, target.evaluate("(e) => e.outerHTML")


def test_follows_the_theme_of_jupyterlab_and_of_the_system(show: Show, page: Page) -> None:
    def ink() -> str:
        color: str = page.evaluate("getComputedStyle(document.querySelector('.adviz')).color")
        return color

    show(ad.trace(eq5, 3.0, -4.0))
    light = ink()
    page.emulate_media(color_scheme="dark")
    dark = ink()
    assert dark != light
    page.evaluate("document.body.dataset.jpThemeLight = 'true'")
    assert ink() == light
    page.emulate_media(color_scheme="light")
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    assert ink() == dark


def test_nothing_moves_for_who_asked_for_that(show: Show, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    player = show(ad.trace(eq5, 3.0, -4.0))
    durations = player.evaluate(
        "(player) => [...player.querySelectorAll('*')]"
        ".map((e) => getComputedStyle(e).transitionDuration)"
    )
    assert set(durations) == {"0s"}
