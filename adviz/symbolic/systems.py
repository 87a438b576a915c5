"""Formulas translated for other systems: SymPy, SymEngine, mpmath.

They have fewer functions than the table of elementals has rows. Other elementals are rewritten with
these functions, as their row defines (``shown_as``, or its evaluation on symbols).
"""

from __future__ import annotations

import builtins
import importlib
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

from adviz.core.elementals import (
    ADD,
    BY_UFUNC,
    DIV,
    ELEMENTALS,
    LN2,
    LN10,
    MUL,
    NEG,
    POW,
    SUB,
    Elemental,
    ExactConstant,
)
from adviz.host.errors import UnsupportedOperationError
from adviz.rules.scipy_special import add_rows
from adviz.symbolic.expr import Expr, constant, node, symbol, topological_order

__all__ = [
    "by_sympy_name",
    "decoded",
    "encoded",
    "from_sympy",
    "in_common_functions",
    "maxima_name",
    "names_in",
    "precise_values",
    "row_of_sympy",
    "to_sympy",
    "translated",
]

_MOST_FOR_SYMPY = 10_000
_ARITHMETIC = ("infix", "prefix", "fraction", "power")
"""The layouts of operations that every system writes with signs."""


def in_common_functions(roots: Sequence[Expr]) -> list[Expr]:
    """Return expressions rewritten with arithmetic and functions that every system has.

    Raises
    ------
    UnsupportedOperationError
        If a user-defined elemental cannot be evaluated on symbols.

    Examples
    --------
    >>> in_common_functions([node(ELEMENTALS["logistic"], (symbol("x"),))])
    [(1 / (1 + exp((-x))))]
    """
    results: dict[Expr, Expr] = {}
    for part in topological_order(*roots):
        elemental = part.elemental
        args = tuple([results[arg] for arg in part.args])
        if elemental is None:
            results[part] = part
        elif elemental.layout in _ARITHMETIC or "sympy" in elemental.names:
            results[part] = part if args == part.args else node(elemental, args)
        else:
            results[part] = in_common_functions([_rewritten(elemental, args)])[0]
    return [results[root] for root in roots]


def _rewritten(elemental: Elemental, args: tuple[Expr, ...]) -> Expr:
    evaluate = elemental.shown_as or elemental.expanded or elemental.evaluate
    try:
        result = evaluate(*args)
    except (AttributeError, TypeError, ValueError):
        result = None
    if not isinstance(result, Expr) or result.elemental is elemental:
        raise UnsupportedOperationError(
            f"{elemental.name} has no formula in other systems: it cannot be evaluated on symbols. "
            "Define it with arithmetic and NumPy functions, or with shown_as=."
        )
    return result


def translated(
    roots: Sequence[Expr],
    leaf: Callable[[Expr], Any],
    function: Callable[[Elemental], Callable[..., Any]],
) -> list[Any]:
    """Return expressions evaluated in another system.

    Parameters
    ----------
    roots : sequence of Expr
    leaf : callable
        Maps a symbol or a number to the other system.
    function : callable
        Maps an elemental to the other system's function.
    """
    roots = in_common_functions(roots)
    results: dict[Expr, Any] = {}
    for part in topological_order(*roots):
        if part.elemental is None:
            results[part] = leaf(part)
            continue
        args = [results[arg] for arg in part.args]
        row = part.elemental
        evaluate = row.evaluate if row.layout in _ARITHMETIC else function(row)
        results[part] = evaluate(*args)
    return [results[root] for root in roots]


def to_sympy(roots: Sequence[Expr], *, real: bool = False, rational: bool = False) -> list[Any]:
    """Return expressions as SymPy's, with whole numbers as its exact integers.

    Parameters
    ----------
    roots : sequence of Expr
    real : bool
        Whether the symbols are declared real.
    rational : bool
        Whether 0.1 becomes the fraction 1/10, and not a float.

    Raises
    ------
    UnsupportedOperationError
        If SymPy has no formula for an operation, or there are too many, nested too deeply.
    """
    operations = sum(1 for part in topological_order(*roots) if part.args)
    if operations > _MOST_FOR_SYMPY:
        raise UnsupportedOperationError(
            f"The formula has {operations:,} operations, and SymPy takes minutes over more than "
            f"{_MOST_FOR_SYMPY:,}: trace a smaller case."
        )
    import sympy

    def leaf(part: Expr) -> Any:
        number = part.leaf
        if isinstance(number, ExactConstant):
            return sympy.log(number.argument)
        if not part.is_number:
            return sympy.Symbol(str(number), real=True) if real else sympy.Symbol(str(number))
        if isinstance(number, int):
            return sympy.Integer(number)
        return sympy.Rational(repr(float(number))) if rational else sympy.Float(float(number))

    try:
        return translated(roots, leaf, lambda row: getattr(sympy, row.names["sympy"]))
    except RecursionError:
        raise UnsupportedOperationError(
            "The formula is nested too deeply for SymPy, which works through it recursively."
        ) from None


