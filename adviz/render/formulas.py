"""Formula: what a trace computes, as a formula to be written, differentiated and measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from adviz.core import trace as core
from adviz.host import checks
from adviz.host.errors import AdvizError, BranchChangedError, FormulaError, InputError
from adviz.host.nests import count_of
from adviz.render.folded_formulas import SHOWN_OPERATIONS, folded
from adviz.render.math_tree import Name, Tree, math_tree, number_tree, to_latex, to_mathml, to_text
from adviz.render.table import Column, Line, Table
from adviz.symbolic.derivative import ZERO, Pending, derivatives, steps
from adviz.symbolic.expr import Expr, constant, node, symbol, topological_order
from adviz.symbolic.formulas import branches, formulas
from adviz.symbolic.printers import maple_code, mathematica_code, maxima_code
from adviz.symbolic.program import Program, dag_program, operands_in_python
from adviz.symbolic.python_source import to_python
from adviz.symbolic.size import Size, size
from adviz.symbolic.study import count_text
from adviz.symbolic.systems import decoded, encoded, to_sympy
from adviz.symbolic.worker import WORKER, TimeLimitError

if TYPE_CHECKING:
    from adviz.render.graph import Graph

__all__ = ["Formula", "shared_equations", "shared_lines"]

_MAX_CHARACTERS = 1_000_000
"""The longest formula, in characters, that is written out in full."""

_LINE_LENGTH = 100
"""Characters of a formula that fit into a line of a page."""

_STEP_OPERATIONS = 8
"""Operations of a subexpression that are shown in a step of the rules."""


class Formula:
    """What a function computes, as a formula of its inputs.

    Made by ``trace.formula()``. As the result of a cell it is typeset as mathematics; a long one
    is folded, and says how long it is.

    Attributes
    ----------
    expression : Expr
        The formula itself, every subexpression shared.
    inputs : tuple of str
        The names of the inputs.
    holds_while : list of str
        The function's decisions for which the formula holds; a formula has no branches.

    Examples
    --------
    >>> import adviz as ad
    >>> formula = ad.trace(lambda x: 4 * x * (1 - x), 0.2).formula()
    >>> print(formula)
    y = 4·x·(1 − x)
    >>> print(formula.derivative())
    dy/dx = 4·(1 − x) + 4·x·(−1)
    >>> formula.derivative().size.tree_operations
    5
    """

    def __init__(
        self,
        expression: Expr,
        inputs: Sequence[str],
        name: str = "y",
        holds_while: Sequence[str] = (),
        trace: core.Trace | None = None,
        by: tuple[str, ...] = (),
    ) -> None:
        self.expression = expression
        self.inputs = tuple(inputs)
        self.holds_while = list(holds_while)
        self._name = name
        self._by = by
        self._trace = trace

    @classmethod
    def of(cls, trace: core.Trace, output: str | None = None) -> Formula:
        """Return the formula of an output of a trace; see :meth:`adviz.Trace.formula`."""
        names = trace.output_names
        if output is not None:
            checks.text(output, "output")
        if output not in names and (output is not None or len(names) > 1):
            raise InputError(
                f"{trace.function_name} has the outputs {', '.join(names)}: name one of them, as "
                f"in formula({names[0]!r})."
            )
        k = 0 if output is None else names.index(output)
        (formula,) = formulas(trace, [trace.output_slots[k]])
        return cls(formula, trace.input_names, names[k], branches(trace), trace)

    @cached_property
    def size(self) -> Size:
        """Its exact size, written out as a tree and with every subexpression shared as a DAG."""
        return size(self.expression)

    def derivative(self, variable: str | None = None) -> Formula:
        """Return its derivative, by the rules and not simplified.

        Parameters
        ----------
        variable : str, optional
            The input's name; needed only if there are several.

        Raises
        ------
        InputError
            If there is no such input.
        """
        name = self._variable(variable)
        slope = derivatives([self.expression], symbol(name))[0]
        return Formula(slope, self.inputs, self._name, self.holds_while, by=(*self._by, name))

    def steps(self, variable: str | None = None) -> Table:
        """Return how the rules are applied, one subexpression after the other.

        The steps go from the outside in, as on paper. Each subexpression appears once: where it
        occurs again, its derivative is known. "Eq. 3" and "Eq. 4" are the lesson's sum rule and
        product rule.

        Parameters
        ----------
        variable : str, optional
            The input's name; needed only if there are several.
        """
        name = self._variable(variable)
        x = symbol(name)

        def lines() -> Iterator[Line]:
            for step in steps(self.expression, x):
                left = symbol(Pending(folded(step.of, _STEP_OPERATIONS)[0], name))
                yield [
                    ["mtext", step.rule],
                    math_tree(left),
                    ["mrow", ["mo", "="], math_tree(_in_brief(step.gives))],
                ]
            derivative = derivatives([self.expression], x)[0]
            whole = symbol(Pending(folded(self.expression, _STEP_OPERATIONS)[0], name))
            yield [
                ["mtext", "put together"],
                math_tree(whole),
                ["mrow", ["mo", "="], math_tree(folded(derivative)[0])],
            ]

        columns = [Column("rule"), Column("derivative"), Column("becomes")]
        return Table(f"The rules applied to {self._label_text()}", columns, lines, self._notes())

    def simplified(self, form: str = "simplified", seconds: float = 10.0) -> Formula:
        """Return the formula as SymPy simplifies, factors or expands it.

        Parameters
        ----------
        form : str
            "simplified", "factored" or "expanded".
        seconds : float
            The time limit.

        Raises
        ------
        FormulaError
            If SymPy does not finish within the limit, or cannot do it.
        """
        forms = ("simplified", "factored", "expanded")
        if form not in forms:
            raise InputError(f"There is no form {form!r}: choose {', '.join(map(repr, forms))}.")
        answer = _ask("form", seconds, formula=encoded([self.expression]), form=form)
        (simplified,) = decoded(answer["formula"])
        return Formula(simplified, self.inputs, self._name, self.holds_while, self._trace, self._by)

    def stationary_points(self, seconds: float = 10.0) -> Table:
        """Return where all derivatives are zero, in closed form if SymPy knows one, checked by AD.

        Where it knows none, or does not within the time limit, they are found numerically. A note
        says whether there may be more.

        Parameters
        ----------
        seconds : float
            The time limit.

        Raises
        ------
        FormulaError
            If SymPy cannot work with the formula.

        Examples
        --------
        >>> import adviz as ad
        >>> print(ad.trace(lambda x: x * x * x - 3 * x, 0.5).formula().stationary_points())
         x   y  kind     slope by AD
        ──  ──  ───────  ───────────
        −1   2  maximum            0
         1  −2  minimum            0
        """
        request = {"formula": encoded([self.expression]), "variables": list(self.inputs)}
        try:
            answer = _ask("stationary", seconds, **request)
        except _OutOfTimeError:
            answer = _ask("stationary", seconds, **request, numerically=True)
        notes = [*self._notes(), *_remarks_on(answer)]
        lines = [self._stationary_line(point) for point in answer["points"]]
        columns = [
            *(Column(to_text(Name.of(name).tree()), numeric=True) for name in self.inputs),
            Column(self._name, numeric=True),
            Column("kind"),
            Column("slope by AD" if len(self.inputs) == 1 else "slopes by AD", numeric=True),
        ]
        caption = f"Stationary points of {self._label_text()}"
        return Table(caption, columns, lambda: iter(lines), notes)

    def _stationary_line(self, point: dict[str, Any]) -> Line:
        places = [_closed_form(place) for place in point["place"]]
        slopes: Tree = ["mtext", ""]
        if self._trace is not None:
            try:
                there = self._trace.replay(*self._trace.inputs_as(point["numbers"]))
                bars = {step.row.slot: step.adjoint for step in there.reverse(self._name)}
                adjoints = [bars.get(row.slot, 0.0) for row in there.inputs]
                slopes = _list([number_tree(round(float(s), 12) + 0.0, 3) for s in adjoints])
            except BranchChangedError:
                slopes = ["mtext", "not on this branch"]
        return [
            *places,
            _closed_form(point["value"]),
            ["mtext", _point_type(point["bends"])],
            slopes,
        ]

    # -- how it is written -----------------------------------------------------------------------

    def to_text(self, operations: int | None = None) -> str:
        """Return it as plain text.

        Parameters
        ----------
        operations : int, optional
            How many are shown, with the rest folded; all of them by default.

        Raises
        ------
        FormulaError
            If it is too long to be written out in full.
        """
        formula = math_tree(self._shown(operations))
        return f"{self._label_text()} = {to_text(formula)}"

    def to_latex(self, operations: int | None = None) -> str:
        """Return it as LaTeX for math mode; see :meth:`to_text`."""
        return to_latex(self._tree(operations))

    def to_mathml(self, operations: int | None = None) -> str:
        """Return it as MathML; see :meth:`to_text`."""
        return to_mathml(self._tree(operations))

    def to_python(self, shared: bool = False) -> str:
        """Return it as Python source.

        Parameters
        ----------
        shared : bool
            Whether to write a function with a line for each subexpression, instead of one formula.

        Raises
        ------
        FormulaError
            If the one formula would be too long.

        Examples
        --------
        >>> import adviz as ad
        >>> print(ad.trace(lambda x: 4 * x * (1 - x), 0.2).formula().to_python(shared=True))
        def y(x):
            v1 = 4 * x
            v2 = 1 - x
            return v1 * v2
        """
        if shared:
            return self._program().source(self._function_name())
        self._check_written_out()
        return to_python(self.expression, operands_in_python(self.inputs))

    def lines(self, most: int = 40) -> Table:
        """Return it with every subexpression once: a line for each, like the rows of a trace.

        Parameters
        ----------
        most : int
            The most lines shown; of a longer program, the first half and the last half of them.
        """
        return shared_lines([self.expression], self.inputs, [self.label], most)

    def to_sympy(self) -> Any:
        """Return it as SymPy's expression."""
        return to_sympy([self.expression])[0]

    def to_mathematica(self) -> str:
        """Return it as input for Mathematica."""
        self._check_written_out()
        return mathematica_code(self.expression)

    def to_maple(self) -> str:
        """Return it as input for Maple."""
        self._check_written_out()
        return maple_code(self.expression)

    def to_maxima(self) -> str:
        """Return it as input for Maxima.

        Examples
        --------
        >>> import numpy as np
        >>> import adviz as ad
        >>> ad.trace(lambda x: np.arctan(x) ** 2, 0.2).formula().to_maxima()
        'atan(x)^2'
        """
        self._check_written_out()
        return maxima_code(self.expression)

    def graph(self, shared: bool = True, most: int = 60) -> Graph:
        """Return its drawing: as a DAG, or as the tree that it is when written out.

        Parameters
        ----------
        shared : bool
            Whether a subexpression that occurs several times is one box.
        most : int
            The most boxes drawn; what lies deeper is folded into one box.
        """
        from adviz.render.expression_graph import expression_graph

        return expression_graph([self.expression], shared, most, self._name)

    def __call__(self, *numbers: float) -> float:
        """Return its value at these inputs, every subexpression computed once."""
        if len(numbers) != len(self.inputs):
            raise InputError(
                f"The formula has the inputs {', '.join(self.inputs)}, and was given "
                f"{len(numbers)} numbers."
            )
        values = self._program().run([float(number) for number in numbers])
        return float(values[0])

    @cached_property
    def _fitting(self) -> int:
        """How many operations of the formula fit into one line."""
        operations = min(SHOWN_OPERATIONS, self.size.tree_operations)
        while operations > 1 and len(self.to_text(operations)) > _LINE_LENGTH:
            operations -= 1
        return operations

    def __repr__(self) -> str:
        return "\n".join([self.to_text(self._fitting), *self._remarks()])

    def to_markdown(self) -> str:
        """Return it as Markdown with LaTeX in it, folded, followed by its remarks."""
        notes = "".join(f"\n\n{note}" for note in self._remarks())
        return f"$\\displaystyle {self.to_latex(self._fitting)}${notes}"

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {"text/markdown": self.to_markdown(), "text/plain": repr(self)}

    def tree_on_a_line(self) -> Tree:
        """Return the formula as a math tree, folded so that it fits into a line."""
        return self._tree(self._fitting)

    def _tree(self, operations: int | None) -> Tree:
        return ["mrow", self.label, ["mo", "="], math_tree(self._shown(operations))]

    def _shown(self, operations: int | None) -> Expr:
        if operations is None:
            self._check_written_out()
            operations = self.size.tree_operations
        return folded(self.expression, operations)[0]

    @property
    def label(self) -> Tree:
        """The left-hand side of the formula, as a math tree: y, or dy/dx."""
        name = Name.of(self._name).tree()
        if not self._by:
            return name
        d: Tree = ["mi", "d" if len(self.inputs) == 1 else "∂"]
        times = len(self._by)
        top: Tree = ["mrow", d if times == 1 else ["msup", d, ["mn", str(times)]], name]
        if len(set(self._by)) == 1:
            x = Name.of(self._by[0]).tree()
            below: Tree = ["mrow", d, x if times == 1 else ["msup", x, ["mn", str(times)]]]
        else:
            parts = [part for x in reversed(self._by) for part in (d, Name.of(x).tree())]
            below = ["mrow", *parts]
        return ["mfrac", top, below]

    def _label_text(self) -> str:
        tag, *parts = self.label
        return "/".join(map(to_text, parts)) if tag == "mfrac" else to_text([tag, *parts])

    def _remarks(self) -> list[str]:
        notes = self._notes()
        if self.size.tree_operations > self._fitting:
            shown = size(self._shown(self._fitting)).tree_operations
            all_of_them = count_text(self.size.tree_operations)
            notes.insert(
                0,
                f"Folded: {shown} of {all_of_them} operations are shown. "
                f"Written out it has {count_text(self.size.characters)} characters; with every "
                f"subexpression shared, {count_text(self.size.dag_operations)} operations.",
            )
        return notes

    def _notes(self) -> list[str]:
        if not self.holds_while:
            return []
        shown = "; ".join(self.holds_while[:3])
        more = len(self.holds_while) - 3
        rest = f"; and {count_of(more, 'more decision')}" if more > 0 else ""
        return [f"This formula holds only while {shown}{rest}: the function has branches."]

    def _check_written_out(self) -> None:
        if self.size.characters > _MAX_CHARACTERS:
            raise FormulaError(
                f"Written out, the formula has {count_text(self.size.characters)} characters: more "
                f"than {_MAX_CHARACTERS:,} are not written. Share its subexpressions, as in "
                f"to_python(shared=True): that has {count_text(self.size.dag_operations)} lines. "
                "Or fold it: to_text(30)."
            )

    def _variable(self, name: str | None) -> str:
        if name is None and len(self.inputs) == 1:
            return self.inputs[0]
        if not isinstance(name, str) or name not in self.inputs:
            request = "Name the input" if name is None else f"There is no input {name!r}: name one"
            raise InputError(f"{request}: {', '.join(self.inputs)}.")
        return name

    def _program(self) -> Program:
        return dag_program([self.expression], self.inputs)

    def _function_name(self) -> str:
        if not self._by:
            return self._name
        times = "" if len(self._by) == 1 else str(len(self._by))
        return f"d{times}{self._name}_{''.join(f'd{name}' for name in self._by)}"


