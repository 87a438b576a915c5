"""The user's source of an operation: its text, its columns, the name assigned to its result."""

from __future__ import annotations

import ast
import linecache
import os
import re
import warnings
from collections.abc import Iterable, Iterator
from dis import opmap
from functools import lru_cache
from sys import _getframe
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

from adviz.host.dedented import dedented_codes

__all__ = [
    "CHANGED",
    "Source",
    "characters",
    "code_name",
    "describe",
    "file_title",
    "function_lines",
    "has_changed",
    "is_internal",
    "is_library",
    "is_scipys",
    "locate",
    "own_frame",
    "positions",
    "quoted",
    "syntax_tree",
    "user_frame",
]

# Frames of these packages lie between the user's line and the tape.
_ADVIZ = os.path.dirname(os.path.dirname(__file__)) + os.sep
_NUMPY = os.path.dirname(np.__file__)
_SCIPY = os.path.join(os.path.dirname(_NUMPY), "scipy")
_INTERNAL = (_ADVIZ, _NUMPY + os.sep, _SCIPY + os.sep)

# Its layers are shown in a trace as if the user had written them.
_SHOWN = os.path.join(_ADVIZ, "learn", "layers.py")

_LIBRARIES = (
    os.path.dirname(os.__file__) + os.sep,
    os.path.dirname(os.path.dirname(np.__file__)) + os.sep,
)

_OF_CYTHON = (".pyx", ".pxd", ".pxi")

_STORE_SUBSCR = opmap["STORE_SUBSCR"]

# IPython and marimo name a cell's code after a temporary file, or after "<ipython-input-...>".
_CELL = re.compile(r"ipykernel_\d+|<ipython-input|^<cell|__marimo__cell_")

_DEF = re.compile(r"\s*(async\s+)?def\b")

CHANGED = "this file has changed since it was imported"
"""What is said in place of its source."""

_MAX_QUOTED = 76
"""The most characters of source that a message quotes, so that it fits into a line."""


class Source(NamedTuple):
    """A piece of source: exactly the expression that made a row.

    Attributes
    ----------
    file : str
        The file as Python knows it; :func:`file_title` gives the name to show.
    function : str
        The function that contains it.
    line, end_line : int
        First and last line, from 1.
    column, end_column : int or None
        First column and the one after the last, in characters from 0; None where Python kept no
        columns.
    text : str
        The text, "" where the source cannot be read.
    name : str or None
        The variable that the expression is assigned to, if it is.
    has_changed : bool
        Whether the file has changed since it was imported, so that its text is another.
    """

    file: str
    function: str
    line: int
    end_line: int
    column: int | None
    end_column: int | None
    text: str
    name: str | None
    has_changed: bool = False

    def __repr__(self) -> str:
        return f"<{self}>"  # without the folder, which differs between machines

    @property
    def is_call(self) -> bool:
        """Whether it is a call: ``sum(terms)``."""
        try:
            return isinstance(ast.parse(f"({self.text})", mode="eval").body, ast.Call)
        except SyntaxError:
            return False

    def __str__(self) -> str:
        place = f"{file_title(self.file)}, line {self.line}"
        if self.function == "<lambda>":
            place += ", in a lambda"
        elif self.function != "<module>":
            place += f", in {self.function}"
        if self.has_changed:
            return f"{place}: {CHANGED}"
        line = linecache.getline(self.file, self.line)
        return place + quoted(line if len(line.strip()) <= _MAX_QUOTED else self.text)


def quoted(text: str) -> str:
    """Return source to be appended to its place in a message, cut to one line of readable length.

    Examples
    --------
    >>> quoted("  return x"), quoted("")
    (': `return x`', '')
    """
    line = " ".join(text.split())
    if len(line) > _MAX_QUOTED:
        line = line[: _MAX_QUOTED - 1] + "…"
    return f": `{line}`" if line else ""


_INTERNAL_FILES: set[str] = set()
"""The files of adviz, NumPy and SciPy that :func:`is_internal` has recognised so far."""


