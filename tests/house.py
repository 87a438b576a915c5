"""How the house is built, read off the files: rooms, lines of code, imports, and what is wrong.

    python -m tests.house                         rooms, and what goes the wrong way
    python -m tests.house --files core rules      the files of these rooms as well
    python -m tests.house --draw docs/house.svg   a drawing of it

An import counts wherever it stands: inside a function, under TYPE_CHECKING, or as the name of a
module in a string. The command ends with 1 where something is wrong; tests/test_house.py asserts
the same.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import textwrap
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "adviz"

ORDER = (
    "host",
    "core",
    "rules",
    "calculus",
    "code",
    "fast",
    "fillable",
    "mistakes",
    "call_groups",
    "progress",
    "figure",
    "symbolic",
    "numeric",
    "costs",
    "learn",
    "player",
    "render",
    "diagnosis",
    "tutor",
    "supported",
    "jupyter",
    "publish",
    "sphinx",
    "cli",
    "plugged",
    "__init__",
)
"""A room imports only from itself and from those before it."""

ALONE = {"progress", "figure", "player"}
"""Rooms that import no other room."""

PLUGGED_IN_BY = {"fast": {"plugged"}, "fillable": {"plugged"}}
"""Rooms that can be deleted: only those named here import them."""

UNMENTIONABLE = {"core": ("fast", "fillable", "code"), "rules": ("fast", "fillable", "code")}
"""Rooms that a room does not mention at all, comments and strings included."""

BUDGETS = {
    "core": 1_900,
    "core/{elementals,tape,variable,sweeps}.py": 900,
}
"""The most lines of code that a room, or some files of it, may have together."""

OUTSIDE = {
    "host": {"numpy"},
    "core": {"numpy"},
    "rules": {"numpy"},
    "calculus": {"numpy"},
    "code": {"numpy"},
    "fast": {"numpy"},
    "fillable": {"numpy"},
    "mistakes": {"numpy"},
    "call_groups": set(),
    "progress": {"tqdm", "IPython"},  # where there is a notebook, IPython is loaded already
    "figure": {"matplotlib", "PIL"},  # inside the functions that plot
    "symbolic": {"numpy"},
    "numeric": {"numpy"},
    "costs": {"numpy"},
    "learn": {"numpy"},
    "player": set(),
    "tutor": {"numpy", "IPython"},
    "render": {"numpy", "matplotlib", "graphviz"},
    "diagnosis": {"numpy"},
    "supported": {"numpy", "scipy"},
    "jupyter": {"numpy", "IPython", "ipywidgets", "anywidget", "traitlets"},
    "publish": {"jinja2", "nbconvert", "nbformat", "traitlets"},
    "sphinx": {"docutils", "sphinx"},
    "cli": {"numpy"},
    "plugged": set(),
    "__init__": set(),
}
"""The packages that a room imports, beside the standard library."""

FURTHER_OUTSIDE = {
    "render/latex.py": {"latex2mathml"},
    "render/rich_text.py": {"mistune"},
    "tutor/parts.py": {"IPython"},  # displays what an explanation is made of
    "costs/figures.py": {"matplotlib"},
    "costs/schedules.py": {"checkpoint_schedules"},
    "render/pictures.py": {"PIL"},  # writes the animations
    "calculus/sparsity.py": {"scipy"},  # a sparse Jacobian is SciPy's
    "learn/data.py": {"sklearn"},
    "symbolic/functions.py": {"sympy"},
    "symbolic/printers.py": {"sympy"},
    "symbolic/stationary.py": {"mpmath", "sympy"},
    "symbolic/study.py": {"mpmath"},
    "symbolic/systems.py": {"sympy", "mpmath"},
    "symbolic/tasks.py": {"sympy"},
    "numeric/peers.py": {"scipy", "numdifftools"},
    "numeric/multiprecision.py": {"mpmath", "flint"},
    "numeric/scheme_errors.py": {"pandas"},
    "numeric/closeup.py": {"matplotlib"},
    "numeric/error_curves.py": {"matplotlib"},
}
"""Further packages that a single file imports, when what needs them is called."""


@dataclass(frozen=True)
class Import:
    """One import statement: the file of adviz that it loads, or the package from outside."""

    line: int
    module: str
    file: File | None

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]


@dataclass(frozen=True)
class File:
    """One Python file of adviz, by its path inside the package."""

    name: str

    @property
    def room(self) -> str:
        return self.name.partition("/")[0].removesuffix(".py")

    @cached_property
    def text(self) -> str:
        return (PACKAGE / self.name).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(_imports(self.tree))

    @cached_property
    def lines_of_code(self) -> int:
        """Lines that are neither blank nor comment nor part of a docstring."""
        lines: set[int] = set()
        layout = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
        ignored = layout | {tokenize.COMMENT, tokenize.ENDMARKER}
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type not in ignored:
                lines.update(range(token.start[0], token.end[0] + 1))
        for docstring in _bare_strings(self.tree):
            assert docstring.end_lineno is not None
            lines.difference_update(range(docstring.lineno, docstring.end_lineno + 1))
        return len(lines)


@cache
def files() -> tuple[File, ...]:
    """Return the Python files of adviz, without what is copied into JupyterLab."""
    paths = (path for path in PACKAGE.rglob("*.py") if "labextension" not in path.parts)
    return tuple(File(path.relative_to(PACKAGE).as_posix()) for path in sorted(paths))


def forget() -> None:
    """Read the files again the next time."""
    files.cache_clear()
    _file_of.cache_clear()


def rooms() -> dict[str, list[File]]:
    """Return the files of every room, in the order of the house."""
    found: dict[str, list[File]] = {room: [] for room in ORDER}
    for file in files():
        found.setdefault(file.room, []).append(file)
    return found


def rooms_imported() -> dict[str, dict[str, int]]:
    """Return for every room the other rooms it imports, with the number of files imported."""
    counts: dict[str, dict[str, int]] = {room: {} for room in rooms()}
    for file in files():
        for other in _files_imported(file):
            if other.room != file.room:
                count = counts[file.room]
                count[other.room] = count.get(other.room, 0) + 1
    return counts


def problems() -> dict[str, list[str]]:
    """Return what is wrong with the house, under the rule that it breaks."""
    return {
        "Every room has its place in the order": rooms_without_a_place(),
        "Imports go one way": imports_the_wrong_way(),
        "Files do not import each other in a circle": circles(),
        "A room imports only the outside packages it is for": outside_packages(),
        "core and rules do not mention what plugs into them": mentions(),
        "The core is read in one sitting": budgets_exceeded(),
    }


def rooms_without_a_place() -> list[str]:
    return [room for room in rooms() if room not in ORDER]


def imports_the_wrong_way() -> list[str]:
    return [
        f"{file.name}:{found.line} imports {found.module}"
        for file in files()
        for found in file.imports
        if found.file is not None and not _may_import(file.room, found.file.room)
    ]


def _may_import(room: str, other: str) -> bool:
    if room == other:
        return True
    if room in ALONE or room not in ORDER or other not in ORDER:
        return False
    return ORDER.index(other) < ORDER.index(room) and room in PLUGGED_IN_BY.get(other, {room})


def circles() -> list[str]:
    """Return each group of files in which every file leads to every other."""
    reached = {file: _reached_from(file) for file in files()}
    groups = {
        frozenset(other for other in reached[file] if file in reached[other]) for file in files()
    }
    return sorted(
        "\n".join(
            f"{file.name} imports {other.name}"
            for file in sorted(group, key=lambda file: file.name)
            for other in sorted(_files_imported(file) & group, key=lambda file: file.name)
        )
        + "\n"
        for group in groups
        if group
    )


def _reached_from(file: File) -> set[File]:
    reached: set[File] = set()
    waiting = [file]
    while waiting:
        new = _files_imported(waiting.pop()) - reached
        reached |= new
        waiting += new
    return reached


def _files_imported(file: File) -> set[File]:
    return {found.file for found in file.imports if found.file not in (None, file)}


def outside_packages() -> list[str]:
    wrong = []
    for file in files():
        for found in file.imports:
            if found.file is not None or found.package in sys.stdlib_module_names:
                continue
            allowed = OUTSIDE.get(file.room, set())
            if found.package not in allowed | FURTHER_OUTSIDE.get(file.name, set()):
                wrong.append(f"{file.name}:{found.line} imports {found.module}")
    return wrong


def mentions() -> list[str]:
    """Return where a room is mentioned that must not be: as adviz.room, adviz/room or room/."""
    wrong = []
    for file in files():
        for other in UNMENTIONABLE.get(file.room, ()):
            pattern = re.compile(rf"adviz[./]{other}\b|\b{other}/")
            for number, line in enumerate(file.text.splitlines(), 1):
                if pattern.search(line):
                    wrong.append(f"{file.name}:{number} mentions {other}: {line.strip()}")
    return wrong


def budgets_exceeded() -> list[str]:
    return [
        f"{subject} has {count:,} lines of code, {count - most:,} more than {most:,}"
        for subject, most in BUDGETS.items()
        if (count := lines_of_code(subject)) > most
    ]


def lines_of_code(subject: str) -> int:
    """Return the lines of code of a room, or of files written "room/{one,other}.py"."""
    room, _, rest = subject.partition("/")
    names = {f"{room}/{name}.py" for name in re.findall(r"\w+", rest.removesuffix(".py"))}
    chosen = [file for file in files() if (file.name in names if names else file.room == room)]
    assert len(chosen) == len(names) or not names, f"{subject}: a file is missing"
    return sum(file.lines_of_code for file in chosen)


def _imports(tree: ast.Module) -> Iterator[Import]:
    compared = {  # with the name of a module: that imports nothing
        operand
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for operand in (node.left, *node.comparators)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt | ast.expr) or node in compared:
            continue
        found: dict[File | str, Import] = {}  # once, however many names come from a file
        for module in _modules_named(node):
            file = _file_of(module)
            found.setdefault(file or module, Import(node.lineno, module, file))
        yield from found.values()


def _modules_named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"line {node.lineno}: imports are written in full"
        assert node.module is not None
        # from adviz.core import rows: the name may be a module's
        return [f"{node.module}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.findall(r"^adviz\.[\w.]+$", node.value)  # for importlib
    return []


@cache
def _file_of(module: str) -> File | None:
    """Return the file that holds a module, or something of it: adviz.core.rows.Row."""
    if module.partition(".")[0] != "adviz":
        return None
    known = {file.name: file for file in files()}
    parts = module.split(".")[1:]
    for length in range(len(parts), -1, -1):
        path = "/".join(parts[:length])
        for name in (f"{path}.py", f"{path}/__init__.py".lstrip("/")):
            if name in known:
                return known[name]
    raise AssertionError("the package itself has a file")


def _bare_strings(tree: ast.Module) -> list[ast.Constant]:
    """Return the docstrings, those of attributes and constants included."""
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]


def report(with_files: Iterable[str] = ()) -> str:
    """Return the rooms with their lines of code and what they import, as a table."""
    lines = [f"{'room':<10} {'files':>5} {'lines':>6}  imports"]
    imported = rooms_imported()
    for room, members in rooms().items():
        total = sum(file.lines_of_code for file in members)
        counts = imported[room]
        names = sorted(counts, key=lambda name: (*ORDER, name).index(name))
        written = ", ".join(f"{name} {counts[name]}" for name in names)
        lines.append(f"{room:<10} {len(members):>5} {total:>6,}  {written}".rstrip())
        if room in with_files:
            longest_first = sorted(members, key=lambda file: -file.lines_of_code)
            lines += [f"  {file.name:<36} {file.lines_of_code:>6,}" for file in longest_first]
    total = sum(file.lines_of_code for file in files())
    lines.append(f"{'together':<10} {len(files()):>5} {total:>6,}")
    for subject, most in BUDGETS.items():
        lines.append(f"{subject}: {lines_of_code(subject):,} lines of code of at most {most:,}")
    return "\n".join(lines)


_LIGHT = {"ground": "#ffffff", "box": "#f4f6f8", "line": "#6b7280", "text": "#20211f"}
_DARK = {"ground": "#16181b", "box": "#23272c", "line": "#9aa3ad", "text": "#eceef0"}


def draw(path: Path) -> None:
    """Write a drawing of the house: the rooms, and an arrow to each room from those it builds on.

    An arrow that follows from two others is left out.
    """
    from adviz.render.graph import Graph

    picture = Graph("house")
    picture.attr(rankdir="BT", bgcolor=_LIGHT["ground"], pad="0.2", nodesep="0.3", ranksep="0.45")
    picture.attr(
        "node",
        shape="box",
        style="rounded,filled",
        fillcolor=_LIGHT["box"],
        color=_LIGHT["line"],
        fontcolor=_LIGHT["text"],
        fontname="Helvetica",
        fontsize="12",
        fixedsize="true",
    )
    picture.attr("edge", color=_LIGHT["line"], arrowsize="0.7")
    for room, members in rooms().items():
        lines = _sign(room, members)
        width = 0.095 * max(map(len, lines)) + 0.3
        height = 0.2 * len(lines) + 0.2
        picture.node(room, "\n".join(lines), width=f"{width:.3f}", height=f"{height:.3f}")
    for room, others in direct_imports().items():
        for other in others:
            picture.edge(room, other)
    if path.suffix == ".svg":
        path.write_text(_for_dark_pages(picture.pipe(format="svg", encoding="utf-8")))
    else:
        path.write_bytes(picture.pipe(format=path.suffix.removeprefix(".")))


def _sign(room: str, members: list[File]) -> list[str]:
    """Return what a room's box says: its name, its subject, its size."""
    entrance = next(file for file in members if file.name in {f"{room}.py", f"{room}/__init__.py"})
    subject = (ast.get_docstring(entrance.tree) or "").partition("\n")[0]
    subject = re.sub(r":\w+:`(.*?)`", r"\1", subject).replace("``", "").removesuffix(".")
    lines = sum(file.lines_of_code for file in members)
    size = f"{round(lines, -2):,} lines" if lines > 100 else "a few lines"  # right for a while
    name = f"{room}.py" if entrance.name == f"{room}.py" else f"{room}/"
    return [name, *textwrap.wrap(subject, 30), size]


