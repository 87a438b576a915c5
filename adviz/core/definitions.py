"""Operations that users add to the table of elementals."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from adviz.core.elementals import BY_UFUNC, ELEMENTALS, Elemental
from adviz.host import checks
from adviz.host.errors import ElementalError
from adviz.host.returned import checked_row

__all__ = ["define", "definitions"]

definitions: list[str] = []
"""The names of the operations that users have added."""


def define(
    name: str,
    evaluate: Callable[..., Any],
    *partials: Callable[..., Any],
    symbol: str | None = None,
    shown_as: Callable[..., Any] | None = None,
    **names: str,
) -> Elemental:
    """Add an operation to the table of elementals.

    Parameters
    ----------
    name : str
        A name that no other row has.
    evaluate : callable
        The operation on floats; a NumPy ufunc is recognised wherever a user calls it.
    *partials : callable
        One for each operand: ``partial(*operands, v)``, v being the operation's value, written in
        arithmetic and NumPy functions that the table knows.
    symbol : str, optional
        How formulas and graphs write it.
    shown_as : callable, optional
        The operation in terms of others, for formulas.
    **names : str
        What other systems call it: ``sympy="erf"``.

    Returns
    -------
    Elemental
        The operation, to be called on floats and traced numbers alike.

    Raises
    ------
    ElementalError
        If the name is taken or no identifier, or a partial takes the wrong number of arguments;
        later, where the operation or a partial returns no number that fits its operands.

    Examples
    --------
    >>> import numpy as np
    >>> import adviz as ad
    >>> softplus = ad.define("softplus", lambda a: np.log1p(np.exp(a)), lambda a, v: ad.logistic(a))
    >>> ad.grad(softplus)(0.0)
    0.5
    >>> del ad.ELEMENTALS["softplus"]
    """
    if not checks.text(name, "name").isidentifier():
        raise ElementalError(f"{name!r} cannot name an operation: use a Python identifier.")
    if name in ELEMENTALS:
        raise ElementalError(f"The table has a row named {name!r} already: choose another name.")
    if not partials:
        raise ElementalError(f"{name!r} needs a partial derivative for each of its operands.")
    if len(partials) > 2:
        raise ElementalError(
            f"{name!r} has {len(partials)} operands; an elemental has one or two. "
            "Write it as a function of several elementals instead."
        )
    checks.function(evaluate, "evaluate", takes=len(partials))
    for partial in partials:
        _check_arity(name, partial, len(partials) + 1)
    evaluate, partials = checked_row(name, evaluate, partials)
    row = Elemental(name, evaluate, partials, symbol, shown_as=shown_as)
    row.names, row.may_change = names, True
    definitions.append(name)
    ELEMENTALS[name] = row
    if row.ufunc is not None:
        BY_UFUNC[row.ufunc] = row
    return row


def _check_arity(name: str, partial: Callable[..., Any], expected: int) -> None:
    try:
        inspect.signature(partial).bind(*range(expected))
    except ValueError:  # a ufunc has no signature to check
        return
    except TypeError:
        raise ElementalError(
            f"A partial of {name!r} must take {expected} arguments: each operand, then the value "
            "of the operation itself."
        ) from None
