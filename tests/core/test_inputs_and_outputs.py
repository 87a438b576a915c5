"""Which numbers go in, which come out, and how they are nested."""

import copy
import functools
import math
from collections import namedtuple
from fractions import Fraction

import numpy as np
import pytest

import adviz as ad
from adviz.host.errors import InputError

Point = namedtuple("Point", "x y")


class TestNumbers:
    @pytest.mark.parametrize(
        "number",
        [3, 3.0, np.float64(3), np.int64(3), np.uint8(3), Fraction(3), np.array(3.0), np.array(3)],
        ids=repr,
    )
    def test_inputs_and_constants_of_every_real_kind_become_floats(self, number):
        def f(x):
            return x * number + number * x - number + (number / x) ** number

        trace = ad.trace(f, number)
        assert all(type(row.value) is float for row in trace.rows)
        assert all(type(p) in (int, float) for row in trace.rows for p in row.partials)
        assert all(
            type(operand) is float
            for row in trace.rows
            for operand in row.operands
            if not isinstance(operand, type(row))
        )
        plain = 9 + 9 - 3 + 1
        assert trace.value == plain
        gradient = ad.grad(f)(number)
        assert type(gradient) is float
        assert gradient == pytest.approx(6 - 3 * 1 / 3, rel=1e-15)

    def test_nothing_returned_is_a_numpy_float64(self):
        def f(x, y):
            return np.maximum(np.cos(x), y) + np.sign(x) * abs(y) * np.hypot(x, y), x

        x, y = np.float64(0.5), np.float64(-2.0)
        out, pushed = ad.jvp(f, (x, y), (np.float64(1), np.float64(2)))
        also, pull = ad.vjp(f, x, y)
        value, gradient = ad.value_and_grad(lambda *p: f(*p)[0], (0, 1))(x, y)
        found = [*out, *pushed, *also, *pull((np.float64(1.0), 0.0)), value, *gradient]
        trace = ad.trace(f, x, y)
        for row in trace.rows:
            found += [row.value]
        for step in trace.forward((1.0, np.float64(2.0))):
            found += [step.tangent, *(t.product for t in step.terms)]
        for step in trace.reverse((np.float64(1), 2)):
            found += [step.adjoint, *(c.amount for c in step.contributions)]
            found += [c.after for c in step.contributions]
        assert {type(number) for number in found} == {float}
        assert {type(p) for row in trace.rows for p in row.partials} <= {float, int}

    def test_float32_stays_float32(self):
        def f(x):
            return np.exp(x) * x + 2 * x - np.sin(x) / 3

        trace = ad.trace(f, np.float32(0.5))
        assert {type(row.value) for row in trace.rows} == {np.float32}
        assert trace.value == f(np.float32(0.5))
        assert type(ad.grad(f)(np.float32(0.5))) is np.float32
        assert ad.grad(f)(np.float32(0.5)) == pytest.approx(ad.grad(f)(0.5), rel=1e-6)
        assert ad.grad(lambda x: x**0 + x**2)(np.float32(0)) == 0

    def test_a_numpy_number_on_the_left(self):
        assert ad.grad(lambda x: np.float64(2) * x)(1.0) == 2.0
        assert ad.grad(lambda x: np.int64(2) ** x)(0.0) == math.log(2)
        assert ad.grad(lambda x: np.float32(2) - x)(1.0) == -1.0

    def test_large_ints_are_constants_as_long_as_they_fit(self):
        assert ad.grad(lambda x: 2**1023 * x)(1.0) == 2.0**1023
        assert ad.grad(lambda x: x * 10**308)(1.0) == 1e308
        with pytest.raises(ad.AdvizError, match="too large for a float"):
            ad.grad(lambda x: x * 10**400)(1.0)
        with pytest.raises(ad.AdvizError, match="too large for a float"):
            ad.grad(lambda x: x)(10**400)

    def test_copies_of_a_traced_number_are_that_number(self):
        assert ad.grad(lambda x: copy.deepcopy([x])[0] * copy.copy(x) + (+x))(3.0) == 7.0

    def test_printing_a_traced_number_prints_the_number(self):
        shown = []

        def f(x):
            shown.append((f"{x:.2f}", str(x), repr(x)))
            return ad.grad(lambda y: shown.append((f"{y:.1f}",)) or y * x)(x)

        assert ad.grad(f)(1.5) == 1.0
        assert shown == [("1.50", "1.5", "Variable(1.5)"), ("1.5",)]


