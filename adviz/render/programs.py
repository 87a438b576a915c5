"""Programs: what a page needs to evaluate an operation and its partials without a kernel.

A program is what the arithmetic in the table of elementals writes down when it is run on numbers
that compute nothing: lines of one operation each, which ``adviz/player/arithmetic.js`` evaluates.
Where the arithmetic asks a question (``a == 0``), both answers are followed.
"""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NoReturn

import numpy as np

from adviz import player
from adviz.core.arrays import shape_of
from adviz.core.elementals import ABS, BY_UFUNC, ELEMENTALS, NEG, OPERATORS, Elemental, plain
from adviz.core.trace import Trace
from adviz.core.variable import COMPARISONS, value_of

__all__ = ["Code", "code_of", "program_of", "programs_of", "shared_code"]

_MAX_LINES = 200
_MAX_SHARED_LINES = 10_000
_MAX_QUESTIONS = 6

Operand = Any
"""An int: an operand of the operation, then its value, then a line. A list: a constant."""

Code = list[Any]
"""Lines, each a list of an operation's name and its operands; and the result, an operand."""


def programs_of(trace: Trace) -> tuple[dict[str, Any], dict[str, str] | None]:
    """Return the programs of a trace's operations, by name, and why it cannot be evaluated.

    The latter is a code with its parameters, None where a page can evaluate the trace at other
    inputs. A page evaluates what :meth:`Trace.replay` does, and less: no arrays and no complex
    numbers, only double precision, and no decisions but comparisons.

    Examples
    --------
    >>> import adviz as ad
    >>> programs, recording = programs_of(ad.trace(lambda x: x * np.sin(x), 1.0))
    >>> sorted(programs), recording
    (['mul', 'sin'], None)
    >>> programs_of(ad.trace(np.sum, np.ones(2)))[1]
    {'code': 'arrays'}
    """
    tape = trace.tape
    if tape.has_arrays:
        has_shapes = any(shape_of(value) for value in tape.values)
        return {}, {"code": "arrays" if has_shapes else "complex"}
    kinds = {value.__class__ for value in tape.values}
    kinds |= {operand.__class__ for column in (tape.left, tape.right) for operand in column}
    if not kinds <= _DOUBLES:
        plain = [value_of(number) for number in (*tape.values, *tape.left, *tape.right)]
        if not {number.__class__ for number in plain} <= _DOUBLES:
            return {}, {"code": "precision"}
    programs: dict[str, Any] = {}
    for elemental in dict.fromkeys(tape.elementals):
        if elemental is None or elemental.arity == 0:
            continue
        program = program_of(elemental) if isinstance(elemental, Elemental) else None
        if (
            program is None
            or programs.setdefault(elemental.name, program) != program
            or (elemental.may_change and not _is_faithful(elemental, program, trace))
        ):
            return {}, {"code": "operation", "name": elemental.name}
    for operator in {comparison[1] for comparison in tape.comparisons}:
        if operator not in player.operations():
            return {}, {"code": "decision", "name": str(operator)}
    return programs, None


_DOUBLES = {float, int, bool, np.float64, type(None)}


