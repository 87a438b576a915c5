"""core works alone, with every other room but host out of reach.

The blocking happens in an interpreter of its own, which this file runs with itself as the script.
"""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

PACKAGE = Path(__file__).parents[2] / "adviz"
"""Not imported: run as a script, this file is to import no more of it than core does."""

ORDERS = (1, 2, 3)
POINT = 1.3


def branching(x):
    return x * np.sin(x) if x > 1 else -x


def looping(x):
    """x multiplied with itself until it is large: x**4 at 1.3 and beyond."""
    count = 0
    while x < 2.5:
        x, count = x * x, count + 1
    return x


def recursive(x, depth=4):
    """A continued fraction: x + 1/(x + 1/(x + ...))."""
    return x if depth == 0 else x + 1 / recursive(x, depth - 1)


def composed(x):
    return np.exp(np.tanh(x)) / (1 + x * x) + 2.0**x - abs(-x) + np.log(x) ** 2


def of_two(x, y):
    return x * y + y**x


FUNCTIONS = {f.__name__: f for f in (branching, looping, recursive, composed)}


def said_of(differentiate, function, *inputs):
    try:
        differentiate(function)(*inputs)
    except Exception as error:  # noqa: BLE001 - the test asserts which one it is
        return [type(error).__name__, str(error)]
    return ["no error", ""]


def with_everything_else_blocked():
    """Return what core says and computes, and what was asked for in vain."""
    asked = block_the_other_rooms()

    from adviz.core.derivatives import grad, jvp, value_and_grad, vjp
    from adviz.core.recording import record

    found = {}
    for name, f in FUNCTIONS.items():
        derivatives, derivative = [], f
        for _ in ORDERS:
            derivative = grad(derivative)
            derivatives.append(derivative(POINT))
        found[name] = derivatives
    trace = record(of_two, (2.0, 3.0))
    replayed = trace.replay(1.5, 4.0)
    branch = record(branching, (POINT,))
    found["trace"] = {
        "labels": [row.label for row in trace.rows],
        "value": trace.value,
        "replayed": replayed.value,
        "replayed thrice": replayed.replay(2.0, 3.0).replay(1.5, 4.0).value,
        "decisions": len(branch.decisions),
        "changed branch": said_of(lambda f: branch.replay, None, 0.5),
        "tangents": [step.tangent for step in trace.forward((1.0, 0.0))],
        "adjoint": [step.adjoint for step in trace.reverse()][-2:],
    }
    found["products"] = {
        "jvp": jvp(of_two, (2.0, 3.0), (1.0, 0.0)),
        "vjp": vjp(lambda p: p["a"] ** p["b"], {"a": 2.0, "b": 3.0})[1](1.0),
        "value and gradient": value_and_grad(of_two, (0, 1))(2.0, 3.0),
        "nested": grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0),
    }
    found["errors"] = {
        "index": said_of(grad, lambda x: x[0], 1.0),
        "stack": said_of(grad, lambda x: np.stack([x, x]), 1.0),
        "method": said_of(grad, lambda x: x.sum(), 1.0),
        "matrix product": said_of(grad, lambda x: x @ np.ones(3), np.ones(3)),
        "float": said_of(grad, lambda x: float(x), 1.0),
    }
    found["asked for"] = asked
    found["loaded"] = sorted(name for name in sys.modules if name.startswith("adviz."))
    return found


def block_the_other_rooms():
    """Make all of adviz but core and host unimportable; return what is asked for nevertheless."""
    import importlib.abc
    import types

    asked = []

    class Blocked(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            room = name.split(".")[1] if name.startswith("adviz.") else "core"
            if room not in ("core", "host"):
                asked.append(name)
                raise ModuleNotFoundError(f"{name} is blocked", name=name)

    sys.meta_path.insert(0, Blocked())
    top = types.ModuleType("adviz")  # its own __init__ plugs the other rooms in
    top.__path__ = [str(PACKAGE)]
    sys.modules["adviz"] = top
    return asked


@pytest.fixture(scope="module")
def alone():
    done = subprocess.run(
        [sys.executable, "-W", "error", __file__],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def test_nothing_else_is_asked_for(alone):
    assert alone["asked for"] == []
    assert {name.split(".")[1] for name in alone["loaded"]} == {"core", "host"}


def truth(name):
    import sympy

    x = sympy.symbols("x", positive=True)
    continued = x
    for _ in range(4):
        continued = x + 1 / continued
    formula = {
        "branching": x * sympy.sin(x),
        "looping": x**4,
        "recursive": continued,
        "composed": sympy.exp(sympy.tanh(x)) / (1 + x**2) + 2**x - x + sympy.log(x) ** 2,
    }[name]
    point = sympy.Rational(13, 10)
    return [float(sympy.diff(formula, x, order).subs(x, point).evalf(30)) for order in ORDERS]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_differentiated_to_the_third_order(alone, name):
    assert alone[name] == pytest.approx(truth(name), rel=1e-12)


def test_a_function_is_traced_replayed_and_swept_step_by_step(alone):
    trace = alone["trace"]
    assert trace["labels"][:3] == ["v₋₁", "v₀", "v₁"]
    assert trace["value"] == 2 * 3 + 3**2
    assert trace["replayed"] == trace["replayed thrice"] == 1.5 * 4 + 4**1.5
    assert trace["decisions"] == 1
    kind, said = trace["changed branch"]
    assert kind == "BranchChangedError"
    assert "x > 1" in said
    assert trace["tangents"][-1] == pytest.approx(3 + 9 * math.log(3))
    assert sorted(trace["adjoint"]) == pytest.approx(sorted([3 + 9 * math.log(3), 2 + 2 * 3]))


def test_products_gradients_and_nested_gradients(alone):
    products = alone["products"]
    slope = 3 + 9 * math.log(3)
    assert products["jvp"] == pytest.approx([15, slope])
    (of_nest,) = products["vjp"]
    assert of_nest == pytest.approx({"a": 3 * 2**2, "b": 2**3 * math.log(2)})
    value, gradient = products["value and gradient"]
    assert [value, *gradient] == pytest.approx([15, slope, 8])
    assert products["nested"] == 6  # x * d(xy)/dy = x²


@pytest.mark.parametrize("what", ["index", "stack", "method", "matrix product", "float"])
def test_what_needs_arrays_or_a_plain_number_is_refused_clearly(alone, what):
    kind, said = alone["errors"][what]
    assert kind in {"AttributeError", "ConversionError", "UnsupportedOperationError"}
    assert "test_core_alone.py, line" in said
    assert "Variable" not in said
    assert "blocked" not in said


if __name__ == "__main__":
    sys.stdout.write(json.dumps(with_everything_else_blocked()))