def direct_imports() -> dict[str, set[str]]:
    """Return the rooms that each room imports, without those that follow from others.

    Imports that go the wrong way are left out: the command lists them.
    """
    imported = {
        room: {other for other in counts if _may_import(room, other)}
        for room, counts in rooms_imported().items()
    }
    behind: dict[str, set[str]] = {}  # what a room imports, directly or through other rooms
    for room in ORDER:
        behind[room] = imported[room].union(*(behind[other] for other in imported[room]))
    return {
        room: others.difference(*(behind[other] for other in others))
        for room, others in imported.items()
    }


def _for_dark_pages(drawing: str) -> str:
    """Let a drawing follow its reader's colours."""
    rules = "".join(
        f' [fill="{_LIGHT[part]}"] {{ fill: {_DARK[part]} }}'
        f' [stroke="{_LIGHT[part]}"] {{ stroke: {_DARK[part]} }}'
        for part in _LIGHT
    )
    style = f"<style>@media (prefers-color-scheme: dark) {{{rules} }}</style>\n"
    opening = re.search(r"<svg[^>]*>\n?", drawing)
    assert opening is not None
    return drawing[: opening.end()] + style + drawing[opening.end() :]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.house", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--files", nargs="+", default=[], metavar="ROOM", choices=list(rooms()))
    parser.add_argument("--draw", type=Path, metavar="FILE")
    options = parser.parse_args()
    if options.draw:
        draw(options.draw)
        return 0
    lines = [report(options.files)]
    wrong = {rule: found for rule, found in problems().items() if found}
    for rule, found in wrong.items():
        lines += ["", f"Broken: {rule} ({len(found)})", textwrap.indent("\n".join(found), "  ")]
    sys.stdout.write("\n".join(lines).rstrip() + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
