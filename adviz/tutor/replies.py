"""What may be asked for in a question: a number, several, a formula, choices, an order.

Each kind has the same methods: ``read`` takes an answer as a teacher or a program gives it,
``judge`` says whether it is right, ``document`` is what ``questionCheck.js`` needs to say the same.
"""

from __future__ import annotations

import math
import numbers
import random
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np

from adviz import player
from adviz.host import checks
from adviz.host.errors import InputError
from adviz.render import rich_text
from adviz.render.number import DIGITS, format_number
from adviz.tutor.diagnosis import status_of
from adviz.tutor.entries import Entry, arithmetic, is_function, read_entry

__all__ = ["Judgement", "Reply", "reply_of"]


class Judgement(NamedTuple):
    """What is to be said of an answer.

    Attributes
    ----------
    status : str
        "right", "coarse" (right as far as it goes, but with too few digits to tell), or "wrong".
    share : float
        Of the points.
    foreseen : tuple of int
        The places of the foreseen answers that it is.
    """

    status: str
    share: float
    foreseen: tuple[int, ...] = ()


class Reply(Protocol):
    """A kind of answer."""

    @property
    def solution(self) -> Any:
        """The right answer."""

    def read(self, answer: Any, name: str) -> Any:
        """Return an answer as ``judge`` takes it; an ``InputError`` if it is none of this kind."""

    def judge(self, entry: Any, foreseen: Sequence[Any]) -> Judgement:
        """Return what is to be said of an answer, among foreseen ones."""

    def document(self) -> dict[str, Any]:
        """Return what a page needs to ask."""

    def written(self, entry: Any) -> Any:
        """Return an answer as the page needs it to compare."""

    def shown(self) -> rich_text.Tree:
        """Return the right answer as a rich text."""


@dataclass(frozen=True)
class _Numbers:
    """A number, or an array of numbers.

    Attributes
    ----------
    right : ndarray
        Without axes for one number.
    tolerance : float, optional
        How far off an answer may be; by default as much as people round.
    """

    right: np.ndarray
    tolerance: float | None

    @property
    def solution(self) -> Any:
        return self.right.tolist()

    def read(self, answer: Any, name: str) -> tuple[Entry, ...]:
        if self.right.ndim == 0:
            return (read_entry(answer, name),)
        try:
            given = np.array(answer, dtype=object)
        except ValueError:
            given = np.empty(0)
        if given.shape != self.right.shape:
            raise checks.refusal(name, f"numbers of shape {self.right.shape}", answer)
        return tuple(read_entry(item, name) for item in given.flat)

    def judge(self, entry: tuple[Entry, ...], foreseen: Sequence[tuple[Entry, ...]]) -> Judgement:
        found = [
            self._status(one, float(right))
            for one, right in zip(entry, self.right.flat, strict=True)
        ]
        share = found.count("right") / len(found)
        status = next((status for status in ("wrong", "coarse") if status in found), "right")
        known = () if status == "right" else self._known(entry, foreseen)
        return Judgement("wrong" if known else status, share, known)

    def _known(
        self, entry: tuple[Entry, ...], foreseen: Sequence[tuple[Entry, ...]]
    ) -> tuple[int, ...]:
        return tuple(
            place
            for place, those in enumerate(foreseen)
            if all(
                self._status(one, that.value) == "right"
                for one, that in zip(entry, those, strict=True)
            )
        )[:1]

    def _status(self, entry: Entry, number: float) -> str:
        if self.tolerance is not None:
            return "right" if abs(entry.value - number) <= self.tolerance else "wrong"
        return status_of(entry, number)

    def document(self) -> dict[str, Any]:
        return {
            "expects": "number" if self.right.ndim == 0 else "numbers",
            "shape": list(self.right.shape),
            "tolerance": self.tolerance,
        }

    def written(self, entry: tuple[Entry, ...]) -> list[float]:
        return [one.value for one in entry]

    def shown(self) -> rich_text.Tree:
        rows = [
            [format_number(float(number), DIGITS) for number in row]
            for row in np.atleast_2d(self.right)
        ]
        if self.right.ndim < 2:
            return ["p", ", ".join(rows[0])]
        cells = [[["td", {"align": "right"}, text] for text in row] for row in rows]
        return ["table", ["tbody", *(["tr", *row] for row in cells)]]


_NAME = re.compile(r"[^\W\d]\w*+(?!\s*[(\d])")
_BEFORE_A_WORD = re.compile(r"([^\W\d_]{2,})\s+(?=[^\W\d_]{2,})")
_CONSTANTS = {"pi", "π", "e", "ln", "asin", "acos", "atan"}
_POINTS = 7
_LARGEST_DIFFERENCE = 1e-6


