"""The controls and outputs that all laboratories share, without a browser."""

import pytest

import adviz as ad
from adviz.jupyter.laboratory import Laboratory, Slider


def root(n):
    if n < 0:
        raise ad.AdvizError("no root of <negative> numbers")
    return (n**0.5,)


def laboratory():
    numbers = [-1, 0, 1, 4]
    return Laboratory({"n": Slider("n", numbers, [str(n) for n in numbers], 1)}, root, "roots")


def test_moving_a_control_shows_its_value():
    lab = laboratory()
    lab.controls["n"].index = 3
    assert lab.values == {"n": 4}
    assert lab.shown == (2.0,)


def test_a_problem_is_told_and_what_was_shown_stays():
    lab = laboratory()
    lab.set(n=-1)
    assert lab.problem == "AdvizError: no root of <negative> numbers"
    assert lab._alert.value == (
        '<span role="alert">AdvizError: no root of &lt;negative> numbers</span>'
    )
    assert lab.shown == (1.0,)
    lab.set(n=4)
    assert lab.problem == lab._alert.value == ""


def test_a_first_state_that_fails_is_an_error_of_the_call():
    numbers = {"n": Slider("n", [-1, 1], ["-1", "1"])}
    with pytest.raises(ad.AdvizError, match="no root"):
        Laboratory(numbers, root, "roots")


def test_an_unknown_control_is_named_with_those_there_are():
    with pytest.raises(ad.AdvizError, match="no control 'm': it has n"):
        laboratory().set(m=1)


def test_a_slider_needs_a_text_for_each_option():
    with pytest.raises(ad.AdvizError, match="a text for each"):
        Slider("n", [1, 2], ["1"])
