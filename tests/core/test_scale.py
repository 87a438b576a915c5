"""Large traces: a million operations, bytes a row."""

import collections
import gc
import math
import sys
import tracemalloc

import numpy as np
import pytest

import adviz as ad
from adviz.core import sweeps

pytestmark = pytest.mark.slow

MILLION = 1_000_000


def test_a_million_operations_record_sweep_and_differentiate():
    def f(x):
        y = x
        for _ in range(MILLION // 2):
            y = 0.999999 * y + x
        return y

    # y_n = a y_{n-1} + x with y_0 = x: the slope is the sum of the powers of a up to n.
    a, n = 0.999999, MILLION // 2
    slope = (1 - a ** (n + 1)) / (1 - a)
    trace = ad.trace(f, 2.0)
    assert len(trace.rows) == MILLION + 1
    assert trace.value == pytest.approx(2 * slope, rel=1e-9)
    assert ad.grad(f)(2.0) == pytest.approx(slope, rel=1e-9)
    assert ad.jvp(f, (2.0,), (1.0,))[1] == pytest.approx(slope, rel=1e-9)
    assert trace.replay(1.0).value == pytest.approx(slope, rel=1e-9)
    (last,) = collections.deque(trace.reverse(), maxlen=1)
    assert (last.row.label, last.adjoint) == ("v₀", pytest.approx(slope, rel=1e-9))
    assert trace.rows[-1].source.text == "0.999999 * y + x"
    assert len(repr(trace.rows)) < 1500


def test_a_deep_recursion_of_the_users_own_is_the_only_limit():
    def f(x, n):
        return x if n == 0 else np.sin(f(x, n - 1))

    depth = sys.getrecursionlimit() // 2
    x = 1.0
    slope = 1.0
    for _ in range(depth):
        slope *= math.cos(x)
        x = math.sin(x)
    assert ad.grad(f)(1.0, depth) == pytest.approx(slope, rel=1e-9)


def logistic_map(x, steps):
    for _ in range(steps):
        x = 4.0 * x * (1.0 - x)
    return x


def long_body(statements):
    """A function whose code is longer than 256 bytes, so that instruction numbers are no longer
    among the small ints that Python keeps."""
    lines = "".join(f"        x = {k + 1}.5 - x * x * 0.001\n" for k in range(statements))
    scope = {}
    source = f"def f(x, steps):\n    for _ in range(steps):\n{lines}    return x\n"
    exec(compile(source, "<long>", "exec"), scope)
    return scope["f"]


def with_helper(x, steps):
    def helper(y):
        return y * y + 0.25

    for _ in range(steps):
        x = helper(x) * 0.5
    return x


def with_ints(x, steps):
    for _ in range(steps):
        x = 1 - x * x / 2
    return x


@pytest.mark.parametrize(
    ("f", "steps"),
    [(logistic_map, 66_667), (long_body(50), 1400), (with_ints, 66_667)],
    ids=["loop", "long code", "int constants"],
)
def test_at_most_130_bytes_a_row(f, steps):
    ad.trace(lambda x: f(x, 5), 0.3)  # what is made once
    gc.collect()
    tracemalloc.start()
    try:
        trace = ad.trace(lambda x: f(x, steps), 0.3)
        gc.collect()
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(trace.rows) > 190_000
    assert used / len(trace.rows) <= 130
    if f.__code__.co_filename == "<long>":
        assert sorted(trace.tape.places.instructions)[len(trace.rows) // 2] > 256
    # What the columns weigh by themselves, room to grow included, is most of it.
    tape = trace.tape
    columns = (tape.elementals, tape.left, tape.right, tape.values, tape.places.instructions)
    assert sum(map(sys.getsizeof, columns)) < used


def test_the_columns_hold_nothing_that_the_garbage_collector_follows_for_each_row():
    gc.collect()
    before = len(gc.get_objects())
    trace = ad.trace(lambda x: logistic_map(x, 10_000), 0.3)
    gc.collect()
    assert len(gc.get_objects()) - before < 200
    assert len(trace.rows) == 30_001


def test_sweeps_over_a_trace_with_many_calls():
    trace = ad.trace(lambda x: with_helper(x, 20_000), 0.3)
    assert len(trace.tape.places.call_codes) == 2 + 20_000
    assert len(sweeps.reached(trace.tape, len(trace.rows) - 1)) == 60_001
    assert trace.notes == []
