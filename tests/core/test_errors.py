"""Error messages say what was wrong, where in the user's code, and what to write instead."""

import contextlib
import math
import math as m
import operator
from collections import deque
from math import log as natural_log

import numpy as np
import pytest
from scipy import fft, interpolate, linalg, ndimage, optimize

import adviz as ad


def math_log(x):
    return 1 + math.log(x)


def math_under_another_name(x):
    return 1 + m.asin(x)


def imported_from_math(x):
    return 1 + natural_log(x)


def math_pow(x):
    return math.pow(x, 2)


def math_fabs(x):
    return math.fabs(x)


def math_isnan(x):
    return x if math.isnan(x) else -x


def math_gamma(x):
    return math.gamma(x)


def math_of_float(x):
    return math.log(float(x))


def to_float(x):
    return float(x) * 2


def percent(x):
    print("%f" % x)  # noqa: T201, UP031
    return x


def to_int(x):
    return int(x) * x


def to_complex(x):
    return complex(x)


def as_index(x):
    return [1, 2, 3][x]


def as_range(x):
    return sum(x for _ in range(x))


def rounded(x):
    return round(x, 2)


def floored(x):
    return math.floor(x)


def matrix_product(x):
    return x @ x


def bits(x):
    return x & 1


def special_ufunc(x):
    return np.spacing(x)


def string_operand(x):
    return x + "a"


def none_operand(x):
    return x * None


def reduced(x):
    return np.subtract.accumulate(x)


ZEROS = np.zeros(2)


def into_zeros(x):
    ZEROS[0] = x


def added_into_zeros(x):
    return operator.iadd(ZEROS, x)


def text_array(x):
    return np.array(["a"]) * x


def option_of_prod(x):
    return np.prod(x, out=ZEROS)


def option_of_median(x):
    return np.median([x, x], out=ZEROS[0])


def value_of_an_option(x):
    return np.quantile(x, 0.5, method="hazen")


def power_of_a_list(x):
    return np.float_power([x, 2 * x], 2.0)


def range_to_it(x):
    return np.arange(x)


def array_of_objects(x):
    return np.exp(np.array([[x, 1.0], [2.0, x]]))


def two_arrays_of_objects(x):
    return np.hypot(np.array([x, 1.0]), 2.0)


def root(x):
    return optimize.brentq(lambda t, hidden=deque([x]): t - hidden[0], 0.0, 9.0)


def factor(x):
    return linalg.lu_factor(x * np.eye(2))[0]


def spline(x):
    return interpolate.make_interp_spline([0.0, 1.0, 9.0], [1.0, 2.0, 5.0], 2)(x)


def transform(x):
    return fft.fft(x * np.ones(3)).real


def blur(x):
    return ndimage.gaussian_filter(x * np.ones(3), 1.0)


def draw(x):
    return np.random.default_rng(0).normal(x)


def index_of_plain(x):
    return ZEROS[x] * x


def method_of_plain(x):
    return np.stack([x, x]).tobytes()


def ufunc_out(x):
    return np.sin(x, out=ZEROS)


def iterated(x):
    return sum(v for v in x)


def indexed(x):
    return x[0]


def length(x):
    return x / len(x)


