"""compile: a function recorded once and run from then on as straight-line Python code."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterable, Sequence
from types import BuiltinFunctionType, FunctionType
from typing import Any, Literal

import numpy as np

from adviz.code.program import FAILED, LONGEST, OTHER_BRANCH, READABLE, Output, Program
from adviz.code.traced_sweeps import traced_adjoints
from adviz.core.arrays import shape_of, unshared
from adviz.core.derivatives import (
    check_argnums,
    gradient_of,
    parted,
    record_call,
    value_and_grad,
)
from adviz.core.elementals import plain
from adviz.core.inputs import input_number
from adviz.core.recording import record
from adviz.core.rows import Row
from adviz.core.tape import Tape
from adviz.core.trace import Trace
from adviz.core.variable import Variable
from adviz.host.arguments import argument_names, described, function_name
from adviz.host.errors import InputError
from adviz.host.hooks import anybody_listens
from adviz.host.nests import count_of, fields_of, leaves, mapped
from adviz.host.source import Source, describe
from adviz.rules.operands import gathered

__all__ = ["Compiled", "compile"]

Asked = Literal["value", "gradient", "both"]

_MOST = 32
"""Programs that are made before a function is taken to be another one at every call."""


def compile(  # noqa: A001 - as JAX, PyTorch and Python itself call it
    f: Callable[..., Any],
    *examples: Any,
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
) -> Compiled:
    """Return f as straight-line Python code, recorded once and run from then on.

    Floats and arrays of floats among the arguments are the inputs of that code; other arguments
    (ints, strings, arrays of ints) are part of it, and new ones make new code. So do other shapes
    and types, and a comparison that turns out differently: f is then recorded afresh there, and
    the code of each branch is kept.

    Whatever else f reads (a global, a variable of an enclosing function, a random number) is taken
    as it was when f was recorded, arrays as copies. What changes from call to call has to be an
    argument.

    Parameters
    ----------
    f : callable
    *examples
        Arguments to record it at now; where there are none it is recorded when it is first called.
    argnums : int or tuple of int
        The positional arguments that its gradient is taken with respect to; there an int is a
        float, as in :func:`grad`.
    has_aux : bool
        Whether f returns a pair (out, aux), of which only out is differentiated.

    Returns
    -------
    Compiled
        Called as f is; ``.grad`` and ``.value_and_grad`` are called as f is too. ``.source`` and
        ``.gradient_source`` show the code.

    Raises
    ------
    InputError, OutputError
        As :func:`trace` and :func:`grad`.

    Notes
    -----
    Results are those of f, and of :func:`grad`, to the last bit. Beyond 20,000 operations, and
    beyond 32 different pieces of code, f is traced at every call instead. A traced number among the
    arguments, inside another derivative, is passed to f itself.

    Examples
    --------
    >>> def f(x1, x2):
    ...     return x1 * x2 + x2 - np.log(x1)
    >>> fast = compile(f, 3.0, -4.0, argnums=(0, 1))
    >>> fast(2.0, 5.0), fast.grad(2.0, 5.0)
    (14.306852819440055, (4.5, 3.0))
    >>> fast
    <compiled f: 2 programs, 7 operations>
    >>> print(fast.gradient_source, end="")
    def f_gradient(x1, x2):
        x1_bar = x2 - (1.0 / x1)
        x2_bar = 1.0 + x1
        return (x1_bar, x2_bar)
    """
    return Compiled(f, examples, argnums, has_aux)


class Compiled:
    """A function as straight-line Python code: what :func:`compile` returns."""

    def __init__(
        self,
        f: Callable[..., Any],
        examples: tuple[Any, ...],
        argnums: int | tuple[int, ...],
        has_aux: bool,
    ) -> None:
        if not callable(f):
            raise InputError(
                f"A function is needed, not {described(f)}: {describe()}. Pass f itself, and then "
                "the examples: compile(f, 3.0)."
            )
        check_argnums(argnums)
        functools.update_wrapper(self, f, updated=())
        self._f = f
        self._argnums = argnums
        self._has_aux = has_aux
        self._examples = examples
        self._traced_gradient = value_and_grad(f, argnums, has_aux)
        # For what is asked at arguments of one kind: a program for each branch; None if too long.
        self._programs: dict[Hashable, list[Program] | None] = {}
        self._last: dict[Asked, Program] = {}
        if examples:
            self(*examples)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what f returns."""
        return self._run("value", args, kwargs)

    def grad(self, *args: Any, **kwargs: Any) -> Any:
        """Return the gradient, and aux beside it where there is one, as :func:`adviz.grad`."""
        return self._run("gradient", args, kwargs)

    def value_and_grad(self, *args: Any, **kwargs: Any) -> Any:
        """Return f and its gradient, as :func:`adviz.value_and_grad`."""
        return self._run("both", args, kwargs)

    @property
    def source(self) -> str:
        """The Python code that f ran as last."""
        return self._shown("value")

    @property
    def gradient_source(self) -> str:
        """The Python code that the gradient ran as last, or does at the examples."""
        return self._shown("gradient")

    def clear_cache(self) -> None:
        """Forget every program: f is recorded afresh, with what it reads beside its arguments."""
        self._programs.clear()
        self._last.clear()

    def __repr__(self) -> str:
        programs = [program for made in self._programs.values() for program in made or ()]
        operations = sum(program.operations for program in programs)
        return (
            f"<compiled {function_name(self._f)}: {count_of(len(programs), 'program')}, "
            f"{count_of(operations, 'operation')}>"
        )

    def _run(self, asked: Asked, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        numbers: list[Any] = []
        try:
            key = self._key(asked, args, kwargs, numbers)
        except _UnfitError:
            return self._by_f(asked, args, kwargs)
        programs = self._programs.get(key, [])
        if programs is None or not numbers or anybody_listens():
            return self._by_f(asked, args, kwargs)
        for k, program in enumerate(programs):
            result = program(*numbers)
            if result is not OTHER_BRANCH:
                if k:
                    programs.insert(0, programs.pop(k))
                self._last[asked] = program
                return self._by_trace(asked, args, kwargs, numbers) if result is FAILED else result
        if sum(len(made) for made in self._programs.values() if made) >= _MOST:
            return self._by_trace(asked, args, kwargs, numbers)
        made = self._program(asked, args, kwargs, numbers)
        self._programs[key] = None if made is None else [made, *programs]
        if made is None:
            return self._by_f(asked, args, kwargs)
        self._last[asked] = made
        result = made(*numbers)
        if result is OTHER_BRANCH or result is FAILED:
            return self._by_trace(asked, args, kwargs, numbers)
        return result

    def _by_f(self, asked: Asked, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return what is asked without any program."""
        if asked == "value":
            return self._f(*args, **kwargs)
        value, gradient = self._traced_gradient(*args, **kwargs)
        if asked == "both":
            return value, gradient
        return (gradient, value[1]) if self._has_aux else gradient

    def _by_trace(
        self, asked: Asked, args: tuple[Any, ...], kwargs: dict[str, Any], numbers: list[Any]
    ) -> Any:
        """Return what is asked where a program does not serve, in the numbers that it would give.

        It also says with the line of f what is wrong, where something is.
        """
        if asked != "value":
            return self._by_f(asked, args, kwargs)
        trace, template = self._recorded(asked, args, kwargs, numbers, _Adjoints())
        values, taken = trace.tape.values, {id(value) for value in trace.tape.values}
        return mapped(
            lambda leaf: (
                unshared(plain(values[leaf.slot]), taken) if leaf.__class__ is Output else leaf
            ),
            template,
        )

    def _key(
        self, asked: Asked, args: tuple[Any, ...], kwargs: dict[str, Any], numbers: list[Any]
    ) -> Hashable:
        """Return what two calls share that one program may serve; list the numbers given."""
        chosen = self._chosen(len(args))
        kinds = [_kind(arg, numbers, k in chosen) for k, arg in enumerate(args)]
        if not kwargs:
            return (asked, *kinds)
        return (asked, *kinds, *[(key, _kind(kwargs[key], numbers)) for key in kwargs])

    def _chosen(self, count: int) -> tuple[int, ...]:
        argnums = self._argnums
        if argnums == 0 and count:
            return (0,)
        argnums = (argnums,) if isinstance(argnums, int) else argnums
        return tuple([k % count for k in argnums]) if count else ()

    def _program(
        self, asked: Asked, args: tuple[Any, ...], kwargs: dict[str, Any], numbers: list[Any]
    ) -> Program | None:
        """Record what is asked and return its program; None where there can be none."""
        adjoints = _Adjoints()
        trace, template = self._recorded(asked, args, kwargs, numbers, adjoints)
        tape = trace.tape
        length = len(tape.values) if adjoints.first is None else adjoints.first
        if length > LONGEST or any(v.__class__ is Variable for v in tape.values):
            return None
        name = function_name(self._f) + _ENDINGS[asked]
        return Program(name, tape, template, *adjoints.explained(trace))

    def _recorded(
        self,
        asked: Asked,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        numbers: list[Any],
        adjoints: _Adjoints,
    ) -> tuple[Trace, Any]:
        """Return the trace of what is asked, and how its outputs are nested."""
        nested: list[Any] = []

        def computed(*given: Any) -> Any:
            out, aux = self._computed(asked, *self._with(args, kwargs, given), adjoints)
            aux = mapped(gathered, aux)
            beside = [leaf for _, leaf in leaves(aux) if leaf.__class__ is Variable]
            nested.extend((out, aux))
            return (out, beside) if beside else out

        computed.__name__ = function_name(self._f)
        trace = record(computed, tuple(numbers), self._input_names(args, kwargs))
        slots = iter(trace.output_slots)

        def placed(leaf: Any) -> Any:
            return Output(next(slots)) if leaf.__class__ is Variable else leaf

        out, aux = mapped(lambda _: Output(next(slots)), nested[0]), mapped(placed, nested[1])
        if self._has_aux:
            out = ((out[0], aux), out[1]) if asked == "both" else (out, aux)
        return trace, out

    def _computed(
        self, asked: Asked, args: list[Any], kwargs: dict[str, Any], adjoints: _Adjoints
    ) -> tuple[Any, Any]:
        """Return what is asked, and aux, computed in the way that is recorded."""
        if asked == "value":
            returned = self._f(*args, **kwargs)
            return parted(self._f, returned) if self._has_aux else (returned, None)
        with np.errstate(all="ignore"):
            trace, aux = record_call(self._f, self._argnums, tuple(args), kwargs, self._has_aux)
            value, bars = gradient_of(trace, adjoints.sweep)
        gradient = bars[0] if isinstance(self._argnums, int) else bars
        return gradient if asked == "gradient" else (value, gradient), aux

    def _with(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], numbers: Iterable[Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments with other numbers in the place of their own."""
        rest, chosen = iter(numbers), self._chosen(len(args))

        def replaced(tree: Any, is_float: bool) -> Any:
            return mapped(lambda leaf: next(rest) if _is_number(leaf, is_float) else leaf, tree)

        return (
            [replaced(arg, k in chosen) for k, arg in enumerate(args)],
            {key: replaced(value, False) for key, value in kwargs.items()},
        )

    def _input_names(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str]:
        chosen = self._chosen(len(args))
        given = [
            *zip(argument_names(self._f, args, kwargs), args, range(len(args)), strict=True),
            *((key, value, -1) for key, value in kwargs.items()),
        ]
        return [
            path
            for name, tree, k in given
            for path, leaf in leaves(tree, name)
            if _is_number(leaf, k in chosen)
        ]

    def _shown(self, asked: Asked) -> str:
        program = self._last.get(asked)
        if program is None and self._examples:
            self._run(asked, self._examples, {})
            program = self._last.get(asked)
        if program is None:
            raise InputError(
                f"There is no code yet of {function_name(self._f)}: {describe()}. Call it, or give "
                "compile an example of its arguments; arguments that are other than numbers, "
                "arrays, strings and nests of them have no code."
            )
        return program.source


class _Adjoints:
    """The return sweep while it is recorded: which of the rows are adjoints, and of what."""

    def __init__(self) -> None:
        self.of: dict[int, int] = {}  # by the slot of the adjoint
        self.first: int | None = None

    def sweep(self, tape: Tape, outputs: Sequence[int], seeds: list[Any]) -> list[Any]:
        """Sweep back as :func:`sweeps.adjoints` does, noting the adjoint of every row."""
        outer = next(value for value in tape.values if value.__class__ is Variable).tape
        self.first = len(outer.values)
        bars = traced_adjoints(tape, outputs, seeds)
        for bar, value in zip(reversed(bars), reversed(tape.values), strict=True):
            if bar.__class__ is Variable and value.__class__ is Variable:
                self.of.setdefault(bar.slot, value.slot)
        return bars

    def explained(self, trace: Trace) -> tuple[dict[int, str], dict[int, Source]]:
        """Return what the rows of a program are called and where the user wrote them."""
        tape = trace.tape
        names = dict(enumerate(tape.input_names))
        if len(tape.values) > READABLE:
            return names, {}
        first = len(tape.values) if self.first is None else self.first
        sources: dict[int, Source] = {}
        for slot in range(tape.input_count, first):
            row = Row(trace, slot)
            names[slot] = row.name or f"v{row.index}"
            if row.source is not None:
                sources[slot] = row.source
        for slot, primal in self.of.items():
            names.setdefault(slot, f"{names[primal]} bar")
        return names, sources


class _UnfitError(Exception):
    """An argument has no place in a program."""


_ENDINGS: dict[Asked, str] = {
    "value": "",
    "gradient": "_gradient",
    "both": "_value_and_gradient",
}

_FIXED = (int, bool, str, bytes, complex, type(None), np.integer, np.bool_, np.dtype, type)
"""What never changes, and so may be part of a program."""


_FLOATS = {float}


def _is_number(leaf: Any, is_float: bool) -> bool:
    """Return whether an argument is an input of a program."""
    if isinstance(leaf, np.ndarray):
        return bool(leaf.dtype.kind == "f")
    return isinstance(leaf, (float, np.floating)) or (is_float and leaf.__class__ is int)


def _static(value: Any) -> Hashable:
    """Return what is the same for equal values that never change: floats too."""
    numbers: list[Any] = []
    kind = _kind(value, numbers)
    if any(isinstance(number, np.ndarray) for number in numbers):
        raise _UnfitError
    return kind, *numbers


def _others(tree: Any, known: set[str]) -> list[tuple[str, Any]]:
    """Return what a dataclass holds beside the fields that are numbers."""
    names = {**tree.__dataclass_fields__, **getattr(tree, "__dict__", {})}
    return [(name, getattr(tree, name, None)) for name in names if name not in known]


def _kind(tree: Any, numbers: list[Any], is_float: bool = False) -> Hashable:
    """Return what an argument shares with those that one program serves; list its numbers."""
    kind = tree.__class__
    if kind is np.ndarray and tree.ndim and tree.dtype.kind == "f":
        # As ad.grad copies it: gaps in memory would change the last bit of a product.
        numbers.append(tree if tree.flags.forc else tree.copy("K"))
        return tree.dtype, tree.shape
    if kind is float:
        numbers.append(tree)
        return kind
    if kind is tuple or kind is list:
        if tree and tree[0].__class__ is float and set(map(type, tree)) == _FLOATS:
            numbers.extend(tree)
            return kind, float, len(tree)
        return (kind, *[_kind(branch, numbers, is_float) for branch in tree])
    if isinstance(tree, dict):
        return (kind, *[(key, _kind(tree[key], numbers, is_float)) for key in tree])
    if (fields := fields_of(tree)) is not None:
        rest = [(name, _static(value)) for name, value in _others(tree, set(fields))]
        return (kind, *[_kind(getattr(tree, name), numbers, is_float) for name in fields], *rest)
    if isinstance(tree, (tuple, list)):
        return (kind, *[_kind(branch, numbers, is_float) for branch in tree])
    if _is_number(tree, is_float):
        try:
            number = input_number(tree, "")
        except InputError:
            raise _UnfitError from None
        numbers.append(number)
        return number.__class__ if not shape_of(number) else (number.dtype, number.shape)
    if is_float:
        raise _UnfitError
    if kind is np.ndarray and tree.dtype.kind in "iub":
        return kind, tree.dtype, tree.shape, tree.tobytes()
    if isinstance(tree, _FIXED) or kind in (FunctionType, BuiltinFunctionType, np.ufunc):
        return kind, tree
    raise _UnfitError
