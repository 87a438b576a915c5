"""All of NumPy's namespaces: every function works, or says what to write instead."""

import inspect

import numpy as np
import pytest

import adviz as ad
from adviz.core.elementals import BY_UFUNC
from adviz.core.variable import COMPARISONS
from adviz.rules.advice import _ALTERNATIVES
from adviz.rules.functions import FUNCTIONS
from adviz.supported.examples import EXAMPLES
from tests.rules.test_arrays import ELEMENTWISE, drawn, every_case

# About files, settings, text and types: no number goes in.
ABOUT_NO_NUMBERS = {
    "base_repr", "binary_repr", "bmat", "broadcast_shapes", "datetime_data", "from_dlpack",
    "frombuffer", "fromfile", "frompyfunc", "fromregex", "fromstring", "genfromtxt",
    "get_include", "get_printoptions", "getbufsize", "geterr", "geterrcall", "info", "isdtype",
    "isfortran", "isscalar", "issubdtype", "iterable", "load", "loadtxt", "mintypecode",
    "nested_iters", "printoptions", "promote_types", "set_printoptions", "setbufsize", "seterr",
    "seterrcall", "show_config", "show_runtime", "test", "typename", "format_float_positional",
    "format_float_scientific", "mask_indices", "asmatrix", "row_stack",
    "fromfunction", "fromiter", "fftfreq", "rfftfreq",
}  # fmt: skip


def public(module):
    for name in dir(module):
        function = getattr(module, name)
        if callable(function) and not isinstance(function, type) and not name.startswith("_"):
            yield name, function


GONE = {"in1d", "trapz"}  # from NumPy 2.4 on
MODULES = [("np", np), ("np.linalg", np.linalg), ("np.fft", np.fft)]
EVERY = [
    (f"{prefix}.{name}", function)
    for prefix, module in MODULES
    for name, function in public(module)
    if name not in ABOUT_NO_NUMBERS | GONE
]
DISPATCHED = {
    name: function
    for name, function in EVERY
    if isinstance(function, np.ufunc) or hasattr(function, "_implementation")
}


def is_known(function):
    return (
        function in FUNCTIONS
        or function in BY_UFUNC
        or function in {ufunc for _, ufunc in COMPARISONS.values()}
    )


def asked_of(function):
    """Call a function with a traced array first, as NumPy hands it on."""

    def f(x):
        if isinstance(function, np.ufunc):
            return function(*[x] * function.nin)
        return x.__array_function__(function, (type(x),), (x,), {})

    return f


def test_most_of_it_works():
    known = [name for name, function in DISPATCHED.items() if is_known(function)]
    assert len(known) > 320
    assert len(DISPATCHED) - len(known) < 60


@pytest.mark.parametrize(
    "name", [name for name, function in DISPATCHED.items() if not is_known(function)]
)
def test_what_does_not_work_says_so_and_what_to_write(name):
    function = DISPATCHED[name]
    with pytest.raises(ad.AdvizError) as caught:
        ad.trace(asked_of(function), np.array([1.5, 2.5]))
    message = str(caught.value)
    called = f"np.{function.__name__}" if isinstance(function, np.ufunc) else name
    assert message.startswith(f"{called} met a traced number")
    assert "test_numpys_namespaces.py, line" in message
    assert _ALTERNATIVES[called] in message


@pytest.mark.parametrize(
    ("name", "function"),
    [(name, function) for name, function in EVERY if name not in DISPATCHED],
    ids=[name for name, _ in EVERY if name not in DISPATCHED],
)
def test_what_numpy_hands_on_to_nobody_works_or_says_so(name, function):
    """Functions that make arrays of numbers, of which the traced one may be a count or an entry."""

    def f(x):
        made = function(*{"np.full": (2, x), "np.kaiser": (3, x)}.get(name, (x,)))
        return np.sum(made) + x if isinstance(made, np.ndarray) else x

    try:
        trace = ad.trace(f, 2.0)
    except ad.AdvizError as error:
        assert "test_numpys_namespaces.py, line" in str(error)  # noqa: PT017 - both are right
    else:
        assert trace.value == f(2.0)


@pytest.mark.parametrize("name", sorted({name for name in _ALTERNATIVES if name.startswith("np.")}))
def test_advice_is_of_what_has_no_rule(name):
    parts = name.split(".")[1:]
    function = np
    for part in parts:
        function = getattr(function, part)
    assert not (inspect.isroutine(function) or isinstance(function, np.ufunc)) or not is_known(
        function
    )


def broadcast_variants(shapes):
    """The shapes with one operand's axes cut to length 1, or its first axis left out."""
    for k, shape in enumerate(shapes):
        for axis, length in enumerate(shape):
            if length > 1:
                yield (*shapes[:k], (*shape[:axis], 1, *shape[axis + 1 :]), *shapes[k + 1 :])


def broadcasts(example):
    """Whether plain NumPy gives the same shape where one operand is cut to be broadcast."""
    rng = np.random.default_rng(0)

    def shape_for(shapes):
        return np.shape(example(*(rng.uniform(0.5, 1.5, shape) for shape in shapes)))

    expected = shape_for(example.shapes)
    for shapes in broadcast_variants(example.shapes):
        try:
            with np.errstate(all="ignore"):
                if shape_for(shapes) == expected and expected != ():
                    return True
        except (ValueError, TypeError, IndexError, np.linalg.LinAlgError):
            pass
    return False


def axes_apart(shapes):
    """Whether operands have shapes that have to be broadcast."""
    return len(set(shapes)) > 1


# Where an axis of length 1 is another problem, not the same one broadcast.
NOT_ELEMENTWISE = {
    "matmul", "dot", "inner", "outer", "tensordot", "einsum", "kron", "convolve", "correlate",
    "concatenate", "insert", "append", "vstack", "hstack", "dstack", "column_stack", "block",
    "cov", "polyadd", "polysub", "polymul", "polydiv", "polyfit", "polyint", "lstsq", "multi_dot",
    "interp", "diff", "ediff1d", "union1d", "place", "put", "meshgrid", "broadcast_arrays",
    "polyval", "stack", "putmask", "matvec", "vecmat", "tensorsolve", "setitem", "atleast_2d",
    "fill_diagonal", "put_along_axis", "solve",
}  # fmt: skip


def test_functions_that_broadcast_have_examples_of_both_kinds():
    without = []
    for function, entry in EXAMPLES.items():
        several = [example for example in entry.examples if len(example.shapes) > 1]
        if function.__name__ in NOT_ELEMENTWISE or not several:
            continue
        if any(broadcasts(example) for example in several):
            kinds = {axes_apart(example.shapes) for example in several}
            if kinds != {True, False}:
                without.append((function.__name__, kinds))
    assert not without
    for ufunc, row in BY_UFUNC.items():
        if row.arity > 1 and getattr(np, ufunc.__name__, None) is ufunc:
            kinds = {axes_apart(case.shapes) for case in ELEMENTWISE if case.function is ufunc}
            assert kinds == {True, False}


@every_case
def test_float32_stays_float32(case):
    inputs = tuple(np.asarray(x, np.float32) for x in drawn(case))
    plain = np.asarray(case.call(*inputs))
    value, tangent = ad.jvp(case.call, inputs, inputs)
    if plain.dtype == np.float32:  # and not one of NumPy's that compute in float64
        assert (np.asarray(value).dtype, np.asarray(tangent).dtype) == (np.float32, np.float32)
    gradient = ad.grad(lambda *x: np.sum(case.call(*x)), tuple(range(len(inputs))))(*inputs)
    assert all(part.dtype == np.float32 for part in gradient if np.ndim(part))
