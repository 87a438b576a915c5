"""Trace: the evaluation trace (Wengert list) of one call, and its rows.

Rows are numbered as in Griewank and Walther, *Evaluating Derivatives* (2008), section 2.1: the
inputs are v_{1-n}, ..., v_0 and the operations v_1, v_2, ...
"""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Callable, Iterator, Sequence
from sys import _getframe
from typing import Any, Self, TypeVar, overload

import numpy as np

from adviz.core import sweeps
from adviz.core.elementals import CONSTANT, Elemental, plain
from adviz.core.errors import BranchChangedError, InputError, OutputError
from adviz.core.hooks import call, listening
from adviz.core.source import Source
from adviz.core.structure import leaves, mapped, unflatten
from adviz.core.sweeps import AdjointStep, TangentStep
from adviz.core.tape import Tape
from adviz.core.variable import Variable, decided, value_of

__all__ = ["Decision", "Row", "Rows", "Trace", "label", "record"]

AnyTrace = TypeVar("AnyTrace", bound="Trace")

_SUBSCRIPTS = str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉")


def label(index: int) -> str:
    """Return how a row is written.

    Examples
    --------
    >>> label(-1), label(12)
    ('v₋₁', 'v₁₂')
    """
    return "v" + str(index).translate(_SUBSCRIPTS)


class Row:
    """One row of a trace: an intermediate value and the operation that made it.

    Attributes
    ----------
    slot : int
        The row's place in the trace, from 0.
    index : int
        Griewank and Walther's number: ..., -1, 0 for inputs, 1, 2, ... for operations.
    label : str
        The row as it is written, "v₋₁".
    op : str
        The elemental's name, "input" for an input.
    parents : tuple of int
        The indices of the rows it was made from, in order, repeats kept.
    operands : tuple
        Its operands in order: a :class:`Row`, or the number where it is a constant.
    value : float
        The primal.
    partials : tuple of float
        The local partial derivatives with respect to the parents.
    source : Source or None
        The sub-expression that made it; None for an input.
    name : str or None
        The user's name for it: the input's, or the variable the expression is assigned to.
    """

    __slots__ = ("slot", "trace")

    def __init__(self, trace: Trace, slot: int) -> None:
        self.trace = trace
        self.slot = slot

    @property
    def index(self) -> int:
        return self.slot - self.trace.tape.input_count + 1

    @property
    def label(self) -> str:
        return label(self.index)

    @property
    def elemental(self) -> Elemental | None:
        return self.trace.tape.elementals[self.slot]

    @property
    def op(self) -> str:
        return "input" if self.elemental is None else self.elemental.name

    @property
    def operands(self) -> tuple[Any, ...]:
        tape, slot = self.trace.tape, self.slot
        arity = 0 if self.elemental is None else self.elemental.arity
        return tuple(
            Row(self.trace, operand) if operand.__class__ is int else value_of(operand)
            for operand in (tape.left[slot], tape.right[slot])[:arity]
        )

    @property
    def parents(self) -> tuple[int, ...]:
        return tuple(operand.index for operand in self.operands if isinstance(operand, Row))

    @property
    def value(self) -> Any:
        return value_of(self.trace.tape.values[self.slot])

    @property
    def partials(self) -> tuple[Any, ...]:
        tape, slot = self.trace.tape, self.slot
        return tuple(partial for _, partial in sweeps.local_partials(tape, slot))

    @property
    def source(self) -> Source | None:
        return self.trace.tape.source_of(self.slot)

    @property
    def name(self) -> str | None:
        if self.slot < self.trace.tape.input_count:
            return self.trace.input_names[self.slot]
        source = self.source
        return None if source is None else source.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self.trace is other.trace and self.slot == other.slot

    def __hash__(self) -> int:
        return hash((id(self.trace), self.slot))

    def __repr__(self) -> str:
        operands = ", ".join(
            operand.label if isinstance(operand, Row) else repr(operand)
            for operand in self.operands
        )
        made = f"{self.op}({operands})" if operands else (self.name or self.op)
        return f"<{self.label} = {made} = {self.value!r}>"


