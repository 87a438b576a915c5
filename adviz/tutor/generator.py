"""Exercises of graded difficulty, made by a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import overload

from IPython.display import display

from adviz.host import checks
from adviz.host.errors import AdvizError, InputError
from adviz.tutor.exercise import Exercise, exercise
from adviz.tutor.generated_functions import LEVELS, Level, function_of, source_of
from adviz.tutor.inputs import mistakes_told_apart

__all__ = ["Exercises", "exercises"]

_TRIES = 40
_FEWEST_TOLD_APART = 4


def exercises(level: int = 1, seed: int | str = 0, count: int = 5) -> Exercises:
    """Return exercises on functions that are made for them.

    Parameters
    ----------
    level : int
        1: sums and products of two inputs; 2: quotients and functions as well; 3: numbers that are
        used more than once; 4: five operations; 5: seven operations on three inputs.
    seed : int or str
        The same seed gives the same exercises; a student's name gives each their own.
    count : int
        How many.

    Returns
    -------
    Exercises
        A sequence; as the result of a cell it shows the cards one below the other.

    Raises
    ------
    InputError
        If there is no such level.

    Examples
    --------
    >>> first, second = exercises(level=2, seed=7, count=2)
    >>> first.score(first.solution())
    1.0
    """
    level = checks.count(level, "level", most=max(LEVELS))
    count = checks.count(count, "count", most=50)
    seed = checks.seed(seed, "seed")
    return Exercises([_made(LEVELS[level], f"{level} {seed} {k}", k) for k in range(count)])


def _made(level: Level, seed: str, k: int) -> Exercise:
    """Return an exercise whose mistakes can be told apart."""
    ask = level.asks[k % len(level.asks)]
    for attempt in range(_TRIES):
        name = f"{seed} {attempt}" if attempt else seed
        function = function_of(source_of(level, Random(name)), name)
        try:
            made = exercise(function, ask=ask, seed=name)
        except (InputError, ArithmeticError):
            continue  # no inputs at which its numbers are easily read
        if mistakes_told_apart(made.sheet, made.places) >= _FEWEST_TOLD_APART:
            return made
    raise AdvizError(f"no exercise was found by the seed {seed!r}; try another one")


class Exercises(Sequence[Exercise]):
    """Several exercises; made by :func:`adviz.exercises`."""

    def __init__(self, made: Sequence[Exercise]) -> None:
        self._made = list(made)

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, k: int) -> Exercise: ...

    @overload
    def __getitem__(self, k: slice) -> Exercises: ...

    def __getitem__(self, k: int | slice) -> Exercise | Exercises:
        return Exercises(self._made[k]) if isinstance(k, slice) else self._made[k]

    def __iter__(self) -> Iterator[Exercise]:
        return iter(self._made)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self._made))

    def _ipython_display_(self) -> None:
        for each in self._made:
            display(each)
