"""Pickled traces: rows of the table by name, the columns of a tape, and the code of the user."""

from __future__ import annotations

import copyreg
import importlib
from typing import Any

from adviz.core.elementals import BY_UFUNC, ELEMENTALS, Elemental
from adviz.core.tape import Tape
from adviz.host.errors import ElementalError

__all__ = ["columns_of", "row_named", "tape_of"]


def row_named(name: str) -> Elemental:
    """Return a row of the table; in a new process SciPy's rows have to be added first.

    Raises
    ------
    ElementalError
        If there is none of that name.

    Examples
    --------
    >>> row_named("mul")
    <elemental mul>
    """
    if name in ELEMENTALS:
        return ELEMENTALS[name]
    from adviz.rules.scipy_special import add_rows

    importlib.import_module("scipy.special")
    add_rows()
    for row in BY_UFUNC.values():
        if row.name == name:
            return row
    raise ElementalError(
        f"What was pickled uses the operation {name!r}, which is not defined in this process: call "
        "ad.define here as well, in a module that both import."
    )


copyreg.pickle(Elemental, lambda row: (row_named, (row.name,)))


def columns_of(tape: Tape) -> dict[str, Any]:
    """Return the columns of a tape without what only its recording needs."""
    columns = {name: getattr(tape, name) for name in Tape.__slots__}
    return columns | {"_names": tape.input_names, "array_notes": None, "on_row": None}


def tape_of(columns: dict[str, Any]) -> Tape:
    """Return the tape with these columns."""
    tape = Tape.__new__(Tape)
    for name, column in columns.items():
        setattr(tape, name, column)
    return tape
