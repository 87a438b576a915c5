"""Gradients and Jacobians by differences, with the evaluations counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adviz.host import checks
from adviz.host.arguments import defined_in, described, function_name
from adviz.host.errors import AdvizError, InputError
from adviz.host.nests import leaves, unflatten
from adviz.host.source import describe
from adviz.numeric.schemes import Scheme, scheme

__all__ = ["Differences", "differences", "numerical_gradient", "numerical_jacobian"]

_MIN_EVALUATIONS_FOR_BAR = 500
"""With fewer evaluations no progress bar is shown."""


@dataclass(frozen=True)
class Differences:
    """A derivative by differences, with its evaluations counted.

    Attributes
    ----------
    value
        The gradient, nested like the input; or the Jacobian, of shape (m, n).
    evaluations : int
        How often f was called, as counted.
    inputs, outputs : int
        n and m.
    scheme : str
    """

    value: Any
    evaluations: int
    inputs: int
    outputs: int
    scheme: str

    @property
    def component_evaluations(self) -> int:
        """How often a single component of f was computed: m times the calls.

        A text that says 2mn evaluations for a Jacobian by central differences counts these. A
        call of the vector function computes all m components, so 2n calls suffice.
        """
        return self.evaluations * self.outputs

    def __repr__(self) -> str:
        what = "gradient" if self.outputs == 1 else f"{self.outputs} × {self.inputs} Jacobian"
        parts = "" if self.outputs == 1 else f", {self.component_evaluations} of single components"
        return (
            f"<{what} by {self.scheme} differences: n = {self.inputs}, "
            f"{self.evaluations} evaluations{parts}>"
        )


def numerical_gradient(
    f: Callable[..., Any], x: Any, scheme: str | Scheme = "forward", h: float | None = None
) -> Differences:
    """Return the gradient of f by differences, one input after the other.

    Parameters
    ----------
    f : callable
        Takes x and returns one number.
    x : number, array or nest of them
    scheme : str or Scheme
        See :func:`adviz.scheme`; of the first derivative.
    h : float, optional
        The step; by default u^(1/(p+1)) times the input's size (at least 1), where u is the unit
        roundoff and p the order of the scheme.

    Returns
    -------
    Differences
        Forward differences take n + 1 evaluations, central ones 2n.

    Raises
    ------
    InputError
        If f does not return one number, or x holds something other than floats.

    Examples
    --------
    >>> found = numerical_gradient(lambda x: np.sum(x**2), np.array([1.0, 2.0, 3.0]))
    >>> found
    <gradient by forward differences: n = 3, 4 evaluations>
    >>> found.value.round(6)
    array([2., 4., 6.])
    """
    return differences(f, x, scheme, h, watched=True)


def differences(
    f: Callable[..., Any],
    x: Any,
    scheme: str | Scheme = "forward",
    h: float | None = None,
    *,
    watched: bool = False,
) -> Differences:
    """Return the gradient, as :func:`numerical_gradient` does; with progress if ``watched``."""
    table, calls, chosen = _jacobian(f, x, scheme, h, watched)
    if table.shape[0] != 1:
        raise InputError(
            f"{function_name(f)} returned {table.shape[0]} numbers and a gradient is of one: use "
            "numerical_jacobian."
        )
    shapes = [np.shape(leaf) for _, leaf in leaves(x)]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    pieces = np.split(table[0], ends[:-1])
    flat = [
        piece.reshape(shape) if shape else float(piece[0])
        for piece, shape in zip(pieces, shapes, strict=True)
    ]
    return Differences(unflatten(x, iter(flat)), calls, table.shape[1], 1, chosen.name)


def numerical_jacobian(
    f: Callable[..., Any], x: Any, scheme: str | Scheme = "central", h: float | None = None
) -> Differences:
    """Return the Jacobian of a vector function by differences, column after column.

    Parameters are those of :func:`numerical_gradient`; f returns an array or a list of numbers.

    Returns
    -------
    Differences
        Central differences take 2n evaluations of f, which are 2mn of its single components.

    Examples
    --------
    >>> polar = lambda x: np.array([x[0] * np.cos(x[1]), x[0] * np.sin(x[1])])
    >>> found = numerical_jacobian(polar, np.array([2.0, 0.0]))
    >>> found
    <2 × 2 Jacobian by central differences: n = 2, 4 evaluations, 8 of single components>
    >>> found.value.round(6) + 0.0
    array([[1., 0.],
           [0., 2.]])
    """
    table, calls, chosen = _jacobian(f, x, scheme, h, True)
    return Differences(table, calls, table.shape[1], table.shape[0], chosen.name)


def _jacobian(
    f: Callable[..., Any], x: Any, name: str | Scheme, h: float | None, watched: bool
) -> tuple[np.ndarray, int, Scheme]:
    """Return the Jacobian, the number of calls and the scheme."""
    checks.function(f)
    chosen = scheme(name)
    if chosen.derivative != 1:
        raise InputError(
            f"{chosen.name} is a scheme for the derivative of order {chosen.derivative}: "
            "choose one for the first."
        )
    h = None if h is None else checks.number(h, "h", above=0)
    arrays = [_as_floats(leaf, f"x{path}") for path, leaf in leaves(x)]
    if not sum(array.size for array in arrays):
        raise InputError(
            f"x holds no number to differentiate with respect to: {describe()}. Give a number, an "
            "array, or a list, tuple or dict of them."
        )
    calls = 0

    def evaluate() -> np.ndarray:
        nonlocal calls
        calls += 1
        flat = [array.copy() if array.ndim else array[()] for array in arrays]
        return _numbers_of(f, unflatten(x, iter(flat)), arrays[0].dtype)

    if chosen.is_complex:
        arrays = [array.astype(complex) for array in arrays]
    at_x = evaluate() if 0 in chosen.nodes else None
    if at_x is not None and not np.isfinite(at_x).all():
        raise InputError(
            f"{function_name(f)} is not finite at x: {describe()}. Choose a point inside its "
            "domain."
        )
    unit = float(np.finfo(np.float64).eps) / 2
    columns = []
    entries: Any = [(array, index) for array in arrays for index in np.ndindex(array.shape)]
    if watched and len(entries) * chosen.evaluations >= _MIN_EVALUATIONS_FOR_BAR:
        from adviz.progress import progress

        entries = progress(entries, f"{chosen.name} differences")
    for array, index in entries:
        here = array[index]
        size = max(1.0, abs(here))
        step = 1e-30 if chosen.is_complex else unit ** (1 / (chosen.order + 1)) * size
        step = step if h is None else h
        values = []
        for node in chosen.nodes:
            if node == 0 and at_x is not None:
                values.append(at_x)
                continue
            array[index] = here + (1j * step if chosen.is_complex else float(node) * step)
            values.append(evaluate())
            if not np.isfinite(values[-1]).all():
                raise InputError(
                    f"{function_name(f)} is not finite where an entry of x is {array[index]:g} "
                    f"instead of {here:g}: {describe()}. Choose a point inside its domain, or a "
                    "smaller step h."
                )
        array[index] = here
        outputs = len(values[0])
        columns.append(chosen.estimate(np.array(values), np.full(outputs, step)))
    return np.stack(columns, axis=1).real.astype(float), calls, chosen


def _numbers_of(f: Callable[..., Any], x: Any, dtype: Any) -> np.ndarray:
    """Return what f returns at x, as a vector."""
    try:
        with np.errstate(all="ignore"):
            returned = f(x)
    except AdvizError:
        raise
    except Exception as error:
        raise InputError(
            f"{function_name(f)} raised {type(error).__name__}: {error}, where it was evaluated "
            f"for differences: {describe()}."
        ) from error
    try:
        numbers = [leaf for _, leaf in leaves(returned)]
        vector = np.concatenate([np.asarray(leaf).ravel() for leaf in numbers])
        is_masked = any(isinstance(leaf, np.ma.MaskedArray) for leaf in numbers)
        if (
            not is_masked
            and vector.dtype.kind in ("fiuc" if dtype.kind == "c" else "fiu")
            and vector.size
        ):
            return vector.astype(dtype, copy=False)
    except (TypeError, ValueError):
        pass
    raise InputError(
        f"{function_name(f)} returned {described(returned)}, not real numbers"
        f"{defined_in(f)}: {describe()}. Return a number, an array or a list of numbers."
    )


def _as_floats(leaf: Any, name: str) -> np.ndarray:
    try:
        if isinstance(leaf, np.ma.MaskedArray) or np.asarray(leaf).dtype.kind not in "fiu":
            raise TypeError
        array = np.array(leaf, dtype=np.float64)
    except (TypeError, ValueError):
        raise checks.refusal(name, "a number or an array of floats", leaf) from None
    if not np.isfinite(array).all():
        raise checks.refusal(name, "finite", leaf)
    return array
