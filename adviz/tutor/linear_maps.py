"""Linear maps between arrays as rules of cells, one for each entry of the result.

What an operation does with a tangent, or with an adjoint, is found out by giving it arrays with
a single 1 in them; so it is for right rules and for wrong ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Array", "SumOfProducts", "affine_rules", "multilinear_rules"]

Array = np.ndarray[Any, np.dtype[Any]]
"""An array of any shape, that of a single number among them."""


@dataclass(frozen=True)
class SumOfProducts:
    """A rule that adds up products of cells.

    Attributes
    ----------
    constant : float
    terms : tuple
        A factor, and the places of the cells that are multiplied.
    """

    constant: float
    terms: tuple[tuple[float, tuple[int, ...]], ...]

    @property
    def reads(self) -> tuple[int, ...]:
        """The places of the cells that it reads."""
        return tuple(dict.fromkeys(place for _, places in self.terms for place in places))

    def __call__(self, numbers: Sequence[Any]) -> Any:
        """Return the sum, of the numbers of all cells."""
        result: Any = self.constant if self.constant or not self.terms else None
        for factor, places in self.terms:
            product = numbers[places[0]]
            for place in places[1:]:
                product = product * numbers[place]
            term = product if factor == 1 else factor * product
            result = term if result is None else result + term
        return result


def affine_rules(function: Callable[[Any], Any], places: Array, shape: tuple[int, ...]) -> Any:
    """Return the rules of a function of one array that is linear, but for a constant.

    Parameters
    ----------
    function : callable
    places : array of int
        The cells of the array that it is applied to.
    shape : tuple of int
        That of what it returns.

    Returns
    -------
    list of SumOfProducts or None
        A rule for each entry, None where the function cannot be applied or returns another shape.

    Examples
    --------
    >>> rules = affine_rules(lambda a: 2 * a.T, np.array([[0, 1], [2, 3]]), (2, 2))
    >>> [rule([1.0, 2.0, 3.0, 4.0]) for rule in rules]
    [2.0, 6.0, 4.0, 8.0]
    """
    try:
        with np.errstate(all="ignore"):
            constant = np.asarray(function(np.zeros(places.shape)[()]), dtype=float)
            columns = [
                np.asarray(function(unit[()]), dtype=float) - constant
                for unit in _units(places.shape)
            ]
    except (ValueError, IndexError, TypeError, AttributeError):
        return None
    if constant.shape != shape:
        return None
    flat = places.ravel()
    return [
        _sum_of(
            float(constant.ravel()[j]),
            [
                (float(column.ravel()[j]), (int(place),))
                for column, place in zip(columns, flat, strict=True)
            ],
        )
        for j in range(constant.size)
    ]


def multilinear_rules(
    function: Callable[..., Any], operands: Sequence[Array], shape: tuple[int, ...]
) -> Any:
    """Return the rules of a function that is linear in each of some arrays.

    Parameters
    ----------
    function : callable
    operands : sequence of array of int
        The cells of the arrays.
    shape : tuple of int
        That of what it returns.

    Returns
    -------
    list of SumOfProducts or None
        As :func:`affine_rules`.

    Examples
    --------
    >>> rules = multilinear_rules(np.matmul, [np.array([0, 1]), np.array([2, 3])], ())
    >>> rules[0]([1.0, 2.0, 3.0, 4.0])
    11.0
    """
    terms: list[tuple[Any, tuple[int, ...]]] = []
    try:
        for units in itertools.product(*(_placed_units(places) for places in operands)):
            value = np.asarray(function(*(unit[()] for unit, _ in units)), dtype=float)
            if value.shape != shape:
                return None
            terms.append((value.ravel(), tuple(place for _, place in units)))
    except (ValueError, IndexError, TypeError, AttributeError):
        return None
    size = int(np.prod(shape))
    return [_sum_of(0.0, [(float(v[j]), places) for v, places in terms]) for j in range(size)]


def _units(shape: tuple[int, ...]) -> list[Array]:
    size = int(np.prod(shape))
    return [row.reshape(shape) for row in np.eye(size)]


def _placed_units(places: Array) -> list[tuple[Array, int]]:
    return list(zip(_units(places.shape), map(int, places.ravel()), strict=True))


def _sum_of(constant: float, terms: Sequence[tuple[float, tuple[int, ...]]]) -> SumOfProducts:
    return SumOfProducts(constant, tuple(term for term in terms if term[0] != 0))
