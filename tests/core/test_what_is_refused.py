"""Arguments and results of which a derivative would be a wrong number are refused in words."""

from fractions import Fraction

import numpy as np
import pytest

import adviz as ad

X = np.array([1.0, 2.0])

pytestmark = pytest.mark.filterwarnings("ignore:the matrix subclass")


def product(x, y):
    return x * y * y


DERIVATIVES = {
    "grad": lambda argnums: ad.grad(product, argnums),
    "value_and_grad": lambda argnums: ad.value_and_grad(product, argnums),
    "jacfwd": lambda argnums: ad.jacfwd(product, argnums),
    "jacrev": lambda argnums: ad.jacrev(product, argnums),
    "jacobian": lambda argnums: ad.jacobian(product, argnums),
    "sparse jacobian": lambda argnums: ad.jacobian(product, argnums, sparsity=True),
    "hessian": lambda argnums: ad.hessian(product, argnums),
    "compile": lambda argnums: ad.compile(product, argnums=argnums).grad,
    "sparsity_pattern": lambda argnums: (
        lambda *x: ad.sparsity_pattern(product, *x, argnums=argnums)
    ),
}


@pytest.mark.parametrize("derivative", DERIVATIVES)
class TestArgnums:
    @pytest.mark.parametrize("argnums", [(0, 0), (0, -2), (1, 0, 1)], ids=str)
    def test_an_argument_that_is_named_twice(self, derivative, argnums):
        with pytest.raises(ad.AdvizError, match=r"names an argument twice.*Name each once"):
            DERIVATIVES[derivative](argnums)(2.0, 3.0)

    @pytest.mark.parametrize("argnums", [True, False, (0, True), 0.0, "x", None, [0, 1]], ids=str)
    def test_what_is_no_position(self, derivative, argnums):
        with pytest.raises(ad.AdvizError, match="is not the position of an argument"):
            DERIVATIVES[derivative](argnums)(2.0, 3.0)

    @pytest.mark.parametrize("argnums", [2, -3, (0, 5)], ids=str)
    def test_an_argument_that_there_is_not(self, derivative, argnums):
        with pytest.raises(ad.AdvizError, match=r"asks for argument .* of product") as caught:
            DERIVATIVES[derivative](argnums)(2.0, 3.0)
        assert "test_what_is_refused.py, line" in str(caught.value)

    def test_no_argument_at_all(self, derivative):
        with pytest.raises(ad.AdvizError, match=r"argnums=\(\) names no argument"):
            DERIVATIVES[derivative](())(2.0, 3.0)

    def test_positions_from_the_end(self, derivative):
        def numbers(result):
            return result.toarray() if hasattr(result, "toarray") else result

        from_end = DERIVATIVES[derivative]((-1, 0))(2.0, 3.0)
        from_start = DERIVATIVES[derivative]((1, 0))(2.0, 3.0)
        np.testing.assert_equal(numbers(from_end), numbers(from_start))


def turned(x):
    return x * (2 + 3j)


@pytest.mark.parametrize(
    "derivative",
    [
        lambda: ad.grad(turned)(2.0),
        lambda: ad.value_and_grad(turned)(2.0),
        lambda: ad.hvp(turned, (2.0,), (1.0,)),
        lambda: ad.compile(turned, 2.0).grad(2.0),
        lambda: ad.grad(lambda x: ad.grad(turned)(x))(2.0),
    ],
    ids=range(5),
)
def test_a_gradient_is_of_a_real_number(derivative):
    with pytest.raises(ad.AdvizError, match=r"returned a complex result: .*np\.real\(\.\.\.\)"):
        derivative()


def test_complex_numbers_on_the_way_to_a_real_result():
    for f, slope in (
        (lambda x: np.abs(turned(x)), np.sqrt(13)),
        (lambda x: np.imag(turned(x)), 3.0),
        (lambda x: ad.checkpoint(turned)(x).real, 2.0),
        (lambda x: x if np.isfinite(turned(x)) and not np.isnan(turned(x)) else 0.0, 1.0),
        (lambda x: x if turned(x) == 4 + 6j else 5 * x, 1.0),
    ):
        assert ad.grad(f)(2.0) == pytest.approx(slope, rel=1e-15)
    assert ad.compile(turned, 2.0)(2.0) == ad.trace(turned, 2.0).value == 4 + 6j


MASKED = np.ma.array([1.0, 2.0], mask=[False, True])
MATRIX = np.array([[1.0, 2.0]]).view(np.matrix)


class Metres(np.ndarray):
    """An array whose arithmetic is its own."""

    def __mul__(self, other):
        raise AssertionError("nobody calls it")


OWN_WAYS = {
    "masked": (MASKED, r"mask"),
    "masked number": (np.ma.masked, r"mask"),
    "matrix": (MATRIX, r"np\.asarray\(x\)|plain arrays"),
    "metres": (np.array([1.0, 2.0]).view(Metres), r"np\.asarray\(x\)"),
}


