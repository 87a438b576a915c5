"""Numbers in tuples, lists and dicts: taken apart into leaves and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["leaves", "mapped", "unflatten"]


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


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """Return a nest of the same shape with the function applied to each leaf.

    Examples
    --------
    >>> mapped(abs, (-1.0, [-2.0]))
    (1.0, [2.0])
    """
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
