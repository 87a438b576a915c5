"""Discrete Fourier transforms of traced arrays: ``numpy.fft``.

A transform is a symmetric complex matrix, so it is its own transpose. The adjoint of a complex
number v is ∂y/∂Re v − i ∂y/∂Im v, with which complex arithmetic needs no conjugates.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adviz.core.functions import FUNCTIONS, as_array
from adviz.core.operations import Rule

__all__: list[str] = []

_fft = Rule(
    "fft",
    lambda a, axis: np.fft.fft(a, axis=axis),
    (lambda bar, v, a, axis: np.fft.fft(bar, axis=axis),),
)
_ifft = Rule(
    "ifft",
    lambda a, axis: np.fft.ifft(a, axis=axis),
    (lambda bar, v, a, axis: np.fft.ifft(bar, axis=axis),),
)


def _of_length(a: Any, n: int | None, axis: int) -> Any:
    """Return an array cut or filled with zeros to n entries along an axis."""
    a = as_array(a)
    axis %= len(a.shape)
    if n is None or n == a.shape[axis]:
        return a
    if n < a.shape[axis]:
        return a[(slice(None),) * axis + (slice(n),)]
    return np.pad(a, [(0, (n - a.shape[k]) * (k == axis)) for k in range(len(a.shape))])


def _rfft(a: Any, n: int | None = None, axis: int = -1) -> Any:
    a = _of_length(a, n, axis)
    length = a.shape[axis] // 2 + 1
    return _of_length(np.fft.fft(a, axis=axis), length, axis)


def _irfft(a: Any, n: int | None = None, axis: int = -1) -> Any:
    a = as_array(a)
    n = 2 * (a.shape[axis] - 1) if n is None else n
    half = np.moveaxis(_of_length(a, n // 2 + 1, axis), axis, -1)
    rest = np.conj(np.flip(half[..., 1 : (n + 1) // 2], -1))
    # The first number, and the last where n is even, are taken as real.
    whole = np.real(np.fft.ifft(np.concatenate([half, rest], axis=-1)))
    return np.moveaxis(whole, -1, axis)


def _along_each(one: Any) -> Any:
    def along(a: Any, axes: Any = None) -> Any:
        a = as_array(a)
        for axis in range(len(a.shape)) if axes is None else axes:
            a = one(a, axis=axis)
        return a

    return along


FUNCTIONS.update(
    {
        np.fft.fft: lambda a, n=None, axis=-1: _fft(_of_length(a, n, axis), axis=axis),
        np.fft.ifft: lambda a, n=None, axis=-1: _ifft(_of_length(a, n, axis), axis=axis),
        np.fft.rfft: _rfft,
        np.fft.irfft: _irfft,
        np.fft.fft2: lambda a, axes=(-2, -1): _along_each(np.fft.fft)(a, axes),
        np.fft.ifft2: lambda a, axes=(-2, -1): _along_each(np.fft.ifft)(a, axes),
        np.fft.fftn: _along_each(np.fft.fft),
        np.fft.ifftn: _along_each(np.fft.ifft),
        np.fft.fftshift: lambda x, axes=None: _shifted(x, axes, 1),
        np.fft.ifftshift: lambda x, axes=None: _shifted(x, axes, -1),
    }
)


def _shifted(x: Any, axes: Any, sign: int) -> Any:
    axes = range(len(x.shape)) if axes is None else [axes] if isinstance(axes, int) else axes
    for axis in axes:
        length = x.shape[axis]
        x = np.roll(x, length // 2 if sign > 0 else -(length // 2), axis)
    return x
