"""What a solver is given, with the traced numbers in it, those that its functions use too.

A solver is given functions, which use numbers that are traced: from ``args``, or as variables of
the function around them. These numbers are found, and a call of the same kind is made with other
numbers in their place. That may be long after the call: in a sweep, or when a trace is replayed. A
variable or an array may have changed meanwhile, so a copy of all of them is kept.
"""

from __future__ import annotations

import copy
import dis
import functools
from collections.abc import Callable, Iterator, Sequence
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

from adviz.core.variable import Variable
from adviz.host.arguments import function_name
from adviz.host.errors import UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.operands import gathered

__all__ = ["HandedIn", "hands_in_traced", "with_plain_results"]


class HandedIn:
    """The arguments of a call, in which other numbers can stand in place of the traced ones.

    They are looked for in tuples, lists, dicts and arrays; in functions, among the variables of the
    functions around them, their defaults, and the arguments of ``functools.partial``; and in the
    attributes of an object whose method is called.

    Parameters
    ----------
    arguments
        A nest of arguments.

    Attributes
    ----------
    numbers : list of Variable
        The traced numbers, each of them once.

    Examples
    --------
    >>> import adviz as ad
    >>> def f(x):
    ...     line = HandedIn(lambda y: 10 * x + y)
    ...     print(line.with_numbers([2.0])(0.0))
    ...     return x
    >>> ad.grad(f)(3.0)
    20.0
    1.0
    """

    def __init__(self, arguments: Any) -> None:
        places: dict[tuple[Any, int], _Hole] = {}
        self.numbers: list[Variable] = []
        for number in _found(arguments, Variable, set()):
            if (number.tape, number.slot) not in places:
                places[number.tape, number.slot] = _Hole(len(self.numbers))
                self.numbers.append(Variable(number.tape, number.slot))
        holes = _Replacement(Variable, lambda number: places[number.tape, number.slot])
        self._as_given: Any = holes.of(arguments)
        self._kept = _Replacement(_Hole, lambda hole: hole, keeps=True).of(self._as_given)

    def with_numbers(self, numbers: Sequence[Any]) -> Any:
        """Return the arguments as they were, with these numbers in place of the traced ones."""
        return _Replacement(_Hole, lambda hole: numbers[hole.number]).of(self._kept)

    def first(self, numbers: Sequence[Any]) -> Any:
        """Return the same for the call itself, which may change what its functions use.

        Functions that count or keep their calls do so once, where the user sees it.
        """
        if self._as_given is None:
            return self.with_numbers(numbers)
        arguments, self._as_given = self._as_given, None
        return _Replacement(_Hole, lambda hole: numbers[hole.number]).of(arguments)


def hands_in_traced(argument: Any) -> bool:
    """Return whether an argument holds traced numbers, or is a function that uses some.

    Examples
    --------
    >>> import adviz as ad
    >>> ad.grad(lambda x: x * hands_in_traced(lambda y: x * y))(2.0)
    1.0
    """
    return next(_found(argument, Variable, set()), None) is not None


