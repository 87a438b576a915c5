"""The player as people see it: five programs, four widths, two themes, looked at by a program.

The pictures are left in ``screenshots/`` in the checkout, to be looked at by a person as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

import adviz as ad
from tests.browser.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

SIZES = ((1366, 768), (1920, 1080), (900, 800), (320, 640))
PANE = {"width": 940, "height": 640}
"""What JupyterLab leaves for the output of a cell, on a screen of 1366 by 768."""

PICTURES = ROOT / "screenshots"


def eq5(x1: Any, x2: Any) -> Any:
    return x1 * x2 + x2 - np.log(x1)


def logistic(x: Any) -> Any:
    for k in range(20):  # noqa: B007 - its name is shown
        x = 3.6 * x * (1 - x)
    return x


def fib(n: int, x: Any) -> Any:
    return x if n < 2 else fib(n - 1, x) + x * fib(n - 2, x)


def recursion(x: Any) -> Any:
    return fib(5, x)


def twelve(x1: Any, x2: Any) -> Any:
    a = x1 * x2 + np.sin(x1)
    b = np.exp(x2) * a + x1
    return np.sqrt(a * a + b * b)


def perceptron(weights: Any, bias: Any) -> Any:
    x = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]])
    hidden = np.tanh(x @ weights + bias)
    return np.mean((hidden - 0.5) ** 2)


def long(x: Any) -> Any:
    for _ in range(3333):
        x = x + 0.01 * np.sin(x)
    return x


PROGRAMS: dict[str, Callable[[], ad.Trace]] = {
    "eq5": lambda: ad.trace(eq5, 3, -4),
    "loop": lambda: ad.trace(logistic, 0.3),
    "recursion": lambda: ad.trace(recursion, 0.9),
    "perceptron": lambda: ad.trace(perceptron, np.arange(6.0).reshape(3, 2) / 7, np.ones(2)),
    "long": lambda: ad.trace(long, 0.7),
}

TROUBLE = """() => {
    const found = [];
    if (document.documentElement.scrollWidth > document.documentElement.clientWidth) {
        found.push(`the page scrolls sideways: ${document.documentElement.scrollWidth} px`);
    }
    const frame = document.querySelector(".adviz-frame").getBoundingClientRect();
    const holds = (element) => getComputedStyle(element).overflowX !== "visible";
    for (const element of document.querySelectorAll(".adviz-frame *")) {
        const texts = [...element.childNodes].filter((n) => n.nodeType === 3 && n.data.trim());
        // In the graph, what does not fit is reached by moving the view.
        const leftOut = "svg, math, .adviz-unseen, .adviz-graph, option, [hidden]";
        if (texts.length === 0 || element.closest(leftOut)) continue;
        const box = element.getBoundingClientRect();
        if (box.width === 0 || box.height === 0) continue;
        const { overflowX, clipPath } = getComputedStyle(element);
        if (clipPath === "inset(50%)") continue; // only read aloud
        const shown = element.textContent.trim().slice(0, 30);
        if (/hidden|clip/.test(overflowX) && element.scrollWidth > element.clientWidth + 1) {
            found.push(`cut off: ${element.className} ${shown}`);
        }
        let around = element;
        while (!around.matches(".adviz-frame") && !holds(around)) around = around.parentElement;
        const outside = box.right > frame.right + 1 || box.left < frame.left - 1;
        if (outside && around.matches(".adviz-frame")) {
            found.push(`outside: ${element.className} ${shown}`);
        }
    }
    return found;
}"""

STEP_THROUGH = """async (panes) => {
    const frame = document.querySelector(".adviz-frame");
    const press = async (key) => {
        frame.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    };
    const slider = document.querySelector(".adviz-transport input[type=range]")
        ?? document.querySelector(".adviz-transport [role=slider]");
    const place = () => slider.value ?? slider.getAttribute("aria-valuenow");
    const seen = [];
    await press("Home");
    for (let step = 0; step < 200; step++) {
        const boxes = panes.map((pane) => {
            const box = document.querySelector(pane).getBoundingClientRect();
            return [box.left, box.top, box.right, box.bottom].map(Math.round);
        });
        seen.push({ boxes, place: place(), scrolled: window.scrollY });
        const before = place();
        await press("ArrowRight");
        if (place() === before) break;
    }
    return seen;
}"""

PANES = [".adviz-source", ".adviz-trace", ".adviz-graph", ".adviz-step", ".adviz-transport"]


def opened(page: Page, trace: ad.Trace, path: Path, which: str = "reverse") -> None:
    trace.play(which).to_html(path)
    page.goto(path.as_uri())
    page.locator(".adviz-frame").wait_for()


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_is_whole_at_every_width_in_both_themes(
    name: str,
    page: Page,
    tmp_path: Path,
    accessibility_violations: Callable[[Page], list[str]],
) -> None:
    PICTURES.mkdir(exist_ok=True)
    opened(page, PROGRAMS[name](), tmp_path / "page.html")
    page.keyboard.press("Tab")
    for _ in range(4):
        page.locator(".adviz-frame").dispatch_event("keydown", {"key": "ArrowRight"})
    trouble = []
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("() => new Promise((r) => requestAnimationFrame(() => setTimeout(r)))")
            page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png")
            if theme == "light":
                trouble += [f"{width}: {what}" for what in page.evaluate(TROUBLE)]
            if width == SIZES[0][0] and (theme == "light" or name == "eq5"):
                trouble += [f"{theme}: {what}" for what in accessibility_violations(page)]
    assert trouble == []


@pytest.mark.parametrize("name", ["eq5", "twelve"])
def test_on_a_laptop_everything_is_in_sight_and_nothing_moves(
    name: str, page: Page, tmp_path: Path
) -> None:
    trace = ad.trace(eq5 if name == "eq5" else twelve, 3, -4)
    assert len(trace.rows) == {"eq5": 6, "twelve": 12}[name]
    trace.play("reverse").to_html(tmp_path / "page.html")
    page.set_viewport_size(PANE)  # type: ignore[arg-type]
    page.goto((tmp_path / "page.html").as_uri())
    # A cell has neither a heading nor a margin.
    page.add_style_tag(
        content="h1 { display: none } body { margin: 0 !important; padding: 0 !important }"
    )
    trouble = []
    for which in ("Primal", "Forward", "Reverse"):
        page.get_by_role("radio", name=which).check(force=True)
        seen = page.evaluate(STEP_THROUGH, PANES)
        assert len(seen) > len(trace.rows) - 1
        for pane, *boxes in zip(PANES, *(at["boxes"] for at in seen), strict=True):
            left, top, right, bottom = boxes[0]
            if not (0 <= left < right <= PANE["width"] and 0 <= top < bottom <= PANE["height"]):
                trouble.append(f"{which}: {pane} lies at {boxes[0]}, not within the pane")
            moved = next((k for k, box in enumerate(boxes) if box != boxes[0]), None)
            if moved is not None:
                trouble.append(
                    f"{which}: {pane} moves from {boxes[0]} to {boxes[moved]} at step {moved + 1}"
                )
    assert trouble == []
