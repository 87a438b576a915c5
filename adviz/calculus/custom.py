"""ad.custom: operations that a user adds with their derivative, which are one row of a trace."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from sys import _getframe
from typing import Any

import numpy as np

from adviz.calculus.user_operations import UserOperation, no_push, read_only
from adviz.core import sweeps
from adviz.core.arrays import shape_of
from adviz.core.elementals import ELEMENTALS, plain
from adviz.core.tape import Tape
from adviz.core.variable import Variable, value_of
from adviz.host.arguments import described, function_name
from adviz.host.errors import ElementalError, UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.array_rules import RULES
from adviz.rules.batching import Batch, each
from adviz.rules.broadcasting import fitted, spread
from adviz.rules.interception import intercepting
from adviz.rules.operands import gathered
from adviz.rules.rule import Rule

__all__ = ["custom"]

_BUILT_IN_NAMES = frozenset(RULES)


def custom(
    *without_a_rule: Any,
    jvp: Callable[..., Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    name: str | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that makes a function an operation with this derivative.

    Unlike a row made with :func:`define`, it may take any number of operands, arrays as well as
    numbers, and need not work entry by entry. One of the two rules is enough: the other is its
    transpose. A rule uses arithmetic and NumPy functions that can be traced, so there are
    derivatives of any order.

    Parameters
    ----------
    jvp : callable, optional
        ``jvp(*operands, v, *tangents)`` returns the tangent of the result v; the tangent of an
        operand that is constant is 0.
    vjp : callable, optional
        ``vjp(*operands, v, cotangent)`` returns the contribution to the cotangent of each operand,
        in a tuple where there are several.
    name : str, optional
        Its name in the table and in traces; by default that of the function.

    Returns
    -------
    callable
        Takes a function of numbers and arrays that returns one number or array, computed from its
        arguments only. Keyword arguments are not operands; they are passed on to the rules.

    Raises
    ------
    ElementalError
        If there is no rule, or it is not given by name, or adviz has an operation of that name.

    Examples
    --------
    >>> import adviz as ad
    >>> @ad.custom(vjp=lambda x, v, bar: bar * x / v)
    ... def length(x):
    ...     return np.sqrt(x @ x)
    >>> ad.grad(length)(np.array([3.0, 4.0]))
    array([0.6, 0.8])
    >>> ad.jvp(length, (np.array([3.0, 4.0]),), (np.array([0.0, 1.0]),))
    (5.0, 0.8)
    """
    if without_a_rule:
        raise ElementalError(
            f"custom takes its rule by name and the function after it: {describe()}. Write "
            "@ad.custom(vjp=lambda x, v, bar: ...) above the function."
        )

    def decorator(f: Callable[..., Any]) -> Callable[..., Any]:
        op_name = function_name(f) if name is None else name
        if jvp is None and vjp is None:
            raise ElementalError(f"{op_name!r} needs a derivative: give jvp=, vjp= or both.")
        if not op_name.isidentifier():
            raise ElementalError(f"{op_name!r} cannot name an operation: use a Python identifier.")
        if op_name in ELEMENTALS or op_name in _BUILT_IN_NAMES:
            raise ElementalError(
                f"adviz has an operation named {op_name!r} already: give another name, as in "
                f"custom(name={'my_' + op_name!r}, ...)."
            )
        evaluate = _returning_floats(f, op_name)
        RULES[op_name] = rule = Rule(op_name, evaluate, push=no_push)

        @functools.wraps(f)
        def apply(*operands: Any, **parameters: Any) -> Any:
            return Custom(rule, parameters, jvp, vjp)(*map(gathered, operands))

        return apply

    return decorator


