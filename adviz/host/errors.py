"""The errors that users see. Each says what was wrong, where, and what to write instead."""

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
    "FileError",
    "FormulaError",
    "GraphError",
    "InputError",
    "LeakedVariableError",
    "MissingAttributeError",
    "MissingPackageError",
    "OptionError",
    "OutputError",
    "SolverError",
    "TrainingError",
    "UnsupportedOperationError",
]


# IPython runs the user's cells; its frames do not help the user.
_SHELL = "IPython"


def _frames(traceback: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while traceback is not None:
        yield traceback.tb_frame, traceback.tb_lasti
        traceback = traceback.tb_next


class AdvizError(Exception):
    """The base of every error that adviz raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the user's lines and the message, no line of adviz."""
        lines = [
            str(locate(frame.f_code, lasti))
            for frame, lasti in _frames(self.__traceback__)
            if not is_internal(frame) and _SHELL not in frame.f_code.co_filename
        ]
        lines = [line for line in lines if "run_cell_magic" not in line]
        return [*lines, f"{type(self).__name__}: {self}"]


class InputError(AdvizError, TypeError):
    """An input, a seed or an argument cannot be used in this call."""


class OutputError(AdvizError, TypeError):
    """The function returned something that has no derivative."""


class ConversionError(AdvizError, TypeError):
    """A traced number would be converted to a plain one, which would lose the derivative."""


class UnsupportedOperationError(AdvizError, TypeError):
    """An operation on a traced number has no row in the table of elementals, and no rule."""


class MissingAttributeError(AdvizError, AttributeError):
    """A traced array does not have this attribute of plain arrays."""


class OptionError(UnsupportedOperationError):
    """An option of a NumPy function has a value that its rule does not know."""


class ElementalError(AdvizError, ValueError):
    """A row for the table of elementals is malformed."""


class LeakedVariableError(AdvizError, RuntimeError):
    """A traced number was used after the call that recorded it had ended."""


class MissingPackageError(AdvizError, ImportError):
    """A package that this call needs is not installed."""


class BranchChangedError(AdvizError, ValueError):
    """A decision turns out differently when a trace is replayed at new inputs.

    Attributes
    ----------
    decision : adviz.core.trace.Decision or None
        The recorded comparison; None where an input lies in memory in another order.
    """

    def __init__(self, message: str, decision: object) -> None:
        super().__init__(message)
        self.decision = decision

    def __reduce__(self) -> tuple[type, tuple[str, object]]:
        return type(self), (str(self), self.decision)


class SolverError(AdvizError, RuntimeError):
    """A solver found no solution, or the solution that it found has no derivative."""


class DerivativeError(AdvizError, AssertionError):
    """A derivative disagrees with difference quotients."""


class GraphError(AdvizError, RuntimeError):
    """A graph cannot be drawn: too many rows, or no layout engine."""


class DocumentError(AdvizError, ValueError):
    """A trace cannot be written as a trace document, such as one that is too large."""


class FileError(AdvizError, OSError):
    """A file cannot be written."""


class FormulaError(AdvizError, ValueError):
    """A formula is too large to be written out, or computer algebra cannot compute with it."""


class TrainingError(AdvizError, ArithmeticError):
    """A loss or a gradient became infinite or NaN in training."""
