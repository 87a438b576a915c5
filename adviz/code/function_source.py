"""The source of a program: its lines as one Python function, or as generators that call each other.

Variables are reused: a number gets the name of one that is not read any more.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from adviz.code.lines import Line, listed, with_names
from adviz.code.nested_functions import Scope

__all__ = ["LEAVE", "FunctionSource"]

LEAVE = "return OTHER_BRANCH"
"""The statement of a program where a decision turns out differently than when it was recorded."""


class FunctionSource:
    """Writes the lines of a program as one function or several.

    Parameters
    ----------
    lines : list of Line
        The last one returns the result of the program.
    names : dict of int to str
        Names that numbers have already, by slot; the parameters have one.
    unique : callable
        Makes a name that is used nowhere else in the program.
    is_large : callable
        Whether a slot holds an array whose memory is to be freed after it is read last.
    """

    def __init__(
        self,
        lines: list[Line],
        names: dict[int, str],
        unique: Callable[[str], str],
        is_large: Callable[[int], bool],
    ) -> None:
        self._lines = lines
        self._given_names = names
        self._unique = unique
        self._is_large = is_large
        self._short_names: list[str] = []  # t1, t2, ..., which every function may use
        self._inside = self._result = ""  # the names of the next generator and of a result

    def one_function(self, name: str, parameters: list[int], head: str | None = None) -> str:
        """Return the source of all lines as one function.

        ``head`` is the text of its parameters, where its lines read the inputs from something else.
        """
        names, body = self._named(parameters, self._lines, self._given_names)
        if head is None:
            head = ", ".join(names[slot] for slot in parameters)
        return f"def {name}({head}):\n" + "".join(f"    {text}\n" for text in body)

    def generators(self, name: str, parameters: list[int], scopes: list[Scope]) -> str:
        """Return the source of a generator for each scope, the outermost one first."""
        last_read = {slot: k for k, line in enumerate(self._lines) for slot in line.reads}
        self._inside, self._result = self._unique("inside"), self._unique("result")
        sources: list[str] = []
        inner_name, call, inner = "", list[Line](), Scope(scopes[-1].stop, scopes[-1].stop)
        for k in range(len(scopes) - 1, 0, -1):
            start, stop = scopes[k]
            body = [*self._lines[start : inner.start], *call, *self._lines[inner.stop : stop]]
            defined = [slot for line in body for slot in line.defines]
            arguments = dict.fromkeys(slot for line in body for slot in line.reads)
            for slot in defined:
                arguments.pop(slot, None)
            results = tuple(slot for slot in defined if last_read[slot] >= stop)
            body.append(Line(f"return {listed(results)}", results))
            scope_name = self._unique(f"{name}_{k + 1}")
            sources.append(self._generator(scope_name, list(arguments), body, inner_name))
            may_leave = any(LEAVE in line.text for line in body)
            call = [self._call(tuple(arguments), results, may_leave)]
            inner_name, inner = scope_name, scopes[k]
        body = [*self._lines[: inner.start], *call, *self._lines[inner.stop :]]
        sources.append(self._generator(name, parameters, body, inner_name, is_outermost=True))
        return "\n".join(reversed(sources))

    def _call(self, arguments: tuple[int, ...], results: tuple[int, ...], may_leave: bool) -> Line:
        """Return the line that resumes the next generator."""
        sent = listed(arguments) if len(arguments) == 1 else f"({listed(arguments)})"
        text = f"{listed(results)} = {self._inside}({sent})"
        if may_leave:
            text = (
                f"{self._result} = {self._inside}({sent})\n"
                f"    if {self._result} is OTHER_BRANCH:\n        {LEAVE}\n"
                f"    {listed(results)} = {self._result}"
            )
        return Line(text, arguments, results)

    def _generator(
        self,
        name: str,
        parameters: list[int],
        lines: list[Line],
        inner_name: str,
        is_outermost: bool = False,
    ) -> str:
        """Return the source of a generator that yields a result for all arguments it is sent."""
        given_names = self._given_names if is_outermost else {}
        names, body = self._named(parameters, lines, given_names)
        targets = ", ".join(names[slot] for slot in parameters)
        if is_outermost and len(parameters) == 1:
            targets = f"[{targets}]"
        text = f"def {name}():\n"
        if inner_name:
            text += f"    {self._inside} = started({inner_name})\n"
        text += f"    {self._result} = None\n    while True:\n"
        for line in [f"{targets} = yield {self._result}", *body]:
            line = line.replace(LEAVE, f"{self._result} = OTHER_BRANCH\n        continue")
            if line.startswith("return "):
                line = f"{self._result} = {line.removeprefix('return ')}"
            line = line.replace("\n", "\n    ")
            text += f"        {line}\n"
        return text

    def _named(
        self, parameters: list[int], lines: list[Line], given_names: dict[int, str]
    ) -> tuple[dict[int, str], list[str]]:
        """Return the names of one function's numbers, some of which share one, and its lines."""
        last_read = {slot: k for k, line in enumerate(lines) for slot in line.reads}
        names, free, short_names = dict(given_names), list[str](), self._names()

        def give_name(slot: int) -> None:
            if slot not in names:
                is_reused = free and not self._is_large(slot)
                names[slot] = free.pop() if is_reused else next(short_names)

        for slot in parameters:
            give_name(slot)
        body: list[str] = []
        for k, (text, reads, defines) in enumerate(lines):
            deleted = list[str]()
            for slot in dict.fromkeys(reads):
                if last_read[slot] == k:
                    if self._is_large(slot) and slot not in parameters:
                        deleted.append(names[slot])
                    elif slot not in given_names:
                        free.append(names[slot])
            for slot in defines:
                give_name(slot)
            body.append(with_names(text, names))
            if deleted and k < len(lines) - 1:
                body.append(f"del {', '.join(deleted)}")
        return names, body

    def _names(self) -> Iterator[str]:
        for k in itertools.count():
            if k == len(self._short_names):
                self._short_names.append(self._unique(f"t{k + 1}"))
            yield self._short_names[k]
