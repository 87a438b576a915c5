"""ad.custom: operations that a user adds with their derivative, which are one row of a trace."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core import sweeps
from adviz.core.arrays import is_complex, shape_of
from adviz.core.elementals import ELEMENTALS, plain
from adviz.core.tape import Tape
from adviz.core.variable import Variable, value_of
from adviz.host import checks
from adviz.host.arguments import defined_in, described, function_name
from adviz.host.errors import ElementalError, UnsupportedOperationError
from adviz.host.nests import count_of
from adviz.host.returned import misfit
from adviz.host.source import describe
from adviz.rules.array_rules import RULES
from adviz.rules.batching import Batch, each
from adviz.rules.broadcasting import fitted, spread
from adviz.rules.interception import intercepting
from adviz.rules.operands import gathered
from adviz.rules.rule import Rule
from adviz.rules.user_operations import UserOperation, no_push, read_only

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
        If there is no rule, or it is not given by name, or adviz has an operation of that name;
        later, where a rule returns None, too few or too many cotangents, or one that does not fit.

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
        op_name = function_name(f) if name is None else checks.text(name, "name")
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
            return self._by_transpose(
                lambda bar: self.pull_all(positions, bar, operands, value),
                value,
                [spread(dots[k], operands[k]) for k in positions],
            )
        tangents = [
            _zeros(operand) if dot is None else spread(dot, operand)
            for dot, operand in zip(dots, operands, strict=True)
        ]
        dot = gathered(self._call(self.jvp, *operands, value, *tangents))
        problem = misfit(dot, shape_of(value), may_be_complex=is_complex(value))
        if problem:
            raise ElementalError(
                f"The jvp of {self.name} returned {problem} as the tangent of a result of shape "
                f"{shape_of(value)}{defined_in(self.jvp)}. Return one of that shape, or a number."
            )
        return spread(_float(dot), value)

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

            return [self._by_transpose(push(k), operands[k], [bar]) for k in positions]
        bars = self._call(self.vjp, *operands, value, bar)
        if not isinstance(bars, (tuple, list)):
            bars = (bars,)
        if len(bars) != len(operands):
            raise ElementalError(
                f"The vjp of {self.name} returned {count_of(len(bars), 'cotangent')} for "
                f"{count_of(len(operands), 'operand')}{defined_in(self.vjp)}. Return one for each."
            )
        return [self._fitting(gathered(bars[k]), operands[k], value) for k in positions]

    def _call(self, rule: Callable[..., Any], *args: Any) -> Any:
        """Call a rule; say so if it does not take what rules are given."""
        try:
            return rule(*args, **self.parameters)
        except TypeError:
            try:
                inspect.signature(rule).bind(*args, **self.parameters)
            except TypeError as misfitting:
                kind = "jvp" if rule is self.jvp else "vjp"
                raise ElementalError(
                    f"The {kind} of {self.name} cannot be called with {len(args)} arguments "
                    f"({misfitting}){defined_in(rule)}. It is given each operand, the value v, and "
                    f"{'the tangent of each operand' if kind == 'jvp' else 'the cotangent of v'}."
                ) from None
            raise

    def _by_transpose(self, linear: Callable[[Any], list[Any]], like: Any, seeds: list[Any]) -> Any:
        """Apply the transpose of a rule, whose argument has the shape of ``like``, to seeds."""
        tape = Tape(_getframe(), ["number"], [_zeros(like)])
        results = [gathered(result) for result in intercepting(tape, linear, Variable(tape, 0))]
        tape.close()
        outputs, cotangents = [], []
        for result, seed in zip(results, seeds, strict=True):
            if result.__class__ is Variable and result.tape is tape:
                outputs.append(result.slot)
                cotangents.append(seed)
            elif np.any(value_of(result)):
                kind, moved = ("jvp", "tangents") if self.vjp is None else ("vjp", "cotangent")
                raise ElementalError(
                    f"The {kind} of {self.name} returned {described(value_of(result))} that does "
                    f"not depend on the {moved}{defined_in(getattr(self, kind))}. A derivative is "
                    f"linear in the {moved}: multiply by them."
                )
        bars: list[Any] = sweeps.adjoints(tape, outputs, cotangents)
        return _zeros(like) if bars[0] is None else plain(bars[0])

    def _fitting(self, bar: Any, operand: Any, value: Any) -> Any:
        """Return a cotangent in the shape of its operand, summed where that was broadcast."""
        shape = shape_of(operand)
        complex_too = is_complex(operand) or is_complex(value)
        problem = misfit(bar, shape, may_be_complex=complex_too)
        if problem and misfit(bar, _joint(shape, shape_of(value)), may_be_complex=complex_too):
            raise ElementalError(
                f"The vjp of {self.name} returned {problem} as the cotangent of an operand of "
                f"shape {shape}{defined_in(self.vjp)}. Return one of that shape for each operand, "
                "0.0 where the result does not depend on it."
            )
        bar = _float(bar)
        return fitted(spread(bar, operand) if len(shape_of(bar)) < len(shape) else bar, operand)


def _joint(shape: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape to which both are broadcast, or the first where there is none."""
    try:
        return np.broadcast_shapes(shape, other)
    except ValueError:
        return shape


def _float(number: Any) -> Any:
    """Return floats for whole numbers and bools."""
    kind = getattr(number, "dtype", np.dtype(type(number))).kind
    return number * 1.0 if kind in "iub" else number


def _zeros(like: Any) -> Any:
    return np.zeros_like(value_of(like)) if shape_of(like) else 0.0
