"""What a class costs: learners at once on a JupyterHub of this machine, and how long they wait.

    make hub-load LEARNERS=10
    .venv/bin/python -m tests.hub.load --learners 1 --lessons all --think 0

Each learner logs in by the form, follows the link that docs/class.md gives, gets a server and
a copy of the lessons, and runs each code cell over a websocket, as JupyterLab does; JupyterLab's
own page is not drawn. Prints two Markdown tables. Everything that was started is ended.
"""

from __future__ import annotations

import argparse
import re
import signal
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.hub.learner import Learner, Timings
from tests.hub.server import ROOT, Hub, running_hub

MOST_LEARNERS = 60
MOST_THINKING = 60
LESSONS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
MB = 2**20


@dataclass
class Lesson:
    """What a class of learners waited for and needed in one lesson."""

    name: str
    timings: list[Timings]
    servers: list[float] = field(default_factory=list)
    """Proportional set sizes of the learners' servers, in MB."""
    kernels: list[float] = field(default_factory=list)
    peak: float = 0
    """The largest resident set size that a kernel has had."""

    @property
    def errors(self) -> list[str]:
        return [error for timings in self.timings for error in timings.errors]


def load(learners: int, lessons: Iterable[str], think: float, folder: Path) -> list[Lesson]:
    """Let learners arrive and take the lessons, all of them at once."""
    results = []
    with running_hub(folder) as hub:
        everyone = [Learner(hub, f"learner{number}") for number in range(learners)]
        arrivals = at_once(everyone, lambda learner, timings: learner.arrive(timings))
        for name in lessons:

            def take(learner: Learner, timings: Timings, name: str = name) -> None:
                learner.run(name, think, timings)

            lesson = Lesson(name, at_once(everyone, take))
            for arrival, timings in zip(arrivals, lesson.timings, strict=True):
                timings.spawn = arrival.spawn
                timings.errors += arrival.errors
            measure(hub, lesson)
            results.append(lesson)
            at_once(everyone, lambda learner, timings: learner.close_kernel())
    return results


def at_once(learners: list[Learner], act: Callable[[Learner, Timings], None]) -> list[Timings]:
    """Let everyone act at the same time; what goes wrong is counted with their timings."""
    timings = [Timings() for _ in learners]

    def attempt(learner: Learner, own: Timings) -> None:
        try:
            act(learner, own)
        except Exception as error:  # noqa: BLE001 - counted, whatever it is
            own.errors.append(f"{learner.name}: {type(error).__name__}: {error}")

    threads = [
        threading.Thread(target=attempt, args=pair, daemon=True)
        for pair in zip(learners, timings, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return timings


def measure(hub: Hub, lesson: Lesson) -> None:
    """Read the memory of the servers and of the kernels, which wait for the next cell."""
    for process in hub.process.children(recursive=True):
        command = " ".join(process.cmdline())
        size = process.memory_full_info().pss / MB
        if "ipykernel_launcher" in command:
            lesson.kernels.append(size)
            lesson.peak = max(lesson.peak, peak_size(process.pid))
        elif "jupyterhub-singleuser" in command:
            lesson.servers.append(size)


def peak_size(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(kilobytes) / 1024


def report(lessons: list[Lesson]) -> str:
    """Return the two tables: seconds of waiting, and memory for each learner."""
    lines = ["| lesson | | n | p50 | p95 | largest |", "|---|---|---|---|---|---|"]
    for lesson in lessons:
        waited = {
            "login to lessons": [timings.spawn for timings in lesson.timings],
            "kernel": [timings.kernel for timings in lesson.timings],
            "import cell": [timings.cells[0] for timings in lesson.timings if timings.cells],
            "other cells": [time for timings in lesson.timings for time in timings.cells[1:]],
        }
        lines += [
            f"| {lesson.name[:2]} | {what} | {len(times)} | {milliseconds(times)} |"
            for what, times in waited.items()
            if times
        ]
    lines += [
        "",
        "| lesson | server, MB | kernel, MB | a learner, MB | kernel at most, MB | errors |",
    ]
    lines += ["|---|---|---|---|---|---|"]
    for lesson in lessons:
        server, kernel = mean(lesson.servers), mean(lesson.kernels)
        lines.append(
            f"| {lesson.name[:2]} | {server:.0f} | {kernel:.0f} | {server + kernel:.0f} "
            f"| {lesson.peak:.0f} | {len(lesson.errors)} |"
        )
    return "\n".join(lines)


def milliseconds(times: list[float]) -> str:
    p95 = statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
    return " | ".join(
        f"{1000 * time:.0f} ms" for time in (statistics.median(times), p95, max(times))
    )


def mean(values: list[float]) -> float:
    return statistics.mean(values) if values else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=10)
    parser.add_argument("--lessons", default="03", help="numbers such as 03,09, or all")
    parser.add_argument("--think", type=float, default=2, help="seconds after a cell, on average")
    options = parser.parse_args()
    if not 1 <= options.learners <= MOST_LEARNERS or not 0 <= options.think <= MOST_THINKING:
        parser.error(f"1 to {MOST_LEARNERS} learners, 0 to {MOST_THINKING} seconds")
    numbers = options.lessons.split(",")
    lessons = [name for name in LESSONS if options.lessons == "all" or name[:2] in numbers]
    if not lessons:
        parser.error(f"there is no lesson {options.lessons}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the hub is ended
    with tempfile.TemporaryDirectory(prefix="adviz-hub-") as folder:
        results = load(options.learners, lessons, options.think, Path(folder))
    print(f"{options.learners} learners, {options.think:g} s of thought after a cell\n")
    print(report(results))
    errors = [error for lesson in results for error in lesson.errors]
    print("", *errors[:10], sep="\n")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
