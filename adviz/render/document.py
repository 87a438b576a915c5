"""The trace document: a trace as JSON that the player plays.

It holds columns rather than row objects, and nothing that changes from one run to the next: the
same function at the same inputs gives the same bytes.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Hashable, Iterable
from types import CodeType
from typing import Any

import numpy as np

from adviz import player
from adviz.call_groups import every, folds, groups, is_comprehension
from adviz.core.arrays import shape_of
from adviz.core.elementals import Elemental
from adviz.core.rows import Decision, Row
from adviz.core.trace import Trace
from adviz.core.variable import value_of
from adviz.host import checks
from adviz.host.errors import DocumentError, GraphError, InputError
from adviz.host.source import Source, file_title, function_lines
from adviz.host.syntax import FunctionSyntax
from adviz.render.constant_names import constant_trees
from adviz.render.document_arrays import JsonNumbers, json_number, recorded_sweeps
from adviz.render.graph import layout
from adviz.render.math_tree import Name, Tree
from adviz.render.mistake_programs import mistake_programs
from adviz.render.number import DIGITS, check_digits
from adviz.render.programs import program_of
from adviz.render.row_formulas import Form, Term, form_of
from adviz.render.table import PASSES, checked_pass

__all__ = ["MAX_NUMBERS", "MIME_TYPE", "VERSION", "document"]

MIME_TYPE = "application/vnd.adviz.trace+json"
VERSION = 2

MAX_NUMBERS = 100_000
"""The most numbers in a document; a browser would not play a larger one."""

_MAX_ROWS_UNFOLDED = 40
"""Rows of the longest trace that the player opens without folding its calls."""


def document(
    trace: Trace,
    which: str = "primal",
    input: str | None = None,  # noqa: A002 - the reader's word for it
    output: str | None = None,
    digits: int = DIGITS,
    folded: bool | None = None,
    predict: bool = False,
    step: int = 1,
    passes: Iterable[str] = PASSES,
) -> dict[str, Any]:
    """Return the trace document of a trace, opening at one pass.

    Parameters
    ----------
    trace : Trace
    which : str
        "primal", "forward" or "reverse".
    input, output : str, optional
        The input seeded and the output pulled back, by name; by default the first of each.
    digits : int
        Significant digits shown.
    folded : bool, optional
        Whether the player opens with each call of a helper function folded into one line; by
        default it does for traces of more than 40 rows.
    predict : bool
        Whether the reader is asked for what each step gives.
    step : int
        The step at which it opens, counted from 1.
    passes : iterable of str
        The passes that can be chosen.

    Raises
    ------
    DocumentError
        If the trace holds more than ``MAX_NUMBERS`` numbers, or an output is an empty array.
    InputError
        If there is no such pass, step, input or output.
    """
    check_digits(digits)
    offered = _offered(passes, checked_pass(which))
    predict = checks.flag(predict, "predict")
    count, weight = len(trace.rows), weight_of(trace)
    check_size(trace)
    for name, row in zip(trace.output_names, trace.outputs, strict=True):
        if not np.size(row.value):
            raise DocumentError(
                f"{name} is an empty array, so that there is nothing to pull back: look at "
                "trace.table(), or return something else."
            )
    rows = list(trace.rows)
    numbers = JsonNumbers(digits, weight)
    places = _Places(trace)
    row_forms = [form_of(row, digits) for row in rows]
    constants = _Constants(numbers, digits)
    programs, recording = _programs(trace)
    forms = _UniqueItems()
    calls = _groups(trace, places)
    folded = count > _MAX_ROWS_UNFOLDED if folded is None else checks.flag(folded, "folded")
    return {
        "version": VERSION,
        "function": trace.function_name,
        "digits": digits,
        "view": {
            "pass": checked_pass(which),
            "input": _index(input, trace.input_names, trace.input_seeds, "input"),
            "output": _index(output, trace.output_names, trace.output_seeds, "output"),
            **({"folded": True} if folded and calls else {}),
            **(
                {"step": number}
                if (number := _checked_step(trace, which, output, step)) > 1
                else {}
            ),
            **({"predict": True} if predict else {}),
            **({"passes": offered} if len(offered) < len(PASSES) else {}),
        },
        "inputs": [{"name": name, "math": Name.of(name).tree()} for name in trace.input_names],
        "outputs": [
            {"name": name, "math": Name.of(name).tree(), "row": slot}
            for name, slot in zip(trace.output_names, trace.output_slots, strict=True)
        ],
        "rows": {
            "form": [None if form is None else forms.index(id(form), form) for form in row_forms],
            "operands": [constants.operands(row) for row in rows],
            "value": [numbers.number(row.value) for row in rows],
            # A page that evaluates the trace computes the partials, too.
            **({} if recording is None else {"partials": [_partials(row) for row in rows]}),
            "site": [places.site(row.source) for row in rows],
            "call": [places.call_of(row) for row in rows],
        },
        "forms": [_form(form) for form in forms.items],
        "decisions": [
            _decision(decision, places, None if recording is None else numbers, constants)
            for decision in trace.decisions
        ],
        "constants": constants.items,
        **({"programs": programs} if recording is None else {"recording": recording}),
        "mistakes": mistake_programs(trace.tape.elementals),
        "remarks": [[row.slot, row.remark] for row in rows if row.remark is not None],
        "calls": places.calls,
        "sites": places.sites.items,
        "sources": places.sources,
        "notes": trace.notes,
        "graph": _graph(trace),
        **calls,
        **({"sweeps": recorded_sweeps(trace, numbers)} if trace.tape.has_arrays else {}),
    }


def _index(name: str | None, names: tuple[str, ...], check: Callable[[str], Any], what: str) -> int:
    """Return the index of a name among the names, 0 if none is given."""
    if name is None:
        return 0
    if not isinstance(name, str):
        raise checks.refusal(what, "the name of one", name)
    check(name)
    return names.index(name)


def _offered(passes: Iterable[str], which: str) -> list[str]:
    """Return the passes that the player offers, of which one is where it opens."""
    wanted = {checks.choice(name, "passes", PASSES) for name in checks.items(passes, "passes")}
    if which not in wanted:
        raise InputError(
            f"The player opens at the {which} pass, which passes= leaves out: add {which!r} to it, "
            "or name another pass to open at."
        )
    return [name for name in PASSES if name in wanted]


def _checked_step(trace: Trace, which: str, output: str | None, step: int) -> int:
    """Return the number of a step, counted as the player counts them."""
    if checks.count(step, "step") == 1:
        return 1
    most = len(trace.rows)
    if which == "reverse":
        most = 1 + sum(
            len(part.contributions) for part in trace.reverse(output or trace.output_names[0])
        )
    return checks.count(step, "step", most=most)


def weight_of(trace: Trace) -> int:
    """Return how many numbers a document holds: one a row, with arrays also one a row and sweep."""
    sweeps = len(trace.input_names) + len(trace.output_names) if trace.tape.has_arrays else 0
    return len(trace.rows) * (1 + sweeps)


def check_size(trace: Trace) -> None:
    """Refuse a trace that no browser would play.

    Raises
    ------
    DocumentError
        If it holds more than ``MAX_NUMBERS`` numbers.
    """
    count, weight = len(trace.rows), weight_of(trace)
    if weight > MAX_NUMBERS:
        swept = "" if weight == count else f" and {weight // count - 1} sweeps over them"
        raise DocumentError(
            f"This trace has {count:,} rows{swept}, and a browser plays up to "
            f"{MAX_NUMBERS // (weight // count):,} such rows: trace a smaller case, or look at "
            "trace.rows."
        )


class _UniqueItems:
    """A list in which each item stands once; :meth:`index` adds an item that is new."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._indices: dict[Hashable, int] = {}

    def index(self, key: Hashable, item: Any) -> int:
        if key not in self._indices:
            self._indices[key] = len(self.items)
            self.items.append(item)
        return self._indices[key]


