"""A sparse Jacobian from few passes: its pattern, the coloring, the compressed matrix.

One forward pass finds the sum of several columns. If no two of them have an entry in the same row,
the sum can be taken apart into the columns. Curtis, Powell and Reid, *On the estimation of sparse
Jacobian matrices* (1974).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.calculus.coloring import cheapest_coloring
from adviz.calculus.sparsity import sparsity_pattern
from adviz.core.recording import record
from adviz.costs.passes import Passes
from adviz.host.arguments import function_name
from adviz.host.nests import count_of

__all__ = ["CompressedJacobian", "letter"]


class CompressedJacobian:
    """A sparse Jacobian, found compressed by few passes and expanded again.

    Attributes
    ----------
    n, m : int
        The number of inputs and of outputs, arrays counted by their entries.
    pattern : array of bool
        Of shape (m, n): which entries may be other than 0.
    is_forward : bool
        Whether columns are coloured, for forward passes, or rows, for reverse passes.
    colors : array of int
        The color of each column or row.
    fewest : int
        No coloring takes fewer passes than this. ``str`` says where that is less than ``passes``.
    compressed : array
        The results of the passes, of shape (m, colors) or (colors, n).
    matrix : array
        The Jacobian, expanded again, of shape (m, n).
    """

    def __init__(self, f: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
        self.function = f
        passes = Passes(record(f, inputs))
        self.n, self.m = passes.n, passes.m
        self.pattern = sparsity_pattern(f, *inputs, argnums=tuple(range(len(inputs)))).toarray()
        found = cheapest_coloring(self.pattern)
        self.is_forward, self.colors, self.fewest = found.axis == 1, found.colors, found.fewest
        seeds = [1.0 * (self.colors == color) for color in range(self.passes)]
        if self.is_forward:
            self.compressed = np.column_stack([passes.jvp(seed) for seed in seeds])
            expanded = self.compressed[:, self.colors]
        else:
            self.compressed = np.vstack([passes.vjp(seed) for seed in seeds])
            expanded = self.compressed[self.colors]
        self.matrix = np.where(self.pattern, expanded, 0.0)

    @property
    def passes(self) -> int:
        """The number of passes: one for each color."""
        return int(self.colors.max()) + 1

    @property
    def letters(self) -> str:
        """The color of each column or row as a letter: A, B, C, ..."""
        return "".join(letter(color) for color in self.colors)

    def __str__(self) -> str:
        what, mode = ("columns", "forward") if self.is_forward else ("rows", "reverse")
        letters = f" {what} {self.letters}" if len(self.colors) <= _MAX_LETTERS else ""
        plural = "" if self.passes == 1 else "es"
        return (
            f"{function_name(self.function)}: {count_of(self.n, 'input')}, "
            f"{count_of(self.m, 'output')}, "
            f"{self.pattern.sum()} of {self.pattern.size} entries may be other than 0\n"
            f"{self.passes} {mode} pass{plural} instead of {min(self.n, self.m)}"
            + (f":{letters}" if letters else "")
            + (self._open_question if self.fewest < self.passes else "")
        )

    @property
    def _open_question(self) -> str:
        return f"\nWhether fewer will do, {self.fewest} at least, is not known."

    def __repr__(self) -> str:
        return str(self)


_MAX_LETTERS = 60
"""The most columns or rows whose letters are printed, to stay in one line."""


def letter(color: int) -> str:
    """Return a color as a letter, with a number from the 27th on.

    Examples
    --------
    >>> letter(0), letter(27)
    ('A', 'B1')
    """
    return chr(ord("A") + color % 26) + (str(color // 26) if color >= 26 else "")
