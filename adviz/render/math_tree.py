"""Math trees: formulas ready for typesetting, and their MathML, LaTeX, HTML and plain text.

A math tree is nested lists, each beginning with a MathML tag: ``["msub", ["mi", "v"],
["mn", "1"]]``. Two further tags are not MathML: ``["times"]``, the multiplication sign, and
``["slot", name, group]``, a placeholder for a row's symbol or number.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from adviz.core.elementals import ExactConstant
from adviz.render.number import format_number, rounded
from adviz.symbolic.derivative import Pending
from adviz.symbolic.expr import Expr

__all__ = [
    "Complex",
    "Name",
    "Quoted",
    "Slot",
    "filled",
    "has_words",
    "math_tree",
    "number_tree",
    "to_html",
    "to_latex",
    "to_mathml",
    "to_text",
]

Tree = list[Any]

Accent = Literal["", "¯", "˙"]
BAR: Accent = "¯"
DOT: Accent = "˙"


@dataclass(frozen=True)
class Name:
    """A name in a formula: v₁, v̄₋₁, x₂, a."""

    base: str
    index: int | None = None
    accent: Accent = ""

    @classmethod
    def of(cls, text: str, accent: Accent = "") -> Name:
        """Return a variable's name; a number at its end is its index.

        Other names, such as x_1 and x01, are written as they are: a function may have x1 as well.

        Examples
        --------
        >>> Name.of("x1")
        Name(base='x', index=1, accent='')
        """
        match = re.fullmatch(r"([^\W\d_])(0|[1-9]\d{0,5})", text)
        return cls(match[1], int(match[2]), accent) if match else cls(text, None, accent)

    def tree(self) -> Tree:
        """Return the name as a math tree."""
        base: Tree = ["mi", self.base]
        if self.accent:
            base = ["mover", base, ["mo", self.accent]]
        if self.index is None:
            return base
        index: Tree = ["mn", str(abs(self.index))]
        return ["msub", base, ["mrow", ["mo", "−"], index] if self.index < 0 else index]


@dataclass(frozen=True)
class Slot:
    """A placeholder in a formula for a row's symbol or number."""

    name: str


def number_tree(number: Any, digits: int) -> Tree:
    """Return a number as a math tree.

    Examples
    --------
    >>> number_tree(-0.5, 6)
    ['mrow', ['mo', '−'], ['mn', '0.5']]
    >>> to_text(number_tree(1 - 2j, 6))
    '1 − 2i'
    """
    if isinstance(number, np.ndarray):
        return ["mn", format_number(number, digits)]
    if isinstance(number, (complex, np.complexfloating)):
        return _complex_tree(number, digits)
    negative, mantissa, exponent = rounded(number, digits)
    tree: Tree = ["mn", mantissa]
    if exponent is not None:
        tree = ["msup", ["mn", f"{mantissa}×10"], number_tree(exponent, digits)]
    return ["mrow", ["mo", "−"], tree] if negative else tree


def _complex_tree(number: Any, digits: int) -> Tree:
    """Return a complex number as a math tree; a part that is 0 is left out."""
    real, imaginary = float(number.real), float(number.imag)
    if not imaginary:
        return number_tree(real, digits)
    size = number_tree(abs(imaginary), digits)
    times_i: Tree = ["mi", "i"] if size == ["mn", "1"] else ["mrow", size, ["mi", "i"]]
    if real:
        sign = ["mo", "−" if imaginary < 0 else "+"]
        return ["mrow", number_tree(real, digits), sign, times_i]
    return ["mrow", ["mo", "−"], times_i] if imaginary < 0 else times_i


# Precedence: how tightly the parts of a formula bind.
_SUM, _SIGN, _PRODUCT, _POWER, _ATOM = range(5)


@dataclass(frozen=True)
class Quoted:
    """A text that appears in a formula as it is: an abbreviated array."""

    text: str


@dataclass(frozen=True)
class Complex:
    """A complex number in a formula, which computer algebra does not look into."""

    number: complex


Times = Tree | Callable[[Expr], Tree]
"""The sign of products, or what chooses it for each."""