def program_of(elemental: Elemental) -> dict[str, Any] | None:
    """Return the program of an operation, None where a page cannot evaluate it.

    Where the operation has a kink, the program says whether operands lie there.

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


def shared_code(
    functions: Iterable[Callable[..., Any]], count: int
) -> tuple[list[Any], list[Operand | None]]:
    """Return one code of several functions of the same numbers, in which each line stands once.

    Returns
    -------
    lines : list
    results : list
        An operand for each function, None where a page cannot evaluate it.

    Examples
    --------
    >>> shared_code([lambda a, b: a * b, lambda a, b: a * b + 1, lambda a, b: int(a)], 2)
    ([['mul', 0, 1], ['add', 2, [1]]], [2, 3, None])
    """
    writer = _Writer(count, _MAX_SHARED_LINES)
    numbers = [_Number(writer, place) for place in range(count)]
    results = []
    for function in functions:
        writer.has_refused = False
        try:
            last = _result(writer, numbers, inspect.unwrap(function))
        except Exception:  # noqa: BLE001 - a user's function may do anything with the numbers
            last = None
        results.append(None if last is None or writer.has_refused else _written(last))
    return _lines(writer), results


def _program(elemental: Elemental) -> dict[str, Any] | None:
    arity = elemental.arity
    evaluate = inspect.unwrap(elemental.evaluate)
    partials = [inspect.unwrap(partial) for partial in elemental.partials]
    try:
        program: dict[str, Any] = {
            "value": _code(arity, lambda *numbers: evaluate(*numbers[:-1])),
            "partials": [_code(arity, partial) for partial in partials],
        }
        if elemental.kink is not None:
            lies_there, choice = elemental.kink
            at = _code(arity, lambda *numbers: lies_there(*numbers[:-1]))
            program["kink"] = {"at": at, "choice": choice}
    except Exception:  # noqa: BLE001 - a user's function may do anything with the numbers
        return None
    return program


_kept_program = lru_cache(maxsize=1024)(_program)


class _NotEvaluatedError(Exception):
    """The page has no such operation."""


class _OpenQuestionError(Exception):
    """Arithmetic asked whether a condition holds, and there is no answer yet."""

    def __init__(self, condition: Operand) -> None:
        super().__init__()
        self.condition = condition


class _Writer:
    """Writes the lines of a code, each different one once, and answers questions.

    It remembers a line that it had to refuse, in case that a user's code passes over the error.
    """

    def __init__(self, first: int, most: int) -> None:
        self.first = first
        self.most = most
        self.lines: dict[tuple[Any, ...], int] = {}
        self.answers: list[bool] = []
        self.asked = 0
        self.has_refused = False

    def write(self, name: str, operands: tuple[Any, ...]) -> _Number:
        self.has_refused |= name not in player.operations() or len(self.lines) >= self.most
        if self.has_refused:
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

    def __float__(self) -> NoReturn:
        self.refuse()

    __int__ = __index__ = __complex__ = __float__

    def refuse(self) -> NoReturn:
        """Say that the page cannot do what is asked of the number."""
        self.writer.has_refused = True
        raise _NotEvaluatedError

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            self.refuse()
        name = _SIGNS.get(ufunc.__name__, ufunc.__name__)
        row = BY_UFUNC.get(ufunc)
        return self.writer.write(name if row is None else row.name, operands)


_SIGNS = {ufunc.__name__: sign for sign, (_, ufunc) in COMPARISONS.items()}


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
        return float(number), math.copysign(1.0, number)  # 0.0 and -0.0 are two constants
    raise _NotEvaluatedError


def _code(arity: int, function: Callable[..., Any]) -> Code:
    """Return the code of a function of the operands and the value of an operation."""
    writer = _Writer(arity + 1, _MAX_LINES)
    numbers = [_Number(writer, place) for place in range(arity + 1)]
    last = _result(writer, numbers, function)
    if writer.has_refused:
        raise _NotEvaluatedError
    return [*_lines(writer), _written(last)]


def _result(writer: _Writer, numbers: list[_Number], function: Callable[..., Any]) -> Operand:
    """Write the lines of a function of some numbers, and return what it gives."""

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

    return result([])


def _lines(writer: _Writer) -> list[Any]:
    return [[name, *map(_written, operands)] for name, *operands in writer.lines]


def _written(operand: Operand) -> Operand:
    """Return an operand as JSON holds it."""
    if isinstance(operand, int):
        return operand
    number, sign = operand
    if math.isfinite(number):
        is_short = number.is_integer() and abs(number) < 2**53 and (number, sign) != (0.0, -1.0)
        return [int(number) if is_short else number]
    return ["NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"]


# -- does a user's operation do what its program says? -------------------------------------------

_MAX_ROWS_TRIED = 200
_MAX_PARTIALS_TRIED = 20
_NUMBERS_TRIED = (0.0, 0.7, -0.7, 1.0, -2.5, 12.0, -40.0)


def _is_faithful(elemental: Elemental, program: dict[str, Any], trace: Trace) -> bool:
    """Return whether an operation gives what its program gives: on its rows, and elsewhere.

    A user's function can ask what a number is, or read what has changed since: what was written
    down from it then is not what it computes.
    """
    tape = trace.tape
    slots = [slot for slot, made in enumerate(tape.elementals) if made is elemental]
    recorded = [
        (tuple(tape.values[o] if o.__class__ is int else o for o in tape.operands(slot)), slot)
        for slot in slots[:_MAX_ROWS_TRIED]
    ]
    with np.errstate(all="ignore"):
        for operands, slot in recorded:
            value = float(value_of(tape.values[slot]))
            if not _agree(_run(program["value"], [*map(value_of, operands)]), value):
                return False
        tried = [[*map(value_of, operands)] for operands, _ in recorded[:_MAX_PARTIALS_TRIED]]
        tried += [list(n) for n in itertools.product(_NUMBERS_TRIED, repeat=elemental.arity)]
        return all(_gives(elemental, program, numbers) for numbers in tried)


def _gives(elemental: Elemental, program: dict[str, Any], numbers: list[Any]) -> bool:
    try:
        value = float(plain(elemental.evaluate(*numbers)))
        partials = [float(partial(*numbers, value)) for partial in elemental.partials]
    except Exception:  # noqa: BLE001 - these numbers may be none that it is made for
        return True
    return _agree(_run(program["value"], numbers), value) and all(
        _agree(_run(code, numbers, value), partial)
        for code, partial in zip(program["partials"], partials, strict=True)
    )


def _agree(found: float, expected: float) -> bool:
    if math.isnan(found) or math.isnan(expected):
        return math.isnan(found) and math.isnan(expected)
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)


def _run(code: Code, operands: list[Any], value: float = math.nan) -> float:
    """Evaluate a code in Python."""
    known = [*operands, value]

    def number(operand: Operand) -> Any:
        return float(operand[0]) if isinstance(operand, list) else known[operand]

    for name, *used in code[:-1]:
        numbers = [number(operand) for operand in used]
        if name == "choose":
            condition, if_true, if_false = numbers
            known.append(if_false if condition == 0 else if_true)
        elif name in COMPARISONS:
            known.append(float(COMPARISONS[name][0](*numbers)))
        else:
            evaluate = ELEMENTALS[name].evaluate if name in ELEMENTALS else getattr(np, name)
            known.append(float(plain(evaluate(*numbers))))
    return float(number(code[-1]))
