"""The cell magic ``%%trace``: traces the statements of a cell as a function."""

from __future__ import annotations

import argparse
import ast
import keyword
import linecache
import re
import shlex
import zlib
from collections.abc import Callable
from typing import Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import publish_display_data

from adviz.core.variable import value_of
from adviz.host.errors import InputError
from adviz.host.nests import mapped
from adviz.render.table import PASSES
from adviz.render.views import Trace, trace

__all__ = ["load", "trace_statements"]

_CELL = "<cell>"  # like "<lambda>": there is no def line to show

_INPUT = re.compile(r"([^\W\d]\w*)=(.+)", re.DOTALL)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"%%trace: {message}. Write, for example: %%trace x1=3 x2=-4")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="%%trace", add_help=False)
    parser.add_argument("inputs", nargs="+", metavar="NAME=VALUE")
    parser.add_argument("--mode", choices=PASSES, default="primal")
    parser.add_argument("--into", default="traced", metavar="NAME")
    return parser


def load(shell: InteractiveShell) -> None:
    """Give a notebook the cell magic ``%%trace``."""

    def trace_cell(line: str, cell: str) -> None:
        """Trace the statements of this cell and display the player.

        %%trace NAME=VALUE [NAME=VALUE ...] [--mode primal|forward|reverse] [--into NAME]

        Each NAME is an input, its VALUE any expression (in quotes where it holds spaces). The
        output is the value of the last line: an expression, or what it assigns. The trace is left
        in the variable ``traced``, or the one named with --into, and so are the plain values that
        the statements assign.
        """
        __tracebackhide__ = True
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise UsageError(f"%%trace: {error}: {line}") from None
        arguments = _parser().parse_args(words)
        inputs = {}
        for text in arguments.inputs:
            match = _INPUT.fullmatch(text)
            if match is None:
                raise UsageError(f"%%trace: {text!r} is not NAME=VALUE. Write, for example: x1=3")
            if keyword.iskeyword(match[1]):
                raise UsageError(f"%%trace: {match[1]!r} means something in Python: rename it.")
            try:
                inputs[match[1]] = shell.ev(match[2])
            except Exception as error:  # noqa: BLE001 - any error of the user's expression
                raise UsageError(
                    f"%%trace: {text!r} has no value: {type(error).__name__}: {error}"
                ) from None
        if not arguments.into.isidentifier() or keyword.iskeyword(arguments.into):
            raise UsageError(f"%%trace: {arguments.into!r} cannot name a variable.")
        traced, assigned = trace_statements(cell, inputs, shell.user_ns)
        shell.user_ns.update(assigned)
        shell.user_ns[arguments.into] = traced
        bundle = traced.play(arguments.mode)._repr_mimebundle_()
        publish_display_data(bundle)

    shell.register_magic_function(trace_cell, "cell", "trace")  # type: ignore[arg-type]


def trace_statements(
    text: str, inputs: dict[str, Any], namespace: dict[str, Any]
) -> tuple[Trace, dict[str, Any]]:
    """Trace plain statements as a function of their inputs.

    Parameters
    ----------
    text : str
        The statements; the last one gives the output.
    inputs : dict
        The inputs by name.
    namespace : dict
        Where the statements find all other names.

    Returns
    -------
    Trace
    dict
        The plain values of the variables that the statements assign.

    Raises
    ------
    InputError
        If the last statement has no value.

    Examples
    --------
    >>> traced, assigned = trace_statements("a = x * x; a + x", {"x": 3}, {})
    >>> traced.value, assigned["a"]
    (12.0, 9.0)
    """
    __tracebackhide__ = True
    function = _as_function(text, list(inputs), namespace)
    assigned: dict[str, Any] = {}

    def without_locals(*arguments: Any) -> Any:
        __tracebackhide__ = True
        output, variables = function(*arguments)
        if output is None:
            raise InputError(
                "The last statement gives None, which has no derivative: end with an expression "
                "of numbers or an assignment, for example: y"
            )
        assigned.update(variables)
        return output

    without_locals.__wrapped__ = function  # type: ignore[attr-defined]
    without_locals.__name__ = "cell"
    traced = trace(without_locals, *inputs.values())
    return traced, {name: mapped(value_of, value) for name, value in assigned.items()}


def _as_function(
    text: str, names: list[str], namespace: dict[str, Any]
) -> Callable[..., tuple[Any, dict[str, Any]]]:
    """Return a function of these names that returns the statements' output and variables."""
    filename = f"<cell {zlib.crc32(text.encode()):08x}>"
    try:
        statements = ast.parse(text, filename).body
    except SyntaxError as error:
        raise InputError(f"This is not Python: {error.msg}, line {error.lineno}.") from None
    if not statements:
        raise InputError("There is nothing to trace: write statements below the magic.")
    output = _output(statements[-1])
    if isinstance(statements[-1], ast.Expr):
        statements.pop()
    # The variables are returned too, so that the notebook gets them.
    both = ast.Tuple([output, ast.Call(ast.Name("locals", ast.Load()), [], [])], ast.Load())
    returned = ast.copy_location(ast.Return(both), output)
    template = ast.parse(f"def cell({', '.join(names)}): pass", filename)
    definition = template.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.name = _CELL
    definition.body = [*statements, returned]
    ast.fix_missing_locations(template)
    # Tracebacks and the player's source panel look the text up here.
    lines = text.splitlines(keepends=True)
    linecache.cache[filename] = (len(text), None, lines, filename)
    defined: dict[str, Any] = {}
    exec(compile(template, filename, "exec"), namespace, defined)
    function: Callable[..., tuple[Any, dict[str, Any]]] = defined[_CELL]
    return function


def _output(last: ast.stmt) -> ast.expr:
    """Return the value of the last statement as an expression."""
    match last:
        case ast.Expr(value=value):
            return value
        case (
            ast.Assign(targets=[target])
            | ast.AnnAssign(target=target)
            | ast.AugAssign(target=target)
        ):
            named = ast.parse(ast.unparse(target), mode="eval").body
            return ast.copy_location(named, target)
    raise InputError(
        "The last statement gives no output: end with an expression or an assignment, "
        "for example: y"
    )
