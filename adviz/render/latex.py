"""LaTeX as MathML, which browsers set without a script.

The package latex2mathml writes it. What it leaves to TeX is added here: the space around the name
of a function, as in 2 sin x, and that a sign may stand before a number instead of between two.
"""

from __future__ import annotations

from xml.etree import ElementTree as Xml

__all__ = ["to_mathml"]

_MATHML = "http://www.w3.org/1998/Math/MathML"
_ROWS = {"math", "mrow", "mtd", "mstyle"}
_SCRIPTS = {"msub", "msup", "msubsup"}
_SIGNS = {"+", "\N{MINUS SIGN}", "\N{PLUS-MINUS SIGN}"}
_ORDINARY = {"/", "\N{PARTIAL DIFFERENTIAL}", "\N{HORIZONTAL ELLIPSIS}"}
_CLOSING = {")", "]", "}", "!", "\N{PRIME}"}
_PRIMES = {"\N{PRIME}": 1, "\N{DOUBLE PRIME}": 2, "\N{TRIPLE PRIME}": 3}
_SPACE = "0.1667em"


def to_mathml(latex: str, display: str = "inline") -> str:
    r"""Return a formula in LaTeX as MathML.

    Parameters
    ----------
    latex : str
    display : str
        "inline", or "block" for a formula on a line of its own.

    Raises
    ------
    ValueError
        If it is not understood.

    Examples
    --------
    >>> to_mathml("x^2").partition("<mrow>")[2]
    '<msup><mi>x</mi><mn>2</mn></msup></mrow></math>'
    >>> print(to_mathml(r"-\ln x").partition("<mrow>")[2])
    <mo form="prefix">−</mo><mi>ln</mi><mspace width="0.1667em" /><mi>x</mi></mrow></math>
    """
    from latex2mathml import converter

    try:
        formula = Xml.fromstring(converter.convert(latex.strip(), display=display))
    except Exception as error:  # the package has errors of its own, and others slip through
        raise ValueError(f"not a formula that can be set: {latex!r} ({error!r})") from error
    unknown = [text for text in formula.itertext() if text.startswith("\\")]
    if unknown:
        raise ValueError(f"not a formula that can be set: {latex!r} (what is {unknown[0]}?)")
    for element in list(formula.iter()):
        element.tag = element.tag.removeprefix(f"{{{_MATHML}}}")
        _mend(element)
    for element in list(formula.iter()):
        if element.tag in _ROWS:
            _space(element)
    formula.set("xmlns", _MATHML)
    return Xml.tostring(formula, encoding="unicode")


def _mend(element: Xml.Element) -> None:
    """Let an element look as TeX would have it."""
    text = element.text or ""
    if element.tag == "mo" and len(text) > 1 and text.isalpha():
        element.tag = "mi"
    if element.get("mathvariant"):  # of which browsers know this one only
        element.set("mathvariant", "normal")
    if element.tag == "mo" and text in _ORDINARY:
        _close(element)
    if element.tag in _SCRIPTS:
        for script in element[1:]:
            for sign in script.iter():
                if sign.tag.endswith("mo"):
                    _close(sign)
        primes = _PRIMES.get("".join(element[1].itertext()))
        if element.tag == "msup" and primes:
            # Fonts have the sign at its height and size; as an exponent it would be smaller.
            element.tag = "mrow"
            element[1].clear()
            element[1].tag = "mo"
            element[1].text = "\N{PRIME}" * primes
            _close(element[1])


def _close(sign: Xml.Element) -> None:
    """Let a sign have no space around it."""
    sign.set("lspace", "0")
    sign.set("rspace", "0")


def _space(row: Xml.Element) -> None:
    """Mark the signs of a row that stand before a number, and put spaces around functions."""
    mended: list[Xml.Element] = []
    before: Xml.Element | None = None
    for part in row:
        if part.tag == "mo" and part.text in _SIGNS and not _is_operand(before):
            part.set("form", "prefix")
        names_meet = _is_function(part) and _is_operand(before)
        if names_meet or (_is_function(before) and _is_operand(part)):
            mended.append(Xml.Element("mspace", width=_SPACE))
        mended.append(part)
        before = part
    row[:] = mended


def _is_function(part: Xml.Element | None) -> bool:
    """Return whether a part is the name of a function, perhaps with a power or an index."""
    if part is not None and part.tag in _SCRIPTS:
        part = part[0]
    return part is not None and part.tag == "mi" and len(part.text or "") > 1


def _is_operand(part: Xml.Element | None) -> bool:
    """Return whether a value ends with a part, or begins with it unless it is a parenthesis."""
    if part is None or part.tag == "mspace":
        return False
    return part.tag != "mo" or part.text in _CLOSING
