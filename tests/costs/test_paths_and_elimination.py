"""Paths and eliminations: the Jacobian by both is the one that the sweeps find."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adviz as ad
from adviz.costs.elimination import ORDERS, Elimination, order_of
from adviz.costs.passes import Passes
from adviz.costs.paths import PathGraph


def griewank(x1, x2):
    quotient = x1 / x2
    difference = quotient - np.exp(x2)
    return (np.sin(quotient) + difference) * difference


def bundle(x1, x2, x3):
    """Many in, many out, one narrow place between: neither forward nor reverse is cheapest."""
    narrow = np.exp(np.sin(x1 * x2 * x3))
    return narrow * x1, narrow + x2, np.sin(narrow) * x3, narrow * narrow


def used_twice(x1, x2):
    """An output that is used again, one that is an input, one that comes twice."""
    product = x1 * x2
    return product, np.sin(product), x1, product


FUNCTIONS = [(griewank, (1.5, 0.5)), (bundle, (0.3, 0.4, 0.5)), (used_twice, (0.3, 0.4))]


def jacobian(trace):
    passes = Passes(trace)
    return np.vstack([passes.reverse(i).entries for i in range(passes.m)])


@pytest.mark.parametrize(("f", "inputs"), FUNCTIONS, ids=["griewank", "bundle", "used_twice"])
def test_an_entry_is_the_sum_over_its_paths(f, inputs):
    trace = ad.trace(f, *inputs)
    expected = jacobian(trace)
    for i, target in enumerate(trace.output_slots):
        for j in range(len(inputs)):
            found = PathGraph(trace).paths(j, target)
            assert len(found) == PathGraph(trace).count(j, target)
            assert math.fsum(path.product for path in found) == pytest.approx(expected[i, j])


def test_paths_are_counted_where_nobody_could_list_them():
    def doubling(x):
        for _ in range(200):
            x = np.sin(x) * x
        return x

    trace = ad.trace(doubling, 0.5)
    assert PathGraph(trace).count(0, trace.output_slots[0]) == 2**200
    listed = PathGraph(trace).paths(0, trace.output_slots[0], most=5)
    assert len(listed) == len({path.edges for path in listed}) == 5


def test_paths_pass_by_rows_that_lead_nowhere():
    def f(x):
        for _ in range(40):  # 2^40 paths that never reach the output
            unused = x + x
            x, unused = x, unused + unused
        return x * 3.0

    trace = ad.trace(f, 1.0)
    assert [path.product for path in PathGraph(trace).paths(0, trace.output_slots[0])] == [3.0]


def test_arrays_have_no_paths_and_say_what_to_do():
    trace = ad.trace(np.sin, np.ones(3))
    with pytest.raises(ad.AdvizError, match="elementwise=True"):
        PathGraph(trace).count(0, 1)


@pytest.mark.parametrize(("f", "inputs"), FUNCTIONS, ids=["griewank", "bundle", "used_twice"])
def test_every_order_leaves_the_jacobian(f, inputs):
    trace = ad.trace(f, *inputs)
    expected = jacobian(trace)
    costs = []
    for order in itertools.permutations(Elimination(trace).left):
        done = Elimination(trace).run(order)
        assert np.allclose(done.jacobian(), expected, rtol=1e-13, atol=1e-15)
        costs.append(done.multiplications)
    named = {name: Elimination(trace).run(name).multiplications for name in ORDERS}
    assert named["cheapest"] == min(costs)
    assert max(named.values()) <= max(costs)


def test_the_greedy_order_beats_both_modes_and_is_not_always_cheapest():
    trace = ad.trace(bundle, 0.3, 0.4, 0.5)
    costs = {name: Elimination(trace).run(name).multiplications for name in ORDERS}
    assert costs["cheapest"] < costs["Markowitz"] < min(costs["forward"], costs["reverse"])


def test_a_chain_with_one_input_costs_the_same_in_both_modes_and_a_gradient_not():
    """n inputs, one output, l rows between: n l multiplications forward, about l in reverse."""

    def chain(*x):
        y = sum(x)
        for _ in range(10):
            y = np.sin(y)
        return y

    def costs(n):
        trace = ad.trace(chain, *([0.1] * n))
        return [Elimination(trace).run(name).multiplications for name in ("forward", "reverse")]

    one, four = costs(1), costs(4)
    assert one[0] == one[1] == 10
    assert four[0] >= 4 * 10 > four[1] - 2 * 4


@st.composite
def programs(draw):
    operations = draw(
        st.lists(
            st.tuples(st.sampled_from("+*/-s"), st.integers(0, 30), st.integers(0, 30)),
            min_size=1,
            max_size=10,
        )
    )
    outputs = draw(st.lists(st.integers(0, 30), min_size=1, max_size=3))

    def run(x1, x2):
        made = [x1, x2]
        for operation, a, b in operations:
            left, right = made[a % len(made)], made[b % len(made)]
            made.append(
                {
                    "+": lambda a=left, b=right: a + b,
                    "-": lambda a=left, b=right: a - 2 * b,
                    "*": lambda a=left, b=right: a * b,
                    "/": lambda a=left, b=right: a / (2 + np.cos(b)),
                    "s": lambda a=left: np.sin(a),
                }[operation]()
            )
        return [made[k % len(made)] for k in outputs]

    return run


@given(programs(), st.randoms(use_true_random=False))
@settings(max_examples=settings().max_examples * 3 // 5, deadline=None)
def test_any_order_of_any_program(program, random):
    trace = ad.trace(program, 0.4, 0.7)
    elimination = Elimination(trace)
    order = list(elimination.left)
    random.shuffle(order)
    assert np.allclose(elimination.run(order).jacobian(), jacobian(trace), rtol=1e-10, atol=1e-12)
    for j in range(2):
        for i, target in enumerate(trace.output_slots):
            count = PathGraph(trace).count(j, target)
            listed = PathGraph(trace).paths(j, target, most=count or 1)
            if count <= 100:
                total = math.fsum(path.product for path in listed)
                assert np.isclose(total, jacobian(trace)[i, j], rtol=1e-9, atol=1e-11)


def test_a_step_says_what_it_cost_and_what_is_wrong_is_said():
    elimination = Elimination(ad.trace(griewank, 1.5, 0.5))
    quotient = elimination.left[0]
    price = elimination.price(quotient)
    step = elimination.eliminate(quotient)
    assert step.multiplications == price == 4
    assert len(step.fill_in) + len(step.changed) == price
    with pytest.raises(ad.AdvizError, match="has been taken out already"):
        elimination.eliminate(quotient)
    with pytest.raises(ad.AdvizError, match="left between"):
        elimination.jacobian()
    with pytest.raises(ad.AdvizError, match="no order 'backwards'"):
        elimination.order("backwards")
    with pytest.raises(ad.AdvizError, match="'v99': choose among v₂"):
        order_of(elimination, ["v99"])
    assert order_of(elimination, ["v3", " 2", "v₄"]) == [4, 3, 5]


def test_too_many_rows_for_the_cheapest_order():
    def long(x1, x2):
        for _ in range(10):
            x1, x2 = np.sin(x1 * x2), x1
        return x1

    with pytest.raises(ad.AdvizError, match="use 'Markowitz'"):
        Elimination(ad.trace(long, 0.1, 0.2)).order("cheapest")


def test_passes_fill_the_matrix_and_products_leave_it_unknown():
    passes = Passes(ad.trace(bundle, 0.3, 0.4, 0.5))
    expected = jacobian(passes.trace)
    passes.forward(1)
    passes.reverse(2)
    assert passes.known.sum() == 4 + 3 - 1
    assert np.allclose(passes.matrix[passes.known], expected[passes.known])
    assert np.isnan(passes.matrix[~passes.known]).all()
    fresh = Passes(passes.trace)
    r, w = [1.0, -2.0, 0.5], [1.0, 0.0, 2.0, -1.0]
    assert np.allclose(fresh.jvp(r), expected @ r)
    assert np.allclose(fresh.vjp(w), w @ expected)
    assert not fresh.known.any()
    assert not fresh.made


@pytest.mark.parametrize(
    ("r", "message"),
    [
        ([1.0, 2.0], "r has 2 numbers, and J r takes one for each input of bundle, which has 3"),
        (1.0, "r has 1 number"),
        (np.ones((3, 1)), r"r has the shape \(3, 1\)"),
        ("ab", "no vector of numbers"),
    ],
)
def test_an_r_that_does_not_fit(r, message):
    with pytest.raises(ad.AdvizError, match=message):
        Passes(ad.trace(bundle, 0.3, 0.4, 0.5)).jvp(r)


def test_one_number_is_a_vector_of_one():
    """f returns a scalar: rᵀ is one number."""
    passes = Passes(ad.trace(griewank, 1.5, 0.5))
    assert np.allclose(passes.vjp(2.0), 2 * np.array(ad.grad(griewank, (0, 1))(1.5, 0.5)))
    with pytest.raises(ad.AdvizError, match="one for each output of griewank, which has 1"):
        passes.vjp([1.0, 2.0])