def math_tree(expression: Expr, times: Times | None = None, digits: int = 6) -> Tree:
    """Return an expression as a math tree.

    Parameters
    ----------
    expression : Expr
        The leaf of a symbol is a :class:`Name` or its text, a :class:`Slot`, a :class:`Quoted`
        text, or a derivative that is still pending.
    times : list or callable, optional
        The multiplication sign, by default ``["times"]``; or what returns it for a product.
    digits : int
        Significant digits of its constants.

    Examples
    --------
    >>> from adviz.symbolic.expr import symbol
    >>> to_text(math_tree(1 / (2 * symbol(Name("v", 1)))))
    '1/(2·v₁)'
    """
    return _set(expression, times or ["times"], digits)[0]


def _set(node: Expr, times: Times, digits: int) -> tuple[Tree, int]:
    """Return a node's tree and its precedence."""
    elemental = node.elemental
    if elemental is None:
        return _leaf(node.leaf, digits)
    if elemental.shown_as is not None:
        return _set(elemental.shown_as(*node.args), times, digits)
    parts = [_set(arg, times, digits) for arg in node.args]

    def operand(k: int, least: int) -> Tree:
        """Return part k, in parentheses if its precedence is less than ``least``."""
        tree, precedence = parts[k]
        if tree[0] == "slot":
            return ["slot", tree[1], least > _SIGN]
        return parentheses(tree) if precedence < least else tree

    match elemental.layout:
        case "infix" if elemental.symbol == "×":
            sign = times(node) if callable(times) else times
            return ["mrow", operand(0, _SIGN), sign, operand(1, _POWER)], _PRODUCT
        case "infix":
            return ["mrow", operand(0, _SUM), ["mo", elemental.symbol], operand(1, _PRODUCT)], _SUM
        case "prefix":
            return ["mrow", ["mo", elemental.symbol], operand(0, _PRODUCT)], _SIGN
        case "fraction":
            return ["mfrac", operand(0, _SUM), operand(1, _SUM)], _POWER
        case "power":
            return ["msup", operand(0, _ATOM), operand(1, _SUM)], _POWER
        case "root":
            return ["msqrt", operand(0, _SUM)], _ATOM
        case "bars":
            return ["mrow", ["mo", "|"], operand(0, _SUM), ["mo", "|"]], _ATOM
    between: list[Tree] = []
    for k in range(len(parts)):
        between += [["mo", ","], operand(k, _SUM)] if k else [operand(k, _SUM)]
    return ["mrow", ["mi", elemental.symbol], *parentheses(["mrow", *between])[1:]], _ATOM


def _leaf(leaf: Any, digits: int) -> tuple[Tree, int]:
    if isinstance(leaf, Name):
        return leaf.tree(), _ATOM
    if isinstance(leaf, str):
        return Name.of(leaf).tree(), _ATOM
    if isinstance(leaf, Slot):
        return ["slot", leaf.name, False], _ATOM
    if isinstance(leaf, Pending):
        d: Tree = ["mi", "d"]
        sign = ["mfrac", d, ["mrow", d, Name.of(leaf.variable).tree()]]
        inside = math_tree(leaf.of, digits=digits)
        return ["mrow", sign, ["mo", "["], inside, ["mo", "]"]], _ATOM
    if isinstance(leaf, Quoted):
        return ["mn", leaf.text], _ATOM
    if isinstance(leaf, ExactConstant):
        function, number = leaf.symbol.split()
        return ["mrow", ["mi", function], *parentheses(["mn", number])[1:]], _ATOM
    if isinstance(leaf, Complex):
        tree = number_tree(leaf.number, digits)
        return tree, _SUM if _is_sum(tree) else _SIGN if tree[0] == "mrow" else _ATOM
    tree = number_tree(leaf, digits)
    return tree, _SIGN if tree[0] == "mrow" else _PRODUCT if tree[0] == "msup" else _ATOM


def parentheses(tree: Tree) -> Tree:
    """Return a tree in parentheses."""
    return ["mrow", ["mo", "("], tree, ["mo", ")"]]


def has_words(tree: Tree) -> bool:
    """Return whether words stand in a tree, so that it needs parentheses among other terms."""
    if tree[0] == "mrow":
        return any(has_words(part) for part in tree[1:])
    return bool(tree[0] == "mtext")


def is_loose(tree: Tree) -> bool:
    """Return whether a number's tree needs parentheses inside a product or a power."""
    return tree[0] in ("mrow", "msup")


