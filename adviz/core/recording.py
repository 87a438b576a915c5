"""Recording: calling a function on traced inputs, which gives its trace."""

from __future__ import annotations

import functools
from collections.abc import Callable
from sys import _getframe
from typing import Any, ParamSpec, TypeVar

import numpy as np

from adviz.core import plugs
from adviz.core.arrays import shape_of
from adviz.core.elementals import CONSTANT
from adviz.core.inputs import input_number, output_number
from adviz.core.rows import Row
from adviz.core.tape import Tape
from adviz.core.trace import Trace
from adviz.core.variable import Variable
from adviz.host.arguments import argument_names, defined_in, described, function_name
from adviz.host.errors import AdvizError, InputError, OutputError, UnsupportedOperationError
from adviz.host.hooks import anybody_listens, call, listening
from adviz.host.nests import leaves, nest_of_arrays, without_numbers
from adviz.host.source import describe

__all__ = ["record", "record_with_warnings", "without_warnings"]

Given = ParamSpec("Given")
Returned = TypeVar("Returned")


def without_warnings(function: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """Return a function that turns NumPy's warnings off while it runs.

    That takes a microsecond; a function that calls several of these can turn them off once instead.
    (``np.errstate`` as a decorator would put a line of NumPy's into users' tracebacks.)
    """

    @functools.wraps(function)
    def quiet(*args: Given.args, **options: Given.kwargs) -> Returned:
        __tracebackhide__ = True  # IPython then shows the user's lines only
        with np.errstate(all="ignore"):  # the trace itself shows where a NaN or infinity began
            return function(*args, **options)

    return quiet


def record_with_warnings(
    function: Callable[..., Any],
    inputs: tuple[Any, ...],
    names: list[str] | None = None,
    *,
    trace_class: type[Trace] = Trace,
    notes_places: bool = True,
    only_swept: bool = False,
) -> Trace:
    """Call a function on traced inputs and return the trace of the call.

    The caller turns NumPy's warnings off, as :func:`record` does.

    Parameters
    ----------
    function : callable
        Takes and returns numbers, or tuples, lists and dicts of them.
    inputs : tuple
        The arguments; ints become floats.
    names : list of str, optional
        The names of the arguments; by default those of the function's parameters.
    trace_class : type, optional
        The class of trace to make.
    notes_places : bool
        Whether to note the place in the user's code for each row, to be shown to a reader.
    only_swept : bool
        Whether nothing but a sweep will read the rows, which then need not be computed one by one.

    Raises
    ------
    InputError
        If the function does not take these arguments, or there is no input, or one is not a real
        number.
    OutputError
        If it returns something other than numbers.

    Examples
    --------
    >>> record(lambda x: x * x, (3,)).value
    9.0
    """
    __tracebackhide__ = True
    if not callable(function):
        raise InputError(
            f"A function is needed, not {described(function)}: {describe()}. Pass f itself, as in "
            "trace(f, 3)."
        )
    values: list[Any] = []
    paths: Callable[[], list[str]] | list[str]
    nest = None if notes_places else nest_of_arrays(inputs, values)
    if nest is not None:  # the usual case, only numbers and arrays: names are not needed
        paths = lambda: [path for path, _ in _leaves_of(function, inputs, names)]  # noqa: E731
    else:
        nest, flat = without_numbers(inputs), _leaves_of(function, inputs, names)
        paths = [path for path, _ in flat]
        values = [input_number(leaf, path) for path, leaf in flat]
    if not values:
        raise InputError(
            f"{function_name(function)} was given no number to begin with: {describe()}. A trace "
            "starts at its inputs: pass one for each, as in trace(f, 3)."
        )
    is_heard = anybody_listens()
    notes_places = notes_places or is_heard
    if plugs.repeats is not None and only_swept and not notes_places and any(map(shape_of, values)):
        tape, variables = plugs.repeats.begin(function, _getframe(), paths, values)
    else:
        tape = Tape(_getframe(), paths, values, notes_places)
        variables = [Variable(tape, slot) for slot in range(len(values))]
    trace = trace_class(function, tape, nest)
    again = functools.partial(
        record_with_warnings, function, inputs, names, trace_class=trace_class
    )
    try:
        plugs.arrays.begin(tape, function, inputs)
        if is_heard and listening("on_row"):
            tape.on_row = lambda slot: call("on_row", Row(trace, slot))
            for slot in range(len(values)):
                tape.on_row(slot)
        try:
            output = function(*trace.inputs_as(variables))
        except (Exception, plugs.RunAgainError) as error:
            called: Any = error.__traceback__
            if names is None and called.tb_next is None:  # it was not even entered
                argument_names(function, inputs)  # which says so if it takes others
            if plugs.arrays.came_too_late(tape, error):
                return again(notes_places=notes_places, only_swept=only_swept)
            meaning = plugs.advice.explained(error)
            if isinstance(error.__cause__, AdvizError) and not isinstance(error, AdvizError):
                # NumPy or SciPy raised an error of its own from ours
                raise error.__cause__.with_traceback(error.__traceback__) from None
            if meaning is None:
                raise
            raise meaning from error
        trace.finish(output, _output_slots(function, output, tape))
        if tape.array_notes is not None:
            try:
                plugs.arrays.check_views(tape, trace.output_slots)
            except UnsupportedOperationError as error:
                if notes_places and not plugs.arrays.came_too_late(tape, error):
                    raise
                return again()  # which notes the place, and raises
    finally:
        try:
            plugs.arrays.end(tape)
        finally:  # an interrupt may have come before it did anything
            plugs.arrays.end(tape)
            tape.close()
    return trace


record = without_warnings(record_with_warnings)


def _leaves_of(
    function: Callable[..., Any], inputs: tuple[Any, ...], names: list[str] | None
) -> list[tuple[str, Any]]:
    """Return the inputs, each with its name and where it is in the argument."""
    names = argument_names(function, inputs) if names is None else names
    return [pair for name, tree in zip(names, inputs, strict=True) for pair in leaves(tree, name)]


def _output_slots(function: Callable[..., Any], output: Any, tape: Tape) -> tuple[int, ...]:
    if output.__class__ is Variable and output.tape is tape:
        return (output.slot,)
    flat = [(path, plugs.arrays.gathered(leaf)) for path, leaf in leaves(output)]
    if not flat:
        hint = " Is a return statement missing?" if output is None else ""
        raise OutputError(
            f"{function_name(function)} returned {output!r}, which holds no number"
            f"{defined_in(function)}. Return a number, or a tuple, list or dict of numbers.{hint}"
        )
    return tuple(
        leaf.slot
        if leaf.__class__ is Variable and leaf.tape is tape
        else tape.add_constant(CONSTANT, output_number(leaf, path, function))
        for path, leaf in flat
    )
