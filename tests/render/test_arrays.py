"""Arrays in tables, graphs and pages."""

import base64
import json
import math

import numpy as np
import pytest

import adviz as ad
from adviz.render.document import MIME_TYPE
from adviz.render.number import ARRAY_DIGITS, format_number, summary
from adviz.render.picture import picture

W = np.arange(6.0).reshape(2, 3) / 6
X = np.array([1.0, 2.0, 3.0])


def layer(x, b):
    h = np.tanh(W @ x + b)
    return np.sum(h * h)


@pytest.mark.parametrize("which", ["primal", "forward", "reverse"])
def test_tables_show_arrays_in_short(which):
    table = ad.trace(layer, X, 0.5).table(which)
    for written in (table.to_text(), table.to_html(), table.to_mathml()):
        assert "[2×3]" in written
        assert "[1.33333, 4.33333]" in written
        assert "array(" not in written
    for written in (table.to_latex(), table.to_markdown()):
        assert r"2\times 3" in written
        assert "array(" not in written


def test_the_adjoints_of_the_table_are_the_gradient():
    text = ad.trace(layer, X, 0.5).table("reverse").to_text()
    gradient = ad.grad(layer)(X, 0.5)
    shown = ", ".join(f"{g:.6g}" for g in gradient)
    assert f"[{shown}]" in text


def test_large_arrays_and_other_types_are_named():
    text = str(ad.trace(lambda x: np.exp(x), np.zeros((20, 30), np.float32)).table())
    assert "float32 20×30, 1" in text


def affine(x, w, b):
    return np.sum(np.tanh(x @ w + b)), x @ w + b


def affine_trace():
    draw = np.random.default_rng(0)
    return ad.trace(affine, *(draw.normal(size=shape) for shape in ((20, 6), (6, 4), (4,))))


def test_a_notebook_gets_the_document_of_arrays_the_table_and_text():
    shown = ad.trace(layer, X, 0.5)._repr_mimebundle_()
    assert set(shown) == {MIME_TYPE, "text/html", "text/plain"}


