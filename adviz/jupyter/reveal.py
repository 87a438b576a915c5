"""Answers that are folded away, so that a lesson can ask before it shows."""

from __future__ import annotations

import html
from typing import Any

from IPython.display import display, publish_display_data

from adviz import player

__all__ = ["Reveal", "reveal"]


def reveal(*answers: Any, title: str = "Show the answer") -> Reveal:
    """Return answers that a notebook shows when its reader asks for them, with a click or a key.

    Parameters
    ----------
    *answers
        Whatever a cell can show: text, a table, a graph, a figure, a trace with its player, a
        laboratory. Text comes first.
    title : str
        What is written where the answers are folded away.

    Returns
    -------
    Reveal
        The result of the cell. It is saved folded, and opens with no kernel too. Outside Jupyter,
        on GitHub for example, the text is folded and all else is shown.

    Examples
    --------
    >>> reveal("42")
    42
    >>> import adviz as ad
    >>> reveal("two uses", ad.trace(lambda x: x * x, 3), title="How many arrows?")
    two uses
    <Trace of f: 1 input, 1 operation, 1 output>
    """
    return Reveal(answers, title)


class Reveal:
    """Answers that are folded away; made by :func:`adviz.reveal`."""

    def __init__(self, answers: tuple[Any, ...], title: str) -> None:
        self._title = title
        self._texts = [str(answer) for answer in answers if not _is_shown_richly(answer)]
        self._shown = [answer for answer in answers if _is_shown_richly(answer)]

    def __repr__(self) -> str:
        return "\n".join([*self._texts, *map(repr, self._shown)])

    def _ipython_display_(self) -> None:
        text = "\n\n".join(self._texts)
        inside = f"<pre>{html.escape(text, quote=False)}</pre>" if text else ""
        # The style comes along for notebooks that were exported; Jupyter's extension has it too,
        # for those that nobody trusts yet.
        style = f"<style>{player.reveal_style()}</style>" if self._shown else ""
        folded = (
            f'{style}<details class="adviz-reveal">'
            f"<summary>{html.escape(self._title)}</summary>{inside}</details>"
        )
        publish_display_data({"text/html": folded, "text/plain": text or self._title})
        for answer in self._shown:
            display(answer)


def _is_shown_richly(answer: Any) -> bool:
    """Return whether an answer has more to show than its text."""
    methods = ("_ipython_display_", "_repr_mimebundle_", "_repr_html_", "_repr_png_", "_repr_svg_")
    return any(hasattr(type(answer), method) for method in methods)
