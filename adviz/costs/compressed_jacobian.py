"""A sparse Jacobian from few passes: its pattern, the coloring, the compressed matrix.

Columns that share no row can be found by one forward pass together, and taken apart again. Curtis,
Powell and Reid, *On the estimation of sparse Jacobian matrices* (1974).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.calculus.sparse_jacobians import coloring
from adviz.calculus.sparsity import sparsity_pattern
from adviz.core.recording import record
from adviz.costs.passes import Passes
from adviz.host.arguments import function_name
from adviz.host.nests import count_of

__all__ = ["CompressedJacobian", "letter"]


class CompressedJacobian:
    """A sparse Jacobian, compressed into few passes and taken apart again.

    Attributes
    ----------
    n, m : int
        The numbers that go in, and those that come out.
    pattern : array of bool
        Of shape (m, n): where an entry may be other than 0.
    is_forward : bool
        Whether columns are coloured, for forward passes, or rows, for reverse passes.
    colors : array of int
        The color of each column or row.
    compressed : array
        What the passes found: of shape (m, colors), or (colors, n).
    matrix : array
        The Jacobian, taken apart again: of shape (m, n).
    """

    def __init__(self, f: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
        self.function = f
        passes = Passes(record(f, inputs))
        self.n, self.m = passes.n, passes.m
        self.pattern = sparsity_pattern(f, *inputs, argnums=tuple(range(len(inputs)))).toarray()
        of_columns, of_rows = coloring(self.pattern), coloring(self.pattern, axis=0)
        self.is_forward = bool(of_columns.max() <= of_rows.max())
        self.colors = of_columns if self.is_forward else of_rows
        seeds = [1.0 * (self.colors == color) for color in range(self.passes)]
        if self.is_forward:
            self.compressed = np.column_stack([passes.jvp(seed) for seed in seeds])
            found = self.compressed[:, self.colors]
        else:
            self.compressed = np.vstack([passes.vjp(seed) for seed in seeds])
            found = self.compressed[self.colors]
        self.matrix = np.where(self.pattern, found, 0.0)

    @property
    def passes(self) -> int:
        """The passes that are needed: one for each color."""
        return int(self.colors.max()) + 1

    @property
    def letters(self) -> str:
        """The color of each column or row as a letter: A, B, C, ..."""
        return "".join(letter(color) for color in self.colors)

    def __str__(self) -> str:
        what, mode = ("columns", "forward") if self.is_forward else ("rows", "reverse")
        told = f" {what} {self.letters}" if len(self.colors) <= _LETTERED else ""
        plural = "" if self.passes == 1 else "es"
        return (
            f"{function_name(self.function)}: {count_of(self.n, 'input')}, "
            f"{count_of(self.m, 'output')}, "
            f"{self.pattern.sum()} of {self.pattern.size} entries may be other than 0\n"
            f"{self.passes} {mode} pass{plural} instead of {min(self.n, self.m)}"
            + (f":{told}" if told else "")
        )

    def __repr__(self) -> str:
        return str(self)


_LETTERED = 60
"""Columns or rows up to which the letter of each is told."""


def letter(color: int) -> str:
    """Return a color as a letter, with a number from the 27th on.

    Examples
    --------
    >>> letter(0), letter(27)
    ('A', 'B1')
    """
    return chr(ord("A") + color % 26) + (str(color // 26) if color >= 26 else "")
