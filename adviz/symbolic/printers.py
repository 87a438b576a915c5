"""Formulas as input for Mathematica, Maple and Maxima: SymPy's printers, and what they lack."""

from __future__ import annotations

import re
from typing import Any

from adviz.symbolic.expr import Expr
from adviz.symbolic.systems import by_sympy_name, maxima_name, to_sympy

__all__ = ["maple_code", "mathematica_code", "maxima_code"]


def mathematica_code(expression: Expr) -> str:
    """Return an expression as input for Mathematica.

    Examples
    --------
    >>> import numpy as np
    >>> from adviz.symbolic.expr import symbol
    >>> mathematica_code(np.log(symbol("x")) * 1e-7)
    '1.0*^-7*Log[x]'
    """
    import sympy

    text: str = sympy.mathematica_code(to_sympy([expression])[0])
    # SymPy writes 1.0e-7, which Mathematica reads as e times 1, minus 7.
    return re.sub(r"(?<=\d)e([+-]?\d+)", r"*^\1", text)


def maple_code(expression: Expr) -> str:
    """Return an expression as input for Maple."""
    import sympy

    text: str = sympy.maple_code(to_sympy([expression])[0])
    return text


def maxima_code(expression: Expr) -> str:
    """Return an expression as input for Maxima, for which SymPy has no printer.

    Examples
    --------
    >>> import numpy as np
    >>> from adviz.symbolic.expr import symbol
    >>> maxima_code(abs(symbol("x")) * np.exp(1 / symbol("x")))
    'exp(1/x)*abs(x)'
    """
    from sympy.printing.str import StrPrinter

    rows = by_sympy_name()

    class MaximaPrinter(StrPrinter):  # type: ignore[misc] # SymPy has no types
        def _print_Pow(self, expr: Any, rational: bool = False) -> str:  # noqa: N802 - SymPy's name
            return str(super()._print_Pow(expr, rational=rational)).replace("**", "^")

        def _print_Function(self, expr: Any) -> str:  # noqa: N802
            name = type(expr).__name__
            function = maxima_name(rows[name]) if name in rows else name
            return f"{function}({self.stringify(expr.args, ', ')})"

        _print_Abs = _print_Max = _print_Min = _print_Function  # noqa: N815

        def _print_Exp1(self, expr: Any) -> str:  # noqa: N802
            return "%e"

        def _print_Pi(self, expr: Any) -> str:  # noqa: N802
            return "%pi"

    return str(MaximaPrinter().doprint(to_sympy([expression])[0]))
