"""Folded answers, so that a lesson can ask a question before it shows the answer."""

from __future__ import annotations

import html
from typing import Any

from IPython.display import display, publish_display_data

from adviz import player

__all__ = ["Reveal", "reveal"]


def reveal(*answers: Any, title: str = "Show the answer") -> Reveal:
    """Return answers that a notebook keeps folded until the reader opens them by click or key.

    Parameters
    ----------
    *answers
        Anything that a cell can display: text, a table, a graph, a figure, a trace with its
        player, a laboratory. Text comes first.
    title : str
        The text to click on.

    Returns
    -------
    Reveal
        The result of the cell. It is saved folded, and opens without a kernel. Outside Jupyter, as
        on GitHub, the text is folded and everything else is shown.

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
    """Folded answers; made by :func:`adviz.reveal`."""

    def __init__(self, answers: tuple[Any, ...], title: str) -> None:
        self._title = title
        self._texts = [str(answer) for answer in answers if not _is_rich(answer)]
        self._shown = [answer for answer in answers if _is_rich(answer)]

    def __repr__(self) -> str:
        return "\n".join([*self._texts, *map(repr, self._shown)])

    def _ipython_display_(self) -> None:
        text = "\n\n".join(self._texts)
        inside = f"<pre>{html.escape(text, quote=False)}</pre>" if text else ""
        # The style is included for exported notebooks; notebooks that are not trusted get it from
        # Jupyter's extension.
        style = f"<style>{player.reveal_style()}</style>" if self._shown else ""
        folded = (
            f'{style}<details class="adviz-reveal">'
            f"<summary>{html.escape(self._title)}</summary>{inside}</details>"
        )
        publish_display_data({"text/html": folded, "text/plain": text or self._title})
        for answer in self._shown:
            display(answer)


def _is_rich(answer: Any) -> bool:
    """Return whether an answer has more to show than its text."""
    methods = ("_ipython_display_", "_repr_mimebundle_", "_repr_html_", "_repr_png_", "_repr_svg_")
    return any(hasattr(type(answer), method) for method in methods)
