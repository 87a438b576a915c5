"""What to write instead: the errors of a traced number that is asked for what it cannot do."""

from __future__ import annotations

import ast
import builtins
import dis
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
_COMBINE = "Combine comparisons, which give plain bools, with and, or, not"
_SYMMETRIC = "Use np.linalg.eigh where the matrix is symmetric"

_ALTERNATIVES = {
    "%": _MULTIPLE,
    "np.remainder": _MULTIPLE,
    "np.fmod": _MULTIPLE,
    "//": "Divide with / instead",
    "np.floor_divide": "Divide with / instead",
    "@": _SUM_OF_PRODUCTS,
    "&": _COMBINE,
    "|": _COMBINE,
    "^": "Write a power as x ** n",
    "~": _COMBINE,
    "<<": "Multiply by a power of two instead",
    ">>": "Divide by a power of two instead",
    "len": "It is a single number: pass a list or an array to trace each of its numbers",
    "round": "Round the result outside the traced function",
    "np.heaviside": "Write 1.0 if x > 0 else 0.0, or np.where(x > 0, 1.0, 0.0)",
    "np.add.at": "Assign into a np.zeros_like(x), or multiply by a matrix of zeros and ones",
    "np.apply_along_axis": "Loop over the axis and np.stack the results",
    "np.block": "Use np.concatenate along each axis",
    "np.copyto": "Assign: y[...] = x",
    "np.gradient": "Use np.diff",
    "np.insert": "Use np.concatenate",
    "np.linalg.cond": "Divide the largest of np.linalg.svdvals by the smallest",
    "np.linalg.eig": _SYMMETRIC,
    "np.linalg.eigvals": _SYMMETRIC,
    "np.linalg.tensorinv": "Reshape to a matrix and use np.linalg.inv",
    "np.linalg.tensorsolve": "Reshape to a matrix and use np.linalg.solve",
    "np.meshgrid": "Broadcast: x[:, None] and y[None, :]",
    "np.nanmedian": "Use np.median of the entries that are numbers: x[~np.isnan(x)]",
    "np.partition": "Use np.sort",
    "np.piecewise": "Use np.select",
    "np.place": "Use np.where",
    "np.put": "Assign: y[indices] = x",
    "np.put_along_axis": "Assign with an index array: y[indices] = x",
    "np.putmask": "Use np.where",
    "np.subtract.accumulate": "Use np.cumsum",
}

_INSTEAD_OF_MATH = {
    "fabs": "Write abs(x)",
    "fsum": "Use Python's sum()",
    "prod": "Use np.prod(...)",
    "cbrt": "Write np.cbrt(...) instead of math.cbrt(...)",
    "fmod": _MULTIPLE,
    "remainder": _MULTIPLE,
    "degrees": "Write np.degrees(...) instead of math.degrees(...)",
    "radians": "Write np.radians(...) instead of math.radians(...)",
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
    if _assigns(frame):
        return ConversionError(
            "A traced number was assigned into an array of plain ones, which would lose its "
            f"derivative: {source}. Make the array with np.zeros_like(x, shape=...), where x is a "
            "traced array, or collect the numbers in a list and np.stack it."
        )
    what = "an index" if to == "index" else f"{to}()"
    return ConversionError(
        f"A traced number was turned into a plain one by {what}, which would lose its derivative: "
        f"{source}. {_CONVERSIONS[to]}."
    )


def _assigns(frame: FrameType) -> bool:
    """Return whether a frame is at an assignment to an item: ``y[0] = x``."""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]] == "STORE_SUBSCR"


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
