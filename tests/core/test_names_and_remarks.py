"""The names of rows, and the remarks on the slopes chosen at kinks."""

import numpy as np
import pytest

import adviz as ad


def test_of_the_rows_that_sum_makes_the_last_is_what_is_assigned():
    def f(x):
        total = sum([x, x, x])
        return total * total

    assert [row.name for row in ad.trace(f, 2.0).rows] == ["x", None, None, "total", None]


def test_an_operation_written_as_a_call_keeps_its_name():
    def f(x):
        size = np.exp(x)
        return size * x

    assert ad.trace(f, 2.0).row(1).name == "size"


def test_an_output_is_not_called_as_an_input_is():
    assert ad.trace(lambda x, y: x * y, 1, 2).output_names == ("z",)
    assert ad.trace(lambda y1: (y1 * 2, y1), 1).output_names == ("z1", "z2")
    assert ad.trace(lambda y, z, u, w: y, 1, 2, 3, 4).output_names == ("output",)
    assert ad.trace(lambda x, year: x, 1, 2).output_names == ("y",)


@pytest.mark.parametrize(
    ("function", "inputs", "says"),
    [
        (abs, (0.0,), "slope taken is 0"),
        (np.sign, (0.0,), "slope taken is 0"),
        (ad.relu, (0.0,), "slope taken is 0"),
        (np.maximum, (2.0, 2.0), "one half"),
        (np.minimum, (2.0, 2.0), "one half"),
    ],
    ids=["abs", "sign", "relu", "maximum", "minimum"],
)
def test_a_kink_is_remarked_on_and_told_to_the_player(function, inputs, says):
    made = ad.trace(lambda *xs: function(*xs), *inputs)
    (last,) = made.outputs
    assert says in last.remark
    # The page finds out by itself whether the inputs lie at the kink.
    choice = made.to_document()["programs"][last.op]["kink"]["choice"]
    assert choice in {"kink", "jump", "tie"}
    # Of arrays Python looks for them.
    arrays = ad.trace(
        lambda *xs: function(*xs), *(np.array([x, 1.0 + k]) for k, x in enumerate(inputs))
    )
    assert arrays.to_document()["remarks"] == [[arrays.outputs[0].slot, choice]]
    beside = ad.trace(lambda *xs: function(*xs), inputs[0] + 1, *inputs[1:])
    assert beside.outputs[0].remark is None


def test_a_function_without_python_code_gives_no_names():
    sine = ad.trace(np.sin, 2.0)
    assert [row.name for row in sine.rows] == ["x", None]
    total = ad.trace(sum, [1.0, 2.0])
    assert [row.name for row in total.rows[2:]] == [None, None]