def is_internal(frame: FrameType) -> bool:
    """Return whether a frame runs code of adviz, NumPy or SciPy, not of the user."""
    file = frame.f_code.co_filename
    if file in _INTERNAL_FILES:
        return True
    if file.startswith(_INTERNAL) and file != _SHOWN:
        _INTERNAL_FILES.add(file)
        return True
    return False


def is_scipys(frame: FrameType) -> bool:
    """Return whether a frame runs code of SciPy."""
    return frame.f_code.co_filename.startswith(_SCIPY + os.sep)


def is_library(frame: FrameType) -> bool:
    """Return whether a frame runs code of the standard library or of an installed package."""
    file = frame.f_code.co_filename
    return file.startswith(_LIBRARIES) or file == "<stringsource>" or file.endswith(_OF_CYTHON)


def user_frame(frame: FrameType) -> FrameType:
    """Return the nearest frame that runs the user's code."""
    nearest: FrameType | None = frame
    while nearest is not None and is_internal(nearest):
        nearest = nearest.f_back
    return frame if nearest is None else nearest


def own_frame(frame: FrameType) -> FrameType:
    """Return the nearest frame of the user's that is in no other library either.

    Where there is none, as in a program that is installed itself, it is that of user_frame().
    """
    nearest = user_frame(frame)
    running: FrameType | None = nearest
    while running is not None and (is_internal(running) or is_library(running)):
        running = running.f_back
    return nearest if running is None else running


def describe(frame: FrameType | None = None) -> str:
    """Return the place and text of the user's line that is running, for a message."""
    frame = own_frame(frame or _getframe(1))
    while frame.f_code.co_filename == _SHOWN and frame.f_back is not None:
        frame = own_frame(frame.f_back)  # a user can only change the line that calls a layer
    return str(locate(frame.f_code, frame.f_lasti))


def file_title(filename: str) -> str:
    """Return a file's name as a reader knows it, without its folder.

    Examples
    --------
    >>> file_title("/home/ada/model.py"), file_title("<stdin>")
    ('model.py', '<stdin>')
    """
    return "notebook cell" if _CELL.search(filename) else os.path.basename(filename)


