"""Answers as a person gives them: numbers, formulas and choices.

A number may be arithmetic with numbers, −4.333, -13/3, 2·ln(3); a formula has names in it: v₋₁·v₀.
``adviz/player/answerEntry.js`` reads the same in a page; tests/javascript compares the two.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from adviz import player
from adviz.core.elementals import ELEMENTALS, OPERATORS
from adviz.host.checks import number as checked_number
from adviz.host.errors import InputError
from adviz.tutor.cells import Sheet, numbers_of

__all__ = ["Entry", "arithmetic", "is_function", "read_answer", "read_entry"]


class Entry(NamedTuple):
    """An answer as numbers.

    Attributes
    ----------
    value : float
        The number, or what a formula gives at the inputs of the exercise. Of a choice its place.
    places : float
        Decimal places of a number that was written with digits; infinite for arithmetic, which is
        as exact as can be.
    figures : float
        Significant digits, likewise.
    others : tuple of float
        What a formula gives at the other points at which formulas are compared.
    unit : float
        What the last decimal place of the numbers in it is worth, of the coarsest one; 0 where all
        are whole.
    """

    value: float
    places: float = math.inf
    figures: float = math.inf
    others: tuple[float, ...] = ()
    unit: float = 0.0


_MOST_CHARACTERS = 200
_DEEPEST = 20
_MOST_PLACES = 300
_NUMBER = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
_WORD = re.compile(r"[a-z]\w*", re.IGNORECASE | re.ASCII)
_TYPED = re.compile(r"[+-]? *([0-9]*)\.?([0-9]*)(?:e([+-]?[0-9]+))?", re.IGNORECASE)
_DECIMALS = re.compile(r"\.([0-9]+)")
_ALIASES = {"ln": "log", "asin": "arcsin", "acos": "arccos", "atan": "arctan"}
_CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e}
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_SIGNS = str.maketrans("₋₀₁₂₃₄₅₆₇₈₉−–‐‑‒－×·⋅÷⁄∕:", "-0123456789------***////")
_SPACES = re.compile("[\t\n\u00a0\u2002-\u200a\u202f\u205f]")
_GROUPS = re.compile("(?<=[0-9])[\u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))")
_FRACTION = re.compile("(?:(?<![0-9a-z_.,])([0-9]+) *)?([¼-¾⅐-⅞])", re.IGNORECASE)
_PERCENT = re.compile(r"(?<![0-9a-z_.])(?<!e[-+])([0-9]+\.?[0-9]*|\.[0-9]+) *%", re.IGNORECASE)
_MIXED = re.compile("(?<![0-9a-z_.])([0-9]+) +([0-9]+) */ *([0-9]+)(?![0-9.])", re.IGNORECASE)


def read_answer(
    sheet: Sheet, place: int, answer: Any, name: str = "answer", inputs: Sequence[float] = ()
) -> Entry:
    """Return the answer that is given for a cell, as numbers.

    Parameters
    ----------
    sheet : Sheet
    place : int
        The cell's.
    answer : float or str
        A number, or arithmetic; a formula; or one of the choices.
    name : str
        What the answer is called in messages.
    inputs : sequence of float, optional
        As for :func:`~adviz.tutor.cells.numbers_of`.

    Raises
    ------
    InputError
        If it is not what is asked for.
    """
    cell = sheet.cells[place]
    if cell.kind == "choice":
        place = _chosen(cell.choices, answer) if isinstance(answer, str) else -1
        if place < 0:
            raise InputError(f"{name}: {answer!r} is none of {', '.join(cell.choices)}")
        return Entry(float(place))
    if cell.kind == "count" and isinstance(answer, str) and arithmetic(answer, {}) is None:
        raise InputError(f"{name}: {answer!r} is not a whole number")
    if cell.kind != "formula" or not isinstance(answer, str):
        entry = read_entry(answer, name)
        # As a formula a number is the same everywhere.
        others = (entry.value,) * len(sheet.points) if cell.kind == "formula" else ()
        return entry._replace(others=others)
    values = []
    for point in (inputs, *sheet.points):
        numbers = numbers_of(sheet.cells, point)
        names = {name: numbers[where] for name, where in cell.names.items()}
        values.append(arithmetic(answer, names))
    if values[0] is None:
        raise InputError(
            f"{name}: {answer!r} is not understood; write a formula such as 2*{next(iter(names))}, "
            f"with {', '.join(names)}"
        )
    return Entry(values[0], others=tuple(math.nan if v is None else v for v in values[1:]))


def _chosen(choices: Sequence[str], text: str) -> int:
    """Return the place of a choice: v1 is v₁, and "reverse" is the only one that begins so."""
    known = [_plain(choice).lower() for choice in choices]
    wanted = _plain(text).lower()
    if wanted in known:
        return known.index(wanted)
    begun = [at for at, choice in enumerate(known) if wanted and choice.startswith(f"{wanted} ")]
    return begun[0] if len(begun) == 1 else -1


def read_entry(answer: Any, name: str = "answer") -> Entry:
    """Return an answer as a number with what is known of its exactness.

    Parameters
    ----------
    answer : float or str
        A number, or arithmetic with numbers. A number is as exact as the digits that Python
        writes it with, so that −4.3 is what "−4.3" is.
    name : str
        What the answer is called in messages.

    Raises
    ------
    InputError
        If it is neither.

    Examples
    --------
    >>> read_entry("-13/3").value, read_entry("−4.33")[:3]
    (-4.333333333333333, (-4.33, 2.0, 3))
    """
    if not isinstance(answer, str):
        try:
            number = float(checked_number(answer, name))
        except InputError:
            raise InputError(f"{name}: {answer!r} is not a finite number") from None
        answer = repr(number).removesuffix(".0")
    value = arithmetic(answer, {})
    if value is None:
        raise InputError(
            f"{name}: {answer!r} is not a number; write 0.25, 1/4, 2*ln(3) or the like"
        )
    plain = _plain(answer)
    decimals = [len(found[1]) for found in _DECIMALS.finditer(plain)]
    unit = 10.0 ** -min(decimals) if decimals else 0.0
    typed = _TYPED.fullmatch(plain)
    if typed is None:
        return Entry(value, unit=unit)
    whole, fraction, power = typed.groups()
    places = max(len(fraction) - float(power or 0), -_MOST_PLACES)
    return Entry(value, places, len((whole + fraction).lstrip("0")), unit=10.0**-places)


def arithmetic(text: str, names: Mapping[str, Any]) -> Any:
    """Return what arithmetic gives that a person has written.

    None where it is not understood, or something in it is not finite.

    Parameters
    ----------
    text : str
    names : mapping
        What names stand for: numbers, or whatever the table's arithmetic takes.

    Examples
    --------
    >>> arithmetic("2·x² / 3", {"x": 3.0}), arithmetic("−v₋₁ v_{0}", {"v-1": 2.0, "v0": 5.0})
    (6.0, -10.0)
    """
    if len(text.encode("utf-16-le", "surrogatepass")) > 2 * _MOST_CHARACTERS:
        return None
    known = {_plain(name): number for name, number in {**_CONSTANTS, **names}.items()}
    try:
        with np.errstate(all="ignore"):
            value = _Reader(_plain(text), known).read()
    except (ValueError, ArithmeticError, TypeError):
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(text: str) -> str:
    """Return a text, or a name, with plain signs for those that people write."""
    plain = _GROUPS.sub("", unicodedata.normalize("NFD", text))
    plain = _SPACES.sub(" ", plain).strip(" ")
    plain = _FRACTION.sub(_vulgar, plain)
    plain = re.sub("×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: "e" + m[1].translate(_RAISED), plain)
    plain = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: f"^({m[0].translate(_RAISED)})", plain)
    plain = plain.translate(_SIGNS)
    plain = re.sub(r"(?<![0-9])_\{(-?[0-9]+)\}", r"\1", plain)
    plain = re.sub(r"(?<![0-9])_(-?[0-9])", r"\1", plain)
    plain = plain.replace("\u0304", "bar").replace("\u0307", "dot")
    plain = plain.replace("**", "^").replace("√", "sqrt ")
    plain = re.sub("([0-9]),([0-9])", r"\1.\2", plain)
    plain = _PERCENT.sub(r"\1e-2", plain)
    return _MIXED.sub(r"(\1+\2/\3)", plain)


def _vulgar(found: re.Match[str]) -> str:
    """Return a fraction of one character, and what is in front of it, as 4⅓, as a sum."""
    fraction = unicodedata.normalize("NFKC", found[2])
    return f"({found[1]}+{fraction})" if found[1] else f"({fraction})"


class _Reader:
    """Reads arithmetic by the usual precedence: sums of products of signed powers."""

    def __init__(self, text: str, known: Mapping[str, Any]) -> None:
        self.rest = text
        self.depth = 0
        self.known = known
        # Of v1 and v10 the longer comes first.
        self.names = sorted(known, key=len, reverse=True)

    def read(self) -> Any:
        total = self._sum()
        if self.rest.strip(" "):
            raise ValueError(self.rest)
        return total

    def _took(self, sign: str) -> bool:
        self.rest = self.rest.lstrip(" ")
        if not self.rest.startswith(sign):
            return False
        self.rest = self.rest[len(sign) :]
        return True

    def _sum(self) -> Any:
        total = self._product()
        while True:
            if self._took("+"):
                total = _run("add", total, self._product())
            elif self._took("-"):
                total = _run("sub", total, self._product())
            else:
                return total

    def _product(self) -> Any:
        total = self._signed()
        while True:
            if self._took("*"):
                total = _run("mul", total, self._signed())
            elif self._took("/"):
                total = _run("div", total, self._signed())
            elif re.match(r" *[a-z(\u0080-\U0010ffff]", self.rest, re.IGNORECASE | re.ASCII):
                total = _run("mul", total, self._power())
            else:
                return total

    def _signed(self) -> Any:
        if self._took("-"):
            return -self._signed()
        return self._signed() if self._took("+") else self._power()

    def _power(self) -> Any:
        base = self._atom()
        return _run("pow", base, self._signed()) if self._took("^") else base

    def _atom(self) -> Any:
        if self._took("("):
            self.depth += 1
            if self.depth > _DEEPEST:
                raise ValueError(self.rest)
            inside = self._sum()
            self.depth -= 1
            if not self._took(")"):
                raise ValueError(self.rest)
            return inside
        for name in self.names:
            if self.rest.startswith(name) and _is_end(self.rest[len(name) :]):
                self.rest = self.rest[len(name) :]
                return self.known[name]
        if word := _WORD.match(self.rest):
            if not is_function(word[0]):
                if not all(letter in self.known for letter in word[0]):
                    raise ValueError(word[0])
                # A product of names of one letter, as in 2xy.
                self.rest = self.rest[1:]
                return self.known[word[0][0]]
            self.rest = self.rest[word.end() :]
            return _run(_function(word[0]), self._atom())
        number = _NUMBER.match(self.rest)
        if number is None:
            raise ValueError(self.rest)
        self.rest = self.rest[number.end() :]
        return float(number[0])


def _is_end(after: str) -> bool:
    """Return whether a name ends where this follows."""
    return re.match(r"[a-z0-9_\u0080-\U0010ffff]", after, re.IGNORECASE | re.ASCII) is None


def is_function(word: str) -> bool:
    """Return whether a word is a function of one number that an answer may have in it."""
    name = _function(word)
    return name in player.operations() and name in ELEMENTALS and ELEMENTALS[name].arity == 1


def _function(word: str) -> str:
    return _ALIASES.get(word.lower(), word.lower())


def _run(name: str, *operands: Any) -> Any:
    row = ELEMENTALS.get(name) or OPERATORS[name]
    result = row.evaluate(*operands)
    if isinstance(result, (float, np.floating)):
        if not math.isfinite(result):
            raise ValueError(name)
        return float(result)
    return result
