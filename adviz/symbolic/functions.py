"""A formula as a Python function, with source that a trace of it can show."""

from __future__ import annotations

import hashlib
import linecache
import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from adviz.core.elementals import ELEMENTALS
from adviz.host.arguments import described
from adviz.host.derived_functions import made_by
from adviz.host.errors import InputError, UnsupportedOperationError
from adviz.symbolic.expr import Expr, topological_order
from adviz.symbolic.program import dag_program, identifiers
from adviz.symbolic.python_source import to_python
from adviz.symbolic.size import size
from adviz.symbolic.systems import from_sympy, row_of_sympy

__all__ = ["function_of", "function_of_sympy"]

_MAX_ONE_LINE = 76
"""Characters of a formula that is written in one line; a longer one is written step by step."""


def function_of_sympy(expression: Any, names: Sequence[str]) -> Callable[..., Any]:
    """Return a SymPy expression as a function of its symbols, in the order of these names.

    A Piecewise becomes a conditional expression, and a function without a row in the table that
    SymPy can write as a Piecewise or in terms of others, such as Heaviside, is written so.

    Raises
    ------
    InputError
        If it is no expression of numbers, or has other symbols than these.
    UnsupportedOperationError
        If it contains something for which there is no row.
    """
    import sympy

    if not isinstance(expression, sympy.Expr) or getattr(expression, "is_Matrix", False):
        raise InputError(
            f"from_sympy takes one SymPy expression whose value is a number, not "
            f"{described(expression)}. Of a matrix or a list, trace each entry."
        )
    symbols = sorted(str(s) for s in expression.free_symbols)
    if len(set(symbols)) < len(symbols):
        raise InputError(
            "Different symbols of the expression have the same name "
            f"({', '.join(symbols)}), as those with other assumptions do: rename them."
        )
    if set(symbols) != set(names):
        raise InputError(
            f"The expression has the symbols {', '.join(symbols) or '(none)'}, and numbers were "
            f"given for {', '.join(names) or 'none'}: give one for each, as in "
            f"from_sympy(expression, {symbols[0] if symbols else 'x'}=2.0)."
        )
    expression = expression.replace(
        lambda part: part.is_Function and row_of_sympy(part) is None, _in_pieces
    )
    if not expression.has(sympy.Piecewise):
        return function_of(from_sympy([expression], as_printed=True)[0], names)
    return _in_branches(expression, names)


def _in_pieces(part: Any) -> Any:
    import sympy

    pieces = part.rewrite(sympy.Piecewise)
    return pieces if pieces.has(sympy.Piecewise) else part


def _in_branches(expression: Any, names: Sequence[str]) -> Callable[..., Any]:
    """Return a SymPy expression with Piecewise in it as a function, with a line for each."""
    import sympy

    inputs = identifiers(names)
    renamed = dict(zip(names, inputs, strict=True))
    expression = expression.xreplace(
        {s: sympy.Symbol(renamed[str(s)]) for s in expression.free_symbols}
    )
    lines: list[str] = []
    while True:
        innermost = [
            part
            for part in expression.atoms(sympy.Piecewise)
            if len(part.atoms(sympy.Piecewise)) == 1
        ]
        if not innermost:
            break
        piecewise = min(innermost, key=str)
        name = identifiers([*inputs, f"p{len(lines) + 1}"])[-1]
        branches = "".join(f"{_python(e)} if {_condition(c)} else " for e, c in piecewise.args)
        lines.append(f"    {name} = {branches}np.nan")
        expression = expression.xreplace({piecewise: sympy.Symbol(name)})
    lines.append(f"    return 0.0 + {_python(expression)}")
    return _compiled("\n".join([f"def f({', '.join(inputs)}):", *lines, ""]))


def _python(expression: Any) -> str:
    return to_python(from_sympy([expression], as_printed=True)[0])


def _condition(condition: Any) -> str:
    """Return a condition of SymPy as Python source."""
    import sympy

    if condition in (True, False):
        return str(bool(condition))
    if isinstance(condition, sympy.Not):
        return f"not ({_condition(condition.args[0])})"
    if isinstance(condition, sympy.And | sympy.Or):
        word = " and " if isinstance(condition, sympy.And) else " or "
        return word.join(f"({_condition(part)})" for part in condition.args)
    if isinstance(condition, sympy.core.relational.Relational):
        return f"{_python(condition.lhs)} {condition.rel_op} {_python(condition.rhs)}"
    raise UnsupportedOperationError(
        f"The condition {str(condition)[:60]} of SymPy's Piecewise is no comparison of numbers."
    )


def function_of(expression: Expr, names: Sequence[str]) -> Callable[..., Any]:
    """Return an expression as a Python function, whose source traces and tracebacks can show.

    Examples
    --------
    >>> from adviz.symbolic.expr import symbol
    >>> function_of(symbol("x") ** 2 + 1, ["x"])(3.0)
    10.0
    """
    inputs = identifiers(names)
    if size(expression).characters <= _MAX_ONE_LINE and list(names) == inputs:
        source = f"def f({', '.join(inputs)}):\n    return {to_python(expression)}\n"
    else:
        source = dag_program([expression], names).source("f") + "\n"
    if not any(part.leaf in names for part in topological_order(expression) if not part.is_number):
        source = source.replace("return ", "return 0.0 + ", 1)
    return _compiled(source)


def _compiled(source: str) -> Callable[..., Any]:
    # The file name depends on the formula only, so that its trace is the same document each time.
    file = f"<formula {hashlib.sha256(source.encode()).hexdigest()[:8]}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    table = SimpleNamespace(ELEMENTALS=ELEMENTALS)
    namespace: dict[str, Any] = {"np": np, "ad": table, "scipy": sys.modules.get("scipy")}
    exec(compile(source, file, "exec"), namespace)
    return made_by(_compiled, source)(namespace["f"])
