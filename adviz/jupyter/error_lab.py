"""The laboratory of numerical differentiation: h between truncation and round-off."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets
import numpy as np
import traitlets

from adviz.host import checks
from adviz.host.arguments import function_name
from adviz.host.errors import InputError
from adviz.jupyter.laboratory import Laboratory, Slider
from adviz.jupyter.laboratory_documents import error_document
from adviz.numeric.closeup import Closeup, look_closely
from adviz.numeric.schemes import SCHEMES, scheme
from adviz.numeric.study import ErrorStudy, error_study

__all__ = ["ErrorLaboratory", "SchemeBoxes", "error_lab"]

_STEPS = [10.0 ** (k / 4) for k in range(-80, 1)]
_PRECISIONS = ("float64", "float32", "float16", "longdouble")
_CURVE_STEPS = 240
"""Steps h on a curve: enough to show its shape, few enough to redraw while h is dragged."""


def error_lab(
    f: Callable[..., Any] | str = "exp(x) / (sin(x)**3 + cos(x)**3)",
    x0: float = 1.5,
    schemes: Sequence[str] = ("forward", "central", "5-point"),
    truth: Any = None,
) -> ErrorLaboratory:
    """Return a laboratory in which h is dragged between truncation and round-off.

    It shows a close-up of f as it is computed around x0, with the tangent and the secant, and
    beside it the error curves with h marked on them. Below are the digits of the two values that
    are subtracted, aligned, with the lost digits marked.

    Parameters
    ----------
    f : callable or str
        As for :func:`adviz.error_study`, or a formula in x with NumPy's functions, such as
        ``"exp(x) * x"``. The default is Squire and Trapp's function.
    x0 : float
    schemes : sequence of str
        The schemes whose curves are drawn at first.
    truth : number or str, optional
        The derivative of this f at this ``x0``, as for :func:`adviz.error_study`; needed if f
        cannot be replayed to many digits.

    Returns
    -------
    ErrorLaboratory
        A laboratory for a notebook. Its controls, which ``set`` moves too, are ``function`` (a
        formula; "" for the f given here), ``x0``, ``h``, ``scheme`` (the one in the close-up),
        ``schemes`` (those drawn) and ``precision``.

    Raises
    ------
    InputError
        As :func:`adviz.error_study`, for the first function and point; for later ones the
        laboratory shows what is wrong.

    Examples
    --------
    >>> lab = error_lab(lambda x: x * x * x, 1.5)
    >>> lab.set(h=1e-10)
    >>> print(lab.shown[1])
    forward, h = 1e-10: 6.7500005585 for 6.75, relative error 8.3e-08
      f(x + h) = 3.3750000006750001
          f(x) = 3.3750000000000000
    difference = 0.0000000006750001
                 · ·········✓✓✓✓✓✓×
    digits: · 10 cancelled, ✓ 6 right, × 1 lost to rounding
    5-point: no truncation error: ...
    """
    return ErrorLaboratory(f, x0, schemes, truth)


class SchemeBoxes(ipywidgets.HBox):  # type: ignore[misc] # the package has no types
    """A box for each scheme, ticked if its curve is drawn.

    Attributes
    ----------
    value : tuple of str
        The names of the ticked schemes, in the order of the boxes.
    """

    value = traitlets.Tuple()

    def __init__(self, names: Sequence[str], ticked: Sequence[str]) -> None:
        layout = {"width": "auto", "margin": "2px 12px 2px 2px"}
        self._boxes = {
            name: ipywidgets.Checkbox(
                value=name in ticked, description=name, indent=False, layout=layout
            )
            for name in names
        }
        label = ipywidgets.Label("Draw", layout={"width": "96px", "justify_content": "flex-end"})
        boxes = ipywidgets.HBox(list(self._boxes.values()), layout={"flex_flow": "row wrap"})
        super().__init__([label, boxes], layout={"grid_gap": "8px"})
        self.value = self._ticked()
        for box in self._boxes.values():
            box.observe(self._on_box, "value")

    def _ticked(self) -> tuple[str, ...]:
        return tuple(name for name, box in self._boxes.items() if box.value)

    def _on_box(self, _: Any) -> None:
        self.value = self._ticked()

    @traitlets.observe("value")
    def _tick_boxes(self, change: dict[str, Any]) -> None:
        for name, box in self._boxes.items():
            box.value = name in change["new"]


class ErrorLaboratory(Laboratory):
    """The laboratory made by :func:`adviz.error_lab`.

    Attributes
    ----------
    study : ErrorStudy
        The study whose curves are shown.
    """

    study: ErrorStudy

    def __init__(
        self, f: Callable[..., Any] | str, x0: float, schemes: Sequence[str], truth: Any = None
    ) -> None:
        self._given_function = None if isinstance(f, str) else checks.function(f)
        x0 = checks.number(x0, "x0")
        self._truths = {} if truth is None else {("" if callable(f) else f.strip(), x0): truth}
        self._studies: dict[Any, ErrorStudy] = {}
        named = [schemes] if isinstance(schemes, str) else checks.items(schemes, "schemes")
        chosen = [scheme(name).name for name in named]
        if not chosen:
            raise InputError("Give a scheme at least: schemes=('forward', 'central').")
        names = list(dict.fromkeys([*SCHEMES, *chosen]))
        self._typed = ipywidgets.Text(
            description="f(x) =",
            value=f if isinstance(f, str) else "",
            placeholder="a formula"
            if self._given_function is None
            else f"{function_name(self._given_function)}, or a formula",
            continuous_update=False,
            layout={"width": "380px"},
        )
        narrow = {"description_width": "initial"}
        controls = {
            "function": self._typed,
            "x0": ipywidgets.FloatText(
                description="at x₀ =", value=x0, style=narrow, layout={"width": "150px"}
            ),
            "precision": ipywidgets.Dropdown(
                description="in", options=_PRECISIONS, style=narrow, layout={"width": "130px"}
            ),
            "scheme": ipywidgets.Dropdown(description="Look at", options=names, value=chosen[0]),
            "h": Slider("h", _STEPS, [_power(h) for h in _STEPS], _STEPS[-33]),
            "schemes": SchemeBoxes(names, chosen),
        }
        function, point, precision, looked_at, h, drawn = controls.values()
        row = ipywidgets.HBox([function, point, precision])
        row.layout.flex_flow, row.layout.grid_gap = "row wrap", "0 16px"
        arranged = ipywidgets.VBox([row, looked_at, h, drawn])
        title = "numerical differentiation"
        super().__init__(controls, self._state, title, arranged, self._as_document)

    def _as_document(self) -> dict[str, Any]:
        values = self.values
        name = values["function"].strip()
        if not name:
            assert self._given_function is not None
            name = function_name(self._given_function)
        return error_document(self.study, values["scheme"], _STEPS, values["h"], name)

    def _state(
        self,
        function: str,
        x0: float,
        precision: str,
        scheme: str,
        h: float,
        schemes: tuple[str, ...],
    ) -> tuple[Any, ...]:
        names = tuple(
            name for name in self.controls["scheme"].options if name in {*schemes, scheme}
        )
        key = (function.strip(), x0, precision, names)
        if key not in self._studies:
            f = self._function(function)
            truth = self._truths.get(key[:2])
            self._studies[key] = error_study(f, x0, names, _CURVE_STEPS, precision, truth=truth)
        self.study = self._studies[key]
        closeup = look_closely(self.study, scheme, h)
        return closeup.plot(), CloseupText(closeup)

    def _function(self, text: str) -> Callable[..., Any]:
        if text.strip():
            return formula(text)
        if self._given_function is None:
            raise InputError("f is empty: type a formula in x, as in exp(x) * sin(x).")
        return self._given_function


class CloseupText:
    """The close-up in words: the derivative, its error, and the digits."""

    def __init__(self, closeup: Closeup) -> None:
        self.closeup = closeup

    def __repr__(self) -> str:
        notes = self.closeup.study.remarks
        return "\n".join([str(self.closeup), *notes])

    def _repr_html_(self) -> str:
        first, *rest = str(self.closeup).split("\n")
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.closeup.study.remarks)
        digits = html.escape("\n".join(rest))
        return f'<p>{html.escape(first)}</p><pre style="font-family:monospace">{digits}</pre>' + (
            f"<ul>{notes}</ul>" if notes else ""
        )


def formula(text: str) -> Callable[..., Any]:
    """Return the function of x that a formula defines; it may name NumPy's functions.

    Raises
    ------
    InputError
        If the text is not a formula in x.

    Examples
    --------
    >>> formula("exp(x) + 1")(0.0)
    np.float64(2.0)
    """
    known = {name: getattr(np, name) for name in dir(np) if not name.startswith("_")}
    known |= {
        "np": np,
        "pi": math.pi,
        "e": math.e,
        "ln": np.log,
        "abs": abs,
        "max": max,
        "min": min,
    }
    try:
        code = compile(text.strip().replace("^", "**"), "<formula>", "eval")
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{text!r} is no formula: {error}.") from None
    unknown = [name for name in code.co_names if name not in known and name != "x"]
    unknown = [name for name in unknown if not hasattr(np, name) and f".{name}" not in text]
    if unknown:
        raise InputError(
            f"{unknown[0]} in {text!r} is neither x nor a function of NumPy's: write exp, sin, "
            "log, sqrt, ..."
        )

    def f(x: Any) -> Any:
        # The formula is the user's, and runs in the user's kernel.
        return eval(code, {"__builtins__": {}, **known}, {"x": x})

    return f


def _power(h: float) -> str:
    return f"{h:.1e}"
