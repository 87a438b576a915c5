"""The functions of scipy.special, beyond the examples that are compared with differences."""

import inspect
import itertools
import os
import pickle
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from scipy import special
from scipy.special import log_softmax, logsumexp, multigammaln, polygamma, softmax

import adviz as ad
from adviz.rules.interception import intercepted
from adviz.rules.scipy_special import IN_PYTHON
from tests.rules.everything_intercepted import everything_intercepted

Z = np.random.default_rng(0).normal(size=(3, 4, 2))


def test_an_order_is_to_be_kept_plain():
    for function, x in ((special.zeta, 2.0), (special.jv, 0.5), (special.gammainc, 1.5)):
        with pytest.raises(ad.AdvizError, match="first operand"):
            ad.grad(lambda n, function=function, x=x: function(n, x))(3.0)
    with pytest.raises(ad.AdvizError, match="first two operands"):
        ad.grad(lambda a: special.betainc(a, 2.0, 0.5))(3.0)
    with pytest.raises(ad.AdvizError, match=r"order n is a plain number: test_special\.py, line"):
        ad.trace(lambda n: polygamma(n, 2.0), 1.0)
    with pytest.raises(ad.AdvizError, match="dimension d is a plain number"):
        ad.trace(lambda d: multigammaln(3.0, d), 1.0)


def test_a_function_without_a_row_is_named_in_full():
    with pytest.raises(ad.AdvizError, match=r"scipy\.special\.airye? met .*special\.airy\(x\)"):
        ad.grad(lambda x: special.airy(x)[0])(1.0)
    with pytest.raises(ad.AdvizError, match=r"_riemann_zeta met .*test_special\.py.*zeta\(x\)"):
        ad.grad(lambda x: special.zeta(x))(3.0)


def test_a_likelihood():
    counts = np.array([3.0, 0.0, 7.0])

    def loss(rate):
        return np.sum(rate - special.xlogy(counts, rate) + special.gammaln(counts + 1))

    np.testing.assert_allclose(ad.grad(loss)(np.ones(3)), 1 - counts)


WEIGHTS = {
    "none": None,
    "positive": np.abs(Z) + 0.1,
    "zeros": np.where(Z > 0.3, 0.0, np.abs(Z) + 0.1),
    "negative": Z,
    "broadcast": np.array([[1.0], [0.5], [2.0], [-0.1]]),
}
ARRAYS = {
    "small": Z,
    "large": 1e5 + 1e3 * Z,
    "far below": -1e4 + 50 * Z,
    "little beside 0": np.where(Z > 0.9, 0.0, Z - 45),
    "without some": np.where(Z > 0.5, -np.inf, Z),
    "alike": np.round(Z),
}


@pytest.mark.parametrize(("array", "weights"), [*itertools.product(ARRAYS, WEIGHTS)])
def test_logsumexp_has_scipys_digits(array, weights):
    a, b = ARRAYS[array], WEIGHTS[weights]
    for axis, keepdims in itertools.product((None, 1, (0, -1), (0, 1, 2)), (False, True)):

        def f(a, b, axis=axis, keepdims=keepdims):
            return logsumexp(a, axis, b, keepdims, return_sign=True)

        plain = f(a, b)
        traces = [ad.trace(lambda a, f=f: f(a, b), a)]
        if b is not None:
            traces.append(ad.trace(lambda b, f=f: f(a, b), b))
        for trace in traces:
            for found, expected in zip(trace.value, plain, strict=True):
                assert np.shape(found) == np.shape(expected)
                np.testing.assert_allclose(found, expected, rtol=4e-15, atol=4e-16)
            if b is None and array != "alike":
                np.testing.assert_array_equal(trace.value[0], plain[0])


@pytest.mark.parametrize("array", ARRAYS)
def test_softmax_and_log_softmax_have_scipys_digits(array):
    for function, axis in itertools.product((softmax, log_softmax), (None, 1, (0, 2))):
        x = ARRAYS[array]
        value = ad.trace(lambda x, function=function, axis=axis: function(x, axis), x).value
        np.testing.assert_array_equal(value, function(x, axis))


