"""Jacobians and Hessians, and their products with vectors.

The function is recorded once and swept with a seed for each input entry (forward) or each output
entry (reverse), many seeds at once: see :mod:`adviz.calculus.vector_mode`.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.calculus.complex_modes import complex_mode
from adviz.calculus.sparse_jacobians import sparse_jacobian
from adviz.calculus.vector_mode import Mode, ends, size, swept, unit_seeds
from adviz.core.arrays import shape_of
from adviz.core.derivatives import grad, jvp, output_tangents, record_call
from adviz.core.elementals import plain
from adviz.core.recording import record
from adviz.core.trace import Trace
from adviz.core.variable import Variable, value_of
from adviz.host.arguments import check_argnums
from adviz.host.derived_functions import made_by
from adviz.host.errors import InputError

__all__ = ["check_is_formed", "hessian", "hvp", "jacfwd", "jacobian", "jacrev", "linearize"]

Argnums = int | tuple[int, ...]

MAX_ENTRIES = 2**31
"""Entries up to which a Jacobian is formed: they take 16 GiB."""


def jacfwd(
    f: Callable[..., Any], argnums: Argnums = 0, *, holomorphic: bool = False
) -> Callable[..., Any]:
    """Return the function that computes the Jacobian in forward mode, a seed for each input entry.

    Parameters
    ----------
    f : callable
        Takes and returns numbers, arrays or nests of them.
    argnums : int or tuple of int
        The positional arguments to differentiate with respect to.
    holomorphic : bool
        Whether f is a holomorphic function of complex numbers, which returns complex ones.

    Returns
    -------
    callable
        Takes the arguments of f. Returns a nest like what f returns, in which each leaf is a nest
        like the argument (a tuple of them where ``argnums`` is one), whose leaves have the shape of
        the output followed by that of the input.

    Raises
    ------
    InputError
        If f takes and returns complex numbers without ``holomorphic``: no complex matrix holds the
        four derivatives, of two parts by two parts. It says what to use.
    OutputError
        If f turns out not to be ``holomorphic``.

    Notes
    -----
    Real numbers that depend on a complex z = x + iy have the slopes ∂f/∂x − i ∂f/∂y, which reverse
    mode finds; complex numbers that depend on a real x have the slopes ∂f/∂x, which forward mode
    finds. So ``jacfwd`` and ``jacrev`` use that mode there.

    Examples
    --------
    >>> jacfwd(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    matrix = _differentiated(f, argnums, lambda n, m: "forward", holomorphic)
    return made_by(functools.partial(jacfwd, holomorphic=holomorphic), f, argnums)(matrix)


def jacrev(
    f: Callable[..., Any], argnums: Argnums = 0, *, holomorphic: bool = False
) -> Callable[..., Any]:
    """Return the function that computes the Jacobian in reverse mode, a seed for each output entry.

    Parameters and the result are those of :func:`jacfwd`.

    Examples
    --------
    >>> jacrev(lambda x: np.sum(x * x))(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    matrix = _differentiated(f, argnums, lambda n, m: "reverse", holomorphic)
    return made_by(functools.partial(jacrev, holomorphic=holomorphic), f, argnums)(matrix)


def jacobian(
    f: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    sparsity: Any = None,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """Return the function that computes the Jacobian in the mode that needs fewer seeds.

    Parameters and the result are those of :func:`jacfwd`, except for:

    Parameters
    ----------
    f, argnums, holomorphic
        See :func:`jacfwd`.
    sparsity : True, SciPy sparse array or array of bools, optional
        Where the Jacobian may have entries that are not zero: a row for each entry of what f
        returns, a column for each entry of the argument. With True it is found in the trace, and
        again whenever the operations of f change. The columns or the rows are then colored, and
        there is one seed for each color.

    Returns
    -------
    callable
        Where ``sparsity`` is given, it returns one ``scipy.sparse.csr_array``.

    Raises
    ------
    InputError
        If the given pattern has the wrong shape, or is found at the first call to miss an entry;
        or as :func:`jacfwd`.
    MissingPackageError
        If ``sparsity`` is given and SciPy is not installed.

    Notes
    -----
    Many seeds go in one sweep, as many as need some 8 MB for their tangents or adjoints. If the
    Jacobian is needed again and again, as by a solver, ``compile(jacobian(f))`` takes less than
    half the time, because f is recorded only once.

    Examples
    --------
    >>> jacobian(lambda x, y: x * y, argnums=(0, 1))(2.0, np.array([3.0, 4.0]))
    (array([3., 4.]), array([[2., 0.],
           [0., 2.]]))
    >>> jacobian(lambda x: x[1:] * x[:-1], sparsity=True)(np.array([1.0, 2.0, 3.0])).toarray()
    array([[2., 1., 0.],
           [0., 3., 2.]])
    """
    if sparsity is not None and sparsity is not False:
        matrix = sparse_jacobian(f, argnums, sparsity, holomorphic)
    else:
        matrix = _differentiated(
            f, argnums, lambda n, m: "forward" if n <= m else "reverse", holomorphic
        )
    maker = functools.partial(jacobian, sparsity=sparsity, holomorphic=holomorphic)
    return made_by(maker, f, argnums)(matrix)


def hessian(
    f: Callable[..., Any], argnums: Argnums = 0, *, holomorphic: bool = False
) -> Callable[..., Any]:
    """Return the function that computes the second derivatives, forward over reverse.

    Parameters and errors are those of :func:`jacfwd`; the result is the Jacobian of the Jacobian.

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 2.0]))
    array([[4., 6.],
           [6., 0.]])
    """
    first = jacrev(f, argnums, holomorphic=holomorphic)
    return jacfwd(first, argnums, holomorphic=holomorphic)


def hvp(
    f: Callable[..., Any],
    primals: tuple[Any, ...],
    tangents: tuple[Any, ...],
    *,
    holomorphic: bool = False,
) -> Any:
    """Return the product of the Hessian with a vector, forward over reverse.

    Parameters
    ----------
    f : callable
        Returns one number.
    primals, tangents : tuple
        The arguments of f, and a vector nested as they are.
    holomorphic : bool
        Whether f returns a complex number, as for :func:`grad`.

    Returns
    -------
    array or tuple
        Nested as the argument; a tuple where there are several.

    Examples
    --------
    >>> hvp(lambda x: np.sum(x**3), (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))
    array([6., 0.])
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise InputError(
            "hvp takes a tuple of primals and a tuple of tangents: hvp(f, (x,), (v,))."
        )
    argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    gradient = grad(f, argnums, holomorphic=holomorphic)
    return jvp(gradient, primals, tangents)[1]


