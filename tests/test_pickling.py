"""Traces, formulas and derivatives in other processes: pickled, copied, and run there."""

import copy
import multiprocessing
import pickle

import numpy as np
import pytest
import scipy.special as sp

import adviz as ad


def f(x):
    y = np.sin(x)
    return y * x


def branching(x1, x2):
    return x1 * x2 if x1 > 0 else -x1 * x2


def deep(x):
    for _ in range(2000):
        x = x * 0.999 + 0.001
    return x


def of_array(x):
    return np.sum(np.exp(x) * x[::-1])


def vector(x):
    return x**2 * np.array([1.0, 3.0])


def power(n, x):
    return x**n


def special(x):
    return sp.gamma(x) + sp.erf(x)


@ad.grad
def cube(x):
    return x**3


@ad.compile
def quick(x):
    return x * np.cos(x)


def copied(made):
    return pickle.loads(pickle.dumps(made))


TRACES = {
    "numbers": (f, (0.5,)),
    "branches": (branching, (2.0, 3.0)),
    "array": (of_array, (np.array([1.0, 2.0, 3.0]),)),
    "special": (special, (1.5,)),
    "ufunc": (np.tanh, (0.5,)),
    "derivative": (ad.grad(f), (0.5,)),
}


@pytest.mark.parametrize("name", TRACES)
@pytest.mark.parametrize("again", [copied, copy.deepcopy])
def test_a_trace_works_as_before(name, again):
    function, inputs = TRACES[name]
    trace = ad.trace(function, *inputs)
    other = again(trace)
    assert str(other) == str(trace)
    assert other.to_document() == trace.to_document()
    assert str(other.table("reverse")) == str(trace.table("reverse"))
    assert [str(row.source) for row in other.rows] == [str(row.source) for row in trace.rows]
    moved = [value * 1.1 for value in inputs]
    np.testing.assert_array_equal(other.replay(*moved).value, trace.replay(*moved).value)
    assert other.notes == trace.notes
    assert len(other.to_html()) == len(trace.to_html())
    row = again(trace.row(1))
    np.testing.assert_array_equal(row.value, trace.row(1).value)
    assert repr(again(trace.rows)) == repr(trace.rows)
    assert repr(again(list(trace.reverse()))) == repr(list(trace.reverse()))
    assert str(again(trace.table())) == str(trace.table())


def test_an_elementwise_trace_and_one_of_sympy_work_as_before():
    sympy = pytest.importorskip("sympy")
    x = sympy.Symbol("x")
    traces = [
        ad.trace(of_array, np.array([1.0, 2.0]), elementwise=True),
        ad.Trace.from_sympy(x**2 + sympy.sin(x), x=0.5),
    ]
    for trace in traces:
        other = copied(trace)
        assert str(other) == str(trace)
        assert repr(other.formula()) == repr(trace.formula())


def test_a_formula_works_as_before_however_deep():
    for made in (ad.trace(f, 0.5).formula(), ad.trace(deep, 0.5).formula()):
        other = copied(made)
        assert other.expression is made.expression  # expressions are shared
        assert other(0.25) == made(0.25)
        assert other.derivative()(0.25) == made.derivative()(0.25)
    assert copied(ad.trace(f, 0.5).formula().size) == ad.trace(f, 0.5).formula().size


DERIVATIVES = [
    (ad.grad(f), 0.5),
    (ad.grad(branching, argnums=(0, 1)), (2.0, 3.0)),
    (ad.value_and_grad(f), 0.5),
    (ad.grad(ad.grad(f)), 0.5),
    (ad.jacobian(vector), np.array([1.0, 2.0])),
    (ad.jacobian(vector, sparsity=True), np.array([1.0, 2.0])),
    (ad.jacfwd(vector), np.array([1.0, 2.0])),
    (ad.jacrev(vector), np.array([1.0, 2.0])),
    (ad.hessian(of_array), np.array([1.0, 2.0])),
    (ad.checkpoint(f), 0.5),
    (ad.compile(f, 0.5), 0.5),
    (cube, 2.0),
    (quick, 2.0),
    (ad.logistic, 0.5),
]


@pytest.mark.parametrize(("derivative", "at"), DERIVATIVES, ids=range(len(DERIVATIVES)))
def test_a_derivative_works_as_before(derivative, at):
    inputs = at if isinstance(at, tuple) else (at,)
    for again in (copied, copy.copy, copy.deepcopy):
        found, expected = again(derivative)(*inputs), derivative(*inputs)
        if hasattr(expected, "toarray"):
            found, expected = found.toarray(), expected.toarray()
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("x", [0.5, np.array([0.5, 2.0])], ids=["number", "array"])
def test_what_vjp_and_linearize_return_works_as_before(x):
    for again in (copied, copy.deepcopy):
        for made in (ad.vjp(f, x)[1], ad.linearize(f, x)[1]):
            np.testing.assert_array_equal(again(made)(x), made(x))


def test_studies_work_as_before():
    studies = [
        ad.error_study(np.exp, 1.0, steps=10),
        ad.swell_study("speelpenning", (1, 2), systems=()),
        ad.swell_study(power, (1, 2), at=0.5, systems=()),
    ]
    for study in studies:
        assert str(copied(study)) == str(study)
    assert copied(studies[0].data).tolist() == studies[0].data.tolist()


def test_a_trace_with_a_checkpoint_is_copied():
    trace = ad.trace(ad.checkpoint(f), 0.5)
    assert str(copy.deepcopy(trace)) == str(trace)
    with pytest.raises(pickle.PicklingError, match="checkpoint"):
        pickle.dumps(trace)


def test_a_decorated_function_is_pickled_by_its_name():
    assert copied(cube) is cube
    assert copied(quick) is quick


def test_a_derivative_is_a_method_where_it_stands_in_a_class():
    class Model:
        factor = 3.0

        def loss(self, x):
            return self.factor * x * x

        slope = ad.grad(loss, argnums=1)

    assert Model().slope(2.0) == 12.0
    assert repr(ad.grad(f)) == "<grad of f>"


def test_what_cannot_be_imported_elsewhere_says_so():
    for made in (ad.grad(lambda x: x * x), ad.trace(lambda x: x * x, 1.0)):
        with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
            pickle.dumps(made)
    own = ad.define("own_operation", lambda a: a * 1.0, lambda a, v: 1.0)
    pickled = pickle.dumps(ad.trace(own, 1.0).formula().expression)
    del ad.ELEMENTALS["own_operation"]
    with pytest.raises(ad.AdvizError, match=r"own_operation.*ad\.define"):
        pickle.loads(pickled)


def test_an_error_is_copied_with_its_decision():
    with pytest.raises(ad.AdvizError) as caught:
        ad.trace(branching, 2.0, 3.0).replay(-1.0, 3.0)
    other = copied(caught.value)
    assert str(other) == str(caught.value)
    assert str(other.decision) == str(caught.value.decision)


@pytest.mark.slow
def test_processes_that_begin_anew_differentiate_and_send_traces():
    context = multiprocessing.get_context("spawn")
    points = [0.1, 0.2, 0.3]
    with context.Pool(1) as pool:
        assert pool.map(ad.grad(f), points) == [ad.grad(f)(x) for x in points]
        (trace,) = pool.starmap(ad.trace, [(special, 1.5)])
    assert str(trace) == str(ad.trace(special, 1.5))
    assert trace.replay(2.0).value == special(2.0)