@dataclass(frozen=True)
class _Formula:
    """A formula, which is compared with others by its values.

    Attributes
    ----------
    text : str
    names : tuple of str
        The names that stand in it.
    """

    text: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str, further: Iterable[str]) -> _Formula:
        """Return the formula that a text is; answers may hold further names.

        Raises
        ------
        InputError
            If it is not understood.
        """
        if not all(map(is_function, _BEFORE_A_WORD.findall(text))):
            raise InputError(f"answer: {text!r} is no formula; for words give choices=[...]")
        known = _CONSTANTS | player.operations()
        names = {name for name in (*_NAME.findall(text), *further) if name not in known}
        if names == {text}:
            raise InputError(
                f"answer: {text!r} is the only name in sight and gives itself away: name others in "
                "the question, as in $x$, or give choices=[...]"
            )
        one = cls(text, tuple(sorted(names)))
        try:
            values = one.read(text, "answer")
        except InputError as error:
            raise InputError(f"{error}; for words give choices=[...]") from None
        if not any(map(math.isfinite, values)):
            raise InputError(f"answer: {text!r} has no values")
        return one

    @property
    def solution(self) -> str:
        return self.text

    @property
    def points(self) -> list[list[float]]:
        """Where formulas are compared; some have numbers above 0 only."""
        chosen = random.Random(len(self.names))
        return [
            [
                round(chosen.uniform(0.3, 2.2) * (1 if k < 4 else chosen.choice([-1, 1])), 3)
                for _ in self.names
            ]
            for k in range(_POINTS)
        ]

    def read(self, answer: Any, name: str) -> tuple[float, ...]:
        text = checks.text(answer, name)
        values = [
            arithmetic(text, dict(zip(self.names, point, strict=True))) for point in self.points
        ]
        if all(value is None for value in values):
            known = ", ".join(self.names) or "numbers"
            raise InputError(f"{name}: {text!r} is no formula of {known}")
        return tuple(math.nan if value is None else float(value) for value in values)

    def judge(self, entry: tuple[float, ...], foreseen: Sequence[tuple[float, ...]]) -> Judgement:
        if _same_values(entry, self.read(self.text, "answer")):
            return Judgement("right", 1.0)
        known = [k for k, those in enumerate(foreseen) if _same_values(entry, those)]
        return Judgement("wrong", 0.0, tuple(known[:1]))

    def document(self) -> dict[str, Any]:
        return {"expects": "formula", "names": list(self.names), "points": self.points}

    def written(self, entry: tuple[float, ...]) -> list[float | None]:
        return [value if math.isfinite(value) else None for value in entry]

    def shown(self) -> rich_text.Tree:
        return ["p", ["code", self.text]]


def _same_values(some: Sequence[float], others: Sequence[float]) -> bool:
    """Return whether two formulas have the same values wherever both have one."""
    both = [(a, b) for a, b in zip(some, others, strict=True) if not math.isnan(b)]
    return bool(both) and all(abs(a - b) <= _LARGEST_DIFFERENCE * max(1.0, abs(b)) for a, b in both)


@dataclass(frozen=True)
class _Choices:
    """One of some choices, or several.

    Attributes
    ----------
    choices : tuple
    right : tuple of int
        The places of the right ones.
    many : bool
        Whether several may be chosen.
    """

    choices: tuple[Any, ...]
    right: tuple[int, ...]
    many: bool

    @classmethod
    def of(cls, choices: Any, answer: Any) -> _Choices:
        """Return the choices, of which the answer is one or a list of some."""
        listed = _distinct(choices, "choices")
        many = isinstance(answer, (list, tuple, set, frozenset)) and answer not in listed
        one = cls(tuple(listed), (), many)
        return cls(tuple(listed), one.read(answer, "answer"), many)

    @property
    def solution(self) -> Any:
        chosen = [self.choices[place] for place in self.right]
        return chosen if self.many else chosen[0]

    def read(self, answer: Any, name: str) -> tuple[int, ...]:
        if not self.many:
            return (_place(answer, self.choices, name),)
        given = [answer] if isinstance(answer, str) else _items(answer, name)
        return tuple(sorted({_place(item, self.choices, name) for item in given}))

    def judge(self, entry: tuple[int, ...], foreseen: Sequence[tuple[int, ...]]) -> Judgement:
        if not self.many:
            known = tuple(k for k, those in enumerate(foreseen) if those == entry)
            return Judgement(
                "right" if entry == self.right else "wrong", entry == self.right, known
            )
        wrong = set(entry) ^ set(self.right)
        known = tuple(k for k, those in enumerate(foreseen) if wrong.issuperset(those))
        if not wrong:
            return Judgement("right", 1.0)
        return Judgement("wrong", 1 - len(wrong) / len(self.choices), known[:1])

    def document(self) -> dict[str, Any]:
        expects = "choices" if self.many else "choice"
        return {"expects": expects, "choices": [_tree(choice) for choice in self.choices]}

    def written(self, entry: tuple[int, ...]) -> list[int]:
        return list(entry)

    def shown(self) -> rich_text.Tree:
        chosen = [_tree(self.choices[place]) for place in self.right]
        if not chosen:
            return ["p", "None of them"]
        return ["ul", *(["li", tree] for tree in chosen)] if self.many else chosen[0]


