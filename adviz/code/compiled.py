"""ad.compile: a function that is recorded once and then runs as straight-line Python code."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Literal

import numpy as np

from adviz.code.argument_signatures import NoSignatureError, argument_signature, is_input
from adviz.code.program import FAILED, MAX_ROWS, OTHER_BRANCH, Output, Program
from adviz.code.traced_return_sweep import traced_adjoints
from adviz.core.arrays import unshared
from adviz.core.derivatives import gradient_of, parted, record_call, value_and_grad
from adviz.core.elementals import plain
from adviz.core.recording import record
from adviz.core.rows import Row
from adviz.core.tape import Tape
from adviz.core.trace import Trace
from adviz.core.variable import Variable
from adviz.host.arguments import (
    argument_names,
    check_argnums,
    chosen_arguments,
    described,
    function_name,
)
from adviz.host.derived_functions import reduced
from adviz.host.errors import InputError
from adviz.host.hooks import anybody_listens
from adviz.host.nests import count_of, leaves, mapped, too_deep
from adviz.host.source import Source, describe
from adviz.rules.operands import gathered

__all__ = ["Compiled", "compile"]

Quantity = Literal["value", "gradient", "both"]

_MAX_PROGRAMS = 32
"""Programs of a function: one that needs more seems to do something else at every call."""

_MAX_READABLE = 400
"""Rows of a trace up to which its program has names and source lines of the user's function."""