class TestDocument:
    def test_a_small_array_is_its_shape_and_its_numbers(self):
        document = ad.trace(layer, X, 0.5).to_document()
        x, b, product, *_, total = document["rows"]["value"]
        assert b == 0.5
        assert x == {"shape": [3], "numbers": [1.0, 2.0, 3.0]}
        assert product == {"shape": [2], "numbers": (W @ X).tolist()}
        assert total == layer(X, 0.5)

    def test_a_larger_array_is_packed_with_five_digits(self):
        draw = np.random.default_rng(1)
        large = draw.normal(size=(64, 12)) * 10.0 ** draw.integers(-30, 30, size=(64, 12))
        large[0, :5] = 0.0, -0.0, np.nan, np.inf, -np.inf
        document = ad.trace(lambda w: np.sum(large @ w), np.ones((12, 8))).to_document()
        (described,) = (c for c in document["constants"] if isinstance(c, dict))
        assert set(described) == {"shape", "packed", "math"}
        assert len(described["packed"]) == 4 * large.size
        np.testing.assert_allclose(unpacked(described), large, rtol=2.0**-16)
        weights = document["rows"]["value"][0]
        assert weights == {"shape": [12, 8], "every": 1.0}

    @pytest.mark.parametrize("number", [1e39, -1e-40])
    def test_what_singles_cannot_hold_is_not_packed(self, number):
        large = np.arange(65.0)
        large[7] = number
        (described, _) = ad.trace(np.sum, large).to_document()["rows"]["value"]
        assert set(described) == {"shape", "text", "picture"}

    def test_a_document_has_room_for_so_many_numbers(self):
        def f(x):
            for _ in range(30):
                x = np.sin(x)
            return np.sum(x)

        document = ad.trace(f, np.linspace(0, 1, 1000)).to_document()
        *values, _ = document["rows"]["value"]
        assert all("text" in value for value in values)
        assert len(json.dumps(document)) < 100_000

    def test_a_large_array_is_its_shape_a_few_words_and_a_picture(self):
        large = np.arange(4097.0)
        (described, _) = ad.trace(np.sum, large).to_document()["rows"]["value"]
        assert described == {
            "shape": [4097],
            "text": summary(large, ARRAY_DIGITS),
            "picture": picture(large),
        }
        (described, _) = ad.trace(np.sum, np.ones(3, np.float32)).to_document()["rows"]["value"]
        assert described["dtype"] == "float32"

    def test_the_tangents_are_those_of_a_forward_sweep(self):
        trace = affine_trace()
        swept = trace.to_document()["sweeps"]["forward"]
        assert len(swept) == len(trace.input_names)
        for name, written in zip(trace.input_names, swept, strict=True):
            for step, tangent, terms in zip(
                trace.forward(name), written["tangent"], written["terms"], strict=True
            ):
                assert text(tangent) == format_number(step.tangent, ARRAY_DIGITS)
                products = [format_number(term.product, ARRAY_DIGITS) for term in step.terms]
                assert [text(term) for term in terms] == (products if len(products) > 1 else [])

    def test_the_return_sweep_ends_with_the_gradient(self):
        trace = affine_trace()
        inputs = [row.value for row in trace.inputs]
        for k, parts in enumerate(trace.to_document()["sweeps"]["reverse"]):
            gradient = ad.grad(lambda *args, k=k: np.sum(affine(*args)[k]), argnums=(0, 1, 2))
            shown = {text(part[0] if part[1] is None else part[1]) for part in parts[1:]}
            for slope in gradient(*inputs):
                assert summary(slope, ARRAY_DIGITS) in shown

    def test_a_product_that_is_summed_is_there_before_and_after(self):
        parts = affine_trace().to_document()["sweeps"]["reverse"][0]
        (summed,) = [part for part in parts if part[2] is not None]
        assert (summed[2]["shape"], summed[0]["shape"]) == ([20, 4], [4])

    def test_a_trace_of_numbers_has_no_sweeps(self):
        document = ad.trace(lambda x, y: x * y, 2.0, 3.0).to_document()
        assert "sweeps" not in document

    def test_a_large_array_weighs_little(self):
        draw = np.random.default_rng(0)
        large = ad.trace(affine, draw.normal(size=(3000, 200)), draw.normal(size=(200, 300)), 1.0)
        weight = len(json.dumps(large.to_document()["sweeps"])) / len(large)
        assert weight < 8000

    def test_comparisons_of_arrays_say_how_often_they_held(self):
        def relu(x):
            return np.sum(np.where(x > 0, x, 0.0))

        document = ad.trace(relu, np.array([1.0, -2.0, 3.0])).to_document()
        (decision,) = document["decisions"]
        assert decision["outcome"] == [2, 3]  # held for 2 of 3
        assert decision["left"]["numbers"] == [1.0, -2.0, 3.0]

    def test_complex_numbers_are_pairs(self):
        document = ad.trace(lambda x: np.abs(np.sum(np.fft.fft(x))), X).to_document()
        _, of_array, of_number, *_ = document["rows"]["value"]
        found = np.reshape(of_array["pairs"], (-1, 2)) @ [1, 1j]
        np.testing.assert_allclose(found, np.fft.fft(X), rtol=1e-15)
        assert of_number["shape"] == []
        np.testing.assert_allclose(of_number["pairs"], [X.size * X[0], 0], atol=1e-15)
        assert json.dumps(document, allow_nan=False)

    def test_an_output_without_entries_is_told(self):
        made = ad.trace(lambda x: x[3:] * 2.0, X)
        with pytest.raises(ad.AdvizError, match="empty array"):
            made.to_document()
        assert "empty array" in made._repr_mimebundle_()["text/plain"]

    def test_more_sweeps_than_a_browser_plays_are_refused(self):
        def loop(x):
            for _ in range(40_000):
                x = x * 1.0
            return x

        made = ad.trace(loop, X)
        with pytest.raises(ad.AdvizError, match="40,001 rows and 2 sweeps"):
            made.to_document()
        assert "40,001 rows and 2 sweeps" in made._repr_mimebundle_()["text/plain"]


