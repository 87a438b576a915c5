"""Cubic splines of SciPy's: of traced points, and of plain ones where they are evaluated."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.core.arrays import shape_of
from adviz.core.variable import Variable, value_of
from adviz.host.errors import UnsupportedOperationError
from adviz.host.source import describe
from adviz.rules.handed_in import hands_in_traced
from adviz.rules.operands import as_array

__all__ = ["holds_traced", "interpolate_rules"]


def interpolate_rules() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return the methods of splines that have a rule, each with it."""
    interpolate = sys.modules["scipy.interpolate"]
    return {
        interpolate.CubicSpline.__init__: _make_cubic_spline,
        interpolate.PPoly.__call__: _evaluate,
        interpolate.PPoly.derivative: _derivative,
    }


def holds_traced(argument: Any) -> bool:
    """Return whether an argument holds traced numbers, or is a spline through some."""
    if isinstance(argument, sys.modules["scipy.interpolate"].PPoly):
        is_made = hasattr(argument, _name(argument, "c"))
        return is_made and any(_part(argument, name).__class__ is Variable for name in "cx")
    return hands_in_traced(argument)


def _part(spline: Any, name: str) -> Any:
    """Return the coefficients "c" or the breakpoints "x" of a spline as it stores them."""
    return getattr(spline, _name(spline, name))


def _name(spline: Any, name: str) -> str:
    """Return the attribute's name: from SciPy 1.16 on "c" is a property that converts "_c"."""
    return f"_{name}" if hasattr(type(spline), name) and hasattr(type(spline), f"_{name}") else name


# -- points --------------------------------------------------------------------------------------


def _make_cubic_spline(
    self: Any, x: Any, y: Any, axis: int = 0, bc_type: Any = "not-a-knot", extrapolate: Any = None
) -> None:
    """Make the spline of plain points, and put traced coefficients into it."""
    x, y = as_array(x), as_array(y)
    if len(shape_of(y)) > 1 and axis != 0:
        raise UnsupportedOperationError(
            f"CubicSpline of traced points is differentiated along axis 0: {describe()}. Move that "
            "axis to the front with np.moveaxis."
        )
    kind = sys.modules["scipy.interpolate"].CubicSpline
    plain_x, plain_y = np.asarray(value_of(x)), np.asarray(value_of(y))
    plain_ends = bc_type if isinstance(bc_type, str) else _plain(bc_type)
    _copy_attributes(kind(plain_x, plain_y, 0, plain_ends, extrapolate), self)
    h = np.reshape(np.diff(x), (-1,) + (1,) * (len(shape_of(y)) - 1))
    rises = np.diff(y, axis=0) / h
    slopes = _slopes(h, y, rises, bc_type)
    bends = (slopes[:-1] + slopes[1:] - 2 * rises) / h
    c = np.stack([bends / h, (rises - slopes[:-1]) / h - bends, slopes[:-1], y[:-1]])
    for name, part in (("c", c), ("x", x)):
        setattr(self, _name(self, name), part)


def _copy_attributes(spline: Any, other: Any) -> None:
    slots = {slot for kind in type(spline).__mro__ for slot in getattr(kind, "__slots__", ())}
    for name in {*slots, *getattr(spline, "__dict__", ())}:
        if hasattr(spline, name):
            setattr(other, name, getattr(spline, name))


def _plain(ends: Any) -> Any:
    if isinstance(ends, (tuple, list)):
        return tuple(_plain(end) for end in ends)
    return value_of(ends)


def _slopes(h: Any, y: Any, rises: Any, bc_type: Any) -> Any:
    """Return the slopes at the points, which make the second derivative continuous.

    de Boor, *A Practical Guide to Splines* (1978), chapter IV.
    """
    count = shape_of(y)[0]
    first, last = (bc_type, bc_type) if isinstance(bc_type, str) else bc_type
    if count == 2:
        first, last = ((1, rises[0]) if end in _OF_POINTS else end for end in (first, last))
    if count == 3 and first == last == "not-a-knot":  # the parabola through the points
        first, last = ("parabola", "parabola")
    if first == "periodic":
        before, above = np.roll(h, 1, 0), np.roll(rises, 1, 0)
        unit = np.eye(count - 1)
        matrix = (
            _column(2 * (before + h)) * unit
            + _column(h) * np.roll(unit, -1, 1)
            + _column(before) * np.roll(unit, 1, 1)
        )
        solved = _solved(matrix, 3 * (h * above + before * rises))
        return np.concatenate([solved, solved[:1]])
    main_0, beside_0, right_0 = _end(first, h, rises)
    main_n, beside_n, right_n = _end(last, h[::-1], rises[::-1], sign=-1.0)
    main, above, below = (
        np.concatenate([np.reshape(as_array(part), (-1,)) for part in parts])
        for parts in (
            (main_0, 2 * (h[:-1] + h[1:]), main_n),
            (beside_0, h[:-1]),
            (h[1:], beside_n),
        )
    )
    inner = 3 * (h[1:] * rises[:-1] + h[:-1] * rises[1:])
    right = [np.reshape(as_array(right_0), (1, *shape_of(y)[1:])), inner]
    right.append(np.reshape(as_array(right_n), (1, *shape_of(y)[1:])))
    return _solved(np.diag(main) + np.diag(above, 1) + np.diag(below, -1), np.concatenate(right))


