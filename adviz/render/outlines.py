"""Text and mathematics as outlines of matplotlib's own fonts, each set once and then scaled.

They look the same wherever they are shown, and a text that was measured fits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

from adviz.figure import INK
from adviz.render.math_tree import Tree, to_latex, to_text

__all__ = ["MONOSPACE", "Outline", "latex_of", "plain", "width_of", "write"]

MONOSPACE = "DejaVu Sans Mono"
_SANS = "DejaVu Sans"
_MIDDLE = 0.36
"""How far below its middle a line's baseline lies, in heights of the font."""


class Outline(PathPatch):
    """A text that was written, as a shape.

    Attributes
    ----------
    text : str
    """

    def __init__(self, text: str, path: Path, **style: Any) -> None:
        super().__init__(path, linewidth=0, **style)
        self.text = text


@lru_cache(maxsize=4096)
def _outline(text: str, family: str, weight: str, is_math: bool) -> tuple[Path, float]:
    """Return the shape of a text, one point high, and its width."""
    font = FontProperties(family=family, weight=weight)
    # Set in matplotlib's own size, in which it draws all outlines.
    size = text_to_path.FONT_SCALE
    font.set_size(size)
    vertices, codes = text_to_path.get_text_path(font, text, ismath=is_math)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=is_math)
    path = Path(vertices, codes) if len(vertices) else Path([(0.0, 0.0)], [Path.MOVETO])
    return path.transformed(Affine2D().scale(1 / size, -1 / size)), width / size


def width_of(text: str, size: float, weight: str = "normal", family: str = _SANS) -> float:
    """Return the width of a text; mathematics stands between dollars."""
    return _outline(text, family, weight, family != MONOSPACE)[1] * size


def write(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    color: str = INK,
    ha: str = "left",
    weight: str = "normal",
    family: str = _SANS,
    zorder: float = 3,
) -> float:
    """Write a text about the height y, where y points down; return its left end."""
    path, width = _outline(text, family, weight, family != MONOSPACE)
    left = x - width * size * {"left": 0.0, "center": 0.5, "right": 1.0}[ha]
    moved = Affine2D().scale(size).translate(left, y + _MIDDLE * size)
    axes.add_artist(Outline(text, path.transformed(moved), color=color, zorder=zorder))
    return left


@lru_cache(maxsize=4096)
def _can_be_set(latex: str) -> bool:
    try:
        _outline(f"${latex}$", _SANS, "normal", True)
    except ValueError:
        return False
    return True


def latex_of(tree: Tree) -> str:
    """Return a tree as LaTeX, or as plain letters where matplotlib cannot set it."""
    latex = to_latex(tree)
    return latex if _can_be_set(latex) else rf"\text{{{plain(to_text(tree))}}}"


def plain(text: str) -> str:
    """Return a text in which no mathematics begins."""
    return text.replace("$", r"\$")
