"""The Python source for a trace: a line for each operation, written as its rule says.

Arithmetic is written with Python's operators, everything else as a call of the function that
evaluates the row. So the program of a gradient reads as the rules that made it.
"""

from __future__ import annotations

import ast
import cmath
import itertools
import math
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

import numpy as np

from adviz.code.function_source import LEAVE, FunctionSource
from adviz.code.lines import Line, placeholder
from adviz.code.nested_functions import nested_scopes
from adviz.code.python_text import identifier, is_atom, operator_template
from adviz.code.resumed_generators import started
from adviz.code.simplified_trace import Check, Node, SimplifiedTrace, is_of
from adviz.core.arrays import shape_of
from adviz.core.elementals import POW, Elemental
from adviz.core.tape import Tape
from adviz.core.variable import COMPARISONS
from adviz.host.nests import leaves, mapped, unflatten
from adviz.host.source import Source
from adviz.rules.moving_rules import transpose
from adviz.rules.rule import Operation

__all__ = ["OTHER_BRANCH", "Output", "ProgramSource", "input_text"]

OTHER_BRANCH = object()
"""The result of a program where a decision turns out differently than when it was recorded."""

_MAX_WIDTH = 72
"""Characters of an expression that is written inside another one, and of a comment."""

_NUMBERS = (float, complex)
"""Python's numbers, in place of which functions of NumPy return others."""

_LARGE_SIZE = 512
"""Entries of an array from which its memory is freed as soon as it is not needed."""


class Output:
    """Marks where a row's number goes in the result of a program."""

    __slots__ = ("slot",)

    def __init__(self, slot: int) -> None:
        self.slot = slot


