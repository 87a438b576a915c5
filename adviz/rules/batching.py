"""Batch: many arrays of one shape in the place of one, so that one sweep serves many seeds.

A batch holds its arrays stacked along a leading axis that nothing computed with it sees: its
shape is that of one of them, and NumPy's functions are mapped over it. What tangents and adjoints
meet most is done for all at once; any other function is called for one after the other, which
gives the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from adviz.core.broadcasting import shape_of, sum_to
from adviz.core.variable import Variable
from adviz.host.nests import leaves, mapped, unflatten

__all__ = ["Batch", "behind", "count_in", "each", "is_basic", "places", "stacked"]

Axis = int | tuple[int, ...] | None


class Batch(NDArrayOperatorsMixin, Variable):
    """Many arrays of one shape, in arithmetic as one of them is.

    It is a subclass of Variable for one reason: where the two meet, Python and NumPy then ask the
    batch what to do. A batch is never recorded; its stack may be.

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
            return Batch(ufunc(*_aligned(operands)))
        rule = _AT_ONCE.get(ufunc if method == "__call__" else (ufunc, method))
        if rule is None:
            return each(getattr(ufunc, method), *operands, **options)
        return rule(*operands, **options)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        rule = _AT_ONCE.get(function)
        return rule(*args, **kwargs) if rule is not None else each(function, *args, **kwargs)

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
            return Batch(self.stack[behind(key)])
        return Batch(_flat(self)[:, places(self.shape, key)])

    def reshape(self, *shape: Any) -> Batch:
        """Return each array in another shape."""
        return _reshape(self, shape[0] if len(shape) == 1 else shape)

    def swapaxes(self, axis1: int, axis2: int) -> Batch:
        """Return each array with two axes interchanged."""
        first, second = _shifted((axis1, axis2), self.ndim)
        return Batch(self.stack.swapaxes(first, second))

    def sum(self, axis: Axis = None, *, keepdims: bool = False) -> Batch:
        """Return the sums of each array along axes."""
        return _sum(self, axis, keepdims=keepdims)

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

    results = [called(k) for k in range(count_in(leaf for _, leaf in leaves((args, kwargs))))]
    columns = zip(*([leaf for _, leaf in leaves(result)] for result in results), strict=True)
    return unflatten(results[0], (Batch(np.stack(column)) for column in columns))


def stacked(arrays: Any, count: int, shape: tuple[int, ...]) -> Any:
    """Return the stack of a batch; of one array or number, as many copies of it."""
    if arrays.__class__ is Batch and arrays.shape == shape:
        return arrays.stack
    stack = _aligned([arrays], len(shape))[0]
    return np.broadcast_to(stack, (count, *shape))


def places(shape: tuple[int, ...], key: Any) -> Any:
    """Return where in a flattened array the entries are that an index picks out."""
    return np.arange(math.prod(shape)).reshape(shape)[key]


def _nth(leaf: Any, k: int) -> Any:
    return leaf.stack[k] if leaf.__class__ is Batch else leaf


def count_in(arguments: Iterable[Any]) -> int:
    """Return how many arrays the first batch among these holds."""
    return next(shape_of(a.stack)[0] for a in arguments if a.__class__ is Batch)


def _aligned(operands: Sequence[Any], ndim: int = 0) -> list[Any]:
    """Return operands with the stacks in the place of batches, so that they broadcast."""
    ndim = max(ndim, *(len(shape_of(operand)) for operand in operands))
    return [
        _with_axes(operand, ndim).stack if operand.__class__ is Batch else operand
        for operand in operands
    ]


def _with_axes(batch: Batch, ndim: int) -> Batch:
    """Return each array with axes of length 1 put before its own."""
    missing = ndim - batch.ndim
    return batch.reshape((1,) * missing + batch.shape) if missing > 0 else batch


def _flat(batch: Batch) -> Any:
    return batch.stack.reshape((shape_of(batch.stack)[0], math.prod(batch.shape)))


def is_basic(key: Any) -> bool:
    """Return whether an index has no arrays in it."""
    parts = key if isinstance(key, tuple) else (key,)
    return not any(isinstance(part, (np.ndarray, list)) for part in parts)


def behind(key: Any) -> tuple[Any, ...]:
    """Return a basic index of one array as that of a stack of them."""
    return (slice(None), *(key if isinstance(key, tuple) else (key,)))


def _shifted(axes: Sequence[int], ndim: int) -> tuple[int, ...]:
    """Return axes of one array as those of a stack of them."""
    return tuple(axis % ndim + 1 for axis in axes)


def _operator(ufunc: np.ufunc, reflected: bool = False) -> Callable[[Batch, Any], Batch]:
    """Make the method of an operator, which is met so often that it is worth a shorter way."""
    operate: Any = ufunc

    def method(self: Batch, other: Any) -> Batch:
        stack = self.stack
        if other.__class__ is Batch or len(shape_of(other)) >= len(stack.shape):
            result: Batch = operate(other, self) if reflected else operate(self, other)
            return result
        return Batch(operate(other, stack) if reflected else operate(stack, other))

    return method


for _name, _ufunc in (
    ("add", np.add),
    ("sub", np.subtract),
    ("mul", np.multiply),
    ("truediv", np.divide),
):
    setattr(Batch, f"__{_name}__", _operator(_ufunc))
    setattr(Batch, f"__r{_name}__", _operator(_ufunc, reflected=True))


# -- functions done for all at once --------------------------------------------------------------


