"""The laboratory of numerical differentiation, without a browser."""

import numpy as np
import pytest
from scipy.special import log_expit

import adviz as ad
from adviz.jupyter.error_lab import formula


@pytest.fixture
def lab():
    return ad.error_lab(np.exp, 1.0)


def digits_of(shown):
    """The lines under each other: names, digits, marks."""
    return [line.split(" = ")[-1] for line in repr(shown).split("\n")[1:4]]


def test_the_digits_of_both_values_are_lined_up(lab):
    lab.set(h=1e-10)
    ahead, here, difference = digits_of(lab.shown[1])
    h = 1e-10
    assert ahead.startswith(str(np.exp(1 + h))[:15])
    assert len(ahead) == len(here) == len(difference)
    cancelled = next(k for k in range(len(ahead)) if ahead[k] != here[k])
    assert set(difference[: cancelled - 1]) <= {"0", "."}
    marks = repr(lab.shown[1]).split("\n")[4][-len(difference) :]
    assert len(marks) == len(difference)
    # What is marked right is what exact arithmetic gives.
    right = difference[marks.index("✓") : marks.rindex("✓")]
    assert f"{np.exp(1) * np.expm1(h):.20e}".replace(".", "").startswith(right)
    assert "×" in marks


def test_h_between_round_off_and_truncation(lab):
    closeups = {}
    for h in (1e-14, 1e-8, 1e-2):
        lab.set(h=h)
        closeups[h] = lab.shown[1].closeup
        scheme = ad.scheme("forward")
        assert closeups[h].approximation == scheme(np.exp, 1.0, h)
    assert closeups[1e-8].error < closeups[1e-14].error / 1e3
    assert closeups[1e-8].error < closeups[1e-2].error / 1e3


def test_functions_are_typed_as_formulas(lab):
    lab.set(function="x**2 * sin(x)", x0=2.0)
    assert lab.problem == ""
    assert lab.study.truth == pytest.approx(4 * np.sin(2) + 4 * np.cos(2), rel=1e-15)
    before = lab.shown
    for typed, said in (
        ("exp(x", "no formula"),
        ("foo(x)", "neither x nor a function"),
        ("__import__('os')", "neither x nor a function"),
        ("abs(x - 2)", "on the left"),
        ("log(x - 2)", "no derivative"),
    ):
        lab.set(function=typed)
        assert said in lab.problem
        assert lab.shown is before
    lab.set(function="")
    assert lab.study.truth == pytest.approx(np.exp(2))
    assert formula("2^3 * x")(2.0) == 16


def test_precision_and_schemes(lab):
    lab.set(precision="float32", scheme="central", h=1e-3, schemes=("forward", "richardson"))
    assert lab.study.x0.dtype == np.float32
    assert [s.name for s in lab.study.schemes] == ["forward", "central", "richardson"]
    lab.set(h=1e-30, precision="float16")
    assert "choose a larger step" in lab.problem
    lab.set(h=0.1, scheme="complex-step", precision="float64")
    assert lab.problem == ""
    assert "Nothing is subtracted" in repr(lab.shown[1])
    assert lab.controls["schemes"].value == ("forward", "richardson")


@pytest.mark.slow
def test_every_scheme_draws(lab):
    for name in lab.controls["scheme"].options:
        lab.set(scheme=name)
        assert lab.problem == ""
    assert lab.shown[0].to_png().startswith(b"\x89PNG")
    assert "relative error" in repr(lab.shown[0])


def test_a_function_that_raises_beside_x0_is_told():
    def picky(x):
        if x > 1.0:
            raise ValueError("too large")
        return x * x

    lab = ad.error_lab(picky, 1.0, ("backward",))
    assert "too large" not in repr(lab.shown[1]).split("\n")[0]
    lab.set(scheme="central")
    assert "not defined at one of the points" in repr(lab.shown[1])
    assert "ValueError: too large" in repr(lab.shown[1])


def test_a_truth_is_taken_for_the_point_it_was_given_for():
    def squashed(x):
        return log_expit(x)

    with pytest.raises(ad.AdvizError, match="truth="):
        ad.error_lab(squashed, 0.0)
    lab = ad.error_lab(squashed, 0.0, truth="0.5")
    assert lab.study.truth == 0.5
    lab.set(x0=1.0)
    assert "truth=" in lab.problem
    lab.set(x0=0.0, precision="float32")
    assert lab.problem == ""
    assert lab.study.truth == 0.5
