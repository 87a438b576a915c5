"""Operations whose rules are code of the user's: each call is one row of a trace."""

from __future__ import annotations

from collections.abc import Sequence
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core.variable import Variable
from adviz.host.arguments import function_name
from adviz.host.errors import UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.rule import Operation

__all__ = ["UserOperation", "no_push", "read_only"]


def no_push(*_: Any) -> Any:
    """Replace the push of a rule whose operations push themselves, and need not be linear."""
    raise NotImplementedError


class UserOperation(Operation):
    """An operation that runs the user's code, and is pulled back to all operands together."""

    __slots__ = ()

    def __call__(self, *operands: Any) -> Any:
        """Apply it; refuse code that used a traced number which is no operand.

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
        self, positions: list[int], bar: Any, operands: Sequence[Any], value: Any
    ) -> list[Any]:
        """Return what the adjoint of the result contributes to the operands at these positions."""
        raise NotImplementedError


def read_only(operand: Any) -> Any:
    """Return a read-only view of an array, as that belongs to the tape."""
    if operand.__class__ is not np.ndarray:
        return operand
    view = operand.view()
    view.flags.writeable = False
    return view
