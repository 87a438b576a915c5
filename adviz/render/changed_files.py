"""Files that have been edited since the code of a trace was imported from them."""

from __future__ import annotations

from adviz.core.trace import Trace
from adviz.host.source import file_title, has_changed

__all__ = ["changed_files"]


def changed_files(trace: Trace) -> list[str]:
    """Return the names of such files, whose source cannot be shown."""
    codes = set(trace.tape.places.call_codes)
    return sorted({file_title(code.co_filename) for code in codes if has_changed(code)})
