"""Each argument of each public function given what it is not made for.

What comes back is a result, or an error of adviz that names the argument or the line: never
a bare error from inside, and never a warning.
"""

import datetime
import os
import re
import tempfile
import traceback

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy
from scipy.optimize import brentq

import adviz as ad
from adviz import learn


def odd_values():
    """Yield what nobody means to pass, by what a message would call it; new ones for each call."""
    yield "None", None
    yield "a text", "no such thing"
    yield "an empty text", ""
    yield "an empty array", np.array([])
    yield "an empty list", []
    yield "NaN", float("nan")
    yield "an infinity", -np.inf
    yield "a negative number", -3
    yield "a huge number", 10**400
    yield "a truth value", True
    yield "a complex number", 1j
    yield "a masked array", np.ma.array([1.0, 2.0], mask=[False, True])
    yield "an uneven list of lists", [[1.0, 2.0], [3.0]]
    yield "a list of lists", [[1.0, 2.0], [3.0, 4.0]]
    yield "a date", datetime.date(2026, 1, 31)
    yield "NumPy's date", np.datetime64("2026-01-31")
    yield "a generator", (number for number in (1.0, 2.0))
    yield "a dict", {"a": 1.0}
    yield "an object", object()
    yield "a function of too many arguments", lambda a, b, c: a
    yield "a function that returns nothing", lambda *inputs: None


def square(x):
    return x * x


def squares(x):
    return np.sum(x * x)


def layers(seed=0):
    return learn.perceptron_parameters(2, 3, 2, seed=seed)


POINTS, LABELS = np.arange(8.0).reshape(4, 2), np.array([0, 1, 1, 0])
GENERATOR = np.random.default_rng(0)


def first_layer():
    return next(iter(layers().values()))


def a_flow():
    return learn.gradient_flow(learn.perceptron, layers(), POINTS, LABELS)


def hooked(**hooks):
    with ad.hooks(**hooks):
        return ad.grad(square)(2.0)


def a_trace():
    return ad.trace(lambda x, y: x * y + np.sin(x), 1.0, 2.0)


def animated(**options):
    with tempfile.TemporaryDirectory() as folder:
        a_trace().to_animation(f"{folder}/a.gif", **options)


def grad_of_custom(**options):
    @ad.custom(**{"vjp": lambda x, v, bar: 2 * x * bar} | options)
    def times_itself(x):
        return x * x

    return ad.grad(times_itself)(2.0)


def grad_of_defined(name, evaluate, partial):
    before = dict(ad.ELEMENTALS)
    try:
        return ad.grad(ad.define(name, evaluate, partial))(2.0)
    finally:
        for added in set(ad.ELEMENTALS) - set(before):
            del ad.ELEMENTALS[added]


def train(**options):
    examples = (POINTS, LABELS)
    given = {"model": learn.perceptron, "params": layers(), "examples": examples, "epochs": 1}
    return learn.train(**given | {"batch_size": 2} | options)


