"""The public Trace: the core's, with its table, graph, formula and player.

The modules that draw are imported when they are first used, so that ``import adviz`` stays light.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

import adviz.render.pickling  # noqa: F401 - which tells pickle of tapes and of operations
from adviz.core import trace as core
from adviz.core.recording import record
from adviz.host import checks
from adviz.host.arguments import argument_names, check_is_plain_array
from adviz.host.derived_functions import made_by
from adviz.host.errors import DocumentError, InputError
from adviz.host.nests import leaves, mapped
from adviz.host.source import CHANGED
from adviz.render.changed_files import changed_files
from adviz.render.number import DIGITS

if TYPE_CHECKING:
    from adviz.render.formulas import Formula
    from adviz.render.graph import Graph
    from adviz.render.table import Table

__all__ = ["Player", "Trace", "trace"]

_MAX_NUMBERS_IN_NOTEBOOK = 20_000
"""The most numbers in a trace that a notebook saves to be played; more would take megabytes."""

_MAX_INPUTS_IN_TITLE = 8
"""The most inputs that the title of a page names, as in the player."""


class Trace(core.Trace):
    """The evaluation trace of one call: its rows, its sweeps, and ways to show them.

    Made by :func:`trace`. As the result of a cell it displays the player.
    """

    @property
    def notes(self) -> list[str]:
        """What a reader should know of this trace: missing dependence, where a NaN began.

        A NaN that begins only in the return sweep is among them: an infinite slope that meets 0.

        Examples
        --------
        >>> import numpy as np
        >>> trace(lambda x: np.sqrt(x), 0.0).notes, len(trace(lambda x: np.sqrt(x * x), 0.0).notes)
        ([], 1)
        """
        from adviz.calculus.nan_gradients import where_nan_begins

        changed = [
            f"{file}: {CHANGED}. Start Python again, or reload." for file in changed_files(self)
        ]
        note = where_nan_begins(self)
        return [*super().notes, *changed, *([] if note is None else [note])]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_replays": None}

    def table(
        self,
        which: str = "primal",
        seed: Any = None,
        digits: int = DIGITS,
        folded: bool = False,
    ) -> Table:
        """Return a table of every row: its formula, the formula with numbers, its value.

        Parameters
        ----------
        which : str
            "primal"; "forward" to add the tangents; "reverse" to add the adjoints, each as the
            sum over all uses of its row.
        seed : optional
            As for :meth:`forward` and :meth:`reverse`; by default the first input or output.
        digits : int
            Significant digits, 1 to 17.
        folded : bool
            Whether each call of a helper function is one line, rather than a heading above the
            rows it made.

        Returns
        -------
        Table
            Displays itself in a notebook; ``to_html()``, ``to_mathml()``, ``to_latex()``,
            ``to_markdown()`` and ``to_text()`` write it.

        Raises
        ------
        InputError
            If there is no such pass, the seed does not fit, or there are not 1 to 17 digits.

        Examples
        --------
        >>> print(trace(lambda x1, x2: x1 * x2, 3, -4).table("reverse"))
        row  primal    with numbers  value  adjoint  with numbers  value
        ───  ────────  ────────────  ─────  ───────  ────────────  ─────
        v₋₁  x₁                          3  v̄₁·v₀    1 × (−4)         −4
        v₀   x₂                         −4  v̄₁·v₋₁   1 × 3             3
        v₁   v₋₁ × v₀  3 × (−4)        −12  ȳ        1                 1
        y    v₁                        −12  ȳ                          1
        """
        from adviz.render.table import table

        return table(self, which, seed, digits, folded)

    def graph(
        self,
        which: str = "primal",
        seed: Any = None,
        digits: int = DIGITS,
        folded: bool | None = None,
    ) -> Graph:
        """Return the computational graph, drawn by Graphviz.

        The parameters are those of :meth:`table`. By default a graph of more than 300 rows is
        folded. Where Graphviz cannot run, as in a browser, adviz lays the graph out itself.

        Returns
        -------
        Graph
            A ``graphviz.Digraph``: it displays itself in a notebook, and ``render`` writes it to a
            file.

        Raises
        ------
        GraphError
            If it would have more than 1000 boxes.

        Examples
        --------
        >>> picture = trace(lambda x: x * x, 3).graph()
        >>> picture.source.count("->")
        2
        """
        from adviz.render.graph import graph

        return graph(self, which, seed, digits, folded)

    def inside(self, index: int) -> Trace:
        """Return the trace behind a row: of the equations that a solver has solved.

        It is the trace of F at the solution y, as a function of y and of the numbers on which the
        row depends. The derivative of the row follows from it: dy/dx = −F_y⁻¹ F_x.

        Parameters
        ----------
        index : int
            The number of the row, as for :meth:`row`.

        Raises
        ------
        InputError
            If there is no such row, or it is no solver's.

        Examples
        --------
        >>> from scipy.optimize import brentq
        >>> import adviz as ad
        >>> root = ad.trace(lambda x: brentq(lambda y: y * y - x, 0, 4), 4.0)
        >>> print(root.inside(1))
        row  primal     with numbers  value
        ───  ─────────  ────────────  ─────
        v₋₁  y                            2
        v₀   x                            4
        v₁   v₋₁ × v₋₁  2 × 2             4
        v₂   v₁ − v₀    4 − 4             0
        z    v₂                           0
        """
        row = self.row(index)
        if not hasattr(row.elemental, "inside"):
            raise InputError(
                f"{row.label} = {row.op} has no trace inside it: it is no solver's. Give the index "
                "of the row of a function of scipy.optimize, as in inside(1)."
            )
        operands = [o.value if isinstance(o, core.Row) else o for o in row.operands]
        names = [o.name or f"v{o.index}" if isinstance(o, core.Row) else "c" for o in row.operands]
        inner: Trace = row.elemental.inside(operands, row.value, names, Trace)
        return inner

    def formula(self, output: str | None = None) -> Formula:
        """Return what the trace computes as one formula of its inputs.

        Parameters
        ----------
        output : str, optional
            The name of an output; needed only if there are several.

        Returns
        -------
        Formula
            Displays itself as mathematics in a notebook; ``derivative()`` differentiates it
            symbolically, ``size`` says how long it is, and ``to_latex()``, ``to_python()``,
            ``to_mathematica()`` and similar methods write it.

        Raises
        ------
        InputError
            If there is no such output.
        UnsupportedOperationError
            If an input is an array (trace with ``elementwise=True``), or an operation has no
            formula.
        FormulaError
            If the trace has more than 200,000 operations.

        Examples
        --------
        >>> trace(lambda x1, x2: x1 * x2 + x2, 2, 4).formula()
        y = x₁·x₂ + x₂
        """
        from adviz.render.formulas import Formula

        return Formula.of(self, output)

    def to_sympy(self) -> Any:
        """Return what the trace computes as SymPy's expressions, nested as the outputs are.

        Inputs become symbols of the same names, whole numbers SymPy's integers.

        Raises
        ------
        UnsupportedOperationError
            If a row is an array, or an operation has no formula in SymPy.

        Examples
        --------
        >>> trace(lambda x1, x2: x1 * x2 + x2, 2, 4).to_sympy()
        x1*x2 + x2
        """
        from adviz.symbolic.formulas import formulas
        from adviz.symbolic.systems import to_sympy

        return self.outputs_as(to_sympy(formulas(self)))

    @classmethod
    def from_sympy(cls, expression: Any, /, **inputs: float) -> Trace:
        """Return the evaluation trace of a SymPy expression.

        Parameters
        ----------
        expression : sympy.Expr
            A Piecewise in it is traced on the branch that holds at these numbers.
        **inputs
            A number for each of its symbols, by name, in the order they have in the trace.

        Raises
        ------
        InputError
            If it is no expression whose value is a number, or a number is missing for a symbol, or
            a symbol for a number.
        UnsupportedOperationError
            If it contains a function for which the table of elementals has no row.

        Examples
        --------
        >>> import sympy
        >>> x1, x2 = sympy.symbols("x1 x2")
        >>> print(Trace.from_sympy(x1 * x2 + x2 - sympy.log(x1), x1=2, x2=4))
        row  primal    with numbers      value
        ───  ────────  ─────────────  ────────
        v₋₁  x₁                              2
        v₀   x₂                              4
        v₁   v₋₁ × v₀  2 × 4                 8
        v₂   v₁ + v₀   8 + 4                12
        v₃   ln(v₋₁)   ln(2)          0.693147
        v₄   v₂ − v₃   12 − 0.693147   11.3069
        y    v₄                        11.3069
        """
        from adviz.symbolic.functions import function_of_sympy

        function = function_of_sympy(expression, list(inputs))
        values = tuple(checks.number(value, name) for name, value in inputs.items())
        return cast(Trace, record(function, values, list(inputs), trace_class=cls))

    def play(
        self,
        which: str = "primal",
        *,
        input: str | None = None,  # noqa: A002 - the reader's word for it
        output: str | None = None,
        digits: int = DIGITS,
        folded: bool | None = None,
        predict: bool = False,
        step: int = 1,
        passes: Iterable[str] = ("primal", "forward", "reverse"),
    ) -> Player:
        """Return the player, opened at one pass.

        Parameters
        ----------
        which : str
            "primal", "forward" or "reverse".
        input : str, optional
            The name of the input that is seeded in the forward pass.
        output : str, optional
            The name of the output that is pulled back in the reverse pass.
        digits : int
            Significant digits.
        folded : bool, optional
            Whether each call of a helper function is one line at first, which opens by a click;
            by default it is in traces of more than 40 rows.
        predict : bool
            Whether the reader predicts: what comes next is not shown until it is answered, and a
            wrong answer is told why. The reader can turn this on and off. Numbers are asked;
            seeds, arrays and folded calls are shown.
        step : int
            The step at which it opens, counted from 1: each row is a step, and in the reverse pass
            the seed and each contribution. Calls that are folded count with all their steps.
        passes : iterable of str
            The passes that the reader can choose; of a single one there is no choice.

        Raises
        ------
        InputError
            If there is no such pass, step, input or output, or ``passes`` leaves out ``which``.
        DocumentError
            If the trace is too large to be played.

        Examples
        --------
        >>> player = trace(lambda x: x * x, 3).play("reverse", predict=True, step=2)
        >>> player.document["view"]["step"]
        2
        """
        return Player(
            self,
            which,
            input_name=input,
            output=output,
            digits=digits,
            folded=folded,
            predict=predict,
            step=step,
            passes=passes,
        )

    def to_document(self) -> dict[str, Any]:
        """Return the trace document: the JSON that the player plays."""
        return self.play().document

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Write a page that plays the trace: one file that needs no network.

        Parameters
        ----------
        path : path-like, optional
            The file to write; without one the page is returned. It is written wholly or not at
            all: a link is followed, an existing file keeps its mode.

        Raises
        ------
        DocumentError
            If the trace is too large to be played.
        FileError
            If the file cannot be written; it is an ``OSError`` too.

        Examples
        --------
        >>> trace(lambda x: x * x, 3).to_html().count("<html")
        1
        """
        return self.play().to_html(path)

    def to_svg(
        self,
        path: str | os.PathLike[str] | None = None,
        which: str = "primal",
        step: int | None = None,
        *,
        seed: Any = None,
        digits: int = DIGITS,
    ) -> str | None:
        """Write a picture of one step of a pass: source, graph, formula and running sum.

        It is 16 by 9, as a slide is, on white; its letters are outlines, so that it looks the
        same everywhere. The same trace gives the same bytes. Of a graph too large to be read, the
        rows around the step are drawn.

        Parameters
        ----------
        path : path-like, optional
            The file to write, wholly or not at all; without one the SVG is returned.
        which : str
            "primal", "forward" or "reverse".
        step : int, optional
            Counted from 1, as in the player: each row is a step, and in the reverse pass each
            contribution. By default the last.
        seed, digits
            As for :meth:`table`.

        Raises
        ------
        InputError
            If there is no such pass or step, or the seed does not fit.
        FileError
            If the file cannot be written.

        Examples
        --------
        >>> trace(lambda x1, x2: x1 * x2, 3, -4).to_svg(which="reverse", step=2).count("<svg")
        1
        """
        from adviz.render.pictures import write_svg

        return write_svg(self, path, which, step, seed, digits)

    def to_pdf(
        self,
        path: str | os.PathLike[str],
        which: str = "primal",
        step: int | None = None,
        *,
        seed: Any = None,
        digits: int = DIGITS,
    ) -> None:
        r"""Write pictures as a PDF: of one step, or of every step of a pass, a page each.

        The pictures are those of :meth:`to_svg`. In LaTeX, ``\includegraphics[page=3]{file}``
        takes one of them.

        Parameters
        ----------
        path : path-like
            The file to write, wholly or not at all.
        which : str
            "primal", "forward" or "reverse".
        step : int, optional
            Counted from 1; by default all steps, at most 200.
        seed, digits
            As for :meth:`table`.

        Raises
        ------
        InputError
            If there is no such pass or step, the seed does not fit, or there are more than 200
            steps.
        FileError
            If the file cannot be written.

        Examples
        --------
        >>> import os
        >>> trace(lambda x1, x2: x1 * x2, 3, -4).to_pdf(os.devnull, "reverse")
        """
        from adviz.render.pictures import write_pdf

        write_pdf(self, path, which, step, seed, digits)

    def to_animation(
        self,
        path: str | os.PathLike[str],
        which: str = "primal",
        seconds: float = 2.0,
        *,
        first: int = 1,
        last: int | None = None,
        seed: Any = None,
        digits: int = DIGITS,
    ) -> None:
        """Write an animation of a pass for slides, a frame a step, which begins again at its end.

        The frames are the pictures of :meth:`to_svg`, 1280 by 720 pixels.

        Parameters
        ----------
        path : path-like
            The file to write, wholly or not at all: an animated PNG for ".png" or ".apng", a GIF
            for ".gif", or an animated WebP for ".webp".
        which : str
            "primal", "forward" or "reverse".
        seconds : float
            How long each step is shown; the last three times as long.
        first, last : int
            The steps to show, counted from 1; by default all of them, at most 200.
        seed, digits
            As for :meth:`table`.

        Raises
        ------
        InputError
            If the path ends in none of these, there is no such pass or step, the seed does not
            fit, or there are more than 200 steps.
        FileError
            If the file cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     trace(lambda x: x * x, 3.0).to_animation(f"{folder}/square.gif", "reverse")
        """
        from adviz.render.pictures import write_animation

        write_animation(self, path, which, seconds, first, last, seed, digits)

    def __str__(self) -> str:
        return repr(self.table())  # the first and the last rows of a long trace

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        from adviz.render.document import check_size, weight_of

        why = (
            f"This trace of {len(self.rows):,} rows would make the notebook too large to be played "
            "in it: trace.to_html(path) writes a page that plays it."
        )
        try:
            check_size(self)
            if weight_of(self) <= _MAX_NUMBERS_IN_NOTEBOOK:
                return self.play()._repr_mimebundle_()
        except DocumentError as error:
            why = str(error)
        shown = self.table()
        shown.notes.append(why)
        return {"text/html": shown._repr_html_(), "text/plain": repr(shown)}


