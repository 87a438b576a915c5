"""Difference schemes: weighted sums of values of f that approximate a derivative.

A scheme is data: nodes s_j and weights w_j, so that

    f^(d)(x) ≈ Σ_j w_j f(x + s_j h) / h^d.

The weights are those of B. Fornberg, "Generation of finite difference formulas on arbitrarily
spaced grids", Mathematics of Computation 51 (1988), in exact fractions.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from adviz.host import checks
from adviz.host.errors import InputError

__all__ = ["SCHEMES", "ComplexStep", "Richardson", "Scheme", "fornberg", "scheme", "stencil"]

Node = Fraction | float

_MOST_NODES = 100
"""The weights of more are computed for a long time, and are of no use."""


def fornberg(nodes: Sequence[Any], derivative: int, at: Any = 0) -> list[list[Any]]:
    """Return the weights of every derivative up to a given one, at a point.

    Parameters
    ----------
    nodes : sequence
        All different; fractions give exact weights.
    derivative : int
        The highest derivative.
    at : optional
        The point of the derivative.

    Returns
    -------
    list of lists
        ``weights[d][j]`` is that of node j for the derivative d.

    Notes
    -----
    The recurrence of Fornberg (1988), section 3.

    Examples
    --------
    >>> [str(w) for w in fornberg([Fraction(-1), Fraction(0), Fraction(1)], 2)[2]]
    ['1', '-2', '1']
    """
    zero = nodes[0] * 0
    count = len(nodes)
    weights = [[zero] * count for _ in range(derivative + 1)]
    weights[0][0] = zero + 1
    before = zero + 1
    from_last = nodes[0] - at
    for n in range(1, count):
        product = zero + 1
        from_before, from_last = from_last, nodes[n] - at
        for j in range(n):
            distance = nodes[n] - nodes[j]
            product = product * distance
            if j == n - 1:
                for k in range(min(n, derivative), -1, -1):
                    lower = k * weights[k - 1][n - 1] if k else zero
                    change = lower - from_before * weights[k][n - 1]
                    weights[k][n] = before * change / product
            for k in range(min(n, derivative), -1, -1):
                lower = k * weights[k - 1][j] if k else zero
                weights[k][j] = (from_last * weights[k][j] - lower) / distance
        before = product
    return weights


@dataclass(frozen=True)
class Scheme:
    """A difference scheme: a derivative as a weighted sum of values at nodes around x.

    Made by :func:`adviz.scheme` and :func:`adviz.stencil`.

    Attributes
    ----------
    name : str
    nodes : tuple
        s_j, in units of the step h.
    weights : tuple
        w_j.
    derivative : int
        d, the order of the derivative.

    Examples
    --------
    >>> central = scheme("central")
    >>> print(central)
    central: (f(x + h) − f(x − h)) / 2h, order 2, 2 evaluations
    >>> central(lambda x: x * x * x, 1.0, 0.5)
    3.25
    """

    name: str
    nodes: tuple[Node, ...]
    weights: tuple[Node, ...]
    derivative: int = 1

    is_complex = False

    @property
    def evaluations(self) -> int:
        """How often f is evaluated for one derivative."""
        return len(self.nodes)

    def moment(self, k: int) -> float:
        """Return Σ_j w_j s_j^k, the factor of the Taylor coefficient a_k in the result."""
        return _moment(self.nodes, self.weights, k)

    @cached_property
    def order(self) -> int:
        """p: the truncation error is proportional to h^p for small h."""
        numbers: list[Node] = [*self.nodes, *self.weights]
        exact = not any(isinstance(number, float) for number in numbers)
        k = self.derivative + 1
        while abs(self.moment(k)) <= (0 if exact else 1e-9):
            k += 1
        return k - self.derivative

    @property
    def amplification(self) -> float:
        """``Σ_j |w_j|``: times h^-d, it amplifies an error in the values of f."""
        return float(sum(abs(float(w)) for w in self.weights))

    @cached_property
    def over_one_denominator(self) -> tuple[list[float], float]:
        """The weights as whole numbers and their denominator, so that no weight is rounded."""
        if not all(isinstance(w, Fraction) for w in self.weights):
            return [float(w) for w in self.weights], 1.0
        denominator = math.lcm(*(Fraction(w).denominator for w in self.weights))
        return [float(w * denominator) for w in self.weights], float(denominator)

    def estimate(self, values: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """Return the derivative from values of f, in their precision.

        Parameters
        ----------
        values : array of shape (nodes, steps)
        steps : array
        """
        weights, denominator = self.over_one_denominator
        scalar_type = values.dtype.type
        total = scalar_type(weights[0]) * values[0]
        for weight, row in zip(weights[1:], values[1:], strict=True):
            total += scalar_type(weight) * row
        scale = steps**self.derivative if self.derivative > 1 else steps
        estimated: np.ndarray = total / (scalar_type(denominator) * scale)
        return estimated

    def __call__(self, f: Callable[..., Any], x: Any, h: Any) -> Any:
        """Return the derivative of f at x with the step h, by calling f once for every node."""
        checks.function(f)
        x, h = checks.number(x, "x"), checks.number(h, "h", above=0)
        values = np.array([f(x + float(s) * h) for s in self.nodes])[:, None]
        return self.estimate(values, np.array([h], dtype=values.dtype))[0].item()

    @property
    def formula(self) -> str:
        """The formula as text.

        Examples
        --------
        >>> scheme("5-point").formula
        '(f(x − 2h) − 8 f(x − h) + 8 f(x + h) − f(x + 2h)) / 12h'
        """
        pairs = list(zip(self.nodes, *[self.over_one_denominator[0]], strict=True))
        if self.evaluations <= 3 and self.derivative == 1:
            pairs = pairs[::-1]  # as Eq. 1 and Eq. 2 are written
        terms = ""
        for node, weight in pairs:
            sign = ("−" if weight < 0 else "") if not terms else (" − " if weight < 0 else " + ")
            size = "" if abs(weight) == 1 else f"{abs(weight):.6g} "
            terms += f"{sign}{size}f({_point_text(node)})"
        denominator = self.over_one_denominator[1]
        power = "h" + (
            "" if self.derivative == 1 else str(self.derivative).translate(_SUPERSCRIPTS)
        )
        return f"({terms}) / {'' if denominator == 1 else f'{denominator:.6g}'}{power}"

    def __str__(self) -> str:
        return f"{self.name}: {self.formula}, order {self.order}, {self.evaluations} evaluations"


@functools.cache
def _moment(nodes: tuple[Node, ...], weights: tuple[Node, ...], k: int) -> float:
    return float(sum(w * s**k for s, w in zip(nodes, weights, strict=True)))


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _point_text(node: Node) -> str:
    if node == 0:
        return "x"
    size = abs(node)
    times = "" if size == 1 else str(size) if isinstance(size, Fraction) else f"{size:.3g} "
    return f"x {'−' if node < 0 else '+'} {times}h"


@dataclass(frozen=True)
class Richardson(Scheme):
    """Central differences with h, h/2, h/4, ..., extrapolated to the limit in a tableau.

    A sum of values of f like any scheme, but computed column after column, as the tableau is:
    T_{i,j} = T_{i,j-1} + (T_{i,j-1} − T_{i-1,j-1}) / (4^j − 1).
    """

    levels: int = 4

    def estimate(self, values: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """Return the last entry of the tableau."""
        base, scalar_type = _centred(2, self.derivative), values.dtype.type
        column = [
            base.estimate(values[rows], steps / scalar_type(2**i))
            for i, rows in enumerate(self._rows)
        ]
        for j in range(1, self.levels):
            divisor = scalar_type(4**j - 1)
            column = [
                fine + (fine - coarse) / divisor for coarse, fine in itertools.pairwise(column)
            ]
        return column[0]

    @cached_property
    def _rows(self) -> list[list[int]]:
        """For each level, the indices of the nodes of its central difference."""
        base = _centred(2, self.derivative)
        return [
            [self.nodes.index(Fraction(s) / 2**level) for s in base.nodes]
            for level in range(self.levels)
        ]

    @property
    def formula(self) -> str:
        """The formula as text."""
        return f"central differences with h … h/{2 ** (self.levels - 1)}, extrapolated to h = 0"


@dataclass(frozen=True)
class ComplexStep(Scheme):
    """The complex step: Im f(x + ih) / h, in which nothing is subtracted.

    W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions",
    SIAM Review 40 (1998). For functions that are analytic.
    """

    is_complex = True

    def moment(self, k: int) -> float:
        """Return the factor of the Taylor coefficient a_k in the result: Im i^k."""
        return (0.0, 1.0, 0.0, -1.0)[k % 4]

    def estimate(self, values: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """Return the derivative from complex values of f, of shape (1, steps)."""
        estimated: np.ndarray = values[0].imag / steps
        return estimated

    def __call__(self, f: Callable[..., Any], x: Any, h: Any) -> Any:
        """Return the derivative of f at x with the step h."""
        checks.function(f)
        x, h = checks.number(x, "x"), checks.number(h, "h", above=0)
        return np.imag(f(complex(x, h))) / h

    @property
    def formula(self) -> str:
        """The formula as text."""
        return "Im f(x + ih) / h"

    @property
    def amplification(self) -> float:
        """0: no rounding error is amplified by 1/h."""
        return 0.0


def stencil(nodes: Sequence[float], derivative: int = 1, name: str | None = None) -> Scheme:
    """Return the difference scheme on given nodes, with Fornberg's weights.

    Parameters
    ----------
    nodes : sequence of numbers
        In units of the step: (-1, 0, 1) are x − h, x and x + h.
    derivative : int
    name : str, optional

    Raises
    ------
    InputError
        If two nodes are equal, or there are too few of them for the derivative.

    Examples
    --------
    >>> print(stencil((0, 1, 2)))
    stencil: (−f(x + 2h) + 4 f(x + h) − 3 f(x)) / 2h, order 2, 3 evaluations
    """
    derivative = checks.count(derivative, "derivative", most=_MOST_NODES)
    given = checks.items(nodes, "nodes")
    for node in given:
        checks.number(node, "each of nodes")
    if name is not None:
        checks.text(name, "name")
    exact = [
        Fraction(s).limit_denominator(10**6)
        if float(Fraction(s).limit_denominator(10**6)) == float(s)
        else float(s)
        for s in given
    ]
    if len(set(exact)) < len(exact):
        raise InputError(f"Two of the nodes {tuple(given)} are equal: each value counts once.")
    if len(exact) <= derivative:
        raise InputError(
            f"{len(exact)} nodes are too few for the derivative of order {derivative}: it takes "
            f"{derivative + 1} at least."
        )
    if any(isinstance(s, float) for s in exact):
        exact = [float(s) for s in exact]
    weights = fornberg(exact, derivative)[derivative]
    nonzero = [(s, w) for s, w in zip(exact, weights, strict=True) if w != 0]
    return Scheme(
        name or "stencil", tuple(s for s, _ in nonzero), tuple(w for _, w in nonzero), derivative
    )


@functools.cache
def _centred(order: int, derivative: int, name: str = "central") -> Scheme:
    reach = (derivative + order - 1) // 2
    return stencil(range(-reach, reach + 1), derivative, name)


@functools.cache
def _richardson(derivative: int, levels: int = 4) -> Richardson:
    base = _centred(2, derivative)
    totals: dict[Fraction, Fraction] = {}
    for i in range(levels):
        share = Fraction(1)  # of level i in the last entry of the tableau
        for k in range(levels):
            if k != i:
                share *= Fraction(4**i, 4**i - 4**k)
        for s, w in zip(base.nodes, base.weights, strict=True):
            node = Fraction(s) / 2**i
            weight = share * Fraction(w) * 2 ** (i * derivative)
            totals[node] = totals.get(node, Fraction(0)) + weight
    nodes = tuple(sorted(totals))
    return Richardson(
        "richardson", nodes, tuple(totals[s] for s in nodes), derivative, levels=levels
    )


def _quadrature(derivative: int, count: int = 9) -> Scheme:
    nodes = [math.sin(math.pi * k / (count - 1)) for k in range(-(count // 2), count // 2 + 1)]
    weights = fornberg(nodes, derivative)[derivative]
    nonzero = [(s, w) for s, w in zip(nodes, weights, strict=True) if s or derivative % 2 == 0]
    return Scheme(
        "quadrature", tuple(s for s, _ in nonzero), tuple(w for _, w in nonzero), derivative
    )


_POINTS = re.compile(r"(\d+)-point")

SCHEMES = (
    "forward",
    "backward",
    "central",
    "5-point",
    "7-point",
    "9-point",
    "richardson",
    "quadrature",
    "complex-step",
)
"""The names that :func:`scheme` accepts, besides "11-point" and so on."""


def scheme(name: str | Scheme, derivative: int = 1) -> Scheme:
    """Return a difference scheme by its name.

    Parameters
    ----------
    name : str
        ``"forward"``, ``"backward"``, ``"central"``, ``"5-point"`` or any odd number of points,
        ``"richardson"`` (four levels of central differences), ``"quadrature"`` (differential
        quadrature on nine Chebyshev-Gauss-Lobatto nodes from x − h to x + h, at the middle one) or
        ``"complex-step"``. A :class:`.Scheme` is returned as it is.
    derivative : int
        The order of the derivative.

    Raises
    ------
    InputError
        If there is no such scheme, or none for this derivative.

    Examples
    --------
    >>> print(scheme("forward"))
    forward: (f(x + h) − f(x)) / h, order 1, 2 evaluations
    >>> print(scheme("central", derivative=2))
    central: (f(x − h) − 2 f(x) + f(x + h)) / h², order 2, 3 evaluations
    >>> scheme("11-point").order
    10
    """
    if isinstance(name, Scheme):
        return name
    derivative = checks.count(derivative, "derivative", most=_MOST_NODES)
    return _named(checks.text(name, "scheme"), derivative)


@functools.cache
def _named(name: str, derivative: int) -> Scheme:
    points = _POINTS.fullmatch(str(name))
    if name == "forward":
        return stencil(range(derivative + 1), derivative, name)
    if name == "backward":
        return stencil(range(-derivative, 1), derivative, name)
    if name == "central":
        return _centred(2, derivative)
    if points:
        count = int(points[1])
        if count % 2 == 0 or not derivative < count <= _MOST_NODES:
            raise InputError(
                f"{name!r} is no central scheme of the derivative {derivative}: choose an odd "
                f"number of points from {derivative + 1} to {_MOST_NODES}, or nodes of your own "
                "with ad.stencil."
            )
        return stencil(range(-(count // 2), count // 2 + 1), derivative, name)
    if name == "richardson":
        return _richardson(derivative)
    if name == "quadrature":
        return _quadrature(derivative)
    if name == "complex-step":
        if derivative != 1:
            raise InputError("The complex step is for the first derivative only.")
        return ComplexStep(name, (1.0,), (1.0,))
    raise InputError(
        f"There is no scheme {name!r}: choose from {', '.join(SCHEMES)}, any odd number of points "
        "such as '11-point', or make one with ad.stencil."
    )
