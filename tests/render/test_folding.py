"""Folded calls: in the table, in the graph, and in the trace document."""

from __future__ import annotations

import numpy as np
import pytest

import adviz as ad

L = ad.learn


@pytest.fixture(scope="module")
def step():
    """One step of training, batch and all."""
    draw = np.random.default_rng(0)
    x, labels = draw.uniform(size=(8, 6)), draw.integers(0, 3, size=8)

    def loss(params, x):
        return L.cross_entropy(L.perceptron(params, x), labels)

    return ad.trace(loss, L.perceptron_parameters(6, 4, 3), x)


LAYERS = ["dense(params['hidden'], x)", "dense(params['output'], v₃)", "cross_entropy(v₅)"]


def test_a_table_has_a_heading_above_the_rows_of_each_call(step):
    lines = str(step.table()).splitlines()
    headings = [line for line in lines if "▸" in line]
    assert headings == [
        "▸ perceptron(params, x)",
        "  ▸ dense(params['hidden'], x)",
        "  ▸ dense(params['output'], v₃)",
        "▸ cross_entropy(v₅)",
    ]
    below = lines[lines.index(headings[1]) + 1]
    assert "v₀ v₋₄" in below
    assert len(lines) - len(headings) == 2 + len(step) + 1  # title, rule, rows, output


def test_a_folded_table_has_a_line_for_each_layer(step):
    lines = str(step.table("reverse", folded=True)).splitlines()
    inputs = len(step.inputs)
    calls = [line for line in lines[2 + inputs : -1] if "▸" not in line]
    assert [title for title, line in zip(LAYERS, calls, strict=True) if title in line] == LAYERS
    assert calls[-1].endswith(" 1")  # the adjoint of the loss


def test_headings_are_written_in_every_notation(step):
    table = step.table()
    assert table.to_html().count('<th colspan="4"') == 4
    assert "dense(params[&#x27;hidden&#x27;], x)</th>" in table.to_html()
    assert table.to_latex().count(r"\multicolumn{4}") == 4
    assert r"\operatorname{cross\_entropy(v_{5})}" in table.to_latex()
    assert "| `cross_entropy(v₅)` |  |  |  |" in table.to_markdown()


def test_a_folded_graph_has_a_box_for_each_layer(step):
    whole, folded = step.graph().source, step.graph("reverse", folded=True).source
    assert not any(title in whole for title in LAYERS)
    assert all(title in folded for title in LAYERS)
    assert folded.count("->") == len(step.inputs) + 2  # the parameters and x; layer to layer


def test_the_document_tells_the_groups_and_where_they_are_called(step):
    document = step.play(folded=True).document
    groups = document["groups"]
    assert [group["title"] for group in groups if group["folds"]] == LAYERS
    assert document["view"]["folded"] is True
    hidden = document["calls"][groups[1]["call"]]
    site = document["sites"][hidden["site"]]
    line = document["sources"][site["source"]]["lines"][site["line"]]
    assert line[site["column"] : site["end_column"]] == "dense(layer, x, activation)"


def test_docstrings_are_cut_to_their_first_line(step):
    document = step.to_document()
    (dense,) = [source for source in document["sources"] if source["title"] == "dense"]
    assert dense["lines"][1:4] == [
        '    """Return activation(x w + b). …"""',
        "    x = checked_inputs(x, layer)",
        '    z = x @ layer["w"] + layer["b"]',
    ]
    ((place, count),) = dense["gaps"]
    assert (place, count > 10) == (2, True)


def test_a_function_without_calls_is_told_as_before():
    document = ad.trace(lambda x: x * x + 1, 3.0).to_document()
    assert "groups" not in document
    assert "folded" not in document["view"]


def layer(x):
    for _ in range(20):
        x = np.tanh(x * 1.01)
    return x


def deep(x):
    for _ in range(10):
        x = layer(x) + 0.01
    return x


def test_a_trace_of_more_than_300_rows_opens_with_its_calls_folded():
    made = ad.trace(deep, 0.5)
    assert len(made) > 300
    document = made.to_document()
    assert document["graph"] is None
    assert document["view"]["folded"] is True  # where nobody chose
    assert "folded" not in made.play(folded=False).document["view"]
