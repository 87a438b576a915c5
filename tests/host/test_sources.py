"""Each row knows the subexpression that made it, and the name it was assigned to."""

import ast
import importlib
import json
import linecache
import secrets
import textwrap

import numpy as np
import pytest

import adviz as ad


def several(x1, x2):
    a = x1 * x2
    b = c = np.sin(a + 1)
    d, e = x1 - 2, [b / c]
    f: float = -d
    if (g := abs(f)) > 0:
        g += x2
    p = {}
    p["q"] = g**2
    return p["q"] + (
        e[0]
        * a
    ) + np.log(
        x1
    )  # fmt: skip


def with_words(π, größe):
    ω = π * 2; 名前 = ω * größe  # noqa: E702, N806 # fmt: skip
    return np.exp(名前)


def sources(trace):
    return [row.source for row in trace.rows[trace.tape.input_count :]]


def test_texts_and_names():
    trace = ad.trace(several, 3.0, 4.0)
    found = [(row.op, row.source and row.source.text, row.name) for row in trace.rows]
    assert found == [
        ("input", None, "x1"),
        ("input", None, "x2"),
        ("mul", "x1 * x2", "a"),
        ("add", "a + 1", None),
        ("sin", "np.sin(a + 1)", "c"),
        ("sub", "x1 - 2", "d"),
        ("div", "b / c", None),
        ("neg", "-d", "f"),
        ("abs", "abs(f)", "g"),
        ("add", "g += x2", "g"),
        ("pow", "g**2", "p['q']"),
        ("mul", "e[0]\n        * a", None),
        ("add", 'p["q"] + (\n        e[0]\n        * a\n    )', None),
        ("log", "np.log(\n        x1\n    )", None),
        ("add", 'p["q"] + (\n        e[0]\n        * a\n    ) + np.log(\n        x1\n    )', None),
    ]
    (decision,) = trace.decisions
    assert decision.source.text == "(g := abs(f)) > 0"


def test_places_are_where_the_text_stands_in_the_file():
    for trace in (ad.trace(several, 3.0, 4.0), ad.trace(with_words, 3.0, 4.0)):
        places = [*sources(trace), *(decision.source for decision in trace.decisions)]
        for source in places:
            lines = linecache.getlines(source.file)[source.line - 1 : source.end_line]
            lines[-1] = lines[-1][: source.end_column]
            lines[0] = lines[0][source.column :]
            assert "".join(lines) == source.text
            assert source.file == __file__
            assert source.function == trace.function_name


def test_columns_count_characters_not_bytes():
    double, product, exp = sources(ad.trace(with_words, 3.0, 4.0))
    assert (double.text, double.name, double.column, double.end_column) == ("π * 2", "ω", 8, 13)
    assert (product.text, product.name, product.column) == ("ω * größe", "名前", 20)
    assert (exp.text, exp.line) == ("np.exp(名前)", product.line + 1)


def test_a_name_given_in_a_loop_is_each_rows():
    def f(x):
        for _ in range(3):
            y = np.sin(x)
            x = y
        return x

    assert [row.name for row in ad.trace(f, 1.0).rows] == ["x", "y", "y", "y"]


def test_one_line_with_the_same_operation_twice():
    trace = ad.trace(lambda x: (x * 2) * (x * 3), 1.0)
    assert [source.text for source in sources(trace)] == ["x * 2", "x * 3", "(x * 2) * (x * 3)"]
    first, second, product = sources(trace)
    assert product.column + 1 == first.column < second.column


def test_the_line_is_the_users_where_a_derivative_records_itself():
    def f(x):
        y = ad.grad(lambda t: t * x)(x)
        return y * 2

    trace = ad.trace(f, 3.0)
    assert {row.source.text for row in trace.rows[1:]} == {
        "t * x",
        "ad.grad(lambda t: t * x)(x)",
        "y * 2",
    }


CELL = """\
def f(x):
    area = x * x
    return np.sin(area) + area
"""


def made_in(filename, text=CELL):
    scope = {"np": np}
    exec(compile(text, filename, "exec"), scope)
    return scope["f"]


