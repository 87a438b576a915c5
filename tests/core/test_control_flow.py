"""Python's control flow: which rows and decisions are recorded, and in which call."""

import functools
import math
import threading

import numpy as np
import pytest

import adviz as ad


def factorial(x, n):
    if n == 0:
        return 1.0
    return x * factorial(x, n - 1)


def halve_or_triple(x):
    y = factorial(x, 3)
    for _ in range(2):
        y = y / 2 if y > 1 else y * 3
    return y


def square(x):
    return x * x


def with_helpers(x):
    a = square(x)
    b = a + 1
    c = square(b)
    return a + c


def operations(trace):
    return [row.op for row in trace.rows[trace.tape.input_count :]]


def calls_of_rows(trace):
    """Where each operation was made: the names of the calls from f inwards."""
    tape = trace.tape

    def path(call):
        return [*path(tape.places.call_parents[call]), call] if call >= 0 else []

    return [
        tuple(tape.places.call_codes[call].co_name for call in path(tape.places.call_of(row.slot)))
        for row in trace.rows[tape.input_count :]
    ]


def test_a_loop_is_unrolled():
    trace = ad.trace(lambda x: functools.reduce(lambda y, _: y * x, range(4), x), 2.0)
    assert operations(trace) == ["mul"] * 4
    assert trace.value == 32.0
    assert ad.grad(lambda x: x**5)(2.0) == ad.grad(trace.function)(2.0) == 80.0


def test_branches_taken_are_recorded_as_decisions():
    trace = ad.trace(halve_or_triple, 1.5)
    assert operations(trace) == ["mul"] * 3 + ["div"] * 2
    assert [(str(d), d.operator, d.outcome) for d in trace.decisions] == [
        ("v₃ > 1", ">", True),
        ("v₄ > 1", ">", True),
    ]
    first, second = trace.decisions
    assert (first.source.text, first.source.function) == ("y > 1", "halve_or_triple")
    assert first.row.label == "v₃"
    assert second.row.label == "v₄"
    assert first.operands == (trace.row(3), 1.0)
    other = ad.trace(halve_or_triple, 0.1)
    assert operations(other) == ["mul"] * 5
    assert [d.outcome for d in other.decisions] == [False, False]


def test_comparisons_give_the_bools_that_plain_numbers_give():
    seen = []

    def f(x, y):
        seen.extend([x < y, x <= y, x == y, x != y, x > y, x >= y, bool(x), np.isnan(x)])
        seen.extend([1 < x, 1 == x])  # noqa: SIM300
        seen.extend([np.less(x, 2), np.isfinite(x), np.isinf(y), x == None, x != "a"])  # noqa: E711
        return x

    f(1.0, 2.0)
    plain, seen = seen, []
    trace = ad.trace(f, 1.0, 2.0)
    assert [type(outcome) for outcome in seen] == [type(outcome) for outcome in plain]
    assert seen == plain
    of_two, of_one = [True, True, False, True, False, False], [True, False]
    assert seen == [*of_two, *of_one, False, True, True, True, False, False, True]
    assert [str(d) for d in trace.decisions] == [
        "v₋₁ < v₀",
        "v₋₁ <= v₀",
        "v₋₁ == v₀",
        "v₋₁ != v₀",
        "v₋₁ > v₀",
        "v₋₁ >= v₀",
        "v₋₁ != 0",
        "isnan(v₋₁)",
        "v₋₁ > 1",
        "v₋₁ == 1",
        "v₋₁ < 2",
        "isfinite(v₋₁)",
        "isinf(v₀)",
    ]


def test_the_opposite_of_what_numpy_asks_is_a_truth():
    def f(x):
        return x if ~np.isnan(x) else 0.0 * x  # of Python's own True it would be -2

    trace = ad.trace(f, np.nan)
    assert [str(d) for d in trace.decisions] == ["isnan(v₀)"]
    assert len(trace.rows) == 2
    assert ad.grad(f)(3.0) == 1.0
    assert ad.compile(ad.grad(f), 3.0)(2.0) == 1.0
    assert ad.trace(lambda x: np.nanmean(x), 2.0).value == 2.0


def test_pythons_min_max_and_sorted_decide_by_comparison():
    def f(x, y):
        low, high = sorted([x, y])
        return max(x, y) - min(x, y) + high * low

    assert ad.grad(f, (0, 1))(3.0, 2.0) == (3.0, 2.0)
    assert all(decision.source.function == "f" for decision in ad.trace(f, 3.0, 2.0).decisions)