def with_plain_results(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return a function that refuses to return a traced number to a solver that needs plain ones.

    Raises
    ------
    UnsupportedOperationError
    """

    @functools.wraps(function)
    def checked(*args: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        result = function(*args, **options)
        if any(
            part.__class__ is Variable
            for part in (result if isinstance(result, (tuple, list)) else (gathered(result),))
        ):
            raise UnsupportedOperationError(
                f"{function_name(function)} returned a traced number to {name}, which was found "
                f"neither among its arguments nor among the variables around it: {describe()}. "
                "Pass it in args=."
            )
        return result

    return checked


class _Hole:
    """Stands where a traced number was."""

    def __init__(self, number: int) -> None:
        self.number = number


def _found(part: Any, kind: type, seen: set[int]) -> Iterator[Any]:
    """Yield everything of this kind in a nest."""
    if part.__class__ is kind:
        yield part
    elif id(part) not in seen:
        seen.add(id(part))
        for inner in _parts(part):
            yield from _found(inner, kind, seen)


def _parts(part: Any) -> list[Any]:
    """Return what an argument is made of, as far as that may hold traced numbers."""
    if isinstance(part, (tuple, list)):
        return list(part)
    if isinstance(part, dict):
        return list(part.values())
    if part.__class__ is np.ndarray:
        return list(part.flat) if part.dtype.hasobject else []
    if part.__class__ is FunctionType:
        cells = [cell.cell_contents for cell in part.__closure__ or () if _is_full(cell)]
        return [*cells, part.__defaults__, part.__kwdefaults__]
    if isinstance(part, functools.partial):
        return [part.func, part.args, part.keywords]
    if part.__class__ is MethodType:
        return [part.__func__, part.__self__]
    if _is_users_object(part):
        return [value for value in vars(part).values() if not _is_users_object(value)]
    return []


def _is_full(cell: CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _is_users_object(part: Any) -> bool:
    """Return whether it is an object of a class in Python whose attributes are plainly there."""
    kind = part.__class__
    return (
        getattr(part, "__dict__", None).__class__ is dict
        and kind.__flags__ & 1 << 9 != 0  # made by a class statement
        and not isinstance(part, type)
        and not kind.__module__.startswith(("adviz", "numpy", "scipy"))
    )


class _Replacement:
    """Makes a nest with other things in place of those of one kind.

    Parameters
    ----------
    kind : type
    replace : callable
    keeps : bool
        Whether to copy all that may change later; what holds nothing of this kind is otherwise
        handed on as it is.
    """

    def __init__(self, kind: type, replace: Callable[[Any], Any], keeps: bool = False) -> None:
        self._kind = kind
        self._replace = replace
        self._keeps = keeps
        self._made: dict[int, Any] = {}

    def of(self, part: Any) -> Any:
        """Return a part with other things in it."""
        if part.__class__ is self._kind:
            return self._replace(part)
        if id(part) not in self._made:
            self._made[id(part)] = part if self._is_left(part) else self._of_nest(part)
        return self._made[id(part)]

    def _of_nest(self, part: Any) -> Any:
        if isinstance(part, (tuple, list)):
            make: Any = getattr(part, "_make", part.__class__)  # that of a named tuple
            return make(map(self.of, part))
        if isinstance(part, dict):
            return {key: self.of(branch) for key, branch in part.items()}
        if part.__class__ is np.ndarray:
            return self._of_array(part)
        if part.__class__ is FunctionType:
            return self._of_function(part)
        if isinstance(part, functools.partial):
            function, args, options = map(self.of, (part.func, part.args, part.keywords))
            return functools.partial(function, *args, **options)
        if part.__class__ is MethodType:
            return MethodType(self.of(part.__func__), self.of(part.__self__))
        return self._of_object(part) if _is_users_object(part) else part

    def _of_array(self, array: Any) -> Any:
        if not array.dtype.hasobject:
            return array.copy("K")
        entries = np.empty(array.shape, dtype=object)
        for index in np.ndindex(array.shape):
            entries[index] = self.of(array[index])
        return gathered(entries)

    def _of_function(self, function: FunctionType) -> FunctionType:
        """Return a function whose variables from around it are others."""
        cells = function.__closure__ or ()
        written = _written_in(function.__code__)
        new_cells = tuple(
            cell
            if name in written or not _is_full(cell) or self._is_left(cell.cell_contents)
            else CellType()
            for name, cell in zip(function.__code__.co_freevars, cells, strict=True)
        )
        new = FunctionType(
            function.__code__, function.__globals__, function.__name__, closure=new_cells
        )
        self._made[id(function)] = new  # first: a function may be a variable of its own
        new.__defaults__ = self.of(function.__defaults__)
        new.__kwdefaults__ = self.of(function.__kwdefaults__)
        new.__dict__.update(function.__dict__)
        new.__qualname__ = function.__qualname__
        for cell, new_cell in zip(cells, new_cells, strict=True):
            if new_cell is not cell:
                new_cell.cell_contents = self.of(cell.cell_contents)
        return new

    def _is_left(self, part: Any) -> bool:
        return not self._keeps and not any(True for _ in _found(part, self._kind, set()))

    def _of_object(self, part: Any) -> Any:
        try:
            new = copy.copy(part)
        except Exception:  # noqa: BLE001 - it cannot be copied, so it is shared
            new = part
        self._made[id(part)] = new
        if new is not part:
            for name, value in vars(part).items():
                if not _is_users_object(value):
                    vars(new)[name] = self.of(value)
        return new


def _written_in(code: CodeType) -> set[str]:
    """Return the variables from around a function that it assigns to, as a counter does."""
    written = {
        step.argval for step in dis.get_instructions(code) if step.opname == "STORE_DEREF"
    }.intersection(code.co_freevars)
    for constant in code.co_consts:
        if constant.__class__ is CodeType:
            written |= _written_in(constant).intersection(code.co_freevars)
    return written