class _Constants:
    """The numbers and arrays that rows and decisions use as they are; each stands here once."""

    def __init__(self, numbers: JsonNumbers, digits: int) -> None:
        self._json = numbers
        self._digits = digits
        self._items = _UniqueItems()

    @property
    def items(self) -> list[Any]:
        """Numbers as JSON can hold them, arrays with what formulas call them, None for others."""
        return self._items.items

    def operands(self, row: Row) -> list[int]:
        """Return the operands of a row: the slot of a row, or −1 − k for the k-th of the items."""
        return [
            self.operand(operand) if name is None else -1 - self._array(operand, name)
            for operand, name in zip(row.operands, constant_trees(row, self._digits), strict=True)
        ]

    def operand(self, operand: Any) -> int:
        """Return the same for one operand. An array is None among the items."""
        if isinstance(operand, Row):
            return operand.slot
        number = None if shape_of(operand) or np.iscomplexobj(operand) else json_number(operand)
        return -1 - self._items.index(repr(number), number)

    def _array(self, array: Any, name: Tree) -> int:
        item = {**self._json.number(array), "math": name}
        return self._items.index((id(array), repr(name)), item)


def _programs(trace: Trace) -> tuple[dict[str, Any], dict[str, str] | None]:
    """Return the programs of a trace's operations, by name, and why it cannot be evaluated.

    The latter is None where a page can compute the trace at other inputs.
    """
    tape = trace.tape
    if tape.has_arrays:
        return {}, {"code": "arrays"}
    kinds = {value_of(value).__class__ for value in tape.values}
    if not kinds <= {float, int, bool, np.float64}:
        return {}, {"code": "precision"}
    programs: dict[str, Any] = {}
    for elemental in dict.fromkeys(tape.elementals):
        if elemental is None or elemental.arity == 0:
            continue
        program = program_of(elemental) if isinstance(elemental, Elemental) else None
        if program is None:
            return {}, {"code": "operation", "name": elemental.name}
        programs[elemental.name] = program
    operators = {decision.operator for decision in trace.decisions}
    for operator in operators:
        if operator not in player.operations():
            return {}, {"code": "decision", "name": str(operator)}
    return programs, None


