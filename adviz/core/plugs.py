"""The sockets of the core: what it leaves to other rooms, and what it does without them.

The core alone records, sweeps and differentiates functions of single numbers. Four objects stand
for everything else, and the package fills them when it is imported (:mod:`adviz.plugged`). Without
that, ``arrays`` and ``advice`` refuse with a plain sentence; ``replays`` and ``repeats`` are None,
and the core goes on without them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, ClassVar, Protocol

from adviz.host.errors import AdvizError, ConversionError, UnsupportedOperationError
from adviz.host.source import describe

__all__ = [
    "Advice",
    "Arrays",
    "Repeats",
    "Replays",
    "RunAgainError",
    "advice",
    "arrays",
    "repeats",
    "replays",
]


class RunAgainError(BaseException):
    """Ends a recording that is to begin again.

    It is no Exception, so that the user's function does not catch it.
    """


class Arrays:
    """What the core leaves to a room that knows arrays, and NumPy's functions.

    This one knows no arrays: it refuses. :class:`adviz.rules.traced_arrays.TracedArrays` knows
    them.
    """

    under_way: ClassVar[dict[Any, tuple[Callable[..., Any], Any]]] = {}
    """The tapes of all recordings under way, each with the user's function and its inputs."""

    def begin(self, tape: Any, function: Callable[..., Any], inputs: Any = ()) -> None:
        """Begin the recording of a function on a tape."""
        self.under_way[tape] = function, inputs

    def end(self, tape: Any) -> None:
        """End a recording; to end it twice does no harm."""
        self.under_way.pop(tape, None)

    def came_too_late(self, tape: Any, error: BaseException) -> bool:
        """Return whether a recording that failed would not fail if it began again now."""
        return False

    def gathered(self, operand: Any) -> Any:
        """Return one traced array for a list of traced numbers, anything else as it is."""
        return operand

    def entry_by_entry(self, operands: Sequence[Any]) -> Sequence[Any] | None:
        """Return operands that NumPy is to take entry by entry; None where it is not."""
        return None

    def constant(self, tape: Any, operand: Any) -> Any:
        """Return an array or a complex number as a tape keeps it: a copy nobody can change."""
        raise _needs_arrays("An array", None)

    def attribute(self, number: Any, name: str, frame: FrameType) -> Any:
        """Return an attribute or a method of NumPy's arrays for a traced number."""
        raise AttributeError(f"A traced number has no attribute {name!r}: {describe(frame)}.")

    def apply_ufunc(
        self, number: Any, ufunc: Any, method: str, operands: Any, options: Any, frame: FrameType
    ) -> Any:
        """Apply a ufunc that is no elemental, or is called in another way than ``ufunc(x)``."""
        raise _needs_arrays(f"np.{ufunc.__name__}", frame)

    def apply_function(
        self, number: Any, function: Any, args: Any, options: Any, frame: FrameType
    ) -> Any:
        """Apply one of NumPy's functions, or an operator such as ``@``."""
        raise _needs_arrays(f"np.{function.__name__}", frame)

    def as_object_array(self, number: Any, dtype: Any, copy: Any, frame: FrameType) -> Any:
        """Return an array of Python objects, the traced numbers of an array."""
        raise _needs_arrays("An array of traced numbers", frame)

    def of_complex(self, elemental: Any, operands: Sequence[Any], frame: FrameType) -> Any:
        """Return an elemental with a kink of complex numbers, where it has no complex slope."""
        raise _needs_arrays("A complex number", frame)

    def check_holomorphic(self, trace: Any, seeds: list[Any], bars: list[Any]) -> None:
        """Refuse to call a function holomorphic that pulls i times seeds back to other adjoints."""
        raise _needs_arrays("A complex number", None)

    def check_truth(self, number: Any, frame: FrameType) -> None:
        """Refuse what has no truth value, as an array of several entries has none."""

    def copied(self, number: Any) -> Any:
        """Return a number itself; an array as one that is assigned into apart."""
        return number

    def set_item(self, number: Any, key: Any, value: Any, frame: FrameType) -> None:
        """Assign to an item or a slice of an array."""
        raise _needs_arrays("An assignment to an item", frame)

    def assign(self, number: Any, new: Any, frame: FrameType) -> Any:
        """Move an array to the row of what has been assigned to it."""
        raise _needs_arrays("An assignment into an array", frame)

    def note_view(self, operation: Any, operand: Any, view: Any) -> None:
        """Note that a row shows the entries of its operand, as a view does in NumPy."""

    def check_views(self, tape: Any, outputs: Sequence[int]) -> None:
        """Refuse the use of a view of an array that has been assigned to since."""

    def check_memory(self, tape: Any, inputs: Any) -> None:
        """Refuse a replay where rows depend on how the inputs lie in memory, and these do not."""

    def terms(self, tape: Any, slot: int, dots: list[Any]) -> list[tuple[int, Any, Any]]:
        """Return the terms of a row's tangent: see :func:`adviz.core.sweeps.terms`."""
        raise _needs_arrays("A sweep over arrays", None)

    def amounts(self, tape: Any, slot: int, bar: Any) -> list[tuple[int, Any, Any, Any]]:
        """Return what a row contributes: see :func:`adviz.core.sweeps.amounts`."""
        raise _needs_arrays("A sweep over arrays", None)

    def tangents(self, tape: Any, seeds: list[Any]) -> list[Any]:
        """Sweep forward over a tape that has arrays: see :func:`adviz.core.sweeps.tangents`."""
        raise _needs_arrays("A sweep over arrays", None)

    def adjoints(self, tape: Any, outputs: Sequence[int], seeds: list[Any]) -> list[Any]:
        """Sweep back over a tape that has arrays: see :func:`adviz.core.sweeps.adjoints`."""
        raise _needs_arrays("A sweep over arrays", None)