def filled(tree: Tree, parts: dict[str, Tree], numbers: bool, after_sign: bool = False) -> Tree:
    """Return a tree with its slots filled in.

    Parameters
    ----------
    tree : list
    parts : dict
        A tree for each slot's name.
    numbers : bool
        Whether the parts are numbers, which are put in parentheses where the slot requires it and
        multiplied with "×".
    after_sign : bool
        Whether the tree follows a plus or a minus sign, so that its first number, too, is put in
        parentheses if it is negative.
    """
    match tree:
        case ["slot", name, group]:
            part = parts[name]
            return (
                parentheses(part) if numbers and (group or after_sign) and is_loose(part) else part
            )
        case ["times"]:
            return ["mo", "×" if numbers else "·"]
    is_product = ["times"] in tree or ["mo", "×"] in tree

    def part_of(part: Any, is_first: bool) -> Any:
        if not isinstance(part, list):
            return part
        needs_group = is_product and part[0] == "slot" and _is_sum(parts[part[1]])
        return filled(part, parts, numbers, (after_sign and is_first) or needs_group)

    return [tree[0], *(part_of(part, k == 0) for k, part in enumerate(tree[1:]))]


def _is_sum(tree: Tree) -> bool:
    """Return whether it is a complex number with both parts, a sum in a formula."""
    return len(tree) == 4 and tree[0] == "mrow" and tree[2] in (["mo", "+"], ["mo", "−"])


def to_mathml(tree: Tree) -> str:
    """Return a tree as MathML.

    Examples
    --------
    >>> to_mathml(Name("v", 1).tree())
    '<math><msub><mi>v</mi><mn>1</mn></msub></math>'
    """
    return f"<math>{_mathml(tree)}</math>"


def _mathml(tree: Tree) -> str:
    tag, *parts = tree
    if tag == "times":
        return "<mo>·</mo>"
    if tag == "mspace":
        return '<mspace width="0.2em"></mspace>'
    inside = "".join(
        html.escape(p, quote=False) if isinstance(p, str) else _mathml(p) for p in parts
    )
    stretchy = ' stretchy="false"' if parts in (["("], [")"], ["|"], ["¯"], ["˙"]) else ""
    return f"<{tag}{stretchy}>{inside}</{tag}>"


_LATEX_SIGNS = {
    "×": r"\times ",
    "·": r"\cdot ",
    "−": "-",
    "∞": r"\infty",
    "∂": r"\partial ",
    "⋯": r"\cdots ",
    "σ": r"\sigma",
    "∑": r"\sum",
    "⊙": r"\odot ",
    "≥": r"\ge ",
    "≤": r"\le ",
    "Φ": r"\Phi ",
    "(": r"\left(",
    ")": r"\right)",
    ",": ",\\, ",
}
_LATEX_ACCENTS = {"¯": r"\bar", "˙": r"\dot"}
_LATEX_SPECIAL = re.compile(r"([\\{}$&#^_%~])")


def _escaped(text: str) -> str:
    return _LATEX_SPECIAL.sub(r"\\\1", text).replace("\\\\", r"\textbackslash ")


_SUBSCRIPT = re.compile("[₋₀-₉]+")  # in the label of a row, in the title of a call
_DIGITS = str.maketrans("₋₀₁₂₃₄₅₆₇₈₉", "-0123456789")


def to_latex(tree: Tree) -> str:
    r"""Return a tree as LaTeX for math mode; needs amsmath.

    Examples
    --------
    >>> print(to_latex(Name("v", -1, BAR).tree()))
    \bar{v}_{-1}
    """
    tag, *parts = tree
    match tag:
        case "mi" | "mo" | "mn":
            text: str = parts[0]
            if text in _LATEX_SIGNS:
                return _LATEX_SIGNS[text]
            if tag == "mi" and len(text) > 1:
                below = _SUBSCRIPT.sub(lambda m: f"_{{{m[0].translate(_DIGITS)}}}", _escaped(text))
                return rf"\operatorname{{{below}}}"
            return text.replace("×", r"\times ")
        case "mtext":
            words = _escaped(parts[0]).replace("×", r"$\times$")
            return rf"\text{{{words}}}"
        case "mspace":
            return r"\,"
        case "times":
            return r"\cdot "
        case "mfrac":
            return rf"\frac{{{to_latex(parts[0])}}}{{{to_latex(parts[1])}}}"
        case "msup":
            return rf"{{{to_latex(parts[0])}}}^{{{to_latex(parts[1])}}}"
        case "msub":
            base = to_latex(parts[0])
            base = f"{{{base}}}" if "_" in base else base
            return rf"{base}_{{{to_latex(parts[1])}}}"
        case "mover":
            return rf"{_LATEX_ACCENTS[parts[1][1]]}{{{to_latex(parts[0])}}}"
        case "msqrt":
            return rf"\sqrt{{{to_latex(parts[0])}}}"
    return "".join(to_latex(part) for part in parts)


