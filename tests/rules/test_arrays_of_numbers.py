"""Arrays of traced numbers, as np.array([x, y]) makes them, where NumPy needs floats."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import adviz as ad
from adviz.rules.functions import FUNCTIONS, NEEDS_FLOATS
from adviz.rules.intercepted_functions import METHODS_OF_ARRAYS
from adviz.rules.interception import intercepted
from tests.rules.everything_intercepted import everything_intercepted

EXPRESSIONS = [
    "np.linalg.det(np.array([[x, y], [y, 2.0]]))",
    "np.linalg.det([[x, y], [y, 2.0]])",
    "np.linalg.inv(np.array([[np.cos(x), -y], [np.sin(x), 1.0]]))",
    "np.linalg.solve(np.array([[x, y], [y, 2.0]]), np.array([1.0, x]))",
    "np.linalg.solve(np.eye(2), [x, y])",
    "np.linalg.eigvalsh(np.array([[x, y], [y, 5.0]]))",
    "np.linalg.eigh(np.array([[x, y], [y, 5.0]])).eigenvalues[0]",
    "np.linalg.svd(np.array([[x, y], [y, 5.0]]))[1]",
    "np.linalg.cholesky(np.array([[x, 0.2], [0.2, y]]))",
    "np.linalg.slogdet(np.array([[x, y], [y, 5.0]])).logabsdet",
    "np.linalg.norm(np.array([[x, y], [y, 1.0]]), 'nuc')",
    "np.linalg.norm(np.array([x, y]))",
    "np.linalg.cond(np.array([[x, y], [y, 5.0]]))",
    "np.linalg.matrix_power(np.array([[x, y], [y, 5.0]]), -2)",
    "np.linalg.lstsq(np.array([[x, 1.0], [y, 1.0], [3.0, 1.0]]), np.arange(3.0))[0]",
    "np.fft.fft(np.array([x, y, 1.0])).real",
    "np.interp(np.array([x, y]), [0.0, 1.0, 2.0], [0.0, 1.0, y])",
    "np.quantile([x, y, x * y], 0.4)",
    "np.cov([x, y, 2.0], [1.0, y, x])",
    "np.gradient(np.array([x, y, x * y]))",
    "np.cbrt(np.array([x, y])) + np.degrees(np.array([y, x]))",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_values_and_derivatives(expression):
    f = eval(f"lambda x, y: {expression}", {"np": np})
    np.testing.assert_allclose(ad.vjp(f, 1.2, 0.8)[0], f(1.2, 0.8), rtol=1e-13)
    ad.check_grads(f, (1.2, 0.8), order=2)


def test_the_rows_are_those_of_a_traced_array():
    trace = ad.trace(lambda x, y: np.linalg.det(np.array([[x, y], [y, 2.0]])), 1.0, 3.0)
    assert [row.op for row in trace.rows] == ["input", "input", "stack", "reshape", "det"]
    assert trace.rows[-1].source.text == "np.linalg.det(np.array([[x, y], [y, 2.0]]))"
    unfolded = ad.trace(lambda a: np.linalg.inv(a)[0, 1], np.eye(2) + 1, elementwise=True)
    assert unfolded.value == pytest.approx(-1 / 3)


def flat(result):
    return result if isinstance(result, tuple) else [result]


def test_plain_arrays_and_other_objects_get_what_they_got():
    ad.trace(lambda x: np.linalg.det([[x]]), 1.0)
    a = np.random.default_rng(0).normal(size=(3, 3))
    for name in ("inv", "det", "svd", "qr", "eigh"):
        function = getattr(np.linalg, name)
        own, signature = function(a), inspect.signature(function)
        with everything_intercepted():
            assert function(a).__class__ is own.__class__
            for found, expected in zip(flat(function(a)), flat(own), strict=True):
                np.testing.assert_array_equal(found, expected)
            assert f"def {name}(" in inspect.getsource(function)
            assert inspect.signature(function) == signature
    assert np.linalg.inv(a.tolist()).dtype == a.dtype
    with pytest.raises(TypeError, match="dtype"):
        np.linalg.inv(np.eye(2).astype(object))
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'a'"):
        np.linalg.inv()


def test_all_of_them_are_intercepted_and_have_a_rule():
    ad.trace(lambda x: np.array([x, x])[0], 1.0)
    methods = {getattr(np._core._methods, name) for name, _, _ in METHODS_OF_ARRAYS}
    assert {function._implementation for function in NEEDS_FLOATS} | methods == {
        function for function in intercepted() if function.__module__.startswith("numpy")
    }
    assert len(NEEDS_FLOATS) == 82
    assert set(NEEDS_FLOATS) <= set(FUNCTIONS)


@pytest.mark.parametrize("f", ["det([[x, y], [y, x]])", "det(np.array([[x, y], [y, x]]))"])
def test_the_first_time_too(f):
    code = (
        "import numpy as np, adviz as ad; "
        f"print(*ad.grad(lambda x, y: np.linalg.{f}, (0, 1))(1.0, 3.0))"
    )
    root = str(Path(ad.__file__).parent.parent)
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | {"PYTHONPATH": root},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    np.testing.assert_allclose([float(part) for part in ran.stdout.split()], [2.0, -6.0])


def test_where_only_plain_numbers_are_left():
    def f(x):
        return np.maximum(np.array([x, 1.0]), 2.0)

    np.testing.assert_array_equal(ad.trace(f, 1.2).value, [2.0, 2.0])
    np.testing.assert_array_equal(ad.jacobian(f)(1.2), [0.0, 0.0])
    np.testing.assert_array_equal(ad.jacobian(lambda x: f(x[0]) * x)(np.ones(2)), 2 * np.eye(2))


def test_what_has_no_way_says_what_to_write():
    with pytest.raises(ad.AdvizError, match=r"like=x") as caught:
        ad.trace(lambda x: np.logaddexp(np.array([x, 2.0]), 1.0), 1.0)
    assert "test_arrays_of_numbers.py, line" in str(caught.value)