def _sum(a: Batch, axis: Axis = None, *, keepdims: bool = False) -> Batch:
    axes = range(a.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    reduced: Any = np.add.reduce
    return Batch(reduced(a.stack, axis=_shifted(axes, a.ndim), keepdims=keepdims))


def _sum_to(a: Batch, shape: tuple[int, ...]) -> Batch:
    count, lead = count_in([a]), a.ndim - len(shape)
    return Batch(sum_to(a.stack, (count, *(1,) * lead, *shape)).reshape((count, *shape)))


def _matmul(a: Any, b: Any) -> Batch:
    """Multiply in as few products of matrices as can be."""
    of_a, of_b = len(shape_of(a)), len(shape_of(b))
    if a.__class__ is not Batch and of_a <= 2:
        if of_b == 1:  # the vectors of a batch are the rows of a matrix
            return Batch(_rows_times(b.stack, a.T) if of_a == 2 else b.stack @ a)
        if of_a == 2 and of_b == 2 and b.shape[1] == 1:
            return Batch(_rows_times(b.stack[:, :, 0], a.T)[:, :, None])
    if b.__class__ is not Batch and of_a <= 2 and of_b <= 2:
        before = (count_in([a]), *a.shape[:-1])
        rows = a.stack.reshape((math.prod(before), a.shape[-1]))
        return Batch((rows @ b).reshape((*before, *shape_of(b)[1:])))
    left = a[None, :] if of_a == 1 else a
    right = b[:, None] if of_b == 1 else b
    product = Batch(np.matmul(*_aligned([left, right])))
    if of_a == 1:
        product = product[..., 0, :]
    return product[..., 0] if of_b == 1 else product


def _rows_times(rows: Any, b: Any) -> Any:
    """Return a product that lies in memory as its left operand does."""
    if rows.__class__ is np.ndarray and rows.flags.f_contiguous:
        return (b.T @ rows.T).T
    return rows @ b


def _einsum(subscripts: str, *operands: Any, optimize: Any = True) -> Batch:
    terms, result = subscripts.split("->")
    letter = next(
        x for x in "ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba" if x not in terms
    )
    names = ",".join(
        letter + name if operand.__class__ is Batch else name
        for name, operand in zip(terms.split(","), operands, strict=True)
    )
    stacks = [operand.stack if operand.__class__ is Batch else operand for operand in operands]
    return Batch(np.einsum(f"{names}->{letter}{result}", *stacks, optimize=optimize))


def _solve(a: Any, b: Any) -> Batch:
    if a.__class__ is Batch or len(a.shape) > 2 or len(b.shape) != 2:
        return Batch(np.linalg.solve(*_aligned([a, b])))
    columns = np.moveaxis(b.stack, 0, -1)  # one matrix is factorized once
    n, m, count = columns.shape
    return Batch(
        np.moveaxis(
            np.linalg.solve(a, columns.reshape((n, m * count))).reshape(columns.shape), -1, 0
        )
    )


def _reshape(a: Batch, shape: Any) -> Batch:
    shape = (shape,) if isinstance(shape, int) else shape
    return Batch(a.stack.reshape((count_in([a]), *shape)))


def _transpose(a: Batch, axes: Sequence[int]) -> Batch:
    return Batch(np.transpose(a.stack, (0, *_shifted(axes, a.ndim))))


def _broadcast_to(a: Batch, shape: tuple[int, ...]) -> Batch:
    return Batch(stacked(a, count_in([a]), shape))


def _concatenate(arrays: Sequence[Any], axis: int = 0) -> Batch:
    count = count_in(arrays)
    parts = [stacked(array, count, shape_of(array)) for array in arrays]
    return Batch(np.concatenate(parts, _shifted([axis], parts[0].ndim - 1)[0]))


def _stack(arrays: Sequence[Any], axis: int = 0) -> Batch:
    count, shape = count_in(arrays), next(shape_of(array) for array in arrays)
    return Batch(np.stack([stacked(array, count, shape) for array in arrays], axis + 1))


def _along(function: Callable[..., Any]) -> Callable[..., Batch]:
    """Call a function that works along one axis along that of each array."""

    def along(a: Batch, axis: int) -> Batch:
        return Batch(function(a.stack, axis=_shifted([axis], a.ndim)[0]))

    return along


def _moving(function: Callable[..., Any]) -> Callable[..., Batch]:
    """Pick out the entries that a function picks out of the numbers of the places."""

    def moved(a: Batch, *args: Any, **options: Any) -> Batch:
        return Batch(_flat(a)[:, function(places(a.shape, ...), *args, **options)])

    return moved


_AT_ONCE: dict[Any, Callable[..., Any]] = {
    (np.add, "reduce"): lambda a, axis=0, *, keepdims=False: _sum(a, axis, keepdims=keepdims),
    np.sum: _sum,
    sum_to: _sum_to,
    np.matmul: _matmul,
    np.einsum: _einsum,
    np.linalg.solve: _solve,
    np.reshape: _reshape,
    np.transpose: _transpose,
    np.broadcast_to: _broadcast_to,
    np.concatenate: _concatenate,
    np.stack: _stack,
    np.where: lambda condition, x, y: Batch(np.where(*_aligned([condition, x, y]))),
    np.real: lambda a: Batch(np.real(a.stack)),
    np.imag: lambda a: Batch(np.imag(a.stack)),
    np.iscomplexobj: lambda a: np.iscomplexobj(a.stack),
    **{function: _along(function) for function in (np.cumsum, np.fft.fft, np.fft.ifft)},
    **{
        function: _moving(function)
        for function in (
            np.delete,
            np.diagonal,
            np.flip,
            np.repeat,
            np.resize,
            np.roll,
            np.rot90,
            np.take,
            np.take_along_axis,
            np.tile,
            np.lib.stride_tricks.sliding_window_view,
        )
    },
}
"""What is done for all arrays of a batch at once; every other function goes through ``each``."""