_TEXT_SUBSCRIPTS = str.maketrans("−0123456789", "₋₀₁₂₃₄₅₆₇₈₉")
_TEXT_SUPERSCRIPTS = str.maketrans("−0123456789T", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ")
_WORD = re.compile("[\\w.₋\u0304\u0307]+")
_SPACED_SIGNS = set("+−×⊙=@←≥≤")
_COMBINING = {"¯": "\u0304", "˙": "\u0307"}


def to_text(tree: Tree) -> str:
    """Return a tree as plain text.

    Examples
    --------
    >>> to_text(Name("v", -1, BAR).tree())
    'v̄₋₁'
    """
    return _inline(tree, markup=False)


def to_html(tree: Tree) -> str:
    """Return a tree as HTML with nothing but text, i, sub and sup, which any page shows.

    Examples
    --------
    >>> to_html(Name("v", 1).tree())
    '<i>v</i><sub>1</sub>'
    """
    return _inline(tree, markup=True)


def _inline(tree: Tree, markup: bool) -> str:
    """Write a tree on one line: fractions with a slash, roots and powers with signs."""
    tag, *parts = tree
    match tag:
        case "mi":
            text = html.escape(parts[0]) if markup else parts[0]
            return f"<i>{text}</i>" if markup and len(parts[0]) == 1 else text
        case "mo":
            return f" {parts[0]} " if parts[0] in _SPACED_SIGNS else _comma(parts[0])
        case "mn":
            return str(parts[0])
        case "mtext":
            return html.escape(parts[0]) if markup else str(parts[0])
        case "times":
            return "·"
        case "mspace":
            return " "
        case "mfrac":
            top, bottom = (_tight(part, markup) for part in parts)
            return f"{top}/{bottom}"
        case "msqrt":
            return f"√{_tight(parts[0], markup)}"
        case "mover":
            return _inline_accent(parts, markup)
        case "msub":
            below = _inline(parts[1], markup)
            base = _inline(parts[0], markup)
            if not markup and not re.fullmatch(r" ?−? ?\d+", below):
                return f"{base}_({below})" if " " in below else f"{base}_{below}"
            below = below if " " in below.strip(" −") else below.replace(" ", "")
            return (
                f"{base}<sub>{below}</sub>" if markup else base + below.translate(_TEXT_SUBSCRIPTS)
            )
        case "msup":
            base, above = _inline(parts[0], markup), _inline(parts[1], markup)
            above = _signs_closed(above)
            if markup:
                return f"{base}<sup>{above}</sup>"
            if re.fullmatch(r"−?(\d+|T)", above):
                return base + above.translate(_TEXT_SUPERSCRIPTS)
            return f"{base}^{above}" if _WORD.fullmatch(above) else f"{base}^({above})"
    written = []
    for k, part in enumerate(parts):
        text = _inline(part, markup)
        if part[0] == "mfrac" and len(parts) > 1:
            text = f"({text})"
        elif part == ["mo", "−"] and k == 0:
            text = "−"
        written.append(text)
    return "".join(written)


def _comma(sign: str) -> str:
    return ", " if sign == "," else html.escape(sign)


def _tight(tree: Tree, markup: bool) -> str:
    text = _inline(tree, markup)
    closed = tree[1] in (["mo", "("], ["mi", "d"])  # dx is one name
    loose = tree[0] in ("mrow", "mfrac") and not closed and len(tree) > 2
    return f"({text})" if (loose and not _is_call(tree)) or "×10" in text else text


def _is_call(tree: Tree) -> bool:
    return len(tree) > 3 and tree[1][0] == "mi" and tree[2] == ["mo", "("]


def _signs_closed(text: str) -> str:
    return re.sub(r"^ ?− ?", "−", text)


def _inline_accent(parts: list[Any], markup: bool) -> str:
    letters, accent = parts[0][1], parts[1][1]
    # Over a word the combining sign would sit on its last letter.
    text = letters + (_COMBINING[accent] if len(letters) == 1 else accent)
    text = unicodedata.normalize("NFC", text)
    return f"<i>{html.escape(text)}</i>" if markup else text
