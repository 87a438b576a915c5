"""Nests of numbers: flattened into their leaves, and put together again.

A nest is made of tuples, namedtuples, lists, dicts of any class and dataclasses. None has no leaf,
nor has a field of a dataclass whose metadata say ``static``: both are passed through unchanged.

(optree does the same for more types of nodes, in C++. It takes longer to import than all of adviz
may take, flattens nests of the usual few leaves no faster, and sorts the keys of dicts, while the
rows of a trace follow the order in which the user wrote them.)
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from adviz.host.errors import InputError
from adviz.host.source import describe

__all__ = [
    "count_of",
    "fields_of",
    "leaves",
    "leaves_like",
    "mapped",
    "nest_of_arrays",
    "too_deep",
    "unflatten",
    "without_numbers",
]


def leaves(tree: Any, path: str = "") -> list[tuple[str, Any]]:
    """Return each leaf of a nest with its path, depth first.

    Examples
    --------
    >>> leaves({"w": (1.0, 2.0), "b": 3.0, "c": None}, "p")
    [("p['w'][0]", 1.0), ("p['w'][1]", 2.0), ("p['b']", 3.0)]
    """
    try:
        collected: list[tuple[str, Any]] = []
        _collect(tree, path, collected)
        return collected
    except RecursionError:
        raise too_deep() from None


def nest_of_arrays(tree: Any, numbers: list[Any]) -> Any:
    """Return a nest without its numbers, if it is of tuples, lists, dicts, floats and float arrays.

    Return None for any other. The numbers are appended to ``numbers``, arrays as copies that nobody
    else can change.

    Examples
    --------
    >>> nest_of_arrays((1.0, [np.ones(2)]), []), nest_of_arrays((1.0, 2), [])
    ((0.0, [0.0]), None)
    """
    try:
        nest: list[Any] = []
        for part in tree.values() if tree.__class__ is dict else tree:
            cls = part.__class__
            if cls is np.ndarray:
                if part.dtype.kind != "f" or not part.ndim:
                    return None
                numbers.append(part.copy("K"))
                nest.append(0.0)
            elif cls is float:
                numbers.append(part)
                nest.append(0.0)
            elif cls is tuple or cls is list or cls is dict:
                inside = nest_of_arrays(part, numbers)
                if inside is None:
                    return None
                nest.append(inside)
            else:
                return None
        if tree.__class__ is dict:
            return dict(zip(tree, nest, strict=True))
        return tuple(nest) if tree.__class__ is tuple else nest
    except RecursionError:
        raise too_deep() from None


def _collect(tree: Any, path: str, collected: list[tuple[str, Any]]) -> None:
    cls = tree.__class__
    if cls is np.ndarray or cls is float:  # the most frequent leaves
        collected.append((path, tree))
    elif cls is tuple or cls is list:
        for k, branch in enumerate(tree):
            if branch.__class__ is np.ndarray:
                collected.append((f"{path}[{k}]", branch))
            else:
                _collect(branch, f"{path}[{k}]", collected)
    elif isinstance(tree, dict):
        for key, branch in tree.items():
            _collect(branch, f"{path}[{key!r}]", collected)
    elif isinstance(tree, (tuple, list)):
        names = getattr(tree, "_fields", None)
        for k, branch in enumerate(tree):
            _collect(branch, f"{path}[{k}]" if names is None else f"{path}.{names[k]}", collected)
    elif tree is not None:
        fields = fields_of(tree)
        if fields is None:
            collected.append((path, tree))
        else:
            for name in fields:
                _collect(getattr(tree, name), f"{path}.{name}", collected)


def too_deep() -> InputError:
    """Return the error for a nest that cannot be walked through."""
    return InputError(
        "A list, tuple or dict of numbers is nested more deeply than Python's recursion limit "
        f"allows, or contains itself: {describe()}. Flatten it, or put its numbers into an array."
    )


def fields_of(tree: Any) -> list[str] | None:
    """Return the names of a dataclass's fields that hold numbers; None for anything else."""
    fields = getattr(tree.__class__, "__dataclass_fields__", None)
    if fields is None:
        return None
    return [
        name
        for name, field in fields.items()
        if field._field_type.name == "_FIELD" and not field.metadata.get("static")
    ]


