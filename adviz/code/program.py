"""Program: Python source for a trace, a line for each operation, and the function it defines.

Operations are written from the table: arithmetic as Python writes it, the rest as calls of what the
row evaluates. So the gradient's program reads as the rules that made it.
"""

from __future__ import annotations

import itertools
import keyword
import linecache
import math
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

import numpy as np

from adviz.code.splitting import Line, nested, place
from adviz.code.straight_line import Check, Node, StraightLine, is_of
from adviz.code.written_functions import LEAVE, Layout, Resumed, begun
from adviz.core.arrays import shape_of
from adviz.core.elementals import POW, Elemental
from adviz.core.tape import Tape
from adviz.core.variable import COMPARISONS
from adviz.host.nests import leaves, mapped, unflatten
from adviz.host.source import Source
from adviz.rules.moving_rules import transpose
from adviz.rules.rule import Operation

__all__ = ["FAILED", "LONGEST", "OTHER_BRANCH", "READABLE", "Output", "Program"]

OTHER_BRANCH = object()
"""What a program returns where a decision turns out as it did not when it was recorded."""

FAILED = object()
"""What it returns where Python raised an error: 1/0, which is infinite in a trace."""

LONGEST = 20_000
"""Rows of a trace from which on compiling its code takes longer than it is worth."""

READABLE = 400
"""Lines of a program up to which the names and the source of the user's function are put there."""

_WIDEST = 72
"""Characters up to which an expression takes in another one."""

_LARGE = 512
"""Entries of an array from which its memory is given back as soon as it is not needed."""

_numbers = itertools.count(1)


class Program:
    """Straight-line Python code that computes some rows of a trace from its inputs.

    Parameters
    ----------
    name : str
        What the function in the source is called.
    tape : Tape
        Of plain numbers and arrays.
    template : nest
        What the program returns, an :class:`Output` where a number or array stands.
    names : dict of int to str
        What rows are called, by slot.
    sources : dict of int to Source
        Where in the user's code rows were made, by slot.
    copies : bool
        Whether arrays that are returned are copied where others hold them.
    given : dict of int to str, optional
        How the code writes arrays that are parameters of operations, by id. The function then
        takes all of the inputs in one list, which may have more entries.
    dense : set of int, optional
        The inputs whose entries lie in memory without gaps. Matrices that do are multiplied by
        ``dot``, which is nearer to BLAS than ``@`` and gives the same to the last bit.

    Attributes
    ----------
    source : str
        The Python code.
    run : callable
        The function it defines. Takes the inputs one by one, returns what the template says.
    operations : int
        How many operations the code has.
    """

    def __init__(
        self,
        name: str,
        tape: Tape,
        template: Any,
        names: dict[int, str],
        sources: dict[int, Source],
        copies: bool = True,
        given: dict[int, str] | None = None,
        dense: Container[int] | None = None,
    ) -> None:
        writer = _Writer(tape, template, names, sources, copies, given, dense)
        self.source = writer.function(_identifier(name))
        self.operations = len(writer.code.nodes)
        file = f"<adviz {name} {next(_numbers)}>"  # no file: shown by tracebacks and inspect
        linecache.cache[file] = (len(self.source), None, self.source.splitlines(True), file)
        exec(compile(self.source, file, "exec"), writer.namespace)
        function = writer.namespace[_identifier(name)]
        self.run: Callable[..., Any] = Resumed(function) if writer.is_resumed else function
        # Python's own arithmetic gives no warnings that would have to be turned off.
        is_plain = all(value.__class__ is float for value in tape.values)
        self._may_warn = writer.calls_functions or not is_plain

    @staticmethod
    def input_text(place: int) -> str:
        """Return how the code writes an entry of the list of its inputs."""
        return f"inputs[{place}]"

    def __call__(self, *numbers: Any) -> Any:
        """Run it; return :data:`OTHER_BRANCH` or :data:`FAILED` where it does not serve."""
        try:
            if not self._may_warn:
                return self.run(*numbers)
            with np.errstate(all="ignore"):
                return self.run(*numbers)
        except (ArithmeticError, ValueError, RecursionError):
            return FAILED


class Output:
    """The place of a row's number in what a program returns."""

    __slots__ = ("slot",)

    def __init__(self, slot: int) -> None:
        self.slot = slot