def test_the_digits_of_the_slopes_far_out():
    a = np.array([1e4, 1e4 - 1, 1e4 - 50, -np.inf])
    np.testing.assert_allclose(ad.grad(lambda a: logsumexp(a))(a), softmax(a), rtol=1e-15)
    slopes = ad.grad(lambda b: logsumexp(a, b=b))(np.array([1.0, 0.0, -1.0, 0.0]))
    np.testing.assert_allclose(slopes, np.exp(a - 1e4), rtol=1e-15)
    assert ad.trace(lambda a: logsumexp(a, b=[0.0, 1.0]), np.array([np.inf, 2.0])).value == 2.0
    assert ad.trace(lambda a: logsumexp(a), np.full(3, -np.inf)).value == -np.inf
    assert np.isnan(ad.trace(lambda a: logsumexp(a, b=-1.0), a).value)
    assert ad.trace(lambda a: logsumexp(a[:0]), a).value == -np.inf


def test_multigammaln_and_polygamma_have_scipys_digits():
    a = np.abs(Z) + 2.5
    for d in (1, 2, 5):
        value = ad.trace(lambda a, d=d: multigammaln(a, d), a).value
        np.testing.assert_array_equal(value, multigammaln(a, d))
    for n in (0, 3, [[0], [2], [1], [4]]):
        value = ad.trace(lambda a, n=n: polygamma(n, a), a).value
        np.testing.assert_array_equal(value, polygamma(n, a))
    with pytest.raises(ValueError, match="condition a"):
        ad.trace(lambda a: multigammaln(a, 9), a)
    with pytest.raises(ValueError, match="positive integer"):
        ad.trace(lambda a: multigammaln(a, 1.5), a)


def test_each_is_a_few_rows_of_the_users_line():
    def operations(f, *inputs, **options):
        trace = ad.trace(f, *inputs, **options)
        made = [row for row in trace.rows if row.op != "input"]
        assert {row.source.text for row in made} == {trace.rows[-1].source.text}
        assert "test_special.py" in trace.rows[-1].source.file
        return " ".join(row.op for row in made)

    z = Z[0]
    assert operations(lambda z: logsumexp(z), z) == "max sub exp shares sub sum log1p add"
    assert operations(lambda z: softmax(z, 1), z) == "max sub exp sum div"
    assert operations(lambda z: log_softmax(z, axis=1), z) == "max sub exp sum log sub"
    assert operations(lambda z: multigammaln(z, 2), z + 9) == "sub gammaln sum add"
    assert operations(lambda z: polygamma(1, z), z + 9) == "zeta mul"
    by_entries = "sub sub exp exp add log add"
    assert operations(lambda x, y: logsumexp([x, y]), 1.0, 2.0) == by_entries
    assert operations(lambda z: logsumexp(z), z[0], elementwise=True) == by_entries


def test_one_program_serves_wherever_the_largest_is():
    fast = ad.compile(lambda z: logsumexp(z, axis=1), Z)
    for shift in range(3):
        np.testing.assert_array_equal(fast(np.roll(Z, shift)), logsumexp(np.roll(Z, shift), axis=1))
    assert repr(fast).startswith("<compiled f: 1 program,")
    assert fast(np.full_like(Z, -np.inf)).max() == -np.inf


def test_what_they_give_plain_arrays_and_say_of_themselves_is_scipys():
    ad.trace(lambda z: logsumexp(z), Z)
    for name in IN_PYTHON:
        function = getattr(special, name)
        args = {"multigammaln": (Z + 9, 3), "polygamma": (2, Z + 9)}.get(name, (Z, 1))
        own, signature = function(*args), inspect.signature(function)
        source = inspect.getsource(function)
        assert f"def {name}(" in source
        with everything_intercepted():
            assert function in intercepted()
            np.testing.assert_array_equal(function(*args), own)
            assert inspect.signature(function) == signature
            assert inspect.getsource(function) == source
            assert pickle.loads(pickle.dumps(function)) is function
            assert type(logsumexp([1.0, 2.0])) is np.float64
            with pytest.raises(TypeError, match="missing 1 required positional argument: 'a'"):
                logsumexp()


