"""Published evaluation traces, row by row: values, tangents for every seed, adjoints."""

import math

import numpy as np
import pytest

import adviz as ad


def eq5(x1, x2):
    return x1 * x2 + x2 - np.log(x1)


def baydin(x1, x2):
    # In the order of the published rows.
    v1 = np.log(x1)
    v2 = x1 * x2
    v3 = np.sin(x2)
    v4 = v1 + v2
    return v4 - v3


def griewank_walther(x1, x2):
    v1 = x1 / x2
    v2 = np.sin(v1)
    v3 = np.exp(x2)
    v4 = v1 - v3
    v5 = v2 + v4
    return v5 * v4


def values(trace):
    return {row.index: row.value for row in trace.rows}


def tangents(trace, seed):
    return {step.row.index: step.tangent for step in trace.forward(seed)}


def adjoints(trace):
    return {step.row.index: step.adjoint for step in trace.reverse()}


def close(expected):
    return pytest.approx(expected, rel=1e-15, abs=0)


@pytest.mark.parametrize(("x1", "x2", "published"), [(2, 4, 11.306853), (3, -4, -17.098612)])
def test_eq5(x1, x2, published):
    trace = ad.trace(eq5, x1, x2)
    ops = [(row.op, row.parents) for row in trace.rows]
    assert ops == [
        ("input", ()),
        ("input", ()),
        ("mul", (-1, 0)),
        ("add", (1, 0)),
        ("log", (-1,)),
        ("sub", (2, 3)),
    ]
    assert [row.label for row in trace.rows] == ["v₋₁", "v₀", "v₁", "v₂", "v₃", "v₄"]
    log = math.log(x1)
    assert values(trace) == close(
        {-1: x1, 0: x2, 1: x1 * x2, 2: x1 * x2 + x2, 3: log, 4: x1 * x2 + x2 - log}
    )
    assert tangents(trace, "x1") == close({-1: 1, 0: 0, 1: x2, 2: x2, 3: 1 / x1, 4: x2 - 1 / x1})
    assert tangents(trace, "x2") == close({-1: 0, 0: 1, 1: x1, 2: x1 + 1, 3: 0, 4: x1 + 1})
    assert adjoints(trace) == close({4: 1, 3: -1, 2: 1, 1: 1, 0: x1 + 1, -1: x2 - 1 / x1})
    assert f"{trace.value:.6f}" == str(published)
    assert ad.grad(eq5, (0, 1))(float(x1), float(x2)) == close((x2 - 1 / x1, x1 + 1))


def test_eq5_gradient_is_the_published_one():
    assert ad.grad(eq5, (0, 1))(3.0, -4.0) == (-13 / 3, 4)


def test_baydin_tables_2_and_3():
    trace = ad.trace(baydin, 2, 5)
    x1, x2 = 2.0, 5.0
    sin, cos, log = math.sin(x2), math.cos(x2), math.log(x1)
    assert [row.op for row in trace.rows[2:]] == ["log", "mul", "sin", "add", "sub"]
    assert [row.name for row in trace.rows] == ["x1", "x2", "v1", "v2", "v3", "v4", None]
    expected_values = {-1: x1, 0: x2, 1: log, 2: x1 * x2, 3: sin, 4: log + 10, 5: log + 10 - sin}
    assert values(trace) == close(expected_values)
    by_x1 = {-1: 1, 0: 0, 1: 1 / x1, 2: x2, 3: 0, 4: 1 / x1 + x2, 5: 1 / x1 + x2}
    assert tangents(trace, "x1") == close(by_x1)
    by_x2 = {-1: 0, 0: 1, 1: 0, 2: x1, 3: cos, 4: x1, 5: x1 - cos}
    assert tangents(trace, "x2") == close(by_x2)
    expected_adjoints = {5: 1, 4: 1, 3: -1, 2: 1, 1: 1, 0: x1 - cos, -1: x2 + 1 / x1}
    assert adjoints(trace) == close(expected_adjoints)

    published = {
        # row: value, tangent, adjoint, to the digits they are published with
        -1: ("2", "1", "5.5"),
        0: ("5", "0", "1.716337815"),
        1: ("0.6931471806", "0.5", "1"),
        2: ("10", "5", "1"),
        3: ("-0.9589242747", "0", "-1"),
        4: ("10.69314718", "5.5", "1"),
        5: ("11.65207146", "5.5", "1"),
    }
    dots, bars = tangents(trace, "x1"), adjoints(trace)
    for row in trace.rows:
        computed = (row.value, dots[row.index], bars[row.index])
        assert tuple(f"{number:.10g}" for number in computed) == published[row.index]


def test_griewank_walther_running_example():
    trace = ad.trace(griewank_walther, 1.5, 0.5)
    x1, x2 = 1.5, 0.5
    q, sin, exp, cos = x1 / x2, math.sin(x1 / x2), math.exp(x2), math.cos(x1 / x2)
    d, s = q - exp, sin + q - exp
    assert [row.op for row in trace.rows[2:]] == ["div", "sin", "exp", "sub", "add", "mul"]
    assert values(trace) == close({-1: x1, 0: x2, 1: q, 2: sin, 3: exp, 4: d, 5: s, 6: s * d})
    for seed, dq, de in (("x1", 1 / x2, 0.0), ("x2", -x1 / x2**2, exp)):
        ds = cos * dq + (dq - de)
        assert tangents(trace, seed) == close(
            {
                -1: float(seed == "x1"),
                0: float(seed == "x2"),
                1: dq,
                2: cos * dq,
                3: de,
                4: dq - de,
                5: ds,
                6: ds * d + s * (dq - de),
            }
        )
    q_bar = d + s + d * cos
    assert adjoints(trace) == close(
        {6: 1, 5: d, 4: s + d, 3: -(s + d), 2: d, 1: q_bar}
        | {0: -(s + d) * exp - q_bar * x1 / x2**2, -1: q_bar / x2}
    )
    published = ("2.016646669", "3.011843328", "-13.72396151")
    gradient = ad.grad(griewank_walther, (0, 1))(1.5, 0.5)
    assert tuple(f"{number:.10g}" for number in (trace.value, *gradient)) == published


def test_baydin_figure_3_to_the_third_derivative():
    def f(x):
        return 64 * x * (1 - x) * (1 - 2 * x) ** 2 * (1 - 8 * x + 8 * x * x) ** 2

    assert f(0.2) == pytest.approx(112896 / 390625, rel=1e-14)
    first, second = ad.grad(f), ad.grad(ad.grad(f))
    assert first(0.2) == pytest.approx(708288 / 78125, rel=1e-14)
    assert second(0.2) == pytest.approx(67.395584, rel=1e-13)
    assert ad.grad(second)(0.2) == pytest.approx(-3948.87168, rel=1e-13)
