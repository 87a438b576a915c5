"""Functions for exercises, made by a seed: a few lines of ordinary NumPy."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

__all__ = ["LEVELS", "Level", "function_of", "source_of"]


@dataclass(frozen=True)
class Level:
    """What the functions of a level are made of.

    Attributes
    ----------
    inputs, lines : int
        How many inputs a function has, and how many operations at least.
    pairs, singles : tuple of str
        Operations on two operands and on one, "{a}" and "{b}".
    functions, reuses : int
        How many functions such as sin there are at least, and how many numbers are used more than
        once.
    asks : tuple of str
        What is asked for, in turn.
    """

    inputs: int
    lines: int
    pairs: tuple[str, ...]
    singles: tuple[str, ...]
    functions: int
    reuses: int
    asks: tuple[str, ...]


_SUMS = ("{a} + {b}", "{a} - {b}", "{a} * {b}")
_PAIRS = (*_SUMS, "{a} / {b}")
_POWERS = ("{a}**2", "2 * {a}", "{a}**3")
_FUNCTIONS = ("np.sin({a})", "np.exp(-{a})", "np.log({a})", "np.sqrt({a})", "np.cos({a})")

LEVELS = {
    1: Level(2, 2, _SUMS, _POWERS, 0, 0, ("values", "forward")),
    2: Level(2, 3, _PAIRS, (*_POWERS, *_FUNCTIONS), 1, 0, ("forward", "values", "reverse")),
    3: Level(2, 3, _PAIRS, (*_POWERS, *_FUNCTIONS), 1, 1, ("reverse", "forward")),
    4: Level(2, 5, _PAIRS, (*_POWERS, *_FUNCTIONS, "np.tanh({a})"), 1, 2, ("reverse",)),
    5: Level(3, 7, _PAIRS, (*_POWERS, *_FUNCTIONS, "np.tanh({a})"), 2, 3, ("reverse", "forward")),
}
"""From sums and products of two inputs, each used once, to seven operations on three."""

_NAMES = "abcdegh"
_TRIES = 200


def source_of(level: Level, random: Random) -> str:
    """Return the source of a function.

    Every input and every line is used, the last line is returned, and as many as the level says
    are used more than once.

    Examples
    --------
    >>> print(source_of(LEVELS[1], Random(1)), end="")
    def f(x1, x2):
        a = x2 * x1
        return a - x2
    """
    for _ in range(_TRIES):
        lines, used = _drawn(level, random)
        counts = [used.count(name) for name in dict.fromkeys(used)]
        last = lines[-1][0]
        made = {f"x{k + 1}" for k in range(level.inputs)} | {name for name, _ in lines}
        if (
            made - set(used) == {last}
            and sum(count > 1 for count in counts) >= level.reuses
            and sum("np." in text for _, text in lines) >= level.functions
        ):
            break
    body = [f"{name} = {text}" for name, text in lines[:-1]] + [f"return {lines[-1][1]}"]
    inputs = ", ".join(f"x{k + 1}" for k in range(level.inputs))
    return f"def f({inputs}):\n" + "".join(f"    {line}\n" for line in body)


def _drawn(level: Level, random: Random) -> tuple[list[tuple[str, str]], list[str]]:
    """Return lines, each a name and its expression, and the names that they use."""
    known = [f"x{k + 1}" for k in range(level.inputs)]
    used: list[str] = []
    lines: list[tuple[str, str]] = []
    for name in _NAMES[: level.lines]:
        unused = [other for other in known if other not in used]
        patterns = level.pairs if random.random() < 0.6 else level.singles
        pattern = _one_of(patterns, random)
        # What has not been used comes first, so that everything is needed in the end.
        a = _one_of(unused or known, random)
        b = _one_of([other for other in known if other != a], random)
        used += [a, b] if "{b}" in pattern else [a]
        lines.append((name, pattern.format(a=a, b=b)))
        known.append(name)
    return lines, used


def _one_of(items: Any, random: Random) -> Any:
    # Only random() gives the same numbers in every version of Python.
    return items[int(random.random() * len(items))]


def function_of(source: str, name: str) -> Callable[..., Any]:
    r"""Return the function that a source defines, which can be shown with its source.

    Examples
    --------
    >>> function_of("def f(x1):\n    return np.sin(x1)\n", "example")(0.0)
    np.float64(0.0)
    """
    filename = f"<exercise {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    scope: dict[str, Any] = {"np": np}
    exec(compile(source, filename, "exec"), scope)
    made: Callable[..., Any] = scope["f"]
    return made
