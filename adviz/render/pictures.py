"""Pictures of a pass as files: SVG and PDF of a step, an animation of all steps for slides."""

from __future__ import annotations

import io
from pathlib import PurePath
from typing import Any

from matplotlib.backends.backend_pdf import PdfPages
from PIL import Image

from adviz.core.trace import Trace
from adviz.figure import Figure
from adviz.host import checks
from adviz.host.errors import InputError
from adviz.host.files import write_file
from adviz.render.step_picture import Pictures

__all__ = ["write_animation", "write_pdf", "write_svg"]

_MAX_PICTURES = 200
"""The most steps in a file: each takes about half a second to draw."""

_PIXELS_PER_INCH = 128
"""Of a picture ten inches wide: 1280 by 720 pixels."""

_LAST_FRAME = 3
"""How many times as long as the others the last frame is shown."""


def write_svg(
    trace: Trace, path: Any, which: str, step: int | None, seed: Any, digits: int
) -> str | None:
    """Write the picture of one step; see :meth:`adviz.Trace.to_svg`."""
    if path is not None:
        checks.path(path)
    pictures = Pictures(trace, which, seed, digits)
    number = len(pictures.steps) if step is None else pictures.checked_step(step)
    file = io.StringIO()
    pictures.draw(number).save_to(file, "svg")
    if path is None:
        return file.getvalue()
    write_file(path, file.getvalue())
    return None


def write_pdf(
    trace: Trace, path: Any, which: str, step: int | None, seed: Any, digits: int
) -> None:
    """Write the pictures of one step or of all, a page each; see :meth:`adviz.Trace.to_pdf`."""
    checks.path(path)
    pictures = Pictures(trace, which, seed, digits)
    if step is None:
        numbers = _few_enough(pictures, 1, len(pictures.steps), "step=1")
    else:
        numbers = range(pictures.checked_step(step), step + 1)
    file = io.BytesIO()
    undated = dict.fromkeys(("CreationDate", "Creator", "Producer"))
    with PdfPages(file, metadata=undated) as pages:
        for number in numbers:
            pictures.draw(number).save_to(pages, "pdf")
    write_file(path, file.getvalue())


def write_animation(
    trace: Trace,
    path: Any,
    which: str,
    seconds: float,
    first: int,
    last: int | None,
    seed: Any,
    digits: int,
) -> None:
    """Write an animation, a frame a step; see :meth:`adviz.Trace.to_animation`."""
    suffix = PurePath(checks.path(path)).suffix.lower()
    if suffix not in _FORMATS:
        raise InputError(
            f"path = {str(path)!r} does not say which animation to write: end it with "
            f"{', '.join(list(_FORMATS)[:-1])} or {list(_FORMATS)[-1]}."
        )
    seconds = checks.number(seconds, "seconds", least=0.02, most=600)
    pictures = Pictures(trace, which, seed, digits)
    start = pictures.checked_step(first, "first")
    end = len(pictures.steps) if last is None else pictures.checked_step(last, "last", start)
    numbers = _few_enough(pictures, start, end, "first=1, last=50")
    frames = [_frame(pictures.draw(number)) for number in numbers]
    milliseconds = round(seconds * 1000)
    durations = [milliseconds] * len(frames)
    durations[-1] *= _LAST_FRAME
    file = io.BytesIO()
    frames[0].save(
        file,
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        **_FORMATS[suffix],
    )
    write_file(path, file.getvalue())


_FORMATS: dict[str, dict[str, Any]] = {
    ".png": {"format": "PNG"},
    ".apng": {"format": "PNG"},
    ".gif": {"format": "GIF", "disposal": 1},
    ".webp": {"format": "WebP", "lossless": True},
}


def _few_enough(pictures: Pictures, first: int, last: int, instead: str) -> range:
    count = last - first + 1
    if count > _MAX_PICTURES:
        raise InputError(
            f"The {pictures.which} pass of {pictures.trace.function_name} has {count:,} steps to "
            f"be drawn, and at most {_MAX_PICTURES} fit into a file: choose some of them, as with "
            f"{instead}."
        )
    return range(first, last + 1)


def _frame(figure: Figure) -> Image.Image:
    """Return a picture in pixels, with a palette of its few colours."""
    file = io.BytesIO()
    figure.save_to(file, "png", _PIXELS_PER_INCH)
    return Image.open(file).convert("RGB").quantize(256, dither=Image.Dither.NONE)