@pytest.mark.parametrize("kind", OWN_WAYS)
class TestArraysThatComputeInTheirOwnWay:
    @pytest.mark.parametrize(
        "derivative",
        [
            lambda a: ad.grad(np.sum)(a),
            lambda a: ad.jacobian(lambda x: x * x)(a),
            lambda a: ad.compile(np.sum, X).grad(a),
            lambda a: ad.trace(np.sum, X).replay(a),
            lambda a: ad.jvp(lambda x: x * x, (X,), (a,)),
            lambda a: ad.grad(lambda p: np.sum(p["w"][0]))({"w": [a]}),
        ],
        ids=["grad", "jacobian", "compile", "replay", "jvp", "nest"],
    )
    def test_as_inputs(self, kind, derivative):
        array, instead = OWN_WAYS[kind]
        with pytest.raises(ad.AdvizError, match=f"{type(array).__name__}.*{instead}"):
            derivative(array)

    @pytest.mark.parametrize(
        "source",
        [
            "x * a",
            "x + a",
            "x / a",
            "np.multiply(x, a)",
            "np.add(a, x)",
            "np.where(x > 1.5, x, a)",
            "np.dot(a, x)",
            "np.maximum(x, a)",
            "np.where(x < a, x, 0.0)",
            "np.stack([x, a])",
            "x[0] * a",
        ],
    )
    def test_where_they_meet_a_traced_array(self, kind, source):
        if kind == "masked number" and ("maximum" in source or "dot" in source):
            source = "x - a"
        array, instead = OWN_WAYS[kind]
        f = eval(f"lambda x: np.sum({source})", {"np": np, "a": array})
        calls = 25 if source == "x * a" else 2  # beyond those after which less is looked at
        for _ in range(calls):
            with pytest.raises(ad.AdvizError, match=instead if kind != "masked number" else "a"):
                ad.grad(f)(X)

    def test_as_results(self, kind):
        array, _ = OWN_WAYS[kind]
        with pytest.raises(ad.AdvizError, match=f"returned an? {type(array).__name__}"):
            ad.vjp(lambda x: (x, array), X)


@pytest.mark.parametrize(
    "source",
    [
        "np.ma.array(x, mask=[False, True]).sum()",
        "np.ma.array([x[0], x[1]], mask=[False, True]).sum()",
        "np.ma.masked_where(x > 1.5, x).sum()",
        "(np.matrix(x) * np.matrix(x).T)[0, 0]",
        "np.matrix([[x[0], x[1]]]).sum()",
        "(a * x).sum()",
        "(a + x).sum()",
        "np.sum(np.where(a < x, x, 0.0))",
    ],
)
def test_they_are_not_made_of_traced_numbers(source):
    f = eval(f"lambda x: {source}", {"np": np, "a": MASKED})
    with pytest.raises(ad.AdvizError, match=r"a masked array|a matrix|MaskedArray"):
        ad.grad(f)(X)


def test_arrays_of_a_class_that_computes_as_numpys():
    class Named(np.ndarray):
        """An array with a name."""

    named = X.view(Named)
    np.testing.assert_array_equal(ad.grad(lambda x: np.sum(x * x))(named), [2.0, 4.0])
    np.testing.assert_array_equal(ad.grad(lambda x: np.sum(named * x))(X), X)


@pytest.mark.parametrize(
    "array",
    [
        np.array([(1.0, 2.0)], dtype=[("a", float), ("b", float)]),
        np.array(["2020-01-01"], dtype="M8[D]"),
        np.array([1], dtype="m8[s]"),
        np.array([1.0, None], dtype=object),
        np.array(["a", "b"]),
    ],
    ids=["fields", "dates", "times", "None", "text"],
)
def test_arrays_of_what_is_no_number(array):
    with pytest.raises(ad.AdvizError, match=r"shape \(\d,\).*not a number"):
        ad.grad(np.sum)(array)
    for f in (lambda x: np.sum(x * array), lambda x: np.sum(np.where(x > 1, x, array))):
        with pytest.raises(ad.AdvizError, match=r"test_what_is_refused\.py, line"):
            ad.grad(f)(np.ones(len(array)))
    with pytest.raises(ad.AdvizError, match="which has no derivative"):
        ad.vjp(lambda x: (x, array), X)


def test_fractions_are_numbers():
    assert ad.grad(lambda x: Fraction(1, 2) * x * x)(Fraction(3)) == 3.0


def test_an_index_that_is_no_index():
    with pytest.raises(ad.AdvizError, match=r"astype\(int\)"):
        ad.grad(lambda x: np.sum(x[np.array([0.0, 1.0])]))(X)


def test_an_operation_on_a_number_says_itself_what_is_wrong():
    nothing = ad.define("nothing_returned", lambda a: None, lambda a, v: 1.0)
    try:
        with pytest.raises(ad.AdvizError, match="returned None"):
            ad.grad(nothing)(1.5)
    finally:
        del ad.ELEMENTALS["nothing_returned"]
    for operand in ("a", None, 10**400):
        with pytest.raises(ad.AdvizError, match="logistic is given must be a number"):
            ad.logistic(operand)