class TestNesting:
    def test_arguments_in_tuples_lists_dicts_and_named_tuples(self):
        def f(p, q):
            return p["w"][0] * q.x + p["w"][1] * q.y + p["b"]

        p, q = {"w": [2.0, 3.0], "b": 1.0}, Point(5.0, 7.0)
        assert ad.grad(f, (0, 1))(p, q) == ({"w": [5.0, 7.0], "b": 1.0}, Point(2.0, 3.0))
        names = ("p['w'][0]", "p['w'][1]", "p['b']", "q.x", "q.y")
        assert ad.trace(f, p, q).input_names == names

    def test_outputs_nested(self):
        def f(x, y):
            return {"sum": x + y, "both": (x * y, [x])}

        trace = ad.trace(f, 2.0, 3.0)
        assert trace.value == {"sum": 5.0, "both": (6.0, [2.0])}
        assert trace.output_names == ("z1", "z2", "z3")
        assert [row.label for row in trace.outputs] == ["v₁", "v₂", "v₋₁"]
        pull = ad.vjp(f, 2.0, 3.0)[1]
        assert pull({"sum": 1.0, "both": (1.0, [1.0])}) == (5.0, 3.0)
        assert ad.jvp(f, (2.0, 3.0), (1.0, 0.0))[1] == {"sum": 1.0, "both": (3.0, [1.0])}
        assert [step.row.label for step in trace.reverse("z2")] == ["v₂", "v₀", "v₋₁"]

    def test_a_list_that_the_function_changes_is_its_own(self):
        def f(xs):
            xs[0] = xs[0] * xs[1]
            xs.append(xs.pop())
            return xs[0]

        mine = [2.0, 3.0]
        assert ad.grad(f)(mine) == [3.0, 2.0]
        assert ad.trace(f, mine).value == 6.0
        assert mine == [2.0, 3.0]

    def test_a_returned_list_that_is_changed_later(self):
        kept = []

        def f(x):
            kept[:] = [x, x * x]
            return kept

        trace = ad.trace(f, 3.0)
        kept.clear()
        assert trace.value == [3.0, 9.0]

    def test_arguments_that_are_not_differentiated_are_passed_on_as_they_are(self):
        def f(x, n, label, *, scale):
            assert label == "a"
            assert type(n) is int
            return scale * x**n

        assert ad.grad(f)(2.0, 3, "a", scale=10) == 120.0
        assert ad.grad(f, argnums=-3)(2.0, 3, "a", scale=10) == 120.0
        assert ad.value_and_grad(f)(2.0, 3, "a", scale=10) == (80.0, 120.0)

    def test_auxiliary_output(self):
        def f(x):
            y = x * x
            return y + x, {"square": y, "label": "a"}

        assert ad.grad(f, has_aux=True)(3.0) == (7.0, {"square": 9.0, "label": "a"})
        value_and_aux, slope = ad.value_and_grad(f, has_aux=True)(3.0)
        assert value_and_aux == (12.0, {"square": 9.0, "label": "a"})
        assert slope == 7.0
        out, pull, aux = ad.vjp(f, 3.0, has_aux=True)
        assert (out, pull(2.0), aux["square"]) == (12.0, (14.0,), 9.0)
        with pytest.raises(ad.AdvizError, match=r"must return a pair \(out, aux\)"):
            ad.grad(lambda x: x, has_aux=True)(3.0)