class Rows(Sequence[Row]):
    """The rows of a trace in order, each made when it is asked for."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def __len__(self) -> int:
        return len(self._trace.tape.values)

    @overload
    def __getitem__(self, key: int) -> Row: ...

    @overload
    def __getitem__(self, key: slice) -> list[Row]: ...

    def __getitem__(self, key: int | slice) -> Row | list[Row]:
        slots = range(len(self))[key]
        if isinstance(slots, range):
            return [Row(self._trace, slot) for slot in slots]
        return Row(self._trace, slots)

    def __repr__(self) -> str:
        shown = [repr(row) for row in self[:12]]
        if len(self) > len(shown):
            shown.append(f"... {len(self) - len(shown)} more")
        return "[" + "\n ".join(shown) + "]"


class Decision:
    """A comparison whose plain outcome the function may have branched on.

    Attributes
    ----------
    before : int
        The number of rows that had been recorded when it was made.
    operator : str
        "<", "<=", "==", "!=", ">", ">=", "isnan", "isinf" or "isfinite".
    operands : tuple
        The two operands, each a :class:`Row` or a number; one for the last three operators.
    outcome : bool
        What it came to.
    source : Source or None
        The comparison in the user's source.
    """

    __slots__ = ("before", "call", "instruction", "operands", "operator", "outcome", "trace")

    def __init__(self, trace: Trace, k: int) -> None:
        before, operator, operands, outcome, call, instruction = trace.tape.comparisons[k]
        self.trace = trace
        self.before = before
        self.operator = operator
        self.outcome = outcome
        self.call = call
        self.instruction = instruction
        self.operands = tuple(
            Row(trace, operand) if operand.__class__ is int else value_of(operand)
            for operand in operands
        )

    @property
    def row(self) -> Row:
        """The row that was recorded last when the decision was made."""
        return self.trace.rows[self.before - 1]

    @property
    def source(self) -> Source | None:
        return self.trace.tape.source_in(self.call, self.instruction)

    def __str__(self) -> str:
        shown = [o.label if isinstance(o, Row) else f"{o:g}" for o in self.operands]
        if len(shown) == 1:
            return f"{self.operator}({shown[0]})"
        return f"{shown[0]} {self.operator} {shown[1]}"

    def __repr__(self) -> str:
        return f"<decision {self} is {self.outcome}>"


class Trace:
    """The evaluation trace of one call: its rows, its sweeps, its replay.

    Made by :func:`adviz.trace`.

    Attributes
    ----------
    function : callable
        The function that was called.
    tape : Tape
        The columns behind the rows.
    input_names : tuple of str
        What the function calls its inputs.
    output_slots : tuple of int
        The slots of the rows that the outputs point at.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        tape: Tape,
        input_names: tuple[str, ...],
        inputs: tuple[Any, ...],
        output_slots: tuple[int, ...] = (),
        output: Any = (),
    ) -> None:
        self.function = function
        self.tape = tape
        self.input_names = input_names
        self.output_slots = output_slots
        # How the numbers are nested in the arguments and in what is returned.
        self._inputs = mapped(lambda _: None, inputs)
        self._output = mapped(lambda _: None, output)

    @property
    def function_name(self) -> str:
        """The function's name, "f" for one without."""
        return function_name(self.function)

    @property
    def rows(self) -> Rows:
        """Every row in order: the inputs, then the operations."""
        return Rows(self)

    def row(self, index: int) -> Row:
        """Return the row with Griewank and Walther's number ``index``.

        Raises
        ------
        InputError
            If the trace has no such row.

        Examples
        --------
        >>> import adviz as ad
        >>> ad.trace(lambda x: x * x, 3.0).row(1).value
        9.0
        """
        slot = index + self.tape.input_count - 1
        if not 0 <= slot < len(self.rows):
            last = len(self.rows) - self.tape.input_count
            raise InputError(
                f"The trace has no row {label(index)}: its rows are "
                f"{label(1 - self.tape.input_count)} to {label(last)}."
            )
        return Row(self, slot)

    @property
    def inputs(self) -> tuple[Row, ...]:
        """The rows of the inputs."""
        return tuple(Row(self, slot) for slot in range(self.tape.input_count))

    @property
    def outputs(self) -> tuple[Row, ...]:
        """The rows that the outputs point at."""
        return tuple(Row(self, slot) for slot in self.output_slots)

    @property
    def output_names(self) -> tuple[str, ...]:
        """What the outputs are called: y, or y1, y2, ..."""
        count = len(self.output_slots)
        return ("y",) if count == 1 else tuple(f"y{k + 1}" for k in range(count))

    @property
    def value(self) -> Any:
        """What the function returned, with plain numbers."""
        return mapped(value_of, self.returned)

    @property
    def returned(self) -> Any:
        """What the function returned; inside an enclosing derivative its numbers are traced."""
        return self.outputs_as([self.tape.values[slot] for slot in self.output_slots])

    @property
    def decisions(self) -> list[Decision]:
        """The comparisons that were made, in order."""
        return [Decision(self, k) for k in range(len(self.tape.comparisons))]

    @property
    def notes(self) -> list[str]:
        """What a reader should know of this trace: missing dependence, where a NaN began."""
        notes = []
        for slot, name in zip(self.output_slots, self.output_names, strict=True):
            reached = sweeps.reached(self.tape, slot)
            missing = [self.input_names[k] for k in range(self.tape.input_count) if not reached[k]]
            if len(missing) == self.tape.input_count:
                notes.append(f"{name} does not depend on the inputs: its derivatives are zero.")
            elif missing:
                notes.append(
                    f"{name} does not depend on {', '.join(missing)}: the derivative is zero."
                )
        row = self.first_nonfinite
        if row is not None:
            what = "NaN" if math.isnan(row.value) else "infinity"
            where = f": {row.source}" if row.source is not None else ""
            notes.append(f"{row.label} is the first row that is {what}{where}.")
        return notes

    @property
    def first_nonfinite(self) -> Row | None:
        """The first row whose value is NaN or infinite, where trouble began; None if none is."""
        for slot, value in enumerate(self.tape.values):
            if not math.isfinite(value_of(value)):
                return Row(self, slot)
        return None

    def forward(self, seed: Any = None) -> Iterator[TangentStep]:
        """Sweep forward, a step for each row: its tangent and the terms it sums.

        Parameters
        ----------
        seed : optional
            The tangents of the inputs: numbers nested as the inputs are, or an input's name for
            1 there and 0 elsewhere. May be left out where there is one input.

        Yields
        ------
        TangentStep

        Raises
        ------
        InputError
            If the seed does not fit the inputs.

        Examples
        --------
        >>> import adviz as ad
        >>> [step.tangent for step in ad.trace(lambda x: x * x, 3.0).forward()]
        [1.0, 6.0]
        """
        return sweeps.forward_steps(self, self.input_seeds(seed))

    def reverse(self, seed: Any = None) -> Iterator[AdjointStep]:
        """Sweep in reverse, a step for each row that is reached: its adjoint, and what it
        contributes to the rows it was made from.

        Parameters
        ----------
        seed : optional
            The adjoints of the outputs: numbers nested as the outputs are, or an output's name
            for 1 there and 0 elsewhere. May be left out where there is one output.

        Yields
        ------
        AdjointStep

        Raises
        ------
        InputError
            If the seed does not fit the outputs.

        Examples
        --------
        >>> import adviz as ad
        >>> for step in ad.trace(lambda x: x * x, 3.0).reverse():
        ...     print(step.row.label, step.adjoint, [c.after for c in step.contributions])
        v₁ 1.0 [3.0, 6.0]
        v₀ 6.0 []
        """
        return sweeps.reverse_steps(self, self.output_seeds(seed))

    def replay(self, *inputs: Any) -> Self:
        """Recompute the trace at new inputs without calling the function.

        Parameters
        ----------
        *inputs
            Nested as the inputs the trace was made with.

        Returns
        -------
        Trace
            The same rows with new values.

        Raises
        ------
        InputError
            If the inputs are nested in another way.
        BranchChangedError
            If a comparison turns out differently: then other code would have run, and the
            function has to be traced afresh.

        Examples
        --------
        >>> import adviz as ad
        >>> ad.trace(lambda x: x * x, 3.0).replay(5.0).value
        25.0
        """
        flat = self._matched(inputs, self._inputs, "input")
        values = [
            input_number(number, name) for number, name in zip(flat, self.input_names, strict=True)
        ]
        tape, decisions = self.tape, self.decisions[::-1]
        with np.errstate(all="ignore"):
            for slot in range(tape.input_count, len(tape.values) + 1):
                while decisions and decisions[-1].before == slot:
                    self._check(decisions.pop(), values)
                if slot < len(tape.values):
                    values.append(sweeps.evaluate(tape, slot, values))
        return type(self)(
            self.function,
            tape.with_values(values),
            self.input_names,
            self._inputs,
            self.output_slots,
            self._output,
        )

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        operations = len(self.rows) - self.tape.input_count
        return (
            f"<Trace of {self.function_name}: {_count(self.tape.input_count, 'input')}, "
            f"{_count(operations, 'operation')}, {_count(len(self.output_slots), 'output')}>"
        )

    def finish(self, output: Any) -> None:
        """Take what the function returned as the outputs."""
        flat = list(leaves(output))
        if not flat:
            raise OutputError(f"{self.function_name} returned {output!r}, which holds no number.")
        tape = self.tape
        self._output = mapped(lambda _: None, output)
        self.output_slots = tuple(
            leaf.slot
            if leaf.__class__ is Variable and leaf.tape is tape
            else tape.add_constant(CONSTANT, _output_number(leaf, path, self.function_name))
            for path, leaf in flat
        )

    def outputs_as(self, numbers: list[Any]) -> Any:
        """Return numbers, one for each output, nested as the function returns them."""
        return unflatten(self._output, iter(numbers))

    def inputs_as(self, numbers: list[Any]) -> tuple[Any, ...]:
        """Return numbers, one for each input, nested as the arguments are."""
        nested: tuple[Any, ...] = unflatten(self._inputs, iter(numbers))
        return nested

    def input_seeds(self, seed: Any = None) -> list[Any]:
        """Return the tangent of each input that a seed stands for: see :meth:`forward`."""
        if len(self._inputs) == 1 and not isinstance(seed, tuple):
            seed = seed if seed is None or isinstance(seed, str) else (seed,)
        return self._seeds(seed, self._inputs, self.input_names, "input")

    def output_seeds(self, seed: Any = None) -> list[Any]:
        """Return the adjoint of each output that a seed stands for: see :meth:`reverse`."""
        return self._seeds(seed, self._output, self.output_names, "output")

    def _seeds(self, seed: Any, tree: Any, names: tuple[str, ...], what: str) -> list[Any]:
        if seed is None and len(names) == 1:
            return [1.0]
        if seed is None or isinstance(seed, str):
            if seed not in names:
                asked = "A seed is needed" if seed is None else f"No {what} is named {seed!r}"
                raise InputError(
                    f"{asked}: name one of the {what}s ({', '.join(names)}) or give a number "
                    "for each."
                )
            return [float(name == seed) for name in names]
        return [
            input_number(number, f"The seed of {name}")
            for number, name in zip(self._matched(seed, tree, what), names, strict=True)
        ]

    def _matched(self, given: Any, tree: Any, what: str) -> list[Any]:
        """Return the leaves of what was given, which must be nested as ``tree`` is."""
        expected, found = [p for p, _ in leaves(tree)], [p for p, _ in leaves(given)]
        if found != expected:
            raise InputError(
                f"{self.function_name} has {_count(len(expected), what)}{_nesting(expected)} and "
                f"was given {_count(len(found), 'number')}{_nesting(found)}: nest the numbers as "
                f"the {what}s are."
            )
        return [leaf for _, leaf in leaves(given)]

    def _check(self, decision: Decision, values: list[Any]) -> None:
        operands = [values[o.slot] if isinstance(o, Row) else o for o in decision.operands]
        outcome = decided(decision.operator, operands)
        if outcome is not decision.outcome:
            shown = f" {decision.operator} ".join(f"{value_of(o):g}" for o in operands)
            raise BranchChangedError(
                f"{decision} was {decision.outcome} in the trace and is {outcome} here ({shown}): "
                f"{decision.source}. The function takes another branch at these inputs: trace it "
                "there.",
                decision,
            )


