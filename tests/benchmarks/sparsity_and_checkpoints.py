"""The time that a coloring saves, and the memory that a checkpoint saves.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.sparsity_and_checkpoints

prints Markdown tables and fails where a promised ratio is missed.
"""

import sys
import tracemalloc

import numpy as np
from scipy import sparse

import adviz as ad
from adviz.calculus.coloring import coloring
from tests.benchmarks.turns import medians


def say(line):
    sys.stdout.write(line + "\n")


def broyden(x):
    around = np.pad(x, 1)
    return (3 - 2 * x) * x - around[:-2] - 2 * around[2:] + 1


def by_hand(x):
    n = len(x)
    diagonals = [-np.ones(n - 1), 3 - 4 * x, -2 * np.ones(n - 1)]
    return sparse.diags_array(diagonals, offsets=[-1, 0, 1], format="csr")


def columns(x):
    """Return the dense Jacobian from a sweep for each column."""
    _, push = ad.linearize(broyden, x)
    return np.stack([push(seed) for seed in np.eye(len(x))], axis=1)


def sparse_jacobians():
    """Yield the promises about tridiagonal Broyden, n = 1000.

    The saving by compression is that in seeds: it is measured against a sweep for each column,
    and shown also against the dense Jacobian with many seeds in a sweep, which is faster.
    """
    x = np.linspace(-1, 1, 1000)
    pattern = ad.sparsity_pattern(broyden, x)
    colors = int(coloring(pattern).max()) + 1
    found = ad.jacobian(broyden, sparsity=True)
    known = ad.jacobian(broyden, sparsity=pattern)
    dense = ad.jacobian(broyden)
    taken = medians(
        {
            "columns": lambda: columns(x),
            "dense": lambda: dense(x),
            "found": lambda: found(x),
            "known": lambda: known(x),
            "hand": lambda: by_hand(x),
        }
    )
    names = {
        "columns": "dense, a sweep for each column",
        "dense": "dense, many seeds in a sweep",
        "found": f"sparse, {colors} colors, pattern found in the trace",
        "known": f"sparse, {colors} colors, pattern given",
        "hand": "sparse, by hand",
    }
    say("| tridiagonal Broyden, n = 1000 | ms | columns / it | dense / it | it / by hand |")
    say("|---|--:|--:|--:|--:|")
    for name, seconds in taken.items():
        say(
            f"| {names[name]} | {seconds * 1e3:.2f} | {taken['columns'] / seconds:.1f} "
            f"| {taken['dense'] / seconds:.1f} | {seconds / taken['hand']:.1f} |"
        )
    yield "colors", colors, "<=", 3
    for name in ("found", "known"):
        yield f"{name}: a sweep for each column / it", taken["columns"] / taken[name], ">=", 150
        yield f"{name}: compressed / by hand", taken[name] / taken["hand"], "<=", 5


def step(x):
    return np.tanh(1.1 * x) + 0.1 * np.sin(x)


def run(x, steps):
    for _ in range(steps):
        x = step(x)
    return x


def plain(x):
    return np.sum(run(x, 1000))


def saved(x):
    group = ad.checkpoint(run)
    for start in range(0, 1000, 32):
        x = group(x, min(32, 1000 - start))
    return np.sum(x)


def peak(f, x):
    """Return the bytes that a gradient needs at its peak."""
    tracemalloc.start()
    ad.grad(f)(x)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def checkpoints():
    """Yield the promises about a recurrence of 1,000 steps in groups of 32."""
    for n in (500, 5000):
        x = np.linspace(0, 1, n)
        taken = medians(
            {"plain": lambda x=x: ad.grad(plain)(x), "saved": lambda x=x: ad.grad(saved)(x)}
        )
        peaks = {"plain": peak(plain, x), "saved": peak(saved, x)}
        say(f"| gradient of 1,000 steps of {n} numbers | ms | peak MB |")
        say("|---|---|---|")
        for name, seconds in taken.items():
            say(f"| {name} | {seconds * 1e3:.1f} | {peaks[name] / 1e6:.2f} |")
        yield f"checkpoint, {n} numbers: memory", peaks["plain"] / peaks["saved"], ">=", 5
        yield f"checkpoint, {n} numbers: time", taken["saved"] / taken["plain"], "<=", 2


def main():
    missed = 0
    for what, ratio, sign, bound in [*sparse_jacobians(), *checkpoints()]:
        kept = ratio >= bound if sign == ">=" else ratio <= bound
        say(f"{what}: {ratio:.2f} {sign} {bound}: {'kept' if kept else 'MISSED'}")
        missed += not kept
    sys.exit(missed)


if __name__ == "__main__":
    main()
