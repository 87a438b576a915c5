"""LaTeX as MathML: what TeX does by itself and the package leaves to others."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

import pytest

from adviz.render.latex import to_mathml

MATHML = "{http://www.w3.org/1998/Math/MathML}"


def parts(latex: str) -> list[tuple[str, str, dict[str, str]]]:
    """The leaves and the spaces of a formula, in order, with their attributes."""
    elements = [element for element in Xml.fromstring(to_mathml(latex)).iter() if not len(element)]
    return [
        (part.tag.removeprefix(MATHML), part.text or "", dict(part.attrib)) for part in elements
    ]


def signs_before_numbers(latex: str) -> list[int]:
    minus = [given for _, text, given in parts(latex) if text == "−"]
    return [place for place, given in enumerate(minus) if given.get("form") == "prefix"]


def around_spaces(latex: str) -> list[str]:
    """The leaves of a formula, with a blank for each space."""
    return [" " if tag == "mspace" else text for tag, text, _ in parts(latex)]


@pytest.mark.parametrize(
    ("latex", "before"),
    [
        ("3 - 4", []),
        ("(3, -4)", [0]),
        ("-a - b", [0]),
        ("x_1 - x_2", []),
        ("f' - 1", []),
        ("a = -b", [0]),
        ("2 - (-3)", [1]),
        ("10^{-8} - h", [0]),
        ("(a) - b", []),
    ],
)
def test_a_sign_stands_before_a_number_or_between_two(latex, before):
    assert signs_before_numbers(latex) == before


@pytest.mark.parametrize(
    ("latex", "set_as"),
    [
        (r"\ln x", "ln| |x"),
        (r"2 \sin x", "2| |sin| |x"),
        (r"\sin(x)", "sin|(|x|)"),
        (r"\sin^2(x)", "sin|2|(|x|)"),
        (r"x - \ln y", "x|−|ln| |y"),
        (r"\operatorname{Im} f", "Im| |f"),
        (r"a b", "a|b"),
    ],
)
def test_names_of_functions_keep_their_distance(latex, set_as):
    assert "|".join(around_spaces(latex)) == set_as


def test_primes_are_as_high_and_large_as_the_font_has_them():
    for latex, primes in (("f'", "′"), ("f''", "′′"), ("f'''(x)", "′′′")):
        formula = Xml.fromstring(to_mathml(latex))
        assert formula.find(f".//{MATHML}msup") is None, latex
        assert f"f{primes}" in "".join(formula.itertext())
    assert Xml.fromstring(to_mathml("f^2")).find(f".//{MATHML}msup") is not None


def test_no_space_where_tex_has_none():
    for latex, sign in (
        (r"a/b", "/"),
        (r"\partial y", "∂"),
        (r"a, \dots, b", "…"),
        ("h^{p+1}", "+"),
    ):
        [attributes] = [given for _, text, given in parts(latex) if text == sign]
        assert (attributes["lspace"], attributes["rspace"]) == ("0", "0"), latex
    assert all("lspace" not in given for _, text, given in parts("a + b") if text == "+")


@pytest.mark.parametrize("latex", ["x^", r"\left( x", r"\begin{matrix} 1", r"\unheard x"])
def test_what_is_not_understood_is_said(latex):
    with pytest.raises(ValueError, match="not a formula that can be set") as refused:
        to_mathml(latex)
    assert repr(latex) in str(refused.value)