def record(
    function: Callable[..., Any],
    inputs: tuple[Any, ...],
    names: list[str] | None = None,
    kind: type[AnyTrace] = Trace,  # type: ignore[assignment]
) -> AnyTrace:
    """Call a function on traced inputs and return the trace of the call.

    Parameters
    ----------
    function : callable
        Takes and returns numbers, or tuples, lists and dicts of them.
    inputs : tuple
        The arguments; ints become floats.
    names : list of str, optional
        What the arguments are called; what the function calls them where it is left out.
    kind : type
        The class of trace to make.

    Raises
    ------
    InputError
        If the function cannot be called so, or an input is not a real number.
    OutputError
        If it returns something other than numbers.
    """
    if not callable(function):
        raise InputError(
            f"A function is needed, not {_described(function)}: pass f itself, as in trace(f, 3)."
        )
    if names is None:
        names = argument_names(function, inputs)
    tape = Tape(_getframe())
    flat = [
        leaf
        for name, argument in zip(names, inputs, strict=True)
        for leaf in leaves(argument, name)
    ]
    trace = kind(function, tape, tuple(path for path, _ in flat), inputs)
    if listening("on_row"):
        tape.on_row = lambda slot: call("on_row", Row(trace, slot))
    variables = [Variable(tape, tape.add_input(input_number(leaf, path))) for path, leaf in flat]
    try:
        with np.errstate(all="ignore"):  # the trace itself shows where a NaN or infinity began
            output = function(*trace.inputs_as(variables))
        trace.finish(output)
    finally:
        tape.close()
    return trace


