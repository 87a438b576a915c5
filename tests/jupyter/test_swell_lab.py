"""The laboratory of expression swell, without a browser."""

from __future__ import annotations

import re

import pytest

import adviz as ad
from adviz.host.errors import InputError
from adviz.symbolic.families import FAMILIES


def texts(lab):
    return [repr(thing) for thing in lab.shown]


def test_controls_choose_what_is_shown():
    lab = ad.swell_lab("logistic", 3)
    formula, drawing, values, figure = lab.shown
    assert str(formula).startswith("dy/dx = 4·(4·(1 − x) + 4·x·(−1))·(1 − 4·x·(1 − x))")
    assert drawing.source.count("->") == 2 * 23 - 1  # a tree; one operation is a change of sign
    assert re.search(r"tree +23 +−2\.688", repr(values))
    assert "tree 23, DAG 13, AD forward 16, AD reverse 16" in figure.description

    lab.set(share=True)
    shared = lab.shown[0].data
    assert shared.startswith("Every subexpression once: 13 operations")
    assert lab.shown[1].source.count("[") < drawing.source.count("[")
    lab.set(show="function", share=False)
    assert str(lab.shown[0]) == "y = 4·(4·x·(1 − x))·(1 − 4·x·(1 − x))"


@pytest.mark.slow
def test_every_map_is_shown():
    lab = ad.swell_lab("product", 2)
    for name, family in FAMILIES.items():
        for share in (False, True):
            lab.set(map=name, n=4, share=share)
            assert lab.problem == ""
            assert len(lab.shown) == 4
        assert lab.swell.trace.function_name == name
        assert family.most >= 6


def test_what_is_too_large_is_refused_and_the_rest_stays():
    lab = ad.swell_lab("derivatives", 3)
    before = lab.shown
    lab.set(n=1000)
    assert "derivatives is shown up to n = 6" in lab.problem
    assert lab.shown is before
    lab.set(n=2)
    assert lab.problem == ""
    with pytest.raises(InputError, match="n = 1, 2"):
        ad.swell_lab("derivatives", 7)


def test_a_recursion_of_the_users_own_can_be_chosen():
    lab = ad.swell_lab(lambda n, x: x**n, 3, at=2.0)
    assert "= 3·x²" in str(lab.shown[0])
    assert lab.controls["map"].value == "f"
