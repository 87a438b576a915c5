"""Straight-line programs: a formula or a sweep as lines of one operation each.

Four programs compute a derivative in the same form: the tree, with every occurrence computed again;
the DAG, with each subexpression computed once; and the two sweeps of automatic differentiation,
operation by operation. Their counts and times can therefore be compared.
"""

from __future__ import annotations

import ast
import keyword
import re
import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from adviz.core import sweeps
from adviz.core.elementals import ABS, BY_UFUNC, ELEMENTALS, NEG, OPERATORS, Elemental
from adviz.core.trace import Trace
from adviz.host.errors import InputError, UnsupportedOperationError
from adviz.symbolic.expr import Expr, symbol, topological_order
from adviz.symbolic.python_source import number_source, operation_source

__all__ = [
    "Program",
    "dag_program",
    "forward_program",
    "identifiers",
    "operands_in_python",
    "reverse_program",
    "tree_program",
]

Operand = Any
"""An int: the index of an input or, counted on from there, of a line. A float: a constant."""


class Program:
    """A straight-line program: inputs, lines of one operation each, and outputs.

    Attributes
    ----------
    inputs : tuple of str
    lines : list of (Elemental, operands)
        An int is the index of an input or, counted on from there, of a line; a float is a
        constant.
    outputs : list
        Operands.

    Examples
    --------
    >>> from adviz.symbolic.expr import symbol
    >>> x = symbol("x")
    >>> print(dag_program([(1 - x) * x], ["x"]).source("f"))
    def f(x):
        v1 = 1 - x
        return v1 * x
    """

    def __init__(
        self,
        inputs: Sequence[str],
        lines: list[tuple[Elemental, tuple[Operand, ...]]],
        outputs: list[Operand],
    ) -> None:
        self.inputs = tuple(inputs)
        self.lines = lines
        self.outputs = outputs

    @property
    def operations(self) -> int:
        """The number of lines."""
        return len(self.lines)

    def source(self, name: str = "f") -> str:
        """Return the program as a Python function."""
        inputs = identifiers(self.inputs)

        def written(operand: Operand) -> str:
            if operand.__class__ is not int:
                return number_source(operand)
            first = len(inputs)
            return inputs[operand] if operand < first else f"v{operand - first + 1}"

        lines = [
            operation_source(elemental, [written(operand) for operand in operands])
            for elemental, operands in self.lines
        ]
        last = len(inputs) + len(lines) - 1
        body = [f"    v{k} = {line}" for k, line in enumerate(lines, 1)]
        if self.lines and self.outputs == [last]:
            body[-1] = f"    return {lines[-1]}"
        else:
            body.append(f"    return {', '.join(written(output) for output in self.outputs)}")
        return "\n".join([f"def {name}({', '.join(inputs)}):", *body])

    def compiled(self) -> Callable[..., Any]:
        """Return the program as a function of floats."""
        # What the lines call: np.log, ad.ELEMENTALS["relu"], scipy.special.erf if it was used.
        table = SimpleNamespace(ELEMENTALS=ELEMENTALS)
        namespace: dict[str, Any] = {"np": np, "ad": table, "scipy": sys.modules.get("scipy")}
        exec(compile(self.source(), "<straight-line program>", "exec"), namespace)
        function: Callable[..., Any] = namespace["f"]
        return function

    def run(self, numbers: Sequence[Any], apply: Callable[..., Any] | None = None) -> list[Any]:
        """Return the outputs for these inputs, computed line by line.

        Parameters
        ----------
        numbers : sequence
        apply : callable, optional
            ``apply(elemental, *operands)`` instead of calling the elemental.
        """
        values = list(numbers)

        def value(operand: Operand) -> Any:
            return values[operand] if operand.__class__ is int else operand

        with np.errstate(all="ignore"):
            for elemental, operands in self.lines:
                arguments = [value(operand) for operand in operands]
                values.append(apply(elemental, *arguments) if apply else elemental(*arguments))
        return [value(output) for output in self.outputs]


_USED = "np|scipy|ad|abs"
"""What the source of a formula uses, as a pattern."""


