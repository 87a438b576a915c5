"""Taylor mode: derivatives of high order along a curve, by arithmetic on truncated power series.

For v = φ(a, b) on a curve, v' = ∂φ/∂a a' + ∂φ/∂b b'. The partials are those of the table of
elementals, evaluated on series in place of numbers, which gives the coefficients of v in order:

    k v_k = Σ_j (∂φ/∂a)_j (k - j) a_{k-j} + (∂φ/∂b)_j (k - j) b_{k-j},   j = 0, ..., k - 1.

Griewank and Walther, *Evaluating Derivatives* (2008), section 13.2, where each elemental has its
recurrence; here it follows from the partials in the table. Coefficients are computed when they are
needed: v_k needs those of the partials only to order k - 1, which ends the recursion where a
partial is v itself, or where partials lead to each other, as those of sin and cos.

For a sum of products of arrays the series of the operands are multiplied. Some array rules have a
recurrence. For any other, v' is the tangent that the rule pushes, and its series is found in turn.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of, unshared
from adviz.core.elementals import ABS, BY_UFUNC, NEG, OPERATORS, Elemental, plain
from adviz.core.recording import record
from adviz.core.tape import Tape
from adviz.core.variable import Variable, value_of
from adviz.host.arguments import described
from adviz.host.errors import InputError, UnsupportedOperationError
from adviz.host.nests import count_of
from adviz.rules.broadcasting import spread
from adviz.rules.interception import intercepting

__all__ = ["jet"]


def jet(
    f: Callable[..., Any], primals: tuple[Any, ...], series: tuple[Sequence[Any], ...]
) -> tuple[Any, list[Any]]:
    """Push derivatives of any order along a curve forward through f: Taylor mode.

    Where the arguments move as x(t), with x(0) the primals, f(x(t)) moves with them.

    Parameters
    ----------
    f : callable
        Takes and returns numbers, arrays or nests of them.
    primals : tuple
        The arguments of f.
    series : tuple of lists
        For each argument x'(0), x''(0), ..., x⁽ᴷ⁾(0), each nested like the argument. All lists
        have the same length.

    Returns
    -------
    out
        ``f(*primals)``.
    series_out : list
        The derivatives of f(x(t)) at t = 0, of orders 1 to K, each nested as out.

    Raises
    ------
    InputError
        If the series do not fit the primals.

    Notes
    -----
    The derivatives are not divided by factorials, as in JAX's ``jet``.

    Examples
    --------
    sin and its derivatives at 0, the argument moving as t:

    >>> jet(np.sin, (0.0,), ([1.0, 0.0, 0.0, 0.0, 0.0],))
    (0.0, [1.0, 0.0, -1.0, 0.0, 1.0])
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(series, (tuple, list)):
        raise InputError(
            "jet takes a tuple of primals and a tuple with a list for each: "
            "jet(f, (3.0,), ([1.0, 0.0],))."
        )
    orders = {len(terms) if isinstance(terms, (tuple, list)) else -1 for terms in series}
    if len(series) != len(primals) or len(orders) != 1 or -1 in orders:
        lengths = [
            f"{len(s)} long" if isinstance(s, (tuple, list)) else described(s) for s in series
        ]
        raise InputError(
            f"jet needs a list of derivatives for each of {count_of(len(primals), 'primal')}, all "
            f"of one length, and series has {count_of(len(series), 'item')}"
            f"{': ' if series else ''}{', '.join(lengths)}. Fill up with zeros."
        )
    order = orders.pop()
    trace = record(f, tuple(primals))
    seeds = [trace.input_seeds(tuple(terms[k] for terms in series)) for k in range(order)]
    terms = [
        [seeds[k - 1][slot] / math.factorial(k) for k in range(1, order + 1)]
        for slot in range(trace.tape.input_count)
    ]
    with np.errstate(all="ignore"):
        swept = _sweep(trace.tape, order, terms)
    in_use = {id(part) for row in seeds for part in row} | {id(v) for v in trace.tape.values}

    def derivative(slot: int, k: int) -> Any:
        if swept[slot] is None:
            part: Any = 0.0
        else:
            part = swept[slot].coefficient(k) * math.factorial(k)
        return unshared(plain(spread(part, trace.tape.values[slot])), in_use)

    return trace.returned, [
        trace.outputs_as([derivative(slot, k) for slot in trace.output_slots])
        for k in range(1, order + 1)
    ]


