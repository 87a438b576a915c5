"""The rows of a trace document: columns of forms, operands and values, and the constants used.

Long traces have few kinds of rows. Most are operations on single numbers, which are written
straight from the columns of the tape; the others are looked at one by one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.elementals import Elemental
from adviz.core.rows import Row
from adviz.core.trace import Trace
from adviz.render.constant_names import constant_trees
from adviz.render.document_arrays import JsonNumbers, json_number
from adviz.render.math_tree import Tree
from adviz.render.row_formulas import Form, Term, form_of, form_of_numbers

__all__ = ["Constants", "DocumentRows"]

_MAX_FORMS = 50
"""The most forms of one operation that hold constants; beyond, constants are filled in."""


class Constants:
    """The numbers and arrays that rows and decisions use as they are; each stands here once."""

    def __init__(self, numbers: JsonNumbers) -> None:
        self._json = numbers
        self.items: list[Any] = []
        self._places: dict[Hashable, int] = {}

    def operand(self, operand: Any) -> int:
        """Return the slot of a row, or −1 − k for the k-th of the items.

        An array is None among the items, unless it has a name in formulas.
        """
        if isinstance(operand, Row):
            return operand.slot
        is_number = not shape_of(operand) and not np.iscomplexobj(operand)
        return self.number(json_number(operand) if is_number else None)

    def number(self, number: float | str | None) -> int:
        """Return −1 − k for a number as JSON can hold it."""
        # Zero and minus zero are equal, and are two constants.
        return self._index(number if number else repr(number), number)

    def array(self, array: Any, name: Tree) -> int:
        """Return −1 − k for an array, and what formulas call it."""
        key = (id(array), repr(name))
        return self._index(key, {**self._json.number(array), "math": name})

    def _index(self, key: Hashable, item: Any) -> int:
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self.items)
            self.items.append(item)
        return -1 - place


class DocumentRows:
    """The columns of a document that say what its rows are.

    Attributes
    ----------
    columns : dict
        "form", "operands" and "value" by row; of a recording also "partials".
    forms : list of dict
    remarks : list
        Of a recording: rows without a derivative at their numbers, and the choice made there. In
        a live trace the page looks for them.
    """

    def __init__(
        self,
        trace: Trace,
        numbers: JsonNumbers,
        constants: Constants,
        digits: int,
        is_live: bool,
    ) -> None:
        self._trace = trace
        self._digits = digits
        self._constants = constants
        rows = [] if is_live else list(trace.rows)
        operands = self._operands()
        self.forms: list[dict[str, Any]] = []
        self._places: dict[int, int] = {}
        self._kept: list[Form] = []  # so that an id is that of one form
        values = trace.tape.values
        self.columns: dict[str, Any] = {
            "form": self._form_column(operands),
            "operands": operands,
            "value": [
                v if v.__class__ is float and math.isfinite(v) else numbers.number(v)
                for v in values
            ],
        }
        if not is_live:
            self.columns["partials"] = [_partials(row) for row in rows]
        self.remarks = [remark for row in rows for remark in _remark_on(row)]

    def _operands(self) -> list[list[int]]:
        tape = self._trace.tape
        number = self._constants.number
        written: list[list[int]] = []
        columns = zip(tape.elementals, tape.left, tape.right, strict=True)
        for slot, (elemental, left, right) in enumerate(columns):
            if elemental is None or elemental.arity == 0:
                written.append([])
                continue
            is_unary = right is None
            if (
                elemental.__class__ is Elemental
                and (left.__class__ is int or _is_finite(left))
                and (is_unary or right.__class__ is int or _is_finite(right))
            ):
                first = left if left.__class__ is int else number(left)
                if is_unary:
                    written.append([first])
                else:
                    written.append([first, right if right.__class__ is int else number(right)])
            else:
                written.append(self._operands_of(Row(self._trace, slot)))
        return written

    def _operands_of(self, row: Row) -> list[int]:
        constants = self._constants
        return [
            constants.operand(operand) if name is None else constants.array(operand, name)
            for operand, name in zip(row.operands, constant_trees(row, self._digits), strict=True)
        ]

    def _form_column(self, operands: list[list[int]]) -> list[int | None]:
        """Return for each row the index of its form, None for an input."""
        tape = self._trace.tape
        if tape.has_arrays:
            return [self._place(form_of(row, self._digits)) for row in self._trace.rows]
        # Rows have the same form that have the same operation and the same constants.
        keys = [
            (elemental, *[o if o < 0 else 0 for o in used])
            for elemental, used in zip(tape.elementals, operands, strict=True)
        ]
        counts = Counter(key[0] for key in set(keys))
        general = {elemental for elemental, count in counts.items() if count > _MAX_FORMS}
        if general:
            keys = [key[:1] if key[0] in general else key for key in keys]
        slots = dict(zip(keys, range(len(keys)), strict=True))  # a row of each form
        places = {
            key: self._place(
                form_of_numbers(key[0], self._digits)
                if key[0] in general
                else form_of(Row(self._trace, slot), self._digits)
            )
            for key, slot in slots.items()
        }
        return [places[key] for key in keys]

    def _place(self, form: Form | None) -> int | None:
        if form is None:
            return None
        place = self._places.setdefault(id(form), len(self.forms))
        if place == len(self.forms):
            self.forms.append(_form(form))
            self._kept.append(form)
        return place


def _is_finite(number: Any) -> bool:
    return number.__class__ is float and math.isfinite(number)


def _form(form: Form) -> dict[str, Any]:
    return {
        "op": form.elemental.name,
        "symbol": form.symbol,
        **({} if isinstance(form.elemental, Elemental) else {"map": True, **_subscripts(form)}),
        "value": form.value,
        "terms": _terms(form.terms),
        **(
            {}
            if form.tangent_terms in (None, form.terms)
            else {"tangents": _terms(form.terms_of("forward"))}
        ),
    }


def _subscripts(form: Form) -> dict[str, list[str]]:
    """Return the letters of a contraction: those of each operand, and of the result."""
    written = form.elemental.parameters.get("subscripts")
    if written is None:
        return {}
    operands, result = written.split("->")
    return {"subscripts": [*operands.split(","), result]}


def _terms(terms: Sequence[Term | None]) -> list[dict[str, Any] | None]:
    return [
        None
        if term is None
        else {
            "negative": term.negative,
            "body": term.body,
            "partial_negative": term.partial_negative,
            "partial": term.partial,
        }
        for term in terms
    ]


def _remark_on(row: Row) -> list[list[Any]]:
    """Return a row's slot with the code of a choice at a kink, or with a sentence; [] without."""
    operation = row.elemental
    if hasattr(operation, "explained"):
        return [[row.slot, row.remark]]
    kink = getattr(operation, "kink", None)
    return [[row.slot, kink[1]]] if kink and row.remark else []


def _partials(row: Row) -> list[Any]:
    """Return the partials aligned with the operands, None for a constant or an array."""
    remaining = iter(row.partials)
    partials = [next(remaining) if isinstance(o, Row) else None for o in row.operands]
    return [
        None if p is None or shape_of(p) or np.iscomplexobj(p) else json_number(p) for p in partials
    ]
