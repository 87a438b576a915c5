"""ad.compile: the numbers of f and of grad to the last bit, on every branch, or no program."""

import inspect
import itertools
import math
import operator
import random
import sys
from collections import OrderedDict, namedtuple
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adviz as ad
from adviz.host.errors import (
    BranchChangedError,
    InputError,
    OutputError,
    UnsupportedOperationError,
)
from adviz.host.nests import leaves
from tests.rules.test_arrays import drawn, every_case


def assert_identical(found, expected):
    """Nested alike, of the same types, and equal to the last bit."""
    found, expected = list(leaves(found)), list(leaves(expected))
    assert [path for path, _ in found] == [path for path, _ in expected]
    for (path, a), (_, b) in zip(found, expected, strict=True):
        assert type(a) is type(b), path
        assert getattr(a, "dtype", None) == getattr(b, "dtype", None), path
        np.testing.assert_array_equal(a, b, err_msg=path)


def assert_compiled_as_traced(f, examples, *elsewhere, argnums=0):
    fast = ad.compile(f, *examples, argnums=argnums)
    traced = ad.value_and_grad(f, argnums)
    for inputs in (examples, *elsewhere, examples):
        assert_identical(fast(*inputs), traced(*inputs)[0])
        assert_identical(fast.grad(*inputs), traced(*inputs)[1])
        assert_identical(fast.value_and_grad(*inputs), traced(*inputs))
    return fast


@every_case
def test_every_function_of_arrays_is_compiled_as_it_is_traced(case):
    def f(*inputs):
        return np.sum(np.cos(case.call(*inputs)) + case.call(*inputs) * 0.5)

    argnums = tuple(range(len(case.shapes)))
    assert_compiled_as_traced(f, drawn(case), drawn(case, 1), drawn(case, 2), argnums=argnums)


def test_a_function_named_like_an_operation_of_its_own():
    def det(a):
        return np.linalg.det(a) * 2.0

    matrices = np.array([[2.0, 1.0], [1.0, 3.0]]), np.eye(2)
    fast = assert_compiled_as_traced(det, matrices[:1], matrices[1:])
    assert "det_2(a)" in fast.source


STEPS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "power": lambda a, b: (a * a + 0.1) ** b,
    "scaled": lambda a: 3 * a - 0.5,
    "negated": operator.neg,
    "absolute": abs,
    "cubed": lambda a: a**3,
    "sin": np.sin,
    "exp": lambda a: np.exp(np.sin(a)),
    "maximum": np.maximum,
    "hypot": np.hypot,
    "relu": ad.relu,
    "the larger": lambda a, b: a if a > b else b,
    "if it is above": lambda a: a * 2 if a >= 0.25 else -a,
    "unless": lambda a, b: a + 1 if a else b,
}


