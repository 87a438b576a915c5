"""The cost of an error study, against its evaluations of f and against mpmath.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.differences

prints a Markdown table. Contenders take turns within one run, and medians are compared.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import mpmath
import numpy as np

import adviz as ad
from adviz.numeric.multiprecision import context
from adviz.numeric.replay import Replay
from adviz.numeric.truth import true_derivative

ROUNDS = 60
STEPS = 400


def f(x):  # type: ignore[no-untyped-def]
    """Squire and Trapp's function."""
    return np.exp(x) / (np.sin(x) ** 3 + np.cos(x) ** 3)


def evaluations() -> None:
    """What a study of seven schemes evaluates: 15 real nodes and one complex one a step."""
    h = np.geomspace(1e-20, 1, STEPS)
    nodes = np.array([-4, -3, -2, -1, -0.5, -0.25, -0.125, 0, 0.125, 0.25, 0.5, 1, 2, 3, 4])
    f((1.5 + nodes[:, None] * h).ravel())
    f(1.5 + 1j * h)


def truth() -> None:
    """Trace f and replay it: one derivative to fifty digits."""
    true_derivative(Replay(f, 1.5))


def study() -> None:
    ad.error_study(f, 1.5, steps=STEPS)


def study_with_parts() -> None:
    """The same, with every error taken apart into truncation and round-off."""
    ad.error_study(f, 1.5, steps=STEPS).data  # noqa: B018


def errors_in_mpmath() -> None:
    """The errors of one scheme's approximations, subtracted and divided in mpmath numbers."""
    with context().workdps(50):
        true = context().mpf("3.62203370071632604")
        for approximation in np.linspace(3.5, 3.7, STEPS):
            abs(float((context().mpf(float(approximation)) - true) / true))


def errors_in_two_parts() -> None:
    """The same with the truth as a sum of two floats."""
    high, low = 3.62203370071632604, 1.3e-16
    abs(((np.linspace(3.5, 3.7, STEPS) - high) - low) / high)


CONTENDERS: tuple[Callable[[], None], ...] = (
    evaluations,
    truth,
    study,
    study_with_parts,
    errors_in_mpmath,
    errors_in_two_parts,
)


def main() -> int:
    assert abs(float(mpmath.diff(mpmath.exp, 1)) - ad.error_study(np.exp, 1.0).truth) < 1e-15
    taken: dict[str, list[float]] = {each.__name__: [] for each in CONTENDERS}
    for turn in range(ROUNDS):
        for each in CONTENDERS:
            if each is study_with_parts and turn % 6:
                continue
            start = time.perf_counter()
            each()
            taken[each.__name__].append(time.perf_counter() - start)
    ms = {name: statistics.median(times) * 1e3 for name, times in taken.items()}
    beyond = ms["study"] - ms["evaluations"] - ms["truth"]
    times = ms["errors_in_mpmath"] / ms["errors_in_two_parts"]
    lines = [
        "| an error study: 7 schemes, 400 steps | measured | promised |",
        "|---|--:|--:|",
        f"| milliseconds for every approximation and error, beyond f | {beyond:.2f} | ≤ 1 |",
        f"| milliseconds for the true derivative to 50 digits | {ms['truth']:.2f} | ≤ 1 |",
        f"| milliseconds to evaluate f, in one call | {ms['evaluations']:.2f} |  |",
        f"| milliseconds for truncation and round-off apart, when asked for | "
        f"{ms['study_with_parts'] - ms['study']:.0f} |  |",
        f"| times faster than errors in mpmath numbers | {times:.0f} |  |",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(beyond > 1 or ms["truth"] > 1)


if __name__ == "__main__":
    sys.exit(main())
