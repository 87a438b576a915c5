"""Trace: the evaluation trace (Wengert list) of one call."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np

from adviz.core import plugs, sweeps
from adviz.core.arrays import shape_of
from adviz.core.inputs import input_number
from adviz.core.rows import Decision, Row, Rows, brief
from adviz.core.steps import AdjointStep, TangentStep, forward_steps, reverse_steps
from adviz.core.tape import Tape
from adviz.core.variable import Variable, decided, value_of
from adviz.host import checks
from adviz.host.arguments import function_name
from adviz.host.errors import BranchChangedError, InputError
from adviz.host.nests import count_of, leaves_like, mapped, unflatten, without_numbers
from adviz.host.source import describe

__all__ = ["Decision", "Row", "Trace"]


class _Replays:
    """What the replays of a trace, and the replays of these, share."""

    def __init__(self) -> None:
        self.count = 0
        self.code: Any = None  # a function that computes the rows, once it is written


class Trace:
    """The evaluation trace of one call: its rows, its sweeps, its replay.

    Made by :func:`adviz.trace`.

    Attributes
    ----------
    function : callable
        The function that was called.
    tape : Tape
        The columns behind the rows.
    output_slots : tuple of int
        The slots of the rows that the outputs point at.
    """

    def __init__(self, function: Callable[..., Any], tape: Tape, nest: tuple[Any, ...]) -> None:
        self.function = function
        self.tape = tape
        self.output_slots: tuple[int, ...] = ()
        # How the numbers are nested in the arguments and in what is returned.
        self._inputs = nest
        self._output: Any = ()
        self._replays: _Replays | None = None

    def finish(self, output: Any, slots: tuple[int, ...]) -> None:
        """Set the outputs: what the function returned, whose numbers are at these slots."""
        self.output_slots = slots
        self._output = 0.0 if output.__class__ is Variable else without_numbers(output)

    @property
    def function_name(self) -> str:
        """The function's name, "f" for one without."""
        return function_name(self.function)

    @property
    def input_names(self) -> tuple[str, ...]:
        """What the function calls its inputs."""
        return tuple(self.tape.input_names)

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
        first, last = 1 - self.tape.input_count, len(self.rows) - self.tape.input_count
        return Row(self, checks.count(index, "index", least=first, most=last) - first)

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
        """What the outputs are called: y, or y1, y2, ...; z where an input is called y."""
        used = {name[0] for name in self.input_names if name[1:].strip("_0123456789") == ""}
        letter = next((letter for letter in "yzuw" if letter not in used), "output")
        count = len(self.output_slots)
        return (letter,) if count == 1 else tuple(f"{letter}{k + 1}" for k in range(count))

    @property
    def value(self) -> Any:
        """What the function returned, with plain numbers."""
        return mapped(value_of, self.returned)

    @property
    def returned(self) -> Any:
        """What the function returned; inside an enclosing derivative its numbers are traced."""
        return self.outputs_as(self.tape.results(self.output_slots))

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
            what = "NaN" if np.isnan(row.value).any() else "infinity"
            if shape_of(row.value):
                what = f"not finite, with {what} in it"
            where = f": {row.source}" if row.source is not None else ""
            notes.append(f"{row.label} is the first row that is {what}{where}.")
        return notes

    @property
    def first_nonfinite(self) -> Row | None:
        """The first row whose value is NaN or infinite, where trouble began; None if none is."""
        for slot, value in enumerate(self.tape.values):
            number = value_of(value)
            finite = (
                math.isfinite(number) if number.__class__ is float else np.isfinite(number).all()
            )
            if not finite:
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
        return forward_steps(self, self.input_seeds(seed))

    def reverse(self, seed: Any = None) -> Iterator[AdjointStep]:
        """Sweep in reverse, a step for each row that is reached.

        A step has the row's adjoint and what it contributes to the rows it was made from.

        Parameters
        ----------
        seed : optional
            The adjoints of the outputs: numbers nested as the outputs are, or an output's name
            for 1 there and 0 elsewhere. May be left out where there is one output. The sweep
            does not begin at an output whose adjoint is 0.

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
        return reverse_steps(self, self.output_seeds(seed))

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
            If the inputs are nested in another way, or of other shapes.
        BranchChangedError
            If a comparison turns out differently, or views of arrays in another memory order are
            copies: then the rows would be others, and the function has to be traced again.

        Examples
        --------
        >>> import adviz as ad
        >>> ad.trace(lambda x: x * x, 3.0).replay(5.0).value
        25.0
        """
        flat = leaves_like(inputs, self._inputs, self.function_name, "input")
        tape = self.tape
        plugs.arrays.check_memory(tape, inputs)
        values = []
        have_same_types = True
        for number, name, recorded in zip(flat, tape.input_names, tape.values, strict=False):
            value = input_number(number, name)
            values.append(value)
            if shape_of(value) != shape_of(recorded):
                raise InputError(
                    f"{name} had the shape {shape_of(recorded)} in the trace and has "
                    f"{shape_of(value)} here: {describe()}. Trace the function afresh."
                )
            if value.__class__ is not recorded.__class__ or (
                value.__class__ is np.ndarray and value.dtype is not recorded.dtype
            ):
                have_same_types = False
        if self._replays is None:
            self._replays = _Replays()
        if not (have_same_types and self._run_code(values)):
            decisions = self.decisions[::-1]
            with np.errstate(all="ignore"):
                for slot in range(tape.input_count, len(tape.values) + 1):
                    while decisions and decisions[-1].before == slot:
                        self._check(decisions.pop(), values)
                    if slot < len(tape.values):
                        values.append(sweeps.evaluate(tape, slot, values))
        replayed = type(self).__new__(type(self))
        replayed.__dict__.update(self.__dict__, tape=tape.with_values(values))
        if not have_same_types:
            replayed._replays = _Replays()
        return replayed

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        operations = len(self.rows) - self.tape.input_count
        return (
            f"<Trace of {self.function_name}: {count_of(self.tape.input_count, 'input')}, "
            f"{count_of(operations, 'operation')}, {count_of(len(self.output_slots), 'output')}>"
        )

    def outputs_as(self, numbers: list[Any]) -> Any:
        """Return numbers, one for each output, nested as the function returns them."""
        return unflatten(self._output, iter(numbers))

    def inputs_as(self, numbers: list[Any]) -> tuple[Any, ...]:
        """Return numbers, one for each input, nested as the arguments are."""
        nested: tuple[Any, ...] = unflatten(self._inputs, iter(numbers))
        return nested

    def input_seeds(self, seed: Any = None) -> list[Any]:
        """Return the tangent of each input for a seed: see :meth:`forward`."""
        if len(self._inputs) == 1 and not isinstance(seed, tuple):
            seed = seed if seed is None or isinstance(seed, str) else (seed,)
        return self._seeds(seed, self._inputs, self.input_names, "input")

    def output_seeds(self, seed: Any = None) -> list[Any]:
        """Return the adjoint of each output for a seed: see :meth:`reverse`."""
        return self._seeds(seed, self._output, self.output_names, "output")

    def _seeds(self, seed: Any, tree: Any, names: tuple[str, ...], what: str) -> list[Any]:
        slots = self.output_slots if what == "output" else range(self.tape.input_count)
        values = [self.tape.examples[slot] for slot in slots]
        if seed is None and len(names) == 1:
            return [_filled(1.0, values[0])]
        if seed is None or isinstance(seed, str):
            if seed not in names:
                problem = "A seed is needed" if seed is None else f"No {what} is named {seed!r}"
                raise InputError(
                    f"{problem}: name one of the {what}s ({', '.join(names)}) or give a number "
                    "for each."
                )
            return [
                _filled(float(name == seed), value)
                for name, value in zip(names, values, strict=True)
            ]
        flat = leaves_like(seed, tree, self.function_name, what)
        seeds = [
            input_number(number, f"The seed of {name}")
            for number, name in zip(flat, names, strict=True)
        ]
        for number, value, name in zip(seeds, values, names, strict=True):
            checks.seed_fits(number, value, name)
        return seeds

    def _run_code(self, values: list[Any]) -> bool:
        """Append the values of the operations by code, if there is any; return whether."""
        replays = self._replays
        if replays is None or plugs.replays is None:
            return False
        replays.count += 1
        if replays.code is None and replays.count == plugs.replays.REPLAYS_BEFORE_CODE:
            replays.code = plugs.replays.replayed(self.tape)
        computed = None if replays.code is None else replays.code(values)
        if computed is None:
            return False
        values.extend(computed)
        return True

    def _check(self, decision: Decision, values: list[Any]) -> None:
        operands = [values[o.slot] if isinstance(o, Row) else o for o in decision.operands]
        outcome = decided(decision.operator, operands)
        if not np.array_equal(outcome, decision.outcome):
            shown = f" {decision.operator} ".join(brief(value_of(o)) for o in operands)
            raise BranchChangedError(
                f"{decision} was {brief(decision.outcome)} in the trace and is {brief(outcome)} "
                f"here ({shown}): "
                f"{decision.source}. The function takes another branch at these inputs: trace it "
                "there.",
                decision,
            )


def _filled(number: float, like: Any) -> Any:
    """Return a number, or an array filled with it, of the shape of another value."""
    return np.full_like(value_of(like), number) if shape_of(like) else number
