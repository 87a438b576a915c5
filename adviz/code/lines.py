"""Lines of a program in which numbers do not have their names yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Line", "listed", "placeholder", "with_names"]


class Line(NamedTuple):
    """A line of a program: its text, with a :func:`placeholder` for each name to be chosen."""

    text: str
    reads: tuple[int, ...] = ()  # the slots of the numbers that it reads, repeats kept
    defines: tuple[int, ...] = ()  # the slots of the numbers that it gives a name


def placeholder(slot: int) -> str:
    """Return the text in place of a number's name: nothing that occurs in Python code."""
    return f"\0{slot}\0"


def listed(slots: Iterable[int]) -> str:
    """Return placeholders with commas between them."""
    return ", ".join(map(placeholder, slots))


def with_names(text: str, names: dict[int, str]) -> str:
    """Return a text with names in place of its placeholders.

    Examples
    --------
    >>> with_names(f"{placeholder(2)} = sin({placeholder(0)})", {0: "x", 2: "t1"})
    't1 = sin(x)'
    """
    parts = text.split("\0")
    parts[1::2] = [names[int(slot)] for slot in parts[1::2]]
    return "".join(parts)
