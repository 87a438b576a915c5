"""Differential quadrature: the derivative at every node as a weighted sum of all values.

C. W. Bert and M. Malik, "Differential quadrature method in computational mechanics: a review",
Applied Mechanics Reviews 49 (1996).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adviz.host.errors import InputError
from adviz.numeric.evaluation import evaluated

__all__ = ["DifferentialQuadrature", "differential_quadrature"]


@dataclass(frozen=True)
class DifferentialQuadrature:
    """Derivatives at all nodes together; made by :func:`adviz.differential_quadrature`.

    Attributes
    ----------
    nodes : array of shape (n,)
    matrix : array of shape (n, n)
        The weights: the derivatives are ``matrix @ values``.
    values, derivatives : array of shape (n,)
        f at the nodes, and its derivatives there.
    evaluations : int
        n, one for each node.
    """

    nodes: np.ndarray
    matrix: np.ndarray
    values: np.ndarray
    derivatives: np.ndarray
    evaluations: int

    def __repr__(self) -> str:
        low, high = self.nodes[0], self.nodes[-1]
        return f"<differential quadrature on {len(self.nodes)} nodes from {low:g} to {high:g}>"


def differential_quadrature(
    f: Callable[..., Any],
    interval: tuple[float, float],
    n: int = 17,
    nodes: str = "chebyshev",
    derivative: int = 1,
) -> DifferentialQuadrature:
    """Return the derivatives of f at n nodes of an interval.

    Parameters
    ----------
    f : callable
        Takes and returns one number, or an array.
    interval : (float, float)
    n : int
        How many nodes.
    nodes : str
        ``"chebyshev"``: the Chebyshev-Gauss-Lobatto points, denser towards the ends.
        ``"uniform"``: evenly spaced, which amplifies errors by 2^n: good for few nodes only.
    derivative : int
        The order of the derivative.

    Returns
    -------
    DifferentialQuadrature

    Raises
    ------
    InputError
        If the interval, n or the nodes are not valid.

    Notes
    -----
    The result is the derivative of the polynomial through all values. Weights off the diagonal are
    (w_j / w_i) / (x_i − x_j) with the barycentric weights w; those on it are minus the sum of their
    row, so that constants have slope 0, which loses least to round-off (R. Baltensperger and M. R.
    Trummer, SIAM J. Sci. Comput. 24, 2003).

    Examples
    --------
    >>> found = differential_quadrature(np.sin, (0.0, 1.0), n=13)
    >>> float(np.max(np.abs(found.derivatives - np.cos(found.nodes)))) < 1e-12
    True
    """
    try:
        low, high = (float(end) for end in interval)
    except (TypeError, ValueError):
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"interval={interval!r}: give two ends, the lower one first.")
    if not isinstance(n, int) or n < 2 or derivative >= n or derivative < 1:
        raise InputError(
            f"n={n!r}, derivative={derivative!r}: take two nodes at least, and more of them than "
            "the order of the derivative."
        )
    if nodes == "chebyshev":
        matrix, places = _chebyshev(n)
    elif nodes == "uniform":
        matrix, places = _uniform(n)
    else:
        raise InputError(f"nodes={nodes!r}: choose 'chebyshev' or 'uniform'.")
    half = (high - low) / 2
    at = low + half * (places + 1)
    at[0], at[-1] = low, high
    matrix = np.linalg.matrix_power(matrix / half, derivative)
    values = evaluated(f, at, "evaluating").values
    return DifferentialQuadrature(at, matrix, values, matrix @ values, n)


def _chebyshev(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights and the nodes between −1 and 1."""
    angles = np.pi * np.arange(n)[::-1] / (n - 1)
    # cos a − cos b as a product: no cancellation
    apart = 2 * np.sin((angles[:, None] + angles) / 2) * np.sin((angles - angles[:, None]) / 2)
    barycentric = (-1.0) ** np.arange(n)
    barycentric[[0, -1]] /= 2
    return _weights(barycentric, apart), np.sin(np.pi / 2 - angles)


def _uniform(n: int) -> tuple[np.ndarray, np.ndarray]:
    places = np.linspace(-1.0, 1.0, n)
    barycentric = np.array([(-1.0) ** j * math.comb(n - 1, j) for j in range(n)])
    steps = np.arange(n)
    return _weights(barycentric, (steps[:, None] - steps) * 2.0 / (n - 1)), places


def _weights(barycentric: np.ndarray, apart: np.ndarray) -> np.ndarray:
    np.fill_diagonal(apart, 1.0)
    weights: np.ndarray = barycentric / barycentric[:, None] / apart
    np.fill_diagonal(weights, 0.0)
    np.fill_diagonal(weights, -weights.sum(axis=1))
    return weights
