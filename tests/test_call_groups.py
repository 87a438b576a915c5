"""Groups: which calls and which passes of loops have one, and its title."""

from __future__ import annotations

import functools
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


def unnamed(function):
    def wrapper(*args):
        return function(*args)

    return wrapper


@unnamed
def wrapped_cube(x):
    return x * x * x


@functools.wraps(wrapped_cube)
def passed_on(*args):
    return wrapped_cube(*args)


def test_a_decorated_function_is_called_what_its_user_calls_it():
    trace = ad.trace(wrapped_cube, 2.0)
    assert (trace.function_name, trace.input_names) == ("wrapped_cube", ("x",))
    assert titles(lambda a, b: wrapped_cube(a) + passed_on(b), 2.0, 3.0) == [
        ("wrapped_cube(a)", 0, 2),
        ("wrapped_cube(b)", 0, 2),
    ]
    # What is kept under another name is no decoration.
    assert ad.trace(unnamed(cube), 2.0).function_name == "wrapper"


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


def test_a_function_that_calls_itself_has_a_group_for_each_call():
    assert titles(lambda x: power(x, 4) + 1, 1.1) == [
        (f"power(x, n={n})", 4 - n, n + 1) for n in (4, 3, 2, 1)
    ]


def fibonacci(n, x):
    return x if n < 2 else fibonacci(n - 1, x) + fibonacci(n - 2, x)


def test_the_calls_of_a_branching_recursion_lie_in_each_other():
    # Two operands are added once for each call that is no leaf.
    rows = {0: 0, 1: 0}
    for n in range(2, 6):
        rows[n] = rows[n - 1] + rows[n - 2] + 1

    def expected(n, depth):
        own = [(f"fibonacci(x, n={n})", depth, rows[n])] if rows[n] > 1 else []
        return own + (expected(n - 1, depth + 1) + expected(n - 2, depth + 1) if n > 1 else [])

    found = titles(lambda x: fibonacci(5, x) * 2, 1.1)
    assert found == expected(5, 0)


def is_even(n, x):
    return x if n == 0 else x * is_odd(n - 1, x)


def is_odd(n, x):
    return x if n == 0 else x + is_even(n - 1, x)


def test_functions_that_call_each_other():
    assert [title for title, _, _ in titles(lambda x: is_even(4, x) + 1, 1.1)] == [
        "is_even(x, n=4)",
        "is_odd(x, n=3)",
        "is_even(x, n=2)",
    ]


def test_a_very_deep_recursion_is_told_apart_to_a_depth_that_can_be_read():
    made = ad.trace(lambda x: power(x, 800) + 1, 1.0001)
    found = list(every(groups(made)))
    assert found[0].title == "power(x, n=800)"
    assert len(found) < 100
    assert len(made.play().document["groups"]) == len(found)


def test_comprehensions_are_no_calls():
    assert titles(lambda x: sum([k * x + 1 for k in range(3)]) * 2, 1.1) == [
        (f"k = {k}, pass {k + 1} of 3", 0, 2) for k in range(3)
    ]


def fast_power(x, n):
    result = 1
    while n > 0:
        if n % 2 == 1:
            result = result * x
        x = x * x
        n = n // 2
    return result


def scale(x, by=2.5, how="a very long description", times=3):
    return x * by * times + len(how)