def leaves_like(given: Any, tree: Any, owner: str, what: str) -> list[Any]:
    """Return the leaves of ``given``, which must be nested as ``tree`` is.

    Raises
    ------
    InputError
        If it is not, saying how many of ``what`` the ``owner`` has.

    Examples
    --------
    >>> leaves_like((1.0, [2.0]), (0, [0]), "f", "input")
    [1.0, 2.0]
    """
    numbers: list[Any] = []
    if _is_plainly_alike(given, tree, numbers):
        return numbers
    flat, expected = dict(leaves(given)), dict(leaves(tree))
    if flat.keys() != expected.keys():
        raise InputError(
            f"{owner} has {count_of(len(expected), what)}{_nesting(expected)} and was given "
            f"{count_of(len(flat), 'number')}{_nesting(flat)}: nest the numbers as the {what}s are."
        )
    return [flat[path] for path in expected]


def _is_plainly_alike(given: Any, tree: Any, numbers: list[Any]) -> bool:
    """Collect the numbers; return whether all are nested in tuples and lists as in the tree."""
    try:
        cls = given.__class__
        if cls is float or cls is np.ndarray:
            numbers.append(given)
            return tree.__class__ is float
        if (cls is not tuple and cls is not list) or tree.__class__ is not cls:
            return False
        if len(given) != len(tree):
            return False
        for branch, other in zip(given, tree, strict=True):
            if not _is_plainly_alike(branch, other, numbers):
                return False
        return True
    except RecursionError:
        raise too_deep() from None


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """Return a nest of the same shape with the function applied to each leaf.

    Examples
    --------
    >>> mapped(abs, (-1.0, [-2.0]))
    (1.0, [2.0])
    """
    try:
        cls = tree.__class__
        if cls is np.ndarray or cls is float:  # the most frequent leaves
            return function(tree)
        if cls is tuple:
            return tuple([mapped(function, branch) for branch in tree])
        if isinstance(tree, dict):
            items = {key: mapped(function, branch) for key, branch in tree.items()}
            if tree.__class__ is dict:
                return items
            if isinstance(tree, defaultdict):
                return type(tree)(tree.default_factory, items)
            return type(tree)(items)
        if isinstance(tree, (tuple, list)):
            branches = [mapped(function, branch) for branch in tree]
            return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
        if tree is None:
            return None
        fields = fields_of(tree)
        if fields is None:
            return function(tree)
        result = copy.copy(tree)
        for name in fields:
            object.__setattr__(
                result, name, mapped(function, getattr(tree, name))
            )  # frozen ones too
        return result
    except RecursionError:
        raise too_deep() from None


def unflatten(tree: Any, flat: Iterator[Any]) -> Any:
    """Return a nest of the shape of ``tree`` with the leaves in ``flat``, in order.

    Examples
    --------
    >>> unflatten((0, [0, 0]), iter([1, 2, 3]))
    (1, [2, 3])
    """
    try:
        cls = tree.__class__
        if cls is tuple:  # the most frequent case
            parts = []
            for part in tree:
                # In Python 3.11 a comprehension is one call more.
                parts.append(next(flat) if part.__class__ is float else unflatten(part, flat))  # noqa: PERF401
            return tuple(parts)
        if cls is float or cls is np.ndarray:
            return next(flat)
        return mapped(lambda _: next(flat), tree)
    except RecursionError:
        raise too_deep() from None


def without_numbers(tree: Any) -> Any:
    """Return a nest of the same shape with 0.0 in place of each leaf.

    Examples
    --------
    >>> without_numbers((1.0, [2.0]))
    (0.0, [0.0])
    """
    try:
        cls = tree.__class__
        if cls is float or cls is np.ndarray:
            return 0.0
        if cls is tuple:
            return tuple(
                [0.0 if part.__class__ is np.ndarray else without_numbers(part) for part in tree]
            )
        return mapped(lambda _: 0.0, tree)
    except RecursionError:
        raise too_deep() from None


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
