"""Operations that a user adds with a derivative of their own, and functions run twice to save room.

Both are one row of a trace, whatever happens inside, and are pulled back to all of their operands
at once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core import sweeps
from adviz.core.arrays import shape_of
from adviz.core.derivatives import input_adjoints, output_tangents
from adviz.core.elementals import ELEMENTALS, plain
from adviz.core.recording import record
from adviz.core.tape import Tape
from adviz.core.variable import Variable, value_of
from adviz.host.arguments import described, function_name
from adviz.host.errors import ElementalError, UnsupportedOperationError
from adviz.host.nests import leaves, mapped, unflatten
from adviz.host.source import describe
from adviz.rules.array_rules import RULES
from adviz.rules.batching import Batch, each
from adviz.rules.broadcasting import fitted, spread
from adviz.rules.interception import intercepting
from adviz.rules.operands import gathered
from adviz.rules.rule import Operation, Rule

__all__ = ["checkpoint", "custom"]

_BUILT_IN = frozenset(RULES)


def custom(
    *without_a_rule: Any,
    jvp: Callable[..., Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    name: str | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that makes a function an operation with this derivative.

    Unlike a row made with :func:`define`, it may take any number of operands, arrays as well as
    numbers, and need not work entry by entry. One of the two rules is enough: the other is its
    transpose. A rule is written in arithmetic and NumPy functions that can be traced, so that
    derivatives of any order follow.

    Parameters
    ----------
    jvp : callable, optional
        ``jvp(*operands, v, *tangents)`` returns the tangent of the result v; the tangent of an
        operand that is constant is 0.
    vjp : callable, optional
        ``vjp(*operands, v, cotangent)`` returns what each operand receives, in a tuple where
        there are several.
    name : str, optional
        Its name in the table and in traces; the function's own where it is left out.

    Returns
    -------
    callable
        Takes a function of numbers and arrays that returns one number or array, computed from its
        arguments only. Arguments given by keyword are passed on to the rules, and are no operands.

    Raises
    ------
    ElementalError
        If there is no rule, or it is not given by name, or the operation's name is one that adviz
        has.

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
        called = function_name(f) if name is None else name
        if jvp is None and vjp is None:
            raise ElementalError(f"{called!r} needs a derivative: give jvp=, vjp= or both.")
        if not called.isidentifier():
            raise ElementalError(f"{called!r} cannot name an operation: use a Python identifier.")
        if called in ELEMENTALS or called in _BUILT_IN:
            raise ElementalError(
                f"adviz has an operation named {called!r} already: give another name, as in "
                f"custom(name={'my_' + called!r}, ...)."
            )
        RULES[called] = rule = Rule(called, _returning_numbers(f, called), push=_as_given)

        @functools.wraps(f)
        def apply(*operands: Any, **parameters: Any) -> Any:
            return Custom(rule, parameters, jvp, vjp)(*map(gathered, operands))

        return apply

    return decorator


def _returning_numbers(f: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(f)
    def evaluate(*operands: Any, **parameters: Any) -> Any:
        value = gathered(f(*map(_read_only, operands), **parameters))
        kind = getattr(value, "dtype", np.dtype(type(value))).kind
        if kind not in "fciu":
            raise UnsupportedOperationError(
                f"{name} returned {described(value)}: an operation returns one number or array. "
                "Stack what belongs together, or write an operation for each."
            )
        return value * 1.0 if kind in "iu" else value

    return evaluate


def _as_given(*_: Any) -> Any:
    """Stand for a push that is no rule's own but each operation's: it is linear in no operand."""
    raise NotImplementedError


class Whole(Operation):
    """An operation of the user's own code, pulled back to all of its operands at once."""

    __slots__ = ()

    def __call__(self, *operands: Any) -> Any:
        """Apply it; refuse code that computed with another number of the same derivative.

        Raises
        ------
        UnsupportedOperationError
        """
        result = super().__call__(*operands)
        if result.__class__ is Variable:
            value = result.value
            if value.__class__ is Variable and value.tape is result.tape:
                raise UnsupportedOperationError(
                    f"{function_name(self.rule.evaluate)} is one row of the trace and computed "
                    "with a traced number that is none of its arguments: "
                    f"{describe(_getframe(1))}. Pass it as an argument."
                )
        return result

    def pull(self, k: int, bar: Any, operands: Sequence[Any], value: Any) -> Any:
        """Return what the adjoint of the result contributes to operand k."""
        return self.pull_all([k], bar, operands, value)[0]

    def pull_all(
        self, places: list[int], bar: Any, operands: Sequence[Any], value: Any
    ) -> list[Any]:
        """Return what the adjoint of the result contributes to the operands at these places."""
        raise NotImplementedError


