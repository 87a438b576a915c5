"""Finding: one thing that is to be known of a gradient, and the order of importance."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from adviz.core.rows import Row
from adviz.host.source import Source

__all__ = ["TITLES", "Finding", "at", "number_text"]

TITLES = {
    "nonfinite_input": "An input is not finite",
    "random": "The function is random",
    "state": "The function changes from call to call",
    "overflow": "A number overflows",
    "nonfinite_value": "A value is not finite",
    "untaken_branch": "A branch that was not taken makes the gradient NaN",
    "nonfinite_slope": "A slope is infinite or undefined",
    "early_exit": "An early exit hides the slope",
    "jump": "A step function jumps here",
    "kink": "A slope was chosen at a kink",
    "tie": "A slope was chosen at a tie",
    "near_decision": "A decision is close to changing",
    "mixed_precision": "Numbers of two precisions meet",
    "saturation": "An operation is saturated",
    "flat": "A step function cuts the gradient",
    "exploding": "The gradient explodes along a chain",
    "vanishing": "The gradient vanishes along a chain",
    "cancellation": "Digits cancel",
    "underflow": "A number underflows",
    "disconnected": "An input reaches nothing",
    "zero_slope": "The gradient is zero, although the input is used",
}
"""By code what is found, in a few words; the most important first."""


@dataclass(frozen=True)
class Finding:
    """One thing that is to be known of a gradient.

    Attributes
    ----------
    code : str
        A key of ``TITLES``.
    what, why, instead : str
        Sentences: what happens, why, and what to write instead.
    row : Row, optional
        The row of the trace; None where it is about the whole function.
    source : Source, optional
        The place in the user's source.
    numbers : dict
        The numbers that the sentences are about, by name.
    """

    code: str
    what: str
    why: str
    instead: str
    row: Row | None = None
    source: Source | None = None
    numbers: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What is found, in a few words."""
        return TITLES[self.code]

    @property
    def line(self) -> int | None:
        """The number of the line; None where there is none."""
        return None if self.source is None else self.source.line

    @property
    def place(self) -> str:
        """The row and the line, to be shown; "" where it is about the whole function."""
        parts = [] if self.row is None else [self.row.label]
        return ", ".join([*parts, *([] if self.source is None else [str(self.source)])])

    def __str__(self) -> str:
        lines = [f"{self.title}: {self.what}", f"Why: {self.why}", f"Instead: {self.instead}"]
        return "\n    ".join([lines[0], *([self.place] if self.place else []), *lines[1:]])


def number_text(number: Any) -> str:
    """Return a number as a sentence shows it.

    Examples
    --------
    >>> number_text(-float("inf")), number_text(0.125), number_text(True), number_text(-1e08)
    ('−∞', '0.125', 'True', '−1e8')
    """
    if isinstance(number, (bool, str)):
        return str(number)
    text = re.sub(r"e\+?(-?)0*", r"e\1", f"{number:.6g}")
    return text.replace("inf", "∞").replace("nan", "NaN").replace("-", "−")


def at(row: Row, entry: tuple[int, ...] = ()) -> str:
    """Return a row, or an entry of it, as a sentence names it: "v₃[0, 1]"."""
    return f"{row.label}[{', '.join(map(str, entry))}]" if entry else row.label
