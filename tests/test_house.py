"""The house: imports go one way, outer packages stay in the rooms that need them.

The rules and the rooms stand in tests/house.py; python -m tests.house prints what they find.
"""

import json
import math
import os
import re
import statistics
import subprocess
import sys

from tests import house


def assert_none(wrong):
    assert not wrong, "\n".join(["", *wrong])


def test_every_room_has_its_place_in_the_order():
    assert_none(house.rooms_without_a_place())
    assert len(house.files()) > 20


def test_imports_go_one_way():
    assert_none(house.imports_the_wrong_way())


def test_files_do_not_import_each_other_in_a_circle():
    assert_none(house.circles())


def test_a_room_imports_only_the_outside_packages_it_is_for():
    assert_none(house.outside_packages())


def test_core_and_rules_do_not_mention_what_plugs_into_them():
    assert_none(house.mentions())


def test_the_core_is_read_in_one_sitting():
    assert_none(house.budgets_exceeded())


def test_imports_count_wherever_they_stand(tmp_path, monkeypatch):
    """An import inside a function, one for types and a name in a string are found all the same."""
    texts = {
        "__init__.py": "",
        "host/__init__.py": '"""Not a bare adviz.core."""',
        "host/late.py": "def f():\n    from adviz.core import types, typed",
        "core/__init__.py": "LATER = 'adviz.fast.late'",
        "core/types.py": "if TYPE_CHECKING:\n    from adviz.core.typed import Typed",
        "core/typed.py": "from adviz.core.types import Type\nimport torch  # as in fast/",
        "fast/late.py": "",
        "attic.py": "",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(house, "PACKAGE", tmp_path)
    house.forget()
    try:
        assert house.rooms_without_a_place() == ["attic"]
        assert house.imports_the_wrong_way() == [
            "core/__init__.py:1 imports adviz.fast.late",
            "host/late.py:2 imports adviz.core.types",
            "host/late.py:2 imports adviz.core.typed",
        ]
        assert house.circles() == [
            "core/typed.py imports core/types.py\ncore/types.py imports core/typed.py\n"
        ]
        assert house.outside_packages() == ["core/typed.py:2 imports torch"]
        assert [line.partition(" ")[0] for line in house.mentions()] == [
            "core/__init__.py:1",
            "core/typed.py:2",
        ]
    finally:
        house.forget()


def test_lines_of_code_are_counted_without_docstrings_comments_and_blanks(tmp_path, monkeypatch):
    text = '''"""A docstring

    of three lines."""

# a comment
NUMBER = 1  # beside code
"""What the number is."""


def f():
    """Return a text."""
    return """two
    lines"""
'''
    (tmp_path / "core.py").write_text(text)
    monkeypatch.setattr(house, "PACKAGE", tmp_path)
    assert house.File("core.py").lines_of_code == 4


def drawn(path):
    """The rooms and arrows of a drawing."""
    return set(re.findall(r"<title>(\w+(?:&#45;&gt;\w+)?)</title>", path.read_text())) - {"house"}


def test_the_house_is_drawn(tmp_path):
    house.draw(tmp_path / "house.svg")
    found = drawn(tmp_path / "house.svg")
    arrows = {
        f"{room}&#45;&gt;{other}"
        for room, others in house.direct_imports().items()
        for other in others
    }
    assert found == {*house.ORDER, *arrows}
    assert "prefers-color-scheme: dark" in (tmp_path / "house.svg").read_text()
    assert drawn(house.PACKAGE.parent / "docs/house.svg") == found, (
        "the rooms have changed; draw them again: python -m tests.house --draw docs/house.svg"
    )


def fresh(code, **variables):
    """Run code in a new interpreter and return what it prints."""
    environment = os.environ | {"PYTHONPATH": str(house.PACKAGE.parent)} | variables
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout


def test_import_adviz_brings_nothing_heavier_than_numpy():
    code = "import json, sys, adviz; print(json.dumps(sorted(sys.modules)))"
    packages = {name.partition(".")[0] for name in json.loads(fresh(code))}
    assert "numpy" in packages
    heavy = {
        "matplotlib",
        "graphviz",
        "sympy",
        "IPython",
        "ipywidgets",
        "anywidget",
        "asyncio",
        "scipy",
        "mpmath",
        "sklearn",
        "tqdm",
    }
    assert not packages & heavy


def test_import_adviz_takes_at_most_30_ms_more_than_import_numpy(tmp_path):
    """The least of several runs, in CPU time: what a busy machine adds is left out.

    Compiled once, as an installed package is.
    """
    code = (
        "import time, numpy; start = time.process_time_ns(); import adviz; "
        "print(time.process_time_ns() - start)"
    )
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    runs: list[float] = []
    while len(runs) < 30 and min(runs, default=math.inf) > 30:
        runs.append(int(fresh(code, **compiled)) / 1e6)
    assert min(runs) <= 30, f"import adviz took {statistics.median(runs):.1f} ms beyond numpy"