def _needs_arrays(what: str, frame: FrameType | None) -> UnsupportedOperationError:
    return UnsupportedOperationError(f"{what} is beyond the core alone: {describe(frame)}.")


class Advice:
    """The errors of traced numbers where they are used as something they are not.

    This one says where; :mod:`adviz.rules.advice` says what to write instead as well.
    """

    def no_rule(self, name: str, frame: FrameType) -> UnsupportedOperationError:
        """Return the error of an operation that has no derivative rule."""
        return UnsupportedOperationError(f"{name} does not trace: {describe(frame)}.")

    def conversion_error(self, to: str, frame: FrameType) -> ConversionError:
        """Return the error of a conversion to "float", "int", "index" or "complex"."""
        return ConversionError(f"A traced number was turned into a plain {to}: {describe(frame)}.")

    def explained(self, error: BaseException) -> AdvizError | None:
        """Return what a bare error of Python or NumPy means; None where that is not known."""
        return None


class Replays(Protocol):
    """Computes the rows of a trace that is replayed often, by generated code."""

    REPLAYS_BEFORE_CODE: int
    """Replays of a trace before its code is written, which takes as long as some ten of them."""

    def replayed(self, tape: Any) -> Callable[[list[Any]], list[Any] | None] | None:
        """Return what computes the rows of a tape from the values of its inputs.

        It returns None where its code does not hold at these inputs; None is returned in its place
        where no code can be written.
        """


class Repeats(Protocol):
    """Records and sweeps functions that are called again and again, in less time."""

    def begin(
        self, function: Any, root: FrameType, names: Any, values: list[Any]
    ) -> tuple[Any, list[Any]]:
        """Return a tape that only a sweep will look at, and the traced numbers of its inputs."""

    def tangents(
        self, tape: Any, outputs: Sequence[int], seeds: list[Any], wanted: Sequence[int]
    ) -> list[Any]:
        """Return the tangents of the outputs; the caller reads the values of ``wanted`` next."""

    def adjoints(
        self, tape: Any, outputs: Sequence[int], seeds: list[Any], wanted: Sequence[int]
    ) -> list[Any]:
        """Return the adjoints of the inputs; the caller reads the values of ``wanted`` next."""


arrays: Arrays = Arrays()
advice: Advice = Advice()
replays: Replays | None = None
repeats: Repeats | None = None
