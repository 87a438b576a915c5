"""Programs: which operations a page evaluates, and which it leaves to Python."""

import json
import math
import random

import numpy as np
import pytest

import adviz as ad
from adviz import ELEMENTALS
from adviz.render.programs import programs_of


@pytest.fixture
def define():
    """ad.define, whose rows are taken out of the table again."""
    before = set(ELEMENTALS)
    yield ad.define
    for name in set(ELEMENTALS) - before:
        del ELEMENTALS[name]


def recorded(f, *inputs):
    with np.errstate(all="ignore"):
        return programs_of(ad.trace(f, *inputs))


def asks_what_it_is(a):
    return a * 2 if isinstance(a, float) else a * 3


def passes_over_errors(a):
    try:
        return math.exp(a)
    except Exception:  # noqa: BLE001 - as a user may write it
        return a


SETTING = {"factor": 2.0}

LIVE = {
    "softplus": (lambda a: np.log1p(np.exp(a)), lambda a, v: ad.logistic(a)),
    "leaky": (lambda a: a if a > 0 else 0.1 * a, lambda a, v: 1.0 if a > 0 else 0.1),
    "sinc_like": (
        lambda a: 1.0 if a == 0 else np.sin(a) / a,
        lambda a, v: 0.0 if a == 0 else (np.cos(a) - v) / a,
    ),
    "larger": (
        lambda a, b: max(a, b),
        lambda a, b, v: 1.0 if a >= b else 0.0,
        lambda a, b, v: 0.0 if a >= b else 1.0,
    ),
    "series": (
        lambda a: sum(a**k / math.factorial(k) for k in range(5)),
        lambda a, v: sum(a**k / math.factorial(k) for k in range(4)),
    ),
    "rooted": (lambda a: np.cbrt(a), lambda a, v: 1 / (3 * v * v)),
}
RECORDED = {
    "asking": (asks_what_it_is, lambda a, v: 2.0),
    "conversion": (lambda a: math.exp(a), lambda a, v: v),
    "hidden": (passes_over_errors, lambda a, v: v),
    "random": (lambda a: a * random.random(), lambda a, v: 1.0),
    "whole": (lambda a: a - int(a), lambda a, v: 1.0),
    "stepped": (lambda a: a - np.floor(a), lambda a, v: 1.0),
    "listed": (lambda a: np.sqrt([a * a])[0], lambda a, v: np.sign(a)),
    "wrong_slope": (lambda a: a * a, lambda a, v: 2.0 * a if isinstance(a, float) else a),
}


@pytest.mark.parametrize("name", LIVE)
def test_operations_that_users_define_are_live(define, name):
    operation = define(name, *LIVE[name])
    inputs = (0.75,) * operation.arity
    programs, recording = recorded(lambda *numbers: operation(*numbers) * 2, *inputs)
    assert recording is None
    assert set(programs) == {name, "mul"}


@pytest.mark.parametrize("name", RECORDED)
def test_what_a_page_might_evaluate_wrongly_is_a_recording(define, name):
    operation = define(name, *RECORDED[name])
    _, recording = recorded(lambda a: operation(a) * 2, 0.75)
    assert recording == {"code": "operation", "name": name}


def test_an_operation_that_reads_what_has_changed_since_is_a_recording(define):
    operation = define("scaled", lambda a: a * SETTING["factor"], lambda a, v: SETTING["factor"])
    made = ad.trace(operation, 3.0)
    assert programs_of(made)[1] is None
    SETTING["factor"] = 5.0
    assert programs_of(made)[1] == {"code": "operation", "name": "scaled"}


def test_two_operations_of_one_name_are_a_recording(define):
    first = define("shifted", lambda a: a + 1, lambda a, v: 1.0)
    del ELEMENTALS["shifted"]
    second = define("shifted", lambda a: a + 2, lambda a, v: 1.0)
    _, recording = recorded(lambda a: first(a) * second(a), 1.0)
    assert recording == {"code": "operation", "name": "shifted"}


def test_a_recording_says_why():
    assert recorded(np.sum, np.ones(2))[1] == {"code": "arrays"}
    assert recorded(lambda x: x * np.float32(2), np.float32(1))[1] == {"code": "precision"}
    assert recorded(lambda x: np.floor(x) * x, 1.5)[1] == {"code": "decision", "name": "floor"}
    special = pytest.importorskip("scipy.special")
    assert recorded(lambda x: special.gammaln(x) * x, 1.5)[1] is not None


def test_where_a_replay_refuses_a_page_refuses():
    def f(x):
        return x * np.floor(x) if x > 1 else x

    made = ad.trace(f, 2.5)
    with pytest.raises(ad.AdvizError):
        made.replay(3.5)
    assert programs_of(made)[1] == {"code": "decision", "name": "floor"}


def test_many_constants_share_a_form():
    def f(x):
        for k in range(200):
            x = x / (k + 2) + 0.5
        return x

    document = ad.trace(f, 1.0).to_document()
    assert len(document["forms"]) == 2
    assert len(document["constants"]) == 201


def test_the_document_of_a_long_trace_is_small():
    def f(x, y):
        for k in range(3000):
            x = x * 0.999 + np.sin(y) / (k % 37 + 2)
            y = y + 0.001 * x * x
        return x, y

    made = ad.trace(f, 1.0, 2.0)
    written = json.dumps(made.to_document(), separators=(",", ":"))
    assert len(written) < 85 * len(made)
    page = made.to_html()
    assert len(page) < 90 * len(made) + 1_000_000  # the player itself is half of that
    assert "400 of 21,002 rows" in page