def test_a_call_is_named_with_the_plain_values_that_it_was_given():
    assert titles(lambda x: scale(x) + 1, 1.1)[0][0] == (
        "scale(x, by=2.5, how='a very long …', times=3)"
    )
    # Of a parameter that is assigned to, what the call says: a constant, or arithmetic of such.
    assert titles(lambda x: fast_power(x, 13) + 1, 1.1)[0] == ("fast_power(x, n=13)", 0, 7)

    def halved(x):
        m = 26
        return fast_power(x, n=m // 2) + 1

    assert titles(halved, 1.1)[0][0] == "fast_power(x, n=13)"
    many = [13]
    assert titles(lambda x: fast_power(x, many[0]) + 1, 1.1)[0][0] == "fast_power(x)"


def test_a_lambda_is_called_what_it_is_assigned_to():
    g = lambda x: x * x + 1  # noqa: E731
    assert titles(lambda x: g(x) + g(2 * x), 1.1)[0][0] == "g(x)"
    assert ad.trace(g, 1.1).function_name == "g"
    assert ad.trace(lambda x: x * x, 1.1).function_name == "f"


def passes(f, *inputs):
    """Return the titles of the passes of a function, a list for each depth of nesting."""
    return [g.title for g in every(groups(ad.trace(f, *inputs))) if g.run is not None]


def test_passes_are_named_by_the_variable_of_the_loop():
    def logistic(x):
        for k in range(5):  # noqa: B007 - a reader's loop
            x = 3.5 * x * (1 - x)
        return x

    assert titles(logistic, 0.3) == [(f"k = {k}, pass {k + 1} of 5", 0, 3) for k in range(5)]


def test_passes_of_nested_loops_lie_in_each_other():
    def nested(x):
        for i in range(3):
            for j in range(2, 6, 2):
                x = x * i + j
        return x

    expected = []
    for i in range(3):
        expected.append((f"i = {i}, pass {i + 1} of 3", 0, 4))
        expected += [(f"j = {j}, pass {j // 2} of 2", 1, 2) for j in (2, 4)]
    assert titles(nested, 1.1) == expected


def test_a_nested_loop_with_calls_between():
    def nested(x):
        for i in range(3):
            for j in range(2):
                x = x * j
                x = cube(x)
            x = x + i
        return x

    found = passes(nested, 0.9)
    assert [t for t in found if t[0] == "i"] == [f"i = {i}, pass {i + 1} of 3" for i in range(3)]
    assert [t for t in found if t[0] == "j"] == ["j = 0, pass 1 of 2", "j = 1, pass 2 of 2"] * 3


@pytest.mark.parametrize("stop", [4, 7])
def test_passes_that_make_no_rows_are_counted_where_a_range_tells(stop):
    def odd(x):
        for k in range(stop):
            if k % 2:
                x = x * x * k
        return x

    numbers = [k for k in range(stop) if k % 2]
    expected = [f"k = {k}, pass {k + 1} of {numbers[-1] + 1}" for k in numbers]
    assert passes(odd, 1.1) == expected


def test_loops_over_other_things():
    def over(items, names):
        scope = {"items": items}
        exec(  # the source of code made in this way is not known
            f"def f(x):\n    for {names} in items:\n        x = x * 2 + 1\n    return x", scope
        )
        return scope["f"]

    assert passes(over([1.5, 2.5], "w"), 1.1) == []

    def items(x):
        for w in [0.5, 0.25]:
            x = x * w + 1
        for i, name in enumerate("ab", start=1):
            x = x * i + len(name)
        for w, b in zip([0.1, 0.2], (True, False), strict=True):
            x = x * w + b
        for c in reversed([1.0, 2.0]):
            x = x * c + c
        return x

    found = passes(items, 1.1)
    assert found[:2] == ["w = 0.5, pass 1 of 2", "w = 0.25, pass 2 of 2"]
    assert found[2:4] == ["i = 1, pass 1 of 2", "i = 2, pass 2 of 2"]
    assert found[4:6] == ["pass 1 of 2", "w = 0.2, b = False, pass 2 of 2"]
    assert found[6:] == ["pass 1 of 2", "c = 1, pass 2 of 2"]


def test_a_while_loop_counts_its_passes_and_not_its_last_condition():
    def halve(x):
        while x * x > 2:
            x = x / 2
        return x

    made = ad.trace(halve, 9.0)
    count = sum(row.op == "div" for row in made.rows)
    found = groups(made)
    assert [g.title for g in found] == [f"pass {n + 1} of {count}" for n in range(count)]
    assert all(len(group) == 2 for group in found)
    assert made.rows[-1].op == "mul"
    assert found[-1].stop == len(made) - 1


def test_where_the_passes_of_a_loop_are_not_known_it_has_no_groups():
    def plain(x):
        i = 0
        while i < 3:
            j = 0
            while j < 2:
                x = x * 2 + 1
                j += 1
            i += 1
        return x

    assert passes(plain, 1.1) == []


def test_break_continue_and_else():
    def searched(x):
        for k in range(100):
            if k == 1:
                continue
            x = x / 2 + 1
            if x < 2.2:
                break
        else:
            x = x * 1000
        return x * 3

    made = ad.trace(searched, 9.0)
    used = [k for k in range(100) if k != 1][: sum(row.op == "div" for row in made.rows)]
    expected = [f"k = {k}, pass {k + 1} of {used[-1] + 1}" for k in used]
    assert [g.title for g in groups(made)] == expected


@pytest.mark.parametrize("begin", [1.1, 8.0])
def test_a_loop_around_a_branch_on_the_numbers(begin):
    def branching(x):
        for k in range(6):  # noqa: B007
            if x > 1:  # noqa: SIM108 - a branch that is a statement
                x = x / 2
            else:
                x = 3 * x + 1
        return x

    assert passes(branching, begin) == [f"k = {k}, pass {k + 1} of 6" for k in range(6)]


def test_a_loop_around_a_branch_on_the_variable():
    def branching(x):
        for k in range(5):
            if k % 2:  # noqa: SIM108
                x = x * 2
            else:
                x = 3 * x + 1
        return x

    assert passes(branching, 1.1) == [f"k = {k}, pass {k + 1} of 5" for k in range(5)]


def test_one_operation_that_makes_several_rows_is_one_pass():
    def sums(x):
        for k in range(3):
            x = sum([x, x * k, x])
        return x

    assert titles(sums, 1.1) == [(f"k = {k}, pass {k + 1} of 3", 0, 4) for k in range(3)]


def test_one_row_a_pass():
    def sines(x):
        for _ in range(4):
            x = np.sin(x)
        return x

    assert titles(sines, 1.1) == [(f"pass {k} of 4", 0, 1) for k in (1, 2, 3, 4)]


def test_a_loop_over_an_array_and_one_over_a_generator():
    def squares(x):
        found = 0.0
        for entry in x:
            found = found + entry * entry
        return found

    assert titles(squares, np.ones(3)) == [(f"pass {k} of 3", 0, 3) for k in (1, 2, 3)]

    def total(x):
        found = 0
        for value in rising(x):
            found = found + value * value
        return found

    made = ad.trace(total, 1.1)
    assert [g.title for g in groups(made)] == [f"pass {k} of 3" for k in (1, 2, 3)]
    assert sum(map(len, groups(made))) == len(made) - 1


def test_a_variable_that_the_body_assigns_to_is_not_named():
    def shifted(x):
        for k in range(3):
            k = 2 * k
            x = x * k + 1
        return x

    assert passes(shifted, 1.1) == [f"pass {k} of 3" for k in (1, 2, 3)]


def test_an_exception_handled_in_a_loop():
    def tried(x):
        for k in range(4):
            try:
                x = x * 2
                if k % 2:
                    raise ValueError
                x = x + 1
            except ValueError:
                x = x - 1
            x = x * 0.5
        return x

    assert titles(tried, 1.1) == [(f"k = {k}, pass {k + 1} of 4", 0, 3) for k in range(4)]


def rising(x):
    for k in range(1, 4):
        yield x * k + 1


def test_a_generator_goes_on_in_a_group_of_its_own():
    def total(x):
        found = 0
        for value in rising(x):
            found = found + value * value
        return found

    calls = [g.title for g in groups(ad.trace(total, 1.1), passes=False)]
    assert calls == ["rising(x)"] * 3


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

    found = groups(ad.trace(many, 0.5), passes=False)
    assert len(found) == 2000
    assert all(len(group) == 2 for group in found)
    assert all(a.stop + 1 == b.start for a, b in pairwise(found))


@pytest.mark.parametrize("nested", [False, True])
def test_all_passes_of_a_long_loop_are_known(nested):
    def long(x):
        for k in range(3000):
            x = 0.5 * x + k
        return x

    def square_grid(x):
        for i in range(50):
            for j in range(60):
                x = 0.5 * x + j * i
        return x

    found = passes(square_grid if nested else long, 0.5)
    if nested:
        inner = [title for title in found if title[0] == "j"]
        assert inner == [f"j = {j}, pass {j + 1} of 60" for j in range(60)] * 50
        assert len(found) == len(inner) + 50
    else:
        assert found == [f"k = {k}, pass {k + 1} of 3000" for k in range(3000)]
