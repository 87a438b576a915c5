"""Random NumPy programs: plain NumPy and all that adviz makes of a program agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adviz as ad
from tests.random_programs import Program, cut_down, drawn, main, outcome


@pytest.mark.slow
@settings(deadline=None, max_examples=settings().max_examples // 10)
@given(st.integers(0, 2**32))
def test_random_programs(seed):
    program = drawn(seed)
    found = outcome(program)
    if found.startswith("WRONG"):
        pytest.fail(f"{found}\n{cut_down(program).source()}")


def test_most_programs_are_not_refused(capsys):
    assert main(6, 40) == 0
    counts = {
        found: int(times)
        for times, _, found in (
            line.strip().partition("  ") for line in capsys.readouterr().out.splitlines()
        )
    }
    assert sum(counts.values()) == 6
    assert sum(times for found, times in counts.items() if found.startswith("right")) > 3


def test_a_wrong_derivative_is_found_and_the_program_cut_down(monkeypatch):
    cos = ad.ELEMENTALS["cos"]
    monkeypatch.setattr(cos, "partials", (lambda a, v: np.sin(a),))
    statements = ["v0 = x0 * 2.0", "v1 = np.cos(x0)", "v2 = v0[::-1]", "v3 = np.sum(v2)"]
    placed = ["x0 = np.zeros((4,), np.float64)[::-2]", "x0[...] = [0.5, 1.5]"]
    program = Program(placed, statements, "v1", "float64", 1)
    assert outcome(program).startswith("WRONG")
    assert cut_down(program).statements == ["v1 = np.cos(x0)"]
