"""What can be checked of adviz in a browser's Python without NumPy, which only a network brings.

``pyodide.js`` runs ``main`` in Pyodide, and ``tests/browser/test_lite.py`` runs that.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import json
import sys
import sysconfig
import types
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

MAKING_PAGES = ("adviz.publish.", "adviz.sphinx.")
"""Rooms for nbconvert and Sphinx, which nobody runs in a page."""


async def main(site: str) -> str:
    asked_of_pyodide, installed = await install(site)
    names = modules()
    stand_in_for(modules_of_pyodide())
    for name in names:
        if not name.startswith(MAKING_PAGES):
            importlib.import_module(name.removesuffix(".__init__"))
    draw_a_graph()
    ask_for_computer_algebra()
    return json.dumps({"asked": asked_of_pyodide, "installed": installed, "compiled": names})


async def install(site: str) -> tuple[list[str], list[str]]:
    """Run the cell that the last lesson begins with, as the kernel of JupyterLite does.

    What Pyodide's repository has is noted, not fetched; PyPI is never asked. Returns the names of
    these packages, and of those that the site's wheels installed.
    """
    from pyodide.http import pyfetch

    kernel = "extensions/@jupyterlite/pyodide-kernel-extension/static/pypi/"
    of_kernel = json.loads(await (await pyfetch(f"{site}/{kernel}all.json")).string())
    (files,) = of_kernel["piplite"]["releases"].values()
    wheel = await pyfetch(urljoin(f"{site}/{kernel}", files[0]["url"]))
    await wheel.unpack_archive(format="wheel")

    import micropip
    import piplite.cli
    import piplite.piplite

    config = json.loads(await (await pyfetch(f"{site}/jupyter-lite.json")).string())
    settings = config["jupyter-config-data"]["litePluginSettings"]
    urls = settings["@jupyterlite/pyodide-kernel-extension:kernel"]["pipliteUrls"]
    piplite.piplite._PIPLITE_URLS = [urljoin(f"{site}/", url) for url in urls]
    piplite.piplite._PIPLITE_DISABLE_PYPI = True

    asked: list[str] = []

    async def note(names: Any) -> None:
        asked.extend(names)

    micropip.install.__self__.compat_layer.loadPackage = staticmethod(note)
    notebook = json.loads(
        await (await pyfetch(f"{site}/files/09-training-a-network.ipynb")).string()
    )
    (cell,) = (cell for cell in notebook["cells"] if cell["id"] == "lite-install")
    arguments = "".join(cell["source"]).removeprefix("%pip ").split()
    code = await piplite.cli.get_transformed_code(arguments)
    await eval(code.strip().removeprefix("await "))
    installed = [p.name for p in micropip.list().values() if p.source != "pyodide"]
    return sorted(set(asked)), sorted(installed)


def modules() -> list[str]:
    """Compile the modules of adviz, and return their names."""
    folder = Path(sysconfig.get_paths()["purelib"])
    names = []
    for path in sorted((folder / "adviz").rglob("*.py")):
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
        names.append(".".join(path.relative_to(folder).with_suffix("").parts))
    # adviz/__init__.py imports NumPy: modules that do without it are found beside it.
    package = types.ModuleType("adviz")
    package.__path__ = [str(folder / "adviz")]
    sys.modules["adviz"] = package
    return [name for name in names if name != "adviz.__init__"]


def modules_of_pyodide() -> set[str]:
    """Return what can be imported once Pyodide's own packages are fetched."""
    import pyodide_js

    packages = pyodide_js._api.lockfile_packages.to_py().values()
    return {name.partition(".")[0] for package in packages for name in package["imports"]}


class _Anything(type):
    """The kind of a stand-in: whatever is asked of one is another, always the same."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in(f"{cls.__name__}.{name}")

    def __call__(cls, *_: Any, **__: Any) -> Any:
        return stand_in(f"{cls.__name__}()")

    def __getitem__(cls, _: Any) -> Any:
        return stand_in(f"{cls.__name__}[]")

    def __iter__(cls) -> Any:
        return iter(())

    def __neg__(cls) -> Any:
        return cls

    def __float__(cls) -> float:
        return 1.0


@cache
def stand_in(name: str) -> Any:
    return _Anything(name, (), {})


class _StandIns:
    """Finds modules that are not there, and that Pyodide would fetch."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def find_spec(self, name: str, *_: Any) -> Any:
        if name.partition(".")[0] in self.names:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        module = types.ModuleType(spec.name)
        module.__file__ = f"/stand-ins/{spec.name}/__init__.py"
        module.__getattr__ = lambda name: getattr(stand_in(spec.name), name)
        return module

    def exec_module(self, module: types.ModuleType) -> None: ...


def stand_in_for(names: set[str]) -> None:
    sys.meta_path.append(_StandIns(names))
    # They are there, but derive from what is not.
    sys.meta_path.insert(0, _StandIns({"anywidget", "ipywidgets"}))


def draw_a_graph() -> None:
    from adviz.render.graph_without_engine import laid_out

    statements = ["digraph f {\n", "\tv0 [width=1 height=1]\n", "\tv0 -> v1 [label=2]\n", "}\n"]
    graph = laid_out(statements)
    heights = {node["name"]: float(node["pos"].split(",")[1]) for node in graph["objects"]}
    assert heights["v0"] > heights["v1"]


def ask_for_computer_algebra() -> None:
    from adviz.symbolic.tasks import TASKS
    from adviz.symbolic.worker import WORKER

    TASKS["double"] = lambda number: {"doubled": 2 * number}
    assert WORKER.ask("double", seconds=10, number=21) == {"doubled": 42}