def linearize(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """Record f once and return the function that pushes tangents forward through it.

    Returns
    -------
    out
        ``f(*primals)``.
    f_jvp : callable
        Takes a tangent for each primal and returns the tangent of the output.

    Examples
    --------
    >>> out, push = linearize(lambda x: x * x, 3.0)
    >>> out, push(1.0), push(2.0)
    (9.0, 6.0, 12.0)
    """
    trace = record(f, primals)
    return trace.returned, functools.partial(_pushed_forward, trace)


def _pushed_forward(trace: Trace, *dots: Any) -> Any:
    return trace.outputs_as(output_tangents(trace, trace.input_seeds(dots)))


def _differentiated(
    f: Callable[..., Any],
    argnums: Argnums,
    mode: Callable[[int, int], Mode],
    holomorphic: bool,
) -> Callable[..., Any]:
    check_argnums(argnums)

    @functools.wraps(f, assigned=("__module__", "__name__", "__qualname__"), updated=())
    def matrix(*args: Any, **kwargs: Any) -> Any:
        trace, _ = record_call(f, argnums, args, kwargs, only_swept=True)
        n, m = map(size, ends(trace))
        check_is_formed(trace.function_name, n, m)
        blocks = _blocks(trace, complex_mode(trace, holomorphic) or mode(n, m))
        nested = [trace.inputs_as(row) for row in blocks]
        return trace.outputs_as([row if isinstance(argnums, tuple) else row[0] for row in nested])

    return matrix


def _blocks(trace: Trace, mode: Mode) -> list[list[Any]]:
    """Return the block of the Jacobian for each output and each input."""
    inputs, outputs = ends(trace)
    seeded = inputs if mode == "forward" else outputs
    stacks = swept(trace, mode, size(seeded), unit_seeds(seeded, mode))
    if len(inputs) == len(outputs) == 1:
        return [[_block(stacks[0], outputs[0], inputs[0], mode)]]
    bounds = [0, *itertools.accumulate([size([value]) for value in seeded])]
    parts = [slice(*bound) for bound in itertools.pairwise(bounds)]

    def block(i: int, j: int) -> Any:
        stack = stacks[i][parts[j]] if mode == "forward" else stacks[j][parts[i]]
        return _block(stack, outputs[i], inputs[j], mode)

    return [[block(i, j) for j in range(len(inputs))] for i in range(len(outputs))]


def _block(stack: Any, output: Any, input_value: Any, mode: Mode) -> Any:
    """Return a block from its columns (forward mode) or its rows (reverse mode)."""
    shape = shape_of(output) + shape_of(input_value)
    if not shape:
        return _clean(plain(stack[0]))
    if 0 in shape:
        return np.zeros(shape, np.result_type(value_of(output), value_of(input_value)))
    if stack.__class__ is list:
        if len(stack) == 1:  # a single column or row: the block itself
            return _clean(np.reshape(stack[0], shape))
        stack = np.stack(stack)
    if mode == "forward":
        stack = stack.transpose((*range(1, len(stack.shape)), 0))
    return _clean(stack).reshape(shape)


def _clean(block: Any) -> Any:
    """Return a copy of a block with 0 in place of -0, which comes from zeros in seeds."""
    if block.__class__ is np.ndarray:
        return np.add(block, 0.0, order="C")
    return block if block.__class__ is Variable else block + 0.0


def check_is_formed(name: str, n: int, m: int, max_entries: int = MAX_ENTRIES) -> None:
    """Refuse a Jacobian with too many entries to be formed, and say what to use instead.

    Raises
    ------
    InputError
    """
    if n * m <= max_entries:
        return
    alternatives = [
        "One product with it takes one pass: ad.jvp(f, (x,), (r,)) for J r, ad.vjp(f, x) for rᵀ J, "
        "and ad.hvp with a Hessian."
    ]
    if m == 1:
        alternatives.append("With one output, rᵀ J with r = 1 is all of it: ad.grad(f).")
    else:
        alternatives.append("If most of its entries are zero: ad.jacobian(f, sparsity=True).")
    raise InputError(
        f"The Jacobian of {name} has {m:,} × {n:,} entries, {8 * n * m / 2**30:,.1f} GiB, and is "
        f"not formed. {' '.join(alternatives)}"
    )
