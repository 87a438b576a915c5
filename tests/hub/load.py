"""What a class costs: learners at once on a JupyterHub of this machine, and how long they wait.

    make hub-load LEARNERS=10
    make hub-load LEARNERS=1 LESSONS=all THINK=0

Each learner logs in by the form, follows the link that docs/class.md gives, gets a server and
a copy of the lessons, and runs each code cell over a websocket, as JupyterLab does; JupyterLab's
own page is not drawn. Prints two Markdown tables, and ends everything that it has started.
"""

from __future__ import annotations

import argparse
import re
import signal
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.hub.learner import Learner, Timings
from tests.hub.server import ROOT, Hub, running_hub

MOST_LEARNERS = 60
MOST_THINKING = 60
LONGEST = 1800
"""Seconds after which all is ended, whatever learners still wait for."""
LESSONS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
MB = 2**20


@dataclass(frozen=True)
class Cost:
    """What the processes of one kind take."""

    size: float
    """The mean of their proportional set sizes, in MB."""
    peak: float
    """The largest resident set size that one of them has had, in MB."""
    seconds: float
    """The mean of the time that they computed."""


@dataclass(frozen=True)
class Stage:
    """What a class did at once: arrive, or take a lesson."""

    name: str
    timings: list[Timings]
    server: Cost
    kernel: Cost | None

    @property
    def errors(self) -> list[str]:
        return [error for timings in self.timings for error in timings.errors]


def load(learners: int, lessons: Sequence[str], think: float, folder: Path) -> list[Stage]:
    """Let learners arrive and take lessons, all of them at once."""
    with running_hub(folder) as hub:
        everyone = [Learner(hub, f"learner{number}") for number in range(learners)]
        arrived = at_once(everyone, lambda learner, timings: learner.arrive(timings))
        stages = [stage("arrival", arrived, hub)]
        for lesson in lessons:
            if stages[-1].errors:
                break

            def take(learner: Learner, timings: Timings, lesson: str = lesson) -> None:
                learner.run(lesson, think, timings)

            stages.append(stage(f"lesson {lesson[:2]}", at_once(everyone, take), hub))
            at_once(everyone, lambda learner, timings: learner.close_kernel())
    return stages


def at_once(learners: list[Learner], act: Callable[[Learner, Timings], None]) -> list[Timings]:
    """Let everyone act at the same time; what goes wrong is noted with their timings."""
    everyones = [Timings() for _ in learners]

    def attempt(learner: Learner, timings: Timings) -> None:
        try:
            act(learner, timings)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            timings.errors.append(f"{learner.name}: {type(error).__name__}: {error}")

    threads = [
        threading.Thread(target=attempt, args=pair, daemon=True)
        for pair in zip(learners, everyones, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return everyones


def stage(name: str, timings: list[Timings], hub: Hub) -> Stage:
    """Measure the servers and kernels, which wait for what learners do next."""
    server = cost(hub, "jupyterhub-singleuser")
    if server is None:
        raise RuntimeError(f"no learner's server is running: {timings[0].errors}")
    return Stage(name, timings, server, cost(hub, "ipykernel_launcher"))


def cost(hub: Hub, program: str) -> Cost | None:
    """Return what those of the hub's processes take that run a program."""
    started = hub.process.children(recursive=True)
    processes = [each for each in started if any(program in word for word in each.cmdline())]
    if not processes:
        return None
    return Cost(
        size=statistics.mean(each.memory_full_info().pss / MB for each in processes),
        peak=max(peak_size(each.pid) for each in processes),
        seconds=statistics.mean(sum(each.cpu_times()[:2]) for each in processes),
    )


def peak_size(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(kilobytes) / 1024


def report(stages: Sequence[Stage]) -> str:
    """Return two tables: how long learners waited, and what each of them took."""
    waits = ["| | waited for | n | p50, ms | p95, ms | largest, ms |", "|---|---|--:|--:|--:|--:|"]
    costs = ["| | server, MB | kernel, MB | at most, MB | kernel, CPU s | errors |"]
    costs += ["|---|--:|--:|--:|--:|--:|"]
    for each in stages:
        waits += [f"| {each.name} | {what} | {shown(times)} |" for what, times in waited(each)]
        kernel = each.kernel
        of_kernel = (
            f"{kernel.size:.0f} | {kernel.peak:.0f} | {kernel.seconds:.1f}" if kernel else "| |"
        )
        costs.append(f"| {each.name} | {each.server.size:.0f} | {of_kernel} | {len(each.errors)} |")
    spent = (
        f"A server has computed for {stages[0].server.seconds:.1f} s when the lessons are there."
    )
    return "\n".join([*waits, "", *costs, "", spent])


def waited(stage: Stage) -> list[tuple[str, list[float]]]:
    times = {
        "login, server, copy": [each.arrival for each in stage.timings if each.arrival],
        "kernel": [each.kernel for each in stage.timings if each.kernel],
        "import cell": [each.cells[0] for each in stage.timings if each.cells],
        "other cells": [time for each in stage.timings for time in each.cells[1:]],
    }
    return [(what, measured) for what, measured in times.items() if measured]


def shown(times: list[float]) -> str:
    p95 = statistics.quantiles([*times, times[-1]], n=20, method="inclusive")[-1]
    figures = (statistics.median(times), p95, max(times))
    return " | ".join([str(len(times)), *(f"{1000 * figure:.0f}" for figure in figures)])


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
    for ending in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(ending, lambda *_: sys.exit("Ended before the learners were done."))
    signal.alarm(LONGEST)
    with tempfile.TemporaryDirectory(prefix="adviz-hub-") as folder:
        stages = load(options.learners, lessons, options.think, Path(folder))
    print(f"Learners: {options.learners}; thought after a cell: {options.think:g} s.\n")
    print(report(stages))
    errors = [error for each in stages for error in each.errors]
    print(*errors[:10], sep="\n")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
