"""Writing files: wholly or not at all, where links lead, and into pipes and devices."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import sys
from functools import partial
from typing import Any

from adviz.host.checks import path as checked_path
from adviz.host.errors import FileError

__all__ = ["write_file"]

_DESCRIPTOR = re.compile(r"/dev/(?:(stdout)|(stderr)|fd/(\d+))|/proc/self/fd/(\d+)")


def write_file(path: Any, text: str | bytes) -> bool:
    """Write a file such that it holds either all of the text or what it held before.

    A symbolic link stays one, an existing file keeps its mode, and a new one has the mode that the
    user's umask gives it. A pipe or a device is written into.

    Parameters
    ----------
    path : path-like
    text : str or bytes

    Returns
    -------
    bool
        Whether it is a regular file, not a pipe or a device.

    Raises
    ------
    InputError
        If it is no path.
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> import os
    >>> write_file(os.devnull, "gone")
    False
    """
    name = checked_path(path)
    data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    try:
        stream = _stream(name)
        if stream is None:
            _replace(os.path.realpath(name), data)
        else:
            with open(stream, "wb") as file:
                file.write(data)
    except OSError as error:
        problem = error.strerror or str(error)
        raise FileError(f"{name} cannot be written: {problem[:1].lower()}{problem[1:]}.") from None
    except ValueError as error:  # a null character in the name
        raise FileError(f"{name!r} cannot be written: {error}.") from None
    return stream is None


def _stream(name: str) -> str | int | None:
    """Return what to open in place of a file that would be replaced: a pipe, a device, stdout."""
    match = _DESCRIPTOR.fullmatch(name)
    if match is not None:
        # Opened by its name it would be written from the start again, if it is a file.
        if sys.stdout is not None:
            sys.stdout.flush()
        return os.dup(1 if match[1] else 2 if match[2] else int(match[3] or match[4]))
    try:
        mode = os.stat(name).st_mode
    except FileNotFoundError:
        return None
    return None if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else name


def _replace(target: str, data: bytes) -> None:
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise OSError(0, f"there is no folder {folder}")
    if os.path.isdir(target):
        raise OSError(0, "it is a folder")
    mode = 0o666  # of which the umask takes away
    exists = os.path.exists(target)
    if exists:
        if not os.access(target, os.W_OK):
            raise OSError(0, "permission denied")
        mode = stat.S_IMODE(os.stat(target).st_mode)
    temporary = os.path.join(folder, f".adviz-{secrets.token_hex(8)}")
    try:
        with open(temporary, "xb", opener=partial(os.open, mode=mode)) as file:
            file.write(data)
        if exists:
            os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
