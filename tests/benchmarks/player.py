"""What the player costs: writing its document and its page, opening it, stepping, scrubbing.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.player

prints a Markdown table, with the figures aimed at. Pages are opened in Chromium, from a server of
this process, and left alone: what is measured is a page on disk. A key is pressed in the page, and
the time runs until the frame that follows it has been handed to the screen; medians of 50. Frames
come every 16.7 ms, so that a key takes at least one of them on average half a frame later.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

import adviz as ad

PLAYER = Path(ad.__file__).parent / "player"
KEYS = 50
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]

OPENED = """addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(
    () => { globalThis.opened = performance.now(); })));"""

PRESS = """async ({ selector, key, count }) => {
    const element = document.querySelector(selector);
    if (!element) return null;
    element.focus();
    const painted = () => new Promise((resolve) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = resolve;
        channel.port2.postMessage(null);
    }));
    const times = [];
    for (let i = 0; i < count; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20 + (7 * i) % 17));
        const start = performance.now();
        const options = { key, bubbles: true, cancelable: true };
        element.dispatchEvent(new KeyboardEvent("keydown", options));
        await painted();
        times.push(performance.now() - start);
    }
    return times;
}"""

EVALUATE = """async ({ name, count }) => {
    const { readTrace } = await import("/player/traceDocument.js");
    const { createPlayhead } = await import("/player/playhead.js");
    const trace = readTrace(await (await fetch(name)).json());
    if (!trace.isLive) return null;
    const playhead = createPlayhead(trace, { pass: "reverse" });
    const times = [];
    for (let i = 0; i < count; i++) {
        const inputs = playhead.inputs.map((x) => x + 1e-6);
        const start = performance.now();
        const obstacle = playhead.setInputs(inputs);
        times.push(performance.now() - start);
        if (obstacle) return null;
    }
    return times;
}"""

FIELD = '.adviz [role="spinbutton"], .adviz input[type="number"]'


def trace_of(rows: int) -> ad.Trace:
    """Return a trace of this many rows: a loop with three in each pass."""

    def loop(x: Any) -> Any:
        for _ in range((rows - 1) // 3):
            x = x + 0.01 * np.sin(x)
        return x

    return ad.trace(loop, 0.7)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder, and beside it the modules of the player."""
    (folder / "player").symlink_to(PLAYER)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map}  # noqa: RUF012
        extensions_map[".js"] = "text/javascript"

        def log_message(self, *_: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def cpu(function: Any, turns: int = 3) -> float:
    """Return the least processor time of some calls, in seconds."""
    times = []
    for _ in range(turns):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def milliseconds(times: list[float] | None) -> str:
    return "–" if times is None else f"{statistics.median(times):.1f} ms"


def pressed(page: Page, selector: str, key: str) -> list[float] | None:
    times: list[float] | None = page.evaluate(
        PRESS, {"selector": selector, "key": key, "count": KEYS}
    )
    return times


def measured(browser: Browser, folder: Path, url: str, rows: int) -> dict[str, str]:
    """Return the figures of a trace of this many rows, as text."""
    trace = trace_of(rows)
    text = json.dumps(trace.to_document(), ensure_ascii=False)
    (folder / f"{rows}.json").write_text(text, encoding="utf-8")
    start = time.perf_counter()
    trace.to_html(folder / f"{rows}.html")
    written = time.perf_counter() - start
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.set_default_timeout(600_000)
    page.add_init_script(OPENED)
    page.goto(f"{url}/{rows}.html")
    page.wait_for_function("globalThis.opened !== undefined")
    opened = page.evaluate("globalThis.opened")
    page.locator(".adviz-frame").wait_for()
    stepping = pressed(page, ".adviz-frame", "ArrowRight")
    scrubbing = pressed(page, FIELD, "ArrowUp")
    evaluated = page.evaluate(EVALUATE, {"name": f"/{rows}.json", "count": KEYS})
    page.close()
    return {
        "document, CPU": f"{cpu(lambda: json.dumps(trace.to_document())):.2f} s",
        "bytes a row": f"{len(text.encode()) / rows:.0f}",
        "to_html": f"{written:.2f} s, {(folder / f'{rows}.html').stat().st_size / 1e6:.1f} MB",
        "opening": f"{opened / 1000:.2f} s",
        "key to paint": milliseconds(stepping),
        "evaluate and sweep": milliseconds(evaluated),
        "scrub to paint": milliseconds(scrubbing),
    }


AIMS = {
    10: {"key to paint": "20 ms"},
    1_000: {"evaluate and sweep": "within 16 ms", "scrub to paint": "one frame"},
    10_000: {"evaluate and sweep": "within 100 ms", "scrub to paint": "100 ms"},
    100_000: {
        "document, CPU": "0.6 s",
        "bytes a row": "85",
        "to_html": "3 s, 9 MB",
        "opening": "1.5 s",
        "key to paint": "20 ms",
    },
}


def main() -> int:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    sizes = [int(size) for size in sys.argv[1:]] or list(AIMS)
    columns = [*AIMS[100_000], "evaluate and sweep", "scrub to paint"]
    lines = [
        f"| rows | {' | '.join(columns)} |",
        "|--:" * (len(columns) + 1) + "|",
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder)) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for rows in sizes:
            found = measured(browser, Path(folder), url, rows)
            lines.append(f"| {rows:,} | {' | '.join(found[name] for name in columns)} |")
            aims = AIMS.get(rows, {})
            aimed = " | ".join(aims.get(name, "") for name in columns)
            lines.append(f"| *aimed at* | {aimed} |")
        browser.close()
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
