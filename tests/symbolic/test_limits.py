"""Computer algebra that does not finish is ended at the time limit or by the user."""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
import time

import numpy as np
import pytest
import sympy

import adviz as ad
from adviz.host.errors import FormulaError
from adviz.symbolic import study as studies
from adviz.symbolic import worker
from adviz.symbolic.stationary import stationary_points
from adviz.symbolic.systems import encoded
from adviz.symbolic.tasks import TASKS, _maxima, _operations_in, maxima_lines
from adviz.symbolic.worker import WORKER
from tests.symbolic.test_sizes import logistic

pytestmark = pytest.mark.slow


def formula(n):
    return ad.trace(logistic(n), 0.2).formula()


def interrupt_after(seconds):
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    return timer


def test_a_limit_is_kept_and_stated():
    start = time.monotonic()
    with pytest.raises(FormulaError, match=r"not come to an end within 0\.5 s"):
        formula(9).derivative().simplified(seconds=0.5)
    assert time.monotonic() - start < 90  # the worker may have had to start
    assert str(formula(2).derivative().simplified(seconds=30)) == "dy/dx = 4 − 8·x"


def test_an_interrupt_ends_the_simplification_and_nothing_else():
    formula(2).simplified(seconds=60)  # the worker is up
    timer = interrupt_after(0.7)
    with pytest.raises(KeyboardInterrupt):
        formula(9).derivative().simplified(seconds=60)
    timer.join()
    assert str(formula(2).derivative().simplified(seconds=60)) == "dy/dx = 4 − 8·x"


def test_an_interrupted_study_has_what_was_found(monkeypatch):
    simplified, send = [], WORKER._send

    def send_and_interrupt(task, **request):
        send(task, **request)
        if request.get("form") == "simplified":
            simplified.append(task)
            if len(simplified) == 2:  # that of n = 9
                interrupt_after(0.3)

    monkeypatch.setattr(WORKER, "_send", send_and_interrupt)
    study = ad.swell_study(
        "logistic", [2, 9, 10], systems=["SymPy diff", "SymPy simplified"], seconds=60
    )
    assert study.outcomes[0]["SymPy simplified"].operations == 2
    assert study.outcomes[1]["SymPy diff"].operations > 10_000
    assert study.outcomes[1]["SymPy simplified"].problem == "interrupted by you"
    assert study.outcomes[2]["SymPy diff"].problem == "interrupted by you"
    assert "SymPy simplified, n = 9: interrupted by you." in repr(study)
    assert study.swells[2].derivative_size.dag_operations == 69


def test_a_study_states_the_limit_and_does_not_ask_again():
    start = time.monotonic()
    study = ad.swell_study("logistic", [2, 9, 10, 11], systems=["SymPy simplified"], seconds=3)
    assert time.monotonic() - start < 90
    table = repr(study)
    assert "> 3 s" in table
    assert "SymPy simplified, n = 9: no answer within 3 s." in table


def test_a_worker_that_dies_is_replaced():
    formula(2).simplified(seconds=60)
    os.kill(WORKER._process.pid, signal.SIGKILL)
    WORKER._process.wait()
    assert str(formula(2).simplified(seconds=60)) == "y = 4·x·(1 − x)"


def test_systems_that_are_not_installed_are_named(monkeypatch):
    monkeypatch.setattr(studies, "installed", lambda package: False)
    study = ad.swell_study("logistic", [2], systems=["Maxima", "PyTensor", "SymEngine"])
    for system in ("Maxima", "PyTensor", "SymEngine"):
        assert f"{system}, n = 2: {system} is not installed." in repr(study)


def test_input_for_other_systems_means_the_same():
    def f(x1, x2):
        return np.exp(x1 * x2) / np.arcsin(x2) - abs(x1) ** 2.5 + np.log(2 * x1) * 1e-7

    t = ad.trace(f, 0.7, 0.4)
    formula, expression = t.formula(), t.to_sympy()
    x1, x2 = sympy.symbols("x1 x2")
    point = {x1: 0.7, x2: 0.4}
    from sympy.parsing.maxima import parse_maxima

    # Read by hand: what each language calls things, in Python.
    mathematica = formula.to_mathematica()
    assert "1.0*^-7*Log[2*x1]" in mathematica
    python = mathematica.translate(str.maketrans("[]", "()")).replace("*^", "e").replace("^", "**")
    names = {"Exp": math.exp, "ArcSin": math.asin, "Abs": abs, "Log": math.log}
    assert eval(python, {**names, "x1": 0.7, "x2": 0.4}) == pytest.approx(t.value, rel=1e-15)
    assert float(parse_maxima(formula.to_maxima()).subs(point)) == pytest.approx(t.value, rel=1e-15)
    assert "**" not in formula.to_maxima()
    assert formula.to_maple() == sympy.maple_code(expression)
    slope = formula.derivative("x1")
    assert "Exp[x1*x2]" in slope.to_mathematica()


def test_maxima_is_asked_line_by_line_and_its_answer_counted(monkeypatch):
    """What Maxima 5.46 answers to these lines; the benchmark asks a real one."""
    (expression,) = [formula(3).expression]
    lines, (name,) = maxima_lines([expression])
    assert lines == [
        "v1: (4)*x_x$",
        "v2: (1)-x_x$",
        "v3: v1*v2$",
        "v4: (4)*v3$",
        "v5: (1)-v3$",
        "v6: v4*v5$",
    ]
    assert name == "v6"
    answer = (
        "(-16*x_x*(1-4*(1-x_x)*x_x))+16*(1-x_x)*(1-4*(1-x_x)*x_x)+16*(1-x_x)*x_x*(4*x_x-4*(1-x_x))"
    )
    assert _operations_in(answer) == answer.count("*") + answer.count("-") + answer.count("+")
    asked = {}

    class Run:
        stdout = f"\nbegin \n{answer} \n"

    def run(command, **options):
        asked.update(options, command=command)
        return Run

    monkeypatch.setattr("adviz.symbolic.tasks.subprocess.run", run)
    from adviz.symbolic.systems import encoded

    assert _maxima(encoded([expression]), ["x"])["operations"] == 24
    assert "print(string(diff(v6, x_x)))$" in asked["input"]
    assert set(TASKS) >= {"maxima", "pytensor", "symengine", "sympy"}