class TestCells:
    FILENAME = "/var/folders/ipykernel_4711/1234567.py"

    @pytest.fixture
    def cell(self):
        lines = CELL.splitlines(keepends=True)
        linecache.cache[self.FILENAME] = (len(CELL), None, lines, self.FILENAME)
        yield made_in(self.FILENAME)
        del linecache.cache[self.FILENAME]

    def test_a_cell_is_read_as_a_file_is(self, cell):
        trace = ad.trace(cell, 3.0)
        assert [row.name for row in trace.rows] == ["x", "area", None, None]
        assert [source.text for source in sources(trace)] == [
            "x * x",
            "np.sin(area)",
            "np.sin(area) + area",
        ]
        place = str(trace.row(1).source)
        assert place == "notebook cell, line 2, in f: `area = x * x`"

    def test_a_cell_that_is_run_again_changed(self, cell):
        assert ad.trace(cell, 3.0).row(1).name == "area"
        text = CELL.replace("area", "size").replace("x * x", "x * x * 1")
        lines = text.splitlines(keepends=True)
        linecache.cache[self.FILENAME] = (len(text), None, lines, self.FILENAME)
        again = ad.trace(made_in(self.FILENAME, text), 3.0)
        assert [row.name for row in again.rows] == ["x", None, "size", None, None]
        assert again.row(2).source.text == "x * x * 1"


def test_without_source_the_line_is_still_known():
    trace = ad.trace(made_in("<generated>"), 3.0)
    source = trace.row(2).source
    assert (source.line, source.text, source.column, source.name) == (3, "", None, None)
    assert str(source) == "<generated>, line 3, in f"
    assert trace.row(1).name is None
    with pytest.raises(ad.AdvizError, match="<generated>, line 2, in f"):
        ad.grad(made_in("<generated>", CELL.replace("x * x", "x & 1")))(3.0)


def test_a_long_line_is_cut_to_its_sub_expression():
    filler = " + ".join(f"0.{k} * x" for k in range(30))
    text = f"def f(x):\n    return {filler} + (x & 2) + 1\n"
    linecache.cache["long.py"] = (len(text), None, text.splitlines(keepends=True), "long.py")
    try:
        with pytest.raises(ad.AdvizError, match=r"long.py, line 2, in f: `x & 2`\. Combine"):
            ad.grad(made_in("long.py", text))(3.0)
        text = text.replace("x & 2", f"({filler}) & 2")
        linecache.cache["long.py"] = (len(text), None, text.splitlines(keepends=True), "long.py")
        with pytest.raises(ad.AdvizError) as caught:
            ad.grad(made_in("long.py", text))(3.0)
    finally:
        del linecache.cache["long.py"]
    assert len(str(caught.value)) < 250
    assert "0.0 * x + 0.1 * x" in str(caught.value)
    assert "…`" in str(caught.value)


def test_instructions_beyond_the_first_256_bytes():
    body = "".join(f"    y{k} = x * {k}.5\n" for k in range(200))
    text = f"def f(x):\n{body}    return y199\n"
    linecache.cache["wide.py"] = (len(text), None, text.splitlines(keepends=True), "wide.py")
    try:
        trace = ad.trace(made_in("wide.py", text), 1.0)
        assert max(trace.tape.places.instructions) > 256
        assert [row.name for row in trace.rows[1:]] == [f"y{k}" for k in range(200)]
        assert [row.source.text for row in trace.rows[1:]] == [f"x * {k}.5" for k in range(200)]
    finally:
        del linecache.cache["wide.py"]


def decorator(*_):
    return lambda f: f


@decorator(
    1,
    2,
)
@decorator()
def decorated(x):
    def helper(y):
        return y * 2

    return helper(x)


def test_the_lines_of_a_function():
    from adviz.host.source import function_lines

    first, lines = function_lines(decorated.__code__)
    assert lines[0] == "def decorated(x):"
    assert lines[-1] == "    return helper(x)"
    assert linecache.getline(__file__, first).strip() == lines[0]
    first, lines = function_lines(several.__code__)
    assert (lines[0], lines[-1]) == ("def several(x1, x2):", "    )  # fmt: skip")
    double = lambda x: x * 2  # noqa: E731
    assert function_lines(double.__code__)[1] == ["    double = lambda x: x * 2  # noqa: E731"]
    assert function_lines(made_in("<generated>").__code__) == (1, [])


