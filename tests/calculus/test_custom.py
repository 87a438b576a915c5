"""User-defined derivatives, and functions whose trace is not kept."""

import tracemalloc

import numpy as np
import pytest

import adviz as ad
from adviz.core.elementals import ELEMENTALS
from adviz.host.errors import ElementalError, UnsupportedOperationError
from adviz.rules.array_rules import RULES


@ad.custom(jvp=lambda a, b, v, da, db: da @ b + a @ db, name="product_by_jvp")
def by_jvp(a, b):
    return a @ b


@ad.custom(vjp=lambda a, b, v, bar: (bar @ b.T, a.T @ bar), name="product_by_vjp")
def by_vjp(a, b):
    return a @ b


@ad.custom(vjp=lambda a, v, bar, power: bar * power * a ** (power - 1))
def raised(a, *, power):
    return a**power


A, B = np.arange(6.0).reshape(2, 3) / 5, np.arange(12.0).reshape(3, 4) / 7 - 1


@pytest.mark.parametrize("f", [by_jvp, by_vjp])
class TestOneRuleIsEnough:
    def test_both_modes_to_the_third_order(self, f):
        ad.check_grads(lambda a, b: np.sin(f(a, b) * f(a, b)), (A, B), order=3)

    def test_one_operand_constant(self, f):
        for k in range(2):
            jacobians = [
                mode(lambda a, b: f(a * a, b * b), k)(A, B) for mode in (ad.jacfwd, ad.jacrev)
            ]
            expected = ad.jacfwd(lambda a, b: (a * a) @ (b * b), k)(A, B)
            for found in jacobians:
                np.testing.assert_allclose(found, expected, rtol=1e-14)

    def test_it_is_one_row(self, f):
        trace = ad.trace(lambda a: np.sum(f(a, B)), A)
        assert [row.op for row in trace.rows] == ["input", f.__name__ and trace.row(1).op, "sum"]
        assert trace.row(1).op.startswith("product_by_")
        assert trace.row(1).op in str(trace)
        np.testing.assert_allclose(trace.replay(2 * A).value, np.sum(2 * A @ B))


class TestCustom:
    def test_of_numbers(self):
        assert ad.grad(lambda x: raised(x, power=3))(2.0) == 12.0
        assert ad.jvp(lambda x: raised(x, power=3), (2.0,), (1.0,)) == (8.0, 12.0)
        assert ad.grad(ad.grad(lambda x: raised(x, power=3)))(2.0) == 12.0
        assert raised(2.0, power=3) == 8.0

    def test_the_rule_given_is_the_one_used(self):
        @ad.custom(vjp=lambda x, v, bar: bar * 10.0)
        def straight_through(x):
            return np.round(x)

        assert ad.grad(straight_through)(2.4) == 10.0
        assert ad.jvp(straight_through, (2.4,), (1.0,)) == (2.0, 10.0)

    def test_an_implicit_function(self):
        """y with y + exp(y) = x, found by iterating: dy/dx = 1 / (1 + exp(y))."""

        @ad.custom(jvp=lambda x, y, dx: dx / (1 + np.exp(y)))
        def root(x):
            y = x * 0.0
            for _ in range(50):
                y = y - (y + np.exp(y) - x) / (1 + np.exp(y))
            return y

        x = np.array([0.5, 2.0])
        ad.check_grads(root, (x,), order=3)
        assert len(ad.trace(root, x).rows) == 2

    def test_a_list_of_traced_numbers(self):
        @ad.custom(vjp=lambda x, v, bar: bar * x / v)
        def length(x):
            return np.sqrt(x @ x)

        assert ad.grad(lambda a, b: length([a, b]), (0, 1))(3.0, 4.0) == (0.6, 0.8)

    def test_a_cell_can_be_run_again(self):
        for factor in (2.0, 3.0):

            @ad.custom(vjp=lambda x, v, bar, factor=factor: bar * factor)
            def scaled(x):
                return x

            assert ad.grad(scaled)(1.0) == factor
        assert RULES["scaled"].name == "scaled"

    def test_refusals(self):
        with pytest.raises(ElementalError, match=r"by name.*@ad.custom\(vjp="):
            ad.custom(np.sin)
        with pytest.raises(ElementalError, match="give jvp=, vjp= or both"):
            ad.custom()(lambda x: x)
        for taken in ("sin", "sum"):
            with pytest.raises(ElementalError, match="my_"):
                ad.custom(vjp=lambda x, v, bar: bar, name=taken)(lambda x: x)
        wrong = ad.custom(vjp=lambda a, b, v, bar: bar, name="wrong")(lambda a, b: a * b)
        with pytest.raises(ElementalError, match="1 cotangent for 2 operands"):
            ad.grad(wrong)(1.0, 2.0)
        shaped = ad.custom(vjp=lambda a, v, bar: np.ones(4), name="wrong")(lambda a: a.sum())
        with pytest.raises(ElementalError, match=r"shape \(4,\).*shape \(3,\)"):
            ad.grad(shaped)(np.ones(3))
        pushed = ad.custom(jvp=lambda a, v, da: np.ones(4), name="wrong")(lambda a: a.sum())
        with pytest.raises(ElementalError, match=r"shape \(4,\).*shape \(\)"):
            ad.jvp(pushed, (np.ones(3),), (np.ones(3),))
        several = ad.custom(vjp=lambda a, v, bar: bar, name="wrong")(lambda a: {"a": a})
        with pytest.raises(UnsupportedOperationError, match="returned a dict"):
            ad.grad(several)(1.0)
        with pytest.raises(UnsupportedOperationError, match="none of its arguments"):
            ad.grad(
                lambda x: ad.custom(vjp=lambda a, v, bar: bar, name="wrong")(lambda a: a * x)(x)
            )(1.0)


