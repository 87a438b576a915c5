"""ad.checkpoint: a function that runs again in the return sweep, which saves memory."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adviz.core.derivatives import input_adjoints, output_tangents
from adviz.core.elementals import plain
from adviz.core.recording import record
from adviz.core.variable import Variable
from adviz.host import checks
from adviz.host.arguments import argument_names, defined_in, described
from adviz.host.derived_functions import made_by
from adviz.host.errors import OutputError
from adviz.host.nests import leaves, mapped, unflatten
from adviz.rules.batching import Batch
from adviz.rules.broadcasting import spread
from adviz.rules.operands import gathered
from adviz.rules.rule import Rule
from adviz.rules.user_operations import UserOperation, no_push, read_only

__all__ = ["checkpoint"]


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return f as a function whose trace is not kept: the return sweep runs f again.

    A call is one row of the trace and takes the memory of its result. A chain of n calls that are
    checkpointed in groups of √n needs memory for about 2 √n of them. Griewank and Walther,
    *Evaluating Derivatives* (2008), chapter 12. Derivatives of derivatives save memory too, except
    those of a Jacobian with several rows and columns.

    Parameters
    ----------
    f : callable
        Takes and returns numbers, arrays or nests of them. It must return the same when it runs
        again, and whatever it is differentiated with respect to must be an argument.

    Returns
    -------
    callable

    Raises
    ------
    UnsupportedOperationError
        By the returned function, if f uses a traced number that is no argument.

    Examples
    --------
    >>> import adviz as ad
    >>> step = ad.checkpoint(lambda x: np.sin(np.sin(np.sin(x))))
    >>> [row.op for row in ad.trace(lambda x: step(step(x)), 1.0).rows]
    ['input', 'checkpoint', 'checkpoint']
    """
    checks.function(f)

    @made_by(checkpoint, f)
    @functools.wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        tree = mapped(gathered, (args, kwargs))
        flat = [leaf for _, leaf in leaves(tree)]
        if not any(leaf.__class__ is Variable for leaf in flat):
            return f(*args, **kwargs)
        argument_names(f, args, kwargs)
        call = _Call(f, tree, flat)
        packed = call(*(flat[k] for k in call.positions))
        return call.unpacked(packed)

    return run


class _Call(UserOperation):
    """A call of a checkpointed function: its constant arguments, and the nesting of its result."""

    __slots__ = ("flat", "positions", "result", "tree")

    def __init__(self, f: Callable[..., Any], tree: Any, flat: list[Any]) -> None:
        super().__init__(Rule("checkpoint", f, push=no_push), {})
        self.tree = mapped(lambda _: 0, tree)
        # Numbers and arrays of floats are operands; the rest is passed on as it is.
        self.positions = [k for k, leaf in enumerate(flat) if _is_operand(leaf)]
        self.flat = [None if _is_operand(leaf) else leaf for leaf in flat]
        self.result: Any = None

    def evaluate(self, *operands: Any) -> Any:
        """Run f."""
        output = self.run(*map(read_only, operands))
        parts = [gathered(leaf) for _, leaf in leaves(output)]
        if not parts:
            raise OutputError(
                f"{self.name} returned {described(output)}, which has no derivative"
                f"{defined_in(self.rule.evaluate)}. Return a number, or a nest of numbers."
            )
        shapes = [np.shape(part) for part in parts]
        self.result = (mapped(lambda _: 0, output), shapes)
        return plain(parts[0]) if len(parts) == 1 else self.packed(parts)

    def run(self, *operands: Any) -> Any:
        """Call f with these operands and the constant arguments."""
        flat = list(self.flat)
        for position, operand in zip(self.positions, operands, strict=True):
            flat[position] = operand
        args, kwargs = unflatten(self.tree, iter(flat))
        return self.rule.evaluate(*args, **kwargs)

    def packed(self, parts: list[Any]) -> Any:
        """Return the numbers and arrays of a result as one array, the value of its row."""
        return np.concatenate([np.reshape(part, (-1,)) for part in parts])

    def unpacked(self, value: Any) -> Any:
        """Return the result nested as f returned it."""
        tree, shapes = self.result
        if len(shapes) == 1:
            return unflatten(tree, iter([value]))
        parts, start = [], 0
        for shape in shapes:
            size = int(np.prod(shape))
            parts.append(value[start : start + size].reshape(shape) if shape else value[start])
            start += size
        return unflatten(tree, iter(parts))

    def again(self, positions: list[int], operands: Sequence[Any]) -> Callable[..., Any]:
        """Return f as a function of some of its operands, with its result packed."""

        def of_these(*inputs: Any) -> Any:
            all_operands = list(operands)
            for position, operand in zip(positions, inputs, strict=True):
                all_operands[position] = operand
            parts = [leaf for _, leaf in leaves(self.run(*all_operands))]
            return gathered(parts[0]) if len(parts) == 1 else self.packed(parts)

        return of_these

    def push(self, dots: Sequence[Any], operands: Sequence[Any], value: Any) -> Any:
        """Return the tangent; f runs again."""
        positions = [k for k, dot in enumerate(dots) if dot is not None]

        def pushed(operands: Sequence[Any], seeds: list[Any]) -> Any:
            primals = tuple(operands[k] for k in positions)
            trace = record(self.again(positions, operands), primals, notes_places=False)
            return output_tangents(trace, seeds)[0]

        seeds = [spread(dots[k], operands[k]) for k in positions]
        return _checkpointed(pushed, seeds)(operands, seeds)

    def pull_all(
        self, positions: list[int], bar: Any, operands: Sequence[Any], value: Any
    ) -> list[Any]:
        """Return the contributions to these operands; f runs again."""

        def pulled(operands: Sequence[Any], bar: Any) -> list[Any]:
            primals = tuple(operands[k] for k in positions)
            trace = record(self.again(positions, operands), primals, notes_places=False)
            return input_adjoints(trace, [bar])

        bar = spread(bar, value)
        bars: list[Any] = _checkpointed(pulled, [bar])(operands, bar)
        return bars


def _checkpointed(derivative: Callable[..., Any], seeds: list[Any]) -> Callable[..., Any]:
    """Checkpoint a derivative, too, so that it is one row for an enclosing derivative."""
    if any(seed.__class__ is Batch for seed in seeds):
        return derivative
    return checkpoint(derivative)


def _is_operand(leaf: Any) -> bool:
    return isinstance(leaf, (Variable, float, np.floating)) or (
        isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f"
    )
