"""diagnose: everything about one gradient that a person should know, in a report."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from typing import Any

from adviz.diagnosis.chains import find_in_chains
from adviz.diagnosis.decisions import find_in_decisions
from adviz.diagnosis.digits import find_cancellation
from adviz.diagnosis.finding import TITLES, Finding
from adviz.diagnosis.repeatability import find_changes
from adviz.diagnosis.scan import Scan, scan
from adviz.diagnosis.slopes import find_chosen_slopes, find_nonfinite_slopes
from adviz.diagnosis.values import find_in_values
from adviz.diagnosis.zeros import find_zero_gradients
from adviz.render.views import Trace, trace

__all__ = ["Report", "diagnose"]

_FINDERS: tuple[Callable[[Scan], Iterator[Finding]], ...] = (
    find_changes,
    find_in_values,
    find_nonfinite_slopes,
    find_chosen_slopes,
    find_in_decisions,
    find_zero_gradients,
    find_in_chains,
    find_cancellation,
)

_SHOW_ZEROS = {"kink", "jump", "tie", "early_exit", "cancellation"}
"""Codes of findings beside which nobody needs to be told that a slope is zero."""


class Report:
    """What is to be known of a gradient; displays itself in words.

    Made by :func:`diagnose`.

    Attributes
    ----------
    trace : Trace
        The evaluation that was looked at.
    gradient : tuple
        The gradient that it gives, nested as the arguments are.
    findings : list of Finding
        The most important first; empty where there is nothing to report.
    """

    def __init__(self, trace: Trace, gradient: tuple[Any, ...], findings: list[Finding]) -> None:
        self.trace = trace
        self.gradient = gradient
        self.findings = findings

    def __len__(self) -> int:
        return len(self.findings)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    @property
    def _headline(self) -> str:
        name, count = self.trace.function_name, len(self.findings)
        if not count:
            return f"The gradient of {name}: nothing to report."
        return f"The gradient of {name}: {count} finding{'s' if count > 1 else ''}."

    def __str__(self) -> str:
        parts = [f"{k}. {finding}" for k, finding in enumerate(self.findings, 1)]
        return "\n".join([self._headline, *parts])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        headline = f"<p><strong>{html.escape(self._headline)}</strong></p>"
        if not self.findings:
            return headline
        items = "".join(f"<li>{_item(finding)}</li>" for finding in self.findings)
        return f"{headline}<ol>{items}</ol>"


def _item(finding: Finding) -> str:
    what = finding.what[:1].upper() + finding.what[1:] if finding.what[:1] != "v" else finding.what
    parts = [f"<strong>{html.escape(finding.title)}.</strong> {_with_code(what)}"]
    if finding.place:
        parts.append(_with_code(finding.place))
    parts += [f"<em>Why:</em> {_with_code(finding.why)}"]
    parts += [f"<em>Instead:</em> {_with_code(finding.instead)}"]
    return "<br>".join(parts)


def _with_code(text: str) -> str:
    """Return text as HTML, what stands between backticks as code."""
    pieces = html.escape(text).split("`")
    return "".join(f"<code>{p}</code>" if k % 2 else p for k, p in enumerate(pieces))


def diagnose(f: Callable[..., Any], *inputs: Any) -> Report:
    """Return what a person should know of the gradient of f at these inputs.

    It looks for NaN and infinity where they begin, slopes chosen at kinks and ties, what cuts the
    gradient or makes it vanish or explode, digits that cancel, decisions about to change, and
    whether f is a function of its inputs at all.

    Parameters
    ----------
    f : callable
        As for :func:`adviz.trace`. It is called at least twice. If it returns several numbers,
        their sum is looked at.
    *inputs
        The arguments.

    Returns
    -------
    Report
        ``findings`` has the most important first, each with ``code``, ``row``, ``source``,
        ``line``, ``numbers`` and the sentences ``what``, ``why`` and ``instead``. It displays
        itself in a notebook.

    Raises
    ------
    InputError, OutputError
        As :func:`adviz.trace`.

    Examples
    --------
    >>> import numpy as np
    >>> report = diagnose(lambda x: np.sqrt(x * x), 0.0)
    >>> [finding.code for finding in report.findings]
    ['nonfinite_slope']
    >>> report.findings[0].what
    'v₂ has the slope ∞ at v₁ = 0.'
    >>> diagnose(lambda x: x * x, 3.0)
    The gradient of f: nothing to report.
    """
    __tracebackhide__ = True
    recorded = trace(f, *inputs)
    found = scan(recorded, inputs)
    findings = [finding for finder in _FINDERS for finding in finder(found)]
    if any(finding.code in _SHOW_ZEROS for finding in findings):
        findings = [finding for finding in findings if finding.code != "zero_slope"]
    order = list(TITLES)
    findings.sort(key=lambda finding: order.index(finding.code))
    return Report(recorded, recorded.inputs_as(found.gradient), findings)