def shared_lines(
    roots: Sequence[Expr], inputs: Sequence[str], labels: Sequence[Tree], most: int = 40
) -> Table:
    """Return formulas with every subexpression once: a line for each operation."""
    columns = [Column("name"), Column(""), Column("formula")]
    title = f"Every subexpression once: {count_text(size(*roots).dag_operations)} operations"
    return Table(title, columns, lambda: shared_equations(roots, inputs, labels, most), [])


def shared_equations(
    roots: Sequence[Expr], inputs: Sequence[str], labels: Sequence[Tree], most: int
) -> Iterator[Line]:
    """Yield a name, "=" and a formula for each subexpression, then a label for each root."""
    program = dag_program(roots, inputs)
    skipped = range((most + 1) // 2, len(program.lines) - most // 2)

    def operand(place: Any) -> Expr:
        if place.__class__ is not int:
            return constant(place)
        k = place - len(inputs) + 1
        return symbol(inputs[place]) if k < 1 else symbol(Name("v", k))

    for k, (elemental, operands) in enumerate(program.lines):
        if k not in skipped:
            formula = node(elemental, tuple(operand(place) for place in operands))
            yield [Name("v", k + 1).tree(), ["mo", "="], math_tree(formula)]
        elif k == skipped[0]:
            yield [["mtext", "…"], None, ["mtext", f"{count_text(len(skipped))} more lines"]]
    for label, output in zip(labels, program.outputs, strict=True):
        yield [label, ["mo", "="], math_tree(operand(output))]


def _in_brief(gives: Expr) -> Expr:
    """Return the result of a rule with each subexpression and each derivative in it folded."""
    brief: dict[Expr, Expr] = {}
    short, _ = folded(gives, 2 * _STEP_OPERATIONS)
    for part in topological_order(short):
        if part.args:
            brief[part] = node(part.elemental, tuple(brief[arg] for arg in part.args))
        elif isinstance(part.leaf, Pending):
            brief[part] = symbol(
                Pending(folded(part.leaf.of, _STEP_OPERATIONS)[0], part.leaf.variable)
            )
        else:
            brief[part] = part
    return brief[short]


def _remarks_on(answer: dict[str, Any]) -> Iterator[str]:
    """Yield what is known of a function's stationary points besides those that are listed."""
    points, found = answer["points"], answer["found"]
    if found == "everywhere":
        yield "Every point is stationary: the function is constant."
        return
    if answer["curves"]:
        yield f"Every point of a curve is stationary: {'; '.join(answer['curves'])}."
    if not points and not answer["curves"]:
        if found == "all":
            yield "There is none: the derivatives are nowhere all zero."
        else:
            yield "None was found, neither by SymPy nor numerically; there may be some."
    elif answer["period"]:
        yield f"And again every {answer['period']}: the function is periodic."
    elif points and found == "named":
        yield "These SymPy names, or were found numerically; there may be more."
    elif found == "searched":
        yield "Found numerically, since SymPy gave no closed form; there may be more."


class _OutOfTimeError(FormulaError):
    """SymPy did not come to an end within its time limit."""


def _ask(task: str, seconds: float, **request: Any) -> dict[str, Any]:
    try:
        return WORKER.ask(task, seconds, **request)
    except TimeLimitError:
        raise _OutOfTimeError(
            f"SymPy did not come to an end within {seconds:g} s. Give it more time, seconds=, or a "
            "smaller formula."
        ) from None
    except AdvizError as error:
        raise FormulaError(f"SymPy cannot do it: {error}.") from None


def _closed_form(sent: dict[str, Any] | str) -> Tree:
    if isinstance(sent, str):
        return ["mtext", sent]
    (expression,) = decoded(sent)
    return ZERO_TREE if expression is ZERO else math_tree(expression)


ZERO_TREE: Tree = ["mn", "0"]


def _list(trees: list[Tree]) -> Tree:
    parts: list[Tree] = []
    for tree in trees:
        parts += [["mo", ","], tree] if parts else [tree]
    return parts[0] if len(parts) == 1 else ["mrow", *parts]


def _point_type(curvatures: list[float]) -> str:
    """Return the type of a stationary point, from the eigenvalues of the Hessian there."""
    if min(curvatures) < 0 < max(curvatures):
        return "saddle"
    if any(curvature == 0 for curvature in curvatures):
        return "undecided"
    return "minimum" if min(curvatures) > 0 else "maximum"
