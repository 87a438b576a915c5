"""Expression swell: the time of exact counting and differentiation, here and in other systems.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.swell

prints Markdown tables and fails where a promise is missed, or a system is not there.
"""

import gc
import statistics
import sys
import time

import sympy

import adviz as ad
from adviz.symbolic.derivative import derivatives
from adviz.symbolic.expr import symbol
from adviz.symbolic.formulas import formulas
from adviz.symbolic.size import sizes
from adviz.symbolic.tasks import SYSTEMS

LIMIT = 5.0
"""Seconds that each system is given for each size."""


def say(line):
    sys.stdout.write(line + "\n")


def logistic(n):
    def f(x):
        for _ in range(n - 1):
            x = 4 * x * (1 - x)
        return x

    return f


def counted(n):
    """Trace, DAG, derivative and exact counts: what ad.swell does before anything is asked."""
    (formula,) = formulas(ad.trace(logistic(n), 0.2))
    (slope,) = derivatives([formula], symbol("x"))
    return sizes([formula], [slope])


def seconds(run):
    gc.collect()
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def counting():
    counted(1000)
    times = []
    for _ in range(21):
        gc.collect()
        start = time.process_time()
        counted(1000)
        times.append(time.process_time() - start)
    taken = min(times) * 1e3  # what a busy machine adds is left out
    function, derivative = counted(1000)
    digits = len(str(derivative.tree_nodes))
    say(
        f"| l₁₀₀₀: trace, DAG, derivative, counts of {digits} digits; CPU ms | {taken:.0f} | ≤ 50 |"
    )
    yield "milliseconds for n = 1000", taken, "<=", 50
    ratio = derivative.dag_operations / function.dag_operations
    say(f"| operations of the derivative's DAG over the function's | {ratio:.2f} | ≤ 3 |")
    yield "derivative's DAG over the function's", ratio, "<=", 3


def against_sympy():
    """Differentiate l₁₆ by both, in turns."""
    n, x = 16, sympy.Symbol("x")
    ours, theirs = [], []
    for _ in range(3):
        # Anew each time: SymPy remembers what it has differentiated, and so do shared expressions.
        sympy.core.cache.clear_cache()
        gc.collect()
        t = ad.trace(logistic(n), 0.2)
        expression = t.to_sympy()
        (formula,) = formulas(t)
        ours.append(seconds(lambda formula=formula: derivatives([formula], symbol("x"))))
        theirs.append(seconds(lambda expression=expression: expression.diff(x)))
    ratio = statistics.median(theirs) / statistics.median(ours)
    say(f"| l₁₆: differentiating, times faster than SymPy's `diff` | {ratio:,.0f} | ≥ 1,000 |")
    yield "times faster than SymPy at n = 16", ratio, ">=", 1000


def running():
    taken = ad.swell(logistic(8), 0.2).representations.seconds(rounds=31)
    say("")
    say("| one derivative of l₈ | tree | DAG | AD forward | AD reverse |")
    say("|---|--:|--:|--:|--:|")
    times = (f"{taken[name] * 1e6:.2f}" for name in ("tree", "DAG", "AD forward", "AD reverse"))
    say(f"| microseconds, as compiled Python | {' | '.join(times)} |")


def systems():
    """Show every system's derivative, by our convention."""
    study = ad.swell_study("logistic", [4, 6, 8], seconds=LIMIT, systems=list(SYSTEMS))
    say("")
    say(study.table().to_markdown().replace("$", "").replace(r"\text{", "").replace("}", ""))
    for note in study.table().notes:
        say(note)
    for system, outcome in study.outcomes[0].items():
        done = outcome.problem == ""
        yield f"{system} differentiates l₄ ({outcome.problem or 'done'})", float(done), ">=", 1


def main():
    say("| expression swell, the logistic map | measured | promised |")
    say("|---|--:|--:|")
    promises = [*counting(), *against_sympy()]
    running()
    promises += systems()
    missed = 0
    say("")
    for what, measured, sign, bound in promises:
        kept = measured >= bound if sign == ">=" else measured <= bound
        say(f"{what}: {measured:,.2f} {sign} {bound}: {'kept' if kept else 'MISSED'}")
        missed += not kept
    sys.exit(missed)


if __name__ == "__main__":
    main()