CASES = [
    # function, what is said of it, the user's line, what to write instead
    (math_log, "math.log met a traced number", "return 1 + math.log(x)", "np.log(...)"),
    (
        math_under_another_name,
        "math.asin met a traced number",
        "return 1 + m.asin(x)",
        "np.arcsin(...)",
    ),
    (imported_from_math, "math.log met", "return 1 + natural_log(x)", "np.log(...)"),
    (math_pow, "math.pow met", "return math.pow(x, 2)", "np.power(...)"),
    (math_fabs, "math.fabs met", "return math.fabs(x)", "Write abs(x)"),
    (math_isnan, "math.isnan met", "return x if math.isnan(x) else -x", "np.isnan(...)"),
    (math_gamma, "math.gamma met", "return math.gamma(x)", "Write scipy.special.gamma(x)"),
    (math_of_float, "by float()", "return math.log(float(x))", "Leave the traced number as it is"),
    (to_float, "by float()", "return float(x) * 2", "Leave the traced number as it is"),
    (percent, "by float()", 'print("%f" % x)', "Leave the traced number as it is"),
    (to_int, "by int()", "return int(x) * x", "branch with comparisons"),
    (to_complex, "by complex()", "return complex(x)", "Write x + 1j * y"),
    (as_index, "by an index", "return [1, 2, 3][x]", "outside the traced arguments"),
    (as_range, "by an index", "return sum(x for _ in range(x))", "outside the traced arguments"),
    (rounded, "round met", "return round(x, 2)", "outside the traced function"),
    (floored, "math.floor met", "return math.floor(x)", "Write np.floor(...)"),
    (matrix_product, "@ met", "return x @ x", "sum(a * b for a, b in zip(u, v))"),
    (bits, "& met", "return x & 1", "and, or, not"),
    (special_ufunc, "np.spacing met", "return np.spacing(x)", "from plain numbers"),
    (option_of_prod, "out", "return np.prod(x, out=ZEROS)", "Leave the option out"),
    (option_of_median, "'out'", "return np.median([x, x], out=", "Leave the option out"),
    (
        value_of_an_option,
        "np.quantile of a traced array",
        "return np.quantile(x, 0.5",
        "method must be one of linear, lower",
    ),
    (
        power_of_a_list,
        "An array of Python objects",
        "return np.float_power([x, 2 * x]",
        "np.stack([...])",
    ),
    (range_to_it, "np.arange met", "return np.arange(x)", "Write np.linspace"),
    (
        array_of_objects,
        "An array of Python objects",
        "return np.exp(np.array([[x, 1.0]",
        "np.array([...], like=x)",
    ),
    (
        two_arrays_of_objects,
        "An array of Python objects",
        "return np.hypot(np.array([x, 1.0]), 2.0)",
        "np.array([...], like=x)",
    ),
    (root, "scipy.optimize.brentq computes", "return optimize.brentq(", "ad.custom"),
    (factor, "scipy.linalg.lu_factor computes", "return linalg.lu_factor(", "numpy.linalg"),
    (spline, "scipy.interpolate.BSpline", "interpolate.make_interp", "CubicSpline"),
    (transform, "scipy.fft computes", "return fft.fft(", "numpy.fft"),
    (blur, "scipy.ndimage.gaussian_filter", "return ndimage.gaussian_filter(", "np.convolve"),
    (
        draw,
        "A traced number cannot be put",
        "return np.random.default_rng(0).normal(x)",
        "mu + sigma",
    ),
    (index_of_plain, "An index is no whole number", "return ZEROS[x] * x", "plain ints"),
    (method_of_plain, "no .tobytes", "return np.stack([x, x]).tobytes()", "after the traced call"),
    (string_operand, "a str", 'return x + "a"', "another traced number"),
    (none_operand, "a NoneType", "return x * None", "another traced number"),
    (reduced, "np.subtract.accumulate met", "return np.subtract.accumulate(x)", "np.cumsum"),
    (into_zeros, "assigned into an array", "ZEROS[0] = x", "np.copy(a)"),
    (added_into_zeros, "out=", "return operator.iadd(ZEROS, x)", "y = y + x"),
    (text_array, "an array of <U1", 'return np.array(["a"]) * x', "another traced number"),
    (ufunc_out, "out=", "return np.sin(x, out=ZEROS)", "a new variable"),
    (iterated, "cannot be iterated", "return sum(v for v in x)", "Pass a list"),
    (indexed, "cannot be indexed", "return x[0]", "Pass a list"),
    (length, "len met", "return x / len(x)", "pass a list"),
]


@pytest.mark.parametrize(
    "differentiate", [ad.trace, lambda f, x: ad.grad(f)(x)], ids=["trace", "grad"]
)
@pytest.mark.parametrize(
    ("f", "said", "line", "advice"), CASES, ids=lambda c: getattr(c, "__name__", "")
)
def test_what_a_traced_number_cannot_do(differentiate, f, said, line, advice):
    with pytest.raises(ad.AdvizError) as caught:
        differentiate(f, 2.0)
    message = str(caught.value)
    assert said in message
    assert (
        f"test_errors.py, line {f.__code__.co_firstlineno + 1}, in {f.__name__}: `{line}" in message
    )
    assert advice in message
    assert isinstance(caught.value, (TypeError, AttributeError))  # as Python's own would be
    assert "Variable" not in message


def test_what_compiled_code_of_scipys_makes_of_an_error(monkeypatch):
    """brentq goes on after an error of its function, and raises another one in its place.

    Or it does not: that depends on what Python holds in a cache. Here it surely does.
    """
    solver = optimize._zeros_py
    code = """def going_on(f, a, *_):
        try:
            float(f(a))
        except TypeError:
            pass
        raise ValueError("f(a) and f(b) must have different signs")
    """
    scope = {"__name__": solver.__name__}
    exec(compile(code, solver.__file__, "exec"), scope)  # as if it were SciPy's
    monkeypatch.setattr(solver._zeros, "_brentq", scope["going_on"])
    with pytest.raises(ad.AdvizError, match=r"brentq computes .* `return optimize\.brentq\("):
        ad.grad(root)(2.0)

    def with_plain_numbers(x):
        with contextlib.suppress(ValueError):
            root(x)
        return x * optimize.brentq(lambda t: t + 1, 0.0, 9.0)

    with pytest.raises(ValueError, match="must have different signs"):
        ad.grad(with_plain_numbers)(2.0)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a", "a str ('a')"),
        (True, "True"),
        (np.full((2, 3), None), "an array of shape (2, 3) of object"),
        ({1, 2}, "a set"),
    ],
    ids=str,
)
def test_an_input_that_is_no_number(value, said):
    with pytest.raises(ad.AdvizError) as caught:
        ad.grad(lambda x: x)([1.0, value])
    message = str(caught.value)
    assert f"x[1] is {said}, not a number" in message
    assert "`ad.grad(lambda x: x)([1.0, value])`" in message
    assert "pass it as a float" in message


