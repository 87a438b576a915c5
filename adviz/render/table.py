"""Tables of a trace: primal, forward and reverse, as text, HTML, MathML, LaTeX and Markdown."""

from __future__ import annotations

import html
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from itertools import islice
from typing import Any, Literal, cast

import numpy as np

from adviz.call_groups import Group, every, folds, groups
from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.host import checks
from adviz.render.constant_names import constant_trees
from adviz.render.math_tree import (
    BAR,
    DOT,
    Accent,
    Name,
    Tree,
    filled,
    has_words,
    number_tree,
    parentheses,
    to_html,
    to_latex,
    to_mathml,
    to_text,
)
from adviz.render.number import DIGITS, check_digits, in_formula
from adviz.render.row_formulas import Term, form_of, uses

__all__ = ["Pass", "Table", "checked_pass", "primal_tree", "row_name", "symbols_of", "table"]

Pass = Literal["primal", "forward", "reverse"]
PASSES: tuple[Pass, ...] = ("primal", "forward", "reverse")

Line = list[Tree | None]


@dataclass(frozen=True)
class Heading:
    """A line above the rows that one call made."""

    title: str
    depth: int


_MAX_ROWS_SHOWN = 400
"""The most rows of a table that a notebook shows; of a trace, its first and its last ones."""


def checked_pass(name: str) -> Pass:
    """Return the name of a pass if there is one of this name.

    Raises
    ------
    InputError
        If it is not "primal", "forward" or "reverse".
    """
    checks.choice(name, "which", PASSES)
    return cast(Pass, name)


@dataclass(frozen=True)
class Column:
    """A column: its title, and whether it holds numbers, which are aligned to the right."""

    title: str
    numeric: bool = False


