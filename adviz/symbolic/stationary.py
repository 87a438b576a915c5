"""Points where all derivatives of a formula are zero: in closed form, or found numerically.

SymPy solves the equations where it can. What it leaves out, because it does not know whether a
solution is real or has no closed form, is added: the real roots of polynomials are isolated, and
other equations are solved numerically from many starting points.
"""

from __future__ import annotations

import contextlib
import math
import random
from typing import Any

from adviz.host.errors import AdvizError
from adviz.symbolic.systems import decoded, encoded, from_sympy, to_sympy

__all__ = ["stationary_points"]

_DIGITS = 30
_SHOWN_DIGITS = 10

_LONGEST = 30
"""Operations of a closed form; a longer one is shown as a decimal number."""

_LARGEST = 10**6
"""Integers in a closed form are less: larger ones are written with six digits."""

_RANGE = 100
"""Numerical searches begin between minus and plus this."""

_MOST_FOUND = 20
"""Of the solutions found numerically, those next to 0 are listed."""

_STARTS = 40
"""Starting points of Newton's method for several variables."""


def stationary_points(
    formula: dict[str, Any], variables: list[str], numerically: bool = False
) -> dict[str, Any]:
    """Find the points where all derivatives are zero.

    Parameters
    ----------
    formula : dict
        As encoded.
    variables : list of str
    numerically : bool
        Whether to look for them by numerical methods only, which takes a limited time.

    Returns
    -------
    dict
        "points", each with its "place", "numbers", "value" and "bends"; "period"; "curves", the
        equations of curves of such points; "found", how they were found: "everywhere", "all" if
        they are known to be all, "named" if SymPy names them, or "searched".
    """
    import sympy

    (expression,) = to_sympy(decoded(formula), real=True, rational=True)
    symbols = [sympy.Symbol(name, real=True) for name in variables]
    slopes = [_derivative(expression, s) for s in symbols]
    if not any(slopes) or (not numerically and not any(map(sympy.simplify, slopes))):
        return {"points": [], "period": "", "curves": [], "found": "everywhere"}
    is_polynomial = all(slope.is_polynomial(*symbols) for slope in slopes)
    curves: list[str] = []
    places, found = None, "searched"
    if not numerically:
        with contextlib.suppress(NotImplementedError, TypeError, ValueError):  # no closed form
            places, curves, found = _solved(slopes, symbols, is_polynomial)
    if places is None:
        places = _searched(slopes, symbols)
    places = [place for place in places if _is_inside(expression, symbols, place)]
    points = [_point(expression, slopes, symbols, place) for place in places]
    points.sort(key=lambda point: point["numbers"])
    period = None
    if len(symbols) == 1 and points and not is_polynomial and not numerically:
        period = sympy.periodicity(expression, symbols[0])
    return {
        "points": points,
        "period": "" if period in (None, 0) else str(period).replace("pi", "π"),
        "curves": curves,
        "found": found,
    }


def _solved(
    slopes: list[Any], symbols: list[Any], is_polynomial: bool
) -> tuple[list[list[Any]] | None, list[str], str]:
    """Return the places, the equations of curves, and how they were found; None for no places."""
    import sympy

    if is_polynomial and len(symbols) == 1:
        return [[root] for root in _real_roots(slopes[0], symbols[0])], [], "all"
    if is_polynomial and sympy.groebner(slopes, *symbols).exprs == [1]:
        return [], [], "all"
    places, curves = [], []
    for solution in sympy.solve(slopes, symbols, dict=True):
        place = [solution.get(s, s) for s in symbols]
        if any(p.free_symbols for p in place):
            curves.append(", ".join(f"{s} = {p}" for s, p in solution.items()))
        elif all(_is_real(p) for p in place):
            places.append(place)
    if is_polynomial and all(sympy.Poly(slope, *symbols).is_linear for slope in slopes):
        return places, curves, "all"
    if len(symbols) > 1 and not curves:  # SymPy leaves out radicals that it cannot tell are real
        places += [place for place in _searched(slopes, symbols) if not _is_among(place, places)]
    if places or curves:
        return places, curves, "named"
    if len(symbols) == 1 and sympy.solveset(slopes[0], symbols[0], sympy.S.Reals).is_empty:
        return [], [], "all"
    return None, [], "searched"