class _Places:
    """The calls of a trace, their functions' source, and the sites in it that rows come from."""

    def __init__(self, trace: Trace) -> None:
        self._tape = trace.tape
        self.sites = _UniqueItems()
        self.sources: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []
        # The index in self.calls of each call on the tape.
        self._call_numbers: list[int] = []
        traced: CodeType | None = getattr(inspect.unwrap(trace.function), "__code__", None)
        codes = [code for code in (traced, *self._tape.places.call_codes) if code is not None]
        self._blocks = _blocks(codes)
        self._cuts = [_docstrings(lines) for _, _, lines, _ in self._blocks]
        for (file, first, lines, title), cuts in zip(self._blocks, self._cuts, strict=True):
            gaps = [[_line_after_cuts(cuts, start), stop - start] for start, stop in cuts]
            self.sources.append(
                {
                    "title": title,
                    "file": file_title(file),
                    "first_line": first,
                    "lines": _without(lines, cuts),
                    **({"gaps": gaps} if gaps else {}),
                }
            )
        for call, code in enumerate(self._tape.places.call_codes):
            self._add_call(call, code)
        if not self.calls:
            self.calls.append({"function": trace.function_name, "parent": None, "site": None})

    def _add_call(self, call: int, code: CodeType | None) -> None:
        parent = self._tape.places.call_parents[call]
        if parent >= 0 and code is not None and is_comprehension(code):
            self._call_numbers.append(self._call_numbers[parent])
            return
        self._call_numbers.append(len(self.calls))
        called_from = (
            self._tape.places.source_in(parent, self._tape.places.call_instructions[call])
            if parent >= 0
            else None
        )
        self.calls.append(
            {
                "function": "?" if code is None else FunctionSyntax.of(code).name,
                "parent": self._call_numbers[parent] if parent >= 0 else None,
                "site": self.site(called_from),
            }
        )

    def call_of(self, row: Row) -> int:
        call = self._tape.places.call_of(row.slot)
        return 0 if call is None else self.call_number(call)

    def call_number(self, call: int) -> int:
        """Return the index in ``calls`` of a call on the tape."""
        return self._call_numbers[call]

    def site(self, source: Source | None) -> int | None:
        """Return the index in ``sites`` of a place in the source."""
        if source is None:
            return None
        for k, (file, first, lines, _title) in enumerate(self._blocks):
            if file == source.file and first <= source.line < first + len(lines):
                item = {
                    "source": k,
                    "line": _line_after_cuts(self._cuts[k], source.line - first),
                    "column": source.column,
                    "end_line": _line_after_cuts(
                        self._cuts[k], min(source.end_line - first, len(lines) - 1)
                    ),
                    "end_column": source.end_column,
                    "name": source.name,
                }
                return self.sites.index(tuple(item.values()), item)
        return None


_Block = tuple[str, int, list[str], str]
"""File, number of the first line, lines, title."""


def _blocks(codes: list[CodeType]) -> list[_Block]:
    """Return the source of each function, leaving out functions defined inside another one."""
    blocks: list[_Block] = []
    for code in codes:
        first, lines = function_lines(code)
        block = (code.co_filename, first, lines, FunctionSyntax.of(code).name)
        if not lines or any(_inside(block, other) for other in blocks):
            continue
        blocks = [other for other in blocks if not _inside(other, block)] + [block]
    return blocks