def no_return(x):
    x * x


def returns_text(x):
    return [x, str(x)]


def returns_comparison(x):
    return x > 0


def returns_array(x):
    return np.array(["a", "b"])


def returns_nothing_at_all(x):
    return []


@pytest.mark.parametrize(
    ("f", "said", "advice"),
    [
        (no_return, "returned None", "Is a return statement missing?"),
        (returns_text, "returned a str ('2.0') at [1]", "Return a number"),
        (returns_comparison, "returned True", "A comparison has no derivative"),
        (returns_array, "returned an array of shape (2,)", "a tuple, list or dict of numbers"),
        (returns_nothing_at_all, "returned [], which holds no number", "Return a number"),
    ],
    ids=lambda c: getattr(c, "__name__", ""),
)
def test_an_output_that_has_no_derivative(f, said, advice):
    with pytest.raises(ad.AdvizError) as caught:
        ad.grad(f)(2.0)
    message = str(caught.value)
    assert f"{f.__name__} {said}" in message
    assert advice in message
    place = f"test_errors.py, line {f.__code__.co_firstlineno}: `def {f.__name__}(x):`"
    assert place in message


def test_calls_that_cannot_be():
    def f(x, y):
        return x * y

    with pytest.raises(ad.AdvizError, match=r"f\(x, y\) cannot be called with 1 positional"):
        ad.trace(f, 1.0)
    with pytest.raises(ad.AdvizError, match="missing a required argument: 'y'"):
        ad.grad(f)(1.0)
    with pytest.raises(ad.AdvizError, match="asks for argument 2 of f"):
        ad.grad(f, argnums=2)(1.0, 2.0)
    with pytest.raises(ad.AdvizError, match="A function is needed, not a float"):
        ad.trace(3.0)
    with pytest.raises(ad.AdvizError, match="f returned 2 numbers and a gradient is of one"):
        ad.grad(lambda x: (x, x))(1.0)
    with pytest.raises(ad.AdvizError, match=r"jvp\(f, \(3.0,\), \(1.0,\)\)"):
        ad.jvp(f, 1.0, 1.0)
    with pytest.raises(ad.AdvizError, match=r"2 inputs .* given 1 number"):
        ad.jvp(f, (1.0, 2.0), (1.0,))
    with pytest.raises(ad.AdvizError, match="nest the numbers as the outputs are"):
        ad.vjp(f, 1.0, 2.0)[1]((1.0, 2.0))


def test_a_traced_number_used_after_its_call():
    kept = []
    ad.grad(lambda x: kept.append(x) or x * x)(3.0)
    (x,) = kept
    for use in (
        lambda: x + 1,
        lambda: np.sin(x),
        lambda: x > 0,
        lambda: ad.grad(lambda y: y * x)(1.0),
        lambda: ad.grad(lambda y: y)(x),
        lambda: ad.grad(lambda y: x)(1.0),
        lambda: ad.trace(lambda y: [y, x], 1.0),
    ):
        with pytest.raises(ad.AdvizError) as caught:
            use()
        message = str(caught.value)
        assert "call that" in message
        assert "ended" in message
        assert "test_errors.py" in message
        assert "instead of keeping it" in message


def test_an_elemental_called_with_too_many_operands():
    with pytest.raises(ad.AdvizError, match="relu takes 1 operand, not 2"):
        ad.grad(lambda x: ad.relu(x, x))(1.0)


@pytest.mark.parametrize(
    ("f", "inputs"), [(lambda: 3.0, ()), (lambda x=2.0: x * x, ()), (lambda xs: 1.0, ([],))]
)
def test_a_trace_needs_an_input(f, inputs):
    with pytest.raises(ad.AdvizError, match=r"no number to begin with: test_errors.*trace\(f, 3\)"):
        ad.trace(f, *inputs)


@pytest.mark.parametrize("argnums", [3.0, "x", (0, "y")])
def test_an_input_given_in_place_of_argnums(argnums):
    for transform in (ad.grad, ad.value_and_grad):
        with pytest.raises(ad.AdvizError, match=r"argnums=.*test_errors.*grad\(f\)\(3\.0\)"):
            transform(lambda x, y: x * y, argnums)