class Custom(Whole):
    """An operation with the rules that its user gave."""

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
        """Return the tangent: by the jvp given, or by the vjp transposed."""
        if any(dot.__class__ is Batch for dot in dots):  # a user's rule is given one at a time
            return each(lambda *one: self.push(one, operands, value), *dots)
        if self.jvp is None:
            places = [k for k, dot in enumerate(dots) if dot is not None]
            return _transposed(
                lambda bar: self.pull_all(places, bar, operands, value),
                value,
                [spread(dots[k], operands[k]) for k in places],
            )
        every = [
            _zeros(operand) if dot is None else spread(dot, operand)
            for dot, operand in zip(dots, operands, strict=True)
        ]
        dot = gathered(self.jvp(*operands, value, *every, **self.parameters))
        if np.broadcast_shapes(shape_of(dot), shape_of(value)) != shape_of(value):
            raise ElementalError(
                f"The jvp of {self.name} returned a tangent of shape {shape_of(dot)} for a result "
                f"of shape {shape_of(value)}."
            )
        return spread(dot, value)

    def pull_all(
        self, places: list[int], bar: Any, operands: Sequence[Any], value: Any
    ) -> list[Any]:
        """Return what each of these operands receives: by the vjp given, or the jvp transposed."""
        if bar.__class__ is Batch:  # a user's rule is given one at a time
            return list(each(lambda one: self.pull_all(places, one, operands, value), bar))
        if self.vjp is None:

            def push(k: int) -> Callable[[Any], list[Any]]:
                def alone(dot: Any) -> list[Any]:
                    dots: list[Any] = [None] * len(operands)
                    dots[k] = dot
                    return [self.push(dots, operands, value)]

                return alone

            return [_transposed(push(k), operands[k], [bar]) for k in places]
        found = self.vjp(*operands, value, bar, **self.parameters)
        bars = found if isinstance(found, (tuple, list)) else (found,)
        if len(bars) != len(operands):
            raise ElementalError(
                f"The vjp of {self.name} returned {len(bars)} cotangents for {len(operands)} "
                f"operand{'' if len(operands) == 1 else 's'}: return one for each."
            )
        return [_fitting(gathered(bars[k]), operands[k], self.name) for k in places]


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
    """Return the transpose of a linear map, which takes what is shaped ``like``, of these seeds."""
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


