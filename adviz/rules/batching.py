"""Batch: many arrays of one shape in the place of one, so that one sweep serves many seeds.

A batch holds its arrays stacked along a leading axis that nothing computed with it sees: its
shape is that of one of them. NumPy's functions treat it as they treat a traced array: they call
array rules, and a rule evaluates all arrays of a batch together. A rule without such an evaluation
is applied to one array after the other, which gives the same result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from adviz.core.arrays import shape_of
from adviz.core.elementals import OPERATORS
from adviz.core.variable import Variable
from adviz.host.nests import leaves, mapped, unflatten
from adviz.rules.creation import CREATION
from adviz.rules.nondifferentiable import ABOUT_SHAPE, STEP_FUNCTIONS
from adviz.rules.registry import FUNCTIONS, UFUNC_METHODS

__all__ = [
    "Batch",
    "aligned",
    "axes_of_stack",
    "batch_size",
    "each",
    "flat",
    "flat_indices",
    "index_of_stack",
    "is_basic",
    "stacked",
]

Axis = int | tuple[int, ...] | None

_ONE_BY_ONE = frozenset((*STEP_FUNCTIONS, *CREATION))
"""Functions that call no rule: their results are decisions, or arrays of plain numbers."""


class Batch(NDArrayOperatorsMixin, Variable):
    """Many arrays of one shape, which take part in arithmetic as a single one does.

    It is a subclass of Variable so that Python and NumPy call the methods of the batch where the
    two are combined. A batch is never recorded; its stack may be.

    Parameters
    ----------
    stack : array or Variable
        The arrays, one after the other along the first axis.

    Examples
    --------
    >>> batch = Batch(np.array([[1.0, 0.0], [0.0, 1.0]]))
    >>> batch.shape, (np.array([[1.0, 2.0], [3.0, 4.0]]) @ batch).stack
    ((2,), array([[1., 3.],
           [2., 4.]]))
    """

    __slots__ = ("stack",)

    def __init__(self, stack: Any) -> None:
        self.stack = stack

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        if method == "__call__" and ufunc.nout == 1 and not ufunc.signature and not options:
            return Batch(ufunc(*aligned(operands)))
        is_call = method == "__call__"
        rule = FUNCTIONS.get(ufunc) if is_call else UFUNC_METHODS.get((ufunc, method))
        return (rule or partial(each, getattr(ufunc, method)))(*operands, **options)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        if function in ABOUT_SHAPE:
            return function(*mapped(_first, args), **mapped(_first, kwargs))
        rule = None if function in _ONE_BY_ONE else FUNCTIONS.get(function)
        return (rule or partial(each, function))(*args, **kwargs)

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each array along each axis."""
        shape: tuple[int, ...] = self.stack.shape
        return shape[1:]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the entries."""
        dtype: np.dtype[Any] = self.stack.dtype
        return dtype

    @property
    def real(self) -> Batch:
        """The real parts."""
        return Batch(np.real(self.stack))

    def __getitem__(self, key: Any) -> Batch:
        if is_basic(key):
            return Batch(self.stack[index_of_stack(key)])
        return Batch(flat(self)[:, flat_indices(self.shape, key)])

    def reshape(self, *shape: Any) -> Batch:
        """Return each array in another shape."""
        lengths = shape[0] if len(shape) == 1 else shape
        lengths = (lengths,) if isinstance(lengths, int) else lengths
        return Batch(self.stack.reshape((batch_size([self]), *lengths)))

    def swapaxes(self, axis1: int, axis2: int) -> Batch:
        """Return each array with two axes interchanged."""
        first, second = axes_of_stack((axis1, axis2), self.ndim)
        return Batch(self.stack.swapaxes(first, second))

    def sum(self, axis: Axis = None, *, keepdims: bool = False) -> Batch:
        """Return the sums of each array along axes."""
        axes = range(self.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        reduced: Any = np.add.reduce
        return Batch(reduced(self.stack, axis=axes_of_stack(axes, self.ndim), keepdims=keepdims))

    def astype(self, dtype: Any) -> Batch:
        """Return each array with entries of another type."""
        return Batch(self.stack.astype(dtype))

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Batch]:
        return (self[k] for k in range(len(self)))

    def __repr__(self) -> str:
        return f"Batch({self.stack!r})"


def each(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return what a function gives for each array of the batches among its arguments, stacked.

    Examples
    --------
    >>> each(np.diff, Batch(np.array([[1.0, 2.0, 4.0], [0.0, 0.0, 3.0]]))).stack
    array([[1., 2.],
           [0., 3.]])
    """

    def called(k: int) -> Any:
        chosen = mapped(lambda leaf: _nth(leaf, k), (args, kwargs))
        return function(*chosen[0], **chosen[1])

    results = [called(k) for k in range(batch_size(leaf for _, leaf in leaves((args, kwargs))))]
    columns = zip(*([leaf for _, leaf in leaves(result)] for result in results), strict=True)
    return unflatten(results[0], (Batch(np.stack(column)) for column in columns))