class Player:
    """A trace in the player, opened at one pass; displays itself as the result of a cell.

    Made by :meth:`Trace.play`.

    Attributes
    ----------
    document : dict
        The trace document.
    """

    def __init__(
        self,
        shown: Trace,
        which: str,
        *,
        input_name: str | None,
        output: str | None,
        digits: int,
        **options: Any,
    ) -> None:
        from adviz.render.document import document
        from adviz.render.table import checked_pass

        checked_pass(which)
        self._trace = shown
        self._seed = {"forward": input_name, "reverse": output}.get(which)
        self._digits = digits
        self.document = document(shown, which, input_name, output, digits, **options)

    def _table(self) -> Table:
        return self._trace.table(self.document["view"]["pass"], self._seed, self._digits)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Write a page that plays the trace; see :meth:`Trace.to_html`."""
        from adviz.host.files import write_file
        from adviz.render.page import page

        name = self._trace.function_name
        names = self._trace.input_names
        hidden = ("…",) if len(names) > _MAX_INPUTS_IN_TITLE else ()
        arguments = ", ".join(names[:_MAX_INPUTS_IN_TITLE] + hidden)
        # Readers without scripts get a table, of a long trace its first and its last rows.
        text = page(self.document, f"{name}({arguments})", self._table()._repr_html_())
        if path is None:
            return text
        write_file(path, text)
        return None

    def __repr__(self) -> str:
        return repr(self._table())

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        from adviz.render.carried import with_player
        from adviz.render.document import MIME_TYPE

        # The table is shown where nothing plays: in other notebook readers, on GitHub.
        shown = self._table()
        return with_player(
            {
                MIME_TYPE: self.document,
                "text/html": shown._repr_html_(),
                "text/plain": repr(shown),
            }
        )


def trace(f: Callable[..., Any], *inputs: Any, elementwise: bool = False) -> Trace:
    """Call a function and return the evaluation trace of the call.

    Parameters
    ----------
    f : callable
        A function of plain Python and NumPy, which may contain loops, branches, recursion and
        calls of other functions. It takes and returns numbers or arrays, or tuples, lists and
        dicts of them.
    *inputs
        The arguments: numbers or arrays, or tuples, lists and dicts of them. Ints become floats.
    elementwise : bool
        Whether each number of an array has a row of its own, instead of one row for the whole
        array. For small arrays, in which every number can then be followed.

    Returns
    -------
    Trace
        As the result of a cell it displays the player.

    Raises
    ------
    InputError
        If f cannot be called with these arguments, or there is no argument, or one is not a real
        number.
    OutputError
        If f returns something that is not a number.
    ConversionError, UnsupportedOperationError
        If f does something that cannot be traced; the message names the line and says what to
        write instead.

    Examples
    --------
    >>> import numpy as np
    >>> def f(x1, x2):
    ...     return x1 * x2 + x2 - np.log(x1)
    >>> print(trace(f, 2, 4))
    row  primal    with numbers      value
    ───  ────────  ─────────────  ────────
    v₋₁  x₁                              2
    v₀   x₂                              4
    v₁   v₋₁ × v₀  2 × 4                 8
    v₂   v₁ + v₀   8 + 4                12
    v₃   ln(v₋₁)   ln(2)          0.693147
    v₄   v₂ − v₃   12 − 0.693147   11.3069
    y    v₄                        11.3069

    >>> print(trace(lambda x: np.sum(x), np.array([3.0, 4.0])))
    row  primal   with numbers   value
    ───  ───────  ────────────  ──────
    v₀   x                      [3, 4]
    v₁   sum(v₀)  sum([3, 4])        7
    y    v₁                          7
    """
    __tracebackhide__ = True
    if not checks.flag(elementwise, "elementwise"):
        return cast(Trace, record(f, inputs, trace_class=Trace))
    from adviz.rules.interception import needed_in  # which plain traces do without

    names = argument_names(f, inputs)
    on_entries = _of_entries(f, inputs)
    needed_in(on_entries)
    for path, leaf in leaves(inputs):
        check_is_plain_array(leaf, path)
    apart = mapped(lambda leaf: leaf.tolist() if isinstance(leaf, np.ndarray) else leaf, inputs)
    return cast(Trace, record(on_entries, apart, names, trace_class=Trace))


def _of_entries(f: Callable[..., Any], inputs: tuple[Any, ...]) -> Callable[..., Any]:
    """Return f as a function of the entries of its arguments, in nested lists."""

    @made_by(_of_entries, f, inputs)
    @functools.wraps(f)
    def on_entries(*entries: Any) -> Any:
        nested = zip(entries, inputs, strict=True)
        returned = f(*(_as_arrays(numbers, like) for numbers, like in nested))
        return mapped(
            lambda leaf: leaf.tolist() if isinstance(leaf, np.ndarray) else leaf, returned
        )

    return on_entries


def _as_arrays(numbers: Any, like: Any) -> Any:
    """Return nested lists of traced numbers with arrays of them where ``like`` has arrays."""
    flat = iter([leaf for _, leaf in leaves(numbers)])

    def restored(leaf: Any) -> Any:
        if not isinstance(leaf, np.ndarray) or leaf.ndim == 0:
            return next(flat)
        entries = np.empty(leaf.shape, dtype=object)
        for index in np.ndindex(leaf.shape):
            entries[index] = next(flat)
        return entries

    return mapped(restored, like)