def compile(  # noqa: A001 - as JAX, PyTorch and Python itself call it
    f: Callable[..., Any],
    *examples: Any,
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Compiled:
    """Return f as straight-line Python code, recorded once and run from then on.

    Floats, complex numbers and arrays of them are the inputs of that code; other arguments
    (ints, strings, arrays of ints) are part of it, and new ones make new code. So do other shapes
    and types, and a comparison that turns out differently: f is then recorded again, and the code
    of each branch is kept.

    Whatever else f reads (a global, a variable of an enclosing function, a random number) keeps
    the value that it had when f was recorded. What changes from call to call has to be an argument.

    Parameters
    ----------
    f : callable
    *examples
        Arguments to record f at now; without them it is recorded at the first call.
    argnums : int or tuple of int
        The positional arguments to differentiate with respect to; ints among them are treated as
        floats, as in :func:`grad`.
    has_aux : bool
        Whether f returns a pair (out, aux), of which only out is differentiated.
    holomorphic : bool
        Whether f returns a complex number, as for :func:`grad`; that it is holomorphic is checked
        when it is recorded.

    Returns
    -------
    Compiled
        Called like f, and so are its methods ``.grad`` and ``.value_and_grad``. ``.source`` and
        ``.gradient_source`` show the code.

    Raises
    ------
    InputError, OutputError
        As :func:`trace` and :func:`grad`.

    Notes
    -----
    Results are those of f, and of :func:`grad`, to the last bit. Beyond 20,000 operations, and
    beyond 32 different pieces of code, f is traced at every call instead. Inside another
    derivative, where there are traced numbers among the arguments, f itself is called.

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
    return Compiled(f, examples, argnums, has_aux, holomorphic)


class Compiled:
    """A function as straight-line Python code: what :func:`compile` returns."""

    def __init__(
        self,
        f: Callable[..., Any],
        examples: tuple[Any, ...],
        argnums: int | tuple[int, ...],
        has_aux: bool,
        holomorphic: bool,
    ) -> None:
        if not callable(f):
            raise InputError(
                f"A function is needed, not {described(f)}: {describe()}. Pass f itself, and then "
                "the examples: compile(f, 3.0)."
            )
        check_argnums(argnums, has_aux)
        functools.update_wrapper(self, f, updated=())
        self._f = f
        self._argnums = argnums if isinstance(argnums, tuple) else int(argnums)
        self._chosen: dict[int, tuple[int, ...]] = {}  # by the number of positional arguments
        self._has_aux = has_aux
        self._holomorphic = holomorphic
        self._examples = examples
        self._traced_gradient = value_and_grad(f, argnums, has_aux, holomorphic)
        # By quantity and signature of the arguments: a program for each branch; None if too long.
        self._programs: dict[Hashable, list[Program] | None] = {}
        self._last: dict[Quantity, Program] = {}
        if examples:
            self(*examples)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what f returns."""
        return self._run("value", args, kwargs)

    def __reduce__(self) -> Any:
        given = (self._f, self._examples, self._argnums, self._has_aux, self._holomorphic)
        return reduced(self, Compiled, given)

    def grad(self, *args: Any, **kwargs: Any) -> Any:
        """Return the gradient, and aux beside it where there is one, as :func:`adviz.grad`."""
        return self._run("gradient", args, kwargs)

    def value_and_grad(self, *args: Any, **kwargs: Any) -> Any:
        """Return f and its gradient, as :func:`adviz.value_and_grad`."""
        return self._run("both", args, kwargs)

    @property
    def source(self) -> str:
        """The Python code that f ran as last."""
        return self._source_of("value")

    @property
    def gradient_source(self) -> str:
        """The Python code that the gradient ran as last, or does at the examples."""
        return self._source_of("gradient")

    def clear_cache(self) -> None:
        """Forget all programs: f is recorded again, with what it reads beside its arguments."""
        self._programs.clear()
        self._last.clear()

    def __repr__(self) -> str:
        programs = [program for some in self._programs.values() for program in some or ()]
        operations = sum(program.operations for program in programs)
        return (
            f"<compiled {function_name(self._f)}: {count_of(len(programs), 'program')}, "
            f"{count_of(operations, 'operation')}>"
        )

    def _run(self, quantity: Quantity, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        numbers: list[Any] = []
        try:
            key = self._key(quantity, args, kwargs, numbers)
        except NoSignatureError:
            return self._without_program(quantity, args, kwargs)
        programs = self._programs.get(key, [])
        if programs is None or not numbers or anybody_listens():
            return self._without_program(quantity, args, kwargs)
        for k, program in enumerate(programs):
            result = program(*numbers)
            if result is not OTHER_BRANCH:
                if k:
                    programs.insert(0, programs.pop(k))
                self._last[quantity] = program
                if result is FAILED:
                    return self._from_new_trace(quantity, args, kwargs)
                return result
        if sum(len(some) for some in self._programs.values() if some) >= _MAX_PROGRAMS:
            return self._from_new_trace(quantity, args, kwargs)
        new = self._program(quantity, args, kwargs)
        self._programs[key] = None if new is None else [new, *programs]
        if new is None:
            return self._without_program(quantity, args, kwargs)
        self._last[quantity] = new
        result = new(*numbers)
        if result is OTHER_BRANCH or result is FAILED:
            return self._from_new_trace(quantity, args, kwargs)
        return result

    def _without_program(
        self, quantity: Quantity, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Compute the quantity by calling and tracing f."""
        if quantity == "value":
            return self._f(*args, **kwargs)
        value, gradient = self._traced_gradient(*args, **kwargs)
        if quantity == "both":
            return value, gradient
        return (gradient, value[1]) if self._has_aux else gradient

    def _from_new_trace(
        self, quantity: Quantity, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Compute the quantity from a new trace, as a program would.

        An error then has the line of f that is wrong.
        """
        if quantity != "value":
            return self._without_program(quantity, args, kwargs)
        trace, template = self._recorded(quantity, args, kwargs, _RecordedSweep())
        values, on_tape = trace.tape.values, {id(value) for value in trace.tape.values}
        return mapped(
            lambda leaf: (
                unshared(plain(values[leaf.slot]), on_tape) if leaf.__class__ is Output else leaf
            ),
            template,
        )

    def _key(
        self, quantity: Quantity, args: tuple[Any, ...], kwargs: dict[str, Any], numbers: list[Any]
    ) -> Hashable:
        """Return a key that calls share if they can use the same programs; list their inputs."""
        positions = self._positions(len(args))
        try:
            signatures = [
                argument_signature(arg, numbers, k in positions) for k, arg in enumerate(args)
            ]
        except RecursionError:
            raise too_deep() from None
        if not kwargs:
            return (quantity, *signatures)
        options = [(key, argument_signature(kwargs[key], numbers)) for key in kwargs]
        return (quantity, *signatures, *options)

    def _positions(self, count: int) -> tuple[int, ...]:
        argnums = self._argnums
        if argnums == 0 and count:
            return (0,)
        if argnums == () or not count:
            return ()
        if count not in self._chosen:
            self._chosen[count] = chosen_arguments(self._f, argnums, count)
        return self._chosen[count]

    def _program(
        self, quantity: Quantity, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Program | None:
        """Record the quantity and return its program; None where there can be none."""
        sweep = _RecordedSweep()
        trace, template = self._recorded(quantity, args, kwargs, sweep)
        tape = trace.tape
        length = len(tape.values) if sweep.start is None else sweep.start
        if length > MAX_ROWS or any(v.__class__ is Variable for v in tape.values):
            return None
        name = function_name(self._f) + _SUFFIXES[quantity]
        return Program(name, tape, template, *sweep.names_and_sources(trace))

    def _recorded(
        self,
        quantity: Quantity,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        sweep: _RecordedSweep,
    ) -> tuple[Trace, Any]:
        """Return the trace of the quantity, and a template of its result."""
        nested: list[Any] = []

        def computed(*given: Any) -> Any:
            out, aux = self._computed(quantity, *self._with_inputs(args, kwargs, given), sweep)
            aux = mapped(gathered, aux)
            beside = [leaf for _, leaf in leaves(aux) if leaf.__class__ is Variable]
            nested.extend((out, aux))
            return (out, beside) if beside else out

        computed.__name__, computed.__wrapped__ = function_name(self._f), self._f  # type: ignore[attr-defined]
        names, inputs = zip(*self._inputs(args, kwargs), strict=True)
        trace = record(computed, inputs, list(names))
        slots = iter(trace.output_slots)

        def placed(leaf: Any) -> Any:
            return Output(next(slots)) if leaf.__class__ is Variable else leaf

        out, aux = mapped(lambda _: Output(next(slots)), nested[0]), mapped(placed, nested[1])
        if self._has_aux:
            out = ((out[0], aux), out[1]) if quantity == "both" else (out, aux)
        return trace, out

    def _computed(
        self, quantity: Quantity, args: list[Any], kwargs: dict[str, Any], sweep: _RecordedSweep
    ) -> tuple[Any, Any]:
        """Compute the quantity, and aux, by what is to be recorded."""
        if quantity == "value":
            returned = self._f(*args, **kwargs)
            return parted(self._f, returned) if self._has_aux else (returned, None)
        with np.errstate(all="ignore"):
            trace, aux = record_call(self._f, self._argnums, tuple(args), kwargs, self._has_aux)
            value, bars = gradient_of(trace, sweep.adjoints, holomorphic=self._holomorphic)
        gradient = bars if isinstance(self._argnums, tuple) else bars[0]
        return gradient if quantity == "gradient" else (value, gradient), aux

    def _with_inputs(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], numbers: Iterable[Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments with these numbers as their inputs."""
        rest, positions = iter(numbers), self._positions(len(args))

        def replaced(tree: Any, is_float: bool) -> Any:
            return mapped(lambda leaf: next(rest) if is_input(leaf, is_float) else leaf, tree)

        return (
            [replaced(arg, k in positions) for k, arg in enumerate(args)],
            {key: replaced(value, False) for key, value in kwargs.items()},
        )

    def _inputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[tuple[str, Any]]:
        """Return the inputs as they were given, each with its name."""
        positions = self._positions(len(args))
        given = [
            *zip(argument_names(self._f, args, kwargs), args, range(len(args)), strict=True),
            *((key, value, -1) for key, value in kwargs.items()),
        ]
        return [
            (path, leaf)
            for name, tree, k in given
            for path, leaf in leaves(tree, name)
            if is_input(leaf, k in positions)
        ]

    def _source_of(self, quantity: Quantity) -> str:
        program = self._last.get(quantity)
        if program is None and self._examples:
            self._run(quantity, self._examples, {})
            program = self._last.get(quantity)
        if program is None:
            raise InputError(
                f"There is no code yet of {function_name(self._f)}: {describe()}. Call it, or give "
                "compile an example of its arguments; arguments that are other than numbers, "
                "arrays, strings and nests of them have no code."
            )
        return program.source


class _RecordedSweep:
    """A return sweep that is recorded, and the rows of the trace that are adjoints."""

    def __init__(self) -> None:
        self.primals: dict[int, int] = {}  # the slot of a primal by that of its adjoint
        self.start: int | None = None  # the first slot of the sweep

    def adjoints(self, tape: Tape, outputs: Sequence[int], seeds: list[Any]) -> list[Any]:
        """Sweep back as :func:`sweeps.adjoints` does, and note the adjoint of every row."""
        outer = next(value for value in tape.values if value.__class__ is Variable).tape
        self.start = len(outer.values)
        bars = traced_adjoints(tape, outputs, seeds)
        for bar, value in zip(reversed(bars), reversed(tape.values), strict=True):
            if bar.__class__ is Variable and value.__class__ is Variable:
                self.primals.setdefault(bar.slot, value.slot)
        return bars

    def names_and_sources(self, trace: Trace) -> tuple[dict[int, str], dict[int, Source]]:
        """Return names for the rows of a program, and their places in the user's code."""
        tape = trace.tape
        names = dict(enumerate(tape.input_names))
        if len(tape.values) > _MAX_READABLE:
            return names, {}
        stop = len(tape.values) if self.start is None else self.start
        sources: dict[int, Source] = {}
        for slot in range(tape.input_count, stop):
            row = Row(trace, slot)
            names[slot] = row.name or f"v{row.index}"
            if row.source is not None:
                sources[slot] = row.source
        for slot, primal in self.primals.items():
            names.setdefault(slot, f"{names[primal]} bar")
        return names, sources


_SUFFIXES: dict[Quantity, str] = {
    "value": "",
    "gradient": "_gradient",
    "both": "_value_and_gradient",
}