class TestReplay:
    def test_the_same_branches_at_new_inputs(self):
        calls = []

        def f(x):
            calls.append(x)
            return halve_or_triple(x) + np.sin(x)

        trace = ad.trace(f, 1.5)
        replayed = trace.replay(1.6)
        assert len(calls) == 1
        assert type(replayed) is type(trace)
        assert replayed.value == halve_or_triple(1.6) + math.sin(1.6)
        assert replayed.rows[0].value == 1.6
        assert trace.rows[0].value == 1.5
        fresh = ad.trace(f, 1.6)
        assert [row.value for row in replayed.rows] == [row.value for row in fresh.rows]
        assert [s.adjoint for s in replayed.reverse()] == [s.adjoint for s in fresh.reverse()]
        assert [row.source for row in replayed.rows] == [row.source for row in trace.rows]

    def test_another_branch_is_refused_with_the_decision_and_its_line(self):
        trace = ad.trace(halve_or_triple, 1.5)
        with pytest.raises(ad.AdvizError) as caught:
            trace.replay(0.1)
        message = str(caught.value)
        assert "v₃ > 1 was True in the trace and is False here" in message
        assert "`y = y / 2 if y > 1 else y * 3`" in message
        assert "test_control_flow.py, line" in message
        assert "trace it there" in message
        assert caught.value.decision.source.text == "y > 1"

    def test_a_decision_after_the_last_row(self):
        def f(x):
            y = x * x
            return y if y > 4 else x

        trace = ad.trace(f, 3.0)
        assert trace.replay(4.0).value == 16.0
        with pytest.raises(ad.AdvizError, match="v₁ > 4 was True"):
            trace.replay(1.0)

    def test_a_decision_before_any_operation(self):
        trace = ad.trace(lambda x: -x if x < 0 else x, -3.0)
        assert trace.replay(-5.0).value == 5.0
        with pytest.raises(ad.AdvizError, match="v₀ < 0 was True"):
            trace.replay(5.0)

    def test_a_nan_that_was_not_there(self):
        trace = ad.trace(lambda x: x * 2 if not np.isnan(x) else 0.0, 1.0)
        with pytest.raises(ad.AdvizError, match=r"isnan\(v₀\) was False"):
            trace.replay(math.nan)

    def test_inputs_nested_in_another_way(self):
        trace = ad.trace(lambda p: p[0] * p[1], (2.0, 3.0))
        assert trace.replay((4.0, 5.0)).value == 20.0
        with pytest.raises(ad.AdvizError, match="2 inputs"):
            trace.replay(4.0, 5.0)


class TestCalls:
    def test_rows_know_the_call_they_were_made_in(self):
        trace = ad.trace(with_helpers, 2.0)
        f, helper = ("with_helpers",), ("with_helpers", "square")
        assert operations(trace) == ["mul", "add", "mul", "add"]
        assert calls_of_rows(trace) == [helper, f, helper, f]
        tape = trace.tape
        first, second = tape.places.call_of(1), tape.places.call_of(3)
        assert first != second
        # Where each was called from.
        texts = [
            tape.places.source_in(0, tape.places.call_instructions[call]).text
            for call in (first, second)
        ]
        assert texts == ["square(x)", "square(b)"]
        assert tape.places.call_of(0) is None

    def test_recursion(self):
        assert calls_of_rows(ad.trace(lambda x: factorial(x, 2), 2.0)) == [
            ("<lambda>", "factorial", "factorial"),
            ("<lambda>", "factorial"),
        ]
        trace = ad.trace(factorial, 2.0, 3.0)  # n is traced too: it has rows and decisions
        assert trace.value == 8.0
        depths = [len(path) for path in calls_of_rows(trace)]
        assert depths == [1, 2, 3, 3, 2, 1]  # n - 1 on the way down, x * ... on the way up

    def test_two_calls_of_one_helper_one_after_the_other_are_two(self):
        tape = ad.trace(lambda x: square(square(x)), 2.0).tape
        assert list(tape.places.call_parents) == [-1, 0, 0]
        assert tape.places.call_of(1) != tape.places.call_of(2)

    def test_a_generator_stays_one_call_however_often_it_is_resumed(self):
        def powers(x):
            power = x
            while True:
                power = power * x
                yield power

        def f(x):
            some = powers(x)
            return next(some) + next(some) + next(some)

        trace = ad.trace(f, 2.0)
        assert [code.co_name for code in trace.tape.places.call_codes] == ["f", "powers"]
        assert trace.value == 4 + 8 + 16

    def test_a_generator_expression_summed(self):
        trace = ad.trace(lambda *xs: sum(x * x for x in xs), 1.0, 2.0, 3.0)
        assert len(trace.tape.places.call_codes) == 2
        assert ad.grad(trace.function, (0, 1, 2))(1.0, 2.0, 3.0) == (2.0, 4.0, 6.0)

    def test_a_trace_inside_a_traced_function_is_not_a_call_of_the_user(self):
        def f(x):
            return x * ad.grad(square)(x)

        names = {code.co_name for code in ad.trace(f, 3.0).tape.places.call_codes}
        assert names == {"f", "square"}


class Model:
    def __init__(self, weight):
        self.weight = weight

    def __call__(self, x):
        return self.weight * x

    def loss(self, x):
        return self(x) ** 2

    @classmethod
    def fixed(cls, x):
        return cls(2.0)(x)


