"""Programs: straight-line Python functions that compute rows of a trace from its inputs."""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable, Container
from typing import Any

import numpy as np

from adviz.code.program_source import OTHER_BRANCH, Output, ProgramSource
from adviz.code.python_text import identifier
from adviz.code.resumed_generators import ResumedGenerator
from adviz.core.tape import Tape
from adviz.host.source import Source

__all__ = ["FAILED", "MAX_ROWS", "OTHER_BRANCH", "Output", "Program"]

FAILED = object()
"""The result of a program where Python raised an error: 1/0, which is infinite in a trace."""

MAX_ROWS = 20_000
"""Rows of a trace above which compiling its code takes longer than it saves."""

_numbers = itertools.count(1)


class Program:
    """A straight-line Python function that computes some rows of a trace from its inputs.

    Parameters
    ----------
    name : str
        The name of the function in the source.
    tape : Tape
        Of plain numbers and arrays.
    template : nest
        What the program returns, with an :class:`Output` for each number or array.
    names : dict of int to str
        The names of rows, by slot.
    sources : dict of int to Source
        The places in the user's code that rows come from, by slot.
    copies : bool
        Whether returned arrays are copied where something else refers to them.
    parameter_texts : dict of int to str, optional
        The text for arrays that are parameters of operations, by id. The function then has one
        argument, a list of the inputs, which may have more entries.
    dense : set of int, optional
        The inputs whose entries lie in memory without gaps. Such matrices are multiplied by
        ``dot``, which calls BLAS with less overhead than ``@`` and gives the same to the last bit.

    Attributes
    ----------
    source : str
        The Python code.
    run : callable
        The function that it defines, which takes the inputs one by one.
    operations : int
        The number of operations in the code.
    """

    def __init__(
        self,
        name: str,
        tape: Tape,
        template: Any,
        names: dict[int, str],
        sources: dict[int, Source],
        copies: bool = True,
        parameter_texts: dict[int, str] | None = None,
        dense: Container[int] | None = None,
    ) -> None:
        writer = ProgramSource(tape, template, names, sources, copies, parameter_texts, dense)
        self.source = writer.function(identifier(name))
        self.operations = len(writer.trace.nodes)
        file = f"<adviz {name} {next(_numbers)}>"  # what tracebacks and inspect show
        linecache.cache[file] = (len(self.source), None, self.source.splitlines(True), file)
        exec(compile(self.source, file, "exec"), writer.namespace)
        function = writer.namespace[identifier(name)]
        self.run: Callable[..., Any] = (
            ResumedGenerator(function) if writer.is_generator else function
        )
        # Arithmetic on Python floats gives no warnings that would have to be turned off.
        only_floats = all(value.__class__ is float for value in tape.values)
        self._may_warn = writer.calls_functions or not only_floats

    def __call__(self, *numbers: Any) -> Any:
        """Run it; return :data:`OTHER_BRANCH` or :data:`FAILED` where it has no result."""
        try:
            if not self._may_warn:
                return self.run(*numbers)
            with np.errstate(all="ignore"):
                return self.run(*numbers)
        except (ArithmeticError, ValueError, RecursionError):
            return FAILED
