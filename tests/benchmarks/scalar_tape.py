"""The speed and memory of scalar traces, against micrograd, HIPS autograd and PyTorch.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.scalar_tape

prints a Markdown table and fails where a promised ratio is missed. The libraries take turns within
one run, and medians are compared, so that a busy machine slows all of them alike.
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from contextlib import contextmanager

CHAIN = 400
LONG = 300_000
MILLION = 1_000_000

Times = dict[str, tuple[float, float | None]]
"""For each library the nanoseconds an operation of recording and of the return sweep."""


def logistic_map():
    """Return 4 x (1 - x) over and over: a loop of three operations, two with a constant.

    Each library has a copy of its own: CPython fits a function's bytecode to the types it meets.
    """
    source = (
        "def chain(x, operations):\n"
        "    for _ in range(operations // 3):\n"
        "        x = 4.0 * x * (1.0 - x)\n"
        "    return x\n"
    )
    scope = {}
    exec(source, scope)
    return scope["chain"]


def adviz_run(operations, chain):
    from adviz.core import sweeps
    from adviz.core.tape import Tape
    from adviz.core.variable import Variable

    tape = Tape(sys._getframe(), ["x"], [0.3], notes_places=False)  # as a gradient's
    x = Variable(tape, 0)
    start = time.perf_counter()
    y = chain(x, operations)
    recorded = time.perf_counter()
    sweeps.adjoints(tape, [y.slot], [1.0])
    return recorded - start, time.perf_counter() - recorded


def adviz_whole_run(operations, chain):
    """The same by the public name: with the call, the names of its arguments and the checks."""
    import adviz as ad

    start = time.perf_counter()
    ad.grad(lambda x: chain(x, operations))(0.3)
    return time.perf_counter() - start, None


def compiled_runs(operations: int) -> dict[str, float]:
    """Return the medians of a chain by plain Python and by its compiled code, in nanoseconds."""
    import adviz as ad

    chain, plain = logistic_map(), logistic_map()
    compiled = ad.compile(lambda x: chain(x, operations), 0.3)
    runs = {
        "plain": lambda x: plain(x, operations),
        "compiled": compiled,
        "gradient": compiled.grad,
    }
    times = {name: [] for name in runs}
    for _ in range(201):
        for name, run in runs.items():
            run(0.3)
            start = time.perf_counter()
            run(0.3)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(column) / operations * 1e9 for name, column in times.items()}


def micrograd_run(operations, chain):
    from micrograd.engine import Value

    x = Value(0.3)
    start = time.perf_counter()
    y = chain(x, operations)
    recorded = time.perf_counter()
    if operations > CHAIN:  # its recursion ends between 1200 and 1500 operations
        return recorded - start, None
    y.backward()
    return recorded - start, time.perf_counter() - recorded


def autograd_run(operations, chain):
    from autograd import make_vjp

    start = time.perf_counter()
    pull, _ = make_vjp(lambda x: chain(x, operations))(0.3)
    recorded = time.perf_counter()
    pull(1.0)
    return recorded - start, time.perf_counter() - recorded


def torch_run(operations, chain):
    import torch

    x = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    start = time.perf_counter()
    y = chain(x, operations)
    recorded = time.perf_counter()
    y.backward()
    return recorded - start, time.perf_counter() - recorded


def python_run(operations, chain):
    start = time.perf_counter()
    chain(0.3, operations)
    return time.perf_counter() - start, None


@contextmanager
def collector(enabled: bool):
    gc.collect()
    (gc.enable if enabled else gc.disable)()
    try:
        yield
    finally:
        gc.enable()


def interleaved(runs: dict[str, Callable], operations: int, rounds: int) -> Times:
    """Return the medians of runs that take turns, in nanoseconds an operation.

    A turn is one run to warm the caches that the others have filled, and one that counts.
    """
    times = {name: [] for name in runs}
    chains = {name: logistic_map() for name in runs}
    for name, run in runs.items():
        run(30, chains[name])  # imports, and what is made once
    for _ in range(rounds):
        for name, run in runs.items():
            gc.collect()
            run(CHAIN, chains[name])
            times[name].append(run(operations, chains[name]))
    return {name: tuple(map(_median(operations), zip(*times[name], strict=True))) for name in runs}


def _median(operations: int) -> Callable:
    scale = 1e9 / operations
    return lambda column: None if None in column else statistics.median(column) * scale


def bytes_a_row(operations: int) -> float:
    import adviz as ad

    chain = logistic_map()
    ad.trace(lambda x: chain(x, 30), 0.3)
    gc.collect()
    tracemalloc.start()
    trace = ad.trace(lambda x: chain(x, operations), 0.3)
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / len(trace.rows)


def import_milliseconds() -> float:
    code = (
        "import time, numpy; start = time.perf_counter(); import adviz; "
        "print((time.perf_counter() - start) * 1e3)"
    )
    with tempfile.TemporaryDirectory() as compiled:  # once, as an installed package is
        environment = os.environ | {
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": compiled,
        }
        command = [sys.executable, "-c", code]
        runs = [subprocess.check_output(command, text=True, env=environment) for _ in range(11)]
    return statistics.median(map(float, runs[1:]))


def row(title: str, times: Times, chosen: Callable) -> str:
    def shown(value: float | None) -> str:
        return "–" if value is None else f"{value:,.0f}"

    return f"| {title} | " + " | ".join(shown(chosen(*times[name])) for name in times) + " |"


def measured() -> tuple[str, bool]:
    """Return the tables, and whether every promise is kept."""
    runs = {
        "adviz": adviz_run,
        "all of `ad.grad`": adviz_whole_run,
        "micrograd": micrograd_run,
        "HIPS autograd": autograd_run,
        "PyTorch": torch_run,
        "plain Python": python_run,
    }
    with collector(enabled=False):
        chain = interleaved(runs, CHAIN, rounds=101)
    with collector(enabled=True):
        two = {name: runs[name] for name in ("adviz", "micrograd")}
        long = interleaved(two, LONG, rounds=3)
        seconds, _ = adviz_whole_run(MILLION, logistic_map())
        code = {operations: compiled_runs(operations) for operations in (CHAIN, 10 * CHAIN)}

    def recording(record: float | None, _: float | None) -> float | None:
        return record

    def sweep(_: float | None, back: float | None) -> float | None:
        return back

    def both(record: float, back: float | None) -> float:
        return record + (back or 0.0)

    def faster_than(name: str) -> float:
        return both(*chain[name]) / both(*chain["adviz"])

    promises = [
        (f"times faster than micrograd, {CHAIN} operations", faster_than("micrograd"), "≥ 4"),
        (
            f"times faster than micrograd, recording {LONG:,}",
            long["micrograd"][0] / long["adviz"][0],
            "≥ 30",
        ),
        ("bytes a row", bytes_a_row(LONG), "≤ 130"),
        ("milliseconds of `import adviz` beyond `import numpy`", import_milliseconds(), "≤ 30"),
        (f"times faster than HIPS autograd, {CHAIN} operations", faster_than("HIPS autograd"), ""),
        (f"times faster than PyTorch, {CHAIN} operations", faster_than("PyTorch"), ""),
        (f"seconds for the gradient of {MILLION:,} operations", seconds, ""),
    ]
    for operations, times in code.items():
        gradient = f"compiled gradient of {operations:,} operations, times"
        promises += [
            (f"{gradient} the plain primal", times["gradient"] / times["plain"], "≤ 5.5"),
            (f"{gradient} its compiled primal", times["gradient"] / times["compiled"], "≤ 3"),
        ]
    longer = dict.fromkeys(runs, (None, None)) | long
    lines = [
        "| nanoseconds an operation | " + " | ".join(runs) + " |",
        "|---|" + "--:|" * len(runs),
        row(f"record a {CHAIN}-operation chain", chain, recording),
        row("its return sweep", chain, sweep),
        row("both", chain, both),
        row(f"record {LONG:,} operations, garbage collector on", longer, recording),
        "",
        "| | measured | promised |",
        "|---|--:|--:|",
        *(f"| {title} | {value:.1f} | {bound} |" for title, value, bound in promises),
    ]
    return "\n".join(lines), all(kept(value, bound) for _, value, bound in promises)


def kept(value: float, bound: str) -> bool:
    """Return whether a value is within its bound, "≥ 4" or "≤ 30"; "" bounds nothing."""
    if not bound:
        return True
    return value >= float(bound[1:]) if bound[0] == "≥" else value <= float(bound[1:])


def main() -> int:
    tables, promises_kept = measured()
    sys.stdout.write(tables + "\n")
    return 0 if promises_kept else 1


if __name__ == "__main__":
    sys.exit(main())