class ProgramSource:
    """Writes the source of a program; :class:`adviz.code.program.Program` has the parameters."""

    def __init__(
        self,
        tape: Tape,
        template: Any,
        names: dict[int, str],
        sources: dict[int, Source],
        copies: bool,
        parameter_texts: dict[int, str] | None,
        dense: Container[int] | None,
    ) -> None:
        self._copies = copies
        self._dense = dense
        self._takes_a_list = parameter_texts is not None
        self.tape = tape
        self.template = template
        self.namespace: dict[str, Any] = {
            "np": np,
            "OTHER_BRANCH": OTHER_BRANCH,
            "started": started,
        }
        slots: list[int] = []
        mapped(lambda leaf: slots.append(leaf.slot) if leaf.__class__ is Output else None, template)
        self.trace = SimplifiedTrace(tape, slots)
        self.sources = sources
        self._used_names = {"np", "abs", "float", "complex", "inputs", "started", "OTHER_BRANCH"}
        self._texts: dict[int, str] = {}  # the expression for each slot where it is used
        self._reads: dict[int, tuple[int, ...]] = {}  # the rows that it reads, repeats kept
        self._is_long = len(names) == tape.input_count  # nobody would read it line by line
        self._constants: dict[int, str] = dict(parameter_texts or {})
        self._lines: list[Line] = []
        self._count = itertools.count(1)
        self.calls_functions = False
        self.is_generator = False
        self._returned: set[int] = set()
        self._named: dict[int, str] = {}
        for slot, name in names.items():  # where rows share a node, the first one names it
            target = self.trace.replacement(slot)
            if target.__class__ is int and target not in self._named:
                self._named[target] = self._unique(identifier(name))

    def function(self, name: str) -> str:
        """Return the source of the function."""
        self._used_names.add(name)
        inputs = list(range(self.tape.input_count))
        for slot in inputs:
            self._add_name(slot, f"x{slot + 1}")
        checks = list(reversed(self.trace.checks))
        for slot, node in self.trace.nodes.items():
            while checks and checks[-1].before <= slot:
                self._add_check(checks.pop())
            self._add_operation(slot, node)
        while checks:
            self._add_check(checks.pop())
        result = self._result(self.template)
        self._lines.append(Line(f"return {result}", self._reads_of(self.trace.outputs)))
        head = None
        if self._takes_a_list:
            head = "inputs"
            self._lines[:0] = [
                Line(f"{self._texts[slot]} = {input_text(slot)}", (), (slot,))
                for slot in inputs
                if slot in self.trace.uses
            ]
        source = FunctionSource(self._lines, self._named, self._unique, self._is_large)
        if self._is_long and not self.tape.has_arrays:  # arrays take far longer than names
            scopes = nested_scopes(self._lines, len(inputs))
            if len(scopes) > 1:
                self.is_generator = True
                return source.generators(name, inputs, scopes)
        return source.one_function(name, inputs, head)

    def _add_name(self, slot: int, default: str) -> None:
        if self._is_long:
            self._texts[slot] = placeholder(slot)
        else:
            self._texts[slot] = self._named.setdefault(slot, "") or self._unique(default)
            self._named[slot] = self._texts[slot]
        self._reads[slot] = (slot,)

    def _is_large(self, slot: int) -> bool:
        value = self.tape.values[slot]
        return value.__class__ is np.ndarray and value.size >= _LARGE_SIZE

    def _reads_of(self, operands: Iterable[Any]) -> tuple[int, ...]:
        rows = [self._reads[operand] for operand in operands if operand.__class__ is int]
        return tuple(itertools.chain.from_iterable(rows))

    def _add_operation(self, slot: int, node: Node) -> None:
        expression = self._expression(node, self.tape.values[slot])
        reads = self._reads_of(node.operands)
        is_used_once = self.trace.uses[slot] == 1 and slot not in self._named
        if is_used_once and len(expression) <= _MAX_WIDTH:  # written in the line that uses it
            self._texts[slot] = expression if is_atom(expression) else f"({expression})"
            self._reads[slot] = reads
            return
        self._add_name(slot, f"t{slot - self.tape.input_count + 1}")
        source = self.sources.get(slot)
        text = " ".join(source.text.split())[:_MAX_WIDTH] if source is not None else ""
        comment = f"  # {text}" if text else ""
        text = f"{self._texts[slot]} = {expression}{comment}"
        self._lines.append(Line(text, reads, (slot,)))

    def _expression(self, node: Node, value: Any) -> str:
        """Return the expression for a node, whose value has the class of this one."""
        elemental = node.elemental
        operands = [self._operand(operand) for operand in node.operands]
        if elemental.__class__ is Elemental and (
            elemental is not POW or _is_whole(node.operands[1])
        ):
            template = operator_template(elemental)
            if template is not None:
                return template.format(*operands)
        text = self._array_expression(node, operands)
        if text is None:
            text = self._call(node, operands)
        return f"{value.__class__.__name__}({text})" if value.__class__ in _NUMBERS else text

    def _array_expression(self, node: Node, operands: list[str]) -> str | None:
        """Return an operation on arrays as its rule writes it; None where it is a call."""
        operation = node.elemental
        if operation.__class__ is not Operation:
            return None
        if operation.rule.evaluate is np.matmul and self._are_dense_matrices(node.operands):
            return f"{operands[0]}.dot({operands[1]})"
        template: str | None = operation.template(operation.rule.code)
        if template is None or template.isidentifier() or not self._are_arrays(node.operands):
            return None
        return template.format(*operands, **self._parameters(operation.parameters))

    def _call(self, node: Node, operands: list[str]) -> str:
        """Return the call of the function that evaluates a node."""
        elemental = node.elemental
        name, function = elemental.name, _evaluation(node)
        parameters = getattr(elemental, "parameters", {})
        if elemental.__class__ is Operation:
            template = elemental.template(elemental.rule.code)
            if template is not None and template.isidentifier():
                name = template
            prepare = elemental.rule.prepare
            if prepare is not None and self._takes_a_list and self._are_arrays(node.operands):
                function, parameters = prepare(*self._values_of(node.operands), **parameters), {}
        elif elemental.__class__ is not Elemental:  # such as a user's: it does more than its rule
            function, parameters = elemental, {}
        options = [f"{key}={self._parameter(value)}" for key, value in parameters.items()]
        return f"{self._function(function, name)}({', '.join([*operands, *options])})"

    def _values_of(self, operands: Sequence[Any]) -> list[Any]:
        return [self.tape.values[o] if o.__class__ is int else o for o in operands]

    def _are_arrays(self, operands: Sequence[Any]) -> bool:
        return all(value.__class__ is np.ndarray for value in self._values_of(operands))

    def _are_dense_matrices(self, operands: Sequence[Any]) -> bool:
        """Return whether a product multiplies two matrices that never have gaps in memory."""
        if self._dense is None or not all(operand.__class__ is int for operand in operands):
            return False
        values = [self.tape.values[operand] for operand in operands]
        types = {(value.ndim, value.dtype.char) for value in values}
        return types in ({(2, "d")}, {(2, "f")}) and all(map(self._is_dense, operands))

    def _is_dense(self, slot: int) -> bool:
        node = self.trace.nodes.get(slot)
        if node is None:
            return self._dense is not None and slot in self._dense
        if is_of(node, transpose):
            return self._is_dense(node.operands[0])
        evaluate = _evaluation(node)
        makes_new_array = operator_template(node.elemental) is not None
        return makes_new_array or isinstance(evaluate, np.ufunc)

    def _parameters(self, parameters: dict[str, Any]) -> dict[str, str]:
        return {
            name: self._index(value) if name == "key" else self._parameter(value)
            for name, value in parameters.items()
        }

    def _index(self, key: Any) -> str:
        """Return an index as Python writes it between brackets."""
        if key.__class__ is tuple and key:
            return ", ".join(self._index(part) for part in key) + ("," if len(key) == 1 else "")
        if key.__class__ is slice:
            parts = ["" if n is None else self._parameter(n) for n in (key.start, key.stop)]
            step = "" if key.step is None else f":{self._parameter(key.step)}"
            return f"{parts[0]}:{parts[1]}{step}"
        return "..." if key is Ellipsis else self._parameter(key)

    def _operand(self, operand: Any) -> str:
        return self._texts[operand] if operand.__class__ is int else self._parameter(operand)

    def _parameter(self, value: Any) -> str:
        """Return the text of a constant: its value where that is short, otherwise a name."""
        if value.__class__ is float and math.isfinite(value):
            return f"({value!r})" if math.copysign(1.0, value) < 0 else repr(value)
        if value.__class__ is complex and cmath.isfinite(value):
            text = repr(value)
            is_read_back = repr(ast.literal_eval(text)) == text  # with the signs of zeros
            return text if is_read_back else f"complex({value.real!r}, {value.imag!r})"
        if value.__class__ is np.float64 and math.isfinite(value):
            return f"np.float64({float(value)!r})"  # which float32 does not make a float32
        if value is None or value.__class__ in (int, bool, str):
            return repr(value)
        if value.__class__ is tuple:
            parts = [self._parameter(part) for part in value]
            return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        if value.__class__ is slice:
            bounds = (value.start, value.stop, value.step)
            return f"slice({', '.join(self._parameter(bound) for bound in bounds)})"
        if id(value) not in self._constants:
            name = self._unique(f"c{next(self._count)}")
            self._constants[id(value)] = name
            self.namespace[name] = value
            if shape_of(value):
                self._lines.append(Line(f"# {name}: a constant, {value.dtype} {value.shape}"))
        return self._constants[id(value)]

    def _function(self, function: Any, name: str) -> str:
        """Return the text for a function: np.sin, or a name for any other."""
        self.calls_functions = True
        public = getattr(function, "__name__", "")
        if public and getattr(np, public, None) is function:
            return f"np.{public}"
        if id(function) not in self._constants:
            name = self._unique(identifier(name))
            self._constants[id(function)] = name
            self.namespace[name] = function
        return self._constants[id(function)]

    def _add_check(self, check: Check) -> None:
        operands = [self._operand(operand) for operand in check.operands]
        is_array = any(
            shape_of(self.tape.values[o] if o.__class__ is int else o) for o in check.operands
        )
        if check.comparison in ("isnan", "isinf", "isfinite") or (
            is_array and isinstance(check.comparison, str)
        ):
            compared = self._function(COMPARISONS[check.comparison][1], "")
            outcome = f"{compared}({', '.join(operands)})"
        elif isinstance(check.comparison, str):
            outcome = f"{operands[0]} {check.comparison} {operands[1]}"
        else:
            compared = self._function(check.comparison, str(check.comparison))
            outcome = f"{compared}({', '.join(operands)})"
        if check.outcome.__class__ is bool:
            test = f"not ({outcome})" if check.outcome else outcome
        else:
            equal = self._function(_are_equal, "equal")
            test = f"not {equal}({outcome}, {self._parameter(check.outcome)})"
        text = f"if {test}:\n        {LEAVE}"
        self._lines.append(Line(text, self._reads_of(check.operands)))

    def _result(self, template: Any) -> str:
        """Return the expression for what is returned, nested as the template is."""
        if template.__class__ is Output:
            return self._output(self.trace.replacement(template.slot))
        if template.__class__ is tuple or template.__class__ is list:
            text = ", ".join(self._result(part) for part in template)
            if template.__class__ is list:
                return f"[{text}]"
            return f"({text}{',' if len(template) == 1 else ''})"
        if template.__class__ is dict:
            pairs = [f"{self._parameter(k)}: {self._result(v)}" for k, v in template.items()]
            return f"{{{', '.join(pairs)}}}"
        parts = [leaf for _, leaf in leaves(template)]
        if parts and parts[0] is not template:  # a nest of another class
            called = self._function(_Renested(template), type(template).__name__)
            return f"{called}({', '.join(self._result(part) for part in parts)})"
        text = self._parameter(template)
        return f"{text}.copy()" if shape_of(template) else text

    def _output(self, slot: Any) -> str:
        """Return the expression for an output, copied unless the caller may write into it."""
        text = self._operand(slot)
        value = self.tape.values[slot] if slot.__class__ is int else slot
        if not self._copies:
            return text
        if not shape_of(value):
            return f"float({text})" if value.__class__ is np.float64 else text
        node = self.trace.nodes.get(slot) if slot.__class__ is int else None
        if node is None or slot in self._returned:
            return f"{text}.copy()"
        self._returned.add(slot)
        if node.elemental.__class__ is Elemental or isinstance(_evaluation(node), np.ufunc):
            return text  # a new array
        return f"{self._function(_unshared, 'unshared')}({text})"

    def _unique(self, name: str) -> str:
        """Return a name that nothing else in the program has."""
        unique, k = name, 2
        while unique in self._used_names:
            unique, k = f"{name}_{k}", k + 1
        self._used_names.add(unique)
        return unique


