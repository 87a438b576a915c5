"""What was answered in a notebook: a summary for the end of a lesson."""

from __future__ import annotations

from typing import Any

from adviz.render.carried import with_player
from adviz.tutor.document import MIME_TYPE, VERSION

__all__ = ["Answered", "answered"]

_NOTE = (
    "JupyterLab shows here which questions and exercises of this notebook were answered, at the "
    "first try or later."
)


def answered() -> Answered:
    """Return a summary of what was answered in this notebook, for the end of a lesson.

    It lists the questions and exercises: answered at the first try, later, shown, not yet. The
    reader can begin again, which clears all answers. It needs no kernel.

    Returns
    -------
    Answered
        The result of a cell.

    Examples
    --------
    >>> answered()
    <Answered>
    """
    return Answered()


class Answered:
    """A summary of what was answered; made by :func:`adviz.answered`."""

    def __repr__(self) -> str:
        return "<Answered>"

    def to_document(self) -> dict[str, Any]:
        """Return the exercise document of the kind "answered", which a page fills in."""
        return {"version": VERSION, "kind": "answered"}

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        return with_player(
            {MIME_TYPE: self.to_document(), "text/html": f"<p>{_NOTE}</p>", "text/plain": _NOTE}
        )