# -- running twice to save room ------------------------------------------------------------------


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return f as a function whose trace is not kept: in the return sweep f is run again.

    The trace holds one row for a call, and its memory is that of the result. A chain of n calls
    that are checkpointed in groups of √n needs room for about 2 √n of them. Griewank and Walther,
    *Evaluating Derivatives* (2008), chapter 12. Derivatives of derivatives save room too; only
    those of a Jacobian of several rows or columns keep its sweeps whole.

    Parameters
    ----------
    f : callable
        Takes and returns numbers, arrays or nests of them. It must compute the same when it is run
        again, and the numbers it is to be differentiated with respect to must be arguments.

    Returns
    -------
    callable

    Raises
    ------
    UnsupportedOperationError
        By the function returned, if f computes with a traced number that is no argument.

    Examples
    --------
    >>> import adviz as ad
    >>> step = ad.checkpoint(lambda x: np.sin(np.sin(np.sin(x))))
    >>> [row.op for row in ad.trace(lambda x: step(step(x)), 1.0).rows]
    ['input', 'checkpoint', 'checkpoint']
    """

    @functools.wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        tree = mapped(gathered, (args, kwargs))
        flat = [leaf for _, leaf in leaves(tree)]
        if not any(leaf.__class__ is Variable for leaf in flat):
            return f(*args, **kwargs)
        call = _Call(f, tree, flat)
        packed = call(*(flat[k] for k in call.places))
        return call.unpacked(packed)

    return run


class _Call(Whole):
    """One call of a checkpointed function: what it was called with, and how its result nests."""

    __slots__ = ("flat", "places", "result", "tree")

    def __init__(self, f: Callable[..., Any], tree: Any, flat: list[Any]) -> None:
        super().__init__(Rule("checkpoint", f, push=_as_given), {})
        self.tree = mapped(lambda _: 0, tree)
        # Numbers and arrays of floats are operands; the rest is passed on as it is.
        self.places = [k for k, leaf in enumerate(flat) if _is_operand(leaf)]
        self.flat = [None if _is_operand(leaf) else leaf for leaf in flat]
        self.result: Any = None

    def evaluate(self, *operands: Any) -> Any:
        """Run f."""
        output = self.run(*map(_read_only, operands))
        parts = [gathered(leaf) for _, leaf in leaves(output)]
        shapes = [np.shape(part) for part in parts]
        self.result = (mapped(lambda _: 0, output), shapes)
        return plain(parts[0]) if len(parts) == 1 else self.packed(parts)

    def run(self, *operands: Any) -> Any:
        """Call f with these operands in their places."""
        flat = list(self.flat)
        for place, operand in zip(self.places, operands, strict=True):
            flat[place] = operand
        args, kwargs = unflatten(self.tree, iter(flat))
        return self.rule.evaluate(*args, **kwargs)

    def packed(self, parts: list[Any]) -> Any:
        """Return the numbers and arrays of a result as one array, the value of its row."""
        return np.concatenate([np.reshape(part, (-1,)) for part in parts])

    def unpacked(self, value: Any) -> Any:
        """Return the result as f nests it."""
        tree, shapes = self.result
        if len(shapes) == 1:
            return unflatten(tree, iter([value]))
        parts, start = [], 0
        for shape in shapes:
            size = int(np.prod(shape))
            parts.append(value[start : start + size].reshape(shape) if shape else value[start])
            start += size
        return unflatten(tree, iter(parts))

    def again(self, places: list[int], operands: Sequence[Any]) -> Callable[..., Any]:
        """Return f as a function of some operands, its result packed."""

        def of_some(*some: Any) -> Any:
            every = list(operands)
            for place, operand in zip(places, some, strict=True):
                every[place] = operand
            parts = [leaf for _, leaf in leaves(self.run(*every))]
            return gathered(parts[0]) if len(parts) == 1 else self.packed(parts)

        return of_some

    def push(self, dots: Sequence[Any], operands: Sequence[Any], value: Any) -> Any:
        """Return the tangent, f being run again."""
        places = [k for k, dot in enumerate(dots) if dot is not None]

        def pushed(operands: Sequence[Any], seeds: list[Any]) -> Any:
            primals = tuple(operands[k] for k in places)
            trace = record(self.again(places, operands), primals, notes_places=False)
            return output_tangents(trace, seeds)[0]

        seeds = [spread(dots[k], operands[k]) for k in places]
        return _saving(pushed, seeds)(operands, seeds)

    def pull_all(
        self, places: list[int], bar: Any, operands: Sequence[Any], value: Any
    ) -> list[Any]:
        """Return what the operands receive, f being run again."""

        def pulled(operands: Sequence[Any], bar: Any) -> list[Any]:
            primals = tuple(operands[k] for k in places)
            trace = record(self.again(places, operands), primals, notes_places=False)
            return input_adjoints(trace, [bar])

        bar = spread(bar, value)
        found: list[Any] = _saving(pulled, [bar])(operands, bar)
        return found


def _saving(derivative: Callable[..., Any], seeds: list[Any]) -> Callable[..., Any]:
    """Checkpoint a derivative in its turn: an enclosing one keeps a single row of it."""
    if any(seed.__class__ is Batch for seed in seeds):
        return derivative
    return checkpoint(derivative)


def _is_operand(leaf: Any) -> bool:
    return isinstance(leaf, (Variable, float, np.floating)) or (
        isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f"
    )


def _read_only(operand: Any) -> Any:
    """Return a view of an array that belongs to the tape, so that nobody writes into it."""
    if operand.__class__ is not np.ndarray:
        return operand
    view = operand.view()
    view.flags.writeable = False
    return view