@pytest.mark.slow
def test_adviz_imported_anew_finds_scipys_own():
    code = """
        import sys
        import adviz as ad, numpy as np, scipy.stats, scipy.special
        ad.grad(lambda x: np.linalg.det(np.array([[x, 1.0], [1.0, x]])))(2.0)
        for name in [name for name in sys.modules if name.startswith("adviz")]:
            del sys.modules[name]
        import adviz as ad
        z = np.array([1.5, 2.5])
        slope = ad.grad(lambda z: scipy.special.logsumexp(z) + scipy.stats.norm.logpdf(z[0]))(z)
        plain = scipy.special.logsumexp(z), np.linalg.det(np.eye(2)), scipy.stats.norm.pdf(0.0)
        print([*slope, *plain])
        """
    ran = run(inspect.cleandoc(code))
    np.testing.assert_allclose(
        eval(ran, {"np": np}),
        [softmax(Z2)[0] - 1.5, softmax(Z2)[1], logsumexp(Z2), 1.0, 1 / np.sqrt(2 * np.pi)],
        rtol=1e-14,
    )


Z2 = np.array([1.5, 2.5])


def run(code):
    """Run code in a new interpreter and return what it prints."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | {"PYTHONPATH": str(Path(ad.__file__).parent.parent)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout


IMPORTED = {
    "before adviz": """
        from scipy.special import logsumexp, multigammaln
        import adviz as ad
        def f(z): return logsumexp(z) + multigammaln(z[0], 2)
        """,
    "after adviz": """
        import adviz as ad
        from scipy.special import logsumexp, multigammaln
        def f(z): return logsumexp(z) + multigammaln(z[0], 2)
        """,
    "after a trace": """
        import adviz as ad
        ad.grad(lambda x: x * x)(1.0)
        import scipy.special
        def f(z): return scipy.special.logsumexp(z) + scipy.special.multigammaln(z[0], 2)
        """,
    "by the function itself": """
        import adviz as ad
        def f(z):
            from scipy.special import logsumexp, multigammaln
            return logsumexp([*z]) + multigammaln(z[0], 2)
        """,
    "by an inner function": """
        import adviz as ad
        def g(z):
            from scipy.special import logsumexp, multigammaln
            return logsumexp(z) + multigammaln(z[0], 2)
        def f(z): return ad.jvp(g, (z,), (z,))[0]
        """,
}


@pytest.mark.slow
@pytest.mark.parametrize("when", IMPORTED)
def test_whenever_scipy_was_imported(when):
    code = inspect.cleandoc(IMPORTED[when]) + (
        "\nimport numpy as np\nz = np.array([1.5, 2.5])\nprint([*ad.grad(f)(z)], [*ad.grad(f)(z)])"
    )
    printed = run(code)
    slope = [
        softmax([1.5, 2.5])[0] + special.digamma(1.5) + special.digamma(1.0),
        softmax([1.5, 2.5])[1],
    ]
    found = eval(printed.replace("] [", "], ["), {"np": np})
    np.testing.assert_allclose(found, [slope, slope], rtol=1e-14)


def test_scalars_know_the_functions_of_arrays_too_when_scipy_was_there_first():
    code = (
        "import scipy.special; import adviz as ad; "
        "print(ad.grad(lambda x: (x % 0.75) * 2 + divmod(x, 0.75)[1])(2.0))"
    )
    assert run(code) == "3.0\n"


def not_intercepted(function):
    """Return a copy of a function of SciPy, which keeps its own code in a recording."""
    name, defaults = function.__name__, function.__defaults__
    return types.FunctionType(function.__code__, function.__globals__, name, defaults)


MULTIGAMMALN = not_intercepted(special.multigammaln)
POLYGAMMA = not_intercepted(special.polygamma)

INSTEAD = [
    (special.logsumexp, lambda x: np.logaddexp.reduce(x, None), "logaddexp.reduce"),
    (
        special.log_softmax,
        lambda x: x - np.logaddexp.reduce(x, None, keepdims=True),
        "keepdims=True",
    ),
    (
        special.softmax,
        lambda x: (
            (e := np.exp(x - np.max(x, None, keepdims=True))) / np.sum(e, None, keepdims=True)
        ),
        "np.exp(x - np.max(x, axis, keepdims=True))",
    ),
    (
        lambda x: MULTIGAMMALN(x[1], 3),
        lambda x: 3 * 2 / 4 * np.log(np.pi) + np.sum(special.gammaln(x[1] - np.arange(3) / 2)),
        "gammaln(a - np.arange(d) / 2)",
    ),
    (
        lambda x: POLYGAMMA(2, x),
        lambda x: (-1) ** 3 * special.gamma(3) * special.zeta(3, x),
        "zeta(n + 1, x)",
    ),
    (
        lambda x: special.comb(x[0], x[1]),
        lambda x: special.binom(x[0], x[1]),
        "scipy.special.binom(n, k)",
    ),
    (lambda x: special.factorial(x), lambda x: special.gamma(x + 1), "scipy.special.gamma(n + 1)"),
    (
        lambda x: special.perm(x, 2),
        lambda x: special.poch(x - 2 + 1, 2),
        "scipy.special.poch(n - k + 1, k)",
    ),
]


@pytest.mark.parametrize(
    ("scipys", "instead", "advice"), INSTEAD, ids=[advice for _, _, advice in INSTEAD]
)
def test_where_one_cannot_be_intercepted_the_error_says_what_to_write(scipys, instead, advice):
    """As in a version of SciPy that has another form of it: here by its own code."""
    x = np.array([3.5, 2.25])
    plain = not_intercepted(scipys) if scipys.__name__ in IN_PYTHON else scipys

    def own(x):
        return plain(x)

    with pytest.raises(ad.AdvizError) as caught:
        ad.trace(own, x)
    assert advice in str(caught.value)
    assert "test_special.py, line" in str(caught.value)
    np.testing.assert_allclose(ad.trace(instead, x).value, own(x), rtol=1e-12)
    ad.check_grads(instead, (x,), order=2)


def test_likelihoods_far_out_stay_finite():
    value, slope = ad.value_and_grad(lambda x: np.logaddexp.reduce(x))(np.array([-1e4, 1e4, 1e4]))
    assert value == pytest.approx(1e4 + np.log(2))
    np.testing.assert_allclose(slope, [0.0, 0.5, 0.5])
    assert ad.grad(lambda x: np.logaddexp(x, -np.inf))(2.0) == 1.0


@pytest.mark.parametrize("name", ["logsumexp", "softmax", "log_softmax"])
def test_compiled_functions_of_a_single_number(name):
    f = lambda a: np.sum(getattr(special, name)(a * a)) * a  # noqa: E731
    for number in (0.7, np.array(0.7)):
        compiled = ad.compile(f, number)
        assert compiled(number) == pytest.approx(f(number))
        assert compiled.grad(number) == pytest.approx(ad.grad(f)(0.7))


def test_the_arcsine_distribution_has_a_second_derivative():
    x = np.array([0.1, 0.3, 0.5, 0.9])

    def total(x):
        return np.sum(special.betainc(0.5, 0.5, x))

    expected = (x - 0.5) / (np.pi * (x * (1 - x)) ** 1.5)
    np.testing.assert_allclose(np.diagonal(ad.hessian(total)(x)), expected, atol=1e-14)
    third = ad.grad(ad.grad(ad.grad(lambda x: special.betainc(0.25, 0.75, x))))(0.3)
    nearby = ad.grad(ad.grad(ad.grad(lambda x: special.betainc(0.25, 0.7500001, x))))(0.3)
    assert third == pytest.approx(nearby, rel=1e-5)