class Table:
    """A table of formulas and numbers, which can be written as text, HTML, LaTeX or Markdown.

    A notebook shows it as HTML, which needs neither a kernel nor a trusted notebook.

    Attributes
    ----------
    caption : str
    columns : list of Column
    lines : callable
        Returns an iterator over its lines.
    notes : list of str
        Remarks below the table.
    ends : callable, optional
        ``ends(count)`` returns that many lines of its beginning and its end, made without those
        between, and a note that says so; None if the table is no longer.
    """

    def __init__(
        self,
        caption: str,
        columns: list[Column],
        lines: Callable[[], Iterator[Line | Heading]],
        notes: list[str],
        ends: Callable[[int], tuple[list[Line | Heading], str] | None] | None = None,
    ) -> None:
        self.ends = ends
        self.caption = caption
        self.columns = columns
        self.notes = notes
        self.lines = lines

    def __reduce__(self) -> tuple[Any, ...]:
        lines = partial(iter, self.cells)
        return type(self), (self.caption, self.columns, lines, self.notes)

    @cached_property
    def cells(self) -> list[Line | Heading]:
        """The lines of the table: a math tree for each cell, None for an empty one."""
        return list(self.lines())

    def to_html(self) -> str:
        """Return an HTML table with text, sub and sup only."""
        return self._html(to_html)

    def to_mathml(self) -> str:
        """Return an HTML table whose formulas are MathML."""
        return self._html(to_mathml)

    def to_latex(self) -> str:
        r"""Return displayed LaTeX, an ``array`` that needs ``\usepackage{amsmath}``."""
        head = " & ".join(rf"\text{{{column.title}}}" for column in self.columns)
        width = len(self.columns)
        body = [
            rf"\multicolumn{{{width}}}{{l}}{{{_quads(row)}{to_latex(['mi', row.title])}}}"
            if isinstance(row, Heading)
            else " & ".join("" if cell is None else to_latex(cell) for cell in row)
            for row in self.cells
        ]
        layout = "".join("r" if column.numeric else "l" for column in self.columns)
        lines = " \\\\\n".join([head + r" \\ \hline", *body]).replace(r"\hline \\", r"\hline")
        return f"\\[\n\\begin{{array}}{{{layout}}}\n{lines}\n\\end{{array}}\n\\]"

    def to_markdown(self) -> str:
        """Return a Markdown table whose formulas are LaTeX between dollars."""
        lines = [
            " | ".join(column.title for column in self.columns),
            " | ".join("---:" if column.numeric else "---" for column in self.columns),
        ]
        lines += [
            f"`{row.title}`" + " | " * (len(self.columns) - 1)
            if isinstance(row, Heading)
            else " | ".join("" if cell is None else f"${to_latex(cell)}$" for cell in row)
            for row in self.cells
        ]
        return "\n".join(f"| {line} |" for line in lines)

    def to_text(self) -> str:
        """Return aligned plain text."""
        rows: list[list[str] | Heading] = [[column.title for column in self.columns]]
        rows += [
            row
            if isinstance(row, Heading)
            else ["" if cell is None else to_text(cell) for cell in row]
            for row in self.cells
        ]
        widths = [
            max(_width(row[k]) for row in rows if not isinstance(row, Heading))
            for k in range(len(self.columns))
        ]
        lines = [
            f"{'  ' * row.depth}▸ {row.title}"
            if isinstance(row, Heading)
            else "  ".join(
                _padded(text, width, column.numeric)
                for text, width, column in zip(row, widths, self.columns, strict=True)
            ).rstrip()
            for row in rows
        ]
        rule = "  ".join("─" * width for width in widths)
        return "\n".join([lines[0], rule, *lines[1:], *self.notes])

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return self._shortened().to_text()

    def _repr_html_(self) -> str:
        return self._shortened().to_html()

    def _shortened(self) -> Table:
        if self.ends is not None:
            short = self.ends(_MAX_ROWS_SHOWN)
            if short is None:
                return self
            first, note = short
        else:
            first = list(islice(self.lines(), _MAX_ROWS_SHOWN + 1))
            if len(first) <= _MAX_ROWS_SHOWN:
                return self
            del first[_MAX_ROWS_SHOWN:]
            note = (
                f"The first {_MAX_ROWS_SHOWN} rows: to_html(), to_text() and their like write "
                "them all."
            )
        return Table(self.caption, self.columns, lambda: iter(first), [note, *self.notes])

    def _html(self, write: Callable[[Tree], str]) -> str:
        def cell(tag: str, column: Column, inside: str) -> str:
            right = ' style="text-align: right"' if column.numeric else ' style="text-align: left"'
            scope = ' scope="col"' if tag == "th" else ""
            return f"<{tag}{scope}{right}>{inside}</{tag}>"

        def line(row: Line | Heading) -> str:
            if isinstance(row, Heading):
                left = f"text-align: left; padding-left: {1.2 * row.depth + 0.5:.1f}em"
                width = len(self.columns)
                return f'<th colspan="{width}" style="{left}">{html.escape(row.title)}</th>'
            return "".join(
                cell("td", column, "" if tree is None else write(tree))
                for column, tree in zip(self.columns, row, strict=True)
            )

        head = "".join(cell("th", column, html.escape(column.title)) for column in self.columns)
        body = "\n".join(f"<tr>{line(row)}</tr>" for row in self.cells)
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return (
            f"<table>\n<caption>{html.escape(self.caption)}</caption>\n"
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>{notes}"
        )