def cell(state, weights, k):
    h, c = state
    gate = np.tanh(weights["w"] @ h + weights["b"] + k)
    c = c * gate + np.sin(c)
    return {"h": np.tanh(c) * gate, "c": c}, c[0]


def unrolled(cell, w, b, h):
    state = (h, h * 0.5)
    total = 0.0
    for k in range(3):
        found, first = cell(state, {"w": w, "b": b}, k)
        state = (found["h"], found["c"])
        total = total + first * first
    return np.sum(state[0]) + total


W, BIAS, H = np.array([[0.3, -0.2], [0.5, 0.1]]), np.array([0.1, -0.4]), np.array([0.7, 0.2])


class TestCheckpoint:
    def test_equals_the_function_itself_in_both_modes_and_nested(self):
        def plain(w, b, h):
            return unrolled(cell, w, b, h)

        def saved(w, b, h):
            return unrolled(ad.checkpoint(cell), w, b, h)

        args, every = (W, BIAS, H), (0, 1, 2)
        for derivative in (ad.grad, ad.jacfwd, ad.hessian):
            found, expected = derivative(saved, every)(*args), derivative(plain, every)(*args)
            for a, b in zip(np.ravel(flat(found)), np.ravel(flat(expected)), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
        ad.check_grads(saved, args, order=2)

    def test_a_checkpoint_in_a_checkpoint(self):
        inner = ad.checkpoint(lambda x: np.sin(x) * x)
        outer = ad.checkpoint(lambda x: inner(inner(x)))
        ad.check_grads(outer, (np.array([0.3, 1.2]),), order=3)
        assert len(ad.trace(outer, 1.0).rows) == 2

    def test_of_numbers_with_a_branch(self):
        f = ad.checkpoint(lambda x, n: x**n if x > 0 else -x)
        assert ad.grad(f)(2.0, 3) == 12.0
        assert ad.grad(f)(-2.0, 3) == -1.0

    def test_the_function_runs_once_more_for_the_return_sweep(self):
        calls = []

        def f(x, y):
            calls.append(1)
            return x * y

        ad.grad(ad.checkpoint(f), (0, 1))(2.0, 3.0)
        assert len(calls) == 2

    def test_an_enclosing_derivative_reaches_what_is_captured(self):
        def f(w):
            return ad.grad(ad.checkpoint(lambda x: np.sin(x * w)))(2.0)

        np.testing.assert_allclose(ad.grad(f)(0.7), ad.grad(lambda w: w * np.cos(2 * w))(0.7))

    def test_a_captured_number_of_the_same_derivative_is_refused(self):
        with pytest.raises(UnsupportedOperationError, match="Pass it as an argument"):
            ad.grad(lambda w: ad.checkpoint(lambda x: x * w)(w * 2))(1.0)

    def test_assigning_into_an_argument_does_not_reach_the_tape(self):
        def f(x):
            x[0] = 1.0
            return np.sum(x * x)

        with pytest.raises(ValueError, match="read-only"):
            ad.grad(ad.checkpoint(f))(np.ones(2))

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "derivative",
        [
            ad.grad,
            pytest.param(lambda f: lambda x: ad.hvp(f, (x,), (x,)), id="forward over reverse"),
            pytest.param(lambda f: ad.grad(lambda x: x @ ad.grad(f)(x)), id="reverse over reverse"),
            pytest.param(
                lambda f: ad.grad(lambda x: ad.jvp(f, (x,), (x,))[1]), id="reverse over forward"
            ),
        ],
    )
    def test_memory_of_a_long_recurrence(self, derivative):
        """240 steps in groups of 15: at least 5 times less at the peak."""

        def run(x, steps):
            for _ in range(steps):
                x = np.tanh(1.1 * x) + 0.1 * np.sin(x)
            return x

        def plain(x):
            return np.sum(run(x, 240) ** 2)

        def saved(x):
            group = ad.checkpoint(run)
            for _ in range(0, 240, 15):
                x = group(x, 15)
            return np.sum(x**2)

        x = np.linspace(0, 1, 500)
        found, peaks = [], []
        for f in (plain, saved):
            tracemalloc.start()
            found.append(derivative(f)(x))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        np.testing.assert_allclose(found[0], found[1], rtol=1e-10, atol=1e-14)
        assert peaks[0] / peaks[1] >= 5


