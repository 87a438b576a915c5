"""Functions without a derivative: ``argmax``, ``floor``, ``shape``.

Their results are plain numbers; those that depend on traced numbers are recorded as decisions.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import _getframe
from typing import Any

import numpy as np

from adviz.core.variable import Variable, compare, value_of
from adviz.host.errors import OptionError
from adviz.host.nests import leaves, mapped
from adviz.rules.operands import gathered, kept
from adviz.rules.registry import needs_floats

__all__ = [
    "ABOUT_SHAPE",
    "NONDIFFERENTIABLE",
    "SHOWING",
    "STEP_FUNCTIONS",
    "DecisionCall",
    "as_decision",
]


class DecisionCall:
    """A call of a function whose result is not differentiable, such as ``argmax``.

    Attributes
    ----------
    function : callable
    args, options
        Its arguments, each traced one without its value.
    """

    __slots__ = ("args", "function", "options")

    def __init__(self, function: Callable[..., Any], args: Any, options: Any) -> None:
        self.function = function
        self.args = args
        self.options = options

    def __call__(self, *values: Any) -> Any:
        """Return the result for plain arrays."""
        rest = iter(values)
        args, options = mapped(
            lambda leaf: next(rest) if leaf.__class__ is Variable else leaf,
            (self.args, self.options),
        )
        return self.function(*args, **options)

    def __str__(self) -> str:
        return self.function.__name__


def as_decision(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose results are plain, and recorded as decisions."""

    def plain_result(*args: Any, **options: Any) -> Any:
        args, options = mapped(gathered, (args, options))
        operands = [leaf for _, leaf in leaves((args, options)) if leaf.__class__ is Variable]
        frozen = mapped(kept, (args, options))
        outcome = compare(DecisionCall(function, *frozen), operands, _getframe(1))
        out = args[2] if function in (np.round, np.around) and len(args) > 2 else options.get("out")
        if out is not None or any(outcome is value_of(operand) for operand in operands):
            raise OptionError("out= cannot write into it; give the result a name")
        return outcome

    return plain_result


def _plainly(function: Callable[..., Any], plain: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return a function called with plain arguments, which records no decision."""

    def plain_result(*args: Any, **options: Any) -> Any:
        return function(*mapped(plain, args), **mapped(plain, options))

    return plain_result


def _example_of(number: Any) -> Any:
    """Return a plain number or array of the shape and type of one."""
    while number.__class__ is Variable:
        number = number.example
    return number


STEP_FUNCTIONS: tuple[Callable[..., Any], ...] = (
    np.all, np.allclose, np.any, np.argmax, np.argmin, np.argpartition, np.argsort, np.argwhere,
    np.around, np.array_equal, np.array_equiv, np.ceil, np.count_nonzero, np.digitize, np.fix,
    np.flatnonzero, np.floor, np.floor_divide, np.isclose, np.iscomplex, np.isin, np.isneginf,
    np.isposinf, np.isreal, np.lexsort, np.nanargmax, np.nanargmin, np.nonzero, np.rint, np.round,
    np.searchsorted, np.signbit, np.trunc, np.logical_and, np.logical_not, np.logical_or,
    np.logical_xor, np.linalg.matrix_rank,
)  # fmt: skip
"""Functions whose result moves in steps: the derivative is 0 wherever there is one."""

ABOUT_SHAPE: tuple[Callable[..., Any], ...] = (
    np.can_cast, np.common_type, np.diag_indices_from, np.einsum_path, np.iscomplexobj,
    np.isrealobj, np.ndim, np.result_type, np.shape, np.size, np.tril_indices_from,
    np.triu_indices_from,
)  # fmt: skip
"""Functions of the shape or the type alone."""

SHOWING: tuple[Callable[..., Any], ...] = (
    np.array_repr, np.array_str, np.array2string, np.may_share_memory, np.min_scalar_type,
    np.shares_memory,
)  # fmt: skip
"""Functions that show an array, or compare its memory: no program computes with their results."""

_NEEDS_FLOATS: tuple[Callable[..., Any], ...] = (
    np.allclose, np.around, np.array_equal, np.digitize, np.fix, np.isclose, np.iscomplex,
    np.iscomplexobj, np.isneginf, np.isposinf, np.isreal, np.isrealobj, np.round,
)  # fmt: skip
"""Those among them that NumPy cannot compute, or not rightly, of an array of objects."""

NONDIFFERENTIABLE: dict[Callable[..., Any], Callable[..., Any]] = {
    **{function: as_decision(function) for function in STEP_FUNCTIONS},
    **{function: _plainly(function, _example_of) for function in ABOUT_SHAPE},
    **{function: _plainly(function, value_of) for function in SHOWING},
}

needs_floats({function: NONDIFFERENTIABLE[function] for function in _NEEDS_FLOATS})
