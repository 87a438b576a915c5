"""How adviz's figures look: one set of colours, marks and letters for all of them.

Colours are Okabe and Ito's, which readers with any colour vision tell apart, and none stands
alone: a series has its mark and its kind of line too, and is named where it ends. Figures stand on
white in both of Jupyter's themes.
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
    "name",
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
    Series("#9A6B00", "v", (0, (5, 1, 1, 1, 1, 1))),  # type: ignore[arg-type] # as matplotlib takes it
    Series("#2F7FA8", "P", (0, (3, 1))),  # type: ignore[arg-type]
    Series(INK, "X", (0, (1, 1))),  # type: ignore[arg-type]
)
"""Seven series that are told apart by colour, mark and kind of line; dark enough on white."""

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
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
}

_SHARPNESS = 2  # pixels of the picture to one of the page


class Figure(matplotlib.figure.Figure):
    """A matplotlib figure that shows itself in a notebook, and says in words what it shows.

    Attributes
    ----------
    description : str
        What a reader who cannot see it is told.
    """

    description = "a figure"

    def to_png(self) -> bytes:
        """Return the picture, sharp enough for screens with two pixels to the point.

        Its few colours are written as a palette: a third of the bytes in every saved notebook.
        """
        drawn, target = io.BytesIO(), io.BytesIO()
        quickly = {"compress_level": 0}
        with matplotlib.rc_context(_STYLE):
            self.savefig(drawn, format="png", dpi=self.dpi * _SHARPNESS, pil_kwargs=quickly)
        Image.open(drawn).convert("RGB").quantize(256).save(target, format="png")
        return target.getvalue()

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
    """Give a figure and its axes, row by row, to be drawn on while adviz's style holds.

    Parameters
    ----------
    description : str
        What the figure shows, in a sentence; the figure's alternative text.
    rows, columns : int
        Of axes.
    width, height : float
        Of the whole figure, in inches; 8.4 fill a notebook's cell.

    Examples
    --------
    >>> with drawing("a line that rises") as (figure, (axes,)):
    ...     line = axes.plot([1, 2], [3, 4], label="rising")
    ...     name(axes)
    >>> figure
    <figure: a line that rises>
    """
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        figure.description = description
        yield figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def name(axes: Axes, *, gap: float = 1.25) -> None:
    """Write each line's label at its end, in its colour, none upon another.

    Parameters
    ----------
    axes : Axes
        Whose limits and scales are set already.
    gap : float
        The least distance of two labels, in heights of a line of text.
    """
    lines = [line for line in axes.get_lines() if not str(line.get_label()).startswith("_")]
    lines = [line for line in lines if len(line.get_xydata())]  # type: ignore[arg-type]
    figure = axes.get_figure()
    if figure is None or not lines:
        return
    axes.autoscale_view()
    height = axes.get_position().height * figure.get_size_inches()[1] * 72  # type: ignore[union-attr]
    least = gap * matplotlib.rcParams["font.size"] / height
    lines = sorted(lines, key=lambda line: _end(axes, line))
    places = _apart([_end(axes, line) for line in lines], least)
    for place, line in zip(places, lines, strict=True):
        axes.annotate(
            str(line.get_label()),
            (1.0, place),
            xytext=(6, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            color=line.get_color(),
            va="center",
            annotation_clip=False,
        )


def _apart(places: list[float], least: float) -> list[float]:
    """Return rising places, moved as far as they need to be apart; none above 1, the axes' top.

    Examples
    --------
    >>> _apart([0.0, 0.5, 0.5], 0.25)
    [0.0, 0.5, 0.75]
    >>> _apart([0.0, 1.0, 1.0], 0.25)
    [0.0, 0.75, 1.0]
    """
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + least) if found else place)
    highest = 1.0
    for k in reversed(range(len(found))):
        found[k] = min(found[k], highest)
        highest = found[k] - least
    return found


def _end(axes: Axes, line: Line2D) -> float:
    """Return how far up the axes a line ends, from 0 to 1."""
    end = axes.transData.transform(line.get_xydata()[-1])  # type: ignore[index]
    return min(1.0, max(0.0, float(axes.transAxes.inverted().transform(end)[1])))
