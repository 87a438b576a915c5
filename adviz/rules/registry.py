"""The registry: the rule of each function of NumPy for traced arrays, and how it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from adviz.host.errors import OptionError, UnsupportedOperationError
from adviz.host.source import describe

__all__ = [
    "FUNCTIONS",
    "LIKE_FUNCTIONS",
    "NEEDS_FLOATS",
    "NEEDS_FLOATS_WITH",
    "UFUNC_METHODS",
    "call_rule",
    "needs_floats",
    "numpy_name",
]

FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {}
"""The rules by NumPy's functions; :mod:`adviz.rules.functions` fills the table."""

LIKE_FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {}
"""The rules of functions that take ``like=``; they are called with that array first."""

UFUNC_METHODS: dict[tuple[np.ufunc, str], Callable[..., Any]] = {}
"""The rules of methods of ufuncs, such as ``np.add.reduce``."""

NEEDS_FLOATS: list[Callable[..., Any]] = []
"""NumPy's functions in Python that cannot compute with an array of objects."""


NEEDS_FLOATS_WITH: dict[Callable[..., Any], tuple[str, ...]] = {}
"""Options without which NumPy's code for some of these computes with an array of objects, too."""


def needs_floats(
    rules: dict[Callable[..., Any], Callable[..., Any]], *options: str
) -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return rules, and note that NumPy's code for these functions needs arrays of floats.

    Where options are named, it needs them only where one of these is given.

    Given an array of objects, such as ``np.array([x, y])`` of traced numbers, it raises an error.
    So these functions are intercepted in a recording: see :mod:`adviz.rules.interception`.
    """
    NEEDS_FLOATS.extend(rules)
    if options:
        NEEDS_FLOATS_WITH.update(dict.fromkeys(rules, options))
    return rules


def numpy_name(function: Any) -> str:
    """Return the name of a function of NumPy as users write it: "np.linalg.inv"."""
    module = getattr(function, "__module__", None) or "numpy"
    module = module.replace("numpy.lib.scimath", "np.emath")  # as it is documented
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


def call_rule(
    rule: Callable[..., Any], args: Any, options: dict[str, Any], called: Any, frame: FrameType
) -> Any:
    """Call the rule of a function of NumPy; say which of its options are not supported.

    ``called`` is that function, or the name that an error gives it.

    Raises
    ------
    UnsupportedOperationError
        If there is an option, or a value of one, that is not supported.
    """
    try:
        return rule(*args, **options)
    except OptionError as error:
        raise UnsupportedOperationError(
            f"{_name(called)} of a traced array: {error}: {describe(frame)}."
        ) from None
    except TypeError as raised:
        given = {key: option for key, option in options.items() if not _is_left_out(option)}
        signature = inspect.signature(rule)
        try:
            signature.bind(*args, **given)
            if len(given) == len(options) and "unexpected keyword" in str(raised):
                raise TypeError(str(raised).partition(")")[2].strip())  # of a rule that it calls
        except TypeError as misfit:
            raise UnsupportedOperationError(
                f"{_name(called)} is traced with {', '.join(signature.parameters)} and {misfit}: "
                f"{describe(frame)}. Leave the option out, or write the result with other "
                "functions."
            ) from None
        if len(given) == len(options):
            raise
        return rule(*args, **given)


def _name(called: Any) -> str:
    return called if isinstance(called, str) else numpy_name(called)


def _is_left_out(option: Any) -> bool:
    """Return whether an option has the value that means it was left out: ``out=None``."""
    return option is None or option is np._NoValue
