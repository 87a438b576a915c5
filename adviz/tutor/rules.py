"""Rules made of rules: a number, a cell's number, a function of some, a sum of some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from adviz.core.rows import Row
from adviz.tutor.cells import Rule

__all__ = ["applied", "constant", "operands_of", "reading", "total"]


def constant(number: float) -> Rule:
    """Return the rule that gives one number."""
    return lambda numbers: number


def reading(place: int) -> Rule:
    """Return the rule that gives the number of a cell."""
    return lambda numbers: numbers[place]


def applied(function: Callable[..., Any], rules: Sequence[Rule]) -> Rule:
    """Return the rule that gives a function of what rules give."""
    return lambda numbers: function(*(rule(numbers) for rule in rules))


def total(rules: Sequence[Rule]) -> Rule:
    """Return the rule that adds up what rules give; 0 of none.

    Examples
    --------
    >>> total([reading(0), reading(2), constant(0.5)])([1.0, 2.0, 3.0])
    4.5
    """

    def added(numbers: Sequence[Any]) -> Any:
        result = rules[0](numbers) if rules else 0.0
        for rule in rules[1:]:
            result = result + rule(numbers)
        return result

    return added


def operands_of(row: Row) -> tuple[Rule, ...]:
    """Return the rules that give the operands of a row, whose values are the first cells."""
    return tuple(
        reading(operand.slot) if isinstance(operand, Row) else constant(float(operand))
        for operand in row.operands
    )
