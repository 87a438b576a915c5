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

from adviz.host import checks
from adviz.host.arguments import function_name
from adviz.host.errors import InputError
from adviz.host.source import describe
from adviz.numeric.evaluation import evaluated

__all__ = ["DifferentialQuadrature", "differential_quadrature"]

_MOST_NODES = 5000
"""The matrix has the square of this many entries."""


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
        If the interval, n or the nodes are not valid, or f is not finite at one of them.

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
    checks.function(f)
    ends = [
        checks.number(end, "each end of interval") for end in checks.items(interval, "interval")
    ]
    if len(ends) != 2 or ends[0] >= ends[1]:
        raise checks.refusal("interval", "a pair of ends, the lower one first", interval)
    low, high = ends
    n = checks.count(n, "n", least=2, most=_MOST_NODES)
    derivative = checks.count(derivative, "derivative", most=n - 1)
    choose = {"chebyshev": _chebyshev, "uniform": _uniform}
    matrix, places = choose[checks.choice(nodes, "nodes", choose)](n)
    half = (high - low) / 2
    at = low + half * (places + 1)
    at[0], at[-1] = low, high
    matrix = np.linalg.matrix_power(matrix / half, derivative)
    evaluations = evaluated(f, at, "evaluating")
    values = evaluations.values
    missing = np.flatnonzero(~np.isfinite(values))
    if missing.size:
        message = next(iter(evaluations.raised), "")
        raise InputError(
            f"{function_name(f)} is {values[missing[0]]:g} at the node x = {at[missing[0]]:g}"
            f"{message and f', where it raised {message}'}: {describe()}. Every derivative depends "
            f"on all values: choose an interval inside the domain of {function_name(f)}."
        )
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