def operands_in_python(names: Sequence[str]) -> dict[str, str]:
    """Return names that mean an input in a line of Python: keywords and np get another name.

    Examples
    --------
    >>> operands_in_python(["x", "w[0]", "np", "lambda"])
    {'x': 'x', 'w[0]': 'w[0]', 'np': 'np_', 'lambda': 'lambda_'}
    """

    def stays(name: str) -> bool:
        try:
            tree = ast.parse(name, mode="eval").body
        except SyntaxError:
            return False
        is_operand = isinstance(tree, ast.Name | ast.Attribute | ast.Subscript)
        return is_operand and not re.match(rf"({_USED})\b", name)

    unchanged = [name for name in names if stays(name)]
    others = [name for name in names if name not in unchanged]
    new = identifiers([*unchanged, *others])[len(unchanged) :]
    changed = dict(zip(others, new, strict=True))
    return {name: changed.get(name, name) for name in names}


def identifiers(names: Sequence[str]) -> list[str]:
    """Return names as Python identifiers, all different: ``w[0][1]`` is ``w_0_1``.

    Examples
    --------
    >>> identifiers(["x1", "w[0][1]", "w_0_1", "lambda"])
    ['x1', 'w_0_1', 'w_0_1_', 'lambda_']
    """
    result: list[str] = []
    for name in names:
        text = re.sub(r"\W+", "_", name).strip("_") or "x"
        text = f"x{text}" if text[0].isdigit() else text
        # Lines are called v1, v2, ..., and they use np, scipy, ad and abs.
        while keyword.iskeyword(text) or text in result or re.fullmatch(rf"v\d+|{_USED}", text):
            text += "_"
        result.append(text)
    return result


def dag_program(roots: Sequence[Expr], inputs: Sequence[str]) -> Program:
    """Return the program of the DAG: each subexpression once."""
    operands = _input_operands(inputs)
    lines: list[tuple[Elemental, tuple[Operand, ...]]] = []
    for part in topological_order(*roots):
        if part.elemental is None:
            if part not in operands:
                operands[part] = _constant(part, inputs)
        else:
            operands[part] = len(inputs) + len(lines)
            lines.append((part.elemental, tuple([operands[arg] for arg in part.args])))
    return Program(inputs, lines, [operands[root] for root in roots])


def tree_program(roots: Sequence[Expr], inputs: Sequence[str]) -> Program:
    """Return the program of the tree: each subexpression computed at every occurrence.

    It has as many lines as the tree has operations: check beforehand that they are few enough.
    """
    input_operands = _input_operands(inputs)
    lines: list[tuple[Elemental, tuple[Operand, ...]]] = []
    stack: list[Operand] = []  # operands whose operation is still to come
    waiting: list[tuple[Expr, bool]] = [(root, False) for root in reversed(roots)]
    while waiting:
        part, operands_done = waiting.pop()
        if part.elemental is None:
            stack.append(
                input_operands[part] if part in input_operands else _constant(part, inputs)
            )
        elif operands_done:
            count = len(part.args)
            operands = tuple(stack[-count:])
            del stack[-count:]
            stack.append(len(inputs) + len(lines))
            lines.append((part.elemental, operands))
        else:
            waiting.append((part, True))
            waiting.extend((arg, False) for arg in reversed(part.args))
    return Program(inputs, lines, stack)


def _input_operands(inputs: Sequence[str]) -> dict[Expr, Operand]:
    return {symbol(name): k for k, name in enumerate(inputs)}


def _constant(part: Expr, inputs: Sequence[str]) -> Operand:
    if not part.is_number:
        raise InputError(
            f"The formula has the symbol {part.leaf}, and the inputs are {', '.join(inputs)}."
        )
    return float(part.leaf) if isinstance(part.leaf, int) else part.leaf


class _Recorder:
    """Writes a line for each operation performed on its numbers."""

    def __init__(self, inputs: Sequence[str]) -> None:
        self.inputs = inputs
        self.lines: list[tuple[Elemental, tuple[Operand, ...]]] = []
        self.numbers = [_Number(self, k) for k in range(len(inputs))]

    def program(self, outputs: Sequence[Any]) -> Program:
        """Return the lines so far as a program with these outputs."""
        return Program(self.inputs, self.lines, [_as_operand(output) for output in outputs])


