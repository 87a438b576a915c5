"""The errors a user meets, each saying what was wrong, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator
from types import FrameType, TracebackType

from adviz.host.source import is_internal, locate

__all__ = [
    "AdvizError",
    "BranchChangedError",
    "ConversionError",
    "DerivativeError",
    "DocumentError",
    "ElementalError",
    "FormulaError",
    "GraphError",
    "InputError",
    "LeakedVariableError",
    "MissingAttributeError",
    "MissingPackageError",
    "OptionError",
    "OutputError",
    "TrainingError",
    "UnsupportedOperationError",
]


# IPython runs the user's cells, and is none of the user's business.
_SHELL = "IPython"


def _frames(traceback: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while traceback is not None:
        yield traceback.tb_frame, traceback.tb_lasti
        traceback = traceback.tb_next


class AdvizError(Exception):
    """The base of every error that adviz raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the user's own lines and the message, none of adviz's."""
        lines = [
            str(locate(frame.f_code, lasti))
            for frame, lasti in _frames(self.__traceback__)
            if not is_internal(frame) and _SHELL not in frame.f_code.co_filename
        ]
        lines = [line for line in lines if "run_cell_magic" not in line]
        return [*lines, f"{type(self).__name__}: {self}"]


class InputError(AdvizError, TypeError):
    """An input, a seed or an argument is not what the call can use."""


class OutputError(AdvizError, TypeError):
    """The function returned something that has no derivative."""


class ConversionError(AdvizError, TypeError):
    """Something asked a traced number for a plain one, which would lose the derivative."""


class UnsupportedOperationError(AdvizError, TypeError):
    """An operation met a traced number and has no row in the table of elementals."""


class MissingAttributeError(AdvizError, AttributeError):
    """A traced array was asked for an attribute of plain ones that it does not have."""


class OptionError(UnsupportedOperationError):
    """An option of a NumPy function has a value that its rule does not know."""


class ElementalError(AdvizError, ValueError):
    """A row for the table of elementals is not well formed."""


class LeakedVariableError(AdvizError, RuntimeError):
    """A traced number was used after the call that recorded it had ended."""


class MissingPackageError(AdvizError, ImportError):
    """A package that only this call needs is not installed."""


class BranchChangedError(AdvizError, ValueError):
    """A replay met a decision that turns out differently at the new inputs.

    Attributes
    ----------
    decision : adviz.core.trace.Decision
        The comparison as it was recorded.
    """

    def __init__(self, message: str, decision: object) -> None:
        super().__init__(message)
        self.decision = decision


class DerivativeError(AdvizError, AssertionError):
    """A derivative is not what difference quotients say."""


class GraphError(AdvizError, RuntimeError):
    """A graph cannot be drawn: too many rows, or no layout engine."""


class DocumentError(AdvizError, ValueError):
    """A trace is too large, or not of the kind, to be written as a trace document."""


class FormulaError(AdvizError, ValueError):
    """A formula is too large to be written out, or computer algebra cannot do what is asked."""


class TrainingError(AdvizError, ArithmeticError):
    """A training came to a loss or a gradient that is not finite."""