class _Writer:
    """The text of a program while it is written, and the names that are used in it."""

    def __init__(
        self,
        tape: Tape,
        template: Any,
        names: dict[int, str],
        sources: dict[int, Source],
        copies: bool,
        given: dict[int, str] | None,
        dense: Container[int] | None,
    ) -> None:
        self._copies = copies
        self._dense = dense
        self._takes_a_list = given is not None
        self.tape = tape
        self.template = template
        self.namespace: dict[str, Any] = {
            "np": np,
            "OTHER_BRANCH": OTHER_BRANCH,
            "begun": begun,
        }
        slots: list[int] = []
        mapped(lambda leaf: slots.append(leaf.slot) if leaf.__class__ is Output else None, template)
        self.code = StraightLine(tape, slots)
        self.sources = sources
        self._taken = {"np", "abs", "float", "inputs", "begun", "OTHER_BRANCH"}
        self._texts: dict[int, str] = {}  # how a slot is written where it is used
        self._reads: dict[int, tuple[int, ...]] = {}  # which rows that text reads, repeats kept
        self._is_long = len(names) == tape.input_count  # nobody would read it line by line
        self._constants: dict[int, str] = dict(given or {})
        self._lines: list[Line] = []
        self._count = itertools.count(1)
        self.calls_functions = False
        self.is_resumed = False
        self._returned: set[int] = set()
        self._named: dict[int, str] = {}
        for slot, name in names.items():  # the first of those that are one node names it
            target = self.code.stands_for(slot)
            if target.__class__ is int and target not in self._named:
                self._named[target] = self._unique(_identifier(name))

    def function(self, name: str) -> str:
        """Return the source of the function."""
        self._taken.add(name)  # no operation is called so
        inputs = list(range(self.tape.input_count))
        for slot in inputs:
            self._name(slot, f"x{slot + 1}")
        checks = list(reversed(self.code.checks))
        for slot, node in self.code.nodes.items():
            while checks and checks[-1].before <= slot:
                self._guard(checks.pop())
            self._operation(slot, node)
        while checks:
            self._guard(checks.pop())
        result = self._result(self.template)
        self._lines.append(Line(f"return {result}", self._read_by(self.code.outputs)))
        head = None
        if self._takes_a_list:
            head = "inputs"
            self._lines[:0] = [
                Line(f"{self._texts[slot]} = {Program.input_text(slot)}", (), (slot,))
                for slot in inputs
                if slot in self.code.uses
            ]
        layout = Layout(self._lines, self._named, self._unique, self._is_large)
        if self._is_long and not self.tape.has_arrays:  # whose operations take longer than names
            scopes = nested(self._lines, len(inputs))
            if len(scopes) > 1:
                self.is_resumed = True
                return layout.nested_source(name, inputs, scopes)
        return layout.source(name, inputs, head)

    def _name(self, slot: int, otherwise: str) -> None:
        if self._is_long:
            self._texts[slot] = place(slot)
        else:
            self._texts[slot] = self._named.setdefault(slot, "") or self._unique(otherwise)
            self._named[slot] = self._texts[slot]
        self._reads[slot] = (slot,)

    def _is_large(self, slot: int) -> bool:
        value = self.tape.values[slot]
        return value.__class__ is np.ndarray and value.size >= _LARGE

    def _read_by(self, operands: Iterable[Any]) -> tuple[int, ...]:
        rows = [self._reads[operand] for operand in operands if operand.__class__ is int]
        return tuple(itertools.chain.from_iterable(rows))

    def _operation(self, slot: int, node: Node) -> None:
        expression = self._expression(node, self.tape.values[slot])
        reads = self._read_by(node.operands)
        is_used_once = self.code.uses[slot] == 1 and slot not in self._named
        if is_used_once and len(expression) <= _WIDEST:  # written where it is used
            self._texts[slot] = expression if _is_atom(expression) else f"({expression})"
            self._reads[slot] = reads
            return
        self._name(slot, f"t{slot - self.tape.input_count + 1}")
        source = self.sources.get(slot)
        text = " ".join(source.text.split())[:_WIDEST] if source is not None else ""
        comment = f"  # {text}" if text else ""
        text = f"{self._texts[slot]} = {expression}{comment}"
        self._lines.append(Line(text, reads, (slot,)))

    def _expression(self, node: Node, value: Any) -> str:
        elemental = node.elemental
        name = elemental.name
        operands = [self._operand(operand) for operand in node.operands]
        evaluate = _evaluation(node)
        if elemental.__class__ in (Elemental, Operation):
            if evaluate is np.matmul and self._are_dense_matrices(node.operands):
                return f"{operands[0]}.dot({operands[1]})"
            if elemental.__class__ is Operation:
                template = elemental.template(elemental.rule.code)
                if template is not None and template.isidentifier():
                    name = template
                elif template is not None and self._are_arrays(node.operands):
                    text = template.format(*operands, **self._texts_of(elemental.parameters))
                    return f"float({text})" if _is_float(value) else text
            elif elemental is not POW or _is_whole(node.operands[1]):
                template = _template(elemental)
                if template is not None:
                    return template.format(*operands)
        parameters = getattr(elemental, "parameters", {})
        if elemental.__class__ not in (Elemental, Operation):
            evaluate, parameters = elemental, {}  # it is more than its rule
        is_prepared = elemental.__class__ is Operation and elemental.rule.prepare is not None
        if self._takes_a_list and is_prepared and self._are_arrays(node.operands):
            examples = self._values_of(node.operands)
            evaluate, parameters = elemental.rule.prepare(*examples, **parameters), {}
        options = [f"{key}={self._parameter(value)}" for key, value in parameters.items()]
        called = self._function(evaluate, name)
        text = f"{called}({', '.join([*operands, *options])})"
        return f"float({text})" if _is_float(value) else text

    def _values_of(self, operands: Sequence[Any]) -> list[Any]:
        return [self.tape.values[o] if o.__class__ is int else o for o in operands]

    def _are_arrays(self, operands: Sequence[Any]) -> bool:
        return all(value.__class__ is np.ndarray for value in self._values_of(operands))

    def _are_dense_matrices(self, operands: Sequence[Any]) -> bool:
        """Return whether the operands of a product have no gaps in memory, whatever the inputs."""
        if self._dense is None or not all(operand.__class__ is int for operand in operands):
            return False
        values = [self.tape.values[operand] for operand in operands]
        kinds = {(value.ndim, value.dtype.char) for value in values}
        return kinds in ({(2, "d")}, {(2, "f")}) and all(map(self._is_dense, operands))

    def _is_dense(self, slot: int) -> bool:
        node = self.code.nodes.get(slot)
        if node is None:
            return self._dense is not None and slot in self._dense
        if is_of(node, transpose):
            return self._is_dense(node.operands[0])
        evaluate = _evaluation(node)
        return (
            isinstance(evaluate, np.ufunc) or _template(node.elemental) is not None
        )  # a new array

    def _texts_of(self, parameters: dict[str, Any]) -> dict[str, str]:
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
        """Return how a constant is written: in full where it is short, else by a name."""
        if isinstance(value, float) and math.isfinite(value):
            return f"({float(value)!r})" if math.copysign(1.0, value) < 0 else repr(float(value))
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
        """Return how a function is called in the source."""
        self.calls_functions = True
        public = getattr(function, "__name__", "")
        if public and getattr(np, public, None) is function:
            return f"np.{public}"
        if id(function) not in self._constants:
            name = self._unique(_identifier(name))
            self._constants[id(function)] = name
            self.namespace[name] = function
        return self._constants[id(function)]

    def _guard(self, check: Check) -> None:
        operands = [self._operand(operand) for operand in check.operands]
        is_array = any(
            shape_of(self.tape.values[o] if o.__class__ is int else o) for o in check.operands
        )
        if check.comparison in ("isnan", "isinf", "isfinite") or (
            is_array and isinstance(check.comparison, str)
        ):
            compared = self._function(COMPARISONS[check.comparison][1], "")
            asked = f"{compared}({', '.join(operands)})"
        elif isinstance(check.comparison, str):
            asked = f"{operands[0]} {check.comparison} {operands[1]}"
        else:
            asked = (
                f"{self._function(check.comparison, str(check.comparison))}({', '.join(operands)})"
            )
        if check.outcome.__class__ is bool:
            test = f"not ({asked})" if check.outcome else asked
        else:
            same = self._function(_same, "same")
            test = f"not {same}({asked}, {self._parameter(check.outcome)})"
        text = f"if {test}:\n        {LEAVE}"
        self._lines.append(Line(text, self._read_by(check.operands)))

    def _result(self, template: Any) -> str:
        """Return the expression for what is returned, nested as the template is."""
        if template.__class__ is Output:
            return self._owned(self.code.stands_for(template.slot))
        if template.__class__ is tuple or template.__class__ is list:
            parts = ", ".join(self._result(part) for part in template)
            if template.__class__ is list:
                return f"[{parts}]"
            return f"({parts}{',' if len(template) == 1 else ''})"
        if template.__class__ is dict:
            pairs = [f"{self._parameter(k)}: {self._result(v)}" for k, v in template.items()]
            return f"{{{', '.join(pairs)}}}"
        within = [leaf for _, leaf in leaves(template)]
        if within and within[0] is not template:  # a nest of another kind
            called = self._function(_Renested(template), type(template).__name__)
            return f"{called}({', '.join(self._result(leaf) for leaf in within)})"
        text = self._parameter(template)
        return f"{text}.copy()" if shape_of(template) else text

    def _owned(self, slot: Any) -> str:
        """Return an output that whoever receives it may write into."""
        text = self._operand(slot)
        value = self.tape.values[slot] if slot.__class__ is int else slot
        if not self._copies:
            return text
        if not shape_of(value):
            return f"float({text})" if value.__class__ is np.float64 else text
        node = self.code.nodes.get(slot) if slot.__class__ is int else None
        if node is None or slot in self._returned:
            return f"{text}.copy()"
        self._returned.add(slot)
        if node.elemental.__class__ is Elemental or isinstance(_evaluation(node), np.ufunc):
            return text  # a new array
        return f"{self._function(_own, 'own')}({text})"

    def _unique(self, name: str) -> str:
        """Return a name that nothing else in the program has."""
        free, k = name, 2
        while free in self._taken:
            free, k = f"{name}_{k}", k + 1
        self._taken.add(free)
        return free


