"""The live stepper: a player whose inputs can be changed, with a kernel behind it.

The page computes other inputs as long as the trace holds at them. Where another branch is taken, or
where a page cannot compute the trace, the kernel traces the function again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from adviz import player
from adviz.core.arrays import is_complex, shape_of
from adviz.render.views import Trace, trace

__all__ = ["Stepper"]


class Stepper(anywidget.AnyWidget):
    """The player of a function, live; made by :func:`adviz.step`.

    Attributes
    ----------
    trace : Trace
        The trace that is shown; a new one whenever the inputs change.
    inputs : list of float
        The inputs. Setting them traces the function again; what the reader changes in the page
        comes here when it rests. None is an input that keeps its value, such as an array; a pair
        is the real and the imaginary part of a complex number that was typed.
    computed : list of float
        The last inputs that the page computed by itself.
    problem : str
        The error that the current inputs cause; "" if they cause none.
    """

    _esm = player.script("live")
    _css = player.style()

    document = traitlets.Dict().tag(sync=True)
    inputs: traitlets.List[float | list[float] | None] = traitlets.List().tag(sync=True)
    computed: traitlets.List[float] = traitlets.List().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, f: Callable[..., Any], arguments: tuple[Any, ...], which: str, predict: bool
    ) -> None:
        self._function = f
        self._view: dict[str, Any] = {"which": which, "predict": predict}
        self._follows = False
        self.trace = trace(f, *arguments)
        super().__init__(
            document=self.trace.play(**self._view).document,
            inputs=[
                None if shape_of(row.value) or is_complex(row.value) else float(row.value)
                for row in self.trace.inputs
            ],
        )

    @traitlets.observe("inputs")
    def _trace_again(self, change: dict[str, Any]) -> None:
        if change["old"] == traitlets.Undefined or not change["old"] or self._follows:
            return
        self._trace_at(change["new"], is_shown=False)

    @traitlets.observe("computed")
    def _follow(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self._trace_at(change["new"], is_shown=True)

    def _trace_at(self, inputs: list[float | list[float] | None], is_shown: bool) -> None:
        """Trace the function at other inputs, which the page may show already, or say its problem.

        The page cannot know that the function depends on something else: then it is told.
        """
        present = zip(inputs, self.trace.inputs, strict=True)
        numbers = [
            row.value
            if number is None
            else complex(*number)
            if isinstance(number, (list, tuple))
            else number
            for number, row in present
        ]
        try:
            new = trace(self._function, *self.trace.inputs_as(numbers))
            is_known = is_shown and _operations(new) == _operations(self.trace)
            document = self.document if is_known else new.play(**self._view).document
        except Exception as error:  # noqa: BLE001 - any error of the user's function is shown
            self.problem = f"{type(error).__name__}: {error}"
            return
        self.trace = new
        self.problem = ""
        if is_shown:
            self._follows = True
            self.inputs = inputs
            self._follows = False
        self.document = document

    def __repr__(self) -> str:
        return f"<Stepper of {self.trace.function_name}>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        # Where the widget does not run, as in a notebook that is not trusted, the trace plays.
        return {**self.trace.play(**self._view)._repr_mimebundle_(), **data}, metadata


def _operations(shown: Trace) -> list[tuple[Any, ...]]:
    """Return what the rows of a trace do, whatever their numbers are."""
    tape = shown.tape
    return [
        (elemental, *tape.operands(slot)) if elemental is not None and elemental.arity else ()
        for slot, elemental in enumerate(tape.elementals)
    ]