def _sweep(tape: Tape, order: int, terms: list[list[Any]]) -> list[Any]:
    """Return the series of every row, None for one that depends on no input.

    ``terms`` holds the coefficients of each input, from order 1 on.
    """
    swept = list[Any]()
    for slot, value in enumerate(tape.values):
        if slot < tape.input_count:
            swept.append(Series([value, *terms[slot]]))
            continue
        swept.append(_series_of(tape, slot, swept))
        if swept[-1] is not None:
            swept[-1].coefficient(order)
            swept[-1].forget()
    return swept


def _series_of(tape: Tape, slot: int, swept: list[Any]) -> Series | None:
    operation, recorded = tape.elementals[slot], tape.operands(slot)
    known: dict[Any, tuple[Series, list[Any]]] = {}
    local: dict[Any, Any] = {}  # the operands, with a memory for this row
    for operand in recorded:
        if operand.__class__ is int and operand not in local:
            series = swept[operand]
            local[operand] = (
                tape.values[operand]
                if series is None
                else Series(series.coefficients, series.following, known)
            )
    operands = [local[o] if o.__class__ is int else o for o in recorded]
    if not any(operand.__class__ is Series for operand in operands):
        return None
    if isinstance(operation, Elemental):
        return _of_elemental(operation, operands, tape.values[slot])
    if operation.rule.push in ("each", "together"):
        return Series([tape.values[slot]], _of_product(operation, operands))
    if operation.rule.series is not None:
        return _of_recurrence(operation, operands, tape.values[slot])
    return _of_push(operation, operands, tape.values[slot])


def _of_recurrence(operation: Any, operands: list[Any], value: Any) -> Series:
    """Return the series of an operation whose rule has a recurrence for the coefficients."""
    series = Series([value])
    coefficients = [functools.partial(_part, operand) for operand in operands]

    def following(k: int) -> Any:
        term = operation.rule.series(k, series.coefficient, *coefficients, **operation.parameters)
        return plain(spread(term, value))

    series.following = following
    return series


def _of_push(operation: Any, operands: list[Any], value: Any) -> Series:
    """Return the series of an operation whose tangent is v' = push(x', x, v).

    The push is recorded, and the trace swept to one order less. So a matrix decomposition has a
    series wherever it has a derivative.
    """
    positions = [
        position for position, operand in enumerate(operands) if operand.__class__ is Series
    ]

    def pushed(dots: Sequence[Any], moving: Sequence[Any], v: Any) -> Any:
        all_dots: list[Any] = [None] * len(operands)
        all_operands = list(operands)
        for position, dot, operand in zip(positions, dots, moving, strict=True):
            all_dots[position], all_operands[position] = dot, operand
        return operation.push(all_dots, all_operands, v)

    def following(k: int) -> Any:
        """Return v_k from the coefficient k v_k of v', of order k - 1."""
        moving = [operands[position] for position in positions]
        speeds = [[(j + 1) * x.coefficient(j + 1) for j in range(k)] for x in moving]
        curves = [*speeds, *([x.coefficient(j) for j in range(k)] for x in moving)]
        curves.append([series.coefficient(j) for j in range(k)])
        count = len(positions)
        start = [curve[0] for curve in curves]
        if k == 1:
            return plain(pushed(start[:count], start[count:-1], start[-1]))
        tape = Tape(_getframe(), ["x"] * len(curves), start)
        traced = [Variable(tape, slot) for slot in range(len(curves))]
        dot = intercepting(tape, pushed, traced[:count], traced[count:-1], traced[-1])
        tape.close()
        if dot.__class__ is not Variable or dot.tape is not tape:
            return 0.0 * value  # it does not depend on the curve
        part = _sweep(tape, k - 1, [curve[1:] for curve in curves])[dot.slot]
        return 0.0 * value if part is None else plain(part.coefficient(k - 1) / k)

    series = Series([value], following)
    return series


