"""Somebody's solution to be marked: which of its lines hold a slip, and of what kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from adviz.core.rows import Row
from adviz.host import checks
from adviz.host.errors import InputError
from adviz.mistakes import WRONG_MARKS, WRONG_TERMS
from adviz.render.math_tree import BAR, DOT, Accent, Name, to_text
from adviz.render.views import Trace, trace
from adviz.tutor.cells import Cell, Line, Sheet, WrongRule
from adviz.tutor.columns import add_adjoints, add_tangents, key_of, value_cells
from adviz.tutor.diagnosis import Finding, diagnose
from adviz.tutor.entries import read_answer
from adviz.tutor.exercise import Exercise
from adviz.tutor.kinds import check_trace
from adviz.tutor.operations import operations
from adviz.tutor.points import names_of, points_of
from adviz.tutor.rules import constant, reading, total
from adviz.tutor.sentences import remark_on

__all__ = ["SLIPS", "paper", "slips_in", "workings"]

SLIPS = {
    "nothing": (),
    "the order of the operands": ("order_swapped",),
    "a sign": (
        "wrong_sign",
        "added",
        "subtracted",
        "sign_lost",
        "sign_of_difference",
        "minus_forgotten",
        "result_sign_lost",
    ),
    "an index: it reads another row": ("other_row_read", "term_too_many", "last_use_only"),
}
"""What can be wrong with a line, and the mistakes that are meant; all others are the last one."""

_OTHERWISE = "a number or a factor"


class Printed(NamedTuple):
    """A line of the solution: of one row its formula, or its number.

    Attributes
    ----------
    key : str
        "v4 formula" or "v4 number".
    cell : Cell
        What is right.
    text : str
        What is printed.
    finding : Finding
    remark : str
        What is to be said of it, "" where it is right.
    """

    key: str
    cell: Cell
    text: str
    finding: Finding
    remark: str

    @property
    def slip(self) -> str:
        """What is wrong with it, as in :data:`SLIPS`."""
        if self.finding.status == "right":
            return "nothing"
        if self.finding.credit == "size":
            return "a sign"
        names = {name for reason in self.finding.reasons[:1] for name in reason.mistakes}
        return next((slip for slip, those in SLIPS.items() if names & set(those)), _OTHERWISE)


def paper(
    f: Callable[..., Any] | Trace,
    *inputs: Any,
    printed: Mapping[str, Any],
    which: str = "primal",
    seed: Any = None,
    title: str | None = None,
) -> Exercise:
    """Return somebody's solution to be marked: of each line the learner says what is wrong with it.

    Parameters
    ----------
    f : callable or Trace
        A function and its inputs, or a trace.
    *inputs
        As for :func:`trace`.
    printed : mapping
        The solution: by row a formula and a number, as in ``{"v4": ("v2 - v3", 17.1)}``. In the
        formulas v1 is a value, dv1 or v̇₁ a tangent, bv1 or v̄₁ an adjoint.
    which : str
        The pass: "primal", "forward" or "reverse".
    seed : optional
        As for :meth:`Trace.forward` and :meth:`Trace.reverse`; by default the first input or
        output.
    title : str, optional
        The heading of the card.

    Returns
    -------
    Exercise
        Asks for a choice a line; its ``slips`` are what a line holds.

    Raises
    ------
    InputError
        If there is no such row, or a formula is not understood.

    Examples
    --------
    >>> solution = {"v1": ("v-1 * v0", -12), "v2": ("v0 - v1", 8)}
    >>> sheet = paper(lambda x1, x2: x1 * x2 - x2, 3, -4, printed=solution)
    >>> sheet.solution()["v2 formula"], sheet.solution()["v2 number"]
    ('the order of the operands', 'a sign')
    """
    traced = f if isinstance(f, Trace) else trace(f, *inputs)
    check_trace(traced)
    if traced.tape.has_arrays:
        raise InputError(f"f: {traced.function_name} has arrays, and solutions are of numbers")
    lines = list(slips_in(traced, which, printed, seed))
    choices = (*SLIPS, _OTHERWISE)
    cells = tuple(_marked(line, choices) for line in lines)
    shown = tuple(
        Line(line.cell.label, _as_printed(line.text), (at,)) for at, line in enumerate(lines)
    )
    sheet = Sheet("paper", cells, ("slip",), shown, tuple(range(len(cells))))
    return Exercise(traced, sheet, sheet.blanks, title, is_graded=False, sweep={})


def slips_in(
    traced: Trace, which: str, printed: Mapping[str, Any], seed: Any = None
) -> Iterator[Printed]:
    """Yield for each line of a solution what is wrong with it, its formula before its number.

    A number is judged by the right ones of other rows, so that a slip is found where it was made.
    """
    checks.choice(which, "which", ("primal", "forward", "reverse"))
    sheets = {"formula": workings(traced, which, seed)}
    numbers = sheets["formula"]
    sheets["number"] = replace(
        numbers, cells=tuple(replace(cell, kind="number") for cell in numbers.cells)
    )
    if not isinstance(printed, Mapping) or not printed:
        raise checks.refusal("printed", 'a dict such as {"v1": ("v-1 * v0", 8)}', printed)
    places = {numbers.cells[place].key: place for place in numbers.blanks}
    for row, pair in printed.items():
        if row not in places:
            raise InputError(f"printed: there is no row {row!r}; there are {', '.join(places)}")
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise checks.refusal(f"printed[{row!r}]", "a formula and a number", pair)
        for part, answer in zip(("formula", "number"), pair, strict=True):
            sheet, place = sheets[part], places[row]
            name = f"printed[{row!r}]"
            text = _plain(answer) if isinstance(answer, str) else answer
            entry = read_answer(sheet, place, text, name)
            finding = diagnose(sheet, [place], {place: entry})[place]
            remark = str(remark_on(sheet.cells, {place: entry}, place, finding))
            is_right = finding.status == "right"
            yield Printed(
                f"{row} {part}",
                sheet.cells[place],
                str(answer),
                finding,
                "" if is_right else remark,
            )


def workings(traced: Trace, which: str, seed: Any = None) -> Sheet:
    """Return the sheet of the formulas of a pass: how each number comes from those of other rows.

    They are compared at numbers that do not follow from each other.
    """
    if which == "primal":
        return operations(traced)
    cells = value_cells(traced)
    names = names_of(traced.rows)
    if which == "forward":
        seeds = traced.input_seeds(traced.input_names[0] if seed is None else seed)
        column, letter = add_tangents(cells, traced, seeds), "d"
    else:
        weights = traced.output_seeds(traced.output_names[0] if seed is None else seed)
        by_slot = dict(zip(traced.output_slots, map(float, weights), strict=True))
        column, letter = add_adjoints(cells, traced, by_slot), "b"
    names |= {f"{letter}{key_of(Row(traced, slot))}": at for slot, at in column.place.items()}
    blanks = tuple(at for slot, at in column.place.items() if column.terms[slot])
    made_cells = tuple(
        _as_formula(cell, names, list(column.place.values()), at) if at in blanks else cell
        for at, cell in enumerate(cells)
    )
    ask = f"{which} workings"
    return Sheet(ask, made_cells, (), (), blanks, points_of(made_cells, len(made_cells)))


def _as_formula(cell: Cell, names: Mapping[str, int], sweep: list[int], at: int) -> Cell:
    """Return a cell of a sweep that asks for the formula, which may read wrong rows."""
    (too_many,) = WRONG_TERMS
    wrong = [
        WrongRule((too_many.name,), total([cell.compute, reading(other)]), cell.words, 2)
        for other in sweep
        if other not in (at, *cell.reads)
    ]
    known = {name: place for name, place in names.items() if place != at}
    return replace(
        cell, kind="formula", names=known, wrong=(*cell.wrong, *wrong), terms=(), reads=()
    )


_ACCENTED = re.compile("([a-z])([\u0307\u0304])", re.IGNORECASE)


def _plain(text: str) -> str:
    """Return a formula with dv1 for v̇₁ and bv1 for v̄₁."""
    return _ACCENTED.sub(lambda m: ("d" if m[2] == "\u0307" else "b") + m[1], text)


_NAMED = re.compile(r"([db]?)v_?\{?(-?[0-9]+)\}?")
_ACCENTS: dict[str, Accent] = {"": "", "d": DOT, "b": BAR}


def _as_printed(text: str) -> list[Any]:
    """Return a line as it is printed, its names with indices and accents."""

    def name(match: re.Match[str]) -> str:
        return to_text(Name("v", int(match[2]), _ACCENTS[match[1]]).tree())

    written = _NAMED.sub(name, text)
    return ["mtext", re.sub(r"\s*\*\s*", " × ", written).replace("-", "−")]


def _marked(line: Printed, choices: tuple[str, ...]) -> Cell:
    """Return the choice of what is wrong with a line."""
    right = choices.index(line.slip)
    overlooked, other, is_right = WRONG_MARKS
    words = {"target": line.key, **({"found": line.remark} if line.remark else {})}
    wrong = []
    for at in range(len(choices)):
        mistake = overlooked if at == 0 else other if right else is_right
        if at != right:
            wrong.append(WrongRule((mistake,), constant(float(at)), words, 0))
    return Cell(
        line.key,
        line.cell.label,
        constant(float(right)),
        wrong=tuple(wrong),
        words=words,
        kind="choice",
        choices=choices,
    )