def table(
    trace: Trace,
    which: str = "primal",
    seed: Any = None,
    digits: int = DIGITS,
    folded: bool = False,
) -> Table:
    """Return the table of one pass of a trace; see :meth:`adviz.Trace.table`."""
    check_digits(digits)
    checks.flag(folded, "folded")
    which = checked_pass(which)
    rows_of: Callable[[Iterable[int]], Iterator[Line]]
    match which:
        case "primal":
            title, columns = "Forward primal trace", _PRIMAL
            rows_of = partial(_primal, trace, digits)
        case "forward":
            title, columns = "Forward mode trace", _with_derivative("tangent")
            seeds = trace.input_seeds(_default(seed, trace.input_names))
            rows_of = partial(_forward, trace, seeds, digits)
        case "reverse":
            title, columns = "Reverse mode trace", _with_derivative("adjoint")
            seeds = trace.output_seeds(_default(seed, trace.output_names))
            rows_of = partial(_reverse, trace, seeds, digits)

    by_call = cache(partial(_by_call, trace, folded))

    def lines() -> Iterator[Line | Heading]:
        slots, calls = by_call()
        yield from _laid_out(slots, rows_of(slots), calls)

    def ends(count: int) -> tuple[list[Line | Heading], str] | None:
        slots, calls = by_call()
        if len(slots) + len(trace.output_slots) <= count:
            return None
        first, last = slots[: count // 2], slots[-(count // 2) :]
        gap: Line = [["mtext", "⋮"], ["mtext", f"{len(slots) - count:,} more rows"]]
        gap += [None] * (len(columns) - len(gap))
        shown = [*_laid_out(first, islice(rows := rows_of([*first, *last]), len(first)), calls)]
        shown += [gap, *_laid_out(last, rows, calls)]
        parameters = ([repr(which)] if which != "primal" else []) + ["folded=True"] * folded
        note = (
            f"{count} of {len(slots):,} rows: trace.table({', '.join(parameters)}).to_text() "
            "writes them all, and trace.row(k) is a single one."
        )
        return shown, note

    return Table(f"{title} of {trace.function_name}", columns, lines, trace.notes, ends)


@dataclass(frozen=True)
class _Calls:
    """The groups with a heading above a row, and the folded ones, by the row that stands for each.

    Their titles are made where they are shown: of a long trace, a table shows few.
    """

    headings: dict[int, list[Group]]
    folded: dict[int, Group]


def _by_call(trace: Trace, folded: bool) -> tuple[Sequence[int], _Calls]:
    """Return the slots of the rows that are shown, and the headings and folded calls."""
    outer = groups(trace)
    closed = [group for group in folds(outer) if len(group) > 1] if folded else []
    inside = {id(group) for group in every(tuple(closed))}
    results = {group.stop - 1: group for group in closed}
    above: dict[int, list[Group]] = {}
    for group in every(outer):
        if id(group) not in inside and len(group) > 1:  # one row says itself what it is
            above.setdefault(group.start, []).append(group)
    if not closed:
        return range(len(trace.rows)), _Calls(above, results)
    hidden = {slot for group in closed for slot in range(group.start, group.stop - 1)}
    slots = [slot for slot in range(len(trace.rows)) if slot not in hidden]
    headings: dict[int, list[Group]] = {}
    for slot in sorted(above):  # above the next row that is shown
        headings.setdefault(slots[bisect_left(slots, slot)], []).extend(above[slot])
    return slots, _Calls(headings, results)


def _laid_out(
    slots: Iterable[int], rows: Iterator[Line], calls: _Calls
) -> Iterator[Line | Heading]:
    """Yield the rows with a heading above those of each call, folded calls and all further rows."""
    # The rows are second: one that is asked for and not used would be lost to those who go on.
    for slot, row in zip(slots, rows, strict=False):
        for group in calls.headings.get(slot, ()):
            yield Heading(group.title, group.depth)
        if slot in calls.folded:
            # A folded call is written as its last row: the label, the call, and the result.
            label, *cells = row
            numbers = (None if k % 3 != 2 else cell for k, cell in enumerate(cells[1:], start=1))
            yield [label, ["mi", calls.folded[slot].title], *numbers]
        else:
            yield row
    yield from rows


def _default(seed: Any, names: tuple[str, ...]) -> Any:
    """Return the seed, by default the first input or output."""
    return names[0] if seed is None else seed


def row_name(row: Row, accent: Accent = "") -> Name:
    """Return a row's name in a formula: v₁, v̄₁ or v̇₁."""
    return Name("v", row.index, accent)


def primal_tree(row: Row, digits: int = DIGITS) -> Tree:
    """Return the formula of a row in the symbols of other rows; an input's is its name.

    Examples
    --------
    >>> import adviz as ad
    >>> row = ad.trace(lambda x1, x2: x1 * x2, 3.0, -4.0).rows[-1]
    >>> to_text(primal_tree(row))
    'v₋₁ × v₀'
    """
    form = form_of(row, digits)
    if form is None:
        return Name.of(row.name or "x").tree()
    if not row.operands:
        return number_tree(row.value, digits)
    return filled(form.value, symbols_of(row, digits), numbers=False)


def symbols_of(row: Row, digits: int = DIGITS) -> dict[str, Tree]:
    """Return what fills the slots of a row's formulas: the symbols of its operands, its own."""
    return _parts(row, digits, numbers=False)


def primal_cells(row: Row, digits: int) -> Line:
    label = row_name(row).tree()
    form = form_of(row, digits)
    value = number_tree(row.value, digits)
    if form is None:
        return [label, Name.of(row.name or "x").tree(), None, value]
    if row.name is not None:
        label = ["mrow", label, ["mo", "="], Name.of(row.name).tree()]
    if not row.operands:
        return [label, value, None, value]
    return [
        label,
        filled(form.value, _parts(row, digits, numbers=False), numbers=False),
        filled(form.value, _parts(row, digits, numbers=True), numbers=True),
        value,
    ]


Summand = tuple[Term | None, dict[str, Tree]]
"""A term and what fills its slots; the term is None if the carrier is the whole summand."""


def _parts(row: Row, digits: int, numbers: bool, carrier: Tree | None = None) -> dict[str, Tree]:
    """Return what fills the slots of a row's formulas: numbers, or the symbols of rows."""

    def part(row: Row) -> Tree:
        return _inserted(row.value, digits) if numbers else row_name(row).tree()

    parts = {str(k): part(o) for k, o in enumerate(row.operands) if isinstance(o, Row)}
    for k, tree in enumerate(constant_trees(row, digits)):
        if tree is not None:
            parts[str(k)] = _inserted(row.operands[k], digits) if numbers else tree
    return {**parts, "v": part(row), **({} if carrier is None else {"carrier": carrier})}


def _inserted(number: Any, digits: int) -> Tree:
    """Return a number as it is inserted into a formula."""
    if isinstance(number, np.ndarray):
        return ["mn", in_formula(number, digits)]
    return number_tree(number, digits)


def _sum(terms: list[Summand], numbers: bool) -> Tree:
    """Return the sum of terms."""
    written: list[Tree] = []
    for term, parts in terms:
        negative = term is not None and term.negative
        first = not written
        if negative or not first:
            written.append(["mo", "−" if negative else "+"])
        body = ["slot", "carrier", False] if term is None else term.body
        if len(terms) > 1 and has_words(body):
            body = parentheses(body)
        written.append(filled(body, parts, numbers, after_sign=negative or not first))
    return ["mrow", *written] if written else ["mn", "0"]


def _outputs(trace: Trace, digits: int, width: int) -> list[Line]:
    """Return the closing rows, y = v₄."""
    rows: list[Line] = []
    for name, row in zip(trace.output_names, trace.outputs, strict=True):
        cells: Line = [
            Name.of(name).tree(),
            row_name(row).tree(),
            None,
            number_tree(row.value, digits),
        ]
        rows.append(cells + [None] * (width - len(cells)))
    return rows


_PRIMAL = [
    Column("row"),
    Column("primal"),
    Column("with numbers"),
    Column("value", numeric=True),
]


def _primal(trace: Trace, digits: int, slots: Iterable[int]) -> Iterator[Line]:
    for slot in slots:
        yield primal_cells(trace.rows[slot], digits)
    yield from _outputs(trace, digits, len(_PRIMAL))


def _with_derivative(title: str) -> list[Column]:
    return [*_PRIMAL, Column(title), Column("with numbers"), Column("value", numeric=True)]


def _forward(trace: Trace, seeds: list[Any], digits: int, slots: Iterable[int]) -> Iterator[Line]:
    wanted, dots = set(slots), list[Any]()
    for step in trace.forward(trace.inputs_as(seeds)):
        row = step.row
        dots.append(step.tangent)
        if row.slot in wanted:
            derivative = tangent_cells(row, dots, digits)
            yield [*primal_cells(row, digits), *derivative, number_tree(step.tangent, digits)]
    closing = _outputs(trace, digits, len(_with_derivative("tangent")))
    for line, row in zip(closing, trace.outputs, strict=True):
        line[4] = row_name(row, DOT).tree()
        line[6] = number_tree(dots[row.slot], digits)
        yield line


def tangent_cells(row: Row, dots: list[Any], digits: int) -> Line:
    """Return a row's tangent as a sum of terms, in symbols and with numbers."""
    form = form_of(row, digits)
    if form is None:
        return [Name.of(row.name or "x", DOT).tree(), None]
    symbols: list[Summand] = []
    numbers: list[Summand] = []
    for term, operand in zip(form.terms_of("forward"), row.operands, strict=True):
        if term is not None:
            symbols.append((term, _parts(row, digits, False, row_name(operand, DOT).tree())))
            carrier = _inserted(dots[operand.slot], digits)
            numbers.append((term, _parts(row, digits, True, carrier)))
    return [_sum(symbols, numbers=False), _sum(numbers, numbers=True)]


def _reverse(trace: Trace, seeds: list[Any], digits: int, slots: Iterable[int]) -> Iterator[Line]:
    bars = {step.row.slot: step.adjoint for step in trace.reverse(trace.outputs_as(seeds))}
    users = uses(trace, slots)
    seeded: dict[int, list[tuple[str, Any]]] = {}
    for name, slot, seed in zip(trace.output_names, trace.output_slots, seeds, strict=True):
        seeded.setdefault(slot, []).append((name, seed))
    for slot in slots:
        row = trace.rows[slot]
        derivative = _adjoint_cells(row, seeded.get(slot, []), users.get(slot, []), bars, digits)
        yield [*primal_cells(row, digits), *derivative, number_tree(bars.get(slot, 0.0), digits)]
    closing = _outputs(trace, digits, len(_with_derivative("adjoint")))
    for line, name, seed in zip(closing, trace.output_names, seeds, strict=True):
        line[4] = Name.of(name, BAR).tree()
        line[6] = number_tree(seed, digits)
        yield line


def _adjoint_cells(
    row: Row,
    seeds: list[tuple[str, Any]],
    users: list[tuple[Row, int]],
    bars: dict[int, Any],
    digits: int,
) -> Line:
    """Return a row's adjoint as the sum over its uses, in symbols and with numbers."""
    symbols: list[Summand] = []
    numbers: list[Summand] = []
    for name, seed in seeds:
        symbols.append((None, {"carrier": Name.of(name, BAR).tree()}))
        numbers.append((None, {"carrier": number_tree(seed, digits)}))
    for user, k in users:
        form = form_of(user, digits)
        if form is not None and user.slot in bars:
            term = form.terms[k]
            symbols.append((term, _parts(user, digits, False, row_name(user, BAR).tree())))
            carrier = _inserted(bars[user.slot], digits)
            numbers.append((term, _parts(user, digits, True, carrier)))
    return [_sum(symbols, numbers=False), _sum(numbers, numbers=True) if numbers else None]


def contribution_cells(user: Row, k: int, bar: Any, digits: int) -> Line:
    """Return what a row with this adjoint adds to its operand k, in symbols and with numbers."""
    form = form_of(user, digits)
    assert form is not None, "an input has no operands"
    symbols = _parts(user, digits, False, row_name(user, BAR).tree())
    numbers = _parts(user, digits, True, _inserted(bar, digits))
    return [
        _sum([(form.terms[k], symbols)], numbers=False),
        _sum([(form.terms[k], numbers)], numbers=True),
    ]


def _quads(heading: Heading) -> str:
    return r"\quad " * heading.depth


def _width(text: str) -> int:
    return sum(not unicodedata.combining(character) for character in text)


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space
