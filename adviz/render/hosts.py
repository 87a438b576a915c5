"""How the player gets into an output: it is there already, or the output brings it along.

JupyterLab and Notebook have our renderer. Other hosts show the HTML of an output, which then holds
the player itself, or holds it in a frame where scripts of outputs do not run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from adviz.host import checks

__all__ = ["WAYS", "carry_player", "nothing_carried", "way"]

WAYS = ("auto", "never", "inline", "framed")

_chosen = "auto"  # for the whole process: notebooks run each cell in a context of its own
_is_part: ContextVar[bool] = ContextVar("is_part", default=False)


def carry_player(way: str = "auto") -> None:
    """Choose whether outputs made from now on bring the player along, for hosts that lack it.

    Parameters
    ----------
    way : str
        "auto", the default: as the host needs it. Google Colab and VS Code get the player in the
        HTML of the output, marimo gets it in a frame; JupyterLab, Notebook and Voila, which have
        adviz's extension, get the document alone, so that notebooks stay small.
        "inline": in the HTML, about 150 kB an output: for a Jupyter without the extension, or a
        notebook that is to be opened elsewhere.
        "framed": in a frame, for hosts that run no script of an output.
        "never": the document and a table.

    Raises
    ------
    InputError
        If there is no such way.

    Examples
    --------
    >>> import adviz as ad
    >>> ad.carry_player("inline")
    >>> bundle = ad.trace(lambda x: x * x, 3)._repr_mimebundle_()
    >>> "<script" in bundle["text/html"]
    True
    >>> ad.carry_player("auto")
    """
    global _chosen
    _chosen = checks.choice(way, "way", WAYS)


@contextmanager
def nothing_carried() -> Iterator[None]:
    """Within this, outputs hold no player: they are parts of one that does."""
    before = _is_part.set(True)
    try:
        yield
    finally:
        _is_part.reset(before)


def way() -> str:
    """Return the way for an output that is made now: "never", "inline" or "framed"."""
    if _is_part.get():
        return "never"
    return _way_of_host() if _chosen == "auto" else _chosen


def _way_of_host() -> str:
    """Return the way for whoever shows what this process displays.

    Environment variables say little: a terminal that VS Code opens hands its own to a JupyterLab
    that is started there.
    """
    if "google.colab" in sys.modules:
        return "inline"
    marimo = sys.modules.get("marimo")
    if marimo is not None and marimo.running_in_notebook():
        return "framed"
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is not None and "__vsc_ipynb_file__" in shell.user_ns:
        return "inline"
    return "never"
