"""Everything plays in the pages of hosts that have no extension of ours, and fetches nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nbconvert.exporters import HTMLExporter, get_exporter
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

import adviz as ad
from tests.browser.hosts import Lesson, colab_page, run_lesson, sanitised, vscode_page
from tests.browser.test_instrument import drag, field, result
from tests.browser.test_player import box, column, written

ROOT = Path(__file__).parents[2]
REVEAL = ROOT / ".venv/javascript/node_modules/reveal.js"
Place = Page | Locator | FrameLocator


def f(x1: Any, x2: Any) -> Any:
    return x1 * x2 + x2 - np.log(x1)


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    return run_lesson(tmp_path_factory.mktemp("everywhere"))


@pytest.fixture
def visit(page: Page, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Open a page that was written to disk; it may fetch nothing."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    def open_page(text: str) -> None:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        page.goto(path.as_uri())

    yield open_page
    assert [url for url in asked if re.match(r"(https?|wss?):", url)] == []


# What everything is expected to do, wherever it is shown


def check_trace(shown: Place) -> None:
    """Step by mouse and by keys, read the numbers, change an input, turn Predict on."""
    player = shown.get_by_role("group", name=re.compile("^Evaluation trace")).first
    player.get_by_role("radio", name="Reverse").check()
    counter = player.locator("output").first
    player.get_by_role("button", name="Next").click()
    expect(counter).to_have_text(re.compile("^step 2 of 8"))
    player.locator("tr[aria-current=step]").press("ArrowRight")
    expect(counter).to_have_text(re.compile("^step 3 of 8"))
    player.get_by_role("button", name="Next").press("End")
    expect(counter).to_have_text(re.compile("^step 8 of 8"))
    traced = ad.trace(f, 3.0, -4.0)
    adjoints = {step.row.slot: step.adjoint for step in traced.reverse("y")}
    assert column(player, "adjoint value") == [written(adjoints[k]) for k in range(6)]

    field(player, "x 1").scroll_into_view_if_needed()
    drag(field(player, "x 1"), -16)
    player.page.mouse.up()
    expect(result(player)).to_have_text(written(f(2.6, -4.0)))
    player.get_by_label("Menu").click()
    player.get_by_role("button", name="Reset inputs and seeds").click()
    expect(result(player)).to_have_text(written(f(3.0, -4.0)))

    drawing, current = player.locator(".adviz-drawing"), player.locator(".adviz-node.adviz-current")
    for _ in range(3):
        player.get_by_role("button", name="Zoom in").click()
    drawing.scroll_into_view_if_needed()
    before, area, mouse = box(current), box(drawing), player.page.mouse
    mouse.move(area["x"] + 8, area["y"] + 8)
    mouse.down()
    mouse.move(area["x"] + 38, area["y"] + 48, steps=3)
    mouse.up()
    assert box(current)["y"] > before["y"] + 0.5
    drawing.locator(".adviz-node[tabindex='0']").press("f")
    expect(counter).to_have_text(re.compile("^step 8 of 8"))

    player.get_by_role("button", name="First").click()
    player.get_by_role("switch", name="Predict").check()
    player.locator(".adviz-chief:visible").press("Enter")
    answer = player.locator(".adviz-answer input")
    expect(answer).to_be_focused()
    answer.press_sequentially("-1")
    answer.press("Enter")
    expect(player.locator(".adviz-verdict")).not_to_be_empty()
    expect(counter).to_have_text(re.compile("^step 2 of 8"))


def check_exercise(shown: Place) -> None:
    card = shown.get_by_role("region", name="Fill in the return sweep")
    entry = card.get_by_role("textbox", name="v 3 bar")
    entry.press_sequentially("1")
    entry.press("Enter")
    expect(card).to_contain_text("You lost the minus sign of the difference.")
    entry.press("ArrowUp")
    expect(card.get_by_role("textbox", name="v 2 bar")).to_be_focused()


def check_question(shown: Place) -> None:
    card = shown.get_by_role("region", name="How many uses")
    entry = card.get_by_role("textbox")
    entry.press_sequentially("1")
    entry.press("Enter")
    expect(card).to_contain_text("There is another one.")
    entry.fill("2")
    entry.press("Enter")
    expect(card).to_contain_text("Right.")
    expect(card.locator(".adviz-graph")).to_be_visible()  # of the explanation's player


def check_answer(shown: Place, further: list[Locator]) -> None:
    """It is folded until it is opened; then all in it plays."""
    folded = shown.locator("details.adviz-reveal")
    answer = folded.get_by_text("The answer is")
    player = folded.get_by_role("group", name=re.compile("^Evaluation trace"))
    laboratory = folded.get_by_role("region")
    for hidden in (answer, player, *further):
        expect(hidden).to_be_hidden()
    folded.locator("summary").first.click()
    for visible in (answer, player, *further):
        expect(visible).to_be_visible()
    player.get_by_role("button", name="Next").click()
    expect(player.locator("output").first).to_have_text(re.compile("^step 2 of 6"))
    if further:
        check_laboratory(laboratory)


def check_laboratory(laboratory: Locator) -> None:
    reading = laboratory.locator(".adviz-reading")
    before = reading.inner_text()
    laboratory.get_by_role("slider", name="h").press("ArrowRight")
    expect(reading).not_to_have_text(before)
    curves = laboratory.locator(".adviz-drag")
    curves.scroll_into_view_if_needed()
    area, mouse = box(curves), curves.page.mouse
    before = reading.inner_text()
    mouse.move(area["x"] + area["width"] * 0.4, area["y"] + area["height"] * 0.4)
    mouse.down()
    mouse.move(area["x"] + area["width"] * 0.3, area["y"] + area["height"] * 0.4, steps=3)
    mouse.up()
    expect(reading).not_to_have_text(before)


def text_length(text: str) -> int:
    return len(text.encode("utf-8"))


# The pages


def test_a_page_made_by_nbconvert_plays(
    lesson: Lesson,
    page: Page,
    visit: Callable[[str], None],
    accessibility_violations: Callable[..., list[str]],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    text, _ = get_exporter("adviz")().from_filename(str(lesson.path))
    assert text.count("globalThis.advizCarried = ") == 1
    visit(text)
    cells = page.locator(".jp-CodeCell")
    check_trace(cells.nth(1))
    check_exercise(page)
    check_question(page)
    source = page.locator(".jp-Cell-inputWrapper", has_text="hide_source")
    state = page.locator("details.adviz-reveal [data-adviz-pieces=laboratory]")
    check_answer(page, [source, state])
    check_trace(cells.nth(5))  # of ad.step
    check_laboratory(cells.nth(6).get_by_role("region"))
    expect(cells.nth(7).get_by_role("img")).to_be_visible()
    summary = page.get_by_role("region", name="What you answered")
    expect(summary).to_contain_text("6 answers: 1 later, 1 not right yet, 4 not answered.")
    expect(page.locator("math").first).to_have_css("font-family", re.compile("adviz math"))
    screenshot(page, "hosts-nbconvert")
    assert accessibility_violations(page, "[data-adviz]") == []
    page.reload()
    expect(summary).to_contain_text("1 later")  # the page kept what was entered
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # The theme is that of the page, also when it changes.
    player = cells.nth(1).locator(".adviz").first
    expect(player).to_have_css("color-scheme", "light")
    page.evaluate("document.body.style.background = '#111'")
    expect(player).to_have_css("color-scheme", "dark")


def test_slides_play_and_keys_stay_in_the_player(
    lesson: Lesson, page: Page, visit: Callable[[str], None]
) -> None:
    exporter = get_exporter("adviz-slides")(reveal_url_prefix=str(REVEAL), reveal_transition="none")
    text, _ = exporter.from_filename(str(lesson.path))
    visit(text)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    slide = page.locator("section.present section.present")
    expect(slide).to_contain_text("Forward")
    check_trace(slide)
    expect(slide.get_by_role("switch", name="Predict")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    expect(slide.get_by_role("region", name="Fill in the return sweep")).to_be_visible()
    check_exercise(slide)

    page.evaluate("""Reveal.slide(Reveal.getHorizontalSlides().findIndex((slide) =>
        slide.querySelector("details.adviz-reveal [data-adviz-pieces~=trace]")))""")
    slide.locator("details.adviz-reveal > summary").first.press("Enter")
    expect(slide.locator(".adviz-transport").first).to_be_visible()
    # However long the answer is, all of the slide is in sight, or is scrolled to.
    page.wait_for_function("""() => {
        const slide = document.querySelector("section.present section.present");
        const { top, bottom } = slide.getBoundingClientRect();
        return slide.scrollHeight > 500 && top >= 0 && bottom <= innerHeight;
    }""")


def test_nbconverts_own_pages_play_by_a_line_of_configuration(
    lesson: Lesson, page: Page, tmp_path: Path
) -> None:
    exporter = HTMLExporter(preprocessors=["adviz.publish.exporters.PlayPreprocessor"])
    text, _ = exporter.from_filename(str(lesson.path))
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    page.route(re.compile("^https:"), lambda route: route.fulfill(body=""))  # MathJax and the like
    page.goto((tmp_path / "page.html").as_uri())
    check_question(page)
    check_answer(page, [page.locator("details.adviz-reveal [data-adviz-pieces=laboratory]")])


def test_frames_of_another_origin_play_as_in_colab(
    lesson: Lesson, page: Page, visit: Callable[[str], None]
) -> None:
    visit(colab_page(lesson))
    check_trace(page.frame_locator("[title=trace]"))
    check_exercise(page.frame_locator("[title=exercise]"))
    check_question(page.frame_locator("[title=question]"))
    check_answer(page.frame_locator("[title=answer]"), [])
    check_laboratory(page.frame_locator("[title=laboratory]").get_by_role("region"))


def test_outputs_play_under_the_policy_of_vscode(
    lesson: Lesson,
    page: Page,
    visit: Callable[[str], None],
    screenshot: Callable[[Page | Locator, str], None],
) -> None:
    visit(vscode_page(lesson))
    outputs = page.locator(".output")
    check_trace(outputs.nth(0))
    check_exercise(page)
    check_question(page)
    check_answer(page, [])
    summary = page.get_by_role("region", name="What you answered")
    expect(summary).to_contain_text("6 answers: 1 later, 1 not right yet, 4 not answered.")
    expect(outputs.nth(0).locator(".adviz").first).to_have_css("color-scheme", "dark")
    # (fonts.check answers yes of a family that nobody has.)
    fonts = page.evaluate("[...document.fonts.values()].map((font) => [font.family, font.status])")
    assert [(family.strip('"'), status) for family, status in fonts] == [("adviz math", "loaded")]
    screenshot(page, "hosts-vscode")


def test_a_frame_plays_where_scripts_of_outputs_do_not_run(
    lesson: Lesson, page: Page, visit: Callable[[str], None]
) -> None:
    visit(f"<!doctype html><title>marimo</title><main>{lesson.framed}</main>")
    frame = page.frame_locator("iframe")
    check_trace(frame)
    height = frame.locator("html").evaluate("(html) => html.offsetHeight")
    assert 0 <= box(page.locator("iframe"))["height"] - height <= 8
    page.evaluate("document.body.style.background = 'black'")
    expect(frame.locator(".adviz").first).to_have_css("color-scheme", "dark")


def test_where_nothing_may_run_the_table_stays(lesson: Lesson, page: Page, tmp_path: Path) -> None:
    shown = sanitised("".join(lesson.carried["trace"] + lesson.carried["answer"]))
    page.set_content(f"<main>{shown}</main>")
    values = [written(row.value) for row in ad.trace(f, 3.0, -4.0).rows]
    table = page.locator("table").first
    assert table.locator("tbody td:last-child").all_inner_texts() == [*values, values[-1]]
    expect(page.get_by_text("The answer is")).to_be_hidden()
    assert "advizCarried" not in page.locator("main").inner_text()


def test_under_trusted_types_the_table_stays(
    lesson: Lesson, chromium: Browser, tmp_path: Path
) -> None:
    """Such a page lets no text become a script, and reports that as an error."""
    policy = "require-trusted-types-for 'script'"
    (tmp_path / "page.html").write_text(
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<main>{lesson.carried['trace'][0]}</main>"
    )
    page = chromium.new_page()
    with page.expect_console_message(lambda message: "TrustedScript" in message.text):
        page.goto((tmp_path / "page.html").as_uri())
    expect(page.locator("[data-adviz]:not([data-adviz-plays])")).to_be_visible()
    expect(page.locator("table")).to_be_visible()
    page.close()


def test_outputs_are_small(lesson: Lesson) -> None:
    """As docs/hosts.md says."""
    most = dict.fromkeys(("trace", "stepper", "laboratory"), 150_000)
    most |= dict.fromkeys(("exercise", "summary"), 100_000)
    most |= dict.fromkeys(("question", "answer"), 200_000)
    for name, limit in most.items():
        assert text_length(lesson.carried[name][0]) <= limit, name
    # What is saved where the extension plays holds no player.
    for cell in lesson.notebook.cells:
        for output in cell.get("outputs", []):
            assert text_length(output.get("data", {}).get("text/html", "")) < 3_000