def test_stationary_points_are_those_of_the_function_that_was_traced():
    points = formula(3).stationary_points(seconds=60)
    text = points.to_text()
    assert text.count("maximum") == 2
    assert text.count("minimum") == 1
    slopes = [line.split()[-1] for line in text.splitlines()[2:5]]
    assert slopes == ["0", "0", "0"]

    def saddle(a, b):
        return a * a - b * b + a

    assert "saddle" in ad.trace(saddle, 1.0, 2.0).formula().stationary_points(60).to_text()
    wave = ad.trace(lambda x: np.sin(2 * x), 1.0).formula().stationary_points(60).to_text()
    assert "again every π" in wave
    branch = ad.trace(lambda x: x * x if x > 1 else x, 2.0).formula().stationary_points(60)
    assert "not on this branch" in branch.to_text()


def found(f, *at):
    return ad.trace(f, *at).formula().stationary_points(60).to_text()


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda x: np.exp(x), "There is none"),
        (lambda x: x**3 + x, "There is none"),
        (lambda x: 5 + 0 * x, "constant"),
        (lambda x: np.sin(x) ** 2 + np.cos(x) ** 2, "constant"),
        (lambda x: np.sin(x) + x**5 + x, "None was found, neither by SymPy nor numerically"),
    ],
    ids=["exp", "cubic", "number", "identity", "not_solved"],
)
def test_that_there_is_no_stationary_point_is_said_only_where_it_is_known(f, said):
    assert said in found(f, 0.5)


def test_stationary_points_without_a_closed_form_are_found_numerically():
    def decimals(text):
        lines = [line.split() for line in text.splitlines() if "≈" in line]
        return [float(line[0].strip("≈").replace("−", "-")) for line in lines]

    assert decimals(found(lambda x: x**6 - 3 * x**2 - 6 * x, 0.2)) == pytest.approx([1.1673039783])
    quintic = sorted(
        root.real
        for root in np.roots([7, 0, 0, 0, -3, 0, 0.3])
        if abs(root.imag) < 1e-9  # NumPy's eigenvalues, not SymPy's isolation of roots
    )
    assert decimals(found(lambda x: x**7 - x**3 + 0.3 * x, 0.2)) == pytest.approx(quintic)
    wave = found(lambda x: x * x + np.sin(x), 0.2)
    assert decimals(wave) == pytest.approx([-0.4501836113])
    assert "Found numerically" in wave


def test_poles_kinks_and_places_outside_the_domain_are_no_stationary_points():
    sine = found(lambda x: np.sin(x) / x, 0.7)
    assert sine.count("≈0.03") >= 2
    assert "e−16" not in sine  # of a slope rounded to 0 beside 0, where the function is 0/0
    kink = found(lambda x: np.maximum(x, x**2), 0.7)
    assert "None was found" in kink
    inside = found(lambda x: np.log(np.cos(x)), 0.7)
    assert "maximum" in inside
    assert "π  " not in inside  # log(cos π) is no real number
    root = found(lambda x: np.cbrt(x) * (x - 1), 0.7)
    assert "0.25" in root
    assert "None was found" in found(lambda x, y: abs(x) + y**2, 0.7, 0.4)


def test_a_value_with_long_integers_is_a_decimal():
    assert "≈18.35550056" in found(lambda x: (x - 1) ** 4 * (x + 2) ** 3, 0.7)


def test_stationary_points_of_two_variables():
    def surface(x, y):
        return x**3 - 3 * x * y + y**3 + 0.1 * x

    answer = stationary_points(
        encoded([ad.trace(surface, 0.1, 0.2).formula().expression]), ["x", "y"], numerically=True
    )
    assert answer["points"]
    assert answer["found"] == "searched"
    for point in answer["points"]:
        assert np.allclose(ad.grad(surface, (0, 1))(*point["numbers"]), 0, atol=1e-9)
        bends = np.linalg.eigvalsh(
            np.array(ad.hessian(lambda v: surface(*v))(np.array(point["numbers"])))
        )
        assert np.allclose(sorted(point["bends"]), bends)
    assert "curve is stationary: x = y" in found(lambda x, y: (x - y) ** 2, 1.0, 2.0)
    assert "There is none" in found(lambda x, y: x * y + 2 * x - y * x, 1.0, 2.0)


def test_without_processes_it_runs_here_within_the_limit(monkeypatch):
    derivative = formula(2).derivative()
    there = str(derivative.simplified(seconds=30))
    monkeypatch.setattr(worker, "_HAS_PROCESSES", False)
    monkeypatch.setattr(worker.subprocess, "Popen", None)
    before = sys.getprofile()
    assert str(derivative.simplified(seconds=30)) == there
    start = time.monotonic()
    with pytest.raises(FormulaError, match=r"not come to an end within 0\.5 s"):
        formula(9).derivative().simplified(seconds=0.5)
    assert time.monotonic() - start < 20
    assert str(derivative.simplified(seconds=30)) == there  # nothing is left broken
    monkeypatch.setitem(TASKS, "broken", lambda: {"x": 1 / 0})
    with pytest.raises(ad.AdvizError, match="ZeroDivisionError"):
        WORKER.ask("broken", seconds=1)
    assert sys.getprofile() is before