def stacked(arrays: Any, count: int, shape: tuple[int, ...]) -> Any:
    """Return the stack of a batch; for one array or number, a stack of that many copies."""
    if arrays.__class__ is Batch and arrays.shape == shape:
        return arrays.stack
    stack = aligned([arrays], len(shape))[0]
    return np.broadcast_to(stack, (count, *shape))


def flat_indices(shape: tuple[int, ...], key: Any) -> Any:
    """Return the positions in the flattened array of the entries that an index picks out."""
    return np.arange(math.prod(shape)).reshape(shape)[key]


def _first(leaf: Any) -> Any:
    return _nth(leaf, 0)


def _nth(leaf: Any, k: int) -> Any:
    return leaf.stack[k] if leaf.__class__ is Batch else leaf


def batch_size(arguments: Iterable[Any]) -> int:
    """Return how many arrays the first batch among these holds."""
    return next(shape_of(a.stack)[0] for a in arguments if a.__class__ is Batch)


def aligned(operands: Sequence[Any], ndim: int = 0) -> list[Any]:
    """Return operands with batches replaced by stacks that broadcast with the others."""
    ndim = max(ndim, *(len(shape_of(operand)) for operand in operands))
    return [
        _with_axes(operand, ndim).stack if operand.__class__ is Batch else operand
        for operand in operands
    ]


def _with_axes(batch: Batch, ndim: int) -> Batch:
    """Return each array with axes of length 1 in front, up to this many axes."""
    missing = ndim - batch.ndim
    return batch.reshape((1,) * missing + batch.shape) if missing > 0 else batch


def flat(batch: Batch) -> Any:
    """Return a matrix with a row for each array of a batch."""
    return batch.stack.reshape((shape_of(batch.stack)[0], math.prod(batch.shape)))


def is_basic(key: Any) -> bool:
    """Return whether an index has no arrays in it."""
    parts = key if isinstance(key, tuple) else (key,)
    return not any(isinstance(part, (np.ndarray, list)) for part in parts)


def index_of_stack(key: Any) -> tuple[Any, ...]:
    """Return the index of a stack that does to each array what a basic index does to one."""
    return (slice(None), *(key if isinstance(key, tuple) else (key,)))


def axes_of_stack(axes: Sequence[int], ndim: int) -> tuple[int, ...]:
    """Return the axes of a stack that are these axes of one array."""
    return tuple(axis % ndim + 1 for axis in axes if ndim)  # a single number has axis 0, too


def _operator(ufunc: np.ufunc, reflected: bool = False) -> Callable[[Batch, Any], Batch]:
    """Return the method of an operator: a shorter way for the most frequent calls."""
    operate: Any = ufunc

    def method(self: Batch, other: Any) -> Batch:
        stack = self.stack
        if other.__class__ is Batch or len(shape_of(other)) >= len(stack.shape):
            result: Batch = operate(other, self) if reflected else operate(self, other)
            return result
        return Batch(operate(other, stack) if reflected else operate(stack, other))

    return method


for _name, _row in OPERATORS.items():
    _ufunc: Any = _row.ufunc
    setattr(Batch, f"__{_name}__", _operator(_ufunc))
    setattr(Batch, f"__r{_name}__", _operator(_ufunc, reflected=True))