# A call of each public function that works: the function and its arguments by name.
CALLS = {
    "carry_player": (
        lambda way: (ad.carry_player(way), ad.carry_player("auto")),
        {"way": "inline"},
    ),
    "catalogue": (ad.catalogue, {"find": "linalg"}),
    "check_grads": (
        ad.check_grads,
        {"f": square, "args": (1.0,), "order": 1, "atol": 1e-5, "rtol": 1e-5, "step": 1e-3},
    ),
    "checkpoint": (lambda f, x: ad.grad(ad.checkpoint(f))(x), {"f": square, "x": 2.0}),
    "checkpoint_lab": (ad.checkpoint_lab, {"step": square, "state": 1.1, "steps": 3}),
    "checkpoint_study": (
        ad.checkpoint_study,
        {"step": square, "state": 1.1, "steps": 3, "snapshots": 2},
    ),
    "answered": (ad.answered, {}),
    "ask": (
        lambda answer, **options: ad.ask(answer=answer, **options).check(answer),
        {
            "question": "How many?",
            "answer": 2,
            "feedback": {1: "One more."},
            "hints": ["Count."],
            "tolerance": 0.5,
            "explanation": "Two.",
            "title": "Arrows",
            "graded": False,
        },
    ),
    "ask, choices": (
        lambda answer, **options: ad.ask(answer=answer, **options).check(answer),
        {"question": "Which?", "answer": "reverse", "choices": ["forward", "reverse"]},
    ),
    "ask, an answer": (
        lambda answer, points: ad.ask("Which?", "x*y").score(answer, points),
        {"answer": "y*x", "points": 2.0},
    ),
    "compile": (
        lambda f, x, argnums, has_aux: ad.compile(f, x, argnums=argnums, has_aux=has_aux).grad(2.0),
        {"f": square, "x": 2.0, "argnums": 0, "has_aux": False},
    ),
    "compile, called": (lambda x: ad.compile(square, 2.0).grad(x), {"x": 3.0}),
    "complex_step": (ad.complex_step, {"f": square, "x": 2.0, "h": 1e-30}),
    "cost_study": (
        lambda f, x, seconds: ad.cost_study(f, x, seconds=seconds),
        {"f": square, "x": 2.0, "seconds": 0.0},
    ),
    "custom": (grad_of_custom, {"vjp": lambda x, v, bar: 2 * x * bar, "name": "times_itself"}),
    "custom, forward": (grad_of_custom, {"jvp": lambda x, v, dot: 2 * x * dot, "vjp": None}),
    "define": (
        grad_of_defined,
        {"name": "cube", "evaluate": lambda a: a**3, "partial": lambda a, v: 3 * a * a},
    ),
    "diagnose": (lambda f, x: ad.diagnose(f, x), {"f": square, "x": 2.0}),
    "differential_quadrature": (
        ad.differential_quadrature,
        {"f": square, "interval": (0.0, 1.0), "n": 5, "nodes": "chebyshev", "derivative": 1},
    ),
    "elimination_lab": (lambda f, x: ad.elimination_lab(f, x), {"f": square, "x": 2.0}),
    "Elemental": (
        lambda name, evaluate, partials: ad.Elemental(name, evaluate, partials)(2.0),
        {"name": "cube", "evaluate": lambda a: a**3, "partials": (lambda a, v: 3 * a * a,)},
    ),
    "error_lab": (ad.error_lab, {"f": square, "x0": 2.0, "schemes": ("central",), "truth": 4.0}),
    "error_study": (
        ad.error_study,
        {
            "f": square,
            "x0": 2.0,
            "schemes": ("forward", "central"),
            "steps": 5,
            "dtype": "float64",
            "truth": 4.0,
        },
    ),
    "exercise": (
        lambda f, x, **options: ad.exercise(f, x, **options),
        {
            "f": square,
            "x": 2.0,
            "ask": "reverse",
            "blanks": ["v0"],
            "weights": 2.0,
            "title": "A",
            "seed": 7,
        },
    ),
    "exercise, forward": (
        lambda direction: ad.exercise(square, 2.0, ask="forward", direction=direction),
        {"direction": 2.0},
    ),
    "exercise, order": (
        lambda f, x, seed: ad.exercise(f, x, ask="order", seed=seed),
        {"f": lambda x: x * x + x, "x": 2.0, "seed": 7},
    ),
    "exercise, again": (lambda seed: ad.exercise(square, 2.0).again(seed), {"seed": 7}),
    "exercise, hints": (lambda name: ad.exercise(square, 2.0).hints(name), {"name": "v0"}),
    "exercises": (ad.exercises, {"level": 1, "seed": 7, "count": 1}),
    "paper": (
        lambda f, x, **options: ad.paper(f, x, **options),
        {"f": square, "x": 2.0, "printed": {"v1": ("v0 * v0", 4)}, "which": "primal", "title": "A"},
    ),
    "exercise, checked": (
        lambda answers: ad.exercise(square, 2.0).check(answers),
        {"answers": {"v0": "4.0"}},
    ),
    "exercise, scored": (
        lambda answers, points: ad.exercise(square, 2.0).score(answers, points),
        {"answers": {"v0": 4.0}, "points": 3.0},
    ),
    "grad": (
        lambda f, argnums, has_aux, x: ad.grad(f, argnums, has_aux)(x),
        {"f": squares, "argnums": 0, "has_aux": False, "x": 2.0},
    ),
    "hessian": (
        lambda f, argnums, x: ad.hessian(f, argnums)(x),
        {"f": squares, "argnums": 0, "x": 2.0},
    ),
    "hooks": (hooked, {"on_row": None, "on_tangent": None, "on_adjoint": None}),
    "hvp": (ad.hvp, {"f": square, "primals": (2.0,), "tangents": (1.0,)}),
    "jacfwd": (
        lambda f, argnums, x: ad.jacfwd(f, argnums)(x),
        {"f": square, "argnums": 0, "x": np.ones(3)},
    ),
    "jacrev": (
        lambda f, argnums, x: ad.jacrev(f, argnums)(x),
        {"f": square, "argnums": 0, "x": np.ones(3)},
    ),
    "jacobian": (
        lambda f, argnums, sparsity, x: ad.jacobian(f, argnums, sparsity=sparsity)(x),
        {"f": square, "argnums": 0, "sparsity": True, "x": np.ones(3)},
    ),
    "jacobian_lab": (lambda f, x: ad.jacobian_lab(f, x), {"f": square, "x": np.ones(2)}),
    "jet": (ad.jet, {"f": square, "primals": (2.0,), "series": ((1.0, 0.0),)}),
    "jvp": (ad.jvp, {"f": square, "primals": (2.0,), "tangents": (1.0,)}),
    "linearize": (
        lambda f, x, tangent: ad.linearize(f, x)[1](tangent),
        {"f": square, "x": 2.0, "tangent": 1.0},
    ),
    "logistic": (lambda x: ad.logistic(x), {"x": 2.0}),
    "numerical_gradient": (
        ad.numerical_gradient,
        {"f": squares, "x": np.ones(2), "scheme": "forward", "h": 1e-6},
    ),
    "numerical_jacobian": (
        ad.numerical_jacobian,
        {"f": square, "x": np.ones(2), "scheme": "central", "h": 1e-6},
    ),
    "optimal_step": (
        ad.optimal_step,
        {"f": np.exp, "x0": 2.0, "scheme": "central", "dtype": "float32", "truth": 7.38905609893},
    ),
    "relu": (lambda x: ad.relu(x), {"x": 2.0}),
    "reveal": (
        lambda answer, title, hide_source: ad.reveal(answer, title=title, hide_source=hide_source),
        {"answer": 42, "title": "A", "hide_source": False},
    ),
    "richardson": (ad.richardson, {"f": np.sin, "x0": 1.0, "h": 0.1, "tolerance": 0.0, "rows": 4}),
    "runge_kutta": (
        ad.runge_kutta,
        {"f": lambda t, y, k=1.0: k * y, "y0": 1.0, "times": [0.0, 1.0], "args": (), "steps": 2},
    ),
    "scheme": (ad.scheme, {"name": "central", "derivative": 1}),
    "sparsity_pattern": (
        lambda f, x, argnums: ad.sparsity_pattern(f, x, argnums=argnums),
        {"f": square, "x": np.ones(3), "argnums": 0},
    ),
    "sparsity_study": (lambda f, x: ad.sparsity_study(f, x), {"f": square, "x": np.ones(3)}),
    "stencil": (ad.stencil, {"nodes": (-1, 0, 1), "derivative": 1, "name": "mine"}),
    "step": (
        lambda f, x, which, predict: ad.step(f, x, which=which, predict=predict),
        {"f": square, "x": 2.0, "which": "primal", "predict": False},
    ),
    "swell": (lambda f, x: ad.swell(f, x), {"f": square, "x": 2.0}),
    "swell_lab": (ad.swell_lab, {"family": "logistic", "n": 2, "at": 0.3}),
    "swell_study": (
        ad.swell_study,
        {"family": "logistic", "sizes": (1,), "at": 0.3, "systems": (), "seconds": 0.1},
    ),
    "trace": (
        lambda f, x, elementwise: ad.trace(f, x, elementwise=elementwise),
        {"f": square, "x": 2.0, "elementwise": True},
    ),
    "value_and_grad": (
        lambda f, argnums, has_aux, x: ad.value_and_grad(f, argnums, has_aux)(x),
        {"f": squares, "argnums": 0, "has_aux": False, "x": 2.0},
    ),
    "vjp": (
        lambda f, x, has_aux, cotangent: ad.vjp(f, x, has_aux=has_aux)[1](cotangent),
        {"f": square, "x": 2.0, "has_aux": False, "cotangent": 1.0},
    ),
    "Trace.formula": (lambda output: a_trace().formula(output), {"output": "z"}),
    "Trace.inside": (
        lambda index: ad.trace(lambda x: brentq(lambda y: y - x, 0, 4), 2.0).inside(index),
        {"index": 1},
    ),
    "Trace.forward": (lambda seed: list(a_trace().forward(seed)), {"seed": "x"}),
    "Trace.reverse": (lambda seed: list(a_trace().reverse(seed)), {"seed": 1.0}),
    "Trace.graph": (
        lambda **options: a_trace().graph(**options),
        {"which": "primal", "seed": None, "digits": 6, "folded": False},
    ),
    "Trace.table": (
        lambda **options: a_trace().table(**options),
        {"which": "primal", "seed": None, "digits": 6, "folded": False},
    ),
    "Trace.play": (
        lambda **options: a_trace().play(**options),
        {
            "which": "primal",
            "input": "x",
            "output": "z",
            "digits": 6,
            "folded": False,
            "predict": False,
            "step": 1,
            "passes": ("primal", "reverse"),
        },
    ),
    "Trace.to_animation": (
        animated,
        {"which": "primal", "seconds": 1.0, "first": 1, "last": 1, "seed": None, "digits": 6},
    ),
    "Trace.to_pdf": (
        lambda **options: a_trace().to_pdf(os.devnull, **options),
        {"which": "primal", "step": 1, "seed": None, "digits": 6},
    ),
    "Trace.to_svg": (
        lambda **options: a_trace().to_svg(**options),
        {"which": "primal", "step": 1, "seed": None, "digits": 6},
    ),
    "Trace.replay": (lambda x, y: a_trace().replay(x, y), {"x": 3.0, "y": 1.0}),
    "Trace.row": (lambda index: a_trace().row(index), {"index": 1}),
    "Trace.from_sympy": (
        lambda expression, x: ad.Trace.from_sympy(expression, x=x),
        {"expression": sympy.Symbol("x") ** 2, "x": 2.0},
    ),
    "Formula.derivative": (
        lambda name: a_trace().formula().derivative(name),
        {"name": "x"},
    ),
    "learn.accuracy": (
        learn.accuracy,
        {"model": learn.perceptron, "params": layers(), "x": POINTS, "labels": LABELS},
    ),
    "learn.adam": (
        lambda **options: train(optimizer=learn.adam(**options)),
        {"rate": 0.01, "keep": 0.9, "keep_squares": 0.999, "epsilon": 1e-8},
    ),
    "learn.compare_flows": (learn.compare_flows, {"flows": {"one": a_flow()}}),
    "learn.cross_entropy": (learn.cross_entropy, {"scores": POINTS, "labels": LABELS}),
    "learn.dense": (learn.dense, {"layer": first_layer(), "x": POINTS, "activation": np.tanh}),
    "learn.digits": (
        lambda **options: len(learn.digits(**options)),
        {"test_part": 0.2, "seed": 0},
    ),
    "learn.glorot": (learn.glorot, {"generator": GENERATOR, "inputs": 2, "outputs": 3}),
    "learn.gradient_flow": (
        learn.gradient_flow,
        {
            "model": learn.perceptron,
            "params": layers(),
            "x": POINTS,
            "y": LABELS,
            "loss": learn.cross_entropy,
        },
    ),
    "learn.he": (learn.he, {"generator": GENERATOR, "inputs": 2, "outputs": 3}),
    "learn.layer_norms": (learn.layer_norms, {"gradient": layers()}),
    "learn.mean_squared_error": (
        learn.mean_squared_error,
        {"predicted": POINTS, "wanted": POINTS},
    ),
    "learn.momentum": (
        lambda **options: train(optimizer=learn.momentum(**options)),
        {"rate": 0.1, "keep": 0.9},
    ),
    "learn.normal": (
        lambda deviation: learn.normal(deviation)(GENERATOR, 2, 3),
        {"deviation": 0.1},
    ),
    "learn.perceptron": (
        learn.perceptron,
        {"params": layers(), "x": POINTS, "activation": np.tanh},
    ),
    "learn.perceptron_parameters": (
        lambda inputs, outputs, **options: learn.perceptron_parameters(inputs, outputs, **options),
        {"inputs": 2, "outputs": 3, "initialiser": learn.he, "seed": 0},
    ),
    "learn.sgd": (lambda rate: train(optimizer=learn.sgd(rate)), {"rate": 0.1}),
    "learn.tolerance_study": (
        learn.tolerance_study,
        {
            "steps": 1,
            "hidden": 2,
            "gradients": ("reverse mode",),
            "rate": 1.0,
            "batch_size": 8,
            "seed": 0,
        },
    ),
    "learn.train": (
        train,
        {
            "model": learn.perceptron,
            "params": layers(),
            "examples": (POINTS, LABELS),
            "loss": learn.cross_entropy,
            "optimizer": learn.sgd(0.1),
            "epochs": 1,
            "batch_size": 2,
        },
    ),
    "learn.tree_map": (learn.tree_map, {"function": square, "tree": layers()}),
    "learn.zeros": (learn.zeros, {"generator": GENERATOR, "inputs": 2, "outputs": 3}),
}