def test_reading_the_source_of_many_rows_is_quick(monkeypatch):
    """The file is taken apart once, not for every row."""
    parsed = []
    parse = ast.parse
    monkeypatch.setattr(ast, "parse", lambda *args, **kwargs: parsed.append(args) or parse(*args))
    filename = "/var/folders/ipykernel_4711/once.py"
    lines = CELL.splitlines(keepends=True)
    monkeypatch.setitem(linecache.cache, filename, (len(CELL), None, lines, filename))
    f = made_in(filename)
    trace = ad.trace(lambda x: sum(f(x) for _ in range(500)), 1.0)
    assert {row.source.text for row in trace.rows if row.op == "sin"} == {"np.sin(area)"}
    assert parsed == [(CELL,)]


def test_dedent_is_not_needed_for_nested_functions():
    text = textwrap.dedent(
        """
        def outer():
            def f(x):
                inner = x * x
                return inner
            return f
        f = outer()
        """
    )
    linecache.cache["nested.py"] = (len(text), None, text.splitlines(keepends=True), "nested.py")
    try:
        trace = ad.trace(made_in("nested.py", text), 2.0)
        assert (trace.row(1).name, trace.row(1).source.column) == ("inner", 16)
    finally:
        del linecache.cache["nested.py"]


MODEL = """import numpy as np


def helper(x):
    return x * 3


def f(x):
    a = np.sin(x)
    b = helper(a)
    return a * b
"""


@pytest.fixture
def imported(tmp_path, monkeypatch):
    """Return a function that imports a text as a file, and one that edits the file."""
    path = tmp_path / f"model_{secrets.token_hex(4)}.py"
    monkeypatch.syspath_prepend(tmp_path)

    def import_(text=MODEL):
        path.write_text(text)
        importlib.invalidate_caches()
        return importlib.import_module(path.stem)

    def edit(text):
        path.write_text(text)
        linecache.checkcache(str(path))

    return import_, edit


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("np.sin(x)", "np.cos(x)"),  # of the same length
        lambda text: text.replace("x * 3", "x * 4"),
        lambda text: text.replace("import numpy as np", "import numpy as np\nimport math"),
        lambda text: text.replace("    a = ", "    # a comment\n    a = "),
        lambda text: text.replace("a * b", "b * a"),
        lambda text: text.replace("def f(x):", "def f(x:"),  # in the midst of editing
    ],
    ids=["name", "constant", "line above", "comment", "order", "syntax"],
)
@pytest.mark.parametrize("read_before", [False, True])
def test_an_edited_file_is_not_shown_as_the_code_that_runs(imported, change, read_before):
    import_, edit = imported
    module = import_()
    if read_before:
        assert ad.trace(module.f, 0.5).row(1).name == "a"
    edit(change(MODEL))
    trace = ad.trace(module.f, 0.5)
    changed = [row.source for row in trace.rows[1:] if row.source.has_changed]
    if change("x * 3") != "x * 3":
        assert [source.function for source in changed] == ["helper"]  # f is as it was
    else:
        assert len(changed) >= 2
    for source in changed:
        assert source.text == ""
        assert "this file has changed since it was imported" in str(source)
    assert any("has changed since it was imported" in note for note in trace.notes)
    assert "has changed since it was imported" in str(trace)
    assert "has changed since it was imported" in json.dumps(trace.to_document())
    assert "np.cos" not in trace.to_html()
    with pytest.raises(ad.AdvizError):
        ad.trace(module.f, "text")