def flat(nest):
    if isinstance(nest, tuple):
        return np.concatenate([flat(part) for part in nest])
    return np.ravel(nest)


NO_NUMBERS = {
    "None": lambda *_: None,
    "text": lambda *_: "a",
    "nothing": lambda *_: (),
    "a dict": lambda *_: {"x": 1.0},
    "another shape": lambda *_: np.ones(5),
    "a column": lambda *_: np.ones((2, 1)),
    "a complex number": lambda *_: 1j,
    "None in an array": lambda *_: np.array([None, 1.0]),
    "a masked array": lambda *_: np.ma.array([1.0, 2.0], mask=[True, False]),
    "a generator": lambda *_: (number for number in [1.0]),
}


def differentiated(f):
    """Return the derivatives of f, of a number and of an array, in both modes, compiled too."""
    x = np.array([1.0, 2.0])
    return [
        lambda: ad.grad(f)(1.0),
        lambda: ad.jvp(f, (1.0,), (1.0,)),
        lambda: ad.compile(f, 1.0).grad(1.0),
        lambda: ad.grad(lambda x: np.sum(f(x)))(x),
        lambda: ad.jvp(f, (x,), (x,)),
        lambda: ad.jacrev(f)(x),
        lambda: ad.jacfwd(f)(x),
        lambda: ad.hessian(f)(1.0),
    ]


@pytest.mark.parametrize("what", NO_NUMBERS)
class TestRulesThatReturnNoNumber:
    @pytest.mark.parametrize("kind", ["jvp", "vjp"])
    def test_of_custom(self, what, kind):
        f = ad.custom(name="doubled", **{kind: NO_NUMBERS[what]})(lambda x: 2.0 * x)
        for derivative in differentiated(f):
            with pytest.raises(ElementalError, match=f"The {kind} of doubled returned") as caught:
                derivative()
            assert "test_custom.py, line" in str(caught.value)

    def test_of_define(self, what):
        f = ad.define("doubled", lambda a: 2.0 * a, NO_NUMBERS[what])
        try:
            for derivative in differentiated(f):
                with pytest.raises(ElementalError, match="A partial of doubled returned") as caught:
                    derivative()
                assert "test_custom.py, line" in str(caught.value)
        finally:
            del ELEMENTALS["doubled"]

    def test_of_the_operation_itself(self, what):
        f = ad.define("doubled", NO_NUMBERS[what], lambda a, v: 2.0)
        try:
            with pytest.raises(ElementalError, match="doubled returned"):
                ad.trace(f, 1.0)
        finally:
            del ELEMENTALS["doubled"]


