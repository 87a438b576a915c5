"""Pickled traces: rows of the table by name, the columns of a tape, and the code of the user."""

from __future__ import annotations

import copyreg
import importlib
from typing import Any

from adviz.core.elementals import BY_UFUNC, ELEMENTALS, Elemental
from adviz.core.tape import Tape
from adviz.host.errors import ElementalError

__all__ = ["row_named"]


def row_named(name: str, in_table: bool = True) -> Elemental:
    """Return a row of the table, or one of SciPy's, which have to be added in a new process.

    Raises
    ------
    ElementalError
        If there is none of that name.

    Examples
    --------
    >>> row_named("mul")
    <elemental mul>
    """
    if in_table and name in ELEMENTALS:
        return ELEMENTALS[name]
    if not in_table:
        from adviz.rules.scipy_special import add_rows

        importlib.import_module("scipy.special")
        add_rows()
        for row in BY_UFUNC.values():
            if row.name == name and ELEMENTALS.get(name) is not row:
                return row
    raise ElementalError(
        f"What was pickled uses the operation {name!r}, which is not defined in this process: call "
        "ad.define here as well, in a module that both import."
    )


def _reduced(row: Elemental) -> tuple[Any, ...]:
    """Pickle a row by its name, which one of SciPy's may share with one of the table: exp2."""
    is_scipys = row.ufunc is not None and ELEMENTALS.get(row.name) is not row
    return row_named, (row.name, not is_scipys)


copyreg.pickle(Elemental, _reduced)


def _columns_of(tape: Tape) -> dict[str, Any]:
    """Return the columns of a tape without what only its recording needs."""
    columns = {name: getattr(tape, name) for name in Tape.__slots__}
    return columns | {"_names": tape.input_names, "array_notes": None, "on_row": None}


def _tape_of(columns: dict[str, Any]) -> Tape:
    """Return the tape with these columns."""
    tape = Tape.__new__(Tape)
    for name, column in columns.items():
        setattr(tape, name, column)
    return tape


copyreg.pickle(Tape, lambda tape: (_tape_of, (_columns_of(tape),)))
