"""Call groups: which calls have one, and its title."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import adviz as ad
from adviz.call_groups import every, folds, groups


def cube(x):
    return x * x * x


def scaled(layer, x):
    return layer["w"] * x + layer["b"]


def twice(params, x):
    return scaled(params["second"], scaled(params["first"], x))


def titles(f, *inputs):
    return [(g.title, g.depth, len(g)) for g in every(groups(ad.trace(f, *inputs)))]


def test_each_call_is_a_group_named_after_the_inputs_it_uses():
    params = {name: {"w": 2.0, "b": 1.0} for name in ("first", "second")}
    assert titles(lambda params, x: cube(twice(params, x)), params, 3.0) == [
        ("twice(params, x)", 0, 4),
        ("scaled(params['first'], x)", 1, 2),
        ("scaled(params['second'], v₂)", 1, 2),
        ("cube(v₄)", 0, 2),
    ]


def test_of_calls_that_only_call_others_the_others_are_folded():
    params = {name: {"w": 2.0, "b": 1.0} for name in ("first", "second")}
    made = ad.trace(lambda params, x: cube(twice(params, x)), params, 3.0)
    assert [g.title for g in folds(groups(made))] == [
        "scaled(params['first'], x)",
        "scaled(params['second'], v₂)",
        "cube(v₄)",
    ]


def test_a_call_that_says_nothing_new_has_no_group():
    assert titles(lambda x: cube(x), 2.0) == []  # all rows are its own
    assert titles(lambda x: np.sin(x) + square(x), 2.0) == []  # one row


def square(x):
    return x * x


def power(x, n):
    return square(x) if n == 0 else x * power(x, n - 1)


def test_a_function_that_calls_itself_has_one_group():
    assert titles(lambda x: power(x, 5) + 1, 1.1) == [("power(x)", 0, 6)]


def test_comprehensions_are_no_calls():
    assert titles(lambda x: sum([k * x + 1 for k in range(3)]) * 2, 1.1) == []


def rising(x):
    for k in range(1, 4):
        yield x * k + 1


def test_a_generator_goes_on_in_a_group_of_its_own():
    def total(x):
        found = 0
        for value in rising(x):
            found = found + value * value
        return found

    assert titles(total, 1.1) == [("rising(x)", 0, 2)] * 3


def test_many_inputs_are_not_all_named():
    names = [f"x{k}" for k in range(6)]
    f = eval(f"lambda {', '.join(names)}: 2 * total({', '.join(names)})", {"total": total})
    assert titles(f, *map(float, range(6))) == [("total(x0, x1, x2, x3, …)", 0, 5)]


def total(*numbers):
    found = numbers[0]
    for number in numbers[1:]:
        found = found + number
    return found


@pytest.mark.parametrize("count", [0, 1])
def test_a_function_without_operations_has_none(count):
    assert titles(lambda x: x if count else 1.0, 2.0) == []


def test_groups_of_a_long_trace_tile_its_calls():
    def many(x):
        for _ in range(2000):
            x = cube(x) * 0.5
        return x

    found = groups(ad.trace(many, 0.5))
    assert len(found) == 2000
    assert all(len(group) == 2 for group in found)
    assert all(a.stop + 1 == b.start for a, b in pairwise(found))