class TestOutputs:
    def test_an_input_returned_unchanged(self):
        trace = ad.trace(lambda x, y: y, 2.0, 3.0)
        assert len(trace.rows) == 2
        assert trace.outputs == (trace.row(0),)
        assert [(s.row.label, s.adjoint) for s in trace.reverse()] == [("v₀", 1.0)]
        assert ad.grad(lambda x: x)(3.0) == 1.0
        assert trace.notes == ["z does not depend on x: the derivative is zero."]

    def test_the_same_row_twice(self):
        def f(x):
            y = x * x
            return y, y

        trace = ad.trace(f, 3.0)
        assert trace.output_slots == (1, 1)
        assert ad.vjp(f, 3.0)[1]((1.0, 10.0)) == (66.0,)
        assert [step.adjoint for step in trace.reverse((1.0, 10.0))] == [11.0, 66.0]

    def test_a_constant_has_the_right_zero_and_the_trace_says_so(self):
        trace = ad.trace(lambda x, z: 3, 1.0, 2.0)
        assert trace.value == 3.0
        assert trace.outputs[0].op == "constant"
        assert trace.notes == ["y does not depend on the inputs: its derivatives are zero."]
        assert ad.grad(lambda x: 3)(1.0) == 0.0
        assert ad.jvp(lambda x: (x, 3), (1.0,), (1.0,)) == ((1.0, 3.0), (1.0, 0.0))
        assert [s.tangent for s in trace.forward("x")] == [1.0, 0.0, 0.0]
        assert [s.adjoint for s in trace.reverse()] == [1.0]
        assert trace.replay(5.0, 6.0).value == 3.0

    def test_an_output_that_misses_one_input(self):
        trace = ad.trace(lambda a, b, c: (a * b, c), 1.0, 2.0, 3.0)
        assert trace.notes == [
            "y1 does not depend on c: the derivative is zero.",
            "y2 does not depend on a, b: the derivative is zero.",
        ]
        assert trace.value == (2.0, 3.0)

    def test_rows_after_the_output_do_not_disturb_it(self):
        def f(x):
            y = x * x
            x + 1
            return y

        assert ad.grad(f)(3.0) == 6.0
        assert [s.row.label for s in ad.trace(f, 3.0).reverse()] == ["v₁", "v₀"]


class TestRows:
    def test_numbers_of_griewank_and_walther(self):
        trace = ad.trace(lambda a, b, c: a * b + c, 1.0, 2.0, 3.0)
        assert [row.index for row in trace.rows] == [-2, -1, 0, 1, 2]
        assert [row.slot for row in trace.rows] == [0, 1, 2, 3, 4]
        assert trace.row(-2).name == "a"
        assert trace.row(2).parents == (1, 0)
        assert trace.rows[-1] == trace.row(2)
        assert [row.label for row in trace.rows[1:3]] == ["v₋₁", "v₀"]
        assert len(trace) == len(trace.rows) == 5
        for index in (-3, 3):
            with pytest.raises(
                ad.AdvizError,
                match="index must be a whole number of at least -2 and at most 2, got",
            ):
                trace.row(index)

    def test_repeated_operands_keep_both_edges(self):
        square = ad.trace(lambda x: x * x, 3.0)
        assert square.row(1).parents == (0, 0)
        assert square.row(1).partials == (3.0, 3.0)
        (step, _) = square.reverse()
        assert [(c.before, c.amount, c.after) for c in step.contributions] == [
            (None, 3.0, 3.0),
            (3.0, 3.0, 6.0),
        ]

    def test_operands_in_order_with_constants(self):
        quotient = ad.trace(lambda x: 2 / x, 4.0).row(1)
        assert quotient.operands == (2.0, quotient.trace.row(0))
        assert quotient.parents == (0,)
        assert quotient.partials == (-0.125,)

    def test_texts(self):
        trace = ad.trace(lambda x: 2 * x + x, 4.0)
        assert repr(trace) == "<Trace of f: 1 input, 2 operations, 1 output>"
        assert repr(trace.row(1)) == "<v₁ = mul(2.0, v₀) = 8.0>"
        assert repr(trace.row(0)) == "<v₀ = x = 4.0>"
        rows = repr(ad.trace(lambda x: x**3 + x * x * x * x * x * x * x * x * x * x * x, 1.0).rows)
        assert rows.count("\n") == 12
        assert rows.endswith("\n ... 1 more]")


