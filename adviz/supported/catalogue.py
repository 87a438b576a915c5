"""The catalogue: every function with a derivative, by subject, made from the tables of rules."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from adviz.core.elementals import CONSTANT, ELEMENTALS, Elemental
from adviz.host import checks
from adviz.host.errors import UnsupportedOperationError
from adviz.render.math_tree import Name, math_tree, to_text
from adviz.rules.array_rules import RULES
from adviz.rules.functions import SUBJECTS
from adviz.rules.nondifferentiable import STEP_FUNCTIONS
from adviz.rules.scipy_special import add_rows
from adviz.rules.scipy_special import rows as rows_of_scipy
from adviz.supported.examples import EXAMPLES
from adviz.symbolic.expr import constant, symbol

__all__ = ["Catalogue", "Line", "catalogue"]

_LEGEND = (
    "What comes back: the local partial derivatives, by a and by b, with y the value; of "
    "functions of arrays, what is pulled back to their operands, ȳ being the adjoint of the result."
)


class Line(NamedTuple):
    """A function, how an adjoint is pulled back through it, and an example of its use."""

    name: str
    back: str
    example: str


class Catalogue:
    """The functions that have a derivative, by subject; displays itself as a table.

    Attributes
    ----------
    subjects : dict
        The lines of each subject.
    """

    def __init__(self, subjects: dict[str, list[Line]]) -> None:
        self.subjects = subjects

    def __len__(self) -> int:
        return sum(len(lines) for lines in self.subjects.values())

    def __iter__(self) -> Iterator[Line]:
        return (line for lines in self.subjects.values() for line in lines)

    def find(self, word: str) -> Catalogue:
        """Return the lines that contain a word, in any column."""
        matching = {
            subject: [line for line in lines if any(word.lower() in part.lower() for part in line)]
            for subject, lines in self.subjects.items()
        }
        return Catalogue({subject: lines for subject, lines in matching.items() if lines})

    def to_markdown(self) -> str:
        """Return a Markdown page."""
        page = ["# What adviz differentiates", "", f"{len(self)} functions. {_LEGEND}"]
        for subject, lines in self.subjects.items():
            page += [
                "",
                f"## {subject}",
                "",
                "| | what comes back | for example |",
                "|---|---|---|",
            ]
            page += [
                f"| `{line.name}` | {_cell(line.back)} | {_code(line.example)} |" for line in lines
            ]
        return "\n".join(page) + "\n"

    def __str__(self) -> str:
        if not self.subjects:
            return "Nothing of that name has a derivative rule; ad.define adds one."
        text = []
        for subject, lines in self.subjects.items():
            width = max(len(line.name) for line in lines)
            text += ["", subject, "─" * len(subject)]
            text += [f"{line.name:<{width}}  {line.back}".rstrip() for line in lines]
        return "\n".join(text[1:])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = []
        for subject, lines in self.subjects.items():
            rows = "".join(
                f"<tr><td><code>{html.escape(line.name)}</code></td>"
                f'<td style="text-align:left">{html.escape(line.back)}</td>'
                f'<td style="text-align:left"><code>{html.escape(line.example)}</code></td></tr>'
                for line in lines
            )
            head = "<tr><th></th><th>what comes back</th><th>for example</th></tr>"
            parts.append(
                f"<details{' open' if len(self.subjects) < 3 else ''}>"
                f"<summary>{html.escape(subject)} ({len(lines)})</summary>"
                f"<table><thead>{head}</thead><tbody>{rows}</tbody></table></details>"
            )
        return f"<p>{_LEGEND}</p>" + "".join(parts) if parts else f"<p>{self}</p>"


def catalogue(find: str = "") -> Catalogue:
    """Return the catalogue of functions with a derivative rule, or the lines that contain a word.

    Parameters
    ----------
    find : str
        A word in a function's name, its derivative or its example; by default all functions.

    Returns
    -------
    Catalogue
        Displays itself as a table; ``to_markdown()`` writes a page. SciPy's functions are included
        if SciPy is installed.

    Examples
    --------
    >>> print(catalogue("np.linalg.inv"))
    Linear algebra
    ──────────────
    np.linalg.inv  −yᵀ·ȳ·yᵀ
    >>> print(catalogue("log1p").subjects["Elementary functions"][0].back)
    1/(1 + a)
    """
    subjects = {
        "Elementary functions": [
            _line_of_row(row, _name_of_row(row))
            for row in ELEMENTALS.values()
            if row is not CONSTANT
        ]
    }
    for subject, table in SUBJECTS.items():
        subjects[subject] = [_line_of_function(function) for function in table]
    subjects["Array rules added here"] = [
        Line(rule.name, rule.back, rule.example) for rule in RULES.values() if rule.back
    ]
    subjects |= _lines_of_scipy()
    subjects["Plain answers, written down as decisions"] = [
        Line(_name(function), "nothing: the answer moves in steps", "")
        for function in STEP_FUNCTIONS
    ]
    everything = Catalogue({subject: lines for subject, lines in subjects.items() if lines})
    return everything.find(checks.text(find, "find"))


def _line_of_function(function: Callable[..., Any]) -> Line:
    entry = EXAMPLES[function]
    return Line(_name(function), entry.back, entry.examples[0].source)


def _name(function: Any) -> str:
    """Return the name of a function as users write it; indexing has no name in NumPy."""
    as_written = {"getitem": "x[i]", "setitem": "x[i] = y"}
    if function.__name__ in as_written:
        return as_written[function.__name__]
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


def _name_of_row(row: Elemental) -> str:
    name = f"ad.{row.name}" if row.ufunc is None else f"np.{row.ufunc.__name__}"
    return f"{row.names['python'].replace('-', '−')}, {name}" if "python" in row.names else name


def _line_of_row(row: Elemental, name: str) -> Line:
    operands = [symbol(Name.of(letter)) for letter in "ab"[: row.arity]]
    value = symbol(Name.of("y"))
    partials = []
    for k, partial in enumerate(row.partials):
        try:
            text = to_text(math_tree(constant(partial(*operands, value))))
        except UnsupportedOperationError:  # a partial that does not exist
            text = "refused"
        partials.append(text if row.arity == 1 else f"{text} to {'ab'[k]}")
    return Line(name, ", ".join(partials), "")


def _lines_of_scipy() -> dict[str, list[Line]]:
    try:
        from adviz.supported.scipy_examples import (
            OF_LINALG,
            OF_SCIPY,
            OF_SOLVERS,
            OF_SPARSE,
            OF_STATS,
        )
    except ImportError:
        return {}
    add_rows()
    by_row = {row.name: _line_of_row(row, "").back for row in rows_of_scipy()}
    return {
        "Of scipy.special": [
            Line(f"scipy.special.{name}", entry.back or by_row[name], entry.examples[0].source)
            for name, entry in OF_SCIPY.items()
        ],
        "Of scipy.linalg": [
            Line(f"scipy.linalg.{name}", entry.back, entry.examples[0].source)
            for name, entry in OF_LINALG.items()
        ],
        "Sparse matrices of scipy.sparse": [
            Line(name, entry.back, entry.examples[0].source) for name, entry in OF_SPARSE.items()
        ],
        "Solvers of scipy.optimize, integrate and interpolate": [
            Line(f"scipy.{name}", entry.back, entry.examples[0].source)
            for name, entry in OF_SOLVERS.items()
        ],
        "Of scipy.stats": [
            Line(f"scipy.stats.{name}", entry.back, entry.examples[0].source)
            for name, entry in OF_STATS.items()
        ],
    }


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(source: str) -> str:
    return f"`{_cell(source)}`" if source else ""
