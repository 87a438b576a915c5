"""The live stepper, from the kernel's side."""

import numpy as np
import pytest

import adviz as ad
from adviz.render.document import MIME_TYPE


def f(x1, x2):
    return x1 * x2 + x2 - np.log(x1)


def test_other_inputs_are_traced_afresh():
    stepper = ad.step(f, 3, -4, which="reverse")
    assert stepper.document == ad.trace(f, 3, -4).play("reverse").document
    stepper.inputs = [2.0, 4.0]
    assert stepper.document == ad.trace(f, 2, 4).play("reverse").document
    assert stepper.trace.value == f(2, 4)


def test_inputs_stay_nested_as_they_were():
    stepper = ad.step(lambda p: p["a"] * p["b"][0], {"a": 2.0, "b": [3.0]})
    stepper.inputs = [4.0, 5.0]
    assert stepper.trace.value == 20.0


def test_numbers_change_beside_arrays_that_stay():
    weights = np.array([1.0, 2.0])
    stepper = ad.step(lambda w, x: np.sum(w * x), weights, 3)
    assert stepper.inputs == [None, 3.0]
    stepper.inputs = [None, 5.0]
    assert stepper.trace.value == np.sum(weights * 5)


def test_complex_numbers_come_as_pairs():
    stepper = ad.step(lambda z, w: z * w, 1 + 2j, 3.0)
    assert stepper.inputs == [None, 3.0]
    stepper.inputs = [[0.0, -1.0], 2.0]
    assert stepper.trace.value == -2j
    stepper.inputs = [None, 5.0]
    assert stepper.trace.value == -5j


def test_another_branch_is_no_problem():
    stepper = ad.step(lambda x: x * x if x > 0 else -x, 3)
    stepper.inputs = [-2.0]
    assert stepper.trace.value == 2.0


def test_the_trace_follows_what_the_page_has_computed():
    stepper = ad.step(f, 3, -4)
    shown = stepper.document
    stepper.computed = [2.5, 1.0]
    assert stepper.trace.value == f(2.5, 1.0)
    assert stepper.inputs == [2.5, 1.0]
    assert stepper.document is shown  # the page shows these numbers already


def test_what_the_page_cannot_know_is_shown_by_the_kernel():
    calls = []

    def fickle(x):
        calls.append(x)
        return x * x if len(calls) < 2 else np.sin(x)

    stepper = ad.step(fickle, 3)
    stepper.computed = [2.0]
    assert stepper.document == stepper.trace.play().document
    assert stepper.trace.value == np.sin(2.0)


def test_a_problem_where_the_page_has_come_to_is_told():
    def picky(x):
        if float(str(x)) < 0:  # which leaves no decision in the trace
            raise ValueError("not below zero")
        return x * 2

    stepper = ad.step(picky, 1)
    stepper.computed = [-1.0]
    assert "not below zero" in stepper.problem
    assert (stepper.trace.value, stepper.inputs) == (2.0, [1.0])
    stepper.computed = [4.0]
    assert (stepper.problem, stepper.trace.value) == ("", 8.0)


def test_a_problem_is_told_and_the_last_trace_stays():
    def picky(x):
        if x < 0:
            raise ValueError("not below zero")
        return x * 2

    stepper = ad.step(picky, 1)
    stepper.inputs = [-1.0]
    assert "not below zero" in stepper.problem
    assert stepper.trace.value == 2.0
    stepper.inputs = [4.0]
    assert stepper.problem == ""
    assert stepper.trace.value == 8.0


def test_the_first_inputs_must_be_right():
    with pytest.raises(ad.AdvizError, match="x2"):
        ad.step(f, 3)


def test_where_no_widget_runs_the_trace_still_plays():
    data, _ = ad.step(f, 3, -4)._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", MIME_TYPE, "text/html"} <= set(data)
    assert " at 0x" not in str(data["text/plain"])