class _Number:
    """A number in a sweep: each operation on it becomes a line of the recorder."""

    __slots__ = ("index", "recorder")

    def __init__(self, recorder: _Recorder, index: int) -> None:
        self.recorder = recorder
        self.index = index

    def apply_elemental(self, elemental: Elemental, operands: tuple[Any, ...]) -> _Number:
        recorder = self.recorder
        recorder.lines.append((elemental, tuple([_as_operand(operand) for operand in operands])))
        return _Number(recorder, len(recorder.inputs) + len(recorder.lines) - 1)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **_: Any) -> Any:
        if ufunc not in BY_UFUNC or method != "__call__":
            raise UnsupportedOperationError(f"np.{ufunc.__name__} is not an elemental.")
        return self.apply_elemental(BY_UFUNC[ufunc], operands)


def _as_operand(number: Any) -> Operand:
    return number.index if isinstance(number, _Number) else float(number)


def _operator(elemental: Elemental, reflected: bool) -> Callable[..., _Number]:
    def method(self: _Number, *others: Any) -> _Number:
        return self.apply_elemental(elemental, (*others, self) if reflected else (self, *others))

    return method


for _method, _row in OPERATORS.items():
    setattr(_Number, f"__{_method}__", _operator(_row, reflected=False))
    setattr(_Number, f"__r{_method}__", _operator(_row, reflected=True))
for _row in (NEG, ABS):
    setattr(_Number, f"__{_row.name}__", _operator(_row, reflected=False))


def forward_program(trace: Trace) -> Program:
    """Return the operations of a forward sweep as a program: the function and its tangent.

    Its inputs are those of the function, then a tangent for each; its outputs likewise. Every
    operation of the sweep is a line, multiplications by 1 included.

    Examples
    --------
    >>> import adviz as ad
    >>> print(forward_program(ad.trace(lambda x: x * x, 3.0)).source("f"))
    def f(x, x_dot):
        v1 = x * x
        v2 = x * x_dot
        v3 = x * x_dot
        v4 = v2 + v3
        return v1, v4
    """
    names = [*trace.input_names, *(f"{name}_dot" for name in trace.input_names)]
    recorder, values = _replayed(trace, names)
    count = len(trace.input_names)
    tape = trace.tape.with_values(values)
    dots = sweeps.tangents(tape, list(recorder.numbers[count : 2 * count]))
    slots = trace.output_slots
    return recorder.program([values[slot] for slot in slots] + [dots[slot] for slot in slots])


def reverse_program(trace: Trace) -> Program:
    """Return the operations of a return sweep as a program: the function, then its adjoints.

    Its inputs are those of the function, then an adjoint for each output; its outputs are those
    of the function, then an adjoint for each input.

    Examples
    --------
    >>> import adviz as ad
    >>> print(reverse_program(ad.trace(lambda x: x * x, 3.0)).source("f"))
    def f(x, y_bar):
        v1 = x * x
        v2 = y_bar * x
        v3 = y_bar * x
        v4 = v2 + v3
        return v1, v4
    """
    names = [*trace.input_names, *(f"{name}_bar" for name in trace.output_names)]
    recorder, values = _replayed(trace, names)
    count = len(trace.input_names)
    tape = trace.tape.with_values(values)
    bars = sweeps.adjoints(tape, trace.output_slots, list(recorder.numbers[count:]))
    adjoints = [0.0 if bar is None else bar for bar in bars[:count]]
    return recorder.program([values[slot] for slot in trace.output_slots] + adjoints)


def _replayed(trace: Trace, names: Sequence[str]) -> tuple[_Recorder, list[Any]]:
    recorder, tape = _Recorder(names), trace.tape
    values: list[Any] = list(recorder.numbers[: tape.input_count])
    for slot in range(tape.input_count, len(tape.values)):
        values.append(sweeps.evaluate(tape, slot, values))
    return recorder, values
