"""Discrete Fourier transforms of traced arrays: ``numpy.fft``.

A transform is a symmetric complex matrix, so it is its own transpose. The adjoint of a complex
number v is ∂y/∂Re v − i ∂y/∂Im v, with which complex arithmetic needs no conjugates.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.host.errors import OptionError
from adviz.rules import batched_rules
from adviz.rules.operands import as_array
from adviz.rules.registry import needs_floats
from adviz.rules.rule import Rule

__all__ = ["TRANSFORMS"]


def _transform(name: str, shape: tuple[int, ...], axis: int) -> str:
    return f"{name}({{bar}})" if len(shape) == 1 else f"{name}({{bar}}, axis = {axis})"


_fft = Rule(
    "fft",
    lambda a, axis: np.fft.fft(a, axis=axis),
    (lambda bar, v, a, axis: np.fft.fft(bar, axis=axis),),
    batched=batched_rules.along_axis(np.fft.fft),
    pull_formula=lambda k, shapes, axis: _transform("fft", shapes[0], axis),
)
_ifft = Rule(
    "ifft",
    lambda a, axis: np.fft.ifft(a, axis=axis),
    (lambda bar, v, a, axis: np.fft.ifft(bar, axis=axis),),
    batched=batched_rules.along_axis(np.fft.ifft),
    pull_formula=lambda k, shapes, axis: _transform("ifft", shapes[0], axis),
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


def _scaled(one: Any, is_forward: bool) -> Any:
    """Return a transform of any length and scale: NumPy's ``n=`` and ``norm=``."""

    def transform(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
        a = _of_length(a, n, axis)
        transformed, scale = one(a, axis=axis), _scale(a.shape[axis], norm, is_forward)
        return transformed if scale == 1 else transformed * scale

    return transform


def _scale(length: int, norm: str | None, is_forward: bool) -> float:
    """Return the factor for ``norm``: by default, forward transforms sum, inverse ones average."""
    if norm in (None, "backward"):
        return 1.0
    if norm not in ("ortho", "forward"):
        raise OptionError("norm must be 'backward', 'ortho' or 'forward'")
    scale = 1 / math.sqrt(length) if norm == "ortho" else 1 / length
    return scale if is_forward else 1 / scale


_forward, _backward = _scaled(_fft, is_forward=True), _scaled(_ifft, is_forward=False)


def _rfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    a = _of_length(a, n, axis)
    length = a.shape[axis] // 2 + 1
    return _of_length(_forward(a, None, axis, norm), length, axis)


def _irfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    a = as_array(a)
    n = 2 * (a.shape[axis] - 1) if n is None else n
    half = np.moveaxis(_of_length(a, n // 2 + 1, axis), axis, -1)
    rest = np.conj(np.flip(half[..., 1 : (n + 1) // 2], -1))
    # NumPy ignores the imaginary part of the first number, and of the last where n is even.
    whole = np.copy(np.real(_backward(np.concatenate([half, rest], axis=-1), None, -1, norm)), "C")
    return np.moveaxis(whole, -1, axis)


def _hfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    n = 2 * (as_array(a).shape[axis] - 1) if n is None else n
    return _irfft(np.conj(a), n, axis, norm) * (n if norm in (None, "backward") else 1.0)


def _ihfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    a = _of_length(a, n, axis)
    scale = 1 / a.shape[axis] if norm in (None, "backward") else 1.0
    return np.conj(_rfft(a, None, axis, norm)) * scale


def _along_each(one: Any, default: Any = None, last: Any = None) -> Any:
    """Return a transform along several axes; along the last it may be ``_rfft`` or ``_irfft``."""

    def along(a: Any, s: Any = None, axes: Any = default, norm: str | None = None) -> Any:
        a = as_array(a)
        if axes is None:
            axes = range(len(a.shape)) if s is None else range(-len(s), 0)
        lengths = [None] * len(axes) if s is None else list(s)
        pairs = list(zip(lengths, axes, strict=True))
        if last is _rfft:
            a = _rfft(a, *pairs.pop(), norm)
        for n, axis in pairs if last is not _irfft else pairs[:-1]:
            a = one(a, n, axis, norm)
        return _irfft(a, *pairs[-1], norm) if last is _irfft else a

    return along


def _shifted(x: Any, axes: Any, sign: int) -> Any:
    x = as_array(x)
    axes = range(len(x.shape)) if axes is None else [axes] if isinstance(axes, int) else axes
    for axis in axes:
        length = x.shape[axis]
        x = np.roll(x, length // 2 if sign > 0 else -(length // 2), axis)
    return x


_PLANE = (-2, -1)

TRANSFORMS: dict[Callable[..., Any], Callable[..., Any]] = {
    **needs_floats(
        {
            np.fft.fft: _forward,
            np.fft.ifft: _backward,
            np.fft.rfft: _rfft,
            np.fft.irfft: _irfft,
            np.fft.hfft: _hfft,
            np.fft.ihfft: _ihfft,
            np.fft.fft2: _along_each(_forward, _PLANE),
            np.fft.ifft2: _along_each(_backward, _PLANE),
            np.fft.fftn: _along_each(_forward),
            np.fft.ifftn: _along_each(_backward),
            np.fft.rfft2: _along_each(_forward, _PLANE, _rfft),
            np.fft.irfft2: _along_each(_backward, _PLANE, _irfft),
            np.fft.rfftn: _along_each(_forward, None, _rfft),
            np.fft.irfftn: _along_each(_backward, None, _irfft),
        }
    ),
    np.fft.fftshift: lambda x, axes=None: _shifted(x, axes, 1),
    np.fft.ifftshift: lambda x, axes=None: _shifted(x, axes, -1),
}