def precise_values(roots: Sequence[Expr], values: dict[str, float], digits: int = 50) -> list[Any]:
    """Return the values of expressions as mpmath numbers, computed with this many digits.

    Examples
    --------
    >>> precise_values([1 / symbol("x")], {"x": 3.0})[0] * 3 == 1
    True
    """
    import mpmath

    def function_of(row: Elemental) -> Callable[..., Any]:
        name = row.names.get("mpmath", row.names["sympy"])
        in_mpmath = getattr(mpmath, name, None)
        function: Callable[..., Any] = in_mpmath or getattr(builtins, name.lower())
        return function

    def leaf(part: Expr) -> Any:
        if isinstance(part.leaf, ExactConstant):
            return mpmath.log(part.leaf.argument)
        return mpmath.mpf(part.leaf if part.is_number else values[str(part.leaf)])

    with mpmath.workdps(digits):
        return translated(roots, leaf, function_of)


def _row_named(name: str) -> Elemental:
    """Return the row with a name; in a new process SciPy's rows have to be added first."""
    if name in ELEMENTALS:
        return ELEMENTALS[name]
    importlib.import_module("scipy.special")
    add_rows()
    return next(row for row in BY_UFUNC.values() if row.name == name)


def maxima_name(row: Elemental) -> str:
    """Return Maxima's name of a function.

    Examples
    --------
    >>> maxima_name(ELEMENTALS["maximum"]), maxima_name(ELEMENTALS["sign"])
    ('max', 'signum')
    """
    return row.names.get("maxima", row.names["sympy"].lower())


def names_in(system: str) -> dict[str, str]:
    """Return the names of a system's functions, by SymPy's, where the rows give them.

    A name may show where the operands go, ``"Zeta(0, {})"``, and is empty where the system lacks
    the function.

    Examples
    --------
    >>> names_in("maxima")["sign"]
    'signum'
    """
    rows = (*ELEMENTALS.values(), *BY_UFUNC.values())
    names = [row.names for row in rows if system in row.names and "sympy" in row.names]
    return {of["sympy"]: of[system] for of in names}


def by_sympy_name() -> dict[str, Elemental]:
    """Return the elementals that SymPy has, by its names."""
    return {row.names["sympy"]: row for row in ELEMENTALS.values() if "sympy" in row.names}


def from_sympy(roots: Sequence[Any], *, as_printed: bool = False) -> list[Expr]:
    """Return SymPy's or SymEngine's expressions as ours, with at most two operands each.

    Parameters
    ----------
    roots : sequence
    as_printed : bool
        Whether terms and factors are in the order in which SymPy prints them, which takes time to
        compute; otherwise they are in its internal order.

    Raises
    ------
    UnsupportedOperationError
        If it contains a function that the table of elementals has no row for.

    Examples
    --------
    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> from_sympy([x * y + y - sympy.log(x)], as_printed=True)
    [(((x × y) + y) − log(x))]
    """
    results: dict[Any, Expr] = {}
    waiting = list(roots)
    while waiting:
        part = waiting[-1]
        if part in results:
            waiting.pop()
            continue
        if not (_is_leaf(part) or type(part).__name__ in _ARITHMETIC_OF_SYMPY):
            _check_row(part)
        args = [] if _is_leaf(part) else _args(part, as_printed)
        missing = [arg for arg in args if arg not in results]
        if missing:
            waiting.extend(missing)
            continue
        results[part] = _from_sympy(part, [results[arg] for arg in args])
        waiting.pop()
    return [results[root] for root in roots]


_ARITHMETIC_OF_SYMPY = ("Add", "Mul", "Pow")


def row_of_sympy(part: Any) -> Elemental | None:
    """Return the row of a SymPy function, of SciPy's if need be; None if there is none."""
    name = type(part).__name__
    row = by_sympy_name().get(name)
    if row is None and getattr(part, "is_Function", False):
        importlib.import_module("scipy.special")
        add_rows()
        rows = (row for row in BY_UFUNC.values() if row.names.get("sympy") == name)
        row = next(rows, None)
    # Those that take any number of operands are applied to two after the other.
    arity = len(part.args)
    fits = row is not None and (arity == row.arity or (row.arity == 2 < arity))
    return row if fits else None


def _check_row(part: Any) -> None:
    if row_of_sympy(part) is None:
        # A sum, an integral, a derivative that SymPy has not evaluated has its limits in a tuple.
        is_pending = any(type(arg).__name__ == "Tuple" for arg in part.args)
        advice = "Evaluate it with .doit() first, or add a row" if is_pending else "Add one"
        raise UnsupportedOperationError(
            f"{type(part).__name__} in SymPy's {str(part)[:60]} has no row in the table of "
            f"elementals. {advice}: ad.define."
        )


def _args(part: Any, as_printed: bool) -> list[Any]:
    if as_printed and type(part).__name__ == "Add":
        return list(part.as_ordered_terms())
    if as_printed and type(part).__name__ == "Mul":
        return list(part.as_ordered_factors())
    return list(part.args)


def _is_leaf(part: Any) -> bool:
    return not part.args or bool(getattr(part, "is_Number", False))


