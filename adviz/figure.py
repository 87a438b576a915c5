"""The look of adviz's figures: one set of colours, markers and fonts.

The colours are Okabe and Ito's, which readers with any colour vision can tell apart. A series is
never marked by colour alone: it has a marker and a line style, and its label stands at its end.
Figures have a white background in both of Jupyter's themes.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib
import matplotlib.figure
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from PIL import Image

__all__ = [
    "ACTIVE",
    "FORWARD",
    "INK",
    "REVERSE",
    "SERIES",
    "SOFT",
    "Figure",
    "Series",
    "drawing",
    "label_lines",
]

FORWARD, REVERSE, ACTIVE = "#0072B2", "#C24E00", "#E69F00"
INK, SOFT, LINE = "#20211F", "#5B5D59", "#D9DAD6"


class Series(NamedTuple):
    """How one of several series is drawn: keywords of ``Axes.plot``."""

    color: str
    marker: str
    linestyle: str


SERIES = (
    Series(FORWARD, "o", "-"),
    Series(REVERSE, "s", "--"),
    Series("#00805D", "^", "-."),
    Series("#A8467E", "D", ":"),
    Series("#9A6B00", "v", (0, (5, 1, 1, 1, 1, 1))),  # type: ignore[arg-type] # mistyped
    Series("#2F7FA8", "P", (0, (3, 1))),  # type: ignore[arg-type]
    Series(INK, "X", (0, (1, 1))),  # type: ignore[arg-type]
)
"""Seven series that differ in colour, marker and line style, all dark enough on white."""

_STYLE: Any = {  # its type would name every setting matplotlib has
    "axes.axisbelow": True,
    "axes.edgecolor": SOFT,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
    "figure.facecolor": "white",
    "font.size": 10,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
    "mathtext.fontset": "stix",
    "savefig.facecolor": "white",
    "svg.hashsalt": "adviz",  # the same ids in every file
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
}

_PIXEL_RATIO = 2
"""Pixels of the image to one of the page, sharp on screens of high resolution."""


class Figure(matplotlib.figure.Figure):
    """A matplotlib figure that a notebook displays, with alternative text.

    Attributes
    ----------
    description : str
        What the figure shows, in a sentence; the alternative text.
    """

    description = "a figure"

    def save_to(self, file: Any, format: str, dpi: float | None = None) -> None:  # noqa: A002 - matplotlib's word
        """Write the image into a file or a buffer, the same bytes at any time.

        Letters are as wide in pixels as in print, so that what was measured fits.
        """
        undated: dict[str, dict[str, str | None]] = {
            "svg": {"Title": self.description, "Date": None, "Creator": None},
            "pdf": dict.fromkeys(("CreationDate", "Creator", "Producer")),
            "png": {"Software": None},
        }
        with matplotlib.rc_context({**_STYLE, "text.hinting": "no_hinting"}):
            self.savefig(file, format=format, dpi=dpi or self.dpi, metadata=undated[format])

    def to_png(self) -> bytes:
        """Return the image, sharp on screens of high resolution.

        A palette holds its few colours, in a third of the bytes.
        """
        full_color, with_palette = io.BytesIO(), io.BytesIO()
        uncompressed = {"compress_level": 0}
        with matplotlib.rc_context(_STYLE):
            self.savefig(
                full_color, format="png", dpi=self.dpi * _PIXEL_RATIO, pil_kwargs=uncompressed
            )
        Image.open(full_color).convert("RGB").quantize(256).save(with_palette, format="png")
        return with_palette.getvalue()

    def __repr__(self) -> str:
        return f"<figure: {self.description}>"

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        picture = base64.b64encode(self.to_png()).decode("ascii")
        width, height = (round(inches * self.dpi) for inches in self.get_size_inches())
        return (
            {"image/png": picture, "text/plain": repr(self)},
            {"image/png": {"width": width, "height": height, "alt": self.description}},
        )


@contextmanager
def drawing(
    description: str, rows: int = 1, columns: int = 1, *, width: float = 8.4, height: float = 4.2
) -> Iterator[tuple[Figure, list[Axes]]]:
    """Yield a figure and its axes, row by row; adviz's style applies within the block.

    Parameters
    ----------
    description : str
        What the figure shows, in a sentence; the alternative text.
    rows, columns : int
        How many rows and columns of axes.
    width, height : float
        The size of the whole figure in inches; a width of 8.4 fills a notebook's cell.

    Examples
    --------
    >>> with drawing("a line that rises") as (figure, (axes,)):
    ...     line = axes.plot([1, 2], [3, 4], label="rising")
    ...     label_lines(axes)
    >>> figure
    <figure: a line that rises>
    """
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        figure.description = description
        yield figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def label_lines(axes: Axes, *, gap: float = 1.25) -> None:
    """Write each line's label at its end, in its colour, without overlaps.

    Parameters
    ----------
    axes : Axes
        The limits and scales must be set already.
    gap : float
        The least distance between two labels, in heights of a line of text.
    """
    lines = [line for line in axes.get_lines() if not str(line.get_label()).startswith("_")]
    lines = [line for line in lines if len(line.get_xydata())]  # type: ignore[arg-type]
    figure = axes.get_figure()
    if figure is None or not lines:
        return
    axes.autoscale_view()
    axes_height = axes.get_position().height * figure.get_size_inches()[1] * 72  # type: ignore[union-attr]
    distance = gap * matplotlib.rcParams["font.size"] / axes_height
    lines = sorted(lines, key=lambda line: _end_height(axes, line))
    heights = _spread([_end_height(axes, line) for line in lines], distance)
    for height, line in zip(heights, lines, strict=True):
        axes.annotate(
            str(line.get_label()),
            (1.0, height),
            xytext=(6, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            color=line.get_color(),
            va="center",
            annotation_clip=False,
        )


def _spread(heights: list[float], distance: float) -> list[float]:
    """Return rising heights moved to be this far apart; none above 1, the axes' top.

    Examples
    --------
    >>> _spread([0.0, 0.5, 0.5], 0.25)
    [0.0, 0.5, 0.75]
    >>> _spread([0.0, 1.0, 1.0], 0.25)
    [0.0, 0.75, 1.0]
    """
    moved: list[float] = []
    for height in heights:
        moved.append(max(height, moved[-1] + distance) if moved else height)
    highest = 1.0
    for k in reversed(range(len(moved))):
        moved[k] = min(moved[k], highest)
        highest = moved[k] - distance
    return moved


def _end_height(axes: Axes, line: Line2D) -> float:
    """Return how far up the axes a line ends, from 0 to 1."""
    end = axes.transData.transform(line.get_xydata()[-1])  # type: ignore[index]
    return min(1.0, max(0.0, float(axes.transAxes.inverted().transform(end)[1])))
