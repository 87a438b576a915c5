"""Small pictures of arrays: a grid of levels, one sign for each cell."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["picture"]

_MOST = 16
"""Cells along an axis; a longer axis is drawn in blocks, each by its mean."""

_LEVELS = "ihgfedcba0123456789"
"""The signs of −9/9 to 9/9 of the largest size in the array."""

_NOT_FINITE = "x"


def picture(array: Any) -> list[str] | None:
    """Return the rows of a picture: 0 to 9 for 0 to the largest size there is, a to i below 0.

    A cell with a NaN or an infinity in it is "x". None where there is nothing to see: an array that
    is neither a vector nor a matrix, or has the same number everywhere.

    Examples
    --------
    >>> picture(np.array([[1.0, -1.0], [0.0, 0.5]]))
    ['9i', '04']
    """
    if array.ndim not in (1, 2) or array.size < 2 or array.dtype.kind not in "fiu":
        return None
    grid = np.atleast_2d(array).astype(float)
    if (grid == grid.flat[0]).all():
        return None
    with np.errstate(all="ignore"):
        for axis in (0, 1):
            length = grid.shape[axis]
            if length > _MOST:
                edges = np.arange(_MOST + 1) * length // _MOST
                sums = np.add.reduceat(grid, edges[:-1], axis)
                grid = sums / np.expand_dims(np.diff(edges), 1 - axis)
        finite = np.isfinite(grid)
        largest = np.abs(grid[finite]).max(initial=0.0)
        shares = np.where(finite, grid / (largest or 1.0), 0.0)
    middle = len(_LEVELS) // 2
    levels = middle + np.rint(shares * middle).astype(int)
    signs = np.where(finite, np.array(list(_LEVELS))[levels], _NOT_FINITE)
    return ["".join(row) for row in signs]
