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
from adviz.host.arguments import refusal
from adviz.host.errors import InputError
from adviz.symbolic.expr import Expr, topological_order
from adviz.symbolic.program import dag_program, identifiers
from adviz.symbolic.python_source import to_python
from adviz.symbolic.size import size
from adviz.symbolic.systems import from_sympy

__all__ = ["function_of", "function_of_sympy"]

_MAX_ONE_LINE = 76
"""Characters of a formula that is written in one line; a longer one is written step by step."""


def function_of_sympy(expression: Any, names: Sequence[str]) -> Callable[..., Any]:
    """Return a SymPy expression as a function of its symbols, in the order of these names.

    Raises
    ------
    InputError
        If it has other symbols than these.
    """
    if not hasattr(expression, "free_symbols"):
        raise refusal("expression", "an expression of SymPy", expression)
    symbols = sorted(str(s) for s in expression.free_symbols)
    if set(symbols) != set(names):
        raise InputError(
            f"The expression has the symbols {', '.join(symbols) or '(none)'}, and numbers were "
            f"given for {', '.join(names) or 'none'}: give one for each, as in "
            f"from_sympy(expression, {symbols[0] if symbols else 'x'}=2.0)."
        )
    return function_of(from_sympy([expression], as_printed=True)[0], names)


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
    # The file name depends on the formula only, so that its trace is the same document each time.
    file = f"<formula {hashlib.sha256(source.encode()).hexdigest()[:8]}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    table = SimpleNamespace(ELEMENTALS=ELEMENTALS)
    namespace: dict[str, Any] = {"np": np, "ad": table, "scipy": sys.modules.get("scipy")}
    exec(compile(source, file, "exec"), namespace)
    function: Callable[..., Any] = namespace["f"]
    return function
