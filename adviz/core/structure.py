"""Numbers in tuples, lists and dicts: taken apart into leaves and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from adviz.core.errors import InputError

__all__ = ["count_of", "leaves", "leaves_like", "mapped", "unflatten"]


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each leaf of a nest of tuples, lists and dicts with its path, depth first.

    Examples
    --------
    >>> list(leaves({"w": (1.0, 2.0), "b": 3.0}, "p"))
    [("p['w'][0]", 1.0), ("p['w'][1]", 2.0), ("p['b']", 3.0)]
    """
    if isinstance(tree, (tuple, list)):
        for k, branch in enumerate(tree):
            yield from leaves(branch, f"{path}[{k}]")
    elif isinstance(tree, dict):
        for key, branch in tree.items():
            yield from leaves(branch, f"{path}[{key!r}]")
    else:
        yield path, tree


def leaves_like(given: Any, tree: Any, owner: str, what: str) -> list[Any]:
    """Return the leaves of what was given, which must be nested as ``tree`` is.

    Raises
    ------
    InputError
        If it is not, saying that the ``owner`` has so many of ``what``.

    Examples
    --------
    >>> leaves_like((1.0, [2.0]), (None, [None]), "f", "input")
    [1.0, 2.0]
    """
    flat, expected = dict(leaves(given)), dict(leaves(tree))
    if flat.keys() != expected.keys():
        raise InputError(
            f"{owner} has {count_of(len(expected), what)}{_nesting(expected)} and was given "
            f"{count_of(len(flat), 'number')}{_nesting(flat)}: nest the numbers as the {what}s are."
        )
    return [flat[path] for path in expected]


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """Return a nest of the same shape with the function applied to each leaf.

    Examples
    --------
    >>> mapped(abs, (-1.0, [-2.0]))
    (1.0, [2.0])
    """
    if tree.__class__ is tuple:  # the commonest nest, met first
        return tuple([mapped(function, branch) for branch in tree])
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(mapped(function, branch) for branch in tree))
    if isinstance(tree, (tuple, list)):
        return type(tree)(mapped(function, branch) for branch in tree)
    if isinstance(tree, dict):
        return {key: mapped(function, branch) for key, branch in tree.items()}
    return function(tree)


def unflatten(tree: Any, flat: Iterator[Any]) -> Any:
    """Return a nest of the shape of ``tree`` with its leaves taken from ``flat`` in order.

    Examples
    --------
    >>> unflatten((0, [0, 0]), iter([1, 2, 3]))
    (1, [2, 3])
    """
    return mapped(lambda _: next(flat), tree)


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> count_of(1, "row"), count_of(2, "row")
    ('1 row', '2 rows')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _nesting(paths: dict[str, Any]) -> str:
    shown = [path or "a number" for path in paths][:6]
    return f" ({', '.join(shown)}{', ...' if len(paths) > len(shown) else ''})" if shown else ""