def _returning_floats(f: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(f)
    def evaluate(*operands: Any, **parameters: Any) -> Any:
        value = gathered(f(*map(read_only, operands), **parameters))
        type_code = getattr(value, "dtype", np.dtype(type(value))).kind
        if type_code not in "fciu":
            raise UnsupportedOperationError(
                f"{name} returned {described(value)}: an operation returns one number or array. "
                "Stack what belongs together, or write an operation for each."
            )
        return value * 1.0 if type_code in "iu" else value

    return evaluate


class Custom(UserOperation):
    """An operation with the jvp or the vjp that its user gave."""

    __slots__ = ("jvp", "vjp")

    def __init__(
        self,
        rule: Rule,
        parameters: dict[str, Any],
        jvp: Callable[..., Any] | None,
        vjp: Callable[..., Any] | None,
    ) -> None:
        super().__init__(rule, parameters)
        self.jvp = jvp
        self.vjp = vjp

    def push(self, dots: Sequence[Any], operands: Sequence[Any], value: Any) -> Any:
        """Return the tangent by the jvp, or by the transpose of the vjp."""
        if any(dot.__class__ is Batch for dot in dots):  # a user's rule takes one at a time
            return each(lambda *one: self.push(one, operands, value), *dots)
        if self.jvp is None:
            positions = [k for k, dot in enumerate(dots) if dot is not None]
            return _transposed(
                lambda bar: self.pull_all(positions, bar, operands, value),
                value,
                [spread(dots[k], operands[k]) for k in positions],
            )
        tangents = [
            _zeros(operand) if dot is None else spread(dot, operand)
            for dot, operand in zip(dots, operands, strict=True)
        ]
        dot = gathered(self.jvp(*operands, value, *tangents, **self.parameters))
        if np.broadcast_shapes(shape_of(dot), shape_of(value)) != shape_of(value):
            raise ElementalError(
                f"The jvp of {self.name} returned a tangent of shape {shape_of(dot)} for a result "
                f"of shape {shape_of(value)}."
            )
        return spread(dot, value)

    def pull_all(
        self, positions: list[int], bar: Any, operands: Sequence[Any], value: Any
    ) -> list[Any]:
        """Return the contributions to these operands by the vjp, or by the transpose of the jvp."""
        if bar.__class__ is Batch:  # a user's rule takes one at a time
            return list(each(lambda one: self.pull_all(positions, one, operands, value), bar))
        if self.vjp is None:

            def push(k: int) -> Callable[[Any], list[Any]]:
                def push_one(dot: Any) -> list[Any]:
                    dots: list[Any] = [None] * len(operands)
                    dots[k] = dot
                    return [self.push(dots, operands, value)]

                return push_one

            return [_transposed(push(k), operands[k], [bar]) for k in positions]
        bars = self.vjp(*operands, value, bar, **self.parameters)
        if not isinstance(bars, (tuple, list)):
            bars = (bars,)
        if len(bars) != len(operands):
            raise ElementalError(
                f"The vjp of {self.name} returned {len(bars)} cotangents for {len(operands)} "
                f"operand{'' if len(operands) == 1 else 's'}: return one for each."
            )
        return [_fitting(gathered(bars[k]), operands[k], self.name) for k in positions]


def _fitting(bar: Any, operand: Any, name: str) -> Any:
    shape = shape_of(operand)
    try:
        np.broadcast_to(np.zeros(shape), np.broadcast_shapes(shape_of(bar), shape))
    except ValueError:
        raise ElementalError(
            f"The vjp of {name} returned a cotangent of shape {shape_of(bar)} for an operand of "
            f"shape {shape}."
        ) from None
    return fitted(spread(bar, operand) if len(shape_of(bar)) < len(shape) else bar, operand)


def _zeros(like: Any) -> Any:
    return np.zeros_like(value_of(like)) if shape_of(like) else 0.0


def _transposed(linear: Callable[[Any], list[Any]], like: Any, seeds: list[Any]) -> Any:
    """Apply the transpose of a linear map, whose argument has the shape of ``like``, to seeds."""
    tape = Tape(_getframe(), ["number"], [_zeros(like)])
    results = [gathered(result) for result in intercepting(tape, linear, Variable(tape, 0))]
    pairs = [
        (result.slot, seed)
        for result, seed in zip(results, seeds, strict=True)
        if result.__class__ is Variable and result.tape is tape
    ]
    tape.close()
    bars: list[Any] = sweeps.adjoints(tape, [p[0] for p in pairs], [p[1] for p in pairs])
    return _zeros(like) if bars[0] is None else plain(bars[0])