def _derivative(expression: Any, symbol: Any) -> Any:
    """Return the derivative; a sign has the derivative 0, not one of SymPy's delta functions."""
    import sympy

    return expression.diff(symbol).replace(sympy.DiracDelta, lambda *_: sympy.S.Zero)


def _is_inside(expression: Any, symbols: list[Any], place: list[Any]) -> bool:
    """Return whether a function has a real value at a place: log(cos x) has none at π."""
    with contextlib.suppress(TypeError):  # it has one that SymPy cannot compute
        numbers = dict(zip(symbols, (_real(p) for p in place), strict=True))
        return _is_real(expression.subs(numbers))
    return True


def _is_real(number: Any) -> bool:
    value = complex(number.evalf(_DIGITS))
    return abs(value.imag) <= 1e-12 * (1 + abs(value))


def _is_among(place: list[Any], places: list[list[Any]]) -> bool:
    return any(
        all(abs(float(a) - float(_real(b))) < 1e-9 for a, b in zip(place, other, strict=True))
        for other in places
    )


def _real_roots(slope: Any, x: Any) -> list[Any]:
    """Return the real roots of a polynomial, by radicals where that is simple."""
    import sympy

    polynomial = sympy.Poly(slope, x)
    radicals = sympy.roots(polynomial, cubics=False, quartics=False, quintics=False)
    named = {float(s.evalf(_DIGITS)): sympy.simplify(s) for s in radicals if s.is_real}
    return [
        next((s for number, s in named.items() if math.isclose(number, root, abs_tol=1e-12)), root)
        for root in dict.fromkeys(polynomial.real_roots())
    ]


def _searched(slopes: list[Any], symbols: list[Any]) -> list[list[Any]]:
    """Return solutions found by numerical methods from many starting points."""
    import mpmath
    import sympy

    with mpmath.workdps(_DIGITS):
        values = sympy.lambdify(symbols, slopes, "mpmath")

        def at(*place: Any) -> list[Any] | None:
            try:
                numbers = [mpmath.mpmathify(v) for v in values(*place)]
            except (ArithmeticError, TypeError, ValueError):
                return None
            is_real = all(not isinstance(n, mpmath.mpc) and mpmath.isfinite(n) for n in numbers)
            return numbers if is_real else None

        search = _sign_changes if len(symbols) == 1 else _newton
        found: list[list[Any]] = []
        for place in search(at, slopes, symbols):
            numbers = [sympy.Float(number, _DIGITS) for number in place]
            if not _is_among(numbers, found):
                found.append(numbers)
        return sorted(found, key=lambda place: max(map(abs, place)))[:_MOST_FOUND]


def _sign_changes(at: Any, *_: Any) -> list[list[Any]]:
    """Return the zeros of a function of one variable between points of a grid."""
    import mpmath

    outwards = [0.05 * k for k in range(201)] + [10 * 10 ** (k / 100) for k in range(1, 101)]
    grid = [
        mpmath.mpf(x) + mpmath.mpf("0.00137") for x in (*[-x for x in outwards[:0:-1]], *outwards)
    ]
    places, left = [], (grid[0], at(grid[0]))
    for x in grid[1:]:
        right = x, at(x)
        if left[1] and right[1] and left[1][0] * right[1][0] <= 0:
            (a, (low,)), (b, (high,)) = left, right
            size = max(abs(low), abs(high))
            for _step in range(110):
                middle = (a + b) / 2
                value = at(middle)
                if value is None:
                    break
                a, b, low = (a, middle, low) if low * value[0] <= 0 else (middle, b, value[0])
            middle = (a + b) / 2
            end = at(middle)
            is_zero = end is not None and abs(end[0]) <= 1e-12 * size  # and no pole
            if is_zero and _changes_sign(at, middle, size):
                places.append([middle])
        left = right
    return places


