"""What a long computation shows meanwhile: a bar, and in a notebook a picture that grows.

Nothing of a bar is left behind. A notebook that is saved afterwards holds an empty output there,
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

_DELAY = 0.4
"""Seconds that a computation may take before it is worth a bar."""

_NOTHING = {"text/plain": "", "text/html": ""}


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
        Its ``set_postfix_str`` shows a remark behind the bar. Where nobody looks on (no terminal,
        no notebook) nothing is shown.

    Examples
    --------
    >>> sum(progress([1, 2, 3], "adding"))
    6
    """
    options: dict[str, Any] = {"desc": label, "total": total, "leave": False, "delay": _DELAY}
    if _in_notebook():
        return _Line(iterable, file=io.StringIO(), **options)
    return tqdm(iterable, disable=not sys.stderr.isatty(), **options)


def live() -> Callable[[Any], None]:
    """Return a function that shows a thing in a notebook, each time in place of the one before.

    Elsewhere it shows nothing. A saved notebook keeps the last one; what each writes as plain text
    must be the same, for a notebook is compared with what came first.

    Examples
    --------
    >>> show = live()
    >>> show("what is known so far")
    """
    if not _in_notebook():
        return lambda thing: None
    handle: Any = None

    def show(thing: Any) -> None:
        nonlocal handle
        from IPython.display import display

        if handle is None:
            handle = display(thing, display_id=True)
        else:
            handle.update(thing)

    return show


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return shell is not None and hasattr(shell.get_ipython(), "kernel")


class _Line(tqdm):  # type: ignore[misc] # tqdm has no types
    """A bar drawn by the browser, in one output that is updated and in the end emptied."""

    def __init__(self, *args: Any, **options: Any) -> None:
        from IPython.display import display

        super().__init__(*args, **options)
        # There from the start, however soon it ends: what is saved must not depend on the clock.
        self._output = display(_NOTHING, raw=True, display_id=True)

    def display(self, msg: str | None = None, pos: int | None = None) -> bool:
        """Show how far it is; tqdm calls this, with an empty message at the end."""
        bar = {"text/plain": str(self), "text/html": self._bar()}
        self._output.update(_NOTHING if msg == "" else bar, raw=True)
        return True

    def _bar(self) -> str:
        label = html.escape(self.desc.removesuffix(": "))
        known = f' max="{self.total}" value="{self.n}"' if self.total else ""
        out_of = f" of {self.total}" if self.total else ""
        remark = f" · {html.escape(self.postfix)}" if self.postfix else ""
        elapsed = self.format_interval(self.format_dict["elapsed"])
        return (
            f'<label style="display: flex; gap: 0.8em; align-items: center">{label} '
            f'<progress{known} style="width: 16em"></progress>'
            f" {self.n}{out_of} · {elapsed}{remark}</label>"
        )
