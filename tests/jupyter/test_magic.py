"""The cell magic ``%%trace`` in an IPython shell."""

import re

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from adviz.render.document import MIME_TYPE


@pytest.fixture
def shell():
    shell = InteractiveShell.instance()
    shell.run_cell("import numpy as np\n%load_ext adviz")
    yield shell
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


def run(shell, cell):
    with capture_output() as captured:
        result = shell.run_cell(cell)
    return result, captured


def test_plain_statements_are_traced_and_displayed(shell):
    result, captured = run(
        shell, "%%trace x1=3 x2=-4 --mode reverse\na = x1 * x2\ny = a + x2 - np.log(x1)"
    )
    assert result.success
    (shown,) = captured.outputs
    document = shown.data[MIME_TYPE]
    assert document["view"]["pass"] == "reverse"
    assert document["sources"][0]["lines"] == ["a = x1 * x2", "y = a + x2 - np.log(x1)"]
    traced = shell.user_ns["traced"]
    assert traced.input_names == ("x1", "x2")
    assert traced.row(1).name == "a"


def test_what_the_statements_assign_stays_as_plain_numbers(shell):
    run(shell, "%%trace x=3\na = x * x\na + 1")
    assert shell.user_ns["a"] == 9.0
    assert type(shell.user_ns["a"]) is float
    assert shell.user_ns["traced"].value == 10.0


def test_inputs_are_expressions_and_the_trace_can_be_named(shell):
    run(shell, "start = 2.0")
    result, _ = run(shell, "%%trace x='start * 3' p=[1,2] --into mine\nx * p[0] + p[1]")
    assert result.success
    assert shell.user_ns["mine"].value == 8.0


def test_an_input_without_a_value_is_told_in_a_line(shell):
    _, captured = run(shell, "%%trace x=two\nx + 1")
    told = captured.stdout + captured.stderr
    assert "UsageError: %%trace: 'x=two' has no value: NameError: name 'two'" in told
    assert "Traceback" not in told


def test_helpers_of_the_notebook_are_found(shell):
    run(shell, "def helper(x):\n    return x * x")
    run(shell, "%%trace x=3\nhelper(x)")
    assert shell.user_ns["traced"].value == 9.0


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%%trace x\nx", "NAME=VALUE"),
        ("%%trace\nx = 1", "NAME=VALUE"),
        ("%%trace x=1 --mode up\nx", "primal"),
        ("%%trace x=1 --into 9\nx", "cannot name a variable"),
        ("%%trace x=2\nfor k in range(3):\n    x = x * x", "no output"),
        ("%%trace x=2\nx +", "not Python"),
        ("%%trace x=2\n# nothing", "nothing to trace"),
        ("%%trace x=2\nimport math\nmath.log(x)", "line 2"),
        ("%%trace x='word'\nx", "not defined"),
        ("%%trace x='3\nx", "No closing quotation"),
        ("%%trace lambda=3\nx", "rename it"),
        ("%%trace x=3 --into if\nx", "cannot name a variable"),
        ("%%trace x=3\nprint(x)", "end with an expression"),
    ],
    ids=lambda text: text.replace("\n", " / "),
)
def test_mistakes_are_told(shell, cell, says):
    result, captured = run(shell, cell)
    assert not result.success
    assert says in str(result.error_in_exec) + captured.stdout + captured.stderr


def test_an_error_shows_the_users_lines_and_none_of_ours(shell):
    _, captured = run(shell, "%%trace x=2\nimport math\nmath.log(x)")
    assert "np.log" in captured.stdout
    assert "recording.py" not in captured.stdout


def test_an_error_of_the_users_own_stays_theirs(shell):
    for cell in (
        "%%trace x=2\n1 / (x - x) + 1 / 0",
        "import adviz\nadviz.trace(lambda x: 1 / 0, 2)",
    ):
        _, captured = run(shell, cell)
        assert "ZeroDivisionError" in captured.stdout
        assert re.search("1.*/.*0", captured.stdout)  # in colour
        for ours in ("recording.py", "magics.py", "views.py"):
            assert ours not in captured.stdout