def unpacked(described):
    """Return an array of a document whose numbers are packed."""
    upper = np.frombuffer(base64.b64decode(described["packed"]), np.uint8).reshape(-1, 3)
    singles = np.hstack([np.zeros((len(upper), 1), np.uint8), upper]).copy().view("<f4")
    return singles.reshape(described["shape"])


def text(number):
    """Return a number of a document, or an array of it, as it is written."""
    if isinstance(number, dict) and "text" in number:
        return number["text"]
    if isinstance(number, dict) and "packed" in number:
        number = unpacked(number).astype(float)
    elif isinstance(number, dict):
        dtype = number.get("dtype", "float64")
        known = number.get("numbers", [number.get("every")] * math.prod(number["shape"]))
        number = np.array(known, dtype).reshape(number["shape"])
    return format_number(number, ARRAY_DIGITS)


def test_a_picture_keeps_signs_and_sizes():
    drawn = picture(np.array([[0.0, 1.0, -2.0], [np.nan, 2.0, 0.2]]))
    assert drawn == ["04i", "x91"]
    wide = picture(np.linspace(-1, 1, 4000).reshape(4, 1000))
    assert [len(row) for row in wide] == [16] * 4
    assert wide[0][0] == "i"
    assert wide[-1][-1] == "9"
    assert picture(np.zeros((3, 3))) is None
    assert picture(np.zeros((2, 2, 2))) is None
    assert picture(np.arange(12.0).reshape(2, 2, 3)) == ["012.567", "234.789"]
    assert {len(row) for row in picture(np.random.default_rng(0).normal(size=(9, 30, 30)))} == {19}


def test_a_graph_has_a_box_for_each_array():
    source = ad.trace(layer, X, 0.5).graph("reverse").source
    assert "@" in source
    assert source.count("->") == 7


def test_parameters_of_operations_are_written_as_the_user_writes_them():
    def f(x):
        y = x.T[1:, ::2] + np.roll(x, 1, axis=0).reshape(3, 2)[:2, [0]]
        y[0] -= 1.0
        z = np.where(x > 0, x, 2.0)
        return np.einsum("ij,ji->i", y.repeat(2, axis=1), z[:, :2]), np.sum(z, axis=0)

    trace = ad.trace(f, np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]]))
    text = trace.table().to_text()
    for written in (
        "v₀ᵀ",
        "[1:, ::2]",
        "roll(v₀, 1, axis = 0)",
        "reshape(v₃, shape = 3×2)",
        "[:2, [0]]",
        "[0] ← v",
        "where(4 of 6, v₀, 2)",
        "einsum ij,ji→i(",
        ", 2, axis = 1)",
        "axis = 0)",
    ):
        assert written in text, written
    assert "int64" not in text
    drawn = trace.graph().source
    for sign in ("[1:, ::2]", "ᵀ", "reshape 3×2", "einsum ij,ji→i", "sum axis 0"):
        assert sign in drawn, sign


class TestElementwise:
    def test_every_number_is_a_row_and_plays(self):
        trace = ad.trace(layer, X, 0.5, elementwise=True)
        assert trace.input_names == ("x[0]", "x[1]", "x[2]", "b")
        assert trace.value == pytest.approx(layer(X, 0.5), rel=1e-14)
        document = trace.to_document()
        assert all(isinstance(value, float) for value in document["rows"]["value"])
        adjoints = {step.row.name: step.adjoint for step in trace.reverse()}
        for k, slope in enumerate(ad.grad(layer)(X, 0.5)):
            assert adjoints[f"x[{k}]"] == pytest.approx(slope, rel=1e-12)

    def test_matrices_in_nests(self):
        trace = ad.trace(lambda p: {"y": p["a"] @ p["a"]}, {"a": W[:, :2]}, elementwise=True)
        np.testing.assert_allclose(trace.value["y"], W[:, :2] @ W[:, :2])
        assert trace.input_names[1] == "p['a'][0][1]"
