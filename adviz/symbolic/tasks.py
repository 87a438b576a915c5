"""The worker's tasks: derivatives, simplified forms and solutions by other systems."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

from adviz.core.elementals import Elemental
from adviz.host.errors import AdvizError
from adviz.symbolic.expr import Expr, constant, symbol, topological_order
from adviz.symbolic.size import size
from adviz.symbolic.stationary import stationary_points
from adviz.symbolic.systems import (
    decoded,
    encoded,
    from_sympy,
    in_common_functions,
    maxima_name,
    to_sympy,
    translated,
)

__all__ = ["SYSTEMS", "TASKS", "installed"]

_MAX_NODES_SENT = 20_000
"""A result with more nodes is counted, but its formula is not sent back."""


def installed(system: str) -> bool:
    """Return whether a system is installed: "SymPy", "SymEngine", "Maxima" or "PyTensor"."""
    if system == "Maxima":
        return shutil.which("maxima") is not None
    return importlib.util.find_spec(system.lower()) is not None


def _sympy_form(formula: dict[str, Any], variables: list[str], form: str) -> dict[str, Any]:
    """Differentiate with SymPy, and simplify, factor or share subexpressions (CSE)."""
    import sympy

    expressions = to_sympy(decoded(formula), real=True)
    start = time.perf_counter()
    (expression,) = expressions
    derivatives = [expression.diff(sympy.Symbol(name, real=True)) for name in variables]
    if form == "CSE":
        definitions, derivatives = sympy.cse(derivatives)
        seconds = time.perf_counter() - start
        lines = from_sympy([*(line for _, line in definitions), *derivatives])
        # CSE shares already: each definition counts once, and its name is a symbol.
        operations = sum(size(line).tree_operations for line in lines)
        return {"operations": operations, "dag_operations": operations, "seconds": seconds}
    if form != "derivative":
        function = {"simplified": sympy.simplify, "factored": sympy.factor}[form]
        derivatives = [function(part) for part in derivatives]
    seconds = time.perf_counter() - start
    return {**_measured(from_sympy(derivatives)), "seconds": seconds}


def _measured(roots: list[Expr]) -> dict[str, Any]:
    """Return the size of a result, and its formula unless it is too large to be sent."""
    counted = size(*roots)
    answer: dict[str, Any] = {
        "operations": counted.tree_operations,
        "dag_operations": counted.dag_operations,
    }
    if counted.dag_nodes <= _MAX_NODES_SENT:
        answer["formula"] = encoded(roots)
    return answer


def _symengine(formula: dict[str, Any], variables: list[str]) -> dict[str, Any]:
    symengine: Any = importlib.import_module("symengine")

    def leaf(part: Expr) -> Any:
        number = part.leaf
        if not part.is_number:
            return symengine.Symbol(str(number))
        return symengine.Integer(number) if isinstance(number, int) else float(number)

    (expression,) = translated(
        decoded(formula), leaf, lambda row: getattr(symengine, row.names["sympy"])
    )
    start = time.perf_counter()
    derivatives = [symengine.sympify(expression).diff(symengine.Symbol(name)) for name in variables]
    seconds = time.perf_counter() - start
    return {**_measured(from_sympy(derivatives)), "seconds": seconds}


def maxima_lines(roots: Sequence[Expr]) -> tuple[list[str], list[str]]:
    """Return assignments that build expressions in Maxima, and the name of each root."""
    lines: list[str] = []
    names: dict[Expr, str] = {}
    for part in topological_order(*in_common_functions(roots)):
        if part.elemental is None:
            # The prefix keeps the user's names apart from Maxima's own and from v1, v2, ...
            text = str(part.leaf)
            names[part] = (
                f"({text})" if part.is_number else f"x_{re.sub(r'[^0-9A-Za-z]', '_', text)}"
            )
            continue
        args = [names[arg] for arg in part.args]
        row = part.elemental
        if "sympy" in row.names:
            source = f"{maxima_name(row)}({', '.join(args)})"
        else:
            sign = row.names["python"].replace("**", "^")
            source = f"{args[0]}{sign}{args[1]}" if len(args) == 2 else f"{sign}{args[0]}"
        names[part] = f"v{len(lines) + 1}"
        lines.append(f"{names[part]}: {source}$")
    return lines, [names[root] for root in in_common_functions(roots)]


def _maxima(formula: dict[str, Any], variables: list[str]) -> dict[str, Any]:
    lines, (root,) = maxima_lines(decoded(formula))
    names = [f"x_{re.sub(r'[^0-9A-Za-z]', '_', name)}" for name in variables]
    requests = [f"print(string(diff({root}, {name})))$" for name in names]
    text = "\n".join(["display2d: false$", *lines, 'print("begin")$', *requests, ""])
    start = time.perf_counter()
    run = subprocess.run(
        ["maxima", "--very-quiet"], input=text, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    _, _, after = run.stdout.partition("begin")
    answers = [line.strip() for line in after.splitlines() if line.strip()]
    if len(answers) != len(names):
        raise AdvizError(f"Maxima answered {run.stdout[-200:]!r}")
    operations = sum(_operations_in(line) for line in answers)
    return {"operations": operations, "seconds": seconds}


def _operations_in(text: str) -> int:
    """Count the signs and calls in a formula written by Maxima, parsed as Python."""
    tree = ast.parse(text.replace("^", "**").replace("%", "").replace(" ", ""), mode="eval")
    return sum(isinstance(n, (ast.BinOp, ast.UnaryOp, ast.Call)) for n in ast.walk(tree))


def _pytensor(formula: dict[str, Any], variables: list[str]) -> dict[str, Any]:
    """Differentiate with PyTensor, and count the graph after its own rewriting."""
    pytensor: Any = importlib.import_module("pytensor")
    pt: Any = importlib.import_module("pytensor.tensor")
    pytensor.config.cxx = ""
    inputs = {name: pt.dscalar(name) for name in variables}

    def leaf(part: Expr) -> Any:
        return inputs[str(part.leaf)] if not part.is_number else pt.constant(float(part.leaf))

    def function(row: Elemental) -> Any:
        return getattr(pt, row.names.get("pytensor", row.name))  # most are called as NumPy's

    (output,) = translated(decoded(formula), leaf, function)
    start = time.perf_counter()
    derivatives = pytensor.grad(output, [inputs[name] for name in variables])
    graph = pytensor.graph.rewriting.utils.rewrite_graph(
        pytensor.graph.fg.FunctionGraph(list(inputs.values()), derivatives, clone=True),
        include=("canonicalize", "stabilize", "merge"),
    )
    seconds = time.perf_counter() - start
    operations = sum(_operations_of(apply) for apply in graph.apply_nodes)
    return {"operations": None, "dag_operations": operations, "seconds": seconds}


def _operations_of(apply: Any) -> int:
    """Return how many operations a node counts: a sum of three terms is two."""
    scalar = getattr(apply.op, "scalar_op", None)
    if scalar is None:
        return 0
    many = type(scalar).__name__ in ("Add", "Mul")
    return len(apply.inputs) - 1 if many else 1


def _polynomial(formula: dict[str, Any], variable: str) -> dict[str, Any]:
    """Factor a polynomial and simplify its derivative, with rising powers as in a textbook."""
    import sympy

    x = sympy.Symbol(variable)
    (expression,) = to_sympy(decoded(formula), rational=True)
    if not expression.is_polynomial(x):
        raise AdvizError("only polynomials in one variable have these forms")
    coefficient, factors = sympy.factor_list(expression, x)
    written: list[tuple[int, int, Expr]] = []
    for base, power in factors:
        rising = sympy.Poly(base, x)
        if rising.all_coeffs()[-1] < 0 or (base != x and rising.eval(0) < 0):
            rising, coefficient = -rising, coefficient * (-1) ** power
        written.append((rising.degree(), power, _rising(rising, variable)))
    factored = constant(float(coefficient))
    for _, power, base in sorted(written, key=lambda item: (*item[:2], len(item[2].args))):
        factored = factored * (base**power if power > 1 else base)
    content, primitive = sympy.Poly(expression.diff(x), x).primitive()
    if primitive.all_coeffs()[-1] < 0:
        content, primitive = -content, -primitive
    forms = [
        _rising(sympy.Poly(content * primitive.as_expr(), x), variable),
        constant(float(content)) * _rising(primitive, variable),
    ]
    return {"formula": encoded([factored, min(forms, key=_complexity)])}


def _rising(polynomial: Any, variable: str) -> Expr:
    """Return a polynomial as a sum of rising powers."""
    total = constant(0)
    for (power,), coefficient in reversed(polynomial.terms()):
        total = total + float(coefficient) * symbol(variable) ** power
    return total


def _complexity(root: Expr) -> int:
    """Return how much there is to read: the count of operations and of digits."""
    digits = sum(len(str(part.leaf)) for part in topological_order(root) if part.is_number)
    return size(root).tree_operations + digits


def _simplified(formula: dict[str, Any], form: str) -> dict[str, Any]:
    """Simplify, factor or expand an expression with SymPy."""
    import sympy

    functions = {"simplified": sympy.simplify, "factored": sympy.factor, "expanded": sympy.expand}
    return {
        "formula": encoded(
            from_sympy([functions[form](e) for e in to_sympy(decoded(formula))], as_printed=True)
        )
    }


SYSTEMS: dict[str, tuple[str, str, dict[str, Any]]] = {
    # column: the system it needs, the task, and further arguments of the task
    "SymPy diff": ("SymPy", "sympy", {"form": "derivative"}),
    "SymPy simplified": ("SymPy", "sympy", {"form": "simplified"}),
    "SymPy factored": ("SymPy", "sympy", {"form": "factored"}),
    "SymPy CSE": ("SymPy", "sympy", {"form": "CSE"}),
    "SymEngine": ("SymEngine", "symengine", {}),
    "Maxima": ("Maxima", "maxima", {}),
    "PyTensor": ("PyTensor", "pytensor", {}),
}


def _load(package: str) -> dict[str, Any]:
    """Import a package beforehand, so that the time limit is for the computation only."""
    if importlib.util.find_spec(package) is not None:
        importlib.import_module(package)
    return {}


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "load": _load,
    "sympy": _sympy_form,
    "symengine": _symengine,
    "maxima": _maxima,
    "pytensor": _pytensor,
    "stationary": stationary_points,
    "form": _simplified,
    "polynomial": _polynomial,
}