def decorated(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs) + 1

    return wrapper


@decorated
def cube(x, power=3):
    return x**power


@functools.lru_cache
def fibonacci(x, n):
    return n * x if n < 2 else fibonacci(x, n - 1) + fibonacci(x, n - 2)


class TestKindsOfFunction:
    def test_methods_and_callable_objects(self):
        assert ad.grad(Model(3.0).loss)(2.0) == 36.0
        assert ad.grad(Model(3.0))(2.0) == 3.0
        assert ad.grad(Model.fixed)(2.0) == 2.0
        assert ad.trace(Model(3.0), 2.0).function_name == "Model"
        assert ad.trace(Model(3.0).loss, 2.0).input_names == ("x",)

    def test_decorated_and_partial_functions_and_keywords(self):
        assert ad.grad(cube)(2.0) == 12.0
        assert ad.grad(cube)(2.0, power=2) == 4.0
        squared = functools.partial(cube, power=2)
        assert ad.grad(squared)(3.0) == 6.0
        assert ad.trace(squared, 3.0).function_name == "cube"
        assert ad.grad(functools.partial(lambda a, x: a * x, 5.0))(3.0) == 5.0

    def test_lambdas_are_called_f(self):
        trace = ad.trace(lambda x: x, 3.0)
        assert trace.function_name == "f"
        assert trace.output_names == ("y",)

    def test_a_numpy_function_itself(self):
        assert ad.grad(np.sin)(0.0) == 1.0
        assert ad.grad(np.multiply, (0, 1))(2.0, 3.0) == (3.0, 2.0)

    def test_comprehensions_closures_and_star_arguments(self):
        scale = 2.0

        def f(*xs):
            return sum([scale * x for x in xs]) + max({x * 1 for x in xs}, key=lambda x: x)

        assert ad.grad(f, (0, 1))(1.0, 5.0) == (2.0, 3.0)
        assert ad.trace(f, 1.0, 5.0).input_names == ("xs[0]", "xs[1]")

    def test_recursion_behind_a_cache(self):
        assert ad.grad(lambda x: fibonacci(x, 10))(1.0) == 55.0
        assert ad.grad(lambda x: fibonacci(x, 10))(2.0) == 55.0
        trace = ad.trace(lambda x: fibonacci(x, 10), 1.0)
        assert [row.op for row in trace.rows] == ["input", "mul", "mul"] + ["add"] * 9

    def test_a_cache_that_keeps_a_number_of_an_earlier_call(self):
        cache = {}

        def f(x):
            return cache.setdefault("y", x * x) + x

        assert ad.grad(f)(2.0) == 5.0
        with pytest.raises(ad.AdvizError) as caught:
            ad.grad(f)(2.0)
        message = str(caught.value)
        assert 'return cache.setdefault("y", x * x) + x' in message
        assert "Return it from the function" in message


class TestExceptions:
    def test_an_exception_of_the_user_comes_out_as_it_is_and_leaves_nothing_behind(self):
        kept = []

        def f(x):
            kept.append(x * 2)
            raise KeyError("mine")

        for derivative in (ad.grad(f), lambda x: ad.trace(f, x), lambda x: ad.vjp(f, x)):
            with pytest.raises(KeyError, match="mine"):
                derivative(1.0)
        assert ad.grad(lambda x: x * x)(3.0) == 6.0
        for number in kept:
            with pytest.raises(ad.AdvizError, match="after the call that recorded it had ended"):
                number + 1
            assert str(number) == "2.0"

    def test_an_exception_that_the_function_catches_itself(self):
        def f(x):
            try:
                y = x * x
                raise ValueError
            except ValueError:
                return y + x

        assert ad.grad(f)(3.0) == 7.0

    def test_numpys_error_state_is_as_it_was(self):
        before = np.geterr()
        assert math.isinf(ad.trace(lambda x: 1 / x, 0.0).value)
        assert np.geterr() == before
        trace = ad.trace(lambda x: np.log(x), -1.0)
        steps = trace.reverse()
        next(steps)
        assert np.geterr() == before


def test_threads_differentiate_side_by_side():
    def f(x):
        for _ in range(2000):
            x = np.sin(x) * 1.5
        return x

    alone = [ad.grad(f)(k / 8) for k in range(8)]
    together = [None] * 8
    barrier = threading.Barrier(8)

    def work(k):
        barrier.wait()
        together[k] = ad.grad(f)(k / 8)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_a_thread_of_the_users_own_inside_the_function():
    def f(x):
        made = []
        thread = threading.Thread(target=lambda: made.append(x * x))
        thread.start()
        thread.join()
        return made[0] + x

    trace = ad.trace(f, 3.0)
    assert trace.value == 12.0
    assert ad.grad(f)(3.0) == 7.0
    assert trace.rows[1].source.text == "x * x"