def test_a_file_that_only_looks_changed_is_shown(imported):
    import_, edit = imported
    module = import_()
    edit(MODEL + "\n\ndef another(x):\n    return x\n")  # below
    trace = ad.trace(module.f, 0.5)
    assert [row.name for row in trace.rows] == ["x", "a", None, None]
    assert trace.notes == []
    edit(MODEL.replace("x * 3", "x * 5"))
    assert ad.trace(module.helper, 0.5).notes != []
    edit(MODEL)
    assert ad.trace(module.helper, 0.5).notes == []
    edit(MODEL.replace("x * 3", "x * 5"))
    linecache.clearcache()
    again = importlib.reload(module)
    assert ad.trace(again.helper, 0.5).row(1).source.text in ("x * 5", "")


def test_a_deleted_file_and_code_without_one_have_no_text(imported, tmp_path):
    import_, _ = imported
    module = import_()
    (tmp_path / f"{module.__name__}.py").unlink()
    trace = ad.trace(module.f, 0.5)
    assert trace.row(1).source.text == ""
    assert not trace.row(1).source.has_changed
    scope = {}
    (tmp_path / "other.py").write_text("1 + 1\n")
    exec(compile("def g(x):\n    return x * 2", str(tmp_path / "other.py"), "exec"), scope)
    assert ad.trace(scope["g"], 3.0).row(1).source.has_changed
    exec("def h(x):\n    return x * 2", scope)
    assert ad.trace(scope["h"], 3.0).row(1).source.text == ""


class TestDedentedCells:
    """A marimo file, run: its cells are compiled without their indentation."""

    TEXT = """
        import marimo

        app = marimo.App()

        with app.setup:
            import numpy as np

        @app.function
        def apart(x):
            return np.exp(x) * x

        @app.cell
        def _(np):
            def f(x1, x2):
                é = x1 * x2
                return é + np.log(x1)

            if np:
                def inner(x):
                    y = x * x
                    return y - x
            g = lambda x: np.sin(x) * x
            return f, g, inner
        """

    @pytest.fixture
    def run(self, tmp_path):
        """Run a part of the file as marimo does: dedented, with the line numbers of the file."""
        file = tmp_path / "lesson.py"
        file.write_text(textwrap.dedent(self.TEXT), encoding="utf-8")
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)

        def run(first, last):
            begin = next(k for k, line in enumerate(lines) if first in line)
            end = next(k for k, line in enumerate(lines) if last in line)
            text = textwrap.dedent("".join(lines[begin:end]))
            scope = {"np": np}
            exec(compile("\n" * begin + text, str(file), "exec"), scope)
            return scope

        return run, file

    def test_expressions_are_marked_where_they_stand_in_the_file(self, run):
        run, file = run
        scope = run("def f(x1", "return f, g")
        lines = file.read_text(encoding="utf-8").splitlines()
        shown = [(scope["f"], (2.0, 3.0)), (scope["inner"], (2.0,)), (scope["g"], (2.0,))]
        expected = [
            [("x1 * x2", "é"), ("np.log(x1)", None), ("é + np.log(x1)", None)],
            [("x * x", "y"), ("y - x", None)],
            [("np.sin(x)", None), ("np.sin(x) * x", None)],
        ]
        for (function, inputs), rows in zip(shown, expected, strict=True):
            sources = [row.source for row in ad.trace(function, *inputs).rows if row.source]
            assert [(source.text, source.name) for source in sources] == rows
            for source in sources:
                line = lines[source.line - 1]
                assert line[source.column : source.end_column] == source.text
        assert ad.trace(scope["f"], 2.0, 3.0).notes == []

    def test_a_function_that_is_a_cell_itself_is_found(self, run):
        run, _ = run
        traced = ad.trace(run("def apart", "@app.cell")["apart"], 2.0)
        assert [row.source.text for row in traced.rows if row.source] == [
            "np.exp(x)",
            "np.exp(x) * x",
        ]

    def test_an_edited_cell_is_not_shown_as_the_code_that_runs(self, run):
        run, file = run
        scope = run("def f(x1", "return f, g")
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("x1 * x2", "x1 / x2"), encoding="utf-8")
        linecache.checkcache(str(file))
        changed = [row.source for row in ad.trace(scope["f"], 2.0, 3.0).rows if row.source]
        assert all(source.has_changed for source in changed)
