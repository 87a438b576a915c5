"""The trace document: a trace as JSON that the player plays.

It holds columns rather than row objects, and nothing that changes from one run to the next: the
same function at the same inputs gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from adviz.call_groups import groups
from adviz.core.rows import Decision, Row
from adviz.core.trace import Trace
from adviz.host import checks
from adviz.host.collection import collection_paused
from adviz.host.errors import DocumentError, GraphError, InputError
from adviz.render.document_arrays import JsonNumbers, recorded_sweeps
from adviz.render.document_groups import groups_in_document
from adviz.render.document_notes import notes_in_document
from adviz.render.document_places import DocumentPlaces
from adviz.render.document_rows import Constants, DocumentRows
from adviz.render.graph import layout
from adviz.render.math_tree import Name
from adviz.render.mistake_programs import mistake_programs
from adviz.render.number import DIGITS, check_digits
from adviz.render.programs import programs_of
from adviz.render.table import PASSES, checked_pass

__all__ = ["MAX_NUMBERS", "MIME_TYPE", "VERSION", "document"]

MIME_TYPE = "application/vnd.adviz.trace+json"
VERSION = 2

MAX_NUMBERS = 100_000
"""The most numbers in a document; a browser would not play a larger one."""

_MAX_ROWS_UNFOLDED = 40
"""Rows of the longest trace that the player opens without folding its calls."""


@collection_paused()
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
    numbers = JsonNumbers(digits, weight)
    places = DocumentPlaces(trace)
    calls_of_rows, sites_of_rows = places.columns()
    constants = Constants(numbers)
    programs, recording = programs_of(trace)
    if trace.tape.has_arrays:
        numbers.begin([*trace.tape.values, *_constants_of(trace)])
    rows = DocumentRows(trace, numbers, constants, digits, is_live=recording is None)
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
        "rows": {**rows.columns, "site": sites_of_rows, "call": calls_of_rows},
        "forms": rows.forms,
        "decisions": [
            _decision(decision, places, None if recording is None else numbers, constants)
            for decision in trace.decisions
        ],
        "constants": constants.items,
        **({"programs": programs} if recording is None else {"recording": recording}),
        "mistakes": mistake_programs(trace.tape.elementals),
        **({"remarks": rows.remarks} if rows.remarks else {}),
        "calls": places.calls,
        "sites": places.sites,
        "sources": places.sources,
        "notes": notes_in_document(trace, is_live=recording is None),
        "graph": _graph(trace),
        **calls,
        **({"sweeps": recorded_sweeps(trace, numbers)} if trace.tape.has_arrays else {}),
    }


def _constants_of(trace: Trace) -> Iterator[Any]:
    """Yield what rows use as it is."""
    tape = trace.tape
    for slot in range(tape.input_count, len(tape.values)):
        yield from (o for o in tape.operands(slot) if o.__class__ is not int)


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


def _decision(
    decision: Decision, places: DocumentPlaces, numbers: JsonNumbers | None, constants: Constants
) -> dict[str, Any]:
    recorded = {}
    if numbers is not None:  # which the page does not compute
        sides = [numbers.number(o.value if isinstance(o, Row) else o) for o in decision.operands]
        recorded = {"left": sides[0], "right": sides[-1]}
    outcome = decision.outcome
    if isinstance(outcome, np.ndarray):
        outcome = [int(np.count_nonzero(outcome)), outcome.size] if outcome.dtype == bool else None
    elif not isinstance(outcome, (bool, np.bool_)):
        outcome = numbers.number(outcome) if numbers is not None else None
    return {
        "before": decision.before,
        "text": decision.source.text if decision.source is not None else str(decision),
        "operands": [constants.operand(o) for o in decision.operands],
        "operator": str(decision.operator),
        **recorded,
        "outcome": bool(outcome) if isinstance(outcome, np.bool_) else outcome,
        "site": places.site_of(decision.call, decision.instruction),
    }


def _groups(trace: Trace, places: DocumentPlaces) -> dict[str, Any]:
    """Return the rows made by calls and by passes of loops."""
    outer = groups(trace)
    if not outer:
        return {}
    return {
        "groups": groups_in_document(trace, outer, places.call_number, places.site),
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