def locate(code: CodeType, lasti: int) -> Source:
    """Return the source of the instruction at byte ``lasti`` of ``code``.

    Examples
    --------
    >>> locate(file_title.__code__, 0).function
    'file_title'
    """
    file = code.co_filename
    line, end_line, start, end = positions(code)[lasti // 2]
    if line is None:
        line = code.co_firstlineno
    if end_line is None:
        end_line = line
    if has_changed(code):
        return Source(file, code.co_name, line, end_line, None, None, "", None, True)
    lines = [linecache.getline(file, n).rstrip("\n") for n in range(line, end_line + 1)]
    if start is None or end is None or not any(lines):
        text = "\n".join(lines).strip()
        return Source(file, code.co_name, line, end_line, None, None, text, None)
    name = _assignments(file).names.get((line, start, end_line, end))
    if code.co_code[lasti] == _STORE_SUBSCR:
        item = (line, start, end_line, end)
        line, start, end_line, end = _assignments(file).statements.get(item, item)
        lines = [linecache.getline(file, n).rstrip("\n") for n in range(line, end_line + 1)]
    column, end_column = characters(lines[0], start), characters(lines[-1], end)
    lines[-1] = lines[-1][:end_column]
    lines[0] = lines[0][column:]
    text = "\n".join(lines)
    return Source(file, code.co_name, line, end_line, column, end_column, text, name)


_checked: dict[CodeType, tuple[list[str], int | None]] = {}


def has_changed(code: CodeType) -> bool:
    """Return whether the file of some code now holds other code in its place.

    The lines of a file are read when they are first needed, and it may have been edited since it
    was imported. What the present text compiles to is therefore compared with the code that runs.
    """
    return _indentation(code) is None


def _indentation(code: CodeType) -> int | None:
    """Return the indentation that was taken off some code, mostly 0; None if it has changed."""
    file = code.co_filename
    if file.startswith("<") or _CELL.search(file):
        return 0  # kept with its text, under a name of its own
    lines = linecache.getlines(file)
    read, indentation = _checked.get(code, (None, 0))
    if read is not lines:  # linecache makes another list when it reads the file again
        is_rewritten = any(name.startswith("@py") for name in (*code.co_names, *code.co_varnames))
        indentation = 0 if not lines or is_rewritten else _found_in(code, file, lines)
        _checked[code] = lines, indentation
    return indentation


class _Compiled(NamedTuple):
    """What lines of a file compile to, by name and first line, each with its indentation."""

    lines: list[str]
    whole: dict[Any, list[tuple[CodeType, int]]]
    dedented: dict[Any, list[tuple[CodeType, int]]]


_compiled: dict[str, _Compiled] = {}


def _found_in(code: CodeType, file: str, lines: list[str]) -> int | None:
    """Return the indentation of some code among the lines of a file; None if it is not there."""
    found = _compiled.get(file)
    if found is None or found.lines is not lines:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                whole = [(compile("".join(lines), file, "exec", dont_inherit=True), 0)]
        except (SyntaxError, ValueError):
            whole = []
        found = _compiled[file] = _Compiled(lines, _by_place(whole), {})
    place = code.co_name, code.co_firstlineno
    for codes in (found.whole, found.dedented):
        if codes is found.dedented and not codes and found.whole:
            tree = ast.parse("".join(lines))
            codes.update(_by_place(dedented_codes(tree, file)))
        for other, indentation in codes.get(place, []):
            if _are_alike(code, other):
                return indentation
    return None


def _by_place(codes: Iterable[tuple[CodeType, int]]) -> dict[Any, list[tuple[CodeType, int]]]:
    found: dict[Any, list[tuple[CodeType, int]]] = {}
    waiting = list(codes)
    while waiting:
        part, indentation = waiting.pop()
        place = part.co_name, part.co_firstlineno
        found.setdefault(place, []).append((part, indentation))
        waiting += [(c, indentation) for c in part.co_consts if isinstance(c, CodeType)]
    return found


def _are_alike(a: CodeType, b: CodeType) -> bool:
    def content(code: CodeType) -> tuple[Any, ...]:
        constants = [repr(c) for c in code.co_consts if not isinstance(c, (CodeType, frozenset))]
        return code.co_code, code.co_names, code.co_varnames, constants, list(code.co_positions())

    return content(a) == content(b)


def function_lines(code: CodeType) -> tuple[int, list[str]]:
    """Return the number of the first line of a function, below its decorators, and its lines.

    Examples
    --------
    >>> first, lines = function_lines(file_title.__code__)
    >>> lines[0]
    'def file_title(filename: str) -> str:'
    """
    if has_changed(code):
        first = max(code.co_firstlineno, 1)
        hidden = max(_all_lines(code), default=first) - first
        return first, [f"# {CHANGED}", *[""] * hidden]
    every = linecache.getlines(code.co_filename)
    if code.co_name == "<module>":
        return 1, [text.rstrip("\n") for text in every]
    first = max(code.co_firstlineno, 1)
    if not code.co_name.startswith("<"):  # a lambda or a comprehension has no def
        while first < len(every) and not _DEF.match(every[first - 1]):
            first += 1
    last = max(_all_lines(code), default=first)
    return first, [text.rstrip("\n") for text in every[first - 1 : max(last, first)]]


def _all_lines(code: CodeType) -> Iterator[int]:
    for line, end_line, _, _ in positions(code):
        yield from (n for n in (line, end_line) if n is not None)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _all_lines(constant)


def characters(line: str, byte_column: int) -> int:
    """Return a column in characters, for one in bytes of UTF-8 as Python counts them."""
    return len(line.encode()[:byte_column].decode(errors="ignore"))


@lru_cache(maxsize=1024)
def positions(code: CodeType) -> list[tuple[int | None, int | None, int | None, int | None]]:
    """Return for each instruction its first and last line, and its columns in bytes of UTF-8."""
    taken_off = _indentation(code)
    if not taken_off:
        return list(code.co_positions())

    def in_file(column: int | None) -> int | None:
        return None if column is None else column + taken_off

    return [
        (line, end_line, in_file(column), in_file(end_column))
        for line, end_line, column, end_column in code.co_positions()
    ]


_NO_SYNTAX = ast.Module([], [])
_trees: dict[str, tuple[list[str], ast.Module]] = {}


def syntax_tree(filename: str) -> ast.Module:
    """Return the syntax tree of a file, an empty one where it cannot be read as Python."""
    lines = linecache.getlines(filename)
    read, tree = _trees.get(filename, (None, _NO_SYNTAX))
    if lines and read is not lines:  # linecache makes another list when it reads the file again
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python warned when it compiled the user's code
                tree = ast.parse("".join(lines))
        except (SyntaxError, ValueError):
            tree = _NO_SYNTAX
        _trees[filename] = lines, tree
    return tree


Span = tuple[int, int, int, int]


class _Assignments(NamedTuple):
    """The assignments in a file.

    ``names`` has by the span of an expression what it is assigned to; ``statements`` has by that of
    an item which is assigned to, ``y[i]``, that of the statement, ``y[i] = 2 * x``.
    """

    names: dict[Span, str]
    statements: dict[Span, Span]


_assignments_of: dict[str, tuple[ast.Module, _Assignments]] = {}


def _assignments(filename: str) -> _Assignments:
    tree = syntax_tree(filename)
    read, found = _assignments_of.get(filename, (None, _Assignments({}, {})))
    if read is not tree:
        found = _assignments_in(tree)
        _assignments_of[filename] = tree, found
    return found


def code_name(code: CodeType) -> str:
    """Return what a function is called; of a lambda the variable that holds it, or "f".

    Examples
    --------
    >>> code_name(code_name.__code__), code_name((lambda x: x).__code__)
    ('code_name', 'f')
    """
    if code.co_name == "<lambda>":
        return _lambda_name(code) or "f"
    return code.co_name.strip("<>")


def _lambda_name(code: CodeType) -> str | None:
    """Return the variable that a lambda is assigned to, None where there is none."""
    if has_changed(code):
        return None
    places = [p for p in positions(code) if None not in p and p[2] != p[3]]
    lines = linecache.getlines(code.co_filename)
    for (line, start, end_line, end), name in _assignments(code.co_filename).names.items():
        if line != code.co_firstlineno or not lines[line - 1].encode()[start:].startswith(
            b"lambda"
        ):
            continue
        if all((line, start) <= (p[0], p[2]) and (p[1], p[3]) <= (end_line, end) for p in places):
            return name
    return None


def _assignments_in(tree: ast.Module) -> _Assignments:
    names: dict[Span, str] = {}
    statements: dict[Span, Span] = {}
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    names.update(_pair(target, value))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                targets = [target]
                names.update(_pair(target, value))
            case ast.NamedExpr(target=target, value=value):
                names.update(_pair(target, value))
            case ast.AugAssign(target=target):
                targets = [target]
                names[_span(node)] = ast.unparse(target)
        for item in (part for target in targets for part in ast.walk(target)):
            if isinstance(item, ast.Subscript) and isinstance(node, ast.stmt):
                statements[_span(item)] = _span(node)
    return _Assignments(names, statements)


def _pair(target: ast.expr, value: ast.expr) -> Iterator[tuple[Span, str]]:
    match target, value:
        case ((ast.Tuple() | ast.List()), (ast.Tuple() | ast.List())) if len(target.elts) == len(
            value.elts
        ):
            for part, part_value in zip(target.elts, value.elts, strict=True):
                yield from _pair(part, part_value)
        case ((ast.Name() | ast.Attribute() | ast.Subscript()), _):
            yield _span(value), ast.unparse(target)


def _span(node: ast.expr | ast.stmt) -> Span:
    assert node.end_lineno is not None and node.end_col_offset is not None
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