# What a call asks for in full, which takes minutes: every computer algebra system.
TOO_LONG = {("swell_study", "systems", "None")}

NOT_CALLED = {"AdvizError", "ELEMENTALS", "Trace", "learn"}
NOT_CALLED_IN_LEARN = {"Flow", "Optimizer", "ToleranceStudy", "Training"}


def test_every_public_function_is_called_here():
    called = {name.split(",")[0] for name in CALLS}
    of_learn = {f"learn.{name}" for name in set(learn.__all__) - NOT_CALLED_IN_LEARN}
    assert (set(ad.__all__) - NOT_CALLED) | of_learn <= called


@pytest.mark.parametrize("name", CALLS)
def test_a_good_call_works(name):
    function, arguments = CALLS[name]
    str(function(**arguments))


def fault(function, arguments):
    """Return the bare error that a call raises, or the message that leaves open what was wrong."""
    try:
        str(function(**arguments))
    except ad.AdvizError as error:
        told = [
            *arguments,
            "square",
            "squares",
            "test_bad_input",
            "returned",
            "outputs?",
            "inputs?",
            "y is",
        ]
        quoted = any(repr(value)[:20] in str(error) for value in arguments.values())
        if not quoted and not re.search(rf"\b({'|'.join(told)})\b", str(error), re.IGNORECASE):
            return f"does not say what or where: {error}"
    except Exception as error:  # noqa: BLE001 (whatever it is, it may be the fault looked for)
        innermost = traceback.extract_tb(error.__traceback__)[-1]
        if innermost.filename != __file__:  # an error of the user's own line is the user's
            return f"{type(error).__name__}: {error} ({innermost.filename}:{innermost.lineno})"
    finally:
        plt.close("all")
    return None


def faults(name):
    function, arguments = CALLS[name]
    for argument in arguments:
        for title, value in odd_values():
            if (name, argument, title) in TOO_LONG:
                continue
            said = fault(function, {**arguments, argument: value})
            if said is not None:
                yield f"{argument} = {title}: {said}"


@pytest.mark.parametrize("name", CALLS)
def test_an_odd_argument_is_used_or_refused_in_words(name):
    assert not (found := list(faults(name))), "\n".join(found)
