"""What the source of a function says: its loops, its calls, the variables it assigns to."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from dis import get_instructions, opmap
from functools import cached_property
from types import CodeType
from typing import Any, Literal, NamedTuple

from adviz.host.source import Source, characters, code_name, has_changed, positions, syntax_tree

__all__ = ["FunctionSyntax", "Loop", "Spot", "Transition"]

_COMPREHENSIONS: dict[str, type[ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp]] = {
    "<listcomp>": ast.ListComp,
    "<setcomp>": ast.SetComp,
    "<dictcomp>": ast.DictComp,
    "<genexpr>": ast.GeneratorExp,
}
_FOR_ITER = opmap["FOR_ITER"]
_LOOPING = {_FOR_ITER} | {code for name, code in opmap.items() if "JUMP_BACKWARD" in name}
_LOOPING |= {code for name, code in opmap.items() if "POP_JUMP_BACKWARD" in name}
_HEADER = -1
"""The place of a loop's header among the statements of its body: a pass begins with it."""


@dataclass(frozen=True, eq=False)
class Loop:
    """A loop in the source.

    Attributes
    ----------
    source : Source
        Its header, ``for k in range(20)``.
    targets : tuple of str
        The variables that take another value at each pass, as long as the body does not assign to
        them: ("i", "x") in ``for i, x in enumerate(xs)``.
    iterable : expr or None
        What it runs through; None of a ``while`` loop.
    """

    source: Source
    targets: tuple[str, ...]
    iterable: ast.expr | None = None

    def items(self, variables: dict[str, Any]) -> Sequence[Any] | None:
        """Return what the first target runs through, where the header says it.

        Parameters
        ----------
        variables : dict
            Plain local variables of the function, while the loop was running.

        Returns
        -------
        sequence or None
            A range, or a list of different constants. That of ``enumerate(xs)``, and of a
            ``range(n)`` whose n is not known, is longer than any loop.
        """
        match self.iterable:
            case ast.Call(func=ast.Name(id="range"), args=[_, *_] as args, keywords=[]):
                numbers = [_integer(argument, variables) for argument in args]
                if len(numbers) == 1:
                    numbers = [0, *numbers]
                start, stop, step = (*numbers, 1)[:3]
                if start is None or not step:
                    return None
                endless = _ENDLESS if step > 0 else -_ENDLESS
                return range(start, endless if stop is None else stop, step)
            case ast.Call(func=ast.Name(id="enumerate"), args=[_, *starts], keywords=keywords):
                starts = [*starts, *(k.value for k in keywords if k.arg == "start")]
                start = _integer(starts[0], variables) if starts else 0
                return None if start is None else range(start, _ENDLESS)
            case ast.List(elts=items) | ast.Tuple(elts=items) if len(self.targets) == 1:
                try:
                    found = [ast.literal_eval(item) for item in items]
                    return found if len({*found}) == len(found) else None
                except (ValueError, TypeError):
                    return None
        return None

    @property
    def is_while(self) -> bool:
        """Whether it is a ``while`` loop."""
        return self.iterable is None


class Spot(NamedTuple):
    """Where an instruction lies.

    Attributes
    ----------
    loops : tuple of Loop
        The loops of its function around it, outermost first.
    is_header : bool
        Whether it belongs to the header of the innermost: a condition, or taking the next item.
    path : tuple of (int, bool)
        The way to it from the top of the file: which statement of a block, or which part of a
        statement and whether its parts exclude each other, as the branches of an ``if`` do.
    order : int
        Its place in the order in which a statement is evaluated.
    """

    loops: tuple[Loop, ...]
    is_header: bool
    path: tuple[tuple[int, bool], ...]
    order: int


class Transition(NamedTuple):
    """What lies between two instructions of one function that make rows one after the other.

    Attributes
    ----------
    shared : int
        The loops that both lie in.
    kind : str
        "on" if the second comes later in the same pass of the innermost of these loops, "next" if
        it can only come in another pass, "same" if it is the same instruction.
    is_plain : bool
        Whether both lie in the same loops, neither in a header, and another pass can only be one of
        the innermost.
    """

    shared: int
    kind: Literal["on", "next", "same"]
    is_plain: bool


