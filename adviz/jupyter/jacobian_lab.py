"""The laboratory of a Jacobian: filled pass by pass, or multiplied without being formed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets
import numpy as np
import traitlets

from adviz.costs.passes import Mode, Passes
from adviz.costs.paths import PathGraph
from adviz.host import checks
from adviz.host.arguments import function_name
from adviz.host.errors import GraphError, InputError, UnsupportedOperationError
from adviz.host.nests import leaves
from adviz.jupyter.laboratory import Laboratory
from adviz.render.jacobian_table import JacobianTable, Note, path_text
from adviz.render.marked_graphs import path_graph
from adviz.render.math_tree import Name, to_text
from adviz.render.number import format_number
from adviz.render.views import Trace, trace

__all__ = ["JacobianLaboratory", "PassBoxes", "jacobian_lab", "number_by_number"]

_MAX_SIZE = 24
"""The most rows and columns of a matrix that fit into a cell."""

_MAX_PATHS = 40
"""The most paths of an entry that can be chosen one by one."""

# No option has the value None: a dropdown would be blank while it is chosen.
_NO_ENTRY: tuple[str, tuple[int, ...]] = ("no entry", ())
_EVERY_PATH = ("all of them", -1)

_MATRIX, _J_R, _R_J = "the matrix", "J r", "rᵀ J"


def jacobian_lab(f: Callable[..., Any], *inputs: Any) -> JacobianLaboratory:
    """Return a laboratory in which passes fill the Jacobian of f, column by column or row by row.

    A forward pass finds a column, a reverse pass a row, and the last sweep can be played. J r and
    rᵀ J come from one pass each, while the matrix stays unknown. An entry opens to show the paths
    whose sum it is, and the graph marks them.

    Parameters
    ----------
    f : callable
        As for :func:`adviz.trace`, with up to 24 input numbers and 24 output numbers.
    *inputs
        The arguments.

    Returns
    -------
    JacobianLaboratory
        A laboratory for a notebook. Its controls, which ``set`` moves too, are ``find`` ("the
        matrix", "J r" or "rᵀ J"), ``passes`` (of ("forward", column) and ("reverse", row)), ``r``
        (numbers separated by commas), ``play``, ``entry`` (a row and a column) and ``path``.

    Raises
    ------
    InputError
        If there are more numbers; the message says what to use instead of the matrix.

    Examples
    --------
    >>> lab = jacobian_lab(lambda x1, x2: (x1 * x2, x1 + x2), 3, -4)
    >>> lab.set(passes=[("forward", 0), ("reverse", 1)])
    >>> lab.shown[0]
          x₁  x₂
      y₁  −4   ?
      y₂   1   1
    Known: 3 of 4 entries, from 1 forward pass and 1 reverse pass.
    >>> lab.set(find="rᵀ J", r="1, 10")
    >>> lab.shown[0]
          x₁  x₂
      y₁   ?   ?
      y₂   ?   ?
    r = (1, 10)
    rᵀ J = (6, 13)
    rᵀ J, from 1 reverse pass. No entry of J is known.
    """
    return JacobianLaboratory(f, inputs)


class PassBoxes(ipywidgets.VBox):  # type: ignore[misc] # the package has no types
    """A box for each input and each output, ticked if a pass has been made for it.

    Attributes
    ----------
    value : tuple of (str, int)
        The mode and the index of each pass, in the order in which the passes were made.
    """

    value = traitlets.Tuple()

    def __init__(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        self._boxes = {
            (mode, k): _checkbox(name, f"{action} {name}: one pass")
            for mode, action, names in (
                ("forward", "Push forward", inputs),
                ("reverse", "Pull back", outputs),
            )
            for k, name in enumerate(names)
        }
        for key, box in self._boxes.items():
            box.observe(lambda change, key=key: self._on_box(key, change["new"]), "value")
        lines = []
        for mode, what in (("forward", "Forward passes ↓"), ("reverse", "Reverse passes ←")):
            boxes = [box for key, box in self._boxes.items() if key[0] == mode]
            row = ipywidgets.HBox([ipywidgets.Label(what, layout={"width": "130px"}), *boxes])
            row.layout.flex_flow = "row wrap"
            lines.append(row)
        super().__init__(lines)

    def _on_box(self, key: tuple[Mode, int], is_on: bool) -> None:
        if is_on != (key in self.value):  # otherwise the box follows a change of the value
            others = tuple(one for one in self.value if one != key)
            self.value = (*others, key) if is_on else others

    @traitlets.observe("value")
    def _tick_boxes(self, change: dict[str, Any]) -> None:
        for key, box in self._boxes.items():
            box.value = key in change["new"]

    @traitlets.validate("value")
    def _checked(self, proposal: dict[str, Any]) -> tuple[tuple[str, int], ...]:
        keys = tuple((str(mode), int(k)) for mode, k in proposal["value"])
        for one in keys:
            if one not in self._boxes:
                raise InputError(f"There is no pass {one!r}: it is ('forward', 0) or the like.")
        return tuple(dict.fromkeys(keys))


def _checkbox(text: str, tooltip: str | None = None) -> Any:
    layout = {"width": "auto", "margin": "2px 14px 2px 2px"}
    return ipywidgets.Checkbox(description=text, tooltip=tooltip, indent=False, layout=layout)


class JacobianLaboratory(Laboratory):
    """The laboratory made by :func:`adviz.jacobian_lab`.

    Attributes
    ----------
    trace : Trace
        The trace of f, with a row for each number.
    """

    def __init__(self, f: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
        self.trace = _traced(f, inputs)
        self._graph = PathGraph(self.trace)
        xs = [_text(name) for name in self.trace.input_names]
        ys = [_text(name) for name in self.trace.output_names]
        entries = [(f"∂{y}/∂{x}", (i, j)) for i, y in enumerate(ys) for j, x in enumerate(xs)]
        self._path = ipywidgets.Dropdown(
            description="marked", options=[_EVERY_PATH], layout={"width": "460px"}
        )
        controls = {
            "find": ipywidgets.RadioButtons(
                description="Find", options=[_MATRIX, _J_R, _R_J], orientation="horizontal"
            ),
            "passes": PassBoxes(xs, ys),
            "r": ipywidgets.Text(
                description="r", placeholder="1, 1, ... if empty", continuous_update=False
            ),
            "play": _checkbox("show the last sweep"),
            "entry": ipywidgets.Dropdown(description="Paths of", options=[_NO_ENTRY, *entries]),
            "path": self._path,
        }
        find, passes, r, play, entry, path = controls.values()
        rows = [ipywidgets.HBox(row) for row in ([find], [r, play], [entry, path])]
        for row in rows:
            row.layout.flex_flow = "row wrap"
            row.layout.grid_gap = "0 16px"
        arranged = ipywidgets.VBox([rows[0], passes, *rows[1:]])
        entry.observe(self._list_paths, "value")
        find.observe(self._show_controls, "value")
        super().__init__(
            controls, self._state, f"the Jacobian of {self.trace.function_name}", arranged
        )
        self._show_controls({"new": find.value})

    def set(self, **values: Any) -> None:
        """Move controls by name and update the outputs; None means no entry, or every path."""
        none = {"entry": _NO_ENTRY[1], "path": _EVERY_PATH[1]}
        super().set(**{k: none.get(k) if v is None else v for k, v in values.items()})

    def _show_controls(self, change: dict[str, Any]) -> None:
        """Show the passes for a matrix and r for a product."""
        is_matrix = change["new"] == _MATRIX
        self.controls["passes"].layout.display = None if is_matrix else "none"
        self.controls["r"].layout.display = "none" if is_matrix else None

    def _list_paths(self, change: dict[str, Any]) -> None:
        """List the paths of the chosen entry in its dropdown."""
        options = [_EVERY_PATH]
        if change["new"]:
            i, j = change["new"]
            paths = self._graph.paths(j, self.trace.output_slots[i], most=_MAX_PATHS)
            options += [(path_text(self.trace, path), k) for k, path in enumerate(paths)]
        self._path.options = options

    def _state(
        self,
        find: str,
        passes: tuple[tuple[Mode, int], ...],
        r: str,
        play: bool,
        entry: tuple[int, ...],
        path: int,
    ) -> tuple[Any, ...]:
        all_passes = Passes(self.trace)
        sweep: Any = Note("")
        if find == _MATRIX:
            for which, k in passes:
                (all_passes.forward if which == "forward" else all_passes.reverse)(k)
            table = JacobianTable(all_passes)
            if play:
                sweep = self._sweep(passes[-1]) if passes else Note("No pass has been made yet.")
        else:
            mode: Mode = "forward" if find == _J_R else "reverse"
            if mode == "forward":
                product, count = all_passes.jvp, all_passes.n
            else:
                product, count = all_passes.vjp, all_passes.m
            vector = _numbers(r) if r.strip() else [1.0] * count
            table = JacobianTable(all_passes, (mode, vector, product(vector)))
            if play:
                nested = (
                    self.trace.inputs_as(vector)
                    if mode == "forward"
                    else self.trace.outputs_as(vector)
                )
                sweep = self.trace.table(mode, seed=nested)
        return (table, sweep, *self._paths(entry, path))

    def _sweep(self, last_pass: tuple[Mode, int]) -> Any:
        mode, k = last_pass
        if mode == "forward":
            return self.trace.play(mode, input=self.trace.input_names[k])
        return self.trace.play(mode, output=self.trace.output_names[k])

    def _paths(self, entry: tuple[int, ...], path: int) -> tuple[Any, Note]:
        if not entry:
            return Note(""), Note("")
        i, j = entry
        target = self.trace.output_slots[i]
        count = self._graph.count(j, target)
        listed = self._graph.paths(j, target, most=_MAX_PATHS)
        name = f"∂{_text(self.trace.output_names[i])}/∂{_text(self.trace.input_names[j])}"
        chosen = listed[path] if path >= 0 else None
        number = format_number(Passes(self.trace).forward(j).entries[i].item())
        text = f"{name} = {number} is the sum over {_of_paths(count)}"
        if count > len(listed):
            text += f", of which {len(listed)} can be marked"
        try:
            picture: Any = path_graph(self.trace, listed, chosen)
        except GraphError as error:
            picture = Note(str(error))
        return picture, Note(
            text + (f". Marked: {path_text(self.trace, chosen)}" if chosen else ".")
        )


def number_by_number(f: Callable[..., Any], inputs: tuple[Any, ...]) -> Trace:
    """Return the trace of f with a row for each number.

    Raises
    ------
    InputError
        If an input is not finite.
    UnsupportedOperationError
        If f applies an array operation that cannot be split into operations on numbers.
    """
    refusal = UnsupportedOperationError(
        f"The laboratory follows every number by itself, and {function_name(f)} does something "
        "with a whole array that cannot be taken apart, such as linalg.inv. ad.jacobian(f) "
        "gives the matrix all the same."
    )
    try:
        result = trace(f, *inputs, elementwise=True)
    except UnsupportedOperationError as error:
        raise refusal.with_traceback(error.__traceback__) from None
    if any(np.ndim(row.value) for row in result.rows):
        raise refusal
    for row in result.inputs:
        checks.number(row.value, str(row.name))
    return result


def _traced(f: Callable[..., Any], inputs: tuple[Any, ...]) -> Trace:
    """Return the trace of f, number by number; refuse a Jacobian that is too large."""
    name = function_name(checks.function(f))
    _check_size(name, sum(np.size(leaf) for _, leaf in leaves(inputs)), "inputs")
    result = number_by_number(f, inputs)
    _check_size(name, len(result.output_slots), "outputs")
    return result


def _check_size(name: str, size: int, what: str) -> None:
    if size > _MAX_SIZE:
        raise InputError(
            f"{name} has {size:,} {what}, and a Jacobian is looked at up to {_MAX_SIZE} by "
            f"{_MAX_SIZE}: the matrix is not formed here. Pass a smaller case. For the numbers: "
            "ad.jvp(f, (x,), (r,)) is J r and ad.vjp(f, x) gives rᵀ J, each from one pass; "
            "ad.grad(f) where there is one output; ad.jacobian(f, sparsity=True) where most "
            "entries are zero."
        )


def _numbers(text: str) -> list[float]:
    try:
        return [float(part.replace("−", "-")) for part in text.strip("()[] ").split(",")]
    except ValueError:
        raise InputError(
            f"r is {text!r}: write numbers with commas between, as in 1, -2.5."
        ) from None


def _of_paths(count: int) -> str:
    if count == 0:
        return "no path at all"
    return "1 path" if count == 1 else f"{count:,} paths"


def _text(name: str) -> str:
    return to_text(Name.of(name).tree())
