"""Small pictures of arrays: a grid of levels, one character for each cell."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["picture"]

_MAX_CELLS = 16
"""The most cells along an axis; a longer axis is drawn in blocks, each by its mean."""

_LEVELS = "ihgfedcba0123456789"
"""The characters for −9/9 to 9/9 of the largest absolute value in the array."""

_NOT_FINITE = "x"

_MAX_MATRICES = 4
"""The most matrices that are drawn of an array with more than two axes."""


def picture(array: Any) -> list[str] | None:
    """Return the rows of a picture: 0 to 9 for 0 to the largest absolute value, a to i below 0.

    A cell with a NaN or an infinity in it is "x". If an array has more than two axes, its first
    matrices stand side by side, with "." between them. The picture is None if there is nothing to
    see, because the array has the same number everywhere.

    Examples
    --------
    >>> picture(np.array([[1.0, -1.0], [0.0, 0.5]]))
    ['9i', '04']
    >>> picture(np.arange(8.0).reshape(2, 2, 2))
    ['01.56', '34.89']
    """
    if array.ndim == 0 or array.size < 2 or array.dtype.kind not in "fiu":
        return None
    grid = np.atleast_2d(array).astype(float)
    if (grid == grid.flat[0]).all():
        return None
    if grid.ndim > 2:
        return _side_by_side(grid.reshape(-1, *grid.shape[-2:])[:_MAX_MATRICES])
    return _signs(_in_blocks(grid, _MAX_CELLS))


def _side_by_side(matrices: Any) -> list[str]:
    """Return the rows of several matrices side by side, drawn to the same scale."""
    small = [_in_blocks(matrix, _MAX_CELLS // len(matrices)) for matrix in matrices]
    rows = _signs(np.concatenate(small, axis=1))
    width = small[0].shape[1]
    return [
        ".".join(row[start : start + width] for start in range(0, len(row), width)) for row in rows
    ]


def _in_blocks(grid: Any, most: int) -> Any:
    """Return a matrix with at most this many rows and columns, each block replaced by its mean."""
    with np.errstate(all="ignore"):
        for axis in (0, 1):
            length = grid.shape[axis]
            if length > most:
                edges = np.arange(most + 1) * length // most
                sums = np.add.reduceat(grid, edges[:-1], axis)
                grid = sums / np.expand_dims(np.diff(edges), 1 - axis)
    return grid


def _signs(grid: Any) -> list[str]:
    with np.errstate(all="ignore"):
        finite = np.isfinite(grid)
        largest = np.abs(grid[finite]).max(initial=0.0)
        shares = np.where(finite, grid / (largest or 1.0), 0.0)
    middle = len(_LEVELS) // 2
    levels = middle + np.rint(shares * middle).astype(int)
    signs = np.where(finite, np.array(list(_LEVELS))[levels], _NOT_FINITE)
    return ["".join(row) for row in signs]