def input_text(position: int) -> str:
    """Return the text for an entry of the list of inputs."""
    return f"inputs[{position}]"


class _Renested:
    """Nests numbers as in a template: a namedtuple, a dataclass, a defaultdict."""

    def __init__(self, template: Any) -> None:
        self.template = template

    def __call__(self, *numbers: Any) -> Any:
        return unflatten(self.template, iter(numbers))


def _evaluation(node: Node) -> Callable[..., Any]:
    """Return what evaluates a node, without its parameters."""
    elemental: Any = node.elemental
    evaluate: Callable[..., Any]
    evaluate = elemental.evaluate if elemental.__class__ is Elemental else elemental.rule.evaluate
    return evaluate


def _is_whole(exponent: Any) -> bool:
    """Return whether a power to this exponent is real for every base."""
    return exponent.__class__ is float and exponent.is_integer() and exponent > 0


def _are_equal(outcome: Any, recorded: Any) -> bool:
    if outcome.__class__ is tuple:
        return len(outcome) == len(recorded) and all(map(_are_equal, outcome, recorded))
    if shape_of(outcome) != shape_of(recorded):
        return False
    equal = outcome == recorded
    return bool(equal.all()) if equal.__class__ is np.ndarray else bool(equal)


def _unshared(array: Any) -> Any:
    """Return an array, copied if it is a view or read-only."""
    return array.copy() if array.base is not None or not array.flags.writeable else array
