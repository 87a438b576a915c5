"""How fast and how large scalar traces are, beside micrograd, HIPS autograd and PyTorch.

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

    tape = Tape(sys._getframe())
    tape.add_inputs(["x"], [0.3])
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
    """Return the medians of runs that take turns, in nanoseconds an operation."""
    times = {name: [] for name in runs}
    chains = {name: logistic_map() for name in runs}
    for name, run in runs.items():
        run(30, chains[name])  # imports, and what is made once
    for _ in range(rounds):
        for name, run in runs.items():
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
    runs = [subprocess.check_output([sys.executable, "-c", code], text=True) for _ in range(11)]
    return statistics.median(map(float, runs))


def row(title: str, times: Times, chosen: Callable) -> str:
    def shown(value: float | None) -> str:
        return "–" if value is None else f"{value:,.0f}"

    return f"| {title} | " + " | ".join(shown(chosen(*times[name])) for name in times) + " |"


def main() -> int:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    runs = {
        "adviz": adviz_run,
        "adviz, all of `ad.grad`": adviz_whole_run,
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
    rest = dict.fromkeys(runs, (None, None))

    print("| nanoseconds an operation | " + " | ".join(runs) + " |")
    print("|---|" + "--:|" * len(runs))
    recording, both = (lambda record, _: record), (lambda record, back: record + (back or 0.0))
    print(row(f"record a {CHAIN}-operation chain", chain, recording))
    print(row("its return sweep", chain, lambda _, back: back))
    print(row("both", chain, both))
    print(row(f"record {LONG:,} operations, garbage collector on", rest | long, recording))

    chain_ratio = both(*chain["micrograd"]) / both(*chain["adviz"])
    long_ratio = long["micrograd"][0] / long["adviz"][0]
    weight, imported = bytes_a_row(LONG), import_milliseconds()
    with collector(enabled=True):
        seconds, _ = adviz_whole_run(MILLION, logistic_map())
    others = {
        name: both(*chain[name]) / both(*chain["adviz"]) for name in ("HIPS autograd", "PyTorch")
    }
    promises = [
        (f"times faster than micrograd, {CHAIN}-operation chain", chain_ratio, chain_ratio >= 4),
        (f"times faster than micrograd, recording {LONG:,}", long_ratio, long_ratio >= 30),
        ("bytes a row", weight, weight <= 130),
        ("milliseconds of `import adviz` beyond `import numpy`", imported, imported <= 30),
    ]
    print("\n| | measured | promised |\n|---|--:|--:|")
    for (title, value, _), bound in zip(promises, ("≥ 4", "≥ 30", "≤ 130", "≤ 30"), strict=True):
        print(f"| {title} | {value:.1f} | {bound} |")
    for name, ratio in others.items():
        print(f"| times faster than {name}, {CHAIN}-operation chain | {ratio:.1f} | |")
    print(f"| seconds for the gradient of {MILLION:,} operations | {seconds:.2f} | |")
    return 0 if all(kept for *_, kept in promises) else 1


if __name__ == "__main__":
    sys.exit(main())
