"""Rule and Operation: array operations beyond the elementwise ones.

A rule says how an operation is evaluated, how tangents are pushed through it and how an adjoint is
pulled back. It is written in NumPy that works on traced arrays too, so derivatives of any order
work. Most rules are linear, and their push is the operation itself. An operation is a rule with
its parameters: an axis, a shape, an index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from sys import _getframe
from typing import Any, Literal

import numpy as np

from adviz.core import sweeps
from adviz.core.arrays import shape_of
from adviz.core.tape import Tape
from adviz.core.variable import Variable, record, value_of
from adviz.host.errors import UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.batching import Batch, each
from adviz.rules.broadcasting import fitted, spread
from adviz.rules.operation_counts import Cost

__all__ = ["Operation", "Rule"]

_MAX_SHARED_OPERATIONS = 1000
"""The most operations that a rule keeps for rows with equal parameters to share."""

Push = Callable[..., Any] | Literal["each", "together"]

Template = str | Callable[..., str | None] | None

DerivativeFormula = tuple[str, ...] | Callable[..., str | None]


class Rule:
    """An array operation with its derivative.

    A rule is applied by calling it with operands, and with parameters by keyword. It holds all that
    is known of the operation: whatever reads a trace looks it up here, and falls back on something
    general where a field is left out.

    Parameters
    ----------
    name : str
    evaluate : callable
        ``evaluate(*operands, **parameters)`` on plain arrays. A parameter called ``key`` is an
        index.
    pull : tuple of callables or callable, optional
        ``pull[k](bar, value, *operands, **parameters)`` is the contribution of the adjoint ``bar``
        to operand k; one callable with ``k`` before ``bar`` serves any number of operands. Where it
        is left out, the push is transposed.
    push : callable or str
        ``push(dots, value, *operands, **parameters)`` is the tangent; a dot is None for a constant
        operand. "each" is for an operation that is linear in each operand, "together" for one that
        is linear in all of them together.
    is_view : bool or callable
        Whether the result shares the memory of its operand in NumPy; ``is_view(result, operand)``
        decides it where it depends on them.
    assigned_through : callable, optional
        ``assigned_through(base, part, **parameters)`` returns the base of a view as it is when
        ``part`` has been assigned into the view. Where it is left out, that is refused.
    put : callable, optional
        ``put(total, bar, **parameters)`` adds the contribution to the only operand to an array, in
        place: for results that are a small part of the operand.
    hands_on : str, optional
        Letters of ``dtype.kind``. The pull hands parameters that are arrays of these to other rules
        unchanged, so that code written for one such array holds for others of its shape.
    prepare : callable, optional
        ``prepare(*operands, **parameters)`` returns a function that evaluates it for all arrays
        with the shapes and types of these, so that generated code need not look at them again.
    may_fail : bool, optional
        Whether it raises an error for some values, which must come from where the user calls it.
    parameters_may_fail : bool, optional
        Whether it raises an error for some parameters, such as an index outside the array.
    cost : callable, optional
        ``cost(shapes, shape, **parameters)`` returns the number of operations, as a
        :class:`~adviz.rules.operation_counts.Cost`, for operands of these shapes and a result of
        that one. Where it is left out, functions that use the rule are not counted.
    reach : callable, optional
        ``reach(*operands, **parameters)`` takes arrays of sets of inputs, and returns for each
        entry of the result the set on which it depends: the sum of two sets is their union, 0.0 is
        the empty set. Where it is left out, linear rules are evaluated on the sets; for any other,
        every entry depends on all that the operands depend on.
    series : callable, optional
        ``series(k, v, *operands, **parameters)`` returns the Taylor coefficient of order k of the
        result along a curve. ``v(j)`` is its coefficient of order j < k, and each operand is
        likewise a function of the order. Where it is left out, the push gives it.
    batched : callable, optional
        ``batched(*operands, **parameters)`` evaluates it if a
        :class:`~adviz.rules.batching.Batch` is among the operands. Where it is left out, the rule
        is applied to the arrays of a batch one after the other.
    formula : str or callable, optional
        Its mathematical notation: ``"{0} @ {1}"``, with operands by number, parameters by name and
        ``{...}`` for all operands; or a callable that returns it for the parameters, or None. Where
        it is left out, formulas show a call of its name.
    pull_formula : tuple of str or callable, optional
        The mathematical notation of what is pulled back to each operand, in the same way:
        ``("{bar} {1}ᵀ", "{0}ᵀ {bar}")``, with ``{bar}`` for the adjoint and ``{v}`` for the result.
        What stands side by side is multiplied as matrices. A callable
        ``pull_formula(k, shapes, **parameters)`` returns that of operand k for operands of these
        shapes, or None. Where it is left out, formulas show ∂ and the name.
    push_formula : tuple of str or callable, optional
        The same for the tangent that comes from each operand, with ``{dot}`` for the operand's.
        Where it is left out, it is the formula of the operation if that is linear.
    code : str or callable, optional
        Its Python code for arrays, in the same way: ``"{0}.T"``; or a name for its function. Where
        it is left out, the code calls ``evaluate``.
    back : str, optional
        What is pulled back through it, for the catalogue. A rule that is no function of NumPy's or
        SciPy's is listed there if it has this; those functions have their lines in
        :mod:`adviz.supported.examples`.
    example : str, optional
        A use of it, for the catalogue.
    """

    __slots__ = (
        "_operations",
        "assigned_through",
        "back",
        "batched",
        "code",
        "cost",
        "evaluate",
        "example",
        "formula",
        "hands_on",
        "is_view",
        "may_fail",
        "name",
        "parameters_may_fail",
        "prepare",
        "pull",
        "pull_formula",
        "push",
        "push_formula",
        "put",
        "reach",
        "series",
    )

    def __init__(
        self,
        name: str,
        evaluate: Callable[..., Any],
        pull: tuple[Callable[..., Any], ...] | Callable[..., Any] | None = None,
        push: Push = "each",
        is_view: bool | Callable[[Any, Any], bool] = False,
        assigned_through: Callable[..., Any] | None = None,
        put: Callable[..., None] | None = None,
        hands_on: str = "",
        prepare: Callable[..., Callable[..., Any]] | None = None,
        may_fail: bool = False,
        parameters_may_fail: bool = False,
        cost: Callable[..., Cost] | None = None,
        reach: Callable[..., Any] | None = None,
        series: Callable[..., Any] | None = None,
        batched: Callable[..., Batch] | None = None,
        formula: Template = None,
        pull_formula: DerivativeFormula | None = None,
        push_formula: DerivativeFormula | None = None,
        code: Template = None,
        back: str = "",
        example: str = "",
    ) -> None:
        self.name = name
        self.evaluate = evaluate
        self.pull = pull
        self.push = push
        self.is_view = is_view
        self.assigned_through = assigned_through
        self.put = put
        self.hands_on = hands_on
        self.prepare = prepare
        self.may_fail = may_fail
        self.parameters_may_fail = parameters_may_fail
        self.cost = cost
        self.reach = reach
        self.series = series
        self.batched = batched
        self.formula = formula
        self.pull_formula = pull_formula
        self.push_formula = push_formula
        self.code = code
        self.back = back
        self.example = example
        self._operations: dict[tuple[Any, ...], Operation] = {}

    def __deepcopy__(self, memo: Any) -> Rule:
        return self  # as a function does

    def __call__(self, *operands: Any, **parameters: Any) -> Any:
        """Apply it: compute the result for arrays, record it for traced arrays."""
        if not _are_traced(operands):
            return self.computed(operands, parameters)
        return record(self.operation(parameters), operands, _getframe(1))

    def computed(self, operands: Sequence[Any], parameters: dict[str, Any]) -> Any:
        """Return the result for operands that are not traced: arrays, or batches of them."""
        if Batch not in map(type, operands):
            return self.evaluate(*operands, **parameters)
        batched = partial(each, self) if self.batched is None else self.batched
        return batched(*operands, **parameters)

    def operation(self, parameters: dict[str, Any]) -> Operation:
        """Return the operation with these parameters: one for all rows, if they are immutable."""
        if self.hands_on:  # its parameters are mostly arrays
            return Operation(self, parameters)
        shared_by: tuple[Any, ...] = tuple(parameters.values())
        try:
            if "key" in parameters:
                shared_by = (_distinct(parameters["key"]), parameters.get("shape"))
            known = self._operations.get(shared_by)
        except TypeError:  # an array, a list, ...
            return Operation(self, parameters)
        if known is None:
            known = Operation(self, parameters)
            if len(self._operations) < _MAX_SHARED_OPERATIONS:
                known.is_shared = True
                self._operations[shared_by] = known
        return known


class Operation:
    """A rule with its parameters: the operation of a row of a tape."""

    __slots__ = ("is_shared", "parameters", "rule")

    arity = 1  # or more: a row holds the operands in a tuple
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
        """Its symbol in formulas and graphs."""
        return self.rule.name

    @property
    def is_view(self) -> bool:
        """Whether the result may share the memory of its operand in NumPy."""
        return bool(self.rule.is_view)

    def __call__(self, *operands: Any) -> Any:
        """Apply it: compute the result for arrays, record it for traced arrays."""
        if not _are_traced(operands):
            return self.evaluate(*operands)
        return record(self, operands, _getframe(1))

    def evaluate(self, *operands: Any) -> Any:
        """Return the result for plain operands."""
        return self.rule.computed(operands, self.parameters)

    def is_index(self, key: Any) -> bool:
        """Return whether it is basic indexing with this index."""
        is_part = self.rule.is_view is True and "key" in self.parameters
        return is_part and bool(self.parameters["key"] == key)

    def written_through(self, base: Any, new: Any) -> Any:
        """Return the base of a view after an assignment into the view.

        Raises
        ------
        UnsupportedOperationError
            If this view cannot be written through.
        """
        if self.rule.assigned_through is None:
            raise UnsupportedOperationError(
                f"Assignment into {self.name} of a traced array: {describe(_getframe(1))}. Assign "
                "into the whole array, or into a np.copy of the part."
            )
        return self.rule.assigned_through(base, new, **self.parameters)

    def template(self, written: Template) -> str | None:
        """Return the ``formula`` or ``code`` of its rule for its parameters."""
        return written(**self.parameters) if callable(written) else written

    def derivative_template(
        self, written: DerivativeFormula | None, k: int, shapes: Sequence[tuple[int, ...]]
    ) -> str | None:
        """Return the ``pull_formula`` or ``push_formula`` of its rule for operand k."""
        if callable(written):
            return written(k, shapes, **self.parameters)
        return None if written is None else written[k]

    def push(self, dots: Sequence[Any], operands: Sequence[Any], value: Any) -> Any:
        """Return the tangent for tangents of the operands, None for a constant one."""
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
                    _zero_tangent(operand) if dot is None else spread(dot, operand)
                    for dot, operand in zip(dots, operands, strict=True)
                )
            )
        assert callable(push)
        return spread(push(dots, value, *operands, **self.parameters), value)

    def pull(self, k: int, bar: Any, operands: Sequence[Any], value: Any) -> Any:
        """Return the contribution of an adjoint to operand k, summed to the operand's shape."""
        return fitted(self.product(k, bar, operands, value), operands[k])

    def product(self, k: int, bar: Any, operands: Sequence[Any], value: Any) -> Any:
        """Return the contribution to operand k before it is summed to the operand's shape."""
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
        adjoint = sweeps.adjoints(tape, [dot.slot], [bar])[0]
        tape.close()
        return np.zeros(shape_of(operands[k])) if adjoint is None else adjoint

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def _distinct(key: Any) -> Any:
    """Return a key for an index that differs where equal indices differ, such as 0 and False."""
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
    """Return whether operands contain traced numbers, and no batches, which are not recorded."""
    is_traced = False
    for operand in operands:
        if operand.__class__ is Variable:
            is_traced = True
        elif operand.__class__ is Batch:
            return False
    return is_traced


def _zero_tangent(operand: Any) -> Any:
    """Return the tangent of a constant: of its type for an array, a Python float for a number."""
    return np.zeros_like(value_of(operand)) if shape_of(operand) else 0.0