class _Renested:
    """A function that nests numbers as a template is: a namedtuple, a dataclass, a defaultdict."""

    def __init__(self, template: Any) -> None:
        self.template = template

    def __call__(self, *numbers: Any) -> Any:
        return unflatten(self.template, iter(numbers))


def _identifier(text: str) -> str:
    """Return a name for Python code made from what a person reads: "w[0]" gives w_0.

    Examples
    --------
    >>> _identifier("p['w'][0]"), _identifier("lambda"), _identifier("")
    ('p_w_0', 'lambda_', 'f')
    """
    words = "".join(letter if f"x{letter}".isidentifier() else " " for letter in text).split()
    name = "_".join(words) or "f"
    name = name if name.isidentifier() else f"x{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def _template(elemental: Any) -> str | None:
    """Return how Python writes an operator of its own, None for any other operation."""
    name = elemental.names.get("python") if elemental.__class__ is Elemental else None
    if name is None:
        return None
    if elemental.arity == 2:
        return f"{{}} {name} {{}}"
    return f"{name}({{}})" if name.isidentifier() else f"{name}{{}}"


def _evaluation(node: Node) -> Callable[..., Any]:
    """Return what evaluates a node, without its parameters."""
    elemental: Any = node.elemental
    evaluate: Callable[..., Any]
    evaluate = elemental.evaluate if elemental.__class__ is Elemental else elemental.rule.evaluate
    return evaluate


def _is_atom(expression: str) -> bool:
    """Return whether an expression needs no parentheses inside another one."""
    if expression.isidentifier():
        return True
    depth = 0
    for k, letter in enumerate(expression):
        depth += (letter == "(") - (letter == ")")
        if (depth == 0 and not (letter.isalnum() or letter in "_.)")) or depth < 0:
            return False
        if depth == 0 and letter == ")":
            return k == len(expression) - 1  # one call from end to end
    return False


def _is_float(value: Any) -> bool:
    return value.__class__ is float


def _is_whole(exponent: Any) -> bool:
    """Return whether a power to this exponent is real for every base."""
    return exponent.__class__ is float and exponent.is_integer() and exponent > 0


def _same(outcome: Any, recorded: Any) -> bool:
    if outcome.__class__ is tuple:
        return len(outcome) == len(recorded) and all(map(_same, outcome, recorded))
    if shape_of(outcome) != shape_of(recorded):
        return False
    equal = outcome == recorded
    return bool(equal.all()) if equal.__class__ is np.ndarray else bool(equal)


def _own(array: Any) -> Any:
    """Return an array, copied where its memory is another's."""
    return array.copy() if array.base is not None or not array.flags.writeable else array
