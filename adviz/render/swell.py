"""Expression swell in tables and figures: of one function, and of a family of growing size."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adviz.core.recording import record
from adviz.host import checks
from adviz.host.errors import AdvizError, InputError
from adviz.progress import progress
from adviz.render.folded_formulas import folded
from adviz.render.formulas import Formula, shared_lines
from adviz.render.math_tree import Tree, math_tree
from adviz.render.number import format_number
from adviz.render.table import Column, Line, Table
from adviz.render.views import Trace, trace
from adviz.symbolic.derivative import product_of_factors
from adviz.symbolic.expr import symbol
from adviz.symbolic.families import Family, family_of
from adviz.symbolic.study import (
    EXACT,
    REPRESENTATIONS,
    Agreement,
    Outcome,
    Sized,
    count_text,
    differentiate_with,
)
from adviz.symbolic.systems import decoded, encoded
from adviz.symbolic.tasks import SYSTEMS, installed
from adviz.symbolic.worker import WORKER

if TYPE_CHECKING:
    from adviz.figure import Figure
    from adviz.render.graph import Graph

__all__ = ["Swell", "SwellStudy", "swell", "swell_study", "swelled"]

_CELL_OPERATIONS = 64
"""The most operations of a formula that are shown in the cell of a table."""

_INTERRUPTED = "interrupted by you"


class Swell(Sized):
    """The sizes of a function and of its derivative, exactly; made by :func:`adviz.swell`.

    As the result of a cell it displays a table of them.
    """

    def formulas(self) -> list[Formula]:
        """Return the formula of the function, then its derivative by each input."""
        (name,) = self.trace.output_names
        function = Formula.of(self.trace)
        names = self.trace.input_names
        slopes = [
            Formula(expression, names, name, self.holds_while, by=(variable,))
            for variable, expression in zip(names, self.derivative, strict=True)
        ]
        return [function, *slopes]

    def lines(self, most: int = 40) -> Table:
        """Return the derivative with every subexpression once; see :meth:`.Formula.lines`."""
        labels = [formula.label for formula in self.formulas()[1:]]
        return shared_lines(self.derivative, self.trace.input_names, labels, most)

    def graph(self, which: str = "derivative", shared: bool = True, most: int = 60) -> Graph:
        """Return the drawing of the function or the derivative; see :meth:`.Formula.graph`.

        Parameters
        ----------
        which : str
            "function" or "derivative".
        shared, most
            As for :meth:`.Formula.graph`.
        """
        from adviz.render.expression_graph import expression_graph

        if which not in ("function", "derivative"):
            raise InputError(f"There is no drawing {which!r}: choose 'function' or 'derivative'.")
        roots = [self.formula] if which == "function" else self.derivative
        return expression_graph(roots, shared, most, which)

    def values(self, others: dict[str, Outcome] | None = None) -> Table:
        """Return the derivative's value in every representation, with its relative error.

        The true value is computed with 50 digits. If a relative error is larger than 1e-12, the
        table says which digits are lost, and why.

        Parameters
        ----------
        others : dict, optional
            The derivatives of other systems, by name.
        """
        return _agreements(self, others or {})

    def plot(self) -> Figure:
        """Draw the operations of each representation of the derivative, and the time it takes.

        The times are measured by this call; the time of a tree that is too large to be computed is
        estimated from its operations.
        """
        from adviz.figure import INK, drawing

        seconds = self.representations.seconds()
        tree = self.derivative_size.tree_operations
        counts = {
            "tree": tree,
            "DAG": self.derivative_size.dag_operations,
            "AD forward": self.forward_operations,
            "AD reverse": self.reverse_operations,
        }
        seconds_per_operation = seconds["DAG"] / max(1, counts["DAG"])
        styles = _styles(REPRESENTATIONS)
        described = ", ".join(f"{name} {count_text(count)}" for name, count in counts.items())
        description = (
            f"one derivative of {self.trace.function_name}: operations ({described}), time"
        )
        with drawing(description, columns=2, width=9.2, height=2.3) as (figure, panels):
            for axes, title in zip(panels, ("operations", "time"), strict=True):
                lengths = []
                for place, name in enumerate(REPRESENTATIONS):
                    if title == "operations":
                        length = math.log10(max(counts[name], 1))
                        text = count_text(counts[name])
                    elif name in seconds:
                        length, text = math.log10(seconds[name] * 1e7), _duration(seconds[name])
                    else:
                        exponent = math.log10(tree) + math.log10(seconds_per_operation)
                        length = exponent + 7
                        text = f"about {_duration_of(exponent)}, not run"
                    lengths.append(max(length, 0.05))
                    color = styles[name]["color"]
                    axes.barh(place, lengths[-1], color=color, height=0.62)
                    axes.annotate(
                        text,
                        (lengths[-1], place),
                        xytext=(5, 0),
                        textcoords="offset points",
                        va="center",
                        color=INK,
                    )
                axes.set_yticks(range(len(REPRESENTATIONS)), REPRESENTATIONS)
                axes.set(title=f"{title.capitalize()} of the derivative, logarithmic", xticks=[])
                axes.set_xlim(0, 1.55 * max(lengths))
                axes.grid(visible=False)
                axes.invert_yaxis()
        return figure

    def times(self) -> Table:
        """Return the time one derivative takes in every representation, measured in one run."""
        seconds = self.representations.seconds()
        programs = self.representations.programs

        def lines() -> Iterator[Line]:
            for name in REPRESENTATIONS:
                if name in seconds:
                    cells: Line = [_count(programs[name].operations), _micro(seconds[name])]
                else:
                    cells = [_count(self.derivative_size.tree_operations), _text("not computed")]
                yield [_text(name), *cells]

        columns = [
            Column("representation"),
            Column("operations", numeric=True),
            Column("microseconds", numeric=True),
        ]
        return Table(f"One derivative of {self.trace.function_name}", columns, lines, [])

    def table(self) -> Table:
        """Return the sizes as a table."""
        function, derivative, both = (
            self.function_size,
            self.derivative_size,
            self.value_and_derivative_size,
        )

        def lines() -> Iterator[Line]:
            rows = [
                ("operations, written out (tree)", "tree_operations"),
                ("operations, each subexpression once (DAG)", "dag_operations"),
                ("characters, written out", "characters"),
            ]
            for label, name in rows:
                yield [
                    _text(label),
                    *(_count(getattr(s, name)) for s in (function, derivative, both)),
                ]
            swept = (self.forward_operations, self.reverse_operations)
            for label, count in zip(("forward", "reverse"), swept, strict=True):
                rows_of = _count(self.function_rows)
                beside = _count(count - self.function_rows)
                yield [
                    _text(f"operations that AD performs, {label}"),
                    rows_of,
                    beside,
                    _count(count),
                ]

        columns = [
            Column("size"),
            *(Column(title, numeric=True) for title in ("function", "derivative", "together")),
        ]
        return Table(f"Sizes of {self.trace.function_name}", columns, lines, self._notes())

    def _notes(self) -> list[str]:
        notes = []
        count = len(self.trace.input_names)
        if count > 1:
            notes.append(
                f"The derivative is the gradient, all {count} partial derivatives. AD forward "
                "takes a sweep for each, AD reverse one for all."
            )
        if self.holds_while:
            shown = "; ".join(self.holds_while[:3])
            more = f"; and {len(self.holds_while) - 3} more" if len(self.holds_while) > 3 else ""
            notes.append(
                f"The formula holds only while {shown}{more}: it has no branches. AD needs no "
                "formula: it differentiates the trace of whichever branch ran."
            )
        return notes

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        nodes = str(self.derivative_size.tree_nodes) if _prints(self) else ""
        exact = (
            f"<details><summary>The nodes of the derivative's tree, exactly: {len(nodes)} digits"
            f"</summary><p style='overflow-wrap: anywhere'>{nodes}</p></details>"
        )
        return self.table()._repr_html_() + (exact if len(nodes) > 12 else "")


def _prints(sized: Sized) -> bool:
    """Return whether Python can print the largest count: it refuses more than 4300 digits."""
    return sized.derivative_size.tree_nodes.bit_length() < 12_000


def swell(f: Callable[..., Any], *inputs: Any) -> Swell:
    """Return the sizes of a function's formula and of its derivative: as trees, as DAGs, by AD.

    The sizes are exact Python ints, counted without writing any formula. An operation is one
    application of a row of the table of elementals, as in a trace; ``adviz.symbolic.size``
    describes the convention.

    Parameters
    ----------
    f : callable
        Returns one number.
    *inputs
        The arguments, as for :func:`adviz.trace`; each entry of an array is an input.

    Returns
    -------
    Swell
        Displays a table. ``function_size`` and ``derivative_size`` hold the counts, ``formulas()``
        the formulas; ``values()`` and ``times()`` compare the representations.

    Raises
    ------
    InputError
        If f returns more than one number.
    AdvizError
        As :func:`adviz.trace`.

    Notes
    -----
    Symbolic and automatic differentiation perform the same operations; what swells is a formula
    written as a tree, in which shared subexpressions are repeated. Laue, "On the equivalence of
    automatic and symbolic differentiation", arXiv 1904.02990.

    Examples
    --------
    >>> def logistic(x, n=20):
    ...     for _ in range(n - 1):
    ...         x = 4 * x * (1 - x)
    ...     return x
    >>> sized = swell(logistic, 0.2)
    >>> sized.function_size.dag_operations, sized.function_size.tree_operations
    (57, 1572861)
    >>> sized.derivative_size.dag_operations, sized.derivative_size.tree_operations
    (149, 29884415)
    >>> sized.forward_operations, sized.reverse_operations
    (152, 152)
    """
    return Swell(trace(f, *inputs, elementwise=True))


@dataclass
class SwellStudy:
    """How a family's formulas grow; made by :func:`adviz.swell_study`.

    As the result of a cell it displays a table of operations.

    Attributes
    ----------
    title : str
        A description of the family.
    sizes : list of int
    swells : list of Swell
        One for each size.
    outcomes : list of dict of str to Outcome
        For each size, the derivatives of other systems.
    limit : float
        The time limit of each, in seconds.
    """

    title: str
    sizes: list[int]
    limit: float
    swells: list[Swell] = field(default_factory=list)
    outcomes: list[dict[str, Outcome]] = field(default_factory=list)

    @property
    def systems(self) -> list[str]:
        """The names of the other systems."""
        return list(self.outcomes[0]) if self.outcomes else []

    def table(self) -> Table:
        """Return the operations of function and derivative in every representation."""
        counts: list[tuple[str, Callable[[Swell], int]]] = [
            ("f tree", lambda s: s.function_size.tree_operations),
            ("f DAG", lambda s: s.function_size.dag_operations),
            ("f′ tree", lambda s: s.derivative_size.tree_operations),
            ("f′ DAG", lambda s: s.derivative_size.dag_operations),
            ("AD forward", lambda s: s.forward_operations),
            ("AD reverse", lambda s: s.reverse_operations),
        ]

        def lines() -> Iterator[Line]:
            for n, sized, outcomes in zip(self.sizes, self.swells, self.outcomes, strict=True):
                counted = [_count(count(sized)) for _, count in counts]
                others = [self._outcome_cell(outcome) for outcome in outcomes.values()]
                yield [_count(n), *counted, *others]

        titles = ["n", *(title for title, _ in counts), *self.systems]
        columns = [Column(title, numeric=True) for title in titles]
        return Table(f"Operations: {self.title}", columns, lines, self._notes())

    def _outcome_cell(self, outcome: Outcome) -> Tree:
        if outcome.problem:
            return _text(self._short(outcome.problem))
        return _count(_counted(outcome))

    def _short(self, problem: str) -> str:
        if problem.startswith("no answer"):
            return f"> {self.limit:g} s"
        return "interrupted" if problem == _INTERRUPTED else "—"

    def _notes(self) -> list[str]:
        notes = ["AD counts function and derivative together, as it performs them."]
        for system in self.systems:
            for n, outcomes in zip(self.sizes, self.outcomes, strict=True):
                problem = outcomes[system].problem
                if problem:
                    notes.append(f"{system}, n = {n}: {problem}.")
                    break
        dag_only = [name for name in self.systems if name in ("SymPy CSE", "PyTensor")]
        if dag_only:
            notes.append(f"{' and '.join(dag_only)}: a shared subexpression is counted once.")
        if any(sized.holds_while for sized in self.swells):
            notes.append("The functions have branches: the formulas hold on those taken here only.")
        return notes

    def plot(self) -> Figure:
        """Draw how the operations grow with n, on logarithmic axes."""
        from matplotlib.ticker import FuncFormatter, MaxNLocator

        from adviz.figure import drawing, label_lines

        tree = [s.derivative_size.tree_operations for s in self.swells]
        dag = [s.derivative_size.dag_operations for s in self.swells]
        representations: dict[str, list[int]] = {
            "f′ tree": tree,
            "f′ DAG": dag,
            "f tree": [s.function_size.tree_operations for s in self.swells],
            "f DAG": [s.function_size.dag_operations for s in self.swells],
            "AD forward": [s.forward_operations for s in self.swells],
            "AD reverse": [s.reverse_operations for s in self.swells],
        }
        others = {
            system: [_counted(outcomes[system]) for outcomes in self.outcomes]
            for system in self.systems
        }
        panels = {"Trees, DAGs, and what AD performs": representations}
        if any(any(counts) for counts in others.values()):
            panels["The derivative in other systems"] = {"f′ tree": tree, "f′ DAG": dag, **others}
        styles = _styles((*representations, *others))
        description = f"operations against n: {self.title}; {self._summary()}"
        size = {"columns": len(panels), "width": 5.2 * len(panels), "height": 4.4}
        with drawing(description, **size) as (figure, all_axes):  # type: ignore[arg-type]
            for axes, (title, lines) in zip(all_axes, panels.items(), strict=True):
                for label, counts in lines.items():
                    # An exact int may be too large for a float; its logarithm is not.
                    pairs = zip(self.sizes, counts, strict=True)
                    points = [(n, math.log10(count)) for n, count in pairs if count]
                    if points:
                        axes.plot(*zip(*points, strict=True), label=label, **styles[label])
                axes.set(title=title, xlabel="n", ylabel="operations")
                axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
                axes.yaxis.set_major_formatter(FuncFormatter(_power_of_ten))
                self._scale_sizes(axes)
                label_lines(axes)
        return figure

    def _scale_sizes(self, axes: Any) -> None:
        from matplotlib.ticker import MaxNLocator

        if max(self.sizes) > 30 * min(self.sizes):
            axes.set_xscale("log")
        else:
            axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))

    def _summary(self) -> str:
        last = self.swells[-1]
        return (
            f"at n = {self.sizes[-1]} the derivative has "
            f"{count_text(last.derivative_size.tree_operations)} operations as a tree and "
            f"{count_text(last.derivative_size.dag_operations)} as a DAG"
        )

    def formulas(self, form: str = "traced", seconds: float = 20.0) -> Table:
        """Return a table of the formulas: function, derivative, simplified derivative.

        Parameters
        ----------
        form : str
            "traced" for the formulas as the function computes them; "factored" for polynomials as
            a book writes them, as in Table 1 of Baydin et al., "Automatic differentiation in
            machine learning: a survey" (2018).
        seconds : float
            The time limit of each simplification.

        Raises
        ------
        InputError
            If there is no such form, or the functions have several inputs.
        """
        if form not in ("traced", "factored"):
            raise InputError(f"There is no form {form!r}: choose 'traced' or 'factored'.")
        if any(len(sized.trace.input_names) > 1 for sized in self.swells):
            raise InputError("These functions have several inputs: look at one, swell(f, ...).")

        def lines() -> Iterator[Line]:
            for n, sized in zip(self.sizes, self.swells, strict=True):
                yield [_count(n), *_formula_cells(sized, form, seconds)]

        columns = [
            Column("n", numeric=True),
            Column("original"),
            Column("derivative"),
            Column("derivative, simplified"),
        ]
        return Table(f"Formulas: {self.title}", columns, lines, [])

    def values(self) -> Table:
        """Return, for each size, the relative error of the derivative in each representation.

        The true value is computed with 50 digits; "exact" means that a value is the nearest float.
        If a relative error is larger than 1e-12, the notes say which digits are lost, and why.
        """
        agreements = [
            one.representations.agreements(
                {name: o.formula for name, o in outcomes.items() if o.formula is not None}
            )
            for one, outcomes in zip(self.swells, self.outcomes, strict=True)
        ]
        names = [
            name
            for name in (*REPRESENTATIONS, *self.systems)
            if any(a.representation == name for line in agreements for a in line)
        ]
        notes = [
            f"n = {n}, {reason}"
            for n, line in zip(self.sizes, agreements, strict=True)
            for reason in _reasons(line)
        ]

        def lines() -> Iterator[Line]:
            for n, line in zip(self.sizes, agreements, strict=True):
                errors = {a.representation: a.error for a in line}
                yield [_count(n), *(_error(errors.get(name)) for name in names)]

        columns = [Column("n", numeric=True), *(Column(name, numeric=True) for name in names)]
        return Table(
            f"Relative error of the derivative: {self.title}", columns, lines, notes or [_AGREE]
        )

    def times(self) -> dict[str, list[float | None]]:
        """Return the seconds one derivative takes, for each representation and size.

        A time is None if the tree is too large to be computed. All representations are compiled
        Python, with a line for each operation, and are timed in turns.
        """
        measured = [one.representations.seconds() for one in self.swells]
        return {name: [seconds.get(name) for seconds in measured] for name in REPRESENTATIONS}

    def plot_times(self) -> Figure:
        """Draw the time one derivative takes in each representation, on logarithmic axes."""
        from adviz.figure import drawing, label_lines

        styles = _styles(REPRESENTATIONS)
        description = f"the time of one derivative against n: {self.title}"
        with drawing(description, width=7.2) as (figure, (axes,)):
            for label, seconds in self.times().items():
                pairs = zip(self.sizes, seconds, strict=True)
                points = [(n, time * 1e6) for n, time in pairs if time is not None]
                if points:
                    axes.plot(*zip(*points, strict=True), label=label, **styles[label])
            axes.set_yscale("log")
            axes.set(title="One derivative", xlabel="n", ylabel="microseconds")
            self._scale_sizes(axes)
            label_lines(axes)
        return figure

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


_AGREE = f"All agree with the true value to {EXACT:g} of itself."


def swell_study(
    family: str | Callable[..., Any],
    sizes: Iterable[int],
    *,
    at: Any = None,
    systems: Sequence[str] | None = None,
    seconds: float = 2.0,
) -> SwellStudy:
    """Return how the formulas of a family of functions grow with n, in several systems.

    Parameters
    ----------
    family : str or callable
        "logistic", "product", "nested", "speelpenning", "network" or "derivatives"; or a function
        ``f(n, x)`` of your own, a recursion for example.
    sizes : iterable of int
        The sizes n.
    at : number or tuple of numbers, optional
        The inputs at which it is evaluated; needed for a function of your own.
    systems : sequence of str, optional
        The other systems that differentiate it too: "SymPy diff", "SymPy simplified", "SymPy
        factored", "SymPy CSE", "SymEngine", "Maxima", "PyTensor"; by default the first four, and
        those of the others that are installed.
    seconds : float
        The time limit of each of them for each size. A system that has reached it is skipped for
        larger sizes.

    Returns
    -------
    SwellStudy
        Displays a table; see also ``plot()``, ``formulas()``, ``values()`` and ``plot_times()``.
        If it is interrupted, it holds the results so far, and says so.

    Raises
    ------
    InputError
        If there is no such family or system, or a size is not a positive int.

    Examples
    --------
    >>> study = swell_study("logistic", [1, 2, 4, 8, 16], systems=[])
    >>> [sized.derivative_size.tree_operations for sized in study.swells]
    [0, 5, 71, 2687, 1474559]
    >>> [sized.derivative_size.dag_operations for sized in study.swells]
    [0, 5, 21, 53, 117]
    """
    chosen = family_of(family, at)
    sizes = checks.items(sizes, "sizes")
    for n in sizes:
        checks.count(n, "each of sizes")
    if not sizes:
        raise InputError("No sizes are given: swell_study(family, range(1, 9)).")
    if systems is None:
        systems = [name for name, (package, *_) in SYSTEMS.items() if installed(package)]
    for system in checks.items(systems, "systems"):
        checks.choice(system, "each of systems", SYSTEMS)
    study = SwellStudy(chosen.title, sizes, seconds)
    stopped: dict[str, str] = {}
    for n in progress(sizes, "swell study"):
        sized = swelled(chosen, n)
        outcomes: dict[str, Outcome] = {}
        for system in systems:
            if system in stopped:
                outcomes[system] = Outcome(problem=stopped[system])
                continue
            outcomes[system] = outcome = differentiate_with(system, sized, seconds)
            if outcome.problem == _INTERRUPTED:
                stopped = dict.fromkeys(systems, _INTERRUPTED)
            elif outcome.problem:
                stopped[system] = outcome.problem
        study.swells.append(sized)
        study.outcomes.append(outcomes)
    return study


def swelled(family: Family, n: int) -> Swell:
    """Return the sizes of one function of a family."""
    return Swell(record(family.of_size(n), family.inputs(n), family.names(n), trace_class=Trace))


def _formula_cells(sized: Swell, form: str, seconds: float) -> list[Tree]:
    (name,) = sized.trace.input_names
    try:
        if form == "factored":
            answer = WORKER.ask(
                "polynomial", seconds, formula=encoded([sized.formula]), variable=name
            )
            original, simplified = decoded(answer["formula"])
            derivative = product_of_factors(original, symbol(name))
        else:
            original, (derivative,) = sized.formula, sized.derivative
            answer = WORKER.ask("form", seconds, formula=encoded([derivative]), form="simplified")
            (simplified,) = decoded(answer["formula"])
        last = math_tree(folded(simplified, _CELL_OPERATIONS)[0])
    except AdvizError as error:
        original, (derivative,) = sized.formula, sized.derivative
        last = _text(str(error))
    return [*(math_tree(folded(e, _CELL_OPERATIONS)[0]) for e in (original, derivative)), last]


def _duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def _duration_of(exponent: float) -> str:
    """Return a time of 10 to this power in seconds, as years if it is long."""
    years = exponent - math.log10(3600 * 24 * 365.25)
    return f"$10^{{{years:.0f}}}$ years" if years > 3 else _duration(10**exponent)


def _reasons(agreements: Iterable[Agreement]) -> list[str]:
    """Return why values are inexact, each reason once with the representations it applies to."""
    reasons: dict[str, list[str]] = {}
    for agreement in agreements:
        if agreement.why:
            reasons.setdefault(agreement.why, []).append(agreement.representation)
    return [f"{', '.join(names)}: {why}." for why, names in reasons.items()]


def _agreements(sized: Swell, others: dict[str, Outcome]) -> Table:
    formulas = {name: o.formula for name, o in others.items() if o.formula is not None}
    agreements = sized.representations.agreements(formulas)
    counts = {
        "tree": sized.derivative_size.tree_operations,
        "DAG": sized.derivative_size.dag_operations,
        "AD forward": sized.forward_operations,
        "AD reverse": sized.reverse_operations,
        **{name: _counted(outcome) for name, outcome in others.items()},
    }

    by_name = {agreement.representation: agreement for agreement in agreements}

    def lines() -> Iterator[Line]:
        for name in (*REPRESENTATIONS, *others):
            if name in by_name:
                first, *more = by_name[name].values
                shown = format_number(first, 10) + (", …" if more else "")
                yield [
                    _text(name),
                    _count(counts[name]),
                    _text(shown),
                    _error(by_name[name].error),
                ]
            elif name in REPRESENTATIONS:
                yield [_text(name), _count(counts[name]), _text("not computed"), None]
            else:
                yield [_text(name), None, _text(others[name].problem or "not sent"), None]

    notes = _reasons(agreements) or [_AGREE]
    columns = [
        Column("representation"),
        Column("operations", numeric=True),
        Column("derivative", numeric=True),
        Column("relative error", numeric=True),
    ]
    return Table(f"Values of the derivative of {sized.trace.function_name}", columns, lines, notes)


def _power_of_ten(exponent: float, _: Any) -> str:
    return f"$10^{{{exponent:g}}}$"


def _styles(labels: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return how each line is drawn, the same in every figure."""
    from adviz.figure import SERIES

    fixed = {"AD forward": 0, "AD reverse": 1, "f′ DAG": 2, "DAG": 2, "f′ tree": 6, "tree": 6}
    fixed |= {"f tree": 3, "f DAG": 4}
    styles = {}
    free = 0
    for label in labels:
        if label in fixed:
            styles[label] = SERIES[fixed[label]]._asdict()
        else:  # there may be more systems than colours: a colour used again has another marker
            color = SERIES[(3, 4, 5, 0, 1)[free % 5]]
            styles[label] = {**color._asdict(), "marker": "Dv^s<>P"[free % 7]}
            free += 1
    return styles


def _counted(outcome: Outcome) -> int:
    """Return the operations of an outcome, 0 if it has none."""
    return outcome.operations or outcome.dag_operations or 0


def _count(number: int) -> Tree:
    return ["mn", count_text(number)]


def _text(text: str) -> Tree:
    return ["mtext", text]


def _micro(seconds: float) -> Tree:
    return ["mn", f"{seconds * 1e6:.3g}"]


def _error(error: float | None) -> Tree:
    if error is None:
        return _text("not computed")
    if error < 1.2e-16:
        return _text("exact")
    return _text(f"{error:.0e}" if math.isfinite(error) else "no number")