def _changes_sign(at: Any, x: Any, size: Any) -> bool:
    """Return whether a slope passes through 0 at x: it does not jump, and is not rounded to 0."""
    import mpmath

    with mpmath.workdps(4 * _DIGITS):
        margin = mpmath.mpf(10) ** -18 * (1 + abs(x))
        left, right = at(x - margin), at(x + margin)
        if not left or not right:
            return False
        return bool(left[0] * right[0] <= 0 and abs(left[0]) + abs(right[0]) <= 1e-9 * size)


def _newton(at: Any, slopes: list[Any], symbols: list[Any]) -> list[list[Any]]:
    """Return the limits of Newton's method from random points that are solutions."""
    import mpmath
    import sympy

    rows = [[_derivative(slope, s) for s in symbols] for slope in slopes]
    jacobian = sympy.lambdify(symbols, rows, "mpmath")
    draw, places = random.Random(0), []
    for k in range(_STARTS):
        place = [mpmath.mpf(draw.gauss(0, (1, 3, 10)[k % 3])) for _ in symbols]
        try:
            for _step in range(40):
                values = at(*place)
                if values is None:
                    break
                change = mpmath.lu_solve(mpmath.matrix(jacobian(*place)), mpmath.matrix(values))
                place = [p - c for p, c in zip(place, change, strict=True)]
                if max(abs(c) for c in change) < mpmath.mpf(10) ** -20 * (1 + max(map(abs, place))):
                    if all(abs(p) <= _RANGE for p in place):
                        places.append(place)
                    break
        except (ArithmeticError, TypeError, ValueError):
            continue
    return places


def _point(
    expression: Any, slopes: list[Any], symbols: list[Any], place: list[Any]
) -> dict[str, Any]:
    import mpmath
    import sympy

    is_exact = not any(p.has(sympy.Float, sympy.CRootOf) or _is_long(p) for p in place)
    with mpmath.workdps(_DIGITS):
        numbers = dict(zip(symbols, (_real(p) for p in place), strict=True))
        value = expression.subs(numbers)
        if is_exact:
            value = sympy.simplify(expression.subs(dict(zip(symbols, place, strict=True))))
        rows = [
            [mpmath.mpf(_real(_derivative(slope, s).subs(numbers))) for s in symbols]
            for slope in slopes
        ]
        bends = mpmath.eigsy(mpmath.matrix(rows), eigvals_only=True)
        size = max((abs(b) for b in bends), default=0)
        return {
            "place": [_written(p, is_exact) for p in place],
            "numbers": [float(number) for number in numbers.values()],
            "value": _written(value, is_exact),
            "bends": [float(b) if abs(b) > 1e-15 * max(size, 1) else 0.0 for b in bends],
        }


def _real(number: Any) -> Any:
    """Return the real part as a SymPy float: of a radical the imaginary one is a rounding error."""
    import sympy

    return sympy.re(number.evalf(_DIGITS))


def _is_long(number: Any) -> bool:
    import sympy

    parts = (part for r in number.atoms(sympy.Rational) for part in (abs(r.p), r.q))
    is_rounded = any(part >= _LARGEST for part in parts)  # where it is written
    return bool(number.has(sympy.I)) or int(number.count_ops()) > _LONGEST or is_rounded


def _written(number: Any, is_exact: bool) -> dict[str, Any] | str:
    """Return a number as a formula, as text if only SymPy can express it, or as a decimal."""
    import sympy

    if not is_exact or _is_long(number):
        decimal = sympy.nsimplify(0) if abs(float(_real(number))) < 1e-20 else _real(number)
        return f"≈{float(decimal):.{_SHOWN_DIGITS}g}".replace("-", "−")
    if number.has(sympy.core.numbers.NumberSymbol):
        return str(number).replace("pi", "π")
    try:
        return encoded(from_sympy([number], as_printed=True))
    except AdvizError:
        return str(number)