class TestRulesThatDoNotFit:
    def test_too_few_and_too_many_cotangents(self):
        for returned in ((), (1.0,), (1.0, 2.0, 3.0)):
            f = ad.custom(vjp=lambda *_, r=returned: r, name="product")(lambda x, y: x * y)
            with pytest.raises(ElementalError, match=r"The vjp of product.* for 2 operands: test"):
                ad.grad(f, (0, 1))(1.0, 2.0)

    def test_none_for_one_of_two(self):
        f = ad.custom(vjp=lambda x, y, v, bar: (bar * y, None), name="product")(lambda x, y: x * y)
        with pytest.raises(ElementalError, match=r"returned None as the cotangent.*0\.0 where"):
            ad.grad(f, (0, 1))(1.0, 2.0)
        f = ad.custom(vjp=lambda x, y, v, bar: (bar * y, 0), name="product")(lambda x, y: x * y)
        assert ad.grad(f, (0, 1))(1.0, 2.0) == (2.0, 0.0)

    def test_a_rule_that_takes_other_arguments(self):
        for kind, given in (("jvp", "tangent of each operand"), ("vjp", "cotangent of v")):
            f = ad.custom(name="same", **{kind: lambda x: x})(lambda x: x)
            with pytest.raises(ElementalError, match=f"The {kind} of same cannot.*{given}"):
                ad.jvp(f, (1.0,), (1.0,))

    def test_an_error_of_the_rules_own_is_left_as_it_is(self):
        f = ad.custom(vjp=lambda x, v, bar: bar / 0, name="same")(lambda x: x)
        with pytest.raises(ZeroDivisionError):
            ad.grad(f)(1.0)

    def test_a_rule_that_is_not_linear(self):
        f = ad.custom(jvp=lambda x, v, dot: 3.0, name="tripled")(lambda x: 3.0 * x)
        with pytest.raises(ElementalError, match=r"does not depend on the tangents.*multiply"):
            ad.grad(f)(1.0)
        f = ad.custom(vjp=lambda x, v, bar: 3.0, name="tripled")(lambda x: 3.0 * x)
        with pytest.raises(ElementalError, match=r"does not depend on the cotangent.*multiply"):
            ad.jvp(f, (1.0,), (1.0,))

    def test_a_rule_that_is_zero(self):
        for rule in ({"jvp": lambda x, v, dot: 0.0}, {"vjp": lambda x, v, bar: 0}):
            f = ad.custom(name="stopped", **rule)(lambda x: x * 1.0)
            assert ad.grad(f)(1.0) == ad.jvp(f, (1.0,), (1.0,))[1] == 0.0

    def test_whole_numbers_and_bools_become_floats(self):
        f = ad.custom(vjp=lambda x, v, bar: 1, name="same")(lambda x: x * 1.0)
        assert ad.grad(f)(1.0).__class__ is float
        f = ad.custom(vjp=lambda x, v, bar: bar * (x > 0), name="same")(lambda x: x * 1.0)
        np.testing.assert_array_equal(ad.grad(lambda x: np.sum(f(x)))(np.ones(2)), [1.0, 1.0])

    def test_a_cotangent_is_summed_where_its_operand_was_broadcast(self):
        f = ad.custom(vjp=lambda a, b, v, bar: (bar * b, bar * a), name="product")(
            lambda a, b: a * b
        )
        slopes = ad.grad(lambda a, b: np.sum(f(a, b)), (0, 1))(2.0, np.ones(3))
        np.testing.assert_array_equal(slopes[0], 3.0)
        np.testing.assert_array_equal(slopes[1], [2.0, 2.0, 2.0])

    def test_a_defined_operation_works_entry_by_entry(self):
        f = ad.define("total", lambda a: np.sum(a), lambda a, v: 1.0 + 0 * a)
        try:
            assert ad.grad(f)(2.0) == 1.0
            with pytest.raises(ElementalError, match="entry by entry"):
                ad.grad(f)(np.ones(3))
        finally:
            del ELEMENTALS["total"]


def nested(number, depth):
    for _ in range(depth):
        number = [number]
    return number


@pytest.mark.parametrize("depth", [33, 65, 3000])
def test_a_result_nested_deeper_than_an_array_is_refused(depth):
    @ad.custom(vjp=lambda x, v, bar: 2 * x * bar)
    def primal(x):
        return nested(x * x, depth)

    @ad.custom(vjp=lambda x, v, bar: nested(2 * x * bar, depth))
    def pulled(x):
        return x * x

    @ad.custom(jvp=lambda x, v, dot: nested(2 * x * dot, depth))
    def pushed(x):
        return x * x

    calls = [primal, ad.grad(primal), ad.grad(pulled)]
    calls += [lambda x: ad.jvp(pushed, (x,), (1.0,)), ad.grad(lambda x: x * nested(1.0, depth))]
    for call in calls:
        with pytest.raises(ad.AdvizError, match=r"nested more|with shape|of shape"):
            call(2.0)
