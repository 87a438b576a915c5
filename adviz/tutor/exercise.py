"""Exercises on a trace: shown as a card, checked cell by cell, and scored."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.rows import Row
from adviz.host import checks
from adviz.host.errors import InputError
from adviz.render.carried import with_player
from adviz.render.math_tree import to_text
from adviz.render.number import DIGITS, format_number
from adviz.render.views import Trace, trace
from adviz.tutor.alike import without_alike
from adviz.tutor.blanks import chosen_cells, entry_by_entry, names_meant
from adviz.tutor.card_page import card_page
from adviz.tutor.cells import Cell, Sheet, numbers_of
from adviz.tutor.document import MIME_TYPE, VERSION, table_of
from adviz.tutor.feedback import Feedback
from adviz.tutor.hints import hint_texts
from adviz.tutor.inputs import first_trace, telling_arrays, telling_inputs
from adviz.tutor.kept_back import without_later_numbers
from adviz.tutor.kinds import KINDS, sheet_of
from adviz.tutor.task_source import task_source
from adviz.tutor.worksheet import worksheet_html, worksheet_text

__all__ = ["Exercise", "exercise"]


def exercise(
    f: Callable[..., Any] | Trace,
    *inputs: Any,
    ask: str = "reverse",
    blanks: Iterable[str] | None = None,
    direction: Any = None,
    weights: Any = None,
    title: str | None = None,
    seed: int | str | None = None,
    graded: bool = False,
) -> Exercise:
    """Return an exercise: a trace with blanks to fill in.

    Parameters
    ----------
    f : callable or Trace
        A function and its inputs, or a trace.
    *inputs
        As for :func:`trace`.
    ask : str
        What is asked for:

        =================  ====================================================================
        ``order``          the row of each operation; they are shown mixed up, as A, B, C
        ``operations``     the formula of each row in earlier rows: ``"v-1*v0"``
        ``values``         the values
        ``forward``        the tangents, from a ``direction``
        ``reverse``        the adjoints, from ``weights``
        ``contributions``  what each use sends back: ``"v1->v-1"``
        ``partials``       the local partials as numbers: ``"dv1/dv-1"``
        ``formulas``       the local partials as formulas
        ``jacobian``       the derivative of each output in each input: ``"dy1/dx2"``
        ``jvp``, ``vjp``   J r for a ``direction`` r, rᵀ J for ``weights`` r
        ``counts``         operations of the function, of sweeps and of the Jacobian; passes
        ``mode``           which mode needs fewer passes for the Jacobian, and why
        ``unreached``      which row no output depends on
        ``step``           of a function of one number: orders of difference schemes, good steps
        =================  ====================================================================

        Of small arrays values, tangents and adjoints can be asked: ``"v1[0,1]"`` is an entry.
    blanks : iterable of str, optional
        The cells to fill in, as in ``["v-1", "v0"]``; by default all that are computed. What is
        computed from them is not shown. An array's name stands for all its entries. The seeds of a
        sweep can be asked for as well.
    direction : optional
        Where "forward" and "jvp" begin: the tangents of the inputs, or an input's name, as for
        :meth:`Trace.forward`; by default the first input.
    weights : optional
        Where "reverse", "contributions" and "vjp" begin: the adjoints of the outputs, or an
        output's name, as for :meth:`Trace.reverse`; by default the first output.
    title : str, optional
        The heading of the card.
    seed : int or str, optional
        Has the inputs drawn: numbers that are easily read, at which common mistakes give different
        answers. Another seed, such as a student's name, gives other numbers. Inputs need not be
        given then; if they are, they are replaced. Of "order" it mixes the operations.
    graded : bool
        Whether the card keeps the answers back: what is saved with it then holds neither right
        numbers nor rules, and only :meth:`.Exercise.check` tells what is right.

    Returns
    -------
    Exercise
        The result of a cell: a card that checks answers, with a kernel and without.

    Raises
    ------
    InputError
        If there is nothing of the kind to ask, or no such cell; if the trace has more than 400
        rows, arrays of more than 64 entries or complex numbers, or more than 200 cells are asked
        for.

    Examples
    --------
    >>> import numpy as np
    >>> ex = exercise(lambda x1, x2: x1 * x2 + x2 - np.log(x1), 3, -4, blanks=["v3", "v-1"])
    >>> print(ex.check({"v3": -1, "v-1": "-1/3"}))  # doctest: +ELLIPSIS
    v̄₃   −1    Right.
    v̄₋₁  −1/3  You left out the use in v₁. ...
    >>> ex.score({"v3": -1, "v-1": "-13/3"}, 3)
    3.0
    """
    if isinstance(f, Trace) and inputs and seed is None:
        raise InputError("f: a trace has its inputs; give no others, or the function")
    if title is not None:
        checks.text(title, "title")
    sweep = {"direction": direction, "weights": weights}
    is_graded = checks.flag(graded, "graded")
    mixed = {}
    if seed is not None and checks.choice(ask, "ask", KINDS) and KINDS[ask].parameter == "seed":
        mixed = {"seed": checks.seed(seed, "seed")}
        if not isinstance(f, Trace) and not inputs:
            f = first_trace(f, seed)
    elif seed is not None:
        f, inputs = _drawn(f, inputs, ask, blanks, seed, sweep), ()
    traced = f if isinstance(f, Trace) else trace(f, *inputs)
    sheet = without_alike(sheet_of(traced, ask, **sweep, **mixed))
    asked = chosen_cells(sheet, blanks)
    sheet = without_later_numbers(sheet, asked)
    return Exercise(traced, sheet, asked, title, is_graded, sweep)


def _drawn(
    f: Callable[..., Any] | Trace,
    inputs: tuple[Any, ...],
    ask: str,
    blanks: Iterable[str] | None,
    seed: int | str,
    sweep: Mapping[str, Any],
) -> Trace:
    """Return the trace at inputs at which mistakes are told apart."""
    checks.seed(seed, "seed")
    if checks.choice(ask, "ask", KINDS) and not KINDS[ask].holds_elsewhere:
        raise InputError(f"seed: no numbers are drawn for ask={ask!r}; give the inputs")
    if isinstance(f, Trace):
        traced = f
    elif inputs:
        traced = trace(f, *inputs)
    else:
        traced = first_trace(f, seed)
    sheet, asked = _asked(traced, ask, blanks, sweep)
    if traced.tape.has_arrays:
        found = telling_arrays(traced, lambda other: _asked(other, ask, blanks, sweep), seed)
    else:
        drawn = telling_inputs(traced, sheet, asked, seed)
        found = [trace(traced.function, *traced.inputs_as(list(one))) for one in drawn]
    if not found:
        raise InputError(
            f"seed: of the inputs drawn for {traced.function_name}, none gives numbers that are "
            "easily read; give the inputs yourself"
        )
    return found[0]


def _asked(
    traced: Trace, ask: str, blanks: Iterable[str] | None, sweep: Mapping[str, Any]
) -> tuple[Sheet, tuple[int, ...]]:
    """Return the sheet of a trace, and the places of the cells that are asked for."""
    sheet = without_alike(sheet_of(traced, ask, **sweep))
    return sheet, chosen_cells(sheet, blanks)


def _answer(cell: Cell, number: float) -> Any:
    """Return the right answer as a person gives it."""
    if cell.kind == "choice":
        return cell.choices[int(number)]
    if cell.formula is not None:
        return to_text(cell.formula)
    return int(number) if cell.kind == "count" else number


def _inputs(traced: Trace) -> list[list[Any]]:
    """Return the names and numbers of all inputs."""
    return [
        [name, float(number)]
        for row in traced.inputs
        for name, number in zip(_names(row), np.ravel(row.value), strict=True)
    ]


def _names(row: Row) -> list[str]:
    """Return what an input is called, of an array each entry."""
    shape = shape_of(row.value)
    return [f"{row.name}{list(index) if shape else ''}" for index in np.ndindex(*shape)]


_VARIANTS = 4
_MOST_WITH_VARIANTS = 24
_OTHERS = 2
_LARGEST_WITH_OTHERS = 24_000
"""How long a table of arrays may be in a document: each of the others is about as long."""
"""Inputs are searched for in a moment where there are so many blanks."""


class Exercise:
    """A trace with blanks; made by :func:`adviz.exercise`."""

    def __init__(
        self,
        trace: Trace,
        sheet: Sheet,
        blanks: tuple[int, ...],
        title: str | None,
        is_graded: bool,
        sweep: Mapping[str, Any],
    ) -> None:
        self.trace = trace
        self.sheet = sheet
        self._blanks = {sheet.cells[place].key: place for place in blanks}
        self._title = title
        self._sweep = sweep
        self._is_graded = is_graded

    @property
    def blanks(self) -> tuple[str, ...]:
        """What is asked for, in the order in which it is computed."""
        return tuple(self._blanks)

    @property
    def places(self) -> tuple[int, ...]:
        """The places of the cells that are asked for."""
        return tuple(self._blanks.values())

    def check(self, answers: Mapping[str, Any]) -> Feedback:
        """Return what is to be said of answers, cell by cell.

        Parameters
        ----------
        answers : mapping
            Numbers, or arithmetic such as "1/3", by the names of the cells; formulas, and choices,
            as texts. Not all are needed. An array may be given whole.

        Raises
        ------
        InputError
            If one is not asked for. What is no number is a wrong answer, and said to be none.
        """
        if not isinstance(answers, Mapping):
            raise checks.refusal("answers", 'a dict such as {"v1": 2.5}', answers)
        given = entry_by_entry(answers, self._blanks)
        return Feedback(self.sheet, self._blanks, given)

    def score(self, answers: Mapping[str, Any], points: float = 1.0) -> float:
        """Return the points for answers; those right given the learner's earlier ones count.

        Parameters
        ----------
        answers : mapping
            As for :meth:`check`.
        points : float
            For an exercise that is wholly right.
        """
        most = checks.number(points, "points", least=0)
        return float(most) * self.check(answers).count / len(self._blanks)

    def again(self, seed: int | str) -> Exercise:
        """Return the same exercise with other numbers.

        Parameters
        ----------
        seed : int or str
            As for :func:`adviz.exercise`.

        Raises
        ------
        InputError
            If no numbers are found that are easily read.

        Examples
        --------
        >>> ex = exercise(lambda x1, x2: x1 * x2 + x2, 1, 1)
        >>> ex.again(7).trace.value != ex.again(8).trace.value
        True
        """
        keys = list(self._blanks)
        return exercise(
            self.trace,
            ask=self.sheet.ask,
            blanks=keys,
            title=self._title,
            seed=seed,
            graded=self._is_graded,
            **self._sweep,
        )

    def hints(self, name: str) -> list[str]:
        """Return the hints to a cell, from a first thought to the formula.

        Parameters
        ----------
        name : str
            One of :attr:`blanks`.

        Raises
        ------
        InputError
            If it is not asked for.

        Examples
        --------
        >>> hints = exercise(lambda x1, x2: x1 * x2, 3, -4).hints("v0")
        >>> hints[1], hints[3]
        ('v₀ is read once, by v₁.', 'v̄₀ = v̄₁·v₋₁.')
        """
        meant = names_meant(name, self._blanks) if isinstance(name, str) else []
        key = meant[0] if meant else checks.choice(name, "name", self._blanks)
        place = self._blanks[key]
        return hint_texts(self.sheet.cells[place])

    def solution(self) -> dict[str, Any]:
        """Return the right answers: numbers, and formulas and choices as texts.

        Examples
        --------
        >>> exercise(lambda x1, x2: x1 * x2, 3, -4, ask="formulas").solution()
        {'dv1/dv-1': 'v₀', 'dv1/dv0': 'v₋₁'}
        """
        numbers = numbers_of(self.sheet.cells)
        return {
            key: _answer(self.sheet.cells[place], numbers[place])
            for key, place in self._blanks.items()
        }

    def to_document(self) -> dict[str, Any]:
        """Return the exercise document, which a page plays."""
        table = table_of(self.sheet, self.places, holds_answers=not self._is_graded)
        return {
            "version": VERSION,
            "kind": "table",
            "ask": self.sheet.ask,
            "title": self._title,
            "function": self.trace.function_name,
            "source": task_source(self.trace),
            "inputs": _inputs(self.trace),
            "digits": DIGITS,
            **self._variants(table),
            **table,
        }

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Write a page with the exercise: one file that needs no network.

        The browser keeps what is entered.

        Parameters
        ----------
        path : path-like, optional
            The file to write; without one the page is returned.

        Raises
        ------
        FileError
            If the file cannot be written; it is an ``OSError`` too.

        Examples
        --------
        >>> exercise(lambda x: x * x, 3).to_html().count("<html")
        1
        """
        fallback = worksheet_html(self.sheet, self.places, self._heading())
        return card_page(self.to_document(), self._title or self._heading(), fallback, path)

    def _heading(self) -> str:
        source = task_source(self.trace)
        function = source if source and "\n" not in source else self.trace.function_name
        if self.trace.tape.has_arrays:
            return f"Exercise: {function}"
        numbers = (format_number(float(row.value), DIGITS) for row in self.trace.inputs)
        return f"Exercise: {function} at ({', '.join(numbers)})"

    def _variants(self, table: dict[str, Any]) -> dict[str, Any]:
        """Return other inputs, with which a page can show the exercise again.

        Of arrays, and of what is mixed, there is instead all that is another one then.
        """
        kind = KINDS.get(self.sheet.ask)
        if kind is None or len(self._blanks) > _MOST_WITH_VARIANTS:
            return {}
        if kind.parameter == "seed" or (kind.holds_elsewhere and self.trace.tape.has_arrays):
            is_small = len(str(table)) <= _LARGEST_WITH_OTHERS
            return {"others": self._others(table)} if is_small and not self._is_graded else {}
        # A cell without a rule in the page has its number here only.
        if not kind.holds_elsewhere or any(cell.get("rule") is None for cell in table["cells"]):
            return {}
        found = telling_inputs(self.trace, self.sheet, self.places, 0, _VARIANTS + 1)
        own = tuple(float(row.value) for row in self.trace.inputs)
        return {"variants": [list(inputs) for inputs in found if inputs != own][:_VARIANTS]}

    def _others(self, table: dict[str, Any]) -> list[dict[str, Any]]:
        """Return what is another one in the document with other arrays, or mixed in another way."""
        ask, keys = self.sheet.ask, list(self._blanks)
        if KINDS[ask].parameter == "seed":
            mixed = [self.again(seed) for seed in range(1, 1 + _OTHERS)]
            made = [(one.trace, one.sheet, one.places) for one in mixed]
        else:
            traces = telling_arrays(
                self.trace, lambda other: _asked(other, ask, keys, self._sweep), 0, _OTHERS
            )
            made = [(one, *_asked(one, ask, keys, self._sweep)) for one in traces]
        others = []
        for traced, sheet, asked in made:
            other = table_of(without_later_numbers(sheet, asked), asked)
            changed = {key: part for key, part in other.items() if part != table[key]}
            others.append({"inputs": _inputs(traced), "cells": other["cells"], **changed})
        return others

    def __repr__(self) -> str:
        return worksheet_text(self.sheet, self.places, self._heading())

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        return with_player(
            {
                MIME_TYPE: self.to_document(),
                "text/html": worksheet_html(self.sheet, self.places, self._heading()),
                "text/plain": repr(self),
            }
        )