def program_of(seed, length):
    """A random program: steps on what was computed before, on branches too."""
    rng = random.Random(seed)
    steps = []
    for k in range(length):
        step = STEPS[rng.choice(list(STEPS))]
        arity = (
            len(inspect.signature(step).parameters)
            if not isinstance(step, np.ufunc)
            else (step.nin)
        )
        steps.append((step, [rng.randrange(k + 3) for _ in range(arity)]))

    def f(x, y, z):
        numbers = [x, y, z]
        for step, places in steps:
            numbers.append(np.tanh(step(*(numbers[place] for place in places))))
        return numbers[-1] + numbers[len(numbers) // 2]

    return f


@pytest.mark.slow
@given(st.integers(0, 10**9), st.integers(1, 25), st.integers(0, 10**9))
@settings(max_examples=settings().max_examples * 3 // 5, deadline=None)
def test_random_programs_are_compiled_as_they_are_traced(seed, length, where):
    rng = random.Random(where)
    points = [tuple(rng.choice([rng.gauss(0, 1), 0.0, 1.0]) for _ in range(3)) for _ in range(5)]
    f = program_of(seed, length)
    assert_compiled_as_traced(f, *points, argnums=(0, 1, 2))


def newton(a, b):
    x = a
    for _ in range(150):
        x = 0.5 * (x + a / x) + b * 1e-3 - x / (b + 2.0)
    return x


def oscillator(x, v, k, m):
    for _ in range(120):
        a = -k * x / m
        x1, v1 = x + 0.05 * v, v + 0.05 * a
        x, v = x + 0.1 * v1, v - 0.1 * (k * x1 / m)
    return x * x + v * v * m


def bouncing(x, v):
    for k in range(200):
        x, v = x + 0.01 * v, v - 0.1 * x * x
        if x < 0 and k > 150:  # deep inside what the functions hold between them
            x, v = -x, -0.9 * v
    return x * v


def every_step_kept(x, y):
    steps = [x]
    for _ in range(200):
        steps.append(np.sin(steps[-1]) * y + steps[0] / (1.5 + y))
    total = 0.0
    for step in steps:
        total = total + step * step
    return total - steps[100] ** 3


@pytest.mark.slow
class TestLongPrograms:
    """Their lines are shared out among functions, each of which calls the next in its middle."""

    @pytest.mark.parametrize(
        ("f", "points"),
        [
            (newton, [(2.0, 0.5), (0.0, 0.5), (3.0, -0.1)]),  # where 0/0 is no number
            (oscillator, [(1.0, 0.2, 2.0, 1.5), (0.3, 0.0, 5.0, 0.7)]),
            (bouncing, [(1.0, 0.5), (-0.3, -1.0), (0.4, 0.1), (0.9, 1e308)]),
            (every_step_kept, [(0.3, 0.9), (1.3, -0.2)]),
        ],
    )
    def test_they_give_what_the_trace_gives(self, f, points):
        argnums = tuple(range(len(points[0])))
        fast = assert_compiled_as_traced(f, *points, argnums=argnums)
        fast.grad(*points[0])
        assert f"def {f.__name__}_gradient_2(" in fast.gradient_source
        assert f"def {f.__name__}_2(" not in fast.source  # one function: nothing is kept for later

    def test_no_function_has_more_names_than_python_reaches_by_one_instruction(self):
        fast = ad.compile(oscillator, 1.0, 0.2, 2.0, 1.5, argnums=(0, 1, 2, 3))
        fast.grad(1.0, 0.2, 2.0, 1.5)
        (program,) = [
            p for key, made in fast._programs.items() if key[0] == "gradient" for p in made
        ]
        scope = program.run.generator.__globals__
        functions = [g for g in scope.values() if inspect.isgeneratorfunction(g)]
        assert len(functions) > 1
        assert max(g.__code__.co_nlocals for g in functions) <= 256

    def test_it_is_the_length_of_the_function_that_counts(self):
        def f(x):  # whose gradient takes more than 20,000 operations
            for _ in range(2500):
                x = 0.999 * x * (1.0 + 0.001 * x)
            return x

        fast = ad.compile(f)
        assert_identical(fast.grad(0.4), ad.grad(f)(0.4))
        assert "1 program" in repr(fast)

    def test_threads_do_not_disturb_one_another(self):
        fast = ad.compile(newton, 2.0, 0.5)
        points = [2.0 + 0.01 * k for k in range(40)]
        expected = [fast.grad(a, 0.5) for a in points]
        interval = sys.getswitchinterval()
        try:
            sys.setswitchinterval(1e-6)
            with ThreadPoolExecutor(8) as pool:
                runs = [pool.submit(lambda: [fast.grad(a, 0.5) for a in points]) for _ in range(16)]
        finally:
            sys.setswitchinterval(interval)
        assert all(run.result() == expected for run in runs)

    def test_near_the_end_of_the_stack_they_are_traced_instead(self):
        fast = ad.compile(newton, 2.0, 0.5)
        expected = fast.grad(2.0, 0.5)
        depth = len(inspect.stack(0))

        def deeper(levels):
            return deeper(levels - 1) if levels else fast.grad(2.0, 0.5)

        limit = sys.getrecursionlimit()
        try:
            sys.setrecursionlimit(depth + 60)
            found = [deeper(levels) for levels in range(30)]
        finally:
            sys.setrecursionlimit(limit)
        assert set(found) == {expected}

    def test_lists_of_many_numbers(self):
        def f(a, b):
            return sum(x * y for x, y in zip(a, b, strict=True))

        a, b = [0.1 * k for k in range(300)], [1.0 / (k + 1) for k in range(300)]
        fast = assert_compiled_as_traced(f, (a, b), (b, a), argnums=(0, 1))
        assert_identical(fast.grad([2, 3.0], [4.0, 5.0]), ([4.0, 5.0], [2.0, 3.0]))
        assert_identical(fast.grad([2.0, 3.0], [4.0, 5.0]), ([4.0, 5.0], [2.0, 3.0]))


class TestBranches:
    def test_a_branch_taken_otherwise_gets_a_program_of_its_own(self):
        calls = []

        def f(x):
            calls.append(1)
            return x * x if x > 0 else -3.0 * x

        fast = ad.compile(f, 2.0)
        assert [fast(x) for x in (3.0, -1.0, 4.0, -5.0)] == [9.0, 3.0, 16.0, 15.0]
        assert [fast.grad(x) for x in (3.0, -1.0, 4.0, -5.0)] == [6.0, -3.0, 8.0, -3.0]
        assert len(calls) == 4  # two branches, of the value and of the gradient

    def test_nan_takes_the_branch_that_it_takes_in_python(self):
        fast = ad.compile(lambda x: 1.0 * x if x < 1 else 2.0 * x, 0.5)
        assert math.isnan(fast(math.nan))
        assert fast.grad(math.nan) == 2.0

    def test_loops_that_go_on_until_a_tolerance_is_reached(self):
        def root(a):
            x = a
            while abs(x * x - a) > 1e-12:
                x = 0.5 * (x + a / x)
            return x

        fast = ad.compile(root, 2.0)
        for a in (2.0, 3.0, 100.0, 2.5, 2.0):
            assert fast(a) == root(a)
            assert_identical(fast.grad(a), ad.grad(root)(a))

    def test_arrays_whose_comparisons_and_orders_change(self):
        def f(x):
            return np.sum(np.where(x > 0, x * x, 2 * x)) + np.sort(x)[0] + x[np.argmax(x)] ** 2

        rng = np.random.default_rng(0)
        points = [(rng.normal(size=6),) for _ in range(6)]
        assert_compiled_as_traced(f, *points)

    def test_ties_are_shared_as_they_fall(self):
        def f(x):
            return np.max(x * x) + np.sum(np.min(x, axis=0))

        points = [(np.array(p),) for p in ([[1.0, 2.0], [2.0, 0.0]], [[3.0, 3.0], [3.0, 3.0]])]
        assert_compiled_as_traced(f, *points)

    def test_programs_stop_being_made_where_every_call_is_another_branch(self):
        calls = []

        def f(x):
            calls.append(1)
            total = 0.0
            while total < x:
                total = total + 1.0
            return total * x

        fast = ad.compile(f)
        for k in range(60):
            assert fast.grad(k + 0.5) == k + 1.0
        assert len(calls) == 60
        assert "32 programs" in repr(fast)


class TestArguments:
    def test_nests_come_back_nested(self):
        Pair = namedtuple("Pair", "w b")

        def f(model, scale=1.0):
            return np.sum(model["layer"].w * model["rest"][0]) * scale + model["layer"].b

        model = {"layer": Pair(np.arange(3.0), 2.0), "rest": [np.ones(3)]}
        other = {"layer": Pair(np.ones(3), 5.0), "rest": [np.arange(3.0)]}
        fast = assert_compiled_as_traced(f, (model,), (other,))
        assert type(fast.grad(other)["layer"]) is Pair
        assert fast(other, scale=2.0) == f(other, scale=2.0)
        assert fast.grad(other, scale=3.0)["layer"].w.tolist() == [0.0, 3.0, 6.0]

    def test_dataclasses_and_dicts_of_other_kinds(self):
        @dataclass
        class Layer:
            w: np.ndarray
            b: float
            kind: str = field(default="tanh", metadata={"static": True})

        def f(layer, rest):
            z = layer.w * layer.b + rest["c"]
            return np.sum(np.tanh(z) if layer.kind == "tanh" else z * z)

        rest = OrderedDict(c=0.5)
        fast = ad.compile(f, Layer(np.ones(2), 2.0), rest)
        for kind in ("tanh", "square"):
            layer = Layer(np.arange(2.0), 3.0, kind)
            slope, expected = fast.grad(layer, rest), ad.grad(f)(layer, rest)
            assert_identical((slope.w, slope.b), (expected.w, expected.b))
            assert (type(slope), slope.kind) == (Layer, kind)
        assert "3 programs" in repr(fast)
        both = ad.compile(lambda rest: OrderedDict(y=rest["c"] * 2.0), rest)(rest)
        assert (type(both), both["y"]) == (OrderedDict, 1.0)

    def test_a_function_may_return_a_nest(self):
        fast = ad.compile(lambda x: {"both": (x, 2 * x), "one": [x * x]}, 3.0)
        assert fast(4.0) == {"both": (4.0, 8.0), "one": [16.0]}

    def test_data_are_arguments_that_change_from_call_to_call(self):
        def loss(w, x, y):
            return np.mean((x @ w - y) ** 2)

        rng = np.random.default_rng(1)
        calls = [(rng.normal(size=3), rng.normal(size=(5, 3)), rng.normal(size=5)) for _ in "abc"]
        fast = assert_compiled_as_traced(loss, *calls)
        assert "3 programs" in repr(fast)

    @pytest.mark.parametrize(
        "seen", [lambda a: a[::2, ::3], lambda a: a.T[:17], np.flipud], ids=itertools.count()
    )
    def test_arrays_with_gaps_in_memory_change_no_bit(self, seen):
        rng = np.random.default_rng(5)
        w, x = seen(rng.normal(size=(60, 51))), rng.normal(size=(40, 60))

        def f(w, x):
            return np.sum(np.tanh(x[:, : len(w)] @ w) ** 2) + np.sum((w.T @ w) ** 2)

        assert_identical(ad.compile(f).grad(w, x), ad.grad(f)(w, x))

    def test_what_is_no_float_is_part_of_the_code(self):
        def f(x, n, kind, places):
            return np.sum(x[places] ** n) if kind == "power" else np.sum(np.cos(x[places]))

        x, places = np.arange(4.0), np.array([0, 2])
        fast = ad.compile(f, x, 2, "power", places)
        for n in (2, 3):
            for kind in ("power", "cosine"):
                for at in (places, places + 1):
                    assert fast(x, n, kind, at) == f(x, n, kind, at)
        assert fast.grad(x, 3, "power", places).tolist() == [0.0, 0.0, 12.0, 0.0]

    def test_an_int_to_differentiate_at_is_a_float(self):
        fast = ad.compile(lambda x: x * x, 3)
        assert (fast(4), fast.grad(4), fast.grad(5.0)) == (16.0, 8.0, 10.0)
        assert "2 programs" in repr(fast)

    def test_other_shapes_and_types_are_recorded_afresh(self):
        def f(x):
            return np.sum(np.tanh(x * 2.0 + 1) ** 2) / x.size

        draw = np.random.default_rng(2).normal
        single = draw(size=(2, 2)).astype(np.float32)
        fast = assert_compiled_as_traced(f, (draw(size=3),), (draw(size=(4, 2)),), (single,))
        assert fast.grad(single).dtype == np.float32

    def test_an_object_that_may_change_is_never_taken_for_the_same(self):
        class Model:
            scale = 2.0

        model = Model()
        fast = ad.compile(lambda x, m: x * m.scale, 1.0, model)
        assert fast(3.0, model) == 6.0
        model.scale = 5.0
        assert fast(3.0, model) == 15.0
        assert fast.grad(3.0, model) == 5.0

    def test_aux_is_returned_beside(self):
        def f(x):
            y = np.sin(x)
            return np.sum(y * x), {"y": y, "name": "sines", "size": x.size}

        x = np.arange(3.0)
        fast = ad.compile(f, x, has_aux=True)
        (value, aux), gradient = fast.value_and_grad(x + 1)
        (traced_value, traced_aux), traced_gradient = ad.value_and_grad(f, has_aux=True)(x + 1)
        assert_identical((value, gradient), (traced_value, traced_gradient))
        assert (aux["name"], aux["size"]) == ("sines", 3)
        np.testing.assert_array_equal(aux["y"], traced_aux["y"])
        gradient, aux = fast.grad(x)
        np.testing.assert_array_equal(aux["y"], np.sin(x))
        np.testing.assert_array_equal(fast(x)[1]["y"], np.sin(x))

    def test_arguments_without_any_float_are_passed_to_f(self):
        assert ad.compile(lambda name: len(name), argnums=())("abc") == 3

    def test_it_decorates(self):
        @ad.compile
        def square(x):
            """Return the square."""
            return x * x

        assert square.__name__ == "square"
        assert square.__doc__ == "Return the square."
        assert square(3.0) == 9.0
        assert square.grad(3.0) == 6.0


class TestMemory:
    def test_what_it_returns_may_be_written_into(self):
        c = np.ones(3)
        fast = ad.compile(lambda x: (x, x.reshape(1, 3), np.sum(x * c), c), np.zeros(3))
        x = np.arange(3.0)
        for _ in range(2):
            same, row, total, constant = fast(x)
            assert (same.tolist(), row.tolist(), total) == ([0, 1, 2], [[0, 1, 2]], 3.0)
            assert constant.tolist() == [1, 1, 1]
            same += 7
            row += 7
            constant += 7
        assert x.tolist() == [0, 1, 2]
        linear = ad.compile(lambda x: np.sum(x * c), x)
        for _ in range(2):
            slope = linear.grad(x)
            assert slope.tolist() == [1, 1, 1]
            slope += 7

    def test_an_array_written_into_afterwards_changes_no_program(self):
        c, x = np.ones(3), np.arange(3.0)
        fast = ad.compile(lambda x: np.sum(x * c), x)
        assert fast(x) == 3.0
        c[:] = 100.0
        x[:] = 1.0
        assert fast(x) == 3.0  # c as it was; x as it is
        fast.clear_cache()
        assert fast(x) == 300.0

    def test_no_array_of_the_data_is_there_twice(self):
        data = np.random.default_rng(0).normal(size=(50, 20))

        def loss(w):
            return np.sum(np.tanh(data @ w) ** 2)

        fast = ad.compile(loss, np.ones(20))
        fast.grad(np.ones(20))
        (program,) = [
            p for key, made in fast._programs.items() if key[0] == "gradient" for p in made
        ]
        arrays = [a for a in program.run.__globals__.values() if isinstance(a, np.ndarray)]
        owners = {id(a if a.base is None else a.base) for a in arrays}
        assert len(arrays) == 2  # the data, and their transpose: a view
        assert len(owners) == 1


class TestInsideOtherDerivatives:
    def test_a_compiled_function_is_differentiated_as_the_function(self):
        def f(x):
            return np.sin(x) * x

        fast = ad.compile(f, 1.0)
        assert ad.grad(fast)(2.0) == ad.grad(f)(2.0)
        assert ad.grad(ad.grad(fast))(2.0) == ad.grad(ad.grad(f))(2.0)
        assert ad.grad(lambda x: fast.grad(x) ** 2)(2.0) == ad.grad(lambda x: ad.grad(f)(x) ** 2)(
            2.0
        )
        assert ad.jvp(fast.grad, (2.0,), (1.0,)) == ad.jvp(ad.grad(f), (2.0,), (1.0,))
        assert [row.op for row in ad.trace(fast, 1.0).rows] == ["input", "sin", "mul"]

    def test_a_derivative_is_compiled_as_any_function(self):
        def f(x):
            return np.sum(np.sin(x) * x**3)

        x = np.arange(1.0, 4.0)
        fast = ad.compile(ad.hessian(f), x)
        assert_identical(fast(x + 1), ad.hessian(f)(x + 1))
        product = ad.compile(lambda x, v: ad.hvp(f, (x,), (v,)), x, x)
        np.testing.assert_allclose(product(x + 1, x), ad.hessian(f)(x + 1) @ x)

    def test_a_traced_number_that_f_reads_beside_its_arguments_reaches_the_result(self):
        def outer(w):
            fast = ad.compile(lambda x: w * x * x, 1.0)
            return fast(3.0) + fast.grad(2.0)

        assert ad.grad(outer)(5.0) == 13.0

    def test_checkpoints_and_operations_of_ones_own(self):
        @ad.custom(vjp=lambda x, v, bar: bar * x / v)
        def double(x):
            return np.sqrt(x @ x)

        step = ad.checkpoint(lambda x: np.sin(x) * x if np.sum(x) > 0 else x * x)

        def f(x):
            return np.sum(double(step(x)) + step(x))

        assert_compiled_as_traced(f, (np.arange(3.0),), (-np.arange(3.0),), (np.ones(3),))

    def test_hooks_see_every_row(self):
        fast = ad.compile(lambda x: x * x, 3.0)
        fast.grad(3.0)
        seen = []
        with ad.hooks(on_adjoint=seen.append):
            assert fast.grad(4.0) == 8.0
        assert [step.adjoint for step in seen] == [1.0, 8.0]


class TestNumbersThatAreNone:
    def test_infinity_and_nan_are_what_they_are_in_a_trace(self):
        def f(x, y):
            return np.log(x) / y + np.sqrt(x) * y**-1.5 + x**y

        points = [(1.0, 2.0), (0.0, 1.0), (0.0, 0.0), (-1.0, 0.5), (math.inf, 1e308), (2.0, 0.0)]
        fast = ad.compile(f, 1.0, 2.0, argnums=(0, 1))
        for x, y in points:
            assert_identical(fast.grad(x, y), ad.grad(f, argnums=(0, 1))(x, y))

    def test_float32_that_overflows_gives_no_warning(self):
        fast = ad.compile(lambda x: x * x, np.float32(2.0))
        assert (fast(np.float32(1e30)), fast.grad(np.float32(3.0))) == (np.inf, 6.0)

    def test_powers_of_arrays(self):
        def f(x, b):
            return np.sum(x ** np.full(3, 0.5)) + np.sum(x**b) + np.sum(x ** np.array([2.0] * 3))

        draw = np.random.default_rng(3).uniform
        points = [(draw(0.1, 9, size=(40, 3)), b) for b in (0.5, 2.0, 3.0, -1.0)]
        assert_compiled_as_traced(f, *points, argnums=(0, 1))

    def test_arrays_too(self):
        def f(x, y):
            return np.sum(x / y) + np.sum(x**y)

        x, y = np.array([0.0, 1.0, -1.0, 2.0]), np.array([0.0, 0.0, 1.0, 3.0])
        assert_compiled_as_traced(f, (x + 3, y + 3), (x, y), argnums=(0, 1))


class TestMessages:
    def test_an_error_says_the_users_own_line(self):
        def f(x):
            return np.spacing(x) * x

        with pytest.raises(UnsupportedOperationError, match=r"np\.spacing.*return np\.spacing"):
            ad.compile(f, 1.0)

    def test_a_matrix_that_turns_singular(self):
        fast = ad.compile(lambda a: np.sum(np.linalg.inv(a)), np.eye(2))
        for run in (fast, fast.grad):
            with pytest.raises(np.linalg.LinAlgError):
                run(np.ones((2, 2)))

    def test_a_division_by_zero_is_infinite_as_in_a_trace(self):
        fast = ad.compile(lambda x: 1.0 / x, 2.0)
        assert (fast(0.0), fast.grad(0.0)) == (math.inf, -math.inf)

    def test_what_cannot_be_compiled(self):
        with pytest.raises(InputError, match="not a float"):
            ad.compile(3.0)
        with pytest.raises(OutputError, match="array of shape"):
            ad.compile(lambda x: x * x, np.ones(3)).grad(np.ones(3))
        with pytest.raises(InputError, match="with respect to floats"):
            ad.compile(lambda x: np.sum(x * 1.0)).grad(np.arange(3))
        with pytest.raises(InputError, match="no code yet"):
            _ = ad.compile(lambda x: x).source

    def test_a_long_trace_is_run_as_it_is(self):
        def f(x):
            for _ in range(11_000):
                x = 0.999 * x * (1.0 + 0.001 * x)
            return x

        fast = ad.compile(f, 0.3)
        assert fast.grad(0.4) == ad.grad(f)(0.4)
        assert "0 programs" in repr(fast)


class TestSource:
    def test_it_reads_as_the_function_and_its_adjoint_program(self):
        def f(x1, x2):
            a = x1 * x2
            return a + x2 - np.log(x1)

        fast = ad.compile(f, 3.0, -4.0, argnums=(0, 1))
        assert fast.source == (
            "def f(x1, x2):\n"
            "    a = x1 * x2  # x1 * x2\n"
            "    v2 = a + x2  # a + x2\n"
            "    v3 = float(np.log(x1))  # np.log(x1)\n"
            "    v4 = v2 - v3  # a + x2 - np.log(x1)\n"
            "    return v4\n"
        )
        assert fast.gradient_source == (
            "def f_gradient(x1, x2):\n"
            "    x1_bar = x2 - (1.0 / x1)\n"
            "    x2_bar = 1.0 + x1\n"
            "    return (x1_bar, x2_bar)\n"
        )

    def test_it_is_the_very_code_that_runs(self):
        def layer(w, b):
            return np.sum(np.tanh(w @ np.ones(2) + b))

        fast = ad.compile(layer, np.ones((3, 2)), np.zeros(3))
        scope = {"np": np, "c1": np.ones(2)}
        exec(fast.source, scope)
        assert scope["layer"](np.ones((3, 2)), np.ones(3)) == fast(np.ones((3, 2)), np.ones(3))

    def test_names_that_python_keeps_for_itself_or_that_it_uses_are_given_way(self):
        def f(np_, abs_, sum_, c1):
            lambda_ = np_ * abs_
            return lambda_ * sum_ + c1 * float("inf") * 0.0 if c1 > 5 else lambda_ * sum_ * c1

        fast = ad.compile(f, 1.0, 2.0, 3.0, 4.0)
        assert fast(1.0, 2.0, 3.0, 4.0) == 24.0
        odd = ad.compile(lambda p: p["a b"] * p["np"] * p["1"], {"a b": 2.0, "np": 3.0, "1": 4.0})
        assert odd.grad({"a b": 1.0, "np": 5.0, "1": 2.0}) == {"a b": 10.0, "np": 2.0, "1": 5.0}


class TestReplay:
    """From some replays on a trace runs code too: nothing may tell."""

    def test_the_values_the_branches_and_the_errors_stay_those_of_the_first_replay(self):
        def f(x, w):
            y = x * w + 1.0
            return np.sum(np.tanh(y[1:]) / x[0]) if np.sum(y) > 0 else -y[0]

        trace = ad.trace(f, np.ones(3), 2.0)
        points = [(np.arange(3.0) + k, 0.1 * k) for k in range(1, 14)]
        for x, w in points:
            replayed, fresh = trace.replay(x, w), ad.trace(f, x, w)
            for a, b in zip(replayed.rows, fresh.rows, strict=True):
                assert_identical(a.value, b.value)
        with pytest.raises(BranchChangedError, match="is False"):
            trace.replay(np.ones(3), -5.0)
        assert math.isinf(trace.replay(np.array([0.0, 1.0, 1.0]), 1.0).value)
        single = trace.replay(np.ones(3, dtype=np.float32), 2.0)
        assert single.rows[0].value.dtype == np.float32
        assert single.rows[2].value.dtype == np.float32

    def test_replays_of_replays(self):
        def f(x):
            return np.sum(np.exp(x) * x) / 3

        trace = ad.trace(f, np.ones(3))
        for k in range(30):  # other types come and go between
            x = np.arange(3.0) / (k + 1)
            assert_identical(trace.replay(x).rows[-1].value, ad.trace(f, x).rows[-1].value)
            trace = trace.replay(x if k % 15 else x.astype(np.float32))
            assert trace.rows[1].value.dtype == (np.float64 if k % 15 else np.float32)
            assert_identical(trace.value, ad.trace(f, trace.rows[0].value).value)

    def test_replays_inside_a_derivative(self):
        trace = ad.trace(lambda x: np.sin(x) * x, 1.0)
        for _ in range(12):
            trace.replay(2.0)
        assert ad.grad(lambda x: trace.replay(x).returned)(2.0) == ad.grad(lambda x: np.sin(x) * x)(
            2.0
        )


def test_numbers_are_scattered_as_they_are():
    places = (np.arange(4), np.array([1, 0, 1, 2]))

    def f(x):
        return np.sum(np.sin(x)) - np.mean(x[places])

    x = np.linspace(0.1, 1.2, 12).reshape(4, 3)
    assert_compiled_as_traced(f, (x,), (2 * x,))
    source = ad.compile(f, x).gradient_source
    assert "broadcast_to" not in source


def test_what_is_scattered_and_used_elsewhere_too_keeps_its_shape():
    def f(x, y):
        return np.mean(x[np.array([0, 0, 2])] - y)

    x, y = np.arange(3.0), np.ones(3)
    fast = assert_compiled_as_traced(f, (x, y), (y, x), argnums=(0, 1))
    slopes = fast.grad(x, y)
    np.testing.assert_allclose(slopes, ([2 / 3, 0, 1 / 3], [-1 / 3] * 3))


def test_an_operation_of_the_users_may_be_called_as_one_of_ours():
    twice = ad.define("scatter", lambda a: a * 2.0, lambda a, v: 2.0)
    try:
        fast = ad.compile(lambda x: twice(np.broadcast_to(x, (3,))), 2.0)
        np.testing.assert_array_equal(fast(2.0), [4.0, 4.0, 4.0])
    finally:
        del ad.ELEMENTALS["scatter"]
