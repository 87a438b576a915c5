"""Folded answers, so that a lesson can ask a question before it shows the answer."""

from __future__ import annotations

import html
from typing import Any

from IPython.display import display, publish_display_data

from adviz import player
from adviz.host import checks
from adviz.render.carried import carrying
from adviz.render.hosts import way
from adviz.tutor.document import MIME_TYPE, VERSION
from adviz.tutor.parts import in_html, in_places, is_live, part_of

__all__ = ["LiveReveal", "Reveal", "reveal"]


def reveal(*answers: Any, title: str = "Show the answer", hide_source: bool = False) -> Reveal:
    """Return answers that a notebook keeps folded until the reader opens them by click or key.

    Parameters
    ----------
    *answers
        Anything that a cell can display: text, which is Markdown with LaTeX between dollar signs,
        a table, a graph, a figure, a trace with its player, a question or an exercise, a
        laboratory.
    title : str
        The text to click on.
    hide_source : bool
        Whether JupyterLab, and pages made by nbconvert, show the cell's source only once the
        answers are open.

    Returns
    -------
    Reveal
        The result of the cell. It is saved folded, and opens without a kernel, on GitHub as well.
        Widgets and laboratories, which need outputs of their own, are folded in JupyterLab and in
        pages made by nbconvert. To show several in a cell, ``display`` them.

    Examples
    --------
    >>> reveal("42")
    42
    >>> import adviz as ad
    >>> reveal("two uses", ad.trace(lambda x: x * x, 3), title="How many arrows?")
    two uses
    <Trace of f: 1 input, 1 operation, 1 output>
    """
    checks.text(title, "title")
    hides = checks.flag(hide_source, "hide_source")
    kind = LiveReveal if any(map(is_live, answers)) else Reveal
    return kind(answers, title, hides)


class Reveal:
    """Folded answers; made by :func:`adviz.reveal`."""

    def __init__(self, answers: tuple[Any, ...], title: str, hide_source: bool) -> None:
        self._answers = answers
        self._title = title
        self._hide_source = hide_source

    def __repr__(self) -> str:
        return "\n".join(
            answer if isinstance(answer, str) else repr(answer) for answer in self._answers
        )

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        still = [answer for answer in self._answers if not is_live(answer)]
        is_followed = len(still) < len(self._answers)
        parts = [part_of(answer) for answer in still]
        texts = "\n\n".join(part.text for part in parts)
        how = way()
        folded, pieces = (in_html(parts), set()) if how == "never" else in_places(parts)
        shown = self._html(folded, is_followed)
        return {
            MIME_TYPE: {
                "version": VERSION,
                "kind": "reveal",
                "title": self._title,
                "parts": [part.document for part in parts],
                "followed": is_followed,
                "hides_source": self._hide_source,
            },
            "text/html": carrying(shown, pieces, how) if pieces else shown,
            "text/plain": texts or self._title,
        }

    def _html(self, folded: str, is_followed: bool) -> str:
        """Return the answers folded, for hosts that do not run our page."""
        classes = "adviz-reveal"
        classes += " adviz-followed" * is_followed + " adviz-hides-source" * self._hide_source
        # For pages that nbconvert makes; the others get it from Jupyter's extension.
        needs_style = is_followed or self._hide_source
        style = f"<style>{player.reveal_style()}</style>" if needs_style else ""
        return (
            f'{style}<details class="{classes}">'
            f"<summary>{html.escape(self._title)}</summary>{folded}</details>"
        )


class LiveReveal(Reveal):
    """Folded answers of which some need outputs of their own, which follow the others."""

    def _ipython_display_(self) -> None:
        publish_display_data(self._repr_mimebundle_())
        for answer in self._answers:
            if is_live(answer):
                display(answer)