class Series:
    """A truncated power series in place of a number, whose coefficients are computed when needed.

    Examples
    --------
    1 / (1 - t):

    >>> t = Series([0.0, 1.0, 0.0, 0.0])
    >>> [(1 / (1 - t)).coefficient(k) for k in range(4)]
    [1.0, 1.0, 1.0, 1.0]
    """

    __slots__ = ("coefficients", "following", "known")

    def __init__(
        self,
        coefficients: list[Any],
        following: Callable[[int], Any] | None = None,
        known: dict[Any, tuple[Series, list[Any]]] | None = None,
    ) -> None:
        self.coefficients = coefficients
        self.following = following  # computes the coefficient of order k
        self.known = (
            {} if known is None else known
        )  # series computed from this one for the same row

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the coefficients."""
        dtype: np.dtype[Any] = np.result_type(value_of(self.coefficients[0]))
        return dtype

    def coefficient(self, k: int) -> Any:
        """Return the coefficient of order k."""
        while len(self.coefficients) <= k:
            assert self.following is not None
            self.coefficients.append(self.following(len(self.coefficients)))
        return self.coefficients[k]

    def forget(self) -> None:
        """Free what the coefficients were computed from."""
        self.following, self.known = None, {}

    def apply_elemental(self, elemental: Elemental, operands: Sequence[Any]) -> Series:
        """Return the series of an elemental of series and numbers."""
        return _of_elemental(elemental, list(operands))

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any
    ) -> Series:
        row = BY_UFUNC.get(ufunc)
        if row is None or method != "__call__" or options:
            raise UnsupportedOperationError(
                f"np.{ufunc.__name__} has no row in the table of elementals, so it has no series."
            )
        return self.apply_elemental(row, operands)


def _operator(elemental: Elemental, reflected: bool) -> Callable[[Series, Any], Series]:
    def method(self: Series, other: Any) -> Series:
        return self.apply_elemental(elemental, (other, self) if reflected else (self, other))

    return method


def _unary(elemental: Elemental) -> Callable[[Series], Series]:
    return lambda self: self.apply_elemental(elemental, (self,))


for _method, _row in OPERATORS.items():
    setattr(Series, f"__{_method}__", _operator(_row, reflected=False))
    setattr(Series, f"__r{_method}__", _operator(_row, reflected=True))
for _row in (NEG, ABS):
    setattr(Series, f"__{_row.name}__", _unary(_row))


def _of_elemental(elemental: Elemental, operands: list[Any], value: Any = None) -> Series:
    """Return the series of an elemental, whose value is given if it is known."""
    known = next(operand.known for operand in operands if operand.__class__ is Series)
    key = (elemental, *(o if o.__class__ in (int, float) else id(o) for o in operands))
    if key in known:
        series, _ = known[key]
        return series
    if value is None:
        value = elemental(*(_part(operand, 0) for operand in operands))
    series = Series([value], None, known)
    known[key] = series, operands  # the operands are kept so that their ids stay valid
    positions = [
        position for position, operand in enumerate(operands) if operand.__class__ is Series
    ]
    partials: dict[int, Any] = {}

    def following(k: int) -> Any:
        total = None
        for position in positions:
            if position not in partials:
                partials[position] = elemental.partials[position](*operands, series)
            partial, operand = partials[position], operands[position]
            for j in range(k if partial.__class__ is Series else 1):
                term = _part(partial, j) * (operand.coefficient(k - j) * ((k - j) / k))
                total = term if total is None else total + term
        return spread(total, value)  # an operand may have been broadcast

    series.following = following
    return series


def _part(operand: Any, k: int) -> Any:
    """Return a coefficient of a series, or of a constant."""
    if operand.__class__ is Series:
        return operand.coefficient(k)
    return operand if k == 0 else 0.0 if not shape_of(operand) else np.zeros_like(value_of(operand))


def _of_product(operation: Any, operands: list[Any]) -> Callable[[int], Any]:
    """Return the coefficients of an operation that is linear in each operand or in all together."""
    positions = [
        position for position, operand in enumerate(operands) if operand.__class__ is Series
    ]

    def following(k: int) -> Any:
        if operation.rule.push == "together":
            return plain(operation(*(_part(operand, k) for operand in operands)))
        total = None
        for orders in itertools.product(range(k + 1), repeat=len(positions)):
            if sum(orders) == k:
                factors = list(operands)
                for position, order in zip(positions, orders, strict=True):
                    factors[position] = _part(operands[position], order)
                term = operation(*factors)
                total = term if total is None else total + term
        return plain(total)

    return following