@dataclass(frozen=True)
class _Order:
    """Things to put in order.

    Attributes
    ----------
    choices : tuple
        As they are shown at first.
    right : tuple of int
        Their places, in the right order.
    """

    choices: tuple[Any, ...]
    right: tuple[int, ...]

    @classmethod
    def of(cls, answer: Any) -> _Order:
        """Return the order of things that are given in the right order; it is mixed up."""
        listed = _distinct(answer, "answer")
        places = list(range(len(listed)))
        mixed = random.Random(zlib.crc32("\n".join(map(str, listed)).encode()))
        while all(a < b for a, b in pairwise(places)):
            mixed.shuffle(places)
        return cls(
            tuple(listed[k] for k in places), tuple(places.index(k) for k in range(len(places)))
        )

    @property
    def solution(self) -> list[Any]:
        return [self.choices[place] for place in self.right]

    def read(self, answer: Any, name: str) -> tuple[int, ...]:
        given = tuple(_place(item, self.choices, name) for item in _items(answer, name))
        if sorted(given) != sorted(self.right):
            raise checks.refusal(name, "each of the things once", answer)
        return given

    def judge(self, entry: tuple[int, ...], foreseen: Sequence[tuple[int, ...]]) -> Judgement:
        if entry == self.right:
            return Judgement("right", 1.0)
        known = tuple(k for k, those in enumerate(foreseen) if those == entry)
        in_place = sum(a == b for a, b in zip(entry, self.right, strict=True))
        return Judgement("wrong", in_place / len(self.right), known)

    def document(self) -> dict[str, Any]:
        return {"expects": "order", "choices": [_tree(choice) for choice in self.choices]}

    def written(self, entry: tuple[int, ...]) -> list[int]:
        return list(entry)

    def shown(self) -> rich_text.Tree:
        return ["ol", *(["li", _tree(choice)] for choice in self.solution)]


def _tree(choice: Any) -> rich_text.Tree:
    return rich_text.from_markdown(str(choice))


def _items(value: Any, name: str) -> list[Any]:
    return (
        sorted(value, key=str) if isinstance(value, (set, frozenset)) else checks.items(value, name)
    )


def _distinct(value: Any, name: str) -> list[Any]:
    listed = _items(value, name)
    if len(listed) < 2 or len({str(item) for item in listed}) < len(listed):
        raise checks.refusal(name, "two or more things, each once", value)
    return listed


_YES_NO = ["Yes", "No"]


def _place(answer: Any, choices: Sequence[Any], name: str) -> int:
    """Return the place of a choice, which may be given as it is written."""
    if isinstance(answer, bool) and list(choices) == _YES_NO:
        return _YES_NO.index("Yes" if answer else "No")
    for place, choice in enumerate(choices):
        if answer is choice or str(answer) == str(choice):
            return place
    raise InputError(f"{name}: {answer!r} is none of {', '.join(map(repr, choices))}")


def reply_of(answer: Any, choices: Any, tolerance: Any, names: Iterable[str]) -> Reply:
    """Return the kind of answer that is asked for.

    Parameters
    ----------
    answer, choices, tolerance
        As for :func:`adviz.ask`.
    names : iterable of str
        That a formula may have in it beside its own.

    Raises
    ------
    InputError
        If there is no asking for such an answer.
    """
    if choices is not None:
        reply: Reply = _Choices.of(choices, answer)
    elif isinstance(answer, (bool, np.bool_)):
        reply = _Choices.of(_YES_NO, "Yes" if answer else "No")
    elif isinstance(answer, str):
        reply = _Formula.of(answer, names)
    elif isinstance(answer, (list, tuple)) and any(isinstance(item, str) for item in answer):
        reply = _Order.of(answer)
    else:
        return _Numbers(_numbers(answer), _tolerance(answer, tolerance))
    if tolerance is not None:
        raise InputError("tolerance: it is for numbers; leave it out")
    return reply


def _numbers(answer: Any) -> np.ndarray:
    try:
        found = np.array(answer, dtype=float)
    except (TypeError, ValueError, OverflowError):
        found = np.array(np.nan)
    if found.size == 0 or found.ndim > 2 or not np.isfinite(found).all():
        wanted = "a number, a table of numbers, a formula, or a list of texts in order"
        raise checks.refusal("answer", wanted, answer)
    return found


def _tolerance(answer: Any, tolerance: Any) -> float | None:
    if tolerance is not None:
        return checks.number(tolerance, "tolerance", least=0.0)
    whole = np.asarray(answer).dtype.kind in "iu" or isinstance(answer, numbers.Integral)
    return 0.0 if whole else None
