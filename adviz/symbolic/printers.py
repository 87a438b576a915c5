"""Formulas as input for Mathematica, Maple and Maxima: SymPy's printers, and what they lack.

An input is renamed where its name means something else in the other system, as E and I do in
Mathematica and gamma in Maple, or is none there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

from adviz.core.elementals import SIGN
from adviz.host.errors import UnsupportedOperationError
from adviz.symbolic.expr import Expr, topological_order
from adviz.symbolic.systems import names_in, to_sympy

__all__ = ["maple_code", "mathematica_code", "maxima_code"]

_SIGN = SIGN.names["sympy"]
# Maple's own sign is that of a polynomial's leading coefficient.
_MAPLE_FUNCTIONS = {_SIGN: "signum", "atan2": "arctan", "polygamma": "Psi"}
_MATHEMATICA_FUNCTIONS = {_SIGN: "Sign"}

# Constants, functions and words of the language.
_MAPLE_NAMES = """
    I Pi gamma Catalan infinity undefined true false FAIL NULL D O Digits Order GAMMA lnGAMMA Beta
    Psi Zeta Ei Si Ci Li abs arccos arccosh arcsin arcsinh arctan arctanh argument ceil coeff
    conjugate cos cosh cot coth csc degree diff dsolve erf erfc erfi eval evalf exp expand factor
    floor frac harmonic has hypergeom ilog int integrate is length lhs limit ln log log2 log10 map
    max min nops norm normal numer denom op piecewise polylog product rand rhs root round sec select
    seq sech csch series sign signum simplify sin sinh solve sort sqrt subs sum surd tan tanh taylor
    time trace trunc type unapply whattype zip add mul and assuming break by catch description do
    done elif else end error export fi finally for from global if implies in intersect local minus
    mod module next not od option options or proc quit read return save static stop subset then to
    try union until use uses while xor
"""
_MAXIMA_NAMES = """
    inf minf infinity ind und zeroa zerob true false values functions arrays macros rules props
    aliases labels numer float simp domain modulus algebraic ibase obase fpprec linel showtime
    infolists packages structures gradefs dependencies derivsubst logabs and at do else elseif for
    from if in next not or step then thru unless while
"""


def mathematica_code(expression: Expr) -> str:
    """Return an expression as input for Mathematica.

    All of Mathematica's own names begin with a capital letter, and ``_`` is a pattern there.

    Examples
    --------
    >>> import numpy as np
    >>> from adviz.symbolic.expr import symbol
    >>> mathematica_code(np.log(symbol("x")) * 1e-7)
    '1.0*^-7*Log[x]'
    >>> mathematica_code(symbol("E") * symbol("x_1"))
    'e*x1'
    """
    import sympy

    def written(name: str) -> str:
        text = _in_ascii(name).replace("_", "")
        return text[:1].lower() + text[1:]

    formula = _renamed(expression, written, "")
    text: str = sympy.mathematica_code(formula, user_functions=_MATHEMATICA_FUNCTIONS)
    # SymPy writes 1.0e-7, which Mathematica reads as e times 1, minus 7.
    return re.sub(r"(?<![\w.])(\d[\d.]*)e([+-]?\d+)", r"\1*^\2", text)


def maple_code(expression: Expr) -> str:
    """Return an expression as input for Maple.

    Examples
    --------
    >>> from adviz.symbolic.expr import symbol
    >>> maple_code(symbol("gamma") * symbol("x"))
    'gamma1*x'
    """
    from sympy.printing.maple import MapleCodePrinter

    printer = MapleCodePrinter()
    for name, written in (_MAPLE_FUNCTIONS | names_in("maple")).items():
        template = written if "{" in written else f"{written}({{}})"
        printer.known_functions[name] = [(lambda *_: True, partial(_called, template))]
    return str(printer.doprint(_renamed(expression, _in_ascii, _MAPLE_NAMES)))


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

    names = names_in("maxima")

    class MaximaPrinter(StrPrinter):  # type: ignore[misc] # SymPy has no types
        def _print_Pow(self, expr: Any, rational: bool = False) -> str:  # noqa: N802 - SymPy's name
            return str(super()._print_Pow(expr, rational=rational)).replace("**", "^")

        def _print_Function(self, expr: Any) -> str:  # noqa: N802
            name = type(expr).__name__
            function = names.get(name, name)
            if not function:
                raise UnsupportedOperationError(f"Maxima has no function for {expr}.")
            return f"{function}({self.stringify(expr.args, ', ')})"

        def _print_Abs(self, expr: Any) -> str:  # noqa: N802
            function = type(expr).__name__.lower()
            return f"{function}({self.stringify(expr.args, ', ')})"

        _print_Max = _print_Min = _print_Abs  # noqa: N815

        def _print_polygamma(self, expr: Any) -> str:
            order, number = expr.args
            return f"psi[{self._print(order)}]({self._print(number)})"

        def _print_Exp1(self, expr: Any) -> str:  # noqa: N802
            return "%e"

        def _print_Pi(self, expr: Any) -> str:  # noqa: N802
            return "%pi"

        def _print_Infinity(self, expr: Any) -> str:  # noqa: N802
            return "inf"

        def _print_NegativeInfinity(self, expr: Any) -> str:  # noqa: N802
            return "minf"

        def _print_NaN(self, expr: Any) -> str:  # noqa: N802
            return "und"

    return str(MaximaPrinter().doprint(_renamed(expression, _in_ascii, _MAXIMA_NAMES)))


def _renamed(expression: Expr, written: Callable[[str], str], taken: str) -> Any:
    """Return SymPy's expression with names that another system takes as they are meant.

    Parameters
    ----------
    expression : Expr
    written : callable
        Returns a name as the system can write it.
    taken : str
        The system's own names.

    Raises
    ------
    UnsupportedOperationError
        If it has no value that the systems know: 1/0.
    """
    import sympy

    (formula,) = to_sympy([expression])
    if formula.has(sympy.zoo, sympy.I):
        raise UnsupportedOperationError(
            f"SymPy simplifies the formula to {str(formula)[:60]}, which is not a real number: it "
            "divides by 0, for example."
        )
    names = {
        str(part.leaf)
        for part in topological_order(expression)
        if part.elemental is None and not part.is_number
    } & {str(s) for s in formula.free_symbols}
    new_names: dict[str, str] = {}
    used = set(taken.split())
    # A name that can stay as it is comes before one that has to change.
    for name in sorted(names, key=lambda name: (written(name) != name, name)):
        text, count = written(name), 0
        while text in used:
            count += 1
            text = f"{written(name)}{count}"
        used.add(text)
        new_names[name] = text
    return formula.xreplace({s: sympy.Symbol(new_names[str(s)]) for s in formula.free_symbols})


def _called(template: str, *operands: str) -> str:
    return template.format(", ".join(operands))


def _in_ascii(name: str) -> str:
    """Return a name in letters, digits and _, beginning with a letter: alpha for α.

    Examples
    --------
    >>> _in_ascii("w[0][1]"), _in_ascii("α"), _in_ascii("_x")
    ('w_0_1', 'alpha', 'x')
    """
    letters = []
    for letter in unicodedata.normalize("NFKD", name):
        if not letter.isascii():
            letter = unicodedata.name(letter, "x").split()[-1].lower() if letter.isalnum() else ""
        letters.append(letter)
    text = re.sub(r"[^0-9A-Za-z]+", "_", "".join(letters)).strip("_") or "x"
    return f"x{text}" if text[0].isdigit() else text
