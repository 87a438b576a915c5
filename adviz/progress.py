"""The progress of a long computation: a bar, and in a notebook a picture that grows.

Nothing of a bar is left behind. A notebook saved afterwards holds an empty output in its place,
the same one each time, and no widget that would be dead without its kernel.
"""

from __future__ import annotations

import html
import io
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from tqdm.std import tqdm

__all__ = ["live", "progress"]

Item = TypeVar("Item")

_DELAY_SECONDS = 0.4
"""Before a bar is shown: a shorter computation needs none."""

_EMPTY_OUTPUT = {"text/plain": "", "text/html": ""}


def progress(iterable: Iterable[Item], label: str, total: int | None = None) -> tqdm:
    """Return an iterable that shows how far the loop over it has come.

    Parameters
    ----------
    iterable : iterable
    label : str
        What is being done, "training".
    total : int, optional
        How many items there are, where ``len(iterable)`` does not say.

    Returns
    -------
    tqdm
        Its ``set_postfix_str`` shows a remark behind the bar. Without a terminal or a notebook
        nothing is shown.

    Examples
    --------
    >>> sum(progress([1, 2, 3], "adding"))
    6
    """
    options: dict[str, Any] = {
        "desc": label,
        "total": total,
        "leave": False,
        "delay": _DELAY_SECONDS,
    }
    if _in_notebook():
        return _NotebookBar(iterable, file=io.StringIO(), **options)
    return tqdm(iterable, disable=not sys.stderr.isatty(), **options)


def live() -> Callable[[Any], None]:
    """Return a function that shows an object in a notebook, in place of the one shown before.

    Outside a notebook it shows nothing. A saved notebook keeps the last object, and a rerun is
    compared with the first: all of them must have the same plain text.

    Examples
    --------
    >>> show = live()
    >>> show("the curves so far")
    """
    if not _in_notebook():
        return lambda shown: None
    handle: Any = None

    def show(shown: Any) -> None:
        nonlocal handle
        from IPython.display import display

        if handle is None:
            handle = display(shown, display_id=True)
        else:
            handle.update(shown)

    return show


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return shell is not None and hasattr(shell.get_ipython(), "kernel")


class _NotebookBar(tqdm):  # type: ignore[misc] # tqdm has no types
    """A bar drawn by the browser, in one output that is updated and in the end emptied."""

    def __init__(self, *args: Any, **options: Any) -> None:
        from IPython.display import display

        super().__init__(*args, **options)
        # Displayed before the delay is over: a saved notebook must not depend on timing.
        self._output = display(_EMPTY_OUTPUT, raw=True, display_id=True)

    def display(self, msg: str | None = None, pos: int | None = None) -> bool:
        """Redraw the bar; tqdm calls this, with an empty message at the end."""
        bar = {"text/plain": str(self), "text/html": self._bar()}
        self._output.update(_EMPTY_OUTPUT if msg == "" else bar, raw=True)
        return True

    def _bar(self) -> str:
        label = html.escape(self.desc.removesuffix(": "))
        attributes = f' max="{self.total}" value="{self.n}"' if self.total else ""
        out_of = f" of {self.total}" if self.total else ""
        remark = f" · {html.escape(self.postfix)}" if self.postfix else ""
        elapsed = self.format_interval(self.format_dict["elapsed"])
        return (
            f'<label style="display: flex; gap: 0.8em; align-items: center">{label} '
            f'<progress{attributes} style="width: 16em"></progress>'
            f" {self.n}{out_of} · {elapsed}{remark}</label>"
        )
