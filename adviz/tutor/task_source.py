"""The source of a function in an exercise: in one line, where it computes in one."""

from __future__ import annotations

import ast
import textwrap

import numpy as np

from adviz.core.trace import Trace
from adviz.render.document_places import DocumentPlaces

__all__ = ["task_source"]

_MOST_LINES = 40


def task_source(trace: Trace) -> str:
    """Return the source: ``f(x1, x2) = x1 * x2``, or its lines; "" where it is not known.

    Examples
    --------
    >>> from adviz.render.views import trace
    >>> task_source(trace(lambda x: x * x, 3))
    'f(x) = x * x'
    >>> task_source(trace(np.exp, 1))
    'exp(x)'
    """
    if isinstance(trace.function, np.ufunc):
        # Its rows have no source but that of the call.
        return f"{trace.function_name}({', '.join(trace.input_names)})"
    sources = DocumentPlaces(trace).sources
    if not sources:
        return ""
    lines = sources[0]["lines"]
    text = textwrap.dedent("\n".join(lines))
    one_line = _equation(text.strip(), trace.function_name)
    if one_line is not None:
        return one_line
    shown = text.splitlines()[:_MOST_LINES]
    return "\n".join([*shown, "…"] if len(shown) < len(lines) else shown)


def _equation(text: str, name: str) -> str | None:
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a lambda inside a call that goes on in other lines
        text = _only_lambda(text)
        tree = ast.parse(text)
    lambdas = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
    match tree.body:
        case [ast.FunctionDef(args=args, body=[*before, ast.Return(value=ast.expr() as value)])]:
            if not all(map(_is_text, before)):
                return None
        case _ if len(lambdas) == 1:
            args, value = lambdas[0].args, lambdas[0].body
        case _:
            return None
    written = ast.get_source_segment(text, value)
    if written is None or "\n" in written:
        written = ast.unparse(value)
    return f"{name}({', '.join(_parameters(args))}) = {written}"


def _only_lambda(text: str) -> str:
    """Return the lambda in a piece of source, up to where it ends; "" if there is not just one."""
    _, *rest = text.split("lambda")
    if len(rest) != 1:
        return ""
    begun = "lambda" + rest[0]
    for end in range(len(begun), 0, -1):
        try:
            tree = ast.parse(begun[:end], mode="eval").body
        except SyntaxError:
            continue
        first = tree.elts[0] if isinstance(tree, ast.Tuple) else tree
        return ast.get_source_segment(begun, first) or ""
    return ""


def _parameters(args: ast.arguments) -> list[str]:
    names = [argument.arg for argument in (*args.posonlyargs, *args.args)]
    names += [f"*{args.vararg.arg}"] if args.vararg else []
    return names + [argument.arg for argument in args.kwonlyargs]


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
