"""Functions made from a function, such as its gradient, which can be pickled as that function can.

A function in Python pickles as a name to be imported, and one that is made inside a call has none.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import MethodType
from typing import Any

__all__ = ["DerivedFunction", "made_by", "reduced"]


class DerivedFunction(functools.partial):  # type: ignore[type-arg] # of no argument yet
    """A function that another one made: it pickles as the call that made it.

    It is a partial function, since calling one costs hardly more than calling a plain function.
    """

    made_by: tuple[Callable[..., Any], tuple[Any, ...]]

    def __reduce__(self) -> Any:
        return reduced(self, *self.made_by)

    def __copy__(self) -> DerivedFunction:
        return self

    def __deepcopy__(self, memo: Any) -> DerivedFunction:
        return self

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Return a bound method, as a function in a class does."""
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        maker: Any = self.made_by[0]
        maker = getattr(maker, "func", maker)  # of a partial function
        return f"<{maker.__name__} of {getattr(self, '__name__', 'a function')}>"


def made_by(
    maker: Callable[..., Any], *arguments: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator of the function that ``maker(*arguments)`` returns."""

    def decorator(function: Callable[..., Any]) -> DerivedFunction:
        derived = DerivedFunction(function)
        derived.__dict__.update(function.__dict__, made_by=(maker, arguments))
        for name in ("__module__", "__name__", "__qualname__"):
            setattr(derived, name, getattr(function, name))
        return derived

    return decorator


def reduced(made: Any, maker: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Return how an object pickles: by its name, if it has that of the function in its place."""
    name: str = getattr(made, "__qualname__", "")
    found: Any = sys.modules.get(getattr(made, "__module__", ""))
    for part in name.split("."):
        found = getattr(found, part, None)
    return name if found is made else (maker, arguments)