def _inside(block: _Block, other: _Block) -> bool:
    (file, first, lines, _), (other_file, other_first, other_lines, _) = block, other
    return (
        file == other_file
        and other_first <= first
        and first + len(lines) <= other_first + len(other_lines)
    )


_Cut = tuple[int, int]
"""Lines that are left out, counted from 0: the first, and the one after the last."""


def _docstrings(lines: list[str]) -> list[_Cut]:
    """Return the docstrings' lines below the first, which would push the code out of view."""
    try:
        tree = ast.parse(textwrap.dedent("\n".join(lines)))
    except SyntaxError:  # a lambda inside a longer line
        return []
    cuts = []
    for node in ast.walk(tree):
        match node:
            case (
                ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str())) as text, *_])
                | ast.AsyncFunctionDef(body=[ast.Expr(value=ast.Constant(value=str())) as text, *_])
                | ast.ClassDef(body=[ast.Expr(value=ast.Constant(value=str())) as text, *_])
            ) if text.end_lineno is not None and text.end_lineno > text.lineno:
                cuts.append((text.lineno, text.end_lineno))
    return sorted(cuts)


def _without(lines: list[str], cuts: list[_Cut]) -> list[str]:
    kept = list(lines)
    for start, stop in reversed(cuts):
        kept[start - 1] += " …" + lines[stop - 1].rstrip()[-3:]
        del kept[start:stop]
    return kept


def _line_after_cuts(cuts: list[_Cut], line: int) -> int:
    """Return the number that a line has once the cut lines are left out."""
    return line - sum(stop - start for start, stop in cuts if stop <= line)


def _form(form: Form) -> dict[str, Any]:
    return {
        "op": form.elemental.name,
        "symbol": form.symbol,
        **({} if isinstance(form.elemental, Elemental) else {"map": True}),
        "value": form.value,
        "terms": [_term(term) for term in form.terms],
        **(
            {}
            if form.tangent_terms in (None, form.terms)
            else {"tangents": [_term(term) for term in form.terms_of("forward")]}
        ),
    }


def _term(term: Term | None) -> dict[str, Any] | None:
    if term is None:
        return None
    return {
        "negative": term.negative,
        "body": term.body,
        "partial_negative": term.partial_negative,
        "partial": term.partial,
    }


def _partials(row: Row) -> list[Any]:
    """Return the partials aligned with the operands, None for a constant or an array."""
    remaining = iter(row.partials)
    partials = [next(remaining) if isinstance(o, Row) else None for o in row.operands]
    return [
        None if p is None or shape_of(p) or np.iscomplexobj(p) else json_number(p) for p in partials
    ]


def _decision(
    decision: Decision, places: _Places, numbers: JsonNumbers | None, constants: _Constants
) -> dict[str, Any]:
    recorded = {}
    if numbers is not None:  # which the page does not compute
        sides = [numbers.number(o.value if isinstance(o, Row) else o) for o in decision.operands]
        recorded = {"left": sides[0], "right": sides[-1]}
    outcome = decision.outcome
    if isinstance(outcome, np.ndarray):
        outcome = f"true for {np.count_nonzero(outcome)} of {outcome.size}"
    return {
        "before": decision.before,
        "text": decision.source.text if decision.source is not None else str(decision),
        "operands": [constants.operand(o) for o in decision.operands],
        "operator": str(decision.operator),
        **recorded,
        "outcome": outcome,
        "site": places.site(decision.source),
    }


def _groups(trace: Trace, places: _Places) -> dict[str, Any]:
    """Return the rows made by each call of a helper function."""
    outer = groups(trace)
    if not outer:
        return {}
    folded = {(group.start, group.stop) for group in folds(outer)}
    return {
        "groups": [
            {
                "title": group.title,
                "call": places.call_number(group.call),
                "start": group.start,
                "stop": group.stop,
                "depth": group.depth,
                "folds": (group.start, group.stop) in folded,
            }
            for group in every(outer)
        ],
    }


def _graph(trace: Trace) -> dict[str, Any] | None:
    """Return where the graph's cards and edges lie; None where the player lays it out itself."""
    try:
        placed = layout(trace)
    except GraphError:
        return None
    return {
        "width": placed.width,
        "height": placed.height,
        "nodes": [list(node) for node in placed.nodes],
        "edges": [list(edge) for edge in placed.edges],
    }
