"""Numbers as a person writes them."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import numpy as np

from adviz.host.errors import InputError

__all__ = [
    "ARRAY_DIGITS",
    "DIGITS",
    "check_digits",
    "complex_parts",
    "entries",
    "format_number",
    "in_formula",
    "is_short",
    "rounded",
    "shape_text",
    "summary",
]

DIGITS = 6
"""Significant digits by default."""

ARRAY_DIGITS = 3
"""The most significant digits of an array that is shown in little space."""

_MAX_ENTRIES_SHOWN = 4
"""The longest vector, in entries, that is written out."""

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


_MAX_DIGITS = 17  # enough to tell any two floats apart


def check_digits(digits: Any) -> None:
    """Refuse what is not a number of significant digits.

    Raises
    ------
    InputError
        If it is not an int from 1 to 17.
    """
    if not isinstance(digits, int) or not 1 <= digits <= _MAX_DIGITS:
        raise InputError(f"digits={digits!r}: choose 1 to {_MAX_DIGITS} significant digits.")


def rounded(number: Any, digits: int = DIGITS) -> tuple[bool, str, int | None]:
    """Return whether a number is negative, its digits, and its power of ten or None.

    Rounds to ``digits`` significant digits, halves away from zero, and drops trailing zeros. A
    power of ten is used below 1e-4 and from 10^max(digits, 6) on.

    Examples
    --------
    >>> rounded(-13 / 3), rounded(2.5e-7)
    ((True, '4.33333', None), (False, '2.5', -7))
    """
    value = float(number)
    if math.isnan(value):
        return False, "NaN", None
    negative = value < 0
    if math.isinf(value):
        return negative, "∞", None
    if value == 0:
        return False, "0", None
    exact = Context(prec=digits, rounding=ROUND_HALF_UP).plus(Decimal(abs(value)))
    exponent = exact.adjusted()
    if -5 < exponent < max(digits, 6):
        return negative, _without_zeros(f"{exact:f}"), None
    return negative, _without_zeros(f"{exact.scaleb(-exponent):f}"), exponent


def summary(array: Any, digits: int = DIGITS) -> str:
    """Return an array in brief: its few entries, or its shape and range.

    Examples
    --------
    >>> summary(np.array([1.0, -0.5])), summary(np.arange(6.0).reshape(2, 3))
    ('[1, −0.5]', '2×3, 0 to 5')
    """
    if is_short(array):
        kind = "" if array.dtype == np.complex128 else _dtype_text(array)  # an i tells
        return kind + entries(array, digits)
    shape = shape_text(array)
    if not array.size or array.dtype.kind not in "fiu":
        return shape
    low, high = (format_number(bound, digits) for bound in (array.min(), array.max()))
    return f"{shape}, {low}" + (f" to {high}" if low != high else "")


def is_short(array: Any) -> bool:
    """Return whether an array is a vector short enough to be written out."""
    return bool(array.ndim == 1 and array.size <= _MAX_ENTRIES_SHOWN and array.dtype.kind in "fiuc")


def entries(array: Any, digits: int = DIGITS) -> str:
    """Return every number of an array, row by row.

    Examples
    --------
    >>> entries(np.array([[1.0, -0.5], [0.0, 2.0]]))
    '[[1, −0.5], [0, 2]]'
    """
    if array.ndim == 0:
        return format_number(array.item(), digits)
    return f"[{', '.join(entries(part, digits) for part in array)}]"


def shape_text(array: Any) -> str:
    """Return an array's dtype, unless it is float64, and its shape.

    Examples
    --------
    >>> shape_text(np.zeros((2, 3))), shape_text(np.zeros(8, np.float32))
    ('2×3', 'float32 8 entries')
    """
    shape = "×".join(str(length) for length in array.shape)
    return _dtype_text(array) + shape + (" entries" if array.ndim == 1 else "")


def in_formula(number: Any, digits: int = DIGITS) -> str:
    """Return a number as it is written inside a formula, a larger array by its shape.

    Examples
    --------
    >>> in_formula(np.zeros((2, 3))), in_formula(np.array([1.0, 2.0]))
    ('[2×3]', '[1, 2]')
    """
    if isinstance(number, np.ndarray) and not is_short(number):
        return f"[{shape_text(number)}]"
    return format_number(number, digits)


def _dtype_text(array: Any) -> str:
    return "" if array.dtype == np.float64 else f"{array.dtype} "


def format_number(number: Any, digits: int = DIGITS) -> str:
    """Return a number as a person writes it, an array in brief.

    Examples
    --------
    >>> format_number(-13 / 3), format_number(2.5e-7), format_number(12.0)
    ('−4.33333', '2.5×10⁻⁷', '12')
    >>> format_number(1 - 2j), format_number(1j), format_number(-2.5j), format_number(3 + 0j)
    ('1 − 2i', 'i', '−2.5i', '3')
    """
    if isinstance(number, np.ndarray):
        return summary(number, digits)
    if isinstance(number, (complex, np.complexfloating)):
        real, sign, imaginary = complex_parts(number, digits)
        if not imaginary:
            return real
        return f"{real} {sign} {imaginary}" if real else f"{sign.strip('+')}{imaginary}"
    negative, mantissa, exponent = rounded(number, digits)
    power = "" if exponent is None else "×10" + str(exponent).translate(_SUPERSCRIPTS)
    return ("−" if negative else "") + mantissa + power


def complex_parts(number: Any, digits: int = DIGITS) -> tuple[str, str, str]:
    """Return the real part of a complex number, a sign, and the imaginary part with its i.

    A part that is 0 is "", unless both are.

    Examples
    --------
    >>> complex_parts(1 - 2j), complex_parts(1j), complex_parts(0j)
    (('1', '−', '2i'), ('', '+', 'i'), ('0', '+', ''))
    """
    real, imaginary = float(number.real), float(number.imag)
    size = format_number(abs(imaginary), digits)
    unit = "" if size == "1" else f"{size} " if size == "NaN" else size
    return (
        format_number(real, digits) if real or not imaginary else "",
        "−" if imaginary < 0 else "+",
        f"{unit}i" if imaginary else "",
    )


def _without_zeros(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
