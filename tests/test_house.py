"""The house: imports go one way, outer packages stay in the rooms that need them."""

import ast
import json
import math
import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

import adviz

HOUSE = Path(adviz.__file__).parent

# What each room may import of the house, and from outside beside the standard library.
ROOMS = {
    "host": ({"host"}, {"numpy"}),
    "core": ({"host", "core", "rules", "code", "fast"}, {"numpy"}),
    "rules": ({"host", "core", "rules"}, {"numpy"}),
    "calculus": ({"host", "core", "rules", "calculus", "code", "fast"}, {"numpy"}),
    "code": ({"host", "core", "rules", "code", "fast"}, {"numpy"}),
    "fast": ({"host", "core", "rules", "code", "fast"}, {"numpy"}),
    "progress": (set(), {"tqdm"}),  # how far a long computation has come
    # What plots look like; asked for inside the functions that plot.
    "figure": (set(), {"matplotlib", "PIL"}),
    "symbolic": ({"host", "core", "rules", "calculus", "code", "figure", "symbolic"}, {"numpy"}),
    "numeric": (
        {"host", "core", "rules", "calculus", "code", "figure", "numeric", "progress"},
        {"numpy"},
    ),
    "learn": (
        {"host", "core", "rules", "calculus", "code", "figure", "numeric", "learn", "progress"},
        {"numpy"},
    ),
    "costs": ({"host", "core", "rules", "calculus", "code", "figure", "costs"}, {"numpy"}),
    "player": ({"player"}, set()),
    "render": (
        {
            "host",
            "core",
            "rules",
            "calculus",
            "code",
            "figure",
            "progress",
            "symbolic",
            "numeric",
            "costs",
            "player",
            "render",
        },
        {"numpy", "matplotlib", "graphviz"},
    ),
    # The functions that are supported, and a list of them to print.
    "supported": (
        {"host", "core", "rules", "calculus", "code", "symbolic", "render", "supported"},
        {"numpy", "scipy"},
    ),
    "jupyter": (
        {
            "host",
            "core",
            "rules",
            "calculus",
            "code",
            "symbolic",
            "numeric",
            "costs",
            "player",
            "render",
            "jupyter",
        },
        {"numpy", "IPython", "ipywidgets", "anywidget", "traitlets"},
    ),
    "cli": (
        {
            "host",
            "core",
            "rules",
            "calculus",
            "code",
            "symbolic",
            "numeric",
            "player",
            "render",
            "supported",
            "jupyter",
            "cli",
        },
        {"numpy"},
    ),
    # The public names; the magic is loaded when IPython asks for it.
    "__init__": (
        {
            "host",
            "core",
            "rules",
            "calculus",
            "code",
            "symbolic",
            "numeric",
            "learn",
            "costs",
            "render",
            "supported",
            "jupyter",
        },
        set(),
    ),
}

# Some modules may import more, inside the function that needs it: a sparse Jacobian is SciPy's.
MORE = {
    "costs/drawing.py": {"matplotlib"},
    "costs/schedules.py": {"checkpoint_schedules"},
    "calculus/sparsity.py": {"scipy"},
    "learn/data.py": {"sklearn"},
    "symbolic/printers.py": {"sympy"},
    "symbolic/study.py": {"mpmath"},
    "symbolic/systems.py": {"sympy", "mpmath"},
    "symbolic/tasks.py": {"sympy"},
    "numeric/peers.py": {"scipy", "numdifftools"},
    "numeric/precise.py": {"mpmath", "flint"},
    "numeric/study.py": {"pandas"},
    "numeric/closeup.py": {"matplotlib"},
    "numeric/pictures.py": {"matplotlib"},
    "progress.py": {"tqdm", "IPython"},  # where there is a notebook, IPython is loaded already
}

FILES = sorted(path for path in HOUSE.rglob("*.py") if "labextension" not in path.parts)


def room_of(path):
    first = path.relative_to(HOUSE).parts[0]
    return first.removesuffix(".py")


def imported(path):
    """The modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            if node.module == "adviz":
                yield from (f"adviz.{alias.name}" for alias in node.names)
            else:
                yield node.module


def test_every_room_is_in_the_plan():
    assert {room_of(path) for path in FILES} <= set(ROOMS)
    assert len(FILES) > 20


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_go_one_way(path):
    rooms, outside = ROOMS[room_of(path)]
    outside = outside | MORE.get(path.relative_to(HOUSE).as_posix(), set())
    for module in imported(path):
        package, _, rest = module.partition(".")
        if package == "adviz":
            assert rest.partition(".")[0] in rooms, f"{room_of(path)} imports {module}"
        elif package not in sys.stdlib_module_names:
            assert package in outside, f"{room_of(path)} imports {module}"


def test_the_modules_of_the_core_import_each_other_in_one_order():
    """No cycle, but for the names that only annotations need."""

    def runtime_imports(path):
        tree = ast.parse(path.read_text())
        for node in tree.body:  # at the top only: not what "if TYPE_CHECKING" or a function holds
            if isinstance(node, ast.ImportFrom) and node.module.startswith("adviz.core"):
                if node.module == "adviz.core":
                    yield from (alias.name for alias in node.names)
                else:
                    yield node.module.removeprefix("adviz.core.")

    waiting = {path.stem: set(runtime_imports(path)) for path in (HOUSE / "core").glob("*.py")}
    while waiting:
        ready = {name for name, needs in waiting.items() if not needs & set(waiting)}
        assert ready, f"a cycle among {sorted(waiting)}"
        for name in ready:
            del waiting[name]


def fresh(code, **variables):
    """Run code in a new interpreter and return what it prints."""
    environment = os.environ | {"PYTHONPATH": str(HOUSE.parent)} | variables
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
