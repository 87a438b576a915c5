"""What to write instead: the errors of a traced number that is asked for what it cannot do."""

from __future__ import annotations

import ast
import builtins
import math
from types import FrameType
from typing import Any

import numpy as np

from adviz.core.elementals import BY_UFUNC, ELEMENTALS
from adviz.core.errors import ConversionError, UnsupportedOperationError
from adviz.core.source import Source, describe, locate, user_frame

__all__ = ["conversion_error", "no_rule"]

_CONVERSIONS = {
    "float": "Leave the traced number as it is: it works wherever a float does",
    "int": "Take int() of a plain number before the traced part, or branch with comparisons",
    "index": "Count, index and range with plain ints: pass them outside the traced arguments",
    "complex": "Trace the real and the imaginary part as two numbers",
}

_MULTIPLE = "Subtract a multiple chosen by comparisons: x - n * k"
_SUM_OF_PRODUCTS = "Sum the products: sum(a * b for a, b in zip(u, v))"
_BUILTIN_MAXIMUM = "Use Python's max() on the numbers, or np.maximum(a, b)"
_BUILTIN_MINIMUM = "Use Python's min() on the numbers, or np.minimum(a, b)"
_COMBINE = "Combine comparisons, which give plain bools, with and, or, not"

_ALTERNATIVES = {
    "%": _MULTIPLE,
    "np.remainder": _MULTIPLE,
    "np.fmod": _MULTIPLE,
    "//": "Divide with / instead",
    "np.floor_divide": "Divide with / instead",
    "@": _SUM_OF_PRODUCTS,
    "np.dot": _SUM_OF_PRODUCTS,
    "np.inner": _SUM_OF_PRODUCTS,
    "np.matmul": _SUM_OF_PRODUCTS,
    "&": _COMBINE,
    "|": _COMBINE,
    "^": "Write a power as x ** n",
    "~": _COMBINE,
    "<<": "Multiply by a power of two instead",
    ">>": "Divide by a power of two instead",
    "len": "It is a single number: pass a list to trace each of its numbers",
    "round": "Round the result outside the traced function",
    "np.round": "Round the result outside the traced function",
    "np.sum": "Use Python's sum() on a list",
    "np.mean": "Divide Python's sum() of a list by its len()",
    "np.prod": "Multiply in a loop",
    "np.max": _BUILTIN_MAXIMUM,
    "np.amax": _BUILTIN_MAXIMUM,
    "np.fmax": _BUILTIN_MAXIMUM,
    "np.min": _BUILTIN_MINIMUM,
    "np.amin": _BUILTIN_MINIMUM,
    "np.fmin": _BUILTIN_MINIMUM,
    "np.clip": "Write np.minimum(np.maximum(x, low), high)",
    "np.where": "Write a if condition else b",
    "np.heaviside": "Write 1.0 if x > 0 else 0.0",
    "np.fabs": "Write abs(x)",
    "np.cbrt": "Write x ** (1 / 3) for x > 0",
    "np.positive": "Write x by itself",
}

_INSTEAD_OF_MATH = {
    "fabs": "Write abs(x)",
    "fsum": "Use Python's sum()",
    "prod": "Multiply in a loop",
    "cbrt": _ALTERNATIVES["np.cbrt"],
    "fmod": _MULTIPLE,
    "remainder": _MULTIPLE,
    "degrees": "Write x * (180 / math.pi)",
    "radians": "Write x * (math.pi / 180)",
}


def no_rule(name: str, frame: FrameType) -> UnsupportedOperationError:
    """Return the error of an operation that the table of elementals has no row for."""
    instead = _ALTERNATIVES.get(
        name, f"Write it with operations that have one ({_ufuncs()}), or add it with ad.define"
    )
    return UnsupportedOperationError(
        f"{name} met a traced number and has no derivative rule: {describe(frame)}. {instead}."
    )


def conversion_error(to: str, frame: FrameType) -> ConversionError:
    """Return the error of a traced number that "float", "int", "index" or "complex" is asked of."""
    frame = user_frame(frame)
    source = locate(frame.f_code, frame.f_lasti)
    called = _called(source, frame)
    if getattr(called, "__module__", None) == "math":
        name: str = getattr(called, "__name__", "")
        return ConversionError(f"math.{name} met a traced number: {source}. {_instead_of(name)}.")
    what = "an index" if to == "index" else f"{to}()"
    return ConversionError(
        f"A traced number was turned into a plain one by {what}, which would lose its derivative: "
        f"{source}. {_CONVERSIONS[to]}."
    )


def _instead_of(name: str) -> str:
    """Return what to write for a function of the math module."""
    ufunc = getattr(np, name, None)
    if isinstance(ufunc, np.ufunc) and (
        ufunc in BY_UFUNC or name in ("isnan", "isinf", "isfinite")
    ):
        return f"Write np.{ufunc.__name__}(...) instead of math.{name}(...)"
    return _INSTEAD_OF_MATH.get(
        name,
        f"math.{name} works on plain floats only: write it with NumPy functions that have a "
        f"derivative rule ({_ufuncs()}), or add it with ad.define",
    )


def _called(source: Source, frame: FrameType) -> Any:
    """Return the function that a piece of source calls, None where it is no plain call."""
    try:
        node = ast.parse(source.text, mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(node, ast.Call):
        return None
    attributes: list[str] = []
    function = node.func
    while isinstance(function, ast.Attribute):
        attributes.append(function.attr)
        function = function.value
    if not isinstance(function, ast.Name):
        return None
    scopes = (frame.f_locals, frame.f_globals, vars(builtins))
    value = next((scope[function.id] for scope in scopes if function.id in scope), None)
    if value is math and len(attributes) == 1:
        return getattr(math, attributes[0], None)
    return None if attributes else value


def _ufuncs() -> str:
    return ", ".join(row.ufunc.__name__ for row in ELEMENTALS.values() if row.ufunc is not None)