_OF_POINTS = ("not-a-knot", "periodic")
"""Conditions at an end that are about further points."""

_NAMED = {"clamped": (1, 0.0), "natural": (2, 0.0)}


def _end(condition: Any, h: Any, rises: Any, sign: float = 1.0) -> tuple[Any, Any, Any]:
    """Return the equation at an end: factors of its slope and of the next one, right-hand side.

    At the other end everything is mirrored, where a second derivative has the opposite sign.
    """
    if condition == "parabola":
        return 1.0, 1.0, 2 * rises[0]
    if condition == "not-a-knot":
        both = h[0] + h[1]
        right = ((h[0] + 2 * both) * h[1] * rises[0] + h[0] ** 2 * rises[1]) / both
        return h[1], both, right
    order, value = _NAMED[condition] if isinstance(condition, str) else condition
    value = as_array(value) * np.ones(shape_of(rises)[1:])
    if order == 1:
        return 1.0, 0.0, value
    return 2 * h[0], h[0], h[0] * (3 * rises[0] - sign * 0.5 * value * h[0])


def _column(a: Any) -> Any:
    return np.reshape(a, (-1, 1)) if len(shape_of(a)) == 1 else np.reshape(a, (shape_of(a)[0], 1))


def _solved(matrix: Any, right: Any) -> Any:
    flat = np.linalg.solve(matrix, np.reshape(right, (shape_of(right)[0], -1)))
    return np.reshape(flat, shape_of(right))


# -- evaluation ----------------------------------------------------------------------------------


def _evaluate(self: Any, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
    """Return the value of a piecewise polynomial, or of a derivative of it."""
    c, breaks = _part(self, "c"), _part(self, "x")
    if not isinstance(self, sys.modules["scipy.interpolate"].PPoly) or self.axis != 0:
        raise UnsupportedOperationError(
            f"{type(self).__name__} with axis={self.axis} has no derivative rule: {describe()}. "
            "Use CubicSpline or PPoly along axis 0."
        )
    x = as_array(x)
    extrapolate = self.extrapolate if extrapolate is None else extrapolate
    if extrapolate == "periodic":
        x = breaks[0] + (x - breaks[0]) % (breaks[-1] - breaks[0])
    edges = np.asarray(value_of(breaks))
    place = np.asarray(value_of(x))
    k = np.clip(np.searchsorted(edges, place, "right") - 1, 0, len(edges) - 2)
    t = np.reshape(x - breaks[k], (*shape_of(x), *(1,) * (len(shape_of(c)) - 2)))
    degree = shape_of(c)[0] - 1
    value: Any = 0.0
    for power in range(degree, nu - 1, -1):
        value = value * t + math.perm(power, nu) * c[degree - power][k]
    if not extrapolate:
        is_outside = (place < edges[0]) | (place > edges[-1])
        value = value * np.where(np.reshape(is_outside, shape_of(t)), np.nan, 1.0)
    return value


def _derivative(self: Any, nu: int = 1) -> Any:
    """Return a derivative of a piecewise polynomial as one of lower degree."""
    c = _part(self, "c")
    degree = shape_of(c)[0] - 1
    if not 0 <= nu <= degree:
        raise UnsupportedOperationError(
            f"A spline of degree {degree} through traced points has derivatives of the orders 0 to "
            f"{degree} here, not {nu}: {describe()}. Integrate with scipy.integrate.quad."
        )
    factors = [math.perm(power, nu) for power in range(degree, nu - 1, -1)]
    c = c[: degree + 1 - nu] * np.reshape(factors, (-1,) + (1,) * (len(shape_of(c)) - 1))
    made = object.__new__(type(self))
    _copy_attributes(self, made)
    setattr(made, _name(self, "c"), c)
    return made