class TestSeeds:
    def test_by_name_by_number_and_left_out(self):
        trace = ad.trace(lambda x: x * x, 3.0)
        for seed in (None, "x", 1, (1.0,)):
            assert [s.tangent for s in trace.forward(seed)] == [1.0, 6.0]
        for seed in (None, "y", 1.0):
            assert [s.adjoint for s in trace.reverse(seed)] == [1.0, 6.0]
        assert [s.tangent for s in trace.forward(-2)] == [-2.0, -12.0]

    @pytest.mark.parametrize(
        ("seed", "says"),
        [
            (None, r"A seed is needed: name one of the inputs \(x1, x2\)"),
            ("x3", "No input is named 'x3': name one of the inputs"),
            ((1.0,), "nest the numbers as the inputs are"),
            ((1.0, "a"), "The seed of x2 is a str"),
        ],
    )
    def test_a_seed_that_does_not_fit(self, seed, says):
        with pytest.raises(ad.AdvizError, match=says):
            list(ad.trace(lambda x1, x2: x1 * x2, 1.0, 2.0).forward(seed))

    def test_a_row_not_reached_is_not_a_zero(self):
        trace = ad.trace(lambda x1, x2: (x1 * 0 + x2, x1), 1.0, 2.0)
        assert [s.row.label for s in trace.reverse("y2")] == ["v₋₁"]
        assert [(s.row.label, s.adjoint) for s in trace.reverse("y1")] == [
            ("v₂", 1.0),
            ("v₁", 1.0),
            ("v₀", 1.0),
            ("v₋₁", 0.0),
        ]


def scaled(x, rate):
    return np.sum(x * rate)


@functools.wraps(scaled)
def shortened(x):
    if len(x) > 3:
        raise ValueError("too long")
    return scaled(x, 0.5)


DERIVATIVES = {
    "grad": ad.grad,
    "with aux": lambda f: lambda x: ad.grad(lambda x: (f(x), None), has_aux=True)(x)[0],
    "jvp": lambda f: lambda x: ad.jvp(f, (x,), (x,))[1],
    "vjp": lambda f: lambda x: ad.vjp(f, x)[1](1.0)[0],
    "jacobian": ad.jacobian,
    "trace": lambda f: lambda x: ad.trace(f, x).value,
}


@pytest.mark.parametrize("derivative", DERIVATIVES)
def test_a_function_that_says_it_is_another_takes_what_it_takes(derivative):
    differentiated = DERIVATIVES[derivative](shortened)
    assert np.sum(differentiated(np.ones(3))) == 1.5
    with pytest.raises(ValueError, match="too long"):
        differentiated(np.ones(4))


@pytest.mark.parametrize("x", [2.0, np.ones(3)], ids=["number", "array"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_function_of_other_arguments_is_told_what_it_takes(x, wrapped):
    f = functools.wraps(scaled)(lambda *args: scaled(*args)) if wrapped else scaled
    with pytest.raises((InputError, TypeError), match=r"missing .* required .*argument: 'rate'"):
        ad.grad(f)(x)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.einsum("i,i->", x, x),
        lambda x: np.where(True, x[0], x[1]),
        lambda x: x @ x,
        lambda x: np.reshape(x[:1], ()),
    ],
    ids=["einsum", "where", "matmul", "reshape"],
)
def test_a_number_made_of_arrays_is_a_float_each_time(f):
    x = np.linspace(0.1, 1.0, 6)
    gradient = ad.value_and_grad(f)
    kinds = {type(gradient(x)[0]) for _ in range(20)}
    assert kinds == {float} == {type(number) for number in ad.jvp(f, (x,), (x,))}