def argument_names(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any] | None = None
) -> list[str]:
    """Return what a function calls the positional arguments it is given.

    Raises
    ------
    InputError
        If it cannot be called with these arguments.

    Examples
    --------
    >>> argument_names(lambda x, *rest: x, (1, 2, 3))
    ['x', 'rest[0]', 'rest[1]']
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a ufunc or a builtin
        return ["x"] if len(args) == 1 else [f"x{k + 1}" for k in range(len(args))]
    try:
        signature.bind(*args, **(kwargs or {}))
    except TypeError as error:
        raise InputError(
            f"{function_name(function)}{signature} cannot be called with "
            f"{_count(len(args), 'positional argument')}: {error}."
        ) from None
    names: list[str] = []
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            names.extend(f"{name}[{k}]" for k in range(len(args) - len(names)))
        else:
            names.append(name)
    return names[: len(args)]


def function_name(function: Callable[..., Any]) -> str:
    """Return a function's name, "f" for a lambda.

    Examples
    --------
    >>> function_name(abs), function_name(lambda x: x)
    ('abs', 'f')
    """
    name: str = getattr(function, "__name__", type(function).__name__)
    return "f" if name == "<lambda>" else name


def input_number(value: Any, name: str) -> Any:
    """Return an input as the number it is traced as: a float, a float32, or traced already."""
    if value.__class__ is float or value.__class__ is Variable:
        return value
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, np.floating):
        return plain(value)
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise InputError(f"{name} is an integer too large for a float.") from None
    raise InputError(
        f"{name} is {_described(value)}, not a real number: derivatives are taken with respect "
        "to floats. Pass it as a float, or keep it out of the traced arguments, for example with "
        "a lambda."
    )


def _output_number(value: Any, path: str, name: str) -> Any:
    try:
        return input_number(value, path)
    except InputError:
        hint = (
            " Is a return statement missing?"
            if value is None
            else " A comparison has no derivative."
            if isinstance(value, (bool, np.bool_))
            else ""
        )
        where = f" at {path}" if path else ""
        raise OutputError(
            f"{name} returned {_described(value)}{where}, which has no derivative: "
            f"return a number, or a tuple, list or dict of numbers.{hint}"
        ) from None


def _described(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return repr(value)
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    kind = type(value).__name__
    article = "an" if kind[:1].lower() in "aeiou" else "a"
    return f"{article} {kind} ({value!r})" if isinstance(value, str) else f"{article} {kind}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _nesting(paths: list[str]) -> str:
    return f" ({', '.join(path or 'a number' for path in paths[:6])}{', ...' if len(paths) > 6 else ''})"
