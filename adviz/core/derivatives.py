"""Derivatives of functions: jvp, vjp, grad, value_and_grad.

Each records the function once and sweeps over its trace. Nested calls differentiate the sweeps
themselves, so any order works; every call writes its own tape, which keeps the perturbations of
nested calls apart.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from adviz.core import plugs, sweeps
from adviz.core.arrays import is_complex, owned, shape_of
from adviz.core.elementals import plain
from adviz.core.recording import record_with_warnings, without_warnings
from adviz.core.steps import forward_steps, reverse_steps
from adviz.core.tape import Tape
from adviz.core.trace import Trace
from adviz.core.variable import Variable, value_of
from adviz.host.arguments import argument_names, check_argnums, chosen_arguments, function_name
from adviz.host.derived_functions import made_by
from adviz.host.errors import InputError, OutputError
from adviz.host.hooks import call, listening
from adviz.host.nests import mapped
from adviz.host.returned import check_has_gradient

__all__ = [
    "adjoints_of",
    "grad",
    "gradient_of",
    "input_adjoints",
    "jvp",
    "output_tangents",
    "parted",
    "record_call",
    "tangents_of",
    "value_and_grad",
    "vjp",
]


def jvp(
    f: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...]
) -> tuple[Any, Any]:
    """Push tangents forward: the Jacobian-vector product in one forward sweep.

    Parameters
    ----------
    f : callable
    primals : tuple
        The arguments of f, numbers or nests of them.
    tangents : tuple
        A tangent for each number of the primals, nested alike.

    Returns
    -------
    out, tangent_out
        ``f(*primals)`` and J·tangents, both nested as f returns.

    Raises
    ------
    InputError
        If the tangents are not nested as the primals are.

    Examples
    --------
    >>> jvp(lambda x1, x2: x1 * x2 + x2, (2.0, 4.0), (1.0, 0.0))
    (12.0, 4.0)
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise InputError(
            "jvp takes a tuple of primals and a tuple of tangents: jvp(f, (3.0,), (1.0,))."
        )
    with np.errstate(all="ignore"):
        trace = record_with_warnings(f, tuple(primals), notes_places=False, only_swept=True)
        seeds = trace.input_seeds(tuple(tangents))
        dots = _output_tangents(trace, seeds, trace.output_slots)
        return trace.returned, trace.outputs_as(dots)


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Record f once and return the function that pulls cotangents back through it.

    Parameters
    ----------
    f : callable
    *primals
        The arguments of f, numbers or nests of them.
    has_aux : bool
        Whether f returns a pair (out, aux), of which only out is differentiated.

    Returns
    -------
    out
        ``f(*primals)``.
    vjp_fn : callable
        Takes a cotangent nested as out and returns a tuple with the cotangent of each primal.
    aux
        Only where ``has_aux``.

    Raises
    ------
    InputError
        By ``vjp_fn``, if the cotangent is not nested as out.

    Examples
    --------
    >>> out, pull = vjp(lambda x1, x2: x1 * x2 + x2, 2.0, 4.0)
    >>> out, pull(1.0)
    (12.0, (4.0, 3.0))
    """
    check_argnums(0, has_aux)
    with np.errstate(all="ignore"):
        trace, aux = _record_with_aux(f, primals, has_aux, notes_places=True, only_swept=False)
    vjp_fn = functools.partial(_pulled_back, trace)  # which pickles, unlike a function in here
    return (trace.returned, vjp_fn, aux) if has_aux else (trace.returned, vjp_fn)


def _pulled_back(trace: Trace, cotangent: Any) -> tuple[Any, ...]:
    return trace.inputs_as(input_adjoints(trace, trace.output_seeds(cotangent)))


def grad(
    f: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """Return the function that computes the gradient of f, in one return sweep.

    Parameters
    ----------
    f : callable
        Returns one number.
    argnums : int or tuple of int
        The positional arguments to differentiate with respect to; the others are passed on as
        they are.
    has_aux : bool
        Whether f returns a pair (out, aux), of which only out is differentiated; the gradient
        function then returns (gradient, aux).
    holomorphic : bool
        Whether f is a holomorphic function of complex numbers, which returns a complex one: its
        derivative is then one complex number. Otherwise f returns a real number.

    Returns
    -------
    callable
        Takes the arguments of f; returns the gradient nested as the argument is, a tuple of them
        where ``argnums`` is a tuple.

    Raises
    ------
    InputError
        If there is no such argument, or it holds something that is not a number.
    OutputError
        If f returns more than one number, or a complex one without ``holomorphic``; with it, if f
        turns out not to be holomorphic at these arguments.

    Notes
    -----
    The gradient with respect to a complex z = x + iy is ∂f/∂x − i ∂f/∂y, without conjugates, as in
    JAX and HIPS autograd: f rises fastest along its conjugate. PyTorch returns that conjugate.

    Examples
    --------
    >>> grad(lambda x1, x2: x1 * x2 + x2, argnums=(0, 1))(2.0, 4.0)
    (4.0, 3.0)
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    >>> grad(lambda z: np.abs(z) ** 2)(3 + 4j), grad(np.square, holomorphic=True)(3 + 4j)
    ((6-8j), (6+8j))
    """
    return _gradient_function(grad, False, f, argnums, has_aux, holomorphic)


def value_and_grad(
    f: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[..., tuple[Any, Any]]:
    """Return the function that computes f and its gradient together.

    Parameters and errors are those of :func:`grad`.

    Returns
    -------
    callable
        Takes the arguments of f; returns (value, gradient), or ((value, aux), gradient) where
        ``has_aux``.

    Examples
    --------
    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """
    return _gradient_function(value_and_grad, True, f, argnums, has_aux, holomorphic)


def _gradient_function(
    maker: Callable[..., Any],
    with_value: bool,
    f: Callable[..., Any],
    argnums: int | tuple[int, ...],
    has_aux: bool,
    holomorphic: bool,
) -> Callable[..., Any]:
    check_argnums(argnums, has_aux)

    @made_by(maker, f, argnums, has_aux, holomorphic)
    @functools.wraps(f, assigned=("__module__", "__name__", "__qualname__"), updated=())
    def derived(*args: Any, **kwargs: Any) -> Any:
        with np.errstate(all="ignore"):
            trace, aux = record_call(f, argnums, args, kwargs, has_aux, only_swept=True)
            value, bars = gradient_of(trace, with_value=with_value, holomorphic=holomorphic)
        gradient = bars if isinstance(argnums, tuple) else bars[0]
        if with_value:
            return ((value, aux) if has_aux else value), gradient
        return (gradient, aux) if has_aux else gradient

    return derived


def gradient_of(
    trace: Trace,
    sweep: Callable[..., list[Any]] | None = None,
    *,
    with_value: bool = True,
    holomorphic: bool = False,
) -> tuple[Any, tuple[Any, ...]]:
    """Return the value of a trace, if requested, and its gradient nested as the inputs.

    The caller turns NumPy's warnings off.

    Raises
    ------
    OutputError
        If the value is not one number, or complex where f is not holomorphic.
    """
    slot = trace.output_slots[0]
    returned = trace.tape.examples[slot]
    one: Any = 1.0
    if returned.__class__ is not float or len(trace.output_slots) != 1:
        check_has_gradient(trace.function, returned, len(trace.output_slots), holomorphic)
        one = plain(np.ones_like(value_of(returned))[()])  # a float32 for a float32
    wanted = (slot,) if with_value else ()
    bars = _input_adjoints(trace, [one], sweep, wanted)
    value = trace.outputs_as(trace.tape.results(wanted)) if with_value else None
    if holomorphic:
        plugs.arrays.check_holomorphic(trace, [one], bars)
    return value, trace.inputs_as(bars)


def record_call(
    f: Callable[..., Any],
    argnums: int | tuple[int, ...],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    has_aux: bool = False,
    only_swept: bool = False,
) -> tuple[Trace, Any]:
    """Return the trace of f as a function of some of its arguments, and the aux that it returned.

    The caller turns NumPy's warnings off.
    ``only_swept`` is that of :func:`adviz.core.recording.record_with_warnings`.
    """
    # The usual case, for which the rest would take too long.
    if len(args) == 1 and argnums == 0 and not kwargs and not has_aux:
        return record_with_warnings(f, args, notes_places=False, only_swept=only_swept), None
    chosen = chosen_arguments(f, argnums, len(args))
    if not kwargs and chosen == tuple(range(len(args))):
        return _record_with_aux(f, args, has_aux, only_swept=only_swept)
    names = argument_names(f, args, kwargs)

    def of_chosen(*inputs: Any) -> Any:
        all_args = list(args)
        for position, argument in zip(chosen, inputs, strict=True):
            all_args[position] = argument
        return f(*all_args, **kwargs)

    of_chosen.__name__, of_chosen.__wrapped__ = function_name(f), f  # type: ignore[attr-defined]
    inputs = tuple(args[k] for k in chosen)
    return _record_with_aux(
        of_chosen, inputs, has_aux, [names[k] for k in chosen], only_swept=only_swept
    )


def _record_with_aux(
    f: Callable[..., Any],
    inputs: tuple[Any, ...],
    has_aux: bool,
    names: list[str] | None = None,
    *,
    notes_places: bool = False,
    only_swept: bool,
) -> tuple[Trace, Any]:
    """Return the trace of f and the aux that it returned, with plain numbers."""
    record = functools.partial(
        record_with_warnings, notes_places=notes_places, only_swept=only_swept
    )
    if not has_aux:
        return record(f, inputs, names), None
    all_aux = []
    names = argument_names(f, inputs) if names is None else names

    @functools.wraps(f)
    def without_aux(*args: Any) -> Any:
        out, aux = parted(f, f(*args))
        all_aux.append(mapped(plugs.arrays.gathered, aux))
        return out

    trace = record(without_aux, inputs, names)

    def plain_value(leaf: Any) -> Any:
        return leaf.value if leaf.__class__ is Variable and leaf.tape is trace.tape else leaf

    return trace, mapped(plain_value, all_aux[0])


def parted(f: Callable[..., Any], returned: Any) -> tuple[Any, Any]:
    """Return the pair (out, aux) that f returned."""
    if not isinstance(returned, (tuple, list)) or len(returned) != 2:
        raise OutputError(
            f"With has_aux=True {function_name(f)} must return a pair (out, aux), not "
            f"{type(returned).__name__}."
        )
    return returned[0], returned[1]


def _output_tangents(trace: Trace, seeds: list[Any], wanted: Sequence[int] = ()) -> list[Any]:
    """Return the tangents of the outputs.

    The caller reads the values of the rows ``wanted`` next.
    """
    if listening("on_tangent"):
        for step in forward_steps(trace, seeds):
            call("on_tangent", step)
    dots = tangents_of(trace.tape, trace.output_slots, seeds, wanted)
    return _like_all(dots, [trace.tape.examples[slot] for slot in trace.output_slots])


output_tangents = without_warnings(_output_tangents)


def tangents_of(
    tape: Tape, outputs: Sequence[int], seeds: list[Any], wanted: Sequence[int] = ()
) -> list[Any]:
    """Return the tangents of rows for these tangents of the inputs, in arrays used nowhere else."""
    if tape.has_arrays and plugs.repeats is not None:
        return plugs.repeats.tangents(tape, outputs, seeds, wanted)
    all_dots = sweeps.tangents(tape, seeds)
    dots = [plain(all_dots[slot]) for slot in outputs]
    return owned(dots, seeds) if tape.has_arrays else dots


def adjoints_of(
    tape: Tape, outputs: Sequence[int], seeds: list[Any], wanted: Sequence[int] = ()
) -> list[Any]:
    """Return the adjoints of the inputs for these adjoints of rows, in arrays not used elsewhere.

    The adjoint of an input that no output depends on is None.
    """
    if tape.has_arrays and plugs.repeats is not None:
        return plugs.repeats.adjoints(tape, outputs, seeds, wanted)
    bars = [plain(bar) for bar in sweeps.adjoints(tape, outputs, seeds)[: tape.input_count]]
    return owned(bars, seeds) if tape.has_arrays else bars


def _input_adjoints(
    trace: Trace,
    seeds: list[Any],
    sweep: Callable[..., list[Any]] | None = None,
    wanted: Sequence[int] = (),
) -> list[Any]:
    """Return the adjoints of the inputs.

    The caller reads the values of the rows ``wanted`` next.
    """
    if listening("on_adjoint"):
        for step in reverse_steps(trace, seeds):
            call("on_adjoint", step)
    tape, outputs = trace.tape, trace.output_slots
    if sweep is None:
        bars = adjoints_of(tape, outputs, seeds, wanted)
    else:
        bars = sweep(tape, outputs, seeds)[: tape.input_count]
    return _like_all(bars, tape.examples)  # which begin with the inputs


input_adjoints = without_warnings(_input_adjoints)


def _like_all(bars: list[Any], values: Iterable[Any]) -> list[Any]:
    """Return adjoints or tangents in the types of their numbers: a float32 for a float32."""
    return [
        bar if bar.__class__ is float and value.__class__ is float else _like(bar, value)
        for bar, value in zip(bars, values, strict=False)
    ]


def _like(bar: Any, value: Any) -> Any:
    if bar.__class__ is np.ndarray and value.__class__ is np.ndarray and bar.dtype is value.dtype:
        return bar
    value = value_of(value)
    if bar is None:
        return np.zeros_like(value) if shape_of(value) else type(value)(0)
    if value.__class__ is np.ndarray:
        return bar if bar.dtype == value.dtype else bar.astype(value.dtype)
    if is_complex(value) and not is_complex(bar):
        bar = bar + 0j
    if isinstance(value, np.inexact) and bar.__class__ is not Variable:
        return value.__class__(bar)
    return plain(bar)
