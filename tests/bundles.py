"""The player's modules as bundles: what outputs carry to pages that have no extension of ours.

    make bundles        writes adviz/player/bundles anew

A bundle holds a module and all that it imports, made small by esbuild and terser. They are kept
with the sources, so that building the package needs nothing from npm; tests/test_bundles.py asserts
that they are made from what stands beside them.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLAYER = ROOT / "adviz/player"
TOOLS = ROOT / ".venv/javascript/node_modules"
NODE = ROOT / ".venv/bin/node"

SCRIPTS = {"loader": "loader", "trace": "player", "cards": "exercise", "laboratory": "laboratory"}
"""The module from which each bundle is made."""

SHEETS = {
    "trace": ["player"],
    "cards": ["player", "cards"],
    "laboratory": ["player", "laboratory"],
}


def bundles() -> dict[str, str]:
    """Return the text of each bundle by the name of its file."""
    scripts = {f"{name}.js": _script(module) for name, module in SCRIPTS.items()}
    sheets = {f"{name}.css": "".join(map(_sheet, SHEETS[name])) for name in SHEETS}
    return scripts | sheets


def _script(module: str) -> str:
    form = ["--bundle", "--format=iife", "--global-name=advizPiece", "--log-level=error"]
    joined = _run("esbuild/bin/esbuild", f"{PLAYER}/{module}.js", *form)
    terser = [NODE, TOOLS / "terser/bin/terser"]
    options = ["--compress", "passes=3", "--mangle", "--ecma", "2022"]
    return _output([*terser, *options], joined)


def _sheet(name: str) -> str:
    return _run("esbuild/bin/esbuild", f"{PLAYER}/{name}.css", "--bundle", "--minify")


def _run(tool: str, *arguments: str) -> str:
    return _output([TOOLS / tool, *arguments])


def _output(command: list[Path | str], given: str | None = None) -> str:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


if __name__ == "__main__":
    for file, text in bundles().items():
        (PLAYER / "bundles" / file).write_text(text, encoding="utf-8")
