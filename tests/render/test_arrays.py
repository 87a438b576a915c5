"""Arrays in tables, graphs and pages."""

import numpy as np
import pytest

import adviz as ad

W = np.arange(6.0).reshape(2, 3) / 6
X = np.array([1.0, 2.0, 3.0])


def layer(x, b):
    h = np.tanh(W @ x + b)
    return np.sum(h * h)


@pytest.mark.parametrize("which", ["primal", "forward", "reverse"])
def test_tables_show_arrays_in_short(which):
    table = ad.trace(layer, X, 0.5).table(which)
    for written in (table.to_text(), table.to_html(), table.to_mathml()):
        assert "2×3, 0 to 0.833333" in written
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


def test_a_notebook_gets_the_tables_and_how_to_play():
    shown = ad.trace(layer, X, 0.5)._repr_mimebundle_()
    assert set(shown) == {"text/html", "text/plain"}
    assert "elementwise=True" in shown["text/plain"]
    with pytest.raises(ad.AdvizError, match="elementwise=True"):
        ad.trace(layer, X, 0.5).to_document()


def test_a_graph_has_a_box_for_each_array():
    source = ad.trace(layer, X, 0.5).graph("reverse").source
    assert "matmul" in source
    assert source.count("->") == 7


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