class FunctionSyntax:
    """What the source says of some code.

    Parameters
    ----------
    code : code
        Of a function, a lambda or a comprehension.
    tree : Module
        The syntax of its file.
    """

    def __init__(self, code: CodeType, tree: ast.Module) -> None:
        self.code = code
        self.tree = tree
        self.transitions: dict[tuple[int, int], Transition] = {}
        self._calls: dict[int, ast.Call | None] = {}
        self._spots: dict[int, Spot] = {}
        self._loops: dict[ast.AST, Loop] = {}

    @staticmethod
    def of(code: CodeType) -> FunctionSyntax:
        """Return the loops of some code, which are found once."""
        tree = _NONE if has_changed(code) else syntax_tree(code.co_filename)
        found = _known.get(id(code))
        if found is None or found.code is not code or found.tree is not tree:
            found = _known[id(code)] = FunctionSyntax(code, tree)
            while len(_known) > _MOST_KNOWN:
                del _known[next(iter(_known))]
        return found

    def spot(self, instruction: int) -> Spot:
        """Return where an instruction lies."""
        found = self._spots.get(instruction)
        if found is None:
            found = self._spots[instruction] = self._found(instruction)
        return found

    def transition(self, first: int, second: int) -> Transition:
        """Return what lies between two instructions."""
        found = self.transitions.get((first, second))
        if found is None:
            a, b = self.spot(first), self.spot(second)
            shared = 0
            while shared < min(len(a.loops), len(b.loops)) and a.loops[shared] is b.loops[shared]:
                shared += 1
            kind = _kind(a, b)
            is_plain = a.loops == b.loops and not (a.is_header or b.is_header)
            found = self.transitions[first, second] = Transition(shared, kind, is_plain)
        return found

    @cached_property
    def has_no_loops(self) -> bool:
        """Whether there is no loop in it."""
        return _LOOPING.isdisjoint(self.code.co_code[::2])

    def call_at(self, instruction: int) -> ast.Call | None:
        """Return the call in the source that an instruction makes, None where there is none."""
        if instruction not in self._calls:
            node = self._node_at(instruction)
            self._calls[instruction] = node if isinstance(node, ast.Call) else None
        return self._calls[instruction]

    @cached_property
    def name(self) -> str:
        """What the function is called."""
        return code_name(self.code)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that can be given by position or by name."""
        return self.code.co_varnames[: self.code.co_argcount + self.code.co_kwonlyargcount]

    @cached_property
    def assigned(self) -> frozenset[str]:
        """The variables that the function assigns to, or that functions inside it may."""
        stored = {
            step.argval
            for step in get_instructions(self.code)
            if step.opname.startswith(("STORE_", "DELETE_")) and isinstance(step.argval, str)
        }
        return frozenset(stored.union(self.code.co_cellvars))

    @cached_property
    def _positions(self) -> list[tuple[int | None, int | None, int | None, int | None]]:
        return positions(self.code)

    def _node_at(self, instruction: int) -> ast.AST | None:
        span = _span_of(self._positions[instruction // 2])
        node: ast.AST | None = self.tree
        while node is not None and _span(node) != span:
            node = next((n for n in _parts_with_places(node) if _contains(n, span)), None)
        return node

    def _found(self, instruction: int) -> Spot:
        place = self._positions[instruction // 2]
        order = self._positions.index(place)
        span = _span_of(place)
        if span is None:
            return Spot((), False, (), order)
        takes_next = self.code.co_code[instruction] == _FOR_ITER
        loops: list[Loop] = []
        is_header = False
        path: list[tuple[int, bool]] = []
        node: ast.AST | None = self.tree
        own = _COMPREHENSIONS.get(self.code.co_name)
        while node is not None:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                loops, is_header = [], False
            if takes_next and _span(node) == span and own is not None and isinstance(node, own):
                return Spot(
                    (self._loop(node.generators[0]),), True, (*path, (_HEADER, False)), order
                )
            if takes_next and isinstance(node, ast.For) and span in (_span(node), _span(node.iter)):
                loops.append(self._loop(node))
                return Spot((*loops,), True, (*path, (1, False), (_HEADER, False)), order)
            step = next((step for step in _steps(node) if _contains(step.node, span)), None)
            if step is None:
                break
            if own is not None and isinstance(node, own) and step.loops:
                loops = []  # the comprehension's code is of its own
            if step.loops:
                loops += [self._loop(loop) for loop in step.loops]
                is_header = step.is_header
            path += step.path
            node = step.node
        return Spot(tuple(loops), is_header, tuple(path), order)

    def _loop(self, node: ast.AST) -> Loop:
        if node not in self._loops:
            self._loops[node] = _loop_of(node, self.code)
        return self._loops[node]


_known: dict[int, FunctionSyntax] = {}
_MOST_KNOWN = 256
_NONE = ast.Module([], [])


def _kind(a: Spot, b: Spot) -> Literal["on", "next", "same"]:
    for (i, excludes), (k, _) in zip(a.path, b.path, strict=False):
        if i != k:
            goes_on = i == 0 < k if excludes else i < k
            return "on" if goes_on else "next"
    return "on" if a.order < b.order else "same" if a.order == b.order else "next"


class _Step(NamedTuple):
    """A part of a node: the way to it, and the loops that are entered on it."""

    node: ast.AST
    path: tuple[tuple[int, bool], ...] = ()
    loops: tuple[ast.AST, ...] = ()
    is_header: bool = False


def _steps(node: ast.AST) -> Iterator[_Step]:
    """Yield the parts of a node in which an instruction may lie."""
    match node:
        case ast.If() | ast.IfExp():
            yield _Step(node.test, ((0, True),))
            yield from _block(_listed(node.body), 1, True)
            yield from _block(_listed(node.orelse), 2, True)
        case ast.Match():
            yield _Step(node.subject, ((0, True),))
            for k, matched in enumerate(node.cases):
                yield from _block(
                    [matched.pattern, *_some(matched.guard), *matched.body], k + 1, True
                )
        case ast.For() | ast.AsyncFor():
            yield _Step(node.iter, ((0, False),))
            yield from _block([node.target, *node.body], 1, False, (node,))
            yield from _block(node.orelse, 2, False)
        case ast.While():
            yield _Step(node.test, ((1, False), (_HEADER, False)), (node,), True)
            yield from _block(node.body, 1, False, (node,))
            yield from _block(node.orelse, 2, False)
        case ast.Try() | ast.TryStar():
            yield from _block(node.body, 0, False)
            yield from _block(node.handlers, 1, False)
            yield from _block(node.orelse, 2, False)
            yield from _block(node.finalbody, 3, False)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            loops: tuple[ast.AST, ...] = ()
            way: tuple[tuple[int, bool], ...] = ()
            for generator in node.generators:
                yield _Step(generator.iter, (*way, (0, False)), loops)
                loops, way = (*loops, generator), (*way, (1, False))
                for k, condition in enumerate(generator.ifs):
                    yield _Step(condition, (*way, (k, False)), loops)
                way = (*way, (len(generator.ifs), False))
            results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            for result in results:
                yield _Step(result, way, loops)
        case ast.Module() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield from _block(node.body, 0, False)
        case ast.With() | ast.AsyncWith():
            for item in node.items:
                yield _Step(item.context_expr, ((0, False),))
            yield from _block(node.body, 1, False)
        case ast.ExceptHandler():
            yield from _block(node.body, 0, False)
        case _:
            for part in _parts_with_places(node):
                yield _Step(part)


def _block(
    statements: Iterable[ast.AST], part: int, excludes: bool, loops: tuple[ast.AST, ...] = ()
) -> Iterator[_Step]:
    for k, statement in enumerate(statements):
        yield _Step(statement, ((part, excludes), (k, False)), loops)


def _listed(part: Any) -> list[ast.AST]:
    return part if isinstance(part, list) else [part]


def _some(part: ast.AST | None) -> list[ast.AST]:
    return [] if part is None else [part]


def _parts_with_places(node: ast.AST) -> Iterator[ast.AST]:
    for part in ast.iter_child_nodes(node):
        if hasattr(part, "lineno"):
            yield part
        else:
            yield from _parts_with_places(part)


_Span = tuple[int, int, int, int]
"""First line and column, last line and the column after the last."""


def _span_of(place: tuple[int | None, int | None, int | None, int | None]) -> _Span | None:
    line, end_line, start, end = place
    if line is None or end_line is None or start is None or end is None:
        return None
    return line, start, end_line, end


def _span(node: Any) -> _Span | None:
    if not hasattr(node, "lineno"):
        return None
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def _contains(node: ast.AST, span: _Span | None) -> bool:
    around = _span(node)
    return (
        span is not None
        and around is not None
        and around[:2] <= span[:2]
        and span[2:] <= around[2:]
    )


def _loop_of(node: Any, code: CodeType) -> Loop:
    if isinstance(node, ast.While):
        return Loop(_source(node, node.test, code), ())
    is_for = isinstance(node, (ast.For, ast.AsyncFor))
    stored = {
        part.id
        for statement in (node.body if is_for else [])
        for part in ast.walk(statement)
        if isinstance(part, ast.Name) and isinstance(part.ctx, (ast.Store, ast.Del))
    }
    targets = tuple(part.id for part in ast.walk(node.target) if isinstance(part, ast.Name))
    return Loop(
        _source(node if is_for else node.target, node.iter, code),
        targets if stored.isdisjoint(targets) else (),
        node.iter,
    )


_ENDLESS = 2**62


def _integer(node: ast.expr, variables: dict[str, Any]) -> int | None:
    try:
        number = variables.get(node.id) if isinstance(node, ast.Name) else ast.literal_eval(node)
    except ValueError:
        return None
    return number if type(number) is int else None


def _source(first: Any, last: Any, code: CodeType) -> Source:
    """Return the source from the beginning of one node to the end of another."""
    lines = [
        linecache.getline(code.co_filename, n).rstrip("\n")
        for n in range(first.lineno, last.end_lineno + 1)
    ]
    column = characters(lines[0], first.col_offset)
    end_column = characters(lines[-1], last.end_col_offset)
    shown = [*lines]
    shown[-1] = shown[-1][:end_column]
    shown[0] = shown[0][column:]
    return Source(
        code.co_filename,
        code.co_name,
        first.lineno,
        last.end_lineno,
        column,
        end_column,
        "\n".join(shown),
        None,
    )