def _from_sympy(part: Any, args: list[Expr]) -> Expr:
    name = type(part).__name__
    if getattr(part, "is_Symbol", False) or name == "Symbol":
        return symbol(str(part))
    if not args:
        return _number(part)
    if name == "Add":
        # As in print, a sum begins with a term that is not negative if there is one.
        first, *rest = sorted(args, key=_is_negative)
        return _left_to_right(first, rest, ADD)
    if name == "Mul":
        return _product(args)
    if name == "Pow":
        return _power(*args)
    elemental = row_of_sympy(part)
    assert elemental is not None
    first, *rest = args
    if elemental.arity == 1:
        return node(elemental, (first,))
    for arg in rest:
        first = node(elemental, (first, arg))
    return first


def _number(part: Any) -> Expr:
    text = str(part)
    try:
        number = float(part)
        if math.isinf(number) and getattr(part, "is_finite", False):
            raise OverflowError
        if getattr(part, "is_Integer", False) or text.lstrip("-").isdigit():
            return constant(int(text))
        if getattr(part, "is_Rational", False) and not getattr(part, "is_Float", False):
            tops = [int(n) for n in text.split("/")]
            if all(abs(n) < sys.float_info.max for n in tops):
                return node(DIV, (constant(tops[0]), constant(tops[1])))
        return constant(number)
    except OverflowError:
        raise UnsupportedOperationError(
            f"{text[:20]}... in SymPy's expression is larger than any float."
        ) from None
    except (TypeError, RuntimeError):
        raise UnsupportedOperationError(
            f"{text} in SymPy's expression is not a real number."
        ) from None


def _is_negative(part: Expr) -> bool:
    if part.elemental is NEG:
        return True
    return part.is_number and part.leaf < 0


def _left_to_right(first: Expr, rest: list[Expr], row: Elemental) -> Expr:
    for other in rest:
        if row is ADD and _is_negative(other):
            positive = other.args[0] if other.args else constant(-other.leaf)
            first = node(SUB, (first, positive))
        else:
            first = node(row, (first, other))
    return first


def _product(args: list[Expr]) -> Expr:
    """Return a product as it is printed: the sign first, reciprocals in the denominator."""
    negative = [arg for arg in args if arg.is_number and arg.leaf < 0]
    numerator = [
        arg for arg in args if not (arg.is_number and arg.leaf < 0) and not _is_reciprocal(arg)
    ]
    denominator = [arg.args[1] for arg in args if _is_reciprocal(arg)]
    for number in negative:
        if number.leaf != -1:
            numerator.insert(0, constant(-number.leaf))
    top = _left_to_right(numerator[0], numerator[1:], MUL) if numerator else constant(1)
    if denominator:
        top = node(DIV, (top, _left_to_right(denominator[0], denominator[1:], MUL)))
    return node(NEG, (top,)) if len(negative) % 2 else top


def _is_reciprocal(part: Expr) -> bool:
    return part.elemental is DIV and part.args[0].equals(1)


def _power(base: Expr, exponent: Expr) -> Expr:
    one = constant(1)
    if exponent.is_number and exponent.leaf < 0:
        return node(DIV, (one, _power(base, constant(-exponent.leaf))))
    if exponent.equals(1):
        return base
    half = exponent.elemental is DIV and [a.leaf for a in exponent.args] == [1, 2]
    if half or exponent.equals(0.5):
        return node(by_sympy_name()["sqrt"], (base,))
    return node(POW, (base, exponent))


def encoded(roots: Sequence[Expr]) -> dict[str, Any]:
    """Return expressions as lists, strings and numbers, which JSON can send to another process."""
    roots = in_common_functions(roots)
    parts = topological_order(*roots)
    indices = {part: k for k, part in enumerate(parts)}

    def as_list(part: Expr) -> list[Any]:
        if part.elemental is not None:
            return [part.elemental.name, *(indices[arg] for arg in part.args)]
        if isinstance(part.leaf, ExactConstant):
            return ["exact", part.leaf.symbol]
        if part.is_number:
            return ["number", part.leaf if isinstance(part.leaf, int) else float(part.leaf)]
        return ["symbol", str(part.leaf)]

    return {"nodes": [as_list(part) for part in parts], "roots": [indices[root] for root in roots]}


def decoded(sent: dict[str, Any]) -> list[Expr]:
    """Return the expressions that :func:`encoded` wrote.

    Examples
    --------
    >>> x = symbol("x")
    >>> decoded(encoded([1 + x])) == [1 + x]
    True
    """
    exact = {number.symbol: number for number in (LN2, LN10)}
    parts: list[Expr] = []
    for head, *tail in sent["nodes"]:
        match head:
            case "exact":
                parts.append(constant(exact[tail[0]]))
            case "number":
                parts.append(constant(tail[0]))
            case "symbol":
                parts.append(symbol(tail[0]))
            case _:
                parts.append(node(_row_named(head), tuple(parts[k] for k in tail)))
    return [parts[k] for k in sent["roots"]]
