"""Rule and Operation: array operations that are no multiplication by a partial.

A rule says how an operation is evaluated, how tangents are pushed through it and how an adjoint is
pulled back, in NumPy that works on arrays and on traced arrays alike: so any order works. Most are
linear, and their push is the operation itself. An operation is a rule with its parameters: an
axis, a shape, an index.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from sys import _getframe
from typing import Any, Literal

import numpy as np

from adviz.core import sweeps
from adviz.core.broadcasting import fitted, shape_of, spread
from adviz.core.tape import Tape
from adviz.core.variable import Variable, record, value_of
from adviz.host.errors import UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.batching import Batch
from adviz.rules.registry import FUNCTIONS

__all__ = ["Operation", "Rule"]

_MOST = 1000
"""Operations of a rule that are kept for rows to share."""

Push = Callable[..., Any] | Literal["each", "together"]


class Rule:
    """An array operation beside its derivative.

    Calling it with operands, and with parameters by keyword, applies it.

    Parameters
    ----------
    name : str
    evaluate : callable
        ``evaluate(*operands, **parameters)`` on plain arrays.
    pull : tuple of callables or callable, optional
        ``pull[k](bar, value, *operands, **parameters)`` is what operand k receives of the adjoint
        ``bar``; one callable with ``k`` before ``bar`` serves any number of operands. Where it is
        left out, the push is transposed.
    push : callable or str
        ``push(dots, value, *operands, **parameters)`` is the tangent, a dot being None for a
        constant operand; "each" for what is linear in each operand, "together" for what is linear
        in all of them together.
    is_view : bool or callable
        Whether the result shares memory with the operand in NumPy; of the parameters and operand.
    put : callable, optional
        ``put(total, bar, **parameters)`` adds to an array what is pulled back to the one operand,
        in place: for results that are a small part of it.
    hands_on : str, optional
        The kinds of arrays (NumPy's letters) among the parameters that the pull makes parameters
        of other rules as they are: code for it then holds for other such arrays of their shapes.
    prepare : callable, optional
        ``prepare(*operands, **parameters)`` returns what evaluates it for all arrays of the shapes
        and types of these: code that is written for them looks at neither again.
    may_fail : bool, optional
        Whether it raises an error for some numbers, which has to come where the user calls it.
    """

    __slots__ = (
        "_operations",
        "evaluate",
        "hands_on",
        "is_view",
        "may_fail",
        "name",
        "prepare",
        "pull",
        "push",
        "put",
    )

    def __init__(
        self,
        name: str,
        evaluate: Callable[..., Any],
        pull: tuple[Callable[..., Any], ...] | Callable[..., Any] | None = None,
        push: Push = "each",
        is_view: bool = False,
        put: Callable[..., None] | None = None,
        hands_on: str = "",
        prepare: Callable[..., Callable[..., Any]] | None = None,
        may_fail: bool = False,
    ) -> None:
        self.name = name
        self.prepare = prepare
        self.hands_on = hands_on
        self.may_fail = may_fail
        self.evaluate = evaluate
        self.put = put
        self.pull = pull
        self.push = push
        self.is_view = is_view
        self._operations: dict[tuple[Any, ...], Operation] = {}

    def __call__(self, *operands: Any, **parameters: Any) -> Any:
        """Apply it: to arrays it computes, a traced array records it."""
        if not _are_traced(operands):
            return self.evaluate(*operands, **parameters)
        return record(self.operation(parameters), operands, _getframe(1))

    def operation(self, parameters: dict[str, Any]) -> Operation:
        """Return the operation with these parameters: one for all rows, if they cannot change."""
        if self.hands_on:  # arrays, as a rule
            return Operation(self, parameters)
        settled: tuple[Any, ...] = tuple(parameters.values())
        try:
            if "key" in parameters:
                settled = (_settled(parameters["key"]), parameters.get("shape"))
            known = self._operations.get(settled)
        except TypeError:  # an array, a list, ...
            return Operation(self, parameters)
        if known is None:
            known = Operation(self, parameters)
            if len(self._operations) < _MOST:
                known.is_shared = True
                self._operations[settled] = known
        return known


class Operation:
    """A rule with its parameters, as a row of a tape names it."""

    __slots__ = ("is_shared", "parameters", "rule")

    arity = 1  # or more: rows have their operands in a tuple
    layout = "function"
    shown_as = None
    pull_all: Any = None

    def __init__(self, rule: Rule, parameters: dict[str, Any]) -> None:
        self.rule = rule
        self.parameters = parameters
        self.is_shared = False  # by all rows of its rule with these parameters

    @property
    def name(self) -> str:
        """The rule's name."""
        return self.rule.name

    @property
    def symbol(self) -> str:
        """How a formula and a graph write it."""
        return self.rule.name

    @property
    def is_view(self) -> bool:
        """Whether the result shares memory with the operand in NumPy."""
        return self.rule.is_view

    def __call__(self, *operands: Any) -> Any:
        """Apply it: to arrays it computes, a traced array records it."""
        if not _are_traced(operands):
            return self.evaluate(*operands)
        return record(self, operands, _getframe(1))

    def evaluate(self, *operands: Any) -> Any:
        """Return the result for plain operands."""
        return self.rule.evaluate(*operands, **self.parameters)

    def is_index(self, key: Any) -> bool:
        """Return whether it takes the part of an array that a basic index does."""
        return self.name == "view" and bool(self.parameters["key"] == key)

    def written_through(self, base: Any, new: Any) -> Any:
        """Return the base of a view as it is when the view has been assigned into.

        Raises
        ------
        UnsupportedOperationError
            If this is no view that can be written through.
        """
        if self.name == "view":
            return FUNCTIONS[operator.setitem](base, self.parameters["key"], new)
        if self.name == "reshape":
            return np.reshape(new, base.shape)
        if self.name == "transpose":
            return np.transpose(new, np.argsort(self.parameters["axes"]))
        raise UnsupportedOperationError(
            f"Assignment into {self.name} of a traced array: {describe(_getframe(1))}. Assign "
            "into the whole array, or into a np.copy of the part."
        )

    def push(self, dots: Sequence[Any], operands: Sequence[Any], value: Any) -> Any:
        """Return the tangent for these tangents of the operands, None for a constant one."""
        push = self.rule.push
        if push == "each":
            total = None
            for k, dot in enumerate(dots):
                if dot is not None:
                    term = self(*operands[:k], spread(dot, operands[k]), *operands[k + 1 :])
                    total = term if total is None else total + term
            return total
        if push == "together":
            return self(
                *(
                    _nothing(operand) if dot is None else spread(dot, operand)
                    for dot, operand in zip(dots, operands, strict=True)
                )
            )
        assert callable(push)
        return spread(push(dots, value, *operands, **self.parameters), value)

    def pull(self, k: int, bar: Any, operands: Sequence[Any], value: Any) -> Any:
        """Return what the adjoint of the result contributes to operand k."""
        return fitted(self.product(k, bar, operands, value), operands[k])

    def product(self, k: int, bar: Any, operands: Sequence[Any], value: Any) -> Any:
        """Return what is pulled back to operand k, broadcast as the operand was."""
        rule = self.rule
        if rule.pull is None:
            return self._transposed(k, bar, operands, value)
        if isinstance(rule.pull, tuple):
            return rule.pull[k](bar, value, *operands, **self.parameters)
        return rule.pull(k, bar, value, *operands, **self.parameters)

    def _transposed(self, k: int, bar: Any, operands: Sequence[Any], value: Any) -> Any:
        """Pull an adjoint back through the push, which is linear in the tangent."""
        tape = Tape(_getframe(), ["dot"], [np.zeros_like(value_of(operands[k]))])
        dots: list[Any] = [None] * len(operands)
        dots[k] = Variable(tape, 0)
        dot = self.push(dots, operands, value)
        found = sweeps.adjoints(tape, [dot.slot], [bar])[0]
        tape.close()
        return np.zeros(shape_of(operands[k])) if found is None else found

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def _settled(key: Any) -> Any:
    """Return what tells an index from others, such as 0 from False, which are equal."""
    if key.__class__ is int:
        return key
    return tuple(
        [
            part
            if part.__class__ is int
            else (slice, part.start, part.stop, part.step)
            if part.__class__ is slice
            else (part.__class__, part)
            for part in (key if key.__class__ is tuple else (key, tuple))
        ]
    )


def _are_traced(operands: tuple[Any, ...]) -> bool:
    """Return whether traced numbers are among operands, and no batches, which are not recorded."""
    found = False
    for operand in operands:
        if operand.__class__ is Variable:
            found = True
        elif operand.__class__ is Batch:
            return False
    return found


def _nothing(operand: Any) -> Any:
    """Return the tangent of a constant, as weak in its type as it is."""
    return np.zeros_like(value_of(operand)) if shape_of(operand) else 0.0
