"""The laboratory of expression swell: a growing formula, written out or with parts shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets
from IPython.display import Markdown

from adviz.host import checks
from adviz.host.errors import InputError
from adviz.jupyter.laboratory import Laboratory, Slider
from adviz.jupyter.laboratory_documents import swell_document
from adviz.render.formulas import shared_equations
from adviz.render.math_tree import to_latex
from adviz.render.swell import Swell, swelled
from adviz.symbolic.families import FAMILIES, Family, family_of
from adviz.symbolic.size import size
from adviz.symbolic.study import Outcome, count_text, differentiate_with

__all__ = ["SwellLaboratory", "swell_lab"]

_SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 50, 100, 1000)
_MOST_IN_PAGE = 100
"""The largest size in a page that answers without a kernel: larger ones take long to prepare."""

_MAX_BOXES = {False: 48, True: 30}
"""The most boxes of a drawing that can be read in a cell: for a tree, and for a shared DAG."""

_MAX_LINES = 24
"""The most lines of a formula with shared parts; of a longer one, the first and the last."""

_MAX_PARTIALS = 3
"""The most partial derivatives of a gradient that are written."""


def swell_lab(
    family: str | Callable[..., Any] = "logistic", n: int = 3, *, at: Any = None
) -> SwellLaboratory:
    """Return a laboratory in which a formula grows: choose a map and n, and share its parts.

    It shows the formula of the function or of its derivative, its drawing, and the operations,
    value and time of the derivative as tree, DAG, AD forward and AD reverse. Sharing
    subexpressions turns the tree into the DAG.

    Parameters
    ----------
    family : str or callable
        The family at first, as for :func:`adviz.swell_study`.
    n : int
        The size at first.
    at : number or tuple of numbers, optional
        The inputs at which it is evaluated; needed for a function of your own.

    Returns
    -------
    SwellLaboratory
        A laboratory for a notebook. Its controls, which ``set`` moves too, are ``map``, ``n``,
        ``show`` ("function" or "derivative"), ``share`` and ``simplify``; ``swell`` holds the
        sizes shown.

    Raises
    ------
    InputError
        If there is no such family or size.

    Examples
    --------
    >>> lab = swell_lab("logistic", 4)
    >>> lab.swell.derivative_size.tree_operations
    71
    >>> lab.set(share=True, n=1000)
    >>> lab.swell.derivative_size.dag_operations
    7989
    """
    return SwellLaboratory(family_of(family, at), n)


class SwellLaboratory(Laboratory):
    """The laboratory of expression swell; made by :func:`adviz.swell_lab`.

    Attributes
    ----------
    swell : Swell
        The sizes of the function shown.
    """

    swell: Swell

    def __init__(self, family: Family, n: int) -> None:
        if checks.count(n, "n") not in _SIZES or n > family.most:
            allowed = ", ".join(str(size) for size in _SIZES if size <= family.most)
            raise InputError(f"n = {n!r}: the laboratory shows {family.name} at n = {allowed}.")
        self._families = {**FAMILIES, family.name: family}
        style = {"description_width": "initial"}
        controls = {
            "map": ipywidgets.Dropdown(
                description="map",
                options=list(self._families),
                value=family.name,
                style=style,
                layout={"width": "220px"},
            ),
            "n": Slider("n", _SIZES, [str(size) for size in _SIZES], n),
            "show": ipywidgets.Dropdown(
                description="show",
                options=["function", "derivative"],
                value="derivative",
                style=style,
                layout={"width": "180px"},
            ),
            "share": ipywidgets.Checkbox(
                description="share subexpressions", indent=False, layout={"width": "auto"}
            ),
            "simplify": ipywidgets.Checkbox(
                description=f"let SymPy simplify, for at most {_SECONDS:g} s",
                indent=False,
                layout={"width": "auto"},
            ),
        }
        rows = (("map", "show", "n"), ("share", "simplify"))
        lines = [ipywidgets.HBox([controls[name] for name in row]) for row in rows]
        for line in lines:
            line.layout.flex_flow = "row wrap"
            line.layout.grid_gap = "4px 24px"
        arranged = ipywidgets.VBox(lines)
        super().__init__(controls, self._shown, "expression swell", arranged, self._as_document)

    def _as_document(self) -> dict[str, Any]:
        values = self.values
        family = self._families[values["map"]]
        # Those of the reader's own may be slow, or fail, at sizes that nobody asked for.
        most = _MOST_IN_PAGE if family.name in FAMILIES else values["n"]
        sizes = [n for n in _SIZES if n <= min(family.most, most)]
        n = min(values["n"], sizes[-1])
        return swell_document(((n, swelled(family, n)) for n in sizes), family.name, n)

    def _shown(self, map: str, n: int, show: str, share: bool, simplify: bool) -> tuple[Any, ...]:  # noqa: A002 - the control's name
        family = self._families[map]
        if n > family.most:
            raise InputError(
                f"{map} is shown up to n = {family.most}: beyond, it takes longer than one waits."
            )
        sized = swelled(family, n)
        others: dict[str, Outcome] = {}
        if simplify:
            others["SymPy simplified"] = differentiate_with("SymPy simplified", sized, _SECONDS)
        shown = (
            _formula(sized, show, share),
            sized.graph(show, share, _MAX_BOXES[share]),
            sized.values(others),
            sized.plot(),
        )
        self.swell = sized
        return shown


_SECONDS = 5.0
"""The time limit of a simplification, in seconds."""


def _formula(sized: Swell, show: str, share: bool) -> Any:
    """Return the formula as shown: written out, or line by line with shared parts."""
    formulas = sized.formulas()
    chosen = formulas[:1] if show == "function" else formulas[1:]
    if share:
        roots = [formula.expression for formula in chosen]
        labels = [formula.label for formula in chosen]
        lines = shared_equations(roots, sized.trace.input_names, labels, _MAX_LINES)
        texts = ["".join(to_latex(cell) for cell in line if cell) for line in lines]
        count = count_text(size(*roots).dag_operations)
        title = f"Every subexpression once: {count} operations"
        return Markdown(f"{title}:\n\n" + "&emsp; ".join(f"${text};$" for text in texts))
    if len(chosen) == 1:
        return chosen[0]
    texts = [formula.to_markdown() for formula in chosen[:_MAX_PARTIALS]]
    if len(chosen) > _MAX_PARTIALS:
        texts.append(f"and {count_text(len(chosen) - _MAX_PARTIALS)} more partial derivatives")
    return Markdown("\n\n".join(texts))
