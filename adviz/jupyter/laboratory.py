"""The base of all laboratories: controls, and the outputs that they control.

The controls are widgets, which work as long as there is a kernel. The outputs are ordinary outputs
of the cell, replaced whenever a control moves, so that a saved notebook keeps the last of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets
from IPython.display import DisplayHandle, display

from adviz.host.errors import InputError
from adviz.host.files import write_file
from adviz.jupyter.laboratory_documents import MIME_TYPE, STATE, as_text
from adviz.render.carried import with_player
from adviz.render.page import laboratory_page

__all__ = ["Laboratory", "Slider"]

_HERE = Path(__file__).parent
_STYLE = (_HERE / "laboratory.css").read_text(encoding="utf-8")


class Slider(anywidget.AnyWidget):
    """A native slider through a list of values, which need not be evenly spaced.

    Parameters
    ----------
    label : str
        The name of the quantity that is chosen.
    options : sequence
        The values, first to last.
    texts : sequence of str
        Each value as it is shown and as a screen reader says it.
    value : object, optional
        The first choice, by default the first option.

    Examples
    --------
    >>> slider = Slider("n", [1, 2, 4], ["1", "2", "4"], value=2)
    >>> slider.value
    2
    >>> slider.index = 2
    >>> slider.value
    4
    """

    _esm = (_HERE / "slider.js").read_text(encoding="utf-8")
    _css = _STYLE

    label = traitlets.Unicode().tag(sync=True)
    texts: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    index = traitlets.Int().tag(sync=True)
    value = traitlets.Any()

    def __init__(
        self, label: str, options: Sequence[Any], texts: Sequence[str], value: Any = None
    ) -> None:
        if len(options) != len(texts) or not options:
            raise InputError(f"The slider {label!r} needs options, and a text for each of them.")
        self.options = list(options)
        index = 0 if value is None else self.options.index(value)
        super().__init__(label=label, texts=list(texts), index=index, value=self.options[index])

    @traitlets.observe("index")
    def _set_value(self, change: dict[str, Any]) -> None:
        if hasattr(self, "options") and 0 <= change["new"] < len(self.options):
            self.value = self.options[change["new"]]

    @traitlets.observe("value")
    def _set_index(self, change: dict[str, Any]) -> None:
        if change["new"] in self.options:
            self.index = self.options.index(change["new"])

    def __repr__(self) -> str:
        return f"<Slider {self.label}>"


class Laboratory:
    """Controls, and below them the outputs that they control.

    Parameters
    ----------
    controls : mapping of str to widget
        Each has a ``value``.
    show : callable
        Takes the values of the controls by name and returns the outputs, always the same number of
        objects that a notebook can display. If it raises an error, the error is shown below the
        controls, and the outputs stay as they were.
    title : str
        The subject of the laboratory.
    arranged : widget, optional
        A container of the controls; by default they stand one below the other.
    document : callable, optional
        Returns the laboratory document, which a page shows in place of the controls where there
        is no kernel.

    Attributes
    ----------
    values : dict
        The values of the controls; ``set`` changes them.
    shown : tuple
        The outputs as they are now.
    problem : str
        The error that the current values cause; "" if they cause none.

    Examples
    --------
    >>> n = Slider("n", [1, 2, 3], ["1", "2", "3"])
    >>> laboratory = Laboratory({"n": n}, lambda n: (n * n,), "squares")
    >>> laboratory.set(n=3)
    >>> laboratory.shown
    (9,)
    """

    def __init__(
        self,
        controls: Mapping[str, Any],
        show: Callable[..., Sequence[Any]],
        title: str,
        arranged: Any = None,
        document: Callable[[], dict[str, Any]] | None = None,
    ) -> None:
        self._document = document
        self.controls = dict(controls)
        self.title = title
        self.problem = ""
        self.shown: tuple[Any, ...] = tuple(show(**self.values))
        self._show = show
        self._setting = False
        self._handles: list[DisplayHandle] = []
        self._alert = ipywidgets.HTML()
        self._alert.add_class("adviz-problem")
        self._alert.layout.display = "none"
        inside = arranged or ipywidgets.VBox(list(self.controls.values()))
        self._box = ipywidgets.VBox([_Frame(), inside, self._alert])
        self._box.add_class("adviz-laboratory")
        for control in self.controls.values():
            control.observe(self._update, "value")

    @property
    def values(self) -> dict[str, Any]:
        """The values of the controls, by name."""
        return {name: control.value for name, control in self.controls.items()}

    def set(self, **values: Any) -> None:
        """Move controls by name, and update the outputs."""
        self._setting = True
        try:
            for name, value in values.items():
                if name not in self.controls:
                    raise InputError(
                        f"The laboratory of {self.title} has no control {name!r}: it has "
                        f"{', '.join(self.controls)}."
                    )
                self.controls[name].value = value
        finally:
            self._setting = False
        self._update()

    def _update(self, _: Any = None) -> None:
        if self._setting:
            return
        try:
            self.shown = tuple(self._show(**self.values))
        except Exception as error:  # noqa: BLE001 - any error of the user's function is shown
            self.problem = f"{type(error).__name__}: {error}"
        else:
            self.problem = ""
            for handle, output in zip(self._handles, self.shown, strict=False):
                handle.update(output, metadata=STATE)
        self._alert.value = _as_alert(self.problem)
        self._alert.layout.display = "" if self.problem else "none"

    def to_document(self) -> dict[str, Any]:
        """Return the laboratory document: the JSON from which a page answers without a kernel.

        Raises
        ------
        InputError
            If it is a laboratory that needs its kernel.
        """
        if self._document is None:
            raise InputError(
                f"The laboratory of {self.title} needs its kernel: only those of error_lab and "
                "swell_lab answer in a page."
            )
        return self._document()

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Write a page in which the laboratory answers without a kernel or a network.

        Parameters
        ----------
        path : path-like, optional
            The file to write, wholly or not at all; without one the page is returned.

        Raises
        ------
        InputError
            If it is a laboratory that needs its kernel.
        FileError
            If the file cannot be written.
        """
        text = laboratory_page(self.to_document(), f"Laboratory of {self.title}", repr(self))
        if path is None:
            return text
        write_file(path, text)
        return None

    def __repr__(self) -> str:
        return f"<laboratory of {self.title}>"

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Return what is shown where the controls do not move: without a kernel, or its widgets."""
        bundle: dict[str, Any] = {
            "text/plain": f"{self!r}: run this cell to move its controls; its last state is below."
        }
        if self._document is not None:
            bundle[MIME_TYPE] = as_text(self._document())
        return with_player(bundle)

    def _ipython_display_(self) -> None:
        bundle: Any = self._box._repr_mimebundle_()
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        display({**data, **self._repr_mimebundle_()}, raw=True, metadata=metadata)
        self._handles = [_displayed(output) for output in self.shown]


class _Frame(anywidget.AnyWidget):
    """Loads the style sheet, and keeps Jupyter from handling keys pressed on the controls."""

    _esm = (_HERE / "laboratory.js").read_text(encoding="utf-8")
    _css = _STYLE


def _displayed(output: Any) -> DisplayHandle:
    handle: DisplayHandle = display(output, display_id=True, metadata=STATE)
    return handle


def _as_alert(problem: str) -> str:
    text = problem.replace("&", "&amp;").replace("<", "&lt;")
    return f'<span role="alert">{text}</span>' if problem else ""
