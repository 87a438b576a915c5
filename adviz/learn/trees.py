"""Parameters as a tree: arrays in dicts, lists and tuples, worked on leaf by leaf."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adviz.host.nests import leaves, leaves_like, mapped
from adviz.learn.arguments import called, checked_array

__all__ = ["branches", "norm", "tree_map"]


def tree_map(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Return a tree of the same shape with a function applied to corresponding leaves.

    Parameters
    ----------
    function : callable
        Takes a leaf of each tree.
    tree, *others
        Nests of dicts, lists and tuples, all nested alike.

    Raises
    ------
    InputError
        If they are nested differently.

    Examples
    --------
    >>> tree_map(lambda p, g: p - 0.1 * g, {"w": 1.0, "b": [2.0]}, {"w": 10.0, "b": [0.0]})
    {'w': 0.0, 'b': [2.0]}
    """
    flat = [iter(leaves_like(other, tree, "The first tree", "leaf")) for other in others]
    return mapped(
        lambda leaf: called(function, (leaf, *(next(other) for other in flat)), "function"), tree
    )


def branches(tree: Any) -> dict[str, Any]:
    """Return the branches of a tree by name: for parameters, its layers.

    Examples
    --------
    >>> branches({"hidden": 1.0}), branches([2.0, 3.0]), branches(4.0)
    ({'hidden': 1.0}, {'0': 2.0, '1': 3.0}, {'parameters': 4.0})
    """
    if isinstance(tree, dict):
        return {str(key): branch for key, branch in tree.items()}
    if isinstance(tree, (list, tuple)):
        return {str(k): branch for k, branch in enumerate(tree)}
    return {"parameters": tree}


def norm(tree: Any) -> float:
    """Return the Euclidean norm of all numbers of a tree together.

    Examples
    --------
    >>> norm({"w": np.array([3.0]), "b": 4.0})
    5.0
    """
    parts = [np.ravel(checked_array(leaf, path or "gradient")) for path, leaf in leaves(tree)]
    numbers = np.concatenate([np.zeros(0), *parts])
    largest = float(np.max(np.abs(numbers), initial=0))
    if largest == 0 or not np.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(numbers / largest))  # scaled: squares do not overflow
