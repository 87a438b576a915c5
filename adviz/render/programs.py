"""Programs: what a page needs to evaluate an operation and its partials without a kernel.

A program is what the arithmetic in the table of elementals writes down when it is run on numbers
that compute nothing: lines of one operation each, which ``adviz/player/arithmetic.js`` evaluates.
Where the arithmetic asks a question (``a == 0``), both answers are followed.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from adviz import player
from adviz.core.elementals import ABS, BY_UFUNC, NEG, OPERATORS, Elemental

__all__ = ["Code", "code_of", "program_of"]

_MAX_LINES = 200
_MAX_QUESTIONS = 6

Operand = Any
"""An int: an operand of the operation, then its value, then a line. A list: a constant."""

Code = list[Any]
"""Lines, each a list of an operation's name and its operands; and the result, an operand."""


def program_of(elemental: Elemental) -> dict[str, Any] | None:
    """Return the program of an operation, None where a page cannot evaluate it.

    Examples
    --------
    >>> from adviz import ELEMENTALS
    >>> program_of(ELEMENTALS["sin"])
    {'value': [['sin', 0], 2], 'partials': [[['cos', 0], 2]]}
    >>> program_of(ELEMENTALS["mul"])["partials"]
    [[1], [0]]
    """
    return _program(elemental) if elemental.may_change else _kept_program(elemental)


def code_of(function: Callable[..., Any], count: int) -> Code | None:
    """Return the code of arithmetic with some numbers, None where a page cannot evaluate it.

    Examples
    --------
    >>> code_of(lambda a, b: 1 / (a * b), 2)
    [['mul', 0, 1], ['div', [1], 2], 3]
    """
    try:
        return _code(count - 1, inspect.unwrap(function))
    except Exception:  # noqa: BLE001 - a user's function may do anything with the numbers
        return None


def _program(elemental: Elemental) -> dict[str, Any] | None:
    places = range(elemental.arity)
    evaluate = inspect.unwrap(elemental.evaluate)
    try:
        return {
            "value": _code(elemental.arity, lambda *numbers: evaluate(*numbers[:-1])),
            "partials": [
                _code(elemental.arity, inspect.unwrap(elemental.partials[k])) for k in places
            ],
        }
    except Exception:  # noqa: BLE001 - a user's function may do anything with the numbers
        return None


_kept_program = lru_cache(maxsize=1024)(_program)


class _NotEvaluatedError(Exception):
    """The page has no such operation."""


class _OpenQuestionError(Exception):
    """Arithmetic asked whether a condition holds, and there is no answer yet."""

    def __init__(self, condition: Operand) -> None:
        super().__init__()
        self.condition = condition


class _Writer:
    """Writes the lines of a code, each different one once, and answers questions."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.lines: dict[tuple[Any, ...], int] = {}
        self.answers: list[bool] = []
        self.asked = 0

    def write(self, name: str, operands: tuple[Any, ...]) -> _Number:
        if name not in player.operations() or len(self.lines) >= _MAX_LINES:
            raise _NotEvaluatedError
        line = (name, *map(_operand, operands))
        place = self.lines.setdefault(line, self.first + len(self.lines))
        return _Number(self, place)

    def answer(self, condition: Operand) -> bool:
        if self.asked == len(self.answers):
            raise _OpenQuestionError(condition)
        self.asked += 1
        return self.answers[self.asked - 1]


class _Number:
    """A number that writes down the arithmetic done with it."""

    __slots__ = ("place", "writer")
    __hash__ = None  # type: ignore[assignment] # equality is a question

    def __init__(self, writer: _Writer, place: int) -> None:
        self.writer = writer
        self.place = place

    def __bool__(self) -> bool:
        return self.writer.answer(self.place)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        row = BY_UFUNC.get(ufunc)
        if method != "__call__" or options:
            raise _NotEvaluatedError
        if row is not None and row.name in player.operations():
            return self.writer.write(row.name, operands)
        if ufunc.__name__ in player.operations():
            return self.writer.write(ufunc.__name__, operands)
        raise _NotEvaluatedError


def _method(name: str, *, is_reflected: bool = False) -> Callable[..., Any]:
    def method(self: _Number, *others: Any) -> _Number:
        return self.writer.write(name, (*others, self) if is_reflected else (self, *others))

    return method


for _name, _elemental in OPERATORS.items():
    setattr(_Number, f"__{_name}__", _method(_elemental.name))
    setattr(_Number, f"__r{_name}__", _method(_elemental.name, is_reflected=True))
for _elemental in (NEG, ABS):
    setattr(_Number, f"__{_elemental.name}__", _method(_elemental.name))
for _name, _sign in {"lt": "<", "le": "<=", "eq": "==", "ne": "!=", "gt": ">", "ge": ">="}.items():
    setattr(_Number, f"__{_name}__", _method(_sign))


def _operand(number: Any) -> Operand:
    if isinstance(number, _Number):
        return number.place
    if isinstance(number, (bool, int, float, np.floating, np.integer)):
        return (float(number),)
    raise _NotEvaluatedError


def _code(arity: int, function: Callable[..., Any]) -> Code:
    """Return the code of a function of the operands and the value of an operation."""
    writer = _Writer(arity + 1)
    numbers = [_Number(writer, place) for place in range(arity + 1)]

    def result(answers: list[bool]) -> Operand:
        writer.answers, writer.asked = answers, 0
        try:
            return _operand(function(*numbers))
        except _OpenQuestionError as question:
            if len(answers) == _MAX_QUESTIONS:
                raise _NotEvaluatedError from None
            branches = [result([*answers, answer]) for answer in (True, False)]
            line = ("choose", question.condition, *branches)
            return writer.lines.setdefault(line, writer.first + len(writer.lines))

    last = result([])
    lines = [[name, *map(_written, operands)] for name, *operands in writer.lines]
    return [*lines, _written(last)]


def _written(operand: Operand) -> Operand:
    """Return an operand as JSON holds it."""
    if isinstance(operand, int):
        return operand
    (number,) = operand
    if math.isfinite(number):
        return [int(number) if number.is_integer() and abs(number) < 2**53 else number]
    return ["NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"]
