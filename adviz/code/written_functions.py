"""Layout: the lines of a program as a function of Python, or as functions that resume one another.

The functions of a long program are generators, resumed for each run. So their names live on the
heap: what calls need of Python's stack beyond 16 kB is asked of the operating system afresh each
time. And between runs they keep their numbers, each of which gives its memory to the one that takes
its name.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

from adviz.code.splitting import Line, Scope, place

__all__ = ["LEAVE", "Layout", "Resumed", "begun"]

LEAVE = "return OTHER_BRANCH"
"""What a function does where a decision turns out as it did not when it was recorded."""


def begun(generator: Callable[[], Generator[Any, Any, Any]]) -> Callable[[Any], Any]:
    """Return what resumes a generator that waits for what it is sent."""
    waiting = generator()
    next(waiting)
    return waiting.send


class Resumed:
    """A function that resumes a generator: one that no other call is just now running.

    Where it raises an error it has come to its end; the next call begins another one.
    """

    def __init__(self, generator: Callable[[], Generator[Any, Any, Any]]) -> None:
        self.generator = generator
        self._idle: list[Callable[[Any], Any]] = []

    def __call__(self, *numbers: Any) -> Any:
        """Return what the generator yields for these numbers."""
        try:
            resume = self._idle.pop()
        except IndexError:
            resume = begun(self.generator)
        result = resume(numbers)
        self._idle.append(resume)
        return result


class Layout:
    """The source of a program, and the names in it.

    Parameters
    ----------
    lines : list of Line
        The last one returns what the program returns.
    chosen : dict of int to str
        Names that are chosen already, by slot: those of the parameters are.
    unique : callable
        Makes a name that nothing else in the program has.
    is_large : callable
        Whether a slot has an array that is to be let go as soon as it has been read last.
    """

    def __init__(
        self,
        lines: list[Line],
        chosen: dict[int, str],
        unique: Callable[[str], str],
        is_large: Callable[[int], bool],
    ) -> None:
        self._lines = lines
        self._chosen = chosen
        self._unique = unique
        self._is_large = is_large
        self._short: list[str] = []  # names that each function may give
        self._inside = self._result = ""

    def source(self, name: str, parameters: list[int], head: str | None = None) -> str:
        """Return the source of all of the lines as one function.

        Its parameters may be written otherwise, where its lines take them from there.
        """
        names, body = self._written(parameters, self._lines, self._chosen)
        given = ", ".join(names[slot] for slot in parameters) if head is None else head
        return f"def {name}({given}):\n" + "".join(f"    {text}\n" for text in body)

    def nested_source(self, name: str, parameters: list[int], scopes: list[Scope]) -> str:
        """Return the source of the generators that scopes are, the one to be resumed first."""
        last = {slot: k for k, line in enumerate(self._lines) for slot in line.reads}
        self._inside, self._result = self._unique("inside"), self._unique("result")
        sources: list[str] = []
        next_name, call, inner = "", list[Line](), Scope(scopes[-1].stop, scopes[-1].stop)
        for k in range(len(scopes) - 1, 0, -1):
            start, stop = scopes[k]
            body = [*self._lines[start : inner.start], *call, *self._lines[inner.stop : stop]]
            made = [slot for line in body for slot in line.makes]
            taken = dict.fromkeys(slot for line in body for slot in line.reads)
            for slot in made:
                taken.pop(slot, None)
            found = tuple(slot for slot in made if last[slot] >= stop)
            body.append(Line(f"return {_listed(found)}", found))
            own = self._unique(f"{name}_{k + 1}")
            sources.append(self._generator(own, list(taken), body, next_name))
            may_leave = any(LEAVE in line.text for line in body)
            next_name, call, inner = own, [self._call(tuple(taken), found, may_leave)], scopes[k]
        body = [*self._lines[: inner.start], *call, *self._lines[inner.stop :]]
        sources.append(self._generator(name, parameters, body, next_name, is_first=True))
        return "\n".join(reversed(sources))

    def _call(self, taken: tuple[int, ...], found: tuple[int, ...], may_leave: bool) -> Line:
        """Return the line that resumes the next generator."""
        asked = _listed(taken) if len(taken) == 1 else f"({_listed(taken)})"
        text = f"{_listed(found)} = {self._inside}({asked})"
        if may_leave:
            text = (
                f"{self._result} = {self._inside}({asked})\n"
                f"    if {self._result} is OTHER_BRANCH:\n        {LEAVE}\n"
                f"    {_listed(found)} = {self._result}"
            )
        return Line(text, taken, found)

    def _generator(
        self,
        name: str,
        parameters: list[int],
        lines: list[Line],
        next_name: str,
        is_first: bool = False,
    ) -> str:
        """Return the source of a generator that yields a result for what it is sent, and so on."""
        names, body = self._written(parameters, lines, self._chosen if is_first else {})
        given = ", ".join(names[slot] for slot in parameters)
        if is_first and len(parameters) == 1:
            given = f"[{given}]"
        text = f"def {name}():\n"
        if next_name:
            text += f"    {self._inside} = begun({next_name})\n"
        text += f"    {self._result} = None\n    while True:\n"
        for line in [f"{given} = yield {self._result}", *body]:
            line = line.replace(LEAVE, f"{self._result} = OTHER_BRANCH\n        continue")
            if line.startswith("return "):
                line = f"{self._result} = {line.removeprefix('return ')}"
            line = line.replace("\n", "\n    ")
            text += f"        {line}\n"
        return text

    def _written(
        self, parameters: list[int], lines: list[Line], chosen: dict[int, str]
    ) -> tuple[dict[int, str], list[str]]:
        """Return the names of one function's numbers, which serve again, and its lines."""
        last = {slot: k for k, line in enumerate(lines) for slot in line.reads}
        names, free, short = dict(chosen), list[str](), self._short_names()

        def give_name(slot: int) -> None:
            if slot not in names:
                is_shared = free and not self._is_large(slot)
                names[slot] = free.pop() if is_shared else next(short)

        for slot in parameters:
            give_name(slot)
        body: list[str] = []
        for k, (text, reads, makes) in enumerate(lines):
            let_go = list[str]()
            for slot in dict.fromkeys(reads):
                if last[slot] == k:
                    if self._is_large(slot) and slot not in parameters:
                        let_go.append(names[slot])
                    elif slot not in chosen:
                        free.append(names[slot])
            for slot in makes:
                give_name(slot)
            body.append(_filled(text, names))
            if let_go and k < len(lines) - 1:
                body.append(f"del {', '.join(let_go)}")
        return names, body

    def _short_names(self) -> Iterator[str]:
        for k in itertools.count():
            if k == len(self._short):
                self._short.append(self._unique(f"t{k + 1}"))
            yield self._short[k]


def _filled(text: str, names: dict[int, str]) -> str:
    parts = text.split("\0")
    parts[1::2] = [names[int(slot)] for slot in parts[1::2]]
    return "".join(parts)


def _listed(slots: Iterable[int]) -> str:
    return ", ".join(map(place, slots))
